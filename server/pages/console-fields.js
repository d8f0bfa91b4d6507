// What some acts ask to be filled in, and the arithmetic shown while it is typed.

import { language, noted, t } from '/words.js';
import { signedIn } from '/console-checkin.js';
import { element, number } from '/console-parts.js';

const REASONS = ['paper', 'lost', 'other'];
const TEXTS = ['text', 'reason', 'why'];

/** @param {string} label @param {HTMLElement} control */
function line(label, control) {
  const made = element('label', '');
  made.append(element('span', label), ' ', control);
  return made;
}

/** @param {string} name @param {Record<string, string>} more */
function input(name, more = {}) {
  const made = document.createElement('input');
  Object.assign(made, { name, required: true, autocomplete: 'off' }, more);
  return made;
}

/** @param {string} name of the field @param {any} state @returns {HTMLElement[]} */
function controls(name, state) {
  const label = t(`act.field_${name}`);
  if (name === 'reason') {
    const select = document.createElement('select');
    select.name = name;
    for (const reason of REASONS) {
      const option = /** @type {HTMLOptionElement} */ (element('option', t(`act.reason_${reason}`)));
      option.value = reason;
      select.append(option);
    }
    return [line(label, select)];
  }
  if (name === 'votes') {
    const options = state.live.scale.map((/** @type {any} */ option, /** @type {number} */ i) => {
      const shown = language() === 'en' ? option.en : option.zh;
      return line(shown, input(`votes-${i}`, { type: 'number', min: '0', step: '1', value: '0' }));
    });
    return [element('p', label, 'hint'), ...options];
  }
  if (name === 'text') return [line(label, input(name, { maxLength: '40', spellcheck: 'false', placeholder: 'XXXX-XXXX-XXXX-XXXX', className: 'typed' }))];
  const signed = name === 'present' ? signedIn(state) : null;
  if (signed !== null) return [line(label, input(name, { type: 'number', min: '0', step: '1', value: String(signed) })), element('p', t('checkin.prefilled', { n: signed }), 'hint')];
  const filled = name === 'lost' || name === 'invalid' ? { value: '0' } : {};
  return [line(label, input(name, { type: 'number', min: '0', step: '1', ...filled }))];
}

/** @param {string[]} fields @param {any} state @returns {HTMLElement[]} */
export const fieldsOf = (fields, state) => fields.flatMap(name => controls(name, state));

/** What was filled in, as the server takes it. @returns {Record<string, any>} */
export function filledIn() {
  const box = /** @type {HTMLElement} */ (document.getElementById('ask-fields'));
  /** @type {Record<string, any>} */
  const body = {};
  for (const control of box.querySelectorAll('input, select')) {
    const { name, value, type } = /** @type {HTMLInputElement} */ (control);
    if (type === 'radio') {
      if (/** @type {HTMLInputElement} */ (control).checked) body[name] = value;
    } else if (name.startsWith('votes-')) (body.votes = body.votes || []).push(Number(value));
    else if (name) body[name] = TEXTS.includes(name) ? value.trim() : Number(value);
  }
  return body;
}

/** @param {string} name @returns {number|null} */
export function typed(name) {
  const control = /** @type {HTMLInputElement|null} */ (document.querySelector(`#ask-fields [name="${name}"]`));
  return control && control.value.trim() !== '' ? Number(control.value) : null;
}

/** Heads against enrolments. @param {any} state */
function heads(state) {
  const [present, enrolled, expected] = [typed('present'), state.live.enrolled, state.live.expected];
  const values = { present: number(present), enrolled, expected };
  if (present === null) return { text: t('console.sum_heads', values), holds: true };
  const verdict = present < enrolled ? t('console.sum_heads_few', { n: enrolled - present })
    : present > expected ? t('console.sum_heads_many', { n: present - expected })
      : t('console.sum_heads_right', { n: present - enrolled });
  return { text: `${t('console.sum_heads', values)} ${verdict}`, holds: present >= enrolled && present <= expected };
}

/** Unused slips counted by hand against the record. @param {any} state */
function unused(state) {
  const { leaves, redeemed, voided } = state.frozen;
  const [counted, lost] = [typed('unused'), typed('lost') || 0];
  const expected = leaves - redeemed - voided;
  const values = { leaves, redeemed, voided, expected, counted: number(counted), lost, sum: counted === null ? '—' : counted + lost };
  const text = t('console.sum_unused', values);
  if (counted === null) return { text, holds: true };
  const off = counted + lost - expected;
  const verdict = off === 0 ? t('console.sum_right') : t(off < 0 ? 'console.sum_few' : 'console.sum_many', { n: Math.abs(off) });
  return { text: `${text} ${verdict}`, holds: off === 0 };
}

/** The arithmetic of an act's fields, if it has one. @param {string} act @param {() => any} now the state
 * @returns {(() => {text: string, holds: boolean})|undefined} */
export function sumOf(act, now) {
  if (act === 'window/close') return () => heads(now());
  if (act === 'enrolment/end') return () => unused(now());
  return undefined;
}

/** Why the meeting goes ahead without the assessments that the record misses. @param {any} state */
function unassessed(state) {
  const names = (state.review || { unassessed: [] }).unassessed;
  if (!names.length) return [];
  return [element('p', t('console.unassessed', { names: names.map(noted).join(t('console.comma')) }), 'warn'), line(t('act.field_why'), input('why', { maxLength: '200' }))];
}

/** Which address the slips will carry. @param {any} state @returns {HTMLElement[]} */
export function addressFields(state) {
  const addresses = state.addresses || [];
  if (!addresses.length) return [element('p', t('console.address_none'), 'warn'), ...unassessed(state)];
  const { protocol } = new URL(state.urls.phone);
  const choices = addresses.map((/** @type {{host: string, port: number}} */ { host, port }, /** @type {number} */ i) => {
    const made = element('label', '', 'line');
    const radio = input('host', { type: 'radio', value: host });
    radio.checked = i === 0;
    made.append(radio, ` ${protocol}//${host}:${port}/`);
    if (/^(127\.|localhost$|\[?::1\]?$)/.test(host)) made.append(element('em', ` ${t('console.address_loopback')}`));
    return made;
  });
  const port = line(t('console.address_port'), input('port', { type: 'number', min: '1', max: '65535', value: String(addresses[0].port) }));
  const box = document.createElement('fieldset');
  box.append(element('legend', t('console.address_choose')), ...choices, port, element('p', t('console.address_says'), 'hint'));
  return [box, ...unassessed(state)];
}
