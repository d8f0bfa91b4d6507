//! The record's trail: what is written stays readable, and what is changed behind its back is seen.

use std::{fs, path::Path, sync::Arc};

use douxuan::{
    record::{Book, Document, Fault, Hand, Id, Kept, RecordError, State, audit},
    web::Refusal,
};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    title: String,
    text: String,
}

impl Document for Note {
    const KIND: &'static str = "note";
}

fn note(text: &str) -> Note {
    Note { title: "示例".to_owned(), text: text.to_owned() }
}

fn hand(who: &str) -> Hand {
    Hand {
        who: who.to_owned(),
        role: "office".to_owned(),
        at: "2026-11-23T09:00:00+08:00".to_owned(),
        accounts: Vec::new(),
    }
}

async fn open(folder: &Path) -> Book {
    let random: douxuan::staff::Random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())));
    Book::open(folder, random).await.unwrap()
}

/// Three entries: two documents, the first changed once.
async fn written(folder: &Path) -> (Id, Id) {
    let book = open(folder).await;
    let first = book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("一"), "开头"))).await.unwrap();
    let second = book.change(&hand("某乙"), |draft| Ok(draft.add("note/add", &note("二"), "接着"))).await.unwrap();
    book.change(&hand("某乙"), |draft| {
        let mut seen = draft.get::<Note>(first)?;
        seen.body.text = "三".to_owned();
        draft.set("note/change", &seen, "写错了")
    })
    .await
    .unwrap();
    book.close().await;
    (first, second)
}

/// What somebody with the database in hand can do.
async fn tamper(folder: &Path, sql: &'static str) {
    let mut db = SqliteConnectOptions::new().filename(folder.join("record.db")).connect().await.unwrap();
    assert_eq!(sqlx::query(sql).execute(&mut db).await.unwrap().rows_affected(), 1, "{sql}");
    db.close().await.unwrap();
}

async fn faults(folder: &Path) -> Vec<Fault> {
    audit(folder).await.unwrap().faults
}

#[tokio::test]
async fn a_change_says_who_when_why_and_what_and_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = written(folder.path()).await;
    let State { documents, entries, head, faults, lags } = audit(folder.path()).await.unwrap();
    assert_eq!((faults, lags), (Vec::new(), false));
    assert_eq!(documents.all::<Note>().len(), 2);
    assert_eq!(documents.get::<Note>(first).unwrap(), Kept { id: first, version: 2, body: note("三") });
    assert_eq!(documents.get::<Note>(second).unwrap().version, 1);
    let last = entries.last().unwrap();
    assert_eq!((last.number, last.hash), (head.number, head.hash));
    assert_eq!((last.hand.clone(), last.act.as_str(), last.id), (hand("某乙"), "note/change", first));
    let what: serde_json::Value = serde_json::from_str(&last.what.as_ref().unwrap().1).unwrap();
    assert_eq!(what, serde_json::json!({ "why": "写错了", "fields": { "text": ["一", "三"] } }));
}

#[tokio::test]
async fn what_is_refused_half_way_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let book = open(folder.path()).await;
    let refused: Result<(), Refusal> = book
        .change(&hand("某甲"), |draft| {
            draft.add("note/add", &note("一"), "");
            Err(Refusal::conflict("不行。", "请换一个。"))
        })
        .await;
    assert_eq!(refused.unwrap_err().error, "不行。");
    assert!(book.now().documents.all::<Note>().is_empty() && book.now().entries.is_empty());
    book.close().await;
    assert!(audit(folder.path()).await.unwrap().entries.is_empty());
    assert!(matches!(book.change(&hand("某甲"), |_| Ok(())).await, Err(refusal) if refusal.status == 500), "closed");
    assert!(!RecordError::Closed.to_string().is_empty());
}

#[tokio::test]
async fn of_two_who_change_the_same_version_the_second_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = written(folder.path()).await;
    let book = open(folder.path()).await;
    let seen = book.now().documents.get::<Note>(first).unwrap();
    let change = |text: &str| {
        let mut mine = seen.clone();
        mine.body.text = text.to_owned();
        mine
    };
    let (mine, yours) = (change("四"), change("五"));
    let (a, b) = (hand("某甲"), hand("某乙"));
    let both = tokio::join!(
        book.change(&a, |draft| draft.set("note/change", &mine, "")),
        book.change(&b, |draft| draft.set("note/change", &yours, "")),
    );
    let refused = [both.0, both.1].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].error.contains("刚刚由别人改过") && refused[0].status == 409);
    assert_eq!(book.now().documents.get::<Note>(first).unwrap().version, 3);
}

#[tokio::test]
async fn a_row_edited_in_the_database_is_seen_and_stops_every_change() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = written(folder.path()).await;
    tamper(folder.path(), r#"UPDATE document SET body = '{"title":"示例","text":"四"}' WHERE body LIKE '%三%'"#).await;
    assert_eq!(faults(folder.path()).await, [Fault::Changed { kind: "note".to_owned(), id: first }]);
    let book = open(folder.path()).await;
    let refused = book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("五"), ""))).await.unwrap_err();
    assert!(refused.what_to_do.contains("record audit"), "{refused}");
    // What is there can still be read.
    assert_eq!(book.now().documents.get::<Note>(second).unwrap().body, note("二"));
}

#[tokio::test]
async fn every_field_of_an_entry_is_bound() {
    let edits = [
        "UPDATE entry SET at = '2026-11-22T09:00:00+08:00' WHERE number = 2",
        "UPDATE entry SET who = '某丙' WHERE number = 2",
        "UPDATE entry SET role = 'chair' WHERE number = 2",
        "UPDATE entry SET act = 'note/change' WHERE number = 2",
        "UPDATE entry SET version = 7 WHERE number = 2",
        "UPDATE entry SET state_hash = zeroblob(32) WHERE number = 2",
        "UPDATE entry SET hash = zeroblob(32) WHERE number = 2",
        "UPDATE entry SET id = '0000000000000001' WHERE number = 2",
        "UPDATE entry SET kind = 'other' WHERE number = 2",
    ];
    for edit in edits {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path()).await;
        tamper(folder.path(), edit).await;
        assert!(faults(folder.path()).await.contains(&Fault::Entry { number: 2 }), "{edit}");
    }
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    tamper(folder.path(), "UPDATE entry SET what = replace(what, '接着', '另外') WHERE number = 2").await;
    assert_eq!(faults(folder.path()).await, [Fault::What { number: 2 }]);
    tamper(folder.path(), "UPDATE entry SET what = NULL, what_salt = NULL WHERE number = 2").await;
    assert_eq!(faults(folder.path()).await, [Fault::What { number: 2 }], "erased, and its document still there");
}

#[tokio::test]
async fn what_is_put_in_taken_out_or_cut_off_is_seen() {
    type Expected = fn(&Fault) -> bool;
    let cases: [(&'static str, Expected); 5] = [
        ("DELETE FROM entry WHERE number = 2", |f| *f == Fault::Gap { after: 1 }),
        ("DELETE FROM entry WHERE number = 3", |f| *f == Fault::Head { number: 3 }),
        ("DELETE FROM document WHERE version = 2", |f| matches!(f, Fault::Gone { .. })),
        ("INSERT INTO document VALUES ('note', '00000000000000aa', 1, zeroblob(16), '{}')", |f| {
            matches!(f, Fault::Unknown { .. })
        }),
        ("UPDATE document SET version = 5 WHERE version = 2", |f| matches!(f, Fault::Changed { .. })),
    ];
    for (edit, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path()).await;
        tamper(folder.path(), edit).await;
        let found = faults(folder.path()).await;
        assert!(found.iter().any(expected), "{edit}: {found:?}");
        assert!(found.iter().all(|fault| !fault.to_string().is_empty()));
    }
}

#[tokio::test]
async fn the_head_file_knows_where_the_trail_stands_and_after_a_crash_one_of_two_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.head");
    let book = open(folder.path()).await;
    book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("一"), ""))).await.unwrap();
    let older = fs::read_to_string(&path).unwrap();
    book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("二"), ""))).await.unwrap();
    book.close().await;
    let newest = fs::read_to_string(&path).unwrap();
    let (at, next) = (older.lines().nth(1).unwrap(), newest.lines().nth(1).unwrap());
    // Killed after the transaction, and before it.
    fs::write(&path, format!("douxuan record\n{at}\n{next}\n")).unwrap();
    assert_eq!(faults(folder.path()).await, [], "killed between the transaction and the head");
    fs::write(&path, format!("douxuan record\n{next}\n3 {}\n", "ab".repeat(32))).unwrap();
    assert_eq!(faults(folder.path()).await, [], "killed between the head and the transaction");
    let book = open(folder.path()).await;
    assert!(!book.now().lags);
    book.close().await;
    assert_eq!(fs::read_to_string(&path).unwrap(), newest, "the start settles it");
    fs::write(&path, &older).unwrap();
    assert_eq!(faults(folder.path()).await, [Fault::Beyond { number: 1 }], "an entry that nobody meant");
    fs::write(&path, newest.replace("\n2 ", "\n3 ")).unwrap();
    assert_eq!(faults(folder.path()).await, [Fault::Head { number: 3 }]);
    for other in
        ["", "douxuan record\n2\n", &newest.to_uppercase(), &format!("{newest}\n"), &newest.replace("\n2 ", "\n02 ")]
    {
        fs::write(&path, other).unwrap();
        assert_eq!(faults(folder.path()).await, [Fault::NoHead], "{other:?}");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(faults(folder.path()).await, [Fault::NoHead]);
}

#[tokio::test]
async fn what_was_erased_is_nowhere_in_the_files_and_the_trail_says_that_it_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let book = open(folder.path()).await;
    let secret = "到期应当销毁的内容";
    let id = book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note(secret), ""))).await.unwrap();
    book.change(&hand("某甲"), |draft| draft.erase::<Note>("retention/erase", id, "保管期满")).await.unwrap();
    assert!(book.now().documents.find::<Note>(id).is_none());
    assert_eq!(book.now().documents.get::<Note>(id).unwrap_err().status, 404);
    assert!(book.change(&hand("某甲"), |draft| draft.erase::<Note>("retention/erase", id, "")).await.is_err());
    book.close().await;
    let state = audit(folder.path()).await.unwrap();
    assert_eq!((state.faults, state.entries.len()), (Vec::new(), 2));
    let last = state.entries.last().unwrap();
    assert!(last.what.as_ref().unwrap().1.contains("保管期满"));
    assert!(state.entries[0].what.is_none(), "the entry of its making still says what it said");
    let holds = |part: &str| {
        fs::read_dir(folder.path()).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(part.len()).any(|window| window == part.as_bytes())
        })
    };
    assert!(holds("保管期满"), "the search finds what is there");
    assert!(!holds(secret));
}

#[test]
fn an_id_is_sixteen_lowercase_digits_and_nothing_else() {
    let id = Id::draw(&mut StdRng::seed_from_u64(1));
    assert_eq!(Id::read(&id.to_string()), Some(id));
    for text in ["", "0", "00000000000000AA", "00000000000000g0", "00000000000000000", "0x00000000000000"] {
        assert_eq!(Id::read(text), None, "{text}");
    }
}

/// Entries behind the last one, with hashes as they should be: the chain alone would take them.
#[tokio::test]
async fn a_tail_forged_with_right_hashes_is_seen_because_the_head_file_does_not_know_it() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let known = fs::read(folder.path().join("record.head")).unwrap();
    // Whoever can compute the chain: the program itself, whose head file is then put back.
    let book = open(folder.path()).await;
    book.change(&hand("某丙"), |draft| Ok(draft.add("note/add", &note("伪"), ""))).await.unwrap();
    book.close().await;
    fs::write(folder.path().join("record.head"), known).unwrap();
    assert_eq!(faults(folder.path()).await, [Fault::Beyond { number: 3 }]);
    let book = open(folder.path()).await;
    assert!(book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("五"), ""))).await.is_err());
    book.close().await;
    assert_eq!(faults(folder.path()).await, [Fault::Beyond { number: 3 }], "a start does not make it good");
}

/// Holds the database, so that a change waits between the first head file and the transaction.
async fn holding(folder: &Path) -> sqlx::SqliteConnection {
    let mut db = SqliteConnectOptions::new().filename(folder.join("record.db")).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut db).await.unwrap();
    db
}

async fn let_go(mut db: sqlx::SqliteConnection) {
    sqlx::query("ROLLBACK").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// Until the head file says that a change is under way.
async fn until_under_way(folder: &Path) {
    for _ in 0..500 {
        if fs::read_to_string(folder.join("record.head")).is_ok_and(|text| text.lines().count() == 3) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("no change is under way");
}

#[tokio::test]
async fn a_change_whose_caller_goes_away_is_made_whole_and_seen() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let book = open(folder.path()).await;
    let db = holding(folder.path()).await;
    {
        let by = hand("某甲");
        let asked = book.change(&by, |draft| Ok(draft.add("note/add", &note("四"), "")));
        tokio::select! {
            _ = asked => panic!("the database is held"),
            () = until_under_way(folder.path()) => {}
        }
    }
    let_go(db).await;
    // The next one waits for it.
    book.change(&hand("某乙"), |draft| Ok(draft.add("note/add", &note("五"), ""))).await.unwrap();
    let now = book.now();
    assert_eq!((now.head.number, now.entries.len(), now.documents.all::<Note>().len()), (5, 5, 4));
    book.close().await;
    let disk = audit(folder.path()).await.unwrap();
    assert_eq!((disk.faults, disk.head, disk.entries), (Vec::new(), now.head, now.entries.clone()));
}

#[tokio::test]
async fn a_head_file_that_cannot_be_written_refuses_before_and_is_told_after_what_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let book = open(folder.path()).await;
    let blocked = folder.path().join("record.head.new");
    fs::create_dir(&blocked).unwrap();
    let refused = book.change(&hand("某甲"), |draft| Ok(draft.add("note/add", &note("四"), ""))).await.unwrap_err();
    assert_eq!((refused.status, book.now().entries.len()), (500, 3), "nothing was changed");
    fs::remove_dir(&blocked).unwrap();
    let db = holding(folder.path()).await;
    let by = hand("某甲");
    let made = book.change(&by, |draft| Ok(draft.add("note/add", &note("四"), "")));
    let meanwhile = async {
        until_under_way(folder.path()).await;
        fs::create_dir(&blocked).unwrap();
        let_go(db).await;
    };
    let (made, ()) = tokio::join!(made, meanwhile);
    made.expect("it is durable, so it is no error");
    assert!(book.now().lags && book.now().entries.len() == 4);
    assert_eq!(faults(folder.path()).await, []);
    fs::remove_dir(&blocked).unwrap();
    book.change(&hand("某乙"), |draft| Ok(draft.add("note/add", &note("五"), ""))).await.unwrap();
    assert!(!book.now().lags && faults(folder.path()).await.is_empty());
    book.close().await;
}

#[tokio::test]
async fn a_commit_that_fails_leaves_a_doubt_and_stops_every_change_until_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let book = open(folder.path()).await;
    // A rule that is looked at only by the commit.
    let mut db = SqliteConnectOptions::new().filename(folder.path().join("record.db")).connect().await.unwrap();
    for sql in [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER doubt AFTER INSERT ON entry BEGIN INSERT INTO child VALUES (7); END",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    let by = hand("某甲");
    let refused = book.change(&by, |draft| Ok(draft.add("note/add", &note("四"), ""))).await.unwrap_err();
    assert!(refused.status == 500 && refused.error.contains("还不知道") && refused.what_to_do.contains("重新启动"));
    sqlx::query("DROP TRIGGER doubt").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let refused = book.change(&by, |draft| Ok(draft.add("note/add", &note("四"), ""))).await.unwrap_err();
    assert!(refused.what_to_do.contains("重新启动"), "also what would succeed: {refused}");
    book.close().await;
    let book = open(folder.path()).await;
    assert_eq!((book.now().faults.clone(), book.now().entries.len()), (Vec::new(), 3));
    book.change(&by, |draft| Ok(draft.add("note/add", &note("四"), ""))).await.unwrap();
    book.close().await;
    assert_eq!(faults(folder.path()).await, []);
}
