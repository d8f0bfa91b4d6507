//! `/api/record/cycles…`: opening, changing the policy, closing.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cycle, CyclePolicy, loose, must_be_open, policy_is_used};
use crate::{
    record::{
        Documents, Fault, Hand, Kept, Record,
        api::{Answer, Endpoint},
        field::{self, At, Seen},
    },
    web::{Asked, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles", "Every cycle, the newest year first (article 10).", list)
            .answers::<Cycles>(),
        Endpoint::post("/api/record/cycles", "Opens a cycle; a second one of the same year needs a reason.", begin)
            .takes::<Open>()
            .answers::<Kept<Cycle>>(),
        Endpoint::post("/api/record/cycles/{cycle}/policy", "Changes the policy while nothing rests on it.", policy)
            .takes::<Policy>()
            .answers::<Kept<Cycle>>(),
        Endpoint::get("/api/record/cycles/{cycle}/loose", "What is still open in a cycle.", ends)
            .answers::<Vec<loose::End>>(),
        Endpoint::post(
            "/api/record/cycles/{cycle}/close",
            "Ends a cycle: it takes nothing new, and what was begun is followed to its end.",
            close,
        )
        .takes::<Seen>()
        .answers::<Kept<Cycle>>(),
    ]
}

/// Every cycle, and what a new one begins with.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cycles {
    /// The newest year first.
    cycles: Vec<Line>,
    /// The policy that a new cycle begins with: that of the newest one, or what the regulation says.
    beginning: CyclePolicy,
    /// Today, `YYYY-MM-DD`, UTC+8.
    today: String,
    /// What does not fit in the trail; nothing can be changed while there is anything.
    faults: Vec<String>,
}

/// A cycle and whether its policy can still be changed.
#[derive(Serialize, JsonSchema)]
struct Line {
    #[serde(flatten)]
    cycle: Kept<Cycle>,
    /// Something rests on the policy.
    used: bool,
}

/// The newest year first; of one year the one that is open first.
pub(in crate::record) fn newest_first(documents: &Documents) -> Vec<Kept<Cycle>> {
    let mut cycles = documents.all::<Cycle>();
    cycles.sort_by_key(|cycle| (std::cmp::Reverse(cycle.body.year), cycle.body.closed, cycle.id));
    cycles
}

async fn list(State(record): State<Record>) -> Answer<Cycles> {
    let now = record.book().now();
    let cycles = newest_first(&now.documents);
    let mut beginning = cycles.first().map(|cycle| cycle.body.policy.clone()).unwrap_or_default();
    beginning.reports_due.clear();
    let line = |cycle: Kept<Cycle>| Line { used: policy_is_used(&now.documents, cycle.id), cycle };
    let today = record.today().to_string();
    let faults = now.faults.iter().map(Fault::to_string).collect();
    Ok(Json(Cycles { cycles: cycles.into_iter().map(line).collect(), beginning, today, faults }))
}

/// A new cycle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    /// The year reported on.
    year: i16,
    /// Title.
    title: String,
    /// What the office has laid down; the regulation's own if it is left out.
    policy: Option<CyclePolicy>,
    /// Why a second one of the year.
    #[serde(default)]
    why: String,
}

async fn begin(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Open>) -> Answer<Kept<Cycle>> {
    let Open { year, title, policy, why } = asked;
    let cycle = Cycle { year, title, policy: policy.unwrap_or_default(), closed: false }.checked()?;
    let why = field::why_if(false, &why)?;
    let made = record.book().change(&hand, |draft| {
        if draft.all::<Cycle>().iter().any(|other| other.body.year == year) && why.is_empty() {
            return Err(Refusal::conflict(
                format!("{year} 年度已经有了；原则上每年开展一次（第十条）。"),
                "确实要再开展一次，请写明理由。",
            ));
        }
        let id = draft.add("cycle/open", &cycle, &why);
        draft.get::<Cycle>(id)
    });
    made.await.map(Json)
}

/// Another policy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The version seen.
    version: u32,
    /// Title.
    title: String,
    /// The policy.
    policy: CyclePolicy,
    /// Why.
    why: String,
}

async fn policy(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Policy>,
) -> Answer<Kept<Cycle>> {
    let why = field::why(&asked.why)?;
    let changed = record.book().change(&hand, |draft| {
        must_be_open(draft, id)?;
        if policy_is_used(draft, id) {
            return Err(Refusal::conflict(
                "已经有内容按这个年度的规定办理，规定不能再改。",
                "请在下一个年度采用新的规定。",
            ));
        }
        draft.revise::<Cycle>("cycle/policy", (id, asked.version), &why, |cycle| {
            *cycle = Cycle { title: asked.title, policy: asked.policy, ..cycle.clone() }.checked()?;
            Ok(())
        })
    });
    changed.await.map(Json)
}

async fn ends(State(record): State<Record>, At(id): At) -> Answer<Vec<loose::End>> {
    let now = record.book().now();
    now.documents.get::<Cycle>(id)?;
    Ok(Json(loose::loose(&now.documents, id)))
}

async fn close(State(record): State<Record>, hand: Hand, At(id): At, Asked(seen): Asked<Seen>) -> Answer<Kept<Cycle>> {
    let why = field::why_if(false, &seen.why)?;
    let closed = record.book().change(&hand, |draft| {
        must_be_open(draft, id)?;
        let ends = loose::loose(draft, id);
        if !ends.is_empty() && why.is_empty() {
            return Err(Refusal::conflict(
                format!("这个年度还有 {} 件事没有办完。", ends.len()),
                "请先办完；确实要现在结束，请写明理由。没有办完的，结束以后仍可继续登记。",
            )
            .with_details(serde_json::json!({ "loose": ends })));
        }
        draft.revise::<Cycle>("cycle/close", (id, seen.version), &why, |cycle| {
            cycle.closed = true;
            Ok(())
        })
    });
    closed.await.map(Json)
}
