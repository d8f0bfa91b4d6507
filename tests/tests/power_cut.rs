//! T0. The power is cut: what was acknowledged is on the disk.
//!
//! A small meeting runs once over a layer that writes down what the server does to its files and sockets. From that
//! the disk is rebuilt as it stands after a cut at every place where it differs: content only if its file was synced,
//! names only if their folder was. A server starts on each of these disks and the phones go on with what they had.
//!
//! Between two syncs nothing durable changes, so of all places between them the last one asks most: what was
//! acknowledged in between must be there too.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::{HashMap, HashSet};

use douxuan_tests::{
    console::{Console, Plan},
    disk_image::Loss,
    journal::Event,
    meeting::Meeting,
    recording::{Recording, Told, VOTERS},
    server::Launch,
};
use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use tokio::task::JoinSet;

/// What a server makes of a disk; `Err` if anything acknowledged was lost, or if the meeting cannot go on to a bundle
/// that the public audit accepts.
async fn go_on(recording: &Recording, place: usize, loss: Loss<'_>) -> Result<(), String> {
    let (data, phones) = (recording.disk_at(place, loss), recording.phones_at(place));
    Meeting::resume(data, &recording.manifest, phones, recording.slips).await?.go_on().await
}

/// The same for every place, some at a time; what went wrong where.
async fn go_on_from(recording: Recording, places: Vec<(usize, Option<u64>)>) -> Vec<(usize, String)> {
    let recording: &'static Recording = Box::leak(Box::new(recording));
    let (mut waiting, mut running, mut wrong) = (places.into_iter(), JoinSet::new(), Vec::new());
    loop {
        while running.len() < 3 {
            let Some((place, seed)) = waiting.next() else { break };
            running.spawn(async move {
                let mut rng = seed.map(StdRng::seed_from_u64);
                let done = go_on(recording, place, rng.as_mut().map_or(Loss::All, Loss::Some)).await;
                (place, done)
            });
        }
        match running.join_next().await {
            None => return wrong,
            Some(Ok((_, Ok(())))) => {}
            Some(Ok((place, Err(why)))) => wrong.push((place, format!("{}: {why}", recording.step_at(place)))),
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

/// Bytes of a record in the spool, for five options: nonce, group, ballot, opening, tag.
const RECORD: usize = 12 + 5 + 612 + 33 + 16;

fn is_long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}

/// Red if one byte that an acknowledgement rests on, or a name on the way to it, is not synced before it; red too if
/// any step of opening, closing, publishing or archiving leaves a disk from which it cannot go on.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_between_any_two_syncs_nothing_acknowledged_is_missing_and_the_meeting_goes_on() {
    let recording = Recording::make(None).await;
    let all: Vec<usize> = recording.places().into_iter().filter(|place| *place >= recording.window_open).collect();
    let steps: HashSet<&str> = all.iter().map(|place| recording.step_at(*place)).collect();
    assert_eq!(steps.len(), 7, "every step of the meeting syncs something: {steps:?}");
    let chosen: Vec<(usize, Option<u64>)> = all.iter().map(|place| (*place, None)).collect();
    println!("{} events, {} different disks", recording.events.len(), chosen.len());
    let wrong = go_on_from(recording, chosen).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Red if a half-written group, log entry, database page or release is taken for a whole one, or stops a contest.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_in_which_the_disk_kept_any_half_of_what_was_not_synced_the_meeting_goes_on() {
    let recording = Recording::make(None).await;
    let writes: Vec<usize> = (recording.window_open..recording.events.len())
        .filter(|place| !matches!(recording.events[*place], Event::Send { .. } | Event::SyncBegin { .. }))
        .map(|place| place + 1)
        .collect();
    // Of a record in the spool there are several sectors: each of these places three times, of the others some.
    let in_spool = |place: &usize| match &recording.events[*place - 1] {
        Event::Write { bytes, .. } => bytes.len() == RECORD,
        _ => false,
    };
    let (records, others): (Vec<usize>, Vec<usize>) = writes.into_iter().partition(in_spool);
    assert_eq!(records.len(), 2 * VOTERS + 2, "a record a ballot, and END for each contest");
    let (count, times) = if is_long() { (others.len(), 3) } else { (24, 1) };
    let mut rng = StdRng::seed_from_u64(7);
    let seeds = |place: usize, times: u64| (0..times).map(move |time| (place, Some(place as u64 + (time << 32))));
    let some = others.sample(&mut rng, count).flat_map(|place| seeds(*place, times));
    let chosen = records.iter().flat_map(|place| seeds(*place, 3)).chain(some).collect();
    let wrong = go_on_from(recording, chosen).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// While a meeting is being frozen the slips are in memory: a cut loses them, and the office prepares anew. Red if a
/// server does not start on what is left, or the office is stuck with half a meeting.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_while_freezing_the_office_can_prepare_anew() {
    let recording = Recording::make(None).await;
    let before = recording.places().into_iter().filter(|place| *place < recording.window_open);
    let places: Vec<usize> = before.step_by(if is_long() { 1 } else { 6 }).collect();
    for place in places {
        let data = recording.disk_at(place, Loss::All);
        let server = Launch::on(data.path()).try_start().unwrap_or_else(|why| panic!("event {place}: {why}"));
        let console = Console::of(&server);
        let live = douxuan_tests::http::request(server.launch().public, "GET", "/live.json", &[], b"").unwrap().json();
        if !live["manifest"].is_null() {
            console.act("/desk/meeting/new", &json!({}));
        }
        let slips = console.freeze(Plan { voters: 2, officials: 1, rounds: 1, live: false });
        console.act("/desk/window/open", &json!({}));
        assert!(slips.slips.len() > 2, "event {place}");
    }
}

/// How many answers left the server without a sync of a file with this text in its path between the last write to it
/// and the answer, or without a write since the answer before.
fn unfounded(recording: &Recording, told: impl Fn(Told) -> bool, text: &str) -> usize {
    let answers: HashSet<usize> = recording.answers.iter().filter(|a| told(a.told)).map(|a| a.sent).collect();
    let (mut ours, mut dirty, mut begun): (HashSet<u64>, HashSet<u64>, HashMap<u64, bool>) = Default::default();
    let (mut written, mut unfounded) = (0, 0);
    for (place, event) in recording.events.iter().enumerate() {
        match event {
            Event::Create { ino, path } if path.contains(text) => drop(ours.insert(*ino)),
            Event::Create { ino, .. } => drop(ours.remove(ino)),
            Event::Write { ino, .. } if ours.contains(ino) => {
                written += 1;
                dirty.insert(*ino);
                begun.insert(*ino, false);
            }
            Event::SyncBegin { ino, .. } => drop(begun.insert(*ino, true)),
            // A write in the middle of the sync is not covered by it.
            Event::SyncEnd { ino, .. } if begun.get(ino) == Some(&true) => drop(dirty.remove(ino)),
            Event::Send { .. } if answers.contains(&place) => {
                unfounded += usize::from(!dirty.is_empty() || written == 0);
                written = 0;
            }
            _ => {}
        }
    }
    unfounded
}

/// The trace: between each write to the spool and the receipt there is a completed fsync, and likewise for the roll.
/// Red if an answer overtakes its sync; the next two tests show it red.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_leaves_after_a_completed_sync_of_what_it_says() {
    let recording = Recording::make(None).await;
    let receipts = recording.answers.iter().filter(|a| matches!(a.told, Told::Receipt(_))).count();
    assert_eq!((receipts, recording.answers.len()), (2 * VOTERS, 3 * VOTERS));
    let sent: HashSet<usize> = recording.answers.iter().map(|a| a.sent).collect();
    assert_eq!(sent.len(), 3 * VOTERS, "each answer is a send of its own");
    assert_eq!(unfounded(&recording, |told| told != Told::Enrolled, ".spool"), 0);
    assert_eq!(unfounded(&recording, |told| told == Told::Enrolled, "roll.db-wal"), 0);
    assert_eq!(unfounded(&recording, |told| told == Told::Enrolled, "roll.highwater"), 0);
}

/// The places right after the answers, where a missing sync shows.
fn behind_answers(recording: &Recording, told: impl Fn(Told) -> bool) -> Vec<(usize, Option<u64>)> {
    recording.answers.iter().filter(|a| told(a.told)).map(|a| (a.sent + 1, None)).collect()
}

/// The checks above can fail: with the fsync of the spool deleted, a cut behind a receipt loses the ballot.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_sync_of_the_spool_both_checks_are_red() {
    let recording = Recording::make(Some(".spool")).await;
    let is_receipt = |told| told != Told::Enrolled;
    assert_eq!(unfounded(&recording, is_receipt, ".spool"), 2 * VOTERS);
    let wrong = go_on_from_some(recording, is_receipt).await;
    assert!(wrong.iter().any(|(_, why)| why.contains("is not on the board")), "{wrong:#?}");
}

/// And with the fsync of the roll deleted, a cut behind an enrolment makes the slip spendable again.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_sync_of_the_roll_both_checks_are_red() {
    let recording = Recording::make(Some("roll.db")).await;
    let is_enrolment = |told| told == Told::Enrolled;
    assert_eq!(unfounded(&recording, is_enrolment, "roll.db-wal"), VOTERS);
    let wrong = go_on_from_some(recording, is_enrolment).await;
    assert!(!wrong.is_empty(), "a roll that is not synced must not pass");
}

async fn go_on_from_some(recording: Recording, told: impl Fn(Told) -> bool) -> Vec<(usize, String)> {
    let places = behind_answers(&recording, told);
    go_on_from(recording, places).await
}
