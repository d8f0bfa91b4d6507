// Coming in: the first account, a drill's code, name and pass-phrase, or a one-time code. One form; what it asks for is
// what the server says it can use.

import { dress, t } from '/words.js';
import { act, ask, say } from '/console-ask.js';
import { $, element, write } from '/console-parts.js';
import { setRights } from '/console-rights.js';

/** @typedef {'first'|'drill'|'in'|'code'} Way */
/** @typedef {{id: string, name: string, sign_in: string, role: string, failed_before: number, left: number}} Account */

/** What each way asks for, and where it is sent. */
const WAYS = /** @type {Record<Way, {asks: string[], path: string}>} */ ({
  first: { asks: ['code', 'name', 'sign-in', 'phrase', 'phrase-2'], path: 'staff/first' },
  drill: { asks: ['code'], path: 'login' },
  in: { asks: ['sign-in', 'phrase'], path: 'staff/in' },
  code: { asks: ['sign-in', 'code', 'phrase', 'phrase-2'], path: 'staff/code' },
});

/** The form's fields, with what stands before and behind each; what depends on the way is written later. */
const INPUTS = /** @type {{name: string, word: string, says?: string, more: Record<string, any>}[]} */ ([
  { name: 'code', word: '', more: { autocomplete: 'off' } },
  { name: 'name', word: 'staff.name', says: 'staff.name_says', more: { autocomplete: 'name', maxLength: 40 } },
  { name: 'sign-in', word: 'staff.sign_in_name', more: { autocomplete: 'username', autocapitalize: 'off', maxLength: 48 } },
  { name: 'phrase', word: '', more: { type: 'password', autocapitalize: 'off' } },
  { name: 'phrase-2', word: 'staff.phrase_again', more: { type: 'password', autocomplete: 'new-password', autocapitalize: 'off' } },
]);

const FIELDS = INPUTS.map(({ name }) => name);

/** @type {Way} */
let way = 'in';
/** Somebody has pressed “I have a one-time code”. */
let byCode = false;
/** Whether this page has had an answer about who is signed in. */
let asked = false;
/** @type {Account|null} */
let account = null;

/** Who is signed in here. */
export const me = () => account;

/** Asks who is signed in; prepares the form if nobody is. @returns {Promise<Account|null>} */
export async function askWho() {
  const answer = await ask('staff/me');
  account = answer.signed_in ? answer.account : null;
  setRights(answer.rights || {});
  if (!account) {
    way = answer.printed_code || (byCode ? 'code' : 'in');
    drawEntry();
  }
  asked = true;
  return account;
}

/** @param {string} name */
const field = name => /** @type {HTMLInputElement} */ ($(`login-${name}`));

/** Makes the form, which every page of the office has and none writes out. */
function makeForm() {
  const part = (/** @type {string} */ tag, /** @type {string} */ id, /** @type {Record<string, any>} */ more = {}, /** @type {string} */ word = '') => {
    const made = Object.assign(element(tag), id && { id: `login-${id}` }, more);
    if (word) made.dataset.t = word;
    return made;
  };
  const line = (/** @type {HTMLElement} */ made, /** @type {(Node|string)[]} */ ...inside) => { made.append(...inside); return made; };
  const fields = INPUTS.map(({ name, word, says, more }) => line(element('label'),
    part('span', word ? '' : `${name}-label`, {}, word), part('input', name, { spellcheck: false, required: true, ...more }), ...(says ? [part('small', '', {}, says)] : [])));
  const busy = part('p', 'busy', { hidden: true }, 'staff.waiting');
  busy.setAttribute('role', 'status');
  $('login').append(
    part('h2', 'title'), part('p', 'says'), ...fields,
    line(part('label', 'show-line', { className: 'line' }), part('input', 'show', { type: 'checkbox' }), ' ', part('span', '', {}, 'staff.phrase_show')),
    part('p', 'rule', { className: 'hint' }, 'staff.phrase_rule'),
    line(element('p', '', 'row'), part('button', 'do'), ' ', part('button', 'other', { type: 'button' })),
    busy,
    part('p', 'wait', { className: 'warn', hidden: true }, 'staff.wait_says'),
    part('p', 'forgot', { className: 'hint' }, 'staff.forgot'),
  );
  dress($('login'));
}

function drawEntry() {
  const { asks } = WAYS[way];
  $('login').dataset.way = way;
  write($('login-title'), t(`staff.${{ first: 'first_title', drill: 'sign_in_title', in: 'sign_in_title', code: 'code_title' }[way]}`));
  write($('login-says'), t(`staff.${{ first: 'first_says', drill: 'drill_says', in: 'in_says', code: 'code_says' }[way]}`));
  write($('login-do'), t(`staff.${{ first: 'first_do', drill: 'sign_in', in: 'sign_in', code: 'code_do' }[way]}`));
  write($('login-code-label'), t(way === 'code' ? 'staff.one_time_code' : 'staff.printed_code'));
  write($('login-phrase-label'), t(asks.includes('phrase-2') ? 'staff.phrase_new' : 'staff.phrase'));
  for (const name of FIELDS) {
    const input = field(name);
    /** @type {HTMLElement} */ (input.closest('label')).hidden = !asks.includes(name);
    // What is not asked for is neither required nor sent.
    input.disabled = !asks.includes(name);
  }
  field('phrase').autocomplete = asks.includes('phrase-2') ? 'new-password' : 'current-password';
  $('login-show-line').hidden = !asks.includes('phrase');
  $('login-rule').hidden = !asks.includes('phrase-2');
  $('login-other').hidden = way === 'first' || way === 'drill';
  write($('login-other'), t(way === 'code' ? 'staff.have_phrase' : 'staff.have_code'));
  $('login-forgot').hidden = way !== 'in';
}

/** Nothing typed stays behind. */
function forget() {
  for (const name of FIELDS) field(name).value = '';
  field('show').checked = false;
  showPhrase();
}

function showPhrase() {
  for (const name of ['phrase', 'phrase-2']) field(name).type = field('show').checked ? 'text' : 'password';
}

function enter() {
  const [code, name, signIn, phrase, again] = FIELDS.map(each => field(each).value);
  const bodies = {
    first: { code: code.trim(), name, sign_in: signIn, phrase },
    drill: { code: code.trim() },
    in: { sign_in: signIn, phrase },
    code: { sign_in: signIn, code: code.trim(), phrase },
  };
  if (WAYS[way].asks.includes('phrase-2') && phrase !== again) {
    say(t('staff.phrase_differs'), true);
    field('phrase-2').focus();
    return undefined;
  }
  $('login-busy').hidden = false;
  $('login-do').disabled = true;
  return act(async () => {
    try {
      const { account: entered } = await ask(WAYS[way].path, bodies[way]);
      forget();
      byCode = false;
      $('login-wait').hidden = true;
      const failed = (entered || {}).failed_before;
      return failed ? t('staff.failed_before', { n: failed }) : '';
    } catch (error) {
      // The next answer takes longer: said before it is waited for.
      if ([401, 429].includes(/** @type {any} */ (error).status)) $('login-wait').hidden = false;
      throw error;
    } finally {
      $('login-busy').hidden = true;
      $('login-do').disabled = false;
    }
  });
}

/** The link that the program prints when it starts carries the code behind `#`, which no request sends. */
export async function byLink() {
  const found = /^#code=(.+)$/.exec(location.hash);
  if (!found) return;
  history.replaceState(null, '', location.pathname + location.search);
  const who = await askWho().catch(() => null);
  if (who || !asked) return;
  if (way === 'drill' || way === 'first') field('code').value = decodeURIComponent(found[1]);
  if (way === 'drill') await enter();
  else if (way === 'first') field('name').focus();
  else say(t('staff.link_spent'));
}

/** @param {boolean} shown */
export function showEntry(shown) {
  const before = $('login').hidden;
  $('login').hidden = !shown;
  if (!shown || !before) return;
  const first = FIELDS.map(field).find(input => !input.disabled && !input.value);
  if (first) first.focus();
}

export function entryOn() {
  makeForm();
  $('login').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    enter();
  });
  $('login-other').addEventListener('click', () => {
    byCode = way !== 'code';
    way = byCode ? 'code' : 'in';
    drawEntry();
    field('sign-in').focus();
  });
  field('show').addEventListener('change', showPhrase);
  document.addEventListener('language', drawEntry);
  drawEntry();
}
