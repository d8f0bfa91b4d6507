// What periods look like wherever they run: the last day with its arithmetic in words, and the word provisional beside
// every last day that may still move.

import { dateInWords, language, t } from '/words.js';
import { element } from '/console-parts.js';
import { day, fill, input, line, mark, stepSaid, text, why } from '/record-forms.js';
import { fileLink, handIn as sendFile } from '/record-reports.js';

/** @typedef {import('/record.js').Record} Record */

/** @type {{[standing: string]: 'plain'|'good'|'warn'|'wait'}} */
const LOOKS = { running: 'wait', open: 'wait', overdue: 'warn', in_time: 'good', unsettled: 'wait', late: 'warn' };

/** How a period stands. @param {string} standing */
export const standingMark = standing => mark(t(`record.standing_${standing}`), LOOKS[standing]);

/** The last day, with 暂定 beside a provisional one. @param {{due: string, provisional: boolean}} period */
export function dueSaid({ due, provisional }) {
  const made = element('span', '', 'due');
  made.append(element('b', dateInWords(due)));
  if (provisional) made.append(' ', mark(t('record.provisional'), 'wait'));
  return made;
}

/** The arithmetic, to be opened. @param {{words: [string, string]}} sum */
export function sumSaid(sum) {
  const made = element('details', '', 'how');
  made.append(element('summary', t('record.period_how')), element('p', sum.words[language() === 'en' ? 1 : 0]));
  return made;
}

/** Last day, standing, arithmetic. @param {any} period @param {{standing: string, sum: any}} stand */
export function periodSaid(period, { standing, sum }) {
  const made = element('div', '', 'period');
  const head = element('p');
  head.append(t('record.period_due', { due: '' }), dueSaid(period), ' ', standingMark(standing));
  made.append(head, sumSaid(sum));
  return made;
}

/** A field for a file, which may stay empty; what is there already is said. @param {any} before @returns {[HTMLElement, HTMLInputElement]} */
export function fileLine(before) {
  const file = /** @type {HTMLInputElement} */ (input('', { type: 'file', required: false, accept: '.pdf,.docx' }));
  const made = line('record.file_maybe', file);
  if (before) made.append(element('small', t('record.file_there', { name: before.name })));
  return [made, file];
}

/** What a document names: the file that was chosen, kept first, or the one that is there. @param {HTMLInputElement} field @param {any} before */
export async function named(field, before) {
  const chosen = field.files && field.files[0];
  const { sha256, name } = chosen ? await sendFile('file', { name: chosen.name }, chosen) : before || {};
  return sha256 ? { sha256, name } : null;
}

/** A file that a document has, to be saved. @param {any} file @returns {HTMLElement[]} */
export function fileSaid(file) {
  if (!file) return [];
  const made = element('p', t('record.file_kept'));
  made.append(fileLink(file));
  return [made];
}

/**
 * Enters something that an official has handed in, or corrects what was entered.
 * @param {{title: string, values: Record<string, string>, before: any, send: (body: any) => Promise<any>}} of
 */
export function handIn({ title, values, before, send }) {
  const now = before || { on: '', text: '', file: null };
  const [choose, field] = fileLine(now.file);
  fill({
    title, values, wide: true, yes: 'record.save',
    fields: [
      day('record.received_on', 'on', now.on),
      line('record.handed_text', text('text', { value: now.text, required: true, rows: 8 })),
      choose,
      ...(before ? [why()] : []),
    ],
    work: async typed => {
      await send({ ...typed, file: await named(field, now.file) });
      return t('record.saved_of', values);
    },
  });
}

/** What was handed in. @param {any} handed @returns {HTMLElement[]} */
export const handedSaid = handed => [element('p', t('record.handed_on', { on: dateInWords(handed.on) })), element('p', handed.text, 'prose'), ...fileSaid(handed.file)];

/** A day among several, with words of its own. @param {string} word @param {Record<string, any>} values @param {string} name @param {string} value */
export function dayOf(word, values, name, value) {
  const made = day(word, name, value);
  const label = /** @type {HTMLElement} */ (made.firstElementChild);
  delete label.dataset.t;
  label.textContent = t(word, values);
  return made;
}

/** That something was withdrawn, and why. @param {any} withdrawn */
export function withdrawnSaid({ why: because, by }) {
  const made = element('p');
  made.append(mark(t('record.withdrawn'), 'plain'), t('record.withdrawn_why', { why: because, step: stepSaid(by) }));
  return made;
}

/** A name and what stands behind it. @param {string} word @param {(HTMLElement|string)[]} content */
export function part(word, content) {
  const name = element('dt', t(word));
  const box = element('dd');
  box.append(...content);
  return [name, box];
}
