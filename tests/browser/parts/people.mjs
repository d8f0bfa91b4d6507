// People of the office at consoles of their own: what one asks for, another confirms.

import { join } from 'node:path';

import { LAPTOP, SHOTS, overflows } from './browser.mjs';
import { Desk, ready, silence } from './desk.mjs';
import { OFFICE } from './office.mjs';
import { equal, expect, until } from './report.mjs';

const PHRASE = '雨后山路上的三只蓝伞';

export class Person {
  /** @param {import('./browser.mjs').Browser} browser @param {import('./machine.mjs').Server} server @param {string} name */
  static async come(browser, server, name) {
    const person = new Person();
    person.device = await browser.device(LAPTOP);
    person.page = await browser.page(person.device, `day-${name}`);
    person.desk = new Desk(person.page, server);
    person.name = name;
    /** What was seen to be wrong on the pictures. @type {string[]} */
    person.faults = [];
    await person.desk.open();
    await person.page.waitForSelector('#login:visible');
    return person;
  }

  /** The first account of the machine, with the code of the starting window. @param {string} code */
  async first(code) {
    this.signInName = OFFICE.sign_in;
    this.phrase = OFFICE.phrase;
    await this.desk.signIn(code);
    await this.page.waitForSelector('#desk:visible');
    await this.ready();
  }

  /** Makes an account for somebody, and gives his code. @param {string} name @param {string} signIn @param {string} role */
  async account(name, signIn, role) {
    await this.ready();
    if (!(await this.page.evaluate(() => /** @type {any} */ (document.getElementById('account-new')).open))) await this.page.click('#account-new summary');
    await this.page.fill('#account-new-form input[name="name"]', name);
    await this.page.fill('#account-new-form input[name="sign_in"]', signIn);
    await this.page.selectOption('#account-new-form select', role);
    await this.page.click('#account-new-form button');
    await this.page.waitForSelector('#handover[open]');
    const code = (await this.page.textContent('#handover-code')) || '';
    await this.page.click('#handover-done');
    await this.ready();
    return code;
  }

  /** With the code that the office handed over; the pass-phrase is his own. @param {string} signIn @param {string} code */
  async byCode(signIn, code) {
    this.signInName = signIn;
    this.phrase = PHRASE;
    await this.page.click('#login-other');
    await this.page.fill('#login-sign-in', signIn);
    await this.page.fill('#login-code', code);
    for (const field of ['#login-phrase', '#login-phrase-2']) await this.page.fill(field, PHRASE);
    await this.page.click('#login-do');
    await this.page.waitForSelector('#desk:visible');
    await this.ready();
  }

  /** With name and pass-phrase, once the form is there. */
  async again() {
    await this.page.waitForSelector('#login:visible', { timeout: 60000 });
    await until('the form', async () => (await this.page.getAttribute('#login', 'data-way')) === 'in');
    await this.page.fill('#login-sign-in', this.signInName);
    await this.page.fill('#login-phrase', this.phrase);
    await this.page.click('#login-do');
    await this.page.waitForSelector('#desk:visible');
    await this.ready();
  }

  ready() {
    return ready(this.page);
  }

  text(selector) {
    return this.page.innerText(selector);
  }

  /** Waits for what people are told. @param {RegExp} words */
  async told(words) {
    await until(`${this.name} is told ${words}`, async () => words.test(await this.desk.said()), 60000).catch(async error => { throw new Error(`${error.message}; said: ${await this.desk.said()}`); });
    await this.ready();
  }

  /** Presses what is offered, reads what it does, fills in, says yes. @param {string} button @param {RegExp} does words of the
   * question @param {RegExp} answer words afterwards @param {Record<string, string|number>} [fields] */
  async does(button, does, answer, fields = {}) {
    await this.ready();
    await this.page.click(button);
    await this.page.waitForSelector('#ask[open]');
    const asked = await this.text('#ask');
    expect(does.test(asked), `${button} asks: ${asked}`);
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`#ask [name="${name}"]`);
      if (name === 'reason') await field.selectOption(String(value));
      else await field.fill(String(value));
    }
    await silence(this.page);
    await this.page.click('#ask-yes');
    await this.told(answer);
    await this.page.waitForSelector('#ask', { state: 'hidden' });
    return asked;
  }

  /** The same, of what waits for a second person. */
  async proposes(button, does, fields = {}) {
    const asked = await this.does(button, does, /已提出，等另一位确认，现在还没有做/, fields);
    expect(/两个人来做，其中一位是监票人/.test(asked), `${button} does not say that it takes two: ${asked}`);
    return asked;
  }

  /** Confirms the one that waits, having read it. @param {RegExp} reads @param {RegExp} [answer] */
  async confirms(reads, answer = /已完成/) {
    const waiting = this.page.locator('#pending > li', { has: this.page.locator('.confirm:visible') }).filter({ hasText: reads });
    await until(`${this.name} may confirm ${reads}`, () => waiting.count());
    await this.ready();
    await silence(this.page);
    await waiting.first().locator('.confirm').click();
    await this.told(answer);
  }

  /** Chooses items in the table, and no others. @param {string[]} contests such as `2/1` */
  async chooses(contests) {
    const chosen = this.page.locator('#contests input:checked');
    while (await chosen.count()) await chosen.first().uncheck();
    for (const contest of contests) await this.page.check(`#contests input[value="${contest}"]`);
  }

  /** A picture of what stands in the window, and of what is cut off in it. @param {string} name */
  async look(name) {
    await this.page.screenshot({ path: join(SHOTS, `day-${name}.png`) });
    for (const fault of await overflows(this.page)) this.faults.push(`${name}: ${fault}`);
  }

  async gone() {
    equal(this.faults, [], `${this.name}: what is cut off`);
    await this.device.close();
  }
}
