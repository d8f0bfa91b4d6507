//! What a check says: how it stands, what was found, in numbers; the words stand in the message files.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::messages::{self, Language};

/// How a check stands. The order is that of need: a check stands as the worst of its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it must be.
    Ok,
    /// Not looked at yet.
    Unknown,
    /// The meeting can be held, and something is better changed.
    Warn,
    /// Must be changed before the meeting.
    Fail,
}

/// One thing that was found. Its words are `preflight.says_<says>`, and `preflight.do_<says>` if there is something to
/// do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    says: &'static str,
    status: Status,
    values: Map<String, Value>,
}

impl Finding {
    pub(super) fn new(says: &'static str, status: Status, values: &[(&str, Value)]) -> Self {
        let values: Map<String, Value> =
            values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        debug_assert!(has_words(says, status, &values), "preflight.says_{says} and its values");
        Self { says, status, values }
    }
}

/// Whether there are words in both languages, each place in them has its value, and what is not well says what to do.
fn has_words(says: &str, status: Status, values: &Map<String, Value>) -> bool {
    [Language::Chinese, Language::English].into_iter().all(|language| {
        ["says", "do"].into_iter().all(|kind| {
            let key = format!("preflight.{kind}_{says}");
            let text = messages::text(language, &key);
            let places = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            if text == key {
                return kind == "do" && status == Status::Ok;
            }
            places.into_iter().all(|(name, _)| values.contains_key(name))
        })
    })
}

/// One check with its findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Check {
    key: &'static str,
    status: Status,
    findings: Vec<Finding>,
}

impl Check {
    pub(super) fn new(key: &'static str, findings: Vec<Finding>) -> Self {
        let status = findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Unknown);
        Self { key, status, findings }
    }

    /// One that has not been run.
    pub(super) fn waits(key: &'static str) -> Self {
        Self::new(key, vec![Finding::new("not_run", Status::Unknown, &[])])
    }

    #[cfg(test)]
    pub(super) fn said(&self) -> Vec<(&'static str, Status)> {
        self.findings.iter().map(|finding| (finding.says, finding.status)).collect()
    }

    #[cfg(test)]
    pub(super) fn value(&self, at: usize, name: &str) -> Value {
        self.findings[at].values[name].clone()
    }
}
