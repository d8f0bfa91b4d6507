//! The pages, built into the binary: nothing is read from disk or from elsewhere.
//!
//! Each is compressed once, when it is first asked for. None of them carries a secret, so that what compression tells
//! about them is public; answers that carry one are never compressed.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use douxuan_crypto::{base64, hash::sha256};

use super::{asset::Asset, guard::RunsWasm};
use crate::messages;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

macro_rules! phone {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ballot-client/phone/", $name))
    };
}

const PHONE_PAGE: &[u8] = phone!("index.html");
const PHONE_SCRIPT: &[u8] = phone!("phone.js");
const PHONE_STYLE: &[u8] = phone!("phone.css");
const PHONE_WASM: &[u8] = phone!("ballot.wasm");
const AUDIT_WASM: &[u8] = phone!("audit.wasm");

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

/// One page or part of a page, under its path.
struct Page {
    path: String,
    asset: Asset,
    runs_wasm: bool,
}

impl Page {
    fn new(path: impl Into<String>, name: &str, bytes: &'static [u8]) -> Self {
        let html = name.ends_with(".html").then(|| std::str::from_utf8(bytes).map(messages::page).map(with_integrity));
        let asset = match html {
            Some(Ok(page)) => Asset::new(name, Bytes::from(page)),
            _ => Asset::new(name, Bytes::from_static(bytes)),
        };
        Self { path: path.into(), asset, runs_wasm: matches!(name, "index.html" | "receipt.html" | "preflight.html") }
    }
}

/// Names the script's hash in the tag that loads it: the browser runs these bytes or none, so the script knows its own
/// hash without asking for itself again.
fn with_integrity(page: String) -> String {
    let hash = base64::encode(&sha256(PHONE_SCRIPT));
    page.replace("src=\"/phone.js\"", &format!("src=\"/phone.js\" integrity=\"sha256-{hash}\""))
}

/// The phone page. Opening it spends nothing.
static PHONE: LazyLock<Vec<Page>> = LazyLock::new(|| {
    vec![
        Page::new("/", "index.html", PHONE_PAGE),
        // The same page keeps nothing there: a device that voters share.
        Page::new("/booth", "index.html", PHONE_PAGE),
        Page::new("/phone.js", "phone.js", PHONE_SCRIPT),
        Page::new("/phone.css", "phone.css", PHONE_STYLE),
        Page::new("/ballot.wasm", "ballot.wasm", PHONE_WASM),
        Page::new("/audit.wasm", "audit.wasm", AUDIT_WASM),
    ]
});

/// Everything in `pages/`: `/hall.js` under its name, `/hall` for `hall.html`.
static OTHERS: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let page = |(name, bytes): &(&str, &'static [u8])| {
        let path = match name.strip_suffix(".html") {
            Some("console") => "/".to_owned(),
            Some(noun) => format!("/{noun}"),
            None => format!("/{name}"),
        };
        Page::new(path, name, bytes)
    };
    PAGES.iter().map(page).collect()
});

/// What the first word of a page's name says about who may see it.
fn of_the_console(name: &str) -> bool {
    ["console", "record", "slips", "sheet"].iter().any(|noun| name.trim_start_matches('/').starts_with(noun))
        || name == "/"
}

fn of_both(name: &str) -> bool {
    ["words", "scrutineer"].iter().any(|noun| name.trim_start_matches('/').starts_with(noun))
}

/// The phone page.
pub fn phone_pages() -> Router {
    PHONE.iter().fold(Router::new().route("/favicon.ico", get(no_icon)), route)
}

/// Pages that everybody in the room may open: hall screen, receipts, scrutineer.
pub fn hall_pages() -> Router {
    OTHERS.iter().filter(|page| !of_the_console(&page.path)).fold(Router::new(), route)
}

/// The console's pages, and what its print pages need.
pub fn console_pages() -> Router {
    let pages = OTHERS.iter().filter(|page| of_the_console(&page.path) || of_both(&page.path));
    pages.fold(Router::new().route("/favicon.ico", get(no_icon)), route)
}

fn route(router: Router, page: &'static Page) -> Router {
    router.route(&page.path, get(move |headers: HeaderMap| async move { answer(page, &headers) }))
}

fn answer(page: &'static Page, headers: &HeaderMap) -> Response {
    let mut response = page.asset.answer(headers.get(header::ACCEPT_ENCODING));
    if page.runs_wasm {
        response.extensions_mut().insert(RunsWasm);
    }
    response
}

async fn no_icon() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_of_the_console_is_a_page_of_the_hall() {
        for page in OTHERS.iter() {
            assert!(!(of_the_console(&page.path) && of_both(&page.path)), "{}", page.path);
        }
        assert!(of_the_console("/") && of_the_console("/console-acts.js") && of_the_console("/slips.css"));
        assert!(!of_the_console("/hall") && !of_the_console("/receipt.js") && of_both("/words.js"));
    }
}
