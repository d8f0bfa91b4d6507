//! Acts that take two people: who asks, who confirms, and everything that stands between a request and its act.

use std::time::Duration;

use douxuan::staff::{Policy, REQUEST_LASTS};
use serde_json::{Value, json};

use crate::staff::{PHRASE, start};

const CLOSE: &str = "/desk/contest/close";

fn contests(item: u16, round: u8) -> Value {
    json!({ "contests": [[item, round]] })
}

#[tokio::test]
async fn one_asks_another_confirms_and_both_did_it() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, mut watch, _] = console.four().await;
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    assert!(console.meeting().done.is_empty(), "nothing is done by one");

    let seen = watch.get("/desk/staff/requests").await.ok()["pending"][0].clone();
    assert_eq!((&seen["id"], &seen["act"], &seen["says"]), (&json!(id), &json!("contest/close"), &json!("closes")));
    assert_eq!(seen["values"]["item"], "代表1");
    assert_eq!(seen["by"], json!({ "name": "李主持", "role": "chair" }));
    assert_eq!((&seen["left"], &seen["mine"], &seen["may_confirm"]), (&json!(300), &json!(false), &json!(true)));
    let own = chair.get("/desk/staff/requests").await.ok()["pending"][0].clone();
    assert_eq!((&own["mine"], &own["may_confirm"]), (&json!(true), &json!(false)));

    assert_eq!(watch.confirm(&id).await.ok(), json!({ "done": true }), "the act's own answer");
    let done = console.meeting().done.clone();
    assert_eq!(done, [(CLOSE.to_owned(), contests(1, 1), vec!["李主持".to_owned(), "赵监票".to_owned()])]);
    watch.confirm(&id).await.refused(409);
    let ended = chair.get("/desk/staff/requests").await.ok()["ended"][0].clone();
    assert_eq!((&ended["how"], &ended["by"]), (&json!("confirmed"), &json!("赵监票")));
    assert_eq!(console.meeting().done.len(), 1);
}

#[tokio::test]
async fn a_slips_text_in_a_request_is_shown_to_nobody() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, _, mut watch, _] = console.four().await;
    let text = "0123-4567-89AB-CDEF";
    let answered = office.post("/desk/slip/void", json!({ "text": text, "reason": "lost" })).await;
    assert!(!answered.json.to_string().contains(text));
    assert!(!watch.get("/desk/staff/requests").await.json.to_string().contains(text));
    let id = answered.json["request"]["id"].as_str().unwrap().to_owned();
    watch.confirm(&id).await.ok();
    assert_eq!(console.meeting().done[0].1["text"], text);
}

#[tokio::test]
async fn nobody_confirms_his_own_request_in_whatever_browser() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, _, mut watch, _] = console.four().await;
    let id = watch.ask(CLOSE, contests(1, 1)).await;
    watch.confirm(&id).await.refused(403);
    let mut elsewhere = console.browser();
    elsewhere.sign_in("watch", PHRASE).await.ok();
    elsewhere.confirm(&id).await.refused(403);
    console.browser().confirm(&id).await.refused(401);
    assert!(console.meeting().done.is_empty());
}

#[tokio::test]
async fn one_browser_cannot_hold_both_people() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, mut watch, _] = console.four().await;
    // Signs in as the other in the browser that asked: the request goes with the session.
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    chair.sign_in("watch", PHRASE).await.ok();
    let refusal = chair.confirm(&id).await.refused(410);
    assert!(refusal.contains("退出登录"), "{refusal}");
    // So it does for whoever confirms elsewhere, and after a plain sign-out.
    watch.confirm(&id).await.refused(410);
    chair.sign_in("chair", PHRASE).await.ok();
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    chair.post("/desk/staff/out", json!({})).await.ok();
    watch.confirm(&id).await.refused(410);
    // Keeping the first cookie beside the second makes the browser nobody.
    chair.sign_in("chair", PHRASE).await.ok();
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    let mut both = console.browser();
    both.cookie = Some(format!("{}; {}", chair.cookie.clone().unwrap(), watch.cookie.clone().unwrap()));
    both.confirm(&id).await.refused(401);
    assert!(console.meeting().done.is_empty());
    watch.confirm(&id).await.ok();
}

#[tokio::test]
async fn one_of_the_two_is_a_scrutineer() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, mut teller] = console.four().await;
    let id = office.ask(CLOSE, contests(1, 1)).await;
    for other in [&mut chair, &mut teller] {
        let refusal = other.confirm(&id).await.refused(403);
        assert!(refusal.contains("监票人"), "{refusal}");
        assert_eq!(other.get("/desk/staff/requests").await.ok()["pending"][0]["may_confirm"], false);
    }
    watch.confirm(&id).await.ok();
    // The other way round anybody with the right confirms.
    let id = watch.ask(CLOSE, contests(2, 1)).await;
    teller.confirm(&id).await.ok();
    assert_eq!(console.meeting().done[1].2, ["赵监票", "钱计票"]);
}

#[tokio::test]
async fn a_further_round_is_asked_for_by_office_or_chair_and_confirmed_by_the_scrutineer() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, mut teller] = console.four().await;
    // A first round takes one; a further one, even among first ones, takes two.
    chair.post("/desk/contest/open", contests(1, 1)).await.ok();
    chair.post("/desk/contest/open", contests(0, 0)).await.ok();
    watch.post("/desk/contest/open", contests(1, 2)).await.refused(403);
    let mixed = json!({ "contests": [[1, 1], [2, 2]] });
    let id = office.ask("/desk/contest/open", mixed).await;
    teller.confirm(&id).await.refused(403);
    chair.confirm(&id).await.refused(403);
    watch.confirm(&id).await.ok();
    assert_eq!(console.meeting().done.len(), 3);
}

#[tokio::test]
async fn a_scrutineer_who_is_reported_on_takes_no_part() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, _] = console.four().await;
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    console.meeting().reported = vec!["赵 监票".to_owned()];
    let refusal = watch.confirm(&id).await.refused(403);
    assert!(refusal.contains("述职对象"), "{refusal}");
    watch.post(CLOSE, contests(2, 1)).await.refused(403);
    // Nobody else could confirm: said when it is asked for, not five minutes later.
    let refusal = office.post(CLOSE, contests(3, 1)).await.refused(409);
    assert!(refusal.contains("监票人账户"), "{refusal}");
    let mut other = console.person(&mut office, "孙监票", "watch2", "scrutineer").await;
    other.confirm(&id).await.ok();
    assert_eq!(console.meeting().done[0].2, ["李主持", "孙监票"]);
}

#[tokio::test]
async fn a_request_lapses_after_five_minutes() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, mut watch, _] = console.four().await;
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    console.later(REQUEST_LASTS - Duration::from_secs(1));
    assert_eq!(watch.get("/desk/staff/requests").await.ok()["pending"][0]["left"], 1);
    console.later(Duration::from_secs(1));
    assert_eq!(watch.get("/desk/staff/requests").await.ok()["pending"], json!([]));
    let refusal = watch.confirm(&id).await.refused(410);
    assert!(refusal.contains("五分钟"), "{refusal}");
    // Asked for again it is another one.
    let again = chair.ask(CLOSE, contests(1, 1)).await;
    assert_ne!(again, id);
    watch.confirm(&again).await.ok();
    assert_eq!(console.meeting().done.len(), 1);
}

#[tokio::test]
async fn a_world_that_has_moved_on_is_not_acted_upon() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, mut watch, _] = console.four().await;
    // It stands elsewhere now.
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    console.meeting().stands = 1;
    let refusal = watch.confirm(&id).await.refused(409);
    assert!(refusal.contains("情况变了"), "{refusal}");
    console.meeting().stands = 0;
    watch.confirm(&id).await.refused(409);
    // The act is not even allowed any more.
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    console.meeting().refuses = true;
    watch.confirm(&id).await.refused(409);
    console.meeting().refuses = false;
    watch.confirm(&id).await.refused(409);
    // What the desk refuses is not taken in either.
    console.meeting().refuses = true;
    chair.post(CLOSE, contests(1, 1)).await.refused(409);
    assert_eq!(watch.get("/desk/staff/requests").await.ok()["pending"], json!([]));
    assert!(console.meeting().done.is_empty());
}

#[tokio::test]
async fn who_asked_withdraws_and_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, _] = console.four().await;
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    for other in [&mut office, &mut watch] {
        other.post("/desk/staff/requests/withdraw", json!({ "id": id })).await.refused(403);
    }
    chair.post("/desk/staff/requests/withdraw", json!({ "id": id })).await.ok();
    watch.confirm(&id).await.refused(410);
    chair.post("/desk/staff/requests/withdraw", json!({ "id": id })).await.refused(410);
    chair.post("/desk/staff/requests/withdraw", json!({ "id": "00" })).await.refused(404);
    watch.confirm("ffffffffffffffff").await.refused(404);
    assert!(console.meeting().done.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_confirmations_at_once_have_one_winner() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, watch, _] = console.four().await;
    let second = console.person(&mut office, "孙监票", "watch2", "scrutineer").await;
    for item in 1..=100 {
        let id = chair.ask(CLOSE, contests(item, 1)).await;
        let mut racing = tokio::task::JoinSet::new();
        for mut browser in [watch.clone(), second.clone(), watch.clone(), second.clone()] {
            let id = id.clone();
            racing.spawn(async move { browser.confirm(&id).await.status.as_u16() });
        }
        let mut answers = racing.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 409, 409, 409], "item {item}");
    }
    assert_eq!(console.meeting().done.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_withdrawal_and_a_confirmation_at_once_have_one_winner() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, watch, _] = console.four().await;
    let mut done = 0;
    for item in 1..=100 {
        let id = chair.ask(CLOSE, contests(item, 1)).await;
        let (mut own, mut other, same) = (chair.clone(), watch.clone(), id.clone());
        let withdrawn =
            tokio::spawn(async move { own.post("/desk/staff/requests/withdraw", json!({ "id": id })).await });
        let confirmed = tokio::spawn(async move { other.confirm(&same).await });
        let (a, b) = (withdrawn.await.unwrap(), confirmed.await.unwrap());
        assert_ne!(a.status.is_success(), b.status.is_success(), "item {item}");
        done += usize::from(b.status.is_success());
        assert_eq!(console.meeting().done.len(), done);
    }
}

#[tokio::test]
async fn the_same_request_waits_once_and_not_too_many_wait() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, ..] = console.four().await;
    chair.ask(CLOSE, contests(1, 1)).await;
    office.post(CLOSE, contests(1, 1)).await.refused(409);
    for item in 2..=16 {
        chair.ask(CLOSE, contests(item, 1)).await;
    }
    let refusal = chair.post(CLOSE, contests(17, 1)).await.refused(409);
    assert!(refusal.contains("16"), "{refusal}");
}

#[tokio::test]
async fn who_is_closed_or_reset_takes_his_requests_with_him() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, mut teller] = console.four().await;
    let (of_chair, of_teller) = (chair.ask(CLOSE, contests(1, 1)).await, teller.ask(CLOSE, contests(2, 1)).await);
    let (chairs, tellers) = (crate::staff::id_of(&office, "chair").await, crate::staff::id_of(&office, "teller").await);
    office.post("/desk/staff/accounts/reset", json!({ "id": chairs })).await.ok();
    office.post("/desk/staff/accounts/close", json!({ "id": tellers })).await.ok();
    watch.confirm(&of_chair).await.refused(410);
    watch.confirm(&of_teller).await.refused(410);
    assert!(console.meeting().done.is_empty());
}

#[tokio::test]
async fn a_restart_forgets_requests() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, ..] = console.four().await;
    let id = chair.ask(CLOSE, contests(1, 1)).await;
    console.staff.close().await;
    let again = start(data.path()).await;
    let mut watch = again.browser();
    watch.sign_in("watch", PHRASE).await.ok();
    watch.confirm(&id).await.refused(404);
    assert_eq!(watch.get("/desk/staff/requests").await.ok()["pending"], json!([]));
    assert!(again.meeting().done.is_empty());
}

#[tokio::test]
async fn with_the_policy_off_office_or_chair_act_alone_and_those_who_count_do_not() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, mut teller] = console.four().await;
    console.meeting().policy = Policy::OnePerson;
    office.post(CLOSE, contests(1, 1)).await.ok();
    chair.post("/desk/window/open", json!({})).await.ok();
    for other in [&mut watch, &mut teller] {
        other.post(CLOSE, contests(2, 1)).await.refused(403);
    }
    let by: Vec<Vec<String>> = console.meeting().done.iter().map(|done| done.2.clone()).collect();
    assert_eq!(by, [["王办公"], ["李主持"]]);
}

#[tokio::test]
async fn each_role_has_its_own_acts_and_what_is_not_in_the_table_nobody_has() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, mut watch, mut teller] = console.four().await;
    let mut audit = console.person(&mut office, "周核验", "audit", "auditor").await;
    office.post("/desk/settings", json!({})).await.ok();
    teller.post("/desk/contest/paper", json!({})).await.ok();
    for (browser, path) in [
        (&mut chair, "/desk/settings"),
        (&mut watch, "/desk/archive"),
        (&mut teller, "/desk/window/close"),
        (&mut audit, CLOSE),
    ] {
        let refusal = browser.post(path, contests(1, 1)).await.refused(403);
        assert!(refusal.contains("请由"), "{refusal}");
    }
    for browser in [&mut office, &mut chair, &mut watch, &mut teller, &mut audit] {
        browser.get("/desk/state").await.ok();
        browser.post("/desk/not/in/the/table", json!({})).await.refused(403);
    }
    for path in crate::staff::POSTS {
        console.browser().post(path, json!({})).await.refused(401);
    }
    assert_eq!(console.meeting().done.len(), 2);
}
