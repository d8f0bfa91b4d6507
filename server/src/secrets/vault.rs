//! The folder in which all keys lie, and whether a pass-phrase wraps them.
//!
//! `secrets/wrap` says that one does, and a plain file in the folder is refused from then on: whoever puts one there wants
//! keys that he knows to be used.
//!
//! **Order**, so that nothing that ever stood on the disk lets one in. Each plain file gets its wrapping beside it, as
//! `<file>.new`; then `secrets/wrap` is written, whole at once; then each plain file is destroyed and the wrapping takes
//! its name. A crash before `secrets/wrap` leaves plain keys, and wrappings whose salt is nowhere, which are destroyed. A
//! crash behind it leaves plain files with a wrapping beside them, which wins. Whoever plants a plain file beside an old
//! wrapping gets the old wrapping.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    PLAIN,
    wrap::{Header, OVERHEAD, TooLong, WRAPPED, WrapKey},
};
use crate::{disk, staff::Cost};

/// What wrapping costs: four times the memory of RFC 9106's second recommended option. It is computed once per start,
/// and whoever holds a copy of the disk has all the time there is.
pub const WRAP_COST: Cost = Cost { memory: 256 << 10, passes: 3, lanes: 4 };

/// Why the keys stay shut. Nothing is changed on the disk. Each text says what to do.
#[derive(Debug)]
pub enum VaultError {
    /// The file system refused.
    Io(PathBuf, io::Error),
    /// The keys are wrapped, and no pass-phrase was given.
    Wrapped(PathBuf),
    /// Not the pass-phrase that they were wrapped with.
    WrongPhrase,
    /// The file that says how they are wrapped is not what was written.
    Damaged(PathBuf),
    /// A wrapped file in a folder that does not say how.
    Headless(PathBuf),
    /// A plain file in a folder whose files are all wrapped.
    Plain(PathBuf),
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "密钥文件 {} 不能读写（{error}）。请检查磁盘和权限。", path.display()),
            Self::Wrapped(data) => write!(
                f,
                "数据文件夹 {} 里的密钥是用口令包装的。请加 --passphrase 启动，在终端输入口令；或用 --passphrase-file 指定口令文件。",
                data.display()
            ),
            Self::WrongPhrase => write!(
                f,
                "口令不对，密钥没有解开，什么都没有改动。请核对大小写和输入法，再启动一次；没有这个口令，进行中的会议不能继续。"
            ),
            Self::Damaged(path) => {
                write!(f, "{} 已损坏，密钥解不开。请勿删除任何文件，保留现场并联系维护人员。", path.display())
            }
            Self::Headless(path) => write!(
                f,
                "{} 是用口令包装的，但说明如何包装的文件 secrets/wrap 不见了。请换回完整的数据文件夹。",
                path.display()
            ),
            Self::Plain(path) => write!(
                f,
                "密钥都已用口令包装，{} 却没有包装：它不是豆选写的。请勿删除任何文件，保留现场，查明是谁放进去的。",
                path.display()
            ),
        }
    }
}

impl std::error::Error for VaultError {}

/// Where all meetings' keys lie, open. Clones are the same vault; what wraps the files is zeroised with the last one.
#[derive(Clone)]
pub struct Vault {
    folder: PathBuf,
    key: Option<Arc<WrapKey>>,
}

impl Vault {
    /// The keys of a data folder that no pass-phrase wraps. What a wrapping left that was cut short is destroyed.
    ///
    /// # Errors
    /// [`VaultError::Wrapped`] if one does, [`VaultError::Headless`] if one did; or the file system's.
    pub fn plain(data: &Path) -> Result<Self, VaultError> {
        if Self::is_wrapped(data)? {
            return Err(VaultError::Wrapped(data.to_owned()));
        }
        let vault = Self { folder: data.join("secrets"), key: None };
        let files = vault.files()?;
        let mut left = vec![disk::beside(&vault.folder.join("wrap"), "new")];
        for path in &files {
            match place_of(path) {
                Some(place) if begins(&place, PLAIN)? => left.push(path.clone()),
                _ if begins(path, WRAPPED)? => return Err(VaultError::Headless(path.clone())),
                _ => {}
            }
        }
        for path in left {
            disk::destroy(&path).map_err(|error| VaultError::Io(path, error))?;
        }
        Ok(vault)
    }

    /// Whether a pass-phrase wraps the keys of a data folder.
    ///
    /// # Errors
    /// Of the file system.
    pub fn is_wrapped(data: &Path) -> Result<bool, VaultError> {
        let path = data.join("secrets").join("wrap");
        path.try_exists().map_err(|error| VaultError::Io(path, error))
    }

    /// Opens wrapped keys. Takes as long as the costs that were chosen say.
    ///
    /// # Errors
    /// [`VaultError`]; nothing is changed then, unless the file system failed.
    pub fn unlock(data: &Path, phrase: &str) -> Result<Self, VaultError> {
        let folder = data.join("secrets");
        let path = folder.join("wrap");
        let (header, check) = Header::decode(&read(&path)?).ok_or_else(|| VaultError::Damaged(path.clone()))?;
        let key = WrapKey::derive(phrase, &header).ok_or(VaultError::Damaged(path))?;
        if !key.fits(&header, &check) {
            return Err(VaultError::WrongPhrase);
        }
        let vault = Self { folder, key: Some(Arc::new(key)) };
        vault.finish()?;
        Ok(vault)
    }

    /// Wraps the keys of a data folder from now on, those of earlier meetings too (16 bytes of randomness, and 12 for
    /// each file). **Not while a meeting is under way**: its keys have been on this disk in the plain.
    ///
    /// # Errors
    /// [`VaultError`]. After a crash [`Vault::unlock`] goes on.
    pub fn begin<R: CryptoRng + ?Sized>(
        data: &Path,
        phrase: &str,
        cost: Cost,
        rng: &mut R,
    ) -> Result<Self, VaultError> {
        // Refuses what is wrapped already.
        let before = Self::plain(data)?;
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let header = Header { salt, cost };
        let path = before.folder.join("wrap");
        let key = WrapKey::derive(phrase, &header).ok_or_else(|| VaultError::Damaged(path.clone()))?;
        for plain in before.files()? {
            if begins(&plain, PLAIN)? {
                wrap_beside(&key, &plain, rng)?;
            }
        }
        let written = disk::create_folder(&before.folder).and_then(|()| disk::replace(&path, &header.encode(&key)));
        written.map_err(|error| VaultError::Io(path, error))?;
        let vault = Self { key: Some(Arc::new(key)), ..before };
        vault.finish()?;
        Ok(vault)
    }

    /// Whether a pass-phrase wraps these keys.
    #[must_use]
    pub fn wraps(&self) -> bool {
        self.key.is_some()
    }

    /// The folder of one meeting's keys.
    pub(super) fn folder_of(&self, meeting: &str) -> PathBuf {
        self.folder.join(meeting)
    }

    /// A plain file as it is to stand on the disk.
    ///
    /// # Errors
    /// `InvalidData` for more than a cipher takes.
    pub(super) fn shut<R: CryptoRng + ?Sized>(
        &self,
        meeting: &str,
        file: &str,
        plain: Zeroizing<Vec<u8>>,
        rng: &mut R,
    ) -> io::Result<Zeroizing<Vec<u8>>> {
        match &self.key {
            Some(key) => key.seal(meeting, file, &plain, rng).map(Zeroizing::new).map_err(too_long),
            None => Ok(plain),
        }
    }

    /// A file from the disk in the plain; `None` if it is not what was written there.
    pub(super) fn opened(&self, meeting: &str, file: &str, bytes: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
        match &self.key {
            Some(key) => key.open(meeting, file, &bytes),
            None => Some(bytes),
        }
    }

    /// Bytes on the disk of a file that is `plain` bytes long.
    pub(super) fn length(&self, plain: usize) -> usize {
        plain + if self.wraps() { OVERHEAD } else { 0 }
    }

    /// Puts every wrapping that a crash left beside its plain file into its place; refuses a plain file that has none,
    /// before anything is changed.
    fn finish(&self) -> Result<(), VaultError> {
        let Some(key) = &self.key else { return Ok(()) };
        let files = self.files()?;
        for path in &files {
            if begins(path, PLAIN)? && !files.contains(&disk::beside(path, "new")) {
                return Err(VaultError::Plain(path.clone()));
            }
        }
        let wrappings: Vec<(&PathBuf, PathBuf)> =
            files.iter().filter_map(|path| Some((path, place_of(path)?))).collect();
        for (path, place) in &wrappings {
            let (folder, name) = names(place).ok_or_else(|| VaultError::Damaged((*path).clone()))?;
            key.open(folder, name, &read(path)?).ok_or_else(|| VaultError::Damaged((*path).clone()))?;
        }
        for (path, place) in wrappings {
            let done = disk::destroy(&place).and_then(|()| disk::rename(path, &place));
            done.map_err(|error| VaultError::Io(path.clone(), error))?;
        }
        Ok(())
    }

    /// Every meeting's key files.
    fn files(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut files = Vec::new();
        for folder in entries(&self.folder)?.into_iter().filter(|path| path.is_dir()) {
            files.extend(entries(&folder)?);
        }
        files.sort();
        Ok(files)
    }
}

/// Writes the wrapping of a plain file beside it, durable with its name when this returns.
fn wrap_beside<R: CryptoRng + ?Sized>(key: &WrapKey, path: &Path, rng: &mut R) -> Result<(), VaultError> {
    let (folder, name) = names(path).ok_or_else(|| VaultError::Damaged(path.to_owned()))?;
    let wrapped = key.seal(folder, name, &read(path)?, rng).map_err(too_long);
    let written = wrapped.and_then(|wrapped| disk::write_new(&disk::beside(path, "new"), &wrapped));
    written.map_err(|error| VaultError::Io(path.to_owned(), error))
}

fn too_long(_: TooLong) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "too long to be wrapped")
}

/// Where a wrapping goes that stands beside it.
fn place_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_suffix(".new")?;
    Some(path.with_file_name(name))
}

/// Folder and file, as the wrapping is bound to them.
fn names(path: &Path) -> Option<(&str, &str)> {
    Some((path.parent()?.file_name()?.to_str()?, path.file_name()?.to_str()?))
}

/// Whether a file is there and begins with this byte.
fn begins(path: &Path, byte: u8) -> Result<bool, VaultError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes).first() == Some(&byte)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(VaultError::Io(path.to_owned(), error)),
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    fs::read(path).map(Zeroizing::new).map_err(|error| VaultError::Io(path.to_owned(), error))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let failed = |error| VaultError::Io(folder.to_owned(), error);
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(failed)?.map(|entry| Ok(entry.map_err(failed)?.path())).collect(),
    }
}

#[cfg(test)]
mod tests;
