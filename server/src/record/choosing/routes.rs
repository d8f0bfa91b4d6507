//! `/api/record/choosings…`: proposing, changing a line, submitting, approving.

use axum::{Json, extract::State};
use douxuan_crypto::bytes::hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Choosing, Ground, Line, Stage, approved, draw, lists};
use crate::{
    record::{
        Documents, Dossier, Draft, Hand, Id, Kept, Official, Record, Warning, Way,
        api::{Answer, Endpoint},
        cycle, field,
        field::{At, Seen, Step, Verdict},
        official::{dossiers_of, has_reported, standing},
    },
    web::{Asked, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "/api/record/cycles/{cycle}/choosings",
            "The lists of a cycle, the last first (article 14).",
            list,
        )
        .answers::<Vec<List>>(),
        Endpoint::post("/api/record/cycles/{cycle}/choosings", "Proposes oral reporters by the share.", propose)
            .takes::<Propose>()
            .answers::<Kept<Choosing>>(),
        Endpoint::post("/api/record/choosings/{choosing}/line", "Changes a line of a proposal, with a reason.", line)
            .takes::<ChangeLine>()
            .answers::<Kept<Choosing>>(),
        Endpoint::post("/api/record/choosings/{choosing}/submit", "Submits a proposal for approval.", submit)
            .takes::<Seen>()
            .answers::<Kept<Choosing>>(),
        Endpoint::post("/api/record/choosings/{choosing}/back", "Takes a submitted list back.", back)
            .takes::<Seen>()
            .answers::<Kept<Choosing>>(),
        Endpoint::post("/api/record/choosings/{choosing}/approve", "Approves a list, or sends it back.", approve)
            .takes::<Verdict>()
            .answers::<Kept<Choosing>>(),
    ]
}

/// A list, and whether its arithmetic can be done again.
#[derive(Serialize, JsonSchema)]
pub(super) struct List {
    #[serde(flatten)]
    list: Kept<Choosing>,
    /// The list in force.
    in_force: bool,
    /// The same lines come out of share and seed.
    recomputes: bool,
    /// Who reports in the cycle has changed since.
    outdated: bool,
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<List>> {
    let now = record.book().now();
    now.documents.get::<cycle::Cycle>(id)?;
    let in_force = approved(&now.documents, id).map(|list| list.id);
    let shown = |list: Kept<Choosing>| List {
        in_force: in_force == Some(list.id),
        recomputes: list.body.recomputes(),
        outdated: !fits(&now.documents, &list.body),
        list,
    };
    Ok(Json(lists(&now.documents, id).into_iter().map(shown).collect()))
}

/// Whether the list is about everybody who has a dossier, and by the share that is laid down.
fn fits(documents: &Documents, list: &Choosing) -> bool {
    let share = documents.find::<cycle::Cycle>(list.cycle).map(|cycle| cycle.body.policy.oral_share);
    let dossiers = dossiers_of(documents, list.cycle);
    share == Some(list.share)
        && dossiers.len() == list.lines.len()
        && dossiers.iter().all(|dossier| list.line(dossier.id).is_some())
}

/// A proposal.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Propose {
    /// Why another one, if there is one already.
    #[serde(default)]
    why: String,
}

async fn propose(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(Propose { why }): Asked<Propose>,
) -> Answer<Kept<Choosing>> {
    let today = record.today();
    let made = record.book().change(&hand, |draft| {
        let policy = cycle::must_be_open(draft, id)?.body;
        let before = lists(draft, id);
        let why = field::why_if(!before.is_empty(), &why)?;
        let around = (Some(policy.year), policy.policy.warn_months);
        let mut candidates = Vec::new();
        for dossier in dossiers_of(draft, id) {
            let official = draft.get::<Official>(dossier.body.official)?;
            let standing = standing(draft, &official, today, around);
            let ground = match &standing {
                _ if dossier.body.reported_on.is_some() => Ground::Reported,
                Some(standing) if matches!(standing.warning, Some(Warning::Overdue | Warning::LastCycle)) => {
                    Ground::OwedSoon
                }
                Some(standing) if standing.owed => Ground::Owed,
                _ => Ground::Longest,
            };
            let last_oral = standing.and_then(|standing| standing.last_oral);
            candidates.push(draw::Candidate { dossier: dossier.id, ground, last_oral });
        }
        if candidates.is_empty() {
            return Err(Refusal::conflict("这个年度还没有述职对象。", "请先按“建立本年度的述职对象”。"));
        }
        for mut old in before.iter().filter(|old| matches!(old.body.stage, Stage::Proposed | Stage::Submitted)).cloned()
        {
            old.body.stage = Stage::Dropped;
            draft.set("choosing/drop", &old, &why)?;
        }
        let seed = draft.salt();
        let (count, lines) = draw::propose(candidates, policy.policy.oral_share, &seed);
        let list = Choosing {
            cycle: id,
            number: before.first().map_or(1, |last| last.body.number + 1),
            stage: Stage::Proposed,
            share: policy.policy.oral_share,
            count,
            seed: hex(&seed),
            why: why.clone(),
            lines,
            proposed: Step::of(draft.hand()),
            submitted: None,
            approved: None,
        };
        let made = draft.add("choosing/propose", &list, &why);
        draft.get::<Choosing>(made)
    });
    made.await.map(Json)
}

/// Another way for one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeLine {
    /// The version seen.
    version: u32,
    /// Whose line.
    dossier: Id,
    /// How he is to report.
    way: Way,
    /// Why.
    why: String,
}

/// A list at a stage, to be changed as it was seen.
fn at(draft: &Draft<'_>, (id, version): (Id, u32), stage: Stage) -> Result<Kept<Choosing>, Refusal> {
    let mut list = draft.get::<Choosing>(id)?;
    cycle::must_be_open(draft, list.body.cycle)?;
    if list.body.stage != stage {
        let (wrong, to_do) = match list.body.stage {
            Stage::Proposed => ("名单还没有送审。", "请先送审。"),
            Stage::Submitted => ("名单已经送审，正等待审定。", "要改动，请先撤回。"),
            Stage::Approved => ("名单已经审定，不能再改。", "要改动，请重新提出名单，写明理由，再送审定。"),
            Stage::Dropped => ("这份名单已经由后来的名单代替。", "请看最新的一份。"),
        };
        return Err(Refusal::conflict(wrong, to_do));
    }
    list.version = version;
    Ok(list)
}

async fn line(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<ChangeLine>,
) -> Answer<Kept<Choosing>> {
    let why = field::why(&asked.why)?;
    let changed = record.book().change(&hand, |draft| {
        let mut list = at(draft, (id, asked.version), Stage::Proposed)?;
        let step = Step::of(draft.hand());
        let line = list.body.lines.iter_mut().find(|line| line.dossier == asked.dossier);
        let line = line.ok_or_else(|| Refusal::conflict("名单上没有这个人。", "请刷新页面。"))?;
        if line.ground == Ground::Reported && asked.way == Way::Written {
            return Err(has_reported());
        }
        line.way = asked.way;
        line.changed = (line.way != line.proposed).then(|| (why.clone(), step));
        draft.set("choosing/line", &list, &why)?;
        draft.get::<Choosing>(id)
    });
    changed.await.map(Json)
}

fn is_current(draft: &Draft<'_>, list: &Choosing) -> Result<(), Refusal> {
    if !fits(draft, list) {
        return Err(Refusal::conflict("名单提出以后，述职对象或比例有了变化。", "请重新提出名单，写明理由。"));
    }
    let written = |line: &&Line| line.way == Way::Written;
    let reported = |line: &Line| draft.find::<Dossier>(line.dossier).is_some_and(|d| d.body.reported_on.is_some());
    if list.lines.iter().filter(written).any(reported) {
        return Err(has_reported());
    }
    if !list.lines.iter().any(|line| line.way == Way::Oral) {
        return Err(Refusal::conflict("名单上没有一个人作会议报告。", "请至少选定一人。"));
    }
    Ok(())
}

async fn submit(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Choosing>> {
    let changed = record.book().change(&hand, |draft| {
        let mut list = at(draft, (id, seen.version), Stage::Proposed)?;
        is_current(draft, &list.body)?;
        (list.body.stage, list.body.submitted) = (Stage::Submitted, Some(Step::of(draft.hand())));
        draft.set("choosing/submit", &list, &field::why_if(false, &seen.why)?)?;
        draft.get::<Choosing>(id)
    });
    changed.await.map(Json)
}

async fn back(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Choosing>> {
    let why = field::why(&seen.why)?;
    let changed = record.book().change(&hand, |draft| {
        let mut list = at(draft, (id, seen.version), Stage::Submitted)?;
        (list.body.stage, list.body.submitted) = (Stage::Proposed, None);
        draft.set("choosing/back", &list, &why)?;
        draft.get::<Choosing>(id)
    });
    changed.await.map(Json)
}

async fn approve(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(verdict): Asked<Verdict>,
) -> Answer<Kept<Choosing>> {
    let changed = record.book().change(&hand, |draft| {
        let mut list = at(draft, (id, verdict.version), Stage::Submitted)?;
        if !verdict.agreed {
            let why = field::why(&verdict.why)?;
            (list.body.stage, list.body.submitted) = (Stage::Proposed, None);
            draft.set("choosing/return", &list, &why)?;
            return draft.get::<Choosing>(id);
        }
        let changed = list.body.lines.iter().filter_map(|line| Some(&line.changed.as_ref()?.1));
        let before: Vec<&Step> = changed.chain([&list.body.proposed]).chain(&list.body.submitted).collect();
        field::by_another(draft.hand(), &before)?;
        is_current(draft, &list.body)?;
        (list.body.stage, list.body.approved) = (Stage::Approved, Some(Step::of(draft.hand())));
        draft.set("choosing/approve", &list, &field::why_if(false, &verdict.why)?)?;
        for line in &list.body.lines {
            let mut dossier = draft.get::<Dossier>(line.dossier)?;
            if dossier.body.way != Some(line.way) {
                dossier.body.way = Some(line.way);
                draft.set("dossier/way", &dossier, "会议报告名单审定")?;
            }
        }
        draft.get::<Choosing>(id)
    });
    changed.await.map(Json)
}
