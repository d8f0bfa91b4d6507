//! One contest as it stands in the sheet: the note's figures, with what is said of them in words.

use douxuan_crypto::{
    bytes::hex,
    log::Outcome,
    manifest::{Base, Manifest, OptionKind},
    screen_code::board_code,
};
use serde::Serialize;

use super::figures::ContestFigures;

/// A number in its two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// 电子.
    pub electronic: u64,
    /// 纸票.
    pub paper: u64,
    /// 合计.
    pub all: u64,
}

/// The votes of one option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Votes {
    /// Votes.
    pub count: u64,
    /// Thousandths of the base, rounded half up; none for an abstention, and of an empty base.
    pub permille: Option<u64>,
}

/// What a contest with known figures came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grades {
    /// By option, in the order of the scale.
    pub votes: Vec<Votes>,
    /// 有效.
    pub valid: u64,
    /// 弃权.
    pub abstained: u64,
}

/// What the thresholds policy finds. **A fact and no more: what follows from it is not the paper's to say.**
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Votes of the option looked at.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// Whether the first limit is reached; none for an empty base.
    pub reaches: Option<bool>,
    /// Whether the second is exceeded; none for an empty base.
    pub over: Option<bool>,
    /// The first comparison in whole numbers, as `11×5=55 ≥ 55×1=55`.
    pub reaches_sum: String,
    /// The second.
    pub over_sum: String,
}

/// A contest that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// From 1.
    pub round: u8,
    /// How it ended, in words.
    pub ended: &'static str,
    /// 发出.
    pub issued: Parts,
    /// 收回.
    pub cast: Parts,
    /// 未交.
    pub missing: u64,
    /// Invalid papers.
    pub invalid: u64,
    /// Papers counted but not graded, because they are too few.
    pub ungraded: u64,
    /// Where they are shown.
    pub grades: Option<Grades>,
    /// Where published.
    pub finding: Option<Finding>,
    /// Ballots on the board.
    pub size: u64,
    /// Its root, 64 hexadecimal digits.
    pub root: String,
    /// The root's screen code.
    pub code: String,
}

impl Count {
    /// Of a contest's figures. Hashes 65 536 times for the screen code.
    pub(super) fn of(manifest: &Manifest, figures: &ContestFigures) -> Self {
        let [issued_e, cast_e] = figures.electronic;
        let [issued_p, cast_p, invalid, ungraded] = figures.paper;
        let [issued, cast, missing] = figures.total;
        let (size, root) = &figures.board;
        Self {
            round: figures.contest.round,
            ended: ended(figures.outcome),
            issued: Parts { electronic: issued_e, paper: issued_p, all: issued },
            cast: Parts { electronic: cast_e, paper: cast_p, all: cast },
            missing,
            invalid,
            ungraded,
            grades: Grades::of(manifest, figures),
            finding: figures.threshold.map(|(counts, answers)| Finding::of(manifest, counts, answers)),
            size: *size,
            root: hex(root),
            code: board_code(root),
        }
    }
}

const fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Published => "已公布",
        Outcome::Withheld => "票数过少，不公布",
        Outcome::VoidedBefore => "公布前作废",
        Outcome::VoidedAfter => "公布后作废",
    }
}

impl Grades {
    fn of(manifest: &Manifest, figures: &ContestFigures) -> Option<Self> {
        let (votes, [valid, abstained]) = (figures.votes.as_ref()?, figures.valid?);
        let [_, cast, _] = figures.total;
        let share = |kind: OptionKind, count: u64| match (manifest.thresholds.base, kind) {
            (_, OptionKind::Abstain) => None,
            (Base::Valid, OptionKind::Grade) => permille(count, valid),
            (Base::Cast, OptionKind::Grade) => permille(count, cast),
        };
        let options = manifest.scale.iter().zip(votes);
        let votes = options.map(|(option, count)| Votes { count: *count, permille: share(option.kind, *count) });
        Some(Self { votes: votes.collect(), valid, abstained })
    }
}

/// `count / base` in thousandths, halves up; `None` for an empty base.
fn permille(count: u64, base: u64) -> Option<u64> {
    let (count, base) = (u128::from(count), u128::from(base));
    (count * 2000 + base).checked_div(2 * base).and_then(|share| u64::try_from(share).ok())
}

impl Finding {
    fn of(manifest: &Manifest, [count, base]: [u64; 2], [reaches, over]: [Option<bool>; 2]) -> Self {
        let policy = &manifest.thresholds;
        let sum = |(num, den): (u32, u32), answer: Option<bool>, yes: char, no: char| {
            let (left, right) = (u128::from(count) * u128::from(den), u128::from(base) * u128::from(num));
            match answer {
                Some(answer) => format!("{count}×{den}={left} {} {base}×{num}={right}", if answer { yes } else { no }),
                None => String::new(),
            }
        };
        Self {
            count,
            base,
            reaches,
            over,
            reaches_sum: sum(policy.reaches, reaches, '≥', '<'),
            over_sum: sum(policy.over, over, '>', '≤'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::permille;

    #[test]
    fn shares_round_half_up_and_an_empty_base_has_none() {
        assert_eq!(permille(0, 0), None);
        assert_eq!(permille(0, 7), Some(0));
        assert_eq!(permille(7, 7), Some(1000));
        assert_eq!(permille(1, 3), Some(333));
        assert_eq!(permille(2, 3), Some(667));
        assert_eq!(permille(1, 2000), Some(1), "a half goes up");
        assert_eq!(permille(999, 2_000_000), Some(0));
        assert_eq!(permille(u64::MAX, u64::MAX), Some(1000));
    }
}
