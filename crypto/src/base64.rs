//! Strict base64 (RFC 4648): padded standard alphabet for notes, unpadded URL alphabet for slips.
//!
//! Public data only; a token's fragment is read on the device that holds it, so timing tells nobody anything.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode_with(alphabet: &[u8; 64], bytes: &[u8], pad: bool) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let b = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let sextets = [b[0] >> 2, (b[0] & 3) << 4 | b[1] >> 4, (b[1] & 15) << 2 | b[2] >> 6, b[2] & 63];
        for (i, s) in sextets.into_iter().enumerate() {
            if i <= chunk.len() {
                out.push(char::from(alphabet[usize::from(s)]));
            } else if pad {
                out.push('=');
            }
        }
    }
    out
}

fn decode_with(alphabet: &[u8; 64], text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut word = 0u32;
        for c in chunk {
            let value = alphabet.iter().position(|a| a == c)?;
            word = word << 6 | u32::try_from(value).ok()?;
        }
        word <<= 6 * (4 - chunk.len());
        let bytes = word.to_be_bytes();
        out.extend_from_slice(&bytes[1..chunk.len()]);
    }
    Some(out)
}

/// Padded standard base64.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    encode_with(STANDARD, bytes, true)
}

/// Reads padded standard base64; only the canonical form.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let bytes = decode_with(STANDARD, text.trim_end_matches('=').as_bytes())?;
    (encode(&bytes) == text).then_some(bytes)
}

/// URL-safe base64 without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    encode_with(URL, bytes, false)
}

/// Reads URL-safe base64 without padding; only the canonical form.
#[must_use]
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    let bytes = decode_with(URL, text.as_bytes())?;
    (encode_url(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{decode, decode_url, encode, encode_url};

    #[test]
    fn rfc_4648_section_10() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
            assert_eq!(decode_url(&encode_url(plain.as_bytes())).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["Zg=", "Zg", "Zh==", "Z", "Zg==\n", "Zm9-", "====", "Zg==Zg=="] {
            assert!(decode(text).is_none(), "{text}");
        }
        for text in ["Zg==", "Zh", "Z", "Zm9+"] {
            assert!(decode_url(text).is_none(), "{text}");
        }
    }
}
