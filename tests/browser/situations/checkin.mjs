// Check-in at the door, with two devices: by search, by a hand scanner, late, leaving early; and what the quorum lets the
// office do.

import { join } from 'node:path';

import { DESK, SHOTS, fits as fitsAt, shot } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { equal, expect, pause, situation, until } from '../parts/report.mjs';
import { decode } from '../parts/slips.mjs';

const SMALL = { width: 1280, height: 800 };
const SURNAMES = '张王李赵陈刘杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任单'.split('');
const base64 = text => Buffer.from(`\uFEFF${text}`).toString('base64');

/** Sixty people in three groups. */
const PEOPLE = SURNAMES.slice(0, 60).map((name, i) => [`${name}${i % 3 ? '示例' : '样'}${i % 2 ? '甲' : '乙'}`, i < 9 ? '县纪委常委' : i < 40 ? '县纪委委员' : '乡镇纪委书记', `第${(i % 12) + 1}监督检查室`, '主任']);

async function prepared(office) {
  const lines = rows => rows.map(row => row.join(',')).join('\r\n');
  const roster = lines([['姓名', '类别', '单位', '职务'], ...PEOPLE]);
  const officials = lines([['姓名', '单位', '职务', '报告方式'], ...PEOPLE.slice(0, 3).map(([name, , unit, post]) => [name, unit, post, '会议报告'])]);
  await office.act('import', { roster_csv_base64: base64(roster), officials_csv_base64: base64(officials), confirmed: true });
  await office.act('settings', { title: '报到示例会议', place: '示例会议室', drill: true, two_people: false, release: 'close', rounds: 1 });
}

export async function checkin({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  await prepared(office);
  const enter = async (name, size) => {
    const device = await browser.device(size);
    const page = await browser.page(device, name);
    const desk = new Desk(page, server);
    await desk.open();
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    return { device, page, desk };
  };
  const door = await enter('door', SMALL);
  const { page, desk } = door;
  const fits = name => fitsAt(page, name, [DESK, SMALL]);
  const big = () => page.innerText('#checkin-big');
  const totals = on => on.innerText('#checkin-totals');
  const rows = () => page.locator('#checkin-people tr').count();
  /** What this page has told the server of people who are here. */
  const signIns = () => browser.sent.filter(sent => sent.url === `${server.desk}/desk/checkin` && /"state":"here"/.test(sent.text)).length;
  /** As a scanner does it: wherever the page is, at once, with Enter behind it. */
  const scan = async text => { await page.keyboard.type(text, { delay: 0 }); await page.keyboard.press('Enter'); };
  /** @type {string[]} */
  let codes = [];

  await situation('quorum: chosen before freezing, two thirds unless something else is said, for a group beside it if wanted', async () => {
    await page.waitForSelector('#quorum-set');
    await until('two thirds', () => page.isChecked('#quorum-set input[value="two_thirds"]'));
    await page.check('#quorum-set input[value="other"]');
    await page.fill('#quorum-other input[name="quorum_num"]', '5');
    await page.fill('#quorum-other input[name="quorum_den"]', '4');
    await page.click('#settings button');
    await until('a refusal', async () => /定足数的比例不对/.test(await desk.said()));
    await ready(page);
    await page.click('#quorum-groups-more summary');
    await fits('checkin-01-policy');
    await page.check('#quorum-set input[value="two_thirds"]');
    await page.selectOption('#quorum-groups select[data-group="纪委常委"]', '1/2');
    await page.click('#settings button');
    await until('saved', async () => /设置已保存/.test(await desk.said()));
    await ready(page);
    equal((await desk.state()).settings.quorum, { groups: { 纪委常委: [1, 2] }, over: false, share: [2, 3] }, 'policy');
    await page.reload();
    await until('the form as it was kept', async () => (await page.inputValue('#quorum-groups select[data-group="纪委常委"]')) === '1/2');
    expect(!(await page.isVisible('#checkin-section')), 'check-in before freezing');
    await desk.act('freeze');
  });

  await situation('check-in: the sheet has a code in every row that a camera reads, by group, on A4', async () => {
    await page.waitForSelector('#checkin-section:visible');
    const sheet = await browser.page(door.device, 'sheet');
    await sheet.goto(`${server.desk}/desk/checkin/sheet`);
    await shot(sheet, 'checkin-02-sheet-screen');
    await sheet.emulateMedia({ media: 'print' });
    codes = await sheet.locator('td.code span').allInnerTexts();
    equal(codes.length, 60, 'codes');
    for (const n of [0, 33, 59]) equal(decode(await sheet.locator('td.code .qr').nth(n).screenshot()), codes[n].replace(' ', ''), `code ${n}`);
    equal(await sheet.locator('th.group').allInnerTexts(), ['纪委常委（9 人）', '纪委委员（31 人）', '乡镇纪委书记（20 人）'], 'groups');
    await sheet.pdf({ path: join(SHOTS, 'checkin-sheet.pdf'), preferCSSPageSize: true, printBackground: true });
    await sheet.close();
  });

  await situation('check-in: search by name, unit, number and initials; Enter signs in the one who is left, and says so large', async () => {
    await until('everybody', async () => (await rows()) === 60);
    equal(await totals(page), '应到 60 人 · 实到 0 人 · 在场 0 人', 'totals');
    await page.fill('#checkin-search', '第3监督检查室');
    equal(await rows(), 5, 'by unit');
    await page.fill('#checkin-search', '60');
    equal(await rows(), 1, 'by number');
    for (const initials of ['ssl', 'dsl']) {
      await page.fill('#checkin-search', initials);
      expect((await page.innerText('#checkin-people')).includes('单示例甲'), `单 by ${initials}`);
    }
    await page.fill('#checkin-search', '示例');
    await page.keyboard.press('Enter');
    await until('many', async () => /有 \d+ 人符合“示例”，没有报到/.test(await big()));
    equal(signIns(), 0, 'told to the server');
    equal(await totals(page), '应到 60 人 · 实到 0 人 · 在场 0 人', 'nobody was signed in');
    await page.fill('#checkin-search', PEOPLE[40][0]);
    await page.keyboard.press('Enter');
    await until('the name', async () => (await big()) === `${PEOPLE[40][0]} 已报到`);
    equal(await page.innerText('#checkin-small'), '第 1 人 / 应到 60', 'count');
    equal(await page.inputValue('#checkin-search'), '', 'the field is free again');
    expect(await page.locator('#checkin-big').evaluate(e => parseFloat(getComputedStyle(e).fontSize)) >= 30, 'small confirmation');
    expect(await page.evaluate(() => document.activeElement && document.activeElement.id === 'checkin-search'), 'the focus is elsewhere');
    await fits('checkin-03-signed-in');
    await page.fill('#checkin-search', '查无此人');
    await page.keyboard.press('Enter');
    await until('nobody', async () => /没有找到“查无此人”/.test(await big()));
    await shot(page, 'checkin-04-nobody');
    await page.fill('#checkin-search', '');
  });

  await situation('check-in: a list that was asked for before a sign-in was answered does not undo it on the screen; what others did is there at once', async () => {
    const row = n => page.locator(`#checkin-people tr[data-key="${n}"]`).getAttribute('data-state');
    // What the row showed, and when the page asked for the list and had it, by the page's own clock.
    await page.evaluate(person => {
      const seen = /** @type {any} */ (window);
      [seen.shown, seen.lists] = [[], []];
      const own = document.querySelector(`#checkin-people tr[data-key="${person}"]`);
      new MutationObserver(() => seen.shown.push(own.dataset.state)).observe(own, { attributes: true, attributeFilter: ['data-state'] });
      const real = window.fetch;
      window.fetch = async (...given) => {
        const list = { asked: performance.now(), had: 0 };
        if (String(given[0]) === '/desk/checkin' && !given[1]?.method) seen.lists.push(list);
        const response = await real(...given);
        list.had = performance.now();
        return response;
      };
    }, 55);
    /** @type {() => void} */ let let_go = () => {};
    const held = new Promise(done => { let_go = () => done(undefined); });
    let early = 0;
    await page.route('**/desk/checkin', async route => {
      if (route.request().method() === 'GET') {
        // Read by the server before the sign-in reaches it, and told to the page after.
        const response = await route.fetch();
        early += 1;
        await held;
        await until('the sign-in is shown', async () => (await row(55)) === 'here');
        return route.fulfill({ response });
      }
      const response = await route.fetch();
      await office.act('checkin', { numbers: [50], state: 'here' });
      await route.fulfill({ response });
      return let_go();
    });
    await until('the list is asked for', () => early > 0);
    await page.fill('#checkin-search', PEOPLE[54][0]);
    await page.keyboard.press('Enter');
    await until('signed in', async () => (await big()) === `${PEOPLE[54][0]} 已报到`);
    await page.unrouteAll({ behavior: 'wait' });
    await until('whom another station signed in', async () => (await row(50)) === 'here');
    const { shown, lists } = await page.evaluate(() => /** @type {any} */ ({ shown: window.shown, lists: window.lists }));
    const since = shown.slice(shown.indexOf('here'));
    expect(shown.includes('here') && since.every(state => state === 'here'), `who has just been signed in: ${shown}`);
    // The page waits three seconds from one look to the next, unless it knows that there is something to see.
    const gaps = lists.slice(1).map((list, i) => Math.round(list.asked - lists[i].had));
    expect(gaps.some(gap => gap < 500), `asked again after ${gaps} ms`);
    await office.act('checkin', { numbers: [50, 55], state: 'absent' });
    await until('as before', async () => /实到 1 人/.test(await totals(page))).catch(async error => { throw new Error(`${error.message}: ${await totals(page)}; ${await page.locator('#checkin-people tr[data-state="here"]').allInnerTexts()}`); });
  });

  await situation('check-in: a hand scanner signs in one after the other without waiting; a wrong code and a slip are refused loudly', async () => {
    await page.click('#checkin-section h2');
    const before = signIns();
    for (const code of codes.slice(0, 12)) await scan(code.replace(' ', ''));
    await until('twelve more', async () => /实到 13 人/.test(await totals(page))).catch(async error => { throw new Error(`${error.message}: ${await totals(page)}; ${await big()}; ${await page.inputValue('#checkin-search')}`); });
    await until('the last', async () => (await big()) === `${PEOPLE[11][0]} 已报到`);
    equal(signIns() - before, 12, 'requests');
    await scan(codes[3].replace(' ', ''));
    await until('once more', async () => /早已报到/.test(await big()));
    await shot(page, 'checkin-05-again');
    const wrong = `${codes[20].slice(0, 8)}${(Number(codes[20][8]) + 1) % 10}`.replace(' ', '');
    await scan(wrong);
    await until('a refusal', async () => (await big()) === '这不是本次签到表上的码。');
    equal(await page.getAttribute('#checkin-news', 'data-kind'), 'wrong', 'kind');
    await shot(page, 'checkin-06-wrong-code');
    await scan('http://douxuan.test:8460/#AbCdEfGh0123456789');
    await until('a slip', async () => /这是票纸/.test(await big()));
    expect(!browser.sent.some(sent => sent.text.includes('AbCdEfGh0123456789') || sent.url.includes('AbCdEfGh0123456789')), 'a slip was sent');
    equal(await page.inputValue('#checkin-search'), '', 'the slip is still in the field');
    await shot(page, 'checkin-07-slip');
    // A scan that was cut to its first half is a number on the list, with no digit that would tell a wrong one.
    for (const cut of [codes[21].slice(0, 4), codes[21].replace(' ', '').slice(0, 7), '22']) {
      await scan(cut);
      await until(`a part: ${cut}`, async () => (await big()) === `“${cut}”不是完整的码，没有报到`);
      equal(await page.getAttribute('#checkin-news', 'data-kind'), 'wrong', 'kind');
      await page.fill('#checkin-search', '');
    }
    await shot(page, 'checkin-07b-part');
    // A scanner that sends no Enter.
    await scan(codes[21].replace(' ', '') + codes[22].replace(' ', ''));
    await until('two codes', async () => (await big()) === '不止一个码，谁都没有报到');
    expect(!/票纸/.test(await page.innerText('#checkin-news')), 'two codes are called a slip');
    await shot(page, 'checkin-07c-joined');
    // Found by his number, he is signed in by his row.
    await page.fill('#checkin-search', '22');
    equal(await rows(), 1, 'by number');
    await page.fill('#checkin-search', '');
    // Who was signed in already and the wrong code were told to the server, and nothing else.
    equal(signIns() - before, 14, 'requests');
    expect(/实到 13 人/.test(await totals(page)), `somebody was signed in: ${await totals(page)}`);
    expect(!/已报到/.test(await big()), 'says that somebody was');
  });

  await situation('check-in: undone where it was wrong; a second device sees it, and neither loses the other\'s', async () => {
    await scan(codes[20].replace(' ', ''));
    await until('signed in', async () => /实到 14 人/.test(await totals(page)));
    await page.click('#checkin-undo');
    await until('undone', async () => /报到已撤销/.test(await big()));
    expect(/实到 13 人/.test(await totals(page)), 'still counted');
    const other = await enter('second door', SMALL);
    await other.page.waitForSelector('#checkin-section:visible');
    await until('the same totals', async () => /实到 13 人/.test(await totals(other.page)));
    const theirs = (async () => { for (const [name] of PEOPLE.slice(41, 46)) { await other.page.fill('#checkin-search', name); await other.page.keyboard.press('Enter'); await pause(20); } })();
    for (const code of codes.slice(12, 20)) await scan(code.replace(' ', ''));
    await theirs;
    for (const on of [page, other.page]) await until('both', async () => /实到 26 人/.test(await totals(on)));
    await other.device.close();
  });

  await situation('check-in: with everything typed in, the heads at the window are those signed in, and no other number is taken', async () => {
    await desk.act('window/open');
    for (const code of codes.slice(20, 38)) await scan(code.replace(' ', ''));
    await until('forty-four', async () => /实到 44 人/.test(await totals(page)));
    await ready(page);
    await page.click('#acts button[data-act="window/close"]');
    await page.waitForSelector('#ask[open]');
    equal(await page.inputValue('#ask input[name="present"]'), '44', 'filled in');
    await shot(page, 'checkin-08-heads');
    await page.click('#ask-no');
    let refused = '';
    await desk.act('window/close', { present: 45 }).catch(error => { refused = error.message; });
    expect(/报到的有 44 人，填写的实到是 45 人/.test(refused), `refusal: ${refused}`);
    await desk.act('window/close', { present: 44 });
  });

  await situation('check-in: late after the window; leaving early lowers who is here, and below the quorum nothing opens, with the arithmetic', async () => {
    await scan(codes[50].replace(' ', ''));
    await until('late', async () => (await page.getAttribute('#checkin-news', 'data-kind')) === 'late');
    expect(/下一次登记/.test(await page.innerText('#checkin-small')), `late: ${await page.innerText('#checkin-small')}`);
    await until('one waits', async () => /迟到待补 1 人/.test(await page.innerText('#checkin-waits')));
    await page.selectOption('#checkin-filter', 'late');
    equal(await rows(), 1, 'late ones');
    await fits('checkin-09-late');
    await page.selectOption('#checkin-filter', 'here');
    for (let n = 0; n < 6; n += 1) {
      await page.click('#checkin-people tr[data-state="here"] button:has-text("早退")');
      await until('gone', async () => new RegExp(`在场 ${44 - n} 人`).test(await totals(page)));
    }
    equal(await totals(page), '应到 60 人 · 实到 45 人 · 在场 39 人', 'totals');
    await page.selectOption('#checkin-filter', 'all');
    expect(!/撤销/.test(await page.innerText('#checkin-people tr[data-key="1"]')), 'an undo of what was counted');
    await until('the quorum beside the items', async () => /定足数没有达到.*在场 39 \/ 60，至少 40/.test(await page.innerText('#quorum')));
    await fits('checkin-10-quorum');
    await ready(page);
    await page.click('#contests tr[data-key="1/1"] button[data-act="contest/open"]');
    await page.waitForSelector('#ask[open]');
    await page.click('#ask-yes');
    await until('a refusal', async () => /在场 39 人，应到 60 人，至少要 40 人（不少于 2\/3）。/.test(await desk.said()));
    expect(/还差 1 人/.test(await desk.said()), `what to do: ${await desk.said()}`);
    await ready(page);
    await shot(page, 'checkin-11-refused');
    expect(!(await server.live()).contests.some(c => c.state === 'open'), 'it opened');
  });

  await situation('check-in: with one who comes back the quorum of the whole is there, the group\'s still is not; with that too it opens', async () => {
    await page.fill('#checkin-search', PEOPLE[0][0]);
    await page.click('#checkin-people tr[data-key="1"] button:has-text("回到会场")');
    await until('back', async () => /回到会场/.test(await big()));
    await page.fill('#checkin-search', '');
    await until('the group is missing', async () => /纪委常委 4 \/ 9，至少 5/.test(await page.innerText('#quorum')) && (await page.getAttribute('#quorum', 'data-holds')) === 'false');
    await page.click('#checkin-people tr[data-key="2"] button:has-text("回到会场")');
    await until('the quorum', async () => (await page.getAttribute('#quorum', 'data-holds')) === 'true');
    await shot(page, 'checkin-12-holds');
    await ready(page);
    await page.click('#contests tr[data-key="1/1"] button[data-act="contest/open"]');
    await page.waitForSelector('#ask[open]');
    await page.click('#ask-yes');
    await until('open', async () => (await server.live()).contests.some(c => c.state === 'open'));
  });

  await door.device.close();
}
