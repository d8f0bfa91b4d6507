//! The counts of a meeting and the formulas they must satisfy (PROTOCOL sections 9, 23 and V9 of 26).
//!
//! ```text
//! |D_w| redeemed up to window w      V voided      A leaves      Q_w voided as paper up to w
//! for each window          redeemed = |D_w|,  |D_w| + Q_w <= present_w <= expected
//! all in all               |D_last| + |V| <= A,  unused = A - |D_last| - |V|
//! a contest of window w    issued_e = #{T in D_w : item not in mask(T)},  cast_e = size = sum t_j <= issued_e
//!                          issued_p <= #{T in V as paper up to w : item not in mask(T)},  cast_p <= issued_p
//! cast_p < 5, or 1 <= size <= 4      p_j = invalid_p = 0;   else ungraded_p = 0
//! ```
//! Everything issued is recomputed from the lists, never believed.

use crate::{
    contest::Contest,
    lists::Lists,
    log::{ContestRecord, LogState, Outcome, PaperCount, Reason},
    manifest::{Manifest, OptionKind},
    merkle::Hash,
    thresholds::Threshold,
};

mod formulas;

pub use formulas::{Check, Formula, Place, Violation};

/// Fewer papers than this in one contest are counted but not graded.
pub const FEWEST_PAPERS: u64 = 5;

/// One closed enrolment window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowCount {
    /// From 1.
    pub window: u8,
    /// 实到, as announced.
    pub present: u64,
    /// Redeemed as logged.
    pub redeemed: u64,
    /// |D_w|, counted in the list.
    pub listed: u64,
    /// Q_w.
    pub paper: u64,
    /// Root as logged.
    pub root: Hash,
}

/// Votes by option, phones and paper together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grades {
    /// `v_j = t_j + p_j`.
    pub votes: Vec<u64>,
    /// 有效: sum over grades.
    pub valid: u64,
    /// 弃权: sum over abstain options.
    pub abstained: u64,
}

/// One closed contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestCount {
    /// Which.
    pub contest: Contest,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// Root of its board.
    pub root: Hash,
    /// Slips of D_w that may rate this item.
    pub issued_e: u64,
    /// Ballots on the board.
    pub cast_e: u64,
    /// `sum t_j`, if the figures are known.
    pub tallied: Option<u64>,
    /// Its papers.
    pub paper: PaperCount,
    /// Slips voided as paper up to w that may rate this item: the most papers it can have.
    pub paper_slips: u64,
    /// Votes; published and voided-after only.
    pub grades: Option<Grades>,
    /// Published only.
    pub threshold: Option<Threshold>,
}

/// The counts of a meeting, as far as its log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// 应到.
    pub expected: u64,
    /// The number of leaves in the manifest.
    pub leaves_announced: u64,
    /// A: leaves in the list.
    pub leaves: u64,
    /// |V|.
    pub voided: u64,
    /// |D_last|.
    pub redeemed: u64,
    /// Unused slips as counted by hand, once enrolment has ended.
    pub unused: Option<u64>,
    /// Closed windows.
    pub windows: Vec<WindowCount>,
    /// Closed contests but the rehearsal, in contest order.
    pub contests: Vec<ContestCount>,
}

impl ContestCount {
    /// 发出.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.issued_e + u64::from(self.paper.issued)
    }

    /// 收回.
    #[must_use]
    pub fn cast(&self) -> u64 {
        self.cast_e + self.paper.cast()
    }

    /// 未交, which is not 弃权. Zero where a formula is violated and more was cast than issued.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.issued().saturating_sub(self.cast())
    }

    fn compute(manifest: &Manifest, lists: &Lists, contest: Contest, record: &ContestRecord) -> Option<Self> {
        let closed = record.closed?;
        let redeemed = lists.redeemed.iter().filter(|r| r.window <= record.window);
        let issued_e = number(redeemed.filter(|r| !r.mask.excludes(contest.item)).count());
        // A voided T that is no leaf excludes nothing here; V10 refuses it.
        let may_rate = |token: &[u8; 32]| lists.leaf(token).is_none_or(|l| !l.mask.excludes(contest.item));
        let papers = lists.voided.iter().filter(|v| v.reason == Reason::Paper && v.window <= record.window);
        let paper_slips = number(papers.filter(|v| may_rate(&v.token)).count());
        let paper = record.paper.clone().unwrap_or_else(|| PaperCount::none(manifest.options()));
        let outcome = record.outcome();
        let cast_e = u64::from(closed.size);
        let tally = record.published.as_ref().and_then(|p| p.tally.as_ref());
        let phones: Option<Vec<u64>> = tally.map(|t| t.votes.iter().map(|v| u64::from(*v)).collect());
        let shown = phones.as_ref().filter(|_| outcome.is_some_and(Outcome::has_tally));
        let on_paper: Vec<u64> = paper.votes.iter().map(|v| u64::from(*v)).collect();
        let grades = shown.map(|phones| Grades::of(manifest, phones, &on_paper));
        let threshold = shown
            .filter(|_| outcome == Some(Outcome::Published))
            .map(|phones| Threshold::compute(manifest, phones, &on_paper, cast_e, paper.cast()));
        Some(Self {
            contest,
            outcome,
            root: closed.root,
            issued_e,
            cast_e,
            tallied: phones.map(|t| t.iter().sum()),
            paper,
            paper_slips,
            grades,
            threshold,
        })
    }
}

impl Grades {
    fn of(manifest: &Manifest, phones: &[u64], paper: &[u64]) -> Self {
        let votes: Vec<u64> = phones.iter().zip(paper).map(|(t, p)| t + p).collect();
        let sum =
            |kind: OptionKind| manifest.scale.iter().zip(&votes).filter(|(o, _)| o.kind == kind).map(|(_, v)| *v).sum();
        Self { valid: sum(OptionKind::Grade), abstained: sum(OptionKind::Abstain), votes }
    }
}

impl Counts {
    /// Counts what log and lists say. Works at any moment of a meeting: windows and contests that are not closed are
    /// not counted yet.
    #[must_use]
    pub fn compute(manifest: &Manifest, log: &LogState, lists: &Lists) -> Self {
        let up_to = |w: u8| lists.redeemed.iter().filter(move |r| r.window <= w);
        let papers = |w: u8| lists.voided.iter().filter(move |v| v.reason == Reason::Paper && v.window <= w);
        let windows = (1u8..).zip(log.windows()).map(|(window, logged)| WindowCount {
            window,
            present: u64::from(logged.present),
            redeemed: u64::from(logged.redeemed),
            listed: number(up_to(window).count()),
            paper: number(papers(window).count()),
            root: logged.root,
        });
        let contests = log.real_contests();
        Self {
            expected: u64::from(manifest.expected),
            leaves_announced: u64::from(manifest.leaves),
            leaves: number(lists.leaves.len()),
            voided: number(lists.voided.len()),
            redeemed: number(lists.redeemed.len()),
            unused: log.unused().map(u64::from),
            windows: windows.collect(),
            contests: contests.filter_map(|(c, record)| ContestCount::compute(manifest, lists, c, record)).collect(),
        }
    }
}

/// A count as a number of the protocol.
fn number(count: usize) -> u64 {
    count as u64
}
