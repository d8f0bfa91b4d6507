//! The close: nine steps, each durable before the next begins (PROTOCOL section 8).
//!
//! 1. urn.db says *closing*; new ballots are refused, the group commit in flight drains.
//! 2. END is appended to the spool and synced. **This is the close**: what is before it counts, nothing else ever will.
//! 3. The spool is read; ballots sorted by hash; root, counts, sum of openings and board proofs computed, and checked
//!    as the public verifier checks them.
//! 4. One transaction: board, checkpoint, counts, proofs, and *closed*.
//! 5. All of it read back and verified again, from the bytes that others will get.
//! 6. The log says *closed* with size and root; its signed head is durable.
//! 7. The contest's keys are destroyed, then spool and release file: now nobody can open a ballot or a recording.
//! 8. urn.db is rebuilt, so that nothing erased survives in it.
//! 9. Publication, a later act of two people ([`super::ending`]).
//!
//! A restart finds its place by the marks: *closing* without END goes on at 2, with END at 3, *closed* at 5. Steps 5
//! to 7 change nothing when repeated; step 8 has a mark of its own.

use std::{path::Path, sync::Arc};

use douxuan_crypto::{
    ballot::Ballot,
    board::{self, Board, is_withheld},
    contest::Contest,
    log::{Act, Actor, Entry},
    manifest::Manifest,
    merkle::Hash,
    sign::SigningKey,
    spool::{End, SpoolRecord},
    tally::Tally,
};
use rand_core::CryptoRng;

use super::{
    acts::{Acts, Meeting, blocking},
    commit,
    contest::{ContestUrn, Gate},
    live,
    marks::{BoardRow, ContestRow, Mark},
    phase::{Phase, Released},
    refusal::UrnRefused,
    spool::{self, SpoolFile},
};
use crate::{board::Shelved, disk, failpoint};

/// A closed contest's board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Ballots.
    pub size: u32,
    /// RFC 9162 root.
    pub root: Hash,
}

/// Choice proofs are verified this many at a time: the sums stay within what the processor caches.
const PROOFS: usize = 64;

impl Acts {
    /// Closes a contest. One whose close was interrupted goes on where it stood.
    pub(super) async fn close(&mut self, contest: Contest, by: Vec<Actor>) -> Result<Closed, UrnRefused> {
        let meeting = self.meeting()?;
        let row = match self.row(contest).await? {
            Some(row) if row.mark == Mark::Open => {
                // Size and root are not known yet, and the order rules do not ask for them.
                let act = Act::ContestClosed { contest, size: 0, root: [0; 32] };
                self.log.would_accept(&Entry { actors: by.clone(), act })?;
                self.store.set_closing(&meeting.manifest.meeting, contest, &by).await?;
                ContestRow { mark: Mark::Closing, closed_by: by, ..row }
            }
            Some(row) if row.mark == Mark::Closing => row,
            Some(row) if row.mark == Mark::Closed && self.phase(contest) != Phase::Closed => row,
            _ => return Err(self.not_now(contest)),
        };
        self.resume_close(row).await.inspect_err(|e| self.alarm(contest, e))
    }

    pub(super) async fn resume_close(&mut self, row: ContestRow) -> Result<Closed, UrnRefused> {
        let contest = row.contest;
        let meeting = self.meeting()?;
        let id = meeting.manifest.meeting;
        if row.mark == Mark::Closing {
            // 1. The mark is durable. Who is in gets a receipt still; who is not is told that the contest is closed.
            let urn = self.urn(contest)?;
            urn.set_gate(Gate::Closing);
            self.slot.put(Arc::clone(&urn));
            self.views.change(contest, |view| view.phase = Phase::Closing);
            commit::drain(&urn).await;
            failpoint::hit("close.1");

            // 2 and 3. Away from the async workers.
            let (data, mut rng, key) = (self.data.clone(), (self.random)(), meeting.secrets.meeting_keys()?.log);
            let board = blocking(move || {
                let records = end(&spool::path(&data, contest), &urn, &mut *rng)?;
                failpoint::hit("close.2");
                make_board(&urn, &records, &key, &mut *rng)
            })
            .await?;
            failpoint::hit("close.3");

            // 4.
            self.store.set_closed(&id, contest, &board).await?;
            failpoint::hit("close.4");
        }

        // 5.
        let board = self.store.board(&id, contest).await?;
        let manifest = Arc::clone(&meeting.manifest);
        let board = blocking(move || verify(&manifest, contest, &board).map(|()| board)).await?;
        let closed = Closed { size: board.size, root: board.root };
        failpoint::hit("close.5");

        // 6.
        let act = Act::ContestClosed { contest, size: closed.size, root: closed.root };
        self.append(row.closed_by.clone(), act).await?;
        failpoint::hit("close.6");

        // 7. The keys first: without them the rest is noise.
        self.forget(&meeting, contest).await?;
        failpoint::hit("close.7");

        // 8.
        if !row.rebuilt {
            self.rebuild(contest).await?;
        }
        failpoint::hit("close.8");
        self.show(&row, &board, Phase::Closed)?;
        Ok(closed)
    }

    /// Destroys what could open a contest's ballots. Nothing is left of the contest in memory either.
    pub(super) async fn forget(&self, meeting: &Meeting, contest: Contest) -> Result<(), UrnRefused> {
        self.slot.remove(contest);
        let (data, secrets) = (self.data.clone(), meeting.secrets.clone());
        blocking(move || {
            secrets.destroy(contest)?;
            for path in [spool::path(&data, contest), live::path(&data, contest)] {
                disk::destroy(&disk::beside(&path, "new"))?;
                disk::destroy(&path)?;
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn rebuild(&mut self, contest: Contest) -> Result<(), UrnRefused> {
        let id = self.meeting()?.manifest.meeting;
        self.store.rebuild().await?;
        Ok(self.store.set_rebuilt(&id, contest).await?)
    }

    /// Puts a closed contest's files on the shelf and its numbers into the view.
    pub(super) fn show(&self, row: &ContestRow, board: &BoardRow, phase: Phase) -> Result<(), UrnRefused> {
        let options = self.meeting()?.manifest.options();
        let tally = board.tally.as_ref().map(|bytes| Tally::from_bytes(bytes, options)).transpose();
        let votes = tally.map_err(|_| UrnRefused::Verification("计票"))?.map(|t| t.t().to_vec());
        let published = row.published_by.is_some();
        self.shelf.put(
            row.contest,
            Shelved {
                checkpoint: board.checkpoint.clone().into(),
                entries: board.entries.clone().into(),
                proof: (board.size > 0).then(|| board.proofs.clone().into()),
                tally: board.tally.as_ref().filter(|_| published).map(|bytes| bytes.to_vec().into()),
            },
        );
        // At the close all that waited in the pool comes out in one step; of 1 to 4 ballots there is nothing to show.
        let released = votes.clone().filter(|_| row.live).map(|counts| Released { total: board.size, counts });
        let (issued, size, root) = (row.issued, board.size, board.root);
        self.views.change(row.contest, |view| {
            view.phase = phase;
            view.issued = Some(issued);
            view.received = size;
            view.released = released;
            view.board = Some((size, root));
            view.published = votes.filter(|_| published);
            view.alarm = None;
        });
        Ok(())
    }
}

/// Step 2: reads the spool as a restart would, and appends END unless it is there.
fn end(path: &Path, urn: &ContestUrn, rng: &mut dyn CryptoRng) -> Result<Vec<SpoolRecord>, UrnRefused> {
    let (mut file, recovery) = SpoolFile::recover(path, &urn.format, &urn.acknowledged())?;
    // A record that was written but never acknowledged counts too: whoever sent it gets a receipt if he asks now.
    urn.restore(&recovery.records, None);
    if recovery.end.is_none() {
        let leaves = recovery.records.iter().map(|r| r.ballot.leaf()).collect();
        file.end(&urn.format, &End::of(leaves), rng)?;
    }
    Ok(recovery.records)
}

/// Step 3: `t_j`, `R = sum r`, the sorted board, its proofs and its checkpoint.
fn make_board(
    urn: &ContestUrn,
    records: &[SpoolRecord],
    key: &SigningKey,
    rng: &mut dyn CryptoRng,
) -> Result<BoardRow, UrnRefused> {
    let (manifest, contest) = (&urn.manifest, urn.contest);
    let options = manifest.options();
    let tally = Tally::of(records.iter().map(|r| &r.opening), options);
    let tally = tally.map_err(|_| UrnRefused::Verification("票的选项"))?;
    tally
        .verify(records.iter().map(|r| r.ballot.commitment()))
        .map_err(|_| UrnRefused::Verification("计票与承诺之和"))?;

    let board = Board::sorted(records.iter().map(|r| r.ballot.bytes().to_vec()).collect());
    let root = board.root();
    let pairs = board.pairs(&manifest.id, contest, options).map_err(|_| UrnRefused::Verification("凭证"))?;
    let proofs = board::prove(&urn.issuer, &manifest.id, contest, &root, &pairs, rng);
    let proofs = proofs.map_err(|_| UrnRefused::Verification("凭证证明"))?;
    let row = BoardRow {
        size: u32::try_from(board.size()).map_err(|_| UrnRefused::Verification("票数"))?,
        root,
        checkpoint: board.checkpoint(manifest, contest, key),
        entries: board.entries(),
        proofs: board::proofs_to_bytes(&proofs),
        // Of 1 to 4 ballots the figures never reach a disk.
        tally: (!is_withheld(board.size())).then(|| tally.to_bytes()),
    };
    verify(manifest, contest, &row)?;
    Ok(row)
}

/// What anyone checks of a board (V3 to V8 of the audit), from its bytes.
fn verify(manifest: &Manifest, contest: Contest, row: &BoardRow) -> Result<(), UrnRefused> {
    let check = |holds: bool, what| if holds { Ok(()) } else { Err(UrnRefused::Verification(what)) };
    let fail = |what| move |_| UrnRefused::Verification(what);

    let board = Board::from_entries(&row.entries).map_err(|_| UrnRefused::Verification("票的格式"))?;
    let (size, root) = board::open_checkpoint(manifest, contest, row.checkpoint.as_bytes()).map_err(fail("签名"))?;
    check(size == board.size() as u64 && size == u64::from(row.size), "票数")?;
    check(root == board.root() && root == row.root, "票箱根")?;
    check(board.leaves().is_sorted_by(|a, b| a < b), "票的次序")?;

    let decode = |bytes: &Vec<u8>| Ballot::decode(bytes, contest, manifest.options());
    let ballots: Vec<Ballot> =
        board.ballots().iter().map(decode).collect::<Result<_, _>>().map_err(|_| UrnRefused::Verification("票"))?;
    let mut keys: Vec<&[u8; 32]> = ballots.iter().map(Ballot::b).collect();
    keys.sort_unstable();
    check(keys.is_sorted_by(|a, b| a < b), "票的公钥重复")?;
    ballots.iter().try_for_each(|b| b.check_signature(&manifest.id)).map_err(fail("票的签名"))?;
    for part in ballots.chunks(PROOFS) {
        Ballot::check_choices(&manifest.id, part).map_err(fail("选项证明"))?;
    }

    let k = &manifest.keys(contest).ok_or(UrnRefused::Unknown(contest))?.k;
    let pairs = board.pairs(&manifest.id, contest, manifest.options());
    let pairs = pairs.map_err(|_| UrnRefused::Verification("凭证"))?;
    let proofs = board::proofs_from_bytes(&row.proofs).map_err(|_| UrnRefused::Verification("凭证证明"))?;
    board::verify_proofs(k, &manifest.id, contest, &root, &pairs, &proofs).map_err(fail("凭证证明"))?;

    check(row.tally.is_none() || !is_withheld(board.size()), "票数过少却留有计票")?;
    if let Some(bytes) = &row.tally {
        let tally = Tally::from_bytes(bytes, manifest.options()).map_err(|_| UrnRefused::Verification("计票"))?;
        tally.verify(ballots.iter().map(Ballot::commitment)).map_err(fail("计票"))?;
    }
    Ok(())
}
