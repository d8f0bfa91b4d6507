// Asking the server, and asking the person before anything is done. One act at a time: while one runs, none begins.

import { language, said, t } from '/words.js';
import { $, element, labelOf, write } from '/console-parts.js';

/**
 * @typedef {{key: string, label: string, says: () => string|null, list?: () => string[], fields?: HTMLElement[],
 *   sum?: () => {text: string, holds: boolean}|null, ready?: () => boolean, two?: boolean, work: () => Promise<string>}} Question
 *   `says`: what the act does, read anew whenever the state changes; null once the act is not possible any more.
 *   `ready`: whether what is filled in can be sent; what is refused would have to be typed again.
 */

/** Where 401 means that a code or pass-phrase was wrong, not that the session is over. */
const ENTERING = ['login', 'staff/first', 'staff/in', 'staff/code'];

let acting = false;
/** @type {Question|null} */
let question = null;
/** @type {() => Promise<void>|void} */
let settled = () => {};
/** @type {() => void} */
let signedOut = () => {};
/** @type {(gone: boolean) => void} */
let reachable = () => {};

/** @param {{settled: () => Promise<void>|void, signedOut: () => void, reachable: (gone: boolean) => void}} calls */
export function listen(calls) {
  ({ settled, signedOut, reachable } = calls);
}

export const isActing = () => acting;
export const isAsking = () => question !== null;

/** @param {string} text @param {boolean} [refused] */
export function say(text, refused = false) {
  $('message').textContent = text;
  $('message').dataset.kind = refused ? 'refused' : 'done';
  $('message').hidden = !text;
}

/** What an answer comes to: done, or waiting for a second person. @param {any} answer @param {string} title of the act */
export function outcomeOf(answer, title) {
  if (answer.request) return t('staff.request_sent', { act: title });
  const words = [t('console.done', { act: title })];
  if (answer.exclusion) words.push(t('console.done_spare', { kind: answer.exclusion }));
  if (answer.path) words.push(t('console.done_bundle', { path: answer.path }));
  return words.join('');
}

/** @param {string} path behind `/desk/`, or a whole one @param {any} [body] a read without one
 * @param {AbortSignal} [patience] how long an answer is waited for; without it as long as it takes */
export async function ask(path, body, patience) {
  const asking = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path.startsWith('/') ? path : `/desk/${path}`, { ...asking, signal: patience });
  } catch {
    reachable(false);
    throw Object.assign(new Error(t('console.no_answer')), { answer: {} });
  }
  reachable(true);
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && !ENTERING.includes(path)) signedOut();
  const why = [answer.error, answer.what_to_do].filter(Boolean).map(text => said(text)).join(' ') || t('console.no_answer');
  throw Object.assign(new Error(why), { answer, status: response.status });
}

/** Does one thing and says how it went. @param {() => Promise<string>} work */
export async function act(work) {
  if (acting) return;
  acting = true;
  document.body.setAttribute('aria-busy', 'true');
  /** @type {[string, boolean]} */
  let outcome = ['', false];
  try {
    outcome = [await work(), false];
  } catch (error) {
    outcome = [/** @type {Error} */ (error).message, true];
  }
  try {
    await settled();
  } finally {
    acting = false;
    document.body.removeAttribute('aria-busy');
    say(...outcome);
  }
}

/** Shows the question as it stands now: the numbers in it may have changed. */
export function redraw() {
  if (!question || acting) return;
  const says = question.says();
  write($('ask-consequence'), says === null ? t('console.not_possible_now') : says);
  const list = question.list ? question.list() : [];
  $('ask-list').hidden = !list.length;
  if ($('ask-list').childElementCount !== list.length || [...$('ask-list').children].some((li, i) => li.textContent !== list[i])) {
    $('ask-list').replaceChildren(...list.map(text => element('li', text)));
  }
  const sum = question.sum ? question.sum() : null;
  $('ask-sum').hidden = !sum;
  if (sum) {
    write($('ask-sum'), `${sum.holds ? '✓' : '✗'} ${sum.text}`);
    $('ask-sum').dataset.holds = String(sum.holds);
  }
  $('ask-yes').disabled = says === null || Boolean(question.ready && !question.ready());
}

/** Opens the question; nothing is done before yes. @param {Question} asked */
export function decide(asked) {
  if (acting || question) return;
  question = asked;
  $('ask-label').textContent = asked.label;
  $('ask-yes').textContent = asked.label;
  $('ask-fields').replaceChildren(...(asked.fields || []));
  $('ask-two').hidden = !asked.two;
  $('ask-busy').hidden = true;
  $('ask').lang = language();
  redraw();
  $('ask').showModal();
  const first = $('ask-fields').querySelector('input:checked, input:not([type="radio"]), select');
  (first || $('ask-no')).focus();
}

function close() {
  question = null;
  if ($('ask').open) $('ask').close();
}

function askOn() {
  $('ask-form').addEventListener('submit', async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!question || acting || $('ask-yes').disabled) return;
    // Pressed twice, done once.
    const { work } = question;
    for (const button of [$('ask-yes'), $('ask-no')]) button.disabled = true;
    $('ask-busy').hidden = false;
    try {
      await act(work);
    } finally {
      for (const button of [$('ask-yes'), $('ask-no')]) button.disabled = false;
      close();
    }
  });
  $('ask-no').addEventListener('click', close);
  $('ask').addEventListener('cancel', (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!acting) close();
  });
  $('ask').addEventListener('close', () => { if (!acting) question = null; });
  $('ask-fields').addEventListener('input', redraw);
}

// A page that asks in its own way has none.
if ($('ask')) askOn();

/** The question of an act that the server offers. @param {import('/console-parts.js').Offer} offer @param {string} [about] */
export const titleOf = (offer, about = '') => labelOf(offer) + (about ? t('console.colon') + about : '');
