//! What files are called, in a header or in an archive: names on every system, and nothing else.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use super::UNSEEN;

/// What a header says a file is called leads nowhere, and is one name.
pub(super) fn saved_as(place: &str, saved: &str) {
    assert!(saved.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{place}: {saved}");
    let rest = saved.strip_prefix("attachment; filename=\"").unwrap_or_else(|| panic!("{place}: {saved}"));
    let (name, rest) = rest.split_once('"').unwrap();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(!name.is_empty() && name.chars().all(plain), "{place}: {saved}");
    one_name(place, name);
    if rest.is_empty() {
        return;
    }
    let encoded = rest.strip_prefix("; filename*=UTF-8''").unwrap_or_else(|| panic!("{place}: {saved}"));
    assert!(encoded.chars().all(|c| plain(c) || c == '%'), "{place}: {saved}");
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    one_name(place, &String::from_utf8(bytes).unwrap());
}

/// A name that is one on every system: no folder, no device, nothing that nobody sees.
pub(super) fn one_name(place: &str, name: &str) {
    let fault = |why: &str| panic!("{place}: {name:?} {why}");
    if name.is_empty() || name == "." || name == ".." {
        fault("is no name");
    }
    if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        || name.chars().any(|c| c.is_control())
        || name.contains(UNSEEN)
    {
        fault("is a path, or has what no name has");
    }
    if name.ends_with(['.', ' ']) {
        fault("loses its end on some systems");
    }
    let stem = name.split('.').next().unwrap().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        fault("is a device");
    }
}

/// The files of an archive; their names are names, and no two are one.
pub(super) fn members(place: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let raw = String::from_utf8(part.name_raw().to_vec()).expect("UTF-8");
        let name = part.name().unwrap().to_string();
        assert_eq!(raw, name, "{place}: marked as what it is");
        assert!(!name.starts_with('/') && !name.contains('\\'), "{place}: {name}");
        // A package has its folders in it.
        for part in name.strip_suffix('/').unwrap_or(&name).split('/') {
            one_name(&format!("{place} {name}"), part);
        }
        assert!(seen.insert(name.to_lowercase()), "{place}: {name} twice on a system that does not tell case");
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        all.push((name, bytes));
    }
    all
}
