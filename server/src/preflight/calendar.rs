//! Whether the periods that begin with the meeting can be counted: the notice on days off of its year, and of the next.

use jiff::civil::Date;
use serde_json::json;

use super::check::{Check, Finding, Status};
use crate::record::calendar::{Calendar, Policy};

/// Working days for a written answer (article 17).
const ANSWER: u16 = 15;
/// Days for a report on correction (article 20).
const CORRECTION: u16 = 30;

/// `meeting` is the date of the meeting, `YYYY-MM-DD`.
pub(super) fn check(meeting: &str, calendar: &Calendar) -> Check {
    let Ok(meeting) = meeting.parse::<Date>() else {
        return Check::new("calendar", vec![Finding::new("calendar_no_date", Status::Unknown, &[])]);
    };
    let year = ("year", json!(meeting.year()));
    if !calendar.knows(meeting.year()) {
        return Check::new("calendar", vec![Finding::new("calendar_unknown", Status::Warn, &[year])]);
    }
    let mut findings = vec![Finding::new("calendar_known", Status::Ok, &[year])];
    let policy = Policy::default();
    let dues = [
        calendar.working_days_after(meeting, ANSWER, policy),
        calendar.calendar_days_after(meeting, CORRECTION, policy),
    ];
    let values =
        [("next", json!(meeting.year() + 1)), ("answer", json!(dues[0].date)), ("correction", json!(dues[1].date))];
    findings.push(if dues.iter().any(|due| due.provisional) {
        Finding::new("calendar_provisional", Status::Warn, &values)
    } else {
        Finding::new("calendar_dues", Status::Ok, &values)
    });
    Check::new("calendar", findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_whose_periods_end_in_a_known_year_and_one_whose_do_not() {
        let calendar = Calendar::built_in();
        let said = |meeting: &str| check(meeting, &calendar).said();
        assert_eq!(said("2026-03-10"), [("calendar_known", Status::Ok), ("calendar_dues", Status::Ok)]);
        assert_eq!(said("2026-12-14"), [("calendar_known", Status::Ok), ("calendar_provisional", Status::Warn)]);
        assert_eq!(said("2027-01-05"), [("calendar_unknown", Status::Warn)]);
        assert_eq!(said(""), [("calendar_no_date", Status::Unknown)]);
        assert_eq!(check("2026-02-10", &calendar).value(1, "answer"), json!("2026-03-09"));
    }
}
