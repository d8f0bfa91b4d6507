//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::limits;

/// 豆选: one meeting, one machine, one secret ballot that everybody can recount.
#[derive(Parser)]
#[command(name = "douxuan", version, about, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; without it, `serve`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Arguments of `serve`, also understood without the word.
    #[command(flatten)]
    pub serve: Serve,
}

/// What the binary can do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the meeting: phones and hall on the network, the console on this machine (开始服务).
    Serve(Serve),
    /// Hold a whole meeting on this machine, with simulated phones, and verify its result (演练全过程).
    Rehearse(crate::rehearse::Rehearse),
}

/// Arguments of `serve`.
#[derive(Args, Clone)]
pub struct Serve {
    /// Folder of all data (数据文件夹); the platform's own data folder without it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where phones and the hall screen connect.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8460")]
    pub public: SocketAddr,
    /// Where the office's console connects; keep it on this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8461")]
    pub console: SocketAddr,
    /// A further name or address under which this machine is reached; the first one is printed on the slips.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Milliseconds between two updates of the counts on the hall screen.
    #[arg(long, value_name = "MS", default_value_t = TICK_MS, value_parser = clap::value_parser!(u64).range(20..=60_000))]
    pub tick_ms: u64,
}

#[allow(clippy::cast_possible_truncation, reason = "a few thousand milliseconds")]
const TICK_MS: u64 = limits::TICK.as_millis() as u64;

impl Serve {
    /// Interval of the ticks.
    #[must_use]
    pub fn tick(&self) -> Duration {
        Duration::from_millis(self.tick_ms)
    }
}
