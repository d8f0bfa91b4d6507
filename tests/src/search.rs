//! Looks for secrets in a heap of bytes, in every form in which a program might have written them down.

use std::{collections::HashMap, fs, path::Path};

/// A file and what it holds.
pub struct Artefact {
    /// Where it came from.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Every file under a folder.
#[must_use]
pub fn gather(folder: &Path) -> Vec<Artefact> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(gather(&path));
        } else {
            found.push(Artefact { name: path.display().to_string(), bytes: fs::read(&path).unwrap() });
        }
    }
    found
}

/// The forms in which bytes may stand somewhere: as they are, reversed, hex, base64, base64url, decimal, an array.
#[must_use]
pub fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let list = |between: &str| secret.iter().map(u8::to_string).collect::<Vec<_>>().join(between).into_bytes();
    let reversed: Vec<u8> = secret.iter().rev().copied().collect();
    vec![
        ("raw", secret.to_vec()),
        ("raw, reversed", reversed.clone()),
        ("hex", hex.clone().into_bytes()),
        ("hex, upper case", hex.to_uppercase().into_bytes()),
        ("base64", base64(secret, 0, b"+/")),
        ("base64, inside", base64(secret, 1, b"+/")),
        ("base64, further inside", base64(secret, 2, b"+/")),
        ("base64url", base64(secret, 0, b"-_")),
        ("base64url, inside", base64(secret, 1, b"-_")),
        ("base64url, further inside", base64(secret, 2, b"-_")),
        ("decimal, big-endian", decimal(secret)),
        ("decimal, little-endian", decimal(&reversed)),
        ("array", list(", ")),
        ("compact array", list(",")),
    ]
}

/// A secret that stands where it must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which secret, in words.
    pub what: String,
    /// In which form.
    pub form: &'static str,
    /// In which artefact.
    pub place: String,
}

/// One form of one secret.
struct Form {
    secret: usize,
    form: &'static str,
    bytes: Vec<u8>,
}

/// The secrets to look for, under the first bytes of each of their forms.
#[derive(Default)]
pub struct Wanted {
    by_start: HashMap<[u8; START], Vec<Form>>,
    names: Vec<String>,
}

/// Long enough that few places of an artefact begin like a form, short enough for an address.
const START: usize = 6;

impl Wanted {
    /// Adds a secret of at least 8 bytes, in all its forms.
    pub fn add(&mut self, what: impl Into<String>, secret: &[u8]) {
        assert!(secret.len() >= 8, "too short to be told from chance");
        for (form, bytes) in forms(secret) {
            self.add_form(form, bytes);
        }
        self.names.push(what.into());
    }

    /// Adds a text, such as the typed code of a slip, in its two cases.
    pub fn add_text(&mut self, what: impl Into<String>, text: &str) {
        self.add_form("text", text.as_bytes().to_vec());
        self.add_form("text, lower case", text.to_lowercase().into_bytes());
        self.names.push(what.into());
    }

    fn add_form(&mut self, form: &'static str, bytes: Vec<u8>) {
        let start = bytes[..START].try_into().unwrap();
        self.by_start.entry(start).or_default().push(Form { secret: self.names.len(), form, bytes });
    }

    /// How many secrets are looked for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Everything that was found.
    #[must_use]
    pub fn search(&self, artefacts: &[Artefact]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for artefact in artefacts {
            for at in 0..artefact.bytes.len().saturating_sub(START - 1) {
                let rest = &artefact.bytes[at..];
                let start: &[u8; START] = rest.first_chunk().unwrap();
                for Form { secret, form, bytes } in self.by_start.get(start).into_iter().flatten() {
                    if rest.starts_with(bytes) {
                        let what = self.names[*secret].clone();
                        let finding = Finding { what, form, place: artefact.name.clone() };
                        if !findings.contains(&finding) {
                            findings.push(finding);
                        }
                    }
                }
            }
        }
        findings
    }
}

/// The characters that stand for these bytes alone, `shift` bytes into a longer text in base64.
fn base64(bytes: &[u8], shift: usize, last: &[u8; 2]) -> Vec<u8> {
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let shared = (6 - shift * 8 % 6) % 6;
    bits[shared..].chunks_exact(6).map(|six| alphabet[usize::from(six.iter().fold(0, |n, bit| n << 1 | bit))]).collect()
}

fn decimal(bytes: &[u8]) -> Vec<u8> {
    let mut digits = vec![0_u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) * 256;
            *digit = u8::try_from(carry % 10).unwrap();
            carry /= 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap());
            carry /= 10;
        }
    }
    digits.iter().rev().map(|d| b'0' + d).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_what_other_programs_write() {
        let secret = b"\x00\x01\xfe\xff hello";
        let form = |name: &str| {
            let forms = forms(secret);
            String::from_utf8_lossy(&forms.iter().find(|(form, _)| *form == name).unwrap().1).into_owned()
        };
        assert_eq!(form("hex"), "0001feff2068656c6c6f");
        assert_eq!(form("base64"), "AAH+/yBoZWxsb");
        assert_eq!(form("base64url"), "AAH-_yBoZWxsb");
        // base64("x" + secret) is eAAB/v8gaGVsbG8=, base64("xx" + secret) is eHgAAf7/IGhlbGxv.
        assert_eq!(form("base64, inside"), "AB/v8gaGVsbG");
        assert_eq!(form("base64url, further inside"), "AAf7_IGhlbGxv");
        assert_eq!(form("compact array"), "0,1,254,255,32,104,101,108,108,111");
        assert_eq!(form("decimal, big-endian"), "36821184711154756719");
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_a_changed_one_in_none() {
        let secret: Vec<u8> = (7..39).collect();
        let mut wanted = Wanted::default();
        wanted.add("s", &secret);
        for (form, bytes) in forms(&secret) {
            let artefact =
                |bytes: &[u8]| vec![Artefact { name: "x".into(), bytes: [b"before", bytes, b"behind"].concat() }];
            let found = wanted.search(&artefact(&bytes));
            assert!(found.iter().any(|finding| finding.form == form), "{form}");
            let mut changed = bytes.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert!(!wanted.search(&artefact(&changed)).iter().any(|finding| finding.form == form), "{form}");
        }
    }
}
