//! T52. Somebody puts an older copy of a store back.

use std::{collections::BTreeMap, fs, path::Path};

use douxuan_tests::{console::Plan, meeting::Meeting, server::PATIENCE};

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

    // A urn that says *open* beside a log that says *closed*: keys and ballots are gone, nothing can be counted.
    put(&folder, of_urn, &urn);
    if let Ok(server) = launch.try_start() {
        let live = douxuan_tests::http::request(launch.public, "GET", "/live.json", &[], b"").unwrap().json();
        let state = live["contests"].as_array().unwrap().iter().find(|c| c["item"] == 1).unwrap()["state"].clone();
        assert_eq!(state, "stopped", "it is stopped");
        drop(server);
    }
    put(&folder, of_urn, &urn_now);
    meeting.restart(&launch);
    meeting.go_on().await.unwrap();
}
