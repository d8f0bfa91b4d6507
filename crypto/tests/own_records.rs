//! Vectors of this project's own for log, lists, thresholds and bundle, made by the second verifier's arithmetic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use douxuan_crypto::{
    audit::{Outcome, audit},
    bundle::Bundle,
    bytes::{hex, unhex_vec},
    container,
    lists::{Lists, redeemed_root},
    log::{Act, Entry, LogState, Role},
    manifest::Manifest,
    merkle,
    result::lines_of_note,
    thresholds::judge,
    token::TokenLeaf,
};
use serde_json::{Value, json};

fn own(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own").join(name)).unwrap()
}

fn cases(name: &str, at_least: usize) -> (Value, Vec<Value>) {
    let whole: Value = serde_json::from_slice(&own(name)).unwrap();
    let cases = whole["cases"].as_array().unwrap().clone();
    assert!(cases.len() >= at_least, "{name}: {} cases", cases.len());
    (whole, cases)
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex_vec(value.as_str().unwrap()).unwrap()
}

/// An entry's fields under the names of PROTOCOL section 21.
fn fields(entry: &Entry) -> Value {
    let role = |r: Role| match r {
        Role::Office => 1,
        Role::Chair => 2,
        Role::Scrutineer => 3,
        Role::Teller => 4,
    };
    let mut out = match &entry.act {
        Act::Manifest { id } => json!({"kind": 1, "M": hex(id)}),
        Act::WindowOpened { window } => json!({"kind": 2, "window": window}),
        Act::WindowClosed { window, present, redeemed, root } => {
            json!({"kind": 3, "window": window, "present": present, "redeemed": redeemed, "root": hex(root)})
        }
        Act::EnrolmentEnded { windows, unused } => json!({"kind": 4, "windows": windows, "unused": unused}),
        Act::SlipVoided { slip, reason, window } => {
            json!({"kind": 5, "T": hex(slip), "reason": reason.number(), "window": window})
        }
        Act::ContestOpened { window, .. } => json!({"kind": 6, "window": window, "empty": 1}),
        Act::ContestClosed { size, root, .. } => json!({"kind": 7, "size": size, "root": hex(root)}),
        Act::PaperCounted { paper: p, .. } => json!({
            "kind": 8, "issued": p.issued, "invalid": p.invalid, "ungraded": p.ungraded, "n": p.votes.len(), "p": p.votes
        }),
        Act::ContestPublished { tally, proofs, .. } => {
            let proofs: Vec<String> = proofs.iter().map(|p| hex(p)).collect();
            match tally {
                Some(t) => json!({
                    "kind": 9, "withheld": 0, "n": t.votes.len(), "t": t.votes, "R": hex(&t.opening), "proofs": proofs
                }),
                None => json!({"kind": 9, "withheld": 1, "n": 0, "proofs": proofs}),
            }
        }
        Act::ContestVoided { after, .. } => json!({"kind": 10, "after": u8::from(*after)}),
        Act::RehearsalDestroyed => json!({"kind": 11, "item": 0, "round": 0}),
        Act::Result { hash } => json!({"kind": 12, "note_hash": hex(hash)}),
    };
    match &entry.act {
        Act::ContestOpened { contest, .. }
        | Act::ContestClosed { contest, .. }
        | Act::PaperCounted { contest, .. }
        | Act::ContestPublished { contest, .. }
        | Act::ContestVoided { contest, .. } => {
            out["item"] = contest.item.into();
            out["round"] = contest.round.into();
        }
        _ => {}
    }
    out["actors"] = entry.actors.iter().map(|a| json!([role(a.role), hex(&a.id)])).collect();
    out
}

#[test]
fn log_entries() {
    let (_, cases) = cases("log_entries.json", 100);
    for case in &cases {
        let (name, stored) = (&case["name"], bytes(&case["bytes"]));
        match Entry::decode(&stored) {
            Ok(entry) => {
                assert_eq!(case["valid"], true, "{name} was accepted");
                assert_eq!(entry.encode(), stored, "{name}");
                let mut expected = case["fields"].clone();
                // Absent and empty are the same here: a withheld contest has neither t nor R.
                let expected = expected.as_object_mut().unwrap();
                expected.retain(|key, value| !(value.is_null() || key == "t" && *value == json!([])));
                assert_eq!(fields(&entry), Value::Object(expected.clone()), "{name}");
            }
            Err(why) => assert_eq!(case["valid"], false, "{name} was refused: {why}"),
        }
    }
}

#[test]
fn log_order() {
    let (whole, cases) = cases("log_order.json", 50);
    let manifest = Manifest::parse(whole["manifest"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(hex(&manifest.id), whole["M"]);
    let mut rules = BTreeMap::new();
    for case in &cases {
        let entries: Vec<Entry> =
            case["entries"].as_array().unwrap().iter().map(|e| Entry::decode(&bytes(e)).unwrap()).collect();
        let (last, before) = entries.split_last().unwrap();
        let mut state = LogState::new(&manifest);
        for entry in before {
            state.apply(entry).unwrap();
        }
        let standing = format!("{state:?}");
        let broken = state.apply(last).err().map_or(0, |e| e.rule);
        assert_eq!(broken == 0, standing != format!("{state:?}"), "{}: a refused entry changes nothing", case["name"]);
        assert_eq!(u64::from(broken), case["rule"].as_u64().unwrap(), "{}", case["name"]);
        *rules.entry(broken).or_insert(0) += 1;
    }
    assert!((1..=12).all(|rule| rules.contains_key(&rule)), "every rule is broken by a case: {rules:?}");
}

#[test]
fn lists() {
    let (whole, cases) = cases("lists.json", 25);
    let items = usize::try_from(whole["items"].as_u64().unwrap()).unwrap();
    let windows = u8::try_from(whole["windows"].as_u64().unwrap()).unwrap();
    for case in &cases {
        let (name, stored) = (&case["name"], bytes(&case["bytes"]));
        let list = case["list"].as_str().unwrap();
        let part = |wanted: &str| if list == wanted { stored.as_slice() } else { &[] };
        let decoded = Lists::decode(items, windows, part("leaves"), part("redeemed"), part("voided"));
        assert_eq!(decoded.is_ok(), case["valid"] == true, "{name}: {decoded:?}");
        let Ok(lists) = decoded else { continue };
        assert_eq!([lists.leaves_file(), lists.redeemed_file(), lists.voided_file()].concat(), stored, "{name}");
        let count = lists.leaves.len() + lists.redeemed.len() + lists.voided.len();
        assert_eq!(count as u64, case["count"].as_u64().unwrap(), "{name}");
        let root = match list {
            "leaves" => merkle::root(&lists.leaves.iter().map(TokenLeaf::hash).collect::<Vec<_>>()),
            "redeemed" => redeemed_root(&lists.redeemed, windows),
            _ => continue,
        };
        assert_eq!(hex(&root), case["root"], "{name}");
    }
}

#[test]
fn thresholds() {
    let (_, cases) = cases("thresholds.json", 10);
    let share = |value: &Value| {
        let number = |i: usize| u32::try_from(value[i].as_u64().unwrap()).unwrap();
        (number(0), number(1))
    };
    let word = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "none",
    };
    for case in &cases {
        let (count, base) = (case["count"].as_u64().unwrap(), case["base"].as_u64().unwrap());
        let (reaches, over) = judge(count, base, share(&case["reaches"]), share(&case["over"]));
        assert_eq!(
            (word(reaches), word(over)),
            (case["expect_reaches"].as_str().unwrap(), case["expect_over"].as_str().unwrap()),
            "{}",
            case["name"]
        );
    }
}

#[test]
fn container_changes_are_no_bundle() {
    let (whole, cases) = cases("container.json", 30);
    let zip = own(whole["base"].as_str().unwrap());
    for case in &cases {
        let mut changed = zip.clone();
        if let Some(put) = case.get("put") {
            let (at, new) = (usize::try_from(put[0].as_u64().unwrap()).unwrap(), bytes(&put[1]));
            changed[at..at + new.len()].copy_from_slice(&new);
        }
        if let Some(cut) = case.get("cut") {
            changed.truncate(usize::try_from(cut.as_u64().unwrap()).unwrap());
        }
        if let Some(front) = case.get("prepend") {
            changed.splice(..0, bytes(front));
        }
        if let Some(behind) = case.get("append") {
            changed.extend(bytes(behind));
        }
        assert_ne!(changed, zip, "{}", case["name"]);
        assert_eq!(audit(&changed, &[]).exit_code(), 2, "{}", case["name"]);
    }
}

#[test]
fn the_small_bundle_has_the_verdicts_that_python_gave_it() {
    let whole: Value = serde_json::from_slice(&own("bundle-small.json")).unwrap();
    let zip = own("bundle-small.zip");
    let bundle = Bundle::from_zip(&zip).unwrap();
    assert_eq!(bundle.to_zip().unwrap(), zip);
    assert_eq!(core::str::from_utf8(&bundle.result).unwrap(), whole["result"].as_str().unwrap());
    assert_eq!(lines_of_note(&bundle.result, "window").len(), 2);
    let runs = whole["runs"].as_array().unwrap();
    assert!(runs.len() >= 3);
    for run in runs {
        let receipts: Vec<Vec<u8>> =
            run["receipts"].as_array().unwrap().iter().map(|name| own(name.as_str().unwrap())).collect();
        let report = audit(&zip, &receipts);
        let steps: Vec<Value> = report
            .steps
            .iter()
            .map(|s| json!({"step": s.step.to_string(), "verdict": s.verdict.en(), "count": s.count}))
            .collect();
        assert_eq!(Value::from(steps), run["steps"], "{}", run["receipts"]);
        assert_eq!(u64::from(report.exit_code()), run["exit"].as_u64().unwrap());
        assert_eq!(report.failed().map(|s| s.to_string()).as_deref(), run["failed"].as_str());
        let meeting = report.meeting.unwrap();
        assert_eq!(hex(&meeting.manifest), whole["M"]);
        assert_eq!(meeting.screen_code, whole["screen_code"]);
    }
}

#[test]
fn mutants_of_the_small_bundle_fail_at_the_step_that_python_gave() {
    let (whole, cases) = cases("bundle_mutants.json", 150);
    let zip = own(whole["base"].as_str().unwrap());
    let base: BTreeMap<String, Vec<u8>> =
        container::read(&zip).unwrap().into_iter().map(|(path, data)| (path.to_owned(), data.to_vec())).collect();
    for case in &cases {
        let mut files = base.clone();
        for (path, content) in case["files"].as_object().unwrap() {
            match content {
                Value::Null => drop(files.remove(path).unwrap()),
                content => drop(files.insert(path.clone(), bytes(content))),
            }
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(p, d)| (p.as_str(), d.as_slice())).collect();
        let report = audit(&container::write(&files).unwrap(), &[]);
        let failed = match &report.outcome {
            Outcome::Held => "none".to_owned(),
            Outcome::Failed(step) => step.to_string(),
            Outcome::NotABundle(_) => "container".to_owned(),
        };
        assert_eq!(failed, case["failed"].as_str().unwrap(), "{}", case["name"]);
    }
}
