//! The same as a Word document.

use docx_rs::{AlignmentType, Paragraph};

use super::{Heard, Paper, heading, zh};
use crate::{
    record::word::{BODY, HEADING, LINE, Page, SECOND, SMALL, SONG, THIRD, TITLE, TITLE_LINE, document, pack, run},
    web::Refusal,
};

impl Paper {
    /// # Errors
    /// 500 if the package cannot be written.
    pub(super) fn docx(&self) -> Result<Vec<u8>, Refusal> {
        let Self { title, under, sums, told, foot } = self;
        let mut page = Page::default();
        let docx = document(&mut page);
        let centred = |page: &mut Page, text: &str, font: &str, size: usize| {
            page.paragraph(TITLE_LINE).align(AlignmentType::Center).add_run(run(text, font, size))
        };
        let mut out = vec![centred(&mut page, title, TITLE, SECOND), centred(&mut page, under, BODY, THIRD)];
        out.extend([page.empty(), page.body(sums, BODY)]);
        for (number, heard) in (1..).zip(told) {
            section(&mut page, number, heard, &mut out);
        }
        out.extend([page.empty(), page.paragraph(300).add_run(run(foot, SONG, SMALL))]);
        pack(out.into_iter().fold(docx, docx_rs::Docx::add_paragraph))
    }
}

fn section(page: &mut Page, number: usize, heard: &Heard, out: &mut Vec<Paragraph>) {
    let title = format!("{}　{}", heading(number, heard), heard.post);
    out.push(page.body(title.trim_end(), HEADING).keep_next(true));
    let mut say = |label: &str, texts: &[&str]| {
        let mut lines = texts.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty());
        let first = format!("{}：{}", zh(label, &[]), lines.next().unwrap_or_default());
        out.push(page.body(&first, BODY));
        out.extend(lines.map(|line| page.body(line, BODY)));
    };
    let points: Vec<String> =
        (1..).zip(&heard.points).map(|(at, point): (u32, _)| format!("（{at}）{point}")).collect();
    let notice: Vec<&str> = [&heard.served, &heard.reason].into_iter().chain(&points).map(String::as_str).collect();
    say("notice", &notice);
    say("report", &[&heard.came, &heard.report, &heard.sum]);
    let or = |texts: &[String], key: &str| if texts.is_empty() { vec![zh(key, &[])] } else { texts.to_vec() };
    for (label, texts) in [("checks", or(&heard.checks, "no_check")), ("decision", or(&heard.decisions, "undecided"))] {
        say(label, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let line: &mut Paragraph = if let Some(last) = out.last_mut() { last } else { return };
    line.property.line_spacing =
        Some(docx_rs::LineSpacing::new().line_rule(docx_rs::LineSpacingType::Exact).line(LINE).before(0).after(160));
}
