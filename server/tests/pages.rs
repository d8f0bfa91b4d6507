//! The words that the pages ask for and the words that there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Sections that a script reads as a whole: the sentences of the server, looked up by their Chinese.
const WHOLE: [&str; 1] = ["refusal"];

type Words = BTreeMap<String, BTreeMap<String, String>>;

fn names() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages/zh-CN.json");
    let words: Words = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    words.iter().flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}"))).collect()
}

/// Pages, scripts and Rust sources by path.
fn sources() -> Vec<(String, String)> {
    fn walk(at: &Path, out: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(at).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, out);
            } else if ["html", "js", "rs"].iter().any(|kind| path.extension().is_some_and(|e| e == *kind)) {
                out.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for folder in ["pages", "src", "../ballot-client/phone"] {
        walk(&root.join(folder), &mut out);
    }
    out.retain(|(name, _)| !name.ends_with("messages.rs") && !name.ends_with(".test.mjs"));
    out
}

/// What a source names: whole names, and the beginnings that a script puts a word behind.
fn named(text: &str, sections: &BTreeSet<&str>) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut whole, mut begun) = (BTreeSet::new(), BTreeSet::new());
    for (at, _) in text.match_indices(['"', '\'', '`']) {
        let rest = &text[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        let Some((section, key)) = name.split_once('.') else { continue };
        if !sections.contains(section) {
            continue;
        }
        let after = &rest[name.len()..];
        if after.starts_with("${") || after.starts_with("' +") || after.starts_with("\" +") || after.starts_with("{}") {
            begun.insert(name.clone());
        } else if !key.is_empty() && after.starts_with(['"', '\'', '`']) {
            whole.insert(name.clone());
        }
    }
    (whole, begun)
}

#[test]
fn every_word_that_a_page_asks_for_is_there_and_none_is_there_for_nobody() {
    let names = names();
    let sections: BTreeSet<&str> = names.iter().filter_map(|name| Some(name.split_once('.')?.0)).collect();
    let (mut used, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
    let mut missing = Vec::new();
    for (file, text) in sources() {
        let (whole, begun) = named(&text, &sections);
        // In Rust sources files and places of a crash have names of the same form.
        let page = !file.ends_with(".rs");
        missing
            .extend(whole.iter().filter(|name| page && !names.contains(*name)).map(|name| format!("{file}: {name}")));
        for prefix in begun {
            if page && !names.iter().any(|name| name.starts_with(&prefix)) {
                missing.push(format!("{file}: {prefix}…"));
            }
            prefixes.insert(prefix);
        }
        used.extend(whole);
    }
    missing.retain(|name| !name.ends_with(".js") && !name.ends_with(".css") && !name.ends_with(".html"));
    assert_eq!(missing, Vec::<String>::new(), "asked for and not there");
    let by_name =
        names.iter().filter(|name| !name.split_once('.').is_some_and(|(section, _)| WHOLE.contains(&section)));
    let idle: Vec<_> =
        by_name.filter(|name| !used.contains(*name) && !prefixes.iter().any(|p| name.starts_with(p))).collect();
    assert_eq!(idle, Vec::<&String>::new(), "there and asked for by nobody");
}

#[test]
fn the_search_finds_what_it_must() {
    let sections = BTreeSet::from(["hall"]);
    let (whole, begun) =
        named("t('hall.lost', {}) data-t=\"hall.x_1\" t(`hall.state_${s}`) t('other.x') 'hall.js'", &sections);
    assert_eq!(whole, BTreeSet::from(["hall.lost".into(), "hall.x_1".into(), "hall.js".into()]));
    assert_eq!(begun, BTreeSet::from(["hall.state_".into()]));
}

#[test]
fn every_part_of_the_record_has_its_tab_and_every_tab_its_part() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
    let frame = fs::read_to_string(pages.join("record.js")).unwrap();
    let list = frame.split("const PARTS = [").nth(1).unwrap().split(']').next().unwrap();
    let tabs: BTreeSet<String> = list.split(',').map(|part| part.trim().trim_matches('\'').to_owned()).collect();
    let draws = |name: &str| {
        let text = fs::read_to_string(pages.join(name)).unwrap();
        text.contains("export function draw(") || text.contains("export async function draw(")
    };
    let modules = fs::read_dir(&pages).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let parts: BTreeSet<String> = modules
        .filter(|name| name.starts_with("record-") && name.ends_with(".js") && draws(name))
        .map(|name| name["record-".len()..name.len() - ".js".len()].to_owned())
        .collect();
    assert!(parts.len() >= 4);
    assert_eq!(tabs, parts);
}

#[test]
fn every_test_that_the_readme_names_for_an_article_is_there() {
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = std::fs::read_to_string(project.join("README.md")).unwrap();
    let section = readme.split("## The review record").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let mut sources = String::new();
    let mut folders = vec![project.join("server/src/record"), project.join("server/tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                sources.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")).collect();
    for row in &rows {
        let name = row.trim_end_matches("` |").rsplit('`').next().unwrap();
        assert!(sources.contains(&format!("fn {name}(")), "{name}");
    }
    assert!(rows.len() >= 15, "articles 2 and 5 to 23");
    // Of each article from 10 to 23 one test shows a stored fact, a refusal and a sentence.
    let part = |name: &str| std::fs::read_to_string(project.join("server/tests/record/articles").join(name)).unwrap();
    let whole = part("before.rs") + &part("after.rs");
    for article in 10..=23 {
        let row = rows.iter().find(|row| row.starts_with(&format!("| {article} |")));
        let row = row.unwrap_or_else(|| panic!("no row of article {article}"));
        assert!(row.contains(&format!("| `article_{article}` |")), "{row}");
        let test = whole.split(&format!("#[tokio::test]\nasync fn article_{article}() {{")).nth(1);
        let test = test.unwrap_or_else(|| panic!("no test of article {article}")).split("\n}\n").next().unwrap();
        assert!(test.contains("Article::default()"), "article {article}: the three are counted");
    }
}
