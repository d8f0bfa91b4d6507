//! The choice proof: a commitment holds one of the options, and nothing says which (PROTOCOL section 5).
//!
//! ```text
//! pi = a_0..a_{n-1} || c_0..c_{n-2} || z_0..z_{n-1}                    96 n - 32 bytes
//! c  = H2S("douxuan/v1/choice", M, item, round, n, H, B, N, C, a_0..a_{n-1}),  c_{n-1} = c - sum c_j
//! valid iff  z_j H == a_j + c_j (C - 2^(32 j) G)  for every j
//! ```

use curve25519_dalek::{
    RistrettoPoint, Scalar,
    traits::{Identity, VartimeMultiscalarMul},
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::{
    bytes::{DecodeError, Reader},
    commit::Opening,
    contest::Contest,
    group::{Element, mul_h, option_weight, pedersen_h, random_bytes, scalar_from_bytes},
    hash::h2s,
    labels,
    sign::Refused,
};

/// What a choice proof is about. All of it is public.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Identity of the manifest.
    pub manifest: &'a [u8; 32],
    /// The contest.
    pub contest: Contest,
    /// Number of options n, 2..=7.
    pub options: usize,
    /// Ballot key, 32 bytes.
    pub b: &'a [u8; 32],
    /// Credential, 32 bytes.
    pub n: &'a [u8; 32],
    /// Commitment.
    pub c: &'a Element,
}

#[allow(clippy::cast_possible_truncation, reason = "n is at most 7")]
impl Statement<'_> {
    fn challenge(&self, a: &[[u8; 32]]) -> Scalar {
        let (item, round, count) = (self.contest.item_bytes(), self.contest.round_bytes(), [self.options as u8]);
        let mut parts: Vec<&[u8]> =
            vec![self.manifest, &item, &round, &count, pedersen_h().as_bytes(), self.b, self.n, self.c.as_bytes()];
        parts.extend(a.iter().map(<[u8; 32]>::as_slice));
        h2s(labels::CHOICE, &parts)
    }

    fn nonce(&self, opening: &Opening, i: u8, what: &[u8], fresh: &[u8; 32]) -> Zeroizing<Scalar> {
        let (item, round, count) = (self.contest.item_bytes(), self.contest.round_bytes(), [self.options as u8]);
        Zeroizing::new(h2s(
            labels::NONCE_CHOICE,
            &[
                opening.randomness().as_bytes(),
                self.manifest,
                &item,
                &round,
                &count,
                self.b,
                self.n,
                self.c.as_bytes(),
                &[i],
                what,
                fresh,
            ],
        ))
    }
}

/// A decoded proof.
#[derive(Clone, Debug)]
pub struct ChoiceProof {
    a: Vec<Element>,
    c: Vec<Scalar>,
    z: Vec<Scalar>,
}

/// Bytes of a proof over `n` options.
#[must_use]
pub const fn proof_len(n: usize) -> usize {
    96 * n - 32
}

/// Proves that `statement.c` is `opening`'s commitment. Real and simulated branches do the same work: for every i
/// `a_i = w_i H - e_i (C - 2^(32 i) G)` with `e_i = c_i`, or 0 for the real one, computed through the opening as
/// `(w_i - e_i r) H - e_i (2^(32 j) - 2^(32 i)) G`, two multiplications of fixed bases.
pub fn prove<R: CryptoRng + ?Sized>(statement: &Statement<'_>, opening: &Opening, rng: &mut R) -> Vec<u8> {
    let n = statement.options;
    let fresh = random_bytes(rng);
    let weight = opening.weight(n);
    let r = opening.randomness();
    let mut w: Vec<Zeroizing<Scalar>> = Vec::with_capacity(n);
    let mut e: Vec<Zeroizing<Scalar>> = Vec::with_capacity(n);
    let mut a: Vec<[u8; 32]> = Vec::with_capacity(n);
    for (i, index) in (0u8..).zip(0..n) {
        let w_i = statement.nonce(opening, i, b"z", &fresh);
        let mut e_i = statement.nonce(opening, i, b"c", &fresh);
        e_i.conditional_assign(&Scalar::ZERO, i.ct_eq(&opening.option()));
        let along_h = Zeroizing::new(*w_i - *e_i * r);
        let along_g = Zeroizing::new(*e_i * (option_weight(index) - *weight));
        a.push((mul_h(&along_h) + RistrettoPoint::mul_base(&along_g)).compress().0);
        w.push(w_i);
        e.push(e_i);
    }
    let c = statement.challenge(&a);
    let real = Zeroizing::new(e.iter().fold(c, |rest, e_i| rest - **e_i));
    let mut out = a.concat();
    let mut z = Vec::with_capacity(n);
    for (i, (w_i, e_i)) in (0u8..).zip(w.iter().zip(&e)) {
        let is_real = i.ct_eq(&opening.option());
        let c_i = Scalar::conditional_select(e_i, &real, is_real);
        // e_i is zero exactly where the answer carries the secret; the product is computed everywhere.
        let secret = Zeroizing::new(*real * r);
        z.push(**w_i + Scalar::conditional_select(&Scalar::ZERO, &secret, is_real));
        if usize::from(i) + 1 < n {
            out.extend_from_slice(c_i.as_bytes());
        }
    }
    for z_i in &z {
        out.extend_from_slice(z_i.as_bytes());
    }
    out
}

impl ChoiceProof {
    /// Decodes `96 n - 32` bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for another length, an element that is not canonical or is the identity, a scalar >= L.
    pub fn from_bytes(bytes: &[u8], n: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let a = (0..n).map(|_| Element::from_bytes(reader.take(32)?)).collect::<Result<_, _>>()?;
        let c = (1..n).map(|_| scalar_from_bytes(reader.take(32)?)).collect::<Result<_, _>>()?;
        let z = (0..n).map(|_| scalar_from_bytes(reader.take(32)?)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { a, c, z })
    }

    /// All n challenges, the last one recomputed; `None` if the proof is of another n.
    fn challenges(&self, statement: &Statement<'_>) -> Option<Vec<Scalar>> {
        let n = statement.options;
        if self.a.len() != n || self.c.len() + 1 != n || self.z.len() != n {
            return None;
        }
        let a: Vec<[u8; 32]> = self.a.iter().map(|a| *a.as_bytes()).collect();
        let last = self.c.iter().fold(statement.challenge(&a), |rest, c| rest - c);
        Some(self.c.iter().copied().chain([last]).collect())
    }

    /// Checks one proof equation by equation.
    ///
    /// # Errors
    /// [`Refused`] if any of them does not hold.
    pub fn verify(&self, statement: &Statement<'_>) -> Result<(), Refused> {
        let challenges = self.challenges(statement).ok_or(Refused)?;
        for (j, (c, (a, z))) in challenges.iter().zip(self.a.iter().zip(&self.z)).enumerate() {
            // 0 == a_j + c_j C - c_j 2^(32 j) G - z_j H
            let sum = RistrettoPoint::vartime_multiscalar_mul(
                [*c, -(c * option_weight(j)), -z],
                [*statement.c.point(), curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT, *pedersen_h().point()],
            ) + a.point();
            if sum != RistrettoPoint::identity() {
                return Err(Refused);
            }
        }
        Ok(())
    }
}

/// Checks many proofs with one multi-scalar multiplication: the equations are added up with 128-bit coefficients
/// that are hashed from everything checked, so whoever made the proofs could not know them. A false batch passes
/// with probability 2^-128 a try. **It does not say which proof fails**: ask each alone then.
///
/// # Errors
/// [`Refused`] if any proof does not hold.
pub fn verify_batch(batch: &[(Statement<'_>, &ChoiceProof)]) -> Result<(), Refused> {
    let mut transcript = Sha512::new_with_prefix(labels::BATCH.as_bytes());
    let mut challenges = Vec::with_capacity(batch.len());
    for (statement, proof) in batch {
        let c = proof.challenges(statement).ok_or(Refused)?;
        // c binds the statement and every a_j; the free answers are added here.
        c.iter().chain(&proof.z).for_each(|s| transcript.update(s.as_bytes()));
        challenges.push(c);
    }
    let seed: [u8; 64] = transcript.finalize().into();
    let mut counter = 0u64;
    let mut coefficient = || {
        counter += 1;
        let block = Sha512::new_with_prefix(seed).chain_update(counter.to_be_bytes()).finalize();
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&block[..16]);
        Scalar::from_bytes_mod_order(bytes)
    };
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    let (mut along_g, mut along_h) = (Scalar::ZERO, Scalar::ZERO);
    for ((statement, proof), c) in batch.iter().zip(&challenges) {
        let mut along_c = Scalar::ZERO;
        for (j, (c_j, (a_j, z_j))) in c.iter().zip(proof.a.iter().zip(&proof.z)).enumerate() {
            let rho = coefficient();
            scalars.push(rho);
            points.push(*a_j.point());
            along_c += rho * c_j;
            along_g -= rho * c_j * option_weight(j);
            along_h -= rho * z_j;
        }
        scalars.push(along_c);
        points.push(*statement.c.point());
    }
    scalars.extend([along_g, along_h]);
    points.extend([curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT, *pedersen_h().point()]);
    if RistrettoPoint::vartime_multiscalar_mul(&scalars, &points) == RistrettoPoint::identity() {
        Ok(())
    } else {
        Err(Refused)
    }
}
