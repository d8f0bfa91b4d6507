#![allow(clippy::unwrap_used, clippy::panic)]
use douxuan_crypto::contest::Contest;
use rand::{SeedableRng, rngs::StdRng};

use super::{
    super::{Secrets, SecretsError},
    *,
};

const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };
const ONE: Contest = Contest::new(1, 1);
const TWO: Contest = Contest::new(2, 1);
const MEETING: [u8; 16] = [7; 16];

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn wrapped(data: &Path) -> Vault {
    Vault::begin(data, "right", CHEAP, &mut rng()).unwrap()
}

fn unlock(data: &Path, phrase: &str) -> Result<Vault, VaultError> {
    Vault::unlock(data, phrase, &mut rng())
}

fn filled(vault: &Vault) -> Secrets {
    Secrets::create_meeting(vault, &MEETING, &[ONE, TWO], &mut StdRng::seed_from_u64(2)).unwrap().0
}

fn spool(secrets: &Secrets, contest: Contest) -> [u8; 32] {
    *secrets.contest(contest).unwrap().unwrap().spool.to_bytes()
}

fn files(vault: &Vault) -> Vec<(PathBuf, Vec<u8>)> {
    vault.files().unwrap().into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn what_was_wrapped_is_opened_by_its_pass_phrase_alone() {
    let data = tempfile::tempdir().unwrap();
    let made = filled(&wrapped(data.path()));
    let vault = unlock(data.path(), "right").unwrap();
    let again = Secrets::open(&vault, &MEETING);
    assert_eq!(spool(&again, ONE), spool(&made, ONE));
    assert!(again.meeting_keys().is_ok() && again.enrol_key().unwrap().is_some());
    for (path, bytes) in files(&vault) {
        assert_eq!(bytes[0], WRAPPED, "{}", path.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    for wrong in ["Right", "right ", ""] {
        assert!(matches!(unlock(data.path(), wrong), Err(VaultError::WrongPhrase)), "{wrong}");
    }
    assert!(matches!(Vault::plain(data.path()), Err(VaultError::Wrapped(_))));
    assert!(matches!(Vault::begin(data.path(), "other", CHEAP, &mut rng()), Err(VaultError::Wrapped(_))));
}

#[test]
fn a_wrapped_file_that_is_destroyed_is_gone_and_a_half_destroyed_one_too() {
    let data = tempfile::tempdir().unwrap();
    let secrets = filled(&wrapped(data.path()));
    secrets.destroy(ONE).unwrap();
    assert!(secrets.contest(ONE).unwrap().is_none() && secrets.contest(TWO).unwrap().is_some());
    let path = secrets.folder.join("2-1.key");
    let length = fs::read(&path).unwrap().len();
    fs::write(&path, vec![0; length]).unwrap();
    assert!(secrets.contest(TWO).unwrap().is_none());
    unlock(data.path(), "right").unwrap();
    // Shorter or longer than what is written here, it is damage.
    fs::write(&path, vec![0; length - 1]).unwrap();
    assert!(matches!(secrets.contest(TWO), Err(SecretsError::Damaged(_))));
    secrets.destroy_all().unwrap();
    assert!(files(&unlock(data.path(), "right").unwrap()).is_empty());
}

#[test]
fn files_that_changed_places_open_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let secrets = filled(&wrapped(data.path()));
    let (one, two) = (secrets.folder.join("1-1.key"), secrets.folder.join("2-1.key"));
    let (of_one, of_two) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
    fs::write(&one, &of_two).unwrap();
    fs::write(&two, &of_one).unwrap();
    for contest in [ONE, TWO] {
        assert!(matches!(secrets.contest(contest), Err(SecretsError::Damaged(_))), "{contest}");
    }
    // Nor does one of another meeting under the same name.
    let vault = unlock(data.path(), "right").unwrap();
    let (other, _) = Secrets::create_meeting(&vault, &[8; 16], &[ONE], &mut StdRng::seed_from_u64(3)).unwrap();
    fs::write(&one, fs::read(other.folder.join("1-1.key")).unwrap()).unwrap();
    assert!(matches!(secrets.contest(ONE), Err(SecretsError::Damaged(_))));
}

#[test]
fn a_plain_file_among_wrapped_ones_is_refused_by_name() {
    let (data, plain) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secrets = filled(&wrapped(data.path()));
    let known = filled(&Vault::plain(plain.path()).unwrap());
    let path = secrets.folder.join("1-1.key");
    fs::copy(known.folder.join("1-1.key"), &path).unwrap();
    assert!(matches!(unlock(data.path(), "right"), Err(VaultError::Plain(named)) if named == path));
    // A server that runs does not take it either.
    assert!(matches!(secrets.contest(ONE), Err(SecretsError::Damaged(_))));
}

#[test]
fn wrapped_files_without_the_file_that_says_how_are_not_taken_for_plain_ones() {
    let data = tempfile::tempdir().unwrap();
    let secrets = filled(&wrapped(data.path()));
    fs::remove_file(data.path().join("secrets/wrap")).unwrap();
    assert!(matches!(Vault::plain(data.path()), Err(VaultError::Headless(path)) if path.starts_with(&secrets.folder)));
    let refused = Vault::begin(data.path(), "other", CHEAP, &mut rng()).err().unwrap();
    assert!(matches!(&refused, VaultError::Headless(_)) && refused.to_string().contains("换回"), "{refused}");
}

#[test]
fn a_wrapping_that_is_cut_short_anywhere_is_finished_at_the_next_start() {
    let source = tempfile::tempdir().unwrap();
    let made = filled(&Vault::plain(source.path()).unwrap());
    let keys = [spool(&made, ONE), spool(&made, TWO)];
    let name = made.folder.file_name().unwrap().to_owned();

    // What a crash leaves of one file: untouched; a torn or a whole copy beside it; overwritten; removed.
    type Leave = fn(&Path, &[u8]);
    let states: [(&str, Leave); 5] = [
        ("untouched", |_, _| ()),
        ("torn copy", |path, wrapped| fs::write(disk::beside(path, "new"), &wrapped[..20]).unwrap()),
        ("whole copy", |path, wrapped| fs::write(disk::beside(path, "new"), wrapped).unwrap()),
        ("overwritten", |path, wrapped| {
            fs::write(disk::beside(path, "new"), wrapped).unwrap();
            fs::write(path, vec![0; wrapped.len() - OVERHEAD]).unwrap();
        }),
        ("removed", |path, wrapped| {
            fs::write(disk::beside(path, "new"), wrapped).unwrap();
            fs::remove_file(path).unwrap();
        }),
    ];
    for (state, leave) in states {
        let data = tempfile::tempdir().unwrap();
        let header = Header { state: State::Begun, salt: [3; 16], cost: CHEAP };
        let key = WrapKey::derive("right", &header).unwrap();
        let folder = data.path().join("secrets").join(&name);
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(&made.folder).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        let path = folder.join("1-1.key");
        let sealed = key.seal(name.to_str().unwrap(), "1-1.key", &fs::read(&path).unwrap(), &mut rng());
        fs::write(data.path().join("secrets/wrap"), header.encode(&key)).unwrap();
        leave(&path, &sealed);

        assert!(matches!(unlock(data.path(), "wrong"), Err(VaultError::WrongPhrase)), "{state}");
        let vault = unlock(data.path(), "right").unwrap_or_else(|error| panic!("{state}: {error}"));
        let again = Secrets::open(&vault, &MEETING);
        assert_eq!([spool(&again, ONE), spool(&again, TWO)], keys, "{state}");
        assert_eq!(files(&vault).len(), 4, "{state}: nothing is left beside");
        assert!(files(&vault).iter().all(|(_, bytes)| bytes[0] == WRAPPED), "{state}");
        // From here on a plain file is refused.
        fs::copy(made.folder.join("1-1.key"), &path).unwrap();
        assert!(matches!(unlock(data.path(), "right"), Err(VaultError::Plain(_))), "{state}");
    }
}

#[test]
fn a_finished_wrapping_cannot_be_put_back_to_a_begun_one() {
    let data = tempfile::tempdir().unwrap();
    filled(&wrapped(data.path()));
    let path = data.path().join("secrets/wrap");
    let mut file = fs::read(&path).unwrap();
    file[1] = State::Begun as u8;
    fs::write(&path, file).unwrap();
    assert!(matches!(unlock(data.path(), "right"), Err(VaultError::WrongPhrase)));
}

#[test]
fn the_keys_of_earlier_meetings_are_wrapped_and_their_plain_bytes_overwritten() {
    let data = tempfile::tempdir().unwrap();
    let made = filled(&Vault::plain(data.path()).unwrap());
    let path = made.folder.join("1-1.key");
    let (key, second_name) = (spool(&made, ONE), data.path().join("another name"));
    fs::hard_link(&path, &second_name).unwrap();
    let vault = wrapped(data.path());
    assert_eq!(spool(&Secrets::open(&vault, &MEETING), ONE), key);
    assert!(fs::read(second_name).unwrap().iter().all(|byte| *byte == 0), "overwritten before it was removed");
    assert!(files(&vault).iter().all(|(_, bytes)| bytes[0] == WRAPPED && !bytes.windows(32).any(|w| w == key)));
}
