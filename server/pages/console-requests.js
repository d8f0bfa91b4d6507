// What waits for a second person: everybody signed in sees it, whoever may confirms it here, whoever asked withdraws it.

import { said, t } from '/words.js';
import { act, ask, isActing, say } from '/console-ask.js';
import { $, element, keyed, labelOf, liveOf, nameOf, saysOf, write } from '/console-parts.js';

const AGAIN_MS = 2000;
/** How many ends of own requests stay in view. */
const SHOWN = 3;

/** @typedef {{id: string, act: string, says: string, values: any, by: {name: string, role: string}, left: number, mine: boolean, may_confirm: boolean, why_not: string|null}} Request */

/** @type {() => any} */
let now = () => null;
/** Ended requests that the page knew from the start. @type {Set<string>|null} */
let known = null;
/** @type {any[]} */
let ends = [];
/** @type {any} */
let last = { pending: [], ended: [] };

/** The act and which items it is about. @param {Request} request */
function titleOf({ act: name, values }) {
  const contests = (values && values.contests) || [];
  const label = labelOf({ act: name });
  if (contests.length > 1) return t('console.bulk_title', { act: label, n: contests.length });
  return label + (contests.length && now() ? t('console.colon') + nameOf(liveOf(now(), contests[0])) : '');
}

/** What happens to each of several items. @param {Request} request @returns {string[]} */
function eachOf({ values }) {
  const { contests = [], each = [] } = values || {};
  if (contests.length < 2 || contests.length !== each.length) return [];
  return each.map((/** @type {any} */ own, /** @type {number} */ i) => `${nameOf(liveOf(now(), contests[i]))}${t('console.colon')}${saysOf(own)}`);
}

/** @param {Request} request */
function make({ id, mine }) {
  const made = element('li');
  const buttons = element('p', '', 'row');
  for (const [name, word] of [['confirm', 'request_confirm'], ['withdraw', 'request_withdraw']]) {
    const button = /** @type {HTMLButtonElement} */ (element('button', '', name));
    Object.assign(button, { type: 'button', hidden: mine !== (name === 'withdraw') });
    button.dataset.word = word;
    button.addEventListener('click', () => answer(name, id));
    buttons.append(button);
  }
  made.append(element('h3'), element('p', '', 'says'), element('ul', '', 'each'), element('p', '', 'by'), element('p', '', 'why'), buttons);
  return made;
}

/** @param {HTMLElement} made @param {Request} request */
function update(made, request) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (made.querySelector(selector));
  const { by, left, mine, may_confirm: may, why_not: whyNot } = request;
  made.dataset.may = String(may);
  write(part('h3'), titleOf(request));
  const each = now() ? eachOf(request) : [];
  write(part('.says'), each.length ? '' : saysOf(request));
  part('.each').hidden = !each.length;
  part('.each').tabIndex = 0;
  keyed(part('.each'), each.map((text, i) => ({ text, key: String(i) })), line => line.key, () => element('li'), (li, line) => write(li, line.text));
  const time = t('staff.request_left', { minutes: Math.floor(left / 60), seconds: String(left % 60).padStart(2, '0') });
  write(part('.by'), [t('staff.request_by', { name: by.name, role: t(`staff.role_${by.role}`) }), time].join(t('console.semicolon')));
  write(part('.why'), mine ? t('staff.request_mine') : may ? '' : said(whyNot || ''));
  part('.why').hidden = !mine && may;
  for (const button of made.querySelectorAll('button')) write(button, t(`staff.${button.dataset.word}`));
  part('.confirm').hidden = !may;
  part('.withdraw').hidden = !mine;
}

/** @param {string} how @param {string} id */
function answer(how, id) {
  const request = last.pending.find((/** @type {Request} */ each) => each.id === id);
  if (!request) return;
  const title = titleOf(request);
  act(async () => {
    const { exclusion, path } = await ask(`staff/requests/${how}`, { id });
    if (how === 'withdraw') return t('staff.withdrawn', { act: title });
    return t('console.done', { act: title }) + (exclusion ? t('console.done_spare', { kind: exclusion }) : '') + (path ? t('console.done_bundle', { path }) : '');
  });
}

/** How an own request ended. @param {any} end */
const endWords = end => `${labelOf(end)}${t('console.colon')}${t(`staff.ended_${end.how}`, { by: end.by || '', why: said(end.why || '') })}`;

export function drawRequests() {
  const { pending } = last;
  $('requests').hidden = !pending.length && !ends.length;
  const mayConfirm = pending.filter((/** @type {Request} */ request) => request.may_confirm).length;
  const news = mayConfirm ? t('staff.requests_yours', { n: mayConfirm }) : pending.length ? t('staff.requests_wait', { n: pending.length }) : '';
  write($('requests-news'), news);
  write($('requests-title'), t(pending.length ? 'staff.requests_title' : 'staff.requests_ended'));
  $('ended-read').hidden = !ends.length;
  // Whoever has scrolled down, or looks at another tab, sees it too.
  $('requests-link').hidden = !mayConfirm;
  write($('requests-link'), t('staff.requests_link', { n: mayConfirm }));
  document.title = (mayConfirm ? `(${mayConfirm}) ` : '') + t('console.page_title');
  $('requests').dataset.may = String(mayConfirm > 0);
  keyed($('pending'), pending, (/** @type {Request} */ request) => request.id, make, update);
  keyed($('ended'), ends, end => end.id, () => element('li'), (made, end) => {
    write(made, endWords(end));
  });
}

/** @returns {Promise<boolean>} whether something has come or gone */
export async function refreshRequests() {
  const before = last.pending.map((/** @type {Request} */ request) => request.id).join();
  last = await ask('staff/requests');
  const fresh = last.ended.filter((/** @type {any} */ end) => !known || !known.has(end.id));
  const first = !known;
  known = new Set([...(known || []), ...last.ended.map((/** @type {any} */ end) => end.id)]);
  // What ended before this page was opened is no news.
  if (!first) ends = [...ends, ...fresh].slice(-SHOWN);
  const waiting = new Set(last.pending.map((/** @type {Request} */ request) => request.id));
  if (last.pending.some((/** @type {Request} */ request) => request.mine && !before.includes(request.id))) ends = [];
  drawRequests();
  // "Not done yet" may still stand in the line that is always in view.
  const end = first || isActing() ? undefined : fresh.at(-1);
  if (end) say(endWords(end), end.how !== 'confirmed');
  return [...waiting].join() !== before;
}

/** Nobody is signed in: nothing is known of requests. */
export function forgetRequests() {
  [known, ends, last] = [null, [], { pending: [], ended: [] }];
  drawRequests();
}

/** @param {() => any} state @param {() => Promise<any>} refresh */
export function requestsOn(state, refresh) {
  now = state;
  $('ended-read').addEventListener('click', () => {
    ends = [];
    drawRequests();
  });
  let busy = false;
  setInterval(async () => {
    if (busy || !now() || isActing()) return;
    busy = true;
    try {
      if (await refreshRequests()) await refresh();
    } catch { /* the banner says that the server is away, or the sign-in form that the session is over */ }
    busy = false;
  }, AGAIN_MS);
}

