//! The evening before: each check where all is well and where it is not, phones that come with a round trip only, who may
//! run it and when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../office/mod.rs"]
mod office;
mod phones;

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use douxuan::{Setup, app, config::Hosts, web::Certificate};
use futures_util::{SinkExt, StreamExt};
use office::{CODE, Office, console, lists, send, setup, start, start_with};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use phones::{Phone, nonce, read, scanned, told};

const RUN: &str = "/desk/preflight/run";

fn check<'a>(report: &'a Value, key: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["key"] == key).unwrap()
}

/// What a check says, in its own names.
fn says(report: &Value, key: &str) -> Vec<String> {
    let findings = check(report, key)["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["says"].as_str().unwrap().to_owned()).collect()
}

fn browser(asked: &str, missing: &str) -> Value {
    json!({ "zone": 480, "fonts": { "asked": asked, "missing": missing } })
}

/// A small drill to come, with characters that not every font has.
async fn with_rare_names(office: &Office) {
    let (roster, officials) = lists(6, 2);
    let named = |list: String| list.replace("代表1", "张喆").replace("代表3", "王翀").replace("代表4", "李堃");
    let encoded = |list: String| office::base64(named(list).as_bytes());
    let import = json!({ "roster_csv_base64": encoded(roster), "officials_csv_base64": encoded(officials) });
    office.act("/desk/import", import).await;
    office
        .act("/desk/settings", json!({ "title": "小会", "place": "会议室", "drill": true, "date": "2026-12-14" }))
        .await;
}

async fn on(data: &Path, list: &[&str]) -> (Office, Hosts) {
    let mut parts = setup(data);
    let addresses: Vec<IpAddr> = list.iter().map(|address| address.parse().unwrap()).collect();
    parts.hosts = Hosts::of(&[], &addresses).unwrap();
    let hosts = parts.hosts.clone();
    (start_with(parts).await.unwrap(), hosts)
}

#[tokio::test]
async fn before_it_is_run_what_costs_nothing_is_said_and_the_rest_waits() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let report = office.get("/desk/preflight").await.json();
    let keys: Vec<&str> = report["checks"].as_array().unwrap().iter().map(|c| c["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["address", "port", "disk", "clock", "fonts", "certificate", "database", "calendar"]);
    assert_eq!((&report["ran"], &report["url"], &report["left"]), (&Value::Null, &Value::Null, &json!(0)));
    for (key, says_now) in
        [("disk", "not_run"), ("database", "not_run"), ("port", "port_not_begun"), ("fonts", "fonts_no_list")]
    {
        assert_eq!(says(&report, key), [says_now]);
        assert_eq!(check(&report, key)["status"], "unknown");
    }
    assert_eq!(says(&report, "address"), ["address_name"]);
    for path in ["/desk/preflight.svg", "/desk/preflight/page"] {
        let refused = office.get(path).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.json()["what_to_do"].as_str().unwrap().contains("开始检查"));
    }
    assert_eq!(
        std::fs::read_dir(data.path())
            .unwrap()
            .flatten()
            .filter(|f| f.file_name().to_string_lossy().contains("probe"))
            .count(),
        0
    );
    office.stop().await;
}

#[tokio::test]
async fn a_sound_machine_the_evening_before() {
    let data = tempfile::tempdir().unwrap();
    let (office, _) = on(data.path(), &["192.168.1.10"]).await;
    with_rare_names(&office).await;
    let characters = office.get("/desk/preflight").await.json()["characters"].as_str().unwrap().to_owned();
    let mut found: Vec<char> = characters.chars().collect();
    found.sort_unstable();
    assert_eq!(found, ['喆', '堃', '翀']);
    let report = office.act(RUN, browser(&characters, "")).await;
    assert_eq!(report["ran"], "2026-12-14 00:00");
    assert_eq!(report["url"], "http://192.168.1.10:8460/preflight");
    for key in ["address", "disk", "fonts", "certificate", "database"] {
        assert_eq!(check(&report, key)["status"], "ok", "{}", check(&report, key));
    }
    assert_eq!(says(&report, "disk"), ["disk_space", "disk_fsync"]);
    let figures = &check(&report, "disk")["findings"][1]["values"];
    assert_eq!((&figures["writes"], &figures["limit"]), (&json!(64), &json!("250")));
    assert_eq!(says(&report, "database"), ["database_sound"; 4]);
    assert_eq!(says(&report, "clock"), ["clock_date", "clock_today", "clock_zone", "clock_no_phone"]);
    // Served that day, fifteen working days end in 2027.
    assert_eq!(says(&report, "calendar"), ["calendar_known", "calendar_provisional"]);
    // Nothing of it is kept in the data folder, and nothing in the meeting has changed.
    assert_eq!(office.state().await["meeting_state"], "preparing");
    office.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_and_a_setting_that_mends_it_shows_at_once() {
    let data = tempfile::tempdir().unwrap();
    let (office, hosts) = on(data.path(), &["127.0.0.1"]).await;
    let (roster, list) = lists(6, 2);
    let (roster, list) = (roster.replace("代表5", "代表𱍊"), list);
    let import = json!({ "roster_csv_base64": office::base64(roster.as_bytes()), "officials_csv_base64": office::base64(list.as_bytes()) });
    office.act("/desk/import", import).await;
    let settings = json!({ "title": "小会", "place": "会议室", "drill": true, "date": "2026-12-01" });
    office.act("/desk/settings", settings).await;
    let report = office.act(RUN, json!({ "zone": 0, "fonts": { "asked": "𱍊", "missing": "𱍊" } })).await;
    assert_eq!(says(&report, "address"), ["address_loopback"]);
    assert_eq!(says(&report, "clock"), ["clock_date", "clock_past", "clock_other_zone", "clock_no_phone"]);
    assert_eq!(says(&report, "fonts"), ["fonts_missing_attendee"]);
    let who = &check(&report, "fonts")["findings"][0]["values"];
    assert_eq!(who, &json!({ "character": "𱍊", "code": "U+3134A", "number": 5, "name": "代表𱍊" }));

    hosts.replace(vec!["192.168.1.10".parse().unwrap(), "198.18.0.1".parse().unwrap()]);
    office.act("/desk/settings", json!({ "date": "2027-03-01" })).await;
    let report = office.get("/desk/preflight").await.json();
    assert_eq!(says(&report, "address"), ["address_chosen", "address_several"]);
    assert_eq!(says(&report, "calendar"), ["calendar_unknown"]);
    assert_eq!(says(&report, "clock")[1], "clock_ahead");
    // The slips are made, and the network gives the machine another address.
    office.act("/desk/freeze", json!({})).await;
    assert_eq!(says(&office.get("/desk/preflight").await.json(), "address"), ["address_printed", "address_also"]);
    hosts.replace(vec!["10.9.8.7".parse().unwrap()]);
    let report = office.get("/desk/preflight").await.json();
    assert_eq!(
        (says(&report, "address"), &check(&report, "address")["status"]),
        (vec!["address_moved".to_owned()], &json!("fail"))
    );
    assert_eq!(says(&report, "port"), ["port_moved"]);
    let report = office.act(RUN, json!({})).await;
    assert_eq!(report["url"], "http://10.9.8.7:8460/preflight", "phones are tried where this machine is");
    office.stop().await;
}

#[tokio::test]
async fn each_of_the_four_databases_is_found_damaged_by_name() {
    let faults = [
        ("office.db", "UPDATE desk SET id = 7"),
        ("roll.db", "UPDATE state SET id = 7"),
        (
            "urn.db",
            "INSERT INTO contest (meeting, item, round, phase, window, issued, live, opened_by) VALUES (x'00', 1, 1, 'open', 1, 1, 0, x'00')",
        ),
        ("record.db", "INSERT INTO document (kind, id, version, salt, body) VALUES ('official', '', 0, x'', '{}')"),
    ];
    for (file, fault) in faults {
        let data = tempfile::tempdir().unwrap();
        let office = start(data.path()).await.unwrap();
        // Written from elsewhere, against the file's own rules, as a failing disk would.
        let options = SqliteConnectOptions::new().filename(data.path().join(file));
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("PRAGMA ignore_check_constraints = ON").execute(&mut db).await.unwrap();
        sqlx::query(fault).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        let report = office.act(RUN, json!({})).await;
        let broken: Vec<&Value> = check(&report, "database")["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["says"] != "database_sound")
            .collect();
        assert_eq!((broken.len(), &broken[0]["says"]), (1, &json!("database_broken")), "{file}: {broken:?}");
        assert_eq!(broken[0]["values"]["file"], file);
        assert_eq!(check(&report, "database")["status"], "fail");
        office.stop().await;
    }
}

#[tokio::test]
async fn a_certificate_must_last_and_be_for_the_address() {
    let data = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str| Certificate::own(folder.path(), &[name.to_owned()], SystemTime::now()).unwrap();
    for (name, expected) in [("vote.test", "certificate_covers"), ("other.test", "certificate_other")] {
        let parts = Setup { certificate: Some(made(name)), clock: SystemTime::now, ..setup(data.path()) };
        let office = start_with(parts).await.unwrap();
        let report = office.get("/desk/preflight").await.json();
        assert_eq!(says(&report, "certificate"), ["certificate_lasts", expected]);
        office.stop().await;
    }
    fn late() -> SystemTime {
        SystemTime::now() + Duration::from_secs(820 * 86_400)
    }
    let office =
        start_with(Setup { certificate: Some(made("vote.test")), clock: late, ..setup(data.path()) }).await.unwrap();
    assert_eq!(says(&office.get("/desk/preflight").await.json(), "certificate")[0], "certificate_ends");
    office.stop().await;
}

#[tokio::test]
async fn nobody_is_held_up_who_enrols_or_votes() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    office.small(6, 2, json!({})).await;
    office.act(RUN, json!({})).await;
    let secret = nonce(&scanned(&office).await);
    let shut = async |office: &Office| {
        office.refused(RUN, json!({})).await;
        let report = office.get("/desk/preflight").await.json();
        assert_eq!((&report["busy"], &report["url"]), (&json!(true), &Value::Null));
        assert_eq!(says(&report, "database"), ["database_sound"; 4], "what was found before is still shown");
        assert_eq!(office.get("/desk/preflight.svg").await.status, StatusCode::CONFLICT);
        assert_eq!(office.get("/desk/preflight/page").await.status, StatusCode::CONFLICT);
        let heard = Phone::at(public, "vote.test").await.goes(&secret, told(0, &[])).await;
        assert_eq!(heard, json!({ "refused": "busy" }));
    };
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;
    shut(&office).await;
    office.enrol(office::Phone::new(&manifest, &slips[0], 1).wire).await;
    office.act("/desk/window/close", json!({ "present": 6 })).await;
    office.act(RUN, json!({})).await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    shut(&office).await;
    office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    office.act(RUN, json!({})).await;
    assert_eq!(Phone::at(public, "vote.test").await.goes(&secret, told(0, &[])).await, json!({ "done": 1 }));
    office.stop().await;
}

#[tokio::test]
async fn office_and_chair_run_it_and_see_what_it_finds_and_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let server = app(Setup { staff_drill: false, ..setup(data.path()) }).await.unwrap();
    let ask = async |cookie: &str, method: Method, path: &str, body: Option<Value>| {
        let mut request = console(method, path, body);
        if !cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        send(&server.console, request).await
    };
    let entered = async |path: &str, body: Value| {
        let answered = ask("", Method::POST, path, Some(body)).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.json());
        answered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let phrase = "correct horse battery";
    let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": phrase });
    let admin = entered("/desk/staff/first", first).await;
    for (role, runs) in [("chair", 200), ("scrutineer", 403), ("teller", 403), ("auditor", 403)] {
        let made = json!({ "name": format!("某{role}"), "sign_in": role, "role": role });
        let made = ask(&admin, Method::POST, "/desk/staff/accounts/new", Some(made)).await.json();
        let cookie =
            entered("/desk/staff/code", json!({ "sign_in": role, "code": made["code"], "phrase": phrase })).await;
        assert_eq!(ask(&cookie, Method::POST, RUN, Some(json!({}))).await.status.as_u16(), runs, "{role}");
        // What is found names attendees.
        for path in ["/desk/preflight", "/desk/preflight.svg", "/desk/preflight/page"] {
            assert_eq!(ask(&cookie, Method::GET, path, None).await.status.as_u16(), runs, "{role} {path}");
        }
    }
    assert_eq!(ask(&admin, Method::POST, RUN, Some(json!({}))).await.status, StatusCode::OK);
    for (method, path) in [
        (Method::POST, RUN),
        (Method::GET, "/desk/preflight"),
        (Method::GET, "/desk/preflight.svg"),
        (Method::GET, "/desk/preflight/page"),
    ] {
        assert_eq!(ask("", method, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let public =
        Request::builder().uri("/desk/preflight").header(header::HOST, office::PUBLIC).body(Body::empty()).unwrap();
    assert_eq!(send(&server.public, public).await.status, StatusCode::NOT_FOUND);
    server.close().await;
}

#[tokio::test]
async fn the_test_page_has_a_code_as_dense_as_a_slips_and_every_uncommon_character() {
    let data = tempfile::tempdir().unwrap();
    let (office, _) = on(data.path(), &["192.168.1.10"]).await;
    with_rare_names(&office).await;
    let report = office.act(RUN, json!({})).await;
    let page = office.get("/desk/preflight/page?lang=en").await.text();
    let link = read(page.split("class=\"qr\"").nth(1).unwrap());
    assert_eq!(nonce(&link), nonce(&scanned(&office).await), "it leads where the code on the screen leads");
    for c in report["characters"].as_str().unwrap().chars() {
        assert!(page.contains(&format!("<b>{c}</b>")), "{c}");
    }
    assert!(page.contains("aria-label=\"100 mm\"") && page.contains("lang=\"en\"") && !page.contains("style="));
    // A slip of the same meeting: its code is of the same size or one smaller.
    office.act("/desk/freeze", json!({})).await;
    let slips = office.get("/desk/slips").await.text();
    let side = |html: &str| -> usize {
        html.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    let (test, slip) =
        (side(page.split("class=\"qr\"").nth(1).unwrap()), side(slips.split("class=\"qr\"").nth(1).unwrap()));
    assert!(test == slip || test == slip + 4, "{test} and {slip} modules");
    office.stop().await;
}
