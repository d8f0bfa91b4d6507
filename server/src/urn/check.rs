//! The checks of a cast, in the order of PROTOCOL section 6, on threads of their own: a ballot costs about a quarter
//! of a millisecond, which on the async workers would stall every socket.
//!
//! A thread takes its share of the casts that wait, up to [`BATCH`], so that their choice proofs are verified
//! together: under load that is the larger part of the cost.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use douxuan_crypto::{
    ballot::{Ballot, Cast, RawBallot},
    contest::Contest,
    receipt::CastReply,
    seal::ReplyKey,
};
use rand_core::CryptoRng;

use super::{
    RandomSource,
    commit::{Answer, Checked, Order, Reply},
    contest::{ContestUrn, Gate, Standing},
};

/// Most casts that one thread takes at once. Twice as many gain 3 % and wait twice as long.
const BATCH: usize = 64;

/// One cast as it came.
pub(super) struct Job {
    pub(super) urn: Arc<ContestUrn>,
    pub(super) wire: Vec<u8>,
    pub(super) reply: Reply,
}

struct Waiting {
    jobs: VecDeque<Job>,
    ended: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    ready: Condvar,
    places: usize,
    threads: usize,
}

/// The threads and their bounded queue.
pub(super) struct Checkers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Checkers {
    /// Starts `threads` threads behind a queue of `places` casts.
    pub(super) fn start(threads: usize, places: usize, random: &RandomSource) -> std::io::Result<Self> {
        let waiting = Mutex::new(Waiting { jobs: VecDeque::new(), ended: false });
        let queue = Arc::new(Queue { waiting, ready: Condvar::new(), places, threads: threads.max(1) });
        let spawn = |number| {
            let (queue, random) = (Arc::clone(&queue), Arc::clone(random));
            let thread = std::thread::Builder::new().name(format!("urn-check-{number}"));
            thread.spawn(move || {
                let mut rng = random();
                while let Some(batch) = queue.take() {
                    // A panic costs its own batch the answers, not the meeting its thread.
                    let _ = catch_unwind(AssertUnwindSafe(|| check(batch, &mut *rng)));
                }
            })
        };
        let threads = (0..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { queue, threads: Mutex::new(threads) })
    }

    /// Puts a cast into the queue; answers it at once if the queue is full or has ended.
    pub(super) fn put(&self, job: Job) {
        let mut waiting = self.queue.lock();
        if waiting.ended || waiting.jobs.len() >= self.queue.places {
            drop(waiting);
            job.reply.send(Answer::Later);
            return;
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.queue.ready.notify_one();
    }

    /// Lets the threads finish what waits, and ends them.
    pub(super) fn end(&self) {
        self.queue.lock().ended = true;
        self.queue.ready.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl Drop for Checkers {
    fn drop(&mut self) {
        self.queue.lock().ended = true;
        self.queue.ready.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for casts and takes what is there; `None` once the queue has ended and is empty.
    fn take(&self) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        loop {
            if !waiting.jobs.is_empty() {
                // A short queue is shared, so that nobody waits behind others while a thread idles; of a long one each
                // thread takes all it can, so that groups are large.
                let waits = waiting.jobs.len();
                let count = if waits < BATCH { waits.div_ceil(self.threads) } else { BATCH };
                return Some(waiting.jobs.drain(..count).collect());
            }
            if waiting.ended {
                return None;
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A cast whose ballot passed the checks before the choice proof.
struct Candidate {
    urn: Arc<ContestUrn>,
    cast: Cast,
    ballot: Ballot,
    reply: Reply,
}

impl Candidate {
    fn refuse(self, rng: &mut dyn CryptoRng) {
        self.reply.seal(&CastReply::Refused, &self.cast.reply_key, rng);
    }
}

/// All checks but the last one, which is the committer's: B new.
fn check(batch: Vec<Job>, rng: &mut dyn CryptoRng) {
    let mut candidates: Vec<Candidate> = batch.into_iter().filter_map(|job| examine(job, rng)).collect();
    let Some(manifest) = candidates.first().map(|c| Arc::clone(&c.urn.manifest)) else { return };
    let one_meeting = candidates.iter().all(|c| c.urn.manifest.id == manifest.id);

    // All proofs together; if that fails, or casts of two meetings meet, each alone.
    if !one_meeting || Ballot::check_choices(&manifest.id, candidates.iter().map(|c| &c.ballot)).is_err() {
        let (sound, unsound) = candidates.into_iter().partition(|c| c.ballot.check_choice(&c.urn.manifest.id).is_ok());
        candidates = sound;
        Vec::into_iter(unsound).for_each(|c: Candidate| c.refuse(rng));
    }

    let mut groups: Vec<(Arc<ContestUrn>, Vec<Checked>)> = Vec::new();
    for candidate in candidates {
        let opening = candidate.cast.opening().ok().filter(|o| candidate.ballot.check_opening(o).is_ok());
        let Some(opening) = opening else {
            candidate.refuse(rng);
            continue;
        };
        let Candidate { urn, cast, ballot, reply } = candidate;
        let checked = Checked { leaf: ballot.leaf(), ballot, opening, reply_key: cast.reply_key, reply };
        match groups.iter_mut().find(|(other, _)| Arc::ptr_eq(other, &urn)) {
            Some((_, group)) => group.push(checked),
            None => groups.push((urn, vec![checked])),
        }
    }
    for (urn, group) in groups {
        // Without a committer the contest has just begun to close, or the server to stop.
        if let Err(Order::Commit(group)) = urn.order(Order::Commit(group)) {
            for checked in group {
                turn_away(&urn, checked.reply, &checked.reply_key, rng);
            }
        }
    }
}

/// Opens a cast, and checks: already durable; contest open; decode; sigma; N.
fn examine(job: Job, rng: &mut dyn CryptoRng) -> Option<Candidate> {
    let Job { urn, wire, reply } = job;
    let Some(cast) = urn.unseal(&wire) else {
        reply.send(Answer::Silent);
        return None;
    };
    let held = RawBallot::split(cast.ballot_bytes(), urn.manifest.options())
        .map(|raw| (raw.leaf(), urn.standing(raw.b, &raw.leaf())));
    if let Ok((leaf, Standing::Held)) = held {
        reply.seal(&urn.receipt(&leaf), &cast.reply_key, rng);
        return None;
    }
    if urn.gate() != Gate::Open {
        turn_away(&urn, reply, &cast.reply_key, rng);
        return None;
    }
    let ballot = Ballot::decode(cast.ballot_bytes(), urn.contest, urn.manifest.options()).ok();
    let ballot = ballot.filter(|b| b.check_signature(&urn.manifest.id).is_ok());
    match ballot.filter(|b| b.check_credential(&urn.manifest.id, &urn.issuer).is_ok()) {
        Some(ballot) => Some(Candidate { urn, cast, ballot, reply }),
        None => {
            reply.seal(&CastReply::Refused, &cast.reply_key, rng);
            None
        }
    }
}

/// The answer to a new ballot where the gate is not open.
fn turn_away(urn: &ContestUrn, reply: Reply, key: &ReplyKey, rng: &mut dyn CryptoRng) {
    match urn.gate() {
        Gate::Unopened => reply.seal(&CastReply::Refused, key, rng),
        Gate::Closing => reply.seal(&CastReply::Closed, key, rng),
        Gate::Stopped => reply.send(Answer::Stopped),
        // Open, but no committer: the server is stopping.
        Gate::Open => reply.send(Answer::Later),
    }
}

/// The contest that a cast names and the length that it must have, before any work is done for it.
pub(super) fn addressee(wire: &[u8], options: usize) -> Option<Contest> {
    use douxuan_crypto::{ballot::cast_len, seal::Kind};
    if wire.len() != cast_len(options) {
        return None;
    }
    douxuan_crypto::seal::addressee(Kind::Cast, wire)
}
