//! What results are used for (articles 21 and 23), and the yearly file of one official.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use axum::http::StatusCode;
use calamine::Reader;
use douxuan_crypto::{bytes::hex, hash::sha256};
use serde_json::{Value, json};

use crate::review::{Year, id};

const PDF: &[u8] = b"%PDF-1.7\n% an invented report\nstartxref\n9\n%%EOF\n";

async fn year() -> (tempfile::TempDir, Year, String, Vec<String>) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (cycle, dossiers) = year.with_a_result().await;
    (data, year, cycle, dossiers)
}

#[tokio::test]
async fn article_21_an_entry_for_the_assessment_is_peoples_words_and_a_correction_says_why() {
    let (_data, year, _, dossiers) = year().await;
    let path = format!("dossiers/{}/usage", dossiers[0]);
    let entry = |text: &str, on: &str| json!({ "purpose": "promotion", "text": text, "on": on });
    for (body, status, word) in [
        (entry("", "2026-12-01"), 409, "空着"),
        (entry("某", "2027-12-01"), 409, "没有到"),
        (entry("某", "2026-12-1"), 409, "不是日期"),
        (json!({ "purpose": "ranking", "text": "某", "on": "2026-12-01" }), 400, "不对"),
    ] {
        year.admin.refused(&path, body, status, word).await;
    }
    let made = year.admin.does(&path, entry("民主测评和整改情况已送组织部门参考。", "2026-12-01")).await;
    assert_eq!((made["by"]["who"].as_str(), made["purpose"].as_str()), (Some("王办公"), Some("promotion")));
    let at = format!("usage/{}", id(&made));
    let correction = json!({ "version": 1, "purpose": "awards", "text": "某", "on": "2026-12-01", "why": "" });
    year.admin.refused(&at, correction.clone(), 409, "理由").await;
    let mut correction = correction;
    correction["why"] = json!("登记错了用途");
    year.admin.does(&at, correction.clone()).await;
    year.admin.refused(&at, correction, 409, "刚刚由别人改过").await;
    assert_eq!(year.auditor.reads(&path).await[0]["purpose"], "awards");
    // Entered by mistake: it stays to be seen with its reason, and is changed no more.
    year.admin.refused(&format!("{at}/withdraw"), json!({ "version": 2, "why": " " }), 409, "理由").await;
    year.admin.refused(&format!("{at}/withdraw"), json!({ "version": 1, "why": "某" }), 409, "刚刚由别人改过").await;
    year.admin.does(&format!("{at}/withdraw"), json!({ "version": 2, "why": "登记在了别人名下" })).await;
    let again = json!({ "version": 3, "purpose": "awards", "text": "某", "on": "2026-12-01", "why": "某" });
    year.admin.refused(&at, again, 409, "已经撤回").await;
    assert_eq!(year.auditor.reads(&path).await[0]["withdrawn"]["why"], "登记在了别人名下");
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        let answered = person.post(&format!("{at}/withdraw"), json!({ "version": 3, "why": "某" })).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        assert_eq!(person.post(&path, entry("某", "2026-12-01")).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(year.teller.get(&path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn article_23_no_measure_before_the_ground_was_confirmed() {
    let (_data, year, _, dossiers) = year().await;
    let path = format!("dossiers/{}/grounds", dossiers[0]);
    year.admin.refused(&path, json!({ "item": "untrue", "text": " " }), 409, "空着").await;
    let ground = id(&year.admin.does(&path, json!({ "item": "untrue", "text": "报告所述与核查情况不一致。" })).await);
    let at = format!("grounds/{ground}");
    let measure =
        |version: u32| json!({ "version": version, "kind": "talk", "text": "由分管领导约谈。", "on": "2026-12-10" });
    year.admin.refused(&format!("{at}/measures"), measure(1), 409, "经查证属实").await;
    // Evidence: words, or a file that is told by its content.
    year.admin.does(&format!("{at}/evidence"), json!({ "version": 1, "text": "谈话记录" })).await;
    let query = "version=2&text=minutes&name=minutes.pdf";
    let wrong = year.admin.hands_in(&format!("{at}/evidence/file"), query, b"MZ").await;
    assert_eq!(wrong.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let kept = year.admin.hands_in(&format!("{at}/evidence/file"), query, PDF).await.json();
    assert_eq!(kept["evidence"][1]["file"]["sha256"], hex(&sha256(PDF)));
    let verified = |version: u32, confirmed: bool, why: &str| json!({ "version": version, "confirmed": confirmed, "found": "示例查证情况", "on": "2026-12-08", "why": why });
    year.admin.does(&format!("{at}/verified"), verified(3, false, "")).await;
    year.admin.refused(&format!("{at}/measures"), measure(4), 409, "经查证属实").await;
    year.admin.refused(&format!("{at}/verified"), verified(4, true, ""), 409, "理由").await;
    year.admin.does(&format!("{at}/verified"), verified(4, true, "补充查证")).await;
    let early = json!({ "version": 5, "kind": "talk", "text": "某", "on": "2026-12-01" });
    year.admin.refused(&format!("{at}/measures"), early, 409, "早于查证").await;
    year.admin
        .refused(
            &format!("{at}/measures"),
            json!({ "version": 5, "kind": "dismissal", "text": "某", "on": "2026-12-10" }),
            400,
            "不对",
        )
        .await;
    let taken = year.admin.does(&format!("{at}/measures"), measure(5)).await;
    assert_eq!(taken["measures"][0]["kind"], "talk");
    year.admin.refused(&format!("{at}/measures"), measure(5), 409, "刚刚由别人改过").await;
    year.admin.refused(&format!("{at}/verified"), verified(6, false, "某"), 409, "撤销登记的措施").await;
    // Another confirmation leaves what was done on the first one.
    let stays = year.admin.does(&format!("{at}/verified"), verified(6, true, "补充材料")).await;
    assert_eq!(stays["measures"][0]["revoked"], Value::Null);
    let whole = json!({ "version": 7, "why": "某" });
    year.admin.refused(&format!("{at}/withdraw"), whole, 409, "撤销登记的措施").await;
    year.admin
        .refused(
            &format!("{at}/measures/revoke"),
            json!({ "version": 7, "measure": 1, "why": "某" }),
            409,
            "没有这条措施",
        )
        .await;
    year.admin
        .refused(&format!("{at}/measures/revoke"), json!({ "version": 7, "measure": 0, "why": "" }), 409, "理由")
        .await;
    year.admin
        .does(&format!("{at}/measures/revoke"), json!({ "version": 7, "measure": 0, "why": "登记在了别人名下" }))
        .await;
    year.admin.does(&format!("{at}/verified"), verified(8, false, "撤销后更正")).await;
    let shown = year.auditor.reads(&path).await;
    assert_eq!(shown["grounds"][0]["verified"].as_array().unwrap().len(), 4, "each finding stays");
    year.admin.refused(&format!("{at}/withdraw"), json!({ "version": 9, "why": "" }), 409, "理由").await;
    year.admin.does(&format!("{at}/withdraw"), json!({ "version": 9, "why": "同一件事登记了两次" })).await;
    year.admin.refused(&format!("{at}/evidence"), json!({ "version": 10, "text": "某" }), 409, "已经撤回").await;
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        assert_eq!(person.post(&format!("{at}/measures"), measure(9)).await.status, StatusCode::FORBIDDEN);
    }
}

fn open(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let name = part.name().unwrap().to_string();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    files
}

#[tokio::test]
async fn the_yearly_file_holds_everything_of_one_dossier_and_nothing_of_another() {
    let (_data, year, _, dossiers) = year().await;
    let second = year.colleague().await;
    let (mine, other) = (&dossiers[0], &dossiers[1]);
    let query = "version=0&received_on=2026-11-30&name=..%2F..%2Freport.pdf";
    assert_eq!(year.admin.hands_in(&format!("dossiers/{mine}/report/file"), query, PDF).await.status, StatusCode::OK);
    let evil = "=HYPERLINK(\"x\") <script> &amp;";
    let entry = |text: &str| json!({ "purpose": "assessment", "text": text, "on": "2026-12-01" });
    year.admin.does(&format!("dossiers/{mine}/usage"), entry(evil)).await;
    year.admin.does(&format!("dossiers/{other}/usage"), entry("属于另一位的内容")).await;
    let opinions = format!("dossiers/{mine}/opinions");
    let opinion = year.admin.does(&opinions, json!({ "text": "某委员说：示例意见" })).await;
    let said = json!({ "version": 1, "text": "示例意见", "why": "去掉发言人" });
    year.admin.does(&format!("opinions/{}/text", id(&opinion)), said).await;
    second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 2 })).await;
    let left = id(&year.admin.does(&opinions, json!({ "text": "撤下的那条意见" })).await);
    year.admin.does(&format!("opinions/{left}/withdraw"), json!({ "version": 1, "why": "不属于他" })).await;
    let wrong = id(&year.admin.does(&format!("dossiers/{mine}/usage"), entry("登记错了的")).await);
    year.admin.does(&format!("usage/{wrong}/withdraw"), json!({ "version": 1, "why": "登记错了的" })).await;
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    let letter = id(&year.admin.does(&format!("dossiers/{mine}/letter"), head).await);
    let read = year.chair.reads(&format!("letters/{letter}")).await;
    let approve = json!({ "version": 1, "digest": read["digest"] });
    let approved = year.chair.does(&format!("letters/{letter}/approve"), approve).await;

    let path = format!("dossiers/{mine}/archive.zip");
    let (one, two) = (year.auditor.get(&path).await, year.admin.get(&path).await);
    assert_eq!((one.status, &one.bytes), (StatusCode::OK, &two.bytes), "the same state gives the same bytes");
    let files = open(&one.bytes);
    let names: Vec<&str> =
        files.keys().map(String::as_str).filter(|name| !name.ends_with(".pdf") || name.starts_with("文件/")).collect();
    assert_eq!(
        names,
        [
            "SHA256SUMS.txt",
            "反馈函/示例函〔2026〕1号.docx",
            "摘要.xlsx",
            "文件/述职报告 report.pdf",
            "案卷.json",
            "测评结果/2026-03-02 示例评议会.txt",
            "留痕.json",
            "说明.txt"
        ]
    );
    // Every digest of the list is that of the file, and every file is listed.
    let sums = String::from_utf8(files["SHA256SUMS.txt"].clone()).unwrap();
    assert_eq!(sums.lines().count(), files.len() - 1);
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(digest, hex(&sha256(&files[name])), "{name}");
    }
    assert_eq!(files["文件/述职报告 report.pdf"], PDF);
    assert_eq!(hex(&sha256(&files["反馈函/示例函〔2026〕1号.docx"])), approved["fixed"]["docx"].as_str().unwrap());
    for name in files.keys() {
        assert!(!name.starts_with('/') && !name.split('/').any(|part| part == ".." || part.is_empty()), "{name}");
    }
    let outcome = year.auditor.reads("results").await[0].clone();
    let figures = std::str::from_utf8(&files["测评结果/2026-03-02 示例评议会.txt"]).unwrap();
    for text in [
        "好 5 票",
        "发出 12",
        "示例甲",
        outcome["note_hash"].as_str().unwrap(),
        outcome["screen_code"].as_str().unwrap(),
    ] {
        assert!(figures.contains(text), "{text}: {figures}");
    }
    let case = std::str::from_utf8(&files["案卷.json"]).unwrap();
    assert!(case.contains("HYPERLINK") && case.contains("示例意见"));
    let about = std::str::from_utf8(&files["说明.txt"]).unwrap();
    assert_eq!(about.contains("不能生成 PDF"), !cfg!(feature = "pdf"), "{about}");
    assert_eq!(files.contains_key("摘要.pdf"), cfg!(feature = "pdf"));
    if let Some(summary) = files.get("摘要.pdf") {
        std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("summary.pdf"), summary).unwrap();
    }
    // Nothing of before the approval, of what was withdrawn, of another official, or of who did it.
    let whole: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    for text in
        ["某委员说", "撤下的那条", "登记错了的", "属于另一位的内容", "示例乙", "示例丙", "accounts", "去掉发言人"]
    {
        assert!(!whole.contains(text), "{text}");
    }
    let extract: Value = serde_json::from_slice(&files["留痕.json"]).unwrap();
    let trail = year.auditor.reads("trail").await;
    assert_eq!(extract["head"]["hash"], trail["head"][1]);
    let entries = extract["entries"].as_array().unwrap();
    assert!(entries.len() >= 4, "{entries:?}");
    for entry in entries {
        let fields: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["act", "at", "hash", "id", "kind", "number", "state_hash", "version"]);
        assert_ne!(entry["kind"], "opinion");
        let kept = trail["entries"].as_array().unwrap().iter().find(|one| one["number"] == entry["number"]).unwrap();
        assert_eq!((&kept["act"], &kept["at"]), (&entry["act"], &entry["at"]));
    }
    // The workbook, by a reader that is not its writer: what looks like a formula is text.
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(files["摘要.xlsx"].clone())).unwrap();
    let sheet = book.worksheet_range("案卷摘要").unwrap();
    let cells: Vec<String> = sheet.cells().map(|(_, _, cell)| cell.to_string()).collect();
    for text in [
        "2026年度　示例单位　示例甲",
        evil,
        "示例意见",
        "发出 12，收回 12，有效 10，弃权 1；好 5，较好 2，一般 1，较差 2，弃权 1",
    ] {
        assert!(cells.iter().any(|cell| cell == text), "{text}: {cells:?}");
    }
    for text in ["某委员说", "撤下的那条", "登记错了", "expected_end", "period"] {
        assert!(!cells.iter().any(|cell| cell.contains(text)), "{text}: {cells:?}");
    }
    assert!(book.worksheet_formula("案卷摘要").unwrap().used_cells().next().is_none());
    for person in [&year.teller, &year.scrutineer] {
        assert_eq!(person.get(&path).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(year.admin.get("dossiers/0000000000000000/archive.zip").await.status, StatusCode::NOT_FOUND);
}
