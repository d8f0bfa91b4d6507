//! Somebody who does every act of the record with hostile words in it.
//!
//! In a body `§key` stands for a hostile line, `¶key` for a hostile text of two lines; the same key is the same words.
//! Every other string has a form (a day, an id, a digest), and nothing hostile is taken in its place.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{HOSTILE, UNSEEN, fields::Field};
use crate::{
    office::Answered,
    review::{Person, Year},
};

pub(super) struct Stage {
    pub(super) data: tempfile::TempDir,
    pub(super) year: Year,
    pub(super) second: Person,
    /// Whether fields are attacked, one by one, before each act.
    pub(super) attacks: bool,
    pub(super) attacked: usize,
    /// Fields that something was sent in.
    pub(super) reached: BTreeSet<Field>,
    /// Words that were taken, as they have to be read back; whether nothing stands beside them.
    pub(super) taken: BTreeMap<String, bool>,
    /// Whether the act itself is left out.
    pub(super) only_attacks: bool,
    /// What is taken now is destroyed later.
    pub(super) forgets: bool,
    run: usize,
    keys: BTreeMap<String, usize>,
}

/// What a string of a body is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Line,
    /// A line among others, or a part of one.
    Part,
    Prose,
    Form,
}

impl Stage {
    pub(super) async fn new(run: usize) -> Self {
        let data = tempfile::tempdir().unwrap();
        let year = Year::start(data.path()).await;
        let second = year.somebody("=1+1<b>&\"'周", "second", "office").await;
        Self {
            data,
            year,
            second,
            attacks: false,
            attacked: 0,
            reached: BTreeSet::new(),
            taken: BTreeMap::new(),
            only_attacks: false,
            forgets: false,
            run,
            keys: BTreeMap::new(),
        }
    }

    /// The words of a key.
    pub(super) fn words(&self, key: &str) -> String {
        let number = self.keys.get(key).unwrap_or_else(|| panic!("no {key}"));
        let text = HOSTILE[(self.run + number) % HOSTILE.len()];
        match (text, key) {
            // Nothing may stand behind it, or it is another name.
            ("CON", _) => text.to_owned(),
            // A holiday's name is short.
            (_, "feast") => format!("{}{number}", text.chars().take(17).collect::<String>()),
            _ => format!("{text}{number}"),
        }
    }

    /// The words of a text of two lines.
    pub(super) fn prose(&self, key: &str) -> String {
        let number = self.keys.get(key).unwrap_or_else(|| panic!("no {key}"));
        format!("{}\n{}", self.words(key), HOSTILE[(self.run + number + 3) % HOSTILE.len()])
    }

    fn key(&mut self, key: &str) {
        let next = self.keys.len() + 1;
        self.keys.entry(key.to_owned()).or_insert(next);
    }

    fn kind(text: &str) -> Kind {
        let plain = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric());
        match (text.strip_prefix('¶'), text.strip_prefix('§')) {
            (Some(_), _) => Kind::Prose,
            (_, Some(rest)) if plain(rest) => Kind::Line,
            _ if text.contains('§') => Kind::Part,
            _ => Kind::Form,
        }
    }

    /// The text with its words in it.
    fn filled(&mut self, place: &str, text: &str) -> String {
        if let Some(key) = text.strip_prefix('¶') {
            self.key(key);
            let words = self.prose(key);
            self.takes(words.clone(), true);
            return words;
        }
        let whole = Self::kind(text) == Kind::Line;
        // Of the name of a file the last part is kept.
        let file = place.ends_with("/file/name") || place == "/name";
        let mut parts = text.split('§');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len());
            self.key(&part[..end]);
            let words = self.words(&part[..end]);
            if !(file && words.contains(['/', '\\'])) {
                self.takes(words.clone(), whole);
            }
            out.push_str(&words);
            out.push_str(&part[end..]);
        }
        out
    }

    fn takes(&mut self, words: String, whole: bool) {
        if !self.forgets {
            self.taken.insert(words, whole);
        }
    }

    /// What must not be taken in place of a text.
    fn bad(&self, text: &str, kind: Kind) -> Vec<String> {
        let with = |bad: String| match kind {
            Kind::Part => {
                let at = text.rfind('§').unwrap();
                let end = text[at..]
                    .find(|c: char| c != '§' && !c.is_ascii_alphanumeric())
                    .map_or(text.len(), |end| at + end);
                format!("{}{bad}{}", &text[..at], &text[end..])
            }
            _ => bad,
        };
        let mut all: Vec<String> = UNSEEN.iter().map(|c| with(format!("某{c}甲"))).collect();
        match kind {
            Kind::Line => all.extend(["甲\n乙".to_owned(), "甲\r乙".to_owned(), "甲\t乙".to_owned()]),
            Kind::Prose => all.push("甲\r乙".to_owned()),
            Kind::Part => {}
            Kind::Form => {
                all = HOSTILE.iter().map(|&text| text.to_owned()).collect();
                all.extend(UNSEEN.iter().map(|c| format!("{text}{c}")));
            }
        }
        all
    }

    /// The words of a key were sent and not taken.
    pub(super) fn takes_back(&mut self, key: &str) {
        let words = self.words(key);
        self.taken.remove(&words);
    }

    async fn head(&self) -> Value {
        self.year.admin.reads("trail").await["head"].clone()
    }

    /// It was refused, in words for a person that show all of themselves.
    fn refused(&mut self, place: &Field, sent: &str, answered: &Answered) {
        let said = answered.json();
        assert!((400..500).contains(&answered.status.as_u16()), "{place:?} took {sent:?}: {} {said}", answered.status);
        for word in ["error", "what_to_do"] {
            let word = said[word].as_str().unwrap_or_default();
            assert!(!word.is_empty() && word.chars().any(|c| c as u32 > 0x2e7f), "{place:?} {sent:?}: {said}");
            assert!(!word.chars().any(|c| UNSEEN.contains(&c)), "{place:?} {sent:?} comes back: {said}");
        }
        self.attacked += 1;
    }

    /// An act with a body; `route` is the described one behind `/api/record/`, with `id` in its place.
    pub(super) async fn act(&mut self, by: &Person, route: &str, id: &str, body: Value) -> Value {
        let described = format!("/api/record/{route}");
        let path = placed(route, id);
        let mut strings = Vec::new();
        walk(&body, "", "", &mut strings);
        let free: BTreeSet<&str> =
            strings.iter().filter(|one| Self::kind(&one.2) != Kind::Form).map(|one| one.1.as_str()).collect();
        let before = if self.attacks { self.head().await } else { Value::Null };
        let mut plain = body.clone();
        for (at, place, text) in &strings {
            *plain.pointer_mut(at).unwrap() = self.filled(place, text).into();
            if !text.is_empty() {
                self.reached.insert((described.clone(), place.clone()));
            }
        }
        let attacks = self.attacks;
        for (at, place, text) in strings.iter().filter(|one| attacks && !one.2.is_empty()) {
            let kind = Self::kind(text);
            // One of several in a list that takes words: another of them is attacked.
            if kind == Kind::Form && free.contains(place.as_str()) {
                continue;
            }
            for bad in self.bad(text, kind) {
                let mut body = plain.clone();
                *body.pointer_mut(at).unwrap() = bad.clone().into();
                let answered = by.post(&path, body).await;
                self.refused(&(described.clone(), place.clone()), &bad, &answered);
            }
        }
        if self.attacks {
            assert_eq!(self.head().await, before, "{route} was refused and changed something");
        }
        if self.only_attacks {
            return Value::Null;
        }
        let answered = by.post(&path, plain.clone()).await;
        assert_eq!(answered.status, StatusCode::OK, "{route} {plain}: {}", answered.json());
        answered.json()
    }

    /// An upload.
    pub(super) async fn upload(
        &mut self,
        by: &Person,
        (route, id): (&str, &str),
        query: &[(&str, &str)],
        bytes: &[u8],
    ) -> Value {
        let described = format!("/api/record/{route}");
        let path = placed(route, id);
        let joined = |query: &[(String, String)]| {
            let parts = query.iter().map(|(name, value)| format!("{name}={}", percent(value)));
            parts.collect::<Vec<_>>().join("&")
        };
        // A name in a query is that of a file.
        let plain: Vec<(String, String)> =
            query.iter().map(|(name, text)| ((*name).to_owned(), self.filled(&format!("/{name}"), text))).collect();
        let before = if self.attacks { self.head().await } else { Value::Null };
        for (at, (name, text)) in query.iter().enumerate() {
            if text.parse::<u64>().is_ok() || *text == "true" {
                continue;
            }
            let place = (described.clone(), format!("/{name}"));
            self.reached.insert(place.clone());
            let kind = Self::kind(text);
            let attacks = self.attacks;
            for bad in self.bad(text, kind).into_iter().filter(|_| attacks) {
                let mut query = plain.clone();
                query[at].1.clone_from(&bad);
                let answered = by.hands_in(&path, &joined(&query), bytes).await;
                self.refused(&place, &bad, &answered);
            }
        }
        if self.attacks {
            assert_eq!(self.head().await, before, "{route} was refused and changed something");
        }
        let answered = by.hands_in(&path, &joined(&plain), bytes).await;
        assert_eq!(answered.status, StatusCode::OK, "{route} {plain:?}: {}", answered.json());
        answered.json()
    }

    /// A file that a document names then, called by a hostile name.
    pub(super) async fn file(&mut self, key: &str, bytes: &[u8]) -> Value {
        let by = self.year.admin.clone();
        let kept = self.upload(&by, ("file", ""), &[("name", &format!("§{key}.pdf"))], bytes).await;
        json!({ "sha256": kept["sha256"], "name": format!("§{key}f.pdf") })
    }
}

fn placed(route: &str, id: &str) -> String {
    match (route.find('{'), route.find('}')) {
        (Some(from), Some(to)) => format!("{}{id}{}", &route[..from], &route[to + 1..]),
        _ => route.to_owned(),
    }
}

/// Every string of a body: where it is, where the description has it, what it says.
fn walk(value: &Value, at: &str, place: &str, found: &mut Vec<(String, String, String)>) {
    /// Strings of a fixed choice: what else they could be is refused by their type.
    const CHOSEN: [&str; 7] = ["/way", "/covered", "/kind", "/enter", "/item", "/purpose", "/form"];
    match value {
        Value::String(text) if !CHOSEN.iter().any(|chosen| place.ends_with(chosen)) => {
            found.push((at.to_owned(), place.to_owned(), text.clone()));
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                walk(item, &format!("{at}/{number}"), &format!("{place}/*"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                walk(field, &format!("{at}/{name}"), &format!("{place}/{name}"), found);
            }
        }
        _ => {}
    }
}

pub(super) fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
