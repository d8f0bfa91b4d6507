// The scrutineers' page: what was done and how many, readable by everybody, changeable by nobody, and on paper.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DESK, SHOTS, overflows, shot } from '../parts/browser.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const digits = text => text.replace(/\s+/g, '');

/** A file of the bundle, which is not compressed. @param {Buffer} zip @param {string} wanted */
function fileOf(zip, wanted) {
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const [size, length] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const name = zip.toString('utf8', at + 30, at + 30 + length);
    if (name === wanted) return zip.subarray(at + 30 + length, at + 30 + length + size);
    at += 30 + length + size;
  }
  throw new Error(`no ${wanted} in the bundle`);
}

/** The RFC 9162 leaf hash of each entry of a log: version, kind, length, and what the length counts. @param {Buffer} log */
function leavesOf(log) {
  const leaves = [];
  for (let at = 0; at < log.length;) {
    const end = at + 6 + log.readUInt32BE(at + 2);
    leaves.push(createHash('sha256').update(Buffer.from([0])).update(log.subarray(at, end)).digest('hex'));
    at = end;
  }
  return leaves;
}

/** The fingerprints in a saved record, in order. @param {string} text */
const fingerprints = text => [...text.matchAll(/^ {4}(?:指纹：|fingerprint: )([0-9a-f]{64})\r$/gm)].map(found => found[1]);

export async function scrutineer({ browser }) {
  const server = await Server.start();
  const device = await browser.device(DESK);
  const page = await browser.page(device, 'scrutineer');
  const office = await Office.enter(server);
  const state = async () => (await fetch(`${server.desk}/desk/state`, { headers: { cookie: office.head.cookie } })).json();

  await situation('scrutineer: before the freeze it says that there is nothing yet, then it appears by itself', async () => {
    await page.goto(`${server.origin}/scrutineer`);
    await until('words', async () => /还没有冻结/.test(await page.innerText('#nothing')));
    await shot(page, 'scrutineer-1-nothing');
    await office.prepare();
    await until('the page', () => page.isVisible('#ceremony'), 40000);
    equal(digits(await page.innerText('#code')), digits((await state()).live.screen_code), 'screen code');
  });

  await situation('scrutineer: the record in words, the sums, and the head that goes into the minutes', async () => {
    await office.act('window/open');
    await office.act('window/close', { present: 90 });
    await office.contests('open', ['1/1', '2/1']);
    await office.contests('close', ['1/1', '2/1']);
    await office.contests('publish', ['1/1']);
    const { frozen, live, counts } = await state();
    await until('the newest head', async () => digits(await page.innerText('#head')) === digits(frozen.log_code), 40000);
    equal(await page.locator('#log tbody tr').count(), frozen.log_size, 'entries');
    const log = await page.innerText('#log');
    const { name } = live.contests.find(c => c.item === 1);
    for (const words of ['会议冻结', '第 1 次登记开放', '实到 90 人', `第 1 项第 1 轮（${name}）开放，票箱为空`, `（${name}）截止`, `（${name}）公布`]) expect(log.includes(words), `no "${words}" in: ${log}`);
    const board = live.contests.find(c => c.item === 1 && c.round === 1).board_code;
    expect(log.includes(board), 'the board\'s code is not in the record');
    expect((await page.innerText('#head-says')).includes(String(frozen.log_size)), 'no number of entries');
    const sums = [...counts.meeting, ...counts.contests.flatMap(c => c.checks)];
    equal(await page.locator('#counts li[data-holds="true"]').count(), sums.length, 'sums that hold');
    expect(/登记 0 \+ 纸票 0 = 0 ≤ 实到 90/.test(await page.innerText('#counts')), `sums: ${await page.innerText('#counts')}`);
    equal(await page.locator('#compare tbody tr').count(), 5, 'things to compare');
    equal(await overflows(page), [], 'page');
    await shot(page, 'scrutineer-2-record', { fullPage: true });
    await page.setViewportSize({ width: 360, height: 640 });
    equal(await overflows(page), [], 'page on a phone');
    await page.setViewportSize(DESK);
  });

  await situation('scrutineer: reads only: no form, no field, nothing but GET leaves it', async () => {
    equal(await page.locator('form, input, select, textarea, a').count(), 0, 'controls that could change something');
    equal((await page.locator('button').evaluateAll(all => all.map(b => b.id))).sort(), ['language', 'print', 'save'], 'buttons');
    const methods = new Set();
    page.on('request', request => methods.add(request.method()));
    await until('another look', () => methods.size, 40000);
    equal([...methods], ['GET'], 'methods');
  });

  await situation('scrutineer: a sum that does not hold is said so', async () => {
    await page.route('**/ceremony.json', async route => {
      const ceremony = await (await fetch(`${server.desk}/ceremony.json`)).json();
      ceremony.counts.contests[0].checks.push({ rule: 'cast', values: { cast: 8, issued: 6 }, holds: false });
      await route.fulfill({ json: ceremony });
    });
    await until('the verdict', async () => /1 个算式不符/.test(await page.innerText('#verdict')), 40000);
    expect(/不符\s*收回电子票 8 ≤ 发出电子票 6/.test(await page.innerText('#counts')), 'the sum');
    await shot(page, 'scrutineer-3-violation', { fullPage: true });
    await page.unroute('**/ceremony.json');
    await until('the verdict', async () => /全部相符/.test(await page.innerText('#verdict')), 40000);
  });

  await situation('scrutineer: prints on A4 with signature lines and without buttons', async () => {
    await page.emulateMedia({ media: 'print' });
    equal(await page.locator('button:visible').count(), 0, 'buttons on paper');
    const signs = await page.innerText('#signatures');
    for (const who of ['监票人', '计票人', '主持人', '日期']) expect(signs.includes(who), `no line for ${who}`);
    await page.pdf({ path: join(SHOTS, 'scrutineer.pdf'), preferCSSPageSize: true });
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(() => { window.print = () => { document.body.dataset.printed = 'yes'; }; });
    await page.click('#print');
    equal(await page.getAttribute('body', 'data-printed'), 'yes', 'print');
  });

  await situation('scrutineer: the same in English, on the console\'s address too', async () => {
    const english = await browser.page(device, 'scrutineer in English');
    await english.goto(`${server.desk}/scrutineer?lang=en`);
    await until('the record', async () => (await english.locator('#log tbody tr').count()) > 3);
    const words = await english.evaluate(() => [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.childElementCount && /[\u3400-\u9fff]/.test(e.textContent || '') && !e.closest('#meeting, #language, h3')).map(e => e.textContent));
    equal(words.filter(text => !/\(.*[\u3400-\u9fff].*\)/.test(text || '')), [], 'Chinese on the English page');
    await shot(english, 'scrutineer-4-english', { fullPage: true });
    await english.close();
  });

  await situation('scrutineer: the record is saved as a file whose entries and head are those of the bundle\'s log, in two languages', async () => {
    const saved = async () => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
      return { name: download.suggestedFilename(), text: readFileSync(String(await download.path()), 'utf8') };
    };
    const words = async () => (await page.locator('#log tbody tr').evaluateAll(rows => rows.map(row => `${row.cells[0].textContent}. ${row.cells[1].textContent}`)));
    const early = await saved();
    expect(/归档以前下载的/.test(early.text), 'a file from before the end does not say that the bundle\'s log is longer');
    await office.contests('publish', ['2/1']);
    await office.act('enrolment/end', { unused: (await state()).frozen.unused });
    await office.act('archive');
    const { frozen } = await state();
    await until('the newest head', async () => digits(await page.innerText('#head')) === digits(frozen.log_code), 40000);
    const bundle = Buffer.from(await (await fetch(`${server.desk}/desk/bundle.zip`, { headers: { cookie: office.head.cookie } })).arrayBuffer());
    const leaves = leavesOf(fileOf(bundle, 'log/entries'));
    const [, size, root] = fileOf(bundle, 'log/checkpoint').toString('utf8').split('\n');
    for (const tongue of ['zh-CN', 'en']) {
      const { name, text } = await saved();
      const lines = text.split('\r\n');
      const entries = lines.filter(line => /^\d+\. /.test(line));
      equal(entries, await words(), `${tongue}: entries in words`);
      equal(fingerprints(text), leaves, `${tongue}: fingerprints`);
      equal([entries.length, String(entries.length)], [leaves.length, size], `${tongue}: entries`);
      expect(text.includes(root), `${tongue}: the root of the bundle's checkpoint`);
      expect(digits(text).includes(digits(frozen.log_code)), `${tongue}: the head's screen code`);
      expect(/log\/checkpoint/.test(text) && !/归档以前|before the meeting was archived/.test(text), `${tongue}: how to compare`);
      equal([/[\u3400-\u9fff]/.test(name), /\.txt$/.test(name)], [tongue === 'zh-CN', true], `${tongue}: name ${name}`);
      await page.click('#language');
    }
    const first = fingerprints(early.text);
    equal([first.length > 3 && first.length < leaves.length, leaves.slice(0, first.length)], [true, first], 'the early file is the beginning of the log');
    await shot(page, 'scrutineer-6-archived', { fullPage: true });
  });

  await situation('scrutineer: a server that is gone is said with the time, and it comes back by itself', async () => {
    await server.kill();
    await until('the banner', () => page.isVisible('#lost'), 40000);
    expect(/数据停在 \d\d:\d\d/.test(await page.innerText('#lost')), `banner: ${await page.innerText('#lost')}`);
    expect(await page.locator('#log tbody tr').count() > 3, 'what was known is gone');
    await shot(page, 'scrutineer-5-lost', { fullPage: true });
    await server.begin();
    await until('it is back', () => page.isHidden('#lost'), 40000);
  });
  await device.close();
}
