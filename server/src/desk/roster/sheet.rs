//! A sheet as it was read: cells in rows, under the names that a spreadsheet gives them.

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as typed.
    Text(String),
    /// A number, as its shortest text.
    Number(String),
    /// A date or a time that the file keeps as a number; `2026-03-05`, `08:30`.
    Date(String),
    /// `#REF!` and the like.
    Broken(String),
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// What the file keeps; beside a formula, what the spreadsheet computed when it was last saved.
    pub value: Value,
    /// The formula without `=`. **Never evaluated.**
    pub formula: Option<String>,
}

/// One row; columns are counted from 0.
#[derive(Clone, Debug)]
pub(super) struct SheetRow {
    /// As a spreadsheet numbers it, from 1.
    pub number: u64,
    /// From the first column to the last that holds something.
    pub cells: Vec<Cell>,
}

/// Cells shown as one: only the first one holds something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Merge {
    /// First and last row, from 1.
    pub rows: (u64, u64),
    /// First and last column, from 0.
    pub columns: (usize, usize),
}

/// One sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// `None` for a CSV file.
    pub name: Option<String>,
    /// In ascending order; rows that hold nothing may be missing.
    pub rows: Vec<SheetRow>,
    /// What is merged.
    pub merges: Vec<Merge>,
    /// More rows than are read.
    pub too_long: bool,
}

const NOTHING: Cell = Cell { value: Value::Empty, formula: None };

impl Cell {
    /// A cell of a CSV file.
    pub(super) fn text(text: &str) -> Self {
        let value = if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
        Self { value, formula: None }
    }

    /// Holds neither formula nor anything to be seen.
    pub(super) fn is_blank(&self) -> bool {
        self.formula.is_none() && self.shown().chars().all(char::is_whitespace)
    }

    /// What a person sees in it.
    pub(super) fn shown(&self) -> &str {
        match &self.value {
            Value::Empty => "",
            Value::Text(text) | Value::Number(text) | Value::Date(text) | Value::Broken(text) => text,
        }
    }
}

impl SheetRow {
    /// A cell; an empty one behind the last.
    pub(super) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&NOTHING)
    }

    /// Columns and cells that hold something.
    pub(super) fn filled(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank())
    }
}

impl Sheet {
    /// The cell that is shown in place of an empty one: the first of a merged block.
    pub(super) fn shown_at(&self, row: u64, column: usize) -> Option<(Merge, &Cell)> {
        let covers = |merge: &&Merge| {
            let (rows, columns) = (merge.rows, merge.columns);
            (rows.0..=rows.1).contains(&row) && (columns.0..=columns.1).contains(&column)
        };
        let merge = self.merges.iter().find(covers)?;
        let first = self.rows.binary_search_by_key(&merge.rows.0, |row| row.number).ok()?;
        let cell = self.rows.get(first)?.cell(merge.columns.0);
        (!cell.is_blank()).then_some((*merge, cell))
    }
}

/// `A`, `Z`, `AA` for 0, 25, 26.
pub(super) fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        name.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    name.iter().rev().collect()
}

/// `B7`.
pub(super) fn cell_name(row: u64, column: usize) -> String {
    format!("{}{row}", column_name(column))
}
