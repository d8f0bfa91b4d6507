//! The letter as a Word document.

use docx_rs::{AlignmentType, BorderType, Header, Paragraph, ParagraphBorder, ParagraphBorderPosition};

use super::{
    Text,
    text::{Part, Said},
};
use crate::{
    record::word::{
        BODY, CHARACTER, FOURTH, HEADING, LINE, MAST, Page, RED, SECOND, SMALL, SONG, THIRD, TITLE, TITLE_LINE,
        document, only, pack, run,
    },
    web::Refusal,
};

/// The bytes of the document. A draft says on each page that it is one.
///
/// # Errors
/// 500 if the package cannot be written.
pub(super) fn write(text: &Text, draft: bool) -> Result<Vec<u8>, Refusal> {
    let mut page = Page::default();
    let mut docx = document(&mut page);
    if draft {
        docx =
            docx.header(Header::new().add_paragraph(page.mark())).even_header(Header::new().add_paragraph(page.mark()));
    }
    let paragraphs = page.letter(text);
    pack(paragraphs.into_iter().fold(docx, docx_rs::Docx::add_paragraph))
}

impl Page {
    fn mark(&mut self) -> Paragraph {
        let mark = run("草稿　未经审定，不得送达", HEADING, FOURTH).color(RED);
        self.paragraph(400).align(AlignmentType::Right).add_run(mark)
    }

    /// The lines of a letter and nothing else: what the screen shows before the approval is what stands here.
    fn letter(&mut self, text: &Text) -> Vec<Paragraph> {
        let lines = text.lines();
        let signed = lines.iter().position(|line| line.part == Part::Signed).unwrap_or(lines.len());
        let note = lines.iter().position(|line| line.part == Part::Note).unwrap_or(lines.len());
        let mut out = Vec::new();
        for (at, Said { part, text: words }) in lines.iter().enumerate() {
            // Office and date never stand on a page without words of the letter.
            let kept = at < signed && at + 2 >= signed;
            match part {
                Part::Office => out.push(self.mast(words)),
                Part::Number => {
                    let number = run(words, BODY, THIRD);
                    out.extend([self.paragraph(LINE).align(AlignmentType::Right).add_run(number), self.empty()]);
                }
                Part::Title => {
                    out.extend(broken(words).iter().map(|line| self.title(line)));
                    out.push(self.empty());
                }
                Part::To => out.push(self.paragraph(LINE).add_run(run(words, BODY, THIRD))),
                Part::Heading => out.push(self.body(words, HEADING).keep_next(true)),
                Part::Body => out.push(self.body(words, BODY).keep_next(kept)),
                Part::Signed => {
                    out.push(self.empty().keep_next(true));
                    out.extend(self.signed(text));
                    out.push(self.empty());
                }
                // Beside the office: its place depends on it.
                Part::Date => {}
                Part::Note => out.push(self.note(words, at == note).keep_next(at + 1 < lines.len())),
            }
        }
        out
    }

    fn note(&mut self, words: &str, first: bool) -> Paragraph {
        let mut line = self.paragraph(300).add_run(run(words, SONG, SMALL)).keep_lines(true);
        if first {
            let rule = ParagraphBorder::new(ParagraphBorderPosition::Top).size(4).space(4);
            line.property = line.property.set_borders(only(rule));
        }
        line
    }

    /// The office in red over a double rule.
    fn mast(&mut self, office: &str) -> Paragraph {
        let size = if office.chars().count() > 14 { SECOND } else { MAST };
        let mut line = self.paragraph(900).align(AlignmentType::Center).add_run(run(office, TITLE, size).color(RED));
        let rule = ParagraphBorder::new(ParagraphBorderPosition::Bottom).val(BorderType::ThickThinSmallGap);
        line.property = line.property.set_borders(only(rule.size(18).space(6).color(RED)));
        line
    }

    fn title(&mut self, line: &str) -> Paragraph {
        self.paragraph(TITLE_LINE).align(AlignmentType::Center).add_run(run(line, TITLE, SECOND))
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
