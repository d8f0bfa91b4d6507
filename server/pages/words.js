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
 * @param {string} name @param {Record<string, unknown>} [values] */
export function t(name, values = {}) {
  const [section, ...key] = name.split('.');
  const found = ((words[current] || {})[section] || {})[key.join('.')];
  if (found === undefined) return name;
  return found.replace(/\{(\w+)\}/g, (place, wanted) => (wanted in values ? String(values[wanted]) : place));
}

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
