//! Article by article, 10 to 23: one stored fact, one refusal in its words, one sentence that a person reads. A test that
//! lacks one of the three fails.

mod after;
mod before;

use std::io::{Cursor, Read};

use axum::http::StatusCode;
use calamine::Reader;
use douxuan::messages::{Language, fill};
use serde_json::{Value, json};

use crate::{
    office::Answered,
    review::{Person, Year, id},
};

/// What was shown of an article.
#[derive(Default)]
struct Article {
    facts: u32,
    refusals: u32,
    sentences: u32,
}

impl Drop for Article {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let Self { facts, refusals, sentences } = *self;
            assert!(
                facts > 0 && refusals > 0 && sentences > 0,
                "{facts} facts, {refusals} refusals, {sentences} sentences"
            );
        }
    }
}

impl Article {
    /// What is stored, as somebody else reads it.
    fn fact(&mut self, stored: &Value, is: Value) {
        assert_eq!(*stored, is);
        self.facts += 1;
    }

    fn says_no(&mut self, answered: &Answered, status: StatusCode, [error, to_do]: [&str; 2]) {
        let said = answered.json();
        assert_eq!(
            (answered.status, said["error"].as_str(), said["what_to_do"].as_str()),
            (status, Some(error), Some(to_do))
        );
        self.refusals += 1;
    }

    async fn refusal(&mut self, by: &Person, path: &str, body: Value, says: [&str; 2]) {
        let before = by.reads("trail").await["head"].clone();
        let answered = by.post(path, body).await;
        let status = if says[0].contains("不能自己") { StatusCode::FORBIDDEN } else { StatusCode::CONFLICT };
        self.says_no(&answered, status, says);
        assert_eq!(by.reads("trail").await["head"], before, "{path} was refused and changed something");
    }

    /// A sentence, whole, among those that are shown.
    fn sentence(&mut self, shown: &[String], says: &str) {
        assert!(shown.iter().any(|one| one == says), "{says}: {shown:#?}");
        self.sentences += 1;
    }

    /// A sentence of a page: the page asks for it by this call, and with these values it says this.
    fn of_page(&mut self, page: &str, call: &str, (key, values): (&str, &[(&str, &str)]), says: &str) {
        let path = format!("{}/pages/{page}", env!("CARGO_MANIFEST_DIR"));
        assert!(std::fs::read_to_string(path).unwrap().contains(call), "{page} does not ask for {call}");
        assert_eq!(fill(Language::Chinese, &format!("record.{key}"), values), says);
        self.sentences += 1;
    }
}

/// A row of the summary as one text, its cells apart.
fn row(cells: &[&str]) -> String {
    cells.join("｜")
}

/// The rows of the summary in an official's yearly file.
async fn summary(year: &Year, dossier: &str) -> Vec<String> {
    let archive = year.auditor.get(&format!("dossiers/{dossier}/archive.zip")).await;
    assert_eq!(archive.status, StatusCode::OK, "{}", archive.json());
    let mut archive = zip::ZipArchive::new(Cursor::new(archive.bytes)).unwrap();
    let mut bytes = Vec::new();
    archive.by_name("摘要.xlsx").unwrap().read_to_end(&mut bytes).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("案卷摘要").unwrap();
    let rows = sheet.rows().map(|cells| {
        let said: Vec<String> = cells.iter().map(ToString::to_string).filter(|cell| !cell.is_empty()).collect();
        said.join("｜")
    });
    rows.collect()
}

/// Every line of a letter.
async fn letter(year: &Year, letter: &str) -> Vec<String> {
    let shown = year.auditor.reads(&format!("letters/{letter}")).await;
    shown["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

/// The paragraphs of a page to print.
fn paragraphs(page: &str) -> Vec<String> {
    let each = page.split("<p").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</p>").next());
    each.map(str::to_owned).collect()
}

async fn due(year: &Year, what: &str) -> Value {
    let lines = year.auditor.reads("due").await["lines"].clone();
    let line = lines.as_array().unwrap().iter().find(|line| line["what"] == what);
    line.unwrap_or_else(|| panic!("{what} is not due: {lines}")).clone()
}

/// Two officials of whom one reports orally, and an approved list: cycle, his dossier, the other's.
async fn chosen() -> (tempfile::TempDir, Year, String, [String; 2]) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "oral_share": [1, 2], "reports_due": "2026-11-30" })).await;
    year.officials(2).await;
    year.dossiers(&cycle).await;
    let list = year.approved(&cycle, "").await;
    let of = |way: &str| {
        let line = list["lines"].as_array().unwrap().iter().find(|line| line["way"] == way).unwrap();
        line["dossier"].as_str().unwrap().to_owned()
    };
    let both = [of("oral"), of("written")];
    (data, year, cycle, both)
}

async fn with_a_result(policy: Value) -> (tempfile::TempDir, Year, String, Vec<String>) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (cycle, dossiers) = year.with_a_result_by(policy).await;
    (data, year, cycle, dossiers)
}

/// A draft about an official, dated today.
async fn draft(year: &Year, dossier: &str) -> String {
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    id(&year.admin.does(&format!("dossiers/{dossier}/letter"), head).await)
}

async fn name_of(year: &Year, cycle: &str, dossier: &str) -> String {
    let all = year.auditor.reads(&format!("cycles/{cycle}/dossiers")).await;
    all.as_array().unwrap().iter().find(|one| one["id"] == dossier).unwrap()["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_article_of_which_one_of_the_three_is_missing_fails() {
    for (facts, refusals, sentences) in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] {
        let missing = std::panic::catch_unwind(|| drop(Article { facts, refusals, sentences }));
        assert!(missing.is_err(), "{facts} {refusals} {sentences}");
    }
    drop(Article { facts: 1, refusals: 1, sentences: 1 });
}
