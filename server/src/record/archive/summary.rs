//! The summary of a dossier: sections of rows of text, the same for workbook and PDF.

use serde::Serialize;

use douxuan_crypto::bytes::hex;

use super::deadlines;
use crate::{
    record::{
        Cycle, Dossier, Kept, State, Way, checklist,
        document::Document,
        ground::{self, Item, MeasureKind},
        letter,
        pdf::Press,
        report::{self, Covered},
        result::{Outcome, Standing, Step, StepState},
        usage::{self, Purpose},
    },
    web::Refusal,
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

impl Section {
    pub(super) fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.to_owned(), columns, rows: Vec::new() }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
}

impl Summary {
    pub(super) fn of(now: &State, cycle: &Cycle, dossier: &Kept<Dossier>) -> Self {
        let about = &dossier.body;
        let sections = vec![
            basics(cycle, about),
            reports(now, cycle, dossier),
            points(now, dossier),
            deadlines::assessments(now, dossier),
            deadlines::questions(now, dossier),
            results(now, dossier),
            letters(now, dossier),
            deadlines::corrections(now, dossier),
            usages(now, dossier),
            grounds(now, dossier),
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

fn reports(now: &State, cycle: &Cycle, dossier: &Kept<Dossier>) -> Section {
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

fn points(now: &State, dossier: &Kept<Dossier>) -> Section {
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

fn results(now: &State, dossier: &Kept<Dossier>) -> Section {
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
        let name = step.body.opens.zh();
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

fn letters(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("反馈（第十九条）", &["项目", "内容"]);
    let Some(letter) = letter::standing(&now.documents, dossier.id).map(|letter| letter.body) else {
        out.row(["反馈函".to_owned(), "没有".to_owned()]);
        return out;
    };
    let Some(fixed) = letter.fixed else {
        out.row(["反馈函".to_owned(), "还没有审定".to_owned()]);
        return out;
    };
    {
        for opinion in &fixed.text.opinions {
            out.row(["意见建议".to_owned(), opinion.clone()]);
        }
        let day = fixed.by.at.get(..10).unwrap_or_default();
        let state = format!("{}　{}　{day} {} 审定", letter.number, letter.date, fixed.by.who);
        out.row(["反馈函".to_owned(), state]);
        out.row(["反馈函 DOCX 的 SHA-256".to_owned(), fixed.docx]);
        let pdf = fixed.pdf.unwrap_or_else(|| "没有生成 PDF".to_owned());
        out.row(["反馈函 PDF 的 SHA-256".to_owned(), pdf]);
        for delivery in letter.delivered {
            out.row(["送达".to_owned(), format!("{} {}", delivery.on, delivery.how)]);
        }
        for receipt in letter.receipts {
            out.row(["签收".to_owned(), format!("{} {}", receipt.on, receipt.signed_by)]);
        }
    }
    out
}

fn usages(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("结果运用（第二十一条）", &["日期", "用途", "内容", "登记人"]);
    for entry in usage::of_dossier(&now.documents, dossier.id) {
        if entry.body.withdrawn.is_some() {
            continue;
        }
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

fn grounds(now: &State, dossier: &Kept<Dossier>) -> Section {
    let mut out = Section::new("第二十三条的情形", &["日期", "类别", "内容"]);
    for ground in ground::of_dossier(&now.documents, dossier.id) {
        let ground = ground.body;
        if ground.withdrawn.is_some() {
            continue;
        }
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
        for measure in ground.measures.into_iter().filter(|measure| measure.revoked.is_none()) {
            let kind = match measure.kind {
                MeasureKind::Talk => "约谈",
                MeasureKind::Criticism => "通报批评",
                MeasureKind::Admonition => "诫勉",
                MeasureKind::Discipline => "纪律处分",
                MeasureKind::Other => "其他处理",
            };
            out.row([measure.on, kind.to_owned(), measure.text]);
        }
    }
    out
}

/// The documents of a kind that belong here.
pub(super) fn of<T: Document>(now: &State, belongs: impl Fn(&T) -> bool) -> Vec<Kept<T>> {
    let mut all = now.documents.all::<T>();
    all.retain(|one| belongs(&one.body));
    all
}

impl Summary {
    /// The PDF; `None` where this program was built without it.
    ///
    /// # Errors
    /// The fonts lack a character, or it could not be set.
    pub(super) fn pdf(&self) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(press) = Press::new()? else { return Ok(None) };
        let sections = self.sections.iter();
        let texts = sections.flat_map(|section| section.rows.iter().flatten().chain(&section.columns));
        let texts = texts.chain([&self.title, &self.head]).map(String::as_str);
        let data = serde_json::json!({ "summary": self });
        press.set(include_str!("summary.typ"), data, texts, &self.head).map(Some)
    }
}
