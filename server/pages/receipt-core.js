// The page's door to audit.wasm: one call a step, each a promise. The numbers are those of src/wasm/audit.rs.

export const OK = 0, NOTHING = 2, UNREADABLE = 3, MISSING = 5, MANIFEST = 8;

export const text = bytes => new TextDecoder().decode(bytes);
export const bytesOf = string => new TextEncoder().encode(string);

/** @type {Worker|null} */
let worker = null;
let last = 0;
/** @type {Map<number, {done: (answer: any) => void, failed: (why: Error) => void}>} */
const waiting = new Map();

/** Loads the wasm; everything else then works without a network. @param {BufferSource} program */
export async function start(program) {
  const compiled = await WebAssembly.compile(program);
  worker = new Worker('/receipt-worker.js');
  worker.onmessage = ({ data }) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (!asked) return;
    if (data.failure) asked.failed(new Error(data.failure));
    else asked.done({ status: data.status, out: data.out });
  };
  worker.onerror = event => {
    for (const asked of waiting.values()) asked.failed(new Error(event.message));
    waiting.clear();
  };
  worker.postMessage({ compiled });
}

/** One step. @param {string} name @param {...(number|Uint8Array)} values @returns {Promise<{status: number, out: Uint8Array}>} */
export function call(name, ...values) {
  return new Promise((done, failed) => {
    if (!worker) { failed(new Error('no wasm')); return; }
    last += 1;
    waiting.set(last, { done, failed });
    worker.postMessage({ id: last, name, values });
  });
}
