// What a server answers, held against what it says of itself: every JSON answer under /api/ and every message of /live,
// as the pages get them, against /api/openapi.json and /api/asyncapi.json. A field that is not described is a fault, and
// every description that was used is shown to be able to refuse.

import Ajv from 'ajv/dist/2020.js';

import { equal, expect, note } from './report.mjs';
import { closed, tooMild } from './strict.mjs';

const OPENAPI = 'openapi.json';
/** What an entry of the record is about differs from act to act. */
const FREE = ['GET /api/record/trail 200 /entries/0/what'];

/** The description with every schema in it closed: those of the answers, and those they refer to. @param {any} openapi */
function closedPaths(openapi) {
  const answers = response => (response.content ? { ...response, content: Object.fromEntries(Object.entries(response.content).map(([kind, { schema }]) => [kind, { schema: closed(schema) }])) } : response);
  const operation = each => ({ ...each, responses: Object.fromEntries(Object.entries(each.responses).map(([status, response]) => [status, answers(response)])) });
  const path = each => Object.fromEntries(Object.entries(each).map(([method, one]) => [method, operation(one)]));
  return { ...openapi, paths: Object.fromEntries(Object.entries(openapi.paths).map(([name, each]) => [name, path(each)])), components: closed(openapi.components) };
}

export class Described {
  /** Listens to every page that is opened from now on. @param {import('./browser.mjs').Browser} browser */
  constructor(browser) {
    /** @type {{method: string, path: string, status: number, body: Promise<any>}[]} */
    this.answers = [];
    /** @type {string[]} */
    this.messages = [];
    browser.listener = this;
  }

  /** @param {import('playwright-core').Response} response */
  answered(response) {
    const { pathname: path } = new URL(response.url());
    const json = (response.headers()['content-type'] || '').startsWith('application/json');
    if (!path.startsWith('/api/') || !json) return;
    // One whose page has gone meanwhile has no body any more, and nobody has read it.
    const body = response.json().catch(() => undefined);
    this.answers.push({ method: response.request().method().toLowerCase(), path, status: response.status(), body });
  }

  /** @param {string} url @param {string|Buffer} payload */
  told(url, payload) {
    if (new URL(url).pathname === '/live') this.messages.push(String(payload));
  }

  /** Holds everything against the descriptions, and gives how often each schema was used. Listens no more.
   * @param {import('./browser.mjs').Browser} browser @param {any} openapi @param {any} asyncapi @returns {Promise<Map<string, number>>} */
  async check(browser, openapi, asyncapi) {
    browser.listener = null;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    ajv.addSchema(closedPaths(openapi), OPENAPI);
    const used = new Map();
    /** The fullest value that each description was held against. @type {Map<string, {check: any, value: any, size: number}>} */
    const fullest = new Map();
    /** @type {string[]} */
    const faults = [];
    const hold = (name, check, value) => {
      used.set(name, (used.get(name) || 0) + 1);
      const size = JSON.stringify(value).length;
      if (size > (fullest.get(name)?.size || 0)) fullest.set(name, { check, value, size });
      if (!check(value)) faults.push(`${name}: ${ajv.errorsText(check.errors)} in ${JSON.stringify(value).slice(0, 300)}`);
    };
    const live = ajv.compile(closed(asyncapi.channels.live.messages.frame.payload));
    expect(this.messages.length, 'nothing was told on /live');
    for (const message of this.messages) hold('/live', live, JSON.parse(message));
    const templates = Object.keys(openapi.paths).map(path => ({ path, fits: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`) }));
    // A path without a hole in it comes first.
    templates.sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
    for (const { method, path, status, body } of this.answers) {
      const value = await body;
      if (value === undefined) continue;
      const known = templates.find(({ path: template, fits }) => fits.test(path) && openapi.paths[template][method]);
      if (!known) {
        faults.push(`${method} ${path} stands in no description`);
        continue;
      }
      const { responses } = openapi.paths[known.path][method];
      const at = status === 200 ? '200' : 'default';
      const pointer = ['paths', known.path, method, 'responses', at, 'content', 'application/json', 'schema'].map(part => part.replace(/~/g, '~0').replace(/\//g, '~1')).map(encodeURIComponent).join('/');
      if (!responses[at]?.content?.['application/json']) faults.push(`${method} ${known.path} answers ${status} with JSON that is not described`);
      else hold(`${method.toUpperCase()} ${known.path} ${at}`, /** @type {any} */ (ajv.getSchema(`${OPENAPI}#/${pointer}`)), value);
    }
    equal(faults.slice(0, 10), [], 'what is not as it is described');
    const controls = [...fullest].map(([name, { check, value }]) => ({ name, ...tooMild(check, value) }));
    equal(controls.flatMap(({ name, faults: mild }) => mild.map(fault => `${name} ${fault}`)).slice(0, 10), [], 'descriptions that cannot refuse');
    equal(controls.flatMap(({ name, free }) => free.map(path => `${name} ${path}`)).filter(place => !FREE.includes(place)), [], 'described as anything whatever');
    for (const [name, times] of [...used].sort()) note(`${times} × ${name}`);
    return used;
  }
}
