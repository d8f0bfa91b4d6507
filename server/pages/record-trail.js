// The trail in words: who did what to whose, what was so before and is now, and why. What documents print as its end stands
// above it.

import { dateInWords, knows, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, nothing, row, stepSaid, table } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

const FILTERS = ['official', 'kind', 'who', 'from', 'to'];
/** Names of other documents, hands that the entry has itself, and what is shown in full elsewhere. */
const UNSAID = ['accounts', 'by', 'cycle', 'dossier', 'finding', 'kind_of', 'marked', 'meeting_id', 'note', 'official', 'outcome', 'place', 'seed', 'step', 'text_fixed'];
/** Changes that stand open; the others are folded. Of what is new, three say which one it is. */
const OPEN = 6;
const OPEN_NEW = 3;
const FIRST = ['name', 'title', 'number', 'question', 'reason', 'text', 'unit', 'post', 'year', 'served', 'due', 'on', 'received_on'];
const LAST = ['counting', 'policy'];
const LONG = 240;
const SEVERAL = 4;

/** @typedef {{path: string[], before: any, after: any}} Change */

const isMap = (/** @type {any} */ value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isStep = (/** @type {any} */ value) => isMap(value) && typeof value.who === 'string' && typeof value.at === 'string';
const isNothing = (/** @type {any} */ value) => value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);
const isPlain = (/** @type {any} */ value) => !isMap(value) && !(Array.isArray(value) && value.some(each => isMap(each) || Array.isArray(each)));

/** What has changed, down to single values. @param {any} before @param {any} after @param {string[]} path @returns {Change[]} */
function changes(before, after, path) {
  if ((isNothing(before) && isNothing(after)) || JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isStep(before) || isStep(after)) return [{ path, before, after }];
  if (Array.isArray(before) || Array.isArray(after)) {
    const [old, now] = [before || [], after || []];
    if ([old, now].every(isPlain)) return [{ path, before: old, after: now }];
    if (!old.length && now.length >= SEVERAL) return [{ path, before: null, after: t('record.t_items', { n: now.length }) }];
    return Array.from({ length: Math.max(old.length, now.length) }, (_, at) => changes(old[at], now[at], [...path, t('record.t_item', { n: at + 1 })])).flat();
  }
  if (isMap(before) || isMap(after)) {
    const [old, now] = [before || {}, after || {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(name => !UNSAID.includes(name));
    return names.flatMap(name => changes(old[name], now[name], [...path, name]));
  }
  return [{ path, before, after }];
}

const nameSaid = (/** @type {string} */ name) => (knows(`record.f_${name}`) ? t(`record.f_${name}`) : /^[a-z0-9_]+$/.test(name) ? t('record.f_other', { name }) : name);

/** One value in words. @param {any} value @returns {string} */
function valueSaid(value) {
  if (isNothing(value)) return t('record.t_nothing');
  if (isStep(value)) return stepSaid(value);
  if (typeof value === 'boolean') return t(value ? 'record.yes' : 'record.no');
  if (Array.isArray(value)) return value.length === 2 && value.every(each => typeof each === 'number') ? value.join('/') : value.map(valueSaid).join(t('record.semicolon'));
  const text = String(value);
  if (/^[0-9a-f]{32,64}$/.test(text)) return t('record.t_hash', { hash: text.slice(0, 16) });
  if (knows(`record.v_${text}`)) return t(`record.v_${text}`);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return text.slice(0, 16).replace('T', ' ');
  // A word of the program that has none of ours is said to be one.
  if (/^[a-z]+(_[a-z]+)+$/.test(text)) return t('record.v_code', { code: text });
  if (text.length > LONG) return t('record.t_long', { text: text.slice(0, LONG), n: text.length });
  return dateInWords(text);
}

/** @param {Change} change */
function changeItem({ path, before, after }) {
  const item = element('li');
  item.append(element('b', path.map(nameSaid).join(' › ')), t('record.colon'));
  if (!isNothing(before)) item.append(element('del', valueSaid(before)), ' → ');
  item.append(element(isNothing(after) ? 'span' : 'ins', valueSaid(after)));
  return item;
}

/** @param {any} entry */
function whatSaid(entry) {
  const box = element('div', '', 'changed');
  if (!entry.what) {
    box.append(element('p', t('record.t_erased'), 'soft'));
    return box;
  }
  const { fields = {} } = entry.what;
  const all = Object.entries(fields).filter(([name]) => !UNSAID.includes(name)).flatMap(([name, [before, after]]) => changes(before, after, [name]));
  // What says which one it is comes first.
  const rank = (/** @type {Change} */ { path }) => {
    const at = FIRST.indexOf(path[path.length - 1]);
    return path.some(name => LAST.includes(name)) ? FIRST.length + 1 : at < 0 ? FIRST.length : at;
  };
  all.sort((a, b) => rank(a) - rank(b));
  const list = (/** @type {Change[]} */ some) => {
    const made = element('ul');
    made.append(...some.map(changeItem));
    return made;
  };
  const open = all.length && all.every(({ before }) => isNothing(before)) ? OPEN_NEW : OPEN;
  if (all.length) box.append(list(all.slice(0, open)));
  if (all.length > open) {
    const rest = element('details', '', 'how');
    rest.append(element('summary', t('record.t_rest', { n: all.length - open })), list(all.slice(open)));
    box.append(rest);
  }
  if (entry.hidden.length) box.append(element('p', t('record.t_hidden'), 'hint'));
  if (!box.childNodes.length) box.append(element('span', '—', 'soft'));
  return box;
}

/** @param {any} entry */
function actSaid({ act, kind, about }) {
  const box = element('div', '', 'person');
  const word = `record.a_${act.replace(/[/-]/g, '_')}`;
  box.append(element('b', knows(word) ? t(word) : t('record.a_other', { act })));
  const kindWord = knows(`record.k_${kind}`) ? t(`record.k_${kind}`) : kind;
  box.append(element('small', about ? [about.name, about.unit, about.year].filter(Boolean).join(' · ') : kindWord));
  return box;
}

/** @param {any} entry */
function entryRow(entry) {
  const who = element('div', '', 'person');
  const roles = entry.role.split(' ').map((/** @type {string} */ role) => (knows(`staff.role_${role}`) ? t(`staff.role_${role}`) : t('record.t_program')));
  who.append(element('span', entry.who === 'douxuan' ? t('record.t_program') : entry.who), element('small', entry.who === 'douxuan' ? '' : roles.join(t('console.comma'))));
  const why = entry.what && entry.what.why ? entry.what.why : '—';
  const at = element('div', '', 'person at');
  at.append(element('span', dateInWords(entry.at.slice(0, 10))), element('small', entry.at.slice(11, 16)));
  return row([String(entry.number), at, who, actSaid(entry), whatSaid(entry), element('div', why, why === '—' ? 'soft' : 'prose')]);
}

/** What the server is asked: only what is chosen. @param {Record} record */
function query({ state }) {
  const asked = new URLSearchParams();
  for (const name of [...FILTERS, 'page']) {
    const value = state.get(name);
    if (value) asked.set(name, value);
  }
  const text = String(asked);
  return text && `?${text}`;
}

/** @param {Record} record @param {any} trail @param {() => void} again */
function bar(record, trail, again) {
  const { state } = record;
  const made = element('form', '', 'filters');
  made.setAttribute('role', 'search');
  made.setAttribute('aria-label', t('record.filter_of', { about: t('record.tab_trail') }));
  made.addEventListener('submit', event => event.preventDefault());
  /** @param {string} name @param {string} word @param {[string, string][]} choices */
  const choose = (name, word, choices) => {
    const label = element('label');
    const select = document.createElement('select');
    select.name = name;
    for (const [value, text] of [['', t('record.filter_all')], ...choices]) {
      const option = /** @type {HTMLOptionElement} */ (element('option', text));
      option.value = value;
      select.append(option);
    }
    select.value = state.get(name);
    label.append(element('span', t(word)), select);
    made.append(label);
  };
  const collator = new Intl.Collator('zh-CN', { numeric: true });
  trail.officials.sort((/** @type {any} */ a, /** @type {any} */ b) => collator.compare(a.unit, b.unit) || collator.compare(a.name, b.name));
  choose('official', 'record.col_official', trail.officials.map((/** @type {any} */ each) => [each.official, `${each.name}（${each.unit}）`]));
  choose('kind', 'record.t_kind', trail.kinds.map((/** @type {string} */ kind) => [kind, knows(`record.k_${kind}`) ? t(`record.k_${kind}`) : kind]));
  choose('who', 'record.t_who', trail.people.map((/** @type {string} */ who) => [who, who === 'douxuan' ? t('record.t_program') : who]));
  for (const name of ['from', 'to']) {
    const label = element('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'date', name, value: state.get(name) });
    label.append(element('span', t(`record.t_${name}`)), input);
    made.append(label);
  }
  made.addEventListener('change', event => {
    const { name, value } = /** @type {HTMLInputElement} */ (event.target);
    state.set({ [name]: value, page: '' });
    again();
  });
  return made;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  let trail = await record.read(`trail${query(record)}`);
  const { head, faults } = trail;
  root.append(element('h2', t('record.tab_trail')), element('p', t('record.t_says'), 'hint'));
  const chain = element('p', t(faults.length ? 'record.t_broken' : 'record.t_fits', { n: head[0] }), faults.length ? 'warn' : '');
  const end = element('p', head[1], 'chain-end');
  const sum = element('div', '', 'sum');
  sum.append(chain, end);
  if (trail.lags) sum.append(element('p', t('record.t_lags'), 'warn'));
  root.append(sum);
  if (!head[0]) {
    root.append(nothing(t('record.t_none'), 'cycle'));
    return;
  }
  const place = element('div');
  const count = element('p', '', 'count');
  count.setAttribute('role', 'status');
  const clear = button('record.filter_clear', () => {
    record.state.set(Object.fromEntries([...FILTERS, 'page'].map(name => [name, ''])));
    for (const control of filters.querySelectorAll('select, input')) /** @type {HTMLInputElement} */ (control).value = '';
    again();
  });
  const last = element('p', '', 'filters-count');
  last.append(count, clear);
  /** Only the newest answer is shown. */
  let asked = 0;
  function again() {
    asked += 1;
    const mine = asked;
    place.setAttribute('aria-busy', 'true');
    record.read(`trail${query(record)}`).then(answer => {
      if (mine !== asked) return;
      trail = answer;
      show();
    }, error => { if (mine === asked) place.replaceChildren(element('p', error.message, 'warn')); }).finally(() => { if (mine === asked) place.setAttribute('aria-busy', 'false'); });
  }
  const filters = bar(record, trail, again);
  filters.append(last);
  function show() {
    const { entries, found, page, pages } = trail;
    count.textContent = t('record.t_count', { n: found, all: trail.head[0], page, pages });
    clear.hidden = !FILTERS.some(name => record.state.get(name));
    if (!entries.length) {
      place.replaceChildren(element('p', t('record.filter_nothing'), 'empty'));
      return;
    }
    const heads = ['t_number', 't_at', 't_who', 't_act', 't_what', 't_reason'].map(word => t(`record.${word}`));
    const made = table(t('record.tab_trail'), heads, entries.map(entryRow));
    made.classList.add('trail');
    place.replaceChildren(made);
    if (pages > 1) {
      const turns = element('p', '', 'row pages');
      const turn = (/** @type {string} */ word, /** @type {number} */ to, /** @type {boolean} */ may) => {
        const made = button(word, () => { record.state.set({ page: to > 1 ? String(to) : '' }); again(); });
        made.disabled = !may;
        turns.append(made);
      };
      turn('record.t_newer', page - 1, page > 1);
      turns.append(element('span', t('record.t_page', { page, pages })));
      turn('record.t_older', page + 1, page < pages);
      place.append(turns);
    }
  }
  root.append(filters, place);
  show();
}
