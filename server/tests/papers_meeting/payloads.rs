//! Names that are not names: what web pages, spreadsheets, typesetters and shells take for commands.

const BEGINNINGS: [&str; 12] = ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "'=", "\u{3000}=", "=="];
const FORMULAS: [&str; 8] = [
    "1+1",
    "cmd|' /C calc'!A0",
    "HYPERLINK(\"http://x.test\",\"点\")",
    "SUM(A1:A9)",
    "IMPORTXML(\"http://x.test\",\"//a\")",
    "DDE(\"cmd\";\"/C calc\";\"x\")",
    "WEBSERVICE(\"http://x.test\")",
    "2+5+cmd|'/C calc'!A0",
];
const MARKUP: [&str; 40] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "\"><script>alert(1)</script>",
    "'><b>粗</b>",
    "</t></si></sst>",
    "<f>1+1</f>",
    "<![CDATA[x]]>",
    "<!-- x -->",
    "<?xml version=\"1.0\"?>",
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
    "&lt;b&gt;",
    "&amp;&#x27;",
    "&C&P&D&T&F",
    "_x0041_",
    "_x003D_1",
    "javascript:alert(1)",
    "http://x.test/?a=1&b=2",
    "mailto:a@x.test",
    "\\\\x.test\\share",
    "#eval(\"1\")",
    "#read(\"/etc/passwd\")",
    "#image(\"/etc/passwd\")",
    "#set text(white)",
    "#import \"@preview/x:1.0.0\": *",
    "#pagebreak()",
    "#link(\"http://x.test\")[点]",
    "*粗* _斜_ `码`",
    "$x^2$ #sheet",
    "= 标题",
    "- 列表",
    "/ 词: 义",
    "<label> @ref",
    "\\u{41} \\ ~ --- ...",
    "// 注释",
    "/* 注释 */",
    "]#x[",
    "\"); panic(\"",
    "${7*7} {{7*7}} %s %n",
    "`id` $(id) ; rm -rf / | cat",
];

/// More than two hundred, each at most 40 characters.
pub fn all() -> Vec<String> {
    let mut payloads: Vec<String> = MARKUP.iter().map(|text| (*text).to_owned()).collect();
    for beginning in BEGINNINGS {
        payloads.extend(FORMULAS.iter().map(|formula| format!("{beginning}{formula}")));
    }
    for wrapped in ["张{}三", "{}李四"] {
        payloads.extend(MARKUP.iter().map(|text| wrapped.replace("{}", text)));
    }
    payloads.iter_mut().for_each(|text| *text = text.chars().take(40).collect());
    payloads.sort();
    payloads.dedup();
    assert!(payloads.len() >= 200, "{}", payloads.len());
    payloads
}

/// Meetings of 60 officials each whose names, units and posts are all of them, with a title and a place of the kind.
pub fn meetings() -> Vec<Vec<u8>> {
    let payloads = all();
    let officials: Vec<_> = payloads.chunks(3).collect();
    officials
        .chunks(60)
        .map(|part| {
            let items = (1u16..).zip(part).map(|(number, texts)| {
                let mut item = super::official(number, &texts[0], 1);
                item.unit = texts.get(1).unwrap_or(&texts[0]).clone();
                item.post = texts.get(2).unwrap_or(&texts[0]).clone();
                item
            });
            let rounds: Vec<_> =
                (1u16..).zip(part).map(|(item, _)| super::Round::new(item, 1, &[9, 8, 7, 6, 5])).collect();
            super::bundle(items.collect(), &rounds, |draft| {
                draft.title = "=HYPERLINK(\"http://x.test\")<script>#eval(\"1\")</script>".to_owned();
                draft.place = "@SUM(1)&C&P<img src=x>".to_owned();
            })
        })
        .collect()
}
