//! Whether every name can be drawn: the characters of both lists that common fonts may not have, and what the console's
//! browser, which also prints the slips and shows the hall screen, made of them.
//!
//! No name leaves this machine for it: phones are not asked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::check::{Check, Finding, Status};
use crate::desk::Row;

/// Findings about single people; what is more is counted.
const SHOWN: usize = 12;

/// What the console's browser found when it drew the characters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drawn {
    /// The characters that were drawn.
    pub(super) asked: String,
    /// Those of them that came out as nothing or as the box for a missing one.
    pub(super) missing: String,
}

/// The characters of the lists that are not in GB 2312, which every Chinese font has, each with who has it.
pub(super) fn rare(rows: &[Row]) -> BTreeMap<char, Vec<&Row>> {
    let mut found: BTreeMap<char, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let mut own: Vec<char> = row.text.chars().filter(|c| is_rare(*c)).collect();
        own.sort_unstable();
        own.dedup();
        for c in own {
            found.entry(c).or_default().push(row);
        }
    }
    found
}

/// Not in GB 2312: in GBK, its characters have both bytes from A1 on, the first one up to F7.
fn is_rare(c: char) -> bool {
    if c.is_ascii() || c.is_whitespace() {
        return false;
    }
    let mut text = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut text));
    unmappable || !matches!(&*bytes, [0xa1..=0xf7, 0xa1..=0xfe])
}

pub(super) fn check(rows: &[Row], drawn: Option<&Drawn>, pdf: Option<&Result<String, String>>) -> Check {
    if rows.is_empty() {
        return Check::new("fonts", vec![Finding::new("fonts_no_list", Status::Unknown, &[])]);
    }
    let rare = rare(rows);
    let all: String = rare.keys().collect();
    let characters = ("characters", json!(spaced(&all)));
    let mut findings = Vec::new();
    if rare.is_empty() {
        findings.push(Finding::new("fonts_common", Status::Ok, &[]));
    } else if let Some(drawn) = drawn.filter(|drawn| all.chars().all(|c| drawn.asked.contains(c))) {
        let missing: Vec<(char, &Row)> = rare
            .iter()
            .filter(|(c, _)| drawn.missing.contains(**c))
            .flat_map(|(c, rows)| rows.iter().map(|row| (*c, *row)))
            .collect();
        findings.extend(missing.iter().take(SHOWN).map(|(c, row)| missed(*c, row)));
        if missing.len() > SHOWN {
            let more = [("n", json!(missing.len() - SHOWN))];
            findings.push(Finding::new("fonts_more", Status::Fail, &more));
        }
        if missing.is_empty() {
            findings.push(Finding::new("fonts_all", Status::Ok, &[characters]));
        }
    } else {
        findings.push(Finding::new("fonts_unchecked", Status::Unknown, &[characters]));
    }
    match pdf {
        Some(Ok(family)) => findings.push(Finding::new("fonts_pdf", Status::Ok, &[("family", json!(family))])),
        Some(Err(why)) => findings.push(Finding::new("fonts_no_pdf", Status::Warn, &[("why", json!(why))])),
        None => {}
    }
    Check::new("fonts", findings)
}

fn missed(c: char, row: &Row) -> Finding {
    let says = if row.list == "attendees" { "fonts_missing_attendee" } else { "fonts_missing_official" };
    let values = [
        ("character", json!(c)),
        ("code", json!(format!("U+{:04X}", u32::from(c)))),
        ("number", json!(row.number)),
        ("name", json!(row.name)),
    ];
    Finding::new(says, Status::Fail, &values)
}

/// With room between, so that each can be looked at.
pub(super) fn spaced(characters: &str) -> String {
    characters.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, name: &str) -> Row {
        Row { list: "attendees", number, name: name.to_owned(), text: format!("{name} 县纪委 第3单位") }
    }

    fn drawn(asked: &str, missing: &str) -> Drawn {
        Drawn { asked: asked.to_owned(), missing: missing.to_owned() }
    }

    #[test]
    fn rare_is_what_gb_2312_does_not_have() {
        for c in "喆翀堃璟镕㐂𱍊".chars() {
            assert!(is_rare(c), "{c}");
        }
        for c in "张李的一·（）、A9 ".chars() {
            assert!(!is_rare(c), "{c}");
        }
    }

    #[test]
    fn each_missing_character_is_named_with_whoever_has_it() {
        let rows = [row(1, "张喆"), row(2, "李四"), row(3, "王𱍊喆")];
        let found = rare(&rows);
        assert_eq!((found.keys().collect::<String>(), found[&'喆'].len()), ("喆𱍊".to_owned(), 2));
        let said = |drawn: Option<&Drawn>| check(&rows, drawn, None).said();
        assert_eq!(said(None), [("fonts_unchecked", Status::Unknown)]);
        assert_eq!(said(Some(&drawn("喆", ""))), [("fonts_unchecked", Status::Unknown)], "the list has changed since");
        assert_eq!(said(Some(&drawn("喆𱍊", ""))), [("fonts_all", Status::Ok)]);
        let missing = check(&rows, Some(&drawn("喆𱍊", "𱍊")), None);
        assert_eq!(missing.said(), [("fonts_missing_attendee", Status::Fail)]);
        assert_eq!((missing.value(0, "code"), missing.value(0, "number")), (json!("U+3134A"), json!(3)));
        assert_eq!(said(Some(&drawn("喆𱍊", "喆𱍊"))).len(), 3);
    }

    #[test]
    fn common_names_no_list_and_the_font_of_the_pdf() {
        assert_eq!(check(&[], None, None).said(), [("fonts_no_list", Status::Unknown)]);
        assert_eq!(check(&[row(1, "李四")], None, None).said(), [("fonts_common", Status::Ok)]);
        let pdf = |result: Result<String, String>| check(&[row(1, "李四")], None, Some(&result)).said()[1];
        assert_eq!(pdf(Ok("Noto Sans CJK SC".to_owned())), ("fonts_pdf", Status::Ok));
        assert_eq!(pdf(Err("why".to_owned())), ("fonts_no_pdf", Status::Warn));
        let many: Vec<Row> = (1..=30).map(|n| row(n, "喆")).collect();
        let said = check(&many, Some(&drawn("喆", "喆")), None).said();
        assert_eq!((said.len(), said[12]), (13, ("fonts_more", Status::Fail)));
    }
}
