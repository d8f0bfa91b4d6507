//! The public side of a closed vote, in the order in which it comes to be:
//!
//! - [`LogDoor`]: the operators' acts, append-only and signed,
//! - [`Shelf`]: boards of closed contests,
//! - [`archive`]: result and audit bundle, verified before it is offered,
//! - [`router`]: what anyone may fetch.

pub mod actors;
mod archive;
mod door;
mod log;
mod routes;
mod shelf;

pub use archive::{ArchiveRefused, Archived, archive, reopen_bundle};
pub use door::LogDoor;
pub use log::{Head, LogRefused};
pub use routes::{Board, router};
pub use shelf::{Shelf, Shelved};
