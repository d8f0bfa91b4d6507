//! Everything that the record gives out, opened by readers that know nothing of its writers.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

use axum::http::{StatusCode, header};
use calamine::Reader;
use douxuan::record;
use douxuan_crypto::{bytes::hex, hash::sha256};
use serde_json::Value;

use super::{
    UNSEEN,
    names::{members, saved_as},
    script::Made,
    stage::Stage,
};
use crate::office::Answered;

/// What was found: the strings of JSON, and the words of each document by its address and its place in an archive.
#[derive(Default)]
pub(super) struct Found {
    strings: BTreeSet<String>,
    words: BTreeMap<String, Vec<String>>,
    archives: usize,
}

pub(super) async fn look(stage: &Stage, made: &Made) {
    let admin = &stage.year.admin;
    let mut found = Found::default();
    let description = record::description();
    let paths = description["paths"].as_object().unwrap();
    for path in paths.iter().filter(|(_, methods)| methods.get("get").is_some()).map(|(path, _)| path) {
        let Some(path) = path.strip_prefix("/api/record/") else { continue };
        for place in places(path, made) {
            let answered = admin.get(&place).await;
            if !cfg!(feature = "pdf") && place.ends_with(".pdf") && answered.status == StatusCode::CONFLICT {
                continue;
            }
            assert_eq!(answered.status, StatusCode::OK, "{place}: {}", answered.json());
            found.answer(&place, &answered);
        }
    }
    let pages = admin.reads("trail").await["pages"].as_u64().unwrap();
    for page in 2..=pages {
        let place = format!("trail?page={page}");
        found.answer(&place, &admin.get(&place).await);
    }
    assert_eq!(found.archives, 1 + made.dossiers.len(), "letters and one of each dossier");
    // Every word that was taken is there as it was sent.
    for (words, whole) in &stage.taken {
        let there =
            if *whole { found.strings.contains(words) } else { found.strings.iter().any(|text| text.contains(words)) };
        assert!(there, "{words:?} was taken and is nowhere");
    }
    found.documents(stage, made);
}

/// The addresses of a described path.
fn places(path: &str, made: &Made) -> Vec<String> {
    let told = [made.told.to_owned()];
    let (cycle, result) = ([made.cycle.clone()], [made.result.clone()]);
    let all: [(&str, &[String]); 6] = [
        ("{cycle}", &cycle),
        ("{dossier}", &made.dossiers),
        ("{letter}", &made.letters),
        ("{id}", &result),
        ("{sha256}", &made.files),
        ("{on}", &told),
    ];
    match all.iter().find(|(name, _)| path.contains(name)) {
        Some((name, values)) => values.iter().map(|value| path.replace(name, value)).collect(),
        None => {
            assert!(!path.contains('{'), "{path} has no sample");
            vec![path.to_owned()]
        }
    }
}

impl Found {
    pub(super) fn answer(&mut self, place: &str, answered: &Answered) {
        if let Some(saved) = answered.headers.get(header::CONTENT_DISPOSITION) {
            saved_as(place, saved.to_str().expect("visible ASCII"));
        }
        let kind = answered.headers[header::CONTENT_TYPE].to_str().unwrap();
        match kind.split(';').next().unwrap() {
            "application/json" => self.json(place, &answered.bytes),
            "text/html" => self.page(place, std::str::from_utf8(&answered.bytes).unwrap()),
            "text/plain" => drop(std::str::from_utf8(&answered.bytes).unwrap()),
            "application/zip" => self.archive(place, &answered.bytes),
            _ if place.starts_with("files/") => {}
            "application/pdf" => self.pdf(place, &answered.bytes),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
                self.document(place, &answered.bytes);
            }
            other => panic!("{place}: {other}"),
        }
    }

    /// What was answered at a place says this.
    pub(super) fn says(&self, place: &str, words: &str) {
        let said = self.words.get(place).unwrap_or_else(|| panic!("no {place}: {:?}", self.words.keys())).concat();
        assert!(said.contains(words), "{place}: {words:?} is not in {said}");
    }

    fn json(&mut self, place: &str, bytes: &[u8]) {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{place}: {error}"));
        let mut all = Vec::new();
        strings(&value, &mut all);
        for text in &all {
            assert!(!text.contains(UNSEEN), "{place}: {text:?}");
        }
        self.words.insert(place.to_owned(), all.clone());
        self.strings.extend(all);
    }

    /// A page: only our own elements and attributes, and no script but ours.
    fn page(&mut self, place: &str, html: &str) {
        let mut xml = html.replacen("<!doctype html>", "", 1).replace(" download>", " download=\"\">");
        for open in ["<meta", "<link"] {
            let mut at = 0;
            while let Some(next) = xml[at..].find(open) {
                let end = at + next + xml[at + next..].find('>').unwrap();
                xml.insert(end, '/');
                at = end;
            }
        }
        let page = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{place}: {error}\n{xml}"));
        let ours = [
            "html", "head", "meta", "title", "link", "script", "body", "div", "p", "button", "a", "main", "h1",
            "section", "h2", "span", "dl", "dt", "dd", "ol", "li", "footer", "b",
        ];
        let attributes =
            ["lang", "charset", "name", "content", "rel", "href", "type", "src", "class", "id", "download"];
        for node in page.descendants() {
            assert!(!node.is_comment() && !node.is_pi(), "{place}");
            if !node.is_element() {
                continue;
            }
            assert!(ours.contains(&node.tag_name().name()), "{place}: {node:?}");
            for attribute in node.attributes() {
                assert!(attributes.contains(&attribute.name()), "{place}: {attribute:?}");
                let leads = ["href", "src"].contains(&attribute.name());
                assert!(
                    !leads || attribute.value().starts_with('/') && !attribute.value().starts_with("//"),
                    "{place}"
                );
            }
            let script = node.has_tag_name("script");
            assert!(!script || node.attribute("src") == Some("/record-told.js") && node.text().is_none(), "{place}");
        }
        let all = page.descendants().filter(|node| node.is_text()).filter_map(|node| node.text());
        self.words.insert(place.to_owned(), all.map(str::to_owned).collect());
    }

    /// A Word document: well formed, no field but the page's number, no link, nothing from outside.
    fn document(&mut self, place: &str, bytes: &[u8]) {
        const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        let mut words = Vec::new();
        for (name, bytes) in members(place, bytes) {
            if !(name.ends_with(".xml") || name.ends_with(".rels")) {
                continue;
            }
            let text = String::from_utf8(bytes).unwrap();
            let part = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{place} {name}: {error}"));
            inside(&format!("{place} {name}"), &part);
            for node in part.descendants().filter(|node| node.has_tag_name((W, "instrText"))) {
                assert_eq!(node.text().map(str::trim), Some("PAGE"), "{place} {name}");
            }
            let paragraphs = part.descendants().filter(|node| node.has_tag_name((W, "p")));
            let said = paragraphs.map(|node| {
                let runs = node.descendants().filter(|node| node.has_tag_name((W, "t")));
                runs.filter_map(|run| run.text().map(str::to_owned)).collect::<String>()
            });
            if name.starts_with("word/document") {
                words.extend(said);
            }
        }
        assert!(!words.is_empty(), "{place}");
        self.words.insert(place.to_owned(), words);
    }

    /// A workbook: no formula, no link, every cell a text.
    fn workbook(&mut self, place: &str, bytes: &[u8]) {
        for (name, bytes) in members(place, bytes) {
            if name.ends_with(".xml") || name.ends_with(".rels") {
                let text = String::from_utf8(bytes).unwrap();
                let part = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{place} {name}: {error}"));
                inside(&format!("{place} {name}"), &part);
            }
        }
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
        let mut words = Vec::new();
        for name in book.sheet_names() {
            assert!(book.worksheet_formula(&name).unwrap().used_cells().next().is_none(), "{place}");
            for (_, _, cell) in book.worksheet_range(&name).unwrap().used_cells() {
                assert!(matches!(cell, calamine::Data::String(_)), "{place}: {cell:?}");
                words.push(cell.to_string());
            }
        }
        self.words.insert(place.to_owned(), words);
    }

    fn pdf(&mut self, place: &str, bytes: &[u8]) {
        assert!(bytes.starts_with(b"%PDF-"), "{place}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let read = std::process::Command::new("pdftotext").args(["-raw"]).arg(file.path()).arg("-").output();
        let read = read.expect("pdftotext of poppler-utils");
        assert!(read.status.success(), "{place}: {}", String::from_utf8_lossy(&read.stderr));
        for active in [&b"/JavaScript"[..], b"/OpenAction", b"/Launch", b"/EmbeddedFile", b"/URI"] {
            assert!(!bytes.windows(active.len()).any(|part| part == active), "{place}");
        }
        self.words.insert(place.to_owned(), vec![String::from_utf8(read.stdout).unwrap()]);
    }

    fn archive(&mut self, place: &str, bytes: &[u8]) {
        self.archives += 1;
        let mut sums = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (name, bytes) in members(place, bytes) {
            let inner = format!("{place} {name}");
            match name.rsplit('.').next().unwrap() {
                "json" => self.json(&inner, &bytes),
                "xlsx" => self.workbook(&inner, &bytes),
                "docx" if !name.starts_with("文件/") => self.document(&inner, &bytes),
                "pdf" if !name.starts_with("文件/") => self.pdf(&inner, &bytes),
                "txt" => {
                    let text = String::from_utf8(bytes.clone()).unwrap();
                    assert!(!text.contains(UNSEEN), "{inner}");
                    self.words.insert(inner, text.lines().map(str::to_owned).collect());
                    if name == "SHA256SUMS.txt" {
                        for line in text.lines() {
                            let (sum, name) = line.split_once("  ").unwrap();
                            sums.insert(name.to_owned(), sum.to_owned());
                        }
                        continue;
                    }
                }
                _ => {}
            }
            files.insert(name, hex(&sha256(&bytes)));
        }
        assert_eq!(sums, files, "{place}: a line for each file and no other");
    }

    /// What the documents say, word for word.
    fn documents(&self, stage: &Stage, made: &Made) {
        let says = |place: &str, lines: &[&str], texts: &[&str]| {
            let words = self.words.get(place).unwrap_or_else(|| panic!("no {place}: {:?}", self.words.keys())).concat();
            for key in lines {
                let line = stage.words(key);
                assert!(words.contains(&line), "{place}: {key} {line:?} is not in {words}");
            }
            for key in texts {
                for line in stage.prose(key).lines() {
                    assert!(words.contains(line), "{place}: {key} {line:?} is not in {words}");
                }
            }
        };
        let letter = ["number", "office", "unit1", "name1", "cycle"];
        says(&format!("letters/{}/letter.docx", made.letters[0]), &letter, &["opinion"]);
        says(&format!("letters/{}/letter.docx", made.letters[2]), &["office", "unit3b", "name3", "pre"], &[]);
        let heard = ["name1", "unit1", "post1", "checker", "meeting"];
        let texts = ["reason", "item1", "item2", "corrected", "checked", "decision"];
        let past = format!("corrections/told/{}", made.told);
        for place in [past.clone(), format!("{past}/told.docx")] {
            says(&place, &heard, &texts);
        }
        for place in ["corrections/told.html", "corrections/told.docx"] {
            says(place, &["name2", "unit2", "post2", "checker"], &["reason2", "item3", "checked2"]);
        }
        let archive = format!("dossiers/{}/archive.zip", made.dossiers[0]);
        let own = [
            "cycle",
            "name1",
            "unit1",
            "post1",
            "point",
            "member",
            "memberpost",
            "room",
            "number",
            "meeting",
            "signed",
            "how",
        ];
        let texts = [
            "petitions",
            "daily",
            "special",
            "asked2",
            "answer2",
            "demand",
            "answered",
            "verdict",
            "reason",
            "item1",
            "item2",
            "corrected",
            "checked",
            "brief",
            "decision",
            "used",
            "ground",
            "evidence1",
            "evidence2",
            "verified",
            "measure",
        ];
        says(&format!("{archive} 摘要.xlsx"), &own, &texts);
        if cfg!(feature = "pdf") {
            let pdf = |place: &str| assert!(self.words.contains_key(place), "{place}");
            pdf(&format!("{archive} 摘要.pdf"));
            pdf(&format!("letters/{}/letter.pdf", made.letters[0]));
        }
        // Nothing of what was left out or withdrawn leaves the office.
        for (place, words) in self.words.iter().filter(|(place, _)| place.starts_with(&archive)) {
            // A text that has nothing of its own behind it may be another's.
            let keys = ["leftout", "usedwrong", "groundwrong", "wrong"];
            for key in keys.into_iter().filter(|key| stage.words(key) != "CON") {
                let text = stage.prose(key);
                assert!(!words.iter().any(|words| words.contains(&text)), "{place}: {key}");
            }
        }
    }
}

pub(super) fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
        _ => {}
    }
}

/// A part of a package: nothing that acts, and nothing from outside.
fn inside(place: &str, part: &roxmltree::Document<'_>) {
    let acts =
        ["hyperlink", "fldSimple", "object", "altChunk", "sdt", "f", "definedName", "oleObject", "externalReference"];
    for node in part.descendants() {
        assert!(!node.is_comment() && !node.is_pi(), "{place}");
        assert!(!node.is_element() || !acts.contains(&node.tag_name().name()), "{place}: {node:?}");
        let outside = node.attributes().find(|attribute| attribute.name() == "TargetMode");
        assert!(outside.is_none(), "{place}: {outside:?}");
    }
}
