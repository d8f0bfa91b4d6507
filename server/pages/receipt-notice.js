// One page to print and sign: what was found, which codes were compared, room for a name.

import { dateInWords, t } from '/words.js';
import { receiptName } from '/receipt-results.js';

/** Rows that fit on the page. */
const MOST = 6;
/** Receipts printed whole. */
const MOST_WHOLE = 2;

/** @param {string} kind @param {string} [words] @param {string} [style] */
function element(kind, words = '', style = '') {
  const made = document.createElement(kind);
  made.textContent = words;
  if (style) made.className = style;
  return made;
}

/** @param {HTMLElement} box @param {any} facts */
export function drawNotice(box, { source, results, comparisons, audit }) {
  box.textContent = '';
  box.append(element('h1', t('receipt.notice_title')), about(source));
  box.append(element('h2', t('receipt.notice_found')), ...receipts(source, results));
  box.append(element('h2', t('receipt.notice_codes')));
  if (!comparisons.length) box.append(element('p', t('receipt.notice_no_codes')));
  for (const { name, typed, code, verdict } of comparisons.slice(0, MOST)) {
    const row = element('p', t('receipt.notice_compared', { which: name }));
    // One under the other: the eye finds the group that differs.
    const codes = element('pre', `${t('receipt.notice_seen', { code: typed })}\n${t('receipt.notice_here', { code })}`);
    row.append(element('strong', t(`receipt.${verdict}`)));
    box.append(row, codes);
  }
  box.append(element('h2', t('receipt.notice_audit')), element('p', audit || t('receipt.notice_no_audit')));
  box.append(element('h2', t('receipt.notice_remarks')), element('div', '', 'blank'), signatures());
  box.append(element('p', t('receipt.notice_about'), 'small'), element('p', t('receipt.todo_scrutineer'), 'small'));
}

function about(source) {
  const facts = element('dl');
  const unknown = t('receipt.notice_unknown');
  const { meeting, codes, file } = source;
  const rows = [
    ['notice_meeting', meeting ? `${meeting.title}　${dateInWords(meeting.date)}　${meeting.place}` : unknown],
    ['notice_source', file ? t('receipt.notice_file', { name: file }) : t('receipt.notice_server', { host: location.host })],
    ['notice_code', codes ? codes.manifest.code : unknown],
    ['notice_log', codes ? t('receipt.notice_head', { code: codes.log.code, n: codes.log.size }) : unknown],
  ];
  for (const [key, value] of rows) facts.append(element('dt', t(`receipt.${key}`)), element('dd', value));
  return facts;
}

function receipts(source, results) {
  if (!results.length) return [element('p', t('receipt.notice_none'))];
  const good = results.filter(one => one.verdict === 'on_board');
  const others = results.filter(one => one.verdict !== 'on_board');
  const list = element('ul');
  let whole = 0;
  for (const one of others.slice(0, MOST)) {
    const row = element('li', `${receiptName(source, one)} `);
    row.append(element('strong', t(`receipt.${one.verdict}`)));
    // With the whole note anybody can check the evidence without the phone.
    if (one.verdict === 'not_on_board' && whole < MOST_WHOLE) {
      whole += 1;
      row.append(element('pre', one.note));
    } else if (one.leaf) row.append(element('code', `${t('receipt.notice_leaf')} ${one.leaf}`));
    list.append(row);
  }
  const more = others.length - MOST;
  return [element('p', t('receipt.notice_good', { n: good.length })), list,
    ...(more > 0 ? [element('p', t('receipt.notice_more', { n: more }))] : [])];
}

function signatures() {
  const box = element('div', '', 'signatures');
  for (const who of [['notice_name', 'notice_sign', 'notice_date'], ['notice_scrutineer', 'notice_sign', 'notice_date']]) {
    for (const key of who) box.append(element('p', t(`receipt.${key}`)));
  }
  return box;
}
