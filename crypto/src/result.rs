//! The result note, line by line (PROTOCOL section 23).

use core::fmt::Write as _;

use crate::{
    bytes::hex,
    count::{ContestCount, Counts},
    log::Log,
    manifest::Manifest,
    merkle::Hash,
    note,
    sign::SigningKey,
    thresholds::Threshold,
};

/// The kinds of line that step V9 compares; `threshold` is V11's and the rest V12's.
pub(crate) const COUNT_LINES: [&str; 7] = ["slips", "window", "electronic", "paper", "total", "votes", "valid"];
/// The kind of line that step V11 compares.
pub(crate) const THRESHOLD_LINE: &str = "threshold";

/// The text of a result note, each line ending with LF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultNote {
    text: String,
}

impl ResultNote {
    /// The result of a log that is complete but for its *result* entry: `(size, root)` is that log's.
    #[must_use]
    pub fn compute(manifest: &Manifest, (size, root): (u64, Hash), counts: &Counts) -> Self {
        let mut text = manifest.origin("result");
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{}\nlog {size} {}\n", hex(&manifest.id), hex(&root));
        let unused = counts.unused.unwrap_or(0);
        let _ = writeln!(text, "slips {} {} {unused}", counts.leaves, counts.voided);
        for w in &counts.windows {
            let _ = writeln!(text, "window {} {} {} {} {}", w.window, w.present, w.redeemed, w.paper, hex(&w.root));
        }
        for contest in &counts.contests {
            write_contest(&mut text, manifest, contest);
        }
        Self { text }
    }

    /// The result of a log to which only the *result* entry is missing.
    #[must_use]
    pub fn of_log(manifest: &Manifest, log: &Log, counts: &Counts) -> Self {
        Self::compute(manifest, (log.size(), log.root()), counts)
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signed note, under the name `douxuan/<meeting hex>/result`. The *result* entry has the SHA-256 of these bytes.
    #[must_use]
    pub fn sign(&self, manifest: &Manifest, key: &SigningKey) -> String {
        note::sign(&manifest.origin("result"), &self.text, key)
    }

    /// Its lines of a kind, in order.
    #[must_use]
    pub fn lines(&self, kind: &str) -> Vec<&str> {
        lines_of(&self.text, kind)
    }
}

fn write_contest(text: &mut String, manifest: &Manifest, c: &ContestCount) {
    let Some(outcome) = c.outcome else { return };
    let _ = writeln!(text, "contest {} {} {} {}", c.contest, outcome.word(), c.cast_e, hex(&c.root));
    let _ = writeln!(text, "electronic {} {}", c.issued_e, c.cast_e);
    let paper = &c.paper;
    let _ = writeln!(text, "paper {} {} {} {}", paper.issued, paper.cast(), paper.invalid, paper.ungraded);
    let _ = writeln!(text, "total {} {} {}", c.issued(), c.cast(), c.missing());
    if let Some(grades) = &c.grades {
        text.push_str("votes");
        for votes in &grades.votes {
            let _ = write!(text, " {votes}");
        }
        let _ = write!(text, "\nvalid {} {}\n", grades.valid, grades.abstained);
    }
    if let Some(Threshold { option, count, base, reaches, over }) = &c.threshold {
        let code = manifest.scale.get(*option).map_or("", |o| o.code.as_str());
        let _ = writeln!(text, "threshold {code} {count} {base} {} {}", word(*reaches), word(*over));
    }
}

const fn word(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "none",
    }
}

fn lines_of<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let lines = text.split_terminator('\n').take_while(|line| !line.is_empty());
    lines.filter(|line| line.split(' ').next() == Some(kind)).collect()
}

/// The lines of a kind in a stored note, verified or not: those before its empty line whose first word it is. A note
/// that is not UTF-8 or has no empty line has none.
#[must_use]
pub fn lines_of_note<'a>(note: &'a [u8], kind: &str) -> Vec<&'a str> {
    match core::str::from_utf8(note) {
        Ok(text) if text.starts_with('\n') || text.contains("\n\n") => lines_of(text, kind),
        _ => Vec::new(),
    }
}
