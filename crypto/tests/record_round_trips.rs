//! Entries, lists and containers: one form each, and any changed byte is refused or means something else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use douxuan_crypto::{
    bundle::{BoardFiles, Bundle, NotABundle},
    container::{self, ContainerError, MAX_BYTES, MAX_FILES},
    contest::Contest,
    lists::{Lists, Redeemed, Voided},
    log::{Act, Actor, Entry, LoggedTally, PaperCount, Reason, Role},
    token::{Mask, TokenLeaf},
};
use proptest::{collection::vec, prelude::*};

fn contest() -> impl Strategy<Value = Contest> {
    (any::<u16>(), any::<u8>()).prop_map(|(item, round)| Contest::new(item, round))
}

fn act() -> impl Strategy<Value = Act> {
    let reason = prop_oneof![Just(Reason::Paper), Just(Reason::Lost), Just(Reason::Other)];
    let tally =
        (vec(any::<u32>(), 0..8), any::<[u8; 32]>()).prop_map(|(votes, opening)| LoggedTally { votes, opening });
    let proofs = vec(any::<[u8; 32]>().prop_map(|half| [half, half].concat().try_into().unwrap()), 0..4);
    let paper = (any::<[u32; 3]>(), vec(any::<u32>(), 0..8))
        .prop_map(|([issued, invalid, ungraded], votes)| PaperCount { issued, invalid, ungraded, votes });
    prop_oneof![
        any::<[u8; 32]>().prop_map(|id| Act::Manifest { id }),
        any::<u8>().prop_map(|window| Act::WindowOpened { window }),
        (any::<u8>(), any::<[u32; 2]>(), any::<[u8; 32]>())
            .prop_map(|(window, [present, redeemed], root)| Act::WindowClosed { window, present, redeemed, root }),
        (any::<u8>(), any::<u32>()).prop_map(|(windows, unused)| Act::EnrolmentEnded { windows, unused }),
        (any::<[u8; 32]>(), reason, any::<u8>()).prop_map(|(slip, reason, window)| Act::SlipVoided {
            slip,
            reason,
            window
        }),
        (contest(), any::<u8>()).prop_map(|(contest, window)| Act::ContestOpened { contest, window }),
        (contest(), any::<u32>(), any::<[u8; 32]>()).prop_map(|(contest, size, root)| Act::ContestClosed {
            contest,
            size,
            root
        }),
        (contest(), paper).prop_map(|(contest, paper)| Act::PaperCounted { contest, paper }),
        (contest(), proptest::option::of(tally), proofs).prop_map(|(contest, tally, proofs)| Act::ContestPublished {
            contest,
            tally,
            proofs
        }),
        (contest(), any::<bool>()).prop_map(|(contest, after)| Act::ContestVoided { contest, after }),
        Just(Act::RehearsalDestroyed),
        any::<[u8; 32]>().prop_map(|hash| Act::Result { hash }),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let role = prop_oneof![Just(Role::Office), Just(Role::Chair), Just(Role::Scrutineer), Just(Role::Teller)];
    let actor = (role, any::<[u8; 16]>()).prop_map(|(role, id)| Actor { role, id });
    (vec(actor, 0..3), act()).prop_filter_map("two people", |(actors, act)| {
        let same = actors.len() == 2 && actors[0].id == actors[1].id;
        (!same).then_some(Entry { actors, act })
    })
}

proptest! {
    #[test]
    fn an_entry_has_one_form(entry in entry(), place in any::<prop::sample::Index>(), xor in 1u8.., more in any::<u8>()) {
        let stored = entry.encode();
        prop_assert_eq!(&Entry::decode(&stored).unwrap(), &entry);
        let mut changed = stored.clone();
        changed[place.index(stored.len())] ^= xor;
        if let Ok(other) = Entry::decode(&changed) {
            prop_assert_ne!(&other, &entry);
            prop_assert_eq!(other.encode(), changed);
        }
        prop_assert!(Entry::decode(&stored[..stored.len() - 1]).is_err());
        prop_assert!(Entry::decode(&[stored, vec![more]].concat()).is_err());
    }

    #[test]
    fn any_bytes_are_an_entry_in_its_form_or_none(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), bytes);
        }
    }

    #[test]
    fn lists_have_one_form(
        tokens in prop::collection::btree_set(any::<[u8; 32]>(), 0..20),
        bits in any::<u16>(),
        place in any::<prop::sample::Index>(),
        xor in 1u8..,
    ) {
        let mask = |i: usize| Mask::excluding(11, if bits >> (i % 16) & 1 == 1 { &[11, 1] } else { &[] });
        let reasons = [Reason::Paper, Reason::Lost, Reason::Other];
        let lists = Lists {
            leaves: tokens.iter().enumerate().map(|(i, t)| TokenLeaf { t: *t, mask: mask(i) }).collect(),
            redeemed: tokens.iter().enumerate().step_by(2).map(|(i, t)| Redeemed {
                token: *t, mask: mask(i), request_hash: [1; 32], signature: [2; 64], window: 1 + u8::from(i % 3 == 0),
            }).collect(),
            voided: tokens.iter().enumerate().skip(1).step_by(2)
                .map(|(i, t)| Voided { token: *t, reason: reasons[i % 3], window: 2 }).collect(),
        };
        let files = [lists.leaves_file(), lists.redeemed_file(), lists.voided_file()];
        let decode = |f: &[Vec<u8>; 3]| Lists::decode(11, 2, &f[0], &f[1], &f[2]);
        prop_assert_eq!(&decode(&files).unwrap(), &lists);
        for at in 0..3 {
            if files[at].is_empty() { continue }
            let mut changed = files.clone();
            let byte = place.index(changed[at].len());
            changed[at][byte] ^= xor;
            if let Ok(other) = decode(&changed) {
                prop_assert_ne!(&other, &lists);
                prop_assert_eq!([other.leaves_file(), other.redeemed_file(), other.voided_file()], changed);
            }
        }
    }

    #[test]
    fn a_container_has_one_form(
        files in prop::collection::btree_map("[a-z/]{1,12}", vec(any::<u8>(), 0..40), 0..8),
        place in any::<prop::sample::Index>(),
        xor in 1u8..,
    ) {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(p, d)| (p.as_str(), d.as_slice())).collect();
        let zip = container::write(&files).unwrap();
        prop_assert_eq!(container::read(&zip).unwrap(), files);
        let mut changed = zip.clone();
        changed[place.index(zip.len())] ^= xor;
        prop_assert!(container::read(&changed).is_err());
        prop_assert!(container::read(&zip[..place.index(zip.len())]).is_err());
    }
}

#[test]
fn files_that_make_no_container() {
    let refuse = |files: &[(&str, &[u8])]| container::write(files).unwrap_err();
    assert_eq!(refuse(&[("b", b""), ("a", b"")]), ContainerError::Order("a".to_owned()));
    assert_eq!(refuse(&[("a", b""), ("a", b"")]), ContainerError::Order("a".to_owned()));
    assert_eq!(refuse(&[("票", b"")]), ContainerError::Path);
    let names: Vec<String> = (0..=MAX_FILES).map(|i| format!("{i:04}")).collect();
    let all: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    assert_eq!(refuse(&all), ContainerError::TooManyFiles);
    assert!(container::read(&container::write(&all[..MAX_FILES]).unwrap()).is_ok());
}

#[test]
fn a_container_of_256_mib_passes_and_a_byte_more_does_not() {
    let mut data = vec![0; MAX_BYTES - 22 - 2 * "a".len() - 76];
    let zip = container::write(&[("a", &data)]).unwrap();
    assert_eq!(zip.len(), MAX_BYTES);
    assert!(container::read(&zip).is_ok());
    data.push(0);
    assert_eq!(container::write(&[("a", &data)]), Err(ContainerError::TooLarge));
    drop(data);
    let longer = [zip, vec![0]].concat();
    assert_eq!(container::read(&longer), Err(ContainerError::TooLarge));
}

fn smallest() -> Bundle {
    Bundle { manifest: vec![1], summary: vec![2], ..Bundle::default() }
}

#[test]
fn a_bundle_has_its_eight_files_and_boards_and_nothing_else() {
    let mut bundle = smallest();
    bundle.boards.insert((1, 2), BoardFiles { entries: Some(vec![3]), ..BoardFiles::default() });
    bundle.boards.insert((10, 1), BoardFiles { tally: Some(vec![]), ..BoardFiles::default() });
    bundle.boards.insert((65_535, 65_535), BoardFiles { proof: Some(vec![4]), ..BoardFiles::default() });
    let zip = bundle.to_zip().unwrap();
    assert_eq!(Bundle::from_zip(&zip).unwrap(), bundle);
    assert_eq!(bundle.to_zip().unwrap(), zip, "T12: the same parts are the same bytes");
    let paths: Vec<String> = bundle.files().into_iter().map(|(path, _)| path).collect();
    assert!(paths.is_sorted() && paths.len() == 11, "{paths:?}");

    let files: BTreeMap<String, Vec<u8>> = smallest().files().into_iter().map(|(p, d)| (p, d.to_vec())).collect();
    let read = |files: &BTreeMap<String, Vec<u8>>| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(p, d)| (p.as_str(), d.as_slice())).collect();
        Bundle::from_zip(&container::write(&files).unwrap())
    };
    for path in files.keys() {
        let mut less = files.clone();
        less.remove(path);
        assert!(matches!(read(&less), Err(NotABundle::MissingFile(name)) if name == path), "{path}");
    }
    for path in [
        "board/1-1/entries2",
        "board/01-1/entries",
        "board/1-01/entries",
        "board/+1-1/entries",
        "board/1--1/entries",
        "board/65536-1/entries",
        "board/1-65536/entries",
        "board/1-1",
        "board/1-1/entries/",
        "board/1/1/entries",
        "Board/1-1/entries",
        "manifest.json2",
        "../manifest.json",
        "/manifest.json",
        "tokens/",
        "result.txt",
    ] {
        let mut more = files.clone();
        more.insert(path.to_owned(), Vec::new());
        assert!(matches!(read(&more), Err(NotABundle::UnknownFile(name)) if name == path), "{path}");
    }
}
