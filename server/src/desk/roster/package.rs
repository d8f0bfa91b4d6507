//! The ZIP package around a workbook, looked through before anything is unpacked into memory: how large it really is,
//! and that nothing in it makes the reader reserve memory for a number that a file only claims.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::file::Wrong;
use crate::limits;

/// What a package holds beside the sheets.
pub(super) struct Package {
    /// Macros. **Never read, never run.**
    pub macros: bool,
    /// Links to other workbooks. **Never followed.**
    pub links: bool,
}

const CHUNK: usize = 64 << 10;
/// Bytes of the last chunk that are looked at again, so that nothing hides on the edge of two.
const OVERLAP: usize = 256;
/// How far behind a word its value may stand; a word nearer to the end of a chunk is seen again in the next.
const FAR: usize = 200;
/// The attribute with which a list of shared texts claims its length.
const CLAIM: &[u8] = b"uniqueCount";
/// More shared texts than any roster has.
const MOST_TEXTS: u64 = 1_000_000;

/// Looks through a package.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn check(bytes: &[u8]) -> Result<Package, Wrong> {
    if bytes.len() > limits::XLSX_BYTES {
        let text = format!("工作簿有 {} 字节，最多 {} 字节（5 MiB）。", bytes.len(), limits::XLSX_BYTES);
        return Err((text, "请删去图片和不需要的工作表，另存后再导入。"));
    }
    let broken = |_| ("工作簿已损坏，不能读取。".to_owned(), "请在表格软件中打开它，另存为新的 .xlsx 后再导入。");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > limits::XLSX_PARTS {
        let text = format!("工作簿里有 {} 个部件，最多 {} 个。", archive.len(), limits::XLSX_PARTS);
        return Err((text, "请把名单复制到新的工作簿里再导入。"));
    }
    let mut package = Package { macros: false, links: false };
    let (mut unpacked, mut workbook) = (0, false);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(why) if why.contains("assword") => {
                ("这个压缩文件设了密码，不能读取。".to_owned(), "请取消密码后再导入。")
            }
            other => broken(other),
        })?;
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        workbook |= name.ends_with("workbook.xml");
        package.macros |= name.ends_with("vbaproject.bin");
        package.links |= name.contains("externallinks/");
        let xml = [".xml", ".rels", ".vml"].iter().any(|end| name.ends_with(end));
        look_through(&mut part, xml, &mut unpacked)?;
    }
    if !workbook {
        let text = "这是压缩文件，但不是 Excel 工作簿（.xlsx）。".to_owned();
        return Err((text, "请选择 XLSX 或 CSV 格式的名单；WPS 文字、演示和 ODS 请先转成 .xlsx。"));
    }
    Ok(package)
}

/// Unpacks a part chunk by chunk, keeping none of it.
fn look_through(part: &mut impl Read, xml: bool, unpacked: &mut usize) -> Result<(), Wrong> {
    let mut buffer = vec![0; OVERLAP + CHUNK];
    let (mut kept, mut first) = (0, true);
    loop {
        let room = buffer.get_mut(kept..kept + CHUNK).unwrap_or_default();
        let read = match part.read(room) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(_) => return Err(damaged()),
        };
        *unpacked += read;
        if *unpacked > limits::XLSX_UNPACKED {
            let text = format!("工作簿展开后超过 {} 字节（50 MiB），没有继续读取。", limits::XLSX_UNPACKED);
            return Err((text, "请把名单复制到新的工作簿里再导入。"));
        }
        let seen = buffer.get(..kept + read).unwrap_or_default();
        if xml {
            // Other encodings could spell the claim so that it is not seen here; no spreadsheet writes them.
            if (first && is_wide(seen)) || declares_other(seen) || claims_too_much(seen) {
                return Err(damaged());
            }
            first = false;
        }
        let again = seen.len().min(OVERLAP);
        let from = seen.len() - again;
        buffer.copy_within(from..from + again, 0);
        kept = again;
    }
}

fn damaged() -> Wrong {
    ("工作簿的内部结构不对，不能读取。".to_owned(), "请在表格软件中打开它，另存为新的 .xlsx 后再导入。")
}

/// A byte order of two bytes a character, with or without its mark.
fn is_wide(start: &[u8]) -> bool {
    start.starts_with(&[0xff]) || start.starts_with(&[0xfe]) || start.iter().take(200).any(|byte| *byte == 0)
}

/// What follows each place at which a word stands, to the end of what was seen.
fn behind<'a>(seen: &'a [u8], word: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let places = seen.windows(word.len()).enumerate().filter(move |(_, window)| *window == word);
    places.map(move |(at, _)| seen.get(at + word.len()..).unwrap_or_default())
}

/// An XML declaration, wherever it stands, that names another encoding than UTF-8 or is too long to be one.
fn declares_other(seen: &[u8]) -> bool {
    behind(seen, b"<?xml").filter(|rest| rest.first().is_none_or(u8::is_ascii_whitespace)).any(|rest| {
        let near = rest.get(..rest.len().min(FAR)).unwrap_or_default();
        let Some(end) = near.windows(2).position(|window| window == b"?>") else { return rest.len() >= FAR };
        let declaration = String::from_utf8_lossy(near.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let named = declaration.split_once("encoding").map(|(_, named)| named);
        named.is_some_and(|named| {
            !named.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'')).starts_with("utf-8")
        })
    })
}

/// A claimed number of texts that no roster has, or one that does not follow at once.
fn claims_too_much(seen: &[u8]) -> bool {
    behind(seen, CLAIM).any(|rest| {
        let near = rest.get(..rest.len().min(FAR)).unwrap_or_default();
        let mut digits = near.iter().skip_while(|byte| !byte.is_ascii_digit()).peekable();
        if digits.peek().is_none() {
            return rest.len() >= FAR;
        }
        let digits = digits.take_while(|byte| byte.is_ascii_digit());
        digits.fold(0u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
            > MOST_TEXTS
    })
}
