// audit.wasm at work, away from the page, which stays alive while a large bundle is audited. It takes no network and no
// storage: bytes in, a status and bytes out. The page compiles the wasm, as only the page's policy allows that.

/** @type {WebAssembly.Module|null} */
let compiled = null;
/** @type {any} */
let core = null;

/** @param {string} name @param {(number|Uint8Array)[]} values */
function call(name, values) {
  const flat = [];
  const held = [];
  for (const value of values) {
    if (typeof value === 'number') { flat.push(value); continue; }
    const at = core.alloc(value.length);
    new Uint8Array(core.memory.buffer).set(value, at);
    held.push([at, value.length]);
    flat.push(at, value.length);
  }
  const status = core[name](...flat);
  for (const [at, length] of held) core.free(at, length);
  const from = core.out();
  const out = new Uint8Array(core.memory.buffer).slice(from, from + core.out_len());
  core.wipe();
  return { status, out };
}

self.onmessage = async ({ data }) => {
  if (data.compiled) { compiled = data.compiled; return; }
  try {
    if (!core) core = (await WebAssembly.instantiate(compiled, {})).exports;
    self.postMessage({ id: data.id, ...call(data.name, data.values) });
  } catch (failure) {
    // A trap leaves the instance in no state to go on with.
    core = null;
    self.postMessage({ id: data.id, failure: String(failure) });
  }
};
