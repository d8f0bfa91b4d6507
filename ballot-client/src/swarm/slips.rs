//! The slips of a drill, as its console exports them.

use std::{fmt, fs, io, path::Path};

use serde::Deserialize;

/// `{"origin", "manifest", "slips": [{"fragment", "text"}]}`. A drill's only: a real meeting never exports slips.
#[derive(Deserialize)]
pub struct SlipsFile {
    /// Where the phones go, `http://host:port`.
    pub origin: String,
    /// M in lowercase hex.
    pub manifest: String,
    /// One entry a slip.
    pub slips: Vec<SlipEntry>,
}

/// One slip.
#[derive(Deserialize)]
pub struct SlipEntry {
    /// What stands behind `#` in the QR code.
    pub fragment: String,
    /// The code to type.
    #[serde(default)]
    pub text: String,
}

/// The file is missing or is not such a list.
#[derive(Debug)]
pub enum SlipsError {
    /// It cannot be read.
    Read(io::Error),
    /// It is not the console's list.
    Shape(serde_json::Error),
}

impl fmt::Display for SlipsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the slips file cannot be read: {error}"),
            Self::Shape(error) => write!(f, "not a slips file of a drill's console: {error}"),
        }
    }
}

impl std::error::Error for SlipsError {}

impl SlipsFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`SlipsError`].
    pub fn read(path: &Path) -> Result<Self, SlipsError> {
        serde_json::from_slice(&fs::read(path).map_err(SlipsError::Read)?).map_err(SlipsError::Shape)
    }
}
