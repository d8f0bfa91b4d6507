//! Acts on contests, and the archive. The urn marks, logs and finishes each of them itself; the desk asks first
//! whether the counts allow it, and says who acts.

use douxuan_crypto::{contest::Contest, log::Act};

use super::{Desk, acts::allowed, allowed::Act as Allowed};
use crate::{board, limits, staff::By, web::Refusal};

/// What happened to one contest of several.
#[derive(Debug, serde::Serialize)]
pub(super) struct Done {
    contest: (u16, u8),
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<bool>,
}

impl Desk {
    /// Opens contests, after a look at the disk. One that cannot open stops the rest.
    pub(super) async fn open_contests(&self, contests: &[Contest], by: &By) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::ContestOpen, contests, by).await?;
        self.may_open(contests).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let disk = self.parts().urn.check_disk().await?;
        if disk.fsync > limits::FSYNC {
            return Err(Refusal::conflict(
                format!(
                    "磁盘太慢：一次落盘要 {} 毫秒，最多允许 {} 毫秒。",
                    disk.fsync.as_millis(),
                    limits::FSYNC.as_millis()
                ),
                "请关闭其他占用磁盘的程序，或把数据文件夹放到本机磁盘上，再开放。",
            ));
        }
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            let log = self.log()?;
            // One that an alarm stopped goes on with the windows it was opened with.
            let known = log.state().contests().get(&contest);
            let window = known.map_or(log.state().closed_windows(), |record| record.window);
            if known.is_none() {
                allowed(log.state(), &Act::ContestOpened { contest, window })?;
            }
            let issued = self.parts().roll.issued(window, contest.item).await?;
            let live = meeting.manifest.release.is_live(contest.round, issued);
            let opened = self.parts().urn.open(contest, window, issued, live, actors.clone()).await;
            self.show().await;
            opened?;
            done.push(Done { contest: pair(contest), size: None, withheld: None });
        }
        Ok(done)
    }

    /// Whether enough people are present to open these contests, where one of them is new: what an alarm stopped goes
    /// on, and the rehearsal decides nothing.
    pub(super) async fn may_open(&self, contests: &[Contest]) -> Result<(), Refusal> {
        let log = self.log()?;
        let is_new =
            |contest: &Contest| *contest != Contest::REHEARSAL && !log.state().contests().contains_key(contest);
        if contests.iter().any(is_new) { self.quorum_holds(log.state()).await } else { Ok(()) }
    }

    /// Closes contests: after this no ballot of theirs counts, and their keys are gone.
    pub(super) async fn close_contests(&self, contests: &[Contest], by: &By) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::ContestClose, contests, by).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            let closed = self.parts().urn.close(contest, actors.clone()).await;
            if closed.is_ok() {
                self.parts().roll.forget(contest).await;
                self.parts().hub.count_down(None);
            }
            self.show().await;
            done.push(Done { contest: pair(contest), size: Some(closed?.size), withheld: None });
        }
        Ok(done)
    }

    /// Publishes closed contests whose counts hold, each with its papers in the log right before it.
    pub(super) async fn publish_contests(&self, contests: &[Contest], by: &By) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::ContestPublish, contests, by).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            self.publish_papers(&meeting, contest, &actors).await?;
            let published = self.parts().urn.publish(contest, actors.clone()).await;
            self.show().await;
            let withheld = published?.withheld;
            // It is published: what could not be dropped now goes before the next act.
            let _ = self.drop_papers(&meeting, contest).await;
            done.push(Done { contest: pair(contest), size: None, withheld: Some(withheld) });
        }
        Ok(done)
    }

    /// Voids closed rounds.
    pub(super) async fn void_contests(&self, contests: &[Contest], by: &By) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::ContestVoid, contests, by).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            let voided = self.parts().urn.void(contest, actors.clone()).await;
            self.show().await;
            voided?;
            let _ = self.drop_papers(&meeting, contest).await;
            done.push(Done { contest: pair(contest), size: None, withheld: None });
        }
        Ok(done)
    }

    /// Destroys the rehearsal and its ballots.
    pub(super) async fn destroy_rehearsal(&self, by: &By) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::RehearsalDestroy, &[]).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let destroyed = self.parts().urn.destroy_rehearsal(actors).await;
        if destroyed.is_ok() {
            self.parts().roll.forget(Contest::REHEARSAL).await;
        }
        self.show().await;
        Ok(destroyed?)
    }

    /// Result note, last entry of the log, bundle: verified before it is offered. Again: the same bytes.
    pub(super) async fn archive(&self, by: &By) -> Result<board::Archived, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::Archive, &[]).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let lists = self.parts().roll.lists().await?;
        let parts = self.parts();
        let archived = board::archive(&parts.data, &parts.log, &parts.shelf, &meeting.secrets, lists, actors).await?;
        self.office().archived(&meeting.manifest.meeting).await?;
        self.show().await;
        Ok(archived)
    }
}

fn pair(contest: Contest) -> (u16, u8) {
    (contest.item, contest.round)
}
