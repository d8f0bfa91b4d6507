//! `/api/record/steps`: what results have opened, and what people enter about it.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Opens, Outcome, Step, StepState, step::Entered};
use crate::{
    record::{
        Correction, Documents, Hand, Record,
        api::{Answer, Endpoint},
        document::{Id, Kept},
        documents::Draft,
        field::{self, At},
        letter::Letter,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/steps", "What results have opened, and what became of it (article 22).", steps)
            .answers::<Vec<Kept<Step>>>(),
        Endpoint::post("/api/record/steps/{id}", "Enters what became of a step.", enter)
            .takes::<Enter>()
            .answers::<Kept<Step>>(),
    ]
}

async fn steps(State(record): State<Record>) -> Answer<Vec<Kept<Step>>> {
    Ok(Json(record.book().now().documents.all()))
}

#[derive(Deserialize, JsonSchema)]
struct Enter {
    /// The version seen.
    version: u32,
    /// Why; needed for the correction of what was entered.
    #[serde(default)]
    why: String,
    #[serde(flatten)]
    entered: Entered,
}

async fn enter(State(record): State<Record>, hand: Hand, At(id): At, Asked(asked): Asked<Enter>) -> Answer<Kept<Step>> {
    let Enter { version, why, entered } = asked;
    let today = record.today();
    let work = |draft: &mut Draft<'_>| {
        let step = draft.get::<Step>(id)?.body;
        let why = field::why_if(step.corrects(&entered), &why)?;
        let meeting = draft.get::<Outcome>(step.outcome)?.body.date;
        let entered = entered.checked(&meeting, today)?;
        draft.revise::<Step>("step/enter", (id, version), &why, |step| step.enter(entered))
    };
    record.book().change(&hand, work).await.map(Json)
}

/// The steps of a result, of one official or of all.
pub(super) fn of(documents: &Documents, outcome: Id, dossier: Option<Id>) -> Vec<Kept<Step>> {
    let mut steps = documents.all::<Step>();
    steps.retain(|step| step.body.outcome == outcome && dossier.is_none_or(|dossier| step.body.dossier == dossier));
    steps
}

/// Opens the steps of an official, once his dossier is settled; a letter about him that is still a draft, and tells of a
/// result that was replaced, tells of this one from now on.
///
/// # Errors
/// No such result.
pub(super) fn open(draft: &mut Draft<'_>, outcome: Id, item: u16) -> Result<(), Refusal> {
    let officials = draft.get::<Outcome>(outcome)?.body.officials;
    let Some(rated) = officials.iter().find(|rated| rated.item == item) else { return Ok(()) };
    let Some(dossier) = rated.dossier else { return Ok(()) };
    for opens in &rated.finding.opens {
        let because = match opens {
            Opens::Verification => rated.finding.over_sum.clone(),
            _ => rated.finding.reaches_sum.clone(),
        };
        let step = Step { dossier, outcome, opens: *opens, because: because.clone(), state: StepState::Open };
        draft.add("step/open", &step, &because);
    }
    for mut letter in draft.all::<Letter>() {
        let Letter { fixed, withdrawn, .. } = &letter.body;
        let is_draft = letter.body.dossier == dossier && fixed.is_none() && withdrawn.is_none();
        let told_of = draft.find::<Outcome>(letter.body.outcome);
        if is_draft && told_of.is_some_and(|told_of| told_of.body.replaced.is_some()) {
            letter.body.outcome = outcome;
            draft.set("letter/result", &letter, "")?;
        }
    }
    Ok(())
}

/// Takes away the steps of a result about which nothing was entered yet, of one official or of all.
///
/// # Errors
/// Somebody has changed one meanwhile.
pub(super) fn close(draft: &mut Draft<'_>, outcome: Id, dossier: Option<Id>) -> Result<(), Refusal> {
    let noticed: Vec<Option<Id>> = draft.all::<Correction>().iter().map(|one| one.body.step).collect();
    for step in of(draft, outcome, dossier) {
        if step.body.state == StepState::Open && !noticed.contains(&Some(step.id)) {
            // Its reason would outlive the year: that of the act that closes it stands there.
            draft.erase::<Step>("step/close", step.id, "")?;
        }
    }
    Ok(())
}
