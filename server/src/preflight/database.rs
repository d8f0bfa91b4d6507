//! Whether the four databases are sound, as they say themselves.

use serde_json::json;

use super::check::{Check, Finding, Status};

/// For each file what it finds wrong, or why it could not be read.
pub(super) fn check(found: &[(&'static str, Result<Vec<String>, String>)]) -> Check {
    let each = |(file, found): &(&'static str, Result<Vec<String>, String>)| {
        let file = ("file", json!(file));
        match found {
            Ok(faults) if faults.is_empty() => Finding::new("database_sound", Status::Ok, &[file]),
            Ok(faults) => Finding::new("database_broken", Status::Fail, &[file, ("what", json!(faults.join("; ")))]),
            Err(why) => Finding::new("database_unread", Status::Fail, &[file, ("what", json!(why))]),
        }
    };
    Check::new("database", found.iter().map(each).collect())
}
