// What the parts of the record share: a dialog that stays open with what was typed until the server has taken it, and
// tables, marks and small menus.

import { language, said, t } from '/words.js';
import { isActing, say } from '/console-ask.js';
import { $, element } from '/console-parts.js';

/**
 * @typedef {{title: string, says?: string, fields?: HTMLElement[], yes?: string, wide?: boolean, columns?: boolean,
 *   values?: Record<string, string>, work: (typed: Record<string, any>) => Promise<string>}} Form
 *   `title`, `says`, `yes` are names of words; `work` sends what was typed and gives what to say.
 */

/** @type {Form|null} */
let open = null;
let sending = false;

/** A field with its label; the label follows the language. @param {string} word @param {HTMLElement} control @param {string} [hint] */
export function line(word, control, hint = '') {
  const made = element('label');
  const label = element('span');
  label.dataset.t = word;
  label.textContent = t(word);
  made.append(label, control);
  if (hint) {
    const small = element('small', t(hint));
    small.dataset.t = hint;
    made.append(small);
  }
  return made;
}

/** @param {string} name @param {Record<string, any>} [more] */
export function input(name, more = {}) {
  const made = document.createElement('input');
  Object.assign(made, { name, required: true, autocomplete: 'off', maxLength: 200 }, more);
  return made;
}

/** @param {string} name @param {Record<string, any>} [more] */
export function text(name, more = {}) {
  const made = document.createElement('textarea');
  Object.assign(made, { name, rows: 5, maxLength: 20000 }, more);
  return made;
}

/** @param {string} name @param {[string, string][]} choices value and word @param {string} [value] */
export function select(name, choices, value = '') {
  const made = document.createElement('select');
  made.name = name;
  for (const [key, word] of choices) {
    const option = /** @type {HTMLOptionElement} */ (element('option', t(word)));
    option.dataset.t = word;
    option.value = key;
    made.append(option);
  }
  if (value) made.value = value;
  return made;
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

/** The reason of a change: it goes into the trail. @param {boolean} [needed] */
export const why = (needed = true) => line('record.why', input('why', { required: needed }), 'record.why_says');

/** A day. @param {string} word @param {string} name @param {string|null} [value] @param {boolean} [needed] */
export const day = (word, name, value = '', needed = true) => line(word, input(name, { type: 'date', value: value || '', required: needed }));

/** What was typed: texts as they are, numbers as numbers, an empty field of a day as nothing. */
function typed() {
  /** @type {Record<string, any>} */
  const values = {};
  for (const control of $('form-fields').querySelectorAll('input, select, textarea')) {
    const { name, value, type, checked } = /** @type {HTMLInputElement} */ (control);
    if (!name) continue;
    if (type === 'checkbox') values[name] = checked;
    else if (type === 'number') values[name] = Number(value);
    else values[name] = type === 'date' && !value ? null : value.trim();
  }
  return values;
}

/** What stands around the fields. */
function words() {
  if (!open) return;
  const { title, says, yes, values } = open;
  $('form-title').textContent = t(title, values);
  $('form-yes').textContent = t(yes || title, values);
  $('form-says').hidden = !says;
  $('form-says').textContent = says ? t(says, values) : '';
}

/** Opens the dialog. @param {Form} form */
export function fill(form) {
  if (open || isActing()) return;
  open = form;
  words();
  $('form-fields').replaceChildren(...(form.fields || []));
  $('form-refused').hidden = true;
  $('form').className = [form.wide && 'wide-form', form.columns && 'columns'].filter(Boolean).join(' ');
  $('form').showModal();
  const first = $('form-fields').querySelector('input, select, textarea');
  (first || $('form-yes')).focus();
}

function shut() {
  open = null;
  if ($('form').open) $('form').close();
}

/** @param {() => Promise<void>} done what is looked at again once something was changed */
export function formsOn(done) {
  $('form-form').addEventListener('submit', async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!open || sending) return;
    sending = true;
    for (const button of [$('form-yes'), $('form-no')]) button.disabled = true;
    try {
      const told = await open.work(typed());
      shut();
      await done();
      say(told);
    } catch (error) {
      const { message, answer = {} } = /** @type {any} */ (error);
      const lines = ((answer.details || {}).lines || []).map((/** @type {string} */ each) => said(each));
      $('form-refused').textContent = [message, ...lines].join('\n');
      $('form-refused').hidden = false;
      $('form-refused').scrollIntoView({ block: 'nearest' });
    } finally {
      sending = false;
      for (const button of [$('form-yes'), $('form-no')]) button.disabled = false;
    }
  });
  document.addEventListener('language', words);
  $('form-no').addEventListener('click', shut);
  $('form').addEventListener('cancel', (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!sending) shut();
  });
  document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      const inside = event.target instanceof Element && event.target.closest('details.menu') === menu;
      if (!inside || (event.target instanceof Element && event.target.closest('button'))) /** @type {HTMLDetailsElement} */ (menu).open = false;
    }
  });
}

/** @param {string} word @param {() => void} press @param {string} [className] */
export function button(word, press, className = '') {
  const made = /** @type {HTMLButtonElement} */ (element('button', t(word), className));
  made.type = 'button';
  made.dataset.does = word.replace(/^record\./, '');
  made.addEventListener('click', press);
  return made;
}

/** Several acts behind one word. @param {string} about @param {HTMLElement[]} acts */
export function menu(about, acts) {
  const made = element('details', '', 'menu');
  const head = element('summary', t('record.menu'));
  head.setAttribute('aria-label', t('record.menu_of', { name: about }));
  const box = element('div');
  box.append(...acts);
  made.append(head, box);
  return made;
}

/** A short mark: its kind says how it looks, its words what it means. @param {string} words @param {'plain'|'good'|'warn'|'wait'} [kind] */
export const mark = (words, kind = 'plain') => element('span', words, `mark ${kind}`);

/** @param {string} about heading of the table, for those who hear it @param {string[]} heads @param {HTMLElement[]} rows */
export function table(about, heads, rows) {
  const box = element('div', '', 'wide');
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', about);
  const made = element('table');
  const head = element('tr');
  head.append(...heads.map(word => {
    // Nobody does anything on paper.
    const cell = element('th', word, [t('record.col_acts'), t('record.due_next'), t('record.tab_timeline')].includes(word) ? 'acts' : '');
    cell.setAttribute('scope', 'col');
    return cell;
  }));
  const [top, body] = [element('thead'), element('tbody')];
  top.append(head);
  body.append(...rows);
  made.append(top, body);
  // On a phone each row stands as a card, with the heading beside what it says: it stays a table to who hears it.
  for (const made_row of rows) {
    [...made_row.children].forEach((cell, at) => { if (heads[at]) /** @type {HTMLElement} */ (cell).dataset.label = heads[at]; });
  }
  const roles = { table: 'table', 'thead, tbody': 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' };
  made.setAttribute('role', roles.table);
  for (const [what, role] of Object.entries(roles)) made.querySelectorAll(what).forEach(each => each.setAttribute('role', role));
  box.append(made);
  return box;
}

/** @param {(string|HTMLElement|HTMLElement[])[]} cells */
export function row(cells) {
  const made = element('tr');
  made.append(...cells.map(cell => {
    const box = element('td', typeof cell === 'string' ? cell : '');
    if (typeof cell !== 'string') box.append(...[cell].flat());
    return box;
  }));
  return made;
}

/** Name, with unit and post below. @param {{name: string, unit: string, post: string}} person */
export function person({ name, unit, post }) {
  const made = element('div', '', 'person');
  made.append(element('b', name), element('small', `${unit} ${post}`));
  return made;
}

const DIGITS = '〇一二三四五六七八九';

/** An article of the regulation by its number, up to 99. @param {number} n */
export function article(n) {
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  const chinese = `${tens > 1 ? DIGITS[tens] : ''}${tens ? '十' : ''}${ones || !tens ? DIGITS[ones] : ''}`;
  return t('record.article', { n: language() === 'en' ? n : chinese });
}

/** A link to another part. @param {string} href @param {string} words */
export function goTo(href, words) {
  const made = /** @type {HTMLAnchorElement} */ (element('a', words, 'go'));
  made.href = href;
  return made;
}

/** That there is nothing yet, and the part in which it begins. @param {string} words @param {string} part */
export function nothing(words, part) {
  const made = element('p', words, 'empty');
  made.append(' ', goTo(`#${part}`, t(`record.tab_${part}`)));
  return made;
}

/** Who and when, as the trail has it. @param {{who: string, at: string}|null|undefined} step */
export const stepSaid = step => (step ? t('record.step', { who: step.who, at: step.at.slice(0, 16).replace('T', ' ') }) : '');
