// A meeting in which every name, unit, post, title and place is an attack: on every page each of them is text.

import { DESK } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { Hall } from '../parts/hall.mjs';
import { Server } from '../parts/machine.mjs';
import { PAYLOADS } from '../parts/payloads.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';

const OFFICIALS = 55;
/** What no page of ours has of its own, and every payload would make. */
const FOREIGN = 'img:not([src^="/"]), iframe, object, embed, base, link:not([rel="stylesheet"]), video, math, body script:not([src]):not([type="application/json"]), [onload], [onerror], [onclick], [onfocus], [ontoggle], [onmouseover], a[href^="javascript"], [formaction], form[action], svg[onload], template, style';

const cell = text => `"${text.replaceAll('"', '""')}"`;
const csv = rows => Buffer.from(`\uFEFF${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`);
const squeezed = text => text.replace(/\s+/g, '');

export async function payloads(meeting) {
  const { browser } = meeting;
  const server = await Server.start();
  const device = await browser.device(DESK);
  const page = await browser.page(device, 'console');
  const desk = new Desk(page, server);
  const alerts = [];
  const watched = where => where.on('dialog', dialog => { alerts.push(dialog.message()); dialog.dismiss(); });
  watched(page);
  const [title, place, ...rest] = PAYLOADS;
  const officials = Array.from({ length: OFFICIALS }, (_, n) => [rest[n], rest[OFFICIALS + n], rest[2 * OFFICIALS + n]]);
  const others = rest.slice(3 * OFFICIALS);
  const names = officials.map(([name]) => name);

  /** Text, never elements. @param {import('playwright-core').Page} where @param {string[]} wanted */
  const isText = async (where, wanted) => {
    const missing = async () => {
      const text = squeezed(await where.evaluate(() => document.body.textContent || ''));
      return wanted.filter(name => !text.includes(squeezed(name)));
    };
    await until('every name', async () => !(await missing()).length).catch(() => {});
    equal(await missing(), [], 'names that are not shown as they are');
    const made = await where.evaluate(selector => [...document.querySelectorAll(selector)].map(e => e.outerHTML.slice(0, 80)), FOREIGN);
    equal(made, [], 'elements out of names');
  };

  await situation(`names: ${PAYLOADS.length} attacks are text on console, slips, hall, phone, scrutineer's page and receipts page`, async () => {
    expect(PAYLOADS.length >= 200 && others.length > 30, `${PAYLOADS.length} payloads`);
    await desk.open();
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    const file = (name, buffer) => ({ name, mimeType: 'text/csv', buffer });
    const people = [...officials.map(row => [row[0], '县纪委常委', row[1], row[2]]), ...others.map(name => [name, '特邀监察员', name, name])];
    const bringIn = async confirm => {
      if (!confirm) await page.setInputFiles('#roster', file('roster.csv', csv([['姓名', '类别', '单位', '职务'], ...people])));
      if (!confirm) await page.setInputFiles('#officials', file('officials.csv', csv([['姓名', '单位', '职务', '报告方式'], ...officials.map(row => [...row, '会议报告'])])));
      if (confirm) await page.check('#confirmed');
      await page.evaluate(() => { const box = document.getElementById('message'); if (box) box.textContent = ''; });
      await page.click('#import button');
      return until('an answer', () => desk.said());
    };
    let said = await bringIn(false);
    if (!/已导入/.test(said)) said = await bringIn(true);
    expect(/已导入/.test(said), `answer: ${said} ${await page.innerText('#findings')}`);
    await page.fill('#settings input[name="title"]', title);
    await page.fill('#settings input[name="place"]', place);
    await page.check('#settings input[name="drill"]');
    await page.uncheck('#settings input[name="two_people"]');
    await page.check('#quorum-set input[value="none"]');
    await page.click('#settings button');
    await until('settings', async () => /已保存/.test(await desk.said()));
    await isText(page, names);
    await desk.act('freeze');
    await isText(page, [title, place]);

    const slips = (await desk.read('slips.json')).slips;
    const sheet = await browser.page(device, 'slips');
    watched(sheet);
    await sheet.goto(`${server.desk}/desk/slips`);
    await isText(sheet, [title, ...names]);
    await sheet.close();

    const hall = await Hall.open(browser, server);
    watched(hall.page);
    const phone = await Phone.make(browser, server, 'phone');
    await desk.act('window/open');
    await phone.scan(slips[0].fragment);
    watched(phone.page);
    await phone.reach('check');
    await isText(phone.page, [title, place]);
    await phone.page.tap('[data-act="enrol"]');
    await phone.reach('waiting', 60000);
    await isText(hall.page, [title, place]);
    await desk.act('window/close', { present: 1 });
    const contests = names.map((_, n) => `${n + 1}/1`);
    await desk.all('contest/open', contests);
    await phone.reach('open', 60000);
    const seen = new Set();
    for (let n = 0; n < OFFICIALS && seen.size < OFFICIALS; n += 1) {
      // One official at a time or all together: whatever is shown is text.
      await isText(phone.page, []);
      const text = squeezed(await phone.page.evaluate(() => document.body.textContent || ''));
      names.forEach((name, i) => { if (text.includes(squeezed(name))) seen.add(i); });
      const next = phone.page.locator('[data-act="next"]:visible');
      if (!(await next.count())) break;
      await phone.page.locator('.contest:visible [role="radio"]').first().tap();
      if (await next.count()) await next.tap();
    }
    equal(seen.size, OFFICIALS, 'officials that the phone showed as they are');
    await isText(hall.page, []);
    await isText(page, names);

    for (const path of ['/scrutineer', '/receipt']) {
      const open = await browser.page(device, path);
      watched(open);
      await open.goto(`${server.origin}${path}`);
      await until('the page is dressed', async () => squeezed(await open.innerText('body')).length > 50);
      if (path === '/scrutineer') await until('the title', async () => squeezed(await open.innerText('body')).includes(squeezed(title)));
      await isText(open, path === '/scrutineer' ? [title, names[0]] : []);
      await open.close();
    }
    equal(alerts, [], 'alerts');
    note(`${OFFICIALS} officials with three attacks each, ${others.length} attendees with more`);
    await phone.device.close();
    await hall.device.close();
  });
  await device.close();
}
