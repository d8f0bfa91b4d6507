//! Live counts of one contest: the threshold pool of PROTOCOL section 10, kept in a sealed file of its own.
//!
//! **Durable before shown.** A release set is on the disk before its counts are, so that a restart shows what was
//! shown and never draws those ballots again. The rule itself ([`Pool`]) sees leaf hashes only.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use douxuan_crypto::{
    contest::Contest,
    manifest::ReleaseRule,
    merkle::Hash,
    release::Pool,
    spool::{Alarm, Spool, SpoolRecord},
};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use super::{phase::Released, refusal::UrnRefused};
use crate::{
    disk::{AppendError, AppendFile},
    failpoint,
};

/// The path of a contest's release file.
pub(super) fn path(data: &Path, contest: Contest) -> PathBuf {
    data.join("spool").join(format!("{}-{}.release", contest.item, contest.round))
}

/// What waits to be shown, and what has been.
pub(super) struct Live {
    pool: Pool,
    waiting: HashMap<Hash, u8>,
    shown: Released,
    file: AppendFile,
}

impl Live {
    /// Begins, or goes on after a restart with the ballots that the spool holds.
    ///
    /// # Errors
    /// [`Alarm::Corrupt`] if something was shown that the spool does not hold.
    pub(super) fn restore(
        path: &Path,
        format: &Spool,
        rule: &ReleaseRule,
        options: usize,
        records: &[SpoolRecord],
    ) -> Result<Self, UrnRefused> {
        let stored = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let (sets, whole) = format.releases(&stored)?;
        let file = AppendFile::begin(path, &stored[..whole])?;
        let mut waiting: HashMap<Hash, u8> = records.iter().map(|r| (r.ballot.leaf(), r.opening.option())).collect();
        let mut shown = Released { total: 0, counts: vec![0; options] };
        for leaf in sets.iter().flatten() {
            count(&mut shown, waiting.remove(leaf).ok_or(Alarm::Corrupt)?);
        }
        let mut pool = Pool::new(rule);
        waiting.keys().for_each(|leaf| pool.add(*leaf));
        Ok(Self { pool, waiting, shown, file })
    }

    /// A ballot became durable.
    pub(super) fn add(&mut self, leaf: Hash, option: u8) {
        self.waiting.insert(leaf, option);
        self.pool.add(leaf);
    }

    pub(super) fn shown(&self) -> Released {
        self.shown.clone()
    }

    /// One tick: lets out a set, if the rule gives one. An error lets out nothing; the ballots wait on.
    pub(super) fn tick<R: CryptoRng + ?Sized>(&mut self, format: &Spool, rng: &mut R) -> Result<(), AppendError> {
        let Some(mut set) = self.pool.tick(rng) else { return Ok(()) };
        set.sort_unstable();
        failpoint::hit("release.before_write");
        if let Err(error) = self.file.append(&format.release(&set, rng), || failpoint::hit("release.before_fsync")) {
            set.iter().for_each(|leaf| self.pool.add(*leaf));
            return Err(error);
        }
        failpoint::hit("release.after_fsync");
        for leaf in &set {
            if let Some(option) = self.waiting.remove(leaf) {
                count(&mut self.shown, option);
            }
        }
        Ok(())
    }
}

fn count(shown: &mut Released, option: u8) {
    shown.total += 1;
    // Every count is touched: no memory access says which option it was.
    for (j, votes) in (0u8..).zip(shown.counts.iter_mut()) {
        *votes += u32::from(j.ct_eq(&option).unwrap_u8());
    }
}
