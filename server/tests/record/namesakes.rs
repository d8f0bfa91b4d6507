//! Two people of one name: whoever proposes never approves, and who that is goes by the account.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Person, Year, id};

const NAME: &str = "张伟";

/// Somebody who leaves, so that his name is free for the next.
async fn leaves(year: &Year, sign_in: &str) {
    let all = year.office.get("/desk/staff/accounts").await.json();
    let all = all["accounts"].as_array().or_else(|| all.as_array()).unwrap().clone();
    let account = all.iter().find(|account| account["sign_in"] == sign_in).unwrap();
    year.office.act("/desk/staff/accounts/close", json!({ "id": account["id"] })).await;
}

async fn opinion(by: &Person, dossier: &str, text: &str) -> String {
    id(&by.does(&format!("dossiers/{dossier}/opinions"), json!({ "text": text })).await)
}

/// Entries of the trail about a document, the first first.
async fn entries(year: &Year, document: &str) -> Vec<Value> {
    let trail = year.admin.reads("trail").await;
    let mut mine: Vec<Value> =
        trail["entries"].as_array().unwrap().iter().filter(|entry| entry["id"] == document).cloned().collect();
    mine.reverse();
    mine
}

#[tokio::test]
async fn a_namesake_reviews_what_the_other_entered_and_nobody_reviews_his_own() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    let first = year.somebody(NAME, "zhang1", "office").await;
    let entered = opinion(&first, &dossiers[0], "基层走访还不够。").await;
    let review = |which: &str| format!("opinions/{which}/review");
    first.refused(&review(&entered), json!({ "version": 1 }), 403, "录入的人和最后改文字的人不能自己核对。").await;
    // Two who are there at once do not look like one.
    let twice = json!({ "name": NAME, "sign_in": "zhang2", "role": "office" });
    let refused = year.office.post("/desk/staff/accounts/new", twice).await;
    assert_eq!(refused.json()["error"], "已有一个同名的账户。");
    leaves(&year, "zhang1").await;
    let second = year.somebody(NAME, "zhang2", "office").await;
    let own = opinion(&second, &dossiers[0], "报告对问题写得较少。").await;
    second.refused(&review(&own), json!({ "version": 1 }), 403, "录入的人和最后改文字的人不能自己核对。").await;
    // The name is the same, the account is another.
    let reviewed = second.does(&review(&entered), json!({ "version": 1 })).await;
    assert_eq!((&reviewed["by"]["who"], &reviewed["reviewed"]["who"]), (&json!(NAME), &json!(NAME)));
    let marks = [&reviewed["by"]["accounts"], &reviewed["reviewed"]["accounts"]];
    assert!(marks.iter().all(|mark| mark[0].as_str().unwrap().len() == 16) && marks[0] != marks[1], "{reviewed}");
    // The trail has the mark of each beside the name.
    let all = entries(&year, &entered).await;
    assert_eq!(all.iter().map(|entry| &entry["who"]).collect::<Vec<_>>(), [NAME, NAME]);
    assert_eq!(&all[0]["what"]["fields"]["by"][1]["accounts"], marks[0]);
    assert_eq!(&all[1]["what"]["fields"]["reviewed"][1]["accounts"], marks[1]);
    // His own stays his own after both.
    assert_eq!(year.admin.reads(&format!("dossiers/{}/opinions", dossiers[0])).await[1]["reviewed"], Value::Null);
}

#[tokio::test]
async fn a_chair_of_the_name_of_whoever_proposed_approves_and_the_letter_has_who_is_who() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    let clerk = year.somebody(NAME, "zhang1", "office").await;
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    let letter = id(&clerk.does(&format!("dossiers/{}/letter", dossiers[0]), head).await);
    let shown = clerk.reads(&format!("letters/{letter}")).await;
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    let own = clerk.post(&format!("letters/{letter}/approve"), approve.clone()).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    leaves(&year, "zhang1").await;
    // Who has left approves nothing, though another of his name may.
    assert_eq!(
        clerk.post(&format!("letters/{letter}/approve"), approve.clone()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let chair = year.somebody(NAME, "zhang3", "chair").await;
    let approved = chair.does(&format!("letters/{letter}/approve"), approve).await;
    let (by, fixed) = (&approved["by"], &approved["fixed"]["by"]);
    assert_eq!((&by["who"], &fixed["who"]), (&json!(NAME), &json!(NAME)));
    assert_ne!(by["accounts"], fixed["accounts"]);
    let all = entries(&year, &letter).await;
    let said: Vec<(&str, &str)> =
        all.iter().map(|entry| (entry["who"].as_str().unwrap(), entry["role"].as_str().unwrap())).collect();
    assert_eq!(said, [(NAME, "office"), (NAME, "chair")]);
    assert_eq!(all[1]["what"]["fields"]["fixed"][1]["by"]["accounts"], fixed["accounts"]);
}
