//! The one who carries results: each to each target, once, however often it takes.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use douxuan_ballot::native::door::{Door, NetworkError};
use douxuan_crypto::{bytes::hex, sign::SigningKey};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{Delivery, DeliveryState, Message, Target, shown};
use crate::{
    record::{Hand, Id, Kept, Record, result::Outcome},
    web::Refusal,
};

/// How long one waits after a failure, and how often one tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After the first failure; twice as long after each further one.
    pub first: Duration,
    /// Never longer.
    pub most: Duration,
    /// Attempts.
    pub attempts: u32,
    /// How often one looks for something new.
    pub look: Duration,
}

impl Patience {
    /// From 2 s to an hour, for about three days.
    pub const USUAL: Self = Self {
        first: Duration::from_secs(2),
        most: Duration::from_secs(3600),
        attempts: 80,
        look: Duration::from_secs(2),
    };
}

/// Bytes of a receiver's answer; nothing is read out of it.
const ANSWER: usize = 64 << 10;

impl Record {
    /// Carries every result to every target until `stop`. A delivery that waited when the server ended goes on; one that
    /// was given up is tried anew.
    pub async fn hand_over(
        self,
        targets: Vec<Target>,
        key: SigningKey,
        patience: Patience,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut failed: HashMap<Id, (u32, Instant)> = HashMap::new();
        let mut first = true;
        while !targets.is_empty() && !*stop.borrow() {
            // What cannot be written now is tried again at the next look.
            let _ = self.prepare(&targets, first).await;
            first = false;
            for delivery in self.waiting(&targets) {
                let (attempts, due) = failed.get(&delivery.id).copied().unwrap_or((0, Instant::now()));
                if due > Instant::now() {
                    continue;
                }
                let carried = tokio::select! {
                    carried = self.carry(&delivery, &targets, &key) => carried,
                    _ = stop.wait_for(|stop| *stop) => return,
                };
                let state = match carried {
                    Ok(()) => DeliveryState::Delivered { at: self.at() },
                    Err(last) if attempts + 1 >= patience.attempts => DeliveryState::GivenUp { last },
                    Err(last) => DeliveryState::Waiting { last },
                };
                let wait = patience.first.saturating_mul(1 << attempts.min(20)).min(patience.most);
                failed.insert(delivery.id, (attempts + 1, Instant::now() + wait));
                let _ = self.note(delivery, state).await;
            }
            tokio::select! {
                () = sleep_until(Instant::now() + patience.look) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// A delivery for every result and target that has none. Those given up wait again at a start.
    async fn prepare(&self, targets: &[Target], anew: bool) -> Result<(), Refusal> {
        let now = self.book().now();
        let known = now.documents.all::<Delivery>();
        let mut missing = Vec::new();
        for outcome in now.documents.all::<Outcome>() {
            for target in targets.iter().map(Target::to_string) {
                if !known.iter().any(|kept| kept.body.outcome == outcome.id && kept.body.target == target) {
                    let state = DeliveryState::Waiting { last: String::new() };
                    missing.push(Delivery { outcome: outcome.id, target, state });
                }
            }
        }
        let given_up = |kept: &&Kept<Delivery>| anew && matches!(kept.body.state, DeliveryState::GivenUp { .. });
        let again: Vec<Kept<Delivery>> = known.iter().filter(given_up).cloned().collect();
        if missing.is_empty() && again.is_empty() {
            return Ok(());
        }
        self.book()
            .change(&self.courier(), |draft| {
                for delivery in &missing {
                    draft.add("delivery/begin", delivery, "");
                }
                for mut kept in again {
                    kept.body.state = DeliveryState::Waiting { last: String::new() };
                    draft.set("delivery/again", &kept, "")?;
                }
                Ok(())
            })
            .await
    }

    fn waiting(&self, targets: &[Target]) -> Vec<Kept<Delivery>> {
        let all = self.book().now().documents.all::<Delivery>();
        let allowed = |target: &str| targets.iter().any(|one| one.to_string() == target);
        let waits = |state: &DeliveryState| matches!(state, DeliveryState::Waiting { .. });
        all.into_iter().filter(|kept| waits(&kept.body.state) && allowed(&kept.body.target)).collect()
    }

    /// One attempt; what went wrong, in words.
    async fn carry(&self, delivery: &Kept<Delivery>, targets: &[Target], key: &SigningKey) -> Result<(), String> {
        let now = self.book().now();
        let outcome = now.documents.find::<Outcome>(delivery.body.outcome).ok_or("the result is no more")?;
        let target = targets.iter().find(|target| target.to_string() == delivery.body.target).ok_or("not allowed")?;
        let body = serde_json::to_vec(&Message::of(&outcome, self.seconds())).map_err(|error| error.to_string())?;
        let (signature, shown) = (hex(&key.sign(&body)), shown(key));
        let headers =
            [("Content-Type", "application/json"), ("Douxuan-Key", &*shown), ("Douxuan-Signature", &*signature)];
        let door = Door::find(&target.origin, None).await.map_err(|error| error.to_string())?;
        match door.post_with(&target.path, &headers, body, ANSWER).await {
            Ok(_) | Err(NetworkError::Status(200..=299 | 409, _)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes how it went, if that is new.
    async fn note(&self, mut delivery: Kept<Delivery>, state: DeliveryState) -> Result<(), Refusal> {
        if delivery.body.state == state {
            return Ok(());
        }
        delivery.body.state = state;
        self.book().change(&self.courier(), |draft| draft.set("delivery/state", &delivery, "")).await
    }

    fn courier(&self) -> Hand {
        Hand { who: "douxuan".to_owned(), role: "machine".to_owned(), at: self.at(), accounts: Vec::new() }
    }

    fn seconds(&self) -> u64 {
        self.clock_now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}
