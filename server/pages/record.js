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

/** In the order of the regulation. */
const PARTS = ['cycle', 'officials', 'reports', 'choosing', 'assessments', 'questions', 'results', 'letters', 'corrections', 'use', 'due', 'calendar', 'trail'];
const AGAIN_MS = 3000;
const QUIET_MS = 30000;

/**
 * What a part gets.
 * @typedef {{cycles: any[], cycle: any, beginning: any, today: string, keeps: boolean, approves: boolean,
 *   read: (path: string) => Promise<any>, send: (path: string, body: any) => Promise<any>,
 *   go: (part: string, cycle?: string) => void}} Record
 *   `cycle`: the chosen one, or null; `beginning`: the policy of a new one; `read`, `send`: a path behind `/api/record/`.
 */

/** @type {any} */
let around = null;
/** @type {string|null} */
let chosen = null;

const read = (/** @type {string} */ path) => ask(`/api/record/${path}`);
const send = (/** @type {string} */ path, /** @type {any} */ body) => ask(`/api/record/${path}`, body);

const partNow = () => (PARTS.includes(location.hash.slice(1)) ? location.hash.slice(1) : around && around.cycles.length ? 'officials' : 'cycle');

/** @param {string} part @param {string} [cycle] */
function go(part, cycle) {
  if (cycle) chosen = cycle;
  if (location.hash === `#${part}`) look();
  else location.hash = part;
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
    read, send, go,
  }));
  if (mine !== drawing) return;
  const cycle = around.cycles.find((/** @type {any} */ each) => each.id === chosen);
  $('part').replaceChildren(element('p', [t('record.title'), cycle && cycle.title, around.today].filter(Boolean).join(' · '), 'print-only'), root);
  document.title = `${t(`record.tab_${part}`)} · ${t('record.page_title')}`;
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
  if (!around.cycles.some((/** @type {any} */ cycle) => cycle.id === chosen)) chosen = around.cycles.length ? around.cycles[0].id : null;
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
  drawFrame();
  drawPart().then(() => $('part').focus({ preventScroll: true }), tell);
});
write($('nobody'), t('record.not_yours'));
byLink().then(follow);
