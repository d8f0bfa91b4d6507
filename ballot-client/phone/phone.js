// The voter's page. Everything that is secret or has to be right happens in ballot.wasm; this script moves bytes
// between the page, the wasm, the network and the browser's storage, and says in words where the voter stands.
//
// The manifest fixes the SHA-256 of this file and of ballot.wasm. That is why it is one file: whatever the page does
// stands here, and one hash covers it. The words stand in the page (`#words`); the grades are the manifest's.
// Syntax: ES2017, for phones from 2018 on. No crypto.subtle, no clipboard: over plain HTTP browsers lack them.
(function () {
  'use strict';

  // ---- The wasm: bytes in, a status and bytes out. The numbers are those of phone.rs. ----------------------------

  const OK = 0, OTHER_MANIFEST = 5, OTHER_PAGE = 6, REFUSED = 9, UNREADABLE = 10, CLOSED = 14;
  const EXCLUDED = 0, CREDENTIAL = 1, SEALED = 2, RECEIVED = 3, LOOK_UP = 4;
  // SHA-256 of audit.wasm, which draws receipts as QR codes; build.sh writes it.
  const AUDIT_WASM = 'cb125c41c68751e64c5e8716d583a3e96b03421607249ae4ae3121fea7d93a63';
  let core = null;

  function callIn(wasm, name, ...values) {
    const held = [], flat = [];
    for (const value of values) {
      if (typeof value === 'number') { flat.push(value); continue; }
      const at = wasm.alloc(value.length);
      new Uint8Array(wasm.memory.buffer).set(value, at);
      held.push([at, value.length]);
      flat.push(at, value.length);
    }
    const status = wasm[name](...flat);
    for (const [at, length] of held) wasm.free(at, length);
    const from = wasm.out();
    const out = new Uint8Array(wasm.memory.buffer).slice(from, from + wasm.out_len());
    wasm.wipe();
    return { status, out };
  }

  const call = (name, ...values) => callIn(core, name, ...values);

  function randomFill(at, length) {
    const bytes = new Uint8Array(core.memory.buffer, at, length);
    for (let from = 0; from < length; from += 65536) {
      crypto.getRandomValues(bytes.subarray(from, Math.min(length, from + 65536)));
    }
  }

  const random = () => crypto.getRandomValues(new Uint32Array(1))[0] / 4294967296;
  // The browser runs a script whose tag has `integrity` only if its bytes have that hash: so it is this script's own. A
  // page without it is asked for the bytes again.
  const integrity = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(document.currentScript.integrity || '');
  const script = integrity && Uint8Array.from(atob(integrity[1]), c => c.charCodeAt(0));

  const text = bytes => new TextDecoder().decode(bytes);
  const bytesOf = string => new TextEncoder().encode(string);
  const hex = bytes => Array.from(bytes, b => (b < 16 ? '0' : '') + b.toString(16)).join('');
  const pause = ms => new Promise(done => setTimeout(done, ms));

  // ---- What the page knows ----------------------------------------------------------------------------------------

  // A device that voters share keeps nothing: see "The booth".
  const booth = location.pathname === '/booth';
  const $ = id => document.getElementById(id);
  const all = selector => Array.from(document.querySelectorAll(selector));
  let manifest = null;          // JSON.parse of the bytes that the wasm accepted
  let live = null;              // the latest state from /live
  let place = '';               // the storage key of this meeting's wallet
  let stored = null;            // what this tab last saw there
  let stage = 'start';          // start, invited, asking, enrolled, stopped
  let visit = 0;                // in a booth: which voter this is, so that work for the one before ends
  let ready = false;            // the code was compared while no window was open: enrol when one opens
  let slots = [];               // {item, round, kind} of every contest, from the wasm
  let sending = null;           // {all, sent} while ballots leave
  const choices = new Map();    // '1/1' -> option, in memory only, emptied before anything is sent
  const refused = new Set();    // contests whose ballot the server refused
  const found = new Map();      // contests looked up on the board -> whether the ballot is there
  const wanted = new Set();     // contests with a receipt that the voter wants looked up
  const busy = new Set();       // contests being delivered or looked up now

  const nameOf = slot => slot.item + '/' + slot.round;

  function show(state) {
    if (document.body.dataset.state === state) return;
    document.body.dataset.state = state;
    for (const part of all('[data-show]')) part.hidden = part.dataset.show.split(' ').indexOf(state) < 0;
    top();
  }

  /** To the beginning of what is shown, for the eye and for a screen reader. A ballot that does not fit under the title
   * begins without it. */
  function top() {
    window.scrollTo(0, document.body.dataset.state === 'open' ? document.querySelector('main').offsetTop : 0);
    const heading = all('main h2').filter(h => h.offsetParent)[0];
    if (!heading) return;
    heading.setAttribute('tabindex', '-1');
    heading.focus();
  }

  function stop(state) {
    stage = 'stopped';
    clearBallot();
    show(state);
  }

  function lied(what) {
    say('false-what', what);
    stop('false-reply');
  }

  // ---- Words: two languages, changed on the page itself; size of text ----------------------------------------------

  const words = JSON.parse($('words').textContent);
  const said = new Map();       // id -> [key, values], to be said again in the other language
  let language = recall('language') === 'en' ? 'en' : 'zh-CN';

  /** What the page remembers beside the wallet: language and size of text, and where a voter was; never a choice. */
  function recall(what) {
    if (booth) return null;
    try { return localStorage.getItem('douxuan-' + what); } catch (blocked) { return null; }
  }

  function remember(what, value) {
    if (booth) return;
    try { localStorage.setItem('douxuan-' + what, value); } catch (blocked) { /* on this page only */ }
  }

  /** The words at a key, `phone.` left out, with {names} replaced; the key itself if there are none. A value may be a
   * function, when it is words of a language itself. */
  function t(key, values) {
    const at = key.split('.');
    const section = at.length > 1 ? at[0] : 'phone';
    const found = words[language][section] && words[language][section][at[at.length - 1]];
    if (!found) return key;
    const fill = value => String(typeof value === 'function' ? value() : value);
    return found.replace(/\{(\w+)\}/g, (hole, name) => (values && name in values ? fill(values[name]) : hole));
  }

  function say(id, key, values) {
    said.set(id, [key, values]);
    const now = key ? t(key, values) : '';
    if ($(id).textContent !== now) $(id).textContent = now;
  }

  function dress() {
    document.documentElement.lang = language;
    for (const part of all('[data-t]')) part.textContent = t(part.dataset.t);
    for (const name of ['aria-label', 'title']) {
      for (const part of all('[data-t-' + name + ']')) part.setAttribute(name, t(part.getAttribute('data-t-' + name)));
    }
    $('language').lang = language === 'en' ? 'zh-CN' : 'en';
    for (const [id, [key, values]] of said) if (key && $(id)) $(id).textContent = t(key, values);
    dressSize();
    dressCover();
    if (!manifest) return;
    document.title = $('title').textContent = manifest.title;
    $('title').lang = $('place').lang = 'zh-CN';
    $('place').textContent = dateOf(manifest.date) + ' ' + manifest.place;
  }

  function dateOf(date) {
    const [year, month, day] = date.split('-');
    return language === 'en' ? date : t('common.date', { year, month: Number(month), day: Number(day) });
  }

  function speak(other) {
    language = other;
    remember('language', language);
    dress();
    drawn = listed = '';
    next();
  }

  const SIZES = ['normal', 'large', 'largest'];
  let size = Math.max(0, SIZES.indexOf(recall('size')));

  function dressSize() {
    document.documentElement.className = SIZES[size];
    $('size').textContent = t('size_' + SIZES[size]);
  }

  function resize() {
    size = (size + 1) % SIZES.length;
    remember('size', SIZES[size]);
    dressSize();
  }

  // ---- Storage: written, read back, compared by the wasm, before the journey goes on. ------------------------------

  function storageWorks() {
    try {
      localStorage.setItem('douxuan', 'x');
      const works = localStorage.getItem('douxuan') === 'x';
      localStorage.removeItem('douxuan');
      return works;
    } catch (blocked) { return false; }
  }

  function toText(bytes) {
    let latin = '';
    for (const b of bytes) latin += String.fromCharCode(b);
    return btoa(latin);
  }

  function keep(wallet) {
    if (booth) return shelve(wallet);
    if (localStorage.getItem(place) !== stored) {
      stop('elsewhere');
      return false;
    }
    try {
      stored = toText(wallet);
      wallet.fill(0);
      localStorage.setItem(place, stored);
      const back = Uint8Array.from(atob(localStorage.getItem(place)), c => c.charCodeAt(0));
      const same = call('stored', back).status === OK;
      back.fill(0);
      if (same) return true;
    } catch (full) { /* said below */ }
    stop('storage-broken');
    return false;
  }

  /** Which official the voter is at, so that a reload comes back to it. */
  function position(contest) {
    if (booth) return null;
    try {
      if (contest === undefined) return sessionStorage.getItem('douxuan-at');
      if (contest) sessionStorage.setItem('douxuan-at', contest);
      else sessionStorage.removeItem('douxuan-at');
    } catch (blocked) { /* the first one, then */ }
    return null;
  }

  // ---- Network -----------------------------------------------------------------------------------------------------

  let troubleSince = 0;
  let failures = 0;

  function trouble(now) {
    failures = now ? failures + 1 : 0;
    $('offline-data').hidden = failures < 2;
    if (!now) { troubleSince = 0; $('offline').hidden = true; return; }
    if (troubleSince) return;
    troubleSince = Date.now();
    const mine = troubleSince;
    setTimeout(() => { if (troubleSince === mine) $('offline').hidden = false; }, 5000);
  }

  function within(ms, work) {
    return Promise.race([work, pause(ms).then(() => Promise.reject(new Error('late')))]);
  }

  async function ask(path, options) {
    const asking = Object.assign({ credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' }, options);
    const work = async () => {
      const response = await fetch(path, asking);
      const body = await response.arrayBuffer();
      if (!response.ok) { const error = new Error('status'); error.status = response.status; throw error; }
      return new Uint8Array(body);
    };
    const bytes = await within(15000, work());
    trouble(false);
    return bytes;
  }

  async function load(path) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await ask(path);
      } catch (error) {
        if (path === '/manifest' && error.status === 404) { trouble(false); show('no-meeting'); } else trouble(true);
        await pause(Math.min(3000, 500 + 500 * tries) + 500 * random());
      }
    }
  }

  const socketTo = path => new WebSocket(location.origin.replace(/^http/, 'ws') + path);

  /** One ballot, one socket: a frame out, a frame in. */
  function cast(frame) {
    const socket = socketTo('/cast');
    socket.binaryType = 'arraybuffer';
    const answer = new Promise((done, failed) => {
      socket.onopen = () => socket.send(frame);
      socket.onmessage = event => done(new Uint8Array(event.data));
      socket.onclose = event => { const error = new Error('closed'); error.code = event.code; failed(error); };
    });
    const end = () => socket.close();
    const bounded = within(15000, answer);
    bounded.then(end, end);
    return bounded;
  }

  let silent = 0;               // seconds since the last frame, as the page counts them

  /** The live state, as long as the page lives. A phone that was away or lost its network often hears nothing of it: a
   * silent server is asked once, and a socket that does not know what it says is left for a new one. */
  function watch() {
    silent = 0;
    const socket = socketTo('/live');
    let again = false;
    let last = '';
    const hear = frame => {
      last = frame;
      live = JSON.parse(frame);
      next();
    };
    const retry = () => {
      if (again) return;
      again = true;
      clearInterval(clock);
      socket.onmessage = null;
      socket.close();
      trouble(true);
      setTimeout(watch, 1000 + 2000 * random());
    };
    const probe = async () => {
      silent = -10;
      try {
        const answer = text(await within(8000, ask('/live.json')));
        if (again || silent >= 0) return;
        if (answer === last) { silent = 0; return; }
        hear(answer);
      } catch (error) { /* the same as a socket that has ended */ }
      if (silent < 0) retry();
    };
    const clock = setInterval(() => {
      silent += 2;
      if (socket.readyState === 0 ? silent > 8 : silent > 24) (last ? probe : retry)();
    }, 2000);
    socket.onmessage = event => { silent = 0; trouble(false); hear(event.data); };
    socket.onerror = retry;
    socket.onclose = retry;
  }

  function stateOf(slot) {
    const contest = live && live.contests.find(c => c.item === slot.item && c.round === slot.round);
    return contest ? contest.state : 'unopened';
  }

  const isOver = state => ['unopened', 'open', 'closing', 'stopped'].indexOf(state) < 0;

  // ---- Enrolment ---------------------------------------------------------------------------------------------------

  function invite(name, value) {
    const { status } = call(name, value);
    if (status !== OK) return status;
    stage = 'invited';
    next();
    return OK;
  }

  function showCode(code) {
    for (const box of all('.screen-code')) {
      for (const group of code.split(' ')) box.append(element('span', group), ' ');
    }
  }

  async function enrol() {
    if (stage === 'invited') {
      const { status, out } = call('prepare');
      if (status !== OK) return lied('false_start');
      if (!keep(out)) return undefined;
      if (!booth) history.replaceState(null, '', '/');
    }
    stage = 'asking';
    const mine = visit;
    const request = call('request');
    if (request.status !== OK) return lied('false_start');
    for (let tries = 0; stage === 'asking' && visit === mine; tries += 1) {
      if (live && !live.window.open) {
        show('enrol-paused');
        await pause(1000);
        continue;
      }
      show('enrolling');
      try {
        const reply = await ask('/enrol', { method: 'POST', body: request.out });
        // Who comes late gets nothing for contests that are over; only the signed log is believed about that.
        let log = new Uint8Array(0), checkpoint = log;
        if (live && live.contests.some(c => isOver(c.state) || c.state === 'closing')) {
          checkpoint = await ask('/log/checkpoint');
          log = await ask('/log/entries');
        }
        if (visit !== mine) return undefined;
        const { status, out } = call('enrolled', reply, log, checkpoint);
        if (status === OK) {
          if (keep(out)) enter();
          return undefined;
        }
        if (status === REFUSED) {
          const now = JSON.parse(text(await ask('/live.json')));
          if (visit !== mine) return undefined;
          if (now.window.open) { shelf.delete(place); return stop('refused'); }
          live = now;
          continue;
        }
        if (status !== UNREADABLE || tries > 3) return lied('false_enrol');
      } catch (error) {
        trouble(true);
      }
      await pause(Math.min(4000, 500 * (tries + 1)) + 500 * random());
    }
    return undefined;
  }

  function readSlots() {
    const { out } = call('contests');
    slots = [];
    for (let i = 0; i + 4 <= out.length; i += 4) {
      slots.push({ item: out[i] << 8 | out[i + 1], round: out[i + 2], kind: out[i + 3] });
    }
  }

  function enter() {
    readSlots();
    stage = 'enrolled';
    next();
  }

  // ---- Sending -----------------------------------------------------------------------------------------------------

  function openSlots() {
    return slots.filter(slot => slot.kind === CREDENTIAL && stateOf(slot) === 'open');
  }

  async function submit() {
    const open = openSlots();
    if (stage !== 'enrolled' || !open.length || seekMissing(open)) return;
    const chosen = new Uint8Array(open.length * 4);
    open.forEach((slot, i) => chosen.set([slot.item >> 8, slot.item & 255, slot.round, choices.get(nameOf(slot))], i * 4));
    const { status, out } = call('seal', chosen);
    chosen.fill(0);
    clearBallot();
    if (status !== OK) { lied('false_seal'); return; }
    if (!keep(out)) return;
    readSlots();
    send();
  }

  /** Every sealed ballot leaves at a moment of its own: random order, 0.2 to 1.5 s apart, 20 s in all. */
  async function send() {
    const waits = slot => slot.kind === SEALED && !busy.has(nameOf(slot)) && !refused.has(nameOf(slot));
    const queue = slots.filter(waits);
    for (let i = queue.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [queue[i], queue[j]] = [queue[j], queue[i]];
    }
    if (!queue.length) return;
    const gaps = queue.map(() => 1.3 * random());
    const spare = 19 - 0.2 * queue.length;
    const drawnOut = gaps.reduce((sum, gap) => sum + gap, 0);
    const shrink = Math.min(1, Math.max(0, spare) / drawnOut);
    sending = sending || { all: 0, sent: 0 };
    sending.all += queue.length;
    queue.forEach(slot => busy.add(nameOf(slot)));
    next();
    const mine = visit;
    for (let i = 0; i < queue.length && stage === 'enrolled'; i += 1) {
      await pause(1000 * (0.2 + gaps[i] * shrink));
      if (visit !== mine) return;
      deliver(queue[i]);
    }
  }

  async function deliver(slot) {
    const frame = call('ballot', slot.item, slot.round).out;
    const mine = visit;
    let first = true;
    for (let tries = 0; stage === 'enrolled' && visit === mine; tries += 1) {
      const attempt = cast(frame);
      if (first) { first = false; sending.sent += 1; next(); }
      try {
        const reply = await attempt;
        trouble(false);
        if (stage !== 'enrolled' || visit !== mine) return;
        const { status, out } = call('receipt', slot.item, slot.round, reply);
        if (status === OK || status === CLOSED) {
          if (!keep(out)) return;
          break;
        }
        if (status === REFUSED) { refused.add(nameOf(slot)); break; }
        if (status !== UNREADABLE || tries > 3) { lied('false_receipt'); return; }
      } catch (error) {
        if (visit !== mine) return;
        // After the close the secret that could open this ballot is gone: only the board can say.
        if (isOver(stateOf(slot))) {
          if (!keep(call('unanswered', slot.item, slot.round).out)) return;
          break;
        }
        // 1011: an alarm has stopped this contest.
        if (error.code === 1011) { refused.add(nameOf(slot)); break; }
        trouble(true);
      }
      await pause(Math.min(8000, 500 * Math.pow(2, Math.min(tries, 5))) * (0.5 + random()));
    }
    if (visit !== mine) return;
    busy.delete(nameOf(slot));
    readSlots();
    if (!slots.some(other => busy.has(nameOf(other)) && other.kind === SEALED)) sending = null;
    next();
  }

  async function lookUp(slot) {
    const mine = visit;
    busy.add(nameOf(slot));
    try {
      const entries = await ask('/board/' + nameOf(slot) + '/entries');
      const checkpoint = await ask('/board/' + nameOf(slot) + '/checkpoint');
      if (visit !== mine) return;
      const { status, out } = call('look_up', slot.item, slot.round, entries, checkpoint);
      if (status === OK) found.set(nameOf(slot), out[0] === 1);
      else await pause(3000);
    } catch (error) { await pause(3000); }
    if (visit !== mine) return;
    busy.delete(nameOf(slot));
    if (wanted.size && Array.from(wanted).every(name => found.has(name))) say('look-said', 'receipts_looked');
    next();
  }

  // ---- What now? Asked again after every event. ----------------------------------------------------------------------

  function next() {
    if (booth) sayNow();
    if (stage === 'invited') invited();
    if (stage !== 'enrolled') return;
    if (live && live.phase === 'archived' && slots.some(slot => slot.kind === CREDENTIAL)) {
      if (!keep(call('forget').out)) return;
      readSlots();
    }
    if (slots.some(slot => slot.kind === SEALED && !busy.has(nameOf(slot)) && !refused.has(nameOf(slot)))) { send(); return; }
    for (const slot of slots) {
      const name = nameOf(slot);
      const asked = slot.kind === LOOK_UP || slot.kind === RECEIVED && wanted.has(name);
      if (slot.item > 0 && asked && isOver(stateOf(slot)) && !found.has(name) && !busy.has(name)) lookUp(slot);
    }
    list();
    const open = openSlots();
    if (live && (!open.length || sending)) clearBallot();
    if (sending) {
      const back = slots.filter(slot => busy.has(nameOf(slot)) && slot.kind === SEALED).length;
      $('sent').textContent = String(sending.sent);
      $('back').textContent = String(Math.max(0, sending.all - back));
      $('all').textContent = String(sending.all);
      $('progress').max = sending.all * 2;
      $('progress').value = sending.sent + sending.all - back;
      show('sending');
    } else if (open.length) {
      rate(open);
      show(reviewing ? 'review' : 'open');
    } else if (live && live.phase === 'archived') {
      show('finished');
    } else if (slots.some(slot => slot.kind === SEALED && refused.has(nameOf(slot)))) {
      show('not-accepted');
    } else if (slots.some(slot => slot.item > 0 && slot.kind === LOOK_UP && !found.get(nameOf(slot)))) {
      show('unanswered');
    } else {
      const real = slots.filter(slot => slot.item > 0);
      const waits = real.filter(slot => slot.kind === CREDENTIAL && !isOver(stateOf(slot)));
      const missed = real.some(slot => slot.kind === CREDENTIAL && isOver(stateOf(slot)));
      const cast = real.some(slot => slot.kind === RECEIVED || slot.kind === LOOK_UP);
      const rehearsed = slots.some(slot => slot.kind === RECEIVED);
      show(cast || rehearsed && !missed ? 'received' : missed || !waits.length ? 'closed' : 'waiting');
    }
  }

  function invited() {
    if (live && live.window.open) {
      if (ready) enrol(); else show('check');
      return;
    }
    if (live && live.enrolment_ended) { show('window-over'); return; }
    const begun = Boolean(live && live.window.number > 0);
    say('window-words', (booth ? 'booth_' : '') + (ready ? 'window_wait' : begun ? 'window_shut' : 'window_soon'));
    $('ready').hidden = ready;
    show(begun ? 'window-closed' : 'window-waiting');
  }

  // ---- The ballot: one official at a time, one review, one final tap. --------------------------------------------------

  let at = '';                  // the official that is shown, such as '3/1'
  let offered = [];             // the contests that were open when the ballot was last drawn
  let reviewing = false;
  let seeking = false;          // going through those that are missing
  let shownAt = 0;              // when the review came up
  let drawn = '';

  function element(kind, words, attributes) {
    const made = document.createElement(kind);
    made.textContent = words;
    for (const name of Object.keys(attributes || {})) made.setAttribute(name, attributes[name]);
    return made;
  }

  function titleOf(slot) {
    if (slot.item === 0) return t('rehearsal');
    return manifest.items[slot.item - 1].name + (slot.round > 1 ? '（' + t('round', { n: slot.round }) + '）' : '');
  }

  const labelOf = option => option[language === 'en' ? 'en' : 'zh'];
  const missingOf = open => open.filter(slot => !choices.has(nameOf(slot)));

  /** Nothing of a ballot stays in memory, on the page or in its storage. */
  function clearBallot() {
    choices.clear();
    offered = [];
    reviewing = seeking = false;
    at = drawn = '';
    position('');
    for (const id of ['ratings', 'rows', 'steps']) $(id).textContent = '';
    say('hint', '');
    say('missing', '');
    cover(false);
  }

  /** Draws the ballot, if it is not there already: what the voter has before him is not touched by news. */
  function rate(open) {
    const names = open.map(nameOf);
    if (!offered.length) {
      const kept = position();
      at = names.indexOf(kept) < 0 ? names[0] : kept;
      if (kept && names.length > 1) say('hint', 'reopened');
    } else {
      const gone = slots.filter(slot => offered.indexOf(nameOf(slot)) >= 0 && names.indexOf(nameOf(slot)) < 0);
      const come = names.filter(name => offered.indexOf(name) < 0);
      if (gone.length) say('hint', 'gone', { names: () => gone.map(titleOf).join('、') });
      else if (come.length && choices.size) say('hint', 'come', { n: come.length });
      gone.forEach(slot => choices.delete(nameOf(slot)));
      if (reviewing && come.length) at = come[0];
      if (names.indexOf(at) < 0) at = nameOf(missingOf(open)[0] || open[0]);
      if (missingOf(open).length || open.length === 1) reviewing = false;
    }
    offered = names;
    position(at);
    const key = [language, reviewing, at].concat(names).join(' ');
    if (key === drawn) return;
    drawn = key;
    for (const id of ['ratings', 'rows']) $(id).textContent = '';
    if (reviewing) open.forEach(slot => $('rows').append(row(slot)));
    else $('ratings').append(rating(open[names.indexOf(at)]));
    progress(open);
  }

  /** Where the voter is: which official, which are chosen, and what the button does next. */
  function progress(open) {
    const [here, missing, many] = [offered.indexOf(at), missingOf(open), open.length > 1];
    $('steps').textContent = '';
    if (many) {
      for (const slot of open) {
        const marks = [choices.has(nameOf(slot)) ? 'done' : '', nameOf(slot) === at ? 'now' : ''];
        $('steps').append(element('span', '', { class: marks.join(' '), 'data-contest': nameOf(slot) }));
      }
    }
    say('count', many ? 'count' : '', { at: here + 1, of: open.length });
    say('chosen', many ? 'count_chosen' : '', { n: open.length - missing.length });
    const act = !many ? 'submit' : !missing.length || here === open.length - 1 && !seeking ? 'review' : 'next';
    $('forward').dataset.act = act;
    $('forward').dataset.t = 'phone.' + act;
    $('forward').textContent = t(act);
    $('final').hidden = many;
    $('back-one').hidden = !many;
    $('back-one').disabled = here === 0;
  }

  function go(contest, review) {
    at = contest;
    reviewing = review;
    if (review) shownAt = Date.now();
    // The back gesture goes to the official before, and does not leave the page with all choices.
    if (!booth && !(history.state && history.state.ballot)) history.pushState({ ballot: true }, '', '/');
    next();
    top();
  }

  function forward() {
    const open = openSlots();
    const here = offered.indexOf(at);
    const later = seeking ? open.filter((slot, i) => i > here && !choices.has(nameOf(slot)))[0] || missingOf(open)[0] : open[here + 1];
    say('hint', '');
    say('missing', '');
    if (later) go(nameOf(later), false);
  }

  function back() {
    const here = offered.indexOf(at);
    say('missing', '');
    if (reviewing) go(at, false);
    else if (here > 0) go(offered[here - 1], false);
    return here > 0 || reviewing;
  }

  /** Jumps to the first official without a choice; false if there is none. */
  function seekMissing(open) {
    const missing = missingOf(open);
    seeking = missing.length > 0;
    if (!seeking) return false;
    const abstain = manifest.scale.filter(option => option.kind === 'abstain')[0];
    if (open.length > 1) {
      go(nameOf(missing[0]), false);
      say('missing', 'missing', { n: missing.length });
    } else say('missing', abstain ? 'choose_here' : 'choose_one', { abstain: () => labelOf(abstain) });
    $('missing').scrollIntoView({ block: 'nearest' });
    return true;
  }

  function cover(yes) {
    document.body.classList.toggle('covered', yes);
    dressCover();
  }

  function dressCover() {
    const covered = document.body.classList.contains('covered');
    for (const button of all('[data-act="cover"]')) button.textContent = t(covered ? 'uncover' : 'cover');
  }

  function row(slot) {
    const line = element('button', '', { type: 'button', class: 'row', 'data-act': 'change', 'data-contest': nameOf(slot) });
    const who = element('span', titleOf(slot), { class: 'who' });
    if (slot.item > 0) who.lang = 'zh-CN';
    line.append(who, element('strong', labelOf(manifest.scale[choices.get(nameOf(slot))])), ' ', element('span', t('change'), { class: 'change' }));
    return line;
  }

  function rating(slot) {
    const box = element('div', '', { class: 'contest', 'data-contest': nameOf(slot) });
    const item = manifest.items[slot.item - 1];
    const about = element('p', item ? '' : t('rehearsal_text'));
    if (item) about.append(element('span', item.unit + ' ' + item.post, { lang: 'zh-CN' }), ' · ' + t(item.report));
    const name = element('h2', titleOf(slot), { id: 'name', tabindex: '-1' });
    if (item) name.lang = 'zh-CN';
    const group = element('div', '', { role: 'radiogroup', 'aria-labelledby': 'name' });
    const radios = manifest.scale.map((option, j) => {
      const checked = choices.get(nameOf(slot)) === j;
      return element('div', labelOf(option), { role: 'radio', 'aria-checked': String(checked), tabindex: '-1', 'data-option': String(j) });
    });
    const choose = (j, focus) => {
      if (stage !== 'enrolled' || offered.indexOf(nameOf(slot)) < 0) return;
      choices.set(nameOf(slot), j);
      radios.forEach((radio, i) => {
        radio.setAttribute('aria-checked', String(i === j));
        radio.setAttribute('tabindex', i === j ? '0' : '-1');
      });
      if (focus) radios[j].focus();
      say('missing', '');
      progress(openSlots());
    };
    radios[choices.has(nameOf(slot)) ? choices.get(nameOf(slot)) : 0].setAttribute('tabindex', '0');
    radios.forEach((radio, j) => {
      radio.addEventListener('click', () => choose(j, false));
      radio.addEventListener('keydown', event => {
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, ' ': 0, Enter: 0 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        choose((j + step + radios.length) % radios.length, true);
      });
      group.append(radio);
    });
    box.append(name, about, group);
    return box;
  }

  // ---- Where each contest stands; receipts ---------------------------------------------------------------------------

  let listed = '';

  function wordsOf(slot) {
    const [name, state] = [nameOf(slot), stateOf(slot)];
    if (found.has(name)) return found.get(name) ? 'line_found' : 'line_not_found';
    if (slot.kind === RECEIVED) return { voided: 'line_voided', destroyed: 'line_destroyed' }[state] || 'line_received';
    if (refused.has(name)) return 'line_refused';
    if (slot.kind === SEALED) return 'line_sending';
    if (slot.kind === LOOK_UP) return 'line_unanswered';
    if (slot.kind !== CREDENTIAL || slot.item === 0) return '';
    if (state === 'stopped') return 'line_stopped';
    return isOver(state) || state === 'closing' ? 'line_over' : '';
  }

  function list() {
    const lines = slots.map(slot => [slot, wordsOf(slot)]).filter(([, key]) => key);
    const excluded = manifest.items.filter(item => slots.some(s => s.item === item.number && s.kind === EXCLUDED));
    const key = JSON.stringify([language, lines, excluded.length]);
    if (key === listed) return;
    listed = key;
    say('excluded', excluded.length ? 'excluded' : '', { names: excluded.map(item => item.name).join('、') });
    $('list').textContent = '';
    for (const [slot, words] of lines) {
      const line = element('li', '');
      line.append(element('span', titleOf(slot), slot.item ? { lang: 'zh-CN' } : {}), element('strong', t(words)));
      $('list').append(line);
    }
    $('list-title').hidden = !lines.length;
    const receipts = slots.filter(slot => slot.kind === RECEIVED);
    $('receipts').hidden = !receipts.length;
    say('receipts-title', 'receipts', { n: receipts.length });
    const notes = receipts.map(slot => text(call('note', slot.item, slot.round).out)).join('\n');
    if (notes === $('notes').value) return;
    $('notes').value = notes;
    $('pictures').textContent = '';
    say('receipts-said', '');
  }

  /** There is no clipboard over plain HTTP; the old way works in most browsers, and the text stays selected. */
  function copy() {
    $('notes').focus();
    $('notes').select();
    $('notes').setSelectionRange(0, $('notes').value.length);
    let done = false;
    try { done = document.execCommand('copy'); } catch (refusal) { /* by hand, then */ }
    say('receipts-said', done ? 'receipts_copied' : 'receipts_selected');
  }

  function save() {
    const address = URL.createObjectURL(new Blob([$('notes').value], { type: 'text/plain;charset=utf-8' }));
    const link = element('a', '', { href: address, download: t('receipts_file') + '-' + manifest.date + '.txt' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  async function draw() {
    const notes = $('notes').value;
    const mine = visit;
    say('receipts-said', '');
    try {
      const program = await ask('/audit.wasm');
      if (visit !== mine) return;
      if (hex(call('sha256', program).out) !== AUDIT_WASM) throw new Error('other');
      const wasm = (await WebAssembly.instantiate(program, {})).instance.exports;
      const packed = callIn(wasm, 'pack', bytesOf(notes));
      if (packed.status !== OK) throw new Error('pack');
      const parts = text(packed.out).split('\n').filter(Boolean);
      const pictures = parts.map(part => picture(callIn(wasm, 'qr', bytesOf(part)).out));
      if (visit !== mine || notes !== $('notes').value) return;
      $('pictures').textContent = '';
      pictures.forEach((code, i) => {
        $('pictures').append(element('h3', '', { id: 'qr-' + i }), code);
        say('qr-' + i, 'receipts_qr_part', { k: i + 1, n: parts.length });
      });
    } catch (error) {
      if (visit === mine) say('receipts-said', 'receipts_qr_failed');
    }
  }

  /** `width || modules` as one path, with the light border of four modules that readers need. */
  function picture(matrix) {
    const width = matrix[0];
    if (!width || matrix.length !== width * width + 1) throw new Error('qr');
    let path = '';
    for (let i = 0; i < width * width; i += 1) {
      if (matrix[i + 1]) path += 'M' + (i % width + 4) + ' ' + (Math.floor(i / width) + 4) + 'h1v1h-1z';
    }
    const drawing = kind => document.createElementNS('http://www.w3.org/2000/svg', kind);
    const [code, paper, dark] = [drawing('svg'), drawing('rect'), drawing('path')];
    code.setAttribute('viewBox', [0, 0, width + 8, width + 8].join(' '));
    code.setAttribute('shape-rendering', 'crispEdges');
    code.setAttribute('aria-hidden', 'true');
    for (const side of ['width', 'height']) paper.setAttribute(side, String(width + 8));
    paper.setAttribute('fill', '#fff');
    dark.setAttribute('fill', '#000');
    dark.setAttribute('d', path);
    code.append(paper, dark);
    return code;
  }

  function look() {
    const over = slots.filter(slot => slot.item > 0 && slot.kind === RECEIVED && isOver(stateOf(slot)));
    over.forEach(slot => wanted.add(nameOf(slot)));
    say('look-said', !over.length ? 'receipts_look_none' : over.every(slot => found.has(nameOf(slot))) ? 'receipts_looked' : 'receipts_looking');
    next();
  }

  // ---- The booth: one device, one voter after the other ----------------------------------------------------------------

  // Nobody enrols while a contest is open (PROTOCOL, section 5), so a voter comes to the booth at least twice: to enrol,
  // and to vote. Between the two his wallet lies in this page's memory only, masked with a key that is made from what he
  // takes away with him, the slip; he brings it out by showing the slip again. Each voter has a wasm instance of his own,
  // and its memory is overwritten when he leaves. The browser stores nothing: if the page goes, so do the wallets.
  const shelf = new Map();      // where a slip's wallet lies -> [nonce, masked wallet]
  const WARNED = 60000, ENDED = 90000;
  let renew = null;             // makes the next voter's wasm instance
  let salt = null;              // 32 random bytes of this page: a slip alone finds nothing in another page's memory
  let key = null;               // 32 bytes, of the voter who is here
  let touched = Date.now();
  let unsentSince = 0;
  let typedAt = 0;
  let focused = null;           // what had the focus before the warning

  const atStart = () => document.body.dataset.state === 'booth';
  const digest = bytes => call('sha256', bytes).out;

  /** `bytes XOR SHA-256(key || nonce || offset)`, a block of 32 bytes at a time: masks and unmasks. */
  function masked(nonce, bytes) {
    const out = bytes.slice();
    const block = new Uint8Array(52);
    block.set(key);
    block.set(nonce, 32);
    for (let from = 0; from < out.length; from += 32) {
      new DataView(block.buffer).setUint32(48, from);
      const pad = digest(block);
      for (let i = from; i < Math.min(from + 32, out.length); i += 1) out[i] ^= pad[i - from];
      pad.fill(0);
    }
    block.fill(0);
    return out;
  }

  function fetched() {
    const [nonce, kept] = shelf.get(place);
    return masked(nonce, kept);
  }

  /** What `keep` is for a phone: laid down, taken up again, compared by the wasm. */
  function shelve(wallet) {
    const nonce = crypto.getRandomValues(new Uint8Array(16));
    shelf.set(place, [nonce, masked(nonce, wallet)]);
    wallet.fill(0);
    const back = fetched();
    const same = call('stored', back).status === OK;
    back.fill(0);
    if (!same) stop('storage-broken');
    return same;
  }

  /** The slip's 10 secret bytes, from the part of its link behind `#` or from the 16 characters; null if there are none. */
  function secretOf(fragment, code) {
    try {
      if (fragment) return Uint8Array.from(atob(fragment.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0)).slice(33, 43);
    } catch (garbled) { return null; }
    const secret = new Uint8Array(10);
    const digits = code.toUpperCase().replace(/-/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
    for (let i = 0; i < 80; i += 1) {
      const digit = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digits.charAt(Math.floor(i / 5)) || ' ');
      if (digit < 0) return null;
      if (digit >> 4 - i % 5 & 1) secret[i >> 3] |= 128 >> i % 8;
    }
    return secret;
  }

  /** A slip by hand scanner (its link and Enter, as a keyboard types it) or its code by hand. Both find the same wallet. */
  function admit(event) {
    event.preventDefault();
    // A Chinese input method may make wide characters of what a scanner types.
    const read = $('slip').value.normalize('NFKC').replace(/\s/g, '');
    $('slip').value = '';
    say('booth-said', '');
    if (stage !== 'start' || !core || !read) return;
    const fragment = read.indexOf('#') < 0 ? '' : read.slice(read.lastIndexOf('#') + 1);
    const secret = secretOf(fragment, read);
    const bytes = bytesOf(fragment || read);
    let status = UNREADABLE;
    if (secret && secret.length === 10) {
      const salted = new Uint8Array(42);
      salted.set(salt);
      salted.set(secret, 32);
      key = digest(salted);
      place = hex(digest(key));
      for (const used of [salted, secret]) used.fill(0);
      status = shelf.has(place) ? bringOut() : invite(fragment ? 'scan' : 'typed', bytes);
    }
    bytes.fill(0);
    if (status === OK) return;
    if (status === OTHER_MANIFEST) { stop('other-manifest'); return; }
    say('slip-error', fragment || /:\/\//.test(read) ? 'booth_unreadable' : 'booth_wrong');
    $('slip').focus();
  }

  function bringOut() {
    const wallet = fetched();
    const { status, out } = call('resume', wallet);
    wallet.fill(0);
    if (status !== OK) stop('storage-broken');
    else if (out[0] === 2) enter();
    else enrol();
    return OK;
  }

  /** Ballots that are sealed and have no answer: as long as there are any, the voter is not sent away. */
  const unsent = () => stage === 'enrolled' && slots.some(slot => slot.kind === SEALED);

  /** Everything of a voter, but his masked wallet, is gone from the page, the wasm and the fields. */
  function wipe() {
    visit += 1;
    stage = 'ended';
    clearBallot();
    slots = [];
    sending = null;
    for (const some of [refused, found, wanted, busy]) some.clear();
    ready = false;
    listed = place = '';
    if (key) key.fill(0);
    key = null;
    if (core) new Uint8Array(core.memory.buffer).fill(0);
    core = null;
    for (const id of ['list', 'pictures']) $(id).textContent = '';
    for (const id of ['slip', 'code', 'notes']) $(id).value = '';
    for (const id of ['excluded', 'receipts-title', 'receipts-said', 'look-said', 'false-what', 'slip-error', 'unsent', 'window-words', 'booth-said']) say(id, '');
    for (const id of Array.from(said.keys())) if (!$(id)) said.delete(id);
    $('receipts').open = false;
    $('receipts').hidden = true;
    const selection = window.getSelection();
    if (selection) selection.removeAllRanges();
    unsentSince = typedAt = 0;
    stay();
    language = 'zh-CN';
    size = 0;
    dress();
  }

  async function leave(why) {
    if (unsent() && busy.size) return;
    const replaced = document.body.dataset.state === 'other-manifest';
    wipe();
    if (live && live.phase === 'archived') shelf.clear();
    // Slips of a meeting that this page does not know: it may have been prepared anew.
    if (replaced && !shelf.size) { location.reload(); return; }
    const mine = visit;
    const usable = await renew().catch(() => false);
    if (visit !== mine) return;
    if (!usable) { unsupported(() => t('need_random')); return; }
    home();
    say('booth-said', why);
  }

  function home() {
    stage = 'start';
    touched = Date.now();
    show('booth');
    next();
    $('slip').focus();
  }

  /** What a voter can do here now, said before he shows his slip. */
  function sayNow() {
    if (!live || !manifest) return;
    const open = live.contests.filter(contest => contest.state === 'open');
    const now = live.phase === 'archived' ? 'finished' : live.window.open ? 'enrol' : open.length ? 'vote' : 'wait';
    say('booth-now', 'booth_now_' + now);
    say('booth-open', open.length ? 'booth_open' : '', { names: () => open.map(titleOf).join(language === 'en' ? ', ' : '、') });
  }

  function stay() {
    if ($('idle').hidden) return;
    $('idle').hidden = true;
    if (focused && focused.offsetParent) focused.focus();
    focused = null;
  }

  /** Twice a second: is anybody there? */
  function tick() {
    const now = Date.now();
    const state = document.body.dataset.state;
    if (unsent()) {
      unsentSince = unsentSince || now;
      touched = now;
      stay();
      if (now - unsentSince >= WARNED) say('unsent', 'booth_unsent');
      return;
    }
    unsentSince = 0;
    say('unsent', '');
    // What a scrutineer has to see, and what nobody can leave, stays.
    if (['loading', 'no-meeting', 'unsupported', 'page-changed', 'storage-broken', 'false-reply'].indexOf(state) >= 0) { touched = now; return; }
    const quiet = now - touched;
    if (atStart()) {
      if (quiet < ENDED) return;
      touched = now;
      if ($('slip').value || language !== 'zh-CN' || size || $('slip-error').textContent || $('booth-said').textContent) leave('');
    } else if (quiet >= ENDED) leave('booth_idle_ended');
    else if (quiet >= WARNED) {
      $('idle-left').textContent = String(Math.ceil((ENDED - quiet) / 1000));
      if (!$('idle').hidden) return;
      focused = document.activeElement;
      $('idle').hidden = false;
      $('stay').focus();
    } else if (quiet > 600) stay();
  }

  /** A scanner types fast, wherever the focus is: at the start into the field, later nowhere; its Enter presses nothing. */
  function typing(event) {
    touched = Date.now();
    if (!$('idle').hidden) {
      event.preventDefault();
      event.stopPropagation();
      stay();
      return;
    }
    const letter = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (atStart()) {
      if (letter && document.activeElement !== $('slip')) $('slip').focus();
      return;
    }
    if (letter) typedAt = Date.now();
    else if ((event.key === 'Enter' || event.key === ' ' || event.key === 'Tab') && Date.now() - typedAt < 300) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function furnish() {
    document.body.classList.add('booth');
    for (const part of all('[data-booth]')) part.dataset.t = 'phone.' + part.dataset.booth;
    salt = crypto.getRandomValues(new Uint8Array(32));
    // Nothing is read from the address here, and a slip's link must not stay in it.
    const bare = () => { if (location.hash) history.replaceState(null, '', '/booth'); };
    bare();
    window.addEventListener('hashchange', bare);
    $('desk').addEventListener('submit', admit);
    document.addEventListener('keydown', typing, true);
    for (const kind of ['mousedown', 'touchstart', 'wheel', 'input']) document.addEventListener(kind, () => { touched = Date.now(); }, true);
    $('idle').addEventListener('click', event => { event.stopPropagation(); touched = Date.now(); stay(); });
    const empty = () => { for (const id of ['slip', 'code', 'notes']) $(id).value = ''; };
    window.addEventListener('pagehide', () => { if (renew && !atStart()) wipe(); else empty(); });
    window.addEventListener('pageshow', event => { if (event.persisted && renew) leave(''); else if (stage === 'start') empty(); });
    // With the page the wallets would go that lie here.
    window.addEventListener('beforeunload', event => {
      if (!shelf.size) return;
      event.preventDefault();
      event.returnValue = '';
    });
    setInterval(tick, 500);
  }

  // ---- The beginning ---------------------------------------------------------------------------------------------------

  /** Where many links end up: browsers inside other apps, which keep no data or run no wasm. */
  const APPS = [['wechat', /MicroMessenger|wxwork/i], ['qq', /\bQQ\//], ['alipay', /AlipayClient/i], ['dingtalk', /DingTalk/i],
    ['weibo', /Weibo/i], ['other', /\bLark\/|Feishu|baiduboxapp|aweme|NewsArticle|AliApp/i]];

  /** The name of the app, unless this phone has a slip here already or the voter wants to go on. */
  function insideApp() {
    const app = APPS.filter(([, mark]) => mark.test(navigator.userAgent))[0];
    if (!app) return '';
    try {
      const begun = Object.keys(localStorage).some(key => key.indexOf('douxuan/') === 0);
      return begun || sessionStorage.getItem('douxuan-app') ? '' : app[0];
    } catch (blocked) {
      return app[0];
    }
  }

  function lacking() {
    const needed = { WebAssembly: window.WebAssembly && WebAssembly.instantiate, fetch: window.fetch, WebSocket: window.WebSocket,
      TextDecoder: window.TextDecoder && window.TextEncoder, getRandomValues: window.crypto && crypto.getRandomValues,
      history: window.history && history.replaceState };
    return Object.keys(needed).filter(name => !needed[name]);
  }

  function unsupported(what) {
    say('unsupported-what', 'unsupported_what', { what });
    stop('unsupported');
  }

  function typed(event) {
    event.preventDefault();
    if (stage !== 'start') return;
    // A typed code does not name the meeting: only the voter's eyes compare it.
    if (!$('same').checked) say('typed-error', 'typed_tick_first');
    else if (invite('typed', bytesOf($('code').value.trim())) !== OK) say('typed-error', 'typed_wrong');
    else $('code').value = '';
    $('typed-error').scrollIntoView({ block: 'nearest' });
  }

  const acts = {
    size: resize,
    language: () => speak(language === 'en' ? 'zh-CN' : 'en'),
    'go-on': () => { try { sessionStorage.setItem('douxuan-app', '1'); } catch (blocked) { /* asked again */ } begin(); },
    enrol: () => { if (stage === 'invited') enrol(); },
    ready: () => { ready = true; next(); },
    typed: () => show('typed'),
    reload: () => location.reload(),
    // Only after a refusal: a wallet that was refused earns nothing any more.
    other: () => { localStorage.removeItem(place); location.replace('/'); },
    back,
    next: forward,
    review: () => { if (!seekMissing(openSlots())) { say('hint', ''); go(at, true); } },
    change: button => go(button.dataset.contest, false),
    cover: () => cover(!document.body.classList.contains('covered')),
    // A second tap that was meant for the button before must not be the final one.
    submit: () => { if (Date.now() - shownAt > 600) submit(); },
    copy, save, qr: draw, look,
    end: () => leave('booth_cleared'),
  };

  function act(event) {
    const button = event.target.closest ? event.target.closest('[data-act]') : null;
    if (button && !button.disabled && acts[button.dataset.act]) acts[button.dataset.act](button);
  }

  function start() {
    document.addEventListener('click', act);
    $('typed').addEventListener('submit', typed);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) silent += 99; });
    window.addEventListener('popstate', () => { if (offered.length && !booth) back(); });
    if (booth) furnish();
    dress();
    if (booth) return begin();
    const app = insideApp();
    if (!app) return begin();
    say('app-text', 'app_text', { app: () => t('app_' + app) });
    return show('in-app');
  }

  async function begin() {
    show('loading');
    const missing = lacking();
    if (missing.length) return unsupported(missing.join(', '));
    if (!booth && !storageWorks()) return stop('storage-blocked');
    const [program, notice] = await Promise.all(['/ballot.wasm', '/manifest'].map(load));
    const gives = { env: { random_fill: randomFill } };
    let built = null;
    try {
      built = await WebAssembly.instantiate(program, gives);
      core = built.instance.exports;
    } catch (error) {
      return unsupported('WebAssembly');
    }
    let usable = false;
    try { usable = call('begin').status === OK; } catch (error) { /* it is missing or throws */ }
    if (!usable) return unsupported(() => t('need_random'));
    const facts = new Uint8Array(64);
    facts.set(script || call('sha256', await load('/phone.js')).out);
    facts.set(call('sha256', program).out, 32);
    const checked = call('check', notice, facts);
    if (checked.status !== OK) return stop(checked.status === OTHER_PAGE ? 'page-changed' : 'other-manifest');
    manifest = JSON.parse(text(notice));
    place = 'douxuan/' + hex(call('sha256', notice).out);
    for (const id of ['title', 'place']) $(id).removeAttribute('data-t');
    dress();
    showCode(text(checked.out));
    if (booth) {
      renew = async () => {
        core = (await WebAssembly.instantiate(built.module, gives)).exports;
        return call('begin').status === OK && call('check', notice, facts).status === OK;
      };
      watch();
      return home();
    }
    // A slip scanned while the page is open changes the fragment only.
    window.addEventListener('hashchange', () => { if (stage !== 'enrolled' && stage !== 'asking') location.reload(); });
    window.addEventListener('storage', event => { if (event.key === place && stage !== 'stopped') stop('elsewhere'); });
    return resume();
  }

  function resume() {
    stored = localStorage.getItem(place);
    if (stored !== null) {
      let wallet = null;
      try { wallet = Uint8Array.from(atob(stored), c => c.charCodeAt(0)); } catch (garbled) { return stop('storage-broken'); }
      const { status, out } = call('resume', wallet);
      wallet.fill(0);
      if (status !== OK) return stop('storage-broken');
      if (location.hash && out[0] === 2) $('again').hidden = false;
      if (location.hash) history.replaceState(null, '', '/');
      watch();
      if (out[0] === 2) return enter();
      return enrol();
    }
    watch();
    const fragment = location.hash.slice(1);
    if (!fragment) return show('typed');
    const status = invite('scan', bytesOf(fragment));
    if (status === OTHER_MANIFEST) return stop('other-manifest');
    if (status !== OK) return show('bad-slip');
    return undefined;
  }

  start();
}());
