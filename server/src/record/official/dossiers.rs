//! `/api/record/cycles/{cycle}/dossiers` and one dossier: who reports in a year, how, and when he did.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dossier, Official, Standing, Way, standing};
use crate::{
    record::{
        Documents, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        choosing, cycle, field,
        field::At,
        result,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/dossiers", "Who reports in a cycle, and how (article 11).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/cycles/{cycle}/dossiers", "A dossier for everybody who is in office.", make)
            .takes::<Make>()
            .answers::<Made>(),
        Endpoint::post(
            "/api/record/dossiers/{dossier}/way",
            "Sets the way of reporting, but on an approved list.",
            way,
        )
        .takes::<ChangeWay>()
        .answers::<Kept<Dossier>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/reported", "The day of the oral report.", reported)
            .takes::<Reported>()
            .answers::<Kept<Dossier>>(),
    ]
}

/// A dossier and how its official stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    #[serde(flatten)]
    dossier: Kept<Dossier>,
    /// Absent for one who is in no office any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
}

/// The dossiers of a cycle by unit and name.
pub(in crate::record) fn dossiers_of(documents: &Documents, cycle: Id) -> Vec<Kept<Dossier>> {
    let mut dossiers = documents.all::<Dossier>();
    dossiers.retain(|dossier| dossier.body.cycle == cycle);
    dossiers.sort_by_cached_key(|dossier| (dossier.body.unit.clone(), dossier.body.name.clone(), dossier.id));
    dossiers
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<Line>> {
    let (now, today) = (record.book().now(), record.today());
    let cycle = now.documents.get::<cycle::Cycle>(id)?;
    let around = (Some(cycle.body.year), cycle.body.policy.warn_months);
    let line = |dossier: Kept<Dossier>| {
        let official = now.documents.find::<Official>(dossier.body.official);
        Line { standing: official.and_then(|official| standing(&now.documents, &official, today, around)), dossier }
    };
    Ok(Json(dossiers_of(&now.documents, id).into_iter().map(line).collect()))
}

/// Nothing to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {}

/// What was made.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    /// New dossiers.
    made: usize,
    /// Name, unit or post brought up to date.
    changed: usize,
    /// Another name, unit or post by now, but left as it stands on an approved list, in a result or in a letter.
    kept: usize,
}

async fn make(State(record): State<Record>, hand: Hand, At(id): At, Asked(Make {}): Asked<Make>) -> Answer<Made> {
    let today = record.today();
    let made = record.book().change(&hand, |draft| {
        cycle::must_be_open(draft, id)?;
        let (there, frozen) = (dossiers_of(draft, id), choosing::approved(draft, id));
        // Whoever is in a result and not matched yet is not made to fit it by another name or unit.
        let has_result = draft.all::<result::Outcome>().iter().any(|outcome| outcome.body.cycle == id);
        let mut done = Made { made: 0, changed: 0, kept: 0 };
        for official in draft.all::<Official>() {
            let Some(term) = official.body.term() else { continue };
            if field::date(&term.begins).is_none_or(|begins| begins > today) {
                continue;
            }
            let (name, unit, post) = (official.body.name.clone(), term.unit.clone(), term.post.clone());
            match there.iter().find(|dossier| dossier.body.official == official.id) {
                None => {
                    let (cycle, official) = (id, official.id);
                    let new = Dossier { cycle, official, name, unit, post, way: None, reported_on: None };
                    draft.add("dossier/make", &new, "");
                    done.made += 1;
                }
                // What an approved list, a result or a letter says of him stays as it was then.
                Some(dossier)
                    if !has_result
                        && frozen.as_ref().is_none_or(|list| list.body.line(dossier.id).is_none())
                        && !result::is_bound(draft, dossier.id) =>
                {
                    let mut now = dossier.clone();
                    now.body = Dossier { name, unit, post, ..now.body };
                    if now != *dossier {
                        draft.set("dossier/make", &now, "")?;
                        done.changed += 1;
                    }
                }
                Some(dossier) => {
                    let was = (&dossier.body.name, &dossier.body.unit, &dossier.body.post);
                    done.kept += usize::from(was != (&name, &unit, &post));
                }
            }
        }
        Ok(done)
    });
    made.await.map(Json)
}

/// Another way.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeWay {
    /// The version seen.
    version: u32,
    /// How he reports; absent leaves it open.
    way: Option<Way>,
    /// Why.
    why: String,
}

async fn way(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<ChangeWay>,
) -> Answer<Kept<Dossier>> {
    let why = field::why(&asked.why)?;
    let changed = record.book().change(&hand, |draft| {
        let mut dossier = draft.get::<Dossier>(id)?;
        cycle::must_be_open(draft, dossier.body.cycle)?;
        if choosing::approved(draft, dossier.body.cycle).is_some_and(|list| list.body.line(id).is_some()) {
            return Err(Refusal::conflict(
                "报告方式已经随名单审定，不能单独改动。",
                "请在“会议报告名单”里重新提出名单，写明理由，再送审定。",
            ));
        }
        if dossier.body.reported_on.is_some() && asked.way != Some(Way::Oral) {
            return Err(has_reported());
        }
        dossier.version = asked.version;
        dossier.body.way = asked.way;
        draft.set("dossier/way", &dossier, &why)?;
        draft.get::<Dossier>(id)
    });
    changed.await.map(Json)
}

/// He reported orally already.
pub(in crate::record) fn has_reported() -> Refusal {
    Refusal::conflict("他已经作了会议报告，不能改为书面报告。", "登记错了的，请先更正会议报告的日期。")
}

/// When he reported.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reported {
    /// The version seen.
    version: u32,
    /// The day; absent takes a wrong entry back.
    on: Option<String>,
    /// Why; needed for a change of what was entered.
    #[serde(default)]
    why: String,
}

async fn reported(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Reported>,
) -> Answer<Kept<Dossier>> {
    let today = record.today();
    let changed = record.book().change(&hand, |draft| {
        let mut dossier = draft.get::<Dossier>(id)?;
        if dossier.body.way != Some(Way::Oral) {
            return Err(Refusal::conflict("他不是会议报告对象。", "请先审定会议报告名单。"));
        }
        if let Some(on) = &asked.on {
            field::happened("会议报告的日期", on, None, today)?;
        }
        let why = field::why_if(dossier.body.reported_on.is_some(), &asked.why)?;
        dossier.version = asked.version;
        dossier.body.reported_on = asked.on.clone();
        draft.set("dossier/reported", &dossier, &why)?;
        draft.get::<Dossier>(id)
    });
    changed.await.map(Json)
}
