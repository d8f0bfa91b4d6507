// What an import found, cell by cell: to be decided, to be mended, mended, to be looked at before printing.

import { said, t } from '/words.js';
import { $, element, write } from '/console-parts.js';

/** @typedef {{id: string, file: string, sheet?: string, row: number, cell?: string, severity: string, kind: string, text: string, what_to_do: string, old?: string, new?: string, answers?: {answer: string, text: string}[], typed?: boolean}} Finding */

const MIB = 1 << 20;
const WORKBOOK = /\.xls[xm]$/i;
const MOST_WORKBOOK = 5 * MIB;
const MOST_CSV = MIB;
/** Notes that somebody should look at before anything is printed. */
const BEFORE_PRINTING = ['rare', 'markup'];

/** What was decided, by the id of the finding. @type {Map<string, string|{text: string}>} */
const answers = new Map();
/** @type {Finding[]} */
let found = [];

/** The answers given so far, as the server takes them. */
export const answered = () => Object.fromEntries(answers);

/** Why a file cannot be sent, or an empty text. @param {File} file */
export function tooBig(file) {
  const most = WORKBOOK.test(file.name) ? MOST_WORKBOOK : MOST_CSV;
  return file.size > most ? t('console.file_too_big', { name: file.name, most: most / MIB }) : '';
}

/** Where it stands: a cell, a row or the whole file. @param {Finding} finding */
function placeOf({ file, sheet, row, cell }) {
  const where = cell || (row ? t('console.finding_row', { n: row }) : t('console.finding_file'));
  return [said(file), sheet, where].filter(Boolean).join(' · ');
}

/** @param {string} text @param {HTMLInputElement} radio */
function choice(text, radio) {
  const made = element('label', '', 'line');
  made.append(radio, element('span', text));
  return made;
}

/** @param {Finding} finding @param {(value: string|{text: string}|null) => void} decide */
function choices({ id, answers: given = [], typed, severity, new: now }, decide) {
  const before = answers.get(id);
  const radio = (/** @type {boolean} */ checked) => {
    const made = document.createElement('input');
    Object.assign(made, { type: 'radio', name: `finding ${id}`, checked });
    return made;
  };
  const made = given.map(({ answer, text }) => {
    const box = radio(before === answer);
    box.value = answer;
    box.addEventListener('change', () => decide(answer));
    return choice(said(text), box);
  });
  if (!typed) return made;
  const text = document.createElement('input');
  const was = before !== undefined && typeof before !== 'string' ? before.text : severity === 'decided' && !given.length ? now || '' : '';
  Object.assign(text, { type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 80, value: was });
  text.setAttribute('aria-label', t('console.finding_typed'));
  const box = radio(Boolean(was));
  const take = () => {
    box.checked = true;
    decide(text.value.trim() ? { text: text.value.trim() } : null);
  };
  text.addEventListener('input', take);
  box.addEventListener('change', () => { text.focus(); take(); });
  const line = element('div', '', 'typing');
  line.append(choice(t('console.finding_typed'), box), text);
  return [...made, line];
}

/** @param {Finding} finding */
function question(finding) {
  const made = element('li');
  const box = document.createElement('fieldset');
  box.dataset.id = finding.id;
  const legend = element('legend');
  legend.append(element('b', placeOf(finding)), ' ', element('span', said(finding.text)));
  box.append(legend);
  if (finding.what_to_do) box.append(element('p', said(finding.what_to_do), 'hint'));
  box.append(...choices(finding, value => {
    if (value === null) answers.delete(finding.id);
    else answers.set(finding.id, value);
    drawLeft();
  }));
  made.append(box);
  return made;
}

/** @param {Finding} finding */
function line(finding) {
  const made = element('li');
  made.append(element('b', placeOf(finding)), ' ', element('span', said(finding.text)));
  if (finding.old !== undefined && finding.new !== undefined) {
    const change = element('span', '', 'change');
    change.append(element('del', finding.old || t('console.finding_empty')), ' → ', element('ins', finding.new || t('console.finding_empty')));
    made.append(' ', change);
  }
  if (finding.what_to_do) made.append(element('small', said(finding.what_to_do)));
  return made;
}

/** @param {string} name @param {Finding[]} list @param {boolean} open @param {(finding: Finding) => HTMLElement} make */
function group(name, list, open, make) {
  const made = /** @type {HTMLDetailsElement} */ (element('details', '', `found-${name}`));
  made.open = open;
  const items = element('ul');
  items.append(...list.map(make));
  made.append(element('summary', t(`console.found_${name}`, { n: list.length })), items);
  return made;
}

/** How many questions have no answer yet. */
function drawLeft() {
  const questions = found.filter(({ severity }) => severity === 'question');
  const open = questions.filter(({ id }) => !answers.has(id)).length;
  const errors = found.some(({ severity }) => severity === 'error');
  $('findings-again').hidden = !questions.length || errors;
  write($('findings-left'), questions.length && !errors ? open ? t('console.findings_left', { n: open }) : t('console.findings_all') : errors ? t('console.findings_mend') : '');
  $('confirm-line').hidden = !questions.some(({ answers: given }) => given && given.length) || !open;
  if ($('confirm-line').hidden) $('confirmed').checked = false;
}

/** @param {Finding[]} list */
export function drawFindings(list) {
  found = list;
  const of = (/** @type {string} */ severity) => list.filter(finding => finding.severity === severity);
  const check = of('note').filter(({ kind }) => BEFORE_PRINTING.includes(kind));
  const notes = of('note').filter(({ kind }) => !BEFORE_PRINTING.includes(kind));
  const groups = /** @type {[string, Finding[], boolean, (finding: Finding) => HTMLElement][]} */ ([
    ['questions', of('question'), true, question], ['errors', of('error'), true, line], ['decided', of('decided'), false, question],
    ['repaired', of('repaired'), false, line], ['check', check, true, line], ['notes', notes, false, line],
  ]);
  $('findings-list').replaceChildren(...groups.filter(([, each]) => each.length).map(([name, each, open, make]) => group(name, each, open, make)));
  $('findings').hidden = !list.length;
  drawLeft();
}

/** Findings of a refusal, in one list. @param {any} details @returns {Finding[]} */
export const findingsOf = (details = {}) => ['errors', 'questions', 'decided', 'repaired', 'notes'].flatMap(name => details[name] || []);

/** Numbers of a success, in few words. @param {Finding[]} notes */
export function inShort(notes) {
  const count = (/** @type {string} */ severity) => notes.filter(finding => finding.severity === severity).length;
  return notes.length ? t('console.import_found', { repaired: count('repaired'), decided: count('decided'), notes: count('note') }) : '';
}

/** 应到 by group. @param {Record<string, number>} groups @param {number} sum */
export function drawGroups(groups, sum) {
  const rows = [...Object.entries(groups), [t('console.groups_sum'), sum]];
  $('groups').hidden = !sum;
  $('groups').querySelector('tbody').replaceChildren(...rows.map(([name, n], i) => {
    const made = element('tr', '', i === rows.length - 1 ? 'sum' : '');
    const head = element('th', String(name));
    head.setAttribute('scope', 'row');
    made.append(head, element('td', String(n)));
    return made;
  }));
}

/** Another file was chosen: what was decided about the one before does not fit it. */
export function forgetFindings() {
  answers.clear();
  drawFindings([]);
}

export function rosterOn() {
  for (const name of ['roster', 'officials']) {
    $(name).addEventListener('change', () => {
      forgetFindings();
      $('confirmed').checked = false;
    });
  }
  document.addEventListener('language', () => drawFindings(found));
}
