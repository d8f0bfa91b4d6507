//! The key that signs the results which the record hands on: `secrets/record/hand-over.key`, `0x01 || seed(32)`.

use douxuan_crypto::sign::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Secrets, SecretsError, Vault};
use crate::disk;

const FOLDER: &str = "record";
const FILE: &str = "hand-over.key";
/// Where it lay, bare, before it was wrapped: receivers know that key, so it moves.
const OLD: &str = "record.key";

/// The key, made when it is first needed and durable when this returns. It lies and is wrapped like all others, and no
/// backup has it: a folder that was restored makes a new one, and receivers are told its public half.
///
/// # Errors
/// [`SecretsError`].
pub fn hand_over_key<R: CryptoRng + ?Sized>(vault: &Vault, rng: &mut R) -> Result<SigningKey, SecretsError> {
    let secrets = Secrets { vault: vault.clone(), folder: vault.folder_of(FOLDER), meeting: FOLDER.to_owned() };
    let old = vault.folder_of("..").join(OLD);
    if let Some([seed]) = secrets.take(FILE)? {
        disk::destroy(&old)?;
        return Ok(SigningKey::from_seed(&seed));
    }
    let made = match std::fs::read(&old).map(Zeroizing::new) {
        Ok(bytes) => match <&[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(seed) => SigningKey::from_seed(seed),
            Err(_) => return Err(SecretsError::Damaged(old)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => SigningKey::generate(rng),
        Err(error) => return Err(error.into()),
    };
    disk::create_folder(&secrets.folder)?;
    // What a power cut left of one that nobody was told.
    disk::destroy(&secrets.folder.join(FILE))?;
    secrets.put(FILE, &[&*made.seed()], rng)?;
    disk::sync_folder(&secrets.folder)?;
    disk::sync_parent(&secrets.folder)?;
    disk::destroy(&old)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::staff::Cost;

    const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

    #[test]
    fn it_is_wrapped_with_the_others_and_stays_the_same_key() {
        let data = tempfile::tempdir().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let plain = Vault::plain(data.path()).unwrap();
        let made = hand_over_key(&plain, &mut rng).unwrap();
        let path = data.path().join("secrets").join("record").join("hand-over.key");
        let seed = made.seed();
        let holds = |bytes: &[u8]| bytes.windows(32).any(|part| part == &seed[..]);
        assert!(holds(&fs::read(&path).unwrap()), "nothing wraps it yet");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(plain);
        let wrapped = Vault::begin(data.path(), "correct horse", CHEAP, &mut rng).unwrap();
        assert!(!holds(&fs::read(&path).unwrap()), "it lies beside wrapped keys in the plain");
        let again = hand_over_key(&wrapped, &mut rng).unwrap();
        assert_eq!(again.verifying().as_bytes(), made.verifying().as_bytes());
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(hand_over_key(&wrapped, &mut rng), Err(SecretsError::Damaged(_))));
    }

    #[test]
    fn one_of_before_moves_in_and_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let mut rng = StdRng::seed_from_u64(3);
        let known = SigningKey::generate(&mut rng);
        let old = data.path().join("record.key");
        fs::write(&old, &known.seed()[..]).unwrap();
        let wrapped = Vault::begin(data.path(), "correct horse", CHEAP, &mut rng).unwrap();
        let moved = hand_over_key(&wrapped, &mut rng).unwrap();
        assert_eq!(moved.verifying().as_bytes(), known.verifying().as_bytes());
        assert!(!old.exists());
        fs::write(&old, b"short").unwrap();
        hand_over_key(&wrapped, &mut rng).unwrap();
        assert!(!old.exists(), "the wrapped one is the one");
    }

    #[test]
    fn one_that_is_made_while_keys_are_wrapped_never_stands_on_the_disk_in_the_plain() {
        let data = tempfile::tempdir().unwrap();
        let mut rng = StdRng::seed_from_u64(2);
        let wrapped = Vault::begin(data.path(), "correct horse", CHEAP, &mut rng).unwrap();
        let made = hand_over_key(&wrapped, &mut rng).unwrap();
        let bytes = fs::read(data.path().join("secrets").join("record").join("hand-over.key")).unwrap();
        assert!(!bytes.windows(32).any(|part| part == &made.seed()[..]));
        drop(wrapped);
        assert!(Vault::plain(data.path()).is_err());
        let unlocked = Vault::unlock(data.path(), "correct horse").unwrap();
        let again = hand_over_key(&unlocked, &mut rng).unwrap();
        assert_eq!(again.verifying().as_bytes(), made.verifying().as_bytes());
    }
}
