//! T3. The server dies at each of the places that its source names, in a meeting that passes all of them.

use std::{collections::BTreeSet, fs, io, path::Path, time::Duration};

use douxuan_crypto::contest::Contest;
use douxuan_tests::{
    console::{Console, Plan, pairs},
    http,
    meeting::Meeting,
    server::{Launch, PATIENCE},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const ONE: Contest = Contest::new(1, 1);
const TWO: Contest = Contest::new(2, 1);

/// Somewhere in the source, and at which pass.
type Place = (&'static str, u32);

const PLACES: [Place; 30] = [
    ("window.opened", 1),
    ("slip.voided", 1),
    ("redeem.before_commit", 2),
    ("redeem.after_commit", 2),
    ("window.closed", 1),
    ("rehearsal.marked", 1),
    ("rehearsal.destroyed", 1),
    ("spool.before_write", 1),
    ("spool.before_write", 4),
    ("spool.before_fsync", 4),
    ("spool.after_fsync", 1),
    ("spool.after_fsync", 4),
    ("close.1", 1),
    ("close.2", 1),
    ("close.3", 1),
    ("close.4", 1),
    ("close.5", 1),
    ("close.6", 1),
    ("close.7", 1),
    ("rebuild.before_rename", 1),
    ("rebuild.rename", 1),
    ("close.8", 1),
    ("close.8", 2),
    ("close.9", 1),
    ("void.marked", 1),
    ("rebuild.rename", 3),
    ("enrolment.ended", 1),
    ("export.after_log", 1),
    ("export.before_rename", 1),
    ("export.after_rename", 1),
];

/// The log is written by every act: these places are passed 13 times.
const LOGGED: [&str; 4] = ["log.before_write", "log.before_fsync", "log.after_entry", "log.after_head"];
const ENTRIES: u32 = 13;

/// With counts shown live, as batches become durable.
const RELEASED: [Place; 3] = [("release.before_write", 1), ("release.before_fsync", 1), ("release.after_fsync", 1)];

/// The slips are in memory only when it dies here.
const FREEZING: [&str; 3] = ["freeze.after_roll", "freeze.after_log", "freeze.after_office"];
/// Between a meeting given up and the same one frozen anew.
const AGAIN: &str = "slips.again";

/// Where papers are counted and kept; died at beside the tests of what two people agree on.
const PAPERS: [(&str, &[&str]); 2] = [
    ("../server/tests/desk_agreed.rs", &["paper.publishing", "paper.logged"]),
    ("../server/tests/desk_paper_crashes.rs", &["paper.sealed", "paper.over", "paper.key_gone"]),
];

/// Red if somebody adds a place to the source and nobody dies there.
#[test]
fn every_place_of_the_source_is_died_at() {
    let mut tested: BTreeSet<&str> = PLACES.iter().chain(&RELEASED).map(|(name, _)| *name).collect();
    tested.extend(LOGGED.iter().chain(&FREEZING).chain([&AGAIN]));
    for (beside, places) in PAPERS {
        let beside = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(beside)).unwrap();
        tested.extend(places.iter().filter(|place| beside.contains(&format!("\"{place}\""))));
    }
    let mut named = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let hits =
                    text.split("failpoint::hit(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
                named.extend(hits);
            }
        }
    }
    assert!(!named.is_empty());
    assert_eq!(named, tested.into_iter().map(str::to_owned).collect());
}

/// An act; an error if the server is gone.
fn act(meeting: &Meeting, path: &str, body: &Value) -> io::Result<()> {
    let answer = meeting.console.post(path, body)?;
    match answer.status {
        200 => Ok(()),
        0 => Err(io::Error::other("died")),
        _ => panic!("{path} {body}: {}", answer.text()),
    }
}

/// A meeting that passes every place: a voided slip, a rehearsal, two contests, one of them voided.
async fn pass_every_place(meeting: &mut Meeting) -> io::Result<()> {
    let contests = |list: &[Contest]| json!({ "contests": pairs(list) });
    act(meeting, "/desk/window/open", &json!({}))?;
    act(meeting, "/desk/slip/void", &json!({ "text": meeting.spares[0], "reason": "lost" }))?;
    for phone in &mut meeting.phones {
        phone.enrol(&meeting.door, Duration::ZERO).await.map_err(io::Error::other)?;
    }
    act(meeting, "/desk/window/close", &json!({ "present": meeting.phones.len() }))?;
    act(meeting, "/desk/contest/open", &contests(&[Contest::REHEARSAL]))?;
    cast(meeting, Contest::REHEARSAL, 1).await?;
    act(meeting, "/desk/rehearsal/destroy", &json!({}))?;
    for contest in [ONE, TWO] {
        act(meeting, "/desk/contest/open", &contests(&[contest]))?;
        cast(meeting, contest, usize::MAX).await?;
        if !meeting.live()["contests"][0]["released"].is_null() {
            tokio::time::sleep(3 * meeting.launch().tick).await;
        }
        act(meeting, "/desk/contest/close", &contests(&[contest]))?;
    }
    act(meeting, "/desk/contest/publish", &contests(&[ONE]))?;
    act(meeting, "/desk/contest/void", &contests(&[TWO]))?;
    let unused = meeting.slips - meeting.phones.len() - 1;
    act(meeting, "/desk/enrolment/end", &json!({ "unused": unused }))?;
    act(meeting, "/desk/archive", &json!({}))
}

async fn cast(meeting: &mut Meeting, contest: Contest, most: usize) -> io::Result<()> {
    for (place, phone) in meeting.phones.iter_mut().enumerate().take(most) {
        let option = douxuan_tests::recording::option(place);
        let sent = phone.cast(&meeting.door, contest, option, Duration::ZERO).await;
        sent.map_err(io::Error::other)?;
    }
    Ok(())
}

/// One death and what comes after it.
async fn die_at((place, count): Place, plan: Plan) {
    let data = tempfile::tempdir().unwrap();
    let usual = Launch::on(data.path());
    let mut meeting = Meeting::frozen_at(plan, data, &usual).await;
    meeting.restart(&usual.killed_at(place, count));
    let passed = pass_every_place(&mut meeting).await;
    let died = meeting.server.as_mut().unwrap();
    assert!(passed.is_err() || died.has_ended(), "{place}:{count} was never passed");
    let status = died.end();
    assert!(!status.success(), "{place}: {status}");

    meeting.restart(&usual);
    let between: Vec<String> = meeting.manifest.contests.iter().map(|keys| meeting.state_of(keys.contest)).collect();
    let whole = ["absent", "unopened", "open", "closed", "published", "withheld", "voided", "destroyed"];
    assert!(between.iter().all(|state| whole.contains(&state.as_str())), "{place}:{count}: {between:?}");
    meeting.go_on().await.unwrap_or_else(|why| panic!("{place}:{count}: {why}"));
}

async fn die_at_each(places: Vec<Place>, plan: Plan) {
    let (mut waiting, mut running) = (places.into_iter(), JoinSet::new());
    loop {
        while running.len() < 3 {
            let Some(place) = waiting.next() else { break };
            running.spawn(die_at(place, plan));
        }
        match running.join_next().await {
            None => return,
            Some(Ok(())) => {}
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

const PLAN: Plan = Plan { voters: 6, officials: 2, rounds: 1, live: false };

/// Red if a step of an act is not repeatable, is done in another order than its crash points allow, or leaves a
/// contest *closing* or *stopped*; red too if a place has vanished from the source.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_step_of_every_act_the_meeting_goes_on_as_if_nothing_had_been() {
    die_at_each(PLACES.to_vec(), PLAN).await;
}

/// Red if an act is done and not logged, logged and not done, or logged twice.
#[tokio::test(flavor = "multi_thread")]
async fn killed_around_every_log_entry_the_log_says_what_was_done() {
    let counts: Vec<u32> = match std::env::var_os("DOUXUAN_LONG") {
        Some(_) => (1..=ENTRIES).collect(),
        None => vec![2, 6, 9, 13],
    };
    let places = LOGGED.iter().flat_map(|name| counts.iter().map(move |count| (*name, *count)));
    die_at_each(places.collect(), PLAN).await;
}

/// Red if a batch that was shown is drawn again, or a batch that was not durable was shown.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_batch_is_released_what_was_shown_stays_shown() {
    die_at_each(RELEASED.to_vec(), Plan { voters: 24, live: true, ..PLAN }).await;
}

/// The slips of a meeting that was being frozen are gone. Red if the office cannot begin anew.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_freezing_the_office_freezes_again() {
    for place in FREEZING {
        let data = tempfile::tempdir().unwrap();
        let usual = Launch::on(data.path());
        let mut server = usual.killed_at(place, 1).start();
        let console = Console::of(&server);
        console.prepare(PLAN);
        let frozen = console.post("/desk/freeze", &json!({}));
        assert!(frozen.is_ok_and(|answer| answer.status == 0), "{place} was never passed");
        assert!(!server.end().success());
        drop(server);

        let server = usual.start();
        let live = http::request(usual.public, "GET", "/live.json", &[], b"").unwrap().json();
        let console = Console::of(&server);
        if !live["manifest"].is_null() {
            console.act("/desk/meeting/new", &json!({}));
        }
        drop(server);
        let mut meeting = Meeting::begin_at(PLAN, data, &usual).await;
        meeting.phones[0].enrol(&meeting.door, PATIENCE).await.unwrap();
        meeting.go_on().await.unwrap_or_else(|why| panic!("{place}: {why}"));
    }
}

/// Red if a half-done reprint leaves two meetings, the dead one current, or the lists lost.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_slips_are_printed_again_the_office_is_back_in_preparation() {
    let data = tempfile::tempdir().unwrap();
    let usual = Launch::on(data.path());
    let mut server = usual.killed_at(AGAIN, 1).start();
    let console = Console::of(&server);
    console.prepare(PLAN);
    console.act("/desk/freeze", &json!({}));
    let again = console.post("/desk/slips/again", &json!({}));
    assert!(again.is_ok_and(|answer| answer.status == 0), "{AGAIN} was never passed");
    assert!(!server.end().success());
    drop(server);

    let server = usual.start();
    let state = Console::of(&server).state();
    assert_eq!((&state["meeting_state"], &state["live"]["manifest"]), (&json!("preparing"), &json!(null)));
    assert_eq!(state["roster"]["attendees"], PLAN.voters, "the lists are still there");
    drop(server);
    let mut meeting = Meeting::begin_at(PLAN, data, &usual).await;
    meeting.phones[0].enrol(&meeting.door, PATIENCE).await.unwrap();
    meeting.go_on().await.unwrap();
}
