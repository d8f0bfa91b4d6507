//! Written reports (articles 5 to 9 and 13): when they are due, what is taken in, and which points they speak of.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    files::{PDF, docx},
    review::{Year, id},
};

struct Reports {
    data: tempfile::TempDir,
    year: Year,
    cycle: String,
    dossiers: Vec<Value>,
}

/// The tests' clock stands at 2026-12-14.
async fn reports(due: &str) -> Reports {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "reports_due": due })).await;
    year.officials(3).await;
    let dossiers = year.dossiers(&cycle).await;
    Reports { data, year, cycle, dossiers }
}

impl Reports {
    fn at(&self, n: usize) -> String {
        format!("dossiers/{}/report", id(&self.dossiers[n]))
    }

    async fn hands_in(&self, n: usize, query: &str, bytes: &[u8]) -> (u16, Value) {
        let answered = self.year.admin.hands_in(&format!("{}/file", self.at(n)), query, bytes).await;
        (answered.status.as_u16(), answered.json())
    }

    async fn line(&self, n: usize) -> Value {
        let list = self.year.auditor.reads(&format!("cycles/{}/reports", self.cycle)).await;
        list.as_array().unwrap().iter().find(|line| line["dossier"] == self.dossiers[n]["id"]).unwrap().clone()
    }
}

fn refused((status, said): (u16, Value), expected: u16, word: &str) {
    assert_eq!(status, expected, "{said}");
    assert!(
        said["error"].as_str().unwrap().contains(word) && !said["what_to_do"].as_str().unwrap().is_empty(),
        "{said}"
    );
}

#[tokio::test]
async fn article_13_what_came_in_time_late_or_not_at_all_is_listed_with_what_to_write() {
    let reports = reports("2026-11-30").await;
    let (status, first) = reports.hands_in(0, "version=0&received_on=2026-11-30&name=a.pdf", PDF).await;
    assert_eq!((status, first["versions"][0]["file"]["kind"].as_str()), (200, Some("pdf")));
    let (status, _) = reports.hands_in(1, "version=0&received_on=2026-12-01&name=b.docx", &docx(&[])).await;
    assert_eq!(status, 200);
    let arrivals = [reports.line(0).await, reports.line(1).await, reports.line(2).await];
    assert_eq!(arrivals.each_ref().map(|line| line["arrival"].as_str().unwrap()), ["in_time", "late", "overdue"]);
    assert!(arrivals[0]["reminder"].is_null() && arrivals[1]["days"].is_null());
    let reminder = arrivals[2]["reminder"].as_str().unwrap();
    assert!(
        reminder.contains("代表3") && reminder.contains("2026年11月30日") && reminder.contains("没有收到"),
        "{reminder}"
    );
    assert!(arrivals[2]["days"].as_i64().unwrap() > 0);
    // More time, with a reason: no more overdue.
    let extend = format!("{}/extend", reports.at(2));
    let admin = &reports.year.admin;
    admin.refused(&extend, json!({ "version": 0, "until": "2026-12-31", "why": "" }), 409, "理由").await;
    admin.refused(&extend, json!({ "version": 0, "until": "2026-12-32", "why": "病假" }), 409, "不是日期").await;
    admin.does(&extend, json!({ "version": 0, "until": "2026-12-31", "why": "病假" })).await;
    assert_eq!(reports.line(2).await["arrival"], "awaited");
    admin
        .refused(
            &format!("{}/extend", reports.at(0)),
            json!({ "version": 1, "until": "2026-12-31", "why": "某" }),
            409,
            "已经收到",
        )
        .await;
}

#[tokio::test]
async fn a_file_is_told_by_its_content_and_macros_and_bombs_stay_outside() {
    let reports = reports("2026-11-30").await;
    let query = "version=0&received_on=2026-11-30&name=report.pdf";
    let bomb = docx(&[("word/media/a.png", &vec![0; (100 << 20) + 1])]);
    let cases: [(&[u8], u16, &str); 8] = [
        (b"", 415, "不是 PDF"),
        (b"MZ\x90\x00", 415, "不是 PDF"),
        (b"<html>%PDF-1.7 startxref %%EOF", 415, "不是 PDF"),
        (b"%PDF-1.7\n", 415, "不完整"),
        (&docx(&[("word/vbaProject.bin", b"x")]), 415, "宏"),
        (&bomb, 415, "太大"),
        (&[PDF, &vec![b' '; 20 << 20]].concat(), 413, "20 MiB"),
        (&vec![b' '; 21 << 20], 413, "太大"),
    ];
    for (bytes, status, word) in cases {
        refused(reports.hands_in(0, query, bytes).await, status, word);
    }
    for (query, word) in [
        ("version=0&received_on=2027-01-01&name=a.pdf", "没有到"),
        ("version=0&received_on=2026-11-31&name=a.pdf", "不是日期"),
        ("version=0&received_on=2026-11-30&name=%20", "空着"),
        ("version=7&received_on=2026-11-30&name=a.pdf", "刚刚由别人改过"),
    ] {
        refused(reports.hands_in(0, query, PDF).await, 409, word);
    }
    assert_eq!(reports.line(0).await["report"]["version"], 0, "nothing was entered");
    // A file of nearly 20 MiB comes through, though no other path takes so much.
    let large = [b"%PDF-1.7\n".as_slice(), &vec![b' '; (20 << 20) - 100], b"startxref\n9\n%%EOF\n"].concat();
    assert_eq!(reports.hands_in(0, query, &large).await.0, 200);
    let elsewhere = reports.year.admin.hands_in(&format!("{}/points", reports.at(0)), "", &vec![b' '; 15 << 20]).await;
    assert_eq!(elsewhere.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_replaced_version_is_kept_outside_the_database_and_can_be_read_again() {
    let reports = reports("2026-11-30").await;
    let (_, first) = reports.hands_in(0, "version=0&received_on=2026-11-30&name=first.pdf", PDF).await;
    let digest = first["versions"][0]["file"]["sha256"].as_str().unwrap().to_owned();
    let path = reports.data.path().join("record/files").join(&digest);
    assert_eq!(std::fs::read(&path).unwrap(), PDF);
    refused(reports.hands_in(0, "version=1&received_on=2026-12-01&name=x.pdf&why=x", PDF).await, 409, "一样");
    let second = docx(&[]);
    refused(reports.hands_in(0, "version=1&received_on=2026-12-01&name=x.docx", &second).await, 409, "理由");
    let (status, now) = reports.hands_in(0, "version=1&received_on=2026-12-01&name=x.docx&why=more", &second).await;
    assert_eq!((status, now["versions"].as_array().unwrap().len()), (200, 2));
    assert_eq!(reports.line(0).await["arrival"], "in_time", "what came first counts");
    let read = reports.year.auditor.get(&format!("files/{digest}")).await;
    assert_eq!(read.bytes, PDF);
    assert_eq!(read.headers["content-type"], "application/pdf");
    assert!(read.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    // Only what a document of the record names, and only to those who may look.
    for other in ["0".repeat(64), "..".to_owned(), "a".to_owned()] {
        assert_eq!(reports.year.admin.get(&format!("files/{other}")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(reports.year.teller.get(&format!("files/{digest}")).await.status, StatusCode::FORBIDDEN);
    // A file that is not what was kept any more is not shown.
    std::fs::write(&path, b"%PDF-1.7\nanother\nstartxref\n9\n%%EOF\n").unwrap();
    let changed = reports.year.auditor.get(&format!("files/{digest}")).await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    assert!(changed.json()["error"].as_str().unwrap().contains("校验值不符"));
    std::fs::remove_file(&path).unwrap();
    let gone = reports.year.auditor.get(&format!("files/{digest}")).await;
    assert!(gone.json()["error"].as_str().unwrap().contains("不见了"));
}

#[tokio::test]
async fn articles_5_to_9_each_of_the_eighteen_points_is_covered_or_not_with_its_page() {
    let reports = reports("2026-11-30").await;
    let (at, admin) = (reports.at(0), &reports.year.admin);
    let shown = reports.year.auditor.reads(&at).await;
    let points = shown["points"].as_array().unwrap();
    assert_eq!(points.len(), 18);
    let marks: Vec<Value> = points
        .iter()
        .map(|point| json!({ "article": point["article"], "item": point["item"], "covered": "covered", "page": 3 }))
        .collect();
    let path = format!("{at}/points");
    admin.refused(&path, json!({ "version": 0, "marks": marks }), 409, "没有收到").await;
    reports.hands_in(0, "version=0&received_on=2026-11-30&name=a.pdf", PDF).await;
    let mark = |article: u8, item: u8, covered: &str, page: Value| json!([{ "article": article, "item": item, "covered": covered, "page": page }]);
    for (wrong, word) in [
        (mark(5, 7, "covered", json!(1)), "不对"),
        (mark(5, 1, "covered", json!(0)), "页码"),
        (mark(5, 1, "not_covered", json!(2)), "页码"),
        (json!([marks[0], marks[0]]), "重复"),
    ] {
        admin.refused(&path, json!({ "version": 1, "marks": wrong }), 409, word).await;
    }
    admin.refused(&path, json!({ "version": 1, "marks": mark(5, 1, "well_done", json!(1)) }), 400, "不对").await;
    let mut some = marks.clone();
    some[17] = json!({ "article": 9, "item": 2, "covered": "not_applicable", "page": null });
    some[16] = json!({ "article": 9, "item": 1, "covered": "not_covered", "page": null });
    let kept = admin.does(&path, json!({ "version": 1, "marks": some[..17].to_vec() })).await;
    assert_eq!(reports.line(0).await["points"], json!([16, 1, 0, 1]));
    admin.refused(&path, json!({ "version": 1, "marks": some }), 409, "刚刚由别人改过").await;
    admin.does(&path, json!({ "version": kept["version"], "marks": some })).await;
    assert_eq!(reports.line(0).await["points"], json!([16, 1, 1, 0]));
    assert_eq!(reports.line(0).await["stale"], false);
    // Another version of the report: somebody should look again.
    reports.hands_in(0, "version=3&received_on=2026-12-01&name=a.docx&why=more", &docx(&[])).await;
    assert_eq!(reports.line(0).await["stale"], true);
    for person in [&reports.year.auditor, &reports.year.teller, &reports.year.scrutineer] {
        assert_eq!(person.post(&path, json!({ "version": 4, "marks": [] })).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_points_are_the_cycles_own_data_but_none_is_taken_away_that_was_looked_at() {
    let reports = reports("2026-11-30").await;
    let (path, admin) = (format!("cycles/{}/checklist", reports.cycle), &reports.year.admin);
    let listed = admin.reads(&path).await;
    assert_eq!(listed["version"], 0);
    let mut points = listed["points"].as_array().unwrap().clone();
    points.push(json!({ "article": 9, "item": 3, "text": "本年度专项工作" }));
    admin.refused(&path, json!({ "version": 0, "points": points, "why": "" }), 409, "理由").await;
    admin.refused(&path, json!({ "version": 0, "points": [], "why": "某" }), 409, "要点").await;
    admin.refused(&path, json!({ "version": 3, "points": points, "why": "某" }), 409, "刚刚由别人改过").await;
    let own = admin.does(&path, json!({ "version": 0, "points": points, "why": "本年度要求" })).await;
    assert_eq!((own["version"].as_u64(), own["points"].as_array().unwrap().len()), (Some(1), 19));
    admin.refused(&path, json!({ "version": 0, "points": points, "why": "某" }), 409, "刚刚由别人改过").await;
    reports.hands_in(0, "version=0&received_on=2026-11-30&name=a.pdf", PDF).await;
    let marks = json!([{ "article": 9, "item": 3, "covered": "covered", "page": 2 }]);
    admin.does(&format!("{}/points", reports.at(0)), json!({ "version": 1, "marks": marks })).await;
    admin.refused(&path, json!({ "version": 1, "points": listed["points"], "why": "某" }), 409, "不能去掉").await;
    points[18]["text"] = json!("本年度专项工作的落实");
    admin.does(&path, json!({ "version": 1, "points": points, "why": "改文字" })).await;
    // A closed cycle takes nothing more.
    let cycle = admin.reads("cycles").await["cycles"][0]["version"].clone();
    admin.does(&format!("cycles/{}/close", reports.cycle), json!({ "version": cycle, "why": "完成" })).await;
    refused(reports.hands_in(1, "version=0&received_on=2026-11-30&name=a.pdf", PDF).await, 409, "已经结束");
    admin.refused(&path, json!({ "version": 2, "points": points, "why": "某" }), 409, "已经结束").await;
}

#[tokio::test]
async fn article_13_the_day_of_receipt_is_corrected_with_a_reason_and_the_trail_has_both() {
    let reports = reports("2026-11-30").await;
    let (at, admin) = (format!("{}/received", reports.at(0)), &reports.year.admin);
    let correct =
        |version: u32, days: &[&str], why: &str| json!({ "version": version, "received_on": days, "why": why });
    admin.refused(&at, correct(0, &["2026-11-30"], "看错"), 409, "对不上").await;
    reports.hands_in(0, "version=0&received_on=2026-12-01&name=a.pdf", PDF).await;
    assert_eq!(reports.line(0).await["arrival"], "late");
    for (wrong, word) in [
        (correct(1, &["2026-11-30"], " "), "理由"),
        (correct(1, &["2026-12-15"], "看错"), "还没有到"),
        (correct(1, &["2026-11-31"], "看错"), "不是日期"),
        (correct(1, &["2026-12-01"], "看错"), "都没有变"),
        (correct(1, &[], "看错"), "对不上"),
        (correct(0, &["2026-11-30"], "看错"), "刚刚由别人改过"),
    ] {
        admin.refused(&at, wrong, 409, word).await;
    }
    admin.does(&at, correct(1, &["2026-11-30"], "收文登记簿上是 30 日")).await;
    assert_eq!(reports.line(0).await["arrival"], "in_time");
    let entry = reports.year.auditor.reads("trail").await["entries"][0].clone();
    let versions = &entry["what"]["fields"]["versions"];
    assert_eq!(
        (&versions[0][0]["received_on"], &versions[1][0]["received_on"]),
        (&json!("2026-12-01"), &json!("2026-11-30"))
    );
    assert_eq!((&entry["act"], &entry["what"]["why"]), (&json!("report/received"), &json!("收文登记簿上是 30 日")));
    // One that replaces another did not come before it.
    refused(
        reports.hands_in(0, "version=2&received_on=2026-11-29&name=x.docx&why=more", &docx(&[])).await,
        409,
        "早于前一份",
    );
    reports.hands_in(0, "version=2&received_on=2026-12-02&name=x.docx&why=more", &docx(&[])).await;
    admin.refused(&at, correct(3, &["2026-12-03", "2026-12-02"], "看错"), 409, "早于前一份").await;
    for person in [&reports.year.auditor, &reports.year.teller] {
        let answered = person.post(&at, correct(3, &["2026-11-29", "2026-12-02"], "看错")).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
}

/// One article: its points as the list shows them, what of them is stored, and a point that it does not have.
async fn article(article: u8, words: &[&str]) {
    let reports = reports("2026-11-30").await;
    let (at, admin) = (reports.at(0), &reports.year.admin);
    reports.hands_in(0, "version=0&received_on=2026-11-30&name=a.pdf", PDF).await;
    let shown = reports.year.auditor.reads(&at).await;
    let own = |point: &&Value| point["article"] == article;
    let points: Vec<&Value> = shown["points"].as_array().unwrap().iter().filter(own).collect();
    assert_eq!(points.len(), words.len());
    for ((number, point), word) in (1..).zip(&points).zip(words) {
        assert!(point["item"] == number && point["text"].as_str().unwrap().contains(word), "{point} {word}");
    }
    let mark = |item: usize, covered: &str, page: Value| json!({ "article": article, "item": item, "covered": covered, "page": page });
    let path = format!("{at}/points");
    let beyond = json!([mark(words.len() + 1, "covered", json!(1))]);
    let word = format!("第{article}条第{}项", words.len() + 1);
    admin.refused(&path, json!({ "version": 1, "marks": beyond }), 409, &word).await;
    let mut marks = vec![mark(1, "covered", json!(4)), mark(2, "not_covered", Value::Null)];
    marks.extend((3..=words.len()).map(|item| mark(item, "not_applicable", Value::Null)));
    let kept = admin.does(&path, json!({ "version": 1, "marks": marks })).await;
    assert_eq!(kept["marks"], json!(marks));
    let rest = words.len() - 2;
    assert_eq!(reports.line(0).await["points"], json!([1, 1, rest, 18 - words.len()]));
}

#[tokio::test]
async fn article_5_six_points_on_assisting_the_party_committee_and_supervision() {
    article(5, &["决策部署", "各级纪委", "主体责任", "同级班子成员", "监督执纪问责", "其他"]).await;
}

#[tokio::test]
async fn article_6_four_points_on_the_two_responsibilities_inside() {
    article(6, &["第一责任人", "教育", "内控制度", "作风建设"]).await;
}

#[tokio::test]
async fn article_7_three_points_on_conduct() {
    article(7, &["政治纪律", "担当作为", "民主集中制"]).await;
}

#[tokio::test]
async fn article_8_three_points_on_integrity() {
    article(8, &["廉洁自律", "个人有关事项", "亲属"]).await;
}

#[tokio::test]
async fn article_9_two_points_that_committee_or_official_find_necessary() {
    article(9, &["常委会要求", "本人认为"]).await;
}

#[tokio::test]
async fn an_edited_list_is_of_one_cycle_and_the_next_begins_with_the_eighteen() {
    let reports = reports("2026-11-30").await;
    let admin = &reports.year.admin;
    let path = format!("cycles/{}/checklist", reports.cycle);
    let listed = admin.reads(&path).await["points"].clone();
    let numbers = |list: &Value| -> Vec<(u64, u64)> {
        let number = |point: &Value| (point["article"].as_u64().unwrap(), point["item"].as_u64().unwrap());
        list.as_array().unwrap().iter().map(number).collect()
    };
    let all: Vec<(u64, u64)> = [(5, 6), (6, 4), (7, 3), (8, 3), (9, 2)]
        .into_iter()
        .flat_map(|(article, items)| (1..=items).map(move |item| (article, item)))
        .collect();
    assert_eq!((all.len(), numbers(&listed)), (18, all.clone()));
    let mut own = listed.as_array().unwrap().clone();
    own[0]["text"] = json!("本县的提法");
    own.push(json!({ "article": 9, "item": 3, "text": "本年度专项工作" }));
    admin.does(&path, json!({ "version": 0, "points": own, "why": "本年度要求" })).await;
    assert_eq!(
        admin.reads(&reports.at(0)).await["points"],
        json!(own),
        "a report is looked at by the list of its cycle"
    );
    let next = id(&admin.does("cycles", json!({ "year": 2027, "title": "2027 年度" })).await);
    let fresh = admin.reads(&format!("cycles/{next}/checklist")).await;
    assert_eq!((&fresh["version"], &fresh["points"]), (&json!(0), &listed));
    assert_eq!(admin.reads(&path).await["points"], json!(own));
    let entry = reports.year.auditor.reads("trail").await["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["act"] == "checklist/change")
        .unwrap()
        .clone();
    assert_eq!(entry["what"]["why"], "本年度要求");
}
