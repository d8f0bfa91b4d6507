//! The accounts in office.db.
//!
//! **Durability.** A method that returns `Ok` has committed with `synchronous=FULL`. **Atomicity.** One method is one
//! transaction, and the condition under which it may happen is part of its statement: of two that race, one finds it
//! no longer holds. **Who may call.** [`super::Staff`], and the command on the machine itself while no server runs.

use std::{fmt, path::Path};

use rand_core::CryptoRng;
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{
    account::{Account, AccountId, SignInName},
    code::CodeHash,
    phrase::Hashed,
    rows::{Change, Kept, NotMade, What, insert, kept, note, room, set_code, set_phrase},
};
use crate::{
    schema::{self, Copied, SchemaError},
    web::Refusal,
};

/// Why the accounts could not be read or written.
#[derive(Debug)]
pub enum StaffError {
    /// The database refused.
    Database(sqlx::Error),
    /// It could not be opened as it must be.
    Schema(SchemaError),
    /// The server is shutting down.
    Closed,
    /// A row that this program never writes.
    Content(&'static str),
}

impl fmt::Display for StaffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "会务库 office.db 出错：{error}"),
            Self::Schema(error) => error.fmt(f),
            Self::Closed => f.write_str("服务器正在退出"),
            Self::Content(what) => write!(f, "会务库 office.db 的内容不对：{what}"),
        }
    }
}

impl std::error::Error for StaffError {}

impl From<sqlx::Error> for StaffError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StaffError> for Refusal {
    fn from(error: StaffError) -> Self {
        Self::broken(error)
    }
}

/// The open database.
pub(super) struct Store(Mutex<Option<SqliteConnection>>);

impl Store {
    /// Opens or creates `office.db` in the folder, over a connection of its own beside the desk's.
    pub(super) async fn open(folder: &Path) -> Result<Self, StaffError> {
        let steps = sqlx::migrate!("migrations/office");
        let db = schema::open(&folder.join("office.db"), steps, Copied::Without("paper")).await;
        let db = db.map_err(StaffError::Schema)?;
        Ok(Self(Mutex::new(Some(db))))
    }

    /// Closes the database; what its write-ahead log holds goes into the file.
    pub(super) async fn close(&self) {
        if let Some(db) = self.0.lock().await.take() {
            let _ = db.close().await;
        }
    }

    async fn db(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, StaffError> {
        MutexGuard::try_map(self.0.lock().await, Option::as_mut).map_err(|_| StaffError::Closed)
    }

    /// Whether there is any account, closed ones included.
    pub(super) async fn any(&self) -> Result<bool, StaffError> {
        let mut db = self.db().await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM account").fetch_one(&mut *db).await?;
        Ok(count > 0)
    }

    /// All accounts in the order in which they were made.
    pub(super) async fn all(&self) -> Result<Vec<Kept>, StaffError> {
        let mut db = self.db().await?;
        let rows = sqlx::query(
            "SELECT id, name, sign_in, role, active, salt, hash, memory, passes, lanes, code, code_until \
             FROM account ORDER BY number",
        )
        .fetch_all(&mut *db)
        .await?;
        rows.iter().map(kept).collect()
    }

    /// The account of a sign-in name.
    pub(super) async fn named(&self, sign_in: &SignInName) -> Result<Option<Kept>, StaffError> {
        let mut db = self.db().await?;
        let row = sqlx::query(
            "SELECT id, name, sign_in, role, active, salt, hash, memory, passes, lanes, code, code_until \
             FROM account WHERE sign_in = ?",
        )
        .bind(sign_in.as_str())
        .fetch_optional(&mut *db)
        .await?;
        row.as_ref().map(kept).transpose()
    }

    /// One account.
    pub(super) async fn account(&self, id: AccountId) -> Result<Option<Kept>, StaffError> {
        let mut db = self.db().await?;
        let row = sqlx::query(
            "SELECT id, name, sign_in, role, active, salt, hash, memory, passes, lanes, code, code_until \
             FROM account WHERE id = ?",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_optional(&mut *db)
        .await?;
        row.as_ref().map(kept).transpose()
    }

    /// Makes the first account, with a pass-phrase, if there is none.
    pub(super) async fn make_first(&self, account: &Account, phrase: &Hashed) -> Result<(), NotMade> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM account").fetch_one(&mut *tx).await?;
        if count > 0 {
            return Err(NotMade::NotFirst);
        }
        insert(&mut tx, account).await?;
        set_phrase(&mut tx, account.id, phrase).await?;
        note(&mut tx, account.id, What::Made, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes an account that waits for its code.
    pub(super) async fn make(&self, account: &Account, code: &CodeHash, by: AccountId) -> Result<(), NotMade> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let taken: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE sign_in = ?")
            .bind(account.sign_in.as_str())
            .fetch_one(&mut *tx)
            .await?;
        if taken > 0 {
            return Err(NotMade::SignIn);
        }
        room(&mut tx, &account.name).await?;
        insert(&mut tx, account).await?;
        set_code(&mut tx, account.id, code).await?;
        note(&mut tx, account.id, What::Made, Some(by)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the pass-phrase away and gives a code. `by` is absent for the machine itself. False if the account is
    /// unknown or closed.
    pub(super) async fn reset(
        &self,
        id: AccountId,
        code: &CodeHash,
        by: Option<AccountId>,
    ) -> Result<bool, StaffError> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let active: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE id = ? AND active = 1")
            .bind(id.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await?;
        if active == 0 {
            return Ok(false);
        }
        set_code(&mut tx, id, code).await?;
        note(&mut tx, id, What::Reset, by).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Opens a closed account again, with a code. `by` is absent for the machine itself.
    pub(super) async fn reopen(
        &self,
        account: &Account,
        code: &CodeHash,
        by: Option<AccountId>,
    ) -> Result<(), NotMade> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        room(&mut tx, &account.name).await?;
        sqlx::query("UPDATE account SET active = 1 WHERE id = ?")
            .bind(account.id.as_bytes().as_slice())
            .execute(&mut *tx)
            .await?;
        set_code(&mut tx, account.id, code).await?;
        note(&mut tx, account.id, What::Reopened, by).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes an account, unless nobody of the office could sign in afterwards: false then.
    pub(super) async fn close_account(&self, id: AccountId, by: AccountId) -> Result<bool, StaffError> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let closed = sqlx::query(
            "UPDATE account SET active = 0, code = NULL, code_until = NULL WHERE id = ?1 AND EXISTS (SELECT 1 \
             FROM account WHERE role = 'office' AND active = 1 AND hash IS NOT NULL AND id <> ?1)",
        )
        .bind(id.as_bytes().as_slice())
        .execute(&mut *tx)
        .await?;
        if closed.rows_affected() == 0 {
            return Ok(false);
        }
        note(&mut tx, id, What::Closed, Some(by)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Spends a code for a pass-phrase: false if the code is no longer the account's.
    pub(super) async fn spend_code(&self, id: AccountId, code: &CodeHash, phrase: &Hashed) -> Result<bool, StaffError> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let spent =
            sqlx::query("UPDATE account SET code = NULL, code_until = NULL WHERE id = ? AND code = ? AND active = 1")
                .bind(id.as_bytes().as_slice())
                .bind(code.hash.as_slice())
                .execute(&mut *tx)
                .await?;
        if spent.rows_affected() == 0 {
            return Ok(false);
        }
        set_phrase(&mut tx, id, phrase).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a pass-phrase in place of the one before: false if that one is no longer the account's.
    pub(super) async fn change_phrase(
        &self,
        id: AccountId,
        before: &Hashed,
        phrase: &Hashed,
    ) -> Result<bool, StaffError> {
        let mut db = self.db().await?;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let same: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE id = ? AND hash = ? AND active = 1")
            .bind(id.as_bytes().as_slice())
            .bind(before.hash.as_slice())
            .fetch_one(&mut *tx)
            .await?;
        if same == 0 {
            return Ok(false);
        }
        set_phrase(&mut tx, id, phrase).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What was done to accounts, oldest first.
    pub(super) async fn history(&self) -> Result<Vec<Change>, StaffError> {
        let mut db = self.db().await?;
        let rows = sqlx::query(
            "SELECT a.name AS account, what, b.name AS by_name FROM account_change c JOIN account a ON a.id = c.account \
             LEFT JOIN account b ON b.id = c.by ORDER BY c.number",
        )
        .fetch_all(&mut *db)
        .await?;
        let change =
            |row: &SqliteRow| Change { account: row.get("account"), what: row.get("what"), by: row.get("by_name") };
        Ok(rows.iter().map(change).collect())
    }
}

/// A new account's id.
pub(super) fn draw_id<R: CryptoRng + ?Sized>(rng: &mut R) -> AccountId {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    AccountId::new(id)
}
