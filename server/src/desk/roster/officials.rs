//! Those who are rated, each found among those who attend.

use std::collections::HashMap;

use douxuan_crypto::manifest::Report;

use super::{
    Official,
    finding::{Decision, Inquiry},
    people::Present,
    table::Table,
};

/// Positions of the columns in a row of the list.
const NAME: usize = 0;
const REPORT: usize = 3;

/// An official is matched with an attendee by name, unit and post; where only the name is the same a person decides.
pub(super) fn read(table: &Table, present: &[Present], inquiry: &mut Inquiry<'_>) -> Vec<Official> {
    let mut seen: HashMap<[&str; 3], u64> = HashMap::new();
    let mut list = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let [name, unit, post, report, ..] = row.cells.as_slice() else { continue };
        let at = table.at(row, NAME);
        let who = [name.as_str(), unit.as_str(), post.as_str()];
        let again = seen.insert(who, row.number);
        if let Some(first) = again {
            let text = format!("“{name}”（{unit} {post}）在第 {first} 行已经有了。");
            inquiry.error(at, "twice", text, format!("请删去第 {first} 行或第 {} 行。", row.number));
        }
        let report = match report.as_str() {
            "会议报告" => Report::Oral,
            "书面报告" => Report::Written,
            // A question about this cell stands; an empty cell is an error before.
            "" => continue,
            other => {
                let text = format!("报告方式“{other}”不认识。");
                inquiry.error(table.at(row, REPORT), "report", text, "请填“会议报告”或“书面报告”。");
                continue;
            }
        };
        let matches = |present: &Present, depth: usize| {
            let attendee = &present.attendee;
            [&attendee.name, &attendee.unit, &attendee.post].into_iter().zip(who).take(depth).all(|(a, b)| a == b)
        };
        let among =
            |depth: usize| (0..present.len()).filter(move |at| present.get(*at).is_some_and(|p| matches(p, depth)));
        let exactly: Vec<usize> = among(who.len()).collect();
        let attendee = match exactly.as_slice() {
            [one] => Some(*one),
            [_, _, ..] => {
                let text = format!("参会名单里有不止一个“{name}”（{unit} {post}），分不清是哪一位。");
                inquiry.error(at, "which", text, "请在两份名单的职务里写明区别。");
                None
            }
            [] => {
                let alike: Vec<(String, usize)> =
                    among(1).filter_map(|at| Some((present.get(at)?.at.name(), at))).collect();
                let mut text = format!("“{name}”（{unit} {post}）不在参会名单里。");
                let mut choices = vec![("absent", "确实不参会，没有票纸，但照样被测评".to_owned())];
                for (key, at) in &alike {
                    let Some(Present { attendee, at }) = present.get(*at) else { continue };
                    let words = format!("参会名单{}的“{name}”（{} {}）", at.words(), attendee.unit, attendee.post);
                    text.push_str(&format!("有同名的：{words}。"));
                    choices.push((key.as_str(), format!("就是{words}")));
                }
                let what = "确实不参会就确认（他没有票纸，但照样被测评）；写法不同就改成与参会名单一致再导入。";
                match inquiry.ask(at, "absent", (text, what), &choices, false) {
                    Decision::Chosen(answer) => alike.iter().find(|(key, _)| *key == answer).map(|(_, at)| *at),
                    _ => None,
                }
            }
        };
        let taken = attendee.is_some() && list.iter().any(|other: &Official| other.attendee == attendee);
        if taken && again.is_none() {
            let text = format!("“{name}”（{unit} {post}）和前面一位述职对象对应参会名单里的同一个人。");
            inquiry.error(at, "taken", text, "请只保留一行，或把两份名单的单位、职务写得一致。");
        }
        list.push(Official { name: name.clone(), unit: unit.clone(), post: post.clone(), report, attendee });
    }
    list
}
