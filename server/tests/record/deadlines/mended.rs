//! What was entered wrongly: days are corrected, notices withdrawn, and both leave their reason.

use super::*;

#[tokio::test]
async fn article_17_a_question_entered_by_mistake_is_withdrawn_with_a_reason_until_something_rests_on_it() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let mistaken = here.demanded("2026-11-02").await;
    let answered = here.demanded("2026-11-02").await;
    assert_eq!(here.due().await.len(), 2);
    let path = |question: &Value, what: &str| format!("questions/{}/{what}", id(question));
    let withdraw = |version: u32, why: &str| json!({ "version": version, "why": why });
    admin.refused(&path(&mistaken, "withdraw"), withdraw(2, " "), 409, "理由").await;
    admin.refused(&path(&mistaken, "withdraw"), withdraw(1, "录错了人"), 409, "刚刚由别人改过").await;
    admin.does(&path(&mistaken, "withdraw"), withdraw(2, "录错了人")).await;
    let lines = here.due().await;
    assert_eq!((lines.len(), &lines[0]["id"]), (1, &answered["id"]), "nobody waits for it");
    let shown = here.year.auditor.reads("questions").await;
    let shown = shown.as_array().unwrap().iter().find(|line| line["id"] == mistaken["id"]).unwrap().clone();
    assert_eq!((&shown["withdrawn"]["why"], &shown["withdrawn"]["by"]["who"]), (&json!("录错了人"), &json!("王办公")));
    for (what, body) in [
        ("receipt", json!({ "version": 3, "on": "2026-11-09", "text": "某" })),
        ("withdraw", withdraw(3, "再一次")),
        ("correct", json!({ "version": 3, "asked_by": "某常委", "question": "某", "why": "某" })),
    ] {
        admin.refused(&path(&mistaken, what), body, 409, "已经撤回").await;
    }
    admin.does(&path(&answered, "receipt"), json!({ "version": 2, "on": "2026-11-09", "text": "示例答复" })).await;
    admin.refused(&path(&answered, "withdraw"), withdraw(3, "录错了人"), 409, "已经收到书面答复").await;
    for person in [&here.year.chair, &here.year.auditor, &here.year.teller] {
        let answered = person.post(&path(&answered, "withdraw"), withdraw(3, "某")).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn article_20_a_notice_entered_by_mistake_is_withdrawn_and_no_meeting_hears_of_it() {
    let here = standing().await;
    let admin = &here.year.admin;
    let mistaken = here.noticed("2026-12-02").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&mistaken));
    let used = || async { here.year.admin.reads("cycles").await["cycles"][0]["used"].clone() };
    let before = here.year.auditor.get("corrections/told.html").await.text();
    assert!(before.contains("共 1 件"), "{before}");
    admin.does(&path("withdraw"), json!({ "version": 1, "why": "通知没有发出" })).await;
    assert_eq!(here.due().await, Vec::<Value>::new());
    let page = here.year.auditor.get("corrections/told.html").await.text();
    assert!(page.contains("没有需要通报的整改") && !page.contains("第一点"), "{page}");
    let line = here.year.auditor.reads("corrections").await[0].clone();
    assert_eq!((&line["withdrawn"]["why"], &line["to_tell"]), (&json!("通知没有发出"), &json!(false)));
    let told = json!({ "on": "2026-12-10", "meeting": "某", "corrections": [{ "id": mistaken["id"], "version": 2 }] });
    admin.refused("corrections/told", told, 409, "还没有研究").await;
    admin.refused(&path("report"), json!({ "version": 2, "on": "2026-12-03", "text": "某" }), 409, "已经撤回").await;
    // Nothing is counted again for it.
    assert_eq!(admin.does("calendar", typed(2027, NOTICE)).await["changed"], json!([]));
    assert_eq!(used().await, true, "the approved list is still there");
    let checked = here.noticed("2026-11-02").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&checked));
    let check = json!({ "version": 1, "on": "2026-11-20", "who": "第一室", "found": "示例情况", "done": false });
    admin.does(&path("check"), check).await;
    admin.refused(&path("withdraw"), json!({ "version": 2, "why": "录错" }), 409, "不能撤回").await;
}

#[tokio::test]
async fn article_20_days_are_corrected_with_old_and_new_in_the_trail_until_a_meeting_has_heard() {
    let here = standing().await;
    let admin = &here.year.admin;
    let kept = here.noticed("2026-09-01").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&kept));
    admin.does(&path("report"), json!({ "version": 1, "on": "2026-10-10", "text": "示例报告" })).await;
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "late");
    let dates = |version: u32, served: &str, received: Value, checks: Value, briefs: Value, why: &str| {
        json!({ "version": version, "why": why,
            "dates": { "served_on": served, "received_on": received, "checks": checks, "briefs": briefs } })
    };
    let none = || json!([]);
    let right = |version: u32, why: &str| dates(version, "2026-09-10", json!("2026-10-10"), none(), none(), why);
    admin.refused(&path("dates"), right(2, ""), 409, "理由").await;
    admin.refused(&path("dates"), right(1, "看错"), 409, "刚刚由别人改过").await;
    admin
        .refused(
            &path("dates"),
            dates(2, "2026-10-11", json!("2026-10-10"), none(), none(), "看错"),
            409,
            "早于送达日期",
        )
        .await;
    admin.refused(&path("dates"), dates(2, "2026-09-10", Value::Null, none(), none(), "看错"), 409, "对不上").await;
    let moved = admin.does(&path("dates"), right(2, "回执上是 10 日")).await;
    assert_eq!((&moved["period"]["due"], &moved["period"]["served"]), (&json!("2026-10-10"), &json!("2026-09-10")));
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "in_time");
    let entry = here.year.auditor.reads("trail").await["entries"][0].clone();
    let period = &entry["what"]["fields"]["period"];
    assert_eq!((&period[0]["served"], &period[1]["served"]), (&json!("2026-09-01"), &json!("2026-09-10")));
    assert_eq!((&entry["act"], &entry["what"]["why"]), (&json!("correction/dates"), &json!("回执上是 10 日")));
    // The committee and a meeting.
    let check = json!({ "version": 3, "on": "2026-11-20", "who": "第一室", "found": "示例情况", "done": true });
    admin.does(&path("check"), check).await;
    admin.does(&path("brief"), json!({ "version": 4, "on": "2026-11-21", "text": "某" })).await;
    admin.does(&path("decision"), json!({ "version": 5, "on": "2026-11-22", "settled": true, "text": "同意" })).await;
    let briefs = json!([{ "on": "2026-11-21", "decided_on": "2026-11-23" }]);
    let body = dates(6, "2026-09-10", json!("2026-10-10"), json!(["2026-11-19"]), briefs, "对照会议记录");
    let now = admin.does(&path("dates"), body.clone()).await;
    assert_eq!(
        (&now["checks"][0]["on"], &now["briefs"][0]["decision"]["on"]),
        (&json!("2026-11-19"), &json!("2026-11-23"))
    );
    let tell = |version: u32, on: &str, why: &str| json!({ "on": on, "meeting": "年度会议", "why": why, "corrections": [{ "id": kept["id"], "version": version }] });
    admin.does("corrections/told", tell(7, "2026-12-01", "")).await;
    let mut after = body;
    after["version"] = json!(8);
    admin.refused(&path("dates"), after, 409, "已经在会议上通报").await;
    // The day of the meeting itself was typed wrongly.
    let retell = "corrections/told/2026-12-01/correct";
    admin.refused(retell, tell(8, "2026-12-02", ""), 409, "理由").await;
    admin.refused(retell, tell(8, "2026-11-22", "看错"), 409, "早于决定日期").await;
    admin.refused(retell, tell(7, "2026-12-02", "看错"), 409, "刚刚由别人改过").await;
    admin.refused("corrections/told/2026-12-03/correct", tell(8, "2026-12-02", "看错"), 409, "对不上").await;
    admin.does(retell, tell(8, "2026-12-02", "会议记录是 2 日")).await;
    assert!(here.year.auditor.get("corrections/told/2026-12-02").await.text().contains("第一点"));
    assert_eq!(here.year.auditor.get("corrections/told/2026-12-01").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_policy_stays_open_until_the_first_last_day_is_computed_with_it() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({})).await;
    year.officials(1).await;
    let dossier = year.dossiers(&cycle).await.remove(0);
    let used = || async { year.admin.reads("cycles").await["cycles"][0].clone() };
    let answered = year
        .admin
        .hands_in(
            &format!("dossiers/{}/report/file", id(&dossier)),
            "version=0&received_on=2026-11-30&name=a.pdf",
            crate::files::PDF,
        )
        .await;
    assert_eq!(answered.status, StatusCode::OK);
    year.admin
        .does(&format!("dossiers/{}/way", id(&dossier)), json!({ "version": 1, "way": "oral", "why": "示例" }))
        .await;
    let members = json!([{ "name": "某常委", "post": "常委" }]);
    year.admin.does(&format!("cycles/{cycle}/committee"), json!({ "version": 0, "members": members })).await;
    let asked = json!({ "dossier": dossier["id"], "asked_by": "某常委", "asked_on": "2026-11-02", "question": "某" });
    let question = id(&year.admin.does("questions", asked).await);
    let mut now = used().await;
    assert_eq!(now["used"], false, "a report, a list and a question rest on no rule");
    now["policy"]["answer_days"] = json!(10);
    let body = |now: &Value| json!({ "version": now["version"], "title": now["title"], "policy": now["policy"], "why": "试行办法有变" });
    year.admin.does(&format!("cycles/{cycle}/policy"), body(&now)).await;
    let demand = json!({ "version": 1, "reason": "没有说清", "served_on": "2026-11-02" });
    let demanded = year.admin.does(&format!("questions/{question}/demand"), demand).await;
    assert_eq!(demanded["demands"][0]["period"]["days"], 10);
    let now = used().await;
    assert_eq!(now["used"], true);
    year.admin.refused(&format!("cycles/{cycle}/policy"), body(&now), 409, "规定不能再改").await;
    let withdraw = json!({ "version": 2, "why": "录错了人" });
    year.admin.does(&format!("questions/{question}/withdraw"), withdraw).await;
    assert_eq!(used().await["used"], false, "what was withdrawn rests on nothing");
}

/// A record that is written without a server, and the hand of somebody who does.
async fn long_ago(data: &std::path::Path) -> (Book, Hand) {
    let random: douxuan::staff::Random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())));
    let (who, role, at) = ("某甲".to_owned(), "office".to_owned(), "2025-12-01T09:00:00+08:00".to_owned());
    (Book::open(data, random).await.unwrap(), Hand { who, role, at, accounts: Vec::new() })
}

/// A row that this program never writes so, with a trail that vouches for it: no list may leave it out in silence.
#[tokio::test]
async fn a_document_that_cannot_be_read_is_told_with_its_kind_and_id() {
    let data = tempfile::tempdir().unwrap();
    let (book, hand) = long_ago(data.path()).await;
    let odd =
        book.change(&hand, |draft| Ok(draft.add("question/ask", &Odd { note: "示例".to_owned() }, ""))).await.unwrap();
    book.close().await;
    let year = Year::start(data.path()).await;
    for path in ["trail", "cycles"] {
        let faults = year.auditor.reads(path).await["faults"].clone();
        let said = faults[0].as_str().unwrap();
        assert!(said.contains(&format!("question {odd}")) && said.contains("读不出来"), "{path}: {faults}");
    }
    let body = json!({ "year": 2026, "title": "2026 年度" });
    year.admin.refused("cycles", body, 409, "核对不上").await;
}

/// Not what a question is.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Odd {
    note: String,
}

impl douxuan::record::Document for Odd {
    const KIND: &'static str = "question";
}

/// A dossier that is no more (a row of long ago): what speaks of it stays in the lists.
#[tokio::test]
async fn a_line_whose_dossier_is_gone_is_still_shown() {
    let data = tempfile::tempdir().unwrap();
    let (book, hand) = long_ago(data.path()).await;
    let question = douxuan::record::Question {
        dossier: Id::read("00000000000000aa").unwrap(),
        asked_by: "某常委".to_owned(),
        post: "常委".to_owned(),
        asked_on: "2025-11-20".to_owned(),
        question: "示例问题".to_owned(),
        answer: None,
        demands: Vec::new(),
        withdrawn: None,
    };
    book.change(&hand, |draft| Ok(draft.add("question/ask", &question, ""))).await.unwrap();
    book.close().await;
    let year = Year::start(data.path()).await;
    let shown = year.auditor.reads("questions").await;
    assert_eq!((&shown[0]["name"], &shown[0]["question"]), (&json!("（案卷缺失）"), &json!("示例问题")));
}
