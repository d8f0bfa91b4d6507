//! The append-only log of the operators' acts, never of voters' (PROTOCOL section 21).

mod act;
mod closed;
mod entry;
mod order;

pub use act::{Act, LoggedTally, PaperCount, Reason};
pub use closed::closed_contests;
pub use entry::{Actor, Entry, Role};
pub use order::{ClosedBoard, ContestRecord, LogState, OrderError, Outcome, Publication, SlipVoid, Window};

use crate::{
    bytes::{DecodeError, Reader},
    manifest::Manifest,
    merkle::{self, Hash},
    note,
    sign::SigningKey,
};

/// A log: its entries' bytes, their leaf hashes, and what they add up to.
#[derive(Clone, Debug)]
pub struct Log {
    state: LogState,
    entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
}

/// Why bytes are not a valid log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogError {
    /// Entry `at` (from 0) is not an entry.
    Form {
        /// Which.
        at: usize,
        /// Why.
        error: DecodeError,
    },
    /// Entry `at` (from 0) may not stand there.
    Order {
        /// Which.
        at: usize,
        /// Which rule.
        error: OrderError,
    },
}

impl core::fmt::Display for LogError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Form { at, error } => write!(f, "log entry {at}: {error}"),
            Self::Order { at, error } => write!(f, "log entry {at}: {error}"),
        }
    }
}

impl std::error::Error for LogError {}

impl Log {
    /// An empty log of this meeting; its first entry will be [`Act::Manifest`].
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        Self { state: LogState::new(manifest), entries: Vec::new(), leaves: Vec::new() }
    }

    /// Reads `log/entries`: entries one behind the other, each in its one form and allowed where it stands.
    ///
    /// # Errors
    /// [`LogError`] with the first entry that is not.
    pub fn decode(manifest: &Manifest, bytes: &[u8]) -> Result<Self, LogError> {
        let mut log = Self::new(manifest);
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = log.entries.len();
            let mut reader = Reader::new(rest);
            let entry = Entry::read(&mut reader).map_err(|error| LogError::Form { at, error })?;
            let (stored, tail) = rest.split_at(rest.len() - reader.left());
            log.state.apply(&entry).map_err(|error| LogError::Order { at, error })?;
            log.leaves.push(merkle::leaf_hash(stored));
            log.entries.push(stored.to_vec());
            rest = tail;
        }
        Ok(log)
    }

    /// Appends an act if it is allowed now; otherwise nothing changes.
    ///
    /// # Errors
    /// [`OrderError`] with the rule that forbids it.
    pub fn append(&mut self, entry: &Entry) -> Result<(), OrderError> {
        self.state.apply(entry)?;
        let bytes = entry.encode();
        self.leaves.push(merkle::leaf_hash(&bytes));
        self.entries.push(bytes);
        Ok(())
    }

    /// What the entries add up to.
    #[must_use]
    pub fn state(&self) -> &LogState {
        &self.state
    }

    /// The entries' bytes, in order.
    #[must_use]
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// `log/entries` of the bundle.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.entries.concat()
    }

    /// How many entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// RFC 9162 root over the entries.
    #[must_use]
    pub fn root(&self) -> Hash {
        merkle::root(&self.leaves)
    }

    /// Number and root of the first entries, `size` of them at most: what a checkpoint signed earlier stated, and for
    /// `size() - 1` the log before its last entry.
    #[must_use]
    pub fn head_at(&self, size: u64) -> (u64, Hash) {
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(self.leaves.len());
        (size as u64, merkle::root(&self.leaves[..size]))
    }

    /// The signed checkpoint of the log as it is now (C2SP, origin `douxuan/<meeting hex>/log`).
    #[must_use]
    pub fn checkpoint(&self, manifest: &Manifest, key: &SigningKey) -> String {
        let origin = manifest.origin("log");
        note::sign(&origin, &note::checkpoint_text(&origin, self.size(), &self.root()), key)
    }
}
