// Slips become credentials: two real browsers and the swarm, in one window.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { overflows, shot } from '../parts/browser.mjs';
import { slipOf } from '../parts/bytes.mjs';
import { Hall } from '../parts/hall.mjs';
import { BALLOT, ROOT, folder, start } from '../parts/machine.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { excludedBy } from '../parts/slips.mjs';

/** The officials' slip of the first phone leaves this item out. */
export const RECUSED = 5;
/** The contest in which only four vote. */
export const FEW = '12/1';
const ABSENT = 2;

export async function enrolment(meeting) {
  const { browser, server, desk } = meeting;

  await situation('hall: the screen code is the console\'s and the slips\'', async () => {
    meeting.hall = await Hall.open(browser, server);
    await meeting.hall.page.waitForSelector('#enrolment:visible');
    const shown = (await meeting.hall.page.locator('#code span').allInnerTexts()).join(' ');
    equal(shown, meeting.code, 'screen code');
    equal(await meeting.hall.page.innerText('#enrolled'), '0 / 96', 'enrolled / expected');
    expect(await meeting.hall.page.isVisible('#drill'), 'the drill is not marked');
    await meeting.hall.look('hall-1-frozen');
  });

  const byItem = item => meeting.slips.filter(slip => excludedBy(slipOf(slip.fragment).mask) === item);
  const general = byItem(0);
  const officials = meeting.manifest.items.map(item => byItem(item.number)[0]);

  await situation('phone: a link opens the page and spends nothing; the screen code is shown', async () => {
    meeting.first = await Phone.make(browser, server, 'first phone');
    meeting.second = await Phone.make(browser, server, 'second phone');
    const { first, second } = meeting;
    meeting.firstSlip = officials[RECUSED - 1];
    meeting.secondSlip = general[0];
    await first.scan(meeting.firstSlip.fragment);
    await first.reach('window-waiting');
    await shot(first.page, 'phone-01-before-the-window', { fullPage: true });
    await second.scan('');
    await second.reach('typed');
    await shot(second.page, 'phone-02-typed');
    await second.page.tap('.tick');
    await second.page.fill('#code', 'ABCD-EFGH-JKMN-PQR!');
    await second.page.tap('#typed button');
    await until('a refusal of the code', async () => /不对/.test(await second.page.innerText('#typed-error')));
    await shot(second.page, 'phone-03-typed-wrong', { fullPage: true });
    await second.page.fill('#code', meeting.secondSlip.text.toLowerCase());
    await second.page.tap('#typed button');
    await second.reach('window-waiting');

    await desk.act('window/open');
    for (const phone of [first, second]) {
      await phone.reach('check');
      const shown = (await phone.page.innerText('.screen-code:visible')).split(/\s+/).filter(Boolean).join(' ');
      equal(shown, meeting.code, 'screen code on the phone');
      equal(await overflows(phone.page), [], phone.name);
    }
    await shot(first.page, 'phone-04-check', { fullPage: true });
    equal(await first.page.evaluate(() => location.hash), `#${meeting.firstSlip.fragment}`, 'fragment before 开始');
    equal((await server.live()).enrolled, 0, 'enrolled after pages were opened only');
    equal(Object.keys(await first.storage()).filter(key => key.startsWith('douxuan/')), [], 'wallets stored before 开始');
  });

  await situation('phone: 开始 enrols, then the token is gone from the address; the typed code does the same', async () => {
    for (const phone of [meeting.first, meeting.second]) {
      await phone.page.tap('[data-act="enrol"]');
      await phone.reach('waiting', 60000);
      equal(await phone.page.evaluate(() => location.href), `${server.origin}/`, 'address after enrolment');
      const wallet = await phone.wallet(meeting.manifest);
      equal(wallet.stage, 2, 'stage of the wallet');
    }
    await shot(meeting.first.page, 'phone-05-waiting', { fullPage: true });
    const excluded = await meeting.first.page.innerText('#excluded');
    expect(excluded.includes(meeting.manifest.items[RECUSED - 1].name), `excluded: ${excluded}`);
    await until('two enrolled', async () => (await server.live()).enrolled === 2);
  });

  await situation('phone: a slip that is spent, unreadable or of another meeting, and a changed program, are refused in words', async () => {
    const thief = await Phone.make(browser, server, 'third phone');
    await thief.scan(meeting.secondSlip.fragment);
    await thief.reach('check');
    await thief.page.tap('[data-act="enrol"]');
    await thief.reach('refused', 60000);
    await shot(thief.page, 'phone-06-refused', { fullPage: true });
    await thief.device.close();

    const stranger = await Phone.make(browser, server, 'fourth phone');
    await stranger.scan('AQIDBA');
    await stranger.reach('bad-slip');
    await shot(stranger.page, 'phone-07-bad-slip', { fullPage: true });
    const other = Buffer.from(meeting.firstSlip.fragment, 'base64url');
    other[5] ^= 1;
    await stranger.scan(other.toString('base64url'));
    await stranger.reach('other-manifest');
    await shot(stranger.page, 'phone-08-other-meeting', { fullPage: true });
    // The bytes that the page looks at differ from those that the manifest fixes.
    const changed = Buffer.concat([readFileSync(join(ROOT, 'ballot-client/phone/ballot.wasm')), Buffer.from([0, 1, 0])]);
    await stranger.scan(meeting.firstSlip.fragment, page => page.route('**/ballot.wasm', route => route.fulfill({ body: changed })));
    await stranger.reach('page-changed');
    await shot(stranger.page, 'phone-08b-page-changed', { fullPage: true });
    await stranger.device.close();
  });

  await situation('swarm: fills the hall beside the two phones; the window closes with the heads counted', async () => {
    const work = folder();
    const swarm = (name, slips, argv) => {
      const file = join(work, `${name}.json`);
      writeFileSync(file, JSON.stringify({ origin: server.origin, manifest: slipOf(slips[0].fragment).manifest, slips }));
      return start(BALLOT, ['swarm', '--slips', file, '--connect', `127.0.0.1:${server.publicPort}`, '--rate', '70', '--wait', '900', ...argv]);
    };
    const others = officials.filter((_, n) => n !== RECUSED - 1);
    const many = [...general.slice(3, 84 - ABSENT), ...others];
    const contests = meeting.manifest.items.map(item => `${item.number}/1`).filter(contest => contest !== FEW);
    meeting.many = swarm('many', many, ['--contests', contests.join(','), '--save-receipts', join(work, 'receipts')]);
    meeting.two = swarm('two', general.slice(1, 3), []);
    meeting.receipts = join(work, 'receipts');
    meeting.present = many.length + 4;
    await until('everybody enrolled', async () => (await server.live()).enrolled === meeting.present, 90000);
    await until('the hall shows it', async () => (await meeting.hall.page.innerText('#enrolled')) === `${meeting.present} / 96`);
    await meeting.hall.look('hall-2-enrolling');
    await shot(desk.page, 'console-6-window-open', { fullPage: true });
    await desk.act('window/close', { present: meeting.present });
    equal((await server.live()).present, meeting.present, 'present');
    await meeting.hall.look('hall-3-window-closed');
  });
}
