//! The rows of urn.db: marks that tell a restart where each contest stands, and boards.

use douxuan_crypto::{contest::Contest, log::Actor, merkle::Hash};
use sqlx::{Row, sqlite::SqliteRow};
use zeroize::Zeroizing;

use super::failure::StoreError;
use crate::board::actors;

/// Where a contest stands on the disk. A contest without a row was never opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Open,
    Closing,
    Closed,
    Published,
    Withheld,
    Voided,
    Destroying,
    Destroyed,
}

impl Mark {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Open, "open"),
        (Self::Closing, "closing"),
        (Self::Closed, "closed"),
        (Self::Published, "published"),
        (Self::Withheld, "withheld"),
        (Self::Voided, "voided"),
        (Self::Destroying, "destroying"),
        (Self::Destroyed, "destroyed"),
    ];
}

/// One contest's row.
pub(super) struct ContestRow {
    pub(super) contest: Contest,
    pub(super) mark: Mark,
    pub(super) window: u8,
    pub(super) issued: u32,
    pub(super) live: bool,
    pub(super) opened_by: Vec<Actor>,
    pub(super) closed_by: Vec<Actor>,
    pub(super) published_by: Option<Vec<Actor>>,
    pub(super) voided_by: Option<Vec<Actor>>,
    pub(super) rebuilt: bool,
}

impl ContestRow {
    /// The row of a contest that opens now.
    pub(super) const fn opened(contest: Contest, window: u8, issued: u32, live: bool, by: Vec<Actor>) -> Self {
        Self {
            contest,
            mark: Mark::Open,
            window,
            issued,
            live,
            opened_by: by,
            closed_by: Vec::new(),
            published_by: None,
            voided_by: None,
            rebuilt: false,
        }
    }
}

/// A closed contest's board, in the forms of the bundle.
pub(super) struct BoardRow {
    pub(super) size: u32,
    pub(super) root: Hash,
    pub(super) checkpoint: String,
    pub(super) entries: Vec<u8>,
    pub(super) proofs: Vec<u8>,
    /// `None` for 1 to 4 ballots, and once erased.
    pub(super) tally: Option<Zeroizing<Vec<u8>>>,
}

pub(super) fn read_contest(row: &SqliteRow) -> Result<ContestRow, StoreError> {
    let phase: &str = row.try_get("phase")?;
    let mark = Mark::ALL.iter().find(|(_, word)| *word == phase).ok_or(StoreError::Content("phase"))?.0;
    let by = |column: &str| -> Result<Option<Vec<Actor>>, StoreError> {
        let stored: Option<Vec<u8>> = row.try_get(column)?;
        stored.map(|bytes| actors::decode(&bytes).ok_or(StoreError::Content("actors"))).transpose()
    };
    Ok(ContestRow {
        contest: Contest::new(row.try_get("item")?, row.try_get("round")?),
        mark,
        window: row.try_get("window")?,
        issued: row.try_get("issued")?,
        live: row.try_get("live")?,
        opened_by: by("opened_by")?.unwrap_or_default(),
        closed_by: by("closed_by")?.unwrap_or_default(),
        published_by: by("published_by")?,
        voided_by: by("voided_by")?,
        rebuilt: row.try_get("rebuilt")?,
    })
}
