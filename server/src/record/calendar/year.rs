//! One year's notice, as `holiday-cn` writes it.
//!
//! ```text
//! { "year": 2026, "papers": [url], "days": [ { "name": "元旦", "date": "2026-01-04", "isOffDay": false } ] }
//! ```

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde::Deserialize;

/// Why a file is not taken. Each text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// Not of the form above.
    Form(String),
    /// The year's notice had not appeared when the file was made: it names no day.
    NotPublished(i16),
    /// A day that the notice of this year cannot speak of.
    Day(i16, Date),
    /// A day that is named twice.
    Twice(Date),
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(why) => write!(f, "这不是节假日文件（{why}）。请用 holiday-cn 的年份文件，例如 2027.json。"),
            Self::NotPublished(year) => {
                write!(f, "{year} 年的文件里没有日期：放假通知还没有发布。请等国务院办公厅发布后再导入。")
            }
            Self::Day(year, day) => write!(f, "{year} 年的文件里有不属于它的日期 {day}。请换一份文件。"),
            Self::Twice(day) => write!(f, "{day} 在文件里出现了两次。请换一份文件。"),
        }
    }
}

impl std::error::Error for CalendarError {}

#[derive(Deserialize)]
struct File {
    year: i16,
    days: Vec<Day>,
}

/// A day that a notice names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// Of which holiday.
    #[serde(default)]
    pub name: String,
    /// Off, or a day of a weekend that is worked.
    #[serde(rename = "isOffDay")]
    pub off: bool,
}

/// What the notice for one year says: days off, and weekend days that are worked for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    number: i16,
    days: BTreeMap<Date, Day>,
}

impl Year {
    /// Reads a year's file.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn parse(json: &str) -> Result<Self, CalendarError> {
        let File { year, days } = serde_json::from_str(json).map_err(|error| CalendarError::Form(error.to_string()))?;
        Self::of(year, days)
    }

    /// The days that a notice names.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn of(number: i16, list: Vec<Day>) -> Result<Self, CalendarError> {
        // One year on either side must be a year too.
        if !(1950..=9000).contains(&number) {
            return Err(CalendarError::Form(format!("year {number}")));
        }
        if list.is_empty() {
            return Err(CalendarError::NotPublished(number));
        }
        let mut days = BTreeMap::new();
        for day in list {
            let date = day.date;
            let around =
                (date.year() == number - 1 && date.month() == 12) || (date.year() == number + 1 && date.month() == 1);
            if date.year() != number && !around {
                return Err(CalendarError::Day(number, date));
            }
            if days.insert(date, day).is_some() {
                return Err(CalendarError::Twice(date));
            }
        }
        Ok(Self { number, days })
    }

    /// Which year.
    #[must_use]
    pub fn number(&self) -> i16 {
        self.number
    }

    /// True for a day that is worked, false for one that is off, `None` for one that the notice does not name.
    #[must_use]
    pub fn says(&self, day: Date) -> Option<bool> {
        self.days.get(&day).map(|day| !day.off)
    }

    /// The holiday that the notice names this day for.
    pub(super) fn name(&self, day: Date) -> Option<&str> {
        self.days.get(&day).map(|day| day.name.as_str())
    }

    /// Every day that the notice names, in order.
    pub fn days(&self) -> impl Iterator<Item = &Day> {
        self.days.values()
    }
}
