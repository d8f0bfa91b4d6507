//! The rows of people in a sheet: below the heading, without title, empty rows, totals and remarks.

use std::collections::{HashMap, HashSet};

use super::{
    file::File,
    finding::{At, Decision, Inquiry, shown},
    heading::{Column, Heading, Sort, repeats},
    sheet::{Cell, Merge, Sheet, SheetRow, cell_name},
    text,
    total::{Total, is_remark},
};
use crate::limits;

/// One row of people.
#[derive(Debug)]
pub(super) struct Row {
    /// As a spreadsheet numbers it.
    pub number: u64,
    /// In the order of the columns asked for; empty for a column that the sheet does not have.
    pub cells: Vec<String>,
}

/// The columns asked for, row by row.
#[derive(Debug)]
pub(super) struct Table {
    /// What the file is, in words.
    pub kind: &'static str,
    /// People.
    pub rows: Vec<Row>,
    /// Places of the columns in the sheet, in the order asked for.
    places: Vec<Option<usize>>,
}

impl Table {
    /// Reads a file. `None`: it could not be read at all, or an error keeps rows from being understood; the inquiry
    /// says why. Rows with an error are left out.
    pub(super) fn read(
        bytes: &[u8],
        columns: &[Column],
        without: Option<&Column>,
        inquiry: &mut Inquiry<'_>,
    ) -> Option<Self> {
        let File { kind, sheets } = File::read(bytes, inquiry)?;
        let (sheet, heading) = choose(&sheets, columns, without, inquiry)?;
        inquiry.sheet.clone_from(&sheet.name);
        if sheet.too_long {
            let text = format!("行数超过 {} 行。", limits::ROSTER_ROWS);
            inquiry.error(At::FILE, "too_many_rows", text, "请删去多余的行后再导入。");
            return None;
        }
        let places = heading.settle(sheet, columns, inquiry)?;
        let mut reading = Reading {
            sheet,
            columns,
            places: &places,
            inquiry,
            merged: HashMap::new(),
            told: HashSet::new(),
            totals: Vec::new(),
        };
        let rows = reading.rows(heading.below());
        for total in std::mem::take(&mut reading.totals) {
            total.compare(rows.len(), inquiry);
        }
        Some(Self { kind, rows: rows.into_iter().flatten().collect(), places })
    }

    /// Where a cell of a row stands.
    pub(super) fn at(&self, row: &Row, column: usize) -> At {
        At::perhaps(row.number, self.places.get(column).copied().flatten())
    }

    /// Whether the sheet has a column.
    pub(super) fn has(&self, column: usize) -> bool {
        self.places.get(column).is_some_and(Option::is_some)
    }
}

/// The sheet that holds the list. `without`: a column that only the other list has.
fn choose<'s>(
    sheets: &'s [Sheet],
    columns: &[Column],
    without: Option<&Column>,
    inquiry: &mut Inquiry<'_>,
) -> Option<(&'s Sheet, Heading)> {
    let mut wanted = columns.to_vec();
    wanted.extend(without);
    let read = sheets.iter().filter_map(|sheet| Some((sheet, Heading::find(sheet, &wanted)?)));
    let mut found: Vec<(&Sheet, Heading)> = read.collect();
    if found.is_empty() {
        inquiry.error(At::FILE, "empty_file", "文件是空的。", "请检查选对了文件。");
        return None;
    }
    let mut candidates: Vec<usize> = Vec::new();
    for other in [false, true] {
        let is_other = |heading: &Heading| without.is_some_and(|column| heading.names_column(column.heading));
        let fits = |(_, heading): &(&Sheet, Heading)| heading.is_complete(columns) && (other || !is_other(heading));
        if candidates.is_empty() {
            candidates = (0..found.len()).filter(|at| found.get(*at).is_some_and(fits)).collect();
        }
    }
    let name = |sheet: &Sheet| shown(sheet.name.as_deref().unwrap_or_default());
    let chosen = match candidates.as_slice() {
        [] => (0..found.len())
            .rev()
            .max_by_key(|at| found.get(*at).map(|(_, heading)| heading.matched(columns)))
            .unwrap_or(0),
        [one] => *one,
        [first, ..] => {
            let several = candidates.iter().filter_map(|at| Some((at.to_string(), name(found.get(*at)?.0))));
            let several: Vec<(String, String)> = several.collect();
            let names: Vec<String> = several.iter().map(|(_, name)| format!("“{name}”")).collect();
            let text = format!("工作簿里有 {} 张工作表都像名单：{}。", several.len(), names.join("、"));
            let choices: Vec<(&str, String)> =
                several.iter().map(|(at, name)| (at.as_str(), format!("只用工作表“{name}”"))).collect();
            let what = "一次只用一张；名单分在几张工作表里的，请先合成一张再导入。";
            match inquiry.ask(At::FILE, "sheets", (text, what), &choices, false) {
                Decision::Chosen(answer) => answer.parse().unwrap_or(*first),
                _ => *first,
            }
        }
    };
    if sheets.len() > 1 {
        let others = found.iter().enumerate().filter(|(at, _)| *at != chosen).map(|(_, (sheet, _))| sheet);
        for sheet in others {
            inquiry.note(At::FILE, "other_sheet", format!("工作表“{}”没有使用。", name(sheet)), "");
        }
    }
    (chosen < found.len()).then(|| found.swap_remove(chosen))
}

struct Reading<'r, 'a> {
    sheet: &'r Sheet,
    columns: &'r [Column],
    places: &'r [Option<usize>],
    inquiry: &'r mut Inquiry<'a>,
    /// What merged cells say, read once, by their first cell.
    merged: HashMap<(u64, usize), Option<String>>,
    /// Merged cells that were noted.
    told: HashSet<(u64, usize)>,
    totals: Vec<Total>,
}

impl Reading<'_, '_> {
    /// People, row by row; `None` for one with an error.
    fn rows(&mut self, below: usize) -> Vec<Option<Row>> {
        let mut rows = Vec::new();
        let mut counted = false;
        let mut next = self.sheet.rows.get(below.saturating_sub(1)).map_or(1, |row| row.number + 1);
        for row in self.sheet.rows.iter().skip(below) {
            self.gap(next, row.number);
            next = row.number + 1;
            if self.skips(row) {
                continue;
            }
            if let Some(serial) = self.place_of(Sort::Serial) {
                let cell = row.cell(serial);
                text::read_serial(cell, At::cell(row.number, serial), self.inquiry);
                if cell.formula.is_some() && !counted {
                    let text = "“序号”是公式。序号不使用，这一列的公式都已忽略。";
                    self.inquiry.note(At::cell(row.number, serial), "serial_formula", text, "");
                    counted = true;
                }
            }
            let cells: Vec<Option<String>> = (0..self.columns.len()).map(|column| self.cell(row, column)).collect();
            let cells: Option<Vec<String>> = cells.into_iter().collect();
            rows.push(cells.map(|cells| Row { number: row.number, cells }));
        }
        rows
    }

    fn place_of(&self, sort: Sort) -> Option<usize> {
        let at = self.columns.iter().position(|column| column.sort == sort)?;
        self.places.get(at).copied().flatten()
    }

    /// Rows that the file does not even hold.
    fn gap(&mut self, from: u64, to: u64) {
        match to.saturating_sub(from) {
            0 => {}
            1 => self.inquiry.note(At::row(from), "empty_row", "空行，已跳过。", ""),
            _ => {
                let text = format!("第 {from} 到 {} 行是空行，已跳过。", to - 1);
                self.inquiry.note(At::row(from), "empty_row", text, "");
            }
        }
    }

    /// Whether a row is about no person; says which sort it is.
    fn skips(&mut self, row: &SheetRow) -> bool {
        let mut filled = row.filled();
        let Some((column, cell)) = filled.next() else {
            self.inquiry.note(At::row(row.number), "empty_row", "空行，已跳过。", "");
            return true;
        };
        let alone = filled.next().is_none();
        let at = At::cell(row.number, column);
        if repeats(row, self.places, self.columns) {
            self.inquiry.note(at, "heading_again", "表头又出现了一次，已跳过。", "");
            return true;
        }
        if let Some(total) = Total::read(row) {
            self.totals.push(total);
            return true;
        }
        if !alone {
            return false;
        }
        let says = shown(cell.shown().trim());
        if is_remark(&says) {
            self.inquiry.note(at, "remark", format!("“{says}”是说明，已跳过。"), "");
            return true;
        }
        let among = self.columns.iter().zip(self.places).find(|(_, place)| **place == Some(column));
        if among.is_some_and(|(wanted, _)| wanted.sort != Sort::Serial) {
            return false;
        }
        if cell.formula.is_some() || says.chars().all(char::is_numeric) {
            self.inquiry.note(at, "empty_row", "只有序号的空行，已跳过。", "");
            return true;
        }
        let text = format!("这一行只有一格“{says}”，不像是一个人。");
        let skip = ("skip", "跳过这一行".to_owned());
        let what = "是小标题或说明就跳过；是一个人就请补全后重新导入。";
        self.inquiry.ask(at, "stray", (text, what), &[skip], false);
        true
    }

    fn cell(&mut self, row: &SheetRow, column: usize) -> Option<String> {
        let wanted = self.columns.get(column)?;
        let Some(place) = self.places.get(column).copied().flatten() else { return Some(String::new()) };
        let (cell, at) = (row.cell(place), At::cell(row.number, place));
        match wanted.sort {
            Sort::Serial => Some(cell.shown().to_owned()),
            Sort::Name => text::read(cell, wanted, at, self.inquiry),
            Sort::Word | Sort::Phrase => self.shared(row.number, place, cell, wanted),
        }
    }

    /// A unit or a post may stand once for several rows.
    fn shared(&mut self, row: u64, place: usize, cell: &Cell, wanted: &Column) -> Option<String> {
        let merge = if cell.is_blank() { self.sheet.shown_at(row, place) } else { None };
        let Some((merge, first)) = merge else {
            let read = text::read(cell, wanted, At::cell(row, place), self.inquiry);
            if !self.sheet.merges.is_empty() {
                self.merged.insert((row, place), read.clone());
            }
            return read;
        };
        let from = (merge.rows.0, merge.columns.0);
        let at = At::cell(from.0, from.1);
        let read = match self.merged.get(&from) {
            Some(read) => read.clone(),
            None => text::read(first, wanted, at, self.inquiry),
        };
        self.merged.insert(from, read.clone());
        if self.told.insert(from) {
            self.say_merged(merge, first, wanted);
        }
        read
    }

    fn say_merged(&mut self, merge: Merge, first: &Cell, wanted: &Column) {
        let block =
            format!("{}:{}", cell_name(merge.rows.0, merge.columns.0), cell_name(merge.rows.1, merge.columns.1));
        let says = shown(first.shown().trim());
        let text = format!("{block} 是合并单元格，{}“{says}”用于其中每一行。", wanted.heading);
        self.inquiry.note(At::cell(merge.rows.0, merge.columns.0), "merged", text, "");
    }
}
