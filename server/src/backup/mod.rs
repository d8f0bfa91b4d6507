//! What may be carried away from a data folder, and how it comes back.
//!
//! | in a backup | why |
//! |---|---|
//! | `office.db` | roster, settings, meetings, accounts; **no papers that are counted and not published** |
//! | `log/` | every meeting's log and its signed head |
//! | `bundles/` | the results |
//! | `record.db`, `record.head`, `record/files/` | the record of the review, its trail, what was handed in |
//! | `roll.db` | which slips are spent; **not while a window is open** |
//!
//! Never the secrets, the spool, `urn.db` or the high-water file: whoever holds a copy of those could open ballots, or
//! put back a roll in which spent slips are unspent. So a meeting that was under way does not go on from a backup; what
//! comes back is the record of what was done.

mod restore;
mod save;

pub use restore::{Restored, restore};
pub use save::{Saved, save};

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use douxuan_crypto::{
    bytes::{hex, unhex},
    hash::sha256,
};
use serde::{Deserialize, Serialize};

use crate::{config::ConfigError, schema::SchemaError};

/// The list of a backup's files.
const LIST: &str = "backup.json";
/// The form of a backup.
const FORM: u32 = 1;

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Path below the folder, with `/`.
    path: String,
    bytes: u64,
    /// SHA-256, lowercase hex.
    sha256: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    douxuan_backup: u32,
    /// Version of the program that made it.
    program: String,
    files: Vec<Kept>,
}

impl Kept {
    fn of(path: String, content: &[u8]) -> Self {
        Self { path, bytes: content.len() as u64, sha256: hex(&sha256(content)) }
    }
}

/// Why a backup was not made, or not restored. Nothing that was there before is changed.
#[derive(Debug)]
pub enum BackupError {
    /// The data folder holds no office database.
    NoData(PathBuf),
    /// The folder to write into is not empty.
    NotEmpty(PathBuf),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// The record changes faster than it can be copied.
    Busy,
    /// A log is not the one that was signed.
    Log(String),
    /// The list is missing, of another form, or names what no backup holds.
    List(String),
    /// A file is not the one that the list names.
    Changed(String),
    /// The database is of a newer program, or not readable.
    Schema(SchemaError),
    /// The data folder cannot be taken.
    Folder(ConfigError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData(path) => {
                write!(f, "{} 里没有豆选的数据（没有 office.db）。请用 --data 指定数据文件夹。", path.display())
            }
            Self::NotEmpty(path) => write!(f, "{} 不是空的。请指定一个新的文件夹，原有文件没有改动。", path.display()),
            Self::File(path, error) => {
                write!(f, "{} 不能读写（{error}）。请检查磁盘和权限，再做一次。", path.display())
            }
            Self::Busy => f.write_str("档案正在不停地改动，没有备份。请等几分钟再备份。"),
            Self::Log(why) => write!(f, "操作记录与签名的记录头不一致（{why}），没有备份。请保留现场。"),
            Self::List(why) => write!(f, "这不是豆选的备份，或已损坏：{why}。请换一份备份。"),
            Self::Changed(path) => write!(f, "备份里的 {path} 与清单不符，没有恢复。请换一份备份。"),
            Self::Schema(error) => error.fmt(f),
            Self::Folder(ConfigError::Held(path)) => {
                write!(f, "数据文件夹 {} 正在开会（豆选还在运行）。请先退出，再恢复。", path.display())
            }
            Self::Folder(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {}

/// Whether a name is a SHA-256 in lowercase hex: that is what files of the record are called.
fn is_digest(name: &str) -> bool {
    unhex::<32>(name).is_some()
}

/// Everything in `folder` but the lock file that opening it makes.
fn others_in(folder: &Path) -> Result<bool, BackupError> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries.flatten().any(|entry| entry.file_name() != "lock")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(BackupError::File(folder.to_owned(), error)),
    }
}
