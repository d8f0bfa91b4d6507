// The evening before: the console's checks, phones that scan its code, the printer's test page, and the record on paper.

import { join } from 'node:path';

import { PHONE, SHOTS, overflows, shot } from '../parts/browser.mjs';
import { Desk } from '../parts/desk.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { decode } from '../parts/slips.mjs';

const LAPTOP = { width: 1280, height: 800 };
/** One that fonts have and common ones may not, one that no font here has. */
const [RARE, NOWHERE] = ['喆', '\u{3134A}'];
const PEOPLE = [`林${RARE}`, '周堃', `王${NOWHERE}`, '欧阳某明', '赵某', '钱某'];

/** @param {string} text */
const encoded = text => Buffer.from(text, 'utf8').toString('base64');
const roster = (/** @type {string[]} */ names) => encoded(`姓名,类别,单位,职务\n${names.map((name, n) => `${name},县纪委委员,第${n + 1}单位,委员`).join('\n')}\n`);
const officials = (/** @type {string[]} */ names) => encoded(`姓名,单位,职务,报告方式\n${names.slice(0, 2).map((name, n) => `${name},第${n + 1}单位,委员,会议报告`).join('\n')}\n`);

/** Pages of a PDF. @param {Buffer} pdf */
const pagesOf = pdf => (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) || []).length;

export async function preflight({ browser }) {
  const server = await Server.start();
  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'preflight console');
  const office = await Office.enter(server);
  const line = (/** @type {string} */ key) => page.locator(`#checks li[data-check="${key}"]`);
  const status = (/** @type {string} */ key) => line(key).getAttribute('data-status');
  /** A phone of its own at an address; `before` spoils its browser. */
  const phone = async (/** @type {string} */ url, /** @type {(() => void)|null} */ before = null) => {
    const own = await browser.device(PHONE);
    const opened = await browser.page(own, 'preflight phone');
    if (before) await opened.addInitScript(before);
    await opened.goto(url);
    await until('the phone has its answer', async () => (await opened.getAttribute('body', 'data-state')) !== 'testing');
    return opened;
  };
  const import_ = (/** @type {string[]} */ names) => office.act('import', { roster_csv_base64: roster(names), officials_csv_base64: officials(names) });
  let link = '';

  await situation('preflight: without signing in it says so; before the first run nothing claims to be well that was not looked at', async () => {
    await page.goto(`${server.desk}/console-preflight`);
    await until('the words', async () => /请先在控制台登录/.test(await page.innerText('#said')));
    expect(await page.isHidden('#preflight'), 'the checks are shown to nobody');
    await import_(PEOPLE);
    await office.act('settings', { title: '二〇二六年度述职述责述廉会议', place: '第一会议室', date: '2030-03-08' });
    const desk = new Desk(await browser.page(device, 'console'), server);
    await desk.open();
    await desk.signIn(server.code);
    await desk.page.waitForSelector('#desk:visible');
    equal(await desk.page.getAttribute('#preflight-link', 'href'), '/console-preflight', 'the way from the console');
    await desk.page.close();
    await page.waitForSelector('#preflight:visible');
    for (const key of ['port', 'disk', 'fonts', 'database']) equal(await status(key), 'unknown', key);
    expect(await page.isHidden('#code') && await page.isHidden('#test-page'), 'a code before anything was begun');
    equal(await overflows(page), [], 'before the run');
    await shot(page, 'preflight-1-before', { fullPage: true });
  });

  await situation('preflight: one press, and every check stands; a character that cannot be drawn is named with whose it is', async () => {
    await page.click('#run');
    await until('the disk was measured', async () => (await status('disk')) !== 'unknown', 60000);
    equal(await status('database'), 'ok', 'databases');
    equal(await status('disk'), 'ok', await line('disk').innerText());
    equal(await status('fonts'), 'fail', await line('fonts').innerText());
    const fonts = await line('fonts').innerText();
    expect(fonts.includes('U+3134A') && fonts.includes(`参会名单第 3 人 王${NOWHERE}`), fonts);
    expect(!fonts.includes('林') && !fonts.includes('周'), `drawn all the same: ${fonts}`);
    expect(/UTC\+8:00/.test(await line('clock').innerText()), 'the zone of this browser');
    equal(await page.getAttribute('#sum', 'data-status'), 'fail', 'the sum');
    await page.waitForSelector('#code:visible');
    equal(await overflows(page), [], 'after the run');
    await shot(page, 'preflight-2-failed', { fullPage: true });
    await import_(PEOPLE.map(name => name.replace(NOWHERE, '某')));
    await page.click('#run');
    await until('all can be drawn', async () => (await status('fonts')) === 'ok');
    expect(/喆 堃|堃 喆/.test(await line('fonts').innerText()), 'which they are');
  });

  await situation('preflight: the code is scanned, the round trips come back, and the console counts the phone by itself', async () => {
    link = decode(await page.locator('#code').screenshot());
    expect(link.startsWith(`${server.origin}/preflight#`), link);
    equal(await status('port'), 'unknown', 'before a phone has come');
    const first = await phone(link);
    equal(await first.innerText('#said'), '已通', 'the phone');
    expect(/这是第 1 台/.test(await first.innerText('#more')) && /可以用来投票/.test(await first.innerText('#fit')), await first.innerText('main'));
    equal(await overflows(first), [], 'phone');
    await shot(first, 'preflight-3-phone');
    await until('the console shows it', async () => /手机 1 已通：往返 p50 [\d.]+ ms/.test(await page.innerText('#phones')));
    equal(await status('port'), 'ok', await line('port').innerText());
    expect((await line('port').innerText()).includes(new URL(link).origin), `which address was reached: ${await line('port').innerText()}`);
    equal(await status('clock'), 'ok', await line('clock').innerText());
    // What the phone sends by itself: the code's number, what it was given, its clock.
    const frames = browser.sent.filter(sent => sent.page === 'preflight phone' && sent.frame).map(sent => Object.keys(JSON.parse(sent.text)).join());
    equal(frames, ['nonce', ...Array(10).fill('counter'), 'now,lacks'], 'frames');
    const urls = browser.sent.filter(sent => sent.page === 'preflight phone').map(sent => sent.url.replace(/#.*/, ''));
    expect(urls.every(url => url.includes('vote.test')), `the phone asked elsewhere: ${urls}`);
    expect(!browser.sent.some(sent => sent.page === 'preflight phone' && !sent.frame && sent.text.includes(link.split('#')[1])), 'the number stands in a request');
    await first.context().close();
  });

  await situation('preflight: phones that cannot vote, whose generator is stuck or whose clock is wrong, are told so, and so is the console', async () => {
    const old = await phone(link, () => { Object.defineProperty(window, 'WebAssembly', { value: undefined }); });
    equal(await old.getAttribute('body', 'data-state'), 'unfit', 'without WebAssembly');
    expect(/缺少：WebAssembly/.test(await old.innerText('#fit')), await old.innerText('main'));
    await shot(old, 'preflight-4-phone-unfit');
    const stuck = await phone(link, () => {
      crypto.getRandomValues = bytes => bytes;
      const now = Date.now.bind(Date);
      Date.now = () => now() - 7 * 60000;
    });
    expect(/可用的随机数/.test(await stuck.innerText('#fit')), await stuck.innerText('main'));
    await until('three phones', async () => (await page.locator('#phones li').count()) === 3);
    const said = await page.innerText('#phones');
    expect(/浏览器缺少：WebAssembly/.test(said) && /时钟相差 7 分钟/.test(said), said);
    equal([await status('port'), await status('clock')], ['warn', 'warn'], 'the checks');
    await old.context().close();
    await stuck.context().close();
  });

  await situation('preflight: a wrong code, none, and this machine itself count as nothing, and each is told what to do', async () => {
    for (const [url, words] of [
      [`${server.origin}/preflight#${'0'.repeat(32)}`, /已经过期/],
      [`${server.origin}/preflight`, /扫控制台/],
      [link.replace(server.origin, `http://127.0.0.1:${server.publicPort}`), /豆选自己的电脑/],
    ]) {
      const other = await phone(String(url));
      expect(/** @type {RegExp} */ (words).test(await other.innerText('#more')), `${url}: ${await other.innerText('main')}`);
      if (String(url).endsWith('/preflight')) await shot(other, 'preflight-5-phone-refused');
      await other.context().close();
    }
    // The console looks twice more before it is believed to count none of them.
    const looks = () => browser.sent.filter(sent => sent.page === 'preflight console' && sent.url === `${server.desk}/desk/preflight`).length;
    const before = looks();
    await until('two more looks', () => looks() > before + 1);
    equal(await page.locator('#phones li').count(), 3, 'phones');
  });

  await situation('preflight: the test page is one sheet, its code scans from the picture and leads to the same place', async () => {
    const [sheet] = await Promise.all([device.waitForEvent('page'), page.click('#test-page')]);
    await sheet.waitForLoadState();
    const code = sheet.locator('.qr');
    const printed = decode(await code.screenshot());
    equal(printed.replace(/\.a+$/, ''), link, 'the printed code');
    const size = await code.evaluate(svg => svg.getBoundingClientRect().width / 96 * 25.4);
    expect(Math.abs(size - 29.5) < 0.2, `the code is ${size} mm wide`);
    const ruler = await sheet.locator('.ruler').evaluate(svg => {
      const path = /** @type {SVGPathElement} */ (svg.querySelector('path'));
      return path.getBBox().width * /** @type {DOMMatrix} */ (path.getScreenCTM()).a / 96 * 25.4;
    });
    expect(Math.abs(ruler - 100) < 0.2, `the ruler is ${ruler} mm long`);
    equal((await sheet.locator('.rare b').allInnerTexts()).sort(), ['喆', '堃'].sort(), 'characters');
    equal(await overflows(sheet, { least: 8 }), [], 'test page');
    await shot(sheet, 'preflight-6-test-page', { fullPage: true });
    equal(pagesOf(await sheet.pdf({ path: join(SHOTS, 'preflight-test-page.pdf'), preferCSSPageSize: true, printBackground: true })), 1, 'sheets');
    const scanned = await phone(printed);
    equal(await scanned.innerText('#said'), '已通', 'scanned from paper');
    await scanned.context().close();
    await sheet.close();
    await until('one more', async () => (await page.locator('#phones li').count()) === 4);
  });

  await situation('preflight: on paper it is the record of the evening, with date, checks and what was found, and nothing to press', async () => {
    await shot(page, 'preflight-7-done', { fullPage: true });
    await page.emulateMedia({ media: 'print' });
    for (const hidden of ['#run', '#code', '#language', '#intro']) expect(await page.isHidden(hidden), `${hidden} is printed`);
    expect(/检查时间：\d{4}-\d\d-\d\d \d\d:\d\d/.test(await page.innerText('#ran')), 'the time');
    expect(await page.isVisible('#signed'), 'the line to sign');
    const pages = pagesOf(await page.pdf({ path: join(SHOTS, 'preflight-record.pdf'), preferCSSPageSize: true, printBackground: true }));
    expect(pages <= 2, `${pages} sheets`);
    await page.emulateMedia({ media: 'screen' });
  });

  await situation('preflight: while people enrol it shows what was found before and starts nothing', async () => {
    await office.act('settings', { two_people: false });
    await office.act('freeze');
    await office.act('window/open');
    await until('busy', async () => /正开放着/.test(await page.innerText('#said')));
    await until('it cannot be run', async () => await page.isDisabled('#run') && page.isHidden('#code'));
    const late = await phone(link);
    expect(/现在不做会前检查/.test(await late.innerText('#more')), await late.innerText('main'));
    await shot(page, 'preflight-8-busy', { fullPage: true });
    await late.context().close();
  });

  await device.close();
}
