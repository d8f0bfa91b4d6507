// The receipt page: a voter's receipt looked up, codes compared, a bundle audited. All of it happens here, over data
// that is downloaded whole; no request depends on what was put in.

import { dateInWords, dress, language, setLanguage, t } from '/words.js';
import { bytesOf, call, start, text } from '/receipt-core.js';
import { compare, digitsOf, earlierLog, grouped } from '/receipt-codes.js';
import { Intake, bytesIn } from '/receipt-intake.js';
import { drawNotice } from '/receipt-notice.js';
import { contestName, drawResults, isWaiting, lookUp, sentences, summary } from '/receipt-results.js';
import { Source, nameOf } from '/receipt-source.js';

const $ = id => /** @type {any} */ (document.getElementById(id));
const intake = new Intake();
const server = new Source();
/** Where receipts are looked up: the server's data, or an opened bundle's. */
let source = server;
/** @type {import('/receipt-results.js').Result[]} */
let results = [];
/** What is to be said about the last thing put in. @type {import('/receipt-intake.js').Said[]} */
let said = [];
/** The line about the data: a key and its values. */
let data = { key: 'loading', values: {} };
/** What `audit` said. @type {any} */
let report = null;
/** @type {import('/receipt-codes.js').Compared|null} */
let compared = null;
/** Finished comparisons, for the notice, by code. @type {Map<string, {name: string, typed: string, code: string, verdict: string}>} */
const comparisons = new Map();

// ---- The data ------------------------------------------------------------------------------------------------------

async function load() {
  tell('loading');
  await server.load();
  if (server.codes && !server.large) await server.loadBoards((n, of) => tell('loading_boards', { n, of }));
  summarise();
  await search();
}

/** Boards that were too many to fetch before anybody asked. */
async function complete() {
  if (source !== server || !server.left) return;
  await server.loadBoards((n, of) => tell('loading_boards', { n, of }));
  summarise();
}

function summarise() {
  const { trouble, codes, closed, left } = server;
  const boards = closed.length;
  if (trouble) tell(trouble === 'offline' && codes ? 'offline_ready' : trouble);
  else if (server.large) tell('large', { boards, mb: Math.ceil(left / 1e6) });
  else tell(boards ? 'ready' : 'ready_open', { log: codes.log.size, boards });
}

function tell(key, values = {}) {
  data = { key, values };
  draw();
}

// ---- What is put in --------------------------------------------------------------------------------------------------

/** Takes something in and looks it up; one at a time. @param {string} busy @param {() => Promise<typeof said>} take */
async function put(busy, take) {
  if (document.body.getAttribute('aria-busy')) return;
  document.body.setAttribute('aria-busy', 'true');
  said = [{ key: busy, values: {} }];
  draw();
  try {
    const before = intake.notes;
    const now = await take();
    if (intake.notes !== before) await complete();
    await search();
    said = intake.notes && !source.manifest ? [...now, { key: 'said_no_data', values: {} }] : now;
    if (intake.notes !== before && source.manifest) $('results').scrollIntoView({ block: 'nearest' });
  } catch {
    said = [{ key: 'said_failed', values: {} }];
  }
  document.body.removeAttribute('aria-busy');
  draw();
}

async function search() {
  results = await lookUp(source, intake.notes);
  draw();
}

/** @param {File[]} files @returns {Promise<typeof said>} */
async function open(files) {
  const all = [];
  for (const file of files) {
    const head = new Uint8Array(await bytesIn(/** @type {any} */ (file.slice(0, 4))));
    if (text(head) === 'PK\u0003\u0004') await audit(file);
    else all.push(...await (/^image\//.test(file.type) ? intake.takePhotos([file]) : intake.takeFile(file)));
  }
  return all;
}

// ---- A bundle ----------------------------------------------------------------------------------------------------------

/** @param {File} file */
async function audit(file) {
  report = { busy: true };
  draw();
  $('audit-title').scrollIntoView();
  const zip = new Uint8Array(await bytesIn(file));
  try {
    const bundle = await Source.ofBundle(file.name, zip);
    // What is not a receipt of this meeting says nothing about its bundle; that is told beside the receipt.
    const presented = bundle ? (await lookUp(bundle, intake.notes)).filter(one => one.state === 'held' && one.item > 0) : [];
    report = JSON.parse(text((await call('audit', zip, bytesOf(presented.map(one => one.note).join('\n')))).out));
    if (bundle && bundle.codes) source = bundle;
  } catch (failure) {
    report = null;
    throw failure;
  }
}

/** The verdict in one sentence, the command's words. */
function verdict() {
  if (!report) return '';
  if (report.busy) return t('receipt.audit_busy');
  if (report.exit === 2) return t('receipt.audit_not_bundle', { why: report.why });
  return report.failed ? t('receipt.audit_failed', { step: report.failed }) : t('receipt.audit_held');
}

function drawAudit() {
  const own = language() === 'en' ? 'en' : 'zh';
  const lines = [verdict()];
  if (report && report.exit === 0) lines.push(t('receipt.audit_compare'));
  $('audit-said').textContent = sentences(lines);
  const steps = report && report.steps ? report.steps : [];
  $('steps').hidden = !steps.length;
  $('steps').textContent = '';
  for (const step of steps) {
    const row = element('li', '', step.why ? 'problem' : 'calm');
    row.dataset.step = step.step;
    row.append(element('h3', `${step.step} ${step[`name_${own}`]}`), element('strong', step[`verdict_${own}`]));
    row.append(element('p', step[own]));
    if (step.why) row.append(element('p', step.why));
    $('steps').append(row);
  }
  $('summary-box').hidden = !(report && report.summary);
  $('summary').textContent = report && report.summary ? report.summary : '';
}

// ---- Codes -------------------------------------------------------------------------------------------------------------

/** @returns {import('/receipt-codes.js').Known[]} */
function known() {
  if (!source.codes) return [];
  const { manifest, log } = source.codes;
  return [
    { which: 'manifest', code: manifest.code, name: t('receipt.code_manifest') },
    { which: 'log', code: log.code, name: t('receipt.code_log') },
    ...source.closed.map(board => ({ which: nameOf(board), code: board.code, name: t('receipt.code_board', { contest: contestName(source, board) }) })),
  ];
}

async function typed() {
  const [all, words] = [known(), $('typed').value];
  const chosen = all.find(one => one.which === $('which').value);
  compared = chosen ? compare(chosen, all, words) : null;
  if (compared && compared.verdict === 'differs' && chosen.which === 'log' && digitsOf(words).length === 32) {
    compared = { verdict: 'searching', values: {} };
    drawCompared();
    const n = await earlierLog(source, words);
    if ($('typed').value !== words) return;
    compared = n ? { verdict: 'same_earlier', values: { n, of: source.codes.log.size } } : compare(chosen, all, words);
  }
  if (compared && digitsOf(words).length === 32) {
    comparisons.set(chosen.which, { name: chosen.name, typed: grouped(digitsOf(words)), code: chosen.code, verdict: compared.verdict });
  }
  drawCompared();
}

function drawCompared() {
  const box = $('compared');
  box.textContent = '';
  box.dataset.verdict = compared ? compared.verdict : '';
  if (!compared) return;
  if (compared.verdict === 'searching') { box.append(t('receipt.searching')); return; }
  box.append(element('strong', t(`receipt.${compared.verdict}`)), ' ', t(`receipt.${compared.verdict}_text`, compared.values));
}

function drawCodes() {
  const all = known();
  $('codes').hidden = !all.length;
  $('codes-none').hidden = Boolean(all.length);
  const key = JSON.stringify(all);
  if ($('which').dataset.key === key) return;
  const before = $('which').value;
  $('which').dataset.key = key;
  $('which').textContent = '';
  $('all-codes').textContent = '';
  for (const { which, code, name } of all) {
    const option = element('option', name);
    option.value = which;
    $('which').append(option);
    $('all-codes').append(element('dt', name), element('dd', code, 'digits'));
  }
  if (all.some(one => one.which === before)) $('which').value = before;
  typed();
}

// ---- The page ----------------------------------------------------------------------------------------------------------

/** @param {string} kind @param {string} words @param {string} [style] */
function element(kind, words, style) {
  const made = document.createElement(kind);
  made.textContent = words;
  if (style) made.className = style;
  return made;
}

function draw() {
  const { meeting } = source;
  $('meeting').textContent = '';
  for (const part of meeting ? [meeting.title, dateInWords(meeting.date), meeting.place] : []) $('meeting').append(element('span', part), ' ');
  $('data').textContent = t(`receipt.${data.key}`, data.values);
  $('source').hidden = source === server;
  $('server').hidden = source === server;
  const other = server.codes && source !== server ? (server.codes.manifest.id === source.codes.manifest.id ? 'audit_same' : 'audit_differs') : '';
  $('source').textContent = source === server ? '' : sentences([t('receipt.audit_file', { name: source.file }), other && t(`receipt.${other}`)]);
  $('said').textContent = '';
  for (const { key, values } of said) $('said').append(element('p', t(`receipt.${key}`, values)));
  $('found-said').textContent = summary(results);
  $('clear').hidden = !intake.notes && !intake.parts.size;
  document.querySelector('.again').hidden = source !== server || !server.trouble;
  $('later').hidden = source !== server || !isWaiting(results);
  drawResults($('found'), source, results);
  drawCodes();
  drawAudit();
}

function notice() {
  drawNotice($('notice'), { source, results, comparisons: [...comparisons.values()], audit: verdict() });
}

function listen() {
  $('language').addEventListener('click', () => setLanguage(language() === 'en' ? 'zh-CN' : 'en'));
  document.addEventListener('language', () => { draw(); drawCompared(); });
  for (const button of document.querySelectorAll('.again')) button.addEventListener('click', load);
  $('server').addEventListener('click', () => { source = server; report = null; search(); });
  $('paste').addEventListener('submit', event => {
    event.preventDefault();
    const pasted = $('text').value;
    $('text').value = '';
    put('busy', () => intake.takeText(pasted));
  });
  for (const [id, busy] of [['file', 'busy'], ['photo', 'busy_photo']]) {
    $(id).addEventListener('change', () => {
      const files = [...$(id).files];
      $(id).value = '';
      if (files.length) put(busy, () => open(files));
    });
  }
  $('clear').addEventListener('click', () => { intake.clear(); results = []; said = []; draw(); });
  $('typed').addEventListener('input', typed);
  $('which').addEventListener('change', typed);
  $('print').addEventListener('click', () => window.print());
  window.addEventListener('beforeprint', notice);
}

async function begin() {
  dress();
  listen();
  draw();
  try {
    await start(await (await fetch('/audit.wasm', { credentials: 'omit', cache: 'no-store' })).arrayBuffer());
  } catch {
    tell(window.WebAssembly && window.Worker ? 'offline' : 'unsupported');
    return;
  }
  await load();
}

begin();
