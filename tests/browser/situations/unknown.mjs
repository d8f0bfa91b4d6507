// A hall that is told nothing yet: what is not known is a dash, never a 0.

import { HALL, shot } from '../parts/browser.mjs';
import { equal, expect, situation, until } from '../parts/report.mjs';

export async function unknown(meeting) {
  const { browser, server } = meeting;

  await situation('hall: an unknown number is a dash, never 0', async () => {
    const device = await browser.device(HALL);
    const page = await browser.page(device, 'hall');
    const frame = await server.live();
    const { item, round, name, unit, post, report } = { item: 1, round: 1, name: '某甲', unit: '某乡', post: '书记', report: 'oral', ...frame.contests[0] };
    const contest = { item, round, name, unit, post, report, state: 'open', issued: null, received: null, released: null, result: null, board_code: null };
    const told = { ...frame, phase: 'meeting', present: null, enrolled: null, window: { number: 1, open: false }, contests: [contest] };
    await page.routeWebSocket(/\/live$/, route => { setTimeout(() => route.send(JSON.stringify(told)), 200); });
    await page.goto(`${server.origin}/hall`);
    await until('a card', async () => (await page.locator('article').count()) === 1);
    expect(/收回 — \/ —/.test(await page.innerText('article')), `card: ${await page.innerText('article')}`);
    const counts = await page.innerText('#counts');
    expect(/实到 —/.test(counts) && /登记 —/.test(counts), `footer: ${counts}`);
    equal(await page.locator('article svg').count(), 0, 'bars of unknown figures');
    await shot(page, 'hall-14-unknown');
    await device.close();
  });
}
