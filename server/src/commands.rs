//! Commands that do one thing with files and say in words what came of it.

use std::{path::PathBuf, process::ExitCode};

use crate::{args, backup, config::DataFolder, desk, papers, record};

type Failure = Box<dyn std::error::Error>;

/// `douxuan papers`: writes the files and prints where they are.
///
/// # Errors
/// A file that cannot be read, or any [`papers::PapersError`]; each says what to do.
pub fn papers(arguments: &args::Papers) -> Result<(), Failure> {
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

/// `douxuan backup`: says what is in it, and what is not.
///
/// # Errors
/// [`backup::BackupError`], or no data folder.
pub async fn backup(arguments: args::Backup) -> Result<(), Failure> {
    let saved = backup::save(&data_folder(arguments.data)?, &arguments.to).await?;
    println!("已备份 {} 个文件到 {}。", saved.files.len(), arguments.to.display());
    if saved.without_roll {
        println!("登记还开放着，这次没有备份登记库 roll.db；关闭登记后可以再备份一次。");
    }
    println!("备份里没有密钥，也没有选票：进行中的会议不能从备份继续。请妥善保管，里面有名单。");
    Ok(())
}

/// `douxuan restore`: says what came back, and what cannot go on.
///
/// # Errors
/// As [`backup`].
pub async fn restore(arguments: args::Restore) -> Result<(), Failure> {
    let data = data_folder(arguments.data)?;
    let restored = backup::restore(&arguments.from, &data).await?;
    println!("已恢复 {} 个文件到 {}。", restored.files, data.display());
    if restored.ended > 0 {
        println!("有 {} 场没有归档的会议：记录保留，会议不能继续，请重新准备。", restored.ended);
    }
    Ok(())
}

/// `douxuan record`: status 1 if the trail does not fit.
///
/// # Errors
/// A folder without a record, in which nothing is created; one that a running server holds; or what the record refuses.
pub async fn record(command: record::RecordCommand) -> Result<ExitCode, Failure> {
    let chosen = data_folder(command.data.clone())?;
    record::must_be_in(&chosen)?;
    let folder = DataFolder::open(Some(chosen))?;
    let meetings = desk::meetings(folder.path()).await?;
    let fits = record::run(command, folder.path(), meetings).await?;
    Ok(if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn data_folder(chosen: Option<PathBuf>) -> Result<PathBuf, Failure> {
    Ok(match chosen {
        Some(folder) => folder,
        None => DataFolder::usual()?,
    })
}
