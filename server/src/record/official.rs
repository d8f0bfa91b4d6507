//! A reported official (article 2), and the terms of office in which he reports (article 12).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::{Span, civil::Date};

use super::{
    Documents, Kept,
    document::{Document, Id},
    field,
};
use crate::{limits, spelling, web::Refusal};

mod dossiers;
mod paste;
mod routes;

pub(super) use dossiers::{dossiers_of, has_reported};

/// The routes of officials and their dossiers.
pub(super) fn table() -> Vec<super::api::Endpoint> {
    routes::table().into_iter().chain(dossiers::table()).collect()
}

/// 述职述责述廉对象.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Official {
    /// Name.
    pub name: String,
    /// Terms of office, the oldest first. A transfer ends one and begins the next.
    pub terms: Vec<Term>,
    /// Reports no more: retired, left.
    pub left: bool,
}

impl Document for Official {
    const KIND: &'static str = "official";
}

/// One term of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// First day, `YYYY-MM-DD`.
    pub begins: String,
    /// Day on which it is expected to end, if that is known.
    pub expected_end: Option<String>,
    /// Day on which it ended.
    pub ended: Option<String>,
}

/// How an official reports (article 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 会议报告.
    Oral,
    /// 书面报告.
    Written,
}

/// One official in one cycle: what everything else of that year hangs on. Unit and post are as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// The cycle.
    pub cycle: Id,
    /// The official.
    pub official: Id,
    /// Name, as the meeting has it.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// How he reports; `None` while that is open.
    pub way: Option<Way>,
    /// The day of the oral report.
    pub reported_on: Option<String>,
}

impl Document for Dossier {
    const KIND: &'static str = "dossier";
}

/// A name as it was typed, in the form in which a meeting keeps it.
///
/// # Errors
/// Empty, too long, or with characters that nobody sees.
fn named(text: &str) -> Result<String, Refusal> {
    field::line("姓名", text, limits::NAME).map(|name| spelling::name(&name))
}

impl Term {
    /// Looks at what was typed.
    ///
    /// # Errors
    /// Which field, and what to do.
    fn checked(self) -> Result<Self, Refusal> {
        let Self { unit, post, begins, expected_end, ended } = self;
        let begin = field::day("任职日期", &begins)?;
        for (what, end) in [("任期届满日期", &expected_end), ("离任日期", &ended)] {
            if let Some(end) = end
                && field::day(what, end)? < begin
            {
                return Err(Refusal::conflict(format!("{what}早于任职日期。"), "请核对这两个日期。"));
            }
        }
        // In the form in which a meeting keeps them: otherwise no result would find its dossier.
        let unit = spelling::word(&field::line("单位", &unit, limits::TEXT)?);
        let post = spelling::phrase(&field::line("职务", &post, limits::TEXT)?);
        Ok(Self { unit, post, begins, expected_end, ended })
    }
}

impl Official {
    /// The term that lasts, if one does.
    #[must_use]
    pub fn term(&self) -> Option<&Term> {
        self.terms.last().filter(|term| term.ended.is_none() && !self.left)
    }
}

/// How an official stands to article 12: at least one oral report in a term of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Standing {
    /// The term began on this day.
    pub since: String,
    /// No oral report since.
    pub owed: bool,
    /// The last oral report of all, in whatever term.
    pub last_oral: Option<String>,
    /// Still owed, and little time left.
    pub warning: Option<Warning>,
}

/// Why it is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The term should have ended already.
    Overdue,
    /// The cycle is the last one before the expected end: the year after it has no whole year of the term any more.
    LastCycle,
    /// The expected end is fewer months away than the policy says.
    EndsSoon,
}

/// How an official stands on a day, as seen in the cycle of a year; `None` if he is in no office.
pub(super) fn standing(
    documents: &Documents,
    official: &Kept<Official>,
    today: Date,
    (year, warn_months): (Option<i16>, u16),
) -> Option<Standing> {
    let term = official.body.term()?;
    let reports = documents.all::<Dossier>();
    let mut days: Vec<Date> = reports
        .iter()
        .filter(|dossier| dossier.body.official == official.id && dossier.body.way == Some(Way::Oral))
        .filter_map(|dossier| field::date(dossier.body.reported_on.as_deref()?))
        .collect();
    days.sort_unstable();
    let last = days.last().copied();
    let owed = field::date(&term.begins).is_none_or(|begins| last.is_none_or(|last| last < begins));
    let end = term.expected_end.as_deref().and_then(field::date);
    let warning = end.filter(|_| owed).and_then(|end| {
        let soon = today.saturating_add(Span::new().months(i32::from(warn_months)));
        if end < today {
            Some(Warning::Overdue)
        } else if year.is_some_and(|year| end.year() <= year.saturating_add(1)) {
            Some(Warning::LastCycle)
        } else {
            (end <= soon).then_some(Warning::EndsSoon)
        }
    });
    Some(Standing { since: term.begins.clone(), owed, last_oral: last.map(|day| day.to_string()), warning })
}
