// The trail: who did what, when and why; and the head that documents print.

import { t } from '/words.js';
import { element } from '/console-parts.js';
import { row, table } from '/record-forms.js';

/** @param {any} what */
function changed(what) {
  const box = element('div');
  if (!what) {
    box.append(element('p', t('record.t_erased')));
    return box;
  }
  if (what.why) box.append(element('p', t('record.t_why', { why: what.why })));
  const fields = Object.keys(what.fields || {});
  if (fields.length) box.append(element('p', t('record.t_fields', { fields: fields.join(', ') })));
  return box;
}

/** @param {HTMLElement} root @param {import('/record.js').Record} record */
export async function draw(root, record) {
  const { head, faults, entries } = await record.read('trail');
  root.append(element('h2', t('record.tab_trail')), element('p', t('record.t_says')));
  root.append(element('p', t(faults.length ? 'record.t_broken' : 'record.t_fits', { n: head[0] })), element('p', head[1], 'code'));
  const heads = ['t_number', 't_at', 't_who', 't_act', 't_what'].map(word => t(`record.${word}`));
  root.append(table(t('record.tab_trail'), heads, entries.slice(0, 500).map((/** @type {any} */ entry) => row([
    String(entry.number), entry.at.slice(0, 16).replace('T', ' '), entry.who, `${entry.act} · ${entry.kind} ${entry.id}`, changed(entry.what),
  ]))));
}
