// What periods look like wherever they run: the last day with its arithmetic in words, and the word provisional beside
// every last day that may still move.

import { dateInWords, language, t } from '/words.js';
import { element } from '/console-parts.js';
import { day, fill, input, line, mark, text, why } from '/record-forms.js';

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

/** SHA-256 of a file, in the browser. @param {File} file */
async function hashOf(file) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Enters something that an official has handed in, or corrects what was entered.
 * @param {{title: string, values: Record<string, string>, before: any, send: (body: any) => Promise<any>}} of
 */
export function handIn({ title, values, before, send }) {
  const now = before || { on: '', text: '', file_hash: '' };
  const hash = /** @type {HTMLInputElement} */ (input('file_hash', { value: now.file_hash || '', required: false, maxLength: 64, pattern: '[0-9a-f]{64}', spellcheck: false }));
  const file = input('', { type: 'file', required: false });
  file.addEventListener('change', async () => { if (file.files && file.files[0]) hash.value = await hashOf(file.files[0]); });
  fill({
    title, values, wide: true, yes: 'record.save',
    fields: [
      day('record.received_on', 'on', now.on),
      line('record.handed_text', text('text', { value: now.text, required: true, rows: 8 })),
      line('record.handed_file', file),
      line('record.handed_hash', hash),
      ...(before ? [why()] : []),
    ],
    work: async typed => {
      await send({ ...typed, file_hash: typed.file_hash || null });
      return t('record.saved_of', values);
    },
  });
}

/** What was handed in. @param {any} handed @returns {HTMLElement[]} */
export function handedSaid(handed) {
  const made = [element('p', t('record.handed_on', { on: dateInWords(handed.on) })), element('p', handed.text, 'prose')];
  if (handed.file_hash) made.push(element('p', t('record.handed_hash_is', { hash: handed.file_hash }), 'hint'));
  return made;
}

/** A name and what stands behind it. @param {string} word @param {(HTMLElement|string)[]} content */
export function part(word, content) {
  const name = element('dt', t(word));
  const box = element('dd');
  box.append(...content);
  return [name, box];
}

/** A choice of people or things. @param {string} name @param {[string, string][]} choices value and text as it is @param {string} [value] */
export function choice(name, choices, value = '') {
  const made = document.createElement('select');
  made.name = name;
  for (const [key, words] of choices) {
    const option = /** @type {HTMLOptionElement} */ (element('option', words));
    option.value = key;
    made.append(option);
  }
  if (value) made.value = value;
  return made;
}
