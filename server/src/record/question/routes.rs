//! `/api/record/questions…`.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Question, committee};
use crate::{
    record::{
        Dossier, Draft, Hand, Id, Kept, Record, Way, Withdrawn,
        api::{Answer, Endpoint},
        correction::GONE,
        cycle,
        due::{Handing, Period, Standing, Sum, Unit},
        field::{self, At, Seen},
        years,
    },
    web::{Asked, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    let mut table = committee::table();
    table.extend([
        Endpoint::get("/api/record/questions", "Every question with its demands and how they stand.", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/questions", "Enters a question of a standing member.", ask)
            .takes::<Ask>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/correct", "Corrects what was entered.", correct)
            .takes::<Correct>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/demand", "Demands a written answer (article 17).", demand)
            .takes::<Demanding>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/dates", "Corrects days that were entered wrongly.", dates)
            .takes::<CorrectDates>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/withdraw", "Withdraws what was entered by mistake.", withdraw)
            .takes::<Seen>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/receipt", "Enters the written answer that came.", receipt)
            .takes::<Handing>()
            .answers::<Kept<Question>>(),
        Endpoint::post("/api/record/questions/{question}/verdict", "The committee accepts it or returns it.", verdict)
            .takes::<Judging>()
            .answers::<Kept<Question>>(),
    ]);
    table
}

/// A question and how its demands stand.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    #[serde(flatten)]
    question: Kept<Question>,
    /// Name of whom it was put to.
    name: String,
    /// His unit.
    unit: String,
    /// The cycle; absent if the dossier is gone.
    cycle: Option<Id>,
    /// One for each demand.
    stand: Vec<Stand>,
}

/// How a demand stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Stand {
    standing: Standing,
    sum: Sum,
}

async fn list(State(record): State<Record>) -> Answer<Vec<Line>> {
    let (now, today, calendar) = (record.book().now(), record.today(), record.calendar());
    let mut lines = Vec::new();
    for question in now.documents.all::<Question>() {
        let (name, unit, cycle) = match now.documents.find::<Dossier>(question.body.dossier) {
            Some(Kept { body: Dossier { name, unit, cycle, .. }, .. }) => (name, unit, Some(cycle)),
            None => (GONE.to_owned(), String::new(), None),
        };
        let stand = question.body.demands.iter().map(|demand| {
            let received = demand.receipt.as_ref().map(|receipt| receipt.on.as_str());
            Stand { standing: demand.period.standing(received, today), sum: demand.period.sum(&calendar) }
        });
        let stand = stand.collect();
        lines.push(Line { question, name, unit, cycle, stand });
    }
    lines.sort_by_cached_key(|line| {
        (std::cmp::Reverse(line.question.body.asked_on.clone()), line.unit.clone(), line.name.clone(), line.question.id)
    });
    Ok(Json(lines))
}

/// What was asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// To whom.
    dossier: Id,
    /// Who asked.
    asked_by: String,
    /// When, `YYYY-MM-DD`.
    asked_on: String,
    /// The question.
    question: String,
    /// The answer on the spot; absent if there was none.
    answer: Option<String>,
}

fn answered(answer: Option<&str>) -> Result<Option<String>, Refusal> {
    answer.filter(|text| !text.trim().is_empty()).map(|text| field::prose("回答", text)).transpose()
}

async fn ask(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Ask>) -> Answer<Kept<Question>> {
    let Ask { dossier, asked_by, asked_on, question, answer } = asked;
    let today = record.today();
    field::happened("询问日期", &asked_on, None, today)?;
    let (question, answer) = (field::prose("问题", &question)?, answered(answer.as_deref())?);
    let made = record.book().change(&hand, |draft| {
        let whose = draft.get::<Dossier>(dossier)?.body;
        cycle::must_be_open(draft, whose.cycle)?;
        if whose.way != Some(Way::Oral) {
            return Err(Refusal::conflict(
                format!("{}不是会议报告对象；询问质询只对会议报告对象进行（第十七条）。", whose.name),
                "请选择会议报告对象；名单还没有审定的，请先审定。",
            ));
        }
        at_his_report(&whose, &asked_on)?;
        let member = committee::member(draft, whose.cycle, &asked_by)?;
        let (asked_by, post) = (member.name, member.post);
        let demands = Vec::new();
        let new = Question { dossier, asked_by, post, asked_on, question, answer, demands, withdrawn: None };
        let id = draft.add("question/ask", &new, "");
        draft.get::<Question>(id)
    });
    made.await.map(Json)
}

/// A question is asked on the day of the report, once that is known.
fn at_his_report(whose: &Dossier, asked_on: &str) -> Result<(), Refusal> {
    match whose.reported_on.as_deref().filter(|reported| *reported != asked_on) {
        None => Ok(()),
        Some(reported) => Err(Refusal::conflict(
            format!("询问日期 {asked_on} 不是他作会议报告的日期 {reported}。"),
            "询问质询在会议现场进行。请核对这两个日期。",
        )),
    }
}

/// Changes a question as it was seen.
async fn change(
    record: &Record,
    hand: &Hand,
    (id, version): (Id, u32),
    (act, why): (&str, &str),
    work: impl FnOnce(&mut Question, &mut Draft<'_>) -> Result<(), Refusal> + Send,
) -> Answer<Kept<Question>> {
    let changed = record.book().change(hand, |draft| {
        let mut question = Kept { version, ..draft.get::<Question>(id)? };
        let now = draft.get::<Question>(id)?.version;
        // Whoever saw another version is told so, and not of what he could not see.
        if now == version {
            Withdrawn::not(question.body.withdrawn.as_ref())?;
            work(&mut question.body, draft)?;
        }
        draft.set(act, &question, why)?;
        draft.get::<Question>(id)
    });
    changed.await.map(Json)
}

/// What was entered wrongly.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Correct {
    /// The version seen.
    version: u32,
    /// Who asked.
    asked_by: String,
    /// The question.
    question: String,
    /// The answer on the spot; absent if there was none.
    answer: Option<String>,
    /// Why.
    why: String,
}

async fn correct(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Correct>,
) -> Answer<Kept<Question>> {
    let Correct { version, asked_by, question, answer, why } = asked;
    let why = field::why(&why)?;
    let (text, answer) = (field::prose("问题", &question)?, answered(answer.as_deref())?);
    change(&record, &hand, (id, version), ("question/correct", &why), |question, draft| {
        let cycle = draft.get::<Dossier>(question.dossier)?.body.cycle;
        let member = committee::member(draft, cycle, &asked_by)?;
        (question.asked_by, question.post) = (member.name, member.post);
        (question.question, question.answer) = (text, answer);
        Ok(())
    })
    .await
}

/// A demand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Demanding {
    /// The version seen.
    version: u32,
    /// Why the committee finds it necessary.
    reason: String,
    /// Day of service, `YYYY-MM-DD`.
    served_on: String,
}

async fn demand(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Demanding>,
) -> Answer<Kept<Question>> {
    let Demanding { version, reason, served_on } = asked;
    let reason = field::prose("要求书面答复的理由", &reason)?;
    let today = record.today();
    change(&record, &hand, (id, version), ("question/demand", ""), |question, draft| {
        // The question of an answer that was returned is followed to its end.
        let begun = !question.demands.is_empty();
        let cycle = if begun { cycle::of(draft, question.dossier)? } else { cycle::open_of(draft, question.dossier)? };
        let since = match question.demands.last().and_then(|demand| demand.verdict.as_ref()) {
            Some(verdict) if !verdict.accepted => ("决定日期", verdict.on.as_str()),
            _ => ("询问日期", question.asked_on.as_str()),
        };
        let served = field::happened("送达日期", &served_on, Some(since), today)?;
        let policy = cycle.body.policy;
        let period =
            Period::begin(served, (policy.answer_days, Unit::WorkingDays), policy.counting, &years::calendar(draft));
        question.demand(reason, period)
    })
    .await
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
) -> Answer<Kept<Question>> {
    let CorrectDates { version, dates, why } = asked;
    let why = field::why(&why)?;
    let today = record.today();
    field::day("询问日期", &dates.asked_on)?;
    change(&record, &hand, (id, version), ("question/dates", &why), |question, draft| {
        if dates.asked_on != question.asked_on {
            at_his_report(&draft.get::<Dossier>(question.dossier)?.body, &dates.asked_on)?;
        }
        question.correct_dates(&dates, &years::calendar(draft), today)
    })
    .await
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(seen): Asked<Seen>,
) -> Answer<Kept<Question>> {
    let why = field::why(&seen.why)?;
    let withdrawn = Withdrawn::by(&hand, &why);
    change(&record, &hand, (id, seen.version), ("question/withdraw", &why), |question, _| question.withdraw(withdrawn))
        .await
}

async fn receipt(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Handing>,
) -> Answer<Kept<Question>> {
    let today = record.today();
    let _stay = record.files_stay().await;
    let file = record.handed_in(asked.file.clone()).await?;
    let why = field::why_if(false, &asked.why)?;
    change(&record, &hand, (id, asked.version), ("question/receipt", &why), |question, _| {
        let demand = question.running()?;
        let handed = asked.checked(file, &demand.period.served, today)?;
        demand.receive(handed, &asked.why)
    })
    .await
}

/// What the committee decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Judging {
    /// The version seen.
    version: u32,
    /// Accepted, or returned.
    accepted: bool,
    /// Day of the decision, `YYYY-MM-DD`.
    on: String,
    /// In which meeting, or why it was returned.
    words: String,
}

async fn verdict(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Judging>,
) -> Answer<Kept<Question>> {
    let Judging { version, accepted, on, words } = asked;
    let words = field::prose("常委会的意见", &words)?;
    let today = record.today();
    change(&record, &hand, (id, version), ("question/verdict", ""), |question, _| {
        question.running()?.judge(accepted, &on, words, today)
    })
    .await
}
