//! Which act is allowed where: the order rules of PROTOCOL section 21, one state for the server and the verifier.

use std::collections::BTreeMap;

use super::{
    act::{Act, LoggedTally, PaperCount, Reason},
    entry::Entry,
};
use crate::{board::is_withheld, contest::Contest, manifest::Manifest, merkle::Hash};

/// The rule an entry broke, by its number in PROTOCOL section 21.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderError {
    /// 1 to 12; 0 for an entry that no rule allows anywhere, as of one person in two offices.
    pub rule: u8,
    /// What is wrong, for an operator.
    pub why: &'static str,
}

impl core::fmt::Display for OrderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "order rule {}: {}", self.rule, self.why)
    }
}

impl std::error::Error for OrderError {}

/// A closed enrolment window, as announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// 实到.
    pub present: u32,
    /// |D_w|.
    pub redeemed: u32,
    /// Root over D_w.
    pub root: Hash,
}

/// A voided slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlipVoid {
    /// Why.
    pub reason: Reason,
    /// How many windows had been opened.
    pub window: u8,
}

/// The board a contest closed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedBoard {
    /// Ballots.
    pub size: u32,
    /// RFC 9162 root.
    pub root: Hash,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The figures, or `None` where withheld.
    pub tally: Option<LoggedTally>,
    /// Board proof, one a chunk.
    pub proofs: Vec<[u8; 64]>,
}

/// How a contest ended (PROTOCOL section 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With figures.
    Published,
    /// 1 to 4 ballots: board and root only.
    Withheld,
    /// Voided before its figures were known.
    VoidedBefore,
    /// Voided after they were.
    VoidedAfter,
}

impl Outcome {
    /// The word of the result note.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Withheld => "withheld",
            Self::VoidedBefore => "voided-before",
            Self::VoidedAfter => "voided-after",
        }
    }

    /// Whether t and R are in the bundle.
    #[must_use]
    pub const fn has_tally(self) -> bool {
        matches!(self, Self::Published | Self::VoidedAfter)
    }
}

/// What the log says of one opened contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestRecord {
    /// Windows 1..w count for it.
    pub window: u8,
    /// Set at the close.
    pub closed: Option<ClosedBoard>,
    /// Papers, if any were counted.
    pub paper: Option<PaperCount>,
    /// Set at publication.
    pub published: Option<Publication>,
    /// Set when voided.
    pub voided: bool,
    /// The rehearsal's only end.
    pub destroyed: bool,
}

impl ContestRecord {
    /// How it ended; `None` while it has not, and for the rehearsal.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let few = is_withheld(self.closed?.size as usize);
        match (self.published.is_some(), self.voided) {
            (false, false) => None,
            (false, true) => Some(Outcome::VoidedBefore),
            (true, _) if few => Some(Outcome::Withheld),
            (true, false) => Some(Outcome::Published),
            (true, true) => Some(Outcome::VoidedAfter),
        }
    }

    fn open(&self) -> bool {
        self.closed.is_none() && !self.destroyed
    }

    fn ended(&self) -> bool {
        self.published.is_some() || self.voided || self.destroyed
    }
}

/// Everything the acts so far add up to. [`LogState::apply`] is the only way to change it.
#[derive(Clone, Debug)]
pub struct LogState {
    id: Hash,
    known: Vec<Contest>,
    options: usize,
    begun: bool,
    opened: u8,
    windows: Vec<Window>,
    unused: Option<u32>,
    slips: BTreeMap<[u8; 32], SlipVoid>,
    contests: BTreeMap<Contest, ContestRecord>,
    result: Option<Hash>,
}

fn rule(holds: bool, rule: u8, why: &'static str) -> Result<(), OrderError> {
    if holds { Ok(()) } else { Err(OrderError { rule, why }) }
}

impl LogState {
    /// The state before the first entry of this meeting's log.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        Self {
            id: manifest.id,
            known: manifest.contests.iter().map(|c| c.contest).collect(),
            options: manifest.options(),
            begun: false,
            opened: 0,
            windows: Vec::new(),
            unused: None,
            slips: BTreeMap::new(),
            contests: BTreeMap::new(),
            result: None,
        }
    }

    /// Closed windows in order; window w stands at index w - 1.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// How many windows are closed.
    #[must_use]
    pub fn closed_windows(&self) -> u8 {
        // One window opens at a time and `opened` is a byte.
        u8::try_from(self.windows.len()).unwrap_or(u8::MAX)
    }

    /// The window that is open.
    #[must_use]
    pub fn open_window(&self) -> Option<u8> {
        (usize::from(self.opened) > self.windows.len()).then_some(self.opened)
    }

    /// Unused slips as counted by hand, once enrolment has ended.
    #[must_use]
    pub fn unused(&self) -> Option<u32> {
        self.unused
    }

    /// Voided slips by T.
    #[must_use]
    pub fn voided_slips(&self) -> &BTreeMap<[u8; 32], SlipVoid> {
        &self.slips
    }

    /// Opened contests in contest order, the rehearsal with them.
    #[must_use]
    pub fn contests(&self) -> &BTreeMap<Contest, ContestRecord> {
        &self.contests
    }

    /// Opened contests but the rehearsal, in contest order: those of the result.
    pub fn real_contests(&self) -> impl Iterator<Item = (Contest, &ContestRecord)> {
        self.contests.iter().filter(|(c, _)| **c != Contest::REHEARSAL).map(|(c, r)| (*c, r))
    }

    /// Hash of the result note, once the log is complete.
    #[must_use]
    pub fn result(&self) -> Option<&Hash> {
        self.result.as_ref()
    }

    /// Takes one more entry. The state is unchanged if it is refused, so this is also the question whether an act is
    /// allowed now. **It does not check numbers**: those are the count formulas'.
    ///
    /// # Errors
    /// [`OrderError`] with the rule that forbids the entry here.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), OrderError> {
        rule(self.result.is_none(), 12, "the log is complete; nothing stands behind the result")?;
        rule(entry.actors.len() <= 2, 0, "an act has at most two actors")?;
        let same = matches!(entry.actors.as_slice(), [one, two] if one.id == two.id);
        rule(!same, 0, "the two actors of an act are two people")?;
        if let Act::Manifest { id } = &entry.act {
            rule(!self.begun, 1, "the manifest stands only at the beginning")?;
            rule(*id == self.id, 1, "this is the log of another manifest")?;
            self.begun = true;
            return Ok(());
        }
        rule(self.begun, 1, "the log begins with its manifest")?;
        match &entry.act {
            Act::Manifest { .. } => Ok(()),
            Act::WindowOpened { window } => self.window_opened(*window),
            Act::WindowClosed { window, present, redeemed, root } => {
                rule(self.open_window() == Some(*window), 3, "this window is not open")?;
                self.windows.push(Window { present: *present, redeemed: *redeemed, root: *root });
                Ok(())
            }
            Act::EnrolmentEnded { windows, unused } => {
                rule(self.unused.is_none(), 4, "enrolment has already ended")?;
                rule(self.opened > 0, 4, "no window was ever opened")?;
                rule(self.open_window().is_none(), 4, "a window is still open")?;
                rule(*windows == self.closed_windows(), 4, "the number of windows is wrong")?;
                self.unused = Some(*unused);
                Ok(())
            }
            Act::SlipVoided { slip, reason, window } => {
                rule(self.unused.is_none(), 5, "enrolment has ended; unused slips are dead anyway")?;
                rule(self.opened >= 1, 5, "no window was opened yet")?;
                rule(!self.slips.contains_key(slip), 5, "this slip is already void")?;
                rule(*window == self.opened, 5, "the window is not the current one")?;
                self.slips.insert(*slip, SlipVoid { reason: *reason, window: *window });
                Ok(())
            }
            Act::ContestOpened { contest, window } => self.contest_opened(*contest, *window),
            Act::RehearsalDestroyed => {
                let record = self.contests.get_mut(&Contest::REHEARSAL).filter(|r| r.open());
                let record = record.ok_or(OrderError { rule: 11, why: "the rehearsal is not open" })?;
                record.destroyed = true;
                Ok(())
            }
            Act::Result { hash } => {
                rule(self.unused.is_some(), 12, "enrolment has not ended")?;
                rule(self.contests.values().all(ContestRecord::ended), 12, "a contest has no outcome yet")?;
                self.result = Some(*hash);
                Ok(())
            }
            Act::ContestClosed { .. }
            | Act::PaperCounted { .. }
            | Act::ContestPublished { .. }
            | Act::ContestVoided { .. } => self.contest_act(&entry.act),
        }
    }

    fn window_opened(&mut self, window: u8) -> Result<(), OrderError> {
        rule(self.open_window().is_none(), 2, "a window is open already")?;
        rule(!self.contests.values().any(ContestRecord::open), 2, "a contest is open")?;
        rule(self.unused.is_none(), 2, "enrolment has ended")?;
        rule(self.opened.checked_add(1) == Some(window), 2, "windows are numbered 1, 2, 3 in order")?;
        self.opened = window;
        Ok(())
    }

    fn contest_opened(&mut self, contest: Contest, window: u8) -> Result<(), OrderError> {
        rule(self.known.contains(&contest), 6, "the manifest has no such contest")?;
        rule(self.open_window().is_none(), 6, "an enrolment window is open")?;
        rule(
            window >= 1 && window == self.closed_windows(),
            6,
            "the number of closed windows is wrong, or none is closed",
        )?;
        rule(!self.contests.contains_key(&contest), 6, "this contest was opened before")?;
        if contest.round > 1 {
            let before = self.contests.get(&Contest::new(contest.item, contest.round - 1));
            rule(before.is_some_and(ContestRecord::ended), 6, "the round before it has no outcome yet")?;
        }
        let record =
            ContestRecord { window, closed: None, paper: None, published: None, voided: false, destroyed: false };
        self.contests.insert(contest, record);
        Ok(())
    }

    fn contest_act(&mut self, act: &Act) -> Result<(), OrderError> {
        let options = self.options;
        let (number, contest) = match act {
            Act::ContestClosed { contest, .. } => (7, contest),
            Act::PaperCounted { contest, .. } => (8, contest),
            Act::ContestPublished { contest, .. } => (9, contest),
            Act::ContestVoided { contest, .. } => (10, contest),
            _ => return Err(OrderError { rule: 0, why: "not an act on a contest" }),
        };
        let record = self.contests.get_mut(contest).filter(|_| *contest != Contest::REHEARSAL);
        let record =
            record.ok_or(OrderError { rule: number, why: "this contest was not opened, or is the rehearsal" })?;
        if let Act::ContestClosed { size, root, .. } = act {
            rule(record.open(), 7, "the contest is not open")?;
            record.closed = Some(ClosedBoard { size: *size, root: *root });
            return Ok(());
        }
        rule(record.closed.is_some(), number, "the contest is not closed")?;
        rule(!record.voided, number, "the contest is void")?;
        match act {
            Act::PaperCounted { paper, .. } => {
                rule(record.published.is_none(), 8, "the contest is already published")?;
                rule(record.paper.is_none(), 8, "its papers were counted before")?;
                rule(paper.votes.len() == options, 8, "the number of options is wrong")?;
                record.paper = Some(paper.clone());
            }
            Act::ContestPublished { tally, proofs, .. } => {
                rule(record.published.is_none(), 9, "the contest is already published")?;
                let right = tally.as_ref().is_none_or(|t| t.votes.len() == options);
                rule(right, 9, "the number of options is wrong")?;
                record.published = Some(Publication { tally: tally.clone(), proofs: proofs.clone() });
            }
            Act::ContestVoided { after, .. } => {
                rule(*after == record.published.is_some(), 10, "the entry is wrong about publication")?;
                record.voided = true;
            }
            _ => {}
        }
        Ok(())
    }
}
