//! Tokens: the right to enrol once, printed on a slip (PROTOCOL section 3).

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{
    base64,
    bytes::{DecodeError, Reader},
    labels,
    merkle::{self, Hash},
    sign::SigningKey,
};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 80 random bits. Zeroised on drop; no `Debug`, no `Clone`.
#[derive(ZeroizeOnDrop)]
pub struct Token([u8; 10]);

impl Token {
    /// Draws a token (10 bytes of randomness).
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = [0; 10];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A token from its 10 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 10]) -> Self {
        Self(*bytes)
    }

    /// The 10 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 10]> {
        Zeroizing::new(self.0)
    }

    /// 16 Crockford base32 characters in groups of four, as printed.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(19));
        for group in 0..4 {
            if group > 0 {
                out.push('-');
            }
            for place in 0..4 {
                let bit = (group * 4 + place) * 5;
                let pair = u16::from(self.0[bit / 8]) << 8 | u16::from(*self.0.get(bit / 8 + 1).unwrap_or(&0));
                let value = pair >> (11 - bit % 8) & 31;
                out.push(char::from(ALPHABET[usize::from(value)]));
            }
        }
        out
    }

    /// Reads typed text: either case, hyphens dropped, then I and L are 1, O is 0.
    ///
    /// # Errors
    /// [`DecodeError::Range`] for spaces, U and any other character, [`DecodeError::Truncated`] or
    /// [`DecodeError::Trailing`] for another number of characters.
    pub fn parse_text(text: &str) -> Result<Self, DecodeError> {
        let mut number = Zeroizing::new(0u128);
        let mut count = 0;
        for c in text.bytes().filter(|c| *c != b'-') {
            let c = match c.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            let value = ALPHABET.iter().position(|a| *a == c).ok_or(DecodeError::Range)?;
            count += 1;
            if count > 16 {
                return Err(DecodeError::Trailing);
            }
            *number = *number << 5 | value as u128;
        }
        if count < 16 {
            return Err(DecodeError::Truncated);
        }
        let mut bytes = Zeroizing::new([0; 10]);
        bytes.copy_from_slice(&Zeroizing::new(number.to_be_bytes())[6..]);
        Ok(Self(*bytes))
    }

    /// `seed_T = HKDF-SHA256(salt = meeting id, IKM = token, info = "douxuan/v1/token", 32)` as an Ed25519 key.
    /// **Nothing else may ever be derived from a token**: whoever printed the slip could recompute it.
    #[must_use]
    pub fn signing_key(&self, meeting: &[u8; 16]) -> SigningKey {
        let mut seed = Zeroizing::new([0; 32]);
        let expanded = Hkdf::<Sha256>::new(Some(meeting), &self.0).expand(labels::TOKEN.as_bytes(), &mut *seed);
        debug_assert!(expanded.is_ok(), "32 bytes are always available (RFC 5869, section 2.3)");
        SigningKey::from_seed(&seed)
    }
}

/// Which items a slip does not rate: bit i-1 of a big-endian number of `ceil(items / 8)` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mask(Vec<u8>);

impl Mask {
    /// A mask that excludes the items given (numbers from 1).
    #[must_use]
    pub fn excluding(items: usize, excluded: &[u16]) -> Self {
        let mut bytes = vec![0; items.div_ceil(8)];
        for item in excluded {
            let bit = usize::from(*item).wrapping_sub(1);
            let len = bytes.len();
            if let Some(byte) = len.checked_sub(1 + bit / 8).and_then(|i| bytes.get_mut(i)) {
                *byte |= 1 << (bit % 8);
            }
        }
        Self(bytes)
    }

    /// Reads a mask for a number of items.
    ///
    /// # Errors
    /// [`DecodeError`] for another length, or [`DecodeError::Range`] for a bit above the last item.
    pub fn from_bytes(bytes: &[u8], items: usize) -> Result<Self, DecodeError> {
        match bytes.len().cmp(&items.div_ceil(8)) {
            core::cmp::Ordering::Less => return Err(DecodeError::Truncated),
            core::cmp::Ordering::Greater => return Err(DecodeError::Trailing),
            core::cmp::Ordering::Equal => {}
        }
        let spare_bits = bytes.len() * 8 - items;
        if bytes.first().is_some_and(|first| u16::from(*first) >> (8 - spare_bits) != 0) {
            return Err(DecodeError::Range);
        }
        Ok(Self(bytes.to_vec()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether an item is not rated by this slip; the rehearsal (item 0) always is.
    #[must_use]
    pub fn excludes(&self, item: u16) -> bool {
        let Some(bit) = usize::from(item).checked_sub(1) else { return false };
        self.0.len().checked_sub(1 + bit / 8).and_then(|i| self.0.get(i)).is_some_and(|b| b >> (bit % 8) & 1 == 1)
    }

    /// The excluded items, ascending.
    #[must_use]
    pub fn excluded(&self) -> Vec<u16> {
        let last = u16::try_from(self.0.len() * 8).unwrap_or(u16::MAX);
        (1..=last).filter(|item| self.excludes(*item)).collect()
    }
}

/// A leaf of the token tree: `0x01 || T || mask`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenLeaf {
    /// Public key of the token.
    pub t: [u8; 32],
    /// What the slip does not rate.
    pub mask: Mask,
}

impl TokenLeaf {
    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[1], self.t.as_slice(), self.mask.as_bytes()].concat()
    }

    /// Reads a leaf for a number of items.
    ///
    /// # Errors
    /// [`DecodeError`] for another form.
    pub fn from_bytes(bytes: &[u8], items: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let t = reader.array()?;
        let mask = Mask::from_bytes(reader.take(items.div_ceil(8))?, items)?;
        reader.end()?;
        Ok(Self { t, mask })
    }

    /// `SHA-256(0x00 || leaf)`.
    #[must_use]
    pub fn hash(&self) -> Hash {
        merkle::leaf_hash(&self.to_bytes())
    }
}

/// The token tree: leaves sorted by T, no two alike.
#[derive(Clone, Debug)]
pub struct TokenTree {
    leaves: Vec<TokenLeaf>,
    hashes: Vec<Hash>,
}

impl TokenTree {
    /// Sorts leaves into a tree.
    ///
    /// # Errors
    /// [`DecodeError::Range`] if two have the same T.
    pub fn new(mut leaves: Vec<TokenLeaf>) -> Result<Self, DecodeError> {
        leaves.sort_unstable();
        if leaves.windows(2).any(|pair| pair[0].t == pair[1].t) {
            return Err(DecodeError::Range);
        }
        let hashes = leaves.iter().map(TokenLeaf::hash).collect();
        Ok(Self { leaves, hashes })
    }

    /// The leaves in order.
    #[must_use]
    pub fn leaves(&self) -> &[TokenLeaf] {
        &self.leaves
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        merkle::root(&self.hashes)
    }

    /// Index of a token.
    #[must_use]
    pub fn find(&self, t: &[u8; 32]) -> Option<usize> {
        self.leaves.binary_search_by(|leaf| leaf.t.cmp(t)).ok()
    }

    /// Inclusion path of a leaf.
    #[must_use]
    pub fn path(&self, index: usize) -> Vec<Hash> {
        merkle::inclusion_path(&self.hashes, index)
    }
}

/// What a slip's QR carries behind `#`: base64url of `0x01 || M || token(10) || mask`.
pub struct Slip {
    /// M of the meeting the slip belongs to.
    pub manifest: [u8; 32],
    /// The token.
    pub token: Token,
    /// What the slip does not rate.
    pub mask: Vec<u8>,
}

impl Slip {
    /// The URL fragment, without `#`.
    #[must_use]
    pub fn fragment(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new([&[1], self.manifest.as_slice(), &self.token.0, &self.mask].concat());
        Zeroizing::new(base64::encode_url(&bytes))
    }

    /// Reads a fragment. The mask's length is checked against the manifest later, by the enrolment.
    ///
    /// # Errors
    /// [`DecodeError`] for another form; masks of 1 to 8 bytes are possible.
    pub fn parse_fragment(text: &str) -> Result<Self, DecodeError> {
        let bytes = Zeroizing::new(base64::decode_url(text).ok_or(DecodeError::NotCanonical)?);
        let mut reader = Reader::new(&bytes);
        reader.version()?;
        let manifest = reader.array()?;
        let token = Token(reader.array()?);
        let mask = reader.take(reader.left())?.to_vec();
        if (1..=8).contains(&mask.len()) { Ok(Self { manifest, token, mask }) } else { Err(DecodeError::Range) }
    }
}
