//! The door to the urn: what desk, hall and routes may ask of it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use douxuan_crypto::{contest::Contest, log::Actor, manifest::Manifest};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};

use super::{
    Answer, Closed, Phase, Published, RandomSource, UrnRefused, UrnView,
    acts::{Acts, blocking},
    check::Checkers,
    phase::Views,
    slot::Slot,
    store::Store,
    tick::{self, Ticker},
};
use crate::{
    board::{LogDoor, Shelf},
    disk::{self, DiskReport},
    secrets::Vault,
};

/// How an urn is started.
pub struct UrnOptions {
    /// The data folder.
    pub data: PathBuf,
    /// Where the keys lie.
    pub vault: Vault,
    /// Time between two ticks, at which received and released counts change.
    pub tick: Duration,
    /// Threads that check casts.
    pub threads: usize,
    /// Casts that may wait; the one behind them is told to come again.
    pub places: usize,
    /// Where each thread draws from.
    pub random: RandomSource,
}

/// A handle to the urn. Clones are the same urn.
#[derive(Clone)]
pub struct UrnDoor {
    acts: Arc<Mutex<Acts>>,
    slot: Arc<Slot>,
    views: Views,
    data: PathBuf,
    _ticker: Arc<Ticker>,
}

impl UrnDoor {
    /// Opens urn.db and starts the threads. Nothing is taken before [`UrnDoor::prepare`].
    ///
    /// # Errors
    /// [`UrnRefused`] for a database or a system that refuses.
    pub async fn start(options: UrnOptions, log: LogDoor, shelf: Shelf) -> Result<Self, UrnRefused> {
        let UrnOptions { data, vault, tick, threads, places, random } = options;
        let store = Store::open(&data).await?;
        let slot = Arc::new(Slot::new(Checkers::start(threads, places, &random)?));
        let views = Views::new();
        let ticker = Arc::new(tick::start(tick, &slot, views.clone(), &random)?);
        let acts = Acts {
            data: data.clone(),
            vault,
            store,
            log,
            shelf,
            views: views.clone(),
            slot: Arc::clone(&slot),
            random,
            meeting: None,
        };
        Ok(Self { acts: Arc::new(Mutex::new(acts)), slot, views, data, _ticker: ticker })
    }

    /// Takes a frozen meeting over, new or after a restart: reads its spools, finishes closes that were interrupted,
    /// appends log entries that are missing. The log must have its *manifest* entry before a contest can open. A
    /// contest that cannot go on is shown as [`Phase::Stopped`] with an alarm, and is no error here.
    ///
    /// # Errors
    /// [`UrnRefused`] if the meeting as a whole cannot go on.
    pub async fn prepare(&self, manifest: Arc<Manifest>) -> Result<(), UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.prepare(manifest).await })).await
    }

    /// Opens a contest with an empty urn, counts windows 1..=`window` for it, and logs it. `issued` slips may vote;
    /// `live` shows counts in released sets. A contest that was stopped by its disk goes on instead.
    ///
    /// # Errors
    /// [`UrnRefused`]; what changed, if anything, is found and finished by the same call again or by a restart.
    pub async fn open(
        &self,
        contest: Contest,
        window: u8,
        issued: u32,
        live: bool,
        by: Vec<Actor>,
    ) -> Result<(), UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.open(contest, window, issued, live, by).await })).await
    }

    /// Closes a contest, steps 1 to 8, and logs it.
    ///
    /// # Errors
    /// As [`UrnDoor::open`].
    pub async fn close(&self, contest: Contest, by: Vec<Actor>) -> Result<Closed, UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.close(contest, by).await })).await
    }

    /// Publishes a closed contest, step 9, and logs it.
    ///
    /// # Errors
    /// As [`UrnDoor::open`].
    pub async fn publish(&self, contest: Contest, by: Vec<Actor>) -> Result<Published, UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.publish(contest, by).await })).await
    }

    /// Voids a closed contest, and logs it. Before publication its figures are erased.
    ///
    /// # Errors
    /// As [`UrnDoor::open`].
    pub async fn void(&self, contest: Contest, by: Vec<Actor>) -> Result<(), UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.void(contest, by).await })).await
    }

    /// Destroys the rehearsal with its ballots and keys, and logs it.
    ///
    /// # Errors
    /// As [`UrnDoor::open`].
    pub async fn destroy_rehearsal(&self, by: Vec<Actor>) -> Result<(), UrnRefused> {
        let acts = Arc::clone(&self.acts);
        done(tokio::spawn(async move { acts.lock().await.destroy_rehearsal(by).await })).await
    }

    /// Checks one cast as it came from the wire, makes it durable, and gives the answer for its connection.
    pub async fn cast(&self, wire: Vec<u8>) -> Answer {
        self.slot.cast(wire).await
    }

    /// Where every contest stands.
    #[must_use]
    pub fn phases(&self) -> Vec<(Contest, Phase)> {
        self.views.phases()
    }

    /// What may be shown. Phases and alarms change at once, numbers of open contests on ticks only.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<UrnView> {
        self.views.watch()
    }

    /// What is wrong with urn.db itself. **No act of the urn runs meanwhile**: not while a contest is open.
    ///
    /// # Errors
    /// [`UrnRefused`].
    pub async fn faults(&self) -> Result<Vec<String>, UrnRefused> {
        Ok(self.acts.lock().await.store.faults().await?)
    }

    /// Measures the disk under the urn.
    ///
    /// # Errors
    /// [`UrnRefused::Full`] or [`UrnRefused::Disk`].
    pub async fn check_disk(&self) -> Result<DiskReport, UrnRefused> {
        let data = self.data.clone();
        blocking(move || Ok(disk::measure(&data)?)).await
    }

    /// Finishes what is under way: acts, then casts that wait, then the groups. Whoever casts afterwards is told to
    /// come again.
    pub async fn shutdown(&self) {
        let acts = self.acts.lock().await;
        let slot = Arc::clone(&self.slot);
        let _ = tokio::task::spawn_blocking(move || slot.end()).await;
        acts.drain().await;
    }
}

/// An act goes on even if whoever asked for it has gone away.
async fn done<T>(act: JoinHandle<Result<T, UrnRefused>>) -> Result<T, UrnRefused> {
    act.await.unwrap_or_else(|e| Err(UrnRefused::Disk(e.to_string())))
}
