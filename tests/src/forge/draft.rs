//! What happened at the meeting, and how it is written down.

use douxuan_crypto::{
    board::{self, Board, proofs_to_bytes},
    bundle::{BoardFiles, Bundle},
    contest::Contest,
    count::Counts,
    enroll, hash, labels,
    lists::{Lists, Redeemed, Voided, redeemed_root},
    log::{Act, Actor, Entry, Log, LoggedTally, PaperCount, Reason, Role},
    tally::Tally,
    token::TokenLeaf,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{Cast, Office, Sealing, office::SlipKey};

/// How a contest ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Published (withheld by itself if it has 1 to 4 ballots).
    Published,
    /// Voided before its figures were known.
    VoidedBefore,
    /// Published, then voided.
    VoidedAfter,
}

/// One contest.
pub struct ContestDraft {
    /// Which.
    pub contest: Contest,
    /// Opened after this window.
    pub window: u8,
    /// Its ballots; the board sorts them unless `unsorted`.
    pub casts: Vec<Cast>,
    /// The board keeps the order of `casts`.
    pub unsorted: bool,
    /// Papers.
    pub paper: Option<PaperCount>,
    /// How it ends.
    pub ending: Ending,
    /// Figures other than those of the ballots: t and R.
    pub tally: Option<(Vec<u32>, [u8; 32])>,
    /// Board proofs other than the right ones.
    pub proofs: Option<Vec<[u8; 64]>>,
    /// What *published* says of withholding, where it lies.
    pub withheld: Option<bool>,
}

/// One enrolment window.
pub struct WindowDraft {
    /// 实到.
    pub present: u32,
    /// What is added to the logged number of redeemed slips.
    pub lie: i32,
}

/// What happened.
pub struct Draft {
    /// Slips.
    pub lists: Lists,
    /// Windows.
    pub windows: Vec<WindowDraft>,
    /// Contests, in contest order.
    pub contests: Vec<ContestDraft>,
    /// What is added to the hand count of unused slips.
    pub unused_lie: i32,
    /// Randomness of what else is drawn.
    pub rng: StdRng,
}

/// Acts and files before the result.
pub struct Written {
    /// The log but for its *result*.
    pub entries: Vec<Entry>,
    /// Boards and lists.
    pub bundle: Bundle,
    /// What they add up to.
    pub counts: Counts,
}

/// A slip's redeemed record, signed by its holder.
pub fn redeem(office: &Office, slip: &SlipKey, window: u8, rng: &mut StdRng) -> Redeemed {
    let mut request_hash = [0; 32];
    rng.fill_bytes(&mut request_hash);
    let signature = slip.key.sign(&hash::enc(labels::ENROL, &[&office.manifest.id, &slip.t(), &request_hash]));
    assert!(enroll::verify_redemption(&office.manifest.id, &slip.t(), &request_hash, &signature).is_ok());
    Redeemed { token: slip.t(), mask: slip.mask.clone(), request_hash, signature, window }
}

impl Draft {
    /// The honest course of the meeting: 9 phones in window 1, 2 more in window 2, 6 people on paper, one slip lost.
    ///
    /// 1/1 published and voided, 1/2 published with papers; 2/1 voided unseen, 2/2 published; 3/1 withheld, with few
    /// papers; 4/1 an empty board; 5/1 never opened.
    #[must_use]
    pub fn honest(office: &Office, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let slips = &office.slips;
        let leaves = slips.iter().map(|s| TokenLeaf { t: s.t(), mask: s.mask.clone() }).collect();
        let redeemed = (0..11).map(|i| redeem(office, &slips[i], if i < 9 { 1 } else { 2 }, &mut rng)).collect();
        let void = |i: usize, reason, window| Voided { token: slips[i].t(), reason, window };
        let mut voided: Vec<Voided> = (11..17).map(|i| void(i, Reason::Paper, 1)).collect();
        voided.push(void(17, Reason::Lost, 2));
        let lists = Lists { leaves, redeemed, voided };
        let last = office.manifest.options() - 1;
        let mut contest = |item, round, window, size: u8, ending| {
            let contest = Contest::new(item, round);
            let option = |i: u8| u8::try_from(usize::from(i / 2) % (last + 1)).unwrap();
            ContestDraft {
                contest,
                window,
                casts: (0..size).map(|i| Cast::new(office, contest, option(i), &mut rng)).collect(),
                unsorted: false,
                paper: None,
                ending,
                tally: None,
                proofs: None,
                withheld: None,
            }
        };
        let mut contests = vec![
            contest(1, 1, 1, 7, Ending::VoidedAfter),
            contest(1, 2, 2, 10, Ending::Published),
            contest(2, 1, 1, 6, Ending::VoidedBefore),
            contest(2, 2, 2, 9, Ending::Published),
            contest(3, 1, 2, 4, Ending::Published),
            contest(4, 1, 2, 0, Ending::Published),
        ];
        let mut votes = vec![0; last + 1];
        votes[0] = 3;
        votes[last] = 1;
        contests[1].paper = Some(PaperCount { issued: 6, invalid: 1, ungraded: 0, votes });
        contests[4].paper = Some(PaperCount { issued: 4, invalid: 0, ungraded: 3, votes: vec![0; last + 1] });
        let windows = vec![WindowDraft { present: 15, lie: 0 }, WindowDraft { present: 18, lie: 0 }];
        Self { lists, windows, contests, unused_lie: 0, rng }
    }

    /// Randomness for whatever a forgery makes.
    pub fn fresh(&mut self) -> StdRng {
        StdRng::from_rng(&mut self.rng)
    }

    /// A contest's draft.
    pub fn contest(&mut self, item: u16, round: u8) -> &mut ContestDraft {
        let contest = Contest::new(item, round);
        self.contests.iter_mut().find(|c| c.contest == contest).unwrap()
    }

    /// Writes it all down: lists sorted, boards with checkpoints, proofs and tallies, the acts in their order.
    #[must_use]
    pub fn write(mut self, office: &Office) -> Written {
        let lists = &mut self.lists;
        lists.leaves.sort_unstable();
        lists.redeemed.sort_unstable_by_key(|r| r.token);
        lists.voided.sort_unstable_by_key(|v| v.token);
        let mut bundle = Bundle {
            leaves: self.lists.leaves_file(),
            redeemed: self.lists.redeemed_file(),
            voided: self.lists.voided_file(),
            ..Bundle::default()
        };
        let mut entries = vec![Entry::unnamed(Act::Manifest { id: office.manifest.id })];
        for w in 1u8..=u8::try_from(self.windows.len()).unwrap() {
            self.write_window(w, &mut entries);
            if usize::from(w) == self.windows.len() {
                let used = self.lists.redeemed.len() + self.lists.voided.len();
                let unused = moved(office.slips.len() - used, self.unused_lie);
                entries.push(Entry::unnamed(Act::EnrolmentEnded { windows: w, unused }));
            }
            if w == 1 {
                let contest = Contest::REHEARSAL;
                entries.push(Entry::unnamed(Act::ContestOpened { contest, window: 1 }));
                entries.push(Entry::unnamed(Act::RehearsalDestroyed));
            }
            let rng = &mut self.rng;
            for contest in self.contests.iter().filter(|c| c.window == w) {
                contest.write(office, &mut entries, &mut bundle, rng);
            }
        }
        let mut log = Log::new(&office.manifest);
        for entry in &entries {
            log.append(entry).unwrap();
        }
        let counts = Counts::compute(&office.manifest, log.state(), &self.lists);
        Written { entries, bundle, counts }
    }

    fn write_window(&self, w: u8, entries: &mut Vec<Entry>) {
        entries.push(Entry::unnamed(Act::WindowOpened { window: w }));
        for v in self.lists.voided.iter().filter(|v| v.window == w) {
            entries.push(Entry::unnamed(Act::SlipVoided { slip: v.token, reason: v.reason, window: w }));
        }
        let window = &self.windows[usize::from(w) - 1];
        let redeemed = self.lists.redeemed.iter().filter(|r| r.window <= w).count();
        entries.push(Entry::unnamed(Act::WindowClosed {
            window: w,
            present: window.present,
            redeemed: moved(redeemed, window.lie),
            root: redeemed_root(&self.lists.redeemed, w),
        }));
    }

    /// The bundle of this course of the meeting.
    #[must_use]
    pub fn bundle(self, office: &Office) -> Bundle {
        self.write(office).seal(office).finish(office)
    }
}

fn moved(count: usize, lie: i32) -> u32 {
    u32::try_from(i64::try_from(count).unwrap() + i64::from(lie)).unwrap()
}

impl Written {
    /// The result that follows.
    #[must_use]
    pub fn seal(self, office: &Office) -> Sealing<'_> {
        Sealing::new(office, &self.entries, &self.counts, self.bundle)
    }
}

impl ContestDraft {
    /// The board as it is stored.
    #[must_use]
    pub fn board(&self) -> Board {
        let ballots: Vec<Vec<u8>> = self.casts.iter().map(|c| c.bytes.clone()).collect();
        if self.unsorted { unsorted_board(&ballots) } else { Board::sorted(ballots) }
    }

    /// t and R of the ballots.
    #[must_use]
    pub fn figures(&self, options: usize) -> (Vec<u32>, [u8; 32]) {
        let openings: Vec<_> = self.casts.iter().map(Cast::opening).collect();
        let tally = Tally::of(&openings, options).unwrap();
        (tally.t().to_vec(), tally.r())
    }

    fn write(&self, office: &Office, entries: &mut Vec<Entry>, bundle: &mut Bundle, rng: &mut StdRng) {
        let (manifest, contest) = (&office.manifest, self.contest);
        let actors = vec![
            Actor::new(Role::Chair, &manifest.id, "chair"),
            Actor::new(Role::Scrutineer, &manifest.id, "scrutineer"),
        ];
        let mut act = |act| entries.push(Entry { actors: actors.clone(), act });
        let board = self.board();
        let size = u32::try_from(board.size()).unwrap();
        act(Act::ContestOpened { contest, window: self.window });
        act(Act::ContestClosed { contest, size, root: board.root() });
        if let Some(paper) = self.paper.clone() {
            act(Act::PaperCounted { contest, paper });
        }
        let proofs = self.proofs.clone().unwrap_or_else(|| prove(office, contest, &board, rng));
        let (votes, opening) = self.tally.clone().unwrap_or_else(|| self.figures(manifest.options()));
        let figures = LoggedTally { votes, opening };
        let withheld = self.withheld.unwrap_or(board::is_withheld(board.size()));
        let tally = (!withheld).then(|| figures.clone());
        match self.ending {
            Ending::Published => act(Act::ContestPublished { contest, tally, proofs: proofs.clone() }),
            Ending::VoidedBefore => act(Act::ContestVoided { contest, after: false }),
            Ending::VoidedAfter => {
                act(Act::ContestPublished { contest, tally, proofs: proofs.clone() });
                act(Act::ContestVoided { contest, after: true });
            }
        }
        let shown = self.ending != Ending::VoidedBefore && !board::is_withheld(board.size());
        let files = BoardFiles {
            checkpoint: Some(board.checkpoint(manifest, contest, &office.log_key).into_bytes()),
            entries: Some(board.entries()),
            proof: (size > 0).then(|| proof_file(&proofs)),
            tally: shown.then(|| tally_file(&figures)),
        };
        bundle.boards.insert((contest.item, u16::from(contest.round)), files);
    }
}

/// Frames ballots in the order given.
fn unsorted_board(ballots: &[Vec<u8>]) -> Board {
    let mut entries = Vec::new();
    for ballot in ballots {
        entries.extend_from_slice(&u16::try_from(ballot.len()).unwrap().to_be_bytes());
        entries.extend_from_slice(ballot);
    }
    Board::from_entries(&entries).unwrap()
}

/// The right proofs of a board, or as right as they can be made: a ballot that cannot be cut gets none.
pub(super) fn prove(office: &Office, contest: Contest, board: &Board, rng: &mut StdRng) -> Vec<[u8; 64]> {
    let manifest = &office.manifest;
    let Ok(pairs) = board.pairs(&manifest.id, contest, manifest.options()) else { return vec![[0; 64]] };
    let issuer = office.issuer(contest);
    let proofs = board::prove(issuer, &manifest.id, contest, &board.root(), &pairs, rng).unwrap();
    let bytes = proofs_to_bytes(&proofs);
    bytes[1..].chunks(64).map(|p| p.try_into().unwrap()).collect()
}

fn proof_file(proofs: &[[u8; 64]]) -> Vec<u8> {
    let mut file = vec![1];
    file.extend_from_slice(proofs.as_flattened());
    file
}

fn tally_file(figures: &LoggedTally) -> Vec<u8> {
    let mut file = vec![1];
    figures.votes.iter().for_each(|t| file.extend_from_slice(&t.to_be_bytes()));
    file.extend_from_slice(&figures.opening);
    file
}
