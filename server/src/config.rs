//! Where the data lies, who holds it, and under which names this machine may be addressed.

mod hosts;

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

pub use hosts::Hosts;

use crate::disk;

/// Why the server does not start. Each text says what to do.
#[derive(Debug)]
pub enum ConfigError {
    /// The platform names no folder for data.
    NoFolder,
    /// The folder cannot be made or read.
    Folder(PathBuf, std::io::Error),
    /// Another process holds the folder.
    Held(PathBuf),
    /// Not a host name or address.
    Host(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder => write!(f, "找不到数据文件夹的位置。请用 --data 指定一个文件夹。"),
            Self::Folder(path, error) => {
                write!(f, "数据文件夹 {} 无法使用（{error}）。请检查权限，或用 --data 另指定一个。", path.display())
            }
            Self::Held(path) => write!(
                f,
                "数据文件夹 {} 正被另一个豆选程序使用。请先退出那一个，或用 --data 另指定一个文件夹。",
                path.display()
            ),
            Self::Host(name) => {
                write!(f, "--host {name} 不是有效的主机名或地址。请写成 192.168.1.10 或 vote.example 的样子。")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

/// The data folder, held by this process alone as long as the value lives.
///
/// Every file of a meeting stands in it (mode 0700, its owner only). Two processes on one spool would acknowledge
/// ballots that the other one cuts, so a second copy is refused before it opens anything.
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Takes `chosen`, or the platform's data folder.
    ///
    /// # Errors
    /// [`ConfigError`], each with what to do.
    pub fn open(chosen: Option<PathBuf>) -> Result<Self, ConfigError> {
        let path = match chosen {
            Some(path) => path,
            None => Self::usual()?,
        };
        let unusable = |error| ConfigError::Folder(path.clone(), error);
        disk::create_folder(&path).map_err(unusable)?;
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).open(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ConfigError::Held(path)),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        Ok(Self { path, _lock: lock })
    }

    /// The platform's own data folder.
    ///
    /// # Errors
    /// [`ConfigError::NoFolder`].
    pub fn usual() -> Result<PathBuf, ConfigError> {
        let folders = directories::ProjectDirs::from("", "", "douxuan").ok_or(ConfigError::NoFolder)?;
        Ok(folders.data_dir().to_owned())
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_second_copy_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = DataFolder::open(Some(data.clone())).unwrap();
        let refusal = DataFolder::open(Some(data.clone())).err().unwrap().to_string();
        assert!(refusal.contains("请先退出") && refusal.contains("data"), "{refusal}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(first.path()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(first);
        DataFolder::open(Some(data)).unwrap();
    }
}
