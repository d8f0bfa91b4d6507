// The meeting's acts: only what is possible now, each with what it does, each asked about before it is done.

import { t } from '/words.js';
import { ask, decide, outcomeOf, titleOf } from '/console-ask.js';
import { addressFields, fieldsOf, filledIn, sumOf } from '/console-fields.js';
import { countPapers } from '/console-paper.js';
import { $, element, keyed, labelOf, saysOf, write } from '/console-parts.js';
import { askers, takesTwo } from '/console-rights.js';

/** @typedef {import('/console-parts.js').Offer} Offer */

/** Acts that throw something away. */
const SEVERE = ['meeting/new', 'slips/again', 'contest/void', 'rehearsal/destroy'];

/** The newest state, for questions that stand open while it changes. @type {() => any} */
let now = () => null;
/** What each button offers at present. @type {WeakMap<Element, {offer: Offer, contests: number[][], about: string}>} */
const offered = new WeakMap();

/** @param {() => any} state */
export function actOn(state) {
  now = state;
}

/** The same act as it is offered now, or null. @param {string} act @param {number[][]} contests @returns {Offer|null} */
export function still(act, contests) {
  const state = now();
  const lists = contests.length ? state.contests.filter((/** @type {any} */ c) => contests.some(w => w.join() === c.contest.join())).map((/** @type {any} */ c) => c.acts) : [state.acts];
  const found = lists.map((/** @type {Offer[]} */ acts) => acts.find(offer => offer.act === act));
  return found.length && found.every(Boolean) ? found[0] : null;
}

/** Asks, then does. @param {Offer} offer @param {number[][]} contests @param {string} about */
export function propose(offer, contests, about) {
  const state = now();
  const { act } = offer;
  if (act === 'contest/paper') return countPapers(now, offer, contests[0], about, () => still(act, contests) !== null);
  const fields = act === 'freeze' ? addressFields(state) : fieldsOf(offer.fields || [], state);
  const title = titleOf(offer, about);
  return decide({
    key: act,
    label: title,
    fields,
    two: takesTwo(state, act, contests),
    sum: sumOf(act, now),
    says: () => {
      const possible = still(act, contests);
      return possible && saysOf(possible);
    },
    work: async () => {
      const body = filledIn();
      if (contests.length) body.contests = contests;
      return outcomeOf(await ask(act, body), title);
    },
  });
}

/** @param {Offer} offer @param {number[][]} contests @param {string} about */
export function actButton(offer, contests, about) {
  const made = /** @type {HTMLButtonElement} */ (element('button'));
  made.type = 'button';
  made.dataset.act = offer.act;
  if (SEVERE.includes(offer.act)) made.className = 'severe';
  made.addEventListener('click', () => {
    const at = offered.get(made);
    if (at) propose(at.offer, at.contests, at.about);
  });
  dress(made, offer, contests, about);
  return made;
}

/** @param {Element} made @param {Offer} offer @param {number[][]} contests @param {string} about */
export function dress(made, offer, contests, about) {
  offered.set(made, { offer, contests, about });
  write(made, labelOf(offer));
}

/** What usually comes next, in one sentence. @param {any} state */
function guide(state) {
  const can = (/** @type {string} */ act) => state.offered.acts.some((/** @type {Offer} */ o) => o.act === act);
  const contestCan = (/** @type {string} */ act) => state.offered.contests.some((/** @type {any} */ c) => c.contest[0] > 0 && c.acts.some((/** @type {Offer} */ o) => o.act === act));
  const { live, slips } = state;
  if (state.meeting_state === 'archived') return 'archived';
  if (!state.frozen) return can('freeze') ? 'freeze' : state.roster.attendees ? 'settings' : 'import';
  if (live.window.open) return 'window_close';
  if (slips || state.unprinted) return 'print';
  if (live.window.number === 0) return 'window_open';
  if (contestCan('contest/close')) return 'close';
  if (can('rehearsal/destroy')) return 'rehearsal';
  if (state.offered.contests.some((/** @type {any} */ c) => c.paper_slips > 0 && c.acts.some((/** @type {Offer} */ o) => o.act === 'contest/paper'))) return 'paper';
  if (contestCan('contest/publish')) return 'publish';
  if (can('archive')) return 'archive';
  if (can('window/open') && state.checkin && state.checkin.waits) return 'late';
  if (can('window/open') && state.quorum && !state.quorum.holds) return 'quorum';
  if (!live.enrolment_ended) return live.contests.some((/** @type {any} */ c) => c.item > 0 && c.state !== 'unopened') ? 'next_or_end' : 'open';
  return contestCan('contest/open') ? 'open' : 'rest';
}

/** The act that the guide speaks of, where it is one of the meeting's own. */
const NEXT = /** @type {Record<string, string>} */ ({ freeze: 'freeze', window_open: 'window/open', window_close: 'window/close', late: 'window/open', archive: 'archive', rehearsal: 'rehearsal/destroy' });
/** The same, of acts about items. */
const ABOUT = /** @type {Record<string, string>} */ ({ close: 'contest/close', paper: 'contest/paper', publish: 'contest/publish', open: 'contest/open', quorum: 'checkin', next_or_end: 'contest/open' });

/** Who is needed for what comes next: a second person, or somebody else. @param {any} state @param {string} next */
function whoFor(state, next) {
  if (next === 'archived' || next === 'rest') return '';
  const path = NEXT[next] || ABOUT[next] || next;
  const mine = [...state.acts, ...state.contests.flatMap((/** @type {any} */ c) => c.acts)].some((/** @type {Offer} */ o) => o.act === path) || (state.forms || []).includes(path);
  const prepared = state.prepares && !NEXT[next] && !ABOUT[next];
  if (!mine && !prepared) return t('staff.guide_others', { roles: askers(state, path) });
  return takesTwo(state, path) ? t('staff.request_two_people') : '';
}

/** @param {any} state */
export function drawActs(state) {
  const next = guide(state);
  write($('guide'), t(`console.guide_${next}`, { n: state.checkin ? state.checkin.waits : 0 }));
  const who = whoFor(state, next);
  write($('guide-two'), who);
  $('guide-two').hidden = !who;
  const make = (/** @type {Offer} */ offer) => {
    const line = element('div');
    line.append(actButton(offer, [], ''), element('span'));
    return line;
  };
  const severe = (/** @type {Offer} */ offer) => SEVERE.includes(offer.act);
  const acts = [...state.acts.filter((/** @type {Offer} */ o) => !severe(o)), ...state.acts.filter(severe)];
  keyed($('acts'), acts, offer => offer.act, make, (line, offer) => {
    dress(line.firstChild, offer, [], '');
    line.dataset.next = String(NEXT[next] === offer.act);
    write(line.lastChild, saysOf(offer));
  });
}
