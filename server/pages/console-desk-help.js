// At the desk: what an accident costs and what it does not, and what to do now. The answers are the same for everybody
// and hold no secret; what depends on where the meeting stands is said beside them, on the screen only.

import { t } from '/words.js';
import { $, element, keyed, write } from '/console-parts.js';

/** Accidents, and what decides about them now: a slip that is not spent, one that is, one that a stranger has spent. */
const ACCIDENTS = /** @type {[string, 'unspent'|'spent'|'taken'|''][]} */ ([
  ['before', 'unspent'], ['after', 'spent'], ['sending', 'spent'], ['received', 'spent'], ['browser', 'spent'],
  ['lost', 'unspent'], ['torn', 'unspent'], ['taken', 'taken'], ['wifi', ''], ['booth', 'spent'],
]);

/** What can be done now with a slip that is not spent. @param {any} state */
function unspent(state) {
  const { live, frozen } = state;
  if (state.meeting_state === 'archived') return t('help.now_archived');
  if (!frozen) return t('help.now_none');
  if (live.enrolment_ended) return t('help.now_ended');
  if (live.window.open) return t('help.now_window', { unused: frozen.unused });
  if (live.window.number === 0) return t('help.now_before');
  const voids = state.offered.acts.some((/** @type {any} */ offer) => offer.act === 'slip/void');
  return t(voids ? 'help.now_between' : 'help.now_ended', { unused: frozen.unused });
}

/** The same with one that is. @param {any} state */
function spent(state) {
  if (state.meeting_state === 'archived') return t('help.now_archived');
  if (!state.frozen) return t('help.now_none');
  const open = state.live.contests.filter((/** @type {any} */ c) => c.item > 0 && c.state === 'open').length;
  return open ? t('help.now_open', { n: open }) : t('help.now_closed');
}

/** And with one that is in a stranger's hands. @param {any} state */
function taken(state) {
  const anew = state.frozen && state.meeting_state === 'issuing' && state.offered.acts.some((/** @type {any} */ offer) => offer.act === 'meeting/new');
  return anew ? t('help.now_again') : '';
}

const NOW = { unspent, spent, taken, '': () => '' };

/** @param {string} word @param {string} id */
function part(word, id) {
  const made = element('p');
  made.append(element('b', t(`help.${word}`)), ' ', t(`help.${id}_${word}`));
  return made;
}

/** @param {string} id */
function make(id) {
  const made = document.createElement('details');
  made.append(element('summary'), element('div'), element('p', '', 'now'));
  made.id = `help-${id}`;
  return made;
}

/** @param {any} state */
export function drawHelp(state) {
  keyed($('help-list'), ACCIDENTS, ([id]) => id, ([id]) => make(id), (made, [id, kind]) => {
    const [summary, words, now] = made.children;
    if (summary.textContent !== t(`help.${id}_title`)) {
      summary.textContent = t(`help.${id}_title`);
      const steps = element('ol');
      steps.append(...t(`help.${id}_do`).split('\n').map(step => element('li', step)));
      words.replaceChildren(part('lost', id), part('safe', id), steps);
    }
    write(now, NOW[kind](state));
    now.hidden = !now.textContent;
  });
}

/** @param {boolean} open */
function show(open) {
  $('help').hidden = !open;
  $('help-open').setAttribute('aria-expanded', String(open));
  if (open) {
    $('help').scrollIntoView({ block: 'start' });
    $('help-title').focus();
  } else $('help-open').focus();
}

/** On paper everything stands open; what holds only now is left out. */
function print() {
  const list = /** @type {HTMLDetailsElement[]} */ ([...$('help-list').children]);
  const before = list.map(each => each.open);
  list.forEach(each => { each.open = true; });
  document.body.dataset.print = 'help';
  window.print();
  delete document.body.dataset.print;
  list.forEach((each, i) => { each.open = before[i]; });
}

export function helpOn() {
  $('help-open').addEventListener('click', () => show($('help').hidden));
  $('help-close').addEventListener('click', () => show(false));
  $('help-print').addEventListener('click', print);
}
