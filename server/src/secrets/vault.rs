//! The folder in which all keys lie, and whether a pass-phrase wraps them.
//!
//! `secrets/wrap` says that one does. It is written before the first wrapped file, and from the moment it says *whole* a
//! plain file in the folder is refused: whoever puts one there wants keys that he knows to be used.

use std::{
    fmt, fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    PLAIN,
    wrap::{Header, OVERHEAD, State, WRAPPED, WrapKey},
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
    /// The keys of a data folder that no pass-phrase wraps.
    ///
    /// # Errors
    /// [`VaultError::Wrapped`] if one does, [`VaultError::Headless`] if one did; or the file system's.
    pub fn plain(data: &Path) -> Result<Self, VaultError> {
        if Self::is_wrapped(data)? {
            return Err(VaultError::Wrapped(data.to_owned()));
        }
        let vault = Self { folder: data.join("secrets"), key: None };
        match vault.first(WRAPPED)? {
            Some(path) => Err(VaultError::Headless(path)),
            None => Ok(vault),
        }
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
    /// [`VaultError`]; nothing is changed then.
    pub fn unlock<R: CryptoRng + ?Sized>(data: &Path, phrase: &str, rng: &mut R) -> Result<Self, VaultError> {
        let folder = data.join("secrets");
        let path = folder.join("wrap");
        let (header, check) = Header::decode(&read(&path)?).ok_or_else(|| VaultError::Damaged(path.clone()))?;
        let key = WrapKey::derive(phrase, &header).ok_or(VaultError::Damaged(path))?;
        if !key.fits(&header, &check) {
            return Err(VaultError::WrongPhrase);
        }
        let vault = Self { folder, key: Some(Arc::new(key)) };
        if header.state == State::Begun {
            vault.finish(header, rng)?;
        }
        match vault.first(PLAIN)? {
            Some(path) => Err(VaultError::Plain(path)),
            None => Ok(vault),
        }
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
        let Self { folder, .. } = Self::plain(data)?;
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let header = Header { state: State::Begun, salt, cost };
        let path = folder.join("wrap");
        let key = WrapKey::derive(phrase, &header).ok_or_else(|| VaultError::Damaged(path.clone()))?;
        let written = disk::create_folder(&folder).and_then(|()| disk::replace(&path, &header.encode(&key)));
        written.map_err(|error| VaultError::Io(path, error))?;
        let vault = Self { folder, key: Some(Arc::new(key)) };
        vault.finish(header, rng)?;
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
    pub(super) fn shut<R: CryptoRng + ?Sized>(
        &self,
        meeting: &str,
        file: &str,
        plain: Zeroizing<Vec<u8>>,
        rng: &mut R,
    ) -> Zeroizing<Vec<u8>> {
        match &self.key {
            Some(key) => Zeroizing::new(key.seal(meeting, file, &plain, rng)),
            None => plain,
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

    /// Wraps every plain file, then says that all are.
    fn finish<R: CryptoRng + ?Sized>(&self, header: Header, rng: &mut R) -> Result<(), VaultError> {
        let Some(key) = &self.key else { return Ok(()) };
        for path in self.files()? {
            rewrap(key, &path, rng)?;
        }
        let whole = Header { state: State::Whole, ..header }.encode(key);
        let path = self.folder.join("wrap");
        disk::replace(&path, &whole).map_err(|error| VaultError::Io(path, error))
    }

    /// The first key file that begins with this byte.
    fn first(&self, byte: u8) -> Result<Option<PathBuf>, VaultError> {
        for path in self.files()? {
            if read(&path)?.first() == Some(&byte) {
                return Ok(Some(path));
            }
        }
        Ok(None)
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

/// Wraps one plain file. The wrapped copy is on the disk beside it before the plain one is destroyed; the same call goes
/// on from wherever a crash left it.
fn rewrap<R: CryptoRng + ?Sized>(key: &WrapKey, path: &Path, rng: &mut R) -> Result<(), VaultError> {
    let failed = |error| VaultError::Io(path.to_owned(), error);
    let damaged = || VaultError::Damaged(path.to_owned());
    let name_of = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let folder = path.parent().and_then(name_of).ok_or_else(damaged)?;
    let name = name_of(path).ok_or_else(damaged)?;
    let is_plain = |path: &Path| match fs::read(path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes).first() == Some(&PLAIN)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(VaultError::Io(path.to_owned(), error)),
    };
    if let Some(base) = name.strip_suffix(".new") {
        if !path.try_exists().map_err(failed)? {
            return Ok(());
        }
        let place = path.with_file_name(base);
        if is_plain(&place)? {
            // Not known to be whole; `place` comes, or came, in its own turn.
            return disk::remove_if_there(path).map_err(failed);
        }
        key.open(&folder, base, &read(path)?).ok_or_else(damaged)?;
        return disk::destroy(&place).and_then(|()| disk::rename(path, &place)).map_err(failed);
    }
    if !is_plain(path)? {
        return Ok(());
    }
    let fresh = disk::beside(path, "new");
    let wrapped = key.seal(&folder, &name, &read(path)?, rng);
    let written = disk::remove_if_there(&fresh).and_then(|()| disk::create_private(&fresh)).and_then(|mut file| {
        file.write_all(&wrapped)?;
        file.sync_all()?;
        disk::sync_parent(&fresh)
    });
    written.map_err(failed)?;
    disk::destroy(path).and_then(|()| disk::rename(&fresh, path)).map_err(failed)
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
