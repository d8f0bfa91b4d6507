//! The table of `/api`.

use std::sync::LazyLock;

use axum::{Json, Router, extract::DefaultBodyLimit};
use serde_json::Value;

use super::{
    Record,
    api::{self, Answer, Endpoint},
};

/// Every route under `/api`, in the order of the regulation.
fn table() -> Vec<Endpoint> {
    let described = vec![
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
    let looks = [super::timeline::table(), super::trail::table(), described];
    people.chain([super::result::table(), super::retention::table()]).chain(deadlines).chain(looks).flatten().collect()
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
