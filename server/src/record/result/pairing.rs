//! Who is who: the officials of a meeting, found in the dossiers of a cycle.
//!
//! | the result and the dossier | |
//! |---|---|
//! | same unit and name, and one dossier only | found at once |
//! | same unit and name, several dossiers | somebody says which, and why |
//! | another unit or name (a transfer, another spelling) | somebody says which and why, **somebody else approves it** |
//!
//! Until then the figures belong to nobody: no letter shows them, no step opens.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Outcome, Rated, stepping};
use crate::{
    record::{
        Correction, Documents, Dossier, Hand, Record,
        api::{Answer, Endpoint},
        document::{Id, Kept},
        documents::Draft,
        field::{self, At, Step, by_another},
        letter, opinion,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/record/results/{id}/match", "Says which dossier an official of the meeting is.", pair)
            .takes::<Match>()
            .answers::<Kept<Outcome>>(),
        Endpoint::post(
            "/api/record/results/{id}/match/approve",
            "Approves that an official of another unit or name is this dossier, or refuses it.",
            approve,
        )
        .takes::<Approve>()
        .answers::<Kept<Outcome>>(),
        Endpoint::post("/api/record/results/{id}/unmatch", "Takes back which dossier an official is.", unpair)
            .takes::<Unmatch>()
            .answers::<Kept<Outcome>>(),
    ]
}

/// What somebody has said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// Which dossier.
    pub dossier: Id,
    /// Why it is this one.
    pub why: String,
    /// Who said so.
    pub by: Step,
    /// Who has approved it; never who said so. `None` where unit and name agree, and while it waits.
    pub approved: Option<Step>,
}

/// A dossier whose name stands in a result or a letter: it is not renamed any more.
pub(in crate::record) fn is_bound(documents: &Documents, dossier: Id) -> bool {
    let names = |rated: &Rated| {
        rated.dossier == Some(dossier) || rated.pairing.as_ref().is_some_and(|pairing| pairing.dossier == dossier)
    };
    !letter::of_dossier(documents, dossier).is_empty()
        || documents.all::<Outcome>().iter().any(|outcome| outcome.body.officials.iter().any(names))
}

/// What keeps a letter to this dossier from telling of a result: of the one that it names, or of any.
pub(in crate::record) fn waits(documents: &Documents, dossier: Id, named: Option<Id>) -> Option<String> {
    let mut outcomes = documents.all::<Outcome>();
    outcomes.retain(|outcome| named.is_none_or(|named| named == outcome.id));
    let proposed = |rated: &Rated| {
        rated.dossier.is_none() && rated.pairing.as_ref().is_some_and(|pairing| pairing.dossier == dossier)
    };
    if outcomes.iter().any(|outcome| outcome.body.officials.iter().any(proposed)) {
        return Some("测评结果和案卷的对应等待审定".to_owned());
    }
    if named.is_some() && outcomes.iter().any(|outcome| outcome.body.replaced.is_some()) {
        return Some("测评结果已由另一份代替".to_owned());
    }
    None
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Match {
    /// The version seen.
    version: u32,
    /// Number in the meeting.
    item: u16,
    /// Which dossier.
    dossier: Id,
    /// Why it is this one.
    why: String,
}

fn item(outcome: &mut Outcome, item: u16) -> Result<&mut Rated, Refusal> {
    let rated = outcome.officials.iter_mut().find(|rated| rated.item == item);
    rated.ok_or_else(|| Refusal::conflict("这份结果里没有这一项。", "请刷新页面再试。").with_status(404))
}

/// # Errors
/// Another result has taken its place.
fn must_stand(outcome: &Outcome) -> Result<(), Refusal> {
    if outcome.replaced.is_none() {
        return Ok(());
    }
    Err(Refusal::conflict("这份结果已由另一份代替。", "请在代替它的结果里对应。"))
}

async fn pair(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Match>,
) -> Answer<Kept<Outcome>> {
    let why = field::why(&asked.why)?;
    record.book().change(&hand, |draft| pair_up(draft, id, &asked, &why)).await.map(Json)
}

fn pair_up(draft: &mut Draft<'_>, id: Id, asked: &Match, why: &str) -> Result<Kept<Outcome>, Refusal> {
    let meant = draft.get::<Dossier>(asked.dossier)?.body;
    let dossier = asked.dossier;
    let by = Step::of(draft.hand());
    let now = draft.revise::<Outcome>("result/match", (id, asked.version), why, |outcome| {
        must_stand(outcome)?;
        let names = |rated: &Rated| {
            rated.dossier == Some(dossier) || rated.pairing.as_ref().is_some_and(|pairing| pairing.dossier == dossier)
        };
        if meant.cycle != outcome.cycle || outcome.officials.iter().any(names) {
            return Err(Refusal::conflict(
                "这份案卷不属于这个年度，或已对应另一项。",
                "请选择本年度还没有对应的案卷。",
            ));
        }
        let rated = item(outcome, asked.item)?;
        if rated.dossier.is_some() || rated.pairing.is_some() {
            return Err(Refusal::conflict(
                "这一项已经对应了案卷，或正等待审定。",
                "对应错了的，请先撤销，并写明理由。",
            ));
        }
        let same = (&rated.name, &rated.unit) == (&meant.name, &meant.unit);
        rated.pairing = Some(Pairing { dossier, why: why.to_owned(), by, approved: None });
        rated.dossier = same.then_some(dossier);
        Ok(())
    })?;
    stepping::open(draft, id, asked.item)?;
    Ok(now)
}

/// Of one official.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Approve {
    /// The version seen.
    version: u32,
    /// Number in the meeting.
    item: u16,
    /// False refuses it, with a reason.
    #[serde(default = "agreed")]
    agreed: bool,
    /// Why.
    #[serde(default)]
    why: String,
}

fn agreed() -> bool {
    true
}

async fn approve(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Approve>,
) -> Answer<Kept<Outcome>> {
    let why = field::why_if(!asked.agreed, &asked.why)?;
    let act = if asked.agreed { "result/match-approved" } else { "result/match-refused" };
    let work = |draft: &mut Draft<'_>| {
        let now = draft.revise::<Outcome>(act, (id, asked.version), &why, |outcome| {
            must_stand(outcome)?;
            let rated = item(outcome, asked.item)?;
            let Some(pairing) = rated.pairing.as_mut().filter(|_| rated.dossier.is_none()) else {
                return Err(Refusal::conflict("这一项没有等待审定的对应。", "请刷新页面，看现在的情况。"));
            };
            by_another(&hand, &[&pairing.by])?;
            if asked.agreed {
                pairing.approved = Some(Step::of(&hand));
                rated.dossier = Some(pairing.dossier);
            } else {
                rated.pairing = None;
            }
            Ok(())
        })?;
        stepping::open(draft, id, asked.item)?;
        Ok(now)
    };
    record.book().change(&hand, work).await.map(Json)
}

/// Of one official.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unmatch {
    /// The version seen.
    version: u32,
    /// Number in the meeting.
    item: u16,
    /// Why it was wrong.
    why: String,
}

async fn unpair(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Unmatch>,
) -> Answer<Kept<Outcome>> {
    let why = field::why(&asked.why)?;
    let work = |draft: &mut Draft<'_>| {
        let mut was = None;
        let now = draft.revise::<Outcome>("result/unmatch", (id, asked.version), &why, |outcome| {
            let rated = item(outcome, asked.item)?;
            if rated.dossier.is_none() && rated.pairing.is_none() {
                return Err(Refusal::conflict("这一项还没有对应案卷。", "请刷新页面，看现在的情况。"));
            }
            (was, rated.pairing) = (rated.dossier.take(), None);
            Ok(())
        })?;
        let Some(dossier) = was else { return Ok(now) };
        nothing_rests_on(draft, id, dossier)?;
        stepping::close(draft, id, Some(dossier))?;
        Ok(now)
    };
    record.book().change(&hand, work).await.map(Json)
}

/// # Errors
/// A letter of this result, an opinion that was reviewed, a step that was entered, a correction.
fn nothing_rests_on(draft: &Draft<'_>, outcome: Id, dossier: Id) -> Result<(), Refusal> {
    let letter = letter::standing(draft, dossier).is_some_and(|letter| letter.body.outcome == outcome);
    let opinions = opinion::of_dossier(draft, dossier);
    let reviewed = opinions.iter().any(|one| one.body.withdrawn.is_none() && one.body.reviewed.is_some());
    if letter || reviewed {
        return Err(Refusal::conflict(
            "这份案卷已经有反馈函或核对过的意见，不能撤销对应。",
            "请先撤回反馈函，撤下核对过的意见，再撤销对应。",
        ));
    }
    let steps: Vec<Kept<super::Step>> = stepping::of(draft, outcome, Some(dossier));
    let corrections = draft.all::<Correction>();
    let rests = |step: &Kept<super::Step>| {
        step.body.state != super::StepState::Open
            || corrections.iter().any(|one| one.body.step == Some(step.id) && one.body.withdrawn.is_none())
    };
    if steps.iter().any(rests) {
        return Err(Refusal::conflict(
            "这份案卷的后续步骤已经有了结论，或已经发出整改通知，不能撤销对应。",
            "登记错了的，请先更正或撤销那一步，并写明理由。",
        ));
    }
    Ok(())
}
