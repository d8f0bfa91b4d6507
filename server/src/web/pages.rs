//! The pages, built into the binary: nothing is read from disk or from elsewhere.

use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use douxuan_crypto::hash::sha256;

use super::guard::RunsWasm;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const WASM: &str = "application/wasm";

macro_rules! page {
    ($kind:expr, $path:literal) => {
        file($kind, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), $path)))
    };
}

const PHONE_SCRIPT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ballot-client/phone/phone.js"));
const PHONE_WASM: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ballot-client/phone/ballot.wasm"));

/// SHA-256 of the phone page's script and wasm: what a manifest fixes, and what this binary serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageHashes {
    /// Of `/phone.js`.
    pub script: [u8; 32],
    /// Of `/ballot.wasm`.
    pub wasm: [u8; 32],
}

/// The hashes of the built-in phone page.
#[must_use]
pub fn phone_page_hashes() -> PageHashes {
    PageHashes { script: sha256(PHONE_SCRIPT), wasm: sha256(PHONE_WASM) }
}

/// The phone page. Opening it spends nothing.
pub fn phone_pages() -> Router {
    Router::new()
        .route("/", get(phone))
        .route("/phone.js", file(SCRIPT, PHONE_SCRIPT))
        .route("/phone.css", page!(STYLE, "/../ballot-client/phone/phone.css"))
        .route("/ballot.wasm", file(WASM, PHONE_WASM))
        .route("/favicon.ico", get(no_icon))
}

/// The hall screen's page.
pub fn hall_pages() -> Router {
    Router::new()
        .route("/hall", page!(HTML, "/pages/hall.html"))
        .route("/hall.js", page!(SCRIPT, "/pages/hall.js"))
        .route("/hall.css", page!(STYLE, "/pages/hall.css"))
}

/// The console's pages, and what the print page of the slips needs.
pub fn console_pages() -> Router {
    Router::new()
        .route("/", page!(HTML, "/pages/console.html"))
        .route("/console.js", page!(SCRIPT, "/pages/console.js"))
        .route("/console.css", page!(STYLE, "/pages/console.css"))
        .route("/slips.css", page!(STYLE, "/pages/slips.css"))
        .route("/slips.js", page!(SCRIPT, "/pages/slips.js"))
        .route("/favicon.ico", get(no_icon))
}

async fn phone() -> Response {
    let html: &'static [u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ballot-client/phone/index.html"));
    let mut response = typed(HTML, html);
    response.extensions_mut().insert(RunsWasm);
    response
}

async fn no_icon() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn file(kind: &'static str, bytes: &'static [u8]) -> MethodRouter {
    get(move || async move { typed(kind, bytes) })
}

fn typed(kind: &'static str, bytes: &'static [u8]) -> Response {
    let headers: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, kind)];
    (headers, bytes).into_response()
}
