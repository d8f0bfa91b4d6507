//! The letter as PDF, where this program was built with it and the machine has the fonts. It is set anew from the same
//! words; what was approved is kept as it came out.

use super::Text;
use crate::papers::PapersError;

#[cfg(feature = "pdf")]
mod made {
    use serde_json::json;

    use super::{PapersError, Text};
    use crate::papers::pdf;

    /// Sets letters. Reading the fonts takes longest, and is done once.
    pub(in super::super) struct Setter(pdf::Fonts);

    impl Setter {
        pub(in super::super) fn new() -> Result<Self, PapersError> {
            pdf::Fonts::find(None).map(Self)
        }

        pub(in super::super) fn write(&self, text: &Text, draft: bool) -> Result<Vec<u8>, PapersError> {
            let Self(fonts) = self;
            let (result, numbered, notes) = (text.result(), text.numbered(), text.notes());
            let heads = [&text.office, &text.number, &text.title, &text.to, &text.opening, &result, &text.date];
            fonts.cover(heads.into_iter().chain(&numbered).chain(&notes).map(String::as_str))?;
            let data = json!({
                "letter": text, "result": result, "opinions": numbered, "notes": notes, "draft": draft,
                "fonts": fonts.families(),
            });
            pdf::typeset(include_str!("letter.typ"), &data, &text.digest(), fonts)
        }
    }
}

#[cfg(not(feature = "pdf"))]
mod made {
    use super::{PapersError, Text};

    /// There is none.
    pub(in super::super) struct Setter;

    impl Setter {
        pub(in super::super) fn new() -> Result<Self, PapersError> {
            Err(PapersError::BuiltWithoutPdf)
        }

        pub(in super::super) fn write(&self, _: &Text, _: bool) -> Result<Vec<u8>, PapersError> {
            Err(PapersError::BuiltWithoutPdf)
        }
    }
}

pub(super) use made::Setter;
