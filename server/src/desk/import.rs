//! `POST /desk/import`: two lists as an office sends them, and what a person answered about them.

use std::collections::BTreeMap;

use axum::Json;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk,
    allowed::Act,
    review,
    roster::{self, Answer, Answers, ImportRefused, Severity},
    settings::Settings,
};
use crate::{limits, record::Door, web::Refusal};

const SAMPLE_ROSTER: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/roster.csv"));
const SAMPLE_OFFICIALS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/officials.csv"));

/// Two lists, each CSV or XLSX, and the answers to the questions of the refusal before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    #[serde(alias = "roster_csv_base64")]
    roster_base64: String,
    #[serde(default, alias = "officials_csv_base64")]
    officials_base64: Option<String>,
    /// Instead of the second file: the cycle whose approved list is taken.
    #[serde(default)]
    officials_record: Option<String>,
    /// Every question that has choices is answered by the first of them.
    #[serde(default)]
    confirmed: bool,
    /// By the id of the question: one of its choices, or `{"text": …}`.
    #[serde(default)]
    answers: BTreeMap<String, Answer>,
}

/// Two lists, unpacked.
pub(super) struct Lists {
    roster: Vec<u8>,
    officials: Vec<u8>,
    answers: Answers,
}

impl Lists {
    /// The sample that comes with the program.
    pub(super) fn sample() -> Self {
        Self { roster: SAMPLE_ROSTER.to_owned(), officials: SAMPLE_OFFICIALS.to_owned(), answers: Answers::default() }
    }
}

impl Import {
    /// Takes the files out of their base64.
    ///
    /// # Errors
    /// Which file cannot be read, and what to do.
    pub(super) fn unpack(self, record: &Door) -> Result<Lists, Refusal> {
        let Self { roster_base64, officials_base64, officials_record, confirmed, answers } = self;
        let officials = match (&officials_base64, &officials_record) {
            (Some(file), None) => decode("述职对象名单", file)?,
            (None, Some(cycle)) => review::officials(record, cycle)?,
            _ => {
                return Err(Refusal::conflict(
                    "述职对象名单要么来自文件，要么来自述职档案。",
                    "请只选其中一种，再导入一次。",
                ));
            }
        };
        Ok(Lists {
            roster: decode("参会名单", &roster_base64)?,
            officials,
            answers: Answers { confirmed, each: answers },
        })
    }
}

fn decode(file: &str, text: &str) -> Result<Vec<u8>, Refusal> {
    if text.len() > limits::XLSX_BYTES.div_ceil(3) * 4 {
        let said = format!("{file}太大，最多 {} 字节（5 MiB）；CSV 最多 1 MiB。", limits::XLSX_BYTES);
        return Err(Refusal::conflict(said, "请删去图片和不需要的工作表，另存后再导入。"));
    }
    let again = || Refusal::conflict(format!("{file}没有传完整。"), "请重新选择文件，再导入一次。");
    STANDARD.decode(text).map_err(|_| again())
}

fn refused(refused: &ImportRefused) -> Refusal {
    let [errors, questions] = [Severity::Error, Severity::Question].map(|severity| refused.of(severity).count());
    let refusal = match (errors, questions) {
        (0, questions) => Refusal::conflict(
            format!("有 {questions} 个问题要您决定，还没有导入。"),
            "逐条看过后，确认就照原样导入；否则更正后重新导入。",
        ),
        (errors, 0) => Refusal::conflict(format!("有 {errors} 处要更正，没有导入。"), "请逐条更正后重新导入。"),
        (errors, questions) => Refusal::conflict(
            format!("有 {errors} 处要更正，另有 {questions} 个问题要您决定，没有导入。"),
            "请先逐条更正，再重新导入。",
        ),
    };
    refusal.with_details(refused.details())
}

impl Desk {
    /// Takes the lists, all or nothing; `settings` come with the sample.
    pub(super) async fn take_import(&self, lists: Lists, settings: Option<Settings>) -> Result<Json<Value>, Refusal> {
        let act = if settings.is_some() { Act::Sample } else { Act::Import };
        let _acting = self.begin(act, &[]).await?;
        let Lists { roster, officials, answers } = lists;
        // A large workbook takes a second or two, and phones must not wait for it.
        let reading = tokio::task::spawn_blocking(move || roster::import(&roster, &officials, &answers));
        let (lists, report) = reading.await.map_err(Refusal::broken)?.map_err(|why| refused(&why))?;
        self.office().keep_roster(&lists).await?;
        if let Some(settings) = settings {
            self.office().keep_settings(&settings).await?;
        }
        self.show().await;
        Ok(Json(json!({
            "attendees": lists.attendees.len(),
            "officials": lists.officials.len(),
            "report": report,
        })))
    }
}
