//! `/api/record/corrections…`.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Brief, Check, Correction, Decision, Told, told};
use crate::{
    limits,
    record::{
        Documents, Dossier, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        cycle,
        due::{Handing, Period, Standing, Sum, Unit, happened},
        field::{self, At},
        result::{self, Opens},
        years,
    },
    web::{Asked, Refusal},
};

/// Points of one correction.
const POINTS: usize = 50;

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/corrections", "Every correction and how it stands (article 20).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/corrections", "Enters the notice that was served.", notice)
            .takes::<Notice>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/served", "Corrects the day of service.", served)
            .takes::<Served>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/report", "Enters the official's report.", report)
            .takes::<Handing>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/check", "Enters a follow-up check.", check)
            .takes::<Checking>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/brief", "Reports to the standing committee.", brief)
            .takes::<Briefing>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/decision", "Enters what it decided.", decide)
            .takes::<Deciding>()
            .answers::<Kept<Correction>>(),
        Endpoint::get(
            "/api/record/corrections/told.html",
            "Print page: what the next meeting has to hear.",
            told::next,
        )
        .answers_file("text/html"),
        Endpoint::get("/api/record/corrections/told/{on}", "Print page: what the meeting of this day heard.", told::of)
            .answers_file("text/html"),
        Endpoint::post("/api/record/corrections/told", "A meeting was told of these.", tell)
            .takes::<Telling>()
            .answers::<Vec<Kept<Correction>>>(),
    ]
}

/// A correction and how it stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    #[serde(flatten)]
    pub(super) correction: Kept<Correction>,
    /// Name.
    pub(super) name: String,
    /// Unit.
    pub(super) unit: String,
    /// Post.
    pub(super) post: String,
    /// The cycle.
    pub(super) cycle: Id,
    /// The cycle's year.
    pub(super) year: i16,
    /// How the report stands.
    pub(super) standing: Standing,
    /// How its last day comes about.
    pub(super) sum: Sum,
    /// The next meeting has to hear of it.
    pub(super) to_tell: bool,
    /// It was decided upon, so that it can be told.
    pub(super) decided: bool,
}

pub(super) fn lines(record: &Record, documents: &Documents) -> Vec<Line> {
    let (today, calendar) = (record.today(), years::calendar(documents));
    let mut lines: Vec<Line> = documents
        .all::<Correction>()
        .into_iter()
        .filter_map(|correction| {
            let Dossier { name, unit, post, cycle, .. } = documents.find::<Dossier>(correction.body.dossier)?.body;
            let body = &correction.body;
            let received = body.report.as_ref().map(|report| report.on.as_str());
            Some(Line {
                year: documents.find::<cycle::Cycle>(cycle).map_or(0, |cycle| cycle.body.year),
                standing: body.period.standing(received, today),
                sum: body.period.sum(&calendar),
                to_tell: body.is_to_tell(),
                decided: body.decision().is_some(),
                correction,
                name,
                unit,
                post,
                cycle,
            })
        })
        .collect();
    lines.sort_by_cached_key(|line| {
        let served = line.correction.body.period.served.clone();
        (served, line.unit.clone(), line.name.clone(), line.correction.id)
    });
    lines
}

async fn list(State(record): State<Record>) -> Answer<Vec<Line>> {
    let now = record.book().now();
    Ok(Json(lines(&record, &now.documents)))
}

/// A notice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    /// Whose.
    dossier: Id,
    /// The ordered correction that it carries out.
    step: Option<Id>,
    /// On what ground, where there is no such step.
    #[serde(default)]
    why: String,
    /// Why it is necessary.
    reason: String,
    /// What is to be corrected, point by point.
    points: Vec<String>,
    /// Day of service, `YYYY-MM-DD`.
    served_on: String,
}

async fn notice(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Notice>) -> Answer<Kept<Correction>> {
    let Notice { dossier, step, why, reason, points, served_on } = asked;
    let served = happened("送达日期", &served_on, None, record.today())?;
    let reason = field::prose("整改的理由", &reason)?;
    if points.is_empty() || points.len() > POINTS {
        return Err(Refusal::conflict(
            format!("整改事项有 {} 条，应为 1 到 {POINTS} 条。", points.len()),
            "请逐条写明需要整改的问题。",
        ));
    }
    let points = points.iter().map(|point| field::prose("整改事项", point)).collect::<Result<Vec<_>, _>>()?;
    let why = if step.is_none() { field::why(&why)? } else { why.trim().to_owned() };
    let made = record.book().change(&hand, |draft| {
        let cycle = cycle::open(draft, draft.get::<Dossier>(dossier)?.body.cycle)?;
        if let Some(step) = step {
            of_step(draft, step, dossier)?;
        }
        let policy = cycle.body.policy;
        let calendar = years::calendar(draft);
        let period = Period::begin(served, (policy.correction_days, Unit::Days), policy.counting, &calendar);
        let new = Correction {
            dossier,
            step,
            reason,
            points,
            period,
            report: None,
            checks: Vec::new(),
            briefs: Vec::new(),
            told: Vec::new(),
        };
        let id = draft.add("correction/notice", &new, &why);
        draft.get::<Correction>(id)
    });
    made.await.map(Json)
}

/// The step has to order a correction of this official, and has no notice yet.
fn of_step(documents: &Documents, id: Id, dossier: Id) -> Result<(), Refusal> {
    let step = documents.get::<result::Step>(id)?.body;
    if step.opens != Opens::OrderedCorrection || step.dossier != dossier {
        return Err(Refusal::conflict("这一步不是责令这位对象整改。", "请刷新页面，选择他的责令整改步骤。"));
    }
    if documents.all::<Correction>().iter().any(|other| other.body.step == Some(id)) {
        return Err(Refusal::conflict("这一步已经发过整改通知。", "请在整改列表里继续办理。"));
    }
    Ok(())
}

/// Changes a correction as it was seen.
async fn change(
    record: &Record,
    hand: &Hand,
    (id, version): (Id, u32),
    (act, why): (&str, &str),
    work: impl FnOnce(&mut Correction, &Documents) -> Result<(), Refusal> + Send,
) -> Answer<Kept<Correction>> {
    let changed = record.book().change(hand, |draft| {
        let mut correction = draft.get::<Correction>(id)?;
        // Whoever saw another version is told so, and not of what he could not see.
        if correction.version == version {
            work(&mut correction.body, draft)?;
        }
        correction.version = version;
        draft.set(act, &correction, why.trim())?;
        draft.get::<Correction>(id)
    });
    changed.await.map(Json)
}

/// Another day of service.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Served {
    /// The version seen.
    version: u32,
    /// Day of service, `YYYY-MM-DD`.
    served_on: String,
    /// Why.
    why: String,
}

async fn served(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Served>,
) -> Answer<Kept<Correction>> {
    let Served { version, served_on, why } = asked;
    let why = field::why(&why)?;
    happened("送达日期", &served_on, None, record.today())?;
    change(&record, &hand, (id, version), ("correction/served", &why), |correction, documents| {
        if correction.report.is_some() || !correction.checks.is_empty() {
            return Err(Refusal::conflict(
                "整改已经有报告或督查记录，送达日期不再更正。",
                "请在督查情况里写明实际的送达日期。",
            ));
        }
        let period = Period { served: served_on, ..correction.period.clone() };
        correction.period = period.again(&years::calendar(documents));
        Ok(())
    })
    .await
}

async fn report(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Handing>,
) -> Answer<Kept<Correction>> {
    let today = record.today();
    change(&record, &hand, (id, asked.version), ("correction/report", &asked.why), |correction, _| {
        let handed = asked.checked(&correction.period.served, today)?;
        correction.receive(handed, &asked.why)
    })
    .await
}

/// A follow-up check.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Checking {
    /// The version seen.
    version: u32,
    /// When, `YYYY-MM-DD`.
    on: String,
    /// Who looked.
    who: String,
    /// What was found.
    found: String,
    /// Whether every point was done.
    done: bool,
}

async fn check(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Checking>,
) -> Answer<Kept<Correction>> {
    let Checking { version, on, who, found, done } = asked;
    let (who, found) = (field::line("督查人", &who, limits::TEXT)?, field::prose("督查情况", &found)?);
    let (check, today) = (Check { on, who, found, done }, record.today());
    change(&record, &hand, (id, version), ("correction/check", ""), |correction, _| correction.check(check, today))
        .await
}

/// A brief.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Briefing {
    /// The version seen.
    version: u32,
    /// When, `YYYY-MM-DD`.
    on: String,
    /// What was reported.
    text: String,
}

async fn brief(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Briefing>,
) -> Answer<Kept<Correction>> {
    let Briefing { version, on, text } = asked;
    let brief = Brief { on, text: field::prose("报告内容", &text)?, decision: None };
    let today = record.today();
    change(&record, &hand, (id, version), ("correction/brief", ""), |correction, _| correction.brief(brief, today))
        .await
}

/// A decision.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Deciding {
    /// The version seen.
    version: u32,
    /// When, `YYYY-MM-DD`.
    on: String,
    /// True ends the correction; false lets it go on.
    settled: bool,
    /// In its words.
    text: String,
}

async fn decide(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Deciding>,
) -> Answer<Kept<Correction>> {
    let Deciding { version, on, settled, text } = asked;
    let decision = Decision { on, settled, text: field::prose("常委会的决定", &text)? };
    let today = record.today();
    change(&record, &hand, (id, version), ("correction/decision", ""), |correction, _| {
        correction.decide(decision, today)
    })
    .await
}

/// A meeting that was told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Telling {
    /// Day of the meeting, `YYYY-MM-DD`.
    on: String,
    /// Which meeting.
    meeting: String,
    /// Of what.
    corrections: Vec<Seen>,
}

/// A correction as it was seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// Which one.
    id: Id,
    /// The version seen.
    version: u32,
}

async fn tell(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Telling>) -> Answer<Vec<Kept<Correction>>> {
    let Telling { on, meeting, corrections } = asked;
    let told = Told { on, meeting: field::line("会议", &meeting, field::LINE)? };
    if corrections.is_empty() {
        return Err(Refusal::conflict("没有选择任何整改。", "请勾选会上通报了的整改。"));
    }
    let today = record.today();
    let all = record.book().change(&hand, |draft| {
        let mut all = Vec::new();
        for Seen { id, version } in &corrections {
            let mut correction = draft.get::<Correction>(*id)?;
            if correction.version == *version {
                let name = draft.get::<Dossier>(correction.body.dossier)?.body.name;
                correction.body.tell(told.clone(), today).map_err(|refusal| Refusal {
                    error: format!("{name}的整改不能登记为已通报。{}", refusal.error),
                    ..refusal
                })?;
            }
            correction.version = *version;
            draft.set("correction/told", &correction, "")?;
            all.push(draft.get::<Correction>(*id)?);
        }
        Ok(all)
    });
    all.await.map(Json)
}
