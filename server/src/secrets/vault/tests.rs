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
    Vault::unlock(data, phrase)
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

/// A data folder as a crash left it in the middle of wrapping the two contests' keys: those of `done` have their wrapping
/// beside them. With the header or without it.
fn cut_short(made: &Secrets, done: &[&str], header: bool) -> (tempfile::TempDir, PathBuf, WrapKey) {
    let data = tempfile::tempdir().unwrap();
    let written = Header { salt: [3; 16], cost: CHEAP };
    let key = WrapKey::derive("right", &written).unwrap();
    let name = made.folder.file_name().unwrap().to_str().unwrap();
    let folder = data.path().join("secrets").join(name);
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(&made.folder).unwrap() {
        let (path, file) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name())
        };
        let place = folder.join(&file);
        fs::copy(&path, &place).unwrap();
        let file = file.to_str().unwrap();
        if done.contains(&file) {
            let wrapped = key.seal(name, file, &fs::read(&path).unwrap(), &mut rng()).unwrap();
            fs::write(disk::beside(&place, "new"), wrapped).unwrap();
        }
    }
    if header {
        fs::write(data.path().join("secrets/wrap"), written.encode(&key)).unwrap();
    }
    (data, folder, key)
}

const ALL: [&str; 4] = ["meeting.key", "enrol.key", "1-1.key", "2-1.key"];

#[test]
fn a_wrapping_that_is_cut_short_before_the_header_leaves_plain_keys_and_nothing_of_itself() {
    let source = tempfile::tempdir().unwrap();
    let made = filled(&Vault::plain(source.path()).unwrap());
    for (done, torn) in [(&[][..], false), (&ALL[..2], false), (&ALL[..3], true), (&ALL[..], false)] {
        let (data, folder, _) = cut_short(&made, done, false);
        if torn {
            fs::write(folder.join("1-1.key.new"), [WRAPPED; 20]).unwrap();
        }
        fs::write(data.path().join("secrets/wrap.new"), [1; 62]).unwrap();
        let vault = Vault::plain(data.path()).unwrap();
        let again = Secrets::open(&vault, &MEETING);
        assert_eq!([spool(&again, ONE), spool(&again, TWO)], [spool(&made, ONE), spool(&made, TWO)]);
        assert_eq!(files(&vault).len(), ALL.len(), "nothing is left beside");
        assert!(!data.path().join("secrets/wrap.new").exists());
        // And it can be begun again.
        let vault = wrapped(data.path());
        assert_eq!(spool(&Secrets::open(&vault, &MEETING), ONE), spool(&made, ONE));
        assert!(files(&vault).iter().all(|(_, bytes)| bytes[0] == WRAPPED) && files(&vault).len() == ALL.len());
    }
}

#[test]
fn a_wrapping_that_is_cut_short_anywhere_behind_the_header_is_finished_at_the_next_start() {
    let source = tempfile::tempdir().unwrap();
    let made = filled(&Vault::plain(source.path()).unwrap());
    let keys = [spool(&made, ONE), spool(&made, TWO)];

    // What a crash leaves of one file.
    type Leave = fn(&Path, &Path);
    let states: [(&str, Leave); 4] = [
        ("untouched", |_, _| ()),
        ("overwritten", |path, _| {
            fs::write(path, vec![0; usize::try_from(fs::metadata(path).unwrap().len()).unwrap()]).unwrap()
        }),
        ("removed", |path, _| fs::remove_file(path).unwrap()),
        ("renamed", |path, beside| fs::rename(beside, path).unwrap()),
    ];
    for (state, leave) in states {
        let (data, folder, _) = cut_short(&made, &ALL, true);
        let path = folder.join("1-1.key");
        leave(&path, &disk::beside(&path, "new"));

        assert!(matches!(unlock(data.path(), "wrong"), Err(VaultError::WrongPhrase)), "{state}");
        let vault = unlock(data.path(), "right").unwrap_or_else(|error| panic!("{state}: {error}"));
        let again = Secrets::open(&vault, &MEETING);
        assert_eq!([spool(&again, ONE), spool(&again, TWO)], keys, "{state}");
        assert_eq!(files(&vault).len(), ALL.len(), "{state}: nothing is left beside");
        assert!(files(&vault).iter().all(|(_, bytes)| bytes[0] == WRAPPED), "{state}");
        // From here on a plain file is refused.
        fs::copy(made.folder.join("1-1.key"), &path).unwrap();
        assert!(matches!(unlock(data.path(), "right"), Err(VaultError::Plain(_))), "{state}");
    }
}

#[test]
fn behind_the_header_a_plain_file_without_its_own_wrapping_beside_it_is_refused_and_nothing_changed() {
    let source = tempfile::tempdir().unwrap();
    let made = filled(&Vault::plain(source.path()).unwrap());
    let (data, folder, key) = cut_short(&made, &ALL, true);
    let beside = folder.join("2-1.key.new");
    let name = folder.file_name().unwrap().to_str().unwrap();
    let elsewhere = key.seal(name, "1-1.key", &fs::read(folder.join("2-1.key")).unwrap(), &mut rng()).unwrap();
    let before = |beside: Option<&[u8]>| {
        match beside {
            Some(bytes) => fs::write(folder.join("2-1.key.new"), bytes).unwrap(),
            None => fs::remove_file(folder.join("2-1.key.new")).unwrap(),
        }
        let vault = Vault { folder: data.path().join("secrets"), key: None };
        files(&vault)
    };
    for (bytes, plain) in
        [(Some(&elsewhere[..]), false), (Some(&elsewhere[..20]), false), (Some(&[][..]), false), (None, true)]
    {
        let stood = before(bytes);
        let refused = unlock(data.path(), "right").err().unwrap();
        match refused {
            VaultError::Plain(path) => assert!(plain && path == folder.join("2-1.key")),
            VaultError::Damaged(path) => assert!(!plain && path == beside),
            other => panic!("{other}"),
        }
        let vault = Vault { folder: data.path().join("secrets"), key: None };
        assert_eq!(files(&vault), stood);
    }
}

#[test]
fn a_plain_key_planted_beside_an_old_wrapping_is_destroyed_and_the_old_one_counts() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secrets = filled(&wrapped(data.path()));
    let (own, path) = (spool(&secrets, ONE), secrets.folder.join("1-1.key"));
    let known = Vault::plain(other.path()).unwrap();
    let (known, _) = Secrets::create_meeting(&known, &MEETING, &[ONE], &mut rng()).unwrap();
    fs::rename(&path, disk::beside(&path, "new")).unwrap();
    fs::copy(known.folder.join("1-1.key"), &path).unwrap();
    assert_ne!(spool(&known, ONE), own);
    let vault = unlock(data.path(), "right").unwrap();
    assert_eq!(spool(&Secrets::open(&vault, &MEETING), ONE), own);
}

/// Earlier, a folder whose keys were being wrapped had a header that said so, with the right check value, and in it plain
/// files were wrapped instead of refused. Whoever had its blocks put it back.
#[test]
fn no_header_but_the_one_of_a_whole_folder_is_taken_even_with_the_right_check_value() {
    let data = tempfile::tempdir().unwrap();
    let secrets = filled(&wrapped(data.path()));
    let path = data.path().join("secrets/wrap");
    let file = fs::read(&path).unwrap();
    let (header, check) = Header::decode(&file).unwrap();
    let key = WrapKey::derive("right", &header).unwrap();
    let with = |form: [u8; 2]| {
        let bytes = [&form[..], &file[2..30]].concat();
        [&bytes[..], &*key.check(&bytes)].concat()
    };
    assert!(with([1, 0]) == file && file[30..] == check, "it is made as the real one is");
    let planted = secrets.folder.join("3-1.key");
    fs::write(&planted, [&[PLAIN][..], &[7; 96]].concat()).unwrap();
    for form in [[1, 1], [0, 0], [0, 1], [2, 0], [1, 2]] {
        fs::write(&path, with(form)).unwrap();
        assert!(matches!(unlock(data.path(), "right"), Err(VaultError::Damaged(named)) if named == path), "{form:?}");
    }
    fs::write(&path, file).unwrap();
    assert!(matches!(unlock(data.path(), "right"), Err(VaultError::Plain(named)) if named == planted));
    assert_eq!(fs::read(planted).unwrap()[0], PLAIN);
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
