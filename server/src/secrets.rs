//! The meeting's private keys, in files that only their owner may read: `secrets/<meeting hex>/`.
//!
//! | file | bytes | destroyed |
//! |---|---|---|
//! | `meeting.key` | `0x01 || receipt seed(32) || log seed(32) || result seed(32)` | never |
//! | `enrol.key` | `0x01 || E_0(32)` | when the last window closes |
//! | `<item>-<round>.key` | `0x01 || spool key(32) || k(32) || E(32)` | when the contest closes |
//! | `paper-<item>-<round>.key` | `0x01 || key(32)` ([`paper`]) | when the contest is published or void |
//!
//! `secrets/record/hand-over.key` signs what the record hands on: `0x01 || seed(32)`, never destroyed.
//!
//! No backup, export or database reads this folder. Every file and the folder are synced before a key is used, so a
//! contest that opened can be closed after a power cut. Keys are read when needed and zeroised when dropped.
//!
//! A pass-phrase may wrap all of them ([`Vault`]); each file is then the wrapping of the bytes above, and nothing else
//! about it is different.

mod hand_over;
mod paper;
mod vault;
mod wrap;

use std::{fs, io, io::Write, path::PathBuf};

use douxuan_crypto::{
    blind::IssuerKey, bytes::hex, contest::Contest, seal::SealingKey, sign::SigningKey, spool::SpoolKey,
};
pub use hand_over::hand_over_key;
use rand_core::CryptoRng;
pub use vault::{Vault, VaultError, WRAP_COST};
use zeroize::Zeroizing;

use crate::disk;

/// First byte of a file that no pass-phrase wraps.
const PLAIN: u8 = 1;

/// The secrets of one contest (PROTOCOL section 7). Zeroised on drop.
pub struct ContestSecrets {
    /// Seals the records of the spool.
    pub spool: SpoolKey,
    /// k, which makes the credentials and the board proof.
    pub issuer: IssuerKey,
    /// The private half of E, which opens casts.
    pub casting: SealingKey,
}

/// The keys that sign for the whole meeting. Zeroised on drop.
pub struct MeetingKeys {
    /// Signs receipts.
    pub receipt: SigningKey,
    /// Signs log and board checkpoints.
    pub log: SigningKey,
    /// Signs the result.
    pub result: SigningKey,
}

/// What the manifest says about the keys: public halves only.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// E_0, X25519.
    pub enrolment: [u8; 32],
    /// Ed25519 key of receipts.
    pub receipt: [u8; 32],
    /// Ed25519 key of the log and the boards.
    pub log: [u8; 32],
    /// Ed25519 key of the result.
    pub result: [u8; 32],
    /// For every contest K (ristretto255) and E (X25519).
    pub contests: Vec<(Contest, [u8; 32], [u8; 32])>,
}

/// Why a key could not be had.
#[derive(Debug)]
pub enum SecretsError {
    /// The file system refused.
    Io(io::Error),
    /// A file is there but is not what was written.
    Damaged(PathBuf),
}

impl std::fmt::Display for SecretsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "密钥文件无法读写：{error}。请检查磁盘后重新启动。"),
            Self::Damaged(path) => {
                write!(f, "密钥文件 {} 已损坏。请勿删除任何文件，保留现场并联系维护人员。", path.display())
            }
        }
    }
}

impl std::error::Error for SecretsError {}

impl From<io::Error> for SecretsError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where one meeting's keys lie. Holds none of them itself, so it may be cloned and handed round.
#[derive(Clone)]
pub struct Secrets {
    vault: Vault,
    meeting: String,
    folder: PathBuf,
}

impl Secrets {
    /// Draws and stores all keys of a new meeting; they are durable when this returns.
    ///
    /// # Errors
    /// `AlreadyExists` if the meeting has keys; any error of the file system, which leaves files of a meeting that
    /// never was.
    pub fn create_meeting<R: CryptoRng + ?Sized>(
        vault: &Vault,
        meeting: &[u8; 16],
        contests: &[Contest],
        rng: &mut R,
    ) -> Result<(Self, PublicKeys), SecretsError> {
        let secrets = Self::open(vault, meeting);
        disk::create_folder(&secrets.folder)?;

        let keys = MeetingKeys {
            receipt: SigningKey::generate(rng),
            log: SigningKey::generate(rng),
            result: SigningKey::generate(rng),
        };
        let enrolment = SealingKey::generate(rng);
        secrets.put("meeting.key", &[&*keys.receipt.seed(), &*keys.log.seed(), &*keys.result.seed()], rng)?;
        secrets.put("enrol.key", &[&*enrolment.to_bytes()], rng)?;
        let mut public = PublicKeys {
            enrolment: enrolment.public(),
            receipt: *keys.receipt.verifying().as_bytes(),
            log: *keys.log.verifying().as_bytes(),
            result: *keys.result.verifying().as_bytes(),
            contests: Vec::with_capacity(contests.len()),
        };

        // The seed that k is derived from is dropped with this call: a contest's k dies with its file.
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        for contest in contests {
            let issuer = IssuerKey::derive(&seed, meeting, *contest).map_err(|_| io::Error::other("issuer key"))?;
            let casting = SealingKey::generate(rng);
            let spool = SpoolKey::generate(rng);
            let parts = [spool.to_bytes(), issuer.to_bytes(), casting.to_bytes()];
            secrets.put(&name(*contest), &parts.each_ref().map(|part| &**part), rng)?;
            public.contests.push((*contest, *issuer.public().as_bytes(), casting.public()));
        }
        disk::sync_folder(&secrets.folder)?;
        disk::sync_parent(&secrets.folder)?;
        Ok((secrets, public))
    }

    /// The place where this meeting's keys lie, whether or not there are any.
    #[must_use]
    pub fn open(vault: &Vault, meeting: &[u8; 16]) -> Self {
        let meeting = hex(meeting);
        Self { vault: vault.clone(), folder: vault.folder_of(&meeting), meeting }
    }

    /// The signing keys.
    ///
    /// # Errors
    /// [`SecretsError`] if the file is missing, unreadable or damaged.
    pub fn meeting_keys(&self) -> Result<MeetingKeys, SecretsError> {
        let [receipt, log, result] = self.take("meeting.key")?.ok_or_else(|| self.damaged("meeting.key"))?;
        Ok(MeetingKeys {
            receipt: SigningKey::from_seed(&receipt),
            log: SigningKey::from_seed(&log),
            result: SigningKey::from_seed(&result),
        })
    }

    /// The private half of E_0; `None` once it is destroyed.
    ///
    /// # Errors
    /// [`SecretsError`] if the file is unreadable or damaged.
    pub fn enrol_key(&self) -> Result<Option<SealingKey>, SecretsError> {
        Ok(self.take("enrol.key")?.map(|[key]| SealingKey::from_bytes(&key)))
    }

    /// Destroys E_0. A second call changes nothing.
    ///
    /// # Errors
    /// [`SecretsError`] if the file system refused; the key may still be there.
    pub fn destroy_enrol_key(&self) -> Result<(), SecretsError> {
        Ok(disk::destroy(&self.folder.join("enrol.key"))?)
    }

    /// A contest's k alone, which is all that the roll needs; `None` once the contest closed.
    ///
    /// # Errors
    /// [`SecretsError`] if the file is unreadable or damaged.
    pub fn issuer_key(&self, contest: Contest) -> Result<Option<IssuerKey>, SecretsError> {
        Ok(self.contest(contest)?.map(|secrets| secrets.issuer))
    }

    /// A contest's secrets; `None` once it closed. Only the urn asks for them.
    ///
    /// # Errors
    /// [`SecretsError`] if the file is unreadable or damaged.
    pub fn contest(&self, contest: Contest) -> Result<Option<ContestSecrets>, SecretsError> {
        let file = name(contest);
        let Some([spool, issuer, casting]) = self.take(&file)? else { return Ok(None) };
        Ok(Some(ContestSecrets {
            spool: SpoolKey::from_bytes(&spool),
            issuer: IssuerKey::from_bytes(&*issuer).map_err(|_| self.damaged(&file))?,
            casting: SealingKey::from_bytes(&casting),
        }))
    }

    /// Destroys a contest's secrets (step 7 of the close). A second call changes nothing.
    ///
    /// # Errors
    /// [`SecretsError`] if the file system refused; the file may still be there.
    pub fn destroy(&self, contest: Contest) -> Result<(), SecretsError> {
        Ok(disk::destroy(&self.folder.join(name(contest)))?)
    }

    /// Destroys every key of a meeting that is given up, and its folder. A second call changes nothing.
    ///
    /// # Errors
    /// [`SecretsError`] if the file system refused; some keys may still be there.
    pub fn destroy_all(&self) -> Result<(), SecretsError> {
        let files = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            files => files?,
        };
        for file in files {
            disk::destroy(&file?.path())?;
        }
        fs::remove_dir(&self.folder)?;
        Ok(disk::sync_parent(&self.folder)?)
    }

    /// Writes and syncs one file; the folder is synced once, by the caller.
    fn put<R: CryptoRng + ?Sized>(&self, file: &str, parts: &[&[u8; 32]], rng: &mut R) -> io::Result<()> {
        let mut plain = Zeroizing::new(Vec::with_capacity(1 + 32 * parts.len()));
        plain.push(PLAIN);
        for part in parts {
            plain.extend_from_slice(*part);
        }
        let bytes = self.vault.shut(&self.meeting, file, plain, rng)?;
        let mut out = disk::create_private(&self.folder.join(file))?;
        out.write_all(&bytes)?;
        out.sync_all()
    }

    fn take<const N: usize>(&self, file: &str) -> Result<Option<[Zeroizing<[u8; 32]>; N]>, SecretsError> {
        let bytes = match fs::read(self.folder.join(file)) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Overwritten and not removed yet: the power was cut in the middle of [`disk::destroy`], which is done again by
        // whoever destroys. Taken for damage, it would keep the server from starting ever after.
        if bytes.len() == self.vault.length(1 + 32 * N) && bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let plain = self.vault.opened(&self.meeting, file, bytes).ok_or_else(|| self.damaged(file))?;
        let parts = plain.strip_prefix(&[PLAIN]).and_then(|rest| {
            let (parts, tail) = rest.as_chunks::<32>();
            let parts: &[[u8; 32]; N] = parts.try_into().ok()?;
            tail.is_empty().then(|| parts.map(Zeroizing::new))
        });
        parts.map(Some).ok_or_else(|| self.damaged(file))
    }

    fn damaged(&self, file: &str) -> SecretsError {
        SecretsError::Damaged(self.folder.join(file))
    }
}

fn name(contest: Contest) -> String {
    format!("{}-{}.key", contest.item, contest.round)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    const CONTESTS: [Contest; 2] = [Contest::REHEARSAL, Contest::new(1, 1)];

    fn plain(data: &Path) -> Vault {
        Vault::plain(data).unwrap()
    }

    #[test]
    fn what_was_stored_is_what_the_manifest_says() {
        let data = tempfile::tempdir().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let (secrets, public) = Secrets::create_meeting(&plain(data.path()), &[7; 16], &CONTESTS, &mut rng).unwrap();
        let again = Secrets::open(&plain(data.path()), &[7; 16]);
        assert_eq!(again.folder, secrets.folder);
        assert_eq!(*again.meeting_keys().unwrap().log.verifying().as_bytes(), public.log);
        assert_eq!(again.enrol_key().unwrap().unwrap().public(), public.enrolment);
        for (contest, k, e) in public.contests {
            let kept = again.contest(contest).unwrap().unwrap();
            assert_eq!(*kept.issuer.public().as_bytes(), k);
            assert_eq!(kept.casting.public(), e);
        }
        let refused = Secrets::create_meeting(&plain(data.path()), &[7; 16], &CONTESTS, &mut rng);
        assert!(matches!(refused, Err(SecretsError::Io(e)) if e.kind() == io::ErrorKind::AlreadyExists));
    }

    #[test]
    fn a_destroyed_key_is_gone_and_the_others_stay() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, _) =
            Secrets::create_meeting(&plain(data.path()), &[7; 16], &CONTESTS, &mut StdRng::seed_from_u64(1)).unwrap();
        secrets.destroy(CONTESTS[1]).unwrap();
        secrets.destroy(CONTESTS[1]).unwrap();
        secrets.destroy_enrol_key().unwrap();
        assert!(secrets.contest(CONTESTS[1]).unwrap().is_none());
        assert!(secrets.issuer_key(CONTESTS[1]).unwrap().is_none());
        assert!(secrets.enrol_key().unwrap().is_none());
        assert!(secrets.contest(CONTESTS[0]).unwrap().is_some());
    }

    #[test]
    fn a_file_that_a_power_cut_left_overwritten_and_not_removed_is_a_destroyed_one() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, _) =
            Secrets::create_meeting(&plain(data.path()), &[7; 16], &CONTESTS, &mut StdRng::seed_from_u64(1)).unwrap();
        let path = secrets.folder.join("1-1.key");
        fs::write(&path, vec![0; 97]).unwrap();
        assert!(secrets.contest(CONTESTS[1]).unwrap().is_none());
        secrets.destroy(CONTESTS[1]).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_damaged_file_is_named_and_never_taken_for_a_destroyed_one() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, _) =
            Secrets::create_meeting(&plain(data.path()), &[7; 16], &CONTESTS, &mut StdRng::seed_from_u64(1)).unwrap();
        let path = secrets.folder.join("1-1.key");
        let whole = fs::read(&path).unwrap();
        for bad in [&whole[..96], &[&whole[..], &[0]].concat(), &[&[2], &whole[1..]].concat(), b""] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(secrets.contest(CONTESTS[1]), Err(SecretsError::Damaged(p)) if p == path));
        }
    }
}
