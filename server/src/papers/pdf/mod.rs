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
use world::SheetWorld;

use super::{PapersError, Sheet};

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
        let world = SheetWorld::new(fonts, data.to_string());
        let document = compile::<PagedDocument>(&world).output.map_err(|errors| refused(&errors))?;
        // Named after what it shows, so that its identifier depends on nothing else.
        let options = PdfOptions {
            ident: Smart::Custom(self.result.clone()),
            creator: Smart::Custom(Some("Douxuan".to_owned())),
            timestamp: None,
            ..PdfOptions::default()
        };
        let bytes = pdf(&document, &options).map_err(|errors| refused(&errors));
        // What was set is remembered for a next time that may never come.
        comemo::evict(0);
        bytes
    }

    /// Every text that the office wrote.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().flat_map(|row| [&row.name, &row.unit, &row.post]);
        let scale = self.scale.iter().map(|option| &option.name);
        [&self.title, &self.place].into_iter().chain(rows).chain(scale).map(String::as_str)
    }
}

fn refused(errors: &[SourceDiagnostic]) -> PapersError {
    PapersError::Typeset(errors.first().map(|error| error.message.to_string()).unwrap_or_default())
}
