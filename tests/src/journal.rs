//! The journal that `power-cut/shim.c` writes: what a process did to its files and sockets, in order.

use std::{fs, path::Path};

/// One thing that happened.
#[allow(missing_docs, reason = "each variant's sentence names its fields")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file came to be, empty.
    Create { ino: u64, path: String },
    /// Bytes were written; nothing says that they reached the disk.
    Write { ino: u64, at: u64, bytes: Vec<u8> },
    /// A file got this length.
    Truncate { ino: u64, length: u64 },
    /// A sync of a file or a folder began: it covers what was done before this.
    SyncBegin { ino: u64, path: String },
    /// A sync returned 0.
    SyncEnd { ino: u64, path: String },
    /// A name was moved, over whatever had the new name.
    Rename { from: String, to: String },
    /// A name was removed.
    Unlink { path: String },
    /// A folder came to be.
    MakeFolder { path: String },
    /// An empty folder was removed.
    RemoveFolder { path: String },
    /// Bytes are about to leave on a socket: how many, and how they begin.
    Send { length: u64, head: Vec<u8> },
}

/// Reads a journal, or the whole events of one that is still being written. Where each event ends in the file stands
/// beside it, so that whoever knows how long the file was at a moment knows what had happened by then.
#[must_use]
pub fn read(path: &Path) -> Vec<(u64, Event)> {
    let bytes = fs::read(path).unwrap();
    let (mut rest, mut events) = (&bytes[..], Vec::new());
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        if behind.len() < length {
            break;
        }
        rest = &behind[length..];
        events.push(((bytes.len() - rest.len()) as u64, event(&behind[..length])));
    }
    events
}

fn event(mut record: &[u8]) -> Event {
    let kind = take(&mut record, 1)[0];
    let (first, second) = (number(&mut record, 8), number(&mut record, 8));
    let mut text = || {
        let length = number(&mut record, 2);
        String::from_utf8(take(&mut record, length).to_vec()).unwrap()
    };
    let (path, to) = (text(), text());
    let length = number(&mut record, 4);
    let bytes = take(&mut record, length).to_vec();
    match kind {
        1 => Event::Create { ino: first, path },
        2 => Event::Write { ino: first, at: second, bytes },
        3 => Event::Truncate { ino: first, length: second },
        4 => Event::SyncBegin { ino: first, path },
        5 => Event::SyncEnd { ino: first, path },
        6 => Event::Rename { from: path, to },
        7 => Event::Unlink { path },
        8 => Event::MakeFolder { path },
        9 => Event::RemoveFolder { path },
        10 => Event::Send { length: second, head: bytes },
        other => panic!("no such record: {other}"),
    }
}

fn number(record: &mut &[u8], width: usize) -> u64 {
    take(record, width as u64).iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

fn take<'a>(record: &mut &'a [u8], length: u64) -> &'a [u8] {
    let (taken, rest) = record.split_at(usize::try_from(length).unwrap());
    *record = rest;
    taken
}
