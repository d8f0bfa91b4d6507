// Check-in: who is here, by search or hand scanner, who came late, who has left. Several devices do this at once: each
// tells the server one person at a time and reads the list again every few seconds.

import { said, t } from '/words.js';
import { ask, say } from '/console-ask.js';
import { $, element, keyed, link, write } from '/console-parts.js';
import { quorumWords } from '/console-quorum.js';

/** @typedef {{number: number, name: string, unit: string, post: string, group: string, initials: string[], state: 'absent'|'here'|'left', before?: string, late: boolean, waits: boolean, counted: boolean}} Person */

const AGAIN_MS = 3000;
const FILTERS = ['all', 'absent', 'here', 'left', 'late'];

/** @type {{people: Person[], totals: any, quorum: any, ended: boolean}|null} */
let list = null;
/** @type {() => any} */
let now = () => null;
/** @type {(whole?: boolean) => Promise<any>} */
let refresh = () => Promise.resolve();
/** What the last change says, drawn anew in the other language. @type {(() => {kind: string, big: string, small: string, undo?: {number: number, state: string, name: string}})|null} */
let news = null;
/** Changes one after the other: a scanner does not wait for answers. */
let queue = Promise.resolve();
/** Changes that were begun and changes that were answered. A list that was asked for before either is an old one. */
let [begun, answered] = [0, 0];

/** Full-width digits and letters as the others. @param {string} text */
const narrow = text => text.replace(/[\uff01-\uff5e]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ').trim();

/** Digits of a code on the sheet. */
const CODE = 8;

/** How many digits, if there is nothing else but spaces and hyphens; 0 for any other text. @param {string} text */
const digits = text => (/^\d[\d -]*$/.test(text) ? text.replace(/\D/g, '').length : 0);

/** A slip was scanned: a link with its secret, or its typed code. @param {string} text */
const isSlip = text => /#|:\/\//.test(text) || (!digits(text) && /^([0-9a-z]{4}[- ]?){3}[0-9a-z]{4}$/i.test(text));

/** Whether letters are the initials of a name, from any character on. @param {Person} person @param {string} letters */
function initialsMatch(person, letters) {
  const last = person.initials.length - letters.length;
  for (let from = 0; from <= last; from += 1) {
    if ([...letters].every((letter, i) => person.initials[from + i].includes(letter))) return true;
  }
  return false;
}

/** Who fits what was typed. @param {string} typed @returns {Person[]} */
function found(typed) {
  if (!list) return [];
  const text = narrow(typed).toLowerCase();
  if (!text) return list.people;
  if (/^\d+$/.test(text)) return list.people.filter(person => String(person.number) === String(Number(text)));
  const inside = (/** @type {string} */ part) => part.toLowerCase().replace(/\s/g, '').includes(text.replace(/\s/g, ''));
  return list.people.filter(person => inside(person.name) || inside(person.unit) || inside(person.group) || (/^[a-z]+$/.test(text) && initialsMatch(person, text)));
}

/** @param {Person} person */
function passes(person) {
  const filter = $('checkin-filter').value;
  return filter === 'all' || (filter === 'late' ? person.late : person.state === filter);
}

/** @param {() => {kind: string, big: string, small: string, undo?: any}} made */
function tell(made) {
  news = made;
  drawNews();
  const { top, bottom } = $('checkin-news').getBoundingClientRect();
  if (top < 80 || bottom > window.innerHeight) $('checkin-section').scrollIntoView({ block: 'start' });
}

function drawNews() {
  const box = $('checkin-news');
  const { kind, big, small, undo } = news ? news() : { kind: '', big: '', small: '', undo: undefined };
  box.hidden = !kind;
  box.dataset.kind = kind;
  write($('checkin-big'), big);
  write($('checkin-small'), small);
  $('checkin-undo').hidden = !undo;
}

/** @param {Person} person @param {any} totals */
function outcome(person, totals) {
  const { name, state, before } = person;
  const counts = { came: totals.came, here: totals.here, expected: totals.expected };
  const undone = before === 'here' && state === 'absent' ? null : { number: person.number, state: before || 'absent', name };
  if (before === state) return { kind: 'again', big: t('checkin.done_again', { name }), small: t('checkin.done_here_now', counts) };
  if (state === 'absent') return { kind: 'undone', big: t('checkin.done_undone', { name }), small: t('checkin.done_here_now', counts) };
  if (state === 'left') return { kind: 'left', big: t('checkin.done_left', { name }), small: t('checkin.done_here_now', counts), undo: undone };
  if (before === 'left') return { kind: 'done', big: t('checkin.done_back', { name }), small: t('checkin.done_here_now', counts), undo: undone };
  const late = person.waits ? t('console.semicolon') + t('checkin.done_late') : '';
  return { kind: person.waits ? 'late' : 'done', big: t('checkin.done_here', { name }), small: t('checkin.done_count', counts) + late, undo: undone };
}

/** Tells the server, after what was told before. @param {{numbers?: number[], code?: string, state: string}} change */
function send(change) {
  // What was said before, that too few are here perhaps, may not hold any more.
  say('');
  begun += 1;
  queue = queue.then(async () => {
    try {
      const answer = await ask('checkin', change);
      if (list) {
        list = { ...list, totals: answer.totals, quorum: answer.quorum, people: list.people.map(old => answer.people.find((/** @type {Person} */ p) => p.number === old.number) || old) };
      }
      tell(() => outcome(answer.people[0], answer.totals));
    } catch (error) {
      const { error: what = '', what_to_do: next = '' } = /** @type {any} */ (error).answer || {};
      tell(() => ({ kind: 'wrong', big: said(what) || t('console.no_answer'), small: said(next) }));
    }
    answered += 1;
    drawList();
    refresh(false).catch(() => {});
    // Others sign in people too, and the totals know it already.
    read();
  });
}

/** Enter, by hand or by the scanner. */
function entered() {
  const field = $('checkin-search');
  const text = narrow(field.value);
  if (!text) return;
  if (isSlip(text)) {
    field.value = '';
    tell(() => ({ kind: 'wrong', big: t('checkin.slip'), small: t('checkin.slip_says') }));
  } else if (digits(text) === CODE) {
    field.value = '';
    send({ code: text, state: 'here' });
  } else if (digits(text) > CODE) {
    field.value = '';
    tell(() => ({ kind: 'wrong', big: t('checkin.joined'), small: t('checkin.joined_says') }));
  } else if (digits(text)) {
    // The first half of a code is a number on the list, and has no digit that tells a wrong one.
    field.select();
    tell(() => ({ kind: 'wrong', big: t('checkin.part', { text }), small: t('checkin.part_says') }));
  } else {
    const people = found(text);
    if (people.length === 1) {
      field.value = '';
      send({ numbers: [people[0].number], state: 'here' });
    } else if (people.length) tell(() => ({ kind: 'wrong', big: t('checkin.many', { n: people.length, text }), small: t('checkin.many_says') }));
    else {
      field.select();
      tell(() => ({ kind: 'wrong', big: t('checkin.none', { text }), small: t('checkin.none_says') }));
    }
  }
  drawList();
}

/** What can be done with one. @param {Person} person @returns {string[][]} word and state */
function acts(person) {
  if (person.state === 'absent') return list && list.ended ? [] : [['do_here', 'here']];
  const undo = person.counted ? [] : [['do_undo', 'absent']];
  return [person.state === 'here' ? ['do_left', 'left'] : ['do_back', 'here'], ...undo];
}

function makeRow() {
  const row = element('tr');
  row.append(...['number', 'name', 'unit', 'state', 'do'].map(name => element('td', '', name)));
  row.querySelector('.name')?.append(element('b'), element('small'));
  return row;
}

/** @param {HTMLElement} row @param {Person} person */
function updateRow(row, person) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  row.dataset.state = person.state;
  write(part('.number'), String(person.number));
  write(part('.name b'), person.name);
  write(part('.name small'), person.group);
  write(part('.unit'), [person.unit, person.post].filter(Boolean).join(' '));
  const late = person.waits ? t('checkin.late_waits') : person.late ? t('checkin.late') : '';
  const state = t(`checkin.state_${person.state}`);
  write(part('.state'), late ? `${state}${t('console.comma')}${late}` : state);
  keyed(part('.do'), acts(person), ([word]) => word, ([, to]) => {
    const made = element('button');
    made.setAttribute('type', 'button');
    made.addEventListener('click', () => {
      send({ numbers: [person.number], state: to });
      $('checkin-search').focus();
    });
    return made;
  }, (made, [word]) => {
    write(made, t(`checkin.${word}`));
    made.setAttribute('aria-label', t('checkin.do_for', { act: t(`checkin.${word}`), name: person.name }));
  });
}

function drawTotals() {
  if (!list) return;
  const { totals } = list;
  write($('checkin-totals'), t('checkin.totals', totals));
  write($('checkin-waits'), totals.waits ? t('checkin.waits', { n: totals.waits }) : '');
  write($('checkin-ended'), list.ended ? t('checkin.ended') : '');
  // Once there are items the line stands beside them.
  const words = $('contests-section').hidden ? quorumWords(list.quorum) : '';
  $('checkin-quorum').hidden = !words;
  $('checkin-quorum').dataset.holds = String(Boolean(list.quorum && list.quorum.holds));
  write($('checkin-quorum'), words);
  keyed($('checkin-groups').querySelector('tbody'), totals.groups, (/** @type {any} */ group) => group.group, group => {
    const row = element('tr');
    const head = element('th', group.group);
    head.setAttribute('scope', 'row');
    row.append(head, element('td'), element('td'), element('td'));
    return row;
  }, (row, group) => [group.expected, group.came, group.here].forEach((n, i) => write(row.children[i + 1], String(n))));
}

function drawList() {
  if (!list) return;
  drawTotals();
  const people = found($('checkin-search').value).filter(passes);
  $('checkin-nobody').hidden = people.length > 0;
  $('checkin-table').hidden = !people.length;
  keyed($('checkin-people'), people, person => String(person.number), makeRow, updateRow);
}

let reading = false;
async function read() {
  if (reading || begun !== answered || document.hidden || $('checkin-section').hidden || $('desk').hidden) return;
  reading = true;
  const before = begun;
  try {
    const fresh = await ask('checkin');
    if (before === begun) {
      const known = JSON.stringify((now() || {}).checkin);
      list = fresh;
      drawList();
      if (JSON.stringify(fresh.totals) !== known) refresh(false).catch(() => {});
    }
  } catch {
    // The console says that the server is away.
  } finally {
    reading = false;
  }
  if (before !== begun) read();
}

/** How many have signed in as far as this page knows; null while heads are counted by hand. @param {any} state */
export function signedIn(state) {
  const totals = (list && !$('checkin-section').hidden && list.totals) || state.checkin;
  return totals && totals.in_use ? totals.came : null;
}

/** @param {any} state */
export function drawCheckin(state) {
  const shown = Boolean(state.frozen) && (state.forms || []).includes('checkin');
  const fresh = shown && $('checkin-section').hidden;
  $('checkin-section').hidden = !shown;
  if (!shown) {
    list = null;
    news = null;
    drawNews();
    return;
  }
  const people = state.meeting_state === 'issuing' || state.live.window.open ? 'come' : 'vote';
  if ($('checkin-more').dataset.when !== people) {
    $('checkin-more').dataset.when = people;
    const [below, before] = [$('contests-section'), $('contests-section').getBoundingClientRect().top];
    $('checkin-more').open = people === 'come';
    // Opening an item folds the list away: the row that was pressed stays under the hand. The browser's own anchor may
    // have been in what is folded, so what is left is corrected after it.
    if (before < window.innerHeight) {
      requestAnimationFrame(() => requestAnimationFrame(() => window.scrollBy(0, below.getBoundingClientRect().top - before)));
    }
  }
  if (fresh || !list) read().then(() => { if (fresh && document.activeElement === document.body) $('checkin-search').focus({ preventScroll: true }); });
  drawList();
}

/** @param {() => any} state @param {(whole?: boolean) => Promise<any>} again */
export function checkinOn(state, again) {
  now = state;
  refresh = again;
  const filter = $('checkin-filter');
  const options = FILTERS.map(name => {
    const option = /** @type {HTMLOptionElement} */ (element('option', t(`checkin.show_${name}`)));
    option.value = name;
    return option;
  });
  filter.append(...options);
  filter.addEventListener('change', drawList);
  $('checkin-print').append(link('/desk/checkin/sheet', t('checkin.sheet_open')));
  $('checkin-form').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    entered();
  });
  $('checkin-search').addEventListener('input', drawList);
  $('checkin-undo').addEventListener('click', () => {
    const { undo } = news ? news() : { undo: undefined };
    if (undo) send({ numbers: [undo.number], state: undo.state });
    $('checkin-search').focus();
  });
  // A scanner types wherever the page is; what it types belongs here, unless somebody is filling in something else.
  document.addEventListener('keydown', event => {
    const { activeElement } = document;
    const free = activeElement === document.body || (activeElement instanceof HTMLButtonElement && $('checkin-section').contains(activeElement));
    if (!free || $('checkin-section').hidden || !$('checkin-more').open || event.ctrlKey || event.metaKey || event.altKey || !/^[\p{L}\p{N}]$/u.test(event.key)) return;
    if (document.querySelector('dialog[open]')) return;
    $('checkin-search').focus();
  });
  document.addEventListener('language', () => {
    options.forEach((option, i) => write(option, t(`checkin.show_${FILTERS[i]}`)));
    write($('checkin-print').firstChild, t('checkin.sheet_open'));
    drawNews();
    drawList();
  });
  setInterval(read, AGAIN_MS);
}
