//! V13 and V14: what people outside the office hold.

use super::{Checked, Held, boards::Ordered};
use crate::{manifest::Manifest, receipt::Receipt};

/// V13. Each receipt presented is this meeting's, and its ballot is on the board.
///
/// **A receipt that is signed and not on the board proves that a ballot was dropped.**
pub(super) fn presented(manifest: &Manifest, boards: &[Ordered<'_>], receipts: &[Vec<u8>]) -> Checked<()> {
    for (i, bytes) in receipts.iter().enumerate() {
        let at = |why: &str| format!("receipt {}: {why}", i + 1);
        let receipt = Receipt::verify(manifest, bytes)
            .map_err(|_| at("it is not a receipt of this meeting, signed by its receipt key"))?;
        let board = boards.iter().find(|b| b.contest() == receipt.contest);
        let board = board.ok_or_else(|| at("its contest has no board"))?;
        if board.leaves().binary_search(&receipt.leaf).is_err() {
            return Err(at("its ballot is not on the board: a ballot that was received is missing"));
        }
    }
    let count = receipts.len();
    let (zh, en) = if count == 0 {
        ("没有出示回执，无需核对。".to_owned(), "No receipt was presented.".to_owned())
    } else {
        (
            format!("出示的 {count} 张回执，其票都在票箱中。"),
            format!("The ballots of all {count} receipts presented are on their boards."),
        )
    };
    Ok(Held { count, zh, en, value: () })
}

/// V14. This version asks for no cosignature: a manifest with a quorum other than 0 failed V1.
pub(super) fn cosignatures() -> Checked<()> {
    Ok(Held {
        count: 0,
        zh: "本会议未要求联署，无需核对。".to_owned(),
        en: "This meeting asks for no cosignature.".to_owned(),
        value: (),
    })
}
