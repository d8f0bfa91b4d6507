//! The published vector, through the journey, byte for byte; `phone/vectors.test.mjs` does the same with the wasm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use douxuan_ballot::journey::{Invitation, Standing, read_manifest};
use douxuan_crypto::{
    bytes::{hex, unhex_vec},
    contest::Contest,
    hash::sha512,
    token::{Slip, Token},
};
use hall::keep;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use serde_json::Value;

/// Blocks `SHA-512(ASCII seed || I2OSP(counter, 8))` read left to right. Draws of 16 bytes, which only the first look
/// at the randomness makes, come from elsewhere.
struct Stream {
    seed: &'static str,
    counter: u64,
    block: Vec<u8>,
    looks: u8,
}

impl Stream {
    fn of(seed: &'static str) -> Self {
        Self { seed, counter: 0, block: Vec::new(), looks: 0 }
    }
}

impl TryRng for Stream {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("the protocol draws bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("the protocol draws bytes")
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        if dst.len() == 16 {
            self.looks += 1;
            dst.fill(1);
            dst[0] = self.looks;
            dst[1] = 0;
            return Ok(());
        }
        for byte in dst {
            if self.block.is_empty() {
                let input = [self.seed.as_bytes(), &self.counter.to_be_bytes()].concat();
                self.block = sha512(&input).to_vec();
                self.counter += 1;
            }
            *byte = self.block.remove(0);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

fn bytes(value: &Value) -> Vec<u8> {
    unhex_vec(value.as_str().unwrap()).unwrap()
}

#[test]
fn the_journey_gives_the_published_bytes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/douxuan-v1/vectors.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let manifest = read_manifest(vectors["manifest"].as_str().unwrap().as_bytes(), None).unwrap();
    assert_eq!(hex(&manifest.id), vectors["M"].as_str().unwrap());

    let token = Token::parse_text(vectors["token"]["text"].as_str().unwrap()).unwrap();
    let slip = Slip { manifest: manifest.id, token, mask: bytes(&vectors["token"]["mask"]) };
    let checked = Invitation::scan(&slip.fragment()).unwrap().check(manifest).unwrap();
    assert_eq!(checked.screen_code(), vectors["screen_code"]["manifest"].as_str().unwrap());

    let stream = &mut Stream::of("phone");
    let prepared = keep(checked.prepare(stream).unwrap());
    assert_eq!(prepared.plain_request(), bytes(&vectors["enrol"]["plain"]));
    let asked = prepared.request(stream).unwrap();
    let envelope = [&[1, 1, 0, 0, 0], bytes(&vectors["enrol"]["sealed"]).as_slice()].concat();
    assert_eq!(asked.wire(), envelope);

    let reply = [&[1], bytes(&vectors["enrol"]["reply"]).as_slice()].concat();
    let unsaved = asked.accept(&reply, &[]).unwrap();
    for (name, credential) in vectors["credentials"].as_object().unwrap() {
        let contest = Contest::parse(name).unwrap();
        let (item, round) = (contest.item_bytes(), contest.round_bytes());
        let stored = [&[1, 0, 67], &item[..], &round, &bytes(&credential["b"]), &bytes(&credential["N"])].concat();
        assert!(unsaved.wallet().windows(stored.len()).any(|window| window == stored), "credential {name}");
    }
    let enrolled = keep(unsaved);
    assert_eq!(enrolled.standing(Contest::new(2, 1)), Some(Standing::Excluded));

    let contest = Contest::new(1, 1);
    let option = u8::try_from(vectors["cast"]["j"].as_u64().unwrap()).unwrap();
    let unsaved = enrolled.seal(&[(contest, option)], &mut Stream::of("cast")).unwrap();
    let leaf = bytes(&vectors["cast"]["leaf"]);
    let key = bytes(&vectors["cast"]["reply_key"]);
    let kept = [leaf, key].concat();
    assert!(unsaved.wallet().windows(kept.len()).any(|window| window == kept));
    let enrolled = keep(unsaved);
    let envelope = [&[1, 2, 0, 1, 1], bytes(&vectors["cast"]["sealed"]).as_slice()].concat();
    assert_eq!(enrolled.ballot(contest).unwrap(), envelope);
}
