//! An XLSX workbook, read cell by cell into sheets. Formulas are kept as text beside the value that was saved with them,
//! and never evaluated; macros and links to other files are never touched.

use std::{
    collections::BTreeMap,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::{
    file::{File, Wrong},
    finding::{At, Inquiry},
    package,
    sheet::{Cell, Merge, Sheet, SheetRow, Value},
};
use crate::limits;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Bytes of text that a workbook may hold in all: cells may share one text, so that its size says nothing.
const TEXT_BYTES: usize = 16 << 20;
/// Characters of a cell that are read; more than any limit, so that a text too long is still seen to be.
const CELL_CHARACTERS: usize = 1_000;

/// Reads the visible sheets.
///
/// # Errors
/// What is wrong with the whole workbook, and what to do.
pub(super) fn read(bytes: &[u8], inquiry: &mut Inquiry<'_>) -> Result<File, Wrong> {
    let package = package::check(bytes)?;
    if package.macros {
        inquiry.note(At::FILE, "macros", "工作簿带有宏，宏没有读取，也不会运行。", "");
    }
    if package.links {
        inquiry.note(At::FILE, "links", "工作簿引用了别的文件，引用没有打开。", "");
    }
    // The reader was not written for hostile files: one that makes it panic is a damaged file to a person.
    let sheets = catch_unwind(AssertUnwindSafe(|| sheets(bytes, inquiry)));
    let sheets = sheets.unwrap_or_else(|_| Err(damaged("内部结构不对")))?;
    if sheets.is_empty() {
        return Err(("工作簿里没有可见的工作表。".to_owned(), "请取消隐藏，或把名单复制到新的工作簿里再导入。"));
    }
    Ok(File { kind: "XLSX 工作簿", sheets })
}

fn damaged(why: impl std::fmt::Display) -> Wrong {
    (format!("工作簿不能读取（{why}）。"), "请在表格软件中打开它，另存为新的 .xlsx 后再导入。")
}

fn sheets(bytes: &[u8], inquiry: &mut Inquiry<'_>) -> Result<Vec<Sheet>, Wrong> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let listed = book.sheets_metadata().to_vec();
    if listed.len() > limits::SHEETS {
        let text = format!("工作簿有 {} 张工作表，最多 {} 张。", listed.len(), limits::SHEETS);
        return Err((text, "请把名单复制到新的工作簿里再导入。"));
    }
    let mut left = TEXT_BYTES;
    let mut sheets = Vec::new();
    for sheet in listed.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet) {
        if sheet.visible == SheetVisible::Visible {
            sheets.push(read_sheet(&mut book, sheet.name, &mut left)?);
        } else {
            inquiry.note(At::FILE, "hidden_sheet", format!("隐藏的工作表“{}”没有读取。", sheet.name), "");
        }
    }
    Ok(sheets)
}

fn read_sheet(book: &mut Book<'_>, name: String, left: &mut usize) -> Result<Sheet, Wrong> {
    let mut rows: BTreeMap<u32, BTreeMap<usize, Cell>> = BTreeMap::new();
    let mut too_long = false;
    let mut cells = book.worksheet_cells_reader(&name).map_err(damaged)?;
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, column) = record.pos;
        let cell = Cell { value: value(&record.value), formula: record.formula.map(formula) };
        let Some(column) = usize::try_from(column).ok().filter(|column| *column < limits::SHEET_COLUMNS) else {
            continue;
        };
        if cell.is_blank() {
            continue;
        }
        if row as usize >= limits::ROSTER_ROWS {
            too_long = true;
            break;
        }
        let size = size_of::<Cell>() + cell.shown().len() + cell.formula.as_ref().map_or(0, String::len);
        *left = left
            .checked_sub(size)
            .ok_or_else(|| ("工作簿里的内容太多，不像是名单。".to_owned(), "请把名单复制到新的工作簿里再导入。"))?;
        rows.entry(row).or_default().insert(column, cell);
    }
    drop(cells);
    let rows = rows.into_iter().map(|(row, mut cells)| {
        let last = cells.keys().next_back().copied().unwrap_or(0);
        SheetRow {
            number: u64::from(row) + 1,
            cells: (0..=last).map(|column| cells.remove(&column).unwrap_or_default()).collect(),
        }
    });
    let rows = rows.collect();
    let merges = merges(book, &name)?;
    Ok(Sheet { name: Some(name), rows, merges, too_long })
}

/// Blocks of merged cells that begin where a roster can stand.
fn merges(book: &mut Book<'_>, name: &str) -> Result<Vec<Merge>, Wrong> {
    let regions = book.merge_cells_by_sheet_name(name).or_else(|error| match error {
        XlsxError::WorksheetNotFound(_) => Ok(Vec::new()),
        other => Err(damaged(other)),
    })?;
    if regions.len() > limits::ROSTER_ROWS {
        let text = format!("工作表“{name}”有 {} 处合并单元格，太多了。", regions.len());
        return Err((text, "请取消合并单元格后再导入。"));
    }
    let merge = |region: &calamine::Dimensions| {
        let column = |column: u32| usize::try_from(column).unwrap_or(usize::MAX);
        Merge {
            rows: (u64::from(region.start.0) + 1, u64::from(region.end.0) + 1),
            columns: (column(region.start.1), column(region.end.1)),
        }
    };
    Ok(regions.iter().map(merge).filter(|merge| merge.columns.0 < limits::SHEET_COLUMNS).collect())
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_CHARACTERS).collect()
}

fn value(data: &DataRef<'_>) -> Value {
    match data {
        DataRef::Empty => Value::Empty,
        DataRef::String(text) => Cell::text(&cut(text)).value,
        DataRef::SharedString(text) => Cell::text(&cut(text)).value,
        DataRef::Int(number) => Value::Number(number.to_string()),
        DataRef::Float(number) => Value::Number(number.to_string()),
        DataRef::Bool(truth) => Value::Number(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(moment) => Value::Date(date(moment)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::Date(cut(text)),
        DataRef::Error(error) => Value::Broken(error.to_string()),
    }
}

/// `2026-03-05`, `2026-03-05 08:30`, or `08:30` for a time alone.
fn date(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}");
    if moment.is_duration() || moment.as_f64() < 1.0 {
        time
    } else if (hour, minute) == (0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {time}")
    }
}

fn formula(formula: XlsxFormulaMetadata) -> String {
    match formula {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => cut(&formula),
        _ => "…".to_owned(),
    }
}
