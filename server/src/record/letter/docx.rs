//! The letter as a Word document, in the form of official letters (GB/T 9704-2012): A4, margins 37, 35, 28 and 26 mm,
//! 22 lines a page. **Fonts are named and never shipped**: an office has them.
//!
//! Nothing is drawn and no clock is asked: the same words give the same bytes.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BorderType, Docx, FieldCharType, Footer, Header, InstrPAGE, InstrText, LineSpacing, LineSpacingType,
    PageMargin, Paragraph, ParagraphBorder, ParagraphBorderPosition, ParagraphBorders, Run, RunFonts,
    SpecialIndentType,
};

use super::Text;
use crate::web::Refusal;

/// 小标宋, of the title.
const TITLE: &str = "方正小标宋简体";
/// 仿宋, of the body.
const BODY: &str = "仿宋_GB2312";
/// 黑体, of headings in the body.
const HEADING: &str = "黑体";
/// 宋体, of page numbers.
const SONG: &str = "宋体";
/// Digits and Latin letters.
const LATIN: &str = "Times New Roman";
/// Half points: 二号, 三号, 四号, 小五.
const SECOND: usize = 44;
const THIRD: usize = 32;
const FOURTH: usize = 28;
const SMALL: usize = 18;
/// The name of the office over the letter.
const MAST: usize = 64;
/// Twentieths of a point: a line of 28.95 pt, so that a page has 22; a line of the title; a character of the body.
const LINE: i32 = 579;
const TITLE_LINE: i32 = 700;
const CHARACTER: i32 = 320;
/// Twentieths of a point of 37, 35, 28, 26 mm.
const MARGIN: PageMargin =
    PageMargin { top: 2098, bottom: 1984, left: 1587, right: 1474, header: 851, footer: 1361, gutter: 0 };
/// When every letter says that it was made.
const MADE: &str = "2000-01-01T00:00:00Z";
const RED: &str = "C00000";

/// The bytes of the document. A draft says on each page that it is one.
///
/// # Errors
/// 500 if the package cannot be written.
pub(super) fn write(text: &Text, draft: bool) -> Result<Vec<u8>, Refusal> {
    let mut page = Page::default();
    let mut docx = Docx::new()
        .page_size(11906, 16838)
        .page_margin(MARGIN)
        .created_at(MADE)
        .updated_at(MADE)
        .default_fonts(fonts(BODY))
        .default_size(THIRD)
        .footer(Footer::new().add_paragraph(page.number(AlignmentType::Right)))
        .even_footer(Footer::new().add_paragraph(page.number(AlignmentType::Left)));
    if draft {
        docx =
            docx.header(Header::new().add_paragraph(page.mark())).even_header(Header::new().add_paragraph(page.mark()));
    }
    let paragraphs = page.letter(text);
    let docx = paragraphs.into_iter().fold(docx, Docx::add_paragraph);
    let mut bytes = Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).map_err(Refusal::broken)?;
    Ok(bytes.into_inner())
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().east_asia(name).ascii(LATIN).hi_ansi(LATIN).hint("eastAsia")
}

fn run(text: &str, font: &str, size: usize) -> Run {
    Run::new().add_text(text).fonts(fonts(font)).size(size)
}

/// One border, where the crate would draw all four.
fn only(border: ParagraphBorder) -> ParagraphBorders {
    ParagraphBorders::with_empty().set(border)
}

/// Numbers paragraphs: the crate would number them by how many the process has made before.
#[derive(Default)]
struct Page(u32);

impl Page {
    fn paragraph(&mut self, line: i32) -> Paragraph {
        self.0 += 1;
        let spacing = LineSpacing::new().line_rule(LineSpacingType::Exact).line(line).before(0).after(0);
        Paragraph::new().id(format!("{:08X}", self.0)).line_spacing(spacing)
    }

    fn empty(&mut self) -> Paragraph {
        self.paragraph(LINE).add_run(run("", BODY, THIRD))
    }

    /// Two characters in, as every paragraph of the body.
    fn body(&mut self, text: &str, font: &str) -> Paragraph {
        self.paragraph(LINE)
            .align(AlignmentType::Both)
            .indent(None, Some(SpecialIndentType::FirstLine(2 * CHARACTER)), None, None)
            .add_run(run(text, font, THIRD))
    }

    /// `— 1 —`, a character in from the edge that is outside.
    fn number(&mut self, side: AlignmentType) -> Paragraph {
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

    fn mark(&mut self) -> Paragraph {
        let mark = run("草稿　未经审定，不得送达", HEADING, FOURTH).color(RED);
        self.paragraph(400).align(AlignmentType::Right).add_run(mark)
    }

    fn letter(&mut self, text: &Text) -> Vec<Paragraph> {
        let mut out = self.head(text);
        let to = self.paragraph(LINE).add_run(run(&text.to, BODY, THIRD));
        out.extend([to, self.body(&text.opening, BODY)]);
        out.extend([self.body("一、民主测评结果", HEADING), self.body(&text.result(), BODY)]);
        out.push(self.body("二、意见建议", HEADING));
        let opinions = text.numbered();
        for (at, line) in (1..).zip(&opinions) {
            // Office and date never stand on a page without words of the letter.
            out.push(self.body(line, BODY).keep_next(at == opinions.len()));
        }
        out.push(self.body("特此函告。", BODY).keep_next(true));
        out.push(self.empty().keep_next(true));
        out.extend(self.signed(text));
        out.push(self.empty());
        for (at, note) in text.notes().into_iter().enumerate() {
            let mut line = self.paragraph(300).add_run(run(&note, SONG, SMALL));
            if at == 0 {
                line.property = line
                    .property
                    .set_borders(only(ParagraphBorder::new(ParagraphBorderPosition::Top).size(4).space(4)));
            }
            out.push(line.keep_lines(true).keep_next(at < 2));
        }
        out
    }

    /// The office in red over a double rule, 文号 at the right under it, the title.
    fn head(&mut self, text: &Text) -> Vec<Paragraph> {
        let size = if text.office.chars().count() > 14 { SECOND } else { MAST };
        let mast = run(&text.office, TITLE, size).color(RED);
        let mut office = self.paragraph(900).align(AlignmentType::Center).add_run(mast);
        let rule = ParagraphBorder::new(ParagraphBorderPosition::Bottom).val(BorderType::ThickThinSmallGap);
        office.property = office.property.set_borders(only(rule.size(18).space(6).color(RED)));
        let number = self.paragraph(LINE).align(AlignmentType::Right).add_run(run(&text.number, BODY, THIRD));
        let mut out = vec![office, number, self.empty()];
        for line in broken(&text.title) {
            let title = run(&line, TITLE, SECOND);
            out.push(self.paragraph(TITLE_LINE).align(AlignmentType::Center).add_run(title));
        }
        out.push(self.empty());
        out
    }

    /// Office and date at the right; the shorter of them stands under or over the middle of the longer.
    fn signed(&mut self, text: &Text) -> [Paragraph; 2] {
        let width =
            |text: &str| -> i32 { text.chars().map(|c| if c.is_ascii() { CHARACTER / 2 } else { CHARACTER }).sum() };
        let (office, date) = (width(&text.office), width(&text.date));
        let edge = if office > date { 2 * CHARACTER } else { 4 * CHARACTER };
        let aside = |own: i32, other: i32| edge + ((other - own) / 2).max(0);
        [(&text.office, aside(office, date)), (&text.date, aside(date, office))].map(|(words, right)| {
            let line = self.paragraph(LINE).align(AlignmentType::Right).keep_next(true);
            line.indent(None, None, Some(right), None).add_run(run(words, BODY, THIRD))
        })
    }
}

/// A title in lines of at most 20 characters, the upper ones longer, broken where a word ends if it can be.
fn broken(title: &str) -> Vec<String> {
    const MOST: usize = 20;
    let characters: Vec<char> = title.chars().collect();
    let lines = characters.len().div_ceil(MOST).max(1);
    let each = characters.len().div_ceil(lines);
    let mut out = Vec::new();
    let mut rest = characters.as_slice();
    while rest.len() > MOST {
        let at = (each.saturating_sub(3)..=(each + 3).min(MOST))
            .filter(|at| ends_a_word(rest, *at))
            .min_by_key(|at| at.abs_diff(each))
            .unwrap_or(each);
        let (line, after) = rest.split_at(at.clamp(1, rest.len()));
        out.push(line.iter().collect());
        rest = after;
    }
    out.push(rest.iter().collect());
    out
}

/// Whether a line may end before this character: not inside a number, and best before 意见, 和, 的.
fn ends_a_word(text: &[char], at: usize) -> bool {
    let next: String = text.iter().skip(at).take(2).collect();
    ["意见", "民主", "述职", "结果"].iter().any(|word| next == *word) || next.starts_with('和')
}
