//! Articles 10 to 16: until the meeting is over.

use axum::http::StatusCode;
use serde_json::json;

use super::{Article, chosen, draft, due, letter, name_of, row, summary, with_a_result};
use crate::{
    files::PDF,
    office::start,
    result::archived,
    review::{Year, id},
};

#[tokio::test]
async fn article_10() {
    let (_data, year, _, [oral, _]) = chosen().await;
    let mut article = Article::default();
    let kept = year.auditor.reads("cycles").await["cycles"][0].clone();
    article.fact(&json!([kept["year"], kept["title"]]), json!([2026, "2026 年度述职述责述廉"]));
    let twice = json!({ "year": 2026, "title": "又一次" });
    let says = ["2026 年度已经有了；原则上每年开展一次（第十条）。", "确实要再开展一次，请写明理由。"];
    article.refusal(&year.admin, "cycles", twice, says).await;
    article.sentence(&summary(&year, &oral).await, &row(&["年度工作", "2026 年度述职述责述廉"]));
}

#[tokio::test]
async fn article_11() {
    let (_data, year, cycle, [oral, written]) = chosen().await;
    let mut article = Article::default();
    let kept = year.auditor.reads(&format!("cycles/{cycle}/dossiers")).await;
    let way = |dossier: &str| kept.as_array().unwrap().iter().find(|one| one["id"] == dossier).unwrap()["way"].clone();
    article.fact(&json!([way(&oral), way(&written)]), json!(["oral", "written"]));
    let change = json!({ "version": 2, "way": "written", "why": "病假" });
    let says = ["报告方式已经随名单审定，不能单独改动。", "请在“会议报告名单”里重新提出名单，写明理由，再送审定。"];
    article.refusal(&year.admin, &format!("dossiers/{oral}/way"), change, says).await;
    article.sentence(&summary(&year, &oral).await, &row(&["报告方式", "会议报告"]));
    article.sentence(&summary(&year, &written).await, &row(&["报告方式", "书面报告"]));
}

#[tokio::test]
async fn article_12() {
    let (_data, year, _, [oral, written]) = chosen().await;
    let mut article = Article::default();
    let reported = |dossier: &str| format!("dossiers/{dossier}/reported");
    let on = json!({ "version": 2, "on": "2026-12-10" });
    let says = ["他不是会议报告对象。", "请先审定会议报告名单。"];
    article.refusal(&year.admin, &reported(&written), on.clone(), says).await;
    let kept = year.admin.does(&reported(&oral), on).await;
    article.fact(&kept["reported_on"], json!("2026-12-10"));
    article.sentence(&summary(&year, &oral).await, &row(&["会议报告日期", "2026-12-10"]));
    // Somebody else owes one, and his term is over.
    let late = json!({ "name": "示例丁", "unit": "四镇", "post": "书记", "begins": "2022-03-01", "expected_end": "2026-11-30" });
    year.admin.does("officials", late).await;
    let cycle = year.auditor.reads("cycles").await["cycles"][0]["id"].as_str().unwrap().to_owned();
    year.dossiers(&cycle).await;
    let line = due(&year, "oral_report").await;
    article.fact(&json!([line["name"], line["article"], line["overdue"]]), json!(["示例丁", 12, true]));
    article.of_page(
        "record-due.js",
        "t(`record.due_${line.what}`)",
        ("due_oral_report", &[]),
        "会议报告未作，任期将满",
    );
}

#[tokio::test]
async fn article_13() {
    let (_data, year, cycle, [oral, written]) = chosen().await;
    let mut article = Article::default();
    let query = "version=0&received_on=2026-11-30&name=a.pdf";
    let taken = year.admin.hands_in(&format!("dossiers/{oral}/report/file"), query, PDF).await.json();
    let first = &taken["versions"][0];
    article.fact(
        &json!([first["received_on"], first["file"]["kind"], first["file"]["size"]]),
        json!(["2026-11-30", "pdf", PDF.len()]),
    );
    let more = json!({ "version": 1, "until": "2026-12-31", "why": "病假" });
    let says = ["报告已经收到，不用再延期。", "收到的日期登记错了的，请更正收到日期。"];
    article.refusal(&year.admin, &format!("dossiers/{oral}/report/extend"), more, says).await;
    let lines = year.auditor.reads(&format!("cycles/{cycle}/reports")).await;
    let line = lines.as_array().unwrap().iter().find(|line| line["dossier"] == *written).unwrap();
    let name = name_of(&year, &cycle, &written).await;
    let unit = name.replace("代表", "第");
    article.sentence(
        &[line["reminder"].as_str().unwrap().to_owned()],
        &format!(
            "{unit}单位{name}同志：2026 年度述职述责述廉的书面报告应于2026年11月30日前报送，至今没有收到，请尽快报送。"
        ),
    );
}

#[tokio::test]
async fn article_14() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "oral_share": [1, 3] })).await;
    year.officials(4).await;
    year.dossiers(&cycle).await;
    let mut article = Article::default();
    let list = year.admin.does(&format!("cycles/{cycle}/choosings"), json!({})).await;
    let at = format!("choosings/{}", id(&list));
    let says = ["名单还没有送审。", "请先送审。"];
    article.refusal(&year.chair, &format!("{at}/approve"), json!({ "version": 1 }), says).await;
    year.admin.does(&format!("{at}/submit"), json!({ "version": 1 })).await;
    let line = due(&year, "choosing_approval").await;
    article.fact(&json!([line["article"], line["waits_for"]]), json!([14, "chair"]));
    article.of_page(
        "record-due.js",
        "t(`record.due_${line.what}`)",
        ("due_choosing_approval", &[]),
        "审定会议报告名单",
    );
    article.of_page("record-due.js", "t(`record.due_for_${line.waits_for}`)", ("due_for_chair", &[]), "主持人审定");
    year.chair.does(&format!("{at}/approve"), json!({ "version": 2 })).await;
    let kept = year.auditor.reads(&format!("cycles/{cycle}/choosings")).await[0].clone();
    let ways = kept["lines"].as_array().unwrap().iter().filter(|line| line["way"] == "oral").count();
    let stored = json!([
        kept["stage"],
        kept["share"],
        kept["count"],
        kept["lines"].as_array().unwrap().len(),
        ways,
        kept["approved"]["who"]
    ]);
    article.fact(&stored, json!(["approved", [1, 3], 2, 4, 2, "李书记"]));
    // Exactly the values that the list has.
    let call = "t('record.share_sum', { n: list.lines.length, share: list.share.join('/'), count: list.count, oral })";
    let values = [("n", "4"), ("share", "1/3"), ("count", "2"), ("oral", "2")];
    article.of_page(
        "record-choosing.js",
        call,
        ("share_sum", &values),
        "4 人 × 1/3，向上取整 = 2 人；名单上会议报告 2 人。",
    );
    let in_it = kept["lines"].as_array().unwrap().iter().find(|line| line["way"] == "oral").unwrap()["dossier"]
        .as_str()
        .unwrap()
        .to_owned();
    article.sentence(&summary(&year, &in_it).await, &row(&["报告方式", "会议报告"]));
}

#[tokio::test]
async fn article_15() {
    let (_data, year, _, [oral, written]) = chosen().await;
    let mut article = Article::default();
    let said = json!({ "version": 0, "member": "周常委", "office": "第三纪检监察室", "report": "专题报告正文",
        "sources": [{ "kind": "daily_supervision", "text": "查阅台账" }] });
    let says = ["只对会议报告对象作调研评估（第十五条）。", "请先审定会议报告名单。"];
    article.refusal(&year.admin, &format!("dossiers/{written}/assessment"), said.clone(), says).await;
    let kept = year.admin.does(&format!("dossiers/{oral}/assessment"), said).await;
    article.fact(&kept["sources"], json!([{ "kind": "daily_supervision", "text": "查阅台账" }]));
    article.sentence(&summary(&year, &oral).await, &row(&["审定", "未审定"]));
    let at = format!("assessments/{}", id(&kept));
    year.admin.does(&format!("{at}/submit"), json!({ "version": 1 })).await;
    let approved = year.chair.does(&format!("{at}/approve"), json!({ "version": 2 })).await;
    article.fact(&approved["approved"]["who"], json!("李书记"));
    let now = summary(&year, &oral).await;
    for cells in [["负责的常委会成员", "周常委"], ["来源：日常监督", "查阅台账"], ["审定", "2026-12-14"]]
    {
        article.sentence(&now, &row(&cells));
    }
}

#[tokio::test]
async fn article_16() {
    let mut article = Article::default();
    // The meeting itself: one that was held to practise is none.
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = office.act("/api/record/cycles", json!({ "year": 2026, "title": "2026 年度", "why": "" })).await;
    archived(&office).await;
    let answered = office.post("/api/record/results/own", json!({ "cycle": cycle["id"] })).await;
    let says = ["这是一场演练，演练的结果不进档案。", "请选择正式会议的归档文件。"];
    article.says_no(&answered, StatusCode::CONFLICT, says);
    office.stop().await;
    let (_data, year, _, dossiers) = with_a_result(json!({})).await;
    let way = json!({ "version": 1, "way": "oral", "why": "名单" });
    year.admin.does(&format!("dossiers/{}/way", dossiers[0]), way).await;
    let kept = year.auditor.reads("results").await[0].clone();
    article.fact(&json!([kept["date"], kept["title"]]), json!(["2026-03-02", "示例评议会"]));
    let written = letter(&year, &draft(&year, &dossiers[0]).await).await;
    article.sentence(
        &written,
        "2026年3月2日召开的“示例评议会”上，你以会议报告的方式进行了述职述责述廉，并接受了民主测评。现将民主测评结果和会议提出的意见建议反馈如下。",
    );
}
