//! The count formulas, one by one, and which of them a meeting violates.
//!
//! A violation carries both its sides, so that whoever stands at the console sees which numbers to look at.

use core::fmt;

use super::{ContestCount, Counts, FEWEST_PAPERS, WindowCount};
use crate::{board::is_withheld, contest::Contest};

/// A formula of [`crate::count`], by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// As many leaves as the manifest says.
    Leaves,
    /// `redeemed = |D_w|`.
    Redeemed,
    /// `|D_w| + Q_w <= present_w`.
    Present,
    /// `present_w <= expected`.
    Expected,
    /// `|D_last| + |V| <= A`.
    Slips,
    /// `unused = A - |D_last| - |V|`.
    Unused,
    /// `cast_e <= issued_e`.
    Cast,
    /// `sum t_j = cast_e`.
    Tallied,
    /// `issued_p <=` slips voided as paper.
    PaperIssued,
    /// `cast_p <= issued_p`.
    PaperCast,
    /// Too few papers or ballots: `sum p_j + invalid_p = 0`.
    PaperGraded,
    /// Enough papers: `ungraded_p = 0`.
    PaperUngraded,
}

/// Where a formula is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole meeting.
    Meeting,
    /// An enrolment window.
    Window(u8),
    /// A contest.
    Contest(Contest),
}

/// A formula where it is asked, with both its sides, whether it holds or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub formula: Formula,
    /// Where.
    pub place: Place,
    /// Its left side: what may be too much, or must be equal.
    pub left: u64,
    /// Its right side.
    pub right: u64,
}

/// A formula that does not hold, with both its sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub formula: Formula,
    /// Where.
    pub place: Place,
    /// Its left side: what is too much, or differs.
    pub left: u64,
    /// Its right side.
    pub right: u64,
}

impl Formula {
    /// What the two sides are, in Chinese.
    const fn zh(self) -> &'static str {
        match self {
            Self::Leaves => "票纸张数与会议清单不符",
            Self::Redeemed => "登记数与登记名册不符",
            Self::Present => "登记人数加纸票人数多于实到人数",
            Self::Expected => "实到人数多于应到人数",
            Self::Slips => "已登记和已作废的票纸多于全部票纸",
            Self::Unused => "未用票纸的清点数不符",
            Self::Cast => "收回的电子票多于发出的电子票",
            Self::Tallied => "各选项票数之和不等于收回的电子票数",
            Self::PaperIssued => "发出的纸票多于因此作废的票纸",
            Self::PaperCast => "收回的纸票多于发出的纸票",
            Self::PaperGraded => "票数过少，纸票只计数、不计等次",
            Self::PaperUngraded => "纸票够数，应当计等次",
        }
    }

    /// What the two sides are, in English.
    const fn en(self) -> &'static str {
        match self {
            Self::Leaves => "the number of slips is not the manifest's",
            Self::Redeemed => "the logged number of enrolments is not the list's",
            Self::Present => "more enrolled or on paper than are present",
            Self::Expected => "more present than expected",
            Self::Slips => "more slips redeemed or voided than there are",
            Self::Unused => "the hand count of unused slips is wrong",
            Self::Cast => "more ballots cast than issued",
            Self::Tallied => "the votes do not add up to the ballots cast",
            Self::PaperIssued => "more papers issued than slips voided for paper",
            Self::PaperCast => "more papers cast than issued",
            Self::PaperGraded => "too few papers or ballots: papers are counted, not graded",
            Self::PaperUngraded => "enough papers: none may stay ungraded",
        }
    }

    /// The relation that should hold between left and right.
    const fn relation(self) -> &'static str {
        match self {
            Self::Present | Self::Expected | Self::Slips | Self::Cast | Self::PaperIssued | Self::PaperCast => "<=",
            _ => "=",
        }
    }

    const fn at(self, place: Place, left: u64, right: u64) -> Check {
        Check { formula: self, place, left, right }
    }
}

impl Check {
    /// Whether the formula holds here.
    #[must_use]
    pub fn holds(&self) -> bool {
        if self.formula.relation() == "=" { self.left == self.right } else { self.left <= self.right }
    }
}

impl From<Check> for Violation {
    fn from(check: Check) -> Self {
        let Check { formula, place, left, right } = check;
        Self { formula, place, left, right }
    }
}

impl Violation {
    /// One sentence for the console, with both numbers.
    #[must_use]
    pub fn zh(&self) -> String {
        let place = match self.place {
            Place::Meeting => String::new(),
            Place::Window(w) => format!("第{w}次登记："),
            Place::Contest(c) => format!("第{}项第{}轮：", c.item, c.round),
        };
        let relation = if self.formula.relation() == "=" { "应等于" } else { "应不多于" };
        format!("{place}{}（{}，{relation} {}）", self.formula.zh(), self.left, self.right)
    }

    /// One sentence in English, with both numbers.
    #[must_use]
    pub fn en(&self) -> String {
        let place = match self.place {
            Place::Meeting => String::new(),
            Place::Window(w) => format!("window {w}: "),
            Place::Contest(c) => format!("contest {c}: "),
        };
        format!("{place}{} ({} should be {} {})", self.formula.en(), self.left, self.formula.relation(), self.right)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

fn of_window(counts: &Counts, w: &WindowCount) -> [Check; 3] {
    let place = Place::Window(w.window);
    [
        Formula::Redeemed.at(place, w.redeemed, w.listed),
        Formula::Present.at(place, w.listed + w.paper, w.present),
        Formula::Expected.at(place, w.present, counts.expected),
    ]
}

fn of_contest(c: &ContestCount) -> impl Iterator<Item = Check> {
    let place = Place::Contest(c.contest);
    let paper = &c.paper;
    let few = paper.cast() < FEWEST_PAPERS || usize::try_from(c.cast_e).is_ok_and(is_withheld);
    let graded = paper.cast() - u64::from(paper.ungraded);
    let checks = [
        Some(Formula::Cast.at(place, c.cast_e, c.issued_e)),
        c.tallied.map(|sum| Formula::Tallied.at(place, sum, c.cast_e)),
        Some(Formula::PaperIssued.at(place, u64::from(paper.issued), c.paper_slips)),
        Some(Formula::PaperCast.at(place, paper.cast(), u64::from(paper.issued))),
        Some(if few {
            Formula::PaperGraded.at(place, graded, 0)
        } else {
            Formula::PaperUngraded.at(place, u64::from(paper.ungraded), 0)
        }),
    ];
    checks.into_iter().flatten()
}

impl Counts {
    /// Every formula that can be asked so far, in the order of the protocol text.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let mut all = vec![Formula::Leaves.at(Place::Meeting, self.leaves, self.leaves_announced)];
        all.extend(self.windows.iter().flat_map(|w| of_window(self, w)));
        let gone = self.redeemed + self.voided;
        all.push(Formula::Slips.at(Place::Meeting, gone, self.leaves));
        if let Some(unused) = self.unused {
            all.push(Formula::Unused.at(Place::Meeting, unused, self.leaves.saturating_sub(gone)));
        }
        all.extend(self.contests.iter().flat_map(of_contest));
        all
    }

    /// Every formula that does not hold, in the same order; empty if the counts are in order.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.checks().into_iter().filter(|check| !check.holds()).map(Violation::from).collect()
    }
}
