//! What answering an enrolment needs, shared by the workers: fixed lists, and keys that go when their time is over.

use std::sync::{Arc, PoisonError, RwLock};

use douxuan_crypto::{
    blind::IssuerKey,
    contest::Contest,
    manifest::Manifest,
    merkle::Hash,
    seal::SealingKey,
    token::{Mask, TokenTree},
};

use super::ledger::Ledger;
use crate::secrets::{Secrets, SecretsError};

/// One meeting's lists and keys. The keys leave memory with the last request that still uses them.
pub(super) struct Sheet {
    /// What is fixed.
    pub manifest: Arc<Manifest>,
    tree: Arc<TokenTree>,
    enrolment: RwLock<Option<Arc<SealingKey>>>,
    issuers: RwLock<Vec<Option<Arc<IssuerKey>>>>,
}

impl Sheet {
    /// Takes the lists of a roll, and of the keys those that still exist.
    ///
    /// # Errors
    /// [`SecretsError`] if a key file is damaged or unreadable.
    pub(super) fn new(ledger: &Ledger, secrets: &Secrets) -> Result<Self, SecretsError> {
        let manifest = ledger.manifest.clone();
        let issuers = manifest.contests.iter().map(|keys| Ok(secrets.issuer_key(keys.contest)?.map(Arc::new)));
        Ok(Self {
            issuers: RwLock::new(issuers.collect::<Result<_, SecretsError>>()?),
            enrolment: RwLock::new(secrets.enrol_key()?.map(Arc::new)),
            tree: ledger.tree.clone(),
            manifest,
        })
    }

    /// The private half of E_0, while enrolment has not ended.
    #[must_use]
    pub(super) fn enrolment_key(&self) -> Option<Arc<SealingKey>> {
        self.enrolment.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets E_0.
    pub(super) fn drop_enrolment_key(&self) {
        *self.enrolment.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The issuer keys in contest order; `None` for a contest that has closed.
    #[must_use]
    pub(super) fn issuers(&self) -> Vec<Option<Arc<IssuerKey>>> {
        self.issuers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets a closed contest's k.
    pub(super) fn drop_issuer(&self, contest: Contest) {
        let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.manifest.index_of(contest).and_then(|at| issuers.get_mut(at)) {
            *key = None;
        }
    }

    /// Index, mask and inclusion path of a slip; `None` for one that is not of this meeting.
    #[must_use]
    pub(super) fn leaf(&self, t: &[u8; 32]) -> Option<(u32, &Mask, Vec<Hash>)> {
        let at = self.tree.find(t)?;
        let mask = &self.tree.leaves().get(at)?.mask;
        Some((u32::try_from(at).ok()?, mask, self.tree.path(at)))
    }
}
