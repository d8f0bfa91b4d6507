//! Acts on contests, and the archive. The urn marks, logs and finishes each of them itself; the desk asks first
//! whether the counts allow it, and says who acts.

use douxuan_crypto::{
    contest::Contest,
    log::{Act, Actor, PaperCount, Role},
};
use serde::Deserialize;

use super::{Desk, Meeting, acts::allowed, allowed::Act as Allowed};
use crate::{board, limits, web::Refusal};

/// A person who acts, as the office names him. The log gets an id, the office keeps the name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    role: PersonRole,
    name: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PersonRole {
    Office,
    Chair,
    Scrutineer,
    Teller,
}

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
    pub(super) async fn open_contests(&self, contests: &[Contest], by: &[Person]) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestOpen, contests).await?;
        let actors = self.actors(&meeting, by).await?;
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

    /// Closes contests: after this no ballot of theirs counts, and their keys are gone.
    pub(super) async fn close_contests(&self, contests: &[Contest], by: &[Person]) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestClose, contests).await?;
        let actors = self.actors(&meeting, by).await?;
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

    /// Publishes closed contests whose counts hold.
    pub(super) async fn publish_contests(&self, contests: &[Contest], by: &[Person]) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestPublish, contests).await?;
        let actors = self.actors(&meeting, by).await?;
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            let published = self.parts().urn.publish(contest, actors.clone()).await;
            self.show().await;
            done.push(Done { contest: pair(contest), size: None, withheld: Some(published?.withheld) });
        }
        Ok(done)
    }

    /// Voids closed rounds.
    pub(super) async fn void_contests(&self, contests: &[Contest], by: &[Person]) -> Result<Vec<Done>, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestVoid, contests).await?;
        let actors = self.actors(&meeting, by).await?;
        let mut done = Vec::with_capacity(contests.len());
        for contest in contests.iter().copied() {
            let voided = self.parts().urn.void(contest, actors.clone()).await;
            self.show().await;
            voided?;
            done.push(Done { contest: pair(contest), size: None, withheld: None });
        }
        Ok(done)
    }

    /// Destroys the rehearsal and its ballots.
    pub(super) async fn destroy_rehearsal(&self, by: &[Person]) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::RehearsalDestroy, &[]).await?;
        let actors = self.actors(&meeting, by).await?;
        let destroyed = self.parts().urn.destroy_rehearsal(actors).await;
        if destroyed.is_ok() {
            self.parts().roll.forget(Contest::REHEARSAL).await;
        }
        self.show().await;
        Ok(destroyed?)
    }

    /// Enters the papers of a closed contest, once.
    pub(super) async fn count_paper(&self, contest: Contest, paper: PaperCount) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestPaper, &[contest]).await?;
        let log = self.log()?;
        let act = Act::PaperCounted { contest, paper };
        let after = allowed(log.state(), &act)?;
        self.counts_hold(&meeting, &after, |_| {}).await?;
        self.append(&meeting, act).await?;
        self.show().await;
        Ok(())
    }

    /// Result note, last entry of the log, bundle: verified before it is offered. Again: the same bytes.
    pub(super) async fn archive(&self, by: &[Person]) -> Result<board::Archived, Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::Archive, &[]).await?;
        let actors = self.actors(&meeting, by).await?;
        let lists = self.parts().roll.lists().await?;
        let parts = self.parts();
        let archived = board::archive(&parts.data, &parts.log, &parts.shelf, &meeting.secrets, lists, actors).await?;
        self.office().archived(&meeting.manifest.meeting).await?;
        self.show().await;
        Ok(archived)
    }

    /// The actors of an act; the office itself if nobody is named.
    async fn actors(&self, meeting: &Meeting, people: &[Person]) -> Result<Vec<Actor>, Refusal> {
        if people.is_empty() {
            return Ok(self.office_actor(meeting));
        }
        let mut actors: Vec<Actor> = Vec::with_capacity(people.len());
        for person in people {
            let name = person.name.trim();
            let length = name.chars().count();
            if length == 0 || length > limits::NAME || name.chars().any(douxuan_crypto::manifest::is_forbidden) {
                return Err(Refusal::conflict("操作人的姓名不对。", format!("请填写 1 到 {} 个字。", limits::NAME)));
            }
            let actor = Actor::new(person.role.into(), &meeting.manifest.id, name);
            if actors.iter().any(|before| before.id == actor.id) || actors.len() == 2 {
                return Err(Refusal::conflict("操作人应是一个人，或不同的两个人。", "请填监票人、计票人各一名。"));
            }
            self.office().keep_actor(&meeting.manifest.meeting, &actor, name).await?;
            actors.push(actor);
        }
        Ok(actors)
    }
}

impl From<PersonRole> for Role {
    fn from(role: PersonRole) -> Self {
        match role {
            PersonRole::Office => Self::Office,
            PersonRole::Chair => Self::Chair,
            PersonRole::Scrutineer => Self::Scrutineer,
            PersonRole::Teller => Self::Teller,
        }
    }
}

fn pair(contest: Contest) -> (u16, u8) {
    (contest.item, contest.round)
}
