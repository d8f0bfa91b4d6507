// Filters over a list that is on the page already. What is chosen stands in the address, so that a link can be sent; only
// the list under them is drawn again, so that the hand stays where it is.

import { t } from '/words.js';
import { element } from '/console-parts.js';
import { choice } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */
/**
 * @typedef {{name: string, word: string, of: (item: any) => string|string[], says?: (value: string) => string}} Filter
 *   `name`: in the address; `word`: of its label; `of`: the value or values of an item; `says`: a value in words.
 * @typedef {{name: string, word: string, choices: {value: string, word: string, by: (a: any, b: any) => number}[]}} Sort
 *   The first choice holds where the address says nothing.
 */

const collator = new Intl.Collator('zh-CN', { numeric: true });

/** @param {string} name @param {string} word @param {[string, string][]} choices value and text @param {string} value */
function choiceOf(name, word, choices, value) {
  const label = element('label');
  const made = choice(name, choices, value);
  label.append(element('span', t(word)), made);
  return { label, select: made };
}

/**
 * A list with its filters, a count of what is shown, and a button that takes all of them away.
 * @param {Record} record
 * @param {{about: string, items: any[], filters: Filter[], sort?: Sort, draw: (shown: any[]) => HTMLElement, again?: (name: string) => void}} list
 *   `about`: what is filtered, for those who hear it; `draw` is given what is left, in order, and never nothing.
 * @returns {{box: HTMLElement, choose: (values: {[name: string]: string}) => void}} `choose`: sets filters from elsewhere.
 */
export function filtered(record, { about, items, filters, sort, draw }) {
  const { state } = record;
  const box = element('div', '', 'filtered');
  const bar = element('form', '', 'filters');
  bar.setAttribute('role', 'search');
  bar.setAttribute('aria-label', t('record.filter_of', { about }));
  bar.addEventListener('submit', event => event.preventDefault());
  const count = element('p', '', 'count');
  count.setAttribute('role', 'status');
  const clear = /** @type {HTMLButtonElement} */ (element('button', t('record.filter_clear')));
  clear.type = 'button';
  clear.dataset.does = 'filter_clear';
  const place = element('div');
  const valuesOf = (/** @type {Filter} */ { of }, /** @type {any} */ item) => [of(item)].flat().filter(Boolean);

  const controls = filters.map(filter => {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const item of items) for (const value of valuesOf(filter, item)) counts.set(value, (counts.get(value) || 0) + 1);
    const asked = state.get(filter.name);
    // A link may name what is no more: it is shown, and finds nothing.
    if (asked && !counts.has(asked)) counts.set(asked, 0);
    const says = filter.says || (value => value);
    const choices = [...counts].map(([value, n]) => /** @type {[string, string]} */ ([value, t('record.filter_choice', { value: says(value), n })]));
    if (!filter.says) choices.sort(([a], [b]) => collator.compare(a, b));
    const { label, select } = choiceOf(filter.name, filter.word, [['', t('record.filter_all')], ...choices], asked);
    // Nothing to choose between.
    label.hidden = counts.size < 2 && !asked;
    bar.append(label);
    return { filter, select };
  });
  let order = /** @type {HTMLSelectElement|null} */ (null);
  if (sort) {
    const made = choiceOf(sort.name, sort.word, sort.choices.map(({ value, word }, at) => [at ? value : '', t(word)]), state.get(sort.name));
    order = made.select;
    bar.append(made.label);
  }
  const last = element('p', '', 'filters-count');
  last.append(count, clear);
  bar.append(last);

  function show() {
    const used = controls.filter(({ select }) => select.value);
    const shown = items.filter(item => used.every(({ filter, select }) => valuesOf(filter, item).includes(select.value)));
    const by = sort && (sort.choices.find(({ value }) => order && value === order.value) || sort.choices[0]).by;
    if (by) shown.sort(by);
    count.textContent = t('record.filter_count', { n: shown.length, all: items.length });
    clear.hidden = !used.length;
    place.replaceChildren(shown.length ? draw(shown) : element('p', t('record.filter_nothing'), 'empty'));
  }
  function keep() {
    state.set(Object.fromEntries([...controls.map(({ filter, select }) => [filter.name, select.value]), ...(sort && order ? [[sort.name, order.value]] : [])]));
    show();
  }
  bar.addEventListener('change', keep);
  clear.addEventListener('click', () => {
    for (const { select } of controls) select.value = '';
    keep();
    const first = controls.find(({ select }) => !(/** @type {HTMLElement} */ (select.parentElement).hidden));
    if (first) first.select.focus();
  });
  // Nothing to choose between, nothing to sort.
  bar.hidden = !order && controls.every(({ select }) => /** @type {HTMLElement} */ (select.parentElement).hidden);
  box.append(bar, place);
  show();
  return {
    box,
    choose(values) {
      for (const { filter, select } of controls) if (filter.name in values) select.value = values[filter.name];
      keep();
    },
  };
}
