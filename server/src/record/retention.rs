//! How long a year is kept, and its destruction once that is over.
//!
//! A cycle of the year Y is kept until 31 December of Y + `keep_years`. Destroying it takes two: the office proposes,
//! the chair approves, and then every document of the cycle goes, with what the trail has quoted of it, and every file
//! that nothing else refers to. **What stays**: who did what to which document and when, the digests (salted, so that
//! they tell nothing of a short text), and the [`Destruction`] itself. Backups and what was printed or handed on lie
//! elsewhere: the README says so. The names of destroyed files are their SHA-256, and stay as the proof of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Cycle, Documents, Dossier, Kept, Official, Way, cycle,
    document::{Document, Id},
    field::Step,
    official::standing,
    result::Outcome,
};
use crate::web::Refusal;

mod routes;
mod sweep;

pub(super) use routes::table;
pub(super) use sweep::at_start;

/// A year that is to be destroyed, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destruction {
    /// The cycle; its document is gone once this is done.
    pub cycle: Id,
    /// Its year.
    pub year: i16,
    /// Its title.
    pub title: String,
    /// Last day on which it had to be kept, `YYYY-MM-DD`.
    pub kept_until: String,
    /// How many documents of each kind go: as counted when it was proposed, and again when it was approved.
    pub documents: BTreeMap<String, usize>,
    /// Files that go with them.
    pub files: usize,
    /// Why.
    pub why: String,
    /// By whom.
    pub proposed: Step,
    /// How far it has come.
    pub state: DestructionState,
}

impl Document for Destruction {
    const KIND: &'static str = "destruction";
}

impl Destruction {
    /// # Errors
    /// It is decided already.
    fn must_wait(&self) -> Result<(), Refusal> {
        if self.state == DestructionState::Proposed {
            return Ok(());
        }
        Err(Refusal::conflict("这项销毁已经有了结果。", "请刷新页面。"))
    }

    /// It does not take place.
    ///
    /// # Errors
    /// It is decided already.
    fn drop(&mut self, by: Step, why: &str) -> Result<(), Refusal> {
        self.must_wait()?;
        self.state = DestructionState::Dropped { by, why: why.to_owned() };
        Ok(())
    }
}

/// How far a destruction has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum DestructionState {
    /// Waits for the chair.
    Proposed,
    /// Was not agreed to, or taken back.
    Dropped {
        /// By whom.
        by: Step,
        /// Why.
        why: String,
    },
    /// The documents are gone, files are still being destroyed: after a crash this goes on at the next start.
    Sweeping {
        /// Approved by.
        by: Step,
        /// Names in the folder `record/files`.
        left: Vec<String>,
    },
    /// All of it is gone.
    Done {
        /// Approved by.
        by: Step,
    },
}

/// What of the record hangs on a cycle.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Belongings {
    /// Kind and id of each document, the cycle's own last.
    pub(super) documents: Vec<(String, Id)>,
    /// Names of the files that only they refer to.
    pub(super) files: Vec<String>,
}

impl Belongings {
    /// How many documents of each kind.
    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        self.documents.iter().fold(BTreeMap::new(), |mut counts, (kind, _)| {
            *counts.entry(kind.clone()).or_default() += 1;
            counts
        })
    }
}

/// Last day on which a cycle has to be kept.
pub(super) fn kept_until(cycle: &Cycle) -> Date {
    let year = i32::from(cycle.year) + i32::from(cycle.policy.keep_years);
    i16::try_from(year).ok().and_then(|year| Date::new(year, 12, 31).ok()).unwrap_or(Date::MAX)
}

/// Whether a cycle may be destroyed today.
///
/// # Errors
/// Why not, and what to do.
pub(super) fn may_go(documents: &Documents, cycle: &Kept<Cycle>, today: Date) -> Result<(), Refusal> {
    let until = kept_until(&cycle.body);
    if today <= until {
        return Err(Refusal::conflict(
            format!("保管期限到 {until} 为止，现在不能销毁。"),
            "请在那一天之后再提出销毁。",
        ));
    }
    if !cycle.body.closed {
        return Err(Refusal::conflict("这个年度还没有结束，不能销毁。", "请先结束这个年度。"));
    }
    let running = cycle::running(documents, cycle.id);
    if !running.is_empty() {
        return Err(Refusal::conflict(
            format!("{}还有没有办完的答复、整改或核实，不能销毁。", running.join("、")),
            "请先办完；登记错了的，写明理由撤回。",
        ));
    }
    let needed = still_needed(documents, cycle.id, today);
    if !needed.is_empty() {
        return Err(Refusal::conflict(
            format!("{}在现任期内的会议报告记在这个年度里，还要作依据（第十二条）。", needed.join("、")),
            "请等他们的任期结束，或在以后的年度作过会议报告之后，再提出销毁。",
        ));
    }
    Ok(())
}

/// Whose only oral report of the term that still runs stands in this cycle.
fn still_needed(documents: &Documents, cycle: Id, today: Date) -> Vec<String> {
    let others = Documents(
        documents
            .0
            .iter()
            .filter(|((kind, _), row)| kind != Dossier::KIND || !names(&row.body, "cycle", cycle))
            .map(|(place, row)| (place.clone(), row.clone()))
            .collect(),
    );
    let oral = |dossier: &Kept<Dossier>| {
        dossier.body.cycle == cycle && dossier.body.way == Some(Way::Oral) && dossier.body.reported_on.is_some()
    };
    let mut needed = Vec::new();
    for dossier in documents.all::<Dossier>().iter().filter(|dossier| oral(dossier)) {
        let Some(official) = documents.find::<Official>(dossier.body.official).filter(|one| !one.body.left) else {
            continue;
        };
        let owed = |documents: &Documents| standing(documents, &official, today, (None, 0)).map(|now| now.owed);
        if owed(documents) == Some(false) && owed(&others) == Some(true) {
            needed.push(dossier.body.name.clone());
        }
    }
    needed
}

/// Whether a body says that this field is this document.
fn names(body: &str, field: &str, id: Id) -> bool {
    serde_json::from_str::<Value>(body).is_ok_and(|body| body[field] == id.to_string().as_str())
}

/// Everything that hangs on a cycle: what names it, its dossiers or its results, officials who left
/// by then and have a dossier in no other cycle, and at last the cycle itself. `quoted`: what the trail says of documents, by kind and id.
pub(super) fn belongings(documents: &Documents, cycle: Id, quoted: &[(&str, Id, &str)]) -> Belongings {
    let mut roots: Vec<(&str, Id)> = vec![("cycle", cycle)];
    let dossiers = documents.all::<Dossier>();
    let (here, elsewhere): (Vec<_>, Vec<_>) = dossiers.iter().partition(|dossier| dossier.body.cycle == cycle);
    roots.extend(here.iter().map(|dossier| ("dossier", dossier.id)));
    let outcomes = documents.all::<Outcome>();
    roots.extend(outcomes.iter().filter(|outcome| outcome.body.cycle == cycle).map(|outcome| ("outcome", outcome.id)));
    let until = documents.find::<Cycle>(cycle).map(|cycle| kept_until(&cycle.body).to_string()).unwrap_or_default();
    let gone = |official: &Kept<Official>| {
        let ended = official.body.terms.last().and_then(|term| term.ended.as_ref());
        let left = official.body.left && ended.is_none_or(|ended| *ended <= until);
        left && !elsewhere.iter().any(|dossier| dossier.body.official == official.id)
    };
    let leaving = documents.all::<Official>().into_iter().filter(gone);
    let mut going: Vec<(String, Id)> = leaving.map(|official| (Official::KIND.to_owned(), official.id)).collect();
    for ((kind, id), row) in &documents.0 {
        if kind != Destruction::KIND && roots.iter().any(|(field, root)| names(&row.body, field, *root)) {
            going.push((kind.clone(), *id));
        }
    }
    going.push((Cycle::KIND.to_owned(), cycle));
    let goes = |kind: &str, id: Id| going.iter().any(|one| one.0 == kind && one.1 == id);
    let (mut theirs, mut others) = (Vec::new(), Vec::new());
    let bodies = documents.0.iter().map(|((kind, id), row)| (kind.as_str(), *id, &*row.body));
    for (kind, id, text) in bodies.chain(quoted.iter().copied()).filter(|(kind, ..)| *kind != Destruction::KIND) {
        if goes(kind, id) { theirs.extend(files(text)) } else { others.extend(digests(text)) }
    }
    theirs.sort_unstable();
    theirs.dedup();
    theirs.retain(|digest| !others.contains(digest));
    Belongings { documents: going, files: theirs }
}

/// The files that a document names, or what the trail has quoted of it.
fn files(text: &str) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value.as_str() {
                        Some(digest) if ["sha256", "docx", "pdf"].contains(&name.as_str()) => {
                            found.push(digest.to_owned())
                        }
                        _ => walk(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&serde_json::from_str(text).unwrap_or_default(), &mut found);
    found
}

/// Every text of 64 lowercase hex digits in quotes: the form in which documents name files.
fn digests(text: &str) -> Vec<String> {
    let is_digest = |part: &&str| part.len() == 64 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    text.split('"').filter(is_digest).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cycle(year: i16, keep_years: u16) -> Cycle {
        let policy = super::super::CyclePolicy { keep_years, ..Default::default() };
        Cycle { year, title: "示例".to_owned(), policy, closed: true }
    }

    #[test]
    fn ten_years_are_counted_from_the_end_of_the_year() {
        assert_eq!(kept_until(&cycle(2026, 10)).to_string(), "2036-12-31");
        assert_eq!(kept_until(&cycle(2026, 1)).to_string(), "2027-12-31");
    }

    #[test]
    fn only_fields_of_files_name_files() {
        let digest = "ab".repeat(32);
        let text =
            format!(r#"{{"note_hash":"{digest}","fields":{{"file":[null,{{"sha256":"{digest}"}}]}},"pdf":null}}"#);
        assert_eq!(files(&text), [digest]);
    }

    #[test]
    fn only_whole_digests_keep_files() {
        let digest = "ab".repeat(32);
        let text = format!(r#"{{"a":"{digest}","b":"{digest}0","c":"{}","d":"x {digest}"}}"#, digest.to_uppercase());
        assert_eq!(digests(&text), [digest]);
    }
}
