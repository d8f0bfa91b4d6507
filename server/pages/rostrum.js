// The rostrum's screen: where the meeting stands, how many, what comes next, and the text to read aloud. It can do
// nothing, and knows nothing but the public state.

import { language, setLanguage, t } from '/words.js';
import { $, clockOf, element, minutesOf, number } from '/hall-parts.js';
import { watchLive } from '/live.js';
import { dueOf, isOver, keyOf, nextOf, openOf, placeOf, stageOf, textsOf, trialOf } from '/rostrum-texts.js';

/** Items that are open at once and shown line by line; of more, only the names. */
const SHOWN = 4;
const TOGETHER_MS = 4000;

/** @type {import('/hall-parts.js').Live|null} */
let live = null;
/** @type {Date|null} */
let lastFrame = null;
let lost = false;
/** When the countdown that is shown ends. @type {number|null} */
let ends = null;
/** What happened last. @type {import('/rostrum-texts.js').Event} */
let event = { window: false, keys: [] };
let happened = 0;
/** The text that is shown, and whether the chair turned to it: then it stays until he turns on. */
let shown = '';
let turned = false;

/** @param {string} id @param {string} text */
function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

/** Draws a box anew only when it shows something else. @param {string} id @param {Element[]} made */
function fill(id, made) {
  const shows = made.map(each => each.outerHTML).join('');
  if ($(id).dataset.shows === shows) return;
  $(id).dataset.shows = shows;
  $(id).replaceChildren(...made);
}

/** @param {import('/hall-parts.js').Live} before @param {import('/hall-parts.js').Live} after */
function notice(before, after) {
  const states = new Map(before.contests.map(c => [keyOf(c), c.state]));
  const changed = after.contests.filter(c => (states.get(keyOf(c)) || 'unopened') !== c.state);
  const closed = before.window.open && !after.window.open;
  if (changed.length) {
    // Several that are published together come one right after the other.
    const together = changed.every(isOver) && !event.window && Date.now() - happened < TOGETHER_MS ? event.keys : [];
    event = { window: false, keys: [...together, ...changed.map(keyOf)] };
    happened = Date.now();
  } else if (closed) event = { window: true, keys: event.keys };
}

/** @param {import('/hall-parts.js').Contest} contest */
function receivedLine(contest) {
  const { issued, received } = contest;
  const missing = issued !== null && received !== null ? Math.max(0, issued - received) : null;
  const line = element('p', 'sum', `${t('rostrum.received')} `, element('b', '', number(received)), ` / ${number(issued)}`);
  if (missing !== null) line.append(element('span', 'missing', missing ? t('rostrum.missing', { n: missing }) : t('rostrum.complete')));
  return line;
}

/** @param {import('/hall-parts.js').Contest} contest */
function person(contest) {
  const tags = [contest.report && t(`rostrum.${contest.report}`), contest.round > 1 && t('rostrum.round', { n: contest.round }), placeOf(contest)].filter(Boolean);
  return [element('p', 'person', contest.name), element('p', 'place', tags.join(' · '))];
}

/** @param {import('/hall-parts.js').Live} now */
function drawNow(now) {
  const open = openOf(now);
  const trial = trialOf(now);
  if (open.length > 1) {
    const sums = open.map(c => [c.issued, c.received]);
    const missing = sums.every(s => !s.includes(null)) ? sums.reduce((sum, [issued, received]) => sum + Math.max(0, Number(issued) - Number(received)), 0) : null;
    const few = open.map(c => element('p', 'line', element('b', '', c.name), element('span', '', `${number(c.received)} / ${number(c.issued)}`)));
    const lines = open.length > SHOWN ? [element('p', 'names', open.map(c => c.name).join(t('rostrum.and')))] : few;
    return fill('now', [...lines, element('p', 'sum', t('rostrum.missing_all', { n: number(missing), items: open.length }))]);
  }
  if (open.length) return fill('now', [...person(open[0]), receivedLine(open[0])]);
  if (trial && ['open', 'closing', 'stopped'].includes(trial.state)) {
    const { issued, received } = trial;
    const line = element('p', 'sum', `${t('rostrum.tried')} `, element('b', '', number(received)), ` / ${number(issued)}`);
    const missing = issued !== null && received !== null ? Math.max(0, issued - received) : null;
    if (missing !== null) line.append(element('span', 'missing', missing ? t('rostrum.not_tried', { n: missing }) : t('rostrum.all_tried')));
    return fill('now', [element('p', 'person', t('rostrum.trial_name')), line]);
  }
  return fill('now', [element('p', 'none', t('rostrum.nothing_open'))]);
}

/** @param {import('/hall-parts.js').Live} now */
function drawNext(now) {
  const next = nextOf(now);
  const nothing = now.contests.some(c => c.item > 0) ? t('rostrum.nothing_next') : '—';
  fill('next', next && now.phase !== 'archived' ? person(next) : [element('p', 'none', nothing)]);
}

function drawCountdown() {
  $('countdown').hidden = ends === null;
  const left = ends === null ? 0 : (ends - Date.now()) / 1000;
  if (ends !== null) write('clock', lost ? '—' : minutesOf(left));
  const open = live && openOf(live).length;
  const says = ends !== null ? (left > 0 || lost ? 'rostrum.countdown_says' : 'rostrum.countdown_over') : open ? 'rostrum.no_countdown' : '';
  write('countdown-says', says && t(says));
}

/** @param {import('/hall-parts.js').Live} now */
function drawText(now) {
  const texts = textsOf(now, event);
  const due = dueOf(now, event, texts);
  if (!turned || !texts.some(text => text.id === shown)) [shown, turned] = [due, false];
  const at = texts.findIndex(text => text.id === shown);
  const { title, lines, cue } = texts[at];
  write('text-title', title);
  write('text-place', `${at + 1} / ${texts.length}`);
  const before = $('text').dataset.shows;
  fill('text', lines.map(line => element('p', '', line)));
  if ($('text').dataset.shows !== before) $('text').scrollTop = 0;
  write('cue', cue);
  $('cue').hidden = !cue;
  const dueNow = shown === due;
  $('reading').dataset.due = String(dueNow);
  write('due', dueNow ? t('rostrum.is_due') : t('rostrum.to_due', { title: (texts.find(text => text.id === due) || { title: '' }).title }));
  for (const [id, off] of [['due', dueNow], ['back', at === 0], ['forth', at === texts.length - 1]]) /** @type {HTMLButtonElement} */ ($(String(id))).disabled = Boolean(off);
}

/** @param {number} by */
function turn(by) {
  if (!live) return;
  const texts = textsOf(live, event);
  const at = texts.findIndex(text => text.id === shown) + by;
  if (!texts[at]) return;
  shown = texts[at].id;
  turned = shown !== dueOf(live, event, texts);
  draw();
}

function draw() {
  $('lost').hidden = !lost;
  if (lost) write('lost', lastFrame ? t('rostrum.lost_since', { time: clockOf(lastFrame) }) : t('rostrum.lost'));
  drawCountdown();
  document.body.dataset.known = String(Boolean(live));
  if (!live) return write('stage', t(lost ? 'rostrum.lost' : 'rostrum.connecting'));
  const now = live;
  const stage = stageOf(now);
  write('title', now.title ? t('rostrum.name_title', { title: now.title }) : t('rostrum.name'));
  $('drill').hidden = !now.drill;
  document.body.dataset.stage = stage;
  write('stage', t(`rostrum.stage_${stage}`, { window: now.window.number, n: openOf(now).length }));
  write('expected', now.expected ? number(now.expected) : '—');
  write('present', number(now.present));
  write('phones', now.screen_code ? number(now.enrolled) : '—');
  drawNow(now);
  drawNext(now);
  drawText(now);
}

$('back').addEventListener('click', () => turn(-1));
$('forth').addEventListener('click', () => turn(1));
$('due').addEventListener('click', () => {
  turned = false;
  draw();
});
// A presenter's remote sends these keys.
document.addEventListener('keydown', press => {
  if (press.altKey || press.ctrlKey || press.metaKey) return;
  if (['ArrowLeft', 'PageUp'].includes(press.key)) turn(-1);
  else if (['ArrowRight', 'PageDown'].includes(press.key)) turn(1);
  else return;
  press.preventDefault();
});
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', draw);
setInterval(drawCountdown, 500);
draw();
watchLive(now => {
  if (live) notice(live, now);
  live = now;
  lastFrame = new Date();
  ends = now.countdown ? Date.now() + 1000 * now.countdown.left : null;
  lost = false;
  draw();
}, () => {
  lost = true;
  draw();
});
