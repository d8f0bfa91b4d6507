//! What a letter says, word by word, and nothing of how it looks.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use douxuan_crypto::{bytes::hex, hash::sha256};

use super::Letter;
use crate::{
    record::{
        Cycle, Documents, Dossier, Kept, Way, field, opinion,
        result::{Outcome, Rated, Standing},
    },
    web::Refusal,
};

/// The words of one letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// 发文机关.
    pub office: String,
    /// 文号.
    pub number: String,
    /// Title.
    pub title: String,
    /// 主送.
    pub to: String,
    /// Why it is written.
    pub opening: String,
    /// The result.
    pub figures: Figures,
    /// One paragraph each; may be none.
    pub opinions: Vec<String>,
    /// How many are not in it because nobody has reviewed them yet: none in a letter that is approved.
    pub unread: usize,
    /// 2026年12月14日.
    pub date: String,
    /// What the figures are bound to.
    pub bound: Bound,
    /// Whether a PDF is kept beside the Word document; if not, the letter says so.
    pub pdf: bool,
}

/// What a line of a letter is: the Word document and the screen show each in its own way, and both show all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// 发文机关 over the rule.
    Office,
    /// 文号.
    Number,
    /// Title.
    Title,
    /// 主送.
    To,
    /// A heading in the body.
    Heading,
    /// A paragraph of the body.
    Body,
    /// 发文机关 under the body.
    Signed,
    /// 成文日期.
    Date,
    /// A note under the letter.
    Note,
}

/// A line of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Said {
    pub(super) part: Part,
    pub(super) text: String,
}

/// The result of the evaluation, as the signed note has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Figures {
    /// Published.
    Shown {
        /// 发出, 收回, 有效, 弃权.
        totals: [u64; 4],
        /// Option and votes, in the order of the scale.
        votes: Vec<(String, u64)>,
    },
    /// There are none to show, and this is why.
    NotShown {
        /// One sentence.
        why: String,
    },
}

/// What ties a letter to the signed result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// SHA-256 of the result note, 64 hex digits.
    pub note: String,
    /// Screen code of the manifest.
    pub manifest: String,
    /// Screen code of the log.
    pub log: String,
}

/// `2026年12月14日`.
pub(in crate::record) fn chinese_day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// What paper can show: no controls, nothing that turns the direction of writing, nothing that XML cannot have.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !field::is_unseen(*c)).collect()
}

impl Text {
    /// The words of a letter as the record stands. **Opinions that were not reviewed yet are in no draft**: they may still
    /// show who said them.
    ///
    /// # Errors
    /// 409 if the result does not know this dossier.
    pub(super) fn of(documents: &Documents, letter: &Letter) -> Result<Self, Refusal> {
        let Letter { dossier, cycle, outcome, number, office, date, .. } = letter;
        let (about, cycle) = (documents.get::<Dossier>(*dossier)?.body, documents.get::<Cycle>(*cycle)?.body);
        let outcome = documents.get::<Outcome>(*outcome)?.body;
        let rated = rated(&outcome, *dossier).ok_or_else(super::routes::not_in_result)?;
        let opinions = opinion::of_dossier(documents, *dossier);
        let stands = |opinion: &&Kept<opinion::Opinion>| opinion.body.withdrawn.is_none();
        let unread = opinions.iter().filter(stands).filter(|opinion| opinion.body.reviewed.is_none()).count();
        let reviewed = opinions.iter().filter(stands).filter(|opinion| opinion.body.reviewed.is_some());
        let paragraphs = reviewed.map(|opinion| {
            opinion.body.text.lines().map(|line| shown(line.trim())).filter(|line| !line.is_empty()).collect::<Vec<_>>()
        });
        let opinions = paragraphs.map(|lines| lines.join("\n")).filter(|text| !text.is_empty()).collect();
        let day = |text: &str| field::date(text).map_or_else(|| shown(text), chinese_day);
        let way = match about.way {
            Some(Way::Oral) => "以会议报告的方式",
            Some(Way::Written) => "以书面报告的方式",
            None => "",
        };
        Ok(Self {
            office: shown(office),
            number: shown(number),
            title: format!("关于反馈{}意见建议和民主测评结果的函", shown(&cycle.title)),
            to: format!("{}{}同志：", shown(&about.unit), shown(&about.name)),
            opening: format!(
                "{}召开的“{}”上，你{way}进行了述职述责述廉，并接受了民主测评。现将民主测评结果和会议提出的意见建议反馈如下。",
                day(&outcome.date),
                shown(&outcome.title),
            ),
            figures: Figures::of(rated),
            opinions,
            unread,
            date: day(date),
            bound: Bound { note: outcome.note_hash, manifest: outcome.screen_code, log: outcome.log_code },
            pdf: cfg!(feature = "pdf"),
        })
    }

    /// SHA-256 of every word: what was read is what is approved.
    pub(super) fn digest(&self) -> String {
        hex(&sha256(serde_json::to_string(self).unwrap_or_default().as_bytes()))
    }

    /// What its figures are, in a sentence.
    pub(super) fn result(&self) -> String {
        match &self.figures {
            Figures::NotShown { why } => why.clone(),
            Figures::Shown { totals: [issued, cast, valid, _], votes } => {
                let votes: Vec<String> = votes.iter().map(|(name, count)| format!("{name}{count}票")).collect();
                format!(
                    "本次民主测评发出测评票{issued}张，收回{cast}张，有效票{valid}张。得票情况为：{}。",
                    votes.join("，")
                )
            }
        }
    }

    /// Opinions as paragraphs: numbered where there are several.
    pub(super) fn numbered(&self) -> Vec<String> {
        if self.opinions.is_empty() && self.unread == 0 {
            return vec!["会议没有提出需要书面反馈的意见建议。".to_owned()];
        }
        let several = self.opinions.len() > 1;
        let mut out = Vec::new();
        for (number, opinion) in (1..).zip(&self.opinions) {
            for (at, line) in opinion.lines().enumerate() {
                out.push(if several && at == 0 { format!("{number}．{line}") } else { line.to_owned() });
            }
        }
        if self.unread > 0 {
            out.push(format!("（另有 {} 条意见建议还没有核对，暂未列入。）", self.unread));
        }
        out
    }

    /// Every word of it, line by line, from the top.
    pub(super) fn lines(&self) -> Vec<Said> {
        let said = |part: Part, text: &str| Said { part, text: text.to_owned() };
        let mut lines = vec![
            said(Part::Office, &self.office),
            said(Part::Number, &self.number),
            said(Part::Title, &self.title),
            said(Part::To, &self.to),
            said(Part::Body, &self.opening),
            said(Part::Heading, "一、民主测评结果"),
            said(Part::Body, &self.result()),
            said(Part::Heading, "二、意见建议"),
        ];
        lines.extend(self.numbered().iter().map(|line| said(Part::Body, line)));
        lines.push(said(Part::Body, "特此函告。"));
        lines.extend([said(Part::Signed, &self.office), said(Part::Date, &self.date)]);
        lines.extend(self.notes().iter().map(|note| said(Part::Note, note)));
        lines
    }

    /// What stands under the letter.
    pub(super) fn notes(&self) -> Vec<String> {
        let Bound { note, manifest, log } = &self.bound;
        let mut notes = vec![
            "注：测评结果取自签名的结果文件，可以凭下列校验值核对。".to_owned(),
            format!("结果 SHA-256：{note}"),
            format!("屏幕码：会议清单 {manifest}；操作记录 {log}"),
        ];
        if !self.pdf {
            notes.push("制作本函的服务器不能生成 PDF：档案只留存本函的 DOCX 文件及其 SHA-256。".to_owned());
        }
        notes
    }
}

/// This dossier in a result.
pub(super) fn rated(outcome: &Outcome, dossier: crate::record::Id) -> Option<&Rated> {
    outcome.officials.iter().find(|rated| rated.dossier == Some(dossier))
}

impl Figures {
    fn of(rated: &Rated) -> Self {
        let not = |why: &str| Self::NotShown { why: why.to_owned() };
        match rated.finding.standing {
            Standing::Published => {
                let mut votes: Vec<(String, u64)> =
                    rated.votes.iter().map(|(name, count)| (shown(name), *count)).collect();
                // A scale without an option for it: no mark is an abstention all the same.
                if rated.totals[3] > 0 && !votes.iter().any(|(name, _)| name == "弃权") {
                    votes.push(("弃权".to_owned(), rated.totals[3]));
                }
                Self::Shown { totals: rated.totals, votes }
            }
            Standing::Withheld => not("本次民主测评收回的票数过少，为保证无记名，不公布得票情况。"),
            Standing::EmptyBase => not("本次民主测评没有有效票，没有可以反馈的得票情况。"),
            Standing::NoRound => not("本次民主测评没有有效的轮次，没有可以反馈的得票情况。"),
        }
    }
}
