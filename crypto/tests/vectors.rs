//! The published and own vectors, read from `tests/vectors`: RFC 9496, 9497, 9180, Merkle, C2SP, Douxuan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod stream;

use std::{fs, path::PathBuf};

use douxuan_crypto::{
    ballot::Ballot,
    base64,
    blind::{Blind, IssuerKey, Proof, hash_to_group, verify_evaluation},
    board::{self, Board},
    bytes::{hex, unhex, unhex_vec},
    commit::Opening,
    contest::Contest,
    credential::{Credential, credential_input},
    enroll::{EnrolRequest, Enrolment},
    group::{Element, pedersen_h},
    hash::{enc, h2s},
    manifest::Manifest,
    merkle, note,
    receipt::Receipt,
    screen_code,
    seal::{SealingKey, rfc9180_first_message},
    sign::{SigningKey, VerifyingKey},
    token::{Mask, Token, TokenLeaf},
};
use serde_json::Value;
use stream::Stream;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(name)
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder(name)).unwrap_or_else(|e| panic!("{name}: {e}"))).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex_vec(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    unhex(value.as_str().unwrap()).unwrap()
}

#[test]
fn rfc_9496_ristretto255() {
    let v = json("rfc9496/ristretto255.json");
    let mut sum = curve25519_dalek::RistrettoPoint::default();
    let base = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    let multiples = v["multiples_of_base"].as_array().unwrap();
    for multiple in multiples {
        assert_eq!(hex(sum.compress().as_bytes()), multiple.as_str().unwrap());
        sum += base;
    }
    assert!(multiples.len() >= 16);
    let bad = v["bad_encodings"].as_array().unwrap();
    assert!(bad.len() >= 29);
    for encoding in bad {
        assert!(Element::from_bytes(&bytes(encoding)).is_err(), "{encoding}");
    }
}

#[test]
fn rfc_9497_mode_1() {
    let v = json("rfc9497/ristretto255-sha512.json");
    let suite = v.as_array().unwrap().iter().find(|s| s["mode"] == 1).unwrap();
    let key = IssuerKey::derive_from_info(&array(&suite["seed"]), &bytes(&suite["keyInfo"])).unwrap();
    assert_eq!(hex(&*key.to_bytes()), suite["skSm"].as_str().unwrap());
    assert_eq!(hex(key.public().as_bytes()), suite["pkSm"].as_str().unwrap());
    let split = |value: &Value| -> Vec<Vec<u8>> {
        value.as_str().unwrap().split(',').map(|part| unhex_vec(part).unwrap()).collect()
    };
    let mut batches = 0;
    for case in suite["vectors"].as_array().unwrap() {
        let (inputs, blinds) = (split(&case["Input"]), split(&case["Blind"]));
        let (blinded, evaluated) = (split(&case["BlindedElement"]), split(&case["EvaluationElement"]));
        let mut pairs = Vec::new();
        for (i, input) in inputs.iter().enumerate() {
            let blind = Blind::from_bytes(&blinds[i]).unwrap();
            let x = blind.blind(input);
            assert_eq!(x.as_bytes().as_slice(), blinded[i]);
            let z = key.evaluate(&x);
            assert_eq!(z.as_bytes().as_slice(), evaluated[i]);
            let direct = key.evaluate(&Element::from_point(hash_to_group(input)));
            assert_eq!(blind.unblind(&z).as_bytes(), direct.as_bytes());
            pairs.push((x, z));
        }
        let proof = key.prove_with_fixed_nonce(&pairs, &array(&case["Proof"]["r"])).unwrap();
        assert_eq!(hex(&proof.to_bytes()), case["Proof"]["proof"].as_str().unwrap());
        if let [(x, z)] = pairs.as_slice() {
            verify_evaluation(key.public(), x, z, &proof).unwrap();
            let other = IssuerKey::derive_from_info(&[1; 32], b"").unwrap();
            assert!(verify_evaluation(other.public(), x, z, &proof).is_err());
            assert!(verify_evaluation(key.public(), z, x, &proof).is_err());
        } else {
            batches += 1;
        }
    }
    assert!(batches >= 1);
}

#[test]
fn rfc_9180_base_mode() {
    let text = fs::read_to_string(folder("rfc9180/base-x25519-hkdf-sha256-chacha20poly1305.txt")).unwrap();
    // A field is `name: value`, the value possibly going on in the next lines.
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match line.split_once(':') {
            Some((name, value)) => fields.push((name.trim().to_owned(), value.trim().to_owned())),
            None if line.bytes().all(|b| b.is_ascii_hexdigit()) => {
                if let Some(last) = fields.last_mut() {
                    last.1.push_str(line);
                }
            }
            None => {}
        }
    }
    let of = |name: &str| unhex_vec(&fields.iter().find(|(n, _)| n == name).unwrap().1).unwrap();
    let secret: [u8; 32] = of("skEm").try_into().unwrap();
    let recipient: [u8; 32] = of("pkRm").try_into().unwrap();
    assert_eq!(SealingKey::from_bytes(&secret).public().to_vec(), of("enc"));
    let (ct, _) = rfc9180_first_message(&secret, &recipient, &of("info"), &of("pt"), &of("aad"), b"").unwrap();
    assert_eq!(ct, of("ct"));
    let mut exports = 0;
    for (i, (name, context)) in fields.iter().enumerate() {
        if name == "exporter_context" {
            let context = unhex_vec(context).unwrap();
            let expected = &fields[i..].iter().find(|(n, _)| n == "exported_value").unwrap().1;
            let (_, exported) = rfc9180_first_message(&secret, &recipient, &of("info"), b"", b"", &context).unwrap();
            assert_eq!(hex(&exported), *expected);
            exports += 1;
        }
    }
    assert!(exports >= 3);
}

#[test]
fn merkle_cases_with_their_verdicts() {
    fn walk(folder: PathBuf, cases: &mut Vec<Value>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(path, cases);
            } else if path.extension().is_some_and(|e| e == "json") {
                cases.push(serde_json::from_slice(&fs::read(path).unwrap()).unwrap());
            }
        }
    }
    // Some consistency cases carry text where a root belongs; what matters is whether two of them are the same.
    let raw = |v: &Value| v.as_str().and_then(base64::decode).unwrap_or_default();
    let decode = |v: &Value| {
        let bytes = raw(v);
        if bytes.len() == 32 { bytes } else { douxuan_crypto::hash::sha256(&bytes).to_vec() }
    };
    let path = |v: &Value| -> Option<Vec<merkle::Hash>> {
        let list = v.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|h| raw(h).try_into().ok()).collect()
    };
    let mut inclusion = Vec::new();
    walk(folder("rfc6962-merkle/testdata/inclusion"), &mut inclusion);
    assert_eq!(inclusion.len(), 98);
    for case in &inclusion {
        let verdict = (|| {
            let (root, leaf) = (raw(&case["root"]).try_into().ok()?, raw(&case["leafHash"]).try_into().ok()?);
            let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
            merkle::verify_inclusion(&leaf, index, size, &path(&case["proof"])?, &root).ok()
        })();
        assert_eq!(verdict.is_none(), case["wantErr"].as_bool().unwrap(), "{case}");
    }
    let mut consistency = Vec::new();
    walk(folder("rfc6962-merkle/testdata/consistency"), &mut consistency);
    assert_eq!(consistency.len(), 98);
    for case in &consistency {
        let verdict = (|| {
            let (a, b) = (decode(&case["root1"]).try_into().ok()?, decode(&case["root2"]).try_into().ok()?);
            let (m, n) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
            merkle::verify_consistency(m, n, &a, &b, &path(&case["proof"])?).ok()
        })();
        assert_eq!(verdict.is_none(), case["wantErr"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn c2sp_examples() {
    let text = fs::read_to_string(folder("c2sp/examples.md")).unwrap();
    let blob = base64::decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    assert!(text.contains("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"));
    let key = VerifyingKey::from_bytes(&blob[1..]).unwrap();
    let first = text.split("```\n").nth(1).unwrap();
    assert_eq!(note::open(first.as_bytes(), "example.com/foo", &key).unwrap(), "This is an example message.\n");
    assert!(note::open(first.as_bytes(), "example.com/bar", &key).is_err());
    assert!(note::open(first.replace("example message", "other message").as_bytes(), "example.com/foo", &key).is_err());
    let second = text.split("```\n").nth(3).unwrap();
    let checkpoint = note::unverified_text(second.as_bytes()).unwrap();
    let (size, _) = note::parse_checkpoint(checkpoint, "example.com/behind-the-sofa").unwrap();
    assert_eq!(size, 20_852_163);
}

fn own() -> (Value, Manifest) {
    let v = json("douxuan-v1/vectors.json");
    let bytes = match &v["manifest"] {
        Value::String(text) => text.clone().into_bytes(),
        other => panic!("the manifest is a string of exact bytes: {other}"),
    };
    (v, Manifest::parse(&bytes).unwrap())
}

#[test]
fn douxuan_hashing_and_manifest() {
    let (v, manifest) = own();
    assert_eq!(hex(pedersen_h().as_bytes()), v["H"].as_str().unwrap());
    assert_eq!(hex(&enc("douxuan/v1/enrol", &[b"a", b""])), v["enc"].as_str().unwrap());
    assert_eq!(hex(&manifest.id), v["M"].as_str().unwrap());
    assert_eq!(screen_code::manifest_code(&manifest.id), v["screen_code"]["manifest"].as_str().unwrap());
    assert_eq!(hex(h2s("douxuan/v1/enrol", &[b"a", b""]).as_bytes()), v["h2s"].as_str().unwrap());
}

#[test]
fn douxuan_token_and_issuer_keys() {
    let (v, manifest) = own();
    let token = Token::parse_text(v["token"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(hex(&*token.to_bytes()), v["token"]["bytes"].as_str().unwrap());
    assert_eq!(*token.text(), v["token"]["text"].as_str().unwrap());
    let key = token.signing_key(&manifest.meeting);
    assert_eq!(hex(&*key.seed()), v["token"]["seed_T"].as_str().unwrap());
    assert_eq!(hex(key.verifying().as_bytes()), v["token"]["T"].as_str().unwrap());
    let mask = Mask::from_bytes(&bytes(&v["token"]["mask"]), manifest.items.len()).unwrap();
    assert!(mask.excludes(2) && !mask.excludes(1) && !mask.excludes(3) && !mask.excludes(0));
    assert_eq!(mask, Mask::excluding(manifest.items.len(), &[2]));
    let leaf = TokenLeaf { t: *key.verifying().as_bytes(), mask };
    assert_eq!(hex(&leaf.to_bytes()), v["token"]["leaf"].as_str().unwrap());
    for (name, k) in v["issuer"].as_object().unwrap() {
        let contest = Contest::parse(name).unwrap();
        let key = IssuerKey::from_bytes(&bytes(k)).unwrap();
        assert_eq!(key.public(), &manifest.keys(contest).unwrap().k);
    }
}

#[test]
fn douxuan_enrolment_byte_for_byte() {
    let (v, manifest) = own();
    let token = Token::parse_text(v["token"]["text"].as_str().unwrap()).unwrap();
    let mut rng = Stream::new(v["enrol"]["stream"].as_str().unwrap());
    let mask = bytes(&v["token"]["mask"]);
    let enrolment = Enrolment::begin(&manifest, &token, Some(&mask), &mut rng).unwrap();
    assert_eq!(hex(enrolment.request()), v["enrol"]["plain"].as_str().unwrap());
    let (wire, reply_key) = enrolment.seal(&manifest, &mut rng).unwrap();
    assert_eq!(hex(&wire[5..]), v["enrol"]["sealed"].as_str().unwrap());
    assert_eq!(wire[..5], [1, 1, 0, 0, 0]);
    assert_eq!(hex(&*reply_key.to_bytes()), v["enrol"]["reply_key"].as_str().unwrap());

    let e_0 = SealingKey::from_bytes(&array(&v["e0"]));
    assert_eq!(e_0.public(), manifest.e_0);
    let (plain, server_key) = EnrolRequest::unseal(&manifest, &e_0, &wire).unwrap();
    let request = EnrolRequest::decode(&manifest, &plain).unwrap();
    let keys: Vec<IssuerKey> = manifest
        .contests
        .iter()
        .map(|c| IssuerKey::from_bytes(&bytes(&v["issuer"][c.contest.to_string()])).unwrap())
        .collect();
    let keys: Vec<Option<&IssuerKey>> = keys.iter().map(Some).collect();
    let mask = Mask::from_bytes(&mask, manifest.items.len()).unwrap();
    let expected = bytes(&v["enrol"]["reply_plain"]);
    let mut rng = Stream::new(v["enrol"]["reply_stream"].as_str().unwrap());
    let evaluations = request.evaluate(&manifest, &mask, &keys, &mut rng).unwrap();
    let tail = &expected[2 + manifest.mask_len() + 96 * manifest.contests.len()..];
    let index = u32::from_be_bytes(tail[..4].try_into().unwrap());
    let path: Vec<merkle::Hash> = tail[4..]
        .chunks_exact(32)
        .take(merkle::path_len(u64::from(index), u64::from(manifest.leaves)))
        .map(|h| h.try_into().unwrap())
        .collect();
    let plain = evaluations.reply(&manifest, &mask, index, &path);
    assert_eq!(hex(&plain), hex(&expected));
    let reply = server_key.seal(&plain, &mut rng);
    assert_eq!(hex(&reply[1..]), v["enrol"]["reply"].as_str().unwrap());

    let stored = enrolment.to_bytes();
    let enrolment = Enrolment::from_bytes(&manifest, &stored).unwrap();
    let enrolled = enrolment.finish(&manifest, &reply_key, &reply, &[]).ok().unwrap();
    let expected = v["credentials"].as_object().unwrap();
    assert_eq!(enrolled.credentials.len(), expected.len());
    for credential in &enrolled.credentials {
        let vector = &expected[&credential.contest().to_string()];
        assert_eq!(hex(&credential.b()), vector["B"].as_str().unwrap());
        assert_eq!(hex(credential.n()), vector["N"].as_str().unwrap());
        let input = credential_input(&manifest.id, credential.contest(), &credential.b());
        assert_eq!(hex(&input), vector["input"].as_str().unwrap());
    }
}

fn credential(contest: Contest, vector: &Value) -> Credential {
    let n = Element::from_bytes(&bytes(&vector["N"])).unwrap();
    Credential::new(contest, SigningKey::from_seed(&array(&vector["b"])), &n)
}

#[test]
fn douxuan_cast_receipt_and_board_byte_for_byte() {
    let (v, manifest) = own();
    let contest = Contest::parse(v["cast"]["contest"].as_str().unwrap()).unwrap();
    let j = u8::try_from(v["cast"]["j"].as_u64().unwrap()).unwrap();
    let make = || credential(contest, &v["credentials"][contest.to_string()]);
    let mut rng = Stream::new(v["cast"]["stream"].as_str().unwrap());
    let (ballot, _) = make().ballot(&manifest, j, &mut rng).unwrap();
    assert_eq!(hex(&ballot), v["cast"]["ballot"].as_str().unwrap());
    let mut rng = Stream::new(v["cast"]["stream"].as_str().unwrap());
    let sealed = make().seal_ballot(&manifest, j, &mut rng).unwrap();
    assert_eq!(hex(&sealed.leaf), v["cast"]["leaf"].as_str().unwrap());
    assert_eq!(hex(&sealed.wire[5..]), v["cast"]["sealed"].as_str().unwrap());
    assert_eq!(hex(&*sealed.reply_key.to_bytes()), v["cast"]["reply_key"].as_str().unwrap());

    let receipt = Receipt::verify(&manifest, v["receipt"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!((receipt.contest, receipt.leaf), (contest, sealed.leaf));

    let board = Board::sorted(vec![ballot]);
    assert_eq!(hex(&board.root()), v["board"]["root"].as_str().unwrap());
    assert_eq!(hex(&board.entries()), v["board"]["entries"].as_str().unwrap());
    let checkpoint = v["board"]["checkpoint"].as_str().unwrap();
    assert_eq!(board::open_checkpoint(&manifest, contest, checkpoint.as_bytes()).unwrap(), (1, board.root()));
    assert_eq!(
        hex(&board::proof_context(&manifest.id, contest, &board.root(), 0)),
        v["board"]["context"].as_str().unwrap()
    );
    let proof = Proof::from_bytes(&bytes(&v["board"]["proof"])).unwrap();
    let pairs = board.pairs(&manifest.id, contest, manifest.options()).unwrap();
    let k = &manifest.keys(contest).unwrap().k;
    board::verify_proofs(k, &manifest.id, contest, &board.root(), &pairs, &[proof]).unwrap();
    assert!(board::verify_proofs(k, &manifest.id, contest, &[0; 32], &pairs, &[proof]).is_err());
    assert_eq!(screen_code::board_code(&board.root()), v["screen_code"]["board"].as_str().unwrap());
}

#[test]
fn douxuan_ballots_for_every_option() {
    let (v, manifest) = own();
    let contest = Contest::new(1, 1);
    let cases = v["ballots"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        let n = usize::try_from(case["n"].as_u64().unwrap()).unwrap();
        let j = u8::try_from(case["j"].as_u64().unwrap()).unwrap();
        let mut rng = Stream::new(case["stream"].as_str().unwrap());
        let (bytes_made, opening) = credential(contest, case).ballot_for(&manifest.id, n, j, &mut rng).unwrap();
        assert_eq!(hex(&bytes_made), case["ballot"].as_str().unwrap(), "n {n} j {j}");
        assert_eq!(hex(&*opening.to_bytes()), case["opening"].as_str().unwrap());
        let ballot = Ballot::decode(&bytes_made, contest, n).unwrap();
        assert_eq!(hex(&ballot.leaf()), case["leaf"].as_str().unwrap());
        ballot.check_signature(&manifest.id).unwrap();
        ballot.check_choice(&manifest.id).unwrap();
        Ballot::check_choices(&manifest.id, [&ballot, &ballot]).unwrap();
        ballot.check_opening(&opening).unwrap();
        let other = Opening::new((j + 1) % u8::try_from(n).unwrap(), opening.randomness());
        assert!(ballot.check_opening(&other).is_err());
        assert!(ballot.check_signature(&[0; 32]).is_err());
        assert!(ballot.check_choice(&[0; 32]).is_err());
        assert!(Ballot::check_choices(&[0; 32], [&ballot]).is_err());
    }
}
