//! A first look at the randomness before a journey starts.
//!
//! **It catches a source that is broken outright**, a stub that returns zeros or a generator that repeats itself; it
//! cannot tell good randomness from predictable randomness.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The device's randomness is missing or broken: nothing that depends on it may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenRandomness;

impl fmt::Display for BrokenRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this device gives no usable randomness: use another phone or browser")
    }
}

impl core::error::Error for BrokenRandomness {}

/// Draws eight blocks of 16 bytes and asks that none is made of one byte only and that no two are equal.
///
/// # Errors
/// [`BrokenRandomness`] if the source returns zeros, a constant, or the same bytes again.
pub fn assure<R: CryptoRng + ?Sized>(rng: &mut R) -> Result<(), BrokenRandomness> {
    let mut drawn = Zeroizing::new([[0_u8; 16]; 8]);
    for block in drawn.iter_mut() {
        rng.fill_bytes(block);
    }
    let constant = drawn.iter().any(|block| block.iter().all(|byte| *byte == block[0]));
    let repeated = (1..drawn.len()).any(|i| drawn[..i].contains(&drawn[i]));
    if constant || repeated { Err(BrokenRandomness) } else { Ok(()) }
}
