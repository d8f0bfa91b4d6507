//! `douxuan`: arguments, and what they ask for.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use douxuan::{
    args::{self, Arguments, Command},
    backup,
    config::DataFolder,
    demo, papers, rehearse, serve, staff,
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
        Some(Command::Papers(arguments)) => papers(&arguments)?,
        Some(Command::Backup(arguments)) => backup(arguments).await?,
        Some(Command::Staff(command)) => staff::run(command).await?,
        Some(Command::Restore(arguments)) => restore(arguments).await?,
        None => serve::run(arguments.serve).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn papers(arguments: &args::Papers) -> Result<(), Failure> {
    let bundle = std::fs::read(&arguments.bundle)
        .map_err(|error| format!("{} 不能读取（{error}）。请检查文件名。", arguments.bundle.display()))?;
    let written = papers::write(&bundle, &arguments.out, arguments.fonts.as_deref())?;
    for file in written.files {
        println!("{}", file.display());
    }
    if let Some(why) = written.no_pdf {
        println!("{why}");
    }
    Ok(())
}

async fn backup(arguments: args::Backup) -> Result<(), Failure> {
    let saved = backup::save(&data_folder(arguments.data)?, &arguments.to).await?;
    println!("已备份 {} 个文件到 {}。", saved.files.len(), arguments.to.display());
    if saved.without_roll {
        println!("登记还开放着，这次没有备份登记库 roll.db；关闭登记后可以再备份一次。");
    }
    println!("备份里没有密钥，也没有选票：进行中的会议不能从备份继续。请妥善保管，里面有名单。");
    Ok(())
}

async fn restore(arguments: args::Restore) -> Result<(), Failure> {
    let data = data_folder(arguments.data)?;
    let restored = backup::restore(&arguments.from, &data).await?;
    println!("已恢复 {} 个文件到 {}。", restored.files, data.display());
    if restored.ended > 0 {
        println!("有 {} 场没有归档的会议：记录保留，会议不能继续，请重新准备。", restored.ended);
    }
    Ok(())
}

fn data_folder(chosen: Option<PathBuf>) -> Result<PathBuf, Failure> {
    Ok(match chosen {
        Some(folder) => folder,
        None => DataFolder::usual()?,
    })
}
