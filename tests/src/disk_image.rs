//! A disk that forgets: what stands on it after the power was cut at some place of a journal.
//!
//! A write counts once its file was synced, a name once its *folder* was: that a file system often does more is not
//! something to rely on. A sync covers what was done before it began.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs,
    path::Path,
};

use rand::{RngExt, rngs::StdRng};

use crate::journal::Event;

/// What becomes of that which was not synced.
pub enum Loss<'a> {
    /// Gone.
    All,
    /// All there, as after a killed process: the machine went on.
    Nothing,
    /// Some sectors of some writes and some of the newest names: a disk writes in any order before a sync, but a file
    /// system keeps names in order.
    Some(&'a mut StdRng),
}

/// What a disk writes whole or not at all.
const SECTOR: u64 = 512;

#[derive(Clone, Debug)]
enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Length(u64),
    Put(String, usize),
    Move(String, String),
    Remove(String),
}

/// A file or a folder: what is durable, and what was done to it since.
#[derive(Default)]
struct Node {
    is_folder: bool,
    content: Vec<u8>,
    names: BTreeMap<String, usize>,
    since: Vec<Change>,
    /// How much of `since` each sync under way covers.
    syncing: VecDeque<usize>,
}

/// The disk at some place of a journal. Feed it events with [`DiskImage::apply`].
pub struct DiskImage {
    root: String,
    nodes: Vec<Node>,
    by_ino: HashMap<u64, usize>,
    by_path: HashMap<String, usize>,
}

impl DiskImage {
    /// An empty folder that is durable itself.
    #[must_use]
    pub fn empty(root: &Path) -> Self {
        let root = root.to_str().unwrap().to_owned();
        let nodes = vec![Node { is_folder: true, ..Node::default() }];
        Self { by_path: HashMap::from([(root.clone(), 0)]), root, nodes, by_ino: HashMap::new() }
    }

    /// Lets one event happen.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Create { ino, path } => {
                let node = self.make(path, false);
                self.by_ino.insert(*ino, node);
            }
            Event::MakeFolder { path } => drop(self.make(path, true)),
            Event::Write { ino, at, bytes } => self.change(*ino, Change::Write { at: *at, bytes: bytes.clone() }),
            Event::Truncate { ino, length } => self.change(*ino, Change::Length(*length)),
            Event::Rename { from, to } => {
                let node = self.by_path.remove(from).unwrap();
                assert!(!self.nodes[node].is_folder, "folders are not renamed here");
                self.by_path.insert(to.clone(), node);
                let ((folder, old), (other, new)) = (split(from), split(to));
                assert_eq!(folder, other, "a rename between folders is not atomic on every disk");
                self.in_folder(folder, Change::Move(old.to_owned(), new.to_owned()));
            }
            Event::Unlink { path } | Event::RemoveFolder { path } => {
                self.by_path.remove(path);
                let (folder, name) = split(path);
                self.in_folder(folder, Change::Remove(name.to_owned()));
            }
            Event::SyncBegin { ino, path } => {
                let node = self.synced(*ino, path);
                let covered = node.since.len();
                node.syncing.push_back(covered);
            }
            Event::SyncEnd { ino, path } => {
                let node = self.synced(*ino, path);
                // Of two syncs at once the one that began first covers least.
                let covered = node.syncing.pop_front().unwrap().min(node.since.len());
                for change in node.since.drain(..covered).collect::<Vec<_>>() {
                    play(&mut node.content, &mut node.names, &change);
                }
                node.syncing.iter_mut().for_each(|later| *later = later.saturating_sub(covered));
            }
            Event::Send { .. } => {}
        }
    }

    /// Writes what is on the disk now into a folder.
    pub fn restore(&self, into: &Path, mut loss: Loss<'_>) {
        self.restore_node(0, into, &mut loss);
    }

    fn restore_node(&self, node: usize, at: &Path, loss: &mut Loss<'_>) {
        let node = &self.nodes[node];
        let (mut content, mut names) = (node.content.clone(), node.names.clone());
        match loss {
            Loss::All => {}
            Loss::Nothing => node.since.iter().for_each(|change| play(&mut content, &mut names, change)),
            Loss::Some(rng) if node.is_folder => {
                let kept = rng.random_range(0..=node.since.len());
                node.since[..kept].iter().for_each(|change| play(&mut content, &mut names, change));
            }
            Loss::Some(rng) => node.since.iter().for_each(|change| torn(&mut content, change, rng)),
        }
        if node.is_folder {
            fs::create_dir_all(at).unwrap();
            for (name, child) in names {
                self.restore_node(child, &at.join(name), loss);
            }
        } else {
            fs::write(at, content).unwrap();
        }
    }

    fn make(&mut self, path: &str, is_folder: bool) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { is_folder, ..Node::default() });
        self.by_path.insert(path.to_owned(), node);
        let (folder, name) = split(path);
        self.in_folder(folder, Change::Put(name.to_owned(), node));
        node
    }

    fn in_folder(&mut self, folder: &str, change: Change) {
        assert!(folder.starts_with(&self.root), "{folder}");
        let folder = self.by_path[folder];
        self.nodes[folder].since.push(change);
    }

    fn change(&mut self, ino: u64, change: Change) {
        let node = self.by_ino[&ino];
        self.nodes[node].since.push(change);
    }

    fn synced(&mut self, ino: u64, path: &str) -> &mut Node {
        let folder = self.by_path.get(path).copied().filter(|node| self.nodes[*node].is_folder);
        let node = folder.unwrap_or_else(|| self.by_ino[&ino]);
        &mut self.nodes[node]
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap()
}

fn play(content: &mut Vec<u8>, names: &mut BTreeMap<String, usize>, change: &Change) {
    match change {
        Change::Write { at, bytes } => put(content, *at, bytes),
        Change::Length(length) => content.resize(usize::try_from(*length).unwrap(), 0),
        Change::Put(name, node) => drop(names.insert(name.clone(), *node)),
        Change::Move(from, to) => {
            if let Some(node) = names.remove(from) {
                names.insert(to.clone(), node);
            }
        }
        Change::Remove(name) => drop(names.remove(name)),
    }
}

/// Half of the sectors that a change touched.
fn torn(content: &mut Vec<u8>, change: &Change, rng: &mut StdRng) {
    match change {
        Change::Write { at, bytes } => {
            let (mut at, mut rest) = (*at, &bytes[..]);
            while !rest.is_empty() {
                let (sector, behind) = rest.split_at(rest.len().min(usize::try_from(SECTOR - at % SECTOR).unwrap()));
                if rng.random() {
                    put(content, at, sector);
                }
                at += sector.len() as u64;
                rest = behind;
            }
        }
        other if rng.random() => play(content, &mut BTreeMap::new(), other),
        _ => {}
    }
}

fn put(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let (from, to) = (usize::try_from(at).unwrap(), usize::try_from(at).unwrap() + bytes.len());
    content.resize(content.len().max(to), 0);
    content[from..to].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// `/r/a` written, synced, named durably, written again.
    fn written_twice() -> Vec<Event> {
        let path = || "/r/a".to_owned();
        vec![
            Event::Create { ino: 1, path: path() },
            Event::Write { ino: 1, at: 0, bytes: b"one.".to_vec() },
            Event::SyncBegin { ino: 1, path: path() },
            Event::Write { ino: 1, at: 4, bytes: b"two.".to_vec() },
            Event::SyncEnd { ino: 1, path: path() },
            Event::SyncBegin { ino: 9, path: "/r".to_owned() },
            Event::SyncEnd { ino: 9, path: "/r".to_owned() },
        ]
    }

    fn left(events: &[Event], loss: Loss<'_>) -> BTreeMap<String, Vec<u8>> {
        let mut image = DiskImage::empty(Path::new("/r"));
        events.iter().for_each(|event| image.apply(event));
        let folder = tempfile::tempdir().unwrap();
        image.restore(folder.path(), loss);
        let files = fs::read_dir(folder.path()).unwrap().map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        });
        files.collect()
    }

    #[test]
    fn a_name_counts_once_its_folder_is_synced_and_bytes_once_their_file_is() {
        let events = written_twice();
        for n in 0..events.len() {
            assert!(left(&events[..n], Loss::All).is_empty(), "after {n} events");
        }
        assert_eq!(left(&events, Loss::All)["a"], b"one.", "the second write came after the sync had begun");
        assert_eq!(left(&events, Loss::Nothing)["a"], b"one.two.");
        let torn: std::collections::HashSet<_> =
            (0..20).map(|seed| left(&events, Loss::Some(&mut StdRng::seed_from_u64(seed)))["a"].clone()).collect();
        assert!(torn.len() == 2 && torn.contains(&b"one."[..]) && torn.contains(&b"one.two."[..]));
    }

    #[test]
    fn a_rename_that_was_not_synced_leaves_the_old_name_and_its_content() {
        let mut events = written_twice();
        events.push(Event::Rename { from: "/r/a".into(), to: "/r/b".into() });
        assert_eq!(left(&events, Loss::All).into_keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(left(&events, Loss::Nothing).into_keys().collect::<Vec<_>>(), ["b"]);
        events.push(Event::Unlink { path: "/r/b".into() });
        assert_eq!(left(&events, Loss::All)["a"], b"one.");
        assert!(left(&events, Loss::Nothing).is_empty());
    }
}
