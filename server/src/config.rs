//! Where the data lies, who holds it, and under which names this machine may be addressed.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{File, OpenOptions, TryLockError},
    net::IpAddr,
    path::{Path, PathBuf},
};

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
            None => directories::ProjectDirs::from("", "", "douxuan")
                .map(|folders| folders.data_dir().to_owned())
                .ok_or(ConfigError::NoFolder)?,
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

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The names under which requests are answered. Any other `Host` is refused, which is what stops a page of another
/// origin from reaching the console through a name of its own that resolves to this machine.
#[derive(Clone)]
pub struct Hosts {
    allowed: BTreeSet<String>,
    preferred: String,
}

impl Hosts {
    /// This machine's own addresses and the names given. The first name given, or else the address that is listened
    /// on, or the first one on a network, is printed on slips.
    ///
    /// # Errors
    /// [`ConfigError::Host`] for a name with characters that no host name has.
    pub fn find(names: &[String], listening: IpAddr) -> Result<Self, ConfigError> {
        let mut found: Vec<IpAddr> =
            if_addrs::get_if_addrs().unwrap_or_default().iter().map(if_addrs::Interface::ip).collect();
        let mut hosts = Self::of(names, &found)?;
        if names.is_empty() && !listening.is_unspecified() {
            found.push(listening);
            hosts = Self::of(names, &found)?;
            hosts.preferred = written(&listening);
        }
        Ok(hosts)
    }

    /// The same from a list of addresses.
    ///
    /// # Errors
    /// As [`Hosts::find`].
    pub fn of(names: &[String], addresses: &[IpAddr]) -> Result<Self, ConfigError> {
        let mut allowed: BTreeSet<String> = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into();
        for name in names {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
            if name.is_empty() || name.len() > 253 || !plain || host_of(name) != name {
                return Err(ConfigError::Host(name.clone()));
            }
            allowed.insert(name.to_ascii_lowercase());
        }
        allowed.extend(addresses.iter().map(written));
        let outward = |address: &&IpAddr| address.is_ipv4() && !address.is_loopback();
        let preferred = names
            .first()
            .map(|name| name.to_ascii_lowercase())
            .or_else(|| addresses.iter().find(outward).map(written))
            .unwrap_or_else(|| "127.0.0.1".to_owned());
        Ok(Self { allowed, preferred })
    }

    /// True if a `Host` header names this machine, whatever the port.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        self.allowed.contains(&host_of(host).to_ascii_lowercase())
    }

    /// The name printed on slips unless the office picks another one.
    #[must_use]
    pub fn preferred(&self) -> &str {
        &self.preferred
    }

    /// All names, for the office to pick from.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.allowed.iter().map(String::as_str)
    }
}

fn written(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// `name:port` without the port; an IPv6 address keeps its brackets.
fn host_of(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') && host[colon + 1..].bytes().all(|b| b.is_ascii_digit()) => {
            &host[..colon]
        }
        _ => host,
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

    #[test]
    fn only_this_machines_names_are_allowed_with_any_port() {
        let hosts =
            Hosts::of(&["Vote.Test".into()], &["192.168.1.10".parse().unwrap(), "fe80::1".parse().unwrap()]).unwrap();
        for good in ["vote.test:8460", "VOTE.test", "192.168.1.10:1", "127.0.0.1:8461", "[::1]:8460", "[fe80::1]"] {
            assert!(hosts.allows(good), "{good}");
        }
        for bad in ["", "evil.test", "vote.test.evil", "192.168.1.11", "vote.test:8460:1", "[::2]:8460", "vote.test:x"]
        {
            assert!(!hosts.allows(bad), "{bad}");
        }
        assert_eq!(hosts.preferred(), "vote.test");
        assert_eq!(
            Hosts::of(&[], &["127.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]).unwrap().preferred(),
            "10.0.0.2"
        );
        for bad in ["", "a b", "a/b", "a:80", "é"] {
            assert!(Hosts::of(&[bad.into()], &[]).is_err(), "{bad}");
        }
    }
}
