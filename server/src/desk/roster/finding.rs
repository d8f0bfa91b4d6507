//! What an import finds, cell by cell, and what a person answers.

use std::collections::BTreeMap;

use douxuan_crypto::{bytes::hex, hash::sha256, manifest::is_forbidden};
use serde::{Deserialize, Serialize};

use super::sheet::cell_name;
use crate::limits;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be mended in the file.
    Error,
    /// Must be decided by a person.
    Question,
    /// A question that was decided.
    Decided,
    /// Mended here: `old` became `new`.
    Repaired,
    /// To know, or to look at before printing.
    Note,
}

/// One allowed answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What to send.
    pub answer: String,
    /// What it means.
    pub text: String,
}

/// Something about a cell, a row or a whole file, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The same for the same finding in the same file, byte for byte; an answer to one file never fits another.
    pub id: String,
    /// `参会名单` or `述职对象名单`.
    pub file: &'static str,
    /// Sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row as a spreadsheet numbers it, from 1; 0 for the whole file.
    pub row: u64,
    /// The cell as a spreadsheet names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// How much it weighs.
    pub severity: Severity,
    /// What sort of finding it is: `title`, `heading`, `spaces`, `same_name`, …
    pub kind: &'static str,
    /// What was found.
    pub text: String,
    /// What to do; empty for what needs nothing.
    pub what_to_do: String,
    /// What stood there, of a repair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What stands there now, of a repair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// The allowed answers to a question; the first one is taken by `confirmed`. None if only typing settles it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Choice>,
    /// Whether the right text may be typed as the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
}

/// An answer to one question: one of its choices, or the right text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// `answer` of one of its choices.
    Choice(String),
    /// What should stand in the cell.
    Typed {
        /// The text.
        text: String,
    },
}

/// What a person decided.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Every question that has choices is answered by the first of them.
    pub confirmed: bool,
    /// By the id of the question; goes before `confirmed`.
    pub each: BTreeMap<String, Answer>,
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    row: u64,
    column: Option<usize>,
}

impl At {
    /// The whole file.
    pub(super) const FILE: Self = Self { row: 0, column: None };

    /// A row, from 1.
    pub(super) fn row(row: u64) -> Self {
        Self { row, column: None }
    }

    /// A cell: row from 1, column from 0.
    pub(super) fn cell(row: u64, column: usize) -> Self {
        Self { row, column: Some(column) }
    }

    /// A cell whose column the file may not have.
    pub(super) fn perhaps(row: u64, column: Option<usize>) -> Self {
        Self { row, column }
    }

    /// `B7`, or the number of the row.
    pub(super) fn name(self) -> String {
        self.column.map_or_else(|| self.row.to_string(), |column| cell_name(self.row, column))
    }

    /// `第 7 行（B7）`.
    pub(super) fn words(self) -> String {
        match self.column {
            Some(_) => format!("第 {} 行（{}）", self.row, self.name()),
            None => format!("第 {} 行", self.row),
        }
    }
}

/// What was decided about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nobody answered yet; nothing will be imported.
    Open,
    /// `answer` of a choice.
    Chosen(String),
    /// The right text.
    Typed(String),
}

impl Decision {
    /// Whether this choice was made.
    pub(super) fn is(&self, answer: &str) -> bool {
        matches!(self, Self::Chosen(chosen) if chosen == answer)
    }
}

/// Collects the findings of one file, and answers its questions from what a person decided.
pub(super) struct Inquiry<'a> {
    /// `参会名单` or `述职对象名单`.
    pub file: &'static str,
    /// Sheet in use.
    pub sheet: Option<String>,
    /// What was found so far.
    pub findings: Vec<Finding>,
    stem: String,
    answers: &'a Answers,
}

impl<'a> Inquiry<'a> {
    /// An inquiry into a file; `key` begins its ids, and they change with whatever it is read from.
    pub(super) fn new(file: &'static str, key: &str, from: &[&[u8]], answers: &'a Answers) -> Self {
        let each: Vec<u8> = from.iter().flat_map(|bytes| sha256(bytes)).collect();
        let digest = hex(&sha256(&each));
        let stem = format!("{key}-{}", digest.get(..12).unwrap_or_default());
        Self { file, sheet: None, findings: Vec::new(), stem, answers }
    }

    fn push(&mut self, at: At, severity: Severity, kind: &'static str, text: String, what: String) -> &mut Finding {
        let cell = at.column.map(|_| at.name());
        let at_end = self.findings.len();
        self.findings.push(Finding {
            id: format!("{}-{}-{kind}", self.stem, at.name()),
            file: self.file,
            sheet: self.sheet.clone(),
            row: at.row,
            cell,
            severity,
            kind,
            text,
            what_to_do: what,
            old: None,
            new: None,
            answers: Vec::new(),
            typed: false,
        });
        &mut self.findings[at_end]
    }

    /// Must be mended in the file.
    pub(super) fn error(&mut self, at: At, kind: &'static str, text: impl Into<String>, what: impl Into<String>) {
        self.push(at, Severity::Error, kind, text.into(), what.into());
    }

    /// To know.
    pub(super) fn note(&mut self, at: At, kind: &'static str, text: impl Into<String>, what: impl Into<String>) {
        self.push(at, Severity::Note, kind, text.into(), what.into());
    }

    /// Mended here.
    pub(super) fn repaired(&mut self, at: At, kind: &'static str, text: impl Into<String>, old: &str, new: &str) {
        let finding = self.push(at, Severity::Repaired, kind, text.into(), String::new());
        (finding.old, finding.new) = (Some(shown(old)), Some(shown(new)));
    }

    /// Asks a person. The first choice is what `confirmed` means.
    pub(super) fn ask(
        &mut self,
        at: At,
        kind: &'static str,
        (text, what): (String, &str),
        choices: &[(&str, String)],
        typed: bool,
    ) -> Decision {
        let Answers { confirmed, each } = self.answers;
        let finding = self.push(at, Severity::Question, kind, text, what.to_owned());
        finding.typed = typed;
        finding.answers =
            choices.iter().map(|(answer, text)| Choice { answer: (*answer).to_owned(), text: text.clone() }).collect();
        let chosen = |finding: &mut Finding, choice: &Choice| {
            finding.severity = Severity::Decided;
            finding.what_to_do = format!("已决定：{}", choice.text);
            Decision::Chosen(choice.answer.clone())
        };
        match each.get(&finding.id) {
            Some(Answer::Choice(answer)) => {
                let choice = finding.answers.iter().find(|choice| choice.answer == *answer).cloned();
                choice.map_or(Decision::Open, |choice| chosen(finding, &choice))
            }
            Some(Answer::Typed { text }) if typed => {
                finding.severity = Severity::Decided;
                finding.what_to_do = format!("已决定：改填“{}”", shown(text));
                finding.new = Some(shown(text));
                Decision::Typed(text.clone())
            }
            Some(Answer::Typed { .. }) => Decision::Open,
            None => match finding.answers.first().cloned() {
                Some(first) if *confirmed => chosen(finding, &first),
                _ => Decision::Open,
            },
        }
    }
}

/// A text as a finding shows it: in one line, without what could turn the writing, and not endless.
pub(super) fn shown(text: &str) -> String {
    let line = |c: char| if c == '\n' { '↵' } else { c };
    let mut out: String = text.chars().map(line).filter(|c| !is_forbidden(*c)).take(limits::TEXT).collect();
    if text.chars().count() > limits::TEXT {
        out.push('…');
    }
    out
}
