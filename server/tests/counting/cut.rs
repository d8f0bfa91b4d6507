//! Half-made copies of an office's database: cut off, made while it is written, left by a backup that was cut short.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Whoever waits longer waits for nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many backups are tried at most, 30 at least.
const MOST: u32 = 200;

/// What half-made copies held.
pub struct Cut {
    /// Which of them hold what is looked for.
    pub readable: Vec<String>,
    /// How many were looked at.
    pub copies: usize,
    /// How many of these a backup left that was cut short.
    pub halves: usize,
}

/// Real copies of the office's database, none of them whole.
pub async fn cut_short(data: &Path, holds: fn(&[u8]) -> bool) -> Cut {
    let (mut readable, mut copies, mut halves) = (Vec::new(), 0, 0);
    let mut look = |name: String, bytes: &[u8]| {
        copies += 1;
        if holds(bytes) {
            readable.push(name);
        }
    };
    // What a backup copies before it blanks it, cut at the borders of pages and within them.
    let out = tempfile::tempdir().unwrap();
    // A folder of its own: processes that have one database open while this one also reads its file as a file would
    // drop each other's locks, and no office does that.
    let beside = out.path().join("data");
    fs::create_dir(&beside).unwrap();
    let whole = beside.join("office.db");
    let mut db =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(data.join("office.db"))).await.unwrap();
    sqlx::query("VACUUM INTO ?").bind(whole.to_str().unwrap()).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let whole = fs::read(whole).unwrap();
    let pages = whole.len() / 4096;
    for page in (0..=pages).step_by((pages / 20).max(1)).chain([pages]) {
        for at in [page * 4096, page * 4096 + 1_000].into_iter().filter(|at| *at <= whole.len()) {
            look(format!("cut at {at}"), &whole[..at]);
        }
    }
    // Copies of the files as they lie, by somebody who does not ask the database, while it is written.
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (path, stop) = (data.join("office.db"), stop.clone());
        async move {
            let options = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE);
            let mut db = SqliteConnection::connect_with(&options).await.unwrap();
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                // The row of the count itself, moved about, beside one of the writer's own.
                for statement in [
                    "CREATE TABLE IF NOT EXISTS busy (n BLOB)",
                    "INSERT INTO busy VALUES (randomblob(3000))",
                    "UPDATE counted SET sealed = sealed",
                    "DELETE FROM busy WHERE rowid % 3 = 0",
                ] {
                    sqlx::query(statement).execute(&mut db).await.unwrap();
                    written += 1;
                }
            }
            sqlx::query("DROP TABLE busy").execute(&mut db).await.unwrap();
            db.close().await.unwrap();
            written
        }
    });
    for number in 0..12 {
        for file in ["office.db", "office.db-wal"] {
            let copy = out.path().join("copy");
            fs::copy(data.join(file), &copy).unwrap();
            look(format!("{file} while written, {number}"), &fs::read(copy).unwrap());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Backups as they are made on the machine itself, each killed: some a moment after their start, some a moment after
    // the half-made copy is seen. A killed process does nothing more, and what it left is looked at.
    for number in 0..MOST {
        if number >= 30 && halves > 2 {
            break;
        }
        let to = out.path().join(format!("backup {number}"));
        if !killed(&beside, &to, number) {
            continue;
        }
        let mut left = lying_in(&to);
        left.extend(
            lying_in(&beside).into_iter().filter(|(name, _)| name.contains(".saving") || name.contains(".copying")),
        );
        halves += usize::from(left.iter().any(|(name, bytes)| name.contains(".saving") && !bytes.is_empty()));
        for (name, bytes) in left {
            look(format!("backup cut short, {number}: {name}"), &bytes);
        }
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 30, "it was written meanwhile");
    Cut { readable, copies, halves }
}

/// Makes a backup and kills it on the way; whether it was still on its way.
fn killed(data: &Path, to: &Path, number: u32) -> bool {
    // What the one before left would be seen at once.
    let _ = fs::remove_file(data.join("office.db.saving"));
    let mut backup = Command::new(env!("CARGO_BIN_EXE_douxuan"))
        .args(["backup", "--data"])
        .arg(data)
        .arg("--to")
        .arg(to)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let moment = Duration::from_micros(u64::from(number % 30) * 400);
    if number.is_multiple_of(2) {
        let seen = || fs::metadata(data.join("office.db.saving")).is_ok_and(|file| file.len() > 0);
        while !seen() && backup.try_wait().unwrap().is_none() && begun.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
    std::thread::sleep(moment);
    // One that has ended already cannot be killed, and is not one that was cut short.
    let _ = backup.kill();
    backup.wait().unwrap().code().is_none()
}

/// The files of a folder that may not be there, without those of its folders.
fn lying_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    files.map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())).collect()
}
