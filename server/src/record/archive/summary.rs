//! The summary of a dossier: sections of rows of text, the same for workbook and PDF.

use serde::Serialize;
use serde_json::Value;

use douxuan_crypto::bytes::hex;

use super::gather::Kept;
use crate::record::{
    Cycle, Dossier, State, Way, checklist,
    ground::{self, Item, MeasureKind},
    letter, opinion,
    report::{self, Covered},
    result::{Outcome, Standing, Step, StepState},
    usage::{self, Purpose},
};

/// What the record says of one official in one year.
#[derive(Serialize)]
pub(super) struct Summary {
    /// 2026 年度　单位　姓名.
    pub(super) title: String,
    /// In the order of the regulation.
    pub(super) sections: Vec<Section>,
    /// How far the trail goes.
    pub(super) head: String,
}

/// A table.
#[derive(Serialize)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) columns: Vec<String>,
    /// As many cells as columns each.
    pub(super) rows: Vec<Vec<String>>,
}

/// Kinds that have a section of their own, or none.
const KNOWN: [&str; 6] = ["dossier", "report", "opinion", "letter", "usage", "ground"];

impl Section {
    fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.to_owned(), columns, rows: Vec::new() }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
}

impl Summary {
    pub(super) fn of(now: &State, cycle: &Cycle, dossier: &crate::record::Kept<Dossier>, kept: &[Kept]) -> Self {
        let about = &dossier.body;
        let sections = vec![
            basics(cycle, about),
            reports(now, cycle, dossier),
            points(now, dossier),
            results(now, dossier),
            letters(now, dossier),
            usages(now, dossier),
            grounds(now, dossier),
            others(kept),
        ];
        Self {
            title: format!("{}年度　{}　{}", cycle.year, about.unit, about.name),
            sections,
            head: format!("留痕末端：第 {} 条　{}", now.head.number, hex(&now.head.hash)),
        }
    }
}

fn basics(cycle: &Cycle, about: &Dossier) -> Section {
    let mut out = Section::new("基本情况", &["项目", "内容"]);
    let way = match about.way {
        Some(Way::Oral) => "会议报告",
        Some(Way::Written) => "书面报告",
        None => "未定",
    };
    let reported = about.reported_on.clone().unwrap_or_else(|| "—".to_owned());
    for (name, value) in [
        ("年度工作", cycle.title.clone()),
        ("姓名", about.name.clone()),
        ("单位", about.unit.clone()),
        ("职务", about.post.clone()),
        ("报告方式", way.to_owned()),
        ("会议报告日期", reported),
    ] {
        out.row([name.to_owned(), value]);
    }
    out
}

fn reports(now: &State, cycle: &Cycle, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("书面报告（第十三条）", &["收到日期", "截止日期", "文件", "SHA-256", "说明"]);
    let report = report::of_dossier(&now.documents, dossier).body;
    let due = report.due(&cycle.policy).map_or_else(|| "—".to_owned(), |due| due.to_string());
    for version in &report.versions {
        let file = &version.file;
        out.row([
            version.received_on.clone(),
            due.clone(),
            file.name.clone(),
            file.sha256.clone(),
            version.why.clone(),
        ]);
    }
    out
}

fn points(now: &State, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("报告内容对照（第五条至第九条）", &["条", "项", "要点", "情况", "页"]);
    let report = report::of_dossier(&now.documents, dossier).body;
    let (_, points) = checklist::of_cycle(&now.documents, dossier.body.cycle);
    for point in points {
        let mark = report.marks.iter().find(|mark| (mark.article, mark.item) == point.number());
        let covered = match mark.map(|mark| mark.covered) {
            Some(Covered::Covered) => "已写到",
            Some(Covered::NotCovered) => "没有写到",
            Some(Covered::NotApplicable) => "不适用",
            None => "未对照",
        };
        let page = mark.and_then(|mark| mark.page).map(|page| page.to_string()).unwrap_or_default();
        out.row([point.article.to_string(), point.item.to_string(), point.text, covered.to_owned(), page]);
    }
    out
}

fn results(now: &State, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("民主测评（第十八条、第二十二条）", &["项目", "内容"]);
    for outcome in now.documents.all::<Outcome>() {
        let Some(rated) = outcome.body.officials.iter().find(|rated| rated.dossier == Some(dossier.id)) else {
            continue;
        };
        let [issued, cast, valid, abstained] = rated.totals;
        let votes: Vec<String> = rated.votes.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let standing = match rated.finding.standing {
            Standing::Published => {
                format!("发出 {issued}，收回 {cast}，有效 {valid}，弃权 {abstained}；{}", votes.join("，"))
            }
            Standing::Withheld => "票数过少，不公布".to_owned(),
            Standing::EmptyBase => "没有有效票".to_owned(),
            Standing::NoRound => "没有有效的轮次".to_owned(),
        };
        out.row(["会议".to_owned(), format!("{}　{}", outcome.body.date, outcome.body.title)]);
        out.row(["结果".to_owned(), standing]);
        if rated.finding.standing == Standing::Published {
            let sums = format!("{}；{}", rated.finding.reaches_sum, rated.finding.over_sum);
            out.row(["门槛比较".to_owned(), sums]);
        }
        out.row(["结果 SHA-256".to_owned(), outcome.body.note_hash]);
        out.row([
            "屏幕码".to_owned(),
            format!("会议清单 {}；操作记录 {}", outcome.body.screen_code, outcome.body.log_code),
        ]);
    }
    for step in now.documents.all::<Step>().into_iter().filter(|step| step.body.dossier == dossier.id) {
        let name = serde_json::to_value(step.body.opens).ok();
        let name = match name.as_ref().and_then(Value::as_str) {
            Some("admonition") => "诫勉",
            Some("ordered_correction") => "责令整改",
            Some("verification") => "核实",
            _ => "步骤",
        };
        let state = match step.body.state {
            StepState::Open => "待办".to_owned(),
            StepState::Verified { confirmed: true, found, on } => format!("{on} 核实：存在有关问题。{found}"),
            StepState::Verified { confirmed: false, found, on } => format!("{on} 核实：不存在有关问题。{found}"),
            StepState::Done { what, on, .. } => format!("{on} {what}"),
        };
        out.row([name.to_owned(), state]);
    }
    out
}

fn letters(now: &State, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("反馈（第十九条）", &["项目", "内容"]);
    for opinion in opinion::of_dossier(&now.documents, dossier.id) {
        if opinion.body.withdrawn.is_none() && opinion.body.reviewed.is_some() {
            out.row(["意见建议".to_owned(), opinion.body.text]);
        }
    }
    for letter in letter::of_dossier(&now.documents, dossier.id) {
        let letter = letter.body;
        let state = match (&letter.fixed, &letter.withdrawn) {
            (Some(fixed), None) => format!("{} {} 审定", fixed.by.at, fixed.by.who),
            (_, Some(back)) => format!("{} {} 撤回：{}", back.by.at, back.by.who, back.why),
            (None, None) => "草稿".to_owned(),
        };
        out.row(["反馈函".to_owned(), format!("{}　{}　{state}", letter.number, letter.date)]);
        for delivery in letter.delivered {
            out.row(["送达".to_owned(), format!("{} {}", delivery.on, delivery.how)]);
        }
        for receipt in letter.receipts {
            out.row(["签收".to_owned(), format!("{} {}", receipt.on, receipt.signed_by)]);
        }
    }
    out
}

fn usages(now: &State, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("结果运用（第二十一条）", &["日期", "用途", "内容", "登记人"]);
    for entry in usage::of_dossier(&now.documents, dossier.id) {
        let purpose = match entry.body.purpose {
            Purpose::Assessment => "年度考核",
            Purpose::Promotion => "提拔任用",
            Purpose::Rotation => "轮岗交流",
            Purpose::Awards => "评先评优",
        };
        out.row([entry.body.on, purpose.to_owned(), entry.body.text, entry.body.by.who]);
    }
    out
}

fn grounds(now: &State, dossier: &crate::record::Kept<Dossier>) -> Section {
    let mut out = Section::new("第二十三条的情形", &["日期", "类别", "内容"]);
    for ground in ground::of_dossier(&now.documents, dossier.id) {
        let ground = ground.body;
        let item = match ground.item {
            Item::Untrue => "（一）不如实述职",
            Item::NotCorrected => "（二）未整改或整改不到位",
            Item::Other => "（三）其他",
        };
        let day = ground.by.at.get(..10).unwrap_or_default().to_owned();
        out.row([day, item.to_owned(), ground.text]);
        for evidence in ground.evidence {
            let day = evidence.by.at.get(..10).unwrap_or_default().to_owned();
            let file = evidence.file.map(|file| format!("（{}　{}）", file.name, file.sha256)).unwrap_or_default();
            out.row([day, "证据".to_owned(), evidence.text + &file]);
        }
        for verified in ground.verified {
            let says = if verified.confirmed { "经查证属实" } else { "查证不属实" };
            out.row([verified.on, says.to_owned(), verified.found]);
        }
        for measure in ground.measures {
            let kind = match measure.kind {
                MeasureKind::Talk => "约谈",
                MeasureKind::Criticism => "通报批评",
                MeasureKind::Admonition => "诫勉",
                MeasureKind::Discipline => "纪律处分",
                MeasureKind::Other => "其他处理",
            };
            let back = measure.revoked.map(|back| format!("（登记已撤销：{}）", back.why)).unwrap_or_default();
            out.row([measure.on, kind.to_owned(), measure.text + &back]);
        }
    }
    out
}

/// What other parts of the record keep, field by field: so nothing of a dossier is left out.
fn others(kept: &[Kept]) -> Section {
    let mut out = Section::new("其他记录", &["类别", "项目", "内容"]);
    for one in kept.iter().filter(|one| !KNOWN.contains(&one.kind.as_str()) && one.kind != "step") {
        let kind = match one.kind.as_str() {
            "assessment" => "调研评估（第十五条）",
            "question" => "询问质询（第十七条）",
            "correction" => "整改（第二十条）",
            other => other,
        };
        let mut leaves = Vec::new();
        flatten("", &one.body, &mut leaves);
        for (path, value) in leaves.into_iter().filter(|(path, _)| path != "dossier") {
            out.row([kind.to_owned(), path, value]);
        }
    }
    out
}

fn flatten(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, field)| flatten(&below(name), field, out)),
        Value::Array(items) => {
            (1..).zip(items).for_each(|(number, item): (u32, _)| flatten(&below(&number.to_string()), item, out));
        }
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

impl Summary {
    /// The PDF, if this program makes any and the fonts have every character.
    #[cfg(feature = "pdf")]
    pub(super) fn pdf(&self) -> Option<Vec<u8>> {
        use crate::papers::pdf::{Fonts, typeset};
        let fonts = Fonts::find(None).ok()?;
        let cells = self.sections.iter().flat_map(|section| section.rows.iter().flatten());
        fonts.cover(cells.chain([&self.title]).map(String::as_str)).ok()?;
        let data = serde_json::json!({ "summary": self, "fonts": fonts.families() });
        typeset(include_str!("summary.typ"), &data, &self.head, &fonts).ok()
    }

    /// There is none.
    #[cfg(not(feature = "pdf"))]
    #[allow(clippy::unused_self, reason = "the other one needs it")]
    pub(super) fn pdf(&self) -> Option<Vec<u8>> {
        None
    }
}
