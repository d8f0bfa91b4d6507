// Runs the committed ballot.wasm in Node and compares it, byte for byte, with the published vector; audit.wasm behind it.
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

// ---- audit.wasm: receipts, as pictures and on boards. ----------------------------------------------------------------

const auditWasm = readFileSync(new URL('audit.wasm', here));
const ownFile = name => readFileSync(new URL(`../../tests/vectors/own/${name}`, here));
const small = ownFile('bundle-small.zip');
const noted = name => ownFile(`bundle-small.receipt-${name}`).toString();

/** audit.wasm needs nothing of the page. */
async function auditor() {
  const { instance } = await WebAssembly.instantiate(auditWasm, {});
  const core = instance.exports;
  return (name, ...values) => {
    const flat = values.flatMap(value => {
      if (typeof value === 'number') return [value];
      const bytes = Buffer.from(value);
      const at = core.alloc(bytes.length);
      new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
      return [at, bytes.length];
    });
    const status = core[name](...flat);
    return { status, out: Buffer.from(new Uint8Array(core.memory.buffer, core.out(), core.out_len())) };
  };
}

/** A bundle's files: `(length(4) path length(4) data)*`. */
function filesOf(out) {
  const files = {};
  for (let at = 0; at < out.length;) {
    const part = () => { const length = out.readUInt32BE(at); at += 4 + length; return out.subarray(at - length, at); };
    const path = part().toString();
    files[path] = part();
  }
  return files;
}

test('phone.js pins the committed audit.wasm, which imports nothing', async () => {
  const script = readFileSync(new URL('phone.js', here), 'utf8');
  const pins = [...script.matchAll(/const AUDIT_WASM = '([0-9a-f]*)'/g)].map(([, hex]) => hex);
  assert.deepEqual(pins, [createHash('sha256').update(auditWasm).digest('hex')]);
  assert.deepEqual(WebAssembly.Module.imports(await WebAssembly.compile(auditWasm)), []);
});

test('receipts packed, drawn, photographed and unpacked are the same receipts', async () => {
  const call = await auditor();
  const notes = noted('valid') + noted('voided-contest');
  const packed = call('pack', notes);
  assert.equal(packed.status, OK);
  const parts = packed.out.toString().split('\n');
  assert.ok(parts.every(part => /^DX1:\d+\/\d+:[0-9A-F]{8}:[0-9A-Z]+$/.test(part)), parts[0]);
  const seen = [];
  for (const part of parts) {
    const drawn = call('qr', part);
    assert.equal(drawn.status, OK);
    const [width, scale] = [drawn.out[0], 4];
    assert.equal(drawn.out.length, 1 + width * width);
    const side = (width + 8) * scale;
    const gray = Buffer.alloc(side * side, 240);
    for (let i = 0; i < side * side; i += 1) {
      const [x, y] = [Math.floor((i % side) / scale) - 4, Math.floor(i / side / scale) - 4];
      if (x >= 0 && y >= 0 && x < width && y < width && drawn.out[1 + y * width + x]) gray[i] = 30;
    }
    const read = call('decode_qr', side, side, gray);
    assert.equal(read.status, OK);
    seen.push(read.out.toString());
  }
  assert.deepEqual(seen, parts);
  assert.equal(call('unpack', seen.join('\n')).out.toString(), `${noted('valid')}\n${noted('voided-contest')}`);
});

test('what is not whole is refused, each in its number', async () => {
  const call = await auditor();
  const part = call('pack', noted('valid')).out.toString();
  assert.equal(call('pack', 'nothing').status, 2);
  assert.equal(call('unpack', 'nothing').status, 2);
  assert.equal(call('unpack', part.slice(0, 12)).status, 3);
  assert.equal(call('unpack', part.slice(0, -3)).status, 6);
  assert.equal(call('unpack', part.replace('1/1', '1/2').concat('\n', part)).status, 4);
  const missing = call('unpack', part.replace('1/1', '2/3'));
  assert.deepEqual([missing.status, missing.out.toString()], [5, '3 1 3']);
  assert.equal(call('decode_qr', 100, 100, Buffer.alloc(10_000, 200)).status, 2);
  assert.equal(call('decode_qr', 100, 101, Buffer.alloc(10_000, 200)).status, 2);
  assert.equal(call('qr', Buffer.alloc(5000, 65)).status, 1);
  assert.equal(call('check_receipts', '{}', noted('valid')).status, 8);
  assert.equal(call('unzip', 'PK').status, 11);
});

test('a receipt is found on its board, and the codes and the audit are the command\'s', async () => {
  const call = await auditor();
  const files = filesOf(call('unzip', small).out);
  const found = name => {
    const [receipt] = JSON.parse(call('check_receipts', files['manifest.json'], noted(name)).out);
    if (receipt.state !== 'held') return receipt.state;
    const at = `board/${receipt.item}-${receipt.round}`;
    return call('find', files['manifest.json'], receipt.note, files[`${at}/entries`], files[`${at}/checkpoint`]).out.toString();
  };
  assert.deepEqual(['valid', 'absent', 'forged'].map(found), ['on_board', 'not_on_board', 'false']);
  const codes = call('codes', files['manifest.json'], files['log/entries'], files['log/checkpoint']);
  assert.equal(codes.status, OK);
  const { manifest: own, log, boards } = JSON.parse(codes.out);
  assert.ok([own, log, ...boards].every(({ code }) => /^(\d{4} ){7}\d{4}$|^$/.test(code)));
  assert.equal(call('codes', files['manifest.json'], files['log/entries'].subarray(0, -1), files['log/checkpoint']).status, 10);
  assert.equal(call('log_size_at', files['manifest.json'], files['log/entries'], log.code).out.toString(), String(log.size));
  const audit = receipts => JSON.parse(call('audit', small, receipts).out);
  assert.deepEqual([audit('').exit, audit('').steps.length, audit('').meeting.code], [0, 14, own.code]);
  assert.equal(audit(noted('absent')).failed, 'V13');
});
