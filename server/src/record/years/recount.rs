//! Counting again: every period by what is known now.

use schemars::JsonSchema;
use serde::Serialize;

use super::calendar;
use crate::{
    record::{
        Book, Correction, Dossier, Draft, Hand, Id, Question,
        calendar::Calendar,
        due::{Counted, Period},
    },
    web::Refusal,
};

/// A last day that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recounted {
    /// `question` or `correction`.
    pub kind: String,
    /// Which one.
    pub id: Id,
    /// Name of the official.
    pub name: String,
    /// The last day before, and whether it was provisional.
    pub before: (String, bool),
    /// The last day now, and whether it is provisional.
    pub after: (String, bool),
}

/// Counts everything again, an entry in the trail for every record of which something changes; `because` begins its why.
pub(super) fn all(draft: &mut Draft<'_>, because: &str) -> Result<Vec<Recounted>, Refusal> {
    let calendar = calendar(draft);
    let mut changed = of::<Question>(draft, &calendar, because)?;
    changed.extend(of::<Correction>(draft, &calendar, because)?);
    Ok(changed)
}

fn of<T: Counted>(draft: &mut Draft<'_>, calendar: &Calendar, because: &str) -> Result<Vec<Recounted>, Refusal> {
    let mut all = Vec::new();
    for mut kept in draft.all::<T>() {
        let mut changed = Vec::new();
        let name = draft.find::<Dossier>(kept.body.dossier()).map(|dossier| dossier.body.name).unwrap_or_default();
        for period in kept.body.periods() {
            let again = period.again(calendar);
            if again != *period {
                let said = |period: &Period| (period.due.clone(), period.provisional);
                let (kind, name) = (T::KIND.to_owned(), name.clone());
                changed.push(Recounted { kind, id: kept.id, name, before: said(period), after: said(&again) });
                *period = again;
            }
        }
        if !changed.is_empty() {
            let days: Vec<String> = changed.iter().map(Recounted::words).collect();
            draft.set("calendar/recount", &kept, &format!("{because}：{}", days.join("；")))?;
            all.append(&mut changed);
        }
    }
    Ok(all)
}

impl Recounted {
    fn words(&self) -> String {
        let day = |(day, provisional): &(String, bool)| {
            if *provisional { format!("{day}（暂定）") } else { day.clone() }
        };
        format!("{} 改为 {}", day(&self.before), day(&self.after))
    }
}

/// The program may have brought a year with it since the record was last open.
pub(in crate::record) async fn at_start(book: &Book, at: String) {
    let hand = Hand { who: "程序".to_owned(), role: "program".to_owned(), at, accounts: Vec::new() };
    // While the trail does not fit nothing is changed, and whoever wants to change something is told so.
    let _ = book.change(&hand, |draft| all(draft, "程序自带的放假安排有变，重新计算")).await;
}
