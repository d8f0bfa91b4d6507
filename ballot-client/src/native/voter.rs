//! One voter with a wallet: the journey, its storage and the network put together.

use std::{fmt, io, sync::Arc, time::Duration};

use douxuan_crypto::{contest::Contest, manifest::Manifest};
use rand_core::CryptoRng;

use super::{
    deliver::{Way, deliver},
    door::{Door, NetworkError},
    log::closed,
    storage::Storage,
};
use crate::{
    journey::{Asked, Checked, Enrolled, Invitation, Prepared, Standing, Stay, Stop, Unsaved},
    wallet::{self, Resumed},
};

/// Why a voter's step was not taken. The journey stands where it stood.
#[derive(Debug)]
pub enum VoterError {
    /// The journey refused.
    Stop(Stop),
    /// The storage failed.
    Storage(io::Error),
    /// The server was not reached.
    Network(NetworkError),
    /// The step does not belong here: not enrolled yet, or enrolled already.
    Order,
}

impl fmt::Display for VoterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop(stop) => stop.fmt(f),
            Self::Storage(error) => write!(f, "the wallet could not be stored: {error}"),
            Self::Network(error) => error.fmt(f),
            Self::Order => f.write_str("this step does not belong here"),
        }
    }
}

impl std::error::Error for VoterError {}

impl From<Stop> for VoterError {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<NetworkError> for VoterError {
    fn from(error: NetworkError) -> Self {
        Self::Network(error)
    }
}

impl From<io::Error> for VoterError {
    fn from(error: io::Error) -> Self {
        Self::Storage(error)
    }
}

#[derive(Default)]
enum State {
    Checked(Checked),
    Prepared(Prepared),
    Asked(Asked),
    Enrolled(Enrolled),
    /// A step broke off between two states; the wallet has the last one that was stored.
    #[default]
    Broken,
}

/// One voter.
pub struct Voter {
    state: State,
    storage: Box<dyn Storage + Send>,
}

impl Voter {
    /// A voter with a slip in hand and an empty wallet.
    ///
    /// # Errors
    /// [`Stop::OtherManifest`], [`Stop::UnreadableSlip`].
    pub fn invite(
        invitation: Invitation,
        manifest: &Arc<Manifest>,
        storage: Box<dyn Storage + Send>,
    ) -> Result<Self, VoterError> {
        Ok(Self { state: State::Checked(invitation.check(Arc::clone(manifest))?), storage })
    }

    /// A voter who goes on where his wallet says; `None` if it is empty.
    ///
    /// # Errors
    /// [`Stop::UnreadableWallet`], or the storage's.
    pub fn resume(manifest: &Arc<Manifest>, mut storage: Box<dyn Storage + Send>) -> Result<Option<Self>, VoterError> {
        let Some(bytes) = storage.read()? else { return Ok(None) };
        let state = match wallet::open(Arc::clone(manifest), &bytes)? {
            Resumed::Prepared(prepared) => State::Prepared(prepared),
            Resumed::Enrolled(enrolled) => State::Enrolled(enrolled),
        };
        Ok(Some(Self { state, storage }))
    }

    /// The wallet's storage, for looking at what it holds.
    pub fn storage(&mut self) -> &mut dyn Storage {
        &mut *self.storage
    }

    /// Where every contest stands, once enrolled.
    #[must_use]
    pub fn enrolled(&self) -> Option<&Enrolled> {
        match &self.state {
            State::Enrolled(enrolled) => Some(enrolled),
            _ => None,
        }
    }

    /// Stores the prepared enrolment and gives the sealed request; later calls give the same bytes.
    ///
    /// # Errors
    /// [`VoterError`]; nothing has been sent.
    pub fn request<R: CryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<&[u8], VoterError> {
        let prepared = match core::mem::take(&mut self.state) {
            State::Checked(checked) => kept(checked.prepare(rng)?, &mut *self.storage)?,
            State::Prepared(prepared) => prepared,
            State::Asked(asked) => {
                self.state = State::Asked(asked);
                return self.wire();
            }
            other => {
                self.state = other;
                return Err(VoterError::Order);
            }
        };
        match prepared.request(rng) {
            Ok(asked) => self.state = State::Asked(asked),
            Err(Stay { state, why }) => {
                self.state = State::Prepared(*state);
                return Err(why.into());
            }
        }
        self.wire()
    }

    fn wire(&self) -> Result<&[u8], VoterError> {
        match &self.state {
            State::Asked(asked) => Ok(asked.wire()),
            _ => Err(VoterError::Order),
        }
    }

    /// Verifies the reply to the request and stores what it gives.
    ///
    /// # Errors
    /// [`VoterError`]; a refused or false reply leaves the request as it was.
    pub fn accept(&mut self, reply: &[u8], closed: &[Contest]) -> Result<(), VoterError> {
        let asked = match core::mem::take(&mut self.state) {
            State::Asked(asked) => asked,
            other => {
                self.state = other;
                return Err(VoterError::Order);
            }
        };
        match asked.accept(reply, closed) {
            Ok(unsaved) => self.state = State::Enrolled(kept(unsaved, &mut *self.storage)?),
            Err(Stay { state, why }) => {
                self.state = State::Asked(*state);
                return Err(why.into());
            }
        }
        Ok(())
    }

    /// Seals ballots and stores them; they may be sent afterwards.
    ///
    /// # Errors
    /// [`VoterError`]; with [`Stop::NoCredential`] or [`Stop::NoOption`] nothing has changed.
    pub fn seal<R: CryptoRng + ?Sized>(&mut self, choices: &[(Contest, u8)], rng: &mut R) -> Result<(), VoterError> {
        self.change(|enrolled| enrolled.seal(choices, rng))
    }

    /// The sealed bytes of a contest's ballot, the same at every call.
    #[must_use]
    pub fn ballot(&self, contest: Contest) -> Option<&[u8]> {
        self.enrolled()?.ballot(contest)
    }

    /// Verifies the answer to a ballot and stores the receipt.
    ///
    /// # Errors
    /// [`VoterError`]; the sealed ballot is kept.
    pub fn receive(&mut self, contest: Contest, reply: &[u8]) -> Result<Standing, VoterError> {
        self.change(|enrolled| enrolled.receive(contest, reply))?;
        self.enrolled().and_then(|enrolled| enrolled.standing(contest)).ok_or(VoterError::Order)
    }

    /// Enrols, with retries, over the network.
    ///
    /// # Errors
    /// [`VoterError`].
    pub async fn enrol<R: CryptoRng + ?Sized>(
        &mut self,
        door: &Door,
        patience: Duration,
        rng: &mut R,
    ) -> Result<(), VoterError> {
        let wire = self.request(rng)?.to_vec();
        let reply = deliver(door, Way::Enrol, &wire, patience).await?;
        // Asked after the reply: a contest that closed in between explains a missing evaluation.
        let State::Asked(asked) = &self.state else { return Err(VoterError::Order) };
        let over = closed(door, &Arc::clone(asked.manifest())).await?;
        self.accept(&reply, &over)
    }

    /// Casts one ballot, with retries, over the network; a sealed one that has no receipt yet is sent again as it is.
    ///
    /// # Errors
    /// [`VoterError`].
    pub async fn cast<R: CryptoRng + ?Sized>(
        &mut self,
        door: &Door,
        contest: Contest,
        option: u8,
        patience: Duration,
        rng: &mut R,
    ) -> Result<Standing, VoterError> {
        if self.ballot(contest).is_none() {
            self.seal(&[(contest, option)], rng)?;
        }
        let wire = self.ballot(contest).ok_or(VoterError::Order)?.to_vec();
        let reply = deliver(door, Way::Cast, &wire, patience).await?;
        self.receive(contest, &reply)
    }

    fn change(
        &mut self,
        step: impl FnOnce(Enrolled) -> Result<Unsaved<Enrolled>, Stay<Enrolled>>,
    ) -> Result<(), VoterError> {
        let enrolled = match core::mem::take(&mut self.state) {
            State::Enrolled(enrolled) => enrolled,
            other => {
                self.state = other;
                return Err(VoterError::Order);
            }
        };
        match step(enrolled) {
            Ok(unsaved) => self.state = State::Enrolled(kept(unsaved, &mut *self.storage)?),
            Err(Stay { state, why }) => {
                self.state = State::Enrolled(*state);
                return Err(why.into());
            }
        }
        Ok(())
    }
}

/// Writes a state's wallet, reads it back, and enters the state.
fn kept<S>(unsaved: Unsaved<S>, storage: &mut dyn Storage) -> Result<S, VoterError> {
    storage.write(unsaved.wallet())?;
    let stored = storage.read()?.unwrap_or_default();
    unsaved.read_back(&stored).map_err(|stay| stay.why.into())
}
