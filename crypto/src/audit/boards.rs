//! V3 and V4: the boards as they are stored.

use std::collections::BTreeSet;

use super::{Checked, Held};
use crate::{
    ballot::RawBallot,
    board::{Board, open_checkpoint},
    bundle::{BoardFiles, Bundle},
    contest::Contest,
    log::{ClosedBoard, ContestRecord, LogState, Outcome},
    manifest::{ContestKeys, Manifest},
    merkle::Hash,
};

/// A board whose bytes are those the log and the checkpoint speak of.
pub(super) struct Stored<'a> {
    pub(super) keys: &'a ContestKeys,
    pub(super) record: &'a ContestRecord,
    board: Board,
    files: &'a BoardFiles,
}

/// A board whose ballots are cut at their places.
pub(super) struct Ordered<'a> {
    stored: &'a Stored<'a>,
    pub(super) ballots: Vec<RawBallot<'a>>,
}

impl Stored<'_> {
    pub(super) fn contest(&self) -> Contest {
        self.keys.contest
    }

    /// The root, equal in the closed entry, in the checkpoint and over the ballots.
    pub(super) fn root(&self) -> Hash {
        self.board.root()
    }

    /// Leaf hashes in ascending order, once V4 held.
    pub(super) fn leaves(&self) -> &[Hash] {
        self.board.leaves()
    }

    /// The file `proof`, if this board has one.
    pub(super) fn proof(&self) -> Option<&[u8]> {
        self.files.proof.as_deref()
    }

    /// The file `tally`, if this board has one.
    pub(super) fn tally(&self) -> Option<&[u8]> {
        self.files.tally.as_deref()
    }
}

impl<'a> core::ops::Deref for Ordered<'a> {
    type Target = Stored<'a>;

    fn deref(&self) -> &Self::Target {
        self.stored
    }
}

/// V3. The board files that the log demands exist, no others; number and root are the checkpoint's and the log's.
pub(super) fn stored<'a>(bundle: &'a Bundle, manifest: &'a Manifest, log: &'a LogState) -> Checked<Vec<Stored<'a>>> {
    let mut boards = Vec::new();
    for (contest, record) in log.real_contests() {
        let at = |why: &str| format!("board {contest}: {why}");
        let files = bundle.boards.get(&(contest.item, u16::from(contest.round)));
        let files = files.ok_or_else(|| at("its files are missing"))?;
        // A complete log closes every contest it opens; a manifest has the keys of every contest of its log.
        let closed = record.closed.ok_or_else(|| at("it was not closed"))?;
        let outcome = record.outcome().ok_or_else(|| at("it has no outcome"))?;
        let keys = manifest.keys(contest).ok_or_else(|| at("the manifest does not know it"))?;
        let board = read_board(manifest, contest, files, &closed, outcome).map_err(|why| at(&why))?;
        boards.push(Stored { keys, record, board, files });
    }
    let surplus = bundle.boards.keys().find(|(item, round)| {
        !boards.iter().any(|b| (b.contest().item, u16::from(b.contest().round)) == (*item, *round))
    });
    if let Some((item, round)) = surplus {
        return Err(format!("there are files for {item}/{round}, which has no board"));
    }
    let (count, ballots) = (boards.len(), boards.iter().map(|b| b.board.size()).sum::<usize>());
    Ok(Held {
        count,
        zh: format!("{count} 个票箱共 {ballots} 张票，与签名的票箱根和操作记录一致。"),
        en: format!("{count} boards with {ballots} ballots are those of their signed checkpoints and of the log."),
        value: boards,
    })
}

fn read_board(
    manifest: &Manifest,
    contest: Contest,
    files: &BoardFiles,
    closed: &ClosedBoard,
    outcome: Outcome,
) -> Result<Board, String> {
    let (Some(checkpoint), Some(entries)) = (&files.checkpoint, &files.entries) else {
        return Err("its checkpoint or entries are missing".to_owned());
    };
    if files.proof.is_some() != (closed.size > 0) {
        return Err("there is a proof exactly if there is a ballot".to_owned());
    }
    if files.tally.is_some() != outcome.has_tally() {
        return Err(format!("its outcome, {}, and its file tally do not fit", outcome.word()));
    }
    if [&files.proof, &files.tally].into_iter().flatten().any(|file| file.first() != Some(&1)) {
        return Err("unknown version of proof or tally".to_owned());
    }
    let board = Board::from_entries(entries).map_err(|e| format!("entries: {e}"))?;
    let states = (board.size() as u64, board.root());
    let checkpoint = open_checkpoint(manifest, contest, checkpoint).map_err(|_| "its checkpoint does not verify")?;
    if states != checkpoint {
        return Err("the ballots are not those of the checkpoint".to_owned());
    }
    if states != (u64::from(closed.size), closed.root) {
        return Err("the ballots are not those the log closed it with".to_owned());
    }
    Ok(board)
}

/// V4. Ballots have their length, version and contest, stand in the order of their hashes, and no B stands twice.
pub(super) fn ordered<'a>(boards: &'a [Stored<'a>], options: usize) -> Checked<Vec<Ordered<'a>>> {
    let mut out = Vec::with_capacity(boards.len());
    let mut count = 0;
    for stored in boards {
        let contest = stored.contest();
        let (mut keys, mut ballots) = (BTreeSet::new(), Vec::with_capacity(stored.board.size()));
        for (i, bytes) in stored.board.ballots().iter().enumerate() {
            let at = |why: &str| format!("board {contest}, ballot {i}: {why}");
            let ballot = RawBallot::split(bytes, options).map_err(|e| at(&e.to_string()))?;
            if ballot.contest != contest {
                return Err(at("it is for another contest"));
            }
            if !keys.insert(*ballot.b) {
                return Err(at("its key stands twice on this board"));
            }
            ballots.push(ballot);
        }
        if let Some(i) = stored.leaves().windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(format!("board {contest}, ballot {}: out of order", i + 1));
        }
        count += ballots.len();
        out.push(Ordered { stored, ballots });
    }
    Ok(Held {
        count,
        zh: format!("{count} 张票按散列值排列，不含投票先后；同一票箱内没有重复的票。"),
        en: format!(
            "{count} ballots stand in the order of their hashes, which is no order of casting; none stands twice."
        ),
        value: out,
    })
}
