//! Papers, counted by two people who enter what they counted each for himself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod counting;
mod office;

use std::time::Duration;

use axum::http::StatusCode;
use counting::{Hall, PAPER, Person, counted, right};
use douxuan::papers::Sheet;
use douxuan_crypto::{
    audit,
    bundle::Bundle,
    log::{Act, Entry, Log, Role},
    manifest::Manifest,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_equal_counts_are_one_entry_by_both_shown_apart_everywhere() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { office, admin, watch, teller, other, .. } = &hall;
    let own = teller.sees(1).await;
    assert_eq!((&own["paper_slips"], &own["paper_waits"], &own["paper_gone"]), (&json!(6), &Value::Null, &Value::Null));
    let offer = own["acts"].as_array().unwrap().iter().find(|act| act["act"] == "contest/publish").unwrap().clone();
    assert_eq!((&offer["says"], &offer["values"]["papers"]), (&json!("contest_publish_no_paper"), &json!(6)));

    teller.seals(right()).await;
    assert_eq!(hall.logged().await, Vec::<Value>::new(), "one person counts nothing");
    let waits = other.sees(1).await["paper_waits"].clone();
    assert_eq!((&waits["by"], &waits["role"]), (&json!("钱计票"), &json!("teller")));
    assert!(!hall.is_counted(1).await);
    other.counts(right()).await;
    assert!(hall.is_counted(1).await);
    assert_eq!(teller.sees(1).await["paper_waits"], Value::Null);
    teller.refused(right(), 409, "已经截止").await;

    // Three phones in the second item: papers are counted only, here as anywhere.
    let few = json!({ "contest": [2, 1], "issued": 6, "collected": 6, "ungraded": 6, "votes": [0, 0, 0, 0, 0] });
    admin.seals(few.clone()).await;
    teller.counts(few).await;
    assert!(hall.is_counted(2).await);
    assert_eq!(hall.logged().await, Vec::<Value>::new(), "the log gets them with the publication");

    admin.together(watch, "/desk/contest/publish", json!({ "contests": [[1, 1], [2, 1]] })).await;
    assert_eq!(hall.logged().await, [json!(["teller", "teller"]), json!(["office", "teller"])]);
    let live = office.live().await;
    let result = |item: u64| {
        let contests = live["contests"].as_array().unwrap();
        contests.iter().find(|c| c["item"] == item && c["round"] == 1).unwrap()["result"].clone()
    };
    assert_eq!(result(1)["paper"], json!({ "issued": 6, "cast": 6, "invalid": 1, "ungraded": 0 }), "apart in the hall");
    assert_eq!((&result(1)["votes"], &result(1)["issued"]), (&json!([7, 0, 1, 3, 0]), &json!(12)));
    assert_eq!(result(2)["paper"], json!({ "issued": 6, "cast": 6, "invalid": 0, "ungraded": 6 }));
    assert_eq!(result(2)["votes"], Value::Null);
    let counts = admin.get("/desk/state").await["counts"]["contests"][0]["checks"].clone();
    let issued = counts.as_array().unwrap().iter().find(|check| check["rule"] == "issued").unwrap().clone();
    assert_eq!(issued["values"], json!({ "issued": 12, "electronic": 6, "paper": 6 }), "apart in the count block");

    let unused = admin.get("/desk/state").await["frozen"]["unused"].clone();
    admin.together(watch, "/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;
    let zip = office.public("/bundle.zip").await.bytes;
    assert_eq!(audit::audit(&zip, &[]).outcome, audit::Outcome::Held);
    let sheet = Sheet::of_bundle(&zip).unwrap();
    assert!(sheet.workbook().is_ok());
    let csv = String::from_utf8(sheet.values()).unwrap();
    let row = csv.lines().find(|line| line.contains("代表1,")).unwrap();
    assert!(row.contains("6,6,12,6,6,12"), "electronic, paper, both, issued and received: {row}");

    let bundle = Bundle::from_zip(&zip).unwrap();
    let manifest = Manifest::parse(&bundle.manifest).unwrap();
    let log = Log::decode(&manifest, &bundle.log_entries).unwrap();
    let entries: Vec<Entry> = log.entries().iter().map(|entry| Entry::decode(entry).unwrap()).collect();
    let papers: Vec<&Entry> = entries.iter().filter(|e| matches!(e.act, Act::PaperCounted { .. })).collect();
    let roles = |entry: &Entry| entry.actors.iter().map(|actor| actor.role).collect::<Vec<_>>();
    assert_eq!(
        papers.iter().map(|e| roles(e)).collect::<Vec<_>>(),
        [vec![Role::Teller, Role::Teller], vec![Role::Office, Role::Teller]]
    );
    assert_ne!(papers[0].actors[0].id, papers[0].actors[1].id);
    assert_eq!(papers[0].actors[0].id, papers[1].actors[1].id, "the same teller");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_counts_are_both_dropped_and_nobody_is_told_where_they_differ() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { teller, other, .. } = &hall;
    for wrong in [
        counted(1, 6, 6, [1, 1, 1, 2, 0], 1),
        counted(1, 6, 6, [2, 0, 1, 3, 0], 0),
        counted(1, 6, 5, [2, 0, 1, 1, 0], 1),
    ] {
        teller.seals(right()).await;
        let text = other.refused(wrong, 409, "不一致").await;
        assert!(!text.chars().any(|c| c.is_ascii_digit()), "{text}");
        let gone = teller.sees(1).await;
        assert_eq!(gone["paper_waits"], Value::Null, "both are gone");
        assert_eq!(
            gone["paper_gone"],
            json!({ "why": "differ", "by": ["钱计票", "冯计票"] }),
            "the first is told, too"
        );
    }
    // The second's next entry is a first one: nothing is left of the other's to be found by trying.
    other.seals(right()).await;
    assert_eq!(other.sees(1).await["paper_gone"], Value::Null);
    teller.counts(right()).await;
    assert!(hall.is_counted(1).await);
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_is_not_two_in_whatever_browser() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { teller, other, .. } = &hall;
    // Once more, here or elsewhere, is the same person: it corrects his own entry.
    let wrong = counted(1, 6, 6, [3, 0, 0, 2, 0], 1);
    teller.seals(right()).await;
    teller.seals(right()).await;
    let elsewhere = Person { cookie: String::new(), ..teller.clone() }.signs_in("teller").await;
    elsewhere.seals(wrong.clone()).await;
    assert!(!hall.is_counted(1).await);
    other.counts(wrong).await;

    // The other one in the browser of the first: the first count goes with its session.
    let entry = json!({ "contest": [2, 1], "issued": 6, "ungraded": 6, "votes": [0, 0, 0, 0, 0] });
    teller.seals(entry.clone()).await;
    let there = teller.signs_in("other").await;
    assert_eq!(other.sees(2).await["paper_gone"], json!({ "why": "signed_out", "by": ["钱计票"] }));
    there.seals(entry.clone()).await;
    assert!(!hall.is_counted(2).await, "his count is a first one");
    // And so it does after a sign-out, and when the session runs out.
    there.post("/desk/staff/out", json!({})).await;
    other.seals(entry.clone()).await;
    *hall.clock.lock().unwrap() += Duration::from_secs(31 * 60);
    let teller = teller.signs_in("teller").await;
    assert_eq!(teller.sees(2).await["paper_gone"], json!({ "why": "signed_out", "by": ["冯计票"] }));
    teller.seals(entry).await;
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_count_enters_nothing_and_one_of_the_two_is_a_teller() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { admin, watch, teller, .. } = &hall;
    for (name, role) in [("周核验", "auditor"), ("李主持", "chair")] {
        hall.person(name, role, role).await.refused(right(), 403, "不能做这一步").await;
    }
    watch.refused(right(), 403, "不能做这一步").await;
    let nobody = Person { cookie: String::new(), ..teller.clone() };
    nobody.refused(right(), 401, "登录").await;
    let second = hall.person("吴办公", "office2", "office").await;
    admin.seals(right()).await;
    second.refused(right(), 403, "计票人").await;
    assert_eq!(teller.sees(1).await["paper_waits"]["by"], "王办公", "the first stays");
    teller.counts(right()).await;

    // Without a teller's account nobody could enter the other one: said at the first.
    let accounts = admin.get("/desk/staff/accounts").await;
    for account in accounts["accounts"].as_array().unwrap().iter().filter(|account| account["role"] == "teller") {
        let closed = admin.post("/desk/staff/accounts/close", json!({ "id": account["id"] })).await;
        assert_eq!(closed.status, StatusCode::OK);
    }
    let entry = json!({ "contest": [2, 1], "issued": 6, "ungraded": 6, "votes": [0, 0, 0, 0, 0] });
    admin.refused(entry, 409, "建立计票人账户").await;
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_add_up_is_refused_at_the_first_entry() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let teller = &hall.teller;
    let cases = [
        (counted(1, 7, 7, [2, 0, 1, 3, 0], 1), "发出的纸票多于因此作废的票纸"),
        (counted(1, 5, 6, [2, 0, 1, 2, 0], 1), "收回的纸票多于发出的纸票"),
        (counted(1, 6, 6, [2, 0, 1, 1, 0], 1), "合计 5 张，收回 6 张"),
        (counted(1, 6, 4, [2, 0, 1, 1, 0], 0), "只计数、不计等次"),
        (counted(2, 6, 6, [2, 0, 1, 2, 0], 1), "只计数、不计等次"),
        (json!({ "contest": [1, 1], "issued": 6, "ungraded": 6, "votes": [0, 0, 0, 0, 0] }), "应当计等次"),
        (json!({ "contest": [1, 1], "issued": 6, "votes": [2, 0, 1, 3] }), "选项个数不对"),
        (json!({ "contest": [1, 2], "issued": 0, "votes": [0, 0, 0, 0, 0] }), "没有"),
    ];
    for (entry, word) in cases {
        teller.refused(entry, 409, word).await;
        assert_eq!(teller.sees(1).await["paper_waits"], Value::Null, "nothing waits after {word}");
        assert_eq!(teller.sees(2).await["paper_waits"], Value::Null, "nothing waits after {word}");
    }
    teller.refused(json!({ "contest": [1, 1], "issued": "6", "votes": [] }), 400, "内容不对").await;
    // Nor does it cost the other's entry.
    teller.seals(right()).await;
    hall.other.refused(counted(1, 6, 6, [2, 0, 1, 1, 0], 1), 409, "合计").await;
    hall.other.counts(right()).await;
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_count_shows_nothing_of_its_figures() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let seen = async || {
        let mut all = Vec::new();
        for path in ["/desk/state", "/desk/staff/requests", "/desk/staff/accounts"] {
            let mut one = hall.other.get(path).await;
            // What a running session changes by itself.
            one["failed"] = Value::Null;
            all.push(one.to_string());
        }
        for path in ["/live.json", "/ceremony.json"] {
            all.push(hall.office.public(path).await.text());
        }
        all
    };
    hall.teller.seals(right()).await;
    let one = seen().await;
    hall.teller.seals(counted(1, 6, 5, [0, 5, 0, 0, 0], 0)).await;
    assert_eq!(seen().await, one, "another count looks the same");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_voided_or_published_meanwhile_takes_the_sealed_count_with_it() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { admin, watch, teller, other, .. } = &hall;
    teller.seals(right()).await;
    admin.together(watch, "/desk/contest/void", json!({ "contests": [[1, 1]] })).await;
    assert_eq!(other.sees(1).await["paper_waits"], Value::Null);
    other.refused(right(), 409, "已经作废").await;
    let few = json!({ "contest": [2, 1], "issued": 6, "collected": 6, "ungraded": 6, "votes": [0, 0, 0, 0, 0] });
    teller.seals(few.clone()).await;
    admin.together(watch, "/desk/contest/publish", json!({ "contests": [[2, 1]] })).await;
    assert_eq!(other.sees(2).await["paper_waits"], Value::Null);
    other.refused(few, 409, "已经公布").await;
    assert_eq!(hall.logged().await, Vec::<Value>::new());
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_forgets_the_first_count_and_it_is_entered_again() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    hall.teller.seals(right()).await;
    hall.office.stop().await;
    let (server, _) = Hall::server(data.path()).await;
    let nobody = Person { console: server.console.clone(), cookie: String::new() };
    let other = nobody.signs_in("other").await;
    let own = other.sees(1).await;
    assert_eq!((&own["paper_waits"], &own["paper_slips"]), (&Value::Null, &json!(6)), "shown as not entered");
    other.seals(right()).await;
    nobody.signs_in("teller").await.counts(right()).await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_enter_at_the_same_moment_are_one_first_and_one_second() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let (one, two) = tokio::join!(hall.teller.post(PAPER, right()), hall.other.post(PAPER, right()));
    let mut both = [one.status.as_u16(), two.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 202]);
    assert!(hall.is_counted(1).await);
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_never_waits_for_a_second_person() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { office, admin, watch, .. } = &hall;
    let slips = office.get("/desk/slips.json").await;
    assert_ne!(slips.status, StatusCode::OK, "they left memory with the first window");
    let unused = admin.get("/desk/state").await["frozen"]["unused"].as_u64().unwrap();
    let cases = [
        ("slip/void", json!({ "text": "0000-0000-0000-0000", "reason": "lost" }), 409, "不属于本场会议"),
        ("slip/void", json!({ "text": "0000-0000-0000", "reason": "lost" }), 409, "文字码不对"),
        ("slip/void", json!({ "text": "UUUU-UUUU-UUUU-UUUU", "reason": "lost" }), 409, "文字码不对"),
        ("slip/void", json!({ "text": "0000-0000-0000-0000", "reason": "stolen" }), 409, "作废原因不认识"),
        ("slip/void", json!({ "text": "0000-0000-0000-0000" }), 400, "内容不对"),
        ("slip/void", json!({ "text": "0000-0000-0000-0000", "reason": "lost", "more": 1 }), 400, "内容不对"),
        ("enrolment/end", json!({ "unused": unused - 1 }), 409, "重新清点"),
        ("enrolment/end", json!({ "unused": unused, "lost": 1 }), 409, "重新清点"),
        ("enrolment/end", json!({ "unused": "all" }), 400, "内容不对"),
        ("enrolment/end", json!({}), 400, "内容不对"),
        ("contest/publish", json!({ "contests": "all" }), 400, "内容不对"),
    ];
    for (act, body, status, word) in cases {
        let answered = admin.post(&format!("/desk/{act}"), body.clone()).await;
        let said = answered.json();
        assert_eq!(answered.status.as_u16(), status, "{act} {body}: {said}");
        assert!(
            said["error"].as_str().unwrap().contains(word) || said["what_to_do"].as_str().unwrap().contains(word),
            "{said}"
        );
        assert_eq!(watch.get("/desk/staff/requests").await["pending"], json!([]), "{act} {body}");
    }
    // What is right waits, and is done when it is confirmed.
    admin.together(watch, "/desk/enrolment/end", json!({ "unused": unused })).await;
    hall.office.stop().await;
}
