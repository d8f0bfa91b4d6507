//! The clock of this machine: is its date plausible, does it stand at the country's time, and do phones agree?

use jiff::civil::{Date, date};
use serde_json::json;

use super::check::{Check, Finding, Status};
use crate::record::calendar::Calendar;

/// Minutes east of UTC, all over the country.
const HERE: i32 = 480;
/// Minutes that a phone may differ.
const MINUTES: i64 = 2;

/// What the check looks at.
pub(super) struct Clock<'a> {
    /// `YYYY-MM-DD` at UTC+8.
    pub(super) today: &'a str,
    /// Date of the meeting.
    pub(super) meeting: &'a str,
    /// Minutes east of UTC of the console's browser; `None` before the checks were run.
    pub(super) zone: Option<i32>,
    /// Whole minutes by which each phone is ahead.
    pub(super) phones: &'a [i64],
}

pub(super) fn check(asked: &Clock<'_>, calendar: &Calendar) -> Check {
    let mut findings = Vec::new();
    let today: Option<Date> = asked.today.parse().ok();
    let day = ("today", json!(asked.today));
    match today {
        Some(today) if today >= earliest(calendar) => findings.push(Finding::new("clock_date", Status::Ok, &[day])),
        _ => findings.push(Finding::new("clock_wrong", Status::Fail, &[day])),
    }
    let (meeting, shown) = (asked.meeting.parse::<Date>().ok(), ("meeting", json!(asked.meeting)));
    if let (Some(today), Some(meeting)) = (today, meeting) {
        let days = ("days", json!((meeting - today).get_days()));
        findings.push(match meeting {
            meeting if meeting < today => Finding::new("clock_past", Status::Warn, &[shown]),
            meeting if meeting == today => Finding::new("clock_today", Status::Ok, &[shown]),
            _ => Finding::new("clock_ahead", Status::Ok, &[shown, days]),
        });
    }
    if let Some(zone) = asked.zone {
        let written = format!("UTC{}{}:{:02}", if zone < 0 { "-" } else { "+" }, zone.abs() / 60, zone.abs() % 60);
        let (says, status) = if zone == HERE { ("clock_zone", Status::Ok) } else { ("clock_other_zone", Status::Warn) };
        findings.push(Finding::new(says, status, &[("zone", json!(written))]));
    }
    match asked.phones.iter().map(|minutes| minutes.abs()).max() {
        None => findings.push(Finding::new("clock_no_phone", Status::Unknown, &[])),
        Some(most) if most > MINUTES => {
            findings.push(Finding::new("clock_phones_differ", Status::Warn, &[("minutes", json!(most))]));
        }
        Some(_) => findings.push(Finding::new("clock_phones", Status::Ok, &[("n", json!(asked.phones.len()))])),
    }
    Check::new("clock", findings)
}

/// The notice for the newest year that this program carries appeared in the autumn before it; no clock that is right
/// stands earlier.
fn earliest(calendar: &Calendar) -> Date {
    date(calendar.newest().unwrap_or(2026) - 1, 10, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(today: &str, meeting: &str, zone: Option<i32>, phones: &[i64]) -> Vec<(&'static str, Status)> {
        check(&Clock { today, meeting, zone, phones }, &Calendar::built_in()).said()
    }

    #[test]
    fn a_right_clock_the_evening_before() {
        let well = [
            ("clock_date", Status::Ok),
            ("clock_ahead", Status::Ok),
            ("clock_zone", Status::Ok),
            ("clock_phones", Status::Ok),
        ];
        assert_eq!(said("2026-12-13", "2026-12-14", Some(480), &[0, -1, 2]), well);
        assert_eq!(said("2026-12-14", "2026-12-14", Some(480), &[0])[1], ("clock_today", Status::Ok));
    }

    #[test]
    fn a_flat_battery_a_past_meeting_another_zone_and_phones_that_differ_are_told() {
        for today in ["1970-01-01", "2020-01-01", "2025-09-30", "?"] {
            assert_eq!(said(today, "2026-12-14", None, &[])[0], ("clock_wrong", Status::Fail), "{today}");
        }
        assert_eq!(said("2025-11-05", "2026-12-14", None, &[])[0], ("clock_date", Status::Ok));
        assert_eq!(said("2026-12-15", "2026-12-14", None, &[])[1], ("clock_past", Status::Warn));
        assert_eq!(said("2026-12-13", "", Some(0), &[])[1], ("clock_other_zone", Status::Warn));
        assert_eq!(
            said("2026-12-13", "", None, &[]),
            [("clock_date", Status::Ok), ("clock_no_phone", Status::Unknown)]
        );
        assert_eq!(said("2026-12-13", "", None, &[0, -3])[1], ("clock_phones_differ", Status::Warn));
    }
}
