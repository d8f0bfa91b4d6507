//! Counts that two people agreed on, from then to the publication: table `counted` of office.db, sealed under a key among
//! the meeting's keys. **Nothing of them is in the log, and so in nothing that anybody outside can read, before the contest
//! is published.**
//!
//! ```text
//! agreed -> kept -> publishing -> the log: papers counted -> the urn: published -> gone
//!                \-> voided, or the meeting let go -> gone
//! ```
//!
//! What a crash leaves behind *publishing* is finished at the start and before the next act, as those who published it.

use douxuan_crypto::{
    contest::Contest,
    log::{Act, Actor, Entry, Log, LogState},
};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    board::{LogRefused, actors},
    desk::{
        Desk, Meeting,
        office::{Office, OfficeError},
        refusals,
    },
    failpoint,
    secrets::SecretsError,
    urn::Phase,
    web::Refusal,
};

/// An agreed count.
struct Kept {
    contest: Contest,
    /// As the log will have it. `None`: its key is gone or damaged, and it has to be counted once more.
    entry: Option<Entry>,
    /// Who publishes it, once that has begun.
    publishers: Option<Vec<Actor>>,
}

/// A row of the table.
struct Sealed {
    contest: Contest,
    entry: Vec<u8>,
    publishers: Option<Vec<Actor>>,
}

impl Office {
    async fn papers(&self, meeting: &[u8; 16]) -> Result<Vec<Sealed>, OfficeError> {
        let mut db = self.db().await?;
        let query = "SELECT item, round, sealed, publishers FROM counted WHERE meeting = ? ORDER BY item, round";
        let rows = sqlx::query(query).bind(meeting.as_slice()).fetch_all(&mut *db).await?;
        let sealed = |row: &SqliteRow| {
            let publishers = match row.get::<Option<&[u8]>, _>("publishers") {
                Some(bytes) => Some(actors::decode(bytes).ok_or(OfficeError::Content("纸票"))?),
                None => None,
            };
            Ok(Sealed {
                contest: Contest::new(row.get("item"), row.get("round")),
                entry: row.get("sealed"),
                publishers,
            })
        };
        rows.iter().map(sealed).collect()
    }

    async fn keep_paper(&self, meeting: &[u8; 16], contest: Contest, sealed: &[u8]) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        // In place of one whose key is lost.
        let query = "INSERT INTO counted (meeting, item, round, sealed) VALUES (?, ?, ?, ?) \
                     ON CONFLICT (meeting, item, round) DO UPDATE SET sealed = excluded.sealed, publishers = NULL";
        sqlx::query(query)
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .bind(sealed)
            .execute(&mut *db)
            .await?;
        Ok(())
    }

    async fn publishing(&self, meeting: &[u8; 16], contest: Contest, by: Option<&[Actor]>) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("UPDATE counted SET publishers = ? WHERE meeting = ? AND item = ? AND round = ?")
            .bind(by.map(actors::encode))
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(&mut *db)
            .await?;
        Ok(())
    }

    async fn drop_paper(&self, meeting: &[u8; 16], contest: Contest) -> Result<(), OfficeError> {
        let mut db = self.db().await?;
        sqlx::query("DELETE FROM counted WHERE meeting = ? AND item = ? AND round = ?")
            .bind(meeting.as_slice())
            .bind(contest.item)
            .bind(contest.round)
            .execute(&mut *db)
            .await?;
        Ok(())
    }
}

impl Desk {
    /// What is kept of a meeting. A row whose key was destroyed with its contest's end was dropped, and the rest of it
    /// goes; **one whose key is lost before stays**, and keeps nothing but its own contest from going on.
    async fn kept(&self, meeting: &Meeting) -> Result<Vec<Kept>, Refusal> {
        let mut all = Vec::new();
        let log = self.log()?;
        for Sealed { contest, entry, publishers } in self.office().papers(&meeting.manifest.meeting).await? {
            let record = log.state().contests().get(&contest);
            let ended = record.is_none_or(|record| record.voided || record.published.is_some());
            let opened = match meeting.secrets.open_paper(contest, &entry) {
                Ok(None) if ended => {
                    // Without its key it says nothing: it goes now or the next time.
                    let _ = self.office().drop_paper(&meeting.manifest.meeting, contest).await;
                    continue;
                }
                Ok(opened) => opened,
                Err(SecretsError::Damaged(_)) => None,
                Err(error) => return Err(error.into()),
            };
            let entry = opened.map(|bytes| Entry::decode(&bytes).map_err(Refusal::broken)).transpose()?;
            all.push(Kept { contest, entry, publishers });
        }
        Ok(all)
    }

    /// The log, and what it adds up to together with the papers that it does not have yet. **Of the second one nothing
    /// but the sums is shown, and to those who work here only.**
    pub(in crate::desk) async fn log_and_papers(&self, meeting: &Meeting) -> Result<(Log, LogState), Refusal> {
        // These first: what is published in between is in the log.
        let papers = self.kept(meeting).await?;
        let log = self.log()?;
        let mut state = log.state().clone();
        for Kept { contest, entry, .. } in papers {
            let record = state.contests().get(&contest);
            if record.is_some_and(|record| record.paper.is_none() && record.published.is_none() && !record.voided) {
                let Some(entry) = entry else { continue };
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
        let entry = Entry { actors, act }.encode();
        let sealed = meeting.secrets.seal_paper(contest, &entry, &mut *(self.parts().random)())?;
        failpoint::hit("paper.sealed");
        Ok(self.office().keep_paper(&meeting.manifest.meeting, contest, &sealed).await?)
    }

    /// Puts a contest's papers into the log, if there are any and it can be published now. **Its publication, by these
    /// people, follows at once.**
    pub(in crate::desk) async fn publish_papers(
        &self,
        meeting: &Meeting,
        contest: Contest,
        by: &[Actor],
    ) -> Result<(), Refusal> {
        let id = &meeting.manifest.meeting;
        // What was stopped half-way has them in the log already, or is not to be published.
        if self.phase(contest) != Some(Phase::Closed) {
            return Ok(());
        }
        let Some(kept) = self.kept(meeting).await?.into_iter().find(|kept| kept.contest == contest) else {
            return Ok(());
        };
        let Some(entry) = kept.entry else {
            return Err(Refusal::conflict(
                "这一项纸票的密钥不见了，或已损坏。",
                "请换回完整的数据文件夹；换不回来，请两位重新清点录入纸票，再公布。",
            ));
        };
        self.office().publishing(id, contest, Some(by)).await?;
        failpoint::hit("paper.publishing");
        if let Err(refused) = self.parts().log.append(entry).await {
            // Only where it is sure that nothing was written may it be voided instead. A disk that failed may hold the
            // entry, and the next start finds it: then it is published.
            let nothing = matches!(refused, LogRefused::Order(_) | LogRefused::Full)
                && self.log()?.state().contests().get(&contest).is_some_and(|record| record.paper.is_none());
            if nothing {
                // A full disk refuses this too: what is said is why the act was refused.
                let _ = self.office().publishing(id, contest, None).await;
            }
            return Err(refused.into());
        }
        failpoint::hit("paper.logged");
        Ok(())
    }

    /// Drops what is kept of a contest that is published or void, and what one person entered of it.
    pub(in crate::desk) async fn drop_papers(&self, meeting: &Meeting, contest: Contest) -> Result<(), Refusal> {
        self.forget_papers(contest);
        failpoint::hit("paper.over");
        meeting.secrets.destroy_paper(contest)?;
        failpoint::hit("paper.key_gone");
        Ok(self.office().drop_paper(&meeting.manifest.meeting, contest).await?)
    }

    /// Finishes publications that have begun, and shows them; drops what its contest needs no more; and says so where a
    /// count was sealed and not kept any more.
    pub(in crate::desk) async fn reconcile_papers(&self, meeting: &Meeting) -> Result<(), Refusal> {
        for Kept { contest, entry, publishers } in self.kept(meeting).await? {
            if let (Some(publishers), Some(entry)) = (publishers, entry)
                && self.phase(contest) == Some(Phase::Closed)
            {
                self.parts().log.append(entry).await?;
                // One that cannot be published now is tried again before the next act.
                let _ = self.parts().urn.publish(contest, publishers).await;
                self.show().await;
            }
            let log = self.log()?;
            let record = log.state().contests().get(&contest);
            if record.is_none_or(|record| record.voided || record.published.is_some()) {
                self.drop_papers(meeting, contest).await?;
            }
        }
        self.reconcile_cut_short(meeting).await
    }

    /// A key without a row is of a count that stopped in between: nobody was told that it counts, and whoever entered it
    /// is told that it does not. **Called only where no act is under way.**
    async fn reconcile_cut_short(&self, meeting: &Meeting) -> Result<(), Refusal> {
        let kept = self.office().papers(&meeting.manifest.meeting).await?;
        for contest in meeting.manifest.contests.iter().map(|keys| keys.contest) {
            let is_kept = kept.iter().any(|kept| kept.contest == contest);
            if is_kept || matches!(meeting.secrets.has_paper(contest), Ok(false)) {
                continue;
            }
            // Damaged or not: what it would open is nowhere.
            meeting.secrets.destroy_paper(contest)?;
            if self.phase(contest) == Some(Phase::Closed) {
                self.cut_short(&meeting.manifest.id, contest);
            }
        }
        Ok(())
    }

    fn phase(&self, contest: Contest) -> Option<Phase> {
        self.parts().urn.phases().iter().find(|(known, _)| *known == contest).map(|(_, phase)| *phase)
    }
}
