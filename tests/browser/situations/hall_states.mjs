// Every state of the hall screen, told through its socket: what it says, what it never says, and that it can be read.

import { HALL } from '../parts/browser.mjs';
import { Hall } from '../parts/hall.mjs';
import { equal, expect, pause, situation, until } from '../parts/report.mjs';
import { Told, says } from '../parts/told.mjs';

const CODE = '2093 4410 0587 6621 9904 1178 3356 7242';
const SCALE = [['好', 'Good'], ['较好', 'Fairly good'], ['一般', 'Average'], ['较差', 'Poor'], ['弃权', 'Abstain']]
  .map(([zh, en], i) => ({ zh, en, kind: i < 4 ? 'grade' : 'abstain' }));
const NAMES = ['林翀', '周镕堃', '欧阳喆明', '赵一', '钱二三'];

const frozen = {
  v: 1, phase: 'issuing', drill: false, title: '二〇二六年度述职述责述廉会议', date: '2026-12-14', place: '第一会议室', manifest: '00',
  screen_code: CODE, expected: 96, enrolled: 0, present: null, window: { number: 0, open: false }, enrolment_ended: false,
  scale: SCALE, release: 'live', contests: [], moved: null, wifi: null, countdown: null,
};
const preparing = { ...frozen, phase: 'preparing', manifest: null, screen_code: null, expected: 0, title: '', date: '', place: '' };
const enrolling = { ...frozen, window: { number: 1, open: true }, enrolled: 35 };
const meeting = { ...frozen, phase: 'meeting', present: 95, enrolled: 95, window: { number: 1, open: false } };
const contest = (item, more = {}) => ({
  item, round: 1, name: NAMES[item - 1] || '', unit: '某镇纪律检查委员会', post: '书记', report: item % 2 ? 'oral' : 'written',
  state: 'open', issued: 95, received: 0, released: null, result: null, board_code: null, ...more,
});
const threshold = { option: 3, count: 19, base: 93, base_kind: 'valid', reaches_limit: [1, 5], reaches: true, over_limit: [3, 10], over: false };
const result = { issued: 95, cast: 94, missing: 1, votes: [52, 17, 5, 19, 1], valid: 93, abstained: 1, base: 'cast', paper: null, threshold };
const withheld = { ...result, issued: 5, cast: 4, missing: 1, votes: null, valid: null, abstained: null, threshold: null };
const published = (item, more = {}) => contest(item, { state: 'published', received: 94, result, board_code: CODE, ...more });
const released = { total: 37, counts: [20, 9, 5, 2, 1] };

/** A hall screen that is told frames by hand. */
class ToldHall extends Told {
  /** @param {any} from @param {string} [query] */
  static async open(from, query = '') {
    const told = new ToldHall();
    const drawn = { contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="1" height="1"/></svg>' };
    await told.begin(from, { size: HALL, path: `/hall${query}`, name: 'told hall', before: page => page.route(/\/(wifi|typed)\.svg/, route => route.fulfill(drawn)) });
    return told;
  }

  look(name) {
    return Hall.prototype.look.call(this, name);
  }
}

export async function hallStates(meetingParts) {
  const hall = await ToldHall.open(meetingParts);

  await situation('hall: before the first frame it connects, and shows no number', async () => {
    await until('words', async () => /正在连接/.test(await hall.words()));
    const words = await hall.words();
    expect(!/\d/.test(words), `numbers before the first frame: ${words}`);
    await hall.look('hall-20-connecting');
  });

  await situation('hall: joining in three steps, enrolled of expected very large, the code in eight groups', async () => {
    says(await hall.tell(preparing), /会议准备中/);
    await hall.look('hall-21-preparing');
    says(await hall.tell(frozen), /登记还没有开始/);
    await hall.look('hall-22-frozen');
    says(await hall.tell(enrolling), /现在登记/);
    equal(await hall.page.locator('#steps li').count(), 3, 'steps');
    equal(await hall.page.innerText('#enrolled'), '35 / 96', 'enrolled / expected');
    equal((await hall.page.locator('#code span').allInnerTexts()).join(' '), CODE, 'screen code');
    const sizes = await hall.page.evaluate(() => ['#enrolled b', '#code', '#steps li'].map(q => parseFloat(getComputedStyle(/** @type {Element} */ (document.querySelector(q))).fontSize)));
    expect(sizes[0] >= 200 && sizes[1] >= 90 && sizes[2] >= 48, `sizes ${sizes}`);
    await hall.look('hall-23-joining');
    says(await hall.tell({ ...enrolling, window: { number: 1, open: false } }), /登记暂停/);
    await hall.look('hall-24-paused');
  });

  await situation('hall: the Wi-Fi stands there as a picture and a name, its passphrase nowhere', async () => {
    says(await hall.tell({ ...enrolling, wifi: { ssid: 'huichang' } }), /huichang/, /Wi.Fi 码/);
    equal(await hall.page.locator('#pictures img[src^="/wifi.svg"]').count(), 1, 'pictures to join the Wi-Fi');
    await hall.look('hall-25-wifi');
  });

  await situation('hall: an address that is no longer this machine\'s is said, with the code to type at; no address in letters', async () => {
    const moved = { url: 'http://10.1.2.3:8460/' };
    says(await hall.tell({ ...enrolling, moved }), /二维码打不开了/, /键入票纸上的文字码/);
    equal(await hall.page.locator('#pictures img[src^="/typed.svg"]').count(), 1, 'pictures of the typed-code page');
    await hall.look('hall-26-moved');
    says(await hall.tell({ ...enrolling, moved, wifi: { ssid: 'huichang' } }), /Wi.Fi/);
    equal(await hall.page.locator('#pictures img').count(), 2, 'pictures');
    await hall.look('hall-27-moved-wifi');
    says(await hall.tell({ ...meeting, moved, contests: [contest(1, { received: 40, released })] }), /二维码打不开了/);
    equal(await hall.page.locator('#moved img').count(), 1, 'pictures beside a contest');
    await hall.look('hall-28-moved-voting');
    expect(!(await hall.words()).includes('10.1.2.3'), 'an address in letters');
    await hall.tell({ ...meeting, contests: [contest(1)] });
    equal(await hall.page.locator('img').count(), 0, 'pictures once the address is right again');
  });

  await situation('hall: a contest opens with 票箱为空, with name, unit and the way of reporting', async () => {
    says(await hall.tell({ ...meeting, contests: [contest(1)] }), /林翀/, /某镇纪律检查委员会/, /会议报告/, /票箱为空/, /收回 0 \/ 95/);
    const size = await hall.page.locator('h2').evaluate(e => parseFloat(getComputedStyle(e).fontSize));
    expect(size >= 200, `a name of ${size} px`);
    await hall.look('hall-29-empty');
    const one = await hall.tell({ ...meeting, release: 'close', contests: [contest(2, { received: 1 })] });
    says(one, /书面报告/, /截止、公布以后才显示结果/);
    expect(!/票箱为空/.test(one), 'an urn with a ballot is said to be empty');
    await hall.look('hall-30-close-rule');
  });

  await situation('hall: live bars are of the released ballots only; the countdown says that it binds nothing', async () => {
    const words = await hall.tell({ ...meeting, countdown: { left: 245 }, contests: [contest(1, { received: 47, released })] });
    says(words, /收回 47 \/ 95/, /已显示 37 票/, /以这 37 票为基数/, /4:0\d/, /到时不会自动截止/);
    const counts = await hall.page.locator('article svg .count').allTextContents();
    equal(counts, ['20 票', '9 票', '5 票', '2 票', '1 票'], 'counts');
    await hall.look('hall-31-live');
    says(await hall.tell({ ...meeting, countdown: { left: 0 }, contests: [contest(1, { received: 47 })] }), /0:00/, /还可以交票/);
    says(await hall.tell({ ...meeting, contests: [contest(1, { state: 'stopped', received: 47 })] }), /暂停收票/);
    await hall.look('hall-32-stopped');
  });

  await situation('hall: a result has counts, percent, the base in words, 弃权 apart and the board\'s code', async () => {
    says(await hall.tell({ ...meeting, contests: [contest(1, { state: 'closed', received: 94, board_code: CODE })] }), /已截止，等待公布/);
    await hall.look('hall-33-closed');
    const words = await hall.tell({ ...meeting, contests: [published(1)] });
    says(words, /发出 95\s+收回 94\s+有效 93\s+弃权 1/, /百分比以收回的 94 票为基数/, /未交 1（未交不算弃权）/, /较差 19 \/ 有效票 93：达到 20 %，未超过 30 %/);
    const text = (await hall.page.textContent('article')) || '';
    expect(text.includes('55.3 %') && text.includes('52 票'), `figures: ${text}`);
    expect(text.replace(/\s/g, '').includes(CODE.replace(/\s/g, '')), 'the board\'s code');
    equal(await hall.page.locator('article svg .bar.abstain').count(), 1, 'bars of abstentions, drawn otherwise');
    equal(await hall.page.locator('article svg .apart').count(), 1, 'a line before the abstentions');
    await hall.look('hall-34-result');
    const few = await hall.tell({ ...meeting, contests: [contest(1, { state: 'withheld', received: 4, issued: 5, result: withheld, board_code: CODE })] });
    says(few, /票数过少，不公布/, /发出 5\s+收回 4/);
    equal(await hall.page.locator('article svg').count(), 0, 'bars of a withheld contest');
    await hall.look('hall-35-withheld');
    says(await hall.tell({ ...meeting, contests: [contest(1, { state: 'voided', received: 94, board_code: CODE })] }), /本轮作废/);
    const round = await hall.tell({ ...meeting, contests: [contest(1, { state: 'voided', board_code: CODE }), published(1, { round: 2 })] });
    says(round, /第 2 轮/);
    expect(!/本轮作废/.test(round), 'the round before is still shown');
  });

  await situation('hall: the rehearsal has a name of its own and leaves with the first real contest', async () => {
    const trial = contest(0, { round: 0, unit: '', post: '', report: '', received: 12 });
    says(await hall.tell({ ...meeting, contests: [trial] }), /试投/, /不计结果/);
    await hall.look('hall-36-rehearsal');
    says(await hall.tell({ ...meeting, contests: [{ ...trial, state: 'destroyed' }] }), /已全部销毁/);
    expect(!/试投/.test(await hall.tell({ ...meeting, contests: [{ ...trial, state: 'destroyed' }, contest(1)] })), 'the rehearsal stays');
  });

  await situation('hall: several contests stand in cards and pages; the one that changes is turned to', async () => {
    await hall.tell({ ...meeting, contests: [1, 2, 3, 4].map(item => contest(item, { received: 47, released })) });
    equal(await hall.page.locator('article').count(), 4, 'cards of open contests');
    await hall.look('hall-37-four');
    const five = [1, 2, 3, 4, 5].map(item => published(item));
    const before = five.map(c => (c.item === 5 ? contest(5, { state: 'closed', received: 94, board_code: CODE }) : c));
    await hall.tell({ ...meeting, contests: before });
    says(await hall.page.innerText('#page'), /\/ 3 页/);
    // What changes sooner is taken for one change with the one before.
    await pause(1600);
    await hall.tell({ ...meeting, contests: five });
    await until('the page of the fifth', () => hall.page.locator('article[data-contest="5/1"]').count(), 40000);
    await hall.look('hall-38-pages');
    // One that was alone on the screen stays on it when it closes among others that are over.
    await pause(1600);
    await hall.tell({ ...meeting, contests: five.map(c => (c.item === 3 ? contest(3, { received: 4 }) : c)) });
    await hall.tell({ ...meeting, contests: five.map(c => (c.item === 3 ? contest(3, { state: 'closing', received: 4 }) : c)) });
    await hall.tell({ ...meeting, contests: five.map(c => (c.item === 3 ? contest(3, { state: 'closed', received: 4, board_code: CODE }) : c)) });
    equal(await hall.page.locator('article[data-contest="3/1"]').count(), 1, 'cards of the contest that has just closed');
    says(await hall.tell({ ...meeting, phase: 'archived', enrolment_ended: true, contests: [] }), /已经归档/);
    await hall.look('hall-39-archived');
  });

  await situation('hall: nothing to press, no pointer, no motion', async () => {
    await hall.tell({ ...meeting, contests: [contest(1, { received: 47, released })] });
    equal(await hall.page.locator('a, button, input, select, [tabindex]').count(), 0, 'controls');
    const found = await hall.page.evaluate(() => [...document.querySelectorAll('body, body *')].flatMap(e => {
      const style = getComputedStyle(e);
      const moves = style.transitionDuration.split(',').some(d => parseFloat(d) > 0) || style.animationName !== 'none';
      return [...(style.cursor === 'none' ? [] : [`${e.tagName} has a pointer`]), ...(moves ? [`${e.tagName} moves`] : [])];
    }));
    equal(found, [], 'pointers and motion');
  });

  await situation('hall: when the server is lost the last frame stays, with 数据停在; it comes back by itself', async () => {
    hall.frame = { ...meeting, countdown: { left: 100 }, contests: [contest(1, { received: 47, released })] };
    await hall.tell(hall.frame);
    const sockets = hall.sockets.length;
    const later = hall.frame;
    hall.frame = null;
    await hall.sockets[sockets - 1].close();
    await until('the hall says so', () => hall.page.isVisible('#lost'));
    says(await hall.words(), /数据停在 \d\d:\d\d/, /收回 47 \/ 95/);
    equal(await hall.page.innerText('#clock'), '—', 'a countdown that nobody knows');
    await hall.look('hall-40-lost');
    await until('another socket', () => hall.sockets.length > sockets, 30000);
    says(await hall.words(), /数据停在/);
    await hall.tell({ ...later, contests: [contest(1, { received: 60, released })] });
    await until('the hall is back', () => hall.page.isHidden('#lost'));
    says(await hall.words(), /收回 60 \/ 95/);
  });

  await situation('hall: a server that goes silent without closing its socket is noticed', async () => {
    await hall.page.route(/\/live\.json/, route => route.abort());
    await until('the hall says so', () => hall.page.isVisible('#lost'), 40000);
    await hall.page.unroute(/\/live\.json/);
    await until('the hall is back', () => hall.page.isHidden('#lost'), 40000);
  });

  await situation('hall: in English with ?lang=en, the same states without a word of Chinese but names and places', async () => {
    const english = await ToldHall.open(meetingParts, '?lang=en');
    const plain = { title: 'Review', place: 'Hall 1' };
    const someone = { name: 'A. Person', unit: 'A unit', post: 'secretary' };
    const states = [preparing, { ...enrolling, ...plain }, { ...enrolling, ...plain, wifi: { ssid: 'huichang' }, moved: { url: 'x' } },
      { ...meeting, ...plain, contests: [contest(1, someone)], countdown: { left: 60 } },
      { ...meeting, ...plain, contests: [1, 2, 3, 4].map(n => contest(n, { ...someone, received: 47, released })) },
      { ...meeting, ...plain, contests: [published(1, someone), published(2, { ...someone, round: 2 })] }, { ...meeting, ...plain, contests: [published(1, someone)] }];
    for (const [n, frame] of states.entries()) {
      const words = await english.tell(frame);
      expect(!/[\u3400-\u9fff]/.test(words), `Chinese in: ${words}`);
      await english.look(`hall-41-english-${n}`);
    }
    equal(english.faults, [], 'hall in English');
    await english.device.close();
  });

  await situation('hall: in no state is anything cut off, laid over, or under 28 px', async () => {
    equal(hall.faults, [], 'hall');
    await hall.device.close();
  });
}
