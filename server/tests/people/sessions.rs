//! Sessions: whose cookie counts, for how long, and that none which somebody brings along is ever taken over (T44).

use std::time::Duration;

use axum::http::header;
use douxuan::staff::{ABSOLUTE, Channel, EACH, IDLE};
use serde_json::json;

use crate::staff::{CODE, PHRASE, Setting, start, start_with};

#[tokio::test]
async fn the_cookie_is_for_this_origin_and_no_script() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    console.office().await;
    let answered = console.browser().sign_in("office", PHRASE).await;
    let line = answered.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    assert_eq!(pair.split_once('=').unwrap().1.len(), 64, "32 random bytes");

    let data = tempfile::tempdir().unwrap();
    let console = start_with(data.path(), Setting { channel: Channel::Tls, ..Setting::default() }).await;
    let mut browser = console.office().await;
    let answered = browser.sign_in("office", PHRASE).await;
    let line = answered.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-douxuan_staff=") && line.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
    assert!(browser.signed_in().await);
}

#[tokio::test]
async fn a_cookie_brought_along_is_never_taken_over() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [office, mut chair, ..] = console.four().await;

    // Planted before the sign-in: made up, of an ended session, and of a session that somebody else still has.
    let mut ended = console.browser();
    ended.sign_in("watch", PHRASE).await.ok();
    ended.post("/desk/staff/out", json!({})).await.ok();
    let made_up = format!("douxuan_staff={}", "ab".repeat(32));
    for planted in [made_up, ended.cookie.clone().unwrap(), office.cookie.clone().unwrap()] {
        let mut victim = console.browser();
        victim.cookie = Some(planted.clone());
        victim.sign_in("chair", PHRASE).await.ok();
        assert_ne!(victim.cookie.as_ref().unwrap(), &planted);
        assert_eq!(victim.me().await["account"]["sign_in"], "chair");
        let mut attacker = console.browser();
        attacker.cookie = Some(planted);
        assert!(!attacker.signed_in().await, "what was planted opens nothing");
    }

    // Every sign-in gives a new one, and the one before is dead.
    let before = chair.cookie.clone();
    chair.sign_in("chair", PHRASE).await.ok();
    assert_ne!(chair.cookie, before);
    let mut old = console.browser();
    old.cookie = before;
    assert!(!old.signed_in().await);
}

#[tokio::test]
async fn a_failed_sign_in_changes_no_session_and_gives_none() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [_, mut chair, ..] = console.four().await;
    let before = chair.cookie.clone();
    chair.sign_in("watch", "not the right phrase").await.refused(401);
    assert_eq!(chair.cookie, before);
    assert_eq!(chair.me().await["account"]["sign_in"], "chair");
    for cookie in ["douxuan_staff=", "douxuan_staff=x", "other=1", "douxuan_staff_=1", ";;=;"] {
        let mut browser = console.browser();
        browser.cookie = Some(cookie.to_owned());
        assert!(!browser.signed_in().await, "{cookie}");
        browser.get("/desk/state").await.refused(401);
    }
}

#[tokio::test]
async fn two_cookies_of_two_people_are_nobody() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [office, chair, ..] = console.four().await;
    let (office, chair) = (office.cookie.unwrap(), chair.cookie.unwrap());
    let mut both = console.browser();
    both.cookie = Some(format!("{office}; {chair}"));
    assert!(!both.signed_in().await);
    // One of them beside rubbish still is who it is.
    both.cookie = Some(format!("douxuan_staff=rubbish; {chair}"));
    assert_eq!(both.me().await["account"]["sign_in"], "chair");
    // A sign-in ends both.
    both.cookie = Some(format!("{office}; {chair}"));
    both.sign_in("watch", PHRASE).await.ok();
    for cookie in [office, chair] {
        both.cookie = Some(cookie);
        assert!(!both.signed_in().await);
    }
}

#[tokio::test]
async fn half_an_hour_without_a_person_ends_a_session_however_often_the_page_asks() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut office = console.office().await;
    for _ in 0..29 {
        console.later(Duration::from_secs(60));
        office.get("/desk/state").await.ok();
        office.get("/desk/staff/requests").await.ok();
        assert!(office.signed_in().await);
    }
    assert_eq!(office.me().await["account"]["left"], 60);
    console.later(Duration::from_secs(60));
    office.get("/desk/state").await.refused(401);
    assert!(!office.signed_in().await);

    // A person who does something, or whose page says that he is there, stays.
    office.sign_in("office", PHRASE).await.ok();
    for path in ["/desk/staff/here", "/desk/settings", "/desk/staff/here"] {
        console.later(IDLE - Duration::from_secs(1));
        office.post(path, json!({})).await.ok();
    }
}

#[tokio::test]
async fn twelve_hours_end_every_session() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut office = console.office().await;
    let steps = ABSOLUTE.as_secs() / 1_200;
    for _ in 1..steps {
        console.later(Duration::from_secs(1_200));
        office.post("/desk/staff/here", json!({})).await.ok();
    }
    console.later(Duration::from_secs(1_200));
    office.post("/desk/staff/here", json!({})).await.refused(401);
    office.sign_in("office", PHRASE).await.ok();
}

#[tokio::test]
async fn an_account_has_a_few_sessions_and_the_oldest_gives_way() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let first = console.office().await;
    let mut others = Vec::new();
    for _ in 1..EACH {
        let mut browser = console.browser();
        browser.sign_in("office", PHRASE).await.ok();
        others.push(browser);
    }
    assert!(first.signed_in().await);
    let mut last = console.browser();
    last.sign_in("office", PHRASE).await.ok();
    assert!(!first.signed_in().await && last.signed_in().await);
    for browser in others {
        assert!(browser.signed_in().await);
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_not_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut here = console.office().await;
    let mut there = console.browser();
    there.sign_in("office", PHRASE).await.ok();
    here.post("/desk/staff/out", json!({})).await.ok();
    assert!(!here.signed_in().await && there.signed_in().await);
    here.get("/desk/state").await.refused(401);
    here.post("/desk/staff/out", json!({})).await.ok();
}

#[tokio::test]
async fn in_a_drill_the_printed_code_signs_in_without_any_account() {
    let data = tempfile::tempdir().unwrap();
    let console = start_with(data.path(), Setting { drill: true, ..Setting::default() }).await;
    let mut browser = console.browser();
    assert_eq!(browser.me().await["printed_code"], "drill");
    browser.post("/desk/login", json!({ "code": "0" })).await.refused(401);
    for _ in 0..2 {
        browser.post("/desk/login", json!({ "code": CODE })).await.ok();
        assert_eq!(browser.me().await["account"]["role"], "office");
    }
    browser.post("/desk/settings", json!({})).await.ok();
    console.browser().sign_in("drill", "").await.refused(401);
    browser.post("/desk/staff/phrase", json!({ "old": "", "new": PHRASE })).await.refused(409);
    assert!(console.staff.accounts().await.unwrap().is_empty());
}
