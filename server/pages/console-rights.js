// Which buttons a person is offered. The server decides who may do what and refuses the rest; this only keeps buttons
// away that it would refuse.

import { t } from '/words.js';

/** @typedef {import('/console-parts.js').Offer} Offer */

const ROLES = ['office', 'chair', 'scrutineer', 'teller', 'auditor'];
/** For each act a letter a role, from the server: `a` does it alone, `t` takes part (asks for it, or confirms it), `c`
 * confirms only, `-` nothing. @type {Record<string, string>} */
let rights = {};

/** @param {Record<string, string>} table */
export const setRights = table => { rights = table; };

/** What can be done with several items at once. */
export const TOGETHER = ['contest/open', 'contest/close', 'contest/publish'];
/** @param {string} act @param {number} round */
const rowOf = (act, round) => rights[act === 'contest/open' && round > 1 ? 'round' : act] || '-----';

/** Whether a second person has to confirm the act. @param {any} state @param {string} act @param {number[][]} [contests] */
export function takesTwo(state, act, contests = []) {
  const round = Math.max(0, ...contests.map(contest => contest[1]));
  return state.settings.two_people !== false && rowOf(act, round).includes('t');
}

/** @param {string} role @param {string} act @param {boolean} two @param {number} [round] */
function asks(role, act, two, round = 0) {
  const right = rowOf(act, round)[ROLES.indexOf(role)];
  return right === 'a' || (right === 't' && (two || role === 'office' || role === 'chair'));
}

/** Whether a role does this by itself. @param {string} act @param {string} role */
export const mayAlone = (act, role) => rowOf(act, 0)[ROLES.indexOf(role)] === 'a';

/** Who can ask for an act, in words. @param {any} state @param {string} act */
export const askers = (state, act) => ROLES.filter(role => asks(role, act, state.settings.two_people !== false)).map(role => t(`staff.role_${role}`)).join(t('console.comma'));

/** The state with what this person is offered; `offered` keeps what anybody is. @param {any} state @param {string} role */
export function offeredTo(state, role) {
  const two = state.settings.two_people !== false;
  const own = (/** @type {Offer[]} */ acts, /** @type {number} */ round) => acts.filter(offer => asks(role, offer.act, two, round));
  return {
    ...state,
    offered: { acts: state.acts, contests: state.contests },
    acts: own(state.acts, 0),
    contests: state.contests.map((/** @type {any} */ c) => ({ ...c, acts: own(c.acts, c.contest[1]), some: c.acts.length > 0 })),
    forms: (state.forms || []).filter((/** @type {string} */ form) => asks(role, form, two)),
    slips: role === 'office' ? state.slips : null,
    unprinted: Boolean(state.slips),
    prepares: role === 'office',
    picks: TOGETHER.some(act => asks(role, act, two)),
  };
}
