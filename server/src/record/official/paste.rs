//! Officials typed or pasted as lines: name, unit, post, first day, expected end.

use super::{Official, Term, named};
use crate::{limits, web::Refusal};

/// Reads lines, each an official. Commas of both kinds, semicolons and tabs part the fields; a first line of headings is
/// passed over, and so are empty ones.
///
/// # Errors
/// Every line that cannot be read, in `details.lines`: nothing is taken then.
pub(super) fn read(text: &str) -> Result<Vec<Official>, Refusal> {
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
    let lines = match lines.split_first() {
        Some(((_, first), rest)) if is_heading(first) => rest,
        _ => &lines,
    };
    if lines.is_empty() {
        return Err(Refusal::conflict("没有粘贴任何内容。", "每行一人：姓名、单位、职务、任职日期、任期届满日期。"));
    }
    if lines.len() > limits::ATTENDEES {
        return Err(Refusal::conflict(
            format!("有 {} 行，最多 {} 行。", lines.len(), limits::ATTENDEES),
            "请分几次粘贴。",
        ));
    }
    let mut wrong = Vec::new();
    let mut officials: Vec<Official> = Vec::new();
    for (number, text) in lines {
        match one(text) {
            Ok(official) if officials.iter().any(|other| is_same(other, &official)) => {
                wrong.push(at(*number, "和前面一行是同一个人。"));
            }
            Ok(official) => officials.push(official),
            Err(refusal) => wrong.push(at(*number, &refusal.error)),
        }
    }
    refuse(wrong).map(|()| officials)
}

/// # Errors
/// If there is any.
pub(super) fn refuse(wrong: Vec<String>) -> Result<(), Refusal> {
    if wrong.is_empty() {
        return Ok(());
    }
    let refusal = Refusal::conflict(format!("有 {} 行不对，一行也没有加入。", wrong.len()), "请逐行更正后再加入一次。");
    Err(refusal.with_details(serde_json::json!({ "lines": wrong })))
}

pub(super) fn at(number: usize, why: &str) -> String {
    format!("第 {number} 行：{why}")
}

/// The same name in the same unit: a meeting could not tell them apart.
pub(super) fn is_same(one: &Official, other: &Official) -> bool {
    let unit = |official: &Official| official.term().map(|term| term.unit.clone());
    one.name == other.name && unit(one).is_some() && unit(one) == unit(other)
}

fn is_heading(line: &str) -> bool {
    let first = parts(line).next().unwrap_or_default();
    first == "姓名" || first.eq_ignore_ascii_case("name")
}

fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', '，', ';', '；', '\t']).map(str::trim)
}

fn one(line: &str) -> Result<Official, Refusal> {
    let parts: Vec<&str> = parts(line).collect();
    let (name, unit, post, begins, end) = match parts.as_slice() {
        [name, unit, post, begins] => (name, unit, post, begins, ""),
        [name, unit, post, begins, end] => (name, unit, post, begins, *end),
        _ => {
            return Err(Refusal::conflict(
                format!("有 {} 项，应为 5 项。", parts.len()),
                "每行一人：姓名、单位、职务、任职日期、任期届满日期。",
            ));
        }
    };
    let expected_end = (!end.is_empty()).then(|| plain(end));
    let term =
        Term { unit: (*unit).to_owned(), post: (*post).to_owned(), begins: plain(begins), expected_end, ended: None };
    Ok(Official { name: named(name)?, terms: vec![term.checked()?], left: false })
}

/// `2024.3.1`, `2024/3/1` and `2024年3月1日` as `2024-03-01`; anything else as it is.
fn plain(day: &str) -> String {
    let numbers: Vec<&str> = day.trim_end_matches('日').split(['-', '.', '/', '年', '月']).map(str::trim).collect();
    match numbers.as_slice() {
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => day.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn lines_of_every_usual_form_are_read() {
        let text = "姓名,单位,职务,任职,届满\n某甲，一镇纪委，书记，2024年3月1日，2027.2.28\n\n某乙\t二镇纪委\t书记\t2025/11/5\n\
                    某丙,三镇纪委,书记,2024-03-01,\n";
        let read = read(text).unwrap();
        let terms: Vec<(&str, Option<&str>)> =
            read.iter().map(|o| (o.terms[0].begins.as_str(), o.terms[0].expected_end.as_deref())).collect();
        assert_eq!(terms, [("2024-03-01", Some("2027-02-28")), ("2025-11-05", None), ("2024-03-01", None)]);
    }

    #[test]
    fn every_line_that_is_wrong_is_named_and_none_is_taken() {
        let text = "某甲,一镇,书记,2024-03-01,2023-03-01\n某乙,二镇,书记\n某丙,三镇,书记,2024-13-01,\n某丁,四镇,书记,2024-03-01\n\
                    某丁,四镇,书记,2025-03-01";
        let refusal = read(text).unwrap_err();
        let lines = refusal.details.unwrap()["lines"].as_array().unwrap().clone();
        let words =
            ["第 1 行：任期届满日期早于", "第 2 行：有 3 项", "第 3 行：任职日期“2024-13-01”", "第 5 行：和前面"];
        assert_eq!(lines.len(), words.len(), "{lines:?}");
        for (line, word) in lines.iter().zip(words) {
            assert!(line.as_str().unwrap().starts_with(word), "{line}");
        }
        assert!(read(" \n姓名\n").is_err() || read("").is_err());
    }
}
