// What was looked into before the meeting about each who reports orally (article 15).

import { t } from '/words.js';
import { element } from '/console-parts.js';
import { button, fill, input, line, mark, nothing, person, select, stepSaid, text, why } from '/record-forms.js';
import { fileLine, fileSaid, named } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

const KINDS = ['daily_supervision', 'petitions', 'investigations', 'internal_inspections'];

/** One source, with a button that takes it away. @param {{kind: string, text: string}} source */
function sourceRow(source) {
  const made = element('div', '', 'row source');
  const kind = select('', KINDS.map(each => /** @type {[string, string]} */ ([each, `record.source_${each}`])), source.kind);
  const words = text('', { rows: 2, value: source.text, maxLength: 5000 });
  kind.setAttribute('aria-label', t('record.source_kind'));
  words.setAttribute('aria-label', t('record.source_text'));
  made.append(kind, words, button('record.source_remove', () => made.remove()));
  return made;
}

/** @param {any} dossier @param {any} before @param {Record} record */
function edit(dossier, before, record) {
  const now = before || { version: 0, member: '', office: '', sources: KINDS.map(kind => ({ kind, text: '' })), report: '', file: null };
  const sources = element('fieldset');
  const legend = element('legend', t('record.sources'));
  legend.dataset.t = 'record.sources';
  const rows = element('div');
  rows.append(...now.sources.map(sourceRow));
  sources.append(legend, rows, button('record.source_add', () => rows.append(sourceRow({ kind: KINDS[0], text: '' }))));
  const [choose, field] = fileLine(now.file);
  fill({
    title: 'record.assess', says: 'record.assess_says', values: { name: dossier.name }, yes: 'record.save', wide: true,
    fields: [
      line('record.member', input('member', { value: now.member, maxLength: 40 })),
      line('record.office', input('office', { value: now.office, maxLength: 80 })),
      sources,
      line('record.report', text('report', { rows: 8, value: now.report })),
      choose,
    ],
    work: async typed => {
      const found = [...rows.children].map(each => ({
        kind: /** @type {HTMLSelectElement} */ (each.querySelector('select')).value,
        text: /** @type {HTMLTextAreaElement} */ (each.querySelector('textarea')).value.trim(),
      }));
      const { member, office, report } = typed;
      const file = await named(field, now.file);
      await record.send(`dossiers/${dossier.id}/assessment`, { version: now.version, member, office, report, file, sources: found.filter(each => each.text) });
      return t('record.saved_of', { name: dossier.name });
    },
  });
}

/** @param {any} dossier @param {any} assessment @param {Record} record */
function acts(dossier, assessment, record) {
  const made = element('p', '', 'row');
  if (record.cycle.closed) return made;
  const does = (/** @type {string} */ word, /** @type {string} */ path, /** @type {any} */ more, /** @type {any} */ body, className = '') => button(word, () => fill({
    title: word, values: { name: dossier.name }, ...more,
    work: async typed => {
      await record.send(`assessments/${assessment.id}/${path}`, { version: assessment.version, ...body, ...typed });
      return t('record.saved_of', { name: dossier.name });
    },
  }), className);
  const waits = assessment && assessment.submitted && !assessment.approved;
  if (record.keeps) {
    if (!assessment) made.append(button('record.assess', () => edit(dossier, null, record), 'confirm'));
    else if (!assessment.submitted) {
      made.append(button('record.assess_change', () => edit(dossier, assessment, record)), does('record.submit', 'submit', { says: 'record.submit_report_says' }, {}, 'confirm'));
    } else made.append(does('record.take_back', 'back', { says: assessment.approved ? 'record.take_back_approved' : undefined, fields: [why()] }, {}));
  }
  if (record.approves && waits) {
    made.append(does('record.approve', 'approve', { says: 'record.approve_report_says' }, {}, 'confirm'), does('record.return', 'approve', { fields: [why()] }, { agreed: false }));
  }
  return made;
}

/** @param {any} assessment */
function stateOf(assessment) {
  if (!assessment) return mark(t('record.assess_none'), 'warn');
  if (assessment.approved) return mark(t('record.step_approved_by', { step: stepSaid(assessment.approved) }), 'good');
  if (assessment.submitted) return mark(t('record.step_submitted_by', { step: stepSaid(assessment.submitted) }), 'wait');
  return mark(t('record.assess_draft'));
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { cycle, read } = record;
  root.append(element('h2', t('record.tab_assessments')));
  if (!cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  const list = await read(`cycles/${cycle.id}/assessments`);
  root.append(element('p', t('record.assessments_says'), 'hint'));
  if (!list.length) {
    root.append(nothing(t('record.assessments_none'), 'choosing'));
    return;
  }
  const done = list.filter((/** @type {any} */ each) => each.assessment && each.assessment.approved).length;
  root.append(element('p', t('record.assessments_sum', { n: list.length, done }), 'sum'));
  for (const { dossier, assessment, without } of list) {
    const card = element('article', '', 'file-card');
    const head = element('div', '', 'card-head');
    head.append(person(dossier), stateOf(assessment));
    card.append(head);
    if (dossier.way !== 'oral') card.append(element('p', t('record.assess_not_oral'), 'hint'));
    if (assessment) {
      card.append(element('p', t('record.assess_by', { member: assessment.member, office: assessment.office })));
      const sources = element('ul', '', 'sources');
      sources.append(...assessment.sources.map((/** @type {any} */ source) => {
        const item = element('li');
        item.append(element('b', t(`record.source_${source.kind}`)), t('console.colon'), source.text);
        return item;
      }));
      card.append(sources);
      if (assessment.report) card.append(element('h3', t('record.report')), element('p', assessment.report, 'prose'));
      card.append(...fileSaid(assessment.file));
    }
    for (const each of without) card.append(element('p', t('record.without', { why: each.why, step: stepSaid(each.by) }), 'warn'));
    card.append(acts(dossier, assessment, record));
    root.append(card);
  }
}
