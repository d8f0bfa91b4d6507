// The office prepares: signs in, makes a meeting, freezes it, prints the slips.

import { join } from 'node:path';

import { DESK, SHOTS, overflows, shot } from '../parts/browser.mjs';
import { slipOf } from '../parts/bytes.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { cutOff, decode, excludedBy, read } from '../parts/slips.mjs';

export async function office(meeting) {
  const { browser, server } = meeting;
  meeting.deskDevice = await browser.device(DESK);
  const page = await browser.page(meeting.deskDevice, 'console');
  const desk = new Desk(page, server);
  meeting.desk = desk;

  await situation('console: a wrong code is refused in words, the printed one opens the desk', async () => {
    await desk.open();
    await page.waitForSelector('#login:visible');
    expect(!(await page.isVisible('#desk')), 'the desk is open before anybody signed in');
    await shot(page, 'console-1-sign-in');
    await desk.signIn('0000-0000-0000-0000');
    await until('a refusal', async () => /登录码不对/.test(await desk.said()));
    expect(!(await page.isVisible('#desk')), 'a wrong code opened the desk');
    await shot(page, 'console-2-wrong-code');
    await desk.signIn(server.code.toLowerCase());
    await page.waitForSelector('#desk:visible');
    await ready(page);
    const [cookie] = await meeting.deskDevice.cookies();
    expect(cookie.httpOnly && cookie.sameSite === 'Strict', `cookie: ${JSON.stringify(cookie)}`);
    await until('the login form is gone', () => page.isHidden('#login'));
    await shot(page, 'console-3-preparing');
  });

  await situation('console: 用样例开始 makes a meeting ready, 冻结 fixes it', async () => {
    await page.click('#sample');
    await until('the sample', async () => /样例/.test(await desk.said()));
    equal((await desk.state()).roster.attendees, 96, 'attendees');
    equal((await desk.state()).roster.officials.length, 12, 'officials');
    await shot(page, 'console-4-sample', { fullPage: true });
    equal((await desk.read('slips')).error ? 'refused' : 'given', 'refused', 'slips before the freeze');
    await desk.act('freeze');
    await page.waitForSelector('#frozen:visible');
    equal(await overflows(page), [], 'console');
    await shot(page, 'console-5-frozen', { fullPage: true });
    meeting.slips = (await desk.read('slips.json')).slips;
    meeting.code = await page.textContent('#facts .code');
    meeting.manifest = await (await fetch(`http://127.0.0.1:${server.publicPort}/manifest`)).json();
  });

  await situation('slips: 16 a page, the QR is the link, code in groups of four, exclusion in words, no number', async () => {
    const sheet = await browser.page(meeting.deskDevice, 'slips');
    await sheet.goto(`${server.desk}/desk/slips`);
    await shot(sheet, 'slips-1-screen');
    await sheet.emulateMedia({ media: 'print' });
    const printed = await read(sheet);
    equal(printed.length, meeting.slips.length, 'slips');
    const sizes = await sheet.locator('.sheet').evaluateAll(sheets => sheets.map(s => s.querySelectorAll('.slip').length));
    expect(Math.max(...sizes) === 16 && sizes.every(n => n > 0 && n <= 16), `slips a page: ${sizes}`);
    const whole = await sheet.innerText('body');
    for (const [n, slip] of printed.entries()) {
      const { fragment, text } = meeting.slips[n];
      equal(slip.typed, text, 'typed code');
      expect(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/.test(slip.typed), `typed code ${slip.typed}`);
      expect(slip.code.endsWith(meeting.code), `screen code ${slip.code}`);
      equal(slip.drill, '演练', 'mark of a drill');
      const item = excludedBy(slipOf(fragment).mask);
      const words = item ? `不测评：第${item}项 ${meeting.manifest.items[item - 1].name}` : '测评全部述职对象';
      equal(slip.exclusion, words, 'exclusion');
    }
    expect(!/编号|序号|No\.|№/.test(whole), 'a slip is numbered');
    // As a camera would: from the picture, a slip of each kind.
    for (const n of [0, 5, 88, 89, meeting.slips.length - 1]) {
      const link = decode(await sheet.locator('.slip').nth(n).screenshot());
      equal(link, `${server.origin}/#${meeting.slips[n].fragment}`, `QR of slip ${n}`);
    }
    equal(await cutOff(sheet), 0, 'slips whose text is cut off');
    await sheet.pdf({ path: join(SHOTS, 'slips.pdf'), preferCSSPageSize: true, printBackground: true });
    await sheet.close();
  });
}

/** A console again after the server's restart: the old session is gone. */
export async function signInAgain(meeting) {
  const { desk, server } = meeting;
  await desk.open();
  await desk.page.waitForSelector('#login:visible');
  await desk.signIn(server.code);
  await desk.page.waitForSelector('#desk:visible');
  await ready(desk.page);
}
