// What the record shows of itself: the list of what is due, one official's year, filters that stand in the address, and
// the trail in words; at a laptop and on a phone, in both languages.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { barriers, settled } from '../parts/access.mjs';
import { SHOTS, fits as fitsAt, overflows, shot } from '../parts/browser.mjs';
import { ROOT, Server } from '../parts/machine.mjs';
import { OFFICE, Office, signIn } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const LAPTOP = { width: 1366, height: 900 };
const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1920, height: 1080 };
const REMOVED = '某镇老王当场说的那句原话';
const BUNDLE = join(ROOT, 'tests/vectors/own/bundle-small.zip');

/** `YYYY-MM-DD`, so many days from today in UTC+8. @param {number} days */
const dayFrom = days => new Date(Date.now() + 8 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);

export async function recordViews({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const at = `${server.desk}/api/record/`;
  const read = async path => {
    const response = await fetch(`${at}${path}`, { headers: office.head });
    expect(response.ok, `${path}: ${response.status}`);
    return response.json();
  };
  const send = (path, body) => office.actAt(`api/record/${path}`, body);
  const year = new Date(Date.now() + 8 * 3600e3).getUTCFullYear();
  const others = {};
  for (const [signIn, role] of [['核验', 'auditor']]) {
    const { code } = await office.act('staff/accounts/new', { name: `某${signIn}`, sign_in: signIn, role });
    others[role] = { signIn, code };
  }

  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'record views');
  const comes = async (page, who, code) => {
    await signIn(page, who, code);
    await page.waitForSelector('#part > section');
    await settled(page);
  };
  const part = async name => {
    await page.click(`#tabs a[href="#${name}"]`);
    await page.waitForSelector(`#part-${name}`);
    await settled(page);
  };
  const goes = async hash => {
    // The page hears of it first, and says that it is drawing.
    await page.evaluate(to => new Promise(done => {
      addEventListener('hashchange', () => done(undefined), { once: true });
      location.hash = to;
    }), hash);
    await page.waitForSelector(`#part-${hash.split('?')[0]}`);
    await settled(page);
  };
  const text = () => page.innerText('#part');
  const rows = () => page.locator('#part tbody tr').count();
  /** Both widths, both languages, no scrolling sideways, nothing without a name. */
  const fits = async (name, sizes = [LAPTOP, PHONE]) => {
    await fitsAt(page, `views-${name}`, sizes);
    await page.setViewportSize(LAPTOP);
  };
  const prints = name => page.pdf({ path: join(SHOTS, `views-${name}.pdf`), preferCSSPageSize: true });

  await situation('views: an empty record says what comes first on each page', async () => {
    await page.goto(`${server.desk}/record#due`);
    await comes(page, OFFICE.sign_in);
    for (const name of ['due', 'timeline', 'reports', 'choosing', 'assessments', 'questions', 'results', 'letters', 'use', 'trail', 'retention']) {
      await part(name);
      expect(await page.locator('#part .empty a').count(), `${name} does not say what to do next: ${await text()}`);
    }
    await part('due');
    await fits('00-empty');
  });

  const cycle = await send('cycles', { year, title: `${year} 年度述职述责述廉`, policy: { ...(await read('cycles')).beginning, reports_due: dayFrom(-4) }, why: '' });
  const names = ['示例甲', '示例乙', '示例丙'].map((name, n) => `${name},示例单位,示例职务,2024-03-01,${n ? '2029-02-28' : `${year}-12-31`}`);
  const more = Array.from({ length: 30 }, (_, n) => `代表${n + 1},示例第${n + 1}镇纪委,${n % 2 ? '书记' : '副书记'},2024-03-01,2029-02-28`);
  await send('officials/paste', { lines: [...names, ...more].join('\n') });
  await send(`cycles/${cycle.id}/dossiers`, {});
  const dossiers = await read(`cycles/${cycle.id}/dossiers`);
  const of = name => dossiers.find(dossier => dossier.name === name);
  const first = of('示例甲');
  await send(`dossiers/${of('代表1').id}/way`, { version: 1, way: 'oral', why: '新任职满一年' });
  await send(`dossiers/${first.id}/way`, { version: 1, way: 'oral', why: '任期将满' });
  const bundle = readFileSync(BUNDLE);
  const take = query => fetch(`${at}results/import?cycle=${cycle.id}${query}`, { method: 'POST', headers: { ...office.head, 'content-type': 'application/octet-stream' }, body: bundle });
  const { details: { key } } = await (await take('')).json();
  expect((await take(`&accept=${key}&why=${encodeURIComponent('与会议记录核对')}`)).ok, 'no result');
  await send(`cycles/${cycle.id}/committee`, { version: 0, members: [{ name: '某常委', post: '常委' }] });
  const asked = await send('questions', { dossier: first.id, asked_by: '某常委', asked_on: dayFrom(-40), question: '对村级监督的频次不够，原因是什么？', answer: '现场作了说明。' });
  await send(`questions/${asked.id}/demand`, { version: 1, reason: '现场没有说清原因。', served_on: dayFrom(-35) });
  const notice = { why: '常委会会议', reason: '测评和调研都反映监督频次不够。', points: ['制定村级监督计划', '每季度走访不少于两次'] };
  await send('corrections', { ...notice, dossier: first.id, served_on: dayFrom(-20) });
  const done = await send('corrections', { ...notice, dossier: of('代表2').id, served_on: dayFrom(-60) });
  await send(`corrections/${done.id}/report`, { version: 1, on: dayFrom(-35), text: '已制定计划，走访三次。' });
  await send(`corrections/${done.id}/check`, { version: 2, on: dayFrom(-20), who: '第三纪检监察室', found: '计划已制定。', done: true });
  const opinion = await send(`dossiers/${first.id}/opinions`, { text: `${REMOVED}：走访太少。` });
  await send(`opinions/${opinion.id}/text`, { version: 1, text: '走访太少。', why: '去标识' });

  await situation('views: the list of what is due counts calmly, says whom each waits for, and links to where it is done', async () => {
    await page.goto(`${server.desk}/record`);
    await page.reload();
    await page.waitForSelector('#part-due');
    await settled(page);
    const said = await text();
    for (const word of ['书面报告', '书面答复', '整改报告', '向常委会报告整改', '拟反馈函', '核对意见建议', '会议报告名单', '逾期', '第十三条', '第二十条', '等主持人审定']) expect(said.includes(word), `no word of ${word}`);
    const tile = async n => Number(await page.locator('.tiles b').nth(n).innerText());
    const all = await rows();
    const overdue = await tile(0);
    expect(overdue > 30 && overdue < all, `${overdue} of ${all}`);
    await page.locator('.tiles button').first().click();
    await until('only those', async () => (await rows()) === overdue);
    expect(/standing=overdue/.test(page.url()), `the address does not say it: ${page.url()}`);
    const lines = await read('due');
    const [head] = await page.locator('#part tbody tr td:first-child').allInnerTexts();
    expect(head.includes(String(Number(lines.lines[0].due.slice(8)))), `the earliest is not first: ${head}`);
    await page.reload();
    await page.waitForSelector('#part-due');
    await settled(page);
    equal(await rows(), overdue, 'a link does not show the same');
    await page.click('[data-does="filter_clear"]');
    equal(await rows(), all, 'the filters are not taken away');
    expect(!/standing/.test(page.url()), 'the address still filters');
    await fits('01-due', [LAPTOP, PHONE, WIDE]);
    await prints('01-due');
    await page.selectOption('.filters select[name="what"]', 'correction_report');
    await until('one', async () => (await rows()) === 1);
    await page.locator('#part tbody a').first().click();
    await page.waitForSelector('#part-corrections');
    await settled(page);
    await until('the official whom the link means', () => page.locator('.meant', { hasText: '示例甲' }).count());
  });

  await situation('views: one official has a year of everything, by day, with article, hand and figures as they were signed', async () => {
    await part('timeline');
    await fits('02-timeline-choose');
    await page.locator('#part tbody tr', { hasText: '示例甲' }).locator('a').click();
    await page.waitForSelector('#part .timeline');
    await settled(page);
    const said = await text();
    for (const word of ['民主测评结果', '要求书面答复', '整改通知', '询问质询', '任期将满', '票纸屏幕码', '某管理员', '第十八条', '还在等待', '发出']) expect(said.includes(word), `no word of ${word}: ${said}`);
    expect(!said.includes(REMOVED) && !said.includes('走访太少'), 'an opinion stands there');
    const days = await page.locator('.timeline time').evaluateAll(all => all.map(each => each.dateTime));
    equal(days, [...days].sort(), 'not by day');
    const answer = await read(`dossiers/${first.id}/timeline`);
    const { votes } = answer.moments.find(moment => moment.what === 'result').figures;
    for (const [grade, n] of votes) expect(said.includes(`${grade} ${n} 票`), `${grade} ${n}`);
    await fits('03-timeline', [LAPTOP, PHONE, WIDE]);
    await page.emulateMedia({ media: 'print' });
    expect(!(await page.isVisible('#tabs')) && !(await page.locator('#part button:visible').count()) && (await page.isVisible('#part .print-only')), 'what is printed');
    await page.emulateMedia({ media: null });
    await prints('03-timeline');
  });

  await situation('views: officials are filtered by unit, way and standing, with a count, by keyboard, and the address says it', async () => {
    await part('officials');
    equal(await rows(), 33, 'all of them');
    await page.focus('.filters select[name="way"]');
    await page.selectOption('.filters select[name="way"]', 'oral');
    equal(await rows(), 2, 'oral reporters');
    expect(/显示 2 条，共 33 条/.test(await text()), 'no count');
    await goes('officials?unit=%E7%A4%BA%E4%BE%8B%E7%AC%AC7%E9%95%87%E7%BA%AA%E5%A7%94');
    equal(await rows(), 1, 'a link');
    await page.selectOption('.filters select[name="way"]', 'oral');
    expect(/没有符合筛选的内容/.test(await text()), 'nothing is said of nothing');
    await fits('04-officials-nothing', [PHONE]);
    await page.click('[data-does="filter_clear"]');
    equal(await page.evaluate(() => document.activeElement && document.activeElement.getAttribute('name')), 'unit', 'where the hand is');
    equal(await rows(), 33, 'cleared');
    await fits('04-officials');
    await prints('04-officials');
    await send(`cycles/${cycle.id}/choosings`, { why: '' });
    await part('choosing');
    const all = await rows();
    await page.selectOption('.filters select[name="way"]', 'oral');
    expect((await rows()) < all, 'choosing is not filtered');
    await page.click('[data-does="filter_clear"]');
    await fits('05-choosing');
    await prints('05-choosing');
  });

  await situation('views: the trail says in words who, when, what from what to what, and why, a hundred a page', async () => {
    await part('trail');
    const said = await text();
    expect(/逐条核对一致/.test(said), 'no word of the chain');
    expect(/共 \d+ 条/.test(said) && said.includes('改写意见') && said.includes('要求书面答复'), said.slice(0, 400));
    expect(!/[a-z]+\/[a-z]+|\{"|"fields"/.test(said.replaceAll('PDF/DOCX', '')), `a raw word: ${(said.match(/.{20}[a-z]+\/[a-z]+.{20}/) || [])[0]}`);
    expect(!/\b[a-z]+(_[a-z]+)+\b/.test(said), `a word of the program: ${said.match(/.{20}\b[a-z]+(_[a-z]+)+.{20}/)}`);
    expect(said.includes(REMOVED), 'the office does not see what was removed');
    await fits('06-trail');
    for (let n = 0; n < 60; n += 1) await send('cycles', { year: year - 1 - (n % 20), title: `补录 ${n}`, why: '补录往年' });
    await part('due');
    await part('trail');
    equal(await rows(), 100, 'a page');
    await page.click('[data-does="t_older"]');
    await settled(page);
    await until('the next page', async () => /page=2/.test(page.url()) && (await rows()) < 100);
    await page.selectOption('.filters select[name="kind"]', 'question');
    await until('only questions', async () => (await rows()) === 2);
    expect(/kind=question/.test(page.url()) && !/page=/.test(page.url()), page.url());
    expect(/送达日期|到期日/.test(await text()) && /示例甲/.test(await text()), await text());
    await page.selectOption('.filters select[name="kind"]', '');
    await page.selectOption('.filters select[name="official"]', { label: '示例甲（示例单位）' });
    await until('one official', async () => (await rows()) > 5 && (await rows()) < 30);
    await page.fill('.filters input[name="to"]', '2020-01-01');
    await until('nothing', async () => /没有符合筛选的内容/.test(await text()));
    await page.click('[data-does="filter_clear"]');
    await until('all again', async () => (await rows()) === 100);
    await prints('06-trail');
  });

  await situation('views: whoever only looks sees that an opinion was changed, and not what was taken out', async () => {
    const other = await browser.device(LAPTOP);
    const looks = await browser.page(other, 'record views auditor');
    await looks.goto(`${server.desk}/record#trail?kind=opinion`);
    await comes(looks, others.auditor.signIn, others.auditor.code);
    await looks.waitForSelector('#part-trail tbody');
    const said = await looks.innerText('#part');
    expect(said.includes('改写意见') && said.includes('只有管理员能看') && !said.includes(REMOVED), said);
    await looks.click('#tabs a[href="#due"]');
    await looks.waitForSelector('#part-due');
    await settled(looks);
    expect(/查看/.test(await looks.innerText('#part tbody')) && !/登记收到的报告/.test(await looks.innerText('#part tbody')), 'acts are offered');
    await other.close();
  });

  await situation('views: every part fits a phone in both languages, has names for all of it, and the browser complains of nothing', async () => {
    for (const name of await page.locator('#tabs a').evaluateAll(all => all.map(tab => tab.getAttribute('href').slice(1)))) {
      await part(name);
      await page.setViewportSize(PHONE);
      equal(await overflows(page), [], `${name} on a phone`);
      await shot(page, `views-09-${name}-390`, { fullPage: true });
      await page.setViewportSize(LAPTOP);
      await shot(page, `views-09-${name}-1366`, { fullPage: true });
      await prints(`09-${name}`);
    }
    equal([...barriers].filter(each => each.startsWith('views-')), [], 'barriers');
    equal(browser.complaints.filter(each => each.startsWith('record views')), [], 'what the browser complains about');
  });
  await device.close();
}
