//! `douxuan rehearse`: a whole meeting on this machine, from a roster to a verified result.
//!
//! The server is a process of its own, and everything goes through the URLs and wire types that console and phones
//! use, one connection a cast. Whatever the rehearsal shows, a meeting does.

mod console;
mod machine;
mod meeting;
mod people;
mod table;

use std::{fmt, io, path::PathBuf};

use douxuan_ballot::{
    native::door::NetworkError,
    swarm::{SwarmError, slips::SlipsError},
};

/// Arguments of `rehearse`.
#[derive(clap::Args, Clone)]
pub struct Rehearse {
    /// Roster of attendees, CSV (名单); together with --officials.
    #[arg(long, value_name = "FILE", requires = "officials_file")]
    roster: Option<PathBuf>,
    /// Reporting officials: a CSV file together with --roster, otherwise their number (被测评人).
    #[arg(long = "officials", value_name = "FILE|N", id = "officials_file")]
    officials: Option<String>,
    /// Number of invented attendees (参会人数), if no roster is given.
    #[arg(long, value_name = "N", default_value_t = 60, conflicts_with = "roster")]
    attendees: u32,
    /// Where bundle, receipts and the report go; a new folder in the system's temporary one without it.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of the invented choices.
    #[arg(long, default_value_t = 1943)]
    seed: u64,
}

/// Why a rehearsal stopped.
#[derive(Debug)]
pub enum RehearseError {
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

impl fmt::Display for RehearseError {
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

impl std::error::Error for RehearseError {}

impl From<SwarmError> for RehearseError {
    fn from(error: SwarmError) -> Self {
        Self::Swarm(error)
    }
}

/// Runs it; the exit status: 0 every step held, 1 not.
///
/// # Errors
/// [`RehearseError`], in words.
pub async fn run(arguments: Rehearse) -> Result<u8, RehearseError> {
    let people = people::gather(&arguments)?;
    let out = match arguments.out {
        Some(out) => out,
        None => std::env::temp_dir().join(format!("douxuan-rehearsal-{}", std::process::id())),
    };
    let file = |error| RehearseError::Io(out.display().to_string(), error);
    std::fs::create_dir_all(&out).map_err(file)?;
    let machine = machine::Machine::start(&out.join("data")).await?;
    let held = meeting::hold(&machine, &people, &out, arguments.seed).await;
    machine.stop().await?;
    let held = held?;
    table::print(&held, &out);
    Ok(held.report.exit_code())
}
