//! Files that were handed in: outside of the database, named by their digest, each referred to by a document.
//!
//! **Durability.** A [`Stored`] that was returned names bytes that are on the disk. A file that no document refers to
//! (a crash between the two) is harmless: nothing shows it.

use std::{fmt::Write as _, fs, io, path::PathBuf};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use douxuan_crypto::{
    bytes::{hex, unhex},
    hash::sha256,
};

use super::{
    Hand, Record, State as Now,
    api::{Answer, Endpoint},
    archive::file_name,
    field,
};
use crate::{
    disk, limits,
    web::{Queried, Refusal},
};

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

/// A file that was handed in, named by a document that is about to refer to it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// SHA-256, 64 lowercase hex digits, as the upload has answered it.
    sha256: String,
    /// What it was called.
    name: String,
}

/// The routes of files.
pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::post(
            "/api/record/file",
            "Keeps a file: the body. A document refers to it afterwards; until then nothing shows it.",
            hand_in,
        )
        .asks::<Called>()
        .answers::<Stored>(),
        Endpoint::get("/api/record/files/{sha256}", "A file that a document of the record refers to.", file)
            .answers_file("application/octet-stream"),
    ]
}

/// What goes with a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Called {
    /// Its name.
    name: String,
}

async fn hand_in(
    State(record): State<Record>,
    _: Hand,
    Queried(Called { name }): Queried<Called>,
    bytes: Bytes,
) -> Answer<Stored> {
    record.keep_file(&name, bytes).await.map(Json)
}

async fn file(State(record): State<Record>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let known = unhex::<32>(&digest).and_then(|_| referred(&record.book().now(), &digest));
    let Some(stored) = known else {
        return Err(Refusal::conflict("档案里没有这个文件。", "请刷新页面。").with_status(404));
    };
    let bytes = record.read_file(&digest).await?;
    Ok(named(download(bytes, stored.kind.media(), ""), &stored))
}

/// The file of this digest as a document has it, or as one had it before it was replaced: then the trail says so.
fn referred(now: &Now, digest: &str) -> Option<Stored> {
    let quoted = format!("\"sha256\":\"{digest}\"");
    let bodies = now.documents.0.values().map(|row| &*row.body);
    let replaced = now.entries.iter().rev().filter_map(|entry| entry.what.as_ref()).map(|(_, what)| what.as_str());
    bodies.chain(replaced).filter(|text| text.contains(&quoted)).find_map(|text| {
        let value = serde_json::from_str::<Value>(text).ok()?;
        within(&value, digest)
    })
}

/// The file of this digest in a document, at any depth.
fn within(value: &Value, digest: &str) -> Option<Stored> {
    match value {
        Value::Object(fields) if fields.get("sha256").is_some_and(|sha256| sha256 == digest) => {
            serde_json::from_value(value.clone()).ok()
        }
        Value::Object(fields) => fields.values().find_map(|field| within(field, digest)),
        Value::Array(items) => items.iter().find_map(|item| within(item, digest)),
        _ => None,
    }
}

/// The same answer under the name that the file was handed in with: only its last part, and nothing that a folder, a
/// header or an eye takes for something else. Older readers get the digest instead.
fn named(mut answer: Response, stored: &Stored) -> Response {
    let Stored { sha256, kind, name, .. } = stored;
    let short = sha256.get(..16).unwrap_or_default();
    let mut called = file_name(name);
    if !called.to_lowercase().ends_with(&format!(".{}", kind.ending())) {
        called = format!("{called}.{}", kind.ending());
    }
    let mut encoded = String::new();
    for byte in called.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    let saved = format!("attachment; filename=\"{short}.{}\"; filename*=UTF-8''{encoded}", kind.ending());
    if let Ok(saved) = HeaderValue::try_from(saved) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, saved);
    }
    answer
}

/// A file to save. Its name is ASCII.
pub(super) fn download(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let saved = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let saved = saved.unwrap_or(HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, saved)], bytes)
        .into_response()
}

/// What a file is called: never more than the last part of a path, and never used as one.
fn called(name: &str) -> Result<String, Refusal> {
    field::line("文件名", name.rsplit(['/', '\\']).next().unwrap_or_default(), field::LINE)
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
        let name = called(name)?;
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

    /// A file that a document is about to refer to: it was handed in before, and is still what it was.
    ///
    /// # Errors
    /// It was not, or it is no such file any more.
    pub(super) async fn handed_in(&self, named: Option<Named>) -> Result<Option<Stored>, Refusal> {
        let Some(Named { sha256, name }) = named else { return Ok(None) };
        if unhex::<32>(&sha256).is_none_or(|digest| hex(&digest) != sha256) {
            return Err(Refusal::conflict("文件的 SHA-256 不对。", "请刷新页面，重新选择文件。"));
        }
        let name = called(&name)?;
        if !self.path_of(&sha256).is_file() {
            return Err(Refusal::conflict("没有收到过这个文件。", "请重新选择文件，再保存。"));
        }
        let bytes = self.read_file(&sha256).await?;
        let size = bytes.len();
        let kind = tokio::task::spawn_blocking(move || content::kind_of(&bytes)).await.map_err(Refusal::broken)??;
        Ok(Some(Stored { sha256, size, kind, name }))
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
