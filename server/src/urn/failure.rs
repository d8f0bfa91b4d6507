//! Why urn.db could not be read or written, and what to do about it.

use std::{fmt, io};

use crate::{disk, schema::SchemaError};

/// Why urn.db could not be read or written.
#[derive(Debug)]
pub enum StoreError {
    /// The database refused.
    Database(sqlx::Error),
    /// The file could not be opened as it must be.
    Schema(SchemaError),
    /// A row that this program never writes, or one that is not there.
    Content(&'static str),
    /// The file system, at the rebuild.
    Disk(io::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "票箱库 urn.db 出错：{error}。请检查磁盘，然后重新启动程序。"),
            Self::Schema(error) => error.fmt(f),
            Self::Content(what) => write!(f, "票箱库 urn.db 的内容不对：{what}。请保留现场并联系维护人员。"),
            Self::Disk(error) => write!(f, "票箱库 urn.db 重建失败：{error}。请检查磁盘，然后重新启动程序。"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SchemaError> for StoreError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl StoreError {
    /// True if freeing space mends it: the transaction was rolled back and nothing is lost.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            // SQLITE_FULL.
            Self::Database(sqlx::Error::Database(error)) => error.code().as_deref() == Some("13"),
            Self::Disk(error) => disk::is_full(error),
            _ => false,
        }
    }
}
