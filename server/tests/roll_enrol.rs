//! Enrolment: one slip, one set of credentials, whatever phones, networks, crashes and backups do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::collections::HashSet;

use axum::http::StatusCode;
use douxuan::{
    desk::StartError,
    roll::{RollDoor, RollError},
};
use douxuan_crypto::{contest::Contest, enroll::EnrolmentError, manifest::Manifest, token::Token};
use office::{Phone, enrol, start};
use serde_json::json;

const FIRST: Contest = Contest::new(1, 1);

async fn opened(
    people: usize,
    officials: usize,
) -> (tempfile::TempDir, office::Office, Manifest, Vec<douxuan_crypto::token::Slip>) {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(people, officials, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;
    (data, office, manifest, slips)
}

#[tokio::test]
async fn t13_the_same_request_is_answered_again_and_another_is_refused_and_counted() {
    let (_data, office, manifest, slips) = opened(6, 2).await;
    let mut phone = Phone::new(&manifest, &slips[0], 1);
    let first = office.enrol(phone.wire.clone()).await;
    assert_eq!(first.status, StatusCode::OK);

    // The reply got lost. The very bytes again, and the same request sealed anew.
    let again = office.enrol(phone.wire.clone()).await;
    assert_eq!(again.bytes.len(), first.bytes.len());
    assert_ne!(again.bytes, first.bytes, "proofs and ciphertext are fresh");
    phone.again(&manifest);
    let resealed = office.enrol(phone.wire.clone()).await;
    let enrolled = phone.finish(&manifest, &resealed.bytes, &[]).map_err(|(_, error)| error).unwrap();
    assert_eq!(enrolled.credentials.len(), 3, "rehearsal and two items");

    // Somebody with a photo of the slip: other blinded elements under the same T.
    let thief = Phone::new(&manifest, &slips[0], 2);
    let reply = office.enrol(thief.wire.clone()).await;
    assert_eq!((reply.status, reply.bytes.len()), (StatusCode::OK, first.bytes.len()), "one constant length");
    assert!(matches!(thief.finish(&manifest, &reply.bytes, &[]), Err((_, EnrolmentError::Refused))));
    assert_eq!(office.state().await["frozen"]["refused"], 1);
    office.stop().await;
}

#[tokio::test]
async fn t14_of_two_phones_with_one_slip_exactly_one_gets_credentials() {
    const RACES: usize = 500;
    for meeting in 0..2 {
        let (_data, office, manifest, slips) = opened(500, 1).await;
        let mut winners = 0;
        for (race, slip) in slips.iter().take(RACES).enumerate() {
            let seed = 10_000 * (meeting + 1) + 2 * race as u64;
            let (one, two) = (Phone::new(&manifest, slip, seed), Phone::new(&manifest, slip, seed + 1));
            let (a, b) = tokio::join!(office.enrol(one.wire.clone()), office.enrol(two.wire.clone()));
            let outcomes = [one.finish(&manifest, &a.bytes, &[]).is_ok(), two.finish(&manifest, &b.bytes, &[]).is_ok()];
            winners += outcomes.iter().filter(|won| **won).count();
        }
        assert_eq!(winners, RACES);
        office.act("/desk/window/close", json!({ "present": 500 })).await;
        let state = office.state().await;
        assert_eq!(state["frozen"]["windows"][0]["redeemed"], RACES);
        assert_eq!(state["frozen"]["refused"], RACES);
        office.stop().await;
    }
}

#[tokio::test]
async fn a_rush_of_phones_is_served_by_few_commits_and_every_evaluation_verifies() {
    let (_data, office, manifest, slips) = opened(60, 8).await;
    let manifest = std::sync::Arc::new(manifest);
    let mut phones = tokio::task::JoinSet::new();
    for (n, slip) in slips.into_iter().enumerate() {
        let (router, manifest) = (office.app.public.clone(), manifest.clone());
        let phone = Phone::new(&manifest, &slip, n as u64);
        phones.spawn(async move {
            let reply = enrol(&router, phone.wire.clone()).await;
            let enrolled = phone.finish(&manifest, &reply.bytes, &[]).map_err(|(_, error)| error).unwrap();
            (reply.bytes.len(), enrolled.credentials.len(), enrolled.mask.excluded())
        });
    }
    let mut lengths = HashSet::new();
    let mut excluded = 0;
    while let Some(done) = phones.join_next().await {
        let (length, credentials, mask) = done.unwrap();
        lengths.insert(length);
        excluded += usize::from(!mask.is_empty());
        assert_eq!(credentials, 9 - mask.len(), "an official gets none for himself");
    }
    assert_eq!(lengths.len(), 1, "one constant length for every mask");
    assert_eq!(excluded, 8 * 4, "a slip and three spares for each official");
    office.stop().await;
}

#[tokio::test]
async fn outside_a_window_nobody_is_answered_and_after_the_end_nothing_opens() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.enrol(vec![1; 300]).await.status, StatusCode::BAD_REQUEST, "no meeting");
    office.small(6, 1, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);

    let phone = Phone::new(&manifest, &slips[0], 1);
    let early = office.enrol(phone.wire.clone()).await;
    let (phone, error) = phone.finish(&manifest, &early.bytes, &[]).err().unwrap();
    assert_eq!(error, EnrolmentError::Refused);

    office.act("/desk/window/open", json!({})).await;
    let reply = office.enrol(phone.wire.clone()).await;
    office.act("/desk/window/close", json!({ "present": 5 })).await;
    assert!(!office.live().await["window"]["open"].as_bool().unwrap());

    // The reply was lost and the window is closed: no answer, until another window opens.
    let late = office.enrol(phone.wire.clone()).await;
    let (phone, error) = phone.finish(&manifest, &late.bytes, &[]).err().unwrap();
    assert_eq!((error, late.bytes.len()), (EnrolmentError::Refused, reply.bytes.len()));

    // A contest that closed in between is 96 zero bytes, which the log explains.
    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    office.act("/desk/window/open", json!({})).await;
    let reply = office.enrol(phone.wire.clone()).await;
    let (phone, error) = phone.finish(&manifest, &reply.bytes, &[]).err().unwrap();
    assert_eq!(error, EnrolmentError::Missing(FIRST), "unexplained, it is shouted");
    let enrolled = phone.finish(&manifest, &reply.bytes, &[FIRST]).map_err(|(_, error)| error).unwrap();
    assert_eq!(enrolled.credentials.iter().map(|c| c.contest()).collect::<Vec<_>>(), [Contest::REHEARSAL]);

    office.act("/desk/window/close", json!({ "present": 5 })).await;
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    let stranger = Phone::new(&manifest, &slips[1], 9);
    assert_eq!(office.enrol(stranger.wire.clone()).await.status, StatusCode::BAD_REQUEST, "E_0 is gone");
    assert!(!data.path().join("secrets").join(hex(&manifest.meeting)).join("enrol.key").exists());
    office.stop().await;
}

#[tokio::test]
async fn foreign_void_and_malformed_requests_get_nothing() {
    let (_data, office, manifest, slips) = opened(6, 1).await;
    let refusal_of = |phone: Phone, bytes: Vec<u8>| {
        let manifest = manifest.clone();
        phone.finish(&manifest, &bytes, &[]).err().unwrap().1
    };
    // A token nobody printed.
    let mut foreign = office::Phone::new(&manifest, &slips[0], 5);
    let invented = douxuan_crypto::token::Slip {
        manifest: manifest.id,
        token: Token::generate(&mut foreign.rng),
        mask: slips[0].mask.clone(),
    };
    let foreign = Phone::new(&manifest, &invented, 6);
    let reply = office.enrol(foreign.wire.clone()).await;
    assert_eq!(refusal_of(foreign, reply.bytes), EnrolmentError::Refused);

    // A voided one.
    let text = slips[1].token.text();
    office.act("/desk/slip/void", json!({ "text": text.as_str(), "reason": "lost" })).await;
    let void = Phone::new(&manifest, &slips[1], 7);
    let reply = office.enrol(void.wire.clone()).await;
    assert_eq!(refusal_of(void, reply.bytes), EnrolmentError::Refused);

    // What does not open is closed without a word; what is too large is not even read.
    let good = Phone::new(&manifest, &slips[2], 8);
    for bad in [vec![], vec![0; 100], {
        let mut wire = good.wire.clone();
        let end = wire.len() - 1;
        wire[end] ^= 1;
        wire
    }] {
        let answered = office.enrol(bad).await;
        assert_eq!((answered.status, answered.bytes.len()), (StatusCode::BAD_REQUEST, 0));
    }
    assert_eq!(office.enrol(vec![0; (64 << 10) + 1]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let reply = office.enrol(good.wire.clone()).await;
    assert!(good.finish(&manifest, &reply.bytes, &[]).is_ok(), "nobody else is disturbed");
    office.stop().await;
}

#[tokio::test]
async fn a_restart_in_an_open_window_goes_on_and_knows_who_enrolled() {
    let (data, office, manifest, slips) = opened(6, 1).await;
    let phone = Phone::new(&manifest, &slips[0], 1);
    office.enrol(phone.wire.clone()).await;
    office.stop().await;

    let begun = std::time::Instant::now();
    let office = start(data.path()).await.unwrap();
    assert!(begun.elapsed().as_secs() < 2);
    assert!(office.live().await["window"]["open"].as_bool().unwrap());
    let thief = Phone::new(&manifest, &slips[0], 2);
    let refused = office.enrol(thief.wire.clone()).await;
    assert!(thief.finish(&manifest, &refused.bytes, &[]).is_err());
    let reply = office.enrol(phone.wire.clone()).await;
    assert!(phone.finish(&manifest, &reply.bytes, &[]).is_ok());
    office.stop().await;
}

#[tokio::test]
async fn t52_an_older_roll_is_refused_at_start() {
    let (data, office, manifest, slips) = opened(6, 1).await;
    let phone = Phone::new(&manifest, &slips[0], 1);
    office.enrol(phone.wire.clone()).await;
    office.stop().await;
    let copy = std::fs::read(data.path().join("roll.db")).unwrap();
    assert!(!data.path().join("roll.db-wal").exists(), "closing put everything into the file");

    let office = start(data.path()).await.unwrap();
    let phone = Phone::new(&manifest, &slips[1], 2);
    office.enrol(phone.wire.clone()).await;
    office.stop().await;

    let newer = std::fs::read(data.path().join("roll.db")).unwrap();
    std::fs::write(data.path().join("roll.db"), copy).unwrap();
    let refusal = start(data.path()).await.err().unwrap();
    assert!(matches!(refusal, StartError::Roll(_)));
    let text = refusal.to_string();
    assert!(text.contains("旧的备份") && text.contains("请换回"), "{text}");

    std::fs::write(data.path().join("roll.db"), newer).unwrap();
    start(data.path()).await.unwrap().stop().await;
    std::fs::remove_file(data.path().join("roll.db")).unwrap();
    assert!(matches!(start(data.path()).await, Err(StartError::Roll(_))), "an empty roll is older still");
}

fn hex(bytes: &[u8]) -> String {
    douxuan_crypto::bytes::hex(bytes)
}

/// Red if the count and the close are two steps: an enrolment between them would be over the heads announced.
#[tokio::test]
async fn the_roll_itself_refuses_to_close_a_window_over_too_few_heads() {
    let (data, office, manifest, slips) = opened(6, 2).await;
    for (n, slip) in slips.iter().take(2).enumerate() {
        office.enrol(Phone::new(&manifest, slip, n as u64).wire).await;
    }
    let paper = json!({ "text": slips[2].token.text().as_str(), "reason": "paper" });
    office.act("/desk/slip/void", paper).await;
    office.stop().await;
    // The clerk alone, as it stands when the desk's own look is already over.
    let setup = office::setup(data.path());
    let (roll, _routes) = RollDoor::start(data.path(), &setup.vault, 1, &setup.random).await.unwrap();
    let refused = roll.close_window(1, 2).await.err().unwrap();
    assert!(matches!(refused, RollError::Present { counted: 3, present: 2 }), "{refused}");
    assert!(refused.to_string().contains("登记人数加纸票人数多于实到人数（3，应不多于 2）"), "{refused}");
    assert!(roll.facts().await.unwrap().windows[0].is_none() && roll.watch().borrow().open, "the window stays open");
    assert_eq!(roll.close_window(1, 3).await.unwrap().redeemed, 2);
    roll.stop().await;
}
