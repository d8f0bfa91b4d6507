//! The fault layer under a server (`power-cut/shim.c`): built once a test run, told what to do by a file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The fault layer around one data folder.
pub struct Shim {
    folder: tempfile::TempDir,
    root: PathBuf,
    journal: bool,
    dropped: Option<String>,
}

/// One fault of `shim.c`; the text is part of a path.
pub enum Fault<'a> {
    /// fsync returns EIO.
    Eio(&'a str),
    /// A write goes half way, the next one returns ENOSPC.
    Full(&'a str),
    /// fsync takes so many milliseconds longer.
    Slow(u32, &'a str),
    /// The clock on the wall is so many seconds off.
    Clock(i64),
}

impl Shim {
    /// Under `data`, which exists. Nothing is faulty yet.
    #[must_use]
    pub fn under(data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, root: data.canonicalize().unwrap(), journal: false, dropped: None }
    }

    /// Keeps a journal. **The real disk is then not synced at all**: the journal is the disk of the test.
    #[must_use]
    pub fn with_journal(mut self) -> Self {
        self.journal = true;
        self
    }

    /// Leaves out every fsync of a path with this text in it, as if the call had been deleted from the server.
    #[must_use]
    pub fn without_fsync_of(mut self, text: &str) -> Self {
        self.dropped = Some(text.to_owned());
        self
    }

    /// Where the journal is kept.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    /// How long the journal is now.
    #[must_use]
    pub fn journal_length(&self) -> u64 {
        fs::metadata(self.journal()).map_or(0, |file| file.len())
    }

    /// These faults from now on, and no others.
    pub fn set(&self, faults: &[Fault<'_>]) {
        let line = |fault: &Fault<'_>| match fault {
            Fault::Eio(text) => format!("eio {text}\n"),
            Fault::Full(text) => format!("full {text}\n"),
            Fault::Slow(milliseconds, text) => format!("slow {milliseconds} {text}\n"),
            Fault::Clock(seconds) => format!("clock {seconds}\n"),
        };
        let fresh = self.folder.path().join("control.new");
        fs::write(&fresh, faults.iter().map(line).collect::<String>()).unwrap();
        fs::rename(fresh, self.control()).unwrap();
    }

    fn control(&self) -> PathBuf {
        self.folder.path().join("control")
    }

    /// Puts the layer under a process that is about to start.
    pub fn put_under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", library()).env("SHIM_ROOT", &self.root).env("SHIM_CONTROL", self.control());
        if self.journal {
            command.env("SHIM_JOURNAL", self.journal());
        }
        if let Some(text) = &self.dropped {
            command.env("SHIM_DROP_FSYNC", text);
        }
    }
}

/// The compiled layer; `cc` is the C compiler that building the server needs anyway.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("power-cut/shim.c");
        let test = std::env::current_exe().unwrap();
        let (fresh, library) = (test.with_extension("so.new"), test.with_extension("so"));
        let built = Command::new("cc")
            .args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
            .args([&fresh, &source])
            .args(["-ldl", "-lpthread"])
            .status()
            .unwrap();
        assert!(built.success(), "cc could not build {}", source.display());
        fs::rename(fresh, &library).unwrap();
        library
    })
}
