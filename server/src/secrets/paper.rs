//! What keeps a count of papers shut between its counting and its publication, wherever a copy of it comes to lie.
//!
//! ```text
//! sealed = ChaCha20Poly1305(key, nonce 0, entry of the log, aad = meeting hex || file name)
//! ```
//!
//! Each count has a key of its own, which seals nothing else.

use std::io;

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use douxuan_crypto::contest::Contest;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Secrets, SecretsError};
use crate::disk;

impl Secrets {
    /// Seals a contest's papers under a new key, which is durable when this returns. One that a crash left is replaced.
    ///
    /// # Errors
    /// [`SecretsError`]; nothing was sealed then.
    pub fn seal_paper<R: CryptoRng + ?Sized>(
        &self,
        contest: Contest,
        entry: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, SecretsError> {
        let file = name(contest);
        self.destroy_paper(contest)?;
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        self.put(&file, &[&*key], rng)?;
        disk::sync_folder(&self.folder)?;
        let aad = self.place(&file);
        let sealed = cipher(&key).encrypt(&Default::default(), Payload { msg: entry, aad: &aad });
        sealed.map_err(|_| io::Error::other("too long to be sealed").into())
    }

    /// What was sealed; `None` once its key is destroyed.
    ///
    /// # Errors
    /// [`SecretsError::Damaged`] if the key does not open it.
    pub fn open_paper(&self, contest: Contest, sealed: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, SecretsError> {
        let file = name(contest);
        let Some([key]) = self.take::<1>(&file)? else { return Ok(None) };
        let opened = cipher(&key).decrypt(&Default::default(), Payload { msg: sealed, aad: &self.place(&file) });
        opened.map(|entry| Some(Zeroizing::new(entry))).map_err(|_| self.damaged(&file))
    }

    /// Whether a key is there, for which nothing need be kept yet. One that a power cut left overwritten is none.
    ///
    /// # Errors
    /// [`SecretsError`] if the file is unreadable or damaged.
    pub fn has_paper(&self, contest: Contest) -> Result<bool, SecretsError> {
        Ok(self.take::<1>(&name(contest))?.is_some())
    }

    /// Destroys the key: what it sealed is gone, with every copy. A second call changes nothing.
    ///
    /// # Errors
    /// [`SecretsError`] if the file system refused; the key may still be there.
    pub fn destroy_paper(&self, contest: Contest) -> Result<(), SecretsError> {
        Ok(disk::destroy(&self.folder.join(name(contest)))?)
    }

    fn place(&self, file: &str) -> Vec<u8> {
        [self.meeting.as_bytes(), file.as_bytes()].concat()
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(key.into())
}

fn name(contest: Contest) -> String {
    format!("paper-{}-{}.key", contest.item, contest.round)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::secrets::Vault;

    #[test]
    fn what_is_sealed_opens_in_its_place_until_its_key_is_destroyed() {
        let data = tempfile::tempdir().unwrap();
        let (one, two) = (Contest::new(1, 1), Contest::new(2, 1));
        let mut rng = StdRng::seed_from_u64(1);
        let vault = Vault::plain(data.path()).unwrap();
        let (secrets, _) = Secrets::create_meeting(&vault, &[7; 16], &[one, two], &mut rng).unwrap();
        assert!(!secrets.has_paper(one).unwrap());
        let sealed = secrets.seal_paper(one, b"2 0 1 2 0", &mut rng).unwrap();
        assert!(secrets.has_paper(one).unwrap() && !secrets.has_paper(two).unwrap());
        assert!(!sealed.windows(9).any(|part| part == b"2 0 1 2 0"));
        assert_eq!(secrets.open_paper(one, &sealed).unwrap().unwrap().as_slice(), b"2 0 1 2 0");
        secrets.seal_paper(two, b"another", &mut rng).unwrap();
        assert!(matches!(secrets.open_paper(two, &sealed), Err(SecretsError::Damaged(_))), "in its own place only");
        let anew = secrets.seal_paper(one, b"3 0 1 1 0", &mut rng).unwrap();
        assert!(matches!(secrets.open_paper(one, &sealed), Err(SecretsError::Damaged(_))), "each has its own key");
        secrets.destroy_paper(one).unwrap();
        secrets.destroy_paper(one).unwrap();
        assert!(secrets.open_paper(one, &anew).unwrap().is_none() && !secrets.has_paper(one).unwrap());
    }
}
