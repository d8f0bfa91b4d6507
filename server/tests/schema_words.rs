//! A database that cannot be opened: whoever starts the program reads which file it is, and what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use douxuan::schema::{Copied, SchemaError, open};
use sqlx::{Connection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};

async fn database(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true)).await.unwrap()
}

fn office() -> Migrator {
    sqlx::migrate!("migrations/office")
}

/// What every one of these texts owes: which file, and what to do.
fn says(error: &SchemaError, path: &Path, what_to_do: &str) {
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()) && text.contains(what_to_do), "{text}");
    assert!(!what_to_do.is_empty() && text.ends_with('。'), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_with_its_folder_and_with_the_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("office.db");
    std::fs::write(&path, [7; 8192]).unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    says(&refused, &path, "restore");
    assert_eq!(std::fs::read(&path).unwrap(), [7; 8192], "it is left alone");

    // A page in the middle is gone: only a step that comes upon it notices.
    let path = folder.path().join("torn.db");
    let mut first = office();
    first.migrations = first.migrations.iter().filter(|step| step.version == 1).cloned().collect::<Vec<_>>().into();
    open(&path, first, Copied::Stays).await.unwrap().close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(7);
    std::fs::write(&path, bytes).unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    says(&refused, &path, "请");
}

#[tokio::test]
async fn a_file_that_another_program_holds_or_that_may_not_be_written_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roll.db");
    let mut held = database(&path).await;
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut held).await.unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    says(&refused, &path, "另有程序打开着");
    drop(held);

    let path = folder.path().join("no such folder").join("urn.db");
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    says(&refused, &path, "权限");
    let path = folder.path().join("a folder");
    std::fs::create_dir(&path).unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    says(&refused, &path, "权限");
}

#[tokio::test]
async fn a_file_whose_steps_are_others_is_named_and_so_is_one_whose_step_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("office.db");
    let mut db = open(&path, office(), Copied::Stays).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    assert!(matches!(refused, SchemaError::Step(..)));
    says(&refused, &path, "用写它的那个版本");

    let path = folder.path().join("half.db");
    let mut db = database(&path).await;
    sqlx::query("CREATE TABLE meeting (other INTEGER)").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let refused = open(&path, office(), Copied::Stays).await.map(drop).unwrap_err();
    assert!(matches!(refused, SchemaError::Step(..)));
    says(&refused, &path, "升级没有做完");
}
