//! What a meeting hears of corrections (article 20): a page to print, A4, in Chinese whatever the screens speak.

use std::fmt::Write as _;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    Correction, Told,
    routes::{Line, lines},
};
use crate::{
    messages::{self, Language, escape},
    record::{
        Record, State as Now,
        due::{Standing, in_words},
    },
    web::Refusal,
};
use douxuan_crypto::bytes::hex;

fn zh(key: &str, values: &[(&str, &str)]) -> String {
    escape(&messages::fill(Language::Chinese, &format!("record.told_{key}"), values))
}

fn day(text: &str) -> String {
    in_words(text, Language::Chinese)
}

/// Everything that the next meeting has to hear.
pub(super) async fn next(State(record): State<Record>) -> Response {
    let now = record.book().now();
    let mut lines = lines(&record, &now.documents);
    lines.retain(|line| line.to_tell);
    answer(page(&record, &now, &lines, None))
}

/// What the meeting of a day heard.
pub(super) async fn of(State(record): State<Record>, Path(on): Path<String>) -> Result<Response, Refusal> {
    let now = record.book().now();
    let mut lines = lines(&record, &now.documents);
    let told = |line: &Line| line.correction.body.told.iter().find(|told| told.on == on).cloned();
    lines.retain(|line| told(line).is_some());
    let Some(meeting) = lines.first().and_then(told) else {
        return Err(Refusal::conflict("这一天没有通报过整改情况。", "请在整改列表里查看通报的日期。").with_status(404));
    };
    Ok(answer(page(&record, &now, &lines, Some(&meeting))))
}

fn answer(page: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page).into_response()
}

/// How many of each kind there are.
fn sums(lines: &[Line]) -> String {
    let count = |of: fn(&Line) -> bool| lines.iter().filter(|line| of(line)).count().to_string();
    zh(
        "sums",
        &[
            ("all", &lines.len().to_string()),
            ("settled", &count(|line| line.correction.body.settled())),
            ("goes_on", &count(|line| line.decided && !line.correction.body.settled())),
            ("open", &count(|line| !line.decided)),
            ("overdue", &count(|line| matches!(line.standing, Standing::Overdue | Standing::Late))),
        ],
    )
}

fn page(record: &Record, now: &Now, lines: &[Line], told: Option<&Told>) -> String {
    let mut page = String::with_capacity(8_000 + lines.len() * 2_000);
    let title = zh("title", &[]);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/record-told.css\"><script type=\"module\" src=\"/record-told.js\"></script>\
         </head><body><div class=\"screen-only\"><p>{}</p><button id=\"print\" type=\"button\">{}</button></div>\
         <main><h1>{title}</h1><p class=\"under\">{}</p>",
        zh("guide", &[]),
        zh("print", &[]),
        match told {
            Some(Told { on, meeting }) => zh("told_on", &[("on", &day(on)), ("meeting", meeting)]),
            None => zh("draft", &[("on", &day(&record.today().to_string()))]),
        }
    );
    if lines.is_empty() {
        let _ = write!(page, "<p class=\"none\">{}</p>", zh("none", &[]));
    } else {
        let _ = write!(page, "<p class=\"sums\">{}</p>", sums(lines));
    }
    for (number, line) in (1..).zip(lines) {
        section(&mut page, number, line);
    }
    let (entries, hash) = (now.head.number.to_string(), hex(&now.head.hash));
    let made = zh("foot", &[("at", &record.at()), ("entries", &entries), ("hash", &hash)]);
    let _ = write!(page, "<footer>{made}</footer></main></body></html>");
    page
}

fn section(page: &mut String, number: usize, line: &Line) {
    let Correction { reason, points, period, report, checks, briefs, .. } = &line.correction.body;
    let who = [("n", number.to_string()), ("name", line.name.clone()), ("unit", line.unit.clone())];
    let who = who.each_ref().map(|(name, value)| (*name, value.as_str()));
    let _ = write!(
        page,
        "<section><h2>{}<span>{}</span></h2><dl><dt>{}</dt><dd>{}<p class=\"reason\">{}</p><ol>",
        zh("heading", &who),
        escape(&line.post),
        zh("notice", &[]),
        zh("notice_served", &[("served", &day(&period.served)), ("year", &line.year.to_string())]),
        escape(reason),
    );
    for point in points {
        let _ = write!(page, "<li>{}</li>", escape(point));
    }
    let _ = write!(page, "</ol></dd><dt>{}</dt><dd>{}", zh("report", &[]), came(line));
    if let Some(report) = report {
        let _ = write!(page, "<p>{}</p>", escape(&report.text));
    }
    let _ = write!(page, "<p class=\"sum\">{}</p></dd><dt>{}</dt><dd>", escape(&line.sum.words.0), zh("checks", &[]));
    for check in checks {
        let done = zh(if check.done { "check_done" } else { "check_not_done" }, &[]);
        let _ = write!(page, "<p>{} {}：{}（{done}）</p>", day(&check.on), escape(&check.who), escape(&check.found));
    }
    if checks.is_empty() {
        let _ = write!(page, "<p>{}</p>", zh("no_check", &[]));
    }
    let _ = write!(page, "</dd><dt>{}</dt><dd>", zh("decision", &[]));
    for decision in briefs.iter().filter_map(|brief| brief.decision.as_ref()) {
        let how = zh(if decision.settled { "settled" } else { "goes_on" }, &[]);
        let _ = write!(page, "<p>{} <b>{how}</b>：{}</p>", day(&decision.on), escape(&decision.text));
    }
    if !line.decided {
        let _ = write!(page, "<p><b>{}</b></p>", zh("undecided", &[]));
    }
    page.push_str("</dd></dl></section>");
}

/// When the report came, and whether that was in time.
fn came(line: &Line) -> String {
    let Correction { period, report, .. } = &line.correction.body;
    let key = match line.standing {
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
    let on = report.as_ref().map(|report| day(&report.on)).unwrap_or_default();
    // A sentence names the day on which it came only if it came.
    if report.is_some() { zh(key, &[("due", &due), ("on", &on)]) } else { zh(key, &[("due", &due)]) }
}
