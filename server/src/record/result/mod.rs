//! The result of an evaluation (articles 18 and 22), as the signed note has it. **Its numbers cannot be edited
//! anywhere**: there is no route that does, and what is shown is read from the note's exact bytes.
//!
//! ```text
//! bundle bytes -> V1..V12 hold -> key known or accepted -> note kept, each official found in a dossier -> findings
//! ```
//! This is the one door between the vote and the record: a finished bundle goes through, and nothing else.

mod finding;
mod intake;
mod pairing;
mod routes;
mod step;
mod stepping;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use finding::{Finding, Limits, Opens, Standing};
pub use intake::{Accepted, Intake, read};
pub use pairing::Pairing;
pub(super) use pairing::{is_bound, waits};
pub(super) use routes::{Drills, Import};
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
    /// The limits that the meeting had announced, as the manifest has them.
    pub stated: Stated,
    /// The result that this one has taken the place of, who said so and why.
    pub instead: Option<Instead>,
    /// The result that has taken its place.
    pub replaced: Option<Id>,
    /// Official by official, in the order of the meeting.
    pub officials: Vec<Rated>,
}

/// The limits of a meeting. What a result opens goes by the policy of the cycle; where the two differ, it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// Name of the grade that is looked at.
    pub option: String,
    /// First limit.
    pub reaches: (u32, u32),
    /// Second limit.
    pub over: (u32, u32),
}

impl Stated {
    /// Whether they are those of a policy; `1/5` and `2/10` are the same limit.
    #[must_use]
    pub fn agrees(&self, limits: Limits) -> bool {
        let same = |a: (u32, u32), b: (u32, u32)| u64::from(a.0) * u64::from(b.1) == u64::from(b.0) * u64::from(a.1);
        same(self.reaches, limits.reaches) && same(self.over, limits.over)
    }
}

/// A result of the same meeting was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// Which one.
    pub of: Id,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// The routes of results, of who is who in them, and of the steps that they open.
pub(super) fn table() -> Vec<super::api::Endpoint> {
    [routes::table(), pairing::table(), stepping::table()].into_iter().flatten().collect()
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
    /// The dossier that it belongs to: found by unit and name, or said by hand. `None` until that is settled.
    pub dossier: Option<Id>,
    /// Which one somebody has said it is; `None` where unit and name said it.
    pub pairing: Option<Pairing>,
    /// Sums in words, as the summary table has them: 好 40 票, and so on. Empty where there are no figures.
    pub votes: Vec<(String, u64)>,
    /// 发出, 收回, 有效, 弃权.
    pub totals: [u64; 4],
    /// What it opens.
    pub finding: Finding,
}
