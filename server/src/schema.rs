//! Bringing a database to the form that this version writes: forward only, and only after a copy.
//!
//! | the file is | what is done |
//! |---|---|
//! | new | made |
//! | of this version | nothing |
//! | older | copied beside itself (`office.db.before-2`), then brought forward |
//! | newer | refused: an older program would overlook what it does not know |
//!
//! The urn's copy is destroyed as soon as the urn is forward: it would keep totals that a void erases later.

use std::{fmt, io, path::Path};

use sqlx::{SqliteConnection, migrate::Migrator};

use crate::disk;

/// Why a database is not opened. The text says what to do.
#[derive(Debug)]
pub enum SchemaError {
    /// A newer program has written it.
    Newer {
        /// The file's name.
        file: String,
        /// The form it has.
        found: i64,
        /// The newest form that this program knows.
        known: i64,
    },
    /// The copy before bringing it forward could not be made.
    Copy(String, io::Error),
    /// The database refused.
    Database(sqlx::Error),
    /// The steps do not fit the file.
    Step(sqlx::migrate::MigrateError),
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { file, found, known } => write!(
                f,
                "{file} 是更新版本的豆选写的（结构 {found}，本程序只认识到 {known}）。请换用新版本的豆选，或用 --data 另指定一个文件夹；文件没有改动。"
            ),
            Self::Copy(file, error) => {
                write!(f, "升级前不能复制 {file}（{error}）。请腾出磁盘空间，然后重新启动；文件没有改动。")
            }
            Self::Database(error) => write!(f, "数据库出错：{error}。请检查磁盘，然后重新启动。"),
            Self::Step(error) => write!(f, "数据库的结构与本版本不符：{error}。请用写它的那个版本打开。"),
        }
    }
}

impl std::error::Error for SchemaError {}

/// What becomes of the copy once the database is forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It stays beside the database.
    Stays,
    /// It is overwritten and removed.
    Goes,
}

/// Brings the database behind `db`, which lies at `path`, to the newest form.
///
/// # Errors
/// [`SchemaError`]; after [`SchemaError::Newer`] and [`SchemaError::Copy`] nothing was changed.
pub async fn bring_forward(
    db: &mut SqliteConnection,
    path: &Path,
    steps: Migrator,
    copy: Copied,
) -> Result<(), SchemaError> {
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    let found = version(db).await.map_err(SchemaError::Database)?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if found > known {
        return Err(SchemaError::Newer { file, found, known });
    }
    let beside = path.with_file_name(format!("{file}.before-{known}"));
    let failed = |error| SchemaError::Copy(file.clone(), error);
    if found > 0 && found < known {
        copied(db, &beside).await.map_err(failed)?;
    }
    steps.run_direct(None, db, false).await.map_err(SchemaError::Step)?;
    if copy == Copied::Goes { disk::destroy(&beside).map_err(failed) } else { Ok(()) }
}

/// The form of a database: the number of the last step that was applied, 0 for a new file.
///
/// # Errors
/// Any of the database's.
pub async fn version(db: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let table = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
    let exists: i64 = sqlx::query_scalar(table).fetch_one(&mut *db).await?;
    if exists == 0 {
        return Ok(0);
    }
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(&mut *db).await?;
    Ok(last.unwrap_or(0))
}

/// What the database finds wrong with itself, at most ten things; nothing for a sound one. Reads all of it.
///
/// # Errors
/// Any of the database's: one that cannot even be read through.
pub async fn faults(db: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let mut found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(10)").fetch_all(db).await?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// A copy of the whole database as it is now, durable when this returns. One that a failed attempt left is replaced.
///
/// # Errors
/// Any of the file system's or the database's.
pub async fn copied(db: &mut SqliteConnection, to: &Path) -> io::Result<()> {
    let fresh = to.with_extension("copying");
    disk::remove_if_there(&fresh)?;
    // The database keeps the mode of a file that is there, and takes an empty one for its own.
    drop(disk::create_private(&fresh)?);
    let name = fresh.to_str().ok_or_else(|| io::Error::other("the folder's name is not text"))?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(db).await.map_err(io::Error::other)?;
    std::fs::OpenOptions::new().write(true).open(&fresh)?.sync_all()?;
    disk::rename(&fresh, to)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use sqlx::{Connection, sqlite::SqliteConnectOptions};

    use super::*;

    async fn database(path: &Path) -> SqliteConnection {
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true))
            .await
            .unwrap()
    }

    fn office() -> Migrator {
        sqlx::migrate!("migrations/office")
    }

    #[tokio::test]
    async fn an_older_file_is_copied_and_brought_forward_with_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.db");
        let mut db = database(&path).await;
        let mut first = office();
        first.migrations = first.migrations.iter().filter(|step| step.version == 1).cloned().collect::<Vec<_>>().into();
        first.run_direct(None, &mut db, false).await.unwrap();
        sqlx::query("UPDATE desk SET settings = 'kept'").execute(&mut db).await.unwrap();

        bring_forward(&mut db, &path, office(), Copied::Stays).await.unwrap();
        let known = office().iter().map(|step| step.version).max().unwrap();
        assert_eq!(version(&mut db).await.unwrap(), known);
        let settings: String = sqlx::query_scalar("SELECT settings FROM desk").fetch_one(&mut db).await.unwrap();
        assert_eq!(settings, "kept");
        let mut copy = database(&folder.path().join(format!("office.db.before-{known}"))).await;
        assert_eq!(version(&mut copy).await.unwrap(), 1);
        let settings: String = sqlx::query_scalar("SELECT settings FROM desk").fetch_one(&mut copy).await.unwrap();
        assert_eq!(settings, "kept");
        // Again: nothing to do, and no further copy.
        bring_forward(&mut db, &path, office(), Copied::Stays).await.unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path())
                .unwrap()
                .flatten()
                .filter(|f| f.file_name().to_string_lossy().contains("before"))
                .count(),
            1
        );
    }

    #[tokio::test]
    async fn a_newer_file_is_refused_by_name_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.db");
        let mut db = database(&path).await;
        bring_forward(&mut db, &path, office(), Copied::Stays).await.unwrap();
        assert!(!folder.path().join("office.db.before-1").exists(), "a new file needs no copy");
        sqlx::query("UPDATE _sqlx_migrations SET version = 999 WHERE version = 1").execute(&mut db).await.unwrap();
        let refused = bring_forward(&mut db, &path, office(), Copied::Stays).await.unwrap_err();
        assert!(matches!(refused, SchemaError::Newer { found: 999, .. }), "{refused}");
        assert!(refused.to_string().contains("office.db") && refused.to_string().contains("999"), "{refused}");
    }
}
