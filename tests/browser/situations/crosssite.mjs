// A page of somebody else in the office's own browser, while the office is signed in: it can send, and nothing happens.

import { createServer } from 'node:http';
import { once } from 'node:events';

import { equal, expect, situation } from '../parts/report.mjs';

export async function crossSite(meeting) {
  const { server, desk, deskDevice } = meeting;
  const seen = [];
  const evil = createServer((request, response) => {
    seen.push(request.url);
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>evil</title><iframe name="sink"></iframe>');
  }).listen(0, '127.0.0.1');
  await once(evil, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (evil.address());
  const acts = ['desk/archive', 'desk/meeting/new', 'desk/window/open', 'desk/window/close', 'desk/freeze', 'desk/sample', 'desk/slips/again'];

  // The second name is the console's own: to a browser the same site, so that even a strict cookie is sent along.
  for (const host of ['evil.test', '127.0.0.1']) {
    await situation(`cross-site: a page at ${host} posts forms and fetches, opens sockets and frames, and nothing changes`, async () => {
      const before = JSON.stringify((await desk.state()).live);
      const page = await deskDevice.newPage();
      const answers = [];
      page.on('response', response => { if (response.url().includes('/desk/') && response.request().method() === 'POST') answers.push(response.status()); });
      await page.goto(`http://${host}:${port}/`);
      for (const act of acts) {
        for (const kind of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
          // Answered or refused: the frame is told either way.
          await page.evaluate(({ url, kind }) => new Promise(done => {
            const form = document.createElement('form');
            Object.assign(form, { action: url, method: 'post', enctype: kind, target: 'sink' });
            const field = document.createElement('input');
            Object.assign(field, { name: '{"present":1,"x":"', value: '"}' });
            form.append(field);
            document.body.append(form);
            const sink = /** @type {HTMLIFrameElement} */ (document.querySelector('iframe[name="sink"]'));
            sink.addEventListener('load', () => done(undefined), { once: true });
            form.submit();
          }), { url: `${server.desk}/${act}`, kind });
        }
      }
      const read = await page.evaluate(async ({ desk, acts }) => {
        const open = [];
        for (const act of [...acts, 'desk/state', 'desk/slips.json']) {
          for (const mode of ['cors', 'no-cors']) {
            const method = act.endsWith('state') || act.endsWith('json') ? 'GET' : 'POST';
            try {
              const response = await fetch(`${desk}/${act}`, { method, mode, credentials: 'include', body: method === 'POST' ? '{}' : undefined });
              const text = await response.text();
              if (text) open.push(`${act}: ${text.slice(0, 40)}`);
            } catch { /* refused by the browser: as it must be */ }
          }
        }
        return open;
      }, { desk: server.desk, acts });
      equal(read, [], 'answers that a foreign page could read');
      expect(answers.length > 0 && answers.every(status => [401, 403, 421].includes(status)), `answers ${answers}`);

      const sockets = await page.evaluate(async addresses => {
        const opened = [];
        for (const address of addresses) {
          await new Promise(done => {
            const socket = new WebSocket(address);
            socket.onopen = () => { opened.push(address); done(undefined); };
            socket.onerror = () => done(undefined);
            socket.onclose = () => done(undefined);
          });
        }
        return opened;
      }, [`ws://127.0.0.1:${server.consolePort}/live`, `ws://vote.test:${server.publicPort}/live`, `ws://vote.test:${server.publicPort}/cast`]);
      equal(sockets, [], 'sockets that a foreign page could open');

      for (const url of [`${server.desk}/`, `${server.origin}/`, `${server.origin}/hall`]) {
        // Loaded or refused: either is told.
        await page.evaluate(src => new Promise(done => {
          const frame = document.createElement('iframe');
          Object.assign(frame, { src, name: 'framed', onload: () => done(undefined) });
          document.body.append(frame);
        }), url);
        const inside = page.frames().filter(frame => frame.url().startsWith(url.slice(0, -1)));
        for (const frame of inside) {
          const text = await frame.evaluate(() => document.body ? document.body.innerText : '').catch(() => '');
          expect(!/豆选|测评|控制台/.test(text), `${url} was framed: ${text.slice(0, 40)}`);
        }
      }
      await page.close();
      equal(JSON.stringify((await desk.state()).live), before, 'the meeting');
    });
  }
  evil.close();
  evil.closeAllConnections();
  expect(seen.length > 0, 'the foreign page was never loaded');
}
