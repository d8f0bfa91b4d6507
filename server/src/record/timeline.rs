//! Everything of one official's year in the order of its days: from the documents, and from the trail who entered it.
//!
//! **It is computed each time and kept nowhere**, so it never says another thing than the documents. It has no texts of
//! opinions: those stand in the letter, after review.

mod gathering;
mod moments;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Cycle, Dossier, DueLine, Id, Record, State as Now,
    api::{Answer, Endpoint},
    due::{Standing, due_list},
    field::At,
};
use crate::web::Refusal;

pub use moments::moments;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "/api/record/dossiers/{dossier}/timeline",
            "Everything of one official's year, by day.",
            timeline,
        )
        .answers::<Timeline>(),
    ]
}

/// What has happened, in the order of the articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// A term of office began (article 12).
    TermBegan,
    /// It ended.
    TermEnded,
    /// The way of reporting was set (article 11).
    WaySet,
    /// More time for the report (article 13).
    ReportExtended,
    /// A report came; a later one replaces it (article 13).
    ReportReceived,
    /// Its points were looked at (articles 5 to 9).
    PointsMarked,
    /// A list of oral reporters was approved (article 14).
    ListApproved,
    /// The assessment was begun (article 15).
    AssessmentBegun,
    /// It was submitted.
    AssessmentSubmitted,
    /// It was approved.
    AssessmentApproved,
    /// A meeting was prepared without one, with this reason.
    WithoutAssessment,
    /// The oral report (article 11).
    Reported,
    /// A question (article 17).
    Asked,
    /// A written answer was demanded.
    AnswerDemanded,
    /// It came.
    AnswerReceived,
    /// The committee accepted or returned it.
    AnswerJudged,
    /// The result of the evaluation (article 18).
    Result,
    /// A letter was drafted (article 19).
    LetterDrafted,
    /// It was approved.
    LetterApproved,
    /// It was delivered.
    LetterDelivered,
    /// It was signed for.
    LetterSigned,
    /// It was taken back.
    LetterWithdrawn,
    /// A notice of correction (article 20).
    CorrectionNotice,
    /// The official's report on it.
    CorrectionReported,
    /// A follow-up check.
    CorrectionChecked,
    /// A brief to the committee.
    CorrectionBrief,
    /// Its decision.
    CorrectionDecided,
    /// A meeting was told.
    CorrectionTold,
    /// An entry for the yearly assessment (article 21).
    Used,
    /// A step that the result has opened (article 22).
    StepOpened,
    /// The outcome of a verification.
    StepVerified,
    /// A step was done.
    StepDone,
    /// A ground (article 23).
    GroundEntered,
    /// What was found about it.
    GroundVerified,
    /// The measure that people took.
    MeasureTaken,
}

/// Which kind of what has happened: its words stand in the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the word that the document has")]
pub enum Nature {
    Oral,
    Written,
    Undecided,
    First,
    Replaced,
    Accepted,
    Returned,
    Settled,
    GoesOn,
    Done,
    NotDone,
    Confirmed,
    Unconfirmed,
    Admonition,
    OrderedCorrection,
    Verification,
    Untrue,
    NotCorrected,
    OtherGround,
    Talk,
    Criticism,
    Discipline,
    OtherMeasure,
    YearlyAssessment,
    Promotion,
    Rotation,
    Awards,
    Withheld,
    EmptyBase,
    NoRound,
}

/// The figures of a result, exactly as the signed note has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Figures {
    /// Title of the meeting.
    pub title: String,
    /// 好 40 票, and so on; empty where there are none.
    pub votes: Vec<(String, u64)>,
    /// 发出, 收回, 有效, 弃权.
    pub totals: [u64; 4],
    /// The comparisons in whole numbers, each empty where there is nothing to compare.
    pub sums: [String; 2],
    /// Screen code of the manifest.
    pub screen_code: String,
    /// Screen code of the log's head.
    pub log_code: String,
}

/// One thing on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Moment {
    /// The day on which it happened, `YYYY-MM-DD`; the day of its entry where the document names none.
    pub on: String,
    /// What.
    pub what: Happened,
    /// The article that it belongs to.
    pub article: u8,
    /// Which kind of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// As it was entered; empty where there is no text.
    pub text: String,
    /// The figures of a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// The last day that it sets, and whether that is provisional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<(String, bool)>,
    /// How what came stands to its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Who entered it; empty where the trail names nobody any more.
    pub who: String,
    /// When it was entered, `YYYY-MM-DDThh:mm:ss+08:00`; empty as above.
    pub at: String,
    /// It was withdrawn or revoked later: it stays, and does not count.
    pub withdrawn: bool,
    /// The page on which it stands.
    pub link: String,
}

/// One year of the same official.
#[derive(Serialize, JsonSchema)]
struct Year {
    dossier: Id,
    cycle: Id,
    year: i16,
    title: String,
}

/// A year of one official.
#[derive(Serialize, JsonSchema)]
struct Timeline {
    /// Whose.
    dossier: Id,
    /// Name, unit and post as they were that year.
    name: String,
    unit: String,
    post: String,
    /// The year that is shown, and its cycle's title.
    year: i16,
    title: String,
    /// Every year of this official that the record has, the newest first.
    years: Vec<Year>,
    /// The earliest first.
    moments: Vec<Moment>,
    /// What is still waited for.
    open: Vec<DueLine>,
}

async fn timeline(State(record): State<Record>, At(id): At) -> Answer<Timeline> {
    let (now, today) = (record.book().now(), record.today());
    let mut open = due_list(&now.documents, &record.calendar(), today);
    open.retain(|line| line.dossier == Some(id));
    Timeline::of(&now, id, open).map(Json)
}

impl Timeline {
    fn of(now: &Now, id: Id, open: Vec<DueLine>) -> Result<Self, Refusal> {
        let dossier = now.documents.get::<Dossier>(id)?;
        let cycle = now.documents.get::<Cycle>(dossier.body.cycle)?.body;
        let moments = moments(now, &dossier);
        let mut own = now.documents.all::<Dossier>();
        own.retain(|other| other.body.official == dossier.body.official);
        let year = |other: super::Kept<Dossier>| {
            let cycle = now.documents.find::<Cycle>(other.body.cycle)?;
            Some(Year { dossier: other.id, cycle: cycle.id, year: cycle.body.year, title: cycle.body.title })
        };
        let mut years: Vec<Year> = own.into_iter().filter_map(year).collect();
        years.sort_by_key(|year| (std::cmp::Reverse(year.year), year.dossier));
        let Dossier { name, unit, post, .. } = dossier.body;
        Ok(Self { dossier: id, name, unit, post, year: cycle.year, title: cycle.title, years, moments, open })
    }
}
