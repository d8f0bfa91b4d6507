//! 签到表: A4, a table for each group, with a code in every row for a hand scanner. The paper is Chinese.

use std::fmt::Write as _;

use douxuan_crypto::manifest::Manifest;

use super::{super::qr, Attendee, code};
use crate::{
    messages::{self, Language, escape},
    web::Refusal,
};

fn zh(key: &str) -> String {
    escape(messages::text(Language::Chinese, key))
}

fn zh_with(key: &str, values: &[(&str, &str)]) -> String {
    escape(&messages::fill(Language::Chinese, key, values))
}

/// The page, with the roster's groups in the order of their first names.
///
/// # Errors
/// [`Refusal`], which no code's length allows.
pub(super) fn page(manifest: &Manifest, drill: bool, roster: &[Attendee], screen: Language) -> Result<String, Refusal> {
    let mut groups: Vec<(&str, Vec<(usize, &Attendee)>)> = Vec::new();
    for (number, attendee) in (1..).zip(roster) {
        match groups.iter_mut().find(|(name, _)| *name == attendee.category) {
            Some((_, people)) => people.push((number, attendee)),
            None => groups.push((&attendee.category, vec![(number, attendee)])),
        }
    }
    let mut page = String::with_capacity(roster.len() * 3_000);
    let say = |key: &str| escape(messages::text(screen, key));
    let _ = write!(
        page,
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/sheet-checkin.css\"><script type=\"module\" src=\"/slips.js\"></script>\
         </head><body><div class=\"screen-only\" lang=\"{lang}\"><p>{guide}</p>\
         <button id=\"print\" type=\"button\">{print}</button></div><main>",
        title = zh("checkin.sheet_title"),
        lang = screen.tag(),
        guide = say("checkin.sheet_guide"),
        print = say("slips.print"),
    );
    if drill {
        let _ = write!(page, "<p class=\"drill\">{}</p>", zh("common.drill"));
    }
    let _ = write!(
        page,
        "<h1>{}<span>{}</span></h1><p class=\"facts\"><span>{}</span><span>{}</span><span>{}</span></p>",
        escape(&manifest.title),
        zh("checkin.sheet_title"),
        escape(&in_words(&manifest.date)),
        escape(&manifest.place),
        zh_with("checkin.sheet_expected", &[("n", &roster.len().to_string())]),
    );
    for (group, people) in groups {
        let count = people.len().to_string();
        let _ = write!(
            page,
            "<table><colgroup><col class=\"number\"><col class=\"name\"><col><col class=\"post\">\
             <col class=\"signature\"><col class=\"code\"></colgroup><thead><tr><th class=\"group\" colspan=\"6\" scope=\"colgroup\">{}</th></tr><tr>",
            zh_with("checkin.sheet_group", &[("group", group), ("n", &count)])
        );
        for column in ["number", "name", "unit", "post", "signature", "code"] {
            let _ = write!(page, "<th scope=\"col\">{}</th>", zh(&format!("checkin.sheet_{column}")));
        }
        page.push_str("</tr></thead><tbody>");
        for (number, attendee) in people {
            row(&mut page, number, attendee)?;
        }
        page.push_str("</tbody></table>");
    }
    let _ = write!(
        page,
        "<p class=\"totals\"><span>{}</span><span>{}</span><span>{}</span></p></main></body></html>",
        zh_with("checkin.sheet_expected", &[("n", &roster.len().to_string())]),
        zh("checkin.sheet_came"),
        zh("checkin.sheet_by"),
    );
    Ok(page)
}

/// `2026-12-14` as the Chinese write it.
fn in_words(date: &str) -> String {
    let mut parts = date.split('-').map(|part| part.trim_start_matches('0'));
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{year}年{month}月{day}日"),
        _ => date.to_owned(),
    }
}

fn row(page: &mut String, number: usize, attendee: &Attendee) -> Result<(), Refusal> {
    let text = code::of(number, attendee);
    let label = zh_with("checkin.sheet_code_of", &[("name", &attendee.name)]);
    let drawn = qr::element(&text, &label).map_err(|_| Refusal::broken("二维码生成失败"))?;
    let (first, second) = text.split_at(4);
    let _ = write!(
        page,
        "<tr><td>{number}</td><td class=\"name\">{}</td><td>{}</td><td>{}</td><td></td>\
         <td class=\"code\">{drawn}<span>{first} {second}</span></td></tr>",
        escape(&attendee.name),
        escape(&attendee.unit),
        escape(&attendee.post),
    );
    Ok(())
}
