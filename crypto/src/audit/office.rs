//! V1 and V2: what the office fixed before the meeting, and what it did.

use super::{Checked, Held, Meeting};
use crate::{bundle::Bundle, log::Log, manifest::Manifest, note, screen_code::manifest_code};

/// V1. The manifest is strict, within its limits, and its keys are usable and all different.
pub(super) fn manifest(bundle: &Bundle) -> Checked<(Manifest, Meeting)> {
    let manifest = Manifest::parse(&bundle.manifest).map_err(|e| e.to_string())?;
    let screen_code = manifest_code(&manifest.id);
    let (contests, items) = (manifest.contests.len() - 1, manifest.items.len());
    let meeting = Meeting {
        title: manifest.title.clone(),
        date: manifest.date.clone(),
        place: manifest.place.clone(),
        meeting: manifest.meeting,
        manifest: manifest.id,
        screen_code: screen_code.clone(),
    };
    Ok(Held {
        count: 1,
        zh: format!("会议清单格式严格，{items} 项共 {contests} 轮的公钥各不相同，屏幕码为 {screen_code}。"),
        en: format!(
            "The manifest is strict, the keys of {items} items in {contests} rounds all differ; its screen code is \
             {screen_code}."
        ),
        value: (manifest, meeting),
    })
}

/// V2. Every entry of the log is in form and in order, the last is the result, and the checkpoint states them.
pub(super) fn log(bundle: &Bundle, manifest: &Manifest) -> Checked<Log> {
    let log = Log::decode(manifest, &bundle.log_entries).map_err(|e| e.to_string())?;
    if log.state().result().is_none() {
        return Err("the last entry is not the result".to_owned());
    }
    let origin = manifest.origin("log");
    let text = note::open(&bundle.log_checkpoint, &origin, &manifest.log_key)
        .map_err(|_| "the checkpoint is not signed by the log key".to_owned())?;
    let head = note::parse_checkpoint(&text, &origin).map_err(|_| "the checkpoint is not in form".to_owned())?;
    if head != (log.size(), log.root()) {
        return Err(format!("the checkpoint is of other entries: it states {}, there are {}", head.0, log.size()));
    }
    let count = log.entries().len();
    Ok(Held {
        count,
        zh: format!("操作记录共 {count} 条，次序合规，与签名的记录头一致。"),
        en: format!("The log's {count} entries stand in a valid order and are those of its signed checkpoint."),
        value: log,
    })
}
