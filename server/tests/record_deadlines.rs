//! Periods of the review: written answers (article 17), corrections (article 20), and the calendar that both rest on,
//! through the API of the console. Today is the clock of each test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;
mod review;

use std::sync::Arc;

use axum::http::StatusCode;
use douxuan::record::{Book, Correction, Hand, Id, Period, Unit, calendar::Policy};
use rand::{SeedableRng, rngs::StdRng};
use review::{Year, id};
use serde_json::{Value, json};

/// Invented: no notice for 2027 was out when this was written.
const NOTICE: &str = "2026-12-31..2027-01-03 off 元旦\n2026-12-26 work 元旦\n2027-02-05..2027-02-11 off 春节\n\
    2027-02-14 work 春节\n2027-04-03..2027-04-05 off 清明节\n2027-05-01..2027-05-05 off 劳动节\n\
    2027-06-09 off 端午节\n2027-09-15 off 中秋节\n2027-10-01..2027-10-07 off 国庆节\n";

/// A cycle of 2026 whose list is approved: one who reports orally, one who reports in writing, and a committee of two.
/// Today is Monday 2026-12-14.
struct Standing {
    year: Year,
    cycle: String,
    oral: Value,
    written: Value,
    _data: tempfile::TempDir,
}

async fn standing() -> Standing {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({})).await;
    year.officials(3).await;
    year.dossiers(&cycle).await;
    year.approved(&cycle, "").await;
    let dossiers = year.admin.reads(&format!("cycles/{cycle}/dossiers")).await.as_array().unwrap().clone();
    let of = |way: &str| dossiers.iter().find(|dossier| dossier["way"] == way).unwrap().clone();
    let (oral, written) = (of("oral"), of("written"));
    Standing { year, cycle, oral, written, _data: data }
}

impl Standing {
    async fn committee(&self) -> Value {
        let members = json!([{ "name": "某常委", "post": "常委" }, { "name": "另一常委", "post": "副书记" }]);
        self.year.admin.does(&self.at("committee"), json!({ "version": 0, "members": members })).await
    }

    fn at(&self, what: &str) -> String {
        format!("cycles/{}/{what}", self.cycle)
    }

    fn asks(&self, dossier: &Value, on: &str) -> Value {
        json!({ "dossier": dossier["id"], "asked_by": "某常委", "asked_on": on, "question": "示例问题" })
    }

    /// A question with a demand that was served on a day; gives the question.
    async fn demanded(&self, served: &str) -> Value {
        let question = self.year.admin.does("questions", self.asks(&self.oral, "2026-01-05")).await;
        let path = format!("questions/{}/demand", id(&question));
        self.year.admin.does(&path, json!({ "version": 1, "reason": "现场没有说清", "served_on": served })).await
    }

    /// A correction that was served on a day.
    async fn noticed(&self, served: &str) -> Value {
        let notice = json!({ "dossier": self.written["id"], "why": "常委会 2026 年第 9 次会议", "reason": "示例理由",
            "points": ["第一点", "第二点"], "served_on": served });
        self.year.admin.does("corrections", notice).await
    }

    async fn due(&self) -> Vec<Value> {
        self.year.auditor.reads("due").await["lines"].as_array().unwrap().clone()
    }

    /// How the first demand of the only question stands.
    async fn stand(&self) -> Value {
        self.year.auditor.reads("questions").await[0]["stand"][0].clone()
    }
}

fn last_due(question: &Value) -> (String, bool) {
    let period = &question["demands"].as_array().unwrap().last().unwrap()["period"];
    (period["due"].as_str().unwrap().to_owned(), period["provisional"].as_bool().unwrap())
}

fn typed(year: i16, text: &str) -> Value {
    json!({ "year": year, "form": "lines", "text": text, "source": "示例通知" })
}

#[tokio::test]
async fn article_17_fifteen_working_days_as_they_were_counted_by_hand() {
    let here = standing().await;
    here.committee().await;
    for (served, due) in [
        ("2026-02-10", ("2026-03-09", false)),
        ("2026-09-22", ("2026-10-20", false)),
        ("2026-12-11", ("2027-01-02", true)),
    ] {
        let question = here.demanded(served).await;
        let (day, provisional) = last_due(&question);
        assert_eq!((day.as_str(), provisional), due, "{served}");
    }
    let lines = here.due().await;
    let said: Vec<(&str, bool, bool, Option<i64>)> = lines
        .iter()
        .map(|line| {
            let flag = |name: &str| line[name].as_bool().unwrap();
            (line["due"].as_str().unwrap(), flag("provisional"), flag("overdue"), line["days_left"].as_i64())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("2026-03-09", false, true, Some(-280)),
            ("2026-10-20", false, true, Some(-55)),
            ("2027-01-02", true, false, None)
        ]
    );
    let words = lines[0]["sum"]["words"][0].as_str().unwrap();
    for part in ["2026年2月10日送达", "次日", "15 个工作日", "春节", "2026年2月14日、2026年2月28日调休上班"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    let words = lines[2]["sum"]["words"][0].as_str().unwrap();
    assert!(words.contains("2027 年放假安排还没有公布") && words.contains("暂定"), "{words}");
}

#[tokio::test]
async fn article_17_only_standing_members_ask_and_only_whoever_reports_orally_is_asked() {
    let here = standing().await;
    let admin = &here.year.admin;
    admin.refused("questions", here.asks(&here.oral, "2026-12-01"), 409, "还没有登记常委名单").await;
    here.committee().await;
    let mut stranger = here.asks(&here.oral, "2026-12-01");
    stranger["asked_by"] = json!("代表2");
    admin.refused("questions", stranger, 409, "由常委提出（第十七条）").await;
    admin.refused("questions", here.asks(&here.written, "2026-12-01"), 409, "不是会议报告对象").await;
    admin.refused("questions", here.asks(&here.oral, "2026-12-15"), 409, "还没有到").await;
    let mut empty = here.asks(&here.oral, "2026-12-01");
    empty["question"] = json!(" ");
    admin.refused("questions", empty, 409, "问题不能空着").await;
    let mut asked = here.asks(&here.oral, "2026-12-01");
    asked["answer"] = json!("现场的回答");
    let kept = admin.does("questions", asked).await;
    assert_eq!((kept["post"].as_str(), kept["answer"].as_str()), (Some("常委"), Some("现场的回答")));
    // Once the day of his report is known, no question is of another day.
    let report = format!("dossiers/{}/reported", id(&here.oral));
    let seen = admin.reads(&here.at("dossiers")).await;
    let seen = seen.as_array().unwrap().iter().find(|d| d["id"] == here.oral["id"]).unwrap().clone();
    admin.does(&report, json!({ "version": seen["version"], "on": "2026-12-01" })).await;
    admin.refused("questions", here.asks(&here.oral, "2026-12-02"), 409, "2026-12-01").await;
    // What was entered wrongly is corrected with a reason, and by a standing member too.
    let path = format!("questions/{}/correct", id(&kept));
    let correct = |by: &str, why: &str| json!({ "version": 1, "asked_by": by, "question": "更正的问题", "why": why });
    admin.refused(&path, correct("另一常委", ""), 409, "理由").await;
    admin.refused(&path, correct("代表2", "记错了"), 409, "不在常委名单里").await;
    let corrected = admin.does(&path, correct("另一常委", "记错了")).await;
    assert_eq!((corrected["post"].as_str(), &corrected["answer"]), (Some("副书记"), &Value::Null));
    // Another at his desk still sees the first version.
    admin.refused(&path, correct("某常委", "又错"), 409, "刚刚由别人改过").await;
}

#[tokio::test]
async fn the_committee_of_a_cycle_is_a_list_without_doubles_and_changed_with_a_reason() {
    let here = standing().await;
    let (admin, path) = (&here.year.admin, here.at("committee"));
    let list = |names: &[&str], version: u32, why: &str| {
        let members: Vec<Value> = names.iter().map(|name| json!({ "name": name, "post": "常委" })).collect();
        json!({ "version": version, "members": members, "why": why })
    };
    admin.refused(&path, list(&[], 0, ""), 409, "1 到 60").await;
    admin.refused(&path, list(&["某常委", "某常委"], 0, ""), 409, "两次").await;
    here.committee().await;
    admin.refused(&path, list(&["某常委"], 1, " "), 409, "理由").await;
    admin.refused(&path, list(&["某常委"], 0, "没看到名单"), 409, "刚刚由别人改过").await;
    let changed = admin.does(&path, list(&["某常委"], 1, "换届")).await;
    assert_eq!(changed["version"], 2);
    assert_eq!(here.year.auditor.reads(&path).await["members"].as_array().unwrap().len(), 1);
    let nobody = here.year.teller.get(&path).await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_written_answer_is_in_time_on_its_last_day_and_late_on_the_next() {
    for (received, standing_is) in [("2026-10-20", "in_time"), ("2026-10-21", "late")] {
        let here = standing().await;
        here.committee().await;
        let question = here.demanded("2026-09-22").await;
        assert_eq!(here.stand().await["standing"], "overdue", "today is long after");
        let path = format!("questions/{}", id(&question));
        let receipt = |on: &str| json!({ "version": 2, "on": on, "text": "示例答复" });
        let admin = &here.year.admin;
        admin.refused(&format!("{path}/receipt"), receipt("2026-09-21"), 409, "早于送达日期").await;
        admin.refused(&format!("{path}/receipt"), receipt("2026-12-15"), 409, "还没有到").await;
        let mut broken = receipt(received);
        broken["file_hash"] = json!("ABC");
        admin.refused(&format!("{path}/receipt"), broken, 409, "校验值").await;
        admin.does(&format!("{path}/receipt"), receipt(received)).await;
        assert_eq!(here.stand().await["standing"], standing_is);
        assert_eq!(here.due().await, Vec::<Value>::new(), "nobody owes it any more");
    }
}

#[tokio::test]
async fn an_answer_is_accepted_behind_its_receipt_and_one_that_is_returned_can_be_demanded_again() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let question = here.demanded("2026-11-02").await;
    let path = |what: &str| format!("questions/{}/{what}", id(&question));
    let verdict = |version: u32, accepted: bool, on: &str| json!({ "version": version, "accepted": accepted, "on": on, "words": "常委会会议" });
    let demand = |version: u32| json!({ "version": version, "reason": "未说明整改", "served_on": "2026-11-20" });
    admin.refused(&path("verdict"), verdict(2, true, "2026-11-10"), 409, "还没有收到书面答复").await;
    admin.refused(&path("demand"), demand(2), 409, "还没有办结").await;
    // The day of service was typed wrongly: the period moves with it.
    admin.refused(&path("served"), json!({ "version": 2, "served_on": "2026-11-03", "why": "" }), 409, "理由").await;
    let moved =
        admin.does(&path("served"), json!({ "version": 2, "served_on": "2026-11-03", "why": "看错回执" })).await;
    assert_eq!((last_due(&question).0, last_due(&moved).0), ("2026-11-23".to_owned(), "2026-11-24".to_owned()));
    admin.does(&path("receipt"), json!({ "version": 3, "on": "2026-11-09", "text": "示例答复" })).await;
    admin
        .refused(&path("served"), json!({ "version": 4, "served_on": "2026-11-02", "why": "又错" }), 409, "已经收到")
        .await;
    admin.refused(&path("receipt"), json!({ "version": 4, "on": "2026-11-08", "text": "又" }), 409, "已经登记过").await;
    admin.refused(&path("verdict"), verdict(4, false, "2026-11-08"), 409, "早于收到日期").await;
    admin.does(&path("verdict"), verdict(4, false, "2026-11-12")).await;
    let again = admin.does(&path("demand"), demand(5)).await;
    assert_eq!(again["demands"].as_array().unwrap().len(), 2, "the one that was returned stays");
    admin.does(&path("receipt"), json!({ "version": 6, "on": "2026-12-01", "text": "补充答复" })).await;
    admin.does(&path("verdict"), verdict(7, true, "2026-12-03")).await;
    admin.refused(&path("demand"), demand(8), 409, "已经认可").await;
    // Two at two desks: the second sees a version that is gone.
    admin
        .refused(&path("receipt"), json!({ "version": 3, "on": "2026-12-01", "text": "某" }), 409, "刚刚由别人改过")
        .await;
    admin
        .refused(&path("receipt"), json!({ "version": 8, "on": "2026-12-01", "text": "某" }), 409, "没有正在办理")
        .await;
}

#[tokio::test]
async fn article_20_thirty_days_and_a_report_that_comes_a_day_too_late() {
    let here = standing().await;
    let admin = &here.year.admin;
    // 30 days behind 2026-09-01 is National Day.
    let kept = here.noticed("2026-09-01").await;
    assert_eq!((kept["period"]["due"].as_str(), kept["period"]["days"].as_u64()), (Some("2026-10-08"), Some(30)));
    let line = here.due().await.remove(0);
    assert_eq!((line["what"].as_str(), line["overdue"].as_bool()), (Some("correction_report"), Some(true)));
    let words = line["sum"]["words"][0].as_str().unwrap();
    assert!(words.contains("国庆节") && words.contains("2026年10月1日") && words.contains("顺延"), "{words}");
    let path = format!("corrections/{}/report", id(&kept));
    admin.does(&path, json!({ "version": 1, "on": "2026-10-08", "text": "示例报告" })).await;
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "in_time");
    admin.refused(&path, json!({ "version": 2, "on": "2026-10-09", "text": "某" }), 409, "已经登记过").await;
    admin.does(&path, json!({ "version": 2, "on": "2026-10-09", "text": "示例报告", "why": "回执上是 9 日" })).await;
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "late");
}

#[tokio::test]
async fn the_policy_of_the_cycle_is_kept_in_the_record() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let counting = json!({ "counts_service": true, "rolls": false });
    let cycle = year.cycle(json!({ "correction_days": 10, "counting": counting })).await;
    year.officials(1).await;
    let dossier = year.dossiers(&cycle).await.remove(0);
    let notice = json!({ "dossier": dossier["id"], "why": "常委会会议", "reason": "某", "points": ["某"], "served_on": "2026-09-22" });
    let period = year.admin.does("corrections", notice).await["period"].clone();
    assert_eq!((period["days"].as_u64(), &period["counting"]), (Some(10), &counting));
    assert_eq!(period["due"], "2026-10-01", "a holiday, and by this policy it stays the last day");
    let seen = year.admin.reads("cycles").await["cycles"][0].clone();
    assert_eq!(seen["used"], true, "the policy can no longer be changed");
}

#[tokio::test]
async fn a_correction_goes_from_notice_to_what_the_next_meeting_is_told() {
    let here = standing().await;
    let admin = &here.year.admin;
    for (change, word) in [
        (json!({ "why": "" }), "理由"),
        (json!({ "points": [] }), "1 到 50"),
        (json!({ "points": [" "] }), "整改事项不能空着"),
        (json!({ "served_on": "2026-12-15" }), "还没有到"),
    ] {
        let mut body = json!({ "dossier": here.written["id"], "why": "会议决定", "reason": "某", "points": ["某"], "served_on": "2026-11-02" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        admin.refused("corrections", body, 409, word).await;
    }
    let kept = here.noticed("2026-11-02").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&kept));
    let told = |version: u32, on: &str| json!({ "on": on, "meeting": "下一次述职述责述廉会议", "corrections": [{ "id": kept["id"], "version": version }] });
    admin.refused("corrections/told", told(1, "2026-12-10"), 409, "还没有研究").await;
    admin
        .refused(&path("brief"), json!({ "version": 1, "on": "2026-12-03", "text": "某" }), 409, "还没有督查记录")
        .await;
    let check = |version: u32, on: &str, done: bool| json!({ "version": version, "on": on, "who": "第一室", "found": "示例情况", "done": done });
    admin.refused(&path("check"), check(1, "2026-11-01", false), 409, "早于送达日期").await;
    admin.does(&path("check"), check(1, "2026-11-20", false)).await;
    admin.does(&path("check"), check(2, "2026-12-01", true)).await;
    admin
        .refused(
            &path("decision"),
            json!({ "version": 3, "on": "2026-12-04", "settled": true, "text": "某" }),
            409,
            "没有等待决定",
        )
        .await;
    admin.does(&path("brief"), json!({ "version": 3, "on": "2026-12-03", "text": "示例报告" })).await;
    let page = here.year.auditor.get("corrections/told.html").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let text = page.text();
    for word in ["代表", "尚未研究", "第一点", "第二点", "2026年11月2日送达"] {
        assert!(text.contains(word), "{word}");
    }
    admin.does(&path("decision"), json!({ "version": 4, "on": "2026-12-04", "settled": true, "text": "同意" })).await;
    admin
        .refused("corrections/told", json!({ "on": "2026-12-10", "meeting": "某", "corrections": [] }), 409, "没有选择")
        .await;
    admin.refused("corrections/told", told(5, "2026-12-03"), 409, "早于决定日期").await;
    assert_eq!(admin.does("corrections/told", told(5, "2026-12-10")).await[0]["told"][0]["on"], "2026-12-10");
    admin.refused("corrections/told", told(6, "2026-12-11"), 409, "没有新的内容").await;
    admin.refused("corrections/told", told(5, "2026-12-11"), 409, "刚刚由别人改过").await;
    let next = here.year.auditor.get("corrections/told.html").await.text();
    assert!(next.contains("没有需要通报的整改") && !next.contains("第一点"), "it was told");
    let past = here.year.auditor.get("corrections/told/2026-12-10").await.text();
    assert!(past.contains("第一点") && past.contains("整改到位") && past.contains("下一次述职述责述廉会议"));
    assert_eq!(here.year.auditor.get("corrections/told/2026-12-11").await.status, StatusCode::NOT_FOUND);
    let entry = here.year.auditor.reads("trail").await["entries"][0].clone();
    assert_eq!((entry["act"].as_str(), entry["who"].as_str()), (Some("correction/told"), Some("王办公")));
}

#[tokio::test]
async fn the_page_for_the_meeting_says_overdue_and_provisional_and_takes_no_markup_from_names() {
    let here = standing().await;
    let notice = |reason: &str, served: &str| {
        json!({ "dossier": here.oral["id"], "why": "会议决定", "reason": reason,
        "points": ["<img src=x onerror=alert(1)>"], "served_on": served })
    };
    here.year.admin.does("corrections", notice("<script>alert(1)</script>", "2026-09-01")).await;
    here.year.admin.does("corrections", notice("第二件", "2026-12-11")).await;
    let page = here.year.chair.get("corrections/told.html").await.text();
    assert!(page.contains("逾期未报告") && page.contains("暂定"), "{page}");
    assert!(page.contains("&lt;img src=x") && !page.contains("<img") && !page.contains("<script>alert"));
    assert!(!page.contains(" style="), "the guard forbids it");
    assert!(page.contains("共 2 件") && page.contains("尚未研究 2 件") && page.contains("1 件"), "{page}");
}

#[tokio::test]
async fn an_unknown_year_is_taken_in_and_every_provisional_day_is_logged_old_and_new() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let question = here.demanded("2026-12-11").await;
    let correction = here.noticed("2026-12-02").await;
    let settled = here.noticed("2026-09-01").await;
    let path = format!("questions/{}/receipt", id(&question));
    assert_eq!(last_due(&question), ("2027-01-02".to_owned(), true));
    assert_eq!(correction["period"]["due"], "2027-01-02");
    admin.does(&path, json!({ "version": 2, "on": "2026-12-14", "text": "示例答复" })).await;
    assert_eq!(here.stand().await["standing"], "in_time", "no notice can make it late");
    let calendar = here.year.auditor.reads("calendar").await;
    assert_eq!((calendar["unknown"].as_i64(), calendar["years"][0]["year"].as_i64()), (Some(2027), Some(2026)));
    assert!(calendar["years"][0].get("taken_in").is_none());

    let imported = admin.does("calendar", typed(2027, NOTICE)).await;
    let changed: Vec<(&str, &Value, &Value)> = imported["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), &one["before"], &one["after"]))
        .collect();
    let (old, answer, report) =
        (json!(["2027-01-02", true]), json!(["2027-01-04", false]), json!(["2027-01-04", false]));
    assert_eq!(changed, [("question", &old, &answer), ("correction", &old, &report)], "and not the settled one");
    let entries = here.year.auditor.reads("trail").await["entries"].as_array().unwrap().clone();
    let recounts: Vec<&Value> = entries.iter().filter(|entry| entry["act"] == "calendar/recount").collect();
    assert_eq!(recounts.len(), 2);
    for entry in recounts {
        let why = entry["what"]["why"].as_str().unwrap();
        assert!(why.contains("2027-01-02（暂定） 改为 2027-01-04") && why.contains("导入 2027 年"), "{why}");
        let fields = &entry["what"]["fields"];
        assert!(fields.get("demands").or(fields.get("period")).is_some(), "{fields}");
    }
    let lines = here.due().await;
    let own = lines.iter().find(|line| line["id"] == correction["id"]).unwrap();
    assert_eq!((own["provisional"].as_bool(), own["days_left"].as_i64()), (Some(false), Some(21)));
    assert!(!own["sum"]["words"][0].as_str().unwrap().contains("暂定"));
    assert!(lines.iter().any(|line| line["id"] == settled["id"] && line["due"] == "2026-10-08"));
    let known = here.year.auditor.reads("calendar").await;
    assert_eq!(known["unknown"], 2028);
    let taken = &known["years"][0]["taken_in"];
    assert_eq!((taken["who"].as_str(), taken["source"].as_str()), (Some("王办公"), Some("示例通知")));
    assert!(taken["at"].as_str().unwrap().starts_with("2026-12-14T"));
}

#[tokio::test]
async fn a_year_that_cannot_be_right_is_refused_and_what_is_striking_is_asked_about() {
    let here = standing().await;
    let admin = &here.year.admin;
    admin.refused("calendar", typed(2028, NOTICE), 409, "2028 年的放假安排现在不能导入").await;
    admin.refused("calendar", typed(2027, "2027-13-01 off 元旦"), 409, "一行也没有收入").await;
    admin.refused("calendar", typed(2027, "2026-05-01 off 劳动节"), 409, "不属于它的日期").await;
    let twice = format!("{NOTICE}2027-01-01 work 元旦\n");
    let said = admin.refused("calendar", typed(2027, &twice), 409, "看不懂").await;
    assert!(said["details"]["lines"][0].as_str().unwrap().contains("2027-01-01 前面已经写过"), "{said}");
    let mut silent = typed(2027, NOTICE);
    silent["source"] = json!("");
    admin.refused("calendar", silent, 409, "出处").await;
    let mut file = json!({ "year": 2027, "form": "file", "text": r#"{ "year": 2026, "days": [{ "date": "2026-01-01", "isOffDay": true }] }"#, "source": "某" });
    admin.refused("calendar", file.clone(), 409, "是 2026 年的").await;
    file["text"] = json!(r#"{ "year": 2027, "days": [] }"#);
    admin.refused("calendar", file, 409, "还没有发布").await;
    // Qingming and a weekday: two questions, answered by a comparison with the notice.
    let odd = NOTICE.replace("2027-04-03..2027-04-05 off 清明节\n", "").replace("2027-02-14 work", "2027-02-15 work");
    let said = admin.refused("calendar", typed(2027, &odd), 409, "2 处需要核对").await;
    let lines: Vec<&str> = said["details"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(lines, ["没有写到清明。", "2027-02-15 本来就是工作日，却写成调休上班。"]);
    let mut compared = typed(2027, &odd);
    compared["compared"] = json!("与通知原文一致");
    let kept = admin.does("calendar", compared).await;
    assert_eq!(
        (&kept["year"]["striking"], kept["year"]["compared"].as_str()),
        (&said["details"]["lines"], Some("与通知原文一致"))
    );
    // Another one takes its place, with a reason, for whoever has seen it.
    admin.refused("calendar", typed(2027, NOTICE), 409, "已经有了").await;
    let mut again = typed(2027, NOTICE);
    (again["why"], again["version"]) = (json!("上一次抄错了"), json!(0));
    admin.refused("calendar", again.clone(), 409, "刚刚由别人改过").await;
    again["version"] = json!(1);
    assert_eq!(admin.does("calendar", again.clone()).await["year"]["version"], 2);
    again["version"] = json!(2);
    admin.refused("calendar", again, 409, "已经是这份").await;
    // A year that the program carries is replaced with a reason, too.
    let built_in = include_str!("../calendar/2026.json");
    let mut own = json!({ "year": 2026, "form": "file", "text": built_in, "source": "某" });
    admin.refused("calendar", own.clone(), 409, "已经有了").await;
    own["why"] = json!("示例");
    assert_eq!(admin.does("calendar", own).await["changed"], json!([]));
}

#[tokio::test]
async fn a_later_notice_moves_even_a_day_that_was_sure_and_says_so() {
    let here = standing().await;
    let admin = &here.year.admin;
    let kept = here.noticed("2026-11-27").await;
    assert_eq!(
        (kept["period"]["due"].as_str(), kept["period"]["provisional"].as_bool()),
        (Some("2026-12-28"), Some(true))
    );
    admin.does("calendar", typed(2027, NOTICE)).await;
    let sure = here.year.auditor.reads("corrections").await[0].clone();
    assert_eq!(
        (sure["period"]["due"].as_str(), sure["period"]["provisional"].as_bool()),
        (Some("2026-12-28"), Some(false))
    );
    let mut corrected = typed(2027, &NOTICE.replace("2026-12-31..", "2026-12-28.."));
    (corrected["why"], corrected["version"]) = (json!("通知已更正"), json!(1));
    let changed = admin.does("calendar", corrected).await["changed"].clone();
    assert_eq!(
        (&changed[0]["before"], &changed[0]["after"]),
        (&json!(["2026-12-28", false]), &json!(["2027-01-04", false]))
    );
}

#[tokio::test]
async fn whoever_only_looks_enters_nothing_and_whoever_counts_does_not_look() {
    let here = standing().await;
    here.committee().await;
    let kept = here.noticed("2026-11-02").await;
    let acts = [
        ("questions".to_owned(), here.asks(&here.oral, "2026-12-01")),
        (here.at("committee"), json!({ "version": 1, "members": [], "why": "某" })),
        (format!("corrections/{}/report", id(&kept)), json!({ "version": 1, "on": "2026-12-01", "text": "某" })),
        ("corrections/told".to_owned(), json!({ "on": "2026-12-10", "meeting": "某", "corrections": [] })),
        ("calendar".to_owned(), typed(2027, NOTICE)),
    ];
    for person in [&here.year.chair, &here.year.auditor, &here.year.teller, &here.year.scrutineer] {
        for (path, body) in &acts {
            let answered = person.post(path, body.clone()).await;
            assert_eq!(answered.status, StatusCode::FORBIDDEN, "{path}: {}", answered.json());
        }
    }
    for path in ["questions", "corrections", "due", "calendar", "corrections/told.html"] {
        for person in [&here.year.admin, &here.year.chair, &here.year.auditor] {
            assert_eq!(person.get(path).await.status, StatusCode::OK, "{path}");
        }
        for person in [&here.year.teller, &here.year.scrutineer] {
            assert_eq!(person.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}

#[tokio::test]
async fn what_runs_is_followed_to_its_end_behind_the_end_of_its_cycle_and_nothing_new_begins() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let kept = here.noticed("2026-11-02").await;
    let seen = admin.reads("cycles").await["cycles"][0]["version"].clone();
    admin.does(&here.at("close"), json!({ "version": seen, "why": "年度工作完成" })).await;
    admin.refused("questions", here.asks(&here.oral, "2026-12-01"), 409, "已经结束").await;
    let notice = json!({ "dossier": here.written["id"], "why": "某", "reason": "某", "points": ["某"], "served_on": "2026-12-01" });
    admin.refused("corrections", notice, 409, "已经结束").await;
    let path = format!("corrections/{}/report", id(&kept));
    admin.does(&path, json!({ "version": 1, "on": "2026-12-02", "text": "示例报告" })).await;
}

/// A newer program may bring a year with it: what was provisional when it was last open is counted again by itself.
#[tokio::test]
async fn a_record_whose_days_rest_on_less_than_the_program_knows_is_counted_again_at_start() {
    let data = tempfile::tempdir().unwrap();
    let random: douxuan::staff::Random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())));
    let book = Book::open(data.path(), random).await.unwrap();
    let nothing_known = Period {
        served: "2026-09-01".to_owned(),
        days: 30,
        unit: Unit::Days,
        counting: Policy::default(),
        due: "2026-10-04".to_owned(),
        provisional: true,
    };
    let hand = Hand { who: "某甲".to_owned(), role: "office".to_owned(), at: "2025-12-01T09:00:00+08:00".to_owned() };
    let kept = book
        .change(&hand, |draft| {
            let correction = Correction {
                dossier: Id::read("00000000000000aa").unwrap(),
                step: None,
                reason: "示例".to_owned(),
                points: vec!["某".to_owned()],
                period: nothing_known,
                report: None,
                checks: Vec::new(),
                briefs: Vec::new(),
                told: Vec::new(),
            };
            Ok(draft.add("correction/notice", &correction, "示例"))
        })
        .await
        .unwrap();
    book.close().await;
    let year = Year::start(data.path()).await;
    let entries = year.auditor.reads("trail").await["entries"].as_array().unwrap().clone();
    assert_eq!((entries.len(), entries[0]["id"].as_str().unwrap()), (2, kept.to_string().as_str()));
    assert_eq!((entries[0]["act"].as_str(), entries[0]["role"].as_str()), (Some("calendar/recount"), Some("program")));
    let why = entries[0]["what"]["why"].as_str().unwrap();
    assert!(why.contains("2026-10-04（暂定） 改为 2026-10-08"), "{why}");
}

#[tokio::test]
async fn the_evening_before_knows_a_year_that_was_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    year.office.act("/desk/settings", json!({ "date": "2027-01-11" })).await;
    let says = |report: &Value| {
        let check =
            report["checks"].as_array().unwrap().iter().find(|check| check["key"] == "calendar").unwrap().clone();
        check["findings"][0]["says"].as_str().unwrap().to_owned()
    };
    assert_eq!(says(&year.office.get("/desk/preflight").await.json()), "calendar_unknown");
    year.admin.does("calendar", typed(2027, NOTICE)).await;
    assert_eq!(says(&year.office.get("/desk/preflight").await.json()), "calendar_known");
}
