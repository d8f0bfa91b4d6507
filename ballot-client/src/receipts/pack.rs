//! A phone's receipts for pictures: short parts in letters and digits that a QR code holds densely.
//!
//! ```text
//! packed = 0x01 || meeting(16) || M(32) || key(4) || (item(2) || round(1) || leaf(32) || signature(64))^r
//! part   = "DX1:" k "/" n ":" check ":" data         k = 1..n; data: the k-th of n pieces of base32(packed)
//! check  = the first 4 bytes of SHA-256(packed), 8 upper-case hexadecimal digits: which parts belong together
//! ```
//! base32 has Crockford's 32 characters, zero bits at the end. What is left out of the notes follows from the rest.

use douxuan_crypto::{
    bytes::{DecodeError, Reader, hex},
    contest::Contest,
    hash::sha256,
};

use super::text::Note;

const MARK: &str = "DX1:";
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a part's data: with its head 1 035, what a QR code of version 21 holds at level M. Seven receipts on
/// a screen of 360 points; a denser picture fails on the cameras of older phones.
const PIECE: usize = 1_010;
/// Most parts: 241 contests make 38.
const MOST: usize = 60;

/// Why there is nothing to unpack, or nothing to pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No part, or no receipt, in the text.
    Nothing,
    /// The n-th part in the text is cut short or has a character that no part has.
    Unreadable(usize),
    /// Parts of two phones, or of one phone at two times.
    OtherPhone,
    /// These of so many parts are not there yet.
    Missing {
        /// Their numbers, from 1.
        parts: Vec<usize>,
        /// How many there are in all.
        of: usize,
    },
    /// All parts are there, and together they are not what was packed.
    Checksum,
    /// Receipts of two meetings: each is packed for itself.
    OtherMeeting,
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Nothing => f.write_str("there is no receipt in it"),
            Self::Unreadable(n) => write!(f, "part {n} is cut short or changed: copy or photograph it again"),
            Self::OtherPhone => f.write_str("the parts are of two phones: look at one phone after the other"),
            Self::Missing { parts, of } => write!(f, "of {of} parts these are missing: {parts:?}"),
            Self::Checksum => f.write_str("a part is not what was packed: copy or photograph all parts again"),
            Self::OtherMeeting => f.write_str("the receipts are of two meetings"),
        }
    }
}

impl std::error::Error for Problem {}

/// Packs the notes of one phone: one part a QR code.
///
/// # Errors
/// [`Problem::Nothing`] without notes, [`Problem::OtherMeeting`] if they are not all of one meeting and key.
pub fn pack(notes: &[Note]) -> Result<Vec<String>, Problem> {
    let first = notes.first().ok_or(Problem::Nothing)?;
    let head = |note: &Note| (note.meeting, note.manifest, note.key);
    if notes.iter().any(|note| head(note) != head(first)) {
        return Err(Problem::OtherMeeting);
    }
    let mut packed = vec![1];
    packed.extend_from_slice(&first.meeting);
    packed.extend_from_slice(&first.manifest);
    packed.extend_from_slice(&first.key);
    for note in notes {
        packed.extend_from_slice(&note.contest.item_bytes());
        packed.extend_from_slice(&note.contest.round_bytes());
        packed.extend_from_slice(&note.leaf);
        packed.extend_from_slice(&note.signature);
    }
    let data = encode(&packed);
    let count = data.len().div_ceil(PIECE);
    // Pieces of one size: no picture is denser than it must be.
    let pieces = data.as_bytes().chunks(data.len().div_ceil(count));
    let part = |(k, piece): (usize, &[u8])| {
        let piece: String = piece.iter().map(|b| char::from(*b)).collect();
        format!("{MARK}{}/{count}:{}:{piece}", k + 1, check(&packed))
    };
    Ok(pieces.enumerate().map(part).collect())
}

fn check(packed: &[u8]) -> String {
    hex(&sha256(packed)[..4]).to_ascii_uppercase()
}

struct Part<'a> {
    number: usize,
    of: usize,
    check: &'a str,
    data: &'a str,
}

impl<'a> Part<'a> {
    fn read(word: &'a str) -> Option<Self> {
        let mut fields = word.strip_prefix(MARK)?.split(':');
        let (place, check, data) = (fields.next()?, fields.next()?, fields.next()?);
        let (number, of) = place.split_once('/')?;
        let (number, of): (usize, usize) = (number.parse().ok()?, of.parse().ok()?);
        let whole = fields.next().is_none() && check.len() == 8 && !data.is_empty();
        let known = data.bytes().all(|b| ALPHABET.contains(&b));
        (whole && known && (1..=MOST).contains(&of) && (1..=of).contains(&number)).then_some(Self {
            number,
            of,
            check,
            data,
        })
    }
}

/// The notes in the parts of a text, whatever stands around them. **Not verified.** A part may stand twice.
///
/// # Errors
/// [`Problem`] saying what to do next.
pub fn unpack(text: &str) -> Result<Vec<Note>, Problem> {
    let mut pieces: Vec<Option<&str>> = Vec::new();
    let mut belongs = None;
    for (n, word) in text.split_whitespace().filter(|word| word.starts_with(MARK)).enumerate() {
        let part = Part::read(word).ok_or(Problem::Unreadable(n + 1))?;
        if *belongs.get_or_insert((part.check, part.of)) != (part.check, part.of) {
            return Err(Problem::OtherPhone);
        }
        pieces.resize(part.of, None);
        let piece = &mut pieces[part.number - 1];
        if piece.is_some_and(|known| known != part.data) {
            return Err(Problem::Checksum);
        }
        *piece = Some(part.data);
    }
    let (expected, of) = belongs.ok_or(Problem::Nothing)?;
    let parts: Vec<usize> = (1..=of).filter(|number| pieces[number - 1].is_none()).collect();
    if !parts.is_empty() {
        return Err(Problem::Missing { parts, of });
    }
    let data: String = pieces.into_iter().flatten().collect();
    let packed = decode(&data).filter(|packed| check(packed) == expected).ok_or(Problem::Checksum)?;
    notes(&packed).map_err(|_| Problem::Checksum)
}

fn notes(packed: &[u8]) -> Result<Vec<Note>, DecodeError> {
    let mut reader = Reader::new(packed);
    reader.version()?;
    let (meeting, manifest, key) = (reader.array()?, reader.array()?, reader.array()?);
    let mut notes = Vec::new();
    while reader.left() > 0 {
        let contest = Contest::new(reader.u16()?, reader.u8()?);
        notes.push(Note { meeting, manifest, contest, leaf: reader.array()?, key, signature: reader.array()? });
    }
    Ok(notes)
}

fn encode(bytes: &[u8]) -> String {
    let digit = |five: u32| char::from(ALPHABET[(five & 31) as usize]);
    let (mut out, mut rest, mut bits) = (String::with_capacity(bytes.len() * 8 / 5 + 1), 0u32, 0);
    for byte in bytes {
        // At most four bits are left over from the byte before.
        (rest, bits) = (rest << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            out.push(digit(rest >> bits));
        }
        rest &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(digit(rest << (5 - bits)));
    }
    out
}

/// Only the form that [`encode`] gives.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut rest, mut bits) = (Vec::with_capacity(text.len() * 5 / 8), 0u32, 0);
    for c in text.bytes() {
        let five = u32::try_from(ALPHABET.iter().position(|known| *known == c)?).ok()?;
        (rest, bits) = (rest << 5 | five, bits + 5);
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(rest >> bits).ok()?);
            rest &= (1 << bits) - 1;
        }
    }
    (encode(&out) == text).then_some(out)
}
