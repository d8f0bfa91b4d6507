//! How a contest ends: published, voided, or, for the rehearsal, destroyed.

use douxuan_crypto::{
    board::{is_withheld, proofs_from_bytes},
    contest::Contest,
    log::{Act, Actor, Entry, LoggedTally},
    tally::Tally,
};

use super::{
    acts::Acts,
    commit,
    contest::Gate,
    marks::{BoardRow, ContestRow, Mark},
    phase::Phase,
    refusal::UrnRefused,
};
use crate::failpoint;

/// The figures of a published contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// 1 to 4 ballots: there are no figures.
    pub withheld: bool,
    /// `t_j`, one number an option of the scale.
    pub t: Option<Vec<u32>>,
    /// R, 32 bytes.
    pub r: Option<[u8; 32]>,
    /// Board proof, one a chunk.
    pub proofs: Vec<[u8; 64]>,
}

impl Acts {
    /// Step 9 of the close: publication.
    pub(super) async fn publish(&mut self, contest: Contest, by: Vec<Actor>) -> Result<Published, UrnRefused> {
        let id = self.meeting()?.manifest.meeting;
        let row = match self.row(contest).await? {
            Some(row) if row.mark == Mark::Closed && self.phase(contest) == Phase::Closed => {
                let board = self.store.board(&id, contest).await?;
                let act = act_of(contest, &self.figures(&board)?);
                self.log.would_accept(&Entry { actors: by.clone(), act })?;
                let withheld = is_withheld(board.size as usize);
                self.store.set_published(&id, contest, withheld, &by).await?;
                failpoint::hit("close.9");
                let mark = if withheld { Mark::Withheld } else { Mark::Published };
                ContestRow { mark, published_by: Some(by), ..row }
            }
            // Published, but the disk was full before the log had it: go on.
            Some(row) if is_published(row.mark) && !is_shown(self.phase(contest)) => row,
            _ => return Err(self.not_now(contest)),
        };
        self.resume_published(row).await.inspect_err(|e| self.alarm(contest, e))
    }

    pub(super) async fn resume_published(&mut self, row: ContestRow) -> Result<Published, UrnRefused> {
        let id = self.meeting()?.manifest.meeting;
        let board = self.store.board(&id, row.contest).await?;
        let figures = self.figures(&board)?;
        self.append(row.published_by.clone().unwrap_or_default(), act_of(row.contest, &figures)).await?;
        let phase = if figures.withheld { Phase::Withheld } else { Phase::Published };
        self.show(&row, &board, phase)?;
        Ok(figures)
    }

    /// Voids a closed round. Before publication its figures are erased, afterwards they stay.
    pub(super) async fn void(&mut self, contest: Contest, by: Vec<Actor>) -> Result<(), UrnRefused> {
        let id = self.meeting()?.manifest.meeting;
        let row = match self.row(contest).await? {
            Some(row) if self.phase(contest) == Phase::Closed || is_shown(self.phase(contest)) => {
                let act = Act::ContestVoided { contest, after: row.published_by.is_some() };
                self.log.would_accept(&Entry { actors: by.clone(), act })?;
                self.store.set_voided(&id, contest, &by).await?;
                failpoint::hit("void.marked");
                ContestRow { mark: Mark::Voided, voided_by: Some(by), rebuilt: false, ..row }
            }
            Some(row) if row.mark == Mark::Voided && self.phase(contest) != Phase::Voided => row,
            _ => return Err(self.not_now(contest)),
        };
        self.resume_voided(row).await.inspect_err(|e| self.alarm(contest, e))
    }

    pub(super) async fn resume_voided(&mut self, row: ContestRow) -> Result<(), UrnRefused> {
        let (contest, after) = (row.contest, row.published_by.is_some());
        let id = self.meeting()?.manifest.meeting;
        let board = self.store.board(&id, contest).await?;
        if after {
            // A publication that the log did not get before the round was voided stands in front of it.
            let figures = self.figures(&board)?;
            self.append(row.published_by.clone().unwrap_or_default(), act_of(contest, &figures)).await?;
        }
        self.append(row.voided_by.clone().unwrap_or_default(), Act::ContestVoided { contest, after }).await?;
        if !row.rebuilt {
            self.rebuild(contest).await?;
        }
        self.show(&row, &board, Phase::Voided)
    }

    /// Ends the rehearsal: keys and ballots are destroyed, there is no board and no count.
    pub(super) async fn destroy_rehearsal(&mut self, by: Vec<Actor>) -> Result<(), UrnRefused> {
        let contest = Contest::REHEARSAL;
        let id = self.meeting()?.manifest.meeting;
        let row = match self.row(contest).await? {
            Some(row) if row.mark == Mark::Open => {
                self.log.would_accept(&Entry { actors: by.clone(), act: Act::RehearsalDestroyed })?;
                self.store.set_destroying(&id, contest, &by).await?;
                failpoint::hit("rehearsal.marked");
                ContestRow { mark: Mark::Destroying, closed_by: by, ..row }
            }
            Some(row) if self.phase(contest) != Phase::Destroyed => row,
            _ => return Err(self.not_now(contest)),
        };
        self.resume_destroyed(row).await.inspect_err(|e| self.alarm(contest, e))
    }

    pub(super) async fn resume_destroyed(&mut self, row: ContestRow) -> Result<(), UrnRefused> {
        let contest = row.contest;
        let meeting = self.meeting()?;
        if row.mark == Mark::Destroying {
            if let Some(urn) = self.slot.urn(contest) {
                urn.set_gate(Gate::Closing);
                commit::drain(&urn).await;
            }
            self.forget(&meeting, contest).await?;
            failpoint::hit("rehearsal.destroyed");
            self.store.set_destroyed(&meeting.manifest.meeting, contest).await?;
        }
        self.append(row.closed_by, Act::RehearsalDestroyed).await?;
        self.views.change(contest, |view| {
            view.phase = Phase::Destroyed;
            view.received = 0;
            view.released = None;
            view.alarm = None;
        });
        Ok(())
    }

    /// What publication says of a board.
    fn figures(&self, board: &BoardRow) -> Result<Published, UrnRefused> {
        let options = self.meeting()?.manifest.options();
        let tally = board.tally.as_ref().map(|bytes| Tally::from_bytes(bytes, options)).transpose();
        let tally = tally.map_err(|_| UrnRefused::Verification("计票"))?;
        let proofs = proofs_from_bytes(&board.proofs).map_err(|_| UrnRefused::Verification("凭证证明"))?;
        Ok(Published {
            withheld: is_withheld(board.size as usize),
            t: tally.as_ref().map(|tally| tally.t().to_vec()),
            r: tally.as_ref().map(Tally::r),
            proofs: proofs.iter().map(|proof| proof.to_bytes()).collect(),
        })
    }
}

fn act_of(contest: Contest, figures: &Published) -> Act {
    let tally = figures.t.clone().zip(figures.r).map(|(votes, opening)| LoggedTally { votes, opening });
    Act::ContestPublished { contest, tally, proofs: figures.proofs.clone() }
}

const fn is_published(mark: Mark) -> bool {
    matches!(mark, Mark::Published | Mark::Withheld)
}

const fn is_shown(phase: Phase) -> bool {
    matches!(phase, Phase::Published | Phase::Withheld)
}
