// The review record: a frame around its parts. Each part is a module of its own, `record-<part>.js`, that exports
// `draw(root, record)`; the tab's word is `record.tab_<part>`. The frame signs in, chooses the cycle, and draws the part
// again whenever something was changed.

import { language, said, setLanguage, t } from '/words.js';
import { ask, listen, say } from '/console-ask.js';
import { askWho, byLink, entryOn, me, showEntry } from '/console-entry.js';
import { $, element, write } from '/console-parts.js';
import { mayAlone } from '/console-rights.js';
import { drawWho, hereOn } from '/console-staff.js';
import { formsOn } from '/record-forms.js';

/** What is due comes first, then the order of the regulation. */
const PARTS = ['due', 'cycle', 'officials', 'timeline', 'reports', 'choosing', 'assessments', 'questions', 'results', 'letters', 'corrections', 'use', 'calendar', 'trail', 'retention'];
const AGAIN_MS = 3000;
const QUIET_MS = 30000;

/**
 * What a part gets.
 * @typedef {{cycles: any[], cycle: any, beginning: any, today: string, keeps: boolean, approves: boolean,
 *   read: (path: string) => Promise<any>, send: (path: string, body: any) => Promise<any>,
 *   state: typeof state, go: (part: string, cycle?: string) => void}} Record
 *   `cycle`: the chosen one, or null; `beginning`: the policy of a new one; `read`, `send`: a path behind `/api/record/`;
 *   `state`: what the address says behind the part's name, so that a link shows the same.
 */

/** @type {any} */
let around = null;
/** @type {string|null} */
let chosen = null;

const read = (/** @type {string} */ path) => ask(`/api/record/${path}`);
const send = (/** @type {string} */ path, /** @type {any} */ body) => ask(`/api/record/${path}`, body);

const named = () => location.hash.slice(1).split('?')[0];
const partNow = () => (PARTS.includes(named()) ? named() : around && around.cycles.length ? 'due' : 'cycle');

/** What stands in the address behind the part: `#due?what=report&unit=…`. */
const state = {
  /** @param {string} name */
  get: name => new URLSearchParams(location.hash.split('?')[1] || '').get(name) || '',
  /** Writes it without drawing anything; an empty value leaves the address. @param {{[name: string]: string}} values */
  set(values) {
    const all = new URLSearchParams(location.hash.split('?')[1] || '');
    for (const [name, value] of Object.entries(values)) {
      if (value) all.set(name, value);
      else all.delete(name);
    }
    const text = String(all);
    history.replaceState(null, '', `#${partNow()}${text && `?${text}`}`);
  },
};

/** @param {string} part @param {string} [cycle] */
function go(part, cycle) {
  if (cycle) chosen = cycle;
  if (location.hash === `#${part}`) look();
  else location.hash = part;
}

/** The cycle that the address names, if the record has it. */
function choose() {
  const asked = state.get('cycle');
  const has = (/** @type {string|null} */ id) => around.cycles.some((/** @type {any} */ cycle) => cycle.id === id);
  if (has(asked)) chosen = asked;
  else if (!has(chosen)) chosen = around.cycles.length ? around.cycles[0].id : null;
}

/** Goes to the official whom a link names, wherever the part has him. @param {HTMLElement} root */
async function goTo(root) {
  const dossier = state.get('dossier');
  if (!dossier || !chosen || partNow() === 'timeline') return;
  const all = await read(`cycles/${chosen}/dossiers`);
  const whose = all.find((/** @type {any} */ each) => each.id === dossier);
  const found = whose && [...root.querySelectorAll('.person')].find(box => {
    const [name, place] = [box.querySelector('b'), box.querySelector('small')];
    return name && name.textContent === whose.name && (!place || (place.textContent || '').startsWith(whose.unit));
  });
  const place = found && /** @type {HTMLElement} */ (found.closest('tr, article') || found);
  if (!place) return;
  place.classList.add('meant');
  place.scrollIntoView({ block: 'center' });
}

function drawFrame() {
  const part = partNow();
  $('tabs').replaceChildren(...PARTS.map(name => {
    const tab = /** @type {HTMLAnchorElement} */ (element('a', t(`record.tab_${name}`)));
    tab.href = `#${name}`;
    if (name === part) tab.setAttribute('aria-current', 'page');
    return tab;
  }));
  $('cycle-choice').hidden = !around.cycles.length;
  $('cycle').replaceChildren(...around.cycles.map((/** @type {any} */ cycle) => {
    const option = /** @type {HTMLOptionElement} */ (element('option', cycle.closed ? t('record.cycle_closed', { title: cycle.title }) : cycle.title));
    option.value = cycle.id;
    option.selected = cycle.id === chosen;
    return option;
  }));
  $('faults').hidden = !around.faults.length;
  $('fault-list').replaceChildren(...around.faults.map((/** @type {string} */ fault) => element('li', said(fault))));
}

/** Only the newest drawing stays. */
let drawing = 0;

async function drawPart() {
  const mine = (drawing += 1);
  // Until it is false again, what stands there may be of another part, another language or another moment.
  $('part').setAttribute('aria-busy', 'true');
  try {
    await drawNow(mine);
  } finally {
    if (mine === drawing) $('part').setAttribute('aria-busy', 'false');
  }
}

/** @param {number} mine */
async function drawNow(mine) {
  const part = partNow();
  const root = element('section', '', 'part');
  root.id = `part-${part}`;
  const role = (me() || { role: '' }).role;
  const { draw } = await import(`/record-${part}.js`);
  await draw(root, /** @type {Record} */ ({
    ...around,
    cycle: around.cycles.find((/** @type {any} */ cycle) => cycle.id === chosen) || null,
    keeps: mayAlone('record/keep', role) && !around.faults.length,
    approves: mayAlone('record/approve', role) && !around.faults.length,
    read, send, state, go,
  }));
  if (mine !== drawing) return;
  $('part').replaceChildren(printHead(), root);
  document.title = `${t(`record.tab_${part}`)} · ${t('record.page_title')}`;
  await goTo(root).catch(() => {});
}

/** What paper says at its top: which record, which year, and as of when. */
function printHead() {
  const cycle = around.cycles.find((/** @type {any} */ each) => each.id === chosen);
  const head = element('div', '', 'print-only');
  const printed = element('span');
  printed.id = 'printed';
  head.append(element('b', [t('record.title'), cycle && cycle.title].filter(Boolean).join(' · ')), printed);
  return head;
}

function printed() {
  const place = document.getElementById('printed');
  if (!place) return;
  const now = new Date(Date.now() + 8 * 3600e3).toISOString();
  const who = me();
  write(place, t('record.printed_at', { at: `${now.slice(0, 10)} ${now.slice(11, 16)}`, who: who ? who.name : '' }));
}

/** Looks again at everything and draws it. */
async function look() {
  const account = await askWho();
  showEntry(!account);
  drawWho();
  const reads = Boolean(account) && mayAlone('record', /** @type {any} */ (account).role);
  $('nobody').hidden = !account || reads;
  $('desk').hidden = !reads;
  if (!reads) {
    around = null;
    $('part').replaceChildren();
    $('cycle-choice').hidden = $('faults').hidden = true;
    if ($('form').open) $('form').close();
    return;
  }
  around = await read('cycles');
  choose();
  drawFrame();
  await drawPart();
}

const tell = (/** @type {any} */ error) => say(error.message, true);

/** Until the server answers. */
function follow() {
  look().catch(error => {
    tell(error);
    setTimeout(follow, AGAIN_MS);
  });
}

listen({
  settled: () => look().catch(() => {}),
  signedOut: () => { if (around) { around = null; look().then(() => say(t('staff.signed_out_idle')), () => {}); } },
  reachable: here => {
    $('offline').hidden = here;
    $('desk').inert = !here;
  },
});
entryOn();
hereOn();
formsOn(look);
setInterval(() => { if (around) askWho().then(account => { if (account) drawWho(); else follow(); }, () => {}); }, QUIET_MS);
$('cycle').addEventListener('change', () => {
  chosen = $('cycle').value;
  state.set({ cycle: chosen === around.cycles[0].id ? '' : chosen || '', dossier: '' });
  drawFrame();
  drawPart().catch(tell);
});
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', () => {
  say('');
  drawWho();
  if (!around) return;
  drawFrame();
  drawPart().catch(tell);
});
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#code=')) { byLink(); return; }
  say('');
  if (!around) return;
  choose();
  drawFrame();
  drawPart().then(() => $('part').focus({ preventScroll: true }), tell);
});
window.addEventListener('beforeprint', printed);
write($('nobody'), t('record.not_yours'));
byLink().then(follow);
