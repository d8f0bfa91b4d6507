//! The feedback letter (article 19): drafted from the result and the opinions that were reviewed, approved by the chair,
//! then fixed.
//!
//! ```text
//! draft -> approved: text, DOCX and PDF are kept as they were read -> delivered -> signed for
//! ```
//! **Figures come from the signed result alone** and stand in no field that somebody could fill in. What is approved
//! changes no more: one that is wrong is taken back, with a reason, and another is drafted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Documents, Id, Kept, document::Document, field::Step};

mod batch;
mod docx;
mod files;
mod handing;
mod pdf;
mod routes;
mod text;

pub(super) use text::chinese_day;
pub use text::{Bound, Figures, Text};

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// To whom, in which cycle.
    pub dossier: Id,
    /// The cycle.
    pub cycle: Id,
    /// The result that it tells of.
    pub outcome: Id,
    /// 文号.
    pub number: String,
    /// Who sends it.
    pub office: String,
    /// Its date, `YYYY-MM-DD`.
    pub date: String,
    /// Who drafted it.
    pub by: Step,
    /// Who changed it last.
    pub changed: Option<Step>,
    /// What was approved.
    pub fixed: Option<Fixed>,
    /// Deliveries, the first first. An entry that was wrong is followed by another.
    pub delivered: Vec<Delivery>,
    /// Receipts that were signed.
    pub receipts: Vec<Receipt>,
    /// Taken back, and why.
    pub withdrawn: Option<Withdrawal>,
}

impl Document for Letter {
    const KIND: &'static str = "letter";
}

/// What was approved, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// Who approved it.
    pub by: Step,
    /// Every word of it.
    pub text: Text,
    /// SHA-256 of the DOCX, which is kept among the files.
    pub docx: String,
    /// SHA-256 of the PDF, where this server can make one.
    pub pdf: Option<String>,
}

/// That it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// How.
    pub how: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Who entered it.
    pub by: Step,
}

/// That somebody signed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Who signed.
    pub signed_by: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Who entered it.
    pub by: Step,
}

/// That it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Who took it back.
    pub by: Step,
    /// Why.
    pub why: String,
}

/// The letters of a dossier, those that were taken back too.
pub(super) fn of_dossier(documents: &Documents, dossier: Id) -> Vec<Kept<Letter>> {
    let mut letters = documents.all::<Letter>();
    letters.retain(|letter| letter.body.dossier == dossier);
    letters.sort_by_cached_key(|letter| (letter.body.by.at.clone(), letter.id));
    letters
}

/// The letter of a dossier that was not taken back.
pub(super) fn standing(documents: &Documents, dossier: Id) -> Option<Kept<Letter>> {
    of_dossier(documents, dossier).into_iter().find(|letter| letter.body.withdrawn.is_none())
}

/// The approved letter of a dossier.
pub(super) fn approved(documents: &Documents, dossier: Id) -> Option<Kept<Letter>> {
    standing(documents, dossier).filter(|letter| letter.body.fixed.is_some())
}

pub(super) fn table() -> Vec<super::api::Endpoint> {
    [routes::table(), handing::table(), files::table(), batch::table()].into_iter().flatten().collect()
}
