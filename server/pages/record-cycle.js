// One year's review and what the office has laid down for it (article 10).

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, day, fill, input, line, mark, why } from '/record-forms.js';

/** @typedef {import('/record.js').Record} Record */

const number = (/** @type {string} */ word, /** @type {string} */ name, /** @type {number} */ value, min = 1, max = 1000) => line(word, input(name, { type: 'number', value: String(value), min: String(min), max: String(max) }));

/** @param {string} word @param {string} name @param {[number, number]} share */
function share(word, name, [part, whole]) {
  const made = element('div', '', 'share');
  const label = element('span', t(word));
  label.dataset.t = word;
  const numbers = element('div');
  const control = (/** @type {string} */ about, /** @type {string} */ which, /** @type {number} */ value) => {
    const field = input(`${name}_${which}`, { type: 'number', value: String(value), min: '1', max: '1000' });
    field.setAttribute('data-t-aria-label', about);
    field.setAttribute('aria-label', t(about));
    return field;
  };
  numbers.append(control(word, 'part', part), ' / ', control('record.share_of', 'whole', whole));
  made.append(label, numbers);
  return made;
}

/** @param {string} word @param {string} name @param {boolean} value */
function check(word, name, value) {
  const made = element('label', '', 'line');
  const box = input(name, { type: 'checkbox', required: false, checked: value });
  const label = element('span', t(word));
  label.dataset.t = word;
  made.append(box, label);
  return made;
}

/** @param {any} policy */
const policyFields = policy => [
  share('record.p_oral_share', 'oral_share', policy.oral_share),
  check('record.p_written', 'written_are_rated', policy.written_are_rated),
  day('record.p_reports_due', 'reports_due', policy.reports_due, false),
  number('record.p_warn_months', 'warn_months', policy.warn_months, 0, 60),
  number('record.p_answer_days', 'answer_days', policy.answer_days, 1, 366),
  number('record.p_correction_days', 'correction_days', policy.correction_days, 1, 366),
  check('record.p_counts_service', 'counts_service', policy.counting.counts_service),
  check('record.p_rolls', 'rolls', policy.counting.rolls),
  share('record.p_reaches', 'reaches', policy.reaches),
  share('record.p_over', 'over', policy.over),
  check('record.p_both', 'over_takes_both', policy.over_takes_both),
  number('record.p_keep_years', 'keep_years', policy.keep_years, 1, 100),
];

/** The policy out of what was typed. @param {Record_} typed @param {any} policy of before: what has no field stays @typedef {{[name: string]: any}} Record_ */
function policyOf(typed, policy) {
  const pair = (/** @type {string} */ name) => [typed[`${name}_part`], typed[`${name}_whole`]];
  return {
    ...policy,
    oral_share: pair('oral_share'), reaches: pair('reaches'), over: pair('over'),
    written_are_rated: typed.written_are_rated, reports_due: typed.reports_due || '',
    warn_months: typed.warn_months, answer_days: typed.answer_days, correction_days: typed.correction_days,
    counting: { counts_service: typed.counts_service, rolls: typed.rolls }, over_takes_both: typed.over_takes_both, keep_years: typed.keep_years,
  };
}

/** @param {any} policy */
function shown(policy) {
  const yes = (/** @type {boolean} */ value) => t(value ? 'record.yes' : 'record.no');
  const of = (/** @type {[number, number]} */ [part, whole]) => `${part}/${whole}`;
  const rows = [
    ['oral_share', t('record.p_oral_share_is', { share: of(policy.oral_share) })],
    ['written', yes(policy.written_are_rated)],
    ['reports_due', policy.reports_due ? dateInWords(policy.reports_due) : t('record.not_set')],
    ['warn_months', t('record.months', { n: policy.warn_months })],
    ['answer_days', t('record.working_days', { n: policy.answer_days })],
    ['correction_days', t('record.days', { n: policy.correction_days })],
    ['counts_service', yes(policy.counting.counts_service)],
    ['rolls', yes(policy.counting.rolls)],
    ['reaches', of(policy.reaches)],
    ['over', of(policy.over)],
    ['both', yes(policy.over_takes_both)],
    ['keep_years', t('record.years', { n: policy.keep_years })],
  ];
  const list = element('dl', '', 'policy');
  for (const [name, value] of rows) list.append(element('dt', t(`record.p_${name}`)), element('dd', value));
  return list;
}

/** What is still open, and a reason if anything is. @param {any[]} loose */
function closing(loose) {
  if (!loose.length) return { wide: false, fields: [element('p', t('record.loose_none')), why(false)] };
  const list = element('ul', '', 'loose');
  for (const { what, who } of loose) list.append(element('li', who ? `${t(`record.loose_${what}`)}：${who}` : t(`record.loose_${what}`)));
  return { wide: true, fields: [element('p', t('record.loose_open', { n: loose.length }), 'warn'), list, why()] };
}

/** @param {HTMLElement} root @param {Record} record */
export function draw(root, record) {
  const { cycle, cycles, beginning, keeps, today } = record;
  const acts = element('p', '', 'row');
  const open = () => fill({
    title: 'record.cycle_open',
    says: 'record.cycle_open_says',
    wide: true,
    columns: true,
    fields: [
      line('record.year', input('year', { type: 'number', min: '2000', max: '2100', value: today.slice(0, 4) })),
      line('record.cycle_title', input('title', { value: t('record.cycle_title_of', { year: today.slice(0, 4) }, 'zh-CN') })),
      ...policyFields(beginning),
      line('record.why', input('why', { required: false }), 'record.cycle_why_says'),
    ],
    work: async typed => {
      const made = await record.send('cycles', { year: typed.year, title: typed.title, policy: policyOf(typed, beginning), why: typed.why });
      record.go('cycle', made.id);
      return t('record.cycle_opened', { title: made.title });
    },
  });
  if (keeps) acts.append(button('record.cycle_open', open, cycles.length ? '' : 'confirm'));
  if (!cycle) {
    root.append(element('h2', t('record.tab_cycle')), element('p', t(keeps ? 'record.cycle_none' : 'record.cycle_none_yet'), 'empty'), acts);
    return;
  }
  if (keeps && !cycle.closed) {
    if (!cycle.used) {
      acts.append(button('record.policy_change', () => fill({
        title: 'record.policy_change',
        wide: true,
        columns: true,
        fields: [line('record.cycle_title', input('title', { value: cycle.title })), ...policyFields(cycle.policy), why()],
        work: async typed => {
          await record.send(`cycles/${cycle.id}/policy`, { version: cycle.version, title: typed.title, policy: policyOf(typed, cycle.policy), why: typed.why });
          return t('record.saved');
        },
      })));
    }
    acts.append(button('record.cycle_close', async () => fill({
      title: 'record.cycle_close', says: 'record.cycle_close_says', values: { title: cycle.title }, ...closing(await record.read(`cycles/${cycle.id}/loose`)),
      work: async typed => {
        await record.send(`cycles/${cycle.id}/close`, { version: cycle.version, why: typed.why });
        return t('record.cycle_is_closed', { title: cycle.title });
      },
    }), 'severe'));
  }
  const head = element('h2', `${cycle.title} `);
  if (cycle.closed) head.append(mark(t('record.closed')));
  root.append(head, acts, element('h3', t('record.policy')), element('p', t(cycle.used ? 'record.policy_used' : 'record.policy_free'), 'hint'), shown(cycle.policy));
}
