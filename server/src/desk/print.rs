//! The print page of the slips: A4, four by four, one group of slips after the other. No slip carries a number.

use std::fmt::Write as _;

use douxuan_crypto::manifest::Manifest;

use super::{
    qr::{self, NoCode},
    slips::{Group, Slips},
};
use crate::messages::{self, Language, escape};

const PER_SHEET: usize = 16;
/// Chinese characters that fit in the usual size: two lines of title, one of exclusion. What is longer is set smaller.
const TITLE: usize = 28;
const EXCLUSION: usize = 14;
/// What fits in two lines of the smaller size; the rest takes the smallest one and as many lines as it needs.
const TITLE_SMALL: usize = 34;
const EXCLUSION_SMALL: usize = 34;

/// What all slips of a meeting have in common.
pub(super) struct Sheet<'a> {
    /// The meeting.
    pub(super) manifest: &'a Manifest,
    /// Screen code of its manifest.
    pub(super) screen_code: &'a str,
    /// Where the slips lead, such as `http://192.168.1.10:8460`.
    pub(super) origin: &'a str,
    /// A drill, marked on every slip.
    pub(super) drill: bool,
    /// Language of what stands around the sheets on the screen.
    pub(super) screen: Language,
}

/// Words of the paper, which is Chinese.
fn zh(key: &str) -> String {
    escape(messages::text(Language::Chinese, key))
}

fn zh_with(key: &str, values: &[(&str, &str)]) -> String {
    escape(&messages::fill(Language::Chinese, key, values))
}

impl Sheet<'_> {
    /// The page. The tokens are in it: it is sent once and kept nowhere.
    ///
    /// # Errors
    /// [`NoCode`], which no slip's length allows.
    pub(super) fn page(&self, slips: &Slips) -> Result<String, NoCode> {
        let mut page = String::with_capacity(slips.len() * 8_000);
        let _ = write!(
            page,
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <link rel=\"stylesheet\" href=\"/slips.css\"><script type=\"module\" src=\"/slips.js\"></script></head><body>",
            zh("slips.title")
        );
        let kinds = [slips.general(), slips.of_officials()];
        let sheets: usize =
            kinds.iter().map(|groups| groups.iter().map(Group::len).sum::<usize>().div_ceil(PER_SHEET)).sum();
        self.guide(&mut page, slips.len(), sheets);
        for groups in kinds {
            let mut prints = Vec::new();
            for group in groups {
                let exclusion = self.exclusion(group);
                prints.extend(group.prints(&self.manifest.id).map(|(link, text)| (link, text, exclusion.clone())));
            }
            for part in prints.chunks(PER_SHEET) {
                let _ = write!(
                    page,
                    "<section class=\"sheet\"><h2>{}<span>{}</span></h2><div class=\"slips\">",
                    heading(groups),
                    zh("slips.cut_and_fold")
                );
                for (link, text, exclusion) in part {
                    let code = qr::element(
                        &format!("{}/#{}", self.origin, link.as_str()),
                        messages::text(Language::Chinese, "slips.code_label"),
                    )?;
                    self.slip(&mut page, &code, text, exclusion);
                }
                page.push_str("</div></section>");
            }
        }
        page.push_str("</body></html>");
        Ok(page)
    }

    /// What the office reads on the screen, and nobody on paper.
    fn guide(&self, page: &mut String, slips: usize, sheets: usize) {
        let (slips, sheets) = (slips.to_string(), sheets.to_string());
        let say = |key: &str, values: &[(&str, &str)]| escape(&messages::fill(self.screen, key, values));
        let _ = write!(
            page,
            "<div class=\"screen-only\" lang=\"{}\"><p><b>{}</b></p><p>{}</p><p>{}</p><p>{}</p>\
             <button id=\"print\" type=\"button\">{}</button></div>",
            self.screen.tag(),
            say("slips.guide_count", &[("slips", &slips), ("sheets", &sheets)]),
            say("slips.guide_print", &[]),
            say("slips.guide_address", &[("origin", self.origin)]),
            say("slips.guide_once", &[]),
            say("slips.print", &[]),
        );
    }

    fn slip(&self, page: &mut String, code: &str, text: &str, exclusion: &str) {
        page.push_str("<article class=\"slip\">");
        if self.drill {
            let _ = write!(page, "<p class=\"drill\">{}</p>", zh("common.drill"));
        }
        // Two groups a line; as text it is one code with its three hyphens.
        let (first, second) = text.split_at(text.len().min(10));
        let _ = write!(
            page,
            "<h3{}>{}</h3>{code}<p class=\"scan\">{}</p>\
             <p class=\"typed\"><span>{}</span><span>{}</span></p>\
             <p class=\"code\">{}<span>{}</span><span>{}</span></p>\
             <p class=\"exclusion\"><span{}>{}</span></p></article>",
            size(&self.manifest.title, TITLE, TITLE_SMALL),
            escape(&self.manifest.title),
            zh("slips.scan"),
            escape(first),
            escape(second),
            zh("slips.screen_code"),
            escape(self.screen_code.get(..20).unwrap_or(self.screen_code)),
            escape(self.screen_code.get(20..).unwrap_or_default()),
            size(exclusion, EXCLUSION, EXCLUSION_SMALL),
            escape(exclusion),
        );
    }

    /// What a slip does not rate, in words.
    fn exclusion(&self, group: &Group) -> String {
        let items = group.excluded.iter().filter_map(|item| self.manifest.item(*item));
        let names: Vec<String> = items.map(|item| format!("第{}项 {}", item.number, item.name)).collect();
        match names.join("、").as_str() {
            "" => messages::text(Language::Chinese, "slips.rates_all").to_owned(),
            names => messages::fill(Language::Chinese, "slips.rates_not", &[("names", names)]),
        }
    }
}

/// The class of a text by its width.
fn size(text: &str, fits: usize, fits_small: usize) -> &'static str {
    match width(text) {
        wide if wide > fits_small => " class=\"tiny\"",
        wide if wide > fits => " class=\"small\"",
        _ => "",
    }
}

/// Width in Chinese characters, others being a little over half as wide.
fn width(text: &str) -> usize {
    (text.chars().map(|c| if c.is_ascii() { 6 } else { 10 }).sum::<usize>()).div_ceil(10)
}

/// Above the slips, outside every one of them.
fn heading(groups: &[Group]) -> String {
    let (all, spares) = groups.iter().fold((0, 0), |(all, spares), group| (all + group.len(), spares + group.spares));
    let key = if groups.iter().all(|group| group.excluded.is_empty()) {
        "slips.heading_general"
    } else {
        "slips.heading_officials"
    };
    zh_with(key, &[("all", &all.to_string()), ("spares", &spares.to_string())])
}
