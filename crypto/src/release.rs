//! When counts may be shown while a contest is open: a threshold pool (PROTOCOL section 10).
//!
//! The rule never looks at the content: it is given leaf hashes and gives leaf hashes back.

use rand_core::CryptoRng;

use crate::{
    manifest::{ReleaseKind, ReleaseRule},
    merkle::Hash,
};

impl ReleaseRule {
    /// Whether a contest is shown live: the office chose it, it is the first round, and enough slips may vote.
    #[must_use]
    pub fn is_live(&self, round: u8, issued: u32) -> bool {
        self.kind == ReleaseKind::Live && round == 1 && u64::from(issued) >= 4 * u64::from(self.f)
    }
}

/// Ballots that are durable and not shown yet.
#[derive(Debug)]
pub struct Pool {
    n: usize,
    f: usize,
    waiting: Vec<Hash>,
}

impl Pool {
    /// An empty pool: release at least `n`, keep `f` back.
    #[must_use]
    pub fn new(rule: &ReleaseRule) -> Self {
        Self { n: rule.n as usize, f: rule.f as usize, waiting: Vec::new() }
    }

    /// A ballot became durable.
    pub fn add(&mut self, leaf: Hash) {
        self.waiting.push(leaf);
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// On a tick: if at least `n + f` wait, draws all but `f` at random to be shown together.
    pub fn tick<R: CryptoRng + ?Sized>(&mut self, rng: &mut R) -> Option<Vec<Hash>> {
        if self.waiting.len() < self.n + self.f {
            return None;
        }
        shuffle(&mut self.waiting, rng);
        Some(self.waiting.split_off(self.f))
    }

    /// At the close: everything left, in one step, in an order that says nothing.
    #[must_use]
    pub fn close(mut self) -> Vec<Hash> {
        self.waiting.sort_unstable();
        self.waiting
    }
}

/// Fisher and Yates, with unbiased draws by rejection.
fn shuffle<R: CryptoRng + ?Sized>(list: &mut [Hash], rng: &mut R) {
    for i in (1..list.len()).rev() {
        let bound = i as u64 + 1;
        let limit = u64::MAX - u64::MAX % bound;
        let draw = loop {
            let x = rng.next_u64();
            if x < limit {
                break x % bound;
            }
        };
        list.swap(i, usize::try_from(draw).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    const RULE: ReleaseRule = ReleaseRule { kind: ReleaseKind::Live, n: 10, f: 10 };

    fn leaf(i: u8) -> Hash {
        [i; 32]
    }

    #[test]
    fn nothing_leaves_below_the_threshold_and_f_always_stay() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut pool = Pool::new(&RULE);
        for i in 0..19 {
            pool.add(leaf(i));
            assert!(pool.tick(&mut rng).is_none());
        }
        pool.add(leaf(19));
        assert_eq!(pool.tick(&mut rng).map(|set| set.len()), Some(10));
        assert_eq!(pool.waiting(), 10);
        assert!(pool.tick(&mut rng).is_none());
        assert_eq!(pool.close().len(), 10);
    }

    #[test]
    fn the_draw_is_not_the_order_of_arrival() {
        let mut last_ten = [0u32; 40];
        for seed in 0..400 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut pool = Pool::new(&RULE);
            (0..40).for_each(|i| pool.add(leaf(i)));
            let released = pool.tick(&mut rng).unwrap_or_default();
            assert_eq!(released.len(), 30);
            for kept in pool.close() {
                last_ten[usize::from(kept[0])] += 1;
            }
        }
        // Each of 40 stays back with probability 1/4: 100 of 400, 8.7 being one standard deviation.
        assert!(last_ten.iter().all(|n| (60..=140).contains(n)), "{last_ten:?}");
    }

    #[test]
    fn live_needs_the_choice_the_first_round_and_enough_slips() {
        assert!(RULE.is_live(1, 40));
        assert!(!RULE.is_live(1, 39));
        assert!(!RULE.is_live(2, 400));
        assert!(!ReleaseRule { kind: ReleaseKind::Close, ..RULE }.is_live(1, 400));
    }
}
