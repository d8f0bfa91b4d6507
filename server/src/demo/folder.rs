//! Where a demonstration keeps its data: a folder of its own, gone at the end unless one was named.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rand::{TryRng, rngs::SysRng};

use super::DemoError;
use crate::disk;

/// **Never the platform's data folder**: a new one, or an empty one that was named. A new one is removed when the value
/// is dropped, whatever ended the program but a kill.
pub(super) struct Folder {
    path: PathBuf,
    kept: bool,
}

/// What became of a folder.
pub(super) enum Ended {
    /// It is gone.
    Removed,
    /// It stands there, as was asked for.
    Kept(PathBuf),
    /// It could not be removed.
    Left(PathBuf, io::Error),
}

impl Folder {
    /// A new one among the system's temporary files, which only this user may enter.
    pub(super) fn temporary() -> Result<Self, DemoError> {
        let above = std::env::temp_dir();
        let unusable = |error| DemoError::Folder(above.clone(), error);
        let number = SysRng.try_next_u64().map_err(|error| unusable(io::Error::other(error)))?;
        let path = above.join(format!("douxuan-demo-{number:016x}"));
        #[allow(unused_mut, reason = "only unix sets a mode")]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Fails if it exists: nobody else can have put it there.
        builder.create(&path).map_err(|error| DemoError::Folder(path.clone(), error))?;
        Ok(Self { path, kept: false })
    }

    /// The one that was named, if there is nothing in it.
    pub(super) fn keep(path: &Path) -> Result<Self, DemoError> {
        let unusable = |error| DemoError::Folder(path.to_owned(), error);
        disk::create_folder(path).map_err(unusable)?;
        if fs::read_dir(path).map_err(unusable)?.next().is_some() {
            return Err(DemoError::NotEmpty(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), kept: true })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, if it stays.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.kept.then_some(&*self.path)
    }

    /// Removes it, unless it stays.
    pub(super) fn end(mut self) -> Ended {
        if self.kept {
            return Ended::Kept(self.path.clone());
        }
        // Once is enough: dropping it would try again.
        self.kept = true;
        match remove(&self.path) {
            Ok(()) => Ended::Removed,
            Err(error) => Ended::Left(self.path.clone(), error),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            let _ = remove(&self.path);
        }
    }
}

/// A scanner or a write that is still under way may hold a file for a moment.
fn remove(path: &Path) -> io::Result<()> {
    let mut tries = 20;
    loop {
        match fs::remove_dir_all(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if tries == 0 => return Err(error),
            Err(_) => tries -= 1,
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_of_its_own_is_gone_at_the_end_and_after_an_error() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("roll.db"), "x").unwrap();
        assert!(matches!(folder.end(), Ended::Removed));
        assert!(!path.exists());
        let dropped = Folder::temporary().unwrap();
        let path = dropped.path().to_owned();
        drop(dropped);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_was_named_is_kept_and_one_with_files_in_it_is_refused() {
        let above = tempfile::tempdir().unwrap();
        let named = above.path().join("named");
        let folder = Folder::keep(&named).unwrap();
        fs::write(named.join("roll.db"), "x").unwrap();
        assert!(matches!(folder.end(), Ended::Kept(path) if path == named));
        let refusal = Folder::keep(&named).err().unwrap().to_string();
        assert!(refusal.contains("--data") && named.join("roll.db").exists(), "{refusal}");
    }
}
