//! Grounds of article 23 with their evidence, whether they were confirmed, and the measure that people took. **No
//! measure before a confirmation, and none is proposed here.**

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Documents, Id, Kept, Withdrawn,
    document::Document,
    field::{self, Step},
    file::Stored,
};
use crate::web::Refusal;

mod routes;

pub(super) use routes::table;

/// One ground about one official.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// About whom, in which cycle.
    pub dossier: Id,
    /// Which item of article 23.
    pub item: Item,
    /// What it is.
    pub text: String,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// What was found, the newest last: the last one counts.
    pub verified: Vec<Verified>,
    /// What was done.
    pub measures: Vec<Measure>,
    /// Who entered it.
    pub by: Step,
    /// It was entered by mistake.
    pub withdrawn: Option<Withdrawn>,
}

impl Document for Ground {
    const KIND: &'static str = "ground";
}

/// The items of article 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// （一）an untrue report.
    Untrue,
    /// （二）not corrected, or not well.
    NotCorrected,
    /// （三）another.
    Other,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it shows.
    pub text: String,
    /// Its file, if it has one.
    pub file: Option<Stored>,
    /// Who entered it.
    pub by: Step,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// 经查证属实.
    pub confirmed: bool,
    /// What was found.
    pub found: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Who entered it.
    pub by: Step,
}

/// What was done, as decided by people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Which.
    pub kind: MeasureKind,
    /// Who decided, and what.
    pub text: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Who entered it.
    pub by: Step,
    /// Entered wrongly, and why.
    pub revoked: Option<Revoked>,
}

/// That an entry does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// Who said so.
    pub by: Step,
    /// Why.
    pub why: String,
}

/// The measures of article 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// 约谈.
    Talk,
    /// 通报批评.
    Criticism,
    /// 诫勉.
    Admonition,
    /// 纪律处分.
    Discipline,
    /// Another way of organisational handling.
    Other,
}

impl Ground {
    /// Whether the last verification confirmed it.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.verified.last().is_some_and(|verified| verified.confirmed)
    }

    /// Enters a verification.
    ///
    /// # Errors
    /// 409 if measures rest on a confirmation that it would take away.
    pub(super) fn verify(&mut self, verified: Verified) -> Result<(), Refusal> {
        if !verified.confirmed && self.measures.iter().any(|measure| measure.revoked.is_none()) {
            return Err(Refusal::conflict(
                "已经登记了处理措施，不能改为查证不属实。",
                "请先撤销登记的措施，并写明理由。",
            ));
        }
        self.verified.push(verified);
        Ok(())
    }

    /// Withdraws it.
    ///
    /// # Errors
    /// It was withdrawn; 409 while a measure rests on it.
    pub(super) fn withdraw(&mut self, withdrawn: Withdrawn) -> Result<(), Refusal> {
        if self.measures.iter().any(|measure| measure.revoked.is_none()) {
            return Err(Refusal::conflict(
                "已经登记了处理措施，不能撤回这条情形。",
                "请先撤销登记的措施，并写明理由。",
            ));
        }
        self.withdrawn = Some(withdrawn);
        Ok(())
    }

    /// Enters a measure.
    ///
    /// # Errors
    /// 409 unless the ground was confirmed, on that day or before.
    pub(super) fn take(&mut self, measure: Measure) -> Result<(), Refusal> {
        let confirmed = self.verified.last().filter(|verified| verified.confirmed);
        let Some(confirmed) = confirmed else {
            return Err(Refusal::conflict(
                "没有“经查证属实”的结论，不能登记处理措施。",
                "请先登记查证的结论；查证不属实的，不处理。",
            ));
        };
        if field::date(&measure.on) < field::date(&confirmed.on) {
            return Err(Refusal::conflict("处理的日期早于查证的日期。", "请核对这两个日期。"));
        }
        self.measures.push(measure);
        Ok(())
    }
}

/// The grounds of a dossier, in the order in which they were entered.
pub(super) fn of_dossier(documents: &Documents, dossier: Id) -> Vec<Kept<Ground>> {
    let mut grounds = documents.all::<Ground>();
    grounds.retain(|ground| ground.body.dossier == dossier);
    grounds.sort_by_cached_key(|ground| (ground.body.by.at.clone(), ground.id));
    grounds
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn by() -> Step {
        Step { who: "某甲".to_owned(), at: "2026-12-20T09:00:00+08:00".to_owned(), accounts: Vec::new() }
    }

    fn found(confirmed: bool) -> Verified {
        Verified { confirmed, found: "示例".to_owned(), on: "2026-12-18".to_owned(), by: by() }
    }

    fn measure(on: &str) -> Measure {
        Measure { kind: MeasureKind::Talk, text: "示例".to_owned(), on: on.to_owned(), by: by(), revoked: None }
    }

    #[test]
    fn a_measure_waits_for_the_confirmation() {
        let mut ground = Ground {
            dossier: Id::FIRST,
            item: Item::Untrue,
            text: "示例".to_owned(),
            evidence: vec![],
            verified: vec![],
            measures: vec![],
            by: by(),
            withdrawn: None,
        };
        assert!(ground.take(measure("2026-12-20")).unwrap_err().error.contains("查证属实"));
        ground.verify(found(false)).unwrap();
        assert!(ground.take(measure("2026-12-20")).is_err() && !ground.is_confirmed());
        ground.verify(found(true)).unwrap();
        assert!(ground.take(measure("2026-12-17")).unwrap_err().error.contains("早于"));
        ground.take(measure("2026-12-18")).unwrap();
        assert!(ground.verify(found(false)).unwrap_err().error.contains("措施"));
        assert!(ground.is_confirmed());
        ground.measures[0].revoked = Some(Revoked { by: by(), why: "登记错了".to_owned() });
        ground.verify(found(false)).unwrap();
        assert!(!ground.is_confirmed());
    }
}
