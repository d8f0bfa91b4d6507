//! What goes into the yearly assessment (article 21): entered by people, as a reference. **Nothing here weighs, sums or
//! compares.**

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Documents, Dossier, Hand, Id, Kept, Record, Withdrawn,
    api::{Answer, Endpoint},
    cycle,
    document::Document,
    field::{self, At, Seen, Step},
};
use crate::web::{Asked, Refusal};

/// One entry for the yearly assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// About whom, in which cycle.
    pub dossier: Id,
    /// What it is a reference for.
    pub purpose: Purpose,
    /// What is entered.
    pub text: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Who entered it first.
    pub by: Step,
    /// Who changed it last.
    pub changed: Option<Step>,
    /// It was entered by mistake.
    pub withdrawn: Option<Withdrawn>,
}

impl Document for Usage {
    const KIND: &'static str = "usage";
}

/// What an entry is a reference for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 年度考核.
    Assessment,
    /// 提拔任用.
    Promotion,
    /// 轮岗交流.
    Rotation,
    /// 评先评优.
    Awards,
}

/// The entries of a dossier, by day.
pub(super) fn of_dossier(documents: &Documents, dossier: Id) -> Vec<Kept<Usage>> {
    let mut entries = documents.all::<Usage>();
    entries.retain(|entry| entry.body.dossier == dossier);
    entries.sort_by_cached_key(|entry| (entry.body.on.clone(), entry.id));
    entries
}

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/dossiers/{dossier}/usage", "Entries for the yearly assessment (article 21).", list)
            .answers::<Vec<Kept<Usage>>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/usage", "Enters one.", enter)
            .takes::<Enter>()
            .answers::<Kept<Usage>>(),
        Endpoint::post("/api/record/usage/{usage}", "Corrects one.", change).takes::<Change>().answers::<Kept<Usage>>(),
        Endpoint::post("/api/record/usage/{usage}/withdraw", "Withdraws one that was entered by mistake.", withdraw)
            .takes::<Seen>()
            .answers::<Kept<Usage>>(),
    ]
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<Kept<Usage>>> {
    let now = record.book().now();
    now.documents.get::<Dossier>(id)?;
    Ok(Json(of_dossier(&now.documents, id)))
}

/// What is entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enter {
    purpose: Purpose,
    text: String,
    /// `YYYY-MM-DD`.
    on: String,
}

fn checked(record: &Record, text: &str, on: &str) -> Result<String, Refusal> {
    if field::day("日期", on)? > record.today() {
        return Err(Refusal::conflict("日期还没有到。", "请核对日期。"));
    }
    field::prose("结果运用的内容", text)
}

async fn enter(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Enter>,
) -> Answer<Kept<Usage>> {
    let Enter { purpose, text, on } = asked;
    let text = checked(&record, &text, &on)?;
    let entry = Usage { dossier: id, purpose, text, on, by: Step::of(&hand), changed: None, withdrawn: None };
    let added = record.book().change(&hand, |draft| {
        cycle::open_of(draft, id)?;
        let id = draft.add("usage/enter", &entry, "");
        draft.get(id)
    });
    added.await.map(Json)
}

/// A correction.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The version seen.
    version: u32,
    purpose: Purpose,
    text: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why.
    why: String,
}

async fn change(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Change>,
) -> Answer<Kept<Usage>> {
    let Change { version, purpose, text, on, why } = asked;
    let (text, why) = (checked(&record, &text, &on)?, field::why(&why)?);
    let changed = record.book().change(&hand, |draft| {
        stands(draft, id)?;
        draft.revise::<Usage>("usage/change", (id, version), &why, |entry| {
            Withdrawn::not(entry.withdrawn.as_ref())?;
            let changed = Some(Step::of(&hand));
            *entry = Usage { purpose, text, on, changed, ..entry.clone() };
            Ok(())
        })
    });
    changed.await.map(Json)
}

/// It is there, whether its cycle is open or not.
fn stands(documents: &Documents, id: Id) -> Result<(), Refusal> {
    let dossier = documents.get::<Usage>(id)?.body.dossier;
    cycle::of(documents, dossier).map(drop)
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Usage>> {
    let why = field::why(&seen.why)?;
    let done = record.book().change(&hand, |draft| {
        stands(draft, id)?;
        draft.revise::<Usage>("usage/withdraw", (id, seen.version), &why, |entry| {
            Withdrawn::not(entry.withdrawn.as_ref())?;
            entry.withdrawn = Some(Withdrawn::by(&hand, &why));
            Ok(())
        })
    });
    done.await.map(Json)
}
