// Ballots: one contest alone, ten at once with a crash in the middle, one with only four ballots.

import { overflows, shot } from '../parts/browser.mjs';
import { formsOf, keyIn } from '../parts/bytes.mjs';
import { Hall } from '../parts/hall.mjs';
import { holdingAfter } from '../parts/phone.mjs';
import { equal, expect, note, pause, situation, until } from '../parts/report.mjs';
import { FEW, RECUSED } from './enrolment.mjs';
import { signInAgain } from './office.mjs';

/** Nothing on the page or in storage that could say what was chosen. */
async function saysNothing(phone, words) {
  equal(await phone.page.locator('[aria-checked], [role="radio"], .contest').count(), 0, 'rating controls after the final tap');
  const html = await phone.page.evaluate(() => document.documentElement.outerHTML + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie);
  for (const word of words) expect(!html.includes(`>${word}<`), `the page still says ${word}`);
}

export async function voting(meeting) {
  const { server, desk, hall, first, second, manifest } = meeting;
  const words = manifest.scale.map(option => option.zh);
  const rule = manifest.release;

  await situation('phones: rate and 弃权, one final tap, 已收到 only after the receipts', async () => {
    await desk.all('contest/open', ['1/1']);
    await Promise.all([first.reach('open'), second.reach('open')]);
    const before = await first.wallet(manifest);
    meeting.oldKey = keyIn(before.slots.find(slot => slot.contest === '1/1').body);
    await shot(first.page, 'phone-09-ballot', { fullPage: true });
    equal(await overflows(first.page), [], 'ballot');
    const heights = await first.page.locator('[role="radio"], button:visible').evaluateAll(all => all.map(e => e.getBoundingClientRect().height));
    expect(Math.min(...heights) >= 44, `a target of ${Math.min(...heights)} px`);
    await first.submit();
    expect(/没有选/.test(await first.page.innerText('#missing')), 'an empty ballot was not refused in words');
    await first.rate(() => 0);
    await first.rate(() => 1);
    equal(await first.page.locator('[aria-checked="true"]').count(), 1, 'chosen after a change of mind');
    await second.rate(() => words.indexOf('弃权'));
    await shot(second.page, 'phone-10-chosen', { fullPage: true });
    await Promise.all([first.submit(), second.submit()]);
    await Promise.all([first.reach('received'), second.reach('received')]);
    for (const phone of [first, second]) {
      await until('every state was told', () => phone.states.includes('received'));
      const [sent, got] = [phone.states.indexOf('sending'), phone.states.indexOf('received')];
      expect(sent >= 0 && got > sent, `states ${phone.states}`);
      await saysNothing(phone, words);
    }
    await shot(first.page, 'phone-11-received', { fullPage: true });
    await first.page.tap('#receipts summary');
    await shot(first.page, 'phone-12-receipt', { fullPage: true });
    equal(await overflows(first.page), [], 'receipt');
  });

  await situation('phone: five seconds after casting its storage holds no ballot key of that contest', async () => {
    await pause(5000);
    const kept = await first.storage();
    const text = Object.values(kept).map(value => Buffer.from(value, 'base64').toString('latin1') + value).join('');
    expect(!formsOf(meeting.oldKey).some(form => text.includes(form)), 'the ballot key is still stored');
    const wallet = await first.wallet(manifest);
    const slot = wallet.slots.find(s => s.contest === '1/1');
    equal(slot.kind, 3, 'kind of the slot, 3 being a receipt');
    expect(slot.body.toString().includes('douxuan/'), 'the slot is not a receipt note');
    const waiting = wallet.slots.find(s => s.contest === '2/1');
    const still = formsOf(keyIn(waiting.body)).some(form => text.includes(form));
    expect(still, 'the search would not find a key that is there');
  });

  await situation('hall: one contest large, counts on ticks, bars in released batches, then the result', async () => {
    await until('bars', async () => (await hall.page.locator('article svg .bar').count()) > 0);
    await until('a second batch', () => hall.batches('1/1', rule).length >= 2, 30000);
    await hall.look('hall-4-open');
    await until('all received', async () => { const c = Hall.of(await server.live(), '1/1'); return c.received === c.issued; }, 30000);
    const now = () => Hall.of(hall.last, '1/1');
    await until('the newest frame', () => now().received === now().issued);
    await until('the card is the newest frame', async () => {
      const card = await hall.card('1/1');
      return card.includes(`收回 ${now().received} / ${now().issued}`) && card.includes(`已显示 ${now().released.total} 票`);
    });
    const shown = now();
    expect(shown.received - shown.released.total >= rule.f, `${shown.received - shown.released.total} held back`);
    await desk.all('contest/close', ['1/1']);
    expect(/全部收回|还有 0 人/.test(desk.question), `question before the close: ${desk.question}`);
    await until('closed', async () => /已截止/.test(await hall.card('1/1')));
    await hall.look('hall-5-closed');
    await desk.all('contest/publish', ['1/1']);
    await until('published', async () => /有效/.test(await hall.card('1/1')));
    const { result } = Hall.of(await server.live(), '1/1');
    equal(result.votes.reduce((a, b) => a + b, 0), result.cast, 'votes');
    equal(result.cast, meeting.present - 1, 'cast: everybody but the official himself');
    expect(result.abstained >= 1, 'the second phone abstained');
    const card = () => hall.card('1/1');
    await until('the figures', async () => (await card()).includes(`收回 ${result.cast}`) && (await card()).includes(`弃权 ${result.abstained}`));
    const bars = await hall.bars('1/1');
    result.votes.forEach((votes, i) => expect((votes > 0) === (bars[i] > 0), `bar ${i} is ${bars[i]} long for ${votes}`));
    await hall.look('hall-6-published');
    note(`released in batches up to ${hall.batches('1/1', rule).join(', ')} of ${result.cast}`);
  });

  const ten = manifest.items.map(item => `${item.number}/1`).slice(1, 11);
  await situation('phone: an official\'s slip does not show its own item; a page closed mid-way goes on where it was', async () => {
    await desk.all('contest/open', ten);
    await Promise.all([first.reach('open'), second.reach('open')]);
    await until('ten on the other phone', async () => (await second.offered()).length === 10);
    await until('nine on the official\'s own phone', async () => (await first.offered()).length === 9);
    expect(!(await first.offered()).includes(`${RECUSED}/1`), 'his own item');
    await first.rate(n => n % words.length);
    await shot(first.page, 'phone-13-ten', { fullPage: true });
    await shot(first.page, 'phone-14-ten-window');

    // Closed before the final tap: nothing was chosen. Closed with three of ten ballots delivered: the rest follow.
    await second.rate(n => n % words.length);
    await second.close();
    const gate = holdingAfter(3);
    await second.scan(meeting.secondSlip.fragment, gate.hold);
    await second.reach('open');
    await until('all ten again', async () => (await second.offered()).length === 10);
    equal(await second.page.locator('[aria-checked="true"], #steps .done').count(), 0, 'choices that survived in storage');
    await second.rate(n => n % words.length);
    await second.submit();
    await second.reach('sending');
    await saysNothing(second, words);
    const kinds = async kind => (await second.wallet(manifest)).slots.filter(slot => slot.kind === kind && slot.contest !== '1/1').length;
    await until('three receipts', async () => (await kinds(3)) === 3);
    equal(await kinds(2), 7, 'ballots sealed and not acknowledged');
    await shot(second.page, 'phone-15-sending', { fullPage: true });
    await until('the fourth has set out', () => gate.tried > 3);
    equal([await second.state(), await kinds(2)], ['sending', 7], 'state without receipts');
    await second.close();
  });

  await situation('server killed: the hall keeps its last picture and says so, the phone goes on by itself', async () => {
    await until('the swarm casts', async () => Hall.of(await server.live(), '3/1').received > 5, 30000);
    // Under way when the server goes, however fast or slow either is.
    const gate = holdingAfter(2);
    await gate.hold(first.page);
    await first.submit();
    await first.reach('sending');
    await until('a receipt', async () => Number(await first.page.innerText('#back')) > 0);
    await server.kill();
    try {
      await until('the hall says so', () => hall.page.isVisible('#lost'));
      const [before, frames] = [await hall.page.innerText('#cards'), hall.frames.length];
      expect(/收回 \d+ \/ \d+/.test(before), `the hall dropped its numbers: ${before}`);
      expect(/数据停在 \d\d:\d\d/.test(await hall.page.innerText('#lost')), `hall: ${await hall.page.innerText('#lost')}`);
      await pause(6000);
      equal(hall.frames.length, frames, 'frames from a dead server');
      expect(/收回 \d+ \/ \d+/.test(await hall.page.innerText('#cards')), 'the hall dropped its numbers');
      await hall.look('hall-7-lost');
      await until('the phone says so', () => first.page.isVisible('#offline'));
      equal(await first.state(), 'sending', 'state while the server is away');
      await shot(first.page, 'phone-16-no-network', { fullPage: true });
    } finally {
      await server.begin();
      gate.open();
      await signInAgain(meeting);
    }
    await until('the hall is back', () => hall.page.isHidden('#lost'), 40000);
    await first.reach('received', 60000);
    await second.scan(meeting.secondSlip.fragment);
    await second.reach('received', 60000);
    await shot(second.page, 'phone-17-all-received', { fullPage: true });
  });

  await situation('hall: ten contests after the crash, each in whole batches, each published', async () => {
    await until('all received', async () => (await server.live()).contests.filter(c => c.state === 'open').every(c => c.received === c.issued), 60000);
    await until('the hall has heard it', () => ten.every(contest => { const c = Hall.of(hall.last, contest); return c.received === c.issued; }));
    await hall.look('hall-8-ten-open');
    await shot(desk.page, 'console-7-open', { fullPage: true });
    for (const contest of ten) expect(hall.batches(contest, rule).length >= 1, `${contest} was never shown`);
    await desk.all('contest/close', ten);
    await desk.all('contest/publish', ten);
    const live = await server.live();
    for (const contest of ten) {
      const { state, result, issued } = Hall.of(live, contest);
      equal([state, result.cast, issued - result.cast], ['published', meeting.present - 1, 0], contest);
    }
    await until('the hall has heard it', () => ten.every(contest => Hall.of(hall.last, contest).state === 'published'));
    await hall.look('hall-9-ten-published');
  });

  await situation('hall: a contest with 4 ballots shows 票数过少 and no figure', async () => {
    await desk.all('contest/open', [FEW]);
    for (const phone of [first, second]) {
      await phone.reach('open');
      await phone.rate(() => 0);
      await phone.submit();
      await phone.reach('received');
    }
    await until('four ballots', async () => Hall.of(await server.live(), FEW).received === 4);
    await until('the console knows', async () => /\s4\s/.test(await desk.row(FEW)));
    expect(!Hall.of(await server.live(), FEW).released || Hall.of(await server.live(), FEW).released.total === 0, 'four ballots were shown');
    await desk.all('contest/close', [FEW]);
    expect(desk.question.includes(`还有 ${meeting.present - 1 - 4} 人未提交`), `question before the close: ${desk.question}`);
    await desk.all('contest/publish', [FEW]);
    const shown = Hall.of(await server.live(), FEW);
    equal([shown.state, shown.result && shown.result.votes], ['withheld', null], 'the contest');
    await until('票数过少', async () => {
      const card = hall.page.locator(`article[data-contest="${FEW}"]`);
      return (await card.count()) > 0 && /票数过少/.test(await card.innerText());
    }, 30000);
    equal(await hall.page.locator(`article[data-contest="${FEW}"] svg`).count(), 0, 'bars of a withheld contest');
    await hall.look('hall-10-withheld');
    expect(/票数过少/.test(await desk.row(FEW)), `console: ${await desk.row(FEW)}`);
    equal(await meeting.many.status, 0, `swarm: ${meeting.many.out}`);
  });
}
