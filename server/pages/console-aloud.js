// What the scrutineer or the chair reads out: made from the numbers, always in Chinese, as it is read in the room.

import { t } from '/words.js';
import { say } from '/console-ask.js';
import { $, element, number } from '/console-parts.js';

/** @param {any} live @param {any[]} scale @param {boolean} alone the sums were read out for all */
function official(live, scale, alone) {
  const { result } = live;
  const round = live.round > 1 ? `（第${live.round}轮）` : '';
  const who = `${live.name}同志${round}：`;
  const sums = alone ? '' : `发出测评票${number(result.issued)}张，收回${number(result.cast)}张`;
  if (!result.votes) return `${who}${sums || `收回${number(result.cast)}张`}，票数过少，不公布。`;
  const votes = scale.map((option, i) => `${option.zh}${result.votes[i]}票`).join('，');
  const valid = alone ? '' : `，有效票${number(result.valid)}张；`;
  return `${who}${sums}${valid}${votes}。`;
}

/** The lines to read. @param {any} live the public state @returns {string[]} */
export function aloud(live) {
  const over = live.contests.filter((/** @type {any} */ c) => c.item > 0 && ['published', 'withheld'].includes(c.state) && c.result);
  const head = `应到${number(live.expected)}人，实到${number(live.present)}人`;
  if (!over.length) return [`${head}。`];
  const sums = over.map((/** @type {any} */ { result: r }) => [r.issued, r.cast, r.valid].join());
  const alone = sums.every((/** @type {string} */ s) => s === sums[0]) && over.every((/** @type {any} */ c) => c.result.votes);
  const [{ result }] = over;
  const first = alone ? `${head}，发出测评票${number(result.issued)}张，收回${number(result.cast)}张，有效票${number(result.valid)}张。` : `${head}。`;
  return [first, ...over.map((/** @type {any} */ c) => official(c, live.scale, alone))];
}

/** @param {any} state */
export function drawAloud(state) {
  const { live } = state;
  $('aloud-section').hidden = live.present === null;
  const lines = aloud(live);
  if ($('aloud').dataset.shows === lines.join('\n')) return;
  $('aloud').dataset.shows = lines.join('\n');
  $('aloud').replaceChildren(...lines.map(text => element('p', text)));
}

/** Where the clipboard is closed, the text is left selected. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return t('console.aloud_copied');
  } catch {
    const range = document.createRange();
    range.selectNodeContents($('aloud'));
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return t('console.aloud_selected');
  }
}

export function aloudOn() {
  $('aloud-copy').addEventListener('click', () => copy($('aloud').dataset.shows || '').then(text => say(text)));
  $('aloud-print').addEventListener('click', () => window.print());
}
