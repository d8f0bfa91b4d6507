//! A source of randomness that remembers what it gave: every secret that a phone draws, to look for it elsewhere.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use curve25519_dalek::Scalar;
use rand::{Rng, SeedableRng, rngs::StdRng};
use rand_core::{TryCryptoRng, TryRng};

use crate::search::Wanted;

/// Draws, and what was drawn.
pub struct Witness {
    rng: StdRng,
    drawn: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// What a [`Witness`] gave out.
#[derive(Clone)]
pub struct Drawn(Arc<Mutex<Vec<Vec<u8>>>>);

impl Witness {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> (Self, Drawn) {
        let drawn = Arc::default();
        (Self { rng: StdRng::seed_from_u64(seed), drawn: Arc::clone(&drawn) }, Drawn(drawn))
    }
}

impl Drawn {
    /// Looks for all of it: keys (32 bytes), and of 64 bytes the scalar that they become, which is b, r or a blind.
    pub fn add_to(&self, wanted: &mut Wanted, whose: &str) {
        for (number, bytes) in self.0.lock().unwrap().iter().enumerate() {
            wanted.add(format!("draw {number} of {whose}"), bytes);
            if let Ok(wide) = <&[u8; 64]>::try_from(bytes.as_slice()) {
                let scalar = Scalar::from_bytes_mod_order_wide(wide);
                wanted.add(format!("scalar {number} of {whose}"), scalar.as_bytes());
            }
        }
    }

    /// One draw of each length.
    #[must_use]
    pub fn some(&self) -> Vec<Vec<u8>> {
        let mut some: Vec<Vec<u8>> = Vec::new();
        for bytes in self.0.lock().unwrap().iter() {
            if some.iter().all(|before| before.len() != bytes.len()) {
                some.push(bytes.clone());
            }
        }
        some
    }

    /// Every draw of this length.
    #[must_use]
    pub fn of_length(&self, length: usize) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().iter().filter(|bytes| bytes.len() == length).cloned().collect()
    }

    /// How many times something was drawn.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl TryRng for Witness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.rng.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.rng.next_u64())
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        self.rng.fill_bytes(into);
        self.drawn.lock().unwrap().push(into.to_vec());
        Ok(())
    }
}

impl TryCryptoRng for Witness {}
