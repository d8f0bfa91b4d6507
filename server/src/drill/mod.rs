//! What rehearsal and demonstration share: the office's own requests, and a drill's slips by kind.

pub(crate) mod console;
pub(crate) mod slips;

use std::{fmt, io};

use douxuan_ballot::{
    native::door::NetworkError,
    swarm::{SwarmError, slips::SlipsError},
};

/// Why a drill stopped.
#[derive(Debug)]
pub enum DrillError {
    /// Its own arguments.
    Usage(String),
    /// A file or the server process.
    Io(String, io::Error),
    /// The server refused an act, in its own words.
    Act(String, NetworkError),
    /// The phones.
    Swarm(SwarmError),
    /// The slips.
    Slips(SlipsError),
    /// Something that must hold does not.
    Broken(String),
}

impl fmt::Display for DrillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Broken(why) => f.write_str(why),
            Self::Io(what, error) => write!(f, "{what}: {error}"),
            Self::Act(what, error) => write!(f, "{what}: {error}"),
            Self::Swarm(error) => error.fmt(f),
            Self::Slips(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DrillError {}

impl From<SwarmError> for DrillError {
    fn from(error: SwarmError) -> Self {
        Self::Swarm(error)
    }
}
