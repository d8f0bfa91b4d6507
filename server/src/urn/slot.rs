//! Where casts go in: from the wire to the checkers, by the contest that the envelope names.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use douxuan_crypto::contest::Contest;
use tokio::sync::oneshot;

use super::{
    check::{self, Checkers, Job},
    commit::{Answer, Reply},
    contest::ContestUrn,
};

#[derive(Default)]
struct Urns {
    /// Options of the scale, which fix the length of a cast.
    options: usize,
    by_contest: BTreeMap<Contest, Arc<ContestUrn>>,
}

/// The contests whose E still exists.
pub(super) struct Slot {
    urns: RwLock<Urns>,
    checkers: Checkers,
}

impl Slot {
    pub(super) fn new(checkers: Checkers) -> Self {
        Self { urns: RwLock::default(), checkers }
    }

    /// Checks a cast, makes it durable, and answers it.
    pub(super) async fn cast(&self, wire: Vec<u8>) -> Answer {
        let urn = {
            let urns = self.urns.read().unwrap_or_else(PoisonError::into_inner);
            check::addressee(&wire, urns.options).and_then(|contest| urns.by_contest.get(&contest).cloned())
        };
        let Some(urn) = urn else { return Answer::Silent };
        let (reply, answered) = oneshot::channel();
        self.checkers.put(Job { urn, wire, reply: Reply(reply) });
        answered.await.unwrap_or(Answer::Later)
    }

    pub(super) fn urn(&self, contest: Contest) -> Option<Arc<ContestUrn>> {
        self.urns.read().unwrap_or_else(PoisonError::into_inner).by_contest.get(&contest).cloned()
    }

    pub(super) fn urns(&self) -> Vec<Arc<ContestUrn>> {
        self.urns.read().unwrap_or_else(PoisonError::into_inner).by_contest.values().cloned().collect()
    }

    pub(super) fn put(&self, urn: Arc<ContestUrn>) {
        self.urns.write().unwrap_or_else(PoisonError::into_inner).by_contest.insert(urn.contest, urn);
    }

    pub(super) fn remove(&self, contest: Contest) {
        self.urns.write().unwrap_or_else(PoisonError::into_inner).by_contest.remove(&contest);
    }

    /// Makes room for another meeting.
    pub(super) fn reset(&self, options: usize) {
        *self.urns.write().unwrap_or_else(PoisonError::into_inner) = Urns { options, by_contest: BTreeMap::new() };
    }

    /// Finishes what waits and takes nothing more. Blocks until the threads have ended.
    pub(super) fn end(&self) {
        self.checkers.end();
    }
}

impl Drop for Slot {
    /// A committer ends when nobody can order anything of it any more.
    fn drop(&mut self) {
        for urn in self.urns() {
            urn.set_committer(None);
        }
    }
}
