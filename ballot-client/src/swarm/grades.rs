//! How a swarm votes: options drawn by weight, repeatably.

use std::fmt;

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A weight for each option of the scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grades(Vec<u32>);

/// The weights are not numbers with at least one above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadWeights;

impl fmt::Display for BadWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("weights are whole numbers with commas, one for each option, such as 85,10,4,1,0")
    }
}

impl std::error::Error for BadWeights {}

impl Grades {
    /// From weights in the order of the scale; missing ones count as 0.
    ///
    /// # Errors
    /// [`BadWeights`] if there are more than seven, or none above zero.
    pub fn new(weights: &[u32]) -> Result<Self, BadWeights> {
        let fits = weights.len() <= 7 && weights.iter().any(|w| *w > 0);
        if fits { Ok(Self(weights.to_vec())) } else { Err(BadWeights) }
    }

    /// Reads `85,10,4,1,0`.
    ///
    /// # Errors
    /// [`BadWeights`].
    pub fn parse(text: &str) -> Result<Self, BadWeights> {
        let weights: Result<Vec<u32>, _> = text.split(',').map(|w| w.trim().parse()).collect();
        Self::new(&weights.map_err(|_| BadWeights)?)
    }

    /// The option of one voter in one contest: the same for the same seed. Below `options` in any case.
    #[must_use]
    pub fn choose(&self, seed: u64, contest: douxuan_crypto::contest::Contest, voter: usize, options: usize) -> u8 {
        let place = (u64::from(contest.item) << 40) ^ (u64::from(contest.round) << 32) ^ voter as u64;
        let mut rng = StdRng::seed_from_u64(seed.rotate_left(17) ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let weights = &self.0[..self.0.len().min(options)];
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        if total == 0 {
            return 0;
        }
        let mut at = rng.random_range(0..total);
        for (option, weight) in (0_u8..).zip(weights) {
            match at.checked_sub(u64::from(*weight)) {
                Some(rest) => at = rest,
                None => return option,
            }
        }
        0
    }
}

/// The 85 / 10 / 4 / 1 of the published simulations, nobody abstaining.
impl Default for Grades {
    fn default() -> Self {
        Self(vec![85, 10, 4, 1])
    }
}
