//! urn.db: where each contest stands, and the boards of closed ones. Never an opening, never a ballot of an open
//! contest, never a time.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL`. **Atomicity.** One method is one
//! transaction. **Who may call.** The acts of the urn, one at a time; there is no second connection.

use std::path::{Path, PathBuf};

use douxuan_crypto::{contest::Contest, log::Actor};
use sqlx::{Connection, Row, SqliteConnection};
use zeroize::Zeroizing;

use super::{
    failure::StoreError,
    marks::{BoardRow, ContestRow, read_contest},
};
use crate::{
    board::actors,
    disk, failpoint,
    schema::{self, Copied},
};

/// The open database.
pub(super) struct Store {
    path: PathBuf,
    /// `None` only between the two halves of a rebuild, or if reopening failed then.
    db: Option<SqliteConnection>,
}

impl Store {
    /// Opens or creates `urn.db` in the data folder.
    pub(super) async fn open(data: &Path) -> Result<Self, StoreError> {
        let mut store = Self { path: data.join("urn.db"), db: None };
        store.db().await?;
        Ok(store)
    }

    async fn db(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if self.db.is_none() {
            self.db = Some(schema::open(&self.path, sqlx::migrate!("migrations/urn"), Copied::Goes).await?);
        }
        self.db.as_mut().ok_or(StoreError::Content("no connection"))
    }

    /// What is wrong with the database itself. Reads all of it.
    pub(super) async fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(schema::faults(self.db().await?).await?)
    }

    /// Every contest of a meeting that was opened.
    pub(super) async fn contests(&mut self, meeting: &[u8; 16]) -> Result<Vec<ContestRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM contest WHERE meeting = ? ORDER BY item, round")
            .bind(meeting.as_slice())
            .fetch_all(self.db().await?)
            .await?;
        rows.iter().map(read_contest).collect()
    }

    /// One contest's row; `None` if it was never opened.
    pub(super) async fn contest(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
    ) -> Result<Option<ContestRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM contest WHERE meeting = ? AND item = ? AND round = ?")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .fetch_optional(self.db().await?)
            .await?;
        row.as_ref().map(read_contest).transpose()
    }

    /// Whether another meeting has a contest whose ballots are still in a spool.
    pub(super) async fn has_open_elsewhere(&mut self, meeting: &[u8; 16]) -> Result<bool, StoreError> {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM contest WHERE meeting <> ? AND phase IN ('open', 'closing', 'destroying')",
        )
        .bind(meeting.as_slice())
        .fetch_one(self.db().await?)
        .await?;
        Ok(open > 0)
    }

    /// A contest opens.
    pub(super) async fn set_open(&mut self, meeting: &[u8; 16], row: &ContestRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO contest (meeting, item, round, phase, window, issued, live, opened_by) \
             VALUES (?, ?, ?, 'open', ?, ?, ?, ?)",
        )
        .bind(meeting.as_slice())
        .bind(row.contest.item)
        .bind(row.contest.round)
        .bind(row.window)
        .bind(row.issued)
        .bind(row.live)
        .bind(actors::encode(&row.opened_by))
        .execute(self.db().await?)
        .await?;
        Ok(())
    }

    /// Takes back [`Store::set_open`], for a contest that never took a ballot and is not in the log.
    pub(super) async fn unset_open(&mut self, meeting: &[u8; 16], contest: Contest) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM contest WHERE meeting = ? AND item = ? AND round = ? AND phase = 'open'")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(self.db().await?)
            .await?;
        exactly_one(done.rows_affected())
    }

    /// Step 1 of the close.
    pub(super) async fn set_closing(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
        by: &[Actor],
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE contest SET phase = 'closing', closed_by = ? \
             WHERE meeting = ? AND item = ? AND round = ? AND phase = 'open'",
        )
        .bind(actors::encode(by))
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(self.db().await?)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// Step 4 of the close: the board and the phase, together.
    pub(super) async fn set_closed(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
        board: &BoardRow,
    ) -> Result<(), StoreError> {
        let mut tx = self.db().await?.begin().await?;
        sqlx::query(
            "INSERT INTO board (meeting, item, round, size, root, checkpoint, entries, proofs, tally) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .bind(board.size)
        .bind(board.root.as_slice())
        .bind(board.checkpoint.as_bytes())
        .bind(board.entries.as_slice())
        .bind(board.proofs.as_slice())
        .bind(board.tally.as_ref().map(|t| t.as_slice()))
        .execute(&mut *tx)
        .await?;
        let done = sqlx::query(
            "UPDATE contest SET phase = 'closed' WHERE meeting = ? AND item = ? AND round = ? AND phase = 'closing'",
        )
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(&mut *tx)
        .await?;
        exactly_one(done.rows_affected())?;
        tx.commit().await?;
        Ok(())
    }

    /// A closed contest's board.
    pub(super) async fn board(&mut self, meeting: &[u8; 16], contest: Contest) -> Result<BoardRow, StoreError> {
        let row = sqlx::query("SELECT * FROM board WHERE meeting = ? AND item = ? AND round = ?")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .fetch_optional(self.db().await?)
            .await?
            .ok_or(StoreError::Content("a closed contest has no board"))?;
        let checkpoint: Vec<u8> = row.try_get("checkpoint")?;
        Ok(BoardRow {
            size: row.try_get("size")?,
            root: row.try_get::<Vec<u8>, _>("root")?.try_into().map_err(|_| StoreError::Content("root"))?,
            checkpoint: String::from_utf8(checkpoint).map_err(|_| StoreError::Content("checkpoint"))?,
            entries: row.try_get("entries")?,
            proofs: row.try_get("proofs")?,
            tally: row.try_get::<Option<Vec<u8>>, _>("tally")?.map(Zeroizing::new),
        })
    }

    /// Step 9: published, or withheld where there are no figures.
    pub(super) async fn set_published(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
        withheld: bool,
        by: &[Actor],
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE contest SET phase = iif(?, 'withheld', 'published'), published_by = ? \
             WHERE meeting = ? AND item = ? AND round = ? AND phase = 'closed'",
        )
        .bind(withheld)
        .bind(actors::encode(by))
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(self.db().await?)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// A round is void. What was not published is erased with the same transaction; the rebuild follows.
    pub(super) async fn set_voided(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
        by: &[Actor],
    ) -> Result<(), StoreError> {
        let mut tx = self.db().await?.begin().await?;
        let done = sqlx::query(
            "UPDATE contest SET phase = 'voided', voided_by = ?, rebuilt = 0 \
             WHERE meeting = ? AND item = ? AND round = ? AND phase IN ('closed', 'published', 'withheld')",
        )
        .bind(actors::encode(by))
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(&mut *tx)
        .await?;
        exactly_one(done.rows_affected())?;
        sqlx::query(
            "UPDATE board SET tally = NULL WHERE meeting = ?1 AND item = ?2 AND round = ?3 AND EXISTS \
             (SELECT 1 FROM contest WHERE meeting = ?1 AND item = ?2 AND round = ?3 AND published_by IS NULL)",
        )
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The rehearsal is being destroyed.
    pub(super) async fn set_destroying(
        &mut self,
        meeting: &[u8; 16],
        contest: Contest,
        by: &[Actor],
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE contest SET phase = 'destroying', closed_by = ? \
             WHERE meeting = ? AND item = ? AND round = ? AND phase = 'open'",
        )
        .bind(actors::encode(by))
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(self.db().await?)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// The rehearsal is gone.
    pub(super) async fn set_destroyed(&mut self, meeting: &[u8; 16], contest: Contest) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE contest SET phase = 'destroyed' \
             WHERE meeting = ? AND item = ? AND round = ? AND phase = 'destroying'",
        )
        .bind(meeting.as_slice())
        .bind(contest.item)
        .bind(contest.round)
        .execute(self.db().await?)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// The rebuild that a contest's erasure asked for is done.
    pub(super) async fn set_rebuilt(&mut self, meeting: &[u8; 16], contest: Contest) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE contest SET rebuilt = 1 WHERE meeting = ? AND item = ? AND round = ?")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(self.db().await?)
            .await?;
        exactly_one(done.rows_affected())
    }

    /// Copies what is valid into a new file and lets go of the old one with its log, so that nothing erased survives
    /// in a free page, a cell gap or the write-ahead log.
    ///
    /// A crash before the rename leaves the old file, after it the new one. The old write-ahead log is gone before
    /// the new file takes its name: SQLite would otherwise play it into a file it does not belong to.
    pub(super) async fn rebuild(&mut self) -> Result<(), StoreError> {
        let fresh = disk::beside(&self.path, "new");
        disk::remove_if_there(&fresh)?;
        drop(disk::create_private(&fresh)?);
        let name = fresh.to_str().ok_or(StoreError::Content("the data folder's name is not Unicode"))?.to_owned();
        let db = self.db().await?;
        sqlx::query("VACUUM INTO ?").bind(name).execute(&mut *db).await?;
        std::fs::OpenOptions::new().write(true).open(&fresh)?.sync_all()?;

        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *db).await?;
        if let Some(db) = self.db.take() {
            db.close().await?;
        }
        for suffix in ["-wal", "-shm"] {
            let mut path = self.path.as_os_str().to_owned();
            path.push(suffix);
            disk::remove_if_there(Path::new(&path))?;
        }
        disk::sync_parent(&self.path)?;
        failpoint::hit("rebuild.before_rename");
        disk::rename(&fresh, &self.path)?;
        failpoint::hit("rebuild.rename");
        self.db().await?;
        Ok(())
    }
}

fn exactly_one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Content("a contest does not stand where it should")) }
}
