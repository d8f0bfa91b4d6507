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
    /// 2026年12月14日.
    pub date: String,
    /// What the figures are bound to.
    pub bound: Bound,
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
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(|c| !hidden(*c)).collect()
}

impl Text {
    /// The words of a letter as the record stands. Opinions that were not reviewed yet are in it only if `all`.
    ///
    /// # Errors
    /// 409 if the result does not know this dossier.
    pub(super) fn of(documents: &Documents, letter: &Letter, all: bool) -> Result<Self, Refusal> {
        let Letter { dossier, cycle, outcome, number, office, date, .. } = letter;
        let (about, cycle) = (documents.get::<Dossier>(*dossier)?.body, documents.get::<Cycle>(*cycle)?.body);
        let outcome = documents.get::<Outcome>(*outcome)?.body;
        let rated = rated(&outcome, *dossier).ok_or_else(super::routes::not_in_result)?;
        let opinions = opinion::of_dossier(documents, *dossier);
        let stands = |opinion: &Kept<opinion::Opinion>| {
            opinion.body.withdrawn.is_none() && (all || opinion.body.reviewed.is_some())
        };
        let paragraphs = opinions.iter().filter(|opinion| stands(opinion)).map(|opinion| {
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
            date: day(date),
            bound: Bound { note: outcome.note_hash, manifest: outcome.screen_code, log: outcome.log_code },
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
        if self.opinions.is_empty() {
            return vec!["会议没有提出需要书面反馈的意见建议。".to_owned()];
        }
        let several = self.opinions.len() > 1;
        let mut out = Vec::new();
        for (number, opinion) in (1..).zip(&self.opinions) {
            for (at, line) in opinion.lines().enumerate() {
                out.push(if several && at == 0 { format!("{number}．{line}") } else { line.to_owned() });
            }
        }
        out
    }

    /// What stands under the letter.
    pub(super) fn notes(&self) -> [String; 3] {
        let Bound { note, manifest, log } = &self.bound;
        [
            "注：测评结果取自签名的结果文件，可以凭下列校验值核对。".to_owned(),
            format!("结果 SHA-256：{note}"),
            format!("屏幕码：会议清单 {manifest}；操作记录 {log}"),
        ]
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
