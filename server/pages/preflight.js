// The evening before, on a phone that has scanned the console's code: shows that the round trip comes back, and that
// this browser has what voting needs. It tells the server neither what it is nor where; it keeps nothing.

import { language, setLanguage, t } from '/words.js';

/** Longest wait for one answer. */
const PATIENCE_MS = 12000;
/** The smallest module that there is: eight bytes that every browser with WebAssembly takes. */
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** @param {string} id */
const $ = id => /** @type {any} */ (document.getElementById(id));

/** @typedef {{state: string, said: string, more: string, values: Record<string, unknown>, lacks: string[], p50: string}} Shown */
/** @type {Shown} */
const shown = { state: 'testing', said: 'testing', more: '', values: {}, lacks: [], p50: '' };

function draw() {
  document.body.dataset.state = shown.state;
  $('mark').textContent = shown.state === 'testing' ? '' : shown.state === 'done' ? '✓' : '✗';
  $('said').textContent = t(`preflight_phone.${shown.said}`);
  $('more').textContent = shown.more ? t(`preflight_phone.${shown.more}`, shown.values) : '';
  $('trips').textContent = shown.p50 ? t('preflight_phone.trips', { p50: shown.p50 }) : '';
  const what = shown.lacks.map(need => (need === 'random' ? t('preflight_phone.random') : need)).join(', ');
  const fit = shown.lacks.length ? t('preflight_phone.unfit_what', { what }) : t('preflight_phone.fit');
  $('fit').textContent = shown.state === 'done' || shown.state === 'unfit' ? fit : '';
  $('again').hidden = shown.state !== 'failed';
}

/** @param {string} more */
function fail(more) {
  Object.assign(shown, { state: 'failed', said: 'failed', more, p50: '' });
  draw();
}

/** What the voting page needs and this browser lacks. */
async function lacking() {
  const needed = { WebAssembly: window.WebAssembly && WebAssembly.instantiate, fetch: window.fetch, WebSocket: window.WebSocket,
    TextDecoder: window.TextDecoder && window.TextEncoder, getRandomValues: window.crypto && crypto.getRandomValues };
  const lacks = Object.keys(needed).filter(name => !needed[/** @type {keyof typeof needed} */ (name)]);
  if (!lacks.includes('getRandomValues')) {
    const two = [0, 1].map(() => String(crypto.getRandomValues(new Uint8Array(16))));
    if (two[0] === two[1]) lacks.push('random');
  }
  if (!lacks.includes('WebAssembly')) await WebAssembly.instantiate(EMPTY, {}).catch(() => lacks.push('WebAssembly'));
  return lacks;
}

/** The tail that makes the printed code as dense as a slip's is overlooked. */
const nonce = () => location.hash.slice(1).split('.')[0];

/** @param {string[]} lacks */
function measure(lacks) {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/preflight/echo`);
  /** @type {number[]} */
  const trips = [];
  let sent = 0;
  let over = false;
  /** @type {number} */
  let waiting;
  const end = () => { over = true; clearTimeout(waiting); socket.close(); };
  const patience = () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => { if (!over) { end(); fail('lost'); } }, PATIENCE_MS);
  };
  /** @param {unknown} what */
  const say = what => { sent = performance.now(); socket.send(JSON.stringify(what)); };
  patience();
  socket.onopen = () => say({ nonce: nonce() });
  socket.onmessage = event => {
    const told = JSON.parse(event.data);
    patience();
    if (told.counter || told.tell) trips.push(performance.now() - sent);
    if (told.counter) say({ counter: told.counter });
    else if (told.tell) say({ now: Date.now(), lacks });
    else {
      end();
      if (told.refused) { fail(`refused_${told.refused}`); return; }
      trips.sort((a, b) => a - b);
      const p50 = Math.max(1, Math.round(trips[Math.floor(trips.length / 2)]));
      const [state, said] = lacks.length ? ['unfit', 'unfit'] : ['done', 'done'];
      Object.assign(shown, { state, said, more: 'done_says', values: { n: told.done }, lacks, p50: String(p50) });
      draw();
    }
  };
  socket.onclose = () => { if (!over) { end(); fail('lost'); } };
}

async function begin() {
  Object.assign(shown, { state: 'testing', said: 'testing', more: '', lacks: [], p50: '' });
  draw();
  if (!nonce()) { fail('no_code'); return; }
  const lacks = await lacking();
  if (lacks.includes('WebSocket')) {
    Object.assign(shown, { state: 'unfit', said: 'unfit', lacks });
    draw();
    return;
  }
  measure(lacks);
}

$('stuck').remove();
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
$('again').addEventListener('click', begin);
document.addEventListener('language', draw);
window.addEventListener('hashchange', begin);
begin();
