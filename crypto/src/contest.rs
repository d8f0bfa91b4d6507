//! A contest: one official, one vote on him.

use core::fmt;

/// (item, round). Orders by item, then by round, which is the contest order everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contest {
    /// Number of the item, from 1; 0 is the rehearsal.
    pub item: u16,
    /// Round, from 1; 0 is the rehearsal.
    pub round: u8,
}

impl Contest {
    /// The rehearsal vote on a test question.
    pub const REHEARSAL: Self = Self { item: 0, round: 0 };

    /// A contest by its numbers.
    #[must_use]
    pub const fn new(item: u16, round: u8) -> Self {
        Self { item, round }
    }

    /// `I2OSP(item, 2)`.
    #[must_use]
    pub const fn item_bytes(self) -> [u8; 2] {
        self.item.to_be_bytes()
    }

    /// `I2OSP(round, 1)`.
    #[must_use]
    pub const fn round_bytes(self) -> [u8; 1] {
        [self.round]
    }

    /// Reads `item/round`, decimal without leading zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (item, round) = text.split_once('/')?;
        let contest = Self { item: item.parse().ok()?, round: round.parse().ok()? };
        (contest.to_string() == text).then_some(contest)
    }
}

impl fmt::Display for Contest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.item, self.round)
    }
}
