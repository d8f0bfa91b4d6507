//! Before the meeting: what was looked into about an oral reporter, and the special report on it (article 15).

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Documents, Dossier, Draft, Hand, Id, Kept, Record, Way,
    api::{Answer, Endpoint},
    cycle,
    document::Document,
    field,
    field::{At, Seen, Step, Verdict},
    file::{Named, Stored},
    official::dossiers_of,
};
use crate::{
    limits,
    web::{Asked, Refusal},
};

/// The assessment of one dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The dossier of an oral reporter.
    pub dossier: Id,
    /// The standing member who leads it.
    pub member: String,
    /// The office in charge.
    pub office: String,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// The special report.
    pub report: String,
    /// The report's file, if there is one.
    pub file: Option<Stored>,
    /// Who submitted it.
    pub submitted: Option<Step>,
    /// Who approved it.
    pub approved: Option<Step>,
}

impl Document for Assessment {
    const KIND: &'static str = "assessment";
}

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it comes from.
    pub kind: SourceKind,
    /// What it says.
    pub text: String,
}

/// Where an assessment's facts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// 日常监督.
    DailySupervision,
    /// 信访反映.
    Petitions,
    /// 审查调查.
    Investigations,
    /// 内部督察.
    InternalInspections,
}

/// Sources of one assessment.
const SOURCES: usize = 40;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/assessments", "Every oral reporter's assessment (article 15).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/assessment", "Begins an assessment, or changes it.", keep)
            .takes::<Keep>()
            .answers::<Kept<Assessment>>(),
        Endpoint::post("/api/record/assessments/{assessment}/submit", "Submits it for approval.", submit)
            .takes::<Seen>()
            .answers::<Kept<Assessment>>(),
        Endpoint::post(
            "/api/record/assessments/{assessment}/back",
            "Takes it back, to be changed and approved anew.",
            back,
        )
        .takes::<Seen>()
        .answers::<Kept<Assessment>>(),
        Endpoint::post("/api/record/assessments/{assessment}/approve", "Approves it, or sends it back.", approve)
            .takes::<Verdict>()
            .answers::<Kept<Assessment>>(),
    ]
}

/// An oral reporter, and his assessment if it was begun.
#[derive(Serialize, JsonSchema)]
struct Line {
    dossier: Kept<Dossier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<Kept<Assessment>>,
    /// Reasons for which a meeting was prepared without one.
    without: Vec<Without>,
}

/// A meeting that was prepared without an approved assessment.
#[derive(Serialize, JsonSchema)]
struct Without {
    /// Who, and when.
    by: Step,
    /// Why.
    why: String,
}

/// The act of an entry that says why a meeting goes without an assessment.
pub(super) const WITHOUT: &str = "meeting/without-assessment";

/// The assessment of a dossier.
pub(super) fn of(documents: &Documents, dossier: Id) -> Option<Kept<Assessment>> {
    documents.all::<Assessment>().into_iter().find(|assessment| assessment.body.dossier == dossier)
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<Line>> {
    let now = record.book().now();
    now.documents.get::<cycle::Cycle>(id)?;
    let mut oral = dossiers_of(&now.documents, id);
    oral.retain(|dossier| dossier.body.way == Some(Way::Oral) || of(&now.documents, dossier.id).is_some());
    let without = |dossier: Id| {
        let entries = now.entries.iter().filter(move |entry| entry.act == WITHOUT && entry.id == dossier);
        entries.map(|entry| Without { by: Step::of(&entry.hand), why: field::why_of(entry) }).collect()
    };
    let line = |dossier: Kept<Dossier>| Line {
        assessment: of(&now.documents, dossier.id),
        without: without(dossier.id),
        dossier,
    };
    Ok(Json(oral.into_iter().map(line).collect()))
}

/// What an assessment says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keep {
    /// The version seen; 0 begins it.
    version: u32,
    /// The standing member who leads it.
    member: String,
    /// The office in charge.
    office: String,
    /// What it rests on.
    sources: Vec<Source>,
    /// The special report; may be empty until it is submitted.
    #[serde(default)]
    report: String,
    /// The report's file, which was handed in before.
    file: Option<Named>,
    /// Why.
    #[serde(default)]
    why: String,
}

impl Keep {
    fn checked(self, dossier: Id, file: Option<Stored>) -> Result<Assessment, Refusal> {
        let Self { member, office, sources, report, .. } = self;
        if sources.len() > SOURCES {
            return Err(Refusal::conflict(
                format!("有 {} 条来源，最多 {SOURCES} 条。", sources.len()),
                "请把相近的合成一条。",
            ));
        }
        let source = |Source { kind, text }| Ok(Source { kind, text: field::prose("来源的内容", &text)? });
        let report = field::prose_if("专题报告", &report)?;
        Ok(Assessment {
            dossier,
            member: field::line("牵头常委", &member, limits::NAME)?,
            office: field::line("分管纪检监察室", &office, limits::TEXT)?,
            sources: sources.into_iter().map(source).collect::<Result<_, Refusal>>()?,
            report,
            file,
            submitted: None,
            approved: None,
        })
    }
}

/// An assessment that can still be changed.
fn unsubmitted(assessment: &Assessment) -> Result<(), Refusal> {
    match (&assessment.submitted, &assessment.approved) {
        (None, None) => Ok(()),
        (_, Some(_)) => {
            Err(Refusal::conflict("专题报告已经审定，不能再改。", "确有错误，请撤回并写明理由，改后重新送审定。"))
        }
        (Some(_), None) => Err(Refusal::conflict("专题报告已经送审，正等待审定。", "要改动，请先撤回。")),
    }
}

async fn keep(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Keep>,
) -> Answer<Kept<Assessment>> {
    let (version, why) = (asked.version, field::why_if(false, &asked.why)?);
    let _stay = record.files_stay().await;
    let file = record.handed_in(asked.file.clone()).await?;
    let body = asked.checked(id, file)?;
    let kept = record.book().change(&hand, |draft| {
        let dossier = draft.get::<Dossier>(id)?;
        cycle::must_be_open(draft, dossier.body.cycle)?;
        if dossier.body.way != Some(Way::Oral) {
            return Err(Refusal::conflict("只对会议报告对象作调研评估（第十五条）。", "请先审定会议报告名单。"));
        }
        let made = match of(draft, id) {
            None => draft.add("assessment/begin", &body, &why),
            Some(before) => {
                unsubmitted(&before.body)?;
                draft.set("assessment/change", &Kept { id: before.id, version, body }, &why)?;
                before.id
            }
        };
        draft.get::<Assessment>(made)
    });
    kept.await.map(Json)
}

/// Changes an assessment as it was seen.
async fn change(
    record: &Record,
    hand: &Hand,
    (id, version): (Id, u32),
    work: impl FnOnce(&Draft<'_>, &mut Assessment) -> Result<(&'static str, String), Refusal> + Send,
) -> Answer<Kept<Assessment>> {
    let changed = record.book().change(hand, |draft| {
        let mut assessment = draft.get::<Assessment>(id)?;
        cycle::open_of(draft, assessment.body.dossier)?;
        assessment.version = version;
        let (act, why) = work(draft, &mut assessment.body)?;
        draft.set(act, &assessment, &why)?;
        draft.get::<Assessment>(id)
    });
    changed.await.map(Json)
}

async fn submit(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Assessment>> {
    change(&record, &hand, (id, seen.version), |draft, assessment| {
        unsubmitted(assessment)?;
        if assessment.report.is_empty() {
            return Err(Refusal::conflict("还没有专题报告。", "请写好专题报告再送审。"));
        }
        if assessment.sources.is_empty() {
            return Err(Refusal::conflict(
                "还没有写明情况来源。",
                "请至少写一条：日常监督、信访反映、审查调查或内部督察。",
            ));
        }
        assessment.submitted = Some(Step::of(draft.hand()));
        Ok(("assessment/submit", field::why_if(false, &seen.why)?))
    })
    .await
}

async fn back(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Assessment>> {
    let why = field::why(&seen.why)?;
    change(&record, &hand, (id, seen.version), |_, assessment| {
        if assessment.submitted.take().is_none() {
            return Err(Refusal::conflict("专题报告还没有送审。", "现在就可以改动。"));
        }
        assessment.approved = None;
        Ok(("assessment/back", why))
    })
    .await
}

async fn approve(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(verdict): Asked<Verdict>,
) -> Answer<Kept<Assessment>> {
    change(&record, &hand, (id, verdict.version), |draft, assessment| {
        let (Some(submitted), None) = (&assessment.submitted, &assessment.approved) else {
            return Err(Refusal::conflict("专题报告现在不在送审。", "请刷新页面，看它现在的状态。"));
        };
        if !verdict.agreed {
            let why = field::why(&verdict.why)?;
            assessment.submitted = None;
            return Ok(("assessment/return", why));
        }
        field::by_another(draft.hand(), &[submitted])?;
        assessment.approved = Some(Step::of(draft.hand()));
        Ok(("assessment/approve", field::why_if(false, &verdict.why)?))
    })
    .await
}
