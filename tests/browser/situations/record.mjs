// The record of the review on its own page: a year is opened, officials are listed, oral reporters chosen and approved
// by another person, assessed, and taken by a meeting; a trail that does not fit turns the page red.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { barriers, settled } from '../parts/access.mjs';
import { DESK, LAPTOP, SHOTS, fits as fitsAt, shot } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { OFFICE, Office, signIn } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const MARKUP = '<img src=x onerror=alert(1)>';
const POSTS = ['纪委书记', '派驻纪检监察组组长'];
const PEOPLE = Array.from({ length: 12 }, (_, n) => [n === 11 ? MARKUP : `某${'甲乙丙丁戊己庚辛壬癸子'[n]}`, `示例第${n + 1}镇`, POSTS[n % 2], '2024-03-01', n < 2 ? '2027-06-30' : '2029-02-28']);

export async function record({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const others = {};
  for (const [signIn, role] of [['主持', 'chair'], ['计票', 'teller']]) {
    const { code } = await office.act('staff/accounts/new', { name: `某${signIn}`, sign_in: signIn, role });
    others[role] = { signIn, code };
  }
  const enter = async name => {
    const device = await browser.device(LAPTOP);
    return { device, page: await browser.page(device, name) };
  };
  const fits = (page, name, fullPage = true) => fitsAt(page, name, [DESK, LAPTOP], fullPage);
  const part = async (page, name) => {
    await page.click(`#tabs a[href="#${name}"]`);
    await page.waitForSelector(`#part-${name}`);
    await settled(page);
  };
  /** Presses a button of a part, fills in the dialog and says yes; gives what the page says. */
  const does = async (page, button, fields = {}) => {
    await settled(page);
    await (typeof button === 'string' ? page.click(`#part button[data-does="${button}"]`) : button.click());
    await page.waitForSelector('#form[open]');
    for (const [name, value] of Object.entries(fields)) {
      const control = page.locator(`#form-fields [name="${name}"]`);
      if (await control.evaluate(e => e.tagName === 'SELECT')) await control.selectOption(value);
      else await control.fill(value);
    }
    await page.evaluate(() => { const box = document.getElementById('message'); if (box) box.textContent = ''; });
    await page.click('#form-yes');
    const said = await until('an answer', async () => (await page.isVisible('#form-refused') && page.innerText('#form-refused')) || (!(await page.isVisible('#form')) && page.textContent('#message')));
    await settled(page);
    return said;
  };
  const desk = await enter('record-office');
  const { page } = desk;
  /** Opens the menu of a row that nobody is about to draw anew. */
  const menu = async (name, word) => {
    await settled(page);
    const row = page.locator('#part tr', { hasText: name });
    const button = row.locator(`button[data-does="${word}"]`);
    await until(`the menu of ${name}`, async () => {
      if (!(await button.isVisible())) await row.locator('summary').click();
      return button.isVisible();
    });
    return button;
  };

  await situation('record: signed in on its own page, reached from the console and back; without a cycle it says what comes first', async () => {
    await page.goto(`${server.desk}/`);
    await signIn(page, OFFICE.sign_in);
    await page.waitForSelector('#record-section:visible');
    await page.click('#record-section a');
    await page.waitForSelector('#part-cycle');
    expect(/还没有年度/.test(await page.innerText('#part')), 'no word of what comes first');
    await fits(page, 'record-01-empty');
    await page.click('#back');
    await page.waitForSelector('#record-section:visible');
    await page.goto(`${server.desk}/record`);
    await page.waitForSelector('#part-cycle');
  });

  await situation('record: a cycle is opened, its rules are seen, and a second one of the year needs a reason', async () => {
    await settled(page);
    await page.click('#part button[data-does="cycle_open"]');
    await page.waitForSelector('#form[open]');
    await fits(page, 'record-02-cycle-form', false);
    await page.click('#form-no');
    expect(/已建立/.test(await does(page, 'cycle_open', { year: '2026', title: '2026 年度述职述责述廉' })), 'not opened');
    await page.waitForSelector('#part .policy');
    expect(/1\/3，向上取整/.test(await page.innerText('#part')), 'no share');
    await fits(page, 'record-03-cycle');
    expect(/第十条/.test(await does(page, 'cycle_open', { year: '2026', title: '再来一次' })), 'a second one without a reason');
    await shot(page, 'record-04-refused');
    equal(await page.inputValue('#form-fields [name="title"]'), '再来一次', 'what was typed is gone');
    await page.click('#form-no');
  });

  await situation('record: lines are pasted all or none, and each wrong one is named', async () => {
    await part(page, 'officials');
    const lines = PEOPLE.map(person => person.join('，'));
    const said = await does(page, 'paste', { lines: [...lines, '某人，某镇，书记，2024-02-30，'].join('\n') });
    expect(/第 13 行：任职日期“2024-02-30”不是日期/.test(said), said);
    await shot(page, 'record-05-paste');
    await page.fill('#form-fields [name="lines"]', lines.join('\n'));
    await settled(page);
    await page.click('#form-yes');
    await until('they are there', async () => (await page.locator('#part tbody tr').count()) === 12);
    await settled(page);
    expect(/12 人/.test(await page.textContent('#message')), 'no word of how many');
    await does(page, 'make');
    await until('they are listed', async () => /列入本年度 12 人/.test(await page.innerText('#part')));
    await settled(page);
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(SHOTS, 'record-06-print.png'), fullPage: true });
    expect(!(await page.isVisible('#tabs')) && !(await page.isVisible('#part .menu')) && (await page.isVisible('#part table')), 'what is printed');
    await page.emulateMedia({ media: null });
    const words = await page.innerText('#part');
    expect(/本任期尚未会议报告/.test(words) && /届满前最后一个年度/.test(words) && /请及早安排 2 人/.test(words), 'nothing of article 12');
    equal(await page.locator('#part img').count(), 0, 'a name became an element');
    await fits(page, 'record-06-officials');
    await menu('某丙', 'correct');
    await shot(page, 'record-07-menu');
    // Another language draws the part anew, with its menus closed.
    await (await menu('某丙', 'correct')).click();
    await page.waitForSelector('#form[open]');
    await shot(page, 'record-08-correct');
    await page.click('#form-no');
    expect(/某丙：已保存/.test(await does(page, await menu('某丙', 'transfer'), { ended: '2026-10-31', unit: '示例第99镇', post: '纪委书记', begins: '2026-11-01', why: '干部调整' })), 'no transfer');
    await until('the new term', async () => /示例第99镇/.test(await page.innerText('#part')));
  });

  await situation('record: a list is proposed by the share, a line is changed with a reason, and the office is not offered to approve it', async () => {
    await does(page, 'make');
    await part(page, 'choosing');
    await does(page, 'propose');
    await until('a list', () => page.locator('#part tbody tr.chosen').count());
    await settled(page);
    equal(await page.locator('#part tbody tr.chosen').count(), 4, 'a third of twelve');
    const words = await page.innerText('#part');
    expect(/12 人 × 1\/3，向上取整 = 4 人/.test(words) && /结果相同/.test(words) && /抽签排序/.test(words), `no arithmetic: ${words.slice(0, 300)}`);
    // Whose term ends soon comes first.
    expect(/某甲|某乙/.test(await page.locator('#part tbody tr').first().innerText()), 'the warned are not first');
    await fits(page, 'record-09-proposed');
    const last = page.locator('#part tbody tr').last();
    await does(page, last.locator('button'), { way: 'oral', why: '新近调整分工' });
    await until('five', async () => (await page.locator('#part tbody tr.chosen').count()) === 5);
    expect(/新近调整分工/.test(await page.innerText('#part')), 'no reason');
    await does(page, 'submit');
    await until('it waits', async () => /等待审定/.test(await page.innerText('#part')));
    await settled(page);
    equal(await page.locator('#part button[data-does="approve"]').count(), 0, 'the office approves its own');
    await fits(page, 'record-10-submitted');
  });

  const chair = await enter('record-chair');
  await situation('record: the chair signs in here, may not change anything, and approves', async () => {
    await chair.page.goto(`${server.desk}/record#choosing`);
    await signIn(chair.page, others.chair.signIn, others.chair.code);
    await chair.page.waitForSelector('#part-choosing');
    await settled(chair.page);
    equal(await chair.page.locator('#part button[data-does="propose_again"]').count(), 0, 'the chair proposes');
    await does(chair.page, 'approve');
    await until('in force', async () => /生效/.test(await chair.page.innerText('#part')));
    await fits(chair.page, 'record-11-approved');
    await part(chair.page, 'officials');
    expect(!(await chair.page.locator('#part button:visible').count()), 'the chair is offered changes');
    await shot(chair.page, 'record-12-chair-officials', { fullPage: true });
  });

  await situation('record: an assessment has its sources, is submitted and approved; those without are said', async () => {
    await page.reload();
    await part(page, 'assessments');
    equal(await page.locator('#part article').count(), 5, 'oral reporters');
    await fits(page, 'record-13-assessments');
    await settled(page);
    await page.locator('#part article button[data-does="assess"]').first().click();
    await page.waitForSelector('#form[open]');
    await page.fill('#form-fields [name="member"]', '周常委');
    await page.fill('#form-fields [name="office"]', '第三纪检监察室');
    await page.locator('#form-fields .source textarea').first().fill('查阅台账三次，走访两个村。');
    await page.fill('#form-fields [name="report"]', '履职情况总体较好。\n对村级监督的频次不够，建议加强。');
    await page.setInputFiles('#form-fields input[type="file"]', { name: '专题报告.docx', mimeType: 'application/octet-stream', buffer: Buffer.from('abc') });
    await page.click('#form-yes');
    await until('only what is one', async () => /不是 Word 文档/.test(await page.innerText('#form-refused')));
    await settled(page);
    await page.setInputFiles('#form-fields input[type="file"]', { name: '专题报告.pdf', mimeType: 'application/octet-stream', buffer: Buffer.from('%PDF-1.7\nstartxref\n9\n%%EOF\n') });
    await fits(page, 'record-14-assess-form', false);
    await page.click('#form-yes');
    await until('kept', async () => /未送审/.test(await page.innerText('#part')));
    await settled(page);
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('#part a[download]')]);
    equal(saved.suggestedFilename(), '专题报告.pdf', 'saved under another name');
    await does(page, 'submit');
    await until('it waits', async () => /送审：某管理员/.test(await page.innerText('#part')));
    await part(chair.page, 'assessments');
    await does(chair.page, 'approve');
    await until('approved', async () => /专题报告已审定 1 人/.test(await chair.page.innerText('#part')));
    await fits(chair.page, 'record-15-assessed');
  });

  await situation('record: a new meeting takes the approved list, and asks why before it goes ahead without the assessments', async () => {
    await page.goto(`${server.desk}/`);
    const console_ = new Desk(page, server);
    await page.waitForSelector('#officials-from-line:visible');
    await ready(page);
    const cell = text => `"${text.replaceAll('"', '""')}"`;
    const roster = [['姓名', '类别', '单位', '职务'], ...PEOPLE.map(([name, unit, post]) => [name, '乡镇纪委书记', name === '某丙' ? '示例第99镇' : unit, name === '某丙' ? '纪委书记' : post])];
    await page.setInputFiles('#roster', { name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${roster.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`) });
    await page.selectOption('#officials-from', { index: 1 });
    expect(!(await page.isVisible('#officials')), 'a file is asked for all the same');
    await page.click('#import button');
    await until('imported', async () => /已导入：参会 12 人.*述职对象 12 人/.test(await console_.said()));
    await page.fill('#settings input[name="title"]', '述职会议');
    await page.fill('#settings input[name="place"]', '大会议室');
    await ready(page);
    await page.click('#settings button');
    await until('settings', async () => /已保存/.test(await console_.said()));
    await shot(page, 'record-16-import', { fullPage: true });
    await ready(page);
    await page.click('#acts button[data-act="freeze"]');
    await page.waitForSelector('#ask[open]');
    expect(/没有审定的专题报告/.test(await page.innerText('#ask')), 'nothing of article 15');
    await shot(page, 'record-17-freeze');
    await page.fill('#ask input[name="why"]', '会期已定，会后补报');
    await page.click('#ask-yes');
    await until('frozen', async () => (await console_.state()).meeting_state === 'issuing');
    await page.goto(`${server.desk}/record#assessments`);
    await until('the reason', async () => (await page.locator('#part .warn', { hasText: '会期已定，会后补报' }).count()) === 4);
    await fits(page, 'record-18-without');
  });

  await situation('record: who counts votes does not see it', async () => {
    const teller = await enter('record-teller');
    await teller.page.goto(`${server.desk}/record`);
    await signIn(teller.page, others.teller.signIn, others.teller.code);
    await teller.page.waitForSelector('#nobody:visible');
    expect(!(await teller.page.isVisible('#desk')), 'the record is shown');
    await shot(teller.page, 'record-19-teller');
    await teller.device.close();
  });

  await situation('record: a row edited in the database turns the page red and takes every button away', async () => {
    server.process.child.kill('SIGTERM');
    await server.process.status;
    const path = join(server.data, 'record.db');
    const before = readFileSync(path);
    const [old, other] = ['示例第5镇', '示例第6镇'].map(text => Buffer.from(text).toString('latin1'));
    const after = Buffer.from(before.toString('latin1').replaceAll(old, other), 'latin1');
    expect(before.length === after.length && !before.equals(after), 'nothing was edited');
    writeFileSync(path, after);
    await server.begin();
    await page.goto(`${server.desk}/record#officials`);
    await signIn(page, OFFICE.sign_in);
    await page.waitForSelector('#faults:visible');
    expect(/official [0-9a-f]{16} 的内容和它最后一条留痕不符/.test(await page.innerText('#faults')), 'which one');
    await page.waitForSelector('#part-officials');
    await settled(page);
    equal(await page.locator('#part button:visible').count(), 0, 'buttons');
    await fits(page, 'record-20-faults');
    equal([...barriers].filter(each => each.startsWith('record-')), [], 'barriers');
  });

  await desk.device.close();
  await chair.device.close();
}
