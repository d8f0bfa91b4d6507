//! The log on disk: what a crash, an older copy or a hand leaves, and what opening makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod urn_meeting;

use std::{fs, path::PathBuf, sync::Arc};

use douxuan::board::{Head, LogDoor, LogRefused};
use douxuan_crypto::{
    bytes::hex,
    log::{Act, Entry, Reason},
    manifest::ReleaseKind,
    merkle, note,
};
use urn_meeting::Meeting;

struct Case {
    meeting: Meeting,
    entries: PathBuf,
    head: PathBuf,
}

impl Case {
    /// A log with a manifest, an open window and a voided slip.
    async fn new() -> Self {
        let meeting = Meeting::new(2, 1, ReleaseKind::Close);
        let name = hex(&meeting.manifest.meeting);
        let folder = meeting.path().join("log");
        let case = Self {
            entries: folder.join(format!("{name}.entries")),
            head: folder.join(format!("{name}.head")),
            meeting,
        };
        let log = case.open().await.unwrap();
        log.append(Entry::unnamed(Act::Manifest { id: case.meeting.manifest.id })).await.unwrap();
        log.append(Entry::unnamed(Act::WindowOpened { window: 1 })).await.unwrap();
        log.append(voided(2)).await.unwrap();
        case
    }

    async fn open(&self) -> Result<LogDoor, LogRefused> {
        let log = LogDoor::new(self.meeting.path());
        log.prepare(Arc::clone(&self.meeting.manifest), &self.meeting.secrets).await?;
        Ok(log)
    }

    /// The head states what the entries are, under the log key.
    fn check(&self, log: &LogDoor, size: u64) -> Head {
        let (head, stored) = (log.head().unwrap(), log.log().unwrap());
        let origin = self.meeting.manifest.origin("log");
        assert_eq!(fs::read_to_string(&self.head).unwrap(), head.note);
        assert_eq!(fs::read(&self.entries).unwrap(), stored.encode());
        let text = note::open(head.note.as_bytes(), &origin, &self.meeting.manifest.log_key).unwrap();
        let leaves: Vec<_> = stored.entries().iter().map(|e| merkle::leaf_hash(e)).collect();
        assert_eq!(note::parse_checkpoint(&text, &origin).unwrap(), (size, merkle::root(&leaves)));
        assert_eq!((head.size, head.root), (size, merkle::root(&leaves)));
        head
    }
}

fn voided(slip: u8) -> Entry {
    Entry::unnamed(Act::SlipVoided { slip: [slip; 32], reason: Reason::Lost, window: 1 })
}

#[tokio::test]
async fn every_entry_has_a_signed_head_and_the_same_one_again_changes_nothing() {
    let case = Case::new().await;
    let log = case.open().await.unwrap();
    case.check(&log, 3);
    let mut heads = log.watch();
    heads.borrow_and_update();
    assert_eq!(log.append(voided(2)).await.unwrap().size, 3);
    assert!(!heads.has_changed().unwrap());
    assert_eq!(log.append(voided(3)).await.unwrap().size, 4);
    assert_eq!(heads.borrow_and_update().as_ref().unwrap().size, 4);
    case.check(&log, 4);
}

#[tokio::test]
async fn what_the_order_forbids_leaves_no_trace() {
    let case = Case::new().await;
    let log = case.open().await.unwrap();
    let early = Entry::unnamed(Act::Result { hash: [0; 32] });
    assert!(matches!(log.would_accept(&early), Err(LogRefused::Order(_))));
    assert!(matches!(log.append(early).await, Err(LogRefused::Order(_))));
    case.check(&log, 3);
}

#[tokio::test]
async fn a_torn_entry_behind_the_head_is_cut() {
    let case = Case::new().await;
    let whole = fs::read(&case.entries).unwrap();
    let next = voided(3).encode();
    for torn in 1..next.len() {
        fs::write(&case.entries, [whole.as_slice(), &next[..torn]].concat()).unwrap();
        let log = case.open().await.unwrap();
        case.check(&log, 3);
    }
    fs::write(&case.entries, [whole.as_slice(), &[0; 40]].concat()).unwrap();
    case.check(&case.open().await.unwrap(), 3);
}

#[tokio::test]
async fn a_whole_entry_behind_the_head_was_done_and_is_signed_for() {
    let case = Case::new().await;
    let whole = fs::read(&case.entries).unwrap();
    fs::write(&case.entries, [whole.as_slice(), &voided(3).encode()].concat()).unwrap();
    let log = case.open().await.unwrap();
    case.check(&log, 4);
    assert_eq!(log.append(voided(3)).await.unwrap().size, 4);
}

#[tokio::test]
async fn two_entries_behind_the_head_are_refused() {
    let case = Case::new().await;
    let whole = fs::read(&case.entries).unwrap();
    fs::write(&case.entries, [whole.as_slice(), &voided(3).encode(), &voided(4).encode()].concat()).unwrap();
    assert!(matches!(case.open().await.err(), Some(LogRefused::Damaged(_))));
}

#[tokio::test]
async fn an_older_copy_of_the_entries_is_refused() {
    let case = Case::new().await;
    let whole = fs::read(&case.entries).unwrap();
    let last = voided(2).encode().len();
    for shorter in [0, 10, whole.len() - last, whole.len() - 1] {
        fs::write(&case.entries, &whole[..shorter]).unwrap();
        assert!(matches!(case.open().await.err(), Some(LogRefused::Damaged(_))), "{shorter} bytes");
        assert_eq!(fs::read(&case.entries).unwrap(), whole[..shorter], "the evidence is left as it is");
    }
    fs::remove_file(&case.entries).unwrap();
    assert!(matches!(case.open().await.err(), Some(LogRefused::Damaged(_))));
}

#[tokio::test]
async fn changed_entries_and_changed_heads_are_refused() {
    let case = Case::new().await;
    let whole = fs::read(&case.entries).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&case.entries, &changed).unwrap();
        assert!(case.open().await.is_err(), "byte {at}");
    }
    fs::write(&case.entries, &whole).unwrap();
    let head = fs::read(&case.head).unwrap();
    for at in (0..head.len()).step_by(7) {
        let mut changed = head.clone();
        changed[at] ^= 1;
        fs::write(&case.head, &changed).unwrap();
        assert!(case.open().await.is_err(), "byte {at} of the head");
    }
    fs::write(&case.head, &head).unwrap();
    case.check(&case.open().await.unwrap(), 3);
}

#[tokio::test]
async fn without_a_meeting_nothing_is_appended() {
    let meeting = Meeting::new(1, 1, ReleaseKind::Close);
    let log = LogDoor::new(meeting.path());
    assert!(matches!(log.append(voided(1)).await, Err(LogRefused::NotReady)));
    assert!(log.head().is_none() && log.log().is_none() && log.manifest().is_none());
}
