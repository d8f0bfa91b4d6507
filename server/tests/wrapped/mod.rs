//! The program itself on a folder with wrapped keys.
#![allow(unreachable_pub)]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use douxuan::{
    secrets::{Vault, VaultError},
    staff::Cost,
};
use douxuan_crypto::{bytes::hex, hash::sha256};

pub const PHRASE: &str = "seven lamps under one roof";
/// What is tested is not how long a hash takes.
pub const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

pub fn unlock(data: &Path, phrase: &str) -> Result<Vault, VaultError> {
    Vault::unlock(data, phrase)
}

/// Every file below a folder, by path: its length and SHA-256.
pub fn files(folder: &Path) -> BTreeMap<String, (usize, String)> {
    let found = super::search::gather(folder).into_iter();
    found.map(|file| (file.name, (file.bytes.len(), hex(&sha256(&file.bytes))))).collect()
}

pub fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

/// `douxuan serve` on a folder.
pub struct Program {
    data: PathBuf,
    phrase: tempfile::TempDir,
}

/// It serves.
pub struct Serving {
    pub child: Child,
    /// What it printed until it served.
    pub said: String,
}

impl Program {
    pub fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), phrase: tempfile::tempdir().unwrap() }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_douxuan"));
        command.args(["serve", "--public", "127.0.0.1:0", "--console", "127.0.0.1:0", "--host", "vote.test"]);
        command.arg("--data").arg(&self.data).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("DOUXUAN_FAILPOINT");
        command
    }

    pub fn file(&self, phrase: &str) -> String {
        let path = self.phrase.path().join("phrase");
        fs::write(&path, format!("{phrase}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        path.to_str().unwrap().to_owned()
    }

    /// It must end by itself, and say why.
    pub fn refused(&mut self, arguments: &[&str]) -> String {
        let ended = self.command(arguments).output().unwrap();
        assert!(!ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
        String::from_utf8(ended.stderr).unwrap()
    }

    pub fn refused_with(&mut self, phrase: &str) -> String {
        let file = self.file(phrase);
        self.refused(&["--passphrase-file", &file])
    }

    pub fn serving(&mut self, phrase: &str) -> Serving {
        let file = self.file(phrase);
        Serving::of(&mut self.command(&["--passphrase-file", &file]))
    }
}

impl Serving {
    pub fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Ctrl-C") {
                return Self { child, said };
            }
        }
        child.wait().unwrap();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        panic!("it does not serve: {said}");
    }

    /// SIGKILL: no destructor, no flush.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
