//! The heading of a sheet: where it stands, and which column is which.

use super::{
    finding::{At, Inquiry, shown},
    sheet::{Sheet, SheetRow},
};

/// How the text of a column is tidied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A person's name: spaces between Chinese characters go.
    Name,
    /// A unit, a category, a way of reporting: the same.
    Word,
    /// A post: several may stand in it, with a space between them.
    Phrase,
    /// The running number: shown, never used.
    Serial,
}

/// One column asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Other headings that offices write.
    pub also: &'static [&'static str],
    /// How its text is tidied.
    pub sort: Sort,
    /// Most characters of a cell.
    pub longest: usize,
    /// Whether a sheet without it is refused; its cells may then not be empty either.
    pub needed: bool,
    /// Whether a person may decide that a cell stays empty.
    pub may_stay_empty: bool,
}

/// Rows in which a heading is looked for.
const ABOVE: usize = 20;

/// A heading as found.
#[derive(Debug)]
pub(super) struct Heading {
    /// Index of its first row among the rows of the sheet.
    first: usize,
    /// Index of its last row.
    last: usize,
    /// By column of the sheet: row of the name, the name as it stands, and the name asked for.
    names: Vec<(u64, String, Option<&'static str>)>,
}

impl Heading {
    /// The row, or two rows of merged cells, that name most of the columns; the first row if none names two.
    pub(super) fn find(sheet: &Sheet, columns: &[Column]) -> Option<Self> {
        let row = |at: usize| sheet.rows.get(at);
        let mut best = Self::read(0, 0, row(0)?, None, columns);
        let mut most = best.matched(columns).max(1);
        for at in 0..sheet.rows.len().min(ABOVE) {
            let Some(upper) = row(at) else { break };
            let single = Self::read(at, at, upper, None, columns);
            let alone = single.matched(columns);
            let lower = row(at + 1).filter(|lower| lower.number == upper.number + 1);
            let double = lower.map(|lower| (Self::read(at, at + 1, upper, Some(lower), columns), lower));
            if alone > most {
                (best, most) = (single, alone);
            }
            if let Some((double, lower)) = double
                && double.matched(columns) > most
                && double.matched(columns) > Self::read(at + 1, at + 1, lower, None, columns).matched(columns)
            {
                most = double.matched(columns);
                best = double;
            }
        }
        Some(best)
    }

    fn read(first: usize, last: usize, upper: &SheetRow, lower: Option<&SheetRow>, columns: &[Column]) -> Self {
        let width = upper.cells.len().max(lower.map_or(0, |lower| lower.cells.len()));
        let name = |column: usize| {
            let below = lower.filter(|lower| !lower.cell(column).is_blank());
            let row = below.unwrap_or(upper);
            let text = row.cell(column).shown();
            (row.number, text.to_owned(), meant(text, columns))
        };
        Self { first, last, names: (0..width).map(name).collect() }
    }

    /// How many of the columns it names.
    pub(super) fn matched(&self, columns: &[Column]) -> usize {
        columns.iter().filter(|column| self.names_column(column.heading)).count()
    }

    /// Whether it names a column.
    pub(super) fn names_column(&self, heading: &str) -> bool {
        self.names.iter().any(|(_, _, meant)| *meant == Some(heading))
    }

    /// Whether it names every column that is needed.
    pub(super) fn is_complete(&self, columns: &[Column]) -> bool {
        columns.iter().all(|column| !column.needed || self.names_column(column.heading))
    }

    /// Index of the first row below it.
    pub(super) fn below(&self) -> usize {
        self.last + 1
    }

    /// The place of each column asked for; says what was found, skipped, and is missing. `None` after an error.
    pub(super) fn settle(
        &self,
        sheet: &Sheet,
        columns: &[Column],
        inquiry: &mut Inquiry<'_>,
    ) -> Option<Vec<Option<usize>>> {
        for row in sheet.rows.iter().take(self.first) {
            if let Some((column, cell)) = row.filled().next() {
                let text = format!("表头上面的“{}”是标题，已跳过。", shown(cell.shown()));
                inquiry.note(At::cell(row.number, column), "title", text, "");
            }
        }
        let number = sheet.rows.get(self.first).map_or(1, |row| row.number);
        let mut whole = true;
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let mut found = self.names.iter().enumerate().filter(|(_, (_, _, meant))| *meant == Some(column.heading));
            let first = found.next();
            if let Some((at, (row, _, _))) = found.next() {
                let text = format!("表头“{}”出现了两次。", column.heading);
                let what = "请删去其中一列；左右并排两栏的名单，请把右边一栏接到左边下面。";
                inquiry.error(At::cell(*row, at), "heading_twice", text, what);
                whole = false;
            } else if let Some((at, (row, name, _))) = first {
                if name.trim() != column.heading {
                    let text = format!("表头“{}”当作“{}”。", shown(name), column.heading);
                    inquiry.repaired(At::cell(*row, at), "heading", text, name, column.heading);
                }
            } else if column.needed {
                let wanted: Vec<&str> = columns.iter().map(|column| column.heading).collect();
                let text = format!("第 {number} 行缺少表头“{}”。", column.heading);
                let what = format!("表头这一行应为：{}；单位和职务合写在一列的，请拆成两列。", wanted.join("、"));
                inquiry.error(At::row(number), "heading_missing", text, what);
                whole = false;
            }
            places.push(first.map(|(at, _)| at));
        }
        for (at, (row, name, meant)) in self.names.iter().enumerate() {
            if meant.is_none() && !name.trim().is_empty() {
                let text = format!("不需要列“{}”，已忽略。", shown(name.trim()));
                inquiry.note(At::cell(*row, at), "column", text, "");
            }
        }
        whole.then_some(places)
    }
}

/// The column that a heading means: without spaces, remarks in brackets, stars and colons.
fn meant(text: &str, columns: &[Column]) -> Option<&'static str> {
    let bare = text.split(['（', '(', '【', '[']).next().unwrap_or_default();
    let bare: String = bare.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊' | ':' | '：')).collect();
    let column = columns.iter().find(|column| column.heading == bare || column.also.contains(&bare.as_str()))?;
    Some(column.heading)
}

/// Whether a row repeats the heading, as sheets do that were made to be printed.
pub(super) fn repeats(row: &SheetRow, places: &[Option<usize>], columns: &[Column]) -> bool {
    let same = |(column, place): (&Column, &Option<usize>)| {
        place.is_some_and(|place| meant(row.cell(place).shown(), columns) == Some(column.heading))
    };
    columns.iter().zip(places).filter(|pair| same(*pair)).count() >= 2
}
