// The booth: voters without a phone, one after the other on one device, which keeps nothing of any of them.

import { overflows, shot } from '../parts/browser.mjs';
import { formsOf, tokenOf } from '../parts/bytes.mjs';
import { Server } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { Phone, holdingAfter } from '../parts/phone.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';
import { decode } from '../parts/slips.mjs';

const TABLET = { width: 768, height: 1024 };
const BOTH = ['1/1', '2/1'];

/** The device at the table, driven as a voter and a hand scanner do. */
class Booth extends Phone {
  /** @param {any} meeting @param {Server} server */
  static async place({ browser }, server) {
    const booth = new Booth();
    Object.assign(booth, { browser, server, name: 'booth' });
    booth.device = await browser.device(TABLET, { hasTouch: true });
    booth.page = await browser.page(booth.device, booth.name);
    /** @type {string[]} */
    booth.cached = [];
    booth.page.on('response', response => {
      if (response.headers()['cache-control'] !== 'no-store') booth.cached.push(response.url());
    });
    await booth.page.clock.install();
    await booth.open();
    return booth;
  }

  async open() {
    await this.page.goto(`${this.server.origin}/booth`);
    await this.reach('booth');
  }

  /** What a hand scanner does: a keyboard, fast, and Enter. @param {string} text */
  async scanned(text) {
    await this.page.keyboard.type(text, { delay: 1 });
    await this.page.keyboard.press('Enter');
  }

  link(slip) {
    return `${this.server.origin}/#${slip.fragment}`;
  }

  async end() {
    await this.page.tap('[data-act="end"]:visible');
    await this.reach('booth');
  }

  /** @param {number} ms */
  pass(ms) {
    return this.page.clock.fastForward(ms);
  }

  /** Everything in which the browser or the page could still know something, as one text. */
  async remains() {
    const session = await this.device.newCDPSession(this.page);
    const { entries } = await session.send('Page.getNavigationHistory');
    await session.detach();
    const page = await this.page.evaluate(async () => ({
      local: { ...localStorage }, session: { ...sessionStorage },
      databases: indexedDB.databases ? (await indexedDB.databases()).length : 0,
      caches: 'caches' in window ? (await caches.keys()).length : 0,
      state: history.state, length: history.length, name: window.name, cookie: document.cookie, href: location.href, selection: String(getSelection()),
      fields: [...document.querySelectorAll('input, textarea, select')].map(e => e.type === 'checkbox' ? String(e.checked) : e.value),
      controls: document.querySelectorAll('[role="radio"], .contest, .row, #steps *, #pictures *, #list *').length,
      language: document.documentElement.lang,
      html: document.documentElement.outerHTML.replace(/<script[\s\S]*?<\/script>/g, ''),
    }));
    return { ...page, entries: entries.map(entry => entry.url), device: await this.device.storageState() };
  }
}

export async function booth(meeting) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const slips = await office.prepare();
  const manifest = await (await fetch(`http://127.0.0.1:${server.publicPort}/manifest`)).json();
  const words = manifest.scale.map(option => option.zh);
  const [first, second, spent, later] = slips.slice(-4);
  const device = await Booth.place(meeting, server);
  const { page } = device;
  let began = (await device.remains()).length;
  /** @type {string[]} */
  const receipts = [];

  /** Nothing of a voter is left, wherever one looks. */
  const clean = async where => {
    const left = await device.remains();
    equal([left.local, left.session, left.databases, left.caches, left.state, left.name, left.cookie, left.selection], [{}, {}, 0, 0, null, '', '', ''], `${where}: storage`);
    equal([left.device.cookies, left.device.origins], [[], []], `${where}: the browser's storage`);
    equal(left.length, began, `${where}: history length`);
    equal([left.controls, left.language, left.href], [0, 'zh-CN', `${server.origin}/booth`], `${where}: page`);
    expect(left.fields.every(value => value === '' || value === 'false'), `${where}: fields ${left.fields}`);
    const all = JSON.stringify(left);
    for (const slip of [first, second, spent, later]) {
      for (const form of [slip.fragment, slip.text, slip.text.replaceAll('-', ''), ...formsOf(tokenOf(slip.text))]) expect(!all.includes(JSON.stringify(form).slice(1, -1)), `${where}: a token is left`);
    }
    for (const line of receipts) expect(!all.includes(line), `${where}: a receipt is left: ${line}`);
    for (const word of words) expect(!left.html.includes(`>${word}<`), `${where}: ${word} is left`);
    equal(device.cached, [], `${where}: answers that a browser may keep`);
  };
  const look = async name => {
    equal(await overflows(page, { least: 18 }), [], name);
    await shot(page, name, { fullPage: true });
  };

  await situation('booth: it says what can be done now; a slip shown too early is not used, one that cannot be read is refused in words', async () => {
    await until('what can be done', async () => /既不登记/.test(await page.innerText('#booth-now')));
    await look('booth-01-start');
    await device.scanned(device.link(first));
    await device.reach('window-waiting');
    expect(/还没有使用/.test(await device.text()) && /再来扫票/.test(await device.text()), await device.text());
    await look('booth-02-too-early');
    await device.end();
    await clean('shown too early');
    for (const wrong of ['ABCD-EFGH-JKMN-PQR!', `${server.origin}/#AQIDBA`, 'https://evil.test/#x', `${server.origin}/`]) {
      await page.evaluate(() => { /** @type {any} */ (document.getElementById('slip-error')).textContent = ''; });
      await device.scanned(wrong);
      await until('a refusal', async () => (await page.innerText('#slip-error')).length > 5);
      equal([await device.state(), await page.inputValue('#slip')], ['booth', ''], wrong);
    }
    await look('booth-03-unreadable');
    const other = Buffer.from(first.fragment, 'base64url');
    other[5] ^= 1;
    await device.scanned(`${server.origin}/#${other.toString('base64url')}`);
    await device.reach('other-manifest');
    await look('booth-04-other-meeting');
    await device.end();
    equal((await server.live()).enrolled, 0, 'enrolled');
  });

  await situation('booth: a link in its address is not read, and does not stay there', async () => {
    await page.goto(`${device.link(first).replace('/#', '/booth#')}`);
    await until('the slip is gone from the address', async () => (await page.evaluate(() => location.href)) === `${server.origin}/booth`);
    equal(await device.state(), 'booth', 'after an address with a slip');
    // Whoever typed the address made this step of the history, not the page.
    began += 1;
    await clean('after an address with a slip');
  });

  await situation('booth: two enrol, one after the other, by scanner and by typing; what it costs is said before 开始', async () => {
    await office.act('window/open');
    const phone = await Phone.make(meeting.browser, server, 'phone beside the booth');
    await phone.scan(spent.fragment);
    await phone.reach('check');
    await phone.page.tap('[data-act="enrol"]');
    await phone.reach('waiting', 60000);
    await phone.device.close();

    await until('the page says it', async () => /正在登记/.test(await page.innerText('#booth-now')));
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
    await device.scanned(device.link(first));
    await device.reach('check');
    expect(/断电/.test(await device.text()) && /纸票/.test(await device.text()), 'not said what is lost');
    expect(!/Wi-Fi|手机相机|无痕/.test(await page.innerText('main')), 'words for phones');
    equal(await page.inputValue('#slip'), '', 'field');
    await look('booth-05-check');
    await page.tap('[data-act="enrol"]');
    await device.reach('waiting', 60000);
    await look('booth-06-enrolled');
    await device.end();
    await clean('after the first enrolment');
    await look('booth-07-next');

    await page.fill('#slip', second.text.toLowerCase());
    await page.tap('#desk button');
    await device.reach('check');
    await page.tap('[data-act="enrol"]');
    await device.reach('waiting', 60000);
    await device.end();
    await clean('after the second enrolment');
    await until('three are enrolled', async () => (await server.live()).enrolled === 3);
  });

  await situation('booth: an enrolment that the network cut off waits for the slip, and is completed', async () => {
    await page.route('**/enrol', route => route.abort());
    await device.scanned(device.link(later));
    await device.reach('check');
    await page.tap('[data-act="enrol"]');
    await device.reach('enrolling');
    await device.pass(61_000);
    await page.waitForSelector('#idle:visible');
    await device.pass(30_000);
    await device.reach('booth');
    await clean('after an enrolment without an answer');
    await page.unroute('**/enrol');
    await device.scanned(later.text);
    await device.reach('waiting', 60000);
    await device.end();
    await until('four are enrolled', async () => (await server.live()).enrolled === 4);
  });

  await situation('booth: a slip that a phone has used is refused in words', async () => {
    await device.scanned(device.link(spent));
    await device.reach('check');
    await page.tap('[data-act="enrol"]');
    await device.reach('refused', 60000);
    expect(/第一次打开/.test(await device.text()), await device.text());
    equal(await page.locator('main button:visible').count(), 1, 'buttons');
    await look('booth-08-spent');
    await device.end();
    await clean('after a spent slip');
    await office.act('window/close', { present: 4 });
  });

  await situation('booth: nobody is there: a warning after 60 s, any touch stays, after 90 s the start; a choice is gone with it', async () => {
    await office.contests('open', BOTH);
    await until('the page says it', async () => /开放的有/.test(await page.innerText('#booth-open')));
    await look('booth-09-voting');
    await device.scanned(device.link(first));
    await device.reach('open');
    equal(await device.offered(), BOTH, 'offered');
    await look('booth-10-ballot');
    // From here the page's time goes on only as it is told to, however long its machine takes.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 2000);
    await page.locator('[role="radio"]').nth(1).tap();
    await device.pass(59_000);
    expect(!(await page.isVisible('#idle')), 'warned too early');
    await device.pass(2_000);
    await page.waitForSelector('#idle:visible');
    await page.clock.resume();
    expect(Number(await page.innerText('#idle-left')) > 20, await page.innerText('#idle-left'));
    for (const word of words) expect(!(await page.locator(`text="${word}"`).first().isVisible() && await page.evaluate(() => { const e = document.elementFromPoint(innerWidth / 2, innerHeight / 3); return !e.closest('#idle'); })), 'the ballot is to be seen behind the warning');
    await shot(page, 'booth-11-idle');
    await page.touchscreen.tap(380, 900);
    await page.waitForSelector('#idle', { state: 'hidden' });
    equal([await device.state(), await page.locator('[aria-checked="true"]').count()], ['open', 1], 'after a touch');
    await device.pass(61_000);
    await page.waitForSelector('#idle:visible');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#idle', { state: 'hidden' });
    await device.pass(61_000);
    await page.waitForSelector('#idle:visible');
    await device.pass(30_000);
    await device.reach('booth');
    expect(/90 秒/.test(await page.innerText('#booth-said')), 'not said why');
    await clean('after 90 s');
  });

  await situation('booth: a scanner in the middle of somebody\'s ballot presses nothing', async () => {
    await device.scanned(device.link(first));
    await device.reach('open');
    equal(await page.locator('[aria-checked="true"], #steps .done').count(), 0, 'choices after the way back');
    await page.focus('#forward');
    await device.scanned(device.link(second));
    equal([await device.state(), await page.getAttribute('#ratings .contest', 'data-contest')], ['open', '1/1'], 'after a scan');
    await device.end();
    await clean('after leaving without a vote');
  });

  await situation('booth: leaving the page is asked about while slips\' ballots lie in it', async () => {
    await device.scanned(device.link(second));
    await device.reach('open');
    await page.locator('[role="radio"]').nth(2).tap();
    const asked = [];
    const refuse = dialog => { asked.push(dialog.type()); return dialog.dismiss(); };
    page.on('dialog', refuse);
    await page.evaluate(() => location.reload());
    await until('the question', () => asked.length > 0);
    page.off('dialog', refuse);
    equal([asked[0], await device.state(), await page.locator('[aria-checked="true"]').count()], ['beforeunload', 'open', 1], 'stayed');
    await device.end();
    await clean('after the question');
  });

  await situation('booth: the first votes; receipts for the voter\'s own camera only; nothing is left', async () => {
    await device.scanned(device.link(first));
    await device.reach('open');
    await device.rate(() => 1);
    await device.toReview();
    await device.reach('review');
    await look('booth-12-review');
    // The page stays under way until somebody answers.
    const gate = holdingAfter(0);
    await gate.hold(page);
    await device.submit();
    await device.reach('sending');
    await until('a ballot is under way', () => gate.tried > 0);
    equal(await page.locator('[data-act="end"]:visible').count(), 0, 'ways out while ballots are under way');
    gate.open();
    await device.reach('received', 90000);
    await page.tap('#receipts summary');
    receipts.push(...(await page.inputValue('#notes')).split('\n').filter(line => line.length > 40));
    expect(receipts.length >= 4, `receipts: ${receipts}`);
    equal(await page.locator('[data-act="copy"]:visible, [data-act="save"]:visible').count(), 0, 'ways into the device\'s clipboard and files');
    await page.tap('[data-act="qr"]');
    await until('the pictures', () => page.locator('#pictures svg').count());
    expect(decode(await page.locator('#pictures svg').first().screenshot()).startsWith('DX1:1/'), 'QR code');
    await look('booth-13-receipts');
    await device.end();
    await clean('after the first vote');
    expect(!(await page.isVisible('#receipts')), 'receipts are to be seen');
  });

  await situation('booth: ballots that do not get through: the voter is not sent away, staff are called, nobody else comes in', async () => {
    let hold = true;
    let tried = 0;
    await page.routeWebSocket(/\/cast$/, route => {
      tried += 1;
      if (hold) setTimeout(() => route.close(), 100); else route.connectToServer();
    });
    await page.fill('#slip', second.text);
    await page.keyboard.press('Enter');
    await device.reach('open');
    await device.rate(() => 2);
    await device.submit();
    await device.reach('sending');
    await until('a try has failed', () => tried > 1);
    await device.pass(61_000);
    await until('staff are called', async () => /工作人员/.test(await page.innerText('#unsent')));
    await device.pass(120_000);
    await device.scanned(device.link(first));
    const before = tried;
    await until('it goes on trying', () => tried > before + 1);
    equal([await device.state(), await page.isVisible('#idle')], ['sending', false], 'after three minutes');
    await look('booth-14-unsent');
    hold = false;
    await device.reach('received', 90000);
    await until('nothing is said any more', async () => (await page.innerText('#unsent')) === '');
    await device.pass(61_000);
    await page.waitForSelector('#idle:visible');
    await device.pass(30_000);
    await device.reach('booth');
    await clean('after the second vote');
    const received = async () => (await server.live()).contests.filter(c => c.round === 1 && BOTH.includes(`${c.item}/1`)).map(c => c.received).join();
    await until('two ballots in each urn', async () => (await received()) === '2,2');
  });

  await situation('booth: a contest that opens later waits for the slip to be shown again; the one before stays as it was', async () => {
    await office.contests('open', ['3/1']);
    await until('the page says it', async () => (await page.innerText('#booth-open')).includes(manifest.items[2].name));
    equal(await device.state(), 'booth', 'state');
    await device.scanned(device.link(first));
    await device.reach('open');
    equal(await device.offered(), ['3/1'], 'offered');
    await device.rate(() => 0);
    await device.submit();
    await device.reach('received', 90000);
    expect(/再来这台设备扫票/.test(await device.text()), await device.text());
    await device.end();
    await clean('after the later vote');
  });

  await situation('booth: the search for what is left finds what is planted', async () => {
    const plants = [
      [text => localStorage.setItem('x', text), () => localStorage.clear()],
      [text => sessionStorage.setItem('x', text), () => sessionStorage.clear()],
      [text => history.replaceState({ text }, '', '/booth'), () => history.replaceState(null, '', '/booth')],
      [text => { document.getElementById('notes').value = text; }, () => { document.getElementById('notes').value = ''; }],
      [text => { document.body.dataset.x = text; }, () => { delete document.body.dataset.x; }],
      [text => { document.cookie = `x=${text}`; }, () => { document.cookie = 'x=; max-age=0'; }],
    ];
    for (const secret of [first.fragment, second.text, tokenOf(first.text).toString('hex'), receipts[0]]) {
      for (const [plant, pull] of plants) {
        await page.evaluate(plant, secret);
        let missed = true;
        await clean('planted').catch(() => { missed = false; });
        expect(!missed, `${plant} was not found`);
        await page.evaluate(pull);
      }
    }
    await clean('pulled again');
  });

  await situation('booth: Back goes to no voter\'s page', async () => {
    page.on('dialog', dialog => dialog.accept());
    for (let step = 1; step < began; step += 1) {
      await page.goBack({ timeout: 20000 }).catch(() => null);
      const seen = await page.evaluate(() => (document.body ? document.body.innerText : ''));
      for (const word of words) expect(!seen.split('\n').includes(word), `Back shows ${word}`);
      for (const line of receipts) expect(!seen.includes(line), 'Back shows a receipt');
    }
    equal(page.url(), 'about:blank', 'before the booth');
  });

  await situation('booth: after Forward and Reload the fields are empty; the page that went took its slips\' ballots with it', async () => {
    for (const move of ['goForward', 'reload']) {
      await page[move]({ timeout: 20000 }).catch(() => null);
      if (!page.url().endsWith('/booth')) await device.open();
      await device.reach('booth');
      const left = await device.remains();
      equal([left.local, left.session, left.fields.filter(value => value && value !== 'false'), left.controls], [{}, {}, [], 0], move);
    }
    await device.scanned(device.link(first));
    await device.reach('window-closed');
    await device.end();
    began = (await device.remains()).length;
    await clean('at the end');
  });
  note(`${receipts.length} lines of receipts looked for`);
  await device.device.close();
}
