// The console as the office meets it, act by act: what it offers, what it says before anything is done, what a second
// press, a closed tab, a wrong sum or a server that is gone do to it.

import { DESK, LAPTOP, fits as fitsAt, shot } from '../parts/browser.mjs';
import { Desk, ready, silence } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const cell = text => `"${text}"`;
const csv = rows => Buffer.from(`\uFEFF${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`);

/** A small meeting: 7 people, 3 of them reported on. */
async function bringIn(page, desk) {
  const officials = [['某甲', '一室', '主任', '会议报告'], ['某乙', '二室', '主任', '书面报告'], ['某丙', '三室', '主任', '会议报告']];
  const people = [...officials.map(([name, unit, post]) => [name, '县纪委常委', unit, post]), ...['丁', '戊', '己', '庚'].map(n => [`某${n}`, '特邀监察员', '四室', '科员'])];
  const file = (name, buffer) => ({ name, mimeType: 'text/csv', buffer });
  const send = async confirm => {
    if (!confirm) await page.setInputFiles('#roster', file('roster.csv', csv([['姓名', '类别', '单位', '职务'], ...people])));
    if (!confirm) await page.setInputFiles('#officials', file('officials.csv', csv([['姓名', '单位', '职务', '报告方式'], ...officials])));
    if (confirm) await page.check('#confirmed');
    await ready(page);
    await silence(page);
    await page.click('#import button');
    await until('an answer', () => desk.said());
    await ready(page);
    return desk.said();
  };
  if (!/已导入/.test(await send(false))) expect(/已导入/.test(await send(true)), `import: ${await desk.said()}`);
}

export async function consoleStates({ browser }) {
  const server = await Server.start();
  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'console');
  const desk = new Desk(page, server);
  const offered = async () => (await page.locator('#acts button[data-act]').evaluateAll(all => all.map(b => b.dataset.act))).sort();
  const posts = path => browser.sent.filter(sent => sent.url === `${server.desk}/desk/${path}`).length;
  const fits = (/** @type {string} */ name) => fitsAt(page, name, [DESK, LAPTOP]);
  const polls = () => posts('staff/requests');

  await situation('console: the link of the starting window fills in the code of the first account, and is gone from the address', async () => {
    const other = await browser.device(LAPTOP);
    const stranger = await browser.page(other, 'stranger');
    await stranger.goto(`${server.desk}/#code=0000-0000-0000-0000`);
    await new Desk(stranger, server).signIn('0000-0000-0000-0000');
    await until('a refusal', async () => /登录码不对/.test((await stranger.textContent('#message')) || ''));
    expect(await stranger.isVisible('#login'), 'a wrong code shows no form');
    await page.goto(`${server.desk}/#code=${server.code}`);
    await until('the code', async () => (await page.inputValue('#login-code')) === server.code);
    equal(await page.evaluate(() => location.href), `${server.desk}/`, 'address');
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    equal(browser.sent.filter(sent => sent.url.split('#')[0].includes(server.code)).length, 0, 'requests with the code in their address');
    await stranger.goto(`${server.desk}/#code=${server.code}`);
    await until('words', async () => /登录码不再有效/.test((await stranger.textContent('#message')) || ''));
    expect(await stranger.isVisible('#login-phrase') && !(await stranger.isVisible('#login-code')), 'the spent code is asked for');
    await other.close();
  });

  await situation('console: before anything is there it says what comes first and offers nothing else', async () => {
    equal(await offered(), [], 'acts');
    expect(/导入参会名单/.test(await page.innerText('#guide')), 'no guide');
    equal(await page.getAttribute('#phases li[aria-current]', 'data-phase'), 'preparing', 'stage');
    await fits('console-20-empty');
  });

  await situation('console: 分批实时 and 截止后公布 say what each gives away, and live is closed to a small meeting with the reason', async () => {
    const words = await page.innerText('#release');
    for (const part of [/分批实时/, /会透露：投票还在进行/, /截止后公布/, /会透露：只有收回的张数/, /不足 40 张/]) expect(part.test(words), `no ${part} in: ${words}`);
    await bringIn(page, desk);
    await until('the small meeting', async () => /本次名单 7 人，不足 40 人/.test(await page.innerText('#live-why')));
    expect(await page.isDisabled('#release input[value="live"]') && await page.isChecked('#release input[value="close"]'), 'live can be chosen');
    await page.fill('#settings input[name="title"]', '小会');
    await page.fill('#settings input[name="place"]', '小会议室');
    await page.check('#settings input[name="drill"]');
    await page.uncheck('#settings input[name="two_people"]');
    await page.click('#settings button');
    await until('settings', async () => /已保存/.test(await desk.said()));
    await ready(page);
    equal((await desk.state()).settings.release, 'close', 'release');
    await fits('console-21-small');
  });

  await situation('console: freezing asks which address the slips carry', async () => {
    await until('the act', async () => (await offered()).join() === 'freeze');
    await page.click('button[data-act="freeze"]');
    await page.waitForSelector('#ask[open]');
    const { addresses } = await desk.state();
    equal(await page.locator('#ask input[name="host"]').count(), addresses.length, 'addresses to choose from');
    expect((await page.innerText('#ask-fields')).includes(`http://${addresses[0].host}:${addresses[0].port}/`), 'no address in words');
    await shot(page, 'console-22-freeze');
    await page.click('#ask-no');
    equal([posts('freeze'), (await desk.state()).frozen], [0, null], 'cancelled and yet frozen');
    await desk.act('freeze');
    equal((await desk.state()).address.origin, `http://${addresses[0].host}:${addresses[0].port}`, 'address');
  });

  await situation('console: print again makes a new code in one act; the slips before are dead', async () => {
    const before = await page.textContent('#facts .code');
    const slip = (await desk.read('slips.json')).slips[0];
    expect(/以前印的票纸全部失效/.test(await page.innerText('#acts div[data-key="slips/again"]')), 'no consequence beside the button');
    await fits('console-23-printing');
    await desk.act('slips/again');
    await until('another code', async () => (await page.textContent('#facts .code')) !== before);
    expect(!(await desk.read('slips.json')).slips.some(s => s.fragment === slip.fragment), 'the slips are the same');
    equal((await desk.state()).live.screen_code, await page.textContent('#facts .code'), 'screen code');
  });

  await situation('console: the hall opens in a window of its own, with words for it', async () => {
    const link = page.locator('#hall-link');
    equal([await link.getAttribute('target'), /noopener/.test((await link.getAttribute('rel')) || '')], ['_blank', true], 'link');
    expect(/F11/.test(await page.innerText('#hall-section')) && /投影/.test(await page.innerText('#hall-section')), 'no words');
    await page.evaluate(() => { window.open = (...given) => { /** @type {any} */ (window).opened = given; return null; }; });
    await link.click();
    const [url, target, features] = await page.evaluate(() => /** @type {any} */ (window).opened);
    expect(url.endsWith('/hall') && target === '_blank' && /popup/.test(features) && /noopener/.test(features), `${url} ${target} ${features}`);
    expect(page.url().startsWith(server.desk), 'the console turned into the hall');
  });

  await situation('console: Wi-Fi and countdown reach the hall, say what they are, and can be taken back', async () => {
    await ready(page);
    await page.click('#wifi-form summary');
    await page.fill('#wifi input[name="ssid"]', 'huichang');
    await page.fill('#wifi input[name="passphrase"]', 'geheim123');
    await page.click('#wifi button');
    await until('the Wi-Fi', async () => ((await server.live()).wifi || {}).ssid === 'huichang');
    expect(!JSON.stringify(await server.live()).includes('geheim123'), 'the passphrase is in the public state');
    await until('the passphrase is gone from the form', async () => (await page.inputValue('#wifi input[name="passphrase"]')) === '');
    await ready(page);
    await page.fill('#countdown input', '3');
    await page.click('#countdown button:not([type])');
    await until('the countdown', async () => ((await server.live()).countdown || {}).left > 100);
    await until('what is left', async () => /还剩 [23]:\d\d/.test(await page.innerText('#countdown-left')));
    expect(/什么也不会自动发生/.test(await page.innerText('#countdown')), 'no words');
    await fits('console-24-wifi');
    await ready(page);
    await page.click('#countdown-clear');
    await until('no countdown', async () => (await server.live()).countdown === null);
    await ready(page);
    await page.click('#wifi-now button');
    await until('no Wi-Fi', async () => (await server.live()).wifi === null);
  });

  await situation('console: pressed twice, done once', async () => {
    await ready(page);
    await page.click('#acts button[data-act="window/open"]');
    await page.waitForSelector('#ask[open]');
    await page.evaluate(() => {
      const yes = /** @type {HTMLButtonElement} */ (document.getElementById('ask-yes'));
      for (let n = 0; n < 5; n += 1) yes.click();
    });
    await until('the window', async () => (await server.live()).window.open);
    await ready(page);
    equal(posts('window/open'), 1, 'requests');
    expect(/完成/.test(await desk.said()), `said: ${await desk.said()}`);
  });

  await situation('console: heads present against enrolments, summed while they are typed; a wrong sum is refused', async () => {
    await page.click('#acts button[data-act="window/close"]');
    await page.fill('#ask input[name="present"]', '9');
    await until('the sum', async () => /不符：实到比应到多 2 人/.test(await page.innerText('#ask-sum')));
    await shot(page, 'console-25-heads');
    await page.fill('#ask input[name="present"]', '6');
    await until('the sum', async () => /✓ 登记 0 ≤ 实到 6 ≤ 应到 7 相符/.test(await page.innerText('#ask-sum')));
    await page.click('#ask-no');
    let refused = '';
    await desk.act('window/close', { present: 9 }).catch(error => { refused = error.message; });
    expect(/实到人数多于应到人数/.test(refused), `refusal: ${refused}`);
    await desk.act('window/close', { present: 6 });
    equal(await page.locator('#windows tbody td').allInnerTexts(), ['第 1 次', '6', '0', '6'], 'heads at the window');
  });

  await situation('console: alone in a drill nobody else is waited for, and who acted stands in the log', async () => {
    await until('the table', () => page.locator('#contests tr[data-key="1/1"] button').count());
    await page.click('#contests tr[data-key="1/1"] button[data-act="contest/open"]');
    await page.waitForSelector('#ask[open]');
    expect(!(await page.isVisible('#ask-two')), 'a second person is spoken of');
    await shot(page, 'console-26-alone');
    await page.click('#ask-yes');
    await until('opened', async () => (await server.live()).contests.some(c => c.state === 'open'));
    await ready(page);
    const { entries } = await (await fetch(`${server.desk}/ceremony.json`)).json();
    equal(entries[entries.length - 1].by.map(({ role }) => role), ['office'], 'who acted');
  });

  await situation('console: the states of the items stand in a row, and only what is possible is offered', async () => {
    const states = await page.locator('#contest-states li').allInnerTexts();
    equal(states, ['未开 2', '开放 1', '截止 0', '复核 0', '公布 0', '作废 0'], 'states');
    const acts = contest => page.locator(`#contests tr[data-key="${contest}"] button`).evaluateAll(all => all.map(b => /** @type {HTMLElement} */ (b).dataset.act));
    equal(await acts('1/1'), ['contest/close'], 'acts of an open item');
    equal(await acts('2/1'), ['contest/open'], 'acts of another');
    expect(!(await offered()).includes('window/open'), 'a window may open while an item is open');
    const all = (await desk.state()).contests.flatMap(c => c.acts.map(a => a.act)).length;
    equal(await page.locator('#contests button').count(), all, 'buttons beside what the server allows');
  });

  await situation('console: a closed tab and a second one change nothing', async () => {
    const second = await browser.page(device, 'second console');
    await second.goto(`${server.desk}/`);
    await until('the same state', async () => (await second.locator('#contests tr').count()) === (await page.locator('#contests tr').count()));
    const before = JSON.stringify((await desk.state()).contests);
    await second.click('#contests tr[data-key="1/1"] button[data-act="contest/close"]');
    await second.waitForSelector('#ask[open]');
    await second.close();
    // Two looks of the page that is left come after whatever a closed tab could have sent.
    const seen = polls();
    await until('two more looks', () => polls() >= seen + 2);
    equal(posts('contest/close'), 0, 'requests');
    equal(JSON.stringify((await desk.state()).contests), before, 'state after a tab was closed over a question');
    expect(/不影响会议/.test(await page.innerText('aside')), 'no words');
  });

  await situation('console: an act that another tab has done is not done again; the open question says so', async () => {
    await ready(page);
    await page.click('#contests tr[data-key="1/1"] button[data-act="contest/close"]');
    await page.waitForSelector('#ask[open]');
    const second = await browser.page(device, 'second console');
    const other = new Desk(second, server);
    await other.open();
    await second.waitForSelector('#contests tr');
    await other.act('contest/close', {}, '#contests tr[data-key="1/1"]');
    expect(/全部收回|还有 \d+ 人未提交/.test(other.question), `question: ${other.question}`);
    await until('words', async () => /现在不能这样做了/.test(await page.innerText('#ask-consequence')));
    expect(await page.isDisabled('#ask-yes'), 'yes can still be pressed');
    await page.click('#ask-no');
    await second.close();
    await until('the row', async () => /复核/.test(await desk.row('1/1')));
  });

  await situation('console: a sum that does not hold blocks publishing and is named', async () => {
    await page.route('**/desk/state', async route => {
      const answer = await route.fetch();
      const state = await answer.json();
      const own = state.contests.find(c => c.contest.join('/') === '1/1');
      own.acts = own.acts.filter(a => a.act !== 'contest/publish');
      state.counts.contests = [{ contest: [1, 1], checks: [{ rule: 'cast', values: { cast: 8, issued: 6 }, holds: false }] }];
      await route.fulfill({ json: state });
    });
    await page.reload();
    await until('the row', async () => /不能公布：收回电子票 8 ≤ 发出电子票 6/.test(await desk.row('1/1')));
    equal(await page.locator('#contests tr[data-key="1/1"] button[data-act="contest/publish"]').count(), 0, 'buttons to publish');
    expect(/1 个算式不符/.test(await page.innerText('#counts-verdict')), 'no verdict');
    await fits('console-27-violation');
    await page.unroute('**/desk/state');
    await page.reload();
    await until('the row', async () => (await page.locator('#contests tr[data-key="1/1"] button[data-act="contest/publish"]').count()) === 1);
    expect(/全部相符/.test(await page.innerText('#counts-verdict')), 'no verdict');
    expect(/发出 0 = 电子 0 \+ 纸票 0/.test((await page.textContent('#counts-contests')) || ''), 'no arithmetic');
  });

  await situation('console: the text to read aloud has every number, in large type, and prints alone', async () => {
    await desk.act('contest/publish', {}, '#contests tr[data-key="1/1"]');
    await until('the text', async () => /某甲同志/.test(await page.innerText('#aloud')));
    const lines = (await page.innerText('#aloud')).split(/\n+/);
    const { result } = (await server.live()).contests.find(c => c.item === 1 && c.round === 1);
    expect(lines[0].startsWith('应到7人，实到6人'), lines[0]);
    if (result.votes) expect(/发出测评票0张，收回0张，有效票0张/.test(lines.join('')) && /好0票，较好0票/.test(lines[1]), lines.join('|'));
    expect(await page.locator('#aloud').evaluate(e => parseFloat(getComputedStyle(e).fontSize)) >= 22, 'small type');
    await page.emulateMedia({ media: 'print' });
    equal(await page.evaluate(() => [...document.querySelectorAll('section, header, aside')].filter(e => e.checkVisibility()).map(e => e.id)), ['aloud-section'], 'what prints');
    await page.emulateMedia({ media: 'screen' });
    await page.click('#aloud-copy');
    await until('copied', async () => /复制|选中/.test(await desk.said()));
  });

  await situation('console: unused slips are counted by hand, the sum is shown as it is typed', async () => {
    const { leaves, redeemed, voided } = (await desk.state()).frozen;
    const right = leaves - redeemed - voided;
    await ready(page);
    await page.click('#acts button[data-act="enrolment/end"]');
    await page.fill('#ask input[name="unused"]', String(right - 2));
    await until('the sum', async () => /不符：少 2 张/.test(await page.innerText('#ask-sum')));
    await page.fill('#ask input[name="lost"]', '2');
    await until('the sum', async () => /✓ .*相符$/.test(await page.innerText('#ask-sum')));
    await shot(page, 'console-28-unused');
    await page.fill('#ask input[name="lost"]', '0');
    await page.fill('#ask input[name="unused"]', String(right));
    expect((await page.innerText('#ask-sum')).includes(`票纸 ${leaves} − 已登记 ${redeemed} − 已作废 ${voided} = ${right}`), `sum: ${await page.innerText('#ask-sum')}`);
    await page.click('#ask-no');
  });

  await situation('console: zh and en at a press, without a word left over', async () => {
    await page.click('#language');
    await until('English', async () => /What can be done now/.test(await page.innerText('#acts-section')));
    equal(await page.evaluate(() => document.documentElement.lang), 'en', 'lang');
    const words = () => page.evaluate(() => {
      const names = '#meeting-title, .who, #aloud, #message, #counts-contests summary, #language, #roster-summary, #who, #accounts, #account-changes';
      return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest(names) && [...e.childNodes].some(n => n.nodeType === 3 && /[\u3400-\u9fff]/.test(n.textContent || ''))).map(e => (e.textContent || '').slice(0, 40));
    });
    // Lists are asked for again in the new language.
    await until('all of it is English', async () => !(await words()).length).catch(() => {});
    equal(await words(), [], 'Chinese on the English console');
    equal(await page.evaluate(() => [...document.querySelectorAll('body *')].filter(e => !e.childElementCount && /\{\w+\}|\b(console|act|counts)\.\w+/.test(e.textContent || '')).map(e => e.textContent)), [], 'names and places without words');
    await fits('console-29-english');
    await page.click('#language');
  });

  await situation('console: a server that is gone is said, nothing can be pressed, and it comes back by itself', async () => {
    await server.kill();
    // An answer from before the end may still come after a request that found nobody.
    await until('the banner, and nothing to press', async () => (await page.isVisible('#offline')) && page.locator('#desk').evaluate(e => /** @type {any} */ (e).inert));
    expect(/某甲/.test(await page.innerText('#contests')), 'what was known is gone');
    await shot(page, 'console-30-offline', { fullPage: true });
    await server.begin();
    await until('the sign-in form, as the session is gone', () => page.isVisible('#login'), 40000);
    await until('no banner', () => page.isHidden('#offline'));
    await desk.signIn(server.code);
    await until('the desk', async () => (await page.isVisible('#desk')) && /某甲/.test(await page.innerText('#contests')));
    await fits('console-31-back');
  });
  await device.close();
}
