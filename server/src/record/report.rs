//! The written report of an official (articles 5 to 9, 13): when it is due, when it came, each version of it, and which
//! of the points it speaks of.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CyclePolicy, Documents, Dossier, Id, Kept,
    document::Document,
    field::{self, Step},
    file::Stored,
};

use crate::web::Refusal;

mod reminder;
mod routes;

pub(super) use routes::table;

/// What is known of one report. One a dossier, from the first thing that is entered of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The dossier.
    pub dossier: Id,
    /// Its cycle.
    pub cycle: Id,
    /// Another last day for this one.
    pub extended: Option<Extension>,
    /// What came, the first first: what was replaced stays.
    pub versions: Vec<Version>,
    /// The points that were looked at.
    pub marks: Vec<Mark>,
    /// SHA-256 of the version that the points were looked at in.
    pub marked: Option<String>,
}

impl Document for Report {
    const KIND: &'static str = "report";
}

/// More time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// `YYYY-MM-DD`.
    pub until: String,
    /// Why.
    pub why: String,
    /// Who entered it.
    pub by: Step,
}

/// One version of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The day on which the office received it, `YYYY-MM-DD`.
    pub received_on: String,
    /// The file.
    pub file: Stored,
    /// Why it replaces the one before; empty for the first.
    pub why: String,
    /// Who entered it.
    pub by: Step,
}

/// What became of one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Article.
    pub article: u8,
    /// Item.
    pub item: u8,
    /// Whether the report speaks of it.
    pub covered: Covered,
    /// On which page, from 1.
    pub page: Option<u16>,
}

/// Whether a report speaks of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Covered {
    /// 已写到.
    Covered,
    /// 没有写到.
    NotCovered,
    /// 不适用.
    NotApplicable,
}

/// How a report stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// The cycle names no last day yet.
    NoDay,
    /// There is time.
    Awaited,
    /// The last day has passed.
    Overdue,
    /// It came in time.
    InTime,
    /// It came after the last day.
    Late,
}

impl Report {
    /// Nothing entered yet.
    pub(super) const fn none(dossier: Id, cycle: Id) -> Self {
        Self { dossier, cycle, extended: None, versions: Vec::new(), marks: Vec::new(), marked: None }
    }

    /// Corrects the days on which its versions were received.
    ///
    /// # Errors
    /// One before the version that it replaces, or to come; none of them changes.
    fn correct_received(&mut self, days: &[String], today: Date) -> Result<(), Refusal> {
        if self.versions.is_empty() || days.len() != self.versions.len() {
            return Err(Refusal::conflict("日期和登记的内容对不上。", "请刷新页面，看过现在的内容再改。"));
        }
        if days.iter().eq(self.versions.iter().map(|version| &version.received_on)) {
            return Err(Refusal::conflict("日期都没有变。", "没有要更正的，就不用保存。"));
        }
        let mut since = None;
        for (version, day) in self.versions.iter_mut().zip(days) {
            field::happened("收到日期", day, since.map(|before| ("前一份的收到日期", before)), today)?;
            version.received_on.clone_from(day);
            since = Some(day.as_str());
        }
        Ok(())
    }

    /// The last day for it.
    pub(super) fn due(&self, policy: &CyclePolicy) -> Option<Date> {
        field::date(self.extended.as_ref().map_or(policy.reports_due.as_str(), |extension| extension.until.as_str()))
    }

    /// How it stands today. In time is what came first: a version that replaces another makes nobody late.
    pub(super) fn arrival(&self, due: Option<Date>, today: Date) -> Arrival {
        let first = self.versions.first().and_then(|version| field::date(&version.received_on));
        match (due, first) {
            (None, None) => Arrival::NoDay,
            (None, Some(_)) => Arrival::InTime,
            (Some(due), None) if today > due => Arrival::Overdue,
            (Some(_), None) => Arrival::Awaited,
            (Some(due), Some(first)) if first > due => Arrival::Late,
            (Some(_), Some(_)) => Arrival::InTime,
        }
    }
}

/// The report of a dossier; version 0 of an empty one while nothing was entered.
pub(super) fn of_dossier(documents: &Documents, dossier: &Kept<Dossier>) -> Kept<Report> {
    let found = documents.all::<Report>().into_iter().find(|report| report.body.dossier == dossier.id);
    found.unwrap_or(Kept { id: Id::FIRST, version: 0, body: Report::none(dossier.id, dossier.body.cycle) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_report_is_late_from_the_day_after_the_last_one() {
        let mut report = Report::none(Id::FIRST, Id::FIRST);
        let policy = CyclePolicy { reports_due: "2026-11-30".to_owned(), ..CyclePolicy::default() };
        let day = |text: &str| text.parse::<Date>().unwrap();
        let arrival = |report: &Report, today: &str| report.arrival(report.due(&policy), day(today));
        assert_eq!(arrival(&report, "2026-11-30"), Arrival::Awaited);
        assert_eq!(arrival(&report, "2026-12-01"), Arrival::Overdue);
        assert_eq!(report.arrival(None, day("2026-12-01")), Arrival::NoDay);
        let by = Step { who: "某甲".to_owned(), at: String::new(), accounts: Vec::new() };
        let file =
            Stored { sha256: String::new(), size: 1, kind: super::super::file::FileKind::Pdf, name: String::new() };
        let came =
            |on: &str| Version { received_on: on.to_owned(), file: file.clone(), why: String::new(), by: by.clone() };
        report.versions = vec![came("2026-12-01")];
        assert_eq!(arrival(&report, "2026-12-20"), Arrival::Late);
        report.versions = vec![came("2026-11-30"), came("2026-12-05")];
        assert_eq!(arrival(&report, "2026-12-20"), Arrival::InTime, "the second only replaces the first");
        report.versions.clear();
        report.extended = Some(Extension { until: "2026-12-10".to_owned(), why: "病假".to_owned(), by: by.clone() });
        assert_eq!(arrival(&report, "2026-12-10"), Arrival::Awaited);
    }
}
