//! Whether phones reach the port: only a round trip that came back from one says so, and of the address it came by only.

use serde_json::json;

use super::{
    check::{Check, Finding, Status},
    phones::Phone,
};

/// `begun`: where phones were sent, and whether they may still come; `now`: where they are sent now.
pub(super) fn check(begun: Option<(&str, bool)>, now: &str, phones: &[Phone]) -> Check {
    let n = |count: usize| [("n", json!(count))];
    let mut findings = Vec::new();
    if let Some((before, _)) = begun.filter(|(origin, _)| *origin != now) {
        let values = [("before", json!(before)), ("now", json!(now))];
        return Check::new("port", vec![Finding::new("port_moved", Status::Fail, &values)]);
    }
    if phones.is_empty() {
        findings.push(match begun.map(|(_, open)| open) {
            Some(true) => Finding::new("port_waits", Status::Unknown, &[]),
            Some(false) => Finding::new("port_lapsed", Status::Fail, &[]),
            None => Finding::new("port_not_begun", Status::Unknown, &[]),
        });
        return Check::new("port", findings);
    }
    let reached = [("n", json!(phones.len())), ("origin", json!(now))];
    findings.push(Finding::new("port_reached", Status::Ok, &reached));
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
        let here = "http://192.168.1.10:8460";
        let (open, over) = (Some((here, true)), Some((here, false)));
        assert_eq!(check(None, here, &[]).said(), [("port_not_begun", Status::Unknown)]);
        assert_eq!(check(open, here, &[]).said(), [("port_waits", Status::Unknown)]);
        assert_eq!(check(over, here, &[]).said(), [("port_lapsed", Status::Fail)]);
        let reached = ("port_reached", Status::Ok);
        assert_eq!(check(over, here, &[phone(9, &[])]).said(), [reached]);
        for came in [vec![], vec![phone(9, &[])]] {
            for begun in [open, over] {
                let moved = check(begun, "http://192.168.1.10:80", &came);
                assert_eq!(moved.said(), [("port_moved", Status::Fail)]);
                assert_eq!(
                    (moved.value(0, "before"), moved.value(0, "now")),
                    (json!(here), json!("http://192.168.1.10:80"))
                );
            }
        }
        let told = check(open, here, &[phone(9, &[]), phone(900, &[]), phone(9, &["WebAssembly"])]);
        assert_eq!(told.said(), [reached, ("port_slow", Status::Warn), ("port_lacks", Status::Warn)]);
        assert_eq!((told.value(0, "n"), told.value(1, "n")), (json!(3), json!(1)));
        assert_eq!(told.value(0, "origin"), json!(here));
    }
}
