//! What the Word documents of the record have in common: the form of official letters (GB/T 9704-2012), A4, margins 37,
//! 35, 28 and 26 mm, 22 lines a page. **Fonts are named and never shipped**: an office has them.
//!
//! Nothing is drawn and no clock is asked: the same words give the same bytes.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, FieldCharType, Footer, InstrPAGE, InstrText, LineSpacing, LineSpacingType, PageMargin,
    Paragraph, ParagraphBorder, ParagraphBorders, Run, RunFonts, SpecialIndentType,
};

use crate::web::Refusal;

/// 小标宋, of the title.
pub(super) const TITLE: &str = "方正小标宋简体";
/// 仿宋, of the body.
pub(super) const BODY: &str = "仿宋_GB2312";
/// 黑体, of headings in the body.
pub(super) const HEADING: &str = "黑体";
/// 宋体, of page numbers.
pub(super) const SONG: &str = "宋体";
/// Digits and Latin letters.
const LATIN: &str = "Times New Roman";
/// Half points: 二号, 三号, 四号, 小五.
pub(super) const SECOND: usize = 44;
pub(super) const THIRD: usize = 32;
pub(super) const FOURTH: usize = 28;
pub(super) const SMALL: usize = 18;
/// The name of the office over the letter.
pub(super) const MAST: usize = 64;
/// Twentieths of a point: a line of 28.95 pt, so that a page has 22; a line of the title; a character of the body.
pub(super) const LINE: i32 = 579;
pub(super) const TITLE_LINE: i32 = 700;
pub(super) const CHARACTER: i32 = 320;
/// Twentieths of a point of 37, 35, 28, 26 mm.
const MARGIN: PageMargin =
    PageMargin { top: 2098, bottom: 1984, left: 1587, right: 1474, header: 851, footer: 1361, gutter: 0 };
/// When every letter says that it was made.
const MADE: &str = "2000-01-01T00:00:00Z";
pub(super) const RED: &str = "C00000";

/// An empty document with numbered pages.
pub(super) fn document(page: &mut Page) -> Docx {
    Docx::new()
        .page_size(11906, 16838)
        .page_margin(MARGIN)
        .created_at(MADE)
        .updated_at(MADE)
        .default_fonts(fonts(BODY))
        .default_size(THIRD)
        .footer(Footer::new().add_paragraph(page.number(AlignmentType::Right)))
        .even_footer(Footer::new().add_paragraph(page.number(AlignmentType::Left)))
}

/// Its bytes.
///
/// # Errors
/// 500 if the package cannot be written.
pub(super) fn pack(docx: Docx) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).map_err(Refusal::broken)?;
    Ok(bytes.into_inner())
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().east_asia(name).ascii(LATIN).hi_ansi(LATIN).hint("eastAsia")
}

pub(super) fn run(text: &str, font: &str, size: usize) -> Run {
    Run::new().add_text(text).fonts(fonts(font)).size(size)
}

/// One border, where the crate would draw all four.
pub(super) fn only(border: ParagraphBorder) -> ParagraphBorders {
    ParagraphBorders::with_empty().set(border)
}

/// Numbers paragraphs: the crate would number them by how many the process has made before.
#[derive(Default)]
pub(super) struct Page(u32);

impl Page {
    pub(super) fn paragraph(&mut self, line: i32) -> Paragraph {
        self.0 += 1;
        let spacing = LineSpacing::new().line_rule(LineSpacingType::Exact).line(line).before(0).after(0);
        Paragraph::new().id(format!("{:08X}", self.0)).line_spacing(spacing)
    }

    pub(super) fn empty(&mut self) -> Paragraph {
        self.paragraph(LINE).add_run(run("", BODY, THIRD))
    }

    /// Two characters in, as every paragraph of the body.
    pub(super) fn body(&mut self, text: &str, font: &str) -> Paragraph {
        self.paragraph(LINE)
            .align(AlignmentType::Both)
            .indent(None, Some(SpecialIndentType::FirstLine(2 * CHARACTER)), None, None)
            .add_run(run(text, font, THIRD))
    }

    /// `— 1 —`, a character in from the edge that is outside.
    pub(super) fn number(&mut self, side: AlignmentType) -> Paragraph {
        let (left, right) = if matches!(side, AlignmentType::Left) { (Some(280), None) } else { (None, Some(280)) };
        let page = Run::new()
            .add_text("— ")
            .add_field_char(FieldCharType::Begin, false)
            .add_instr_text(InstrText::PAGE(InstrPAGE::new()))
            .add_field_char(FieldCharType::Separate, false)
            .add_text("1")
            .add_field_char(FieldCharType::End, false)
            .add_text(" —");
        let page = page.fonts(RunFonts::new().east_asia(SONG).ascii(SONG).hi_ansi(SONG)).size(FOURTH);
        self.paragraph(400).align(side).indent(left, None, right, None).add_run(page)
    }
}
