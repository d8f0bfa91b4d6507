// The contests: where each stands, how many have cast, and what can be done with one or with several.

import { t } from '/words.js';
import { ask, decide, outcomeOf, say } from '/console-ask.js';
import { actButton, dress, still } from '/console-acts.js';
import { paperLine } from '/console-paper.js';
import { $, element, keyed, labelOf, liveOf, nameOf, number, saysOf, write } from '/console-parts.js';
import { TOGETHER, takesTwo } from '/console-rights.js';

const ENDS_REHEARSAL = 'rehearsal/destroy';
const STATES = ['unopened', 'open', 'closing', 'closed', 'published', 'voided'];

/** @param {string} state the eight of the server as the six of the state line */
function lineOf(state) {
  if (state === 'stopped') return 'open';
  if (state === 'withheld') return 'published';
  if (state === 'destroyed') return 'voided';
  return state;
}

/** @returns {string[]} */
const chosen = () => [...document.querySelectorAll('#contests input:checked')].map(box => /** @type {HTMLInputElement} */ (box).value);

/** The first count of a contest that does not hold, in words. @param {any} state @param {number[]} contest */
export function violationOf(state, contest) {
  const own = ((state.counts || {}).contests || []).find((/** @type {any} */ c) => c.contest.join() === contest.join());
  const broken = [...((own || {}).checks || []), ...((state.counts || {}).meeting || [])].filter((/** @type {any} */ check) => !check.holds);
  return broken.map((/** @type {any} */ check) => t(`counts.${check.rule}`, check.values)).join(t('console.semicolon'));
}

/** @param {any} state */
function drawStates(state) {
  const counts = Object.fromEntries(STATES.map(name => [name, 0]));
  for (const { contest } of state.contests) {
    const now = liveOf(state, contest).state;
    // A further round that could be opened is no item that is still to come.
    if (contest[0] > 0 && (now !== 'unopened' || contest[1] === 1)) counts[lineOf(now)] += 1;
  }
  keyed($('contest-states'), STATES, name => name, name => element('li', '', name), (made, name) => {
    write(made, `${t(`console.line_${name}`)} ${counts[name]}`);
    made.dataset.some = String(counts[name] > 0);
  });
}

/** A later round is shown once it can be opened, the rehearsal while it can; an item's first round stands there always,
 * also while a window is open and nothing can be done with it. @param {any} state @param {number[]} contest */
function hidden(state, contest) {
  const own = state.contests.find((/** @type {any} */ c) => c.contest.join() === contest.join());
  return contest[1] !== 1 && !own.some && liveOf(state, /** @type {[number, number]} */ (contest)).state === 'unopened';
}

/** @param {any} state @param {any} live */
function rule(state, live) {
  if (live.state !== 'open' || live.item === 0 || state.live.release !== 'live') return '';
  const least = 4 * state.settings.held_back;
  if (live.round > 1) return t('console.shown_later_round');
  return live.issued !== null && live.issued < least ? t('console.shown_small', { n: live.issued, least }) : t('console.shown_live');
}

/** @param {any} state @param {import('/console-parts.js').ContestOffers} own */
function makeRow(state, own) {
  const row = element('tr');
  const box = document.createElement('input');
  Object.assign(box, { type: 'checkbox', value: own.contest.join('/') });
  const pick = element('td');
  pick.append(box);
  row.append(pick, ...['item', 'who', 'round', 'state', 'issued', 'received'].map(name => element('td', '', name)), element('td', '', 'buttons'));
  const [who, stands] = [row.querySelector('.who'), row.querySelector('.state')];
  const small = element('small');
  small.append(element('span'), ' ', element('b'));
  who?.append(element('b'), small);
  for (const cell of [stands, row.querySelector('.received')]) cell?.append(element('span'), element('small'));
  return row;
}

/** @param {HTMLElement} row @param {any} state @param {import('/console-parts.js').ContestOffers} own */
function updateRow(row, state, own) {
  const live = liveOf(state, own.contest);
  const now = own.state || live.state;
  const name = nameOf(live);
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  row.dataset.state = live.state === 'withheld' ? 'withheld' : now;
  part('input').setAttribute('aria-label', t('console.choose', { name }));
  write(part('.item'), own.contest[0] ? String(own.contest[0]) : '—');
  write(part('.who b'), live.item === 0 ? t('console.rehearsal') : live.name);
  const [place, report] = part('.who small').children;
  write(place, live.item === 0 ? t('console.rehearsal_says') : [live.unit, live.post].filter(Boolean).join(' '));
  write(report, live.report ? t(`console.${live.report}`) : '');
  write(part('.round'), own.contest[1] ? String(own.contest[1]) : '—');
  write(part('.state span'), t(`console.state_${row.dataset.state}`));
  const broken = live.state === 'closed' ? violationOf(state, own.contest) : '';
  const paper = live.state === 'closed' && !broken ? paperLine(state, /** @type {any} */ (own)) : null;
  write(part('.state small'), broken ? t('console.blocked', { what: broken }) : paper ? paper.text : rule(state, live));
  part('.state small').className = broken || (paper && paper.warn) ? 'warn' : '';
  write(part('.issued'), number(live.issued));
  const received = live.state === 'destroyed' ? null : live.received;
  const missing = live.issued !== null && received !== null ? live.issued - received : null;
  write(part('.received span'), number(received));
  write(part('.received small'), live.state === 'open' && missing ? t('console.item_missing', { n: missing }) : '');
  // The rehearsal's end is an act of the meeting; who looks for it looks here too.
  const ends = own.contest[0] ? [] : state.acts.filter((/** @type {any} */ offer) => offer.act === ENDS_REHEARSAL);
  const about = (/** @type {any} */ offer) => /** @type {[number[][], string]} */ (offer.act === ENDS_REHEARSAL ? [[], ''] : [[own.contest], name]);
  keyed(part('.buttons'), [...own.acts, ...ends], offer => offer.act, offer => actButton(offer, ...about(offer)), (made, offer) => dress(made, offer, ...about(offer)));
}

/** What several acts at once do, contest by contest, in few words. @param {any} state @param {number[][]} picked @param {string} path */
function listOf(state, picked, path) {
  return picked.map(contest => {
    const live = liveOf(state, /** @type {[number, number]} */ (contest));
    const offer = still(path, [contest]);
    const few = () => {
      if (!offer) return t('console.not_possible_now');
      const { issued, received, missing } = offer.values;
      if (path === 'contest/open' && offer.says === 'contest_open_two_rounds') return t('console.item_open_two_rounds', { issued: number(issued) });
      if (path === 'contest/open') return t(offer.says === 'contest_open_live' ? 'console.item_open_live' : 'console.item_open', { issued: number(issued) });
      if (path === 'contest/close' && issued !== undefined) return missing ? t('console.item_missing', { n: missing }) : t('console.item_all', { n: issued });
      if (offer.says === 'contest_publish_no_paper') return t('paper.item_out', { n: number(received), papers: offer.values.papers });
      return t('console.item_received', { n: number(received) });
    };
    return `${nameOf(live)}${t('console.colon')}${few()}`;
  });
}

/** How many ballots are still out, over all that are picked. @param {any} state @param {number[][]} picked */
function missingIn(state, picked) {
  const lives = picked.map(contest => liveOf(state, /** @type {[number, number]} */ (contest)));
  const known = lives.filter(live => live.issued !== null && live.received !== null);
  const missing = known.reduce((sum, live) => sum + live.issued - live.received, 0);
  const unknown = lives.length - known.length;
  return t('console.bulk_close', { contests: picked.length, missing }) + (unknown ? t('console.bulk_unknown', { n: unknown }) : '');
}

/** @param {() => any} now the state @param {string} path */
function bulk(now, path) {
  const every = now().contests.filter((/** @type {any} */ c) => c.acts.some((/** @type {any} */ a) => a.act === path));
  const picked = every.map((/** @type {any} */ c) => c.contest).filter((/** @type {number[]} */ c) => chosen().includes(c.join('/')));
  const label = t(`act.${path.replace('/', '_')}`);
  if (!picked.length) return say(t('console.choose_first', { act: label }), true);
  const title = t('console.bulk_title', { act: label, n: picked.length });
  return decide({
    key: path,
    label: title,
    two: takesTwo(now(), path, picked),
    says: () => {
      if (!picked.every((/** @type {number[]} */ c) => still(path, [c]))) return null;
      if (picked.length === 1) return saysOf(/** @type {any} */ (still(path, picked)));
      return path === 'contest/close' ? missingIn(now(), picked) : t(`console.bulk_${path.replace('contest/', '')}`, { n: picked.length });
    },
    list: () => (picked.length > 1 ? listOf(now(), picked, path) : []),
    work: async () => {
      return outcomeOf(await ask(path, { contests: picked }), title);
    },
  });
}

/** @param {() => any} now the state */
export function contestsOn(now) {
  $('all').addEventListener('change', () => {
    for (const box of document.querySelectorAll('#contests input')) /** @type {HTMLInputElement} */ (box).checked = $('all').checked;
  });
  $('bulk').addEventListener('click', (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('button');
    if (button) bulk(now, button.dataset.bulk || '');
  });
}

/** @param {any} state */
export function drawContests(state) {
  drawStates(state);
  $('contests-section').dataset.picks = String(state.picks);
  const rows = state.contests.filter((/** @type {any} */ own) => !hidden(state, own.contest));
  keyed($('contests'), rows, (/** @type {any} */ own) => own.contest.join('/'), own => makeRow(state, own), (row, own) => updateRow(row, state, own));
  const possible = TOGETHER.filter(path => rows.some((/** @type {any} */ own) => own.acts.some((/** @type {any} */ a) => a.act === path)));
  const make = (/** @type {string} */ path) => {
    const made = /** @type {HTMLButtonElement} */ (element('button'));
    made.type = 'button';
    made.dataset.bulk = path;
    return made;
  };
  keyed($('bulk'), possible, path => path, make, (made, path) => write(made, t('console.bulk', { act: labelOf({ act: path }) })));
}
