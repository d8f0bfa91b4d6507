//! Whose figures they are: officials of a meeting and dossiers of a year, where unit or name do not agree.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Person, Year, id};

fn bundle() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip")).unwrap()
}

async fn start() -> (tempfile::TempDir, Year) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    (data, year)
}

/// Takes the sample meeting in: 示例甲 2 of 10, 示例乙 no valid ballot, 示例丙 2 of 7, all of 示例单位.
async fn taken(by: &Person, cycle: &str, more: &str) -> Value {
    let asked = by.hands_in("results/import", &format!("cycle={cycle}"), &bundle()).await.json();
    let key = asked["details"]["key"].as_str().unwrap().to_owned();
    let query = format!("cycle={cycle}&accept={key}&why=minutes{more}");
    let taken = by.hands_in("results/import", &query, &bundle()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    taken.json()
}

/// A year in which 示例甲 sits in another unit than the meeting says, and another 示例甲 nowhere near.
async fn moved() -> (tempfile::TempDir, Year, String, Vec<Value>, Value) {
    let (data, year) = start().await;
    let lines = "示例甲,另一单位,职务,2024-03-01,2029-02-28\n示例丁,示例单位,职务,2024-03-01,2029-02-28";
    year.admin.does("officials/paste", json!({ "lines": lines })).await;
    let cycle = year.cycle(json!({})).await;
    let dossiers = year.dossiers(&cycle).await;
    let taken = taken(&year.admin, &cycle, "").await;
    (data, year, cycle, dossiers, taken)
}

fn of<'a>(dossiers: &'a [Value], name: &str) -> &'a Value {
    dossiers.iter().find(|dossier| dossier["name"] == name).unwrap()
}

#[tokio::test]
async fn figures_do_not_go_to_another_official_by_one_persons_word() {
    let (_data, year, cycle, dossiers, taken) = moved().await;
    assert!(taken["officials"].as_array().unwrap().iter().all(|rated| rated["dossier"].is_null()));
    let (result, dossier) = (format!("results/{}", id(&taken)), id(of(&dossiers, "示例甲")));
    let (pair, approve) = (format!("{result}/match"), format!("{result}/match/approve"));
    let letter = format!("dossiers/{dossier}/letter");
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例机关", "date": "2026-12-14" });
    for (change, status, word) in [
        (json!({ "why": " " }), 409, "理由"),
        (json!({ "why": "调动\u{200b}" }), 409, "看不见"),
        (json!({ "item": 9 }), 404, "没有这一项"),
        (json!({ "version": 2 }), 409, "刚刚由别人改过"),
        (json!({ "dossier": "00000000000000aa" }), 404, "没有这一条"),
    ] {
        let mut body = json!({ "version": 1, "item": 1, "dossier": dossier, "why": "年中调动" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        year.admin.refused(&pair, body, status, word).await;
    }
    let body = json!({ "version": 1, "item": 1, "dossier": dossier, "why": "年中调动" });
    let said = year.admin.does(&pair, body.clone()).await;
    // Said by one, it gives nothing away yet.
    assert_eq!((&said["officials"][0]["dossier"], year.admin.reads("steps").await), (&Value::Null, json!([])));
    assert_eq!(said["officials"][0]["pairing"]["by"]["who"], "王办公");
    year.admin.refused(&letter, head.clone(), 409, "等待审定").await;
    let lines = year.auditor.reads(&format!("cycles/{cycle}/letters")).await;
    let waits = &of(lines.as_array().unwrap(), "示例甲")["waits"];
    assert!(waits[0].as_str().unwrap().contains("等待审定"), "{waits}");
    // Nobody but the chair, with the version seen.
    let yes = json!({ "version": 2, "item": 1 });
    for nobody in [&year.admin, &year.auditor, &year.teller, &year.scrutineer] {
        assert_eq!(nobody.post(&approve, yes.clone()).await.status, StatusCode::FORBIDDEN);
    }
    year.chair.refused(&approve, json!({ "version": 1, "item": 1 }), 409, "刚刚由别人改过").await;
    year.chair.refused(&approve, json!({ "version": 2, "item": 3 }), 409, "没有等待审定").await;
    // Said of one dossier twice, or of another cycle's.
    let twice = json!({ "version": 2, "item": 3, "dossier": dossier, "why": "又一次" });
    year.admin.refused(&pair, twice, 409, "已对应另一项").await;
    // Sent back with a reason, said again, approved.
    year.chair.refused(&approve, json!({ "version": 2, "item": 1, "agreed": false }), 409, "理由").await;
    year.chair.does(&approve, json!({ "version": 2, "item": 1, "agreed": false, "why": "缺调动文件" })).await;
    let mut again = body;
    again["version"] = json!(3);
    year.admin.does(&pair, again).await;
    let now = year.chair.does(&approve, json!({ "version": 4, "item": 1 })).await;
    assert_eq!(
        (&now["officials"][0]["dossier"], &now["officials"][0]["pairing"]["approved"]["who"]),
        (&json!(dossier), &json!("李书记"))
    );
    let steps = year.auditor.reads("steps").await;
    let opened: Vec<&Value> = steps.as_array().unwrap().iter().map(|step| &step["opens"]).collect();
    assert!(
        opened.len() == 2 && opened.contains(&&json!("admonition")) && opened.contains(&&json!("ordered_correction"))
    );
    year.admin.does(&letter, head).await;
    year.office.stop().await;
}

#[tokio::test]
async fn a_match_is_taken_back_with_a_reason_until_something_rests_on_it() {
    let (_data, year, _cycle, dossiers, taken) = moved().await;
    let (result, dossier) = (format!("results/{}", id(&taken)), id(of(&dossiers, "示例甲")));
    let unmatch = format!("{result}/unmatch");
    year.admin.refused(&unmatch, json!({ "version": 1, "item": 1, "why": "错了" }), 409, "还没有对应").await;
    let pair = json!({ "version": 1, "item": 1, "dossier": dossier, "why": "年中调动" });
    year.admin.does(&format!("{result}/match"), pair.clone()).await;
    year.admin.refused(&unmatch, json!({ "version": 2, "item": 1, "why": "" }), 409, "理由").await;
    year.admin.does(&unmatch, json!({ "version": 2, "item": 1, "why": "选错了人" })).await;
    let mut again = pair;
    again["version"] = json!(3);
    year.admin.does(&format!("{result}/match"), again).await;
    year.chair.does(&format!("{result}/match/approve"), json!({ "version": 4, "item": 1 })).await;
    assert_eq!(year.admin.reads("steps").await.as_array().unwrap().len(), 2);
    // A step with an outcome holds it.
    let steps = year.admin.reads("steps").await;
    let step = steps.as_array().unwrap().iter().find(|step| step["opens"] == "admonition").unwrap().clone();
    let done = json!({ "version": 1, "enter": "done", "what": "已谈话", "on": "2026-12-14" });
    year.admin.does(&format!("steps/{}", id(&step)), done).await;
    year.admin.refused(&unmatch, json!({ "version": 5, "item": 1, "why": "选错了人" }), 409, "后续步骤").await;
    year.office.stop().await;
}

#[tokio::test]
async fn what_a_letter_tells_is_not_taken_from_under_it() {
    let (_data, year) = start().await;
    let (_cycle, dossiers) = year.with_a_result().await;
    let result = year.admin.reads("results").await[0].clone();
    let unmatch = format!("results/{}/unmatch", id(&result));
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例机关", "date": "2026-12-14" });
    year.admin.does(&format!("dossiers/{}/letter", dossiers[0]), head).await;
    year.admin.refused(&unmatch, json!({ "version": 1, "item": 1, "why": "错了" }), 409, "反馈函").await;
    // Beside it, an official without a letter; the steps that nobody has touched go with the match.
    let before = year.admin.reads("steps").await.as_array().unwrap().len();
    let now = year.admin.does(&unmatch, json!({ "version": 1, "item": 3, "why": "重名" })).await;
    assert_eq!(now["officials"][2]["dossier"], Value::Null);
    assert_eq!(year.admin.reads("steps").await.as_array().unwrap().len(), before - 2);
    year.office.stop().await;
}

#[tokio::test]
async fn a_dossier_that_a_result_names_is_not_renamed_by_making_dossiers_again() {
    let (_data, year) = start().await;
    let (cycle, dossiers) = year.with_a_result().await;
    let officials = year.admin.reads("officials").await;
    let official = of(officials.as_array().unwrap(), "示例甲");
    let corrected = json!({ "version": 1, "name": "示例申", "unit": "示例单位", "post": "示例职务", "begins": "2024-03-01", "why": "改名" });
    year.admin.does(&format!("officials/{}/correct", id(official)), corrected).await;
    let made = year.admin.does(&format!("cycles/{cycle}/dossiers"), json!({})).await;
    assert_eq!(made, json!({ "made": 0, "changed": 0, "kept": 1 }));
    let now = year.admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    let named = now.as_array().unwrap().iter().find(|one| one["id"] == json!(dossiers[0])).unwrap();
    assert_eq!(named["name"], "示例甲", "as the meeting had it");
    year.office.stop().await;
}

#[tokio::test]
async fn of_two_dossiers_alike_somebody_says_which_and_that_is_enough() {
    let (_data, year) = start().await;
    let lines = "示例甲,示例单位,职务,2024-03-01,2029-02-28\n示例甲,别的单位,职务,2024-03-01,2029-02-28";
    year.admin.does("officials/paste", json!({ "lines": lines })).await;
    let cycle = year.cycle(json!({})).await;
    let dossiers = year.dossiers(&cycle).await;
    let exact = dossiers.iter().find(|dossier| dossier["unit"] == "示例单位").unwrap();
    let taken = taken(&year.admin, &cycle, "").await;
    assert_eq!(taken["officials"][0]["dossier"], exact["id"], "unit and name, not the name alone");
    // The same people, said by hand: nothing differs, so nobody has to approve it.
    let result = format!("results/{}", id(&taken));
    year.admin.does(&format!("{result}/unmatch"), json!({ "version": 1, "item": 1, "why": "核对" })).await;
    let body = json!({ "version": 2, "item": 1, "dossier": exact["id"], "why": "核对过任职文件" });
    let now = year.admin.does(&format!("{result}/match"), body).await;
    assert_eq!(now["officials"][0]["dossier"], exact["id"]);
    assert_eq!(year.admin.reads("steps").await.as_array().unwrap().len(), 2);
    year.office.stop().await;
}

#[tokio::test]
async fn a_result_belongs_to_one_year_and_limits_that_differ_are_told() {
    let (_data, year) = start().await;
    let cycle = year.cycle(json!({ "reaches": [1, 4] })).await;
    let taken = taken(&year.admin, &cycle, "").await;
    // What the meeting had announced, beside what the year says.
    assert_eq!(taken["stated"], json!({ "option": "较差", "reaches": [1, 5], "over": [3, 10] }));
    assert_eq!(taken["officials"][0]["finding"]["reaches"], false, "2 of 10 by the year's own limit of a quarter");
    let other = json!({ "year": 2027, "title": "2027 年度" });
    let other = id(&year.admin.does("cycles", other).await);
    let query = format!("cycle={other}&accept={}&why=minutes", taken["key"].as_str().unwrap());
    let refused = year.admin.hands_in("results/import", &query, &bundle()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("已经收入“2026 年度述职述责述廉”（2026 年度）"), "{}", refused.text());
    // A year that is closed takes none.
    let closing = json!({ "version": 1, "why": "误开" });
    year.admin.does(&format!("cycles/{other}/close"), closing).await;
    let refused = year.admin.hands_in("results/import", &query, &bundle()).await;
    assert!(refused.status == StatusCode::CONFLICT && refused.text().contains("已经结束"), "{}", refused.text());
    year.office.stop().await;
}
