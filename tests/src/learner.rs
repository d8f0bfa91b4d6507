//! A learner that is asked which of two things is the one that was meant, after it has seen many: logistic regression
//! over whatever numbers it is given. What it cannot do better than a coin, those numbers do not tell it.

/// What was learnt.
pub struct Learner {
    mean: Vec<f64>,
    scale: Vec<f64>,
    weights: Vec<f64>,
}

const ROUNDS: usize = 120;
const STEP: f64 = 0.5;
/// Keeps weights of numbers that say nothing small.
const DECAY: f64 = 0.01;

impl Learner {
    /// Learns to tell what is meant (`true`) from what is not; all examples have as many numbers.
    #[must_use]
    pub fn train(examples: &[(Vec<f64>, bool)]) -> Self {
        let width = examples[0].0.len();
        let count = examples.len() as f64;
        let mean: Vec<f64> = (0..width).map(|i| examples.iter().map(|(x, _)| x[i]).sum::<f64>() / count).collect();
        let spread = |i: usize| (examples.iter().map(|(x, _)| (x[i] - mean[i]).powi(2)).sum::<f64>() / count).sqrt();
        let scale = (0..width).map(|i| 1.0 / spread(i).max(1e-12)).collect();
        let mut learner = Self { mean, scale, weights: vec![0.0; width] };
        let known: Vec<(Vec<f64>, f64)> =
            examples.iter().map(|(x, meant)| (learner.scaled(x), f64::from(u8::from(*meant)))).collect();
        let offset = known.iter().map(|(_, meant)| meant).sum::<f64>() / count;
        let offset = (offset / (1.0 - offset)).ln();
        for _ in 0..ROUNDS {
            let mut slope = vec![0.0; width];
            for (x, meant) in &known {
                let says = 1.0 / (1.0 + (-dot(&learner.weights, x) - offset).exp());
                slope.iter_mut().zip(x).for_each(|(slope, x)| *slope += (meant - says) * x / count);
            }
            learner
                .weights
                .iter_mut()
                .zip(slope)
                .for_each(|(weight, slope)| *weight += STEP * (slope - DECAY * *weight));
        }
        learner
    }

    /// How much this looks like what is meant.
    #[must_use]
    pub fn score(&self, x: &[f64]) -> f64 {
        dot(&self.weights, &self.scaled(x))
    }

    fn scaled(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.mean).zip(&self.scale).map(|((x, mean), scale)| (x - mean) * scale).collect()
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Games of two that were played: the one that was meant against another one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Games {
    /// How many.
    pub played: f64,
    /// How many of them were won; a draw is half of one.
    pub won: f64,
}

impl Games {
    /// One more.
    pub fn play(&mut self, learner: &Learner, meant: &[f64], other: &[f64]) {
        let (meant, other) = (learner.score(meant), learner.score(other));
        self.played += 1.0;
        self.won += if meant > other {
            1.0
        } else if meant < other {
            0.0
        } else {
            0.5
        };
    }

    /// Standard deviations of a fair coin from its mean.
    #[must_use]
    pub fn sigmas(&self) -> f64 {
        (self.won - self.played / 2.0) / (self.played.sqrt() / 2.0)
    }

    /// Of all games.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.won / self.played
    }
}

/// The same numbers as places on the scale of one group: mean 0, spread 1. Numbers that are all equal become 0.
pub fn within(group: &mut [Vec<f64>]) {
    let count = group.len() as f64;
    for i in 0..group.first().map_or(0, Vec::len) {
        let mean = group.iter().map(|x| x[i]).sum::<f64>() / count;
        let spread = (group.iter().map(|x| (x[i] - mean).powi(2)).sum::<f64>() / count).sqrt();
        for x in group.iter_mut() {
            x[i] = if spread > 1e-12 { (x[i] - mean) / spread } else { 0.0 };
        }
    }
}

/// What may tie two things together: how far apart they are in each pair of their numbers, and whether these rise together.
#[must_use]
pub fn pair(one: &[f64], other: &[f64]) -> Vec<f64> {
    let all = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
    all.flat_map(|(a, b)| [(a - b).abs(), a * b]).collect()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    /// 400 games after 400 examples, in which one of six numbers goes with the answer so strongly.
    fn played(strength: f64) -> Games {
        let mut rng = StdRng::seed_from_u64(6);
        let mut thing = |meant: bool| {
            let mut x: Vec<f64> = (0..6).map(|_| rng.random_range(-1.0..1.0)).collect();
            x[4] += if meant { strength } else { 0.0 };
            x
        };
        let examples: Vec<_> = (0..400).map(|n| (thing(n % 2 == 0), n % 2 == 0)).collect();
        let learner = Learner::train(&examples);
        let mut games = Games::default();
        for _ in 0..400 {
            let (meant, other) = (thing(true), thing(false));
            games.play(&learner, &meant, &other);
        }
        games
    }

    #[test]
    fn it_learns_what_is_there_and_nothing_where_nothing_is() {
        assert!(played(0.0).sigmas().abs() < 4.0, "{:?}", played(0.0));
        assert!(played(0.3).sigmas() > 4.0, "{:?}", played(0.3));
        assert!(played(2.0).share() > 0.95, "{:?}", played(2.0));
    }

    #[test]
    fn numbers_that_are_all_equal_decide_no_game() {
        let same = vec![1.0, 2.0];
        let learner = Learner::train(&[(same.clone(), true), (same.clone(), false)]);
        let mut games = Games::default();
        games.play(&learner, &same, &same);
        assert_eq!((games.played, games.won), (1.0, 0.5));
        let mut group = [vec![3.0, 1.0], vec![3.0, 5.0]];
        within(&mut group);
        assert_eq!(group, [vec![0.0, -1.0], vec![0.0, 1.0]]);
    }
}
