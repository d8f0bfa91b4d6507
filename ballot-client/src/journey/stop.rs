//! Why a journey does not go on, in words that say what to do next.

use core::fmt;

use douxuan_crypto::{contest::Contest, enroll::EnrolmentError, manifest::ManifestError};

use crate::randomness::BrokenRandomness;

/// One reason to stop. Those that end in "show this to the scrutineer" are evidence against the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The device's randomness is missing or broken.
    BrokenRandomness,
    /// The QR code or the typed code is none.
    UnreadableSlip,
    /// The server's manifest breaks a rule.
    UnreadableManifest(Box<ManifestError>),
    /// The server's manifest is not the one the slip was printed for.
    OtherManifest,
    /// The page's script is not the one that the manifest fixes.
    OtherScript,
    /// The page's wasm is not the one that the manifest fixes.
    OtherWasm,
    /// The storage gave back other bytes than were stored.
    NotStored,
    /// The stored wallet is damaged or of another meeting.
    UnreadableWallet,
    /// Spent, voided, unknown, or no window is open.
    EnrolRefused,
    /// A reply that does not open: broken on the way, or for another request.
    UnreadableReply,
    /// A reply to the enrolment that does not hold.
    FalseReply(EnrolmentError),
    /// There is no credential for this contest, or it is used up.
    NoCredential(Contest),
    /// The scale has no such option.
    NoOption(Contest),
    /// No ballot of this contest is under way.
    NotSealed(Contest),
    /// The server refused the ballot.
    BallotRefused(Contest),
    /// A receipt that is not by the receipt key, or for another ballot.
    FalseReceipt(Contest),
    /// A board that cannot be read.
    UnreadableBoard(Contest),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenRandomness => BrokenRandomness.fmt(f),
            Self::UnreadableSlip => f.write_str("the slip cannot be read: scan it again, or type the code"),
            Self::UnreadableManifest(e) => write!(f, "the manifest is not valid ({e}): show this to the scrutineer"),
            Self::OtherManifest => f.write_str("this is not the meeting of the slip: show this to the scrutineer"),
            Self::OtherScript => {
                f.write_str("the page's script is not the registered one: show this to the scrutineer")
            }
            Self::OtherWasm => f.write_str("the page's wasm is not the registered one: show this to the scrutineer"),
            Self::NotStored => f.write_str("the wallet could not be stored: free some space and try again"),
            Self::UnreadableWallet => f.write_str("the stored wallet cannot be read: ask the desk for help"),
            Self::EnrolRefused => f.write_str("the slip was refused: it is used or void, or enrolment is not open now"),
            Self::UnreadableReply => f.write_str("the reply cannot be read: send the same request again"),
            Self::FalseReply(e) => write!(f, "{e}: nothing was accepted, show this to the scrutineer"),
            Self::NoCredential(c) => write!(f, "there is no unused credential for contest {c}"),
            Self::NoOption(c) => write!(f, "no such option in contest {c}"),
            Self::NotSealed(c) => write!(f, "no ballot of contest {c} is under way"),
            Self::BallotRefused(c) => write!(f, "the ballot of contest {c} was refused: tell the scrutineer"),
            Self::FalseReceipt(c) => write!(f, "the receipt of contest {c} does not hold: show this to the scrutineer"),
            Self::UnreadableBoard(c) => write!(f, "the board of contest {c} cannot be read: download it again"),
        }
    }
}

impl core::error::Error for Stop {}

impl From<BrokenRandomness> for Stop {
    fn from(_: BrokenRandomness) -> Self {
        Self::BrokenRandomness
    }
}

/// A step that was not taken: the state as it was, and why.
pub struct Stay<S> {
    /// The state before the step.
    pub state: Box<S>,
    /// Why it stays there.
    pub why: Stop,
}

impl<S> Stay<S> {
    pub(crate) fn at(state: S, why: Stop) -> Self {
        Self { state: Box::new(state), why }
    }
}

impl<S> fmt::Debug for Stay<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stay({:?})", self.why)
    }
}
