// Who reports orally this year: proposed by arithmetic, changed with reasons, approved by another person (article 14).

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { filtered } from '/record-filter.js';
import { button, fill, line, mark, nothing, person, row, select, stepSaid, table, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

/** The ground of a line, in words. @param {any} each */
function groundOf(each) {
  const words = [t(`record.ground_${each.ground}`, { day: each.last_oral ? dateInWords(each.last_oral) : t('record.never') })];
  if (each.drawn) words.push(t('record.drawn'));
  return words.join(t('record.semicolon'));
}

/** How far the list has come. @param {any} list */
function steps(list) {
  const made = element('ol', '', 'steps');
  for (const name of ['proposed', 'submitted', 'approved']) {
    const step = element('li', list[name] ? t(`record.step_${name}_by`, { step: stepSaid(list[name]) }) : t(`record.step_${name}`));
    step.dataset.done = String(Boolean(list[name]));
    made.append(step);
  }
  return made;
}

const NOBODY = { name: '—', unit: '', post: '' };

/** The lines of the newest list can be filtered. @param {any} list @param {Record} record @param {Map<string, any>} people @param {boolean} newest */
function lines(list, record, people, newest) {
  const numbered = list.lines.map((/** @type {any} */ each, /** @type {number} */ at) => ({ each, at }));
  if (!newest) return linesTable(list, record, people, numbered);
  return filtered(record, {
    about: t('record.list_number', { n: list.number }),
    items: numbered,
    filters: [
      { name: 'unit', word: 'record.unit', of: ({ each }) => (people.get(each.dossier) || NOBODY).unit },
      { name: 'way', word: 'record.way', of: ({ each }) => each.way, says: value => t(`record.way_${value}`) },
      { name: 'ground', word: 'record.col_ground', of: ({ each }) => each.ground, says: value => t(`record.ground_is_${value}`) },
      { name: 'changed', word: 'record.changed', of: ({ each }) => (each.changed ? 'yes' : 'no'), says: value => t(`record.${value}`) },
    ],
    draw: shown => linesTable(list, record, people, shown),
  }).box;
}

/** @param {any} list @param {Record} record @param {Map<string, any>} people @param {{each: any, at: number}[]} shown */
function linesTable(list, record, people, shown) {
  const changes = record.keeps && list.stage === 'proposed' && !record.cycle.closed;
  const rows = shown.map(({ each, at }) => {
    const dossier = people.get(each.dossier) || NOBODY;
    const other = each.way === 'oral' ? 'written' : 'oral';
    const reason = element('div', '', 'person');
    reason.append(element('span', groundOf(each)));
    if (each.changed) reason.append(element('small', t('record.changed_because', { why: each.changed[0], step: stepSaid(each.changed[1]) })));
    const way = [mark(t(`record.way_${each.way}`), each.way === 'oral' ? 'wait' : 'plain')];
    if (each.changed) way.push(mark(t('record.changed'), 'warn'));
    const change = button('record.line_change', () => fill({
      title: 'record.line_change', says: 'record.line_change_says', values: { name: dossier.name },
      fields: [line('record.way', select('way', [['oral', 'record.way_oral'], ['written', 'record.way_written']], other)), why()],
      work: async typed => {
        await record.send(`choosings/${list.id}/line`, { version: list.version, dossier: each.dossier, ...typed });
        return t('record.saved_of', { name: dossier.name });
      },
    }));
    change.setAttribute('aria-label', t('record.line_change_of', { name: dossier.name }));
    const made = row([String(at + 1), person(dossier), way, reason, ...(changes ? [change] : [])]);
    if (each.way === 'oral') made.className = 'chosen';
    return made;
  });
  const heads = ['place', 'official', 'way', 'ground'].map(word => t(`record.col_${word}`));
  return table(t('record.list_number', { n: list.number }), changes ? [...heads, t('record.col_acts')] : heads, rows);
}

/** @param {any} list */
function arithmetic(list) {
  const oral = list.lines.filter((/** @type {any} */ each) => each.way === 'oral').length;
  const out = list.lines.filter((/** @type {any} */ each) => each.way !== 'oral' && ['owed', 'owed_soon'].includes(each.ground));
  const made = element('div', '', 'sum');
  made.append(element('p', t('record.share_sum', { n: list.lines.length, share: list.share.join('/'), count: list.count, oral })));
  if (out.length) made.append(element('p', t('record.owed_left', { n: out.length })));
  if (out.some((/** @type {any} */ each) => each.ground === 'owed_soon')) made.append(element('p', t('record.owed_soon_left', { n: out.filter((/** @type {any} */ each) => each.ground === 'owed_soon').length }), 'warn'));
  made.append(element('p', t(list.recomputes ? 'record.draw_holds' : 'record.draw_broken', { seed: list.seed }), list.recomputes ? 'hint' : 'warn'));
  if (list.outdated && list.stage !== 'dropped') made.append(element('p', t('record.list_outdated'), 'warn'));
  if (list.why) made.append(element('p', t('record.list_why', { why: list.why })));
  return made;
}

/** @param {any} list @param {Record} record */
function acts(list, record) {
  const made = element('p', '', 'row');
  const does = (/** @type {string} */ word, /** @type {string} */ path, /** @type {any} */ more, /** @type {any} */ body, className = '') => button(word, () => fill({
    title: word, ...more,
    work: async typed => {
      await record.send(`choosings/${list.id}/${path}`, { version: list.version, ...body, ...typed });
      return t('record.saved');
    },
  }), className);
  if (record.cycle.closed) return made;
  if (record.keeps && list.stage === 'proposed') made.append(does('record.submit', 'submit', { says: 'record.submit_list_says' }, {}, 'confirm'));
  if (record.keeps && list.stage === 'submitted') made.append(does('record.take_back', 'back', { fields: [why()] }, {}));
  if (record.approves && list.stage === 'submitted') {
    made.append(does('record.approve', 'approve', { says: 'record.approve_list_says' }, {}, 'confirm'), does('record.return', 'approve', { fields: [why()] }, { agreed: false }));
  }
  return made;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { cycle, keeps, read, send } = record;
  root.append(element('h2', t('record.tab_choosing')));
  if (!cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  const [lists, dossiers] = await Promise.all([read(`cycles/${cycle.id}/choosings`), read(`cycles/${cycle.id}/dossiers`)]);
  const people = new Map(dossiers.map((/** @type {any} */ dossier) => [dossier.id, dossier]));
  root.append(element('p', t('record.choosing_says', { share: cycle.policy.oral_share.join('/') }), 'hint'));
  if (keeps && !cycle.closed && dossiers.length) {
    const buttons = element('p', '', 'row');
    buttons.append(button(lists.length ? 'record.propose_again' : 'record.propose', () => fill({
      title: lists.length ? 'record.propose_again' : 'record.propose',
      says: lists.length ? 'record.propose_again_says' : 'record.propose_says',
      values: { n: dossiers.length, share: cycle.policy.oral_share.join('/') },
      fields: lists.length ? [why()] : [],
      work: async typed => { await send(`cycles/${cycle.id}/choosings`, typed); return t('record.proposed_done'); },
    }), lists.length ? '' : 'confirm'));
    root.append(buttons);
  }
  if (!lists.length) {
    root.append(element('p', t(dossiers.length ? 'record.choosing_none' : 'record.choosing_nobody'), 'empty'));
    return;
  }
  // The newest stands open, and so does the one in force.
  lists.forEach((/** @type {any} */ list, /** @type {number} */ at) => {
    const card = /** @type {HTMLDetailsElement} */ (element('details', '', 'file-card'));
    card.open = at === 0 || list.in_force;
    const head = element('summary');
    const kind = list.in_force ? 'good' : list.stage === 'submitted' ? 'wait' : 'plain';
    head.append(element('b', `${t('record.list_number', { n: list.number })} `), mark(t(list.in_force ? 'record.in_force' : `record.stage_${list.stage}`), kind));
    card.append(head, steps(list), acts(list, record), arithmetic(list), lines(list, record, people, at === 0));
    root.append(card);
  });
}
