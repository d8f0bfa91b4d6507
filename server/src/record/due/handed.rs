//! What an official hands in: a written answer, a report on correction.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::happened;
use crate::{record::field, web::Refusal};

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// Day on which it reached the office, `YYYY-MM-DD`.
    pub on: String,
    /// What it says, or says in short.
    pub text: String,
    /// SHA-256 of the file: 64 lowercase hex digits.
    pub file_hash: Option<String>,
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
    /// SHA-256 of the file: 64 lowercase hex digits.
    file_hash: Option<String>,
    /// Why; needed for a change of what was entered.
    #[serde(default)]
    pub(in crate::record) why: String,
}

impl Handing {
    /// Looks at it.
    ///
    /// # Errors
    /// Which field.
    pub(in crate::record) fn checked(&self, served: &str, today: Date) -> Result<Handed, Refusal> {
        let on = happened("收到日期", &self.on, Some(("送达日期", served)), today)?.to_string();
        let text = field::prose("内容", &self.text)?;
        let file_hash = self.file_hash.as_deref().map(str::trim).filter(|hash| !hash.is_empty()).map(str::to_owned);
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if file_hash.as_ref().is_some_and(|hash| !is_hash(hash)) {
            return Err(Refusal::conflict(
                "文件的校验值不对：应为 64 个小写十六进制字符。",
                "请在页面上选择文件，由浏览器计算；或者留空。",
            ));
        }
        Ok(Handed { on, text, file_hash })
    }
}
