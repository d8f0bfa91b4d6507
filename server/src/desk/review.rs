//! What a meeting takes from the record of the review: the list of those who are rated, and whether each oral reporter
//! was assessed before (article 15).

use douxuan_crypto::manifest::Report;
use serde::Serialize;

use super::{Desk, roster::Roster};
use crate::{
    record::{Door, Way},
    staff::By,
    web::Refusal,
};

/// What the record offers while a meeting is prepared.
#[derive(Serialize)]
pub(super) struct ReviewState {
    /// Approved lists that an import can take.
    lists: Vec<ListState>,
    /// Oral reporters of the roster without an approved assessment: freezing asks for a reason.
    unassessed: Vec<String>,
}

#[derive(Serialize)]
struct ListState {
    cycle: String,
    title: String,
    oral: usize,
    written: usize,
}

/// The approved list of a cycle as the file that an office would have made of it, so that it is looked at like one.
pub(super) fn officials(door: &Door, cycle: &str) -> Result<Vec<u8>, Refusal> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut csv = "\u{feff}姓名,单位,职务,报告方式\r\n".to_owned();
    for reporter in door.reporters(cycle)? {
        let way = match reporter.way {
            Way::Oral => "会议报告",
            Way::Written => "书面报告",
        };
        let cells = [&reporter.name, &reporter.unit, &reporter.post].map(|cell| quoted(cell));
        csv.push_str(&format!("{},{way}\r\n", cells.join(",")));
    }
    Ok(csv.into_bytes())
}

/// Name and unit of those who report orally.
fn oral(roster: &Roster) -> Vec<(&str, &str)> {
    let oral = roster.officials.iter().filter(|official| official.report == Report::Oral);
    oral.map(|official| (official.name.as_str(), official.unit.as_str())).collect()
}

impl Desk {
    pub(super) fn review_state(&self, roster: &Roster, drill: bool) -> ReviewState {
        let review = &self.parts().review;
        let lists = review.lists().into_iter().map(|list| ListState {
            cycle: list.cycle.to_string(),
            title: list.title,
            oral: list.oral,
            written: list.written,
        });
        // A drill rates nobody.
        let unassessed = if drill { Vec::new() } else { review.without_assessment(&oral(roster)) };
        ReviewState { lists: lists.collect(), unassessed }
    }

    /// A meeting rates nobody who was not assessed, unless somebody says why; the record keeps that.
    ///
    /// # Errors
    /// Who was not assessed, if there is no reason.
    pub(super) async fn are_assessed(
        &self,
        roster: &Roster,
        drill: bool,
        why: Option<&str>,
        by: &By,
    ) -> Result<(), Refusal> {
        let (review, people) = (&self.parts().review, oral(roster));
        let names = if drill { Vec::new() } else { review.without_assessment(&people) };
        if names.is_empty() {
            return Ok(());
        }
        let Some(why) = why.filter(|why| !why.trim().is_empty()) else {
            return Err(Refusal::conflict(
                format!("会议报告对象{}没有审定的专题报告（第十五条）。", names.join("、")),
                "请先在述职档案里审定专题报告；确实要先开会，请写明理由，理由会记入档案。",
            ));
        };
        review.goes_ahead(by, &people, why).await
    }
}
