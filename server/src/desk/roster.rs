//! The import: who attends, and which of them report, from files as offices send them.
//!
//! Bytes become sheets (`file`, `workbook`), a sheet becomes a table of people (`heading`, `table`, `text`, `total`),
//! tables become lists (`people`, `groups`, `officials`). Every step tells the inquiry what it found, cell by cell.
//! **Nothing is repaired silently, and nothing is imported while an error or an open question stands.**

mod file;
mod finding;
mod groups;
mod heading;
mod officials;
mod package;
mod people;
mod sheet;
mod table;
mod text;
mod total;
mod workbook;

use std::collections::BTreeMap;

use douxuan_crypto::manifest::Report;
use serde::Serialize;
use serde_json::{Map, Value};

pub use finding::{Answer, Answers, Choice, Finding, Severity};

use self::{
    finding::{At, Inquiry},
    heading::{Column, Sort},
    table::Table,
};
use crate::limits;

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
    /// Encoding of the roster, or that it is a workbook, in words.
    pub roster_encoding: &'static str,
    /// The same of the list of officials.
    pub officials_encoding: &'static str,
    /// People by group: 应到 by group.
    pub groups: BTreeMap<String, usize>,
    /// What was repaired, decided, or is worth knowing.
    pub notes: Vec<Finding>,
}

/// Why nothing was imported: at least one error, or one question that nobody answered.
#[derive(Debug)]
pub struct ImportRefused {
    /// Everything found, repairs and notes too.
    pub findings: Vec<Finding>,
}

impl ImportRefused {
    /// The findings of one weight.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }

    /// `{errors, questions, decided, repaired, notes}`, each a list of findings; a list that would be empty is left
    /// out.
    #[must_use]
    pub fn details(&self) -> Value {
        let lists = [
            ("errors", Severity::Error),
            ("questions", Severity::Question),
            ("decided", Severity::Decided),
            ("repaired", Severity::Repaired),
            ("notes", Severity::Note),
        ];
        let mut details = Map::new();
        for (name, severity) in lists {
            let list: Vec<Value> = self.of(severity).filter_map(|finding| serde_json::to_value(finding).ok()).collect();
            if !list.is_empty() {
                details.insert(name.to_owned(), Value::Array(list));
            }
        }
        Value::Object(details)
    }
}

const TEXT: Column =
    Column { heading: "", also: &[], sort: Sort::Word, longest: limits::TEXT, needed: true, may_stay_empty: false };
const NAME: Column = Column {
    heading: "姓名",
    also: &["名字", "人员姓名", "参会人员姓名", "参会人员", "参会人姓名", "述职对象", "述职人"],
    sort: Sort::Name,
    longest: limits::NAME,
    ..TEXT
};
const CATEGORY: Column = Column {
    heading: "类别",
    also: &["人员类别", "人员分类", "人员类型", "参会类别", "参会人员类别", "分类", "组别", "分组"],
    needed: false,
    ..TEXT
};
const UNIT: Column =
    Column {
        heading: "单位", also: &["工作单位", "所在单位", "单位名称", "单位部门", "部门"], ..TEXT
    };
const POST: Column = Column {
    heading: "职务",
    also: &["现任职务", "担任职务", "职务名称", "工作职务", "职位"],
    sort: Sort::Phrase,
    ..TEXT
};
const REPORT: Column =
    Column { heading: "报告方式", also: &["报告形式", "述职方式", "述职形式", "汇报方式"], ..TEXT };
const SERIAL: Column =
    Column { heading: "序号", also: &["编号", "序", "号"], sort: Sort::Serial, needed: false, ..TEXT };

const ROSTER: [Column; 5] = [
    NAME,
    Column { may_stay_empty: true, ..CATEGORY },
    Column { may_stay_empty: true, ..UNIT },
    Column { may_stay_empty: true, ..POST },
    SERIAL,
];
// An official's unit and post stand on screens and in the record.
const OFFICIALS: [Column; 5] = [NAME, UNIT, POST, REPORT, SERIAL];

/// Reads both files, each CSV or XLSX, with what a person decided about the questions of a reading before.
///
/// # Errors
/// [`ImportRefused`] with every finding: all of them at once, so that a sheet is mended in one go.
pub fn import(roster: &[u8], officials: &[u8], answers: &Answers) -> Result<(Roster, ImportReport), ImportRefused> {
    let mut first = Inquiry::new("参会名单", "roster", &[roster], answers);
    // A question about an official names people of the roster.
    let mut second = Inquiry::new("述职对象名单", "officials", &[roster, officials], answers);
    let tables = (
        Table::read(roster, &ROSTER, Some(&REPORT), &mut first),
        Table::read(officials, &OFFICIALS, None, &mut second),
    );
    let read = if let (Some(roster), Some(officials)) = &tables {
        let present = people::attendees(roster, &mut first);
        count(present.len(), limits::ATTENDEES, "参会人员", &mut first);
        count(officials.rows.len(), limits::ITEMS, "述职对象", &mut second);
        Some(((roster.kind, officials.kind), officials::read(officials, &present, &mut second), present))
    } else {
        None
    };
    for inquiry in [&mut first, &mut second] {
        inquiry.findings.sort_by_key(|finding| finding.row);
    }
    let findings: Vec<Finding> = first.findings.into_iter().chain(second.findings).collect();
    let stands = |finding: &Finding| matches!(finding.severity, Severity::Error | Severity::Question);
    let Some(((roster_encoding, officials_encoding), officials, present)) = read else {
        return Err(ImportRefused { findings });
    };
    if findings.iter().any(stands) {
        return Err(ImportRefused { findings });
    }
    let attendees: Vec<Attendee> = present.into_iter().map(|present| present.attendee).collect();
    let mut groups = BTreeMap::new();
    for attendee in &attendees {
        *groups.entry(attendee.category.clone()).or_insert(0) += 1;
    }
    let report = ImportReport { roster_encoding, officials_encoding, groups, notes: findings };
    Ok((Roster { attendees, officials }, report))
}

fn count(people: usize, most: usize, what: &str, inquiry: &mut Inquiry<'_>) {
    let broken = inquiry.findings.iter().any(|finding| finding.severity == Severity::Error);
    if people == 0 && !broken {
        inquiry.error(At::FILE, "nobody", format!("名单里没有{what}。"), "请检查选对了文件。");
    } else if people > most {
        let text = format!("有 {people} 名{what}，最多 {most} 名。");
        inquiry.error(At::FILE, "too_many", text, "请减少到允许的人数，或分成几场会议。");
    }
}
