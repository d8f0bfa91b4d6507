//! What a wallet holds at each stage, that it comes back as it was, and that a damaged one is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use douxuan_ballot::{
    journey::{Standing, Stop},
    native::storage::{File, Memory, Storage},
    wallet::{self, Resumed},
};
use douxuan_crypto::contest::Contest;
use hall::{Hall, keep, rng};

const FIRST: Contest = Contest::new(1, 1);
const SECOND: Contest = Contest::new(2, 1);

fn holds(wallet: &[u8], secret: &[u8]) -> bool {
    wallet.windows(secret.len()).any(|window| window == secret)
}

/// The stages of one journey: the wallet at each.
struct Stages {
    hall: Hall,
    prepared: Vec<u8>,
    enrolled: Vec<u8>,
    sealed: Vec<u8>,
    received: Vec<u8>,
    forgotten: Vec<u8>,
}

fn stages() -> Stages {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let unsaved = hall.invitation(2).check(hall.seen()).unwrap().prepare(&mut rng).unwrap();
    let prepared = unsaved.wallet().to_vec();
    let asked = keep(unsaved).request(&mut rng).unwrap();
    let reply = hall.enrol(asked.wire()).unwrap();
    let unsaved = asked.accept(&reply, &[]).unwrap();
    let enrolled = unsaved.wallet().to_vec();
    let unsaved = keep(unsaved).seal(&[(FIRST, 3)], &mut rng).unwrap();
    let sealed = unsaved.wallet().to_vec();
    let voter = keep(unsaved);
    let reply = hall.cast(voter.ballot(FIRST).unwrap()).unwrap();
    let unsaved = voter.receive(FIRST, &reply).unwrap();
    let received = unsaved.wallet().to_vec();
    let forgotten = keep(unsaved).forget().wallet().to_vec();
    Stages { hall, prepared, enrolled, sealed, received, forgotten }
}

#[test]
fn every_stage_comes_back_as_it_was() {
    let stages = stages();
    let open = |bytes: &[u8]| wallet::open(stages.hall.seen(), bytes).unwrap();
    assert!(matches!(open(&stages.prepared), Resumed::Prepared(_)));
    for (bytes, first, third) in [
        (&stages.enrolled, Standing::Ready, Standing::Ready),
        (&stages.sealed, Standing::Sealed, Standing::Ready),
        (&stages.received, Standing::Received, Standing::Ready),
        (&stages.forgotten, Standing::Received, Standing::Over),
    ] {
        let Resumed::Enrolled(enrolled) = open(bytes) else { panic!("it is enrolled") };
        assert_eq!(enrolled.standing(FIRST), Some(first));
        assert_eq!(enrolled.standing(SECOND), Some(Standing::Excluded));
        assert_eq!(enrolled.standing(Contest::new(3, 1)), Some(third));
        // Written again without a change, it is the same but for what forgetting throws away.
        if third == Standing::Over {
            assert_eq!(enrolled.forget().wallet(), bytes.as_slice());
        }
    }
}

#[test]
fn a_prepared_wallet_sends_the_same_request_after_a_restart() {
    let mut stages = stages();
    let mut rng = rng(7);
    for _ in 0..3 {
        let Resumed::Prepared(prepared) = wallet::open(stages.hall.seen(), &stages.prepared).unwrap() else { panic!() };
        let asked = prepared.request(&mut rng).unwrap();
        let reply = stages.hall.enrol(asked.wire()).unwrap();
        // The slip is spent, by this very request: it is answered again.
        let again = asked.accept(&reply, &[]).unwrap();
        assert_eq!(again.wallet(), stages.enrolled.as_slice());
    }
}

/// T38: what must be gone is gone from each later wallet.
#[test]
fn a_wallet_forgets_what_it_no_longer_needs() {
    let stages = stages();
    let token = stages.hall.slips[2].0.to_bytes();
    let text = stages.hall.slips[2].0.text();
    for wallet in [&stages.prepared, &stages.enrolled, &stages.sealed, &stages.received] {
        assert!(!holds(wallet, &*token) && !holds(wallet, text.as_bytes()));
    }
    // Behind head and mask, the enrolment keeps T and sig_T; every later wallet has lost the request whole.
    let request = &stages.prepared[34 + 2 + 1..][..33 + 32];
    assert!(holds(&stages.prepared, request));
    assert!(!holds(&stages.enrolled, &request[33..]));
    // One contest's credential: kind 1, item, round, then b and N.
    let place = stages.enrolled.windows(6).position(|w| w == [1, 0, 67, 0, 1, 1]).unwrap();
    let key = &stages.enrolled[place + 6..][..32];
    let n = &stages.enrolled[place + 38..][..32];
    for later in [&stages.sealed, &stages.received] {
        assert!(!holds(later, key) && !holds(later, n));
    }
    // The reply key goes with the receipt.
    let place = stages.sealed.windows(4).position(|w| w == [1, 0, 1, 1]).unwrap();
    let reply_key = &stages.sealed[place + 4 + 32..][..32];
    assert!(!holds(&stages.received, reply_key));
    // And the keys of contests that were never voted in go at the end.
    assert!(stages.received.windows(3).any(|w| w == [1, 0, 67]));
    assert!(!stages.forgotten.windows(3).any(|w| w == [1, 0, 67]));
}

#[test]
fn the_option_does_not_change_what_a_wallet_looks_like() {
    let mut lengths = Vec::new();
    for option in 0..5 {
        let mut hall = Hall::new(3, 1);
        let mut rng = rng(2);
        let enrolled = hall.enrolled(0, &mut rng);
        let unsaved = enrolled.seal(&[(FIRST, option)], &mut rng).unwrap();
        lengths.push(unsaved.wallet().len());
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1);
}

#[test]
fn a_damaged_wallet_is_refused() {
    let stages = stages();
    let refused = |bytes: &[u8]| matches!(wallet::open(stages.hall.seen(), bytes), Err(Stop::UnreadableWallet));
    for wallet in [&stages.prepared, &stages.enrolled, &stages.sealed, &stages.received] {
        for length in 0..wallet.len() {
            assert!(refused(&wallet[..length]), "cut at {length} of {}", wallet.len());
        }
        assert!(refused(&[wallet.as_slice(), &[0]].concat()));
        for place in 0..34 {
            let mut bytes = wallet.clone();
            bytes[place] ^= 1;
            assert!(place == 1 && wallet[1] == 9 || refused(&bytes), "flipped at {place}");
        }
    }
    // A receipt that was tampered with is no receipt.
    let note = stages.received.windows(7).position(|w| w == b"douxuan").unwrap();
    let mut bytes = stages.received.clone();
    bytes[note + 60] ^= 1;
    assert!(refused(&bytes));
    // A wallet of another meeting.
    assert!(matches!(wallet::open(Hall::new(3, 5).seen(), &stages.enrolled), Err(Stop::UnreadableWallet)));
}

#[test]
fn storages_give_back_what_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet");
    let storages: [Box<dyn Storage>; 2] = [Box::<Memory>::default(), Box::new(File::at(&path))];
    for mut storage in storages {
        assert!(storage.read().unwrap().is_none());
        storage.write(b"one").unwrap();
        storage.write(b"another").unwrap();
        assert_eq!(storage.read().unwrap().unwrap().as_slice(), b"another");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(File::at(&folder.path().join("no/such/folder")).write(b"x").is_err());
}
