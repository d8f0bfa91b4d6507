//! What goes wrong behind an act that is begun: who stands in the log for it then, what is said, and what lies on the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod counting;
mod office;

use std::{fs, path::Path};

use axum::http::StatusCode;
use counting::{Hall, Person, cut::cut_short, files, right};
use douxuan::backup::{restore, save};
use douxuan_crypto::{
    bytes::hex,
    contest::Contest,
    log::{Act, Entry, Log, Role},
};
use office::Office;
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const PUBLISH: &str = "/desk/contest/publish";
const VOID: &str = "/desk/contest/void";

async fn entries(office: &Office) -> Vec<Entry> {
    let log = Log::decode(&office.manifest().await, &office.public("/log/entries").await.bytes).unwrap();
    log.entries().iter().map(|entry| Entry::decode(entry).unwrap()).collect()
}

fn roles(entry: &Entry) -> Vec<Role> {
    entry.actors.iter().map(|actor| actor.role).collect()
}

/// Says something to a database that the server has open.
async fn tells(data: &Path, file: &str, statement: &'static str) {
    let options =
        SqliteConnectOptions::new().filename(data.join(file)).busy_timeout(std::time::Duration::from_secs(60));
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(statement).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// The figures of [`right`] as the log has them, and as anybody else might write them.
fn forms() -> Vec<Vec<u8>> {
    let votes = [2u32, 0, 1, 2, 0];
    let listed = |join: &str| votes.map(|vote| vote.to_string()).join(join).into_bytes();
    vec![
        votes.iter().flat_map(|vote| vote.to_be_bytes()).collect(),
        votes.iter().flat_map(|vote| vote.to_le_bytes()).collect(),
        [b"[".as_slice(), &listed(","), b"]"].concat(),
        [b"[".as_slice(), &listed(", "), b"]"].concat(),
    ]
}

fn holds(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// The files in which the figures can be read.
fn readable(folder: &Path) -> Vec<String> {
    files(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

async fn agreed(data: &Path) -> Hall {
    let hall = Hall::start(data).await;
    hall.teller.seals(right()).await;
    hall.other.counts(right()).await;
    hall
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_that_failed_half_way_is_finished_as_theirs_who_agreed_whoever_acts_next() {
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    let Hall { office, admin, watch, .. } = &hall;
    let chair = hall.person("李主持", "chair", "chair").await;
    // The urn cannot write that it is published; the log has the papers by then.
    let stops = "CREATE TRIGGER stops BEFORE UPDATE OF phase ON contest BEGIN SELECT RAISE(ABORT, 'no'); END";
    tells(data.path(), "urn.db", stops).await;
    let asked = admin.post(PUBLISH, json!({ "contests": [[1, 1]] })).await;
    let id = asked.json()["request"]["id"].clone();
    let done = watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
    assert!(done.status.is_server_error(), "{}", done.json());
    assert!(!done.json()["what_to_do"].as_str().unwrap().is_empty());
    // Who asked is not told that nothing was done, nor that it was.
    let ended = admin.get("/desk/staff/requests").await["ended"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&ended["how"], &ended["why"]), (&json!("failed"), &done.json()["error"]), "{ended}");
    let again = watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
    assert!(again.json()["error"].as_str().unwrap().contains("没有全部做成"), "{}", again.json());
    let shown = |live: Value| live["contests"].as_array().unwrap().iter().find(|c| c["item"] == 1).unwrap().clone();
    assert_eq!(shown(office.live().await)["result"], Value::Null, "the hall shows no result that is not one");

    // Another act, by others, before it could be finished.
    chair.together(watch, "/desk/window/open", json!({})).await;
    tells(data.path(), "urn.db", "DROP TRIGGER stops").await;
    let closed = chair.post("/desk/window/close", json!({ "present": 12 })).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.json());
    let all = entries(office).await;
    let of = |wanted: fn(&Act) -> bool| all.iter().filter(|entry| wanted(&entry.act)).map(roles).collect::<Vec<_>>();
    assert_eq!(of(|act| matches!(act, Act::ContestPublished { .. })), [[Role::Office, Role::Scrutineer]]);
    assert_eq!(of(|act| matches!(act, Act::PaperCounted { .. })), [[Role::Teller, Role::Teller]]);
    assert_eq!(of(|act| matches!(act, Act::WindowOpened { .. })).last().unwrap(), &[Role::Chair, Role::Scrutineer]);
    let card = shown(office.live().await);
    assert_eq!((&card["state"], &card["result"]["votes"]), (&json!("published"), &json!([7, 0, 1, 3, 0])), "{card}");
    assert_eq!(admin.sees(1).await["state"], "published");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_finished_before_an_act_is_shown_even_if_that_act_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    let Hall { office, admin, watch, .. } = &hall;
    let stops = "CREATE TRIGGER stops BEFORE UPDATE OF phase ON contest BEGIN SELECT RAISE(ABORT, 'no'); END";
    tells(data.path(), "urn.db", stops).await;
    let asked = admin.post(PUBLISH, json!({ "contests": [[1, 1]] })).await;
    let id = asked.json()["request"]["id"].clone();
    watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
    tells(data.path(), "urn.db", "DROP TRIGGER stops").await;
    let refused = admin.post("/desk/window/close", json!({ "present": 12 })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.json());
    let live = office.live().await;
    let card = live["contests"].as_array().unwrap().iter().find(|c| c["item"] == 1).unwrap();
    assert_eq!(card["state"], "published");
    assert_eq!(card["result"]["votes"], json!([7, 0, 1, 3, 0]), "{card}");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_that_a_failed_disk_may_hold_are_published_by_the_next_start_and_never_voided() {
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    let Hall { office, admin, watch, .. } = &hall;
    // The entry reaches the disk, its signed head does not.
    let log = data.path().join("log");
    let in_the_way = log.join(format!("{}.head.new", hex(&office.manifest().await.meeting)));
    fs::create_dir(&in_the_way).unwrap();
    let asked = admin.post(PUBLISH, json!({ "contests": [[1, 1]] })).await;
    let id = asked.json()["request"]["id"].clone();
    let done = watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
    assert!(done.status.is_server_error(), "{}", done.json());
    let asked = admin.post(VOID, json!({ "contests": [[1, 1]] })).await;
    if asked.status == StatusCode::ACCEPTED {
        let id = asked.json()["request"]["id"].clone();
        let voided = watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
        assert_ne!(voided.status, StatusCode::OK, "{}", voided.json());
    }
    hall.office.stop().await;
    fs::remove_dir(&in_the_way).unwrap();
    let (server, _) = Hall::server(data.path()).await;
    let admin = Person { console: server.console.clone(), cookie: String::new() }.signs_in("office").await;
    let office = Office { app: server, cookie: admin.cookie.clone() };
    let all = entries(&office).await;
    let [.., papers, published] = all.as_slice() else { panic!() };
    assert!(matches!(papers.act, Act::PaperCounted { contest, .. } if contest == Contest::new(1, 1)));
    assert!(matches!(published.act, Act::ContestPublished { .. }), "{:?}", published.act);
    assert_eq!(roles(published), [Role::Office, Role::Scrutineer]);
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_of_papers_can_be_read_nowhere_before_they_are_published_nor_after_a_void() {
    let data = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    assert_eq!(readable(data.path()), Vec::<String>::new(), "agreed on, and not published");
    let cut = cut_short(data.path(), holds).await;
    assert_eq!(cut.readable, Vec::<String>::new(), "in {} half-made copies", cut.copies);
    assert!(
        cut.copies > 50 && cut.halves > 2,
        "{} copies, {} of them left by a backup cut short",
        cut.copies,
        cut.halves
    );
    assert_eq!(readable(data.path()), Vec::<String>::new(), "in what they left");
    let running = out.path().join("running");
    save(data.path(), &running).await.unwrap();
    assert_eq!(readable(&running), Vec::<String>::new(), "in a backup of the running meeting");
    let Hall { admin, watch, .. } = &hall;
    admin.together(watch, VOID, json!({ "contests": [[1, 1]] })).await;
    assert_eq!(readable(data.path()), Vec::<String>::new(), "voided");
    let keys = |data: &Path| files(data).into_iter().filter(|(name, _)| name.contains("paper-")).count();
    assert_eq!(keys(data.path()), 0, "what would open a copy is gone");
    let voided = out.path().join("voided");
    save(data.path(), &voided).await.unwrap();
    assert_eq!(readable(&voided), Vec::<String>::new());
    hall.office.stop().await;
    // A start destroys what a killed backup left, and nothing comes back from a backup.
    fs::write(data.path().join("office.db.saving"), b"half").unwrap();
    let (server, _) = Hall::server(data.path()).await;
    server.close().await;
    assert!(!data.path().join("office.db.saving").exists());
    assert_eq!(readable(data.path()), Vec::<String>::new(), "after a restart");
    let fresh = out.path().join("fresh");
    restore(&running, &fresh).await.unwrap();
    assert_eq!(readable(&fresh), Vec::<String>::new(), "restored");

    // The search can fail: the same copies of an office that has them written down are full of them.
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    tells(
        data.path(),
        "office.db",
        "CREATE TABLE planted (figures TEXT); INSERT INTO planted VALUES ('[2, 0, 1, 2, 0]')",
    )
    .await;
    let cut = cut_short(data.path(), holds).await;
    assert!(cut.readable.len() > 10, "{} of {}", cut.readable.len(), cut.copies);
    assert!(cut.readable.iter().any(|name| name.contains("while written")), "{:?}", cut.readable);
    assert!(cut.readable.iter().any(|name| name.contains("cut at")), "{:?}", cut.readable);
    assert!(cut.readable.iter().any(|name| name.contains("backup cut short")), "{:?}", cut.readable);
    hall.office.stop().await;

    // And published, they stand in the log.
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    hall.admin.together(&hall.watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
    let found = readable(data.path());
    assert!(found.iter().any(|name| name.ends_with(".entries")), "{found:?}");
    assert!(!found.iter().any(|name| name.contains("office.db")), "{found:?}");
    assert_eq!(keys(data.path()), 0);
    hall.office.stop().await;
}

/// Six attend, one has signed in, the first window is open.
async fn open(data: &Path) -> Office {
    let office = office::start(data).await.unwrap();
    office.small(6, 1, json!({ "quorum": null })).await;
    office.act("/desk/checkin", json!({ "numbers": [1], "state": "here" })).await;
    office.act("/desk/window/open", json!({})).await;
    office
}

async fn windows(data: &Path) -> Vec<u8> {
    let options = SqliteConnectOptions::new().filename(data.join("office.db"));
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let all: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT window FROM presence ORDER BY number").fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    all.concat()
}

#[tokio::test]
async fn a_window_that_closed_is_said_to_be_closed_whatever_fails_behind_it() {
    let data = tempfile::tempdir().unwrap();
    let office = open(data.path()).await;
    let stops = "CREATE TRIGGER stops BEFORE UPDATE ON presence BEGIN SELECT RAISE(ABORT, 'no'); END";
    tells(data.path(), "office.db", stops).await;
    let closed = office.post("/desk/window/close", json!({ "present": 1 })).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.json());
    assert_eq!(office.live().await["window"]["open"], false);
    assert_eq!(windows(data.path()).await[0], 1, "not forgotten yet");
    tells(data.path(), "office.db", "DROP TRIGGER stops").await;
    office.act("/desk/checkin", json!({ "numbers": [2], "state": "here" })).await;
    assert_eq!(windows(data.path()).await[..2], [255, 2], "forgotten before the next act");
    office.stop().await;
}

#[tokio::test]
async fn a_window_that_closed_and_is_not_logged_is_said_to_be_so_and_logged_later() {
    let data = tempfile::tempdir().unwrap();
    let office = open(data.path()).await;
    let in_the_way = data.path().join("log").join(format!("{}.head.new", hex(&office.manifest().await.meeting)));
    fs::create_dir(&in_the_way).unwrap();
    let closed = office.post("/desk/window/close", json!({ "present": 1 })).await;
    assert!(closed.status.is_server_error(), "{}", closed.json());
    let said = closed.json();
    assert!(said["error"].as_str().unwrap().starts_with("登记已经关闭，但还没有记入操作记录"), "{said}");
    assert!(said["what_to_do"].as_str().unwrap().contains("不要再做一次"), "{said}");
    assert_eq!(office.live().await["window"]["open"], false, "phones and hall know it");
    office.stop().await;
    fs::remove_dir(&in_the_way).unwrap();
    let office = office::start(data.path()).await.unwrap();
    let all = entries(&office).await;
    assert!(matches!(all.last().unwrap().act, Act::WindowClosed { window: 1, present: 1, .. }));
    assert_eq!(windows(data.path()).await[0], 255);
    office.stop().await;
}

#[tokio::test]
async fn slips_of_a_window_that_is_open_and_not_logged_are_printed_no_more() {
    let data = tempfile::tempdir().unwrap();
    let office = office::start(data.path()).await.unwrap();
    office.small(6, 2, json!({ "quorum": null })).await;
    assert_eq!(office.get("/desk/slips").await.status, StatusCode::OK);
    let in_the_way = data.path().join("log").join(format!("{}.head.new", hex(&office.manifest().await.meeting)));
    fs::create_dir(&in_the_way).unwrap();
    let opened = office.post("/desk/window/open", json!({})).await;
    assert!(opened.status.is_server_error(), "{}", opened.json());
    let said = opened.json();
    assert!(said["error"].as_str().unwrap().starts_with("登记已经开放，但还没有记入操作记录"), "{said}");
    for path in ["/desk/slips", "/desk/slips.json"] {
        assert_eq!(office.get(path).await.status, StatusCode::GONE, "{path}");
    }
    assert_eq!(office.live().await["window"]["open"], true, "phones and hall know it");
    office.stop().await;
    fs::remove_dir(&in_the_way).unwrap();
    let office = office::start(data.path()).await.unwrap();
    assert!(matches!(entries(&office).await.last().unwrap().act, Act::WindowOpened { window: 1 }));
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_dropped_behind_a_publication_does_not_make_it_fail() {
    let data = tempfile::tempdir().unwrap();
    let hall = agreed(data.path()).await;
    let stops = "CREATE TRIGGER stops BEFORE DELETE ON counted BEGIN SELECT RAISE(ABORT, 'no'); END";
    tells(data.path(), "office.db", stops).await;
    hall.admin.together(&hall.watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
    assert_eq!(hall.admin.sees(1).await["state"], "published");
    tells(data.path(), "office.db", "DROP TRIGGER stops").await;
    hall.office.stop().await;
}

/// What happens to the file of a key.
type Loss = fn(&Path);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_whose_key_is_lost_are_counted_again_and_keep_nothing_else_from_going_on() {
    let losses: [Loss; 2] = [
        |path| fs::remove_file(path).unwrap(),
        |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[20] ^= 1;
            fs::write(path, bytes).unwrap();
        },
    ];
    for loss in losses {
        let data = tempfile::tempdir().unwrap();
        let hall = agreed(data.path()).await;
        let keys = files(&data.path().join("secrets"));
        let key = &keys.iter().find(|(name, _)| name.ends_with("paper-1-1.key")).unwrap().0;
        loss(Path::new(key));
        // The page still stands, and the item says what to do.
        assert_eq!(hall.admin.sees(1).await["state"], "closed");
        let asked = hall.admin.post(PUBLISH, json!({ "contests": [[1, 1]] })).await;
        let id = asked.json()["request"]["id"].clone();
        let refused = hall.watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.json());
        assert!(refused.json()["what_to_do"].as_str().unwrap().contains("重新清点录入纸票"), "{}", refused.json());
        hall.teller.seals(right()).await;
        hall.other.counts(right()).await;
        hall.admin.together(&hall.watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
        let all = entries(&hall.office).await;
        let papers = all.iter().filter(|entry| matches!(entry.act, Act::PaperCounted { .. })).count();
        assert_eq!((papers, hall.admin.sees(1).await["state"].clone()), (1, json!("published")));
        hall.office.stop().await;
    }
}
