//! What the typesetter can see: one template, the fonts, the paper's data. No file, no package, no date.

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Dict, Duration, IntoValue},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};

use super::Fonts;

/// A world of one template.
pub(super) struct PaperWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    template: Source,
}

impl<'a> PaperWorld<'a> {
    /// With the data that the template finds as `sys.inputs.data`, JSON.
    pub(super) fn new(fonts: &'a Fonts, template: &'static str, data: String) -> Self {
        let mut inputs = Dict::new();
        inputs.insert("data".into(), data.into_value());
        let library = Library::builder().with_inputs(inputs).build();
        Self { library: LazyHash::new(library), fonts, template: Source::detached(template) }
    }
}

impl World for PaperWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _id: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
