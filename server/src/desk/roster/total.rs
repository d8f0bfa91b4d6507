//! Rows that are about no person: totals, and remarks below the list.

use super::{
    finding::{At, Inquiry, shown},
    sheet::{Cell, SheetRow},
};

/// A total that a sheet states.
#[derive(Debug)]
pub(super) struct Total {
    at: At,
    /// The row's words and numbers.
    says: String,
    /// How many people; `None` if it does not say, or counts a part.
    people: Option<usize>,
}

const WORDS: [&str; 7] = ["合计", "总计", "共计", "总人数", "人数合计", "总数", "小计"];
const REMARKS: [&str; 14] = [
    "备注",
    "注：",
    "注:",
    "说明",
    "填表",
    "制表",
    "审核",
    "填报",
    "联系人",
    "联系电话",
    "日期",
    "报送",
    "经办",
    "负责人签",
];

impl Total {
    /// Reads a row as a total: one of its words, and nothing but numbers beside it.
    pub(super) fn read(row: &SheetRow) -> Option<Self> {
        let cells: Vec<(usize, &Cell, String)> =
            row.filled().map(|(column, cell)| (column, cell, bare(cell.shown()))).collect();
        let (column, _, word) = cells.iter().find(|(_, _, text)| is_total(text))?;
        let others = || cells.iter().filter(|(other, ..)| other != column);
        if !others().all(|(_, cell, text)| cell.formula.is_some() || is_count(text)) {
            return None;
        }
        let people = if word.starts_with("小计") {
            None
        } else {
            digits(word).or_else(|| others().find_map(|(_, _, text)| digits(text)))
        };
        let says: Vec<&str> = cells.iter().map(|(_, _, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
        Some(Self { at: At::cell(row.number, *column), says: shown(&says.join(" ")), people })
    }

    /// Compares it with the people that were read.
    pub(super) fn compare(&self, read: usize, inquiry: &mut Inquiry<'_>) {
        let Self { at, says, people } = self;
        match people {
            None => inquiry.note(*at, "total", format!("“{says}”是合计行，已跳过。"), ""),
            Some(people) if *people == read => {
                let text = format!("“{says}”是合计行，与读到的 {read} 人相符，已跳过。");
                inquiry.note(*at, "total", text, "");
            }
            Some(people) => {
                let text = format!("合计行写着 {people} 人，名单里读到 {read} 人。");
                let keep = ("keep", format!("以名单里的 {read} 人为准"));
                let what = "请核对名单有没有缺人、多人；名单对就照名单，不对就更正后重新导入。";
                inquiry.ask(*at, "total", (text, what), &[keep], false);
            }
        }
    }
}

/// Without spaces, digits half-width.
fn bare(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// `合计`, `总计：40人`, `共 40 人`, `共四十人`.
fn is_total(text: &str) -> bool {
    let counted =
        |rest: &str| rest.trim_start_matches(['：', ':']).chars().all(|c| c.is_ascii_digit() || "人名位".contains(c));
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百〇零两".contains(c);
    WORDS.iter().any(|word| text.strip_prefix(word).is_some_and(counted))
        || text.strip_prefix('共').is_some_and(|rest| {
            let behind = rest.trim_start_matches(number);
            behind.len() < rest.len() && behind.starts_with(['人', '名', '位'])
        })
}

/// A number, perhaps with its unit.
fn is_count(text: &str) -> bool {
    let number = text.trim_end_matches(['人', '名', '位']);
    !number.is_empty() && number.parse::<f64>().is_ok()
}

/// The first whole number of a text.
fn digits(text: &str) -> Option<usize> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(from..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// Whether a text that stands alone in its row is a remark below the list, and no name.
pub(super) fn is_remark(text: &str) -> bool {
    REMARKS.iter().any(|word| text.starts_with(word)) && (text.contains(['：', ':']) || text.chars().count() > 4)
}
