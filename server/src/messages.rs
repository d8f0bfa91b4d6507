//! The words of the pages and of what is printed: one file a language, Chinese first.
//!
//! A text is found by `section.key`; `{name}` in it stands for a value. Pages carry the words of their own sections with
//! them, so that changing the language asks nothing of the server.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::json;

type Words = BTreeMap<String, BTreeMap<String, String>>;

const CHINESE: &str = include_str!("../messages/zh-CN.json");
const ENGLISH: &str = include_str!("../messages/en.json");

static CHINESE_WORDS: LazyLock<Words> = LazyLock::new(|| read(CHINESE));
static ENGLISH_WORDS: LazyLock<Words> = LazyLock::new(|| read(ENGLISH));

/// A tested file that is built in always parses.
fn read(file: &str) -> Words {
    serde_json::from_str(file).unwrap_or_default()
}

/// A language of the screens. What is printed is Chinese whatever the screens speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN.
    #[default]
    Chinese,
    /// en.
    English,
}

impl Language {
    /// By its tag; anything but `en` is Chinese.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        if tag.eq_ignore_ascii_case("en") { Self::English } else { Self::Chinese }
    }

    /// `zh-CN` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Self::Chinese => &CHINESE_WORDS,
            Self::English => &ENGLISH_WORDS,
        }
    }
}

/// The text at `section.key`; the name itself if there is none, so that a fault is seen.
#[must_use]
pub fn text(language: Language, name: &str) -> &str {
    let found = name.split_once('.').and_then(|(section, key)| language.words().get(section)?.get(key));
    found.map_or(name, String::as_str)
}

/// The same with its `{names}` replaced. Values are taken as they are: whoever puts them on a page escapes them.
#[must_use]
pub fn fill(language: Language, name: &str, values: &[(&str, &str)]) -> String {
    let mut rest = text(language, name);
    let mut out = String::with_capacity(rest.len() + 16);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((wanted, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(name, _)| *name == wanted) {
            Some((_, value)) => out.push_str(value),
            None => out.extend(["{", wanted, "}"]),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// A page as it is served: Chinese in every element with `data-t="section.key"`, which stands empty in the file, and
/// the words of the sections named by `<!-- words: … -->` as a block of data for the page's script.
#[must_use]
pub fn page(html: &str) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut rest = html;
    while let Some(at) = rest.find("data-t=\"") {
        let (before, after) = rest.split_at(at + "data-t=\"".len());
        out.push_str(before);
        let Some(end) = after.find('>') else {
            rest = after;
            continue;
        };
        let name = after.split('"').next().unwrap_or_default();
        out.push_str(&after[..=end]);
        out.push_str(&escape(text(Language::Chinese, name)));
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    with_words(&out)
}

fn with_words(html: &str) -> String {
    const MARK: &str = "<!-- words:";
    let Some((before, after)) = html.split_once(MARK) else { return html.to_owned() };
    let Some((sections, behind)) = after.split_once("-->") else { return html.to_owned() };
    let of = |language: Language| -> BTreeMap<&str, &BTreeMap<String, String>> {
        sections.split_whitespace().filter_map(|name| Some((name, language.words().get(name)?))).collect()
    };
    let words = json!({ "zh-CN": of(Language::Chinese), "en": of(Language::English) }).to_string();
    // A block of data ends at the first `</script`, wherever that stands.
    let words = words.replace('<', "\\u003c");
    format!("{before}<script type=\"application/json\" id=\"words\">{words}</script>{behind}")
}

/// Text as HTML content or attribute value.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_places_for_values() {
        let (chinese, english): (Words, Words) =
            (serde_json::from_str(CHINESE).unwrap(), serde_json::from_str(ENGLISH).unwrap());
        assert_eq!(chinese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
        for (section, words) in &chinese {
            let other = &english[section];
            assert_eq!(words.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{section}");
            for (key, text) in words {
                assert_eq!(placeholders(text), placeholders(&other[key]), "{section}.{key}");
                assert!(!text.trim().is_empty() && !other[key].trim().is_empty(), "{section}.{key} says nothing");
            }
        }
    }

    /// 试投 is the trial contest of a meeting, 演练 a meeting that counts for nothing.
    #[test]
    fn the_trial_contest_has_one_name() {
        for words in serde_json::from_str::<Words>(CHINESE).unwrap().into_values() {
            for (key, text) in words {
                assert!(!text.contains("演练题"), "{key}: {text}");
                assert!(!(key.contains("rehearsal") && text.contains("演练")), "{key}: {text}");
            }
        }
    }

    #[test]
    fn values_fill_their_places_and_a_missing_one_is_seen() {
        assert_eq!(text(Language::English, "nowhere.at_all"), "nowhere.at_all");
        assert_eq!(fill(Language::Chinese, "{a} b {c", &[("a", "1")]), "1 b {c");
        assert_eq!(fill(Language::Chinese, "{a}{b}", &[("a", "{b}")]), "{b}{b}");
    }

    #[test]
    fn a_page_gets_its_words_and_no_word_becomes_markup() {
        let page = page("<p data-t=\"x.<y\"></p><h1 class=\"a\" data-t=\"common.douxuan\"></h1><!-- words: common -->");
        assert!(page.contains("<p data-t=\"x.<y\">"), "{page}");
        assert!(page.contains(&format!(">{}</h1>", text(Language::Chinese, "common.douxuan"))), "{page}");
        let block = page.split("id=\"words\">").nth(1).unwrap().split("</script>").next().unwrap();
        let words: serde_json::Value = serde_json::from_str(block).unwrap();
        assert!(words["en"]["common"]["douxuan"].is_string() && !block.contains('<'));
    }
}
