// Papers, counted by two tellers at devices of their own; and the sheet that the desk looks at when something went
// wrong.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DESK, HALL, LAPTOP, SHOTS, fits as fitsAt, overflows, shot } from '../parts/browser.mjs';
import { Desk, ready, silence } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const PHRASE = '雨后山路上的三只蓝伞';
const ROW = '#contests tr[data-key="1/1"]';
const SECOND = '#contests tr[data-key="2/1"]';

export async function paper({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  /** An account, and its person's way in. */
  const make = async (name, signIn, role) => (await office.act('staff/accounts/new', { name, sign_in: signIn, role })).code;
  const watcher = Object.assign(new Office(), { server, head: { ...office.head, cookie: '' } });
  const together = async (act, body) => {
    const { request } = await office.act(act, body);
    return watcher.act('staff/requests/confirm', { id: request.id });
  };
  const teller = async (name, signIn) => {
    const device = await browser.device(LAPTOP);
    const page = await browser.page(device, `paper-${signIn}`);
    const desk = new Desk(page, server);
    const code = await make(name, signIn, 'teller');
    await desk.open();
    await page.waitForSelector('#login:visible');
    await page.click('#login-other');
    await page.fill('#login-sign-in', signIn);
    await page.fill('#login-code', code);
    for (const field of ['#login-phrase', '#login-phrase-2']) await page.fill(field, PHRASE);
    await page.click('#login-do');
    await page.waitForSelector('#desk:visible');
    await ready(page);
    return { device, page, desk };
  };
  const open = async (page, row) => {
    await ready(page);
    await page.click(`${row} button[data-act="contest/paper"]`);
    await page.waitForSelector('#ask[open]');
  };
  /** Fills the form in: given out, the pile, the options, invalid. */
  const fill = async (page, issued, collected, votes = [], invalid = 0) => {
    await page.fill('#ask input[name="issued"]', String(issued));
    await page.fill('#ask input[name="collected"]', String(collected));
    for (const [i, n] of votes.entries()) await page.fill(`#ask input[name="votes-${i}"]`, String(n));
    if (votes.length) await page.fill('#ask input[name="invalid"]', String(invalid));
  };
  const yes = async ({ page, desk }, words) => {
    await silence(page);
    await page.click('#ask-yes');
    await until(`words ${words}`, async () => words.test(await desk.said()));
    await ready(page);
    await page.waitForSelector('#ask', { state: 'hidden' });
  };
  const line = (page, row) => page.innerText(`${row} .state small`);
  const fits = (page, name, fullPage = true) => fitsAt(page, name, [DESK, LAPTOP], fullPage);

  await office.act('sample');
  await office.act('settings', { two_people: true, drill: true });
  const entered = await watcher.post('staff/code', { sign_in: '监票', code: await make('某监票', '监票', 'scrutineer'), phrase: PHRASE });
  watcher.head.cookie = (entered.headers.get('set-cookie') || '').split(';')[0];
  await office.act('freeze');
  const slips = (await (await fetch(`${server.desk}/desk/slips.json`, { headers: office.head })).json()).slips;
  const one = await teller('某计票', '计票');
  const other = await teller('另一位', '计票二');

  await situation('paper: the desk\'s sheet says what is lost, what is not and what to do, and what holds now', async () => {
    const { page } = one;
    expect(!(await page.isVisible('#help')), 'it is open by itself');
    await page.click('#help-open');
    equal(await page.getAttribute('#help-open', 'aria-expanded'), 'true', 'expanded');
    equal(await page.locator('#help-list details').count(), 10, 'accidents');
    for (const each of await page.locator('#help-list details').all()) equal([await each.locator('b').allTextContents(), await each.locator('li').count() > 1], [['丢了什么', '没丢什么'], true], 'parts of an answer');
    await page.click('#help-before summary');
    expect(/还没有开放登记，票纸作废不了/.test(await page.innerText('#help-before .now')), 'nothing about now');
    await together('window/open', {});
    await until('what holds now', async () => /登记正开放着.*还有 \d+ 张/.test(await page.innerText('#help-before .now')), 40000);
    await page.click('#help-after summary');
    expect(/凭据只在那部手机/.test(await page.innerText('#help-after')) && /现在：没有项目在收票/.test(await page.innerText('#help-after .now')), 'after enrolling');
    await page.click('#help-taken summary');
    await fits(page, 'paper-1-help');
  });

  await situation('paper: the desk\'s sheet prints on one page of A4, in both languages, without what holds only now', async () => {
    const { page } = one;
    await page.evaluate(() => {
      window.print = () => { /** @type {any} */ (window).printed = [document.body.dataset.print, document.querySelectorAll('#help-list details[open]').length]; };
    });
    for (const language of ['zh', 'en']) {
      await page.click('#help-print');
      equal(await page.evaluate(() => /** @type {any} */ (window).printed), ['help', 10], 'what is printed');
      equal(await page.evaluate(() => [document.body.dataset.print, document.querySelectorAll('#help-list details[open]').length]), [undefined, 3], 'as it was before');
      await page.evaluate(() => {
        document.body.dataset.print = 'help';
        for (const each of document.querySelectorAll('#help-list details:not([open])')) { /** @type {any} */ (each).open = true; /** @type {any} */ (each).dataset.shut = 'yes'; }
      });
      await page.emulateMedia({ media: 'print' });
      equal(await page.locator('#work:visible, #help .now:visible, #help button:visible, header:visible, aside:visible').count(), 0, 'what is not for paper');
      const pdf = await page.pdf({ preferCSSPageSize: true });
      writeFileSync(join(SHOTS, `paper-2-help-${language}.pdf`), pdf);
      equal((pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g) || []).length, 1, `pages in ${language}`);
      await page.emulateMedia({ media: 'screen' });
      await page.evaluate(() => {
        delete document.body.dataset.print;
        for (const each of document.querySelectorAll('#help-list details[data-shut]')) /** @type {any} */ (each).open = false;
      });
      await page.click('#language');
    }
    await page.click('#help-close');
    expect(!(await page.isVisible('#help')), 'it stays open');
  });

  await situation('paper: a slip that cannot be voided is refused when it is typed, and asks nobody to confirm', async () => {
    const { page, desk } = one;
    await until('the act', () => page.locator('#acts button[data-act="slip/void"]').count(), 40000);
    await ready(page);
    await page.click('#acts button[data-act="slip/void"]');
    await page.fill('#ask input[name="text"]', '0000-0000-0000-0000');
    await silence(page);
    await page.click('#ask-yes');
    await until('a refusal', async () => /不属于本场会议/.test(await desk.said()));
    await ready(page);
    equal((await desk.read('staff/requests')).pending, [], 'requests');
    for (const slip of slips.slice(0, 6)) await together('slip/void', { text: slip.text, reason: 'paper' });
    await office.act('window/close', { present: 90 });
    await office.contests('open', ['1/1', '2/1']);
    await together('contest/close', { contests: [[1, 1], [2, 1]] });
    await until('the row', async () => /纸票还没有录入（6 人改用纸票）/.test(await line(page, ROW)), 40000);
  });

  await situation('paper: the first count is entered only if it adds up, and then sealed', async () => {
    const { page } = one;
    await open(page, ROW);
    expect(/您是第一位/.test(await page.innerText('#ask-consequence')), await page.innerText('#ask-consequence'));
    expect(!(await page.isVisible('#paper-grades')), 'grades are asked for before there is a pile');
    await fill(page, 7, 6, [2, 1, 0, 2, 0], 1);
    expect(/发出 7 张，改用纸票的只有 6 人/.test(await page.innerText('#ask-sum')) && (await page.isDisabled('#ask-yes')), await page.innerText('#ask-sum'));
    await fill(page, 6, 6, [2, 1, 0, 1, 0], 1);
    expect(/2|5/.test(await page.innerText('#ask-sum')) && /少 1 张/.test(await page.innerText('#ask-sum')) && (await page.isDisabled('#ask-yes')), await page.innerText('#ask-sum'));
    await fits(page, 'paper-3-wrong', false);
    await fill(page, 6, 6, [2, 1, 0, 2, 0], 1);
    expect(!(await page.isDisabled('#ask-yes')), 'what is right cannot be sent');
    await shot(page, 'paper-4-first');
    await yes(one, /已录入并封存，还没有计入/);
    await until('the row', async () => /您录入|您已录入/.test(await line(page, ROW)));
    await fits(page, 'paper-5-sealed');
  });

  await situation('paper: the second sees who has entered and no figure; a different count drops both, and the first is told', async () => {
    const { page, desk } = other;
    await until('the row', async () => /第一位计票人已录入（某计票），请独立清点后录入/.test(await line(page, ROW)), 40000);
    await open(page, ROW);
    expect(/第一位计票人已录入（某计票），请独立清点后录入/.test(await page.innerText('#ask-consequence')), 'consequence');
    equal(await page.locator('#ask input').evaluateAll(all => all.map(input => /** @type {HTMLInputElement} */ (input).value)), ['', '', '0', '0', '0', '0', '0', '0'], 'fields');
    await shot(page, 'paper-6-second');
    await fill(page, 6, 6, [1, 2, 0, 2, 0], 1);
    await yes(other, /不一致，两份都已作废，哪里不同不显示/);
    await until('the row', async () => /某计票、另一位录入的不一致/.test(await line(page, ROW)));
    expect(!/\d/.test(await desk.said()), 'a figure is told');
    await until('the first is told', async () => /两位录入的不一致，两份都已作废/.test(await one.desk.said()), 40000);
    await fits(one.page, 'paper-7-differ');
  });

  await situation('paper: two equal counts are taken, the record tells nothing of them yet, and papers stand apart in the sums', async () => {
    for (const [who, words] of [[other, /封存/], [one, /已完成/]]) {
      await until('the button', () => who.page.locator(`${ROW} button[data-act="contest/paper"]`).count());
      await open(who.page, ROW);
      await fill(who.page, 6, 6, [2, 1, 0, 2, 0], 1);
      await yes(who, words);
    }
    await until('the other is told', async () => /两份一致，已计入/.test(await other.desk.said()), 40000);
    equal(await one.page.locator(`${ROW} button[data-act="contest/paper"]`).count(), 0, 'buttons for what is entered');
    const { entries } = await (await fetch(`${server.desk}/ceremony.json`)).json();
    equal(entries.at(-1).act, 'contest_closed', 'the record tells nothing before publication');
    await until('the sums', async () => /发出 6 = 电子 0 \+ 纸票 6/.test(await one.page.textContent('#counts-contests') || ''));
  });

  await situation('paper: in the hall the papers stand apart in the count block, their grades in the sums only', async () => {
    await together('contest/publish', { contests: [[1, 1]] });
    const { entries } = await (await fetch(`${server.desk}/ceremony.json`)).json();
    equal(entries.slice(-2).map(({ act, by }) => [act, by.length]), [['paper_counted', 2], ['contest_published', 2]], 'the record');
    expect(entries.at(-2).by.every(({ role }) => role === 'teller'), 'by those who counted');
    const device = await browser.device(HALL);
    const page = await browser.page(device, 'paper-hall');
    await page.goto(`${server.origin}/hall`);
    await until('the result', async () => /其中纸票：发出 6，收回 6，废票 1/.test(await page.innerText('article')));
    expect(/发出 6　收回 6　有效 5　弃权 0/.test(await page.innerText('article')), await page.innerText('article'));
    equal(await overflows(page, { fixed: true }), [], 'hall');
    await shot(page, 'paper-9-hall');
    await device.close();
  });

  await situation('paper: fewer than five are counted, and their grades never leave the page', async () => {
    const { page } = one;
    await open(page, SECOND);
    await fill(page, 6, 6, [3, 0, 0, 1, 2], 0);
    await page.fill('#ask input[name="collected"]', '4');
    expect(/只有 4 张，不足 5 张：只记张数/.test(await page.innerText('#ask-sum')) && !(await page.isVisible('#paper-grades')), await page.innerText('#ask-sum'));
    await shot(page, 'paper-8-few');
    const [sent] = await Promise.all([page.waitForRequest('**/desk/contest/paper'), yes(one, /封存/)]);
    equal(JSON.parse(sent.postData() || '{}'), { contest: [2, 1], issued: 6, collected: 4, invalid: 0, ungraded: 4, votes: [0, 0, 0, 0, 0] }, 'sent');
  });

  await situation('paper: a restart forgets the first count, and the page says that it is to be entered', async () => {
    await server.kill();
    await server.begin();
    const { page } = other;
    await page.waitForSelector('#login:visible', { timeout: 40000 });
    await page.fill('#login-sign-in', '计票二');
    await page.fill('#login-phrase', PHRASE);
    await page.click('#login-do');
    await page.waitForSelector('#desk:visible');
    await ready(page);
    await until('the row', async () => /纸票还没有录入（6 人改用纸票），要由两位各自录入/.test(await line(page, SECOND)));
    await open(page, SECOND);
    expect(/您是第一位/.test(await page.innerText('#ask-consequence')), 'not the first');
    await page.click('#ask-no');
  });
  await one.device.close();
  await other.device.close();
}
