//! `verify`: audits a bundle offline, step by step.

use std::{
    fs, io,
    io::{BufRead, Write},
    path::{Path, PathBuf},
    thread,
};

use douxuan_crypto::audit::{Outcome, Report, Runner, Step, Verdict, audit_with};
use serde_json::{Value, json};

/// What `verify` is asked.
#[derive(clap::Args)]
pub struct Args {
    /// The bundle.
    #[arg(required_unless_present = "batch")]
    bundle: Option<PathBuf>,
    /// Receipts to look up in it, as the phone saves them; may be given more than once.
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// One JSON object, as the independent verifier prints it.
    #[arg(long)]
    json: bool,
    /// Bundle paths from standard input, one JSON object a line; receipts behind a path, separated by tabs.
    #[arg(long)]
    batch: bool,
}

/// One thread a core, jobs dealt out in turn.
struct Cores;

impl Runner for Cores {
    fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for first in 0..cores.min(jobs) {
                scope.spawn(move || (first..jobs).step_by(cores).for_each(job));
            }
        });
    }
}

/// Runs the audit; the exit status is the verdict: 0 no step failed, 1 one failed, 2 not a bundle.
///
/// # Errors
/// If the bundle cannot be read or the report not be written.
pub fn run(args: &Args, out: &mut impl Write) -> io::Result<u8> {
    if args.batch {
        for line in io::stdin().lock().lines() {
            let line = line?;
            let mut paths = line.split('\t').map(Path::new);
            if let Some(bundle) = paths.next().filter(|path| !path.as_os_str().is_empty()) {
                let receipts: Vec<&Path> = paths.collect();
                writeln!(out, "{}", as_json(&audit_files(bundle, &receipts).unwrap_or_else(|_| nothing())))?;
                out.flush()?;
            }
        }
        return Ok(0);
    }
    let receipts: Vec<&Path> = args.receipts.iter().map(PathBuf::as_path).collect();
    let report = audit_files(args.bundle.as_deref().unwrap_or(Path::new("")), &receipts)?;
    if args.json {
        writeln!(out, "{}", as_json(&report))?
    } else {
        print(&report, out)?
    }
    Ok(report.exit_code())
}

/// A receipt that cannot be read is a receipt that does not verify; a bundle that cannot be read is an error.
fn audit_files(bundle: &Path, receipts: &[&Path]) -> io::Result<Report> {
    let receipts: Vec<Vec<u8>> =
        receipts.iter().flat_map(|path| notes_in(&fs::read(path).unwrap_or_default())).collect();
    Ok(audit_with(&fs::read(bundle)?, &receipts, &Cores))
}

/// The receipts of a file, byte for byte: a phone saves all of its own in one, with empty lines between. A note ends with
/// the last of its signature lines (C2SP signed-note). A file without one is a single receipt that does not verify.
fn notes_in(file: &[u8]) -> Vec<Vec<u8>> {
    let signs = |line: &[u8]| line.starts_with("— ".as_bytes());
    let (mut notes, mut note, mut signed) = (Vec::new(), Vec::new(), false);
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        if signed && !signs(line) {
            notes.push(std::mem::take(&mut note));
        }
        signed = signs(line);
        if !note.is_empty() || line != b"\n" {
            note.extend_from_slice(line);
        }
    }
    if !note.is_empty() || notes.is_empty() {
        notes.push(note);
    }
    notes
}

fn nothing() -> Report {
    audit_with(&[], &[], &Cores)
}

/// The report as the independent verifier prints it: `exit`, `failed`, `steps`.
#[must_use]
pub fn as_json(report: &Report) -> Value {
    let failed = match &report.outcome {
        Outcome::Held => Value::Null,
        Outcome::Failed(step) => json!(step.to_string()),
        Outcome::NotABundle(_) => json!("container"),
    };
    let step = |step: Step| {
        let went = report.step(step);
        json!({
            "step": step.to_string(),
            "verdict": went.map_or(Verdict::NotReached, |went| went.verdict).en(),
            "count": went.map_or(0, |went| went.count),
            "why": went.and_then(|went| went.why.as_deref()).unwrap_or_default(),
        })
    };
    let steps: Vec<Value> = Step::ALL.into_iter().map(step).collect();
    let mut value = json!({ "exit": report.exit_code(), "failed": failed, "steps": steps });
    if let Outcome::NotABundle(why) = &report.outcome {
        value["why"] = json!(why.to_string());
    }
    value
}

/// The report to read, and to copy into the minutes.
///
/// # Errors
/// If it cannot be written.
pub fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if let Outcome::NotABundle(why) = &report.outcome {
        writeln!(out, "不是审计包 · not a bundle: {why}")?;
        return writeln!(out, "请重新拷贝整个文件，不要解压或改名。 Copy the whole file again; do not unpack it.");
    }
    if let Some(meeting) = &report.meeting {
        writeln!(out, "{} · {} · {}", meeting.title, meeting.date, meeting.place)?;
        writeln!(out, "屏幕码 screen code   {}", meeting.screen_code)?;
        writeln!(out, "请与票纸或会场照片核对。 Compare it with a slip or a photo of the hall's screen.\n")?;
    }
    for step in &report.steps {
        let (zh, en) = step.step.name();
        let label = format!("{} {zh} {en}", step.step);
        writeln!(out, "{label}: {} {}", step.verdict.zh(), step.verdict.en())?;
        if step.verdict != Verdict::NotReached {
            writeln!(out, "    读取 read: {} · 数量 count: {}", step.read, step.count)?;
            writeln!(out, "    {}\n    {}", step.zh, step.en)?;
        }
        if let Some(why) = &step.why {
            writeln!(out, "    {why}")?;
        }
    }
    match report.failed() {
        None => writeln!(out, "\n没有一步不成立。 No step failed."),
        Some(step) => writeln!(
            out,
            "\n{step} 不成立，之后各步未核对；这个结果不能采信，请保留本文件和回执，报告监票人。\n\
             {step} failed; later steps were not reached. Do not rely on this result: keep this file and the receipts."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::notes_in;

    #[test]
    fn a_file_holds_as_many_receipts_as_a_phone_saved_and_one_where_none_is_signed() {
        let (one, two) = ("a\n\n— x 1\n— y 2\n", "b\n\n— x 3\n");
        let whole = |parts: &[&str]| parts.iter().map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_eq!(notes_in(one.as_bytes()), whole(&[one]));
        assert_eq!(notes_in(format!("{one}\n{two}").as_bytes()), whole(&[one, two]));
        assert_eq!(notes_in(format!("{one}{two}\n").as_bytes()), whole(&[one, two]));
        assert_eq!(notes_in(b""), whole(&[""]));
        assert_eq!(notes_in(b"a\n\nb\n"), whole(&["a\n\nb\n"]));
        // What follows the last one is no receipt, and is not left out.
        assert_eq!(notes_in(format!("{one}\nc").as_bytes()), whole(&[one, "c"]));
    }
}
