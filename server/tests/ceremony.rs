//! The record of acts in words is the log of the bundle: entry by entry, and with the same head.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use douxuan::messages::{self, Language};
use douxuan_crypto::{
    base64,
    bundle::Bundle,
    bytes::hex,
    contest::Contest,
    log::{Act, Entry, Log, Reason},
    merkle,
};
use office::{Office, start};
use serde_json::{Value, json};

/// The words' key of an entry, from its bytes alone.
fn word_of(act: &Act) -> &'static str {
    match act {
        Act::Manifest { .. } => "manifest",
        Act::WindowOpened { .. } => "window_opened",
        Act::WindowClosed { .. } => "window_closed",
        Act::EnrolmentEnded { .. } => "enrolment_ended",
        Act::SlipVoided { reason: Reason::Paper, .. } => "slip_voided_paper",
        Act::SlipVoided { reason: Reason::Lost, .. } => "slip_voided_lost",
        Act::SlipVoided { reason: Reason::Other, .. } => "slip_voided_other",
        Act::ContestOpened { contest, .. } if *contest == Contest::REHEARSAL => "rehearsal_opened",
        Act::ContestOpened { .. } => "contest_opened",
        Act::ContestClosed { .. } => "contest_closed",
        Act::PaperCounted { .. } => "paper_counted",
        Act::ContestPublished { tally: Some(_), .. } => "contest_published",
        Act::ContestPublished { tally: None, .. } => "contest_withheld",
        Act::ContestVoided { after: false, .. } => "contest_voided",
        Act::ContestVoided { after: true, .. } => "contest_voided_after",
        Act::RehearsalDestroyed => "rehearsal_destroyed",
        Act::Result { .. } => "result",
    }
}

/// Which contest an entry is about.
fn contest_of(act: &Act) -> Option<Contest> {
    match act {
        Act::ContestOpened { contest, .. }
        | Act::ContestClosed { contest, .. }
        | Act::PaperCounted { contest, .. }
        | Act::ContestPublished { contest, .. }
        | Act::ContestVoided { contest, .. } => Some(*contest).filter(|contest| *contest != Contest::REHEARSAL),
        _ => None,
    }
}

/// What the console says of an act of one contest that is offered now.
async fn says(office: &Office, contest: (u16, u8), act: &str) -> String {
    let state = office.state().await;
    let own = state["contests"].as_array().unwrap().iter().find(|c| c["contest"] == json!(contest)).unwrap();
    let offer = own["acts"].as_array().unwrap().iter().find(|offer| offer["act"] == act).unwrap();
    offer["says"].as_str().unwrap().to_owned()
}

/// Two officials: the first published, voided and repeated, the second voided before publication and repeated.
async fn two_rounds(office: &Office) {
    let act = async |path: &str, contests: &[(u16, u8)]| {
        office.act(&format!("/desk/contest/{path}"), json!({ "contests": contests })).await;
    };
    office.act("/desk/window/open", json!({})).await;
    office.act("/desk/window/close", json!({ "present": 9 })).await;
    act("open", &[(0, 0)]).await;
    office.act("/desk/rehearsal/destroy", json!({})).await;
    act("open", &[(1, 1), (2, 1)]).await;
    act("close", &[(1, 1), (2, 1)]).await;
    act("publish", &[(1, 1)]).await;

    // The warning stands where the first round is voided, and where the second is opened, voided or not.
    assert_eq!(says(office, (1, 1), "contest/void").await, "contest_void_after");
    assert_eq!(says(office, (1, 2), "contest/open").await, "contest_open_two_rounds");
    act("void", &[(1, 1), (2, 1)]).await;
    assert_eq!(says(office, (1, 2), "contest/open").await, "contest_open_two_rounds");
    // Figures that nobody ever saw give nothing away.
    assert_eq!(says(office, (2, 2), "contest/open").await, "contest_open_again");
    for (language, warning) in [(Language::Chinese, "两轮结果相减"), (Language::English, "difference")] {
        for key in [
            "act.says_contest_void_after",
            "act.says_contest_open_two_rounds",
            "log.contest_voided_after",
            "log.contest_opened_two_rounds",
        ] {
            assert!(messages::text(language, key).contains(warning), "{key}");
        }
    }
    act("open", &[(1, 2), (2, 2)]).await;
    act("close", &[(1, 2), (2, 2)]).await;
    act("publish", &[(1, 2), (2, 2)]).await;
}

/// Red if an entry is left out, told twice, told of another entry or contest, or if the head in words is another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_entry_in_words_is_the_same_entry_of_the_bundles_log() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(9, 2, json!({ "rounds": 2 })).await;
    two_rounds(&office).await;
    let before = office.public("/ceremony.json").await.json();
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;

    let ceremony = office.public("/ceremony.json").await.json();
    let manifest = office.manifest().await;
    let bundle = Bundle::from_zip(&office.public("/bundle.zip").await.bytes).unwrap();
    let log = Log::decode(&manifest, &bundle.log_entries).unwrap();
    let told = ceremony["entries"].as_array().unwrap();
    assert_eq!(told.len(), log.entries().len());
    let mut published = Vec::new();
    for (n, (words, bytes)) in told.iter().zip(log.entries()).enumerate() {
        let entry = Entry::decode(bytes).unwrap();
        assert_eq!((words["n"].as_u64(), &words["leaf"]), (Some(n as u64), &json!(hex(&merkle::leaf_hash(bytes)))));
        let contest = contest_of(&entry.act);
        let again = contest.filter(|contest| published.contains(&contest.item));
        match (word_of(&entry.act), again) {
            ("contest_opened", Some(_)) => assert_eq!(words["act"], "contest_opened_two_rounds", "entry {n}"),
            (word, _) => assert_eq!(words["act"], word, "entry {n}"),
        }
        if let Some(contest) = contest {
            assert_eq!(
                (&words["values"]["item"], &words["values"]["round"]),
                (&json!(contest.item), &json!(contest.round))
            );
        }
        if matches!(entry.act, Act::ContestPublished { .. }) {
            published.extend(contest.map(|contest| contest.item));
        }
        assert_eq!(words["by"].as_array().unwrap().len(), entry.actors.len());
        is_said(words);
    }
    let warned: Vec<&Value> = told.iter().filter(|words| words["act"] == "contest_opened_two_rounds").collect();
    assert_eq!(warned.len(), 1, "of the item whose figures were known: {warned:?}");

    // The note's second and third line: how many, and the root.
    let checkpoint = String::from_utf8(bundle.log_checkpoint).unwrap();
    let mut lines = checkpoint.lines().skip(1);
    assert_eq!(lines.next().unwrap(), ceremony["head"]["size"].to_string());
    let root = log.root();
    assert_eq!(lines.next().unwrap(), base64::encode(&root));
    assert_eq!(ceremony["head"]["root"], hex(&root));
    // What was told before the end is the beginning of what is told after it.
    let early = before["entries"].as_array().unwrap();
    assert_eq!(early[..], told[..early.len()]);
    assert!(early.len() < told.len());
    office.stop().await;
}

/// In both languages, no place left open.
fn is_said(words: &Value) {
    let key = format!("log.{}", words["act"].as_str().unwrap());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values: Vec<(String, String)> =
        words["values"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for language in [Language::Chinese, Language::English] {
        let said = messages::fill(language, &key, &values);
        assert!(said != key && !said.contains('{'), "{said}");
    }
}
