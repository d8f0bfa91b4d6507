// What results are used for: entries for the yearly assessment (article 21), grounds of article 23, and the yearly file.

import { dateInWords, t } from '/words.js';
import { element, link } from '/console-parts.js';
import { button, day, fill, line, mark, menu, nothing, row, select, stepSaid, table, text, why } from '/record-forms.js';
import { chosenFile, fileField, handIn } from '/record-reports.js';

/** @typedef {import('/record.js').Record} Record */

const PURPOSES = ['assessment', 'promotion', 'rotation', 'awards'];
const ITEMS = ['untrue', 'not_corrected', 'other'];
const MEASURES = ['talk', 'criticism', 'admonition', 'discipline', 'other'];
const measureWord = (/** @type {string} */ kind) => `record.u_${kind === 'other' ? 'measure_other' : kind}`;

/** The official who is looked at: drawing again keeps him. */
let chosen = '';

/** @param {string} name @param {string[]} words @param {(word: string) => string} wordOf @param {string} [value] */
const choice = (name, words, wordOf, value) => select(name, words.map(word => /** @type {[string, string]} */ ([word, wordOf(word)])), value);

/** @param {any} [entry] @param {string} [today] */
const useFields = (entry, today = '') => [
  line('record.u_purpose', choice('purpose', PURPOSES, word => `record.u_${word}`, entry ? entry.purpose : 'assessment')),
  line('record.u_text', text('text', { required: true, value: entry ? entry.text : '' })),
  day('record.l_on', 'on', entry ? entry.on : today),
];

/** @param {string} dossier @param {any[]} entries @param {Record} record @param {boolean} changes */
function usage(dossier, entries, record, changes) {
  const box = element('section');
  box.append(element('h3', t('record.u_usage')));
  if (entries.length) {
    const rows = entries.map(entry => row([
      dateInWords(entry.on), t(`record.u_${entry.purpose}`),
      entry.withdrawn ? [element('del', entry.text, 'prose'), mark(t('record.u_withdrawn', { why: entry.withdrawn.why }))] : element('div', entry.text, 'prose'),
      stepSaid(entry.changed || entry.by),
      ...(changes ? [entry.withdrawn ? '' : menu(t(`record.u_${entry.purpose}`), [button('record.u_correct', () => fill({
        title: 'record.u_correct', fields: [...useFields(entry), why()],
        work: async typed => { await record.send(`usage/${entry.id}`, { version: entry.version, ...typed }); return t('record.l_saved'); },
      })), button('record.u_withdraw', () => fill({
        title: 'record.u_withdraw', says: 'record.u_withdraw_says', fields: [why()],
        work: async typed => { await record.send(`usage/${entry.id}/withdraw`, { version: entry.version, ...typed }); return t('record.l_saved'); },
      }))])] : []),
    ]));
    const heads = ['l_on', 'u_purpose', 'u_text', 'l_entered'].map(word => t(`record.${word}`));
    box.append(table(t('record.u_usage'), changes ? [...heads, t('record.col_acts')] : heads, rows));
  } else box.append(element('p', t('record.u_none'), 'empty'));
  if (changes) {
    box.append(button('record.u_enter', () => fill({
      title: 'record.u_enter', fields: useFields(null, record.today),
      work: async typed => { await record.send(`dossiers/${dossier}/usage`, typed); return t('record.l_saved'); },
    })));
  }
  return box;
}

/** @param {any} ground @param {Record} record */
function groundActs(ground, record) {
  const send = (/** @type {string} */ path, /** @type {any} */ body) => record.send(`grounds/${ground.id}/${path}`, { version: ground.version, ...body });
  const confirmed = ground.verified.length && ground.verified.at(-1).confirmed;
  return menu(t(`record.u_${ground.item}`), [
    button('record.u_add_evidence', () => fill({
      title: 'record.u_add_evidence', fields: [line('record.u_evidence', text('text', { required: true, maxLength: 500 })), line('record.u_file_maybe', fileField(false))],
      work: async typed => {
        const file = chosenFile();
        if (file) await handIn(`grounds/${ground.id}/evidence/file`, { version: ground.version, text: typed.text, name: file.name }, file);
        else await send('evidence', { text: typed.text });
        return t('record.l_saved');
      },
    })),
    button('record.u_verified', () => fill({
      title: 'record.u_verified',
      fields: [
        line('record.u_confirmed_is', select('is', [['', 'record.not_set'], ['yes', 'record.u_confirmed'], ['no', 'record.u_unconfirmed']])),
        line('record.u_text', text('found', { required: true })), day('record.l_on', 'on', record.today), ...(ground.verified.length ? [why()] : []),
      ],
      work: async ({ is, ...typed }) => {
        if (!is) throw new Error(t('record.u_confirmed_is'));
        await send('verified', { ...typed, confirmed: is === 'yes' });
        return t('record.l_saved');
      },
    })),
    ...(confirmed ? [button('record.u_measure', () => fill({
      title: 'record.u_measure',
      fields: [line('record.u_item', choice('kind', MEASURES, measureWord)), line('record.u_text', text('text', { required: true })), day('record.l_on', 'on', record.today)],
      work: async typed => { await send('measures', typed); return t('record.l_saved'); },
    }))] : []),
    button('record.u_withdraw', () => fill({
      title: 'record.u_withdraw', says: 'record.u_withdraw_says', fields: [why()],
      work: async typed => { await send('withdraw', typed); return t('record.l_saved'); },
    })),
  ]);
}

/** @param {any} ground @param {Record} record @param {boolean} changes */
function groundCard(ground, record, changes) {
  const card = element('article', '', 'file-card');
  const head = element('div', '', 'card-head');
  const last = ground.verified.at(-1);
  const title = element('h4', t(`record.u_${ground.item}`));
  head.append(title, last ? mark(t(last.confirmed ? 'record.u_confirmed' : 'record.u_unconfirmed'), last.confirmed ? 'warn' : 'plain') : mark(t('record.u_open'), 'wait'));
  if (ground.withdrawn) head.append(mark(t('record.u_withdrawn', { why: ground.withdrawn.why })));
  else if (changes) head.append(groundActs(ground, record));
  card.append(head, element('p', ground.text, 'prose'), element('p', stepSaid(ground.by), 'hint'));
  const list = element('ul', '', 'sources');
  for (const evidence of ground.evidence) {
    const item = element('li', `${t('record.u_evidence')}: ${evidence.text} `);
    if (evidence.file) {
      const made = link(`/api/record/files/${evidence.file.sha256}`, evidence.file.name);
      made.setAttribute('download', evidence.file.name);
      item.append(made);
    }
    list.append(item);
  }
  for (const verified of ground.verified) list.append(element('li', `${dateInWords(verified.on)} ${t(verified.confirmed ? 'record.u_confirmed' : 'record.u_unconfirmed')}: ${verified.found}`));
  ground.measures.forEach((/** @type {any} */ measure, /** @type {number} */ at) => {
    const item = element('li', `${dateInWords(measure.on)} ${t(measureWord(measure.kind))}: ${measure.text} `);
    if (measure.revoked) item.append(mark(t('record.u_revoked', { why: measure.revoked.why })));
    else if (changes && !ground.withdrawn) {
      item.append(button('record.u_revoke', () => fill({
        title: 'record.u_revoke', fields: [why()],
        work: async typed => { await record.send(`grounds/${ground.id}/measures/revoke`, { version: ground.version, measure: at, ...typed }); return t('record.l_saved'); },
      })));
    }
    list.append(item);
  });
  card.append(list);
  if (!ground.withdrawn && (!last || !last.confirmed)) card.append(element('p', t('record.u_measure_waits'), 'hint'));
  return card;
}

/** @param {any[]} steps */
function opened(steps) {
  const box = element('section');
  if (!steps.length) return box;
  box.append(element('h3', t('record.u_steps')));
  const list = element('ul', '', 'sources');
  for (const { opens, because, state } of steps) {
    const item = element('li', `${t(`record.u_step_${opens}`)} (${because}) `);
    item.append(state.is === 'open' ? mark(t('record.u_step_open'), 'wait') : element('span', `${dateInWords(state.on)} ${state.what || state.found}`));
    list.append(item);
  }
  box.append(list);
  return box;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  root.append(element('h2', t('record.tab_use')));
  if (!record.cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  root.append(element('p', t('record.u_says'), 'hint'));
  const dossiers = await record.read(`cycles/${record.cycle.id}/dossiers`);
  if (!dossiers.length) {
    root.append(nothing(t('record.officials_none'), 'officials'));
    return;
  }
  if (!dossiers.some((/** @type {any} */ each) => each.id === chosen)) chosen = dossiers[0].id;
  const who = document.createElement('select');
  for (const each of dossiers) {
    const option = /** @type {HTMLOptionElement} */ (element('option', `${each.unit} ${each.name}`));
    option.value = each.id;
    option.selected = each.id === chosen;
    who.append(option);
  }
  const label = element('label', `${t('record.u_official')} `);
  label.append(who);
  const top = element('p', '', 'row');
  const archive = link(`/api/record/dossiers/${chosen}/archive.zip`, t('record.u_archive'));
  archive.setAttribute('download', '');
  top.append(label, archive);
  const body = element('div');
  who.addEventListener('change', () => {
    chosen = who.value;
    archive.setAttribute('href', `/api/record/dossiers/${chosen}/archive.zip`);
    show();
  });
  const changes = record.keeps && !record.cycle.closed;
  const show = async () => {
    const dossier = chosen;
    const [entries, { grounds, steps }] = await Promise.all([record.read(`dossiers/${dossier}/usage`), record.read(`dossiers/${dossier}/grounds`)]);
    if (dossier !== chosen) return;
    const found = element('section');
    found.append(element('h3', t('record.u_grounds')));
    if (!grounds.length) found.append(element('p', t('record.u_none'), 'empty'));
    found.append(...grounds.map((/** @type {any} */ ground) => groundCard(ground, record, changes)));
    if (changes) {
      found.append(button('record.u_ground', () => fill({
        title: 'record.u_ground', fields: [line('record.u_item', choice('item', ITEMS, word => `record.u_${word}`)), line('record.u_text', text('text', { required: true }))],
        work: async typed => { await record.send(`dossiers/${dossier}/grounds`, typed); return t('record.l_saved'); },
      })));
    }
    body.replaceChildren(usage(dossier, entries, record, changes), opened(steps), found);
  };
  await show();
  root.append(top, body);
}
