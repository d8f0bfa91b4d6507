//! Working days: which days were given off or worked by the State Council's yearly notice, and when a period ends.
//!
//! The data is `holiday-cn` (MIT), one file a year; a year whose notice has not appeared is **unknown**, and nothing is
//! said of its days.

mod day;
mod due;
mod year;

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday, date};

pub use day::Kind;
pub use due::{Due, Policy};
pub use year::{CalendarError, Day, Year};

/// Files that are built in.
const BUILT_IN: [&str; 3] = [
    include_str!("../../../calendar/2024.json"),
    include_str!("../../../calendar/2025.json"),
    include_str!("../../../calendar/2026.json"),
];

/// From this day on the December of a year waits for the notice of the next one. That has moved its days before (in
/// 2018 Saturday 29 December was worked and Monday 31 December was off by the notice for 2019), and what it moves for
/// New Year's Day are the weekends on either side of it: the one before begins on 24 December at the earliest. This is
/// the Sunday, or less, before that weekend, so that **a date which is given as the earliest stays it** though a notice
/// reached one working week further than any has.
pub(super) const UNSETTLED: (i8, i8) = (12, 20);

/// The years whose notices are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

impl Calendar {
    /// The years that this program carries.
    #[must_use]
    pub fn built_in() -> Self {
        // A test reads each of them.
        BUILT_IN.iter().filter_map(|file| Year::parse(file).ok()).fold(Self::default(), Self::with)
    }

    /// The same with one more year, in place of what was known of it.
    #[must_use]
    pub fn with(mut self, year: Year) -> Self {
        self.years.insert(year.number(), year);
        self
    }

    /// Whether the notice for this year is known.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// The newest year that is known.
    #[must_use]
    pub fn newest(&self) -> Option<i16> {
        self.years.keys().next_back().copied()
    }

    /// Every year that is known, the oldest first.
    pub fn years(&self) -> impl Iterator<Item = &Year> {
        self.years.values()
    }

    /// Whether people work on this day, as far as the known notices say; `None` in an unknown year. **The last days of
    /// the newest year can still change**: periods take them for open.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> Option<bool> {
        // The notice for the next year may speak of this December, and has the last word.
        let next = self.years.get(&(day.year() + 1)).and_then(|year| year.says(day));
        let own = self.years.get(&day.year())?;
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Some(next.or_else(|| own.says(day)).unwrap_or(!weekend))
    }

    /// The same, `None` too for the last days of a December before an unknown year.
    fn settled(&self, day: Date) -> Option<bool> {
        let (month, first) = UNSETTLED;
        let open = day >= date(day.year(), month, first) && !self.knows(day.year() + 1);
        if open { None } else { self.is_working_day(day) }
    }
}

#[cfg(test)]
mod tests;
