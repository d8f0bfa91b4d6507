//! What an audit says: steps, verdicts, and sentences for the minutes.

use core::fmt;

use crate::{bundle::NotABundle, merkle::Hash};

/// The steps of PROTOCOL section 26, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// V1.
    Manifest,
    /// V2.
    Log,
    /// V3.
    Boards,
    /// V4.
    Order,
    /// V5.
    Signatures,
    /// V6.
    Choices,
    /// V7.
    BoardProofs,
    /// V8.
    Tally,
    /// V9.
    Counts,
    /// V10.
    Slips,
    /// V11.
    Thresholds,
    /// V12.
    Result,
    /// V13.
    Receipts,
    /// V14.
    Cosignatures,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Checked, and so it is.
    Held,
    /// Checked, and it is not so.
    Failed,
    /// There was nothing to check, which is not the same as held.
    NoneRequired,
    /// A step before it failed.
    NotReached,
}

/// The end of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No step failed.
    Held,
    /// This step failed; those behind it were not reached.
    Failed(Step),
    /// The file is not a bundle at all.
    NotABundle(NotABundle),
}

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Which.
    pub step: Step,
    /// What became of it.
    pub verdict: Verdict,
    /// What it read: files of the bundle, or the receipts.
    pub read: &'static str,
    /// How many it checked, in the unit its sentences name.
    pub count: u64,
    /// A sentence for the minutes.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Why it failed: where exactly. `None` otherwise.
    pub why: Option<String>,
}

/// Which meeting it was, known once V1 held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Title.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Place.
    pub place: String,
    /// Meeting id.
    pub meeting: [u8; 16],
    /// M. **To be compared with a slip or a photo of the screen**: the bundle alone cannot vouch for it.
    pub manifest: Hash,
    /// The screen code of M.
    pub screen_code: String,
}

/// The whole audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// All fourteen steps, in order; none for a file that is not a bundle.
    pub steps: Vec<StepReport>,
    /// Which meeting, once V1 held.
    pub meeting: Option<Meeting>,
    /// `summary.txt`, once V12 held: what may be read out.
    pub summary: Option<String>,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 14] = [
        Self::Manifest,
        Self::Log,
        Self::Boards,
        Self::Order,
        Self::Signatures,
        Self::Choices,
        Self::BoardProofs,
        Self::Tally,
        Self::Counts,
        Self::Slips,
        Self::Thresholds,
        Self::Result,
        Self::Receipts,
        Self::Cosignatures,
    ];

    /// 1 to 14.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Its name, Chinese and English.
    #[must_use]
    pub const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Manifest => ("会议清单", "manifest"),
            Self::Log => ("操作记录", "log"),
            Self::Boards => ("票箱", "boards"),
            Self::Order => ("票的次序", "order"),
            Self::Signatures => ("票的签名", "signatures"),
            Self::Choices => ("选项证明", "choices"),
            Self::BoardProofs => ("凭证证明", "board proofs"),
            Self::Tally => ("计票", "tally"),
            Self::Counts => ("票数关系", "counts"),
            Self::Slips => ("票纸", "slips"),
            Self::Thresholds => ("比例线", "thresholds"),
            Self::Result => ("结果", "result"),
            Self::Receipts => ("回执", "receipts"),
            Self::Cosignatures => ("联署", "cosignatures"),
        }
    }

    /// The slips and their counts are there to check even if no contest was opened.
    pub(super) const fn never_idle(self) -> bool {
        matches!(self, Self::Counts | Self::Slips)
    }

    pub(super) const fn reads(self) -> &'static str {
        match self {
            Self::Manifest => "manifest.json",
            Self::Log => "log/entries, log/checkpoint",
            Self::Boards => "board/*",
            Self::Order | Self::Signatures | Self::Choices => "board/*/entries",
            Self::BoardProofs => "board/*/entries, board/*/proof",
            Self::Tally => "board/*/entries, board/*/tally, log/entries",
            Self::Counts => "tokens/*, log/entries, result",
            Self::Slips => "tokens/*, log/entries, manifest.json",
            Self::Thresholds => "result",
            Self::Result => "result, summary.txt, log/entries",
            Self::Receipts => "receipts presented",
            Self::Cosignatures => "manifest.json",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.number())
    }
}

impl Verdict {
    /// The words of PROTOCOL section 26.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::NoneRequired => "none required",
            Self::NotReached => "not reached",
        }
    }

    /// The same in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Held => "成立",
            Self::Failed => "不成立",
            Self::NoneRequired => "无需核对",
            Self::NotReached => "未核对",
        }
    }
}

impl Report {
    /// 0: no step failed; 1: one failed; 2: not a bundle.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.outcome {
            Outcome::Held => 0,
            Outcome::Failed(_) => 1,
            Outcome::NotABundle(_) => 2,
        }
    }

    /// The step that failed.
    #[must_use]
    pub const fn failed(&self) -> Option<Step> {
        match self.outcome {
            Outcome::Failed(step) => Some(step),
            _ => None,
        }
    }

    /// How one step went; `None` only where the file is not a bundle.
    #[must_use]
    pub fn step(&self, step: Step) -> Option<&StepReport> {
        self.steps.iter().find(|s| s.step == step)
    }
}
