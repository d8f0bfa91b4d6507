//! Periods that run (articles 17 and 20): from when, by which rules, until when, and how they stand today.
//!
//! A record keeps its own copy of the rules and the last day that came of them. A year's notice that is taken in changes
//! that day, and the trail then has the old one and the new one ([`super::years`]). **A provisional last day is the
//! earliest that is possible**: nobody is late by it before the notice is known.

mod handed;
mod line;
mod sum;
mod waits;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use handed::Handed;
pub(super) use handed::Handing;
pub(super) use line::table;
pub use line::{DueLine, WaitsFor, What, due_list};
pub(super) use sum::in_words;
pub use sum::{Off, Sum};

use super::{
    Document, Id,
    calendar::{Calendar, Due, Policy},
    field,
};

/// What a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 工作日.
    WorkingDays,
    /// 日.
    Days,
}

/// A period, with the rules of its cycle as they were when it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Day of service, `YYYY-MM-DD`.
    pub served: String,
    /// How many.
    pub days: u16,
    /// Of what.
    pub unit: Unit,
    /// How they are counted.
    pub counting: Policy,
    /// The last day; the earliest possible one if it is provisional.
    pub due: String,
    /// 暂定: it rests on days of a year whose notice is not known.
    pub provisional: bool,
}

/// How a period stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing came, and there is time.
    Running,
    /// Nothing came, and the earliest possible last day is over: nobody can say yet whether it is overdue.
    Open,
    /// Nothing came, and the time is over.
    Overdue,
    /// It came in time.
    InTime,
    /// It came behind the earliest possible last day: nobody can say yet whether that was late.
    Unsettled,
    /// It came too late.
    Late,
}

impl Period {
    /// Begins one.
    #[must_use]
    pub fn begin(served: Date, (days, unit): (u16, Unit), counting: Policy, calendar: &Calendar) -> Self {
        let Due { date, provisional } = end(served, (days, unit), counting, calendar);
        Self { served: served.to_string(), days, unit, counting, due: date.to_string(), provisional }
    }

    /// The same by what is known now.
    #[must_use]
    pub fn again(&self, calendar: &Calendar) -> Self {
        let Some(served) = field::date(&self.served) else { return self.clone() };
        Self::begin(served, (self.days, self.unit), self.counting, calendar)
    }

    /// How it stands today, if `received` is the day on which something came.
    #[must_use]
    pub fn standing(&self, received: Option<&str>, today: Date) -> Standing {
        // Days of one form are ordered as their texts are.
        let day = received.map_or_else(|| today.to_string(), str::to_owned);
        match (received, day <= self.due, self.provisional) {
            (None, true, _) => Standing::Running,
            (None, false, true) => Standing::Open,
            (None, false, false) => Standing::Overdue,
            (Some(_), true, _) => Standing::InTime,
            (Some(_), false, true) => Standing::Unsettled,
            (Some(_), false, false) => Standing::Late,
        }
    }
}

fn end(served: Date, (days, unit): (u16, Unit), counting: Policy, calendar: &Calendar) -> Due {
    match unit {
        Unit::WorkingDays => calendar.working_days_after(served, days, counting),
        Unit::Days => calendar.calendar_days_after(served, days, counting),
    }
}

/// A document with periods, which are counted again when more is known.
pub(super) trait Counted: Document {
    /// Its periods, the oldest first.
    fn periods(&mut self) -> Vec<&mut Period>;

    /// Whose it is.
    fn dossier(&self) -> Id;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    fn period(served: Date, calendar: &Calendar) -> Period {
        Period::begin(served, (15, Unit::WorkingDays), Policy::default(), calendar)
    }

    #[test]
    fn in_time_on_the_last_day_and_late_on_the_next() {
        let period = period(date(2026, 9, 22), &Calendar::built_in());
        assert_eq!((period.due.as_str(), period.provisional), ("2026-10-20", false));
        let came = |day: &str| period.standing(Some(day), date(2026, 12, 1));
        assert_eq!([came("2026-10-20"), came("2026-10-21")], [Standing::InTime, Standing::Late]);
        let now = |today: Date| period.standing(None, today);
        assert_eq!([now(date(2026, 10, 20)), now(date(2026, 10, 21))], [Standing::Running, Standing::Overdue]);
    }

    #[test]
    fn nobody_is_late_by_a_date_that_may_come_too_early() {
        let period = period(date(2026, 12, 11), &Calendar::built_in());
        assert_eq!((period.due.as_str(), period.provisional), ("2026-12-29", true));
        let today = date(2027, 1, 4);
        assert_eq!(period.standing(None, today), Standing::Open);
        assert_eq!(period.standing(Some("2027-01-04"), today), Standing::Unsettled);
        assert_eq!(period.standing(Some("2026-12-29"), today), Standing::InTime, "it never comes too late");
    }
}
