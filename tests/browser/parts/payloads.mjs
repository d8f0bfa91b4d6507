// Two hundred things that a name must never become: elements, attributes, scripts, addresses, templates, formulas.

const CALL = 'alert(1)';
const BASE = [
  `<script>${CALL}</script>`, `"><script>${CALL}</script>`, `'><script>${CALL}</script>`, `</script><script>${CALL}//`,
  `<img src=x onerror=${CALL}>`, `"><img src=x onerror=${CALL}>`, `<svg onload=${CALL}>`, `<svg/onload=${CALL}>`,
  `<body onload=${CALL}>`, `<iframe src=javascript:${CALL}>`, `<a href="javascript:${CALL}">x</a>`, `<b onclick=${CALL}>x</b>`,
  `<input autofocus onfocus=${CALL}>`, `<details open ontoggle=${CALL}>`, `<video><source onerror=${CALL}>`,
  `<math><mtext><img src=x>`, `<style>*{display:none}</style>`, `</style><svg onload=${CALL}>`, `</title><script>x</script>`,
  `</textarea><svg onload=${CALL}>`, `<!--<img src=x onerror=${CALL}>`, `--><img src=x onerror=${CALL}>`, '<![CDATA[<b>x</b>]]>',
  `" onmouseover=${CALL} x="`, `' onmouseover=${CALL} x='`, `" autofocus onfocus=${CALL} "`, `\`><img src=x onerror=${CALL}>`,
  '<template><img src=x></template>', '<base href=//evil.test/>', '<link rel=stylesheet href=//evil.test>',
  '<meta http-equiv=refresh content=0>', '<object data=x>', '<embed src=x>', '<form action=//evil.test>', '<button formaction=x>',
  '&lt;b&gt;x&lt;/b&gt;', '&#60;img src=x&#62;', '&amp;lt;script&amp;gt;', '\\u003cimg src=x\\u003e', '%3Cimg%20src=x%3E',
  `javascript:${CALL}`, 'data:text/html,<b>x', '{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{constructor}', '__proto__',
  '=1+1', '+cmd|x', '-2+3', '@SUM(1)', "'; DROP TABLE desk;--", '") OR 1=1 --', '../../etc/passwd', 'null', 'undefined', 'NaN',
];
const DRESS = [text => text, text => text.replace(/[a-z]+/gi, word => [...word].map((c, i) => (i % 2 ? c.toUpperCase() : c)).join('')), text => `某${text}`, text => text.replaceAll('<', '<<'), text => `${text}某`];

/** At least 200 distinct names of at most 40 characters. */
export const PAYLOADS = [...new Set(DRESS.flatMap(dress => BASE.map(dress)))].filter(text => [...text].length <= 40);
