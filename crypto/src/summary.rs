//! `summary.txt`: the result in words for the minutes (PROTOCOL section 25). Verifiers write it again and compare.

use core::fmt::Write as _;

use crate::{
    bytes::hex,
    count::{ContestCount, Counts},
    log::Outcome,
    manifest::{Manifest, Report},
    screen_code::{board_code, manifest_code},
};

/// The summary of a complete meeting. Hashes 65 536 times for the manifest and for each contest's root.
#[must_use]
pub fn text(manifest: &Manifest, counts: &Counts) -> String {
    let boards: Vec<String> = counts.contests.iter().map(|c| board_code(&c.root)).collect();
    text_with_codes(manifest, counts, &manifest_code(&manifest.id), &boards)
}

/// [`text`] with the screen codes given: the manifest's, and one a contest of `counts`, in order.
pub(crate) fn text_with_codes(manifest: &Manifest, counts: &Counts, code: &str, boards: &[String]) -> String {
    let mut out = String::from("豆选 Douxuan\n");
    // Writing to a String cannot fail.
    let _ = write!(out, "{}\n{} {}\n", manifest.title, manifest.date, manifest.place);
    let _ = write!(out, "会议编号 {}\n屏幕码 {code}\n", hex(&manifest.meeting));
    let unused = counts.unused.unwrap_or(0);
    let (expected, leaves, voided) = (manifest.expected, counts.leaves, counts.voided);
    let _ = writeln!(out, "应到 {expected} 票纸 {leaves} 作废 {voided} 未用 {unused}");
    for w in &counts.windows {
        let _ = writeln!(out, "第{}次登记 实到 {} 登记 {}", w.window, w.present, w.redeemed);
    }
    for (contest, board) in counts.contests.iter().zip(boards) {
        write_contest(&mut out, manifest, contest, board);
    }
    out
}

fn write_contest(out: &mut String, manifest: &Manifest, c: &ContestCount, board: &str) {
    let (Some(outcome), Some(item)) = (c.outcome, manifest.item(c.contest.item)) else { return };
    let report = match item.report {
        Report::Oral => "会议报告",
        Report::Written => "书面报告",
    };
    let (name, unit, post) = (&item.name, &item.unit, &item.post);
    let _ = write!(out, "\n第{}项第{}轮 {name} {unit} {post} {report}\n", c.contest.item, c.contest.round);
    let _ = writeln!(out, "发出 {} 收回 {} 未交 {}", c.issued(), c.cast(), c.missing());
    let _ = writeln!(out, "票箱根 {board}");
    if let Some(grades) = &c.grades {
        let options = manifest.scale.iter().zip(&grades.votes).map(|(o, votes)| format!("{} {votes}", o.zh));
        let _ = writeln!(out, "{}", options.collect::<Vec<_>>().join(" "));
        let _ = writeln!(out, "有效 {} 弃权 {}", grades.valid, grades.abstained);
    }
    if let Some(threshold) = &c.threshold {
        let label = manifest.scale.get(threshold.option).map_or("", |o| o.zh.as_str());
        let reaches = word(threshold.reaches, "达到", "未达到");
        let over = word(threshold.over, "超过", "未超过");
        let _ = writeln!(out, "{label} {} / {} {reaches} {over}", threshold.count, threshold.base);
    }
    out.push_str(match outcome {
        Outcome::Published => "",
        Outcome::Withheld => "票数过少，不公布\n",
        Outcome::VoidedBefore => "公布前作废\n",
        Outcome::VoidedAfter => "公布后作废\n",
    });
}

const fn word(answer: Option<bool>, yes: &'static str, no: &'static str) -> &'static str {
    match answer {
        Some(true) => yes,
        Some(false) => no,
        None => "无",
    }
}
