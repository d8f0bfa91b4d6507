//! The descriptions of the API: every route is in them and no other, and what is answered is what they say.

use std::{collections::BTreeSet, path::Path};

use axum::http::{Method, StatusCode};
use douxuan::{asyncapi, record};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::office::{console, send, start};

/// What the sources put behind `/api/`, method by method.
fn in_the_sources() -> BTreeSet<(String, String)> {
    fn walk(folder: &Path, found: &mut BTreeSet<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
                continue;
            }
            let text: String = std::fs::read_to_string(entry.path()).unwrap_or_default().split_whitespace().collect();
            for (method, before) in [("get", "Endpoint::get(\""), ("post", "Endpoint::post(\"")] {
                for rest in text.split(before).skip(1) {
                    found.insert((method.to_owned(), rest.split('"').next().unwrap().to_owned()));
                }
            }
            for rest in text.split(".route(\"").skip(1).filter(|rest| rest.starts_with("/api/")) {
                found.insert(("route".to_owned(), rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn described() -> BTreeSet<(String, String)> {
    let paths = record::description()["paths"].as_object().unwrap();
    let each = paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    each.collect()
}

#[test]
fn every_route_under_api_is_described_and_no_other() {
    let mut found = in_the_sources();
    // The second description stands beside the table that the first is made of.
    assert!(found.remove(&("route".to_owned(), "/api/asyncapi.json".to_owned())));
    assert_eq!(found, described());
    assert!(described().len() > 10);
}

#[tokio::test]
async fn every_described_route_is_served_and_asks_who_comes() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    for (method, path) in described() {
        let place = path.split('/').map(|part| if part.starts_with('{') { "00000000000000aa" } else { part });
        let place = place.collect::<Vec<_>>().join("/");
        let method = if method == "get" { Method::GET } else { Method::POST };
        let bare = send(&office.app.console, console(method.clone(), &place, None)).await;
        assert_eq!(bare.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        let known = match method {
            Method::GET => office.get(&place).await,
            // Its body is no JSON; what it refuses is tested with the results.
            _ if path.ends_with("/import") || path.ends_with("/file") => continue,
            _ => office.post(&place, json!({})).await,
        };
        // A file is no text.
        let said = String::from_utf8_lossy(&known.bytes);
        assert!(!said.contains("这里没有内容"), "{method} {path} is not served");
        assert_ne!(known.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(known.status.as_u16() < 500, "{method} {path}: {said}");
        if known.status != StatusCode::OK {
            let refused = known.json();
            assert!(refused["error"].is_string() && refused["what_to_do"].is_string(), "{method} {path}: {refused}");
        }
    }
    let elsewhere = office.get("/api/record/nothing").await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    office.stop().await;
}

/// Checks an answer against the schema of its route.
fn fits(path: &str, answer: &Value) {
    let description = record::description();
    let operation = &description["paths"][path]["get"];
    let mut schema = operation["responses"]["200"]["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{path}");
    schema["components"] = description["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(answer).map(|fault| format!("{fault} at {}", fault.instance_path)).collect();
    assert!(faults.is_empty(), "{path}: {faults:?}");
}

#[tokio::test]
async fn answers_are_what_the_description_says() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.act("/api/record/cycles", json!({ "year": 2026, "title": "2026 年度", "why": "" })).await;
    let mut checked = 0;
    for (method, path) in described() {
        if method == "get" && !path.contains('{') {
            let answer = office.get(&path).await;
            if answer.status == StatusCode::OK && answer.headers["content-type"] == "application/json" {
                fits(&path, &answer.json());
                checked += 1;
            }
        }
    }
    assert!(checked >= 4, "{checked}");
    let wrong = std::panic::catch_unwind(|| fits("/api/record/trail", &json!({ "head": 1 })));
    assert!(wrong.is_err(), "the check can fail");
    office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_frame_is_what_the_description_of_the_sockets_says() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let (public, _) = office.listen().await;
    let url = format!("ws://{public}/live");
    let mut request = tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(url).unwrap();
    request.headers_mut().insert("host", "vote.test:8460".parse().unwrap());
    let (mut socket, _) =
        tokio_tungstenite::client_async(request, tokio::net::TcpStream::connect(public).await.unwrap()).await.unwrap();
    let frame = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let frame: Value = serde_json::from_str(&frame).unwrap();
    let schema = &asyncapi::description()["channels"]["live"]["messages"]["frame"]["payload"];
    let validator = jsonschema::validator_for(schema).unwrap();
    assert!(
        validator.is_valid(&frame),
        "{:?}",
        validator.iter_errors(&frame).map(|f| f.to_string()).collect::<Vec<_>>()
    );
    let mut wrong = frame.clone();
    wrong["expected"] = json!("six");
    assert!(!validator.is_valid(&wrong));
    assert_eq!(office.get("/api/asyncapi.json").await.json(), *asyncapi::description());
    office.stop().await;
}
