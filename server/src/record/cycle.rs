//! One year's review (article 10), and how this office carries it out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Correction, Documents, Dossier, Id, Kept, Question, calendar, document::Document, field, result::Outcome};
use crate::web::Refusal;

mod loose;
mod routes;

pub(super) use loose::running;
pub(super) use routes::{newest_first, table};

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
    /// Nothing new is taken in; what was begun is followed to its end.
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
    /// Months before the expected end of a term from which one who still owes his oral report is warned of (article
    /// 12).
    pub warn_months: u16,
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
            warn_months: 12,
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

/// Years that a cycle can have.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;
/// The longest period in days, and the longest that anything is kept in years.
const PERIOD: std::ops::RangeInclusive<u16> = 1..=366;
const KEPT: std::ops::RangeInclusive<u16> = 1..=100;
const WARNED: std::ops::RangeInclusive<u16> = 0..=60;
/// Parts of a whole.
const WHOLE: std::ops::RangeInclusive<u32> = 1..=1000;

impl Cycle {
    /// Looks at what was typed.
    ///
    /// # Errors
    /// Which field, and what to do.
    pub(super) fn checked(self) -> Result<Self, Refusal> {
        let Self { year, title, policy, closed } = self;
        if !YEARS.contains(&year) {
            return Err(Refusal::conflict(
                format!("年度 {year} 不对。"),
                format!("请填 {} 到 {} 之间的年份。", YEARS.start(), YEARS.end()),
            ));
        }
        policy.check()?;
        Ok(Self { year, title: field::line("标题", &title, field::LINE)?, policy, closed })
    }
}

impl CyclePolicy {
    /// # Errors
    /// What cannot be.
    fn check(&self) -> Result<(), Refusal> {
        for (what, (part, whole)) in
            [("会议报告的比例", self.oral_share), ("诫勉的比例", self.reaches), ("核实的比例", self.over)]
        {
            if !WHOLE.contains(&whole) || part == 0 || part > whole {
                return Err(Refusal::conflict(
                    format!("{what} {part}/{whole} 不对。"),
                    format!("分子从 1 起，不大于分母；分母最大 {}。", WHOLE.end()),
                ));
            }
        }
        let cross = |a: (u32, u32), b: (u32, u32)| (u64::from(a.0) * u64::from(b.1), u64::from(b.0) * u64::from(a.1));
        let (lower, upper) = cross(self.reaches, self.over);
        if lower > upper {
            return Err(Refusal::conflict("诫勉的比例高于核实的比例。", "请核对这两个比例。"));
        }
        let number = |what: &str, n: u16, range: &std::ops::RangeInclusive<u16>| {
            if range.contains(&n) {
                return Ok(());
            }
            Err(Refusal::conflict(
                format!("{what}是 {n}，不对。"),
                format!("请填 {} 到 {} 之间的数。", range.start(), range.end()),
            ))
        };
        number("书面答复的工作日数", self.answer_days, &PERIOD)?;
        number("整改的天数", self.correction_days, &PERIOD)?;
        number("保管年数", self.keep_years, &KEPT)?;
        number("提醒的月数", self.warn_months, &WARNED)?;
        if !self.reports_due.is_empty() {
            field::day("书面报告的截止日期", &self.reports_due)?;
        }
        Ok(())
    }
}

/// A cycle that still takes what is new: dossiers, lists, reports, opinions, letters, results. **What was begun is
/// followed to its end also when the cycle is closed**: deliveries, receipts, answers, corrections and the outcome of steps
/// ask for nothing here.
///
/// # Errors
/// 404; 409 once it is closed.
pub(super) fn must_be_open(documents: &Documents, id: Id) -> Result<Kept<Cycle>, Refusal> {
    let cycle = documents.get::<Cycle>(id)?;
    if cycle.body.closed {
        return Err(Refusal::conflict(
            "这个年度已经结束，不再增加新的内容。",
            "已经开始的送达、签收、答复、整改和后续步骤可以继续登记；新的内容请记入新的年度。",
        ));
    }
    Ok(cycle)
}

/// The cycle of a dossier, which still takes what is new.
///
/// # Errors
/// As [`must_be_open`].
pub(super) fn open_of(documents: &Documents, dossier: Id) -> Result<Kept<Cycle>, Refusal> {
    must_be_open(documents, documents.get::<Dossier>(dossier)?.body.cycle)
}

/// The cycle of a dossier, open or not.
///
/// # Errors
/// 404.
pub(super) fn of(documents: &Documents, dossier: Id) -> Result<Kept<Cycle>, Refusal> {
    documents.get(documents.get::<Dossier>(dossier)?.body.cycle)
}

/// Whether something was computed with the policy already: an approved list (its share), a last day (its periods and
/// how they are counted), a result (its limits). What only hangs on the cycle does not lock it.
pub(super) fn policy_is_used(documents: &Documents, cycle: Id) -> bool {
    let of_cycle = |dossier| documents.find::<Dossier>(dossier).is_some_and(|dossier| dossier.body.cycle == cycle);
    let demanded = |question: Kept<Question>| {
        let Question { dossier, demands, withdrawn, .. } = question.body;
        withdrawn.is_none() && !demands.is_empty() && of_cycle(dossier)
    };
    let served = |correction: Kept<Correction>| {
        let Correction { dossier, withdrawn, .. } = correction.body;
        withdrawn.is_none() && of_cycle(dossier)
    };
    super::choosing::approved(documents, cycle).is_some()
        || documents.all::<Outcome>().iter().any(|outcome| outcome.body.cycle == cycle)
        || documents.all::<Question>().into_iter().any(demanded)
        || documents.all::<Correction>().into_iter().any(served)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_policy_that_cannot_be_is_refused_field_by_field() {
        assert!(CyclePolicy::default().check().is_ok());
        type Change = fn(&mut CyclePolicy);
        let wrong: [(Change, &str); 9] = [
            (|p| p.oral_share = (0, 3), "会议报告"),
            (|p| p.oral_share = (4, 3), "会议报告"),
            (|p| p.oral_share = (1, 0), "会议报告"),
            (|p| p.reaches = (2, 5), "高于"),
            (|p| p.over = (1, 2000), "核实"),
            (|p| p.answer_days = 0, "书面答复"),
            (|p| p.correction_days = 400, "整改"),
            (|p| p.keep_years = 0, "保管"),
            (|p| p.reports_due = "2026-11-31".to_owned(), "2026-11-31"),
        ];
        for (change, word) in wrong {
            let mut policy = CyclePolicy::default();
            change(&mut policy);
            assert!(policy.check().unwrap_err().error.contains(word), "{word}");
        }
    }
}
