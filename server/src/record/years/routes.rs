//! `/api/record/calendar`.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BUILT_IN, CalendarYear, Form, Recounted, calendar, check_year, recount, striking};
use crate::{
    record::{
        Document, Documents, Hand, Id, Kept, Record, State as Now,
        api::{Answer, Endpoint},
        calendar::Year,
        due::Off,
        field,
    },
    web::{Asked, Refusal},
};

/// Characters of what is given: a file has a tenth of it.
const TEXT: usize = 100_000;

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/calendar", "The years whose notices are known, and where each is from.", look)
            .answers::<Years>(),
        Endpoint::post("/api/record/calendar", "Takes a year in, and counts every period again.", import)
            .takes::<Import>()
            .answers::<Imported>(),
    ]
}

/// The years that are known.
#[derive(Serialize, JsonSchema)]
pub(super) struct Years {
    /// `YYYY-MM-DD`, UTC+8.
    today: String,
    /// The newest first.
    years: Vec<Known>,
    /// The first year that is not known: what runs into it is provisional.
    unknown: i16,
}

/// A year that is known.
#[derive(Serialize, JsonSchema)]
struct Known {
    year: i16,
    /// Where it is from; absent for one that the program carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_in: Option<TakenIn>,
    /// Holidays by name, first and last day.
    off: Vec<Off>,
    /// Days of weekends that are worked.
    work: Vec<String>,
}

/// Where a year is from.
#[derive(Serialize, JsonSchema)]
struct TakenIn {
    id: Id,
    version: u32,
    form: Form,
    source: String,
    /// What was striking, and what a comparison with the notice has found.
    striking: Vec<String>,
    compared: String,
    /// Who took it in.
    who: String,
    /// When, `YYYY-MM-DDThh:mm:ss+08:00`.
    at: String,
}

fn kept(documents: &Documents, year: i16) -> Option<Kept<CalendarYear>> {
    documents.all::<CalendarYear>().into_iter().find(|kept| kept.body.year == year)
}

async fn look(State(record): State<Record>) -> Answer<Years> {
    let now = record.book().now();
    let all = calendar(&now.documents);
    let mut years: Vec<Known> = all.years().map(|year| known(&now, year)).collect();
    years.reverse();
    let today = record.today();
    let unknown = (today.year()..).find(|year| !all.knows(*year)).unwrap_or_default();
    Ok(Json(Years { today: today.to_string(), years, unknown }))
}

fn known(now: &Now, year: &Year) -> Known {
    let taken_in = kept(&now.documents, year.number()).map(|kept| {
        let entry = now.entries.iter().rev().find(|entry| entry.is_of(CalendarYear::KIND, kept.id));
        let hand = entry.map(|entry| entry.hand.clone());
        let CalendarYear { form, source, striking, compared, .. } = kept.body;
        let (who, at) = hand.map(|hand| (hand.who, hand.at)).unwrap_or_default();
        TakenIn { id: kept.id, version: kept.version, form, source, striking, compared, who, at }
    });
    let mut off: Vec<Off> = Vec::new();
    for day in year.days().filter(|day| day.off) {
        let (text, before) = (day.date.to_string(), day.date.yesterday().unwrap_or(day.date).to_string());
        match off.last_mut().filter(|off| off.name == day.name && off.to == before) {
            Some(off) => (off.to, off.days) = (text, off.days + 1),
            None => off.push(Off { name: day.name.clone(), from: text.clone(), to: text, days: 1 }),
        }
    }
    let work = year.days().filter(|day| !day.off).map(|day| day.date.to_string()).collect();
    Known { year: year.number(), taken_in, off, work }
}

/// A year to take in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    /// The version seen of what was taken in for this year; 0 where there was none.
    #[serde(default)]
    version: u32,
    /// Which year.
    year: i16,
    /// How it is given.
    form: Form,
    /// The file, or the lines.
    text: String,
    /// Where the notice stands: its number, its address.
    source: String,
    /// What a comparison of everything striking with the notice has found.
    #[serde(default)]
    compared: String,
    /// Why; needed where the year is known already.
    #[serde(default)]
    why: String,
}

/// What was taken in, and every last day that has changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Imported {
    year: Kept<CalendarYear>,
    changed: Vec<Recounted>,
}

async fn import(State(record): State<Record>, hand: Hand, Asked(asked): Asked<Import>) -> Answer<Imported> {
    let Import { version, year, form, text, source, compared, why } = asked;
    check_year(year, record.today())?;
    if text.chars().count() > TEXT {
        return Err(Refusal::conflict(format!("放假安排太长，最多 {TEXT} 个字。"), "请只导入一年的。"));
    }
    let source = field::line("通知的出处", &source, field::LINE)?;
    let (compared, why) = (field::prose_if("核对的结果", &compared)?, field::why_if(false, &why)?);
    let body = CalendarYear { year, form, text, source, striking: Vec::new(), compared };
    let read = body.read()?;
    if read.number() != year {
        return Err(Refusal::conflict(
            format!("这份文件是 {} 年的，不是 {year} 年的。", read.number()),
            "请核对年份，或换一份文件。",
        ));
    }
    let striking = striking(&read);
    if !striking.is_empty() && body.compared.is_empty() {
        let refusal = Refusal::conflict(
            format!("{year} 年的放假安排有 {} 处需要核对。", striking.len()),
            "请逐处与通知原文核对；确实如此的，写明核对的结果，再导入。",
        );
        return Err(refusal.with_details(serde_json::json!({ "lines": striking })));
    }
    let body = CalendarYear { striking, ..body };
    let taken = record.book().change(&hand, |draft| {
        let there = kept(draft, year);
        if there.as_ref().is_some_and(|there| there.body.text == body.text && there.body.form == body.form) {
            return Err(Refusal::conflict(format!("{year} 年已经是这份放假安排。"), "不需要再导入。"));
        }
        if (there.is_some() || BUILT_IN.knows(year)) && why.is_empty() {
            return Err(Refusal::conflict(
                format!("{year} 年的放假安排已经有了。"),
                "要用这一份替换，请写明理由，再导入。",
            ));
        }
        let id = match there {
            Some(there) => {
                draft.set("calendar/import", &Kept { id: there.id, version, body }, &why)?;
                there.id
            }
            None => draft.add("calendar/import", &body, &why),
        };
        let changed = recount::all(draft, &format!("导入 {year} 年放假安排后重新计算"))?;
        Ok(Imported { year: draft.get(id)?, changed })
    });
    taken.await.map(Json)
}
