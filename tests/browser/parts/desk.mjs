// The console, worked as the office works it: by its buttons.

import { OFFICE } from './office.mjs';
import { expect, until } from './report.mjs';

/** No act is under way: while one is, the page takes no other. @param {import('playwright-core').Page} page */
export const ready = page => until('the console is ready', async () => !(await page.getAttribute('body', 'aria-busy')), 60000);

/** What people were told before is gone, so that the next words are the next answer. @param {import('playwright-core').Page} page */
export const silence = page => page.evaluate(() => { const box = document.getElementById('message'); if (box) box.textContent = ''; });

export class Desk {
  /** @param {import('playwright-core').Page} page @param {import('./machine.mjs').Server} server */
  constructor(page, server) {
    this.page = page;
    this.server = server;
  }

  async open() {
    await this.page.goto(`${this.server.desk}/`);
  }

  /** As the page asks for it: makes the first account, or signs in with what was chosen then.
   * @param {string} code of the starting window */
  async signIn(code) {
    await this.page.waitForSelector('#login:visible');
    const way = await this.page.getAttribute('#login', 'data-way');
    if (way !== 'in') await this.page.fill('#login-code', code);
    if (way === 'first') await this.page.fill('#login-name', OFFICE.name);
    if (way !== 'drill') {
      await this.page.fill('#login-sign-in', OFFICE.sign_in);
      await this.page.fill('#login-phrase', OFFICE.phrase);
    }
    if (way === 'first') await this.page.fill('#login-phrase-2', OFFICE.phrase);
    await this.page.click('#login-do');
  }

  async said() {
    return (await this.page.textContent('#message')) || '';
  }

  /** What the server says to whoever is signed in. @param {string} path */
  async read(path) {
    const response = await this.page.request.get(`${this.server.desk}/desk/${path}`);
    return response.json();
  }

  state() {
    return this.read('state');
  }

  /** Presses an act's button, reads the question, fills in and says yes. @param {string} act @param {Record<string, string|number>} [fields] @param {string} [scope] */
  async act(act, fields = {}, scope = '#acts') {
    await this.answer(`${scope} button[data-act="${act}"]`, fields);
  }

  /** One act for many contests. @param {string} act @param {string[]} contests such as `1/1` */
  async all(act, contests) {
    await ready(this.page);
    for (const contest of contests) await until(`the table shows ${contest}`, () => this.page.locator(`#contests input[value="${contest}"]`).count());
    for (const box of await this.page.locator('#contests input').all()) {
      await box.setChecked(contests.includes((await box.getAttribute('value')) || ''));
    }
    await this.answer(`button[data-bulk="${act}"]`, {});
  }

  /** @param {string} button @param {Record<string, string|number>} fields */
  async answer(button, fields) {
    await ready(this.page);
    await this.page.click(button);
    await this.page.waitForSelector('#ask[open]');
    this.question = await this.page.textContent('#ask-consequence');
    expect(this.question, `${button} asks nothing before it acts`);
    for (const [name, value] of Object.entries(fields)) await this.page.fill(`#ask input[name="${name}"]`, String(value));
    await silence(this.page);
    await this.page.click('#ask-yes');
    // Asked again when the page is at rest: what stood there first may be the end of a request.
    await until(`an answer to ${button}`, () => this.said(), 90000);
    await ready(this.page);
    const text = await this.said();
    expect(/完成/.test(text), `${button}: ${text}`);
  }

  /** The row of a contest, in words. @param {string} contest */
  row(contest) {
    return this.page.locator('#contests tr', { has: this.page.locator(`input[value="${contest}"]`) }).innerText();
  }
}
