//! Making a backup, also while the server runs.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use douxuan_crypto::{
    bytes::hex,
    hash::sha256,
    log::{Log, LogState},
    manifest::Manifest,
    note,
};
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{BackupError, FORM, Kept, LIST, List, others_in};
use crate::{disk, schema};

/// How often the record is copied anew because it was changed meanwhile.
const TRIES: u32 = 100;

/// How often a file that is not what its name says is taken for one that is being destroyed.
const CAREFUL: u32 = 5;

/// What was copied.
#[derive(Debug)]
pub struct Saved {
    /// Paths below the backup's folder.
    pub files: Vec<String>,
    /// True if the roll was left out because a window is open.
    pub without_roll: bool,
}

/// Copies office data, logs and bundles of the data folder `data` into the new folder `to`; the roll too, unless a
/// window is open. The server may be running.
///
/// # Errors
/// [`BackupError`]; a folder that was begun carries no list and is no backup.
pub async fn save(data: &Path, to: &Path) -> Result<Saved, BackupError> {
    if !data.join("office.db").is_file() {
        return Err(BackupError::NoData(data.to_owned()));
    }
    if others_in(to)? {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    let at = |path: &Path| path.to_owned();
    disk::create_folder(to).map_err(|error| BackupError::File(at(to), error))?;
    let mut files = vec![office(data, to).await?];

    let mut open = false;
    for bytes in manifests(&to.join("office.db")).await? {
        // A meeting of another version of the protocol is copied as it lies there.
        let Ok(manifest) = Manifest::parse(&bytes) else { continue };
        let Some((log, state)) = log_of(data, &manifest)? else { continue };
        open |= state.open_window().is_some();
        for (path, content) in log {
            files.push(put(to, path, &content)?);
        }
    }
    for bundle in names(&data.join("bundles"), |name| name.ends_with(".zip"))? {
        let content = read(&data.join("bundles").join(&bundle))?;
        files.push(put(to, format!("bundles/{bundle}"), &content)?);
    }
    if !open && data.join("roll.db").is_file() {
        files.push(database(data, to, "roll.db").await?);
    }

    files.extend(record(data, to).await?);

    let list = List { douxuan_backup: FORM, program: env!("CARGO_PKG_VERSION").to_owned(), files };
    let text = serde_json::to_vec_pretty(&list).map_err(|error| BackupError::List(error.to_string()))?;
    put(to, LIST.to_owned(), &text)?;
    Ok(Saved { files: list.files.into_iter().map(|file| file.path).collect(), without_roll: open })
}

/// The record of the review, of one moment: its head file says exactly where the trail stands, so that a head file that
/// is the same before and after was it in between, for the database and for the files that a destruction overwrites.
async fn record(data: &Path, to: &Path) -> Result<Vec<Kept>, BackupError> {
    if !data.join("record.db").is_file() {
        return Ok(Vec::new());
    }
    let path = data.join("record.head");
    let head = || if path.is_file() { read(&path).map(Some) } else { Ok(None) };
    let mut handed_in = BTreeMap::new();
    for tried in 0..TRIES {
        let before = head()?;
        let copy = database(data, to, "record.db").await?;
        let whole = record_files(data, to, &mut handed_in, tried < CAREFUL)?;
        if !whole || head()? != before {
            continue;
        }
        let mut files = vec![copy];
        if let Some(bytes) = before {
            files.push(put(to, "record.head".to_owned(), &bytes)?);
        }
        files.extend(handed_in.into_values());
        return Ok(files);
    }
    Err(BackupError::Busy)
}

/// Copies what was handed in and is not in the backup yet, and takes out what is gone; whether every file was what its
/// name says, so that none was being destroyed.
fn record_files(
    data: &Path,
    to: &Path,
    handed_in: &mut BTreeMap<String, Kept>,
    careful: bool,
) -> Result<bool, BackupError> {
    let folder = data.join("record").join("files");
    let now = names(&folder, super::is_digest)?;
    let gone: Vec<String> = handed_in.keys().filter(|name| !now.contains(name)).cloned().collect();
    for name in gone {
        let copy = to.join(format!("record/files/{name}"));
        disk::destroy(&copy).map_err(|error| BackupError::File(copy, error))?;
        handed_in.remove(&name);
    }
    for name in now {
        if handed_in.contains_key(&name) {
            continue;
        }
        let content = match read(&folder.join(&name)) {
            Ok(content) => content,
            Err(BackupError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // One that stays so is damaged: the rest is backed up all the same.
        if careful && hex(&sha256(&content)) != name {
            return Ok(false);
        }
        handed_in.insert(name.clone(), put(to, format!("record/files/{name}"), &content)?);
    }
    Ok(true)
}

/// A consistent copy of a database that another process may be writing.
async fn database(data: &Path, to: &Path, name: &str) -> Result<Kept, BackupError> {
    let (from, copy) = (data.join(name), to.join(name));
    copied(&from, &copy).await?;
    Ok(Kept::of(name.to_owned(), &read(&copy)?))
}

/// The office's database without counts of papers that are not published: stop is not publish, and what a void erases
/// must not lie in a backup; nor must it tell who came late. It is blanked beside the original, so that they never reach the backup's disk.
async fn office(data: &Path, to: &Path) -> Result<Kept, BackupError> {
    const NAME: &str = "office.db";
    let (from, copy) = (data.join(NAME), to.join(NAME));
    let beside = disk::beside(&from, "saving");
    let failed = |error: io::Error| BackupError::File(from.clone(), error);
    disk::destroy(&beside).map_err(failed)?;
    let blanked = match copied(&from, &beside).await {
        Ok(()) => blanked(&beside).await.map_err(|error| failed(io::Error::other(error))),
        Err(error) => Err(error),
    };
    let done = match blanked {
        Ok(()) => copied(&beside, &copy).await,
        Err(error) => Err(error),
    };
    disk::destroy(&beside).map_err(failed)?;
    done?;
    Ok(Kept::of(NAME.to_owned(), &read(&copy)?))
}

async fn blanked(copy: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(copy)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Memory)
        .pragma("secure_delete", "ON");
    let mut db = SqliteConnection::connect_with(&options).await?;
    for (table, blank) in [
        // Sealed, and their keys are in no backup: of no use there.
        ("counted", "DELETE FROM counted"),
        ("paper", "DELETE FROM paper"),
        // Who waits for the next window would be known by it in the bundle, and no meeting goes on from a backup.
        ("presence", "UPDATE presence SET window = x'ff' WHERE window > x'00'"),
    ] {
        // One that another version wrote has no such table.
        if schema::has_table(&mut db, table).await? {
            sqlx::query(blank).execute(&mut db).await?;
        }
    }
    db.close().await
}

async fn copied(from: &Path, copy: &Path) -> Result<(), BackupError> {
    let failed = |error: io::Error| BackupError::File(from.to_owned(), error);
    let mut db = connected(from).await?;
    schema::copied(&mut db, copy).await.map_err(failed)?;
    db.close().await.map_err(|error| failed(io::Error::other(error)))
}

/// The manifests in a copied office database.
async fn manifests(office: &Path) -> Result<Vec<Vec<u8>>, BackupError> {
    let mut db = connected(office).await?;
    let list = sqlx::query_scalar("SELECT manifest FROM meeting WHERE manifest IS NOT NULL").fetch_all(&mut db).await;
    let list = list.map_err(|error| BackupError::File(office.to_owned(), io::Error::other(error)))?;
    let _ = db.close().await;
    Ok(list)
}

pub(super) async fn connected(path: &Path) -> Result<SqliteConnection, BackupError> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
    let db = SqliteConnection::connect_with(&options).await;
    db.map_err(|error| BackupError::File(path.to_owned(), io::Error::other(error)))
}

/// A meeting's log as far as its signed head covers it, and what it adds up to; `None` if it has none.
///
/// The head is read first: entries are only ever added, so that they reach at least as far.
#[allow(clippy::type_complexity, reason = "two files and their meaning")]
fn log_of(data: &Path, manifest: &Manifest) -> Result<Option<([(String, Vec<u8>); 2], LogState)>, BackupError> {
    let name = hex(&manifest.meeting);
    let folder = data.join("log");
    let head_path = folder.join(format!("{name}.head"));
    if !head_path.is_file() {
        return Ok(None);
    }
    let head = read(&head_path)?;
    let entries = read(&folder.join(format!("{name}.entries")))?;
    let origin = manifest.origin("log");
    let signed = note::open(&head, &origin, &manifest.log_key).and_then(|text| note::parse_checkpoint(&text, &origin));
    let (size, root) = signed.map_err(|_| BackupError::Log(format!("{name}.head 的签名不对")))?;
    let covered = covered(&entries, size).ok_or_else(|| BackupError::Log(format!("{name}.entries 不足 {size} 条")))?;
    let log = Log::decode(manifest, covered).map_err(|error| BackupError::Log(error.to_string()))?;
    if log.size() != size || log.root() != root {
        return Err(BackupError::Log(format!("{name}.entries 的根不同")));
    }
    let files = [(format!("log/{name}.entries"), covered.to_vec()), (format!("log/{name}.head"), head)];
    Ok(Some((files, log.state().clone())))
}

/// The first `size` entries; what a write that is under way has added behind them is left out.
fn covered(entries: &[u8], size: u64) -> Option<&[u8]> {
    let mut rest = entries;
    for _ in 0..size {
        let mut reader = douxuan_crypto::bytes::Reader::new(rest);
        douxuan_crypto::log::Entry::read(&mut reader).ok()?;
        rest = &rest[rest.len() - reader.left()..];
    }
    Some(&entries[..entries.len() - rest.len()])
}

fn names(folder: &Path, meant: fn(&str) -> bool) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BackupError::File(folder.to_owned(), error)),
    };
    let files = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| meant(name));
    names.sort();
    Ok(names)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, BackupError> {
    fs::read(path).map_err(|error| BackupError::File(path.to_owned(), error))
}

fn put(to: &Path, path: String, content: &[u8]) -> Result<Kept, BackupError> {
    let target: PathBuf = to.join(&path);
    let failed = |error| BackupError::File(target.clone(), error);
    if let Some(folder) = target.parent() {
        disk::create_folder(folder).map_err(failed)?;
    }
    disk::write_new(&target, content).map_err(failed)?;
    Ok(Kept::of(path, content))
}
