//! `douxuan record`: on the machine itself, while no server runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use clap::{Args, Subcommand};
use douxuan_crypto::bytes::hex;
use rand::{SeedableRng, rngs::StdRng};

use super::{
    Cycle, CyclePolicy, Dossier, Hand, Meetings, Official, Record, RecordError, book,
    result::{self, Import, Limits, Outcome},
};
use crate::web::Refusal;

/// Arguments of `record`.
#[derive(Args, Clone)]
pub struct RecordCommand {
    /// Folder of all data (数据文件夹); the platform's own data folder without it.
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone)]
enum What {
    /// Check the trail of everything that was done, entry by entry and document by document (核对留痕).
    Audit,
    /// Take the result of an archived meeting into a cycle (收入测评结果).
    Import {
        /// The bundle.
        bundle: PathBuf,
        /// Year of the cycle.
        #[arg(long)]
        year: i16,
        /// Fingerprint of the key that signed it, where this machine does not know the meeting.
        #[arg(long, requires = "why")]
        accept: Option<String>,
        /// Why the fingerprint is believed.
        #[arg(long, default_value = "")]
        why: String,
    },
}

/// Why it was not done. Each text says what to do.
type Failure = Box<dyn std::error::Error>;

/// Runs it in a data folder that the caller holds, and prints what a person needs. False: the trail does not fit.
///
/// # Errors
/// A file or database that cannot be read, or what the record refuses.
pub async fn run(command: RecordCommand, data: &Path, meetings: Arc<dyn Meetings>) -> Result<bool, Failure> {
    match command.what {
        What::Audit => Ok(audit(data).await?),
        What::Import { bundle, year, accept, why } => {
            let bytes = std::fs::read(&bundle)
                .map_err(|error| format!("{} 不能读取（{error}）。请检查文件名。", bundle.display()))?;
            let random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())) as Box<_>);
            let record = Record::start(data, random, SystemTime::now).await?;
            record.set_meetings(meetings);
            let taken = import(&record, bytes, year, accept, why).await;
            record.close().await;
            taken?;
            Ok(true)
        }
    }
}

async fn audit(data: &Path) -> Result<bool, RecordError> {
    let state = book::audit(data).await?;
    println!("留痕    {} 条，现存内容 {} 份", state.head.number, state.documents.count());
    println!("末端    {}", hex(&state.head.hash));
    for fault in &state.faults {
        println!("不符    {fault}");
    }
    match state.faults.is_empty() {
        true => println!("逐条核对，没有发现不符。"),
        false => println!("有内容在程序之外被改过。请停止使用，从备份恢复数据文件夹；恢复前请保留现在的文件夹备查。"),
    }
    Ok(state.faults.is_empty())
}

async fn import(
    record: &Record,
    bundle: Vec<u8>,
    year: i16,
    accept: Option<String>,
    why: String,
) -> Result<(), Refusal> {
    let cycles = record.book().now().documents.all::<Cycle>();
    let cycle = cycles
        .iter()
        .find(|cycle| cycle.body.year == year)
        .ok_or_else(|| Refusal::conflict(format!("没有 {year} 年的年度。"), "请先在档案页面建立这个年度，再导入。"))?;
    let hand = Hand { who: "douxuan record import".to_owned(), role: "office".to_owned(), at: record.at() };
    let outcome = record.take(bundle.into(), Import { cycle: cycle.id, accept, why }, &hand).await?;
    println!("{} {}：已收入 {} 年度", outcome.body.date, outcome.body.title, year);
    for line in told(&outcome.body) {
        println!("  {line}");
    }
    Ok(())
}

/// What a result says of each official, line by line.
fn told(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.officials.iter().flat_map(|rated| {
        let known =
            if rated.dossier.is_some() { "" } else { "（还没有对应的案卷，请在档案页面指定）" };
        let votes: Vec<String> = rated.votes.iter().map(|(name, votes)| format!("{name} {votes}")).collect();
        [format!("{} {}{known}", rated.name, votes.join("，")), format!("  {}", rated.finding.in_words())]
    });
    lines.collect()
}

/// A rehearsal's result in a record that knows nothing else: a cycle, the dossiers of those who were rated, the finding
/// of each.
///
/// # Errors
/// What the record refuses.
pub async fn rehearsed(record: &Record, bundle: Vec<u8>) -> Result<Vec<String>, Refusal> {
    let hand = Hand { who: "douxuan rehearse".to_owned(), role: "office".to_owned(), at: record.at() };
    let intake = result::read(&bundle, Limits { reaches: (1, 5), over: (3, 10), both: true })?;
    let key = intake.key().to_owned();
    let year = record.today().year();
    let cycle = Cycle { year, title: "演练".to_owned(), policy: CyclePolicy::default(), closed: false };
    let cycle = record
        .book()
        .change(&hand, |draft| {
            let cycle = draft.add("cycle/open", &cycle, "演练");
            for (name, unit, post) in intake.people() {
                let official = Official { name: name.clone(), terms: Vec::new(), left: false };
                let official = draft.add("official/add", &official, "演练");
                let dossier = Dossier { cycle, official, name, unit, post, way: None, reported_on: None };
                draft.add("dossier/add", &dossier, "演练");
            }
            Ok(cycle)
        })
        .await?;
    let import = Import { cycle, accept: Some(key), why: "本机的演练".to_owned() };
    Ok(told(&record.take(bundle.into(), import, &hand).await?.body))
}
