// Feedback letters: opinions that another person reviews, figures that nobody types, the chair's approval, and what
// became of each letter (article 19).

import { dateInWords, said, t } from '/words.js';
import { element, link } from '/console-parts.js';
import { button, day, fill, input, line, mark, menu, nothing, person, row, select, stepSaid, table, text, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

/** Which officials' opinions are unfolded: drawing again keeps them. @type {Set<string>} */
const unfolded = new Set();

/** @param {any} letter */
function state(letter) {
  if (letter.withdrawn) return mark(t('record.l_withdrawn'));
  if (letter.receipts.length) return mark(t('record.l_signed'), 'good');
  if (letter.delivered.length) return mark(t('record.l_delivered'), 'good');
  return letter.fixed ? mark(t('record.l_approved'), 'good') : mark(t('record.l_draft'), 'wait');
}

/** @param {any} letter @param {string} form */
function download(letter, form) {
  const made = link(`/api/record/letters/${letter.id}/letter.${form}`, form.toUpperCase());
  made.setAttribute('download', '');
  return made;
}

/** @param {any} letter @param {boolean} pdf @param {Record} record */
function letterOf(letter, pdf, record) {
  const box = element('div', '', 'person');
  box.append(element('b', letter.number), element('small', dateInWords(letter.date)));
  const files = element('small');
  files.append(download(letter, 'docx'));
  // What was approved has a PDF or says that it has none; of a draft this server makes one if it can.
  if (letter.fixed ? letter.fixed.pdf : pdf) files.append(' ', download(letter, 'pdf'));
  else if (letter.fixed) files.append(' ', t('record.l_docx_only'));
  box.append(files);
  const delivery = letter.delivered.at(-1);
  const receipt = letter.receipts.at(-1);
  if (delivery) box.append(element('small', `${t('record.l_delivered')}: ${dateInWords(delivery.on)} ${delivery.how}`));
  if (receipt) box.append(element('small', `${t('record.l_signed')}: ${dateInWords(receipt.on)} ${receipt.signed_by}`));
  const whole = /** @type {HTMLDetailsElement} */ (element('details', '', 'whole-letter'));
  whole.append(element('summary', t('record.l_read')));
  whole.addEventListener('toggle', async () => {
    if (whole.open && whole.children.length === 1) whole.append(fullText(await record.read(`letters/${letter.id}`)));
  });
  box.append(whole);
  return box;
}

/** A letter line by line, exactly as its document has it. @param {any} shown */
function fullText({ lines }) {
  const box = element('div', '', 'letter-text');
  box.lang = 'zh-CN';
  for (const { part, text: words } of lines) box.append(element('p', words, `letter-${part}`));
  return box;
}

/** @param {any} letter @param {any} each @param {Record} record */
async function approve(letter, each, record) {
  const shown = await record.read(`letters/${letter.id}`);
  fill({
    title: 'record.l_approve', says: 'record.l_approve_says', wide: true,
    fields: [
      ...shown.waits.map((/** @type {string} */ words) => mark(said(words), 'warn')),
      ...(shown.pdf ? [] : [element('p', t('record.l_no_pdf'), 'box-warn')]), fullText(shown),
    ],
    work: async () => {
      await record.send(`letters/${letter.id}/approve`, { version: shown.letter.version, digest: shown.digest });
      return t('record.l_is_approved');
    },
  });
}

/** @param {any} [letter] */
const headFields = letter => [
  line('record.l_number', input('number', { maxLength: 40, value: letter ? letter.number : '' })),
  line('record.l_office', input('office', { maxLength: 40, value: letter ? letter.office : '' })),
];

/** @param {any} letter @param {any} each @param {Record} record @returns {HTMLElement[]} */
function letterActs(letter, each, record) {
  const send = (/** @type {string} */ path, /** @type {any} */ typed) => record.send(`letters/${letter.id}${path}`, { version: letter.version, ...typed });
  const form = (/** @type {string} */ title, /** @type {string} */ path, /** @type {HTMLElement[]} */ fields, says = '') => button(`record.${title}`, () => fill({
    title: `record.${title}`, says, values: { name: each.name }, fields,
    work: async typed => { await send(path, typed); return t('record.l_saved'); },
  }));
  if (!letter.fixed) {
    return [
      ...(record.approves ? [button('record.l_approve', () => approve(letter, each, record))] : []),
      ...(record.keeps ? [form('l_change', '', [...headFields(letter), day('record.l_date', 'date', letter.date), why(false)])] : []),
    ];
  }
  const again = (/** @type {any[]} */ list) => (list.length ? [why()] : []);
  return [
    ...(record.keeps ? [form('l_deliver', '/delivered', [line('record.l_how', input('how', { maxLength: 40 })), day('record.l_on', 'on', record.today), ...again(letter.delivered)])] : []),
    ...(record.keeps && letter.delivered.length ? [form('l_sign', '/receipt', [line('record.l_signed_by', input('signed_by', { maxLength: 40, value: each.name })), day('record.l_on', 'on', record.today), ...again(letter.receipts)])] : []),
    ...(record.approves ? [form('l_back', '/withdraw/approve', [why()], 'record.l_back_says')] : []),
  ];
}

/** @param {any} opinion @param {any} each @param {Record} record @param {boolean} changes */
function opinionLine(opinion, each, record, changes) {
  const made = element('li');
  made.append(opinion.hidden ? element('p', t('record.l_hidden'), 'hint') : element('p', opinion.text, 'prose'));
  if (opinion.entered !== opinion.text) made.append(element('p', t('record.l_as_entered', { text: opinion.entered }), 'hint'));
  const marks = element('p');
  if (opinion.withdrawn) marks.append(mark(t('record.l_left_out')));
  else marks.append(opinion.reviewed ? mark(t('record.l_is_reviewed', { step: stepSaid(opinion.reviewed) }), 'good') : mark(t('record.l_not_reviewed'), 'wait'));
  marks.append(element('small', t('record.l_by', { step: stepSaid(opinion.by) })));
  if (opinion.names.length) marks.append(mark(t('record.l_names', { names: opinion.names.join(t('console.comma')) }), 'warn'));
  made.append(marks);
  if (changes && !opinion.withdrawn) {
    const form = (/** @type {string} */ word, /** @type {string} */ path, /** @type {HTMLElement[]} */ fields, says = '') => button(`record.${word}`, () => fill({
      title: `record.${word}`, says, fields, values: { name: each.name },
      work: async typed => { await record.send(`opinions/${opinion.id}/${path}`, { version: opinion.version, ...typed }); return t('record.l_saved'); },
    }));
    const buttons = element('p', '', 'row');
    buttons.append(
      form('l_edit', 'text', [line('record.l_text', text('text', { value: opinion.text, required: true })), why(false)], 'record.l_edit_says'),
      ...(opinion.reviewed ? [] : [form('l_review', 'review', [], 'record.l_review_says')]),
      form('l_leave', 'withdraw', [why()]),
    );
    made.append(buttons);
  }
  return made;
}

/** @param {any} each @param {Record} record @param {boolean} changes */
async function opinionsOf(each, record, changes) {
  const made = /** @type {HTMLDetailsElement} */ (element('details'));
  made.append(element('summary', t('record.l_reviewed', { n: each.opinions[0], reviewed: each.opinions[1] })));
  const open = async () => {
    const opinions = await record.read(`dossiers/${each.dossier}/opinions`);
    const list = element('ul', '', 'sources');
    list.append(...opinions.map((/** @type {any} */ opinion) => opinionLine(opinion, each, record, changes)));
    made.querySelector('ul')?.remove();
    made.append(list);
  };
  made.addEventListener('toggle', () => {
    if (made.open) { unfolded.add(each.dossier); open(); } else unfolded.delete(each.dossier);
  });
  if (unfolded.has(each.dossier)) { await open(); made.open = true; }
  return made;
}

/** @param {Record} record */
const makeAll = record => fill({
  title: 'record.l_make', says: 'record.l_make_says',
  fields: [
    line('record.l_office', input('office', { maxLength: 40 })), day('record.l_date', 'date', record.today),
    line('record.l_prefix', input('prefix', { maxLength: 30 }), 'record.l_prefix_is'),
    line('record.l_first', input('first', { type: 'number', min: 1, max: 60000, value: 1 })),
  ],
  work: async typed => {
    const { made, left } = await record.send(`cycles/${record.cycle.id}/letters`, typed);
    return [t('record.l_made', { n: made }), ...left.map((/** @type {any} */ each) => t('record.l_left', { name: each.name, why: said(each.why) }))].join('\n');
  },
});

/** @param {any} each @param {Record} record */
function makeOne(each, record) {
  const choice = select('outcome', [], '');
  for (const [id, title, on] of each.outcomes) {
    const option = /** @type {HTMLOptionElement} */ (element('option', `${dateInWords(on)} ${title}`));
    option.value = id;
    choice.append(option);
  }
  return button('record.l_draft_one', () => fill({
    title: 'record.l_draft_one', values: { name: each.name },
    fields: [...(each.outcomes.length > 1 ? [line('record.l_outcome', choice)] : []), ...headFields(), day('record.l_date', 'date', record.today)],
    work: async typed => { await record.send(`dossiers/${each.dossier}/letter`, typed); return t('record.l_saved'); },
  }));
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  root.append(element('h2', t('record.tab_letters')));
  if (!record.cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  const list = await record.read(`cycles/${record.cycle.id}/letters`);
  const changes = record.keeps && !record.cycle.closed;
  root.append(element('p', t('record.l_says'), 'hint'));
  const buttons = element('p', '', 'row');
  if (changes) buttons.append(button('record.l_make', () => makeAll(record)));
  if (list.some((/** @type {any} */ each) => each.letters.some((/** @type {any} */ letter) => !letter.withdrawn))) {
    const all = link(`/api/record/cycles/${record.cycle.id}/letters.zip`, t('record.l_zip'));
    all.setAttribute('download', '');
    buttons.append(all);
  }
  const rows = await Promise.all(list.map(async (/** @type {any} */ each) => {
    const standing = each.letters.find((/** @type {any} */ letter) => !letter.withdrawn);
    const fixed = Boolean(standing && standing.fixed);
    const letters = each.letters.flatMap((/** @type {any} */ letter) => [letterOf(letter, each.pdf, record)]);
    const states = standing ? [state(standing), ...each.waits.map((/** @type {string} */ words) => mark(said(words), 'warn'))]
      : [mark(t(each.outcomes.length ? 'record.l_none' : 'record.l_no_result'))];
    const acts = [
      ...(changes && !fixed ? [button('record.l_enter', () => fill({
        title: 'record.l_enter', says: 'record.l_enter_says', values: { name: each.name }, fields: [line('record.l_text', text('text', { required: true }))],
        work: async typed => { unfolded.add(each.dossier); await record.send(`dossiers/${each.dossier}/opinions`, typed); return t('record.l_entered'); },
      }))] : []),
      ...(standing ? (record.cycle.closed ? [] : letterActs(standing, each, record)) : changes && each.outcomes.length ? [makeOne(each, record)] : []),
    ];
    return row([person(each), [await opinionsOf(each, record, changes && !fixed)], letters.length ? letters : '—', states, acts.length ? menu(each.name, acts) : '']);
  }));
  const heads = [t('record.col_official'), t('record.l_opinions'), t('record.l_letter'), '', t('record.col_acts')];
  root.append(buttons, table(t('record.tab_letters'), heads, rows));
}
