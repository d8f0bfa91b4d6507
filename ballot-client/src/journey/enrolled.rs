//! After enrolment: for every contest a credential, then a sealed ballot, then a receipt.

use std::sync::Arc;

use douxuan_crypto::{
    ballot::SealedBallot,
    board::{Board, open_checkpoint},
    contest::Contest,
    credential::Credential,
    enroll,
    manifest::Manifest,
    merkle::Hash,
    receipt::{CastReply, Receipt},
    token::Mask,
};
use rand_core::CryptoRng;

use super::{Stay, Stop, Unsaved};
use crate::{randomness, wallet};

/// Where a contest stands, without anything secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The slip does not rate this item.
    Excluded = 0,
    /// One ballot may be cast.
    Ready = 1,
    /// A ballot is sealed and has no receipt yet.
    Sealed = 2,
    /// The receipt was verified.
    Received = 3,
    /// No receipt came before the close. **Not "not cast"**: look it up on the board.
    Unanswered = 4,
    /// The contest was over before this slip enrolled, or its credential was thrown away at the end.
    Over = 5,
}

/// What is kept for one contest. Each value is made by consuming the one before it.
pub(crate) enum Slot {
    Excluded,
    Ready(Credential),
    Sealed(SealedBallot),
    Received(Receipt),
    Unanswered(Hash),
    Over,
}

/// The token and the blinds are gone; nothing that is left leads back to the slip.
pub struct Enrolled {
    manifest: Arc<Manifest>,
    mask: Mask,
    slots: Vec<Slot>,
}

impl Enrolled {
    pub(super) fn new(manifest: Arc<Manifest>, accepted: enroll::Enrolled) -> Self {
        let enroll::Enrolled { credentials, mask } = accepted;
        let mut credentials = credentials.into_iter().peekable();
        let slots = manifest
            .contests
            .iter()
            .map(|keys| match credentials.next_if(|credential| credential.contest() == keys.contest) {
                Some(credential) => Slot::Ready(credential),
                None if mask.excludes(keys.contest.item) => Slot::Excluded,
                None => Slot::Over,
            })
            .collect();
        Self { manifest, mask, slots }
    }

    pub(crate) fn resumed(manifest: Arc<Manifest>, mask: Mask, slots: Vec<Slot>) -> Self {
        Self { manifest, mask, slots }
    }

    pub(super) fn unsaved(self) -> Unsaved<Self> {
        let wallet = wallet::write_enrolled(&self.manifest, &self.mask, &self.slots);
        Unsaved { state: self, wallet }
    }

    /// The items that this slip does not rate, to compare with the words on it.
    #[must_use]
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Every contest and where it stands, in contest order.
    pub fn standings(&self) -> impl Iterator<Item = (Contest, Standing)> {
        self.manifest.contests.iter().zip(&self.slots).map(|(keys, slot)| (keys.contest, slot.standing()))
    }

    /// Where one contest stands; `None` if the meeting has no such contest.
    #[must_use]
    pub fn standing(&self, contest: Contest) -> Option<Standing> {
        self.slot(contest).map(Slot::standing)
    }

    /// Seals one ballot for each choice, all or none. With this b, r, j and every nonce are gone: what is left are
    /// sealed bytes, the same at every try.
    ///
    /// # Errors
    /// [`Stop::NoCredential`], [`Stop::NoOption`] or [`Stop::BrokenRandomness`], before anything is sealed.
    pub fn seal<R: CryptoRng + ?Sized>(
        mut self,
        choices: &[(Contest, u8)],
        rng: &mut R,
    ) -> Result<Unsaved<Self>, Stay<Self>> {
        if randomness::assure(rng).is_err() {
            return Err(Stay::at(self, Stop::BrokenRandomness));
        }
        for (at, (contest, option)) in choices.iter().enumerate() {
            let twice = choices[..at].iter().any(|(earlier, _)| earlier == contest);
            if twice || self.standing(*contest) != Some(Standing::Ready) {
                return Err(Stay::at(self, Stop::NoCredential(*contest)));
            }
            if usize::from(*option) >= self.manifest.options() {
                return Err(Stay::at(self, Stop::NoOption(*contest)));
            }
        }
        for (contest, option) in choices {
            let sealed = match self.take(*contest) {
                Some(Slot::Ready(credential)) => credential.seal_ballot(&self.manifest, *option, rng),
                _ => return Err(Stay::at(self, Stop::NoCredential(*contest))),
            };
            match sealed {
                Ok(sealed) => self.put(*contest, Slot::Sealed(sealed)),
                Err(_) => return Err(Stay::at(self, Stop::NoOption(*contest))),
            }
        }
        Ok(self.unsaved())
    }

    /// The envelope of a sealed ballot, for one frame on `/cast`.
    #[must_use]
    pub fn ballot(&self, contest: Contest) -> Option<&[u8]> {
        match self.slot(contest) {
            Some(Slot::Sealed(sealed)) => Some(&sealed.wire),
            _ => None,
        }
    }

    /// Verifies the answer to a ballot: afterwards the contest is [`Standing::Received`], or
    /// [`Standing::Unanswered`] if the answer says that the contest is closed.
    ///
    /// # Errors
    /// [`Stop::NotSealed`], [`Stop::UnreadableReply`], [`Stop::BallotRefused`] or [`Stop::FalseReceipt`], the sealed
    /// ballot being kept.
    pub fn receive(mut self, contest: Contest, reply: &[u8]) -> Result<Unsaved<Self>, Stay<Self>> {
        let Some(Slot::Sealed(sealed)) = self.slot(contest) else {
            return Err(Stay::at(self, Stop::NotSealed(contest)));
        };
        let leaf = sealed.leaf;
        let answer = match CastReply::open(&sealed.reply_key, reply) {
            Ok(answer) => answer,
            Err(_) => return Err(Stay::at(self, Stop::UnreadableReply)),
        };
        let slot = match answer {
            CastReply::Refused => return Err(Stay::at(self, Stop::BallotRefused(contest))),
            CastReply::Closed => Slot::Unanswered(leaf),
            CastReply::Accepted(note) => match Receipt::verify(&self.manifest, note.as_bytes()) {
                Ok(receipt) if receipt.contest == contest && receipt.leaf == leaf => Slot::Received(receipt),
                _ => return Err(Stay::at(self, Stop::FalseReceipt(contest))),
            },
        };
        self.put(contest, slot);
        Ok(self.unsaved())
    }

    /// Ends waiting for an answer after the close; what is kept is the leaf hash, to look up on the board.
    ///
    /// # Errors
    /// [`Stop::NotSealed`].
    pub fn give_up(mut self, contest: Contest) -> Result<Unsaved<Self>, Stay<Self>> {
        let Some(Slot::Sealed(sealed)) = self.slot(contest) else {
            return Err(Stay::at(self, Stop::NotSealed(contest)));
        };
        let leaf = sealed.leaf;
        self.put(contest, Slot::Unanswered(leaf));
        Ok(self.unsaved())
    }

    /// The verified receipt of a contest.
    #[must_use]
    pub fn receipt(&self, contest: Contest) -> Option<&Receipt> {
        match self.slot(contest) {
            Some(Slot::Received(receipt)) => Some(receipt),
            _ => None,
        }
    }

    /// Whether the ballot of this contest is among a whole board's entries. **It does not check that the board is the
    /// signed one**: that is the audit's.
    ///
    /// # Errors
    /// [`Stop::NotSealed`] without a ballot, [`Stop::UnreadableBoard`].
    pub fn look_up(&self, contest: Contest, entries: &[u8], checkpoint: &[u8]) -> Result<bool, Stop> {
        let leaf = match self.slot(contest) {
            Some(Slot::Sealed(sealed)) => sealed.leaf,
            Some(Slot::Received(receipt)) => receipt.leaf,
            Some(Slot::Unanswered(leaf)) => *leaf,
            _ => return Err(Stop::NotSealed(contest)),
        };
        let unreadable = || Stop::UnreadableBoard(contest);
        let board = Board::from_entries(entries).map_err(|_| unreadable())?;
        // Unsigned entries prove nothing: this is the board that the log key signed, or no board.
        let signed = open_checkpoint(&self.manifest, contest, checkpoint).map_err(|_| unreadable())?;
        if signed != (board.size() as u64, board.root()) {
            return Err(unreadable());
        }
        Ok(board.leaves().contains(&leaf))
    }

    /// Throws away every credential that is left, when the meeting is over: no key stays on the device.
    pub fn forget(mut self) -> Unsaved<Self> {
        for slot in &mut self.slots {
            if matches!(slot, Slot::Ready(_)) {
                *slot = Slot::Over;
            }
        }
        self.unsaved()
    }

    fn slot(&self, contest: Contest) -> Option<&Slot> {
        self.manifest.index_of(contest).and_then(|at| self.slots.get(at))
    }

    fn take(&mut self, contest: Contest) -> Option<Slot> {
        let at = self.manifest.index_of(contest)?;
        self.slots.get_mut(at).map(|slot| core::mem::replace(slot, Slot::Over))
    }

    fn put(&mut self, contest: Contest, filled: Slot) {
        if let Some(slot) = self.manifest.index_of(contest).and_then(|at| self.slots.get_mut(at)) {
            *slot = filled;
        }
    }
}

impl Slot {
    fn standing(&self) -> Standing {
        match self {
            Self::Excluded => Standing::Excluded,
            Self::Ready(_) => Standing::Ready,
            Self::Sealed(_) => Standing::Sealed,
            Self::Received(_) => Standing::Received,
            Self::Unanswered(_) => Standing::Unanswered,
            Self::Over => Standing::Over,
        }
    }
}
