//! The close, publication, voiding, the rehearsal, and the bundle that follows.

use std::fs;

use douxuan::{
    board::ArchiveRefused,
    urn::{Phase, UrnRefused},
};
use douxuan_crypto::{
    ballot::SealedBallot, board::Board, contest::Contest, hash::sha256, manifest::ReleaseKind, merkle,
};

use crate::urn_meeting::{FIRST, Meeting, Running, SECOND, receipt};

async fn cast(meeting: &mut Meeting, running: &Running, contest: Contest, options: &[u8]) -> Vec<SealedBallot> {
    let mut ballots = Vec::new();
    for (voter, option) in options.iter().enumerate() {
        let ballot = meeting.ballot(voter, contest, *option);
        receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await);
        ballots.push(ballot);
    }
    ballots
}

/// Every file under the data folder, with its bytes.
fn files(meeting: &Meeting) -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(meeting.path(), &mut found);
    found
}

fn holds(files: &[(String, Vec<u8>)], needle: &[u8]) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    files.iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone()).collect()
}

#[tokio::test]
async fn a_close_counts_every_ballot_and_destroys_keys_and_spool() {
    let mut meeting = Meeting::new(12, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    let ballots = cast(&mut meeting, &running, FIRST, &[0, 0, 0, 1, 1, 2, 3, 4]).await;
    let closed = running.close(&meeting, FIRST).await;
    assert_eq!(closed.size, 8);

    let files = running.shelf.board(FIRST).unwrap();
    let board = Board::from_entries(&files.entries).unwrap();
    let mut leaves: Vec<_> = ballots.iter().map(|b| b.leaf).collect();
    leaves.sort_unstable();
    assert_eq!(board.leaves(), leaves, "every receipt is on the board, in hash order");
    assert_eq!(merkle::root(&leaves), closed.root);
    assert!(files.tally.is_none(), "nothing is shown before publication");
    assert!(meeting.secrets.contest(FIRST).unwrap().is_none());
    assert!(!meeting.spool(FIRST).exists());
    assert!(meeting.secrets.contest(SECOND).unwrap().is_some());

    let published = running.urn.publish(FIRST, meeting.by()).await.unwrap();
    assert_eq!(published.t.as_deref(), Some([3, 2, 1, 1, 1].as_slice()));
    assert!(!published.withheld);
    assert!(running.shelf.board(FIRST).unwrap().tally.is_some());
    let view = running.urn.watch().borrow().contests[&FIRST].clone();
    assert_eq!((view.phase, view.published), (Phase::Published, Some(vec![3, 2, 1, 1, 1])));

    // The same after a restart.
    let again = meeting.start().await;
    assert_eq!(again.urn.watch().borrow().contests[&FIRST].published, Some(vec![3, 2, 1, 1, 1]));
    assert_eq!(again.shelf.board(FIRST).unwrap().entries, files.entries);
    assert!(again.urn.publish(FIRST, meeting.by()).await.unwrap_err().is_conflict());
}

#[tokio::test]
async fn four_ballots_are_withheld_and_five_are_not_and_none_is_a_result() {
    for (count, withheld) in [(0, false), (1, true), (4, true), (5, false)] {
        let mut meeting = Meeting::new(6, 1, ReleaseKind::Close);
        let running = meeting.start().await;
        running.open(&meeting, FIRST, false).await;
        cast(&mut meeting, &running, FIRST, &vec![3; count]).await;
        assert_eq!(running.close(&meeting, FIRST).await.size as usize, count);
        let published = running.urn.publish(FIRST, meeting.by()).await.unwrap();
        assert_eq!(published.withheld, withheld);
        assert_eq!(published.t.is_none(), withheld);
        assert_eq!(published.r.is_none(), withheld);
        assert_eq!(published.proofs.len(), usize::from(count > 0));
        let files = running.shelf.board(FIRST).unwrap();
        assert_eq!(files.tally.is_none(), withheld);
        assert_eq!(files.proof.is_none(), count == 0);
        let phase = if withheld { Phase::Withheld } else { Phase::Published };
        assert_eq!(running.phase(FIRST), phase);
        let again = meeting.start().await;
        assert_eq!(again.phase(FIRST), phase);
        assert_eq!(again.shelf.board(FIRST).unwrap().tally.is_none(), withheld);
        if count == 0 {
            assert_eq!(published.t.unwrap(), [0; 5]);
            assert_eq!(published.r.unwrap(), [0; 32]);
            assert_eq!(running.urn.watch().borrow().contests[&FIRST].board.unwrap().1, sha256(b""));
        }
    }
}

#[tokio::test]
async fn a_round_voided_before_publication_loses_its_figures_everywhere() {
    let mut meeting = Meeting::new(8, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    cast(&mut meeting, &running, FIRST, &[0, 1, 2, 3, 4, 0, 0]).await;
    running.close(&meeting, FIRST).await;
    // What will be erased, as it lies in the database now.
    let tally =
        [&[1u8][..], &3u32.to_be_bytes(), &1u32.to_be_bytes(), &1u32.to_be_bytes(), &1u32.to_be_bytes()].concat();
    assert!(!holds(&files(&meeting), &tally).is_empty(), "the search finds what is there");
    running.urn.void(FIRST, meeting.by()).await.unwrap();
    assert_eq!(holds(&files(&meeting), &tally), Vec::<String>::new());
    assert_eq!(running.phase(FIRST), Phase::Voided);
    assert!(running.shelf.board(FIRST).unwrap().tally.is_none());
    assert!(running.urn.publish(FIRST, meeting.by()).await.unwrap_err().is_conflict());
    assert!(running.urn.void(FIRST, meeting.by()).await.unwrap_err().is_conflict());
    // The repeat is a new round with its own keys.
    let second = Contest::new(1, 2);
    running.open(&meeting, second, false).await;
    cast(&mut meeting, &running, second, &[0, 0, 0, 0, 0, 1]).await;
    running.close(&meeting, second).await;
    assert_eq!(running.urn.publish(second, meeting.by()).await.unwrap().t.unwrap(), [5, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_round_voided_after_publication_keeps_them() {
    let mut meeting = Meeting::new(8, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    cast(&mut meeting, &running, FIRST, &[0, 1, 2, 3, 4, 0, 0]).await;
    running.close(&meeting, FIRST).await;
    running.urn.publish(FIRST, meeting.by()).await.unwrap();
    running.urn.void(FIRST, meeting.by()).await.unwrap();
    assert!(running.shelf.board(FIRST).unwrap().tally.is_some());
    let again = meeting.start().await;
    assert_eq!(again.phase(FIRST), Phase::Voided);
    assert!(again.shelf.board(FIRST).unwrap().tally.is_some());
    assert!(again.log.log().unwrap().state().contests()[&FIRST].voided);
}

#[tokio::test]
async fn the_rehearsal_leaves_nothing_but_two_log_entries() {
    let mut meeting = Meeting::new(8, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, Contest::REHEARSAL, false).await;
    let ballots = cast(&mut meeting, &running, Contest::REHEARSAL, &[0, 1, 2, 3, 4]).await;
    assert!(running.urn.close(Contest::REHEARSAL, meeting.by()).await.unwrap_err().is_conflict());
    running.urn.destroy_rehearsal(meeting.by()).await.unwrap();
    assert_eq!(running.phase(Contest::REHEARSAL), Phase::Destroyed);
    assert!(meeting.secrets.contest(Contest::REHEARSAL).unwrap().is_none());
    assert!(running.shelf.board(Contest::REHEARSAL).is_none());
    let left = files(&meeting);
    for ballot in &ballots {
        assert_eq!(holds(&left, &ballot.leaf), Vec::<String>::new());
    }
    assert!(running.urn.destroy_rehearsal(meeting.by()).await.unwrap_err().is_conflict());
    assert_eq!(meeting.start().await.phase(Contest::REHEARSAL), Phase::Destroyed);
}

#[tokio::test]
async fn counts_are_shown_in_released_sets_only_and_a_restart_shows_the_same() {
    let mut meeting = Meeting::new(40, 1, ReleaseKind::Live);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, true).await;
    let tick = || tokio::time::sleep(std::time::Duration::from_millis(120));
    let first: Vec<SealedBallot> = (0..9).map(|v| meeting.ballot(v, FIRST, 0)).collect();
    running.cast_all(&first).await;
    tick().await;
    let view = running.urn.watch().borrow().contests[&FIRST].clone();
    assert_eq!((view.received, view.released.unwrap().total), (9, 0), "below n + f nothing is shown");
    let more: Vec<SealedBallot> = (9..30).map(|v| meeting.ballot(v, FIRST, 1)).collect();
    running.cast_all(&more).await;
    tick().await;
    let shown = running.urn.watch().borrow().contests[&FIRST].released.clone().unwrap();
    assert_eq!((shown.total, shown.counts.iter().sum::<u32>()), (25, 25), "all but f = 5");

    drop(running);
    let again = meeting.start().await;
    assert_eq!(again.urn.watch().borrow().contests[&FIRST].released, Some(shown));
    tick().await;
    assert_eq!(again.urn.watch().borrow().contests[&FIRST].released.clone().unwrap().total, 25);
    again.close(&meeting, FIRST).await;
    let view = again.urn.watch().borrow().contests[&FIRST].clone();
    assert_eq!(view.released.unwrap().counts, [9, 21, 0, 0, 0], "at the close all that is left, in one step");
    assert_eq!(view.published, None, "stop is not publish");
}

#[tokio::test]
async fn of_four_live_ballots_nothing_is_ever_shown() {
    let mut meeting = Meeting::new(40, 1, ReleaseKind::Live);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, true).await;
    cast(&mut meeting, &running, FIRST, &[0, 1, 2, 3]).await;
    running.close(&meeting, FIRST).await;
    assert_eq!(running.urn.watch().borrow().contests[&FIRST].released, None);
}

#[tokio::test]
async fn the_bundle_is_verified_before_it_is_offered_and_is_the_same_twice() {
    let mut meeting = Meeting::new(12, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, Contest::REHEARSAL, false).await;
    cast(&mut meeting, &running, Contest::REHEARSAL, &[0, 1]).await;
    running.urn.destroy_rehearsal(meeting.by()).await.unwrap();
    running.open(&meeting, FIRST, false).await;
    running.open(&meeting, SECOND, false).await;
    cast(&mut meeting, &running, FIRST, &[0, 0, 0, 0, 1, 2, 3, 4, 3, 3]).await;
    cast(&mut meeting, &running, SECOND, &[0, 1, 2, 3]).await;
    running.close(&meeting, FIRST).await;
    running.close(&meeting, SECOND).await;

    let early = running.archive(&meeting).await.unwrap_err();
    assert!(matches!(early, ArchiveRefused::Log(_)), "{early}");
    running.urn.publish(FIRST, meeting.by()).await.unwrap();
    running.urn.publish(SECOND, meeting.by()).await.unwrap();
    running.end_enrolment(&meeting).await;
    assert!(running.shelf.bundle().is_none());
    let size = running.log.head().unwrap().size;
    let archived = running.archive(&meeting).await.unwrap();
    assert_eq!(running.log.head().unwrap().size, size + 1);
    let bytes = fs::read(&archived.path).unwrap();
    assert_eq!(sha256(&bytes), archived.sha256);
    assert_eq!(running.shelf.bundle().unwrap(), bytes);

    let twice = running.archive(&meeting).await.unwrap();
    assert_eq!(twice.sha256, archived.sha256);
    assert_eq!(running.log.head().unwrap().size, size + 1);
    let again = meeting.start().await;
    assert_eq!(again.shelf.bundle().unwrap(), bytes);
    fs::remove_file(&archived.path).unwrap();
    assert_eq!(again.archive(&meeting).await.unwrap().sha256, archived.sha256);
}

#[tokio::test]
async fn counts_that_do_not_hold_are_not_archived() {
    let mut meeting = Meeting::new(6, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    cast(&mut meeting, &running, FIRST, &[0, 0, 0, 0, 1]).await;
    running.close(&meeting, FIRST).await;
    running.urn.publish(FIRST, meeting.by()).await.unwrap();
    let act = douxuan_crypto::log::Act::EnrolmentEnded { windows: 1, unused: 3 };
    running.log.append(douxuan_crypto::log::Entry::unnamed(act)).await.unwrap();
    let size = running.log.head().unwrap().size;
    let refused = running.archive(&meeting).await.unwrap_err();
    assert!(matches!(refused, ArchiveRefused::Counts(_)), "{refused}");
    assert_eq!(running.log.head().unwrap().size, size, "nothing was signed");
}

#[tokio::test]
async fn a_meeting_with_open_contests_is_not_left_for_another() {
    let meeting = Meeting::new(3, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    let other = Meeting::new(4, 1, ReleaseKind::Close);
    let refused = running.urn.prepare(std::sync::Arc::clone(&other.manifest)).await;
    assert!(matches!(refused, Err(UrnRefused::OtherMeeting)), "{refused:?}");
    assert_eq!(running.phase(FIRST), Phase::Open);
}
