//! What becomes of a receipt: whose it is, whether it is signed, whether its ballot is on the board.

use douxuan_crypto::{
    board::{Board, open_checkpoint},
    bytes::hex,
    contest::Contest,
    manifest::Manifest,
    receipt::Receipt,
    screen_code,
};

use super::{
    json,
    text::{Found, Note},
};

/// What a receipt is, before any board is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Signed by this meeting's receipt key, for a contest of this meeting.
    Held,
    /// It names this meeting, and the signature does not hold: it was changed, or never given out.
    False,
    /// It names another meeting or another manifest.
    OtherMeeting,
}

/// Looks at a receipt's signature.
#[must_use]
pub fn signature(manifest: &Manifest, note: &Note) -> Signature {
    if note.manifest != manifest.id || note.meeting != manifest.meeting {
        return Signature::OtherMeeting;
    }
    match Receipt::verify(manifest, note.to_text().as_bytes()) {
        Ok(_) => Signature::Held,
        Err(_) => Signature::False,
    }
}

/// Where a signed receipt's ballot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the board.
    OnBoard,
    /// Not on it: **this proves that a ballot was dropped**, for a receipt whose signature holds.
    NotOnBoard,
    /// The board's signature does not hold.
    UnsignedBoard,
    /// The board is not the one whose root was signed.
    OtherBoard,
}

/// Looks for a leaf on a whole board as it was handed out: entries and checkpoint.
#[must_use]
pub fn place(manifest: &Manifest, contest: Contest, leaf: &[u8; 32], entries: &[u8], checkpoint: &[u8]) -> Place {
    let Ok(signed) = open_checkpoint(manifest, contest, checkpoint) else { return Place::UnsignedBoard };
    match Board::from_entries(entries) {
        Ok(board) if (board.size() as u64, board.root()) == signed => {
            if board.leaves().contains(leaf) {
                Place::OnBoard
            } else {
                Place::NotOnBoard
            }
        }
        _ => Place::OtherBoard,
    }
}

/// The receipts of a text for a page, in order:
/// `[{"state","item","round","leaf","note","code"}]`, `state` one of `held`, `false`, `other_meeting`; a receipt cut
/// short is `{"state":"broken","line"}`. `code` is the screen code of the manifest that a receipt of another meeting
/// names, else empty.
#[must_use]
pub fn receipts_as_json(manifest: &Manifest, found: &[Found]) -> String {
    json::array(found.iter().map(|each| match each {
        Found::Broken(line) => json::object([("state", json::text("broken")), ("line", line.to_string())]),
        Found::Note(note) => {
            let (state, code) = match signature(manifest, note) {
                Signature::Held => ("held", String::new()),
                Signature::False => ("false", String::new()),
                Signature::OtherMeeting => ("other_meeting", screen_code::manifest_code(&note.manifest)),
            };
            json::object([
                ("state", json::text(state)),
                ("item", note.contest.item.to_string()),
                ("round", note.contest.round.to_string()),
                ("leaf", json::text(&hex(&note.leaf))),
                ("note", json::text(&note.to_text())),
                ("code", json::text(&code)),
            ])
        }
    }))
}

/// A receipt's place for a page: `on_board`, `not_on_board`, `unsigned_board`, `other_board`; `not_held` for a receipt
/// that is not signed by this meeting.
#[must_use]
pub fn place_in_words(manifest: &Manifest, note: &[u8], entries: &[u8], checkpoint: &[u8]) -> &'static str {
    let Ok(receipt) = Receipt::verify(manifest, note) else { return "not_held" };
    match place(manifest, receipt.contest, &receipt.leaf, entries, checkpoint) {
        Place::OnBoard => "on_board",
        Place::NotOnBoard => "not_on_board",
        Place::UnsignedBoard => "unsigned_board",
        Place::OtherBoard => "other_board",
    }
}
