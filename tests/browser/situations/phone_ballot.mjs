// The ballot on the phone: one official at a time, hidden from neighbours, changed until the final tap, gone after it.

import { readFileSync } from 'node:fs';

import { overflows, shot } from '../parts/browser.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';
import { decode } from '../parts/slips.mjs';

const SIX = ['1/1', '2/1', '3/1', '4/1', '5/1', '6/1'];

/** What a page could still know of a choice. @param {import('../parts/phone.mjs').Phone} phone */
const remains = phone => phone.page.evaluate(() => ({
  controls: document.querySelectorAll('[aria-checked], [role="radio"], .contest, .row, #steps *').length,
  session: JSON.stringify(sessionStorage),
  page: document.documentElement.outerHTML.replace(/<script[\s\S]*?<\/script>/g, ''),
}));

/** @param {any} meeting as `phoneStates` leaves it */
export async function phoneBallot(meeting) {
  const { server, office, voter, early, late, last, make, inspect, slip } = meeting;
  const manifest = await (await fetch(`http://127.0.0.1:${server.publicPort}/manifest`)).json();
  const words = manifest.scale.map(option => option.zh);
  const count = () => voter.page.innerText('.count');
  const at = () => voter.page.getAttribute('#ratings .contest', 'data-contest');

  await situation('phone: a rehearsal says that it counts for nothing; an empty ballot is refused in words', async () => {
    await office.contests('open', ['0/0']);
    await early.reach('open');
    expect(/试投/.test(await early.text()), await early.text());
    await inspect(early, 'state-rehearsal');
    await early.submit();
    expect(/没有选/.test(await early.page.innerText('#missing')), 'nothing said');
    await inspect(early, 'state-nothing-chosen');
    await early.rate(() => 3);
    equal(await early.page.locator('[role="radio"][aria-checked="true"]').count(), 1, 'chosen');
    await early.submit();
    await early.reach('received');
    await office.act('rehearsal/destroy');
    await until('the page says it', async () => /销毁/.test(await early.text()));
  });

  await situation('phone: one official at a time, and everything that is needed on one screen of 360 x 640', async () => {
    await office.contests('open', SIX);
    await voter.reach('open');
    equal(await voter.offered(), SIX, 'offered');
    expect(/第 1 位，共 6 位/.test(await count()), await count());
    const below = await voter.page.locator('[role="radio"], #forward').evaluateAll(all => Math.max(...all.map(e => e.getBoundingClientRect().bottom)));
    expect(below <= 640, `a control ends at ${below} px`);
    const bar = await voter.page.locator('.bar:visible').evaluate(e => e.getBoundingClientRect().top);
    const options = await voter.page.locator('[role="radio"]').evaluateAll(all => Math.max(...all.map(e => e.getBoundingClientRect().bottom)));
    expect(options <= bar, `the bar at ${bar} px covers an option that ends at ${options} px`);
    await inspect(voter, 'state-open');
    await shot(voter.page, 'state-open-screen');
  });

  await situation('phone: every grade looks the same, chosen or not; a radio group for whoever does not see it', async () => {
    const looks = () => voter.page.locator('[role="radio"]').evaluateAll(all => all.map(e => {
      const [own, mark] = [getComputedStyle(e), getComputedStyle(e, '::before')];
      return ['color', 'backgroundColor', 'borderTopColor', 'boxShadow', 'borderTopWidth', 'fontSize'].map(p => own[p] + mark[p]).join(' ');
    }));
    const unchosen = new Set(await looks());
    equal(unchosen.size, 1, 'looks of five grades that are not chosen');
    const chosen = new Set();
    for (let j = 0; j < words.length; j += 1) {
      await voter.page.locator('[role="radio"]').nth(j).tap();
      equal(await voter.page.locator('[role="radio"]').evaluateAll(all => all.map(e => e.getAttribute('aria-checked'))), words.map((_, i) => String(i === j)), 'aria-checked');
      const all = await looks();
      chosen.add(all[j]);
      equal(all.filter(look => unchosen.has(look)).length, words.length - 1, 'the others');
    }
    equal(chosen.size, 1, 'looks of five grades that are chosen');
    const colours = [...unchosen, ...chosen].join(' ').match(/rgba?\([^)]*\)/g).map(c => c.match(/\d+/g).slice(0, 3).map(Number));
    expect(colours.every(c => Math.max(...c) - Math.min(...c) < 24), `a colour that is none of gray: ${colours.join(' · ')}`);
    expect(await voter.page.getAttribute('[role="radiogroup"]', 'aria-labelledby') === 'name' && await voter.page.isVisible('#name'), 'the group has no name');
    await voter.page.locator('[role="radio"]').nth(4).press('ArrowDown');
    equal(await voter.page.locator('[role="radio"]').evaluateAll(all => all.findIndex(e => e.getAttribute('aria-checked') === 'true')), 0, 'by the keyboard');
  });

  await situation('phone: 遮住 covers the choices at once, 显示 brings them back; a change of language or size loses nothing', async () => {
    await voter.page.locator('[role="radio"]').nth(1).tap();
    await voter.page.tap('[data-act="cover"]:visible');
    equal(await voter.page.locator('[role="radio"]:visible').count(), 0, 'options to be seen');
    const text = await voter.page.innerText('main');
    for (const word of words) expect(!text.includes(word), `covered, it says ${word}`);
    await inspect(voter, 'state-covered');
    await voter.page.tap('#language');
    await voter.page.tap('#size');
    await voter.page.tap('[data-act="cover"]:visible');
    const shown = await voter.page.locator('[role="radio"]').evaluateAll(all => all.map(e => [e.textContent, e.getAttribute('aria-checked')]));
    equal(shown[1], [manifest.scale[1].en, 'true'], 'after English and 大字');
    await voter.page.tap('#size');
    await voter.page.tap('#size');
    await voter.page.tap('#language');
    equal(await voter.page.locator('[role="radio"]').nth(1).getAttribute('aria-checked'), 'true', 'after Chinese');
  });

  await situation('phone: a reload or a call comes back to the same official; no choice was kept', async () => {
    await voter.turnTo('3/1');
    await voter.page.locator('[role="radio"]').nth(2).tap();
    const kept = await voter.page.evaluate(() => JSON.stringify(sessionStorage) + Object.keys(localStorage).filter(k => !k.startsWith('douxuan/')).map(k => localStorage.getItem(k)) + JSON.stringify(history.state) + location.href);
    expect(!/good|fair|average|poor|abstain|[好般差弃]|"[0-4]"/.test(kept), `kept beside the wallet: ${kept}`);
    await voter.page.reload();
    await voter.reach('open');
    equal(await at(), '3/1', 'official');
    equal(await voter.page.locator('[aria-checked="true"], #steps .done').count(), 0, 'choices after a reload');
    expect(/没有保存/.test(await voter.page.innerText('#hint')), 'not said that nothing was kept');
    await inspect(voter, 'state-reopened');
  });

  await situation('phone: one that is missing jumps into view; the back gesture goes one official back', async () => {
    for (const contest of ['3/1', '4/1', '5/1', '6/1']) {
      await voter.turnTo(contest);
      await voter.page.locator('[role="radio"]').nth(0).tap();
    }
    await voter.page.tap('#forward');
    equal([await voter.state(), await at()], ['open', '1/1'], 'after 检查');
    expect(/还有 2 位/.test(await voter.page.innerText('#missing')), await voter.page.innerText('#missing'));
    await inspect(voter, 'state-missing');
    await voter.page.locator('[role="radio"]').nth(0).tap();
    await voter.page.tap('#forward');
    equal(await at(), '2/1', 'the next that is missing');
    await voter.page.goBack();
    await until('one back', async () => (await at()) === '1/1');
    equal(await voter.page.locator('#steps .done').count(), 5, 'choices after the gesture');
    await voter.turnTo('2/1');
    await voter.page.locator('[role="radio"]').nth(4).tap();
    equal(await voter.forward(), 'review', 'what is next when all are chosen');
  });

  await situation('phone: one review, where a double tap is not the final one and everything can still be changed', async () => {
    await voter.page.tap('#forward');
    await voter.reach('review');
    await voter.page.locator('[data-act="submit"]:visible').dispatchEvent('click');
    equal(await voter.state(), 'review', 'after the second tap of two');
    expect(/提交后不能修改/.test(await voter.text()), await voter.text());
    await inspect(voter, 'state-review');
    await voter.page.tap('[data-act="cover"]:visible');
    const text = await voter.page.innerText('main');
    for (const word of words) expect(!text.includes(word), `covered, the review says ${word}`);
    await inspect(voter, 'state-review-covered');
    await voter.page.tap('[data-act="cover"]:visible');
    await voter.turnTo('2/1');
    await voter.page.locator('[role="radio"]').nth(3).tap();
    await voter.toReview();
    const rows = await voter.page.locator('.row').allInnerTexts();
    expect(rows[1].includes(words[3]), `rows: ${rows}`);
  });

  await situation('phone: a contest that closes meanwhile is said and taken off; the others stay as they were', async () => {
    await office.contests('close', ['6/1']);
    await until('five are left', async () => (await voter.offered()).length === 5);
    equal(await voter.state(), 'review', 'state');
    expect(/已截止，没有投/.test(await voter.page.innerText('#hint')), await voter.page.innerText('#hint'));
    equal(await voter.page.locator('.row').count(), 5, 'rows');
    await inspect(voter, 'state-closed-meanwhile');
  });

  await situation('phone: after the final tap nothing is left of the choices, on the page or in its storage', async () => {
    let hold = true;
    await voter.page.routeWebSocket(/\/cast$/, route => { if (hold) setTimeout(() => route.close(), 300); else route.connectToServer(); });
    await voter.submit();
    await voter.reach('sending');
    const left = await remains(voter);
    equal([left.controls, left.session], [0, '{}'], 'controls, session');
    for (const word of words) expect(!left.page.includes(`>${word}<`), `the page still says ${word}`);
    await voter.page.goBack();
    equal([await voter.state(), (await remains(voter)).controls], ['sending', 0], 'after the back gesture');
    await inspect(voter, 'state-sending');
    hold = false;
    await voter.reach('received', 60000);
    await inspect(voter, 'state-received');
  });

  await situation('phone: all receipts as one text, a file and QR codes', async () => {
    const { page } = voter;
    await page.tap('#receipts summary');
    const text = await page.inputValue('#notes');
    equal(text.match(/^douxuan\/[0-9a-f]+\/receipt$/gm).length, 5, 'receipts in the text');
    await inspect(voter, 'state-receipts');
    await page.tap('[data-act="copy"]');
    equal(await page.evaluate(() => { const n = document.getElementById('notes'); return n.value.slice(n.selectionStart, n.selectionEnd); }), text, 'selected');
    expect((await page.innerText('#receipts-said')).length > 2, 'nothing said');
    const [download] = await Promise.all([page.waitForEvent('download'), page.tap('[data-act="save"]')]);
    equal(readFileSync(await download.path(), 'utf8'), text, 'file');
    expect(/\.txt$/.test(download.suggestedFilename()), download.suggestedFilename());
    await page.tap('[data-act="qr"]');
    await until('the pictures', () => page.locator('#pictures svg').count());
    const pictures = page.locator('#pictures svg');
    for (let k = 0; k < await pictures.count(); k += 1) {
      expect(decode(await pictures.nth(k).screenshot()).startsWith(`DX1:${k + 1}/${await pictures.count()}:`), `QR code ${k + 1}`);
    }
    await inspect(voter, 'state-receipts-qr');
    note(`${await pictures.count()} QR codes for 5 receipts`);
  });

  await situation('phone: a ballot that is not accepted is said with what to do; one without an answer is looked up', async () => {
    await late.page.routeWebSocket(/\/cast$/, route => route.close({ code: 1011 }));
    await late.reach('open');
    await late.rate(() => 1);
    await late.submit();
    await late.reach('not-accepted');
    await inspect(late, 'state-not-accepted');
    await last.page.routeWebSocket(/\/cast$/, route => {
      const there = route.connectToServer();
      there.onMessage(() => route.close());
    });
    await last.reach('open');
    await last.rate(() => 1);
    await last.submit();
    await last.reach('sending');
    await until('five more ballots', async () => (await server.live()).contests.filter(c => c.state === 'open').every(c => c.received >= 2), 60000);
    const requests = [];
    voter.page.on('request', request => requests.push(request.url() + (request.postData() || '')));
    await last.page.route('**/board/**', route => route.abort());
    await office.contests('close', SIX.slice(0, 5));
    await last.reach('unanswered', 60000);
    expect(/不等于没有投/.test(await last.text()), await last.text());
    await inspect(last, 'state-unanswered');
    await last.page.unroute('**/board/**');
    await last.reach('received', 60000);
    await until('all are looked up', async () => ((await last.page.innerText('#list')).match(/已在公开清单里/g) || []).length === 5, 60000);
    await inspect(last, 'state-looked-up');
    // A ballot with a receipt is looked up when its voter asks.
    expect(!requests.some(url => url.includes('/board/')), 'looked up unasked');
    await voter.page.tap('[data-act="look"]');
    await until('all are looked up', async () => ((await voter.page.innerText('#list')).match(/已在公开清单里/g) || []).length === 5, 60000);
    const leaves = (await voter.page.inputValue('#notes')).match(/^[0-9a-f]{64}$/gm);
    expect(leaves.length >= 5 && !requests.some(url => leaves.some(leaf => url.includes(leaf))), 'a request carries a part of a receipt');
  });

  await situation('phone: closed, enrolment over and the end, in words', async () => {
    await early.reach('closed');
    await inspect(early, 'state-closed');
    // The refusal of a wrong count says the right one.
    const refusal = await (await office.post('enrolment/end', { unused: 1, lost: 0 })).json();
    const unused = Number((JSON.stringify(refusal).match(/合计应为 (\d+) 张/) || [])[1]);
    await office.act('enrolment/end', { unused, lost: 0 });
    const stranger = await make('last but not least');
    await stranger.scan(slip().fragment);
    await stranger.reach('window-over');
    await inspect(stranger, 'state-window-over');
    await office.contests('publish', SIX);
    await office.act('archive');
    await Promise.all([early, voter].map(phone => phone.reach('finished')));
    await inspect(voter, 'state-finished');
    for (const size of [{ width: 640, height: 360 }, { width: 180, height: 320 }]) {
      await voter.page.setViewportSize(size);
      equal(await overflows(voter.page), [], `at ${size.width} x ${size.height}`);
    }
  });
}
