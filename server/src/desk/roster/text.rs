//! The text of one cell: taken from what stands there, tidied, and doubted where a person should look.

use douxuan_crypto::manifest::is_forbidden;
use encoding_rs::GB18030;

use super::{
    finding::{At, Decision, Inquiry, shown},
    heading::{Column, Sort},
    sheet::{Cell, Value},
};
use crate::spelling;

/// Reads a cell. `None`: it must be mended, and the inquiry says how.
pub(super) fn read(cell: &Cell, column: &Column, at: At, inquiry: &mut Inquiry<'_>) -> Option<String> {
    let (raw, typed) = match source(cell, column, at, inquiry) {
        Source::Cell(raw) => (raw, false),
        Source::Typed(raw) => (raw, true),
        Source::LeftEmpty => return Some(String::new()),
    };
    let text = tidy(&raw, column, at, inquiry)?;
    let text = if typed { text } else { doubt(text, column, at, inquiry)? };
    measure(&text, column, at, inquiry).then_some(text)
}

/// The running number: nothing depends on it, so that nothing in it is asked or refused.
pub(super) fn read_serial(cell: &Cell, at: At, inquiry: &mut Inquiry<'_>) {
    let old = cell.shown();
    let new = spelling::narrow(old);
    if cell.formula.is_none() && new != old {
        let text = format!("序号“{}”是全角数字，作“{}”。", shown(old), shown(&new));
        inquiry.repaired(at, "full_width", text, old, &new);
    }
}

enum Source {
    Cell(String),
    Typed(String),
    LeftEmpty,
}

/// What a cell says; formulas, dates, numbers and errors are for a person to decide.
fn source(cell: &Cell, column: &Column, at: At, inquiry: &mut Inquiry<'_>) -> Source {
    let heading = column.heading;
    let value = cell.shown().trim();
    let broken = matches!(cell.value, Value::Broken(_));
    let (kind, question, usable) = match (&cell.formula, &cell.value) {
        (Some(formula), _) if value.is_empty() || broken => {
            let text = format!("“{heading}”是公式 ={}，文件里没有存着可用的值。公式不会在这里计算。", shown(formula));
            ("formula", text, false)
        }
        (Some(formula), _) => {
            let text = format!(
                "“{heading}”是公式 ={}，文件里存着的值是“{}”。公式不会在这里计算。",
                shown(formula),
                shown(value)
            );
            ("formula", text, true)
        }
        (None, Value::Broken(_)) => ("broken", format!("“{heading}”是错误值 {}。", shown(value)), false),
        (None, Value::Date(_)) => ("date", format!("“{heading}”是日期或时间“{}”，不是文字。", shown(value)), true),
        (None, Value::Number(_)) => ("number", format!("“{heading}”是数字“{}”，不是文字。", shown(value)), true),
        (None, Value::Text(_) | Value::Empty) => return Source::Cell(cell.shown().to_owned()),
    };
    let used = ("use_value", format!("用“{}”", shown(value)));
    let empty = ("empty", "这一格留空".to_owned());
    let (choices, what): (&[_], _) = match (usable, column.may_stay_empty) {
        (true, _) => (&[used], "对就照用；不对就填上正确的文字。"),
        (false, true) => (&[empty], "请填上正确的文字，或者留空。"),
        (false, false) => (&[], "请填上正确的文字，或在表格里改好后重新导入。"),
    };
    match inquiry.ask(at, kind, (question, what), choices, true) {
        Decision::Typed(text) => Source::Typed(text),
        // Open or chosen: the reading goes on, so that everything else is found in one go.
        _ if usable => Source::Cell(value.to_owned()),
        _ => Source::LeftEmpty,
    }
}

fn tidy(raw: &str, column: &Column, at: At, inquiry: &mut Inquiry<'_>) -> Option<String> {
    let heading = column.heading;
    // A cell of several lines is usual for a post; two lines of a name may be two people.
    let lines = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{b}') && column.sort != Sort::Name;
    let one_line: String = raw.chars().map(|c| if lines(c) { ' ' } else { c }).collect();
    if let Some(bad) = one_line.trim().chars().find(|c| is_forbidden(*c)) {
        let text = format!("“{heading}”中有不可见的控制字符或改变书写方向的字符（U+{:04X}）。", u32::from(bad));
        inquiry.error(at, "forbidden", text, "请在这一格重新键入文字。");
        return None;
    }
    if one_line.contains(char::REPLACEMENT_CHARACTER) {
        let text = format!("“{heading}”里有损坏的文字（�）。");
        inquiry.error(at, "forbidden", text, "请在这一格重新键入文字。");
        return None;
    }
    let trimmed = raw.trim();
    let visible: String = one_line.trim().chars().filter(|c| !is_invisible(*c)).collect();
    let narrowed = spelling::narrow(&visible);
    let closed = match column.sort {
        Sort::Phrase | Sort::Serial => spelling::phrase(&visible),
        Sort::Name => spelling::name(&visible),
        Sort::Word => spelling::word(&visible),
    };
    if closed != trimmed {
        let steps = [
            ("spaces", "去掉多余的空格", closed != narrowed),
            ("full_width", "全角数字和字母改为半角", narrowed != visible),
            ("invisible", "去掉看不见的字符", visible != one_line.trim()),
            ("lines", "几行接成一行", one_line.trim() != trimmed),
        ];
        let done: Vec<(&'static str, &str)> =
            steps.into_iter().filter(|(.., done)| *done).map(|(kind, said, _)| (kind, said)).collect();
        let kind = done.first().map_or("spaces", |(kind, _)| kind);
        let done: Vec<&str> = done.into_iter().map(|(_, said)| said).collect();
        let text = format!("{heading}“{}”作“{}”：{}。", shown(trimmed), shown(&closed), done.join("，"));
        inquiry.repaired(at, kind, text, trimmed, &closed);
    }
    Some(closed)
}

/// Takes part in no word and cannot be seen, but makes two names differ.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// Notes and asks what a person should see, and takes a corrected text for an answer.
fn doubt(text: String, column: &Column, at: At, inquiry: &mut Inquiry<'_>) -> Option<String> {
    let heading = column.heading;
    let seen = shown(&text);
    if has_markup(&text) {
        let said = format!("{heading}“{seen}”像是网页标记或公式，按文字收下，显示和打印时也只是文字。");
        inquiry.note(at, "markup", said, "不该是这样的，请在表格里改好后重新导入。");
    }
    let rare = rare(&text);
    if !rare.is_empty() {
        let said = format!("{heading}“{seen}”里有少见的字：{}。", rare.join("、"));
        inquiry.note(at, "rare", said, "打印票纸之前，请在打印预览里看清这些字。");
    }
    let keep = ("keep", format!("照原样收下“{seen}”"));
    let question = if let Some(own) = text.chars().find(|c| is_private(*c)) {
        let said = format!("{heading}“{seen}”里有自造字（U+{:04X}），换一台电脑就显示不出来。", u32::from(own));
        Some(("private", said, "请填上正式的字；没有就照原样收下，打印前核对。"))
    } else if column.sort == Sort::Name && is_lost(&text) {
        let said = format!("姓名“{seen}”里有问号，可能是没有转换成功的少见字。");
        Some(("lost", said, "请填上正确的姓名。"))
    } else if column.sort == Sort::Name && is_several(&text) {
        let said = format!("姓名“{seen}”像是不止一个人。");
        Some(("several", said, "不止一个人的，请在表格里分成几行后重新导入。"))
    } else {
        None
    };
    let Some((kind, said, what)) = question else { return Some(text) };
    match inquiry.ask(at, kind, (said, what), &[keep], true) {
        Decision::Typed(typed) => tidy(&typed, column, at, inquiry),
        _ => Some(text),
    }
}

fn has_markup(text: &str) -> bool {
    let tag =
        text.split('<').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?%".contains(c)));
    let entity = text.contains("&#") || ["&lt;", "&gt;", "&amp;", "&quot;"].iter().any(|entity| text.contains(entity));
    tag || entity || text.contains("{{") || text.starts_with(['=', '+', '-', '@'])
}

/// Chinese characters outside GB 2312: fonts may lack them. Each once, in order; beyond Unicode's first plane with its
/// number.
fn rare(text: &str) -> Vec<String> {
    let mut rare: Vec<String> = Vec::new();
    for c in text.chars().filter(|c| is_han(*c) && !is_common(*c)) {
        let name = if u32::from(c) > 0xffff { format!("{c}（U+{:X}）", u32::from(c)) } else { c.to_string() };
        if !rare.contains(&name) {
            rare.push(name);
        }
    }
    rare
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// In GB 2312, whose characters stand in one block of GB 18030.
fn is_common(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, ..) = GB18030.encode(c.encode_utf8(&mut buffer));
    matches!(*bytes, [0xb0..=0xf7, 0xa1..=0xfe])
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Chinese characters and question marks or boxes, nothing else.
fn is_lost(name: &str) -> bool {
    let lost = |c: char| matches!(c, '?' | '？' | '□' | '〓' | '■');
    name.chars().any(lost) && name.chars().any(is_han) && name.chars().all(|c| lost(c) || is_han(c))
}

/// Chinese characters with what separates the members of a list.
fn is_several(name: &str) -> bool {
    let between = |c: char| matches!(c, '、' | '，' | '；' | ',' | ';' | '/' | '／');
    name.chars().any(between) && name.chars().any(is_han) && name.chars().all(|c| between(c) || is_han(c))
}

fn measure(text: &str, column: &Column, at: At, inquiry: &mut Inquiry<'_>) -> bool {
    let heading = column.heading;
    let length = text.chars().count();
    if text.is_empty() && column.needed {
        let what = format!("请填写 1 到 {} 个字。", column.longest);
        inquiry.error(at, "empty_cell", format!("“{heading}”是空的。"), what);
        return false;
    }
    if length > column.longest {
        let problem = format!("“{heading}”有 {length} 个字，最多 {} 个。", column.longest);
        inquiry.error(at, "too_long", problem, "请缩短后再导入。");
        return false;
    }
    true
}
