// The hall screen: draws the newest live state, and says so when it is no longer the newest.
// A number that is not known is a dash, never 0. Nothing here counts ballots by itself.

import { dateInWords, t } from '/words.js';
import { card, onScreen } from '/hall-cards.js';
import { drawJoining, leaveJoining, picture } from '/hall-joining.js';
import { $, clockOf, minutesOf, number } from '/hall-parts.js';
import { watchLive } from '/live.js';

const PAGE_SECONDS = 12;
/** After a contest changed its state its page stays at least this long. */
const STAY_MS = 8000;
const AT_ONCE_MS = 1500;

/** @type {import('/hall-parts.js').Live|null} */
let live = null;
/** @type {Date|null} */
let lastFrame = null;
let lost = false;
let page = 0;
let turned = Date.now();
let followed = 0;
/** The contest whose page stays for a while. @type {string|null} */
let held = null;
/** When the countdown that is shown ends. @type {number|null} */
let ends = null;
/** State of each contest as last drawn. @type {Map<string, string>} */
let states = new Map();

/** Four cards while ballots come in, two with results; one beside the picture of a new address. @param {import('/hall-parts.js').Contest[]} contests @param {boolean} moved */
function perPage(contests, moved) {
  const open = contests.some(c => ['open', 'closing', 'stopped'].includes(c.state));
  if (moved) return 1;
  return open ? 4 : 2;
}

/** Turns to a contest that has just changed its state. @param {import('/hall-parts.js').Live} now
 * @param {import('/hall-parts.js').Contest[]} contests those on the screen @param {number} each */
function follow(now, contests, each) {
  const key = (/** @type {import('/hall-parts.js').Contest} */ c) => `${c.item}/${c.round}`;
  const changed = contests.filter(c => states.size > 0 && states.get(key(c)) !== c.state).map(key);
  states = new Map(now.contests.map(c => [key(c), c.state]));
  if (changed.length) {
    // Of several that change at once the first is shown.
    if (Date.now() - followed >= AT_ONCE_MS) held = changed[0];
    followed = Date.now();
    turned = followed + STAY_MS;
  }
  // The same contest may stand on another page by now.
  const at = contests.findIndex(c => key(c) === held);
  if (at >= 0) page = Math.floor(at / each);
}

function drawCountdown() {
  $('countdown').hidden = ends === null;
  if (ends === null) return;
  const left = (ends - Date.now()) / 1000;
  $('clock').textContent = lost ? '—' : minutesOf(left);
  $('countdown-says').textContent = t(left > 0 || lost ? 'hall.countdown_says' : 'hall.countdown_over');
}

/** @param {import('/hall-parts.js').Contest[]} contests @param {import('/hall-parts.js').Live} now */
function drawCards(contests, now) {
  const each = perPage(contests, Boolean(now.moved));
  follow(now, contests, each);
  const pages = Math.max(1, Math.ceil(contests.length / each));
  page %= pages;
  const shown = contests.slice(page * each, (page + 1) * each);
  const layout = shown.length === 1 ? 'one' : shown.length === 2 ? 'two' : 'four';
  $('cards').dataset.layout = layout;
  $('cards').replaceChildren(...shown.map(contest => card(contest, now, layout)));
  $('page').textContent = pages > 1 ? t('hall.page', { n: page + 1, of: pages }) : '';
}

function draw() {
  $('lost').hidden = !lost;
  if (lost) $('lost').textContent = lastFrame ? t('hall.lost_since', { time: clockOf(lastFrame) }) : t('hall.lost');
  drawCountdown();
  if (!live) {
    $('waiting-words').textContent = lost ? '—' : t('hall.connecting');
    return;
  }
  const now = live;
  const contests = onScreen(now);
  const view = !now.screen_code ? 'waiting' : now.window.open || !contests.length ? 'enrolment' : 'cards';
  document.body.dataset.phase = now.phase;
  document.body.dataset.view = view;
  $('title').textContent = view === 'waiting' ? t('common.douxuan') : now.title || t('common.douxuan');
  $('drill').hidden = !now.drill;
  const when = [now.date && dateInWords(now.date), now.place].filter(Boolean).join('　');
  $('when').textContent = view === 'waiting' ? '' : when;
  $('waiting-words').textContent = now.title && view === 'waiting' ? now.title : t('hall.preparing');
  $('waiting-more').textContent = now.title ? [when, t('hall.preparing')].filter(Boolean).join('　·　') : '';
  for (const name of ['waiting', 'enrolment', 'cards']) $(name).hidden = name !== view;

  $('page').textContent = '';
  if (view === 'enrolment') drawJoining(now);
  else leaveJoining();
  if (view === 'cards') drawCards(contests, now);
  const band = Boolean(now.moved) && view === 'cards' && !now.enrolment_ended;
  $('moved').hidden = !band;
  if (band && !$('moved').querySelector('figure')) $('moved').append(picture('/typed.svg', t('hall.typed_alt'), ''));
  if (!band) $('moved').querySelector('figure')?.remove();

  $('small-code').textContent = view === 'cards' ? t('hall.small_code', { code: now.screen_code }) : '';
  $('counts').textContent = now.screen_code
    ? t('hall.counts', { expected: number(now.expected), present: number(now.present), enrolled: number(now.enrolled) }) : '';
}

setInterval(() => {
  drawCountdown();
  if (Date.now() - turned < PAGE_SECONDS * 1000) return;
  turned = Date.now();
  held = null;
  page += 1;
  draw();
}, 1000);
document.addEventListener('language', draw);
watchLive(now => {
  live = /** @type {import('/hall-parts.js').Live} */ (now);
  lastFrame = new Date();
  ends = live.countdown ? Date.now() + 1000 * live.countdown.left : null;
  lost = false;
  draw();
}, () => {
  lost = true;
  draw();
});
