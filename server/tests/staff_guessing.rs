//! Guessing at the console (T45): it gets slow, nothing tells which names exist, and nobody is locked out by it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod staff;

use std::time::{Duration, Instant};

use douxuan::staff::Pace;
use serde_json::json;
use staff::{CODE, PHRASE, Setting, start, start_with};

/// The usual pace, sixty times as fast.
const FAST: Pace = Pace {
    first: Duration::from_millis(8),
    longest: Duration::from_millis(500),
    forget: Duration::from_secs(60),
    waiting: 48,
};

async fn under_attack(data: &std::path::Path) -> staff::Console {
    start_with(data, Setting { pace: FAST, ..Setting::default() }).await
}

#[tokio::test]
async fn each_wrong_pass_phrase_makes_the_next_wait_longer() {
    let data = tempfile::tempdir().unwrap();
    let console = under_attack(data.path()).await;
    console.office().await;
    let mut browser = console.browser();
    let begun = Instant::now();
    for n in 0..7 {
        browser.sign_in("office", &format!("wrong phrase {n}")).await.refused(401);
    }
    // 0 + 8 + 16 + 32 + 64 + 128 + 256 ms.
    assert!(begun.elapsed() >= Duration::from_millis(504), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_thousand_guesses_side_by_side_are_no_faster_and_most_are_not_even_looked_at() {
    let data = tempfile::tempdir().unwrap();
    let console = under_attack(data.path()).await;
    console.office().await;
    let begun = Instant::now();
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..1_000 {
        let mut browser = console.browser();
        guesses.spawn(async move { browser.sign_in("office", &format!("wrong phrase {n}")).await });
    }
    let answers = guesses.join_all().await;
    let looked_at = answers.iter().filter(|answered| answered.status == 401).count();
    let turned_away = answers.iter().filter(|answered| answered.status == 429).count();
    assert_eq!(looked_at + turned_away, 1_000);
    // Half a second is the longest delay: 48 guesses each, and one round more that had just begun.
    let rounds = begun.elapsed().as_millis().div_ceil(500) + 1;
    assert!(looked_at <= 48 * usize::try_from(rounds).unwrap(), "{looked_at} in {:?}", begun.elapsed());
    for answered in answers {
        assert!(answered.cookie().is_none());
    }
}

#[tokio::test]
async fn while_others_guess_the_right_pass_phrase_gets_in_within_the_longest_delay() {
    let data = tempfile::tempdir().unwrap();
    let console = under_attack(data.path()).await;
    let [_, chair, ..] = console.four().await;
    let mut guessing = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let mut browser = console.browser();
        guessing.spawn(async move {
            loop {
                browser.sign_in("chair", "wrong phrase, again").await.refused(401);
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;

    // A browser that nobody has seen: slow, but in.
    let begun = Instant::now();
    console.browser().sign_in("chair", PHRASE).await.ok();
    assert!(begun.elapsed() < FAST.longest + Duration::from_secs(1), "{:?}", begun.elapsed());

    // Who is signed in notices nothing, and signs in again in the same browser at once, signed out or not.
    assert!(chair.signed_in().await);
    for signs_out in [false, true] {
        let mut own = chair.clone();
        if signs_out {
            own.sign_in("chair", PHRASE).await.ok();
            own.post("/desk/staff/out", json!({})).await.ok();
        }
        let begun = Instant::now();
        own.sign_in("chair", PHRASE).await.ok();
        assert!(begun.elapsed() < FAST.longest - Duration::from_millis(50), "{:?}", begun.elapsed());
    }
    guessing.shutdown().await;
}

#[tokio::test]
async fn while_every_place_is_taken_a_known_browser_and_a_one_time_code_still_get_in() {
    let data = tempfile::tempdir().unwrap();
    let pace = Pace { first: Duration::from_secs(20), longest: Duration::from_secs(20), waiting: 4, ..FAST };
    let console = start_with(data.path(), Setting { pace, ..Setting::default() }).await;
    let [mut office, mut chair, ..] = console.four().await;
    // The first failure costs no time; whoever comes after it waits, and keeps his place.
    console.browser().sign_in("chair", "wrong phrase, first").await.refused(401);
    let mut guessing = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let mut browser = console.browser();
        guessing.spawn(async move { browser.sign_in("chair", "wrong phrase, again").await.status });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let refusal = console.browser().sign_in("chair", PHRASE).await.refused(429);
    assert!(refusal.contains("一次性登录码"), "{refusal}");
    chair.sign_in("chair", PHRASE).await.ok();
    let id = staff::id_of(&office, "chair").await;
    let code = office.post("/desk/staff/accounts/reset", json!({ "id": id })).await.ok()["code"].clone();
    let mut elsewhere = console.browser();
    elsewhere.post("/desk/staff/code", json!({ "sign_in": "chair", "code": code, "phrase": PHRASE })).await.ok();
    assert!(elsewhere.signed_in().await);
    guessing.shutdown().await;
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_answered_like_one_that_does() {
    let data = tempfile::tempdir().unwrap();
    let console = under_attack(data.path()).await;
    let [mut office, ..] = console.four().await;
    let id = staff::id_of(&office, "teller").await;
    office.post("/desk/staff/accounts/close", json!({ "id": id })).await.ok();
    let mut texts = Vec::new();
    // Unknown, known, closed with its right pass-phrase, waiting for a code.
    let waits = json!({ "name": "周核验", "sign_in": "waits", "role": "auditor" });
    office.post("/desk/staff/accounts/new", waits).await.ok();
    for (name, phrase) in [("nobody", PHRASE), ("chair", "wrong phrase here"), ("teller", PHRASE), ("waits", PHRASE)] {
        let begun = Instant::now();
        for _ in 0..6 {
            texts.push(console.browser().sign_in(name, phrase).await.refused(401));
        }
        assert!(begun.elapsed() >= Duration::from_millis(248), "{name}: {:?}", begun.elapsed());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn guesses_at_codes_wait_too_and_are_of_no_use() {
    let data = tempfile::tempdir().unwrap();
    let console = under_attack(data.path()).await;
    let begun = Instant::now();
    for _ in 0..6 {
        let first = json!({ "code": "0000-0000-0000-0001", "name": "某", "sign_in": "some", "phrase": PHRASE });
        console.browser().post("/desk/staff/first", first).await.refused(401);
    }
    assert!(begun.elapsed() >= Duration::from_millis(248), "{:?}", begun.elapsed());
    // The right one is not held up by them.
    let mut office = console.office().await;
    let made = json!({ "name": "李主持", "sign_in": "chair", "role": "chair" });
    let code = office.post("/desk/staff/accounts/new", made).await.ok()["code"].clone();
    let begun = Instant::now();
    for _ in 0..7 {
        let guess = json!({ "sign_in": "chair", "code": CODE, "phrase": PHRASE });
        console.browser().post("/desk/staff/code", guess).await.refused(401);
    }
    assert!(begun.elapsed() >= Duration::from_millis(504), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let right = json!({ "sign_in": "chair", "code": code, "phrase": PHRASE });
    console.browser().post("/desk/staff/code", right).await.ok();
    assert!(begun.elapsed() < FAST.longest - Duration::from_millis(50));
}

#[tokio::test]
async fn failures_are_told_to_the_person_and_to_the_office() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [office, ..] = console.four().await;
    for _ in 0..3 {
        console.browser().sign_in("chair", "wrong phrase here").await.refused(401);
    }
    let list = office.get("/desk/staff/accounts").await.ok();
    let chair = list["accounts"].as_array().unwrap().iter().find(|account| account["sign_in"] == "chair").unwrap();
    assert_eq!(chair["failed"], 3);
    let mut browser = console.browser();
    browser.sign_in("chair", PHRASE).await.ok();
    assert_eq!(browser.me().await["account"]["failed_before"], 3);
    browser.sign_in("chair", PHRASE).await.ok();
    assert_eq!(browser.me().await["account"]["failed_before"], 0);
}
