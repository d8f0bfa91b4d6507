//! What waits for somebody, article by article, through the API of the console. Today is Monday 2026-12-14.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Year, id};

/// What waits, and for whom.
async fn waits(year: &Year) -> Vec<(String, String)> {
    let lines = year.auditor.reads("due").await["lines"].as_array().unwrap().clone();
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    lines.iter().map(|line| (word(line, "what"), word(line, "waits_for"))).collect()
}

async fn has(year: &Year, what: &str) -> bool {
    waits(year).await.iter().any(|(found, _)| found == what)
}

#[tokio::test]
async fn nothing_waits_in_an_empty_record_and_who_counts_votes_does_not_look() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    assert_eq!(waits(&year).await, []);
    assert_eq!(year.teller.get("due").await.status, StatusCode::FORBIDDEN);
    assert_eq!(year.scrutineer.get("due").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn article_13_a_report_is_overdue_by_days_and_gone_from_the_list_when_it_came() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({})).await;
    year.officials(2).await;
    let dossiers = year.dossiers(&cycle).await;
    assert!(has(&year, "reports_day").await && !has(&year, "report").await, "no day is set: one line, not one each");
    let seen = year.admin.reads("cycles").await["cycles"][0].clone();
    let mut policy = seen["policy"].clone();
    policy["reports_due"] = json!("2026-12-04");
    let change = json!({ "version": seen["version"], "title": seen["title"], "policy": policy, "why": "定了截止日期" });
    year.admin.does(&format!("cycles/{cycle}/policy"), change).await;
    let lines = year.auditor.reads("due").await["lines"].clone();
    let reports: Vec<&Value> = lines.as_array().unwrap().iter().filter(|line| line["what"] == "report").collect();
    assert_eq!(reports.len(), 2);
    for line in &reports {
        assert_eq!((line["due"].as_str(), line["overdue"].as_bool()), (Some("2026-12-04"), Some(true)));
        assert_eq!((line["days_left"].as_i64(), line["article"].as_i64()), (Some(-10), Some(13)));
        assert_eq!(line["waits_for"], "official");
        let link = line["link"].as_str().unwrap();
        assert!(link.starts_with("/record#reports?cycle=") && link.ends_with(line["dossier"].as_str().unwrap()));
    }
    assert!(!has(&year, "reports_day").await);
    assert_eq!(reports[0]["unit"], dossiers[0]["unit"], "of one day: by unit, not by anything else");
}

#[tokio::test]
async fn articles_14_and_15_the_list_then_its_approval_then_the_assessments_wait_for_the_right_person() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({})).await;
    year.officials(3).await;
    year.dossiers(&cycle).await;
    let for_whom =
        |all: &[(String, String)], what: &str| all.iter().find(|(found, _)| found == what).map(|(_, who)| who.clone());
    assert_eq!(for_whom(&waits(&year).await, "choosing").as_deref(), Some("office"));
    let list = year.admin.does(&format!("cycles/{cycle}/choosings"), json!({ "why": "" })).await;
    let path = format!("choosings/{}", id(&list));
    year.admin.does(&format!("{path}/submit"), json!({ "version": 1 })).await;
    let all = waits(&year).await;
    assert_eq!(for_whom(&all, "choosing_approval").as_deref(), Some("chair"));
    assert!(for_whom(&all, "choosing").is_none(), "of a thing that goes on step by step only the next one waits");
    year.chair.does(&format!("{path}/approve"), json!({ "version": 2 })).await;
    let all = waits(&year).await;
    assert!(for_whom(&all, "choosing_approval").is_none());
    assert_eq!(for_whom(&all, "assessment").as_deref(), Some("office"));
    let oral = year.admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    let oral = oral.as_array().unwrap().iter().find(|dossier| dossier["way"] == "oral").unwrap().clone();
    let said = json!({ "version": 0, "member": "某常委", "office": "第三室", "report": "总体较好",
        "sources": [{ "kind": "daily_supervision", "text": "走访两次" }] });
    let begun = year.admin.does(&format!("dossiers/{}/assessment", id(&oral)), said).await;
    let path = format!("assessments/{}", id(&begun));
    year.admin.does(&format!("{path}/submit"), json!({ "version": 1 })).await;
    assert_eq!(for_whom(&waits(&year).await, "assessment_approval").as_deref(), Some("chair"));
    year.chair.does(&format!("{path}/approve"), json!({ "version": 2 })).await;
    let all = waits(&year).await;
    assert!(for_whom(&all, "assessment_approval").is_none() && for_whom(&all, "assessment").is_none());
}

#[tokio::test]
async fn article_12_an_oral_report_is_owed_in_time_and_no_more_once_it_is_planned() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let lines = "示例甲,一镇,书记,2022-03-01,2027-03-31\n示例乙,二镇,书记,2022-03-01,2026-11-30\n示例丙,三镇,书记,2024-03-01,2029-12-31";
    year.admin.does("officials/paste", json!({ "lines": lines })).await;
    let cycle = year.cycle(json!({})).await;
    let dossiers = year.dossiers(&cycle).await;
    let owed = || async {
        let lines = year.auditor.reads("due").await["lines"].as_array().unwrap().clone();
        let owed = lines.into_iter().filter(|line| line["what"] == "oral_report");
        owed.map(|line| (line["name"].as_str().unwrap().to_owned(), line["overdue"].as_bool().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(owed().await, [("示例乙".to_owned(), true), ("示例甲".to_owned(), false)], "by the end of the term");
    let second = dossiers.iter().find(|dossier| dossier["name"] == "示例乙").unwrap();
    let way = json!({ "version": 1, "way": "oral", "why": "任期已满" });
    year.admin.does(&format!("dossiers/{}/way", id(second)), way).await;
    assert_eq!(owed().await, [("示例甲".to_owned(), false)]);
}

#[tokio::test]
async fn articles_19_to_22_from_the_result_to_the_letter_and_the_correction_each_next_thing_waits_once() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    let drafts = waits(&year).await.into_iter().filter(|(what, _)| what == "letter_draft").count();
    assert_eq!(drafts, 3, "a letter to each");
    let notice = json!({ "dossier": dossiers[0], "why": "常委会会议", "reason": "示例理由", "points": ["第一点"], "served_on": "2026-11-02" });
    let made = year.admin.does("corrections", notice).await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&made));
    let mine = || async {
        let lines = year.auditor.reads("due").await["lines"].as_array().unwrap().clone();
        let mine = lines.into_iter().filter(|line| line["id"] == made["id"]);
        mine.map(|line| line["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(mine().await, ["correction_report"]);
    year.admin.does(&path("report"), json!({ "version": 1, "on": "2026-12-01", "text": "示例报告" })).await;
    assert_eq!(mine().await, ["correction_check"]);
    let check = json!({ "version": 2, "on": "2026-12-02", "who": "某室", "found": "示例", "done": true });
    year.admin.does(&path("check"), check).await;
    assert_eq!(mine().await, ["correction_brief"]);
    year.admin.does(&path("brief"), json!({ "version": 3, "on": "2026-12-03", "text": "示例" })).await;
    assert_eq!(mine().await, ["correction_decision"]);
    let decision = json!({ "version": 4, "on": "2026-12-04", "settled": true, "text": "同意" });
    year.admin.does(&path("decision"), decision).await;
    assert_eq!(mine().await, ["correction_told"], "told at the next meeting is still owed");
}
