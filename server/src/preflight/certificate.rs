//! The certificate that phones see, if there is one.

use std::time::SystemTime;

use serde_json::json;

use super::check::{Check, Finding, Status};
use crate::web::{Certificate, LEAST_DAYS};

/// Days below which a new one is due soon.
const SOON: u64 = 30;

/// `host` is what stands on the slips.
pub(super) fn check(certificate: Option<&Certificate>, host: &str, now: SystemTime) -> Check {
    let Some(certificate) = certificate else {
        return Check::new("certificate", vec![Finding::new("certificate_none", Status::Ok, &[])]);
    };
    judged(certificate.days(now), certificate.covers(host), host)
}

fn judged(days: u64, covers: bool, host: &str) -> Check {
    let left = [("days", json!(days)), ("least", json!(LEAST_DAYS))];
    let lasts = match days {
        days if days < LEAST_DAYS => Finding::new("certificate_ends", Status::Fail, &left),
        days if days < SOON => Finding::new("certificate_soon", Status::Warn, &left),
        _ => Finding::new("certificate_lasts", Status::Ok, &left),
    };
    let host = [("host", json!(host))];
    let covers = if covers {
        Finding::new("certificate_covers", Status::Ok, &host)
    } else {
        Finding::new("certificate_other", Status::Fail, &host)
    };
    Check::new("certificate", vec![lasts, covers])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use super::*;

    #[test]
    fn none_is_said_and_one_must_last_and_be_for_the_address() {
        let now = SystemTime::now();
        assert_eq!(check(None, "10.0.0.2", now).said(), [("certificate_none", Status::Ok)]);
        let folder = tempfile::tempdir().unwrap();
        let own = Certificate::own(folder.path(), &["10.0.0.2".to_owned()], now).unwrap();
        let well = [("certificate_lasts", Status::Ok), ("certificate_covers", Status::Ok)];
        assert_eq!(check(Some(&own), "10.0.0.2", now).said(), well);
        assert_eq!(check(Some(&own), "10.0.0.3", now).said()[1], ("certificate_other", Status::Fail));
        let day = Duration::from_secs(86_400);
        assert_eq!(check(Some(&own), "10.0.0.2", now + day * 800).said()[0], ("certificate_soon", Status::Warn));
        assert_eq!(check(Some(&own), "10.0.0.2", now + day * 819).said()[0], ("certificate_ends", Status::Fail));
    }
}
