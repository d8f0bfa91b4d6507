//! The door: the bytes of a finished bundle, and what is believed of them.

use douxuan_crypto::{
    audit::{self, Step as AuditStep},
    bundle::Bundle,
    bytes::hex,
    hash::sha256,
    manifest::Manifest,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Limits, Outcome, Rated, Stated};
use crate::{
    limits,
    papers::{Count, Row, Sheet},
    record::document::Id,
    web::Refusal,
};

/// Who accepted the key of a meeting that this server did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Who.
    pub by: String,
    /// Why, such as: fingerprint compared with the minutes.
    pub why: String,
}

/// A bundle that passed V1 to V12, and whose it is.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Meeting id.
    pub meeting: [u8; 16],
    /// M.
    pub manifest: [u8; 32],
    /// What would be kept, for no cycle yet.
    outcome: Outcome,
}

/// Reads and verifies a bundle. Takes seconds for a large one: never on a thread that serves.
///
/// # Errors
/// 422 if it is no bundle, or if a step of the audit fails; the step is named.
pub fn read(bundle: &[u8], limits: Limits) -> Result<Intake, Refusal> {
    let refused = |what: String| {
        let next = "没有收入任何内容。请向主持会议的办公室要原件，并用 douxuan-ballot verify 核验。";
        Refusal::conflict(what, next).with_status(422)
    };
    let report = audit::audit(bundle, &[]);
    match report.outcome {
        audit::Outcome::Held => {}
        audit::Outcome::Failed(step) => {
            let why = report.step(step).and_then(|s| s.why.clone()).unwrap_or_default();
            return Err(refused(format!("归档文件没有通过核验：V{} {}（{why}）。", step.number(), step.name().0)));
        }
        audit::Outcome::NotABundle(why) => return Err(refused(format!("这不是归档文件（{why}）。"))),
    }
    let sheet = Sheet::of_bundle(bundle).map_err(|error| refused(error.to_string()))?;
    let parts = Bundle::from_zip(bundle).map_err(|error| refused(error.to_string()))?;
    let manifest = Manifest::parse(&parts.manifest).map_err(|error| refused(error.to_string()))?;
    let note = String::from_utf8(parts.result).map_err(|_| refused(AuditStep::Result.name().0.to_owned()))?;
    let outcome = Outcome {
        cycle: Id::FIRST,
        title: manifest.title.clone(),
        date: manifest.date.clone(),
        meeting: sheet.meeting.clone(),
        manifest: sheet.manifest.clone(),
        screen_code: sheet.manifest_code.clone(),
        log_code: sheet.log.code.clone(),
        note_hash: sheet.result.clone(),
        note,
        bundle_hash: hex(&sha256(bundle)),
        key: fingerprint(manifest.result_key.as_bytes()),
        accepted: None,
        stated: Stated {
            option: sheet.policy.option.clone(),
            reaches: manifest.thresholds.reaches,
            over: manifest.thresholds.over,
        },
        instead: None,
        replaced: None,
        officials: officials(&sheet, limits),
    };
    Ok(Intake { meeting: manifest.meeting, manifest: manifest.id, outcome })
}

impl Intake {
    /// A drill, of whatever machine: the signed title says so.
    pub(super) fn is_drill(&self) -> bool {
        self.outcome.title.starts_with(limits::DRILL)
    }

    /// Fingerprint of the key that signed the note.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.outcome.key
    }

    /// What is kept: in this cycle, each official in the dossier that `find` names.
    #[must_use]
    pub fn into_outcome(
        self,
        cycle: Id,
        accepted: Option<Accepted>,
        find: impl Fn(&str, &str) -> Option<Id>,
    ) -> Outcome {
        let Self { outcome, .. } = self;
        let mut outcome = Outcome { cycle, accepted, ..outcome };
        for rated in &mut outcome.officials {
            rated.dossier = find(&rated.name, &rated.unit);
        }
        outcome
    }

    /// Name, unit and post of everybody who was rated.
    pub(in crate::record) fn people(&self) -> Vec<(String, String, String)> {
        let each = self.outcome.officials.iter();
        each.map(|rated| (rated.name.clone(), rated.unit.clone(), rated.post.clone())).collect()
    }

    /// As if the meeting had been published once more: another note under the same manifest.
    #[cfg(test)]
    pub(super) fn republished(mut self) -> Self {
        self.outcome.note_hash = hex(&sha256(self.outcome.note_hash.as_bytes()));
        self
    }

    /// M, 64 hex digits, as an outcome has it.
    pub(super) fn manifest_text(&self) -> &str {
        &self.outcome.manifest
    }

    /// SHA-256 of the result note: taken in twice, it is the same result.
    #[must_use]
    pub fn note_hash(&self) -> &str {
        &self.outcome.note_hash
    }
}

/// `1a2b-3c4d-5e6f-7081`, of the key's SHA-256.
fn fingerprint(key: &[u8; 32]) -> String {
    let digits = hex(&sha256(key));
    [0, 4, 8, 12].map(|at| &digits[at..at + 4]).join("-")
}

fn officials(sheet: &Sheet, limits: Limits) -> Vec<Rated> {
    sheet.rows.chunk_by(|a, b| a.number == b.number).filter_map(|rows| rated(sheet, rows, limits)).collect()
}

fn rated(sheet: &Sheet, rows: &[Row], limits: Limits) -> Option<Rated> {
    let Row { number, name, unit, post, .. } = rows.first()?;
    let rounds: Vec<&Count> = rows.iter().filter_map(|row| row.count.as_ref()).collect();
    let finding = Finding::of(&rounds, limits);
    let counted = rounds.iter().find(|count| Some(count.round) == finding.round);
    let grades = counted.and_then(|count| count.grades.as_ref());
    let votes = grades.map(|grades| {
        let named = sheet.scale.iter().zip(&grades.votes);
        named.map(|(choice, votes)| (choice.name.clone(), votes.count)).collect()
    });
    let totals = counted.map(|count| {
        let [valid, abstained] = grades.map_or([0, 0], |grades| [grades.valid, grades.abstained]);
        [count.issued.all, count.cast.all, valid, abstained]
    });
    Some(Rated {
        item: *number,
        name: name.clone(),
        unit: unit.clone(),
        post: post.clone(),
        dossier: None,
        pairing: None,
        votes: votes.unwrap_or_default(),
        totals: totals.unwrap_or_default(),
        finding,
    })
}
