//! One contest's urn in memory, from preparation until its keys are destroyed.
//!
//! What it holds of a ballot is what a repeated cast needs, by B: the leaf hash. Which option a ballot opens to is
//! kept only where counts are shown live, and then only until it has been shown ([`super::live`]).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
};

use douxuan_crypto::{
    ballot::Cast,
    blind::IssuerKey,
    contest::Contest,
    manifest::Manifest,
    merkle::Hash,
    receipt::{CastReply, Receipt},
    seal::SealingKey,
    sign::SigningKey,
    spool::{Spool, SpoolRecord},
};

use super::{commit::Order, live::Live};
use crate::secrets::ContestSecrets;

/// Whether new ballots are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Unopened,
    Open,
    Closing,
    /// An alarm: see the contest's view.
    Stopped,
}

/// How a ballot stands to what is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// This very ballot is in: its receipt again.
    Held,
    /// Another ballot under the same B is in.
    Used,
    New,
}

struct State {
    gate: Gate,
    held: HashMap<[u8; 32], Hash>,
}

/// The secrets and the state of one contest. Dropped, and with it zeroised, when its keys are destroyed.
pub(super) struct ContestUrn {
    pub(super) contest: Contest,
    pub(super) manifest: Arc<Manifest>,
    pub(super) issuer: IssuerKey,
    pub(super) format: Spool,
    casting: SealingKey,
    receipts: Arc<SigningKey>,
    state: Mutex<State>,
    live: Mutex<Option<Live>>,
    committer: Mutex<Option<mpsc::Sender<Order>>>,
}

impl ContestUrn {
    pub(super) fn new(
        manifest: Arc<Manifest>,
        contest: Contest,
        secrets: ContestSecrets,
        receipts: Arc<SigningKey>,
    ) -> Self {
        let ContestSecrets { spool, issuer, casting } = secrets;
        let format = Spool::new(spool, &manifest.id, contest, manifest.options());
        Self {
            contest,
            manifest,
            issuer,
            format,
            casting,
            receipts,
            state: Mutex::new(State { gate: Gate::Unopened, held: HashMap::new() }),
            live: Mutex::new(None),
            committer: Mutex::new(None),
        }
    }

    /// Opens an envelope with E; `None` for anything that is not a cast sealed to this contest.
    pub(super) fn unseal(&self, wire: &[u8]) -> Option<Cast> {
        Cast::unseal(&self.manifest, self.contest, &self.casting, wire).ok()
    }

    pub(super) fn gate(&self) -> Gate {
        self.state().gate
    }

    pub(super) fn set_gate(&self, gate: Gate) {
        self.state().gate = gate;
    }

    pub(super) fn standing(&self, b: &[u8; 32], leaf: &Hash) -> Standing {
        match self.state().held.get(b) {
            Some(held) if held == leaf => Standing::Held,
            Some(_) => Standing::Used,
            None => Standing::New,
        }
    }

    /// Takes note of ballots that are durable now: `(B, leaf hash, option)`.
    pub(super) fn hold(&self, ballots: impl Iterator<Item = ([u8; 32], Hash, u8)>) {
        let mut live = self.live();
        let mut state = self.state();
        for (b, leaf, option) in ballots {
            state.held.insert(b, leaf);
            if let Some(live) = live.as_mut() {
                live.add(leaf, option);
            }
        }
    }

    /// Starts from what a spool holds.
    pub(super) fn restore(&self, records: &[SpoolRecord], live: Option<Live>) {
        *self.live() = live;
        self.state().held = records.iter().map(|r| (*r.ballot.b(), r.ballot.leaf())).collect();
    }

    /// Leaves of the ballots that are durable as far as this process knows.
    pub(super) fn acknowledged(&self) -> Vec<Hash> {
        self.state().held.values().copied().collect()
    }

    /// How many ballots are durable.
    pub(super) fn received(&self) -> u32 {
        u32::try_from(self.state().held.len()).unwrap_or(u32::MAX)
    }

    /// The receipt of a ballot. **Only for one that is durable.**
    pub(super) fn receipt(&self, leaf: &Hash) -> CastReply {
        CastReply::Accepted(Receipt::issue(&self.manifest, self.contest, leaf, &self.receipts).note)
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the committer that takes verified ballots from now on, or takes it away; returns the one before.
    pub(super) fn set_committer(&self, orders: Option<mpsc::Sender<Order>>) -> Option<mpsc::Sender<Order>> {
        std::mem::replace(&mut *self.committer.lock().unwrap_or_else(PoisonError::into_inner), orders)
    }

    /// Hands an order to the committer; gives it back if there is none any more.
    pub(super) fn order(&self, order: Order) -> Result<(), Order> {
        match self.committer.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(orders) => orders.send(order).map_err(|mpsc::SendError(order)| order),
            None => Err(order),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
