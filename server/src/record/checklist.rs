//! The points that a report speaks of (articles 5 to 9): 18 in the regulation, editable data in a cycle.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Documents, Hand, Id, Kept, Record,
    api::{Answer, Endpoint},
    cycle,
    document::Document,
    documents::changed_meanwhile,
    field::{self, At},
    report::Report,
};
use crate::web::{Asked, Refusal};

/// The regulation's own points, in short words.
const REGULATION: &str = include_str!("../../record-data/checklist.json");
/// Articles that list points.
const ARTICLES: std::ops::RangeInclusive<u8> = 5..=9;
/// Points of one list.
const MOST: usize = 100;

/// The list of a cycle, where its office has one of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The cycle.
    pub cycle: Id,
    /// In the order of articles and items.
    pub points: Vec<Point>,
}

impl Document for Checklist {
    const KIND: &'static str = "checklist";
}

/// One point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Article.
    pub article: u8,
    /// Item of the article, from 1.
    pub item: u8,
    /// What it is about, in short.
    pub text: String,
}

impl Point {
    /// Article and item.
    #[must_use]
    pub const fn number(&self) -> (u8, u8) {
        (self.article, self.item)
    }
}

/// The list of a cycle with its version; version 0 is the regulation's own.
pub(super) fn of_cycle(documents: &Documents, cycle: Id) -> (u32, Vec<Point>) {
    let own = documents.all::<Checklist>().into_iter().find(|list| list.body.cycle == cycle);
    match own {
        Some(list) => (list.version, list.body.points),
        None => (0, serde_json::from_str(REGULATION).unwrap_or_default()),
    }
}

fn checked(points: Vec<Point>) -> Result<Vec<Point>, Refusal> {
    let mut numbers = BTreeSet::new();
    let mut kept = Vec::new();
    if points.is_empty() || points.len() > MOST {
        return Err(Refusal::conflict(format!("要点有 {} 条，不对。", points.len()), format!("请留 1 到 {MOST} 条。")));
    }
    for point in points {
        let Point { article, item, text } = point;
        if !ARTICLES.contains(&article) || item == 0 || !numbers.insert((article, item)) {
            return Err(Refusal::conflict(
                format!("要点“第{article}条第{item}项”不对，或重复了。"),
                "条号从 5 到 9，项号从 1 起，不重复。",
            ));
        }
        kept.push(Point { article, item, text: field::line("要点", &text, field::LINE)? });
    }
    kept.sort();
    Ok(kept)
}

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/checklist", "The points of a report (articles 5 to 9).", list)
            .answers::<Listed>(),
        Endpoint::post("/api/record/cycles/{cycle}/checklist", "Another list of points for a cycle.", change)
            .takes::<Change>()
            .answers::<Listed>(),
    ]
}

/// The points of a cycle.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed {
    /// 0: the regulation's own list.
    version: u32,
    points: Vec<Point>,
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Listed> {
    let now = record.book().now();
    now.documents.get::<cycle::Cycle>(id)?;
    let (version, points) = of_cycle(&now.documents, id);
    Ok(Json(Listed { version, points }))
}

/// Another list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The version seen.
    version: u32,
    points: Vec<Point>,
    /// Why.
    why: String,
}

async fn change(State(record): State<Record>, hand: Hand, At(id): At, Asked(asked): Asked<Change>) -> Answer<Listed> {
    let Change { version, points, why } = asked;
    let (points, why) = (checked(points)?, field::why(&why)?);
    let changed = record.book().change(&hand, |draft| {
        cycle::must_be_open(draft, id)?;
        let numbers: BTreeSet<_> = points.iter().map(Point::number).collect();
        let reports = draft.all::<Report>();
        let marks = reports.iter().filter(|report| report.body.cycle == id).flat_map(|report| &report.body.marks);
        if let Some(mark) = marks.into_iter().find(|mark| !numbers.contains(&(mark.article, mark.item))) {
            return Err(Refusal::conflict(
                format!("第{}条第{}项已经有报告对照过，不能去掉。", mark.article, mark.item),
                "请保留这一项；可以改它的文字。",
            ));
        }
        let own = draft.all::<Checklist>().into_iter().find(|list| list.body.cycle == id);
        let body = Checklist { cycle: id, points };
        match own {
            Some(list) => draft.set("checklist/change", &Kept { id: list.id, version, body }, &why)?,
            None if version == 0 => drop(draft.add("checklist/change", &body, &why)),
            None => return Err(changed_meanwhile()),
        }
        let (version, points) = of_cycle(draft, id);
        Ok(Listed { version, points })
    });
    changed.await.map(Json)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_regulation_has_eighteen_points() {
        let points: Vec<Point> = serde_json::from_str(REGULATION).unwrap();
        assert_eq!(checked(points.clone()).unwrap(), points, "in order, and fit to be stored");
        let of = |article| points.iter().filter(|point| point.article == article).count();
        assert_eq!(ARTICLES.map(of).collect::<Vec<_>>(), [6, 4, 3, 3, 2]);
    }

    #[test]
    fn a_list_that_cannot_be_is_refused() {
        let point = |article, item, text: &str| Point { article, item, text: text.to_owned() };
        assert!(checked(vec![]).is_err());
        assert!(checked(vec![point(4, 1, "一")]).is_err());
        assert!(checked(vec![point(10, 1, "一")]).is_err());
        assert!(checked(vec![point(5, 0, "一")]).is_err());
        assert!(checked(vec![point(5, 1, "一"), point(5, 1, "二")]).is_err());
        assert!(checked(vec![point(5, 1, " ")]).is_err());
        assert!(checked(vec![point(9, 3, "二"), point(5, 1, "一")]).unwrap()[0].article == 5);
    }
}
