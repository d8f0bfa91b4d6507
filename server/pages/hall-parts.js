// What the hall screen's pictures are made of: elements, drawings, numbers in words.

import { language, t } from '/words.js';

/**
 * @typedef {{zh: string, en: string, kind: string}} Option
 * @typedef {{item: number, round: number, name: string, unit: string, post: string, report: string, state: string,
 *   issued: number|null, received: number|null, released: {total: number, counts: number[]}|null,
 *   result: Result|null, board_code: string|null}} Contest
 * @typedef {{issued: number, cast: number, missing: number, votes: number[]|null, valid: number|null,
 *   abstained: number|null, base: string, threshold: Threshold|null}} Result
 * @typedef {{option: number, count: number, base: number, base_kind: string, reaches_limit: [number, number],
 *   reaches: boolean|null, over_limit: [number, number], over: boolean|null}} Threshold
 * @typedef {{phase: string, drill: boolean, title: string, date: string, place: string, screen_code: string|null,
 *   expected: number, enrolled: number, present: number|null, window: {number: number, open: boolean},
 *   enrolment_ended: boolean, scale: Option[], release: string, contests: Contest[], moved: {url: string}|null,
 *   wifi: {ssid: string}|null, countdown: {left: number}|null}} Live
 */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} id */
export const $ = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** What is not known is a dash, never 0. @param {number|null|undefined} n */
export const number = n => (n === null || n === undefined ? '—' : String(n));

/** @param {string} tag @param {string} className @param {...(string|Node)} inside */
export function element(tag, className, ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {string} [text] */
export function drawn(tag, attributes, text = '') {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}

/** @param {Option} option */
export const optionName = option => (language() === 'en' ? option.en : option.zh);

/** The name of a contest; the rehearsal has none of its own. @param {{item: number, name: string}} contest */
export const contestName = contest => (contest.item === 0 || !contest.name ? t('hall.rehearsal') : contest.name);

/** `20 %` where that is exact, else `1/3`. @param {[number, number]} limit */
export function share([num, den]) {
  return (100 * num) % den === 0 ? `${(100 * num) / den} %` : `${num}/${den}`;
}

/** `10:32`, as a clock on the wall shows it. @param {Date} at */
export function clockOf(at) {
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

/** `4:05`. @param {number} seconds */
export function minutesOf(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}
