//! One year's review (article 10), and how this office carries it out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Choosing, Documents, Dossier, Id, Kept, Official, calendar, document::Document, field};
use crate::web::Refusal;

mod routes;

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
    fn checked(self) -> Result<Self, Refusal> {
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

/// A cycle that still takes changes.
///
/// # Errors
/// 404; 409 once it is closed.
pub(super) fn open(documents: &Documents, id: Id) -> Result<Kept<Cycle>, Refusal> {
    let cycle = documents.get::<Cycle>(id)?;
    if cycle.body.closed {
        return Err(Refusal::conflict("这个年度已经结束，不再改动。", "请在新的年度里继续。"));
    }
    Ok(cycle)
}

/// Whether something rests on the policy already: an approved list, or anything else that hangs on the cycle but the
/// list of who reports and what was found out about them.
pub(super) fn policy_is_used(documents: &Documents, cycle: Id) -> bool {
    let all = documents.all::<Dossier>();
    let dossiers = all.iter().filter(|dossier| dossier.body.cycle == cycle).map(|dossier| dossier.id);
    let ids: Vec<String> = dossiers.chain([cycle]).map(|id| format!("\"{id}\"")).collect();
    let beside = [Cycle::KIND, Dossier::KIND, Official::KIND, Choosing::KIND, Assessment::KIND];
    super::choosing::approved(documents, cycle).is_some()
        || documents
            .0
            .iter()
            .filter(|((kind, _), _)| !beside.contains(&kind.as_str()))
            .any(|(_, row)| ids.iter().any(|id| row.body.contains(id)))
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
