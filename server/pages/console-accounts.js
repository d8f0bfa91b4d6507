// The accounts: everybody signed in sees who there is; the office makes, closes, resets and opens them again.

import { t } from '/words.js';
import { act, ask, decide } from '/console-ask.js';
import { me } from '/console-entry.js';
import { $, element, keyed, write } from '/console-parts.js';

/** @typedef {{id: string, name: string, sign_in: string, role: string, active: boolean, waits: boolean, signed_in: boolean, failed: number}} Shown */

/** @type {Shown[]} */
let accounts = [];
/** @type {any} */
let last = null;

/** @param {Shown} account */
function standing({ active, waits, signed_in: here, failed }) {
  const parts = [t(!active ? 'staff.account_closed' : waits ? 'staff.account_waits' : here ? 'staff.account_here' : 'staff.account_active')];
  if (active && failed) parts.push(t('staff.account_failed', { n: failed }));
  return parts.join(t('console.comma'));
}

/** What the office can do with an account. @param {Shown} account */
function possible(account) {
  const own = me();
  if (!own || own.role !== 'office') return [];
  if (!account.active) return ['reopen'];
  return account.id === own.id ? [] : ['reset', 'close'];
}

/** Shown once, to be handed over. @param {string} name @param {string} signIn @param {string} code */
function handOver(name, signIn, code) {
  write($('handover-title'), t('staff.code_shown', { name }));
  write($('handover-sign-in'), signIn);
  write($('handover-code'), code);
  $('handover').showModal();
}

/** @param {string} what `close`, `reset` or `reopen` @param {string} id */
function change(what, id) {
  const account = /** @type {Shown} */ (accounts.find(each => each.id === id));
  const label = t('staff.account_do', { what: t(`staff.account_${what}`), name: account.name });
  decide({
    key: `account ${what}`,
    label,
    says: () => t(`staff.account_${what}_says`),
    work: async () => {
      const { code } = await ask(`staff/accounts/${what}`, { id });
      if (code) setTimeout(() => handOver(account.name, account.sign_in, code));
      return t('console.done', { act: label });
    },
  });
}

/** @param {any[]} history */
function drawHistory(history) {
  const lines = history.map(({ account, what, by }, i) => ({ key: String(i), text: t(`staff.history_${what}`, { account, by: by || t(i === 0 ? 'staff.history_self' : 'staff.history_machine') }) }));
  $('account-history').hidden = !lines.length;
  keyed($('account-changes'), lines.reverse(), line => line.key, () => element('li'), (made, line) => write(made, line.text));
}

/** @param {any} answer */
function draw({ accounts: list, history }) {
  accounts = list;
  // A drill's office is in no database, and has no pass-phrase to change.
  $('own-phrase').hidden = !accounts.some(account => account.id === (me() || {}).id);
  $('account-new').hidden = (me() || {}).role !== 'office';
  write($('accounts-title'), t('staff.accounts_of', { n: list.filter((/** @type {Shown} */ account) => account.active).length }));
  keyed($('accounts'), accounts, account => account.id, account => {
    const made = element('li');
    made.append(element('b'), ' ', element('span', '', 'role'), element('small'), element('p', '', 'row'));
    made.querySelector('.row')?.addEventListener('click', event => {
      const button = /** @type {HTMLElement} */ (event.target).closest('button');
      if (button) change(button.dataset.account || '', account.id);
    });
    return made;
  }, (made, account) => {
    made.dataset.active = String(account.active);
    write(made.querySelector('b'), account.name);
    write(made.querySelector('.role'), t(`staff.role_${account.role}`));
    write(made.querySelector('small'), `${account.sign_in}${t('console.semicolon')}${standing(account)}`);
    keyed(made.querySelector('.row'), possible(account), what => what, what => {
      const button = /** @type {HTMLButtonElement} */ (element('button'));
      button.type = 'button';
      button.dataset.account = what;
      return button;
    }, (button, what) => {
      write(button, t(`staff.account_${what}`));
      button.setAttribute('aria-label', t('staff.account_do', { what: t(`staff.account_${what}`), name: account.name }));
    });
  });
  drawHistory(history);
}

/** The list as it was last told, in the language of now. */
export function drawAccounts() {
  $('accounts-section').hidden = !last;
  if (last) draw(last);
}

/** Asks for the list again. A drill without accounts has none to show. */
export async function refreshAccounts() {
  last = await ask('staff/accounts').catch(() => null);
  drawAccounts();
}

export function accountsOn() {
  const fields = $('account-new-form').elements;
  const says = () => write($('account-role-says'), t(`staff.role_${fields.role.value}_says`));
  fields.role.addEventListener('change', says);
  document.addEventListener('language', says);
  says();
  $('account-new-form').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      const [name, role] = [fields.name.value.trim(), fields.role.value];
      const { sign_in: signIn, code } = await ask('staff/accounts/new', { name, sign_in: fields.sign_in.value, role });
      $('account-new-form').reset();
      says();
      $('account-new').open = false;
      handOver(name, signIn, code);
      return t('staff.account_made', { name });
    });
  });
  // Gone from the page with the dialog: it is nowhere else.
  const forget = () => { $('handover-code').textContent = ''; };
  $('handover').addEventListener('close', forget);
  $('handover-done').addEventListener('click', () => {
    forget();
    $('handover').close();
  });
}
