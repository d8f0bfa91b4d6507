//! The table of `/api`, and what every part of the record shares: the trail.

use std::sync::LazyLock;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    Entry, Fault, Record,
    api::{self, Answer, Endpoint},
};
use douxuan_crypto::bytes::hex;

/// Every route under `/api`, in the order of the regulation.
fn table() -> Vec<Endpoint> {
    let trail = vec![
        Endpoint::get("/api/record/trail", "Everything that was done, and whether it fits together.", trail)
            .answers::<Trail>(),
        Endpoint::get("/api/openapi.json", "This description.", described).answers::<serde_json::Map<String, Value>>(),
    ];
    let people =
        [super::cycle::table(), super::official::table(), super::choosing::table(), super::assessment::table()];
    let deadlines = [super::question::table(), super::correction::table(), super::due::table(), super::years::table()];
    let papers = [
        super::checklist::table(),
        super::report::table(),
        super::opinion::table(),
        super::letter::table(),
        super::usage::table(),
        super::ground::table(),
        super::archive::table(),
        super::file::table(),
    ];
    let people = people.into_iter().chain(papers);
    people.chain([super::result::table()]).chain(deadlines).chain([trail]).flatten().collect()
}

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| api::describe(&table()));

/// The description of the API: OpenAPI 3.1.
#[must_use]
pub fn description() -> &'static Value {
    &DESCRIPTION
}

/// The record's routes. **Bare**: whoever reaches them acts, so [`crate::staff::guarded`] stands around them.
pub fn router(record: Record) -> Router {
    // How large a body may be is said by the listener, path by path.
    api::router(table()).layer(DefaultBodyLimit::disable()).with_state(record)
}

async fn described() -> Answer<Value> {
    Ok(Json(description().clone()))
}

/// The trail.
#[derive(Serialize, JsonSchema)]
pub(super) struct Trail {
    /// How many entries, and the hash of the last: 64 hex digits.
    head: (u64, String),
    /// What does not fit; nothing can be changed while there is anything.
    faults: Vec<String>,
    /// The entries, the newest first.
    entries: Vec<Line>,
}

/// One entry.
#[derive(Serialize, JsonSchema)]
struct Line {
    number: u64,
    at: String,
    who: String,
    role: String,
    act: String,
    kind: String,
    id: String,
    /// Why, and each field before and after; absent once it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<Value>,
}

impl From<&Entry> for Line {
    fn from(entry: &Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.hand.at.clone(),
            who: entry.hand.who.clone(),
            role: entry.hand.role.clone(),
            act: entry.act.clone(),
            kind: entry.kind.clone(),
            id: entry.id.to_string(),
            what: entry.what.as_ref().and_then(|(_, text)| serde_json::from_str(text).ok()),
        }
    }
}

async fn trail(State(record): State<Record>) -> Answer<Trail> {
    let now = record.book().now();
    Ok(Json(Trail {
        head: (now.head.number, hex(&now.head.hash)),
        faults: now.faults.iter().map(Fault::to_string).collect(),
        entries: now.entries.iter().rev().map(Line::from).collect(),
    }))
}
