//! What is due: one list over everything that has a day or waits for somebody, for the first page of the record.

use axum::{Json, extract::State};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Standing, Sum, waits::Waits};
use crate::record::{
    Documents, Id, Record,
    api::{Answer, Endpoint},
    calendar::Calendar,
};

pub(in crate::record) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/due", "Everything that has a day or waits for somebody, the earliest first.", list)
            .answers::<DueList>(),
    ]
}

/// What is waited for, in the order of the articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The oral report of a term of office that ends soon (article 12).
    OralReport,
    /// The day of an oral report whose result is here (article 12).
    OralDay,
    /// The last day for the written reports of a cycle (article 13).
    ReportsDay,
    /// A written report (article 13).
    Report,
    /// The list of those who report orally (article 14).
    Choosing,
    /// The approval of that list.
    ChoosingApproval,
    /// An assessment before the meeting (article 15).
    Assessment,
    /// The approval of its special report.
    AssessmentApproval,
    /// A written answer (article 17).
    WrittenAnswer,
    /// What the committee makes of an answer that came.
    AnswerVerdict,
    /// The dossier of an official in a result (article 18).
    ResultMatch,
    /// Its approval, where unit or name is another one.
    MatchApproval,
    /// Whether opinions show who gave them (article 19).
    OpinionReview,
    /// The draft of a feedback letter.
    LetterDraft,
    /// Its approval.
    LetterApproval,
    /// Its delivery.
    LetterDelivery,
    /// Its signed receipt.
    LetterReceipt,
    /// The report on a correction (article 20).
    CorrectionReport,
    /// A check of what was reported.
    CorrectionCheck,
    /// The brief to the committee.
    CorrectionBrief,
    /// The committee's decision.
    CorrectionDecision,
    /// That the next meeting is told.
    CorrectionTold,
    /// The outcome of a verification (article 22).
    Verification,
    /// The handling of what was verified.
    Handling,
    /// 诫勉.
    Admonition,
    /// 责令整改.
    OrderedCorrection,
    /// Whether a ground of article 23 is true.
    GroundVerification,
    /// The measure on a ground that is.
    GroundMeasure,
    /// The approval of a destruction: what is kept, and how long, is the office's own rule.
    DestructionApproval,
}

/// Who has to do something next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// The official hands something in.
    Official,
    /// The office enters, drafts, delivers.
    Office,
    /// The chair approves.
    Chair,
    /// The committee decides, and the office enters it.
    Committee,
}

impl What {
    /// The article that asks for it, if one does.
    #[must_use]
    pub const fn article(self) -> Option<u8> {
        let article = match self {
            Self::OralReport | Self::OralDay => 12,
            Self::ReportsDay | Self::Report => 13,
            Self::Choosing | Self::ChoosingApproval => 14,
            Self::Assessment | Self::AssessmentApproval => 15,
            Self::WrittenAnswer | Self::AnswerVerdict => 17,
            Self::ResultMatch | Self::MatchApproval => 18,
            Self::OpinionReview
            | Self::LetterDraft
            | Self::LetterApproval
            | Self::LetterDelivery
            | Self::LetterReceipt => 19,
            Self::CorrectionReport
            | Self::CorrectionCheck
            | Self::CorrectionBrief
            | Self::CorrectionDecision
            | Self::CorrectionTold => 20,
            Self::Verification | Self::Handling | Self::Admonition | Self::OrderedCorrection => 22,
            Self::GroundVerification | Self::GroundMeasure => 23,
            Self::DestructionApproval => return None,
        };
        Some(article)
    }

    /// Who has to do it.
    #[must_use]
    pub const fn waits_for(self) -> WaitsFor {
        match self {
            Self::Report | Self::WrittenAnswer | Self::LetterReceipt | Self::CorrectionReport => WaitsFor::Official,
            Self::ChoosingApproval
            | Self::AssessmentApproval
            | Self::MatchApproval
            | Self::LetterApproval
            | Self::DestructionApproval => WaitsFor::Chair,
            Self::AnswerVerdict | Self::CorrectionDecision => WaitsFor::Committee,
            _ => WaitsFor::Office,
        }
    }

    /// The part of the page on which it is done.
    #[must_use]
    pub const fn part(self) -> &'static str {
        match self {
            Self::OralReport | Self::OralDay => "officials",
            Self::ReportsDay => "cycle",
            Self::Report => "reports",
            Self::Choosing | Self::ChoosingApproval => "choosing",
            Self::Assessment | Self::AssessmentApproval => "assessments",
            Self::WrittenAnswer | Self::AnswerVerdict => "questions",
            Self::ResultMatch | Self::MatchApproval | Self::Verification | Self::Handling | Self::Admonition => {
                "results"
            }
            Self::OpinionReview
            | Self::LetterDraft
            | Self::LetterApproval
            | Self::LetterDelivery
            | Self::LetterReceipt => "letters",
            Self::CorrectionReport
            | Self::CorrectionCheck
            | Self::CorrectionBrief
            | Self::CorrectionDecision
            | Self::CorrectionTold
            | Self::OrderedCorrection => "corrections",
            Self::GroundVerification | Self::GroundMeasure => "use",
            Self::DestructionApproval => "retention",
        }
    }
}

/// One thing that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueLine {
    /// What.
    pub what: What,
    /// The article that asks for it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<u8>,
    /// Who has to do something next.
    pub waits_for: WaitsFor,
    /// The document that it hangs on.
    pub id: Id,
    /// Whose, if it is one official's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier: Option<Id>,
    /// The cycle, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<Id>,
    /// The cycle's year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// Name; empty where it is nobody's alone.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// How many things stand behind the line: opinions, officials of a result.
    pub count: usize,
    /// Since when it waits, `YYYY-MM-DD`: the day of service, of approval, of receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The last day; the earliest possible one if it is provisional; absent where the regulation names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// 暂定.
    pub provisional: bool,
    /// The last day is over, and it was no provisional one.
    pub overdue: bool,
    /// Calendar days that are left, today's date to the last day; less than none when it is over; absent for a
    /// provisional one, of which nobody can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i32>,
    /// How its period stands, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// How the last day comes about, if it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<Sum>,
    /// The page on which it is done.
    pub link: String,
}

/// What is due, and as of which day.
#[derive(Serialize, JsonSchema)]
pub(super) struct DueList {
    /// `YYYY-MM-DD`, UTC+8.
    today: String,
    /// The earliest first, those without a day behind them.
    lines: Vec<DueLine>,
}

async fn list(State(record): State<Record>) -> Answer<DueList> {
    let (now, today) = (record.book().now(), record.today());
    let lines = due_list(&now.documents, &record.calendar(), today);
    Ok(Json(DueList { today: today.to_string(), lines }))
}

/// Everything that has a day or waits for somebody, the earliest first. **It puts days in order, and nobody**: no line
/// weighs more because of whose it is.
#[must_use]
pub fn due_list(documents: &Documents, calendar: &Calendar, today: Date) -> Vec<DueLine> {
    let mut lines = Waits::of(documents, calendar, today).lines();
    let key = |line: &DueLine| {
        let none = line.due.is_none();
        (none, line.due.clone(), line.what, line.unit.clone(), line.name.clone(), line.id)
    };
    lines.sort_by_cached_key(key);
    lines
}
