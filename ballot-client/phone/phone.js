// The voter's page. Everything that is secret or has to be right happens in ballot.wasm; this script moves bytes
// between the page, the wasm, the network and the browser's storage, and says in words where the voter stands.
//
// The manifest fixes the SHA-256 of this file and of ballot.wasm. That is why it is one file: whatever the page does
// stands here, and one hash covers it.
// Syntax: ES2017, for phones from 2018 on. No crypto.subtle, no clipboard: over plain HTTP browsers lack them.
(function () {
  'use strict';

  // ---- The wasm: bytes in, a status and bytes out. The numbers are those of phone.rs. ----------------------------

  const OK = 0, OTHER_MANIFEST = 5, OTHER_PAGE = 6, REFUSED = 9, UNREADABLE = 10, CLOSED = 14;
  const EXCLUDED = 0, CREDENTIAL = 1, SEALED = 2, RECEIVED = 3, LOOK_UP = 4;
  let core = null;

  function call(name, ...values) {
    const held = [], flat = [];
    for (const value of values) {
      if (typeof value === 'number') { flat.push(value); continue; }
      const at = core.alloc(value.length);
      new Uint8Array(core.memory.buffer).set(value, at);
      held.push([at, value.length]);
      flat.push(at, value.length);
    }
    const status = core[name](...flat);
    for (const [at, length] of held) core.free(at, length);
    const from = core.out();
    const out = new Uint8Array(core.memory.buffer).slice(from, from + core.out_len());
    core.wipe();
    return { status, out };
  }

  function randomFill(at, length) {
    const bytes = new Uint8Array(core.memory.buffer, at, length);
    for (let from = 0; from < length; from += 65536) {
      crypto.getRandomValues(bytes.subarray(from, Math.min(length, from + 65536)));
    }
  }

  function random() {
    return crypto.getRandomValues(new Uint32Array(1))[0] / 4294967296;
  }

  const text = bytes => new TextDecoder().decode(bytes);
  const bytesOf = string => new TextEncoder().encode(string);
  const hex = bytes => Array.from(bytes, b => (b < 16 ? '0' : '') + b.toString(16)).join('');
  const pause = ms => new Promise(done => setTimeout(done, ms));

  // ---- What the page knows ----------------------------------------------------------------------------------------

  const $ = id => document.getElementById(id);
  let manifest = null;          // JSON.parse of the bytes that the wasm accepted
  let live = null;              // the latest state from /live
  let place = '';               // the storage key of this meeting's wallet
  let stored = null;            // what this tab last saw there
  let stage = 'start';          // start, invited, asking, enrolled, stopped
  let slots = [];               // {item, round, kind} of every contest, from the wasm
  let sending = null;           // {all, sent} while ballots leave
  const choices = new Map();    // '1/1' -> option, in memory only, emptied before anything is sent
  const refused = new Set();    // contests whose ballot the server refused
  const found = new Map();      // contests looked up on the board -> whether the ballot is there
  const busy = new Set();       // contests being delivered or looked up now

  const nameOf = slot => slot.item + '/' + slot.round;

  function show(state) {
    if (document.body.dataset.state === state) return;
    document.body.dataset.state = state;
    window.scrollTo(0, 0);
  }

  function stop(state) {
    stage = 'stopped';
    show(state);
  }

  function lied(what) {
    $('false-what').textContent = what;
    stop('false-reply');
  }

  // ---- Storage: written, read back, compared by the wasm, before the journey goes on. ------------------------------

  function storageWorks() {
    try {
      localStorage.setItem('douxuan', 'x');
      const works = localStorage.getItem('douxuan') === 'x';
      localStorage.removeItem('douxuan');
      return works;
    } catch (blocked) {
      return false;
    }
  }

  function toText(bytes) {
    let latin = '';
    for (const b of bytes) latin += String.fromCharCode(b);
    return btoa(latin);
  }

  function keep(wallet) {
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

  // ---- Network -----------------------------------------------------------------------------------------------------

  let troubleSince = 0;

  function trouble(now) {
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

  function watch() {
    const socket = socketTo('/live');
    let again = false;
    const retry = () => {
      if (again) return;
      again = true;
      trouble(true);
      setTimeout(watch, 1000 + 2000 * random());
    };
    socket.onmessage = event => { trouble(false); live = JSON.parse(event.data); next(); };
    socket.onerror = retry;
    socket.onclose = retry;
  }

  function stateOf(slot) {
    const contest = live && live.contests.find(c => c.item === slot.item && c.round === slot.round);
    return contest ? contest.state : 'unopened';
  }

  const isOver = state => state !== 'unopened' && state !== 'open' && state !== 'closing';

  // ---- Enrolment ---------------------------------------------------------------------------------------------------

  function invite(name, value) {
    const { status } = call(name, value);
    if (status !== OK) return status;
    stage = 'invited';
    next();
    return OK;
  }

  function showCode(code) {
    const box = $('screen-code');
    box.textContent = '';
    for (const group of code.split(' ')) {
      const part = document.createElement('span');
      part.textContent = group;
      box.append(part, ' ');
    }
  }

  async function enrol() {
    if (stage === 'invited') {
      const { status, out } = call('prepare');
      if (status !== OK) return lied('登记没有准备好。');
      if (!keep(out)) return undefined;
      history.replaceState(null, '', '/');
    }
    stage = 'asking';
    const request = call('request');
    if (request.status !== OK) return lied('登记没有准备好。');
    for (let tries = 0; stage === 'asking'; tries += 1) {
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
        const { status, out } = call('enrolled', reply, log, checkpoint);
        if (status === OK) {
          if (keep(out)) enter();
          return undefined;
        }
        if (status === REFUSED) {
          const now = JSON.parse(text(await ask('/live.json')));
          if (now.window.open) return stop('refused');
          live = now;
          continue;
        }
        if (status !== UNREADABLE || tries > 3) {
          return lied('登记的答复没有通过核对。');
        }
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

  // ---- Rating and sending ------------------------------------------------------------------------------------------

  function openSlots() {
    return slots.filter(slot => slot.kind === CREDENTIAL && stateOf(slot) === 'open');
  }

  async function submit() {
    const open = openSlots();
    const missing = open.filter(slot => !choices.has(nameOf(slot)));
    if (missing.length) {
      $('missing').textContent = '还有 ' + missing.length + ' 位没有选。';
      const first = document.querySelector('[data-contest="' + nameOf(missing[0]) + '"]');
      first.scrollIntoView();
      return;
    }
    if (!open.length || stage !== 'enrolled') return;
    const chosen = new Uint8Array(open.length * 4);
    open.forEach((slot, i) => chosen.set([slot.item >> 8, slot.item & 255, slot.round, choices.get(nameOf(slot))], i * 4));
    const { status, out } = call('seal', chosen);
    chosen.fill(0);
    choices.clear();
    drawn = '';
    $('ratings').textContent = '';
    if (status !== OK) { lied('选票没有封好。'); return; }
    if (!keep(out)) return;
    readSlots();
    send();
  }

  /** Every sealed ballot leaves at a moment of its own: random order, 0.2 to 1.5 s apart, 20 s in all. */
  async function send() {
    const ready = slot => slot.kind === SEALED && !busy.has(nameOf(slot)) && !refused.has(nameOf(slot));
    const queue = slots.filter(ready);
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
    for (let i = 0; i < queue.length && stage === 'enrolled'; i += 1) {
      await pause(1000 * (0.2 + gaps[i] * shrink));
      deliver(queue[i]);
    }
  }

  async function deliver(slot) {
    const frame = call('ballot', slot.item, slot.round).out;
    let first = true;
    for (let tries = 0; stage === 'enrolled'; tries += 1) {
      const attempt = cast(frame);
      if (first) { first = false; sending.sent += 1; next(); }
      try {
        const reply = await attempt;
        trouble(false);
        if (stage !== 'enrolled') return;
        const { status, out } = call('receipt', slot.item, slot.round, reply);
        if (status === OK || status === CLOSED) {
          if (!keep(out)) return;
          break;
        }
        if (status === REFUSED) { refused.add(nameOf(slot)); break; }
        if (status !== UNREADABLE || tries > 3) { lied('选票的回执没有通过核对。'); return; }
      } catch (error) {
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
    busy.delete(nameOf(slot));
    readSlots();
    if (!slots.some(other => busy.has(nameOf(other)) && other.kind === SEALED)) sending = null;
    next();
  }

  async function lookUp(slot) {
    busy.add(nameOf(slot));
    try {
      const entries = await ask('/board/' + nameOf(slot) + '/entries');
      const checkpoint = await ask('/board/' + nameOf(slot) + '/checkpoint');
      const { status, out } = call('look_up', slot.item, slot.round, entries, checkpoint);
      if (status === OK) found.set(nameOf(slot), out[0] === 1);
      else await pause(3000);
    } catch (error) { await pause(3000); }
    busy.delete(nameOf(slot));
    next();
  }

  // ---- What now? Asked again after every event. ----------------------------------------------------------------------

  function next() {
    if (stage === 'invited') {
      const number = live ? live.window.number : 0;
      if (live && live.window.open) show('check');
      else show(number > 0 || (live && live.enrolment_ended) ? 'window-closed' : 'window-waiting');
    }
    if (stage !== 'enrolled') return;
    if (live && live.phase === 'archived' && slots.some(slot => slot.kind === CREDENTIAL)) {
      if (!keep(call('forget').out)) return;
      readSlots();
    }
    if (slots.some(slot => slot.kind === SEALED && !busy.has(nameOf(slot)) && !refused.has(nameOf(slot)))) { send(); return; }
    for (const slot of slots) {
      const name = nameOf(slot);
      if (slot.item > 0 && slot.kind === LOOK_UP && isOver(stateOf(slot)) && !found.has(name) && !busy.has(name)) lookUp(slot);
    }
    list();
    if (sending) {
      const back = slots.filter(slot => busy.has(nameOf(slot)) && slot.kind === SEALED).length;
      $('sent').textContent = String(sending.sent);
      $('back').textContent = String(Math.max(0, sending.all - back));
      $('all').textContent = String(sending.all);
      $('progress').max = sending.all * 2;
      $('progress').value = sending.sent + sending.all - back;
      show('sending');
    } else if (openSlots().length) {
      rate();
      show('open');
    } else if (live && live.phase === 'archived') {
      show('finished');
    } else if (slots.some(slot => slot.kind === RECEIVED || slot.kind === LOOK_UP)) {
      show('received');
    } else {
      show(slots.some(slot => slot.kind === CREDENTIAL && !isOver(stateOf(slot))) ? 'waiting' : 'closed');
    }
  }

  function element(kind, words, attributes) {
    const made = document.createElement(kind);
    made.textContent = words;
    for (const name of Object.keys(attributes || {})) made.setAttribute(name, attributes[name]);
    return made;
  }

  function titleOf(slot) {
    if (slot.item === 0) return '试投';
    return manifest.items[slot.item - 1].name + (slot.round > 1 ? '（第 ' + slot.round + ' 轮）' : '');
  }

  let drawn = '';

  function rate() {
    const open = openSlots();
    for (const name of Array.from(choices.keys())) {
      if (!open.some(slot => nameOf(slot) === name)) choices.delete(name);
    }
    const key = open.map(nameOf).join(' ');
    if (key !== drawn) {
      drawn = key;
      $('missing').textContent = '';
      $('ratings').textContent = '';
      open.forEach(slot => $('ratings').append(rating(slot)));
    }
    $('chosen').textContent = String(choices.size);
    $('of').textContent = String(open.length);
  }

  function rating(slot) {
    const box = element('div', '', { class: 'contest', 'data-contest': nameOf(slot) });
    const item = manifest.items[slot.item - 1];
    const about = slot.item === 0
      ? '这是试投，不计入任何结果，结束后当场销毁。'
      : item.unit + ' ' + item.post + (item.report === 'written' ? ' · 书面报告' : '');
    box.append(element('h3', titleOf(slot), { id: 'name-' + slot.item + '-' + slot.round }), element('p', about));
    const group = element('div', '', { role: 'radiogroup', 'aria-labelledby': 'name-' + slot.item + '-' + slot.round });
    const radios = manifest.scale.map((option, j) => {
      const checked = choices.get(nameOf(slot)) === j;
      return element('div', option.zh, { role: 'radio', 'aria-checked': String(checked), tabindex: '-1', 'data-option': String(j) });
    });
    const choose = (j, focus) => {
      choices.set(nameOf(slot), j);
      radios.forEach((radio, i) => {
        radio.setAttribute('aria-checked', String(i === j));
        radio.setAttribute('tabindex', i === j ? '0' : '-1');
      });
      if (focus) radios[j].focus();
      $('missing').textContent = '';
      rate();
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
    box.append(group);
    return box;
  }

  function list() {
    const excluded = manifest.items.filter(item => slots.some(s => s.item === item.number && s.kind === EXCLUDED));
    $('excluded').textContent = excluded.length ? '这张票纸不评：' + excluded.map(item => item.name).join('、') + '。请与票纸上写的核对。' : '';
    $('list').textContent = '';
    $('notes').textContent = '';
    let receipts = 0;
    for (const slot of slots) {
      const name = nameOf(slot);
      const over = isOver(stateOf(slot)) || stateOf(slot) === 'closing';
      let words = '';
      if (slot.kind === RECEIVED) words = '已收到';
      else if (refused.has(name)) words = '没有被接受，请告诉监票人';
      else if (slot.kind === SEALED) words = '正在送出';
      else if (slot.kind === LOOK_UP && !found.has(name)) words = '没等到回执，等清单公布后查找';
      else if (slot.kind === LOOK_UP) words = found.get(name) ? '已在公开清单里' : '不在公开清单里，请告诉监票人';
      else if (slot.kind === CREDENTIAL && over) words = '已截止，没有投';
      if (!words) continue;
      const line = element('li', titleOf(slot) + ' ');
      line.append(element('strong', words));
      $('list').append(line);
      if (slot.kind === RECEIVED) {
        receipts += 1;
        $('notes').append(element('h3', titleOf(slot)), element('pre', text(call('note', slot.item, slot.round).out)));
      }
    }
    $('receipts').hidden = receipts === 0;
  }

  // ---- The beginning ---------------------------------------------------------------------------------------------------

  function typed(event) {
    event.preventDefault();
    if (stage !== 'start') return;
    if (invite('typed', bytesOf($('code').value.trim())) !== OK) {
      $('typed-error').textContent = '这个编码不对，请照着票纸再核对一遍。';
    } else $('code').value = '';
  }

  function act(event) {
    const button = event.target.closest ? event.target.closest('[data-act]') : null;
    if (!button) return;
    const name = button.dataset.act;
    if (name === 'enrol' && stage === 'invited') enrol();
    if (name === 'submit') submit();
    if (name === 'typed') show('typed');
    if (name === 'reload') location.reload();
    // Only after a refusal: a wallet that was refused earns nothing any more.
    if (name === 'other') { localStorage.removeItem(place); location.replace('/'); }
  }

  async function start() {
    document.addEventListener('click', act);
    $('typed').addEventListener('submit', typed);
    if (!window.WebAssembly || !window.crypto || !crypto.getRandomValues || !window.fetch || !window.TextDecoder) {
      return stop('unsupported');
    }
    if (!storageWorks()) return stop('storage-blocked');
    const [program, script, notice] = await Promise.all(['/ballot.wasm', '/phone.js', '/manifest'].map(load));
    try {
      core = (await WebAssembly.instantiate(program, { env: { random_fill: randomFill } })).instance.exports;
      if (call('begin').status !== OK) return stop('unsupported');
    } catch (error) {
      return stop('unsupported');
    }
    const facts = new Uint8Array(64);
    facts.set(call('sha256', script).out);
    facts.set(call('sha256', program).out, 32);
    const checked = call('check', notice, facts);
    if (checked.status !== OK) return stop(checked.status === OTHER_PAGE ? 'page-changed' : 'other-manifest');
    manifest = JSON.parse(text(notice));
    place = 'douxuan/' + hex(call('sha256', notice).out);
    $('title').textContent = manifest.title;
    $('place').textContent = manifest.date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日') + ' ' + manifest.place;
    showCode(text(checked.out));
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
