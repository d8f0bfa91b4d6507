//! What to write to somebody whose report has not come.

use jiff::civil::Date;

use crate::record::letter::chinese_day;

/// Chinese whatever the screens speak: it is sent out.
pub(super) fn text((unit, name): (&str, &str), title: &str, due: Date, overdue: bool) -> String {
    let day = chinese_day(due);
    if overdue {
        format!("{unit}{name}同志：{title}的书面报告应于{day}前报送，至今没有收到，请尽快报送。")
    } else {
        format!("{unit}{name}同志：请于{day}前报送{title}的书面报告。")
    }
}
