// Chromium under a mapped host name, and a record of everything that its pages send.

import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { examine, settled, speakOther } from './access.mjs';
import { NAME } from './machine.mjs';
import { equal } from './report.mjs';

/** Where the pictures go. */
export const SHOTS = process.env.DOUXUAN_SHOTS || join(tmpdir(), 'shots');
mkdirSync(SHOTS, { recursive: true });
/** How many times slower every page computes; its server's answers take 50 ms more for each time. */
export const SLOW = Number(process.env.DOUXUAN_SLOW || 1);

const FLAGS = [
  `--host-resolver-rules=MAP ${NAME} 127.0.0.1, MAP evil.test 127.0.0.1`, '--no-sandbox', '--disable-quic', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-gpu', '--lang=zh-CN',
];

export const PHONE = { width: 360, height: 640 };
export const HALL = { width: 1920, height: 1080 };
export const DESK = { width: 1920, height: 1080 };
/** A laptop of the office. */
export const LAPTOP = { width: 1366, height: 768 };

/**
 * @typedef {{page: string, url: string, text: string, frame: boolean}} Sent  `text`: head and body, one character a byte
 */

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS, env: { ...process.env, LANGUAGE: 'zh_CN' } });
    /** @type {Sent[]} */
    browser.sent = [];
    /** @type {string[]} */
    browser.complaints = [];
    /** Who hears what the pages are told. @type {import('./described.mjs').Described|null} */
    browser.listener = null;
    return browser;
  }

  /** A device of its own: storage, cookies. @param {{width: number, height: number}} viewport @param {object} [more] */
  device(viewport, more = {}) {
    return this.chromium.newContext({ viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', serviceWorkers: 'block', acceptDownloads: true, ...more });
  }

  /** A page of a device, everything it sends recorded. @param {import('playwright-core').BrowserContext} device @param {string} name */
  async page(device, name) {
    const page = await device.newPage();
    page.setDefaultTimeout(30000);
    if (SLOW > 1) await slowed(page);
    page.on('request', async request => {
      const seen = { page: name, url: request.url(), text: '', frame: false };
      this.sent.push(seen);
      const body = request.postDataBuffer();
      seen.text = JSON.stringify(request.headers()) + (body ? body.toString('latin1') : '');
      const head = await request.allHeaders().catch(() => ({}));
      seen.text += JSON.stringify(head);
    });
    page.on('response', response => this.listener?.answered(response));
    page.on('websocket', socket => {
      socket.on('framereceived', ({ payload }) => this.listener?.told(socket.url(), payload));
      this.sent.push({ page: name, url: socket.url(), text: '', frame: false });
      socket.on('framesent', ({ payload }) => {
        this.sent.push({ page: name, url: socket.url(), text: Buffer.from(payload).toString('latin1'), frame: true });
      });
    });
    page.on('pageerror', error => this.complaints.push(`${name}: ${error.message}`));
    page.on('console', message => {
      // A page that cannot reach its server may say so; anything else that a browser complains about is a fault.
      const text = message.text();
      if (message.type() === 'error' && !/WebSocket connection|ERR_CONNECTION|Failed to load resource/.test(text)) {
        this.complaints.push(`${name}: ${text}`);
      }
    });
    return page;
  }

  stop() {
    return this.chromium.close();
  }
}

/** As a machine with less to compute with shows the page, and later than its server knows it. @param {import('playwright-core').Page} page */
async function slowed(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 50 * SLOW, downloadThroughput: -1, uploadThroughput: -1 });
}

/** A picture of a page's state, which is also read for barriers; in both languages where the page speaks two.
 * @param {import('playwright-core').Page} page @param {string} name @param {{fullPage?: boolean}} [options] */
export async function shot(page, name, options = {}) {
  if (SLOW > 1) return;
  await one(page, name, options);
  const other = await speakOther(page);
  if (!other) return;
  await one(page, `${name}-${other}`, options);
  await speakOther(page);
}

async function one(page, name, options) {
  if (options.fullPage) await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: join(SHOTS, `${name}.png`), ...options });
  await examine(page, name);
}

/** Where a page is broken to the eye: wider than its window; on the hall screen, which nobody scrolls, anything that
 * leaves its part of the screen; anywhere, text under `least` pixels.
 * @param {import('playwright-core').Page} page @param {{fixed?: boolean, least?: number}} [rules] @returns {Promise<string[]>} */
export function overflows(page, { fixed = false, least = 12 } = {}) {
  return page.evaluate(({ fixed, least }) => {
    const faults = [];
    const main = fixed ? document.querySelector('main') : null;
    const frame = main ? main.getBoundingClientRect() : null;
    const said = new Set();
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) faults.push(`the page is ${wide} px wider than its window`);
    for (const element of document.body.querySelectorAll('*')) {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const texts = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && (node.textContent || '').trim());
      const svg = /** @type {any} */ (element).ownerSVGElement;
      const size = parseFloat(getComputedStyle(element).fontSize) * (svg ? svg.getScreenCTM().a : 1);
      if (texts && size < least && !said.has(size)) { said.add(size); faults.push(`text of ${size.toFixed(1)} px: "${(element.textContent || '').trim().slice(0, 24)}"`); }
      if (svg) continue;
      const name = `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''} "${(element.textContent || '').trim().slice(0, 24)}"`;
      if (box.right > window.innerWidth + 1 || box.left < -1) faults.push(`${name} leaves the window: ${Math.round(box.left)} to ${Math.round(box.right)} of ${window.innerWidth}`);
      if (frame && main.contains(element) && (box.bottom > frame.bottom + 1 || box.top < frame.top - 1)) faults.push(`${name} leaves its part of the screen: ${Math.round(box.top)} to ${Math.round(box.bottom)} of ${Math.round(frame.top)} to ${Math.round(frame.bottom)}`);
    }
    return faults.slice(0, 5);
  }, { fixed, least });
}

/** Nothing leaves the window at any of these sizes, each with its picture; the page goes on at the last.
 * @param {import('playwright-core').Page} page @param {string} name @param {{width: number, height: number}[]} sizes @param {boolean} [fullPage] */
export async function fits(page, name, sizes, fullPage = true) {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await settled(page);
    equal(await overflows(page), [], `${name} at ${size.width}`);
    await page.evaluate(() => window.scrollTo(0, 0));
    await shot(page, `${name}-${size.width}`, { fullPage });
  }
}
