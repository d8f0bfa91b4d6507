// Before freezing: the lists, the settings, and what the hall screen will show when.

import { t } from '/words.js';
import { act, ask } from '/console-ask.js';
import { $, write } from '/console-parts.js';

/** @param {File} file */
async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Why live display is not possible with so few: said before it is chosen. @param {any} state */
function drawRelease(state) {
  const { batch: n, held_back: f } = state.settings;
  const least = 4 * f;
  const small = state.roster.attendees > 0 && state.roster.attendees < least;
  write($('live-says'), t('console.live_says', { first: n + f, batch: n, held: f }));
  write($('live-why'), t(small ? 'console.live_not_possible' : 'console.live_small', { least, n: state.roster.attendees }));
  const [live, close] = $('release').querySelectorAll('input');
  live.disabled = small;
  live.closest('label').dataset.possible = String(!small);
  if (small && live.checked) close.checked = true;
}

/** @param {any} state */
export function drawPrepare(state) {
  const form = $('settings');
  if (!form.contains(document.activeElement)) {
    const { title, date, place, drill, release, rounds, recusal } = state.settings;
    const fields = form.elements;
    for (const [name, value] of Object.entries({ title, date, place, release, rounds })) fields[name].value = value;
    for (const [name, value] of Object.entries({ drill, recusal })) fields[name].checked = value;
  }
  drawRelease(state);
  const { attendees, groups, officials } = state.roster;
  const kinds = Object.entries(groups).map(([name, n]) => `${name} ${n}`).join(t('console.comma'));
  const names = officials.join(t('console.comma'));
  write($('roster-summary'), attendees ? t('console.roster_is', { attendees, groups: kinds, officials: officials.length, names }) : t('console.roster_none'));
}

/** @param {() => any} now the state */
export function prepareOn(now) {
  $('sample').addEventListener('click', () => act(async () => {
    await ask('sample', {});
    return t('console.sample_done');
  }));
  $('import').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      const [roster, officials] = [await base64($('roster').files[0]), await base64($('officials').files[0])];
      const answer = await ask('import', { roster_csv_base64: roster, officials_csv_base64: officials, confirmed: $('confirmed').checked });
      $('confirm-line').hidden = true;
      $('confirmed').checked = false;
      const { roster_encoding: first, officials_encoding: second, notes } = answer.report;
      const repaired = notes.map((/** @type {any} */ n) => `${n.file}${n.row ? t('console.row', { n: n.row }) : ''}${t('console.colon')}${n.text}`).join('; ');
      return t('console.import_done', { attendees: answer.attendees, officials: answer.officials, first, second }) + repaired;
    });
  });
  $('settings').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    const fields = $('settings').elements;
    act(async () => {
      await ask('settings', {
        title: fields.title.value, date: fields.date.value, place: fields.place.value, drill: fields.drill.checked,
        release: fields.release.value, rounds: Number(fields.rounds.value), recusal: fields.recusal.checked,
      });
      if (document.activeElement instanceof HTMLElement && $('settings').contains(document.activeElement)) document.activeElement.blur();
      return t('console.settings_saved');
    });
  });
  document.addEventListener('language', () => { if (now() && !now().frozen) drawPrepare(now()); });
}
