//! A process that dies at every named place of a meeting, and what a restart makes of it. Needs the cargo feature
//! `failpoints`.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod urn_meeting;

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use douxuan::{
    secrets::{Secrets, Vault},
    urn::Phase,
};
use douxuan_crypto::{
    ballot::SealedBallot,
    bytes::{hex, unhex_vec},
    contest::Contest,
    lists::Lists,
    manifest::{Manifest, ReleaseKind},
    merkle::Hash,
    receipt::CastReply,
};
use rand::{SeedableRng, rngs::StdRng};
use urn_meeting::{FIRST, Meeting, Running, SECOND, receipt};

/// Where the process may die, and at which pass.
const PLACES: [&str; 41] = [
    "log.before_write:6",
    "log.before_fsync:6",
    "log.after_entry:6",
    "log.after_head:6",
    "log.before_write:7",
    "log.before_fsync:8",
    "log.after_entry:9",
    "log.after_entry:10",
    "log.after_entry:11",
    "log.after_head:12",
    "spool.before_write",
    "spool.before_fsync",
    "spool.after_fsync",
    "spool.before_write:5",
    "spool.before_fsync:6",
    "spool.after_fsync:14",
    "rehearsal.marked",
    "rehearsal.destroyed",
    "release.before_write",
    "release.before_fsync",
    "release.after_fsync",
    "close.1",
    "close.2",
    "close.3",
    "close.4",
    "close.5",
    "close.6",
    "close.7",
    "close.8",
    "close.9",
    "close.2:2",
    "close.4:2",
    "close.7:2",
    "rebuild.before_rename",
    "rebuild.rename",
    "rebuild.before_rename:3",
    "rebuild.rename:3",
    "void.marked",
    "export.after_log",
    "export.before_rename",
    "export.after_rename",
];

const OPTIONS: [u8; 14] = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 4];

struct Script {
    meeting: Meeting,
    ballots: BTreeMap<Contest, Vec<SealedBallot>>,
}

impl Script {
    fn new() -> Self {
        let mut meeting = Meeting::new(OPTIONS.len(), 2, ReleaseKind::Live);
        let mut ballots = BTreeMap::new();
        for contest in [Contest::REHEARSAL, FIRST, SECOND] {
            let count = if contest == FIRST { OPTIONS.len() } else { 3 };
            let sealed = (0..count).map(|voter| meeting.ballot(voter, contest, OPTIONS[voter]));
            ballots.insert(contest, sealed.collect());
        }
        Self { meeting, ballots }
    }

    /// For the process that will die: what the voters hold, and what is public.
    fn store(&self) {
        let folder = self.meeting.path();
        fs::write(folder.join("manifest"), &self.meeting.manifest.bytes).unwrap();
        fs::write(folder.join("redeemed"), self.meeting.lists.redeemed_file()).unwrap();
        fs::write(folder.join("leaves"), self.meeting.lists.leaves_file()).unwrap();
        let lines: Vec<String> = self.ballots.values().flatten().map(|b| hex(&b.to_bytes())).collect();
        fs::write(folder.join("ballots"), lines.join("\n")).unwrap();
    }

    fn load(folder: &Path) -> Self {
        let manifest = Arc::new(Manifest::parse(&fs::read(folder.join("manifest")).unwrap()).unwrap());
        let mut ballots: BTreeMap<Contest, Vec<SealedBallot>> = BTreeMap::new();
        for line in fs::read_to_string(folder.join("ballots")).unwrap().lines() {
            let ballot = SealedBallot::from_bytes(&unhex_vec(line).unwrap(), manifest.options()).unwrap();
            ballots.entry(ballot.contest).or_default().push(ballot);
        }
        let (leaves, redeemed) = (fs::read(folder.join("leaves")).unwrap(), fs::read(folder.join("redeemed")).unwrap());
        let lists = Lists::decode(manifest.items.len(), 1, &leaves, &redeemed, &[]).unwrap();
        let meeting = Meeting {
            secrets: Secrets::open(&Vault::plain(folder).unwrap(), &manifest.meeting),
            data: urn_meeting::Folder::Lent(folder.to_owned()),
            manifest,
            lists,
            credentials: OPTIONS.iter().map(|_| BTreeMap::new()).collect(),
            rng: StdRng::seed_from_u64(5),
        };
        Self { meeting, ballots }
    }

    /// The whole meeting, from wherever it stands. Every receipt is written down before the next ballot is sent.
    async fn run(&self, running: &Running) {
        let meeting = &self.meeting;
        for (contest, live) in [(Contest::REHEARSAL, false), (FIRST, true), (SECOND, false)] {
            if running.phase(contest) == Phase::Unopened {
                running.open(meeting, contest, live).await;
            }
            if running.phase(contest) == Phase::Open {
                for ballot in &self.ballots[&contest] {
                    let note = receipt(&meeting.manifest, ballot, &running.cast(ballot).await);
                    let mut file =
                        OpenOptions::new().append(true).create(true).open(meeting.path().join("receipts")).unwrap();
                    writeln!(file, "{}", hex(note.as_bytes())).unwrap();
                }
                if live {
                    tokio::time::sleep(Duration::from_millis(60)).await;
                }
                if contest == Contest::REHEARSAL {
                    running.urn.destroy_rehearsal(meeting.by()).await.unwrap();
                } else {
                    running.close(meeting, contest).await;
                }
            }
        }
        if running.phase(FIRST) == Phase::Closed {
            running.urn.publish(FIRST, meeting.by()).await.unwrap();
        }
        if running.phase(SECOND) == Phase::Closed {
            running.urn.void(SECOND, meeting.by()).await.unwrap();
        }
        if running.log.log().unwrap().state().unused().is_none() {
            running.end_enrolment(meeting).await;
        }
        running.archive(meeting).await.unwrap();
    }

    fn acknowledged(&self) -> Vec<String> {
        let lines = fs::read_to_string(self.meeting.path().join("receipts")).unwrap_or_default();
        lines.lines().map(|line| String::from_utf8(unhex_vec(line).unwrap()).unwrap()).collect()
    }
}

#[tokio::test]
#[ignore = "the body of a child process that the test above starts and that is killed"]
async fn child_meeting() {
    let folder = PathBuf::from(std::env::var("DOUXUAN_TEST_FOLDER").unwrap());
    let script = Script::load(&folder);
    let running = script.meeting.start().await;
    script.run(&running).await;
}

/// Starts the meeting in a process that dies at this place.
fn die_at(script: &Script, place: &str) {
    script.store();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child_meeting", "--nocapture"])
        .env("DOUXUAN_FAILPOINT", place)
        .env("DOUXUAN_TEST_FOLDER", script.meeting.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(!child.status.success(), "{place} was never reached: {said}");
    assert!(!said.contains("panicked"), "{place}: {said}");
}

/// Everything that must hold after a restart, before anybody does anything.
async fn check(script: &Script, running: &Running, place: &str) {
    let meeting = &script.meeting;
    let log = running.log.log().unwrap();
    for (contest, phase) in running.urn.phases() {
        let kept = meeting.secrets.contest(contest).unwrap().is_some();
        let record = log.state().contests().get(&contest);
        match phase {
            Phase::Unopened => assert!(kept && record.is_none(), "{place} {contest}"),
            Phase::Open => {
                assert!(kept && record.is_some_and(|r| r.closed.is_none()), "{place} {contest}");
                for ballot in &script.ballots[&contest] {
                    // Either it is in, or it is not and may come again; never another answer.
                    if script.acknowledged().iter().any(|note| note.contains(&hex(&ballot.leaf))) {
                        let reply = running.cast(ballot).await;
                        assert!(matches!(reply, CastReply::Accepted(_)), "{place} {contest}");
                    }
                }
            }
            Phase::Closed => assert!(!kept && record.unwrap().published.is_none(), "{place} {contest}"),
            Phase::Published => assert!(!kept && record.unwrap().published.is_some(), "{place} {contest}"),
            Phase::Voided => assert!(!kept && record.unwrap().voided, "{place} {contest}"),
            Phase::Destroyed => assert!(!kept && record.unwrap().destroyed, "{place} {contest}"),
            other => panic!("{place}: {contest} is {other:?} after a restart"),
        }
        let closed = matches!(phase, Phase::Closed | Phase::Published | Phase::Voided | Phase::Destroyed);
        assert!(!closed || !meeting.spool(contest).exists(), "{place} {contest}");
    }
}

#[tokio::test]
async fn a_crash_anywhere_leaves_a_meeting_that_ends_as_if_nothing_had_happened() {
    for place in PLACES {
        let script = Script::new();
        die_at(&script, place);
        let begun = Instant::now();
        let running = script.meeting.start().await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{place}: serving again after {took:?}");
        let acknowledged = script.acknowledged();
        check(&script, &running, place).await;
        script.run(&running).await;

        let mut leaves: Vec<Hash> = script.ballots[&FIRST].iter().map(|b| b.leaf).collect();
        leaves.sort_unstable();
        let files = running.shelf.board(FIRST).unwrap();
        let board = douxuan_crypto::board::Board::from_entries(&files.entries).unwrap();
        assert_eq!(board.leaves(), leaves, "{place}: none is missing, none is doubled");
        let view = running.urn.watch().borrow().contests[&FIRST].clone();
        assert_eq!(view.published, Some(vec![5, 3, 2, 1, 3]), "{place}");
        // Before the crash or after: a ballot has one receipt.
        for note in acknowledged.iter().filter(|note| note.contains("\n1/1\n")) {
            assert!(script.acknowledged().iter().filter(|again| *again == note).count() >= 1, "{place}");
            assert!(leaves.iter().any(|leaf| note.contains(&hex(leaf))), "{place}");
        }
        assert_eq!(running.phase(SECOND), Phase::Voided);
        let bundle = running.shelf.bundle().unwrap();
        assert_eq!(douxuan_crypto::audit::audit(&bundle, &[]).exit_code(), 0, "{place}");
        println!("{place}: {} ballots were acknowledged, serving again after {took:?}", acknowledged.len());
    }
}
