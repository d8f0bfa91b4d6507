//! What an answer holds when it is opened: archives with their members, archives within them, streams of a PDF; and the
//! moments that it tells.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use zip::ZipArchive;

/// An answer may nest this deep.
const DEPTH: u32 = 4;

/// The bytes as they came and everything packed in them, each with where it was found. Names and times of an archive's
/// members are there too, as text.
pub fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![(String::new(), bytes.to_vec())];
    open(bytes, "", DEPTH, &mut all);
    all
}

fn open(bytes: &[u8], place: &str, depth: u32, all: &mut Vec<(String, Vec<u8>)>) {
    assert!(depth > 0, "{place}: packed deeper than this looks");
    if bytes.starts_with(b"PK\x03\x04") {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap_or_else(|e| panic!("{place}: no archive: {e}"));
        all.push((format!("{place}#comment"), archive.comment().to_vec()));
        for number in 0..archive.len() {
            let mut member = archive.by_index(number).unwrap();
            let name = member.name().unwrap().into_owned();
            let inside = format!("{place}#{name}");
            let made = member.last_modified().map_or_else(String::new, |time| format!("{time}"));
            all.push((format!("{inside}: its name and time"), format!("{name} {made}").into_bytes()));
            all.push((format!("{inside}: its other fields"), member.extra_data().unwrap_or_default().to_vec()));
            let mut content = Vec::new();
            member.read_to_end(&mut content).unwrap();
            open(&content, &inside, depth - 1, all);
            all.push((inside, content));
        }
    }
    if bytes.starts_with(b"%PDF") {
        let mut rest = bytes;
        while let Some(at) = rest.windows(6).position(|window| window == b"stream") {
            rest = &rest[at + 6..];
            let packed = rest.strip_prefix(b"\r").unwrap_or(rest);
            let mut content = Vec::new();
            // What is behind `endstream`, or packed otherwise, is no zlib stream.
            let _ = flate2::read::ZlibDecoder::new(&packed[1.min(packed.len())..]).read_to_end(&mut content);
            if !content.is_empty() {
                all.push((format!("{place}#stream"), content));
            }
        }
    }
}

/// Every `HH:MM` and every run of 10, 13 or 14 digits that is a moment of the last minutes or the next one, in UTC or
/// in the county's time.
pub fn moments(bytes: &[u8], now: u64) -> Vec<String> {
    let near = now - 300..=now + 60;
    let zones = [0, 8 * 3600];
    let minutes: BTreeSet<[u64; 2]> = zones
        .iter()
        .flat_map(|zone| near.clone().step_by(30).chain([now + 60]).map(move |at| (at + zone) / 60))
        .map(|minute| [minute / 60 % 24, minute % 60])
        .collect();
    let digits = |part: &[u8]| -> Option<u64> {
        part.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(part).unwrap().parse().ok())?
    };
    let mut found = Vec::new();
    for (at, window) in bytes.windows(5).enumerate() {
        if window[2] != b':' || (at > 0 && bytes[at - 1].is_ascii_digit()) {
            continue;
        }
        if let (Some(hour), Some(minute)) = (digits(&window[..2]), digits(&window[3..]))
            && minutes.contains(&[hour, minute])
        {
            found.push(String::from_utf8_lossy(window).into_owned());
        }
    }
    for run in bytes.split(|byte| !byte.is_ascii_digit()) {
        let is_near = match run.len() {
            10 | 13 => digits(&run[..10]).is_some_and(|at| at.abs_diff(now) <= 3600),
            // 20261214093000, as a PDF has it.
            14 => {
                run.starts_with(b"20")
                    && digits(&run[8..10])
                        .zip(digits(&run[10..12]))
                        .is_some_and(|(hour, minute)| minutes.contains(&[hour, minute]))
            }
            _ => false,
        };
        if is_near {
            found.push(String::from_utf8_lossy(run).into_owned());
        }
    }
    found
}
