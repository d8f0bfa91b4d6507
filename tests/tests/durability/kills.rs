//! The process is killed, at any instant or just where it hurts.

use std::{sync::Arc, time::Duration};

use douxuan_ballot::{
    journey::Standing,
    native::{
        door::Door,
        storage::{Memory, Storage},
        voter::Voter,
    },
};
use douxuan_crypto::contest::Contest;
use douxuan_tests::{
    console::Plan,
    meeting::{Meeting, Phone},
    server::Launch,
    shim::{Fault, Shim},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use super::is_long;

/// A server that was killed serves again within this time.
const BACK: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(120);

/// T1. Red if a receipt leaves before its ballot is written, if recovery cuts or doubles a record, or if a phone that
/// sends again is counted again.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_instants_under_300_casting_phones() {
    let (officials, kills) = if is_long() { (8, 25) } else { (1, 5) };
    let data = tempfile::tempdir().unwrap();
    let shim = Arc::new(Shim::under(data.path()));
    let launch = Launch::on(data.path()).over(&shim);
    let plan = Plan { voters: 300, officials, rounds: 1, live: true };
    let mut meeting = Meeting::begin_at(plan, data, &launch).await;
    meeting.enrol_all_at_once().await;
    // A slow disk: at every instant some ballots are written and not synced, synced and not answered.
    shim.set(&[Fault::Slow(60, ".spool")]);
    let mut rng = StdRng::seed_from_u64(1);
    let (mut slowest, mut killed) = (Duration::ZERO, 0);
    for contest in meeting.contests() {
        meeting.console.open(&[contest]);
        let door = meeting.door.clone();
        let spread = 500 * kills;
        let casting = cast_spread_over(std::mem::take(&mut meeting.phones), contest, door, spread);
        let casting = tokio::spawn(casting);
        for _ in 0..kills {
            sleep(Duration::from_millis(rng.random_range(50..450))).await;
            meeting.server.take().unwrap().kill();
            killed += 1;
            meeting.restart(&launch);
            slowest = slowest.max(meeting.server.as_ref().unwrap().serving_after);
        }
        meeting.phones = casting.await.unwrap();
        meeting.console.close(&[contest]);
    }
    shim.set(&[]);
    assert!(slowest < BACK, "serving again after {slowest:?}");
    for contest in meeting.contests() {
        assert!(meeting.phones.iter().all(|phone| phone.receipt(contest).is_some()), "everybody has a receipt");
    }
    meeting.finish_and_check();
    println!("{killed} kills, {} receipts, serving again after {slowest:?} at most", 300 * officials);
}

/// Every phone casts at its own moment within so many milliseconds, and sends again until it has its receipt.
async fn cast_spread_over(phones: Vec<Phone>, contest: Contest, door: Door, spread: u64) -> Vec<Phone> {
    let cast = |(place, mut phone): (usize, Phone)| {
        let door = door.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(StdRng::seed_from_u64(place as u64).random_range(0..spread))).await;
            let option = u8::try_from(place % 5).unwrap();
            let standing = phone.cast(&door, contest, option, LONG).await.unwrap();
            assert_eq!(standing, Standing::Received);
            phone
        })
    };
    let tasks: Vec<_> = phones.into_iter().enumerate().map(cast).collect();
    let mut back = Vec::new();
    for task in tasks {
        back.push(task.await.unwrap());
    }
    back
}

/// T2. Red if the second receipt differs from the first by a byte, or if a ballot that was on the disk when the server
/// died has to be cast anew.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sync_and_answer_a_recast_gives_the_same_receipt() {
    let (voters, kills) = if is_long() { (500, 100) } else { (60, 12) };
    let mut meeting = Meeting::begin(Plan { voters, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all_at_once().await;
    let mut recast = 0;
    for contest in meeting.contests() {
        let usual = meeting.launch();
        meeting.console.open(&[contest]);
        // The phones up to `kills` meet a server that dies once their ballot is on the disk; the others a healthy one.
        for place in 0..voters {
            if place < kills {
                meeting.restart(&usual.killed_at("spool.after_fsync", 1));
            } else if place == kills {
                meeting.restart(&usual);
            }
            let phone = &mut meeting.phones[place];
            let option = u8::try_from(place % 5).unwrap();
            phone.voter.seal(&[(contest, option)], &mut phone.rng).unwrap();
            phone.marks.insert(contest, option);
            let before = phone.voter.storage().read().unwrap().unwrap();
            if place < kills {
                let lost = phone.cast(&meeting.door, contest, option, Duration::ZERO).await;
                assert!(lost.is_err(), "no answer came");
                let died = meeting.server.as_mut().unwrap().end();
                assert!(!died.success());
                meeting.restart(&usual);
            }
            let mut notes = Vec::new();
            for wallet in [&before, &before] {
                let mut again = resumed(&meeting, wallet);
                let standing = again.cast(&meeting.door, contest, option, LONG, &mut StdRng::seed_from_u64(0)).await;
                assert_eq!(standing.unwrap(), Standing::Received);
                notes.push(again.enrolled().unwrap().receipt(contest).unwrap().note.clone());
            }
            let phone = &mut meeting.phones[place];
            phone.cast(&meeting.door, contest, option, LONG).await.unwrap();
            notes.push(String::from_utf8(phone.receipt(contest).unwrap().1).unwrap());
            assert!(notes.windows(2).all(|two| two[0] == two[1]), "{notes:?}");
            recast += 1;
        }
        // And after a kill that nobody waited for.
        meeting.server.take().unwrap().kill();
        meeting.restart(&usual);
    }
    meeting.finish_and_check();
    println!("{recast} of {} recasts gave the same bytes", 2 * voters);
}

/// A second phone with the same wallet: it sends the same sealed bytes.
fn resumed(meeting: &Meeting, wallet: &[u8]) -> Voter {
    let mut memory = Box::<Memory>::default();
    memory.write(wallet).unwrap();
    Voter::resume(&meeting.manifest, memory).unwrap().unwrap()
}
