//! The import: who attends, and which of them report.

use std::collections::{BTreeMap, HashMap};

use douxuan_crypto::manifest::Report;
use serde::Serialize;

use super::table::{Column, Finding, Table};
use crate::limits;

const ROSTER: &str = "参会名单";
const OFFICIALS: &str = "述职对象名单";

/// One attendee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Name.
    pub name: String,
    /// Group of article 16.
    pub category: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
}

/// One reported official.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// How he reports.
    pub report: Report,
    /// Position among the attendees; `None` for one who does not attend.
    pub attendee: Option<usize>,
}

/// Both lists, checked against each other.
#[derive(Debug)]
pub struct Roster {
    /// Those who attend, in the order of the file.
    pub attendees: Vec<Attendee>,
    /// Those who are rated, in the order of the file.
    pub officials: Vec<Official>,
}

/// What the import found.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// Encoding of the roster, in words.
    pub roster_encoding: &'static str,
    /// Encoding of the list of officials, in words.
    pub officials_encoding: &'static str,
    /// People by group.
    pub groups: BTreeMap<String, usize>,
    /// What was repaired.
    pub notes: Vec<Finding>,
}

/// Why nothing was imported.
#[derive(Debug)]
pub enum ImportRefused {
    /// These rows must be mended.
    Errors(Vec<Finding>),
    /// These must be decided: the same files again with `confirmed` are taken.
    Questions(Vec<Finding>),
}

/// Reads both files. `confirmed`: a person has answered the questions with yes.
///
/// # Errors
/// [`ImportRefused`] with every row concerned.
pub fn import(roster: &[u8], officials: &[u8], confirmed: bool) -> Result<(Roster, ImportReport), ImportRefused> {
    let text = limits::TEXT;
    let column = |heading, longest, needed| Column { heading, longest, needed };
    let roster = Table::read(
        ROSTER,
        roster,
        &[
            column("姓名", limits::NAME, true),
            column("类别", text, false),
            column("单位", text, true),
            column("职务", text, true),
            column("序号", text, false),
        ],
    );
    let officials = Table::read(
        OFFICIALS,
        officials,
        &[
            column("姓名", limits::NAME, true),
            column("单位", text, true),
            column("职务", text, true),
            column("报告方式", text, true),
            column("序号", text, false),
        ],
    );
    let (roster, officials) = match (roster, officials) {
        (Ok(roster), Ok(officials)) => (roster, officials),
        (roster, officials) => {
            let errors = roster.err().into_iter().chain(officials.err()).flatten();
            return Err(ImportRefused::Errors(errors.collect()));
        }
    };
    let mut errors = Vec::new();
    sizes(&roster, &officials, &mut errors);
    let mut questions = Vec::new();
    let attendees = attendees(&roster, &mut questions);
    let officials_read = match_officials(&officials, &roster, &mut errors, &mut questions);
    if !errors.is_empty() {
        return Err(ImportRefused::Errors(errors));
    }
    if !questions.is_empty() && !confirmed {
        return Err(ImportRefused::Questions(questions));
    }
    let mut groups = BTreeMap::new();
    for attendee in &attendees {
        *groups.entry(attendee.category.clone()).or_insert(0) += 1;
    }
    let report = ImportReport {
        roster_encoding: roster.encoding,
        officials_encoding: officials.encoding,
        groups,
        notes: roster.notes.into_iter().chain(officials.notes).collect(),
    };
    Ok((Roster { attendees, officials: officials_read }, report))
}

fn sizes(roster: &Table, officials: &Table, errors: &mut Vec<Finding>) {
    let mut check = |file, rows: usize, most: usize, what: &str| {
        if rows == 0 {
            errors.push(Finding::new(file, 0, format!("名单里没有{what}。"), "请检查选对了文件。"));
        } else if rows > most {
            let text = format!("有 {rows} 名{what}，最多 {most} 名。");
            errors.push(Finding::new(file, 0, text, "请减少到允许的人数，或分成几场会议。"));
        }
    };
    check(ROSTER, roster.rows.len(), limits::ATTENDEES, "参会人员");
    check(OFFICIALS, officials.rows.len(), limits::ITEMS, "述职对象");
}

fn attendees(roster: &Table, questions: &mut Vec<Finding>) -> Vec<Attendee> {
    let mut seen: HashMap<&[String], u64> = HashMap::new();
    let mut list = Vec::with_capacity(roster.rows.len());
    for (row, cells) in &roster.rows {
        let [name, category, unit, post, _] = cells.as_slice() else { continue };
        if let Some(first) = seen.insert(&cells[..4], *row) {
            let text = format!("“{name}”与第 {first} 行完全相同。是两个人吗？");
            questions.push(Finding::new(ROSTER, *row, text, "确是两个人就确认；重复录入就删去一行再导入。"));
        }
        list.push(Attendee {
            name: name.clone(),
            category: if category.is_empty() { "未分类".to_owned() } else { category.clone() },
            unit: unit.clone(),
            post: post.clone(),
        });
    }
    list
}

/// An official is matched with an attendee by name, unit and post.
fn match_officials(
    officials: &Table,
    roster: &Table,
    errors: &mut Vec<Finding>,
    questions: &mut Vec<Finding>,
) -> Vec<Official> {
    let mut present: HashMap<[&String; 3], Vec<usize>> = HashMap::new();
    for (at, (_, cells)) in roster.rows.iter().enumerate() {
        if let [name, _, unit, post, _] = cells.as_slice() {
            present.entry([name, unit, post]).or_default().push(at);
        }
    }
    let mut seen: HashMap<[&String; 3], u64> = HashMap::new();
    let mut list = Vec::with_capacity(officials.rows.len());
    for (row, cells) in &officials.rows {
        let [name, unit, post, report, _] = cells.as_slice() else { continue };
        let who = [name, unit, post];
        if let Some(first) = seen.insert(who, *row) {
            let text = format!("“{name}”（{unit} {post}）在第 {first} 行已经有了。");
            errors.push(Finding::new(OFFICIALS, *row, text, format!("请删去第 {first} 行或第 {row} 行。")));
        }
        let report = match report.as_str() {
            "会议报告" => Report::Oral,
            "书面报告" => Report::Written,
            other => {
                let text = format!("报告方式“{other}”不认识。");
                errors.push(Finding::new(OFFICIALS, *row, text, "请填“会议报告”或“书面报告”。"));
                continue;
            }
        };
        let attendee = match present.get(&who).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            Some(_) => {
                let text = format!("参会名单里有不止一个“{name}”（{unit} {post}），分不清是哪一位。");
                errors.push(Finding::new(OFFICIALS, *row, text, "请在两份名单的职务里写明区别。"));
                None
            }
            None => {
                let text = format!("“{name}”（{unit} {post}）不在参会名单里。");
                let what = "确实不参会就确认（他没有票纸，但照样被测评）；写法不同就改成与参会名单一致再导入。";
                questions.push(Finding::new(OFFICIALS, *row, text, what));
                None
            }
        };
        list.push(Official { name: name.clone(), unit: unit.clone(), post: post.clone(), report, attendee });
    }
    list
}
