// Before the first ballot: how to join, who has, and the code that everybody compares.

import { t } from '/words.js';
import { $, element, number } from '/hall-parts.js';

/** Pictures are asked for anew when what they show may have changed. */
let asked = 0;
let askedFor = '';

/** A QR picture with its words. @param {string} path @param {string} alt @param {string} words */
export function picture(path, alt, words) {
  const image = document.createElement('img');
  image.src = `${path}?${asked}`;
  image.alt = alt;
  return element('figure', '', image, element('figcaption', '', words));
}

/** @param {import('/hall-parts.js').Live} now @returns {string[]} */
function steps(now) {
  const wifi = now.wifi ? [t('hall.step_wifi')] : [];
  const scan = now.moved ? [t('hall.step_moved_scan'), t('hall.step_moved_type')]
    : now.wifi ? [t('hall.step_scan')] : [t('hall.step_camera'), t('hall.step_aim')];
  return [...wifi, ...scan, t('hall.step_start')];
}

/** @param {import('/hall-parts.js').Live} now */
function said(now) {
  if (now.phase === 'archived') return t('hall.archived');
  if (now.enrolment_ended) return t('hall.enrolment_ended');
  if (now.window.open) return now.moved ? t('hall.moved') : t('hall.window_open');
  return now.window.number > 0 ? t('hall.window_paused') : t('hall.window_not_yet');
}

/** @param {import('/hall-parts.js').Live} now */
export function drawJoining(now) {
  const shows = `${now.wifi && now.wifi.ssid} ${now.moved && now.moved.url} ${now.phase}`;
  if (shows !== askedFor) [askedFor, asked] = [shows, asked + 1];
  $('how').textContent = said(now);
  $('how').dataset.kind = now.moved && now.window.open ? 'moved' : '';
  const over = now.enrolment_ended || (now.window.number > 0 && !now.window.open);
  $('steps').hidden = over;
  $('steps').replaceChildren(...steps(now).map(words => element('li', '', element('span', '', words))));
  const pictures = [];
  if (now.wifi && !over) pictures.push(picture('/wifi.svg', t('hall.wifi_alt', { ssid: now.wifi.ssid }), t('hall.wifi_words', { ssid: now.wifi.ssid })));
  if (now.moved && !over) pictures.push(picture('/typed.svg', t('hall.typed_alt'), t('hall.typed_words')));
  const drawnNow = `${asked} ${pictures.length} ${document.documentElement.lang}`;
  // A picture that is on the screen already stays: it would flicker.
  if ($('pictures').dataset.shows !== drawnNow) {
    $('pictures').dataset.shows = drawnNow;
    $('pictures').replaceChildren(...pictures);
  }
  $('enrolment').dataset.pictures = String(pictures.length);
  $('enrolled').replaceChildren(element('b', '', number(now.enrolled)), ` / ${number(now.expected)}`);
  const groups = (now.screen_code || '').split(' ').map(group => element('span', '', group));
  $('code').replaceChildren(...groups.slice(0, 4), ...(groups.length > 4 ? [document.createElement('br')] : []), ...groups.slice(4));
}

/** Its pictures are only there while they are shown. */
export function leaveJoining() {
  $('pictures').replaceChildren();
  delete $('pictures').dataset.shows;
}
