//! The record of a review: from the sealed result to letters, corrections and the yearly file (articles 2 to 23).
//!
//! It lives beside the vote and knows nothing of it: no token, no ballot, no credential, only the bytes of a finished
//! bundle, through one door. Everything that staff decide is a [`Document`]; every change leaves an entry in the trail.

mod api;
mod archive;
mod assessment;
mod book;
pub mod calendar;
pub mod checklist;
mod choosing;
mod command;
mod correction;
mod cycle;
mod document;
mod documents;
mod door;
mod due;
mod field;
pub mod file;
mod form;
pub mod ground;
pub mod hook;
pub mod letter;
mod official;
pub mod opinion;
mod pdf;
mod question;
pub mod report;
pub mod result;
mod retention;
mod routes;
mod store;
pub mod timeline;
mod trail;
pub mod usage;
mod withdrawn;
mod word;
mod years;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use axum::body::Bytes;
use futures_util::future::BoxFuture;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use assessment::{Assessment, Source, SourceKind};
pub use book::{Book, State, audit, must_be_in};
pub use choosing::{Choosing, Ground, Line, Stage};
pub use command::{RecordCommand, rehearsed, run};
pub use correction::{Brief, Check, Correction, Decision, Heard, Told};
pub use cycle::{Cycle, CyclePolicy};
pub use document::{Document, Id, Kept};
pub use documents::{Documents, Draft};
pub use door::{Door, Reporter, ReporterList};
pub use due::{DueLine, Handed, Off, Period, Sum, Unit, WaitsFor, What, due_list};
pub use field::Step;
pub use official::{Dossier, Official, Standing, Term, Warning, Way};
pub use question::{Committee, Demand, Judged, Member, Question};
pub use retention::{Destruction, DestructionState};
pub use routes::{description, router};
pub use trail::{Entry, Fault, Hand, Head};
pub use withdrawn::Withdrawn;
pub use years::{CalendarYear, Form, Recounted};

use crate::{schema::SchemaError, staff::Random, web::Refusal};

/// What the record may ask of the meetings beside it: nothing of a ballot, a slip or a credential.
pub trait Meetings: Send + Sync + 'static {
    /// The meeting of this id, if it was frozen here.
    ///
    /// # Errors
    /// The office's database cannot be read: then nobody knows.
    fn known(&self, meeting: [u8; 16]) -> BoxFuture<'_, Result<Option<Known>, Refusal>>;

    /// The bundle of the meeting that is archived now.
    fn bundle(&self) -> BoxFuture<'_, Option<Bytes>>;
}

/// A meeting that was frozen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// M.
    pub manifest: [u8; 32],
    /// A drill.
    pub drill: bool,
}

/// The record of a data folder: the book, and the clock that says when something was done. Clones are the same one.
#[derive(Clone)]
pub struct Record {
    book: Book,
    folder: PathBuf,
    clock: fn() -> SystemTime,
    meetings: Arc<OnceLock<Arc<dyn Meetings>>>,
    files: Arc<RwLock<()>>,
}

impl Record {
    /// Opens or creates it, and checks its trail.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn start(data: &Path, random: Random, clock: fn() -> SystemTime) -> Result<Self, RecordError> {
        let book = Book::open(data, random).await?;
        let record = Self { book, folder: data.join("record"), clock, meetings: Arc::default(), files: Arc::default() };
        years::at_start(record.book(), record.at()).await;
        retention::at_start(&record).await;
        Ok(record)
    }

    /// Tells it of the meetings beside it. Once.
    pub fn set_meetings(&self, meetings: Arc<dyn Meetings>) {
        let _ = self.meetings.set(meetings);
    }

    fn meetings(&self) -> Result<Arc<dyn Meetings>, Refusal> {
        let beside = self.meetings.get().cloned();
        beside.ok_or_else(|| Refusal::conflict("档案旁边没有会议。", "请选择归档文件导入。"))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// 400 for anything else, and for a day that no calendar has.
    pub fn read_day(text: &str) -> Result<Date, Refusal> {
        let canonical = |day: &Date| day.to_string() == text;
        text.parse().ok().filter(canonical).ok_or_else(|| {
            Refusal::conflict(format!("“{}”不是日期。", field::seen(text)), "请按 2026-12-14 的样子填写。")
                .with_status(400)
        })
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The folder of the files that were handed in, outside of the database.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// While this is held no file is destroyed: from the look at a file until a document names it.
    pub(in crate::record) async fn files_stay(&self) -> RwLockReadGuard<'_, ()> {
        self.files.read().await
    }

    /// While this is held nobody takes a file in.
    pub(in crate::record) async fn files_alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.files.write().await
    }

    /// The data folder.
    pub(in crate::record) fn data(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    /// What its database finds wrong with itself.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn damage(&self) -> Result<Vec<String>, RecordError> {
        self.book.damage().await
    }

    /// Closes it. Nothing can be changed afterwards.
    pub async fn close(&self) {
        self.book.close().await;
    }

    /// Today, in UTC+8.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Now, as the trail writes it: `YYYY-MM-DDThh:mm:ss+08:00`.
    #[must_use]
    pub fn at(&self) -> String {
        format!("{}+08:00", self.now().strftime("%Y-%m-%dT%H:%M:%S"))
    }

    fn clock_now(&self) -> SystemTime {
        (self.clock)()
    }

    fn now(&self) -> DateTime {
        // A clock that stands outside of what a date can say is told by the first look at it.
        Offset::constant(8).to_datetime(Timestamp::try_from((self.clock)()).unwrap_or_default())
    }
}

/// Why the record could not be read or written.
#[derive(Debug)]
pub enum RecordError {
    /// The database refused.
    Database(sqlx::Error),
    /// A file could not be read or written.
    Disk(std::io::Error),
    /// The database could not be opened as it must be.
    Schema(SchemaError),
    /// A row that this program never writes.
    Content(&'static str),
    /// The folder has no record.
    Absent(PathBuf),
    /// The server is shutting down.
    Closed,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "档案库 record.db 出错：{error}"),
            Self::Disk(error) => write!(f, "档案的文件不能读写：{error}"),
            Self::Schema(error) => error.fmt(f),
            Self::Content(what) => write!(f, "档案库 record.db 的内容不对：{what}"),
            Self::Absent(folder) => {
                write!(f, "{} 里没有档案库 record.db，没有核对任何内容。请检查 --data。", folder.display())
            }
            Self::Closed => f.write_str("服务器正在退出"),
        }
    }
}

impl std::error::Error for RecordError {}

impl From<sqlx::Error> for RecordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
