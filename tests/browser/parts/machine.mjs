// The processes under test, each ended by its own id.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './report.mjs';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const DOUXUAN = process.env.DOUXUAN_BIN || join(ROOT, 'target/debug/douxuan');
export const BALLOT = process.env.DOUXUAN_BALLOT_BIN || join(ROOT, 'target/debug/douxuan-ballot');
/** A name that is mapped to loopback: browsers treat it as they treat an address in the room, not as localhost. */
export const NAME = 'vote.test';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();

/** Starts a program; its output is collected. @param {string} program @param {string[]} argv */
export function start(program, argv) {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const started = { child, out: '', status: /** @type {Promise<number|null>} */ (Promise.resolve(null)) };
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { started.out += text; });
  started.status = once(child, 'close').then(([code]) => { running.delete(child); return code; }, error => { running.delete(child); throw error; });
  started.status.catch(() => {});
  return started;
}

/** Runs a program to its end. @param {string} program @param {string[]} argv */
export async function run(program, argv) {
  const started = start(program, argv);
  const status = await started.status;
  return { status, out: started.out };
}

export function folder() {
  const made = mkdtempSync(join(tmpdir(), 'douxuan-browser-'));
  folders.add(made);
  return made;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** `douxuan serve` on two free loopback ports, which it keeps over restarts. */
export class Server {
  /** @param {{cert: string, key: string}} [certificate] with it, phones come by TLS */
  static async start(certificate) {
    const server = new Server();
    server.data = folder();
    server.publicPort = await freePort();
    server.consolePort = await freePort();
    server.more = certificate ? ['--cert', certificate.cert, '--key', certificate.key] : [];
    server.origin = `http${certificate ? 's' : ''}://${NAME}:${server.publicPort}`;
    server.desk = `http://127.0.0.1:${server.consolePort}`;
    await server.begin();
    return server;
  }

  async begin() {
    const argv = ['serve', '--data', this.data, '--host', NAME, '--tick-ms', '500', ...this.more];
    argv.push('--public', `127.0.0.1:${this.publicPort}`, '--console', `127.0.0.1:${this.consolePort}`);
    this.process = start(DOUXUAN, argv);
    await until('the server says that it serves', () => {
      if (this.process.child.exitCode !== null) throw new Error(`the server ended: ${this.process.out}`);
      return this.process.out.includes('Ctrl-C');
    });
    // Printed until there is an account.
    const code = this.process.out.match(/登录码\s+(\S+)/);
    this.code = code ? code[1] : '';
  }

  /** A crash: nothing is finished, nothing is said. */
  async kill() {
    this.process.child.kill('SIGKILL');
    await this.process.status;
  }

  /** The public live state, as anybody may read it. */
  async live() {
    const response = await fetch(`http://127.0.0.1:${this.publicPort}/live.json`);
    return response.json();
  }
}

/** Ends whatever still runs, by its id, and removes the folders. */
export async function cleanUp() {
  const waiting = [...running].map(child => {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    return closed;
  });
  await Promise.all(waiting);
  for (const made of folders) rmSync(made, { recursive: true, force: true });
}
