// The counts as arithmetic: each rule with its numbers and whether it holds.

import { t } from '/words.js';
import { $, element, keyed, liveOf, nameOf, write } from '/console-parts.js';

/** @param {Element} list @param {{rule: string, values: Record<string, unknown>, holds: boolean}[]} checks */
function drawChecks(list, checks) {
  keyed(list, checks.map((check, i) => ({ ...check, i })), check => `${check.i} ${check.rule}`, () => {
    const made = element('li');
    made.append(element('b'), ' ', element('span'));
    return made;
  }, (made, { rule, values, holds }) => {
    made.dataset.holds = String(holds);
    write(made.querySelector('b'), holds ? `✓ ${t('console.holds')}` : `✗ ${t('console.fails')}`);
    write(made.querySelector('span'), t(`counts.${rule}`, values));
  });
}

/** @param {any} state */
export function drawCounts(state) {
  const { meeting, contests } = state.counts;
  const all = [...meeting, ...contests.flatMap((/** @type {any} */ c) => c.checks)];
  const failed = all.filter(check => !check.holds).length;
  $('counts-section').hidden = !all.length;
  write($('counts-verdict'), failed ? t('console.counts_fail', { n: failed }) : t('console.counts_hold', { n: all.length }));
  $('counts-verdict').className = failed ? 'warn' : '';
  drawChecks($('counts-meeting'), meeting);
  keyed($('counts-contests'), contests, (/** @type {any} */ c) => c.contest.join('/'), () => {
    const made = document.createElement('details');
    made.append(element('summary'), element('ul', '', 'checks'));
    return made;
  }, (made, own) => {
    const broken = own.checks.some((/** @type {any} */ check) => !check.holds);
    write(made.querySelector('summary'), `${broken ? '✗' : '✓'} ${own.contest[0]}　${nameOf(liveOf(state, own.contest))}`);
    made.dataset.holds = String(!broken);
    if (broken) made.open = true;
    drawChecks(made.querySelector('ul'), own.checks);
  });
}
