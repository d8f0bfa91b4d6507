//! The notice as somebody types it, a line each:
//!
//! ```text
//! 2027-01-01..2027-01-03 off 元旦
//! 2027-02-14 work 春节
//! ```
//! `放假` and `上班` say the same as `off` and `work`. Empty lines are passed over.

use jiff::{ToSpan, civil::Date};

use crate::{
    record::{calendar::Day, field},
    web::Refusal,
};

/// Lines that a notice can have, and days that a line can have.
const LINES: usize = 100;
const DAYS: usize = 60;
/// Characters of a holiday's name.
const NAME: usize = 20;

/// Reads them.
///
/// # Errors
/// Every line that cannot be read, in `details.lines`: nothing is taken then.
pub(super) fn read(text: &str) -> Result<Vec<Day>, Refusal> {
    let lines: Vec<(usize, &str)> =
        (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > LINES {
        return Err(Refusal::conflict(
            format!("放假安排有 {} 行，应为 1 到 {LINES} 行。", lines.len()),
            "每行写一段，例如：2027-01-01..2027-01-03 off 元旦",
        ));
    }
    let (mut days, mut wrong): (Vec<Day>, _) = (Vec::new(), Vec::new());
    for (number, line) in &lines {
        let not_twice = |read: Vec<Day>| match read.iter().find(|day| days.iter().any(|other| other.date == day.date)) {
            Some(twice) => Err(format!("{} 前面已经写过。", twice.date)),
            None => Ok(read),
        };
        match one(line).and_then(not_twice) {
            Ok(read) => days.extend(read),
            Err(why) => wrong.push(format!("第 {number} 行：{why}")),
        }
    }
    if wrong.is_empty() {
        return Ok(days);
    }
    let refusal = Refusal::conflict(
        format!("有 {} 行看不懂，一行也没有收入。", wrong.len()),
        "每行写一段，例如：2027-01-01..2027-01-03 off 元旦",
    );
    Err(refusal.with_details(serde_json::json!({ "lines": wrong })))
}

fn one(line: &str) -> Result<Vec<Day>, String> {
    // Blanks that can be seen: others are refused with the name that they stand in.
    let mut parts = line.split([' ', '\t', '\u{3000}']).filter(|part| !part.is_empty());
    let (Some(days), Some(how)) = (parts.next(), parts.next()) else {
        return Err("应写明日期、off 或 work，以及节日。".to_owned());
    };
    let off = match how {
        "off" | "放假" => true,
        "work" | "上班" => false,
        other => return Err(format!("“{}”不是 off 或 work。", field::seen(other))),
    };
    let name = parts.collect::<Vec<_>>().join(" ");
    let name = field::line("节日", &name, NAME).map_err(|refusal| refusal.error)?;
    let day = |text: &str| field::day("日期", text).map_err(|refusal| refusal.error);
    let (from, to) = days.split_once("..").unwrap_or((days, days));
    let (from, to) = (day(from)?, day(to)?);
    if to < from {
        return Err(format!("{to} 早于 {from}。"));
    }
    let all: Vec<Date> = from.series(1.day()).take_while(|day| *day <= to).take(DAYS + 1).collect();
    if all.len() > DAYS {
        return Err(format!("一段超过 {DAYS} 天。"));
    }
    Ok(all.into_iter().map(|date| Day { date, name: name.clone(), off }).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_range_a_single_day_and_both_ways_of_saying_it() {
        let read = read("2027-01-01..2027-01-03 off 元旦\n\n 2027-02-14  上班 春节 \n2027-06-09 放假 端午节").unwrap();
        let said: Vec<(String, bool, &str)> =
            read.iter().map(|day| (day.date.to_string(), day.off, day.name.as_str())).collect();
        assert_eq!(said[0], ("2027-01-01".to_owned(), true, "元旦"));
        assert_eq!(said[3], ("2027-02-14".to_owned(), false, "春节"));
        assert_eq!((said.len(), said[4].1), (5, true));
    }

    #[test]
    fn every_line_that_cannot_be_read_is_named() {
        let text = "2027-01-01..2027-01-03 元旦\n2027-02-30 off 春节\n2027-01-03..2027-01-01 off 元旦\n2027-05-01\n\
                    2027-05-01 off\n2027-01-01..2027-12-31 off 元旦\n2027-05-02 off 劳动节\n\
                    2027-05-01..2027-05-02 work 劳动节";
        let refusal = read(text).unwrap_err();
        let lines = refusal.details.unwrap()["lines"].as_array().unwrap().clone();
        let words =
            ["“元旦”不是", "“2027-02-30”不是日期", "早于", "应写明", "节日不能空着", "超过 60 天", "2027-05-02 前面"];
        assert_eq!(lines.len(), words.len(), "{lines:?}");
        for (line, word) in lines.iter().zip(words) {
            assert!(line.as_str().unwrap().contains(word), "{line} {word}");
        }
        assert!(read("  \n").is_err());
    }
}
