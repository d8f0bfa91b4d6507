// A code as somebody typed it from paper or a screen, compared with the one worked out here.

import { bytesOf, call, text } from '/receipt-core.js';

const DIGITS = 32;

/** Digits only, also those of full width. @param {string} typed */
export const digitsOf = typed => typed.normalize('NFKC').replace(/[^0-9]/g, '');

/** Groups of four. @param {string} digits */
export const grouped = digits => digits.replace(/(....)(?=.)/g, '$1 ');

/** @typedef {{which: string, code: string, name: string}} Known  `which`: manifest, log or a contest */
/** @typedef {{verdict: string, values: Record<string, unknown>}} Compared  `verdict`: a key of section `receipt`, its
 * sentence is the key with `_text` */

/** @param {Known} chosen @param {Known[]} all @param {string} typed @returns {Compared|null} */
export function compare(chosen, all, typed) {
  const digits = digitsOf(typed);
  if (!digits) return null;
  if (digits.length > DIGITS) return { verdict: 'too_long', values: { n: digits.length - DIGITS } };
  const here = digitsOf(chosen.code);
  if (here === digits) return { verdict: 'same', values: {} };
  if (here.startsWith(digits)) return { verdict: 'same_part', values: { n: digits.length } };
  const other = digits.length === DIGITS && all.find(known => digitsOf(known.code) === digits);
  if (other) return { verdict: 'is_other', values: { which: other.name } };
  const [typedGroups, hereGroups] = [grouped(digits).split(' '), grouped(here).split(' ')];
  const group = typedGroups.findIndex((part, i) => !hereGroups[i].startsWith(part));
  return { verdict: 'differs', values: { group: group + 1, typed: typedGroups[group], here: hereGroups[group] } };
}

/** A code that the minutes have of an earlier log: how many entries it had then, 0 if never.
 * @param {import('/receipt-source.js').Source} source @param {string} typed */
export async function earlierLog(source, typed) {
  const digits = digitsOf(typed);
  if (digits.length !== DIGITS || !source.manifest) return 0;
  return Number(text((await call('log_size_at', source.manifest, source.log, bytesOf(grouped(digits)))).out));
}
