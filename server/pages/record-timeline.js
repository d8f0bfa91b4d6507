// One official's year on one page: everything in the order of its days, each with its article, who entered it and when.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { filtered } from '/record-filter.js';
import { article, button, goTo, mark, nothing, person, row, table } from '/record-forms.js';
import { wayMark } from '/record-officials.js';
import { dueSaid, standingMark } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

const hrefOf = (/** @type {string} */ cycle, /** @type {string} */ dossier) => `#timeline?cycle=${cycle}&dossier=${dossier}`;

/** The figures of a result, as the signed note has them. @param {any} figures @param {string|undefined} nature */
function figuresSaid({ title, votes, totals, sums, screen_code: screen, log_code: log }, nature) {
  const box = element('div', '', 'figures');
  box.append(element('p', title));
  const [issued, cast, valid, abstained] = totals;
  box.append(element('p', t('record.r_counts', { issued, cast, valid, abstained })));
  if (votes.length) box.append(element('p', votes.map((/** @type {[string, number]} */ [grade, n]) => t('record.tl_votes', { grade, n })).join(t('console.comma'))));
  if (nature) box.append(element('p', t(`record.tl_is_${nature}`)));
  for (const sum of sums) if (sum) box.append(element('p', sum, 'sum-line'));
  box.append(element('p', t('record.r_codes', { slips: screen, log }), 'hint'));
  return box;
}

/** @param {any} moment */
function momentItem(moment) {
  const item = element('li');
  if (moment.withdrawn) item.className = 'withdrawn';
  const day = element('div', '', 'day');
  const time = document.createElement('time');
  time.dateTime = moment.on;
  time.textContent = dateInWords(moment.on);
  day.append(time);
  const body = element('div');
  const head = element('h4');
  head.append(goTo(moment.link.replace('/record', ''), t(`record.tl_${moment.what}`)), ' ');
  if (moment.nature && !moment.figures) head.append(mark(t(`record.tl_is_${moment.nature}`), 'plain'));
  if (moment.standing) head.append(standingMark(moment.standing));
  if (moment.withdrawn) head.append(mark(t('record.tl_withdrawn'), 'warn'));
  body.append(head);
  if (moment.text) body.append(element('p', moment.text, 'prose'));
  if (moment.figures) body.append(figuresSaid(moment.figures, moment.nature));
  if (moment.due) {
    const due = element('p');
    due.append(t('record.period_due', { due: '' }), dueSaid({ due: moment.due[0], provisional: moment.due[1] }));
    body.append(due);
  }
  const by = moment.who ? t('record.tl_entered', { who: moment.who, at: moment.at.slice(0, 16).replace('T', ' ') }) : t('record.tl_nobody');
  body.append(element('p', `${article(moment.article)} · ${by}`, 'hint'));
  item.append(day, body);
  return item;
}

/** @param {any} line */
function openItem(line) {
  const item = element('li');
  const head = element('span');
  head.append(goTo(line.link.replace('/record', ''), t(`record.due_${line.what}`)), ' ');
  if (line.due) head.append(dueSaid(line), ' ');
  if (line.overdue) head.append(mark(t('record.due_days_over', { n: -line.days_left }), 'warn'));
  item.append(head, element('span', `${line.article ? article(line.article) : ''} · ${t(`record.due_for_${line.waits_for}`)}`, 'hint'));
  return item;
}

/** Everybody of the year, to choose one. @param {HTMLElement} root @param {Record} record */
async function choose(root, record) {
  root.append(element('h2', t('record.tab_timeline')), element('p', t('record.tl_choose'), 'hint'));
  const dossiers = record.cycle ? await record.read(`cycles/${record.cycle.id}/dossiers`) : [];
  if (!dossiers.length) {
    root.append(nothing(t('record.tl_none'), record.cycle ? 'officials' : 'cycle'));
    return;
  }
  root.append(filtered(record, {
    about: t('record.tab_timeline'),
    items: dossiers,
    filters: [
      { name: 'unit', word: 'record.unit', of: each => each.unit },
      { name: 'way', word: 'record.way', of: each => each.way || 'open', says: value => t(`record.way_${value}`) },
    ],
    draw: shown => table(t('record.tab_timeline'), ['col_official', 'col_way', 'tab_timeline'].map(word => t(`record.${word}`)), shown.map(each => {
      const open = goTo(hrefOf(record.cycle.id, each.id), t('record.tab_timeline'));
      open.setAttribute('aria-label', t('record.tl_open_of', { name: each.name }));
      return row([person(each), [wayMark(each)], open]);
    })),
  }).box);
}

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const dossier = record.state.get('dossier');
  if (!dossier) {
    await choose(root, record);
    return;
  }
  const line = await record.read(`dossiers/${encodeURIComponent(dossier)}/timeline`);
  const title = element('h2', t('record.tl_title', { name: line.name, year: line.year }));
  root.append(title, element('p', `${line.unit} ${line.post} · ${line.title}`, 'under'));
  const acts = element('p', '', 'row');
  acts.append(goTo(`#timeline?cycle=${line.years.find((/** @type {any} */ each) => each.dossier === line.dossier).cycle}`, t('record.tl_others')));
  const years = element('label', '', 'inline');
  const select = document.createElement('select');
  select.name = 'year';
  for (const year of line.years) {
    const option = /** @type {HTMLOptionElement} */ (element('option', year.title));
    option.value = year.dossier;
    option.selected = year.dossier === line.dossier;
    select.append(option);
  }
  select.addEventListener('change', () => {
    const year = line.years.find((/** @type {any} */ each) => each.dossier === select.value);
    location.hash = hrefOf(year.cycle, year.dossier);
  });
  years.append(element('span', t('record.tl_year')), ' ', select);
  acts.append(years, button('record.print', () => window.print()));
  root.append(acts);
  if (line.open.length) {
    const open = element('section', '', 'waiting');
    const list = element('ul');
    list.append(...line.open.map(openItem));
    open.append(element('h3', t('record.tl_waiting', { n: line.open.length })), list);
    root.append(open);
  }
  root.append(element('h3', t('record.tl_happened', { n: line.moments.length })));
  if (!line.moments.length) {
    root.append(element('p', t('record.tl_nothing'), 'empty'));
    return;
  }
  const list = element('ol', '', 'timeline');
  list.append(...line.moments.map(momentItem));
  root.append(list);
}
