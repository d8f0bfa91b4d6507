//! ristretto255 (RFC 9496): elements, scalars, and the two generators G and H.

use std::sync::OnceLock;

#[cfg(not(target_arch = "wasm32"))]
use curve25519_dalek::ristretto::RistrettoBasepointTable;
use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto, traits::Identity};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{bytes::DecodeError, hash::sha512, labels};

/// A group element that is canonical and not the identity, with its 32-byte form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    point: RistrettoPoint,
    bytes: [u8; 32],
}

impl Element {
    /// Decodes 32 bytes (RFC 9496, section 4.3.1).
    ///
    /// # Errors
    /// [`DecodeError::NotCanonical`], [`DecodeError::Identity`], or [`DecodeError::Truncated`] for another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| DecodeError::Truncated)?;
        if bytes == [0; 32] {
            return Err(DecodeError::Identity);
        }
        let point = CompressedRistretto(bytes).decompress().ok_or(DecodeError::NotCanonical)?;
        Ok(Self { point, bytes })
    }

    /// An element computed here.
    #[must_use]
    pub fn from_point(point: RistrettoPoint) -> Self {
        Self { point, bytes: point.compress().0 }
    }

    /// The point.
    #[must_use]
    pub fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// The 32-byte form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether this is the identity; only an element computed here can be.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.point == RistrettoPoint::identity()
    }
}

/// Reads a canonical scalar; zero is allowed.
///
/// # Errors
/// [`DecodeError::NotCanonical`] for a value of L or more, [`DecodeError::Truncated`] for another length.
pub fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| DecodeError::Truncated)?;
    Option::from(Scalar::from_canonical_bytes(bytes)).ok_or(DecodeError::NotCanonical)
}

/// A random scalar: 64 bytes little-endian mod L, drawn again if zero.
pub fn random_scalar<R: CryptoRng + ?Sized>(rng: &mut R) -> Zeroizing<Scalar> {
    loop {
        let mut wide = Zeroizing::new([0; 64]);
        rng.fill_bytes(&mut *wide);
        let scalar = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
        if *scalar != Scalar::ZERO {
            return scalar;
        }
    }
}

/// 32 bytes of randomness.
pub fn random_bytes<R: CryptoRng + ?Sized>(rng: &mut R) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *bytes);
    bytes
}

/// `H = from_uniform_bytes(SHA-512("douxuan/v1/pedersen-h"))`: nobody knows its discrete logarithm to G.
pub fn pedersen_h() -> &'static Element {
    static H: OnceLock<Element> = OnceLock::new();
    H.get_or_init(|| Element::from_point(RistrettoPoint::from_uniform_bytes(&sha512(labels::PEDERSEN_H.as_bytes()))))
}

/// `s H` in constant time; where there are tables, by one made once.
#[cfg(target_arch = "wasm32")]
pub(crate) fn mul_h(scalar: &Scalar) -> RistrettoPoint {
    pedersen_h().point() * scalar
}

/// `s H` in constant time; where there are tables, by one made once.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn mul_h(scalar: &Scalar) -> RistrettoPoint {
    static TABLE: OnceLock<RistrettoBasepointTable> = OnceLock::new();
    TABLE.get_or_init(|| RistrettoBasepointTable::create(pedersen_h().point())) * scalar
}

/// `2^(32 j)`, the weight of option `j` in one sum of commitments. The index is public here.
#[must_use]
pub(crate) fn option_weight(j: usize) -> Scalar {
    let mut bytes = [0; 32];
    if let Some(byte) = bytes.get_mut(4 * j) {
        *byte = 1;
    }
    Scalar::from_bytes_mod_order(bytes)
}
