//! What is still open when a cycle is closed. It may be closed all the same, with a reason: all of this can be entered
//! afterwards, but nobody reminds of a letter that was never begun.

use schemars::JsonSchema;
use serde::Serialize;

use crate::record::{
    Choosing, Correction, Documents, Dossier, Id, Kept, Stage, Way, choosing, letter, official,
    question::Question,
    result::{self, Outcome},
};

/// Something that nobody has ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Loose {
    /// A list that waits for approval. It is not approved any more afterwards.
    Choosing,
    /// An oral reporter without the day of his report.
    NotReported,
    /// Somebody in a result who was found in no dossier, or whose dossier waits for approval.
    NotMatched,
    /// A result without a letter. It is not begun any more afterwards.
    NoLetter,
    /// A letter that was not approved.
    LetterDraft,
    /// A letter that was not delivered.
    NotDelivered,
    /// A letter without a receipt.
    NotSigned,
    /// A written answer that has not come, or was not judged.
    Answer,
    /// A correction that is not settled.
    Correction,
    /// A step (article 22) without its outcome.
    Step,
}

/// One of them, and about whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct End {
    /// What.
    what: Loose,
    /// Unit and name; empty where it is about nobody.
    who: String,
}

/// Everything that is open in a cycle, in the order of the year.
pub(super) fn loose(documents: &Documents, cycle: Id) -> Vec<End> {
    let dossiers = official::dossiers_of(documents, cycle);
    let of = |what: Loose, dossier: &Dossier| End { what, who: format!("{} {}", dossier.unit, dossier.name) };
    let (corrections, questions) = (documents.all::<Correction>(), documents.all::<Question>());
    let (steps, outcomes) = (documents.all::<result::Step>(), documents.all::<Outcome>());
    let mut ends = Vec::new();
    let waits = |list: &Kept<Choosing>| list.body.cycle == cycle && list.body.stage == Stage::Submitted;
    if documents.all::<Choosing>().iter().any(waits) {
        ends.push(End { what: Loose::Choosing, who: String::new() });
    }
    let standing =
        outcomes.iter().map(|outcome| &outcome.body).filter(|one| one.cycle == cycle && one.replaced.is_none());
    let unmatched = standing.clone().flat_map(|outcome| &outcome.officials);
    for rated in unmatched.filter(|rated| rated.dossier.is_none()) {
        ends.push(End { what: Loose::NotMatched, who: format!("{} {}", rated.unit, rated.name) });
    }
    for Kept { id, body: dossier, .. } in &dossiers {
        let mut open = |what: Loose, is: bool| ends.extend(is.then(|| of(what, dossier)));
        let oral = choosing::approved(documents, cycle).is_some() && dossier.way == Some(Way::Oral);
        open(Loose::NotReported, oral && dossier.reported_on.is_none());
        let rated = standing.clone().any(|outcome| outcome.officials.iter().any(|rated| rated.dossier == Some(*id)));
        match letter::standing(documents, *id).map(|letter| letter.body) {
            None => open(Loose::NoLetter, rated),
            Some(letter) if letter.fixed.is_none() => open(Loose::LetterDraft, true),
            Some(letter) if letter.delivered.is_empty() => open(Loose::NotDelivered, true),
            Some(letter) => open(Loose::NotSigned, letter.receipts.is_empty()),
        }
        for question in questions.iter().map(|question| &question.body).filter(|q| q.dossier == *id) {
            let waits = question.demands.last().is_some_and(|demand| demand.verdict.is_none());
            open(Loose::Answer, waits && question.withdrawn.is_none());
        }
        for correction in corrections.iter().map(|correction| &correction.body).filter(|c| c.dossier == *id) {
            open(Loose::Correction, correction.withdrawn.is_none() && !correction.settled());
        }
        for step in steps.iter().map(|step| &step.body).filter(|step| step.dossier == *id) {
            open(Loose::Step, step.is_open());
        }
    }
    ends.sort();
    ends
}

/// Who still has something of article 17, 20 or 22 to come in a cycle: what nobody has ended, and what the next meeting
/// was not told.
pub(in crate::record) fn running(documents: &Documents, cycle: Id) -> Vec<String> {
    let ends = loose(documents, cycle).into_iter();
    let mut whose: Vec<String> = ends
        .filter(|end| matches!(end.what, Loose::Answer | Loose::Correction | Loose::Step))
        .map(|end| end.who)
        .collect();
    for correction in documents.all::<Correction>() {
        let whom = documents.find::<Dossier>(correction.body.dossier).filter(|dossier| dossier.body.cycle == cycle);
        if let Some(dossier) = whom.filter(|_| correction.body.is_to_tell()) {
            whose.push(format!("{} {}", dossier.body.unit, dossier.body.name));
        }
    }
    whose.sort_unstable();
    whose.dedup();
    whose
}
