//! The voter's journey, as states that are consumed one after another.
//!
//! ```text
//! Invitation --check--> Checked --prepare--> Unsaved<Prepared> --read_back--> Prepared --request--> Asked
//!   --accept--> Unsaved<Enrolled> --read_back--> Enrolled --seal--> Unsaved<Enrolled> --read_back--> Enrolled
//!   --receive--> Unsaved<Enrolled> ...
//! ```
//! What must not be lost is inside [`Unsaved`] and can only be had by showing the stored bytes again: a token is
//! spent, a ballot sent and a receipt believed only after the wallet that continues from there has been written and
//! read back. What must be forgotten is gone because the state that held it is.

mod enrolled;
mod stop;

use std::sync::Arc;

use douxuan_crypto::{
    contest::Contest,
    enroll::{Enrolment, EnrolmentError},
    hash::sha256,
    log::closed_contests,
    manifest::Manifest,
    screen_code,
    seal::ReplyKey,
    token::{Slip, Token},
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub(crate) use enrolled::Slot;
pub use enrolled::{Enrolled, Standing};
pub use stop::{Stay, Stop};

use crate::{randomness, wallet};

/// SHA-256 of the page's two programs as this device received them.
///
/// **It catches a page that is not the one that was registered, not a page that lies about itself**: what a script
/// says about its own bytes is only as good as the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageFacts {
    /// Of `phone.js`.
    pub script: [u8; 32],
    /// Of `ballot.wasm`.
    pub wasm: [u8; 32],
}

impl PageFacts {
    /// Hashes the two files.
    #[must_use]
    pub fn of(script: &[u8], wasm: &[u8]) -> Self {
        Self { script: sha256(script), wasm: sha256(wasm) }
    }
}

/// Reads the manifest that the server gives, and compares the page with what it fixes. A native client is no page and
/// has no facts.
///
/// # Errors
/// [`Stop::UnreadableManifest`], [`Stop::OtherScript`], [`Stop::OtherWasm`].
pub fn read_manifest(bytes: &[u8], page: Option<&PageFacts>) -> Result<Arc<Manifest>, Stop> {
    let manifest = Manifest::parse(bytes).map_err(|error| Stop::UnreadableManifest(Box::new(error)))?;
    if page.is_some_and(|page| page.script != manifest.page_script) {
        return Err(Stop::OtherScript);
    }
    if page.is_some_and(|page| page.wasm != manifest.page_wasm) {
        return Err(Stop::OtherWasm);
    }
    Ok(Arc::new(manifest))
}

/// What the voter holds in his hand.
pub enum Invitation {
    /// The slip's QR code: it names the meeting and what this slip does not rate.
    Scanned(Slip),
    /// The code typed from the slip: which meeting it is, the voter compares by the screen code.
    Typed(Token),
}

impl Invitation {
    /// Reads what stands behind `#` in the slip's link.
    ///
    /// # Errors
    /// [`Stop::UnreadableSlip`].
    pub fn scan(fragment: &str) -> Result<Self, Stop> {
        Slip::parse_fragment(fragment).map(Self::Scanned).map_err(|_| Stop::UnreadableSlip)
    }

    /// Reads the 16 characters printed under the QR code.
    ///
    /// # Errors
    /// [`Stop::UnreadableSlip`].
    pub fn type_in(text: &str) -> Result<Self, Stop> {
        Token::parse_text(text).map(Self::Typed).map_err(|_| Stop::UnreadableSlip)
    }

    /// Refuses every manifest but the slip's own.
    ///
    /// # Errors
    /// [`Stop::OtherManifest`]; [`Stop::UnreadableSlip`] if the mask does not fit the manifest's items.
    pub fn check(self, manifest: Arc<Manifest>) -> Result<Checked, Stop> {
        let (token, mask) = match self {
            Self::Scanned(slip) if slip.manifest != manifest.id => return Err(Stop::OtherManifest),
            Self::Scanned(slip) if slip.mask.len() != manifest.mask_len() => return Err(Stop::UnreadableSlip),
            Self::Scanned(slip) => (slip.token, Some(slip.mask)),
            Self::Typed(token) => (token, None),
        };
        Ok(Checked { manifest, token, mask })
    }
}

/// The manifest is the slip's. Nothing is spent yet: the voter compares the screen code now.
pub struct Checked {
    manifest: Arc<Manifest>,
    token: Token,
    mask: Option<Vec<u8>>,
}

impl Checked {
    /// The code to compare with the slip and the hall screen: `1234 ...`, eight groups.
    #[must_use]
    pub fn screen_code(&self) -> String {
        screen_code::manifest_code(&self.manifest.id)
    }

    /// Draws a ballot key and a blind for every contest and signs the request; the token is erased with this state.
    ///
    /// # Errors
    /// [`Stop::BrokenRandomness`] before anything is drawn; [`Stop::UnreadableSlip`] for an impossible mask.
    pub fn prepare<R: CryptoRng + ?Sized>(self, rng: &mut R) -> Result<Unsaved<Prepared>, Stop> {
        let Self { manifest, token, mask } = self;
        randomness::assure(rng)?;
        let enrolment = Enrolment::begin(&manifest, &token, mask.as_deref(), rng).map_err(|_| Stop::UnreadableSlip)?;
        let wallet = wallet::write_prepared(&manifest, &enrolment);
        Ok(Unsaved { state: Prepared { manifest, enrolment }, wallet })
    }
}

/// A state that is not entered before its wallet has been stored and read back.
#[must_use = "the journey stops here until the wallet is stored"]
pub struct Unsaved<S> {
    state: S,
    wallet: Zeroizing<Vec<u8>>,
}

impl<S> Unsaved<S> {
    /// The bytes to store.
    #[must_use]
    pub fn wallet(&self) -> &[u8] {
        &self.wallet
    }

    /// The state, to look at only.
    pub(crate) fn peek(&self) -> &S {
        &self.state
    }

    /// Enters the state with what the storage gives back.
    ///
    /// # Errors
    /// [`Stop::NotStored`] together with this state, if the bytes are others.
    pub fn read_back(self, stored: &[u8]) -> Result<S, Stay<Self>> {
        if stored == self.wallet.as_slice() { Ok(self.state) } else { Err(Stay::at(self, Stop::NotStored)) }
    }
}

/// A stored enrolment. From here on the token may be spent.
pub struct Prepared {
    manifest: Arc<Manifest>,
    enrolment: Enrolment,
}

impl Prepared {
    pub(crate) fn resumed(manifest: Arc<Manifest>, enrolment: Enrolment) -> Self {
        Self { manifest, enrolment }
    }

    /// The request in the clear, for tests that compare it with the published vector.
    #[doc(hidden)]
    #[must_use]
    pub fn plain_request(&self) -> &[u8] {
        self.enrolment.request()
    }

    /// Seals the request to the manifest's enrolment key. Sealed again after a restart, it is still the same request.
    ///
    /// # Errors
    /// [`Stop::BrokenRandomness`]; the wallet is where it was.
    pub fn request<R: CryptoRng + ?Sized>(self, rng: &mut R) -> Result<Asked, Stay<Self>> {
        match self.enrolment.seal(&self.manifest, rng) {
            Ok((wire, reply_key)) => Ok(Asked { prepared: self, wire, reply_key }),
            Err(_) => Err(Stay::at(self, Stop::BrokenRandomness)),
        }
    }
}

/// A request under way. Every try sends the same bytes.
pub struct Asked {
    prepared: Prepared,
    wire: Vec<u8>,
    reply_key: ReplyKey,
}

impl Asked {
    /// The envelope for `POST /enrol`.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Verifies the reply: every proof against the manifest's keys, the mask against the slip's, the slip against the
    /// token tree. With it the blinds are gone. `closed` are the contests that the meeting's log says are over: only
    /// they may be missing without the mask's saying so.
    ///
    /// # Errors
    /// [`Stop::EnrolRefused`], [`Stop::UnreadableReply`] or [`Stop::FalseReply`], together with this state.
    pub fn accept(self, reply: &[u8], closed: &[Contest]) -> Result<Unsaved<Enrolled>, Stay<Self>> {
        let Self { prepared: Prepared { manifest, enrolment }, wire, reply_key } = self;
        match enrolment.finish(&manifest, &reply_key, reply, closed) {
            Ok(accepted) => Ok(Enrolled::new(manifest, accepted).unsaved()),
            Err((enrolment, error)) => {
                let why = match error {
                    EnrolmentError::Refused => Stop::EnrolRefused,
                    EnrolmentError::Malformed => Stop::UnreadableReply,
                    other => Stop::FalseReply(other),
                };
                Err(Stay::at(Self { prepared: Prepared { manifest, enrolment }, wire, reply_key }, why))
            }
        }
    }

    /// [`Self::accept`], the closed contests taken from the meeting's signed log; without one (both empty) none is.
    ///
    /// # Errors
    /// As there; a log that the log key did not sign is an unreadable reply.
    pub fn accept_with_log(self, reply: &[u8], log: &[u8], head: &[u8]) -> Result<Unsaved<Enrolled>, Stay<Self>> {
        let closed = if log.is_empty() && head.is_empty() {
            Ok(Vec::new())
        } else {
            closed_contests(&self.prepared.manifest, log, head)
        };
        match closed {
            Ok(closed) => self.accept(reply, &closed),
            Err(_) => Err(Stay::at(self, Stop::UnreadableReply)),
        }
    }

    /// The meeting.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.prepared.manifest
    }

    /// Back to the stored state, for a client that stops asking; it can ask again later.
    #[must_use]
    pub fn back(self) -> Prepared {
        self.prepared
    }
}
