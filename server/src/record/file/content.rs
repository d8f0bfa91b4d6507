//! What a file is, told from its bytes and never from its name.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::FileKind;
use crate::{limits, web::Refusal};

/// Bytes at the end of a PDF in which its trailer ends.
const TAIL: usize = 1024;
/// Chunk in which a package is unpacked, to count it.
const CHUNK: usize = 64 << 10;
/// What starts macros and controls by itself, in the names of a package's parts.
const ACTIVE: [&str; 2] = ["vbaproject", "activex"];

/// PDF, or a Word document without macros.
///
/// # Errors
/// 415 with what it is not.
pub(super) fn kind_of(bytes: &[u8]) -> Result<FileKind, Refusal> {
    if bytes.starts_with(b"%PDF-") {
        return pdf(bytes).map(|()| FileKind::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return docx(bytes).map(|()| FileKind::Docx);
    }
    Err(wrong("这个文件不是 PDF，也不是 Word 文档（.docx）。", "请另存为 PDF 或 .docx 后再上传；只改文件名没有用。"))
}

fn wrong(what: &str, next: &str) -> Refusal {
    Refusal::conflict(what, next).with_status(415)
}

fn pdf(bytes: &[u8]) -> Result<(), Refusal> {
    let version = bytes.get(5..8).is_some_and(|v| matches!(v, [b'1' | b'2', b'.', b'0'..=b'9']));
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
    let has = |word: &[u8]| tail.windows(word.len()).any(|part| part == word);
    if version && has(b"startxref") && has(b"%%EOF") {
        return Ok(());
    }
    Err(Refusal::conflict("这个 PDF 不完整。", "请重新导出或重新扫描后再上传。").with_status(415))
}

fn docx(bytes: &[u8]) -> Result<(), Refusal> {
    let broken = || {
        Refusal::conflict("这个 Word 文档已损坏，不能读取。", "请在文字处理软件里打开它，另存为 .docx 后再上传。")
            .with_status(415)
    };
    let bomb = || {
        Refusal::conflict("这个文档展开后太大，没有继续读取。", "请删去文档里的大图片，另存后再上传。").with_status(415)
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > limits::DOCX_PARTS {
        return Err(bomb());
    }
    let (mut left, mut document, mut types) = (limits::DOCX_UNPACKED, false, false);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| broken())?;
        let name = part.name().map_err(|_| broken())?.to_ascii_lowercase();
        if name.contains('\\') || name.starts_with('/') || name.split('/').any(|step| step == "..") {
            return Err(broken());
        }
        let declares = name == "[content_types].xml";
        if ACTIVE.iter().any(|word| name.contains(word)) {
            return Err(macros());
        }
        document |= name == "word/document.xml";
        types |= declares;
        let mut chunk = vec![0; CHUNK];
        let mut declared = Vec::new();
        loop {
            let read = part.read(&mut chunk).map_err(|_| broken())?;
            if read == 0 {
                break;
            }
            // Counted as it comes out: what the package says of its sizes is only a claim.
            left = left.checked_sub(read).ok_or_else(bomb)?;
            if declares {
                declared.extend_from_slice(chunk.get(..read).unwrap_or_default());
            }
        }
        if String::from_utf8_lossy(&declared).to_ascii_lowercase().contains("macroenabled") {
            return Err(macros());
        }
    }
    if document && types {
        return Ok(());
    }
    Err(Refusal::conflict("这是压缩文件，但不是 Word 文档（.docx）。", "请另存为 PDF 或 .docx 后再上传。")
        .with_status(415))
}

fn macros() -> Refusal {
    Refusal::conflict("这个文档带有宏或控件，没有收下。", "请另存为不带宏的 .docx，或导出为 PDF 后再上传。")
        .with_status(415)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    const DOCUMENT: (&str, &[u8]) = ("word/document.xml", b"<w/>");

    fn says(bytes: &[u8]) -> String {
        let refused = kind_of(bytes).unwrap_err();
        assert_eq!(refused.status, 415);
        refused.error
    }

    #[test]
    fn a_pdf_and_a_plain_word_document_are_told_by_their_bytes() {
        assert_eq!(kind_of(b"%PDF-1.7\n...\nstartxref\n9\n%%EOF\n").unwrap(), FileKind::Pdf);
        assert_eq!(kind_of(&package(&[TYPES, DOCUMENT])).unwrap(), FileKind::Docx);
    }

    #[test]
    fn what_only_looks_like_one_is_refused() {
        assert!(says(b"").contains("不是 PDF"));
        assert!(says(b"MZ\x90\x00").contains("不是 PDF"));
        assert!(says(b" %PDF-1.7 startxref %%EOF").contains("不是 PDF"), "a header that is not first");
        assert!(says(b"%PDF-1.7\nstartxref\n").contains("不完整"));
        assert!(says(b"%PDF-x.7\nstartxref\n%%EOF").contains("不完整"));
        assert!(says(b"PK\x03\x04and nothing more").contains("损坏"));
        assert!(says(&package(&[TYPES, ("xl/workbook.xml", b"<w/>")])).contains("不是 Word"));
        assert!(says(&package(&[DOCUMENT])).contains("不是 Word"));
        assert!(says(&package(&[TYPES, DOCUMENT, ("../evil", b"")])).contains("损坏"));
    }

    #[test]
    fn macros_are_refused_wherever_they_show() {
        assert!(says(&package(&[TYPES, DOCUMENT, ("word/vbaProject.bin", b"x")])).contains("宏"));
        assert!(says(&package(&[TYPES, DOCUMENT, ("word/VBAPROJECT.BIN", b"x")])).contains("宏"));
        assert!(says(&package(&[TYPES, DOCUMENT, ("word/activeX/a.bin", b"x")])).contains("宏"));
        let types: &[u8] = b"<Override ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/>";
        assert!(says(&package(&[("[Content_Types].xml", types), DOCUMENT])).contains("宏"));
    }

    #[test]
    fn a_bomb_is_counted_while_it_unpacks() {
        let much = vec![0; limits::DOCX_UNPACKED + 1];
        let bomb = package(&[TYPES, DOCUMENT, ("word/media/a.png", &much)]);
        assert!(bomb.len() < 1 << 20, "small on the disk");
        assert!(says(&bomb).contains("太大"));
        let names: Vec<String> = (0..=limits::DOCX_PARTS).map(|n| format!("word/{n}")).collect();
        let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(says(&package(&parts)).contains("太大"));
    }
}
