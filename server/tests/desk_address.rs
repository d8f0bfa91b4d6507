//! Where the slips lead: chosen when the meeting is frozen, kept, and noticed when this machine is elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{net::IpAddr, path::Path, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use douxuan::config::Hosts;
use office::{Office, Phone, send, setup, start, start_with};
use serde_json::{Value, json};
use sqlx::{Connection, sqlite::SqliteConnectOptions};

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|address| address.parse().unwrap()).collect()
}

/// An office on a machine with these addresses, which the test moves to other networks.
async fn on(data: &Path, list: &[&str]) -> (Office, Hosts) {
    let mut parts = setup(data);
    parts.hosts = Hosts::of(&[], &addresses(list)).unwrap();
    let hosts = parts.hosts.clone();
    (start_with(parts).await.unwrap(), hosts)
}

async fn live(office: &Office) -> Value {
    let request = Request::builder().uri("/live.json").header(header::HOST, "127.0.0.1:8460");
    send(&office.app.public, request.body(Body::empty()).unwrap()).await.json()
}

async fn typed(office: &Office) -> String {
    office.get("/typed.svg").await.text()
}

/// Until the hall shows it; addresses are looked up every few seconds.
async fn until(office: &Office, moved: Value) {
    for _ in 0..100 {
        if live(office).await["moved"] == moved {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never {moved}: {}", live(office).await["moved"]);
}

#[tokio::test]
async fn the_office_picks_one_of_the_addresses_found_and_the_slips_keep_it() {
    let data = tempfile::tempdir().unwrap();
    let (office, _) = on(data.path(), &["192.168.1.10", "10.0.0.2"]).await;
    office.act("/desk/sample", json!({})).await;
    let state = office.state().await;
    let found = json!([{ "host": "192.168.1.10", "port": 8460 }, { "host": "10.0.0.2", "port": 8460 }]);
    assert_eq!((&state["addresses"], &state["address"]), (&found, &Value::Null));
    for (host, port) in [("192.168.1.11", 8460), ("evil.test", 8460), ("10.0.0.2", 0)] {
        office.refused("/desk/freeze", json!({ "host": host, "port": port })).await;
    }
    office.act("/desk/freeze", json!({ "host": "10.0.0.2", "port": 80 })).await;
    let origin = "http://10.0.0.2:80";
    let printed = json!({ "origin": origin, "ours": true, "now": origin });
    assert_eq!(office.state().await["address"], printed);
    assert_eq!(office.get("/desk/slips.json").await.json()["origin"], origin);
    assert!(office.get("/desk/slips").await.text().contains(origin));
    office.stop().await;

    // Another start, on another preferred address: what is printed stays.
    let (office, _) = on(data.path(), &["172.16.0.9", "10.0.0.2"]).await;
    assert_eq!(office.state().await["address"], printed);
    assert_eq!(live(&office).await["moved"], Value::Null);
    office.stop().await;
}

#[tokio::test]
async fn on_another_network_hall_and_console_say_so_and_the_new_address_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let (office, hosts) = on(data.path(), &["192.168.1.10"]).await;
    office.act("/desk/sample", json!({})).await;
    office.act("/desk/freeze", json!({})).await;
    let (here, before) = (live(&office).await, typed(&office).await);
    assert_eq!(here["moved"], Value::Null);
    assert!(before.starts_with("<svg xmlns="));
    let asks = |host: &'static str| Request::builder().uri("/live.json").header(header::HOST, host);
    let new = "10.9.8.7:8460";
    assert_eq!(
        send(&office.app.public, asks(new).body(Body::empty()).unwrap()).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );

    hosts.replace(addresses(&["10.9.8.7"]));
    until(&office, json!({ "url": "http://10.9.8.7:8460/" })).await;
    assert_eq!(send(&office.app.public, asks(new).body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    let address = office.state().await["address"].clone();
    let moved = json!({ "origin": "http://192.168.1.10:8460", "ours": false, "now": "http://10.9.8.7:8460" });
    assert_eq!(address, moved);
    assert_ne!(typed(&office).await, before, "the code leads to the new address");

    // No network at all: there is nowhere to send anybody.
    hosts.replace(addresses(&["127.0.0.1"]));
    until(&office, Value::Null).await;
    let address = office.state().await["address"].clone();
    assert_eq!((&address["ours"], &address["now"]), (&json!(false), &Value::Null));

    hosts.replace(addresses(&["192.168.1.10"]));
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    assert_eq!((typed(&office).await, live(&office).await["moved"].clone()), (before, Value::Null));
    office.stop().await;
}

#[tokio::test]
async fn a_machine_that_listens_on_another_port_than_the_slips_say_is_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    office.stop().await;
    let mut parts = setup(data.path());
    parts.public_port = 9000;
    let office = start_with(parts).await.unwrap();
    assert_eq!(office.live().await["moved"], json!({ "url": "http://vote.test:9000/" }));
    office.stop().await;
}

#[tokio::test]
async fn a_meeting_frozen_before_addresses_were_kept_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.stop().await;
    let options = SqliteConnectOptions::new().filename(data.path().join("office.db"));
    let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("UPDATE meeting SET host = NULL, port = NULL, listened = NULL").execute(&mut db).await.unwrap();
    db.close().await.unwrap();

    let office = start(data.path()).await.unwrap();
    let origin = "http://vote.test:8460";
    assert_eq!(office.state().await["address"], json!({ "origin": origin, "ours": true, "now": origin }));
    office.act("/desk/window/open", json!({})).await;
    let answered = office.enrol(Phone::new(&manifest, &slips[0], 1).wire).await;
    assert_eq!(answered.status, StatusCode::OK);
    office.stop().await;
}

#[tokio::test]
async fn printing_again_before_the_first_window_is_one_act_and_kills_what_was_printed() {
    let data = tempfile::tempdir().unwrap();
    let (office, hosts) = on(data.path(), &["192.168.1.10", "10.0.0.2"]).await;
    office.act("/desk/sample", json!({})).await;
    office.act("/desk/freeze", json!({ "host": "10.0.0.2" })).await;
    let manifest = |bytes: Vec<u8>| douxuan_crypto::manifest::Manifest::parse(&bytes).unwrap();
    let old = manifest(office.get("/manifest").await.bytes);
    let old_slips = office.slips().await;
    office.act("/desk/slips/printed", json!({})).await;
    assert_eq!(office.get("/desk/slips").await.status, StatusCode::GONE);

    office.act("/desk/slips/again", json!({})).await;
    let new = manifest(office.get("/manifest").await.bytes);
    let slips = office.slips().await;
    assert_ne!((old.meeting, old.token_root), (new.meeting, new.token_root));
    assert_ne!(old.contests[0].k, new.contests[0].k);
    assert_eq!((&old.title, &old.items, old.leaves), (&new.title, &new.items, new.leaves));
    assert_eq!(slips.len(), old_slips.len());
    assert_eq!(office.state().await["address"]["origin"], "http://10.0.0.2:8460", "the same address");
    // Its keys went with the meeting that was given up.
    let left: Vec<_> = std::fs::read_dir(data.path().join("secrets")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");

    // Elsewhere by now: what leads here is printed instead.
    hosts.replace(addresses(&["192.168.1.10"]));
    office.act("/desk/slips/again", json!({})).await;
    assert_eq!(office.state().await["address"]["origin"], "http://192.168.1.10:8460");
    let last = office.slips().await;
    let live_manifest = manifest(office.get("/manifest").await.bytes);

    office.act("/desk/window/open", json!({})).await;
    office.refused("/desk/slips/again", json!({})).await;
    let dead = Phone::new(&new, &slips[0], 1).wire;
    let answered = send(
        &office.app.public,
        Request::builder()
            .method("POST")
            .uri("/enrol")
            .header(header::HOST, "127.0.0.1:8460")
            .body(Body::from(dead))
            .unwrap(),
    );
    answered.await;
    assert_eq!(office.state().await["frozen"]["windows"], json!([]));
    let good = Phone::new(&live_manifest, &last[0], 2).wire;
    let request = Request::builder().method("POST").uri("/enrol").header(header::HOST, "127.0.0.1:8460");
    assert_eq!(send(&office.app.public, request.body(Body::from(good)).unwrap()).await.status, StatusCode::OK);
    office.act("/desk/window/close", json!({ "present": 1 })).await;
    assert_eq!(office.state().await["frozen"]["redeemed"], 1, "of the two slips only the new one enrolled");
    office.stop().await;
}
