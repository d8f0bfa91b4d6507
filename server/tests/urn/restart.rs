//! Restarts of the urn: what a crash, a bad disk or a hand leaves in a spool, and what becomes of the contest.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_truncation)]

use std::{fs, time::Instant};

use douxuan::urn::{Answer, Phase, UrnRefused};
use douxuan_crypto::{
    ballot::SealedBallot,
    log::{Act, Entry},
    manifest::ReleaseKind,
    receipt::CastReply,
    spool::{Alarm, End, Spool},
};

use crate::urn_meeting::{FIRST, Meeting, Running, SECOND, receipt};

/// A meeting with both items open and `cast` ballots in the first, each in a group of its own. The server is gone
/// when this returns, without a farewell.
async fn interrupted(voters: usize, cast: usize) -> (Meeting, Vec<(SealedBallot, String)>) {
    let mut meeting = Meeting::new(voters, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    running.open(&meeting, SECOND, false).await;
    let mut receipts = Vec::new();
    for voter in 0..cast {
        let ballot = meeting.ballot(voter, FIRST, (voter % 5) as u8);
        let note = receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await);
        receipts.push((ballot, note));
    }
    (meeting, receipts)
}

fn format(meeting: &Meeting) -> Spool {
    let key = meeting.secrets.contest(FIRST).unwrap().unwrap().spool;
    Spool::new(key, &meeting.manifest.id, FIRST, 5)
}

async fn alarmed(meeting: &Meeting) -> (Running, String) {
    let running = meeting.start().await;
    assert_eq!(running.phase(FIRST), Phase::Stopped);
    assert_eq!(running.phase(SECOND), Phase::Open, "the other contest goes on");
    let alarm = running.urn.watch().borrow().contests[&FIRST].alarm.clone().unwrap();
    (running, alarm)
}

#[tokio::test]
async fn every_receipt_survives_a_restart_and_is_given_again_byte_for_byte() {
    let (mut meeting, receipts) = interrupted(30, 20).await;
    let begun = Instant::now();
    let running = meeting.start().await;
    let took = begun.elapsed();
    assert_eq!(running.phase(FIRST), Phase::Open);
    assert!(took.as_secs() < 2, "open again after {took:?}");
    for (ballot, note) in &receipts {
        assert_eq!(receipt(&meeting.manifest, ballot, &running.cast(ballot).await), *note);
    }
    let more = meeting.ballot(25, FIRST, 0);
    receipt(&meeting.manifest, &more, &running.cast(&more).await);
    assert_eq!(running.close(&meeting, FIRST).await.size, 21);
}

#[tokio::test]
async fn a_torn_tail_is_cut_and_the_contest_goes_on() {
    for torn in [1, 300, 677] {
        let (mut meeting, receipts) = interrupted(8, 5).await;
        let whole = fs::read(meeting.spool(FIRST)).unwrap();
        let tail = vec![0x5a; torn];
        fs::write(meeting.spool(FIRST), [whole.as_slice(), &tail].concat()).unwrap();
        let running = meeting.start().await;
        assert_eq!(running.phase(FIRST), Phase::Open);
        assert_eq!(fs::read(meeting.spool(FIRST)).unwrap(), whole);
        let more = meeting.ballot(6, FIRST, 1);
        receipt(&meeting.manifest, &more, &running.cast(&more).await);
        for (ballot, note) in &receipts {
            assert_eq!(receipt(&meeting.manifest, ballot, &running.cast(ballot).await), *note);
        }
        assert_eq!(running.close(&meeting, FIRST).await.size, 6);
    }
}

#[tokio::test]
async fn a_corrupt_middle_stops_that_contest_and_nothing_is_changed() {
    let (mut meeting, receipts) = interrupted(8, 5).await;
    let path = meeting.spool(FIRST);
    let mut bytes = fs::read(&path).unwrap();
    let record = format(&meeting).record_len();
    bytes[record + 40] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (running, alarm) = alarmed(&meeting).await;
    assert!(alarm.contains("不符"), "{alarm}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "the evidence is left as it is");
    let more = meeting.ballot(6, FIRST, 1);
    assert_eq!(running.urn.cast(more.wire.clone()).await, Answer::Stopped);
    let refused = running.urn.close(FIRST, meeting.by()).await;
    assert!(matches!(refused, Err(UrnRefused::Spool(Alarm::Corrupt))));
    assert_eq!(running.phase(FIRST), Phase::Stopped);
    // The ballot that was damaged is back: the contest can be closed after all.
    bytes[record + 40] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(running.close(&meeting, FIRST).await.size, 5);
    drop(receipts);
}

/// A tail that rots while the program runs looks torn, but its ballots have receipts: the close must not drop them.
#[tokio::test]
async fn an_acknowledged_tail_that_is_gone_stops_the_close_and_is_left_as_it_is() {
    let (mut meeting, _receipts) = interrupted(8, 4).await;
    let running = meeting.start().await;
    let last = meeting.ballot(6, FIRST, 1);
    receipt(&meeting.manifest, &last, &running.cast(&last).await);
    let path = meeting.spool(FIRST);
    let whole = fs::read(&path).unwrap();
    let cut = &whole[..whole.len() - format(&meeting).record_len()];
    fs::write(&path, cut).unwrap();
    let refused = running.urn.close(FIRST, meeting.by()).await;
    assert!(matches!(refused, Err(UrnRefused::Spool(Alarm::Corrupt))));
    assert_eq!(fs::read(&path).unwrap(), cut, "the evidence is left as it is");
    fs::write(&path, &whole).unwrap();
    assert_eq!(running.close(&meeting, FIRST).await.size, 5);
}

#[tokio::test]
async fn a_record_of_another_contest_in_front_stops_it() {
    let (meeting, _receipts) = interrupted(8, 5).await;
    let path = meeting.spool(FIRST);
    let mut bytes = fs::read(&path).unwrap();
    let record = format(&meeting).record_len();
    bytes[..record].fill(7);
    fs::write(&path, bytes).unwrap();
    alarmed(&meeting).await;
}

#[tokio::test]
async fn a_spool_that_was_closed_while_the_database_says_open_stops_it() {
    let (mut meeting, receipts) = interrupted(8, 5).await;
    let path = meeting.spool(FIRST);
    let mut bytes = fs::read(&path).unwrap();
    let leaves = receipts.iter().map(|(ballot, _)| ballot.leaf).collect();
    let sealed = format(&meeting).end(&End::of(leaves), &mut meeting.rng);
    bytes.extend_from_slice(&sealed);
    fs::write(&path, bytes).unwrap();
    alarmed(&meeting).await;
}

#[tokio::test]
async fn a_missing_spool_stops_it() {
    let (meeting, _receipts) = interrupted(8, 5).await;
    fs::remove_file(meeting.spool(FIRST)).unwrap();
    alarmed(&meeting).await;
}

#[tokio::test]
async fn a_filled_spool_of_a_contest_that_was_never_opened_keeps_it_shut() {
    let meeting = Meeting::new(3, 2, ReleaseKind::Close);
    fs::create_dir_all(meeting.path().join("spool")).unwrap();
    fs::write(meeting.spool(FIRST), b"left over").unwrap();
    let running = meeting.start().await;
    assert_eq!(running.phase(FIRST), Phase::Stopped);
    let refused = running.urn.open(FIRST, 1, 3, false, meeting.by()).await;
    assert!(matches!(refused, Err(UrnRefused::NotEmpty(_))));
    running.open(&meeting, SECOND, false).await;
}

#[tokio::test]
async fn an_act_that_the_log_forbids_changes_nothing() {
    let meeting = Meeting::new(3, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    let second_round = douxuan_crypto::contest::Contest::new(1, 2);
    let refused = running.urn.open(second_round, 1, 3, false, meeting.by()).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused}");
    let refused = running.urn.open(FIRST, 2, 3, false, meeting.by()).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused}");
    for refused in [
        running.urn.close(FIRST, meeting.by()).await.unwrap_err(),
        running.urn.publish(FIRST, meeting.by()).await.unwrap_err(),
        running.urn.void(FIRST, meeting.by()).await.unwrap_err(),
        running.urn.destroy_rehearsal(meeting.by()).await.unwrap_err(),
    ] {
        assert!(refused.is_conflict(), "{refused}");
    }
    assert!(running.urn.phases().iter().all(|(_, phase)| *phase == Phase::Unopened));
    assert_eq!(running.log.head().unwrap().size, 3);
    running.open(&meeting, FIRST, false).await;
    let twice = running.urn.open(FIRST, 1, 3, false, meeting.by()).await.unwrap_err();
    assert!(twice.is_conflict());
    assert!(running.log.would_accept(&Entry::unnamed(Act::WindowOpened { window: 2 })).is_err());
}

#[tokio::test]
async fn of_two_operators_who_close_at_once_exactly_one_wins() {
    let (meeting, _receipts) = interrupted(8, 5).await;
    let running = meeting.start().await;
    let (one, two) = tokio::join!(running.urn.close(FIRST, meeting.by()), running.urn.close(FIRST, meeting.by()));
    assert!(one.is_ok() ^ two.is_ok());
    assert!(one.err().or(two.err()).unwrap().is_conflict());
}

#[tokio::test]
async fn a_shutdown_finishes_what_waits_and_sends_the_rest_away() {
    let mut meeting = Meeting::new(60, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    let ballots: Vec<SealedBallot> = (0..60).map(|v| meeting.ballot(v, FIRST, 0)).collect();
    let (answers, ()) = tokio::join!(running.cast_all(&ballots), async {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        running.urn.shutdown().await;
    });
    let again = meeting.start().await;
    for (ballot, answer) in ballots.iter().zip(&answers) {
        match answer {
            Answer::Sealed(reply) => {
                let reply = CastReply::open(&ballot.reply_key, reply).unwrap();
                let note = receipt(&meeting.manifest, ballot, &reply);
                assert_eq!(receipt(&meeting.manifest, ballot, &again.cast(ballot).await), note);
            }
            Answer::Later => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(running.urn.cast(ballots[0].wire.clone()).await, Answer::Later);
}
