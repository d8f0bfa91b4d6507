// The office after the meeting: a year in the record, its officials, and the result that is handed to it.

import { join } from 'node:path';

import { settled } from './access.mjs';
import { OFFICIALS, PEOPLE } from './attendees.mjs';
import { SHOTS } from './browser.mjs';
import { expect, until } from './report.mjs';

/** Opens the year, takes in the result of this server's meeting, and looks at every part. @param {import('playwright-core').Page} open the record's page */
export async function handsOver(open) {
  const part = async name => {
    await open.click(`#tabs a[href="#${name}"]`);
    await open.waitForSelector(`#part-${name}`);
    await settled(open);
  };
  const does = async (button, fields) => {
    await settled(open);
    await open.click(`#part button[data-does="${button}"]`);
    await open.waitForSelector('#form[open]');
    for (const [name, value] of Object.entries(fields)) await open.fill(`#form-fields [name="${name}"]`, value);
    await open.click('#form-yes');
    await open.waitForSelector('#form', { state: 'hidden' });
    await settled(open);
  };
  await open.waitForSelector('#part-cycle');
  await does('cycle_open', { year: '2026', title: '2026 年度述职述责述廉' });
  await part('officials');
  await does('paste', { lines: OFFICIALS.map(n => [PEOPLE[n][0], PEOPLE[n][2], PEOPLE[n][3], '2024-03-01', '2029-02-28'].join('，')).join('\n') });
  await until('they are there', async () => (await open.locator('#part tbody tr').count()) === OFFICIALS.length);
  await does('make', {});
  await until('they are listed', async () => /列入本年度 3 人/.test(await open.innerText('#part')));
  await part('results');
  await does('r_own', {});
  await until('the result', async () => /已对应/.test(await open.innerText('#part-results')));
  const words = await open.innerText('#part-results');
  expect(OFFICIALS.every(n => words.includes(PEOPLE[n][0])), words);
  for (const name of await open.locator('#tabs a').evaluateAll(all => all.map(tab => (tab.getAttribute('href') || '').slice(1)))) await part(name);
  await open.screenshot({ path: join(SHOTS, 'day-29-record.png'), fullPage: true });
}
