//! How much one order tells about another.

/// Kendall's tau of `places`: place i of the first order stands at `places[i]` in the second. 1 is the same order, -1
/// the reverse, about 0 chance.
#[must_use]
pub fn kendall_tau(places: &[u64]) -> f64 {
    let n = places.len();
    let mut score = 0_i64;
    for i in 0..n {
        for j in i + 1..n {
            score += (places[j].cmp(&places[i]) as i64).signum();
        }
    }
    score as f64 / pairs(n)
}

/// One standard deviation of the mean tau of `meetings` random orders of `n`.
#[must_use]
pub fn deviation(n: usize, meetings: usize) -> f64 {
    // Variance of tau under chance: 2 (2n + 5) / (9 n (n - 1)).
    let n = n as f64;
    (2.0 * (2.0 * n + 5.0) / (9.0 * n * (n - 1.0)) / meetings as f64).sqrt()
}

/// The mean tau of many meetings, in standard deviations of chance.
#[must_use]
pub fn sigmas(taus: &[f64], n: usize) -> f64 {
    taus.iter().sum::<f64>() / taus.len() as f64 / deviation(n, taus.len())
}

fn pairs(n: usize) -> f64 {
    (n * (n - 1) / 2) as f64
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

    use super::*;

    #[test]
    fn tau_knows_order_from_chance() {
        let forward: Vec<u64> = (0..60).collect();
        let backward: Vec<u64> = (0..60).rev().collect();
        assert!((kendall_tau(&forward) - 1.0).abs() < 1e-9 && (kendall_tau(&backward) + 1.0).abs() < 1e-9);
        let mut rng = StdRng::seed_from_u64(3);
        let mut shuffled = |_| {
            let mut places = forward.clone();
            places.shuffle(&mut rng);
            kendall_tau(&places)
        };
        let taus: Vec<f64> = (0..200).map(&mut shuffled).collect();
        assert!(sigmas(&taus, 60).abs() < 4.0);
        // An order in which only every tenth pair of neighbours is right shows at once.
        let weak: Vec<f64> = (0..200).map(|i| shuffled(i) * 0.9 + 0.1).collect();
        assert!(sigmas(&weak, 60) > 10.0);
    }
}
