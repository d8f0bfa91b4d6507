//! The record as it is open: everything in memory, every change durable before it is seen.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    RecordError,
    documents::{Documents, Draft},
    form,
    store::{self, Unwritten},
    trail::{self, Entry, Fault, Hand, Head, HeadFile},
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
    db: Arc<Mutex<Option<SqliteConnection>>>,
    now: RwLock<Arc<State>>,
    /// A change is being committed, or nobody knows whether one was.
    in_doubt: AtomicBool,
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
    /// The last change is durable, but the head file does not say yet that it was ended.
    pub lags: bool,
}

/// What a change leaves: the documents after it, its entries, the head.
type Leaves = (Documents, Vec<Entry>, Head);

impl Book {
    /// Opens or creates the record of a data folder and checks all of it.
    ///
    /// Faults do not stop the start: they are shown, and stop every change.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn open(folder: &Path, random: Random) -> Result<Self, RecordError> {
        let mut db = store::open(folder).await?;
        let mut state = load(&mut db, folder).await?;
        if state.lags && state.faults.is_empty() {
            // Killed within a change: it was made or it was not, and from now on only this one stands.
            state.lags = !write_head(folder, HeadFile { at: state.head, next: None });
        }
        Ok(Self(Arc::new(Inner {
            folder: folder.to_owned(),
            random,
            db: Arc::new(Mutex::new(Some(db))),
            now: RwLock::new(Arc::new(state)),
            in_doubt: AtomicBool::new(false),
        })))
    }

    /// Everything as it is now.
    #[must_use]
    pub fn now(&self) -> Arc<State> {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a change: `work` reads and writes the draft, and what it returns counts once all of it is durable. If it
    /// refuses, nothing was changed.
    ///
    /// **What is begun is ended, also if the caller is dropped** (a browser that went away): from the first write on it
    /// runs by itself and holds the lock, so that memory and disk never differ.
    ///
    /// # Errors
    /// What `work` refuses; 409 while the trail does not fit; 500 if the disk refuses, and nothing was changed then; 500
    /// if the end of the transaction failed: whether it was written is not known, so everything is refused until a
    /// restart has looked.
    pub async fn change<T>(
        &self,
        hand: &Hand,
        work: impl FnOnce(&mut Draft<'_>) -> Result<T, Refusal> + Send,
    ) -> Result<T, Refusal> {
        let db = self.0.db.clone().lock_owned().await;
        if db.is_none() {
            return Err(Refusal::broken(RecordError::Closed));
        }
        let before = self.now();
        if !before.faults.is_empty() {
            return Err(Refusal::conflict(
                "档案的留痕核对不上，现在不能改动任何内容。",
                "请在本机执行 douxuan record audit 看清哪里不对，停机后从备份恢复数据文件夹。",
            ));
        }
        if self.0.in_doubt.load(Ordering::SeqCst) {
            return Err(doubtful());
        }
        let (worth, leaves) = {
            let mut rng = (self.0.random)();
            let mut draft = Draft::new(before.documents.clone(), before.head, hand, &mut *rng);
            let worth = work(&mut draft)?;
            (worth, draft.finish())
        };
        if !leaves.1.is_empty() {
            let durable = tokio::spawn(self.clone().keep(db, leaves));
            durable.await.map_err(Refusal::broken)??;
        }
        Ok(worth)
    }

    /// Makes it durable, then seen.
    async fn keep(self, mut db: OwnedMutexGuard<Option<SqliteConnection>>, leaves: Leaves) -> Result<(), Refusal> {
        let Inner { folder, now, in_doubt, .. } = &*self.0;
        let db = db.as_mut().ok_or_else(|| Refusal::broken(RecordError::Closed))?;
        let (documents, added, head) = leaves;
        let before = self.now();
        let intended = HeadFile { at: before.head, next: Some(head) };
        disk::replace(&folder.join(HEAD), intended.text().as_bytes()).map_err(Refusal::broken)?;
        in_doubt.store(true, Ordering::SeqCst);
        match store::write(db, &documents, &added).await {
            Ok(()) => {}
            Err(Unwritten::Refused(error)) => {
                write_head(folder, HeadFile { at: before.head, next: None });
                in_doubt.store(false, Ordering::SeqCst);
                return Err(Refusal::broken(error));
            }
            Err(Unwritten::Unknown(error)) => {
                return Err(doubtful().with_details(serde_json::json!({ "cause": error.to_string() })));
            }
        }
        // It is durable and fits: a disk that is full just now does not make it an error.
        let lags = !write_head(folder, HeadFile { at: head, next: None });
        let mut entries = before.entries.clone();
        for entry in added {
            if !documents.has(&entry.kind, entry.id) {
                entries.iter_mut().filter(|old| old.is_of(&entry.kind, entry.id)).for_each(|old| old.what = None);
            }
            entries.push(entry);
        }
        let after = State { documents, entries, head, faults: Vec::new(), lags };
        *now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        in_doubt.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Takes what was erased out of the log that the database writes beside itself; its own pages were overwritten
    /// when it was erased.
    ///
    /// # Errors
    /// [`RecordError`] in words, with 500; what was erased may still lie in `record.db-wal`.
    pub(super) async fn forget(&self) -> Result<(), Refusal> {
        let mut db = self.0.db.lock().await;
        let db = db.as_mut().ok_or_else(|| Refusal::broken(RecordError::Closed))?;
        let (busy, ..): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(db).await.map_err(Refusal::broken)?;
        // Somebody reads it at this moment: a backup.
        if busy != 0 {
            return Err(Refusal::conflict("档案库正在备份，销毁还没有做完。", "请等备份结束，然后重新启动豆选。"));
        }
        Ok(())
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

fn doubtful() -> Refusal {
    Refusal::conflict(
        "上一次改动在写入的最后一步出错，写成了没有还不知道，现在不能再改动任何内容。",
        "请重新启动服务器：启动时核对磁盘上的档案，以它为准；再看那次改动在不在，不在的重做。",
    )
    .with_status(500)
}

/// Writes the head file; false if that failed.
fn write_head(folder: &Path, head: HeadFile) -> bool {
    disk::replace(&folder.join(HEAD), head.text().as_bytes()).is_ok()
}

/// A folder that has a record.
///
/// # Errors
/// [`RecordError::Absent`].
pub fn must_be_in(folder: &Path) -> Result<(), RecordError> {
    if folder.join("record.db").is_file() { Ok(()) } else { Err(RecordError::Absent(folder.to_owned())) }
}

/// Reads and checks a record without a server. Creates nothing where there is none.
///
/// # Errors
/// [`RecordError`].
pub async fn audit(folder: &Path) -> Result<State, RecordError> {
    must_be_in(folder)?;
    let mut db = store::open(folder).await?;
    let state = load(&mut db, folder).await;
    let _ = db.close().await;
    state
}

async fn load(db: &mut SqliteConnection, folder: &Path) -> Result<State, RecordError> {
    let (documents, entries) = store::read(db).await?;
    let head_file = match fs::read_to_string(folder.join(HEAD)) {
        Ok(text) => HeadFile::read(&text),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => None,
        Err(error) => return Err(RecordError::Disk(error)),
    };
    let mut faults = trail::check(&entries, &documents.0, head_file);
    faults.extend(form::check(&documents));
    let lags = head_file.is_some_and(|file| file.next.is_some());
    Ok(State { head: Head::of(&entries), documents, entries, faults, lags })
}
