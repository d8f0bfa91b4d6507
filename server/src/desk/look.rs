//! What an act that takes two people would come to now, for the one who asks and again for the one who confirms.

use douxuan_crypto::{contest::Contest, count::Counts, hash::sha256, lists::Lists};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    Desk, Meeting, acts,
    allowed::{Act, Standing},
    offers::{self, Seen},
    routes::{Contests, Unused, Void},
};
use crate::{
    staff::{self, Look, Policy, World},
    web::Refusal,
};

impl World for Desk {
    fn look<'a>(&'a self, _: staff::Act, path: &'a str, body: &'a [u8]) -> BoxFuture<'a, Result<Look, Refusal>> {
        Box::pin(self.look_at(path, body))
    }
}

impl Desk {
    async fn look_at(&self, path: &str, body: &[u8]) -> Result<Look, Refusal> {
        let act = Act::ALL.into_iter().find(|act| path.strip_prefix("/desk/") == Some(act.path()));
        let act = act.ok_or_else(|| Refusal::broken(format!("no act at {path}")))?;
        let contests = if act.is_of_contest() { named(body)? } else { Vec::new() };
        self.known(act, &contests)?;
        let around = self.look().await?;
        around.check(act, &contests)?;
        let (meeting, standing) = (self.frozen()?, around.standing);
        self.judge(act, body, &meeting).await?;
        if act == Act::ContestOpen {
            self.may_open(&contests).await?;
        }
        let says = self.says(act, &contests, &meeting, &standing).await?;
        let policy = if self.settings().await?.two_people { Policy::TwoPeople } else { Policy::OnePerson };
        Ok(Look {
            policy,
            stands: self.stands(act, &contests, &meeting, &standing)?,
            says: says.0.to_owned(),
            values: says.1,
            reported: meeting.manifest.items.iter().map(|item| item.name.clone()).collect(),
        })
    }

    /// Reads what was sent with an act and says no to what could not be done, so that nobody is asked to confirm it.
    async fn judge(&self, act: Act, body: &[u8], meeting: &Meeting) -> Result<(), Refusal> {
        match act {
            Act::SlipVoid => {
                let void: Void = read(body)?;
                self.voiding(meeting, &void.text, void.reason()?).await.map(drop)
            }
            Act::EnrolmentEnd => {
                let Unused { unused, lost } = read(body)?;
                self.ending(meeting, unused, lost).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Key and values of the consequence, as the console offers it. Of several contests the first one's key, what each
    /// says for itself in `each`; which they are in `contests`.
    async fn says(
        &self,
        act: Act,
        contests: &[Contest],
        meeting: &Meeting,
        standing: &Standing,
    ) -> Result<(&'static str, Value), Refusal> {
        let (log, lists): (_, Lists) = (self.log()?, self.parts().roll.lists().await?);
        let live = self.parts().hub.live();
        let may_rate = |item: u16| lists.redeemed.iter().filter(|redeemed| !redeemed.mask.excludes(item)).count();
        let counts = Counts::compute(&meeting.manifest, log.state(), &lists);
        let seen = Seen {
            log: log.state(),
            counts: &counts,
            live: &live,
            unused: acts::unused_of(&lists),
            issued: &|item| u32::try_from(may_rate(item)).unwrap_or(u32::MAX),
        };
        let of = |contest: &Contest| {
            let shown = live.contests.iter().find(|c| (c.item, c.round) == (contest.item, contest.round));
            let round = standing.rounds.get(contest).copied();
            round.map(|round| (*contest, offers::contest_says(act, *contest, round, meeting, shown, &seen)))
        };
        let each: Vec<(Contest, (&'static str, Value))> = contests.iter().filter_map(of).collect();
        let Some((_, (says, values))) = each.first() else {
            return Ok(offers::meeting_says(act, standing.stage, &seen));
        };
        let mut values = values.clone();
        values["contests"] = each.iter().map(|(contest, _)| json!([contest.item, contest.round])).collect();
        values["each"] = each.iter().map(|(_, (says, values))| json!({ "says": says, "values": values })).collect();
        Ok((says, values))
    }

    /// A digest of what the act rests on. What grows by itself while a request waits, ballots received and people
    /// enrolled, is no part of it: the one who confirms sees it, and nobody could ever confirm otherwise.
    fn stands(
        &self,
        act: Act,
        contests: &[Contest],
        meeting: &Meeting,
        standing: &Standing,
    ) -> Result<[u8; 32], Refusal> {
        let log = self.log()?;
        let mut text = format!(
            "{}\n{}\n{:?}\n{}\n",
            douxuan_crypto::bytes::hex(&meeting.manifest.id),
            act.path(),
            standing.stage,
            log.state().closed_windows()
        );
        for contest in contests {
            text.push_str(&format!("{contest:?} {:?}", standing.rounds.get(contest)));
            if matches!(act, Act::ContestPublish | Act::ContestVoid) {
                let record = log.state().contests().get(contest);
                text.push_str(&format!(" {:?}", record.and_then(|record| record.paper.as_ref())));
            }
            text.push('\n');
        }
        Ok(sha256(text.as_bytes()))
    }
}

/// The contests that a body names.
fn named(body: &[u8]) -> Result<Vec<Contest>, Refusal> {
    Ok(read::<Contests>(body)?.list())
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body }).map_err(|why| {
        Refusal::conflict(format!("请求的内容不对：{why}。"), "请刷新页面后再试；数字请只填数字。").with_status(400)
    })
}
