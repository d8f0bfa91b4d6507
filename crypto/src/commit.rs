//! Pedersen commitments to an option (PROTOCOL section 5): `C = 2^(32 j) G + r H`.
//!
//! Perfectly hiding; binding while nobody knows `log_G H`. Sums of commitments open to all counts at once.

use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{
    bytes::DecodeError,
    group::{Element, mul_h, option_weight, scalar_from_bytes},
};

/// What opens a commitment: the option `j` and `r`. Zeroised on drop; no `Debug`, no `Clone`.
#[derive(ZeroizeOnDrop)]
pub struct Opening {
    j: u8,
    r: Scalar,
}

impl Opening {
    /// Bytes of an opening: `j(1) || r(32)`.
    pub const LEN: usize = 33;

    /// An opening of an option by `r`.
    #[must_use]
    pub fn new(j: u8, r: &Scalar) -> Self {
        Self { j, r: *r }
    }

    /// Reads 33 bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for another length or a scalar of L or more. The option's range is checked where it is opened.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (j, r) = bytes.split_first().ok_or(DecodeError::Truncated)?;
        Ok(Self { j: *j, r: scalar_from_bytes(r)? })
    }

    /// The 33 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LEN]> {
        let mut out = Zeroizing::new([0; Self::LEN]);
        out[0] = self.j;
        out[1..].copy_from_slice(self.r.as_bytes());
        out
    }

    /// The option. **A grade: it stays in the process that holds the urn.**
    #[must_use]
    pub fn option(&self) -> u8 {
        self.j
    }

    /// `r`, for the sum at the close.
    #[must_use]
    pub fn randomness(&self) -> &Scalar {
        &self.r
    }

    pub(crate) fn weight(&self, options: usize) -> Zeroizing<Scalar> {
        select_weight(self.j, options)
    }

    /// `C`, in constant time in j and r.
    #[must_use]
    pub fn commit(&self, options: usize) -> Element {
        Element::from_point(RistrettoPoint::mul_base(&self.weight(options)) + mul_h(&self.r))
    }

    /// Whether this opens `C` to one of `options` options, in constant time.
    #[must_use]
    pub fn opens(&self, c: &Element, options: usize) -> bool {
        let known = (0u8..).take(options).fold(subtle::Choice::from(0), |any, i| any | i.ct_eq(&self.j));
        bool::from(known & self.commit(options).as_bytes().ct_eq(c.as_bytes()))
    }
}

/// `2^(32 j)` for a secret j: every option is looked at. Zero if j is none of them.
fn select_weight(j: u8, options: usize) -> Zeroizing<Scalar> {
    let mut weight = Zeroizing::new(Scalar::ZERO);
    for (i, index) in (0u8..).zip(0..options) {
        weight.conditional_assign(&option_weight(index), i.ct_eq(&j));
    }
    weight
}
