// The receipt page: what voters and auditors do with a receipt, and that nothing of it ever leaves the page.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';

import { DESK, PHONE, SHOTS, overflows, shot } from '../parts/browser.mjs';
import { formsOf } from '../parts/bytes.mjs';
import { ROOT, folder } from '../parts/machine.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';

const SMALL = join(ROOT, 'tests/vectors/own/bundle-small.zip');
/** Everything that the page may ask for, whatever was put in. */
const ASKED = /^\/(receipt(-\w+)?(\.js|\.css)?|words\.js|audit\.wasm|manifest|log\/(entries|checkpoint)|board\/\d+\/\d+\/(entries|checkpoint)|favicon\.ico)$/;

class Receipts {
  /** @param {any} meeting @param {string} name @param {object} [viewport] */
  static async open(meeting, name, viewport = PHONE, path = '/receipt') {
    const page = new Receipts();
    page.device = await meeting.browser.device(viewport, viewport === PHONE ? { deviceScaleFactor: 2, hasTouch: true } : {});
    page.page = await meeting.browser.page(page.device, name);
    await page.page.goto(`${meeting.server.origin}${path}`);
    await until('the data is here', async () => /已下载|is here/.test(await page.page.innerText('#data')));
    return page;
  }

  /** @param {string} text */
  async paste(text) {
    await this.quiet();
    await this.page.fill('#text', text);
    await this.page.click('#paste button');
    await this.quiet();
  }

  /** @param {string} input @param {string[]} files */
  async choose(input, files) {
    await this.quiet();
    await this.page.setInputFiles(input, files);
    await this.quiet();
  }

  /** While something is taken in the page says so from the first moment, and takes nothing else. */
  async quiet() {
    await until('the page is quiet', async () => !(await this.page.getAttribute('body', 'aria-busy')), 60000);
  }

  async clear() {
    await this.page.click('#clear');
  }

  /** The verdicts in words, in the order in which they stand. */
  verdicts() {
    return this.page.locator('#found li strong').allInnerTexts();
  }

  said() {
    return this.page.innerText('#said');
  }

  /** @param {string} which @param {string} code */
  async compare(which, code) {
    await this.page.selectOption('#which', which);
    await this.page.fill('#typed', code);
    return until('a comparison', async () => { const words = await this.page.innerText('#compared'); return /比较/.test(words) ? '' : words; });
  }
}

/** A PNG of a QR code, as audit.wasm draws it. @param {string} text */
async function pictureOf(text) {
  const { instance } = await WebAssembly.instantiate(readFileSync(join(ROOT, 'ballot-client/phone/audit.wasm')), {});
  const core = /** @type {any} */ (instance.exports);
  const bytes = Buffer.from(text);
  const at = core.alloc(bytes.length);
  new Uint8Array(core.memory.buffer).set(bytes, at);
  equal(core.qr(at, bytes.length), 0, 'qr');
  const [width, ...modules] = new Uint8Array(core.memory.buffer, core.out(), core.out_len());
  const [scale, side] = [6, (width + 8) * 6];
  const png = new PNG({ width: side, height: side });
  png.data.fill(255);
  for (let i = 0; i < side * side; i += 1) {
    const [x, y] = [Math.floor((i % side) / scale) - 4, Math.floor(i / side / scale) - 4];
    if (x >= 0 && y >= 0 && x < width && y < width && modules[y * width + x]) png.data.fill(0, 4 * i, 4 * i + 3);
  }
  return PNG.sync.write(png);
}

/** Before anything is cast: a page that is opened early. */
export async function receiptBefore(meeting) {
  await situation('receipt page: opened before any close it has no list, and says so', async () => {
    meeting.early = await Receipts.open(meeting, 'receipt early');
    const { page } = meeting.early;
    expect(/还没有一项截止/.test(await page.innerText('#data')), `data: ${await page.innerText('#data')}`);
    await page.click('details summary');
    meeting.earlyLog = await page.locator('#all-codes dd').nth(1).innerText();
    await shot(page, 'receipt-1-early', { fullPage: true });
    equal(await overflows(page, { least: 17 }), [], 'receipt page');
    const small = await page.locator('button:visible, .button, select:visible, summary:visible, #text, #typed:visible').evaluateAll(all => all.map(e => e.getBoundingClientRect().height).filter(height => height < 44));
    equal(small, [], 'controls under 44 px');
  });
}

/** @param {any} meeting the meeting after its end: every board is public, the phones keep their receipts */
export async function receipt(meeting) {
  const { browser, server, first } = meeting;
  const files = readdirSync(meeting.receipts).map(file => join(meeting.receipts, file));
  const notes = files.map(file => readFileSync(file, 'utf8'));
  const one = notes.find(text => text.includes('\n1/1\n')) || notes[0];
  const lines = one.split('\n');
  const work = folder();
  const put = (name, text) => { writeFileSync(join(work, name), text); return join(work, name); };
  let page = /** @type {Receipts} */ (/** @type {any} */ (null));

  await situation('receipt page: a contest that is open in what was downloaded is 还没截止; after 重新下载 it is found', async () => {
    const { early } = meeting;
    await early.paste(one);
    equal(await early.verdicts(), ['这一项还没截止'], 'before');
    await shot(early.page, 'receipt-2-not-closed', { fullPage: true });
    await early.page.click('#later');
    await until('found', async () => (await early.verdicts())[0] === '在票箱清单里');
    equal((await early.compare('log', meeting.earlyLog)).slice(0, 2), '相同', 'an earlier log head');
    await early.device.close();
  });

  await situation('receipt page: pasted text, and a file of many receipts, are found on their boards', async () => {
    page = await Receipts.open(meeting, 'receipt page');
    await page.paste(`转发：\n> ${lines.join('\n> ')}\n谢谢`);
    equal(await page.verdicts(), ['在票箱清单里'], 'pasted');
    await page.clear();
    equal(await page.verdicts(), [], 'after 清空');
    const some = notes.slice(0, 12);
    await page.choose('#file', [put('回执.txt', some.join('\n'))]);
    equal(await page.verdicts(), some.map(() => '在票箱清单里'), 'a file');
    expect((await page.page.innerText('#found-said')).includes(`全部 ${some.length} 张`), await page.page.innerText('#found-said'));
    await shot(page.page, 'receipt-3-found', { fullPage: true });
    equal(await overflows(page.page, { least: 17 }), [], 'receipt page');
    await page.clear();
  });

  await situation('receipt page: photos of the QR codes on a phone; one missing is asked for, a slip\'s is refused', async () => {
    await first.page.bringToFront();
    if (!(await first.page.locator('#receipts').getAttribute('open').then(open => open !== null))) await first.page.click('#receipts summary');
    const own = await first.page.inputValue('#notes');
    const count = own.split('/receipt\n').length - 1;
    await first.page.click('[data-act="qr"]');
    const pictures = first.page.locator('#pictures svg');
    await until('pictures', () => pictures.count());
    const photos = [];
    for (const [n, picture] of (await pictures.all()).entries()) {
      await picture.scrollIntoViewIfNeeded();
      photos.push(join(work, `photo-${n + 1}.png`));
      await picture.screenshot({ path: photos[n] });
    }
    await page.page.bringToFront();
    expect(photos.length > 1, `${photos.length} photo`);
    await page.choose('#photo', photos.slice(1));
    expect(/还差第 1 张/.test(await page.said()), `one photo missing: ${await page.said()}`);
    await shot(page.page, 'receipt-4-part-missing', { fullPage: true });
    await page.choose('#photo', photos.slice(0, 1));
    equal(await page.verdicts(), Array(count).fill('在票箱清单里'), `${count} receipts in ${photos.length} photos`);
    note(`${count} receipts in ${photos.length} photos`);
    await page.clear();

    const screen = put('hall.png', await meeting.hall.page.screenshot());
    await page.choose('#photo', [screen]);
    expect(/没有读到二维码/.test(await page.said()), `a picture without a code: ${await page.said()}`);
    await page.choose('#photo', [put('slip.png', await pictureOf(`${server.origin}/#${meeting.slips[0].fragment}`))]);
    expect(/票纸的二维码/.test(await page.said()), `a slip: ${await page.said()}`);
  });

  await situation('receipt page: a changed receipt, one of another meeting and one cut short are refused in words', async () => {
    const swap = (text, at) => `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
    const changed = one.replace(lines[3], swap(lines[3], 5));
    const other = one.replace(lines[1], swap(lines[1], 5));
    const vector = readFileSync(join(ROOT, 'tests/vectors/own/bundle-small.receipt-valid'), 'utf8');
    await page.paste([changed, other, vector, one.slice(0, 120)].join('\n'));
    equal(await page.verdicts(), ['签名不对', '是另一场会议的回执', '是另一场会议的回执', '不完整'], 'verdicts');
    await shot(page.page, 'receipt-5-refused', { fullPage: true });
    equal(await overflows(page.page, { least: 17 }), [], 'receipt page');
    await page.clear();
    await page.paste('你好');
    expect(/没有回执/.test(await page.said()), `no receipt: ${await page.said()}`);
  });

  await situation('receipt page: a board that the server changed is not believed; a ballot taken from it is missed', async () => {
    const name = lines[2].replace('/', '\\/');
    const lying = await browser.device(DESK);
    const tab = await browser.page(lying, 'receipt of a lying server');
    const entries = Buffer.from(await (await fetch(`http://127.0.0.1:${server.publicPort}/board/${lines[2]}/entries`)).arrayBuffer());
    await tab.route(new RegExp(`/board/${name}/entries$`), route => route.fulfill({ body: entries.subarray(2 + entries.readUInt16BE(0)) }));
    await tab.goto(`${server.origin}/receipt`);
    await until('the data is here', async () => /已下载/.test(await tab.innerText('#data')));
    await tab.fill('#text', one);
    await tab.click('#paste button');
    await until('a verdict', async () => (await tab.locator('#found li strong').allInnerTexts())[0] === '清单与签名的不符');
    await lying.close();
  });

  await situation('receipt page: codes compared in words, group by group', async () => {
    expect((await page.compare('manifest', meeting.code)).startsWith('相同'), 'the slip\'s code');
    expect((await page.compare('manifest', meeting.code.slice(0, 14))).startsWith('到这里相同'), 'half of it');
    const digit = meeting.code[11] === '7' ? '8' : '7';
    const words = await page.compare('manifest', `${meeting.code.slice(0, 11)}${digit}${meeting.code.slice(12)}`);
    expect(words.startsWith('不同') && words.includes('第 3 组'), words);
    expect((await page.compare('log', meeting.code)).startsWith('与另一个码相同'), 'the other code');
    await shot(page.page, 'receipt-6-codes', { fullPage: true });
  });

  await situation('receipt page: a whole bundle is audited on the page, offline; another meeting\'s is told apart', async () => {
    const bundle = Buffer.from(await (await fetch(`http://127.0.0.1:${server.publicPort}/bundle.zip`)).arrayBuffer());
    const good = put('bundle.zip', bundle);
    bundle[bundle.indexOf('board/') + 400] ^= 1;
    const bad = put('bad.zip', bundle);
    await page.device.setOffline(true);
    try {
      await page.paste(one);
      equal(await page.verdicts(), ['在票箱清单里'], 'a receipt without a network');
      await page.choose('#file', [good]);
      expect(/没有一步不成立/.test(await page.page.innerText('#audit-said')), await page.page.innerText('#audit-said'));
      equal(await page.page.locator('#steps li').count(), 14, 'steps');
      expect(/成立/.test(await page.page.innerText('#steps [data-step="V13"]')), 'V13 with a receipt');
      expect(/同一场会议/.test(await page.page.innerText('#source')), await page.page.innerText('#source'));
      await shot(page.page, 'receipt-7-bundle', { fullPage: true });
      await page.choose('#file', [SMALL]);
      expect(/不是同一场会议/.test(await page.page.innerText('#source')), await page.page.innerText('#source'));
      equal(await page.verdicts(), ['是另一场会议的回执'], 'a receipt in another meeting\'s bundle');
      await page.clear();
      await page.paste(readFileSync(join(ROOT, 'tests/vectors/own/bundle-small.receipt-absent'), 'utf8'));
      equal(await page.verdicts(), ['不在票箱清单里'], 'a signed receipt whose ballot was dropped');
      await shot(page.page, 'receipt-9-missing', { fullPage: true });
      await page.clear();
      await page.paste(one);
      await page.page.click('#server');
      await until('the server\'s data again', async () => (await page.verdicts())[0] === '在票箱清单里');
      await page.choose('#file', [bad]);
      expect(/不是审计包/.test(await page.page.innerText('#audit-said')), await page.page.innerText('#audit-said'));
    } finally {
      await page.device.setOffline(false);
    }
  });

  await situation('receipt page: the notice prints on one page; the page stands on a large screen', async () => {
    const desk = await Receipts.open(meeting, 'receipt on a desk', DESK);
    await desk.paste(notes.slice(0, 5).join('\n') + one.replace(lines[3], lines[3].replace(/./, 'f')));
    await desk.compare('manifest', meeting.code);
    await shot(desk.page, 'receipt-8-desk');
    equal(await overflows(desk.page), [], 'receipt page on a desk');
    const pdf = await desk.page.pdf({ path: join(SHOTS, 'receipt-notice.pdf'), preferCSSPageSize: true });
    equal(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length, 1, 'printed pages');
    await desk.device.close();
  });

  await situation('receipt page: no request carries a byte of a receipt, and what is asked for does not depend on one', async () => {
    const sent = browser.sent.filter(({ page: name }) => name.startsWith('receipt'));
    expect(sent.length > 40, `only ${sent.length} requests were recorded`);
    for (const { url, frame } of sent) expect(!frame && ASKED.test(new URL(url).pathname) && !new URL(url).search, `asked for ${url}`);
    const secrets = notes.flatMap(text => {
      const parts = text.split('\n');
      const signature = Buffer.from(parts[5].split(' ')[2], 'base64').subarray(4);
      return [Buffer.from(parts[3], 'hex'), signature.subarray(0, 32), signature.subarray(32)];
    });
    const forms = secrets.flatMap(formsOf);
    const whole = sent.map(({ url, text }) => url + text).join('\n');
    const found = (/** @type {string} */ text) => forms.filter(form => text.includes(form));
    equal(found(whole), [], 'pieces of receipts in requests');
    expect(!/DX1:|\/receipt\n|\u2014 douxuan/.test(whole), 'a note or a packed part in a request');
    // The search finds what is there.
    for (const planted of [lines[3], secrets[1].toString('latin1'), Buffer.from(lines[3], 'hex').toString('base64')]) {
      expect(forms.some(form => `xx${planted}yy`.includes(form)), 'a planted piece is not found');
    }
    note(`${sent.length} requests searched for ${notes.length} receipts`);
    await page.device.close();
  });
}
