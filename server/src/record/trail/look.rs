//! `/api/record/trail`: the trail by pages of 100, the newest first, and whether it fits together.
//!
//! **What de-identification has taken out of an opinion is shown to the office only**: whoever else may look sees that
//! the text was changed, and not what it said (article 19).

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use douxuan_crypto::bytes::hex;

use super::{Entry, Fault, Hand};
use crate::{
    record::{
        Cycle, Documents, Dossier, Id, Official, Record, State as Now,
        api::{Answer, Endpoint},
        document::Document,
        opinion::Opinion,
    },
    staff::Role,
    web::Queried,
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/trail", "What was done, the newest first, and whether it fits together.", trail)
            .asks::<Asked>()
            .answers::<Trail>(),
    ]
}

/// Entries of a page.
const PAGE: usize = 100;

/// Which entries; each absent one lets all through.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    /// From 1 on.
    page: Option<usize>,
    /// An official: everything about him.
    official: Option<Id>,
    /// A kind of documents.
    kind: Option<String>,
    /// Who did it: one name.
    who: Option<String>,
    /// From this day on, `YYYY-MM-DD`.
    from: Option<String>,
    /// Up to this day.
    to: Option<String>,
}

/// The trail.
#[derive(Serialize, JsonSchema)]
struct Trail {
    /// How many entries, and the hash of the last: 64 hex digits.
    head: (u64, String),
    /// What does not fit; nothing can be changed while there is anything.
    faults: Vec<String>,
    /// The last change is durable, but the file `record.head` could not be brought up to it: the disk is full or read
    /// only.
    lags: bool,
    /// Entries that were asked for.
    found: usize,
    /// The page that is shown.
    page: usize,
    /// How many there are, at least one.
    pages: usize,
    /// The entries of the page, the newest first.
    entries: Vec<Line>,
    /// Everybody who has done something.
    people: BTreeSet<String>,
    /// Every kind of document that something was done to.
    kinds: BTreeSet<String>,
    /// Every official whom something was done about.
    officials: Vec<About>,
}

/// One entry.
#[derive(Serialize, JsonSchema)]
struct Line {
    number: u64,
    at: String,
    who: String,
    role: String,
    act: String,
    kind: String,
    id: String,
    /// Whom it is about, if it is one official.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<About>,
    /// Why, and each field before and after; absent once it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<Value>,
    /// Fields whose text this role does not see.
    hidden: Vec<String>,
}

/// An official whom an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
struct About {
    name: String,
    unit: String,
    /// The year's dossier, if the entry belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i16>,
    official: Id,
}

/// Whom each document is about, by kind and id.
struct People(BTreeMap<(String, Id), About>);

impl People {
    fn of(now: &Now) -> Self {
        let documents = &now.documents;
        let mut dossiers = BTreeMap::new();
        for dossier in documents.all::<Dossier>() {
            let Dossier { cycle, official, name, unit, .. } = dossier.body;
            let year = documents.find::<Cycle>(cycle).map(|cycle| cycle.body.year);
            dossiers.insert(dossier.id, About { name, unit, year, official });
        }
        let mut people = BTreeMap::new();
        for official in documents.all::<Official>() {
            let unit = official.body.terms.last().map(|term| term.unit.clone()).unwrap_or_default();
            let about = About { name: official.body.name, unit, year: None, official: official.id };
            people.insert((Official::KIND.to_owned(), official.id), about);
        }
        for ((kind, id), row) in &documents.0 {
            let dossier = if kind == Dossier::KIND { Some(*id) } else { dossier_of(&row.body) };
            if let Some(about) = dossier.and_then(|dossier| dossiers.get(&dossier)) {
                people.insert((kind.clone(), *id), about.clone());
            }
        }
        Self(people)
    }

    fn about(&self, entry: &Entry) -> Option<&About> {
        // An entry that says why a meeting goes without an assessment names the dossier itself.
        self.0.get(&(entry.kind.clone(), entry.id)).or_else(|| self.0.get(&(Dossier::KIND.to_owned(), entry.id)))
    }
}

fn dossier_of(body: &str) -> Option<Id> {
    let body: Value = serde_json::from_str(body).ok()?;
    Id::read(body["dossier"].as_str()?)
}

async fn trail(State(record): State<Record>, hand: Hand, Queried(asked): Queried<Asked>) -> Answer<Trail> {
    let now = record.book().now();
    Ok(Json(Trail::of(&now, &asked, hand.role == Role::Office.word())))
}

impl Trail {
    fn of(now: &Now, asked: &Asked, office: bool) -> Self {
        let people = People::of(now);
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let wanted = |entry: &&Entry| {
            let (day, about) = (entry.hand.at.get(..10).unwrap_or_default(), people.about(entry));
            is(&asked.kind, &entry.kind)
                && asked.who.as_ref().is_none_or(|who| entry.hand.who.split('、').any(|name| name == who))
                && asked.from.as_deref().is_none_or(|from| day >= from)
                && asked.to.as_deref().is_none_or(|to| day <= to)
                && asked.official.is_none_or(|official| about.is_some_and(|about| about.official == official))
        };
        let found: Vec<&Entry> = now.entries.iter().rev().filter(wanted).collect();
        let pages = found.len().div_ceil(PAGE).max(1);
        let page = asked.page.unwrap_or(1).clamp(1, pages);
        let shown = found.iter().skip((page - 1) * PAGE).take(PAGE);
        let names = now.entries.iter().flat_map(|entry| entry.hand.who.split('、').map(str::to_owned));
        Self {
            head: (now.head.number, hex(&now.head.hash)),
            faults: now.faults.iter().map(Fault::to_string).collect(),
            lags: now.lags,
            found: found.len(),
            page,
            pages,
            entries: shown.map(|entry| Line::of(entry, people.about(entry).cloned(), office)).collect(),
            people: names.collect(),
            kinds: now.entries.iter().map(|entry| entry.kind.clone()).collect(),
            officials: officials(&now.documents),
        }
    }
}

/// Every official, by unit and name.
fn officials(documents: &Documents) -> Vec<About> {
    let of = |official: crate::record::Kept<Official>| About {
        unit: official.body.terms.last().map(|term| term.unit.clone()).unwrap_or_default(),
        name: official.body.name,
        year: None,
        official: official.id,
    };
    let mut all: Vec<About> = documents.all::<Official>().into_iter().map(of).collect();
    all.sort_by(|a, b| (&a.unit, &a.name, a.official).cmp(&(&b.unit, &b.name, b.official)));
    all
}

impl Line {
    fn of(entry: &Entry, about: Option<About>, office: bool) -> Self {
        let mut what: Option<Value> = entry.what.as_ref().and_then(|(_, text)| serde_json::from_str(text).ok());
        let mut hidden = Vec::new();
        if entry.kind == Opinion::KIND && !office {
            for field in ["entered", "text"] {
                let place = what.as_mut().and_then(|what| what.get_mut("fields"));
                let fields = place.and_then(Value::as_object_mut);
                if fields.is_some_and(|fields| fields.remove(field).is_some()) {
                    hidden.push(field.to_owned());
                }
            }
            // The reason of a change mostly says what was taken out.
            let why =
                what.as_mut().and_then(Value::as_object_mut).and_then(|what| what.insert("why".to_owned(), "".into()));
            if why.is_some_and(|why| why != "") {
                hidden.push("why".to_owned());
            }
        }
        Self {
            number: entry.number,
            at: entry.hand.at.clone(),
            who: entry.hand.who.clone(),
            role: entry.hand.role.clone(),
            act: entry.act.clone(),
            kind: entry.kind.clone(),
            id: entry.id.to_string(),
            about,
            what,
            hidden,
        }
    }
}
