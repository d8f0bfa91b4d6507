// The console: shows where the meeting stands and only the acts that are possible now. What is possible, and what each
// act does, the server says; the page asks once more before it acts. It keeps nothing: closed and opened again, it shows
// the same.

import { language, setLanguage, t } from '/words.js';
import { actOn, drawActs } from '/console-acts.js';
import { aloudOn, drawAloud } from '/console-aloud.js';
import { act, ask, isActing, listen, redraw, say } from '/console-ask.js';
import { contestsOn, drawContests } from '/console-contests.js';
import { drawCounts } from '/console-counts.js';
import { drawMeeting, meetingOn } from '/console-meeting.js';
import { $ } from '/console-parts.js';
import { drawPrepare, prepareOn } from '/console-prepare.js';

const AGAIN_MS = 2000;

/** @type {any} */
let state = null;
const now = () => state;

function showLogin() {
  state = null;
  $('login').hidden = false;
  $('desk').hidden = true;
  $('drill').hidden = true;
  for (const step of document.querySelectorAll('#phases li')) step.removeAttribute('aria-current');
  if ($('ask').open) $('ask').close();
}

/** While the server is away nothing can be pressed; what was last known stays. @param {boolean} here */
function reachable(here) {
  $('offline').hidden = here;
  $('desk').inert = !here;
  $('ask').inert = !here && !isActing();
}

async function refresh() {
  const { signed_in: signedIn } = await ask('session');
  if (!signedIn) return showLogin();
  state = await ask('state');
  $('login').hidden = true;
  $('desk').hidden = false;
  draw();
  redraw();
  return undefined;
}

function draw() {
  if (!state) return;
  const { live, frozen, alarms } = state;
  $('drill').hidden = !live.drill;
  for (const step of document.querySelectorAll('#phases li')) {
    if (/** @type {HTMLElement} */ (step).dataset.phase === state.meeting_state) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
  $('alarms').hidden = !alarms.length;
  if ($('alarms').textContent !== alarms.join('\n')) $('alarms').textContent = alarms.join('\n');
  $('prepare').hidden = Boolean(frozen);
  for (const name of ['frozen', 'facts-section']) $(name).hidden = !frozen;
  $('contests-section').hidden = !frozen || !frozen.windows.length;
  drawActs(state);
  drawMeeting(state);
  if (!frozen) drawPrepare(state);
  if (frozen && frozen.windows.length) drawContests(state);
  drawCounts(state);
  drawAloud(state);
}

let watching = false;
/** Follows the meeting; when the server is gone, asks until it is back. */
function watch() {
  if (watching) return;
  watching = true;
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/live`);
  let waiting = false;
  socket.onmessage = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      if (!isActing() && state) refresh().catch(() => {});
    }, 300);
  };
  socket.onclose = () => {
    watching = false;
    follow();
  };
}

/** Watches as soon as somebody is signed in and the server answers. */
function follow() {
  refresh().then(() => { if (state) watch(); else setTimeout(follow, AGAIN_MS); }, () => setTimeout(follow, AGAIN_MS));
}

/** @param {string} code */
const signIn = code => act(async () => {
  await ask('login', { code });
  $('login-code').value = '';
  return '';
});

/** The link that the program prints when it starts carries the code behind `#`, which no request sends. */
async function signInByLink() {
  const code = /^#code=(.+)$/.exec(location.hash);
  if (!code) return;
  history.replaceState(null, '', location.pathname + location.search);
  await signIn(decodeURIComponent(code[1]));
}

listen({
  settled: () => refresh().catch(() => {}),
  signedOut: showLogin,
  reachable,
});
actOn(now);
prepareOn(now);
contestsOn(now);
meetingOn();
aloudOn();
$('login').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  signIn($('login-code').value.trim());
});
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', () => {
  say('');
  draw();
});
window.addEventListener('hashchange', signInByLink);
document.title = t('console.page_title');
signInByLink().then(follow);
