//! Bundles that were changed and not signed again: bytes flipped, records deleted, doubled, swapped, files taken away.

use douxuan_crypto::bundle::{BoardFiles, Bundle};
use rand::{RngExt, rngs::StdRng};

/// Every file of a bundle in a fixed order, to be changed.
fn files(bundle: &mut Bundle) -> Vec<(String, &mut Vec<u8>)> {
    let mut files: Vec<(String, &mut Vec<u8>)> = vec![
        ("log/checkpoint".to_owned(), &mut bundle.log_checkpoint),
        ("log/entries".to_owned(), &mut bundle.log_entries),
        ("manifest.json".to_owned(), &mut bundle.manifest),
        ("result".to_owned(), &mut bundle.result),
        ("summary.txt".to_owned(), &mut bundle.summary),
        ("tokens/leaves".to_owned(), &mut bundle.leaves),
        ("tokens/redeemed".to_owned(), &mut bundle.redeemed),
        ("tokens/voided".to_owned(), &mut bundle.voided),
    ];
    for ((item, round), board) in &mut bundle.boards {
        let BoardFiles { checkpoint, entries, proof, tally } = board;
        for (name, file) in [("checkpoint", checkpoint), ("entries", entries), ("proof", proof), ("tally", tally)] {
            files.extend(file.as_mut().map(|data| (format!("board/{item}-{round}/{name}"), data)));
        }
    }
    files
}

/// A bundle that was changed, and how.
pub struct Mutant {
    /// What was changed.
    pub name: String,
    /// The changed bundle's bytes, its ZIP checksums mended unless the change was in the container.
    pub zip: Vec<u8>,
}

/// How many bytes the files of a bundle have together: the places for [`flip_inside`].
#[must_use]
pub fn inside_len(bundle: &Bundle) -> usize {
    bundle.files().iter().map(|(_, data)| data.len()).sum()
}

/// Changes one byte of one file and mends the ZIP's checksums.
#[must_use]
pub fn flip_inside(bundle: &Bundle, place: usize, xor: u8) -> Mutant {
    let mut changed = bundle.clone();
    let mut rest = place;
    for (path, data) in files(&mut changed) {
        if let Some(byte) = data.get_mut(rest) {
            *byte ^= xor;
            let name = format!("{path}, byte {rest} xor {xor:#04x}");
            return Mutant { name, zip: changed.to_zip().unwrap() };
        }
        rest -= data.len();
    }
    panic!("place {place} is outside the bundle");
}

/// Changes one byte of the ZIP, wherever it stands.
#[must_use]
pub fn flip_outside(zip: &[u8], place: usize, xor: u8) -> Mutant {
    let mut zip = zip.to_vec();
    zip[place] ^= xor;
    Mutant { name: format!("zip, byte {place} xor {xor:#04x}"), zip }
}

/// A change that is never none.
pub fn any_xor(rng: &mut StdRng) -> u8 {
    rng.random_range(1..=255)
}

/// The records of a file: entries of the log, ballots, slips, proofs, lines of a text.
fn records(path: &str, data: &[u8], mask_len: usize) -> Vec<Vec<u8>> {
    let fixed = |width: usize| data.chunks(width).map(<[u8]>::to_vec).collect();
    let framed = |header: usize, length: fn(&[u8]) -> usize| {
        let (mut out, mut rest) = (Vec::new(), data);
        while !rest.is_empty() {
            let (record, behind) = rest.split_at(header + length(rest));
            out.push(record.to_vec());
            rest = behind;
        }
        out
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    match (path, name) {
        ("log/entries", _) => framed(6, |r| u32::from_be_bytes([r[2], r[3], r[4], r[5]]) as usize),
        (_, "entries") => framed(2, |r| usize::from(u16::from_be_bytes([r[0], r[1]]))),
        (_, "leaves") => fixed(33 + mask_len),
        (_, "redeemed") => fixed(33 + mask_len + 32 + 64 + 1),
        (_, "voided") => fixed(35),
        (_, "proof") => [vec![data[..1].to_vec()], data[1..].chunks(64).map(<[u8]>::to_vec).collect()].concat(),
        (_, "tally") => [vec![data[..1].to_vec()], data[1..].chunks(4).map(<[u8]>::to_vec).collect()].concat(),
        (_, "manifest.json") => data.split_inclusive(|b| *b == b',').map(<[u8]>::to_vec).collect(),
        _ => data.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect(),
    }
}

/// Every record of every file deleted, doubled, and swapped with the one behind it; the ZIP's checksums mended.
#[must_use]
pub fn records_moved(bundle: &Bundle, mask_len: usize) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let count = files(&mut bundle.clone()).len();
    for at in 0..count {
        let (path, all) = {
            let mut copy = bundle.clone();
            let (path, data) = files(&mut copy).swap_remove(at);
            let all = records(&path, data, mask_len);
            assert_eq!(all.concat(), *data, "{path} is the sum of its records");
            (path, all)
        };
        let mut add = |what: &str, i: usize, records: Vec<Vec<u8>>| {
            let mut changed = bundle.clone();
            let bytes = records.concat();
            let slot = files(&mut changed).swap_remove(at).1;
            if *slot != bytes {
                *slot = bytes;
                mutants.push(Mutant { name: format!("{path}, record {i} {what}"), zip: changed.to_zip().unwrap() });
            }
        };
        for i in 0..all.len() {
            let mut changed = all.clone();
            let record = changed.remove(i);
            add("deleted", i, changed.clone());
            changed.insert(i, record.clone());
            changed.insert(i, record);
            add("doubled", i, changed);
            if i + 1 < all.len() {
                let mut changed = all.clone();
                changed.swap(i, i + 1);
                add("swapped with the next", i, changed);
            }
        }
    }
    mutants
}

/// Every file taken away, emptied, or put where another file of its kind stands; the ZIP is written anew.
#[must_use]
pub fn files_moved(bundle: &Bundle) -> Vec<Mutant> {
    let all: Vec<(String, Vec<u8>)> = bundle.files().into_iter().map(|(p, d)| (p, d.to_vec())).collect();
    let zip = |files: &[(String, Vec<u8>)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(p, d)| (p.as_str(), d.as_slice())).collect();
        douxuan_crypto::container::write(&files).unwrap()
    };
    let mut mutants = Vec::new();
    for i in 0..all.len() {
        let mut changed = all.clone();
        let (path, _) = changed.remove(i);
        mutants.push(Mutant { name: format!("{path} taken away"), zip: zip(&changed) });
        let mut changed = all.clone();
        if !changed[i].1.is_empty() {
            changed[i].1.clear();
            mutants.push(Mutant { name: format!("{path} emptied"), zip: zip(&changed) });
        }
        for j in i + 1..all.len() {
            if all[i].0.rsplit('/').next() == all[j].0.rsplit('/').next() && all[i].1 != all[j].1 {
                let mut changed = all.clone();
                let data = changed[i].1.clone();
                changed[i].1 = std::mem::replace(&mut changed[j].1, data);
                mutants.push(Mutant { name: format!("{path} and {} exchanged", all[j].0), zip: zip(&changed) });
            }
        }
    }
    for extra in ["board/1-1/notes", "board/01-1/entries", "board/1-65536/entries", "readme.txt", "zzz"] {
        let mut changed = all.clone();
        changed.push((extra.to_owned(), b"x".to_vec()));
        changed.sort();
        mutants.push(Mutant { name: format!("{extra} added"), zip: zip(&changed) });
    }
    mutants
}
