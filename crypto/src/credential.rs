//! Credentials: the right to one ballot in one contest, with no way back to the token that earned it.

use zeroize::Zeroizing;

use crate::{
    blind::{IssuerKey, hash_to_group},
    bytes::{DecodeError, Reader},
    contest::Contest,
    group::Element,
    hash::enc,
    labels,
    sign::SigningKey,
};
use subtle::ConstantTimeEq;

/// `enc("douxuan/v1/credential", M, item, round, B)`: what is blinded.
#[must_use]
pub fn credential_input(manifest: &[u8; 32], contest: Contest, b: &[u8; 32]) -> Vec<u8> {
    enc(labels::CREDENTIAL, &[manifest, &contest.item_bytes(), &contest.round_bytes(), b])
}

/// A ballot key `b` and the credential `N = k * HashToGroup(input)` for it. Zeroised on drop; no `Debug`, no `Clone`.
pub struct Credential {
    contest: Contest,
    key: SigningKey,
    n: Zeroizing<[u8; 32]>,
}

impl Credential {
    /// Stored bytes of a credential: `item(2) || round(1) || b(32) || N(32)`.
    pub const LEN: usize = 67;

    /// A credential from a verified evaluation, unblinded.
    #[must_use]
    pub fn new(contest: Contest, key: SigningKey, n: &Element) -> Self {
        Self { contest, key, n: Zeroizing::new(*n.as_bytes()) }
    }

    /// The contest it is for.
    #[must_use]
    pub fn contest(&self) -> Contest {
        self.contest
    }

    /// B.
    #[must_use]
    pub fn b(&self) -> [u8; 32] {
        *self.key.verifying().as_bytes()
    }

    /// N, 32 bytes.
    #[must_use]
    pub fn n(&self) -> &[u8; 32] {
        &self.n
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The bytes, for the phone's own storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let seed = self.key.seed();
        let (item, round) = (self.contest.item_bytes(), self.contest.round_bytes());
        Zeroizing::new([&item[..], &round, &*seed, &*self.n].concat())
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for another form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let contest = Contest::new(reader.u16()?, reader.u8()?);
        let seed = Zeroizing::new(reader.array()?);
        let n = Element::from_bytes(reader.take(32)?)?;
        reader.end()?;
        Ok(Self::new(contest, SigningKey::from_seed(&seed), &n))
    }
}

impl IssuerKey {
    /// Whether N is this key's credential for B, compared in constant time.
    #[must_use]
    pub fn authorises(&self, manifest: &[u8; 32], contest: Contest, b: &[u8; 32], n: &[u8; 32]) -> bool {
        let input = Element::from_point(hash_to_group(&credential_input(manifest, contest, b)));
        let expected = Zeroizing::new(*self.evaluate(&input).as_bytes());
        bool::from(expected.ct_eq(n))
    }
}
