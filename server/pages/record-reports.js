// Written reports: who has handed in, what to write to those who have not, and the points of each (articles 5 to 9, 13).

import { dateInWords, said, t } from '/words.js';
import { say } from '/console-ask.js';
import { element, link } from '/console-parts.js';
import { button, day, fill, input, line, mark, menu, person, row, select, table, text, why } from '/record-forms.js';

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
  const made = [mark(t(`record.r_${each.arrival}`, { days: each.days || 0 }), kinds[each.arrival])];
  const last = each.report.versions.at(-1);
  if (last) made.push(element('small', dateInWords(last.received_on)));
  return made;
}

/** @param {any} each */
function fileOf(each) {
  const versions = each.report.versions;
  if (!versions.length) return '—';
  const { file } = versions.at(-1);
  const box = element('div', '', 'person');
  const made = link(`/api/record/files/${file.sha256}`, file.name);
  made.setAttribute('download', file.name);
  box.append(made, element('small', t('record.r_versions', { n: versions.length })));
  return box;
}

/** @param {any} each @param {Record} record */
function upload(each, record) {
  const again = each.report.versions.length > 0;
  fill({
    title: again ? 'record.r_replace' : 'record.r_upload', says: 'record.r_upload_says', values: { name: each.name },
    fields: [line('record.r_file', fileField(true)), day('record.r_received_on', 'received_on', record.today), ...(again ? [why()] : [])],
    work: async typed => {
      const file = /** @type {File} */ (chosenFile());
      await handIn(`dossiers/${each.dossier}/report/file`,
        { version: each.report.version, received_on: typed.received_on, name: file.name, why: typed.why || '' }, file);
      return t('record.r_taken', { name: each.name });
    },
  });
}

/** @param {any} each @param {Record} record */
async function points(each, record) {
  const { points: list, report } = await record.read(`dossiers/${each.dossier}/report`);
  const fields = list.map((/** @type {any} */ point, /** @type {number} */ at) => {
    const now = report.marks.find((/** @type {any} */ other) => other.article === point.article && other.item === point.item);
    const label = element('label', '', 'line');
    const choice = select(`covered${at}`, [['', 'record.r_open'], ...COVERED.map(word => /** @type {[string, string]} */ ([word, `record.r_${word}`]))], now ? now.covered : '');
    const page = input(`page${at}`, { type: 'text', inputMode: 'numeric', size: 4, maxLength: 4, required: false, value: now && now.page ? now.page : '', placeholder: t('record.r_page') });
    page.setAttribute('aria-label', t('record.r_page'));
    label.append(element('span', t('record.r_point', point)), choice, page);
    return label;
  });
  fill({
    title: 'record.r_mark', says: 'record.r_mark_says', values: { name: each.name }, wide: true, yes: 'record.save', fields,
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

/** @param {any} each @param {Record} record */
const extend = (each, record) => fill({
  title: 'record.r_extend', says: 'record.r_extend_says', values: { name: each.name },
  fields: [day('record.r_until', 'until', each.due), why()],
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
    title: 'record.r_list', says: 'record.r_list_says', wide: true, yes: 'record.save',
    fields: [line('record.r_list', text('lines', { rows: 19, required: true, value: lines })), why()],
    work: async typed => {
      const read = typed.lines.split('\n').map((/** @type {string} */ each) => each.trim()).filter(Boolean);
      const parsed = read.map((/** @type {string} */ each, /** @type {number} */ at) => {
        const parts = /^(\d{1,2})\s+(\d{1,2})\s+(.+)$/.exec(each);
        if (!parts) throw new Error(t('record.r_list_wrong', { n: at + 1 }));
        return { article: Number(parts[1]), item: Number(parts[2]), text: parts[3] };
      });
      await record.send(`cycles/${record.cycle.id}/checklist`, { version, points: parsed, why: typed.why });
      return t('record.r_list_saved');
    },
  });
}

/** @param {string[]} words */
function reminders(words) {
  const box = element('section');
  box.append(element('h3', t('record.r_reminders')), element('p', t('record.r_reminders_says'), 'hint'));
  const list = element('ol');
  list.lang = 'zh-CN';
  list.append(...words.map(each => element('li', each)));
  const buttons = element('p', '', 'row');
  buttons.append(
    button('record.r_copy', () => navigator.clipboard.writeText(words.join('\n')).then(() => say(t('record.r_copied')))),
    button('record.r_print', () => print()),
  );
  box.append(list, buttons);
  return box;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  root.append(element('h2', t('record.tab_reports')));
  if (!record.cycle) {
    root.append(element('p', t('record.no_cycle'), 'empty'));
    return;
  }
  const list = await record.read(`cycles/${record.cycle.id}/reports`);
  const changes = record.keeps && !record.cycle.closed;
  root.append(element('p', t('record.r_says'), 'hint'));
  const sum = element('div', '', 'sum');
  const overdue = list.filter((/** @type {any} */ each) => each.arrival === 'overdue').length;
  const here = list.filter((/** @type {any} */ each) => each.report.versions.length).length;
  sum.append(element('p', t('record.r_sum', { n: list.length, here, overdue }), overdue ? 'warn' : ''));
  const buttons = element('p', '', 'row');
  if (changes) buttons.append(button('record.r_list', () => editList(record)));
  const heads = ['col_official', 'r_due', 'r_arrival', 'r_file', 'r_points'].map(word => t(`record.${word}`));
  const rows = list.map((/** @type {any} */ each) => {
    const due = element('div', '', 'person');
    due.append(element('span', each.due ? dateInWords(each.due) : t('record.not_set')));
    if (each.report.extended) due.append(element('small', t('record.r_extended', { why: each.report.extended.why })));
    const [a, b, c, d] = each.points;
    const tally = [element('span', each.report.versions.length ? t('record.r_tally', { a, b, c, d }) : '—')];
    if (each.stale) tally.push(mark(t('record.r_stale'), 'warn'));
    const here = each.report.versions.length > 0;
    const acts = menu(each.name, [
      button(here ? 'record.r_replace' : 'record.r_upload', () => upload(each, record)),
      ...(here ? [button('record.r_mark', () => points(each, record))] : [button('record.r_extend', () => extend(each, record))]),
    ]);
    return row([person(each), due, arrival(each), fileOf(each), tally, ...(changes ? [acts] : [])]);
  });
  root.append(sum, buttons, table(t('record.tab_reports'), changes ? [...heads, t('record.col_acts')] : heads, rows));
  const words = list.map((/** @type {any} */ each) => each.reminder).filter(Boolean);
  if (words.length) root.append(reminders(words));
}
