//! The rows of office.db that hold accounts: how they are read, and the statements that several transactions share.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    account::{Account, AccountId, Role, SignInName, same_name},
    code::CodeHash,
    phrase::{Cost, Hashed},
    store::StaffError,
};

/// Accounts that can be active at once.
const ACTIVE: i64 = 40;
/// KiB that a kept hash may ask for: more was never written by this program.
const MEMORY: std::ops::RangeInclusive<u32> = 8..=1 << 20;

/// An account with what it is recognised by.
pub(super) struct Kept {
    pub(super) account: Account,
    pub(super) phrase: Option<Hashed>,
    pub(super) code: Option<CodeHash>,
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Made,
    Reset,
    Closed,
    Reopened,
}

/// One line of the accounts' history.
#[derive(Debug, serde::Serialize)]
pub(super) struct Change {
    pub(super) account: String,
    pub(super) what: String,
    /// Absent for the machine itself.
    pub(super) by: Option<String>,
}

/// Why an account was not made.
pub(super) enum NotMade {
    /// The sign-in name is another account's, closed ones included.
    SignIn,
    /// An active account shows the same name.
    Name,
    /// There are [`ACTIVE`] already.
    Full,
    /// It would be the first one, and is not.
    NotFirst,
    Error(StaffError),
}

impl From<sqlx::Error> for NotMade {
    fn from(error: sqlx::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<StaffError> for NotMade {
    fn from(error: StaffError) -> Self {
        Self::Error(error)
    }
}

/// Whether one more active account of this name may be.
pub(super) async fn room(db: &mut SqliteConnection, name: &str) -> Result<(), NotMade> {
    let active: i64 = sqlx::query_scalar("SELECT count(*) FROM account WHERE active = 1").fetch_one(&mut *db).await?;
    if active >= ACTIVE {
        return Err(NotMade::Full);
    }
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM account WHERE active = 1").fetch_all(&mut *db).await?;
    if names.iter().any(|other| same_name(other, name)) {
        return Err(NotMade::Name);
    }
    Ok(())
}

/// A new account, without pass-phrase or code.
pub(super) async fn insert(db: &mut SqliteConnection, account: &Account) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO account (id, name, sign_in, role, active) VALUES (?, ?, ?, ?, 1)")
        .bind(account.id.as_bytes().as_slice())
        .bind(account.name.as_str())
        .bind(account.sign_in.as_str())
        .bind(account.role.word())
        .execute(db)
        .await?;
    Ok(())
}

/// Puts a pass-phrase in place of what was there.
pub(super) async fn set_phrase(db: &mut SqliteConnection, id: AccountId, phrase: &Hashed) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account SET salt = ?, hash = ?, memory = ?, passes = ?, lanes = ? WHERE id = ?")
        .bind(phrase.salt.as_slice())
        .bind(phrase.hash.as_slice())
        .bind(phrase.cost.memory)
        .bind(phrase.cost.passes)
        .bind(phrase.cost.lanes)
        .bind(id.as_bytes().as_slice())
        .execute(db)
        .await?;
    Ok(())
}

/// Puts a code in place of what was there, the pass-phrase too.
pub(super) async fn set_code(db: &mut SqliteConnection, id: AccountId, code: &CodeHash) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE account SET salt = NULL, hash = NULL, memory = NULL, passes = NULL, lanes = NULL, \
         code = ?, code_until = ? WHERE id = ?",
    )
    .bind(code.hash.as_slice())
    .bind(code.until)
    .bind(id.as_bytes().as_slice())
    .execute(db)
    .await?;
    Ok(())
}

/// One more line of the history.
pub(super) async fn note(
    db: &mut SqliteConnection,
    id: AccountId,
    what: What,
    by: Option<AccountId>,
) -> Result<(), sqlx::Error> {
    let what = match what {
        What::Made => "made",
        What::Reset => "reset",
        What::Closed => "closed",
        What::Reopened => "reopened",
    };
    sqlx::query("INSERT INTO account_change (account, what, by) VALUES (?, ?, ?)")
        .bind(id.as_bytes().as_slice())
        .bind(what)
        .bind(by.as_ref().map(|by| by.as_bytes().as_slice()))
        .execute(db)
        .await?;
    Ok(())
}

/// Reads one.
pub(super) fn kept(row: &SqliteRow) -> Result<Kept, StaffError> {
    let wrong = || StaffError::Content("账户");
    let bytes = |name: &str| row.get::<Option<Vec<u8>>, _>(name);
    let number = |name: &str| row.get::<Option<u32>, _>(name);
    let account = Account {
        id: AccountId::new(bytes("id").and_then(|id| id.try_into().ok()).ok_or_else(wrong)?),
        name: row.get("name"),
        sign_in: SignInName::typed(row.get("sign_in")),
        role: Role::of(row.get("role")).ok_or_else(wrong)?,
        active: row.get::<i64, _>("active") == 1,
    };
    let phrase = match (bytes("salt"), bytes("hash"), number("memory"), number("passes"), number("lanes")) {
        (Some(salt), Some(hash), Some(memory), Some(passes), Some(lanes)) => {
            if !MEMORY.contains(&memory) || !(1..=64).contains(&passes) || !(1..=64).contains(&lanes) {
                return Err(wrong());
            }
            let (salt, hash) = (salt.try_into().map_err(|_| wrong())?, hash.try_into().map_err(|_| wrong())?);
            Some(Hashed { salt, hash, cost: Cost { memory, passes, lanes } })
        }
        _ => None,
    };
    let code = match (bytes("code"), row.get::<Option<i64>, _>("code_until")) {
        (Some(hash), Some(until)) => Some(CodeHash { hash: hash.try_into().map_err(|_| wrong())?, until }),
        _ => None,
    };
    Ok(Kept { account, phrase, code })
}
