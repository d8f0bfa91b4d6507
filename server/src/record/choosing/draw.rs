//! The arithmetic of a proposal.
//!
//! ```text
//! count = max(ceil(n * numerator / denominator), those who have reported already)
//! order = ground, then last oral report (none at all first, then the earliest), then SHA-256(enc(LABEL, seed, id))
//! ```

use douxuan_crypto::hash::{enc, sha256};

use super::{Ground, Line};
use crate::record::{Id, Way};

const LABEL: &str = "douxuan/v1/record-draw";

/// Somebody of whom there is a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) dossier: Id,
    pub(super) ground: Ground,
    /// `YYYY-MM-DD`, which is ordered as its text.
    pub(super) last_oral: Option<String>,
}

/// How many report orally, and everybody in order with his way. The order in which candidates come says nothing.
pub(super) fn propose(mut candidates: Vec<Candidate>, share: (u32, u32), seed: &[u8; 16]) -> (u32, Vec<Line>) {
    let place =
        |candidate: &Candidate| sha256(&enc(LABEL, &[seed.as_slice(), candidate.dossier.to_string().as_bytes()]));
    // `None` is less than every day.
    candidates.sort_by_cached_key(|candidate| (candidate.ground, candidate.last_oral.clone(), place(candidate)));
    let all = candidates.len() as u64;
    let reported = candidates.iter().filter(|candidate| candidate.ground == Ground::Reported).count() as u64;
    let share = (all * u64::from(share.0)).div_ceil(u64::from(share.1).max(1));
    let count = share.max(reported).min(all);
    let alike = |a: &Candidate, b: &Candidate| (a.ground, &a.last_oral) == (b.ground, &b.last_oral);
    let lines = (0u64..).zip(&candidates).map(|(at, candidate)| {
        let way = if at < count { Way::Oral } else { Way::Written };
        let twins = candidates.iter().filter(|other| alike(other, candidate)).count();
        Line {
            dossier: candidate.dossier,
            proposed: way,
            way,
            ground: candidate.ground,
            last_oral: candidate.last_oral.clone(),
            drawn: twins > 1 && candidate.ground != Ground::Reported,
            changed: None,
        }
    });
    (u32::try_from(count).unwrap_or(u32::MAX), lines.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    fn id(n: u64) -> Id {
        Id::read(&format!("{n:016x}")).unwrap()
    }

    fn some(n: u64, ground: Ground, last_oral: Option<&str>) -> Candidate {
        Candidate { dossier: id(n), ground, last_oral: last_oral.map(str::to_owned) }
    }

    fn oral(lines: &[Line]) -> Vec<Id> {
        lines.iter().filter(|line| line.way == Way::Oral).map(|line| line.dossier).collect()
    }

    #[test]
    fn the_share_is_rounded_up_and_nobody_who_has_reported_is_left_out() {
        let many = |n: u64| (0..n).map(|n| some(n, Ground::Owed, None)).collect::<Vec<_>>();
        for (all, share, expected) in
            [(12, (1, 3), 4), (13, (1, 3), 5), (1, (1, 3), 1), (0, (1, 3), 0), (7, (1, 1), 7), (60, (1, 1000), 1)]
        {
            assert_eq!(propose(many(all), share, &[7; 16]).0, expected, "{all} by {share:?}");
        }
        let mut three = many(6);
        three.extend((10..13).map(|n| some(n, Ground::Reported, Some("2026-12-01"))));
        let (count, lines) = propose(three, (1, 9), &[7; 16]);
        assert_eq!((count, oral(&lines)), (3, lines.iter().take(3).map(|line| line.dossier).collect()));
        assert!(oral(&lines).iter().all(|chosen| (10..13).any(|n| id(n) == *chosen)));
    }

    #[test]
    fn those_owed_come_first_then_the_longest_ago() {
        let candidates = vec![
            some(1, Ground::Longest, Some("2025-12-10")),
            some(2, Ground::Longest, Some("2022-12-10")),
            some(3, Ground::Owed, Some("2024-01-01")),
            some(4, Ground::Owed, None),
            some(5, Ground::OwedSoon, Some("2025-01-01")),
        ];
        let (_, lines) = propose(candidates, (1, 1), &[0; 16]);
        assert_eq!(oral(&lines), [5, 4, 3, 2, 1].map(id));
        assert!(lines.iter().all(|line| !line.drawn));
    }

    #[test]
    fn a_tie_is_drawn_the_same_from_the_same_seed_and_fairly_over_all_seeds() {
        let candidates: Vec<Candidate> = (0..4).map(|n| some(n, Ground::Owed, None)).collect();
        let mut turned = candidates.clone();
        turned.reverse();
        let first = propose(candidates.clone(), (1, 4), &[3; 16]);
        assert_eq!(first, propose(turned, (1, 4), &[3; 16]));
        assert!(first.1.iter().all(|line| line.drawn));
        let seeds = (0u128..4_000).map(u128::to_be_bytes);
        let mut counts = [0_u32; 4];
        for seed in seeds {
            let chosen = oral(&propose(candidates.clone(), (1, 4), &seed).1);
            let at = (0..4).position(|n| chosen == [id(n)]).unwrap();
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        // 1 000 each on average, with a standard deviation of 27.
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
        assert_eq!(counts.iter().collect::<BTreeSet<_>>().len().min(2), 2, "no two draws are the same table");
    }
}
