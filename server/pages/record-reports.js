// Written reports: who has handed in, what to write to those who have not, and the points of each (articles 5 to 9, 13).

import { dateInWords, said, t } from '/words.js';
import { say } from '/console-ask.js';
import { element, link } from '/console-parts.js';
import { filtered } from '/record-filter.js';
import { button, day, fill, input, line, mark, menu, nothing, person, row, select, table, text, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

const COVERED = ['covered', 'not_covered', 'not_applicable'];

/** Sends a file as the body; what goes with it stands in the address. @param {string} path @param {Record<string, any>} query @param {Blob} file */
export async function handIn(path, query, file) {
  const answer = await fetch(`/api/record/${path}?${new URLSearchParams(query)}`, {
    method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: file,
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said(told.error) + said(told.what_to_do)), { answer: told });
  return told;
}

/** The file field of a dialog. @param {boolean} needed */
export const fileField = needed => input('file', { type: 'file', required: needed, accept: '.pdf,.docx' });

/** What was chosen; the dialog itself only knows its path. */
export const chosenFile = () => /** @type {HTMLInputElement} */ (document.querySelector('#form-fields input[type="file"]')).files?.[0];

/** @param {any} each */
function arrival(each) {
  const kinds = /** @type {any} */ ({ overdue: 'warn', late: 'warn', in_time: 'good', awaited: 'wait', no_day: 'plain' });
  const made = [mark(t(`record.rep_${each.arrival}`, { days: each.days || 0 }), kinds[each.arrival])];
  const last = each.report.versions.at(-1);
  if (last) made.push(element('small', dateInWords(last.received_on)));
  return made;
}

/** A file that is kept, to be saved. @param {{sha256: string, name: string}} file */
export function fileLink({ sha256, name }) {
  const made = link(`/api/record/files/${sha256}`, name);
  made.className = '';
  made.setAttribute('download', name);
  return made;
}

/** @param {any} each */
function fileOf(each) {
  const versions = each.report.versions;
  if (!versions.length) return '—';
  const box = element('div', '', 'person');
  box.append(fileLink(versions.at(-1).file), element('small', t('record.rep_versions', { n: versions.length })));
  return box;
}

/** @param {any} each @param {Record} record */
function upload(each, record) {
  const again = each.report.versions.length > 0;
  fill({
    title: again ? 'record.rep_replace' : 'record.rep_upload', says: 'record.rep_upload_says', values: { name: each.name },
    fields: [line('record.rep_choose', fileField(true)), day('record.rep_received_on', 'received_on', record.today), ...(again ? [why()] : [])],
    work: async typed => {
      const file = /** @type {File} */ (chosenFile());
      await handIn(`dossiers/${each.dossier}/report/file`,
        { version: each.report.version, received_on: typed.received_on, name: file.name, why: typed.why || '' }, file);
      return t('record.rep_taken', { name: each.name });
    },
  });
}

/** @param {any} each @param {Record} record */
async function points(each, record) {
  const { points: list, report } = await record.read(`dossiers/${each.dossier}/report`);
  const fields = list.map((/** @type {any} */ point, /** @type {number} */ at) => {
    const now = report.marks.find((/** @type {any} */ other) => other.article === point.article && other.item === point.item);
    const label = element('label', '', 'line');
    const choice = select(`covered${at}`, [['', 'record.rep_unseen'], ...COVERED.map(word => /** @type {[string, string]} */ ([word, `record.rep_${word}`]))], now ? now.covered : '');
    const page = input(`page${at}`, { type: 'text', inputMode: 'numeric', size: 4, maxLength: 4, required: false, value: now && now.page ? now.page : '', placeholder: t('record.rep_page') });
    page.setAttribute('aria-label', t('record.rep_page'));
    label.append(element('span', t('record.rep_point', point)), choice, page);
    return label;
  });
  fill({
    title: 'record.rep_mark', says: 'record.rep_mark_says', values: { name: each.name }, wide: true, yes: 'record.save', fields,
    work: async typed => {
      const marks = list.map((/** @type {any} */ point, /** @type {number} */ at) => ({
        article: point.article, item: point.item, covered: typed[`covered${at}`],
        page: typed[`covered${at}`] === 'covered' && typed[`page${at}`] ? Number(typed[`page${at}`]) : null,
      })).filter((/** @type {any} */ each) => each.covered);
      await record.send(`dossiers/${each.dossier}/report/points`, { version: report.version, marks });
      return t('record.saved_of', { name: each.name });
    },
  });
}

/** The points of a report, for those who only look. @param {any} each @param {Record} record */
async function look(each, record) {
  const { points: list, report } = await record.read(`dossiers/${each.dossier}/report`);
  const rows = list.map((/** @type {any} */ point) => {
    const now = report.marks.find((/** @type {any} */ other) => other.article === point.article && other.item === point.item);
    const item = element('li', t('record.rep_point', point));
    const kinds = /** @type {any} */ ({ covered: 'good', not_covered: 'warn' });
    item.append(' ', mark(t(now ? `record.rep_${now.covered}` : 'record.rep_unseen'), now ? kinds[now.covered] : 'wait'));
    if (now && now.page) item.append(t('record.rep_page_of', { page: now.page }));
    return item;
  });
  const shown = element('ul', '', 'sources');
  shown.append(...rows);
  fill({ title: 'record.rep_look', says: 'record.rep_look_says', values: { name: each.name }, wide: true, yes: 'record.rep_close', fields: [shown], work: async () => '' });
}

/** Days of receipt that were entered wrongly. @param {any} each @param {Record} record */
const received = (each, record) => fill({
  title: 'record.rep_received', says: 'record.rep_received_says', values: { name: each.name }, yes: 'record.save',
  fields: [...each.report.versions.map((/** @type {any} */ version, /** @type {number} */ at) => {
    const made = day('record.rep_received_on', `day${at}`, version.received_on);
    const label = /** @type {HTMLElement} */ (made.firstElementChild);
    delete label.dataset.t;
    label.textContent = t('record.rep_received_of', { n: at + 1, name: version.file.name });
    return made;
  }), why()],
  work: async typed => {
    const days = each.report.versions.map((/** @type {any} */ _, /** @type {number} */ at) => typed[`day${at}`]);
    await record.send(`dossiers/${each.dossier}/report/received`, { version: each.report.version, received_on: days, why: typed.why });
    return t('record.saved_of', { name: each.name });
  },
});

/** @param {any} each @param {Record} record */
const extend = (each, record) => fill({
  title: 'record.rep_extend', says: 'record.rep_extend_says', values: { name: each.name },
  fields: [day('record.rep_until', 'until', each.due), why()],
  work: async typed => {
    await record.send(`dossiers/${each.dossier}/report/extend`, { version: each.report.version, ...typed });
    return t('record.saved_of', { name: each.name });
  },
});

/** @param {Record} record */
async function editList(record) {
  const { version, points: list } = await record.read(`cycles/${record.cycle.id}/checklist`);
  const lines = list.map((/** @type {any} */ point) => `${point.article} ${point.item} ${point.text}`).join('\n');
  fill({
    title: 'record.rep_list', says: 'record.rep_list_says', wide: true, yes: 'record.save',
    fields: [line('record.rep_list', text('lines', { rows: 19, required: true, value: lines })), why()],
    work: async typed => {
      const read = typed.lines.split('\n').map((/** @type {string} */ each) => each.trim()).filter(Boolean);
      const parsed = read.map((/** @type {string} */ each, /** @type {number} */ at) => {
        const parts = /^(\d{1,2})\s+(\d{1,2})\s+(.+)$/.exec(each);
        if (!parts) throw new Error(t('record.rep_list_wrong', { n: at + 1 }));
        return { article: Number(parts[1]), item: Number(parts[2]), text: parts[3] };
      });
      await record.send(`cycles/${record.cycle.id}/checklist`, { version, points: parsed, why: typed.why });
      return t('record.rep_list_saved');
    },
  });
}

/** @param {string[]} words */
function reminders(words) {
  const box = element('section');
  box.append(element('h3', t('record.rep_reminders')), element('p', t('record.rep_reminders_says'), 'hint'));
  const list = element('ol');
  list.lang = 'zh-CN';
  list.append(...words.map(each => element('li', each)));
  const buttons = element('p', '', 'row');
  buttons.append(
    button('record.rep_copy', () => navigator.clipboard.writeText(words.join('\n')).then(() => say(t('record.rep_copied')))),
    button('record.rep_print', () => print()),
  );
  box.append(list, buttons);
  return box;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  root.append(element('h2', t('record.tab_reports')));
  if (!record.cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  const list = await record.read(`cycles/${record.cycle.id}/reports`);
  const changes = record.keeps && !record.cycle.closed;
  root.append(element('p', t('record.rep_says'), 'hint'));
  const sum = element('div', '', 'sum');
  const overdue = list.filter((/** @type {any} */ each) => each.arrival === 'overdue').length;
  const here = list.filter((/** @type {any} */ each) => each.report.versions.length).length;
  sum.append(element('p', t('record.rep_sum', { n: list.length, here, overdue }), overdue ? 'warn' : ''));
  const buttons = element('p', '', 'row');
  if (changes) buttons.append(button('record.rep_list', () => editList(record)));
  const heads = ['col_official', 'rep_due', 'rep_arrival', 'rep_file', 'rep_points'].map(word => t(`record.${word}`));
  const rowOf = (/** @type {any} */ each) => {
    const due = element('div', '', 'person');
    due.append(element('span', each.due ? dateInWords(each.due) : t('record.not_set')));
    if (each.report.extended) due.append(element('small', t('record.rep_extended', { why: each.report.extended.why })));
    const [a, b, c, d] = each.points;
    const tally = [element('span', each.report.versions.length ? t('record.rep_tally', { a, b, c, d }) : '—')];
    if (each.stale) tally.push(mark(t('record.rep_stale'), 'warn'));
    const here = each.report.versions.length > 0;
    const acts = menu(each.name, [
      button(here ? 'record.rep_replace' : 'record.rep_upload', () => upload(each, record)),
      ...(here ? [button('record.rep_mark', () => points(each, record)), button('record.rep_received', () => received(each, record))] : [button('record.rep_extend', () => extend(each, record))]),
    ]);
    if (here && !changes) tally.push(button('record.rep_look', () => look(each, record).catch(error => say(error.message, true))));
    return row([person(each), due, arrival(each), fileOf(each), tally, ...(changes ? [acts] : [])]);
  };
  root.append(sum, buttons);
  if (list.length) {
    root.append(filtered(record, {
      about: t('record.tab_reports'),
      items: list,
      filters: [
        { name: 'unit', word: 'record.unit', of: each => each.unit },
        { name: 'arrival', word: 'record.rep_arrival', of: each => each.arrival, says: value => t(value === 'overdue' ? 'record.rep_overdue_any' : `record.rep_${value}`) },
      ],
      draw: shown => table(t('record.tab_reports'), changes ? [...heads, t('record.col_acts')] : heads, shown.map(rowOf)),
    }).box);
  } else root.append(nothing(t('record.officials_none'), 'officials'));
  const words = list.map((/** @type {any} */ each) => each.reminder).filter(Boolean);
  if (words.length) root.append(reminders(words));
}
