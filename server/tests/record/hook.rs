//! A result on its way to another program: a receiver as the text asks for it, and everything that may go wrong.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};
use douxuan::{
    record::hook::{Patience, Target},
    secrets::{Vault, hand_over_key},
};
use douxuan_crypto::{
    bytes::{hex, unhex_vec},
    sign::{SigningKey, VerifyingKey},
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::office::{Office, console, send, start};

/// The clock of the servers in these tests.
const NOW: u64 = 1_797_177_600;
pub(crate) const QUICK: Patience = Patience {
    first: Duration::from_millis(10),
    most: Duration::from_millis(40),
    attempts: 6,
    look: Duration::from_millis(10),
};

/// A receiver as the documentation asks for it.
pub(crate) struct Inbox {
    key: VerifyingKey,
    now: u64,
    seen: BTreeSet<String>,
    taken: Vec<Value>,
    /// Answers to give before it takes anything.
    faults: Vec<StatusCode>,
    asked: usize,
}

impl Inbox {
    pub(crate) fn new(key: VerifyingKey) -> Self {
        Self { key, now: NOW, seen: BTreeSet::new(), taken: Vec::new(), faults: Vec::new(), asked: 0 }
    }

    fn take(&mut self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        self.asked += 1;
        if let Some(fault) = self.faults.pop() {
            return fault;
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signature = unhex_vec(header("douxuan-signature")).unwrap_or_default();
        if header("douxuan-key") != hex(self.key.as_bytes()) || self.key.verify(body, &signature).is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        let Ok(message) = serde_json::from_slice::<Value>(body) else { return StatusCode::BAD_REQUEST };
        if message["at"].as_u64().unwrap_or_default().abs_diff(self.now) > 300 {
            return StatusCode::REQUEST_TIMEOUT;
        }
        if !self.seen.insert(message["id"].as_str().unwrap_or_default().to_owned()) {
            return StatusCode::CONFLICT;
        }
        self.taken.push(message);
        StatusCode::OK
    }
}

pub(crate) type Shared = Arc<Mutex<Inbox>>;

async fn receive(State(inbox): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    inbox.lock().unwrap().take(&headers, &body)
}

pub(crate) async fn listening(inbox: Shared) -> Target {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::read(&format!("http://{}/in", listener.local_addr().unwrap())).unwrap();
    let router = Router::new().route("/in", post(receive)).with_state(inbox);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    target
}

/// Takes the sample bundle in.
async fn taken_in(office: &Office) {
    let cycle = office.act("/api/record/cycles", json!({ "year": 2026, "title": "2026 年度", "why": "" })).await;
    let cycle = cycle["id"].as_str().unwrap().to_owned();
    let bundle = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip")).unwrap();
    let mut query = format!("cycle={cycle}");
    for _ in 0..2 {
        let mut request = console(Method::POST, &format!("/api/record/results/import?{query}"), None);
        request.headers_mut().insert("cookie", office.cookie.parse().unwrap());
        *request.body_mut() = Body::from(bundle.clone());
        let answered = send(&office.app.console, request).await;
        if let Some(key) = answered.json()["details"]["key"].as_str() {
            query = format!("cycle={cycle}&accept={key}&why=minutes");
        }
    }
}

pub(crate) fn asked_and_taken(inbox: &Shared) -> (usize, Vec<Value>) {
    let inbox = inbox.lock().unwrap();
    (inbox.asked, inbox.taken.clone())
}

async fn state(office: &Office) -> Vec<Value> {
    office.get("/api/record/deliveries").await.json().as_array().unwrap().clone()
}

async fn until(office: &Office, word: &str) -> Vec<Value> {
    for _ in 0..500 {
        let now = state(office).await;
        if !now.is_empty() && now.iter().all(|delivery| delivery["state"]["is"] == word) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {word}: {:?}", state(office).await);
}

struct Sent {
    office: Office,
    inbox: Shared,
    target: Target,
    data: tempfile::TempDir,
}

async fn sending(faults: &[StatusCode]) -> Sent {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let vault = Vault::plain(data.path()).unwrap();
    let signer = hand_over_key(&vault, &mut StdRng::seed_from_u64(5)).unwrap();
    let inbox = Arc::new(Mutex::new(Inbox::new(signer.verifying())));
    inbox.lock().unwrap().faults = faults.to_vec();
    let target = listening(inbox.clone()).await;
    let shown = office.app.hand_over(&vault, vec![target.clone()], QUICK).unwrap();
    assert_eq!(shown, hex(signer.verifying().as_bytes()), "the key of the file, told to whoever must know it");
    taken_in(&office).await;
    Sent { office, inbox, target, data }
}

#[tokio::test]
async fn a_result_reaches_its_target_once_signed_over_the_exact_bytes() {
    let Sent { office, inbox, data: _data, .. } = sending(&[]).await;
    until(&office, "delivered").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (asked, taken) = asked_and_taken(&inbox);
    assert_eq!((asked, taken.len()), (1, 1));
    let results = office.get("/api/record/results").await.json();
    assert_eq!((&taken[0]["id"], &taken[0]["event"]), (&results[0]["note_hash"], &json!("result")));
    assert_eq!(taken[0]["result"]["note"], results[0]["note"]);
    let trail = office.get("/api/record/trail").await.json();
    assert_eq!((&trail["entries"][0]["act"], &trail["faults"]), (&json!("delivery/state"), &json!([])));
    office.stop().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_an_answer_that_was_lost_does_no_harm() {
    let faults = [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE];
    let Sent { office, inbox, data: _data, .. } = sending(&faults).await;
    until(&office, "delivered").await;
    let (asked, taken) = asked_and_taken(&inbox);
    assert_eq!((asked, taken.len()), (4, 1));
    office.stop().await;
    // The receiver has it already: 409 is an end too, and so is every way of saying yes.
    for end in [StatusCode::CONFLICT, StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::NO_CONTENT] {
        let Sent { office, inbox, data: _data, .. } = sending(&[end]).await;
        until(&office, "delivered").await;
        assert_eq!(inbox.lock().unwrap().asked, 1, "{end}");
        office.stop().await;
    }
}

#[tokio::test]
async fn what_never_succeeds_is_given_up_with_its_reason_and_tried_anew_after_a_restart() {
    let Sent { office, inbox, target, data } = sending(&[StatusCode::FORBIDDEN; 6]).await;
    let given_up = until(&office, "given_up").await;
    assert!(given_up[0]["state"]["last"].as_str().unwrap().contains("403"), "{given_up:?}");
    assert_eq!(inbox.lock().unwrap().asked, 6);
    office.stop().await;
    let office = start(data.path()).await.unwrap();
    office.app.hand_over(&Vault::plain(data.path()).unwrap(), vec![target], QUICK).unwrap();
    until(&office, "delivered").await;
    assert_eq!(inbox.lock().unwrap().taken.len(), 1);
    office.stop().await;
}

#[test]
fn the_receiver_refuses_a_replay_a_changed_body_another_key_and_a_wrong_time() {
    let signer = SigningKey::generate(&mut StdRng::seed_from_u64(6));
    let other = SigningKey::generate(&mut StdRng::seed_from_u64(7));
    let mut inbox = Inbox::new(signer.verifying());
    let message =
        |at: u64, id: &str| json!({ "v": 1, "event": "result", "id": id, "at": at, "result": {} }).to_string();
    let headers = |by: &SigningKey, body: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("douxuan-key", hex(by.verifying().as_bytes()).parse().unwrap());
        headers.insert("douxuan-signature", hex(&by.sign(body.as_bytes())).parse().unwrap());
        headers
    };
    let body = message(NOW, "a");
    assert_eq!(inbox.take(&headers(&signer, &body), body.as_bytes()), StatusCode::OK);
    assert_eq!(inbox.take(&headers(&signer, &body), body.as_bytes()), StatusCode::CONFLICT, "replayed");
    let changed = body.replace("\"a\"", "\"b\"");
    assert_eq!(inbox.take(&headers(&signer, &body), changed.as_bytes()), StatusCode::UNAUTHORIZED);
    let body = message(NOW, "c");
    assert_eq!(inbox.take(&headers(&other, &body), body.as_bytes()), StatusCode::UNAUTHORIZED);
    assert_eq!(inbox.take(&HeaderMap::new(), body.as_bytes()), StatusCode::UNAUTHORIZED);
    for at in [NOW - 301, NOW + 301, 0] {
        let body = message(at, "d");
        assert_eq!(inbox.take(&headers(&signer, &body), body.as_bytes()), StatusCode::REQUEST_TIMEOUT, "{at}");
    }
    assert_eq!(inbox.taken.len(), 1);
}
