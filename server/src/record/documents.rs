//! What the record says now, and a draft of what it will say.

use std::{collections::BTreeMap, sync::Arc};

use rand_core::CryptoRng;

use super::{
    document::{Document, Id, Kept},
    trail::{self, Entry, Hand, Head, NOTHING, Salt},
};
use crate::web::Refusal;

/// A document as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) version: u32,
    pub(super) salt: Salt,
    pub(super) body: Arc<str>,
}

/// Every document.
#[derive(Clone, Debug, Default)]
pub struct Documents(pub(super) BTreeMap<(String, Id), Row>);

impl Documents {
    pub(super) fn has(&self, kind: &str, id: Id) -> bool {
        self.0.contains_key(&(kind.to_owned(), id))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Every document of a kind, in the order of their ids.
    #[must_use]
    pub fn all<T: Document>(&self) -> Vec<Kept<T>> {
        let from = (T::KIND.to_owned(), Id::FIRST);
        let of_kind = self.0.range(from..).take_while(|((kind, _), _)| kind == T::KIND);
        of_kind.filter_map(|((_, id), row)| kept(*id, row)).collect()
    }

    /// One document.
    #[must_use]
    pub fn find<T: Document>(&self, id: Id) -> Option<Kept<T>> {
        kept(id, self.0.get(&(T::KIND.to_owned(), id))?)
    }

    /// One document that must be there.
    ///
    /// # Errors
    /// 404.
    pub fn get<T: Document>(&self, id: Id) -> Result<Kept<T>, Refusal> {
        self.find(id).ok_or_else(|| {
            Refusal::conflict("档案里没有这一条。", "请刷新页面；它可能已由别人按保管期限销毁。").with_status(404)
        })
    }
}

/// Somebody else has changed it since it was seen.
pub(super) fn changed_meanwhile() -> Refusal {
    Refusal::conflict("这一条刚刚由别人改过，您的改动没有保存。", "请刷新页面，看过现在的内容再改。")
}

fn kept<T: Document>(id: Id, row: &Row) -> Option<Kept<T>> {
    Some(Kept { id, version: row.version, body: serde_json::from_str(&row.body).ok()? })
}

/// A change that is being made: nothing is stored before it is whole.
pub struct Draft<'a> {
    documents: Documents,
    hand: &'a Hand,
    head: Head,
    entries: Vec<Entry>,
    rng: &'a mut (dyn CryptoRng + Send),
}

impl std::ops::Deref for Draft<'_> {
    type Target = Documents;

    fn deref(&self) -> &Documents {
        &self.documents
    }
}

impl<'a> Draft<'a> {
    pub(super) fn new(documents: Documents, head: Head, hand: &'a Hand, rng: &'a mut (dyn CryptoRng + Send)) -> Self {
        Self { documents, hand, head, entries: Vec::new(), rng }
    }

    /// Who makes it.
    #[must_use]
    pub fn hand(&self) -> &Hand {
        self.hand
    }

    /// A new document.
    pub fn add<T: Document>(&mut self, act: &str, body: &T, why: &str) -> Id {
        let id = Id::draw(self.rng);
        self.write(act, T::KIND, id, 1, Some(text(body)), why);
        id
    }

    /// A document in place of the version that `seen` is a change of.
    ///
    /// # Errors
    /// 404; 409 if somebody has changed it since.
    pub fn set<T: Document>(&mut self, act: &str, seen: &Kept<T>, why: &str) -> Result<(), Refusal> {
        let now = self.get::<T>(seen.id)?;
        if now.version != seen.version {
            return Err(changed_meanwhile());
        }
        self.write(act, T::KIND, seen.id, seen.version + 1, Some(text(&seen.body)), why);
        Ok(())
    }

    /// Changes the document that was seen in this version, by `work` on what it says; `act` and `why` go into the trail.
    ///
    /// # Errors
    /// 404; 409 if somebody has changed it since; what `work` refuses, and then nothing was changed.
    pub(super) fn revise<T: Document>(
        &mut self,
        act: &str,
        (id, version): (Id, u32),
        why: &str,
        work: impl FnOnce(&mut T) -> Result<(), Refusal>,
    ) -> Result<Kept<T>, Refusal> {
        let mut kept = self.get::<T>(id)?;
        if kept.version != version {
            return Err(changed_meanwhile());
        }
        work(&mut kept.body)?;
        self.set(act, &kept, why)?;
        self.get(id)
    }

    /// Destroys a document; the trail keeps that it was there.
    ///
    /// # Errors
    /// 404.
    pub fn erase<T: Document>(&mut self, act: &str, id: Id, why: &str) -> Result<(), Refusal> {
        let version = self.get::<T>(id)?.version + 1;
        self.write(act, T::KIND, id, version, None, why);
        Ok(())
    }

    /// Destroys a document of any kind, if it is there: also one that cannot be read any more.
    pub(super) fn erase_any(&mut self, act: &str, kind: &str, id: Id) {
        if let Some(row) = self.documents.0.get(&(kind.to_owned(), id)) {
            let version = row.version + 1;
            self.write(act, kind, id, version, None, "");
        }
    }

    fn write(&mut self, act: &str, kind: &str, id: Id, version: u32, body: Option<String>, why: &str) {
        let place = (kind.to_owned(), id);
        let before = self.documents.0.get(&place).map(|row| row.body.clone());
        // What is destroyed is not kept in the trail that says so.
        let shown = body.as_ref().and(before.as_deref());
        let what = trail::what(why, shown, body.as_deref());
        let what_salt = self.salt();
        let state_hash = match body {
            None => {
                self.documents.0.remove(&place);
                NOTHING
            }
            Some(body) => {
                let salt = self.salt();
                let hash = trail::salted(&salt, &body);
                self.documents.0.insert(place, Row { version, salt, body: body.into() });
                hash
            }
        };
        let mut entry = Entry {
            number: self.head.number + 1,
            hand: self.hand.clone(),
            act: act.to_owned(),
            kind: kind.to_owned(),
            id,
            version,
            state_hash,
            what_hash: trail::salted(&what_salt, &what),
            what: Some((what_salt, what)),
            hash: NOTHING,
        };
        entry.hash = entry.hash_after(&self.head.hash);
        self.head = Head { number: entry.number, hash: entry.hash };
        self.entries.push(entry);
    }

    /// 16 fresh random bytes.
    pub(super) fn salt(&mut self) -> Salt {
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        salt
    }

    /// What to store: the documents after it, the new entries, the head.
    pub(super) fn finish(self) -> (Documents, Vec<Entry>, Head) {
        let Self { documents, hand: _, head, entries, rng: _ } = self;
        (documents, entries, head)
    }
}

fn text<T: Document>(body: &T) -> String {
    // Only a map whose keys are no text fails, and documents have none.
    serde_json::to_string(body).unwrap_or_default()
}
