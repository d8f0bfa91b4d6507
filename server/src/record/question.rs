//! Questions and answers (article 17): who asked, what was answered on the spot, and the written answer that the
//! committee found necessary.
//!
//! ```text
//! asked -> answered on the spot, or not
//!       -> demand (reason, service)  -> receipt -> accepted
//!                  ^------------------------------ returned
//! ```
//! Only those who report orally are asked, and only standing members ask. What the committee decides, staff enter.
//! **A demand that runs is followed to its end even when its cycle is closed**: its last day may lie in the next one.

mod committee;
mod routes;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use committee::{Committee, Member};
pub(super) use routes::table;

use super::{
    Document, Id, Withdrawn,
    calendar::Calendar,
    due::{Counted, Handed, Period},
    field::happened,
};
use crate::web::Refusal;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// To whom, in which cycle.
    pub dossier: Id,
    /// Name of the standing member who asked.
    pub asked_by: String,
    /// His post, as it was then.
    pub post: String,
    /// Day on which it was asked, `YYYY-MM-DD`.
    pub asked_on: String,
    /// The question.
    pub question: String,
    /// The answer on the spot; `None` if there was none.
    pub answer: Option<String>,
    /// Demands for a written answer, the oldest first: a new one only when the one before was returned.
    pub demands: Vec<Demand>,
    /// It was entered by mistake.
    pub withdrawn: Option<Withdrawn>,
}

impl Document for Question {
    const KIND: &'static str = "question";
}

impl Counted for Question {
    fn periods(&mut self) -> Vec<&mut Period> {
        if self.withdrawn.is_some() {
            return Vec::new();
        }
        self.demands.iter_mut().map(|demand| &mut demand.period).collect()
    }

    fn dossier(&self) -> Id {
        self.dossier
    }
}

/// A demand for a written answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Why the committee finds it necessary.
    pub reason: String,
    /// Until when.
    pub period: Period,
    /// What came.
    pub receipt: Option<Handed>,
    /// What the committee made of it.
    pub verdict: Option<Judged>,
}

/// What the committee made of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Accepted, or returned.
    pub accepted: bool,
    /// Day of the decision, `YYYY-MM-DD`.
    pub on: String,
    /// In which meeting, or why it was returned.
    pub words: String,
}

/// Every day of a question, as it should have been entered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dates {
    /// When it was asked, `YYYY-MM-DD`.
    asked_on: String,
    /// One for each demand, the oldest first.
    demands: Vec<DemandDates>,
}

/// Every day of a demand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DemandDates {
    /// Day of service, `YYYY-MM-DD`.
    served_on: String,
    /// When the answer came; absent while it has not.
    received_on: Option<String>,
    /// When the committee decided; absent while it has not.
    decided_on: Option<String>,
}

/// Days that speak of something else than what is there.
fn unfit() -> Refusal {
    Refusal::conflict("日期和登记的内容对不上。", "请刷新页面，看过现在的内容再改。")
}

impl Question {
    /// Corrects days that were entered wrongly; the periods move with them.
    ///
    /// # Errors
    /// One before what it follows, or to come; none of them changes.
    fn correct_dates(&mut self, dates: &Dates, calendar: &Calendar, today: Date) -> Result<(), Refusal> {
        let before = self.clone();
        if dates.demands.len() != self.demands.len() {
            return Err(unfit());
        }
        happened("询问日期", &dates.asked_on, None, today)?;
        self.asked_on.clone_from(&dates.asked_on);
        let mut since = ("询问日期", dates.asked_on.as_str());
        for (demand, dates) in self.demands.iter_mut().zip(&dates.demands) {
            let DemandDates { served_on, received_on, decided_on } = dates;
            happened("送达日期", served_on, Some(since), today)?;
            demand.period = Period { served: served_on.clone(), ..demand.period.clone() }.again(calendar);
            match (&mut demand.receipt, received_on) {
                (Some(receipt), Some(on)) => {
                    happened("收到日期", on, Some(("送达日期", served_on)), today)?;
                    receipt.on.clone_from(on);
                }
                (None, None) => {}
                _ => return Err(unfit()),
            }
            match (&mut demand.verdict, decided_on, received_on) {
                (Some(verdict), Some(on), Some(received)) => {
                    happened("决定日期", on, Some(("收到日期", received)), today)?;
                    verdict.on.clone_from(on);
                    since = ("决定日期", on);
                }
                (None, None, _) => {}
                _ => return Err(unfit()),
            }
        }
        if *self == before {
            return Err(Refusal::conflict("日期都没有变。", "没有要更正的，就不用保存。"));
        }
        Ok(())
    }

    /// Withdraws what was entered by mistake.
    ///
    /// # Errors
    /// The official has answered in writing: then it was asked.
    fn withdraw(&mut self, withdrawn: Withdrawn) -> Result<(), Refusal> {
        if self.demands.iter().any(|demand| demand.receipt.is_some()) {
            return Err(Refusal::conflict(
                "这一条已经收到书面答复，不能撤回。",
                "登记有误的，请更正内容或日期，并写明理由。",
            ));
        }
        self.withdrawn = Some(withdrawn);
        Ok(())
    }

    /// Demands a written answer.
    ///
    /// # Errors
    /// One runs, or was accepted.
    fn demand(&mut self, reason: String, period: Period) -> Result<(), Refusal> {
        match self.demands.last().map(|demand| &demand.verdict) {
            Some(None) => {
                return Err(Refusal::conflict("已经要求书面答复，还没有办结。", "请先登记收到的答复和常委会的意见。"));
            }
            Some(Some(Judged { accepted: true, .. })) => {
                return Err(Refusal::conflict("书面答复已经认可，不再另行要求。", "有新问题的，请另记一条询问质询。"));
            }
            Some(Some(_)) | None => {}
        }
        self.demands.push(Demand { reason, period, receipt: None, verdict: None });
        Ok(())
    }

    /// The demand that runs.
    ///
    /// # Errors
    /// There is none.
    fn running(&mut self) -> Result<&mut Demand, Refusal> {
        self.demands
            .last_mut()
            .filter(|demand| demand.verdict.is_none())
            .ok_or_else(|| Refusal::conflict("没有正在办理的书面答复要求。", "请先登记要求书面答复的理由和送达日期。"))
    }
}

impl Demand {
    /// What came; in place of what was entered before, if it says why.
    ///
    /// # Errors
    /// It was entered already.
    fn receive(&mut self, handed: Handed, why: &str) -> Result<(), Refusal> {
        if self.receipt.is_some() && why.trim().is_empty() {
            return Err(Refusal::conflict("书面答复已经登记过。", "要更正的，请写明理由，再保存。"));
        }
        self.receipt = Some(handed);
        Ok(())
    }

    /// What the committee made of it.
    ///
    /// # Errors
    /// Nothing came.
    fn judge(&mut self, accepted: bool, on: &str, words: String, today: Date) -> Result<(), Refusal> {
        let Some(receipt) = &self.receipt else {
            return Err(Refusal::conflict("还没有收到书面答复，不能认可或退回。", "请先登记收到的书面答复。"));
        };
        happened("决定日期", on, Some(("收到日期", &receipt.on)), today)?;
        self.verdict = Some(Judged { accepted, on: on.to_owned(), words });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::record::{
        calendar::{Calendar, Policy},
        due::Unit,
    };

    fn question() -> Question {
        let id = Id::draw(&mut StdRng::seed_from_u64(4));
        let text = |text: &str| text.to_owned();
        Question {
            dossier: id,
            asked_by: text("某常委"),
            post: String::new(),
            asked_on: text("2026-09-21"),
            question: text("示例问题"),
            answer: None,
            demands: Vec::new(),
            withdrawn: None,
        }
    }

    fn period() -> Period {
        Period::begin(date(2026, 9, 22), (15, Unit::WorkingDays), Policy::default(), &Calendar::built_in())
    }

    fn handed(on: &str) -> Handed {
        Handed { on: on.to_owned(), text: "示例答复".to_owned(), file: None }
    }

    #[test]
    fn a_returned_answer_can_be_demanded_again_and_an_accepted_one_cannot() {
        let (mut question, today) = (question(), date(2026, 12, 14));
        assert!(question.running().unwrap_err().error.contains("没有正在办理"));
        question.demand("示例理由".to_owned(), period()).unwrap();
        assert!(question.demand("又一次".to_owned(), period()).unwrap_err().error.contains("还没有办结"));
        question.running().unwrap().receive(handed("2026-10-10"), "").unwrap();
        question.running().unwrap().judge(false, "2026-10-12", "未说明整改".to_owned(), today).unwrap();
        question.demand("退回后再要求".to_owned(), period()).unwrap();
        question.running().unwrap().receive(handed("2026-10-20"), "").unwrap();
        question.running().unwrap().judge(true, "2026-10-22", "常委会会议".to_owned(), today).unwrap();
        assert!(question.demand("第三次".to_owned(), period()).unwrap_err().error.contains("已经认可"));
        assert_eq!(question.demands.len(), 2, "both are kept");
    }

    #[test]
    fn every_day_is_corrected_with_its_period_and_none_before_what_it_follows() {
        let (mut question, today, calendar) = (question(), date(2026, 12, 14), Calendar::built_in());
        question.demand("示例理由".to_owned(), period()).unwrap();
        question.running().unwrap().receive(handed("2026-10-10"), "").unwrap();
        question.running().unwrap().judge(false, "2026-10-12", "未说明整改".to_owned(), today).unwrap();
        let days = |asked: &str, served: &str, received: &str, decided: &str| Dates {
            asked_on: asked.to_owned(),
            demands: vec![DemandDates {
                served_on: served.to_owned(),
                received_on: Some(received.to_owned()),
                decided_on: Some(decided.to_owned()),
            }],
        };
        let right = days("2026-09-21", "2026-09-23", "2026-10-21", "2026-10-22");
        let mut short = right.clone();
        short.demands.clear();
        let mut open = right.clone();
        open.demands[0].received_on = None;
        for (wrong, word) in [
            (days("2026-09-21", "2026-09-20", "2026-10-10", "2026-10-12"), "早于询问日期"),
            (days("2026-09-21", "2026-10-11", "2026-10-10", "2026-10-12"), "早于送达日期"),
            (days("2026-09-21", "2026-09-22", "2026-10-13", "2026-10-12"), "早于收到日期"),
            (days("2026-09-21", "2026-09-22", "2026-10-13", "2026-12-15"), "还没有到"),
            (days("2026-09-21", "2026-09-22", "2026-10-10", "2026-10-12"), "都没有变"),
            (short, "对不上"),
            (open, "对不上"),
        ] {
            assert!(
                question.clone().correct_dates(&wrong, &calendar, today).unwrap_err().error.contains(word),
                "{word}"
            );
        }
        question.correct_dates(&right, &calendar, today).unwrap();
        assert_eq!(question.demands[0].period.due, "2026-10-21", "a day of service later is a last day later");
    }

    #[test]
    fn nothing_is_accepted_before_it_came_or_on_a_day_before_it_came() {
        let (mut question, today) = (question(), date(2026, 12, 14));
        question.demand("示例理由".to_owned(), period()).unwrap();
        let demand = question.running().unwrap();
        assert!(demand.judge(true, "2026-10-12", String::new(), today).unwrap_err().error.contains("还没有收到"));
        demand.receive(handed("2026-10-10"), "").unwrap();
        assert!(demand.judge(true, "2026-10-09", String::new(), today).unwrap_err().error.contains("早于"));
        assert!(demand.judge(true, "2026-12-15", String::new(), today).unwrap_err().error.contains("还没有到"));
        assert!(demand.receive(handed("2026-10-11"), " ").unwrap_err().error.contains("已经登记过"));
        demand.receive(handed("2026-10-11"), "日期登记错了").unwrap();
        assert_eq!(demand.verdict, None);
    }
}
