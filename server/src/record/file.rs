//! Files that were handed in: outside of the database, named by their digest, each referred to by a document.
//!
//! **Durability.** A [`Stored`] that was returned names bytes that are on the disk. A file that no document refers to
//! (a crash between the two) is harmless: nothing shows it.

use std::{fs, io, path::PathBuf};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use douxuan_crypto::{
    bytes::{hex, unhex},
    hash::sha256,
};

use super::{Record, api::Endpoint, field};
use crate::{disk, limits, web::Refusal};

mod content;

/// Two uploads of the same bytes at once would write the same name.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// Word document without macros.
    Docx,
}

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// SHA-256, 64 lowercase hex digits: its name in the folder.
    pub sha256: String,
    /// Bytes.
    pub size: usize,
    /// What it is, by its content.
    pub kind: FileKind,
    /// What it was called by whoever handed it in.
    pub name: String,
}

impl FileKind {
    /// Media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// How its name ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }
}

/// The routes of files.
pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/files/{sha256}", "A file that a document of the record refers to.", file)
            .answers_file("application/octet-stream"),
    ]
}

async fn file(State(record): State<Record>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let missing = || Refusal::conflict("档案里没有这个文件。", "请刷新页面。").with_status(404);
    let quoted = format!("\"sha256\":\"{digest}\"");
    let now = record.book().now();
    let known = unhex::<32>(&digest).is_some() && now.documents.0.values().any(|row| row.body.contains(&quoted));
    if !known {
        return Err(missing());
    }
    let bytes = record.read_file(&digest).await?;
    let kind = content::kind_of(&bytes).map_err(|_| missing())?;
    Ok(download(bytes, kind.media(), &format!("{}.{}", &digest[..16], kind.ending())))
}

/// A file to save. Its name is ASCII.
pub(super) fn download(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let saved = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let saved = saved.unwrap_or(HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, saved)], bytes)
        .into_response()
}

impl Record {
    fn path_of(&self, digest: &str) -> PathBuf {
        self.folder().join("files").join(digest)
    }

    /// Looks at what was handed in and keeps it.
    ///
    /// # Errors
    /// 413 if it is too large, 415 if it is neither PDF nor a Word document without macros, and what the disk refuses.
    pub(super) async fn keep_file(&self, name: &str, bytes: Bytes) -> Result<Stored, Refusal> {
        let name = field::line("文件名", name, field::LINE)?;
        if bytes.len() > limits::RECORD_FILE {
            return Err(
                Refusal::conflict("文件超过 20 MiB。", "请压缩其中的图片，或拆成几份后再上传。").with_status(413)
            );
        }
        let looked = bytes.clone();
        let kind = tokio::task::spawn_blocking(move || content::kind_of(&looked)).await.map_err(Refusal::broken)??;
        let size = bytes.len();
        let sha256 = self.keep_bytes(bytes).await?;
        Ok(Stored { sha256, size, kind, name })
    }

    /// Keeps bytes that this program has made; gives their digest.
    pub(super) async fn keep_bytes(&self, bytes: impl Into<Bytes>) -> Result<String, Refusal> {
        let bytes: Bytes = bytes.into();
        let digest = hex(&sha256(&bytes));
        let path = self.path_of(&digest);
        let _alone = ONE_AT_A_TIME.lock().await;
        let write = move || {
            // What is there already is written again if a fault of the disk has changed it.
            if fs::read(&path).is_ok_and(|there| there == bytes) {
                return disk::sync_parent(&path);
            }
            if let Some(folder) = path.parent() {
                disk::create_folder(folder)?;
            }
            disk::replace(&path, &bytes)
        };
        tokio::task::spawn_blocking(write).await.map_err(Refusal::broken)?.map_err(Refusal::broken)?;
        Ok(digest)
    }

    /// The bytes of a digest.
    ///
    /// # Errors
    /// 409 if the file is gone, or is not what was kept.
    pub(super) async fn read_file(&self, digest: &str) -> Result<Vec<u8>, Refusal> {
        let path = self.path_of(digest);
        let read = tokio::task::spawn_blocking(move || fs::read(path)).await.map_err(Refusal::broken)?;
        let next = "请从备份恢复档案的 files 文件夹。";
        match read {
            Ok(bytes) if hex(&sha256(&bytes)) == digest => Ok(bytes),
            Ok(_) => Err(Refusal::conflict("这个文件和登记的校验值不符，没有打开。", next)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Refusal::conflict("这个文件不见了。", next)),
            Err(error) => Err(Refusal::broken(error)),
        }
    }
}
