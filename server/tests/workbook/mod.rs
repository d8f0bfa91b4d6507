//! Workbooks for the import's tests: plainly invented, made here.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::io::{Cursor, Read, Write};

use douxuan::desk::{Answers, Finding, ImportRefused, ImportReport, Roster, Severity, import};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

pub const ROSTER: &[u8] = include_bytes!("../../samples/roster.csv");
/// Who reports, for rosters that hold none of the sample's officials.
pub const NOBODY_ELSE: &str = "姓名,单位,职务,报告方式\n代表1,第1单位,委员,会议报告\n";

/// A workbook of one sheet, from text.
pub fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    with(|sheet| write(sheet, rows))
}

/// A workbook of one sheet, filled by hand.
pub fn with(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

pub fn write(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if !text.is_empty() {
                sheet.write(row, column, *text).unwrap();
            }
        }
    }
}

/// Heading and people, of whom the first is the one who reports in [`NOBODY_ELSE`].
pub fn people(sheet: &mut Worksheet, count: u32) {
    write(sheet, &[&["序号", "姓名", "类别", "单位", "职务"]]);
    for n in 1..=count {
        sheet.write(n, 0, n).unwrap();
        let cells = [format!("代表{n}"), "纪委委员".to_owned(), format!("第{n}单位"), "委员".to_owned()];
        for (column, text) in (1..).zip(cells) {
            sheet.write(n, column, text).unwrap();
        }
    }
}

/// The sheet that really arrives, cell for cell like the one the office's reference shows: forty of the sample's
/// people below a merged title, with everything in it that offices do to a roster.
pub fn as_offices_send_it() -> Vec<u8> {
    let sheet = with(|sheet| {
        sheet.set_name("参会人员").unwrap();
        sheet.merge_range(0, 0, 0, 4, "（示例）述职述责述廉会议参会人员名单", &Format::new()).unwrap();
        write_at(sheet, 1, &["序号", "姓　名", "类 别", "单位", "职务"]);
        let text = std::str::from_utf8(ROSTER).unwrap();
        for (row, line) in (2..).zip(text.lines().skip(1).take(40)) {
            write_at(sheet, row, &line.split(',').collect::<Vec<_>>());
        }
        for (row, name) in [
            (2, "示　例乙01"),
            (7, "示　例庚06"),
            (12, "示　例丑11"),
            (22, "示　例亥21"),
            (27, "示　例宇26"),
            (32, "示　例月31"),
            (37, "示　例列36"),
            (11, "示例癸09"),
            (17, "示例喆翀堃璟镕䶮"),
        ] {
            sheet.write(row, 1, name).unwrap();
        }
        for (row, number) in
            [(2, "００１"), (9, "００８"), (16, "０１５"), (23, "０２２"), (30, "０２９"), (37, "０３６")]
        {
            sheet.write(row, 0, number).unwrap();
        }
        sheet.write_formula(14, 4, Formula::new("=1+1").set_result("77")).unwrap();
        sheet.write(20, 3, "<script>alert(1)</script>").unwrap();
        sheet.write(43, 0, "合计").unwrap();
        sheet.write(43, 1, 40).unwrap();
    });
    // Programs that make such sheets never computed it, and saved no value.
    edited(&sheet, "<f>1+1</f><v>77</v>", "<f>1+1</f><v/>")
}

/// The same workbook with one piece of its sheet's XML in place of another.
pub fn edited(workbook: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{text}");
            bytes = text.replace(from, to).into_bytes();
        }
        parts.push((name, bytes));
    }
    pack(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

fn write_at(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, text) in (0..).zip(cells) {
        sheet.write(row, column, *text).unwrap();
    }
}

/// A ZIP package of these parts.
pub fn pack(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The parts of a workbook of one sheet, written by hand, with these in place of its own.
pub fn by_hand(own: &[(&str, &[u8])]) -> Vec<u8> {
    let types = br#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    let rels = br#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = br#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let book_rels = br#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let sheet = by_hand_sheet("");
    let whole: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", rels),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", book_rels),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    let kept = whole.into_iter().filter(|(name, _)| own.iter().all(|(other, _)| other != name));
    pack(&kept.chain(own.iter().copied()).collect::<Vec<_>>())
}

/// Heading and one person, then these rows as XML.
pub fn by_hand_sheet(more: &str) -> String {
    let cell = |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |number: u32, texts: [&str; 4]| {
        let cells = ["A", "B", "C", "D"].iter().zip(texts);
        let cells: String = cells.map(|(column, text)| cell(&format!("{column}{number}"), text)).collect();
        format!(r#"<row r="{number}">{cells}</row>"#)
    };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}{}{more}</sheetData></worksheet>"#,
        row(1, ["姓名", "类别", "单位", "职务"]),
        row(2, ["代表1", "纪委委员", "第1单位", "委员"]),
    )
}

pub fn read(roster: &[u8]) -> Result<(Roster, ImportReport), ImportRefused> {
    import(roster, NOBODY_ELSE.as_bytes(), &Answers::default())
}

pub fn confirmed(roster: &[u8]) -> (Roster, ImportReport) {
    let answers = Answers { confirmed: true, ..Answers::default() };
    import(roster, NOBODY_ELSE.as_bytes(), &answers).unwrap()
}

/// What a reading found, whether it was taken or not.
pub fn findings(read: Result<(Roster, ImportReport), ImportRefused>) -> Vec<Finding> {
    match read {
        Ok((_, report)) => report.notes,
        Err(refused) => refused.findings,
    }
}

/// The findings of one weight, as `E15 formula`.
pub fn places(findings: &[Finding], severity: Severity) -> Vec<String> {
    let of = findings.iter().filter(|finding| finding.severity == severity);
    of.map(|finding| format!("{} {}", finding.cell.clone().unwrap_or_else(|| finding.row.to_string()), finding.kind))
        .collect()
}

/// The one finding at a cell.
pub fn at<'f>(findings: &'f [Finding], cell: &str, kind: &str) -> &'f Finding {
    let found: Vec<_> = findings.iter().filter(|f| f.cell.as_deref() == Some(cell) && f.kind == kind).collect();
    assert_eq!(found.len(), 1, "{cell} {kind}: {findings:#?}");
    found[0]
}

/// The only error, which must say these words and what to do.
pub fn refused(roster: &[u8], words: &[&str]) {
    let refused = read(roster).unwrap_err();
    let errors: Vec<_> = refused.of(Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let text = format!("{} {}", errors[0].text, errors[0].what_to_do);
    assert!(!errors[0].what_to_do.is_empty(), "{text}");
    for word in words {
        assert!(text.contains(word), "{text} should say {word}");
    }
}
