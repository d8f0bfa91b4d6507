//! Blind receipts: proof that a ballot is in the urn, and nothing about what it says (PROTOCOL section 6).
//!
//! ```text
//! douxuan/<meeting hex>/receipt        a C2SP note by the receipt key
//! <M hex>
//! <item>/<round>
//! <leaf hash hex>
//! ```

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    bytes::{hex, unhex},
    contest::Contest,
    manifest::Manifest,
    merkle::Hash,
    note,
    seal::ReplyKey,
    sign::{Refused, SigningKey},
};

/// Bytes of a reply's plaintext, whatever the outcome.
pub const REPLY_LEN: usize = 512;

/// A verified receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The contest.
    pub contest: Contest,
    /// Leaf hash of the ballot.
    pub leaf: Hash,
    /// The signed note, to keep and to show.
    pub note: String,
}

impl Receipt {
    /// Signs a receipt; deterministic, so a ballot has one receipt. **Only for a ballot that is durable.**
    #[must_use]
    pub fn issue(manifest: &Manifest, contest: Contest, leaf: &Hash, key: &SigningKey) -> Self {
        let name = manifest.origin("receipt");
        let text = format!("{name}\n{}\n{contest}\n{}\n", hex(&manifest.id), hex(leaf));
        Self { contest, leaf: *leaf, note: note::sign(&name, &text, key) }
    }

    /// Verifies a receipt note of this meeting.
    ///
    /// # Errors
    /// [`Refused`] if it is altered, for another meeting, or signed by another key.
    pub fn verify(manifest: &Manifest, bytes: &[u8]) -> Result<Self, Refused> {
        let name = manifest.origin("receipt");
        let text = note::open(bytes, &name, &manifest.receipt_key).map_err(|_| Refused)?;
        let lines: Vec<&str> = text.split('\n').collect();
        let &[origin, id, contest, leaf, ""] = lines.as_slice() else { return Err(Refused) };
        let contest = Contest::parse(contest).ok_or(Refused)?;
        let leaf = unhex(leaf).ok_or(Refused)?;
        if origin != name || id != hex(&manifest.id) || manifest.index_of(contest).is_none() {
            return Err(Refused);
        }
        let note = String::from_utf8(bytes.to_vec()).map_err(|_| Refused)?;
        Ok(Self { contest, leaf, note })
    }
}

/// The server's answer to a cast: `0x01 || status(1) || I2OSP(len,2) || note || zeros`, 512 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CastReply {
    /// Status 0: durable, with the receipt note.
    Accepted(String),
    /// Status 1: the one opaque refusal.
    Refused,
    /// Status 2: the contest is closed. **Not "not cast"**: look it up on the board.
    Closed,
}

impl CastReply {
    /// Seals the answer (12 bytes of randomness); the same length for each.
    pub fn seal<R: CryptoRng + ?Sized>(&self, key: &ReplyKey, rng: &mut R) -> Vec<u8> {
        let (status, note) = match self {
            Self::Accepted(note) => (0, note.as_bytes()),
            Self::Refused => (1, b"".as_slice()),
            Self::Closed => (2, b"".as_slice()),
        };
        let mut plain = Zeroizing::new(vec![1, status]);
        plain.extend_from_slice(&u16::try_from(note.len()).unwrap_or(0).to_be_bytes());
        plain.extend_from_slice(note);
        plain.resize(REPLY_LEN, 0);
        key.seal(&plain, rng)
    }

    /// Opens an answer.
    ///
    /// # Errors
    /// [`Refused`] if it does not open or has another form.
    pub fn open(key: &ReplyKey, reply: &[u8]) -> Result<Self, Refused> {
        let plain = key.open(reply)?;
        let (head, rest) = plain.split_first_chunk::<4>().ok_or(Refused)?;
        let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (note, padding) = rest.split_at_checked(len).ok_or(Refused)?;
        if plain.len() != REPLY_LEN || padding.iter().any(|b| *b != 0) {
            return Err(Refused);
        }
        match (head[0], head[1], len) {
            (1, 0, 1..) => String::from_utf8(note.to_vec()).map(Self::Accepted).map_err(|_| Refused),
            (1, 1, 0) => Ok(Self::Refused),
            (1, 2, 0) => Ok(Self::Closed),
            _ => Err(Refused),
        }
    }
}
