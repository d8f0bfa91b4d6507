// Who comes to the whole day, and what voters do: on a phone of their own, or one after the other at the booth.

import { Phone } from './phone.mjs';
import { until } from './report.mjs';

export const NAMES = ['林示例甲', '周示例乙', '郑示例丙', '王样甲', '李样乙', '赵样丙', '陈样丁', '刘样戊', '杨样己', '黄样庚', '吴样辛', '徐样壬', '孙样癸', '何样晚'];
export const PEOPLE = NAMES.map((name, i) => [name, i < 3 ? '县纪委常委' : i < 9 ? '县纪委委员' : '乡镇纪委书记', `第${(i % 5) + 1}监督检查室`, '主任']);
/** Who are reported on: by the row of the roster. */
export const OFFICIALS = [0, 1, 2];
/** Who comes with the bus, after the first window; and who comes last. By row. */
export const [BUS, LATE] = [[3, 4, 5, 12], 13];
export const csv = rows => ({ mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${rows.map(row => row.join(',')).join('\r\n')}\r\n`) });

/** @param {Phone} phone @param {number[]} grades one for each official that is offered @param {string[]} contests */
export async function votes(phone, grades, contests) {
  await phone.reach('open', 40000);
  await until(`${phone.name} is offered ${contests}`, async () => (await phone.offered()).join() === contests.join());
  await phone.rate(n => grades[n]);
  await phone.submit();
  await phone.reach('received', 60000);
}

/** @param {import('playwright-core').Page} booth @param {string} slip as it is typed @param {number[]} [grades] none: enrols */
export async function atBooth(booth, slip, grades = []) {
  await booth.fill('#slip', slip);
  await booth.keyboard.press('Enter');
  const device = Object.assign(new Phone(), { page: booth, name: 'day-booth' });
  if (!grades.length) {
    await device.reach('check');
    await booth.tap('[data-act="enrol"]');
    await device.reach('waiting', 60000);
  } else {
    await device.reach('open', 40000);
    await device.rate(n => grades[n]);
    await device.submit();
    await device.reach('received', 60000);
  }
  await booth.tap('[data-act="end"]:visible');
  await device.reach('booth');
}
