// Before freezing: the lists, the settings, and what the hall screen will show when.

import { t } from '/words.js';
import { act, ask } from '/console-ask.js';
import { $, write } from '/console-parts.js';
import { fillQuorum, quorumOf } from '/console-quorum.js';
import { answered, drawFindings, drawGroups, findingsOf, forgetFindings, inShort, rosterOn, tooBig } from '/console-roster.js';

/** @param {File} file */
async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Whether the second list comes from a file or from the record of the review. @param {any} state */
function drawSources(state) {
  const lists = (state.review || { lists: [] }).lists;
  const select = $('officials-from');
  const shows = `${document.documentElement.lang} ${JSON.stringify(lists)}`;
  $('officials-from-line').hidden = !lists.length;
  if (select.dataset.shows === shows) return;
  select.dataset.shows = shows;
  const before = select.value;
  const choices = [['', t('console.officials_from_file')], ...lists.map((/** @type {any} */ list) => [list.cycle, t('console.officials_from_record', list)])];
  select.replaceChildren(...choices.map(([value, words]) => Object.assign(document.createElement('option'), { value, textContent: words, selected: value === before })));
  drawSource();
}

/** A list from the record needs no file. */
function drawSource() {
  const file = $('officials');
  file.disabled = Boolean($('officials-from').value);
  file.closest('label').hidden = file.disabled;
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

/** Something was filled in and is not saved: nothing that comes from the server writes over it. */
let unsaved = false;

/** @param {any} state */
export function drawPrepare(state) {
  const form = $('settings');
  if (!unsaved && !form.contains(document.activeElement)) {
    const { title, date, place, drill, release, rounds, recusal, two_people: two = true } = state.settings;
    const fields = form.elements;
    for (const [name, value] of Object.entries({ title, date, place, release, rounds })) fields[name].value = value;
    for (const [name, value] of Object.entries({ drill, recusal, two_people: two })) fields[name].checked = value;
    fillQuorum(state);
  }
  drawRelease(state);
  drawSources(state);
  drawPolicy();
  const { attendees, groups, officials } = state.roster;
  const names = officials.join(t('console.comma'));
  write($('roster-summary'), attendees ? t('console.roster_is', { attendees, officials: officials.length, names }) : t('console.roster_none'));
  const shows = `${document.documentElement.lang} ${JSON.stringify(groups)}`;
  if ($('groups').dataset.shows === shows) return;
  $('groups').dataset.shows = shows;
  drawGroups(groups, attendees);
}

/** What a meeting loses in which one person acts alone. */
function drawPolicy() {
  $('policy-off').hidden = $('settings').elements.two_people.checked;
}

async function bringIn() {
  const cycle = $('officials-from').value;
  const files = [$('roster').files[0], ...(cycle ? [] : [$('officials').files[0]])];
  const big = files.map(tooBig).find(Boolean);
  if (big) throw new Error(big);
  const roster = await base64(files[0]);
  const officials = cycle ? { officials_record: cycle } : { officials_base64: await base64(files[1]) };
  try {
    const answer = await ask('import', { roster_base64: roster, ...officials, confirmed: $('confirmed').checked, answers: answered() });
    const { roster_encoding: first, officials_encoding: second, notes } = answer.report;
    forgetFindings();
    $('confirmed').checked = false;
    drawFindings(notes);
    return t('console.import_done', { attendees: answer.attendees, officials: answer.officials, first, second }) + inShort(notes);
  } catch (error) {
    const details = (/** @type {any} */ (error).answer || {}).details;
    if (details) drawFindings(findingsOf(details));
    throw error;
  }
}

/** @param {() => any} now the state */
export function prepareOn(now) {
  $('sample').addEventListener('click', () => act(async () => {
    await ask('sample', {});
    unsaved = false;
    return t('console.sample_done');
  }));
  $('import').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    act(bringIn);
  });
  $('settings').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    const fields = $('settings').elements;
    act(async () => {
      await ask('settings', {
        title: fields.title.value, date: fields.date.value, place: fields.place.value, drill: fields.drill.checked,
        release: fields.release.value, rounds: Number(fields.rounds.value), recusal: fields.recusal.checked, two_people: fields.two_people.checked, quorum: quorumOf(),
      });
      unsaved = false;
      if (document.activeElement instanceof HTMLElement && $('settings').contains(document.activeElement)) document.activeElement.blur();
      return t('console.settings_saved');
    });
  });
  $('settings').addEventListener('input', () => { unsaved = true; });
  $('settings').elements.two_people.addEventListener('change', drawPolicy);
  $('officials-from').addEventListener('change', () => {
    forgetFindings();
    drawSource();
  });
  rosterOn();
  document.addEventListener('language', () => { if (now() && !now().frozen) drawPrepare(now()); });
}
