// A whole meeting day as people live it: four of the office at consoles of their own, thirteen in time and one late,
// seven phones, two at the booth, five on paper, a lost slip, a trial, a second round, a power cut, and the files that
// are taken away. Everything is done on the pages; what is asserted is what stands there to be read.

import { join } from 'node:path';

import { BUS, LATE, NAMES, OFFICIALS, PEOPLE, atBooth, csv, votes } from '../parts/attendees.mjs';
import { SHOTS, overflows } from '../parts/browser.mjs';
import { Described } from '../parts/described.mjs';
import { agree } from '../parts/evidence.mjs';
import { Hall } from '../parts/hall.mjs';
import { Server } from '../parts/machine.mjs';
import { Person } from '../parts/people.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { handsOver } from '../parts/review.mjs';
import { decode, read } from '../parts/slips.mjs';

/** What item 1 comes to, phones and papers together. */
const ITEM_1 = ['5', '2', '1', '2', '1'];
const digits = text => text.replace(/\s+/g, '');
const row = contest => `#contests tr[data-key="${contest}"]`;
const button = (act, contest) => `${contest ? row(contest) : '#acts'} button[data-act="${act}"]`;

/** @param {{browser: import('../parts/browser.mjs').Browser}} meeting */
export async function day({ browser }) {
  const server = await Server.start();
  const described = new Described(browser);
  const office = await Person.come(browser, server, 'office');
  const { page } = office;
  /** @type {Person} */ let watcher;
  /** @type {Person[]} */ const tellers = [];
  /** @type {{typed: string, exclusion: string, n: number}[]} */ let printed = [];
  /** Slips as they lie on the table: drawn, not assigned. @type {{general: string[], own: Record<number, string>}} */
  const slips = { general: [], own: {} };
  /** @type {Record<string, string>} */ const links = {};
  /** @type {Phone[]} */ const phones = [];
  /** @type {import('playwright-core').Page} */ let booth;
  /** @type {string[]} */ let codes = [];
  /** @type {string[]} */ const boothSlips = [];
  /** @type {Hall} */ let hall;
  /** @type {import('playwright-core').Page} */ let rostrum;
  /** @type {import('playwright-core').Page} */ let record;
  const at = (contest, column) => page.innerText(`${row(contest)} .${column}`);
  const both = async (act, does, contest, fields) => {
    const asked = await office.proposes(button(act, contest), does, fields);
    await watcher.confirms(does);
    return asked;
  };
  const totals = () => page.innerText('#checkin-totals');
  /** Signs in by what stands in the sheet's row, as a hand scanner does. @param {number} n */
  const scanIn = async n => {
    await page.click('#checkin-section h2');
    await page.keyboard.type(digits(codes[n]), { delay: 0 });
    await page.keyboard.press('Enter');
    await until(NAMES[n], async () => (await page.innerText('#checkin-big')) === `${NAMES[n]} 已报到`);
  };
  const searchIn = async (text, n) => {
    await page.fill('#checkin-search', text);
    await page.keyboard.press('Enter');
    await until(NAMES[n], async () => (await page.innerText('#checkin-big')) === `${NAMES[n]} 已报到`);
  };
  /** A slip of the table to a phone. */
  const enrol = async (name, slip) => {
    const phone = await Phone.make(browser, server, `day-${name}`);
    await phone.scan(links[slip]);
    await phone.reach('check');
    await phone.page.tap('[data-act="enrol"]');
    await phone.reach('waiting', 60000);
    phones.push(phone);
    return phone;
  };
  const hallLook = async name => {
    await hall.page.screenshot({ path: join(SHOTS, `day-${name}.png`) });
    for (const fault of await overflows(hall.page, { fixed: true, least: 28 })) hall.faults.push(`${name}: ${fault}`);
  };
  /** Two count the papers, each for himself. */
  const papers = async (contest, count) => {
    await tellers[0].does(button('contest/paper', contest), /您是第一位/, /已录入并封存，还没有计入/, count);
    await until('the second is asked to count', async () => /第一位计票人已录入（某计票），请独立清点后录入/.test(await tellers[1].text(`${row(contest)} .state`)));
    await tellers[1].does(button('contest/paper', contest), /请独立清点后录入/, /录入纸票.*已完成/, count);
    await until('the office sees it', async () => !/纸票/.test(await at(contest, 'state')));
  };

  await situation('day: the office is set up, hands over three codes, brings the lists in and says what kind of meeting it is', async () => {
    await office.first(server.code);
    expect(/第一步：导入参会名单和述职对象名单/.test(await office.text('#guide')), await office.text('#guide'));
    const handed = [['某监票', '监票', 'scrutineer'], ['某计票', '计票', 'teller'], ['另一计票', '计票二', 'teller']];
    const given = [];
    for (const [name, signIn, role] of handed) given.push([signIn, await office.account(name, signIn, role)]);
    const came = await Promise.all(given.map(async ([signIn, code]) => {
      const person = await Person.come(browser, server, signIn);
      await person.byCode(signIn, code);
      return person;
    }));
    watcher = came[0];
    tellers.push(came[1], came[2]);
    expect(/某监票（监票人）/.test(await watcher.text('#who')), await watcher.text('#who'));
    await page.setInputFiles('#roster', { name: '参会名单.csv', ...csv([['姓名', '类别', '单位', '职务'], ...PEOPLE]) });
    await page.setInputFiles('#officials', { name: '述职对象.csv', ...csv([['姓名', '单位', '职务', '报告方式'], ...OFFICIALS.map(n => [PEOPLE[n][0], PEOPLE[n][2], PEOPLE[n][3], '会议报告'])]) });
    await page.click('#import button');
    await office.told(/已导入：参会 14 人.*述职对象 3 人/);
    expect(/林示例甲、周示例乙、郑示例丙/.test(await office.text('#roster-summary')), await office.text('#roster-summary'));
    expect(/请填好会议设置并保存/.test(await office.text('#guide')), await office.text('#guide'));
    for (const [name, value] of [['title', '二〇二六年度民主测评会'], ['place', '第一会议室'], ['date', '2026-12-14'], ['rounds', '2']]) await page.fill(`#settings input[name="${name}"]`, value);
    expect(await page.isChecked('#settings input[name="two_people"]') && await page.isChecked('#quorum-set input[value="two_thirds"]') && !(await page.isChecked('#settings input[name="drill"]')), 'the settings that an office begins with');
    await page.click('#settings button');
    await office.told(/设置已保存/);
    await office.look('01-prepared');
  });

  await situation('day: the evening before, 会前检查 is run from the console', async () => {
    const [checks] = await Promise.all([office.device.waitForEvent('page'), page.click('#preflight-link')]);
    await checks.waitForSelector('#preflight:visible');
    await checks.click('#run');
    await until('the disk was measured', async () => (await checks.getAttribute('#checks li[data-check="disk"]', 'data-status')) !== 'unknown', 40000);
    for (const check of ['disk', 'database', 'fonts']) equal(await checks.getAttribute(`#checks li[data-check="${check}"]`, 'data-status'), 'ok', await checks.innerText(`#checks li[data-check="${check}"]`));
    await checks.screenshot({ path: join(SHOTS, 'day-02-preflight.png') });
    await checks.close();
  });

  await situation('day: frozen; slips and the sheet for the door are printed, and the screen shows the slips\' code', async () => {
    expect(/没有要改的就冻结会议/.test(await office.text('#guide')), await office.text('#guide'));
    await office.does(button('freeze'), /14 人的票纸/, /冻结会议：已完成/);
    expect(/先打印票纸/.test(await office.text('#guide')), await office.text('#guide'));
    await office.look('03-frozen');
    const [sheet] = await Promise.all([office.device.waitForEvent('page'), page.click('#slips a[href="/desk/slips"]')]);
    await sheet.waitForLoadState('load');
    await sheet.waitForSelector('.slip');
    await sheet.emulateMedia({ media: 'print' });
    const code = digits(await office.text('#facts .code'));
    printed = (await read(sheet)).map((slip, n) => ({ ...slip, n }));
    for (const slip of printed) expect(digits(slip.code).endsWith(code) && slip.drill === '', `a slip: ${JSON.stringify(slip)}`);
    const general = printed.filter(slip => slip.exclusion === '测评全部述职对象');
    slips.general = general.map(slip => slip.typed);
    for (const n of OFFICIALS) slips.own[n] = (printed.find(slip => slip.exclusion.endsWith(NAMES[n])) || { typed: '' }).typed;
    for (const typed of [...Object.values(slips.own), ...slips.general.slice(0, 12)]) {
      const { n } = /** @type {any} */ (printed.find(slip => slip.typed === typed));
      const link = decode(await sheet.locator('.slip').nth(n).screenshot());
      expect(link.startsWith(`${server.origin}/#`), `the link on a slip: ${link}`);
      links[typed] = link.slice(link.indexOf('#') + 1);
    }
    await sheet.close();
    await office.does(button('slips/printed'), /抹去票纸/, /已完成/);
    const [door] = await Promise.all([office.device.waitForEvent('page'), page.click('#checkin-print a')]);
    await door.waitForLoadState('load');
    await door.waitForSelector('td.code');
    codes = await door.locator('tr:has(td.code)').evaluateAll((rows, names) => names.map(name => (rows.find(r => (r.textContent || '').includes(name))?.querySelector('td.code span')?.textContent || '')), NAMES);
    expect(codes.every(text => /^[\d ]{8,}$/.test(text)), `codes of the sheet: ${codes}`);
    await door.close();
    hall = await Hall.open(browser, server);
    await until('the hall', async () => digits(await hall.page.innerText('#code')) === code);
    await hallLook('04-hall-before');
  });

  await situation('day: nine are signed in, by name and by scanner; the window takes two people, on two screens', async () => {
    const first = NAMES.map((_, n) => n).filter(n => !BUS.includes(n) && n !== LATE);
    await until('the list', async () => (await page.locator('#checkin-people tr').count()) === NAMES.length);
    for (const n of first.slice(0, 5)) await searchIn(n % 2 ? NAMES[n] : NAMES[n].slice(0, 1), n);
    for (const n of first.slice(5)) await scanIn(n);
    expect(/应到 14 人 · 实到 9 人 · 在场 9 人/.test(await totals()), await totals());
    await office.look('05-check-in');
    expect(/两个人来做/.test(await office.text('#guide-two')), await office.text('#guide-two'));
    await office.proposes(button('window/open'), /第 1 次登记开始/);
    expect(/您提出的，要由另一位在他自己的浏览器里确认/.test(await office.text('#pending')), await office.text('#pending'));
    await office.look('06-asked');
    await until('the request', async () => /有 1 个请求等您确认/.test(await watcher.text('#requests')));
    await watcher.look('07-to-confirm');
    await watcher.confirms(/第 1 次登记开始/);
    await until('the hall calls for it', async () => /现在登记，三步就好/.test(await hall.page.innerText('main')));
    await until('who asked is told', async () => /开放登记：某监票已确认，已经做了/.test(await office.text('#ended')));
    await office.told(/开放登记：某监票已确认，已经做了/);
  });

  await situation('day: four slips are handed in for paper, each by two people; three phones and two at the booth enrol', async () => {
    const general = [...slips.general];
    for (let n = 0; n < 4; n += 1) await office.proposes(button('slip/void'), /作废一张没有登记过的票纸/, { text: general[n], reason: 'paper' });
    await until('four wait', async () => /有 4 个请求等您确认/.test(await watcher.text('#requests')));
    await watcher.look('08-four-slips');
    const staff = (async () => { for (let n = 0; n < 4; n += 1) await watcher.confirms(/本人改用纸票，不补发/); })();
    const device = await browser.device({ width: 768, height: 1024 }, { hasTouch: true });
    booth = await browser.page(device, 'day-booth');
    await booth.goto(`${server.origin}/booth`);
    boothSlips.push(general[4], general[5]);
    const others = (async () => { for (const slip of boothSlips) await atBooth(booth, slip); })();
    for (const n of OFFICIALS) {
      const phone = await enrol(NAMES[n], slips.own[n]);
      expect((await phone.text()).includes(NAMES[n]), `the phone of ${NAMES[n]} does not say whom it leaves out`);
    }
    await Promise.all([staff, others]);
    await until('five', async () => /已登记 5，作废 4，/.test(await office.text('#facts')));
    await hallLook('09-hall-enrolling');
    const asked = await office.does(button('window/close'), /已登记 5 人，应到 14 人/, /关闭登记：已完成/);
    expect(/报到 9 人，已照填/.test(asked) && /登记 5 ≤ 实到 9 ≤ 应到 14/.test(asked), `the window closes: ${asked}`);
  });

  await situation('day: with nine of fourteen no item opens, and the screen says how many are missing', async () => {
    expect(/定足数没有达到.*不能开放项目.*在场 9 \/ 14，至少 10/.test(await office.text('#quorum')), await office.text('#quorum'));
    await office.does(button('contest/open', '1/1'), /票箱从空开始/, /在场 9 人，应到 14 人，至少要 10 人（不少于 2\/3）。.*还差 1 人/);
    await office.look('10-no-quorum');
    expect(/到会人数不够定足数.*给到场的人报到，再开放一次登记/.test(await office.text('#guide')), await office.text('#guide'));
    expect(!(await server.live()).contests.some(c => c.state === 'open'), 'it opened');
  });

  await situation('day: the bus arrives: signed in as late, a second window; one lost his slip, it is voided and a spare enrols', async () => {
    await page.evaluate(() => { /** @type {any} */ (document.getElementById('checkin-more')).open = true; });
    for (const n of BUS) await scanIn(n);
    expect(/迟到：下一次登记时领票、登记/.test(await office.text('#checkin-small')), await office.text('#checkin-small'));
    expect(/迟到待补 4 人/.test(await office.text('#checkin-waits')) && /实到 13 人/.test(await totals()), await totals());
    await until('what comes next', async () => /有 4 人迟到，已报到，还没有登记：再开放一次登记/.test(await office.text('#guide')));
    equal(await office.desk.said(), '', 'what was refused before and does not hold any more');
    await office.look('11-late');
    await both('window/open', /第 2 次登记开始/);
    const [paper, lost, ...rest] = slips.general.slice(6);
    await office.proposes(button('slip/void'), /作废一张没有登记过的票纸/, { text: paper, reason: 'paper' });
    await watcher.confirms(/本人改用纸票/);
    await office.proposes(button('slip/void'), /补发同类的备用票纸/, { text: lost, reason: 'lost' });
    await watcher.confirms(/作废一张遗失的票纸：补发一张同类的备用票纸/, /请补发同类的备用票纸：一般票纸/);
    equal(await watcher.page.locator('#contests tr').count(), 3, 'items while a window is open again');
    await watcher.look('12-spare');
    const stranger = await Phone.make(browser, server, 'day-finder');
    await stranger.scan(links[lost]);
    await stranger.reach('check');
    await stranger.page.tap('[data-act="enrol"]');
    await stranger.reach('refused', 60000);
    expect(/作废的票也打不开/.test(await stranger.text()), await stranger.text());
    await stranger.device.close();
    for (const [i, slip] of rest.slice(0, 3).entries()) await enrol(NAMES[BUS[i]], slip);
    slips.general = rest.slice(3);
    await until('eight', async () => /已登记 8，作废 6，/.test(await office.text('#facts')));
    await office.does(button('window/close'), /已登记 8 人/, /已完成/);
    await until('the quorum', async () => /定足数已达到.*在场 13 \/ 14/.test(await office.text('#quorum')));
  });

  await situation('day: 试投 proves every device, the chair sees how many, and it is destroyed before all eyes', async () => {
    await office.does(button('contest/open', '0/0'), /已登记的 8 部手机可以试一次。它没有结果/, /已完成/);
    const device = await browser.device({ width: 1024, height: 768 });
    rostrum = await browser.page(device, 'day-rostrum');
    await rostrum.goto(`${server.origin}/rostrum`);
    await Promise.all([...phones.map((phone, n) => votes(phone, [n % 5], ['0/0'])), (async () => { for (const slip of boothSlips) await atBooth(booth, slip, [1]); })()]);
    await until('the rostrum', async () => /每一部手机都试成了/.test(await rostrum.innerText('body')));
    await until('the hall', async () => /试投成功 8 \/ 8/.test(await hall.page.innerText('article[data-contest="0/0"]')));
    expect(!/公布以后/.test(await hall.page.innerText('main')), 'the hall promises a result of the trial');
    await until('the console', async () => (await at('0/0', 'issued')) === '8' && /^8/.test(await at('0/0', 'received')));
    await office.look('13-trial');
    await rostrum.screenshot({ path: join(SHOTS, 'day-14-rostrum-trial.png') });
    await hallLook('15-hall-trial');
    expect(/大家都试过了，就销毁试投/.test(await office.text('#guide')), await office.text('#guide'));
    await office.does(button('rehearsal/destroy', '0/0'), /全部销毁，没有结果。不能撤销/, /已完成/);
    await until('the hall', async () => /试投的票已全部销毁/.test(await hall.page.innerText('main')));
    await hallLook('16-hall-destroyed');
    equal(await at('0/0', 'received'), '—', 'ballots of a trial that is destroyed');
    record = await browser.page(watcher.device, 'day-record');
    await record.goto(`${server.desk}/scrutineer`);
    await until('the record', async () => /试投的票和密钥已经销毁，没有结果/.test(await record.innerText('#log')));
  });

  await situation('day: the late comer is signed in as late, and has a window of his own', async () => {
    await page.evaluate(() => { /** @type {any} */ (document.getElementById('checkin-more')).open = true; });
    await searchIn('何样', LATE);
    expect(/迟到待补 1 人/.test(await office.text('#checkin-waits')), await office.text('#checkin-waits'));
    await both('window/open', /第 3 次登记开始/);
    await enrol(NAMES[LATE], slips.general[0]);
    slips.general.shift();
    await until('nine', async () => /已登记 9，作废 6，/.test(await office.text('#facts')));
    await office.does(button('window/close'), /已登记 9 人/, /已完成/);
    equal(await page.locator('#windows tbody tr').allInnerTexts(), ['第 1 次\t9\t5\t4', '第 2 次\t13\t8\t5', '第 3 次\t14\t9\t5'], 'windows');
  });

  await situation('day: item 1 is voted by all but one, who is named as missing; it is closed by two people', async () => {
    await office.does(button('contest/open', '1/1'), /8 部手机可以测评/, /已完成/);
    const [, two, three, four, , six, late] = phones;
    await Promise.all([
      votes(two, [0], ['1/1']), votes(three, [0], ['1/1']), votes(four, [1], ['1/1']), votes(six, [4], ['1/1']), votes(late, [2], ['1/1']),
      (async () => { await atBooth(booth, boothSlips[0], [0]); await atBooth(booth, boothSlips[1], [3]); })(),
    ]);
    expect(await page.locator(button('contest/close', '1/1')).evaluate(e => { const { top, bottom } = e.getBoundingClientRect(); return top > 90 && bottom < innerHeight; }), 'what was pressed has left the window');
    await until('the table', async () => /^7/.test(await at('1/1', 'received')) && /还有 1 人未提交/.test(await at('1/1', 'received')));
    await until('the rostrum', async () => /已收到\s*7 \/ 8/.test(await rostrum.innerText('#now')) && /还差 1 张/.test(await rostrum.innerText('#now')));
    equal(await rostrum.innerText('#heads'), '应到\n14\n实到\n14\n登记\n9', 'heads on the rostrum');
    await office.look('17-one-missing');
    await rostrum.screenshot({ path: join(SHOTS, 'day-18-rostrum-open.png') });
    await both('contest/close', /还有 1 人未提交（发出 8，收回 7）。截止后他们不能再交，未交不算弃权/, '1/1');
    await until('the phone says it', async () => /已截止，没有投/.test(await phones[4].text()));
  });

  await situation('day: papers: the second count differs and both are dropped, then both agree; two people publish', async () => {
    await until('the guide', async () => /先由两位各自清点、录入纸票/.test(await office.text('#guide')));
    const count = { issued: 5, collected: 5, 'votes-0': 2, 'votes-1': 1, 'votes-3': 1, invalid: 1 };
    await tellers[0].does(button('contest/paper', '1/1'), /您是第一位/, /已录入并封存，还没有计入/, count);
    await until('the second is asked to count', async () => /请独立清点后录入/.test(await tellers[1].text(`${row('1/1')} .state`)));
    await tellers[1].does(button('contest/paper', '1/1'), /请独立清点后录入/, /不一致，两份都已作废/, { ...count, 'votes-0': 1, 'votes-1': 2 });
    await tellers[0].told(/两位录入的不一致，两份都已作废.*请两位各自重新清点，再录入/);
    await tellers[0].look('19-papers-differ');
    await papers('1/1', count);
    await both('contest/publish', /收回电子票 7 张。结果在大屏上公布，不能收回/, '1/1');
    await until('the hall', async () => /发出 13　收回 12　有效 10　弃权 1/.test(await hall.page.innerText('article[data-contest="1/1"]')));
    const card = await hall.page.innerText('article[data-contest="1/1"]');
    expect(/未交 1（未交不算弃权）/.test(card) && /其中纸票：发出 5，收回 5，废票 1/.test(card), card);
    await hallLook('20-hall-published');
    await until('the text to be read', async () => digits(await office.text('#aloud')).includes('应到14人，实到14人，发出测评票13张，收回12张（其中纸质票发出5张，收回5张，废票1张），有效票10张。林示例甲同志：好5票，较好2票，一般1票，较差2票，弃权1票。')).catch(async () => expect(false, await office.text('#aloud')));
    await until('the rostrum', async () => digits(await rostrum.innerText('#text')).includes('好5票，较好2票，一般1票，较差2票，弃权1票'));
    await rostrum.screenshot({ path: join(SHOTS, 'day-21-rostrum-result.png') });
  });

  await situation('day: items 2 and 3 together; the power goes in mid-item, everybody comes back and no receipt is lost', async () => {
    await office.chooses(['2/1', '3/1']);
    await office.does('button[data-bulk="contest/open"]', /2 项同时开放/, /已完成/);
    const own = n => (n === 1 ? ['3/1'] : n === 2 ? ['2/1'] : ['2/1', '3/1']);
    await Promise.all([0, 3].map(n => votes(phones[n], [0, 2], own(n))));
    await until('two are in', async () => /^2/.test(await at('2/1', 'received')));
    await server.kill();
    await until('the console says it', () => page.isVisible('#offline'));
    expect(await page.locator('#offline').evaluate(e => e.getBoundingClientRect().top > 0), 'it is said where nobody looks');
    expect(/票和记录都在服务器上，不会丢/.test(await office.text('#offline')), await office.text('#offline'));
    await until('the hall says it', () => hall.page.isVisible('#lost'));
    await office.look('22-power-cut');
    await hallLook('23-hall-lost');
    await server.begin();
    await Promise.all([office, watcher, ...tellers].map(person => person.again()));
    await until('two are still in', async () => /^2/.test(await at('2/1', 'received')) && /^2/.test(await at('3/1', 'received')));
    await Promise.all([
      ...[1, 2, 4, 5, 6].map(n => votes(phones[n], [n % 4, (n + 1) % 5], own(n))),
      (async () => { for (const slip of boothSlips) await atBooth(booth, slip, [0, 1]); })(),
    ]);
    await until('all in', async () => (await at('2/1', 'received')) === '8' && (await at('3/1', 'received')) === '8');
    await office.chooses(['2/1', '3/1']);
    await office.proposes('button[data-bulk="contest/close"]', /2 项一起截止，还有 0 张票没有提交/);
    await watcher.confirms(/截止 2 项/);
  });

  await situation('day: one is published, one is voided before; its second round stands beside the first and says what that means', async () => {
    await papers('2/1', { issued: 5, collected: 5, 'votes-0': 4, 'votes-1': 1 });
    await both('contest/publish', /收回电子票 8 张/, '2/1');
    await both('contest/void', /这一轮作废，收回的 8 张票不计结果，票数抹去，只留票箱的根。不能撤销；要重测请开放下一轮/, '3/1');
    await until('the table', async () => /作废/.test(await at('3/1', 'state')));
    await until('the next round', () => page.locator(row('3/2')).count());
    await hallLook('24-hall-void');
    await both('contest/open', /重测这一项：票箱从空开始，8 部手机可以测评；前一轮单独保留，两轮不相加/, '3/2');
    await office.look('25-second-round');
    await until('the hall', async () => /第 2 轮/.test(await hall.page.innerText('article[data-contest="3/2"]')));
    await Promise.all([
      ...[0, 1, 3, 4, 5, 6].map(n => votes(phones[n], [n % 3], ['3/2'])),
      (async () => { for (const slip of boothSlips) await atBooth(booth, slip, [0]); })(),
    ]);
    await until('all in', async () => (await at('3/2', 'received')) === '8');
    await both('contest/close', /已全部收回（8 张）/, '3/2');
    await papers('3/2', { issued: 5, collected: 5, 'votes-0': 3, 'votes-2': 2 });
    await both('contest/publish', /收回电子票 8 张/, '3/2');
    await hallLook('26-hall-second-round');
    expect(/作废/.test(await at('3/1', 'state')) && /公布/.test(await at('3/2', 'state')), 'the first round is not beside the second');
  });

  await situation('day: the unused slips are counted by hand, a wrong count is refused; archived', async () => {
    const unused = printed.length - 9 - 6;
    await office.does(button('enrolment/end'), new RegExp(`未用票纸应为 ${unused} 张`), new RegExp(`合计应为 ${unused} 张`), { unused: unused - 1, lost: 0 });
    await office.look('27-wrong-count');
    await office.proposes(button('enrolment/end'), new RegExp(`未用票纸应为 ${unused} 张`), { unused, lost: 0 });
    await watcher.confirms(new RegExp(`清点的未用票纸 ${unused} 张，遗失 0 张`));
    await until('the guide', async () => /归档，生成审计包/.test(await office.text('#guide')));
    await office.does(button('archive'), /结果生成并签字/, /已完成/);
    expect(/请下载审计包，和会议记录一起保存/.test(await office.text('#guide')), await office.text('#guide'));
    await office.look('28-archived');
  });

  await situation('day: bundle, summary, record and receipts agree, before two verifiers that share no code', async () => {
    await agree({ office, record, phones, item: ITEM_1 });
  });

  await situation('day: the office opens the year in the record and hands it the result; it stands there as it was published', async () => {
    await page.click('#record-section a');
    await handsOver(page);
  });

  await situation('day: every answer of the API and every message of the sockets was as this server describes it', async () => {
    const description = async name => (await page.request.get(`${server.desk}/api/${name}`)).json();
    const used = await described.check(browser, await description('openapi.json'), await description('asyncapi.json'));
    for (const name of ['/live', 'GET /api/record/cycles 200', 'POST /api/record/cycles 200']) expect((used.get(name) || 0) > 0, `nothing was held against ${name}`);
  });

  await situation('day: nothing was cut off on any screen', async () => {
    for (const person of [office, watcher, ...tellers]) await person.gone();
    equal(hall.faults, [], 'hall');
    for (const phone of phones) await phone.device.close();
    for (const open of [booth, rostrum, hall.page]) await open.context().close();
  });
}
