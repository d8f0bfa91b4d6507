//! What a meeting hears of corrections (article 20), in Chinese whatever the screens speak: a page to print, a Word
//! document, and PDF where this program makes it. **What was told is kept as it was told**: what happens afterwards
//! changes nothing of it.

mod docx;
mod page;
mod pdf;
mod routes;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use douxuan_crypto::bytes::hex;

use super::{
    Correction,
    routes::{Line, lines},
};
use crate::{
    messages::{self, Language},
    record::{
        Record, State as Now,
        api::Endpoint,
        due::{Standing, in_words},
        file::{FileKind, download},
    },
    web::Refusal,
};

/// What a meeting hears, or heard, of one correction: sentences, and nothing that is looked up again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heard {
    /// Whose.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// When the notice was served, and in which year's review.
    pub served: String,
    /// Why it was necessary.
    pub reason: String,
    /// Point by point.
    pub points: Vec<String>,
    /// When the report came, and whether that was in time.
    pub came: String,
    /// Whether it was overdue, or came so.
    pub overdue: bool,
    /// What the report says; empty if there is none.
    pub report: String,
    /// How its last day comes about.
    pub sum: String,
    /// What follow-up found, one sentence each.
    pub checks: Vec<String>,
    /// What the committee decided, one sentence each.
    pub decisions: Vec<String>,
    /// What the last of them says: settled, or it goes on; `None` while there is none.
    pub settled: Option<bool>,
}

fn zh(key: &str, values: &[(&str, &str)]) -> String {
    messages::fill(Language::Chinese, &format!("record.told_{key}"), values)
}

fn day(text: &str) -> String {
    in_words(text, Language::Chinese)
}

impl Heard {
    /// What can be said of a correction on a day: nothing that happened behind it.
    pub(super) fn of(line: &Line, on: Date) -> Self {
        let Correction { reason, points, period, report, checks, briefs, .. } = &line.correction.body;
        // Days of one form are ordered as their texts are.
        let last = on.to_string();
        let report = report.as_ref().filter(|report| report.on <= last);
        let standing = period.standing(report.map(|report| report.on.as_str()), on);
        let done = |done: bool| zh(if done { "check_done" } else { "check_not_done" }, &[]);
        let checks = checks.iter().filter(|check| check.on <= last);
        let decisions = briefs.iter().filter_map(|brief| brief.decision.as_ref()).filter(|one| one.on <= last);
        let how = |settled: bool| zh(if settled { "settled" } else { "goes_on" }, &[]);
        Self {
            name: line.name.clone(),
            unit: line.unit.clone(),
            post: line.post.clone(),
            served: zh("notice_served", &[("served", &day(&period.served)), ("year", &line.year.to_string())]),
            reason: reason.clone(),
            points: points.clone(),
            came: came(line, report.map(|report| report.on.as_str()), standing),
            overdue: matches!(standing, Standing::Overdue | Standing::Late),
            report: report.map(|report| report.text.clone()).unwrap_or_default(),
            sum: line.sum.words.0.clone(),
            checks: checks
                .map(|check| format!("{} {}：{}（{}）", day(&check.on), check.who, check.found, done(check.done)))
                .collect(),
            settled: decisions.clone().next_back().map(|decision| decision.settled),
            decisions: decisions.map(|one| format!("{} {}：{}", day(&one.on), how(one.settled), one.text)).collect(),
        }
    }
}

/// When the report came, and whether that was in time.
fn came(line: &Line, on: Option<&str>, standing: Standing) -> String {
    let period = &line.correction.body.period;
    let key = match standing {
        Standing::Running => "came_running",
        Standing::Open => "came_open",
        Standing::Overdue => "came_overdue",
        Standing::InTime => "came_in_time",
        Standing::Unsettled => "came_unsettled",
        Standing::Late => "came_late",
    };
    let due = day(&period.due);
    let due = if period.provisional {
        messages::fill(Language::Chinese, "record.due_provisional", &[("due", &due)])
    } else {
        due
    };
    // A sentence names the day on which it came only if it came.
    match on {
        Some(on) => zh(key, &[("due", &due), ("on", &day(on))]),
        None => zh(key, &[("due", &due)]),
    }
}

/// Everything of one telling, whatever it is written on.
#[derive(Serialize)]
struct Paper {
    title: String,
    /// For which meeting.
    under: String,
    /// How many of each kind, or that there are none.
    sums: String,
    told: Vec<Heard>,
    /// When it was made, and how far the trail goes.
    foot: String,
}

impl Paper {
    /// What the next meeting has to hear.
    fn next(record: &Record, now: &Now) -> Self {
        let today = record.today();
        let lines = lines(record, &now.documents);
        let told = lines.iter().filter(|line| line.to_tell).map(|line| Heard::of(line, today)).collect();
        Self::new(record, now, zh("draft", &[("on", &day(&today.to_string()))]), told)
    }

    /// What the meeting of a day heard, as it was told.
    fn of(record: &Record, now: &Now, on: &str) -> Result<Self, Refusal> {
        let (mut meetings, mut all) = (Vec::new(), Vec::new());
        for line in lines(record, &now.documents) {
            let Some(told) = line.correction.body.told.into_iter().find(|told| told.on == on) else { continue };
            if !meetings.contains(&told.meeting) {
                meetings.push(told.meeting);
            }
            all.push(told.heard);
        }
        if all.is_empty() {
            return Err(
                Refusal::conflict("这一天没有通报过整改情况。", "请在整改列表里查看通报的日期。").with_status(404)
            );
        }
        Ok(Self::new(record, now, zh("told_on", &[("on", &day(on)), ("meeting", &meetings.join("”“"))]), all))
    }

    fn new(record: &Record, now: &Now, under: String, told: Vec<Heard>) -> Self {
        let (entries, hash) = (now.head.number.to_string(), hex(&now.head.hash));
        // On paper a moment is written as people write it.
        let at = record.at();
        let at = format!("{} {}", day(at.get(..10).unwrap_or_default()), at.get(11..16).unwrap_or_default());
        Self {
            title: zh("title", &[]),
            under,
            sums: sums(&told),
            told,
            foot: zh("foot", &[("at", &at), ("entries", &entries), ("hash", &hash)]),
        }
    }
}

/// How many of each kind there are.
fn sums(told: &[Heard]) -> String {
    if told.is_empty() {
        return zh("none", &[]);
    }
    let count = |of: fn(&Heard) -> bool| told.iter().filter(|heard| of(heard)).count().to_string();
    zh(
        "sums",
        &[
            ("all", &told.len().to_string()),
            ("settled", &count(|heard| heard.settled == Some(true))),
            ("goes_on", &count(|heard| heard.settled == Some(false))),
            ("open", &count(|heard| heard.settled.is_none())),
            ("overdue", &count(|heard| heard.overdue)),
        ],
    )
}

fn heading(number: usize, heard: &Heard) -> String {
    zh("heading", &[("n", &number.to_string()), ("name", &heard.name), ("unit", &heard.unit)])
}

pub(super) fn table() -> Vec<Endpoint> {
    let (docx, pdf) = (FileKind::Docx.media(), FileKind::Pdf.media());
    let papers = vec![
        Endpoint::get("/api/record/corrections/told.html", "Print page: what the next meeting has to hear.", next)
            .answers_file("text/html"),
        Endpoint::get("/api/record/corrections/told.docx", "The same as a Word document.", next_docx)
            .answers_file(docx),
        Endpoint::get("/api/record/corrections/told.pdf", "The same as PDF.", next_pdf).answers_file(pdf),
        Endpoint::get("/api/record/corrections/told/{on}", "Print page: what the meeting of this day heard.", past)
            .answers_file("text/html"),
        Endpoint::get("/api/record/corrections/told/{on}/told.docx", "The same as a Word document.", past_docx)
            .answers_file(docx),
        Endpoint::get("/api/record/corrections/told/{on}/told.pdf", "The same as PDF.", past_pdf).answers_file(pdf),
    ];
    routes::table().into_iter().chain(papers).collect()
}

async fn next(State(record): State<Record>) -> Response {
    html(Paper::next(&record, &record.book().now()).page("/api/record/corrections/told"))
}

async fn past(State(record): State<Record>, Path(on): Path<String>) -> Result<Response, Refusal> {
    let paper = Paper::of(&record, &record.book().now(), &on)?;
    Ok(html(paper.page(&format!("/api/record/corrections/told/{on}/told"))))
}

async fn next_docx(State(record): State<Record>) -> Result<Response, Refusal> {
    let bytes = Paper::next(&record, &record.book().now()).docx()?;
    Ok(download(bytes, FileKind::Docx.media(), "corrections-told.docx"))
}

async fn past_docx(State(record): State<Record>, Path(on): Path<String>) -> Result<Response, Refusal> {
    let bytes = Paper::of(&record, &record.book().now(), &on)?.docx()?;
    Ok(download(bytes, FileKind::Docx.media(), &format!("corrections-told-{on}.docx")))
}

async fn next_pdf(State(record): State<Record>) -> Result<Response, Refusal> {
    let paper = Paper::next(&record, &record.book().now());
    Ok(download(paper.pdf().await?, FileKind::Pdf.media(), "corrections-told.pdf"))
}

async fn past_pdf(State(record): State<Record>, Path(on): Path<String>) -> Result<Response, Refusal> {
    let paper = Paper::of(&record, &record.book().now(), &on)?;
    Ok(download(paper.pdf().await?, FileKind::Pdf.media(), &format!("corrections-told-{on}.pdf")))
}

fn html(page: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page).into_response()
}
