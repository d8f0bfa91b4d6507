//! What a result opens (article 22), and what people enter about it, over HTTP.

use serde_json::{Value, json};

use crate::review::{Year, id};

async fn start() -> (tempfile::TempDir, Year) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    (data, year)
}

async fn with(policy: Value) -> (tempfile::TempDir, Year, Vec<String>) {
    let (data, year) = start().await;
    let (_, dossiers) = year.with_a_result_by(policy).await;
    (data, year, dossiers)
}

async fn opened(year: &Year, dossier: &str) -> Vec<String> {
    let steps = year.auditor.reads("steps").await;
    let mine = steps.as_array().unwrap().iter().filter(|step| step["dossier"] == dossier);
    let mut opened: Vec<String> = mine.map(|step| step["opens"].as_str().unwrap().to_owned()).collect();
    opened.sort();
    opened
}

async fn step(year: &Year, dossier: &str, opens: &str) -> Value {
    let steps = year.auditor.reads("steps").await;
    let mut all = steps.as_array().unwrap().iter();
    all.find(|step| step["dossier"] == dossier && step["opens"] == opens).unwrap().clone()
}

/// 2 of 10 and 2 of 7, looked at with limits that they hit exactly.
#[tokio::test]
async fn exactly_the_first_limit_opens_and_exactly_the_second_does_not() {
    // 20 % and 30 %: 2 of 10 reaches the first exactly, 2 of 7 lies between.
    let (_data, year, dossiers) = with(json!({})).await;
    assert_eq!(opened(&year, &dossiers[0]).await, ["admonition", "ordered_correction"]);
    assert_eq!(opened(&year, &dossiers[2]).await, ["admonition", "ordered_correction"]);
    assert_eq!(step(&year, &dossiers[0], "admonition").await["because"], "2×5=10 ≥ 10×1=10");
    year.office.stop().await;
    // A vote less than the limit opens nothing.
    let (_data, year, dossiers) = with(json!({ "reaches": [3, 10] })).await;
    assert!(opened(&year, &dossiers[0]).await.is_empty() && opened(&year, &dossiers[2]).await.is_empty());
    year.office.stop().await;
    // 2 of 10 at a second limit of 20 %, exactly: not over. 2 of 7 is.
    let (_data, year, dossiers) = with(json!({ "over": [1, 5] })).await;
    assert_eq!(opened(&year, &dossiers[0]).await, ["admonition", "ordered_correction"]);
    assert_eq!(opened(&year, &dossiers[2]).await, ["admonition", "ordered_correction", "verification"]);
    assert_eq!(step(&year, &dossiers[2], "verification").await["because"], "2×5=10 > 7×1=7");
    year.office.stop().await;
    // 2 of 7 at a second limit of 2/7: not over. And where the policy says so, over takes the one step only.
    let (_data, year, dossiers) = with(json!({ "over": [2, 7] })).await;
    assert_eq!(opened(&year, &dossiers[2]).await, ["admonition", "ordered_correction"]);
    year.office.stop().await;
    let (_data, year, dossiers) = with(json!({ "over": [1, 5], "over_takes_both": false })).await;
    assert_eq!(opened(&year, &dossiers[2]).await, ["verification"]);
    year.office.stop().await;
}

#[tokio::test]
async fn without_a_valid_ballot_nothing_is_opened_and_it_is_said() {
    let (_data, year, dossiers) = with(json!({})).await;
    assert!(opened(&year, &dossiers[1]).await.is_empty());
    let rated = year.auditor.reads("results").await[0]["officials"][1].clone();
    assert_eq!((&rated["finding"]["standing"], &rated["finding"]["reaches"]), (&json!("empty_base"), &Value::Null));
    year.office.stop().await;
}

#[tokio::test]
async fn the_outcome_of_a_verification_comes_before_any_handling() {
    let (_data, year, dossiers) = with(json!({ "over": [1, 5] })).await;
    let path = format!("steps/{}", id(&step(&year, &dossiers[2], "verification").await));
    let done = |version: u32| json!({ "version": version, "enter": "done", "what": "按程序办理", "on": "2026-12-14" });
    let verified = |version: u32, confirmed: bool, why: &str| json!({ "version": version, "enter": "verified", "confirmed": confirmed, "found": "查阅资料", "on": "2026-12-14", "why": why });
    year.admin.refused(&path, done(1), 409, "还没有核实结论").await;
    for (field, value, word) in [
        ("found", json!(" "), "空着"),
        ("found", json!("查\u{202e}阅"), "看不见"),
        ("on", json!("2026-12-15"), "还没有到"),
        ("on", json!("2026-03-01"), "早于会议日期"),
        ("on", json!("12-14"), "不是日期"),
    ] {
        let mut body = verified(1, true, "");
        body[field] = value;
        year.admin.refused(&path, body, 409, word).await;
    }
    for nobody in [&year.chair, &year.auditor, &year.teller, &year.scrutineer] {
        assert_eq!(nobody.post(&path, verified(1, true, "")).await.status.as_u16(), 403);
    }
    year.admin.does(&path, verified(1, false, "")).await;
    year.admin.refused(&path, done(2), 409, "不存在有关问题").await;
    year.admin.refused(&path, verified(2, true, " "), 409, "理由").await;
    year.admin.refused(&path, verified(1, true, "漏看一份"), 409, "刚刚由别人改过").await;
    year.admin.does(&path, verified(2, true, "漏看一份")).await;
    let ended = year.admin.does(&path, done(3)).await;
    assert_eq!(ended["state"], json!({ "is": "done", "what": "按程序办理", "on": "2026-12-14", "found": "查阅资料" }));
    year.admin.refused(&path, done(4), 409, "已经办结").await;
    year.office.stop().await;
}

#[tokio::test]
async fn an_admonition_and_an_ordered_correction_have_nothing_to_verify() {
    let (_data, year, dossiers) = with(json!({})).await;
    for opens in ["admonition", "ordered_correction"] {
        let path = format!("steps/{}", id(&step(&year, &dossiers[0], opens).await));
        let verified =
            json!({ "version": 1, "enter": "verified", "confirmed": true, "found": "有", "on": "2026-12-14" });
        year.admin.refused(&path, verified, 409, "不是核实").await;
        let done = json!({ "version": 1, "enter": "done", "what": "已办", "on": "2026-12-14" });
        assert_eq!(year.admin.does(&path, done).await["state"]["is"], "done");
    }
    year.office.stop().await;
}

#[tokio::test]
async fn a_closed_year_takes_nothing_new_and_what_was_begun_goes_on() {
    let (_data, year) = start().await;
    let (cycle, dossiers) = year.with_a_result().await;
    let letter = format!("dossiers/{}/letter", dossiers[0]);
    let head = json!({ "number": "示例函〔2026〕1号", "office": "示例机关", "date": "2026-12-14" });
    year.admin.does(&letter, head.clone()).await;
    let loose = year.auditor.reads(&format!("cycles/{cycle}/loose")).await;
    let count = |what: &str| loose.as_array().unwrap().iter().filter(|end| end["what"] == what).count();
    assert_eq!((count("letter_draft"), count("no_letter"), count("step")), (1, 2, 4), "{loose}");
    let close = format!("cycles/{cycle}/close");
    let refused = year.admin.refused(&close, json!({ "version": 1, "why": " " }), 409, "没有办完").await;
    assert_eq!(refused["details"]["loose"], loose);
    year.admin.does(&close, json!({ "version": 1, "why": "年底结转" })).await;
    year.admin.refused(&close, json!({ "version": 2, "why": "又一次" }), 409, "已经结束").await;
    // Nothing new.
    let opinion = format!("dossiers/{}/opinions", dossiers[0]);
    for (path, body) in [
        (format!("cycles/{cycle}/dossiers"), json!({})),
        (format!("cycles/{cycle}/choosings"), json!({ "why": "" })),
        (
            format!("dossiers/{}/letter", dossiers[2]),
            json!({ "number": "示例函〔2026〕2号", "office": "示例机关", "date": "2026-12-14" }),
        ),
        (opinion, json!({ "text": "意见" })),
    ] {
        year.admin.refused(&path, body, 409, "已经结束").await;
    }
    // What was begun is followed to its end: the letter, the steps, the correction that one of them orders.
    let lines = year.auditor.reads(&format!("cycles/{cycle}/letters")).await;
    let mine = lines.as_array().unwrap().iter().find(|line| line["dossier"] == json!(dossiers[0])).unwrap();
    let letter = format!("letters/{}", id(&mine["letters"][0]));
    let seen = year.chair.reads(&letter).await;
    let version = |kept: &Value| kept["version"].as_u64().unwrap();
    let approved =
        year.chair.does(&format!("{letter}/approve"), json!({ "version": 1, "digest": seen["digest"] })).await;
    let delivery = json!({ "version": version(&approved), "how": "当面", "on": "2026-12-14" });
    let delivered = year.admin.does(&format!("{letter}/delivered"), delivery).await;
    let receipt = json!({ "version": version(&delivered), "signed_by": "示例甲", "on": "2026-12-14" });
    year.admin.does(&format!("{letter}/receipt"), receipt).await;
    let admonition = step(&year, &dossiers[0], "admonition").await;
    let done = json!({ "version": 1, "enter": "done", "what": "已办", "on": "2026-12-14" });
    year.admin.does(&format!("steps/{}", id(&admonition)), done).await;
    let ordered = step(&year, &dossiers[0], "ordered_correction").await;
    let notice = json!({ "dossier": dossiers[0], "step": id(&ordered), "reason": "测评结果", "points": ["一"], "served_on": "2026-12-14" });
    let correction = year.admin.does("corrections", notice.clone()).await;
    let check =
        json!({ "version": version(&correction), "on": "2026-12-14", "who": "督查组", "found": "完成", "done": true });
    year.admin.does(&format!("corrections/{}/check", id(&correction)), check).await;
    // One that no step has ordered is new.
    let mut fresh = notice;
    fresh["step"] = Value::Null;
    fresh["why"] = json!("另有问题");
    year.admin.refused("corrections", fresh, 409, "已经结束").await;
    year.office.stop().await;
}

#[tokio::test]
async fn a_year_in_which_nothing_is_open_closes_without_a_reason() {
    let (_data, year) = start().await;
    let cycle = year.cycle(json!({})).await;
    assert_eq!(year.admin.reads(&format!("cycles/{cycle}/loose")).await, json!([]));
    let closed = year.admin.does(&format!("cycles/{cycle}/close"), json!({ "version": 1 })).await;
    assert_eq!(closed["closed"], true);
    year.office.stop().await;
}
