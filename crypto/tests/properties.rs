//! Round trips over random values, and: any changed byte is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use douxuan_crypto::{
    ballot::{Ballot, Cast, SealedBallot},
    base64,
    blind::{IssuerKey, hash_to_group},
    contest::Contest,
    credential::{Credential, credential_input},
    enroll::{EnrolRequest, Enrolment, EnrolmentError, refusal, reply_len},
    group::Element,
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ReleaseKind, ReleaseRule, Report},
    receipt::{CastReply, REPLY_LEN, Receipt},
    seal::SealingKey,
    sign::SigningKey,
    token::{Mask, Token, TokenLeaf, TokenTree},
};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

/// A meeting with three officials, all its keys, and one slip that excludes item 2.
struct Meeting {
    manifest: Manifest,
    issuers: Vec<IssuerKey>,
    casting: Vec<SealingKey>,
    e_0: SealingKey,
    receipt: SigningKey,
    tokens: Vec<Token>,
    tree: TokenTree,
}

fn meeting(seed: u64) -> Meeting {
    let mut rng = StdRng::seed_from_u64(seed);
    let id = [9; 16];
    let item = |number| Item {
        number,
        name: format!("示例{number}"),
        unit: "某单位".to_owned(),
        post: "某职务".to_owned(),
        report: Report::Oral,
        rounds: 1,
    };
    let items: Vec<Item> = (1..=3).map(item).collect();
    let contests = ManifestDraft::contests_of(&items);
    let issuers: Vec<_> = contests.iter().map(|c| IssuerKey::derive(&[1; 32], &id, *c).unwrap()).collect();
    let casting: Vec<_> = contests.iter().map(|_| SealingKey::generate(&mut rng)).collect();
    let tokens: Vec<Token> = (0..5).map(|_| Token::generate(&mut rng)).collect();
    let leaf =
        |token: &Token| TokenLeaf { t: *token.signing_key(&id).verifying().as_bytes(), mask: Mask::excluding(3, &[2]) };
    let tree = TokenTree::new(tokens.iter().map(leaf).collect()).unwrap();
    let [receipt, log, result] = [(); 3].map(|()| SigningKey::generate(&mut rng));
    let e_0 = SealingKey::generate(&mut rng);
    let keys = |((contest, k), e): ((&Contest, &IssuerKey), &SealingKey)| ContestKeys {
        contest: *contest,
        k: *k.public(),
        e: e.public(),
    };
    let manifest = ManifestDraft {
        meeting: id,
        title: "演示".to_owned(),
        date: "2026-12-14".to_owned(),
        place: "礼堂".to_owned(),
        expected: 5,
        contests: contests.iter().zip(&issuers).zip(&casting).map(keys).collect(),
        items,
        e_0: e_0.public(),
        scale: ManifestDraft::default_scale(),
        thresholds: ManifestDraft::default_thresholds(),
        leaves: 5,
        token_root: tree.root(),
        receipt_key: receipt.verifying(),
        log_key: log.verifying(),
        result_key: result.verifying(),
        release: ReleaseRule { kind: ReleaseKind::Close, n: 10, f: 10 },
        page_script: [1; 32],
        page_wasm: [2; 32],
    }
    .freeze()
    .unwrap();
    Meeting { manifest, issuers, casting, e_0, receipt, tokens, tree }
}

impl Meeting {
    fn answer(&self, wire: &[u8], keys: &[Option<&IssuerKey>], rng: &mut StdRng) -> Vec<u8> {
        let (plain, reply_key) = EnrolRequest::unseal(&self.manifest, &self.e_0, wire).unwrap();
        let request = EnrolRequest::decode(&self.manifest, &plain).unwrap();
        let index = self.tree.find(request.t()).unwrap();
        let mask = &self.tree.leaves()[index].mask;
        let evaluations = request.evaluate(&self.manifest, mask, keys, rng).unwrap();
        let index32 = u32::try_from(index).unwrap();
        let plain = evaluations.reply(&self.manifest, mask, index32, &self.tree.path(index));
        assert_eq!(plain.len(), reply_len(&self.manifest));
        reply_key.seal(&plain, rng)
    }

    fn keys(&self) -> Vec<Option<&IssuerKey>> {
        self.issuers.iter().map(Some).collect()
    }

    fn credential(&self, contest: Contest, rng: &mut StdRng) -> Credential {
        let key = SigningKey::generate(rng);
        let input = credential_input(&self.manifest.id, contest, key.verifying().as_bytes());
        let issuer = &self.issuers[self.manifest.index_of(contest).unwrap()];
        let n = issuer.evaluate(&Element::from_point(hash_to_group(&input)));
        Credential::new(contest, key, &n)
    }
}

#[test]
fn t41_a_reply_made_with_another_key_another_mask_or_a_gap_is_shouted() {
    let m = meeting(1);
    let mut rng = StdRng::seed_from_u64(2);
    let begin = |rng: &mut StdRng| Enrolment::begin(&m.manifest, &m.tokens[0], Some(&[0x02]), rng).unwrap();
    let outcome = |enrolment: Enrolment, keys: &[Option<&IssuerKey>], closed: &[Contest], rng: &mut StdRng| {
        let (wire, reply_key) = enrolment.seal(&m.manifest, rng).unwrap();
        let reply = m.answer(&wire, keys, rng);
        enrolment.finish(&m.manifest, &reply_key, &reply, closed).map_err(|(_, e)| e).map(|e| e.credentials.len())
    };
    let enrolment = begin(&mut rng);
    assert_eq!(outcome(enrolment, &m.keys(), &[], &mut rng), Ok(3));
    // Another K for one contest: the same voter tagged in contest 3/1.
    let tagged = IssuerKey::derive(&[66; 32], &[9; 16], Contest::new(3, 1)).unwrap();
    let mut keys = m.keys();
    keys[3] = Some(&tagged);
    let enrolment = begin(&mut rng);
    assert_eq!(outcome(enrolment, &keys, &[], &mut rng), Err(EnrolmentError::WrongKey(Contest::new(3, 1))));
    // A missing evaluation.
    let mut keys = m.keys();
    keys[1] = None;
    let enrolment = begin(&mut rng);
    assert_eq!(outcome(enrolment, &keys, &[], &mut rng), Err(EnrolmentError::Missing(Contest::new(1, 1))));
    let enrolment = begin(&mut rng);
    assert_eq!(outcome(enrolment, &keys, &[Contest::new(1, 1)], &mut rng), Ok(2), "the log says it is closed");
    // Another mask than the slip's, and a slip that is not in the tree.
    let other = Enrolment::begin(&m.manifest, &m.tokens[0], Some(&[0x01]), &mut rng).unwrap();
    assert_eq!(outcome(other, &m.keys(), &[], &mut rng), Err(EnrolmentError::OtherMask));
    let typed = Enrolment::begin(&m.manifest, &m.tokens[0], None, &mut rng).unwrap();
    assert_eq!(outcome(typed, &m.keys(), &[], &mut rng), Ok(3), "typed: the reply's mask is shown");
    assert!(Enrolment::begin(&m.manifest, &m.tokens[0], Some(&[0x08]), &mut rng).is_err());
    assert!(Enrolment::begin(&m.manifest, &m.tokens[0], Some(&[0, 2]), &mut rng).is_err());
    // The one refusal, at the same length.
    let enrolment = begin(&mut rng);
    let (wire, reply_key) = enrolment.seal(&m.manifest, &mut rng).unwrap();
    let (_, server_key) = EnrolRequest::unseal(&m.manifest, &m.e_0, &wire).unwrap();
    let refused = server_key.seal(&refusal(&m.manifest), &mut rng);
    assert_eq!(refused.len(), m.answer(&wire, &m.keys(), &mut rng).len());
    let error = enrolment.finish(&m.manifest, &reply_key, &refused, &[]).err().map(|(_, e)| e);
    assert_eq!(error, Some(EnrolmentError::Refused));
}

#[test]
fn t15_t16_a_credential_is_worth_nothing_in_another_contest_or_meeting() {
    let m = meeting(3);
    let mut rng = StdRng::seed_from_u64(4);
    let (ballot, _) = m.credential(Contest::new(1, 1), &mut rng).ballot(&m.manifest, 0, &mut rng).unwrap();
    let decoded = Ballot::decode(&ballot, Contest::new(1, 1), 5).unwrap();
    decoded.check_credential(&m.manifest.id, &m.issuers[1]).unwrap();
    assert!(decoded.check_credential(&m.manifest.id, &m.issuers[2]).is_err());
    assert!(decoded.check_credential(&[0; 32], &m.issuers[1]).is_err());
    assert!(Ballot::decode(&ballot, Contest::new(2, 1), 5).is_err());
    // The same N under another ballot key.
    let other = m.credential(Contest::new(1, 1), &mut rng);
    assert!(!m.issuers[1].authorises(&m.manifest.id, Contest::new(1, 1), &other.b(), decoded.n()));
}

#[test]
fn t37_every_option_and_outcome_has_one_length() {
    let m = meeting(5);
    let mut rng = StdRng::seed_from_u64(6);
    let wires: Vec<usize> = (0..5)
        .map(|j| m.credential(Contest::new(1, 1), &mut rng).seal_ballot(&m.manifest, j, &mut rng).unwrap().wire.len())
        .collect();
    assert_eq!(wires, [693 + 5; 5]);
    let sealed = m.credential(Contest::new(1, 1), &mut rng).seal_ballot(&m.manifest, 0, &mut rng).unwrap();
    let receipt = Receipt::issue(&m.manifest, sealed.contest, &sealed.leaf, &m.receipt);
    for reply in [CastReply::Accepted(receipt.note), CastReply::Refused, CastReply::Closed] {
        let bytes = reply.seal(&sealed.reply_key, &mut rng);
        assert_eq!(bytes.len(), REPLY_LEN + 29);
        assert_eq!(CastReply::open(&sealed.reply_key, &bytes).unwrap(), reply);
    }
    assert!(m.credential(Contest::new(1, 1), &mut rng).seal_ballot(&m.manifest, 5, &mut rng).is_err());
    assert!(m.credential(Contest::new(1, 1), &mut rng).ballot_for(&[0; 32], 2, 2, &mut rng).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_of_a_ballot_is_refused(j in 0u8..5, at in 0usize..612, flip in 1u8..=255, seed: u64) {
        let m = meeting(7);
        let mut rng = StdRng::seed_from_u64(seed);
        let contest = Contest::new(1, 1);
        let (mut ballot, opening) = m.credential(contest, &mut rng).ballot(&m.manifest, j, &mut rng).unwrap();
        let good = Ballot::decode(&ballot, contest, 5).unwrap();
        good.check_signature(&m.manifest.id).unwrap();
        good.check_choice(&m.manifest.id).unwrap();
        good.check_opening(&opening).unwrap();
        ballot[at] ^= flip;
        let held = Ballot::decode(&ballot, contest, 5).is_ok_and(|b| b.check_signature(&m.manifest.id).is_ok());
        prop_assert!(!held);
    }

    #[test]
    fn a_cast_goes_through_storage_and_the_wire(j in 0u8..5, seed: u64) {
        let m = meeting(8);
        let mut rng = StdRng::seed_from_u64(seed);
        let contest = Contest::new(3, 1);
        let sealed = m.credential(contest, &mut rng).seal_ballot(&m.manifest, j, &mut rng).unwrap();
        let stored = sealed.to_bytes();
        let read = SealedBallot::from_bytes(&stored, 5).unwrap();
        prop_assert_eq!(&read.wire, &sealed.wire);
        prop_assert!(SealedBallot::from_bytes(&stored[1..], 5).is_err());
        let cast = Cast::unseal(&m.manifest, contest, &m.casting[3], &read.wire).unwrap();
        let ballot = Ballot::decode(cast.ballot_bytes(), contest, 5).unwrap();
        prop_assert_eq!(ballot.leaf(), sealed.leaf);
        prop_assert_eq!(cast.opening().unwrap().option(), j);
        prop_assert!(Cast::unseal(&m.manifest, contest, &m.casting[2], &read.wire).is_err());
    }

    #[test]
    fn any_changed_byte_of_a_receipt_is_refused(at in 0usize..300, flip in 1u8..=255) {
        let m = meeting(9);
        let receipt = Receipt::issue(&m.manifest, Contest::new(1, 1), &[4; 32], &m.receipt);
        prop_assert_eq!(&Receipt::verify(&m.manifest, receipt.note.as_bytes()).unwrap(), &receipt);
        let mut bytes = receipt.note.into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        prop_assert!(Receipt::verify(&m.manifest, &bytes).is_err());
    }

    #[test]
    fn any_changed_byte_of_an_enrolment_request_is_refused(at in 0usize..1000, flip in 1u8..=255, seed: u64) {
        let m = meeting(10);
        let mut rng = StdRng::seed_from_u64(seed);
        let enrolment = Enrolment::begin(&m.manifest, &m.tokens[1], Some(&[0x02]), &mut rng).unwrap();
        let stored = Enrolment::from_bytes(&m.manifest, &enrolment.to_bytes()).unwrap();
        prop_assert_eq!(stored.request(), enrolment.request());
        prop_assert!(EnrolRequest::decode(&m.manifest, enrolment.request()).is_ok());
        let mut bytes = enrolment.request().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        prop_assert!(EnrolRequest::decode(&m.manifest, &bytes).is_err());
    }

    #[test]
    fn tokens_masks_and_base64_round_trip(bytes: [u8; 10], items in 1usize..=60, any: Vec<u8>) {
        let token = Token::from_bytes(&bytes);
        prop_assert_eq!(*Token::parse_text(&token.text()).unwrap().to_bytes(), bytes);
        let excluded: Vec<u16> = (1..=60u16).filter(|i| usize::from(*i) <= items && bytes[usize::from(*i) % 10] & 1 == 1).collect();
        let mask = Mask::excluding(items, &excluded);
        prop_assert_eq!(mask.excluded(), excluded);
        prop_assert_eq!(Mask::from_bytes(mask.as_bytes(), items).unwrap(), mask);
        prop_assert_eq!(base64::decode(&base64::encode(&any)).unwrap(), any.clone());
        prop_assert_eq!(base64::decode_url(&base64::encode_url(&any)).unwrap(), any);
    }
}
