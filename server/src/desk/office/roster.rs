//! The lists in office.db: who attends, and who is rated.

use douxuan_crypto::manifest::Report;
use sqlx::{Connection, QueryBuilder, Row, Sqlite};

use super::{Office, OfficeError};
use crate::desk::roster::{Attendee, Official, Roster};

impl Office {
    /// The roster; empty lists before the first import.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub(in crate::desk) async fn roster(&self) -> Result<Roster, OfficeError> {
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
    pub(in crate::desk) async fn keep_roster(&self, roster: &Roster) -> Result<(), OfficeError> {
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
}
