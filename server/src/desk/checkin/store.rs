//! Table `presence` of office.db. Rows are written over in place, and the write-ahead log, which has pages in the order
//! in which they were written, is emptied after every change.

use sqlx::{Connection, Row, SqliteConnection};

use super::presence::{Presence, Since};
use crate::desk::office::{Office, OfficeError};

impl Office {
    /// Where everybody is, in the order of the roster; empty unless a meeting is frozen.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(in crate::desk) async fn presence(&self) -> Result<Vec<Presence>, OfficeError> {
        let mut db = self.db().await?;
        let rows = sqlx::query("SELECT state, window FROM presence ORDER BY number").fetch_all(&mut *db).await?;
        let presence = |row: &sqlx::sqlite::SqliteRow| {
            let (state, window): (String, Vec<u8>) = (row.get("state"), row.get("window"));
            match (state.as_str(), window.as_slice()) {
                ("a", [0]) => Ok(Presence::Absent),
                ("h", [byte]) if *byte > 0 => Ok(Presence::Here(Since::of_byte(*byte))),
                ("l", [byte]) if *byte > 0 => Ok(Presence::Left(Since::of_byte(*byte))),
                _ => Err(OfficeError::Content("报到")),
            }
        };
        rows.iter().map(presence).collect()
    }

    /// Keeps where some of them are; positions count from 0.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(super) async fn keep_presence(&self, changes: &[(usize, Presence)]) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let mut tx = db.begin().await?;
        for (at, presence) in changes {
            put(&mut tx, *at, *presence).await?;
        }
        tx.commit().await?;
        empty_log(&mut db).await
    }

    /// Forgets who counted in which of the first `closed` windows. A second call changes nothing.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(in crate::desk) async fn forget_windows(&self, closed: u8) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("UPDATE presence SET window = ? WHERE window > x'00' AND window <= ?")
            .bind([Since::COUNTED].as_slice())
            .bind([closed].as_slice())
            .execute(&mut *db)
            .await?;
        empty_log(&mut db).await
    }
}

/// Writes one row of [`Office::keep_presence`].
pub(in crate::desk) async fn put(db: &mut SqliteConnection, at: usize, presence: Presence) -> Result<(), OfficeError> {
    let (state, window) = match presence {
        Presence::Absent => ("a", 0),
        Presence::Here(since) => ("h", since.byte()),
        Presence::Left(since) => ("l", since.byte()),
    };
    sqlx::query("UPDATE presence SET state = ?, window = ? WHERE number = ?")
        .bind(state)
        .bind([window].as_slice())
        .bind(i64::try_from(at).map_err(|_| OfficeError::Content("报到"))?)
        .execute(db)
        .await?;
    Ok(())
}

/// Without effect while another connection reads; then the next change does it.
async fn empty_log(db: &mut SqliteConnection) -> Result<(), OfficeError> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(db).await?;
    Ok(())
}
