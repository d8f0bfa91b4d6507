// The hall screen, and every frame that it was sent.

import { HALL, overflows, shot } from './browser.mjs';
import { expect } from './report.mjs';

export class Hall {
  /** @param {import('./browser.mjs').Browser} browser @param {import('./machine.mjs').Server} server */
  static async open(browser, server) {
    const hall = new Hall();
    /** @type {string[]} */
    hall.faults = [];
    hall.device = await browser.device(HALL);
    hall.page = await browser.page(hall.device, 'hall');
    /** @type {any[]} */
    hall.frames = [];
    hall.page.on('websocket', socket => socket.on('framereceived', ({ payload }) => hall.frames.push(JSON.parse(String(payload)))));
    await hall.page.goto(`${server.origin}/hall`);
    return hall;
  }

  get last() {
    return this.frames[this.frames.length - 1];
  }

  /** @param {string} contest */
  static of(frame, contest) {
    return frame.contests.find(c => `${c.item}/${c.round}` === contest);
  }

  /** What the screen shows of a contest, in words. @param {string} contest */
  card(contest) {
    return this.page.locator(`article[data-contest="${contest}"]`).innerText();
  }

  /** A picture, and what is wrong with it: laid over something else, or too small for the last row. @param {string} name */
  async look(name) {
    await shot(this.page, name);
    for (const fault of await overflows(this.page, { fixed: true, least: 28 })) this.faults.push(`${name}: ${fault}`);
  }

  /** The lengths of a card's bars, in drawing units. @param {string} contest */
  bars(contest) {
    return this.page.locator(`article[data-contest="${contest}"] svg .bar`).evaluateAll(bars => bars.map(bar => Number(bar.getAttribute('width'))));
  }

  /** The batches of a contest as they were shown while it was open: never fewer than n more at once, f always held
   * back, and the released total never ahead of what was received. @param {string} contest @param {{n: number, f: number}} rule */
  batches(contest, rule) {
    const totals = [0];
    for (const frame of this.frames) {
      const shown = Hall.of(frame, contest);
      if (!shown || shown.state !== 'open' || !shown.released) continue;
      const { total, counts } = shown.released;
      const before = totals[totals.length - 1];
      expect(counts.reduce((a, b) => a + b, 0) === total, `${contest}: counts ${counts} are not ${total}`);
      if (total === before) continue;
      expect(total - before >= rule.n, `${contest}: from ${before} to ${total} at once, fewer than ${rule.n}`);
      expect(shown.received === null || total <= shown.received, `${contest}: ${total} shown of ${shown.received}`);
      totals.push(total);
    }
    return totals.slice(1);
  }
}
