// The office without its page: what the console asks the server, asked directly.

import { expect } from './report.mjs';

export class Office {
  /** @param {import('./machine.mjs').Server} server */
  static async enter(server) {
    const office = new Office();
    office.server = server;
    office.head = { origin: server.desk, 'content-type': 'application/json' };
    const response = await office.post('login', { code: server.code });
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

  /** @param {'open'|'close'|'publish'|'void'} act @param {string[]} contests such as `1/1` */
  contests(act, contests) {
    return this.act(`contest/${act}`, { contests: contests.map(contest => contest.split('/').map(Number)) });
  }

  /** A drill with the sample's people, ready to scan. */
  async prepare() {
    await this.act('sample');
    await this.act('freeze');
    const answer = await fetch(`${this.server.desk}/desk/slips.json`, { headers: this.head });
    return (await answer.json()).slips;
  }
}
