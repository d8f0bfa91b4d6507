//! Files that are no roster, or mean harm: each refused in words, with what to do, and nothing taken.

use douxuan::desk::Severity;
use rust_xlsxwriter::{Format, Workbook};

use crate::workbook::{by_hand, by_hand_sheet, findings, pack, people, places, read, refused, with, write};

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// Zeroes as they pack best: a thousandth of their size.
fn zeroes(mebibytes: usize) -> Vec<u8> {
    vec![b' '; mebibytes << 20]
}

#[test]
fn a_package_that_unpacks_to_more_than_50_mebibytes_is_not_unpacked() {
    let bomb = by_hand(&[("xl/media/image1.png", &zeroes(51))]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    refused(&bomb, &["50 MiB", "新的工作簿"]);
    // In many parts that are each harmless, and in the sheet itself.
    let part = zeroes(11);
    let names: Vec<String> = (0..5).map(|n| format!("xl/part{n}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), part.as_slice())).collect();
    refused(&by_hand(&parts), &["50 MiB"]);
    let sheet = by_hand_sheet(&" ".repeat(51 << 20));
    refused(&by_hand(&[(SHEET, sheet.as_bytes())]), &["50 MiB"]);
}

#[test]
fn what_unpacks_to_less_is_read() {
    let sheet = by_hand_sheet(&" ".repeat(8 << 20));
    read(&by_hand(&[(SHEET, sheet.as_bytes())])).unwrap();
}

#[test]
fn a_file_of_6_mebibytes_is_refused_with_the_number_allowed() {
    let mut large = with(|sheet| people(sheet, 3));
    large.resize(6 << 20, b'x');
    refused(&large, &["5 MiB", "6291456", "请删去图片"]);
    let text = "姓名,类别,单位,职务\n".to_owned() + &"代".repeat(2 << 20);
    refused(text.as_bytes(), &["1 MiB", "请只保留"]);
}

#[test]
fn files_of_other_kinds_are_named_whatever_they_are_called() {
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 600]].concat();
    for (bytes, words) in [
        (old.as_slice(), ["旧格式", "另存为“Excel 工作簿"]),
        (b"%PDF-1.7 \x00", ["PDF", "XLSX 或 CSV"]),
        (b"\x89PNG\r\n\x1a\n", ["图片", "XLSX 或 CSV"]),
        (b"\xef\xbb\xbf <HTML><table>", ["网页", "另存为"]),
        (b"<?xml version=\"1.0\"?><Workbook/>", ["XML", "另存为"]),
        (b"\x7fELF\x02\x01\x01\x00\x00", ["编码", "另存为"]),
        (b"\xff\xfe\x2c\x67", ["UTF-16", "CSV UTF-8"]),
    ] {
        refused(bytes, &words);
    }
    refused(&pack(&[("word/document.xml", b"<x/>")]), &["不是 Excel 工作簿", "XLSX 或 CSV"]);
    refused(&pack(&[("xl/workbook.bin", b"x")]), &["不是 Excel 工作簿"]);
}

#[test]
fn an_encrypted_workbook_says_how_to_take_the_password_off() {
    // The beginning of a compound file, and the name of the stream that holds the encrypted package.
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(1024, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4096, 0);
    refused(&bytes, &["打开密码", "取消"]);
}

#[test]
fn a_damaged_workbook_is_refused_in_words() {
    let whole = with(|sheet| people(sheet, 30));
    for cut in [4, 30, whole.len() / 2, whole.len() - 10] {
        refused(&whole[..cut], &["工作簿", "另存为新的"]);
    }
    refused(&by_hand(&[(SHEET, b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>")]), &["另存为新的"]);
    refused(
        &by_hand(&[(SHEET, b"<worksheet><sheetData><row><c t=\"s\"><v>9</v></c></row></sheetData></worksheet>")]),
        &["另存为新的"],
    );
    refused(&by_hand(&[("xl/_rels/workbook.xml.rels", b"<Relationships/>")]), &["另存为新的"]);
}

#[test]
fn every_flipped_byte_of_a_workbook_is_read_or_refused_but_never_brings_the_server_down() {
    let whole = with(|sheet| people(sheet, 3));
    for at in (0..whole.len()).step_by(7) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        for finding in findings(read(&flipped)) {
            assert!(!finding.text.is_empty());
        }
    }
}

#[test]
fn a_claimed_number_of_texts_reserves_no_memory() {
    for claim in [
        r#"<sst uniqueCount="99999999999999"/>"#.to_owned(),
        r"<sst uniqueCount = '77777777777' ></sst>".to_owned(),
        format!("<sst uniqueCount{}=\"9\">", " ".repeat(300)),
        format!("<sst{}uniqueCount=\"88888888888888\"/>", " ".repeat((64 << 10) - 12)),
    ] {
        refused(&by_hand(&[("xl/sharedStrings.xml", claim.as_bytes())]), &["内部结构", "另存为新的"]);
    }
    let honest = br#"<sst uniqueCount="1"><si><t>x</t></si></sst>"#;
    read(&by_hand(&[("xl/sharedStrings.xml", honest)])).unwrap();
}

#[test]
fn parts_in_other_encodings_hide_nothing() {
    let claim = r#"<sst uniqueCount="99999999999999"/>"#;
    let wide: Vec<u8> = claim.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe".as_slice(), &wide].concat();
    let declared = br#"<?xml version="1.0" encoding="ISO-2022-JP"?><sst/>"#;
    let later = br#"<x/><?xml version="1.0" encoding='utf-16'?><sst/>"#;
    for part in [wide.as_slice(), &marked, declared, later] {
        refused(&by_hand(&[("xl/sharedStrings.xml", part)]), &["内部结构"]);
    }
}

#[test]
fn a_cell_at_the_end_of_the_world_costs_nothing() {
    let far = by_hand_sheet(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    read(&by_hand(&[(SHEET, far.as_bytes())])).unwrap();
    let far = by_hand_sheet(r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#);
    refused(&by_hand(&[(SHEET, far.as_bytes())]), &["5000 行", "请删去"]);
    let many: String = (0..6_000).map(|n| format!(r#"<mergeCell ref="A{0}:B{0}"/>"#, n + 1)).collect();
    let merged = by_hand_sheet("").replace("</worksheet>", &format!("<mergeCells>{many}</mergeCells></worksheet>"));
    refused(&by_hand(&[(SHEET, merged.as_bytes())]), &["6000 处合并单元格", "取消"]);
}

#[test]
fn one_text_shared_by_many_cells_is_not_copied_without_end() {
    let text = format!(r#"<sst uniqueCount="1"><si><t>{}</t></si></sst>"#, "长".repeat(100_000));
    let rows: String = (3..3_000)
        .map(|row| {
            let cells: String = (0..12).map(|_| r#"<c t="s"><v>0</v></c>"#).collect();
            format!(r#"<row r="{row}">{cells}</row>"#)
        })
        .collect();
    let sheet = by_hand_sheet(&rows);
    let book = by_hand(&[("xl/sharedStrings.xml", text.as_bytes()), (SHEET, sheet.as_bytes())]);
    refused(&book, &["内容太多", "新的工作簿"]);
}

#[test]
fn too_many_people_rows_sheets_and_parts_are_refused_with_the_number_allowed() {
    refused(&with(|sheet| people(sheet, 501)), &["501", "最多 500 名"]);
    read(&with(|sheet| people(sheet, 500))).unwrap();
    refused(&with(|sheet| people(sheet, 5_000)), &["5000 行", "请删去"]);
    let mut book = Workbook::new();
    for _ in 0..21 {
        book.add_worksheet();
    }
    refused(&book.save_to_buffer().unwrap(), &["21 张", "最多 20 张"]);
    let names: Vec<String> = (0..1_001).map(|n| format!("x{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    refused(&pack(&parts), &["最多 1000 个"]);
}

#[test]
fn a_sheet_without_people_or_headings_is_refused_by_place() {
    refused(&with(|_| {}), &["是空的", "请检查"]);
    refused(&with(|sheet| write(sheet, &[&["序号", "姓名", "类别", "单位", "职务"]])), &["没有参会人员"]);
    refused(&with(|sheet| write(sheet, &[&["姓名", "单位"], &["代表1", "第1单位"]])), &["缺少表头“职务”"]);
    let twice: [&[&str]; 2] = [&["姓名", "单位", "职务", "姓名"], &["甲", "乙", "丙", "丁"]];
    refused(&with(|sheet| write(sheet, &twice)), &["出现了两次", "并排"]);
    let mut book = Workbook::new();
    book.add_worksheet().set_name("空").unwrap();
    people(book.add_worksheet().set_name("藏").unwrap().set_hidden(true), 3);
    refused(&book.save_to_buffer().unwrap(), &["是空的"]);
}

#[test]
fn errors_stand_at_their_cells() {
    let sheet = with(|sheet| {
        people(sheet, 4);
        let plain = Format::new();
        sheet.write_blank(2, 1, &plain).unwrap();
        sheet.write(3, 3, "甲\u{202e}乙").unwrap();
        sheet.write(4, 4, "长".repeat(81)).unwrap();
        sheet.write(1, 1, "坏\u{fffd}字").unwrap();
    });
    let found = findings(read(&sheet));
    assert_eq!(places(&found, Severity::Error), ["B2 forbidden", "B3 empty_cell", "D4 forbidden", "E5 too_long"]);
    assert!(found.iter().filter(|f| f.severity == Severity::Error).all(|f| !f.what_to_do.is_empty()));
}
