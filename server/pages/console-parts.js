// What the console's modules share: elements, numbers, names.

import { t } from '/words.js';

/** @param {string} id */
export const $ = id => /** @type {any} */ (document.getElementById(id));

/** What is not known is a dash, never 0. @param {number|null|undefined} n */
export const number = n => (n === null || n === undefined ? '—' : String(n));

/** @param {string} tag @param {string} [text] @param {string} [className] */
export function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** A link into a tab of its own. @param {string} href @param {string} text */
export function link(href, text) {
  const made = /** @type {HTMLAnchorElement} */ (element('a', text, 'button'));
  Object.assign(made, { href, target: '_blank', rel: 'noopener noreferrer' });
  return made;
}

/** Draws a list so that what stays, stays: an element that is being pressed or read is not replaced under the hand.
 * @template T @param {Element} box @param {T[]} items @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make @param {(made: any, item: T) => void} update */
export function keyed(box, items, keyOf, make, update) {
  const before = new Map([...box.children].map(child => [/** @type {HTMLElement} */ (child).dataset.key, child]));
  const after = items.map(item => {
    const key = keyOf(item);
    const made = /** @type {HTMLElement} */ (before.get(key) || make(item));
    made.dataset.key = key;
    update(made, item);
    return made;
  });
  if (after.length !== box.children.length || after.some((made, i) => box.children[i] !== made)) box.replaceChildren(...after);
}

/** Sets a text only if it is another one: a screen reader is not told again. @param {Element} box @param {string} text */
export function write(box, text) {
  if (box.textContent !== text) box.textContent = text;
}

/** Key of an act or a path in the message files. @param {string} path */
export const wordOf = path => path.replace(/\//g, '_');

/** @param {{act: string}} offer */
export const labelOf = offer => t(`act.${wordOf(offer.act)}`);

/** @param {{says: string, values: Record<string, unknown>}} offer */
export const saysOf = offer => t(`act.says_${offer.says}`, offer.values);

/** @typedef {{act: string, says: string, values: Record<string, any>, fields: string[]}} Offer */
/** @typedef {{contest: [number, number], state: string, acts: Offer[]}} ContestOffers */

/** Where a contest of the console's list stands in the public state; as not opened if it is not there.
 * @param {any} state @param {[number, number]} contest */
export function liveOf(state, [item, round]) {
  const found = state.live.contests.find((/** @type {any} */ c) => c.item === item && c.round === round);
  return found || { item, round, name: '', unit: '', post: '', report: '', state: 'unopened', issued: null, received: null, released: null, result: null, board_code: null };
}

/** An official's name, with the round if it is not the first. @param {any} live */
export function nameOf(live) {
  const name = live.item === 0 || !live.name ? t('console.rehearsal') : live.name;
  return live.round > 1 ? t('console.name_round', { name, n: live.round }) : name;
}
