//! roll.db: who may vote and who has enrolled.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL` and has raised the high-water
//! file; nothing is acknowledged before. **Atomicity.** One method is one transaction. **Who may call.** The one
//! clerk task ([`super::clerk`]) owns the store; there is no second writer.
//!
//! An error other than a full disk leaves the store in an unknown state: the clerk then stops taking enrolments.

use std::{fmt, path::Path, sync::Arc};

use douxuan_crypto::{
    log::Reason,
    manifest::{Manifest, ManifestError},
    merkle::Hash,
    token::{Mask, TokenLeaf},
};
use sqlx::{Connection, QueryBuilder, Row, Sqlite, SqliteConnection};

use super::{
    highwater::{HighWater, HighWaterError},
    ledger::{Ledger, Redeemed, Voided, Window},
};
use crate::{
    failpoint,
    schema::{self, Copied, SchemaError},
};

/// Why the roll could not read or write.
#[derive(Debug)]
pub enum StoreError {
    /// The database refused.
    Database(sqlx::Error),
    /// The file could not be opened as it must be.
    Schema(SchemaError),
    /// A row that this program never writes.
    Content(&'static str),
    /// The stored manifest does not parse.
    Manifest(ManifestError),
    /// The high-water file.
    HighWater(HighWaterError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "登记库 roll.db 出错：{error}"),
            Self::Schema(error) => error.fmt(f),
            Self::Content(what) => write!(f, "登记库 roll.db 的内容不对：{what}"),
            Self::Manifest(error) => write!(f, "登记库 roll.db 中的会议文件不对：{error}"),
            Self::HighWater(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SchemaError> for StoreError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl From<HighWaterError> for StoreError {
    fn from(error: HighWaterError) -> Self {
        Self::HighWater(error)
    }
}

impl StoreError {
    /// True if freeing space mends it: the transaction was rolled back and nothing is lost.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some("13"))
    }
}

/// The open database and its high-water file.
pub(super) struct Store {
    db: SqliteConnection,
    high_water: HighWater,
    generation: u64,
}

impl Store {
    /// Opens or creates `roll.db` and `roll.highwater` in the folder, and reads the current meeting.
    ///
    /// # Errors
    /// [`StoreError`]; in particular a roll that is older than its high-water file is refused.
    pub(super) async fn open(folder: &Path) -> Result<(Self, Option<Ledger>), StoreError> {
        let path = folder.join("roll.db");
        let mut db = schema::open(&path, sqlx::migrate!("migrations/roll"), Copied::Stays).await?;
        let generation: i64 = sqlx::query_scalar("SELECT generation FROM state").fetch_one(&mut db).await?;
        let generation = u64::try_from(generation).map_err(|_| StoreError::Content("generation"))?;
        let high_water = HighWater::open(&folder.join("roll.highwater"), generation)?;
        let ledger = load(&mut db).await?;
        Ok((Self { db, high_water, generation }, ledger))
    }

    /// What is wrong with the database itself. Reads all of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(schema::faults(&mut self.db).await?)
    }

    /// Makes a frozen meeting the current one. The same meeting again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn prepare(&mut self, manifest: &Manifest, leaves: &[TokenLeaf]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM meeting WHERE m = ?")
            .bind(manifest.id.as_slice())
            .fetch_one(&mut *tx)
            .await?;
        if known == 0 {
            sqlx::query("INSERT INTO meeting (m, manifest) VALUES (?, ?)")
                .bind(manifest.id.as_slice())
                .bind(manifest.bytes.as_slice())
                .execute(&mut *tx)
                .await?;
            for part in leaves.chunks(256) {
                let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO leaf (m, t, mask) ");
                insert.push_values(part, |mut row, leaf| {
                    row.push_bind(manifest.id.as_slice()).push_bind(leaf.t.as_slice()).push_bind(leaf.mask.as_bytes());
                });
                insert.build().execute(&mut *tx).await?;
            }
        }
        sqlx::query("UPDATE state SET current = ?").bind(manifest.id.as_slice()).execute(&mut *tx).await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        Ok(())
    }

    /// No meeting is the current one any more. Its lists stay for later reading.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn retire(&mut self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query("UPDATE state SET current = NULL").execute(&mut *tx).await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        Ok(())
    }

    /// Spends slips: all of them or none.
    ///
    /// # Errors
    /// [`StoreError`]; then none is spent, as far as this process can tell.
    pub(super) async fn redeem(&mut self, m: &Hash, spent: &[([u8; 32], Redeemed)]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO redeemed (m, t, request_hash, sig, window) ");
        insert.push_values(spent, |mut row, (t, redeemed)| {
            row.push_bind(m.as_slice())
                .push_bind(t.as_slice())
                .push_bind(redeemed.request_hash.as_slice())
                .push_bind(redeemed.sig.as_slice())
                .push_bind(i64::from(redeemed.window));
        });
        insert.build().execute(&mut *tx).await?;
        failpoint::hit("redeem.before_commit");
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        failpoint::hit("redeem.after_commit");
        Ok(())
    }

    /// Voids a slip that was not redeemed; the caller has checked that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn void(&mut self, m: &Hash, t: &[u8; 32], voided: Voided) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query("INSERT INTO voided (m, t, reason, window) VALUES (?, ?, ?, ?)")
            .bind(m.as_slice())
            .bind(t.as_slice())
            .bind(i64::from(voided.reason.number()))
            .bind(i64::from(voided.window))
            .execute(&mut *tx)
            .await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        Ok(())
    }

    /// Opens a window.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn open_window(&mut self, m: &Hash, number: u8) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query("INSERT INTO enrolment_window (m, number) VALUES (?, ?)")
            .bind(m.as_slice())
            .bind(i64::from(number))
            .execute(&mut *tx)
            .await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        Ok(())
    }

    /// Closes a window with what will be logged of it, then empties the write-ahead log: the pages it held show in
    /// which order slips were spent, and nobody needs that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn close_window(&mut self, m: &Hash, closed: &super::WindowClosed) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query("UPDATE enrolment_window SET present = ?, redeemed = ?, root = ? WHERE m = ? AND number = ?")
            .bind(i64::from(closed.present))
            .bind(i64::from(closed.redeemed))
            .bind(closed.root.as_slice())
            .bind(m.as_slice())
            .bind(i64::from(closed.window))
            .execute(&mut *tx)
            .await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.db).await?;
        Ok(())
    }

    /// Ends enrolment for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn end(&mut self, m: &Hash) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query("UPDATE meeting SET ended = 1 WHERE m = ?").bind(m.as_slice()).execute(&mut *tx).await?;
        self.generation = finish(tx, self.generation, &mut self.high_water).await?;
        Ok(())
    }

    /// Closes the database; what the write-ahead log holds goes into the file.
    pub(super) async fn close(self) {
        let _ = self.db.close().await;
    }
}

/// Commits, then raises the high-water file. A crash between the two leaves the file one behind, which is allowed;
/// the other order would make an honest crash look like a restored backup.
async fn finish(
    mut tx: sqlx::Transaction<'_, Sqlite>,
    generation: u64,
    high_water: &mut HighWater,
) -> Result<u64, StoreError> {
    sqlx::query("UPDATE state SET generation = generation + 1").execute(&mut *tx).await?;
    tx.commit().await?;
    high_water.raise(generation + 1).await?;
    Ok(generation + 1)
}

async fn load(db: &mut SqliteConnection) -> Result<Option<Ledger>, StoreError> {
    let row = sqlx::query("SELECT m, manifest, ended FROM meeting WHERE m = (SELECT current FROM state)")
        .fetch_optional(&mut *db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let m: Hash = array(row.get("m"))?;
    let manifest = Manifest::parse(row.get("manifest")).map_err(StoreError::Manifest)?;
    if manifest.id != m {
        return Err(StoreError::Content("会议文件与编号不符"));
    }
    let ended = row.get::<i64, _>("ended") != 0;
    let rows =
        sqlx::query("SELECT t, mask FROM leaf WHERE m = ? ORDER BY t").bind(m.as_slice()).fetch_all(&mut *db).await?;
    let leaves = rows
        .iter()
        .map(|row| {
            let mask = Mask::from_bytes(row.get("mask"), manifest.items.len());
            Ok(TokenLeaf {
                t: array(row.get("t"))?, mask: mask.map_err(|_| StoreError::Content("票纸的排除项"))?
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let mut ledger = Ledger::new(Arc::new(manifest), leaves).map_err(StoreError::Content)?;
    ledger.ended = ended;
    let rows = sqlx::query("SELECT t, request_hash, sig, window FROM redeemed WHERE m = ?")
        .bind(m.as_slice())
        .fetch_all(&mut *db)
        .await?;
    for row in rows {
        let redeemed = Redeemed {
            request_hash: array(row.get("request_hash"))?,
            sig: array(row.get("sig"))?,
            window: byte(row.get("window"))?,
        };
        ledger.redeemed.insert(array(row.get("t"))?, redeemed);
    }
    let rows =
        sqlx::query("SELECT t, reason, window FROM voided WHERE m = ?").bind(m.as_slice()).fetch_all(&mut *db).await?;
    for row in rows {
        let reason = Reason::from_number(byte(row.get("reason"))?).map_err(|_| StoreError::Content("作废原因"))?;
        ledger.voided.insert(array(row.get("t"))?, Voided { reason, window: byte(row.get("window"))? });
    }
    let rows = sqlx::query("SELECT number, present, redeemed, root FROM enrolment_window WHERE m = ? ORDER BY number")
        .bind(m.as_slice())
        .fetch_all(&mut *db)
        .await?;
    for row in rows {
        let closed = match row.get::<Option<i64>, _>("present") {
            None => None,
            Some(present) => Some(super::WindowClosed {
                window: byte(row.get("number"))?,
                present: u32::try_from(present).map_err(|_| StoreError::Content("实到人数"))?,
                redeemed: u32::try_from(row.get::<i64, _>("redeemed")).map_err(|_| StoreError::Content("登记数"))?,
                root: array(row.get("root"))?,
            }),
        };
        ledger.windows.push(Window { closed });
    }
    Ok(Some(ledger))
}

fn array<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Content("字段长度"))
}

fn byte(number: i64) -> Result<u8, StoreError> {
    u8::try_from(number).map_err(|_| StoreError::Content("数字范围"))
}
