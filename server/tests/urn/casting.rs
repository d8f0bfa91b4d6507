//! Casts and their receipts: what is accepted, what is refused, and what a phone gets back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_truncation)]

use douxuan::urn::{Answer, Phase};
use douxuan_crypto::{
    ballot::{Cast, RawBallot, SealedBallot, cast_len},
    contest::Contest,
    manifest::ReleaseKind,
    receipt::CastReply,
    seal::{self, Kind},
    spool::Spool,
};

use crate::urn_meeting::{FIRST, Meeting, Running, SECOND, receipt};

/// Seals other plaintext to a contest, as a forger who holds a credential could.
fn forge(meeting: &mut Meeting, contest: Contest, plain: &[u8]) -> SealedBallot {
    let e = meeting.manifest.keys(contest).unwrap().e;
    let (wire, reply_key) = seal::seal(Kind::Cast, &meeting.manifest.id, contest, &e, plain, &mut meeting.rng).unwrap();
    SealedBallot { contest, wire, leaf: [0; 32], reply_key }
}

/// The plaintext of a sealed ballot, which the server's key opens.
fn plaintext(meeting: &Meeting, ballot: &SealedBallot) -> Vec<u8> {
    let key = meeting.secrets.contest(ballot.contest).unwrap().unwrap().casting;
    let cast = Cast::unseal(&meeting.manifest, ballot.contest, &key, &ballot.wire).unwrap();
    [cast.ballot_bytes(), &*cast.opening().unwrap().to_bytes()].concat()
}

async fn opened(voters: usize) -> (Meeting, Running) {
    let meeting = Meeting::new(voters, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    running.open(&meeting, SECOND, false).await;
    (meeting, running)
}

#[tokio::test]
async fn a_ballot_gets_its_receipt_and_the_same_receipt_again() {
    let (mut meeting, running) = opened(2).await;
    let ballot = meeting.ballot(0, FIRST, 3);
    let first = receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await);
    for _ in 0..3 {
        assert_eq!(receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await), first);
    }
    assert_eq!(running.close(&meeting, FIRST).await.size, 1);
}

#[tokio::test]
async fn another_ballot_under_a_used_key_is_refused_and_the_first_stands() {
    let (mut meeting, running) = opened(1).await;
    let credential = meeting.credentials[0].remove(&FIRST).unwrap();
    let stored = credential.to_bytes();
    let again = douxuan_crypto::credential::Credential::from_bytes(&stored).unwrap();
    let first = credential.seal_ballot(&meeting.manifest, 0, &mut meeting.rng).unwrap();
    let second = again.seal_ballot(&meeting.manifest, 4, &mut meeting.rng).unwrap();
    let note = receipt(&meeting.manifest, &first, &running.cast(&first).await);
    assert_eq!(running.cast(&second).await, CastReply::Refused);
    assert_eq!(receipt(&meeting.manifest, &first, &running.cast(&first).await), note);
    assert_eq!(running.close(&meeting, FIRST).await.root, first.leaf, "the root of one leaf is the leaf");
}

#[tokio::test]
async fn of_two_ballots_under_one_key_in_one_moment_exactly_one_is_in() {
    let (mut meeting, running) = opened(20).await;
    let mut pairs = Vec::new();
    for voter in 0..20 {
        let stored = meeting.credentials[voter][&FIRST].to_bytes();
        let twin = douxuan_crypto::credential::Credential::from_bytes(&stored).unwrap();
        pairs.push(meeting.ballot(voter, FIRST, 1));
        pairs.push(twin.seal_ballot(&meeting.manifest, 2, &mut meeting.rng).unwrap());
    }
    let answers = running.cast_all(&pairs).await;
    let accepted = |i: usize| match &answers[i] {
        Answer::Sealed(reply) => CastReply::open(&pairs[i].reply_key, reply).unwrap() != CastReply::Refused,
        other => panic!("{other:?}"),
    };
    for pair in 0..20 {
        assert!(accepted(2 * pair) ^ accepted(2 * pair + 1));
    }
    assert_eq!(running.close(&meeting, FIRST).await.size, 20);
}

#[tokio::test]
async fn what_does_not_open_is_closed_without_a_reply() {
    let (mut meeting, running) = opened(1).await;
    let ballot = meeting.ballot(0, FIRST, 0);
    let mut flipped = ballot.wire.clone();
    flipped[100] ^= 1;
    let mut other_item = ballot.wire.clone();
    other_item[3] = 2;
    let mut unknown = ballot.wire.clone();
    unknown[3] = 77;
    let mut enrol = ballot.wire.clone();
    enrol[1] = 1;
    let short = ballot.wire[..ballot.wire.len() - 1].to_vec();
    let long = [ballot.wire.as_slice(), &[0]].concat();
    for wire in [flipped, other_item, unknown, enrol, short, long, Vec::new(), vec![1; 16 << 10]] {
        assert_eq!(running.urn.cast(wire).await, Answer::Silent);
    }
    receipt(&meeting.manifest, &ballot, &running.cast(&ballot).await);
}

#[tokio::test]
async fn every_broken_part_of_a_ballot_gets_the_one_refusal() {
    let (mut meeting, running) = opened(3).await;
    let whole = meeting.ballot(0, FIRST, 1);
    let plain = plaintext(&meeting, &whole);
    // version, item, round, B, N, C, a_0, c_0, z_0, sigma, j, r
    for at in [0, 2, 3, 4, 36, 68, 100, 260, 388, 548, 612, 613] {
        let mut broken = plain.clone();
        broken[at] ^= 1;
        let forged = forge(&mut meeting, FIRST, &broken);
        assert_eq!(running.cast(&forged).await, CastReply::Refused, "byte {at}");
    }
    // A ballot for another item, sealed to this one.
    let other = meeting.ballot(0, SECOND, 1);
    let other = plaintext(&meeting, &other);
    let forged = forge(&mut meeting, FIRST, &other);
    assert_eq!(running.cast(&forged).await, CastReply::Refused);
    receipt(&meeting.manifest, &whole, &running.cast(&whole).await);
}

#[tokio::test]
async fn a_bad_proof_among_many_good_ones_is_refused_alone() {
    let (mut meeting, running) = opened(40).await;
    let mut ballots: Vec<SealedBallot> = (0..40).map(|v| meeting.ballot(v, FIRST, (v % 5) as u8)).collect();
    // z_0 changed and signed again: everything holds but the proof.
    let credential = &meeting.credentials[7][&SECOND];
    let stored = credential.to_bytes();
    let twin = douxuan_crypto::credential::Credential::from_bytes(&stored).unwrap();
    let (mut bytes, opening) = twin.ballot(&meeting.manifest, 0, &mut meeting.rng).unwrap();
    bytes[388] ^= 1;
    let signed = bytes.len() - 64;
    let key = douxuan_crypto::sign::SigningKey::from_seed(stored[3..35].try_into().unwrap());
    let message = douxuan_crypto::hash::enc(douxuan_crypto::labels::BALLOT, &[&meeting.manifest.id, &bytes[..signed]]);
    let signature = key.sign(&message);
    bytes[signed..].copy_from_slice(&signature);
    assert!(RawBallot::split(&bytes, 5).unwrap().check_signature(&meeting.manifest.id).is_ok());
    let plain = [bytes.as_slice(), &*opening.to_bytes()].concat();
    ballots.push(forge(&mut meeting, SECOND, &plain));

    let answers = running.cast_all(&ballots).await;
    for (ballot, answer) in ballots.iter().zip(&answers) {
        let Answer::Sealed(reply) = answer else { panic!("{answer:?}") };
        let reply = CastReply::open(&ballot.reply_key, reply).unwrap();
        assert_eq!(reply == CastReply::Refused, ballot.contest == SECOND);
    }
    assert_eq!(running.close(&meeting, FIRST).await.size, 40);
}

#[tokio::test]
async fn a_contest_that_is_not_open_refuses_and_one_that_is_gone_is_silent() {
    let mut meeting = Meeting::new(2, 2, ReleaseKind::Close);
    let running = meeting.start().await;
    let early = meeting.ballot(0, FIRST, 0);
    assert_eq!(running.cast(&early).await, CastReply::Refused);
    running.open(&meeting, FIRST, false).await;
    receipt(&meeting.manifest, &early, &running.cast(&early).await);
    running.close(&meeting, FIRST).await;
    let late = meeting.ballot(1, FIRST, 0);
    assert_eq!(running.urn.cast(late.wire.clone()).await, Answer::Silent, "E is gone, so nothing can be opened");
    assert_eq!(running.phase(FIRST), Phase::Closed);
}

#[tokio::test]
async fn a_group_shares_one_sync_and_does_not_keep_the_order_of_arrival() {
    let (mut meeting, running) = opened(120).await;
    let ballots: Vec<SealedBallot> = (0..120).map(|v| meeting.ballot(v, FIRST, 2)).collect();
    for answer in running.cast_all(&ballots).await {
        assert!(matches!(answer, Answer::Sealed(_)));
    }
    let key = meeting.secrets.contest(FIRST).unwrap().unwrap().spool;
    let format = Spool::new(key, &meeting.manifest.id, FIRST, 5);
    let file = std::fs::read(meeting.spool(FIRST)).unwrap();
    assert_eq!(file.len(), 120 * format.record_len());
    let records = format.recover(&file).ok().unwrap().records;
    let groups = records.last().unwrap().group + 1;
    assert!(groups <= 40, "120 casts took {groups} syncs");
    let order: Vec<usize> =
        records.iter().map(|r| ballots.iter().position(|b| b.leaf == r.ballot.leaf()).unwrap()).collect();
    assert!(!order.is_sorted(), "the spool follows the order of arrival");
    println!("120 casts at once: {groups} groups");
}

#[tokio::test]
async fn all_casts_have_one_length_whatever_they_say() {
    let (mut meeting, _running) = opened(5).await;
    for (voter, option) in (0..5).zip(0..5) {
        assert_eq!(meeting.ballot(voter, FIRST, option).wire.len(), cast_len(5));
    }
}
