//! The fixed stream of random bytes from which the published vectors are drawn.
#![allow(unreachable_pub, reason = "a module of tests")]

use sha2::{Digest, Sha512};

/// `SHA-512(seed || I2OSP(counter, 8))` blocks, read left to right.
pub struct Stream {
    seed: String,
    counter: u64,
    block: Vec<u8>,
}

impl Stream {
    pub fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), counter: 0, block: Vec::new() }
    }
}

impl rand_core::TryRng for Stream {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut b = [0; 4];
        self.try_fill_bytes(&mut b)?;
        Ok(u32::from_le_bytes(b))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut b = [0; 8];
        self.try_fill_bytes(&mut b)?;
        Ok(u64::from_le_bytes(b))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for byte in out {
            if self.block.is_empty() {
                let digest = Sha512::new_with_prefix(self.seed.as_bytes()).chain_update(self.counter.to_be_bytes());
                self.block = digest.finalize().to_vec();
                self.block.reverse();
                self.counter += 1;
            }
            *byte = self.block.pop().unwrap();
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Stream {}
