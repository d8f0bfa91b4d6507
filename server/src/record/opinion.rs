//! Opinions and suggestions about an official (article 19). Staff enter them from the committee's discussion; **nothing
//! here comes from a ballot**, which has no free text. Who said it is taken out by review, and the trail keeps who
//! changed what.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Documents, Dossier, Draft, Hand, Id, Kept, Record,
    api::{Answer, Endpoint},
    cycle,
    document::Document,
    field::{self, At, Seen, Step},
    letter,
};
use crate::{
    staff::Role,
    web::{Asked, Refusal},
};

/// One opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// About whom, in which cycle.
    pub dossier: Id,
    /// Its place in the letter: the order in which staff entered them.
    pub place: usize,
    /// As it was entered. Never printed.
    pub entered: String,
    /// As it is told to the official.
    pub text: String,
    /// Who entered it.
    pub by: Step,
    /// Who changed the text last.
    pub changed: Option<Step>,
    /// Who has found that it shows nobody: never who entered it, nor who changed it last. A change takes this away.
    pub reviewed: Option<Step>,
    /// Left out, by whom.
    pub withdrawn: Option<Step>,
}

impl Document for Opinion {
    const KIND: &'static str = "opinion";
}

/// The opinions of a dossier that stand, in the order in which they were entered.
pub(super) fn of_dossier(documents: &Documents, dossier: Id) -> Vec<Kept<Opinion>> {
    let mut opinions = documents.all::<Opinion>();
    opinions.retain(|opinion| opinion.body.dossier == dossier);
    opinions.sort_by_key(|opinion| (opinion.body.place, opinion.id));
    opinions
}

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/dossiers/{dossier}/opinions", "Opinions about an official (article 19).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/opinions", "Enters an opinion from the discussion.", enter)
            .takes::<Enter>()
            .answers::<Kept<Opinion>>(),
        Endpoint::post("/api/record/opinions/{opinion}/text", "Takes out of an opinion who said it.", change)
            .takes::<Change>()
            .answers::<Kept<Opinion>>(),
        Endpoint::post("/api/record/opinions/{opinion}/review", "Says that an opinion shows nobody.", review)
            .takes::<Seen>()
            .answers::<Kept<Opinion>>(),
        Endpoint::post("/api/record/opinions/{opinion}/withdraw", "Leaves an opinion out of the letter.", withdraw)
            .takes::<Seen>()
            .answers::<Kept<Opinion>>(),
    ]
}

/// An opinion and the names in it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    #[serde(flatten)]
    opinion: Kept<Opinion>,
    /// Names of other officials of the cycle that its text has: look whether they show who said it.
    names: Vec<String>,
    /// Its text is for the office only, and left out here.
    hidden: bool,
}

async fn list(State(record): State<Record>, hand: Hand, At(id): At) -> Answer<Vec<Line>> {
    let office = hand.role == Role::Office.word();
    let now = record.book().now();
    let dossier = now.documents.get::<Dossier>(id)?;
    let others = now.documents.all::<Dossier>();
    let others: Vec<String> = others
        .into_iter()
        .filter(|other| other.body.cycle == dossier.body.cycle && other.id != id)
        .map(|other| other.body.name)
        .collect();
    let line = |mut opinion: Kept<Opinion>| {
        // Before the review a text may show who said it, and what was left out may still: the office keeps that.
        let hidden = !office && (opinion.body.reviewed.is_none() || opinion.body.withdrawn.is_some());
        if hidden {
            opinion.body.text.clear();
        }
        if !office {
            opinion.body.entered.clone_from(&opinion.body.text);
        }
        let names = others.iter().filter(|name| opinion.body.text.contains(name.as_str())).cloned().collect();
        Line { opinion, names, hidden }
    };
    Ok(Json(of_dossier(&now.documents, id).into_iter().map(line).collect()))
}

/// What was said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enter {
    text: String,
}

async fn enter(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Enter>,
) -> Answer<Kept<Opinion>> {
    let text = field::prose("意见建议", &asked.text)?;
    let by = Step::of(&hand);
    let opinion = Opinion {
        dossier: id,
        place: 0,
        entered: text.clone(),
        text,
        by,
        changed: None,
        reviewed: None,
        withdrawn: None,
    };
    let added = record.book().change(&hand, |draft| {
        cycle::open_of(draft, id)?;
        may_change(draft, id)?;
        let opinion = Opinion { place: of_dossier(draft, id).len(), ..opinion };
        let id = draft.add("opinion/enter", &opinion, "");
        draft.get(id)
    });
    added.await.map(Json)
}

/// Nothing is changed beside an approved letter.
fn may_change(draft: &Draft<'_>, dossier: Id) -> Result<(), Refusal> {
    if letter::approved(draft, dossier).is_some() {
        return Err(Refusal::conflict(
            "反馈函已经审定，意见不能再改。",
            "确实有误的，请主持人撤回反馈函并写明理由，改好后重新审定。",
        ));
    }
    Ok(())
}

fn change_one(
    draft: &mut Draft<'_>,
    id: Id,
    version: u32,
    (act, why): (&str, &str),
    work: impl FnOnce(&mut Opinion, &Hand) -> Result<(), Refusal>,
) -> Result<Kept<Opinion>, Refusal> {
    let mut opinion = Kept { version, ..draft.get::<Opinion>(id)? };
    may_change(draft, opinion.body.dossier)?;
    if opinion.body.withdrawn.is_some() {
        return Err(Refusal::conflict("这条意见已经撤下。", "要用它，请重新录入。"));
    }
    work(&mut opinion.body, draft.hand())?;
    draft.set(act, &opinion, why)?;
    draft.get(id)
}

/// Another text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The version seen.
    version: u32,
    text: String,
    /// Why; may be left out.
    #[serde(default)]
    why: String,
}

async fn change(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Change>,
) -> Answer<Kept<Opinion>> {
    let text = field::prose("意见建议", &asked.text)?;
    let work = |opinion: &mut Opinion, hand: &Hand| {
        opinion.text = text;
        (opinion.changed, opinion.reviewed) = (Some(Step::of(hand)), None);
        Ok(())
    };
    let why = field::why_if(false, &asked.why)?;
    let act = ("opinion/text", why.as_str());
    record.book().change(&hand, |draft| change_one(draft, id, asked.version, act, work)).await.map(Json)
}

async fn review(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Opinion>> {
    let work = |opinion: &mut Opinion, hand: &Hand| {
        if opinion.by.is_of(hand) || opinion.changed.as_ref().is_some_and(|changed| changed.is_of(hand)) {
            return Err(Refusal::conflict(
                "录入的人和最后改文字的人不能自己核对。",
                "请由另一位有权限的人登录后核对；只有两个人的，由录入的人改文字，另一个人核对。",
            )
            .with_status(403));
        }
        opinion.reviewed = Some(Step::of(hand));
        Ok(())
    };
    let why = field::why_if(false, &seen.why)?;
    let act = ("opinion/review", why.as_str());
    record.book().change(&hand, |draft| change_one(draft, id, seen.version, act, work)).await.map(Json)
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Opinion>> {
    let why = field::why(&seen.why)?;
    let work = |opinion: &mut Opinion, hand: &Hand| {
        opinion.withdrawn = Some(Step::of(hand));
        Ok(())
    };
    let act = ("opinion/withdraw", why.as_str());
    record.book().change(&hand, |draft| change_one(draft, id, seen.version, act, work)).await.map(Json)
}
