//! Days of a correction that were entered wrongly.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Correction, Decision, Told};
use crate::{
    record::{calendar::Calendar, due::Period, field::happened},
    web::Refusal,
};

/// Every day of a correction, as it should have been entered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Dates {
    /// Day of service, `YYYY-MM-DD`.
    pub(super) served_on: String,
    /// When the report came; absent while it has not.
    pub(super) received_on: Option<String>,
    /// One for each check.
    pub(super) checks: Vec<String>,
    /// One for each brief.
    pub(super) briefs: Vec<BriefDates>,
}

/// Every day of a brief.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BriefDates {
    /// When, `YYYY-MM-DD`.
    pub(super) on: String,
    /// When the committee decided; absent while it has not.
    pub(super) decided_on: Option<String>,
}

/// Days that speak of something else than what is there.
pub(super) fn unfit() -> Refusal {
    Refusal::conflict("日期和登记的内容对不上。", "请刷新页面，看过现在的内容再改。")
}

impl Correction {
    /// Corrects days that were entered wrongly; the period moves with them.
    ///
    /// # Errors
    /// A meeting has heard of them; one before what it follows, or to come; none of them changes.
    pub(super) fn correct_dates(&mut self, dates: &Dates, calendar: &Calendar, today: Date) -> Result<(), Refusal> {
        if !self.told.is_empty() {
            return Err(Refusal::conflict(
                "整改情况已经在会议上通报，日期不再更正。",
                "请另记一条督查情况，写明正确的日期，下一次会议再通报。",
            ));
        }
        let before = self.clone();
        let Dates { served_on, received_on, checks, briefs } = dates;
        if checks.len() != self.checks.len() || briefs.len() != self.briefs.len() {
            return Err(unfit());
        }
        let service = Some(("送达日期", served_on.as_str()));
        happened("送达日期", served_on, None, today)?;
        self.period = Period { served: served_on.clone(), ..self.period.clone() }.again(calendar);
        match (&mut self.report, received_on) {
            (Some(report), Some(on)) => {
                happened("收到日期", on, service, today)?;
                report.on.clone_from(on);
            }
            (None, None) => {}
            _ => return Err(unfit()),
        }
        for (check, on) in self.checks.iter_mut().zip(checks) {
            happened("督查日期", on, service, today)?;
            check.on.clone_from(on);
        }
        let checked = checks.iter().map(|on| ("督查日期", on.as_str())).min();
        for (brief, BriefDates { on, decided_on }) in self.briefs.iter_mut().zip(briefs) {
            happened("报告日期", on, checked, today)?;
            brief.on.clone_from(on);
            match (&mut brief.decision, decided_on) {
                (Some(decision), Some(decided)) => {
                    happened("决定日期", decided, Some(("报告日期", on)), today)?;
                    decision.on.clone_from(decided);
                }
                (None, None) => {}
                _ => return Err(unfit()),
            }
        }
        if *self == before {
            return Err(Refusal::conflict("日期都没有变。", "没有要更正的，就不用保存。"));
        }
        Ok(())
    }

    /// Corrects the day and the name of a meeting that was told.
    ///
    /// # Errors
    /// Another day does not fit what was decided, or another telling.
    pub(super) fn correct_told(&mut self, on: &str, now: Told, today: Date) -> Result<(), Refusal> {
        let Some(at) = self.told.iter().position(|told| told.on == on) else {
            return Err(unfit());
        };
        let decided = self.briefs.iter().filter_map(|brief| brief.decision.as_ref());
        let heard = decided.filter(|decision| decision.on.as_str() <= on).map(|decision| decision.on.as_str()).max();
        happened("通报日期", &now.on, heard.map(|heard| ("决定日期", heard)), today)?;
        // What was decided behind it was not heard there.
        let heard_now = |decision: &&Decision| decision.on.as_str() > on && decision.on <= now.on;
        let decided = self.briefs.iter().filter_map(|brief| brief.decision.as_ref());
        let others = self.told.iter().enumerate().filter(|(other, _)| *other != at);
        let out_of_order =
            others.into_iter().any(|(other, told)| if other < at { told.on >= now.on } else { told.on <= now.on });
        if out_of_order || decided.filter(heard_now).count() > 0 {
            return Err(Refusal::conflict(
                format!("通报日期改为 {} 后，和前后的决定或通报对不上。", now.on),
                "请核对通报的日期。",
            ));
        }
        if let Some(told) = self.told.get_mut(at) {
            (told.on, told.meeting) = (now.on, now.meeting);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        super::tests::{TODAY, brief, check, correction, decision, text, told},
        *,
    };

    #[test]
    fn every_day_is_corrected_until_a_meeting_has_heard_of_it() {
        let (mut one, calendar) = (correction(), Calendar::built_in());
        one.check(check("2026-10-09", true), TODAY).unwrap();
        one.brief(brief("2026-10-10"), TODAY).unwrap();
        let days = |served: &str, check: &str, on: &str, decided: Option<&str>| Dates {
            served_on: text(served),
            received_on: None,
            checks: vec![text(check)],
            briefs: vec![BriefDates { on: text(on), decided_on: decided.map(text) }],
        };
        for (wrong, word) in [
            (days("2026-12-15", "2026-10-09", "2026-10-10", None), "还没有到"),
            (days("2026-10-10", "2026-10-09", "2026-10-10", None), "早于送达日期"),
            (days("2026-09-01", "2026-10-11", "2026-10-10", None), "早于督查日期"),
            (days("2026-09-01", "2026-10-09", "2026-10-10", Some("2026-10-12")), "对不上"),
            (days("2026-09-01", "2026-10-09", "2026-10-10", None), "都没有变"),
        ] {
            assert!(one.clone().correct_dates(&wrong, &calendar, TODAY).unwrap_err().error.contains(word), "{word}");
        }
        one.correct_dates(&days("2026-09-15", "2026-10-08", "2026-10-12", None), &calendar, TODAY).unwrap();
        assert_eq!((one.period.due.as_str(), one.checks[0].on.as_str()), ("2026-10-15", "2026-10-08"));
        one.decide(decision("2026-10-13", true), TODAY).unwrap();
        one.tell(told("2026-11-01", false), TODAY).unwrap();
        let late = days("2026-09-15", "2026-10-08", "2026-10-12", Some("2026-10-12"));
        assert!(one.correct_dates(&late, &calendar, TODAY).unwrap_err().error.contains("已经在会议上通报"));
    }

    #[test]
    fn the_day_of_a_meeting_is_corrected_as_long_as_it_heard_the_same() {
        let mut one = correction();
        one.check(check("2026-10-09", false), TODAY).unwrap();
        for (on, decided, heard, settled) in
            [("2026-10-10", "2026-10-12", "2026-11-01", false), ("2026-11-20", "2026-11-22", "2026-12-01", true)]
        {
            one.brief(brief(on), TODAY).unwrap();
            one.decide(decision(decided, settled), TODAY).unwrap();
            one.tell(told(heard, false), TODAY).unwrap();
        }
        for (on, to, word) in [
            ("2026-11-01", "2026-10-11", "早于决定日期"),
            ("2026-11-01", "2026-11-23", "对不上"),
            ("2026-11-01", "2026-12-02", "对不上"),
            ("2026-12-01", "2026-12-15", "还没有到"),
            ("2026-11-02", "2026-11-03", "对不上"),
        ] {
            assert!(
                one.clone().correct_told(on, told(to, false), TODAY).unwrap_err().error.contains(word),
                "{on} {to}"
            );
        }
        one.correct_told("2026-11-01", told("2026-11-02", false), TODAY).unwrap();
        assert_eq!(one.told[0].on, "2026-11-02");
    }
}
