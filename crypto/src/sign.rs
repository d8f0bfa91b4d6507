//! Ed25519 (RFC 8032) under one strict rule that every verifier shares (PROTOCOL section 1).

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::Signer;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A signature or key that does not hold. One opaque answer: which rule failed is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the signature or key is not valid")
    }
}

impl std::error::Error for Refused {}

/// A private key. Zeroised on drop; no `Debug`, no `Clone`.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A fresh key: 32 bytes drawn as the seed of RFC 8032, section 5.1.5.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self::from_seed(&seed)
    }

    /// The key of a 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The 32-byte seed, for the file that keeps the key.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// A deterministic signature, 64 bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// A public key that decompressed, re-compressed to the same bytes and has not small order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Reads 32 bytes.
    ///
    /// # Errors
    /// [`Refused`] for a non-canonical encoding, a point off the curve or one of small order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Refused)?;
        let point = CompressedEdwardsY(*bytes).decompress().ok_or(Refused)?;
        // dalek accepts y >= p for A: without this, one key would have two encodings.
        if point.compress().0 != *bytes || point.is_small_order() {
            return Err(Refused);
        }
        ed25519_dalek::VerifyingKey::from_bytes(bytes).map(Self).map_err(|_| Refused)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Checks a 64-byte signature: canonical R of large order, `S < L`, `compress([S]B - [k]A) == R`, no cofactor.
    ///
    /// # Errors
    /// [`Refused`] if any of it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| Refused)?;
        self.0.verify_strict(message, &signature).map_err(|_| Refused)
    }
}
