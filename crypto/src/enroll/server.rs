//! The roll's half: it sees tokens and blinded elements, and answers at one constant length.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{request_hash, request_len, verify_redemption};
use crate::{
    blind::{CONTEXT, IssuerKey},
    bytes::{DecodeError, Reader},
    contest::Contest,
    group::Element,
    manifest::Manifest,
    merkle::Hash,
    seal::{self, Kind, ReplyKey, SealingKey},
    sign::Refused,
    token::Mask,
};

/// A decoded request whose signature holds.
pub struct EnrolRequest {
    t: [u8; 32],
    xs: Vec<Element>,
    hash: [u8; 32],
    signature: [u8; 64],
}

impl EnrolRequest {
    /// Opens an envelope with the enrolment key.
    ///
    /// # Errors
    /// [`Refused`] if it does not open; such a message is closed without a reply.
    pub fn unseal(
        manifest: &Manifest,
        key: &SealingKey,
        wire: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, ReplyKey), Refused> {
        seal::open(Kind::Enrol, &manifest.id, Contest::REHEARSAL, key, wire)
    }

    /// Decodes the plaintext and checks `sig_T`. One bad element refuses all, those of excluded contests too.
    ///
    /// # Errors
    /// [`Refused`], whatever it is.
    pub fn decode(manifest: &Manifest, plain: &[u8]) -> Result<Self, Refused> {
        let request = Self::parse(manifest, plain).map_err(|_| Refused)?;
        verify_redemption(&manifest.id, &request.t, &request.hash, &request.signature)?;
        Ok(request)
    }

    fn parse(manifest: &Manifest, plain: &[u8]) -> Result<Self, DecodeError> {
        if plain.len() != request_len(manifest) {
            return Err(DecodeError::Truncated);
        }
        let mut reader = Reader::new(plain);
        reader.version()?;
        if reader.take(32)? != manifest.id {
            return Err(DecodeError::Range);
        }
        let t = reader.array()?;
        let bytes = reader.take(32 * manifest.contests.len())?;
        let xs = bytes.chunks(32).map(Element::from_bytes).collect::<Result<_, _>>()?;
        let signature = reader.array()?;
        reader.end()?;
        Ok(Self { t, xs, hash: request_hash(bytes), signature })
    }

    /// The token's public key.
    #[must_use]
    pub fn t(&self) -> &[u8; 32] {
        &self.t
    }

    /// Request hash, the identity of the request.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// `sig_T`.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The blinded elements in contest order.
    #[must_use]
    pub fn blinded(&self) -> &[Element] {
        &self.xs
    }

    /// Evaluates every contest whose key is given and whose item the mask does not exclude; the others get 96 zero
    /// bytes. Draws 32 bytes a proof. **Only after the spending is durable**: nothing here checks it.
    ///
    /// # Errors
    /// [`Refused`] if there is not one entry of `keys` for each contest.
    pub fn evaluate<R: CryptoRng + ?Sized>(
        &self,
        manifest: &Manifest,
        mask: &Mask,
        keys: &[Option<&IssuerKey>],
        rng: &mut R,
    ) -> Result<Evaluations, Refused> {
        if keys.len() != self.xs.len() || manifest.contests.len() != self.xs.len() {
            return Err(Refused);
        }
        let mut bytes = Vec::with_capacity(96 * keys.len());
        for ((x, key), contest) in self.xs.iter().zip(keys).zip(&manifest.contests) {
            match key {
                Some(key) if !mask.excludes(contest.contest.item) => {
                    let z = key.evaluate(x);
                    let proof = key.prove(&[(*x, z)], CONTEXT, rng)?;
                    bytes.extend_from_slice(z.as_bytes());
                    bytes.extend_from_slice(&proof.to_bytes());
                }
                _ => bytes.extend_from_slice(&[0; 96]),
            }
        }
        Ok(Evaluations(bytes))
    }
}

/// `(Z || c || s)^c`.
pub struct Evaluations(Vec<u8>);

impl Evaluations {
    /// The reply's plaintext, status 0, padded to the tree's depth.
    #[must_use]
    pub fn reply(&self, manifest: &Manifest, mask: &Mask, index: u32, path: &[Hash]) -> Zeroizing<Vec<u8>> {
        let mut plain = vec![1, 0];
        plain.extend_from_slice(mask.as_bytes());
        plain.extend_from_slice(&self.0);
        plain.extend_from_slice(&index.to_be_bytes());
        plain.extend(path.iter().flatten());
        plain.resize(reply_len(manifest), 0);
        Zeroizing::new(plain)
    }
}

/// Status 1, the rest zero: the one refusal.
#[must_use]
pub fn refusal(manifest: &Manifest) -> Vec<u8> {
    let mut plain = vec![0; reply_len(manifest)];
    plain[0] = 1;
    plain[1] = 1;
    plain
}

/// Bytes of a reply's plaintext, the same for every slip and every outcome.
#[must_use]
pub fn reply_len(manifest: &Manifest) -> usize {
    2 + manifest.mask_len() + 96 * manifest.contests.len() + 4 + 32 * manifest.token_depth()
}
