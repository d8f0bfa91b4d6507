// The evening before, at the console: a list of what is well and what is not, the code for phones, and a protocol to
// print. What was found and what to do, the server says by name; this browser adds what only it can see: whether it draws
// every character, and at which time it stands.

import { dateInWords, language, said, setLanguage, t } from '/words.js';
import { ask } from '/console-ask.js';
import { $, element } from '/console-parts.js';

const EVERY_MS = 1500;
const PATIENCE_MS = 60000;
/** Types of the slips and of the hall screen. */
const FAMILIES = '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif';
/** A place that no character will ever have: drawn, it shows what a missing one looks like. */
const NOBODY = '\u{10FFFE}';
const SIZE = 48;
/** @type {Record<string, string>} */
const MARKS = { ok: '✓', unknown: '○', warn: '!', fail: '✗' };

/** @typedef {{says: string, status: string, values: Record<string, any>}} Finding */
/** @typedef {{key: string, status: string, findings: Finding[]}} Check */
/** @typedef {{p50: string, longest: string, minutes: number, lacks: string[], slow: boolean}} Phone */
/** @typedef {{busy: boolean, ran: string|null, meeting: {title: string, date: string, place: string}|null, url: string|null,
 *   left: number, phones: Phone[], characters: string, checks: Check[]}} Report */

/** @type {Report|null} */
let report = null;
let drawn = '';
let running = false;
let lost = false;
/** What the server refused, as it said it. */
let refused = { error: '', what_to_do: '' };
let code = '';

/** What the server finds. One that hangs is as one that is gone. @param {string} path @param {unknown} [body] @returns {Promise<Report>} */
async function found(path, body) {
  const answer = await ask(path, body, AbortSignal.timeout(PATIENCE_MS));
  if (!answer.checks) throw new Error('cut off');
  return answer;
}

/** The picture of one character; empty for a blank. @param {CanvasRenderingContext2D} canvas @param {string} character */
function pictureOf(canvas, character) {
  canvas.clearRect(0, 0, SIZE * 2, SIZE * 2);
  canvas.fillText(character, SIZE / 4, SIZE * 1.4);
  const { data } = canvas.getImageData(0, 0, SIZE * 2, SIZE * 2);
  return data.some(byte => byte !== 0) ? String(data) : '';
}

/** Characters that this browser draws as nothing or as the box for a missing one. @param {string} characters */
function missingOf(characters) {
  const board = document.createElement('canvas');
  board.width = SIZE * 2;
  board.height = SIZE * 2;
  const canvas = board.getContext('2d', { willReadFrequently: true });
  if (!canvas) return '';
  canvas.font = `${SIZE}px ${FAMILIES}`;
  const box = pictureOf(canvas, NOBODY);
  // Some systems write the number of a missing character into its box: two such boxes differ, and so does the width of
  // one from that of a Chinese character.
  const wide = canvas.measureText('测').width;
  return [...characters].filter(character => {
    const picture = pictureOf(canvas, character);
    return !picture || picture === box || Math.abs(canvas.measureText(character).width - wide) > wide / 4;
  }).join('');
}

/** @param {string} key @param {Finding} finding */
const words = (key, finding) => t(`preflight.${key}_${finding.says}`, Object.fromEntries(Object.entries(finding.values).map(([name, value]) => [name, typeof value === 'string' ? said(value) : value])));

/** @param {Check} check */
function lineOf(check) {
  const line = element('li');
  line.dataset.status = check.status;
  line.dataset.check = check.key;
  const box = element('div');
  const list = element('ul', '', 'findings');
  list.append(...check.findings.map(finding => {
    const own = element('li');
    own.dataset.status = finding.status;
    const mark = MARKS[finding.status];
    own.append(`${mark} ${words('says', finding)}`);
    const todo = words('do', finding);
    if (finding.status !== 'ok' && !todo.startsWith('preflight.')) own.append(element('span', `${t('preflight.do_label')}${todo}`, 'do'));
    return own;
  }));
  box.append(element('h2', t(`preflight.check_${check.key}`)), list);
  line.append(element('span', t(`preflight.status_${check.status}`), 'status'), box);
  return line;
}

/** @param {Phone} phone @param {number} at */
function phoneLine(phone, at) {
  const line = element('li');
  line.append(element('b', '✓ '), t('preflight.phone', { n: at + 1, p50: phone.p50, longest: phone.longest }));
  if (phone.minutes !== 0) line.append(element('small', t('preflight.phone_clock', { minutes: Math.abs(phone.minutes) })));
  const what = phone.lacks.map(need => (need === 'random' ? t('preflight.random') : need)).join(', ');
  if (what) line.append(element('small', t('preflight.phone_lacks', { what })));
  return line;
}

/** The worst that any check says, and how many say so. @param {Check[]} checks */
function sumOf(checks) {
  for (const status of ['fail', 'warn', 'unknown']) {
    const n = checks.filter(check => check.status === status).length;
    if (n) return { status, n };
  }
  return { status: 'ok', n: checks.length };
}

function draw() {
  const problem = lost ? t('preflight.lost') : refused.error ? [said(refused.error), said(refused.what_to_do)].join('\n') : report && report.busy ? t('preflight.busy') : '';
  $('said').textContent = problem;
  $('said').hidden = !problem;
  $('preflight').hidden = !report;
  if (!report) return;
  const { ran, meeting, phones, checks, url, left, busy } = report;
  $('ran').textContent = ran ? t('preflight.ran', { at: ran }) : t('preflight.never_ran');
  if (meeting) {
    const { title, place } = meeting;
    $('meeting').textContent = title ? t('preflight.meeting', { title, place, date: dateInWords(meeting.date) }) : t('preflight.no_meeting');
  }
  $('run').disabled = running || busy;
  $('run').textContent = t(running ? 'preflight.running' : ran ? 'preflight.run_again' : 'preflight.run');
  const sum = sumOf(checks);
  // Opened for the first time while people vote: nothing was looked at.
  $('sum').hidden = checks.length === 0;
  $('sum').dataset.status = sum.status;
  $('sum').textContent = t(`preflight.sum_${sum.status}`, sum);
  $('checks').replaceChildren(...checks.map(lineOf));
  $('phones').replaceChildren(...phones.map(phoneLine));
  $('phones-none').hidden = phones.length > 0;
  $('left').textContent = left ? t('preflight.phones_left', { minutes: Math.ceil(left / 60) }) : t('preflight.phones_closed');
  $('code').hidden = !url;
  $('test-page').hidden = !url;
  $('test-page').href = `/desk/preflight/page?lang=${language()}`;
  // Another run after the old code has lapsed has another code under the same address.
  const wanted = url ? `${url} ${left > 0 ? '' : 'over'}` : '';
  if (wanted !== code) {
    code = wanted;
    if (url) $('code').src = `/desk/preflight.svg?${Date.now()}`;
  }
}

/** Draws what has changed, and nothing while a hand may be on it. @param {Report} now */
function take(now) {
  report = now;
  lost = false;
  const text = JSON.stringify([{ ...now, left: Math.ceil(now.left / 60) }, running, language(), refused]);
  if (text === drawn) return;
  drawn = text;
  draw();
}

/** @param {any} error */
function failed(error) {
  drawn = '';
  if (error && error.status === 401) refused = { error: t('preflight.sign_in'), what_to_do: '' };
  else if (error && error.status && error.answer.error) refused = { what_to_do: '', ...error.answer };
  else lost = true;
  draw();
}

async function look() {
  try {
    const now = await found('/desk/preflight');
    if (!running && refused.error === t('preflight.sign_in')) refused = { error: '', what_to_do: '' };
    take(now);
  } catch (error) {
    failed(error);
  }
}

async function run() {
  if (running || !report) return;
  running = true;
  refused = { error: '', what_to_do: '' };
  draw();
  try {
    const { characters } = report;
    const browser = { zone: -new Date().getTimezoneOffset(), fonts: { asked: characters, missing: missingOf(characters) } };
    take(await found('/desk/preflight/run', browser));
  } catch (error) {
    failed(error);
  }
  running = false;
  drawn = '';
  draw();
}

$('run').addEventListener('click', run);
$('print').addEventListener('click', () => window.print());
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', draw);
(async () => {
  for (;;) {
    if (!running) await look();
    await new Promise(done => setTimeout(done, EVERY_MS));
  }
})();
