//! The page's steps: in order they lead to a receipt, out of order to nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use douxuan_ballot::{
    journey::PageFacts,
    phone::{Phone, Status},
};
use douxuan_crypto::{
    board::Board,
    contest::Contest,
    log::{Act, Entry},
    manifest::Manifest,
    merkle, note,
    sign::SigningKey,
};
use hall::{Hall, Lie, SCRIPT, WASM, rng};

const FIRST: Contest = Contest::new(1, 1);

/// A log that says that a contest is closed, and its head under a key.
fn signed_log(manifest: &Manifest, key: &SigningKey, closed: Contest) -> (Vec<u8>, Vec<u8>) {
    let acts = [Act::Manifest { id: manifest.id }, Act::ContestClosed { contest: closed, size: 0, root: [0; 32] }];
    let entries: Vec<Vec<u8>> = acts.map(|act| Entry { actors: Vec::new(), act }.encode()).into();
    let leaves: Vec<merkle::Hash> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
    let origin = manifest.origin("log");
    let text = note::checkpoint_text(&origin, 2, &merkle::root(&leaves));
    (entries.concat(), note::sign(&origin, &text, key).into_bytes())
}

fn facts() -> Vec<u8> {
    let facts = PageFacts::of(SCRIPT, WASM);
    [facts.script, facts.wasm].concat()
}

/// A page that has come as far as its enrolment request.
fn asking(hall: &Hall, slip: usize) -> Phone {
    let mut phone = Phone::new();
    let mut rng = rng(3);
    assert_eq!(phone.begin(&mut rng).0, Status::Ok);
    let (status, code) = phone.check(&hall.manifest.bytes, &facts());
    assert_eq!((status, code.len()), (Status::Ok, 39));
    assert_eq!(phone.scan(hall.fragment(slip).as_bytes()).0, Status::Ok);
    let (status, wallet) = phone.prepare(&mut rng);
    assert_eq!(status, Status::Ok);
    assert_eq!(phone.request(&mut rng).0, Status::Order, "nothing leaves before the wallet is stored");
    assert_eq!(phone.stored(&wallet[1..]).0, Status::NotStored);
    assert_eq!(phone.stored(&wallet).0, Status::Ok);
    let request = phone.request(&mut rng);
    assert_eq!(request.0, Status::Ok);
    assert_eq!(phone.request(&mut rng).1, request.1, "asked again, the same bytes");
    phone
}

fn enrolled(hall: &mut Hall, slip: usize) -> (Phone, Vec<u8>) {
    let mut phone = asking(hall, slip);
    let request = phone.request(&mut rng(3)).1;
    let (status, wallet) = phone.enrolled(&hall.enrol(&request).unwrap(), &[], &[]);
    assert_eq!(status, Status::Ok);
    assert_eq!(phone.contests().0, Status::Order);
    assert_eq!(phone.stored(&wallet).0, Status::Ok);
    (phone, wallet.to_vec())
}

#[test]
fn a_page_goes_from_slip_to_receipts() {
    let mut hall = Hall::new(3, 1);
    let (mut phone, _) = enrolled(&mut hall, 2);
    let contests = phone.contests().1;
    let kinds: Vec<[u8; 4]> = contests.chunks(4).map(|c| [c[0], c[1], c[2], c[3]]).collect();
    assert_eq!(kinds[0], [0, 0, 0, 1]);
    assert_eq!(kinds[1], [0, 1, 1, 1]);
    assert_eq!(kinds[3], [0, 2, 1, 0], "item 2 is not this slip's to rate");
    let (status, wallet) = phone.seal(&[0, 1, 1, 2, 0, 3, 1, 4], &mut rng(4));
    assert_eq!(status, Status::Ok);
    assert_eq!(phone.ballot(FIRST).0, Status::Order, "no ballot leaves before the wallet is stored");
    assert_eq!(phone.stored(&wallet).0, Status::Ok);
    let frame = phone.ballot(FIRST).1;
    assert_eq!(phone.ballot(FIRST).1, frame);
    let (status, wallet) = phone.receipt(FIRST, &hall.cast(&frame).unwrap());
    assert_eq!(status, Status::Ok);
    assert_eq!(phone.note(FIRST).0, Status::Order, "no receipt counts before it is stored");
    assert_eq!(phone.stored(&wallet).0, Status::Ok);
    assert!(phone.note(FIRST).1.starts_with(b"douxuan/"));
    let signed = |ballots: Vec<Vec<u8>>| {
        let board = Board::sorted(ballots);
        (board.entries(), board.checkpoint(&hall.manifest, FIRST, &hall.other).into_bytes())
    };
    let (entries, checkpoint) = signed(hall.ballots[&FIRST].clone());
    assert_eq!(phone.look_up(FIRST, &entries, &checkpoint).1.as_slice(), [1]);
    let (nothing, empty) = signed(Vec::new());
    assert_eq!(phone.look_up(FIRST, &nothing, &empty).1.as_slice(), [0]);
    assert_ne!(phone.look_up(FIRST, &entries, &empty).0, Status::Ok, "entries that nobody signed prove nothing");
    let (status, wallet) = phone.unanswered(Contest::new(3, 1));
    assert_eq!((status, phone.stored(&wallet).0), (Status::Ok, Status::Ok));
    let (status, wallet) = phone.forget();
    assert_eq!((status, phone.stored(&wallet).0), (Status::Ok, Status::Ok));
    let kinds: Vec<u8> = phone.contests().1.chunks(4).map(|c| c[3]).collect();
    assert_eq!(kinds, [5, 3, 5, 0, 0, 4, 5]);
}

#[test]
fn a_page_that_was_closed_goes_on_from_its_wallet() {
    let mut hall = Hall::new(3, 1);
    let (mut first, _) = enrolled(&mut hall, 0);
    let wallet = first.seal(&[0, 1, 1, 2], &mut rng(4)).1.to_vec();
    let mut phone = Phone::new();
    assert_eq!(phone.resume(&wallet).0, Status::Order, "a wallet needs its manifest");
    assert_eq!(phone.check(&hall.manifest.bytes, &facts()).0, Status::Ok);
    assert_eq!(phone.resume(&wallet[..9]).0, Status::Wallet);
    assert_eq!(phone.resume(&wallet).1.as_slice(), [2]);
    let frame = phone.ballot(FIRST).1;
    let (status, wallet) = phone.receipt(FIRST, &hall.cast(&frame).unwrap());
    assert_eq!((status, phone.stored(&wallet).0), (Status::Ok, Status::Ok));
    assert_eq!(hall.tally[&FIRST], [0, 0, 1, 0, 0]);
}

#[test]
fn every_refusal_has_its_number() {
    let mut hall = Hall::new(3, 1);
    let mut phone = Phone::new();
    assert_eq!(phone.check(b"{}", &facts()).0, Status::Manifest);
    assert_eq!(phone.check(&hall.manifest.bytes, &[0; 64]).0, Status::OtherPage);
    assert_eq!(phone.check(&hall.manifest.bytes, &[0; 63]).0, Status::Order);
    assert_eq!(phone.scan(hall.fragment(0).as_bytes()).0, Status::Order);
    assert_eq!(phone.check(&hall.manifest.bytes, &facts()).0, Status::Ok);
    assert_eq!(phone.scan(b"\xff").0, Status::Slip);
    assert_eq!(phone.typed(b"1234").0, Status::Slip);
    assert_eq!(phone.scan(Hall::new(3, 9).fragment(0).as_bytes()).0, Status::OtherManifest);

    let mut phone = asking(&hall, 0);
    let request = phone.request(&mut rng(3)).1;
    assert_eq!(phone.enrolled(b"no reply", &[], &[]).0, Status::Unreadable);
    hall.lie = Lie::Missing(FIRST);
    let lying = hall.enrol(&request).unwrap();
    assert_eq!(phone.enrolled(&lying, &[], &[]).0, Status::False);
    let (log, head) = signed_log(&hall.manifest, &hall.other, Contest::new(2, 1));
    assert_eq!(phone.enrolled(&lying, &log, &head).0, Status::False, "the log speaks of another contest");
    let (log, head) = signed_log(&hall.manifest, &SigningKey::from_seed(&[5; 32]), FIRST);
    assert_eq!(phone.enrolled(&lying, &log, &head).0, Status::Unreadable, "nobody signed this log");
    let (log, head) = signed_log(&hall.manifest, &hall.other, FIRST);
    let mut altered = log.clone();
    altered[8] ^= 1;
    assert_eq!(phone.enrolled(&lying, &altered, &head).0, Status::Unreadable, "the head covers other entries");
    assert_eq!(phone.enrolled(&lying, &log[..log.len() - 1], &head).0, Status::Unreadable);
    let longer = [log.as_slice(), b"what came later"].concat();
    assert_eq!(phone.enrolled(&lying, &longer, &head).0, Status::Ok, "a contest that is closed explains it");
    hall.lie = Lie::None;
    let mut late = asking(&hall, 0);
    let request = {
        // Another phone with the same slip and other keys.
        let mut other = rng(99);
        let mut twin = Phone::new();
        let _ = twin.check(&hall.manifest.bytes, &facts());
        let _ = twin.scan(hall.fragment(0).as_bytes());
        let wallet = twin.prepare(&mut other).1;
        assert_eq!(twin.stored(&wallet).0, Status::Ok);
        let request = twin.request(&mut other).1;
        assert_eq!(twin.enrolled(&hall.enrol(&request).unwrap(), &[], &[]).0, Status::Refused);
        late.request(&mut other).1
    };
    assert!(late.enrolled(&hall.enrol(&request).unwrap(), &[], &[]).0 == Status::Ok, "the first request still stands");

    let (mut phone, _) = enrolled(&mut hall, 1);
    assert_eq!(phone.seal(&[0, 1, 1, 9], &mut rng(4)).0, Status::Choice);
    assert_eq!(phone.ballot(FIRST).0, Status::NotSealed);
    assert_eq!(phone.note(FIRST).0, Status::NotSealed);
    let wallet = phone.seal(&[0, 1, 1, 0, 0, 1, 2, 0], &mut rng(4)).1;
    assert_eq!(phone.stored(&wallet).0, Status::Ok);
    assert_eq!(phone.receipt(FIRST, b"").0, Status::Unreadable);
    hall.lie = Lie::ReceiptKey;
    let frame = phone.ballot(FIRST).1;
    assert_eq!(phone.receipt(FIRST, &hall.cast(&frame).unwrap()).0, Status::False);
    hall.lie = Lie::None;
    hall.closed = vec![Contest::new(1, 2)];
    let frame = phone.ballot(Contest::new(1, 2)).1;
    let (status, wallet) = phone.receipt(Contest::new(1, 2), &hall.cast(&frame).unwrap());
    assert_eq!((status, phone.stored(&wallet).0), (Status::Closed, Status::Ok));
}
