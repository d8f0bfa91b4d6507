// Who is signed in: shown in the header, kept awake by what a person does, signed out, the own pass-phrase.

import { t } from '/words.js';
import { act, ask, say } from '/console-ask.js';
import { me } from '/console-entry.js';
import { $, write } from '/console-parts.js';
import { mayAlone } from '/console-rights.js';

/** How often a person's own doing is told to the server, at most. */
const HERE_MS = 60000;
/** Seconds before the end of a quiet session from which the header warns. */
const SOON = 300;

let told = 0;

/** @param {{name: string, role: string}} who */
export const personOf = ({ name, role }) => t('staff.signed_in_as', { name, role: t(`staff.role_${role}`) });

export function drawWho() {
  const account = me();
  $('who').hidden = !account;
  $('idle').hidden = !account || account.left > SOON;
  // The record's own page has no way to itself.
  if ($('record-section')) $('record-section').hidden = !account || !mayAlone('record', account.role);
  if (!account) return;
  write($('who-name'), personOf(account));
  write($('idle'), t('staff.left_soon', { minutes: Math.max(1, Math.ceil(account.left / 60)) }));
}

/** A person moved: the server is told, once a minute at most. What the page asks by itself keeps nobody signed in. */
function here() {
  const account = me();
  if (!account || Date.now() - told < HERE_MS) return;
  told = Date.now();
  ask('staff/here', {}).then(() => { $('idle').hidden = true; }, () => {});
}

/** What every page of the console has: kept awake by what a person does, signed out by a button. */
export function hereOn() {
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, here, { passive: true });
  $('sign-out').addEventListener('click', () => act(async () => {
    await ask('staff/out', {});
    return t('staff.signed_out');
  }));
}

export function staffOn() {
  hereOn();
  const fields = $('own-phrase-form').elements;
  const visible = () => {
    for (const name of ['old', 'new', 'again']) fields[name].type = fields.show.checked ? 'text' : 'password';
  };
  fields.show.addEventListener('change', visible);
  $('own-phrase-form').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    if (fields.new.value !== fields.again.value) {
      say(t('staff.phrase_differs'), true);
      return;
    }
    act(async () => {
      await ask('staff/phrase', { old: fields.old.value, new: fields.new.value });
      $('own-phrase-form').reset();
      visible();
      $('own-phrase').open = false;
      return t('staff.phrase_changed');
    });
  });
}
