// What the phone page costs a phone of 2018: syntax, bytes, requests.

import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'acorn';

import { PHONE } from '../parts/browser.mjs';
import { ROOT } from '../parts/machine.mjs';
import { expect, note, situation, until } from '../parts/report.mjs';

const MOST_BYTES = 120_000;
const MOST_REQUESTS = 6;

export async function weight(meeting) {
  const { browser, server } = meeting;

  await situation('phone page: the script is ES2017', async () => {
    const script = readFileSync(join(ROOT, 'ballot-client/phone/phone.js'), 'utf8');
    parse(script, { ecmaVersion: 2017, sourceType: 'script' });
    let newer = false;
    try { parse('a?.b', { ecmaVersion: 2017 }); newer = true; } catch { /* as it must be */ }
    expect(!newer, 'the parser takes newer syntax');
  });

  await situation(`phone page: at most ${MOST_BYTES / 1000} kB compressed in ${MOST_REQUESTS} requests`, async () => {
    const device = await browser.device(PHONE);
    const page = await browser.page(device, 'weighed phone');
    const session = await device.newCDPSession(page);
    await session.send('Network.enable');
    let wire = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { wire += encodedDataLength; });
    /** @type {[string, Promise<number>][]} */
    const parts = [];
    page.on('response', response => parts.push([new URL(response.url()).pathname, response.body().then(body => gzipSync(body, { level: 9 }).length)]));
    await page.goto(`${server.origin}/`);
    await until('the page is ready', async () => (await page.getAttribute('body', 'data-state')) !== 'loading');
    const sizes = await Promise.all(parts.map(async ([path, size]) => /** @type {[string, number]} */ ([path, await size])));
    const sum = sizes.reduce((all, [, size]) => all + size, 0);
    note(sizes.map(([path, size]) => `${path} ${size}`).join(', '));
    note(`${sum} bytes compressed in ${sizes.length} requests; ${wire} bytes on the wire`);
    expect(sum <= MOST_BYTES && sizes.length <= MOST_REQUESTS, 'too heavy');
    await device.close();
  });
}
