//! Counts that two people agreed on, from then to the publication: table `paper` of office.db. **Nothing of them is in
//! the log, and so in nothing that anybody outside can read, before the contest is published.**
//!
//! ```text
//! agreed -> kept -> publishing -> the log: papers counted -> the urn: published -> gone
//!                \-> voided, or the meeting let go -> gone
//! ```
//!
//! What a crash leaves behind *publishing* is finished at the start and before the next act.

use douxuan_crypto::{
    contest::Contest,
    log::{Act, Actor, Entry, Log, LogState},
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    desk::{
        Desk, Meeting,
        office::{Office, OfficeError},
        refusals,
    },
    failpoint,
    urn::Phase,
    web::Refusal,
};

/// An agreed count.
struct Kept {
    contest: Contest,
    /// As the log will have it.
    entry: Entry,
    publishing: bool,
}

impl Office {
    async fn papers(&self, meeting: &[u8; 16]) -> Result<Vec<Kept>, OfficeError> {
        let mut db = self.db().await?;
        let rows = sqlx::query("SELECT entry, publishing FROM paper WHERE meeting = ? ORDER BY item, round");
        let rows = rows.bind(meeting.as_slice()).fetch_all(&mut *db).await?;
        let kept = |row: &SqliteRow| {
            let entry = Entry::decode(row.get::<&[u8], _>("entry")).ok()?;
            let Act::PaperCounted { contest, .. } = entry.act else { return None };
            Some(Kept { contest, entry, publishing: row.get("publishing") })
        };
        rows.iter().map(|row| kept(row).ok_or(OfficeError::Content("纸票"))).collect()
    }

    async fn keep_paper(&self, meeting: &[u8; 16], contest: Contest, entry: &Entry) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("INSERT INTO paper (meeting, item, round, entry) VALUES (?, ?, ?, ?)")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .bind(entry.encode())
            .execute(&mut *db)
            .await?;
        Ok(())
    }

    async fn paper_publishing(&self, meeting: &[u8; 16], contest: Contest, on: bool) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("UPDATE paper SET publishing = ? WHERE meeting = ? AND item = ? AND round = ?")
            .bind(on)
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(&mut *db)
            .await?;
        Ok(())
    }

    async fn drop_paper(&self, meeting: &[u8; 16], contest: Contest) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        let dropped = sqlx::query("DELETE FROM paper WHERE meeting = ? AND item = ? AND round = ?")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(&mut *db)
            .await?;
        if dropped.rows_affected() > 0 {
            empty_log(&mut db).await?;
        }
        Ok(())
    }
}

/// The write-ahead log has the row still.
async fn empty_log(db: &mut SqliteConnection) -> Result<(), OfficeError> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(db).await?;
    Ok(())
}

impl Desk {
    /// The log, and what it adds up to together with the papers that it does not have yet. **Of the second one nothing
    /// but the sums is shown, and to those who work here only.**
    pub(in crate::desk) async fn log_and_papers(&self, meeting: &Meeting) -> Result<(Log, LogState), Refusal> {
        // These first: what is published in between is in the log.
        let papers = self.office().papers(&meeting.manifest.meeting).await?;
        let log = self.log()?;
        let mut state = log.state().clone();
        for Kept { contest, entry, .. } in papers {
            let record = state.contests().get(&contest);
            if record.is_some_and(|record| record.paper.is_none() && record.published.is_none() && !record.voided) {
                state.apply(&entry).map_err(refusals::order)?;
            }
        }
        Ok((log, state))
    }

    /// Keeps what two people agreed on.
    pub(super) async fn keep_papers(
        &self,
        meeting: &Meeting,
        contest: Contest,
        act: Act,
        actors: Vec<Actor>,
    ) -> Result<(), Refusal> {
        Ok(self.office().keep_paper(&meeting.manifest.meeting, contest, &Entry { actors, act }).await?)
    }

    /// Puts a contest's papers into the log, if there are any and it can be published now. **Its publication follows at
    /// once.**
    pub(in crate::desk) async fn publish_papers(&self, meeting: &Meeting, contest: Contest) -> Result<(), Refusal> {
        let id = &meeting.manifest.meeting;
        // What was stopped half-way has them in the log already, or is not to be published.
        if self.phase(contest) != Some(Phase::Closed) {
            return Ok(());
        }
        let papers = self.office().papers(id).await?;
        let Some(kept) = papers.into_iter().find(|kept| kept.contest == contest) else { return Ok(()) };
        self.office().paper_publishing(id, contest, true).await?;
        failpoint::hit("paper.publishing");
        if let Err(refused) = self.parts().log.append(kept.entry).await {
            // Nothing was said yet: whoever wants to may void it instead.
            if self.log()?.state().contests().get(&contest).is_some_and(|record| record.paper.is_none()) {
                self.office().paper_publishing(id, contest, false).await?;
            }
            return Err(refused.into());
        }
        failpoint::hit("paper.logged");
        Ok(())
    }

    /// Drops what is kept of a contest that is published or void, and what one person entered of it.
    pub(in crate::desk) async fn drop_papers(&self, meeting: &Meeting, contest: Contest) -> Result<(), Refusal> {
        self.forget_papers(contest);
        Ok(self.office().drop_paper(&meeting.manifest.meeting, contest).await?)
    }

    /// Finishes publications that have begun, and drops what its contest needs no more.
    pub(in crate::desk) async fn reconcile_papers(&self, meeting: &Meeting, actors: &[Actor]) -> Result<(), Refusal> {
        for Kept { contest, entry, publishing } in self.office().papers(&meeting.manifest.meeting).await? {
            if publishing && self.phase(contest) == Some(Phase::Closed) {
                self.parts().log.append(entry).await?;
                // One that cannot be published now is tried again before the next act.
                let _ = self.parts().urn.publish(contest, actors.to_vec()).await;
            }
            let log = self.log()?;
            let record = log.state().contests().get(&contest);
            if record.is_none_or(|record| record.voided || record.published.is_some()) {
                self.drop_papers(meeting, contest).await?;
            }
        }
        Ok(())
    }

    fn phase(&self, contest: Contest) -> Option<Phase> {
        self.parts().urn.phases().iter().find(|(known, _)| *known == contest).map(|(_, phase)| *phase)
    }
}
