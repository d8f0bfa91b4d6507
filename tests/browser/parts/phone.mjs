// A voter's phone: a device of its own, the page, and what it went through.

import { PHONE } from './browser.mjs';
import { walletOf } from './bytes.mjs';
import { until } from './report.mjs';

export class Phone {
  /** @param {import('./browser.mjs').Browser} browser @param {import('./machine.mjs').Server} server @param {string} name */
  static async make(browser, server, name) {
    const phone = new Phone();
    Object.assign(phone, { browser, server, name });
    phone.device = await browser.device(PHONE, { deviceScaleFactor: 2, hasTouch: true, isMobile: true });
    return phone;
  }

  /** Opens the slip's link in a new page, as a camera does; without one, the plain address.
   * @param {string} fragment @param {(page: import('playwright-core').Page) => Promise<void>} [before] */
  async scan(fragment, before = async () => {}) {
    this.page = await this.browser.page(this.device, this.name);
    /** @type {string[]} */
    this.states = [];
    await this.page.exposeFunction('stateSeen', state => this.states.push(state));
    await this.page.addInitScript(() => {
      document.addEventListener('DOMContentLoaded', () => {
        const tell = () => window.stateSeen(document.body.dataset.state);
        new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ['data-state'] });
        tell();
      });
    });
    await before(this.page);
    await this.page.goto(`${this.server.origin}/${fragment ? `#${fragment}` : ''}`);
  }

  /** @param {string} wanted @param {number} [ms] */
  async reach(wanted, ms = 30000) {
    let now = '';
    try {
      await until(wanted, async () => { now = await this.state(); return wanted.split(' ').includes(now); }, ms);
    } catch {
      throw new Error(`${this.name} is at "${now}", not at "${wanted}": ${(await this.text()).slice(0, 200)}`);
    }
  }

  async state() {
    return (await this.page.getAttribute('body', 'data-state')) || '';
  }

  /** What a person reads. */
  text() {
    return this.page.innerText('body');
  }

  /** Rates every official on the page, the nth with option `grade(n)`. @param {(n: number) => number} grade */
  async rate(grade) {
    const boxes = await this.page.locator('.contest').all();
    for (const [n, box] of boxes.entries()) await box.locator('[role="radio"]').nth(grade(n)).tap();
    return boxes.length;
  }

  async submit() {
    await this.page.tap('[data-act="submit"]');
  }

  /** Everything in the browser's storage. */
  storage() {
    return this.page.evaluate(() => Object.fromEntries(Object.entries(localStorage)));
  }

  /** @param {any} manifest */
  async wallet(manifest) {
    const values = Object.values(await this.storage());
    if (values.length !== 1) throw new Error(`${this.name} keeps ${values.length} values`);
    return walletOf(values[0], manifest);
  }

  /** The page is closed; the device keeps what it stored. */
  async close() {
    await this.page.close();
  }
}

/** Lets the first `pass` ballots through and holds the others back, as a dead network would. @param {number} pass */
export function holdingAfter(pass) {
  let seen = 0;
  return (/** @type {import('playwright-core').Page} */ page) => page.routeWebSocket(/\/cast$/, route => {
    seen += 1;
    if (seen <= pass) route.connectToServer();
  });
}
