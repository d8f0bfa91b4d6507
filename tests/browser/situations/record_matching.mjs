// An official whom the meeting has in another unit: matched by hand with a reason, and nothing is shown until it was
// approved; the year's end lists what is open.

import { join } from 'node:path';

import { settled } from '../parts/access.mjs';
import { DESK, fits, shot } from '../parts/browser.mjs';
import { Desk } from '../parts/desk.mjs';
import { ROOT, Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { expect, situation, until } from '../parts/report.mjs';

const LAPTOP = { width: 1366, height: 900 };
const PHONE = { width: 390, height: 844 };
const BUNDLE = join(ROOT, 'tests/vectors/own/bundle-small.zip');

export async function recordMatching({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const beginning = {
    oral_share: [1, 3], written_are_rated: true, reports_due: '', warn_months: 12, answer_days: 15, correction_days: 30,
    counting: { counts_service: false, rolls: true }, over: [3, 10], over_takes_both: true, keep_years: 10,
  };
  const cycle = await office.actAt('api/record/cycles', {
    year: 2026, title: '2026 年度述职述责述廉', why: '',
    policy: { ...beginning, reaches: [1, 4] },
  });
  const lines = ['示例甲,示例新单位,示例职务,2024-03-01,2029-02-28', '示例乙,示例单位,示例职务,2024-03-01,2029-02-28'];
  await office.actAt('api/record/officials/paste', { lines: lines.join('\n') });
  await office.actAt(`api/record/cycles/${cycle.id}/dossiers`, {});
  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'record matching');
  const desk = new Desk(page, server);
  await page.goto(`${server.desk}/record`);
  await desk.signIn('');
  await page.waitForSelector('#part > section');
  await settled(page);
  await page.click('#tabs a[href="#results"]');
  await page.waitForSelector('#part-results');
  await settled(page);
  const text = () => page.innerText('#part-results');

  await situation('record: limits that differ from the announced ones are told, and a match by hand waits for the chair', async () => {
    await settled(page);
    await page.click('#part button[data-does="r_import"]');
    await page.waitForSelector('#form[open]');
    await page.setInputFiles('#form-fields input[type="file"]', BUNDLE);
    await settled(page);
    await page.click('#form-yes');
    await until('the fingerprint', () => page.isVisible('#form-refused'));
    const [key] = (await page.innerText('#form-refused')).match(/[0-9a-f]{4}(-[0-9a-f]{4}){3}/) || [''];
    await page.fill('#form-fields [name="accept"]', key);
    await page.fill('#form-fields [name="why"]', '与会议记录核对');
    await shot(page, 'record-matching-import');
    await settled(page);
    await page.click('#form-yes');
    await until('the result', async () => /与会议记录核对/.test(await text()));
    expect(/会议公布的比例/.test(await text()), await text());
    await settled(page);
    await page.click('#part button[data-does="r_match"] >> nth=0');
    await page.waitForSelector('#form[open]');
    await page.fill('#form-fields [name="why"]', '会议后调动');
    await shot(page, 'record-matching-form');
    await settled(page);
    await page.click('#form-yes');
    await until('it waits', async () => /等待主持人审定/.test(await text()));
    await fits(page, 'record-matching', [DESK, PHONE, LAPTOP]);
  });

  await situation('record: the same page in English, and the end of a year lists what is open', async () => {
    await page.click('#language');
    await settled(page);
    await shot(page, 'record-matching-en', { fullPage: true });
    await page.click('#language');
    await page.click('#tabs a[href="#cycle"]');
    await page.waitForSelector('#part-cycle');
    await settled(page);
    await page.click('#part button[data-does="cycle_close"]');
    await page.waitForSelector('#form[open]');
    expect((await page.locator('#form-fields li').count()) > 1, 'what is open is listed');
    await shot(page, 'record-matching-close');
  });
}
