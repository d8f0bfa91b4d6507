//! Documents of the record as PDF, where this program was built with it. **A machine that should set a page and cannot
//! says why**: nothing is approved, packed or handed out as if there were no PDF.

use crate::{papers::PapersError, web::Refusal};

#[cfg(feature = "pdf")]
mod made {
    use serde_json::{Value, json};

    use super::{PapersError, Refusal, failed};
    use crate::papers::pdf;

    /// Sets pages. Reading the fonts takes longest, and is done once.
    pub(in crate::record) struct Press(pdf::Fonts);

    impl Press {
        /// `None` where this program was built without PDF.
        ///
        /// # Errors
        /// 409: there is no Chinese font.
        pub(in crate::record) fn new() -> Result<Option<Self>, Refusal> {
            pdf::Fonts::find(None).map(|fonts| Some(Self(fonts))).map_err(|error| failed(&error))
        }

        /// Sets a template with this data; `texts` is everything that people wrote in it, `named` names the PDF.
        ///
        /// # Errors
        /// 409: a character that no font has, or the page could not be set.
        pub(in crate::record) fn set<'a>(
            &self,
            template: &'static str,
            mut data: Value,
            texts: impl IntoIterator<Item = &'a str>,
            named: &str,
        ) -> Result<Vec<u8>, Refusal> {
            let Self(fonts) = self;
            let set = || -> Result<Vec<u8>, PapersError> {
                // Where a line ends no font has to show.
                fonts.cover(texts.into_iter().flat_map(|text| text.split(char::is_control)))?;
                data["fonts"] = json!(fonts.families());
                pdf::typeset(template, &data, named, fonts)
            };
            set().map_err(|error| failed(&error))
        }
    }
}

#[cfg(not(feature = "pdf"))]
mod made {
    use serde_json::Value;

    use super::{PapersError, Refusal, failed};

    /// There is none.
    pub(in crate::record) struct Press;

    impl Press {
        #[allow(clippy::unnecessary_wraps, reason = "the other one needs it")]
        pub(in crate::record) fn new() -> Result<Option<Self>, Refusal> {
            Ok(None)
        }

        #[allow(clippy::unused_self, reason = "the other one needs it")]
        pub(in crate::record) fn set<'a>(
            &self,
            _: &'static str,
            _: Value,
            _: impl IntoIterator<Item = &'a str>,
            _: &str,
        ) -> Result<Vec<u8>, Refusal> {
            Err(failed(&PapersError::BuiltWithoutPdf))
        }
    }
}

pub(super) use made::Press;

fn failed(error: &PapersError) -> Refusal {
    Refusal::conflict(
        "PDF 没有排成，这一步没有完成。",
        "请照 details 里的原因处理（缺字体的，安装中文字体；有生僻字的，换用字体里有的字），再做一次。",
    )
    .with_details(serde_json::json!({ "why": error.to_string() }))
}
