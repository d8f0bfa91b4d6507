// Questions and answers (article 17): who asked, what was answered, and the written answers that are waited for.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, choice, day, fill, line, mark, nothing, person, text, why } from '/record-forms.js';
import { dayOf, handIn, handedSaid, part, periodSaid, withdrawnSaid } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

/** A line each: name, post. @param {string} lines */
const membersOf = lines => lines.split('\n').filter(each => each.trim()).map(each => {
  const [name, ...post] = each.split(/[,，\t]/).map(word => word.trim());
  return { name, post: post.join(' ') };
});

/** @param {any} committee @param {Record} record */
function changeCommittee(committee, record) {
  const lines = committee ? committee.members.map((/** @type {any} */ one) => `${one.name}，${one.post}`).join('\n') : '';
  const word = committee ? 'record.committee_change' : 'record.committee_enter';
  fill({
    title: word, yes: 'record.save',
    fields: [line('record.committee_lines', text('lines', { rows: 9, value: lines, required: true })), ...(committee ? [why()] : [])],
    work: async typed => {
      const version = committee ? committee.version : 0;
      await record.send(`cycles/${record.cycle.id}/committee`, { version, members: membersOf(typed.lines), why: typed.why || '' });
      return t('record.saved');
    },
  });
}

/** @param {any} committee @param {Record} record */
function committeeSaid(committee, record) {
  const made = element('section', '', 'file-card committee');
  const head = element('div', '', 'card-head');
  head.append(element('h3', t('record.committee')));
  if (record.keeps && !record.cycle.closed) head.append(button(committee ? 'record.committee_change' : 'record.committee_enter', () => changeCommittee(committee, record), committee ? '' : 'confirm'));
  const names = committee ? committee.members.map((/** @type {any} */ one) => `${one.name}（${one.post}）`).join(t('record.semicolon')) : t('record.committee_none');
  made.append(head, element('p', names, committee ? 'prose' : 'hint'));
  return made;
}

/** @param {any[]} members @param {any} now what was entered, or nothing */
const questionFields = (members, now) => [
  line('record.ask_by', choice('asked_by', members.map(one => [one.name, `${one.name}（${one.post}）`]), now.asked_by)),
  line('record.ask_question', text('question', { required: true, value: now.question || '' })),
  line('record.ask_answer', text('answer', { value: now.answer || '' })),
];

/** @param {any[]} members @param {any[]} oral @param {Record} record */
function ask(members, oral, record) {
  fill({
    title: 'record.ask', yes: 'record.save', wide: true,
    fields: [
      line('record.ask_to', choice('dossier', oral.map(one => [one.id, `${one.name}（${one.unit}）`]))),
      day('record.ask_on', 'asked_on', oral[0].reported_on || record.today),
      ...questionFields(members, {}),
    ],
    work: async typed => {
      await record.send('questions', { ...typed, answer: typed.answer || null });
      return t('record.saved');
    },
  });
}

/** @param {any} question @param {any[]} members @param {Record} record */
function acts(question, members, record) {
  const made = element('p', '', 'row');
  if (!record.keeps || question.withdrawn) return made;
  const last = question.demands[question.demands.length - 1];
  const values = { name: question.name };
  const does = (/** @type {string} */ word, /** @type {string} */ path, /** @type {HTMLElement[]} */ fields, /** @type {any} */ more = {}, className = '') => button(word, () => fill({
    title: word, values, yes: 'record.save', fields, ...more.form,
    work: async typed => {
      await record.send(`questions/${question.id}/${path}`, { version: question.version, ...more.body, ...typed, ...(more.last ? more.last(typed) : {}) });
      return t('record.saved_of', values);
    },
  }), className);
  const receipt = (/** @type {string} */ word, className = '') => button(word, () => handIn({
    title: word, values, before: last.receipt,
    send: body => record.send(`questions/${question.id}/receipt`, { version: question.version, ...body }),
  }), className);
  const words = (/** @type {boolean} */ accepted) => ({ body: { accepted } });
  const verdict = () => [day('record.verdict_on', 'on', record.today), line('record.verdict_words', text('words', { required: true, rows: 3 }))];
  if (last && !last.verdict && !last.receipt) {
    made.append(receipt('record.receipt', 'confirm'));
  } else if (last && !last.verdict) {
    made.append(does('record.verdict_accept', 'verdict', verdict(), words(true), 'confirm'), does('record.verdict_return', 'verdict', verdict(), words(false)), receipt('record.receipt_change'));
  } else if (!record.cycle.closed && (!last || !last.verdict.accepted)) {
    made.append(does('record.demand', 'demand', [
      line('record.demand_reason', text('reason', { required: true, rows: 3 })), day('record.served_on', 'served_on', record.today),
    ], { form: { says: 'record.demand_says' } }, 'confirm'));
  }
  if (members.length) made.append(does('record.question_correct', 'correct', [...questionFields(members, question), why()], { form: { wide: true }, last: (/** @type {any} */ typed) => ({ answer: typed.answer || null }) }));
  made.append(button('record.dates_change', () => correctDates(question, record)));
  if (!question.demands.some((/** @type {any} */ demand) => demand.receipt)) made.append(does('record.withdraw', 'withdraw', [why()], { form: { says: 'record.withdraw_question_says', yes: 'record.withdraw' } }));
  return made;
}

/** Every day that was typed. @param {any} question @param {Record} record */
function correctDates(question, record) {
  const values = { name: question.name };
  const of = question.demands.flatMap((/** @type {any} */ { period, receipt, verdict }, /** @type {number} */ at) => [
    dayOf('record.date_served_of', { n: at + 1 }, `served${at}`, period.served),
    ...(receipt ? [dayOf('record.date_received_of', { n: at + 1 }, `received${at}`, receipt.on)] : []),
    ...(verdict ? [dayOf('record.date_decided_of', { n: at + 1 }, `decided${at}`, verdict.on)] : []),
  ]);
  fill({
    title: 'record.dates_change', says: 'record.dates_says', values, yes: 'record.save',
    fields: [day('record.ask_on', 'asked_on', question.asked_on), ...of, why()],
    work: async typed => {
      const demands = question.demands.map((/** @type {any} */ _, /** @type {number} */ at) => ({
        served_on: typed[`served${at}`], received_on: typed[`received${at}`] || null, decided_on: typed[`decided${at}`] || null,
      }));
      await record.send(`questions/${question.id}/dates`, { version: question.version, why: typed.why, dates: { asked_on: typed.asked_on, demands } });
      return t('record.saved_of', values);
    },
  });
}

/** @param {any} demand @param {any} stand @param {number} at */
function demandSaid(demand, stand, at) {
  const made = element('section', '', 'demand');
  made.append(element('h4', t('record.demand_of', { n: at + 1 })), element('p', demand.reason, 'prose'), periodSaid(demand.period, stand));
  if (demand.receipt) made.append(...handedSaid(demand.receipt));
  if (demand.verdict) {
    const { accepted, on, words } = demand.verdict;
    const line = element('p');
    line.append(mark(t(accepted ? 'record.verdict_accepted' : 'record.verdict_returned', { on: dateInWords(on) }), accepted ? 'good' : 'warn'), words);
    made.append(line);
  }
  return made;
}

/** @param {any} question @param {any} dossier @param {any[]} members @param {Record} record */
function card(question, dossier, members, record) {
  const made = element('article', '', 'file-card');
  made.id = question.id;
  const head = element('div', '', 'card-head');
  head.append(person({ name: question.name, unit: question.unit, post: dossier ? dossier.post : '' }), element('p', t('record.asked', { on: dateInWords(question.asked_on), post: question.post, name: question.asked_by }), 'hint'));
  const list = element('dl', '', 'parts');
  list.append(...part('record.ask_question', [element('p', question.question, 'prose')]));
  const answer = question.answer ? element('p', question.answer, 'prose') : mark(t('record.answered_not'), 'wait');
  list.append(...part('record.answered_spot', [answer]));
  made.append(head, list);
  if (question.withdrawn) made.append(withdrawnSaid(question.withdrawn));
  made.append(...question.demands.map((/** @type {any} */ demand, /** @type {number} */ at) => demandSaid(demand, question.stand[at], at)));
  made.append(acts(question, members, record));
  return made;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { cycle, read } = record;
  root.append(element('h2', t('record.tab_questions')));
  if (!cycle) {
    root.append(nothing(t('record.no_cycle'), 'cycle'));
    return;
  }
  const [committee, dossiers, all] = await Promise.all([read(`cycles/${cycle.id}/committee`), read(`cycles/${cycle.id}/dossiers`), read('questions')]);
  const members = committee ? committee.members : [];
  const oral = dossiers.filter((/** @type {any} */ one) => one.way === 'oral');
  const own = all.filter((/** @type {any} */ one) => one.cycle === cycle.id);
  root.append(element('p', t('record.questions_says'), 'hint'), committeeSaid(committee, record));
  if (!oral.length) root.append(nothing(t('record.questions_no_oral'), 'choosing'));
  else if (record.keeps && !cycle.closed && members.length) {
    const row = element('p', '', 'row');
    row.append(button('record.ask', () => ask(members, oral, record), 'confirm'));
    root.append(row);
  }
  if (!own.length && oral.length) root.append(element('p', t('record.questions_none'), 'empty'));
  root.append(...own.map((/** @type {any} */ one) => card(one, dossiers.find((/** @type {any} */ each) => each.id === one.dossier), members, record)));
}
