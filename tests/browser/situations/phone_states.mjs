// The phone page in every state: in words of both languages, at 200 % text, before anything is spent that need not be.

import { request } from 'node:http';

import { overflows, shot } from '../parts/browser.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';
import { phoneBallot } from './phone_ballot.mjs';

const LEAST_TEXT = 18;
const LEAST_CONTROL = 56;
const CONTROLS = 'button, summary, textarea, input[type="text"], .tick, [role="radio"]';

/** What inside an app a browser calls itself. */
const APPS = {
  微信: 'MicroMessenger/8.0.49', QQ: 'QQ/9.0.35 V1_AND', 支付宝: 'AliApp(AP/10.5) AlipayClient/10.5', 钉钉: 'DingTalk/7.5.20', 微博: 'Weibo (Phone__weibo__14.2)',
};

/** What a phone may lack, and how a page that runs before ours takes it away. */
const LACKS = {
  WebAssembly: () => { delete window.WebAssembly; },
  fetch: () => { window.fetch = undefined; },
  WebSocket: () => { window.WebSocket = undefined; },
  TextDecoder: () => { window.TextDecoder = undefined; },
  getRandomValues: () => { Crypto.prototype.getRandomValues = undefined; },
};
const BROKEN = {
  zeros: () => { Crypto.prototype.getRandomValues = a => a.fill(0); },
  'the same bytes again': () => { Crypto.prototype.getRandomValues = a => { a.forEach((_, i) => { a[i] = i * 7 + 1; }); return a; }; },
  'an error': () => { Crypto.prototype.getRandomValues = () => { throw new Error('none'); }; },
};

/** Asks the server what the page asked, and gives the page the answer with its bytes changed. Only the browser knows the
 * mapped name. @param {import('playwright-core').Route} route @param {(body: Buffer) => Buffer} change */
async function answered(route, change) {
  const asked = route.request();
  const { port, host, pathname } = new URL(asked.url());
  const body = asked.postDataBuffer();
  const answer = await new Promise((done, failed) => {
    const sent = request({ port, path: pathname, method: asked.method(), headers: { ...asked.headers(), host, 'accept-encoding': 'identity', ...(body ? { 'content-length': body.length } : {}) } }, got => {
      const parts = [];
      got.on('data', part => parts.push(part)).on('end', () => done({ status: got.statusCode, headers: got.headers, body: Buffer.concat(parts) }));
    });
    sent.on('error', failed).end(body || undefined);
  });
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  await route.fulfill({ status: answer.status, headers, body: change(answer.body) });
}

/** What is wrong with a state of the page, for a person with large text or another language.
 * @param {Phone} phone @param {string} name */
async function inspect(phone, name) {
  const { page } = phone;
  const faults = [];
  for (const language of ['zh-CN', 'en']) {
    const fault = text => faults.push(`${name}, ${language}: ${text}`);
    equal(await page.evaluate(() => document.documentElement.lang), language, 'lang');
    const text = await phone.text();
    const missing = text.match(/\S*(\b(phone|common)\.[a-z_]+|[a-z]+_[a-z]+|\{\w+\}|undefined|null)\S*/);
    if (missing) fault(`words are missing: ${missing[0]}`);
    const headings = await page.locator('main h2:visible').allInnerTexts();
    if (!headings.length || headings.some(heading => !heading.trim())) fault(`headings: ${headings}`);
    const chinese = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const box = node.parentElement;
        // What the office wrote is Chinese whatever the page speaks.
        const spoken = box && box.offsetParent && !box.closest('#excluded, #hint') && box.closest('[lang]');
        if (spoken && spoken.lang === 'en' && /[\u4e00-\u9fff]/.test(node.textContent || '')) found.push((node.textContent || '').trim());
      }
      return found;
    });
    if (language === 'en' && chinese.length) fault(`Chinese in English: ${chinese}`);
    for (const size of ['', 'large', 'largest', '36px']) {
      await page.evaluate(size => {
        document.documentElement.className = size.endsWith('px') ? '' : size;
        document.documentElement.style.fontSize = size.endsWith('px') ? size : '';
      }, size);
      for (const wrong of await overflows(page, { least: LEAST_TEXT })) fault(`${size || 'normal'}: ${wrong}`);
      const low = await page.locator(CONTROLS).evaluateAll((all, least) => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < least).map(e => `${e.tagName} ${e.textContent} ${e.getBoundingClientRect().height}`), LEAST_CONTROL);
      if (low.length) fault(`${size || 'normal'}: controls under ${LEAST_CONTROL} px: ${low}`);
      if (size === '36px' && language === 'zh-CN') await shot(page, `${name}-200`);
    }
    await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
    await page.evaluate(() => document.getElementById('language').click());
  }
  await shot(page, name, { fullPage: true });
  equal(faults, [], name);
}

/** Nothing enrolled, nothing stored. @param {Phone} phone @param {Server} server */
async function nothingSpent(phone, server) {
  equal((await server.live()).enrolled, 0, 'enrolled');
  const kept = await phone.page.evaluate(() => { try { return Object.keys(localStorage).filter(key => key.startsWith('douxuan/')); } catch { return []; } });
  equal(kept, [], 'stored');
  expect(/还没有使用/.test(await phone.text()), `not said that the slip is unused: ${await phone.text()}`);
}

export async function phoneStates(meeting) {
  const { browser } = meeting;
  const server = await Server.start();
  const office = await Office.enter(server);
  /** @type {{fragment: string, text: string}[]} */
  let slips = [];
  let next = 0;
  const slip = () => slips[next++];
  /** @type {Phone[]} */
  const phones = [];
  const make = async (name, more) => { const phone = await Phone.make(browser, server, name, more); phones.push(phone); return phone; };

  await situation('phone: before the meeting is frozen the page says so and waits', async () => {
    const early = await make('early phone');
    await early.scan('');
    await early.reach('no-meeting');
    await inspect(early, 'state-no-meeting');
    slips = await office.prepare();
    await early.reach('typed');
    await early.device.close();
  });

  await situation('phone: in an app\'s browser it asks for the camera, with a picture, once; nothing is spent', async () => {
    for (const [app, mark] of Object.entries(APPS)) {
      const phone = await make(`phone in ${app}`, { userAgent: `Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 ${mark}` });
      await phone.scan(slips[0].fragment);
      await phone.reach('in-app');
      const text = await phone.text();
      expect(text.includes(app) && text.includes('请用手机相机扫码'), `${app}: ${text}`);
      expect(await phone.page.isVisible('.picture[aria-label]'), 'no picture with words');
      await nothingSpent(phone, server);
      if (app === '微信') await inspect(phone, 'state-in-app');
      await phone.page.tap('[data-act="go-on"]');
      await phone.reach('window-waiting');
      await phone.page.reload();
      await phone.reach('window-waiting');
      await phone.device.close();
    }
  });

  await situation('phone: a browser that lacks something is told what, before anything is spent', async () => {
    for (const [what, take] of Object.entries(LACKS)) {
      const phone = await make(`phone without ${what}`);
      await phone.scan(slips[0].fragment, page => page.addInitScript(take));
      await phone.reach('unsupported');
      expect((await phone.text()).includes(what), `${what}: ${await phone.text()}`);
      await nothingSpent(phone, server);
      if (what === 'WebAssembly') await inspect(phone, 'state-unsupported');
      await phone.device.close();
    }
    for (const [what, spoil] of Object.entries(BROKEN)) {
      const phone = await make(`phone whose random numbers are ${what}`);
      await phone.scan(slips[0].fragment, page => page.addInitScript(spoil));
      await phone.reach('unsupported');
      expect(/随机数/.test(await phone.text()), `${what}: ${await phone.text()}`);
      await nothingSpent(phone, server);
      await phone.device.close();
    }
  });

  await situation('phone: storage that is blocked or full is said before the token is spent', async () => {
    const blocked = { blocked: () => { Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }); },
      full: () => { Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); }; } };
    for (const [how, block] of Object.entries(blocked)) {
      const phone = await make(`phone whose storage is ${how}`);
      await phone.scan(slips[0].fragment, page => page.addInitScript(block));
      await phone.reach('storage-blocked');
      expect(/无痕/.test(await phone.text()), `${how}: ${await phone.text()}`);
      await nothingSpent(phone, server);
      if (how === 'full') await inspect(phone, 'state-storage-blocked');
      await phone.device.close();
    }
  });

  await situation('phone: a typed code goes on only after the screen code was ticked; a change of language loses nothing', async () => {
    const phone = await make('typing phone');
    await phone.scan('');
    await phone.reach('typed');
    await inspect(phone, 'state-typed');
    await phone.page.fill('#code', slips[0].text);
    await phone.page.tap('#typed button');
    expect(/屏幕码/.test(await phone.page.innerText('#typed-error')), 'went on without the tick');
    equal(await phone.state(), 'typed', 'state');
    await phone.page.tap('.tick');
    await phone.page.tap('#language');
    equal([await phone.page.inputValue('#code'), await phone.page.isChecked('#same')], [slips[0].text, true], 'what was typed');
    await phone.page.tap('#language');
    await phone.page.fill('#code', '0000-0000-0000-000!');
    await phone.page.tap('#typed button');
    await until('a refusal', async () => /不对/.test(await phone.page.innerText('#typed-error')));
    await inspect(phone, 'state-typed-wrong');
    await phone.page.fill('#code', slips[0].text);
    await phone.page.tap('#typed button');
    await phone.reach('window-waiting');
    await nothingSpent(phone, server);
    await phone.device.close();
  });

  await situation('phone: an unreadable slip, an old slip and a changed page are refused in words', async () => {
    const phone = await make('refused phone');
    await phone.scan('AQIDBA');
    await phone.reach('bad-slip');
    await nothingSpent(phone, server);
    await inspect(phone, 'state-bad-slip');
    const old = Buffer.from(slips[0].fragment, 'base64url');
    old[5] ^= 1;
    await phone.scan(old.toString('base64url'));
    await phone.reach('other-manifest');
    expect(/旧票作废/.test(await phone.text()), await phone.text());
    await inspect(phone, 'state-old-slip');
    await phone.scan(slips[0].fragment, page => page.route('**/ballot.wasm', route => answered(route, wasm => Buffer.concat([wasm, Buffer.from([0, 1, 0])]))));
    await phone.reach('page-changed');
    await inspect(phone, 'state-page-changed');
    // A manifest that fixes another script; and a script that is not the one that its tag names, which never runs.
    await phone.scan(slips[0].fragment, page => page.route('**/manifest', route => answered(route, manifest => {
      const at = manifest.indexOf('"page":{"script":"') + 18;
      manifest[at] = manifest[at] === 0x30 ? 0x31 : 0x30;
      return manifest;
    })));
    await phone.reach('page-changed');
    await phone.scan(slips[0].fragment, page => page.route('**/phone.js', route => answered(route, script => Buffer.concat([script, Buffer.from('\n')]))));
    await until('the browser refuses the script', () => browser.complaints.some(complaint => complaint.startsWith('refused phone') && /integrity/.test(complaint)));
    equal(await phone.state(), 'loading', 'state with a changed script');
    expect(/换一部手机/.test(await phone.text()), await phone.text());
    browser.complaints = browser.complaints.filter(complaint => !/integrity/.test(complaint));
    await phone.device.close();
  });

  const early = await make('early bird');
  await situation('phone: the size of text is kept, and so is the language', async () => {
    await early.scan(slip().fragment);
    await early.reach('window-waiting');
    await inspect(early, 'state-window-waiting');
    for (const [wanted, px] of [['large', '27px'], ['largest', '36px']]) {
      await early.page.tap('#size');
      equal(await early.page.evaluate(() => [document.documentElement.className, getComputedStyle(document.body).fontSize]), [wanted, px], 'size');
    }
    await early.page.tap('#language');
    await early.page.reload();
    await early.reach('window-waiting');
    equal(await early.page.evaluate(() => [document.documentElement.className, document.documentElement.lang]), ['largest', 'en'], 'after a reload');
    await early.page.tap('#size');
    await early.page.tap('#language');
    equal(await early.page.evaluate(() => [getComputedStyle(document.body).fontSize, document.documentElement.lang]), ['18px', 'zh-CN'], 'changed back');
  });

  await situation('phone: who compares the code before the window opens is enrolled when it opens', async () => {
    await early.page.tap('[data-act="ready"]');
    equal(await early.page.evaluate(() => location.hash.length > 20), true, 'the slip is unused until then');
    await inspect(early, 'state-window-ready');
    await office.act('window/open');
    await early.reach('waiting', 60000);
    await inspect(early, 'state-waiting');
  });

  const voter = await make('voter');
  await situation('phone: the check says what 开始 spends and that a private window will not do', async () => {
    await voter.scan(slip().fragment);
    await voter.reach('check');
    expect(/无痕/.test(await voter.text()) && /不能再换手机/.test(await voter.text()), await voter.text());
    await inspect(voter, 'state-check');
    await voter.page.tap('[data-act="enrol"]');
    await voter.reach('waiting', 60000);
  });

  await situation('phone: a slip opened elsewhere says where to go', async () => {
    const thief = await make('late phone');
    await thief.scan(slips[next - 1].fragment);
    await thief.reach('check');
    await thief.page.tap('[data-act="enrol"]');
    await thief.reach('refused', 60000);
    expect(/已在别处打开过[\s\S]*第一次打开它的地方[\s\S]*工作台/.test(await thief.text()), await thief.text());
    await inspect(thief, 'state-refused');
    await thief.device.close();
  });

  await situation('phone: an answer that does not verify is not accepted', async () => {
    const cheated = await make('cheated phone');
    await cheated.scan(slip().fragment, page => page.route('**/enrol', route => answered(route, reply => {
      reply[reply.length - 40] ^= 1;
      return reply;
    })));
    await cheated.reach('check');
    await cheated.page.tap('[data-act="enrol"]');
    await cheated.reach('false-reply', 60000);
    await inspect(cheated, 'state-false-reply');
    await cheated.device.close();
  });

  await situation('phone: storage that fails later, a second page, and enrolment while the network is away', async () => {
    const full = await make('full phone');
    await full.scan(slips[next].fragment);
    await full.reach('check');
    await full.page.evaluate(() => { Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); }; });
    await full.page.tap('[data-act="enrol"]');
    await full.reach('storage-broken');
    await inspect(full, 'state-storage-broken');
    const enrolled = (await server.live()).enrolled;
    await full.page.reload();
    await full.reach('check');
    equal((await server.live()).enrolled, enrolled, 'enrolled by a phone that could not store');
    await full.device.close();

    const first = voter.page;
    await voter.scan('');
    await voter.reach('waiting');
    // The second page writes the wallet, as it does at every step; in the end it is what it was.
    await voter.page.evaluate(() => {
      const key = Object.keys(localStorage).find(k => k.startsWith('douxuan/')) || '';
      const wallet = localStorage.getItem(key) || '';
      localStorage.setItem(key, `${wallet} `);
      localStorage.setItem(key, wallet);
    });
    const second = voter.page;
    voter.page = first;
    await voter.reach('elsewhere');
    await inspect(voter, 'state-elsewhere');
    await second.close();
    await voter.page.tap('[data-act="reload"]:visible');
    await voter.reach('waiting');
  });

  const late = await make('late comer');
  await situation('phone: no network: a banner after five seconds, 请关闭移动数据 after two failed tries, and on by itself', async () => {
    let away = true;
    await late.scan(slip().fragment, async page => {
      await page.route('**/enrol', route => (away ? route.abort() : route.continue()));
    });
    await late.reach('check');
    const begun = Date.now();
    await late.page.tap('[data-act="enrol"]');
    await late.reach('enrolling');
    await until('the banner', () => late.page.isVisible('#offline'));
    expect(Date.now() - begun > 4900, 'the banner came at once');
    await until('what to do', async () => /请关闭移动数据/.test(await late.page.innerText('#offline')));
    await inspect(late, 'state-enrolling-offline');
    const present = (await server.live()).enrolled;
    await office.act('window/close', { present: present + 5 });
    await late.reach('enrol-paused');
    expect(/将在下一项开始前为您登记/.test(await late.text()), await late.text());
    away = false;
    await inspect(late, 'state-enrol-paused');
  });

  const last = await make('last comer');
  await situation('phone: a closed window says 将在下一项开始前为您登记, and keeps it', async () => {
    await last.scan(slip().fragment);
    await last.reach('window-closed');
    expect(/将在下一项开始前为您登记/.test(await last.text()), await last.text());
    await inspect(last, 'state-window-closed');
    await last.page.tap('[data-act="ready"]');
    await office.act('window/open');
    await Promise.all([last.reach('waiting', 60000), late.reach('waiting', 60000)]);
    await until('all enrolled', async () => (await server.live()).enrolled >= 4);
    await office.act('window/close', { present: (await server.live()).enrolled + 5 });
  });

  note(`${(await server.live()).enrolled} phones enrolled`);
  await phoneBallot({ server, office, voter, early, late, last, make, inspect, slip });
  for (const phone of phones) await phone.device.close().catch(() => {});
  await server.kill();
}

