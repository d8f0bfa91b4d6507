//! A pass-phrase made into keys, and the form of what they wrap (PROTOCOL section 7).
//!
//! ```text
//! header = 0x01 || 0x00 || salt(16) || memory KiB(4) || passes(4) || lanes(4)
//! wrap   = header || check(32)
//! root   = argon2id(pass-phrase, salt, costs), 32 bytes (RFC 9106)
//! check  = HKDF-Expand-SHA256(root, enc("douxuan/v1/wrap-check", header))
//! place  = enc("douxuan/v1/wrap-file", folder name, file name)
//! file   = 0x02 || nonce(12) || ChaCha20Poly1305(HKDF-Expand-SHA256(root, place), plain file, aad = place)
//! ```
//!
//! The check value tells a wrong pass-phrase from a damaged file. There is one form of the header only, that of a folder
//! whose files are all wrapped: an earlier one would be a header that fits, and could be put back. A file opens in its own
//! place only.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use douxuan_crypto::{bytes::Reader, hash::enc};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::staff::Cost;

const CHECK: &str = "douxuan/v1/wrap-check";
const FILE: &str = "douxuan/v1/wrap-file";

/// First byte of a wrapped file; a plain one begins with 1.
pub(super) const WRAPPED: u8 = 2;
/// Bytes that wrapping adds to a file.
pub(super) const OVERHEAD: usize = 1 + 12 + 16;

/// Most that a header may ask for: a changed one must not make the machine run out of memory. The costs that were
/// chosen are part of the key, so that lower ones open nothing.
const MOST: Cost = Cost { memory: 1 << 20, passes: 16, lanes: 16 };

/// What a header begins with.
const FORM: [u8; 2] = [1, 0];

/// More than a cipher takes: 256 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What the folder says about its wrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) salt: [u8; 16],
    pub(super) cost: Cost,
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let Cost { memory, passes, lanes } = self.cost;
        let numbers = [memory, passes, lanes].map(u32::to_be_bytes).concat();
        [&FORM, &self.salt[..], &numbers].concat()
    }

    /// The whole file.
    pub(super) fn encode(&self, key: &WrapKey) -> Vec<u8> {
        [self.bytes(), key.check(&self.bytes()).to_vec()].concat()
    }

    /// The header, and the check value that the right pass-phrase gives; `None` for anything else.
    pub(super) fn decode(file: &[u8]) -> Option<(Self, [u8; 32])> {
        let mut reader = Reader::new(file);
        let (form, salt) = (reader.array().ok()?, reader.array().ok()?);
        let cost = Cost { memory: reader.u32().ok()?, passes: reader.u32().ok()?, lanes: reader.u32().ok()? };
        let check = reader.array().ok()?;
        reader.end().ok()?;
        let bearable = cost.memory <= MOST.memory && cost.passes <= MOST.passes && cost.lanes <= MOST.lanes;
        (form == FORM && bearable).then_some((Self { salt, cost }, check))
    }
}

/// What wraps the files of a folder. Zeroised on drop; no `Debug`, no `Clone`.
pub(super) struct WrapKey(Zeroizing<[u8; 32]>);

impl WrapKey {
    /// Computes the key, which takes as long as the costs say; `None` for costs that argon2 does not know.
    pub(super) fn derive(phrase: &str, header: &Header) -> Option<Self> {
        let Cost { memory, passes, lanes } = header.cost;
        let params = Params::new(memory, passes, lanes, Some(32)).ok()?;
        let mut root = Zeroizing::new([0; 32]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon.hash_password_into(phrase.as_bytes(), &header.salt, &mut *root).ok()?;
        Some(Self(root))
    }

    /// Whether this is the key of that header.
    pub(super) fn fits(&self, header: &Header, check: &[u8; 32]) -> bool {
        self.check(&header.bytes()).ct_eq(check).into()
    }

    /// The check value of a header.
    pub(super) fn check(&self, header: &[u8]) -> Zeroizing<[u8; 32]> {
        self.expand(&enc(CHECK, &[header]))
    }

    fn expand(&self, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        // A 32-byte key and an output under 8 160 bytes are always accepted (RFC 5869, section 2.3).
        if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(&*self.0) {
            let filled = hkdf.expand(info, &mut *out);
            debug_assert!(filled.is_ok());
        }
        out
    }

    /// Wraps what stands in `file` of `folder` (12 bytes of randomness).
    ///
    /// # Errors
    /// [`TooLong`]: **what came instead of it must not be written**, as it would be all that is left of a key.
    pub(super) fn seal<R: CryptoRng + ?Sized>(
        &self,
        folder: &str,
        file: &str,
        plain: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, TooLong> {
        let place = place(folder, file);
        let mut nonce = [0; 12];
        rng.fill_bytes(&mut nonce);
        let cipher = ChaCha20Poly1305::new((&*self.expand(&place)).into());
        let sealed = cipher.encrypt((&nonce).into(), Payload { msg: plain, aad: &place }).map_err(|_| TooLong)?;
        Ok([&[WRAPPED], &nonce[..], &sealed].concat())
    }

    /// What was wrapped; `None` if it is altered, or was wrapped for another place or under another pass-phrase.
    pub(super) fn open(&self, folder: &str, file: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = wrapped.strip_prefix(&[WRAPPED])?.split_first_chunk::<12>()?;
        let place = place(folder, file);
        let cipher = ChaCha20Poly1305::new((&*self.expand(&place)).into());
        cipher.decrypt(nonce.into(), Payload { msg: sealed, aad: &place }).ok().map(Zeroizing::new)
    }
}

fn place(folder: &str, file: &str) -> Vec<u8> {
    enc(FILE, &[folder.as_bytes(), file.as_bytes()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use douxuan_crypto::{bytes::hex, labels};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn header() -> Header {
        Header { salt: [7; 16], cost: Cost { memory: 64, passes: 1, lanes: 1 } }
    }

    #[test]
    fn the_labels_differ_from_all_of_the_protocol() {
        for label in [CHECK, FILE] {
            assert!(label.starts_with("douxuan/v1/") && !labels::ALL.contains(&label), "{label}");
        }
        assert_ne!(CHECK, FILE);
    }

    /// Computed with Python: Argon2id and ChaCha20Poly1305 of `cryptography` 48, HKDF-Expand from `hmac`.
    #[test]
    fn the_key_is_the_one_that_another_program_computes() {
        let key = WrapKey::derive("eine lange Wortgruppe 豆", &header()).unwrap();
        assert_eq!(hex(&*key.0), "99fd805c6111aedf50e78fe66f9f21e82e061ab09ff37696ce85577497c51cbb");
        assert_eq!(
            hex(&header().encode(&key)),
            "010007070707070707070707070707070707000000400000000100000001d36c442c3c10f5c62d70f39516041aaa7a5376cad4c231ddecebcc259c85b5a4"
        );
        let wrapped = hex_bytes("02000102030405060708090a0bb549d16cbc22eec596c2b7e7e0456315693b87b955d2");
        assert_eq!(&**key.open("00ff", "1-1.key", &wrapped).unwrap(), b"\x01plain");
    }

    fn hex_bytes(text: &str) -> Vec<u8> {
        douxuan_crypto::bytes::unhex_vec(text).unwrap()
    }

    #[test]
    fn a_file_opens_in_its_own_place_under_its_own_pass_phrase_and_unaltered() {
        let mut rng = StdRng::seed_from_u64(1);
        let key = WrapKey::derive("right", &header()).unwrap();
        let wrapped = key.seal("00ff", "1-1.key", b"\x01plain", &mut rng).unwrap();
        assert_eq!(wrapped.len(), 6 + OVERHEAD);
        assert_eq!(&**key.open("00ff", "1-1.key", &wrapped).unwrap(), b"\x01plain");
        assert!(key.open("00ff", "1-2.key", &wrapped).is_none());
        assert!(key.open("00fe", "1-1.key", &wrapped).is_none());
        assert!(key.open("00ff", "1-1.key", b"\x01plain").is_none());
        let wrong = WrapKey::derive("Right", &header()).unwrap();
        assert!(wrong.open("00ff", "1-1.key", &wrapped).is_none());
        for at in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            assert!(key.open("00ff", "1-1.key", &altered).is_none(), "byte {at}");
        }
        assert_ne!(
            key.seal("00ff", "1-1.key", b"\x01plain", &mut rng).unwrap(),
            wrapped,
            "every wrapping has its own nonce"
        );
    }

    #[test]
    fn a_header_is_read_back_and_fits_its_pass_phrase_alone() {
        let (header, key) = (header(), WrapKey::derive("right", &header()).unwrap());
        let file = header.encode(&key);
        let (read, check) = Header::decode(&file).unwrap();
        assert_eq!(read, header);
        assert!(key.fits(&read, &check));
        assert!(!WrapKey::derive("wrong", &header).unwrap().fits(&read, &check));
        for at in 0..file.len() {
            let mut altered = file.clone();
            altered[at] ^= 1;
            let Some((read, check)) = Header::decode(&altered) else { continue };
            let fits = WrapKey::derive("right", &read).is_some_and(|key| key.fits(&read, &check));
            assert!(!fits, "byte {at}");
        }
        for bad in [&file[1..], &file[..61], &[&file[..], &[0]].concat(), b""] {
            assert!(Header::decode(bad).is_none());
        }
        let greedy = Header { cost: Cost { memory: (1 << 20) + 1, ..header.cost }, ..header };
        assert!(Header::decode(&greedy.encode(&key)).is_none(), "more memory than any machine should give");
    }
}
