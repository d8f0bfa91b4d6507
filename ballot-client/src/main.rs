//! The voter's and the auditor's command.

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand};
use douxuan_ballot::commands::{receipt, spot_check, swarm, verify};

/// 豆选：核对结果、查回执、抽查页面、演练投票。Checks a result, a receipt or a page; fills a drill's hall.
#[derive(Parser)]
#[command(name = "douxuan-ballot", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 离线核对审计包。Audits a bundle, offline, step by step.
    Verify(verify::Args),
    /// 用回执查票在不在票箱里。Finds a receipt's ballot on its board.
    Receipt(receipt::Args),
    /// 抽查服务器此刻发出的页面。Compares the page that the server hands out with the registered one.
    SpotCheck(spot_check::Args),
    /// 演练：模拟许多手机。Simulated phones, for drills and for measuring.
    Swarm(Box<swarm::Args>),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let outcome = run(&arguments.command, &mut out).and_then(|status| {
        out.flush()?;
        Ok(status)
    });
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command, out: &mut impl Write) -> Result<u8, Box<dyn std::error::Error>> {
    // The audit needs no runtime, and no network.
    if let Command::Verify(args) = command {
        return Ok(verify::run(args, out)?);
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        match command {
            Command::Receipt(args) => receipt::run(args, out).await,
            Command::SpotCheck(args) => spot_check::run(args, out).await,
            Command::Swarm(args) => swarm::run(args, out).await,
            Command::Verify(_) => Ok(2),
        }
    })
}
