// The scrutineers' page: what was done and how many, to be compared, printed and signed. It asks and shows; it can do
// nothing. What it shows is public anyway.

import { dateInWords, language, setLanguage, t } from '/words.js';
import { save, whoOf } from '/scrutineer-file.js';

const EVERY_MS = 5000;
const PATIENCE_MS = 5000;

/**
 * @typedef {{rule: string, values: Record<string, unknown>, holds: boolean}} Check
 * @typedef {{v: number, title: string, date: string, place: string, drill: boolean, screen_code: string,
 *   head: {size: number, root: string, code: string},
 *   entries: {n: number, leaf: string, act: string, values: Record<string, unknown>, by: {role: string, id: string}[]}[],
 *   counts: {meeting: Check[], contests: {contest: [number, number], checks: Check[]}[]},
 *   items: {number: number, name: string}[]}} Ceremony
 */

/** @param {string} id */
const $ = id => /** @type {any} */ (document.getElementById(id));

/** @type {Ceremony|null} */
let ceremony = null;
let told = '';
/** @type {Date|null} */
let at = null;
let lost = false;
let none = false;

/** @param {string} tag @param {string} [text] @param {string} [className] */
function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** @param {Date} date */
const clockOf = date => `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;

/** Groups of a code, each in one piece. @param {Element} box @param {string} code */
function drawCode(box, code) {
  box.replaceChildren(...code.split(' ').map(group => element('span', group)));
}

/** @param {Check[]} checks */
function listOf(checks) {
  const list = element('ul');
  list.append(...checks.map(({ rule, values, holds }) => {
    const line = element('li');
    line.dataset.holds = String(holds);
    line.append(element('b', holds ? `✓ ${t('scrutineer.holds')}` : `✗ ${t('scrutineer.fails')}`), ' ', element('span', t(`counts.${rule}`, values)));
    return line;
  }));
  return list;
}

/** @param {Ceremony} now */
function drawCounts(now) {
  const { meeting, contests } = now.counts;
  const all = [...meeting, ...contests.flatMap(c => c.checks)];
  const failed = all.filter(check => !check.holds).length;
  $('verdict').textContent = !all.length ? t('scrutineer.no_counts') : failed ? t('scrutineer.counts_fail', { n: failed }) : t('scrutineer.counts_hold', { n: all.length });
  $('verdict').dataset.holds = String(!failed);
  const names = new Map(now.items.map(item => [item.number, item.name]));
  const boxes = contests.map(({ contest: [item, round], checks }) => {
    const box = element('div');
    const values = { item, round, name: names.get(item) || '' };
    box.append(element('h3', t(round > 1 ? 'scrutineer.contest_round' : 'scrutineer.contest', values)), listOf(checks));
    return box;
  });
  $('counts').replaceChildren(...(meeting.length ? [listOf(meeting)] : []), ...boxes);
}

/** A sentence whose code stays in one piece, so that it can be compared. @param {string} text @param {unknown} code */
function withCode(text, code) {
  const cell = element('td');
  const [before, after] = typeof code === 'string' && code && text.includes(code) ? text.split(code) : [text, ''];
  cell.append(before);
  if (before !== text) cell.append(element('span', /** @type {string} */ (code), 'board'), after);
  return cell;
}

/** @param {Ceremony} now */
function drawLog(now) {
  const rows = now.entries.map(({ n, act, values, by }) => {
    const row = element('tr');
    row.append(element('td', String(n)), withCode(t(`log.${act}`, values), values.code), element('td', whoOf(by), 'by'));
    return row;
  });
  $('log').tBodies[0].replaceChildren(...rows);
}

function draw() {
  $('lost').hidden = !lost;
  if (lost) $('lost').textContent = at ? t('scrutineer.lost_since', { time: clockOf(at) }) : t('scrutineer.lost');
  $('nothing').hidden = Boolean(ceremony);
  $('nothing').textContent = t(none ? 'scrutineer.nothing' : lost ? 'scrutineer.lost' : 'scrutineer.loading');
  $('ceremony').hidden = !ceremony;
  $('print').disabled = !ceremony;
  $('save').disabled = !ceremony;
  $('drill').hidden = !ceremony || !ceremony.drill;
  if (!ceremony) return;
  const now = ceremony;
  $('meeting').textContent = [now.title, dateInWords(now.date), now.place].filter(Boolean).join('　');
  drawCode($('code'), now.screen_code);
  drawCounts(now);
  drawLog(now);
  drawCode($('head'), now.head.code);
  $('head-says').textContent = t('scrutineer.head_says', { n: now.head.size });
  $('signed-at').textContent = t('scrutineer.as_of', { time: at ? clockOf(at) : '—', n: now.head.size });
}

async function look() {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const response = await fetch('/ceremony.json', { signal: stop.signal, cache: 'no-store' });
    const text = await response.text();
    none = !response.ok;
    const changed = lost || text !== told || !response.ok;
    [lost, at] = [false, new Date()];
    ceremony = response.ok ? JSON.parse(text) : null;
    told = text;
    // What is the same stays untouched: somebody may be reading or selecting it.
    if (changed) draw();
    else $('signed-at').textContent = t('scrutineer.as_of', { time: clockOf(at), n: /** @type {Ceremony} */ (ceremony).head.size });
  } catch {
    lost = true;
    draw();
  } finally {
    clearTimeout(late);
    setTimeout(look, EVERY_MS);
  }
}

$('print').addEventListener('click', () => window.print());
$('save').addEventListener('click', () => ceremony && save(ceremony));
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', draw);
look();
