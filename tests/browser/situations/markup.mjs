// A small meeting whose names are markup, or as long as names may be: text everywhere, and no page breaks.

import { join } from 'node:path';

import { DESK, SHOTS, overflows, shot } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Hall } from '../parts/hall.mjs';
import { Server } from '../parts/machine.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';
import { cutOff } from '../parts/slips.mjs';

const IMAGE = '<img src=x onerror=alert(1)>';
const SCRIPT = '"><script>alert(1)</script>';
const LONG = '欧阳'.repeat(20);
const UNIT = '某某市某某县纪律检查委员会派驻第十二联合纪检监察组'.repeat(4).slice(0, 80);
const TITLE = `${'二〇二六年度述职述责述廉会议'.repeat(4)}<b>&amp;`;
const RTL = 'abc\u202Edef';

const cell = text => `"${text.replaceAll('"', '""')}"`;
const csv = rows => Buffer.from(`\uFEFF${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`);
const officials = [[IMAGE, '</style><svg onload=alert(1)>', `'"&amp;`], [SCRIPT, '一室', '主任'], [LONG, UNIT, UNIT]];
const roster = names => csv([['姓名', '类别', '单位', '职务'], ...names]);

export async function markup(meeting) {
  const { browser } = meeting;
  const server = await Server.start();
  const device = await browser.device(DESK);
  const page = await browser.page(device, 'console');
  const desk = new Desk(page, server);
  const alerts = [];
  page.on('dialog', dialog => { alerts.push(dialog.message()); dialog.dismiss(); });
  const file = (name, buffer) => ({ name, mimeType: 'text/csv', buffer });
  const people = [...officials.map(row => [row[0], '县纪委常委', row[1], row[2]]), ...['甲', '乙', '丙', '丁'].map(n => [`某${n}`, '特邀监察员', '二室', '科员'])];
  const bringIn = async (names, confirm) => {
    if (!confirm) await page.setInputFiles('#roster', file('roster.csv', roster(names)));
    if (!confirm) await page.setInputFiles('#officials', file('officials.csv', csv([['姓名', '单位', '职务', '报告方式'], ...officials.map((row, n) => [...row, n ? '书面报告' : '会议报告'])])));
    if (confirm) await page.check('#confirmed');
    await page.evaluate(() => { const box = document.getElementById('message'); if (box) box.textContent = ''; });
    await page.click('#import button');
    return until('an answer', () => desk.said());
  };
  /** Text, never elements: nothing that the names spell exists. @param {import('playwright-core').Page} where @param {string[]} names */
  const isText = async (where, names) => {
    for (const name of names) await until(`${name} as it is`, async () => (await where.innerText('body')).replace(/\s+/g, '').includes(name.replace(/\s+/g, '')));
    equal(await where.locator('img, svg[onload], body script:not([src])').count(), 0, 'elements out of names');
  };

  await situation('names: a character that turns the writing direction is refused by row and in words', async () => {
    await desk.open();
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    const said = await bringIn([...people, [RTL, '特邀监察员', '二室', '科员']], false);
    expect(/更正/.test(said), `answer: ${said}`);
    const details = await page.innerText('#findings');
    expect(/A9/.test(details) && /U\+202E/.test(details), `details: ${details}`);
    await shot(page, 'console-10-import-refused', { fullPage: true });
  });

  await situation('names: markup is text on console, slips, hall and phone, and nothing breaks with the longest', async () => {
    let said = await bringIn(people, false);
    if (!/已导入/.test(said)) said = await bringIn(people, true);
    expect(/已导入/.test(said), `answer: ${said} ${await page.innerText('#findings')}`);
    await page.fill('#settings input[name="title"]', TITLE);
    await page.fill('#settings input[name="place"]', IMAGE);
    await page.check('#settings input[name="drill"]');
    await page.uncheck('#settings input[name="two_people"]');
    await page.check('#quorum-set input[value="none"]');
    await page.click('#settings button');
    await until('settings', async () => /已保存/.test(await desk.said()));
    await isText(page, [IMAGE, SCRIPT, LONG]);
    await until('the act to freeze', () => page.isVisible('button[data-act="freeze"]'));
    await desk.act('freeze');
    await isText(page, [TITLE, IMAGE]);
    equal(await overflows(page), [], 'console');
    await shot(page, 'console-11-long-names', { fullPage: true });

    const sheet = await browser.page(device, 'slips');
    await sheet.goto(`${server.desk}/desk/slips`);
    await isText(sheet, [IMAGE, SCRIPT, LONG, TITLE]);
    await sheet.emulateMedia({ media: 'print' });
    equal(await cutOff(sheet), 0, 'slips whose text is cut off');
    await sheet.pdf({ path: join(SHOTS, 'slips-long.pdf'), preferCSSPageSize: true, printBackground: true });
    await sheet.close();

    const slips = (await desk.read('slips.json')).slips;
    const hall = await Hall.open(browser, server);
    const phone = await Phone.make(browser, server, 'phone');
    await desk.act('window/open');
    await phone.scan(slips[0].fragment);
    await phone.reach('check');
    await isText(phone.page, [TITLE]);
    await phone.page.tap('[data-act="enrol"]');
    await phone.reach('waiting');
    await isText(hall.page, [TITLE, IMAGE]);
    await hall.look('hall-12-long-title');
    await desk.act('window/close', { present: 1 });
    await desk.all('contest/open', ['1/1', '2/1', '3/1']);
    await phone.reach('open');
    await until('three officials', async () => (await phone.offered()).length === 3);
    for (const [contest, names] of Object.entries({ '1/1': [IMAGE], '2/1': [SCRIPT], '3/1': [LONG, UNIT] })) {
      await phone.turnTo(contest);
      await isText(phone.page, names);
      equal(await overflows(phone.page), [], `phone, ${contest}`);
    }
    await shot(phone.page, 'phone-19-long-names', { fullPage: true });
    await until('three cards', async () => (await hall.page.locator('article').count()) === 3);
    await isText(hall.page, [IMAGE, SCRIPT, LONG]);
    await hall.look('hall-13-long-names');
    equal(hall.faults, [], 'hall');
    await isText(page, [IMAGE, SCRIPT, LONG]);
    await shot(page, 'console-12-long-names-open', { fullPage: true });
    equal(alerts, [], 'alerts');

    await situation('phone: without an answer, or with a false one, it never says 已收到', async () => {
      await phone.rate(() => 0);
      await phone.close();
      await phone.scan(slips[0].fragment, where => where.routeWebSocket(/\/cast$/, route => route.onMessage(() => route.send(Buffer.alloc(512, 7)))));
      await phone.reach('open');
      await phone.rate(() => 0);
      await phone.submit();
      await phone.reach('false-reply', 60000);
      expect(!phone.states.includes('received'), `states ${phone.states}`);
      await shot(phone.page, 'phone-20-false-reply', { fullPage: true });
      await phone.close();
      await phone.scan(slips[0].fragment);
      await phone.reach('received');
    });
    await phone.device.close();
    await hall.device.close();
  });
  await device.close();
}
