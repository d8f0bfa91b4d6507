//! When a period ends: 15 working days (article 17), 30 days (article 20).
//!
//! | rule | source | here |
//! |---|---|---|
//! | the day of service is not counted | Civil Code, article 201 | [`Policy::counts_service`] |
//! | a period that ends on a day off ends on the next working day | Civil Code, article 203 | [`Policy::rolls`] |
//!
//! **A period that rests on days of an unknown year is provisional**, and its date is the earliest on which it could
//! end whatever the notice will say. There, every day may turn out to be worked but those that the State Council's
//! decree on public holidays (2024) fixes by their date: 1 January, 1 and 2 May, 1 to 3 October. Weekends are no
//! exception: on 8 and 9 June 2013 both days of one were worked. So the date may come too early, and never too late.

use jiff::{ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Calendar;

/// Month and day of those that are off in every year.
pub(super) const ALWAYS_OFF: [(i8, i8); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// How periods are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whether the day of service is the first day of the period.
    pub counts_service: bool,
    /// Whether a period of calendar days that ends on a day off goes on to the next working day.
    pub rolls: bool,
}

impl Default for Policy {
    /// As the Civil Code has it.
    fn default() -> Self {
        Self { counts_service: false, rolls: true }
    }
}

/// The last day of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The last day; the earliest possible one if it is provisional.
    pub date: Date,
    /// 暂定: days that it rests on are of a year whose notice is not known.
    pub provisional: bool,
}

impl Calendar {
    /// The last of `days` working days after service on `served`; `served` itself for none. No date is behind the last
    /// one that there is (9999-12-31).
    #[must_use]
    pub fn working_days_after(&self, served: Date, days: u16, policy: Policy) -> Due {
        let mut due = Due { date: served, provisional: false };
        let mut left = days;
        if policy.counts_service && left > 0 && self.may_be_worked(&mut due) {
            left -= 1;
        }
        while left > 0 && due.date < Date::MAX {
            due.date = after(due.date, 1);
            if self.may_be_worked(&mut due) {
                left -= 1;
            }
        }
        due
    }

    /// The last of `days` calendar days after service on `served`, or the next working day.
    #[must_use]
    pub fn calendar_days_after(&self, served: Date, days: u16, policy: Policy) -> Due {
        let days = if policy.counts_service { days.saturating_sub(1) } else { days };
        let mut due = Due { date: after(served, days), provisional: false };
        while policy.rolls && !self.may_be_worked(&mut due) && due.date < Date::MAX {
            due.date = after(due.date, 1);
        }
        due
    }

    /// Whether people work on the day reached, or may: then the period is provisional.
    fn may_be_worked(&self, due: &mut Due) -> bool {
        self.settled(due.date).unwrap_or_else(|| {
            due.provisional = true;
            !ALWAYS_OFF.contains(&(due.date.month(), due.date.day()))
        })
    }
}

fn after(day: Date, days: u16) -> Date {
    day.saturating_add(i64::from(days).days())
}
