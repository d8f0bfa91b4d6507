//! What is due: one list over everything that runs, for the first page of the record.

use axum::{Json, extract::State};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Period, Standing, Sum};
use crate::record::{
    Correction, Cycle, Documents, Dossier, Id, Question, Record,
    api::{Answer, Endpoint},
    calendar::Calendar,
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/due", "Everything that is due, the earliest first (articles 17 and 20).", list)
            .answers::<DueList>(),
    ]
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A written answer (article 17).
    WrittenAnswer,
    /// The report on a correction (article 20).
    CorrectionReport,
}

/// One thing that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueLine {
    /// What.
    pub what: What,
    /// The question or the correction.
    pub id: Id,
    /// Whose.
    pub dossier: Id,
    /// The cycle.
    pub cycle: Id,
    /// The cycle's year.
    pub year: i16,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Day of service.
    pub served: String,
    /// The last day; the earliest possible one if it is provisional.
    pub due: String,
    /// 暂定.
    pub provisional: bool,
    /// The last day is over, and it was no provisional one.
    pub overdue: bool,
    /// Calendar days that are left, today's date to the last day; less than none when it is over; absent for a
    /// provisional one, of which nobody can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i32>,
    /// How it stands.
    pub standing: Standing,
    /// How the last day comes about.
    pub sum: Sum,
    /// The page on which it stands.
    pub link: String,
}

/// What is due, and as of which day.
#[derive(Serialize, JsonSchema)]
pub(super) struct DueList {
    /// `YYYY-MM-DD`, UTC+8.
    today: String,
    /// The earliest first.
    lines: Vec<DueLine>,
}

async fn list(State(record): State<Record>) -> Answer<DueList> {
    let (now, today) = (record.book().now(), record.today());
    let lines = due_list(&now.documents, &record.calendar(), today);
    Ok(Json(DueList { today: today.to_string(), lines }))
}

/// Everything that somebody still owes, the earliest first.
#[must_use]
pub fn due_list(documents: &Documents, calendar: &Calendar, today: Date) -> Vec<DueLine> {
    let line = |what: What, id: Id, dossier: Id, period: &Period, part: &str| {
        let whose = documents.find::<Dossier>(dossier)?;
        let year = documents.find::<Cycle>(whose.body.cycle).map_or(0, |cycle| cycle.body.year);
        let period = period.again(calendar);
        let standing = period.standing(None, today);
        let days_left = |due: Date| (due - today).get_days();
        Some(DueLine {
            what,
            id,
            dossier,
            cycle: whose.body.cycle,
            year,
            name: whose.body.name,
            unit: whose.body.unit,
            overdue: standing == Standing::Overdue,
            days_left: period.due.parse().ok().filter(|_| !period.provisional).map(days_left),
            standing,
            sum: period.sum(calendar),
            link: format!("/record#{part}"),
            served: period.served,
            due: period.due,
            provisional: period.provisional,
        })
    };
    let questions = documents.all::<Question>();
    let corrections = documents.all::<Correction>();
    let answers = questions.iter().filter_map(|question| {
        let demand = question.body.demands.last().filter(|demand| demand.receipt.is_none())?;
        line(What::WrittenAnswer, question.id, question.body.dossier, &demand.period, "questions")
    });
    let reports = corrections.iter().filter(|correction| correction.body.report.is_none()).filter_map(|correction| {
        let Correction { dossier, period, .. } = &correction.body;
        line(What::CorrectionReport, correction.id, *dossier, period, "corrections")
    });
    let mut lines: Vec<DueLine> = answers.chain(reports).collect();
    lines.sort_by(|a, b| (&a.due, a.what, &a.unit, &a.name, a.id).cmp(&(&b.due, b.what, &b.unit, &b.name, b.id)));
    lines
}
