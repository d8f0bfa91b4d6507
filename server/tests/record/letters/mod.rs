//! The feedback letter (article 19): opinions are reviewed by another person, the chair approves what he has read, and
//! then nothing of it changes. The documents are opened by readers that know nothing of their writer.

mod document;
mod figures;
mod opened;

use std::io::{Cursor, Read};

use axum::http::StatusCode;
use document::Docx;
use serde_json::{Value, json};

use crate::review::{Person, Year, id};

struct Reviewed {
    _data: tempfile::TempDir,
    year: Year,
    second: Person,
    cycle: String,
    dossiers: Vec<String>,
}

async fn reviewed() -> Reviewed {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let second = year.colleague().await;
    let (cycle, dossiers) = year.with_a_result().await;
    Reviewed { _data: data, year, second, cycle, dossiers }
}

impl Reviewed {
    async fn opinion(&self, dossier: &str, text: &str) -> Value {
        self.year.admin.does(&format!("dossiers/{dossier}/opinions"), json!({ "text": text })).await
    }

    async fn draft(&self, dossier: &str, number: &str) -> String {
        let body = json!({ "number": number, "office": "示例县纪委办公室", "date": "2026-12-14" });
        id(&self.year.admin.does(&format!("dossiers/{dossier}/letter"), body).await)
    }

    async fn approve(&self, letter: &str) -> Value {
        let shown = self.year.chair.reads(&format!("letters/{letter}")).await;
        let body = json!({ "version": shown["letter"]["version"], "digest": shown["digest"] });
        self.year.chair.does(&format!("letters/{letter}/approve"), body).await
    }

    async fn docx(&self, letter: &str) -> Docx {
        let answered = self.year.auditor.get(&format!("letters/{letter}/letter.docx")).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.json());
        let saved = answered.headers["content-disposition"].to_str().unwrap();
        assert!(saved.starts_with("attachment; filename=\"letter-"), "{saved}");
        Docx::open(answered.bytes)
    }
}

#[tokio::test]
async fn article_19_an_opinion_is_reviewed_by_another_and_the_trail_has_who_changed_what() {
    let review = reviewed().await;
    let (dossier, admin) = (&review.dossiers[0], &review.year.admin);
    let entered = review.opinion(dossier, "某委员说：基层走访还不够。").await;
    let at = format!("opinions/{}", id(&entered));
    admin.refused(&format!("{at}/review"), json!({ "version": 1 }), 403, "录入的人").await;
    let told = json!({ "version": 1, "text": "基层走访还不够。", "why": "去掉发言人" });
    let told = review.second.does(&format!("{at}/text"), told).await;
    assert_eq!(
        (told["entered"].as_str(), told["text"].as_str()),
        (Some("某委员说：基层走访还不够。"), Some("基层走访还不够。"))
    );
    // Another at his desk still sees the first version.
    admin.refused(&format!("{at}/text"), json!({ "version": 1, "text": "某" }), 409, "刚刚由别人改过").await;
    // Whoever wrote what it says now does not find that it shows nobody; nor does whoever entered it.
    review.year.admin.refused(&format!("{at}/review"), json!({ "version": 2 }), 403, "录入的人").await;
    review.second.refused(&format!("{at}/review"), json!({ "version": 2 }), 403, "改文字的人").await;
    let third = review.year.third().await;
    third.does(&format!("{at}/review"), json!({ "version": 2 })).await;
    // A change takes the review away.
    let again = admin.does(&format!("{at}/text"), json!({ "version": 3, "text": "到基层走访还不够。" })).await;
    assert_eq!(again["reviewed"], Value::Null);
    review.second.does(&format!("{at}/review"), json!({ "version": 4 })).await;
    let trail = review.year.admin.reads("trail").await;
    let entry = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["act"] == "opinion/text" && entry["who"] == "周同事")
        .unwrap();
    assert_eq!(entry["what"]["fields"]["text"], json!(["某委员说：基层走访还不够。", "基层走访还不够。"]));
    for (text, word) in [("", "空着"), ("某\u{202e}", "控制字符")] {
        admin.refused(&format!("dossiers/{dossier}/opinions"), json!({ "text": text }), 409, word).await;
    }
    let named = review.opinion(dossier, "示例丙也有同样的问题。").await;
    // What was entered, and what nobody has reviewed, is for the office alone.
    for person in [&review.year.auditor, &review.year.chair] {
        let seen = person.reads(&format!("dossiers/{dossier}/opinions")).await;
        assert!(!seen.to_string().contains("某委员说") && !seen.to_string().contains("示例丙"), "{seen}");
        assert_eq!(seen[0]["text"], "到基层走访还不够。", "reviewed");
    }
    let listed = admin.reads(&format!("dossiers/{dossier}/opinions")).await;
    let named = listed.as_array().unwrap().iter().find(|one| one["id"] == named["id"]).unwrap();
    assert_eq!(named["names"], json!(["示例丙"]), "a name that somebody should look at");
    admin
        .refused(&format!("opinions/{}/withdraw", named["id"].as_str().unwrap()), json!({ "version": 1 }), 409, "理由")
        .await;
}

#[tokio::test]
async fn who_may_do_what_with_a_letter() {
    let review = reviewed().await;
    let (year, dossier) = (&review.year, &review.dossiers[0]);
    let body = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        let answered = person.post(&format!("dossiers/{dossier}/letter"), body.clone()).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    for person in [&year.teller, &year.scrutineer] {
        assert_eq!(person.get(&format!("letters/{letter}")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.get(&format!("letters/{letter}/letter.docx")).await.status, StatusCode::FORBIDDEN);
    }
    let shown = year.auditor.reads(&format!("letters/{letter}")).await;
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    for person in [&year.admin, &year.auditor] {
        let answered = person.post(&format!("letters/{letter}/approve"), approve.clone()).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    year.chair.refused(&format!("letters/{letter}/approve"), json!({ "version": 1, "digest": "0" }), 409, "变了").await;
    year.chair.does(&format!("letters/{letter}/approve"), approve).await;
}

#[tokio::test]
async fn a_letter_is_a_draft_until_the_chair_has_read_it_and_then_nothing_of_it_changes() {
    let review = reviewed().await;
    let (year, dossier) = (&review.year, &review.dossiers[0]);
    let opinion = review.opinion(dossier, "基层走访还不够。").await;
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    let at = format!("letters/{letter}");
    let draft = review.docx(&letter).await;
    assert!(draft.headers().contains("草稿") && !draft.says().contains("草稿"));
    assert!(!draft.says().contains("基层走访") && draft.says().contains("1 条意见建议还没有核对"), "{}", draft.says());
    // Not before its opinions were reviewed, and not handed over before it is approved.
    let shown = year.chair.reads(&at).await;
    assert_eq!(shown["waits"][0], "还有 1 条意见没有核对");
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    year.chair.refused(&format!("{at}/approve"), approve, 409, "没有核对").await;
    let delivered = json!({ "version": 1, "how": "当面送达", "on": "2026-12-14" });
    year.admin.refused(&format!("{at}/delivered"), delivered, 409, "草稿").await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    // What the chair has read is what he approves: the opinion changes while he reads.
    let read = year.chair.reads(&at).await;
    year.admin
        .does(&format!("opinions/{}/text", id(&opinion)), json!({ "version": 2, "text": "到基层走访不够。" }))
        .await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 3 })).await;
    let stale = json!({ "version": 1, "digest": read["digest"] });
    year.chair.refused(&format!("{at}/approve"), stale, 409, "重新看过全文").await;
    let approved = review.approve(&letter).await;
    let kept = review.docx(&letter).await;
    assert!(kept.headers().is_empty() && kept.says().contains("到基层走访不够。"));
    let digest = douxuan_crypto::bytes::hex(&douxuan_crypto::hash::sha256(&kept.bytes));
    assert_eq!(approved["fixed"]["docx"], digest.as_str(), "the bytes that were approved");
    // Now nothing changes: not the head, not the opinions, not by new ones, not through the official.
    let version = approved["version"].clone();
    let head = json!({ "version": version, "number": "示例函〔2026〕9号", "office": "某办", "date": "2026-12-15" });
    year.admin.refused(&at, head, 409, "已经审定").await;
    year.admin
        .refused(&format!("opinions/{}/text", id(&opinion)), json!({ "version": 4, "text": "某" }), 409, "已经审定")
        .await;
    year.admin
        .refused(&format!("opinions/{}/withdraw", id(&opinion)), json!({ "version": 4, "why": "某" }), 409, "已经审定")
        .await;
    year.admin.refused(&format!("dossiers/{dossier}/opinions"), json!({ "text": "又一条" }), 409, "已经审定").await;
    let again = json!({ "version": version, "digest": approved["fixed"]["text"] });
    assert_eq!(year.chair.post(&format!("{at}/approve"), again).await.status, StatusCode::BAD_REQUEST);
    let again = json!({ "version": version, "digest": read["digest"] });
    year.chair.refused(&format!("{at}/approve"), again, 409, "已经审定").await;
    let dossiers = year.admin.reads(&format!("cycles/{}/dossiers", review.cycle)).await;
    let now = dossiers.as_array().unwrap().iter().find(|one| one["id"] == dossier.as_str()).unwrap()["version"].clone();
    year.admin
        .does(&format!("dossiers/{dossier}/way"), json!({ "version": now, "way": "written", "why": "更正" }))
        .await;
    assert_eq!(review.docx(&letter).await.bytes, kept.bytes);
    // Only the chair takes it back, with a reason; its number is spent.
    let back = json!({ "version": version, "why": "" });
    year.chair.refused(&format!("{at}/withdraw/approve"), back, 409, "理由").await;
    let back = json!({ "version": version, "why": "日期有误" });
    assert_eq!(year.admin.post(&format!("{at}/withdraw/approve"), back.clone()).await.status, StatusCode::FORBIDDEN);
    year.chair.does(&format!("{at}/withdraw/approve"), back).await;
    assert_eq!(review.docx(&letter).await.bytes, kept.bytes, "what was sent out stays to be seen");
    let same = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    year.admin.refused(&format!("dossiers/{dossier}/letter"), same, 409, "已经用过").await;
    review.draft(dossier, "示例函〔2026〕2号").await;
}

#[tokio::test]
async fn delivery_and_signature_are_entered_in_their_order() {
    let review = reviewed().await;
    let letter = review.draft(&review.dossiers[2], "示例函〔2026〕1号").await;
    let at = format!("letters/{letter}");
    let admin = &review.year.admin;
    review.approve(&letter).await;
    let signed = |version: u32, on: &str| json!({ "version": version, "signed_by": "示例丙", "on": on });
    let delivered = |version: u32, on: &str| json!({ "version": version, "how": "当面送达", "on": on });
    admin.refused(&format!("{at}/receipt"), signed(2, "2026-12-13"), 409, "没有登记送达").await;
    // The tests' clock stands at 2026-12-13.
    let today = review.year.admin.reads("cycles").await["today"].as_str().unwrap().to_owned();
    admin.refused(&format!("{at}/delivered"), delivered(2, "2027-01-01"), 409, "还没有到").await;
    admin.refused(&format!("{at}/delivered"), delivered(2, "2026-12-01"), 409, "早于审定").await;
    admin.refused(&format!("{at}/delivered"), delivered(2, "12月14日"), 409, "不是日期").await;
    admin.does(&format!("{at}/delivered"), delivered(2, &today)).await;
    admin.refused(&format!("{at}/delivered"), delivered(3, &today), 409, "理由").await;
    admin.refused(&format!("{at}/receipt"), signed(3, "2026-12-01"), 409, "早于送达").await;
    let done = admin.does(&format!("{at}/receipt"), signed(3, &today)).await;
    assert_eq!(
        (&done["receipts"][0]["signed_by"], &done["delivered"][0]["how"]),
        (&json!("示例丙"), &json!("当面送达"))
    );
    let body = signed(3, &today);
    admin
        .refused(
            &format!("{at}/receipt"),
            json!({ "version": 3, "why": "某", "signed_by": "某", "on": body["on"] }),
            409,
            "刚刚由别人改过",
        )
        .await;
}

#[tokio::test]
async fn the_record_knows_people_by_a_mark_that_is_not_the_id_of_their_account() {
    let review = reviewed().await;
    let dossier = &review.dossiers[0];
    let opinion = review.opinion(dossier, "基层走访还不够。").await;
    let at = format!("opinions/{}/review", id(&opinion));
    // The record keeps which account it was, by a mark that is not the account's id.
    let accounts = review.year.office.get("/desk/staff/accounts").await.text();
    let mark = opinion["by"]["accounts"][0].as_str().unwrap();
    assert!(mark.len() == 16 && !accounts.contains(mark), "{mark}");
    assert_ne!(review.opinion(dossier, "又一条").await["by"]["accounts"], json!([]));
    review.second.does(&at, json!({ "version": 1 })).await;
}

#[tokio::test]
async fn a_letter_is_not_dated_before_its_meeting_nor_after_today() {
    let review = reviewed().await;
    let (admin, dossier) = (&review.year.admin, &review.dossiers[0]);
    let today = admin.reads("cycles").await["today"].as_str().unwrap().to_owned();
    let with = |date: &str| json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": date });
    let path = format!("dossiers/{dossier}/letter");
    // The meeting of the vector was on 2 March 2026.
    for (date, word) in [("2026-03-01", "早于会议日期"), ("2027-01-01", "还没有到"), ("3月2日", "不是日期")]
    {
        admin.refused(&path, with(date), 409, word).await;
        let all = json!({ "office": "某办", "date": date, "prefix": "某函", "first": 1 });
        admin.refused(&format!("cycles/{}/letters", review.cycle), all, 409, word).await;
    }
    let letter = id(&admin.does(&path, with("2026-03-02")).await);
    let mut change = with("2026-03-01");
    change["version"] = json!(1);
    admin.refused(&format!("letters/{letter}"), change.clone(), 409, "早于会议日期").await;
    change["date"] = json!("2027-01-01");
    admin.refused(&format!("letters/{letter}"), change.clone(), 409, "还没有到").await;
    change["date"] = json!(today);
    admin.does(&format!("letters/{letter}"), change).await;
}

#[tokio::test]
async fn what_is_read_before_the_approval_is_what_the_document_says() {
    let review = reviewed().await;
    let (year, dossier) = (&review.year, &review.dossiers[0]);
    for text in ["基层走访还不够。\n建议每季度一次。", "报告对问题写得较少。"] {
        let opinion = review.opinion(dossier, text).await;
        review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    }
    let none = review.draft(&review.dossiers[2], "示例函〔2026〕2号").await;
    for letter in [review.draft(dossier, "示例函〔2026〕1号").await, none.clone()] {
        let shown = year.chair.reads(&format!("letters/{letter}")).await;
        let lines = shown["lines"].as_array().unwrap();
        // A title is broken into lines on paper: nothing else differs.
        let read: String = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
        review.approve(&letter).await;
        let document = review.docx(&letter).await.paragraphs("word/document.xml").concat();
        assert_eq!(read, document);
        let says = |part: &str| lines.iter().filter(|line| line["part"] == part).count();
        assert_eq!((says("title"), says("signed"), says("date")), (1, 1, 1));
        // Without PDF the letter says so itself, before anybody approves it.
        let without = "不能生成 PDF";
        assert_eq!(
            (shown["pdf"] == json!(true), read.contains(without)),
            (cfg!(feature = "pdf"), !cfg!(feature = "pdf"))
        );
        let kept = year.auditor.reads(&format!("letters/{letter}")).await["letter"]["fixed"]["pdf"].clone();
        let pdf = year.auditor.get(&format!("letters/{letter}/letter.pdf")).await;
        if cfg!(feature = "pdf") {
            assert_eq!((pdf.status, kept.as_str().map(str::len)), (StatusCode::OK, Some(64)));
        } else {
            assert_eq!((pdf.status, kept), (StatusCode::CONFLICT, Value::Null));
            assert!(pdf.json()["error"].as_str().unwrap().contains("没有生成 PDF"));
        }
    }
    let empty = review.docx(&none).await.says();
    assert!(empty.contains("会议没有提出需要书面反馈的意见建议。"), "{empty}");
}
