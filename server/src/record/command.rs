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
    Cycle, CyclePolicy, Dossier, Hand, Kept, Meetings, Official, Record, RecordError, book, field,
    result::{self, Drills, Import, Limits, Outcome},
};
use crate::{limits, web::Refusal};

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
        /// Year of the cycle, or its id where a year has two (年度); needed where more than one is open.
        #[arg(long, value_name = "YEAR")]
        cycle: Option<String>,
        /// Name of the person who takes it in; stands in the trail (经办人姓名).
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Fingerprint of the key that signed it, where this machine does not know the meeting.
        #[arg(long, requires = "why")]
        accept: Option<String>,
        /// Takes the place of the result of the same meeting that is there.
        #[arg(long, requires = "why")]
        replaces: bool,
        /// Why the fingerprint is believed, or why it takes the place of the other.
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
        What::Import { bundle, cycle, by, accept, replaces, why } => {
            let bytes = std::fs::read(&bundle)
                .map_err(|error| format!("{} 不能读取（{error}）。请检查文件名。", bundle.display()))?;
            let random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())) as Box<_>);
            let record = Record::start(data, random, SystemTime::now).await?;
            record.set_meetings(meetings);
            let taken = import(&record, bytes, (cycle.as_deref(), &by), Asked { accept, replaces, why }).await;
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
    if state.lags {
        println!("说明    最后一次改动没有正常收尾（断电，或磁盘写不进）；它已完整写入，或完全没有写入。");
    }
    for fault in &state.faults {
        println!("不符    {fault}");
    }
    match state.faults.is_empty() {
        true => println!(
            "逐条核对，没有发现不符。请与印在会议材料上的末端对照：连库带末端文件一起换掉的，只有对照才看得出来。"
        ),
        false => println!("有内容在程序之外被改过。请停止使用，从备份恢复数据文件夹；恢复前请保留现在的文件夹备查。"),
    }
    Ok(state.faults.is_empty())
}

/// What somebody has typed beside the file.
struct Asked {
    accept: Option<String>,
    replaces: bool,
    why: String,
}

async fn import(
    record: &Record,
    bundle: Vec<u8>,
    (cycle, by): (Option<&str>, &str),
    Asked { accept, replaces, why }: Asked,
) -> Result<(), Refusal> {
    let by = field::line("经办人", by, limits::NAME)?;
    let Kept { id, body: cycle, .. } = chosen(&record.book().now().documents.all::<Cycle>(), cycle)?;
    let who = format!("{by}（douxuan record import）");
    let hand = Hand { who, role: "office".to_owned(), at: record.at(), accounts: Vec::new() };
    let outcome =
        record.take(bundle.into(), Import { cycle: id, accept, why, replaces }, Drills::Refused, &hand).await?.body;
    println!("{} {}：已收入“{}”（{} 年度）", outcome.date, outcome.title, cycle.title, cycle.year);
    if !outcome.stated.agrees(Limits::of(&cycle.policy)) {
        let [reaches, over] =
            [(outcome.stated.reaches, cycle.policy.reaches), (outcome.stated.over, cycle.policy.over)]
                .map(|((a, b), (c, d))| format!("会议公布 {a}/{b}，年度规定 {c}/{d}"));
        println!("  注意：比例不同。达到：{reaches}；超过：{over}。后续步骤按年度规定计算。");
    }
    for line in told(&outcome) {
        println!("  {line}");
    }
    Ok(())
}

/// The cycle that is meant: the only one that is open, or the one that was named.
///
/// # Errors
/// None, several, or one that is closed; each says which there are.
fn chosen(cycles: &[Kept<Cycle>], named: Option<&str>) -> Result<Kept<Cycle>, Refusal> {
    let fits = |cycle: &&Kept<Cycle>| match named {
        None => !cycle.body.closed,
        Some(named) => cycle.body.year.to_string() == named || cycle.id.to_string() == named,
    };
    let mut fitting: Vec<&Kept<Cycle>> = cycles.iter().filter(fits).collect();
    // Of one year, the one that is open.
    if fitting.iter().any(|cycle| !cycle.body.closed) {
        fitting.retain(|cycle| !cycle.body.closed);
    }
    match (fitting.as_slice(), named) {
        ([only], _) => Ok((*only).clone()),
        ([], Some(named)) => Err(Refusal::conflict(
            format!("没有“{named}”这个年度。"),
            "请核对 --cycle；还没有的，先在档案页面建立这个年度，再导入。",
        )),
        ([], None) => Err(Refusal::conflict("没有还在进行的年度。", "请先在档案页面建立年度，再导入。")),
        (several, _) => {
            let list: Vec<String> =
                several.iter().map(|one| format!("{} {}（{}）", one.body.year, one.body.title, one.id)).collect();
            Err(Refusal::conflict(
                format!("有几个年度还在进行：{}。", list.join("、")),
                "请用 --cycle 写明年度；同一年有两个的，写括号里的编号。",
            ))
        }
    }
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
    let hand =
        Hand { who: "douxuan rehearse".to_owned(), role: "office".to_owned(), at: record.at(), accounts: Vec::new() };
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
    let import = Import { cycle, accept: Some(key), why: "本机的演练".to_owned(), replaces: false };
    Ok(told(&record.take(bundle.into(), import, Drills::Taken, &hand).await?.body))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::Id;

    fn cycle(id: u8, year: i16, closed: bool) -> Kept<Cycle> {
        let id = Id::read(&format!("00000000000000{id:02x}")).unwrap();
        let body = Cycle { year, title: format!("第{id}"), policy: CyclePolicy::default(), closed };
        Kept { id, version: 1, body }
    }

    #[test]
    fn a_result_goes_to_the_only_open_year_or_to_the_one_that_was_named() {
        let (old, one, two) = (cycle(1, 2025, true), cycle(2, 2026, false), cycle(3, 2026, false));
        let of = |cycles: &[&Kept<Cycle>], named: Option<&str>| {
            let cycles: Vec<Kept<Cycle>> = cycles.iter().map(|cycle| (*cycle).clone()).collect();
            chosen(&cycles, named).map(|cycle| cycle.id)
        };
        assert_eq!(of(&[&old, &one], None).unwrap(), one.id);
        assert_eq!(of(&[&old, &one], Some("2026")).unwrap(), one.id);
        assert_eq!(of(&[&one, &two], Some(&two.id.to_string())).unwrap(), two.id);
        // One that is closed is refused by the record itself, which says so.
        assert_eq!(of(&[&old, &one], Some("2025")).unwrap(), old.id);
        for (cycles, named, word) in [
            (&[][..], None, "没有还在进行的年度"),
            (&[&old][..], None, "没有还在进行的年度"),
            (&[&one][..], Some("2024"), "没有“2024”"),
            (&[&one, &two][..], None, "--cycle"),
            (&[&one, &two][..], Some("2026"), "编号"),
        ] {
            let refused = of(cycles, named).unwrap_err();
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }
}
