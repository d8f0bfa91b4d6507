// The years whose notices on days off are known, and how another one is taken in.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, fill, input, line, mark, text } from '/record-forms.js';
import { part } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

/** The last days that have changed, shown until the part is drawn anew for another reason. @type {any[]} */
let moved = [];

const EXAMPLE = '2027-01-01..2027-01-03 off 元旦\n2027-02-14 work 春节';

/** @param {'file'|'lines'} form @param {any} calendar @param {Record} record */
function take(form, calendar, record) {
  const file = input('', { type: 'file', accept: '.json,application/json' });
  const given = form === 'file' ? file : text('text', { rows: 9, required: true, placeholder: EXAMPLE });
  fill({
    title: `record.calendar_${form}`, says: `record.calendar_${form}_says`, yes: 'record.save', wide: true,
    fields: [
      line('record.year', input('year', { type: 'number', value: calendar.unknown, min: 2008, max: 2100 })),
      line('record.calendar_text', given),
      line('record.calendar_source', input('source')),
      line('record.calendar_compare', input('compared', { required: false })),
      line('record.calendar_why', input('why', { required: false })),
    ],
    work: async typed => {
      const words = form === 'file' ? await /** @type {File} */ (/** @type {FileList} */ (file.files)[0]).text() : typed.text;
      const before = calendar.years.find((/** @type {any} */ one) => one.year === typed.year);
      const { version } = (before && before.taken_in) || { version: 0 };
      const { changed } = await record.send('calendar', { ...typed, text: words, form, version });
      moved = changed;
      return t('record.calendar_taken', { year: typed.year, n: changed.length });
    },
  });
}

/** @param {[string, boolean]} due */
const dayOf = ([due, provisional]) => (provisional ? t('record.due_provisional', { due: dateInWords(due) }) : dateInWords(due));

/** @param {any} off */
const offSaid = ({ name, from, to, days }) => element('li', t(from === to ? 'record.calendar_off_one' : 'record.calendar_off_of', { name, from: dateInWords(from), to: dateInWords(to), days }));

/** @param {any} one */
function card(one) {
  const made = element('article', '', 'file-card');
  const head = element('div', '', 'card-head');
  head.append(element('h3', t('record.calendar_year', { year: one.year })));
  const from = one.taken_in;
  head.append(from ? element('p', t('record.calendar_taken_in', { who: from.who, at: from.at.slice(0, 16).replace('T', ' '), source: from.source }), 'hint') : mark(t('record.calendar_built_in')));
  const off = element('ul', '', 'sources');
  off.append(...one.off.map(offSaid));
  const parts = element('dl', '', 'parts');
  parts.append(...part('record.calendar_off', [off]), ...part('record.calendar_work', [element('p', one.work.map(dateInWords).join(t('record.semicolon')))]));
  made.append(head, parts);
  if (from && from.compared) made.append(element('p', t('record.calendar_compared', { compared: from.compared }), 'hint'));
  return made;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const calendar = await record.read('calendar');
  root.append(element('h2', t('record.tab_calendar')), element('p', t('record.calendar_says'), 'hint'));
  root.append(element('p', t('record.calendar_unknown', { year: calendar.unknown }), 'sum'));
  if (record.keeps) {
    const row = element('p', '', 'row');
    row.append(button('record.calendar_lines', () => take('lines', calendar, record), 'confirm'), button('record.calendar_file', () => take('file', calendar, record)));
    root.append(row);
  }
  if (moved.length) {
    const list = element('ul', '', 'sum');
    list.append(...moved.map(({ name, before, after }) => element('li', t('record.calendar_moved', { name, before: dayOf(before), after: dayOf(after) }))));
    root.append(list);
    moved = [];
  }
  root.append(...calendar.years.map(card));
}
