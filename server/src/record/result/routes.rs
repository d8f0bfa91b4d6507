//! `/api/record/results` and `/api/record/steps`.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Accepted, Intake, Limits, Outcome, Step, StepState, intake, step::Entered};
use crate::{
    record::{
        Cycle, Dossier, Hand, Record,
        api::{Answer, Endpoint},
        document::{Id, Kept},
        documents::Draft,
        field::At,
        hook::Delivery,
    },
    web::{Asked, Queried, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/results", "Every result that was taken in.", results)
            .answers::<Vec<Kept<Outcome>>>(),
        Endpoint::post("/api/record/results/own", "Takes in the meeting that this server has archived.", take_own)
            .takes::<Own>()
            .answers::<Kept<Outcome>>(),
        Endpoint::post("/api/record/results/import", "Takes in a bundle: the body is the ZIP.", take_bundle)
            .asks::<Import>()
            .answers::<Kept<Outcome>>(),
        Endpoint::get("/api/record/results/{id}/note", "The signed result note, exactly.", note)
            .answers_file("text/plain"),
        Endpoint::post("/api/record/results/{id}/match", "Says which dossier an official of the meeting is.", pair)
            .takes::<Match>()
            .answers::<Kept<Outcome>>(),
        Endpoint::get("/api/record/deliveries", "Which result has reached whom.", deliveries)
            .answers::<Vec<Kept<Delivery>>>(),
        Endpoint::get("/api/record/steps", "What results have opened, and what became of it.", steps)
            .answers::<Vec<Kept<Step>>>(),
        Endpoint::post("/api/record/steps/{id}", "Enters what became of a step.", enter)
            .takes::<Enter>()
            .answers::<Kept<Step>>(),
    ]
}

async fn results(State(record): State<Record>) -> Answer<Vec<Kept<Outcome>>> {
    Ok(Json(record.book().now().documents.all()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {
    cycle: Id,
}

async fn take_own(State(record): State<Record>, hand: Hand, Asked(own): Asked<Own>) -> Answer<Kept<Outcome>> {
    let bundle = record
        .meetings()?
        .bundle()
        .await
        .ok_or_else(|| Refusal::conflict("本机没有已归档的会议。", "请先在控制台归档会议，或选择归档文件导入。"))?;
    let import = Import { cycle: own.cycle, accept: None, why: String::new() };
    record.take(bundle, import, &hand).await.map(Json)
}

/// What goes with a bundle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::record) struct Import {
    /// The cycle that it belongs to.
    pub(in crate::record) cycle: Id,
    /// Fingerprint of the key, where this server does not know the meeting.
    pub(in crate::record) accept: Option<String>,
    /// Why it is accepted.
    #[serde(default)]
    pub(in crate::record) why: String,
}

async fn take_bundle(
    State(record): State<Record>,
    hand: Hand,
    Queried(import): Queried<Import>,
    bundle: Bytes,
) -> Answer<Kept<Outcome>> {
    record.take(bundle, import, &hand).await.map(Json)
}

async fn note(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let outcome = record.book().now().documents.get::<Outcome>(id)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], outcome.body.note).into_response())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Match {
    version: u32,
    item: u16,
    dossier: Id,
    why: String,
}

async fn pair(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Match>,
) -> Answer<Kept<Outcome>> {
    let Match { version, item, dossier, why } = asked;
    record.book().change(&hand, |draft| pair_up(draft, id, version, item, dossier, &why)).await.map(Json)
}

async fn deliveries(State(record): State<Record>) -> Answer<Vec<Kept<Delivery>>> {
    Ok(Json(record.book().now().documents.all()))
}

async fn steps(State(record): State<Record>) -> Answer<Vec<Kept<Step>>> {
    Ok(Json(record.book().now().documents.all()))
}

#[derive(Deserialize, JsonSchema)]
struct Enter {
    version: u32,
    #[serde(default)]
    why: String,
    #[serde(flatten)]
    entered: Entered,
}

async fn enter(State(record): State<Record>, hand: Hand, At(id): At, Asked(asked): Asked<Enter>) -> Answer<Kept<Step>> {
    let Enter { version, why, entered } = asked;
    let work = |draft: &mut Draft<'_>| {
        let mut step = Kept { version, ..draft.get::<Step>(id)? };
        let corrects = !matches!(step.body.state, StepState::Open) && matches!(entered, Entered::Verified { .. });
        if corrects && why.trim().is_empty() {
            return Err(Refusal::conflict("更正要写明理由。", "请写明为什么更正，再保存。"));
        }
        step.body.enter(entered)?;
        draft.set("step/enter", &step, &why)?;
        draft.get(id)
    };
    record.book().change(&hand, work).await.map(Json)
}

impl Record {
    /// Takes a bundle in, once.
    ///
    /// # Errors
    /// [`intake::read`]'s; 409 for a drill, and for a meeting that this server does not know until its key's fingerprint
    /// is accepted.
    pub(in crate::record) async fn take(
        &self,
        bundle: Bytes,
        import: Import,
        hand: &Hand,
    ) -> Result<Kept<Outcome>, Refusal> {
        let Import { cycle, accept, why } = import;
        let policy = self.book().now().documents.get::<Cycle>(cycle)?.body.policy;
        let limits = Limits { reaches: policy.reaches, over: policy.over, both: policy.over_takes_both };
        let read = tokio::task::spawn_blocking(move || intake::read(&bundle, limits));
        let intake = read.await.map_err(Refusal::broken)??;
        let accepted = self.judge(&intake, accept.as_deref(), &why, hand).await?;
        self.book().change(hand, |draft| keep(draft, cycle, intake, accepted)).await
    }

    async fn judge(
        &self,
        intake: &Intake,
        accept: Option<&str>,
        why: &str,
        hand: &Hand,
    ) -> Result<Option<Accepted>, Refusal> {
        let known = match self.meetings() {
            Ok(meetings) => meetings.known(intake.meeting).await,
            Err(_) => None,
        };
        match known {
            Some(known) if known.drill => {
                Err(Refusal::conflict("这是一场演练，演练的结果不进档案。", "请选择正式会议的归档文件。"))
            }
            Some(known) if known.manifest == intake.manifest => Ok(None),
            // A meeting of that id with another manifest was never frozen here.
            Some(_) => Err(Refusal::conflict(
                "会议编号是本机的，会议清单却不是：这份结果不是本机那场会议的。",
                "请用本机归档时下载的文件；来历不明的，请不要使用。",
            )),
            None if accept == Some(intake.key()) && !why.trim().is_empty() => {
                Ok(Some(Accepted { by: hand.who.clone(), why: why.to_owned() }))
            }
            None => Err(Refusal::conflict(
                format!("这份结果是别的服务器签发的，签名公钥的指纹是 {}。", intake.key()),
                "请与那场会议的记录核对指纹；一致的，填写指纹和核对的依据，再导入。",
            )
            .with_details(serde_json::json!({ "key": intake.key() }))),
        }
    }
}

fn keep(
    draft: &mut Draft<'_>,
    cycle: Id,
    intake: Intake,
    accepted: Option<Accepted>,
) -> Result<Kept<Outcome>, Refusal> {
    let taken = draft.all::<Outcome>().into_iter().find(|kept| kept.body.note_hash == intake.note_hash());
    if let Some(taken) = taken {
        return Ok(taken);
    }
    let dossiers = draft.all::<Dossier>();
    let outcome = intake.into_outcome(cycle, accepted, |name, unit| {
        let mut fits = dossiers.iter().filter(|d| d.body.cycle == cycle && d.body.name == name && d.body.unit == unit);
        // Two of one name in one unit: somebody must say which.
        fits.next().filter(|_| fits.next().is_none()).map(|kept| kept.id)
    });
    let id = draft.add("result/import", &outcome, outcome.accepted.as_ref().map_or("", |a| a.why.as_str()));
    let known: Vec<_> = outcome.officials.iter().filter(|rated| rated.dossier.is_some()).collect();
    for rated in known {
        open(draft, id, rated);
    }
    draft.get(id)
}

/// Opens the steps of an official whose dossier is known.
fn open(draft: &mut Draft<'_>, outcome: Id, rated: &super::Rated) {
    let Some(dossier) = rated.dossier else { return };
    for opens in &rated.finding.opens {
        let because = match opens {
            super::Opens::Verification => rated.finding.over_sum.clone(),
            _ => rated.finding.reaches_sum.clone(),
        };
        let step = Step { dossier, outcome, opens: *opens, because: because.clone(), state: StepState::Open };
        draft.add("step/open", &step, &because);
    }
}

fn pair_up(
    draft: &mut Draft<'_>,
    id: Id,
    version: u32,
    item: u16,
    dossier: Id,
    why: &str,
) -> Result<Kept<Outcome>, Refusal> {
    let mut outcome = Kept { version, ..draft.get::<Outcome>(id)? };
    let meant = draft.get::<Dossier>(dossier)?.body;
    let taken = outcome.body.officials.iter().any(|rated| rated.dossier == Some(dossier));
    if meant.cycle != outcome.body.cycle || taken {
        return Err(Refusal::conflict("这份案卷不属于这个年度，或已对应另一项。", "请选择本年度还没有对应的案卷。"));
    }
    let rated = outcome.body.officials.iter_mut().find(|rated| rated.item == item && rated.dossier.is_none());
    let Some(rated) = rated else {
        return Err(Refusal::conflict("这一项不存在，或已经对应了案卷。", "请刷新页面，只对应还没有案卷的项目。"));
    };
    rated.dossier = Some(dossier);
    let rated = rated.clone();
    draft.set("result/match", &outcome, why)?;
    open(draft, id, &rated);
    draft.get(id)
}
