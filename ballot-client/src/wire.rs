//! Where things are asked for and how large they may be. The bytes themselves are `douxuan_crypto`'s.
//!
//! The browser's script names the same routes; it speaks HTTP and WebSocket itself and leaves every byte to the wasm.

/// The exact bytes of the manifest. GET.
pub const MANIFEST: &str = "/manifest";
/// One sealed enrolment request in, one sealed reply out. POST.
pub const ENROL: &str = "/enrol";
/// A WebSocket for one ballot: one binary frame in, one out, then it is closed.
pub const CAST: &str = "/cast";
/// The state of the meeting, now. GET, JSON.
pub const LIVE: &str = "/live.json";
/// The state of the meeting, whenever it changes: a WebSocket of text frames, the latest one counts.
pub const LIVE_SOCKET: &str = "/live";
/// The log of the operators' acts. GET.
pub const LOG: &str = "/log/entries";
/// Its signed head; fetched before the entries, which may then be more than it covers. GET.
pub const LOG_HEAD: &str = "/log/checkpoint";
/// The largest log that a client downloads.
pub const LOG_LIMIT: usize = 4 * 1024 * 1024;
/// The page's script, whose SHA-256 the manifest fixes. GET.
pub const SCRIPT: &str = "/phone.js";
/// The page's wasm, whose SHA-256 the manifest fixes. GET.
pub const WASM: &str = "/ballot.wasm";
/// The wasm that draws and looks up receipts, whose SHA-256 stands in the page's script. GET.
pub const AUDIT_WASM: &str = "/audit.wasm";

/// The largest reply that a client reads from [`ENROL`]: 241 contests of 96 bytes and a path fit in it twice.
pub const ENROL_REPLY_LIMIT: usize = 64 * 1024;
/// The largest frame on [`CAST`], either way.
pub const CAST_FRAME_LIMIT: usize = 16 * 1024;
/// The largest manifest (PROTOCOL section 2).
pub const MANIFEST_LIMIT: usize = 256 * 1024;
/// The largest page file or board that a client downloads.
pub const DOWNLOAD_LIMIT: usize = 256 * 1024 * 1024;

/// `/board/<item>/<round>/<file>`.
#[must_use]
pub fn board(contest: douxuan_crypto::contest::Contest, file: &str) -> String {
    format!("/board/{contest}/{file}")
}
