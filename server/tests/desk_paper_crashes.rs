//! The server dies between the key of a count of papers and its row, and between the row and the key's end. A count is
//! then kept or said to be gone, never lost without a word, and never readable before its publication. Needs the cargo
//! feature `failpoints`.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod counting;
mod office;

use std::{fs, path::Path, process::Command};

use axum::http::StatusCode;
use counting::{Hall, Person, files, right};
use douxuan_crypto::log::{Act, Entry, Log, Role};
use office::{Answered, Office};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const PUBLISH: &str = "/desk/contest/publish";
const VOID: &str = "/desk/contest/void";

/// A process of its own that dies at the place named in its environment, or does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_counts_papers() {
    let Ok(data) = std::env::var("DOUXUAN_PAPERS") else { return };
    let ends = std::env::var("DOUXUAN_PAPERS_END").unwrap();
    let hall = Hall::start(Path::new(&data)).await;
    hall.teller.seals(right()).await;
    hall.other.counts(right()).await;
    if ends == "again" {
        // The key of a count that is kept is lost, so that it is counted anew.
        fs::remove_file(keys(Path::new(&data)).remove(0)).unwrap();
        hall.teller.seals(right()).await;
        hall.other.counts(right()).await;
    }
    if let Some(path) =
        [("publish", PUBLISH), ("void", VOID)].iter().find(|(end, _)| *end == ends).map(|(_, path)| path)
    {
        hall.admin.together(&hall.watch, path, json!({ "contests": [[1, 1]] })).await;
    }
    hall.office.stop().await;
}

/// A meeting in which the server died there, as the disk has it.
fn died(place: &str, ends: &str) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_counts_papers", "--nocapture"])
        .env("DOUXUAN_PAPERS", data.path())
        .env("DOUXUAN_PAPERS_END", ends)
        .env("DOUXUAN_FAILPOINT", place)
        .output()
        .unwrap();
    assert!(!child.status.success(), "{place} is not passed on the way to {ends:?}");
    let said = String::from_utf8_lossy(&child.stderr).into_owned();
    assert!(!said.contains("panicked"), "{place}: it died of something else: {said}");
    data
}

fn keys(data: &Path) -> Vec<String> {
    files(data).into_iter().map(|(name, _)| name).filter(|name| name.contains("paper-")).collect()
}

/// Where the figures of [`right`] can be read, as the log writes them.
fn readable(data: &Path) -> Vec<String> {
    let figures: Vec<u8> = [2u32, 0, 1, 2, 0].iter().flat_map(|vote| vote.to_be_bytes()).collect();
    let holds = |bytes: &[u8]| bytes.windows(figures.len()).any(|window| window == figures);
    files(data).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

async fn rows(data: &Path) -> i64 {
    let options = SqliteConnectOptions::new().filename(data.join("office.db"));
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let rows = sqlx::query_scalar("SELECT count(*) FROM counted").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows
}

/// The meeting goes on, with everybody signed in again.
struct Again {
    office: Office,
    admin: Person,
    watch: Person,
    teller: Person,
    other: Person,
}

impl Again {
    async fn start(data: &Path) -> Self {
        let (server, _) = Hall::server(data).await;
        let nobody = Person { console: server.console.clone(), cookie: String::new() };
        let [admin, watch] = [nobody.signs_in("office").await, nobody.signs_in("watch").await];
        let [teller, other] = [nobody.signs_in("teller").await, nobody.signs_in("other").await];
        Self { office: Office { app: server, cookie: admin.cookie.clone() }, admin, watch, teller, other }
    }

    async fn entries(&self) -> Vec<Entry> {
        let log = Log::decode(&self.office.manifest().await, &self.office.public("/log/entries").await.bytes).unwrap();
        log.entries().iter().map(|entry| Entry::decode(entry).unwrap()).collect()
    }

    async fn offers(&self) -> Vec<String> {
        let own = self.teller.sees(1).await;
        own["acts"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap().to_owned()).collect()
    }

    /// Asks for the publication, and confirms it.
    async fn publishes(&self) -> Answered {
        let asked = self.admin.post(PUBLISH, json!({ "contests": [[1, 1]] })).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.json());
        let id = asked.json()["request"]["id"].clone();
        self.watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await
    }

    /// Counted once more by both, and published: once, by them, with nothing left of it but in the log.
    async fn counts_again_and_publishes(&self, data: &Path) {
        self.teller.seals(right()).await;
        assert_eq!(self.teller.sees(1).await["paper_gone"], Value::Null, "the word of before is gone with a new entry");
        self.other.counts(right()).await;
        assert_eq!(readable(data), Vec::<String>::new(), "counted, and not published");
        let published = self.publishes().await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.json());
        self.is_published_whole(data).await;
    }

    async fn is_published_whole(&self, data: &Path) {
        let all = self.entries().await;
        let papers: Vec<&Entry> = all.iter().filter(|entry| matches!(entry.act, Act::PaperCounted { .. })).collect();
        assert_eq!(papers.len(), 1);
        let roles: Vec<Role> = papers[0].actors.iter().map(|actor| actor.role).collect();
        assert_eq!(roles, [Role::Teller, Role::Teller]);
        let published = all.iter().filter(|entry| matches!(entry.act, Act::ContestPublished { .. })).count();
        assert_eq!((published, self.admin.sees(1).await["state"].clone()), (1, json!("published")));
        let live = self.office.live().await;
        let card = live["contests"].as_array().unwrap().iter().find(|card| card["item"] == 1).unwrap();
        assert_eq!(card["result"]["votes"], json!([7, 0, 1, 3, 0]), "phones and papers");
        let found = readable(data);
        assert!(!found.is_empty() && found.iter().all(|name| name.ends_with(".entries")), "{found:?}");
        assert_eq!((keys(data).len(), rows(data).await), (0, 0), "neither key nor row is left");
    }
}

/// Red if a count of which the tellers heard nothing is taken for kept, or is gone without a word to them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_whose_row_was_not_written_is_said_to_be_gone_and_is_counted_again() {
    let data = died("paper.sealed", "");
    assert_eq!((keys(data.path()).len(), rows(data.path()).await), (1, 0), "a key without a row");
    assert_eq!(readable(data.path()), Vec::<String>::new());
    let again = Again::start(data.path()).await;
    assert_eq!(keys(data.path()).len(), 0, "a key that opens nothing is not kept");
    for person in [&again.teller, &again.other, &again.admin] {
        let own = person.sees(1).await;
        assert_eq!(own["paper_gone"], json!({ "why": "cut_short", "by": [] }), "{own}");
        assert_eq!((&own["state"], &own["paper_waits"]), (&json!("closed"), &Value::Null));
    }
    assert!(again.offers().await.contains(&"contest/paper".to_owned()), "it can be entered");
    let words: Value = serde_json::from_str(include_str!("../messages/zh-CN.json")).unwrap();
    assert!(words["paper"]["line_cut_short"].as_str().unwrap().contains("请重新录入"), "the console has words for it");
    // Whoever would publish without them reads that papers are out.
    let own = again.admin.sees(1).await;
    let offer = own["acts"].as_array().unwrap().iter().find(|act| act["act"] == "contest/publish").unwrap().clone();
    assert_eq!((&offer["says"], &offer["values"]["papers"]), (&json!("contest_publish_no_paper"), &json!(6)));
    // Another start says it no more, and still nothing counts.
    again.counts_again_and_publishes(data.path()).await;
    again.office.stop().await;
}

/// Red if the row of before, which the new key does not open, is published or keeps anything from going on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_count_whose_row_was_not_written_leaves_neither_and_says_what_to_do() {
    let data = died("paper.sealed:2", "again");
    assert_eq!((keys(data.path()).len(), rows(data.path()).await), (1, 1), "a new key and the row of before");
    assert_eq!(readable(data.path()), Vec::<String>::new());
    let again = Again::start(data.path()).await;
    let refused = again.publishes().await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.json());
    assert!(refused.json()["what_to_do"].as_str().unwrap().contains("重新清点录入纸票"), "{}", refused.json());
    assert!(again.entries().await.iter().all(|entry| !matches!(entry.act, Act::ContestPublished { .. })));
    assert!(again.offers().await.contains(&"contest/paper".to_owned()), "it can be entered");
    again.counts_again_and_publishes(data.path()).await;
    again.office.stop().await;
}

/// Red if what was published is published again, or key or row outlive it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_publication_key_and_row_go_wherever_it_was_cut_short() {
    for (place, left) in [("paper.over", (1, 1)), ("paper.key_gone", (0, 1))] {
        let data = died(place, "publish");
        assert_eq!((keys(data.path()).len(), rows(data.path()).await), left, "{place}");
        let again = Again::start(data.path()).await;
        again.is_published_whole(data.path()).await;
        again.office.stop().await;
    }
}

/// Red if the figures of a void round can be read by anybody: the key is what would open a copy of the row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_void_key_and_row_go_wherever_it_was_cut_short_and_no_figure_was_ever_readable() {
    for (place, left) in [("paper.over", (1, 1)), ("paper.key_gone", (0, 1))] {
        let data = died(place, "void");
        assert_eq!((keys(data.path()).len(), rows(data.path()).await), left, "{place}");
        assert_eq!(readable(data.path()), Vec::<String>::new(), "{place}");
        let again = Again::start(data.path()).await;
        assert_eq!((keys(data.path()).len(), rows(data.path()).await), (0, 0), "{place}");
        assert_eq!(readable(data.path()), Vec::<String>::new(), "{place}");
        let own = again.teller.sees(1).await;
        assert_eq!((&own["state"], &own["paper_gone"]), (&json!("voided"), &Value::Null), "{place}");
        let all = again.entries().await;
        assert!(all.iter().all(|entry| !matches!(entry.act, Act::PaperCounted { .. })), "{place}");
        assert_eq!(all.iter().filter(|entry| matches!(entry.act, Act::ContestVoided { .. })).count(), 1, "{place}");
        again.office.stop().await;
    }
}
