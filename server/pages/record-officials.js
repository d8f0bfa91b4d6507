// Who reports, in which terms of office, how this year, and what is owed (articles 2, 11 and 12).

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { filtered } from '/record-filter.js';
import { button, day, fill, goTo, input, line, mark, menu, person, row, select, table, text, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

/** @param {any} term the values shown at first */
const termFields = (term = {}) => [
  line('record.unit', input('unit', { value: term.unit || '', maxLength: 80 })),
  line('record.post', input('post', { value: term.post || '', maxLength: 80 })),
  day('record.begins', 'begins', term.begins),
  day('record.expected_end', 'expected_end', term.expected_end, false),
];
const nameField = (value = '') => line('record.name', input('name', { value, maxLength: 40 }));

/** How he stands to article 12, in words. @param {any} standing */
export function owedMarks(standing) {
  if (!standing) return [];
  if (!standing.owed) return [mark(t('record.not_owed'), 'good')];
  const marks = [mark(t('record.owed'), 'wait')];
  if (standing.warning) marks.push(mark(t(`record.warning_${standing.warning}`), 'warn'));
  return marks;
}

/** @param {any} term */
const span = term => t('record.term_is', { begins: dateInWords(term.begins), end: term.ended ? dateInWords(term.ended) : term.expected_end ? t('record.term_expected', { end: dateInWords(term.expected_end) }) : t('record.term_open') });

/** @param {any} dossier */
export function wayMark(dossier) {
  if (!dossier) return mark(t('record.way_none'));
  if (!dossier.way) return mark(t('record.way_open'));
  return mark(t(`record.way_${dossier.way}`), dossier.way === 'oral' ? 'wait' : 'plain');
}

/** @param {any} official @param {any} dossier @param {Record} record */
function acts(official, dossier, record) {
  const { send, today, cycle } = record;
  const term = official.terms[official.terms.length - 1];
  const at = `officials/${official.id}`;
  const values = { name: official.name };
  const version = official.version;
  const saved = async (/** @type {string} */ path, /** @type {any} */ body) => { await send(path, body); return t('record.saved_of', values); };
  const made = [];
  if (dossier && !cycle.closed) {
    if (dossier.way === 'oral') {
      made.push(button('record.reported', () => fill({
        title: 'record.reported', says: 'record.reported_says', values,
        fields: [day('record.reported_on', 'on', dossier.reported_on || today, !dossier.reported_on), ...(dossier.reported_on ? [why()] : [])],
        work: typed => saved(`dossiers/${dossier.id}/reported`, { version: dossier.version, on: typed.on, why: typed.why || '' }),
      })));
    }
    made.push(button('record.way_change', () => fill({
      title: 'record.way_change', says: 'record.way_change_says', values,
      fields: [line('record.way', select('way', [['oral', 'record.way_oral'], ['written', 'record.way_written']], dossier.way || 'written')), why()],
      work: typed => saved(`dossiers/${dossier.id}/way`, { version: dossier.version, way: typed.way, why: typed.why }),
    })));
  }
  made.push(
    button('record.transfer', () => fill({
      title: 'record.transfer', says: 'record.transfer_says', values,
      fields: [day('record.ended', 'ended', today), ...termFields({ begins: today }), why()],
      work: typed => saved(`${at}/transfer`, { version, ...typed }),
    })),
    button('record.correct', () => fill({
      title: 'record.correct', says: 'record.correct_says', values, fields: [nameField(official.name), ...termFields(term), why()],
      work: typed => saved(`${at}/correct`, { version, ...typed }),
    })),
    button('record.leave', () => fill({
      title: 'record.leave', says: 'record.leave_says', values, fields: [day('record.ended', 'ended', today), why()],
      work: typed => saved(`${at}/left`, { version, ...typed }),
    })),
  );
  return menu(official.name, made);
}

/** @param {any} official @param {any} dossier @param {Record} record */
function officialRow(official, dossier, record) {
  const term = official.terms[official.terms.length - 1];
  const before = official.terms.slice(0, -1).reverse().map((/** @type {any} */ old) => element('small', `${old.unit} ${old.post} · ${span(old)}`));
  const terms = element('div', '', 'person');
  terms.append(element('span', span(term)), ...before);
  const { standing } = official;
  const last = standing && standing.last_oral ? dateInWords(standing.last_oral) : t('record.never');
  const way = [wayMark(dossier)];
  if (dossier && dossier.reported_on) way.push(element('small', t('record.reported_at', { day: dateInWords(dossier.reported_on) })));
  const whose = person({ name: official.name, unit: term.unit, post: term.post });
  if (dossier) {
    const year = goTo(`#timeline?cycle=${record.cycle.id}&dossier=${dossier.id}`, t('record.tab_timeline'));
    year.setAttribute('aria-label', t('record.tl_open_of', { name: official.name }));
    whose.append(year);
  }
  const made = row([
    whose, terms, way, last,
    official.left ? [mark(t('record.has_left'))] : owedMarks(standing),
    record.keeps && !official.left ? acts(official, dossier, record) : '',
  ]);
  if (official.left) made.className = 'left';
  return made;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { cycle, keeps, read, send } = record;
  const [officials, dossiers] = await Promise.all([read('officials'), cycle ? read(`cycles/${cycle.id}/dossiers`) : []]);
  // Units that are told apart by a number, in its order.
  const unit = (/** @type {any} */ official) => official.terms[official.terms.length - 1].unit;
  officials.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(a.left) - Number(b.left) || unit(a).localeCompare(unit(b), 'zh-CN', { numeric: true }));
  const of = (/** @type {any} */ official) => dossiers.find((/** @type {any} */ dossier) => dossier.official === official.id);
  root.append(element('h2', t('record.tab_officials')));
  const buttons = element('p', '', 'row');
  if (keeps) {
    buttons.append(
      button('record.paste', () => fill({
        title: 'record.paste', says: 'record.paste_says', wide: true,
        fields: [line('record.paste_lines', text('lines', { rows: 12, required: true, spellcheck: false, placeholder: t('record.paste_example', {}, 'zh-CN') }))],
        work: async typed => t('record.pasted', { n: (await send('officials/paste', typed)).added }),
      }), officials.length ? '' : 'confirm'),
      button('record.add', () => fill({
        title: 'record.add', fields: [nameField(), ...termFields()],
        work: async typed => { await send('officials', typed); return t('record.saved_of', { name: typed.name }); },
      })),
    );
    if (cycle && !cycle.closed && officials.length) {
      const missing = officials.filter((/** @type {any} */ official) => official.standing && !of(official)).length;
      buttons.append(button('record.make', () => fill({
        title: 'record.make', says: 'record.make_says', values: { title: cycle.title },
        work: async () => t('record.made', await send(`cycles/${cycle.id}/dossiers`, {})),
      }), missing ? 'confirm' : ''));
    }
  }
  root.append(buttons);
  if (!officials.length) {
    root.append(element('p', t('record.officials_none'), 'empty'));
    return;
  }
  const inOffice = officials.filter((/** @type {any} */ official) => official.standing);
  const owed = inOffice.filter((/** @type {any} */ official) => official.standing.owed);
  const warned = owed.filter((/** @type {any} */ official) => official.standing.warning);
  const sum = element('div', '', 'sum');
  sum.append(element('p', t('record.officials_sum', { n: inOffice.length, listed: dossiers.length, owed: owed.length })));
  if (warned.length) sum.append(element('p', t('record.officials_warned', { n: warned.length, names: warned.map((/** @type {any} */ each) => each.name).join(t('console.comma')) }), 'warn'));
  const heads = ['official', 'term', 'way', 'last_oral', 'article_12'].map(word => t(`record.col_${word}`));
  /** @param {any} official */
  const wayOf = official => { const dossier = of(official); return dossier ? dossier.way || 'open' : 'none'; };
  /** @param {any} official */
  const standingOf = ({ left, standing }) => (left || !standing ? ['has_left'] : !standing.owed ? ['not_owed'] : standing.warning ? ['owed', `warning_${standing.warning}`] : ['owed']);
  root.append(sum, filtered(record, {
    about: t('record.tab_officials'),
    items: officials,
    filters: [
      { name: 'unit', word: 'record.unit', of: unit },
      { name: 'way', word: 'record.way', of: wayOf, says: value => t(`record.way_${value}`) },
      { name: 'standing', word: 'record.col_article_12', of: standingOf, says: value => t(`record.${value}`) },
    ],
    draw: shown => table(t('record.tab_officials'), keeps ? [...heads, t('record.col_acts')] : heads, shown.map(official => {
      const made = officialRow(official, of(official), record);
      if (!keeps && made.lastChild) made.lastChild.remove();
      return made;
    })),
  }).box);
}
