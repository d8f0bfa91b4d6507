//! Enrolment: a token is exchanged for blind evaluations, one a contest (PROTOCOL section 4).
//!
//! ```text
//! request = 0x01 || M || T || X_1..X_c || sig_T        sig_T over enc("douxuan/v1/enrol", M, T, SHA-256(X_1..X_c))
//! reply   = 0x01 || status || mask || (Z || c || s)^c || index(4) || path || zeros
//! ```

mod phone;
mod server;

pub use phone::{Enrolled, Enrolment, EnrolmentError};
pub use server::{EnrolRequest, Evaluations, refusal, reply_len};

use crate::{
    hash::{enc, sha256},
    labels,
    manifest::Manifest,
};

/// What `sig_T` signs.
fn signed_bytes(manifest: &[u8; 32], t: &[u8; 32], request_hash: &[u8; 32]) -> Vec<u8> {
    enc(labels::ENROL, &[manifest, t, request_hash])
}

/// `SHA-256(X_1 || .. || X_c)`: two requests with the same hash are the same request.
fn request_hash(xs: &[u8]) -> [u8; 32] {
    sha256(xs)
}

/// Bytes of a request's plaintext: 32 bytes an element.
#[must_use]
pub fn request_len(manifest: &Manifest) -> usize {
    1 + 32 + 32 + 32 * manifest.contests.len() + 64
}

/// Checks the signature of a redeemed entry: what an auditor does with each.
///
/// # Errors
/// [`crate::sign::Refused`] if T is no key or the signature does not hold.
pub fn verify_redemption(
    manifest: &[u8; 32],
    t: &[u8; 32],
    request_hash: &[u8; 32],
    signature: &[u8],
) -> Result<(), crate::sign::Refused> {
    crate::sign::VerifyingKey::from_bytes(t)?.verify(&signed_bytes(manifest, t, request_hash), signature)
}
