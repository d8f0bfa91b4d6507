// Periods of the review on the record's page: questions, corrections, what is due, and the calendar that they rest on.

import { settled } from '../parts/access.mjs';
import { DESK, LAPTOP, fits as fitsAt, shot } from '../parts/browser.mjs';
import { Server } from '../parts/machine.mjs';
import { OFFICE, Office, signIn } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const PHONE = { width: 390, height: 844 };
const PDF = Buffer.from('%PDF-1.7\nstartxref\n9\n%%EOF\n');
const MARKUP = '<img src=x onerror=alert(1)>';
/** Invented. @param {number} year */
const noticeOf = year => ['01-01..01-03 off 元旦', '02-05..02-11 off 春节', '04-03..04-05 off 清明节', '05-01..05-05 off 劳动节', '06-09 off 端午节', '09-15 off 中秋节', '10-01..10-07 off 国庆节']
  .map(line => line.replace(/(\d\d-\d\d)/g, `${year}-$1`));

/** `YYYY-MM-DD`, so many days from today in UTC+8. @param {number} days */
const dayFrom = days => new Date(Date.now() + 8 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);

export async function recordDeadlines({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const send = async (path, body, way = 'POST') => {
    const response = await fetch(`${server.desk}/api/record/${path}`, { method: way, headers: office.head, body: way === 'POST' ? JSON.stringify(body) : undefined });
    expect(response.ok, `${path}: ${response.status} ${response.ok ? '' : await response.text()}`);
    return response.json();
  };
  // Long enough to reach a year that nobody knows yet.
  const { beginning } = await send('cycles', undefined, 'GET');
  const cycle = await send('cycles', { policy: { ...beginning, answer_days: 300 }, year: 2026, title: '2026 年度述职述责述廉' });
  const people = ['某甲', MARKUP, '某丙'].map((name, n) => `${name}，示例第${n + 1}镇纪委，书记，2024-03-01，2029-02-28`);
  await send('officials/paste', { lines: people.join('\n') });
  await send(`cycles/${cycle.id}/dossiers`, {});
  const dossiers = await send(`cycles/${cycle.id}/dossiers`, undefined, 'GET');
  await send(`dossiers/${dossiers[0].id}/way`, { version: 1, way: 'oral', why: '示例' });

  const device = await browser.device(LAPTOP);
  const page = await browser.page(device, 'deadlines');
  const fits = (name, fullPage = true) => fitsAt(page, name, [DESK, PHONE, LAPTOP], fullPage);
  const part = async name => {
    await page.click(`#tabs a[href="#${name}"]`);
    await page.waitForSelector(`#part-${name}`);
    await settled(page);
  };
  const opens = async word => {
    await settled(page);
    await page.locator(`#part button[data-does="${word}"]`).first().click();
    await page.waitForSelector('#form[open]');
  };
  const fills = async fields => {
    for (const [name, value] of Object.entries(fields)) {
      const control = page.locator(`#form-fields [name="${name}"]`);
      if (await control.evaluate(e => e.tagName === 'SELECT')) await control.selectOption(value);
      else if (value === true) await control.check();
      else await control.fill(value);
    }
    await page.evaluate(() => { const box = document.getElementById('message'); if (box) box.textContent = ''; });
    await page.click('#form-yes');
    const said = await until('an answer', async () => (await page.isVisible('#form-refused') && page.innerText('#form-refused')) || (!(await page.isVisible('#form')) && page.textContent('#message')));
    await settled(page);
    return said;
  };
  const does = async (word, fields) => {
    await opens(word);
    return fills(fields);
  };
  const text = () => page.innerText('#part');

  await situation('deadlines: nobody asks before the standing members are entered', async () => {
    await page.goto(`${server.desk}/record#questions`);
    await signIn(page, OFFICE.sign_in);
    await page.waitForSelector('#part-questions');
    await settled(page);
    equal(await page.locator('#part button[data-does="ask"]').count(), 0, 'somebody could ask');
    await fits('deadlines-01-nobody');
    expect(/已保存/.test(await does('committee_enter', { lines: '某常委，常委\n另一常委，副书记' })), 'not entered');
    await until('the list', async () => /另一常委（副书记）/.test(await text()));
  });

  await situation('deadlines: a question, a demand for a written answer with its arithmetic, and the answer', async () => {
    await does('ask', { asked_on: dayFrom(-30), question: '对村级监督的频次不够，原因是什么？', answer: '现场作了说明。' });
    await until('the question', async () => /现场作了说明/.test(await text()));
    await opens('demand');
    await fits('deadlines-02-demand', false);
    await fills({ reason: '现场没有说清原因。', served_on: dayFrom(-3) });
    await until('the period', async () => /到期日/.test(await text()));
    await settled(page);
    await page.locator('#part .how summary').first().click();
    const said = await text();
    expect(/起算；300 个工作日/.test(said) && /办理中/.test(said) && /暂定/.test(said), said);
    await fits('deadlines-03-question');
    await part('due');
    expect(/书面答复/.test(await text()), 'not due');
    await part('questions');
    expect(/早于送达日期/.test(await does('receipt', { on: dayFrom(-5), text: '书面答复的内容。' })), 'before it was demanded');
    await page.fill('#form-fields [name="on"]', dayFrom(0));
    await page.setInputFiles('#form-fields input[type="file"]', { name: '书面答复.pdf', mimeType: 'application/pdf', buffer: PDF });
    await fits('deadlines-03-receipt', false);
    await settled(page);
    await page.click('#form-yes');
    await until('in time', async () => /按时收到/.test(await text()));
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('#part a[download]')]);
    equal(saved.suggestedFilename(), '书面答复.pdf', 'saved under another name');
    expect(/早于送达日期/.test(await does('dates_change', { received0: dayFrom(-4), why: '看错了收文登记' })), 'received before it was served');
    await fits('deadlines-03-dates', false);
    await page.fill('#form-fields [name="received0"]', dayFrom(-1));
    await settled(page);
    await page.click('#form-yes');
    await until('another day', async () => /按时收到/.test(await text()));
    equal(await page.locator('#part button[data-does="withdraw"]').count(), 0, 'what was answered can be withdrawn');
    await does('ask', { asked_on: dayFrom(-30), question: '录错了对象的问题。' });
    await until('two', async () => (await page.locator('#part article').count()) === 2);
    await settled(page);
    await page.locator('#part article', { hasText: '录错了对象' }).locator('button[data-does="withdraw"]').click();
    await page.waitForSelector('#form[open]');
    expect(/已保存/.test(await fills({ why: '录错了对象' })), 'not withdrawn');
    await until('withdrawn', async () => /撤回的理由：录错了对象/.test(await text()));
    await does('verdict_return', { on: dayFrom(0), words: '没有说明整改措施。' });
    await until('returned', async () => /退回/.test(await text()));
    equal(await page.locator('#part button[data-does="demand"]').count(), 1, 'no new demand');
    await fits('deadlines-04-returned');
  });

  await situation('deadlines: corrections from the notice to the page for the next meeting', async () => {
    await part('corrections');
    expect(/还没有整改/.test(await text()), 'there is one');
    await opens('notice');
    await fits('deadlines-05-notice', false);
    const notice = { why: '常委会 2026 年第 9 次会议', reason: '测评和调研都反映监督频次不够。', points: '制定村级监督计划\n每季度走访不少于两次' };
    expect(/依据|理由/.test(await fills({ ...notice, why: '', served_on: dayFrom(-60) })), 'without a ground');
    await page.fill('#form-fields [name="why"]', notice.why);
    await settled(page);
    await page.click('#form-yes');
    await until('it is there', async () => /逾期/.test(await text()));
    await does('notice', { ...notice, dossier: dossiers[1].id, served_on: dayFrom(-2) });
    await until('two', async () => (await page.locator('#part article').count()) === 2);
    equal(await page.locator('#part img').count(), 0, 'a name became an element');
    await does('notice', { ...notice, dossier: dossiers[2].id, served_on: dayFrom(-2) });
    await settled(page);
    await page.locator('#part article', { hasText: '某丙' }).locator('button[data-does="withdraw"]').click();
    await page.waitForSelector('#form[open]');
    await fits('deadlines-05-withdraw', false);
    await fills({ why: '通知没有发出' });
    await until('withdrawn', async () => /撤回的理由：通知没有发出/.test(await text()));
    expect(/共 2 件/.test(await text()), 'what was withdrawn is counted');
    const first = page.locator('#part article', { hasText: '某甲' });
    const act = async (word, fields) => {
      await settled(page);
      await first.locator(`button[data-does="${word}"]`).click();
      await page.waitForSelector('#form[open]');
      const said = await fills(fields);
      await page.waitForSelector('#form', { state: 'hidden' });
      return said;
    };
    await act('report_enter', { on: dayFrom(-10), text: '已制定计划，走访三次。' });
    await until('late', async () => /逾期收到/.test(await text()));
    await settled(page);
    await first.locator('button[data-does="check"]').click();
    await page.waitForSelector('#form[open]');
    await page.setInputFiles('#form-fields input[type="file"]', { name: '督查记录.pdf', mimeType: 'application/pdf', buffer: PDF });
    await fills({ on: dayFrom(-5), who: '第三纪检监察室', found: '计划已制定，走访记录齐全。', done: true });
    await page.waitForSelector('#form', { state: 'hidden' });
    await until('the file of a check', async () => (await first.locator('a[download]').count()) === 1);
    await act('brief', { on: dayFrom(-4), text: '报告整改情况。' });
    await act('decision', { on: dayFrom(-3), text: '同意，持续关注。', settled: true });
    await until('decided', async () => /整改到位/.test(await text()));
    await fits('deadlines-06-corrections');
    await page.goto(`${server.desk}/api/record/corrections/told.html`);
    await page.waitForSelector('main h1');
    const said = await page.innerText('main');
    expect(/共 2 件/.test(said) && /整改到位/.test(said) && /尚未研究/.test(said), said);
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 794, height: 1123 });
    await shot(page, 'deadlines-07-told-print', { fullPage: true });
    await page.emulateMedia({ media: null });
    await shot(page, 'deadlines-07-told-screen', { fullPage: true });
    await page.setViewportSize(LAPTOP);
    await page.goto(`${server.desk}/record#corrections`);
    await page.waitForSelector('#part-corrections');
    await opens('tell');
    equal(await page.locator('#form-fields fieldset input').count(), 1, 'what was not decided can be ticked');
    await fits('deadlines-08-tell', false);
    await fills({ on: dayFrom(0), meeting: '2026 年度述职述责述廉会议' });
    await until('told', async () => /2026 年度述职述责述廉会议/.test(await text()));
    await settled(page);
    await page.locator('#part details.how > summary', { hasText: '通报' }).first().click();
    await does('retell', { on: dayFrom(-1), why: '会议记录是前一天' });
    await until('another day', async () => (await page.locator(`#part a[href$="/told/${dayFrom(-1)}"]`).count()) > 0);
    await fits('deadlines-08-told');
  });

  await situation('deadlines: what is due, and the calendar of an unknown year that is typed in', async () => {
    await part('questions');
    await does('demand', { reason: '请补充整改措施。', served_on: dayFrom(0) });
    await part('due');
    const before = await text();
    expect(/暂定/.test(before) && /放假安排公布后才能确定/.test(before), before);
    await fits('deadlines-09-due');
    await part('calendar');
    const { unknown } = await send('calendar', undefined, 'GET');
    expect((await text()).includes(`${unknown} 年的放假安排还没有导入`), 'it is known');
    const lines = noticeOf(unknown);
    const said = await does('calendar_lines', { text: lines.filter(line => !/清明/.test(line)).join('\n'), source: '示例通知' });
    expect(/没有写到清明/.test(said), said);
    await fits('deadlines-10-striking', false);
    await page.fill('#form-fields [name="text"]', lines.join('\n'));
    await settled(page);
    await page.click('#form-yes');
    await until('it is known', async () => (await text()).includes(`${unknown + 1} 年的放假安排还没有导入`));
    expect(/改为/.test(await text()), 'no last day has changed');
    await fits('deadlines-11-calendar');
    await part('due');
    await page.click('#language');
    await until('English', async () => /Everything|Every written/.test(await text()));
    await settled(page);
    await page.locator('#part .how summary').first().click();
    await fits('deadlines-12-due-en');
    for (const name of ['questions', 'corrections', 'calendar']) {
      await part(name);
      await fits(`deadlines-13-${name}-en`);
    }
    await page.click('#language');
  });

  await device.close();
}
