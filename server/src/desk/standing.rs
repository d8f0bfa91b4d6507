//! How every act begins: after the act before it, with what a crash left finished, and only if the table has it.

use std::sync::Arc;

use douxuan_crypto::{bytes::hex, contest::Contest, count::Counts, hash::sha256, lists::Lists, log::LogState};
use tokio::sync::MutexGuard;

use super::{
    Desk, Meeting,
    allowed::{Act, Facts, Standing},
    checks, freeze,
};
use crate::{
    staff::{self, By},
    web::Refusal,
};

/// Where everything stands, and the counts it follows from once a meeting is frozen.
pub(super) struct Look {
    pub(super) standing: Standing,
    /// The log with the papers that are not in it yet, and the counts.
    frozen: Option<(LogState, Counts)>,
}

impl Look {
    /// Says no to what the table does not have, for each contest.
    pub(super) fn check(&self, act: Act, contests: &[Contest]) -> Result<(), Refusal> {
        let of: Vec<Option<Contest>> = contests.iter().copied().map(Some).collect();
        for contest in if of.is_empty() { vec![None] } else { of } {
            self.standing.check(act, contest).or_else(|refusal| {
                // Where a count is what stands in the way, say which.
                if let (Some((_, counts)), Act::ContestPublish | Act::Archive) = (&self.frozen, act) {
                    checks::must_hold(&counts.violations(), contest)?;
                }
                Err(refusal)
            })?;
        }
        Ok(())
    }

    /// A digest of what the act rests on. What grows by itself while a request waits, ballots received and people
    /// enrolled, is no part of it: the one who confirms sees it, and nobody could ever confirm otherwise.
    pub(super) fn stands(&self, act: Act, contests: &[Contest], meeting: &Meeting) -> Result<[u8; 32], Refusal> {
        let (log, _) = self.frozen.as_ref().ok_or_else(|| Refusal::broken("nothing is frozen"))?;
        let mut text = format!(
            "{}\n{}\n{:?}\n{}\n",
            hex(&meeting.manifest.id),
            act.path(),
            self.standing.stage,
            log.closed_windows()
        );
        for contest in contests {
            text.push_str(&format!("{contest:?} {:?}", self.standing.rounds.get(contest)));
            if matches!(act, Act::ContestPublish | Act::ContestVoid) {
                let record = log.contests().get(contest);
                text.push_str(&format!(" {:?}", record.and_then(|record| record.paper.as_ref())));
            }
            text.push('\n');
        }
        Ok(sha256(text.as_bytes()))
    }
}

impl Desk {
    /// Where the meeting and each of its contests stand now.
    pub(super) async fn standing(&self) -> Result<Standing, Refusal> {
        Ok(self.look().await?.standing)
    }

    /// The same from a log and counts just read.
    pub(super) async fn standing_by(&self, log: &LogState, counts: &Counts) -> Standing {
        let (wrong, wrong_contests) = checks::wrong(&counts.violations());
        let phases = self.parts().urn.phases();
        let slips = self.0.slips.lock().await.is_some();
        let facts = Facts { log, phases: &phases, slips, wrong, wrong_contests: &wrong_contests };
        Standing::of(&facts)
    }

    /// Waits for the act before this one, finishes what a crash left undone, and asks the table for each contest. As
    /// long as the guard lives no other act begins, so of two at once one finds the meeting changed.
    ///
    /// # Errors
    /// 409 if the table does not have it; nothing changed.
    pub(super) async fn begin(&self, act: Act, contests: &[Contest]) -> Result<MutexGuard<'_, ()>, Refusal> {
        let acting = self.0.acting.lock().await;
        self.reconcile().await?;
        self.known(act, contests)?;
        self.look().await?.check(act, contests)?;
        Ok(acting)
    }

    /// The same for an act of a frozen meeting.
    pub(super) async fn begin_in_meeting(
        &self,
        act: Act,
        contests: &[Contest],
    ) -> Result<(MutexGuard<'_, ()>, Arc<Meeting>), Refusal> {
        let acting = self.begin(act, contests).await?;
        Ok((acting, self.frozen()?))
    }

    /// The same for an act that two people may have agreed on: **as it stood when they did**, or not at all. Until here
    /// the act may have waited for another one.
    ///
    /// # Errors
    /// As [`Desk::begin`], and 409 if it stands otherwise now.
    pub(super) async fn begin_agreed(
        &self,
        act: Act,
        contests: &[Contest],
        by: &By,
    ) -> Result<(MutexGuard<'_, ()>, Arc<Meeting>), Refusal> {
        let (acting, meeting) = self.begin_in_meeting(act, contests).await?;
        if let Some(agreed) = by.stands()
            && self.look().await?.stands(act, contests, &meeting)? != *agreed
        {
            return Err(staff::moved());
        }
        Ok((acting, meeting))
    }

    pub(super) async fn look(&self) -> Result<Look, Refusal> {
        let Some(meeting) = self.meeting() else {
            let (settings, roster) = (self.settings().await?, self.office().roster().await?);
            let ready = freeze::ready(&settings, &roster).is_ok();
            return Ok(Look { standing: Standing::preparing(ready), frozen: None });
        };
        let (_, log) = self.log_and_papers(&meeting).await?;
        let lists: Lists = self.parts().roll.lists().await?;
        let counts = Counts::compute(&meeting.manifest, &log, &lists);
        let standing = self.standing_by(&log, &counts).await;
        Ok(Look { standing, frozen: Some((log, counts)) })
    }

    /// Refuses contests that the manifest does not have, none at all, and one twice.
    pub(super) fn known(&self, act: Act, contests: &[Contest]) -> Result<(), Refusal> {
        if !act.is_of_contest() || act == Act::RehearsalDestroy {
            return Ok(());
        }
        let Some(meeting) = self.meeting() else { return Ok(()) };
        if contests.is_empty() {
            return Err(Refusal::conflict("没有选择项目。", "请先选择项目。"));
        }
        for (at, contest) in contests.iter().enumerate() {
            if meeting.manifest.index_of(*contest).is_none() {
                return Err(Refusal::conflict(format!("会议里没有 {contest}。"), "请刷新页面后再选。"));
            }
            if contests[..at].contains(contest) {
                return Err(Refusal::conflict(format!("{contest} 选了两次。"), "每一项只选一次。"));
            }
        }
        Ok(())
    }
}
