//! The roll's door to the desk and the hall: acts of the office, counts and lists. No voter's request comes this way.

use std::{path::Path, sync::Arc};

use douxuan_crypto::{
    contest::Contest,
    lists::Lists,
    log::Reason,
    manifest::Manifest,
    token::{Mask, TokenLeaf},
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    RandomSource, Roll, RollError, RollView, SlipState, WindowClosed, clerk::Clerk, command::Command, ledger::Ledger,
    store::Store, workers::Workers,
};
use crate::{
    limits,
    secrets::{Secrets, Vault},
};

/// What the desk may ask of one slip in its hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlipFacts {
    /// Spent, void, or neither.
    pub state: SlipState,
    /// What it does not rate.
    pub mask: Option<Mask>,
}

/// What the roll remembers of the office's acts: the log is brought up to it after a crash.
pub struct RollFacts {
    /// Windows in order, `None` for the one that is open.
    pub windows: Vec<Option<WindowClosed>>,
    /// Enrolment has ended.
    pub ended: bool,
    /// The lists.
    pub lists: Lists,
}

/// A handle on the roll.
#[derive(Clone)]
pub struct RollDoor {
    clerk: mpsc::Sender<Command>,
    view: watch::Receiver<RollView>,
}

impl RollDoor {
    /// Opens the roll of a data folder, starts its clerk and its threads. What a crash left half done is finished.
    ///
    /// # Errors
    /// [`RollError`]; in particular a roll older than its high-water file.
    pub async fn start(
        data: &Path,
        vault: &Vault,
        threads: usize,
        random: &RandomSource,
    ) -> Result<(Self, Roll), RollError> {
        let (store, ledger) = Store::open(data).await?;
        let secrets = ledger.as_ref().map(|ledger| Secrets::open(vault, &ledger.manifest.meeting));
        let clerk = Clerk::new(store, ledger, secrets)?;
        let (view, sheets) = (clerk.watch(), clerk.sheets());
        let workers = Workers::start(threads, limits::ENROL_QUEUE, random).map_err(RollError::Threads)?;
        let (sender, queue) = mpsc::channel(limits::ENROL_QUEUE);
        tokio::spawn(clerk.work(queue));
        let roll = Roll::new(sender.clone(), sheets, workers);
        Ok((Self { clerk: sender, view }, roll))
    }

    /// Makes a frozen meeting the current one. The same meeting again changes nothing.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn prepare(
        &self,
        manifest: Arc<Manifest>,
        leaves: Vec<TokenLeaf>,
        secrets: Secrets,
    ) -> Result<(), RollError> {
        self.ask(|answer| Command::Prepare(manifest, leaves, secrets, answer)).await
    }

    /// Has no current meeting from now on.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn retire(&self) -> Result<(), RollError> {
        self.ask(Command::Retire).await
    }

    /// Opens window `number`, which is the next one. The open one again changes nothing.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn open_window(&self, number: u8) -> Result<(), RollError> {
        self.ask(|answer| Command::Open(number, answer)).await
    }

    /// Closes window `number`; a closed one again gives what was fixed then.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn close_window(&self, number: u8, present: u32) -> Result<WindowClosed, RollError> {
        self.ask(|answer| Command::Close(number, present, answer)).await
    }

    /// Ends enrolment for good and destroys the private half of E_0.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn end(&self) -> Result<(), RollError> {
        self.ask(Command::End).await
    }

    /// Voids an unspent slip; a void one again changes nothing.
    ///
    /// # Errors
    /// [`RollError`] for a spent or unknown slip, or after the end of enrolment.
    pub async fn void(&self, t: [u8; 32], reason: Reason) -> Result<(), RollError> {
        self.ask(|answer| Command::Void(t, reason, answer)).await
    }

    /// Forgets the issuer key of a contest that has closed.
    pub async fn forget(&self, contest: Contest) {
        let _ = self.clerk.send(Command::Forget(contest)).await;
    }

    /// How many slips enrolled in windows 1..=window may rate this item.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn issued(&self, window: u8, item: u16) -> Result<u32, RollError> {
        self.look(move |ledger| ledger.issued(window, item)).await
    }

    /// What closing the open window now would fix.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn closing(&self, window: u8, present: u32) -> Result<WindowClosed, RollError> {
        self.look(move |ledger| ledger.closing(window, present)).await
    }

    /// What is known of one slip.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn slip(&self, t: [u8; 32]) -> Result<SlipFacts, RollError> {
        self.look(move |ledger| SlipFacts { state: ledger.slip(&t), mask: ledger.mask(&t).cloned() }).await
    }

    /// The lists of the bundle.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn lists(&self) -> Result<Lists, RollError> {
        self.look(Ledger::lists).await
    }

    /// What the roll remembers of the office's acts.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn facts(&self) -> Result<RollFacts, RollError> {
        let facts = |ledger: &Ledger| RollFacts {
            windows: ledger.windows.iter().map(|window| window.closed).collect(),
            ended: ledger.ended,
            lists: ledger.lists(),
        };
        self.look(facts).await
    }

    /// What is wrong with roll.db itself. **The clerk does nothing else meanwhile**: not while a window is open.
    ///
    /// # Errors
    /// [`RollError`].
    pub async fn faults(&self) -> Result<Vec<String>, RollError> {
        self.ask(Command::Faults).await
    }

    /// The roll's state as it changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<RollView> {
        self.view.clone()
    }

    /// Writes what is under way, closes the database and stops.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.clerk.send(Command::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, RollError>>) -> Command,
    ) -> Result<T, RollError> {
        let (answer, answered) = oneshot::channel();
        self.clerk.send(command(answer)).await.map_err(|_| RollError::Gone)?;
        answered.await.map_err(|_| RollError::Gone)?
    }

    async fn look<T: Send + 'static>(&self, look: impl FnOnce(&Ledger) -> T + Send + 'static) -> Result<T, RollError> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Look(Box::new(move |ledger| {
            let _ = answer.send(ledger.map(look));
        }));
        self.clerk.send(command).await.map_err(|_| RollError::Gone)?;
        answered.await.map_err(|_| RollError::Gone)?.ok_or(RollError::NoMeeting)
    }
}
