//! Corrections (article 20): the notice, the report within so many days, what follow-up found, what the committee
//! decided, and that the next meeting was told.
//!
//! ```text
//! notice (reason, points, service) -> report of the official
//!        -> check, check … -> brief to the committee -> decision: settled, or goes on (check, brief, decision …)
//!                                                    -> told at the next meeting
//! ```
//! **What runs is followed to its end even when its cycle is closed**: the next meeting belongs to the next one.

mod dates;
mod routes;
mod told;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use told::Heard;

use super::{
    Document, Id, Withdrawn,
    due::{Counted, Handed, Period},
    field::happened,
    file::Stored,
};
use crate::web::Refusal;

/// In place of a name whose dossier is gone: the line itself stays to be seen.
pub(super) const GONE: &str = "（案卷缺失）";

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
    /// It was entered by mistake.
    pub withdrawn: Option<Withdrawn>,
}

pub(super) fn table() -> Vec<super::api::Endpoint> {
    routes::table().into_iter().chain(told::table()).collect()
}

impl Document for Correction {
    const KIND: &'static str = "correction";
}

impl Counted for Correction {
    fn periods(&mut self) -> Vec<&mut Period> {
        if self.withdrawn.is_some() { Vec::new() } else { vec![&mut self.period] }
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
    /// What was written down of it, if that is kept.
    pub file: Option<Stored>,
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
    /// What it heard.
    pub heard: Heard,
}

impl Correction {
    /// Withdraws a notice that was entered by mistake.
    ///
    /// # Errors
    /// Something rests on it: the official has reported, or somebody has checked, or more.
    fn withdraw(&mut self, withdrawn: Withdrawn) -> Result<(), Refusal> {
        if self.report.is_some() || !self.checks.is_empty() {
            return Err(Refusal::conflict(
                "这件整改已经有报告或督查记录，不能撤回。",
                "登记有误的，请更正日期；不再需要整改的，请登记督查情况和常委会的决定。",
            ));
        }
        self.withdrawn = Some(withdrawn);
        Ok(())
    }

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
        if self.withdrawn.is_some() {
            return false;
        }
        match self.told.last() {
            None => true,
            // Not by days: a decision of before may have been entered afterwards.
            Some(told) => told.heard.settled != Some(true),
        }
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

    pub(super) const TODAY: Date = date(2026, 12, 14);

    pub(super) fn text(text: &str) -> String {
        text.to_owned()
    }

    pub(super) fn correction() -> Correction {
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
            withdrawn: None,
        }
    }

    pub(super) fn check(on: &str, done: bool) -> Check {
        Check { on: text(on), who: text("某室"), found: text("示例情况"), done, file: None }
    }

    pub(super) fn brief(on: &str) -> Brief {
        Brief { on: text(on), text: text("示例报告"), decision: None }
    }

    pub(super) fn decision(on: &str, settled: bool) -> Decision {
        Decision { on: text(on), settled, text: text("示例决定") }
    }

    pub(super) fn told(on: &str, settled: bool) -> Told {
        let heard = Heard { settled: Some(settled), ..Heard::default() };
        Told { on: text(on), meeting: text("示例会议"), heard }
    }

    #[test]
    fn the_committee_hears_what_was_checked_and_a_meeting_what_was_decided() {
        let mut one = correction();
        assert!(one.tell(told("2026-12-01", true), TODAY).unwrap_err().error.contains("还没有研究"));
        assert!(one.brief(brief("2026-10-10"), TODAY).unwrap_err().error.contains("还没有督查记录"));
        assert!(one.decide(decision("2026-10-12", true), TODAY).unwrap_err().error.contains("没有等待"));
        one.check(check("2026-10-09", true), TODAY).unwrap();
        assert!(one.brief(brief("2026-10-08"), TODAY).unwrap_err().error.contains("早于督查日期"));
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        assert!(one.brief(brief("2026-10-11"), TODAY).unwrap_err().error.contains("还没有登记常委会的决定"));
        assert!(
            one.tell(told("2026-12-01", true), TODAY).unwrap_err().error.contains("还没有研究"),
            "told before decided"
        );
        one.decide(decision("2026-10-12", true), TODAY).unwrap();
        assert!(one.check(check("2026-10-20", true), TODAY).unwrap_err().error.contains("整改到位"));
        assert!(one.tell(told("2026-10-11", true), TODAY).unwrap_err().error.contains("早于决定日期"));
        one.tell(told("2026-12-01", true), TODAY).unwrap();
        assert!(!one.is_to_tell());
        assert!(one.tell(told("2026-12-02", true), TODAY).unwrap_err().error.contains("没有新的内容"));
    }

    #[test]
    fn what_was_told_and_not_settled_is_told_again() {
        let mut one = correction();
        one.check(check("2026-10-09", false), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        one.decide(decision("2026-10-12", false), TODAY).unwrap();
        one.tell(told("2026-11-01", false), TODAY).unwrap();
        assert!(one.is_to_tell(), "it goes on");
        assert!(
            one.tell(told("2026-11-01", false), TODAY).unwrap_err().error.contains("已经通报过"),
            "not twice on one day"
        );
        one.check(check("2026-11-20", true), TODAY).unwrap();
        one.brief(brief("2026-11-21"), TODAY).unwrap();
        one.decide(decision("2026-11-22", true), TODAY).unwrap();
        assert!(one.is_to_tell(), "that it was settled, the next meeting hears");
        one.tell(told("2026-12-10", true), TODAY).unwrap();
        assert!(!one.is_to_tell() && one.told.len() == 2);
    }

    #[test]
    fn a_decision_of_before_the_meeting_that_is_entered_afterwards_is_told_to_the_next() {
        let mut one = correction();
        one.check(check("2026-10-09", false), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        one.decide(decision("2026-10-12", false), TODAY).unwrap();
        one.tell(told("2026-12-01", false), TODAY).unwrap();
        one.check(check("2026-11-19", true), TODAY).unwrap();
        one.brief(brief("2026-11-20"), TODAY).unwrap();
        one.decide(decision("2026-11-25", true), TODAY).unwrap();
        assert!(one.is_to_tell(), "the meeting of 1 December did not hear of it");
        one.tell(told("2026-12-10", true), TODAY).unwrap();
        assert!(!one.is_to_tell());
    }

    #[test]
    fn a_report_is_corrected_with_a_reason_and_not_behind_the_committee() {
        let mut one = correction();
        let handed = |on: &str| Handed { on: text(on), text: text("示例报告"), file: None };
        one.receive(handed("2026-10-08"), "").unwrap();
        assert!(one.receive(handed("2026-10-07"), "").unwrap_err().error.contains("已经登记过"));
        one.receive(handed("2026-10-07"), "日期登记错了").unwrap();
        one.check(check("2026-10-09", true), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        assert!(one.receive(handed("2026-10-06"), "又错了").unwrap_err().error.contains("已经报告常委会"));
    }
}
