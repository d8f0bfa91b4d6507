#![allow(clippy::unwrap_used, clippy::panic)]
use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{BUILT_IN, Calendar, CalendarError, Due, Policy, Year};

const USUAL: Policy = Policy { counts_service: false, rolls: true };

fn fixed(text: &str) -> Due {
    Due { date: text.parse().unwrap(), provisional: false }
}

fn provisional(text: &str) -> Due {
    Due { date: text.parse().unwrap(), provisional: true }
}

#[test]
fn every_year_that_is_built_in_can_be_read() {
    let calendar = Calendar::built_in();
    assert_eq!(calendar.years.len(), BUILT_IN.len());
    assert_eq!((calendar.newest(), calendar.knows(2024), calendar.knows(2027)), (Some(2026), true, false));
    assert_eq!(USUAL, Policy::default());
}

#[test]
fn the_values_that_were_counted_by_hand() {
    let calendar = Calendar::built_in();
    let fifteen = |day: Date| calendar.working_days_after(day, 15, USUAL);
    // Over the Spring Festival of 2026, with 14 and 28 February worked.
    assert_eq!(fifteen(date(2026, 2, 10)), fixed("2026-03-09"));
    // Over National Day, with 20 September before and 10 October in the period worked.
    assert_eq!(fifteen(date(2026, 9, 22)), fixed("2026-10-20"));
    // Five days are sure; from Sunday 20 December on every day may be worked.
    assert_eq!(fifteen(date(2026, 12, 11)), provisional("2026-12-29"));
    assert_eq!(calendar.working_days_after(date(2026, 12, 11), 5, USUAL), fixed("2026-12-18"));
    // Nothing is known of 2028: 15 days on end, without New Year's Day.
    assert_eq!(fifteen(date(2027, 12, 31)), provisional("2028-01-16"));
}

#[test]
fn days_off_days_worked_and_years_that_are_not_known() {
    let calendar = Calendar::built_in();
    for (day, works) in [
        ("2026-01-01", Some(false)),
        ("2026-01-04", Some(true)),
        ("2026-02-14", Some(true)),
        ("2026-02-16", Some(false)),
        ("2026-03-07", Some(false)),
        ("2026-03-09", Some(true)),
        ("2026-12-31", Some(true)),
        ("2027-01-04", None),
        ("2023-12-29", None),
    ] {
        assert_eq!(calendar.is_working_day(day.parse().unwrap()), works, "{day}");
    }
}

#[test]
fn a_period_that_ends_on_a_day_off_goes_on_unless_the_policy_says_otherwise() {
    let calendar = Calendar::built_in();
    let thirty = |day: &str, policy| calendar.calendar_days_after(day.parse().unwrap(), 30, policy);
    let stays = Policy { rolls: false, ..USUAL };
    // 30 days from 2026-09-01 is National Day.
    assert_eq!(thirty("2026-09-01", USUAL), fixed("2026-10-08"));
    assert_eq!(thirty("2026-09-01", stays), fixed("2026-10-01"));
    assert_eq!(thirty("2026-03-02", USUAL), fixed("2026-04-01"));
    // A Saturday that is worked is no day off.
    assert_eq!(thirty("2026-01-15", USUAL), fixed("2026-02-14"));
    // Into the unknown: without rolling it is a plain sum, and nothing is provisional about it.
    assert_eq!(thirty("2026-12-02", USUAL), provisional("2027-01-02"));
    assert_eq!(thirty("2026-12-02", stays), fixed("2027-01-01"));
    assert_eq!(thirty("2026-11-20", USUAL), provisional("2026-12-20"));
    assert_eq!(thirty("2026-11-27", USUAL), provisional("2026-12-27"));
    assert_eq!(thirty("2026-11-19", USUAL), provisional("2026-12-20"));
}

#[test]
fn the_day_of_service_counts_only_where_the_policy_counts_it() {
    let calendar = Calendar::built_in();
    let counted = Policy { counts_service: true, ..USUAL };
    let monday = date(2026, 3, 9);
    assert_eq!(calendar.working_days_after(monday, 5, USUAL), fixed("2026-03-16"));
    assert_eq!(calendar.working_days_after(monday, 5, counted), fixed("2026-03-13"));
    let sunday = date(2026, 3, 8);
    assert_eq!(calendar.working_days_after(sunday, 5, counted), fixed("2026-03-13"));
    assert_eq!(calendar.working_days_after(monday, 0, counted), fixed("2026-03-09"));
    assert_eq!(calendar.calendar_days_after(monday, 30, counted), fixed("2026-04-07"));
    assert_eq!(calendar.working_days_after(Date::MAX, 9, USUAL), Due { date: Date::MAX, provisional: false });
}

/// The notice for a year has the last word on the December before it, and importing it settles what was provisional.
#[test]
fn the_next_years_notice_settles_what_was_provisional() {
    let notice = r#"{ "year": 2027, "papers": [], "days": [
        { "name": "元旦", "date": "2026-12-27", "isOffDay": false },
        { "name": "元旦", "date": "2026-12-31", "isOffDay": true },
        { "name": "元旦", "date": "2027-01-01", "isOffDay": true } ] }"#;
    let before = Calendar::built_in();
    let after = before.clone().with(Year::parse(notice).unwrap());
    assert_eq!(after.is_working_day(date(2026, 12, 31)), Some(false));
    assert_eq!(after.is_working_day(date(2026, 12, 27)), Some(true));
    assert_eq!(after.working_days_after(date(2026, 12, 11), 15, USUAL), fixed("2027-01-04"));
    assert!(before.working_days_after(date(2026, 12, 11), 15, USUAL).date <= date(2027, 1, 4));
}

/// A whole weekend before New Year's week that is worked: the earliest date was given for that too.
#[test]
fn a_weekend_that_is_worked_before_new_year_ends_no_period_before_its_earliest_date() {
    let notice = r#"{ "year": 2027, "days": [
        { "name": "元旦", "date": "2026-12-26", "isOffDay": false },
        { "name": "元旦", "date": "2026-12-27", "isOffDay": false },
        { "name": "元旦", "date": "2027-01-01", "isOffDay": true } ] }"#;
    let before = Calendar::built_in();
    let after = before.clone().with(Year::parse(notice).unwrap());
    for served in [date(2026, 12, 4), date(2026, 12, 7), date(2026, 12, 11)] {
        let (early, sure) = (before.working_days_after(served, 15, USUAL), after.working_days_after(served, 15, USUAL));
        assert!(early.date <= sure.date && (early.provisional || early == sure), "{served}: {early:?} {sure:?}");
    }
    assert_eq!(after.working_days_after(date(2026, 12, 11), 15, USUAL), fixed("2026-12-30"));
}

#[test]
fn files_that_are_no_calendar_are_refused_in_words() {
    let of = |year: i32, days: &str| Year::parse(&format!(r#"{{ "year": {year}, "papers": [], "days": [{days}] }}"#));
    let day = |day: &str| format!(r#"{{ "name": "x", "date": "{day}", "isOffDay": true }}"#);
    assert_eq!(of(2027, "").unwrap_err(), CalendarError::NotPublished(2027));
    assert_eq!(of(2027, &day("2025-12-31")).unwrap_err(), CalendarError::Day(2027, date(2025, 12, 31)));
    assert_eq!(of(2027, &day("2026-11-30")).unwrap_err(), CalendarError::Day(2027, date(2026, 11, 30)));
    let twice = [day("2027-01-01"), day("2027-01-01")].join(",");
    assert_eq!(of(2027, &twice).unwrap_err(), CalendarError::Twice(date(2027, 1, 1)));
    for broken in ["", "{}", "[]", r#"{ "year": 2027, "days": [{ "date": "2027-02-30", "isOffDay": true }] }"#] {
        assert!(matches!(Year::parse(broken), Err(CalendarError::Form(_))), "{broken}");
    }
    assert!(matches!(of(12, &day("0012-01-01")), Err(CalendarError::Form(_))));
    for error in [of(2027, "").unwrap_err(), of(2027, &twice).unwrap_err(), Year::parse("").unwrap_err()] {
        assert!(error.to_string().contains("请"), "{error}");
    }
}

/// Another reading of the files and another way of walking: day by day over a list written out in full.
struct Walker(Vec<(Date, bool)>);

impl Walker {
    fn new() -> Self {
        let mut named = BTreeMap::new();
        for file in BUILT_IN {
            let json: serde_json::Value = serde_json::from_str(file).unwrap();
            for day in json["days"].as_array().unwrap() {
                named.insert(day["date"].as_str().unwrap().to_owned(), !day["isOffDay"].as_bool().unwrap());
            }
        }
        let mut all = Vec::new();
        let mut day = date(2024, 1, 1);
        // 2024-01-01 was a Monday.
        let mut in_week = 0;
        while day.year() < 2027 {
            all.push((day, named.get(&day.to_string()).copied().unwrap_or(in_week < 5)));
            (day, in_week) = (day.tomorrow().unwrap(), (in_week + 1) % 7);
        }
        Self(all)
    }

    /// `None` if the list does not reach so far.
    fn working(&self, from: usize, days: usize) -> Option<Date> {
        self.0[from + 1..].iter().filter(|(_, works)| *works).nth(days - 1).map(|(day, _)| *day)
    }

    fn calendar(&self, from: usize, days: usize) -> Option<Date> {
        self.0.get(from + days..)?.iter().find(|(_, works)| *works).map(|(day, _)| *day)
    }
}

proptest! {
    #[test]
    fn a_second_walker_ends_on_the_same_day(from in 0usize..1096, days in 1usize..60) {
        let (walker, calendar) = (Walker::new(), Calendar::built_in());
        let served = walker.0[from].0;
        let pairs = [
            (walker.working(from, days), calendar.working_days_after(served, u16::try_from(days).unwrap(), USUAL)),
            (walker.calendar(from, days), calendar.calendar_days_after(served, u16::try_from(days).unwrap(), USUAL)),
        ];
        for (walked, due) in pairs {
            match walked {
                Some(day) if day < date(2026, 12, 20) => prop_assert_eq!(due, Due { date: day, provisional: false }),
                // Beyond what is settled the date may only be too early.
                Some(day) => prop_assert!(due.provisional && due.date <= day, "{:?} {}", due, day),
                None => prop_assert!(due.provisional && due.date > date(2026, 12, 19), "{:?}", due),
            }
        }
    }

    /// Whatever a later notice says, it never ends a period before the date that was given as the earliest.
    #[test]
    fn no_notice_ends_a_period_before_the_earliest_date(
        from in 0i32..60, days in 1u16..40, moved in proptest::collection::btree_map(0i32..110, any::<bool>(), 1..90),
    ) {
        let base = date(2026, 11, 15);
        let plus = |n: i32| base.checked_add(jiff::Span::new().days(n)).unwrap();
        let always = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];
        let list: Vec<String> = moved.iter().map(|(n, off)| (plus(35 + n), *off))
            .filter(|(day, off)| *off || !always.contains(&(day.month(), day.day())))
            .chain([(date(2027, 12, 25), true)])
            .chain((!moved.contains_key(&12)).then_some((date(2027, 1, 1), true)))
            .map(|(day, off)| format!(r#"{{ "date": "{day}", "isOffDay": {off} }}"#)).collect();
        let notice = Year::parse(&format!(r#"{{ "year": 2027, "days": [{}] }}"#, list.join(","))).unwrap();
        prop_assume!(notice.says(date(2027, 1, 1)) == Some(false));
        let before = Calendar::built_in();
        let after = before.clone().with(notice);
        for (early, sure) in [
            (before.working_days_after(plus(from), days, USUAL), after.working_days_after(plus(from), days, USUAL)),
            (before.calendar_days_after(plus(from), days, USUAL), after.calendar_days_after(plus(from), days, USUAL)),
        ] {
            prop_assert!(early.date <= sure.date, "{:?} {:?}", early, sure);
            prop_assert!(early.provisional || early == sure);
        }
    }
}
