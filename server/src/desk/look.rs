//! What an act that takes two people would come to now, for the one who asks and again for the one who confirms.

use douxuan_crypto::{contest::Contest, count::Counts, lists::Lists, log::Reason};
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

    fn policy(&self) -> BoxFuture<'_, Result<Policy, Refusal>> {
        Box::pin(async { Ok(if self.settings().await?.two_people { Policy::TwoPeople } else { Policy::OnePerson }) })
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
        let meeting = self.frozen()?;
        let own = self.judge(act, body, &meeting).await?;
        if act == Act::ContestOpen {
            self.may_open(&contests).await?;
        }
        let says = match own {
            Some(says) => says,
            None => self.says(act, &contests, &meeting, &around.standing).await?,
        };
        Ok(Look {
            stands: around.stands(act, &contests, &meeting)?,
            says: says.0.to_owned(),
            values: says.1,
            reported: meeting.manifest.items.iter().map(|item| item.name.clone()).collect(),
        })
    }

    /// Reads what was sent with an act and says no to what could not be done, so that nobody is asked to confirm it.
    /// What was filled in stands in what the second person reads; never the slip, nor whether it is spent.
    async fn judge(&self, act: Act, body: &[u8], meeting: &Meeting) -> Result<Option<(&'static str, Value)>, Refusal> {
        match act {
            Act::SlipVoid => {
                let void: Void = read(body)?;
                let reason = void.reason()?;
                self.is_slip(meeting, &void.text).await?;
                let says = match reason {
                    Reason::Paper => "slip_void_paper",
                    Reason::Lost => "slip_void_lost",
                    Reason::Other => "slip_void_other",
                };
                Ok(Some((says, json!({}))))
            }
            Act::EnrolmentEnd => {
                let Unused { unused, lost } = read(body)?;
                self.ending(meeting, unused, lost).await?;
                Ok(Some(("enrolment_end_counted", json!({ "unused": unused, "lost": lost }))))
            }
            _ => Ok(None),
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
        let (_, log) = self.log_and_papers(meeting).await?;
        let lists: Lists = self.parts().roll.lists().await?;
        let live = self.parts().hub.live();
        let may_rate = |item: u16| lists.redeemed.iter().filter(|redeemed| !redeemed.mask.excludes(item)).count();
        let counts = Counts::compute(&meeting.manifest, &log, &lists);
        let seen = Seen {
            log: &log,
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
