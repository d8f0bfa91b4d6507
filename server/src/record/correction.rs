//! Corrections (article 20): the notice, the report within so many days, what follow-up found, what the committee
//! decided, and that the next meeting was told.
//!
//! ```text
//! notice (reason, points, service) -> report of the official
//!        -> check, check … -> brief to the committee -> decision: settled, or goes on (check, brief, decision …)
//!                                                    -> told at the next meeting
//! ```
//! **What runs is followed to its end even when its cycle is closed**: the next meeting belongs to the next one.

mod routes;
mod told;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use routes::table;

use super::{
    Document, Id,
    due::{Counted, Handed, Period, happened},
};
use crate::web::Refusal;

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Whose, in which cycle.
    pub dossier: Id,
    /// The ordered correction that a result has opened (article 22), if it comes from one.
    pub step: Option<Id>,
    /// Why the committee finds it necessary.
    pub reason: String,
    /// What is to be corrected, point by point.
    pub points: Vec<String>,
    /// Until when the official reports.
    pub period: Period,
    /// His report.
    pub report: Option<Handed>,
    /// Follow-up checks, as they were entered.
    pub checks: Vec<Check>,
    /// Briefs to the standing committee, as they were entered; only the last one can wait for its decision.
    pub briefs: Vec<Brief>,
    /// Meetings that were told, as they were entered.
    pub told: Vec<Told>,
}

impl Document for Correction {
    const KIND: &'static str = "correction";
}

impl Counted for Correction {
    fn periods(&mut self) -> Vec<&mut Period> {
        vec![&mut self.period]
    }

    fn dossier(&self) -> Id {
        self.dossier
    }
}

/// A follow-up check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// When, `YYYY-MM-DD`.
    pub on: String,
    /// Who looked.
    pub who: String,
    /// What was found.
    pub found: String,
    /// Whether every point was done.
    pub done: bool,
}

/// A brief to the standing committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// When, `YYYY-MM-DD`.
    pub on: String,
    /// What was reported.
    pub text: String,
    /// What it decided; `None` while that is open.
    pub decision: Option<Decision>,
}

/// What the committee decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// When, `YYYY-MM-DD`.
    pub on: String,
    /// True ends the correction; false lets it go on.
    pub settled: bool,
    /// In its words.
    pub text: String,
}

/// A meeting was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Day of the meeting, `YYYY-MM-DD`.
    pub on: String,
    /// Which meeting.
    pub meeting: String,
}

impl Correction {
    /// The last decision.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.briefs.iter().rev().find_map(|brief| brief.decision.as_ref())
    }

    /// The committee has found it done.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.decision().is_some_and(|decision| decision.settled)
    }

    /// Whether the next meeting has to hear of it: it was never told, or something was decided, or left, since.
    #[must_use]
    pub fn is_to_tell(&self) -> bool {
        match self.told.last() {
            None => true,
            Some(told) => self.goes_on_after(told),
        }
    }

    /// It was not settled when this meeting was told.
    fn goes_on_after(&self, told: &Told) -> bool {
        let then = self.briefs.iter().filter_map(|brief| brief.decision.as_ref()).rfind(|d| d.on <= told.on);
        !then.is_some_and(|decision| decision.settled)
    }

    /// Takes the report in; in place of what was entered before, if it says why.
    ///
    /// # Errors
    /// It was entered already, or the committee knows of it.
    fn receive(&mut self, handed: Handed, why: &str) -> Result<(), Refusal> {
        if !self.briefs.is_empty() && self.report.is_some() {
            return Err(Refusal::conflict("整改报告已经报告常委会，不再更正。", "有补充的，请另记一条督查情况。"));
        }
        if self.report.is_some() && why.trim().is_empty() {
            return Err(Refusal::conflict("整改报告已经登记过。", "要更正的，请写明理由，再保存。"));
        }
        self.report = Some(handed);
        Ok(())
    }

    /// Adds a check.
    ///
    /// # Errors
    /// It is settled.
    fn check(&mut self, check: Check, today: Date) -> Result<(), Refusal> {
        self.goes_on()?;
        happened("督查日期", &check.on, Some(("送达日期", &self.period.served)), today)?;
        self.checks.push(check);
        Ok(())
    }

    /// Reports to the committee.
    ///
    /// # Errors
    /// Nothing was checked, or a brief waits for its decision.
    fn brief(&mut self, brief: Brief, today: Date) -> Result<(), Refusal> {
        self.goes_on()?;
        if self.briefs.last().is_some_and(|brief| brief.decision.is_none()) {
            return Err(Refusal::conflict("上一次报告还没有登记常委会的决定。", "请先登记决定。"));
        }
        let Some(checked) = self.checks.iter().map(|check| check.on.as_str()).min() else {
            return Err(Refusal::conflict(
                "还没有督查记录，不能报告常委会。",
                "请先登记督查情况；没有收到整改报告的，也请写明。",
            ));
        };
        happened("报告日期", &brief.on, Some(("督查日期", checked)), today)?;
        self.briefs.push(brief);
        Ok(())
    }

    /// Enters what the committee decided.
    ///
    /// # Errors
    /// No brief waits for it.
    fn decide(&mut self, decision: Decision, today: Date) -> Result<(), Refusal> {
        let Some(brief) = self.briefs.last_mut().filter(|brief| brief.decision.is_none()) else {
            return Err(Refusal::conflict("没有等待决定的报告。", "请先登记向常委会的报告。"));
        };
        happened("决定日期", &decision.on, Some(("报告日期", &brief.on)), today)?;
        brief.decision = Some(decision);
        Ok(())
    }

    /// Tells a meeting.
    ///
    /// # Errors
    /// Nothing was decided, or nothing that the last meeting did not hear.
    fn tell(&mut self, told: Told, today: Date) -> Result<(), Refusal> {
        let Some(decision) = self.decision() else {
            return Err(Refusal::conflict(
                "常委会还没有研究整改情况，不能通报。",
                "请先登记向常委会的报告和常委会的决定。",
            ));
        };
        if !self.is_to_tell() {
            return Err(Refusal::conflict("整改情况已经通报过，没有新的内容。", "请核对通报的日期。"));
        }
        if let Some(last) = self.told.last()
            && told.on <= last.on
        {
            return Err(Refusal::conflict(format!("{} 已经通报过。", last.on), "请核对通报的日期。"));
        }
        happened("通报日期", &told.on, Some(("决定日期", &decision.on)), today)?;
        self.told.push(told);
        Ok(())
    }

    fn goes_on(&self) -> Result<(), Refusal> {
        if self.settled() {
            return Err(Refusal::conflict("常委会已经认定整改到位。", "有新的问题，请另发整改通知。"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::record::{
        calendar::{Calendar, Policy},
        due::Unit,
    };

    const TODAY: Date = date(2026, 12, 14);

    fn text(text: &str) -> String {
        text.to_owned()
    }

    fn correction() -> Correction {
        Correction {
            dossier: Id::draw(&mut StdRng::seed_from_u64(5)),
            step: None,
            reason: text("示例理由"),
            points: vec![text("第一点")],
            period: Period::begin(date(2026, 9, 1), (30, Unit::Days), Policy::default(), &Calendar::built_in()),
            report: None,
            checks: Vec::new(),
            briefs: Vec::new(),
            told: Vec::new(),
        }
    }

    fn check(on: &str, done: bool) -> Check {
        Check { on: text(on), who: text("某室"), found: text("示例情况"), done }
    }

    fn brief(on: &str) -> Brief {
        Brief { on: text(on), text: text("示例报告"), decision: None }
    }

    fn decision(on: &str, settled: bool) -> Decision {
        Decision { on: text(on), settled, text: text("示例决定") }
    }

    fn told(on: &str) -> Told {
        Told { on: text(on), meeting: text("示例会议") }
    }

    #[test]
    fn the_committee_hears_what_was_checked_and_a_meeting_what_was_decided() {
        let mut one = correction();
        assert!(one.tell(told("2026-12-01"), TODAY).unwrap_err().error.contains("还没有研究"));
        assert!(one.brief(brief("2026-10-10"), TODAY).unwrap_err().error.contains("还没有督查记录"));
        assert!(one.decide(decision("2026-10-12", true), TODAY).unwrap_err().error.contains("没有等待"));
        one.check(check("2026-10-09", true), TODAY).unwrap();
        assert!(one.brief(brief("2026-10-08"), TODAY).unwrap_err().error.contains("早于督查日期"));
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        assert!(one.brief(brief("2026-10-11"), TODAY).unwrap_err().error.contains("还没有登记常委会的决定"));
        assert!(one.tell(told("2026-12-01"), TODAY).unwrap_err().error.contains("还没有研究"), "told before decided");
        one.decide(decision("2026-10-12", true), TODAY).unwrap();
        assert!(one.check(check("2026-10-20", true), TODAY).unwrap_err().error.contains("整改到位"));
        assert!(one.tell(told("2026-10-11"), TODAY).unwrap_err().error.contains("早于决定日期"));
        one.tell(told("2026-12-01"), TODAY).unwrap();
        assert!(!one.is_to_tell());
        assert!(one.tell(told("2026-12-02"), TODAY).unwrap_err().error.contains("没有新的内容"));
    }

    #[test]
    fn what_was_told_and_not_settled_is_told_again() {
        let mut one = correction();
        one.check(check("2026-10-09", false), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        one.decide(decision("2026-10-12", false), TODAY).unwrap();
        one.tell(told("2026-11-01"), TODAY).unwrap();
        assert!(one.is_to_tell(), "it goes on");
        assert!(one.tell(told("2026-11-01"), TODAY).unwrap_err().error.contains("已经通报过"), "not twice on one day");
        one.check(check("2026-11-20", true), TODAY).unwrap();
        one.brief(brief("2026-11-21"), TODAY).unwrap();
        one.decide(decision("2026-11-22", true), TODAY).unwrap();
        assert!(one.is_to_tell(), "that it was settled, the next meeting hears");
        one.tell(told("2026-12-10"), TODAY).unwrap();
        assert!(!one.is_to_tell() && one.told.len() == 2);
    }

    #[test]
    fn a_report_is_corrected_with_a_reason_and_not_behind_the_committee() {
        let mut one = correction();
        let handed = |on: &str| Handed { on: text(on), text: text("示例报告"), file_hash: None };
        one.receive(handed("2026-10-08"), "").unwrap();
        assert!(one.receive(handed("2026-10-07"), "").unwrap_err().error.contains("已经登记过"));
        one.receive(handed("2026-10-07"), "日期登记错了").unwrap();
        one.check(check("2026-10-09", true), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        assert!(one.receive(handed("2026-10-06"), "又错了").unwrap_err().error.contains("已经报告常委会"));
    }
}
