//! Where a meeting and its contests stand, from log, urn, slips and counts; and what the table says to an act there.

use std::collections::{BTreeMap, BTreeSet};

use douxuan_crypto::{
    contest::Contest,
    log::{ContestRecord, LogState},
};

use super::{Act, Round, Stage};
use crate::{urn::Phase, web::Refusal};

/// Where a meeting stands as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The meeting.
    pub stage: Stage,
    /// Every contest of the manifest; empty before freezing.
    pub rounds: BTreeMap<Contest, Round>,
}

/// What a standing follows from, once a meeting is frozen.
pub struct Facts<'a> {
    /// The log.
    pub log: &'a LogState,
    /// Every contest of the manifest with its phase in the urn.
    pub phases: &'a [(Contest, Phase)],
    /// The slips are in memory.
    pub slips: bool,
    /// A count of the meeting as a whole does not hold.
    pub wrong: bool,
    /// Contests of which a count does not hold.
    pub wrong_contests: &'a BTreeSet<Contest>,
}

impl Standing {
    /// Before a meeting is frozen.
    #[must_use]
    pub fn preparing(ready: bool) -> Self {
        Self { stage: if ready { Stage::Drafted } else { Stage::Empty }, rounds: BTreeMap::new() }
    }

    /// Of a frozen meeting.
    #[must_use]
    pub fn of(facts: &Facts<'_>) -> Self {
        let rounds = facts.phases.iter().map(|(contest, phase)| (*contest, round(facts, *contest, *phase)));
        Self { stage: stage(facts), rounds: rounds.collect() }
    }

    /// Whether the meeting's row has it and, for an act on a contest, that contest's row.
    #[must_use]
    pub fn allows(&self, act: Act, contest: Option<Contest>) -> bool {
        let contest = if act == Act::RehearsalDestroy { Some(Contest::REHEARSAL) } else { contest };
        let here = || contest.and_then(|contest| self.rounds.get(&contest)).is_some_and(|r| r.acts().contains(&act));
        self.stage.acts().contains(&act) && (!act.is_of_contest() || here())
    }

    /// Says no to what the table does not have.
    ///
    /// # Errors
    /// 409: where the meeting or the contest stands, and what comes next.
    pub fn check(&self, act: Act, contest: Option<Contest>) -> Result<(), Refusal> {
        if self.allows(act, contest) {
            return Ok(());
        }
        let contest = if act == Act::RehearsalDestroy { Some(Contest::REHEARSAL) } else { contest };
        let of_meeting = !self.stage.acts().contains(&act);
        // The contest says more, unless it is the meeting alone that stands in the way.
        let round = contest.and_then(|contest| Some((contest, *self.rounds.get(&contest)?)));
        let Some((contest, round)) = round.filter(|(_, round)| !(of_meeting && round.acts().contains(&act))) else {
            let (stands, next) = self.stage.zh();
            return Err(Refusal::conflict(format!("{stands}，现在不能“{}”。", act.zh()), next));
        };
        if of_meeting && self.stage == Stage::Archived {
            let (stands, next) = self.stage.zh();
            return Err(Refusal::conflict(format!("{stands}，现在不能“{}”。", act.zh()), next));
        }
        let (stands, next) = round.zh();
        let name = if contest == Contest::REHEARSAL {
            "试投".to_owned()
        } else {
            format!("第{}项第{}轮", contest.item, contest.round)
        };
        Err(Refusal::conflict(format!("{name}{stands}，现在不能“{}”。", act.zh()), next))
    }
}

fn stage(facts: &Facts<'_>) -> Stage {
    let log = facts.log;
    if log.result().is_some() {
        return Stage::Archived;
    }
    let open = |record: &ContestRecord| record.closed.is_none() && !record.destroyed;
    let ended = |record: &ContestRecord| record.published.is_some() || record.voided || record.destroyed;
    if log.unused().is_some() {
        let wrong = facts.wrong || !facts.wrong_contests.is_empty();
        return if log.contests().values().all(ended) && !wrong { Stage::Complete } else { Stage::Ended };
    }
    let begun = log.real_contests().next().is_some();
    let voting = log.contests().values().any(open);
    match (log.open_window().is_some(), begun, voting) {
        (true, false, _) => Stage::Enrolling,
        (true, true, _) => Stage::Reopened,
        (false, true, true) => Stage::Voting,
        (false, true, false) => Stage::Between,
        (false, false, true) => Stage::Rehearsing,
        (false, false, false) if log.closed_windows() > 0 => Stage::Seated,
        _ if facts.slips => Stage::Printing,
        _ => Stage::Printed,
    }
}

fn round(facts: &Facts<'_>, contest: Contest, phase: Phase) -> Round {
    let record = facts.log.contests().get(&contest);
    let trial = contest == Contest::REHEARSAL;
    let wrong = facts.wrong || facts.wrong_contests.contains(&contest);
    let counted = record.is_some_and(|record| record.paper.is_some());
    match phase {
        Phase::Unopened if trial => Round::Trial,
        Phase::Unopened => {
            let before = facts.log.contests().get(&Contest::new(contest.item, contest.round.saturating_sub(1)));
            let first = contest.round <= 1;
            let over = before.is_some_and(|record| record.published.is_some() || record.voided);
            if first || over { Round::Unopened } else { Round::Later }
        }
        Phase::Open if trial => Round::TrialOpen,
        Phase::Open => Round::Open,
        Phase::Stopped => match record {
            None => Round::Unlogged,
            Some(_) if trial => Round::TrialStopped,
            Some(record) if record.closed.is_some() => Round::Halfway,
            Some(_) => Round::Stopped,
        },
        Phase::Closing => Round::Closing,
        Phase::Closed => match (wrong, counted) {
            (false, false) => Round::Closed,
            (false, true) => Round::Counted,
            (true, false) => Round::Wrong,
            (true, true) => Round::WrongCounted,
        },
        Phase::Published => Round::Published,
        Phase::Withheld => Round::Withheld,
        Phase::Voided => Round::Voided,
        Phase::Destroyed => Round::TrialDestroyed,
    }
}
