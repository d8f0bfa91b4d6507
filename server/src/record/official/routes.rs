//! `/api/record/officials…`: who reports, and in which terms of office.

use axum::{Json, extract::State};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Official, Standing, Term, named, paste, standing};
use crate::{
    record::{
        Documents, Draft, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        cycle, field,
        field::At,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/officials", "Every official with his terms, and what he owes (article 12).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/officials", "Adds one.", add).takes::<New>().answers::<Kept<Official>>(),
        Endpoint::post("/api/record/officials/paste", "Adds several, a line each; all or none.", pasted)
            .takes::<Pasted>()
            .answers::<Added>(),
        Endpoint::post(
            "/api/record/officials/{official}/correct",
            "Corrects the name and the term that lasts.",
            correct,
        )
        .takes::<Correct>()
        .answers::<Kept<Official>>(),
        Endpoint::post("/api/record/officials/{official}/transfer", "Ends a term and begins the next.", transfer)
            .takes::<Transfer>()
            .answers::<Kept<Official>>(),
        Endpoint::post("/api/record/officials/{official}/left", "He reports no more.", left)
            .takes::<Left>()
            .answers::<Kept<Official>>(),
    ]
}

/// An official and how he stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    #[serde(flatten)]
    official: Kept<Official>,
    /// Absent for one who is in no office.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
}

/// The newest open cycle's year and months of warning.
pub(super) fn watch(documents: &Documents) -> (Option<i16>, u16) {
    let newest = cycle::newest_first(documents);
    let open = newest.iter().find(|cycle| !cycle.body.closed);
    let months = open.or(newest.first()).map_or_else(cycle::CyclePolicy::default, |cycle| cycle.body.policy.clone());
    (open.map(|cycle| cycle.body.year), months.warn_months)
}

async fn list(State(record): State<Record>) -> Answer<Vec<Line>> {
    let (now, today) = (record.book().now(), record.today());
    let around = watch(&now.documents);
    let mut officials = now.documents.all::<Official>();
    officials.sort_by_cached_key(|official| {
        let unit = official.body.terms.last().map(|term| term.unit.clone()).unwrap_or_default();
        (official.body.left, unit, official.body.name.clone())
    });
    let line =
        |official: Kept<Official>| Line { standing: standing(&now.documents, &official, today, around), official };
    Ok(Json(officials.into_iter().map(line).collect()))
}

/// A new official.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Name.
    name: String,
    /// Unit.
    unit: String,
    /// Post.
    post: String,
    /// First day of the term.
    begins: String,
    /// Expected end, if it is known.
    expected_end: Option<String>,
}

async fn add(State(record): State<Record>, hand: Hand, Asked(new): Asked<New>) -> Answer<Kept<Official>> {
    let New { name, unit, post, begins, expected_end } = new;
    let term = Term { unit, post, begins, expected_end: given(expected_end), ended: None }.checked()?;
    let official = Official { name: named(&name)?, terms: vec![term], left: false };
    let made = record.book().change(&hand, |draft| {
        not_twice(draft, None, &official)?;
        let id = draft.add("official/add", &official, "");
        draft.get::<Official>(id)
    });
    made.await.map(Json)
}

/// An empty field of a form is nothing.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn not_twice(documents: &Documents, own: Option<Id>, official: &Official) -> Result<(), Refusal> {
    let others = documents.all::<Official>();
    if others.iter().any(|other| Some(other.id) != own && paste::is_same(&other.body, official)) {
        return Err(Refusal::conflict(
            format!("“{}”已经在册，单位也相同。", official.name),
            "如果是另一个人，请在单位或姓名后写明区别。",
        ));
    }
    Ok(())
}

/// Lines.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pasted {
    /// A line each: name, unit, post, first day, expected end.
    lines: String,
}

/// How many were added.
#[derive(Serialize, JsonSchema)]
pub(super) struct Added {
    added: usize,
}

async fn pasted(State(record): State<Record>, hand: Hand, Asked(Pasted { lines }): Asked<Pasted>) -> Answer<Added> {
    let officials = paste::read(&lines)?;
    let added = record.book().change(&hand, |draft| {
        let twice = (1..).zip(&officials).filter_map(|(number, official)| {
            not_twice(draft, None, official).err().map(|why| paste::at(number, &why.error))
        });
        paste::refuse(twice.collect())?;
        for official in &officials {
            draft.add("official/add", official, "");
        }
        Ok(Added { added: officials.len() })
    });
    added.await.map(Json)
}

/// A correction of what was entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Correct {
    /// The version seen.
    version: u32,
    /// Name.
    name: String,
    /// Unit.
    unit: String,
    /// Post.
    post: String,
    /// First day of the term.
    begins: String,
    /// Expected end, if it is known.
    expected_end: Option<String>,
    /// Why.
    why: String,
}

/// Changes an official as he was seen.
async fn change(
    record: &Record,
    hand: &Hand,
    (id, version): (Id, u32),
    (act, why): (&str, &str),
    work: impl FnOnce(&mut Official) -> Result<(), Refusal> + Send,
) -> Answer<Kept<Official>> {
    let why = field::why(why)?;
    let changed = record.book().change(hand, |draft: &mut Draft<'_>| {
        let mut official = draft.get::<Official>(id)?;
        official.version = version;
        work(&mut official.body)?;
        not_twice(draft, Some(id), &official.body)?;
        draft.set(act, &official, &why)?;
        draft.get::<Official>(id)
    });
    changed.await.map(Json)
}

fn no_term() -> Refusal {
    Refusal::conflict("这个人现在没有任职，不能改动任职。", "请刷新页面，看他的任职经历。")
}

/// The term that lasts.
fn lasting(official: &mut Official) -> Result<&mut Term, Refusal> {
    let left = official.left;
    official.terms.last_mut().filter(|term| term.ended.is_none() && !left).ok_or_else(no_term)
}

async fn correct(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Correct>,
) -> Answer<Kept<Official>> {
    let Correct { version, name, unit, post, begins, expected_end, why } = asked;
    let name = named(&name)?;
    let term = Term { unit, post, begins, expected_end: given(expected_end), ended: None }.checked()?;
    change(&record, &hand, (id, version), ("official/correct", &why), |official| {
        *lasting(official)? = term;
        in_order(official)?;
        official.name = name;
        Ok(())
    })
    .await
}

/// A term begins after the one before has ended.
fn in_order(official: &Official) -> Result<(), Refusal> {
    let overlap = official.terms.iter().zip(official.terms.iter().skip(1)).any(|(before, after)| {
        // Days of one form are ordered as their texts are.
        before.ended.as_ref().is_none_or(|ended| *ended > after.begins)
    });
    if overlap {
        return Err(Refusal::conflict("新的任职早于上一任职的离任日期。", "请核对这两个日期。"));
    }
    Ok(())
}

/// A transfer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    /// The version seen.
    version: u32,
    /// Last day of the old term.
    ended: String,
    /// New unit.
    unit: String,
    /// New post.
    post: String,
    /// First day of the new term.
    begins: String,
    /// Its expected end, if it is known.
    expected_end: Option<String>,
    /// Why: the decision on the appointment.
    why: String,
}

async fn transfer(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Transfer>,
) -> Answer<Kept<Official>> {
    let Transfer { version, ended, unit, post, begins, expected_end, why } = asked;
    let next = Term { unit, post, begins, expected_end: given(expected_end), ended: None }.checked()?;
    let today = record.today();
    change(&record, &hand, (id, version), ("official/transfer", &why), |official| {
        end(official, ended, today)?;
        official.terms.push(next);
        in_order(official)
    })
    .await
}

fn end(official: &mut Official, day: String, today: Date) -> Result<(), Refusal> {
    if field::day("离任日期", &day)? > today {
        return Err(Refusal::conflict("离任日期还没有到。", "请到那一天再登记，或核对日期。"));
    }
    let term = lasting(official)?;
    *term = Term { ended: Some(day), ..term.clone() }.checked()?;
    Ok(())
}

/// Leaving.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Left {
    /// The version seen.
    version: u32,
    /// Last day of the term.
    ended: String,
    /// Why: retired, another organ.
    why: String,
}

async fn left(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Left>,
) -> Answer<Kept<Official>> {
    let Left { version, ended, why } = asked;
    let today = record.today();
    change(&record, &hand, (id, version), ("official/left", &why), |official| {
        end(official, ended, today)?;
        official.left = true;
        Ok(())
    })
    .await
}
