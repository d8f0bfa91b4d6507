//! Disks that fail, fill up or are slow, under a running urn. Linux only: the faults are put under the process with
//! `LD_PRELOAD`, so what is tested is the program as it ships.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod urn_meeting;

use std::{fs, path::PathBuf, process::Command, time::Instant};

use douxuan::urn::{Answer, Phase, UrnRefused};
use douxuan_crypto::{ballot::SealedBallot, manifest::ReleaseKind};
use urn_meeting::{FIRST, Meeting, Running, SECOND, receipt};

const EIO: u32 = 5;
const ENOSPC: u32 = 28;

/// Runs one ignored test of this file in a process whose disk obeys [`fault`].
fn under_faults(test: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).unwrap();
    let library = folder.join(format!("fault-{test}.so"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/urn_faults/shim.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(built.unwrap().success(), "a C compiler is needed, as for SQLite");
    let control = folder.join(format!("fault-{test}.txt"));
    fs::write(&control, "").unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env("RUST_BACKTRACE", "0")
        .env("LD_PRELOAD", &library)
        .env("DOUXUAN_FAULT", &control)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
    said.lines().filter(|line| line.contains("measured:")).for_each(|line| println!("{line}"));
}

/// Orders a fault, `""` for none.
fn fault(order: &str) {
    let control = std::env::var("DOUXUAN_FAULT").expect("started by under_faults");
    fs::write(control, order).unwrap();
}

fn fails(call: &str, errno: u32, suffix: &str) {
    fault(&format!("{call} {errno} {suffix}"));
}

async fn opened(voters: usize) -> (Meeting, Running, Vec<SealedBallot>) {
    let mut meeting = Meeting::new(voters, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    running.open(&meeting, SECOND, false).await;
    let ballots: Vec<SealedBallot> = (0..5).map(|voter| meeting.ballot(voter, FIRST, 1)).collect();
    for ballot in &ballots {
        receipt(&meeting.manifest, ballot, &running.cast(ballot).await);
    }
    (meeting, running, ballots)
}

fn alarm(running: &Running) -> Option<String> {
    running.urn.watch().borrow().contests[&FIRST].alarm.clone()
}

#[test]
fn an_fsync_error_stops_that_contest_at_once_and_is_never_retried() {
    under_faults("child_fsync_error");
}

#[tokio::test]
#[ignore = "the body of a child process that the test above starts under the fault layer"]
async fn child_fsync_error() {
    let (mut meeting, running, acknowledged) = opened(20).await;
    let stopped = meeting.ballot(7, FIRST, 2);
    fails("fsync", EIO, "1-1.spool");
    assert_eq!(running.urn.cast(stopped.wire.clone()).await, Answer::Stopped);
    assert_eq!(running.phase(FIRST), Phase::Stopped);
    assert!(alarm(&running).unwrap().contains("停止收票"));

    let other = meeting.ballot(7, SECOND, 2);
    receipt(&meeting.manifest, &other, &running.cast(&other).await);
    fault("");
    // The disk works again, and still nothing is taken: nobody knows what it holds.
    assert_eq!(running.urn.cast(stopped.wire.clone()).await, Answer::Stopped);
    let more = meeting.ballot(8, FIRST, 2);
    assert_eq!(running.urn.cast(more.wire.clone()).await, Answer::Stopped);
    for ballot in &acknowledged {
        receipt(&meeting.manifest, ballot, &running.cast(ballot).await);
    }

    // The operator opens it again: the spool is read and written into another file first.
    running.open(&meeting, FIRST, false).await;
    assert_eq!((running.phase(FIRST), alarm(&running)), (Phase::Open, None));
    for ballot in acknowledged.iter().chain([&stopped, &more]) {
        receipt(&meeting.manifest, ballot, &running.cast(ballot).await);
    }
    fails("fsync", EIO, "1-1.spool");
    let last = meeting.ballot(9, FIRST, 2);
    assert_eq!(running.urn.cast(last.wire.clone()).await, Answer::Stopped);
    fault("");
    let closed = running.close(&meeting, FIRST).await;
    assert!(closed.size == 7 || closed.size == 8, "acknowledged ballots count, the last one may");
}

#[test]
fn a_full_disk_loses_nothing_and_casting_goes_on_when_there_is_space() {
    under_faults("child_full");
}

#[tokio::test]
#[ignore = "the body of a child process that the test above starts under the fault layer"]
async fn child_full() {
    let (mut meeting, running, acknowledged) = opened(20).await;
    for (voter, call) in [(6, "write"), (7, "fsync")] {
        let waiting = meeting.ballot(voter, FIRST, 2);
        fails(call, ENOSPC, "1-1.spool");
        for _ in 0..3 {
            assert_eq!(running.urn.cast(waiting.wire.clone()).await, Answer::Later);
        }
        assert_eq!(running.phase(FIRST), Phase::Open);
        assert!(alarm(&running).unwrap().contains("磁盘已满"));
        for ballot in &acknowledged {
            receipt(&meeting.manifest, ballot, &running.cast(ballot).await);
        }
        // Also where the file is written anew.
        fails("write", ENOSPC, "1-1.spool.new");
        assert_eq!(running.urn.cast(waiting.wire.clone()).await, Answer::Later);
        fault("");
        receipt(&meeting.manifest, &waiting, &running.cast(&waiting).await);
        assert_eq!(alarm(&running), None);
    }
    let again = meeting.start().await;
    assert_eq!(again.phase(FIRST), Phase::Open, "the spool reads");
    assert_eq!(again.close(&meeting, FIRST).await.size, 7);
}

#[test]
fn every_act_on_a_full_disk_is_refused_and_finishes_when_there_is_space() {
    under_faults("child_full_acts");
}

#[tokio::test]
#[ignore = "the body of a child process that the test above starts under the fault layer"]
async fn child_full_acts() {
    let meeting = Meeting::new(8, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    let places = [("write", "fsync.probe"), ("fsync", "1-1.spool.new"), ("write", "urn.db-wal"), ("write", ".entries")];
    for (call, place) in places {
        fails(call, ENOSPC, place);
        let refused = running.urn.open(FIRST, 1, 8, false, meeting.by()).await;
        assert!(refused.is_err(), "{place}");
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("磁盘已满"), "{place}: {message}");
    }
    fault("");
    running.open(&meeting, FIRST, false).await;
    let mut meeting = meeting;
    for voter in 0..6 {
        let ballot = meeting.ballot(voter, FIRST, 0);
        receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await);
    }
    for place in ["1-1.spool", "1-1.spool.new", "urn.db-wal", ".entries", ".head.new", "urn.db.new"] {
        fails("write", ENOSPC, place);
        let refused = running.urn.close(FIRST, meeting.by()).await;
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("磁盘已满"), "{place}: {message}");
    }
    fault("");
    assert_eq!(running.close(&meeting, FIRST).await.size, 6);
    for place in ["urn.db-wal", ".entries", ".head.new"] {
        fails("write", ENOSPC, place);
        let message = running.urn.publish(FIRST, meeting.by()).await.unwrap_err().to_string();
        assert!(message.contains("磁盘已满"), "{place}: {message}");
    }
    fault("");
    running.urn.publish(FIRST, meeting.by()).await.unwrap();
    running.end_enrolment(&meeting).await;
    fails("write", ENOSPC, ".zip.new");
    let message = running.archive(&meeting).await.unwrap_err().to_string();
    assert!(message.contains("磁盘已满"), "{message}");
    fault("");
    running.archive(&meeting).await.unwrap();
}

#[test]
fn a_log_that_cannot_be_synced_stops_acts_until_a_restart() {
    under_faults("child_log_error");
}

#[tokio::test]
#[ignore = "the body of a child process that the test above starts under the fault layer"]
async fn child_log_error() {
    let meeting = Meeting::new(8, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    fails("fsync", EIO, ".entries");
    assert!(running.urn.open(FIRST, 1, 8, false, meeting.by()).await.is_err());
    fault("");
    let refused = running.urn.open(SECOND, 1, 8, false, meeting.by()).await;
    assert!(matches!(refused, Err(UrnRefused::Log(_))), "broken stays broken");
    drop(running);
    let again = meeting.start().await;
    assert_eq!(again.phase(FIRST), Phase::Open, "a restart goes on from what urn.db says");
    assert!(again.log.log().unwrap().state().contests().contains_key(&FIRST));
}

#[test]
fn a_slow_fsync_is_shared_by_all_who_wait() {
    under_faults("child_slow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the body of a child process that the test above starts under the fault layer"]
async fn child_slow() {
    let mut meeting = Meeting::new(100, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    let ballots: Vec<SealedBallot> = (0..100).map(|voter| meeting.ballot(voter, FIRST, 1)).collect();
    fault("delay 20000 1-1.spool");
    let begun = Instant::now();
    for answer in running.cast_all(&ballots).await {
        assert!(matches!(answer, Answer::Sealed(_)));
    }
    let took = begun.elapsed();
    println!("measured: 100 casts at once over an fsync of 20 ms: {} ms", took.as_millis());
    assert!(took.as_millis() >= 20, "a receipt left before the sync returned");
    assert!(took.as_millis() < 500, "{took:?}");
}
