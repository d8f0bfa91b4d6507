//! The shelf: what the public may fetch of closed contests, in memory, whole files only.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::body::Bytes;
use douxuan_crypto::{bundle::BoardFiles, contest::Contest};

/// The files of one closed contest, as the bundle will have them.
#[derive(Clone)]
pub struct Shelved {
    /// Signed checkpoint of the board.
    pub checkpoint: Bytes,
    /// `(I2OSP(length,2) || ballot)*` in board order.
    pub entries: Bytes,
    /// `0x01 || proof(64)*`; none for an empty board.
    pub proof: Option<Bytes>,
    /// `0x01 || t || R`, once published and not withheld.
    pub tally: Option<Bytes>,
}

impl Shelved {
    /// The same files, for the bundle.
    #[must_use]
    pub fn to_files(&self) -> BoardFiles {
        BoardFiles {
            checkpoint: Some(self.checkpoint.to_vec()),
            entries: Some(self.entries.to_vec()),
            proof: self.proof.as_ref().map(|b| b.to_vec()),
            tally: self.tally.as_ref().map(|b| b.to_vec()),
        }
    }
}

#[derive(Default)]
struct Content {
    boards: BTreeMap<Contest, Shelved>,
    bundle: Option<Bytes>,
}

/// Filled by the urn when a contest closes or is published, read by the routes and the export.
#[derive(Clone, Default)]
pub struct Shelf(Arc<RwLock<Content>>);

impl Shelf {
    /// Puts a contest's files in place of what was there.
    pub fn put(&self, contest: Contest, files: Shelved) {
        self.write(|content| content.boards.insert(contest, files));
    }

    /// A contest's files; `None` before it closed.
    #[must_use]
    pub fn board(&self, contest: Contest) -> Option<Shelved> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).boards.get(&contest).cloned()
    }

    /// All of them, in contest order.
    #[must_use]
    pub fn boards(&self) -> BTreeMap<Contest, Shelved> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).boards.clone()
    }

    /// Offers a verified bundle.
    pub(super) fn put_bundle(&self, bundle: Bytes) {
        self.write(|content| content.bundle = Some(bundle));
    }

    /// The bundle, once there is one.
    #[must_use]
    pub fn bundle(&self) -> Option<Bytes> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).bundle.clone()
    }

    /// Clears the shelf for another meeting.
    pub fn clear(&self) {
        self.write(|content| *content = Content::default());
    }

    fn write<T>(&self, change: impl FnOnce(&mut Content) -> T) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}
