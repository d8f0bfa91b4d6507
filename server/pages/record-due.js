// Everything that is waited for, the earliest last day first.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, mark, person, row, table } from '/record-forms.js';
import { dueSaid, sumSaid } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

const SOON_DAYS = 7;
/** @type {{[what: string]: string}} */
const PARTS = { written_answer: 'questions', correction_report: 'corrections' };

/** @param {any} line */
function leftSaid({ days_left: left, overdue }) {
  if (left === undefined) return mark(t('record.due_cannot_say'), 'wait');
  if (overdue) return mark(t('record.due_days_over', { n: -left }), 'warn');
  return left === 0 ? mark(t('record.due_today'), 'warn') : element('span', t('record.due_days_left', { n: left }));
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { today, lines } = await record.read('due');
  root.append(element('h2', t('record.tab_due')), element('p', t('record.due_says', { today: dateInWords(today) }), 'hint'));
  if (!lines.length) {
    root.append(element('p', t('record.due_none'), 'empty'));
    return;
  }
  const count = (/** @type {(line: any) => boolean} */ of) => lines.filter(of).length;
  root.append(element('p', t('record.due_sum', {
    n: lines.length, overdue: count(line => line.overdue), provisional: count(line => line.provisional),
    soon: count(line => line.days_left >= 0 && line.days_left <= SOON_DAYS),
  }), 'sum'));
  const heads = ['col_official', 'due_what', 'served_on', 'due_last_day', 'due_left'].map(word => t(`record.${word}`));
  root.append(table(t('record.tab_due'), heads, lines.map((/** @type {any} */ line) => {
    const what = button(`record.due_${line.what}`, () => record.go(PARTS[line.what], line.cycle), 'quiet');
    return row([person({ ...line, post: String(line.year) }), what, dateInWords(line.served), [dueSaid(line), sumSaid(line.sum)], leftSaid(line)]);
  })));
}
