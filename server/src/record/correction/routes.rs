//! `/api/record/corrections…`.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Brief, Check, Correction, Decision, GONE, dates::Dates};
use crate::{
    limits,
    record::{
        Documents, Dossier, Hand, Id, Kept, Record, Withdrawn,
        api::{Answer, Endpoint},
        cycle,
        due::{Handing, Period, Standing, Sum, Unit},
        field::{self, At},
        file::Named,
        result::{self, Opens},
        years,
    },
    web::{Asked, Refusal},
};

/// Points of one correction.
const POINTS: usize = 50;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/corrections", "Every correction and how it stands (article 20).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/corrections", "Enters the notice that was served.", notice)
            .takes::<Notice>()
            .answers::<Kept<Correction>>(),
        Endpoint::post("/api/record/corrections/{correction}/dates", "Corrects days that were entered wrongly.", dates)
            .takes::<CorrectDates>()
            .answers::<Kept<Correction>>(),
        Endpoint::post(
            "/api/record/corrections/{correction}/withdraw",
            "Withdraws a notice that was entered by mistake.",
            withdraw,
        )
        .takes::<field::Seen>()
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
    /// The cycle; absent if the dossier is gone.
    pub(super) cycle: Option<Id>,
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
        .map(|correction| {
            let whose = documents.find::<Dossier>(correction.body.dossier).map(|dossier| dossier.body);
            let cycle = whose.as_ref().map(|dossier| dossier.cycle);
            let (name, unit, post) = match whose {
                Some(Dossier { name, unit, post, .. }) => (name, unit, post),
                None => (GONE.to_owned(), String::new(), String::new()),
            };
            let body = &correction.body;
            let received = body.report.as_ref().map(|report| report.on.as_str());
            Line {
                year: cycle.and_then(|cycle| documents.find::<cycle::Cycle>(cycle)).map_or(0, |cycle| cycle.body.year),
                standing: body.period.standing(received, today),
                sum: body.period.sum(&calendar),
                to_tell: body.is_to_tell(),
                decided: body.decision().is_some(),
                correction,
                name,
                unit,
                post,
                cycle,
            }
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
    let served = field::happened("送达日期", &served_on, None, record.today())?;
    let reason = field::prose("整改的理由", &reason)?;
    if points.is_empty() || points.len() > POINTS {
        return Err(Refusal::conflict(
            format!("整改事项有 {} 条，应为 1 到 {POINTS} 条。", points.len()),
            "请逐条写明需要整改的问题。",
        ));
    }
    let points = points.iter().map(|point| field::prose("整改事项", point)).collect::<Result<Vec<_>, _>>()?;
    let why = field::why_if(step.is_none(), &why)?;
    let made = record.book().change(&hand, |draft| {
        // What a step has ordered is carried out, also after the year's end.
        let cycle = match step {
            None => cycle::open_of(draft, dossier)?,
            Some(step) => {
                of_step(draft, step, dossier)?;
                cycle::of(draft, dossier)?
            }
        };
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
            withdrawn: None,
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
    if documents.all::<Correction>().iter().any(|other| other.body.step == Some(id) && other.body.withdrawn.is_none()) {
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
            Withdrawn::not(correction.body.withdrawn.as_ref())?;
            work(&mut correction.body, draft)?;
        }
        correction.version = version;
        draft.set(act, &correction, why)?;
        draft.get::<Correction>(id)
    });
    changed.await.map(Json)
}

/// Days as they should have been entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectDates {
    /// The version seen.
    version: u32,
    /// All of them.
    dates: Dates,
    /// Why.
    why: String,
}

async fn dates(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<CorrectDates>,
) -> Answer<Kept<Correction>> {
    let CorrectDates { version, dates, why } = asked;
    let why = field::why(&why)?;
    let today = record.today();
    change(&record, &hand, (id, version), ("correction/dates", &why), |correction, documents| {
        correction.correct_dates(&dates, &years::calendar(documents), today)
    })
    .await
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<field::Seen>,
) -> Answer<Kept<Correction>> {
    let why = field::why(&seen.why)?;
    let withdrawn = Withdrawn::by(&hand, &why);
    let act = ("correction/withdraw", why.as_str());
    change(&record, &hand, (id, seen.version), act, |correction, _| correction.withdraw(withdrawn)).await
}

async fn report(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Handing>,
) -> Answer<Kept<Correction>> {
    let today = record.today();
    let _stay = record.files_stay().await;
    let file = record.handed_in(asked.file.clone()).await?;
    let why = field::why_if(false, &asked.why)?;
    change(&record, &hand, (id, asked.version), ("correction/report", &why), |correction, _| {
        let handed = asked.checked(file, &correction.period.served, today)?;
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
    /// The file that was handed in before.
    file: Option<Named>,
}

async fn check(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Checking>,
) -> Answer<Kept<Correction>> {
    let Checking { version, on, who, found, done, file } = asked;
    let _stay = record.files_stay().await;
    let file = record.handed_in(file).await?;
    let (who, found) = (field::line("督查人", &who, limits::TEXT)?, field::prose("督查情况", &found)?);
    let (check, today) = (Check { on, who, found, done, file }, record.today());
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
