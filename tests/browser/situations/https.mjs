// Phones behind a certificate that the office gives: the same page in a secure context, sockets and slips included.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LAPTOP, shot } from '../parts/browser.mjs';
import { Desk, ready } from '../parts/desk.mjs';
import { BALLOT, NAME, Server, folder, run } from '../parts/machine.mjs';
import { Office } from '../parts/office.mjs';
import { Phone } from '../parts/phone.mjs';
import { equal, expect, situation } from '../parts/report.mjs';
import { decode } from '../parts/slips.mjs';

/** An authority of our own, and its certificate for the mapped name. */
function certified() {
  const made = folder();
  const at = name => join(made, name);
  const openssl = (...argv) => execFileSync('openssl', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(at('names'), `subjectAltName=DNS:${NAME}\n`);
  openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '30', '-subj', '/CN=Sample authority');
  openssl('req', ...key, '-keyout', at('key.pem'), '-out', at('ask.pem'), '-subj', '/CN=Sample server');
  openssl('x509', '-req', '-in', at('ask.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '30', '-extfile', at('names'), '-out', at('cert.pem'));
  return { cert: at('cert.pem'), key: at('key.pem'), ca: at('ca.pem') };
}

export async function https({ browser }) {
  const files = certified();
  const server = await Server.start(files);
  const office = await Office.enter(server);
  await office.begin();
  /** @type {{fragment: string, text: string}[]} */
  let slips = [];
  // Chromium here knows no authority of ours; a phone would have a certificate from a public one.
  const phone = await Phone.make(browser, server, 'https phone', { ignoreHTTPSErrors: true });

  await situation('https: freezing asks which address the slips carry, and every one of them is https; what was chosen is printed', async () => {
    const device = await browser.device(LAPTOP);
    const page = await browser.page(device, 'https console');
    const desk = new Desk(page, server);
    await desk.open();
    await desk.signIn(server.code);
    await page.waitForSelector('#desk:visible');
    await ready(page);
    const { addresses } = await desk.state();
    await page.click('#acts button[data-act="freeze"]');
    await page.waitForSelector('#ask[open]');
    const offered = (await page.locator('#ask-fields label.line').allInnerTexts()).map(text => text.trim().split(/\s/)[0]);
    equal(offered, addresses.map(({ host, port }) => `https://${host}:${port}/`), 'addresses to choose from');
    expect(!/http:\/\//.test(await page.innerText('#ask')), 'an address in the clear');
    await shot(page, 'https-00-freeze');
    await page.click('#ask-no');
    await desk.act('freeze');
    equal((await desk.state()).address.origin, `https://${addresses[0].host}:${addresses[0].port}`, 'address');
    const sheet = await browser.page(device, 'https slips');
    await sheet.goto(`${server.desk}/desk/slips`);
    slips = await office.slips();
    await sheet.emulateMedia({ media: 'print' });
    equal(decode(await sheet.locator('.slip').first().screenshot()), `https://${addresses[0].host}:${addresses[0].port}/#${slips[0].fragment}`, 'the link on paper');
    await device.close();
  });

  await situation('https: the slip leads to https, and a phone enrols, votes and gets its receipts over wss in a secure context', async () => {
    const slip = slips.at(-1);
    await office.act('slips/printed');
    await office.act('window/open');
    await phone.scan(slip.fragment);
    equal(await phone.page.evaluate(() => [location.protocol, window.isSecureContext]), ['https:', true], 'context');
    await phone.reach('check');
    await shot(phone.page, 'https-01-check');
    await phone.page.tap('[data-act="enrol"]');
    await phone.reach('waiting');
    await office.act('window/close', { present: 96 });
    await office.contests('open', ['1/1', '2/1']);
    await phone.reach('open');
    await phone.rate(n => n);
    await phone.submit();
    await phone.reach('received');
    expect(browser.sent.some(({ page, url }) => page === 'https phone' && url.startsWith('wss:') && url.endsWith('/cast')), 'no ballot over wss');
    expect(!browser.sent.some(({ page, url }) => page === 'https phone' && /^(http|ws):/.test(url)), 'something went in the clear');
    await shot(phone.page, 'https-02-received');
  });

  await situation('https: whoever asks in the clear is told where to go, and gets nothing else', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.publicPort}/manifest`).catch(() => null);
    expect(answer && answer.status >= 400, 'an answer in the clear');
    expect(/https/.test(await answer.text()), 'no word about https');
  });

  await situation('https: spot-check believes the authority that it is given, and no other', async () => {
    const asked = [BALLOT, ['spot-check', server.origin, '--connect', `127.0.0.1:${server.publicPort}`]];
    const known = await run(asked[0], [...asked[1], '--ca', files.ca]);
    equal(known.status, 0, `with the authority: ${known.out}`);
    const unknown = await run(asked[0], asked[1]);
    expect(unknown.status !== 0 && /--ca FILE/.test(unknown.out), `without it: ${unknown.out}`);
    const other = await run(asked[0], [...asked[1], '--ca', certified().ca]);
    expect(other.status !== 0 && /--ca FILE/.test(other.out) && /somebody else answers there/.test(other.out), `another authority: ${other.out}`);
    for (const { out } of [unknown, other]) expect(!/no connection|running there/.test(out), `a wrong certificate is called a dead server: ${out}`);
    const wrong = await run(asked[0], [...asked[1], '--ca', files.key]);
    expect(wrong.status !== 0 && /--ca FILE/.test(wrong.out), `a key as authority: ${wrong.out}`);
  });

  await phone.device.close();
}
