// Papers: two people count, each enters what he counted, and neither sees the other's figures. Who has entered is
// shown; what was entered never is, and this page keeps none of it.

import { t } from '/words.js';
import { ask, decide, isActing, redraw, say, titleOf } from '/console-ask.js';
import { me } from '/console-entry.js';
import { fieldsOf, filledIn, typed } from '/console-fields.js';
import { element, liveOf, nameOf, number, saysOf } from '/console-parts.js';

const ACT = 'contest/paper';
const AGAIN_MS = 3000;
/** From here on papers are graded, and phones too. */
const FEWEST = 5;

/** @typedef {{contest: [number, number], acts: any[], paper_slips: number, paper_waits: {by: string, role: string, id: string}|null, paper_gone: {why: string, by: string[]}|null}} Own */

/** Contests in which a count of one's own waits, as this page has last seen it. @type {Set<string>} */
let mine = new Set();

/** @param {any} state @param {number[]} contest @returns {Own} */
const ownOf = (state, contest) => state.contests.find((/** @type {Own} */ own) => own.contest.join() === contest.join());

/** Whether papers of it can still be entered, by whomever. @param {any} state @param {number[]} contest */
const isOpen = (state, contest) => state.offered.contests.some((/** @type {Own} */ own) => own.contest.join() === contest.join() && own.acts.some(offer => offer.act === ACT));

/** @param {Own} own */
const isMine = own => Boolean(own.paper_waits && own.paper_waits.id === me()?.id);

/** Where a contest's papers stand, for its row. @param {any} state @param {Own} own @returns {{text: string, warn: boolean}|null} */
export function paperLine(state, own) {
  if (!isOpen(state, own.contest)) return null;
  const { paper_waits: waits, paper_gone: gone, paper_slips: papers } = own;
  if (waits) return { text: isMine(own) ? t('paper.line_mine') : t('paper.line_waits', { name: waits.by }), warn: false };
  if (gone) return { text: t(`paper.line_${gone.why}`, { names: gone.by.join(t('console.comma')) }), warn: true };
  return papers ? { text: t(state.settings.two_people === false ? 'paper.line_none_one' : 'paper.line_none', { papers }), warn: false } : null;
}

/** What entering means now. @param {any} state @param {Own} own @param {any} offer */
function consequence(state, own, offer) {
  const { paper_waits: waits, paper_slips: papers } = own;
  if (state.settings.two_people === false) return [saysOf(offer), t('paper.most', { papers })].join('\n');
  const words = !waits ? t('paper.first') : isMine(own) ? t('paper.again') : t('paper.second', { name: waits.by });
  return [words, t('paper.most', { papers })].join('\n');
}

/** Papers that came back, as typed, and why they are not graded. @param {any} live @returns {{collected: number|null, few: string}} */
function fewOf(live) {
  const collected = typed('collected');
  if (live.received !== null && live.received > 0 && live.received < FEWEST) return { collected, few: t('paper.few_phones', { n: live.received }) };
  return { collected, few: collected !== null && collected < FEWEST ? t('paper.few', { n: collected }) : '' };
}

/** The arithmetic while it is typed. The grades are asked for only where they count. @param {any} live @param {Own} own
 * @returns {{text: string, holds: boolean}} */
function sum(live, own) {
  const { collected, few } = fewOf(live);
  const grades = document.getElementById('paper-grades');
  if (grades) grades.hidden = collected === null || Boolean(few);
  const issued = typed('issued');
  const { votes = [], invalid = 0 } = filledIn();
  const graded = votes.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) + invalid;
  const faults = [
    issued !== null && issued > own.paper_slips ? t('paper.too_many_issued', { issued, papers: own.paper_slips }) : '',
    issued !== null && collected !== null && collected > issued ? t('paper.too_many_back', { n: collected - issued }) : '',
    collected !== null && !few && graded !== collected ? t(graded < collected ? 'console.sum_few' : 'console.sum_many', { n: Math.abs(graded - collected) }) : '',
  ].filter(Boolean);
  const said = few || t('paper.sum', { votes: graded - invalid, invalid, sum: graded, collected: number(collected) });
  return { text: [said, ...faults].join(' '), holds: !faults.length };
}

/** What is sent: papers that are too few are counted, and their grades never leave the page. @param {any} live @param {number[]} contest */
function bodyOf(live, contest) {
  const { issued, collected, votes, invalid } = filledIn();
  if (!fewOf(live).few) return { contest, issued, collected, invalid, ungraded: 0, votes };
  return { contest, issued, collected, invalid: 0, ungraded: collected, votes: votes.map(() => 0) };
}

/** @param {any} answer @param {string} title */
function outcome({ paper }, title) {
  return paper === 'sealed' ? t('paper.sealed', { act: title }) : t('console.done', { act: title });
}

/** The form. @param {() => any} now @param {any} offer @param {number[]} contest @param {string} about @param {() => boolean} possible */
export function countPapers(now, offer, contest, about, possible) {
  const title = titleOf(offer, about);
  const live = () => liveOf(now(), /** @type {[number, number]} */ (contest));
  const grades = element('div');
  grades.id = 'paper-grades';
  grades.append(...fieldsOf(['votes', 'invalid'], now()));
  decide({
    key: ACT,
    label: title,
    fields: [...fieldsOf(['issued', 'collected'], now()), grades],
    says: () => (possible() ? consequence(now(), ownOf(now(), contest), offer) : null),
    sum: () => sum(live(), ownOf(now(), contest)),
    ready: () => sum(live(), ownOf(now(), contest)).holds,
    work: async () => {
      const answer = await ask(ACT, bodyOf(live(), contest));
      // Before the state says so: the second count may be there by then.
      if (answer && answer.paper === 'sealed') mine.add(contest.join());
      return outcome(answer, title);
    },
  });
}

/** Tells whoever entered the first count how it ended. @param {any} state */
export function drawPapers(state) {
  const before = mine;
  mine = new Set(state.contests.filter(isMine).map((/** @type {Own} */ own) => own.contest.join()));
  for (const own of state.contests) {
    const key = own.contest.join();
    if (!before.has(key) || isMine(own) || own.paper_waits) continue;
    if (isActing()) {
      // Told at the next look: the line of words is taken now.
      mine.add(key);
      continue;
    }
    const name = nameOf(liveOf(state, own.contest));
    if (own.paper_gone && own.paper_gone.why === 'differ') say(t('paper.told_differ', { name }), true);
    else if (!isOpen(state, own.contest)) say(t(liveOf(state, own.contest).state === 'closed' ? 'paper.told_counted' : 'paper.told_dropped', { name }));
  }
}

/** Nobody is signed in: nothing of one's own waits. */
export function forgetPapers() {
  mine = new Set();
}

/** A second person's entry is no news of the meeting: whoever waits for it asks. @param {() => any} now @param {() => Promise<any>} refresh */
export function papersOn(now, refresh) {
  let busy = false;
  setInterval(async () => {
    const state = now();
    if (busy || !state || isActing() || !state.contests.some((/** @type {Own} */ own) => own.paper_slips > 0 && isOpen(state, own.contest))) return;
    busy = true;
    await refresh().catch(() => {});
    redraw();
    busy = false;
  }, AGAIN_MS);
}
