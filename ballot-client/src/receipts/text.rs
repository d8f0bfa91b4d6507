//! Receipt notes in a text, as it comes out of a phone, a mail or a message: several in a row, other lines between.

use douxuan_crypto::{
    base64,
    bytes::{hex, unhex},
    contest::Contest,
    merkle::Hash,
};

/// What a receipt note says, **not verified**. Its parts give back the note to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Meeting id.
    pub meeting: [u8; 16],
    /// M.
    pub manifest: Hash,
    /// Which contest.
    pub contest: Contest,
    /// Leaf hash of the ballot.
    pub leaf: Hash,
    /// Which key signed, as the note names it.
    pub key: [u8; 4],
    /// Its signature.
    pub signature: [u8; 64],
}

/// What stands at a place where a receipt begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A note in its form.
    Note(Note),
    /// A beginning without the rest: cut short, or a line is no longer what it was. The line, from 1.
    Broken(usize),
}

impl Note {
    /// The note to the byte, as the server signed it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let name = name(&self.meeting);
        let blob = base64::encode(&[self.key.as_slice(), self.signature.as_slice()].concat());
        let (manifest, leaf) = (hex(&self.manifest), hex(&self.leaf));
        format!("{name}\n{manifest}\n{}\n{leaf}\n\n\u{2014} {name} {blob}\n", self.contest)
    }
}

fn name(meeting: &[u8; 16]) -> String {
    format!("douxuan/{}/receipt", hex(meeting))
}

fn meeting_of(line: &str) -> Option<[u8; 16]> {
    unhex(line.strip_prefix("douxuan/")?.strip_suffix("/receipt")?)
}

/// Every receipt in a text. Spaces around lines, empty lines and quoting marks, which mail programs add, do not matter.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let strip = |line| str::trim_matches(line, |c: char| c.is_whitespace() || c == '>' || c == '\u{feff}');
    let lines: Vec<(usize, &str)> = text
        .lines()
        .map(strip)
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(n, line)| (n + 1, line))
        .collect();
    let mut found = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        if let Some(meeting) = meeting_of(line) {
            let rest: Vec<&str> = lines[at + 1..].iter().take(4).map(|(_, line)| *line).collect();
            found.push(read(meeting, &rest).map_or(Found::Broken(*number), Found::Note));
        }
    }
    found
}

fn read(meeting: [u8; 16], rest: &[&str]) -> Option<Note> {
    let &[manifest, contest, leaf, signed] = rest else { return None };
    // Some programs turn the dash into another one; the name behind it says what it is.
    let signed = signed.trim_start_matches(['\u{2014}', '\u{2013}', '-', ' ']);
    let blob = base64::decode(signed.strip_prefix(&name(&meeting))?.trim_start())?;
    let (key, signature) = blob.split_first_chunk::<4>()?;
    Some(Note {
        meeting,
        manifest: unhex(manifest)?,
        contest: Contest::parse(contest)?,
        leaf: unhex(leaf)?,
        key: *key,
        signature: signature.try_into().ok()?,
    })
}
