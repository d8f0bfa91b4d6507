// The announcement of numbers, in the words in which it is read in the room: for the console's text and the rostrum's.

import { t } from '/words.js';

/** What is not known is a dash, never 0. @param {number|null|undefined} n */
const number = n => (n === null || n === undefined ? '—' : String(n));

/** @param {string} tongue */
const speaker = tongue => (/** @type {string} */ key, /** @type {Record<string, unknown>} */ values = {}) => t(`aloud.${key}`, values, tongue);

/** Issued and received, the papers among them by themselves. @param {any} result @param {ReturnType<typeof speaker>} say */
function sumsOf(result, say) {
  const { paper } = result;
  const sums = say('sums', { issued: number(result.issued), cast: number(result.cast) });
  if (!paper) return sums;
  return sums + say(paper.invalid ? 'paper_invalid' : 'paper', { issued: number(paper.issued), cast: number(paper.cast), invalid: number(paper.invalid) });
}

/** @param {any} live @param {any[]} scale @param {boolean} alone the sums were read out for all @param {string} tongue */
function official(live, scale, alone, tongue) {
  const say = speaker(tongue);
  const { result } = live;
  const who = say(live.round > 1 ? 'who_round' : 'who', { name: live.name, round: live.round });
  const sums = alone ? '' : sumsOf(result, say);
  if (!result.votes) return who + say('few', { sums: sums || say('collected', { cast: number(result.cast) }) });
  const votes = scale.map((option, i) => say('votes', { option: tongue === 'en' ? option.en : option.zh, n: number(result.votes[i]) })).join(say('comma'));
  const valid = alone ? '' : say('valid', { sums, valid: number(result.valid) });
  return who + valid + votes + say('stop');
}

/** Contests whose numbers are out. @param {any} live @returns {any[]} */
export const announced = live => live.contests.filter((/** @type {any} */ c) => c.item > 0 && ['published', 'withheld'].includes(c.state) && c.result);

/** The lines to read: how many people, then each official. Only numbers that are published.
 * @param {any} live the public state @param {string} [tongue] @param {any[]} [over] the contests to announce
 * @returns {string[]} */
export function aloud(live, tongue = 'zh-CN', over = announced(live)) {
  const say = speaker(tongue);
  const head = say('heads', { expected: number(live.expected), present: number(live.present) });
  if (!over.length) return [head + say('stop')];
  const sums = over.map((/** @type {any} */ { result: r }) => [r.issued, r.cast, r.valid, JSON.stringify(r.paper)].join());
  const alone = sums.every((/** @type {string} */ s) => s === sums[0]) && over.every((/** @type {any} */ c) => c.result.votes);
  const [{ result }] = over;
  const first = alone ? say('all', { head, sums: sumsOf(result, say), valid: number(result.valid) }) : head + say('stop');
  return [first, ...over.map((/** @type {any} */ c) => official(c, live.scale, alone, tongue))];
}
