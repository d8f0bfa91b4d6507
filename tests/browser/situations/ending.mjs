// The end: enrolment ends, the meeting is archived, the bundle holds before two verifiers that share no code.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { shot } from '../parts/browser.mjs';
import { BALLOT, ROOT, folder, run } from '../parts/machine.mjs';
import { equal, expect, note, situation, until } from '../parts/report.mjs';

export async function ending(meeting) {
  const { desk, server, hall, first, second } = meeting;

  await situation('console: a wrong count of unused slips is refused, the right one ends the enrolment', async () => {
    const unused = meeting.slips.length - meeting.present;
    let refused = '';
    await desk.act('enrolment/end', { unused: unused - 1, lost: 0 }).catch(error => { refused = error.message; });
    expect(refused.includes(`合计应为 ${unused} 张`), `refusal: ${refused}`);
    await shot(desk.page, 'console-8-refused', { fullPage: true });
    await desk.act('enrolment/end', { unused, lost: 0 });
    equal((await server.live()).enrolment_ended, true, 'enrolment ended');
  });

  await situation('console: 归档, and the bundle holds in both verifiers with the swarm\'s receipts', async () => {
    await desk.act('archive');
    equal((await server.live()).phase, 'archived', 'phase');
    await shot(desk.page, 'console-9-archived', { fullPage: true });
    const [download] = await Promise.all([desk.page.waitForEvent('download'), desk.page.click('a[href="/desk/bundle.zip"]')]);
    const bundle = join(folder(), 'bundle.zip');
    await download.saveAs(bundle);
    for (const [kind, first] of [['xlsx', 'PK'], ['csv', '\uFEFF']]) {
      const address = await desk.page.getAttribute(`a[href="/desk/papers.${kind}"]`, 'href');
      const papers = await desk.page.request.get(`${server.desk}${address}`);
      expect(papers.ok() && (await papers.body()).toString().startsWith(first), `${address}: ${papers.status()}`);
    }
    const receipts = readdirSync(meeting.receipts).slice(0, 3).flatMap(file => ['--receipt', join(meeting.receipts, file)]);
    equal(receipts.length, 6, 'receipts');
    const rust = await run(BALLOT, ['verify', bundle, ...receipts]);
    equal(rust.status, 0, `douxuan-ballot verify: ${rust.out}`);
    const python = await run('python3', [join(ROOT, 'tests/independent/verify.py'), bundle, ...receipts]);
    equal(python.status, 0, `verify.py: ${python.out}`);
    note('both verifiers: every step held');
    await meeting.two.status;
  });

  await situation('phones and hall after the archive: finished in words, no ballot key kept', async () => {
    for (const phone of [first, second]) {
      await phone.reach('finished');
      await until('no key is kept', async () => (await phone.wallet(meeting.manifest)).slots.every(slot => slot.kind !== 1 && slot.kind !== 2));
    }
    await shot(second.page, 'phone-18-finished', { fullPage: true });
    await hall.look('hall-11-archived');
  });

  await situation('hall: in no picture of the meeting is anything cut off, laid over or too small to read', async () => {
    equal(hall.faults, [], 'hall');
  });
}
