//! The codes to compare with a slip, the hall's screen and the minutes: manifest, log head, every board.

use douxuan_crypto::{bytes::hex, log::Log, manifest::Manifest, note, screen_code};

use super::json;

/// Why a log says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLog {
    /// Its head is not signed by the log key.
    Unsigned,
    /// The entries are not those whose root was signed, or break a rule.
    Other,
}

/// The log that a signed head covers. Entries behind it, as when they were fetched later, are not believed.
///
/// # Errors
/// [`BadLog`].
pub fn signed_log(manifest: &Manifest, entries: &[u8], checkpoint: &[u8]) -> Result<Log, BadLog> {
    let origin = manifest.origin("log");
    let text = note::open(checkpoint, &origin, &manifest.log_key).map_err(|_| BadLog::Unsigned)?;
    let head = note::parse_checkpoint(&text, &origin).map_err(|_| BadLog::Unsigned)?;
    let whole = Log::decode(manifest, entries).map_err(|_| BadLog::Other)?;
    if whole.head_at(head.0) != head {
        return Err(BadLog::Other);
    }
    let covered: Vec<u8> =
        whole.entries().iter().take(usize::try_from(head.0).unwrap_or(usize::MAX)).flatten().copied().collect();
    Log::decode(manifest, &covered).map_err(|_| BadLog::Other)
}

/// The codes for a page:
/// `{"manifest":{"id","code"},"log":{"size","root","code"},"boards":[{"item","round","state","size","root","code"}]}`.
/// `boards` has every opened contest; `state` is `open`, `closed`, an outcome of PROTOCOL section 23, or `destroyed`;
/// `root` and `code` are empty before the close.
///
/// # Errors
/// [`BadLog`] if the log is not the signed one.
pub fn as_json(manifest: &Manifest, entries: &[u8], checkpoint: &[u8]) -> Result<String, BadLog> {
    let log = signed_log(manifest, entries, checkpoint)?;
    let boards = manifest.contests.iter().filter_map(|keys| {
        let record = log.state().contests().get(&keys.contest)?;
        let state = match (record.destroyed, record.outcome(), record.closed) {
            (true, ..) => "destroyed",
            (_, Some(outcome), _) => outcome.word(),
            (_, None, Some(_)) => "closed",
            (_, None, None) => "open",
        };
        let (size, root, code) = record.closed.map_or((0, String::new(), String::new()), |closed| {
            (closed.size, hex(&closed.root), screen_code::board_code(&closed.root))
        });
        Some(json::object([
            ("item", keys.contest.item.to_string()),
            ("round", keys.contest.round.to_string()),
            ("state", json::text(state)),
            ("size", size.to_string()),
            ("root", json::text(&root)),
            ("code", json::text(&code)),
        ]))
    });
    let boards = json::array(boards);
    let head = [
        ("size", log.size().to_string()),
        ("root", json::text(&hex(&log.root()))),
        ("code", json::text(&screen_code::log_code(log.size(), &log.root()))),
    ];
    let own = [("id", json::text(&hex(&manifest.id))), ("code", json::text(&screen_code::manifest_code(&manifest.id)))];
    Ok(json::object([("manifest", json::object(own)), ("log", json::object(head)), ("boards", boards)]))
}

/// How many entries the log had when its head had this code, as a minute may have it; `None` if it never had.
#[must_use]
pub fn size_at(manifest: &Manifest, entries: &[u8], code: &str) -> Option<u64> {
    let log = Log::decode(manifest, entries).ok()?;
    (1..=log.size()).rev().find(|size| {
        let (size, root) = log.head_at(*size);
        screen_code::log_code(size, &root) == code
    })
}
