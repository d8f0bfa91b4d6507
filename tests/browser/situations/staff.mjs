// Accounts and acts of two people, on devices of their own: who comes in how, who may do what, what waits for whom; and
// a roster as offices send it, decided answer by answer.

import { DESK, LAPTOP, fits as fitsAt, shot } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { OFFICE } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { workbook } from '../parts/workbook.mjs';

const PHRASE = '雨后山路上的三只蓝伞';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The sheet that arrives: a title, spaces and wide digits, two of one name, an empty row, a sum. */
const ROSTER = [
  ['（示例）参会人员名单'], ['序号', '姓　名', '类 别', '单位', '职务'], ['1', '某　甲', '县纪委常委', '一室', '主任'], ['2', '某乙', '县纪委常委', '二室', '主任'],
  ['3', '某丙', '县纪委常委', '第３室', '主任'], [], ['4', '某丁', '特邀监察员', '四室', '科员'], ['5', '某丁', '特邀监察员', '四室', '科员'], ['6', '某己', '特邀监察员', '四室', '科员'], ['合计', '6 人'],
];
const OFFICIALS = [['姓名', '单位', '职务', '报告方式'], ['某甲', '一室', '主任', '会议报告'], ['某乙', '二室', '主任', '书面报告'], ['某丙', '第3室', '主任', '会议报告']];

export async function staff({ browser }) {
  const server = await Server.start();
  const enter = async name => {
    const device = await browser.device(LAPTOP);
    const page = await browser.page(device, name);
    const desk = new Desk(page, server);
    await desk.open();
    await page.waitForSelector('#login:visible');
    return { device, page, desk };
  };
  const fits = (page, name, fullPage = true) => fitsAt(page, name, [DESK, LAPTOP], fullPage);
  const pending = page => page.locator('#pending > li');
  /** Presses an act that will wait. */
  const request = async (desk, act, scope = '#acts') => {
    await ready(desk.page);
    await desk.page.click(`${scope} button[data-act="${act}"]`);
    await desk.page.waitForSelector('#ask[open]');
    expect(await desk.page.isVisible('#ask-two'), `${act}: no word that it takes two`);
    await desk.page.click('#ask-yes');
    await until('the words', async () => /等另一位确认/.test(await desk.said()));
    await ready(desk.page);
  };
  /** An account by the office's form; gives its one-time code. */
  const make = async (page, name, signIn, role) => {
    await ready(page);
    if (!(await page.evaluate(() => /** @type {any} */ (document.getElementById('account-new')).open))) await page.click('#account-new summary');
    await page.fill('#account-new-form input[name="name"]', name);
    await page.fill('#account-new-form input[name="sign_in"]', signIn);
    await page.selectOption('#account-new-form select', role);
    await page.click('#account-new-form button');
    await page.waitForSelector('#handover[open]');
    return (await page.textContent('#handover-code')) || '';
  };
  const byCode = async (page, signIn, code) => {
    await page.click('#login-other');
    await page.fill('#login-sign-in', signIn);
    await page.fill('#login-code', code);
    await page.fill('#login-phrase', PHRASE);
    await page.fill('#login-phrase-2', PHRASE);
    await page.click('#login-do');
    await page.waitForSelector('#desk:visible');
    await ready(page);
  };

  const office = await enter('office');
  const watcher = await enter('scrutineer');
  let code = '';

  await situation('staff: on a fresh machine the first account is made, with the rules in words, and the two pass-phrases must agree', async () => {
    const { page, desk } = office;
    equal(await page.getAttribute('#login', 'data-way'), 'first', 'way');
    expect(/至少 12 个字母或数字，或 6 个汉字/.test(await page.innerText('#login')), 'no rule');
    await fits(page, 'staff-01-first');
    await page.fill('#login-code', server.code);
    await page.fill('#login-name', OFFICE.name);
    await page.fill('#login-sign-in', OFFICE.sign_in);
    await page.fill('#login-phrase', OFFICE.phrase);
    await page.fill('#login-phrase-2', `${OFFICE.phrase}吗`);
    await page.click('#login-do');
    await until('words', async () => /两次输入的口令不一样/.test(await desk.said()));
    await page.check('#login-show');
    equal(await page.inputValue('#login-phrase'), OFFICE.phrase, 'shown');
    equal(await page.getAttribute('#login-phrase', 'type'), 'text', 'type while shown');
    await page.fill('#login-phrase-2', OFFICE.phrase);
    await page.click('#login-do');
    await page.waitForSelector('#desk:visible');
    expect((await page.innerText('#who')).includes(`${OFFICE.name}（管理员）`), 'nobody is named');
    equal(await page.inputValue('#login-phrase'), '', 'pass-phrase left in the form');
  });

  await situation('staff: the office makes an account; its one-time code is shown once, large, and opens it with an own pass-phrase', async () => {
    const { page } = office;
    code = await make(page, '某监票', '监票', 'scrutineer');
    expect(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/.test(code), `code ${code}`);
    expect(await page.locator('#handover-code').evaluate(e => parseFloat(getComputedStyle(e).fontSize)) >= 30, 'small code');
    await fits(page, 'staff-02-handover', false);
    await page.click('#handover-done');
    await until('the list', async () => /某监票/.test(await page.innerText('#accounts')));
    expect(!(await page.evaluate(() => document.documentElement.innerHTML)).includes(code), 'the code stays on the page');
    expect(/等他用登录码设口令/.test(await page.innerText('#accounts')), 'no word that it waits');
    await watcher.desk.open();
    await until('the sign-in form', async () => (await watcher.page.getAttribute('#login', 'data-way')) === 'in');
    expect(/douxuan staff reset/.test(await watcher.page.innerText('#login')), 'no words for a forgotten pass-phrase');
    await shot(watcher.page, 'staff-03-sign-in');
    await byCode(watcher.page, '监票', code);
    expect(/某监票（监票人）/.test(await watcher.page.innerText('#who')), 'who');
    expect(!(await watcher.page.isVisible('#prepare')) && !(await watcher.page.isVisible('#account-new')), 'the scrutineer is offered what is the office\'s');
    expect(/由别人来做：管理员/.test(await watcher.page.innerText('#guide-two')), `guide: ${await watcher.page.innerText('#guide-two')}`);
    await fits(watcher.page, 'staff-04-scrutineer');
  });

  await situation('staff: a wrong pass-phrase is refused with what comes next, and no account is locked', async () => {
    const stranger = await enter('stranger');
    for (const word of ['先登录再说吧一二三', OFFICE.phrase]) {
      await stranger.page.fill('#login-sign-in', OFFICE.sign_in);
      await stranger.page.fill('#login-phrase', word);
      await stranger.page.click('#login-do');
      if (word !== OFFICE.phrase) {
        await until('a refusal', async () => /登录名或口令不对/.test(await stranger.desk.said()));
        expect(/下一次的回答就来得更慢/.test(await stranger.page.innerText('#login-wait')), 'no words about waiting');
        await shot(stranger.page, 'staff-05-wrong');
        await ready(stranger.page);
      }
    }
    await stranger.page.waitForSelector('#desk:visible');
    await until('words about the failure', async () => /有 1 次用您的登录名登录失败/.test(await stranger.desk.said()));
    await ready(stranger.page);
    await stranger.page.click('#sign-out');
    await stranger.page.waitForSelector('#login:visible');
    await until('words', async () => /已退出登录/.test(await stranger.desk.said()));
    await stranger.device.close();
  });

  await situation('roster: a workbook is read cell by cell; what is decided by answer is imported, and 应到 stands by group', async () => {
    const { page, desk } = office;
    await ready(page);
    await page.setInputFiles('#roster', { name: 'roster.xlsx', mimeType: TYPE, buffer: Buffer.alloc((5 << 20) + 1) });
    await page.setInputFiles('#officials', { name: 'officials.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${OFFICIALS.map(row => row.join(',')).join('\r\n')}\r\n`) });
    await page.click('#import button');
    await until('words', async () => /“roster.xlsx”太大，最多 5 MiB/.test(await desk.said()));
    await ready(page);
    await page.setInputFiles('#roster', { name: 'roster.xlsx', mimeType: TYPE, buffer: workbook('参会人员', ROSTER) });
    await page.click('#import button');
    await until('questions', () => page.isVisible('#findings .found-questions'));
    await ready(page);
    expect((await desk.said()).length < 120, `the sticky message is long: ${await desk.said()}`);
    const words = await page.innerText('#findings');
    expect(/B8|第 8 行/.test(words) && /某丁/.test(words), `findings: ${words}`);
    expect(await page.isVisible('#confirm-line'), 'nothing to take the first choice everywhere');
    await fits(page, 'staff-06-questions');
    const questions = page.locator('#findings .found-questions fieldset');
    for (const box of await questions.all()) await (await box.locator('input[type="radio"]').count() ? box.locator('input[type="radio"]').first().check() : box.locator('input[type="text"]').fill('委员'));
    await until('all decided', async () => /都决定了/.test(await page.innerText('#findings-left')));
    await page.click('#findings-again');
    await until('imported', async () => /已导入：参会 6 人/.test(await desk.said()));
    await ready(page);
    await page.click('#findings .found-repaired summary');
    expect(/第３室 → 第3室|某　甲 → 某甲/.test(await page.innerText('#findings .found-repaired')), 'no repair is shown');
    expect(/已经决定/.test(await page.innerText('#findings')), 'what was decided is not shown');
    equal((await page.locator('#groups tbody tr').allInnerTexts()).at(-1), '合计\t6', 'sum');
    await fits(page, 'staff-07-imported');
    await page.setInputFiles('#roster', { name: 'roster.xlsx', mimeType: TYPE, buffer: workbook('参会人员', ROSTER) });
    expect(!(await page.isVisible('#findings')), 'answers to another file stay');
  });

  await situation('staff: an act of two people waits; who asked cannot confirm it, the scrutineer can, and both stand in the log', async () => {
    const { page, desk } = office;
    await page.fill('#settings input[name="title"]', '小会');
    await page.fill('#settings input[name="place"]', '小会议室');
    await page.check('#settings input[name="drill"]');
    expect(await page.isChecked('#settings input[name="two_people"]'), 'two people are not the rule');
    expect(/谁都不能一个人改变会议的进程/.test(await page.innerText('#settings')), 'no words about what it protects');
    await ready(page);
    await page.click('#settings button');
    await until('settings', async () => /已保存/.test(await desk.said()));
    await desk.act('freeze');
    await desk.act('slips/printed');
    expect(/两个人来做/.test(await page.innerText('#guide-two')), 'the guide does not say that it takes two');
    await request(desk, 'window/open');
    await until('the request', () => pending(page).count());
    expect(!(await server.live()).window.open, 'it was done at once');
    const own = await pending(page).innerText();
    expect(/开放登记/.test(own) && /第 1 次登记开始/.test(own) && /还有 [45] 分 \d\d 秒/.test(own) && /您提出的/.test(own), `own: ${own}`);
    equal([await page.locator('#pending .confirm:visible').count(), await page.locator('#pending .withdraw:visible').count()], [0, 1], 'buttons of who asked');
    const { pending: [{ id }] } = await desk.read('staff/requests');
    const refused = await page.request.post(`${server.desk}/desk/staff/requests/confirm`, { data: { id }, headers: { origin: server.desk } });
    equal([refused.status(), /不能自己确认/.test(await refused.text())], [403, true], 'own confirmation');
    await fits(page, 'staff-08-waiting');
    await until('the request', async () => /有 1 个请求等您确认/.test(await watcher.page.innerText('#requests')));
    expect(/1 个请求等您确认/.test(await watcher.page.innerText('#requests-link')) && (await watcher.page.title()).startsWith('(1) '), 'not said in the header and the title');
    await fits(watcher.page, 'staff-09-confirm');
    await ready(watcher.page);
    await watcher.page.click('#pending .confirm');
    await until('the window', async () => (await server.live()).window.open);
    await until('words', async () => /某监票已确认，已经做了/.test(await page.innerText('#ended')));
    const { entries } = await (await fetch(`${server.desk}/ceremony.json`)).json();
    equal(entries.at(-1).by.map(({ role }) => role).sort(), ['office', 'scrutineer'], 'who acted');
  });

  await situation('staff: whoever asked withdraws; nothing is done', async () => {
    const { page, desk } = office;
    await desk.act('window/close', { present: 6 });
    await desk.act('contest/open', {}, '#contests tr[data-key="1/1"]');
    await until('the act', () => watcher.page.locator('#contests tr[data-key="1/1"] button[data-act="contest/close"]').count());
    await request(watcher.desk, 'contest/close', '#contests tr[data-key="1/1"]');
    await until('the request', async () => /截止：某甲/.test(await page.innerText('#requests')));
    await shot(page, 'staff-10-office-confirms', { fullPage: true });
    await ready(watcher.page);
    await watcher.page.click('#pending .withdraw');
    await until('gone', async () => !(await pending(page).count()));
    await until('words', async () => /什么也没有做/.test(await watcher.page.innerText('#ended')));
    equal((await server.live()).contests.find(c => c.item === 1 && c.round === 1).state, 'open', 'state');
  });

  await situation('staff: several at once wait as one request that names each', async () => {
    const { page, desk } = office;
    await desk.all('contest/open', ['2/1', '3/1']);
    for (const contest of ['2/1', '3/1']) await page.check(`#contests input[value="${contest}"]`);
    await ready(page);
    await page.click('button[data-bulk="contest/close"]');
    await page.waitForSelector('#ask[open]');
    await page.click('#ask-yes');
    await until('the request', async () => /截止 2 项/.test(await watcher.page.innerText('#requests')));
    equal(await watcher.page.locator('#pending .each li').count(), 2, 'items');
    await shot(watcher.page, 'staff-11-several');
    await ready(page);
    await page.click('#pending .withdraw');
    await until('gone', async () => !(await pending(watcher.page).count()));
  });

  await situation('staff: a request that nobody confirmed is said to have lapsed', async () => {
    const { page } = office;
    const waiting = { id: 'feedfeedfeedfeed', act: 'enrolment/end', says: 'enrolment_end', values: { unused: 9 }, by: { name: OFFICE.name, role: 'office' }, left: 2, mine: true, may_confirm: false, why_not: '自己提出的，不能自己确认。' };
    let answer = { pending: [waiting], ended: [] };
    await page.route('**/desk/staff/requests', route => route.fulfill({ json: answer }));
    await until('the request', async () => /还有 0 分 02 秒作废/.test(await page.innerText('#requests')));
    answer = { pending: [], ended: [{ id: waiting.id, act: waiting.act, how: 'lapsed', by: null }] };
    await until('words', async () => /结束登记：五分钟没有人确认，已经作废/.test(await page.innerText('#ended')));
    await shot(page, 'staff-12-lapsed');
    await page.unroute('**/desk/staff/requests');
    await page.click('#ended-read');
    await page.waitForSelector('#requests', { state: 'hidden' });
  });

  await situation('staff: an auditor sees everything and is offered nothing', async () => {
    const { page } = office;
    const auditorCode = await make(page, '某核验', '核验', 'auditor');
    await page.click('#handover-done');
    const auditor = await enter('auditor');
    await byCode(auditor.page, '核验', auditorCode);
    await until('the table', () => auditor.page.locator('#contests tr').count());
    equal(await auditor.page.locator('#acts button, #contests button, #bulk button, #prepare:visible, #countdown:visible, #wifi:visible, #account-new:visible').count(), 0, 'buttons');
    const refused = await auditor.page.request.post(`${server.desk}/desk/contest/close`, { data: { contests: [[1, 1]] }, headers: { origin: server.desk } });
    equal(refused.status(), 403, 'an act');
    await fits(auditor.page, 'staff-13-auditor');
    await auditor.device.close();
  });

  await situation('staff: an own pass-phrase is changed; a reset ends the session and gives a new code', async () => {
    const { page, desk } = office;
    await page.click('#own-phrase summary');
    for (const [name, value] of [['old', OFFICE.phrase], ['new', PHRASE], ['again', PHRASE]]) await page.fill(`#own-phrase-form input[name="${name}"]`, value);
    await ready(page);
    await page.click('#own-phrase-form button');
    await until('words', async () => /口令已更改/.test(await desk.said()));
    await ready(page);
    await page.click('#accounts li:has-text("某监票") button[data-account="reset"]');
    await page.waitForSelector('#ask[open]');
    expect(/当面交给他/.test(await page.innerText('#ask-consequence')), 'no consequence');
    await page.click('#ask-yes');
    await page.waitForSelector('#handover[open]');
    expect((await page.textContent('#handover-code')) !== code, 'the same code');
    await page.click('#handover-done');
    await watcher.page.waitForSelector('#login:visible', { timeout: 60000 });
    await shot(watcher.page, 'staff-14-ended');
    await ready(page);
    await page.click('#accounts li:has-text("某核验") button[data-account="close"]');
    await page.waitForSelector('#ask[open]');
    await page.click('#ask-yes');
    await until('closed', () => page.locator('#accounts button[data-account="reopen"]').count());
    await fits(page, 'staff-15-accounts');
  });
  await office.device.close();
  await watcher.device.close();
}
