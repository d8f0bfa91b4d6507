//! A restart in every phase, and what it makes of acts that were cut short.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::path::Path;

use douxuan::{
    desk::StartError,
    roll::{RandomSource, RollDoor},
    secrets::Vault,
};
use douxuan_crypto::log::{Log, Reason};
use office::{Office, Phone, start};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

async fn again(office: Office, data: &Path) -> Office {
    let live = office.live().await;
    office.stop().await;
    let begun = std::time::Instant::now();
    let office = start(data).await.unwrap();
    assert!(begun.elapsed().as_secs() < 2);
    assert_eq!(office.live().await, live, "shown as before");
    office
}

#[tokio::test]
async fn every_phase_goes_on_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let mut office = start(data.path()).await.unwrap();
    office = again(office, data.path()).await;
    office.act("/desk/sample", json!({})).await;
    office = again(office, data.path()).await;
    office.small(6, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office = again(office, data.path()).await;
    assert!(office.state().await["slips"].is_null(), "slips live in memory only");
    for (path, body) in [
        ("window/open", json!({})),
        ("window/close", json!({ "present": 5 })),
        ("contest/open", json!({ "contests": [[1, 1], [0, 0]] })),
        ("contest/close", json!({ "contests": [[1, 1]] })),
        ("contest/publish", json!({ "contests": [[1, 1]] })),
        ("rehearsal/destroy", json!({})),
        ("enrolment/end", json!({ "unused": 14 })),
        ("archive", json!({})),
    ] {
        office.act(&format!("/desk/{path}"), body).await;
        if path == "window/open" {
            office.enrol(Phone::new(&manifest, &slips[0], 1).wire).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        office = again(office, data.path()).await;
    }
    assert_eq!(office.public("/bundle.zip").await.status, 200);
    let bundle = office.public("/bundle.zip").await.bytes;
    let archived = office.act("/desk/archive", json!({})).await;
    assert_eq!(archived["sha256"], douxuan_crypto::bytes::hex(&douxuan_crypto::hash::sha256(&bundle)));
    office.stop().await;
}

/// What the roll has done and the log does not know: the process died between the two.
#[tokio::test]
async fn the_log_is_brought_up_to_the_roll() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.stop().await;
    let slip = *slips[1].token.signing_key(&manifest.meeting).verifying().as_bytes();

    for step in 0..4 {
        let random: RandomSource = std::sync::Arc::new(|| Box::new(StdRng::seed_from_u64(1)));
        let (roll, _) = RollDoor::start(data.path(), &Vault::plain(data.path()).unwrap(), 1, &random).await.unwrap();
        match step {
            0 => roll.open_window(1).await.unwrap(),
            1 => roll.void(slip, Reason::Lost).await.unwrap(),
            2 => drop(roll.close_window(1, 4).await.unwrap()),
            _ => roll.end().await.unwrap(),
        }
        roll.stop().await;
        let office = start(data.path()).await.unwrap();
        let log = Log::decode(&manifest, &office.public("/log/entries").await.bytes).unwrap();
        let state = log.state();
        assert_eq!(log.size(), 2 + step);
        match step {
            0 => assert_eq!(state.open_window(), Some(1)),
            1 => assert!(state.voided_slips().contains_key(&slip)),
            2 => assert_eq!(state.windows()[0].present, 4),
            _ => assert_eq!(state.unused(), Some(14)),
        }
        office.stop().await;
    }
}

#[tokio::test]
async fn a_meeting_is_given_up_as_long_as_nothing_was_opened() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let first = office.manifest().await;
    let keys = data.path().join("secrets").join(douxuan_crypto::bytes::hex(&first.meeting));
    assert!(keys.join("1-1.key").exists());
    office.act("/desk/window/open", json!({})).await;
    office.act("/desk/meeting/new", json!({})).await;
    assert!(!keys.exists(), "its keys are gone");
    assert_eq!(office.public("/manifest").await.status, 404);
    office.act("/desk/freeze", json!({})).await;
    let second = office.manifest().await;
    assert_ne!((first.id, first.meeting), (second.id, second.meeting));
    let office = again(office, data.path()).await;
    assert_eq!(office.manifest().await.id, second.id);
    office.stop().await;
}

#[tokio::test]
async fn another_page_or_protocol_is_refused_by_name() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({ "title": "换页会议" })).await;
    office.stop().await;
    let old = std::fs::read(data.path().join("office.db")).unwrap();
    for (from, to, word) in [
        (&b"\"suite\":\"douxuan-v1"[..], &b"\"suite\":\"douxuan-v9"[..], "投票协议"),
        (b"\"page\":{\"script\":\"", b"\"page\":{\"script\":\"0000", "手机页面"),
    ] {
        let mut bytes = old.clone();
        let at = bytes.windows(from.len()).position(|part| part == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        std::fs::write(data.path().join("office.db"), &bytes).unwrap();
        let refusal = start(data.path()).await.err().unwrap();
        assert!(matches!(refusal, StartError::OtherProtocol { .. } | StartError::OtherPage { .. }), "{refusal}");
        let text = refusal.to_string();
        assert!(text.contains("换页会议") && text.contains(word) && text.contains("--data"), "{text}");
    }
    std::fs::write(data.path().join("office.db"), old).unwrap();
    start(data.path()).await.unwrap().stop().await;
}

#[tokio::test]
async fn stores_of_different_meetings_are_refused() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for data in [&one, &two] {
        let office = start(data.path()).await.unwrap();
        office.small(6, 2, json!({})).await;
        office.stop().await;
    }
    for file in ["roll.db", "roll.highwater"] {
        std::fs::copy(two.path().join(file), one.path().join(file)).unwrap();
    }
    let refusal = start(one.path()).await.err().unwrap();
    assert!(matches!(refusal, StartError::OtherRoll(_)) && refusal.to_string().contains("请换回"), "{refusal}");
}
