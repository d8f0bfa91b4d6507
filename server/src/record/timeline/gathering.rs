//! What every kind of moment is made with: who entered it, its place, its period.

use super::{Happened, Moment};
use crate::record::{Document, Dossier, Id, Kept, Period, State, field};

/// Who entered something, and when.
pub(super) type By = (String, String);

/// The moments of a dossier while they are gathered.
pub(super) struct Gathering<'a> {
    pub(super) now: &'a State,
    pub(super) dossier: &'a Kept<Dossier>,
    pub(super) moments: Vec<Moment>,
}

impl<'a> Gathering<'a> {
    /// Nothing yet.
    pub(super) fn new(now: &'a State, dossier: &'a Kept<Dossier>) -> Self {
        Self { now, dossier, moments: Vec::new() }
    }

    /// A moment; without a day, that of the entry.
    pub(super) fn add(
        &mut self,
        on: &str,
        what: Happened,
        (article, part): (u8, &str),
        by: By,
        text: &str,
    ) -> &mut Moment {
        let on = if on.is_empty() { by.1.get(..10).unwrap_or_default() } else { on.get(..10).unwrap_or(on) };
        let link = format!("/record#{part}?cycle={}&dossier={}", self.dossier.body.cycle, self.dossier.id);
        self.moments.push(Moment {
            on: on.to_owned(),
            what,
            article,
            nature: None,
            text: text.to_owned(),
            figures: None,
            due: None,
            standing: None,
            who: by.0,
            at: by.1,
            withdrawn: false,
            link,
        });
        let last = self.moments.len() - 1;
        &mut self.moments[last]
    }

    /// The hand of the `nth` entry of this document with this act.
    pub(super) fn hand<T: Document>(&self, id: Id, act: &str, nth: usize) -> By {
        let mut entries = self.now.entries.iter().filter(|entry| entry.is_of(T::KIND, id) && entry.act == act);
        let entry = entries.nth(nth);
        entry.map_or_else(By::default, |entry| (entry.hand.who.clone(), entry.hand.at.clone()))
    }

    /// The hand of the last entry with this act behind the `nth` one of `begins` and before the next of it: what was
    /// entered twice was corrected.
    pub(super) fn hand_within<T: Document>(&self, id: Id, act: &str, (begins, nth): (&str, usize)) -> By {
        let own = || self.now.entries.iter().filter(|entry| entry.is_of(T::KIND, id));
        let mut bounds = own().filter(|entry| entry.act == begins).map(|entry| entry.number).skip(nth);
        let (from, to) = (bounds.next().unwrap_or(0), bounds.next().unwrap_or(u64::MAX));
        let last = own().rfind(|entry| entry.act == act && (from..to).contains(&entry.number));
        last.map_or_else(By::default, |entry| (entry.hand.who.clone(), entry.hand.at.clone()))
    }

    /// The hand of the last entry with this act.
    pub(super) fn last_hand<T: Document>(&self, id: Id, act: &str) -> By {
        let entry = self.now.entries.iter().rfind(|entry| entry.is_of(T::KIND, id) && entry.act == act);
        entry.map_or_else(By::default, |entry| (entry.hand.who.clone(), entry.hand.at.clone()))
    }

    /// The documents of a kind that hang on the dossier.
    pub(super) fn own<T: Document>(&self, of: fn(&T) -> Id) -> Vec<Kept<T>> {
        let mut all = self.now.documents.all::<T>();
        all.retain(|one| of(&one.body) == self.dossier.id);
        all
    }

    /// A period begins.
    pub(super) fn runs(&mut self, what: Happened, place: (u8, &str), by: By, text: &str, period: &Period) {
        let moment = self.add(&period.served, what, place, by, text);
        moment.due = Some((period.due.clone(), period.provisional));
    }

    /// What came within a period, or behind it.
    pub(super) fn came(
        &mut self,
        what: Happened,
        place: (u8, &str),
        by: By,
        (on, text): (&str, &str),
        period: &Period,
    ) {
        let standing = field::date(on).map(|day| period.standing(Some(on), day));
        self.add(on, what, place, by, text).standing = standing;
    }
}
