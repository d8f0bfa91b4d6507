//! What the database tells of who came when, and of slips: nothing.

use super::*;

/// The rows of the table, and the very bytes of its page in the file.
async fn dump(data: &Path) -> (Vec<(i64, String, Vec<u8>)>, Vec<u8>) {
    let path = data.join("office.db");
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    let rows = sqlx::query("SELECT rowid, state, window FROM presence").fetch_all(&mut db).await.unwrap();
    let rows = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let root: i64 = sqlx::query_scalar("SELECT rootpage FROM sqlite_master WHERE name = 'presence'")
        .fetch_one(&mut db)
        .await
        .unwrap();
    let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    let mut file = Vec::new();
    std::fs::File::open(path).unwrap().read_to_end(&mut file).unwrap();
    let (root, size) = (usize::try_from(root).unwrap(), usize::try_from(size).unwrap());
    (rows, file[(root - 1) * size..root * size].to_vec())
}

#[tokio::test]
async fn the_database_does_not_tell_in_which_order_people_came() {
    let mut dumps = Vec::new();
    for order in [[3, 1, 9, 4, 12, 7], [12, 9, 7, 4, 3, 1], [1, 3, 4, 7, 9, 12]] {
        let data = tempfile::tempdir().unwrap();
        let office = frozen(data.path(), Value::Null).await;
        for number in order {
            office.sign(&[number], "here").await;
            // One at a time, with a mistake now and then, and one who goes and comes back.
            if number == order[2] {
                office.sign(&[5], "here").await;
                office.sign(&[5], "absent").await;
            }
        }
        office.sign(&[order[0]], "left").await;
        office.sign(&[order[0]], "here").await;
        office.sign(&[4], "left").await;
        // Page images in the order of writing are gone while the server still runs.
        let log = std::fs::metadata(data.path().join("office.db-wal")).unwrap().len();
        assert_eq!(log, 0, "the write-ahead log still has {log} bytes");
        let while_running = dump(data.path()).await;
        office.stop().await;
        let dump = dump(data.path()).await;
        assert_eq!(dump, while_running);
        assert_eq!(dump.0.len(), 12);
        assert!(dump.0.windows(2).all(|pair| pair[0].0 < pair[1].0), "by number");
        dumps.push(dump);
    }
    assert!(dumps.windows(2).all(|pair| pair[0] == pair[1]), "another order, other bytes");
    // The comparison can fail.
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    office.sign(&[3, 1, 9, 4, 12], "here").await;
    office.stop().await;
    assert_ne!(dump(data.path()).await, dumps[0]);
}

/// The bundle says which slips each window has taken, so that one late-comer of a window would be one slip.
#[tokio::test]
async fn once_he_is_counted_a_late_comer_is_like_everybody_else() {
    let mut dumps = Vec::new();
    for late in [3, 9] {
        let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let office = frozen(data.path(), Value::Null).await;
        let in_time: Vec<usize> = (1..=10).filter(|number| *number != late).collect();
        office.sign(&in_time, "here").await;
        office.window(9).await;
        office.sign(&[late], "here").await;
        assert_eq!(office.person(late).await["waits"], true);
        // A backup of this moment goes on with no meeting, and so needs nobody who waits.
        let backup = out.path().join("backup");
        douxuan::backup::save(data.path(), &backup).await.unwrap();
        office.window(10).await;
        let log = std::fs::metadata(data.path().join("office.db-wal")).unwrap().len();
        assert_eq!(log, 0, "the write-ahead log still has {log} bytes");
        let while_running = dump(data.path()).await;
        for person in office.list().await["people"].as_array().unwrap() {
            assert_eq!((&person["late"], &person["waits"]), (&json!(false), &json!(false)), "{person}");
        }
        office.stop().await;
        let kept = dump(data.path()).await;
        assert_eq!(kept, while_running);
        let forms: BTreeSet<&Vec<u8>> = kept.0.iter().filter(|row| row.1 == "h").map(|row| &row.2).collect();
        assert_eq!(forms.len(), 1, "{forms:?}");
        dumps.push((kept, dump(&backup).await));

        // A power cut between the log and the rows is mended at the next start.
        let file = SqliteConnectOptions::new().filename(data.path().join("office.db"));
        let mut db = SqliteConnection::connect_with(&file).await.unwrap();
        sqlx::query("UPDATE presence SET window = x'02' WHERE number = 4").execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        start(data.path()).await.unwrap().stop().await;
        assert_eq!(dump(data.path()).await, dumps[dumps.len() - 1].0);
    }
    assert!(dumps[0] == dumps[1], "another late-comer, other bytes");
}

#[tokio::test]
async fn presence_and_slips_know_nothing_of_each_other() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.sign(&[1], "here").await;
    office.act("/desk/window/open", json!({})).await;
    // More phones than people signed in: the slip is not asked whose it is, the sum is.
    for (n, slip) in slips.iter().take(2).enumerate() {
        let answered: Answered = office.enrol(Phone::new(&manifest, slip, n as u64).wire).await;
        assert_eq!(answered.status, StatusCode::OK);
    }
    let few = office.refused("/desk/window/close", json!({ "present": 1 })).await;
    assert!(few.contains('2') && few.contains('1'), "{few}");
    office.sign(&[2], "here").await;
    office.act("/desk/window/close", json!({ "present": 2 })).await;
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(data.path().join("office.db")))
        .await
        .unwrap();
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('presence')").fetch_all(&mut db).await.unwrap();
    assert_eq!(columns, ["number", "state", "window"]);
    db.close().await.unwrap();
    let public = office.live().await.to_string() + &office.public("/ceremony.json").await.text();
    assert!(!public.contains("checkin") && !public.contains("quorum"), "nothing of it is public");
    office.stop().await;
}
