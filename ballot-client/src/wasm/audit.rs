//! `audit.wasm`: receipts as pictures for the phone page, and all that the receipt page looks up. It needs no import.
//!
//! Every step gives a number: 0 done, else what is wrong (see [`Answer`]).

use douxuan_crypto::manifest::Manifest;
use zeroize::Zeroizing;

use super::steps;
use crate::receipts::{
    codes::{self, BadLog},
    gather, lookup,
    pack::{self, Problem},
    picture, report,
    text::{self, Found, Note},
};

/// What a step came to. The numbers are part of the page's interface.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Answer {
    /// Done.
    Ok = 0,
    /// Bytes of the wrong shape: a mistake of the page.
    Shape = 1,
    /// No receipt, no part, no code in it.
    Nothing = 2,
    /// A part is cut short; gives its place in the text, from 1, in decimal.
    Unreadable = 3,
    /// Parts of two phones.
    OtherPhone = 4,
    /// Parts are missing; gives `of missing missing ...` in decimal.
    Missing = 5,
    /// The parts together are not what was packed.
    Checksum = 6,
    /// Receipts of two meetings.
    OtherMeeting = 7,
    /// The manifest breaks a rule.
    Manifest = 8,
    /// The log's head is not signed.
    UnsignedLog = 9,
    /// The log is not the one that was signed.
    OtherLog = 10,
    /// Not a bundle; gives why.
    NotABundle = 11,
}

type Outcome = (Answer, Zeroizing<Vec<u8>>);

fn plain(answer: Answer) -> Outcome {
    (answer, Zeroizing::default())
}

fn said(answer: Answer, text: impl Into<Vec<u8>>) -> Outcome {
    (answer, Zeroizing::new(text.into()))
}

fn stopped(problem: &Problem) -> Outcome {
    match problem {
        Problem::Nothing => plain(Answer::Nothing),
        Problem::Unreadable(n) => said(Answer::Unreadable, n.to_string()),
        Problem::OtherPhone => plain(Answer::OtherPhone),
        Problem::Missing { parts, of } => {
            let numbers: Vec<String> = core::iter::once(of).chain(parts).map(usize::to_string).collect();
            said(Answer::Missing, numbers.join(" "))
        }
        Problem::Checksum => plain(Answer::Checksum),
        Problem::OtherMeeting => plain(Answer::OtherMeeting),
    }
}

fn utf8(bytes: &[u8], act: impl FnOnce(&str) -> Outcome) -> Outcome {
    core::str::from_utf8(bytes).map_or_else(|_| plain(Answer::Shape), act)
}

fn with(manifest: &[u8], act: impl FnOnce(&Manifest) -> Outcome) -> Outcome {
    Manifest::parse(manifest).map_or_else(|_| plain(Answer::Manifest), |manifest| act(&manifest))
}

fn pack_text(text: &str) -> Outcome {
    let only = |found: Found| match found {
        Found::Note(note) => Some(note),
        Found::Broken(_) => None,
    };
    let notes: Vec<Note> = text::find(text).into_iter().filter_map(only).collect();
    match pack::pack(&notes) {
        Ok(parts) => said(Answer::Ok, parts.join("\n")),
        Err(problem) => stopped(&problem),
    }
}

fn unpack_text(text: &str) -> Outcome {
    match pack::unpack(text) {
        Ok(notes) => said(Answer::Ok, notes.iter().map(Note::to_text).collect::<Vec<_>>().join("\n")),
        Err(problem) => stopped(&problem),
    }
}

fn decode(gray: &[u8], width: u32, height: u32) -> Outcome {
    let (Ok(width), Ok(height)) = (usize::try_from(width), usize::try_from(height)) else {
        return plain(Answer::Shape);
    };
    match picture::read(gray, width, height) {
        texts if texts.is_empty() => plain(Answer::Nothing),
        texts => said(Answer::Ok, texts.join("\n")),
    }
}

fn check(manifest: &Manifest, text: &str) -> Outcome {
    match gather(text) {
        Ok(found) if found.is_empty() => plain(Answer::Nothing),
        Ok(found) => said(Answer::Ok, lookup::receipts_as_json(manifest, &found)),
        Err(problem) => stopped(&problem),
    }
}

fn codes_of(manifest: &Manifest, entries: &[u8], checkpoint: &[u8]) -> Outcome {
    match codes::as_json(manifest, entries, checkpoint) {
        Ok(json) => said(Answer::Ok, json),
        Err(BadLog::Unsigned) => plain(Answer::UnsignedLog),
        Err(BadLog::Other) => plain(Answer::OtherLog),
    }
}

fn audit_text(bundle: &[u8], text: &str) -> Outcome {
    match gather(text) {
        Ok(found) => {
            // A receipt that cannot be read is a receipt that does not verify.
            let bytes = |found: &Found| match found {
                Found::Note(note) => note.to_text().into_bytes(),
                Found::Broken(_) => Vec::new(),
            };
            let receipts: Vec<Vec<u8>> = found.iter().map(bytes).collect();
            said(Answer::Ok, report::audit_as_json(bundle, &receipts))
        }
        Err(problem) => stopped(&problem),
    }
}

steps! {
    /// [`picture::draw`] of a text: `width(1) || module(1)^(width * width)`.
    qr(; text[length]) picture::draw(text).map_or_else(|| plain(Answer::Shape), |modules| said(Answer::Ok, modules))
    /// [`pack::pack`] of the notes in a text: one part a line, for one QR code each.
    pack(; text[length]) utf8(text, pack_text)
    /// [`pack::unpack`] of the parts in a text: the notes, an empty line between.
    unpack(; text[length]) utf8(text, unpack_text)
    /// [`picture::read`] of `width * height` gray bytes: one text a line.
    decode_qr(width, height; gray[length]) decode(gray, width, height)
    /// [`lookup::receipts_as_json`] of the notes and parts in a text.
    check_receipts(; manifest[manifest_length]; text[length])
        with(manifest, |manifest| utf8(text, |text| check(manifest, text)))
    /// [`lookup::place_in_words`] of a note on a whole board.
    find(; manifest[manifest_length]; note[note_length]; entries[entries_length]; checkpoint[checkpoint_length])
        with(manifest, |manifest| said(Answer::Ok, lookup::place_in_words(manifest, note, entries, checkpoint)))
    /// [`codes::as_json`] of a log.
    codes(; manifest[manifest_length]; entries[entries_length]; checkpoint[checkpoint_length])
        with(manifest, |manifest| codes_of(manifest, entries, checkpoint))
    /// [`codes::size_at`] of a log: a decimal number, 0 if it never had this code.
    log_size_at(; manifest[manifest_length]; entries[entries_length]; code[code_length])
        with(manifest, |manifest| utf8(code, |code| {
            said(Answer::Ok, codes::size_at(manifest, entries, code).unwrap_or(0).to_string())
        }))
    /// [`report::audit_as_json`] of a bundle and of the receipts in a text.
    audit(; bundle[bundle_length]; text[length]) utf8(text, |text| audit_text(bundle, text))
    /// [`report::files`] of a bundle.
    unzip(; bundle[bundle_length]) match report::files(bundle) {
        Ok(files) => said(Answer::Ok, files),
        Err(why) => said(Answer::NotABundle, why.to_string()),
    }
}
