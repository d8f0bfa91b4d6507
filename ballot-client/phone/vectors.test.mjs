// Runs the committed ballot.wasm in Node and compares it, byte for byte, with the published vector.
//
//   node phone/vectors.test.mjs [ballot.wasm]
//
// tests/vectors.rs does the same natively and tests/independent in Python: the three must agree.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';

const here = new URL('.', import.meta.url);
const wasm = readFileSync(process.argv[2] || new URL('ballot.wasm', here));
const vectors = JSON.parse(readFileSync(new URL('../../tests/vectors/douxuan-v1/vectors.json', here)));
const manifest = Buffer.from(vectors.manifest, 'utf8');
const page = JSON.parse(vectors.manifest).page;
const facts = Buffer.from(page.script + page.wasm, 'hex');
const OK = 0;

/** Blocks SHA-512(ASCII seed || I2OSP(counter, 8)), read left to right. */
class Stream {
  constructor(seed) { this.seed = seed; this.counter = 0n; this.rest = Buffer.alloc(0); }
  take(length) {
    while (this.rest.length < length) {
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(this.counter++);
      const block = createHash('sha512').update(this.seed, 'ascii').update(counter).digest();
      this.rest = Buffer.concat([this.rest, block]);
    }
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }
}

/** One page: the wasm with a random stream. Draws of 16 bytes are the first look at the randomness: never the stream's. */
async function load(fill) {
  const page = { stream: null, looks: 0 };
  const random_fill = (at, length) => {
    const bytes = fill ? fill(length) : length === 16
      ? createHash('sha256').update(String(page.looks++)).digest().subarray(0, 16)
      : page.stream.take(length);
    new Uint8Array(core.memory.buffer, at, length).set(bytes);
  };
  const { instance } = await WebAssembly.instantiate(wasm, { env: { random_fill } });
  const core = instance.exports;
  page.call = (name, ...values) => {
    const flat = [], held = [];
    for (const value of values) {
      if (typeof value === 'number') { flat.push(value); continue; }
      const bytes = Buffer.from(value);
      const at = core.alloc(bytes.length);
      new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
      flat.push(at, bytes.length);
      held.push([at, bytes.length]);
    }
    const status = core[name](...flat);
    held.forEach(([at, length]) => core.free(at, length));
    const out = Buffer.from(new Uint8Array(core.memory.buffer, core.out(), core.out_len()));
    core.wipe();
    assert.equal(core.out_len(), 0);
    return { status, out };
  };
  page.keep = step => {
    assert.equal(step.status, OK);
    assert.equal(page.call('stored', step.out).status, OK);
    return step.out;
  };
  return page;
}

function fragment() {
  const token = Buffer.from(vectors.token.bytes, 'hex'), mask = Buffer.from(vectors.token.mask, 'hex');
  return Buffer.concat([Buffer.from([1]), Buffer.from(vectors.M, 'hex'), token, mask]).toString('base64url');
}

async function asked() {
  const page = await load();
  assert.equal(page.call('begin').status, OK);
  const checked = page.call('check', manifest, facts);
  assert.equal(checked.status, OK);
  assert.equal(checked.out.toString(), vectors.screen_code.manifest);
  assert.equal(page.call('scan', Buffer.from(fragment())).status, OK);
  page.stream = new Stream(vectors.enrol.stream);
  const prepared = page.keep(page.call('prepare'));
  return { page, prepared, request: page.call('request') };
}

test('the module imports one function, and only what the page provides', async () => {
  const module = await WebAssembly.compile(wasm);
  assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'random_fill', kind: 'function' }]);
});

test('the enrolment request is the published one, plain and sealed', async () => {
  const { prepared, request } = await asked();
  assert.ok(prepared.includes(Buffer.from(vectors.enrol.plain, 'hex')));
  assert.equal(request.status, OK);
  assert.equal(request.out.toString('hex'), '0101000000' + vectors.enrol.sealed);
});

test('the published reply gives the published credentials, and they the published cast', async () => {
  const { page } = await asked();
  const wallet = page.keep(page.call('enrolled', Buffer.from('01' + vectors.enrol.reply, 'hex'), [], []));
  for (const [name, credential] of Object.entries(vectors.credentials)) {
    const [item, round] = name.split('/').map(Number);
    const stored = Buffer.concat([Buffer.from([item >> 8, item & 255, round]), Buffer.from(credential.b + credential.N, 'hex')]);
    assert.ok(wallet.includes(stored), name);
  }
  page.stream = new Stream(vectors.cast.stream);
  const [item, round] = vectors.cast.contest.split('/').map(Number);
  page.keep(page.call('seal', [item >> 8, item & 255, round, vectors.cast.j]));
  const ballot = page.call('ballot', item, round);
  assert.equal(ballot.status, OK);
  const contest = Buffer.from([item >> 8, item & 255, round]).toString('hex');
  assert.equal(ballot.out.toString('hex'), '0102' + contest + vectors.cast.sealed);
});

test('the screen code, the hash and the refusals are those of the native code', async () => {
  const page = await load();
  assert.equal(page.call('sha256', manifest).out.toString('hex'), vectors.M);
  assert.equal(page.call('sha256', []).out.toString('hex'), createHash('sha256').digest('hex'));
  assert.equal(page.call('check', manifest, Buffer.alloc(64)).status, 6);
  assert.equal(page.call('check', Buffer.from('{}'), facts).status, 4);
  assert.equal(page.call('scan', Buffer.from(fragment())).status, 1);
  assert.equal(page.call('check', manifest, facts).status, OK);
  assert.equal(page.call('scan', Buffer.from('x')).status, 3);
  assert.equal(page.call('typed', Buffer.from(vectors.token.text)).status, OK);
});

test('randomness that is constant or repeats starts nothing', async () => {
  for (const fill of [n => Buffer.alloc(n), n => Buffer.alloc(n, 255), n => Buffer.alloc(n, 'abcdefghijklmnop')]) {
    const page = await load(fill);
    assert.equal(page.call('begin').status, 2);
    assert.equal(page.call('check', manifest, facts).status, OK);
    assert.equal(page.call('scan', Buffer.from(fragment())).status, OK);
    assert.equal(page.call('prepare').status, 2);
  }
});

test('a whole ballot takes a phone no time', async () => {
  const { page } = await asked();
  page.keep(page.call('enrolled', Buffer.from('01' + vectors.enrol.reply, 'hex'), [], []));
  page.stream = new Stream('speed');
  const start = process.hrtime.bigint();
  page.keep(page.call('seal', [0, 1, 1, 0, 0, 1, 2, 1, 0, 3, 1, 2, 0, 3, 2, 3]));
  const each = Number(process.hrtime.bigint() - start) / 4e6;
  console.log(`sealing one ballot: ${each.toFixed(1)} ms`);
  assert.ok(each < 1000);
});

// ---- This project's own vectors: what a phone reads, valid and invalid, as native and Python tests read them. ------

const own = name => JSON.parse(readFileSync(new URL(`../../tests/vectors/own/${name}.json`, here)));
const MANIFEST = 4;

async function begun() {
  const page = await load();
  page.stream = new Stream('own vectors');
  assert.equal(page.call('begin').status, OK);
  return page;
}

test('every manifest of the own vectors has the same verdict here', async () => {
  const page = await begun();
  const { cases } = own('manifest_refusals');
  assert.ok(cases.filter(c => !c.valid).length >= 20);
  for (const each of cases) {
    const text = each.text === undefined ? Buffer.from(each.hex, 'hex') : Buffer.from(each.text, 'utf8');
    const bytes = each.pad_to ? Buffer.concat([text, Buffer.alloc(each.pad_to - text.length, ' ')]) : text;
    // Another page's hashes are a page's fault, not the manifest's: 6 says that the manifest was read.
    const { status } = page.call('check', bytes, facts);
    assert.equal(status !== MANIFEST, each.valid, `${each.name}: ${each.why} (${status})`);
  }
});

test('every typed code of the own vectors has the same verdict here', async () => {
  const { cases } = own('token_text');
  for (const each of cases) {
    const page = await begun();
    assert.equal(page.call('check', manifest, facts).status, OK);
    assert.equal(page.call('typed', Buffer.from(each.text, 'utf8')).status === OK, each.valid, `${each.name}: ${each.why}`);
  }
});

test('every slip of the own vectors has the same verdict here', async () => {
  const { cases } = own('slip_qr');
  for (const each of cases) {
    const page = await begun();
    assert.equal(page.call('check', manifest, facts).status, OK);
    const at = each.url.indexOf('#');
    let status = at < 0 ? 3 : page.call('scan', Buffer.from(each.url.slice(at + 1), 'utf8')).status;
    // Bits above the last item are looked at when the enrolment is prepared, before anything is stored or sent.
    if (status === OK) status = page.call('prepare').status;
    assert.equal(status === OK, each.valid, `${each.name}: ${each.why} (${status})`);
  }
});
