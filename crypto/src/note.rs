//! C2SP signed notes (v1.0.0, Ed25519) and tree checkpoints (tlog-checkpoint v1.0.0).
//!
//! ```text
//! text LF LF "— " name " " base64(key hash(4) || signature(64)) LF
//! ```
//! A note of ours has exactly one signature line.

use crate::{
    base64,
    hash::sha256_parts,
    merkle::Hash,
    sign::{SigningKey, VerifyingKey},
};

/// The note is malformed, signed by another key, or altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadNote;

impl core::fmt::Display for BadNote {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the signed note is not valid")
    }
}

impl std::error::Error for BadNote {}

const DASH: &str = "\u{2014} ";

/// `SHA-256(name || LF || 0x01 || public key)[..4]`, 0x01 being Ed25519.
fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = sha256_parts(&[name.as_bytes(), b"\n\x01", key.as_bytes()]);
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Signs a text (which ends with LF) under a key name; returns the whole note.
#[must_use]
pub fn sign(name: &str, text: &str, key: &SigningKey) -> String {
    let mut blob = key_hash(name, &key.verifying()).to_vec();
    blob.extend_from_slice(&key.sign(text.as_bytes()));
    format!("{text}\n{DASH}{name} {}\n", base64::encode(&blob))
}

/// The text of a note (with its final LF), unverified: for finding out which key to ask. `None` if it is not one.
#[must_use]
pub fn unverified_text(note: &[u8]) -> Option<&str> {
    let note = core::str::from_utf8(note).ok()?;
    let end = note.rfind("\n\n")?;
    Some(&note[..=end])
}

/// Verifies a note that carries exactly one signature line, by this name and key; returns its text with the final LF.
///
/// # Errors
/// [`BadNote`] for any other form, name, key or text.
pub fn open(note: &[u8], name: &str, key: &VerifyingKey) -> Result<String, BadNote> {
    let text = unverified_text(note).ok_or(BadNote)?;
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(BadNote);
    }
    let whole = core::str::from_utf8(note).map_err(|_| BadNote)?;
    let line = whole[text.len() + 1..].strip_suffix('\n').ok_or(BadNote)?;
    let blob = line.strip_prefix(DASH).and_then(|l| l.strip_prefix(name)).and_then(|l| l.strip_prefix(' '));
    let blob = base64::decode(blob.ok_or(BadNote)?).ok_or(BadNote)?;
    let (hash, signature) = blob.split_first_chunk::<4>().ok_or(BadNote)?;
    if *hash != key_hash(name, key) {
        return Err(BadNote);
    }
    key.verify(text.as_bytes(), signature).map_err(|_| BadNote)?;
    Ok(text.to_owned())
}

/// The three lines of a checkpoint.
#[must_use]
pub fn checkpoint_text(origin: &str, size: u64, root: &Hash) -> String {
    format!("{origin}\n{size}\n{}\n", base64::encode(root))
}

/// Reads the text of a checkpoint of this origin; only the canonical form.
///
/// # Errors
/// [`BadNote`] for another origin, extension lines, or a number or root in another form.
pub fn parse_checkpoint(text: &str, origin: &str) -> Result<(u64, Hash), BadNote> {
    let mut lines = text.split('\n').skip(1);
    let size: u64 = lines.next().and_then(|l| l.parse().ok()).ok_or(BadNote)?;
    let root = lines.next().and_then(base64::decode).and_then(|r| Hash::try_from(r).ok()).ok_or(BadNote)?;
    if checkpoint_text(origin, size, &root) == text { Ok((size, root)) } else { Err(BadNote) }
}
