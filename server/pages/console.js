// The console: shows where the meeting stands and only the acts that are possible now. What is possible, and what each
// act does, the server says; the page asks once more before it acts. It keeps nothing: closed and opened again, it shows
// the same.

import { language, said, setLanguage, t } from '/words.js';
import { accountsOn, drawAccounts, refreshAccounts } from '/console-accounts.js';
import { actOn, drawActs } from '/console-acts.js';
import { aloudOn, drawAloud } from '/console-aloud.js';
import { ask, isActing, listen, redraw, say } from '/console-ask.js';
import { checkinOn, drawCheckin } from '/console-checkin.js';
import { contestsOn, drawContests } from '/console-contests.js';
import { drawCounts } from '/console-counts.js';
import { askWho, byLink, entryOn, me, showEntry } from '/console-entry.js';
import { drawHelp, helpOn } from '/console-desk-help.js';
import { drawMeeting, meetingOn } from '/console-meeting.js';
import { drawPapers, forgetPapers, papersOn } from '/console-paper.js';
import { $, write } from '/console-parts.js';
import { drawPrepare, prepareOn } from '/console-prepare.js';
import { drawQuorum, quorumOn } from '/console-quorum.js';
import { drawRequests, forgetRequests, refreshRequests, requestsOn } from '/console-requests.js';
import { offeredTo } from '/console-rights.js';
import { drawWho, staffOn } from '/console-staff.js';

const AGAIN_MS = 2000;
/** How often the page asks how long the session still lasts, with all that changes beside the meeting. */
const QUIET_MS = 30000;

/** @type {any} */
let state = null;
const now = () => state;

function showLogin() {
  const ended = Boolean(state);
  state = null;
  showEntry(true);
  drawWho();
  forgetRequests();
  forgetPapers();
  $('help-open').hidden = true;
  $('desk').hidden = true;
  $('drill').hidden = true;
  for (const step of document.querySelectorAll('#phases li')) step.removeAttribute('aria-current');
  for (const open of ['ask', 'handover']) if ($(open).open) $(open).close();
  if (ended) say(t('staff.signed_out_idle'));
}

/** The server says that nobody is signed in any more. */
function signedOut() {
  askWho().then(showLogin, () => {});
}

/** While the server is away nothing can be pressed; what was last known stays. @param {boolean} here */
function reachable(here) {
  $('offline').hidden = here;
  $('desk').inert = !here;
  $('ask').inert = !here && !isActing();
}

/** @param {boolean} [whole] with who is signed in, the accounts and what waits; a frame of the meeting changes none of them */
async function refresh(whole = true) {
  const account = whole ? await askWho() : me();
  if (!account) return showLogin();
  state = offeredTo(await ask('state'), account.role);
  showEntry(false);
  $('desk').hidden = $('help-open').hidden = false;
  draw();
  if (whole) await Promise.all([refreshAccounts(), refreshRequests()]);
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
  write($('alarms'), alarms.map(text => said(text)).join('\n'));
  $('prepare').hidden = Boolean(frozen) || !state.prepares;
  for (const name of ['frozen', 'facts-section']) $(name).hidden = !frozen;
  $('contests-section').hidden = !frozen || !frozen.windows.length;
  drawWho();
  drawActs(state);
  drawMeeting(state);
  drawCheckin(state);
  drawQuorum(state);
  if (!frozen) drawPrepare(state);
  if (frozen && frozen.windows.length) drawContests(state);
  drawCounts(state);
  drawAloud(state);
  drawPapers(state);
  drawHelp(state);
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
      if (!isActing() && state) refresh(false).catch(() => {});
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

listen({
  settled: () => refresh().catch(() => {}),
  signedOut,
  reachable,
});
actOn(now);
prepareOn(now);
quorumOn();
checkinOn(now, refresh);
contestsOn(now);
meetingOn();
aloudOn();
entryOn();
staffOn();
accountsOn();
requestsOn(now, refresh);
papersOn(now, () => refresh(false));
helpOn();
setInterval(() => { if (state && !isActing()) refresh().catch(() => {}); }, QUIET_MS);
$('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
document.addEventListener('language', () => {
  say('');
  drawRequests();
  if (!state) return;
  draw();
  drawAccounts();
});
window.addEventListener('hashchange', byLink);
document.title = t('console.page_title');
byLink().then(follow);
