//! `/desk/preflight…` for the console, `/preflight/echo` for phones.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{Browser, Preflight, Report, echo, page};
use crate::{
    desk::qr,
    messages::Language,
    web::{Asked, Refusal},
};

/// The console's routes. **Bare**, as the desk's: staff stands around them.
pub fn console(preflight: Preflight) -> Router {
    Router::new()
        .route("/desk/preflight", get(report))
        .route("/desk/preflight/run", post(run))
        .route("/desk/preflight.svg", get(code))
        .route("/desk/preflight/page", get(test_page))
        .with_state(preflight)
}

/// What phones reach beside the page itself.
pub fn public(preflight: Preflight) -> Router {
    Router::new().route("/preflight/echo", get(echo::echo)).with_state(preflight)
}

async fn report(State(preflight): State<Preflight>) -> Result<Json<Report>, Refusal> {
    preflight.report().await.map(Json)
}

async fn run(State(preflight): State<Preflight>, Asked(browser): Asked<Browser>) -> Result<Json<Report>, Refusal> {
    preflight.run(browser).await.map(Json)
}

async fn code(State(preflight): State<Preflight>) -> Result<Response, Refusal> {
    let svg = qr::file(&preflight.link()?).map_err(|_| Refusal::broken("二维码生成失败"))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

#[derive(Deserialize)]
struct Screen {
    lang: Option<String>,
}

async fn test_page(State(preflight): State<Preflight>, Query(asked): Query<Screen>) -> Result<Response, Refusal> {
    let (link, evening) = (preflight.link()?, preflight.parts().desk.evening().await?);
    let screen = Language::of(asked.lang.as_deref().unwrap_or_default());
    let page = page::page(&evening, &link, &preflight.written(), screen);
    Ok(Html(page.map_err(|_| Refusal::broken("二维码生成失败"))?).into_response())
}
