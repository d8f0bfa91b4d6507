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
//!
//! Every store of this program opens its file here, and with the same settings: durable when a commit returns, and nothing
//! deleted stays readable.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::disk;

/// Why a database is not opened. The text says what to do.
#[derive(Debug)]
pub enum SchemaError {
    /// A newer program has written it.
    Newer {
        /// Where it lies.
        file: PathBuf,
        /// The form it has.
        found: i64,
        /// The newest form that this program knows.
        known: i64,
    },
    /// The file could not be made.
    Create(PathBuf, io::Error),
    /// Settings that durability rests on are not in force.
    Setting(PathBuf),
    /// The copy before bringing it forward could not be made.
    Copy(PathBuf, io::Error),
    /// The database refused.
    Database(PathBuf, sqlx::Error),
    /// The steps do not fit the file.
    Step(PathBuf, MigrateError),
}

impl SchemaError {
    /// What to do about a database that refuses: another program may have it, it may be no database any more, or the
    /// disk failed.
    fn way_out(error: &sqlx::Error) -> &'static str {
        let code = error.as_database_error().and_then(|error| error.code());
        // The primary code is the lowest byte of an extended one (sqlite.org/rescode.html).
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            // SQLITE_BUSY, SQLITE_LOCKED.
            Some(5 | 6) => "另有程序打开着这个文件：请关掉它，然后重新启动。",
            // SQLITE_CORRUPT, SQLITE_NOTADB.
            Some(11 | 26) => {
                "这个文件已经损坏：请不要删除，连同整个数据文件夹另存一份；再用 restore 把备份恢复到新的文件夹，用 --data 指定它。"
            }
            // SQLITE_FULL.
            Some(13) => "磁盘已满：请腾出空间，然后重新启动。",
            // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_AUTH.
            Some(3 | 8 | 14 | 23) => "请检查这个文件和它所在文件夹的权限，然后重新启动。",
            _ => "请检查磁盘，然后重新启动。",
        }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { file, found, known } => write!(
                f,
                "{} 是更新版本的豆选写的（结构 {found}，本程序只认识到 {known}）。请换用新版本的豆选，或用 --data 另指定一个文件夹；文件没有改动。",
                file.display()
            ),
            Self::Create(file, error) => {
                write!(f, "{} 不能建立：{error}。请检查磁盘和权限，然后重新启动。", file.display())
            }
            Self::Setting(file) => write!(
                f,
                "{} 的 WAL 与 synchronous=FULL 没有生效，不能保证落盘。请把数据文件夹换到本机磁盘上。",
                file.display()
            ),
            Self::Copy(file, error) => {
                write!(f, "升级前不能复制 {}（{error}）。请腾出磁盘空间，然后重新启动；文件没有改动。", file.display())
            }
            Self::Database(file, error) => {
                write!(f, "数据库 {} 出错：{error}。{}", file.display(), Self::way_out(error))
            }
            Self::Step(file, MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                write!(f, "数据库 {} 升级没有做完：{error}。{}", file.display(), Self::way_out(error))
            }
            Self::Step(file, error) => write!(
                f,
                "数据库 {} 的结构与本版本不符：{error}。请用写它的那个版本的豆选打开，或用 --data 另指定一个文件夹。",
                file.display()
            ),
        }
    }
}

impl std::error::Error for SchemaError {}

/// What becomes of the copy once the database is forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It stays beside the database.
    Stays,
    /// The same, and this table of an earlier version, of which no copy may exist, is emptied first.
    Without(&'static str),
    /// It is overwritten and removed.
    Goes,
}

/// Opens or creates a database in its newest form: write-ahead log, `synchronous=FULL`, deleted content overwritten.
///
/// # Errors
/// [`SchemaError`].
pub async fn open(path: &Path, steps: Migrator, copy: Copied) -> Result<SqliteConnection, SchemaError> {
    if !path.exists() {
        // SQLite gives its side files the mode of the database.
        disk::write_new(path, b"").map_err(|error| SchemaError::Create(path.to_owned(), error))?;
    }
    let refused = |error| SchemaError::Database(path.to_owned(), error);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .foreign_keys(true);
    let mut db = SqliteConnection::connect_with(&options).await.map_err(refused)?;
    bring_forward(&mut db, path, steps, copy).await?;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut db).await.map_err(refused)?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut db).await.map_err(refused)?;
    if journal == "wal" && synchronous == 2 { Ok(db) } else { Err(SchemaError::Setting(path.to_owned())) }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Brings the database behind `db`, which lies at `path`, to the newest form.
///
/// # Errors
/// [`SchemaError`]; after [`SchemaError::Newer`] and [`SchemaError::Copy`] nothing was changed.
async fn bring_forward(
    db: &mut SqliteConnection,
    path: &Path,
    steps: Migrator,
    copy: Copied,
) -> Result<(), SchemaError> {
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    let refused = |error| SchemaError::Database(path.to_owned(), error);
    let found = version(db).await.map_err(refused)?;
    if found > known {
        return Err(SchemaError::Newer { file: path.to_owned(), found, known });
    }
    let beside = path.with_file_name(format!("{}.before-{known}", name_of(path)));
    let failed = |error| SchemaError::Copy(path.to_owned(), error);
    if found > 0 && found < known {
        if let Copied::Without(table) = copy
            && has_table(db, table).await.map_err(refused)?
        {
            // The name is one of this program's own.
            let empty = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            sqlx::query(empty).execute(&mut *db).await.map_err(refused)?;
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *db).await.map_err(refused)?;
        }
        copied(db, &beside).await.map_err(failed)?;
    }
    steps.run_direct(None, db, false).await.map_err(|error| SchemaError::Step(path.to_owned(), error))?;
    if copy == Copied::Goes { disk::destroy(&beside).map_err(failed) } else { Ok(()) }
}

/// The form of a database: the number of the last step that was applied, 0 for a new file.
///
/// # Errors
/// Any of the database's.
pub async fn version(db: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    if !has_table(db, "_sqlx_migrations").await? {
        return Ok(0);
    }
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(&mut *db).await?;
    Ok(last.unwrap_or(0))
}

/// Whether there is a table of this name.
///
/// # Errors
/// Any of the database's.
pub async fn has_table(db: &mut SqliteConnection, name: &str) -> Result<bool, sqlx::Error> {
    let known = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
    let count: i64 = sqlx::query_scalar(known).bind(name).fetch_one(db).await?;
    Ok(count > 0)
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
    async fn what_no_copy_may_hold_is_in_none_when_an_older_file_is_brought_forward() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.db");
        let mut older = office();
        older.migrations = older.migrations.iter().filter(|step| step.version < 8).cloned().collect::<Vec<_>>().into();
        let mut db = open(&path, older, Copied::Stays).await.unwrap();
        let meeting =
            "INSERT INTO meeting (meeting, drill, status) VALUES (x'00112233445566778899aabbccddeeff', 0, 'frozen')";
        sqlx::query(meeting).execute(&mut db).await.unwrap();
        let paper = "INSERT INTO paper (meeting, item, round, entry) \
                     SELECT meeting, 1, 1, CAST('figures of papers' AS BLOB) FROM meeting";
        sqlx::query(paper).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        let holds = || {
            let files = std::fs::read_dir(folder.path()).unwrap().flatten();
            files
                .filter(|file| std::fs::read(file.path()).unwrap().windows(17).any(|w| w == b"figures of papers"))
                .count()
        };
        assert_eq!(holds(), 1);
        let mut db = open(&path, office(), Copied::Without("paper")).await.unwrap();
        assert_eq!(holds(), 0, "neither in the copy nor in the file");
        assert!(has_table(&mut db, "counted").await.unwrap() && !has_table(&mut db, "paper").await.unwrap());
        assert!(
            std::fs::read_dir(folder.path())
                .unwrap()
                .flatten()
                .any(|f| f.file_name().to_string_lossy().contains("before-"))
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
