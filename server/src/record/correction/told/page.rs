//! The page to print, A4.

use std::fmt::Write as _;

use super::{Heard, Paper, heading, zh};
use crate::messages::escape;

impl Paper {
    /// `files` is the address of its files without their ending.
    pub(super) fn page(&self, files: &str) -> String {
        let words = |key: &str| escape(&zh(key, &[]));
        let Self { title, under, sums, told, foot } = self;
        let title = escape(title);
        let mut page = format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/record-told.css\"><script type=\"module\" src=\"/record-told.js\"></script>\
             </head><body><div class=\"screen-only\"><p>{}</p><p class=\"row\"><button id=\"print\" type=\"button\">{}</button>",
            words("guide"),
            words("print"),
        );
        let file = |page: &mut String, ending: &str, words: String| {
            let _ = write!(page, "<a href=\"{}.{ending}\" download>{words}</a>", escape(files));
        };
        file(&mut page, "docx", words("docx"));
        if cfg!(feature = "pdf") {
            file(&mut page, "pdf", words("pdf"));
        }
        let _ = write!(
            page,
            "</p></div><main><h1>{title}</h1><p class=\"under\">{}</p><p class=\"sums\">{}</p>",
            escape(under),
            escape(sums)
        );
        for (number, heard) in (1..).zip(told) {
            section(&mut page, number, heard);
        }
        let _ = write!(page, "<footer>{}</footer></main></body></html>", escape(foot));
        page
    }
}

fn section(page: &mut String, number: usize, heard: &Heard) {
    let words = |key: &str| escape(&zh(key, &[]));
    let paragraphs = |page: &mut String, texts: &[String]| {
        for text in texts {
            let _ = write!(page, "<p>{}</p>", escape(text));
        }
    };
    let _ = write!(
        page,
        "<section><h2>{}<span>{}</span></h2><dl><dt>{}</dt><dd>{}<p class=\"reason\">{}</p><ol>",
        escape(&heading(number, heard)),
        escape(&heard.post),
        words("notice"),
        escape(&heard.served),
        escape(&heard.reason),
    );
    for point in &heard.points {
        let _ = write!(page, "<li>{}</li>", escape(point));
    }
    let _ = write!(page, "</ol></dd><dt>{}</dt><dd>{}", words("report"), escape(&heard.came));
    if !heard.report.is_empty() {
        paragraphs(page, std::slice::from_ref(&heard.report));
    }
    let _ = write!(page, "<p class=\"sum\">{}</p></dd><dt>{}</dt><dd>", escape(&heard.sum), words("checks"));
    paragraphs(page, &heard.checks);
    if heard.checks.is_empty() {
        let _ = write!(page, "<p>{}</p>", words("no_check"));
    }
    let _ = write!(page, "</dd><dt>{}</dt><dd>", words("decision"));
    paragraphs(page, &heard.decisions);
    if heard.decisions.is_empty() {
        let _ = write!(page, "<p><b>{}</b></p>", words("undecided"));
    }
    page.push_str("</dd></dl></section>");
}
