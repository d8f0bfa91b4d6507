//! record.db: documents and the trail.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL`. **Atomicity.** Documents and the
//! entries that speak of them are one transaction. **Who may call.** The book, one change at a time.

use std::{collections::BTreeMap, path::Path};

use sqlx::{Connection, Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    RecordError,
    document::Id,
    documents::{Documents, Row},
    trail::{Entry, Hand},
};
use crate::schema::{self, Copied};

/// Opens or creates `record.db` in the folder.
///
/// # Errors
/// [`RecordError`].
pub(super) async fn open(folder: &Path) -> Result<SqliteConnection, RecordError> {
    let steps = sqlx::migrate!("migrations/record");
    schema::open(&folder.join("record.db"), steps, Copied::Stays).await.map_err(RecordError::Schema)
}

/// How a write failed.
pub(super) enum Unwritten {
    /// Nothing was written.
    Refused(RecordError),
    /// The commit itself failed: whether it was written is seen after it is read again.
    Unknown(RecordError),
}

impl From<sqlx::Error> for Unwritten {
    fn from(error: sqlx::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<RecordError> for Unwritten {
    fn from(error: RecordError) -> Self {
        Self::Refused(error)
    }
}

/// Everything.
///
/// # Errors
/// [`RecordError`].
pub(super) async fn read(db: &mut SqliteConnection) -> Result<(Documents, Vec<Entry>), RecordError> {
    let rows = sqlx::query("SELECT kind, id, version, salt, body FROM document").fetch_all(&mut *db).await?;
    let mut documents = BTreeMap::new();
    for row in &rows {
        let (id, salt, body): (String, Vec<u8>, String) = (row.try_get(1)?, row.try_get(3)?, row.try_get(4)?);
        let kept = Row { version: number(row, 2)?, salt: fixed(&salt)?, body: body.into() };
        documents.insert((row.try_get(0)?, read_id(&id)?), kept);
    }
    let rows = sqlx::query(
        "SELECT number, at, who, role, act, kind, id, version, state_hash, what_salt, what, what_hash, hash \
         FROM entry ORDER BY number",
    );
    let entries = rows.fetch_all(&mut *db).await?.iter().map(entry).collect::<Result<_, _>>()?;
    Ok((Documents(documents), entries))
}

fn entry(row: &SqliteRow) -> Result<Entry, RecordError> {
    let id: String = row.try_get(6)?;
    let what = match (row.try_get::<Option<Vec<u8>>, _>(9)?, row.try_get::<Option<String>, _>(10)?) {
        (Some(salt), Some(text)) => Some((fixed(&salt)?, text)),
        _ => None,
    };
    Ok(Entry {
        number: number(row, 0)?,
        hand: Hand { at: row.try_get(1)?, who: row.try_get(2)?, role: row.try_get(3)?, accounts: Vec::new() },
        act: row.try_get(4)?,
        kind: row.try_get(5)?,
        id: read_id(&id)?,
        version: number(row, 7)?,
        state_hash: fixed(&row.try_get::<Vec<u8>, _>(8)?)?,
        what,
        what_hash: fixed(&row.try_get::<Vec<u8>, _>(11)?)?,
        hash: fixed(&row.try_get::<Vec<u8>, _>(12)?)?,
    })
}

/// Writes the documents that the entries speak of as they are after them, and the entries.
///
/// # Errors
/// [`Unwritten`].
pub(super) async fn write(db: &mut SqliteConnection, after: &Documents, entries: &[Entry]) -> Result<(), Unwritten> {
    let mut transaction = db.begin().await?;
    for entry in entries {
        let place = (entry.kind.clone(), entry.id);
        let id = entry.id.to_string();
        sqlx::query("DELETE FROM document WHERE kind = ? AND id = ?")
            .bind(&entry.kind)
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        if let Some(row) = after.0.get(&place) {
            sqlx::query("INSERT INTO document (kind, id, version, salt, body) VALUES (?, ?, ?, ?, ?)")
                .bind(&entry.kind)
                .bind(&id)
                .bind(i64::from(row.version))
                .bind(row.salt.as_slice())
                .bind(&*row.body)
                .execute(&mut *transaction)
                .await?;
        } else {
            // A document that is destroyed takes along what the trail has quoted of it.
            sqlx::query("UPDATE entry SET what_salt = NULL, what = NULL WHERE kind = ? AND id = ?")
                .bind(&entry.kind)
                .bind(&id)
                .execute(&mut *transaction)
                .await?;
        }
        let number = i64::try_from(entry.number).map_err(|_| RecordError::Content("number"))?;
        let (salt, what) = entry.what.as_ref().map(|(salt, text)| (salt.as_slice(), text.as_str())).unzip();
        sqlx::query(
            "INSERT INTO entry (number, at, who, role, act, kind, id, version, state_hash, what_salt, what, what_hash, \
             hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(number)
        .bind(&entry.hand.at)
        .bind(&entry.hand.who)
        .bind(&entry.hand.role)
        .bind(&entry.act)
        .bind(&entry.kind)
        .bind(&id)
        .bind(i64::from(entry.version))
        .bind(entry.state_hash.as_slice())
        .bind(salt)
        .bind(what)
        .bind(entry.what_hash.as_slice())
        .bind(entry.hash.as_slice())
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await.map_err(|error| Unwritten::Unknown(error.into()))
}

fn number<T: TryFrom<i64>>(row: &SqliteRow, at: usize) -> Result<T, RecordError> {
    T::try_from(row.try_get::<i64, _>(at)?).map_err(|_| RecordError::Content("number"))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], RecordError> {
    bytes.try_into().map_err(|_| RecordError::Content("length"))
}

fn read_id(text: &str) -> Result<Id, RecordError> {
    Id::read(text).ok_or(RecordError::Content("id"))
}
