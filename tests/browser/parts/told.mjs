// A screen that is told frames by hand, in its server's place.

import { until } from './report.mjs';

export class Told {
  /** @param {{browser: import('./browser.mjs').Browser, server: import('./machine.mjs').Server}} from
   * @param {{size: {width: number, height: number}, path: string, name: string, before?: (page: import('playwright-core').Page) => Promise<void>}} screen */
  async begin({ browser, server }, { size, path, name, before = async () => {} }) {
    /** What was seen to be wrong on the pictures. @type {string[]} */
    this.faults = [];
    /** @type {import('playwright-core').WebSocketRoute[]} */
    this.sockets = [];
    /** How many frames the page was sent. */
    this.sent = 0;
    this.size = size;
    this.device = await browser.device(size);
    this.page = await browser.page(this.device, name);
    await before(this.page);
    await this.page.routeWebSocket(/\/live$/, socket => {
      this.sockets.push(socket);
      if (this.frame) this.send(socket, this.frame);
    });
    // Counts what the page has heard; it draws while it hears.
    await this.page.addInitScript(() => {
      /** @type {any} */ (window).heard = 0;
      window.WebSocket = new Proxy(window.WebSocket, {
        construct(real, given) {
          const socket = Reflect.construct(real, given);
          socket.addEventListener('message', () => { /** @type {any} */ (window).heard += 1; });
          return socket;
        },
      });
    });
    await this.page.goto(`${server.origin}${path}`);
  }

  send(socket, frame) {
    this.sent += 1;
    socket.send(JSON.stringify(frame));
  }

  /** Tells a frame and gives what the screen says once it has heard it. @param {any} frame */
  async tell(frame) {
    this.frame = frame;
    await until('a socket', () => this.sockets.length);
    this.send(this.sockets[this.sockets.length - 1], frame);
    await until('it is heard', async () => (await this.page.evaluate(() => /** @type {any} */ (window).heard)) >= this.sent);
    return this.words();
  }

  words() {
    return this.page.innerText('body');
  }
}

/** @param {string} text @param {...RegExp} wanted */
export function says(text, ...wanted) {
  for (const words of wanted) if (!words.test(text)) throw new Error(`no ${words} in: ${text}`);
}
