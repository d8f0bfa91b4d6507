//! What may be asked of the clerk, and what it answers to a slip.

use std::sync::Arc;

use douxuan_crypto::{contest::Contest, log::Reason, manifest::Manifest, token::TokenLeaf};
use tokio::sync::oneshot;

use super::{RollError, WindowClosed, ledger::Ledger};
use crate::secrets::Secrets;

/// The answer to a [`Spend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Spent by this very request, now or before.
    Granted,
    /// Spent by another request, void, or not of this meeting.
    Refused,
    /// No window is open.
    NoWindow,
    /// The roll could not be written; the same request may be sent again.
    Failed,
}

/// One slip to spend.
pub(super) struct Spend {
    /// T.
    pub t: [u8; 32],
    /// SHA-256 of the blinded elements.
    pub request_hash: [u8; 32],
    /// The token's signature, already checked.
    pub sig: [u8; 64],
    /// Takes the verdict once it is durable.
    pub verdict: oneshot::Sender<Verdict>,
}

pub(super) type Look = Box<dyn FnOnce(Option<&Ledger>) + Send>;

pub(super) type Answer<T> = oneshot::Sender<Result<T, RollError>>;

/// What may be asked of the clerk.
pub(super) enum Command {
    /// Spend a slip.
    Spend(Spend),
    /// Make a frozen meeting the current one.
    Prepare(Arc<Manifest>, Vec<TokenLeaf>, Secrets, Answer<()>),
    /// Have no current meeting.
    Retire(Answer<()>),
    /// Open window `number`.
    Open(u8, Answer<()>),
    /// Close window `number` with the heads present.
    Close(u8, u32, Answer<WindowClosed>),
    /// End enrolment and destroy E_0.
    End(Answer<()>),
    /// Void a slip.
    Void([u8; 32], Reason, Answer<()>),
    /// Forget a closed contest's k.
    Forget(Contest),
    /// Look at the roll.
    Look(Look),
    /// Say what is wrong with the database itself.
    Faults(Answer<Vec<String>>),
    /// Close the database and stop.
    Stop(oneshot::Sender<()>),
}
