// How long each year is kept, and its destruction by two once that is over.

import { dateInWords, said, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, fill, input, line, mark, menu, nothing, row, stepSaid, table, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

/** What would go, in words: the kinds that are most of it, and the rest as a number. @param {{documents: {[kind: string]: number}, files: number}} going */
function contents({ documents, files }) {
  const total = Object.values(documents).reduce((sum, n) => sum + n, 0);
  return t('record.keep_contents', { documents: total, dossiers: documents.dossier || 0, officials: documents.official || 0, files });
}

/** @param {any} year @param {Record} record */
function acts(year, record) {
  const made = [button('record.keep_longer', () => fill({
    title: 'record.keep_longer', says: 'record.keep_longer_says', values: { title: year.title },
    fields: [line('record.p_keep_years', input('years', { type: 'number', min: String(year.keep_years + 1), max: '100', value: String(year.keep_years + 1) })), why()],
    work: async typed => {
      await record.send(`cycles/${year.cycle}/keep`, { version: year.version, ...typed });
      return t('record.saved');
    },
  }))];
  if (!year.not_yet && !year.proposed) {
    made.push(button('record.destroy', () => fill({
      title: 'record.destroy', says: 'record.destroy_says', values: { title: year.title, contents: contents(year) }, fields: [why()],
      work: async typed => {
        await record.send(`cycles/${year.cycle}/destruction`, { version: year.version, ...typed });
        return t('record.destroy_proposed');
      },
    }), 'severe'));
  }
  return menu(year.title, made);
}

/** @param {any} one @param {Record} record */
function decide(one, record) {
  const approve = (/** @type {boolean} */ agreed) => async (/** @type {any} */ typed) => {
    await record.send(`destructions/${one.id}/approve`, { version: one.version, agreed, why: typed.why || '' });
    return t(agreed ? 'record.destroyed' : 'record.saved');
  };
  const made = [];
  if (record.approves) {
    made.push(
      button('record.destroy_approve', () => fill({
        title: 'record.destroy_approve', says: 'record.destroy_approve_says', values: { title: one.title, contents: contents(one) }, fields: [why(false)], work: approve(true),
      }), 'severe'),
      button('record.destroy_refuse', () => fill({ title: 'record.destroy_refuse', fields: [why()], work: approve(false) })),
    );
  }
  if (record.keeps) {
    made.push(button('record.destroy_drop', () => fill({
      title: 'record.destroy_drop', fields: [why()],
      work: async typed => {
        await record.send(`destructions/${one.id}/drop`, { version: one.version, ...typed });
        return t('record.saved');
      },
    })));
  }
  return made;
}

/** @param {any} state */
function stateSaid(state) {
  const kind = { proposed: 'wait', sweeping: 'warn', done: 'good', dropped: 'plain' }[/** @type {string} */ (state.is)];
  const box = element('div');
  box.append(mark(t(`record.destroy_is_${state.is}`), /** @type {any} */ (kind)));
  if (state.by) box.append(element('small', stepSaid(state.by)));
  if (state.why) box.append(element('small', state.why));
  return box;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { years, destructions } = await record.read('retention');
  root.append(element('h2', t('record.tab_retention')), element('p', t('record.keep_says'), 'hint'));
  if (!years.length) root.append(nothing(t('record.keep_none'), 'cycle'));
  else {
    const rows = years.map((/** @type {any} */ year) => {
      const stands = element('div');
      stands.append(year.proposed ? mark(t('record.destroy_is_proposed'), 'wait') : mark(t(year.not_yet ? 'record.keep_kept' : 'record.keep_over'), year.not_yet ? 'plain' : 'warn'));
      if (year.not_yet) stands.append(element('small', said(year.not_yet)));
      const cells = [element('b', year.title), t('record.years', { n: year.keep_years }), dateInWords(year.kept_until), contents(year), stands];
      return row(record.keeps ? [...cells, acts(year, record)] : cells);
    });
    const heads = ['tab_cycle', 'p_keep_years', 'keep_until', 'keep_what', 'keep_stands'].map(word => t(`record.${word}`));
    root.append(table(t('record.tab_retention'), record.keeps ? [...heads, t('record.col_acts')] : heads, rows));
  }
  root.append(element('h3', t('record.destructions')));
  if (!destructions.length) {
    root.append(element('p', t('record.destructions_none'), 'empty'));
    return;
  }
  const decides = (record.keeps || record.approves) && destructions.some((/** @type {any} */ one) => one.state.is === 'proposed');
  const rows = destructions.map((/** @type {any} */ one) => {
    const by = element('div');
    by.append(stepSaid(one.proposed), element('small', one.why));
    const cells = [element('b', one.title), dateInWords(one.kept_until), contents(one), by, stateSaid(one.state)];
    if (!decides) return row(cells);
    const box = element('div', '', 'row');
    if (one.state.is === 'proposed') box.append(...decide(one, record));
    return row([...cells, box]);
  });
  const heads = ['tab_cycle', 'keep_until', 'keep_what', 'destroy_by', 'keep_stands'].map(word => t(`record.${word}`));
  root.append(table(t('record.destructions'), decides ? [...heads, t('record.col_acts')] : heads, rows));
}
