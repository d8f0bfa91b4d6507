//! Bringing a backup back into an empty data folder.

use std::path::{Path, PathBuf};

use douxuan_crypto::{bytes::hex, hash::sha256};
use sqlx::{Connection, migrate::Migrator};

use super::{
    BackupError, FORM, Kept, LIST, List, is_digest, others_in,
    save::{connected, read},
};
use crate::{
    config::DataFolder,
    disk,
    schema::{self, SchemaError},
};

/// What came back.
#[derive(Debug)]
pub struct Restored {
    /// How many files.
    pub files: usize,
    /// Title-less count of meetings that were under way and cannot go on: their keys are in no backup.
    pub ended: u64,
}

/// Copies a backup into the empty data folder `data`. A meeting that was under way is let go: it is kept as a record and
/// cannot go on. A copied roll is put beside the data as `kept/roll.db`, for evidence: in its old place it would make
/// spent slips spendable.
///
/// # Errors
/// [`BackupError`]: the folder is held by a running server or not empty, the backup is not whole, or a newer program
/// made it. The data folder is then as it was.
pub async fn restore(from: &Path, data: &Path) -> Result<Restored, BackupError> {
    let list: List =
        serde_json::from_slice(&read(&from.join(LIST))?).map_err(|error| BackupError::List(error.to_string()))?;
    if list.douxuan_backup != FORM {
        return Err(BackupError::List(format!("形式 {}，本程序只认识 {FORM}", list.douxuan_backup)));
    }
    let folder = DataFolder::open(Some(data.to_owned())).map_err(BackupError::Folder)?;
    if others_in(folder.path())? {
        return Err(BackupError::NotEmpty(data.to_owned()));
    }
    // Everything is looked at before anything is written.
    let mut contents = Vec::with_capacity(list.files.len());
    for file in &list.files {
        let place = place(file)?;
        let content = read(&from.join(&file.path))?;
        if content.len() as u64 != file.bytes || hex(&sha256(&content)) != file.sha256 {
            return Err(BackupError::Changed(file.path.clone()));
        }
        contents.push((place, content));
    }
    if !list.files.iter().any(|file| file.path == "office.db") {
        return Err(BackupError::List("没有 office.db".to_owned()));
    }
    known(from, "office.db", &sqlx::migrate!("migrations/office")).await?;
    if list.files.iter().any(|file| file.path == "record.db") {
        known(from, "record.db", &sqlx::migrate!("migrations/record")).await?;
    }

    for (place, content) in &contents {
        let target = data.join(place);
        let failed = |error| BackupError::File(target.clone(), error);
        if let Some(above) = target.parent() {
            disk::create_folder(above).map_err(failed)?;
        }
        disk::write_new(&target, content).map_err(failed)?;
    }
    let ended = let_go(&data.join("office.db")).await?;
    drop(folder);
    Ok(Restored { files: contents.len(), ended })
}

/// Where a file of the backup goes. The names that a backup can hold are few, and no other is followed.
fn place(file: &Kept) -> Result<PathBuf, BackupError> {
    let plain = |name: &str, endings: &[&str]| {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && endings.contains(&ending)
    };
    match file.path.split_once('/') {
        None if matches!(file.path.as_str(), "office.db" | "record.db" | "record.head") => {
            Ok(file.path.as_str().into())
        }
        None if file.path == "roll.db" => Ok(Path::new("kept").join("roll.db")),
        Some(("log", name)) if plain(name, &["entries", "head"]) => Ok(Path::new("log").join(name)),
        Some(("bundles", name)) if plain(name, &["zip"]) => Ok(Path::new("bundles").join(name)),
        Some(("record", name)) if name.strip_prefix("files/").is_some_and(is_digest) => {
            Ok(Path::new("record").join(name))
        }
        _ => Err(BackupError::List(format!("清单里有不认识的文件 {}", file.path))),
    }
}

/// Refuses a database of a newer program before anything is written.
async fn known(from: &Path, file: &str, steps: &Migrator) -> Result<(), BackupError> {
    let file = from.join(file);
    let broken = |error| BackupError::Schema(SchemaError::Database(file.clone(), error));
    let mut db = connected(&file).await?;
    let found = schema::version(&mut db).await.map_err(broken)?;
    db.close().await.map_err(broken)?;
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    if found > known {
        return Err(BackupError::Schema(SchemaError::Newer { file, found, known }));
    }
    Ok(())
}

/// No meeting is current any more: its keys are not here.
async fn let_go(office: &Path) -> Result<u64, BackupError> {
    let broken = |error| BackupError::Schema(SchemaError::Database(office.to_owned(), error));
    let mut db = connected(office).await?;
    let under_way = "UPDATE meeting SET status = 'dropped' WHERE status IN ('freezing', 'frozen')";
    let ended = sqlx::query(under_way).execute(&mut db).await.map_err(broken)?.rows_affected();
    sqlx::query("UPDATE desk SET current = NULL").execute(&mut db).await.map_err(broken)?;
    db.close().await.map_err(broken)?;
    Ok(ended)
}
