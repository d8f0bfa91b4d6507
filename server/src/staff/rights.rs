//! Who may do what: one table of roles and acts. What is not in it, nobody may.

use std::collections::BTreeMap;

use axum::http::Method;
use serde::Deserialize;

use super::account::Role;

/// What the console can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// See the state, the log, the results, the bundle.
    Look,
    /// See and print the slips, and what else carries secrets of the room.
    PrintSlips,
    /// Import, settings, network, freeze, and every other act of preparing a meeting or letting one go.
    Prepare,
    /// Look at this machine, its network and its lists the evening before.
    Preflight,
    /// Show a countdown, which binds nothing.
    Countdown,
    /// Say who is here.
    CheckIn,
    /// Open an enrolment window.
    WindowOpen,
    /// Close it.
    WindowClose,
    /// Void a slip.
    SlipVoid,
    /// End enrolment: unused slips are void.
    EnrolmentEnd,
    /// Open a contest's first round, or the rehearsal.
    ContestOpen,
    /// Open a further round beside the one before.
    NewRound,
    /// Close a contest.
    ContestClose,
    /// Enter counted papers.
    PaperCount,
    /// Publish a contest.
    ContestPublish,
    /// Void a round.
    ContestVoid,
    /// Destroy the rehearsal's ballots.
    RehearsalDestroy,
    /// Write the result and the bundle.
    Archive,
    /// See the record of the review.
    RecordLook,
    /// Keep it: enter, change, hand in.
    RecordKeep,
    /// Approve there what another has proposed.
    RecordApprove,
    /// See the accounts.
    Accounts,
    /// Make, close, reset accounts.
    ChangeAccounts,
}

/// What a role may do about an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    No,
    /// Do it, or read it, alone.
    Alone,
    /// Take part in it: ask for it, or confirm what another has asked for.
    TakePart,
    /// Confirm what another has asked for.
    Confirm,
}

/// How many people an act takes that can take two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Policy {
    /// Two, one of them a scrutineer who is not reported on.
    #[default]
    TwoPeople,
    /// One: the office or the chair. Papers are entered by one who counts: the office or a teller.
    OnePerson,
}

/// What can be posted, behind `/desk/`.
const POSTS: [(&str, Act); 22] = [
    ("sample", Act::Prepare),
    ("import", Act::Prepare),
    ("settings", Act::Prepare),
    ("freeze", Act::Prepare),
    ("slips/printed", Act::Prepare),
    ("slips/again", Act::Prepare),
    ("wifi", Act::Prepare),
    ("meeting/new", Act::Prepare),
    ("preflight/run", Act::Preflight),
    ("countdown", Act::Countdown),
    ("checkin", Act::CheckIn),
    ("window/open", Act::WindowOpen),
    ("window/close", Act::WindowClose),
    ("slip/void", Act::SlipVoid),
    ("enrolment/end", Act::EnrolmentEnd),
    ("contest/open", Act::ContestOpen),
    ("contest/close", Act::ContestClose),
    ("contest/paper", Act::PaperCount),
    ("contest/publish", Act::ContestPublish),
    ("contest/void", Act::ContestVoid),
    ("rehearsal/destroy", Act::RehearsalDestroy),
    ("archive", Act::Archive),
];

/// What the pages are told of besides: a further round, and the record.
const BESIDE: [(&str, Act); 4] = [
    ("round", Act::NewRound),
    ("record", Act::RecordLook),
    ("record/keep", Act::RecordKeep),
    ("record/approve", Act::RecordApprove),
];

/// The table for the console's page, which keeps buttons away that would be refused: for each path a letter a role, in
/// the order of [`Role::ALL`]. `a` does it alone, `t` takes part, `c` confirms only, `-` nothing. A further round stands
/// under `round`.
#[must_use]
pub(super) fn shown() -> BTreeMap<&'static str, String> {
    let letters = |act: Act| {
        let letter = |role: &Role| match right(*role, act) {
            Right::No => '-',
            Right::Alone => 'a',
            Right::TakePart => 't',
            Right::Confirm => 'c',
        };
        Role::ALL.iter().map(letter).collect()
    };
    POSTS.iter().copied().chain(BESIDE).map(|(path, act)| (path, letters(act))).collect()
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Look,
        Self::PrintSlips,
        Self::Prepare,
        Self::Preflight,
        Self::Countdown,
        Self::CheckIn,
        Self::WindowOpen,
        Self::WindowClose,
        Self::SlipVoid,
        Self::EnrolmentEnd,
        Self::ContestOpen,
        Self::NewRound,
        Self::ContestClose,
        Self::PaperCount,
        Self::ContestPublish,
        Self::ContestVoid,
        Self::RehearsalDestroy,
        Self::Archive,
        Self::RecordLook,
        Self::RecordKeep,
        Self::RecordApprove,
        Self::Accounts,
        Self::ChangeAccounts,
    ];

    /// The act of a request to the console; `None` for one that the table does not know.
    #[must_use]
    pub fn of(method: &Method, path: &str, body: &[u8]) -> Option<Self> {
        if path.starts_with("/api/") {
            let looks = matches!(*method, Method::GET | Method::HEAD);
            // What can be asked is no secret, and what is asked has a right of its own.
            if looks && matches!(path, "/api/openapi.json" | "/api/asyncapi.json") {
                return Some(Self::Look);
            }
            let keeps = if path.ends_with("/approve") { Self::RecordApprove } else { Self::RecordKeep };
            return Some(if looks { Self::RecordLook } else { keeps });
        }
        let name = path.strip_prefix("/desk/")?;
        if matches!(*method, Method::GET | Method::HEAD) {
            return match name {
                "state" | "bundle.zip" | "papers.xlsx" | "papers.csv" | "papers.pdf" => Some(Self::Look),
                // What is found there names attendees.
                "preflight" | "preflight.svg" | "preflight/page" => Some(Self::Preflight),
                "slips" | "slips.json" | "wifi" => Some(Self::PrintSlips),
                "checkin" | "checkin/sheet" => Some(Self::CheckIn),
                _ => None,
            };
        }
        let (_, act) = POSTS.iter().find(|(path, _)| *path == name)?;
        Some(if *act == Self::ContestOpen && !is_first_round(body) { Self::NewRound } else { *act })
    }

    /// Whether the policy asks for two people.
    #[must_use]
    pub fn takes_two(self) -> bool {
        Role::ALL.iter().any(|role| right(*role, self) == Right::TakePart)
    }
}

/// The table.
#[must_use]
pub const fn right(role: Role, act: Act) -> Right {
    use Right::{Alone, Confirm, No, TakePart};
    //                                   office    chair     scrutineer teller   auditor
    let row = match act {
        Act::Look | Act::Accounts => [Alone, Alone, Alone, Alone, Alone],
        Act::PrintSlips => [Alone, No, No, No, No],
        Act::Prepare => [Alone, No, No, No, No],
        Act::Preflight => [Alone, Alone, No, No, No],
        Act::Countdown => [Alone, Alone, No, No, No],
        Act::CheckIn => [Alone, Alone, No, Alone, No],
        Act::WindowOpen => [TakePart, TakePart, TakePart, TakePart, No],
        Act::WindowClose => [Alone, Alone, No, No, No],
        Act::SlipVoid => [TakePart, TakePart, TakePart, TakePart, No],
        Act::EnrolmentEnd => [TakePart, TakePart, TakePart, TakePart, No],
        Act::ContestOpen => [Alone, Alone, No, No, No],
        // Whether there is a further round is the office's or the chair's to say, never that of those who count.
        Act::NewRound => [TakePart, TakePart, Confirm, No, No],
        Act::ContestClose => [TakePart, TakePart, TakePart, TakePart, No],
        // Each enters his own count. Where two decide, two such counts have to be equal; where one does, the first is it.
        Act::PaperCount => [Alone, No, No, Alone, No],
        Act::ContestPublish => [TakePart, TakePart, TakePart, TakePart, No],
        Act::ContestVoid => [TakePart, TakePart, TakePart, TakePart, No],
        Act::RehearsalDestroy => [Alone, Alone, No, No, No],
        Act::Archive => [Alone, No, No, No, No],
        Act::RecordLook => [Alone, Alone, No, No, Alone],
        Act::RecordKeep => [Alone, No, No, No, No],
        Act::RecordApprove => [No, Alone, No, No, No],
        Act::ChangeAccounts => [Alone, No, No, No, No],
    };
    match role {
        Role::Office => row[0],
        Role::Chair => row[1],
        Role::Scrutineer => row[2],
        Role::Teller => row[3],
        Role::Auditor => row[4],
    }
}

/// What one person's asking for an act comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It is done.
    Does,
    /// It waits for a second person.
    Waits,
    /// He may not.
    MayNot,
}

/// What it comes to if somebody of this role asks for an act.
#[must_use]
pub fn asking(role: Role, act: Act, policy: Policy) -> Asking {
    match (right(role, act), policy) {
        (Right::Alone, _) => Asking::Does,
        (Right::TakePart, Policy::TwoPeople) => Asking::Waits,
        (Right::TakePart, Policy::OnePerson) if matches!(role, Role::Office | Role::Chair) => Asking::Does,
        _ => Asking::MayNot,
    }
}

/// Whether `second` may confirm what `first` has asked for: both have the right, and one of them is a scrutineer.
#[must_use]
pub fn may_confirm(first: Role, second: Role, act: Act) -> bool {
    right(first, act) == Right::TakePart
        && matches!(right(second, act), Right::TakePart | Right::Confirm)
        && (first == Role::Scrutineer || second == Role::Scrutineer)
}

/// Whether these two may count the papers, each for himself: both have the right, and one of them is a teller.
pub(super) fn may_count(first: Role, second: Role) -> bool {
    [first, second].iter().all(|role| right(*role, Act::PaperCount) == Right::Alone)
        && (first == Role::Teller || second == Role::Teller)
}

/// Whether every contest in the body is in its first round or the rehearsal. What cannot be read counts as a further
/// round: it takes two people to be told that it cannot be read.
fn is_first_round(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Contests {
        contests: Vec<(u16, u8)>,
    }
    serde_json::from_slice::<Contests>(body).is_ok_and(|body| body.contests.iter().all(|(_, round)| *round <= 1))
}
