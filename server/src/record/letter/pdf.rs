//! The letter as PDF. It is set anew from the same words; what was approved is kept as it came out.

use serde_json::json;

use super::Text;
use crate::{record::pdf::Press, web::Refusal};

/// Sets letters.
pub(super) struct Setter(Press);

impl Setter {
    /// `None` where this program was built without PDF.
    ///
    /// # Errors
    /// There is no Chinese font.
    pub(super) fn new() -> Result<Option<Self>, Refusal> {
        Ok(Press::new()?.map(Self))
    }

    /// # Errors
    /// A character that no font has.
    pub(super) fn write(&self, text: &Text, draft: bool) -> Result<Vec<u8>, Refusal> {
        let Self(press) = self;
        let (result, numbered, notes) = (text.result(), text.numbered(), text.notes());
        let data = json!({ "letter": text, "result": result, "opinions": numbered, "notes": notes, "draft": draft });
        let lines = text.lines();
        let words = lines.iter().map(|line| line.text.as_str());
        press.set(include_str!("letter.typ"), data, words, &text.digest())
    }
}
