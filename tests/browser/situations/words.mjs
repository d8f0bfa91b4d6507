// The server's sentences on the English console: what it refuses, warns of and finds is read in English.

import { DESK } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const ROSTER = '姓名,类别,单位,职务\n张 伟,县纪委常委,一室,主任\n张伟,县纪委常委,二室,科员\n李四、王五,特邀监察员,二室,科员\n,特邀监察员,二室,\n<b>赵六,别的一类,二室,科员\n合计,9 人\n';
const OFFICIALS = '姓名,单位,职务,报告方式\n孙七,三室,主任,会议报告\n张伟,二室,科员,电话\n';

/** The Chinese of a line but for what stands in quotation marks and brackets, which is the file's, and its headings. @param {string} line */
const ours = line => line.replace(/“[^”]*”|\([^)]*\)/g, '').replace(/姓名|单位|职务|类别|报告方式/g, '').replace(/[^\u3000-\u9fff\uff00-\uffef]/g, '');

/** What the server says to acts that are not possible and to lists that are not right, as the page says it. @param {import('playwright-core').Page} page */
const refusals = page => page.evaluate(async ([roster, officials]) => {
  const { said: say } = await import('/words.js');
  const base64 = (/** @type {string} */ text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const ask = async (/** @type {string} */ path, /** @type {any} */ body) => {
    const response = await fetch(`/desk/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    return response.json();
  };
  const answers = [];
  for (const [path, body] of [['freeze', {}], ['archive', {}], ['window/open', {}], ['countdown', { seconds: 99999 }], ['settings', { title: '好'.repeat(300) }], ['no-such-act', {}],
    ['import', { roster_base64: base64(roster), officials_base64: base64(officials), confirmed: false, answers: {} }]]) {
    answers.push(await ask(path, body));
  }
  const lists = Object.values(answers[answers.length - 1].details || {}).filter(Array.isArray).flat();
  const findings = lists.flatMap(finding => [finding.file, finding.text, finding.what_to_do, ...(finding.answers || []).map(choice => choice.text)]);
  return [...answers.flatMap(answer => [answer.error, answer.what_to_do]), ...findings].filter(Boolean).map(text => say(text));
}, [ROSTER, OFFICIALS]);

export async function words({ browser }) {
  const server = await Server.start();
  const device = await browser.device(DESK);
  const page = await browser.page(device, 'english console');
  const said = async (/** @type {string} */ language, /** @type {string[]} */ texts) => {
    await page.goto(`${server.desk}/?lang=${language}`);
    return page.evaluate(async all => {
      const { said: say } = await import('/words.js');
      return all.map(text => say(text));
    }, texts);
  };

  await situation('words: a sentence of the server, one with values, and sentences together are English on the English console', async () => {
    equal(await said('en', [
      '登录码不对。',
      '证书只剩 3 天，至少要有 7 天。',
      '3/1：写盘失败（磁盘已满），这一项已停止收票。已发回执的票都在。请检查磁盘，然后重新启动程序接着收，或截止这一项。',
      '第3项第1轮没有开放过，现在不能“截止”。',
      '票数关系不成立，不能公布：第3项第1轮：收回的纸票多于发出的纸票（3，应不多于 2）；第1次登记：登记数与登记名册不符（1，应等于 2）。',
      '请由管理员、主持人来做。',
    ]), [
      'The code is not right.',
      'The certificate lasts only 3 more days; it should be at least 7.',
      '3/1: Writing failed (the disk is full); this item takes no more ballots. Every ballot with a receipt is safe. Check the disk, then restart the program to go on collecting, or close this item.',
      'Item 3, round 1 was never opened; “Close” is not possible now.',
      "The counts do not hold, so it is not possible to publish: Item 3, round 1: more papers were cast than issued (3, should be at most 2); Window 1: the logged number of enrolments is not the list's (1, should be 2).",
      'It is for: office, chair.',
    ], 'in English');
  });

  await situation('words: what somebody wrote stays as it is, even where it reads like a sentence of the server', async () => {
    equal(await said('en', ['“磁盘已满”是空的。', '类别“管理员；$& (a+)+$”归入“{name}”，共 3 人。']), [
      '“磁盘已满” is empty.',
      'The category “管理员；$& (a+)+$” goes to “{name}”; people: 3.',
    ], 'data');
  });

  await situation('words: what the record notes of somebody before a meeting is read in English, his name as it is', async () => {
    await page.goto(`${server.desk}/?lang=en`);
    const notes = ['某甲', '管理员', '某乙（名单上不止一份）', '某丙（不在审定的名单上）', '某丁（名单上的单位是二室）', '某戊（名单上有几个同名的，单位都不同）'];
    const shown = await page.evaluate(async all => {
      const { noted } = await import('/words.js');
      return all.map(text => noted(text));
    }, notes);
    equal(shown, ['某甲', '管理员', '某乙 (more than once on the list)', '某丙 (not on the approved list)', '某丁 (on the list of another unit: 二室)', '某戊 (several of this name on the list, all of other units)'], 'notes');
    equal(await said('en', [`会议报告对象${notes.slice(0, 3).join('、')}没有审定的专题报告（第十五条）。`]), ['No approved special report for the oral reporters 某甲, 管理员, 某乙 (more than once on the list) (article 15).'], 'in a sentence');
  });

  await situation('words: an unknown sentence stays Chinese, known ones beside it do not', async () => {
    equal(await said('en', ['月亮没有升起。', '月亮没有升起。请刷新页面。', '']), ['月亮没有升起。', '月亮没有升起。 Reload the page.', ''], 'unknown');
  });

  await situation('words: on the Chinese console every sentence is as the server says it', async () => {
    const texts = ['登录码不对。', '证书只剩 3 天，至少要有 7 天。', '月亮没有升起。'];
    equal(await said('zh-CN', texts), texts, 'in Chinese');
  });

  await situation('words: a refused sign-in and a refused act are read in English', async () => {
    await page.goto(`${server.desk}/?lang=en`);
    const desk = new Desk(page, server);
    await desk.signIn('0000-0000-0000-0000');
    const shown = await until('a refusal', () => desk.said());
    equal(ours(shown), '', `Chinese in: ${shown}`);
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    const lines = await refusals(page);
    expect(lines.length > 8, `too few to tell: ${lines.join('\n')}`);
    equal(lines.filter(ours), [], 'still Chinese');
  });
  await device.close();
}
