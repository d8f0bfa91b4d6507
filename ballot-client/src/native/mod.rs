//! The same journey over real sockets: HTTP for enrolment, a fresh WebSocket for every ballot.

pub mod deliver;
pub mod door;
mod line;
pub mod live;
pub mod log;
pub mod storage;
pub mod voter;
