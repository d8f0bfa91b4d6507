//! What an operator did, and the fields that say so (PROTOCOL section 21, one row a kind).

use crate::{
    bytes::{DecodeError, Reader},
    contest::Contest,
    merkle::Hash,
};

/// Why a slip was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its holder votes on paper and handed it in.
    Paper,
    /// It was lost.
    Lost,
    /// Anything else.
    Other,
}

/// The paper ballots of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperCount {
    /// Papers given out.
    pub issued: u32,
    /// Papers that say nothing valid.
    pub invalid: u32,
    /// Papers counted but not graded, because they are too few.
    pub ungraded: u32,
    /// `p_j`, one number an option of the scale.
    pub votes: Vec<u32>,
}

/// The figures of a published contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedTally {
    /// `t_j`, one number an option of the scale.
    pub votes: Vec<u32>,
    /// `R`, 32 bytes as they stand there; V8 reads them as a scalar.
    pub opening: [u8; 32],
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Kind 1. The log of the meeting with this manifest begins.
    Manifest {
        /// M.
        id: Hash,
    },
    /// Kind 2. Enrolment window opened.
    WindowOpened {
        /// From 1.
        window: u8,
    },
    /// Kind 3. Enrolment window closed.
    WindowClosed {
        /// From 1.
        window: u8,
        /// 实到, as announced.
        present: u32,
        /// |D_w|: slips redeemed in windows 1..w.
        redeemed: u32,
        /// Root of the redeemed tree of D_w.
        root: Hash,
    },
    /// Kind 4. No slip can enrol any more.
    EnrolmentEnded {
        /// How many windows there were.
        windows: u8,
        /// Unused slips, counted by hand.
        unused: u32,
    },
    /// Kind 5. A slip that was not redeemed is void.
    SlipVoided {
        /// T, 32 bytes.
        slip: [u8; 32],
        /// Why.
        reason: Reason,
        /// How many windows had been opened.
        window: u8,
    },
    /// Kind 6. A contest opened, with an empty urn.
    ContestOpened {
        /// Which.
        contest: Contest,
        /// How many windows had been closed: who enrolled in them may vote.
        window: u8,
    },
    /// Kind 7. A contest closed.
    ContestClosed {
        /// Which.
        contest: Contest,
        /// Ballots on the board.
        size: u32,
        /// Root of the board.
        root: Hash,
    },
    /// Kind 8. The papers of a closed contest were counted.
    PaperCounted {
        /// Which.
        contest: Contest,
        /// What was counted.
        paper: PaperCount,
    },
    /// Kind 9. A contest published.
    ContestPublished {
        /// Which.
        contest: Contest,
        /// The figures; `None` where they are withheld.
        tally: Option<LoggedTally>,
        /// Board proof, one a chunk.
        proofs: Vec<[u8; 64]>,
    },
    /// Kind 10. A contest voided.
    ContestVoided {
        /// Which.
        contest: Contest,
        /// Whether it had been published.
        after: bool,
    },
    /// Kind 11. The rehearsal ended; its ballots are gone.
    RehearsalDestroyed,
    /// Kind 12. The result.
    Result {
        /// SHA-256 of the result note.
        hash: Hash,
    },
}

impl Reason {
    /// The number on the wire, 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Paper => 1,
            Self::Lost => 2,
            Self::Other => 3,
        }
    }

    /// The reason of a number.
    ///
    /// # Errors
    /// [`DecodeError::Range`] for any but 1 to 3.
    pub const fn from_number(number: u8) -> Result<Self, DecodeError> {
        match number {
            1 => Ok(Self::Paper),
            2 => Ok(Self::Lost),
            3 => Ok(Self::Other),
            _ => Err(DecodeError::Range),
        }
    }
}

impl PaperCount {
    /// What counts for a contest without a *paper counted* entry: nothing.
    #[must_use]
    pub fn none(options: usize) -> Self {
        Self { issued: 0, invalid: 0, ungraded: 0, votes: vec![0; options] }
    }

    /// `cast_p`: sum of `p_j`, plus invalid, plus ungraded.
    #[must_use]
    pub fn cast(&self) -> u64 {
        u64::from(self.invalid) + u64::from(self.ungraded) + self.votes.iter().map(|v| u64::from(*v)).sum::<u64>()
    }
}

impl Act {
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Manifest { .. } => 1,
            Self::WindowOpened { .. } => 2,
            Self::WindowClosed { .. } => 3,
            Self::EnrolmentEnded { .. } => 4,
            Self::SlipVoided { .. } => 5,
            Self::ContestOpened { .. } => 6,
            Self::ContestClosed { .. } => 7,
            Self::PaperCounted { .. } => 8,
            Self::ContestPublished { .. } => 9,
            Self::ContestVoided { .. } => 10,
            Self::RehearsalDestroyed => 11,
            Self::Result { .. } => 12,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Manifest { id } => out.extend_from_slice(id),
            Self::WindowOpened { window } => out.push(*window),
            Self::WindowClosed { window, present, redeemed, root } => {
                out.push(*window);
                out.extend_from_slice(&present.to_be_bytes());
                out.extend_from_slice(&redeemed.to_be_bytes());
                out.extend_from_slice(root);
            }
            Self::EnrolmentEnded { windows, unused } => {
                out.push(*windows);
                out.extend_from_slice(&unused.to_be_bytes());
            }
            Self::SlipVoided { slip, reason, window } => {
                out.extend_from_slice(slip);
                out.extend_from_slice(&[reason.number(), *window]);
            }
            Self::ContestOpened { contest, window } => {
                write_contest(out, *contest);
                out.extend_from_slice(&[*window, 1]);
            }
            Self::ContestClosed { contest, size, root } => {
                write_contest(out, *contest);
                out.extend_from_slice(&size.to_be_bytes());
                out.extend_from_slice(root);
            }
            Self::PaperCounted { contest, paper } => {
                write_contest(out, *contest);
                for number in [paper.issued, paper.invalid, paper.ungraded] {
                    out.extend_from_slice(&number.to_be_bytes());
                }
                write_votes(out, &paper.votes);
            }
            Self::ContestPublished { contest, tally, proofs } => {
                write_contest(out, *contest);
                out.push(u8::from(tally.is_none()));
                write_votes(out, tally.as_ref().map_or(&[], |t| &t.votes));
                if let Some(tally) = tally {
                    out.extend_from_slice(&tally.opening);
                }
                out.push(byte(proofs.len()));
                out.extend_from_slice(proofs.as_flattened());
            }
            Self::ContestVoided { contest, after } => {
                write_contest(out, *contest);
                out.push(u8::from(*after));
            }
            Self::RehearsalDestroyed => write_contest(out, Contest::REHEARSAL),
            Self::Result { hash } => out.extend_from_slice(hash),
        }
    }

    pub(super) fn read(kind: u8, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match kind {
            1 => Self::Manifest { id: reader.array()? },
            2 => Self::WindowOpened { window: reader.u8()? },
            3 => Self::WindowClosed {
                window: reader.u8()?,
                present: reader.u32()?,
                redeemed: reader.u32()?,
                root: reader.array()?,
            },
            4 => Self::EnrolmentEnded { windows: reader.u8()?, unused: reader.u32()? },
            5 => Self::SlipVoided {
                slip: reader.array()?,
                reason: Reason::from_number(reader.u8()?)?,
                window: reader.u8()?,
            },
            6 => {
                let act = Self::ContestOpened { contest: read_contest(reader)?, window: reader.u8()? };
                if reader.u8()? != 1 {
                    return Err(DecodeError::Range);
                }
                act
            }
            7 => Self::ContestClosed { contest: read_contest(reader)?, size: reader.u32()?, root: reader.array()? },
            8 => Self::PaperCounted {
                contest: read_contest(reader)?,
                paper: PaperCount {
                    issued: reader.u32()?,
                    invalid: reader.u32()?,
                    ungraded: reader.u32()?,
                    votes: read_votes(reader)?,
                },
            },
            9 => {
                let contest = read_contest(reader)?;
                let withheld = read_flag(reader)?;
                let votes = read_votes(reader)?;
                let tally = match (withheld, votes.is_empty()) {
                    (true, true) => None,
                    (true, false) => return Err(DecodeError::Range),
                    (false, _) => Some(LoggedTally { votes, opening: reader.array()? }),
                };
                let chunks = reader.u8()?;
                let proofs = (0..chunks).map(|_| reader.array()).collect::<Result<_, _>>()?;
                Self::ContestPublished { contest, tally, proofs }
            }
            10 => Self::ContestVoided { contest: read_contest(reader)?, after: read_flag(reader)? },
            11 if read_contest(reader)? == Contest::REHEARSAL => Self::RehearsalDestroyed,
            12 => Self::Result { hash: reader.array()? },
            _ => return Err(DecodeError::Range),
        })
    }
}

/// A count that the callers keep below 256: options (7), chunks of a board that fits a bundle (7).
fn byte(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn write_contest(out: &mut Vec<u8>, contest: Contest) {
    out.extend_from_slice(&contest.item_bytes());
    out.extend_from_slice(&contest.round_bytes());
}

fn read_contest(reader: &mut Reader<'_>) -> Result<Contest, DecodeError> {
    Ok(Contest { item: reader.u16()?, round: reader.u8()? })
}

fn read_flag(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::Range),
    }
}

fn write_votes(out: &mut Vec<u8>, votes: &[u32]) {
    out.push(byte(votes.len()));
    for vote in votes {
        out.extend_from_slice(&vote.to_be_bytes());
    }
}

fn read_votes(reader: &mut Reader<'_>) -> Result<Vec<u32>, DecodeError> {
    let count = reader.u8()?;
    (0..count).map(|_| reader.u32()).collect()
}
