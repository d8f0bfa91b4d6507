//! The audit bundle: which files there are (PROTOCOL section 24).

use std::collections::BTreeMap;

use crate::container::{self, ContainerError};

/// The files of one contest's board. Which of them must exist follows from the log, and is step V3's question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardFiles {
    /// Signed checkpoint.
    pub checkpoint: Option<Vec<u8>>,
    /// `(I2OSP(length,2) || ballot)*`.
    pub entries: Option<Vec<u8>>,
    /// `0x01 || proof(64)*`.
    pub proof: Option<Vec<u8>>,
    /// `0x01 || t_0(4)..t_{n-1}(4) || R(32)`.
    pub tally: Option<Vec<u8>>,
}

/// A bundle, file by file. Only the container and the names have been looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// `manifest.json`.
    pub manifest: Vec<u8>,
    /// `log/checkpoint`.
    pub log_checkpoint: Vec<u8>,
    /// `log/entries`.
    pub log_entries: Vec<u8>,
    /// `tokens/leaves`.
    pub leaves: Vec<u8>,
    /// `tokens/redeemed`.
    pub redeemed: Vec<u8>,
    /// `tokens/voided`.
    pub voided: Vec<u8>,
    /// `result`.
    pub result: Vec<u8>,
    /// `summary.txt`.
    pub summary: Vec<u8>,
    /// `board/<item>-<round>/..`, by the two numbers of the path, each below 65 536.
    pub boards: BTreeMap<(u16, u16), BoardFiles>,
}

/// Why bytes are not a bundle (exit status 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotABundle {
    /// The container.
    Container(ContainerError),
    /// A path that no bundle has.
    UnknownFile(String),
    /// One of the eight files is not there.
    MissingFile(&'static str),
}

impl core::fmt::Display for NotABundle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Container(error) => error.fmt(f),
            Self::UnknownFile(path) => write!(f, "a bundle has no file named {path}"),
            Self::MissingFile(path) => write!(f, "the file {path} is missing"),
        }
    }
}

impl std::error::Error for NotABundle {}

/// The eight files every bundle has, in ascending order of paths.
const REQUIRED: [&str; 8] = [
    "log/checkpoint",
    "log/entries",
    "manifest.json",
    "result",
    "summary.txt",
    "tokens/leaves",
    "tokens/redeemed",
    "tokens/voided",
];

/// `board/<item>-<round>/<file>` with decimal numbers in their one form.
fn board_path(path: &str) -> Option<(u16, u16, &str)> {
    let (numbers, file) = path.strip_prefix("board/")?.split_once('/')?;
    let (item, round) = numbers.split_once('-')?;
    let (item, round): (u16, u16) = (item.parse().ok()?, round.parse().ok()?);
    (format!("{item}-{round}") == numbers).then_some((item, round, file))
}

impl Bundle {
    fn required(&mut self, path: &str) -> Option<(&'static str, &mut Vec<u8>)> {
        let name = REQUIRED.into_iter().find(|name| *name == path)?;
        Some((
            name,
            match name {
                "log/checkpoint" => &mut self.log_checkpoint,
                "log/entries" => &mut self.log_entries,
                "manifest.json" => &mut self.manifest,
                "result" => &mut self.result,
                "summary.txt" => &mut self.summary,
                "tokens/leaves" => &mut self.leaves,
                "tokens/redeemed" => &mut self.redeemed,
                _ => &mut self.voided,
            },
        ))
    }

    /// Reads a bundle.
    ///
    /// # Errors
    /// [`NotABundle`] unless this is the one container of files that a bundle may and must have.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, NotABundle> {
        let mut bundle = Self::default();
        let mut seen = Vec::new();
        for (path, data) in container::read(bytes).map_err(NotABundle::Container)? {
            if let Some((name, file)) = bundle.required(path) {
                data.clone_into(file);
                seen.push(name);
                continue;
            }
            let unknown = || NotABundle::UnknownFile(path.escape_default().to_string());
            let (item, round, file) = board_path(path).ok_or_else(unknown)?;
            let board = bundle.boards.entry((item, round)).or_default();
            let slot = match file {
                "checkpoint" => &mut board.checkpoint,
                "entries" => &mut board.entries,
                "proof" => &mut board.proof,
                "tally" => &mut board.tally,
                _ => return Err(unknown()),
            };
            *slot = Some(data.to_vec());
        }
        match REQUIRED.into_iter().find(|name| !seen.contains(name)) {
            Some(missing) => Err(NotABundle::MissingFile(missing)),
            None => Ok(bundle),
        }
    }

    /// Every file with its path, in ascending order of paths.
    #[must_use]
    pub fn files(&self) -> Vec<(String, &[u8])> {
        let mut files: Vec<(String, &[u8])> = [
            ("log/checkpoint", &self.log_checkpoint),
            ("log/entries", &self.log_entries),
            ("manifest.json", &self.manifest),
            ("result", &self.result),
            ("summary.txt", &self.summary),
            ("tokens/leaves", &self.leaves),
            ("tokens/redeemed", &self.redeemed),
            ("tokens/voided", &self.voided),
        ]
        .into_iter()
        .map(|(path, data)| (path.to_owned(), data.as_slice()))
        .collect();
        for ((item, round), board) in &self.boards {
            let parts = [
                ("checkpoint", &board.checkpoint),
                ("entries", &board.entries),
                ("proof", &board.proof),
                ("tally", &board.tally),
            ];
            for (name, data) in parts {
                if let Some(data) = data {
                    files.push((format!("board/{item}-{round}/{name}"), data));
                }
            }
        }
        files.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        files
    }

    /// The bundle's bytes: the same parts give the same bytes, always.
    ///
    /// # Errors
    /// [`ContainerError`] over 256 MiB or 1 000 files.
    pub fn to_zip(&self) -> Result<Vec<u8>, ContainerError> {
        let files = self.files();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, data)| (path.as_str(), *data)).collect();
        container::write(&files)
    }
}
