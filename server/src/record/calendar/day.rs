//! What a day is in the counting of a period.

use jiff::civil::{Date, Weekday};

use super::{Calendar, due::ALWAYS_OFF};

/// What a day is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A working day of the week.
    Working,
    /// A day of a weekend that is worked for a holiday.
    MadeUp,
    /// Off by a notice, or by the decree in a year whose notice is unknown; the holiday's name where there is one.
    Holiday(String),
    /// Off because it is a weekend.
    Weekend,
    /// **Nobody knows yet**: the notice for this year is not known. Counted as if it were worked.
    Open {
        /// The year whose notice will say.
        notice: i16,
    },
}

impl Kind {
    /// Whether it is counted.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Self::Working | Self::MadeUp | Self::Open { .. })
    }
}

impl Calendar {
    /// What this day is: as [`Calendar::working_days_after`] counts it.
    #[must_use]
    pub fn kind(&self, day: Date) -> Kind {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.settled(day) {
            None if ALWAYS_OFF.contains(&(day.month(), day.day())) => Kind::Holiday(fixed(day).to_owned()),
            None if self.knows(day.year()) => Kind::Open { notice: day.year() + 1 },
            None => Kind::Open { notice: day.year() },
            Some(true) if weekend => Kind::MadeUp,
            Some(true) => Kind::Working,
            Some(false) => match self.holiday(day) {
                Some(name) => Kind::Holiday(name.to_owned()),
                None => Kind::Weekend,
            },
        }
    }

    /// The holiday for which a day is off; `None` for a plain weekend.
    fn holiday(&self, day: Date) -> Option<&str> {
        let of = |year: i16| self.years.get(&year).filter(|year| year.says(day) == Some(false))?.name(day);
        of(day.year() + 1).or_else(|| of(day.year()))
    }
}

/// The name of a holiday that the decree fixes by its date.
fn fixed(day: Date) -> &'static str {
    match day.month() {
        1 => "元旦",
        5 => "劳动节",
        _ => "国庆节",
    }
}
