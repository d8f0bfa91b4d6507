//! T52. Somebody puts an older copy of a store back, or of everything.

use std::{collections::BTreeMap, fs, path::Path};

use douxuan_ballot::receipts::codes;
use douxuan_crypto::{
    audit::{Outcome, Step, audit},
    log::Log,
    screen_code,
};
use douxuan_tests::{
    console::{Plan, pairs},
    http,
    meeting::Meeting,
    server::PATIENCE,
};
use serde_json::json;

type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path, belongs: impl Fn(&str) -> bool) -> Files {
    let all = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let named = all.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    named
        .filter(|(name, path)| path.is_file() && belongs(name))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

fn put(folder: &Path, belongs: impl Fn(&str) -> bool, put_back: &Files) {
    for name in files(folder, belongs).keys() {
        fs::remove_file(folder.join(name)).unwrap();
    }
    for (name, bytes) in put_back {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn of_roll(name: &str) -> bool {
    name.starts_with("roll.db")
}

/// Red if slips that were spent can be spent again by putting a backup of the roll back, with or without the file
/// that remembers.
#[tokio::test(flavor = "multi_thread")]
async fn a_roll_put_back_from_an_older_copy_is_refused_at_start_and_the_right_one_goes_on() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 1, rounds: 1, live: false }).await;
    let (launch, door) = (meeting.launch(), meeting.door.clone());
    for phone in &mut meeting.phones[..3] {
        phone.enrol(&door, PATIENCE).await.unwrap();
    }
    meeting.server.take().unwrap().stop();
    let folder = meeting.data.path().to_owned();
    let older = files(&folder, of_roll);
    assert!(older.contains_key("roll.db"), "{:?}", older.keys());

    meeting.restart(&launch);
    meeting.phones[3].enrol(&door, PATIENCE).await.unwrap();
    meeting.server.take().unwrap().stop();
    let newer = files(&folder, of_roll);

    put(&folder, of_roll, &older);
    let refusal = launch.try_start().err().expect("an older roll is refused");
    assert!(refusal.contains("旧的备份") && refusal.contains("请换回"), "{refusal}");

    put(&folder, of_roll, &newer);
    let high_water = fs::read(folder.join("roll.highwater")).unwrap();
    fs::remove_file(folder.join("roll.highwater")).unwrap();
    let refusal = launch.try_start().err().expect("without the file that remembers nothing starts");
    assert!(refusal.contains("roll.highwater"), "{refusal}");

    fs::write(folder.join("roll.highwater"), high_water).unwrap();
    meeting.restart(&launch);
    meeting.go_on().await.unwrap();
}

/// Red if the log, or a urn whose contest has closed since, can be put back to an earlier time without a word.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_log_is_refused_and_an_older_urn_counts_nothing_anew() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 1, rounds: 1, live: false }).await;
    let launch = meeting.launch();
    meeting.enrol_all().await;
    let contests = meeting.contests();
    meeting.console.open(&contests);
    meeting.cast_all(&contests).await;
    meeting.server.take().unwrap().stop();
    let folder = meeting.data.path().to_owned();
    let of_urn = |name: &str| name.starts_with("urn.db");
    let (urn, log) = (files(&folder, of_urn), files(&folder.join("log"), |name| name.ends_with(".entries")));

    meeting.restart(&launch);
    meeting.console.close(&contests);
    meeting.server.take().unwrap().stop();
    let (urn_now, log_now) = (files(&folder, of_urn), files(&folder.join("log"), |name| name.ends_with(".entries")));

    put(&folder.join("log"), |name| name.ends_with(".entries"), &log);
    let refusal = launch.try_start().err().expect("an older log is refused");
    assert!(refusal.contains("旧备份"), "{refusal}");
    put(&folder.join("log"), |name| name.ends_with(".entries"), &log_now);

    // A urn that says *open* beside a log that says *closed*: keys and ballots are gone, nothing can be counted. The
    // server starts, and says of each contest that it stands still, and why.
    put(&folder, of_urn, &urn);
    meeting.restart(&launch);
    for contest in &contests {
        assert_eq!(meeting.state_of(*contest), "stopped", "{contest}");
    }
    let alarms = meeting.console.state()["alarms"].clone();
    let alarms: Vec<&str> = alarms.as_array().unwrap().iter().map(|alarm| alarm.as_str().unwrap()).collect();
    assert_eq!(alarms.len(), contests.len(), "one for each contest: {alarms:?}");
    for (alarm, contest) in alarms.iter().zip(&contests) {
        assert!(alarm.starts_with(&contest.to_string()) && alarm.contains("不在了"), "{alarm}");
        assert!(alarm.contains("请"), "it says what to do: {alarm}");
    }
    // Nothing that anybody presses counts it anew or gives it out.
    for path in ["open", "close", "publish", "void"] {
        let answer = meeting.console.post(&format!("/desk/contest/{path}"), &json!({ "contests": pairs(&contests) }));
        let answer = answer.unwrap();
        assert!(answer.status >= 400, "{path}: {}", answer.text());
        assert!(!answer.json()["what_to_do"].as_str().unwrap().is_empty(), "{path}: {}", answer.text());
    }
    assert!(meeting.contests().iter().all(|contest| meeting.state_of(*contest) == "stopped"));
    let board = http::request(launch.public, "GET", "/board/1/1/entries", &[], b"").unwrap();
    assert_eq!(board.status, 404, "no board is shown: {}", board.text());
    meeting.server.take().unwrap().stop();
    let after = files(&folder.join("log"), |name| name.ends_with(".entries"));
    assert_eq!(after, log_now, "nothing was written to the log");
    put(&folder, of_urn, &urn_now);
    meeting.restart(&launch);
    meeting.go_on().await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The limit of PROTOCOL section 12: **nothing inside the machine tells that all of it is from an earlier time.** The
/// minutes, the phones and the heads do. Red if one of these three stopped telling.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_image_of_everything_starts_and_is_told_by_the_minutes_the_receipts_and_the_counts() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 1, rounds: 1, live: false }).await;
    let (launch, door) = (meeting.launch(), meeting.door.clone());
    for phone in &mut meeting.phones[..3] {
        phone.enrol(&door, PATIENCE).await.unwrap();
    }
    meeting.server.take().unwrap().stop();
    let (folder, image) = (meeting.data.path().to_owned(), tempfile::tempdir().unwrap());
    copy(&folder, image.path());

    // The day goes on: all enrol, all vote and get their receipts, the minutes have the head.
    meeting.restart(&launch);
    meeting.enrol_all().await;
    let contests = meeting.contests();
    meeting.console.open(&contests);
    meeting.cast_all(&contests).await;
    meeting.console.close(&contests);
    let fetch = |path: &str| http::request(launch.public, "GET", path, &[], b"").unwrap().body;
    let minutes = meeting.console.state()["frozen"]["log_code"].as_str().unwrap().to_owned();
    let known = fetch("/log/entries");
    let log = Log::decode(&meeting.manifest, &known).unwrap();
    assert_eq!(minutes, screen_code::log_code(log.size(), &log.root()));
    assert_eq!(codes::size_at(&meeting.manifest, &known, &minutes), Some(log.size()));
    let receipts: Vec<Vec<u8>> =
        meeting.phones.iter().filter_map(|phone| Some(phone.receipt(contests[0])?.1)).collect();
    assert_eq!(receipts.len(), 6);
    meeting.server.take().unwrap().stop();

    // Everything is put back, the marks against older copies included: the server cannot know.
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        if entry.path().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap()
        } else {
            fs::remove_file(entry.path()).unwrap()
        }
    }
    copy(image.path(), &folder);
    meeting.restart(&launch);
    assert_eq!(meeting.live()["window"]["open"], true, "it stands where it stood");

    // The heads: six are in the hall with phones that have enrolled, three slips are spent.
    let unused = meeting.console.state()["frozen"]["unused"].as_u64().unwrap();
    assert_eq!(unused, u64::try_from(meeting.slips).unwrap() - 3, "what lies on the table is three fewer");
    // The minutes: no head of this log ever had the code that was written down.
    meeting.close_window();
    meeting.console.open(&contests);
    meeting.console.close(&contests);
    assert_eq!(codes::size_at(&meeting.manifest, &fetch("/log/entries"), &minutes), None);
    // The receipts: without one the bundle holds, with any of them it proves that ballots are gone.
    let bundle = meeting.finish();
    assert_eq!(codes::size_at(&meeting.manifest, &fetch("/log/entries"), &minutes), None);
    assert_eq!(audit(&bundle, &[]).outcome, Outcome::Held, "by itself it is a meeting like any other");
    for receipt in receipts {
        assert_eq!(audit(&bundle, &[receipt]).outcome, Outcome::Failed(Step::Receipts));
    }
}
