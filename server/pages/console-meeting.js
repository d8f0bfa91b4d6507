// The frozen meeting beside the acts: code, address, slips, windows, record; the hall screen and the Wi-Fi.

import { dateInWords, t } from '/words.js';
import { act, ask } from '/console-ask.js';
import { $, element, keyed, link, number, write } from '/console-parts.js';

/** When the countdown ends that the hall shows. @type {number|null} */
let ends = null;

/** A code of eight groups as two lines of four; its text stays the same. @param {string} code */
function halves(code) {
  const groups = code.split(' ');
  return [element('span', `${groups.slice(0, 4).join(' ')} `), element('span', groups.slice(4).join(' '))];
}

/** @param {any} state */
function drawFacts(state) {
  const { frozen, live, urls, address } = state;
  const facts = [
    ['code', t('console.fact_code'), live.screen_code, 'code'],
    ['phone', t('console.fact_phone'), address ? `${address.origin}/` : urls.phone, ''],
    ['expected', t('console.fact_expected'), number(live.expected), ''],
    ['slips', t('console.fact_slips'), t('console.slips_are', { leaves: frozen.leaves, redeemed: frozen.redeemed, voided: frozen.voided, unused: number(frozen.unused) }), ''],
    ['refused', t('console.fact_refused'), frozen.refused ? t('console.refused_some', { n: frozen.refused }) : t('console.refused_none'), frozen.refused ? 'warn' : ''],
    ['log', t('console.fact_log'), t('console.log_is', { n: frozen.log_size }), ''],
    ['head', t('console.fact_head'), frozen.log_code, 'head-code'],
  ];
  const pairs = facts.flatMap(([key, name, value, kind]) => [{ key: `${key} name`, tag: 'dt', text: name, kind: '' }, { key, tag: 'dd', text: value, kind }]);
  keyed($('facts'), pairs, pair => pair.key, pair => element(pair.tag), (made, pair) => {
    made.className = pair.kind;
    if (!pair.kind.includes('code')) write(made, pair.text);
    else if (made.textContent !== pair.text) made.replaceChildren(...halves(pair.text));
  });
}

/** @param {any} state */
function drawWindows(state) {
  const { frozen, live } = state;
  const rows = frozen.windows.map((/** @type {any} */ w) => [t('console.window', { n: w.number }), number(w.present), number(w.redeemed), number(w.present - w.redeemed)]);
  if (live.window.open) rows.push([t('console.window_now', { n: live.window.number }), '—', number(live.enrolled), '—']);
  $('windows').hidden = !rows.length;
  keyed($('windows').querySelector('tbody'), rows, row => row[0], () => {
    const made = element('tr');
    made.append(...[0, 1, 2, 3].map(() => element('td')));
    return made;
  }, (made, row) => [...made.children].forEach((cell, i) => write(cell, row[i])));
}

/** @param {any} state */
function drawSlips(state) {
  const { slips, frozen } = state;
  const box = $('slips');
  const shows = `${document.documentElement.lang} ${JSON.stringify(slips)} ${frozen.bundle}`;
  if (box.dataset.shows === shows) return;
  box.dataset.shows = shows;
  box.hidden = !slips && !frozen.bundle;
  box.replaceChildren();
  if (slips) {
    const sum = (/** @type {any[]} */ groups, /** @type {string} */ key) => groups.reduce((n, g) => n + g[key], 0);
    const [own, general] = [true, false].map(is => slips.filter((/** @type {any} */ g) => Boolean(g.officials.length) === is));
    const words = [['console.slips_general', general], ['console.slips_own', own]].filter(([, groups]) => groups.length)
      .map(([name, groups]) => t(/** @type {string} */ (name), { n: sum(/** @type {any} */ (groups), 'holders'), spares: sum(/** @type {any} */ (groups), 'spares') }));
    box.append(element('p', t('console.slips_in_memory'), 'warn'), link('/desk/slips', t('console.slips_print')), element('p', words.join(t('console.semicolon')), 'hint'));
  }
  if (frozen.bundle) {
    const download = /** @type {HTMLAnchorElement} */ (element('a', t('console.bundle'), 'button'));
    download.href = '/desk/bundle.zip';
    box.append(download, element('p', t('console.bundle_says'), 'hint'));
    for (const kind of ['xlsx', 'csv']) {
      const papers = /** @type {HTMLAnchorElement} */ (element('a', t(`console.papers_${kind}`), 'button quiet'));
      papers.href = `/desk/papers.${kind}`;
      box.append(papers);
    }
    box.append(element('p', t('console.papers_says'), 'hint'));
  }
}

/** The address on the slips is not this machine's any more. @param {any} state */
function drawMoved(state) {
  const { address } = state;
  const moved = Boolean(address) && !address.ours;
  const shows = moved ? `${document.documentElement.lang} ${address.origin} ${address.now}` : '';
  const box = $('moved');
  box.hidden = !moved;
  if (box.dataset.shows === shows) return;
  box.dataset.shows = shows;
  box.replaceChildren();
  if (!moved) return;
  const words = element('div');
  words.append(element('strong', t('console.moved', { origin: address.origin })), element('p', address.now ? t('console.moved_to', { now: `${address.now}/` }) : t('console.moved_nowhere')));
  box.append(words);
  if (address.now) {
    const code = document.createElement('img');
    Object.assign(code, { src: `/typed.svg?${encodeURIComponent(address.now)}`, alt: t('console.moved_code') });
    box.append(code);
  }
}

/** @param {any} state */
function drawWifi(state) {
  const { wifi } = state;
  const shows = `${document.documentElement.lang} ${JSON.stringify(wifi)}`;
  if ($('wifi-now').dataset.shows === shows) return;
  $('wifi-now').dataset.shows = shows;
  $('wifi-now').replaceChildren();
  if (!wifi) return;
  const forget = element('button', t('console.wifi_forget'));
  forget.setAttribute('type', 'button');
  forget.addEventListener('click', () => act(async () => {
    await ask('wifi', { ssid: '', passphrase: '', security: 'nopass', hidden: false, in_hall: false });
    return t('console.wifi_forgotten');
  }));
  const row = element('p', '', 'row');
  row.append(link('/desk/wifi', t('console.wifi_print')), forget);
  $('wifi-now').append(element('p', t(wifi.in_hall ? 'console.wifi_shown' : 'console.wifi_kept', { ssid: wifi.ssid })), row);
}

function drawCountdown() {
  const left = ends === null ? 0 : Math.max(0, Math.ceil((ends - Date.now()) / 1000));
  $('countdown-clear').hidden = ends === null;
  write($('countdown-left'), ends === null ? '' : t('console.countdown_left', { left: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` }));
}

/** @param {any} state */
export function drawMeeting(state) {
  const { live, frozen, urls, forms = [] } = state;
  $('hall-link').href = urls.hall;
  $('rostrum-link').href = new URL('/rostrum', urls.hall).href;
  write($('rostrum-url'), $('rostrum-link').href);
  drawMoved(state);
  drawWifi(state);
  $('wifi-section').hidden = !forms.includes('wifi');
  $('countdown').hidden = !forms.includes('countdown');
  ends = live.countdown ? Date.now() + 1000 * live.countdown.left : null;
  drawCountdown();
  $('scrutineer-link').hidden = !frozen;
  if (!frozen) return;
  write($('meeting-title'), [live.title, dateInWords(live.date), live.place].join('　'));
  drawFacts(state);
  drawWindows(state);
  drawSlips(state);
}

export function meetingOn() {
  // A window of its own, to be dragged to the projector: hall and console never share one.
  $('hall-link').addEventListener('click', (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    window.open($('hall-link').href, '_blank', 'popup,noopener,noreferrer,width=1280,height=720');
  });
  $('countdown').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    const minutes = Number($('countdown').elements.minutes.value);
    act(async () => {
      await ask('countdown', { seconds: Math.round(60 * minutes) });
      return t('console.countdown_started', { n: minutes });
    });
  });
  $('countdown-clear').addEventListener('click', () => act(async () => {
    await ask('countdown', { seconds: 0 });
    return t('console.countdown_cleared');
  }));
  $('wifi').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    const { ssid, passphrase, security, hidden, in_hall: inHall } = $('wifi').elements;
    act(async () => {
      await ask('wifi', { ssid: ssid.value, passphrase: passphrase.value, security: security.value, hidden: hidden.checked, in_hall: inHall.checked });
      passphrase.value = '';
      $('wifi-form').open = false;
      return t('console.wifi_done');
    });
  });
  setInterval(drawCountdown, 500);
}
