//! `/api/record/…/report`: who has handed in, who has not, and the points of each report.

use std::collections::BTreeSet;

use axum::{Json, body::Bytes, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arrival, Covered, Extension, Mark, Report, Version, of_dossier, reminder};
use crate::{
    record::{
        Cycle, Dossier, Draft, Hand, Id, Kept, Record, Way,
        api::{Answer, Endpoint},
        checklist::{self, Point},
        cycle,
        documents::changed_meanwhile,
        field,
        field::{At, Step},
        official::dossiers_of,
    },
    web::{Asked, Queried, Refusal},
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/reports", "Who has handed in and who has not (article 13).", list)
            .answers::<Vec<Line>>(),
        Endpoint::get("/api/record/dossiers/{dossier}/report", "A report and its points (articles 5 to 9).", one)
            .answers::<Shown>(),
        Endpoint::post(
            "/api/record/dossiers/{dossier}/report/file",
            "Hands a report in: the body is the file.",
            hand_in,
        )
        .asks::<HandIn>()
        .answers::<Kept<Report>>(),
        Endpoint::post(
            "/api/record/dossiers/{dossier}/report/received",
            "Corrects the days on which the versions of a report were received.",
            received,
        )
        .takes::<Received>()
        .answers::<Kept<Report>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/report/extend", "Another last day for one report.", extend)
            .takes::<Extend>()
            .answers::<Kept<Report>>(),
        Endpoint::post("/api/record/dossiers/{dossier}/report/points", "Which points a report speaks of.", points)
            .takes::<Points>()
            .answers::<Kept<Report>>(),
    ]
}

/// One report in the list of a cycle.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    dossier: Id,
    name: String,
    unit: String,
    post: String,
    way: Option<Way>,
    /// The last day, `YYYY-MM-DD`.
    due: Option<String>,
    arrival: Arrival,
    /// Days since the last day, while it is overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i32>,
    report: Kept<Report>,
    /// Points covered, not covered, not applicable, not looked at.
    points: [usize; 4],
    /// The points were looked at in a version that was replaced since.
    stale: bool,
    /// What to write to him, while nothing has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder: Option<String>,
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<Line>> {
    let (now, today) = (record.book().now(), record.today());
    let cycle = now.documents.get::<Cycle>(id)?.body;
    let (_, points) = checklist::of_cycle(&now.documents, id);
    let line = |dossier: Kept<Dossier>| {
        let report = of_dossier(&now.documents, &dossier);
        let due = report.body.due(&cycle.policy);
        let arrival = report.body.arrival(due, today);
        let late = due.filter(|_| arrival == Arrival::Overdue).and_then(|due| due.until(today).ok());
        let Dossier { name, unit, post, way, .. } = dossier.body;
        let reminder = due
            .filter(|_| matches!(arrival, Arrival::Awaited | Arrival::Overdue))
            .map(|due| reminder::text((&unit, &name), &cycle.title, due, late.is_some()));
        Line {
            dossier: dossier.id,
            name,
            unit,
            post,
            way,
            due: due.map(|due| due.to_string()),
            arrival,
            days: late.map(|span| span.get_days()),
            points: tally(&points, &report.body),
            stale: is_stale(&report.body),
            report,
            reminder,
        }
    };
    Ok(Json(dossiers_of(&now.documents, id).into_iter().map(line).collect()))
}

fn tally(points: &[Point], report: &Report) -> [usize; 4] {
    let of = |covered| report.marks.iter().filter(|mark| mark.covered == covered).count();
    let open = points.len().saturating_sub(report.marks.len());
    [of(Covered::Covered), of(Covered::NotCovered), of(Covered::NotApplicable), open]
}

fn is_stale(report: &Report) -> bool {
    report.marked.is_some() && report.marked.as_ref() != report.versions.last().map(|version| &version.file.sha256)
}

/// A report beside the list of its cycle.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    report: Kept<Report>,
    points: Vec<Point>,
    stale: bool,
}

async fn one(State(record): State<Record>, At(id): At) -> Answer<Shown> {
    let now = record.book().now();
    let dossier = now.documents.get::<Dossier>(id)?;
    let report = of_dossier(&now.documents, &dossier);
    let (_, points) = checklist::of_cycle(&now.documents, dossier.body.cycle);
    Ok(Json(Shown { stale: is_stale(&report.body), report, points }))
}

/// What goes with a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandIn {
    /// The version seen; 0 while nothing was entered.
    version: u32,
    /// The day on which it was received, `YYYY-MM-DD`.
    received_on: String,
    /// Its name.
    name: String,
    /// Why it replaces the one before.
    #[serde(default)]
    why: String,
}

async fn hand_in(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Queried(asked): Queried<HandIn>,
    bytes: Bytes,
) -> Answer<Kept<Report>> {
    let HandIn { version, received_on, name, why } = asked;
    let (today, why) = (record.today(), field::why_if(false, &why)?);
    field::happened("收到日期", &received_on, None, today)?;
    change_now(&record, id)?;
    let _stay = record.files_stay().await;
    let file = record.keep_file(&name, bytes).await?;
    let changed = record.book().change(&hand, |draft| {
        change(draft, id, version, "report/receive", &why, |report| {
            let before = report.versions.last();
            if before.is_some_and(|before| before.file.sha256 == file.sha256) {
                return Err(Refusal::conflict("这份文件和现在的一样，没有再收一次。", "请选择改过的文件。"));
            }
            if let Some(before) = before {
                field::why(&why)?;
                field::happened("收到日期", &received_on, Some(("前一份的收到日期", &before.received_on)), today)?;
            }
            let by = Step::of(&hand);
            report.versions.push(Version { received_on: received_on.clone(), file, why: why.clone(), by });
            Ok(())
        })
    });
    changed.await.map(Json)
}

/// Refuses before a file is looked at.
fn change_now(record: &Record, id: Id) -> Result<(), Refusal> {
    let now = record.book().now();
    cycle::open_of(&now.documents, id).map(drop)
}

fn change(
    draft: &mut Draft<'_>,
    id: Id,
    version: u32,
    act: &str,
    why: &str,
    work: impl FnOnce(&mut Report) -> Result<(), Refusal>,
) -> Result<Kept<Report>, Refusal> {
    let dossier = draft.get::<Dossier>(id)?;
    cycle::must_be_open(draft, dossier.body.cycle)?;
    let now = of_dossier(draft, &dossier);
    let mut report = Kept { version, ..now.clone() };
    if version != now.version {
        return Err(changed_meanwhile());
    }
    work(&mut report.body)?;
    if now.version == 0 {
        let id = draft.add(act, &report.body, why);
        return draft.get(id);
    }
    draft.set(act, &report, why)?;
    draft.get(report.id)
}

/// Days as they should have been entered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Received {
    /// The version seen.
    version: u32,
    /// One for each version of the report, `YYYY-MM-DD`, the first first.
    received_on: Vec<String>,
    /// Why.
    why: String,
}

async fn received(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Received>,
) -> Answer<Kept<Report>> {
    let Received { version, received_on, why } = asked;
    let why = field::why(&why)?;
    let today = record.today();
    let changed = record.book().change(&hand, |draft| {
        change(draft, id, version, "report/received", &why, |report| report.correct_received(&received_on, today))
    });
    changed.await.map(Json)
}

/// More time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extend {
    /// The version seen; 0 while nothing was entered.
    version: u32,
    /// `YYYY-MM-DD`.
    until: String,
    /// Why.
    why: String,
}

async fn extend(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Extend>,
) -> Answer<Kept<Report>> {
    let Extend { version, until, why } = asked;
    field::day("延期的日期", &until)?;
    let why = field::why(&why)?;
    let changed = record.book().change(&hand, |draft| {
        change(draft, id, version, "report/extend", &why, |report| {
            if !report.versions.is_empty() {
                return Err(Refusal::conflict("报告已经收到，不用再延期。", "收到的日期登记错了的，请更正收到日期。"));
            }
            report.extended = Some(Extension { until, why: why.clone(), by: Step::of(&hand) });
            Ok(())
        })
    });
    changed.await.map(Json)
}

/// What was looked at: all of it, each time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Points {
    /// The version seen.
    version: u32,
    marks: Vec<Mark>,
    /// Why; may be left out.
    #[serde(default)]
    why: String,
}

async fn points(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Points>,
) -> Answer<Kept<Report>> {
    let Points { version, mut marks, why } = asked;
    let why = field::why_if(false, &why)?;
    marks.sort_by_key(|mark| (mark.article, mark.item));
    let changed = record.book().change(&hand, |draft| {
        let cycle = draft.get::<Dossier>(id)?.body.cycle;
        let (_, points) = checklist::of_cycle(draft, cycle);
        let known: BTreeSet<_> = points.iter().map(Point::number).collect();
        let mut seen = BTreeSet::new();
        for mark in &marks {
            let number = (mark.article, mark.item);
            if !known.contains(&number) || !seen.insert(number) {
                return Err(Refusal::conflict(
                    format!("要点“第{}条第{}项”不对，或重复了。", mark.article, mark.item),
                    "请刷新页面，只填清单里有的要点。",
                ));
            }
            if mark.page == Some(0) || (mark.page.is_some() && mark.covered != Covered::Covered) {
                return Err(Refusal::conflict(
                    format!("第{}条第{}项的页码不对。", mark.article, mark.item),
                    "页码从 1 起，只填在已写到的要点后面。",
                ));
            }
        }
        change(draft, id, version, "report/points", &why, |report| {
            let Some(last) = report.versions.last() else {
                return Err(Refusal::conflict("还没有收到报告，没有可以对照的。", "请先登记收到的报告。"));
            };
            report.marked = Some(last.file.sha256.clone());
            report.marks = marks;
            Ok(())
        })
    });
    changed.await.map(Json)
}
