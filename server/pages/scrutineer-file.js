// The record of acts as a file to keep: the words of the page, and what ties each of them to the bundle's log.

import { dateInWords, language, t } from '/words.js';

/** @typedef {import('/scrutineer.js').Ceremony} Ceremony */

/** @param {string} hex */
const base64 = hex => btoa(String.fromCharCode(...(hex.match(/../g) || []).map(byte => parseInt(byte, 16))));

/** Who acted, in words. @param {{role: string, id: string}[]} by */
export const whoOf = by => by.map(({ role, id }) => `${t(`log.role_${role}`)} ${id}`).join(' · ') || '—';

/** The lines of the file. @param {Ceremony} ceremony @returns {string[]} */
function linesOf({ title, date, place, drill, screen_code: code, entries, head }) {
  const archived = entries.some(entry => entry.act === 'result');
  const each = entries.flatMap(({ n, act, values, by, leaf }) => [
    `${n}. ${t(`log.${act}`, values)}`, t('scrutineer.file_by', { by: whoOf(by) }), t('scrutineer.file_leaf', { leaf }),
  ]);
  return [
    t('scrutineer.file_title') + (drill ? t('scrutineer.file_drill') : ''), t('scrutineer.file_meeting', { title, date: dateInWords(date), place }), t('scrutineer.file_code', { code }),
    '', ...each, '',
    t('scrutineer.file_head'), t('scrutineer.file_size', { n: head.size }), t('scrutineer.file_root', { root: head.root }),
    t('scrutineer.file_root_64', { root: base64(head.root) }), t('scrutineer.file_head_code', { code: head.code }),
    '', t('scrutineer.file_compare'), ...(archived ? [] : [t('scrutineer.file_longer', { n: head.size })]), t('scrutineer.file_leaves'),
  ];
}

/** Hands the file over in the language of the page. Nothing leaves for the server. @param {Ceremony} ceremony */
export function save(ceremony) {
  // The mark in front tells older editors that this is UTF-8.
  const bytes = new Blob([`\ufeff${linesOf(ceremony).join('\r\n')}\r\n`], { type: 'text/plain;charset=utf-8' });
  const address = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = address;
  link.lang = language();
  link.download = t('scrutineer.file_name', { date: ceremony.date, n: ceremony.head.size });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
