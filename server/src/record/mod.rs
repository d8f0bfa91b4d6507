//! The record of a review: from the sealed result to letters, corrections and the yearly file (articles 2 to 23).
//!
//! It lives beside the vote and knows nothing of it: no token, no ballot, no credential, only the bytes of a finished
//! bundle, through one door. Everything that staff decide is a [`Document`]; every change leaves an entry in the trail.

mod api;
mod book;
pub mod calendar;
mod cycle;
mod document;
mod documents;
mod official;
mod routes;
mod store;
mod trail;

use std::{
    fmt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

pub use book::{Book, State, audit};
pub use cycle::{Cycle, CyclePolicy};
pub use document::{Document, Id, Kept};
pub use documents::{Documents, Draft};
pub use official::{Dossier, Official, Term, Way};
pub use routes::{description, router};
pub use trail::{Entry, Fault, Hand, Head};

use crate::{schema::SchemaError, staff::Random};

/// The record of a data folder: the book, and the clock that says when something was done. Clones are the same one.
#[derive(Clone)]
pub struct Record {
    book: Book,
    folder: PathBuf,
    clock: fn() -> SystemTime,
}

impl Record {
    /// Opens or creates it, and checks its trail.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn start(data: &Path, random: Random, clock: fn() -> SystemTime) -> Result<Self, RecordError> {
        Ok(Self { book: Book::open(data, random).await?, folder: data.join("record"), clock })
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
    /// The migrations do not fit the file.
    Migration(SchemaError),
    /// A row that this program never writes.
    Content(&'static str),
    /// The server is shutting down.
    Closed,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "档案库 record.db 出错：{error}"),
            Self::Disk(error) => write!(f, "档案的文件不能读写：{error}"),
            Self::Migration(error) => error.fmt(f),
            Self::Content(what) => write!(f, "档案库 record.db 的内容不对：{what}"),
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
