//! The last moment: the result is written, signed and logged, the log gets its checkpoint.

use douxuan_crypto::{
    bundle::Bundle,
    count::Counts,
    hash::sha256,
    log::{Act, Entry},
    merkle::{self, Hash},
    note,
    result::ResultNote,
    sign::SigningKey,
    summary,
};

use super::Office;

/// Everything that is about to be signed.
pub struct Sealing<'a> {
    /// The encoded log but for its *result*.
    pub entries: Vec<Vec<u8>>,
    /// Text of the result note.
    pub text: String,
    /// The summary.
    pub summary: String,
    /// Who signs the result note.
    pub result_key: &'a SigningKey,
    /// Who signs the log's checkpoint.
    pub log_key: &'a SigningKey,
    /// What the log says of the result note; its own hash if `None`.
    pub hash: Option<Hash>,
    /// The files so far.
    pub bundle: Bundle,
}

/// Number and RFC 9162 root of encoded entries.
#[must_use]
pub(super) fn head(entries: &[Vec<u8>]) -> (u64, Hash) {
    let leaves: Vec<Hash> = entries.iter().map(|e| merkle::leaf_hash(e)).collect();
    (leaves.len() as u64, merkle::root(&leaves))
}

impl<'a> Sealing<'a> {
    /// The result that follows from counts and entries.
    #[must_use]
    pub fn new(office: &'a Office, entries: &[Entry], counts: &Counts, bundle: Bundle) -> Self {
        let entries: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
        let text = ResultNote::compute(&office.manifest, head(&entries), counts).text().to_owned();
        Self {
            text,
            summary: summary::text(&office.manifest, counts),
            result_key: &office.result_key,
            log_key: &office.log_key,
            hash: None,
            entries,
            bundle,
        }
    }

    /// Signs.
    #[must_use]
    pub fn finish(self, office: &Office) -> Bundle {
        let Self { mut entries, text, summary, result_key, log_key, hash, mut bundle } = self;
        let manifest = &office.manifest;
        let result = note::sign(&manifest.origin("result"), &text, result_key);
        let hash = hash.unwrap_or_else(|| sha256(result.as_bytes()));
        entries.push(Entry::unnamed(Act::Result { hash }).encode());
        let (size, root) = head(&entries);
        let origin = manifest.origin("log");
        let checkpoint = note::sign(&origin, &note::checkpoint_text(&origin, size, &root), log_key);
        bundle.manifest = manifest.bytes.clone();
        bundle.log_entries = entries.concat();
        bundle.log_checkpoint = checkpoint.into_bytes();
        bundle.result = result.into_bytes();
        bundle.summary = summary.into_bytes();
        bundle
    }
}
