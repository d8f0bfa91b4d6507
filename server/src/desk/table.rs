//! A CSV file as offices save it, read into rows of cells: the encoding found out and said, every limit named.

use douxuan_crypto::manifest::is_forbidden;
use encoding_rs::GB18030;
use serde::Serialize;

use crate::limits;

/// Something about one row of a file, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `参会名单` or `述职对象名单`.
    pub file: &'static str,
    /// The line as a spreadsheet numbers it, the heading being 1; 0 for the whole file.
    pub row: u64,
    /// What is wrong, or was repaired, or must be decided.
    pub text: String,
    /// What to do; empty for a repair that needs nothing.
    pub what_to_do: String,
}

/// A table: the columns asked for, row by row.
#[derive(Debug)]
pub(super) struct Table {
    /// Encoding as found, in words.
    pub encoding: &'static str,
    /// Cells in the order of the columns asked for, with their line.
    pub rows: Vec<(u64, Vec<String>)>,
    /// What was repaired.
    pub notes: Vec<Finding>,
}

impl Finding {
    /// A finding on a row.
    pub fn new(file: &'static str, row: u64, text: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { file, row, text: text.into(), what_to_do: what_to_do.into() }
    }
}

/// One column asked for: its heading, and how many characters a cell may have. `None`: not needed.
pub(super) struct Column {
    /// The heading.
    pub heading: &'static str,
    /// Most characters of a cell.
    pub longest: usize,
    /// Whether a file without it is refused; its cells may then not be empty either.
    pub needed: bool,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// Every finding, row by row, so that a sheet is mended in one go.
    pub(super) fn read(file: &'static str, bytes: &[u8], columns: &[Column]) -> Result<Self, Vec<Finding>> {
        let whole = |text: String, what: &str| vec![Finding::new(file, 0, text, what)];
        if bytes.len() > limits::CSV_BYTES {
            let text = format!("文件有 {} 字节，最多 {} 字节（1 MiB）。", bytes.len(), limits::CSV_BYTES);
            return Err(whole(text, "请只保留需要的行和列后再导入。"));
        }
        let (encoding, text) = decode(bytes)
            .map_err(|what| whole(what.to_owned(), "请在表格软件中另存为“CSV UTF-8（逗号分隔）”后再导入。"))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| whole(format!("无法按 CSV 读取：{e}。"), "请重新另存为 CSV 后再导入。"))?;
            records.push(record);
            if records.len() > limits::CSV_ROWS {
                return Err(whole(format!("行数超过 {} 行。", limits::CSV_ROWS), "请删去多余的行后再导入。"));
            }
        }
        let mut records = records.into_iter();
        let Some(heading) = records.next() else {
            return Err(whole("文件是空的。".to_owned(), "请检查选对了文件。"));
        };
        let (places, notes) = place(file, &heading, columns)?;
        let mut table = Self { encoding, rows: Vec::new(), notes };
        let mut errors = Vec::new();
        for record in records {
            let row = record.position().map_or(0, |position| line(&text, position));
            if record.iter().all(|cell| cell.chars().all(char::is_whitespace)) {
                table.notes.push(Finding::new(file, row, "空行，已跳过。", ""));
                continue;
            }
            let mut cells = Vec::with_capacity(columns.len());
            for (column, place) in columns.iter().zip(&places) {
                let raw = place.and_then(|at| record.get(at)).unwrap_or_default();
                match cell(file, row, column, raw, &mut table.notes) {
                    Ok(text) => cells.push(text),
                    Err(finding) => errors.push(finding),
                }
            }
            if cells.len() == columns.len() {
                table.rows.push((row, cells));
            }
        }
        if errors.is_empty() { Ok(table) } else { Err(errors) }
    }
}

/// UTF-8 with or without BOM, or else GB18030, which every legacy Chinese spreadsheet writes.
fn decode(bytes: &[u8]) -> Result<(&'static str, String), &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("文件是 UTF-16 编码，不能读取。");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("这是 XLSX 等压缩文件，不是 CSV。");
    }
    let (name, plain) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => ("UTF-8（带 BOM）", rest),
        None => ("UTF-8", bytes),
    };
    if let Ok(text) = std::str::from_utf8(plain) {
        return Ok((name, text.to_owned()));
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if plain.len() == bytes.len() => Ok(("GB18030", text.into_owned())),
        _ => Err("文件既不是 UTF-8 也不是 GB18030 编码。"),
    }
}

/// The line on which a record stands. The reader's own position is still before the line feeds that it skips first: one
/// after every CRLF, one for an empty line.
fn line(text: &str, position: &csv::Position) -> u64 {
    let ahead = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..)).unwrap_or_default();
    let skipped = ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + skipped.map(|_| 1).sum::<u64>()
}

type Places = Vec<Option<usize>>;

fn place(
    file: &'static str,
    heading: &csv::StringRecord,
    columns: &[Column],
) -> Result<(Places, Vec<Finding>), Vec<Finding>> {
    let names: Vec<String> = heading.iter().map(|name| name.chars().filter(|c| !c.is_whitespace()).collect()).collect();
    let mut errors = Vec::new();
    let places = columns.iter().map(|column| {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == column.heading).map(|(at, _)| at);
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            let text = format!("表头“{}”出现了两次。", column.heading);
            errors.push(Finding::new(file, 1, text, "请删去其中一列。"));
        } else if first.is_none() && column.needed {
            let wanted: Vec<&str> = columns.iter().map(|column| column.heading).collect();
            let text = format!("第一行缺少表头“{}”。", column.heading);
            errors.push(Finding::new(file, 1, text, format!("第一行应为：{}。", wanted.join("、"))));
        }
        first
    });
    let places: Vec<_> = places.collect();
    let unused = names.iter().filter(|name| !name.is_empty() && !columns.iter().any(|c| c.heading == **name));
    let notes = unused
        .map(|name| {
            let shown: String = name.chars().filter(|c| !is_forbidden(*c)).take(limits::NAME).collect();
            Finding::new(file, 1, format!("不需要列“{shown}”，已忽略。"), "")
        })
        .collect();
    if errors.is_empty() { Ok((places, notes)) } else { Err(errors) }
}

fn cell(file: &'static str, row: u64, column: &Column, raw: &str, notes: &mut Vec<Finding>) -> Result<String, Finding> {
    let heading = column.heading;
    if let Some(bad) = raw.chars().find(|c| is_forbidden(*c)) {
        let text = format!("“{heading}”中有不可见的控制字符或改变书写方向的字符（U+{:04X}）。", u32::from(bad));
        return Err(Finding::new(file, row, text, "请在这一格重新键入文字。"));
    }
    let trimmed = raw.trim();
    let text = if heading == "姓名" { close_up(trimmed) } else { trimmed.to_owned() };
    if text != trimmed {
        notes.push(Finding::new(file, row, format!("姓名“{trimmed}”中的空格已去掉，作“{text}”。"), ""));
    }
    let length = text.chars().count();
    if text.is_empty() && column.needed {
        return Err(Finding::new(
            file,
            row,
            format!("“{heading}”是空的。"),
            format!("请填写 1 到 {} 个字。", column.longest),
        ));
    }
    if length > column.longest {
        let problem = format!("“{heading}”有 {length} 个字，最多 {} 个。", column.longest);
        return Err(Finding::new(file, row, problem, "请缩短后再导入。"));
    }
    Ok(text)
}

/// Takes the spaces out that offices put between two Chinese characters to line names up; keeps others.
fn close_up(name: &str) -> String {
    let han = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
    let mut out = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        if !c.is_whitespace() {
            out.push(c);
            continue;
        }
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        if !(han(out.chars().last()) && han(rest.peek().copied())) {
            out.push(' ');
        }
    }
    out
}
