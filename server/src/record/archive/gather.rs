//! What belongs to a dossier: the documents that name it, the files that those name, and what the trail says of them.
//!
//! **An archive leaves the office, so it holds only what was approved.** An opinion is in it as the approved letter has
//! it; what was entered before, who took which word out, what was left out, drafts and whatever was withdrawn stay in
//! the record. Of the result it holds what concerns this official: the signed note has everybody's figures, and the
//! regulation keeps one file for each, so the note's digest and screen codes stand in for it, and how to check them.

use serde_json::{Value, json};

use douxuan_crypto::bytes::hex;

use super::{Bag, file_name, summary::Summary};
use crate::{
    record::{
        Cycle, Dossier, Id, Official, State,
        document::Document,
        file::Stored,
        letter::{self, Fixed, Letter},
        opinion::Opinion,
        result::{Outcome, Rated, Standing},
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
        let mut whole = json!({ "cycle": cycle, "official": official, "documents": all });
        without_accounts(&mut whole);
        bag.put("案卷.json", pretty(&whole));
        bag.put("留痕.json", pretty(&extract(now, &kept)));
        for outcome in now.documents.all::<Outcome>() {
            if let Some(rated) = outcome.body.officials.iter().find(|rated| rated.dossier == Some(id)) {
                let name = format!("测评结果/{} {}.txt", outcome.body.date, file_name(&outcome.body.title));
                bag.put(&name, own_figures(&outcome.body, rated).into_bytes());
            }
        }
        bag.put("说明.txt", about().into_bytes());
        let summary = Summary::of(now, &cycle.body, &dossier);
        Ok(Self { bag, files: files(now, id, &kept), summary })
    }
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

/// The dossier and every document that names it, by kind and id, as they may leave the office.
fn documents(now: &State, id: Id) -> Vec<Kept> {
    let text = id.to_string();
    let rows = now.documents.0.iter().filter_map(|((kind, own), row)| {
        let body: Value = serde_json::from_str(&row.body).ok()?;
        let belongs = (kind == Dossier::KIND && *own == id) || body["dossier"] == text.as_str();
        let body = belongs.then(|| leaving(kind, body)).flatten()?;
        Some(Kept { kind: kind.clone(), id: *own, version: row.version, body })
    });
    rows.collect()
}

/// What of a document leaves the office.
fn leaving(kind: &str, mut body: Value) -> Option<Value> {
    if kind == Opinion::KIND || !body["withdrawn"].is_null() {
        return None;
    }
    if kind == Letter::KIND {
        let Letter { number, fixed, delivered, receipts, .. } = serde_json::from_value(body).ok()?;
        let Fixed { by, text, docx, pdf } = fixed?;
        return Some(json!({
            "number": number, "approved": by, "text": text, "docx": docx, "pdf": pdf,
            "delivered": delivered, "receipts": receipts,
        }));
    }
    // A measure that was entered wrongly may be somebody else's.
    if let Some(measures) = body["measures"].as_array_mut() {
        measures.retain(|measure| measure["revoked"].is_null());
    }
    Some(body)
}

/// The marks of accounts serve the record alone.
fn without_accounts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("accounts");
            fields.values_mut().for_each(without_accounts);
        }
        Value::Array(items) => items.iter_mut().for_each(without_accounts),
        _ => {}
    }
}

/// This official's part of a result.
fn own_figures(outcome: &Outcome, rated: &Rated) -> String {
    let [issued, cast, valid, abstained] = rated.totals;
    let figures = match rated.finding.standing {
        Standing::Published => {
            let votes: Vec<String> = rated.votes.iter().map(|(name, count)| format!("{name} {count} 票")).collect();
            format!("发出 {issued}，收回 {cast}，有效 {valid}，弃权 {abstained}\n{}", votes.join("，"))
        }
        Standing::Withheld => "票数过少，不公布得票情况".to_owned(),
        Standing::EmptyBase => "没有有效票".to_owned(),
        Standing::NoRound => "没有有效的轮次".to_owned(),
    };
    let Outcome { title, date, screen_code, log_code, note_hash, key, .. } = outcome;
    let Rated { item, name, unit, post, .. } = rated;
    format!(
        "民主测评结果摘录（只含本人）\n\n\
         会议：{date}　{title}\n述职对象：第 {item} 号　{name}　{unit}　{post}\n{figures}\n\n\
         签名的结果文件 SHA-256：{note_hash}\n签名公钥指纹：{key}\n屏幕码：会议清单 {screen_code}；操作记录 {log_code}\n\n\
         怎样核对：签名的结果文件含全部述职对象的得票，不放进一个人的案卷，存在本次会议的归档文件里，名为 result。\n\
         有权查阅的人取出它，计算 SHA-256，应与上面一致；其中第 {item} 号的得票应与上面一致；\
         整个归档用核验程序验证签名，屏幕码应与会场公布的一致。\n",
    )
}

/// What whoever opens an archive has to know.
fn about() -> String {
    let pdf = if cfg!(feature = "pdf") {
        "摘要.pdf 和 摘要.xlsx 内容相同"
    } else {
        "制作本案卷的服务器不能生成 PDF：摘要只有 摘要.xlsx；没有 PDF 的反馈函，以 DOCX 及其 SHA-256 为准"
    };
    format!(
        "本案卷只含一位述职对象、一个年度的内容。\n\
         意见建议以审定的反馈函为准：审定前的文字、由谁录入和改动、没有采用的意见、草稿和已撤回的内容，都只留在机关的档案里。\n\
         测评结果只摘录本人的得票，附签名结果文件的校验值和核对办法。\n\
         {pdf}。\n\
         留痕.json 列出每次改动的序号、时间、事项和校验值；理由、经手人和前后内容在机关的档案里，由机关执行 douxuan record audit 核对。\n\
         SHA256SUMS.txt 是其余每个文件的 SHA-256，可以用 sha256sum -c SHA256SUMS.txt 核对。\n",
    )
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
            (format!("文件/{} {name}", part(&one.kind)), file.sha256)
        }));
    }
    if let Some(Letter { number, fixed: Some(Fixed { docx, pdf, .. }), .. }) =
        letter::approved(&now.documents, id).map(|letter| letter.body)
    {
        let name = format!("反馈函/{}", file_name(&number));
        out.push((format!("{name}.docx"), docx));
        out.extend(pdf.map(|pdf| (format!("{name}.pdf"), pdf)));
    }
    out
}

/// The part of the year that a kind of document belongs to.
fn part(kind: &str) -> &'static str {
    match kind {
        "report" => "述职报告",
        "assessment" => "调研评估",
        "question" => "询问质询",
        "correction" => "整改",
        "ground" => "证据",
        _ => "其他",
    }
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

/// That these documents were changed: when, by which act, and the digests that the record has to answer for. **Who and
/// why, and what stood there before, stays in the record.**
fn extract(now: &State, kept: &[Kept]) -> Value {
    let ours = now.entries.iter().filter(|entry| kept.iter().any(|one| entry.is_of(&one.kind, one.id)));
    let entries: Vec<Value> = ours
        .map(|entry| {
            json!({
                "number": entry.number, "at": entry.hand.at, "act": entry.act, "kind": entry.kind, "id": entry.id,
                "version": entry.version, "state_hash": hex(&entry.state_hash), "hash": hex(&entry.hash),
            })
        })
        .collect();
    json!({ "head": { "number": now.head.number, "hash": hex(&now.head.hash) }, "entries": entries })
}
