//! `douxuan rehearse`: a whole meeting on this machine, from a roster to a verified result.
//!
//! The server is a process of its own, and everything goes through the URLs and wire types that console and phones
//! use, one connection a cast. Whatever the rehearsal shows, a meeting does.

mod handed;
mod machine;
mod meeting;
mod people;
mod table;

use std::path::PathBuf;

use crate::drill::DrillError;

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
    /// Hand the result to a record of the review and print what it makes of it (交给述职档案).
    #[arg(long)]
    record: bool,
    /// Seed of the invented choices.
    #[arg(long, default_value_t = 1943)]
    seed: u64,
}

/// Runs it; the exit status: 0 every step held, 1 not.
///
/// # Errors
/// [`DrillError`], in words.
pub async fn run(arguments: Rehearse) -> Result<u8, DrillError> {
    let people = people::gather(&arguments)?;
    let out = match arguments.out {
        Some(out) => out,
        None => std::env::temp_dir().join(format!("douxuan-rehearsal-{}", std::process::id())),
    };
    let file = |error| DrillError::Io(out.display().to_string(), error);
    std::fs::create_dir_all(&out).map_err(file)?;
    let machine = machine::Machine::start(&out.join("data")).await?;
    let held = meeting::hold(&machine, &people, &out, arguments.seed).await;
    machine.stop().await?;
    let held = held?;
    table::print(&held, &out);
    if arguments.record {
        let bundle = std::fs::read(out.join("bundle.zip")).map_err(file)?;
        handed::hand_over(bundle, &out).await?;
    }
    Ok(held.report.exit_code())
}
