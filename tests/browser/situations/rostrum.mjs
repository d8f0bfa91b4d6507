// The rostrum's screen, told frame by frame: what stands there, the text that is due, and that it can be read on a
// monitor and on a tablet, in both languages.

import { HALL, overflows, shot } from '../parts/browser.mjs';
import { Server } from '../parts/machine.mjs';
import { equal, expect, pause, situation, until } from '../parts/report.mjs';
import { Told, says } from '../parts/told.mjs';

const TABLET = { width: 1024, height: 768 };
const CODE = '2093 4410 0587 6621 9904 1178 3356 7242';
const SCALE = [['好', 'Good'], ['较好', 'Fairly good'], ['一般', 'Average'], ['较差', 'Poor'], ['弃权', 'Abstain']]
  .map(([zh, en], i) => ({ zh, en, kind: i < 4 ? 'grade' : 'abstain' }));
const PEOPLE = [['林翀', '云岭镇纪律检查委员会', '书记'], ['周镕堃', '派驻县财政局纪检监察组', '组长'], ['欧阳喆明', '青石乡纪律检查委员会', '书记']];
/** The longest that a manifest allows a name to be in such an office, and then some. */
const LONG = ['阿卜杜热合曼·艾力江', '派驻县自然资源和规划局纪检监察组（含县林业和草原局、县不动产登记中心）', '组长、县自然资源和规划局党组成员'];

const frozen = {
  v: 1, phase: 'issuing', drill: false, title: '二〇二六年度述职述责述廉会议', date: '2026-12-14', place: '第一会议室', manifest: '00',
  screen_code: CODE, expected: 96, enrolled: 0, present: null, window: { number: 0, open: false }, enrolment_ended: false,
  scale: SCALE, release: 'live', contests: [], moved: null, wifi: null, countdown: null,
};
const contest = (item, more = {}) => {
  const [name, unit, post] = PEOPLE[(item - 1) % 3];
  return { item, round: 1, name, unit, post, report: item % 2 ? 'oral' : 'written', state: 'unopened', issued: null, received: null, released: null, result: null, board_code: null, ...more };
};
const open = { state: 'open', issued: 95, received: 47 };
const closed = { state: 'closed', issued: 95, received: 94, board_code: CODE };
const result = { issued: 95, cast: 94, missing: 1, votes: [52, 17, 5, 19, 1], valid: 93, abstained: 1, base: 'cast', paper: null, threshold: null };
const published = { state: 'published', issued: 95, received: 94, result, board_code: CODE };
const items = (...states) => [1, 2, 3].map(item => contest(item, states[item - 1] || {}));
const trial = more => ({ ...contest(1), item: 0, round: 0, name: '', unit: '', post: '', report: '', state: 'open', issued: 95, received: 12, ...more });
const preparing = { ...frozen, phase: 'preparing', manifest: null, screen_code: null, expected: 0, title: '', date: '', place: '', scale: [] };
const enrolling = { ...frozen, phase: 'meeting', enrolled: 35, window: { number: 1, open: true }, contests: items() };
const meeting = { ...frozen, phase: 'meeting', present: 95, enrolled: 95, window: { number: 1, open: false }, contests: items() };

/** What is published within four seconds is announced together. */
const ONE_BY_ONE_MS = 4200;

class ToldRostrum extends Told {
  /** @param {any} from @param {{width: number, height: number}} size @param {string} [query] */
  static async open(from, size, query = '') {
    const told = new ToldRostrum();
    await told.begin(from, { size, path: `/rostrum${query}`, name: 'told rostrum' });
    return told;
  }

  /** The text that is shown: title and sentences. */
  async read() {
    return `${await this.page.innerText('#text-title')}|${await this.page.innerText('#text')}`;
  }

  /** Back to what is due, unless it is shown. */
  async toDue() {
    if (await this.page.isEnabled('#due')) await this.page.click('#due');
  }

  /** Turns until this text is shown. @param {string} title @param {string} [way] */
  async turn(title, way = 'forth') {
    for (let n = 0; n < 40; n += 1) {
      if ((await this.page.innerText('#text-title')) === title) return this.read();
      if (await this.page.isDisabled(`#${way}`)) break;
      await this.page.click(`#${way}`);
    }
    throw new Error(`no text ${title}`);
  }

  /** A picture; nothing cut off or scrolled, the text that is read at a readable size. @param {string} name */
  async look(name) {
    const large = this.size.width >= 1900;
    await shot(this.page, name);
    await this.measure(name, large);
  }

  async measure(name, large = this.size.width >= 1900) {
    const faults = await overflows(this.page, { fixed: true, least: large ? 28 : 18 });
    const read = await this.page.evaluate(() => {
      const text = /** @type {HTMLElement} */ (document.getElementById('text'));
      const stands = /** @type {HTMLElement} */ (document.getElementById('stands'));
      const cut = [...document.querySelectorAll('#stands > *')].filter(e => e.checkVisibility() && e.getBoundingClientRect().bottom > stands.getBoundingClientRect().bottom + 1);
      return { size: parseFloat(getComputedStyle(text).fontSize), over: text.scrollHeight - text.clientHeight, cut: cut.map(e => e.id || e.tagName), left: stands.scrollHeight - stands.clientHeight };
    });
    const least = large ? 41 : 27;
    if (read.size < least) faults.push(`the text is read at ${read.size} px`);
    if (read.over > 1) faults.push(`the text is ${read.over} px too long: ${(await this.page.innerText('#text-title'))}`);
    if (read.cut.length || read.left > 1) faults.push(`the left side is cut by ${read.left} px at ${read.cut}`);
    for (const fault of faults) this.faults.push(`${name}: ${fault}`);
  }
}

/** Every text of a frame, one after the other from the first. @param {ToldRostrum} told @param {(title: string) => Promise<void>} each */
async function everyText(told, each) {
  while (!(await told.page.isDisabled('#back'))) await told.page.click('#back');
  for (;;) {
    await each(await told.page.innerText('#text-title'));
    if (await told.page.isDisabled('#forth')) return;
    await told.page.click('#forth');
  }
}

const STATES = {
  preparing, frozen: { ...frozen, contests: items() }, enrolling, enrolled: meeting, trial: { ...meeting, contests: [trial({}), ...items()] },
  trialOver: { ...meeting, contests: [trial({ state: 'destroyed', received: null }), ...items()] },
  open: { ...meeting, contests: items(open), countdown: { left: 245 } }, stopped: { ...meeting, contests: items({ ...open, state: 'stopped' }) },
  two: { ...meeting, contests: items(open, open) }, three: { ...meeting, contests: items(open, open, open) },
  closed: { ...meeting, contests: items(closed) }, published: { ...meeting, contests: items(published) },
  all: { ...meeting, contests: items(published, published, published) }, archived: { ...meeting, phase: 'archived', enrolment_ended: true, contests: items(published, published, published) },
  long: { ...meeting, contests: [contest(1, { ...open, round: 2, name: LONG[0], unit: LONG[1], post: LONG[2] }), contest(2, { name: LONG[0], unit: LONG[1], post: LONG[2] })], countdown: { left: 60 } },
};

export async function rostrum({ browser }) {
  const server = await Server.start();
  const parts = { browser, server };
  const told = await ToldRostrum.open(parts, HALL);

  await situation('rostrum: before anything the opening words, then with the number expected', async () => {
    says(await told.tell(preparing), /会议准备中/, /同志们，现在进行民主测评/);
    says(await told.tell(STATES.frozen), /还没有开始登记/, /今天应到96人，对3名述职对象逐一测评/, /等次分为好、较好、一般、较差，也可以弃权/);
    says(await told.page.innerText('#next'), /林翀/, /会议报告 · 云岭镇纪律检查委员会书记/);
    await told.look('rostrum-1-opening');
    says(await told.turn('测评办法'), /没有提交的是未交，不算弃权/, /收回的票多于发出的票，这一项作废/, /分批显示/);
    says(await told.turn('保密：能保证的'), /都查不出哪一张票是谁投的/, /不会丢失，也不会重复计算/);
    says(await told.turn('保密：不能保证的'), /改动会场电脑的程序/, /监视这台电脑/, /篡改/, /拍下手机屏幕/, /残留的已删除数据/);
    await told.look('rostrum-2-not-promised');
    says(await told.tell({ ...STATES.frozen, release: 'close' }), /./);
    says(await told.turn('测评办法', 'back'), /截止并公布以后，才显示票数/);
    await told.page.click('#due');
  });

  await situation('rostrum: the text follows the meeting; turned to by hand it stays, and one press leads back', async () => {
    says(await told.tell(enrolling), /正在登记（第 1 次）/);
    says(await told.read(), /^开始登记/, /扫?.*票纸上的二维码/, /八组数字要完全一样/);
    expect(!/35/.test(await told.read()), 'a number that still changes stands in the text');
    equal(await told.page.innerText('#phones'), '35', 'enrolled');
    await told.page.click('#back');
    const turned = await told.read();
    await told.tell({ ...enrolling, enrolled: 60 });
    equal(await told.read(), turned, 'the text under the chair\'s eyes');
    await told.tell(meeting);
    equal(await told.read(), turned, 'the text under the chair\'s eyes, after the meeting went on');
    says(await told.page.innerText('#due'), /回到现在该读的：登记结束/);
    await told.page.click('#due');
    says(await told.read(), /应到96人，实到95人，登记95人/);
    await told.page.keyboard.press('PageUp');
    expect(!/^登记结束/.test(await told.read()), 'a remote turns');
    await told.page.keyboard.press('PageDown');
    says(await told.read(), /^登记结束/);
  });

  await situation('rostrum: the rehearsal shows how many phones have tried of all that enrolled', async () => {
    says(await told.tell(STATES.trial), /正在试投/, /已试投 12 \/ 95/, /还有 83 部手机没有试/);
    await told.look('rostrum-3-trial');
    says(await told.tell({ ...meeting, contests: [trial({ received: 95 }), ...items()] }), /每一部手机都试成了/);
    says(await told.turn('结束试投'), /当场销毁试投的票和密钥/);
    await told.page.click('#due');
    says(await told.tell(STATES.trialOver), /试投的票和密钥已经全部销毁，没有结果/);
  });

  await situation('rostrum: an open item, what is missing on the tick, the next one; fixed time binds nothing', async () => {
    says(await told.tell(STATES.open), /正在测评 1 项/, /已收到 47 \/ 95/, /还差 48 张/, /定时只作提醒，由主持人宣布截止/, /4:0\d/);
    says(await told.read(), /^开始测评/, /现在对云岭镇纪律检查委员会书记林翀同志进行民主测评/, /不会自动截止，由我宣布截止/);
    says(await told.page.innerText('#next'), /周镕堃/, /书面报告/);
    await told.look('rostrum-4-open');
    says(await told.tell({ ...STATES.open, countdown: null }), /没有定时，由主持人宣布截止/);
    says(await told.tell({ ...STATES.open, countdown: { left: 0 } }), /0:00/, /还在收票，由主持人宣布截止/);
    says(await told.turn('宣布截止'), /没有提交的是未交，不算弃权/, /现在我宣布：对.*林翀同志的测评截止，不再收票/);
    await told.look('rostrum-5-stop');
    await told.page.click('#due');
    says(await told.tell(STATES.stopped), /暂停收票/, /已经看到“已收到”的票有效/);
    says(await told.tell(STATES.three), /欧阳喆明\s*47 \/ 95/, /林翀、周镕堃、欧阳喆明/, /3 项一共还差 144 张/, /同时进行民主测评/);
    await told.look('rostrum-6-three');
    await told.tell(STATES.two);
    await told.look('rostrum-7-two');
  });

  await situation('rostrum: the scale is read as it is, with an option to abstain and without', async () => {
    await told.tell(STATES.open);
    says(await told.turn('开始测评', 'back'), /请在手机上从好、较好、一般、较差、弃权中选一个/);
    const scale = SCALE.filter(option => option.kind === 'grade');
    await told.tell({ ...STATES.open, scale });
    says(await told.turn('开始测评', 'back'), /请在手机上从好、较好、一般、较差中选一个/);
    await told.tell({ ...STATES.frozen, scale });
    await told.toDue();
    const opening = await told.turn('开场', 'back').catch(() => told.read());
    expect(!/弃权/.test(opening) && !/、[，。中]/.test(opening), opening);
  });

  await situation('rostrum: no number that is not out: released batches, nor votes before publication', async () => {
    const secret = { released: { total: 37, counts: [20, 9, 5, 2, 1] } };
    const words = await told.tell({ ...meeting, contests: items({ ...open, ...secret }) });
    const all = [words];
    await everyText(told, async () => { all.push(await told.read()); });
    expect(!all.some(text => /37|20票|9票/.test(text)), `a batch is on the rostrum: ${all.find(text => /37|20票|9票/.test(text))}`);
    const shut = [await told.tell({ ...meeting, contests: items(closed) })];
    await everyText(told, async () => { shut.push(await told.read()); });
    expect(!shut.some(text => /[好差般]\d+票/.test(text)), 'votes before publication');
    await told.page.click('#due');
    says(await told.read(), /^宣布清点完毕（不宣布票数）/, /手机测评票发出95张，收回94张/);
    says(await told.page.innerText('#cue'), /票数还没有公布，不能宣读/);
    await told.look('rostrum-8-closed');
  });

  await situation('rostrum: published numbers in the form in which offices announce them; or that counting is complete', async () => {
    await told.tell(STATES.published);
    says(await told.read(), /^宣布票数/, /应到96人，实到95人，发出测评票95张，收回94张，有效票93张。/, /林翀同志：好52票，较好17票，一般5票，较差19票，弃权1票。/);
    await told.look('rostrum-9-published');
    await told.page.click('#back');
    says(await told.read(), /^宣布清点完毕/, /发出测评票95张，收回94张/);
    expect(!/52票/.test(await told.read()), 'votes where only the completion is announced');
    await told.page.click('#due');
    // One by one: what is announced is the one that was published now.
    await told.tell({ ...meeting, contests: items(published, closed) });
    says(await told.read(), /周镕堃同志的测评已经截止/);
    await pause(ONE_BY_ONE_MS);
    await told.tell({ ...meeting, contests: items(published, published) });
    says(await told.read(), /周镕堃同志：好52票/);
    expect(!/林翀/.test(await told.read()), 'the one before is announced again');
    const paper = { ...result, issued: 105, cast: 104, valid: 102, paper: { issued: 10, cast: 10, invalid: 1, ungraded: 0 } };
    await pause(ONE_BY_ONE_MS);
    await told.tell({ ...meeting, contests: items(published, published, { ...published, result: paper }) });
    says(await told.read(), /发出测评票105张，收回104张（其中纸质票发出10张，收回10张，废票1张），有效票102张/);
    const few = { state: 'withheld', issued: 5, received: 4, result: { ...result, issued: 5, cast: 4, votes: null, valid: null } };
    await told.tell(meeting);
    await told.tell({ ...meeting, contests: items(few) });
    says(await told.read(), /林翀同志：发出测评票5张，收回4张，票数过少，不公布。/);
  });

  await situation('rostrum: a void round, its repetition, and the end', async () => {
    const again = contest(1, { round: 2 });
    await told.tell({ ...meeting, contests: [contest(1, closed), again] });
    says(await told.tell({ ...meeting, contests: [contest(1, { ...closed, state: 'voided' }), again] }), /对林翀同志的测评作废/, /两轮不相加/);
    says(await told.turn('介绍下一项'), /重新测评，这是第2轮/);
    await told.page.click('#due');
    await told.tell(STATES.all);
    const done = await told.tell(STATES.archived);
    says(done, /会议已经归档/, /3名同志的测评全部完成/, /没有下一项了/);
    says(await told.turn('宣布全部结果', 'back'), /欧阳喆明同志：好52票/);
    await told.page.click('#due');
    await told.look('rostrum-10-archived');
  });

  await situation('rostrum: a frame that says the same touches nothing on the page', async () => {
    await told.tell(STATES.open);
    await told.page.evaluate(() => {
      // @ts-ignore
      window.touched = [];
      // @ts-ignore
      const seen = new MutationObserver(all => window.touched.push(...all.map(one => one.target).filter(e => !(e instanceof Element && e.closest('#clock'))).map(e => e.nodeName + (e.id || ''))));
      seen.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    for (let n = 0; n < 5; n += 1) await told.tell({ ...STATES.open, countdown: { left: 245 - n } });
    // @ts-ignore
    equal(await told.page.evaluate(() => window.touched), [], 'elements that were drawn again');
    const cursors = await told.page.evaluate(() => [...new Set([...document.querySelectorAll('body, body *')].map(e => getComputedStyle(e).cursor))].filter(c => !['auto', 'default', 'pointer'].includes(c)));
    equal(cursors, [], 'pointers that come and go');
  });

  await situation('rostrum: reads only; nothing leaves it but the live state\'s address', async () => {
    equal(await told.page.locator('form, input, select, textarea, a').count(), 0, 'controls that could change something');
    equal((await told.page.locator('button').evaluateAll(all => all.map(b => b.id))).sort(), ['back', 'due', 'forth', 'language'], 'buttons');
    const asked = browser.sent.filter(sent => sent.page === 'told rostrum').map(sent => new URL(sent.url).pathname);
    equal([...new Set(asked)].filter(path => !/^\/(rostrum|words|hall-parts|live)/.test(path)), [], 'asked for');
  });

  await situation('rostrum: when the server is lost the last frame stays, with 数据停在; it comes back by itself', async () => {
    const sockets = told.sockets.length;
    const frame = told.frame;
    told.frame = null;
    await told.sockets[sockets - 1].close();
    await until('it says so', () => told.page.isVisible('#lost'));
    says(await told.page.innerText('#lost'), /数据停在 \d\d:\d\d/);
    says(await told.page.innerText('#now'), /已收到 47 \/ 95/);
    equal(await told.page.innerText('#clock'), '—', 'a countdown that nobody knows');
    await told.look('rostrum-11-lost');
    await until('another socket', () => told.sockets.length > sockets, 30000);
    await told.tell(frame);
    await until('it is back', () => told.page.isHidden('#lost'));
  });

  for (const [size, name] of [[HALL, 'monitor'], [TABLET, 'tablet']]) {
    for (const query of ['', '?lang=en']) {
      await situation(`rostrum: every text of every state fits and can be read: ${name} ${query || 'zh-CN'}`, async () => {
        const other = await ToldRostrum.open(parts, /** @type {any} */ (size), query);
        const chinese = [];
        for (const [state, frame] of Object.entries(STATES)) {
          await other.tell(frame);
          if (name === 'tablet' && !query) await shot(other.page, `rostrum-tablet-${state}`);
          await everyText(other, async title => {
            await other.measure(`${state} ${title}`);
            if (query) chinese.push(...(await other.page.innerText('body')).split('\n').filter(line => /[\u3400-\u9fff]/.test(line.replace(new RegExp([...LONG, ...PEOPLE.flat(), frozen.title, '中文'].join('|'), 'g'), ''))));
          });
          await other.toDue();
        }
        equal(other.faults.slice(0, 6), [], `${other.faults.length} faults`);
        equal([...new Set(chinese)], [], 'Chinese in English');
        await other.device.close();
      });
    }
  }

  await situation('rostrum: on the monitor nothing is cut off or too small', async () => {
    equal(told.faults, [], 'rostrum');
    await told.device.close();
  });

  await situation('rostrum: a tablet held upright shows the same', async () => {
    const upright = await ToldRostrum.open(parts, { width: 768, height: 1024 });
    await upright.tell(STATES.open);
    await upright.look('rostrum-12-upright');
    equal(upright.faults, [], 'upright');
    await upright.device.close();
  });
}
