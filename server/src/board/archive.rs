//! The end of a meeting: result note, last log entry, audit bundle. Nothing is signed into the log and nothing offered
//! that the public verifier does not accept.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use douxuan_crypto::{
    audit::{Outcome, Report, Runner, audit_with},
    bundle::Bundle,
    bytes::hex,
    count::{Counts, Violation},
    hash::sha256,
    lists::Lists,
    log::{Act, Actor, Entry},
    manifest::Manifest,
    result::ResultNote,
    summary,
};

use super::{LogDoor, LogRefused, Shelf};
use crate::{
    disk::{self, AppendError},
    failpoint,
    secrets::{Secrets, SecretsError},
};

/// An archived meeting.
#[derive(Clone, Debug)]
pub struct Archived {
    /// Where the bundle lies.
    pub path: PathBuf,
    /// SHA-256 of the bundle: the same however often it is exported.
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// The signed result note.
    pub result: String,
    /// What the verifier said of it, step by step.
    pub report: Report,
}

/// Why a meeting was not archived. Unless it says otherwise, nothing changed.
#[derive(Debug)]
pub enum ArchiveRefused {
    /// The log does not allow it yet, or failed.
    Log(LogRefused),
    /// These count formulas do not hold.
    Counts(Vec<Violation>),
    /// The verifier would not accept the bundle.
    NotVerified(Box<Report>),
    /// The stored result is not what follows from the log and the lists now.
    Changed,
    /// More data than a bundle can hold.
    TooLarge(String),
    /// A key file.
    Secrets(SecretsError),
    /// The disk; the log may have its last entry already, and the same act again goes on from there.
    Disk(AppendError),
}

impl std::fmt::Display for ArchiveRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::Counts(violations) => {
                let all: Vec<String> = violations.iter().map(Violation::zh).collect();
                write!(f, "票数关系不成立：{}。请先更正，再归档。没有任何改变。", all.join("；"))
            }
            Self::NotVerified(report) => {
                let why = report.failed().and_then(|step| report.step(step)).map_or("", |step| step.zh.as_str());
                write!(f, "核验没有通过，不能归档：{why} 请保留现场并联系维护人员。没有任何改变。")
            }
            Self::Changed => f.write_str("现有的名单或记录与已签字的结果不符。请保留现场并联系维护人员。"),
            Self::TooLarge(why) => write!(f, "归档文件过大（{why}）。请联系维护人员。"),
            Self::Secrets(error) => error.fmt(f),
            Self::Disk(AppendError::Full) => f.write_str("磁盘已满，归档文件没有写成。请腾出空间后再做一次。"),
            Self::Disk(AppendError::Broken(why)) => write!(f, "归档文件写盘失败（{why}）。请检查磁盘后再做一次。"),
        }
    }
}

impl std::error::Error for ArchiveRefused {}

impl From<LogRefused> for ArchiveRefused {
    fn from(error: LogRefused) -> Self {
        Self::Log(error)
    }
}

impl From<io::Error> for ArchiveRefused {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.into())
    }
}

/// Signs the result, completes the log and writes the bundle. A second call writes the same bytes again.
///
/// The order: bundle in memory; verified; last log entry, durable; file, durable under another name; renamed; offered.
/// A crash in between leaves a complete log without a bundle at worst, and the next call writes it.
///
/// # Errors
/// [`ArchiveRefused`].
pub async fn archive(
    data: &Path,
    log: &LogDoor,
    shelf: &Shelf,
    secrets: &Secrets,
    lists: Lists,
    by: Vec<Actor>,
) -> Result<Archived, ArchiveRefused> {
    let (manifest, stored) = log.manifest().zip(log.log()).ok_or(LogRefused::NotReady)?;
    let path = path(data, &manifest);
    let (keys, boards) = (secrets.meeting_keys().map_err(ArchiveRefused::Secrets)?, shelf.boards());

    let (parts, expected) = (Arc::clone(&manifest), stored.size());
    let made = blocking(move || {
        let manifest = parts;
        let counts = Counts::compute(&manifest, stored.state(), &lists);
        let complete = stored.state().result().copied();
        let covered = stored.head_at(stored.size() - u64::from(complete.is_some()));
        let result = ResultNote::compute(&manifest, covered, &counts).sign(&manifest, &keys.result);
        let hash = sha256(result.as_bytes());
        let entry = Entry { actors: by, act: Act::Result { hash } };
        let mut whole = stored;
        match complete {
            Some(signed) if signed != hash => return Err(ArchiveRefused::Changed),
            Some(_) => {}
            None => whole.append(&entry).map_err(LogRefused::Order)?,
        }
        let violations = counts.violations();
        if !violations.is_empty() {
            return Err(ArchiveRefused::Counts(violations));
        }
        let bundle = Bundle {
            manifest: manifest.bytes.clone(),
            log_checkpoint: whole.checkpoint(&manifest, &keys.log).into_bytes(),
            log_entries: whole.encode(),
            leaves: lists.leaves_file(),
            redeemed: lists.redeemed_file(),
            voided: lists.voided_file(),
            result: result.clone().into_bytes(),
            summary: summary::text(&manifest, &counts).into_bytes(),
            boards: boards.iter().map(|(c, files)| ((c.item, u16::from(c.round)), files.to_files())).collect(),
        };
        let zip = bundle.to_zip().map_err(|e| ArchiveRefused::TooLarge(e.to_string()))?;
        let report = audit_with(&zip, &[], &Threads);
        if report.outcome != Outcome::Held {
            return Err(ArchiveRefused::NotVerified(Box::new(report)));
        }
        Ok(Made { entry: complete.is_none().then_some(entry), zip, report, result })
    })
    .await?;

    if let Some(entry) = made.entry {
        log.append_at(expected, entry).await?;
    }
    failpoint::hit("export.after_log");
    let Made { zip, report, result, .. } = made;
    let archived = Archived { path: path.clone(), sha256: sha256(&zip), bytes: zip.len() as u64, result, report };
    let zip = blocking(move || write(&path, &zip).map(|()| zip).map_err(Into::into)).await?;
    shelf.put_bundle(zip.into());
    Ok(archived)
}

struct Made {
    /// `None` if the log has it already.
    entry: Option<Entry>,
    zip: Vec<u8>,
    report: Report,
    result: String,
}

/// Offers the bundle of a meeting that was archived before a restart.
///
/// # Errors
/// Any error of the file system but a missing file.
pub fn reopen_bundle(data: &Path, manifest: &Manifest, shelf: &Shelf) -> io::Result<()> {
    match fs::read(path(data, manifest)) {
        Ok(bytes) => shelf.put_bundle(bytes.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn path(data: &Path, manifest: &Manifest) -> PathBuf {
    data.join("bundles").join(format!("{}.zip", hex(&manifest.meeting)))
}

fn write(path: &Path, zip: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        disk::create_folder(folder)?;
    }
    let fresh = disk::beside(path, "new");
    disk::remove_if_there(&fresh)?;
    let mut file = disk::create_private(&fresh)?;
    file.write_all(zip)?;
    file.sync_all()?;
    drop(file);
    failpoint::hit("export.before_rename");
    disk::rename(&fresh, path)?;
    failpoint::hit("export.after_rename");
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveRefused> + Send + 'static,
) -> Result<T, ArchiveRefused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|e| Err(ArchiveRefused::Disk(AppendError::Broken(e.to_string()))))
}

/// Verifies on as many threads as the machine has.
struct Threads;

impl Runner for Threads {
    fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.max(1));
        std::thread::scope(|scope| {
            for first in 0..threads {
                scope.spawn(move || (first..jobs).step_by(threads).for_each(job));
            }
        });
    }
}
