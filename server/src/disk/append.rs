//! A file that only grows, by whole records that are on the disk or not there at all.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Why bytes were not appended. Nothing of them counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// No space. The next append begins by writing the file anew without the bytes that failed, so it may be tried
    /// again as soon as there is space.
    Full,
    /// The disk failed. **What is on it is unknown; this file must not be written to again.**
    Broken(String),
}

impl std::fmt::Display for AppendError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("磁盘已满"),
            Self::Broken(why) => write!(f, "写盘失败：{why}"),
        }
    }
}

impl std::error::Error for AppendError {}

impl From<io::Error> for AppendError {
    fn from(error: io::Error) -> Self {
        if super::is_full(&error) { Self::Full } else { Self::Broken(error.to_string()) }
    }
}

/// A growing file of one owner.
///
/// **Durability.** [`AppendFile::append`] returns `Ok` when its bytes have been synced. **After an error** the bytes
/// behind the durable length are unknown, even to a reader of this machine: the kernel may show pages that never
/// reached the disk. They are never synced again in place; the durable part goes into a new file.
#[derive(Debug)]
pub struct AppendFile {
    path: PathBuf,
    file: File,
    durable: u64,
    stale: bool,
    broken: Option<String>,
}

impl AppendFile {
    /// Puts a file with this content in the place of whatever was there, durable with its name, and opens it.
    ///
    /// # Errors
    /// Any error of the file system; the old file then stands.
    pub fn begin(path: &Path, content: &[u8]) -> io::Result<Self> {
        super::replace(path, content)?;
        let file = open_end(path)?;
        Ok(Self { path: path.to_owned(), file, durable: content.len() as u64, stale: false, broken: None })
    }

    /// Appends bytes and syncs; `between` runs after the write and before the sync.
    ///
    /// # Errors
    /// [`AppendError`]; after [`AppendError::Broken`] every further append is refused.
    pub fn append(&mut self, bytes: &[u8], between: impl FnOnce()) -> Result<(), AppendError> {
        if let Some(why) = &self.broken {
            return Err(AppendError::Broken(why.clone()));
        }
        let done = self.try_append(bytes, between);
        if let Err(AppendError::Broken(why)) = &done {
            self.broken = Some(why.clone());
        }
        done
    }

    fn try_append(&mut self, bytes: &[u8], between: impl FnOnce()) -> Result<(), AppendError> {
        if self.stale {
            self.rewrite()?;
        }
        self.stale = true;
        self.file.write_all(bytes)?;
        between();
        self.file.sync_all()?;
        self.stale = false;
        self.durable += bytes.len() as u64;
        Ok(())
    }

    fn rewrite(&mut self) -> Result<(), AppendError> {
        let mut kept = Vec::new();
        File::open(&self.path)?.take(self.durable).read_to_end(&mut kept)?;
        if kept.len() as u64 != self.durable {
            return Err(AppendError::Broken(format!("{} is shorter than it was", self.path.display())));
        }
        super::replace(&self.path, &kept)?;
        self.file = open_end(&self.path)?;
        self.stale = false;
        Ok(())
    }
}

fn open_end(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    #[test]
    fn what_a_full_disk_left_behind_is_gone_before_the_next_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = AppendFile::begin(&path, b"").unwrap();
        file.append(b"one.", || ()).unwrap();
        // Half a record, as a full disk leaves it.
        file.file.write_all(b"tw").unwrap();
        file.stale = true;
        file.append(b"three.", || ()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one.three.");
        assert_eq!(file.durable, 10);
    }

    #[test]
    fn a_file_that_lost_its_durable_part_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = AppendFile::begin(&path, b"one.").unwrap();
        file.stale = true;
        fs::write(&path, b"on").unwrap();
        assert!(matches!(file.append(b"two.", || ()), Err(AppendError::Broken(_))));
        fs::write(&path, b"one.").unwrap();
        assert!(matches!(file.append(b"two.", || ()), Err(AppendError::Broken(_))), "broken stays broken");
    }
}
