//! The urn: casting, closing, restarts and sockets of one meeting.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod casting;
mod closing;
mod restart;
mod sockets;
#[path = "../urn_meeting/mod.rs"]
mod urn_meeting;
