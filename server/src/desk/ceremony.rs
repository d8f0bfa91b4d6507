//! `/ceremony.json`: what was done, for scrutineers and minutes. Everything in it is public anyway, in the log and on
//! the hall screen; no name of whoever acted, no slip, and no count of an open contest.

use std::collections::BTreeSet;

use douxuan_crypto::{
    bytes::hex,
    contest::Contest,
    count::Counts,
    log::{Act, Entry, Log, Reason, Role},
    manifest::Manifest,
    merkle, screen_code,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Desk, Meeting, checks::Checks};

#[derive(Serialize)]
struct Ceremony<'a> {
    v: u8,
    title: &'a str,
    date: &'a str,
    place: &'a str,
    drill: bool,
    screen_code: &'a str,
    head: Head,
    entries: Vec<Said>,
    counts: Checks,
    items: Vec<Value>,
}

#[derive(Serialize)]
struct Head {
    size: u64,
    root: String,
    code: String,
}

/// One entry in raw words: `log.<act>` of the message files, filled with `values`.
#[derive(Serialize)]
struct Said {
    /// From 0, as the entries stand in the bundle's `log/entries`.
    n: usize,
    /// RFC 9162 leaf hash of the entry's bytes, hex: which entry of the bundle these words are about.
    leaf: String,
    act: &'static str,
    values: Value,
    by: Vec<Value>,
}

impl Desk {
    /// The whole of it, as JSON.
    pub(super) async fn ceremony(&self, meeting: &Meeting, log: &Log, counts: &Counts) -> Vec<u8> {
        let manifest = &meeting.manifest;
        let (size, root) = log.head_at(log.size());
        let head = Head { size, root: hex(&root), code: self.log_code(log).await };
        let mut entries = Vec::with_capacity(log.entries().len());
        // Items with figures that everybody knows: a further round of theirs shows the difference.
        let mut figures = BTreeSet::new();
        for (n, bytes) in log.entries().iter().enumerate() {
            let Ok(entry) = Entry::decode(bytes) else { continue };
            let code = match &entry.act {
                Act::ContestClosed { root, .. } => {
                    let root = *root;
                    Some(self.code_of(root.to_vec(), move || screen_code::board_code(&root)).await)
                }
                _ => None,
            };
            let mut words = said(manifest, n, &entry, &meeting.screen_code, code.as_deref());
            words.leaf = hex(&merkle::leaf_hash(bytes));
            match &entry.act {
                Act::ContestOpened { contest, .. } if figures.contains(&contest.item) => {
                    words.act = "contest_opened_two_rounds";
                }
                Act::ContestPublished { contest, tally: Some(_), .. } => {
                    figures.insert(contest.item);
                }
                _ => {}
            }
            entries.push(words);
        }
        let ceremony = Ceremony {
            v: 1,
            title: &manifest.title,
            date: &manifest.date,
            place: &manifest.place,
            drill: meeting.drill,
            screen_code: &meeting.screen_code,
            head,
            entries,
            counts: Checks::of(counts, log.state().open_window().is_some()),
            items: manifest.items.iter().map(|item| json!({ "number": item.number, "name": item.name })).collect(),
        };
        serde_json::to_vec(&ceremony).unwrap_or_default()
    }

    /// Screen code of the log's head.
    pub(super) async fn log_code(&self, log: &Log) -> String {
        let head = log.head_at(log.size());
        let key = [head.0.to_be_bytes().as_slice(), &head.1].concat();
        self.code_of(key, move || screen_code::log_code(head.0, &head.1)).await
    }
}

fn said(manifest: &Manifest, n: usize, entry: &Entry, screen_code: &str, board_code: Option<&str>) -> Said {
    let name = |contest: &Contest| manifest.item(contest.item).map(|item| item.name.clone()).unwrap_or_default();
    let of = |contest: &Contest, mut values: Value| {
        values["item"] = contest.item.into();
        values["round"] = contest.round.into();
        values["name"] = name(contest).into();
        values
    };
    let (act, values) = match &entry.act {
        Act::Manifest { .. } => ("manifest", json!({ "code": screen_code })),
        Act::WindowOpened { window } => ("window_opened", json!({ "window": window })),
        Act::WindowClosed { window, present, redeemed, .. } => {
            ("window_closed", json!({ "window": window, "present": present, "redeemed": redeemed }))
        }
        Act::EnrolmentEnded { windows, unused } => ("enrolment_ended", json!({ "windows": windows, "unused": unused })),
        Act::SlipVoided { reason, window, .. } => {
            let act = match reason {
                Reason::Paper => "slip_voided_paper",
                Reason::Lost => "slip_voided_lost",
                Reason::Other => "slip_voided_other",
            };
            (act, json!({ "window": window }))
        }
        Act::ContestOpened { contest: Contest::REHEARSAL, .. } => ("rehearsal_opened", json!({})),
        Act::ContestOpened { contest, window } => ("contest_opened", of(contest, json!({ "window": window }))),
        Act::ContestClosed { contest, size, .. } => {
            ("contest_closed", of(contest, json!({ "size": size, "code": board_code.unwrap_or_default() })))
        }
        Act::PaperCounted { contest, paper } => {
            let values = json!({ "issued": paper.issued, "cast": paper.cast(), "invalid": paper.invalid });
            ("paper_counted", of(contest, values))
        }
        Act::ContestPublished { contest, tally, .. } => match tally {
            Some(tally) => {
                let size: u64 = tally.votes.iter().map(|votes| u64::from(*votes)).sum();
                ("contest_published", of(contest, json!({ "size": size })))
            }
            None => ("contest_withheld", of(contest, json!({}))),
        },
        Act::ContestVoided { contest, after: false } => ("contest_voided", of(contest, json!({}))),
        Act::ContestVoided { contest, after: true } => ("contest_voided_after", of(contest, json!({}))),
        Act::RehearsalDestroyed => ("rehearsal_destroyed", json!({})),
        Act::Result { hash } => ("result", json!({ "hash": hex(hash) })),
    };
    let by = entry.actors.iter().map(|actor| {
        let role = match actor.role {
            Role::Office => "office",
            Role::Chair => "chair",
            Role::Scrutineer => "scrutineer",
            Role::Teller => "teller",
        };
        // Eight digits tell two people apart; whose they are is in the office's list alone.
        json!({ "role": role, "id": &hex(&actor.id)[..8] })
    });
    Said { n, leaf: String::new(), act, values, by: by.collect() }
}
