// Named situations: each is printed as it ends, the last line counts them.

let passed = 0;
let failed = 0;

/** Runs one situation. A failure is printed and the run goes on: later situations often still say something.
 * @param {string} name @param {() => Promise<unknown>} work */
export async function situation(name, work) {
  const begun = Date.now();
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}  (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`not ok  ${name}\n${String(error.stack || error).replace(/^/gm, '          ')}`);
  }
}

/** A figure worth reading, not a verdict. @param {string} text */
export function note(text) {
  console.log(`        ${text}`);
}

/** The last line, and the exit status. */
export function conclude() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed || !passed ? 1 : 0;
}

/** @param {unknown} holds @param {string} message */
export function expect(holds, message) {
  if (!holds) throw new Error(message);
}

/** @param {unknown} found @param {unknown} wanted @param {string} what */
export function equal(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`);
}

export const pause = ms => new Promise(done => setTimeout(done, ms));

/** Asks until the answer is truthy, and gives it. @template T @param {string} what @param {() => Promise<T>|T} ask @param {number} [ms] */
export async function until(what, ask, ms = 20000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`in ${ms / 1000} s not: ${what}`);
    await pause(50);
  }
}
