// The words of a page in two languages. The page carries both with it (`#words`), so that changing the language asks
// nothing of the server and loses nothing on the page.

const KEPT = 'douxuan-language';
const LANGUAGES = ['zh-CN', 'en'];
const ATTRIBUTES = ['aria-label', 'placeholder', 'title', 'alt'];

const block = document.getElementById('words');
/** @type {Record<string, Record<string, Record<string, string>>>} */
const words = block ? JSON.parse(block.textContent || '{}') : {};

function first() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked) return asked.toLowerCase().startsWith('en') ? 'en' : 'zh-CN';
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept && LANGUAGES.includes(kept)) return kept;
  } catch { /* storage is closed: Chinese */ }
  return 'zh-CN';
}

let current = first();

/** `zh-CN` or `en`. */
export const language = () => current;

/** True if there is a text of this name. @param {string} name */
export const knows = name => {
  const [section, ...key] = name.split('.');
  return Boolean(words[current] && words[current][section] && words[current][section][key.join('.')]);
};

/** The text `section.key`, its `{names}` replaced by values; the name itself if there is none.
 * @param {string} name @param {Record<string, unknown>} [values] @param {string} [tongue] another language than the page's */
export function t(name, values = {}, tongue = current) {
  const [section, ...key] = name.split('.');
  const found = ((words[tongue] || {})[section] || {})[key.join('.')];
  if (found === undefined) return name;
  return found.replace(/\{(\w+)\}/g, (place, wanted) => (wanted in values ? String(values[wanted]) : place));
}

/** A sentence of the server with places for values. @typedef {{like: RegExp, names: string[], quoted: boolean[], english: string}} Pattern */

/** Places between quotation marks that hold a word of ours all the same. */
const OURS = ['act', 'phase'];
/** Places that hold whole sentences or lists of them; in no other place is there a `；`. */
const LONG = ['all', 'cause', 'why', 'error', 'choice'];
const BETWEEN = /** @type {[string, string][]} */ ([['；', '; '], ['、', ', '], ['，', ', ']]);
const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** @param {string} chinese @param {string} english @returns {Pattern} */
function pattern(chinese, english) {
  const [first, ...rest] = chinese.split(/\{(\w+)\}/);
  const names = rest.filter((_, at) => at % 2 === 0);
  const quoted = names.map((_, at) => (at ? rest[2 * at - 1] : first).endsWith('“'));
  const place = (/** @type {number} */ at) => (quoted[at] || LONG.includes(names[at]) ? '(.+?)' : '([^；]+?)');
  const like = rest.map((part, at) => (at % 2 === 0 ? place(at / 2) : escaped(part))).join('');
  return { like: new RegExp(`^${escaped(first)}${like}$`, 's'), names, quoted, english };
}

/** The server's sentences: those without values by their text, the others with the most text of their own first. */
function sentences() {
  const [chinese, english] = LANGUAGES.map(tongue => (words[tongue] || {}).refusal || {});
  const own = (/** @type {string} */ key) => chinese[key].replace(/\{\w+\}/g, '').length;
  const [plain, filled] = [false, true].map(has => Object.keys(chinese).filter(key => chinese[key].includes('{') === has));
  filled.sort((a, b) => own(b) - own(a));
  return {
    plain: new Map(plain.map(key => [chinese[key], english[key]])),
    patterns: filled.map(key => pattern(chinese[key], english[key])),
  };
}

/** @type {ReturnType<typeof sentences>|null} */
let known = null;

/** The English of what stands in a place. Between quotation marks stands what somebody wrote: it stays as it is.
 * @param {string} value @param {string} name @param {boolean} quoted */
function valueSaid(value, name, quoted) {
  if (quoted && !OURS.includes(name)) return value;
  if (quoted && name === 'act') {
    const [labels, english] = LANGUAGES.map(tongue => (words[tongue] || {}).act || {});
    const key = Object.keys(labels).find(each => labels[each] === value);
    if (key) return english[key];
  }
  if (name === 'names') return value.split('、').map(noted).join(', ');
  return /^[\d、]+$/.test(value) ? value.replaceAll('、', ', ') : inEnglish(value);
}

/** One sentence, or null if the server does not say it. @param {string} text @returns {string|null} */
function sentenceSaid(text) {
  known = known || sentences();
  const plain = known.plain.get(text);
  if (plain !== undefined) return plain;
  for (const { like, names, quoted, english } of known.patterns) {
    const found = like.exec(text);
    if (!found) continue;
    const values = Object.fromEntries(names.map((name, at) => [name, valueSaid(found[at + 1], name, quoted[at])]));
    return english.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }
  return null;
}

/** A list, of which every part has to be known, or null. @param {string} text */
function listSaid(text) {
  for (const [mark, english] of BETWEEN) {
    const parts = text.split(mark).map(sentenceSaid);
    if (parts.length > 1 && !parts.includes(null)) return parts.join(english);
  }
  return null;
}

/** @param {string} text @returns {string} */
function inEnglish(text) {
  const contest = /^(\d+\/\d+)：(.+)$/s.exec(text);
  if (contest) return `${contest[1]}: ${inEnglish(contest[2])}`;
  const found = sentenceSaid(text) ?? listSaid(text);
  if (found !== null) return found;
  const list = text.endsWith('。') && listSaid(text.slice(0, -1));
  if (list) return `${list}.`;
  const single = text.match(/[^。]*。\s*|[^。]+$/g) || [];
  for (let upTo = single.length - 1; upTo > 0; upTo -= 1) {
    const begun = sentenceSaid(single.slice(0, upTo).join('').trim());
    if (begun !== null) return `${begun} ${inEnglish(single.slice(upTo).join(''))}`;
  }
  if (single.length < 2) return text;
  const rest = single.slice(1).join('');
  const end = inEnglish(rest);
  return end === rest ? text : `${single[0].trim()} ${end}`;
}

/** What the server said in Chinese, in the language of the page: section `refusal` has its sentences, a place `{name}`
 * for each value. A sentence that is not there stays Chinese. @param {string} text */
export const said = text => (current === 'en' && text ? inEnglish(text) : text);

/** A name with what the server notes of it behind it in brackets; a name alone is nobody's words but its own. @param {string} text */
export const noted = text => (text.endsWith('）') ? said(text) : text);

/** A date `YYYY-MM-DD` as the language writes it. @param {string} date */
export function dateInWords(date) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!parts) return date;
  const [, year, month, day] = parts;
  return current === 'en' ? date : t('common.date', { year, month: Number(month), day: Number(day) });
}

/** Writes the words into everything under `root` that names them. @param {ParentNode} [root] */
export function dress(root = document) {
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.getAttribute('data-t') || '');
  for (const attribute of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[data-t-${attribute}]`)) {
      element.setAttribute(attribute, t(element.getAttribute(`data-t-${attribute}`) || ''));
    }
  }
}

/** @param {string} wanted */
export function setLanguage(wanted) {
  current = LANGUAGES.includes(wanted) ? wanted : 'zh-CN';
  try { localStorage.setItem(KEPT, current); } catch { /* for this page only, then */ }
  document.documentElement.lang = current;
  dress();
  document.dispatchEvent(new Event('language'));
}

document.documentElement.lang = current;
dress();
