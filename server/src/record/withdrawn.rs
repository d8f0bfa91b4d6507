//! What was entered by mistake: it stays to be seen with its reason, and counts nowhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hand, field::Step};
use crate::web::Refusal;

/// That something was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// Why.
    pub why: String,
    /// Who, and when.
    pub by: Step,
}

impl Withdrawn {
    /// Withdraws, as this hand.
    pub(super) fn by(hand: &Hand, why: &str) -> Self {
        Self { why: why.to_owned(), by: Step::of(hand) }
    }

    /// # Errors
    /// It was withdrawn: nothing is changed any more.
    pub(super) fn not(withdrawn: Option<&Self>) -> Result<(), Refusal> {
        match withdrawn {
            None => Ok(()),
            Some(_) => Err(Refusal::conflict("这一条已经撤回，不再改动。", "确有其事的，请重新登记一条。")),
        }
    }
}
