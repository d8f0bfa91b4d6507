//! The phone believes nothing that it has not verified, and sends nothing that it has not stored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use std::sync::Arc;

use douxuan_ballot::{
    journey::{Enrolled, Invitation, PageFacts, Standing, Stop, read_manifest},
    wallet::{self, Resumed},
};
use douxuan_crypto::{
    contest::Contest,
    enroll::EnrolmentError,
    manifest::{Manifest, ManifestDraft, OptionKind, ScaleOption},
};
use hall::{Hall, Lie, SCRIPT, WASM, keep, rng};
use rand_core::{Infallible, TryCryptoRng, TryRng};

const FIRST: Contest = Contest::new(1, 1);
const SECOND: Contest = Contest::new(2, 1);

fn why_not_enrolled(lie: Lie, slip: usize) -> Stop {
    let mut hall = Hall::new(4, 1);
    hall.lie = lie;
    let mut rng = rng(2);
    let checked = hall.invitation(slip).check(hall.seen()).unwrap();
    let asked = keep(checked.prepare(&mut rng).unwrap()).request(&mut rng).unwrap();
    let reply = hall.enrol(asked.wire()).unwrap();
    let stay = asked.accept(&reply, &[]).err().expect("the reply must not be accepted");
    // The server comes to its senses: the same request still earns its credentials.
    hall.lie = Lie::None;
    let again = hall.enrol(stay.state.wire()).unwrap();
    assert!(stay.state.accept(&again, &[]).is_ok());
    stay.why
}

#[test]
fn a_manifest_that_is_not_the_slips_is_refused() {
    let (mine, other) = (Hall::new(3, 1), Hall::new(3, 9));
    assert_eq!(mine.invitation(0).check(other.seen()).err(), Some(Stop::OtherManifest));
    // One blank more is another manifest.
    let mut bytes = mine.manifest.bytes.clone();
    bytes.push(b' ');
    let spaced = read_manifest(&bytes, None).unwrap();
    assert_eq!(mine.invitation(0).check(spaced).err(), Some(Stop::OtherManifest));
}

#[test]
fn another_key_for_one_contest_is_another_manifest_and_another_evaluation() {
    let mine = Hall::new(3, 1);
    let text = String::from_utf8(mine.manifest.bytes.clone()).unwrap();
    let (k, other) = (mine.manifest.contests[1].k, mine.manifest.contests[2].k);
    let [k, other] = [k, other].map(|k| douxuan_crypto::bytes::hex(k.as_bytes()));
    // Swapped, so that all keys still differ and the manifest parses.
    let swapped = text.replace(&k, "?").replace(&other, &k).replace('?', &other);
    let swapped = read_manifest(swapped.as_bytes(), None).unwrap();
    assert_eq!(mine.invitation(0).check(swapped).err(), Some(Stop::OtherManifest));
    let contest = Contest::new(3, 2);
    assert_eq!(why_not_enrolled(Lie::OtherKey(contest), 0), Stop::FalseReply(EnrolmentError::WrongKey(contest)));
}

#[test]
fn another_mask_is_refused() {
    assert_eq!(why_not_enrolled(Lie::OtherMask(vec![1]), 0), Stop::FalseReply(EnrolmentError::OtherMask));
    assert_eq!(why_not_enrolled(Lie::OtherMask(vec![]), 2), Stop::FalseReply(EnrolmentError::OtherMask));
}

#[test]
fn another_mask_is_refused_on_the_typed_path_too_by_the_token_tree() {
    let mut hall = Hall::new(4, 1);
    hall.lie = Lie::OtherMask(vec![1]);
    let mut rng = rng(2);
    let typed = Invitation::type_in(&hall.slips[0].0.text()).unwrap();
    let asked = keep(typed.check(hall.seen()).unwrap().prepare(&mut rng).unwrap()).request(&mut rng).unwrap();
    let reply = hall.enrol(asked.wire()).unwrap();
    let stay = asked.accept(&reply, &[]).err().unwrap();
    assert_eq!(stay.why, Stop::FalseReply(EnrolmentError::NotInTree));
}

#[test]
fn a_typed_code_learns_its_mask_from_the_reply() {
    let mut hall = Hall::new(4, 1);
    let mut rng = rng(2);
    let typed = Invitation::type_in(&hall.slips[2].0.text().to_lowercase().replace('-', "")).unwrap();
    let asked = keep(typed.check(hall.seen()).unwrap().prepare(&mut rng).unwrap()).request(&mut rng).unwrap();
    let reply = hall.enrol(asked.wire()).unwrap();
    let enrolled = keep(asked.accept(&reply, &[]).unwrap());
    assert_eq!(enrolled.mask().excluded(), [2]);
    assert_eq!(enrolled.standing(SECOND), Some(Standing::Excluded));
}

#[test]
fn a_missing_evaluation_is_shouted_unless_the_contest_is_over() {
    assert_eq!(why_not_enrolled(Lie::Missing(SECOND), 0), Stop::FalseReply(EnrolmentError::Missing(SECOND)));
    let mut hall = Hall::new(4, 1);
    hall.closed = vec![FIRST];
    let enrolled = hall.enrolled(0, &mut rng(2));
    assert_eq!(enrolled.standing(FIRST), Some(Standing::Over));
    assert_eq!(enrolled.standing(SECOND), Some(Standing::Ready));
}

#[test]
fn another_page_is_refused() {
    let hall = Hall::new(3, 1);
    let read = |script: &[u8], wasm: &[u8]| read_manifest(&hall.manifest.bytes, Some(&PageFacts::of(script, wasm)));
    assert!(read(SCRIPT, WASM).is_ok());
    assert_eq!(read(b"script ", WASM).err(), Some(Stop::OtherScript));
    assert_eq!(read(SCRIPT, b"wasn").err(), Some(Stop::OtherWasm));
}

#[test]
fn a_reply_for_another_phone_or_a_broken_one_is_not_accepted() {
    let mut hall = Hall::new(4, 1);
    let mut rng = rng(2);
    let mut ask = |slip: usize| {
        keep(hall.invitation(slip).check(hall.seen()).unwrap().prepare(&mut rng).unwrap()).request(&mut rng).unwrap()
    };
    let (one, two) = (ask(0), ask(1));
    let other = hall.enrol(two.wire()).unwrap();
    let one = one.accept(&other, &[]).err().map(|stay| (stay.why, stay.state)).unwrap();
    assert_eq!(one.0, Stop::UnreadableReply);
    let mut reply = hall.enrol(one.1.wire()).unwrap();
    for at in [0, 1, 13, reply.len() - 1] {
        reply[at] ^= 1;
    }
    assert_eq!(one.1.accept(&reply, &[]).err().unwrap().why, Stop::UnreadableReply);
}

#[test]
fn a_slip_that_another_phone_has_used_is_refused() {
    let mut hall = Hall::new(4, 1);
    drop(hall.enrolled(0, &mut rng(2)));
    let mut rng = rng(3);
    let asked = keep(hall.invitation(0).check(hall.seen()).unwrap().prepare(&mut rng).unwrap());
    let asked = asked.request(&mut rng).unwrap();
    let reply = hall.enrol(asked.wire()).unwrap();
    assert_eq!(asked.accept(&reply, &[]).err().unwrap().why, Stop::EnrolRefused);
}

#[test]
fn nothing_is_sent_before_the_wallet_has_been_read_back() {
    let hall = Hall::new(3, 1);
    let unsaved = hall.invitation(0).check(hall.seen()).unwrap().prepare(&mut rng(2)).unwrap();
    let mut torn = unsaved.wallet().to_vec();
    torn.pop();
    let stay = unsaved.read_back(&torn).err().unwrap();
    assert_eq!(stay.why, Stop::NotStored);
    let stay = stay.state.read_back(b"").err().unwrap();
    let stored = stay.state.wallet().to_vec();
    assert!(stay.state.read_back(&stored).is_ok());
}

/// Gives the same byte for ever, or the same block again and again.
struct Broken(&'static [u8]);

impl TryRng for Broken {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        dst.iter_mut().zip(self.0.iter().cycle()).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

impl TryCryptoRng for Broken {}

#[test]
fn randomness_that_repeats_or_is_constant_starts_nothing() {
    let mut hall = Hall::new(3, 1);
    for pattern in [&b"\0"[..], b"\xff", b"0123456789abcdef"] {
        let checked = hall.invitation(0).check(hall.seen()).unwrap();
        assert_eq!(checked.prepare(&mut Broken(pattern)).err(), Some(Stop::BrokenRandomness));
        let enrolled = hall.enrolled(1, &mut rng(2));
        let stay = enrolled.seal(&[(FIRST, 0)], &mut Broken(pattern)).err().unwrap();
        assert_eq!(stay.why, Stop::BrokenRandomness);
        hall = Hall::new(3, 1);
    }
}

#[test]
fn a_ballot_ends_in_a_receipt_and_is_counted_as_chosen() {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let enrolled = hall.enrolled(0, &mut rng);
    let enrolled = keep(enrolled.seal(&[(FIRST, 3), (SECOND, 4)], &mut rng).unwrap());
    assert_eq!(enrolled.standing(FIRST), Some(Standing::Sealed));
    let reply = hall.cast(enrolled.ballot(FIRST).unwrap()).unwrap();
    let enrolled = keep(enrolled.receive(FIRST, &reply).unwrap());
    assert_eq!(enrolled.standing(FIRST), Some(Standing::Received));
    assert_eq!(enrolled.standing(SECOND), Some(Standing::Sealed));
    assert!(enrolled.ballot(FIRST).is_none());
    assert!(enrolled.receipt(FIRST).unwrap().note.contains("1/1"));
    assert_eq!(hall.tally[&FIRST], [0, 0, 0, 1, 0]);
    let board = douxuan_crypto::board::Board::sorted(hall.ballots[&FIRST].clone());
    let checkpoint = board.checkpoint(&hall.manifest, FIRST, &hall.other).into_bytes();
    assert!(enrolled.look_up(FIRST, &board.entries(), &checkpoint).unwrap());
    assert_eq!(enrolled.look_up(FIRST, b"", &checkpoint).err(), Some(Stop::UnreadableBoard(FIRST)));
}

#[test]
fn a_credential_makes_one_ballot_and_bad_choices_change_nothing() {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let enrolled = hall.enrolled(2, &mut rng);
    for (choices, why) in [
        (vec![(FIRST, 5)], Stop::NoOption(FIRST)),
        (vec![(FIRST, 0), (FIRST, 1)], Stop::NoCredential(FIRST)),
        (vec![(FIRST, 0), (SECOND, 0)], Stop::NoCredential(SECOND)),
        (vec![(Contest::new(9, 1), 0)], Stop::NoCredential(Contest::new(9, 1))),
    ] {
        let stay = twin(&hall).seal(&choices, &mut rng).err().unwrap();
        assert_eq!(stay.why, why);
        assert_eq!(stay.state.standing(FIRST), Some(Standing::Ready));
    }
    let sealed = keep(enrolled.seal(&[(FIRST, 0)], &mut rng).unwrap());
    assert_eq!(sealed.seal(&[(FIRST, 1)], &mut rng).err().unwrap().why, Stop::NoCredential(FIRST));
}

/// A copy through the wallet, as a second tab would have it.
fn twin(hall: &Hall) -> Enrolled {
    match wallet::open(hall.seen(), &hall.wallet).unwrap() {
        Resumed::Enrolled(enrolled) => enrolled,
        Resumed::Prepared(_) => panic!("it is enrolled"),
    }
}

#[test]
fn a_recast_is_the_same_bytes_and_earns_the_same_receipt() {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let enrolled = hall.enrolled(0, &mut rng);
    let unsaved = enrolled.seal(&[(FIRST, 1)], &mut rng).unwrap();
    let bytes = unsaved.wallet().to_vec();
    let enrolled = keep(unsaved);
    let frame = enrolled.ballot(FIRST).unwrap().to_vec();
    // The answer is lost; the phone restarts from its wallet, a hundred times.
    let lost = hall.cast(&frame).unwrap();
    let mut notes = Vec::new();
    for _ in 0..100 {
        let Resumed::Enrolled(again) = wallet::open(hall.seen(), &bytes).unwrap() else { panic!() };
        assert_eq!(again.ballot(FIRST).unwrap(), frame);
        let reply = hall.cast(again.ballot(FIRST).unwrap()).unwrap();
        assert_ne!(reply, lost, "replies are sealed afresh");
        notes.push(keep(again.receive(FIRST, &reply).unwrap()).receipt(FIRST).unwrap().note.clone());
    }
    notes.dedup();
    assert_eq!(notes.len(), 1);
    assert_eq!(hall.tally[&FIRST].iter().sum::<u32>(), 1);
}

#[test]
fn a_second_ballot_of_one_credential_is_refused_and_the_first_stands() {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let enrolled = hall.enrolled(0, &mut rng);
    let twin = twin(&hall);
    let first = keep(enrolled.seal(&[(FIRST, 1)], &mut rng).unwrap());
    let second = keep(twin.seal(&[(FIRST, 2)], &mut rng).unwrap());
    let reply = hall.cast(first.ballot(FIRST).unwrap()).unwrap();
    assert!(first.receive(FIRST, &reply).is_ok());
    let reply = hall.cast(second.ballot(FIRST).unwrap()).unwrap();
    assert_eq!(second.receive(FIRST, &reply).err().unwrap().why, Stop::BallotRefused(FIRST));
    assert_eq!(hall.tally[&FIRST], [0, 1, 0, 0, 0]);
}

#[test]
fn a_receipt_that_does_not_hold_is_not_shown_as_received() {
    for lie in [Lie::ReceiptKey, Lie::ReceiptLeaf, Lie::ReceiptContest(SECOND)] {
        let mut hall = Hall::new(3, 1);
        let mut rng = rng(2);
        let enrolled = hall.enrolled(0, &mut rng);
        hall.lie = lie.clone();
        let enrolled = keep(enrolled.seal(&[(FIRST, 1)], &mut rng).unwrap());
        let reply = hall.cast(enrolled.ballot(FIRST).unwrap()).unwrap();
        let stay = enrolled.receive(FIRST, &reply).err().unwrap();
        assert_eq!(stay.why, Stop::FalseReceipt(FIRST), "{lie:?}");
        assert_eq!(stay.state.standing(FIRST), Some(Standing::Sealed));
    }
}

#[test]
fn closed_means_look_on_the_board() {
    let mut hall = Hall::new(3, 1);
    let mut rng = rng(2);
    let enrolled = hall.enrolled(0, &mut rng);
    let enrolled = keep(enrolled.seal(&[(FIRST, 1), (SECOND, 1)], &mut rng).unwrap());
    hall.closed = vec![FIRST];
    let reply = hall.cast(enrolled.ballot(FIRST).unwrap()).unwrap();
    let enrolled = keep(enrolled.receive(FIRST, &reply).unwrap());
    assert_eq!(enrolled.standing(FIRST), Some(Standing::Unanswered));
    let enrolled = keep(enrolled.give_up(SECOND).unwrap());
    assert_eq!(enrolled.standing(SECOND), Some(Standing::Unanswered));
    let empty = douxuan_crypto::board::Board::sorted(Vec::new());
    let checkpoint = empty.checkpoint(&hall.manifest, FIRST, &hall.other).into_bytes();
    assert!(!enrolled.look_up(FIRST, b"", &checkpoint).unwrap());
    assert_eq!(enrolled.look_up(FIRST, b"\0", &checkpoint).err(), Some(Stop::UnreadableBoard(FIRST)));
    assert_eq!(enrolled.look_up(FIRST, b"", b"").err(), Some(Stop::UnreadableBoard(FIRST)));
}

/// T37.
#[test]
fn every_message_of_a_kind_has_one_length() {
    let scale = |n: usize| -> Vec<ScaleOption> {
        (0..n)
            .map(|j| ScaleOption {
                code: format!("option-{j}"),
                zh: format!("第{j}档"),
                en: format!("option {j}"),
                kind: OptionKind::Grade,
            })
            .collect()
    };
    for n in [2, 5, 7] {
        let mut hall = Hall::with_scale(12, 4, scale(n));
        let mut rng = rng(5);
        let mut requests = Vec::new();
        let mut frames = Vec::new();
        let mut replies = Vec::new();
        for slip in 0..n {
            let checked = hall.invitation(slip).check(hall.seen()).unwrap();
            let asked = keep(checked.prepare(&mut rng).unwrap()).request(&mut rng).unwrap();
            let reply = hall.enrol(asked.wire()).unwrap();
            requests.push((asked.wire().len(), reply.len()));
            let enrolled = keep(asked.accept(&reply, &[]).unwrap());
            let option = u8::try_from(slip).unwrap();
            let enrolled = keep(enrolled.seal(&[(FIRST, option), (Contest::new(3, 2), option)], &mut rng).unwrap());
            for contest in [FIRST, Contest::new(3, 2)] {
                let frame = enrolled.ballot(contest).unwrap();
                frames.push(frame.len());
                replies.push(hall.cast(frame).unwrap().len());
            }
            // Refused and closed answers, too.
            hall.closed = vec![SECOND];
            if let Ok(unsaved) = enrolled.seal(&[(SECOND, option)], &mut rng) {
                replies.push(hall.cast(keep(unsaved).ballot(SECOND).unwrap()).unwrap().len());
            }
            hall.closed.clear();
        }
        // A refused enrolment: the slip is spent by another request.
        let checked = hall.invitation(0).check(hall.seen()).unwrap();
        let asked = keep(checked.prepare(&mut rng).unwrap()).request(&mut rng).unwrap();
        requests.push((asked.wire().len(), hall.enrol(asked.wire()).unwrap().len()));
        for lengths in [&mut frames, &mut replies] {
            lengths.dedup();
            assert_eq!(lengths.len(), 1, "{lengths:?}");
        }
        requests.dedup();
        assert_eq!(requests.len(), 1, "{requests:?}");
    }
}

#[test]
fn the_screen_code_is_the_manifests() {
    let hall = Hall::new(3, 1);
    let checked = hall.invitation(0).check(hall.seen()).unwrap();
    assert_eq!(checked.screen_code(), douxuan_crypto::screen_code::manifest_code(&hall.manifest.id));
    assert_eq!(checked.screen_code().split(' ').count(), 8);
}

#[test]
fn slips_that_are_none_are_said_to_be_none() {
    let good = Hall::new(3, 1).fragment(0);
    assert!(Invitation::scan(&good).is_ok());
    let (short, other_version, padded) = (&good[..56], good.replacen("AV", "Ag", 1), format!("{good}="));
    for text in ["", "x", "AAAA", short, &other_version.replacen('A', "E", 1), &padded, "好"] {
        assert_eq!(Invitation::scan(text).err(), Some(Stop::UnreadableSlip), "{text}");
    }
    for text in ["", "RCJR-KE8P-V7KW-VCG", "RCJR-KE8P-V7KW-VCG66", "RCJR KE8P V7KW VCG6", "UCJR-KE8P-V7KW-VCG6"] {
        assert_eq!(Invitation::type_in(text).err(), Some(Stop::UnreadableSlip), "{text}");
    }
    let manifest: Arc<Manifest> = Hall::new(3, 1).seen();
    assert!(Manifest::parse(&manifest.bytes).is_ok());
    assert_eq!(ManifestDraft::default_scale().len(), 5);
}
