// A voter's phone: a device of its own, the page, and what it went through.

import { PHONE } from './browser.mjs';
import { walletOf } from './bytes.mjs';
import { pause, until } from './report.mjs';

export class Phone {
  /** @param {import('./browser.mjs').Browser} browser @param {import('./machine.mjs').Server} server @param {string} name
   * @param {object} [more] of the device */
  static async make(browser, server, name, more = {}) {
    const phone = new Phone();
    Object.assign(phone, { browser, server, name });
    phone.device = await browser.device(PHONE, { deviceScaleFactor: 2, hasTouch: true, isMobile: true, ...more });
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

  /** The contests that the ballot offers now, such as `3/1`. @returns {Promise<string[]>} */
  offered() {
    return this.page.evaluate(() => {
      const steps = [...document.querySelectorAll('#steps [data-contest], #rows [data-contest]')];
      const shown = steps.length ? steps : [...document.querySelectorAll('#ratings .contest')];
      return [...new Set(shown.map(e => e.getAttribute('data-contest') || ''))];
    });
  }

  /** Turns to an official by the buttons that a voter has. @param {string} contest */
  async turnTo(contest) {
    const offered = await this.offered();
    for (let taps = 0; taps < 2 * offered.length + 4; taps += 1) {
      if ((await this.state()) === 'review') {
        await this.page.tap(`#rows [data-contest="${contest}"]`);
        continue;
      }
      const here = offered.indexOf((await this.page.getAttribute('#ratings .contest', 'data-contest')) || '');
      const there = offered.indexOf(contest);
      if (here === there) return;
      await this.page.tap(there < here ? '#back-one' : '#forward');
    }
    throw new Error(`${this.name} does not find ${contest} among ${offered}`);
  }

  /** Rates every official, the nth with option `grade(n)`. @param {(n: number) => number} grade */
  async rate(grade) {
    const offered = await this.offered();
    for (const [n, contest] of offered.entries()) {
      await this.turnTo(contest);
      await this.page.locator('[role="radio"]').nth(grade(n)).tap();
    }
    return offered.length;
  }

  /** What the ballot's main button does now: `next`, `review` or `submit`. */
  async forward() {
    return (await this.page.getAttribute('#forward', 'data-act')) || '';
  }

  /** To the review, or to the first official without a choice. */
  async toReview() {
    while ((await this.forward()) === 'next') await this.page.tap('#forward');
    if ((await this.forward()) === 'review') await this.page.tap('#forward');
  }

  /** By the review, where there is one, to the final tap. */
  async submit() {
    if ((await this.state()) === 'open') await this.toReview();
    // The page takes no tap as the final one that comes as fast as the second of a double tap.
    if ((await this.state()) === 'review') await pause(700);
    else if ((await this.forward()) !== 'submit') return;
    await this.page.tap('[data-act="submit"]:visible');
  }

  /** Everything in the browser's storage. */
  storage() {
    return this.page.evaluate(() => Object.fromEntries(Object.entries(localStorage)));
  }

  /** @param {any} manifest */
  async wallet(manifest) {
    const wallets = Object.entries(await this.storage()).filter(([key]) => key.startsWith('douxuan/'));
    if (wallets.length !== 1) throw new Error(`${this.name} keeps ${wallets.length} wallets`);
    return walletOf(wallets[0][1], manifest);
  }

  /** The page is closed; the device keeps what it stored. */
  async close() {
    await this.page.close();
  }
}

/** Lets the first `pass` ballots of a page through and holds the others back, as a dead network would, until it is
 * opened. @param {number} pass */
export function holdingAfter(pass) {
  let shut = true;
  /** @type {import('playwright-core').WebSocketRoute[]} */
  const held = [];
  const gate = {
    /** How many ballots have set out. */
    tried: 0,
    hold: (/** @type {import('playwright-core').Page} */ page) => page.routeWebSocket(/\/cast$/, route => {
      gate.tried += 1;
      if (!shut || gate.tried <= pass) route.connectToServer();
      else held.push(route);
    }),
    /** What was held back is cut off, and sets out again. */
    open() {
      shut = false;
      for (const route of held) route.close().catch(() => {});
    },
  };
  return gate;
}
