//! Vectors of this project's own, `tests/vectors/own`: made by the second verifier's arithmetic, which shares no code
//! with this one. Valid and invalid cases; both implementations must give the same verdict on each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::PathBuf};

use douxuan_crypto::{
    ballot::{Ballot, RawBallot},
    blind::{Proof, hash_to_group},
    board::{self},
    bytes::{hex, unhex, unhex_vec},
    contest::Contest,
    credential::credential_input,
    group::Element,
    manifest::Manifest,
    merkle, note,
    sign::VerifyingKey,
    tally::Tally,
    token::{Mask, Slip, Token},
};
use serde_json::Value;

fn cases(name: &str) -> (Value, Vec<Value>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own").join(name);
    let whole: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let cases = whole["cases"].as_array().unwrap().clone();
    assert!(cases.iter().any(|c| c["valid"] == true) && cases.len() >= 8, "{name}");
    (whole, cases)
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex_vec(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    unhex(value.as_str().unwrap()).unwrap()
}

fn number<T: TryFrom<u64>>(value: &Value) -> T {
    T::try_from(value.as_u64().unwrap()).ok().unwrap()
}

fn verdict(case: &Value, held: bool) {
    assert_eq!(held, case["valid"].as_bool().unwrap(), "{}: {}", case["name"], case["why"]);
}

#[test]
fn manifests() {
    let (_, cases) = cases("manifest_refusals.json");
    assert!(cases.iter().filter(|c| c["valid"] == false).count() >= 20);
    for case in &cases {
        let text = match (&case["text"], &case["hex"]) {
            (Value::String(text), _) => text.clone().into_bytes(),
            (_, hex) => bytes(hex),
        };
        let mut text = text;
        if let Some(length) = case["pad_to"].as_u64() {
            // White space behind the value is allowed, up to the limit on the whole.
            text.resize(usize::try_from(length).unwrap(), b' ');
        }
        verdict(case, Manifest::parse(&text).is_ok());
    }
}

#[test]
fn ed25519() {
    for case in &cases("ed25519.json").1 {
        let key = VerifyingKey::from_bytes(&bytes(&case["pk"]));
        verdict(case, key.is_ok_and(|k| k.verify(&bytes(&case["msg"]), &bytes(&case["sig"])).is_ok()));
    }
}

#[test]
fn ristretto() {
    for case in &cases("ristretto.json").1 {
        verdict(case, Element::from_bytes(&bytes(&case["bytes"])).is_ok());
    }
}

#[test]
fn tokens() {
    let (whole, cases) = cases("token_text.json");
    let meeting = array(&whole["meeting"]);
    for case in &cases {
        let token = Token::parse_text(case["text"].as_str().unwrap());
        verdict(case, token.is_ok());
        if let Ok(token) = token {
            assert_eq!(hex(&*token.to_bytes()), case["bytes"].as_str().unwrap());
            let key = token.signing_key(&meeting);
            assert_eq!(hex(&*key.seed()), case["seed_T"].as_str().unwrap());
            assert_eq!(hex(key.verifying().as_bytes()), case["T"].as_str().unwrap());
        }
    }
}

#[test]
fn slips() {
    let (whole, cases) = cases("slip_qr.json");
    let (items, manifest): (usize, [u8; 32]) = (number(&whole["items"]), array(&whole["M"]));
    for case in &cases {
        let url = case["url"].as_str().unwrap();
        let slip = url.split_once('#').and_then(|(_, fragment)| Slip::parse_fragment(fragment).ok());
        let mine = slip.filter(|s| s.manifest == manifest && Mask::from_bytes(&s.mask, items).is_ok());
        verdict(case, mine.is_some());
        if let Some(slip) = mine {
            assert_eq!(hex(&*slip.token.to_bytes()), whole["token"].as_str().unwrap());
        }
    }
}

#[test]
fn ballots() {
    for case in &cases("ballot.json").1 {
        let manifest = array(&case["M"]);
        let contest = Contest::new(number(&case["item"]), number(&case["round"]));
        let bytes = bytes(&case["ballot"]);
        let stage = match Ballot::decode(&bytes, contest, number(&case["n"])) {
            Err(_) => "decode",
            Ok(b) if b.check_signature(&manifest).is_err() => "sigma",
            Ok(b) if b.check_choice(&manifest).is_err() => {
                assert!(Ballot::check_choices(&manifest, [&b]).is_err(), "{}: alone and batched differ", case["name"]);
                "pi"
            }
            Ok(b) => {
                Ballot::check_choices(&manifest, [&b]).unwrap();
                assert_eq!(RawBallot::split(&bytes, number(&case["n"])).unwrap().leaf(), b.leaf());
                "valid"
            }
        };
        assert_eq!(stage, case["stage"].as_str().unwrap(), "{}: {}", case["name"], case["why"]);
    }
}

#[test]
fn tallies() {
    for case in &cases("tally.json").1 {
        let commitments: Result<Vec<Element>, _> =
            case["commitments"].as_array().unwrap().iter().map(|c| Element::from_bytes(&bytes(c))).collect();
        let tally = Tally::from_bytes(&bytes(&case["tally"]), number(&case["n"]));
        verdict(case, tally.is_ok_and(|t| commitments.is_ok_and(|c| t.verify(&c).is_ok())));
    }
}

#[test]
fn board_proofs() {
    for case in &cases("board_proof.json").1 {
        let manifest = array(&case["M"]);
        let contest = Contest::new(number(&case["item"]), number(&case["round"]));
        let held = (|| {
            let k = Element::from_bytes(&bytes(&case["K"])).ok()?;
            let pair = |pair: &Value| {
                let input = hash_to_group(&credential_input(&manifest, contest, &array(&pair["B"])));
                Some((Element::from_point(input), Element::from_bytes(&bytes(&pair["N"])).ok()?))
            };
            let pairs: Option<Vec<_>> = case["pairs"].as_array()?.iter().map(pair).collect();
            let proof = Proof::from_bytes(&bytes(&case["proof"])).ok()?;
            board::verify_proofs(&k, &manifest, contest, &array(&case["root"]), &pairs?, &[proof]).ok()
        })();
        verdict(case, held.is_some());
    }
}

#[test]
fn trees() {
    let (_, cases) = cases("boards.json");
    for case in &cases {
        let size: u32 = number(&case["size"]);
        let leaf = |i: u32| merkle::leaf_hash(&[b"douxuan leaf ".as_slice(), &i.to_be_bytes()].concat());
        let leaves: Vec<merkle::Hash> = (0..size).map(leaf).collect();
        let root = merkle::root(&leaves);
        assert_eq!(hex(&root), case["root"].as_str().unwrap());
        for path in case["paths"].as_array().unwrap() {
            let index: usize = number(&path["index"]);
            let expected: Vec<[u8; 32]> = path["path"].as_array().unwrap().iter().map(array).collect();
            assert_eq!(merkle::inclusion_path(&leaves, index), expected);
            let (index, size) = (index as u64, u64::from(size));
            merkle::verify_inclusion(&array(&path["leaf"]), index, size, &expected, &root).unwrap();
        }
    }
}

#[test]
fn notes() {
    for case in &cases("note.json").1 {
        let key = VerifyingKey::from_bytes(&bytes(&case["key"]));
        let text = key.ok().and_then(|k| note::open(&bytes(&case["note"]), case["key_name"].as_str()?, &k).ok());
        verdict(case, text.is_some());
        if let (Some(text), Some(expected)) = (text, case["text"].as_str()) {
            assert_eq!(hex(text.as_bytes()), expected);
        }
    }
}
