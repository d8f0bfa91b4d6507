//! The journey as a page drives it: one call a step, bytes in, a status and bytes out.
//!
//! The page holds no state of its own that matters; whatever it calls in the wrong order is refused. Everything that
//! it stores comes from here and has to be shown again with [`Phone::stored`] before the next step.

use std::sync::Arc;

use douxuan_crypto::{contest::Contest, hash::sha256, manifest::Manifest, screen_code};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    journey::{
        Asked, Checked, Enrolled, Invitation, PageFacts, Prepared, Standing, Stay, Stop, Unsaved, read_manifest,
    },
    randomness,
    wallet::{self, Resumed},
};

/// What a step came to. The numbers are part of the page's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// Called in the wrong order, or with bytes of the wrong shape: a mistake of the page.
    Order = 1,
    /// The device's randomness is broken.
    Randomness = 2,
    /// The slip cannot be read.
    Slip = 3,
    /// The manifest breaks a rule.
    Manifest = 4,
    /// The manifest is not the slip's.
    OtherManifest = 5,
    /// The page is not the one that the manifest fixes.
    OtherPage = 6,
    /// The storage gave back other bytes.
    NotStored = 7,
    /// The wallet cannot be read.
    Wallet = 8,
    /// The server refused.
    Refused = 9,
    /// The reply cannot be read; the same bytes may be sent again.
    Unreadable = 10,
    /// The reply does not hold: evidence against the server.
    False = 11,
    /// No credential, or no such option.
    Choice = 12,
    /// No ballot of this contest is under way.
    NotSealed = 13,
    /// The contest is closed: look on the board.
    Closed = 14,
}

impl From<&Stop> for Status {
    fn from(stop: &Stop) -> Self {
        match stop {
            Stop::BrokenRandomness => Self::Randomness,
            Stop::UnreadableSlip => Self::Slip,
            Stop::UnreadableManifest(_) => Self::Manifest,
            Stop::OtherManifest => Self::OtherManifest,
            Stop::OtherScript | Stop::OtherWasm => Self::OtherPage,
            Stop::NotStored => Self::NotStored,
            Stop::UnreadableWallet => Self::Wallet,
            Stop::EnrolRefused | Stop::BallotRefused(_) => Self::Refused,
            Stop::UnreadableReply | Stop::UnreadableBoard(_) => Self::Unreadable,
            Stop::FalseReply(_) | Stop::FalseReceipt(_) => Self::False,
            Stop::NoCredential(_) | Stop::NoOption(_) => Self::Choice,
            Stop::NotSealed(_) => Self::NotSealed,
        }
    }
}

/// A status and what to hand out, zeroised when dropped.
pub type Outcome = (Status, Zeroizing<Vec<u8>>);

fn plain(status: Status) -> Outcome {
    (status, Zeroizing::default())
}

fn done(bytes: &[u8]) -> Outcome {
    (Status::Ok, Zeroizing::new(bytes.to_vec()))
}

fn stopped(stop: &Stop) -> Outcome {
    plain(stop.into())
}

#[derive(Default)]
enum Stage {
    #[default]
    Start,
    Checked(Checked),
    Preparing(Unsaved<Prepared>),
    Prepared(Prepared),
    Asked(Asked),
    Changing(Unsaved<Enrolled>),
    Enrolled(Enrolled),
}

/// One page's journey.
#[derive(Default)]
pub struct Phone {
    manifest: Option<Arc<Manifest>>,
    stage: Stage,
}

impl Phone {
    /// A page that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { manifest: None, stage: Stage::Start }
    }

    /// Looks at the randomness before anything else.
    pub fn begin<R: CryptoRng + ?Sized>(&mut self, rng: &mut R) -> Outcome {
        plain(if randomness::assure(rng).is_ok() { Status::Ok } else { Status::Randomness })
    }

    /// SHA-256 of a file, for the facts of [`Self::check`].
    pub fn sha256(&mut self, bytes: &[u8]) -> Outcome {
        done(&sha256(bytes))
    }

    /// The manifest and the page's facts, `SHA-256(script) || SHA-256(wasm)`; gives the screen code.
    pub fn check(&mut self, manifest: &[u8], facts: &[u8]) -> Outcome {
        let (Some(script), Some(wasm)) = (facts.first_chunk::<32>(), facts.last_chunk::<32>()) else {
            return plain(Status::Order);
        };
        if facts.len() != 64 || !matches!(self.stage, Stage::Start) {
            return plain(Status::Order);
        }
        match read_manifest(manifest, Some(&PageFacts { script: *script, wasm: *wasm })) {
            Ok(manifest) => {
                let code = screen_code::manifest_code(&manifest.id);
                self.manifest = Some(manifest);
                done(code.as_bytes())
            }
            Err(stop) => stopped(&stop),
        }
    }

    /// The fragment of the slip's link.
    pub fn scan(&mut self, fragment: &[u8]) -> Outcome {
        self.invite(fragment, Invitation::scan)
    }

    /// The code typed from the slip.
    pub fn typed(&mut self, code: &[u8]) -> Outcome {
        self.invite(code, Invitation::type_in)
    }

    fn invite(&mut self, text: &[u8], read: impl FnOnce(&str) -> Result<Invitation, Stop>) -> Outcome {
        let (Stage::Start, Some(manifest)) = (&self.stage, &self.manifest) else { return plain(Status::Order) };
        let invitation = core::str::from_utf8(text).map_err(|_| Stop::UnreadableSlip).and_then(read);
        match invitation.and_then(|invitation| invitation.check(Arc::clone(manifest))) {
            Ok(checked) => {
                self.stage = Stage::Checked(checked);
                plain(Status::Ok)
            }
            Err(stop) => stopped(&stop),
        }
    }

    /// A stored wallet instead of a slip; gives one byte, 1 prepared or 2 enrolled.
    pub fn resume(&mut self, wallet: &[u8]) -> Outcome {
        let (Stage::Start, Some(manifest)) = (&self.stage, &self.manifest) else { return plain(Status::Order) };
        match wallet::open(Arc::clone(manifest), wallet) {
            Ok(Resumed::Prepared(prepared)) => {
                self.stage = Stage::Prepared(prepared);
                done(&[1])
            }
            Ok(Resumed::Enrolled(enrolled)) => {
                self.stage = Stage::Enrolled(enrolled);
                done(&[2])
            }
            Err(stop) => stopped(&stop),
        }
    }

    /// Prepares the enrolment; gives the wallet to store.
    pub fn prepare<R: CryptoRng + ?Sized>(&mut self, rng: &mut R) -> Outcome {
        let Stage::Checked(_) = self.stage else { return plain(Status::Order) };
        let Stage::Checked(checked) = core::mem::take(&mut self.stage) else { return plain(Status::Order) };
        match checked.prepare(rng) {
            Ok(unsaved) => {
                let wallet = done(unsaved.wallet());
                self.stage = Stage::Preparing(unsaved);
                wallet
            }
            Err(stop) => stopped(&stop),
        }
    }

    /// What the storage gives back after each wallet.
    pub fn stored(&mut self, bytes: &[u8]) -> Outcome {
        let (stage, outcome) = match core::mem::take(&mut self.stage) {
            Stage::Preparing(unsaved) => match unsaved.read_back(bytes) {
                Ok(prepared) => (Stage::Prepared(prepared), plain(Status::Ok)),
                Err(Stay { state, why }) => (Stage::Preparing(*state), stopped(&why)),
            },
            Stage::Changing(unsaved) => match unsaved.read_back(bytes) {
                Ok(enrolled) => (Stage::Enrolled(enrolled), plain(Status::Ok)),
                Err(Stay { state, why }) => (Stage::Changing(*state), stopped(&why)),
            },
            other => (other, plain(Status::Order)),
        };
        self.stage = stage;
        outcome
    }

    /// The enrolment request; asked again, the same bytes.
    pub fn request<R: CryptoRng + ?Sized>(&mut self, rng: &mut R) -> Outcome {
        let (stage, outcome) = match core::mem::take(&mut self.stage) {
            Stage::Prepared(prepared) => match prepared.request(rng) {
                Ok(asked) => {
                    let wire = done(asked.wire());
                    (Stage::Asked(asked), wire)
                }
                Err(Stay { state, why }) => (Stage::Prepared(*state), stopped(&why)),
            },
            Stage::Asked(asked) => {
                let wire = done(asked.wire());
                (Stage::Asked(asked), wire)
            }
            other => (other, plain(Status::Order)),
        };
        self.stage = stage;
        outcome
    }

    /// The reply to the request, and the meeting's log with its checkpoint if a contest is said to be over, both empty
    /// otherwise: only the signed log explains a missing evaluation. Gives the wallet to store.
    pub fn enrolled(&mut self, reply: &[u8], log: &[u8], checkpoint: &[u8]) -> Outcome {
        let (stage, outcome) = match core::mem::take(&mut self.stage) {
            Stage::Asked(asked) => match asked.accept_with_log(reply, log, checkpoint) {
                Ok(unsaved) => {
                    let wallet = done(unsaved.wallet());
                    (Stage::Changing(unsaved), wallet)
                }
                Err(Stay { state, why }) => (Stage::Asked(*state), stopped(&why)),
            },
            other => (other, plain(Status::Order)),
        };
        self.stage = stage;
        outcome
    }

    /// `item(2) || round(1) || standing(1)` for every contest.
    pub fn contests(&mut self) -> Outcome {
        let Stage::Enrolled(enrolled) = &self.stage else { return plain(Status::Order) };
        let bytes: Vec<u8> = enrolled
            .standings()
            .flat_map(|(contest, standing)| {
                let [high, low] = contest.item_bytes();
                [high, low, contest.round, standing as u8]
            })
            .collect();
        done(&bytes)
    }

    /// Seals `(item(2) || round(1) || option(1))*`, all or none; gives the wallet to store.
    pub fn seal<R: CryptoRng + ?Sized>(&mut self, choices: &[u8], rng: &mut R) -> Outcome {
        // The caller zeroises its buffer; this copy is zeroised here.
        let mut marked: Vec<(Contest, u8)> =
            choices.chunks_exact(4).map(|c| (contest(c[0], c[1], c[2]), c[3])).collect();
        let outcome = self.change(|enrolled| enrolled.seal(&marked, rng));
        marked.iter_mut().for_each(|(_, option)| option.zeroize());
        outcome
    }

    /// The sealed ballot of a contest.
    pub fn ballot(&mut self, contest: Contest) -> Outcome {
        let Stage::Enrolled(enrolled) = &self.stage else { return plain(Status::Order) };
        enrolled.ballot(contest).map_or_else(|| plain(Status::NotSealed), done)
    }

    /// The answer to a ballot; gives the wallet to store, with [`Status::Closed`] too.
    pub fn receipt(&mut self, contest: Contest, reply: &[u8]) -> Outcome {
        let (status, wallet) = self.change(|enrolled| enrolled.receive(contest, reply));
        let unanswered = match &self.stage {
            Stage::Changing(unsaved) => unsaved.peek().standing(contest) == Some(Standing::Unanswered),
            _ => false,
        };
        if status == Status::Ok && unanswered { (Status::Closed, wallet) } else { (status, wallet) }
    }

    /// Ends waiting for the answer to a ballot after the close; gives the wallet to store.
    pub fn unanswered(&mut self, contest: Contest) -> Outcome {
        self.change(|enrolled| enrolled.give_up(contest))
    }

    /// The receipt note of a contest.
    pub fn note(&mut self, contest: Contest) -> Outcome {
        let Stage::Enrolled(enrolled) = &self.stage else { return plain(Status::Order) };
        enrolled.receipt(contest).map_or_else(|| plain(Status::NotSealed), |receipt| done(receipt.note.as_bytes()))
    }

    /// One byte, 1 if the ballot of a contest is among the entries of its whole board, as its signed checkpoint has it.
    pub fn look_up(&mut self, contest: Contest, entries: &[u8], checkpoint: &[u8]) -> Outcome {
        let Stage::Enrolled(enrolled) = &self.stage else { return plain(Status::Order) };
        match enrolled.look_up(contest, entries, checkpoint) {
            Ok(found) => done(&[u8::from(found)]),
            Err(stop) => stopped(&stop),
        }
    }

    /// Throws away the credentials that are left; gives the wallet to store.
    pub fn forget(&mut self) -> Outcome {
        self.change(|enrolled| Ok(enrolled.forget()))
    }

    fn change(&mut self, step: impl FnOnce(Enrolled) -> Result<Unsaved<Enrolled>, Stay<Enrolled>>) -> Outcome {
        let (stage, outcome) = match core::mem::take(&mut self.stage) {
            Stage::Enrolled(enrolled) => match step(enrolled) {
                Ok(unsaved) => {
                    let wallet = done(unsaved.wallet());
                    (Stage::Changing(unsaved), wallet)
                }
                Err(Stay { state, why }) => (Stage::Enrolled(*state), stopped(&why)),
            },
            other => (other, plain(Status::Order)),
        };
        self.stage = stage;
        outcome
    }
}

fn contest(high: u8, low: u8, round: u8) -> Contest {
    Contest::new(u16::from_be_bytes([high, low]), round)
}
