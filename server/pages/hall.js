// The hall screen: draws the newest live state, and says so when it is no longer the newest.
// A number that is not known is a dash, never 0. Nothing here counts by itself.

/**
 * @typedef {{item: number, round: number, name: string, unit: string, post: string, report: string, state: string,
 *   issued: number|null, received: number|null, released: {total: number, counts: number[]}|null,
 *   result: Result|null, board_code: string|null}} Contest
 * @typedef {{issued: number, cast: number, missing: number, votes: number[]|null, valid: number|null,
 *   abstained: number|null, threshold: Threshold|null}} Result
 * @typedef {{zh: string, count: number, base: number, base_zh: string, reaches_zh: string, reaches: boolean|null,
 *   over_zh: string, over: boolean|null}} Threshold
 * @typedef {{phase: string, drill: boolean, title: string, date: string, place: string, screen_code: string|null,
 *   expected: number, enrolled: number, present: number|null, window: {number: number, open: boolean},
 *   enrolment_ended: boolean, scale: {zh: string, kind: string}[], release: string, contests: Contest[]}} Live
 */

const PER_PAGE = 4;
/** Characters of a name that is set smaller. */
const LONG_NAME = 14;
const PAGE_SECONDS = 12;
const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} id */
const $ = id => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {number|null|undefined} n */
const number = n => (n === null || n === undefined ? '—' : String(n));

/** @type {Live|null} */
let live = null;
let page = 0;
/** @type {Date|null} */
let lastFrame = null;

/** @param {string} date `YYYY-MM-DD` */
const dateInWords = date => date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日');

/** @param {string} tag @param {string} className @param {string} [text] */
function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {string} [text] */
function drawn(tag, attributes, text = '') {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = text;
  return made;
}

/** Those that are open; else those that are over, the last round of each official. @param {Live} now */
function onScreen(now) {
  const open = now.contests.filter(c => c.state === 'open' || c.state === 'closing');
  if (open.length) return open;
  /** @type {Map<number, Contest>} */
  const last = new Map();
  for (const contest of now.contests) {
    if (contest.item > 0 && contest.state !== 'unopened') last.set(contest.item, contest);
  }
  return [...last.values()];
}

/** @param {Contest} contest */
function stateLine(contest) {
  const { state, issued, received, result } = contest;
  if (result && result.votes) return `发出 ${result.issued}　收回 ${result.cast}　有效 ${number(result.valid)}　弃权 ${number(result.abstained)}`;
  if (state === 'withheld') return '票数过少，不公布';
  if (state === 'voided') return '本轮作废';
  if (state === 'destroyed') return '演练题已销毁';
  const counted = `收回 ${number(received)} / ${number(issued)}`;
  if (state === 'open') return counted;
  return `${counted}　${state === 'closing' ? '正在截止' : '已截止，等待公布'}`;
}

/** What the bars are shares of, in words. @param {Contest} contest @param {Live} now @returns {{counts: number[], base: number, note: string}|null} */
function figures(contest, now) {
  const { result, released, state } = contest;
  if (result && result.votes) {
    const missing = result.missing ? `　未交 ${result.missing}（未交不算弃权）` : '';
    return { counts: result.votes, base: result.cast, note: `百分比以收回的 ${result.cast} 票为基数${missing}` };
  }
  if (released && (state === 'open' || state === 'closing')) {
    return { counts: released.counts, base: released.total, note: `分批显示：已显示 ${released.total} 票，百分比以此为基数` };
  }
  return null;
}

/** @param {Contest} contest @param {Live} now */
function bars(contest, now) {
  const shown = figures(contest, now);
  if (!shown) return null;
  const [row, width, left, right] = [23, 640, 62, 148];
  const picture = drawn('svg', { viewBox: `0 0 ${width} ${row * now.scale.length}`, role: 'img' });
  const words = [];
  now.scale.forEach((option, i) => {
    const count = shown.counts[i];
    const share = shown.base > 0 ? count / shown.base : 0;
    const said = shown.base > 0 ? `${count} 票　${(100 * share).toFixed(1)} %` : `${count} 票`;
    words.push(`${option.zh} ${said}`);
    const [top, track] = [i * row, width - left - right];
    picture.append(
      drawn('text', { x: 0, y: top + 17 }, option.zh),
      drawn('rect', { x: left, y: top + 3, width: track, height: row - 6, class: 'track' }),
      drawn('rect', { x: left, y: top + 3, width: (track * share).toFixed(1), height: row - 6, class: option.kind === 'abstain' ? 'bar abstain' : 'bar' }),
      drawn('text', { x: width - right + 8, y: top + 17 }, said),
    );
  });
  picture.setAttribute('aria-label', words.join('，'));
  const note = element('p', 'note', shown.note);
  return [picture, note];
}

/** @param {Contest} contest */
function thresholdLine(contest) {
  const threshold = contest.result && contest.result.threshold;
  if (!threshold) return null;
  const { zh, count, base, base_zh, reaches, reaches_zh, over, over_zh } = threshold;
  if (reaches === null || over === null) return `${zh}：${base_zh}为 0，不适用比例`;
  return `${zh} ${count} / ${base_zh} ${base}：${reaches ? '' : '未'}${reaches_zh}，${over ? '' : '未'}${over_zh}`;
}

/** Bars that are on the screen already move; everything else is drawn anew. @param {Contest} contest @param {Live} now */
function card(contest, now) {
  const made = element('article', '');
  made.dataset.contest = `${contest.item}/${contest.round}`;
  const round = contest.round > 1 ? `（第 ${contest.round} 轮）` : '';
  const name = contest.name + round;
  const who = element('div', 'who');
  who.append(element('h2', name.length > LONG_NAME ? 'long' : '', name));
  made.append(who);
  const report = { oral: '会议报告', written: '书面报告' }[contest.report];
  if (contest.unit) who.append(element('p', 'post', [contest.unit, contest.post, report].filter(Boolean).join('　')));
  made.append(element('p', 'state', stateLine(contest)));
  const drawnBars = bars(contest, now);
  if (drawnBars) made.append(...drawnBars);
  const threshold = thresholdLine(contest);
  if (threshold) made.append(element('p', 'note', threshold));
  if (contest.board_code) made.append(element('p', 'note', `票箱根 ${contest.board_code}`));
  return made;
}

/** Replaces a card; where both have bars, the old ones keep their place and get the new widths, so that they move. @param {Element} before @param {Element} after */
function replaceCard(before, after) {
  const [old, fresh] = [before.querySelectorAll('svg .bar'), after.querySelectorAll('svg .bar')];
  const widths = [...fresh].map(bar => bar.getAttribute('width') || '0');
  if (old.length === fresh.length) fresh.forEach((bar, i) => bar.setAttribute('width', old[i].getAttribute('width') || '0'));
  before.replaceWith(after);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    fresh.forEach((bar, i) => bar.setAttribute('width', widths[i]));
  }));
}

function draw() {
  if (!live) return;
  const now = live;
  document.body.dataset.phase = now.phase;
  $('title').textContent = now.title || '豆选';
  $('drill').hidden = !now.drill;
  $('when').textContent = [dateInWords(now.date), now.place].filter(Boolean).join('　');

  const contests = onScreen(now);
  const enrolling = Boolean(now.screen_code) && (now.window.open || !contests.length);
  $('waiting').hidden = Boolean(now.screen_code);
  $('enrolment').hidden = !enrolling;
  $('cards').hidden = enrolling || !contests.length;

  if (now.screen_code) {
    $('code').replaceChildren(...now.screen_code.split(' ').map((group, i) => {
      const span = element('span', '', group);
      return i === 4 ? [document.createElement('br'), span] : [span];
    }).flat());
    $('how').textContent = now.window.open ? '请用手机扫描票纸上的二维码，核对屏幕码后按“开始”'
      : now.enrolment_ended ? '登记已经结束'
        : now.window.number > 0 ? '登记暂停' : '请稍候，登记尚未开始';
    $('enrolled').textContent = `${number(now.enrolled)} / ${number(now.expected)}`;
  }

  const pages = Math.max(1, Math.ceil(contests.length / PER_PAGE));
  page %= pages;
  const shown = contests.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  const box = $('cards');
  box.dataset.rows = String(contests.length > 2 ? 2 : 1);
  box.dataset.columns = String(shown.length < 2 ? 1 : 2);
  const before = new Map([...box.children].map(child => [/** @type {HTMLElement} */ (child).dataset.contest, child]));
  const cards = shown.map(contest => card(contest, now));
  const same = cards.length === before.size && cards.every((made, i) => box.children[i] && /** @type {HTMLElement} */ (box.children[i]).dataset.contest === made.dataset.contest);
  if (same) cards.forEach((made, i) => replaceCard(box.children[i], made));
  else box.replaceChildren(...cards);

  $('small-code').textContent = now.screen_code && !enrolling ? `屏幕码 ${now.screen_code}` : '';
  $('counts').textContent = now.screen_code ? `应到 ${number(now.expected)}　实到 ${number(now.present)}　登记 ${number(now.enrolled)}` : '';
  $('page').textContent = pages > 1 && !enrolling ? `第 ${page + 1} / ${pages} 页` : '';
}

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(`${scheme}//${location.host}/live`);
  let over = false;
  socket.onmessage = event => {
    live = JSON.parse(event.data);
    lastFrame = new Date();
    $('lost').hidden = true;
    draw();
  };
  const again = () => {
    if (over) return;
    over = true;
    const at = lastFrame ? `数据停在 ${lastFrame.toLocaleTimeString('zh-CN', { hour12: false })}，` : '';
    $('lost').textContent = `与服务器的连接断开，${at}正在重新连接……`;
    $('lost').hidden = false;
    setTimeout(connect, 1000 + 1000 * Math.random());
  };
  socket.onclose = again;
  socket.onerror = again;
}

setInterval(() => { page += 1; draw(); }, PAGE_SECONDS * 1000);
connect();
