// From an opinion to a letter that was signed for, and what the results are used for, as an office does it on the page.

import { join } from 'node:path';

import { settled } from '../parts/access.mjs';
import { DESK, fits as fitsAt, shot } from '../parts/browser.mjs';
import { ROOT, Server } from '../parts/machine.mjs';
import { OFFICE, Office, signIn } from '../parts/office.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

const LAPTOP = { width: 1366, height: 900 };
const PHONE = { width: 390, height: 844 };
const BUNDLE = join(ROOT, 'tests/vectors/own/bundle-small.zip');
const MARKUP = '<img src=x onerror=alert(1)> =cmd';

export async function recordLetters({ browser }) {
  const server = await Server.start();
  const office = await Office.enter(server);
  const codes = {};
  for (const [signIn, role] of [['周同事', 'office'], ['李主持', 'chair']]) {
    codes[signIn] = (await office.act('staff/accounts/new', { name: signIn, sign_in: signIn, role })).code;
  }
  const cycle = await office.actAt('api/record/cycles', { year: 2026, title: '2026 年度述职述责述廉', why: '' });
  const lines = ['示例甲', '示例乙', '示例丙'].map(name => `${name},示例单位,示例职务,2024-03-01,2029-02-28`);
  await office.actAt('api/record/officials/paste', { lines: lines.join('\n') });
  await office.actAt(`api/record/cycles/${cycle.id}/dossiers`, {});
  const enter = async name => {
    const page = await browser.page(await browser.device(LAPTOP), name);
    await page.goto(`${server.desk}/record`);
    await signIn(page, codes[name] ? name : OFFICE.sign_in, codes[name]);
    await page.waitForSelector('#part > section');
    await settled(page);
    return page;
  };
  const part = async (page, name) => {
    await page.click(`#tabs a[href="#${name}"]`);
    await page.waitForSelector(`#part-${name}`);
    await settled(page);
  };
  /** Presses a button, fills in the dialog and says yes; gives what the page says. */
  const does = async (page, button, fields = {}) => {
    await settled(page);
    if (!(await button.isVisible())) await button.locator('xpath=ancestor::details[1]/summary').click();
    await button.click();
    await page.waitForSelector('#form[open]');
    for (const [name, value] of Object.entries(fields)) {
      const control = page.locator(`#form-fields [name="${name}"]`);
      if (await control.evaluate(e => e.tagName === 'SELECT')) await control.selectOption(value);
      else await control.fill(value);
    }
    await page.click('#form-yes');
    await until('an answer', async () => (await page.isVisible('#form-refused')) || !(await page.isVisible('#form')));
    await settled(page);
    return (await page.isVisible('#form-refused')) ? page.innerText('#form-refused') : '';
  };
  const fits = (page, name) => fitsAt(page, name, [PHONE, DESK, LAPTOP]);
  const first = await enter('office');
  const row = page => page.locator('#part tbody tr', { hasText: '示例甲' });
  const button = (page, word) => row(page).locator(`button[data-does="record.${word}"], button[data-does="${word}"]`).first();

  await situation('letters: an opinion is reviewed by another, and whoever edited it last is refused', async () => {
    await part(first, 'results');
    await first.click('#part button[data-does="r_import"]');
    await first.setInputFiles('#form-fields input[type="file"]', BUNDLE);
    await settled(first);
    await first.click('#form-yes');
    await until('the fingerprint', () => first.isVisible('#form-refused'));
    const [key] = (await first.innerText('#form-refused')).match(/[0-9a-f]{4}(-[0-9a-f]{4}){3}/) || [''];
    await first.fill('#form-fields [name="accept"]', key);
    await first.fill('#form-fields [name="why"]', '与会议记录核对');
    await settled(first);
    await first.click('#form-yes');
    await until('the result', async () => !(await first.isVisible('#form')));
    await settled(first);
    await part(first, 'letters');
    equal(await does(first, button(first, 'l_enter'), { text: `基层走访调研的次数偏少，建议每季度至少一次。\n${MARKUP}` }), '');
    await until('the opinion', async () => /次数偏少/.test(await first.innerText('#part')));
    expect(/不能自己核对/.test(await does(first, button(first, 'l_review'))), 'who entered it is refused');
    await first.click('#form-no');
    const second = await enter('周同事');
    await part(second, 'letters');
    await row(second).locator('details summary').first().click();
    await until('the list', async () => /次数偏少/.test(await second.innerText('#part')));
    equal(await does(second, button(second, 'l_review')), '');
    await until('reviewed', async () => /周同事/.test(await second.innerText('#part')));
    await fits(second, 'letters-1-opinion');
  });

  await situation('letters: the chair reads what the document says, word by word, and what this server cannot make', async () => {
    await part(first, 'letters');
    equal(await does(first, button(first, 'l_draft_one'), { number: '示例函〔2026〕1号', office: '示例县纪委办公室' }), '');
    const chair = await enter('李主持');
    await part(chair, 'letters');
    await until('the draft', async () => /示例函/.test(await chair.innerText('#part')));
    await settled(chair);
    const approve = button(chair, 'l_approve');
    if (!(await approve.isVisible())) await approve.locator('xpath=ancestor::details[1]/summary').click();
    await approve.click();
    await chair.waitForSelector('#form[open] .letter-text');
    const said = await chair.locator('#form .letter-text p').allInnerTexts();
    for (const words of ['示例函〔2026〕1号', '特此函告。', '示例县纪委办公室']) expect(said.includes(words), `${words}: ${said}`);
    expect(said.some(line => line.includes(MARKUP)) && said.some(line => /好5票/.test(line)), said.join('\n'));
    expect(/PDF/.test(await chair.innerText('#form')) || said.every(line => !/不能生成 PDF/.test(line)), 'what it cannot make is said before');
    await fits(chair, 'letters-2-approve');
    await settled(chair);
    await chair.click('#form-yes');
    await until('approved', async () => /已审定/.test(await chair.innerText('#part')));
    await settled(chair);
    await row(chair).locator('.whole-letter summary').click();
    await chair.waitForSelector('.whole-letter .letter-text');
    await fits(chair, 'letters-3-approved');
    await chair.emulateMedia({ media: 'print' });
    await shot(chair, 'letters-3-print', { fullPage: true });
  });

  await situation('use of results: what was entered by mistake stays to be seen with its reason', async () => {
    await part(first, 'use');
    const use = word => first.locator(`#part button[data-does="record.${word}"], #part button[data-does="${word}"]`).first();
    equal(await does(first, use('u_enter'), { text: '民主测评和整改情况已送组织部门参考。' }), '');
    await until('the entry', async () => /组织部门/.test(await first.innerText('#part')));
    equal(await does(first, use('u_withdraw'), { why: '登记在了别人名下' }), '');
    await until('withdrawn', async () => /登记在了别人名下/.test(await first.innerText('#part')));
    equal(await does(first, use('u_enter'), { text: '年度考核时参考。', purpose: 'awards' }), '');
    equal(await does(first, use('u_ground'), { text: '报告所述与核查情况不一致。' }), '');
    await until('the ground', async () => /核查情况不一致/.test(await first.innerText('#part')));
    await fits(first, 'letters-4-use');
    const answered = await first.request.get(await first.locator('#part a[href$="archive.zip"]').evaluate(a => a.href));
    equal(answered.status(), 200);
  });
}
