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
    Document, Id,
    due::{Counted, Handed, Period},
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
}

impl Document for Question {
    const KIND: &'static str = "question";
}

impl Counted for Question {
    fn periods(&mut self) -> Vec<&mut Period> {
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

impl Question {
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
        super::due::happened("决定日期", on, Some(("收到日期", &receipt.on)), today)?;
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
        }
    }

    fn period() -> Period {
        Period::begin(date(2026, 9, 22), (15, Unit::WorkingDays), Policy::default(), &Calendar::built_in())
    }

    fn handed(on: &str) -> Handed {
        Handed { on: on.to_owned(), text: "示例答复".to_owned(), file_hash: None }
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
