//! A whole bundle: the audit's report as a page shows it, and the bundle's files to look receipts up in.

use douxuan_crypto::{
    audit::{Outcome, Report, Step, audit},
    bundle::{Bundle, NotABundle},
};

use super::json;

/// Audits a bundle together with receipts (each a note), the steps and sentences of `douxuan-ballot verify`:
/// `{"exit","failed","why","meeting":{"title","date","place","code"}|null,"summary","steps":[{"step","verdict",
/// "read","count","name_zh","name_en","verdict_zh","verdict_en","zh","en","why"}]}`.
#[must_use]
pub fn audit_as_json(bundle: &[u8], receipts: &[Vec<u8>]) -> String {
    as_json(&audit(bundle, receipts))
}

fn as_json(report: &Report) -> String {
    let why = match &report.outcome {
        Outcome::NotABundle(why) => why.to_string(),
        Outcome::Held | Outcome::Failed(_) => String::new(),
    };
    let meeting = report.meeting.as_ref().map_or_else(
        || "null".to_owned(),
        |meeting| {
            json::object([
                ("title", json::text(&meeting.title)),
                ("date", json::text(&meeting.date)),
                ("place", json::text(&meeting.place)),
                ("code", json::text(&meeting.screen_code)),
            ])
        },
    );
    let steps = report.steps.iter().map(|went| {
        let (name_zh, name_en) = went.step.name();
        json::object([
            ("step", json::text(&went.step.to_string())),
            ("read", json::text(went.read)),
            ("count", went.count.to_string()),
            ("name_zh", json::text(name_zh)),
            ("name_en", json::text(name_en)),
            ("verdict_zh", json::text(went.verdict.zh())),
            ("verdict_en", json::text(went.verdict.en())),
            ("zh", json::text(&went.zh)),
            ("en", json::text(&went.en)),
            ("why", json::text(went.why.as_deref().unwrap_or_default())),
        ])
    });
    json::object([
        ("exit", report.exit_code().to_string()),
        ("failed", json::text(&report.failed().map_or_else(String::new, |step: Step| step.to_string()))),
        ("why", json::text(&why)),
        ("meeting", meeting),
        ("summary", json::text(report.summary.as_deref().unwrap_or_default())),
        ("steps", json::array(steps)),
    ])
}

/// A bundle's files: `(I2OSP(length,4) || path || I2OSP(length,4) || data)*` in ascending order of paths.
///
/// # Errors
/// [`NotABundle`] for anything but a bundle.
pub fn files(bundle: &[u8]) -> Result<Vec<u8>, NotABundle> {
    let bundle = Bundle::from_zip(bundle)?;
    let mut out = Vec::new();
    for (path, data) in bundle.files() {
        for part in [path.as_bytes(), data] {
            out.extend_from_slice(&douxuan_crypto::bytes::be32(part.len()));
            out.extend_from_slice(part);
        }
    }
    Ok(out)
}
