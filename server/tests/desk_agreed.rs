//! What two people agreed on is what is done: their papers stay theirs until publication, their request is looked at once
//! more in the moment it is done, and nobody learns alone what takes two to ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod counting;
mod office;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::http::StatusCode;
use counting::{Hall, PAPER, Person, counted, right};
use douxuan::backup::save;
use douxuan_crypto::{
    audit,
    contest::Contest,
    log::{Act, Entry, Log, LogState, Role},
};
use office::{CODE, Office};
use serde_json::{Value, json};

const PUBLISH: &str = "/desk/contest/publish";
const VOID: &str = "/desk/contest/void";

/// Everything that leaves this machine while a meeting runs.
async fn public(office: &Office) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for path in ["/log/entries", "/log/checkpoint", "/ceremony.json", "/live.json", "/bundle.zip"] {
        all.push(office.public(path).await.bytes);
    }
    all
}

async fn log(office: &Office) -> Log {
    Log::decode(&office.manifest().await, &office.public("/log/entries").await.bytes).unwrap()
}

fn acts(log: &Log) -> Vec<Act> {
    log.entries().iter().map(|entry| Entry::decode(entry).unwrap().act).collect()
}

fn record(state: &LogState, item: u16) -> &douxuan_crypto::log::ContestRecord {
    &state.contests()[&Contest::new(item, 1)]
}

/// Figures that stand nowhere by chance: as the log writes them, and as the office might.
fn figures() -> (Value, Vec<u8>) {
    let votes = [2u32, 0, 1, 2, 0];
    let bytes = votes.iter().flat_map(|vote| vote.to_be_bytes()).collect();
    (counted(1, 6, 6, votes, 1), bytes)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn copied(data: &Path) -> Vec<Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join("backup");
    let saved = save(data, &to).await.unwrap();
    saved.files.iter().map(|file| std::fs::read(to.join(file)).unwrap()).collect()
}

/// What lies in the data folder as it is, the write-ahead log with it.
fn lies(data: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for name in ["office.db", "office.db-wal"] {
        all.extend(std::fs::read(data.join(name)).unwrap_or_default());
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreed_count_of_papers_is_told_to_nobody_before_publication_and_stands_right_before_it_then() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { office, admin, watch, teller, other, .. } = &hall;
    let (right, bytes) = figures();
    let before = public(office).await;
    teller.seals(right.clone()).await;
    other.counts(right.clone()).await;
    assert_eq!(public(office).await, before, "nothing that anybody outside can read tells of it");
    assert!(copied(data.path()).await.iter().all(|file| !holds(file, &bytes)), "nor does a backup");
    assert_eq!(office.public("/log/entries").await.bytes, before[0]);

    // Whoever works here sees what the papers add up to, and no grade of theirs.
    let own = teller.sees(1).await;
    let offered: Vec<&str> = own["acts"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert_eq!(offered, ["contest/publish", "contest/void"]);
    assert_eq!(own["acts"][0]["says"], "contest_publish", "no papers are out any more");
    let checks = teller.get("/desk/state").await["counts"]["contests"][0]["checks"].clone();
    let issued = checks.as_array().unwrap().iter().find(|check| check["rule"] == "issued").unwrap().clone();
    assert_eq!(issued["values"], json!({ "issued": 12, "electronic": 6, "paper": 6 }));
    assert!(checks.as_array().unwrap().iter().all(|check| check["rule"] != "valid_paper"), "{checks}");
    teller.refused(right, 409, "已经截止").await;

    admin.together(watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
    let acts = acts(&log(office).await);
    let [.., Act::PaperCounted { paper, .. }, Act::ContestPublished { .. }] = acts.as_slice() else {
        panic!("{:?}", acts.last());
    };
    assert_eq!(paper.votes, [2, 0, 1, 2, 0]);
    assert_eq!(hall.logged().await, [json!(["teller", "teller"])], "by those who counted");
    assert!(!holds(&lies(data.path()), &bytes), "once the log has it the office does not keep it");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_voided_before_publication_leaves_no_figure_of_its_papers_anywhere() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    let Hall { office, admin, watch, teller, other, .. } = &hall;
    let (right, bytes) = figures();
    teller.seals(right.clone()).await;
    other.counts(right).await;
    assert!(!holds(&lies(data.path()), &bytes), "the office keeps it sealed for the publication");
    admin.together(watch, VOID, json!({ "contests": [[1, 1]] })).await;
    assert!(!holds(&lies(data.path()), &bytes), "and not a moment longer");
    admin.together(watch, PUBLISH, json!({ "contests": [[2, 1]] })).await;
    let unused = admin.get("/desk/state").await["frozen"]["unused"].clone();
    admin.together(watch, "/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;
    assert!(acts(&log(office).await).iter().all(|act| !matches!(act, Act::PaperCounted { .. })));
    for file in public(office).await.into_iter().chain(copied(data.path()).await) {
        assert!(!holds(&file, &bytes));
    }
    let zip = office.public("/bundle.zip").await.bytes;
    assert_eq!(audit::audit(&zip, &[]).outcome, audit::Outcome::Held);
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreed_count_is_still_there_after_a_restart_and_published_then() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::start(data.path()).await;
    hall.teller.seals(right()).await;
    hall.other.counts(right()).await;
    hall.office.stop().await;
    let (server, _) = Hall::server(data.path()).await;
    let nobody = Person { console: server.console.clone(), cookie: String::new() };
    let (admin, watch) = (nobody.signs_in("office").await, nobody.signs_in("watch").await);
    admin.refused(right(), 409, "已经截止").await;
    let office = Office { app: server, cookie: admin.cookie.clone() };
    admin.together(&watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
    assert_eq!(record(log(&office).await.state(), 1).paper.as_ref().unwrap().votes, [2, 0, 1, 2, 0]);
    office.stop().await;
}

/// A process of its own that dies at the place named in its environment.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_dies_while_it_publishes() {
    let Ok(data) = std::env::var("DOUXUAN_AGREED") else { return };
    let hall = Hall::start(Path::new(&data)).await;
    hall.teller.seals(right()).await;
    hall.other.counts(right()).await;
    hall.admin.together(&hall.watch, PUBLISH, json!({ "contests": [[1, 1]] })).await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_with_papers_that_a_crash_cut_short_is_finished_whole() {
    for place in ["paper.publishing", "paper.logged", "close.9"] {
        let data = tempfile::tempdir().unwrap();
        let died = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_dies_while_it_publishes"])
            .env("DOUXUAN_AGREED", data.path())
            .env("DOUXUAN_FAILPOINT", place)
            .output()
            .unwrap();
        assert!(!died.status.success(), "{place} is not passed");
        let (server, _) = Hall::server(data.path()).await;
        let nobody = Person { console: server.console.clone(), cookie: String::new() };
        let admin = nobody.signs_in("office").await;
        let office = Office { app: server, cookie: admin.cookie.clone() };
        let entries: Vec<Entry> =
            log(&office).await.entries().iter().map(|entry| Entry::decode(entry).unwrap()).collect();
        let [.., papers, published] = entries.as_slice() else { panic!("{place}") };
        assert!(matches!(papers.act, Act::PaperCounted { .. }), "{place}: {:?}", papers.act);
        assert!(matches!(published.act, Act::ContestPublished { .. }), "{place}: {:?}", published.act);
        let roles = |entry: &Entry| entry.actors.iter().map(|actor| actor.role).collect::<Vec<_>>();
        assert_eq!(roles(papers), [Role::Teller, Role::Teller], "{place}");
        assert_eq!(roles(published), [Role::Office, Role::Scrutineer], "{place}");
        assert_eq!(admin.sees(1).await["state"], "published", "{place}");
        assert!(!holds(&lies(data.path()), &figures().1), "{place}: the office keeps them no longer");
        office.stop().await;
    }
}

/// Many items without voters, closed: room for races.
struct Room {
    office: Office,
    admin: Person,
    watch: Person,
    teller: Person,
    other: Person,
    /// The text of a slip that is neither spent nor void.
    slip: String,
}

const ITEMS: u16 = 16;

impl Room {
    async fn start(data: &Path) -> Self {
        let (server, clock) = Hall::server(data).await;
        let nobody = Person { console: server.console.clone(), cookie: String::new() };
        let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": "correct horse battery" });
        let admin = nobody.enters("/desk/staff/first", first).await;
        let office = Office { app: server, cookie: admin.cookie.clone() };
        let hall = hall(office, clock, &admin);
        let watch = hall.person("赵监票", "watch", "scrutineer").await;
        let teller = hall.person("钱计票", "teller", "teller").await;
        let other = hall.person("冯计票", "other", "teller").await;
        let mut room = Self { office: hall.office, admin, watch, teller, other, slip: String::new() };
        room.office.small(20, usize::from(ITEMS), json!({ "two_people": true, "quorum": null })).await;
        let slips = room.office.get("/desk/slips.json").await.json()["slips"].clone();
        room.slip = slips[0]["text"].as_str().unwrap().to_owned();
        room.admin.together(&room.watch, "/desk/window/open", json!({})).await;
        for slip in slips.as_array().unwrap().iter().skip(1).take(6) {
            let void = json!({ "text": slip["text"], "reason": "paper" });
            room.admin.together(&room.watch, "/desk/slip/void", void).await;
        }
        room.office.act("/desk/window/close", json!({ "present": 20 })).await;
        let all: Vec<Value> = (1..=ITEMS).map(|item| json!([item, 1])).collect();
        room.office.act("/desk/contest/open", json!({ "contests": all })).await;
        room.admin.together(&room.watch, "/desk/contest/close", json!({ "contests": all })).await;
        room
    }

    async fn asks(&self, path: &str, item: u16) -> Value {
        let asked = self.admin.post(path, json!({ "contests": [[item, 1]] })).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.json());
        asked.json()["request"]["id"].clone()
    }
}

fn hall(office: Office, clock: Arc<Mutex<Instant>>, admin: &Person) -> Hall {
    let [watch, teller, other] = [admin.clone(), admin.clone(), admin.clone()];
    Hall { office, clock, watch, teller, other, admin: admin.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_void_and_a_publication_confirmed_at_once_never_become_a_void_after_publication() {
    let data = tempfile::tempdir().unwrap();
    let room = Room::start(data.path()).await;
    for item in 1..=ITEMS {
        let ids = [room.asks(PUBLISH, item).await, room.asks(VOID, item).await];
        let confirm = |id: &Value| {
            let (watch, id) = (room.watch.clone(), id.clone());
            async move { watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await }
        };
        let (published, voided) = tokio::join!(confirm(&ids[0]), confirm(&ids[1]));
        assert_ne!(published.status == StatusCode::OK, voided.status == StatusCode::OK, "item {item}: one of the two");
        let lost = if published.status == StatusCode::OK { &voided } else { &published };
        assert_eq!(lost.status, StatusCode::CONFLICT);
        let log = log(&room.office).await;
        let own = record(log.state(), item);
        assert_ne!(own.published.is_some(), own.voided, "item {item}: what two people agreed on, or nothing");
        let ended = room.admin.get("/desk/staff/requests").await["ended"].clone();
        let how = |id: &Value| {
            let found = ended.as_array().unwrap().iter().find(|ended| ended["id"] == *id).unwrap();
            found["how"].as_str().unwrap().to_owned()
        };
        let mut hows = [how(&ids[0]), how(&ids[1])];
        hows.sort_unstable();
        assert!(hows == ["confirmed", "moved"] || hows == ["confirmed", "failed"], "who asked is told: {hows:?}");
    }
    room.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publication_without_papers_is_never_one_with_papers() {
    let data = tempfile::tempdir().unwrap();
    let room = Room::start(data.path()).await;
    for item in 1..=ITEMS {
        let entry = counted(item, 6, 6, [2, 0, 1, 2, 0], 1);
        room.teller.seals(entry.clone()).await;
        let id = room.asks(PUBLISH, item).await;
        let confirm = async {
            // As long as it takes to look at the world, now a little more, now a little less.
            tokio::time::sleep(std::time::Duration::from_micros(u64::from(item) * 300)).await;
            room.watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await
        };
        let (papers, published) = tokio::join!(room.other.post(PAPER, entry), confirm);
        let log = log(&room.office).await;
        let own = record(log.state(), item);
        match (papers.status, published.status) {
            (StatusCode::OK, StatusCode::CONFLICT) => assert!(own.published.is_none() && own.paper.is_none()),
            (StatusCode::CONFLICT, StatusCode::OK) => assert!(own.published.is_some() && own.paper.is_none()),
            other => panic!("item {item}: {other:?} {} {}", papers.json(), published.json()),
        }
    }
    room.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_person_reads_what_was_filled_in_and_never_the_slip() {
    let data = tempfile::tempdir().unwrap();
    let room = Room::start(data.path()).await;
    let unused = room.admin.get("/desk/state").await["frozen"]["unused"].as_u64().unwrap();
    let slip = room.slip.clone();
    let mut texts = Vec::new();
    for reason in ["paper", "lost", "other"] {
        let asked = room.admin.post("/desk/slip/void", json!({ "text": slip, "reason": reason })).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.json());
    }
    for lost in [0, 1, 2] {
        let body = json!({ "unused": unused - lost, "lost": lost });
        assert_eq!(room.admin.post("/desk/enrolment/end", body).await.status, StatusCode::ACCEPTED);
    }
    let seen = room.watch.get("/desk/staff/requests").await;
    for request in seen["pending"].as_array().unwrap() {
        texts.push(format!("{} {} {}", request["act"], request["says"], request["values"]));
    }
    let different: std::collections::BTreeSet<&String> = texts.iter().collect();
    assert_eq!((texts.len(), different.len()), (6, 6), "two bodies are two texts: {texts:?}");
    let all = seen.to_string().replace('-', "");
    assert!(!all.contains(&slip.replace('-', "")), "{all}");
    room.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_alone_does_not_learn_what_became_of_a_slip() {
    let data = tempfile::tempdir().unwrap();
    let (hall, slips) = Hall::start_with_slips(data.path(), json!({})).await;
    let Hall { office, admin, watch, teller, .. } = &hall;
    let before = office.public("/log/entries").await.bytes;
    // Enrolled, void, and neither: the same answer, but for the request's number.
    let mut answers = Vec::new();
    for slip in [&slips[0], &slips[6], &slips[13]] {
        let asked = teller.post("/desk/slip/void", json!({ "text": slip, "reason": "other" })).await;
        let (status, mut said) = (asked.status, asked.json());
        let id = said["request"]["id"].take();
        answers.push((status, said));
        let confirmed = watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
        if slip != &slips[13] {
            // Two have asked: the one who confirms is told why not, in the desk's own words.
            assert_eq!(confirmed.status, StatusCode::CONFLICT);
            let word = if slip == &slips[0] { "已经登记，不能作废" } else { "已经作废" };
            assert!(confirmed.json()["error"].as_str().unwrap().contains(word), "{}", confirmed.json());
            assert!(!confirmed.json()["what_to_do"].as_str().unwrap().is_empty());
            assert_eq!(office.public("/log/entries").await.bytes, before);
            let ended = teller.get("/desk/staff/requests").await["ended"].clone();
            let ended = ended.as_array().unwrap().last().unwrap();
            assert_eq!((&ended["how"], &ended["why"]), (&json!("failed"), &confirmed.json()["error"]));
        } else {
            assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.json());
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, StatusCode::ACCEPTED);
    // What cannot be a slip of this meeting is said at once: it tells nothing of anybody.
    let other = admin.post("/desk/slip/void", json!({ "text": "0000-0000-0000-0000", "reason": "lost" })).await;
    assert!(other.json()["error"].as_str().unwrap().contains("不属于本场会议"), "{}", other.json());
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_ask_is_told_so_before_anything_else() {
    let data = tempfile::tempdir().unwrap();
    let (hall, slips) = Hall::start_with_slips(data.path(), json!({ "two_people": false })).await;
    for person in [&hall.teller, &hall.watch] {
        for text in [slips[0].as_str(), &slips[6], &slips[13], "0000-0000-0000-0000"] {
            let asked = person.post("/desk/slip/void", json!({ "text": text, "reason": "lost" })).await;
            assert_eq!(asked.status, StatusCode::FORBIDDEN, "{}", asked.json());
            assert!(asked.json()["error"].as_str().unwrap().contains("不能做这一步"));
        }
    }
    // With this policy a teller enters the count alone, as the office does.
    hall.teller.counts(right()).await;
    hall.watch.refused(right(), 403, "不能做这一步").await;
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_confirms_what_cannot_be_done_any_more_hears_why() {
    let data = tempfile::tempdir().unwrap();
    let room = Room::start(data.path()).await;
    let publish = room.asks(PUBLISH, 1).await;
    room.admin.together(&room.watch, VOID, json!({ "contests": [[1, 1]] })).await;
    let confirmed = room.watch.post("/desk/staff/requests/confirm", json!({ "id": publish })).await;
    assert_eq!(confirmed.status, StatusCode::CONFLICT);
    let said = confirmed.json();
    assert!(said["error"].as_str().unwrap().contains("第1项第1轮已经作废"), "{said}");
    assert!(said["what_to_do"].as_str().unwrap().contains("下一轮"), "{said}");
    let ended = room.admin.get("/desk/staff/requests").await["ended"].clone();
    let own = ended.as_array().unwrap().iter().find(|ended| ended["id"] == publish).unwrap().clone();
    assert_eq!(own["how"], "moved", "and whoever asked is told that it ended");
    room.office.stop().await;
}
