//! Where a wallet lies: one file, or memory only.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// Holds at most one wallet. A write replaces what was there, whole or not at all.
pub trait Storage {
    /// Stores the bytes; they are durable when this returns.
    ///
    /// # Errors
    /// If they are not.
    fn write(&mut self, wallet: &[u8]) -> io::Result<()>;

    /// What is stored.
    ///
    /// # Errors
    /// If it cannot be read; nothing stored is `None`.
    fn read(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>>;
}

/// Keeps a wallet as long as the program runs; for swarms and tests.
#[derive(Default)]
pub struct Memory(Option<Zeroizing<Vec<u8>>>);

impl Storage for Memory {
    fn write(&mut self, wallet: &[u8]) -> io::Result<()> {
        self.0 = Some(Zeroizing::new(wallet.to_vec()));
        Ok(())
    }

    fn read(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        Ok(self.0.clone())
    }
}

/// Keeps a wallet in a file. On Unix only its owner may read it.
pub struct File(PathBuf);

impl File {
    /// The file need not exist.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn create(path: &Path) -> io::Result<fs::File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }
}

impl Storage for File {
    fn write(&mut self, wallet: &[u8]) -> io::Result<()> {
        let fresh = self.0.with_extension("new");
        let mut file = Self::create(&fresh)?;
        io::Write::write_all(&mut file, wallet)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.0)?;
        // The rename itself must survive a power cut; only Unix lets a folder be synced.
        #[cfg(unix)]
        if let Some(folder) = self.0.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
