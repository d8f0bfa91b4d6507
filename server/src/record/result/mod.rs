//! The result of an evaluation (articles 18 and 22), as the signed note has it. **Its numbers cannot be edited
//! anywhere**: there is no route that does, and what is shown is read from the note's exact bytes.
//!
//! ```text
//! bundle bytes -> V1..V12 hold -> key known or accepted -> note kept, each official found in a dossier -> findings
//! ```
//! This is the one door between the vote and the record: a finished bundle goes through, and nothing else.

mod finding;
mod intake;
mod routes;
mod step;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use finding::{Finding, Limits, Opens, Standing};
pub use intake::{Accepted, Intake, read};
pub(super) use routes::{Import, table};
pub use step::{Step, StepState};

use super::document::{Document, Id};

/// A result that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The cycle.
    pub cycle: Id,
    /// Title of the meeting.
    pub title: String,
    /// Day of the meeting, `YYYY-MM-DD`.
    pub date: String,
    /// Meeting id, 32 hex digits.
    pub meeting: String,
    /// M, 64 hex digits.
    pub manifest: String,
    /// Its screen code: the one on the slips.
    pub screen_code: String,
    /// Screen code of the log's head.
    pub log_code: String,
    /// The signed result note, exactly.
    pub note: String,
    /// SHA-256 of it, 64 hex digits.
    pub note_hash: String,
    /// SHA-256 of the bundle's bytes, 64 hex digits.
    pub bundle_hash: String,
    /// Fingerprint of the key that signed the note: 16 hex digits in groups of four.
    pub key: String,
    /// Who accepted a key that this server does not know, and why; `None` for a meeting of this server.
    pub accepted: Option<Accepted>,
    /// Official by official, in the order of the meeting.
    pub officials: Vec<Rated>,
}

impl Document for Outcome {
    const KIND: &'static str = "outcome";
}

/// One official in a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rated {
    /// Number in the meeting.
    pub item: u16,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// The dossier that it belongs to; `None` until somebody has said which.
    pub dossier: Option<Id>,
    /// Sums in words, as the summary table has them: 好 40 票, and so on. Empty where there are no figures.
    pub votes: Vec<(String, u64)>,
    /// 发出, 收回, 有效, 弃权.
    pub totals: [u64; 4],
    /// What it opens.
    pub finding: Finding,
}
