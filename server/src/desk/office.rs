//! office.db: what the office prepares, and which meeting is current.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL`. **Atomicity.** One method is one
//! transaction. **Who may call.** The desk, which lets one act run at a time.

mod actors;
mod roster;

use std::{fmt, path::Path};

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{
    address::Printed,
    checkin::{self, Presence},
    settings::Settings,
};
use crate::{
    disk,
    schema::{self, Copied, SchemaError},
};

/// Why the office's database could not be read or written.
#[derive(Debug)]
pub enum OfficeError {
    /// The database refused.
    Database(sqlx::Error),
    /// What a killed backup left could not be destroyed.
    Disk(std::io::Error),
    /// The file could not be opened as it must be.
    Schema(SchemaError),
    /// The server is shutting down.
    Closed,
    /// A row that this program never writes.
    Content(&'static str),
}

impl fmt::Display for OfficeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "会务库 office.db 出错：{error}"),
            Self::Disk(error) => write!(f, "没有做完的备份 office.db.saving 不能销毁：{error}"),
            Self::Schema(error) => error.fmt(f),
            Self::Closed => f.write_str("服务器正在退出"),
            Self::Content(what) => write!(f, "会务库 office.db 的内容不对：{what}"),
        }
    }
}

impl std::error::Error for OfficeError {}

impl From<sqlx::Error> for OfficeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// A meeting as the office knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownMeeting {
    /// Meeting id.
    pub meeting: [u8; 16],
    /// Exact bytes of the manifest; `None` if freezing was cut short.
    pub manifest: Option<Vec<u8>>,
    /// A drill.
    pub drill: bool,
    /// Archived: its log is complete.
    pub archived: bool,
    /// What its slips say; `None` for one that was frozen before this was kept.
    pub printed: Option<Printed>,
}

/// The open database.
pub(crate) struct Office(Mutex<Option<SqliteConnection>>);

impl Office {
    /// Opens or creates `office.db` in the folder.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn open(folder: &Path) -> Result<Self, OfficeError> {
        let path = folder.join("office.db");
        // A backup that was killed leaves its half-made copy, which knows what is forgotten here.
        for left in ["office.db.saving", "office.db.copying"] {
            disk::destroy(&folder.join(left)).map_err(OfficeError::Disk)?;
        }
        let steps = sqlx::migrate!("migrations/office");
        let db = schema::open(&path, steps, Copied::Without("paper")).await.map_err(OfficeError::Schema)?;
        Ok(Self(Mutex::new(Some(db))))
    }

    /// Closes the database; what its write-ahead log holds goes into the file.
    pub(crate) async fn close(&self) {
        if let Some(db) = self.0.lock().await.take() {
            let _ = db.close().await;
        }
    }

    pub(super) async fn db(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, OfficeError> {
        MutexGuard::try_map(self.0.lock().await, Option::as_mut).map_err(|_| OfficeError::Closed)
    }

    /// The settings, if any were made.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn settings(&self) -> Result<Option<Settings>, OfficeError> {
        let mut db = self.db().await?;
        let text: Option<String> = sqlx::query_scalar("SELECT settings FROM desk").fetch_one(&mut *db).await?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| OfficeError::Content("会议设置"))).transpose()
    }

    /// What is wrong with the database itself.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn faults(&self) -> Result<Vec<String>, OfficeError> {
        let mut db = self.db().await?;
        Ok(schema::faults(&mut db).await?)
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn keep_settings(&self, settings: &Settings) -> Result<(), OfficeError> {
        let text = serde_json::to_string(settings).map_err(|_| OfficeError::Content("会议设置"))?;
        let mut db = self.db().await?;
        sqlx::query("UPDATE desk SET settings = ?").bind(text).execute(&mut *db).await?;
        Ok(())
    }

    /// The current meeting.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn current(&self) -> Result<Option<KnownMeeting>, OfficeError> {
        let mut db = self.db().await?;
        let row = sqlx::query(
            "SELECT meeting, manifest, drill, status, host, port, listened, secure FROM meeting \
             WHERE meeting = (SELECT current FROM desk)",
        )
        .fetch_optional(&mut *db)
        .await?;
        row.map(|row| {
            let meeting: Vec<u8> = row.get("meeting");
            Ok(KnownMeeting {
                meeting: meeting.try_into().map_err(|_| OfficeError::Content("会议编号"))?,
                manifest: row.get("manifest"),
                drill: row.get::<i64, _>("drill") != 0,
                archived: row.get::<String, _>("status") == "archived",
                printed: printed(&row)?,
            })
        })
        .transpose()
    }

    /// Begins to freeze a meeting: from here on its id is taken, and a crash gives it up.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn begin_freezing(
        &self,
        meeting: &[u8; 16],
        drill: bool,
        printed: &Printed,
    ) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        sqlx::query(
            "INSERT INTO meeting (meeting, drill, status, host, port, listened, secure) VALUES (?, ?, 'freezing', ?, ?, ?, ?)",
        )
        .bind(meeting.as_slice())
        .bind(i64::from(drill))
        .bind(printed.host.as_str())
        .bind(i64::from(printed.port))
        .bind(i64::from(printed.listened))
        .bind(printed.secure)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE desk SET current = ?").bind(meeting.as_slice()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The meeting is frozen; its slips are in memory and its keys on disk. `here` is where everybody on the roster is, in
    /// its order; whom it does not reach is absent.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn frozen(
        &self,
        meeting: &[u8; 16],
        manifest: &[u8],
        here: &[Presence],
    ) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        sqlx::query("UPDATE meeting SET manifest = ?, status = 'frozen' WHERE meeting = ?")
            .bind(manifest)
            .bind(meeting.as_slice())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM counted").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM presence").execute(&mut *tx).await?;
        sqlx::query(
            "INSERT INTO presence (number, state, window) SELECT number, 'a', x'00' FROM attendee ORDER BY number",
        )
        .execute(&mut *tx)
        .await?;
        for (at, presence) in here.iter().enumerate() {
            checkin::put(&mut tx, at, *presence).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The meeting's log is complete.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn archived(&self, meeting: &[u8; 16]) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("UPDATE meeting SET status = 'archived' WHERE meeting = ?")
            .bind(meeting.as_slice())
            .execute(&mut *db)
            .await?;
        Ok(())
    }

    /// No meeting is current any more; one that was not archived is given up. Who was here is forgotten.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn let_go(&self) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        sqlx::query(
            "UPDATE meeting SET status = 'dropped' WHERE meeting = (SELECT current FROM desk) AND status <> 'archived'",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE desk SET current = NULL").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM counted").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM presence").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ids of the meetings that were given up.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn dropped(&self) -> Result<Vec<[u8; 16]>, OfficeError> {
        let mut db = self.db().await?;
        let ids: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT meeting FROM meeting WHERE status = 'dropped'").fetch_all(&mut *db).await?;
        ids.into_iter().map(|id| id.try_into().map_err(|_| OfficeError::Content("会议编号"))).collect()
    }
}

fn printed(row: &SqliteRow) -> Result<Option<Printed>, OfficeError> {
    let port = |column: &str| row.get::<Option<i64>, _>(column).map(u16::try_from).transpose();
    let wrong = |_| OfficeError::Content("票纸上的地址");
    let (host, port, listened): (Option<String>, _, _) =
        (row.get("host"), port("port").map_err(wrong)?, port("listened").map_err(wrong)?);
    let secure = row.get("secure");
    Ok(host.zip(port).zip(listened).map(|((host, port), listened)| Printed { host, port, listened, secure }))
}
