#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! What a crash, a bad disk or a hand leaves in a spool, and what recovery makes of it.

use rand::{SeedableRng, rngs::StdRng};

use super::*;
use crate::{
    blind::IssuerKey,
    credential::{Credential, credential_input},
    group::Element,
    sign::SigningKey,
};

const M: [u8; 32] = [7; 32];
const CONTEST: Contest = Contest::new(3, 1);

fn spool(key: u8) -> Spool {
    Spool::new(SpoolKey::from_bytes(&[key; 32]), &M, CONTEST, 5)
}

/// A record that needs no proof to be recovered: recovery trusts what it sealed itself.
fn record(spool: &Spool, group: u32, seed: u8, rng: &mut StdRng) -> (Vec<u8>, Hash) {
    let key = SigningKey::from_seed(&[seed; 32]);
    let b = *key.verifying().as_bytes();
    let issuer = IssuerKey::derive(&[1; 32], &[2; 16], CONTEST).unwrap();
    let input = crate::blind::hash_to_group(&credential_input(&M, CONTEST, &b));
    let n = issuer.evaluate(&Element::from_point(input));
    let credential = Credential::new(CONTEST, key, &n);
    let (ballot, opening) = credential.ballot_for(&M, 5, seed % 5, rng).unwrap();
    let ballot = Ballot::decode(&ballot, CONTEST, 5).unwrap();
    (spool.record(group, &ballot, &opening, rng), ballot.leaf())
}

struct Case {
    spool: Spool,
    records: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    rng: StdRng,
}

/// Records 0 and 1 in group 0, 2 in group 1, 3, 4 and 5 in group 2.
fn case() -> Case {
    let (spool, mut rng) = (spool(9), StdRng::seed_from_u64(5));
    let made = [0u32, 0, 1, 2, 2, 2].into_iter().zip(1u8..).map(|(g, s)| record(&spool, g, s, &mut rng));
    let (records, leaves) = made.collect::<Vec<_>>().into_iter().unzip();
    Case { spool, records, leaves, rng }
}

#[test]
fn a_whole_spool_is_read_back_and_the_next_group_follows() {
    let case = case();
    let recovery = case.spool.recover(&case.records.concat()).ok().unwrap();
    assert_eq!(recovery.records.len(), 6);
    assert_eq!(recovery.next_group, 3);
    assert!(recovery.mended.is_none() && recovery.end.is_none());
}

#[test]
fn a_torn_tail_of_the_last_group_is_cut_and_what_opens_stays() {
    let case = case();
    let file = case.records.concat();
    for cut in [1, 100, case.spool.record_len() + 5] {
        let recovery = case.spool.recover(&file[..file.len() - cut]).ok().unwrap();
        let whole = (file.len() - cut) / case.spool.record_len();
        assert_eq!(recovery.records.len(), whole);
        assert_eq!(recovery.mended.unwrap(), file[..whole * case.spool.record_len()]);
    }
    // The disk wrote the last group's second record only.
    let mut records = case.records.clone();
    records[3].fill(0);
    records[5].fill(0);
    let recovery = case.spool.recover(&records.concat()).ok().unwrap();
    assert_eq!(recovery.records.len(), 5 - 1);
    assert_eq!(recovery.mended.unwrap().len(), 4 * case.spool.record_len());
}

#[test]
fn a_corrupt_middle_is_an_alarm() {
    let case = case();
    for broken in [0, 1] {
        let mut records = case.records.clone();
        records[broken][20] ^= 1;
        assert_eq!(case.spool.recover(&records.concat()).err(), Some(Alarm::Corrupt));
    }
}

#[test]
fn a_record_of_another_contest_or_key_is_a_failing_record() {
    let mut case = case();
    let (alien, _) = record(&spool(8), 0, 77, &mut case.rng);
    let mut records = case.records.clone();
    records[0] = alien;
    assert_eq!(case.spool.recover(&records.concat()).err(), Some(Alarm::Corrupt));
}

#[test]
fn end_must_match_and_nothing_may_stand_behind_it() {
    let mut case = case();
    let end = End::of(case.leaves.clone());
    let sealed = case.spool.end(&end, &mut case.rng);
    assert_eq!(sealed.len(), case.spool.record_len());
    let whole = [case.records.concat(), sealed.clone()].concat();
    assert_eq!(case.spool.recover(&whole).ok().unwrap().end, Some(end));
    // A ballot behind END, a missing ballot, a broken ballot in front of END.
    let late = [whole.clone(), case.records[5].clone()].concat();
    assert_eq!(case.spool.recover(&late).err(), Some(Alarm::End));
    let missing = [case.records[..5].concat(), sealed.clone()].concat();
    assert_eq!(case.spool.recover(&missing).err(), Some(Alarm::End));
    let mut broken = case.records.clone();
    broken[5][30] ^= 1;
    assert_eq!(case.spool.recover(&[broken.concat(), sealed].concat()).err(), Some(Alarm::Corrupt));
}

#[test]
fn two_records_with_one_ballot_key_and_groups_out_of_order_are_alarms() {
    let mut case = case();
    let (again, _) = record(&case.spool, 2, 1, &mut case.rng);
    let doubled = [case.records.concat(), again].concat();
    assert_eq!(case.spool.recover(&doubled).err(), Some(Alarm::Twice));
    let mut swapped = case.records.clone();
    swapped.swap(1, 4);
    assert_eq!(case.spool.recover(&swapped.concat()).err(), Some(Alarm::Order));
}

#[test]
fn release_sets_are_read_back_and_a_torn_last_one_is_dropped() {
    let mut case = case();
    let first = case.spool.release(&case.leaves[..2], &mut case.rng);
    let second = case.spool.release(&case.leaves[2..], &mut case.rng);
    let file = [first.clone(), second].concat();
    let (sets, whole) = case.spool.releases(&file).unwrap();
    assert_eq!((sets.len(), whole), (2, file.len()));
    assert_eq!(sets[1], case.leaves[2..]);
    let (sets, whole) = case.spool.releases(&file[..file.len() - 3]).unwrap();
    assert_eq!((sets.len(), whole), (1, first.len()));
    let mut broken = file.clone();
    broken[30] ^= 1;
    assert_eq!(case.spool.releases(&broken).err(), Some(Alarm::Corrupt));
}
