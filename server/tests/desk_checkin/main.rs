//! Check-in and quorum over HTTP: who is here, who came late, who has left; what it lets the office do; and that the
//! database tells nobody in which order people came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../office/mod.rs"]
mod office;
mod quorum;
mod traces;

use std::{collections::BTreeSet, io::Read as _, path::Path};

use axum::http::StatusCode;
use office::{Answered, Office, Phone, base64, start};
use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

/// Twelve people, of whom the first two are 常委, at a frozen meeting with this quorum.
async fn frozen(data: &Path, quorum: Value) -> Office {
    let office = start(data).await.unwrap();
    prepared(&office, quorum).await;
    office.act("/desk/freeze", json!({})).await;
    office
}

async fn prepared(office: &Office, quorum: Value) {
    let mut roster = "姓名,类别,单位,职务\n".to_owned();
    for n in 1..=12 {
        let group = if n <= 2 { "县纪委常委" } else { "县纪委委员" };
        roster.push_str(&format!("代表{n},{group},第{n}单位,委员\n"));
    }
    let officials = "姓名,单位,职务,报告方式\n代表1,第1单位,委员,会议报告\n代表2,第2单位,委员,会议报告\n";
    let lists =
        json!({ "roster_csv_base64": base64(roster.as_bytes()), "officials_csv_base64": base64(officials.as_bytes()) });
    office.act("/desk/import", lists).await;
    let settings = json!({ "title": "小会", "place": "会议室", "drill": true, "rounds": 2, "release": "close",
        "two_people": false, "quorum": quorum });
    office.act("/desk/settings", settings).await;
}

fn two_thirds() -> Value {
    json!({ "share": [2, 3] })
}

trait Checkin {
    async fn sign(&self, numbers: &[usize], state: &str) -> Value;
    async fn list(&self) -> Value;
    async fn totals(&self) -> (u64, u64, u64);
    async fn person(&self, number: usize) -> Value;
    async fn window(&self, present: u32);
}

impl Checkin for Office {
    async fn sign(&self, numbers: &[usize], state: &str) -> Value {
        self.act("/desk/checkin", json!({ "numbers": numbers, "state": state })).await
    }

    async fn list(&self) -> Value {
        let answered = self.get("/desk/checkin").await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.json());
        answered.json()
    }

    /// 应到, 实到, 在场.
    async fn totals(&self) -> (u64, u64, u64) {
        let totals = self.list().await["totals"].clone();
        assert_eq!(totals, self.state().await["checkin"], "the console's state says the same");
        let number = |name: &str| totals[name].as_u64().unwrap();
        (number("expected"), number("came"), number("here"))
    }

    async fn person(&self, number: usize) -> Value {
        self.list().await["people"][number - 1].clone()
    }

    /// Opens and closes a window.
    async fn window(&self, present: u32) {
        self.act("/desk/window/open", json!({})).await;
        self.act("/desk/window/close", json!({ "present": present })).await;
    }
}

fn open(item: u16) -> Value {
    json!({ "contests": [[item, 1]] })
}

#[tokio::test]
async fn whoever_comes_between_two_windows_is_late_and_counts_in_the_next() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    assert_eq!(office.totals().await, (12, 0, 0));
    assert_eq!(office.state().await["checkin"]["in_use"], false);
    // Before the first window opens nobody is late.
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8], "here").await;
    office.act("/desk/window/open", json!({})).await;
    office.sign(&[9], "here").await;
    assert_eq!(office.totals().await, (12, 9, 9));
    let nine = office.person(9).await;
    assert_eq!((&nine["late"], &nine["waits"], &nine["counted"]), (&json!(false), &json!(false), &json!(false)));
    office.act("/desk/window/close", json!({ "present": 9 })).await;
    assert_eq!(office.person(9).await["counted"], true);

    office.sign(&[10], "here").await;
    let ten = office.person(10).await;
    assert_eq!((&ten["late"], &ten["waits"], &ten["counted"]), (&json!(true), &json!(true), &json!(false)));
    assert_eq!((office.list().await["totals"]["waits"].clone(), office.totals().await), (json!(1), (12, 10, 10)));
    // The contest that opens meanwhile rests on the first window.
    office.act("/desk/contest/open", open(1)).await;
    office.act("/desk/contest/close", open(1)).await;

    office.act("/desk/window/open", json!({})).await;
    assert_eq!(office.person(10).await["waits"], false, "his window is open");
    let few = office.refused("/desk/window/close", json!({ "present": 9 })).await;
    assert!(few.contains("报到的有 10 人") && few.contains("填写的实到是 9 人"), "{few}");
    office.act("/desk/window/close", json!({ "present": 10 })).await;
    let windows = office.state().await["frozen"]["windows"].clone();
    assert_eq!((&windows[0]["present"], &windows[1]["present"]), (&json!(9), &json!(10)));
    let ten = office.person(10).await;
    assert_eq!((&ten["late"], &ten["counted"]), (&json!(false), &json!(true)), "who was late is forgotten");
    office.stop().await;
}

#[tokio::test]
async fn a_wrong_sign_in_is_undone_until_a_window_has_counted_it() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    let answer = office.sign(&[3], "here").await;
    assert_eq!((&answer["people"][0]["before"], &answer["people"][0]["name"]), (&json!("absent"), &json!("代表3")));
    let again = office.sign(&[3], "here").await;
    assert_eq!(again["people"][0]["before"], "here", "said once more, changed nothing");
    office.sign(&[3], "absent").await;
    assert_eq!(office.totals().await, (12, 0, 0));
    assert_eq!(office.state().await["checkin"]["in_use"], false, "whoever undoes all of it counts by hand again");
    // One who left before he was counted may be undone as well.
    office.sign(&[4, 5], "here").await;
    office.sign(&[4], "left").await;
    office.sign(&[4], "absent").await;
    office.act("/desk/window/open", json!({})).await;
    office.sign(&[6], "here").await;
    office.sign(&[6], "absent").await;
    office.act("/desk/window/close", json!({ "present": 1 })).await;

    let counted = office.refused("/desk/checkin", json!({ "numbers": [5], "state": "absent" })).await;
    assert!(counted.contains("代表5") && counted.contains("关闭登记时") && counted.contains("早退"), "{counted}");
    office.sign(&[5], "left").await;
    office.refused("/desk/checkin", json!({ "numbers": [5], "state": "absent" })).await;
    assert_eq!(office.totals().await, (12, 1, 0), "实到 stays, 在场 falls");
    office.sign(&[5], "here").await;
    assert_eq!(office.totals().await, (12, 1, 1));
    let never = office.refused("/desk/checkin", json!({ "numbers": [7], "state": "left" })).await;
    assert!(never.contains("代表7没有报到"), "{never}");
    office.stop().await;
}

#[tokio::test]
async fn of_several_one_that_is_not_on_the_roster_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    for numbers in [json!([1, 13]), json!([0, 1]), json!([])] {
        let refused = office.refused("/desk/checkin", json!({ "numbers": numbers, "state": "here" })).await;
        assert!(!refused.is_empty());
        assert_eq!(office.totals().await, (12, 0, 0));
    }
    for body in [
        json!({ "numbers": [1] }),
        json!({ "numbers": [-1], "state": "here" }),
        json!({ "numbers": [1], "state": "asleep" }),
        json!({ "numbers": [1], "state": "here", "slip": "x" }),
    ] {
        assert_eq!(office.post("/desk/checkin", body).await.status, StatusCode::BAD_REQUEST);
    }
    office.stop().await;
}

/// Codes of the printed sheet, in its order.
async fn codes(office: &Office) -> Vec<String> {
    let page = office.get("/desk/checkin/sheet").await;
    assert_eq!(page.status, StatusCode::OK);
    let page = page.text();
    let parts = page.split("</svg><span>").skip(1);
    parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_code_of_the_sheet_signs_in_its_row_and_a_wrong_digit_nobody() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    let codes = codes(&office).await;
    assert_eq!(codes.len(), 12);
    let by_code = |code: &str| json!({ "code": code, "state": "here" });
    let answer = office.act("/desk/checkin", by_code(&codes[6])).await;
    assert_eq!((&answer["people"][0]["number"], &answer["people"][0]["name"]), (&json!(7), &json!("代表7")));
    let bare = codes[7].replace(' ', "");
    let last = bare.chars().last().unwrap().to_digit(10).unwrap();
    let wrong = format!("{}{}", &bare[..7], (last + 1) % 10);
    for code in [wrong.as_str(), &bare[..7], "0013 0000", "DX-R-0008", "", "ABCD-EFGH-JKMN-PQRS"] {
        let refused = office.refused("/desk/checkin", by_code(code)).await;
        assert!(refused.contains("不是本次签到表上的码"), "{code}: {refused}");
        assert!(code.is_empty() || !refused.contains(code), "what was scanned is not repeated");
    }
    assert_eq!(office.totals().await, (12, 1, 1));
    office.act("/desk/checkin", by_code(&bare)).await;
    assert_eq!(office.person(8).await["state"], "here");
    office.stop().await;
}

#[tokio::test]
async fn the_sheet_is_ordered_by_group_and_escapes_what_stands_in_the_roster() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.get("/desk/checkin/sheet").await.status, StatusCode::CONFLICT, "nothing is frozen");
    assert_eq!(office.get("/desk/checkin").await.status, StatusCode::CONFLICT);
    office.refused("/desk/checkin", json!({ "numbers": [1], "state": "here" })).await;
    let roster =
        "姓名,类别,单位,职务\n甲,县纪委委员,<b>一室</b>,主任\n乙,县纪委常委,二室,主任\n丙,县纪委委员,三室,主任\n";
    let officials = "姓名,单位,职务,报告方式\n乙,二室,主任,会议报告\n";
    let lists = json!({ "roster_csv_base64": base64(roster.as_bytes()), "officials_csv_base64": base64(officials.as_bytes()), "confirmed": true });
    office.act("/desk/import", lists).await;
    office
        .act("/desk/settings", json!({ "title": "小会", "place": "会议室", "drill": true, "two_people": false }))
        .await;
    office.act("/desk/freeze", json!({})).await;
    let page = office.get("/desk/checkin/sheet?lang=en").await.text();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(at("纪委委员（2 人）") < at("甲") && at("甲") < at("丙") && at("丙") < at("纪委常委（1 人）"));
    assert!(at("纪委常委（1 人）") < at("<td class=\"name\">乙"), "by group");
    assert!(page.contains("&lt;b&gt;一室") && !page.contains("<b>一室"));
    assert!(page.contains("应到 3 人") && page.contains("lang=\"en\"") && page.contains("演练"));
    office.stop().await;
}

#[tokio::test]
async fn after_the_end_nobody_signs_in_and_after_the_archive_nobody_leaves() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8, 9], "here").await;
    office.window(9).await;
    office.act("/desk/contest/open", open(1)).await;
    office.act("/desk/contest/close", open(1)).await;
    office.act("/desk/contest/publish", open(1)).await;
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    let ended = office.refused("/desk/checkin", json!({ "numbers": [10], "state": "here" })).await;
    assert!(ended.contains("登记已经结束，代表10不能再报到"), "{ended}");
    assert_eq!(office.list().await["ended"], true);
    office.sign(&[9], "left").await;
    office.sign(&[9], "here").await;
    office.act("/desk/archive", json!({})).await;
    let archived = office.refused("/desk/checkin", json!({ "numbers": [9], "state": "left" })).await;
    assert!(archived.contains("归档"), "{archived}");
    // The next meeting begins with nobody.
    assert_eq!(office.totals().await, (12, 9, 9));
    office.act("/desk/meeting/new", json!({})).await;
    office.act("/desk/freeze", json!({})).await;
    assert_eq!(office.totals().await, (12, 0, 0));
    office.stop().await;
}

#[tokio::test]
async fn slips_made_anew_and_a_restart_leave_everybody_where_he_is() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    office.sign(&[1, 2, 5], "here").await;
    office.sign(&[5], "left").await;
    let (before, printed) = (office.list().await, codes(&office).await);
    office.act("/desk/slips/again", json!({})).await;
    assert_eq!((office.totals().await, office.list().await), ((12, 3, 2), before), "the same people in the same room");
    assert_eq!(codes(&office).await, printed);
    // Nobody was counted: who was signed in by mistake still is undone.
    office.sign(&[5], "absent").await;
    office.sign(&[3, 4], "here").await;
    office.window(4).await;
    office.sign(&[5], "here").await;
    office.sign(&[2], "left").await;
    let before = office.list().await;
    office.stop().await;

    let office = start(data.path()).await.unwrap();
    assert_eq!(office.list().await, before);
    assert_eq!(codes(&office).await, printed, "what was printed stays good");
    office.refused("/desk/checkin", json!({ "numbers": [1], "state": "absent" })).await;
    office.refused("/desk/contest/open", open(1)).await;
    office.stop().await;
}

#[tokio::test]
async fn a_meeting_that_was_frozen_before_there_was_check_in_has_everybody_absent() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    office.window(8).await;
    office.stop().await;
    let file = SqliteConnectOptions::new().filename(data.path().join("office.db"));
    let mut db = SqliteConnection::connect_with(&file).await.unwrap();
    for step in ["DROP TABLE presence", "DELETE FROM _sqlx_migrations WHERE version = 6"] {
        sqlx::query(step).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.totals().await, (12, 0, 0));
    office.sign(&[9], "here").await;
    assert_eq!(office.person(9).await["late"], true);
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tellers_at_once_lose_nobody() {
    let data = tempfile::tempdir().unwrap();
    let office = std::sync::Arc::new(frozen(data.path(), Value::Null).await);
    let mut tellers = tokio::task::JoinSet::new();
    for numbers in [[1, 2, 3, 4, 5, 6], [12, 11, 10, 9, 8, 6]] {
        let office = office.clone();
        tellers.spawn(async move {
            let mut last = 0;
            for number in numbers {
                let answer = office.sign(&[number], "here").await;
                last = answer["totals"]["came"].as_u64().unwrap();
            }
            last
        });
    }
    let counts: BTreeSet<u64> = tellers.join_all().await.into_iter().collect();
    assert_eq!(counts.last(), Some(&11), "whoever was last saw all of them: {counts:?}");
    assert_eq!(office.totals().await, (12, 11, 11));
}

#[tokio::test]
async fn a_teller_signs_in_an_auditor_does_not() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    use axum::http::Method;
    use douxuan::staff::{Act, Right, Role, right};
    for role in Role::ALL {
        let may = matches!(role, Role::Office | Role::Chair | Role::Teller);
        for (method, path) in
            [(Method::POST, "/desk/checkin"), (Method::GET, "/desk/checkin"), (Method::GET, "/desk/checkin/sheet")]
        {
            let act = Act::of(&method, path, b"{}").unwrap();
            assert_eq!(right(role, act) == Right::Alone, may, "{role:?} {method} {path}");
        }
    }
    // Nobody at all without having signed in.
    let stranger = office::send(&office.app.console, office::console(Method::GET, "/desk/checkin", None)).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    office.stop().await;
}
