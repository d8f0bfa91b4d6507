//! Handing a result on to another program of the office, which need not trust the network in between.
//!
//! ```text
//! POST <target>
//! Content-Type: application/json
//! Douxuan-Key: <64 hex digits>                 the public key, Ed25519
//! Douxuan-Signature: <128 hex digits>          over the exact body
//!
//! {"v": 1, "event": "result", "id": <SHA-256 of the result note>, "at": <seconds since 1970>, "result": {...}}
//! ```
//! **What a receiver must do**: know the key beforehand, check the signature over the bytes as they came, refuse an `at`
//! more than five minutes off, and take each `id` once. It answers 200, or 409 for an `id` that it has: both count as
//! delivered. Everything else is tried again, later and later, with a new `at`.
//!
//! Targets come from the command line alone (`serve --hand-over URL`): nobody at a page can name one.

mod courier;

use std::{fmt, io, path::Path};

use douxuan_crypto::{bytes::hex, sign::SigningKey};
use rand_core::CryptoRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use courier::Patience;

use super::{
    Kept,
    document::{Document, Id},
    result::Outcome,
};
use crate::disk;

/// One result on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The result.
    pub outcome: Id,
    /// Where to.
    pub target: String,
    /// How far it has come.
    pub state: DeliveryState,
}

impl Document for Delivery {
    const KIND: &'static str = "delivery";
}

/// How far a delivery has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryState {
    /// Not there yet.
    Waiting {
        /// What went wrong last; empty before the first attempt.
        last: String,
    },
    /// The receiver has it.
    Delivered {
        /// When, as the trail writes times.
        at: String,
    },
    /// Tried too often. Started again with the server.
    GivenUp {
        /// What went wrong last.
        last: String,
    },
}

/// `http://host[:port]/path` or `https://...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) origin: String,
    pub(super) path: String,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// In words, for another scheme, and for an address with a name or a fragment in it.
    pub fn read(text: &str) -> Result<Self, String> {
        let refused = || format!("{text} 不是可以送达的网址。请写成 https://主机:端口/路径。");
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_graphic() && !"@#\\".contains(c);
        if !matches!(scheme, "http" | "https") || host.is_empty() || !rest.chars().all(plain) {
            return Err(refused());
        }
        Ok(Self { origin: format!("{scheme}://{host}"), path: format!("/{path}") })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// What is sent.
#[derive(Serialize, JsonSchema)]
pub(super) struct Message<'a> {
    /// 1.
    v: u8,
    /// `result`.
    event: &'static str,
    /// SHA-256 of the result note, 64 hex digits: taken once.
    id: &'a str,
    /// Seconds since 1970.
    at: u64,
    /// The result.
    result: &'a Outcome,
}

impl<'a> Message<'a> {
    pub(super) fn of(outcome: &'a Kept<Outcome>, at: u64) -> Self {
        Self { v: 1, event: "result", id: &outcome.body.note_hash, at, result: &outcome.body }
    }
}

/// The key that signs what is handed on, made when it is first needed: `record.key`, mode 0600.
///
/// # Errors
/// Any error of the file system, or a file that is no key.
pub fn key(folder: &Path, rng: &mut (impl CryptoRng + ?Sized)) -> io::Result<SigningKey> {
    let path = folder.join("record.key");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let bytes = zeroize::Zeroizing::new(bytes);
            let seed: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| io::ErrorKind::InvalidData)?;
            Ok(SigningKey::from_seed(seed))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = SigningKey::generate(rng);
            disk::replace(&path, &*made.seed())?;
            Ok(made)
        }
        Err(error) => Err(error),
    }
}

/// The public key as a receiver is told it.
#[must_use]
pub fn shown(key: &SigningKey) -> String {
    hex(key.verifying().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_target_is_a_plain_web_address_and_nothing_else() {
        for text in ["https://oa.example/in", "http://127.0.0.1:9000/a/b?c=d", "https://oa.example"] {
            assert!(Target::read(text).is_ok(), "{text}");
        }
        for text in
            ["", "oa.example/in", "ftp://oa.example/", "https:///in", "http://a@b/", "http://a b/", "file:///etc"]
        {
            assert!(Target::read(text).is_err(), "{text}");
        }
    }
}
