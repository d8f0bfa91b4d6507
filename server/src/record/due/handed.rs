//! What an official hands in: a written answer, a report on correction.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    record::{
        field,
        file::{Named, Stored},
    },
    web::Refusal,
};

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// Day on which it reached the office, `YYYY-MM-DD`.
    pub on: String,
    /// What it says, or says in short.
    pub text: String,
    /// The file itself, if there is one.
    pub file: Option<Stored>,
}

/// What is entered of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::record) struct Handing {
    /// The version seen.
    pub(in crate::record) version: u32,
    /// Day on which it reached the office, `YYYY-MM-DD`.
    on: String,
    /// What it says, or says in short.
    text: String,
    /// The file that was handed in before, or the one that is there already.
    pub(in crate::record) file: Option<Named>,
    /// Why; needed for a change of what was entered.
    #[serde(default)]
    pub(in crate::record) why: String,
}

impl Handing {
    /// Looks at it; `file` is what [`Record::handed_in`](crate::record::Record) has found.
    ///
    /// # Errors
    /// Which field.
    pub(in crate::record) fn checked(
        &self,
        file: Option<Stored>,
        served: &str,
        today: Date,
    ) -> Result<Handed, Refusal> {
        let on = field::happened("收到日期", &self.on, Some(("送达日期", served)), today)?.to_string();
        Ok(Handed { on, text: field::prose("内容", &self.text)?, file })
    }
}
