// What the server answers to whom: headers on every page, foreign names and origins, and two listeners apart.

import { request } from 'node:http';

import { equal, expect, situation } from '../parts/report.mjs';

/** A bare request, with whatever Host and Origin. @param {number} port @param {string} path @param {Record<string, string>} headers @param {string} [method] @returns {Promise<{status: number, headers: Record<string, string>}>} */
function ask(port, path, headers, method = 'GET') {
  return new Promise((done, failed) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers: { ...headers, ...(method === 'POST' ? { 'Content-Length': '2', 'Content-Type': 'application/json' } : {}) } });
    asking.setTimeout(10000, () => asking.destroy(new Error(`no answer to ${method} ${path}`)));
    const answered = response => { response.resume(); done({ status: response.statusCode, headers: response.headers }); };
    asking.on('response', answered);
    asking.on('upgrade', (response, socket) => { socket.destroy(); answered(response); });
    asking.on('error', failed);
    asking.end(method === 'POST' ? '{}' : undefined);
  });
}

export async function guard(meeting) {
  const { server } = meeting;
  const host = `vote.test:${server.publicPort}`;
  const desk = `127.0.0.1:${server.consolePort}`;
  const inside = { Host: desk, Cookie: (await meeting.deskDevice.cookies()).map(c => `${c.name}=${c.value}`).join('; ') };

  await situation('headers: strict policy on every page and answer; WebAssembly on the pages of phone, receipts and preflight only', async () => {
    const pages = ['/', '/phone.js', '/phone.css', '/ballot.wasm', '/manifest', '/live.json', '/hall', '/hall.js', '/hall.css', '/rostrum', '/rostrum.js', '/receipt', '/receipt.js', '/audit.wasm', '/preflight', '/preflight.js', '/scrutineer', '/words.js', '/ceremony.json', '/typed.svg', '/log/entries', '/nothing'];
    const all = pages.map(path => ({ port: server.publicPort, path, headers: { Host: host } }));
    for (const path of ['/', '/console.js', '/console.css', '/slips.css', '/slips.js', '/scrutineer', '/desk/state', '/desk/slips', '/desk/nothing']) {
      all.push({ port: server.consolePort, path, headers: inside });
    }
    for (const { port, path, headers } of all) {
      const answer = await ask(port, path, headers);
      const where = `${headers.Host}${path}`;
      const policy = answer.headers['content-security-policy'] || '';
      expect(/default-src 'none'/.test(policy) && /frame-ancestors 'none'/.test(policy) && /base-uri 'none'/.test(policy), `${where}: ${policy}`);
      const phone = port === server.publicPort && ['/', '/receipt', '/preflight'].includes(path);
      equal(policy.includes("'wasm-unsafe-eval'"), phone, `${where}: WebAssembly`);
      expect(!/unsafe-inline|'unsafe-eval'|unsafe-hashes|\*|https?:/.test(policy), `${where}: ${policy}`);
      equal(answer.headers['referrer-policy'], 'no-referrer', `${where}: referrer-policy`);
      equal(answer.headers['cache-control'], 'no-store', `${where}: cache-control`);
      equal(answer.headers['x-content-type-options'], 'nosniff', `${where}: x-content-type-options`);
      expect(!('set-cookie' in answer.headers), `${where} sets a cookie`);
    }
  });

  await situation('guard: a foreign Host is 421, a foreign Origin 403, on both listeners and on sockets', async () => {
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
    const foreign = 'http://evil.test';
    equal((await ask(server.publicPort, '/', { Host: 'evil.test' })).status, 421, 'public page, foreign Host');
    equal((await ask(server.publicPort, '/enrol', { Host: `evil.test:${server.publicPort}` }, 'POST')).status, 421, 'enrol, foreign Host');
    equal((await ask(server.consolePort, '/', { Host: `evil.test:${server.consolePort}` })).status, 421, 'console, foreign Host');
    equal((await ask(server.publicPort, '/enrol', { Host: host, Origin: foreign }, 'POST')).status, 403, 'enrol, foreign Origin');
    equal((await ask(server.consolePort, '/desk/login', { Host: desk, Origin: foreign }, 'POST')).status, 403, 'login, foreign Origin');
    equal((await ask(server.consolePort, '/desk/archive', { ...inside, Origin: foreign }, 'POST')).status, 403, 'archive, foreign Origin');
    equal((await ask(server.consolePort, '/desk/archive', inside, 'POST')).status, 403, 'archive without an Origin');
    for (const path of ['/cast', '/live']) {
      equal((await ask(server.publicPort, path, { ...upgrade, Host: host, Origin: foreign })).status, 403, `${path}, foreign Origin`);
    }
    equal((await ask(server.publicPort, '/live', { ...upgrade, Host: host, Origin: `http://${host}` })).status, 101, '/live, own Origin');
  });

  await situation('guard: nothing of the console under the public port, nothing inside without a session', async () => {
    for (const path of ['/desk/state', '/desk/slips', '/desk/slips.json', '/desk/bundle.zip', '/console.js', '/slips.js']) {
      equal((await ask(server.publicPort, path, { Host: host, Cookie: inside.Cookie })).status, 404, `${path} under the public port`);
    }
    equal((await ask(server.publicPort, '/desk/login', { Host: host, Origin: `http://${host}` }, 'POST')).status, 404, 'login under the public port');
    for (const path of ['/desk/state', '/desk/slips', '/desk/slips.json', '/desk/bundle.zip']) {
      equal((await ask(server.consolePort, path, { Host: desk })).status, 401, `${path} without a session`);
    }
  });
}
