//! office.db: what the office prepares, and which meeting is current.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL`. **Atomicity.** One method is one
//! transaction. **Who may call.** The desk, which lets one act run at a time.

use std::{fmt, path::Path};

use douxuan_crypto::{
    log::{Actor, Role},
    manifest::Report,
};
use sqlx::{
    Connection, QueryBuilder, Row, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{
    address::Printed,
    checkin::{self, Presence},
    roster::{Attendee, Official, Roster},
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
    /// The file could not be made.
    Disk(std::io::Error),
    /// The migrations do not fit the file.
    Migration(SchemaError),
    /// The server is shutting down.
    Closed,
    /// A row that this program never writes, or a setting that is not in force.
    Content(&'static str),
}

impl fmt::Display for OfficeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "会务库 office.db 出错：{error}"),
            Self::Disk(error) => write!(f, "会务库 office.db 不能建立：{error}"),
            Self::Migration(error) => error.fmt(f),
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
        if !path.exists() {
            // SQLite gives its side files the mode of the database.
            drop(disk::create_private(&path).map_err(OfficeError::Disk)?);
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .foreign_keys(true);
        let mut db = SqliteConnection::connect_with(&options).await?;
        let steps = sqlx::migrate!("migrations/office");
        schema::bring_forward(&mut db, &path, steps, Copied::Stays).await.map_err(OfficeError::Migration)?;
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut db).await?;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut db).await?;
        if journal != "wal" || synchronous != 2 {
            return Err(OfficeError::Content("WAL 与 synchronous=FULL 没有生效"));
        }
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

    /// The roster; empty lists before the first import.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn roster(&self) -> Result<Roster, OfficeError> {
        let mut db = self.db().await?;
        let rows =
            sqlx::query("SELECT name, category, unit, post FROM attendee ORDER BY number").fetch_all(&mut *db).await?;
        let attendees = rows.iter().map(|row| Attendee {
            name: row.get("name"),
            category: row.get("category"),
            unit: row.get("unit"),
            post: row.get("post"),
        });
        let attendees = attendees.collect();
        let rows = sqlx::query("SELECT name, unit, post, report, attendee FROM official ORDER BY number")
            .fetch_all(&mut *db)
            .await?;
        let officials = rows.iter().map(|row| {
            let attendee = row.get::<Option<i64>, _>("attendee").map(usize::try_from).transpose();
            Ok(Official {
                name: row.get("name"),
                unit: row.get("unit"),
                post: row.get("post"),
                report: if row.get::<String, _>("report") == "oral" { Report::Oral } else { Report::Written },
                attendee: attendee.map_err(|_| OfficeError::Content("述职对象"))?,
            })
        });
        Ok(Roster { attendees, officials: officials.collect::<Result<_, OfficeError>>()? })
    }

    /// Puts a roster in place of the one before.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn keep_roster(&self, roster: &Roster) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        sqlx::query("DELETE FROM official").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM attendee").execute(&mut *tx).await?;
        if !roster.attendees.is_empty() {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO attendee (number, name, category, unit, post) ");
            insert.push_values((0i64..).zip(&roster.attendees), |mut row, (number, attendee)| {
                row.push_bind(number)
                    .push_bind(attendee.name.as_str())
                    .push_bind(attendee.category.as_str())
                    .push_bind(attendee.unit.as_str())
                    .push_bind(attendee.post.as_str());
            });
            insert.build().execute(&mut *tx).await?;
        }
        if !roster.officials.is_empty() {
            let mut insert =
                QueryBuilder::<Sqlite>::new("INSERT INTO official (number, name, unit, post, report, attendee) ");
            insert.push_values((0i64..).zip(&roster.officials), |mut row, (number, official)| {
                row.push_bind(number)
                    .push_bind(official.name.as_str())
                    .push_bind(official.unit.as_str())
                    .push_bind(official.post.as_str())
                    .push_bind(if official.report == Report::Oral { "oral" } else { "written" })
                    .push_bind(official.attendee.and_then(|at| i64::try_from(at).ok()));
            });
            insert.build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
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
        sqlx::query("DELETE FROM paper").execute(&mut *tx).await?;
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
        sqlx::query("DELETE FROM paper").execute(&mut *tx).await?;
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

    /// Remembers who stands behind the ids in the log, and that these are the people who act now.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn keep_actors(&self, meeting: &[u8; 16], people: &[(Actor, &str)]) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        sqlx::query("DELETE FROM acting").execute(&mut *tx).await?;
        for (place, (actor, account)) in (0i64..).zip(people) {
            let (id, role) = (actor.id.as_slice(), role_word(actor.role));
            sqlx::query("INSERT INTO actor (meeting, id, role, account) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(meeting.as_slice())
                .bind(id)
                .bind(role)
                .bind(*account)
                .execute(&mut *tx)
                .await?;
            sqlx::query("INSERT INTO acting (meeting, place, role, id) VALUES (?, ?, ?, ?)")
                .bind(meeting.as_slice())
                .bind(place)
                .bind(role)
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Who did the last act that was begun; nobody if none was.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn last_actors(&self, meeting: &[u8; 16]) -> Result<Vec<Actor>, OfficeError> {
        let mut db = self.db().await?;
        let rows = sqlx::query("SELECT role, id FROM acting WHERE meeting = ? ORDER BY place");
        let rows = rows.bind(meeting.as_slice()).fetch_all(&mut *db).await?;
        let wrong = || OfficeError::Content("操作人");
        let actor = |row: &SqliteRow| {
            let (word, id): (String, Vec<u8>) = (row.get("role"), row.get("id"));
            let role = ROLES.into_iter().find(|role| role_word(*role) == word).ok_or_else(wrong)?;
            Ok(Actor { role, id: id.try_into().map_err(|_| wrong())? })
        };
        rows.iter().map(actor).collect()
    }
}

const ROLES: [Role; 4] = [Role::Office, Role::Chair, Role::Scrutineer, Role::Teller];

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Office => "office",
        Role::Chair => "chair",
        Role::Scrutineer => "scrutineer",
        Role::Teller => "teller",
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
