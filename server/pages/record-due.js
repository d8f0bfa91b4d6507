// The first page: what is overdue, what comes soon, what waits for whom. Days are put in order here, people are not.

import { dateInWords, t } from '/words.js';
import { element } from '/console-parts.js';
import { filtered } from '/record-filter.js';
import { article, goTo, mark, nothing, person, row, table } from '/record-forms.js';
import { dueSaid, sumSaid } from '/record-periods.js';

/** @typedef {import('/record.js').Record} Record */

const SOON_DAYS = 14;

/** How a line stands to its day: the values of the filter. @param {any} line */
function standingOf({ due, overdue, provisional, days_left: left }) {
  if (!due) return ['no_day'];
  if (provisional) return ['provisional'];
  if (overdue) return ['overdue'];
  return left <= SOON_DAYS ? ['soon', 'running'] : ['running'];
}

/** @param {any} line */
function leftSaid(line) {
  const { due, days_left: left, overdue, provisional, since } = line;
  if (!due) return element('span', since ? t('record.due_since', { since: dateInWords(since) }) : '—', 'soft');
  if (provisional || left === undefined) return mark(t('record.due_cannot_say'), 'wait');
  if (overdue) return mark(t('record.due_days_over', { n: -left }), 'warn');
  return left === 0 ? mark(t('record.due_today'), 'warn') : element('span', t('record.due_days_left', { n: left }));
}

/** @param {any} line */
function daySaid(line) {
  if (!line.due) return element('span', t('record.due_no_day'), 'soft');
  return [dueSaid(line), ...(line.sum ? [sumSaid(line.sum)] : [])];
}

/** @param {any} line @param {Record} record */
function lineRow(line, record) {
  const may = line.waits_for === 'chair' ? record.approves : record.keeps;
  const what = element('div', '', 'person');
  const words = t(`record.due_${line.what}`);
  what.append(element('b', line.count > 1 ? t('record.due_count', { what: words, n: line.count }) : words), element('small', line.article ? article(line.article) : ''));
  const post = line.year ? ` · ${t('record.due_year', { year: line.year })}` : '';
  const whose = line.name ? person({ ...line, post }) : element('span', t('record.due_nobody'), 'soft');
  const next = goTo(line.link.replace('/record', ''), t(may ? `record.due_do_${line.what}` : 'record.due_look'));
  if (line.name) next.setAttribute('aria-label', t('record.due_do_of', { act: next.textContent, name: line.name }));
  const made = row([daySaid(line), leftSaid(line), what, whose, t(`record.due_for_${line.waits_for}`), next]);
  if (line.overdue) made.className = 'late';
  return made;
}

const collator = new Intl.Collator('zh-CN', { numeric: true });
/** Lines of one day stand by unit and name, units that are told apart by a number in its order. @param {any} a @param {any} b */
const alike = (a, b) => collator.compare(a.unit, b.unit) || collator.compare(a.name, b.name) || a.what.localeCompare(b.what);
/** Those without a day come last. @param {any} a @param {any} b @param {1|-1} way */
const byDay = (a, b, way) => Number(!a.due) - Number(!b.due) || way * (a.due || '').localeCompare(b.due || '') || (a.article || 99) - (b.article || 99) || alike(a, b);

/** @param {HTMLElement} root @param {Record} record */
export async function draw(root, record) {
  const { today, lines } = await record.read('due');
  root.append(element('h2', t('record.tab_due')), element('p', t('record.due_says', { today: dateInWords(today) }), 'hint'));
  if (!lines.length) {
    root.append(record.cycles.length ? nothing(t('record.due_none'), 'officials') : nothing(t('record.due_no_cycle'), 'cycle'));
    return;
  }
  const has = (/** @type {string} */ standing) => lines.filter((/** @type {any} */ line) => standingOf(line).includes(standing)).length;
  const waits = (/** @type {string} */ who) => lines.filter((/** @type {any} */ line) => line.waits_for === who).length;
  const { box, choose } = filtered(record, {
    about: t('record.tab_due'),
    items: lines,
    filters: [
      { name: 'standing', word: 'record.due_standing', of: standingOf, says: value => t(`record.due_is_${value}`, { n: SOON_DAYS }) },
      { name: 'waits', word: 'record.due_waits', of: line => line.waits_for, says: value => t(`record.due_for_${value}`) },
      { name: 'what', word: 'record.due_what', of: line => line.what, says: value => t(`record.due_${value}`) },
      { name: 'unit', word: 'record.unit', of: line => line.unit },
      { name: 'official', word: 'record.col_official', of: line => line.name },
    ],
    sort: {
      name: 'order', word: 'record.due_order',
      choices: [
        { value: 'first', word: 'record.due_order_first', by: (a, b) => byDay(a, b, 1) },
        { value: 'last', word: 'record.due_order_last', by: (a, b) => byDay(a, b, -1) },
      ],
    },
    draw: shown => table(t('record.tab_due'), ['due_last_day', 'due_left', 'due_what', 'due_whose', 'due_waits', 'due_next'].map(word => t(`record.${word}`)), shown.map(line => lineRow(line, record))),
  });
  const tiles = element('ul', '', 'tiles');
  /** @param {string} words @param {number} n @param {{[name: string]: string}} values @param {string} [look] */
  const tile = (words, n, values, look = '') => {
    const item = element('li');
    const button = /** @type {HTMLButtonElement} */ (element('button', '', n ? look : ''));
    button.type = 'button';
    button.disabled = !n;
    button.append(element('b', String(n)), element('span', words));
    button.addEventListener('click', () => choose({ standing: '', waits: '', what: '', unit: '', official: '', ...values }));
    item.append(button);
    tiles.append(item);
  };
  for (const standing of ['overdue', 'soon', 'provisional']) {
    tile(t(`record.due_is_${standing}`, { n: SOON_DAYS }), has(standing), { standing }, standing === 'overdue' ? 'warn' : '');
  }
  for (const who of ['chair', 'committee', 'office', 'official']) tile(t(`record.due_tile_${who}`), waits(who), { waits: who });
  root.append(tiles);
  if (has('provisional')) {
    const says = element('p', `${t('record.due_provisional_says')} `, 'hint print-not');
    says.append(goTo('#calendar', t('record.tab_calendar')));
    root.append(says);
  }
  root.append(box);
}
