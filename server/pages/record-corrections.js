// Corrections (article 20): from the notice to the meeting that is told.

import { dateInWords, t } from '/words.js';
import { element, link } from '/console-parts.js';
import { button, choice, day, fill, input, line, mark, person, text, why } from '/record-forms.js';
import { dayOf, fileLine, fileSaid, handIn, handedSaid, named, part, periodSaid, withdrawnSaid } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

/** @param {any[]} dossiers @param {any[]} steps @param {Record} record */
function notice(dossiers, steps, record) {
  const whose = choice('dossier', dossiers.map(one => [one.id, `${one.name}（${one.unit}）`]));
  const step = document.createElement('select');
  step.name = 'step';
  const fit = () => {
    const own = steps.filter(one => one.dossier === whose.value);
    const options = [['', t('record.notice_no_step')], ...own.map(one => [one.id, one.because])].map(([id, words]) => {
      const option = /** @type {HTMLOptionElement} */ (element('option', words));
      option.value = id;
      return option;
    });
    step.replaceChildren(...options);
    if (own.length) step.value = own[0].id;
  };
  whose.addEventListener('change', fit);
  fit();
  fill({
    title: 'record.notice', says: 'record.notice_says', yes: 'record.save', wide: true,
    fields: [
      line('record.notice_whose', whose),
      line('record.notice_step', step),
      line('record.notice_why', input('why', { required: false })),
      line('record.notice_reason', text('reason', { required: true, rows: 3 })),
      line('record.notice_points', text('points', { required: true })),
      day('record.served_on', 'served_on', record.today),
    ],
    work: async typed => {
      const points = typed.points.split('\n').filter((/** @type {string} */ each) => each.trim());
      await record.send('corrections', { ...typed, step: typed.step || null, points });
      return t('record.saved');
    },
  });
}

/** @param {any} one @param {Record} record */
function acts(one, record) {
  const made = element('p', '', 'row');
  const settled = one.briefs.some((/** @type {any} */ brief) => brief.decision && brief.decision.settled);
  if (!record.keeps || one.withdrawn) return made;
  const values = { name: one.name };
  const does = (/** @type {string} */ word, /** @type {string} */ path, /** @type {HTMLElement[]} */ fields, /** @type {any} */ form = {}, className = '') => button(word, () => fill({
    title: word, values, yes: 'record.save', fields, ...form,
    work: async typed => {
      await record.send(`corrections/${one.id}/${path}`, { version: one.version, ...typed });
      return t('record.saved_of', values);
    },
  }), className);
  const report = one.report ? 'record.report_change' : 'record.report_enter';
  if (!one.report || !one.briefs.length) {
    made.append(button(report, () => handIn({
      title: report, values, before: one.report, send: body => record.send(`corrections/${one.id}/report`, { version: one.version, ...body }),
    }), one.report ? '' : 'confirm'));
  }
  const waits = one.briefs.length > 0 && !one.briefs[one.briefs.length - 1].decision;
  const done = () => {
    const label = element('label', '', 'line');
    const box = input('done', { type: 'checkbox', required: false });
    label.append(box, ' ', element('span', t('record.check_done')));
    return label;
  };
  const decided = () => {
    const label = element('label', '', 'line');
    label.append(input('settled', { type: 'checkbox', required: false }), ' ', element('span', t('record.decision_settled')), element('small', t('record.decision_says')));
    return label;
  };
  if (!settled) {
    made.append(button('record.check', () => check(one, values, done(), record), one.report && !one.checks.length ? 'confirm' : ''));
    if (one.checks.length && !waits) made.append(does('record.brief', 'brief', [day('record.day_of', 'on', record.today), line('record.brief_text', text('text', { required: true }))], {}, 'confirm'));
    if (waits) made.append(does('record.decision', 'decision', [day('record.day_of', 'on', record.today), decided(), line('record.decision_text', text('text', { required: true }))], {}, 'confirm'));
  }
  if (!one.told.length) made.append(button('record.dates_change', () => correctDates(one, record)));
  if (!one.report && !one.checks.length) made.append(does('record.withdraw', 'withdraw', [why()], { says: 'record.withdraw_notice_says', yes: 'record.withdraw' }));
  return made;
}

/** @param {any} one @param {Record<string, string>} values @param {HTMLElement} done @param {Record} record */
function check(one, values, done, record) {
  const [choose, field] = fileLine(null);
  fill({
    title: 'record.check', values, yes: 'record.save',
    fields: [
      day('record.day_of', 'on', record.today), line('record.check_who', input('who', { maxLength: 80 })),
      line('record.check_found', text('found', { required: true })), choose, done,
    ],
    work: async typed => {
      await record.send(`corrections/${one.id}/check`, { version: one.version, ...typed, file: await named(field, null) });
      return t('record.saved_of', values);
    },
  });
}

/** Every day that was typed. @param {any} one @param {Record} record */
function correctDates(one, record) {
  const values = { name: one.name };
  fill({
    title: 'record.dates_change', says: 'record.dates_says', values, yes: 'record.save',
    fields: [
      day('record.served_on', 'served_on', one.period.served),
      ...(one.report ? [day('record.date_report', 'received_on', one.report.on)] : []),
      ...one.checks.map((/** @type {any} */ { on }, /** @type {number} */ at) => dayOf('record.date_check_of', { n: at + 1 }, `check${at}`, on)),
      ...one.briefs.flatMap((/** @type {any} */ { on, decision }, /** @type {number} */ at) => [
        dayOf('record.date_brief_of', { n: at + 1 }, `brief${at}`, on),
        ...(decision ? [dayOf('record.date_decided_of', { n: at + 1 }, `decided${at}`, decision.on)] : []),
      ]),
      why(),
    ],
    work: async typed => {
      const dates = {
        served_on: typed.served_on, received_on: typed.received_on || null,
        checks: one.checks.map((/** @type {any} */ _, /** @type {number} */ at) => typed[`check${at}`]),
        briefs: one.briefs.map((/** @type {any} */ _, /** @type {number} */ at) => ({ on: typed[`brief${at}`], decided_on: typed[`decided${at}`] || null })),
      };
      await record.send(`corrections/${one.id}/dates`, { version: one.version, why: typed.why, dates });
      return t('record.saved_of', values);
    },
  });
}

/** @param {any[]} list @param {string} word if there is none @param {(one: any) => HTMLElement} said */
const each = (list, word, said) => (list.length ? list.map(said) : [element('p', t(word), 'hint')]);

/** @param {any} check */
function checkSaid({ on, who, found, done, file }) {
  const box = element('div');
  const made = element('p', `${dateInWords(on)} ${who}${t('console.colon')}${found} `, 'prose');
  made.append(mark(t(done ? 'record.check_is_done' : 'record.check_not_done'), done ? 'good' : 'plain'));
  box.append(made, ...fileSaid(file));
  return box;
}

/** @param {any} brief */
function briefSaid({ on, text: words, decision }) {
  const made = element('div');
  made.append(element('p', `${dateInWords(on)} ${words}`, 'prose'));
  const line = element('p', '', 'prose');
  if (decision) line.append(mark(t(decision.settled ? 'record.decided_settled' : 'record.decided_goes_on'), decision.settled ? 'good' : 'wait'), `${dateInWords(decision.on)} ${decision.text}`);
  else line.append(mark(t('record.decided_waits'), 'wait'));
  made.append(line);
  return made;
}

/** @param {any} told */
function toldSaid({ on, meeting }) {
  const made = element('p');
  const page = link(`/api/record/corrections/told/${on}`, t('record.told_at', { on: dateInWords(on), meeting }));
  page.className = '';
  made.append(page);
  return made;
}

/** The meetings that were told, with a way to correct day and name of each. @param {any[]} all @param {Record} record */
function meetings(all, record) {
  const days = [...new Set(all.flatMap(one => one.told.map((/** @type {any} */ { on }) => on)))].sort().reverse();
  return days.map(before => {
    const heard = all.filter(one => one.told.some((/** @type {any} */ told) => told.on === before));
    const { meeting } = heard[0].told.find((/** @type {any} */ told) => told.on === before);
    const made = toldSaid({ on: before, meeting });
    if (record.keeps) {
      made.append(' ', button('record.retell', () => fill({
        title: 'record.retell', says: 'record.retell_says', values: { on: dateInWords(before) }, yes: 'record.save',
        fields: [day('record.day_of', 'on', before), line('record.tell_meeting', input('meeting', { value: meeting })), why()],
        work: async typed => {
          const corrections = heard.map(one => ({ id: one.id, version: one.version }));
          await record.send(`corrections/told/${before}/correct`, { ...typed, corrections });
          return t('record.saved');
        },
      })));
    }
    return made;
  });
}

/** @param {any} one @param {Record} record */
function card(one, record) {
  const made = element('article', '', 'file-card');
  made.id = one.id;
  const head = element('div', '', 'card-head');
  head.append(person(one), element('p', t('record.notice_served', { on: dateInWords(one.period.served), year: one.year }), 'hint'));
  const points = element('ol', '', 'sources');
  points.append(...one.points.map((/** @type {string} */ point) => element('li', point)));
  const parts = element('dl', '', 'parts');
  parts.append(
    ...part('record.correction_points', [element('p', one.reason, 'prose'), points]),
    ...(one.withdrawn ? [] : [
      ...part('record.correction_report', [periodSaid(one.period, one), ...(one.report ? handedSaid(one.report) : [])]),
      ...part('record.correction_checks', each(one.checks, 'record.checks_none', checkSaid)),
      ...part('record.correction_briefs', each(one.briefs, 'record.briefs_none', briefSaid)),
      ...part('record.correction_told', each(one.told, 'record.told_not_yet', toldSaid)),
    ]),
  );
  made.append(head);
  if (one.withdrawn) made.append(withdrawnSaid(one.withdrawn));
  made.append(parts, acts(one, record));
  return made;
}

/** @param {any[]} list @param {Record} record */
function tell(list, record) {
  const which = element('fieldset');
  which.append(element('legend', t('record.tell_which')), ...list.map(one => {
    const label = element('label', '', 'line');
    label.append(input('', { type: 'checkbox', required: false, value: one.id, checked: true }), ' ', element('span', `${one.name}（${one.unit}）${dateInWords(one.period.served)}`));
    return label;
  }));
  fill({
    title: 'record.tell', says: 'record.tell_says', yes: 'record.save',
    fields: [day('record.day_of', 'on', record.today), line('record.tell_meeting', input('meeting')), which],
    work: async ({ on, meeting }) => {
      const ticked = [...which.querySelectorAll('input')].filter(box => box.checked).map(box => box.value);
      const corrections = list.filter(one => ticked.includes(one.id)).map(one => ({ id: one.id, version: one.version }));
      await record.send('corrections/told', { on, meeting, corrections });
      return t('record.saved');
    },
  });
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { cycle, read } = record;
  root.append(element('h2', t('record.tab_corrections')));
  const all = await read('corrections');
  root.append(element('p', t('record.corrections_says'), 'hint'));
  const settled = (/** @type {any} */ one) => one.briefs.some((/** @type {any} */ brief) => brief.decision && brief.decision.settled);
  const tellable = all.filter((/** @type {any} */ one) => one.to_tell && one.decided);
  const row = element('p', '', 'row');
  if (record.keeps && cycle && !cycle.closed) {
    const [dossiers, steps] = await Promise.all([read(`cycles/${cycle.id}/dossiers`), read('steps')]);
    const used = all.filter((/** @type {any} */ one) => !one.withdrawn).map((/** @type {any} */ one) => one.step);
    const free = steps.filter((/** @type {any} */ step) => step.opens === 'ordered_correction' && !used.includes(step.id));
    if (dossiers.length) row.append(button('record.notice', () => notice(dossiers, free, record), 'confirm'));
  }
  if (record.keeps && tellable.length) row.append(button('record.tell', () => tell(tellable, record)));
  const page = link('/api/record/corrections/told.html', t('record.told_page'));
  page.className = 'button quiet';
  row.append(page);
  root.append(row);
  if (!all.length) {
    root.append(element('p', t('record.corrections_none'), 'empty'));
    return;
  }
  // What was withdrawn is seen and not counted.
  const counted = all.filter((/** @type {any} */ one) => !one.withdrawn);
  const count = (/** @type {(one: any) => boolean} */ of) => counted.filter(of).length;
  root.append(element('p', t('record.corrections_sum', {
    n: counted.length, open: count(one => !settled(one)), overdue: count(one => one.standing === 'overdue'), tell: count(one => one.to_tell),
  }), 'sum'));
  const told = meetings(all, record);
  if (told.length) {
    const box = element('details', '', 'how');
    box.append(element('summary', t('record.told_meetings')), ...told);
    root.append(box);
  }
  // What still runs stands before what is settled, and that before what was withdrawn; the latest notice first.
  const rank = (/** @type {any} */ one) => (one.withdrawn ? 2 : Number(settled(one)));
  const order = [...all].reverse().sort((a, b) => rank(a) - rank(b));
  root.append(...order.map(one => card(one, record)));
}
