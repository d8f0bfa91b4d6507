//! What the stores ask of a disk: a write that returns has reached it, or is an error.
//!
//! **An fsync error is never retried as success.** After a failed fsync the kernel may mark the pages clean without
//! having written them, so a second fsync that returns 0 proves nothing. Whoever gets an error here stops, or writes
//! the bytes again into another file.
//!
//! A file's name is only durable with its folder: creating, replacing and removing sync the folder too.

mod append;

pub use append::{AppendError, AppendFile};

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Creates a folder only its owner may enter, with the folders above it, and makes their names durable.
///
/// # Errors
/// Any error of the file system.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        create_folder(above)?;
    }
    #[allow(unused_mut, reason = "only unix sets a mode")]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    sync_parent(path)
}

/// Creates a file that must not exist yet, readable by its owner only (mode 0600).
///
/// # Errors
/// `AlreadyExists`, or any error of the file system.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a new file, durable with its name when this returns. A file of that name is an error.
///
/// # Errors
/// `AlreadyExists`, or any error of the file system; then the name may exist with other content.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_parent(path)
}

/// Puts new content under a name in one step: after a crash the old or the new content stands there, never a mixture.
///
/// # Errors
/// Any error of the file system; the old content then stands, unless only the folder's fsync failed.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = beside(path, "new");
    remove_if_there(&fresh)?;
    let written = create_private(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // A full disk gets back what was written of it; if that fails too, the first error is the one to tell.
        let _ = remove_if_there(&fresh);
        return Err(error);
    }
    rename(&fresh, path)
}

/// Renames over whatever is there and makes the change durable. The content must be synced before.
///
/// # Errors
/// Any error of the file system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_parent(to)
}

/// Overwrites a file with zeros, syncs, removes it, syncs the folder. No file is no error: a second call does nothing.
///
/// **Erases nothing on storage that keeps deleted blocks** (journals, snapshots, flash): the README says so.
///
/// # Errors
/// Any error of the file system; the file may still be there.
pub fn destroy(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut left = file.metadata()?.len();
    let zeros = [0; 4096];
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
        file.write_all(&zeros[..now])?;
        left -= now as u64;
    }
    file.sync_all()?;
    drop(file);
    fs::remove_file(path)?;
    sync_parent(path)
}

/// Removes a file, if there is one. Not durable by itself.
///
/// # Errors
/// Any error of the file system but `NotFound`.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes created, renamed and removed names in this folder durable.
///
/// # Errors
/// Any error of the file system.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no fsync of a folder: NTFS journals names itself.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// [`sync_folder`] of the folder this path stands in.
///
/// # Errors
/// Any error of the file system.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}

/// The same path with `.suffix` behind the file name.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// True for errors that freeing space mends: nothing is broken, the same write may succeed later.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What a disk was found to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskReport {
    /// Bytes free for this process.
    pub free: u64,
    /// Median time of five writes of 4 KiB with fsync.
    pub fsync: Duration,
}

/// Measures free space and the cost of an fsync in a folder. Leaves nothing behind.
///
/// # Errors
/// Any error of the file system, so also a full or failing disk.
pub fn measure(folder: &Path) -> io::Result<DiskReport> {
    static PROBES: AtomicU32 = AtomicU32::new(0);
    let number = PROBES.fetch_add(1, Ordering::Relaxed);
    let probe = folder.join(format!("{number}.fsync.probe"));
    remove_if_there(&probe)?;
    let mut file = create_private(&probe)?;
    let mut times = [Duration::ZERO; 5];
    let written = times.iter_mut().try_for_each(|time| {
        let begun = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_all()?;
        *time = begun.elapsed();
        io::Result::Ok(())
    });
    drop(file);
    remove_if_there(&probe)?;
    written?;
    times.sort_unstable();
    Ok(DiskReport { free: fs4::available_space(folder)?, fsync: times[2] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_private_file_is_new_and_only_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_new(&path, b"one").unwrap();
        assert_eq!(write_new(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn replacing_leaves_no_second_file_and_works_over_a_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(beside(&path, "new"), b"left by a crash").unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn destroying_twice_is_destroying_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, vec![7; 10_000]).unwrap();
        let second_name = folder.path().join("b");
        fs::hard_link(&path, &second_name).unwrap();
        destroy(&path).unwrap();
        destroy(&path).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(second_name).unwrap(), vec![0; 10_000], "overwritten before it was removed");
    }

    #[test]
    fn measuring_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let report = measure(folder.path()).unwrap();
        assert!(report.free > 0 && report.fsync > Duration::ZERO);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
