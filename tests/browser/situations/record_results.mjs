// A result comes into the record by file, and every part of the record draws it for office and for nobody else's words.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { settled } from '../parts/access.mjs';
import { DESK, overflows, shot } from '../parts/browser.mjs';
import { Desk } from '../parts/desk.mjs';
import { ROOT, Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const LAPTOP = { width: 1366, height: 768 };
const BUNDLE = join(ROOT, 'tests/vectors/own/bundle-small.zip');

export async function recordResults({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const cycle = await office.actAt('api/record/cycles', { year: 2026, title: '2026 年度述职述责述廉', why: '' });
  const manifest = JSON.parse(new TextDecoder().decode(await manifestOf()));
  const lines = manifest.items.map(({ name, unit, post }) => [name, unit, post, '2024-03-01', '2029-02-28'].join(','));
  await office.actAt('api/record/officials/paste', { lines: lines.join('\n') });
  await office.actAt(`api/record/cycles/${cycle.id}/dossiers`, {});
  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'record results');
  const desk = new Desk(page, server);
  await page.goto(`${server.desk}/record`);
  await desk.signIn('');
  await page.waitForSelector('#part > section');
  await settled(page);
  const part = async name => {
    await page.click(`#tabs a[href="#${name}"]`);
    await page.waitForSelector(`#part-${name}`);
    await settled(page);
  };
  const bring = async fields => {
    await settled(page);
    await page.click('#part button[data-does="r_import"]');
    await page.waitForSelector('#form[open]');
    await page.setInputFiles('#form-fields input[type="file"]', BUNDLE);
    for (const [name, value] of Object.entries(fields)) await page.fill(`#form-fields [name="${name}"]`, value);
    await settled(page);
    await page.click('#form-yes');
  };

  await situation('record: a bundle of another machine names its fingerprint, and comes in once it was compared', async () => {
    await part('results');
    await bring({});
    await until('the fingerprint', () => page.isVisible('#form-refused'));
    const [key] = (await page.innerText('#form-refused')).match(/[0-9a-f]{4}(-[0-9a-f]{4}){3}/) || [''];
    expect(key, await page.innerText('#form-refused'));
    await shot(page, 'record-results-1-refused');
    await page.fill('#form-fields [name="accept"]', key);
    await page.fill('#form-fields [name="why"]', '与会议记录核对');
    await settled(page);
    await page.click('#form-yes');
    await until('the result', async () => /与会议记录核对/.test(await page.innerText('#part-results')));
    await until('the arithmetic and the dossier', async () => /×/.test(await page.innerText('#part-results')) && /已对应/.test(await page.innerText('#part-results')));
    for (const size of [DESK, LAPTOP]) {
      await page.setViewportSize(size);
      equal(await overflows(page), [], `results at ${size.width}`);
    }
    await shot(page, 'record-results-2', { fullPage: true });
  });

  await situation('record: every part draws at both sizes, and the trail fits', async () => {
    for (const name of await page.locator('#tabs a').evaluateAll(all => all.map(tab => tab.getAttribute('href').slice(1)))) {
      await part(name);
      for (const size of [DESK, LAPTOP]) {
        await page.setViewportSize(size);
        equal(await overflows(page), [], `${name} at ${size.width}`);
      }
      await shot(page, `record-part-${name}`, { fullPage: true });
    }
    await part('trail');
    await until('the trail fits', async () => /逐条核对一致/.test(await page.innerText('#part-trail')));
    equal(browser.complaints.filter(each => each.startsWith('record results')), [], 'what the browser complains about');
  });
  await device.close();

  async function manifestOf() {
    const zip = readFileSync(BUNDLE);
    const name = Buffer.from('manifest.json');
    // Stored, not deflated: the local header names the size.
    const at = zip.indexOf(name) - 30;
    const [size, extra] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 28)];
    return zip.subarray(at + 30 + name.length + extra, at + 30 + name.length + extra + size);
  }
}
