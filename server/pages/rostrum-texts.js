// What the chair reads aloud, in full sentences: every text of the meeting in its order, and the one that is due now.
// A number stands in a text only when it will not change any more; ballots of an open item are never in one.

import { language, t } from '/words.js';
import { aloud } from '/words-aloud.js';

/** @typedef {import('/hall-parts.js').Live} Live */
/** @typedef {import('/hall-parts.js').Contest} Contest */
/** @typedef {{id: string, title: string, lines: string[], cue: string}} Text */
/** What happened last, as this page saw it. @typedef {{window: boolean, keys: string[]}} Event */

/** More than these are named without unit and post; more than the second are announced on a text of their own. */
const [IN_FULL, A_TEXT] = [2, 4];

/** @param {Contest} contest */
export const keyOf = contest => `${contest.item}/${contest.round}`;
const real = (/** @type {Live} */ live) => live.contests.filter(c => c.item > 0);
export const openOf = (/** @type {Live} */ live) => real(live).filter(c => ['open', 'closing', 'stopped'].includes(c.state));
export const trialOf = (/** @type {Live} */ live) => live.contests.find(c => c.item === 0);
export const isOver = (/** @type {Contest} */ c) => ['published', 'withheld', 'voided'].includes(c.state);

/** The item that comes next: the first that no round was opened of; else one whose round is void and can be repeated.
 * @param {Live} live @returns {Contest|null} */
export function nextOf(live) {
  const all = real(live);
  const fresh = all.find(c => c.state === 'unopened' && c.round === 1);
  if (fresh) return fresh;
  const before = (/** @type {Contest} */ c) => all.find(o => o.item === c.item && o.round === c.round - 1);
  return all.find(c => c.state === 'unopened' && (before(c) || {}).state === 'voided') || null;
}

/** Where the meeting stands. @param {Live} live */
export function stageOf(live) {
  if (!live.screen_code) return 'preparing';
  if (live.phase === 'archived') return 'archived';
  if (live.window.open) return 'enrolling';
  const trial = trialOf(live);
  const open = [...openOf(live), ...(trial ? [trial] : [])];
  if (open.some(c => c.state === 'stopped')) return 'stopped';
  if (openOf(live).length) return 'open';
  if (trial && ['open', 'closing'].includes(trial.state)) return 'trial';
  if (!live.window.number) return 'before';
  if (real(live).some(c => c.state === 'closed')) return 'closed';
  if (real(live).every(c => c.state === 'unopened')) return trial ? 'trial_over' : 'enrolled';
  if (nextOf(live)) return 'between';
  return live.enrolment_ended ? 'ended' : 'all_over';
}

/** `甲、乙、丙`, with unit and post while there are few. @param {Contest[]} contests */
function named(contests) {
  const full = contests.length <= IN_FULL;
  const each = contests.map(c => t(full ? 'rostrum.person' : 'rostrum.person_short', { name: c.name, place: placeOf(c) }));
  return each.join(t('rostrum.and'));
}

/** @param {Contest} contest */
export const placeOf = contest => [contest.unit, contest.post].filter(Boolean).join(language() === 'en' ? ', ' : '');

/** @param {Live} live */
function grades(live) {
  const names = (/** @type {string} */ kind) => live.scale.filter(o => o.kind === kind).map(o => (language() === 'en' ? o.en : o.zh)).join(t('rostrum.and'));
  return { grades: names('grade'), abstain: names('abstain') };
}

/** @param {string} id @param {string[]} lines @param {string} [cue] @param {Record<string, unknown>} [values] @returns {Text} */
const text = (id, lines, cue = '', values = {}) => ({ id, title: t(`rostrum.title_${id.split('/')[0]}`, values), lines: lines.filter(Boolean), cue });

/** @param {Live} live */
function before(live) {
  const items = new Set(real(live).map(c => c.item)).size;
  const scale = grades(live);
  const known = live.expected && items;
  return [
    text('opening', [
      t(known ? 'rostrum.opening' : 'rostrum.opening_unknown', { expected: live.expected, items }),
      scale.grades && t(scale.abstain ? 'rostrum.opening_scale_abstain' : 'rostrum.opening_scale', scale), t('rostrum.opening_watch')]),
    text('rules', [t('rostrum.rules_once'), t('rostrum.rules_received'), t('rostrum.rules_many'), t('rostrum.rules_few'),
      t(live.release === 'live' ? 'rostrum.rules_live' : 'rostrum.rules_close')]),
    text('promised', [t('rostrum.promised_secret'), t('rostrum.promised_kept'), t('rostrum.promised_screen'), t('rostrum.promised_recount')]),
    text('not_promised', [t('rostrum.not_promised'), t('rostrum.not_promised_operator'), t('rostrum.not_promised_network'), t('rostrum.not_promised_film'), t('rostrum.not_promised_later')]),
    text('enrol', [t(live.window.number > 1 ? 'rostrum.enrol_again' : 'rostrum.enrol'), t('rostrum.enrol_code'), t('rostrum.enrol_help')], t('rostrum.cue_enrol')),
  ];
}

/** @param {Live} live */
function enrolled(live) {
  if (!live.window.number || live.window.open) return [];
  const { expected, present, enrolled: phones } = live;
  const heads = present === null ? '' : t('rostrum.enrolled', { expected, present, enrolled: phones });
  return [text('enrolled', [t('rostrum.enrolled_over'), heads, t(live.enrolment_ended ? 'rostrum.enrolled_ended' : 'rostrum.enrolled_later')])];
}

/** @param {Live} live */
function trial(live) {
  const found = trialOf(live);
  if (!found || real(live).some(c => c.state !== 'unopened')) return [];
  if (found.state === 'destroyed') return [text('trial_over', [t('rostrum.trial_over'), t('rostrum.trial_over_next')])];
  return [text('trial', [t('rostrum.trial'), t('rostrum.trial_do'), t('rostrum.trial_help')]), text('trial_stop', [t('rostrum.trial_stop')], t('rostrum.cue_trial_stop'))];
}

/** The item that is open, or the one that comes next. @param {Live} live */
function items(live) {
  const open = openOf(live);
  const stopped = open.some(c => c.state === 'stopped');
  if (open.length) {
    const names = named(open);
    const scale = grades(live);
    const again = open.length === 1 && open[0].round > 1 ? t('rostrum.open_round', { round: open[0].round }) : '';
    return [
      text('open', [t(open.length > 1 ? 'rostrum.open_several' : 'rostrum.open', { names, n: open.length }), again, t(scale.abstain ? 'rostrum.open_do_abstain' : 'rostrum.open_do', scale), t('rostrum.open_stop')]),
      ...(stopped ? [text('stopped', [t('rostrum.stopped'), t('rostrum.stopped_safe')], t('rostrum.cue_stopped'))] : []),
      text('stop', [t('rostrum.stop_hurry'), t('rostrum.stop', { names })], t('rostrum.cue_stop')),
    ];
  }
  const next = nextOf(live);
  if (!next || live.window.open || !live.window.number) return [];
  const way = next.report ? t(`rostrum.next_${next.report}`, { name: next.name }) : '';
  return [text('next', [t(next.round > 1 ? 'rostrum.next_again' : 'rostrum.next', { names: named([next]), round: next.round }), way, t('rostrum.next_wait')], t('rostrum.cue_next'))];
}

/** What was published or voided last; of a page that has just been opened, what stands last in the list.
 * @param {Live} live @param {Event} event */
function told(live, event) {
  const done = real(live).filter(isOver);
  const seen = done.filter(c => event.keys.includes(keyOf(c)));
  return seen.length || real(live).some(c => c.state === 'closed') ? seen : done.slice(-1);
}

/** In parts that are read without scrolling. @param {Contest[]} all @returns {Contest[][]} */
function parts(all) {
  const count = Math.ceil(all.length / A_TEXT);
  return Array.from({ length: count }, (_, i) => all.slice(i * A_TEXT, (i + 1) * A_TEXT));
}

/** @param {Contest} c */
const round = c => (c.round > 1 ? t('rostrum.name_round', { name: c.name, round: c.round }) : c.name);
const listed = (/** @type {Contest[]} */ all) => all.map(round).join(t('rostrum.and'));

/** That counting is complete, and no votes. @param {Contest[]} all @param {boolean} published */
function counted(all, published) {
  const sums = all.map(c => (c.result ? [c.result.issued, c.result.cast] : [c.issued, c.received]));
  const alike = sums.every(s => s.join() === sums[0].join());
  const kind = all.every(c => c.result) ? 'counted_sums' : 'counted_electronic';
  const said = alike ? sums.slice(0, 1).map(([issued, cast]) => t(`rostrum.${kind}`, { issued, cast })) : [];
  return text('counted', [t('rostrum.counted', { names: listed(all) }), ...said, t('rostrum.counted_signed')], t(published ? 'rostrum.cue_counted_published' : 'rostrum.cue_counted'));
}

/** The numbers, a few officials a text. @param {string} id @param {Live} live @param {Contest[]} all */
function announced(id, live, all) {
  const split = parts(all.filter(c => c.result && c.state !== 'voided'));
  return split.map((part, i) => text(`${id}/${i + 1}`, aloud(live, language(), part), split.length > 1 ? t('rostrum.part', { n: i + 1, of: split.length }) : ''));
}

/** @param {Live} live @param {Event} event */
function results(live, event) {
  const [closed, last] = [real(live).filter(c => c.state === 'closed'), told(live, event)];
  const valid = last.filter(c => c.state !== 'voided');
  const voided = last.filter(c => c.state === 'voided');
  const complete = closed.length ? closed : valid;
  return [
    ...(complete.length ? [counted(complete, !closed.length)] : []),
    ...announced('result', live, valid),
    ...(voided.length ? [text('voided', [t('rostrum.voided', { names: listed(voided) }), t('rostrum.voided_again')])] : []),
  ];
}

/** @param {Live} live */
function closing(live) {
  const done = new Set(real(live).filter(isOver).map(c => c.item)).size;
  if (!done || openOf(live).length) return [];
  const all = real(live).filter(c => ['published', 'withheld'].includes(c.state));
  return [...(nextOf(live) || all.length < 2 ? [] : announced('all', live, all)), text('closing', [t(nextOf(live) ? 'rostrum.closing_some' : 'rostrum.closing_all', { n: done }), t('rostrum.closing_sign'), t('rostrum.closing_receipt')])];
}

/** Every text that can be read at this point, in the order of a meeting. @param {Live} live @param {Event} event @returns {Text[]} */
export function textsOf(live, event) {
  return [...before(live), ...enrolled(live), ...trial(live), ...results(live, event), ...items(live), ...closing(live)];
}

/** Which of them is due. @param {Live} live @param {Event} event @param {Text[]} texts */
export function dueOf(live, event, texts) {
  const stage = stageOf(live);
  const last = told(live, event);
  const ended = last.every(c => c.state === 'voided') ? 'voided' : 'result/1';
  const wanted = /** @type {Record<string, string>} */ ({
    preparing: 'opening', before: 'opening', enrolling: 'enrol', enrolled: 'enrolled', trial: 'trial', stopped: 'stopped', open: 'open',
    trial_over: event.window ? 'enrolled' : 'trial_over', closed: last.length ? ended : 'counted', between: event.window ? 'next' : ended, all_over: event.window ? 'closing' : ended,
    ended: 'closing', archived: 'closing',
  })[stage];
  return texts.some(each => each.id === wanted) ? wanted : texts[texts.length - 1].id;
}
