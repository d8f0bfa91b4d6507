//! Sealing to the server: HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305,
//! one message a context, and the sealed reply under an exported key (PROTOCOL section 4).
//!
//! The one suite is written out here because the sender's ephemeral key comes from the caller's randomness as it
//! is, so that native, wasm and Python give the same bytes; RFC 9180's vectors and the `hpke` crate confirm it.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{contest::Contest, group::random_bytes, hash::enc, labels, sign::Refused};

const KEM: &[u8] = b"KEM\x00\x20";
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

/// What an envelope carries: `0x01 || kind || item(2) || round(1) || enc(32) || ct`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An enrolment request.
    Enrol = 1,
    /// A ballot and its opening.
    Cast = 2,
}

impl Kind {
    fn word(self) -> &'static [u8] {
        match self {
            Self::Enrol => b"enrol",
            Self::Cast => b"cast",
        }
    }
}

/// Bytes that an envelope adds to its plaintext.
pub const OVERHEAD: usize = 5 + 32 + 16;
/// Bytes that a sealed reply adds to its plaintext.
pub const REPLY_OVERHEAD: usize = 1 + 12 + 16;

/// An X25519 private key. Zeroised on drop; no `Debug`, no `Clone`.
#[derive(ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// A fresh key (32 bytes of randomness).
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(*random_bytes(rng))
    }

    /// Reads 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The 32 bytes, for the file that keeps the key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        MontgomeryPoint::mul_base_clamped(self.0).0
    }
}

/// Whether a public key gives a non-zero shared secret, which is all that can be asked of one (RFC 7748, section 6.1).
#[must_use]
pub fn is_usable_public(public: &[u8; 32]) -> bool {
    // Any clamped scalar kills a point of small order; 1 is as good as another.
    diffie_hellman(&[1; 32], public).is_ok()
}

fn diffie_hellman(secret: &[u8; 32], public: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Refused> {
    let shared = Zeroizing::new(MontgomeryPoint(*public).mul_clamped(*secret).0);
    if bool::from(shared.ct_eq(&[0; 32])) { Err(Refused) } else { Ok(shared) }
}

fn extract(salt: &[u8], suite: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
    let input = Zeroizing::new([b"HPKE-v1", suite, label, ikm].concat());
    Zeroizing::new(Hkdf::<Sha256>::extract(Some(salt), &input).0.into())
}

fn expand<const N: usize>(prk: &[u8; 32], suite: &[u8], label: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    #[allow(clippy::cast_possible_truncation, reason = "N is 12 or 32")]
    let info = [&(N as u16).to_be_bytes(), b"HPKE-v1".as_slice(), suite, label, info].concat();
    // A 32-byte key and an output under 8 160 bytes are always accepted (RFC 5869, section 2.3).
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(prk) {
        let filled = hkdf.expand(&info, &mut *out);
        debug_assert!(filled.is_ok());
    }
    out
}

/// Key, nonce and exporter of RFC 9180, section 5.1, base mode.
struct Context {
    key: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 12]>,
    exporter: Zeroizing<[u8; 32]>,
}

impl Context {
    fn new(dh: &[u8; 32], enc_key: &[u8; 32], recipient: &[u8; 32], info: &[u8]) -> Self {
        let prk = extract(b"", KEM, b"eae_prk", dh);
        let shared: Zeroizing<[u8; 32]> = expand(&prk, KEM, b"shared_secret", &[*enc_key, *recipient].concat());
        let psk_id_hash = extract(b"", SUITE, b"psk_id_hash", b"");
        let info_hash = extract(b"", SUITE, b"info_hash", info);
        let schedule = [&[0u8], psk_id_hash.as_slice(), info_hash.as_slice()].concat();
        let secret = extract(&*shared, SUITE, b"secret", b"");
        Self {
            key: expand(&secret, SUITE, b"key", &schedule),
            nonce: expand(&secret, SUITE, b"base_nonce", &schedule),
            exporter: expand(&secret, SUITE, b"exp", &schedule),
        }
    }

    fn reply_key(&self) -> ReplyKey {
        ReplyKey(*expand(&self.exporter, SUITE, b"sec", labels::REPLY.as_bytes()))
    }
}

fn info(kind: Kind, manifest: &[u8; 32], contest: Contest) -> Vec<u8> {
    enc(labels::HPKE, &[kind.word(), manifest, &contest.item_bytes(), &contest.round_bytes()])
}

pub(crate) fn aead_seal(key: &[u8; 32], nonce: &[u8; 12], plain: &[u8], aad: &[u8]) -> Vec<u8> {
    // Encryption fails only for messages of 256 GiB.
    let cipher = ChaCha20Poly1305::new(key.into());
    cipher.encrypt(nonce.into(), Payload { msg: plain, aad }).unwrap_or_default()
}

pub(crate) fn aead_open(
    key: &[u8; 32],
    nonce: &[u8; 12],
    ct: &[u8],
    aad: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let cipher = ChaCha20Poly1305::new(key.into());
    cipher.decrypt(nonce.into(), Payload { msg: ct, aad }).map(Zeroizing::new).map_err(|_| Refused)
}

/// Seals one message to a server key; 32 bytes of randomness, used as the ephemeral key. Returns the envelope and
/// the key that opens the reply.
///
/// # Errors
/// [`Refused`] if the server's key is of small order, which a parsed manifest excludes.
pub fn seal<R: CryptoRng + ?Sized>(
    kind: Kind,
    manifest: &[u8; 32],
    contest: Contest,
    recipient: &[u8; 32],
    plain: &[u8],
    rng: &mut R,
) -> Result<(Vec<u8>, ReplyKey), Refused> {
    let ephemeral = SealingKey::generate(rng);
    let enc_key = ephemeral.public();
    let dh = diffie_hellman(&ephemeral.0, recipient)?;
    let context = Context::new(&dh, &enc_key, recipient, &info(kind, manifest, contest));
    let mut wire = vec![1, kind as u8];
    wire.extend_from_slice(&contest.item_bytes());
    wire.extend_from_slice(&contest.round_bytes());
    wire.extend_from_slice(&enc_key);
    wire.extend_from_slice(&aead_seal(&context.key, &context.nonce, plain, b""));
    Ok((wire, context.reply_key()))
}

/// The contest that an envelope names, before anything is opened; `None` if it is not an envelope of this kind.
#[must_use]
pub fn addressee(kind: Kind, wire: &[u8]) -> Option<Contest> {
    match wire {
        [1, k, i1, i0, round, rest @ ..] if *k == kind as u8 && rest.len() >= 48 => {
            Some(Contest::new(u16::from_be_bytes([*i1, *i0]), *round))
        }
        _ => None,
    }
}

/// Opens an envelope; returns the plaintext and the key for the reply.
///
/// # Errors
/// [`Refused`] if it is not one, or is sealed to another key, kind, meeting or contest, or altered.
pub fn open(
    kind: Kind,
    manifest: &[u8; 32],
    contest: Contest,
    key: &SealingKey,
    wire: &[u8],
) -> Result<(Zeroizing<Vec<u8>>, ReplyKey), Refused> {
    if addressee(kind, wire) != Some(contest) {
        return Err(Refused);
    }
    let (enc_key, ct) = wire[5..].split_first_chunk::<32>().ok_or(Refused)?;
    let dh = diffie_hellman(&key.0, enc_key)?;
    let context = Context::new(&dh, enc_key, &key.public(), &info(kind, manifest, contest));
    let plain = aead_open(&context.key, &context.nonce, ct, b"")?;
    Ok((plain, context.reply_key()))
}

/// `Export("douxuan/v1/reply", 32)`: what a reply is sealed under. Zeroised on drop; no `Debug`, no `Clone`.
#[derive(ZeroizeOnDrop)]
pub struct ReplyKey([u8; 32]);

impl ReplyKey {
    /// Reads 32 stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The 32 bytes, for the phone's own storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// `0x01 || nonce(12) || ct`, the nonce drawn.
    pub fn seal<R: CryptoRng + ?Sized>(&self, plain: &[u8], rng: &mut R) -> Vec<u8> {
        let mut nonce = [0; 12];
        rng.fill_bytes(&mut nonce);
        let mut out = vec![1];
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&aead_seal(&self.0, &nonce, plain, b""));
        out
    }

    /// Opens a reply.
    ///
    /// # Errors
    /// [`Refused`] if it is altered or for another request.
    pub fn open(&self, reply: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let (version, rest) = reply.split_first().ok_or(Refused)?;
        let (nonce, ct) = rest.split_first_chunk::<12>().ok_or(Refused)?;
        if *version != 1 {
            return Err(Refused);
        }
        aead_open(&self.0, nonce, ct, b"")
    }
}

/// A whole HPKE context with fixed inputs, for RFC 9180's vectors: ciphertext of the first message, and an export.
#[doc(hidden)]
#[must_use]
pub fn rfc9180_first_message(
    ephemeral: &[u8; 32],
    recipient: &[u8; 32],
    info: &[u8],
    plain: &[u8],
    aad: &[u8],
    export_context: &[u8],
) -> Option<(Vec<u8>, [u8; 32])> {
    let dh = diffie_hellman(ephemeral, recipient).ok()?;
    let enc_key = SealingKey(*ephemeral).public();
    let context = Context::new(&dh, &enc_key, recipient, info);
    let ct = aead_seal(&context.key, &context.nonce, plain, aad);
    Some((ct, *expand(&context.exporter, SUITE, b"sec", export_context)))
}
