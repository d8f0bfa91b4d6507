//! `/api/record/…/grounds`: entering, evidence, what was found, what was done.

use axum::{Json, body::Bytes, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Ground, Item, Measure, MeasureKind, Revoked, Verified, of_dossier};
use crate::{
    record::{
        Dossier, Hand, Id, Kept, Record, Withdrawn,
        api::{Answer, Endpoint},
        cycle, field,
        field::{At, Seen, Step},
        result,
    },
    web::{Asked, Queried, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "/api/record/dossiers/{dossier}/grounds",
            "Grounds of article 23, and verifications opened.",
            list,
        )
        .answers::<Grounds>(),
        Endpoint::post("/api/record/dossiers/{dossier}/grounds", "Enters a ground.", enter)
            .takes::<Enter>()
            .answers::<Kept<Ground>>(),
        Endpoint::post("/api/record/grounds/{ground}/evidence", "Enters evidence without a file.", evidence)
            .takes::<Told>()
            .answers::<Kept<Ground>>(),
        Endpoint::post(
            "/api/record/grounds/{ground}/evidence/file",
            "Enters evidence: the body is the file.",
            with_file,
        )
        .asks::<Handed>()
        .answers::<Kept<Ground>>(),
        Endpoint::post("/api/record/grounds/{ground}/verified", "Enters what was found.", verified)
            .takes::<Found>()
            .answers::<Kept<Ground>>(),
        Endpoint::post("/api/record/grounds/{ground}/measures", "Enters what was done, once it is confirmed.", take)
            .takes::<Take>()
            .answers::<Kept<Ground>>(),
        Endpoint::post("/api/record/grounds/{ground}/measures/revoke", "Says that an entry was wrong.", revoke)
            .takes::<Revoke>()
            .answers::<Kept<Ground>>(),
        Endpoint::post("/api/record/grounds/{ground}/withdraw", "Withdraws one that was entered by mistake.", withdraw)
            .takes::<Seen>()
            .answers::<Kept<Ground>>(),
    ]
}

/// What stands against one official, and what the evaluation has opened.
#[derive(Serialize, JsonSchema)]
pub(super) struct Grounds {
    grounds: Vec<Kept<Ground>>,
    /// Steps that the result has opened (article 22).
    steps: Vec<Kept<result::Step>>,
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Grounds> {
    let now = record.book().now();
    now.documents.get::<Dossier>(id)?;
    let mut steps = now.documents.all::<result::Step>();
    steps.retain(|step| step.body.dossier == id);
    Ok(Json(Grounds { grounds: of_dossier(&now.documents, id), steps }))
}

/// A ground.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enter {
    item: Item,
    text: String,
}

async fn enter(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Enter>,
) -> Answer<Kept<Ground>> {
    let text = field::prose("情形", &asked.text)?;
    let by = Step::of(&hand);
    let (evidence, verified, measures) = (Vec::new(), Vec::new(), Vec::new());
    let ground = Ground { dossier: id, item: asked.item, text, evidence, verified, measures, by, withdrawn: None };
    let added = record.book().change(&hand, |draft| {
        cycle::open_of(draft, id)?;
        let id = draft.add("ground/enter", &ground, "");
        draft.get(id)
    });
    added.await.map(Json)
}

async fn change(
    record: &Record,
    hand: &Hand,
    (id, version): (Id, u32),
    (act, why): (&str, &str),
    work: impl FnOnce(&mut Ground) -> Result<(), Refusal> + Send,
) -> Answer<Kept<Ground>> {
    let changed = record.book().change(hand, |draft| {
        draft.revise::<Ground>(act, (id, version), why, |ground| {
            Withdrawn::not(ground.withdrawn.as_ref())?;
            work(ground)
        })
    });
    changed.await.map(Json)
}

/// Evidence in words.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// The version seen.
    version: u32,
    text: String,
}

async fn evidence(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Told>,
) -> Answer<Kept<Ground>> {
    let text = field::prose("证据的说明", &asked.text)?;
    let by = Step::of(&hand);
    change(&record, &hand, (id, asked.version), ("ground/evidence", ""), |ground| {
        ground.evidence.push(Evidence { text, file: None, by });
        Ok(())
    })
    .await
}

/// What goes with a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Handed {
    /// The version seen.
    version: u32,
    text: String,
    /// Its name.
    name: String,
}

async fn with_file(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Queried(asked): Queried<Handed>,
    bytes: Bytes,
) -> Answer<Kept<Ground>> {
    let text = field::prose("证据的说明", &asked.text)?;
    record.book().now().documents.get::<Ground>(id)?;
    let _stay = record.files_stay().await;
    let file = Some(record.keep_file(&asked.name, bytes).await?);
    let by = Step::of(&hand);
    change(&record, &hand, (id, asked.version), ("ground/evidence", ""), |ground| {
        ground.evidence.push(Evidence { text, file, by });
        Ok(())
    })
    .await
}

/// What was found.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Found {
    /// The version seen.
    version: u32,
    /// 经查证属实.
    confirmed: bool,
    found: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why, where another stands before.
    #[serde(default)]
    why: String,
}

fn past(record: &Record, what: &str, on: &str) -> Result<(), Refusal> {
    if field::day(what, on)? > record.today() {
        return Err(Refusal::conflict("日期还没有到。", "请核对日期。"));
    }
    Ok(())
}

async fn verified(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Found>,
) -> Answer<Kept<Ground>> {
    let Found { version, confirmed, found, on, why } = asked;
    past(&record, "查证的日期", &on)?;
    let found = field::prose("查证的情况", &found)?;
    let by = Step::of(&hand);
    let again = why.trim().to_owned();
    change(&record, &hand, (id, version), ("ground/verify", &again), |ground| {
        if !ground.verified.is_empty() {
            field::why(&why)?;
        }
        ground.verify(Verified { confirmed, found, on, by })
    })
    .await
}

/// What was done.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Take {
    /// The version seen.
    version: u32,
    kind: MeasureKind,
    text: String,
    /// `YYYY-MM-DD`.
    on: String,
}

async fn take(State(record): State<Record>, hand: Hand, At(id): At, Asked(asked): Asked<Take>) -> Answer<Kept<Ground>> {
    let Take { version, kind, text, on } = asked;
    past(&record, "处理的日期", &on)?;
    let text = field::prose("处理的情况", &text)?;
    let by = Step::of(&hand);
    change(&record, &hand, (id, version), ("ground/measure", ""), |ground| {
        ground.take(Measure { kind, text, on, by, revoked: None })
    })
    .await
}

/// An entry that was wrong.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoke {
    /// The version seen.
    version: u32,
    /// Which measure, from 0.
    measure: usize,
    /// Why.
    why: String,
}

async fn revoke(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Revoke>,
) -> Answer<Kept<Ground>> {
    let why = field::why(&asked.why)?;
    let revoked = Revoked { by: Step::of(&hand), why: why.clone() };
    change(&record, &hand, (id, asked.version), ("ground/revoke", &why), |ground| {
        let measure = ground.measures.get_mut(asked.measure).filter(|measure| measure.revoked.is_none());
        let gone = || Refusal::conflict("没有这条措施，或它已经撤销。", "请刷新页面。");
        measure.ok_or_else(gone)?.revoked = Some(revoked);
        Ok(())
    })
    .await
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Ground>> {
    let why = field::why(&seen.why)?;
    let withdrawn = Withdrawn::by(&hand, &why);
    change(&record, &hand, (id, seen.version), ("ground/withdraw", &why), |ground| ground.withdraw(withdrawn)).await
}
