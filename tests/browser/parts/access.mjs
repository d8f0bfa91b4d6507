// Every state that a picture is taken of is also read by axe-core, in both languages.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SERIOUS = ['serious', 'critical'];

/** What was found: `page state language: rule, element`. @type {Set<string>} */
export const barriers = new Set();
/** How many states were read. */
export const read = { states: 0 };

/** Speaks the other language, and says which it is now; null where a page has only one (paper).
 * @param {import('playwright-core').Page} page @returns {Promise<string|null>} */
export async function speakOther(page) {
  const spoken = await page.evaluate(async () => {
    if (!document.getElementById('words')) return null;
    const button = document.querySelector('[data-act="language"]');
    if (document.querySelector('script[type="module"]')) {
      const words = await import('/words.js');
      words.setLanguage(words.language() === 'en' ? 'zh-CN' : 'en');
    } else if (button) /** @type {HTMLElement} */ (button).click();
    else return null;
    return document.documentElement.lang;
  });
  await settled(page);
  return spoken;
}

/** Nothing is being drawn any more. @param {import('playwright-core').Page} page */
export const settled = page => page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));

/** Reads the page as it stands. @param {import('playwright-core').Page} page @param {string} name */
export async function examine(page, name) {
  // A program given to the browser's own console is not the page's: the page's policy stays as strict as it is.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async serious => {
    // @ts-ignore
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.filter(v => serious.includes(v.impact)).map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 90)).join(' | ')}`);
  }, SERIOUS);
  read.states += 1;
  for (const fault of found) barriers.add(`${name}: ${fault}`);
}
