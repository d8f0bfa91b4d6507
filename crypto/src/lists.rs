//! The three lists of slips in the bundle (PROTOCOL section 22): leaves, redeemed, voided.
//!
//! ```text
//! tokens/leaves    0x01 || T || mask
//! tokens/redeemed  0x01 || T || mask || request hash(32) || sig(64) || window(1)
//! tokens/voided    0x01 || T || reason(1) || window(1)
//! ```
//! Each strictly ascends by T, one record behind the other.

use core::cmp::Ordering;

use crate::{
    bytes::{DecodeError, Reader},
    log::{LogState, Reason},
    merkle::{self, Hash},
    token::{Mask, TokenLeaf},
};

/// A slip that enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// T.
    pub token: [u8; 32],
    /// Its mask.
    pub mask: Mask,
    /// SHA-256 of the blinded elements of the recorded request.
    pub request_hash: Hash,
    /// T's signature over the request.
    pub signature: [u8; 64],
    /// In which window, from 1. Not part of the leaf.
    pub window: u8,
}

/// A slip that was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voided {
    /// T.
    pub token: [u8; 32],
    /// Why.
    pub reason: Reason,
    /// How many windows had been opened.
    pub window: u8,
}

/// The three lists, each ascending by T.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Every slip and spare.
    pub leaves: Vec<TokenLeaf>,
    /// Those that enrolled.
    pub redeemed: Vec<Redeemed>,
    /// Those that were voided.
    pub voided: Vec<Voided>,
}

/// Why the lists are not lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListError {
    /// The file.
    pub file: &'static str,
    /// The record, from 0.
    pub record: usize,
    /// What is wrong with it.
    pub why: DecodeError,
}

impl core::fmt::Display for ListError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}, record {}: {}", self.file, self.record, self.why)
    }
}

impl std::error::Error for ListError {}

impl Redeemed {
    /// The leaf of the redeemed tree: the record without its window.
    #[must_use]
    pub fn leaf(&self) -> Vec<u8> {
        let mut out = vec![1];
        out.extend_from_slice(&self.token);
        out.extend_from_slice(self.mask.as_bytes());
        out.extend_from_slice(&self.request_hash);
        out.extend_from_slice(&self.signature);
        out
    }
}

/// Root over the redeemed slips of windows 1..=w; the list ascends by T.
#[must_use]
pub fn redeemed_root(redeemed: &[Redeemed], window: u8) -> Hash {
    let leaves = redeemed.iter().filter(|r| r.window <= window).map(|r| merkle::leaf_hash(&r.leaf()));
    merkle::root(&leaves.collect::<Vec<_>>())
}

fn read_list<T>(
    file: &'static str,
    bytes: &[u8],
    token: fn(&T) -> &[u8; 32],
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, ListError> {
    let mut reader = Reader::new(bytes);
    let mut list: Vec<T> = Vec::new();
    while reader.left() > 0 {
        let fail = |why| ListError { file, record: list.len(), why };
        let record = reader.version().and_then(|()| read(&mut reader)).map_err(fail)?;
        if list.last().is_some_and(|last| token(last).cmp(token(&record)) != Ordering::Less) {
            return Err(fail(DecodeError::Range));
        }
        list.push(record);
    }
    Ok(list)
}

impl Lists {
    /// Reads the three files of a meeting with so many items, in whose log so many windows are closed.
    ///
    /// # Errors
    /// [`ListError`] with the first record that is not whole, in order and in range.
    pub fn decode(
        items: usize,
        closed_windows: u8,
        leaves: &[u8],
        redeemed: &[u8],
        voided: &[u8],
    ) -> Result<Self, ListError> {
        let mask = |reader: &mut Reader<'_>| Mask::from_bytes(reader.take(items.div_ceil(8))?, items);
        let window = |reader: &mut Reader<'_>| {
            let window = reader.u8()?;
            if (1..=closed_windows).contains(&window) { Ok(window) } else { Err(DecodeError::Range) }
        };
        Ok(Self {
            leaves: read_list(
                "tokens/leaves",
                leaves,
                |l: &TokenLeaf| &l.t,
                |reader| Ok(TokenLeaf { t: reader.array()?, mask: mask(reader)? }),
            )?,
            redeemed: read_list(
                "tokens/redeemed",
                redeemed,
                |r: &Redeemed| &r.token,
                |reader| {
                    Ok(Redeemed {
                        token: reader.array()?,
                        mask: mask(reader)?,
                        request_hash: reader.array()?,
                        signature: reader.array()?,
                        window: window(reader)?,
                    })
                },
            )?,
            voided: read_list(
                "tokens/voided",
                voided,
                |v: &Voided| &v.token,
                |reader| {
                    Ok(Voided {
                        token: reader.array()?,
                        reason: Reason::from_number(reader.u8()?)?,
                        window: window(reader)?,
                    })
                },
            )?,
        })
    }

    /// `tokens/leaves`.
    #[must_use]
    pub fn leaves_file(&self) -> Vec<u8> {
        self.leaves.iter().flat_map(TokenLeaf::to_bytes).collect()
    }

    /// `tokens/redeemed`.
    #[must_use]
    pub fn redeemed_file(&self) -> Vec<u8> {
        let record = |r: &Redeemed| [r.leaf().as_slice(), &[r.window]].concat();
        self.redeemed.iter().flat_map(record).collect()
    }

    /// `tokens/voided`.
    #[must_use]
    pub fn voided_file(&self) -> Vec<u8> {
        let record = |v: &Voided| [[1].as_slice(), &v.token, &[v.reason.number(), v.window]].concat();
        self.voided.iter().flat_map(record).collect()
    }

    /// The voided list as the log has it, ascending by T.
    #[must_use]
    pub fn voided_of(log: &LogState) -> Vec<Voided> {
        let voided = log.voided_slips().iter();
        voided.map(|(token, v)| Voided { token: *token, reason: v.reason, window: v.window }).collect()
    }

    /// A slip's leaf.
    #[must_use]
    pub fn leaf(&self, token: &[u8; 32]) -> Option<&TokenLeaf> {
        self.leaves.binary_search_by(|l| l.t.cmp(token)).ok().and_then(|i| self.leaves.get(i))
    }
}
