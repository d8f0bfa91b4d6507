//! The print page of the slips: A4, four by four, one group of slips after the other. No slip carries a number.

use std::fmt::Write as _;

use douxuan_crypto::manifest::Manifest;
use qrcode::{Color, EcLevel, QrCode};

use super::slips::{Group, Slips};

const PER_SHEET: usize = 16;

/// A QR code that could not be made, which no slip's length allows.
#[derive(Debug)]
pub(super) struct NoCode;

/// The page, for `origin` such as `http://192.168.1.10:8460`. The tokens are in it: it is sent once and kept nowhere.
///
/// # Errors
/// [`NoCode`].
pub(super) fn sheet(
    manifest: &Manifest,
    screen_code: &str,
    slips: &Slips,
    origin: &str,
    drill: bool,
) -> Result<String, NoCode> {
    let mut page = String::with_capacity(slips.len() * 8_000);
    page.push_str(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>票纸</title>\
         <link rel=\"stylesheet\" href=\"/slips.css\"><script type=\"module\" src=\"/slips.js\"></script></head><body>",
    );
    let sheets = [slips.general(), slips.of_officials()];
    let _ = write!(
        page,
        "<p class=\"screen-only\">共 {} 张，{} 页。请按 A4 纸、100 % 比例打印，裁开后对折发放。打印后请关闭本页：票纸不会保存。\
         <button id=\"print\" type=\"button\">打印</button></p>",
        slips.len(),
        sheets.iter().map(|groups| groups.iter().map(Group::len).sum::<usize>().div_ceil(PER_SHEET)).sum::<usize>()
    );
    for groups in sheets {
        let mut prints = Vec::new();
        for group in groups {
            let exclusion = exclusion(manifest, group);
            prints.extend(group.prints(&manifest.id).map(|(fragment, text)| (fragment, text, exclusion.clone())));
        }
        for part in prints.chunks(PER_SHEET) {
            page.push_str("<section class=\"sheet\"><h2>");
            page.push_str(&heading(groups));
            page.push_str("</h2><div class=\"slips\">");
            for (fragment, text, exclusion) in part {
                let code = svg(&format!("{origin}/#{}", fragment.as_str()))?;
                slip(&mut page, manifest, &code, text, screen_code, exclusion, drill);
            }
            page.push_str("</div></section>");
        }
    }
    page.push_str("</body></html>");
    Ok(page)
}

/// Above the slips, outside every one of them.
fn heading(groups: &[Group]) -> String {
    let (all, spares) = groups.iter().fold((0, 0), |(all, spares), group| (all + group.len(), spares + group.spares));
    if groups.iter().all(|group| group.excluded.is_empty()) {
        format!("一般票纸，共 {all} 张，其中备用 {spares} 张")
    } else {
        format!("述职对象本人的票纸，共 {all} 张，其中备用 {spares} 张：请按每张上“不测评”的姓名发给本人")
    }
}

fn slip(
    page: &mut String,
    manifest: &Manifest,
    code: &str,
    text: &str,
    screen_code: &str,
    exclusion: &str,
    drill: bool,
) {
    page.push_str("<article class=\"slip\">");
    if drill {
        page.push_str("<p class=\"drill\">演练</p>");
    }
    let _ = write!(
        page,
        "<h3>{}</h3>{code}<p class=\"typed\">{}</p><p class=\"code\">屏幕码<span>{}</span><span>{}</span></p><p class=\"exclusion\">{exclusion}</p></article>",
        escape(&manifest.title),
        escape(text),
        escape(screen_code.get(..20).unwrap_or(screen_code)),
        escape(screen_code.get(20..).unwrap_or_default()),
    );
}

fn exclusion(manifest: &Manifest, group: &Group) -> String {
    match officials(manifest, group).as_str() {
        "" => "测评全部述职对象".to_owned(),
        names => format!("不测评：{names}"),
    }
}

fn officials(manifest: &Manifest, group: &Group) -> String {
    let names = group.excluded.iter().filter_map(|item| manifest.item(*item));
    names.map(|item| format!("第{}项 {}", item.number, escape(&item.name))).collect::<Vec<_>>().join("、")
}

/// One path of runs: a third of the bytes of one square a module.
fn svg(text: &str) -> Result<String, NoCode> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| NoCode)?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut out = format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"二维码\"><path d=\""
    );
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                let _ = write!(out, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    out.push_str("\"/></svg>");
    Ok(out)
}

/// Text as HTML content or attribute value.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
