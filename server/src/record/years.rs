//! Years of the calendar that this office has taken in, and everything that is counted again because of one.
//!
//! **A year that is taken in changes last days that were provisional**: each record whose last day changes gets an entry
//! in the trail, with the old day and the new one. So does every record when a newer program brings a year with it.

mod file;
mod plain;
mod recount;
mod routes;

use std::sync::LazyLock;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use recount::Recounted;
pub(super) use recount::at_start;
pub(super) use routes::table;

use super::{
    Document, Documents, Record,
    calendar::{self, Calendar, CalendarError, Year},
};
use crate::web::Refusal;

/// A year's notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// Which year.
    pub year: i16,
    /// How it was given.
    pub form: Form,
    /// What was given, exactly.
    pub text: String,
    /// Where the notice stands: its number, its address.
    pub source: String,
    /// What was striking about it.
    pub striking: Vec<String>,
    /// What was found when that was compared with the notice.
    pub compared: String,
}

impl Document for CalendarYear {
    const KIND: &'static str = "calendar-year";
}

/// How a year is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A file of `holiday-cn`.
    File,
    /// Lines typed from the notice.
    Lines,
}

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(Calendar::built_in);

/// The years that the program carries, and over them those that were taken in.
pub(super) fn calendar(documents: &Documents) -> Calendar {
    let years = documents.all::<CalendarYear>();
    // Each was read before it was kept.
    years.iter().filter_map(|year| year.body.read().ok()).fold(BUILT_IN.clone(), Calendar::with)
}

impl Record {
    /// Every year that is known here.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        calendar(&self.book().now().documents)
    }
}

impl CalendarYear {
    /// What it says.
    ///
    /// # Errors
    /// The file or a line cannot be read.
    fn read(&self) -> Result<Year, Refusal> {
        let next = "没有收入任何日期。请核对后再导入。";
        let wrong = |error: CalendarError| Refusal::conflict(error.to_string(), next);
        match self.form {
            Form::File => file::read(&self.text).map_err(|error| match error {
                file::Wrong::Whole(error) => wrong(error),
                file::Wrong::Lines(lines) => {
                    let count = format!("文件里有 {} 处不对，一天也没有收入。", lines.len());
                    Refusal::conflict(count, "请换一份 holiday-cn 的年份文件，或照通知键入。")
                        .with_details(serde_json::json!({ "lines": lines }))
                }
            }),
            Form::Lines => Year::of(self.year, plain::read(&self.text)?).map_err(wrong),
        }
    }
}

/// The first year of the rules that are looked for here.
const FIRST: i16 = 2008;
/// No notice has given so many days off on end.
const LONGEST: usize = 12;
/// Holidays that the decree fixes by their day, or by the moon and the sun.
const BY_DAY: [(i8, i8, &str); 6] =
    [(1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节"), (10, 1, "国庆节"), (10, 2, "国庆节"), (10, 3, "国庆节")];
const BY_NAME: [&str; 4] = ["春节", "清明", "端午", "中秋"];

/// A year whose notice can be there.
///
/// # Errors
/// It cannot.
fn check_year(year: i16, today: Date) -> Result<(), Refusal> {
    if (FIRST..=today.year() + 1).contains(&year) {
        return Ok(());
    }
    Err(Refusal::conflict(
        format!("{year} 年的放假安排现在不能导入。"),
        format!("请导入 {FIRST} 年到 {} 年之间的；通知一般在前一年秋天发布。", today.year() + 1),
    ))
}

/// From where on the December before is open while a year is not known; a notice that reaches further moves last days
/// that were told as sure.
fn reaches_far(year: &Year, day: Date) -> bool {
    day.year() < year.number() && (day.month(), day.day()) < calendar::UNSETTLED
}

/// What is striking about a year, and has to be compared with the notice.
fn striking(year: &Year) -> Vec<String> {
    use jiff::civil::{Weekday, date};
    let mut out = Vec::new();
    for (month, day, name) in BY_DAY {
        let day = date(year.number(), month, day);
        if year.says(day) != Some(false) {
            out.push(format!("{day} 是{name}，却没有写成放假。"));
        }
    }
    for name in BY_NAME {
        if !year.days().any(|day| day.off && day.name.contains(name)) {
            out.push(format!("没有写到{name}。"));
        }
    }
    let mut run: Vec<Date> = Vec::new();
    for day in year.days() {
        let weekend = matches!(day.date.weekday(), Weekday::Saturday | Weekday::Sunday);
        if reaches_far(year, day.date) {
            out.push(format!("{} 在前一年 12 月 20 日以前，元旦的放假安排不会这样早。", day.date));
        }
        if !day.off && !weekend {
            out.push(format!("{} 本来就是工作日，却写成调休上班。", day.date));
        }
        let follows = run.last().and_then(|last| last.tomorrow().ok()) == Some(day.date);
        if !(day.off && follows) {
            run.clear();
        }
        if day.off {
            run.push(day.date);
            if run.len() == LONGEST {
                out.push(format!("从 {} 起连续放假 {LONGEST} 天以上。", run[0]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    fn lines(text: &str) -> CalendarYear {
        CalendarYear {
            year: 2027,
            form: Form::Lines,
            text: text.to_owned(),
            source: String::new(),
            striking: Vec::new(),
            compared: String::new(),
        }
    }

    /// Invented: the notice for 2027 was not out when this was written.
    pub(super) const WHOLE: &str = "2027-01-01..2027-01-03 off 元旦\n2027-02-05..2027-02-11 off 春节\n\
        2027-02-14 work 春节\n2027-04-03..2027-04-05 off 清明节\n2027-05-01..2027-05-05 off 劳动节\n\
        2027-06-09 off 端午节\n2027-09-15 off 中秋节\n2027-10-01..2027-10-07 off 国庆节\n";

    #[test]
    fn nothing_is_striking_about_a_whole_year_and_the_years_that_are_built_in() {
        assert_eq!(striking(&lines(WHOLE).read().unwrap()), Vec::<String>::new());
        for year in Calendar::built_in().years() {
            assert_eq!(striking(year), Vec::<String>::new(), "{}", year.number());
        }
    }

    #[test]
    fn a_holiday_that_is_missing_and_a_weekday_that_is_worked_are_striking() {
        let of = |from: &str, to: &str| striking(&lines(&WHOLE.replace(from, to)).read().unwrap());
        assert_eq!(of("2027-06-09 off 端午节\n", ""), ["没有写到端午。"]);
        assert_eq!(
            of("2027-05-01..2027-05-05 off", "2027-05-02..2027-05-05 off"),
            ["2027-05-01 是劳动节，却没有写成放假。"]
        );
        assert_eq!(of("2027-02-14 work", "2027-02-15 work"), ["2027-02-15 本来就是工作日，却写成调休上班。"]);
        let early = "2026-12-19 work 元旦\n2027-01-01";
        assert_eq!(of("2027-01-01", early), ["2026-12-19 在前一年 12 月 20 日以前，元旦的放假安排不会这样早。"]);
        // A slip of the pen.
        assert_eq!(of("..2027-10-07 off", "..2027-10-20 off").len(), 1);
    }

    #[test]
    fn a_year_that_nobody_can_have_announced_is_refused() {
        let today = date(2026, 12, 14);
        assert!(check_year(2027, today).is_ok() && check_year(2008, today).is_ok());
        assert!(check_year(2028, today).is_err() && check_year(2007, today).is_err());
    }
}
