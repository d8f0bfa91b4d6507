//! Who reports orally this year (article 14): proposed by a share of all, submitted, approved by another person.
//!
//! The proposal is arithmetic, and can be done again from what it keeps: the share and the seed of the draw. Staff may
//! change a line with a reason; what is approved stands until another list is approved in its place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Documents, Id, Kept, Way, document::Document, field::Step};

mod draw;
mod routes;

pub(super) use routes::table;

/// A list, from proposal to approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choosing {
    /// The cycle.
    pub cycle: Id,
    /// Which list of the cycle, from 1 on.
    pub number: u32,
    /// How far it has come.
    pub stage: Stage,
    /// The policy's share as it was then: numerator and denominator.
    pub share: (u32, u32),
    /// How many the share comes to: of all lines, rounded up, and no fewer than have reported already.
    pub count: u32,
    /// Seed of the draw: 32 hex digits, drawn with the proposal.
    pub seed: String,
    /// Why another one after the first.
    pub why: String,
    /// Everybody who reports in the cycle, in the order of the proposal.
    pub lines: Vec<Line>,
    /// Who proposed it.
    pub proposed: Step,
    /// Who submitted it.
    pub submitted: Option<Step>,
    /// Who approved it.
    pub approved: Option<Step>,
}

impl Document for Choosing {
    const KIND: &'static str = "choosing";
}

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Lines can be changed.
    Proposed,
    /// It waits for approval.
    Submitted,
    /// It is in force, unless a later one is too.
    Approved,
    /// Another proposal has taken its place before it was approved.
    Dropped,
}

/// One official on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The dossier.
    pub dossier: Id,
    /// What the proposal says.
    pub proposed: Way,
    /// What the list says.
    pub way: Way,
    /// The ground of the proposal.
    pub ground: Ground,
    /// The last oral report before, in whatever term.
    pub last_oral: Option<String>,
    /// Others stood alike, and the draw put them in order.
    pub drawn: bool,
    /// Why staff have changed it, and who.
    pub changed: Option<(String, Step)>,
}

/// Why somebody stands where he stands on a list, the first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// He has reported orally in this cycle already.
    Reported,
    /// No oral report in this term, and little of it is left (article 12).
    OwedSoon,
    /// No oral report in this term (article 12).
    Owed,
    /// The longer ago the last oral report, the earlier.
    Longest,
}

impl Choosing {
    /// The line of a dossier.
    #[must_use]
    pub fn line(&self, dossier: Id) -> Option<&Line> {
        self.lines.iter().find(|line| line.dossier == dossier)
    }

    /// Whether the same lines come out of what is kept: share, seed, grounds.
    #[must_use]
    pub fn recomputes(&self) -> bool {
        let Some(seed) = douxuan_crypto::bytes::unhex(&self.seed) else { return false };
        let facts = self.lines.iter().map(|line| draw::Candidate {
            dossier: line.dossier,
            ground: line.ground,
            last_oral: line.last_oral.clone(),
        });
        let (count, lines) = draw::propose(facts.collect(), self.share, &seed);
        let same = |(a, b): (&Line, &Line)| (a.dossier, a.proposed, a.drawn) == (b.dossier, b.proposed, b.drawn);
        count == self.count && lines.len() == self.lines.len() && lines.iter().zip(&self.lines).all(same)
    }
}

/// The list in force of a cycle: the last one that was approved.
pub(super) fn approved(documents: &Documents, cycle: Id) -> Option<Kept<Choosing>> {
    let lists = lists(documents, cycle);
    lists.into_iter().find(|list| list.body.stage == Stage::Approved)
}

/// Every list of a cycle, the last first.
fn lists(documents: &Documents, cycle: Id) -> Vec<Kept<Choosing>> {
    let mut lists = documents.all::<Choosing>();
    lists.retain(|list| list.body.cycle == cycle);
    lists.sort_by_key(|list| std::cmp::Reverse(list.body.number));
    lists
}
