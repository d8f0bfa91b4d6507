// The console: shows where the meeting stands and only the acts that are possible now. What is possible, and what each
// act does, the server says; the page asks once more before it acts.

/** @param {string} id */
const $ = id => /** @type {any} */ (document.getElementById(id));
/** @param {number|null|undefined} n */
const number = n => (n === null || n === undefined ? '—' : String(n));

/** @param {string} date `YYYY-MM-DD` */
const dateInWords = date => date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日');

const STATES = /** @type {Record<string, string>} */ ({
  unopened: '未开', open: '开放', closing: '正在截止', closed: '截止（待公布）', published: '公布', withheld: '票数过少，不公布',
  voided: '作废', destroyed: '已销毁',
});

/** @type {any} */
let state = null;
let acting = false;

/** @param {string} tag @param {string} text */
function element(tag, text = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** @param {string} text @param {boolean} refused @param {any[]} details */
function say(text, refused = false, details = []) {
  $('message').textContent = text;
  $('message').dataset.kind = refused ? 'refused' : 'done';
  $('message').hidden = !text;
  $('details').replaceChildren(...details.map(d => element('li', `${d.file}${d.row ? ` 第 ${d.row} 行` : ''}：${d.text}${d.what_to_do ? ` ${d.what_to_do}` : ''}`)));
  $('details').hidden = !details.length;
}

/** @param {string} path @param {any} [body] */
async function ask(path, body) {
  const asking = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/desk/${path}`, asking);
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && path !== 'login') showLogin();
  throw Object.assign(new Error(`${answer.error || '服务器没有回答。'} ${answer.what_to_do || '请检查豆选是否还在运行，然后刷新页面。'}`), { answer });
}

/** @param {() => Promise<string>} work */
async function act(work) {
  if (acting) return;
  acting = true;
  document.body.setAttribute('aria-busy', 'true');
  try {
    say(await work());
  } catch (error) {
    const { message, answer } = /** @type {any} */ (error);
    const details = (answer && answer.details) || {};
    $('confirm-line').hidden = !details.questions;
    say(message, true, details.errors || details.questions || []);
  } finally {
    acting = false;
    document.body.removeAttribute('aria-busy');
    await refresh();
  }
}

function showLogin() {
  $('login').hidden = false;
  $('desk').hidden = true;
}

async function refresh() {
  try {
    const { signed_in: signedIn } = await ask('session');
    if (!signedIn) return showLogin();
    state = await ask('state');
  } catch (error) {
    return say(/** @type {Error} */ (error).message, true);
  }
  $('login').hidden = true;
  $('desk').hidden = false;
  return draw();
}

/** Asks before acting; resolves to the fields, or null. @param {any} possible @param {string} about @returns {Promise<Record<string, string>|null>} */
function confirmed(possible, about = '') {
  $('ask-label').textContent = possible.label + about;
  $('ask-consequence').textContent = possible.consequence;
  const inputs = (possible.fields || []).map((/** @type {string[]} */ [name, label]) => {
    const line = element('label', `${label} `);
    const input = document.createElement('input');
    input.name = name;
    input.required = true;
    input.autocomplete = 'off';
    line.append(input);
    return line;
  });
  $('ask-fields').replaceChildren(...inputs);
  const dialog = $('ask');
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => {
    dialog.onclose = () => {
      if (dialog.returnValue !== 'yes') return resolve(null);
      const values = [...$('ask-fields').querySelectorAll('input')].map(input => [input.name, input.value.trim()]);
      return resolve(Object.fromEntries(values));
    };
  });
}

/** @param {Record<string, string>} fields */
function bodyOf(fields) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'text' || name === 'reason') body[name] = value;
    else if (name === 'votes') body[name] = value.split(/\s+/).map(Number);
    else body[name] = Number(value);
  }
  return body;
}

function people() {
  const named = [['scrutineer', $('scrutineer').value.trim()], ['teller', $('teller').value.trim()]];
  return named.filter(([, name]) => name).map(([role, name]) => ({ role, name }));
}

/** @param {any} possible @param {number[][]} contests @param {string} about */
function button(possible, contests = [], about = '') {
  const made = /** @type {HTMLButtonElement} */ (element('button', possible.label));
  made.type = 'button';
  made.dataset.act = possible.act;
  made.addEventListener('click', async () => {
    const fields = await confirmed(possible, about);
    if (!fields) return;
    await act(async () => {
      const body = bodyOf(fields);
      if (contests.length && possible.act === 'contest/paper') body.contest = contests[0];
      else if (contests.length) Object.assign(body, { contests, by: people() });
      const answer = await ask(possible.act, body);
      const more = answer.exclusion ? `请补发同类的备用票纸：${answer.exclusion}。` : answer.path ? `审计包：${answer.path}` : '';
      return `${possible.label}${about}：已完成。${more}`;
    });
  });
  return made;
}

function drawSettings() {
  const form = $('settings');
  if (form.contains(document.activeElement)) return;
  const { title, date, place, drill, release, rounds, recusal } = state.settings;
  Object.assign(form.elements.title, { value: title });
  form.elements.date.value = date;
  form.elements.place.value = place;
  form.elements.drill.checked = drill;
  form.elements.release.value = release;
  form.elements.rounds.value = rounds;
  form.elements.recusal.checked = recusal;
}

/** @param {[string, string, string?][]} facts */
function drawFacts(facts) {
  $('facts').replaceChildren(...facts.flatMap(([name, value, kind]) => {
    const shown = element('dd', value);
    if (kind) shown.className = kind;
    return [element('dt', name), shown];
  }));
}

function drawFrozen() {
  const { frozen, live, urls, slips } = state;
  $('meeting-title').textContent = `${live.title}　${dateInWords(live.date)}　${live.place}`;
  const windows = frozen.windows.map((/** @type {any} */ w) => `第 ${w.number} 次：实到 ${w.present}，登记 ${w.redeemed}`);
  if (live.window.open) windows.push(`第 ${live.window.number} 次：正在登记`);
  drawFacts([
    ['屏幕码', live.screen_code, 'code'],
    ['手机地址', urls.phone],
    ['大屏地址', urls.hall],
    ['应到', number(live.expected)],
    ['票纸', `${frozen.leaves} 张（含备用），已登记 ${frozen.redeemed}，作废 ${frozen.voided}`],
    ['登记', windows.join('；') || '尚未登记'],
    ['被拒的登记', frozen.refused ? `${frozen.refused} 次：有人用已用过的、作废的或别场的票纸登记，请留意` : '0 次'],
    ['操作记录', `${frozen.log_size} 条，记录头 ${frozen.log_code}（请抄入会议记录）`],
  ]);
  const box = $('slips');
  box.hidden = !slips;
  box.replaceChildren();
  if (slips) {
    const link = /** @type {HTMLAnchorElement} */ (element('a', '打开票纸打印页'));
    link.href = '/desk/slips';
    link.target = '_blank';
    link.rel = 'noreferrer';
    const sum = (/** @type {any[]} */ groups, /** @type {string} */ key) => groups.reduce((n, g) => n + g[key], 0);
    const own = slips.filter((/** @type {any} */ g) => g.officials.length);
    const general = slips.filter((/** @type {any} */ g) => !g.officials.length);
    const groups = [['一般票纸', general], ['述职对象本人的票纸', own]].filter(([, list]) => list.length)
      .map(([name, list]) => `${name} ${sum(list, 'holders')} 张，另备用 ${sum(list, 'spares')} 张`).join('；');
    box.append('票纸只在内存里，程序退出就没有了，请马上打印：', link, `。${groups}。`);
  }
  if (frozen.bundle) {
    const link = /** @type {HTMLAnchorElement} */ (element('a', '下载审计包'));
    link.href = '/desk/bundle.zip';
    box.hidden = false;
    box.append(link);
  }
}

function chosen() {
  return [...document.querySelectorAll('#contests input:checked')].map(box => /** @type {HTMLInputElement} */ (box).value);
}

function drawContests() {
  const kept = new Set(chosen());
  const possible = new Map(state.contests.map((/** @type {any} */ c) => [c.contest.join('/'), c.acts]));
  const shown = new Map(state.live.contests.map((/** @type {any} */ c) => [`${c.item}/${c.round}`, c]));
  const rows = state.contests.map((/** @type {any} */ { contest }) => {
    const key = contest.join('/');
    const live = shown.get(key) || { name: '演练题', unit: '', post: '', state: 'unopened', issued: null, received: null };
    const acts = possible.get(key);
    if (!acts.length && live.state === 'unopened') return null;
    const row = element('tr');
    const box = document.createElement('input');
    Object.assign(box, { type: 'checkbox', value: key, checked: kept.has(key) });
    box.setAttribute('aria-label', `选择 ${live.name}`);
    const pick = element('td');
    pick.append(box);
    const buttons = element('td');
    buttons.append(...acts.map((/** @type {any} */ a) => button(a, [contest], `：${live.name}`)));
    const place = [live.unit, live.post].filter(Boolean).join(' ');
    const cells = [contest[0] || '—', contest[1] || '—', live.name, place, STATES[live.state] || live.state, number(live.issued), number(live.received)];
    row.append(pick, ...cells.map(cell => element('td', String(cell))), buttons);
    return row;
  });
  $('contests').replaceChildren(...rows.filter(Boolean));
  const bulk = ['contest/open', 'contest/close', 'contest/publish'].map(path => {
    const every = state.contests.filter((/** @type {any} */ c) => c.acts.some((/** @type {any} */ a) => a.act === path));
    if (!every.length) return null;
    const sample = every[0].acts.find((/** @type {any} */ a) => a.act === path);
    const made = /** @type {HTMLButtonElement} */ (element('button', `${sample.label}所选`));
    made.type = 'button';
    made.dataset.bulk = path;
    made.addEventListener('click', async () => {
      const picked = every.map((/** @type {any} */ c) => c.contest).filter((/** @type {number[]} */ c) => chosen().includes(c.join('/')));
      if (!picked.length) return say(`请先在表中选择可以${sample.label}的项目。`, true);
      const consequence = path === 'contest/close' ? missingIn(picked) : sample.consequence;
      const fields = await confirmed({ ...sample, consequence }, `：${picked.length} 项`);
      if (!fields) return undefined;
      return act(async () => {
        await ask(path, { contests: picked, by: people() });
        return `${sample.label}：${picked.length} 项已完成。`;
      });
    });
    return made;
  });
  $('bulk').replaceChildren(...bulk.filter(Boolean));
}

/** @param {number[][]} picked */
function missingIn(picked) {
  const lines = picked.map(([item, round]) => {
    const live = state.live.contests.find((/** @type {any} */ c) => c.item === item && c.round === round);
    return live && live.issued !== null && live.received !== null ? live.issued - live.received : null;
  });
  const known = lines.filter(n => n !== null);
  const sum = known.reduce((a, b) => a + b, 0);
  const unknown = lines.length - known.length;
  return `所选项目还有 ${sum} 张没有收回${unknown ? `（${unknown} 项未知）` : ''}，截止后不能再交（未交不算弃权）。截止后密钥销毁，谁也不能再打开单张票。`;
}

function draw() {
  const { live, frozen, alarms, acts, roster } = state;
  $('drill').hidden = !live.drill;
  for (const step of document.querySelectorAll('#phases li')) {
    if (/** @type {HTMLElement} */ (step).dataset.phase === live.phase) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
  $('alarms').hidden = !alarms.length;
  $('alarms').textContent = alarms.join('\n');
  $('prepare').hidden = Boolean(frozen);
  $('frozen').hidden = !frozen;
  $('contests-section').hidden = !frozen || !frozen.windows.length;
  if (frozen) {
    drawFrozen();
    drawContests();
  } else {
    drawSettings();
    const groups = Object.entries(roster.groups).map(([name, n]) => `${name} ${n}`).join('，');
    $('roster-summary').textContent = roster.attendees
      ? `参会 ${roster.attendees} 人（${groups}）；述职对象 ${roster.officials.length} 人：${roster.officials.join('、')}`
      : '还没有名单。';
  }
  const lines = acts.map((/** @type {any} */ a) => {
    const line = element('div');
    line.append(button(a), element('span', a.consequence));
    return line;
  });
  $('acts').replaceChildren(...lines);
  $('acts-section').hidden = !lines.length;
}

/** @param {File} file */
async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

$('login').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  act(async () => {
    await ask('login', { code: $('login-code').value });
    $('login-code').value = '';
    watch();
    return '';
  });
});
$('sample').addEventListener('click', () => act(async () => {
  await ask('sample', {});
  return '样例已经装入。下一步：冻结会议。';
}));
$('import').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  act(async () => {
    const [roster, officials] = [await base64($('roster').files[0]), await base64($('officials').files[0])];
    const answer = await ask('import', { roster_csv_base64: roster, officials_csv_base64: officials, confirmed: $('confirmed').checked });
    $('confirm-line').hidden = true;
    $('confirmed').checked = false;
    const { roster_encoding: a, officials_encoding: b, notes } = answer.report;
    const repaired = notes.map((/** @type {any} */ n) => `${n.file}${n.row ? ` 第 ${n.row} 行` : ''}：${n.text}`).join('；');
    return `已导入：参会 ${answer.attendees} 人（${a}），述职对象 ${answer.officials} 人（${b}）。${repaired}`;
  });
});
$('settings').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  const form = $('settings').elements;
  act(async () => {
    await ask('settings', {
      title: form.title.value, date: form.date.value, place: form.place.value, drill: form.drill.checked,
      release: form.release.value, rounds: Number(form.rounds.value), recusal: form.recusal.checked,
    });
    form.title.blur();
    return '设置已保存。';
  });
});
$('all').addEventListener('change', () => {
  for (const box of document.querySelectorAll('#contests input')) /** @type {HTMLInputElement} */ (box).checked = $('all').checked;
});

let watching = false;
function watch() {
  if (watching) return;
  watching = true;
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/live`);
  let waiting = false;
  socket.onmessage = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      if (!acting && !$('ask').open) refresh();
    }, 300);
  };
  socket.onclose = () => {
    watching = false;
    setTimeout(watch, 2000);
  };
}

refresh().then(() => {
  if (state) watch();
});
