//! A reported official (article 2), and the terms of office in which he reports (article 12).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Document, Id};

/// 述职述责述廉对象.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Official {
    /// Name.
    pub name: String,
    /// Terms of office, the oldest first. A transfer ends one and begins the next.
    pub terms: Vec<Term>,
    /// Reports no more: retired, left.
    pub left: bool,
}

impl Document for Official {
    const KIND: &'static str = "official";
}

/// One term of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// First day, `YYYY-MM-DD`.
    pub begins: String,
    /// Day on which it is expected to end, if that is known.
    pub expected_end: Option<String>,
    /// Day on which it ended.
    pub ended: Option<String>,
}

/// How an official reports (article 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 会议报告.
    Oral,
    /// 书面报告.
    Written,
}

/// One official in one cycle: what everything else of that year hangs on. Unit and post are as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// The cycle.
    pub cycle: Id,
    /// The official.
    pub official: Id,
    /// Name, as the meeting has it.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// How he reports; `None` while that is open.
    pub way: Option<Way>,
    /// The day of the oral report.
    pub reported_on: Option<String>,
}

impl Document for Dossier {
    const KIND: &'static str = "dossier";
}
