//! The sheet as PDF, set by typst from a template that is built in.
//!
//! What a meeting says goes to the template as data and stays text there: a name that looks like markup is printed as
//! it is. The template can open no file and ask for no date.

mod codes;
mod fonts;
mod world;

use serde_json::json;
use typst::{comemo, compile, diag::SourceDiagnostic, foundations::Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, pdf};

pub use fonts::Fonts;
use world::PaperWorld;

use super::{PapersError, Sheet};

const TEMPLATE: &str = include_str!("sheet.typ");

impl Sheet {
    /// The PDF's bytes: the same for the same sheet, fonts and program.
    ///
    /// # Errors
    /// [`PapersError::NoGlyph`] if a character would be printed as an empty box, [`PapersError::Typeset`].
    pub fn pdf(&self, fonts: &Fonts) -> Result<Vec<u8>, PapersError> {
        let mut codes = Vec::new();
        for code in self.codes() {
            codes.push(json!({ "caption": code.caption, "svg": code.svg()? }));
        }
        let data = json!({
            "sheet": self,
            "lines": self.lines(),
            "remarks": self.remarks(),
            "policy": self.policy_in_words(),
            "codes": codes,
            "fonts": fonts.families(),
        });
        fonts.cover(self.texts())?;
        typeset(TEMPLATE, &data, &self.result, fonts)
    }

    /// Every text that the office wrote.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().flat_map(|row| [&row.name, &row.unit, &row.post]);
        let scale = self.scale.iter().map(|option| &option.name);
        [&self.title, &self.place].into_iter().chain(rows).chain(scale).map(String::as_str)
    }
}

/// Sets a template, which finds its data as JSON in `sys.inputs.data`. The PDF is named after what it shows, so that its
/// identifier depends on nothing else. **Characters that no font has become empty boxes**: see [`Fonts::cover`].
///
/// # Errors
/// [`PapersError::Typeset`].
pub fn typeset(
    template: &'static str,
    data: &serde_json::Value,
    named: &str,
    fonts: &Fonts,
) -> Result<Vec<u8>, PapersError> {
    let world = PaperWorld::new(fonts, template, data.to_string());
    let document = compile::<PagedDocument>(&world).output.map_err(|errors| refused(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(named.to_owned()),
        creator: Smart::Custom(Some("Douxuan".to_owned())),
        timestamp: None,
        ..PdfOptions::default()
    };
    let bytes = pdf(&document, &options).map_err(|errors| refused(&errors));
    // What was set is remembered for a next time that may never come.
    comemo::evict(0);
    bytes
}

fn refused(errors: &[SourceDiagnostic]) -> PapersError {
    PapersError::Typeset(errors.first().map(|error| error.message.to_string()).unwrap_or_default())
}
