//! The sheet: everything that stands on the paper, in order, before it becomes a workbook or a page.

use douxuan_crypto::{
    bundle::Bundle,
    bytes::hex,
    hash::sha256,
    manifest::{Base, Manifest, OptionKind, PaperPolicy, Report},
    note,
    screen_code::{log_code, manifest_code},
};
use serde::Serialize;

use super::{Count, Figures, NotAResult, PapersError};

/// An enrolment window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// 实到.
    pub present: u64,
    /// Enrolled by then.
    pub enrolled: u64,
    /// Slips voided for paper by then.
    pub paper: u64,
}

/// An option of the scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Whether it is a grade; otherwise an abstention.
    pub grade: bool,
}

/// The thresholds policy and the base of shares, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The grade that is looked at.
    pub option: String,
    /// The first limit, `20%`.
    pub reaches: String,
    /// The second, `30%`.
    pub over: String,
    /// What the thresholds' base is.
    pub base: &'static str,
    /// What the shares in the table are of.
    pub shares: &'static str,
}

/// An official, and one of the rounds about him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// From 1.
    pub number: u16,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// 会议报告 or 书面报告.
    pub report: &'static str,
    /// One round; none if no round was opened.
    pub count: Option<Count>,
}

/// A head of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// 64 hexadecimal digits.
    pub root: String,
    /// Screen code.
    pub code: String,
}

/// The sheet of one archived meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Title.
    pub title: String,
    /// `2026年12月14日`.
    pub date: String,
    /// Place.
    pub place: String,
    /// 应到.
    pub expected: u64,
    /// Slips printed.
    pub slips: u64,
    /// Slips voided.
    pub voided: u64,
    /// Slips unused.
    pub unused: u64,
    /// Windows, from the first.
    pub windows: Vec<Window>,
    /// The scale.
    pub scale: Vec<Choice>,
    /// Thresholds and bases.
    pub policy: Policy,
    /// By official, then by round. **Rounds stand beside each other and are never added up.**
    pub rows: Vec<Row>,
    /// Meeting id, 32 hexadecimal digits.
    pub meeting: String,
    /// M, 64 hexadecimal digits.
    pub manifest: String,
    /// Its screen code: the one on the slips.
    pub manifest_code: String,
    /// The log as it was signed in the end.
    pub log: Head,
    /// The log that the result speaks of: all but the entry with the result.
    pub log_before: Head,
    /// SHA-256 of the signed result note, 64 hexadecimal digits.
    pub result: String,
}

impl Sheet {
    /// The sheet of a bundle. Hashes 65 536 times for the manifest, two heads of the log, and each board.
    ///
    /// # Errors
    /// [`PapersError`] if it is not a bundle, or its result or log head is not what its manifest's keys signed.
    pub fn of_bundle(zip: &[u8]) -> Result<Self, PapersError> {
        let bundle = Bundle::from_zip(zip).map_err(PapersError::Bundle)?;
        let manifest = Manifest::parse(&bundle.manifest).map_err(PapersError::Manifest)?;
        let figures = Figures::read(&manifest, &bundle.result).map_err(PapersError::Result)?;
        let head = head(&manifest, &bundle.log_checkpoint).map_err(PapersError::Result)?;
        let log_before = Head::of(figures.log.0, &figures.log.1);
        let [slips, voided, unused] = figures.slips;
        let windows = figures.windows.iter();
        Ok(Self {
            title: manifest.title.clone(),
            date: date(&manifest.date),
            place: manifest.place.clone(),
            expected: u64::from(manifest.expected),
            slips,
            voided,
            unused,
            windows: windows
                .map(|[present, enrolled, paper]| Window { present: *present, enrolled: *enrolled, paper: *paper })
                .collect(),
            scale: manifest
                .scale
                .iter()
                .map(|option| Choice { name: option.zh.clone(), grade: option.kind == OptionKind::Grade })
                .collect(),
            policy: Policy::of(&manifest),
            rows: rows(&manifest, &figures),
            meeting: hex(&manifest.meeting),
            manifest: hex(&manifest.id),
            manifest_code: manifest_code(&manifest.id),
            log: head,
            log_before,
            result: hex(&sha256(&bundle.result)),
        })
    }
}

impl Sheet {
    /// What stands above the table: one line for the slips, one a window.
    pub(super) fn lines(&self) -> Vec<String> {
        let Self { slips, voided, unused, .. } = self;
        let mut lines = vec![format!("票纸：{slips} 张，其中作废 {voided} 张，未用 {unused} 张")];
        lines.extend((1..).zip(&self.windows).map(|(number, window)| {
            let Window { present, enrolled, paper } = window;
            format!("第{number}次登记：实到 {present} 人，累计登记 {enrolled} 人，累计改用纸票 {paper} 人")
        }));
        lines
    }

    /// What stands below it.
    pub(super) fn remarks(&self) -> Vec<String> {
        vec![
            format!(
                "占比的基数是{}，四舍五入到一位小数。收回＝有效＋弃权＋纸票无效＋纸票不计等次；未交＝发出－收回。",
                self.policy.shares
            ),
            self.policy_in_words(),
            "各轮分别列出，不相加。作废的轮次不作为测评结果。".to_owned(),
        ]
    }

    /// The thresholds policy in a sentence.
    pub(super) fn policy_in_words(&self) -> String {
        let Policy { option, reaches, over, base, .. } = &self.policy;
        format!(
            "门槛的基数是{base}；{option}票是否达到{reaches}、是否超过{over}，用票数按整数比较，不用四舍五入后的占比。"
        )
    }
}

fn head(manifest: &Manifest, checkpoint: &[u8]) -> Result<Head, NotAResult> {
    let (origin, fault) = (manifest.origin("log"), NotAResult { line: 0 });
    let text = note::open(checkpoint, &origin, &manifest.log_key).map_err(|_| fault)?;
    let (size, root) = note::parse_checkpoint(&text, &origin).map_err(|_| fault)?;
    Ok(Head::of(size, &root))
}

impl Head {
    fn of(size: u64, root: &[u8; 32]) -> Self {
        Self { size, root: hex(root), code: log_code(size, root) }
    }
}

fn rows(manifest: &Manifest, figures: &Figures) -> Vec<Row> {
    let mut rows = Vec::new();
    for item in &manifest.items {
        let row = |count| Row {
            number: item.number,
            name: item.name.clone(),
            unit: item.unit.clone(),
            post: item.post.clone(),
            report: match item.report {
                Report::Oral => "会议报告",
                Report::Written => "书面报告",
            },
            count,
        };
        let before = rows.len();
        let rounds = figures.contests.iter().filter(|c| c.contest.item == item.number);
        rows.extend(rounds.map(|contest| row(Some(Count::of(manifest, contest)))));
        if rows.len() == before {
            rows.push(row(None));
        }
    }
    rows
}

impl Policy {
    fn of(manifest: &Manifest) -> Self {
        let policy = &manifest.thresholds;
        let option = manifest.scale.iter().find(|option| option.code == policy.option);
        Self {
            option: option.map(|option| option.zh.clone()).unwrap_or_default(),
            reaches: limit(policy.reaches),
            over: limit(policy.over),
            base: match (policy.base, policy.paper) {
                (Base::Valid, PaperPolicy::Included) => "有效票（含纸票）",
                (Base::Valid, PaperPolicy::Apart) => "有效票（只计电子票）",
                (Base::Cast, PaperPolicy::Included) => "收回票（含纸票）",
                (Base::Cast, PaperPolicy::Apart) => "收回票（只计电子票）",
            },
            shares: match policy.base {
                Base::Valid => "有效票（含纸票）",
                Base::Cast => "收回票（含纸票）",
            },
        }
    }
}

/// A limit as a percentage where that is exact, otherwise as a fraction.
fn limit((num, den): (u32, u32)) -> String {
    let hundredths = (100 * num).checked_rem(den).filter(|rest| *rest == 0);
    match hundredths {
        Some(_) => format!("{}%", 100 * num / den),
        None => format!("{num}/{den}"),
    }
}

/// `2026-12-04` as `2026年12月4日`.
fn date(date: &str) -> String {
    let mut parts = date.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    format!("{year}年{}月{}日", month.trim_start_matches('0'), day.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{date, limit};

    #[test]
    fn dates_and_limits_are_written_as_people_write_them() {
        assert_eq!(date("2026-12-14"), "2026年12月14日");
        assert_eq!(date("2026-02-03"), "2026年2月3日");
        assert_eq!(limit((1, 5)), "20%");
        assert_eq!(limit((3, 10)), "30%");
        assert_eq!(limit((1, 3)), "1/3");
        assert_eq!(limit((1000, 1000)), "100%");
    }
}
