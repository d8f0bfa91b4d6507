// What became of each receipt, found out here over whole boards, and said in words.

import { language, t } from '/words.js';
import { NOTHING, OK, bytesOf, call, text } from '/receipt-core.js';
import { nameOf, rootOf } from '/receipt-source.js';

/** Not yet, or nothing to look in: neither found nor a fault. */
const WAITING = ['not_closed', 'rehearsal', 'no_board'];

/** @typedef {{verdict: string, item: number, round: number, state: string, n: number, size: number, leaf?: string, note?: string, code?: string}} Result
 * `verdict`: a key of section `receipt`, its sentence is the key with `_text` */

/** Every receipt in the notes. @param {import('/receipt-source.js').Source} source @param {string} notes
 * @returns {Promise<Result[]>} */
export async function lookUp(source, notes) {
  if (!source.manifest || !notes.trim()) return [];
  const { status, out } = await call('check_receipts', source.manifest, bytesOf(notes));
  if (status === NOTHING) return [];
  if (status !== OK) throw new Error(`check_receipts ${status}`);
  const results = [];
  for (const [n, receipt] of JSON.parse(text(out)).entries()) {
    const record = source.record(receipt);
    results.push({ ...receipt, n: n + 1, size: record ? record.size : 0, verdict: await verdictOf(source, receipt, record) });
  }
  return results;
}

async function verdictOf(source, receipt, record) {
  if (receipt.state !== 'held') return receipt.state;
  if (receipt.item === 0) return 'rehearsal';
  if (!record || !record.root) return 'not_closed';
  const board = source.boards.get(nameOf(receipt));
  if (!board) return 'no_board';
  const { out } = await call('find', source.manifest, bytesOf(receipt.note), board.entries, board.checkpoint);
  const found = text(out);
  // Both are signed: a board and a log that differ are two stories of one server.
  return /board$/.test(found) && !/^(unsigned|other)/.test(found) && rootOf(board.checkpoint) !== record.root ? 'board_not_logged' : found;
}

/** The name of a receipt that cannot be read, or is not of this meeting, is its place among those put in.
 * @param {import('/receipt-source.js').Source} source @param {Result} one */
export function receiptName(source, one) {
  return one.state === 'broken' || one.state === 'other_meeting' ? t('receipt.nth', { n: one.n }) : contestName(source, one);
}

/** @param {import('/receipt-source.js').Source} source @param {{item: number, round: number}} contest */
export function contestName(source, { item, round }) {
  if (item === 0) return t('receipt.rehearsal_name');
  const known = source.meeting && source.meeting.items[item - 1];
  return t(round > 1 ? 'receipt.contest_round' : 'receipt.contest', { item, round, name: known ? known.name : '' });
}

/** Chinese sentences stand without a space between. @param {string[]} all */
export const sentences = all => all.filter(Boolean).join(language() === 'en' ? ' ' : '');

/** The sentence over the list. @param {Result[]} results */
export function summary(results) {
  const n = results.length;
  const good = results.filter(one => one.verdict === 'on_board').length;
  const wait = results.filter(one => WAITING.includes(one.verdict)).length;
  if (!n) return t('receipt.found_none');
  if (good === n) return t(n === 1 ? 'receipt.found_all_one' : 'receipt.found_all', { n });
  const counts = [['found_bad', n - good - wait], ['found_wait', wait], ['found_good', good]].filter(([, count]) => count);
  return sentences([t('receipt.found_count', { n }), ...counts.map(([key, count]) => t(`receipt.${key}`, { n: count }))]);
}

/** Whether a later download may say more. @param {Result[]} results */
export const isWaiting = results => results.some(one => one.verdict === 'not_closed' || one.verdict === 'no_board');

/** What needs an eye stands first and says why; what was found is one line each.
 * @param {HTMLElement} list @param {import('/receipt-source.js').Source} source @param {Result[]} results */
export function drawResults(list, source, results) {
  list.textContent = '';
  const rank = one => (one.verdict === 'on_board' ? 2 : Number(WAITING.includes(one.verdict)));
  for (const one of [...results].sort((a, b) => rank(a) - rank(b))) {
    const row = document.createElement('li');
    row.dataset.verdict = one.verdict;
    row.className = rank(one) ? 'calm' : 'problem';
    const [name, verdict, why] = ['h3', 'strong', 'p'].map(kind => document.createElement(kind));
    name.textContent = receiptName(source, one);
    verdict.textContent = t(`receipt.${one.verdict}`);
    why.textContent = t(`receipt.${one.verdict}_text`, { size: one.size, code: one.code });
    row.append(name, verdict, why);
    list.append(row);
  }
}
