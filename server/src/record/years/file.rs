//! A year's file of `holiday-cn`, and where in it something is wrong.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::record::calendar::{CalendarError, Day, Year};

/// Why a file is not taken.
#[derive(Debug)]
pub(super) enum Wrong {
    /// As a whole.
    Whole(CalendarError),
    /// Line by line, each said.
    Lines(Vec<String>),
}

#[derive(Deserialize)]
struct File<'a> {
    year: i16,
    #[serde(borrow)]
    days: Vec<&'a RawValue>,
}

/// Reads it.
///
/// # Errors
/// [`Wrong`]: every day of it that cannot be, by its line; nothing is taken then.
pub(super) fn read(text: &str) -> Result<Year, Wrong> {
    let File { year, days } = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if line == 0 {
            whole("空")
        } else {
            Wrong::Lines(vec![format!("第 {line} 行第 {column} 个字符：{}", cause(&error))])
        }
    })?;
    let (mut read, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for day in days {
        // The piece is a part of the text itself, so that its place tells its line.
        let before = (day.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = 1 + text.get(..before).unwrap_or_default().matches('\n').count();
        match one(day.get(), year) {
            Ok(day) if !seen.insert(day.date) => wrong.push(format!("第 {line} 行：{} 前面已经写过。", day.date)),
            Ok(day) => read.push(day),
            Err(why) => wrong.push(format!("第 {line} 行：{why}")),
        }
    }
    if !wrong.is_empty() {
        return Err(Wrong::Lines(wrong));
    }
    Year::of(year, read).map_err(Wrong::Whole)
}

fn whole(why: &str) -> Wrong {
    Wrong::Whole(CalendarError::Form(why.to_owned()))
}

fn cause(error: &serde_json::Error) -> &'static str {
    if error.is_eof() {
        "文件没有写完。"
    } else if error.is_data() {
        "缺少 year 或 days，或不是应有的样子。"
    } else {
        "不是 JSON。"
    }
}

fn one(text: &str, year: i16) -> Result<Day, String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let date = value["date"].as_str().unwrap_or_default().to_owned();
    if crate::record::field::date(&date).is_none() {
        return Err(format!("“{date}”不是日期。"));
    }
    let day: Day =
        serde_json::from_value(value).map_err(|_| format!("{date} 没有写明 isOffDay 是 true 还是 false。"))?;
    match Year::of(year, vec![day.clone()]) {
        Ok(_) => Ok(day),
        Err(_) => Err(format!("{date} 不属于 {year} 年的放假安排。")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        match read(text).unwrap_err() {
            Wrong::Lines(lines) => lines,
            Wrong::Whole(error) => panic!("{error}"),
        }
    }

    #[test]
    fn every_day_that_cannot_be_is_named_with_its_line() {
        let text = "{ \"year\": 2027,\n  \"days\": [\n    { \"date\": \"2027-01-01\", \"isOffDay\": true },\n\
                    { \"date\": \"2027-02-30\", \"isOffDay\": true },\n    { \"date\": \"2027-01-01\", \"isOffDay\": false },\n\
                    { \"date\": \"2026-05-01\", \"isOffDay\": true },\n    { \"date\": \"2027-05-01\" }\n  ]\n}";
        assert_eq!(
            lines(text),
            [
                "第 4 行：“2027-02-30”不是日期。",
                "第 5 行：2027-01-01 前面已经写过。",
                "第 6 行：2026-05-01 不属于 2027 年的放假安排。",
                "第 7 行：2027-05-01 没有写明 isOffDay 是 true 还是 false。",
            ]
        );
        assert_eq!(lines("{\n \"year\": 2027,\n \"days\": [\n")[0], "第 4 行第 0 个字符：文件没有写完。");
        assert!(lines("{\n \"days\": []\n}")[0].contains("缺少 year"));
        assert!(lines("<html>")[0].contains("第 1 行第 1 个字符：不是 JSON"));
    }

    #[test]
    fn the_files_that_are_built_in_are_read_the_same_way() {
        for text in [include_str!("../../../calendar/2024.json"), include_str!("../../../calendar/2026.json")] {
            assert_eq!(read(text).unwrap(), Year::parse(text).unwrap());
        }
        assert!(matches!(
            read("{ \"year\": 2027, \"days\": [] }").unwrap_err(),
            Wrong::Whole(CalendarError::NotPublished(2027))
        ));
    }
}
