//! `douxuan`: arguments, and what they ask for.

use std::process::ExitCode;

use clap::Parser;
use douxuan::{
    args::{Arguments, Command},
    commands, demo, rehearse, serve, staff,
};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(status) => status,
        Err(failure) => {
            eprintln!("douxuan: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Some(Command::Serve(arguments)) => serve::run(arguments).await?,
        Some(Command::Demo(arguments)) => demo::run(arguments).await?,
        Some(Command::Rehearse(arguments)) => return Ok(rehearse::run(arguments).await?.into()),
        Some(Command::Papers(arguments)) => commands::papers(&arguments)?,
        Some(Command::Backup(arguments)) => commands::backup(arguments).await?,
        Some(Command::Staff(command)) => staff::run(command).await?,
        Some(Command::Record(command)) => return commands::record(command).await,
        Some(Command::Restore(arguments)) => commands::restore(arguments).await?,
        None => serve::run(arguments.serve).await?,
    }
    Ok(ExitCode::SUCCESS)
}
