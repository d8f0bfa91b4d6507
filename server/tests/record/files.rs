//! Files that documents refer to: one way in, one way out, for reports, answers, checks and special reports alike.

use std::io::{Cursor, Write};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Year, id};

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n% invented\nstartxref\n9\n%%EOF\n";

/// A package that says it is a Word document, with these parts besides.
pub(crate) fn docx(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")];
    for (name, bytes) in parts.iter().chain(extra) {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Hands a file in; gives what a document then names.
pub(crate) async fn kept(year: &Year, name: &str, bytes: &[u8]) -> Value {
    let answered = year.admin.hands_in("file", &format!("name={name}"), bytes).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.text());
    let stored = answered.json();
    json!({ "sha256": stored["sha256"], "name": stored["name"] })
}

/// One who reports orally, and a committee.
struct Desk {
    data: tempfile::TempDir,
    year: Year,
    oral: String,
}

async fn desk() -> Desk {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "oral_share": [1, 1] })).await;
    year.officials(1).await;
    year.dossiers(&cycle).await;
    let list = year.approved(&cycle, "").await;
    let oral = list["lines"][0]["dossier"].as_str().unwrap().to_owned();
    let members = json!([{ "name": "某常委", "post": "常委" }]);
    year.admin.does(&format!("cycles/{cycle}/committee"), json!({ "version": 0, "members": members })).await;
    Desk { data, year, oral }
}

impl Desk {
    /// Where each part takes a file: the path, the body without it, and where the file stands in the answer.
    async fn places(&self) -> Vec<(String, Value, &'static str)> {
        let admin = &self.year.admin;
        let asked =
            json!({ "dossier": self.oral, "asked_by": "某常委", "asked_on": "2026-11-02", "question": "示例问题" });
        let question = id(&admin.does("questions", asked).await);
        let demand = json!({ "version": 1, "reason": "没有说清", "served_on": "2026-11-02" });
        admin.does(&format!("questions/{question}/demand"), demand).await;
        let notice = json!({ "dossier": self.oral, "why": "常委会", "reason": "示例", "points": ["某"], "served_on": "2026-11-02" });
        let correction = id(&admin.does("corrections", notice).await);
        let handed = json!({ "version": 2, "on": "2026-11-09", "text": "见附件" });
        let report = json!({ "version": 1, "on": "2026-11-20", "text": "见附件" });
        let check = json!({ "version": 2, "on": "2026-11-21", "who": "第一室", "found": "见附件", "done": false });
        let assessment =
            json!({ "version": 0, "member": "某常委", "office": "第一室", "sources": [], "report": "见附件" });
        vec![
            (format!("questions/{question}/receipt"), handed, "/demands/0/receipt/file"),
            (format!("corrections/{correction}/report"), report, "/report/file"),
            (format!("corrections/{correction}/check"), check, "/checks/0/file"),
            (format!("dossiers/{}/assessment", self.oral), assessment, "/file"),
        ]
    }
}

#[tokio::test]
async fn an_answer_a_report_on_correction_a_check_and_a_special_report_carry_a_file_each() {
    let desk = desk().await;
    let (year, admin) = (&desk.year, &desk.year.admin);
    for (n, (path, body, place)) in desk.places().await.into_iter().enumerate() {
        let bytes = docx(&[("word/media/n.txt", &[u8::try_from(n).unwrap()])]);
        let mut with = body.clone();
        for (wrong, word) in [
            (json!({ "sha256": "ab".repeat(32), "name": "a.docx" }), "没有收到过"),
            (json!({ "sha256": "AB".repeat(32), "name": "a.docx" }), "SHA-256"),
            (json!({ "sha256": "../../record.db", "name": "a.docx" }), "SHA-256"),
        ] {
            with["file"] = wrong;
            admin.refused(&path, with.clone(), 409, word).await;
        }
        let named = kept(year, "%E7%AD%94%E5%A4%8D.docx", &bytes).await;
        let digest = named["sha256"].as_str().unwrap().to_owned();
        assert_eq!(
            year.auditor.get(&format!("files/{digest}")).await.status,
            StatusCode::NOT_FOUND,
            "nobody names it yet"
        );
        with["file"] = named;
        let made = admin.does(&path, with).await;
        let file = made.pointer(place).unwrap();
        assert_eq!(
            (&file["kind"], &file["name"], &file["size"]),
            (&json!("docx"), &json!("答复.docx"), &json!(bytes.len()))
        );
        let read = year.auditor.get(&format!("files/{digest}")).await;
        assert_eq!(read.bytes, bytes, "{path}");
        assert_eq!(
            read.headers["content-type"],
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        );
        assert_eq!(
            read.headers["content-disposition"].to_str().unwrap(),
            format!("attachment; filename=\"{}.docx\"; filename*=UTF-8''%E7%AD%94%E5%A4%8D.docx", &digest[..16])
        );
        for nobody in [&year.teller, &year.scrutineer] {
            assert_eq!(nobody.get(&format!("files/{digest}")).await.status, StatusCode::FORBIDDEN);
        }
    }
    for nobody in [&year.auditor, &year.chair, &year.teller] {
        assert_eq!(nobody.hands_in("file", "name=a.pdf", PDF).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn what_is_no_document_stays_outside_and_no_name_is_a_path() {
    let desk = desk().await;
    let admin = &desk.year.admin;
    let bomb = docx(&[("word/media/a.png", &vec![0; (100 << 20) + 1])]);
    let cases: [(&[u8], u16, &str); 7] = [
        (b"", 415, "不是 PDF"),
        (b"<html>%PDF-1.7 startxref %%EOF", 415, "不是 PDF"),
        (b"%PDF-1.7\n", 415, "不完整"),
        (&docx(&[("word/vbaProject.bin", b"x")]), 415, "宏"),
        (&docx(&[("../../evil", b"x")]), 415, "损坏"),
        (&bomb, 415, "太大"),
        (&[PDF, &vec![b' '; 20 << 20]].concat(), 413, "20 MiB"),
    ];
    for (bytes, status, word) in cases {
        let answered = admin.hands_in("file", "name=report.pdf", bytes).await;
        assert_eq!(answered.status.as_u16(), status, "{word}");
        assert!(answered.json()["error"].as_str().unwrap().contains(word), "{}", answered.text());
    }
    for (query, status) in
        [("", 400), ("name=", 409), ("name=%2F", 409), ("name=a%E2%80%AEfdp.pdf", 409), ("nom=a", 400)]
    {
        let answered = admin.hands_in("file", query, PDF).await;
        assert_eq!(answered.status.as_u16(), status, "{query}: {}", answered.text());
        assert!(!answered.json()["what_to_do"].as_str().unwrap().is_empty(), "{query}");
    }
    let files = desk.data.path().join("record/files");
    assert!(!files.exists() || std::fs::read_dir(&files).unwrap().count() == 0, "something was kept");
    for (name, called, saved) in [
        ("..%2F..%2Fetc%2Fpasswd", "passwd", "passwd.pdf"),
        ("C%3A%5Ctemp%5Ca.PDF", "a.PDF", "a.PDF"),
        ("a%22%3B%20x%3D1.exe", "a\"; x=1.exe", "a_%3B%20x%3D1.exe.pdf"),
    ] {
        let named = kept(&desk.year, name, PDF).await;
        assert_eq!(named["name"], called);
        let (digest, usage) = (named["sha256"].as_str().unwrap(), format!("dossiers/{}/assessment", desk.oral));
        let version = admin.reads("trail").await["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["kind"] == "assessment")
            .count();
        let body = json!({ "version": version, "member": "某常委", "office": "第一室", "sources": [], "report": "", "file": named });
        admin.does(&usage, body).await;
        let header = desk.year.auditor.get(&format!("files/{digest}")).await.headers["content-disposition"].clone();
        assert!(header.to_str().unwrap().ends_with(&format!("filename*=UTF-8''{saved}")), "{header:?}");
    }
    let names: Vec<_> = std::fs::read_dir(&files).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "the same bytes are kept once, by their digest: {names:?}");
    assert!(!desk.data.path().join("etc").exists());
}

#[tokio::test]
async fn a_file_that_replaces_another_leaves_the_old_one_in_the_trail_and_to_be_read() {
    let desk = desk().await;
    let (year, admin) = (&desk.year, &desk.year.admin);
    let (path, body, _) = desk.places().await.remove(0);
    let first = kept(year, "a.pdf", PDF).await;
    let mut with = body;
    with["file"] = first.clone();
    admin.does(&path, with.clone()).await;
    with["version"] = json!(3);
    with["file"] = kept(year, "b.docx", &docx(&[])).await;
    admin.refused(&path, with.clone(), 409, "已经登记过").await;
    with["why"] = json!("第一次拿错了文件");
    let now = admin.does(&path, with).await;
    assert_eq!(now["demands"][0]["receipt"]["file"]["kind"], "docx");
    let entry = year.auditor.reads("trail").await["entries"][0].clone();
    let old = &entry["what"]["fields"]["demands"][0][0]["receipt"]["file"];
    assert_eq!((&old["sha256"], &old["kind"]), (&first["sha256"], &json!("pdf")));
    let read = year.auditor.get(&format!("files/{}", first["sha256"].as_str().unwrap())).await;
    assert_eq!((read.status, read.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    assert_eq!(read.bytes, PDF);
    // What was changed on the disk meanwhile is told, not shown, and not taken for what it was.
    let digest = first["sha256"].as_str().unwrap();
    std::fs::write(desk.data.path().join("record/files").join(digest), b"%PDF-1.7 other").unwrap();
    assert_eq!(year.auditor.get(&format!("files/{digest}")).await.status, StatusCode::CONFLICT);
    let again = json!({ "version": 4, "on": "2026-11-09", "text": "某", "why": "换回", "file": first });
    admin.refused(&path, again, 409, "校验值不符").await;
}
