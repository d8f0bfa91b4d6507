//! Assessments before the meeting (article 15), and a meeting that goes ahead without one.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    office::base64,
    review::{Year, id},
};

/// Two officials, of whom one reports orally; gives cycle and both dossiers, the oral one first.
async fn year() -> (tempfile::TempDir, Year, String, [String; 2]) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "oral_share": [1, 2] })).await;
    year.officials(2).await;
    year.dossiers(&cycle).await;
    let list = year.approved(&cycle, "").await;
    let at = |n: usize| list["lines"][n]["dossier"].as_str().unwrap().to_owned();
    let dossiers = [at(0), at(1)];
    (data, year, cycle, dossiers)
}

fn assessment(version: u32) -> Value {
    json!({ "version": version, "member": "周常委", "office": "第三纪检监察室",
        "sources": [{ "kind": "daily_supervision", "text": "查阅台账" }, { "kind": "petitions", "text": "无信访件" }],
        "report": "专题报告正文" })
}

#[tokio::test]
async fn article_15_sources_member_and_report_are_submitted_and_approved() {
    let (_data, year, cycle, [oral, written]) = year().await;
    let keep = format!("dossiers/{oral}/assessment");
    year.admin.refused(&format!("dossiers/{written}/assessment"), assessment(0), 409, "第十五条").await;
    let mut draft = assessment(0);
    draft["report"] = json!("");
    draft["sources"] = json!([]);
    let made = year.admin.does(&keep, draft).await;
    let at = format!("assessments/{}", id(&made));
    year.admin.refused(&format!("{at}/submit"), json!({ "version": 1 }), 409, "还没有专题报告").await;
    let mut bare = assessment(1);
    bare["sources"] = json!([]);
    year.admin.does(&keep, bare).await;
    year.admin.refused(&format!("{at}/submit"), json!({ "version": 2 }), 409, "情况来源").await;
    let kept = year.admin.does(&keep, assessment(2)).await;
    assert_eq!(kept["sources"][0], json!({ "kind": "daily_supervision", "text": "查阅台账" }));
    year.admin.refused(&keep, assessment(2), 409, "刚刚由别人改过").await;
    year.chair.refused(&format!("{at}/approve"), json!({ "version": 3 }), 409, "不在送审").await;
    year.admin.does(&format!("{at}/submit"), json!({ "version": 3 })).await;
    year.admin.refused(&keep, assessment(4), 409, "等待审定").await;
    assert_eq!(year.admin.post(&format!("{at}/approve"), json!({ "version": 4 })).await.status, StatusCode::FORBIDDEN);
    let approved = year.chair.does(&format!("{at}/approve"), json!({ "version": 4 })).await;
    assert_eq!(approved["approved"]["who"], "李书记");
    year.admin.refused(&keep, assessment(5), 409, "已经审定").await;
    year.admin.refused(&format!("{at}/back"), json!({ "version": 5 }), 409, "理由").await;
    let shown = year.auditor.reads(&format!("cycles/{cycle}/assessments")).await;
    assert_eq!(shown.as_array().unwrap().len(), 1, "oral reporters only");
    assert_eq!(shown[0]["assessment"]["report"], "专题报告正文");
    let back = year.admin.does(&format!("{at}/back"), json!({ "version": 5, "why": "数字有误" })).await;
    assert_eq!((&back["approved"], &back["submitted"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_is_refused_field_by_field() {
    let (_data, year, _, [oral, _]) = year().await;
    let keep = format!("dossiers/{oral}/assessment");
    let cases: [(&str, Value, u16, &str); 5] = [
        ("member", json!(" "), 409, "牵头常委"),
        ("office", json!("室".repeat(81)), 409, "最多 80"),
        ("sources", json!([{ "kind": "rumour", "text": "听说" }]), 400, "不对"),
        ("sources", json!([{ "kind": "petitions", "text": "" }]), 409, "来源的内容"),
        ("file", json!({ "sha256": "abc", "name": "a.pdf" }), 409, "SHA-256"),
    ];
    for (field, value, status, word) in cases {
        let mut body = assessment(0);
        body[field] = value;
        year.admin.refused(&keep, body, status, word).await;
    }
    for (field, value) in
        [("report", json!("专题\u{200b}报告")), ("why", json!("改\u{202e}动")), ("why", json!("长".repeat(201)))]
    {
        let mut body = assessment(0);
        body[field] = value;
        year.admin.refused(&keep, body, 409, if field == "why" { "理由" } else { "看不见" }).await;
    }
    year.admin.does(&keep, assessment(0)).await;
    for nobody in [&year.auditor, &year.chair, &year.scrutineer] {
        assert_eq!(nobody.post(&keep, assessment(1)).await.status, StatusCode::FORBIDDEN);
    }
}

async fn meeting(year: &Year, cycle: &str, drill: bool) {
    let roster = "姓名,类别,单位,职务\n代表1,县纪委委员,第1单位,委员\n代表2,县纪委委员,第2单位,委员\n\
                  某丙,县纪委委员,三室,委员\n某丁,县纪委委员,四室,委员\n";
    let import = json!({ "roster_base64": base64(roster.as_bytes()), "officials_record": cycle });
    year.office.act("/desk/import", import).await;
    let settings = json!({ "title": "小会", "place": "会议室", "drill": drill, "rounds": 1, "release": "close", "two_people": false, "quorum": null });
    year.office.act("/desk/settings", settings).await;
}

#[tokio::test]
async fn article_15_a_meeting_without_the_assessment_is_frozen_with_a_reason_that_the_record_keeps() {
    let (_data, year, cycle, [oral, written]) = year().await;
    meeting(&year, &cycle, false).await;
    let unassessed = year.office.state().await["review"]["unassessed"].clone();
    assert_eq!(unassessed.as_array().unwrap().len(), 1);
    let before = year.auditor.reads("trail").await["head"].clone();
    for silent in [json!({}), json!({ "why": "  " })] {
        let said = year.office.refused("/desk/freeze", silent).await;
        assert!(said.contains("第十五条") && said.contains(unassessed[0].as_str().unwrap()), "{said}");
    }
    assert_eq!(year.auditor.reads("trail").await["head"], before);
    year.office.act("/desk/freeze", json!({ "why": "会期已定，会后补报" })).await;
    let entry = year.auditor.reads("trail").await["entries"][0].clone();
    assert_eq!(
        (&entry["act"], &entry["kind"], &entry["id"]),
        (&json!("meeting/without-assessment"), &json!("dossier"), &json!(oral))
    );
    assert_eq!((&entry["what"]["why"], &entry["who"]), (&json!("会期已定，会后补报"), &json!("王办公")));
    let shown = year.auditor.reads(&format!("cycles/{cycle}/assessments")).await;
    assert_eq!(shown[0]["without"][0]["why"], "会期已定，会后补报");
    let trail = year.auditor.reads("trail").await;
    let acts = trail["entries"].as_array().unwrap().iter().filter(|entry| entry["act"] == "meeting/without-assessment");
    let of: Vec<&Value> = acts.map(|entry| &entry["id"]).collect();
    assert_eq!(of, [&json!(oral)], "who writes needs none");
    assert_ne!(oral, written);
}

#[tokio::test]
async fn with_the_assessment_approved_or_in_a_drill_no_reason_is_asked_for() {
    let (_data, year, cycle, [oral, _]) = year().await;
    meeting(&year, &cycle, true).await;
    assert_eq!(year.office.state().await["review"]["unassessed"], json!([]));
    meeting(&year, &cycle, false).await;
    let made = year.admin.does(&format!("dossiers/{oral}/assessment"), assessment(0)).await;
    let at = format!("assessments/{}", id(&made));
    year.admin.does(&format!("{at}/submit"), json!({ "version": 1 })).await;
    assert_ne!(year.office.state().await["review"]["unassessed"], json!([]), "submitted is not approved");
    year.chair.does(&format!("{at}/approve"), json!({ "version": 2 })).await;
    assert_eq!(year.office.state().await["review"]["unassessed"], json!([]));
    let head = year.auditor.reads("trail").await["head"].clone();
    year.office.act("/desk/freeze", json!({})).await;
    assert_eq!(year.auditor.reads("trail").await["head"], head);
}
