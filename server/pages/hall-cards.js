// Contests on the hall screen: who is rated, how many have cast, and the figures as soon as they may be seen.

import { t } from '/words.js';
import { contestName, drawn, element, number, optionName, share } from '/hall-parts.js';

/** @typedef {import('/hall-parts.js').Contest} Contest */
/** @typedef {import('/hall-parts.js').Live} Live */

/** Sizes of bars in units of the drawing: height of a row, of its text, space for names and for numbers. */
const SIZES = /** @type {Record<string, {row: number, text: number, left: number, right: number, width: number}>} */ ({
  one: { row: 74, text: 44, left: 190, right: 300, width: 1000 },
  two: { row: 40, text: 33, left: 160, right: 255, width: 1000 },
  four: { row: 42, text: 38, left: 185, right: 305, width: 1000 },
});

/** Those that are open; else those that are over, the last round of each official. @param {Live} now @returns {Contest[]} */
export function onScreen(now) {
  const open = now.contests.filter(c => ['open', 'closing', 'stopped'].includes(c.state));
  if (open.length) return open;
  /** @type {Map<number, Contest>} */
  const last = new Map();
  for (const contest of now.contests) {
    if (contest.item > 0 && contest.state !== 'unopened') last.set(contest.item, contest);
  }
  const over = [...last.values()];
  // The rehearsal stays until the first real contest.
  return over.length ? over : now.contests.filter(c => c.item === 0 && c.state !== 'unopened');
}

/** @param {Contest} contest */
const isOpen = contest => ['open', 'closing', 'stopped'].includes(contest.state);

/** The papers by themselves: how many, never their grades. @param {any} result */
const paperNote = ({ paper }) => (paper ? t('hall.paper', paper) + (paper.invalid ? t('hall.paper_invalid', { n: paper.invalid }) : '') : '');

/** A line that breaks between its parts rather than in them. @param {string} text */
const noteLine = text => element('p', 'note', ...text.split(/(?<=；|; )/).map(part => element('span', '', part)));

/** What the bars are shares of, in words. @param {Contest} contest @returns {{counts: number[], base: number, note: string}|null} */
function figures(contest) {
  const { result, released } = contest;
  if (result && result.votes) {
    const base = result.base === 'valid' && result.valid !== null ? result.valid : result.cast;
    const words = t(base === result.cast && result.base !== 'valid' ? 'hall.base_cast' : 'hall.base_valid', { n: base });
    const missing = result.missing ? t('hall.missing', { n: result.missing }) : '';
    return { counts: result.votes, base, note: words + missing + paperNote(result) };
  }
  if (released && released.total > 0 && isOpen(contest)) {
    return { counts: released.counts, base: released.total, note: t('hall.released', { n: released.total }) };
  }
  return null;
}

/** @param {{counts: number[], base: number}} shown @param {Live} now @param {string} layout
 * @param {string} pattern name of the drawing's pattern */
function bars(shown, now, layout, pattern) {
  const { row, text, left, right, width } = SIZES[layout];
  const [gap, track] = [Math.round(row / 4), width - left - right];
  const apart = now.scale.findIndex(option => option.kind === 'abstain');
  const height = row * now.scale.length + (apart > 0 ? gap : 0);
  const chart = drawn('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' });
  const hatch = drawn('pattern', { id: pattern, width: 12, height: 12, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' });
  hatch.append(drawn('rect', { width: 12, height: 12, class: 'paper' }), drawn('rect', { width: 6, height: 12, class: 'line' }));
  chart.append(drawn('defs', {}));
  chart.lastElementChild?.append(hatch);
  const words = [];
  now.scale.forEach((option, i) => {
    const count = shown.counts[i];
    const part = shown.base > 0 ? count / shown.base : 0;
    const said = t('hall.votes', { n: count });
    const percent = shown.base > 0 ? `${(100 * part).toFixed(1)} %` : '';
    const name = optionName(option);
    words.push(`${name} ${said} ${percent}`);
    const abstains = option.kind === 'abstain';
    const top = i * row + (abstains && apart > 0 ? gap : 0);
    if (abstains && apart > 0) chart.append(drawn('line', { x1: 0, x2: width, y1: top - gap / 2, y2: top - gap / 2, class: 'apart' }));
    const [middle, base] = [top + row / 2, { 'font-size': text, 'dominant-baseline': 'central' }];
    // A long name of an option is pressed together rather than laid over its bar.
    const fit = [...name].length * text * (/^[\x20-\x7e]*$/.test(name) ? 0.56 : 1) > left - 14 ? { textLength: left - 14, lengthAdjust: 'spacingAndGlyphs' } : {};
    chart.append(
      drawn('text', { x: 0, y: middle, ...base, ...fit }, name),
      drawn('rect', { x: left, y: top + 5, width: track, height: row - 10, class: 'track' }),
      drawn('rect', { x: left, y: top + 5, width: (track * part).toFixed(1), height: row - 10, ...(abstains ? { class: 'bar abstain', fill: `url(#${pattern})` } : { class: 'bar' }) }),
      drawn('text', { x: width - right + 16, y: middle, ...base, class: 'count' }, said),
      drawn('text', { x: width, y: middle, ...base, 'text-anchor': 'end' }, percent),
    );
  });
  chart.setAttribute('aria-label', words.join('; '));
  return chart;
}

/** @param {Contest} contest @param {Live} now */
function thresholdLine(contest, now) {
  const threshold = contest.result && contest.result.threshold;
  if (!threshold) return null;
  const { option, count, base, base_kind: kind, reaches, reaches_limit: low, over, over_limit: high } = threshold;
  const values = { option: now.scale[option] ? optionName(now.scale[option]) : '', n: count, base, of: t(`hall.of_${kind}`), low: share(low), high: share(high) };
  if (reaches === null || over === null) return t('hall.threshold_empty', values);
  return t('hall.threshold', values)
    + t(reaches ? 'hall.reaches' : 'hall.reaches_not', values) + t(over ? 'hall.over' : 'hall.over_not', values);
}

/** Received of issued, the numbers larger than the word. @param {Contest} contest */
function countLine(contest) {
  return element('p', 'state', `${t(contest.item === 0 ? 'hall.tried' : 'hall.received')} `, element('b', '', number(contest.received)), ` / ${number(contest.issued)}`);
}

/** How far the urn is filled. @param {Contest} contest */
function progress(contest) {
  const { received, issued } = contest;
  const part = received !== null && issued ? Math.min(1, received / issued) : 0;
  const chart = drawn('svg', { viewBox: '0 0 1000 44', role: 'img', class: 'progress', 'aria-label': `${number(received)} / ${number(issued)}` });
  chart.append(drawn('rect', { width: 1000, height: 44, class: 'track' }), drawn('rect', { width: (1000 * part).toFixed(1), height: 44, class: 'filled' }));
  return chart;
}

/** The right half of a card. @param {Contest} contest @param {Live} now @param {string} layout @returns {Element[]} */
function middle(contest, now, layout) {
  const { state, result } = contest;
  const shown = figures(contest);
  const pattern = `abstained-${contest.item}-${contest.round}`;
  if (result && result.votes && shown) {
    const { issued, cast, valid, abstained } = result;
    const line = t('hall.result', { issued, cast, valid: number(valid), abstained: number(abstained) });
    const threshold = thresholdLine(contest, now);
    const notes = [shown.note, threshold].filter(Boolean).map(text => noteLine(String(text)));
    return [element('p', 'state figures', line), bars(shown, now, layout, pattern), ...notes];
  }
  if (state === 'withheld') {
    const few = result ? noteLine(t('hall.withheld_counts', { issued: result.issued, cast: result.cast }) + paperNote(result)) : '';
    return [element('p', 'state says', t('hall.withheld')), element('p', 'note', t('hall.withheld_why')), ...(few ? [few] : [])];
  }
  if (state === 'voided') return [element('p', 'state says', t('hall.voided'))];
  if (state === 'destroyed') return [element('p', 'state says', t('hall.destroyed'))];
  const lines = [countLine(contest)];
  if (shown) return [...lines, bars(shown, now, layout, pattern), element('p', 'note', shown.note), ...after(contest)];
  if (state === 'open' && contest.received === 0) lines.push(element('p', 'empty', t('hall.empty')));
  else if (layout !== 'four' && contest.received !== null) lines.push(progress(contest));
  // The rehearsal has no result that could be shown later.
  const later = state === 'open' && contest.item > 0 && contest.received !== 0 ? t(now.release === 'live' && contest.round === 1 ? 'hall.live_soon' : 'hall.close_rule') : '';
  return [...lines, ...(later && layout !== 'four' ? [element('p', 'note', later)] : []), ...after(contest)];
}

/** @param {Contest} contest @returns {Element[]} */
function after(contest) {
  if (contest.state === 'open') return [];
  return [element('p', 'says small', t(`hall.${contest.state}`))];
}

/** @param {string} name @returns {string} */
function sizeOf(name) {
  const width = [...name].reduce((sum, c) => sum + (/[\x20-\x7e]/.test(c) ? 0.6 : 1), 0);
  return width <= 3 ? 'short' : width <= 4 ? 'usual' : width <= 8 ? 'wide' : width <= 18 ? 'long' : 'longest';
}

/** @param {Contest} contest @param {Live} now @param {string} layout `one`, `two` or `four` */
export function card(contest, now, layout) {
  const made = element('article', '');
  made.dataset.contest = `${contest.item}/${contest.round}`;
  made.dataset.state = contest.state;
  const name = contestName(contest);
  const who = element('div', 'who', element('h2', sizeOf(name), name));
  if (contest.unit || contest.post) who.append(element('p', 'post', [contest.unit, contest.post].filter(Boolean).join('　')));
  const tags = element('p', 'tags');
  if (contest.report) tags.append(element('span', 'report', t(`hall.${contest.report}`)));
  if (contest.round > 1) tags.append(element('span', 'round', t('hall.round', { n: contest.round })));
  if (tags.childElementCount) who.append(tags);
  if (contest.item === 0) who.append(element('p', 'post', t('hall.rehearsal_says')));
  if (contest.board_code) {
    const groups = contest.board_code.split(' ');
    const half = [groups.slice(0, 4).join(' '), groups.slice(4).join(' ')].filter(Boolean);
    const code = element('p', 'board', element('span', '', t('hall.board_code')), ...half.flatMap((text, i) => (i ? [' ', element('span', 'half', text)] : [element('span', 'half', text)])));
    who.append(code);
  }
  made.append(who, element('div', figures(contest) ? 'what drawn' : 'what', ...middle(contest, now, layout)));
  return made;
}
