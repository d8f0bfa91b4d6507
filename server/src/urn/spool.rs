//! The spool file of a contest: sealed ballots and openings, from opening to close (PROTOCOL section 7).
//!
//! **Durability.** [`SpoolFile::append`] returns `Ok` when the whole group is on the disk; no receipt leaves before.
//! **Atomicity.** A group that failed is not counted, its bytes are gone before the next group, and group g+1 is
//! never written before the sync of g returned. **Who may call.** The one committer thread of the contest; after it
//! has ended, the close.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use douxuan_crypto::{
    ballot::Ballot,
    commit::Opening,
    contest::Contest,
    merkle::Hash,
    spool::{Alarm, End, Recovery, Spool},
};
use rand_core::CryptoRng;

use super::refusal::UrnRefused;
use crate::{
    disk::{self, AppendError, AppendFile},
    failpoint,
};

/// The path of a contest's spool.
pub(super) fn path(data: &Path, contest: Contest) -> PathBuf {
    data.join("spool").join(format!("{}-{}.spool", contest.item, contest.round))
}

/// A spool that takes groups.
pub(super) struct SpoolFile {
    file: AppendFile,
    next_group: u32,
}

impl SpoolFile {
    /// Makes an empty spool. One that holds anything is refused: a contest opens with an empty urn.
    pub(super) fn create(path: &Path) -> Result<Self, UrnRefused> {
        if is_filled(path)? {
            return Err(UrnRefused::NotEmpty(path.to_owned()));
        }
        if let Some(folder) = path.parent() {
            disk::create_folder(folder)?;
        }
        Ok(Self { file: AppendFile::begin(path, b"")?, next_group: 0 })
    }

    /// Reads a spool after a restart or a drain, cuts a torn tail, and makes what is left durable.
    ///
    /// It is written into a new file whether or not something was cut: after a failed fsync the records that can be
    /// read may never have reached the disk, and none of them may get a receipt until they have.
    ///
    /// `acknowledged` are the ballots that this process knows to be durable, none after a restart: one that is missing
    /// is a record that rotted, not a torn tail, however it looks.
    ///
    /// # Errors
    /// [`UrnRefused::Spool`] if what is there cannot be the work of a crash; nothing is changed then.
    pub(super) fn recover(path: &Path, format: &Spool, acknowledged: &[Hash]) -> Result<(Self, Recovery), UrnRefused> {
        let stored = fs::read(path)?;
        let recovery = format.recover(&stored)?;
        let there: HashSet<Hash> = recovery.records.iter().map(|record| record.ballot.leaf()).collect();
        if !acknowledged.iter().all(|leaf| there.contains(leaf)) {
            return Err(Alarm::Corrupt.into());
        }
        let file = AppendFile::begin(path, recovery.mended.as_deref().unwrap_or(&stored))?;
        Ok((Self { file, next_group: recovery.next_group }, recovery))
    }

    /// Appends one group of verified ballots, in the order given.
    pub(super) fn append<'a, R: CryptoRng + ?Sized>(
        &mut self,
        format: &Spool,
        group: impl IntoIterator<Item = (&'a Ballot, &'a Opening)>,
        rng: &mut R,
    ) -> Result<(), AppendError> {
        let mut bytes = Vec::new();
        for (ballot, opening) in group {
            bytes.extend_from_slice(&format.record(self.next_group, ballot, opening, rng));
        }
        failpoint::hit("spool.before_write");
        self.file.append(&bytes, || failpoint::hit("spool.before_fsync"))?;
        failpoint::hit("spool.after_fsync");
        self.next_group += 1;
        Ok(())
    }

    /// Appends END. With this the contest is closed.
    pub(super) fn end<R: CryptoRng + ?Sized>(
        &mut self,
        format: &Spool,
        end: &End,
        rng: &mut R,
    ) -> Result<(), AppendError> {
        self.file.append(&format.end(end, rng), || ())
    }
}

/// Whether there is a spool with anything in it.
pub(super) fn is_filled(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
