//! `POST /api/record/corrections/told…`: that a meeting was told, and the correction of its day and name.

use axum::{
    Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Heard;
use crate::{
    record::{
        Correction, Dossier, Draft, Hand, Id, Kept, Record, Told,
        api::{Answer, Endpoint},
        correction::{dates::unfit, routes::lines},
        field,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/record/corrections/told", "A meeting was told of these.", tell)
            .takes::<Telling>()
            .answers::<Vec<Kept<Correction>>>(),
        Endpoint::post("/api/record/corrections/told/{on}/correct", "Corrects day and name of a meeting.", retell)
            .takes::<Telling>()
            .answers::<Vec<Kept<Correction>>>(),
    ]
}

/// A meeting that was told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Telling {
    /// Day of the meeting, `YYYY-MM-DD`.
    on: String,
    /// Which meeting.
    meeting: String,
    /// Of what.
    corrections: Vec<Seen>,
    /// Why; needed where it was entered already.
    #[serde(default)]
    why: String,
}

/// A correction as it was seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Which one.
    id: Id,
    /// The version seen.
    version: u32,
}

/// Changes each of these as it was seen, all or none.
fn each(
    draft: &mut Draft<'_>,
    corrections: &[Seen],
    (act, why): (&str, &str),
    work: impl Fn(&Draft<'_>, Id, &mut Correction) -> Result<(), Refusal>,
) -> Result<Vec<Kept<Correction>>, Refusal> {
    let mut all = Vec::new();
    for Seen { id, version } in corrections {
        let mut correction = draft.get::<Correction>(*id)?;
        // Whoever saw another version is told so, and not of what he could not see.
        if correction.version == *version {
            work(draft, *id, &mut correction.body)?;
        }
        correction.version = *version;
        draft.set(act, &correction, why)?;
        all.push(draft.get::<Correction>(*id)?);
    }
    Ok(all)
}

async fn tell(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Telling>) -> Answer<Vec<Kept<Correction>>> {
    let Telling { on, meeting, corrections, why } = asked;
    let why = field::why_if(false, &why)?;
    let (meeting, day) = (field::line("会议", &meeting, field::LINE)?, field::day("通报日期", &on)?);
    if corrections.is_empty() {
        return Err(Refusal::conflict("没有选择任何整改。", "请勾选会上通报了的整改。"));
    }
    let today = record.today();
    let all = record.book().change(&hand, |draft| {
        let lines = lines(&record, draft);
        each(draft, &corrections, ("correction/told", &why), |draft, id, correction| {
            let name = draft.get::<Dossier>(correction.dossier)?.body.name;
            let heard = lines.iter().find(|line| line.correction.id == id);
            let heard = heard.map(|line| Heard::of(line, day)).unwrap_or_default();
            let told = Told { on: on.clone(), meeting: meeting.clone(), heard };
            correction.tell(told, today).map_err(|refusal| Refusal {
                error: format!("{name}的整改不能登记为已通报。{}", refusal.error),
                ..refusal
            })
        })
    });
    all.await.map(Json)
}

async fn retell(
    State(record): State<Record>,
    hand: Hand,
    Path(before): Path<String>,
    Asked(asked): Asked<Telling>,
) -> Answer<Vec<Kept<Correction>>> {
    let Telling { on, meeting, corrections, why } = asked;
    let why = field::why(&why)?;
    // What it heard stays as it was told.
    let told = Told { on, meeting: field::line("会议", &meeting, field::LINE)?, heard: Heard::default() };
    let today = record.today();
    let all = record.book().change(&hand, |draft| {
        let heard = |correction: &Correction| correction.told.iter().any(|told| told.on == before);
        let of_meeting = draft.all::<Correction>().iter().filter(|correction| heard(&correction.body)).count();
        // One meeting has one day: whoever corrects it has seen everything that it heard.
        if of_meeting == 0 || of_meeting != corrections.len() {
            return Err(unfit());
        }
        each(draft, &corrections, ("correction/told-correct", &why), |_, _, correction| {
            correction.correct_told(&before, told.clone(), today)
        })
    });
    all.await.map(Json)
}
