// What the scrutineer or the chair reads out: made from the numbers, always in Chinese, as it is read in the room.

import { t } from '/words.js';
import { aloud } from '/words-aloud.js';
import { say } from '/console-ask.js';
import { $, element } from '/console-parts.js';

/** @param {any} state */
export function drawAloud(state) {
  const { live } = state;
  $('aloud-section').hidden = live.present === null;
  const lines = aloud(live);
  if ($('aloud').dataset.shows === lines.join('\n')) return;
  $('aloud').dataset.shows = lines.join('\n');
  $('aloud').replaceChildren(...lines.map(text => element('p', text)));
}

/** Where the clipboard is closed, the text is left selected. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return t('console.aloud_copied');
  } catch {
    const range = document.createRange();
    range.selectNodeContents($('aloud'));
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return t('console.aloud_selected');
  }
}

export function aloudOn() {
  $('aloud-copy').addEventListener('click', () => copy($('aloud').dataset.shows || '').then(text => say(text)));
  $('aloud-print').addEventListener('click', () => window.print());
}
