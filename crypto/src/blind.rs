//! RFC 9497, mode VOPRF, suite ristretto255-SHA512: blind evaluation and its proof.
//!
//! The voter blinds an input, the issuer raises it to a key it never sees unblinded, and a proof shows that the
//! same key was used for everybody. Elements are used before `Finalize`: the credential is the group element itself.

use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{
    bytes::DecodeError,
    contest::Contest,
    group::{Element, random_bytes, random_scalar, scalar_from_bytes},
    hash::{enc, h2s},
    labels,
    sign::Refused,
};

/// `contextString = "OPRFV1-" || I2OSP(mode, 1) || "-" || identifier` for mode 1.
pub(crate) const CONTEXT: &[u8] = b"OPRFV1-\x01-ristretto255-SHA512";

/// `expand_message_xmd` of RFC 9380, section 5.3.1, for SHA-512 and 64 bytes out: `b_1` alone.
///
/// The tag is at most 255 bytes: ours are 13 bytes and a context of at most 120.
#[allow(clippy::cast_possible_truncation, reason = "tags are built here and are short")]
fn expand(message: &[&[u8]], tag: &[&[u8]]) -> [u8; 64] {
    let tag_len = tag.iter().map(|t| t.len()).sum::<usize>() as u8;
    let finish = |mut hasher: Sha512| -> [u8; 64] {
        for t in tag {
            hasher.update(t);
        }
        hasher.update([tag_len]);
        hasher.finalize().into()
    };
    let mut hasher = Sha512::new_with_prefix([0; 128]);
    for m in message {
        hasher.update(m);
    }
    hasher.update([0, 64, 0]);
    let b_0 = finish(hasher);
    finish(Sha512::new_with_prefix(b_0).chain_update([1]))
}

/// `HashToGroup(input)`; always with the RFC's own tag.
#[must_use]
pub fn hash_to_group(input: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand(&[input], &[b"HashToGroup-", CONTEXT]))
}

fn hash_to_scalar(message: &[&[u8]], context: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand(message, &[b"HashToScalar-", context]))
}

/// The voter's blind of one input. Zeroised on drop.
#[derive(ZeroizeOnDrop)]
pub struct Blind(Scalar);

impl Blind {
    /// Draws a blind (64 bytes of randomness).
    pub fn draw<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(*random_scalar(rng))
    }

    /// Reads a stored blind.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not canonical, or zero.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let scalar = scalar_from_bytes(bytes)?;
        if scalar == Scalar::ZERO { Err(DecodeError::Range) } else { Ok(Self(scalar)) }
    }

    /// The 32 bytes, for the phone's own storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// `blindedElement = blind * HashToGroup(input)` (RFC 9497, section 3.3.2).
    #[must_use]
    pub fn blind(&self, input: &[u8]) -> Element {
        Element::from_point(hash_to_group(input) * self.0)
    }

    /// `blind^-1 * evaluatedElement`: the credential.
    #[must_use]
    pub fn unblind(&self, evaluated: &Element) -> Element {
        let inverse = Zeroizing::new(self.0.invert());
        Element::from_point(evaluated.point() * *inverse)
    }
}

/// `c || s`, 64 bytes: the same key lies between each pair of elements (RFC 9497, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    c: Scalar,
    s: Scalar,
}

impl Proof {
    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(self.c.as_bytes());
        out[32..].copy_from_slice(self.s.as_bytes());
        out
    }

    /// Reads 64 bytes; both scalars canonical.
    ///
    /// # Errors
    /// [`DecodeError`] otherwise.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (c, s) = bytes.split_at_checked(32).ok_or(DecodeError::Truncated)?;
        Ok(Self { c: scalar_from_bytes(c)?, s: scalar_from_bytes(s)? })
    }

    /// `VerifyProof(G, K, C, D, proof)` of RFC 9497, section 2.2.2, under a context string. All inputs are public.
    ///
    /// # Errors
    /// [`Refused`] if the proof does not hold, the lists differ in length, or have none or over 65 535 pairs.
    pub fn verify(&self, k: &Element, pairs: &[(Element, Element)], context: &[u8]) -> Result<(), Refused> {
        let d = weights(k, pairs, context)?;
        let composite = |side: fn(&(Element, Element)) -> RistrettoPoint| {
            RistrettoPoint::vartime_multiscalar_mul(&d, pairs.iter().map(side))
        };
        let m = composite(|p| *p.0.point());
        let z = composite(|p| *p.1.point());
        let t2 = RistrettoPoint::vartime_double_scalar_mul_basepoint(&self.c, k.point(), &self.s);
        let t3 = RistrettoPoint::vartime_multiscalar_mul([self.s, self.c], [m, z]);
        let [m, z, t2, t3] = [m, z, t2, t3].map(|p| p.compress().0);
        if challenge(k, &[&m, &z, &t2, &t3], context) == self.c { Ok(()) } else { Err(Refused) }
    }
}

/// `d_i` of `ComputeComposites`.
fn weights(k: &Element, pairs: &[(Element, Element)], context: &[u8]) -> Result<Vec<Scalar>, Refused> {
    if pairs.is_empty() || pairs.len() > 65_535 {
        return Err(Refused);
    }
    let tag_len = u16::try_from(context.len() + 5).map_err(|_| Refused)?.to_be_bytes();
    let seed: [u8; 64] = Sha512::new()
        .chain_update(32u16.to_be_bytes())
        .chain_update(k.as_bytes())
        .chain_update(tag_len)
        .chain_update(b"Seed-")
        .chain_update(context)
        .finalize()
        .into();
    let width = 32u16.to_be_bytes();
    (0u16..)
        .zip(pairs)
        .map(|(i, (c, d))| {
            let index = i.to_be_bytes();
            let message: [&[u8]; 8] =
                [&64u16.to_be_bytes(), &seed, &index, &width, c.as_bytes(), &width, d.as_bytes(), b"Composite"];
            Ok(hash_to_scalar(&message, context))
        })
        .collect()
}

fn challenge(k: &Element, parts: &[&[u8; 32]; 4], context: &[u8]) -> Scalar {
    let width = 32u16.to_be_bytes();
    let [m, z, t2, t3] = *parts;
    let message: [&[u8]; 11] = [&width, k.as_bytes(), &width, m, &width, z, &width, t2, &width, t3, b"Challenge"];
    hash_to_scalar(&message, context)
}

/// A contest's issuer key k and K = k G. The key is zeroised on drop; no `Debug`, no `Clone`.
pub struct IssuerKey {
    k: Zeroizing<Scalar>,
    public: Element,
}

impl IssuerKey {
    /// `DeriveKeyPair(seed, info)` of RFC 9497, section 3.2.1.
    ///
    /// # Errors
    /// [`Refused`] after 256 zero scalars or for an info of over 65 535 bytes, neither of which happens.
    pub fn derive_from_info(seed: &[u8; 32], info: &[u8]) -> Result<Self, Refused> {
        let len = u16::try_from(info.len()).map_err(|_| Refused)?.to_be_bytes();
        for counter in 0..=255u8 {
            let message: [&[u8]; 4] = [seed, &len, info, &[counter]];
            let wide = Zeroizing::new(expand(&message, &[b"DeriveKeyPair", CONTEXT]));
            let k = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
            if *k != Scalar::ZERO {
                return Ok(Self::from_scalar(k));
            }
        }
        Err(Refused)
    }

    /// The key of a contest: info `enc("douxuan/v1/issuer", meeting id, item, round)` (PROTOCOL section 4).
    ///
    /// # Errors
    /// As [`Self::derive_from_info`].
    pub fn derive(seed: &[u8; 32], meeting: &[u8; 16], contest: Contest) -> Result<Self, Refused> {
        let info = enc(labels::ISSUER, &[meeting, &contest.item_bytes(), &contest.round_bytes()]);
        Self::derive_from_info(seed, &info)
    }

    fn from_scalar(k: Zeroizing<Scalar>) -> Self {
        let public = Element::from_point(RistrettoPoint::mul_base(&k));
        Self { k, public }
    }

    /// Reads a stored key.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not a canonical non-zero scalar.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let k = Zeroizing::new(scalar_from_bytes(bytes)?);
        if *k == Scalar::ZERO { Err(DecodeError::Range) } else { Ok(Self::from_scalar(k)) }
    }

    /// The 32 bytes, for the contest's secret file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.k.to_bytes())
    }

    /// K.
    #[must_use]
    pub fn public(&self) -> &Element {
        &self.public
    }

    /// `BlindEvaluate`: `Z = k X`, constant time in k.
    #[must_use]
    pub fn evaluate(&self, x: &Element) -> Element {
        Element::from_point(x.point() * *self.k)
    }

    /// `GenerateProof(k, G, K, C, D)` of RFC 9497, section 2.2.1, under a context string, the nonce being
    /// `H2S("douxuan/v1/nonce-dleq", k, context, K, M', Z', 32 fresh bytes)`.
    ///
    /// # Errors
    /// [`Refused`] for no pair or over 65 535 pairs.
    pub fn prove<R: CryptoRng + ?Sized>(
        &self,
        pairs: &[(Element, Element)],
        context: &[u8],
        rng: &mut R,
    ) -> Result<Proof, Refused> {
        let fresh = random_bytes(rng);
        self.prove_with(pairs, context, |m, z| {
            Zeroizing::new(h2s(
                labels::NONCE_DLEQ,
                &[self.k.as_bytes(), context, self.public.as_bytes(), m, z, &*fresh],
            ))
        })
    }

    /// The proof with a nonce of the caller's, for the RFC's vectors.
    fn prove_with(
        &self,
        pairs: &[(Element, Element)],
        context: &[u8],
        nonce: impl FnOnce(&[u8; 32], &[u8; 32]) -> Zeroizing<Scalar>,
    ) -> Result<Proof, Refused> {
        // Weights and elements are public; only products with k and the nonce are secret.
        let d = weights(&self.public, pairs, context)?;
        let m = RistrettoPoint::vartime_multiscalar_mul(&d, pairs.iter().map(|p| p.0.point()));
        let z = (m * *self.k).compress().0;
        let m_bytes = m.compress().0;
        let r = nonce(&m_bytes, &z);
        let t2 = RistrettoPoint::mul_base(&r).compress().0;
        let t3 = (m * *r).compress().0;
        let c = challenge(&self.public, &[&m_bytes, &z, &t2, &t3], context);
        Ok(Proof { c, s: *r - c * *self.k })
    }

    /// `GenerateProof` with the random scalar given, as RFC 9497's vectors print it. Never with a value used twice.
    ///
    /// # Errors
    /// As [`Self::prove`].
    #[doc(hidden)]
    pub fn prove_with_fixed_nonce(&self, pairs: &[(Element, Element)], r: &[u8; 32]) -> Result<Proof, Refused> {
        let r = Zeroizing::new(scalar_from_bytes(r).map_err(|_| Refused)?);
        self.prove_with(pairs, CONTEXT, |_, _| r)
    }
}

/// A proof under RFC 9497's own context string: enrolment.
///
/// # Errors
/// [`Refused`] if it does not hold.
pub fn verify_evaluation(k: &Element, x: &Element, z: &Element, proof: &Proof) -> Result<(), Refused> {
    proof.verify(k, &[(*x, *z)], CONTEXT)
}
