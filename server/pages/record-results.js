// Results of evaluations (articles 18 and 22): taken in from a bundle, shown with their arithmetic, and the steps that
// they open. No figure can be changed here or anywhere.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { button, day, fill, input, line, mark, nothing, row, select, table, text, why } from '/record-forms.js';
import { handIn } from '/record-reports.js';

/** @typedef {import('/record.js').Record} Record */

/** @param {any} rated */
function judged({ finding, dossier }) {
  const box = element('div');
  if (finding.standing !== 'published') {
    box.append(element('p', t(`record.r_${finding.standing}`)));
    return box;
  }
  box.append(element('p', finding.reaches_sum, 'sum'), element('p', finding.over_sum, 'sum'));
  const opens = finding.opens.map((/** @type {string} */ step) => t(`record.r_${step}`));
  box.append(element('p', opens.length ? t(dossier ? 'record.r_opens' : 'record.r_opens_once', { steps: opens.join(t('record.r_and')) }) : t('record.r_opens_nothing')));
  return box;
}

/** Whether it takes the place of another. */
function replacing() {
  const made = element('label', '', 'line');
  const label = element('span', t('record.r_replaces'));
  label.dataset.t = 'record.r_replaces';
  made.append(input('replaces', { type: 'checkbox', required: false }), label);
  return made;
}

const reason = () => line('record.r_why_import', input('why', { required: false }));

/** @param {Record} record */
function taking(record) {
  const box = element('p', '', 'row');
  box.append(
    button('record.r_own', () => fill({
      title: 'record.r_own', says: 'record.r_own_says', fields: [replacing(), reason()],
      work: async typed => { await record.send('results/own', { cycle: record.cycle.id, ...typed }); return t('record.r_taken'); },
    })),
    button('record.r_import', () => {
      const file = input('file', { type: 'file', accept: '.zip' });
      fill({
        title: 'record.r_import', says: 'record.r_import_says',
        fields: [
          line('record.r_file', file), line('record.r_accept', input('accept', { required: false, placeholder: '1a2b-3c4d-5e6f-7081' })),
          replacing(), reason(),
        ],
        work: async ({ accept, why: said, replaces }) => {
          const query = { cycle: record.cycle.id, why: said, replaces: String(replaces), ...(accept ? { accept } : {}) };
          await handIn('results/import', query, /** @type {File} */ (/** @type {HTMLInputElement} */ (file).files?.[0]));
          return t('record.r_taken');
        },
      });
    }),
  );
  return box;
}

/** Whose an official's figures are, and what can be done about it. @param {any} outcome @param {any} rated @param {any[]} dossiers @param {Record} record */
function dossierOf(outcome, rated, dossiers, record) {
  const box = element('div', '', 'acts');
  const { pairing } = rated;
  const act = (/** @type {string} */ path, /** @type {any} */ more) => record.send(`results/${outcome.id}/${path}`, { version: outcome.version, item: rated.item, ...more });
  const meant = pairing && dossiers.find(each => each.id === pairing.dossier);
  if (rated.dossier) {
    box.append(mark(t('record.r_matched'), 'good'));
    if (pairing) box.append(element('p', t('record.r_matched_hand', { who: pairing.by.who, why: pairing.why }), 'hint'));
    if (pairing && pairing.approved) box.append(element('p', t('record.r_matched_approved', { who: pairing.approved.who }), 'hint'));
  } else if (pairing) {
    const names = meant ? { name: meant.name, unit: meant.unit } : { name: '—', unit: '—' };
    box.append(mark(t('record.r_waits', names), 'wait'), element('p', t('record.r_waits_by', { who: pairing.by.who, why: pairing.why }), 'hint'));
    if (record.approves) {
      const values = { rated: `${rated.name} · ${rated.unit}`, dossier: `${names.name} · ${names.unit}` };
      box.append(
        button('record.r_match_yes', () => fill({
          title: 'record.r_match_yes', says: 'record.r_match_yes_says', values,
          work: async () => { await act('match/approve', {}); return t('record.r_saved'); },
        }), 'confirm'),
        button('record.r_match_no', () => fill({
          title: 'record.r_match_no', fields: [why()],
          work: async typed => { await act('match/approve', { agreed: false, ...typed }); return t('record.r_saved'); },
        })),
      );
    }
  } else {
    box.append(mark(t('record.r_unmatched'), 'warn'));
  }
  if (!record.keeps || outcome.replaced) return box;
  if (rated.dossier || pairing) {
    box.append(button('record.r_unmatch', () => fill({
      title: 'record.r_unmatch', says: 'record.r_unmatch_says', fields: [why()],
      work: async typed => { await act('unmatch', typed); return t('record.r_saved'); },
    })));
    return box;
  }
  const taken = new Set(outcome.officials.flatMap((/** @type {any} */ each) => [each.dossier, each.pairing && each.pairing.dossier]));
  const free = dossiers.filter(each => !taken.has(each.id));
  if (!free.length) {
    box.append(element('p', t('record.r_no_dossier_free'), 'hint'));
    return box;
  }
  box.append(button('record.r_match', () => fill({
    title: 'record.r_match', says: 'record.r_match_says',
    fields: [line('record.r_dossier', select('dossier', free.map(each => /** @type {[string, string]} */ ([each.id, `${each.name} · ${each.unit}`])))), why()],
    work: async typed => { await act('match', typed); return t('record.r_saved'); },
  })));
  return box;
}

/** Where the meeting had announced other limits than the year has. @param {any} outcome @param {any} policy */
function limits({ stated }, policy) {
  const same = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a[0] * b[1] === b[0] * a[1];
  if (same(stated.reaches, policy.reaches) && same(stated.over, policy.over)) return [];
  const of = (/** @type {number[]} */ [part, whole]) => `${part}/${whole}`;
  const words = { reaches: of(stated.reaches), over: of(stated.over), own_reaches: of(policy.reaches), own_over: of(policy.over) };
  return [element('p', t('record.r_limits_differ', words), 'warn')];
}

/** @param {any} outcome @param {any[]} dossiers @param {Record} record */
function result(outcome, dossiers, record) {
  const box = element('section');
  box.append(element('h3', `${dateInWords(outcome.date)} ${outcome.title}`));
  box.append(element('p', t('record.r_code_slips', { code: outcome.screen_code }), 'hint'), element('p', t('record.r_code_log', { code: outcome.log_code }), 'hint'));
  if (outcome.replaced) {
    box.append(element('p', t('record.r_replaced'), 'warn'));
    return box;
  }
  if (outcome.instead) box.append(element('p', t('record.r_instead', { who: outcome.instead.by, why: outcome.instead.why })));
  box.append(element('p', t('record.r_option', { option: outcome.stated.option })), ...limits(outcome, record.cycle.policy));
  if (outcome.accepted) box.append(element('p', t('record.r_accepted', { who: outcome.accepted.by, why: outcome.accepted.why, key: outcome.key })));
  const heads = ['r_official', 'r_votes', 'r_totals', 'r_finding', 'r_dossier'].map(word => t(`record.${word}`));
  box.append(table(outcome.title, heads, outcome.officials.map((/** @type {any} */ rated) => row([
    `${rated.name} · ${rated.unit}`,
    rated.votes.length ? rated.votes.map((/** @type {any} */ [name, votes]) => `${name} ${votes}`).join('　') : '—',
    t('record.r_counts', { issued: rated.totals[0], cast: rated.totals[1], valid: rated.totals[2], abstained: rated.totals[3] }),
    judged(rated), dossierOf(outcome, rated, dossiers, record),
  ]))));
  return box;
}

/** @param {any} step */
function whereIs({ state }) {
  if (state.is === 'open') return t('record.r_open');
  if (state.is === 'verified') return `${t(state.confirmed ? 'record.r_confirmed' : 'record.r_unconfirmed')} · ${dateInWords(state.on)} · ${state.found}`;
  return `${t('record.r_done')} · ${dateInWords(state.on)} · ${state.what}`;
}

/** @param {any} step @param {Record} record */
function stepActs(step, record) {
  const box = element('div');
  const enter = (/** @type {any} */ body) => record.send(`steps/${step.id}`, { version: step.version, ...body });
  if (step.opens === 'verification' && step.state.is !== 'done') {
    box.append(button('record.r_verify', () => fill({
      title: 'record.r_verify', says: 'record.r_verify_says',
      fields: [
        line('record.r_verdict', select('is', [['yes', 'record.r_confirmed'], ['no', 'record.r_unconfirmed']])),
        line('record.r_found', text('found', { required: true })), day('record.r_on', 'on', record.today), ...(step.state.is === 'verified' ? [why()] : []),
      ],
      work: async ({ is, ...typed }) => { await enter({ enter: 'verified', confirmed: is === 'yes', ...typed }); return t('record.r_saved'); },
    })));
  }
  if (step.state.is === 'verified' ? step.state.confirmed : step.state.is === 'open' && step.opens !== 'verification') {
    box.append(button('record.r_handle', () => fill({
      title: 'record.r_handle', fields: [line('record.r_what', text('what', { required: true })), day('record.r_on', 'on', record.today)],
      work: async typed => { await enter({ enter: 'done', ...typed }); return t('record.r_saved'); },
    })));
  }
  return box;
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  root.append(element('h2', t('record.tab_results')), element('p', t('record.r_says')));
  if (!record.cycle) {
    root.append(nothing(t('record.r_no_cycle'), 'cycle'));
    return;
  }
  const [outcomes, steps, dossiers] = await Promise.all([record.read('results'), record.read('steps'), record.read(`cycles/${record.cycle.id}/dossiers`)]);
  if (record.keeps && !record.cycle.closed) root.append(taking(record));
  const mine = outcomes.filter((/** @type {any} */ outcome) => outcome.cycle === record.cycle.id);
  if (!mine.length) root.append(element('p', t('record.r_none'), 'empty'));
  for (const outcome of mine) root.append(result(outcome, dossiers, record));
  const ids = new Set(mine.map((/** @type {any} */ outcome) => outcome.id));
  // By official as the meeting had them, then in the order of the regulation.
  const order = mine.flatMap((/** @type {any} */ outcome) => outcome.officials.map((/** @type {any} */ each) => each.dossier));
  const kinds = ['admonition', 'ordered_correction', 'verification'];
  const place = (/** @type {any} */ step) => order.indexOf(step.dossier) * kinds.length + kinds.indexOf(step.opens);
  const open = steps.filter((/** @type {any} */ step) => ids.has(step.outcome)).sort((/** @type {any} */ a, /** @type {any} */ b) => place(a) - place(b));
  if (!open.length) return;
  const nameOf = (/** @type {string} */ id) => (dossiers.find((/** @type {any} */ each) => each.id === id) || { name: '—' }).name;
  const heads = ['r_official', 'r_step', 'r_because', 'r_where'].map(word => t(`record.${word}`));
  root.append(element('h3', t('record.r_steps')), table(t('record.r_steps'), record.keeps ? [...heads, t('record.col_acts')] : heads, open.map((/** @type {any} */ step) => row([
    nameOf(step.dossier), t(`record.r_${step.opens}`), step.because, whereIs(step), ...(record.keeps ? [stepActs(step, record)] : []),
  ]))));
}
