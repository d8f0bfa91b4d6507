//! The record as it is open: everything in memory, every change durable before it is seen.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;

use super::{
    RecordError,
    documents::{Documents, Draft},
    store,
    trail::{self, Entry, Fault, Hand, Head},
};
use crate::{disk, schema, staff::Random, web::Refusal};

const HEAD: &str = "record.head";

/// The open record. Clones are the same one.
#[derive(Clone)]
pub struct Book(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    random: Random,
    /// Held by the change that is being made. `None` once closed.
    db: Mutex<Option<SqliteConnection>>,
    now: RwLock<Arc<State>>,
}

/// Everything as of one moment.
#[derive(Clone, Debug)]
pub struct State {
    /// What is so.
    pub documents: Documents,
    /// What was done.
    pub entries: Vec<Entry>,
    /// How far the trail goes.
    pub head: Head,
    /// What does not fit. **Nothing is changed while there is anything**.
    pub faults: Vec<Fault>,
}

impl Book {
    /// Opens or creates the record of a data folder and checks all of it.
    ///
    /// Faults do not stop the start: they are shown, and stop every change.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn open(folder: &Path, random: Random) -> Result<Self, RecordError> {
        let mut db = store::open(folder).await?;
        let state = load(&mut db, folder).await?;
        let folder = folder.to_owned();
        let now = RwLock::new(Arc::new(state));
        Ok(Self(Arc::new(Inner { folder, random, db: Mutex::new(Some(db)), now })))
    }

    /// Everything as it is now.
    #[must_use]
    pub fn now(&self) -> Arc<State> {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a change: `work` reads and writes the draft, and what it returns counts once all of it is durable. If it
    /// refuses, nothing was changed.
    ///
    /// # Errors
    /// What `work` refuses; 409 while the trail does not fit; 500 if the database refuses.
    pub async fn change<T>(
        &self,
        hand: &Hand,
        work: impl FnOnce(&mut Draft<'_>) -> Result<T, Refusal> + Send,
    ) -> Result<T, Refusal> {
        let mut db = self.0.db.lock().await;
        let db = db.as_mut().ok_or_else(|| Refusal::broken(RecordError::Closed))?;
        let before = self.now();
        if !before.faults.is_empty() {
            return Err(Refusal::conflict(
                "档案的留痕核对不上，现在不能改动任何内容。",
                "请在本机执行 douxuan record audit 看清哪里不对，停机后从备份恢复数据文件夹。",
            ));
        }
        let (worth, documents, added, head) = {
            let mut rng = (self.0.random)();
            let mut draft = Draft::new(before.documents.clone(), before.head, hand, &mut *rng);
            let worth = work(&mut draft)?;
            let (documents, added, head) = draft.finish();
            (worth, documents, added, head)
        };
        if added.is_empty() {
            return Ok(worth);
        }
        store::write(db, &documents, &added).await.map_err(Refusal::broken)?;
        // Behind the transaction: a crash between them leaves a head that the trail has passed, which fits.
        let kept = disk::replace(&self.0.folder.join(HEAD), head.text().as_bytes());
        let mut entries = before.entries.clone();
        for entry in added {
            if !documents.has(&entry.kind, entry.id) {
                entries.iter_mut().filter(|old| old.is_of(&entry.kind, entry.id)).for_each(|old| old.what = None);
            }
            entries.push(entry);
        }
        let after = State { documents, entries, head, faults: Vec::new() };
        *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        kept.map_err(Refusal::broken)?;
        Ok(worth)
    }

    /// What the database finds wrong with itself: nothing of the trail.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(super) async fn damage(&self) -> Result<Vec<String>, RecordError> {
        let mut db = self.0.db.lock().await;
        let db = db.as_mut().ok_or(RecordError::Closed)?;
        Ok(schema::faults(db).await?)
    }

    /// Lets the change that runs end, and closes the database.
    pub async fn close(&self) {
        if let Some(db) = self.0.db.lock().await.take() {
            let _ = db.close().await;
        }
    }
}

/// Reads and checks a record without a server.
///
/// # Errors
/// [`RecordError`].
pub async fn audit(folder: &Path) -> Result<State, RecordError> {
    let mut db = store::open(folder).await?;
    let state = load(&mut db, folder).await;
    let _ = db.close().await;
    state
}

async fn load(db: &mut SqliteConnection, folder: &Path) -> Result<State, RecordError> {
    let (documents, entries) = store::read(db).await?;
    let head_file = match fs::read_to_string(folder.join(HEAD)) {
        Ok(text) => Head::read(&text),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => None,
        Err(error) => return Err(RecordError::Disk(error)),
    };
    let faults = trail::check(&entries, &documents.0, head_file);
    let head = entries.last().map_or(Head::NONE, |entry| Head { number: entry.number, hash: entry.hash });
    Ok(State { documents, entries, head, faults })
}
