//! Who acts, in office.db: the names behind the ids of the log.

use douxuan_crypto::log::{Actor, Role};
use sqlx::{Connection, Row, sqlite::SqliteRow};

use super::{Office, OfficeError};

impl Office {
    /// Remembers who stands behind the ids in the log, and that these are the people who act now.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(in crate::desk) async fn keep_actors(
        &self,
        meeting: &[u8; 16],
        people: &[(Actor, &str)],
    ) -> Result<(), OfficeError> {
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
    pub(in crate::desk) async fn last_actors(&self, meeting: &[u8; 16]) -> Result<Vec<Actor>, OfficeError> {
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
