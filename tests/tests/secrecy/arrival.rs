//! T32. In which order people cast is nowhere to be read. Seeded meetings in this process: the urn itself, without a
//! network in between, ballot after ballot, so that the order of arrival is known exactly.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use douxuan::{
    board::{LogDoor, Shelf},
    secrets::{Secrets, Vault},
    urn::{Answer, UrnDoor, UrnOptions},
};
use douxuan_crypto::{
    blind::hash_to_group,
    board::Board,
    contest::Contest,
    credential::{Credential, credential_input},
    group::Element,
    lists,
    log::{Act, Entry},
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ReleaseKind, ReleaseRule, Report},
    receipt::CastReply,
    sign::{SigningKey, VerifyingKey},
    token::{Mask, Token, TokenLeaf, TokenTree},
};
use douxuan_tests::{
    order::{kendall_tau, sigmas},
    search::{Artefact, gather},
};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::is_long;

const VOTERS: usize = 60;
const ONE: Contest = Contest::new(1, 1);

fn meetings() -> u64 {
    if is_long() { 200 } else { 40 }
}

/// A frozen meeting with one official, its keys in this folder.
fn freeze(data: &Path, rng: &mut StdRng) -> (Arc<Manifest>, Secrets) {
    let mut meeting = [0; 16];
    rng.fill_bytes(&mut meeting);
    let items = vec![Item {
        number: 1,
        name: "述职".to_owned(),
        unit: "单位".to_owned(),
        post: "书记".to_owned(),
        report: Report::Oral,
        rounds: 1,
    }];
    let contests = ManifestDraft::contests_of(&items);
    let (secrets, keys) = Secrets::create_meeting(&Vault::plain(data).unwrap(), &meeting, &contests, rng).unwrap();
    let leaf = |_| {
        let t = *Token::generate(rng).signing_key(&meeting).verifying().as_bytes();
        TokenLeaf { t, mask: Mask::excluding(1, &[]) }
    };
    let tree = TokenTree::new((0..VOTERS).map(leaf).collect()).unwrap();
    let signing = |bytes: &[u8; 32]| VerifyingKey::from_bytes(bytes).unwrap();
    let draft = ManifestDraft {
        meeting,
        title: "会议".to_owned(),
        date: "2026-12-14".to_owned(),
        place: "会议室".to_owned(),
        expected: 60,
        items,
        contests: keys
            .contests
            .iter()
            .map(|(contest, k, e)| ContestKeys { contest: *contest, k: Element::from_bytes(k).unwrap(), e: *e })
            .collect(),
        e_0: keys.enrolment,
        scale: ManifestDraft::default_scale(),
        thresholds: ManifestDraft::default_thresholds(),
        leaves: 60,
        token_root: tree.root(),
        receipt_key: signing(&keys.receipt),
        log_key: signing(&keys.log),
        result_key: signing(&keys.result),
        release: ReleaseRule { kind: ReleaseKind::Live, n: 10, f: 10 },
        page_script: [1; 32],
        page_wasm: [2; 32],
    };
    (Arc::new(draft.freeze().unwrap()), secrets)
}

/// What one meeting leaves: the ballots in the order in which they were cast, the folder while the contest was open and
/// after it was published, and the board as it is exported.
struct Left {
    ballots: Vec<Vec<u8>>,
    open: Vec<Artefact>,
    after: Vec<Artefact>,
    exported: Vec<u8>,
}

async fn hold(seed: u64) -> Left {
    let mut rng = StdRng::seed_from_u64(seed);
    let data = folder();
    let (manifest, secrets) = freeze(data.path(), &mut rng);
    let (log, shelf) = (LogDoor::new(data.path()), Shelf::default());
    log.prepare(Arc::clone(&manifest), &secrets).await.unwrap();
    let root = lists::redeemed_root(&[], 1);
    for act in [
        Act::Manifest { id: manifest.id },
        Act::WindowOpened { window: 1 },
        Act::WindowClosed { window: 1, present: 60, redeemed: 0, root },
    ] {
        log.append(Entry { actors: Vec::new(), act }).await.unwrap();
    }
    let threads = AtomicU64::new(0);
    let random = move || -> Box<dyn rand_core::CryptoRng + Send> {
        Box::new(StdRng::seed_from_u64(seed << 16 | threads.fetch_add(1, Ordering::Relaxed)))
    };
    let options = UrnOptions {
        data: data.path().to_owned(),
        vault: Vault::plain(data.path()).unwrap(),
        tick: Duration::from_millis(5),
        threads: 2,
        places: 100,
        random: Arc::new(random),
    };
    let urn = UrnDoor::start(options, log, shelf.clone()).await.unwrap();
    urn.prepare(Arc::clone(&manifest)).await.unwrap();
    let issuer = secrets.contest(ONE).unwrap().unwrap().issuer;
    urn.open(ONE, 1, 60, true, Vec::new()).await.unwrap();

    let mut leaves = Vec::new();
    for _ in 0..VOTERS {
        let key = SigningKey::generate(&mut rng);
        let input = credential_input(&manifest.id, ONE, key.verifying().as_bytes());
        let n = issuer.evaluate(&Element::from_point(hash_to_group(&input)));
        let option = rng.random_range(0..5);
        let sealed = Credential::new(ONE, key, &n).seal_ballot(&manifest, option, &mut rng).unwrap();
        let Answer::Sealed(reply) = urn.cast(sealed.wire).await else { panic!("no answer") };
        assert!(matches!(CastReply::open(&sealed.reply_key, &reply), Ok(CastReply::Accepted(_))));
        leaves.push(sealed.leaf);
    }
    let open = gather(data.path());
    drop(issuer);
    urn.close(ONE, Vec::new()).await.unwrap();
    urn.publish(ONE, Vec::new()).await.unwrap();
    let exported = shelf.board(ONE).unwrap().entries.to_vec();
    let board = Board::from_entries(&exported).unwrap();
    let ballot = |leaf| board.ballots()[board.leaves().iter().position(|other| other == leaf).unwrap()].clone();
    let ballots = leaves.iter().map(ballot).collect();
    urn.shutdown().await;
    Left { ballots, open, after: gather(data.path()), exported }
}

/// In memory where the system offers it: what matters is which bytes are written, not how long they take.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Where each of these stands first in some bytes, in one pass; each has at least eight bytes.
fn first_places(bytes: &[u8], parts: &[&[u8]]) -> Vec<Option<u64>> {
    let starts: HashMap<&[u8], usize> = parts.iter().enumerate().map(|(number, part)| (&part[..8], number)).collect();
    let mut found = vec![None; parts.len()];
    for (at, window) in bytes.windows(8).enumerate() {
        if let Some(number) = starts.get(window)
            && found[*number].is_none()
            && bytes[at..].starts_with(parts[*number])
        {
            found[*number] = Some(at as u64);
        }
    }
    found
}

/// Where each ballot stands, by its B; `None` unless all do.
fn places(bytes: &[u8], ballots: &[Vec<u8>]) -> Option<Vec<u64>> {
    let parts: Vec<&[u8]> = ballots.iter().map(|ballot| &ballot[4..36]).collect();
    first_places(bytes, &parts).into_iter().collect()
}

/// Red if a table, a write-ahead log, a free page, the board or the export keeps ballots in the order in which they
/// came, or if a spool can be matched with ballots without its key.
#[tokio::test(flavor = "multi_thread")]
async fn neither_stores_nor_board_nor_export_say_in_which_order_ballots_came() {
    let (mut in_database, mut on_board) = (Vec::new(), Vec::new());
    for seed in 0..meetings() {
        let left = hold(seed).await;
        // B, N, C and sigma: nothing of a ballot is readable while the contest is open.
        let parts: Vec<&[u8]> =
            left.ballots.iter().flat_map(|b| [&b[4..36], &b[36..68], &b[68..100], &b[548..612]]).collect();
        for artefact in &left.open {
            let seen = first_places(&artefact.bytes, &parts).into_iter().flatten().count();
            assert_eq!(seen, 0, "{} while the contest is open", artefact.name);
        }
        let with_ballots: Vec<&Artefact> =
            left.after.iter().filter(|artefact| places(&artefact.bytes, &left.ballots[..1]).is_some()).collect();
        let names: Vec<&str> = with_ballots.iter().map(|artefact| artefact.name.as_str()).collect();
        assert!(names.len() == 1 && names[0].ends_with("urn.db"), "ballots stand in the database only: {names:?}");
        let spools = left.after.iter().filter(|artefact| artefact.name.contains("spool/")).count();
        assert_eq!(spools, 0, "the spool is gone");
        in_database.push(kendall_tau(&places(&with_ballots[0].bytes, &left.ballots).unwrap()));
        on_board.push(kendall_tau(&places(&left.exported, &left.ballots).unwrap()));
    }
    let (in_database, on_board) = (sigmas(&in_database, VOTERS), sigmas(&on_board, VOTERS));
    assert!(in_database.abs() <= 4.0, "urn.db: {in_database} standard deviations");
    assert!(on_board.abs() <= 4.0, "board: {on_board} standard deviations");
    println!("{} meetings of {VOTERS}: urn.db {in_database:+.2}, board and export {on_board:+.2} sigma", meetings());
}

/// The measure can find: one row a ballot, with a random key and without a time, as one would think of it first.
#[tokio::test(flavor = "multi_thread")]
async fn one_row_a_ballot_gives_the_order_away() {
    let (mut in_file, mut in_log) = (Vec::new(), Vec::new());
    for seed in 0..10 {
        let mut rng = StdRng::seed_from_u64(seed);
        let data = folder();
        let path = data.path().join("naive.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).pragma("journal_mode", "WAL");
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("CREATE TABLE ballot (id BLOB PRIMARY KEY, bytes BLOB NOT NULL)").execute(&mut db).await.unwrap();
        let mut ballots = Vec::new();
        for _ in 0..VOTERS {
            let (mut id, mut bytes) = (vec![0; 16], vec![0; 612]);
            rng.fill_bytes(&mut id);
            rng.fill_bytes(&mut bytes);
            let insert = sqlx::query("INSERT INTO ballot (id, bytes) VALUES (?, ?)").bind(id).bind(bytes.clone());
            insert.execute(&mut db).await.unwrap();
            ballots.push(bytes);
        }
        in_log.push(kendall_tau(&places(&fs::read(data.path().join("naive.db-wal")).unwrap(), &ballots).unwrap()));
        db.close().await.unwrap();
        in_file.push(kendall_tau(&places(&fs::read(&path).unwrap(), &ballots).unwrap()));
    }
    let (in_file, in_log) = (sigmas(&in_file, VOTERS), sigmas(&in_log, VOTERS));
    assert!(in_file.abs() > 20.0, "{in_file}");
    assert!(in_log.abs() > 20.0, "{in_log}");
    println!("the naive table: {in_file:+.0} sigma in the file, {in_log:+.0} in the write-ahead log");
}
