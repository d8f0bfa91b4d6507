//! Many simulated phones that keep every receipt: for rehearsals, for load, and as the oracle of the tests.
//!
//! All cryptography is done before and after the sending, so that a run measures the server. A phone here is the same
//! [`Voter`] as anywhere; what is added is that the swarm remembers what each one chose, to know the tally that must
//! come out.

pub(crate) mod drive;
pub mod grades;
pub mod measure;
pub mod slips;

use std::{collections::HashMap, fmt, fs, io, path::Path, sync::Arc, thread, time::Duration};

use douxuan_crypto::{
    board::Board, bytes::hex, contest::Contest, hash::sha256_parts, manifest::Manifest, merkle::Hash, receipt::Receipt,
};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use self::{
    drive::{Job, drive},
    measure::{Pace, Run},
};
use crate::{
    journey::{Invitation, Standing, Stop, read_manifest},
    native::{
        deliver::Way,
        door::{Door, NetworkError},
        log::closed,
        storage::Memory,
        voter::{Voter, VoterError},
    },
    wire,
};

struct Phone {
    voter: Voter,
    rng: StdRng,
    marks: HashMap<Contest, u8>,
}

/// Why a swarm could not gather.
#[derive(Debug)]
pub enum SwarmError {
    /// The server was not reached.
    Network(NetworkError),
    /// A slip or the manifest was refused, with the slip's place in the list.
    Slip(usize, VoterError),
    /// The manifest was refused.
    Manifest(Stop),
}

impl fmt::Display for SwarmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => error.fmt(f),
            Self::Slip(place, error) => write!(f, "slip {}: {error}", place + 1),
            Self::Manifest(stop) => stop.fmt(f),
        }
    }
}

impl std::error::Error for SwarmError {}

/// Simulated phones at one server.
pub struct Swarm {
    door: Door,
    manifest: Arc<Manifest>,
    phones: Vec<Phone>,
    patience: Duration,
    shuffle: StdRng,
}

impl Swarm {
    /// One phone for each slip. Fetches the manifest and refuses it if it is not the slips'. With the same seed the
    /// phones draw the same randomness: a real voter's client never has one.
    ///
    /// # Errors
    /// [`SwarmError`].
    pub async fn gather(door: Door, slips: Vec<Invitation>, seed: [u8; 32]) -> Result<Self, SwarmError> {
        let bytes = door.fetch(wire::MANIFEST, wire::MANIFEST_LIMIT).await.map_err(SwarmError::Network)?;
        let manifest = read_manifest(&bytes, None).map_err(SwarmError::Manifest)?;
        let mut phones = Vec::with_capacity(slips.len());
        for (place, slip) in slips.into_iter().enumerate() {
            let voter = Voter::invite(slip, &manifest, Box::<Memory>::default());
            let voter = voter.map_err(|error| SwarmError::Slip(place, error))?;
            let rng = StdRng::from_seed(sha256_parts(&[&seed, &place.to_le_bytes()]));
            phones.push(Phone { voter, rng, marks: HashMap::new() });
        }
        let shuffle = StdRng::from_seed(sha256_parts(&[&seed, b"order"]));
        Ok(Self { door, manifest, phones, patience: Duration::from_secs(30), shuffle })
    }

    /// How long one message is sent again before it counts as failed; 30 s unless said otherwise.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Another way to the same server, as after a restart at another port.
    pub fn set_door(&mut self, door: Door) {
        self.door = door;
    }

    /// The way to the server.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The meeting.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// How many phones there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.phones.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phones.is_empty()
    }

    /// How many phones are enrolled.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.phones.iter().filter(|phone| phone.voter.enrolled().is_some()).count()
    }

    /// How many phones stand so in a contest.
    #[must_use]
    pub fn standing(&self, contest: Contest, standing: Standing) -> usize {
        self.phones.iter().filter(|phone| phone.stands(contest, standing)).count()
    }

    /// Prepares, stores and seals every enrolment that has not been, on all cores, without sending anything.
    pub async fn prepare(&mut self) {
        self.on_all_cores(|_, phone| {
            if phone.voter.enrolled().is_none() {
                // What fails here fails again, and is counted, when the phone is to send.
                let _ = phone.voter.request(&mut phone.rng);
            }
        })
        .await;
    }

    /// Enrols every phone that is not enrolled yet. A phone that failed may be tried again.
    pub async fn enrol_all(&mut self, pace: Pace) -> Run {
        self.prepare().await;
        let mut jobs = Vec::new();
        let mut unprepared = Vec::new();
        for (place, phone) in self.phones.iter_mut().enumerate() {
            if phone.voter.enrolled().is_some() {
                continue;
            }
            match phone.voter.request(&mut phone.rng) {
                Ok(wire) => jobs.push(Job { phone: place, contest: Contest::REHEARSAL, message: wire.to_vec() }),
                Err(error) => unprepared.push(error.to_string()),
            }
        }
        let (mut run, answers) = drive(&self.door, Way::Enrol, jobs, pace, self.patience).await;
        run.failed = unprepared;
        let over = closed(&self.door, &self.manifest).await.unwrap_or_default();
        let mut replies: Vec<Option<Vec<u8>>> = self.phones.iter().map(|_| None).collect();
        for answer in answers {
            match answer.reply {
                Ok(reply) => replies[answer.phone] = Some(reply),
                Err(error) => run.failed.push(error.to_string()),
            }
        }
        let outcomes = self
            .on_all_cores(move |place, phone| {
                replies.get(place).and_then(Option::as_ref).map(|reply| phone.voter.accept(reply, &over))
            })
            .await;
        for outcome in outcomes.into_iter().flatten() {
            match outcome {
                Ok(()) => run.done += 1,
                Err(VoterError::Stop(Stop::EnrolRefused)) => run.refused += 1,
                Err(error) => run.failed.push(error.to_string()),
            }
        }
        run
    }

    /// Seals a ballot on every phone that may vote in the contest and for which `choose` gives an option, without
    /// sending it. Returns how many.
    pub async fn seal(&mut self, contest: Contest, mut choose: impl FnMut(usize) -> Option<u8>) -> usize {
        let choices: Vec<Option<u8>> = (0..self.phones.len()).map(&mut choose).collect();
        let sealed = self
            .on_all_cores(move |place, phone| {
                let option = choices.get(place).copied().flatten()?;
                if !phone.stands(contest, Standing::Ready) {
                    return None;
                }
                phone.voter.seal(&[(contest, option)], &mut phone.rng).ok()?;
                phone.marks.insert(contest, option).is_none().then_some(())
            })
            .await;
        sealed.into_iter().flatten().count()
    }

    /// Sends every sealed ballot of these contests, in random order, each on a fresh WebSocket, and verifies and keeps
    /// every receipt. Ballots without an answer stay sealed: calling this again sends the same bytes.
    pub async fn send(&mut self, contests: &[Contest], pace: Pace) -> Run {
        let mut jobs = Vec::new();
        for (place, phone) in self.phones.iter().enumerate() {
            for contest in contests {
                if let Some(wire) = phone.voter.ballot(*contest) {
                    jobs.push(Job { phone: place, contest: *contest, message: wire.to_vec() });
                }
            }
        }
        jobs.shuffle(&mut self.shuffle);
        let (mut run, answers) = drive(&self.door, Way::Cast, jobs, pace, self.patience).await;
        let mut replies: Vec<Vec<(Contest, Vec<u8>)>> = self.phones.iter().map(|_| Vec::new()).collect();
        for answer in answers {
            match answer.reply {
                Ok(reply) => replies[answer.phone].push((answer.contest, reply)),
                Err(error) => run.failed.push(error.to_string()),
            }
        }
        let outcomes = self
            .on_all_cores(move |place, phone| {
                let replies = replies.get(place).map(Vec::as_slice).unwrap_or_default();
                replies.iter().map(|(contest, reply)| phone.voter.receive(*contest, reply)).collect::<Vec<_>>()
            })
            .await;
        for outcome in outcomes.into_iter().flatten() {
            match outcome {
                Ok(Standing::Received) => run.done += 1,
                Ok(_) => run.closed += 1,
                Err(VoterError::Stop(Stop::BallotRefused(_))) => run.refused += 1,
                Err(error) => run.failed.push(error.to_string()),
            }
        }
        run
    }

    /// [`Self::seal`], then [`Self::send`].
    pub async fn cast_all(&mut self, contest: Contest, pace: Pace, choose: impl FnMut(usize) -> Option<u8>) -> Run {
        self.seal(contest, choose).await;
        self.send(&[contest], pace).await
    }

    /// The tally of the ballots whose receipts these phones hold, one number an option.
    #[must_use]
    pub fn expected(&self, contest: Contest) -> Vec<u32> {
        let mut tally = vec![0; self.manifest.options()];
        for phone in self.phones.iter().filter(|phone| phone.stands(contest, Standing::Received)) {
            if let Some(count) = phone.marks.get(&contest).and_then(|j| tally.get_mut(usize::from(*j))) {
                *count += 1;
            }
        }
        tally
    }

    /// Every receipt, phone by phone.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        let contests = self.manifest.contests.iter().map(|keys| keys.contest);
        self.phones.iter().flat_map(move |phone| {
            let enrolled = phone.voter.enrolled();
            contests.clone().filter_map(move |contest| enrolled.and_then(|e| e.receipt(contest)))
        })
    }

    /// The receipted ballots of a contest that a whole board does **not** hold: each one proves misconduct.
    ///
    /// # Errors
    /// [`Stop::UnreadableBoard`].
    pub fn absent(&self, contest: Contest, entries: &[u8]) -> Result<Vec<Hash>, Stop> {
        let board = Board::from_entries(entries).map_err(|_| Stop::UnreadableBoard(contest))?;
        let mut leaves = board.leaves().to_vec();
        leaves.sort_unstable();
        let held = self.receipts().filter(|receipt| receipt.contest == contest);
        Ok(held.map(|receipt| receipt.leaf).filter(|leaf| leaves.binary_search(leaf).is_err()).collect())
    }

    /// Writes every receipt as `receipt-<item>-<round>-<leaf>.txt`. Returns how many.
    ///
    /// # Errors
    /// If the folder cannot be made or a file not be written.
    pub fn save_receipts(&self, folder: &Path) -> io::Result<usize> {
        fs::create_dir_all(folder)?;
        let mut count = 0;
        for receipt in self.receipts() {
            let Contest { item, round } = receipt.contest;
            let name = format!("receipt-{item}-{round}-{}.txt", hex(&receipt.leaf[..8]));
            fs::write(folder.join(name), &receipt.note)?;
            count += 1;
        }
        Ok(count)
    }

    /// Runs work on every phone, shared out over the cores, off the network's threads; results in the phones' order.
    async fn on_all_cores<T, F>(&mut self, work: F) -> Vec<T>
    where
        T: Send + 'static,
        F: Fn(usize, &mut Phone) -> T + Send + Sync + 'static,
    {
        let mut phones = core::mem::take(&mut self.phones);
        let spread = tokio::task::spawn_blocking(move || {
            let share = phones.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
            let work = &work;
            let parts: Vec<Vec<T>> = thread::scope(|scope| {
                let handles: Vec<_> = phones
                    .chunks_mut(share)
                    .enumerate()
                    .map(|(part, chunk)| {
                        let each = move |(at, phone): (usize, &mut Phone)| work(part * share + at, phone);
                        scope.spawn(move || chunk.iter_mut().enumerate().map(each).collect())
                    })
                    .collect();
                handles.into_iter().map(joined).collect()
            });
            (phones, parts.into_iter().flatten().collect())
        });
        match spread.await {
            Ok((phones, results)) => {
                self.phones = phones;
                results
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// A thread's result; its panic goes on here.
fn joined<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Phone {
    fn stands(&self, contest: Contest, standing: Standing) -> bool {
        self.voter.enrolled().and_then(|enrolled| enrolled.standing(contest)) == Some(standing)
    }
}
