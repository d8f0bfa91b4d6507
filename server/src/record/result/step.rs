//! The next step that a finding opens (article 22), and what became of it. **A step says what is to be looked at; what
//! is decided, people enter.**

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::civil::Date;

use super::Opens;
use crate::{
    record::{
        document::{Document, Id},
        field,
    },
    web::Refusal,
};

/// One step about one official.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// About whom, in which cycle.
    pub dossier: Id,
    /// The result that opened it.
    pub outcome: Id,
    /// What it is.
    pub opens: Opens,
    /// The comparison that opened it, in whole numbers.
    pub because: String,
    /// Where it stands.
    pub state: StepState,
}

impl Document for Step {
    const KIND: &'static str = "step";
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum StepState {
    /// Nothing was entered yet.
    Open,
    /// 核实: there are real problems, or there are none.
    Verified {
        /// Whether there are.
        confirmed: bool,
        /// What was found.
        found: String,
        /// On what day, `YYYY-MM-DD`.
        on: String,
    },
    /// Done, with what was done.
    Done {
        /// What.
        what: String,
        /// On what day, `YYYY-MM-DD`.
        on: String,
        /// The outcome of the verification before it.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<String>,
    },
}

/// What is entered about a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "enter", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entered {
    /// The outcome of a verification.
    Verified { confirmed: bool, found: String, on: String },
    /// What was done.
    Done { what: String, on: String },
}

impl Entered {
    /// Looks at what was typed: nothing of it was done before the meeting, and nothing is to come.
    ///
    /// # Errors
    /// Which field, and what to do.
    pub(super) fn checked(self, meeting: &str, today: Date) -> Result<Self, Refusal> {
        let since = Some(("会议日期", meeting));
        match self {
            Self::Verified { confirmed, found, on } => {
                field::happened("核实日期", &on, since, today)?;
                Ok(Self::Verified { confirmed, found: field::prose("核实情况", &found)?, on })
            }
            Self::Done { what, on } => {
                field::happened("办理日期", &on, since, today)?;
                Ok(Self::Done { what: field::prose("办理情况", &what)?, on })
            }
        }
    }
}

impl Step {
    /// Nobody has ended it: nothing was entered, or what was confirmed was not handled.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, StepState::Open | StepState::Verified { confirmed: true, .. })
    }

    /// Whether this puts something else in the place of what was entered.
    pub(super) fn corrects(&self, entered: &Entered) -> bool {
        self.state != StepState::Open && matches!(entered, Entered::Verified { .. })
    }

    /// Takes the step on.
    ///
    /// # Errors
    /// 409 if its order does not allow it: the outcome of a verification comes before any handling.
    pub(super) fn enter(&mut self, entered: Entered) -> Result<(), Refusal> {
        self.state = match (self.opens, &self.state, entered) {
            (Opens::Verification, StepState::Open, Entered::Verified { confirmed, found, on }) => {
                StepState::Verified { confirmed, found, on }
            }
            (_, StepState::Open, Entered::Verified { .. }) => {
                return Err(Refusal::conflict("这一步不是核实。", "请只在核实步骤里填写核实结论。"));
            }
            (Opens::Verification, StepState::Open, Entered::Done { .. }) => {
                return Err(Refusal::conflict("还没有核实结论，不能先处理。", "请先填写核实结论，再填写处理情况。"));
            }
            (_, StepState::Verified { confirmed: false, .. }, Entered::Done { .. }) => {
                return Err(Refusal::conflict(
                    "核实结论是不存在有关问题，没有需要处理的。",
                    "结论有误的，请先更正核实结论，并写明理由。",
                ));
            }
            (_, StepState::Verified { found, .. }, Entered::Done { what, on }) => {
                StepState::Done { what, on, found: Some(found.clone()) }
            }
            (_, StepState::Verified { .. }, Entered::Verified { confirmed, found, on }) => {
                StepState::Verified { confirmed, found, on }
            }
            (_, StepState::Open, Entered::Done { what, on }) => StepState::Done { what, on, found: None },
            (_, StepState::Done { .. }, _) => {
                return Err(Refusal::conflict("这一步已经办结。", "要补充的，请另记一条办理情况。"));
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn step(opens: Opens) -> Step {
        let id = Id::draw(&mut StdRng::seed_from_u64(3));
        Step { dossier: id, outcome: id, opens, because: String::new(), state: StepState::Open }
    }

    fn done(what: &str) -> Entered {
        Entered::Done { what: what.to_owned(), on: "2026-12-20".to_owned() }
    }

    fn verified(confirmed: bool) -> Entered {
        Entered::Verified { confirmed, found: "示例情况".to_owned(), on: "2026-12-18".to_owned() }
    }

    #[test]
    fn verification_comes_before_any_handling() {
        let mut step = step(Opens::Verification);
        let refused = step.enter(done("示例处理")).unwrap_err();
        assert!(refused.error.contains("还没有核实结论"));
        assert_eq!(step.state, StepState::Open, "a refusal changes nothing");
        step.enter(verified(true)).unwrap();
        step.enter(done("示例处理")).unwrap();
        assert!(matches!(&step.state, StepState::Done { found: Some(found), .. } if found == "示例情况"));
        assert!(step.enter(done("又一次")).unwrap_err().error.contains("已经办结"));
    }

    #[test]
    fn what_verification_did_not_confirm_is_not_handled_until_it_is_corrected() {
        let mut step = step(Opens::Verification);
        step.enter(verified(false)).unwrap();
        assert!(step.enter(done("示例处理")).unwrap_err().error.contains("不存在有关问题"));
        step.enter(verified(true)).unwrap();
        step.enter(done("示例处理")).unwrap();
    }

    #[test]
    fn an_admonition_has_no_verification_and_wants_words_and_a_day() {
        let mut step = step(Opens::Admonition);
        assert!(step.enter(verified(true)).is_err());
        let today = field::date("2026-12-20").unwrap();
        let typed = |what: &str, on: &str| Entered::Done { what: what.to_owned(), on: on.to_owned() };
        assert!(typed("示例", "2026-12-20").checked("2026-12-14", today).is_ok());
        for (what, on, word) in [
            ("  ", "2026-12-20", "空着"),
            ("示\u{202e}例", "2026-12-20", "看不见"),
            ("示例", "2026-02-30", "不是日期"),
            ("示例", "2026-12-21", "还没有到"),
            ("示例", "2026-12-13", "早于会议日期"),
        ] {
            let refused = typed(what, on).checked("2026-12-14", today).unwrap_err();
            assert!(refused.error.contains(word), "{refused}");
        }
        step.enter(done("示例")).unwrap();
    }
}
