//! Hashing and the one encoding that everything hashed or signed goes through (PROTOCOL section 1).

use curve25519_dalek::Scalar;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::bytes::be32;

/// `enc(label, p_1..p_k) = I2OSP(len(label),1) || label || I2OSP(k,1) || (I2OSP(len(p),4) || p)*`
///
/// Injective: two different lists of parts never give the same bytes.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "labels are literals under 256 bytes, parts are counted by hand")]
pub fn enc(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    debug_assert!(label.len() < 256 && parts.len() < 256);
    let mut out = Vec::with_capacity(2 + label.len() + parts.iter().map(|p| p.len() + 4).sum::<usize>());
    out.push(label.len() as u8);
    out.extend_from_slice(label.as_bytes());
    out.push(parts.len() as u8);
    for part in parts {
        out.extend_from_slice(&be32(part.len()));
        out.extend_from_slice(part);
    }
    out
}

/// `H2S(label, ...) = SHA-512(enc(label, ...))`, little-endian, mod L.
#[must_use]
pub fn h2s(label: &str, parts: &[&[u8]]) -> Scalar {
    // A nonce's parts hold k or r: neither the encoding nor the digest stays behind. `enc` never grows its buffer.
    let encoded = Zeroizing::new(enc(label, parts));
    Scalar::from_bytes_mod_order_wide(&Zeroizing::new(sha512(&encoded)))
}

/// SHA-256 of one byte string.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of the concatenation of parts. Only where the parts have fixed lengths.
#[must_use]
pub fn sha256_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// SHA-512 of one byte string.
#[must_use]
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}
