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

/// One line that may be left out.
///
/// # Errors
/// Too long, or with characters that nobody sees.
pub(super) fn line_if(what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    if text.trim().is_empty() { Ok(String::new()) } else { line(what, text, most) }
}

/// A text of several lines that may be left out.
///
/// # Errors
/// As [`line_if`].
pub(super) fn prose_if(what: &str, text: &str) -> Result<String, Refusal> {
    if text.trim().is_empty() { Ok(String::new()) } else { prose(what, text) }
}

/// What moves the cursor, turns the direction of writing or takes no room: two texts that differ in it look the same.
pub(super) fn is_unseen(c: char) -> bool {
    let code = u32::from(c);
    // The last two of each plane are no characters, and no XML holds them.
    c.is_control()
        || code & 0xfffe == 0xfffe
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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

/// A reason that must be given only in this case.
///
/// # Errors
/// As [`why`].
pub(super) fn why_if(needed: bool, text: &str) -> Result<String, Refusal> {
    if needed { why(text) } else { line_if("理由", text, LINE) }
}

/// A day on which something has happened: not before `since`, which has a name, and not in the days to come.
///
/// # Errors
/// Which of it is wrong.
pub(super) fn happened(what: &str, text: &str, since: Option<(&str, &str)>, today: Date) -> Result<Date, Refusal> {
    let day = day(what, text)?;
    if day > today {
        return Err(Refusal::conflict(format!("{what} {day} 还没有到。"), "请在那一天之后登记，或核对日期。"));
    }
    match since {
        Some((other, since)) if text < since => {
            Err(Refusal::conflict(format!("{what} {day} 早于{other} {since}。"), "请核对这两个日期。"))
        }
        _ => Ok(day),
    }
}

/// A day, `YYYY-MM-DD`.
///
/// # Errors
/// It is none.
pub(super) fn day(what: &str, text: &str) -> Result<Date, Refusal> {
    date(text)
        .ok_or_else(|| Refusal::conflict(format!("{what}“{}”不是日期。", seen(text)), "请照 2026-12-31 的样子填写。"))
}

/// What was sent, as a sentence can say it: in one line, and showing all of itself.
pub(super) fn seen(text: &str) -> String {
    text.chars().filter(|c| !is_unseen(*c)).take(LINE).collect()
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
    /// The accounts behind it, by their marks: names are changed and given twice. A mark is made one way from the account's
    /// id, so that whoever reads the record cannot tell by it who is who in a meeting's published log.
    pub accounts: Vec<String>,
}

impl Step {
    /// Whether one of the people of this hand took it, under whatever name.
    #[must_use]
    pub fn is_of(&self, hand: &Hand) -> bool {
        self.accounts.iter().any(|account| hand.accounts.contains(account))
    }

    /// The step that this hand takes.
    #[must_use]
    pub fn of(hand: &Hand) -> Self {
        Self { who: hand.who.clone(), at: hand.at.clone(), accounts: hand.accounts.clone() }
    }
}

/// Whoever has proposed something does not approve it.
///
/// # Errors
/// It is the same person.
pub(super) fn by_another(hand: &Hand, before: &[&Step]) -> Result<(), Refusal> {
    if !before.iter().any(|step| step.is_of(hand)) {
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
    fn what_nobody_sees_is_refused_in_what_may_be_left_out_too() {
        let unseen = [
            '\u{0}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{2028}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fffb}',
            '\u{ffff}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{10fffe}',
        ];
        for c in unseen {
            let text = format!("某{c}甲");
            for refused in [
                line("姓名", &text, 40),
                line_if("说明", &text, 40),
                prose("报告", &text),
                prose_if("报告", &text),
                why(&text),
                why_if(false, &text),
            ] {
                assert!(refused.is_err_and(|refusal| refusal.error.contains("看不见")), "{c:?}");
            }
        }
        for text in ["某　甲", "㐂𠮷", "阿卜杜·热合曼", "Ä é ß", "a\u{301}", "—…“”"] {
            assert_eq!(line("姓名", text, 40).unwrap(), text);
        }
        assert_eq!((line_if("说明", " \n", 1).unwrap(), prose_if("说明", "").unwrap()), Default::default());
        assert!(why_if(true, " ").is_err() && why_if(false, " ").unwrap().is_empty());
    }

    #[test]
    fn what_has_happened_is_neither_before_what_it_follows_nor_to_come() {
        let today = date("2026-12-14").unwrap();
        let sent = Some(("送达日期", "2026-12-10"));
        assert!(
            happened("签收日期", "2026-12-14", sent, today).is_ok()
                && happened("签收日期", "2026-12-10", sent, today).is_ok()
        );
        for (text, word) in [("2026-12-15", "还没有到"), ("2026-12-09", "早于送达日期"), ("12-10", "不是日期")]
        {
            assert!(happened("签收日期", text, sent, today).unwrap_err().error.contains(word), "{text}");
        }
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!(day("日期", "2026-02-28").is_ok());
        for text in ["2026-02-29", "2026-2-8", "20260208", "2026-02-08T00:00", "", "明天"] {
            assert!(day("日期", text).unwrap_err().error.contains(text), "{text}");
        }
        let said = day("日期", "2026\u{202e}\0\n-1").unwrap_err().error;
        assert_eq!(said, "日期“2026-1”不是日期。", "what nobody sees does not come back");
    }

    #[test]
    fn nobody_approves_what_he_has_proposed_under_whatever_name() {
        let hand = |who: &str, accounts: &[&str]| Hand {
            who: who.to_owned(),
            role: "chair".to_owned(),
            at: String::new(),
            accounts: accounts.iter().map(|&account| account.to_owned()).collect(),
        };
        let step = Step::of(&hand("某甲", &["a1"]));
        assert!(by_another(&hand("某乙", &["b2"]), &[&step]).is_ok());
        assert!(by_another(&hand("某甲", &["b2"]), &[&step]).is_ok(), "another person of the same name");
        for same in [hand("某甲", &["a1"]), hand("某甲（新名）", &["a1"]), hand("某乙、某甲", &["b2", "a1"])]
        {
            assert_eq!(by_another(&same, &[&step]).unwrap_err().status, 403, "{}", same.who);
        }
    }
}
