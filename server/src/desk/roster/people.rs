//! Those who attend: their groups, and whether two rows are one person.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Attendee,
    finding::{At, Decision, Inquiry},
    groups::{self, GROUPS},
    table::{Row, Table},
};

/// Positions of the columns in a row of the roster.
pub(super) const NAME: usize = 0;
pub(super) const CATEGORY: usize = 1;
pub(super) const UNIT: usize = 2;
pub(super) const POST: usize = 3;

const UNSORTED: &str = "未分类";

/// One who attends, and where the roster says so.
pub(super) struct Present {
    pub attendee: Attendee,
    pub at: At,
}

fn cell(row: &Row, column: usize) -> &str {
    row.cells.get(column).map_or("", String::as_str)
}

/// Everybody on the roster, one entry a person.
pub(super) fn attendees(table: &Table, inquiry: &mut Inquiry<'_>) -> Vec<Present> {
    let groups = sort(table, inquiry);
    let dropped = same_names(table, inquiry);
    let kept = table.rows.iter().filter(|row| !dropped.contains(&row.number));
    kept.map(|row| {
        let category = cell(row, CATEGORY);
        let attendee = Attendee {
            name: cell(row, NAME).to_owned(),
            category: groups.get(category).cloned().unwrap_or_else(|| category.to_owned()),
            unit: cell(row, UNIT).to_owned(),
            post: cell(row, POST).to_owned(),
        };
        Present { attendee, at: table.at(row, NAME) }
    })
    .collect()
}

/// The group of every category that the roster has.
fn sort(table: &Table, inquiry: &mut Inquiry<'_>) -> BTreeMap<String, String> {
    let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &table.rows {
        rows.entry(cell(row, CATEGORY)).or_default().push(row);
    }
    let mut first: Vec<_> = rows.into_iter().collect();
    first.sort_by_key(|(_, rows)| rows.first().map(|row| row.number));
    first.into_iter().map(|(category, rows)| (category.to_owned(), group(table, category, &rows, inquiry))).collect()
}

fn group(table: &Table, category: &str, rows: &[&Row], inquiry: &mut Inquiry<'_>) -> String {
    let at = rows.first().map_or(At::FILE, |row| if table.has(CATEGORY) { table.at(row, CATEGORY) } else { At::FILE });
    let count = rows.len();
    if let Some(group) = groups::find(category) {
        if group.name != category {
            let text = format!("类别“{category}”归入“{}”，共 {count} 人。", group.name);
            inquiry.repaired(at, "category", text, category, group.name);
        }
        return group.name.to_owned();
    }
    let (text, keep) = if !table.has(CATEGORY) {
        ("名单没有“类别”一列，应到人数不能分组。".to_owned(), UNSORTED)
    } else if category.is_empty() {
        (format!("有 {count} 人的“类别”是空的（{}）。", places(rows)), UNSORTED)
    } else {
        (format!("类别“{category}”不是办法所列的一类，共 {count} 人（{}）。", places(rows)), category)
    };
    let mut choices = vec![("keep", format!("单独列为“{keep}”"))];
    choices.extend(GROUPS.iter().map(|group| (group.key, format!("归入“{}”", group.name))));
    let what = "应到人数按组统计：请选一组，或者单独列出。";
    match inquiry.ask(at, "category", (text, what), &choices, false) {
        Decision::Chosen(answer) => {
            GROUPS.iter().find(|group| group.key == answer).map_or(keep, |group| group.name).to_owned()
        }
        _ => keep.to_owned(),
    }
}

/// `第 3、4、9 行`, not more than ten of them.
fn places(rows: &[&Row]) -> String {
    let numbers: Vec<String> = rows.iter().take(10).map(|row| row.number.to_string()).collect();
    let more = if rows.len() > numbers.len() { "等" } else { "" };
    format!("第 {} 行{more}", numbers.join("、"))
}

/// Asks about every two people of one name. **They are never taken for one without an answer**: one who is listed
/// twice would have two slips, one who is left out none. Rows that an answer leaves out.
fn same_names(table: &Table, inquiry: &mut Inquiry<'_>) -> HashSet<u64> {
    let mut seen: HashMap<&str, Vec<&Row>> = HashMap::new();
    let mut dropped = HashSet::new();
    for row in &table.rows {
        let name = cell(row, NAME);
        let before = seen.entry(name).or_default();
        // An identical row says most, else the first of that name.
        let alike =
            |other: &&&Row| [CATEGORY, UNIT, POST].iter().all(|column| cell(other, *column) == cell(row, *column));
        if let Some(other) = before.iter().find(alike).or(before.first()) {
            let place = table.at(other, NAME).words();
            let text = if alike(&other) {
                format!("“{name}”与{place}的姓名、类别、单位、职务完全相同。是两个人吗？")
            } else {
                let who = |row: &Row| format!("{} {}", cell(row, UNIT), cell(row, POST));
                format!("“{name}”（{}）与{place}的“{name}”（{}）同名。是两个人吗？", who(row), who(other))
            };
            let choices = [("two", "是两个人，各发一张票".to_owned()), ("one", format!("是同一个人，只留{place}"))];
            let what = "确是两个人就确认，最好在单位或职务里写明区别；是同一个人就只留一行。";
            let decision = inquiry.ask(table.at(row, NAME), "same_name", (text, what), &choices, false);
            if decision.is("one") {
                dropped.insert(row.number);
                continue;
            }
        }
        before.push(row);
    }
    dropped
}
