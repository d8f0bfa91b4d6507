//! The tally: one opening of the sum of all commitments (PROTOCOL section 8).
//!
//! `sum C == (sum t_j 2^(32 j)) G + R H` and `sum t_j == size`.

use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    bytes::{DecodeError, Reader},
    commit::Opening,
    group::{Element, mul_h, option_weight, scalar_from_bytes},
    sign::Refused,
};

/// Counts and the sum of all r. Secret until published, and erased when withheld: zeroised on drop, no `Debug`.
#[derive(PartialEq, Eq)]
pub struct Tally {
    t: Zeroizing<Vec<u32>>,
    r: Zeroizing<Scalar>,
}

impl Tally {
    /// Adds up openings over `options` options.
    ///
    /// # Errors
    /// [`DecodeError::Range`] if one opens to no option.
    pub fn of<'a>(openings: impl IntoIterator<Item = &'a Opening>, options: usize) -> Result<Self, DecodeError> {
        let mut tally = Self { t: Zeroizing::new(vec![0; options]), r: Zeroizing::new(Scalar::ZERO) };
        let mut known = subtle::Choice::from(1);
        for opening in openings {
            // Every count is touched for every ballot: no memory access says which option it was.
            let mut found = subtle::Choice::from(0);
            for (j, count) in (0u8..).zip(tally.t.iter_mut()) {
                let is_it = j.ct_eq(&opening.option());
                *count += u32::from(is_it.unwrap_u8());
                found |= is_it;
            }
            known &= found;
            *tally.r += opening.randomness();
        }
        if bool::from(known) { Ok(tally) } else { Err(DecodeError::Range) }
    }

    /// A tally from published numbers.
    ///
    /// # Errors
    /// [`DecodeError::NotCanonical`] for R >= L.
    pub fn from_parts(t: &[u32], r: &[u8; 32]) -> Result<Self, DecodeError> {
        Ok(Self { t: Zeroizing::new(t.to_vec()), r: Zeroizing::new(scalar_from_bytes(r)?) })
    }

    /// `t_0..t_{n-1}`.
    #[must_use]
    pub fn t(&self) -> &[u32] {
        &self.t
    }

    /// R, 32 bytes.
    #[must_use]
    pub fn r(&self) -> [u8; 32] {
        self.r.to_bytes()
    }

    /// Checks the opening against commitments. All inputs are public by now.
    ///
    /// # Errors
    /// [`Refused`] if the sum does not open or the number of votes is not the number of commitments.
    pub fn verify<'a>(&self, commitments: impl IntoIterator<Item = &'a Element>) -> Result<(), Refused> {
        let (mut size, mut sum) = (0u64, RistrettoPoint::default());
        for c in commitments {
            size += 1;
            sum += c.point();
        }
        let weights = self.t.iter().enumerate();
        let along_g: Scalar = weights.map(|(j, t)| Scalar::from(*t) * option_weight(j)).sum();
        let opened = RistrettoPoint::mul_base(&along_g) + mul_h(&self.r);
        let votes: u64 = self.t.iter().map(|t| u64::from(*t)).sum();
        if votes == size && opened == sum { Ok(()) } else { Err(Refused) }
    }

    /// The file `tally`: `0x01 || t_0(4)..t_{n-1}(4) || R(32)`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(1 + 4 * self.t.len() + 32));
        out.push(1);
        for t in self.t.iter() {
            out.extend_from_slice(&t.to_be_bytes());
        }
        out.extend_from_slice(self.r.as_bytes());
        out
    }

    /// Reads the file `tally`.
    ///
    /// # Errors
    /// [`DecodeError`] for another form.
    pub fn from_bytes(bytes: &[u8], options: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let t = (0..options).map(|_| reader.u32()).collect::<Result<Vec<_>, _>>()?;
        let r = reader.array()?;
        reader.end()?;
        Self::from_parts(&t, &r)
    }
}
