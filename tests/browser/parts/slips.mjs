// The printed slips, read back as a phone's camera reads them: from the picture.

import jsqr from 'jsqr';
import { PNG } from 'pngjs';

import { expect } from './report.mjs';

/** What the QR code in a picture says. @param {Buffer} png */
export function decode(png) {
  const { width, height, data } = PNG.sync.read(png);
  const found = jsqr(new Uint8ClampedArray(data), width, height);
  expect(found, `no QR code found in ${width} x ${height} px`);
  return found.data;
}

/** Every slip on the page in reading order. @param {import('playwright-core').Page} page */
export function read(page) {
  return page.locator('.slip').evaluateAll(slips => slips.map(slip => {
    const part = name => ((slip.querySelector(name) || {}).textContent || '').trim();
    return { title: part('h3'), typed: part('.typed'), code: part('.code'), exclusion: part('.exclusion'), drill: part('.drill') };
  }));
}

/** How many slips have text that their edge cuts off. @param {import('playwright-core').Page} page */
export function cutOff(page) {
  return page.locator('.slip').evaluateAll(slips => slips.filter(s => s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1).length);
}

/** The official's number on a slip that leaves one out, else 0. @param {Buffer} mask big-endian, bit i - 1 for item i */
export function excludedBy(mask) {
  const number = BigInt(`0x${mask.toString('hex') || '0'}`);
  for (let item = 1; item <= mask.length * 8; item += 1) if ((number >> BigInt(item - 1)) & 1n) return item;
  return 0;
}
