//! The server's refusals, alarms and findings are Chinese sentences in its sources. The pages know the English of each
//! from section `refusal`, whose Chinese side is the sentence itself with `{name}` for each value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What can speak to somebody at the console, under `server/src`.
const SPEAKERS: [&str; 12] = [
    "desk",
    "preflight",
    "staff",
    "record",
    "web",
    "urn",
    "roll",
    "board",
    "hall",
    "disk",
    "secrets.rs",
    "papers/mod.rs",
];

/// Who speaks only to the terminal, before there is a console.
const AT_THE_TERMINAL: [&str; 5] =
    ["desk/start.rs", "record/command.rs", "record/hook/mod.rs", "staff/machine.rs", "web/tls.rs"];

/// Who writes what is printed or sent out: Chinese whatever the screens speak.
const ON_PAPER: [&str; 3] = ["record/letter/text.rs", "record/letter/docx.rs", "record/report/reminder.rs"];

/// Who makes parts of sentences, so that an entry may come from there.
const ELSEWHERE: [&str; 1] = ["../../crypto/src/count/formulas.rs"];

/// Calls whose literals are told to a person, whole or as part of a sentence.
const TELLING: [&str; 9] = [
    "Refusal::conflict(",
    "Self::conflict(",
    "Refusal::broken(",
    "refused(",
    "missing(",
    "no(",
    "inquiry.error(",
    "inquiry.note(",
    "inquiry.ask(",
];

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// The text with `{}` for each place, neighbours as one.
fn shape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some(escaped) = after.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        if !out.ends_with("{}") {
            out.push_str("{}");
        }
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out + rest
}

fn sentences(text: &str) -> Vec<String> {
    text.split_inclusive('。').map(|sentence| sentence.trim().to_owned()).collect()
}

/// The source without its tests and comments.
fn spoken(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap().replace("'\"'", "' '");
    source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Chinese literals, and of each the part of the source before it. A literal of JSON is several.
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(begin) = source[from..].find('"').map(|at| from + at + 1) {
        let mut text = String::new();
        let mut chars = source[begin..].char_indices();
        let end = loop {
            match chars.next() {
                Some((at, '"')) => break begin + at,
                Some((_, '\\')) => match chars.next() {
                    Some((_, '\n')) => text.push('\n'),
                    Some((_, c)) => text.push(c),
                    None => break source.len(),
                },
                Some((_, ' ')) if text.ends_with('\n') => {}
                Some((_, c)) => text.push(c),
                None => break source.len(),
            }
        };
        let parts = text.split('"').map(|part| part.replace('\n', ""));
        out.extend(parts.filter(|part| is_chinese(part)).map(|part| (begin, part)));
        from = (end + 1).min(source.len());
    }
    out
}

/// From where to where the arguments of the telling calls stand.
fn told(source: &str) -> Vec<(usize, usize)> {
    let starts = TELLING.iter().flat_map(|call| source.match_indices(call).map(|(at, _)| at + call.len()));
    let end = |start: usize| {
        let (mut depth, mut inside, mut escaped) = (1_i32, false, false);
        for (at, c) in source[start..].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => inside = !inside,
                '(' if !inside => depth += 1,
                ')' if !inside => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return start + at;
            }
        }
        source.len()
    };
    starts.map(|start| (start, end(start))).collect()
}

/// What a source tells a person and the words do not have.
fn unknown(source: &str, known: &BTreeSet<String>) -> Vec<String> {
    let source = spoken(source);
    let told = told(&source);
    let has = |text: &str| !is_chinese(text) || known.contains(text);
    let mut out = Vec::new();
    for (at, literal) in literals(&source) {
        let shape = shape(&literal);
        let whole = shape.ends_with(['。', '？']);
        if has(&shape) || sentences(&shape).iter().all(|sentence| has(sentence)) {
            continue;
        }
        // A part is put into a sentence by the call.
        let is_told = told.iter().any(|(start, end)| (*start..*end).contains(&at));
        if whole || is_told && !known.iter().any(|entry| entry.contains(&shape)) {
            out.push(literal);
        }
    }
    out
}

fn files(path: &Path, out: &mut Vec<(String, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            files(&entry.path(), out);
        }
    } else if path.extension().is_some_and(|kind| kind == "rs") {
        out.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
}

/// Path and text of each of these, folders with all that is in them.
fn sources(names: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    for name in names {
        let before = out.len();
        files(&root.join(name), &mut out);
        assert!(out.len() > before, "{name} is not there");
    }
    let elsewhere = || AT_THE_TERMINAL.iter().chain(&ON_PAPER);
    out.retain(|(name, _)| !elsewhere().any(|other| name.ends_with(other)));
    out
}

fn entries() -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages/zh-CN.json");
    let mut words: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    words.remove("refusal").unwrap()
}

fn known() -> BTreeSet<String> {
    entries().values().map(|text| shape(text)).collect()
}

#[test]
fn whatever_the_server_says_no_with_is_known_in_english() {
    let known = known();
    let missing: Vec<_> = sources(&SPEAKERS)
        .iter()
        .flat_map(|(file, text)| unknown(text, &known).into_iter().map(move |said| format!("{file}: {said}")))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "not in section refusal of the message files");
}

#[test]
fn a_sentence_that_nobody_translated_is_found() {
    let known = known();
    let planted = [
        r#"Refusal::conflict("月亮没有升起。", "请刷新页面。")"#,
        r#"Refusal::conflict("登记没有开放。", "请等月亮升起。")"#,
        r#"Self::conflict(format!("月亮还有 {} 天升起", days(1)), "请刷新页面。")"#,
        r#"return Err(refused(&format!("{what}没有月亮"), "请缩短"));"#,
        "view.alarm = Some(format!(\n    \"月亮 {n} \\\n     落下。请检查磁盘。\"\n));",
        r#"inquiry.note(At::FILE, "moon", "月亮", "");"#,
    ];
    for source in planted {
        let found = unknown(source, &known);
        assert!(found.len() == 1 && found[0].contains("月亮"), "{source}: {found:?}");
    }
    let ordinary = [
        r#"Refusal::conflict("登记没有开放。", "请刷新页面。")"#,
        r#"Refusal::conflict(format!("证书只剩 {} 天，至少要有 {LEAST} 天。", days(')')), "请刷新页面。")"#,
        r#"let heading = "月亮"; // 月亮没有升起。"#,
        "// Refusal::conflict(\"月亮没有升起。\", \"\")\n",
        "#[cfg(test)]\nmod tests { const MOON: &str = \"月亮没有升起。\"; }",
    ];
    for source in ordinary {
        assert_eq!(unknown(source, &known), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn no_sentence_is_there_that_nobody_says() {
    let mut all = sources(&SPEAKERS);
    all.extend(sources(&ELSEWHERE));
    let said: BTreeSet<String> = all
        .iter()
        .flat_map(|(_, text)| literals(&spoken(text)))
        .flat_map(|(_, literal)| sentences(&shape(&literal)).into_iter().chain([shape(&literal)]).collect::<Vec<_>>())
        .filter(|text| is_chinese(text))
        .collect();
    // A sentence may be put together from parts, of which one of this length is its own.
    let from = |entry: &str| {
        said.contains(entry)
            || said.contains(entry.trim_end_matches('。'))
            || said.iter().any(|part| part.chars().count() >= 3 && entry.contains(part.as_str()))
    };
    let idle: Vec<_> = entries().into_iter().filter(|(_, text)| !from(&shape(text))).collect();
    assert_eq!(idle, Vec::<(String, String)>::new());
}

#[test]
fn a_place_stands_alone_between_words_of_the_sentence() {
    for (key, text) in entries() {
        assert!(!text.contains("}{"), "{key}: where one value ends and the next begins cannot be told");
        assert!(is_chinese(&shape(&text)), "{key} has no words of its own: {text}");
    }
}
