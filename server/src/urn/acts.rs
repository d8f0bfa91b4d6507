//! The operators' acts on contests, one at a time, and what a restart makes of those that were under way.
//!
//! Every act first writes its mark to urn.db and then goes on from the mark ([`Acts::resume`]); a restart goes on from
//! the mark by the same way. The log entry of an act follows its mark; it is the same bytes however often it is
//! appended, so it is appended whenever it may be missing.

use std::{path::PathBuf, sync::Arc};

use douxuan_crypto::{
    contest::Contest,
    log::{Act, Actor, Entry},
    manifest::Manifest,
    sign::SigningKey,
    spool::Alarm,
};

use super::{
    RandomSource, commit,
    contest::{ContestUrn, Gate},
    live::{self, Live},
    marks::{ContestRow, Mark},
    phase::{Phase, Views},
    refusal::UrnRefused,
    slot::Slot,
    spool::{self, SpoolFile},
    store::Store,
};
use crate::{
    board::{self, LogDoor, LogRefused, Shelf},
    disk,
    secrets::{Secrets, Vault},
};

/// A contest does not open with less space than this: its ballots need less than 1 MiB, the databases and the log
/// the rest.
const SPACE: u64 = 16 << 20;

/// The meeting that is prepared.
#[derive(Clone)]
pub(super) struct Meeting {
    pub(super) manifest: Arc<Manifest>,
    pub(super) secrets: Secrets,
    receipts: Arc<SigningKey>,
}

/// Whoever holds this may act. There is one, behind a lock.
pub(super) struct Acts {
    pub(super) data: PathBuf,
    pub(super) vault: Vault,
    pub(super) store: Store,
    pub(super) log: LogDoor,
    pub(super) shelf: Shelf,
    pub(super) views: Views,
    pub(super) slot: Arc<Slot>,
    pub(super) random: RandomSource,
    pub(super) meeting: Option<Meeting>,
}

impl Acts {
    /// Takes a meeting over, and brings every contest of it to where it stood. The same meeting again does nothing.
    pub(super) async fn prepare(&mut self, manifest: Arc<Manifest>) -> Result<(), UrnRefused> {
        if self.meeting.as_ref().is_some_and(|meeting| meeting.manifest.id == manifest.id) {
            return Ok(());
        }
        if self.store.has_open_elsewhere(&manifest.meeting).await? {
            return Err(UrnRefused::OtherMeeting);
        }
        let secrets = Secrets::open(&self.vault, &manifest.meeting);
        if self.log.manifest().is_none_or(|m| m.id != manifest.id) {
            self.log.prepare(Arc::clone(&manifest), &secrets).await?;
        }
        let receipts = Arc::new(secrets.meeting_keys()?.receipt);
        let mut rows = self.store.contests(&manifest.meeting).await?;
        self.drain().await;
        self.slot.reset(manifest.options());
        self.views.reset();
        self.shelf.clear();
        self.meeting = Some(Meeting { manifest: Arc::clone(&manifest), secrets, receipts });

        for contest in manifest.contests.iter().map(|keys| keys.contest) {
            self.views.change(contest, |_| ());
            let row = rows.iter().position(|row| row.contest == contest).map(|at| rows.swap_remove(at));
            let stands = match row {
                Some(row) => self.resume(row).await,
                None => self.stand_ready(contest),
            };
            // One contest that cannot go on does not keep the others from going on.
            if let Err(error) = stands {
                self.alarm(contest, &error);
            }
        }
        board::reopen_bundle(&self.data, &manifest, &self.shelf)?;
        Ok(())
    }

    /// Opens a contest with an empty urn.
    pub(super) async fn open(
        &mut self,
        contest: Contest,
        window: u8,
        issued: u32,
        live: bool,
        by: Vec<Actor>,
    ) -> Result<(), UrnRefused> {
        let meeting = self.meeting()?;
        match self.row(contest).await? {
            None => {}
            // The disk was full before the log had it, or failed later and is mended: go on from what it holds.
            Some(row) if row.mark == Mark::Open && self.phase(contest) == Phase::Stopped => {
                return self.resume(row).await.inspect_err(|e| self.alarm(contest, e));
            }
            Some(_) => return Err(self.not_now(contest)),
        }
        let act = Act::ContestOpened { contest, window };
        self.log.would_accept(&Entry { actors: by.clone(), act })?;
        let data = self.data.clone();
        blocking(move || {
            let free = disk::measure(&data)?.free;
            if free < SPACE {
                return Err(UrnRefused::Space { needed: SPACE, free });
            }
            let release = live::path(&data, contest);
            SpoolFile::create(&spool::path(&data, contest))?;
            Ok(disk::remove_if_there(&release)?)
        })
        .await?;
        let row = ContestRow::opened(contest, window, issued, live, by);
        self.store.set_open(&meeting.manifest.meeting, &row).await?;
        match self.resume(row).await {
            // Another act came between the question and the entry. The log is asked before anything is taken, so the
            // contest is as unopened as before.
            Err(refused @ UrnRefused::Log(LogRefused::Order(_))) => {
                self.store.unset_open(&meeting.manifest.meeting, contest).await?;
                self.views.change(contest, |view| view.issued = None);
                Err(refused)
            }
            resumed => resumed.inspect_err(|e| self.alarm(contest, e)),
        }
    }

    /// Goes on from a contest's mark, to where nothing is left to do without another act.
    pub(super) async fn resume(&mut self, row: ContestRow) -> Result<(), UrnRefused> {
        let (contest, issued) = (row.contest, row.issued);
        self.views.change(contest, |view| view.issued = Some(issued));
        match row.mark {
            Mark::Open => self.resume_open(row).await,
            Mark::Closing | Mark::Closed => self.resume_close(row).await.map(drop),
            Mark::Published | Mark::Withheld => self.resume_published(row).await.map(drop),
            Mark::Voided => self.resume_voided(row).await,
            Mark::Destroying | Mark::Destroyed => self.resume_destroyed(row).await,
        }
    }

    /// A contest that was never opened: its E answers, and refuses.
    fn stand_ready(&self, contest: Contest) -> Result<(), UrnRefused> {
        let spool = spool::path(&self.data, contest);
        if spool::is_filled(&spool)? {
            return Err(UrnRefused::NotEmpty(spool));
        }
        let urn = self.urn(contest)?;
        self.slot.put(urn);
        Ok(())
    }

    async fn resume_open(&mut self, row: ContestRow) -> Result<(), UrnRefused> {
        let ContestRow { contest, window, live, opened_by, .. } = row;
        self.append(opened_by, Act::ContestOpened { contest, window }).await?;
        let urn = self.urn(contest)?;
        self.slot.put(Arc::clone(&urn));
        commit::drain(&urn).await;
        let (data, recovering) = (self.data.clone(), Arc::clone(&urn));
        let file = blocking(move || {
            let (file, recovery) =
                SpoolFile::recover(&spool::path(&data, contest), &recovering.format, &recovering.acknowledged())?;
            if recovery.end.is_some() {
                // The spool is closed and urn.db says open: one of them is from another time.
                return Err(Alarm::End.into());
            }
            let rule = &recovering.manifest.release;
            let options = recovering.manifest.options();
            let path = live::path(&data, contest);
            let restore = || Live::restore(&path, &recovering.format, rule, options, &recovery.records);
            recovering.restore(&recovery.records, live.then(restore).transpose()?);
            Ok(file)
        })
        .await?;
        commit::start(&urn, file, self.views.clone(), (self.random)())?;
        let released = urn.live().as_ref().map(Live::shown);
        let received = urn.received();
        self.views.change(contest, |view| {
            view.phase = Phase::Open;
            view.received = received;
            view.released = released;
            view.alarm = None;
        });
        Ok(())
    }

    /// Finishes what the committers have; afterwards no thread holds a spool.
    pub(super) async fn drain(&self) {
        for urn in self.slot.urns() {
            commit::drain(&urn).await;
        }
    }

    pub(super) fn meeting(&self) -> Result<Meeting, UrnRefused> {
        self.meeting.clone().ok_or(UrnRefused::NotReady)
    }

    /// A contest's row, if it was opened; an error if the manifest does not have it.
    pub(super) async fn row(&mut self, contest: Contest) -> Result<Option<ContestRow>, UrnRefused> {
        let meeting = self.meeting()?;
        if meeting.manifest.index_of(contest).is_none() {
            return Err(UrnRefused::Unknown(contest));
        }
        Ok(self.store.contest(&meeting.manifest.meeting, contest).await?)
    }

    /// The contest's urn: the one that takes casts, or, where there is none yet, one made from its key file.
    pub(super) fn urn(&self, contest: Contest) -> Result<Arc<ContestUrn>, UrnRefused> {
        if let Some(urn) = self.slot.urn(contest) {
            return Ok(urn);
        }
        let meeting = self.meeting()?;
        let secrets = meeting.secrets.contest(contest)?;
        let secrets = secrets.ok_or_else(|| UrnRefused::Disk(format!("{contest} 的密钥文件不在了")))?;
        Ok(Arc::new(ContestUrn::new(meeting.manifest, contest, secrets, meeting.receipts)))
    }

    pub(super) async fn append(&self, actors: Vec<Actor>, act: Act) -> Result<(), UrnRefused> {
        self.log.append(Entry { actors, act }).await?;
        Ok(())
    }

    pub(super) fn phase(&self, contest: Contest) -> Phase {
        self.views.phases().iter().find(|(c, _)| *c == contest).map_or(Phase::Unopened, |(_, phase)| *phase)
    }

    pub(super) fn not_now(&self, contest: Contest) -> UrnRefused {
        UrnRefused::Phase { contest, phase: self.phase(contest) }
    }

    /// Shows that a contest cannot go on, and why.
    pub(super) fn alarm(&self, contest: Contest, error: &UrnRefused) {
        let why = error.to_string();
        if let Some(urn) = self.slot.urn(contest).filter(|urn| urn.gate() != Gate::Closing) {
            urn.set_gate(Gate::Stopped);
        }
        self.views.change(contest, |view| {
            view.phase = Phase::Stopped;
            view.alarm = Some(why);
        });
    }
}

/// Runs what waits for the disk or computes for long away from the async workers.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UrnRefused> + Send + 'static,
) -> Result<T, UrnRefused> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(UrnRefused::Disk(e.to_string())))
}
