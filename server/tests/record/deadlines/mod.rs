//! Periods of the review: written answers (article 17), corrections (article 20), and the calendar that both rest on,
//! through the API of the console. Today is the clock of each test.

mod corrections;
mod mended;
mod years;

use std::sync::Arc;

use axum::http::StatusCode;
use douxuan::record::{Book, Correction, Hand, Id, Period, Unit, calendar::Policy};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::review::{NOTICE, Year, id};

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

    /// What officials still owe, with the last day of its period.
    async fn due(&self) -> Vec<Value> {
        let mut lines = self.year.auditor.reads("due").await["lines"].as_array().unwrap().clone();
        lines.retain(|line| line["what"] == "written_answer" || line["what"] == "correction_report");
        lines
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
        ("2026-12-11", ("2026-12-29", true)),
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
            ("2026-12-29", true, false, None)
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
        broken["file"] = json!({ "sha256": "ABC", "name": "a.pdf" });
        admin.refused(&format!("{path}/receipt"), broken, 409, "SHA-256").await;
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
    let dates = |version: u32, served: &str, received: Option<&str>, decided: Option<&str>, why: &str| {
        json!({ "version": version, "why": why,
        "dates": { "asked_on": "2026-01-05", "demands": [{ "served_on": served, "received_on": received, "decided_on": decided }] } })
    };
    admin.refused(&path("dates"), dates(2, "2026-11-03", None, None, ""), 409, "理由").await;
    admin.refused(&path("dates"), dates(2, "2026-01-04", None, None, "看错"), 409, "早于询问日期").await;
    admin.refused(&path("dates"), dates(2, "2026-11-03", Some("2026-11-09"), None, "看错"), 409, "对不上").await;
    let moved = admin.does(&path("dates"), dates(2, "2026-11-03", None, None, "看错回执")).await;
    assert_eq!((last_due(&question).0, last_due(&moved).0), ("2026-11-23".to_owned(), "2026-11-24".to_owned()));
    admin.does(&path("receipt"), json!({ "version": 3, "on": "2026-11-09", "text": "示例答复" })).await;
    // Behind the receipt too, with all that follows in order.
    admin.refused(&path("dates"), dates(4, "2026-11-10", Some("2026-11-09"), None, "又错"), 409, "早于送达日期").await;
    admin.refused(&path("dates"), dates(4, "2026-11-03", Some("2026-11-09"), None, "又错"), 409, "都没有变").await;
    admin.refused(&path("receipt"), json!({ "version": 4, "on": "2026-11-08", "text": "又" }), 409, "已经登记过").await;
    admin.refused(&path("verdict"), verdict(4, false, "2026-11-08"), 409, "早于收到日期").await;
    admin.does(&path("verdict"), verdict(4, false, "2026-11-12")).await;
    // The day of receipt and the day of the decision were typed wrongly: the trail has the old ones and the new ones.
    let put_right = admin
        .does(&path("dates"), dates(5, "2026-11-03", Some("2026-11-10"), Some("2026-11-13"), "对照会议记录"))
        .await;
    assert_eq!(
        (&put_right["demands"][0]["receipt"]["on"], &put_right["demands"][0]["verdict"]["on"]),
        (&json!("2026-11-10"), &json!("2026-11-13"))
    );
    let entry = here.year.auditor.reads("trail").await["entries"][0]["what"].clone();
    let said = |side: usize, what: &str| entry["fields"]["demands"][side][0][what]["on"].clone();
    assert_eq!((said(0, "receipt"), said(1, "receipt")), (json!("2026-11-09"), json!("2026-11-10")));
    assert_eq!((said(0, "verdict"), said(1, "verdict")), (json!("2026-11-12"), json!("2026-11-13")));
    assert_eq!(entry["why"], "对照会议记录");
    let early = json!({ "version": 6, "reason": "未说明整改", "served_on": "2026-11-12" });
    admin.refused(&path("demand"), early, 409, "早于决定日期").await;
    let again = admin.does(&path("demand"), demand(6)).await;
    assert_eq!(again["demands"].as_array().unwrap().len(), 2, "the one that was returned stays");
    admin.does(&path("receipt"), json!({ "version": 7, "on": "2026-12-01", "text": "补充答复" })).await;
    admin.does(&path("verdict"), verdict(8, true, "2026-12-03")).await;
    admin.refused(&path("demand"), demand(9), 409, "已经认可").await;
    // Two at two desks: the second sees a version that is gone.
    admin
        .refused(&path("receipt"), json!({ "version": 3, "on": "2026-12-01", "text": "某" }), 409, "刚刚由别人改过")
        .await;
    admin
        .refused(&path("receipt"), json!({ "version": 9, "on": "2026-12-01", "text": "某" }), 409, "没有正在办理")
        .await;
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
