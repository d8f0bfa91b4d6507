//! Check-in and quorum over HTTP: who is here, who came late, who has left; what it lets the office do; and that the
//! database tells nobody in which order people came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

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
async fn at_two_thirds_an_item_opens_and_one_fewer_is_refused_with_the_arithmetic() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8], "here").await;
    office.window(8).await;
    assert_eq!(office.state().await["quorum"]["holds"], true);

    office.sign(&[8], "left").await;
    let quorum = office.state().await["quorum"].clone();
    assert_eq!((&quorum["holds"], &quorum["by"]), (&json!(false), &json!("checkin")));
    assert_eq!(
        quorum["lines"][0],
        json!({ "group": "", "share": [2, 3], "over": false, "expected": 12, "present": 7, "needed": 8, "holds": false })
    );
    let refused = office.refused("/desk/contest/open", open(1)).await;
    assert!(refused.contains("在场 7 人，应到 12 人，至少要 8 人（不少于 2/3）"), "{refused}");
    assert!(refused.contains("还差 1 人") && refused.contains("报到"), "{refused}");
    // The rehearsal decides nothing.
    office.act("/desk/contest/open", json!({ "contests": [[0, 0]] })).await;
    office.act("/desk/rehearsal/destroy", json!({})).await;
    // A late one makes the quorum before his own window: he is here.
    office.sign(&[12], "here").await;
    office.act("/desk/contest/open", open(1)).await;
    // What is open stays open, whoever leaves.
    office.sign(&[1, 2, 3, 4], "left").await;
    office.act("/desk/contest/close", open(1)).await;
    office.refused("/desk/contest/open", json!({ "contests": [[2, 1]] })).await;
    // A further round is opened, too.
    office.act("/desk/contest/void", open(1)).await;
    let again = office.refused("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    assert!(again.contains("至少要 8 人"), "{again}");
    office.sign(&[1, 2, 3, 4], "here").await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    office.stop().await;
}

#[tokio::test]
async fn without_check_in_the_heads_announced_count_and_the_typed_number_stands() {
    for (present, opens) in [(7, false), (8, true)] {
        let data = tempfile::tempdir().unwrap();
        let office = frozen(data.path(), two_thirds()).await;
        assert_eq!(office.state().await["quorum"], Value::Null, "nobody was counted yet");
        office.window(present).await;
        let quorum = office.state().await["quorum"].clone();
        assert_eq!((&quorum["by"], &quorum["holds"]), (&json!("window"), &json!(opens)));
        if opens {
            office.act("/desk/contest/open", open(1)).await;
        } else {
            let refused = office.refused("/desk/contest/open", open(1)).await;
            assert!(refused.contains("上次关闭登记时实到 7 人，应到 12 人，至少要 8 人"), "{refused}");
            assert!(refused.contains("再开一次登记"), "{refused}");
            // What it says to do helps.
            office.window(8).await;
            office.act("/desk/contest/open", open(1)).await;
        }
        office.stop().await;
    }
}

#[tokio::test]
async fn one_who_signs_in_where_heads_are_counted_by_hand_stops_nobody() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    // Before anything was announced a sign-in counts, and both ways out are named.
    office.sign(&[1], "here").await;
    office.act("/desk/window/open", json!({})).await;
    let differs = office.refused("/desk/window/close", json!({ "present": 9 })).await;
    assert!(differs.contains("补报到") && differs.contains("撤销") && differs.contains("不用报到"), "{differs}");
    office.sign(&[1], "absent").await;
    office.act("/desk/window/close", json!({ "present": 9 })).await;

    office.sign(&[12], "here").await;
    let state = office.state().await;
    assert_eq!((&state["quorum"]["by"], &state["quorum"]["holds"]), (&json!("window"), &json!(true)));
    assert_eq!(state["checkin"]["in_use"], false, "the console asks for the heads");
    office.act("/desk/contest/open", open(1)).await;
    office.act("/desk/contest/close", open(1)).await;
    // Counted in the next window, he cannot be undone any more, and still stops nobody.
    office.window(10).await;
    office.refused("/desk/checkin", json!({ "numbers": [12], "state": "absent" })).await;
    office.sign(&[12], "left").await;
    office.act("/desk/contest/open", json!({ "contests": [[2, 1]] })).await;
    office.act("/desk/contest/close", json!({ "contests": [[2, 1]] })).await;
    office.window(11).await;
    // As soon as as many have signed in as were announced, check-in knows better.
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8, 9], "here").await;
    assert_eq!(office.state().await["quorum"]["by"], "window");
    office.sign(&[10], "here").await;
    let quorum = office.state().await["quorum"].clone();
    assert_eq!((&quorum["by"], &quorum["lines"][0]["present"]), (&json!("checkin"), &json!(10)));
    office.stop().await;
}

#[tokio::test]
async fn the_policy_is_the_offices_over_half_a_group_beside_it_or_none() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), json!({ "share": [1, 2], "over": true })).await;
    office.window(6).await;
    let half = office.refused("/desk/contest/open", open(1)).await;
    assert!(half.contains("至少要 7 人（超过 1/2）"), "{half}");
    office.window(7).await;
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;

    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), json!({ "share": [1, 2], "groups": { "纪委常委": [1, 1] } })).await;
    office.window(12).await;
    let unknown = office.refused("/desk/contest/open", open(1)).await;
    assert!(unknown.contains("“纪委常委”") && unknown.contains("报到"), "{unknown}");
    office.sign(&[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "here").await;
    let missing = office.refused("/desk/contest/open", open(1)).await;
    assert!(missing.contains("“纪委常委”在场 1 人，应到 2 人，至少要 2 人"), "{missing}");
    assert!(missing.contains("给在场的人报到") && !missing.contains("再开一次登记"), "{missing}");
    let groups = office.list().await["totals"]["groups"].clone();
    assert_eq!(groups[0], json!({ "group": "纪委常委", "expected": 2, "came": 1, "here": 1 }));
    office.sign(&[2], "here").await;
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;

    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    office.window(0).await;
    assert_eq!(office.state().await["quorum"], Value::Null);
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;
}

#[tokio::test]
async fn the_policy_is_checked_when_it_is_set_and_fixed_by_freezing() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    prepared(&office, two_thirds()).await;
    for quorum in [json!({ "share": [0, 3] }), json!({ "share": [4, 3] }), json!({ "share": [3, 3], "over": true })] {
        office.refused("/desk/settings", json!({ "quorum": quorum })).await;
    }
    office.act("/desk/settings", json!({ "quorum": { "share": [2, 3], "groups": { "常务委员": [1, 2] } } })).await;
    let unknown = office.refused("/desk/freeze", json!({})).await;
    assert!(unknown.contains("“常务委员”") && unknown.contains("没有这个类别"), "{unknown}");
    office.act("/desk/settings", json!({ "quorum": { "share": [3, 4] } })).await;
    office.act("/desk/settings", json!({ "place": "二楼" })).await;
    assert_eq!(office.state().await["settings"]["quorum"]["share"], json!([3, 4]), "what is not given stays");
    office.act("/desk/freeze", json!({})).await;
    office.refused("/desk/settings", json!({ "quorum": null })).await;
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

/// The rows of the table, and the very bytes of its page in the file.
async fn dump(data: &Path) -> (Vec<(i64, String, Vec<u8>)>, Vec<u8>) {
    let path = data.join("office.db");
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    let rows = sqlx::query("SELECT rowid, state, window FROM presence").fetch_all(&mut db).await.unwrap();
    let rows = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let root: i64 = sqlx::query_scalar("SELECT rootpage FROM sqlite_master WHERE name = 'presence'")
        .fetch_one(&mut db)
        .await
        .unwrap();
    let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    let mut file = Vec::new();
    std::fs::File::open(path).unwrap().read_to_end(&mut file).unwrap();
    let (root, size) = (usize::try_from(root).unwrap(), usize::try_from(size).unwrap());
    (rows, file[(root - 1) * size..root * size].to_vec())
}

#[tokio::test]
async fn the_database_does_not_tell_in_which_order_people_came() {
    let mut dumps = Vec::new();
    for order in [[3, 1, 9, 4, 12, 7], [12, 9, 7, 4, 3, 1], [1, 3, 4, 7, 9, 12]] {
        let data = tempfile::tempdir().unwrap();
        let office = frozen(data.path(), Value::Null).await;
        for number in order {
            office.sign(&[number], "here").await;
            // One at a time, with a mistake now and then, and one who goes and comes back.
            if number == order[2] {
                office.sign(&[5], "here").await;
                office.sign(&[5], "absent").await;
            }
        }
        office.sign(&[order[0]], "left").await;
        office.sign(&[order[0]], "here").await;
        office.sign(&[4], "left").await;
        // Page images in the order of writing are gone while the server still runs.
        let log = std::fs::metadata(data.path().join("office.db-wal")).unwrap().len();
        assert_eq!(log, 0, "the write-ahead log still has {log} bytes");
        let while_running = dump(data.path()).await;
        office.stop().await;
        let dump = dump(data.path()).await;
        assert_eq!(dump, while_running);
        assert_eq!(dump.0.len(), 12);
        assert!(dump.0.windows(2).all(|pair| pair[0].0 < pair[1].0), "by number");
        dumps.push(dump);
    }
    assert!(dumps.windows(2).all(|pair| pair[0] == pair[1]), "another order, other bytes");
    // The comparison can fail.
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    office.sign(&[3, 1, 9, 4, 12], "here").await;
    office.stop().await;
    assert_ne!(dump(data.path()).await, dumps[0]);
}

/// The bundle says which slips each window has taken, so that one late-comer of a window would be one slip.
#[tokio::test]
async fn once_he_is_counted_a_late_comer_is_like_everybody_else() {
    let mut dumps = Vec::new();
    for late in [3, 9] {
        let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let office = frozen(data.path(), Value::Null).await;
        let in_time: Vec<usize> = (1..=10).filter(|number| *number != late).collect();
        office.sign(&in_time, "here").await;
        office.window(9).await;
        office.sign(&[late], "here").await;
        assert_eq!(office.person(late).await["waits"], true);
        // A backup of this moment goes on with no meeting, and so needs nobody who waits.
        let backup = out.path().join("backup");
        douxuan::backup::save(data.path(), &backup).await.unwrap();
        office.window(10).await;
        let log = std::fs::metadata(data.path().join("office.db-wal")).unwrap().len();
        assert_eq!(log, 0, "the write-ahead log still has {log} bytes");
        let while_running = dump(data.path()).await;
        for person in office.list().await["people"].as_array().unwrap() {
            assert_eq!((&person["late"], &person["waits"]), (&json!(false), &json!(false)), "{person}");
        }
        office.stop().await;
        let kept = dump(data.path()).await;
        assert_eq!(kept, while_running);
        let forms: BTreeSet<&Vec<u8>> = kept.0.iter().filter(|row| row.1 == "h").map(|row| &row.2).collect();
        assert_eq!(forms.len(), 1, "{forms:?}");
        dumps.push((kept, dump(&backup).await));

        // A power cut between the log and the rows is mended at the next start.
        let file = SqliteConnectOptions::new().filename(data.path().join("office.db"));
        let mut db = SqliteConnection::connect_with(&file).await.unwrap();
        sqlx::query("UPDATE presence SET window = x'02' WHERE number = 4").execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        start(data.path()).await.unwrap().stop().await;
        assert_eq!(dump(data.path()).await, dumps[dumps.len() - 1].0);
    }
    assert!(dumps[0] == dumps[1], "another late-comer, other bytes");
}

#[tokio::test]
async fn presence_and_slips_know_nothing_of_each_other() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.sign(&[1], "here").await;
    office.act("/desk/window/open", json!({})).await;
    // More phones than people signed in: the slip is not asked whose it is, the sum is.
    for (n, slip) in slips.iter().take(2).enumerate() {
        let answered: Answered = office.enrol(Phone::new(&manifest, slip, n as u64).wire).await;
        assert_eq!(answered.status, StatusCode::OK);
    }
    let few = office.refused("/desk/window/close", json!({ "present": 1 })).await;
    assert!(few.contains('2') && few.contains('1'), "{few}");
    office.sign(&[2], "here").await;
    office.act("/desk/window/close", json!({ "present": 2 })).await;
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(data.path().join("office.db")))
        .await
        .unwrap();
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('presence')").fetch_all(&mut db).await.unwrap();
    assert_eq!(columns, ["number", "state", "window"]);
    db.close().await.unwrap();
    let public = office.live().await.to_string() + &office.public("/ceremony.json").await.text();
    assert!(!public.contains("checkin") && !public.contains("quorum"), "nothing of it is public");
    office.stop().await;
}
