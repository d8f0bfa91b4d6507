//! The door to the log: a handle that any side may hold, with the file work away from the async workers.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use douxuan_crypto::{
    log::{Entry, Log},
    manifest::Manifest,
};
use tokio::sync::watch;

use super::log::{Head, LogFile, LogRefused};
use crate::secrets::Secrets;

/// Appends the operators' acts, one at a time. Cloning gives another handle to the same log.
#[derive(Clone)]
pub struct LogDoor {
    folder: PathBuf,
    file: Arc<Mutex<Option<LogFile>>>,
    heads: watch::Sender<Option<Head>>,
}

impl LogDoor {
    /// A door without a meeting behind it; `data` is the data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("log"), file: Arc::default(), heads: watch::Sender::new(None) }
    }

    /// Opens this meeting's log, or begins it; what a crash left is put right. The meeting before it is let go.
    ///
    /// # Errors
    /// [`LogRefused::Damaged`] if the stored log is not the signed one; [`LogRefused::Broken`] for a failing disk.
    pub async fn prepare(&self, manifest: Arc<Manifest>, secrets: &Secrets) -> Result<Head, LogRefused> {
        let secrets = secrets.clone();
        let folder = self.folder.clone();
        self.blocking(move |slot| {
            let key = secrets.meeting_keys().map_err(|e| LogRefused::Broken(e.to_string()))?.log;
            let opened = LogFile::open(&folder, manifest, key)?;
            let head = opened.head().clone();
            *slot = Some(opened);
            Ok(head)
        })
        .await
    }

    /// Appends an entry, durable with its signed head when this returns. **The same bytes again are no error and
    /// change nothing**: no entry is ever allowed twice, so whoever is unsure may append again.
    ///
    /// # Errors
    /// [`LogRefused`]; after [`LogRefused::Order`] nothing changed.
    pub async fn append(&self, entry: Entry) -> Result<Head, LogRefused> {
        self.blocking(move |slot| slot.as_mut().ok_or(LogRefused::NotReady)?.append(&entry)).await
    }

    /// Appends an entry that was made for a log of `size` entries: one that says something about all before it.
    pub(super) async fn append_at(&self, size: u64, entry: Entry) -> Result<Head, LogRefused> {
        self.blocking(move |slot| {
            let file = slot.as_mut().ok_or(LogRefused::NotReady)?;
            if file.log().size() != size {
                return Err(LogRefused::Overtaken);
            }
            file.append(&entry)
        })
        .await
    }

    /// Whether this entry would be taken now. Says nothing about the disk.
    ///
    /// # Errors
    /// [`LogRefused::Order`] with the rule that forbids it, [`LogRefused::NotReady`] without a meeting.
    pub fn would_accept(&self, entry: &Entry) -> Result<(), LogRefused> {
        self.lock().as_ref().ok_or(LogRefused::NotReady)?.would_accept(entry)
    }

    /// The last signed head.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.lock().as_ref().map(|file| file.head().clone())
    }

    /// Changes whenever a head has become durable.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Head>> {
        self.heads.subscribe()
    }

    /// The log as it stands: entries and what they add up to.
    #[must_use]
    pub fn log(&self) -> Option<Log> {
        self.lock().as_ref().map(|file| file.log().clone())
    }

    /// The manifest of the meeting behind this door.
    #[must_use]
    pub fn manifest(&self) -> Option<Arc<Manifest>> {
        self.lock().as_ref().map(|file| Arc::clone(file.manifest()))
    }

    fn lock(&self) -> MutexGuard<'_, Option<LogFile>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Option<LogFile>) -> Result<T, LogRefused> + Send + 'static,
    ) -> Result<T, LogRefused> {
        let door = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut slot = door.lock();
            let done = act(&mut slot);
            let head = slot.as_ref().map(|file| file.head().clone());
            door.heads.send_if_modified(|last| {
                let changed = *last != head;
                *last = head;
                changed
            });
            done
        });
        done.await.unwrap_or_else(|e| Err(LogRefused::Broken(e.to_string())))
    }
}
