//! One official's year by day, and the trail by pages, through the API of the console.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Year, id};

async fn moments(year: &Year, dossier: &str) -> Vec<Value> {
    year.auditor.reads(&format!("dossiers/{dossier}/timeline")).await["moments"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_year_stands_in_the_order_of_its_days_with_article_hand_and_the_signed_figures() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    let first = &dossiers[0];
    let notice = json!({ "dossier": first, "why": "常委会会议", "reason": "示例理由", "points": ["第一点"], "served_on": "2026-09-02" });
    let made = year.admin.does("corrections", notice).await;
    let handed = json!({ "version": 1, "on": "2026-12-01", "text": "示例报告" });
    year.admin.does(&format!("corrections/{}/report", id(&made)), handed).await;
    let all = moments(&year, first).await;
    let days: Vec<&str> = all.iter().map(|moment| moment["on"].as_str().unwrap()).collect();
    assert!(days.is_sorted(), "{days:?}");
    let of = |what: &str| all.iter().find(|moment| moment["what"] == what).unwrap_or_else(|| panic!("no {what}"));
    let results = year.auditor.reads("results").await;
    let rated =
        results[0]["officials"].as_array().unwrap().iter().find(|rated| rated["dossier"] == **first).unwrap().clone();
    let result = of("result");
    assert_eq!(result["figures"]["votes"], rated["votes"], "as the note has them");
    assert_eq!((&result["figures"]["screen_code"], &result["article"]), (&results[0]["screen_code"], &json!(18)));
    assert_eq!(
        (of("correction_notice")["due"][0].as_str(), of("correction_notice")["who"].as_str()),
        (Some("2026-10-08"), Some("王办公"))
    );
    assert_eq!(of("correction_reported")["standing"], "late");
    assert_eq!(of("term_began")["text"], "示例单位 示例职务");
    assert_eq!(of("correction_notice")["link"].as_str().unwrap().split('?').next(), Some("/record#corrections"));
    let others = moments(&year, &dossiers[2]).await;
    assert!(others.iter().all(|moment| moment["what"] != "correction_notice"), "it is another's");
    let again = year.auditor.reads(&format!("dossiers/{first}/timeline")).await;
    assert_eq!(again["moments"], json!(all), "the same documents say the same");
    assert!(again["open"].as_array().unwrap().iter().all(|line| line["dossier"] == **first));
}

#[tokio::test]
async fn it_has_no_text_of_an_opinion_and_what_was_withdrawn_stays_and_does_not_count() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    year.admin.does(&format!("dossiers/{}/opinions", dossiers[0]), json!({ "text": "某人说的原话" })).await;
    let notice = json!({ "dossier": dossiers[0], "why": "登记", "reason": "发错了的通知", "points": ["第一点"], "served_on": "2026-12-02" });
    let made = year.admin.does("corrections", notice).await;
    year.admin.does(&format!("corrections/{}/withdraw", id(&made)), json!({ "version": 1, "why": "送错了人" })).await;
    let all = moments(&year, &dossiers[0]).await;
    assert!(!json!(all).to_string().contains("某人说的原话"));
    let notice = all.iter().find(|moment| moment["what"] == "correction_notice").unwrap();
    assert_eq!(notice["withdrawn"], true);
    let due = year.auditor.reads("due").await["lines"].clone();
    assert!(due.as_array().unwrap().iter().all(|line| line["id"] != made["id"]), "nobody waits for it");
}

#[tokio::test]
async fn a_dossier_that_is_not_there_has_no_timeline_and_who_counts_votes_sees_none() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    assert_eq!(year.auditor.get("dossiers/0000000000000001/timeline").await.status, StatusCode::NOT_FOUND);
    assert_eq!(year.auditor.get("dossiers/none/timeline").await.status, StatusCode::NOT_FOUND);
    for person in [&year.teller, &year.scrutineer] {
        assert_eq!(person.get(&format!("dossiers/{}/timeline", dossiers[0])).await.status, StatusCode::FORBIDDEN);
    }
    for person in [&year.admin, &year.chair] {
        assert_eq!(person.get(&format!("dossiers/{}/timeline", dossiers[0])).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_trail_comes_by_pages_of_a_hundred_and_is_filtered_by_whom_what_who_and_when() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    year.officials(60).await;
    let cycle = year.cycle(json!({})).await;
    let dossiers = year.dossiers(&cycle).await;
    let all = year.auditor.reads("trail").await;
    assert_eq!(
        (all["head"][0].as_u64(), all["found"].as_u64(), all["pages"].as_u64()),
        (Some(121), Some(121), Some(2))
    );
    assert_eq!((all["entries"].as_array().unwrap().len(), all["entries"][0]["number"].as_u64()), (100, Some(121)));
    let second = year.auditor.reads("trail?page=2").await;
    assert_eq!(second["entries"].as_array().unwrap().len(), 21);
    assert_eq!(second["entries"][20]["number"], 1);
    assert_eq!(year.auditor.reads("trail?page=9").await["page"], 2, "there is no ninth");
    let path = format!("trail?official={}", dossiers[0]["official"].as_str().unwrap());
    let own = year.auditor.reads(&path).await;
    assert_eq!(own["found"], 2, "entered, and listed for the year");
    assert_eq!(own["entries"][0]["about"]["name"], dossiers[0]["name"]);
    assert_eq!(year.auditor.reads("trail?kind=cycle").await["found"], 1);
    assert_eq!(year.auditor.reads("trail?to=2020-01-01").await["found"], 0);
    assert_eq!(year.auditor.reads("trail?who=nobody").await["found"], 0);
    assert_eq!(year.auditor.get("trail?rank=1").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(year.teller.get("trail").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_was_taken_out_of_an_opinion_is_in_the_trail_for_the_office_only() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let (_, dossiers) = year.with_a_result().await;
    let made =
        year.admin.does(&format!("dossiers/{}/opinions", dossiers[0]), json!({ "text": "老王说走访太少" })).await;
    let change = json!({ "version": 1, "text": "走访太少", "why": "删去发言人老王" });
    year.admin.does(&format!("opinions/{}/text", id(&made)), change).await;
    let office = year.admin.reads("trail?kind=opinion").await;
    assert!(office.to_string().contains("老王说走访太少"));
    for person in [&year.chair, &year.auditor] {
        let seen = person.reads("trail?kind=opinion").await;
        assert!(!seen.to_string().contains("老王"), "{seen}");
        assert_eq!(
            (&seen["entries"][0]["what"]["why"], &seen["entries"][0]["hidden"]),
            (&json!(""), &json!(["text", "why"]))
        );
    }
}

/// Every act that the record writes into its trail has words on the page.
#[test]
fn every_act_of_the_trail_has_words_in_both_languages() {
    fn acts(folder: &std::path::Path, found: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                acts(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // What stands in quotes as `noun/act`, but media types, paths and what tests make up.
            let text = text.split("mod tests {").next().unwrap();
            let act = |quoted: &&str| {
                let parts: Vec<&str> = quoted.split('/').collect();
                let plain = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                parts.len() == 2
                    && parts.iter().all(plain)
                    && !["application", "text", "image", "migrations"].contains(&parts[0])
            };
            found.extend(
                text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)).filter(act).map(str::to_owned),
            );
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = std::collections::BTreeSet::new();
    acts(&root.join("src/record"), &mut found);
    assert!(found.len() > 60, "{found:?}");
    for language in ["zh-CN", "en"] {
        let words = std::fs::read_to_string(root.join(format!("messages/{language}.json"))).unwrap();
        let words: Value = serde_json::from_str(&words).unwrap();
        let silent =
            found.iter().filter(|act| words["record"][format!("a_{}", act.replace(['/', '-'], "_"))].is_null());
        assert_eq!(silent.collect::<Vec<_>>(), Vec::<&String>::new(), "{language}");
    }
}
