//! Keys that a pass-phrase wraps: what a copy of the disk tells in the middle of an item, and what a start without the
//! pass-phrase, with a wrong one, or on a folder that somebody changed comes to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;
#[path = "../../tests/src/search.rs"]
#[allow(dead_code, unreachable_pub, reason = "the search of the claims, of which this file uses a part")]
mod search;
mod wrapped;

use std::{
    fs,
    path::{Path, PathBuf},
};

use douxuan::{
    Setup,
    secrets::{Secrets, SecretsError, Vault, VaultError},
};
use douxuan_ballot::native::door::Door;
use douxuan_crypto::{
    ballot::SealedBallot,
    board::Board,
    contest::Contest,
    manifest::Manifest,
    receipt::{CastReply, Receipt},
    spool::{Spool, SpoolRecord},
};
use office::{Office, Phone, credential, setup, start_with};
use rand::{SeedableRng, rngs::StdRng};
use search::{Wanted, gather};
use serde_json::json;
use wrapped::{CHEAP, PHRASE, copied, files, unlock};

const ITEM: Contest = Contest::new(1, 1);
const OTHER: Contest = Contest::new(2, 1);
const OPTIONS: [u8; 6] = [0, 0, 1, 2, 3, 4];
/// Every reply to a cast.
const REPLY: usize = 541;

/// What the voters hold after they have cast.
struct Held {
    manifest: Manifest,
    ballots: Vec<SealedBallot>,
    receipts: Vec<Receipt>,
}

async fn door(office: &Office) -> Door {
    let (public, _) = office.listen().await;
    Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap()
}

async fn cast(door: &Door, manifest: &Manifest, ballot: &SealedBallot) -> Receipt {
    let reply = door.exchange("/cast", &ballot.wire, REPLY).await.unwrap();
    match CastReply::open(&ballot.reply_key, &reply).unwrap() {
        CastReply::Accepted(note) => Receipt::verify(manifest, note.as_bytes()).unwrap(),
        other => panic!("no receipt but {other:?}"),
    }
}

async fn started(data: &Path, vault: Vault) -> Office {
    let elsewhere = tempfile::tempdir().unwrap();
    start_with(Setup { data: data.to_owned(), vault, ..setup(elsewhere.path()) }).await.unwrap()
}

/// A meeting whose first item is open and holds six ballots. The server still runs.
async fn mid_item(data: &Path, vault: Vault) -> (Office, Held) {
    let office = started(data, vault).await;
    office.small(9, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;
    let mut credentials = Vec::new();
    for (slip, seed) in slips.iter().zip(0..OPTIONS.len() as u64) {
        let phone = Phone::new(&manifest, slip, seed);
        let reply = office.enrol(phone.wire.clone()).await.bytes;
        credentials.push(credential(phone.finish(&manifest, &reply, &[]).map_err(|(_, e)| e).unwrap(), ITEM));
    }
    office.act("/desk/window/close", json!({ "present": 8 })).await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    let (door, mut rng) = (door(&office).await, StdRng::seed_from_u64(5));
    let mut held = Held { manifest, ballots: Vec::new(), receipts: Vec::new() };
    for (credential, option) in credentials.into_iter().zip(OPTIONS) {
        let ballot = credential.seal_ballot(&held.manifest, option, &mut rng).unwrap();
        held.receipts.push(cast(&door, &held.manifest, &ballot).await);
        held.ballots.push(ballot);
    }
    (office, held)
}

fn spool_file(data: &Path) -> Vec<u8> {
    fs::read(data.join("spool/1-1.spool")).unwrap()
}

/// What whoever has the key reads in the spool.
fn opened(data: &Path, manifest: &Manifest, key: &[u8; 32]) -> Vec<SpoolRecord> {
    let key = douxuan_crypto::spool::SpoolKey::from_bytes(key);
    let format = Spool::new(key, &manifest.id, ITEM, manifest.options());
    format.recover(&spool_file(data)).map_or_else(|_| Vec::new(), |recovery| recovery.records)
}

/// Every secret of the meeting, and all that is secret of its ballots.
fn wanted(data: &Path, vault: &Vault, manifest: &Manifest) -> Wanted {
    let secrets = Secrets::open(vault, &manifest.meeting);
    let mut wanted = Wanted::default();
    for contest in manifest.contests.iter().map(|keys| keys.contest) {
        let kept = secrets.contest(contest).unwrap().unwrap();
        wanted.add(format!("spool key of {contest}"), &*kept.spool.to_bytes());
        wanted.add(format!("k of {contest}"), &*kept.issuer.to_bytes());
        wanted.add(format!("E of {contest}"), &*kept.casting.to_bytes());
    }
    let keys = secrets.meeting_keys().unwrap();
    for (what, key) in [("receipt", keys.receipt), ("log", keys.log), ("result", keys.result)] {
        wanted.add(format!("{what} key"), &*key.seed());
    }
    wanted.add("E_0", &*secrets.enrol_key().unwrap().unwrap().to_bytes());
    let records = opened(data, manifest, &secrets.contest(ITEM).unwrap().unwrap().spool.to_bytes());
    let mut grades: Vec<u8> = records.iter().map(|record| record.opening.option()).collect();
    grades.sort_unstable();
    assert_eq!(grades, OPTIONS, "all that is looked for is there to be found");
    for SpoolRecord { ballot, opening, .. } in &records {
        wanted.add("ballot key B", ballot.b());
        wanted.add("credential N", ballot.n());
        wanted.add("commitment C", ballot.commitment().as_bytes());
        wanted.add("leaf", &ballot.leaf());
        wanted.add("whole ballot", ballot.bytes());
        // The grade is the first byte of it.
        wanted.add("opening j || r", &*opening.to_bytes());
        wanted.add("randomness r", &opening.to_bytes()[1..]);
    }
    wanted.add_text("the pass-phrase", PHRASE);
    wanted
}

/// Whoever has the disk and the program, and tries every 32 bytes that lie among the secrets as the spool's key.
fn tried(data: &Path, manifest: &Manifest) -> usize {
    let files = gather(&data.join("secrets"));
    let tries = files.iter().flat_map(|file| file.bytes.windows(32));
    tries.map(|key| opened(data, manifest, key.try_into().unwrap()).len()).max().unwrap()
}

fn damaged<T>(read: Result<T, SecretsError>) -> bool {
    matches!(read, Err(SecretsError::Damaged(_)))
}

/// T35.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_in_mid_item_tells_nothing_without_the_pass_phrase() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault::begin(data.path(), PHRASE, CHEAP, &mut StdRng::seed_from_u64(9)).unwrap();
    let (office, held) = mid_item(data.path(), vault.clone()).await;
    // The disk as it is at this moment, write-ahead logs and all.
    let image = out.path().join("image");
    copied(data.path(), &image);
    let wanted = wanted(&image, &vault, &held.manifest);
    let found = wanted.search(&gather(&image));
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(tried(&image, &held.manifest), 0);

    // Nor does a backup hold anything of it, or of how it is wrapped.
    let header = fs::read(image.join("secrets/wrap")).unwrap();
    let mut wrapping = search::Wanted::default();
    wrapping.add("salt", &header[2..18]);
    wrapping.add("check value", &header[30..62]);
    assert_eq!(wrapping.search(&gather(&image)).len(), 2, "it is found where it stands");
    let backup = out.path().join("backup");
    douxuan::backup::save(data.path(), &backup).await.unwrap();
    let kept = gather(&backup);
    assert!(!kept.is_empty() && wrapping.search(&kept).is_empty() && wanted.search(&kept).is_empty());
    assert!(kept.iter().all(|file| !file.name.ends_with("/wrap") && !file.name.ends_with(".key")));
    office.stop().await;
}

/// The same search over the same meeting with plain keys, so that it is known to find what there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_in_mid_item_with_plain_keys_opens_its_spool() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault::plain(data.path()).unwrap();
    let (office, held) = mid_item(data.path(), vault.clone()).await;
    let image = out.path().join("image");
    copied(data.path(), &image);
    let found = wanted(&image, &vault, &held.manifest).search(&gather(&image));
    for what in ["spool key of 1/1", "k of 1/1", "E of 2/1", "receipt key", "log key", "result key", "E_0"] {
        assert!(found.iter().any(|finding| finding.what == what && finding.form == "raw"), "{what}: {found:?}");
    }
    assert_eq!(tried(&image, &held.manifest), OPTIONS.len(), "whoever has this disk counts before the close");
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_opens_unaltered_in_its_own_place_and_no_other() {
    let data = tempfile::tempdir().unwrap();
    let vault = Vault::begin(data.path(), PHRASE, CHEAP, &mut StdRng::seed_from_u64(9)).unwrap();
    let (office, held) = mid_item(data.path(), vault).await;
    office.stop().await;
    let data = data.path();
    let keys = || files(&data.join("secrets"));
    let before = keys();
    assert!(matches!(Vault::plain(data), Err(VaultError::Wrapped(_))));
    for wrong in ["seven lamps under one rooF", "", "seven lamps under one roof "] {
        assert!(matches!(unlock(data, wrong), Err(VaultError::WrongPhrase)), "{wrong:?}");
    }
    assert_eq!(keys(), before, "a wrong pass-phrase changes nothing");

    let secrets = Secrets::open(&unlock(data, PHRASE).unwrap(), &held.manifest.meeting);
    let refused = |name: &str| match name {
        "meeting.key" => damaged(secrets.meeting_keys()),
        "enrol.key" => damaged(secrets.enrol_key()),
        "1-1.key" => damaged(secrets.contest(ITEM)),
        "2-1.key" => damaged(secrets.contest(OTHER)),
        _ => damaged(secrets.contest(Contest::REHEARSAL)),
    };
    let folder = data.join("secrets").join(douxuan_crypto::bytes::hex(&held.manifest.meeting));
    let paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), 5, "{paths:?}");
    for path in &paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let whole = fs::read(path).unwrap();
        assert!(!refused(name), "{name} as it was written");
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            fs::write(path, altered).unwrap();
            assert!(refused(name), "{name}, byte {at}");
        }
        for other in paths.iter().filter(|other| *other != path) {
            fs::copy(other, path).unwrap();
            assert!(refused(name), "{name} with the bytes of {}", other.display());
        }
        fs::write(path, whole).unwrap();
    }
    assert_eq!(keys(), before);

    // Whoever puts a wrapping of his own there opens nothing with it.
    let own = tempfile::tempdir().unwrap();
    Vault::begin(own.path(), "his own pass-phrase", CHEAP, &mut StdRng::seed_from_u64(1)).unwrap();
    fs::copy(own.path().join("secrets/wrap"), data.join("secrets/wrap")).unwrap();
    let his = Secrets::open(&unlock(data, "his own pass-phrase").unwrap(), &held.manifest.meeting);
    assert!(damaged(his.contest(ITEM)) && damaged(his.meeting_keys()));
    assert!(matches!(unlock(data, PHRASE), Err(VaultError::WrongPhrase)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_goes_on_with_the_pass_phrase_and_every_receipt_is_on_the_board() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault::begin(data.path(), PHRASE, CHEAP, &mut StdRng::seed_from_u64(9)).unwrap();
    let (office, held) = mid_item(data.path(), vault).await;
    let image = out.path().join("image");
    copied(data.path(), &image);
    office.stop().await;

    // The real program, on the folder as the power cut left it.
    fs::write(image.join("lock"), b"").unwrap();
    let mut program = wrapped::Program::new(&image);
    let before = files(&image);
    let said = program.refused(&[]);
    assert!(said.contains("用口令包装") && said.contains("--passphrase"), "{said}");
    let said = program.refused_with("seven lamps under one rooF");
    assert!(said.contains("口令不对") && said.contains("再启动一次"), "{said}");
    assert_eq!(files(&image), before, "no start without the pass-phrase changes anything");
    let running = program.serving(PHRASE);
    assert!(running.said.contains("每次启动都要这个口令"), "{}", running.said);
    running.kill();

    let office = started(&image, unlock(&image, PHRASE).unwrap()).await;
    let door = door(&office).await;
    for (ballot, receipt) in held.ballots.iter().zip(&held.receipts) {
        assert_eq!(cast(&door, &held.manifest, ballot).await.note, receipt.note, "one ballot, one receipt");
    }
    office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    let key = image.join("secrets").join(douxuan_crypto::bytes::hex(&held.manifest.meeting)).join("1-1.key");
    assert!(!key.exists(), "destroyed as ever");
    office.act("/desk/contest/publish", json!({ "contests": [[1, 1]] })).await;
    let board = office.public("/board/1/1/entries").await;
    let board = Board::from_entries(&board.bytes).unwrap();
    assert_eq!(board.leaves().len(), held.receipts.len());
    for receipt in &held.receipts {
        assert!(board.leaves().contains(&receipt.leaf));
    }
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_phrase_is_chosen_before_a_meeting_is_frozen_or_after_it_ended() {
    let data = tempfile::tempdir().unwrap();
    let (office, _) = mid_item(data.path(), Vault::plain(data.path()).unwrap()).await;
    office.stop().await;
    let mut program = wrapped::Program::new(data.path());
    let keys = || files(&data.path().join("secrets"));
    let before = keys();
    let said = program.refused_with(PHRASE);
    assert!(said.contains("没有归档的会议") && said.contains("--data"), "{said}");
    assert_eq!(keys(), before, "the keys of a meeting under way stay as they are");

    // A new folder. A weak pass-phrase is not taken, and nothing begins.
    let fresh = tempfile::tempdir().unwrap();
    let mut program = wrapped::Program::new(fresh.path());
    let said = program.refused_with("too short");
    assert!(said.contains("口令太短") && !fresh.path().join("secrets").exists(), "{said}");
    program.serving(PHRASE).kill();
    let wrap = fs::read(fresh.path().join("secrets/wrap")).unwrap();
    let memory = u32::from_be_bytes(wrap[18..22].try_into().unwrap());
    assert!(memory >= 64 << 10, "{memory} KiB");
    let said = program.refused_with("seven lamps under one rooF");
    assert!(said.contains("口令不对"), "{said}");
    // A meeting that is frozen from here on has wrapped keys.
    let (office, _) = mid_item(fresh.path(), unlock(fresh.path(), PHRASE).unwrap()).await;
    office.stop().await;
    let keys = gather(&fresh.path().join("secrets"));
    let keys: Vec<_> = keys.iter().filter(|file| file.name.ends_with(".key")).collect();
    assert!(keys.len() == 5 && keys.iter().all(|file| file.bytes[0] == 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_meeting_is_archived_its_keys_are_wrapped_with_those_of_the_next() {
    let data = tempfile::tempdir().unwrap();
    let office = started(data.path(), Vault::plain(data.path()).unwrap()).await;
    office.small(6, 2, json!({})).await;
    for (path, body) in [
        ("window/open", json!({})),
        ("window/close", json!({ "present": 5 })),
        ("enrolment/end", json!({ "unused": 15 })),
        ("archive", json!({})),
    ] {
        office.act(&format!("/desk/{path}"), body).await;
    }
    office.stop().await;
    wrapped::Program::new(data.path()).serving(PHRASE).kill();
    let keys = gather(&data.path().join("secrets"));
    let firsts: Vec<u8> = keys.iter().filter(|file| !file.name.ends_with("/wrap")).map(|file| file.bytes[0]).collect();
    assert!(!firsts.is_empty() && firsts.iter().all(|first| *first == 2), "{firsts:?}");
    // It is shown as before, and the next one can be prepared.
    let office = started(data.path(), unlock(data.path(), PHRASE).unwrap()).await;
    assert_eq!(office.live().await["phase"], "archived");
    office.act("/desk/meeting/new", json!({})).await;
    office.small(6, 2, json!({})).await;
    assert_eq!(office.live().await["phase"], "issuing");
    office.stop().await;
}

/// Linux gives the files of `/proc/PID` to root once a process may not be dumped: no program of the same user then reads
/// its memory or its environment, and the kernel writes no core of it.
#[cfg(target_os = "linux")]
#[test]
fn no_program_of_the_same_user_reads_the_servers_memory() {
    use std::os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    };
    const SOMEBODY: u32 = 4711;
    let data = tempfile::tempdir().unwrap();
    let program = wrapped::Program::new(data.path());
    let mut sleeper = std::process::Command::new("sleep");
    sleeper.arg("60");
    // Root owns everything anyhow, so root lets somebody else run it.
    let own = fs::metadata(data.path()).unwrap().uid();
    let user = if own == 0 { SOMEBODY } else { own };
    let mut server = program.command(&[]);
    if own == 0 {
        chown(data.path(), Some(SOMEBODY), Some(SOMEBODY)).unwrap();
        for command in [&mut server, &mut sleeper] {
            command.uid(SOMEBODY).gid(SOMEBODY);
        }
    }
    let owner = |process: u32| fs::metadata(format!("/proc/{process}/environ")).unwrap().uid();
    let mut sleeper = sleeper.spawn().unwrap();
    let mut of_another = own;
    // It is its user's from the moment that it runs the other program.
    for _ in 0..200 {
        of_another = owner(sleeper.id());
        if of_another == user {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert_eq!(of_another, user, "any other program's are its user's");

    let serving = wrapped::Serving::of(&mut server);
    assert_ne!(owner(serving.child.id()), user, "the server's are not");
    let limits = fs::read_to_string(format!("/proc/{}/limits", serving.child.id())).unwrap();
    let core: Vec<_> =
        limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    serving.kill();
}
