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
    /// Open a filled sample meeting with simulated phones, to look at console, phone and hall (看一场样例会议).
    Demo(crate::demo::Demo),
    /// Hold a whole meeting on this machine, with simulated phones, and verify its result (演练全过程).
    Rehearse(crate::rehearse::Rehearse),
    /// Write the summary table of an archived meeting as files (汇总表：表格、文本).
    Papers(Papers),
    /// Copy office data, logs and bundles into a new folder; never keys or ballots (备份).
    Backup(Backup),
    /// Staff accounts, on the machine itself, while no server runs (账户).
    Staff(crate::staff::StaffCommand),
    /// The record of the review, on the machine itself, while no server runs (述职档案).
    Record(crate::record::RecordCommand),
    /// Bring a backup back into an empty data folder (恢复备份).
    Restore(Restore),
}

/// Arguments of `papers`.
#[derive(Args)]
pub struct Papers {
    /// The bundle of an archived meeting.
    pub bundle: PathBuf,
    /// Folder for the files.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Folder with Noto CJK fonts, for the PDF; the system's without it.
    #[arg(long, value_name = "DIR")]
    pub fonts: Option<PathBuf>,
}

/// Arguments of `backup`.
#[derive(Args)]
pub struct Backup {
    /// Folder of all data (数据文件夹); the platform's own data folder without it. The server may be running.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A new folder for the backup.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// Arguments of `restore`.
#[derive(Args)]
pub struct Restore {
    /// The folder of the backup.
    pub from: PathBuf,
    /// An empty data folder; the platform's own data folder without it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `serve`.
#[derive(Args, Clone)]
pub struct Serve {
    /// Folder of all data (数据文件夹); the platform's own data folder without it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where phones and the hall screen connect.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = PUBLIC)]
    pub public: SocketAddr,
    /// Where the office's console connects; keep it on this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = CONSOLE)]
    pub console: SocketAddr,
    /// A further name or address under which this machine is reached; the first one is printed on the slips.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Certificate chain (PEM) that phones trust: phones and staff then use https (证书).
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Answer the tests by which phones judge a Wi-Fi without internet; its DNS must send their names here, and phones
    /// ask on port 80 (`--public 0.0.0.0:80`) in the clear.
    #[arg(long, conflicts_with = "cert")]
    pub captive: bool,
    /// Keys wrapped by a pass-phrase, asked for on the terminal; chosen there if none wraps them yet (口令).
    #[arg(long, conflicts_with = "passphrase_file")]
    pub passphrase: bool,
    /// The same, the pass-phrase read from a file that only its owner may read.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Hand results of the record on to this address, signed; may be given more than once (结果送达的网址).
    #[arg(long, value_name = "URL", value_parser = crate::record::hook::Target::read)]
    pub hand_over: Vec<crate::record::hook::Target>,
    /// Hand results on by plain http also to addresses beyond the office's own network (不加密送达).
    #[arg(long, requires = "hand_over")]
    pub hand_over_plain: bool,
    /// Milliseconds between two updates of the counts on the hall screen.
    #[arg(long, value_name = "MS", default_value_t = TICK_MS, value_parser = clap::value_parser!(u64).range(20..=60_000))]
    pub tick_ms: u64,
}

/// Where phones and the hall screen connect unless the arguments say otherwise.
pub(crate) const PUBLIC: &str = "0.0.0.0:8460";
/// Where the console connects unless the arguments say otherwise.
pub(crate) const CONSOLE: &str = "127.0.0.1:8461";
/// Milliseconds between two ticks unless the arguments say otherwise.
#[allow(clippy::cast_possible_truncation, reason = "a few thousand milliseconds")]
pub(crate) const TICK_MS: u64 = limits::TICK.as_millis() as u64;

impl Serve {
    /// Interval of the ticks.
    #[must_use]
    pub fn tick(&self) -> Duration {
        Duration::from_millis(self.tick_ms)
    }
}
