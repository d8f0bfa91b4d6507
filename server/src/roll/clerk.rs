//! The one task that writes the roll. Whoever wants to change it stands in its queue, so two phones with one slip,
//! or a phone and a closing window, are never decided at once.
//!
//! **Order of one group of enrolments**: decide each against the ledger and the group before it; commit all that are
//! new in one transaction; raise the high-water file; change the ledger; only then answer. A crash at any point
//! leaves each slip spent with its request hash or unspent, and the phone repeats the same request either way.

use std::{collections::HashMap, sync::Arc};

use douxuan_crypto::{log::Reason, manifest::Manifest, token::TokenLeaf};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    RollError, RollView, WindowClosed,
    command::{Answer, Command, Spend, Verdict},
    ledger::{Ledger, Redeemed, SlipState, Voided, Window},
    sheet::Sheet,
    store::{Store, StoreError},
};
use crate::{limits, secrets::Secrets};

/// The clerk and what it holds.
pub(super) struct Clerk {
    store: Store,
    ledger: Option<Ledger>,
    secrets: Option<Secrets>,
    view: watch::Sender<RollView>,
    sheet: watch::Sender<Option<Arc<Sheet>>>,
}

impl Clerk {
    /// Takes over a store just opened. A crash between the end of enrolment and the destruction of E_0 is mended here.
    ///
    /// # Errors
    /// [`RollError`] if a key file is damaged.
    pub(super) fn new(store: Store, ledger: Option<Ledger>, secrets: Option<Secrets>) -> Result<Self, RollError> {
        let (view, sheet) = (watch::Sender::new(RollView::default()), watch::Sender::new(None));
        let mut clerk = Self { store, ledger: None, secrets: None, view, sheet };
        if let (Some(ledger), Some(secrets)) = (ledger, secrets) {
            if ledger.ended {
                secrets.destroy_enrol_key()?;
            }
            clerk.take(ledger, secrets)?;
        }
        Ok(clerk)
    }

    /// What everybody may see of the roll.
    #[must_use]
    pub(super) fn watch(&self) -> watch::Receiver<RollView> {
        self.view.subscribe()
    }

    /// What answering needs, for the routes of this side alone: it holds keys.
    #[must_use]
    pub(super) fn sheets(&self) -> watch::Receiver<Option<Arc<Sheet>>> {
        self.sheet.subscribe()
    }

    /// Works until [`Command::Stop`], or until nobody can ask any more.
    pub(super) async fn work(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut next = queue.recv().await;
        while let Some(command) = next.take() {
            match command {
                Command::Spend(first) => {
                    let mut group = vec![first];
                    while group.len() < limits::ENROL_GROUP {
                        match queue.try_recv() {
                            Ok(Command::Spend(spend)) => group.push(spend),
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.spend(group).await;
                }
                Command::Stop(done) => {
                    self.store.close().await;
                    let _ = done.send(());
                    return;
                }
                command => self.act(command).await,
            }
            if next.is_none() {
                next = queue.recv().await;
            }
        }
        self.store.close().await;
    }

    async fn act(&mut self, command: Command) {
        match command {
            Command::Prepare(manifest, leaves, secrets, answer) => {
                let done = self.prepare(&manifest, leaves, secrets).await;
                reply(answer, done);
            }
            Command::Retire(answer) => {
                let done = self.retire().await;
                reply(answer, done);
            }
            Command::Open(number, answer) => {
                let done = self.open(number).await;
                reply(answer, done);
            }
            Command::Close(number, present, answer) => {
                let done = self.close(number, present).await;
                reply(answer, done);
            }
            Command::End(answer) => {
                let done = self.end().await;
                reply(answer, done);
            }
            Command::Void(t, reason, answer) => {
                let done = self.void(t, reason).await;
                reply(answer, done);
            }
            Command::Forget(contest) => {
                if let Some(sheet) = &*self.sheet.borrow() {
                    sheet.drop_issuer(contest);
                }
            }
            Command::Faults(answer) => {
                let found = self.store.faults().await;
                reply(answer, found.map_err(RollError::Store));
            }
            Command::Look(look) => look(self.ledger.as_ref()),
            Command::Spend(_) | Command::Stop(_) => {}
        }
    }

    async fn spend(&mut self, group: Vec<Spend>) {
        let Some(ledger) = self.ledger.as_mut() else {
            return group.into_iter().for_each(|spend| answer(spend.verdict, Verdict::NoWindow));
        };
        let Some(window) = ledger.open_window() else {
            return group.into_iter().for_each(|spend| answer(spend.verdict, Verdict::NoWindow));
        };
        let mut fresh: Vec<([u8; 32], Redeemed)> = Vec::new();
        let mut fresh_hash: HashMap<[u8; 32], [u8; 32]> = HashMap::new();
        let mut refused = 0;
        let decided: Vec<(Verdict, oneshot::Sender<Verdict>)> = group
            .into_iter()
            .map(|Spend { t, request_hash, sig, verdict }| {
                let before = ledger.redeemed.get(&t).map(|r| r.request_hash).or(fresh_hash.get(&t).copied());
                let decision = match (before, ledger.slip(&t)) {
                    (Some(first), _) if first == request_hash => Verdict::Granted,
                    (None, SlipState::Unspent) => {
                        fresh_hash.insert(t, request_hash);
                        fresh.push((t, Redeemed { request_hash, sig, window }));
                        Verdict::Granted
                    }
                    _ => {
                        refused += 1;
                        Verdict::Refused
                    }
                };
                (decision, verdict)
            })
            .collect();

        let broken = self.view.borrow().broken;
        let committed = match (fresh.is_empty(), broken) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => match self.store.redeem(&ledger.manifest.id, &fresh).await {
                Ok(()) => true,
                Err(error) => {
                    let mended_by_space = error.is_full();
                    self.view.send_modify(|view| view.broken |= !mended_by_space);
                    false
                }
            },
        };
        if committed {
            ledger.redeemed.extend(fresh);
        }
        let enrolled = ledger.enrolled();
        self.view.send_if_modified(|view| {
            let before = (view.enrolled, view.refused);
            view.enrolled = enrolled;
            view.refused = view.refused.saturating_add(refused);
            before != (view.enrolled, view.refused)
        });
        for (decision, verdict) in decided {
            // Without the commit even a repetition waits: it may lean on a row of this very group.
            let granted = decision == Verdict::Granted;
            answer(verdict, if granted && !committed { Verdict::Failed } else { decision });
        }
    }

    async fn prepare(
        &mut self,
        manifest: &Arc<Manifest>,
        leaves: Vec<TokenLeaf>,
        secrets: Secrets,
    ) -> Result<(), RollError> {
        if self.ledger.as_ref().is_some_and(|ledger| ledger.manifest.id == manifest.id) {
            return Ok(());
        }
        let ledger = Ledger::new(manifest.clone(), leaves).map_err(RollError::Rule)?;
        let done = self.store.prepare(manifest, ledger.tree.leaves()).await;
        self.kept(done)?;
        self.take(ledger, secrets)
    }

    async fn retire(&mut self) -> Result<(), RollError> {
        self.whole()?;
        if self.ledger.is_some() {
            let done = self.store.retire().await;
            self.kept(done)?;
            self.ledger = None;
            self.secrets = None;
            self.sheet.send_replace(None);
            self.view.send_modify(|view| *view = RollView { broken: view.broken, ..RollView::default() });
        }
        Ok(())
    }

    async fn open(&mut self, number: u8) -> Result<(), RollError> {
        self.whole()?;
        let ledger = self.ledger.as_mut().ok_or(RollError::NoMeeting)?;
        if ledger.open_window() == Some(number) {
            return Ok(());
        }
        if ledger.ended || ledger.open_window().is_some() || ledger.opened().checked_add(1) != Some(number) {
            return Err(RollError::Rule("现在不能开放这一次登记"));
        }
        let done = self.store.open_window(&ledger.manifest.id, number).await;
        ledger.windows.push(Window { closed: None });
        if done.is_err() {
            ledger.windows.pop();
        }
        self.kept(done)?;
        self.show();
        Ok(())
    }

    async fn close(&mut self, number: u8, present: u32) -> Result<WindowClosed, RollError> {
        self.whole()?;
        let ledger = self.ledger.as_mut().ok_or(RollError::NoMeeting)?;
        let before = usize::from(number).checked_sub(1).and_then(|at| ledger.windows.get(at));
        if let Some(closed) = before.and_then(|window| window.closed) {
            return Ok(closed);
        }
        if ledger.open_window() != Some(number) {
            return Err(RollError::Rule("这一次登记没有开放"));
        }
        // Decided here, where no enrolment can come between the count and the close.
        let closed = ledger.closing(number, present);
        let counted = closed.redeemed.saturating_add(ledger.on_paper(number));
        if counted > present {
            return Err(RollError::Present { counted, present });
        }
        let done = self.store.close_window(&ledger.manifest.id, &closed).await;
        if done.is_ok()
            && let Some(window) = ledger.windows.last_mut()
        {
            window.closed = Some(closed);
        }
        self.kept(done)?;
        self.show();
        Ok(closed)
    }

    async fn end(&mut self) -> Result<(), RollError> {
        self.whole()?;
        let ledger = self.ledger.as_mut().ok_or(RollError::NoMeeting)?;
        if ledger.open_window().is_some() {
            return Err(RollError::Rule("登记还开放着"));
        }
        if !ledger.ended {
            let done = self.store.end(&ledger.manifest.id).await;
            ledger.ended = done.is_ok();
            self.kept(done)?;
        }
        if let Some(secrets) = &self.secrets {
            secrets.destroy_enrol_key()?;
        }
        if let Some(sheet) = &*self.sheet.borrow() {
            sheet.drop_enrolment_key();
        }
        self.show();
        Ok(())
    }

    async fn void(&mut self, t: [u8; 32], reason: Reason) -> Result<(), RollError> {
        self.whole()?;
        let ledger = self.ledger.as_mut().ok_or(RollError::NoMeeting)?;
        match ledger.slip(&t) {
            SlipState::Voided => return Ok(()),
            SlipState::Unknown => return Err(RollError::Rule("这张票纸不属于本场会议")),
            SlipState::Redeemed => return Err(RollError::Rule("这张票纸已经登记，不能再作废")),
            SlipState::Unspent => {}
        }
        if ledger.ended {
            return Err(RollError::Rule("登记已经结束，未用的票纸已全部失效"));
        }
        let voided = Voided { reason, window: ledger.opened() };
        let done = self.store.void(&ledger.manifest.id, &t, voided).await;
        if done.is_ok() {
            ledger.voided.insert(t, voided);
        }
        self.kept(done)
    }

    fn take(&mut self, ledger: Ledger, secrets: Secrets) -> Result<(), RollError> {
        let sheet = Arc::new(Sheet::new(&ledger, &secrets)?);
        self.ledger = Some(ledger);
        self.secrets = Some(secrets);
        self.sheet.send_replace(Some(sheet));
        self.view.send_modify(|view| view.refused = 0);
        self.show();
        Ok(())
    }

    fn show(&self) {
        if let Some(ledger) = &self.ledger {
            self.view.send_modify(|view| {
                view.meeting = Some(ledger.manifest.id);
                view.windows = ledger.opened();
                view.open = ledger.open_window().is_some();
                view.ended = ledger.ended;
                view.enrolled = ledger.enrolled();
            });
        }
    }

    /// What is in memory may be behind the disk after a failed write; no act builds on it before a restart.
    fn whole(&self) -> Result<(), RollError> {
        if self.view.borrow().broken {
            return Err(RollError::Rule("登记库写盘失败过，请检查磁盘后重新启动程序"));
        }
        Ok(())
    }

    /// After any failure but a full disk nothing more is written: an fsync that failed is not tried again.
    fn kept<T>(&self, done: Result<T, StoreError>) -> Result<T, RollError> {
        done.map_err(|error| {
            let mended_by_space = error.is_full();
            self.view.send_modify(|view| view.broken |= !mended_by_space);
            RollError::Store(error)
        })
    }
}

fn answer(to: oneshot::Sender<Verdict>, verdict: Verdict) {
    // Whoever has gone away in the meantime asks again.
    let _ = to.send(verdict);
}

fn reply<T>(to: Answer<T>, done: Result<T, RollError>) {
    let _ = to.send(done);
}
