// What is taken away from a meeting, held against each other: the bundle, the receipts, the tables, the words read aloud and
// the scrutineers' record.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BALLOT, ROOT, folder, run } from './machine.mjs';
import { equal, until } from './report.mjs';

const GRADES = ['好', '较好', '一般', '较差', '弃权'];
const digits = text => text.replace(/\s+/g, '');

/** @param {{office: import('./people.mjs').Person, record: import('playwright-core').Page, phones: import('./phone.mjs').Phone[], item: string[]}} meeting
 * `record`: the scrutineers' page; `item`: what item 1 comes to, grade by grade */
export async function agree({ office, record, phones, item }) {
  const { page } = office;
  const work = folder();
  const taken = async (from, press) => {
    const [download] = await Promise.all([from.waitForEvent('download'), press()]);
    const path = join(work, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };
  const bundle = await taken(page, () => page.click('a[href="/desk/bundle.zip"]'));
  const receipts = [];
  for (const n of [3, 6]) {
    await phones[n].reach('finished', 30000);
    if (!(await phones[n].page.isVisible('[data-act="save"]'))) await phones[n].page.tap('#receipts summary');
    receipts.push('--receipt', await taken(phones[n].page, () => phones[n].page.tap('[data-act="save"]')));
  }
  for (const [program, argv] of [[BALLOT, ['verify']], ['python3', [join(ROOT, 'tests/independent/verify.py')]]]) {
    const checked = await run(program, [...argv, bundle, ...receipts]);
    equal(checked.status, 0, `${program}: ${checked.out}`);
  }
  const xlsx = readFileSync(await taken(page, () => page.click('a[href="/desk/papers.xlsx"]')));
  equal(xlsx.toString('latin1', 0, 2), 'PK', 'a workbook');
  const table = readFileSync(await taken(page, () => page.click('a[href="/desk/papers.csv"]')), 'utf8').split(/\r?\n/);
  const header = (table.find(text => /姓名/.test(text)) || '').split(',');
  const line = (table.find(text => text.includes('林示例甲')) || '').split(',');
  const aloud = (digits(await office.text('#aloud')).match(/林示例甲同志：([^。]*)。/) || [])[1] || '';
  for (const [i, grade] of GRADES.entries()) {
    equal([line[header.indexOf(`${grade}票数`)], (aloud.match(new RegExp(`(?:^|[，；])${grade}(\\d+)票`)) || [])[1]], [item[i], item[i]], `${grade} in the table and in the words (${header}; ${aloud})`);
  }
  equal(['发出', '收回', '未交', '有效', '纸票无效'].map(name => line[header.indexOf(name)]), ['13', '12', '1', '10', '1'], 'the table');
  await record.reload();
  await until('the record', async () => /会议归档，结果已签字/.test(await record.innerText('#log')));
  const words = readFileSync(await taken(record, () => record.click('#save')), 'utf8').split('\r\n').filter(text => /^\d+\. /.test(text));
  equal(words.length, (await office.desk.state()).frozen.log_size, 'entries');
}
