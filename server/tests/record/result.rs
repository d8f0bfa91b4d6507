//! The door between vote and record: whose result is taken in, what is refused, and what nobody can change.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use douxuan_crypto::{
    bundle::Bundle,
    bytes::{hex, unhex},
    hash::sha256,
};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use crate::office::{Answered, Office, console, send, start};

/// A finished meeting of another server.
fn foreign() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip")).unwrap()
}

async fn cycle(office: &Office) -> String {
    let made = office.act("/api/record/cycles", json!({ "year": 2026, "title": "2026 年度", "why": "" })).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn import(office: &Office, query: &str, bundle: Vec<u8>) -> Answered {
    let mut request = console(Method::POST, &format!("/api/record/results/import?{query}"), None);
    request.headers_mut().insert("cookie", office.cookie.parse().unwrap());
    request.headers_mut().insert("content-type", "application/zip".parse().unwrap());
    *request.body_mut() = Body::from(bundle);
    send(&office.app.console, request).await
}

/// Imports it as somebody who has compared the fingerprint.
async fn accepted(office: &Office, cycle: &str, bundle: Vec<u8>) -> Answered {
    let asked = import(office, &format!("cycle={cycle}"), bundle.clone()).await.json();
    let key = asked["details"]["key"].as_str().unwrap().to_owned();
    import(office, &format!("cycle={cycle}&accept={key}&why=minutes"), bundle).await
}

#[tokio::test]
async fn a_result_of_another_server_is_taken_in_only_after_its_fingerprint_was_accepted_with_a_reason() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = cycle(&office).await;
    let refused = import(&office, &format!("cycle={cycle}"), foreign()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let key = refused.json()["details"]["key"].as_str().unwrap().to_owned();
    assert!(refused.json()["error"].as_str().unwrap().contains(&key), "the person sees what to compare");
    for wrong in
        [format!("accept={key}"), "accept=0000-0000-0000-0000&why=x".to_owned(), format!("accept={key}&why=%20")]
    {
        let refused = import(&office, &format!("cycle={cycle}&{wrong}"), foreign()).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{wrong}");
    }
    let manifest: Value = serde_json::from_slice(&Bundle::from_zip(&foreign()).unwrap().manifest).unwrap();
    let signer: [u8; 32] = unhex(manifest["keys"]["result"].as_str().unwrap()).unwrap();
    let digits = hex(&sha256(&signer));
    assert_eq!(key.replace('-', ""), digits[..16], "the digest of the key in the manifest");
    assert_eq!(office.get("/api/record/results").await.json(), json!([]));
    let taken = accepted(&office, &cycle, foreign()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    let taken = taken.json();
    assert_eq!(taken["accepted"]["why"], "minutes");
    // Taken in again it is the same result, once.
    let again = accepted(&office, &cycle, foreign()).await.json();
    assert_eq!((again["id"].as_str(), again["version"].as_u64()), (taken["id"].as_str(), Some(1)));
    assert_eq!(office.get("/api/record/results").await.json().as_array().unwrap().len(), 1);
    let trail = office.get("/api/record/trail").await.json();
    assert_eq!((&trail["faults"], &trail["entries"][0]["act"]), (&json!([]), &json!("result/import")));
    assert_eq!(trail["entries"][0]["what"]["why"], "minutes");
    office.stop().await;
}

#[tokio::test]
async fn the_notes_exact_bytes_are_kept_and_every_figure_is_the_notes() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = cycle(&office).await;
    let taken = accepted(&office, &cycle, foreign()).await.json();
    let bundle = Bundle::from_zip(&foreign()).unwrap();
    let note = office.get(&format!("/api/record/results/{}/note", taken["id"].as_str().unwrap())).await;
    assert_eq!(note.bytes, bundle.result);
    assert_eq!(taken["note_hash"], hex(&sha256(&bundle.result)));
    assert_eq!(taken["bundle_hash"], hex(&sha256(&foreign())));
    let text = String::from_utf8(bundle.result).unwrap();
    let mut compared = 0;
    for rated in taken["officials"].as_array().unwrap() {
        let votes: Vec<String> = rated["votes"].as_array().unwrap().iter().map(|v| v[1].to_string()).collect();
        if !votes.is_empty() {
            assert!(text.contains(&format!("\nvotes {}\n", votes.join(" "))), "{rated}");
            let valid = format!("\nvalid {} {}\n", rated["totals"][2], rated["totals"][3]);
            assert!(text.contains(&valid), "{valid}");
            compared += 1;
        }
        let finding = &rated["finding"];
        let opens = finding["opens"].as_array().unwrap();
        assert_eq!(opens.is_empty(), finding["reaches"] != json!(true), "{finding}");
    }
    assert!(compared > 0, "a meeting with figures");
    office.stop().await;
}

#[tokio::test]
async fn a_forged_an_edited_and_a_broken_result_are_refused_with_the_step_that_fails() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = cycle(&office).await;
    let whole = Bundle::from_zip(&foreign()).unwrap();
    let edited = |change: &dyn Fn(&mut Bundle)| {
        let mut bundle = whole.clone();
        change(&mut bundle);
        bundle.to_zip().unwrap()
    };
    let digit = |bytes: &mut Vec<u8>, word: &str| {
        let at = bytes.windows(word.len()).position(|part| part == word.as_bytes()).unwrap() + word.len();
        bytes[at] = if bytes[at] == b'9' { b'8' } else { bytes[at] + 1 };
    };
    let cases = [
        ("V9", edited(&|bundle| digit(&mut bundle.result, "\nwindow 1 "))),
        (
            "V12",
            edited(&|bundle| {
                // The signature itself: the last letters of the note.
                let at = bundle.result.len() - 20;
                bundle.result[at] = if bundle.result[at] == b'A' { b'B' } else { b'A' };
            }),
        ),
        ("V1", edited(&|bundle| bundle.manifest[40] ^= 1)),
        ("V2", edited(&|bundle| bundle.log_checkpoint[60] ^= 1)),
        ("不是归档文件", b"PK\x03\x04 nothing".to_vec()),
        ("不是归档文件", Vec::new()),
        ("不是归档文件", foreign()[..2000].to_vec()),
    ];
    for (step, bundle) in cases {
        let refused = import(&office, &format!("cycle={cycle}"), bundle).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{step}: {}", refused.text());
        assert!(refused.text().contains(step), "{step}: {}", refused.text());
        assert!(refused.text().contains("没有收入任何内容"));
    }
    let nowhere = import(&office, "cycle=00000000000000aa", foreign()).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert_eq!(office.get("/api/record/results").await.json(), json!([]));
    office.stop().await;
}

/// Archives a meeting of two officials in which nobody voted.
pub(crate) async fn archived(office: &Office) {
    office.small(6, 2, json!({ "quorum": null })).await;
    office.act("/desk/window/open", json!({})).await;
    office.act("/desk/window/close", json!({ "present": 6 })).await;
    let both = json!({ "contests": [[1, 1], [2, 1]] });
    for act in ["open", "close", "publish"] {
        office.act(&format!("/desk/contest/{act}"), both.clone()).await;
    }
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;
}

/// Also by somebody who has compared the fingerprint.
async fn another_machines_drill_is_refused(bundle: Vec<u8>) {
    let manifest: Value = serde_json::from_slice(&Bundle::from_zip(&bundle).unwrap().manifest).unwrap();
    let signer: [u8; 32] = unhex(manifest["keys"]["result"].as_str().unwrap()).unwrap();
    let digits = hex(&sha256(&signer));
    let key = [0, 4, 8, 12].map(|at| &digits[at..at + 4]).join("-");
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = cycle(&office).await;
    let drill = import(&office, &format!("cycle={cycle}&accept={key}&why=minutes"), bundle).await;
    assert_eq!(drill.status, StatusCode::CONFLICT);
    assert!(drill.text().contains("演练的结果不进档案"), "{}", drill.text());
    assert_eq!(office.get("/api/record/results").await.json(), json!([]));
    office.stop().await;
}

#[tokio::test]
async fn the_servers_own_meeting_needs_no_fingerprint_and_a_drill_is_never_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let cycle = cycle(&office).await;
    let none = office.refused("/api/record/results/own", json!({ "cycle": cycle })).await;
    assert!(none.contains("没有已归档的会议"), "{none}");
    archived(&office).await;
    let drill = office.refused("/api/record/results/own", json!({ "cycle": cycle })).await;
    assert!(drill.contains("演练的结果不进档案"), "{drill}");
    let bundle = office.public("/bundle.zip").await.bytes;
    let drill = import(&office, &format!("cycle={cycle}"), bundle.clone()).await;
    assert!(drill.text().contains("演练的结果不进档案"), "not by the file either: {}", drill.text());
    another_machines_drill_is_refused(bundle).await;
    // The same meeting, had it been a real one.
    let mut db = SqliteConnectOptions::new().filename(data.path().join("office.db")).connect().await.unwrap();
    sqlx::query("UPDATE meeting SET drill = 0").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let taken = office.act("/api/record/results/own", json!({ "cycle": cycle })).await;
    assert_eq!(taken["accepted"], Value::Null);
    // Nobody cast: there is nothing to compare, nothing is opened, and it says so.
    for rated in taken["officials"].as_array().unwrap() {
        assert_eq!(rated["finding"]["opens"], json!([]));
        assert_ne!(rated["finding"]["standing"], "published");
    }
    office.stop().await;
}
