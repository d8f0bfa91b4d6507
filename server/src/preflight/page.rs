//! The printer's test page, A4: what a slip asks of a printer, and every character that may be missing. The paper is
//! Chinese.

use std::fmt::Write as _;

use super::fonts;
use crate::{
    desk::{
        Evening,
        qr::{self, NoCode},
    },
    messages::{self, Language, escape},
};

/// Length of what stands behind the origin in a slip's code, for as many items as there can be.
const SLIP: usize = 70;
/// The sizes of type on slips, in points, largest first; the last is the smallest.
const SIZES: [&str; 5] = ["13.5", "10", "9", "7.5", "6.5"];

fn zh(key: &str) -> String {
    escape(messages::text(Language::Chinese, key))
}

/// The page. `link` leads phones back here and lapses; `now` is printed on it.
///
/// # Errors
/// [`NoCode`], which no link's length allows.
pub(super) fn page(evening: &Evening, link: &str, now: &str, screen: Language) -> Result<String, NoCode> {
    let code = qr::element(&as_long_as_a_slip(link), messages::text(Language::Chinese, "preflight.page_code_label"))?;
    let said = |key: &str| escape(messages::text(screen, key));
    let rare = fonts::rare(&evening.rows);
    let mut out = String::with_capacity(16_000);
    let _ = write!(
        out,
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/slips.css\"><link rel=\"stylesheet\" href=\"/console-preflight-page.css\">\
         <script type=\"module\" src=\"/slips.js\"></script></head>\
         <body><div class=\"screen-only\" lang=\"{lang}\"><p>{guide}</p>\
         <button id=\"print\" type=\"button\">{print}</button></div>\
         <main class=\"test\"><h1>{title}</h1><p class=\"of\">{meeting}　{now}</p>\
         <section><h2>{ruler_title}</h2>{ruler}<p>{ruler_says}</p></section>\
         <section class=\"scan\"><div><h2>{code_title}</h2><p>{code_says}</p><p class=\"typed\">{origin}</p></div>{code}</section>\
         <section><h2>{type_title}</h2>",
        title = zh("preflight.page_title"),
        lang = screen.tag(),
        guide = said("preflight.page_guide"),
        print = said("slips.print"),
        meeting = escape(&evening.title),
        now = escape(now),
        ruler_title = zh("preflight.page_ruler"),
        ruler = ruler(),
        ruler_says = zh("preflight.page_ruler_says"),
        code_title = zh("preflight.page_code"),
        code_says = zh("preflight.page_code_says"),
        origin = escape(&evening.origin_now),
        type_title = zh("preflight.page_type"),
    );
    for (at, size) in SIZES.iter().enumerate() {
        let sample = zh("preflight.page_sample");
        let _ = write!(out, "<p class=\"size-{at}\"><span>{size}pt</span>{sample}</p>");
    }
    let _ = write!(
        out,
        "<p>{}</p></section><section><h2>{}</h2>",
        zh("preflight.page_type_says"),
        zh("preflight.page_rare")
    );
    if rare.is_empty() {
        let _ = write!(out, "<p>{}</p>", zh("preflight.page_rare_none"));
    } else {
        out.push_str("<ul class=\"rare\">");
        for (c, rows) in &rare {
            let (c, name) = (escape(&c.to_string()), rows.first().map(|row| escape(&row.name)).unwrap_or_default());
            let _ = write!(out, "<li><b>{c}</b><i>{c}</i><span>{name}</span></li>");
        }
        let _ = write!(out, "</ul><p>{}</p>", zh("preflight.page_rare_says"));
    }
    let _ = write!(out, "</section><p class=\"signed\">{}</p></main></body></html>", zh("preflight.page_signed"));
    Ok(out)
}

/// The same link with a tail that the page overlooks, so that its code is as dense as a slip's: of small letters, as
/// capitals and digits take less room in a code.
fn as_long_as_a_slip(link: &str) -> String {
    let behind = link.find("/preflight#").map_or(link.len(), |at| link.len() - at);
    let tail = SLIP.saturating_sub(behind);
    if tail == 0 { link.to_owned() } else { format!("{link}.{}", "a".repeat(tail - 1)) }
}

/// 100 mm with a stroke each millimetre.
fn ruler() -> String {
    let mut path = String::from("M0 .5h1000");
    for mm in 0..=100 {
        let length = if mm % 10 == 0 {
            60
        } else if mm % 5 == 0 {
            45
        } else {
            30
        };
        let _ = write!(path, "M{} 0v{length}", mm * 10);
    }
    let figures: String = (0..=10).fold(String::new(), |mut out, cm| {
        let _ = write!(out, "<text x=\"{}\" y=\"95\">{}</text>", cm * 100, cm * 10);
        out
    });
    format!(
        "<svg class=\"ruler\" viewBox=\"-30 -2 1060 110\" role=\"img\" aria-label=\"100 mm\"><path d=\"{path}\"/>{figures}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_as_long_as_a_slips_and_leads_to_the_same_place() {
        let link = format!("http://192.168.1.10:8460/preflight#{}", "0".repeat(32));
        let long = as_long_as_a_slip(&link);
        assert_eq!(long.len(), "http://192.168.1.10:8460".len() + SLIP);
        assert!(long.starts_with(&format!("{link}.")));
        assert_eq!(long.split('#').nth(1).and_then(|fragment| fragment.split('.').next()).map(str::len), Some(32));
    }
}
