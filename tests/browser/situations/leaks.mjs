// Everything that the pages of the whole run sent, searched at the end.

import { NAME } from '../parts/machine.mjs';
import { barriers, read } from '../parts/access.mjs';
import { SLOW } from '../parts/browser.mjs';
import { holds, slipOf, tokenOf } from '../parts/bytes.mjs';
import { equal, expect, note, situation } from '../parts/report.mjs';

export async function leaks(meeting) {
  const { browser } = meeting;

  await situation('network: no page sends anything to another origin', async () => {
    const foreign = browser.sent.filter(({ url }) => {
      const { protocol, hostname } = new URL(url);
      return !(['http:', 'ws:', 'https:', 'wss:'].includes(protocol) && [NAME, '127.0.0.1'].includes(hostname));
    });
    equal(foreign.map(sent => `${sent.page}: ${sent.url}`), [], 'requests to elsewhere');
    expect(browser.sent.length > 100, `only ${browser.sent.length} requests were recorded`);
    note(`${browser.sent.length} requests and frames recorded`);
  });

  await situation('token: in the fragment only, in no request\'s address, head, body or frame', async () => {
    const secrets = [meeting.firstSlip, meeting.secondSlip].map(slip => ({ ...slip, bytes: tokenOf(slip.text) }));
    for (const { fragment, text, bytes } of secrets) {
      expect(slipOf(fragment).token.equals(bytes), 'the typed code and the link hold two tokens');
      const plain = text.replaceAll('-', '');
      const found = sent => {
        // The browser reports a page's address with its fragment; what leaves is the address without it.
        const left = sent.url.split('#')[0] + sent.text;
        const upper = left.toUpperCase();
        return left.includes(fragment) || upper.includes(text) || upper.includes(plain) || holds(left, bytes);
      };
      const guilty = browser.sent.filter(found);
      equal(guilty.map(sent => `${sent.page}: ${sent.url.split('#')[0]}`), [], 'requests that hold a token');
      // The search finds what is there.
      for (const planted of [fragment, text.toLowerCase(), bytes.toString('latin1'), bytes.toString('hex'), Buffer.concat([Buffer.from([7]), bytes]).toString('base64')]) {
        expect(found({ page: '', url: 'http://x/', text: `xx${planted}yy`, frame: false }), `a planted ${planted} is not found`);
      }
    }
    const bodies = browser.sent.filter(sent => sent.url.endsWith('/enrol') && sent.text.length > 1000).length;
    const frames = browser.sent.filter(sent => sent.frame && sent.url.endsWith('/cast')).length;
    expect(bodies >= 2 && frames >= 20, `${bodies} enrolments and ${frames} ballots were recorded`);
    note(`searched ${bodies} enrolments and ${frames} ballots among them`);
  });

  await situation('browser: not one complaint from a page (script errors, refused styles or scripts)', async () => {
    equal(browser.complaints, [], 'complaints');
  });

  await situation('axe-core: nothing serious in any state of any page, in either language', async () => {
    equal([...barriers], [], 'barriers');
    expect(SLOW > 1 || read.states >= 80, `only ${read.states} states were read`);
    note(`${read.states} states read`);
  });
}
