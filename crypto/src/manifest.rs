//! The manifest: everything that is fixed before any slip is printed (PROTOCOL section 2, limits in section 20).

use core::fmt;

use crate::{bytes::hex, contest::Contest, group::Element, hash::sha256, sign::VerifyingKey};

mod draft;
mod parse;

pub use draft::ManifestDraft;

/// The suite of this version.
pub const SUITE: &str = "douxuan-v1-ristretto255-sha512";
/// Largest manifest, in bytes.
pub const MAX_BYTES: usize = 262_144;
/// Most attendees.
pub const MAX_EXPECTED: u32 = 500;
/// Most items.
pub const MAX_ITEMS: usize = 60;
/// Most rounds of an item.
pub const MAX_ROUNDS: u8 = 4;
/// Most token leaves: slips and spares.
pub const MAX_LEAVES: u32 = 4096;
/// Fewest and most options of a scale.
pub const OPTIONS: core::ops::RangeInclusive<usize> = 2..=7;

/// Why bytes are not a manifest, with the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The field, as a path such as `items[3].name`; empty for the whole.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { write!(f, "{}", self.why) } else { write!(f, "{}: {}", self.field, self.why) }
    }
}

impl std::error::Error for ManifestError {}

/// How an official reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// 会议报告.
    Oral,
    /// 书面报告.
    Written,
}

/// One official.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// 1, 2, 3, ...
    pub number: u16,
    /// 1..=40 characters.
    pub name: String,
    /// 1..=80 characters.
    pub unit: String,
    /// 1..=80 characters.
    pub post: String,
    /// Oral or written.
    pub report: Report,
    /// Rounds prepared, 1..=4.
    pub rounds: u8,
}

/// The public keys of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestKeys {
    /// Which.
    pub contest: Contest,
    /// Issuer key K.
    pub k: Element,
    /// Casting key E (X25519).
    pub e: [u8; 32],
}

/// What an option counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A grade: counts as valid.
    Grade,
    /// 弃权.
    Abstain,
}

/// One option of the scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleOption {
    /// 1..=16 of `a-z 0-9 -`.
    pub code: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Grade or abstention.
    pub kind: OptionKind,
}

/// What a share is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// 有效: the sum of grades.
    Valid,
    /// 收回: every ballot cast.
    Cast,
}

/// Whether paper counts in a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperPolicy {
    /// Paper and phones together.
    Included,
    /// Phones alone.
    Apart,
}

/// The thresholds policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// The base of the share.
    pub base: Base,
    /// Whether paper counts.
    pub paper: PaperPolicy,
    /// Code of the grade that is looked at.
    pub option: String,
    /// `reaches`: share >= num / den.
    pub reaches: (u32, u32),
    /// `over`: share > num / den.
    pub over: (u32, u32),
}

/// When counts of a contest are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseKind {
    /// 分批实时.
    Live,
    /// 截止后公布.
    Close,
}

/// The release rule (PROTOCOL section 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseRule {
    /// Live or at publication.
    pub kind: ReleaseKind,
    /// Smallest batch, at least 5.
    pub n: u32,
    /// What stays in the pool, at least 5.
    pub f: u32,
}

/// A parsed manifest together with its exact bytes.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The exact bytes; M is their SHA-256.
    pub bytes: Vec<u8>,
    /// M.
    pub id: [u8; 32],
    /// Meeting id.
    pub meeting: [u8; 16],
    /// Title, 1..=80 characters.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Place, 1..=80 characters.
    pub place: String,
    /// 应到, 1..=500.
    pub expected: u32,
    /// Officials, 1..=60.
    pub items: Vec<Item>,
    /// Keys in contest order.
    pub contests: Vec<ContestKeys>,
    /// Enrolment key (X25519).
    pub e_0: [u8; 32],
    /// 2..=7 options.
    pub scale: Vec<ScaleOption>,
    /// Thresholds policy.
    pub thresholds: Thresholds,
    /// Number of token leaves A.
    pub leaves: u32,
    /// Root of the token tree.
    pub token_root: [u8; 32],
    /// Receipt key.
    pub receipt_key: VerifyingKey,
    /// Log key.
    pub log_key: VerifyingKey,
    /// Result key.
    pub result_key: VerifyingKey,
    /// Release rule.
    pub release: ReleaseRule,
    /// SHA-256 of the phone page's script.
    pub page_script: [u8; 32],
    /// SHA-256 of the phone page's wasm.
    pub page_wasm: [u8; 32],
}

impl Manifest {
    /// Parses and checks the exact bytes.
    ///
    /// # Errors
    /// [`ManifestError`] naming the field and what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        parse::parse(bytes)
    }

    /// Position of a contest in contest order.
    #[must_use]
    pub fn index_of(&self, contest: Contest) -> Option<usize> {
        self.contests.binary_search_by_key(&contest, |c| c.contest).ok()
    }

    /// Keys of a contest.
    #[must_use]
    pub fn keys(&self, contest: Contest) -> Option<&ContestKeys> {
        self.index_of(contest).and_then(|i| self.contests.get(i))
    }

    /// An official by his number, from 1.
    #[must_use]
    pub fn item(&self, number: u16) -> Option<&Item> {
        self.items.get(usize::from(number).checked_sub(1)?)
    }

    /// Number of options n.
    #[must_use]
    pub fn options(&self) -> usize {
        self.scale.len()
    }

    /// Bytes of an exclusion mask, `ceil(items / 8)`.
    #[must_use]
    pub fn mask_len(&self) -> usize {
        self.items.len().div_ceil(8)
    }

    /// Depth of the token tree, `ceil(log2 A)`.
    #[must_use]
    pub fn token_depth(&self) -> usize {
        self.leaves.next_power_of_two().trailing_zeros() as usize
    }

    /// `douxuan/<meeting hex>/<suffix>`: origins and key names.
    #[must_use]
    pub fn origin(&self, suffix: &str) -> String {
        format!("douxuan/{}/{suffix}", hex(&self.meeting))
    }
}

/// M of a manifest's bytes.
#[must_use]
pub fn manifest_id(bytes: &[u8]) -> [u8; 32] {
    sha256(bytes)
}

/// Characters that no text of a manifest may hold: controls, line separators, and whatever changes direction.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
