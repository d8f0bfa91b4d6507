//! Whether phones reach the port: only a round trip that came back from one says so.

use serde_json::json;

use super::{
    check::{Check, Finding, Status},
    phones::Phone,
};

/// `begun`: phones may come now, or might have.
pub(super) fn check(begun: Option<bool>, phones: &[Phone]) -> Check {
    let n = |count: usize| [("n", json!(count))];
    let mut findings = Vec::new();
    if phones.is_empty() {
        findings.push(match begun {
            Some(true) => Finding::new("port_waits", Status::Unknown, &[]),
            Some(false) => Finding::new("port_lapsed", Status::Fail, &[]),
            None => Finding::new("port_not_begun", Status::Unknown, &[]),
        });
        return Check::new("port", findings);
    }
    findings.push(Finding::new("port_reached", Status::Ok, &n(phones.len())));
    let slow = phones.iter().filter(|phone| phone.slow).count();
    if slow > 0 {
        findings.push(Finding::new("port_slow", Status::Warn, &n(slow)));
    }
    let lacking = phones.iter().filter(|phone| !phone.lacks.is_empty()).count();
    if lacking > 0 {
        findings.push(Finding::new("port_lacks", Status::Warn, &n(lacking)));
    }
    Check::new("port", findings)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::phones::Told, *};

    #[test]
    fn nothing_but_a_phone_says_that_phones_get_through() {
        let phone = |ms: u64, lacks: &[&str]| {
            let told = Told { now: 0, lacks: lacks.iter().map(|lack| (*lack).to_owned()).collect() };
            Phone::of(vec![Duration::from_millis(ms)], &told, 0)
        };
        assert_eq!(check(None, &[]).said(), [("port_not_begun", Status::Unknown)]);
        assert_eq!(check(Some(true), &[]).said(), [("port_waits", Status::Unknown)]);
        assert_eq!(check(Some(false), &[]).said(), [("port_lapsed", Status::Fail)]);
        let reached = ("port_reached", Status::Ok);
        assert_eq!(check(Some(false), &[phone(9, &[])]).said(), [reached]);
        let told = check(Some(true), &[phone(9, &[]), phone(900, &[]), phone(9, &["WebAssembly"])]);
        assert_eq!(told.said(), [reached, ("port_slow", Status::Warn), ("port_lacks", Status::Warn)]);
        assert_eq!((told.value(0, "n"), told.value(1, "n")), (json!(3), json!(1)));
    }
}
