//! How offices write names, units and posts in lists, and the one form that a meeting and the record of the review keep:
//! two that look the same are the same.

/// A person's name: `王  明` is `王明`, `Ａ` is `A`; a space beside a letter stays.
#[must_use]
pub fn name(text: &str) -> String {
    close_up(&narrow(text), 2)
}

/// A unit, a category, a way of reporting: as a name, and a space with a Chinese character on one side goes as well.
#[must_use]
pub fn word(text: &str) -> String {
    close_up(&narrow(text), 1)
}

/// A post: several may stand in it, with one space between them.
#[must_use]
pub fn phrase(text: &str) -> String {
    narrow(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Full-width digits and letters as half-width ones; punctuation stays as Chinese text has it.
#[must_use]
pub fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(narrow).collect()
}

/// Takes the spaces out that offices put between Chinese characters to line words up; keeps others. `sides`: on how many
/// sides of a space a Chinese character stands at least.
fn close_up(text: &str, sides: usize) -> String {
    let chinese = |c: Option<char>| usize::from(c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace()));
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if !c.is_whitespace() {
            out.push(c);
            continue;
        }
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        if chinese(out.chars().last()) + chinese(rest.peek().copied()) < sides {
            out.push(' ');
        }
    }
    out
}
