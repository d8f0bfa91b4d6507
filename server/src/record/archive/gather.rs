//! What belongs to a dossier: every document that names it, the files that those name, and what the trail says of them.

use serde_json::{Value, json};

use douxuan_crypto::bytes::hex;

use super::{Bag, file_name, summary::Summary};
use crate::{
    record::{
        Cycle, Dossier, Id, Official, State,
        document::Document,
        file::Stored,
        letter::{self, Fixed},
        result::Outcome,
        trail,
    },
    web::Refusal,
};

/// What goes into the archive of a dossier.
pub(super) struct Gathered {
    /// What is at hand.
    pub(super) bag: Bag,
    /// Name and digest of what is still to be read from the disk.
    pub(super) files: Vec<(String, String)>,
    /// The same in words.
    pub(super) summary: Summary,
}

/// A document as the store has it.
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) id: Id,
    version: u32,
    pub(super) body: Value,
}

impl Gathered {
    /// # Errors
    /// 404.
    pub(super) fn of(now: &State, id: Id) -> Result<Self, Refusal> {
        let dossier = now.documents.get::<Dossier>(id)?;
        let official = now.documents.get::<Official>(dossier.body.official)?;
        let cycle = now.documents.get::<Cycle>(dossier.body.cycle)?;
        let kept = documents(now, id);
        let mut bag = Bag::default();
        let all: Vec<Value> = kept
            .iter()
            .map(|one| json!({ "kind": one.kind, "id": one.id, "version": one.version, "body": one.body }))
            .collect();
        let whole = json!({ "cycle": cycle, "official": official, "documents": all });
        bag.put("案卷.json", pretty(&whole));
        bag.put("留痕.json", pretty(&extract(now, &kept)));
        for outcome in now.documents.all::<Outcome>() {
            if outcome.body.officials.iter().any(|rated| rated.dossier == Some(id)) {
                let name = format!("测评结果/{} {}.txt", outcome.body.date, file_name(&outcome.body.title));
                bag.put(&name, outcome.body.note.into_bytes());
            }
        }
        let summary = Summary::of(now, &cycle.body, &dossier, &kept);
        Ok(Self { bag, files: files(now, id, &kept), summary })
    }
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

/// The dossier and every document that names it, by kind and id.
fn documents(now: &State, id: Id) -> Vec<Kept> {
    let text = id.to_string();
    let rows = now.documents.0.iter().filter_map(|((kind, own), row)| {
        let body: Value = serde_json::from_str(&row.body).ok()?;
        let belongs = (kind == Dossier::KIND && *own == id) || body["dossier"] == text.as_str();
        belongs.then(|| Kept { kind: kind.clone(), id: *own, version: row.version, body })
    });
    rows.collect()
}

/// Every file that the documents name, once for each place.
fn files(now: &State, id: Id, kept: &[Kept]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for one in kept {
        let mut found = Vec::new();
        stored(&one.body, &mut found);
        out.extend(found.into_iter().map(|file| {
            let (stem, ending) = (file_name(&file.name), file.kind.ending());
            let named = stem.to_lowercase().ends_with(&format!(".{ending}"));
            let name = if named { stem } else { format!("{stem}.{ending}") };
            (format!("文件/{} {name}", file_name(&one.kind)), file.sha256)
        }));
    }
    for letter in letter::of_dossier(&now.documents, id) {
        let Some(Fixed { docx, pdf, .. }) = letter.body.fixed else { continue };
        let back = if letter.body.withdrawn.is_some() { "（已撤回）" } else { "" };
        let name = format!("反馈函/{}{back}", file_name(&letter.body.number));
        out.push((format!("{name}.docx"), docx));
        out.extend(pdf.map(|pdf| (format!("{name}.pdf"), pdf)));
    }
    out
}

/// Looks for files at any depth, whatever part of the record wrote them.
fn stored(value: &Value, found: &mut Vec<Stored>) {
    match value {
        Value::Object(fields) => {
            if let Ok(file) = serde_json::from_value::<Stored>(value.clone()) {
                found.push(file);
            }
            fields.values().for_each(|field| stored(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| stored(item, found)),
        _ => {}
    }
}

/// The entries of these documents. Each stands with the hash before it, so that its own can be computed again.
fn extract(now: &State, kept: &[Kept]) -> Value {
    let mut before = trail::NOTHING;
    let mut entries = Vec::new();
    for entry in &now.entries {
        if kept.iter().any(|one| entry.is_of(&one.kind, one.id)) {
            let (salt, what) = entry.what.as_ref().map(|(salt, what)| (hex(salt), what.as_str())).unzip();
            entries.push(json!({
                "number": entry.number, "at": entry.hand.at, "who": entry.hand.who, "role": entry.hand.role,
                "act": entry.act, "kind": entry.kind, "id": entry.id, "version": entry.version,
                "state_hash": hex(&entry.state_hash), "what_salt": salt, "what": what,
                "what_hash": hex(&entry.what_hash), "before": hex(&before), "hash": hex(&entry.hash),
            }));
        }
        before = entry.hash;
    }
    json!({ "head": { "number": now.head.number, "hash": hex(&now.head.hash) }, "entries": entries })
}
