// The quorum: as a line beside what it may stand in the way of, and as a setting.

import { t } from '/words.js';
import { $, element, write } from '/console-parts.js';

/** What can be chosen with one press. @type {Record<string, {share: number[], over: boolean}|null>} */
const USUAL = { none: null, two_thirds: { share: [2, 3], over: false }, half: { share: [1, 2], over: true } };
/** What a group can be asked for beside. */
const OF_A_GROUP = ['1/2', '2/3', '1/1'];

/** @param {{share: number[], over: boolean}} rule */
const ruleWords = ({ share: [num, den], over }) => t(over ? 'checkin.rule_over' : 'checkin.rule_reach', { num, den });

/** Policy and heads in one sentence; empty without a policy. @param {any} quorum */
export function quorumWords(quorum) {
  if (!quorum) return '';
  const lines = quorum.lines.map((/** @type {any} */ line) => {
    const values = { ...line, present: line.present === null ? '—' : line.present };
    return t(line.group ? 'checkin.quorum_group' : 'checkin.quorum_whole', values);
  });
  const values = { rule: ruleWords(quorum.lines[0]), by: t(`checkin.quorum_${quorum.by}`), lines: lines.join(t('console.semicolon')) };
  return t(quorum.holds ? 'checkin.quorum_holds' : 'checkin.quorum_fails', values);
}

/** The line beside the items. @param {any} state */
export function drawQuorum(state) {
  const words = state.meeting_state === 'archived' ? '' : quorumWords(state.quorum);
  $('quorum').hidden = !words;
  $('quorum').dataset.holds = String(Boolean(state.quorum && state.quorum.holds));
  write($('quorum'), words);
}

const fields = () => $('settings').elements;

/** @param {any} state */
function drawGroups(state) {
  const groups = Object.keys(state.roster.groups);
  const kept = (state.settings.quorum || {}).groups || {};
  const shows = `${document.documentElement.lang} ${JSON.stringify([groups, kept])}`;
  const box = $('quorum-groups');
  $('quorum-groups-more').hidden = !groups.length;
  if (box.dataset.shows === shows) return;
  box.dataset.shows = shows;
  box.replaceChildren(...groups.map(group => {
    const own = kept[group] ? kept[group].join('/') : '';
    const select = document.createElement('select');
    select.dataset.group = group;
    for (const share of ['', ...OF_A_GROUP, ...(own && !OF_A_GROUP.includes(own) ? [own] : [])]) {
      const [num, den] = share.split('/');
      const words = share === '' ? t('checkin.set_group_none') : share === '1/1' ? t('checkin.set_group_all') : t('checkin.set_group', { num, den });
      const option = /** @type {HTMLOptionElement} */ (element('option', words));
      option.value = share;
      option.selected = share === own;
      select.append(option);
    }
    const label = element('label');
    label.append(element('span', group), ' ', select);
    return label;
  }));
}

function drawOther() {
  $('quorum-other').hidden = fields().quorum.value !== 'other';
  $('quorum-groups-more').dataset.off = String(fields().quorum.value === 'none');
}

/** Fills the form in with what is kept. @param {any} state */
export function fillQuorum(state) {
  const { quorum } = state.settings;
  const same = (/** @type {any} */ usual) => (usual && quorum ? usual.share.join() === quorum.share.join() && usual.over === quorum.over : usual === quorum);
  const name = Object.keys(USUAL).find(key => same(USUAL[key])) || 'other';
  fields().quorum.value = name;
  const [num, den] = quorum ? quorum.share : [3, 4];
  fields().quorum_num.value = String(num);
  fields().quorum_den.value = String(den);
  fields().quorum_over.checked = Boolean(quorum && quorum.over);
  if (quorum && Object.keys(quorum.groups).length) $('quorum-groups-more').open = true;
  drawGroups(state);
  drawOther();
}

/** What the form says, as the server takes it. */
export function quorumOf() {
  const name = fields().quorum.value;
  if (name === 'none') return null;
  const rule = USUAL[name] || { share: [Number(fields().quorum_num.value), Number(fields().quorum_den.value)], over: fields().quorum_over.checked };
  const asked = [...document.querySelectorAll('#quorum-groups select')].map(select => /** @type {HTMLSelectElement} */ (select)).filter(select => select.value);
  return { ...rule, groups: Object.fromEntries(asked.map(select => [select.dataset.group, select.value.split('/').map(Number)])) };
}

export function quorumOn() {
  $('quorum-set').addEventListener('change', drawOther);
}
