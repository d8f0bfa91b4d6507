//! The test question is destroyed before everybody's eyes: of its ballots and keys nothing stays in the data folder,
//! neither while the server runs, nor after it has ended, nor when it was killed in the middle of destroying.

use std::{fs, path::Path, time::Duration};

use douxuan_ballot::journey::Standing;
use douxuan_crypto::{
    contest::Contest,
    log::{Act, Log},
    spool::{Spool, SpoolKey},
};
use douxuan_tests::{
    console::Plan,
    http,
    meeting::Meeting,
    recording::option,
    search::{Artefact, Wanted, forms, gather},
    server::{Launch, PATIENCE},
    witness::{Drawn, Witness},
};
use serde_json::json;

const PLAN: Plan = Plan { voters: 6, officials: 2, rounds: 1, live: true };
const TRIAL: Contest = Contest::REHEARSAL;

/// A rehearsal that everybody has voted in, and all that is to vanish with it.
struct Trial {
    meeting: Meeting,
    usual: Launch,
    wanted: Wanted,
    /// One of each kind, to be planted.
    samples: Vec<Vec<u8>>,
    drawn: Vec<Drawn>,
}

impl Trial {
    /// Opened and voted in, the server to be killed at the `count`-th pass of a place.
    async fn cast(data: tempfile::TempDir, death: Option<(&str, u32)>) -> Self {
        let usual = Launch::on(data.path());
        let mut meeting = Meeting::frozen_at(PLAN, data, &usual).await;
        if let Some((place, count)) = death {
            meeting.restart(&usual.killed_at(place, count));
        }
        meeting.console.act("/desk/window/open", &json!({}));
        let (mut witnesses, mut drawn) = (Vec::new(), Vec::new());
        for (phone, seed) in meeting.phones.iter_mut().zip(1..) {
            let (mut witness, seen) = Witness::new(seed);
            phone.voter.enrol(&meeting.door, PATIENCE, &mut witness).await.unwrap();
            witnesses.push(witness);
            drawn.push(seen);
        }
        meeting.close_window();
        meeting.console.open(&[TRIAL]);
        for (place, (phone, witness)) in meeting.phones.iter_mut().zip(&mut witnesses).enumerate() {
            let standing = phone.voter.cast(&meeting.door, TRIAL, option(place), PATIENCE, witness).await;
            assert_eq!(standing.unwrap(), Standing::Received);
        }
        let (wanted, samples) = all_of(&meeting, &drawn);
        Self { meeting, usual, wanted, samples, drawn }
    }

    fn folder(&self) -> &Path {
        self.meeting.data.path()
    }

    /// What is still there, in words.
    fn left(&self) -> Vec<String> {
        let found = self.wanted.search(&gather(self.folder()));
        found.into_iter().map(|finding| format!("{} ({}) in {}", finding.what, finding.form, finding.place)).collect()
    }

    /// Gone from the folder, and the log says so once.
    fn is_destroyed(&self, when: &str) {
        assert_eq!(self.left(), Vec::<String>::new(), "{when}");
        let names: Vec<String> = gather(self.folder()).into_iter().map(|file| file.name).collect();
        assert!(!names.iter().any(|name| name.contains("0-0.")), "{when}: {names:?}");
        assert_eq!(self.meeting.state_of(TRIAL), "destroyed", "{when}");
        let server = self.meeting.door.address();
        let entries = http::request(server, "GET", "/log/entries", &[], b"").unwrap().body;
        let log = Log::decode(&self.meeting.manifest, &entries).unwrap();
        let said = log.entries().iter().filter(|entry| {
            douxuan_crypto::log::Entry::decode(entry).is_ok_and(|entry| matches!(entry.act, Act::RehearsalDestroyed))
        });
        assert_eq!(said.count(), 1, "{when}");
    }
}

/// The contest's keys, and every ballot with its opening: as the server has them, opened with its own keys, and as the
/// phones drew them.
fn all_of(meeting: &Meeting, drawn: &[Drawn]) -> (Wanted, Vec<Vec<u8>>) {
    let (mut wanted, mut samples) = (Wanted::default(), Vec::new());
    let folder = meeting.data.path();
    let meeting_hex: String = meeting.manifest.meeting.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = fs::read(folder.join("secrets").join(meeting_hex).join("0-0.key")).unwrap();
    let [spool, issuer, casting] = file.strip_prefix(&[1]).unwrap().as_chunks::<32>().0 else { panic!("three keys") };
    for (name, key) in [("spool key", spool), ("k", issuer), ("E", casting)] {
        wanted.add(name, key);
        samples.push(key.to_vec());
    }
    let format = Spool::new(SpoolKey::from_bytes(spool), &meeting.manifest.id, TRIAL, meeting.manifest.options());
    let stored = fs::read(folder.join("spool").join("0-0.spool")).unwrap();
    // Not even the sealed records: the keys might be elsewhere.
    for (number, record) in stored.chunks(format.record_len()).enumerate() {
        for (part, bytes) in record.chunks_exact(32).enumerate() {
            wanted.add(format!("part {part} of sealed record {number}"), bytes);
        }
    }
    samples.push(stored[..32].to_vec());
    let records = format.recover(&stored).unwrap().records;
    assert_eq!(records.len(), PLAN.voters);
    let mut leaves = Vec::new();
    for (number, record) in records.iter().enumerate() {
        let leaf = record.ballot.leaf();
        let opening = record.opening.to_bytes();
        wanted.add(format!("leaf hash {number}"), &leaf);
        wanted.add(format!("opening r {number}"), &opening[1..]);
        wanted.add(format!("ballot {number}"), record.ballot.bytes());
        // 0x01, item and round in front; then B, N, C, the proof and sigma, 32 bytes each.
        for (part, bytes) in record.ballot.bytes()[4..].chunks_exact(32).enumerate() {
            let name =
                ["ballot key B", "credential N", "commitment C"].get(part).copied().unwrap_or("proof or signature");
            wanted.add(format!("{name} {number}, part {part}"), bytes);
            if number == 0 && part < 3 {
                samples.push(bytes.to_vec());
            }
        }
        if number == 0 {
            samples.extend([leaf.to_vec(), opening[1..].to_vec(), record.ballot.bytes().to_vec()]);
        }
        leaves.push(leaf);
    }
    for (number, (phone, seen)) in meeting.phones.iter().zip(drawn).enumerate() {
        let (leaf, note) = phone.receipt(TRIAL).unwrap();
        assert!(leaves.contains(&leaf), "the phone's ballot is in the spool");
        wanted.add_text(format!("receipt {number}"), std::str::from_utf8(&note).unwrap());
        seen.add_to(&mut wanted, &format!("phone {number}"));
    }
    (wanted, samples)
}

/// Red if a ballot of the rehearsal, its opening or a key of it stays in any file in any form; red too if the search
/// could not find one of them.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_destroyed_rehearsal_nothing_is_left_while_the_server_runs_or_after() {
    let data = tempfile::tempdir().unwrap();
    let mut trial = Trial::cast(data, None).await;
    let before = trial.left();
    assert!(
        before.iter().any(|found| found.starts_with("spool key")),
        "the keys are there while it is open: {before:?}"
    );
    assert!(before.iter().any(|found| found.contains("sealed record")), "and so is the spool: {before:?}");
    let live = trial.meeting.live();
    let shown = live["contests"].as_array().unwrap().iter().find(|contest| contest["item"] == 0).unwrap();
    assert_eq!(shown["issued"], PLAN.voters, "everybody sees of how many phones");

    trial.meeting.console.act("/desk/rehearsal/destroy", &json!({}));
    trial.is_destroyed("while it runs");
    // The meeting goes on; what follows writes to every file.
    trial.meeting.console.open(&[Contest::new(1, 1)]);
    trial.meeting.cast_all(&[Contest::new(1, 1)]).await;
    let launch = trial.meeting.launch();
    trial.meeting.restart(&launch);
    trial.is_destroyed("after a restart");
    trial.meeting.finish();
    trial.is_destroyed("after the meeting");
    trial.meeting.server.take().unwrap().stop();
    assert_eq!(trial.left(), Vec::<String>::new(), "after the server has ended");

    let path = trial.folder().join("roll.db");
    let clean = fs::read(&path).unwrap();
    let middle = clean.len() / 2;
    for sample in &trial.samples {
        for (form, piece) in forms(sample) {
            let bytes = [&clean[..middle], &piece, &clean[middle..]].concat();
            let found = trial.wanted.search(&[Artefact { name: "planted".to_owned(), bytes }]);
            assert!(found.iter().any(|finding| finding.form == form), "not found: {} bytes, {form}", sample.len());
        }
    }
    fs::write(&path, [&clean[..middle], &trial.samples[0], &clean[middle..]].concat()).unwrap();
    assert!(trial.left().iter().all(|found| found.starts_with("spool key (raw) in ")), "{:?}", trial.left());
    assert!(!trial.left().is_empty(), "planted in the folder and not found");
    fs::write(&path, &clean).unwrap();
    let draws: usize = trial.drawn.iter().map(Drawn::count).sum();
    println!(
        "{} pieces of {} ballots and 3 keys ({draws} draws of the phones): 0 found",
        trial.wanted.count(),
        PLAN.voters
    );
}

/// How far the disk had come when the machine died.
#[derive(Clone, Copy, Debug)]
enum Died {
    /// Where the process was killed.
    There,
    /// The key file overwritten and not removed.
    KeysOverwritten,
    /// Keys removed, the spool still there.
    KeysGone,
}

/// Red if a restart takes the rehearsal for open or stopped, or leaves any of it.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_destroying_a_rehearsal_is_destroyed_after_the_restart() {
    let places = [
        ("rehearsal.marked", Died::There),
        ("rehearsal.marked", Died::KeysOverwritten),
        ("rehearsal.marked", Died::KeysGone),
        ("rehearsal.destroyed", Died::There),
    ];
    for (place, died) in places {
        let data = tempfile::tempdir().unwrap();
        let mut trial = Trial::cast(data, Some((place, 1))).await;
        let answer = trial.meeting.console.post("/desk/rehearsal/destroy", &json!({}));
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 0), "{place} was never passed");
        assert!(!trial.meeting.server.as_mut().unwrap().end().success());

        let key = gather(trial.folder()).into_iter().find(|file| file.name.ends_with("0-0.key"));
        assert_eq!(key.is_some(), place == "rehearsal.marked", "{place}");
        if let Some(key) = key {
            match died {
                Died::There => {}
                Died::KeysOverwritten => fs::write(&key.name, vec![0; key.bytes.len()]).unwrap(),
                Died::KeysGone => fs::remove_file(&key.name).unwrap(),
            }
            assert!(!trial.left().is_empty(), "{place}, {died:?}: the spool at least is still there");
        }
        trial.meeting.restart(&trial.usual);
        // A restart goes on by itself; nobody has to press anything.
        tokio::time::sleep(Duration::from_millis(100)).await;
        trial.is_destroyed(&format!("{place}, {died:?}"));
        trial.meeting.server.take().unwrap().stop();
        assert_eq!(trial.left(), Vec::<String>::new(), "{place}, {died:?}: after the server has ended");
    }
}
