// Real browsers against the real binary: node tests/browser/run.mjs [part ...]
//
// Without names the whole run; parts that hold a meeting of their own can be named alone (phoneStates, consoleStates,
// staff, checkin, paper, booth, https, words, scrutineer, rostrum, preflight, markup, payloads, record, recordDeadlines,
// recordLetters, recordMatching, recordResults, recordViews, day), and so can the one meeting of all others (meeting).
// Starts the server itself on free loopback ports, drives Chromium through a mapped host name, prints every situation
// and `N passed, M failed`; status 1 if one failed. DOUXUAN_BIN, DOUXUAN_BALLOT_BIN and CHROMIUM name other programs,
// DOUXUAN_SHOTS the folder of the pictures. DOUXUAN_SLOW=4: every page computes four times slower and has its answers
// 200 ms later, so that what asks a page for the server's state before the page can have it fails here and not on a
// slower machine; no pictures are taken then, and none read for barriers.

import { existsSync } from 'node:fs';

import { Browser } from './parts/browser.mjs';
import { BALLOT, DOUXUAN, Server, cleanUp } from './parts/machine.mjs';
import { conclude, note, situation } from './parts/report.mjs';
import { booth } from './situations/booth.mjs';
import { checkin } from './situations/checkin.mjs';
import { consoleStates } from './situations/console_states.mjs';
import { crossSite } from './situations/crosssite.mjs';
import { day } from './situations/day.mjs';
import { ending } from './situations/ending.mjs';
import { enrolment } from './situations/enrolment.mjs';
import { guard } from './situations/guard.mjs';
import { hallStates } from './situations/hall_states.mjs';
import { https } from './situations/https.mjs';
import { leaks } from './situations/leaks.mjs';
import { markup } from './situations/markup.mjs';
import { office } from './situations/office.mjs';
import { paper } from './situations/paper.mjs';
import { payloads } from './situations/payloads.mjs';
import { phoneStates } from './situations/phone_states.mjs';
import { preflight } from './situations/preflight.mjs';
import { receipt, receiptBefore } from './situations/receipt.mjs';
import { record } from './situations/record.mjs';
import { recordDeadlines } from './situations/record_deadlines.mjs';
import { recordLetters } from './situations/record_letters.mjs';
import { recordMatching } from './situations/record_matching.mjs';
import { recordResults } from './situations/record_results.mjs';
import { recordViews } from './situations/record_views.mjs';
import { rostrum } from './situations/rostrum.mjs';
import { scrutineer } from './situations/scrutineer.mjs';
import { staff } from './situations/staff.mjs';
import { unknown } from './situations/unknown.mjs';
import { voting } from './situations/voting.mjs';
import { weight } from './situations/weight.mjs';
import { words } from './situations/words.mjs';

const TOO_LONG = 18 * 60 * 1000;
/** The order of a meeting: each needs what those before it left. */
const MEETING = [office, enrolment, guard, receiptBefore, voting, crossSite, unknown, hallStates, weight, ending, receipt];
/** Each with a server of its own; the long ones first. */
const ALONE = [day, phoneStates, rostrum, recordViews, consoleStates, staff, checkin, paper, scrutineer, booth, https, markup, payloads, preflight, record, recordDeadlines, recordLetters, recordMatching, recordResults, words];

async function whole() {
  for (const program of [DOUXUAN, BALLOT]) {
    if (!existsSync(program)) throw new Error(`${program} is missing: cargo build -p douxuan -p douxuan-ballot`);
  }
  const browser = await Browser.start();
  const meeting = { browser, server: await Server.start() };
  const named = process.argv.slice(2);
  const inTurn = async (/** @type {typeof ALONE} */ parts) => {
    for (const part of parts) {
      const from = Date.now();
      await part(meeting).catch(error => situation(part.name, () => Promise.reject(error)));
      note(`${part.name}: ${Math.round((Date.now() - from) / 1000)} s`);
    }
  };
  if (named.length) {
    if (named.includes('meeting')) await inTurn([...MEETING, leaks]);
    await inTurn(ALONE.filter(part => named.includes(part.name)));
  } else {
    // Most of the time a page waits for a tick, so two go on at once: whoever is free takes the next.
    const left = [...ALONE];
    const rest = async () => {
      for (let next = left.shift(); next; next = left.shift()) await inTurn([next]);
    };
    await Promise.all([inTurn(MEETING).then(rest), rest()]);
    await inTurn([leaks]);
  }
  await browser.stop();
}

const begun = Date.now();
const watchdog = setTimeout(async () => {
  console.log(`not ok  the whole run ends within ${TOO_LONG / 60000} minutes`);
  await cleanUp();
  process.exit(1);
}, TOO_LONG);
process.once('unhandledRejection', async error => {
  console.log(`not ok  the run\n${error instanceof Error ? error.stack : error}`);
  await cleanUp();
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cleanUp().finally(() => process.exit(1)));

await whole().catch(error => situation('the run', () => Promise.reject(error)));
clearTimeout(watchdog);
await cleanUp();
console.log(`whole run ${Math.round((Date.now() - begun) / 1000)} s`);
process.exit(conclude());
