//! The audit trail: who did what, when and why, each entry bound to the one before.
//!
//! ```text
//! state_hash = SHA-256(salt || body)            32 zero bytes: there is no such document any more
//! what       = {"why": text, "fields": {name: [before, after]}}
//! what_hash  = SHA-256(what_salt || what)
//! hash_n     = SHA-256(enc("douxuan/v1/record-entry", hash_{n-1}, I2OSP(n,8), at, who, role, act, kind, id,
//!                          I2OSP(version,4), state_hash, what_hash)),      hash_0 = 32 zero bytes
//! ```
//! **The head file** `record.head` says at which entry the trail stands, and while a change is under way also where it
//! will stand. It is written before the transaction and after it, so a crash leaves the trail at one of the two:
//! ```text
//! douxuan record
//! 12 <hash of entry 12>
//! 13 <hash of entry 13>        only while a change is under way, or its end could not be written
//! ```
//!
//! | done to the files | seen |
//! |---|---|
//! | a document edited, put in, taken out | yes: it does not fit its last entry |
//! | an entry edited, put in or taken out between others | yes: the hashes no longer follow |
//! | the last entries cut off, or `record.db` replaced by an older one | yes: the head file knows more |
//! | entries put behind the last one, hashes computed as they should be | yes: the head file does not know them |
//! | `record.head` deleted, or replaced by another | yes |
//! | `record.db` **and** `record.head` both written anew, or both replaced by older ones | **no** |
//!
//! The last line is seen only by somebody who compares the head with one that was printed or handed on before: documents
//! for meetings print it. There is no secret in the hashes, so they prove nothing about who wrote the files.

mod look;

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::{Map, Value, json};

use douxuan_crypto::{
    bytes::hex,
    hash::{enc, sha256, sha256_parts},
};

use super::{document::Id, documents::Row};

pub(super) use look::table;

const LABEL: &str = "douxuan/v1/record-entry";
/// The hash before the first entry, and the state of a document that is no more.
pub(super) const NOTHING: [u8; 32] = [0; 32];

/// Who changes the record, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Name.
    pub who: String,
    /// Role.
    pub role: String,
    /// `YYYY-MM-DDThh:mm:ss+08:00`.
    pub at: String,
    /// Which accounts, by their marks in the record ([`super::field::Step`]): the trail itself has names only, and a
    /// hand that is read from it has none of them.
    pub accounts: Vec<String>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1 on, without a gap.
    pub number: u64,
    /// Who and when.
    pub hand: Hand,
    /// What was done, in the words of the acts: `cycle/open`.
    pub act: String,
    /// Kind of the document.
    pub kind: String,
    /// Which one.
    pub id: Id,
    /// Its version afterwards.
    pub version: u32,
    /// Digest of what it says afterwards.
    pub state_hash: [u8; 32],
    /// Why, and each field before and after; `None` once it was erased.
    pub what: Option<(Salt, String)>,
    /// Digest of that.
    pub what_hash: [u8; 32],
    /// The entry's own digest.
    pub hash: [u8; 32],
}

/// 16 random bytes before a text that may be erased.
pub(super) type Salt = [u8; 16];

/// How far the trail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub number: u64,
    /// Hash of the last one.
    pub hash: [u8; 32],
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The number after `after` is missing, or the entries are out of order.
    Gap {
        /// The last entry that fits.
        after: u64,
    },
    /// An entry is not what was written.
    Entry {
        /// Which one.
        number: u64,
    },
    /// Why and what an entry says is not what was written.
    What {
        /// Which one.
        number: u64,
    },
    /// A document is not as its last entry left it.
    Changed {
        /// Kind.
        kind: String,
        /// Which one.
        id: Id,
    },
    /// A document that no entry speaks of.
    Unknown {
        /// Kind.
        kind: String,
        /// Which one.
        id: Id,
    },
    /// A document that the trail knows is gone.
    Gone {
        /// Kind.
        kind: String,
        /// Which one.
        id: Id,
    },
    /// A document cannot be read as what it is: no list has it.
    Form {
        /// Kind.
        kind: String,
        /// Which one.
        id: Id,
    },
    /// The head file remembers more, or something else, than the trail has.
    Head {
        /// Entries that it remembers.
        number: u64,
    },
    /// The trail has entries that the head file does not know.
    Beyond {
        /// The last entry that it knows.
        number: u64,
    },
    /// There is a trail and no head file, or one that cannot be read.
    NoHead,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { after } => write!(f, "留痕第 {after} 条之后缺了一条，或顺序不对"),
            Self::Entry { number } => write!(f, "留痕第 {number} 条被改过"),
            Self::What { number } => write!(f, "留痕第 {number} 条的理由或前后内容被改过"),
            Self::Changed { kind, id } => write!(f, "{kind} {id} 的内容和它最后一条留痕不符"),
            Self::Unknown { kind, id } => write!(f, "{kind} {id} 没有任何留痕"),
            Self::Gone { kind, id } => write!(f, "{kind} {id} 不见了"),
            Self::Form { kind, id } => write!(f, "{kind} {id} 的内容读不出来，所有列表里都没有它"),
            Self::Head { number } => {
                write!(f, "留痕和另存的末端（第 {number} 条）对不上：后面的被删去，或换成了旧的备份")
            }
            Self::Beyond { number } => {
                write!(f, "留痕第 {number} 条之后的内容不是本程序写入的：另存的末端不认得它们")
            }
            Self::NoHead => f.write_str("另存的留痕末端 record.head 不见了，或不能读"),
        }
    }
}

/// What the trail says of a change: why, and each top-level field before and after.
pub(super) fn what(why: &str, before: Option<&str>, after: Option<&str>) -> String {
    let fields = |text: Option<&str>| match text.map(serde_json::from_str::<Value>) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    };
    let (before, after) = (fields(before), fields(after));
    let mut changed = Map::new();
    for name in before.keys().chain(after.keys()) {
        let pair = [before.get(name), after.get(name)].map(|value| value.cloned().unwrap_or(Value::Null));
        if pair[0] != pair[1] {
            changed.insert(name.clone(), json!(pair));
        }
    }
    json!({ "why": why, "fields": changed }).to_string()
}

impl Entry {
    /// Whether it speaks of this document.
    #[must_use]
    pub fn is_of(&self, kind: &str, id: Id) -> bool {
        self.kind == kind && self.id == id
    }

    /// Its hash, computed from the other fields and the hash before.
    pub(super) fn hash_after(&self, before: &[u8; 32]) -> [u8; 32] {
        let Self { number, hand, act, kind, id, version, state_hash, what: _, what_hash, hash: _ } = self;
        sha256(&enc(
            LABEL,
            &[
                before,
                &number.to_be_bytes(),
                hand.at.as_bytes(),
                hand.who.as_bytes(),
                hand.role.as_bytes(),
                act.as_bytes(),
                kind.as_bytes(),
                id.to_string().as_bytes(),
                &version.to_be_bytes(),
                state_hash,
                what_hash,
            ],
        ))
    }
}

/// `SHA-256(salt || text)`.
pub(super) fn salted(salt: &Salt, text: &str) -> [u8; 32] {
    sha256_parts(&[salt, text.as_bytes()])
}

impl Head {
    /// Before the first entry.
    pub const NONE: Self = Self { number: 0, hash: NOTHING };

    /// The head of these entries.
    pub(super) fn of(entries: &[Entry]) -> Self {
        entries.last().map_or(Self::NONE, |entry| Self { number: entry.number, hash: entry.hash })
    }

    fn line(&self) -> String {
        format!("{} {}", self.number, hex(&self.hash))
    }

    fn read(line: &str) -> Option<Self> {
        let (number, hash) = line.split_once(' ')?;
        let head = Self { number: number.parse().ok()?, hash: douxuan_crypto::bytes::unhex(hash)? };
        (head.line() == line).then_some(head)
    }
}

/// What the head file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeadFile {
    /// Where the trail stands.
    pub(super) at: Head,
    /// Where it will stand once the change that is under way is made.
    pub(super) next: Option<Head>,
}

impl HeadFile {
    pub(super) fn text(&self) -> String {
        let next = self.next.map(|next| format!("{}\n", next.line())).unwrap_or_default();
        format!("douxuan record\n{}\n{next}", self.at.line())
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let known = lines.next() == Some("douxuan record");
        let at = Head::read(lines.next()?)?;
        let next = match lines.next() {
            None => None,
            Some(line) => Some(Head::read(line)?),
        };
        let file = Self { at, next };
        (known && file.text() == text).then_some(file)
    }
}

/// Checks everything against everything. Empty: it fits.
pub(super) fn check(entries: &[Entry], rows: &BTreeMap<(String, Id), Row>, head: Option<HeadFile>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut before = NOTHING;
    let mut last: BTreeMap<(&str, Id), &Entry> = BTreeMap::new();
    for (expected, entry) in (1u64..).zip(entries) {
        if entry.number != expected {
            faults.push(Fault::Gap { after: expected - 1 });
            break;
        }
        if entry.hash_after(&before) != entry.hash {
            faults.push(Fault::Entry { number: entry.number });
        }
        // Only what is destroyed loses what was said of it.
        let fits = match &entry.what {
            Some((salt, text)) => salted(salt, text) == entry.what_hash,
            None => !rows.contains_key(&(entry.kind.clone(), entry.id)),
        };
        if !fits {
            faults.push(Fault::What { number: entry.number });
        }
        before = entry.hash;
        last.insert((&entry.kind, entry.id), entry);
    }
    for ((kind, id), entry) in &last {
        let (kind, id) = ((*kind).to_owned(), *id);
        match rows.get(&(kind.clone(), id)) {
            None if entry.state_hash == NOTHING => {}
            None => faults.push(Fault::Gone { kind, id }),
            Some(row) if salted(&row.salt, &row.body) == entry.state_hash && row.version == entry.version => {}
            Some(_) => faults.push(Fault::Changed { kind, id }),
        }
    }
    for (kind, id) in rows.keys().filter(|(kind, id)| !last.contains_key(&(kind.as_str(), *id))) {
        faults.push(Fault::Unknown { kind: kind.clone(), id: *id });
    }
    let stands = Head::of(entries);
    match head {
        None if entries.is_empty() => {}
        None => faults.push(Fault::NoHead),
        Some(HeadFile { at, next }) if stands == at || Some(stands) == next => {}
        Some(HeadFile { at: Head { number, hash }, .. }) => {
            let knows = number == 0 || entries.iter().any(|entry| entry.number == number && entry.hash == hash);
            faults.push(if knows { Fault::Beyond { number } } else { Fault::Head { number } });
        }
    }
    faults
}
