//! One-time codes: with one a person chooses his own pass-phrase, so that nobody who keeps the accounts ever knows it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use douxuan_crypto::{hash::sha256, token::Token};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How long a code can be used: an account made on Friday opens on Monday.
const LASTS: Duration = Duration::from_secs(96 * 3600);

/// A code as it is kept. 80 random bits need no slow hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeHash {
    pub(super) hash: [u8; 32],
    /// Seconds since 1970.
    pub(super) until: i64,
}

/// Draws a code: 80 bits in the alphabet of the slips, which nobody reads wrongly.
pub fn draw_code<R: CryptoRng + ?Sized>(rng: &mut R) -> Zeroizing<String> {
    Token::generate(rng).text()
}

/// A code as it is compared: either case, no hyphens or spaces.
pub(super) fn hashed(code: &str) -> [u8; 32] {
    let plain = super::account::folded(code);
    let plain: Zeroizing<String> = Zeroizing::new(plain.chars().filter(|c| *c != '-').collect());
    sha256(plain.as_bytes())
}

impl CodeHash {
    /// A new code and what is kept of it.
    pub(super) fn draw(rng: &mut dyn CryptoRng, today: SystemTime) -> (Zeroizing<String>, Self) {
        let code = draw_code(rng);
        let kept = Self { hash: hashed(&code), until: seconds(today + LASTS) };
        (code, kept)
    }

    pub(super) fn fits(&self, code: &str, today: SystemTime) -> bool {
        bool::from(hashed(code).ct_eq(&self.hash)) && seconds(today) < self.until
    }
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}
