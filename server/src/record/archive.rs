//! The yearly file of one official (article 21): everything of a dossier in one archive.
//!
//! ```text
//! 摘要.xlsx, 摘要.pdf   what the record says, in words
//! 案卷.json            the same, every field, for a program
//! 文件/ 反馈函/         what was handed in and sent out, byte for byte
//! 测评结果/            this official's figures, and the digest of the signed note that they stand in
//! 留痕.json            that something was changed, and how far the whole trail goes
//! 说明.txt             what is in it, what is not, and how to check it
//! SHA256SUMS.txt       of all of them
//! ```
//! No clock is asked and nothing is drawn: the same state gives the same bytes.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};

use axum::{extract::State, response::Response};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use douxuan_crypto::{bytes::hex, hash::sha256};

use super::{
    Record,
    api::Endpoint,
    field::{self, At},
    file::download,
};
use crate::web::Refusal;

mod deadlines;
mod gather;
mod summary;
mod workbook;

use gather::Gathered;

/// Characters of a file's name.
const NAME: usize = 80;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/dossiers/{dossier}/archive.zip", "Everything of a dossier (article 21).", archive)
            .answers_file("application/zip"),
    ]
}

async fn archive(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let now = record.book().now();
    let Gathered { mut bag, files, summary } = Gathered::of(&now, id)?;
    for (name, digest) in files {
        bag.put(&name, record.read_file(&digest).await?);
    }
    let packed = tokio::task::spawn_blocking(move || {
        bag.put("摘要.xlsx", summary.workbook()?);
        if let Some(pdf) = summary.pdf()? {
            bag.put("摘要.pdf", pdf);
        }
        bag.pack()
    });
    let bytes = packed.await.map_err(Refusal::broken)??;
    Ok(download(bytes, "application/zip", &format!("dossier-{id}.zip")))
}

/// Files on their way into an archive, by name.
#[derive(Default)]
pub(super) struct Bag(BTreeMap<String, Vec<u8>>);

impl Bag {
    /// Puts a file in. A second one of the same name, whatever its case, gets a number.
    pub(super) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let mut free = name.to_owned();
        // Not every system tells case.
        let taken = |bag: &Self, free: &str| bag.0.keys().any(|there| there.to_lowercase() == free.to_lowercase());
        for number in 2_u32.. {
            if !taken(self, &free) {
                break;
            }
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            free = format!("{stem} ({number}).{ending}");
        }
        self.0.insert(free, bytes);
    }

    /// The archive, with the digest of each file in it.
    ///
    /// # Errors
    /// 500 if it cannot be written.
    pub(super) fn pack(mut self) -> Result<Vec<u8>, Refusal> {
        let sums: String = self.0.iter().map(|(name, bytes)| format!("{}  {name}\n", hex(&sha256(bytes)))).collect();
        self.0.insert("SHA256SUMS.txt".to_owned(), sums.into_bytes());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        for (name, bytes) in self.0 {
            zip.start_file(name, options).map_err(Refusal::broken)?;
            zip.write_all(&bytes).map_err(Refusal::broken)?;
        }
        Ok(zip.finish().map_err(Refusal::broken)?.into_inner())
    }
}

/// A text as the name of a file: nothing that a system reads as a folder, a drive, a device or a command, and nothing that
/// nobody sees.
pub(super) fn file_name(text: &str) -> String {
    let plain = |c: char| if field::is_unseen(c) || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    let name: String = text.chars().map(plain).take(NAME).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    // Windows takes these for devices, whatever stands behind the first dot.
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let port = ["COM", "LPT"].iter().find_map(|port| stem.strip_prefix(port)).is_some_and(|n| n.chars().count() == 1);
    if name.is_empty() || port || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) {
        return format!("_{name}");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("C:\\a|b\u{202e}"), "C__a_b_");
        assert_eq!(file_name(" .. "), "_");
        for device in ["CON", "con.pdf", "nul", "COM1.txt", "Lpt9"] {
            assert_eq!(file_name(device), format!("_{device}"));
        }
        for name in ["CONSOLE", "COM.pdf", "COM10.pdf", "auxiliary.docx"] {
            assert_eq!(file_name(name), name);
        }
        assert_eq!(file_name("述职报告（定稿）.pdf"), "述职报告（定稿）.pdf");
        assert!(file_name(&"长".repeat(500)).chars().count() <= NAME);
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_none_replaces_another() {
        let pack = || {
            let mut bag = Bag::default();
            bag.put("b.txt", b"two".to_vec());
            bag.put("a.txt", b"one".to_vec());
            bag.put("A.txt", b"three".to_vec());
            bag.pack().unwrap()
        };
        let bytes = pack();
        assert_eq!(bytes, pack());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> =
            (0..archive.len()).map(|at| archive.by_index(at).unwrap().name().unwrap().into()).collect();
        assert_eq!(names, ["A (2).txt", "SHA256SUMS.txt", "a.txt", "b.txt"]);
    }
}
