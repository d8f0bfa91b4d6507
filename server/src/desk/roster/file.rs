//! A file as it arrives: recognised by what it holds, never by its name, and read into sheets.

use encoding_rs::GB18030;

use super::{
    finding::{At, Inquiry},
    sheet::{Cell, Sheet, SheetRow},
    workbook,
};
use crate::limits;

/// The sheets of a file.
pub(super) struct File {
    /// What it is, in words: the encoding of a CSV file, or a workbook.
    pub kind: &'static str,
    /// Its sheets; one for a CSV file.
    pub sheets: Vec<Sheet>,
}

/// What is wrong with a whole file, and what to do.
pub(super) type Wrong = (String, &'static str);

const AS_XLSX: &str = "请在表格软件中另存为“Excel 工作簿（.xlsx）”后再导入。";
const AS_CSV: &str = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”或“Excel 工作簿（.xlsx）”后再导入。";

impl File {
    /// Reads a file. `None`: the inquiry says why not.
    pub(super) fn read(bytes: &[u8], inquiry: &mut Inquiry<'_>) -> Option<Self> {
        let read = match foreign(bytes) {
            Some(wrong) => Err(wrong),
            None if bytes.starts_with(b"PK") => workbook::read(bytes, inquiry),
            None => csv(bytes),
        };
        read.map_err(|(text, what)| inquiry.error(At::FILE, "file", text, what)).ok()
    }
}

/// Files that are often sent by mistake, by how they begin.
fn foreign(bytes: &[u8]) -> Option<Wrong> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // A compound file names its streams in UTF-16: an encrypted workbook holds one of this name.
        let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Some(if bytes.windows(encrypted.len()).any(|window| window == encrypted) {
            ("这个工作簿设了打开密码，不能读取。".to_owned(), "请在表格软件中打开它，取消“打开密码”，保存后再导入。")
        } else {
            ("这是旧格式的表格（.xls 或 .et），不能读取。".to_owned(), AS_XLSX)
        });
    }
    let start: String = bytes
        .iter()
        .take(512)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .filter(|c| !c.is_whitespace())
        .collect();
    let start = start.trim_start_matches("ï»¿");
    if ["<html", "<!doctypehtml", "<table", "<?xml"].iter().any(|tag| start.starts_with(tag)) {
        return Some(("这是网页或 XML 文件，不是表格文件。".to_owned(), AS_XLSX));
    }
    let known =
        [(&b"%PDF"[..], "PDF 文件"), (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"{\\rtf", "文字处理文件")];
    known
        .iter()
        .find(|(magic, _)| begins(magic))
        .map(|(_, what)| (format!("这是{what}，不是表格文件。"), "请选择 XLSX 或 CSV 格式的名单。"))
}

fn csv(bytes: &[u8]) -> Result<File, Wrong> {
    if bytes.len() > limits::CSV_BYTES {
        let text = format!("CSV 文件有 {} 字节，最多 {} 字节（1 MiB）。", bytes.len(), limits::CSV_BYTES);
        return Err((text, "请只保留需要的行和列后再导入。"));
    }
    let (kind, text) = decode(bytes).map_err(|what| (what.to_owned(), AS_CSV))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut sheet = Sheet::default();
    let mut number = 0;
    for record in reader.records() {
        let record = record.map_err(|e| (format!("无法按 CSV 读取：{e}。"), "请重新另存为 CSV 后再导入。"))?;
        number += 1 + record.position().map_or(0, |position| empty_lines(&text, position));
        if sheet.rows.len() == limits::ROSTER_ROWS {
            sheet.too_long = true;
            break;
        }
        sheet.rows.push(SheetRow { number, cells: record.iter().map(Cell::text).collect() });
    }
    Ok(File { kind, sheets: vec![sheet] })
}

/// UTF-8 with or without BOM, or else GB18030, which every legacy Chinese spreadsheet writes.
fn decode(bytes: &[u8]) -> Result<(&'static str, String), &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("文件是 UTF-16 编码，不能读取。");
    }
    let (name, plain) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => ("UTF-8（带 BOM）", rest),
        None => ("UTF-8", bytes),
    };
    if plain.contains(&0) {
        return Err("这不是文字文件，编码认不出来。");
    }
    if let Ok(text) = std::str::from_utf8(plain) {
        return Ok((name, text.to_owned()));
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if plain.len() == bytes.len() => Ok(("GB18030", text.into_owned())),
        _ => Err("文件既不是 UTF-8 也不是 GB18030 编码。"),
    }
}

/// Empty lines that the reader skips before a record, and that a spreadsheet counts as rows. Its position is still
/// before them, and after a CRLF between the two.
fn empty_lines(text: &str, position: &csv::Position) -> u64 {
    let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let bytes = text.as_bytes();
    let ahead = bytes.get(at..).unwrap_or_default();
    let skipped = ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    let within_crlf = at > 0 && bytes.get(at - 1) == Some(&b'\r') && ahead.first() == Some(&b'\n');
    skipped.map(|_| 1).sum::<u64>() - u64::from(within_crlf)
}
