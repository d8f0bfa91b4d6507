//! The log on disk: `log/<meeting hex>.entries`, the entries one behind the other, and `.head`, the signed checkpoint.
//!
//! **Durability.** [`LogFile::append`] returns when the entry and the head that covers it have reached the disk.
//! **Atomicity.** An entry is written and synced before the head is replaced, so after a crash at most one whole
//! entry, or a part of one, lies behind what the head covers:
//!
//! | found at start | what is done |
//! |---|---|
//! | entries end where the head says | nothing |
//! | one whole entry behind the head | it was done: the head is signed again over it |
//! | a torn entry behind the head | it was never acknowledged: cut |
//! | fewer entries than the head covers, or others | refused: somebody put back an older copy |
//! | more than one entry behind the head | refused: no crash does that |
//!
//! After a failed fsync the kernel may show entries that never reached the disk. So the entries are written into a new
//! file whenever the log is opened: what is then there is durable.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use douxuan_crypto::{
    bytes::{Reader, hex},
    log::{Entry, Log, OrderError},
    manifest::Manifest,
    merkle::{self, Hash},
    note,
    sign::SigningKey,
};

use crate::{
    disk::{self, AppendError, AppendFile},
    failpoint,
};

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// RFC 9162 root over them.
    pub root: Hash,
    /// The signed checkpoint.
    pub note: String,
}

/// Why an entry was not taken, or a log not opened. The message says what to do next.
#[derive(Debug)]
pub enum LogRefused {
    /// No meeting is prepared.
    NotReady,
    /// The act is not allowed now; nothing changed.
    Order(OrderError),
    /// Another act came in between; nothing changed.
    Overtaken,
    /// The disk is full; free space and do it again. If the entry was written already, doing it again finds it.
    Full,
    /// The disk failed. Nothing more is appended until a restart finds out what reached it.
    Broken(String),
    /// The stored log is not the one that was signed.
    Damaged(String),
}

impl std::fmt::Display for LogRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotReady => f.write_str("会议尚未定稿，没有操作记录。请先定稿。"),
            Self::Order(error) => write!(f, "现在不能这样做（{error}）。没有任何改变。"),
            Self::Overtaken => f.write_str("刚才有另一个操作先完成了。请刷新页面后再做一次，没有任何改变。"),
            Self::Full => f.write_str("磁盘已满，操作记录没有写入。请腾出空间后再做一次。"),
            Self::Broken(why) => write!(f, "操作记录写盘失败（{why}）。请停止操作，检查磁盘，然后重新启动程序。"),
            Self::Damaged(why) => {
                write!(f, "操作记录与签名的记录头不一致（{why}）。可能恢复了旧备份。请保留现场，不要继续会议。")
            }
        }
    }
}

impl std::error::Error for LogRefused {}

/// The log of one meeting. One holder at a time: [`super::LogDoor`] puts it behind a lock.
pub(super) struct LogFile {
    manifest: Arc<Manifest>,
    key: SigningKey,
    log: Log,
    /// The last signed head; covers all of `log` unless the disk was full in between.
    head: Head,
    entries: PathBuf,
    file: AppendFile,
    broken: Option<String>,
}

impl LogFile {
    /// Opens the log of a meeting, or begins one without entries.
    pub(super) fn open(folder: &Path, manifest: Arc<Manifest>, key: SigningKey) -> Result<Self, LogRefused> {
        disk::create_folder(folder).map_err(|e| broken(&e))?;
        let entries = folder.join(format!("{}.entries", hex(&manifest.meeting)));
        let stored = read(&entries)?.unwrap_or_default();
        let signed = match read(&head_path(&entries))? {
            Some(note) => Some(open_head(&manifest, &note)?),
            None => None,
        };
        let covered = signed.as_ref().map_or(0, |head| head.size);
        let whole = whole_entries(&stored, covered)?;
        let log = Log::decode(&manifest, whole).map_err(|e| LogRefused::Damaged(e.to_string()))?;
        let (size, root) = log.head_at(covered);
        if size != covered {
            return Err(LogRefused::Damaged(format!("记录头写明 {covered} 条，只找到 {size} 条")));
        }
        if signed.as_ref().is_some_and(|head| head.root != root) {
            return Err(LogRefused::Damaged(format!("前 {covered} 条的根不同")));
        }
        if log.size() > covered + 1 {
            return Err(LogRefused::Damaged(format!("记录头写明 {covered} 条，却有 {} 条", log.size())));
        }

        let file = AppendFile::begin(&entries, whole).map_err(|e| broken(&e))?;
        let head = signed.unwrap_or_else(|| Head { size: 0, root: merkle::root(&[]), note: String::new() });
        let mut opened = Self { manifest, key, log, head, entries, file, broken: None };
        if opened.head.size != opened.log.size() || opened.head.note.is_empty() {
            opened.sign_head()?;
        }
        Ok(opened)
    }

    /// Appends one entry. The same entry again changes nothing: no entry is ever allowed twice.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<Head, LogRefused> {
        if let Some(why) = &self.broken {
            return Err(LogRefused::Broken(why.clone()));
        }
        if self.head.size != self.log.size() {
            self.sign_head()?;
        }
        let bytes = entry.encode();
        if self.log.entries().contains(&bytes) {
            return Ok(self.head.clone());
        }
        self.would_accept(entry)?;

        failpoint::hit("log.before_write");
        self.file.append(&bytes, || failpoint::hit("log.before_fsync")).map_err(|error| self.refuse(error))?;
        failpoint::hit("log.after_entry");
        self.log.append(entry).map_err(LogRefused::Order)?;
        self.sign_head()?;
        failpoint::hit("log.after_head");
        Ok(self.head.clone())
    }

    /// Whether the entry would be taken now.
    pub(super) fn would_accept(&self, entry: &Entry) -> Result<(), LogRefused> {
        self.log.state().clone().apply(entry).map_err(LogRefused::Order)
    }

    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// Signs what the log now holds and puts it in the place of the old head.
    fn sign_head(&mut self) -> Result<(), LogRefused> {
        let note = self.log.checkpoint(&self.manifest, &self.key);
        match disk::replace(&head_path(&self.entries), note.as_bytes()) {
            Ok(()) => {
                self.head = Head { size: self.log.size(), root: self.log.root(), note };
                Ok(())
            }
            Err(error) => Err(self.refuse(error.into())),
        }
    }

    /// A full disk may be tried again; any other error ends appending.
    fn refuse(&mut self, error: AppendError) -> LogRefused {
        match error {
            AppendError::Full => LogRefused::Full,
            AppendError::Broken(why) => {
                self.broken = Some(why.clone());
                LogRefused::Broken(why)
            }
        }
    }
}

fn broken(error: &io::Error) -> LogRefused {
    LogRefused::Broken(error.to_string())
}

fn head_path(entries: &Path) -> PathBuf {
    entries.with_extension("head")
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, LogRefused> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(&error)),
    }
}

fn open_head(manifest: &Manifest, stored: &[u8]) -> Result<Head, LogRefused> {
    let origin = manifest.origin("log");
    let opened = note::open(stored, &origin, &manifest.log_key).and_then(|t| note::parse_checkpoint(&t, &origin));
    let (size, root) = opened.map_err(|_| LogRefused::Damaged("记录头的签名不对".to_owned()))?;
    Ok(Head { size, root, note: String::from_utf8_lossy(stored).into_owned() })
}

/// The whole entries at the beginning of the file. What follows them is a torn write, and only allowed directly
/// behind what the head covers.
fn whole_entries(stored: &[u8], covered: u64) -> Result<&[u8], LogRefused> {
    let (mut rest, mut count) = (stored, 0);
    while !rest.is_empty() {
        let mut reader = Reader::new(rest);
        if let Err(error) = Entry::read(&mut reader) {
            if count != covered {
                return Err(LogRefused::Damaged(format!("第 {} 条读不出：{error}", count + 1)));
            }
            break;
        }
        rest = &rest[rest.len() - reader.left()..];
        count += 1;
    }
    Ok(&stored[..stored.len() - rest.len()])
}
