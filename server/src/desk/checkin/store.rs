//! Table `presence` of office.db. Rows are written over in place, and the write-ahead log, which has pages in the order
//! in which they were written, is emptied after every change.

use sqlx::{Connection, Row};

use super::Presence;
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
                ("h", [window]) if *window > 0 => Ok(Presence::Here { window: *window }),
                ("l", [window]) if *window > 0 => Ok(Presence::Left { window: *window }),
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
            let (state, window) = match presence {
                Presence::Absent => ("a", 0),
                Presence::Here { window } => ("h", *window),
                Presence::Left { window } => ("l", *window),
            };
            sqlx::query("UPDATE presence SET state = ?, window = ? WHERE number = ?")
                .bind(state)
                .bind([window].as_slice())
                .bind(i64::try_from(*at).map_err(|_| OfficeError::Content("报到"))?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        // Without effect while another connection reads; then the next change does it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *db).await?;
        Ok(())
    }
}
