//! What acts are to the log, and what the log says of a contest.

use douxuan::{desk::allowed::Act, urn::Phase};
use douxuan_crypto::{
    contest::Contest,
    log::{Act as Logged, LogState, PaperCount, Reason},
};

/// What the log would be asked for an act, with so many present and so many slips and ballots in; `None` where it has
/// no say.
pub fn logged(log: &LogState, act: Act, contest: Contest, [present, cast]: [u32; 2]) -> Option<Logged> {
    let opened = log.open_window().unwrap_or(log.closed_windows());
    Some(match act {
        Act::WindowOpen => Logged::WindowOpened { window: log.closed_windows() + 1 },
        Act::WindowClose => Logged::WindowClosed { window: opened, present, redeemed: cast, root: [0; 32] },
        Act::SlipVoid => Logged::SlipVoided { slip: [7; 32], reason: Reason::Lost, window: opened },
        Act::EnrolmentEnd => Logged::EnrolmentEnded { windows: log.closed_windows(), unused: 0 },
        Act::ContestOpen => Logged::ContestOpened { contest, window: log.closed_windows() },
        Act::ContestClose => Logged::ContestClosed { contest, size: cast, root: [0; 32] },
        Act::ContestPaper => Logged::PaperCounted { contest, paper: PaperCount::none(5) },
        Act::ContestPublish => Logged::ContestPublished { contest, tally: None, proofs: Vec::new() },
        Act::ContestVoid => {
            let after = log.contests().get(&contest).is_some_and(|record| record.published.is_some());
            Logged::ContestVoided { contest, after }
        }
        Act::RehearsalDestroy => Logged::RehearsalDestroyed,
        Act::Archive => Logged::Result { hash: [0; 32] },
        _ => return None,
    })
}

/// Where the urn stands if nothing was cut short.
pub fn phase(log: &LogState, contest: Contest) -> Phase {
    let Some(record) = log.contests().get(&contest) else { return Phase::Unopened };
    match (record.destroyed, record.voided, record.published.is_some(), record.closed.is_some()) {
        (true, ..) => Phase::Destroyed,
        (_, true, ..) => Phase::Voided,
        (_, _, true, _) => Phase::Published,
        (_, _, _, true) => Phase::Closed,
        _ => Phase::Open,
    }
}
