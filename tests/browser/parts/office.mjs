// The office without its page: what the console asks the server, asked directly.

import { expect } from './report.mjs';

/** The first account of every server here. */
export const OFFICE = { name: '某管理员', sign_in: '办公室', phrase: '晚风吹过七座旧石桥' };

export class Office {
  /** @param {import('./machine.mjs').Server} server */
  static async enter(server) {
    const office = new Office();
    office.server = server;
    office.head = { origin: server.desk, 'content-type': 'application/json' };
    const { printed_code: way } = await (await fetch(`${server.desk}/desk/staff/me`, { headers: office.head })).json();
    const response = way === 'first' ? await office.post('staff/first', { code: server.code, ...OFFICE }) : await office.post('staff/in', { sign_in: OFFICE.sign_in, phrase: OFFICE.phrase });
    expect(response.ok, `sign-in: ${response.status} ${response.ok ? '' : await response.text()}`);
    office.head.cookie = (response.headers.get('set-cookie') || '').split(';')[0];
    return office;
  }

  /** @param {string} path @param {object} body */
  post(path, body) {
    return fetch(`${this.server.desk}/desk/${path}`, { method: 'POST', headers: this.head, body: JSON.stringify(body) });
  }

  /** @param {string} act such as `window/open` @param {object} [body] */
  async act(act, body = {}) {
    const response = await this.post(act, body);
    expect(response.ok, `${act}: ${response.status} ${response.ok ? '' : await response.text()}`);
    return response.json();
  }

  /** The same for a path that is not the desk's. @param {string} path @param {object} body */
  async actAt(path, body) {
    const response = await fetch(`${this.server.desk}/${path}`, { method: 'POST', headers: this.head, body: JSON.stringify(body) });
    expect(response.ok, `${path}: ${response.status} ${response.ok ? '' : await response.text()}`);
    return response.json();
  }

  /** @param {'open'|'close'|'publish'|'void'} act @param {string[]} contests such as `1/1` */
  contests(act, contests) {
    return this.act(`contest/${act}`, { contests: contests.map(contest => contest.split('/').map(Number)) });
  }

  /** A drill with the sample's people, not frozen yet. */
  async begin() {
    await this.act('sample');
    // A handful of phones is no quorum.
    await this.act('settings', { quorum: null });
  }

  /** The same, ready to scan. */
  async prepare() {
    await this.begin();
    await this.act('freeze');
    return this.slips();
  }

  /** @returns {Promise<{fragment: string, text: string}[]>} */
  async slips() {
    const answer = await fetch(`${this.server.desk}/desk/slips.json`, { headers: this.head });
    return (await answer.json()).slips;
  }
}

/** What somebody new chooses. */
const PHRASE = '雨后山路上的三只蓝伞';

/** Signs in on the page as it stands: the first account, or with a code somebody new. @param {import('playwright-core').Page} page @param {string} who @param {string} [code] */
export async function signIn(page, who, code) {
  await page.waitForSelector('#login:visible');
  if (code) await page.click('#login-other');
  await page.fill('#login-sign-in', who);
  await page.fill('#login-phrase', code ? PHRASE : OFFICE.phrase);
  if (code) {
    await page.fill('#login-code', code);
    await page.fill('#login-phrase-2', PHRASE);
  }
  await page.click('#login-do');
}
