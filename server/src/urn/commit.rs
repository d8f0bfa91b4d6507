//! Group commit: one thread a contest writes verified ballots to the spool, as many as wait, with one sync.
//!
//! The crash points, in the order of the code: before the write nothing is there; between write and sync a torn
//! group, which recovery cuts or keeps and nobody was told of; after the sync the ballots count, and a phone that got
//! no answer gets its receipt when it sends the same bytes again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
};

use douxuan_crypto::{ballot::Ballot, commit::Opening, merkle::Hash, receipt::CastReply, seal::ReplyKey};
use rand::seq::SliceRandom;
use rand_core::CryptoRng;
use tokio::sync::oneshot;

use super::{
    contest::{ContestUrn, Gate, Standing},
    phase::{Phase, Views},
    spool::SpoolFile,
};
use crate::disk::AppendError;

/// What a phone gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The sealed reply, 541 bytes whatever it says.
    Sealed(Vec<u8>),
    /// Nothing: the message was not a cast sealed to a contest of this meeting.
    Silent,
    /// Nothing now; the same bytes may be sent again later. The disk or the queue is full, or the server is stopping.
    Later,
    /// Nothing: the contest was stopped by an alarm.
    Stopped,
}

/// Where an answer goes. Dropped unanswered, the connection closes without a reply.
pub(super) struct Reply(pub(super) oneshot::Sender<Answer>);

impl Reply {
    pub(super) fn send(self, answer: Answer) {
        // Whoever asked may be gone.
        let _ = self.0.send(answer);
    }

    pub(super) fn seal<R: CryptoRng + ?Sized>(self, reply: &CastReply, key: &ReplyKey, rng: &mut R) {
        self.send(Answer::Sealed(reply.seal(key, rng)));
    }
}

/// A ballot that passed every check but the one for a used B.
pub(super) struct Checked {
    pub(super) ballot: Ballot,
    pub(super) leaf: Hash,
    pub(super) opening: Opening,
    pub(super) reply_key: ReplyKey,
    pub(super) reply: Reply,
}

/// What the committer is told.
pub(super) enum Order {
    /// Make these durable and answer them.
    Commit(Vec<Checked>),
    /// Finish what was ordered before, let go of the file, say so, and end.
    Leave(oneshot::Sender<()>),
}

/// Starts the committer of a contest whose spool is ready, and opens its gate.
pub(super) fn start(
    urn: &Arc<ContestUrn>,
    file: SpoolFile,
    views: Views,
    rng: Box<dyn CryptoRng + Send>,
) -> std::io::Result<()> {
    let (orders, queue) = mpsc::channel();
    let committer = Committer { urn: Arc::clone(urn), file, views: views.clone(), rng };
    let urn_of_thread = Arc::clone(urn);
    std::thread::Builder::new().name(format!("urn-{}", urn.contest)).spawn(move || {
        // A panic would leave the contest open with nobody to commit: it stops instead, for everybody to see.
        if catch_unwind(AssertUnwindSafe(|| committer.run(&queue))).is_err() {
            stop(&urn_of_thread, &views, "程序内部错误");
        }
    })?;
    urn.set_committer(Some(orders));
    urn.set_gate(Gate::Open);
    Ok(())
}

/// Lets the committer finish what it has, and waits for that. Afterwards nobody holds the spool file.
pub(super) async fn drain(urn: &ContestUrn) {
    if let Some(orders) = urn.set_committer(None) {
        let (left, gone) = oneshot::channel();
        if orders.send(Order::Leave(left)).is_ok() {
            let _ = gone.await;
        }
    }
}

struct Committer {
    urn: Arc<ContestUrn>,
    file: SpoolFile,
    views: Views,
    rng: Box<dyn CryptoRng + Send>,
}

impl Committer {
    fn run(mut self, queue: &mpsc::Receiver<Order>) {
        while let Ok(first) = queue.recv() {
            let (mut group, mut leave) = (Vec::new(), None);
            for order in std::iter::once(first).chain(queue.try_iter()) {
                match order {
                    Order::Commit(ballots) => group.extend(ballots),
                    Order::Leave(left) => leave = Some(left),
                }
            }
            self.commit(group);
            if let Some(left) = leave {
                drop(self);
                let _ = left.send(());
                return;
            }
        }
    }

    fn commit(&mut self, group: Vec<Checked>) {
        let (mut fresh, mut again): (Vec<Checked>, Vec<Checked>) = (Vec::new(), Vec::new());
        for checked in group {
            let b = checked.ballot.b();
            match self.urn.standing(b, &checked.leaf) {
                Standing::Held => self.accept(checked),
                Standing::Used => self.refuse(checked),
                Standing::New => match fresh.iter().find(|first| first.ballot.b() == b) {
                    None => fresh.push(checked),
                    Some(first) if first.leaf == checked.leaf => again.push(checked),
                    Some(_) => self.refuse(checked),
                },
            }
        }
        if fresh.is_empty() {
            return;
        }
        // Within a group, the file does not follow the order of arrival.
        fresh.shuffle(&mut *self.rng);
        let records = fresh.iter().map(|c| (&c.ballot, &c.opening));
        match self.file.append(&self.urn.format, records, &mut *self.rng) {
            Ok(()) => {
                self.urn.hold(fresh.iter().map(|c| (*c.ballot.b(), c.leaf, c.opening.option())));
                self.views.change(self.urn.contest, |view| {
                    view.alarm.take_if(|alarm| alarm == FULL);
                });
                fresh.into_iter().chain(again).for_each(|checked| self.accept(checked));
            }
            Err(AppendError::Full) => {
                self.views.change(self.urn.contest, |view| view.alarm = Some(FULL.to_owned()));
                fresh.into_iter().chain(again).for_each(|checked| checked.reply.send(Answer::Later));
            }
            Err(AppendError::Broken(why)) => {
                stop(&self.urn, &self.views, &why);
                fresh.into_iter().chain(again).for_each(|checked| checked.reply.send(Answer::Stopped));
            }
        }
    }

    fn accept(&mut self, checked: Checked) {
        let receipt = self.urn.receipt(&checked.leaf);
        checked.reply.seal(&receipt, &checked.reply_key, &mut *self.rng);
    }

    fn refuse(&mut self, checked: Checked) {
        checked.reply.seal(&CastReply::Refused, &checked.reply_key, &mut *self.rng);
    }
}

/// An fsync that failed is never retried: nobody can say what the disk holds now. The contest stops at once, for
/// everybody to see; what was acknowledged before stays acknowledged.
fn stop(urn: &ContestUrn, views: &Views, why: &str) {
    if urn.gate() == Gate::Open {
        urn.set_gate(Gate::Stopped);
    }
    views.change(urn.contest, |view| {
        view.phase = Phase::Stopped;
        view.alarm = Some(format!(
            "写盘失败（{why}），这一项已停止收票。已发回执的票都在。请检查磁盘，然后重新启动程序接着收，或截止这一项。"
        ));
    });
}

/// What the console shows while nothing can be written.
const FULL: &str = "磁盘已满，新的票暂时收不进来，手机会自动重试。请马上腾出空间；已发回执的票都在。";
