//! What the console is offered: the acts of the table, each with the key of its consequence and the numbers in it.

use douxuan_crypto::{
    contest::Contest,
    count::{ContestCount, Counts},
    log::LogState,
    manifest::ReleaseKind,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Desk, Meeting,
    allowed::{Act, Round, Stage, Standing},
    paper::PaperState,
};
use crate::hall::{Live, LiveContest};

/// One act that is possible now. Label `act.<act>`, consequence `act.says_<says>`, fields `act.field_<field>`.
#[derive(Serialize)]
pub(super) struct Offer {
    /// Path behind `/desk/`.
    act: &'static str,
    /// Key of what it does, and of what cannot be undone.
    says: &'static str,
    /// The numbers in that.
    values: Value,
    /// What is to be filled in.
    fields: &'static [&'static str],
}

/// Acts of one contest.
#[derive(Serialize)]
pub(super) struct ContestOffers {
    contest: (u16, u8),
    state: &'static str,
    acts: Vec<Offer>,
    #[serde(flatten)]
    paper: PaperState,
}

impl ContestOffers {
    /// Says who has entered what of each contest's papers.
    pub(super) fn tell(&mut self, desk: &Desk, manifest: &[u8; 32]) {
        let contest = Contest::new(self.contest.0, self.contest.1);
        (self.paper.paper_waits, self.paper.paper_gone) = desk.papers_of(manifest, contest);
    }
}

/// What the numbers come from.
pub(super) struct Seen<'a> {
    pub(super) log: &'a LogState,
    pub(super) counts: &'a Counts,
    pub(super) live: &'a Live,
    /// Slips that are neither spent nor void.
    pub(super) unused: u32,
    /// Slips that may vote in an item if it is opened now.
    pub(super) issued: &'a dyn Fn(u16) -> u32,
}

impl Seen<'_> {
    fn count(&self, contest: Contest) -> Option<&ContestCount> {
        self.counts.contests.iter().find(|count| count.contest == contest)
    }

    /// Papers that a contest can have and that nobody has entered.
    fn papers_out(&self, contest: Contest) -> u64 {
        let entered = self.log.contests().get(&contest).is_some_and(|record| record.paper.is_some());
        if entered { 0 } else { self.count(contest).map_or(0, |count| count.paper_slips) }
    }
}

const fn fields(act: Act) -> &'static [&'static str] {
    match act {
        Act::WindowClose => &["present"],
        Act::SlipVoid => &["text", "reason"],
        Act::EnrolmentEnd => &["unused", "lost"],
        Act::ContestPaper => &["issued", "collected", "votes", "invalid"],
        _ => &[],
    }
}

fn offer(act: Act, (says, values): (&'static str, Value)) -> Offer {
    Offer { act: act.path(), says, values, fields: fields(act) }
}

/// What can be done while a meeting is prepared.
pub(super) fn before_freezing(standing: &Standing, attendees: usize, drill: bool) -> Vec<Offer> {
    let says = if drill { "freeze_drill" } else { "freeze" };
    let acts = standing.stage.acts().iter().filter(|act| act.is_button());
    acts.map(|act| offer(*act, (says, json!({ "attendees": attendees })))).collect()
}

/// The meeting's own acts, in the table's order. The rehearsal is destroyed here, too.
pub(super) fn of_meeting(standing: &Standing, seen: &Seen<'_>) -> Vec<Offer> {
    let acts = standing.stage.acts().iter().copied();
    acts.filter(|act| act.is_button() && (!act.is_of_contest() || *act == Act::RehearsalDestroy))
        .filter(|act| standing.allows(*act, None))
        .map(|act| offer(act, meeting_says(act, standing.stage, seen)))
        .collect()
}

/// Acts that belong to a form which the console has anyway, as paths.
pub(super) fn forms(standing: &Standing) -> Vec<&'static str> {
    standing.stage.acts().iter().filter(|act| !act.is_button()).map(|act| act.path()).collect()
}

/// Each contest of the manifest and its acts.
pub(super) fn of_contests(standing: &Standing, meeting: &Meeting, seen: &Seen<'_>) -> Vec<ContestOffers> {
    let contest = |(contest, round): (&Contest, &Round)| {
        let shown = seen.live.contests.iter().find(|c| (c.item, c.round) == (contest.item, contest.round));
        let acts = round.acts().iter().copied();
        let acts = acts.filter(|act| *act != Act::RehearsalDestroy && standing.allows(*act, Some(*contest)));
        ContestOffers {
            contest: (contest.item, contest.round),
            state: round.state(),
            acts: acts.map(|act| offer(act, contest_says(act, *contest, *round, meeting, shown, seen))).collect(),
            paper: PaperState {
                paper_slips: seen.count(*contest).map_or(0, |count| count.paper_slips),
                ..PaperState::default()
            },
        }
    };
    standing.rounds.iter().map(contest).collect()
}

pub(super) fn meeting_says(act: Act, stage: Stage, seen: &Seen<'_>) -> (&'static str, Value) {
    let next = seen.log.closed_windows().saturating_add(1);
    match act {
        Act::SlipsPrinted => ("slips_printed", json!({})),
        Act::SlipsAgain => ("slips_again", json!({})),
        Act::WindowOpen if stage == Stage::Printing => ("window_open_slips", json!({ "window": next })),
        Act::WindowOpen => ("window_open", json!({ "window": next })),
        Act::WindowClose => ("window_close", json!({ "enrolled": seen.live.enrolled, "expected": seen.live.expected })),
        Act::SlipVoid => ("slip_void", json!({})),
        Act::EnrolmentEnd => ("enrolment_end", json!({ "unused": seen.unused })),
        Act::RehearsalDestroy => ("rehearsal_destroy", json!({})),
        Act::Archive if stage == Stage::Archived => ("archive_again", json!({})),
        Act::Archive => ("archive", json!({ "contests": seen.log.real_contests().count() })),
        Act::MeetingNew if stage == Stage::Archived => ("meeting_new", json!({})),
        _ => ("meeting_give_up", json!({ "enrolled": seen.live.enrolled })),
    }
}

pub(super) fn contest_says(
    act: Act,
    contest: Contest,
    round: Round,
    meeting: &Meeting,
    shown: Option<&LiveContest>,
    seen: &Seen<'_>,
) -> (&'static str, Value) {
    let received = shown.and_then(|shown| shown.received);
    let issued_then = shown.and_then(|shown| shown.issued);
    match (act, round) {
        (_, Round::Stopped | Round::Unlogged | Round::Halfway | Round::TrialStopped) => {
            ("goes_on", json!({ "received": received.unwrap_or_default() }))
        }
        (Act::ContestOpen, _) if has_figures(contest, seen.live) => {
            ("contest_open_two_rounds", json!({ "issued": (seen.issued)(contest.item) }))
        }
        (Act::ContestOpen, _) => open_says(contest, meeting, (seen.issued)(contest.item)),
        (Act::ContestClose, _) => match issued_then.zip(received) {
            None => ("contest_close", json!({})),
            Some((issued, received)) if received >= issued => {
                ("contest_close_all", json!({ "issued": issued, "received": received }))
            }
            Some((issued, received)) => {
                let values = json!({ "issued": issued, "received": received, "missing": issued - received });
                ("contest_close_missing", values)
            }
        },
        (Act::ContestPaper, _) => ("contest_paper", json!({ "papers": seen.papers_out(contest) })),
        (Act::ContestPublish, _) => match received {
            received if seen.papers_out(contest) > 0 => {
                let values = json!({ "received": received.unwrap_or_default(), "papers": seen.papers_out(contest) });
                ("contest_publish_no_paper", values)
            }
            Some(few @ 1..=4) => ("contest_publish_few", json!({ "received": few })),
            received => ("contest_publish", json!({ "received": received.unwrap_or_default() })),
        },
        (_, Round::Published | Round::Withheld) => ("contest_void_after", json!({})),
        _ => ("contest_void", json!({ "received": received.unwrap_or_default() })),
    }
}

/// Whether an earlier round's figures are known, before or after it was voided: then the difference of two rounds can
/// show single grades (PROTOCOL section 8).
fn has_figures(contest: Contest, live: &Live) -> bool {
    let earlier = live.contests.iter().filter(|shown| shown.item == contest.item && shown.round < contest.round);
    earlier.filter_map(|shown| shown.result.as_ref()).any(|result| result.votes.is_some())
}

/// What opening gives away, and why it is not live where the office chose live.
fn open_says(contest: Contest, meeting: &Meeting, issued: u32) -> (&'static str, Value) {
    let rule = &meeting.manifest.release;
    if contest == Contest::REHEARSAL {
        return ("contest_open_rehearsal", json!({ "issued": issued }));
    }
    if rule.is_live(contest.round, issued) {
        let values = json!({ "issued": issued, "first": rule.n + rule.f, "batch": rule.n, "held_back": rule.f });
        return ("contest_open_live", values);
    }
    match rule.kind {
        _ if contest.round > 1 => ("contest_open_again", json!({ "issued": issued })),
        ReleaseKind::Live => ("contest_open_small", json!({ "issued": issued, "least": 4 * rule.f })),
        ReleaseKind::Close => ("contest_open_close", json!({ "issued": issued })),
    }
}
