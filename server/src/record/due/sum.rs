//! How the last day of a period came about, in words: whoever gets a letter can count it again.

use std::fmt;

use jiff::{ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Period, Unit};
use crate::{
    messages::{self, Language},
    record::{
        calendar::{Calendar, Kind},
        field,
    },
};

/// The arithmetic of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sum {
    /// First day that is looked at.
    pub first: String,
    /// Holidays that are not counted; for calendar days, those behind the last one.
    pub holidays: Vec<Off>,
    /// Days of other weekends that are not counted.
    pub weekends: u16,
    /// Days of weekends that are worked, and counted.
    pub made_up: Vec<String>,
    /// Days that may turn out to be off, and are counted: the first, the last, how many.
    pub open: Option<(String, String, u16)>,
    /// The years whose notices are not known and would say more.
    pub unknown: Vec<i16>,
    /// The last calendar day, if it is off and the period goes on behind it.
    pub rolled_from: Option<String>,
    /// All of it as a sentence, in Chinese and in English.
    pub words: (String, String),
}

/// Days of one holiday, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Off {
    /// Its name.
    pub name: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// How many.
    pub days: u16,
}

impl Period {
    /// How its last day comes about by what is known now.
    #[must_use]
    pub fn sum(&self, calendar: &Calendar) -> Sum {
        let mut sum = Sum {
            first: self.served.clone(),
            holidays: Vec::new(),
            weekends: 0,
            made_up: Vec::new(),
            open: None,
            unknown: Vec::new(),
            rolled_from: None,
            words: Default::default(),
        };
        let (Some(served), Some(due)) = (field::date(&self.served), field::date(&self.due)) else { return sum };
        let first = if self.counting.counts_service { served } else { next(served) };
        sum.first = first.to_string();
        let looked_at = match self.unit {
            Unit::WorkingDays => first,
            Unit::Days => {
                let days = if self.counting.counts_service { self.days.saturating_sub(1) } else { self.days };
                let last = served.saturating_add(i64::from(days).days());
                sum.rolled_from = (last < due).then(|| last.to_string());
                // Only what stands at the end decides, and only if the period may go on.
                if self.counting.rolls { last } else { next(due) }
            }
        };
        let mut day = looked_at;
        while day <= due && day < Date::MAX {
            sum.take(calendar, day);
            day = next(day);
        }
        sum.words = (self.said(&sum, Language::Chinese), self.said(&sum, Language::English));
        sum
    }

    fn said(&self, sum: &Sum, language: Language) -> String {
        let say = |key: &str, values: &[(&str, &str)]| messages::fill(language, &format!("record.sum_{key}"), values);
        let day = |text: &str| in_words(text, language);
        let number = |n: u16| n.to_string();
        let unit = match self.unit {
            Unit::WorkingDays => "working",
            Unit::Days => "days",
        };
        let from = if self.counting.counts_service { "from_service" } else { "from_next" };
        let mut parts = vec![say(from, &[("served", &day(&self.served)), ("first", &day(&sum.first))])];
        parts.push(say(unit, &[("days", &number(self.days))]));
        for Off { name, from, to, days } in &sum.holidays {
            let values = [("name", name.as_str()), ("from", &day(from)), ("to", &day(to)), ("days", &number(*days))];
            parts.push(say(if from == to { "holiday_one" } else { "holiday" }, &values));
        }
        // Of calendar days every one counts; the last of them is named below if it is off.
        if sum.weekends > 0 && self.unit == Unit::WorkingDays {
            parts.push(say("weekends", &[("days", &number(sum.weekends))]));
        }
        if !sum.made_up.is_empty() {
            let days: Vec<String> = sum.made_up.iter().map(|text| day(text)).collect();
            let comma = if language == Language::English { ", " } else { "、" };
            parts.push(say("made_up", &[("days", &days.join(comma))]));
        }
        if let Some(last) = &sum.rolled_from {
            parts.push(say("rolled", &[("last", &day(last))]));
        } else if self.unit == Unit::Days && !self.counting.rolls {
            parts.push(say("stays", &[]));
        }
        if let Some((from, to, days)) = &sum.open {
            let years: Vec<String> = sum.unknown.iter().map(i16::to_string).collect();
            let and = if language == Language::English { " and " } else { "、" };
            let values = [("years", years.join(and)), ("from", day(from)), ("to", day(to)), ("days", number(*days))];
            parts.push(say("open", &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
        }
        let end = if self.provisional { "due_provisional" } else { "due" };
        let comma = if language == Language::English { "; " } else { "；" };
        format!("{}{comma}{}", parts.join(comma), say(end, &[("due", &day(&self.due))]))
    }
}

impl Sum {
    fn take(&mut self, calendar: &Calendar, day: Date) {
        let text = day.to_string();
        match calendar.kind(day) {
            Kind::Working => {}
            Kind::MadeUp => self.made_up.push(text),
            Kind::Weekend => self.weekends += 1,
            Kind::Holiday(name) => {
                let before = day.yesterday().unwrap_or(day).to_string();
                match self.holidays.last_mut().filter(|off| off.name == name && off.to == before) {
                    Some(off) => (off.to, off.days) = (text, off.days + 1),
                    None => self.holidays.push(Off { name, from: text.clone(), to: text, days: 1 }),
                }
                // The decree gives it off; what lies around it, the notice will say.
                self.not_known(calendar, day);
            }
            Kind::Open { notice } => {
                match &mut self.open {
                    Some((_, to, days)) => (*to, *days) = (text, *days + 1),
                    None => self.open = Some((text.clone(), text, 1)),
                }
                if !self.unknown.contains(&notice) {
                    self.unknown.push(notice);
                }
            }
        }
    }

    fn not_known(&mut self, calendar: &Calendar, day: Date) {
        let year = day.year();
        if !calendar.knows(year) && !self.unknown.contains(&year) {
            self.unknown.push(year);
        }
    }
}

fn next(day: Date) -> Date {
    day.saturating_add(1.day())
}

/// A day as the language writes it: 2026年12月14日, 2026-12-14.
pub(in crate::record) fn in_words(text: &str, language: Language) -> String {
    match (field::date(text), language) {
        (Some(day), Language::Chinese) => {
            let (year, month, day) = (day.year().to_string(), day.month().to_string(), day.day().to_string());
            messages::fill(language, "common.date", &[("year", &year), ("month", &month), ("day", &day)])
        }
        _ => text.to_owned(),
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::record::calendar::Policy;

    fn period(served: Date, days: u16, unit: Unit) -> (Period, Sum) {
        let calendar = Calendar::built_in();
        let period = Period::begin(served, (days, unit), Policy::default(), &calendar);
        let sum = period.sum(&calendar);
        (period, sum)
    }

    #[test]
    fn the_spring_festival_is_named_with_the_weekends_that_are_worked_for_it() {
        let (period, sum) = period(date(2026, 2, 10), 15, Unit::WorkingDays);
        assert_eq!(period.due, "2026-03-09");
        let off = |off: &Off| (off.name.clone(), off.from.clone(), off.to.clone(), off.days);
        assert_eq!(
            sum.holidays.iter().map(off).collect::<Vec<_>>(),
            [("春节".to_owned(), "2026-02-15".to_owned(), "2026-02-23".to_owned(), 9)]
        );
        assert_eq!(sum.made_up, ["2026-02-14", "2026-02-28"]);
        assert_eq!(sum.weekends, 3, "1, 7 and 8 March");
        assert!(sum.open.is_none() && sum.unknown.is_empty());
        for word in ["2026年2月10日送达", "15 个工作日", "春节", "调休上班", "2026年3月9日"] {
            assert!(sum.words.0.contains(word), "{word}: {sum}");
        }
        assert!(!sum.words.0.contains("暂定") && !sum.words.1.contains("provisional"), "{sum}");
    }

    #[test]
    fn an_unknown_year_is_said_and_so_is_the_word_provisional() {
        let (_, sum) = period(date(2026, 12, 11), 15, Unit::WorkingDays);
        assert_eq!(sum.unknown, [2027]);
        assert_eq!(sum.open, Some(("2026-12-20".to_owned(), "2026-12-29".to_owned(), 10)));
        let (_, sum) = period(date(2026, 12, 16), 15, Unit::WorkingDays);
        assert_eq!(
            (sum.unknown.as_slice(), sum.holidays.len()),
            ([2027].as_slice(), 1),
            "New Year's Day is always off"
        );
        assert!(sum.words.0.contains("2027") && sum.words.0.contains("暂定"), "{sum}");
        assert!(sum.words.1.contains("provisional"), "{}", sum.words.1);
    }

    #[test]
    fn thirty_days_that_end_in_a_holiday_say_from_where_they_go_on() {
        let (period, sum) = period(date(2026, 9, 1), 30, Unit::Days);
        assert_eq!((period.due.as_str(), sum.rolled_from.as_deref()), ("2026-10-08", Some("2026-10-01")));
        assert!(sum.words.0.contains("国庆节") && sum.words.0.contains("2026年10月1日"), "{sum}");
        let calendar = Calendar::built_in();
        let stays = Policy { rolls: false, ..Policy::default() };
        let period = Period::begin(date(2026, 9, 1), (30, Unit::Days), stays, &calendar);
        assert_eq!((period.due.as_str(), period.sum(&calendar).holidays), ("2026-10-01", vec![]));
    }

    proptest! {
        /// Every day from the first to the last is a working day or is named as something else.
        #[test]
        fn the_days_add_up(from in 0i32..1100, days in 1u16..60, counts_service in any::<bool>()) {
            let calendar = Calendar::built_in();
            let served = date(2024, 1, 1).saturating_add(jiff::Span::new().days(from));
            let counting = Policy { counts_service, rolls: true };
            let period = Period::begin(served, (days, Unit::WorkingDays), counting, &calendar);
            let sum = period.sum(&calendar);
            let first: Date = sum.first.parse().unwrap();
            let due: Date = period.due.parse().unwrap();
            let all = (due - first).get_days() + 1;
            let off: i32 = sum.holidays.iter().map(|off| i32::from(off.days)).sum::<i32>() + i32::from(sum.weekends);
            prop_assert_eq!(all, off + i32::from(days), "{:?}", sum);
            prop_assert_eq!(period.provisional, !sum.unknown.is_empty());
            prop_assert_eq!(period.provisional, sum.words.0.contains("暂定"));
        }
    }
}
