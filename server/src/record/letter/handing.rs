//! `/api/record/letters/{letter}/…`: that an approved letter was handed over, and signed for.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Delivery, Letter, Receipt,
    routes::{NUMBER, still_approved},
};
use crate::{
    record::{
        Hand, Kept, Record,
        api::{Answer, Endpoint},
        field::{self, At, Step},
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/record/letters/{letter}/delivered", "How and when it was handed over.", delivered)
            .takes::<Delivered>()
            .answers::<Kept<Letter>>(),
        Endpoint::post("/api/record/letters/{letter}/receipt", "Who signed for it, and when.", receipt)
            .takes::<Signed>()
            .answers::<Kept<Letter>>(),
    ]
}

/// That it was handed over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivered {
    /// The version seen.
    version: u32,
    /// How.
    how: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why, where another entry stands before.
    #[serde(default)]
    why: String,
}

async fn delivered(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Delivered>,
) -> Answer<Kept<Letter>> {
    let how = field::line("送达方式", &asked.how, NUMBER)?;
    let today = record.today();
    let done = record.book().change(&hand, |draft| {
        let (mut letter, fixed) = still_approved(draft, id, asked.version)?;
        let approved = fixed.by.at.get(..10).unwrap_or_default();
        field::happened("送达日期", &asked.on, Some(("审定日期", approved)), today)?;
        let why = field::why_if(!letter.body.delivered.is_empty(), &asked.why)?;
        letter.body.delivered.push(Delivery { how, on: asked.on.clone(), by: Step::of(&hand) });
        draft.set("letter/deliver", &letter, &why)?;
        draft.get(id)
    });
    done.await.map(Json)
}

/// That somebody signed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    /// The version seen.
    version: u32,
    /// Who.
    signed_by: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why, where another entry stands before.
    #[serde(default)]
    why: String,
}

async fn receipt(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Signed>,
) -> Answer<Kept<Letter>> {
    let signed_by = field::line("签收人", &asked.signed_by, NUMBER)?;
    let today = record.today();
    let done = record.book().change(&hand, |draft| {
        let (mut letter, _) = still_approved(draft, id, asked.version)?;
        let Some(delivery) = letter.body.delivered.last() else {
            return Err(Refusal::conflict("还没有登记送达，不能登记签收。", "请先登记送达的方式和日期。"));
        };
        field::happened("签收日期", &asked.on, Some(("送达日期", &delivery.on)), today)?;
        let why = field::why_if(!letter.body.receipts.is_empty(), &asked.why)?;
        letter.body.receipts.push(Receipt { signed_by, on: asked.on.clone(), by: Step::of(&hand) });
        draft.set("letter/receipt", &letter, &why)?;
        draft.get(id)
    });
    done.await.map(Json)
}
