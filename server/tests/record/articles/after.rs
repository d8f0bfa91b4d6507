//! Articles 17 to 23: what follows from the meeting.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Article, chosen, draft, due, letter, name_of, paragraphs, row, summary, with_a_result};
use crate::review::id;

#[tokio::test]
async fn article_17() {
    let (_data, year, cycle, [oral, _]) = chosen().await;
    let mut article = Article::default();
    let members = json!([{ "name": "某常委", "post": "常委" }]);
    year.admin.does(&format!("cycles/{cycle}/committee"), json!({ "version": 0, "members": members })).await;
    let asks = |by: &str| json!({ "dossier": oral, "asked_by": by, "asked_on": "2026-09-01", "question": "示例问题", "answer": "现场的回答" });
    let says =
        ["“代表2”不在常委名单里；询问质询由常委提出（第十七条）。", "请选择名单里的常委；名单有误的，请先更正名单。"];
    article.refusal(&year.admin, "questions", asks("代表2"), says).await;
    let asked = year.admin.does("questions", asks("某常委")).await;
    let demand = json!({ "version": 1, "reason": "现场没有说清", "served_on": "2026-09-22" });
    let kept = year.admin.does(&format!("questions/{}/demand", id(&asked)), demand).await;
    let period = &kept["demands"][0]["period"];
    article.fact(
        &json!([kept["post"], period["days"], period["unit"], period["due"]]),
        json!(["常委", 15, "working_days", "2026-10-20"]),
    );
    let now = summary(&year, &oral).await;
    for cells in [
        ["2026-09-01", "提问：某常委（常委）", "示例问题"],
        ["2026-09-01", "当场回答", "现场的回答"],
        ["2026-09-22", "要求书面答复", "现场没有说清；最后期限 2026-10-20"],
    ] {
        article.sentence(&now, &row(&cells));
    }
}

#[tokio::test]
async fn article_18() {
    let (_data, year, cycle, dossiers) = with_a_result(json!({})).await;
    let mut article = Article::default();
    let kept = year.auditor.reads("results").await[0].clone();
    article
        .fact(&kept["officials"][0]["votes"], json!([["好", 5], ["较好", 2], ["一般", 1], ["较差", 2], ["弃权", 1]]));
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip");
    let answered =
        year.admin.hands_in("results/import", &format!("cycle={cycle}"), &std::fs::read(bundle).unwrap()).await;
    let error = format!("这份结果是别的服务器签发的，签名公钥的指纹是 {}。", kept["key"].as_str().unwrap());
    let says = [error.as_str(), "请与那场会议的记录核对指纹；一致的，填写指纹和核对的依据，再导入。"];
    article.says_no(&answered, StatusCode::CONFLICT, says);
    let written = letter(&year, &draft(&year, &dossiers[0]).await).await;
    article.sentence(
        &written,
        "本次民主测评发出测评票12张，收回12张，有效票10张。得票情况为：好5票，较好2票，一般1票，较差2票，弃权1票。",
    );
    let none = letter(
        &year,
        &id(&year
            .admin
            .does(
                &format!("dossiers/{}/letter", dossiers[1]),
                json!({ "number": "示例函〔2026〕2号", "office": "示例县纪委办公室", "date": "2026-12-14" }),
            )
            .await),
    )
    .await;
    article.sentence(&none, "本次民主测评没有有效票，没有可以反馈的得票情况。");
}

#[tokio::test]
async fn article_19() {
    let (_data, year, _, dossiers) = with_a_result(json!({})).await;
    let mut article = Article::default();
    let opinion =
        year.admin.does(&format!("dossiers/{}/opinions", dossiers[0]), json!({ "text": "基层走访还不够。" })).await;
    let review = format!("opinions/{}/review", id(&opinion));
    let says = [
        "录入的人和最后改文字的人不能自己核对。",
        "请由另一位有权限的人登录后核对；只有两个人的，由录入的人改文字，另一个人核对。",
    ];
    article.refusal(&year.admin, &review, json!({ "version": 1 }), says).await;
    let at = draft(&year, &dossiers[0]).await;
    article.sentence(&letter(&year, &at).await, "（另有 1 条意见建议还没有核对，暂未列入。）");
    year.colleague().await.does(&review, json!({ "version": 1 })).await;
    article.sentence(&letter(&year, &at).await, "基层走访还不够。");
    article.sentence(&summary(&year, &dossiers[0]).await, &row(&["反馈函", "还没有审定"]));
    let shown = year.chair.reads(&format!("letters/{at}")).await;
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    let kept = year.chair.does(&format!("letters/{at}/approve"), approve).await;
    article.fact(&kept["fixed"]["text"]["opinions"], json!(["基层走访还不够。"]));
}

#[tokio::test]
async fn article_20() {
    let (_data, year, cycle, [oral, _]) = chosen().await;
    let mut article = Article::default();
    let notice = json!({ "dossier": oral, "why": "常委会会议", "reason": "示例理由", "points": ["第一点"], "served_on": "2026-11-02" });
    let kept = year.admin.does("corrections", notice).await;
    let period = &kept["period"];
    article.fact(&json!([period["days"], period["unit"], period["due"]]), json!([30, "days", "2026-12-02"]));
    let told =
        json!({ "on": "2026-12-10", "meeting": "下一次会议", "corrections": [{ "id": kept["id"], "version": 1 }] });
    let name = name_of(&year, &cycle, &oral).await;
    let error = format!("{name}的整改不能登记为已通报。常委会还没有研究整改情况，不能通报。");
    let says = [error.as_str(), "请先登记向常委会的报告和常委会的决定。"];
    article.refusal(&year.admin, "corrections/told", told, says).await;
    article
        .sentence(&summary(&year, &oral).await, &row(&["2026-11-02", "送达整改通知", "示例理由；最后期限 2026-12-02"]));
    let page = year.auditor.get("corrections/told.html").await.text();
    article.sentence(
        &paragraphs(&page),
        "共 1 件：认定整改到位 0 件，继续整改 0 件，尚未研究 1 件；逾期或逾期后才报告的 1 件。",
    );
    assert!(page.contains("<dd>应在 2026年12月2日（含）前报告，逾期未报告。"), "{page}");
}

#[tokio::test]
async fn article_21() {
    let (_data, year, _, [oral, _]) = chosen().await;
    let mut article = Article::default();
    let path = format!("dossiers/{oral}/usage");
    let entry = |on: &str| json!({ "purpose": "promotion", "text": "民主测评和整改情况已送组织部门参考。", "on": on });
    article.refusal(&year.admin, &path, entry("2026-12-15"), ["日期还没有到。", "请核对日期。"]).await;
    year.admin.does(&path, entry("2026-12-01")).await;
    let kept = year.auditor.reads(&path).await[0].clone();
    article
        .fact(&json!([kept["purpose"], kept["on"], kept["by"]["who"]]), json!(["promotion", "2026-12-01", "王办公"]));
    let says = ["2026-12-01", "提拔任用", "民主测评和整改情况已送组织部门参考。", "王办公"];
    article.sentence(&summary(&year, &oral).await, &row(&says));
}

#[tokio::test]
async fn article_22() {
    // 2 of 7, over a second limit of 20 %.
    let (_data, year, _, dossiers) = with_a_result(json!({ "over": [1, 5] })).await;
    let mut article = Article::default();
    let steps = year.auditor.reads("steps").await;
    let mut mine: Vec<&Value> =
        steps.as_array().unwrap().iter().filter(|step| step["dossier"] == *dossiers[2]).collect();
    mine.sort_by_key(|step| step["opens"].to_string());
    let stored = mine.iter().map(|step| json!([step["opens"], step["because"]])).collect::<Value>();
    let reached = "2×5=10 ≥ 7×1=7";
    article.fact(
        &stored,
        json!([["admonition", reached], ["ordered_correction", reached], ["verification", "2×5=10 > 7×1=7"]]),
    );
    let done = json!({ "version": 1, "enter": "done", "what": "已办", "on": "2026-12-14" });
    let says = ["还没有核实结论，不能先处理。", "请先填写核实结论，再填写处理情况。"];
    article.refusal(&year.admin, &format!("steps/{}", id(mine[2])), done, says).await;
    article.sentence(&summary(&year, &dossiers[2]).await, &row(&["门槛比较", "2×5=10 ≥ 7×1=7；2×5=10 > 7×1=7"]));
    let line = due(&year, "verification").await;
    article.fact(&json!([line["article"], line["name"]]), json!([22, "示例丙"]));
    article.of_page("record-due.js", "t(`record.due_${line.what}`)", ("due_verification", &[]), "核实结论");
}

#[tokio::test]
async fn article_23() {
    let (_data, year, _, [oral, _]) = chosen().await;
    let mut article = Article::default();
    let entered = json!({ "item": "untrue", "text": "报告所述与核查情况不一致。" });
    let at = format!("grounds/{}", id(&year.admin.does(&format!("dossiers/{oral}/grounds"), entered).await));
    let measure =
        |version: u32| json!({ "version": version, "kind": "talk", "text": "由分管领导约谈。", "on": "2026-12-10" });
    let says = ["没有“经查证属实”的结论，不能登记处理措施。", "请先登记查证的结论；查证不属实的，不处理。"];
    article.refusal(&year.admin, &format!("{at}/measures"), measure(1), says).await;
    let found = json!({ "version": 1, "confirmed": true, "found": "示例查证情况", "on": "2026-12-08" });
    year.admin.does(&format!("{at}/verified"), found).await;
    let kept = year.admin.does(&format!("{at}/measures"), measure(2)).await;
    article.fact(&json!([kept["measures"][0]["kind"], kept["measures"][0]["on"]]), json!(["talk", "2026-12-10"]));
    let now = summary(&year, &oral).await;
    for cells in [
        ["2026-12-14", "（一）不如实述职", "报告所述与核查情况不一致。"],
        ["2026-12-08", "经查证属实", "示例查证情况"],
        ["2026-12-10", "约谈", "由分管领导约谈。"],
    ] {
        article.sentence(&now, &row(&cells));
    }
}
