//! `/api/record/retention…`: what is kept until when, longer keeping, and destruction by two.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Destruction, DestructionState, belongings, kept_until, may_go, sweep::sweep};
use crate::{
    record::{
        Cycle, Hand, Id, Kept, Record, State as Now,
        api::{Answer, Endpoint},
        cycle,
        field::{self, At, Seen, Step, Verdict},
    },
    web::{Asked, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/retention", "How long each year is kept, and what was destroyed.", list)
            .answers::<Retention>(),
        Endpoint::post("/api/record/cycles/{cycle}/keep", "Keeps a year longer than was laid down.", keep)
            .takes::<Longer>()
            .answers::<Kept<Cycle>>(),
        Endpoint::post("/api/record/cycles/{cycle}/destruction", "Proposes to destroy a year.", propose)
            .takes::<Seen>()
            .answers::<Kept<Destruction>>(),
        Endpoint::post("/api/record/destructions/{destruction}/drop", "Takes a proposal back.", drop_it)
            .takes::<Seen>()
            .answers::<Kept<Destruction>>(),
        Endpoint::post(
            "/api/record/destructions/{destruction}/approve",
            "Destroys a year, or refuses to. There is no way back.",
            approve,
        )
        .takes::<Verdict>()
        .answers::<Kept<Destruction>>(),
    ]
}

/// Everything about keeping.
#[derive(Serialize, JsonSchema)]
pub(super) struct Retention {
    /// Today, `YYYY-MM-DD`, UTC+8.
    today: String,
    /// The years that are here, the newest first.
    years: Vec<Line>,
    /// Proposals and what became of them, the last first.
    destructions: Vec<Kept<Destruction>>,
}

/// A year.
#[derive(Serialize, JsonSchema)]
struct Line {
    cycle: Id,
    version: u32,
    year: i16,
    title: String,
    /// Years that it is kept after its own.
    keep_years: u16,
    /// Last day, `YYYY-MM-DD`.
    kept_until: String,
    /// Why it cannot be destroyed today; absent if it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_yet: Option<String>,
    /// Documents that would go, by kind.
    documents: BTreeMap<String, usize>,
    /// Files that would go.
    files: usize,
    /// A proposal waits for the chair.
    proposed: bool,
}

fn quoted(now: &Now) -> Vec<(&str, Id, &str)> {
    now.entries.iter().filter_map(|e| Some((e.kind.as_str(), e.id, e.what.as_ref()?.1.as_str()))).collect()
}

fn waits(destruction: &Kept<Destruction>, cycle: Id) -> bool {
    destruction.body.cycle == cycle && destruction.body.state == DestructionState::Proposed
}

async fn list(State(record): State<Record>) -> Answer<Retention> {
    let (now, today) = (record.book().now(), record.today());
    let mut destructions = now.documents.all::<Destruction>();
    let quoted = quoted(&now);
    let line = |cycle: Kept<Cycle>| {
        let going = belongings(&now.documents, cycle.id, &quoted);
        Line {
            not_yet: may_go(&now.documents, &cycle, today).err().map(|refusal| refusal.error),
            documents: going.counts(),
            files: going.files.len(),
            proposed: destructions.iter().any(|one| waits(one, cycle.id)),
            cycle: cycle.id,
            version: cycle.version,
            keep_years: cycle.body.policy.keep_years,
            kept_until: kept_until(&cycle.body).to_string(),
            year: cycle.body.year,
            title: cycle.body.title,
        }
    };
    let years = cycle::newest_first(&now.documents).into_iter().map(line).collect();
    destructions.sort_by(|a, b| b.body.proposed.at.cmp(&a.body.proposed.at).then(a.id.cmp(&b.id)));
    Ok(Json(Retention { today: today.to_string(), years, destructions }))
}

/// How long instead.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Longer {
    /// The version seen.
    version: u32,
    /// Years after its own.
    years: u16,
    /// Why.
    why: String,
}

async fn keep(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Longer>,
) -> Answer<Kept<Cycle>> {
    let why = field::why(&asked.why)?;
    let changed = record.book().change(&hand, move |draft| {
        draft.revise::<Cycle>("retention/keep", (id, asked.version), &why, |cycle| {
            let now = cycle.policy.keep_years;
            if asked.years <= now {
                return Err(Refusal::conflict(
                    format!("保管年数只能延长；现在是 {now} 年。"),
                    format!("请填大于 {now} 的年数。"),
                ));
            }
            cycle.policy.keep_years = asked.years;
            *cycle = cycle.clone().checked()?;
            Ok(())
        })
    });
    changed.await.map(Json)
}

async fn propose(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Destruction>> {
    let (why, today) = (field::why(&seen.why)?, record.today());
    let now = record.book().now();
    let made = record.book().change(&hand, move |draft| {
        let cycle = draft.get::<Cycle>(id)?;
        may_go(draft, &cycle, today)?;
        if cycle.version != seen.version {
            return Err(Refusal::conflict("这个年度刚刚由别人改过。", "请刷新页面，看过现在的内容再提出。"));
        }
        if draft.all::<Destruction>().iter().any(|one| waits(one, id)) {
            return Err(Refusal::conflict("销毁已经提出，正等待审定。", "请由主持人审定，或先撤回。"));
        }
        let going = belongings(draft, id, &quoted(&now));
        let destruction = Destruction {
            cycle: id,
            year: cycle.body.year,
            kept_until: kept_until(&cycle.body).to_string(),
            title: cycle.body.title,
            documents: going.counts(),
            files: going.files.len(),
            why: why.clone(),
            proposed: Step::of(draft.hand()),
            state: DestructionState::Proposed,
        };
        let made = draft.add("retention/propose", &destruction, &why);
        draft.get::<Destruction>(made)
    });
    made.await.map(Json)
}

async fn drop_it(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Destruction>> {
    let why = field::why(&seen.why)?;
    let by = Step::of(&hand);
    let dropped = record.book().change(&hand, move |draft| {
        draft.revise::<Destruction>("retention/drop", (id, seen.version), &why, |one| one.drop(by, &why))
    });
    dropped.await.map(Json)
}

async fn approve(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(verdict): Asked<Verdict>,
) -> Answer<Kept<Destruction>> {
    let (why, today) = (field::why_if(!verdict.agreed, &verdict.why)?, record.today());
    let now = record.book().now();
    let by = Step::of(&hand);
    let changed = record.book().change(&hand, move |draft| {
        if !verdict.agreed {
            let seen = (id, verdict.version);
            return draft.revise::<Destruction>("retention/refuse", seen, &why, |one| one.drop(by, &why));
        }
        let proposed = draft.get::<Destruction>(id)?.body;
        proposed.must_wait()?;
        field::by_another(draft.hand(), &[&proposed.proposed])?;
        let cycle = draft.get::<Cycle>(proposed.cycle)?;
        may_go(draft, &cycle, today)?;
        let going = belongings(draft, cycle.id, &quoted(&now));
        let approved = draft.revise::<Destruction>("retention/approve", (id, verdict.version), &why, |one| {
            (one.documents, one.files) = (going.counts(), going.files.len());
            one.state = DestructionState::Sweeping { by, left: going.files.clone() };
            Ok(())
        })?;
        for (kind, id) in &going.documents {
            draft.erase_any("retention/destroy", kind, *id);
        }
        Ok(approved)
    });
    let kept = changed.await?;
    sweep(&record, &hand, kept).await.map(Json)
}
