//! Sections of the summary about what runs: assessments (article 15), questions (17), corrections (20). **Nobody reads a
//! provisional day without the word 暂定.**

use super::summary::{Section, of};
use crate::record::{
    Assessment, Correction, Dossier, Kept, Question, SourceKind, State,
    due::{Handed, Period},
};

/// A last day in words.
fn due(period: &Period) -> String {
    format!("{}{}", period.due, if period.provisional { "（暂定）" } else { "" })
}

fn with_file(text: &str, handed: &Handed) -> String {
    match &handed.file {
        Some(file) => format!("{text}（文件 {}）", file.name),
        None => text.to_owned(),
    }
}

pub(super) fn assessments(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("调研评估（第十五条）", &["项目", "内容"]);
    for one in of::<Assessment>(now, |one| one.dossier == dossier.id) {
        let Assessment { member, office, sources, report, file, approved, .. } = one.body;
        out.row(["负责的常委会成员".to_owned(), member]);
        out.row(["承办单位".to_owned(), office]);
        for source in sources {
            let kind = match source.kind {
                SourceKind::DailySupervision => "日常监督",
                SourceKind::Petitions => "信访反映",
                SourceKind::Investigations => "审查调查",
                SourceKind::InternalInspections => "内部督察",
            };
            out.row([format!("来源：{kind}"), source.text]);
        }
        out.row(["专题报告".to_owned(), report]);
        if let Some(file) = file {
            out.row(["报告文件".to_owned(), format!("{}　{}", file.name, file.sha256)]);
        }
        let approved = approved.map_or_else(|| "未审定".to_owned(), |step| day(&step.at));
        out.row(["审定".to_owned(), approved]);
    }
    out
}

fn day(at: &str) -> String {
    at.get(..10).unwrap_or_default().to_owned()
}

pub(super) fn questions(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("询问质询（第十七条）", &["日期", "项目", "内容"]);
    let mut all = of::<Question>(now, |one| one.dossier == dossier.id && one.withdrawn.is_none());
    all.sort_by_cached_key(|one| (one.body.asked_on.clone(), one.id));
    for one in all {
        let Question { asked_by, post, asked_on, question, answer, demands, .. } = one.body;
        out.row([asked_on.clone(), format!("提问：{asked_by}（{post}）"), question]);
        out.row([asked_on, "当场回答".to_owned(), answer.unwrap_or_else(|| "没有".to_owned())]);
        for demand in demands {
            let last = format!("{}；最后期限 {}", demand.reason, due(&demand.period));
            out.row([demand.period.served.clone(), "要求书面答复".to_owned(), last]);
            if let Some(receipt) = demand.receipt {
                let text = with_file(&receipt.text, &receipt);
                out.row([receipt.on, "收到答复".to_owned(), text]);
            }
            if let Some(verdict) = demand.verdict {
                let says = if verdict.accepted { "认可" } else { "退回" };
                out.row([verdict.on, says.to_owned(), verdict.words]);
            }
        }
    }
    out
}

pub(super) fn corrections(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("整改（第二十条）", &["日期", "项目", "内容"]);
    let mut all = of::<Correction>(now, |one| one.dossier == dossier.id && one.withdrawn.is_none());
    all.sort_by_cached_key(|one| (one.body.period.served.clone(), one.id));
    for one in all {
        let Correction { reason, points, period, report, checks, briefs, told, .. } = one.body;
        let last = format!("{reason}；最后期限 {}", due(&period));
        out.row([period.served, "送达整改通知".to_owned(), last]);
        for (number, point) in (1..).zip(points) {
            let number: u32 = number;
            out.row([String::new(), format!("整改事项 {number}"), point]);
        }
        if let Some(report) = report {
            let text = with_file(&report.text, &report);
            out.row([report.on, "收到整改报告".to_owned(), text]);
        }
        for check in checks {
            let done = if check.done { "已完成" } else { "未完成" };
            out.row([check.on, format!("督查（{}）：{done}", check.who), check.found]);
        }
        for brief in briefs {
            out.row([brief.on, "报告常委会".to_owned(), brief.text]);
            if let Some(decision) = brief.decision {
                let says = if decision.settled { "整改到位" } else { "继续整改" };
                out.row([decision.on, format!("常委会决定：{says}"), decision.text]);
            }
        }
        for told in told {
            out.row([told.on, "在会议上通报".to_owned(), told.meeting]);
        }
    }
    out
}
