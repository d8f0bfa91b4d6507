//! The papers as other programs read them.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{Data, Range, Reader, Xlsx};
use douxuan::papers::Sheet;

pub fn workbook(zip: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(Sheet::of_bundle(zip).unwrap().workbook().unwrap())).unwrap()
}

pub fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        other => panic!("neither text nor a number: {other:?}"),
    }
}

pub fn grid(range: &Range<Data>) -> Vec<Vec<Data>> {
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The rows below the two lines of names, each by the names of its columns: `发出/电子`, `好/票数`, `有效`.
pub fn table(zip: &[u8]) -> Vec<BTreeMap<String, Data>> {
    let cells = grid(&workbook(zip).worksheet_range("汇总表").unwrap());
    let head = cells.iter().position(|row| text(&row[0]) == "序号").unwrap();
    let mut above = String::new();
    let names: Vec<String> = cells[head]
        .iter()
        .zip(&cells[head + 1])
        .map(|(upper, lower)| {
            if *upper != Data::Empty {
                above = text(upper);
            }
            if *lower == Data::Empty { above.clone() } else { format!("{above}/{}", text(lower)) }
        })
        .collect();
    let rows = cells[head + 2..].iter().take_while(|row| matches!(row[0], Data::Float(_)));
    rows.map(|row| names.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}

/// The same of the table of values, which has one line of names.
pub fn values(zip: &[u8]) -> Vec<BTreeMap<String, String>> {
    let bytes = Sheet::of_bundle(zip).unwrap().values();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap();
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| names.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}
