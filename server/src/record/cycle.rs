//! One year's review (article 10), and how this office carries it out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{calendar, document::Document};

/// A cycle: as a rule one a year (article 10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// The year that is reported on.
    pub year: i16,
    /// Title, such as 2026 年度述职述责述廉.
    pub title: String,
    /// What this office has laid down for the cycle. Each record that uses a rule keeps a copy of it.
    pub policy: CyclePolicy,
    /// No more changes but corrections by new entries.
    pub closed: bool,
}

impl Document for Cycle {
    const KIND: &'static str = "cycle";
}

/// What places decide for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CyclePolicy {
    /// Share of the officials who report orally (article 14): numerator and denominator.
    pub oral_share: (u32, u32),
    /// Whether those who report in writing are rated too.
    pub written_are_rated: bool,
    /// Last day on which written reports may reach the office (article 13), `YYYY-MM-DD`.
    pub reports_due: String,
    /// Working days for a written answer (article 17).
    pub answer_days: u16,
    /// Days for the report on correction (article 20).
    pub correction_days: u16,
    /// How periods are counted.
    pub counting: calendar::Policy,
    /// 较差 reaches this share: admonition and ordered correction (article 22).
    pub reaches: (u32, u32),
    /// 较差 is over this share: what is behind it is verified (article 22).
    pub over: (u32, u32),
    /// Over the second limit takes the step of the first as well.
    pub over_takes_both: bool,
    /// Years that what was entered is kept.
    pub keep_years: u16,
}

impl Default for CyclePolicy {
    /// As the regulation has it where it says something.
    fn default() -> Self {
        Self {
            oral_share: (1, 3),
            written_are_rated: true,
            reports_due: String::new(),
            answer_days: 15,
            correction_days: 30,
            counting: calendar::Policy::default(),
            reaches: (1, 5),
            over: (3, 10),
            over_takes_both: true,
            keep_years: 10,
        }
    }
}
