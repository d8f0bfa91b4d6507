//! What a person types into the record: looked at once, in one place, refused with what to do.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Entry, Hand, Id, Record};
use crate::web::Refusal;

/// Characters of a title, a place, a reason.
pub(super) const LINE: usize = 200;
/// Characters of a text.
pub(super) const PROSE: usize = 20_000;

/// One line that must say something; blanks around it are taken off.
///
/// # Errors
/// Empty, too long, or with characters that nobody sees.
pub(super) fn line(what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    filled(what, text, most, |_| false)
}

/// The same for a text of several lines.
///
/// # Errors
/// As [`line`].
pub(super) fn prose(what: &str, text: &str) -> Result<String, Refusal> {
    filled(what, text, PROSE, |c| c == '\n' || c == '\t')
}

fn filled(what: &str, text: &str, most: usize, allowed: fn(char) -> bool) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::conflict(format!("{what}不能空着。"), format!("请填写{what}。")));
    }
    if text.chars().count() > most {
        return Err(Refusal::conflict(format!("{what}太长，最多 {most} 个字。"), "请缩短后再保存。"));
    }
    if text.chars().any(|c| is_unseen(c) && !allowed(c)) {
        return Err(Refusal::conflict(format!("{what}里有看不见的控制字符。"), "请重新键入，不要从别处粘贴。"));
    }
    Ok(text.to_owned())
}

/// What moves the cursor or turns the direction of writing, and shows nothing itself.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A reason that must be given: it goes into the trail.
///
/// # Errors
/// None was given, or as [`line`].
pub(super) fn why(text: &str) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::conflict("没有写明理由。", "请写一句理由；它会记入留痕。"));
    }
    line("理由", text, LINE)
}

/// A day, `YYYY-MM-DD`.
///
/// # Errors
/// It is none.
pub(super) fn day(what: &str, text: &str) -> Result<Date, Refusal> {
    date(text).ok_or_else(|| Refusal::conflict(format!("{what}“{text}”不是日期。"), "请照 2026-12-31 的样子填写。"))
}

/// A day as it is stored; `None` for anything else.
pub(super) fn date(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text)
}

/// The document that an address names.
pub(super) struct At(pub(super) Id);

impl FromRequestParts<Record> for At {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, record: &Record) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, record).await.ok();
        named(&path.map(|Path(text)| text).unwrap_or_default()).map(Self)
    }
}

/// The id that a text names.
///
/// # Errors
/// 404 for what is none.
pub(super) fn named(text: &str) -> Result<Id, Refusal> {
    Id::read(text).ok_or_else(|| {
        Refusal::conflict("档案里没有这一条。", "请刷新页面；它可能已由别人按保管期限销毁。").with_status(404)
    })
}

/// Why an entry of the trail says that something was done; empty once that was erased.
pub(super) fn why_of(entry: &Entry) -> String {
    let what = entry.what.as_ref().and_then(|(_, what)| serde_json::from_str::<serde_json::Value>(what).ok());
    what.and_then(|what| what["why"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// A change that needs nothing but the version seen, and mostly a reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// The version seen.
    pub(super) version: u32,
    /// Why.
    #[serde(default)]
    pub(super) why: String,
}

/// What whoever approves has to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verdict {
    /// The version seen.
    pub(super) version: u32,
    /// False sends it back, with a reason.
    #[serde(default = "agreed")]
    pub(super) agreed: bool,
    /// Why.
    #[serde(default)]
    pub(super) why: String,
}

fn agreed() -> bool {
    true
}

/// One step of an approval: who, and when.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name.
    pub who: String,
    /// `YYYY-MM-DDThh:mm:ss+08:00`.
    pub at: String,
}

impl Step {
    /// The step that this hand takes.
    #[must_use]
    pub fn of(hand: &Hand) -> Self {
        Self { who: hand.who.clone(), at: hand.at.clone() }
    }
}

/// Whoever has proposed something does not approve it.
///
/// # Errors
/// It is the same person.
pub(super) fn by_another(hand: &Hand, before: &[&Step]) -> Result<(), Refusal> {
    if before.iter().all(|step| step.who != hand.who) {
        return Ok(());
    }
    Err(Refusal::conflict("提出的人不能自己审定。", "请由另一位有审定权限的人登录后审定。").with_status(403))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_says_something_fits_and_shows_all_of_itself() {
        assert_eq!(line("姓名", " 某甲 ", 40).unwrap(), "某甲");
        for (text, word) in [("", "空着"), (" \t ", "空着"), ("某某某", "太长"), ("某\u{202e}", "控制"), ("某\n", "")]
        {
            match line("姓名", text, 2) {
                Ok(kept) => assert_eq!((kept.as_str(), word), ("某", "")),
                Err(refusal) => assert!(!word.is_empty() && refusal.error.contains(word), "{refusal}"),
            }
        }
        assert_eq!(prose("报告", "一\r\n二").unwrap(), "一\n二");
        assert!(prose("报告", "一\u{7}").is_err() && why("  ").is_err());
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!(day("日期", "2026-02-28").is_ok());
        for text in ["2026-02-29", "2026-2-8", "20260208", "2026-02-08T00:00", "", "明天"] {
            assert!(day("日期", text).unwrap_err().error.contains(text), "{text}");
        }
    }

    #[test]
    fn nobody_approves_what_he_has_proposed() {
        let hand = |who: &str| Hand { who: who.to_owned(), role: "chair".to_owned(), at: String::new() };
        let step = Step::of(&hand("某甲"));
        assert!(by_another(&hand("某乙"), &[&step]).is_ok());
        assert_eq!(by_another(&hand("某甲"), &[&step]).unwrap_err().status, 403);
    }
}
