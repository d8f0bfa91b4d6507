//! What the evaluation of one official opens (article 22): exact integers, and no more than the regulation says.
//!
//! | 较差 | opens |
//! |---|---|
//! | reaches the first limit | admonition and ordered correction, by procedure |
//! | is over the second | verification; its outcome comes before any handling |
//! | withheld, or an empty base | nothing, and says so |
//!
//! **Nothing here proposes a punishment, compares officials or orders them.**

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{papers::Count, record::CyclePolicy};

/// What a finding opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// 诫勉.
    Admonition,
    /// 责令整改.
    OrderedCorrection,
    /// 核实: whether there are real problems.
    Verification,
}

impl Opens {
    /// As the regulation calls it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Admonition => "诫勉",
            Self::OrderedCorrection => "责令整改",
            Self::Verification => "核实有关问题",
        }
    }
}

/// Why a result opens nothing, or that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The figures are published.
    Published,
    /// 票数过少: no figures, so nothing is opened.
    Withheld,
    /// No valid ballot: there is nothing to take a share of.
    EmptyBase,
    /// Every round was voided, or none was opened.
    NoRound,
}

/// What stands in the signed result about one official, and what it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The round that counts: the last one that was not voided.
    pub round: Option<u8>,
    /// Whether there is anything to compare.
    pub standing: Standing,
    /// Votes of the grade that is looked at.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// `11×5=55 ≥ 55×1=55`.
    pub reaches_sum: String,
    /// `110 ≤ 165` with its factors.
    pub over_sum: String,
    /// First limit reached; `None` where there is nothing to compare.
    pub reaches: Option<bool>,
    /// Second limit exceeded.
    pub over: Option<bool>,
    /// What it opens, in this order.
    pub opens: Vec<Opens>,
}

/// The two limits, each numerator and denominator, and whether over the second takes the step of the first as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Reached when `count * den >= base * num`.
    pub reaches: (u32, u32),
    /// Exceeded when `count * den > base * num`.
    pub over: (u32, u32),
    /// Over the second limit takes the step of the first as well.
    pub both: bool,
}

impl Limits {
    /// Those of a policy.
    #[must_use]
    pub const fn of(policy: &CyclePolicy) -> Self {
        Self { reaches: policy.reaches, over: policy.over, both: policy.over_takes_both }
    }
}

impl Finding {
    /// From the rounds of one official, the first first.
    #[must_use]
    pub fn of(rounds: &[&Count], limits: Limits) -> Self {
        let stands = |count: &&&Count| !matches!(count.ended, "公布前作废" | "公布后作废");
        let Some(count) = rounds.iter().rev().find(stands) else { return Self::nothing(None, Standing::NoRound) };
        match &count.finding {
            None => Self::nothing(Some(count.round), Standing::Withheld),
            Some(found) if found.base == 0 => Self::nothing(Some(count.round), Standing::EmptyBase),
            Some(found) => Self::compare(count.round, found.count, found.base, limits),
        }
    }

    /// What it says, for people who read it aloud or file it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let opens: Vec<&str> = self.opens.iter().map(|opens| opens.zh()).collect();
        match self.standing {
            Standing::Withheld => "票数过少，不公布等次，不启动任何程序".to_owned(),
            Standing::EmptyBase => "没有有效票，不启动任何程序".to_owned(),
            Standing::NoRound => "没有有效的轮次，不启动任何程序".to_owned(),
            Standing::Published if opens.is_empty() => format!("{}，{}：不启动程序", self.reaches_sum, self.over_sum),
            Standing::Published => format!("{}，{}：按规定程序{}", self.reaches_sum, self.over_sum, opens.join("、")),
        }
    }

    fn nothing(round: Option<u8>, standing: Standing) -> Self {
        Self {
            round,
            standing,
            count: 0,
            base: 0,
            reaches_sum: String::new(),
            over_sum: String::new(),
            reaches: None,
            over: None,
            opens: Vec::new(),
        }
    }

    fn compare(round: u8, count: u64, base: u64, limits: Limits) -> Self {
        let sides = |(num, den): (u32, u32)| (u128::from(count) * u128::from(den), u128::from(base) * u128::from(num));
        let sum = |(num, den): (u32, u32), sign: &str| {
            let (left, right) = sides((num, den));
            format!("{count}×{den}={left} {sign} {base}×{num}={right}")
        };
        let (left, right) = sides(limits.reaches);
        let reaches = left >= right;
        let (left, right) = sides(limits.over);
        let over = left > right;
        let mut opens = Vec::new();
        if reaches && (!over || limits.both) {
            opens.extend([Opens::Admonition, Opens::OrderedCorrection]);
        }
        if over {
            opens.push(Opens::Verification);
        }
        Self {
            round: Some(round),
            standing: Standing::Published,
            count,
            base,
            reaches_sum: sum(limits.reaches, if reaches { "≥" } else { "<" }),
            over_sum: sum(limits.over, if over { ">" } else { "≤" }),
            reaches: Some(reaches),
            over: Some(over),
            opens,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const USUAL: Limits = Limits { reaches: (1, 5), over: (3, 10), both: true };

    fn opens(count: u64, base: u64) -> Vec<Opens> {
        Finding::compare(1, count, base, USUAL).opens
    }

    #[test]
    fn exactly_twenty_percent_opens_admonition_and_one_vote_less_opens_nothing() {
        use Opens::{Admonition, OrderedCorrection};
        assert_eq!(opens(11, 55), [Admonition, OrderedCorrection]);
        assert_eq!(opens(10, 55), []);
        let found = Finding::compare(2, 11, 55, USUAL);
        assert_eq!(
            (found.reaches_sum.as_str(), found.over_sum.as_str()),
            ("11×5=55 ≥ 55×1=55", "11×10=110 ≤ 55×3=165")
        );
        assert_eq!(found.round, Some(2));
    }

    #[test]
    fn exactly_thirty_percent_is_not_over_and_one_vote_more_opens_verification() {
        use Opens::{Admonition, OrderedCorrection, Verification};
        assert_eq!(opens(18, 60), [Admonition, OrderedCorrection]);
        assert_eq!(opens(19, 60), [Admonition, OrderedCorrection, Verification]);
        let apart = Limits { both: false, ..USUAL };
        assert_eq!(Finding::compare(1, 19, 60, apart).opens, [Verification], "where the policy says so");
    }

    #[test]
    fn without_a_round_that_stands_nothing_is_opened_and_it_is_said() {
        assert_eq!(Finding::of(&[], USUAL), Finding::nothing(None, Standing::NoRound));
    }

    proptest! {
        #[test]
        fn the_comparison_is_that_of_fractions(count in 0_u64..400, base in 1_u64..400) {
            let found = Finding::compare(1, count, base, USUAL);
            prop_assert_eq!(found.reaches.unwrap(), 100 * count >= 20 * base);
            prop_assert_eq!(found.over.unwrap(), 100 * count > 30 * base);
            prop_assert_eq!(found.opens.is_empty(), !found.reaches.unwrap());
        }
    }
}
