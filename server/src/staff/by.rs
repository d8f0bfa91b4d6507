//! Who does an act: one person, or two.

use std::sync::Arc;

use douxuan_crypto::log::Actor;

use super::{
    Staff,
    account::{Account, AccountId},
    rights,
    session::{CookieHash, Signed},
};

/// Who does an act: one person, or two who agreed. The desk writes them into the log.
#[derive(Clone)]
pub struct By {
    people: Vec<Arc<Account>>,
    /// Where he did it, if it is one.
    session: Option<CookieHash>,
    /// What the act rested on when two agreed on it, if one asked and the other confirmed.
    stands: Option<[u8; 32]>,
}

impl By {
    pub(super) fn one(signed: &Signed) -> Self {
        Self { people: vec![signed.account.clone()], session: Some(signed.cookie), stands: None }
    }

    pub(super) fn both(first: Arc<Account>, second: Arc<Account>) -> Self {
        Self { people: vec![first, second], session: None, stands: None }
    }

    /// Two of whom one confirmed what the other had asked for, as things stood then.
    pub(super) fn agreed(first: Arc<Account>, second: Arc<Account>, stands: [u8; 32]) -> Self {
        Self { stands: Some(stands), ..Self::both(first, second) }
    }

    /// The digest of what the act rested on when two people agreed on it ([`super::Look`]). **Whoever does it looks once
    /// more**, while nothing else can change the meeting.
    #[must_use]
    pub const fn stands(&self) -> Option<&[u8; 32]> {
        self.stands.as_ref()
    }

    /// The one who asked comes first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.people.iter().map(AsRef::as_ref)
    }

    /// As the log has them, with the names that the office keeps behind the ids.
    #[must_use]
    pub fn actors(&self, manifest: &[u8; 32]) -> Vec<(Actor, &str)> {
        self.accounts().filter_map(|account| Some((account.actor(manifest)?, account.name.as_str()))).collect()
    }

    /// One person's own part of an act that two do, each for himself; `None` for two who agreed.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        match (self.people.as_slice(), self.session) {
            ([account], Some(session)) => Some(Part { account: account.clone(), session }),
            _ => None,
        }
    }
}

/// What one person did of an act that two do, each for himself, **each in a browser of his own**: it counts as long as
/// the session lasts in which he did it. A browser holds one session, so it cannot hold both parts.
#[derive(Clone)]
pub struct Part {
    account: Arc<Account>,
    session: CookieHash,
}

impl Part {
    /// Who.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Whether the same person did the other part, in whatever browser.
    #[must_use]
    pub fn is_of(&self, account: AccountId) -> bool {
        self.account.id == account
    }

    /// Both, this one first; `None` if it is one person or one browser, or if no teller is among them.
    #[must_use]
    pub fn with(&self, second: &Self) -> Option<By> {
        let two = !self.is_of(second.account.id) && self.session != second.session;
        let may = rights::may_count(self.account.role, second.account.role);
        (two && may).then(|| By::both(self.account.clone(), second.account.clone()))
    }
}

impl Staff {
    /// Whether the session lasts in which this was done.
    #[must_use]
    pub fn lasts(&self, part: &Part) -> bool {
        let (inside, now) = self.inside();
        inside.sessions.signed(&[part.session], now).is_some()
    }

    /// Whether there is anybody who could do the other part.
    ///
    /// # Errors
    /// [`super::StaffError`].
    pub async fn has_second(&self, first: &Part) -> Result<bool, super::StaffError> {
        let fits = |second: &Account| {
            second.active && !first.is_of(second.id) && rights::may_count(first.account.role, second.role)
        };
        Ok(self.accounts().await?.iter().any(fits))
    }
}
