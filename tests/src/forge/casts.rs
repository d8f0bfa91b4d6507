//! Ballots made with all keys in hand, honest ones and others.

use curve25519_dalek::Scalar;
use douxuan_crypto::{
    blind::{IssuerKey, hash_to_group},
    commit::Opening,
    contest::Contest,
    credential::{Credential, credential_input},
    group::Element,
    hash::enc,
    labels,
    merkle::{Hash, leaf_hash},
    sign::SigningKey,
};
use rand::{Rng, rngs::StdRng};

use super::Office;

/// A ballot, its opening, and the key it is signed with.
pub struct Cast {
    /// The ballot's bytes.
    pub bytes: Vec<u8>,
    /// The option.
    pub j: u8,
    /// `r` of the commitment.
    pub r: Scalar,
    seed: [u8; 32],
}

/// Where the fields of a ballot stand.
pub(super) const N_AT: core::ops::Range<usize> = 36..68;
/// C.
pub(super) const C_AT: core::ops::Range<usize> = 68..100;

impl Cast {
    /// An honest ballot for option `j`.
    #[must_use]
    pub fn new(office: &Office, contest: Contest, j: u8, rng: &mut StdRng) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self::by(office, contest, office.issuer(contest), j, seed, rng)
    }

    /// A ballot under the credential of an earlier one.
    #[must_use]
    pub fn again(&self, office: &Office, contest: Contest, j: u8, rng: &mut StdRng) -> Self {
        Self::by(office, contest, office.issuer(contest), j, self.seed, rng)
    }

    /// A ballot whose credential another issuer key gave.
    #[must_use]
    pub fn by(office: &Office, contest: Contest, issuer: &IssuerKey, j: u8, seed: [u8; 32], rng: &mut StdRng) -> Self {
        let key = SigningKey::from_seed(&seed);
        let input = credential_input(&office.manifest.id, contest, key.verifying().as_bytes());
        let n = issuer.evaluate(&Element::from_point(hash_to_group(&input)));
        let credential = Credential::new(contest, key, &n);
        let options = office.manifest.options();
        let (bytes, opening) = credential.ballot_for(&office.manifest.id, options, j, rng).unwrap();
        Self { bytes, j, r: *opening.randomness(), seed }
    }

    /// The leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        leaf_hash(&self.bytes)
    }

    /// The opening.
    #[must_use]
    pub fn opening(&self) -> Opening {
        Opening::new(self.j, &self.r)
    }

    /// Changes the ballot and signs it again.
    pub fn change(&mut self, office: &Office, change: impl FnOnce(&mut [u8])) {
        let end = self.bytes.len() - 64;
        change(&mut self.bytes[..end]);
        let signed = enc(labels::BALLOT, &[&office.manifest.id, &self.bytes[..end]]);
        let sigma = SigningKey::from_seed(&self.seed).sign(&signed);
        self.bytes[end..].copy_from_slice(&sigma);
    }
}
