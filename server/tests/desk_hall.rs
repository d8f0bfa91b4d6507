//! What the hall and everybody else may see: Wi-Fi, countdown, the log in words, and no count outside a release.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::time::Duration;

use axum::http::StatusCode;
use douxuan::messages::{self, Language};
use douxuan_ballot::{
    journey::Invitation,
    native::{door::Door, storage::Memory, voter::Voter},
};
use douxuan_crypto::contest::Contest;
use futures_util::StreamExt;
use office::{Office, start};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_wifi_is_shown_only_as_far_as_the_office_wants_and_never_kept() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.get("/desk/wifi").await.status, StatusCode::NOT_FOUND);
    let secret = "p;a\"ss:wo\\rd";
    let wifi = |in_hall: bool| json!({ "ssid": "会场<b>", "passphrase": secret, "security": "WPA", "hidden": true, "in_hall": in_hall });
    for wrong in [
        json!({ "ssid": "x", "passphrase": "short", "security": "WPA" }),
        json!({ "ssid": "x", "passphrase": "secret", "security": "nopass" }),
        json!({ "ssid": "x".repeat(33), "passphrase": "", "security": "nopass" }),
        json!({ "ssid": "a\nb", "passphrase": "", "security": "nopass" }),
        json!({ "ssid": "x", "passphrase": "12345678", "security": "WEP" }),
    ] {
        office.refused("/desk/wifi", wrong).await;
    }
    office.act("/desk/wifi", wifi(false)).await;
    assert_eq!(office.state().await["wifi"], json!({ "ssid": "会场<b>", "in_hall": false }));
    assert_eq!(office.live().await["wifi"], Value::Null);
    assert_eq!(office.public("/wifi.svg").await.status, StatusCode::NOT_FOUND);
    let sheet = office.get("/desk/wifi?lang=en").await.text();
    assert!(sheet.contains("会场&lt;b&gt;") && sheet.contains("p;a&quot;ss:wo\\rd") && !sheet.contains("<b>会"));
    assert!(sheet.contains(messages::text(Language::Chinese, "wifi.scan")), "paper is Chinese");
    assert!(sheet.contains(messages::text(Language::Chinese, "wifi.hidden")));
    let guide = messages::escape(messages::text(Language::English, "wifi.guide"));
    assert!(sheet.contains(&guide), "the screen speaks English");

    office.act("/desk/wifi", wifi(true)).await;
    let live = office.public("/live.json").await.text();
    assert!(live.contains("\"wifi\":{\"ssid\":\"会场<b>\"}") && !live.contains(secret));
    let code = office.public("/wifi.svg").await;
    assert_eq!(code.headers["content-type"], "image/svg+xml");
    assert!(code.text().starts_with("<svg ") && !office.state().await.to_string().contains("wo\\\\rd"));
    // Nothing of it is on the disk, and nothing of it is left after a restart.
    office.stop().await;
    let mut files = vec![data.path().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            // A database that is just being closed takes its side files away.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        }
    }
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.state().await["wifi"], Value::Null);
    office.act("/desk/wifi", wifi(true)).await;
    office.act("/desk/wifi", json!({ "ssid": "", "security": "nopass" })).await;
    assert_eq!((office.live().await["wifi"].clone(), office.state().await["wifi"].clone()), (Value::Null, Value::Null));
    office.stop().await;
}

async fn first_frame(address: std::net::SocketAddr) -> Value {
    let mut request = format!("ws://{address}/live").into_client_request().unwrap();
    request.headers_mut().insert("host", "vote.test:8460".parse().unwrap());
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn a_countdown_says_what_is_left_when_it_is_sent_and_closes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let (public, _) = office.listen().await;
    office.refused("/desk/countdown", json!({ "seconds": 3_601 })).await;
    office.act("/desk/window/open", json!({})).await;
    office.act("/desk/window/close", json!({ "present": 6 })).await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    assert_eq!(first_frame(public).await["countdown"], Value::Null);
    office.act("/desk/countdown", json!({ "seconds": 3 })).await;
    let left = |live: &Value| live["countdown"]["left"].as_u64().unwrap();
    assert_eq!(left(&first_frame(public).await), 3);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(left(&first_frame(public).await), 2, "a socket that comes later is told what is left then");
    assert_eq!((left(&office.live().await), left(&office.state().await["live"])), (2, 2));
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    let over = office.live().await;
    assert_eq!((left(&over), over["contests"][0]["state"].as_str()), (0, Some("open")), "it binds nothing");
    office.act("/desk/countdown", json!({ "seconds": 0 })).await;
    assert_eq!(office.live().await["countdown"], Value::Null);
    office.act("/desk/countdown", json!({ "seconds": 600 })).await;
    office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    assert_eq!(office.live().await["countdown"], Value::Null, "what was counted down to is over");
    office.stop().await;
}

struct Hall {
    office: Office,
    door: Door,
    voters: Vec<Voter>,
    rng: StdRng,
}

impl Hall {
    /// A live meeting in batches of 5 with 5 held back; everybody has enrolled.
    async fn seated(office: Office, voters: usize) -> Self {
        office
            .small(30, 2, json!({ "release": "live", "batch": 5, "held_back": 5, "rounds": 2, "quorum": null }))
            .await;
        let (public, _) = office.listen().await;
        let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
        let (manifest, slips) = (office.manifest().await.into(), office.get("/desk/slips.json").await.json());
        office.act("/desk/window/open", json!({})).await;
        let mut hall = Self { office, door, voters: Vec::new(), rng: StdRng::seed_from_u64(9) };
        for slip in slips["slips"].as_array().unwrap().iter().take(voters) {
            let invitation = Invitation::scan(slip["fragment"].as_str().unwrap()).unwrap();
            let mut voter = Voter::invite(invitation, &manifest, Box::new(Memory::default())).unwrap();
            voter.enrol(&hall.door, PATIENCE, &mut hall.rng).await.unwrap();
            hall.voters.push(voter);
        }
        hall.office.act("/desk/window/close", json!({ "present": voters })).await;
        hall
    }

    async fn cast(&mut self, contest: Contest, voters: std::ops::Range<usize>, option: u8) {
        for voter in &mut self.voters[voters] {
            voter.cast(&self.door, contest, option, PATIENCE, &mut self.rng).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(120)).await;
    }

    /// Everything that anybody or the office may fetch while people vote, but for the pages.
    async fn everything(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut paths: Vec<String> =
            ["live.json", "ceremony.json", "manifest", "log/entries", "log/checkpoint", "bundle.zip", "typed.svg"]
                .map(str::to_owned)
                .into();
        for file in ["checkpoint", "entries", "proof", "tally"] {
            paths.push(format!("board/1/1/{file}"));
        }
        for path in paths {
            let answered = self.office.public(&format!("/{path}")).await;
            assert!(!path.starts_with("board/") || answered.status == StatusCode::NOT_FOUND, "{path}");
            all.push((path, String::from_utf8_lossy(&answered.bytes).into_owned()));
        }
        all.push(("desk/state".to_owned(), self.office.get("/desk/state").await.text()));
        let (public, _) = self.office.listen().await;
        all.push(("live".to_owned(), first_frame(public).await.to_string()));
        all
    }
}

/// Lists of as many numbers as there are options, wherever they stand: what a count by grade looks like.
fn counts(value: &Value, out: &mut Vec<Vec<u64>>) {
    match value {
        Value::Array(list) => {
            let numbers: Vec<u64> = list.iter().filter_map(Value::as_u64).collect();
            if numbers.len() == list.len() && numbers.len() == 5 {
                out.push(numbers);
            }
            list.iter().for_each(|value| counts(value, out));
        }
        Value::Object(fields) => fields.values().for_each(|value| counts(value, out)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_contest_is_open_nothing_shows_a_count_but_what_was_released() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let mut hall = Hall::seated(office, 24).await;
    let contest = Contest::new(1, 1);
    hall.office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    let (mut received, mut released) = (0, 0_u64);
    // Below the pool's threshold, above it, and once more: everybody so far gives option 2.
    for until in [9, 12, 15, 17] {
        hall.cast(contest, received..until, 2).await;
        received = until;
        let mut shown = None;
        for (path, text) in hall.everything().await {
            let Ok(json) = serde_json::from_str::<Value>(&text) else { continue };
            let mut found = Vec::new();
            counts(&json, &mut found);
            if path == "manifest" || path == "ceremony.json" {
                assert!(found.is_empty(), "{path}: {found:?}");
                continue;
            }
            let live = if path == "desk/state" { &json["live"] } else { &json };
            let open = &live["contests"][0];
            assert_eq!((open["state"].as_str(), open["received"].as_u64()), (Some("open"), Some(until as u64)));
            assert_eq!((&open["result"], &open["board_code"]), (&Value::Null, &Value::Null), "{path}");
            // The one list of five numbers is that of what was released.
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            let sum: u64 = found[0].iter().sum();
            assert_eq!(Some(sum), open["released"]["total"].as_u64(), "{path}");
            assert_eq!(found[0][2], sum, "{path}");
            assert!(*shown.get_or_insert(sum) == sum, "{path} shows another release");
        }
        let before = std::mem::replace(&mut released, shown.unwrap());
        // A tick may fall between any two ballots: what the rule fixes is the batch (5) and what is held back (5).
        assert!(released == before || released >= before + 5, "{} shown at once", released - before);
        assert!(until as u64 - released >= 5, "{released} of {until} are shown");
        assert_eq!(released == 0, until < 10, "the measure sees a release");
    }
    assert!(released >= 5);
    // A second round shows nothing at all before it is published.
    hall.office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    let closed = hall.office.live().await["contests"][0].clone();
    assert_eq!((&closed["result"], closed["state"].as_str()), (&Value::Null, Some("closed")));
    hall.office.act("/desk/contest/void", json!({ "contests": [[1, 1]] })).await;
    hall.office.act("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    hall.cast(Contest::new(1, 2), 0..20, 1).await;
    let again = hall.office.live().await["contests"][1].clone();
    assert_eq!((&again["released"], again["received"].as_u64()), (&Value::Null, Some(20)));
    hall.office.stop().await;
}

/// The words of every entry and every rule are there, and every place in them is filled.
fn spoken(ceremony: &Value) -> Vec<String> {
    let fill = |language: Language, key: String, values: &Value| {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let values: Vec<(String, String)> =
            values.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let said = messages::fill(language, &key, &values);
        assert!(said != key && !said.contains('{'), "{key}: {said}");
        said
    };
    let mut said = Vec::new();
    for entry in ceremony["entries"].as_array().unwrap() {
        let key = format!("log.{}", entry["act"].as_str().unwrap());
        fill(Language::English, key.clone(), &entry["values"]);
        said.push(fill(Language::Chinese, key, &entry["values"]));
    }
    let contests = ceremony["counts"]["contests"].as_array().unwrap().iter().map(|contest| &contest["checks"]);
    for check in contests.chain([&ceremony["counts"]["meeting"]]).flat_map(|checks| checks.as_array().unwrap()) {
        assert_eq!(check["holds"], true, "{check}");
        let key = format!("counts.{}", check["rule"].as_str().unwrap());
        fill(Language::English, key.clone(), &check["values"]);
        said.push(fill(Language::Chinese, key, &check["values"]));
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_told_in_words_to_everybody_with_its_arithmetic() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    assert_eq!(office.public("/ceremony.json").await.status, StatusCode::NOT_FOUND);
    let mut hall = Hall::seated(office, 8).await;
    let acts = |contests: &[[u16; 2]]| json!({ "contests": contests });
    hall.office.act("/desk/contest/open", acts(&[[0, 0]])).await;
    hall.office.act("/desk/rehearsal/destroy", json!({})).await;
    hall.office.act("/desk/contest/open", acts(&[[1, 1], [2, 1]])).await;
    hall.cast(Contest::new(1, 1), 0..7, 0).await;
    hall.cast(Contest::new(2, 1), 0..3, 0).await;
    hall.office.act("/desk/contest/close", acts(&[[1, 1], [2, 1]])).await;
    let paper = json!({ "contest": [2, 1], "issued": 0, "votes": [0, 0, 0, 0, 0] });
    hall.office.act("/desk/contest/paper", paper).await;
    hall.office.act("/desk/contest/publish", acts(&[[1, 1], [2, 1]])).await;
    hall.office.act("/desk/contest/void", acts(&[[2, 1]])).await;
    let left = hall.office.state().await["frozen"]["unused"].as_u64().unwrap();
    hall.office.act("/desk/enrolment/end", json!({ "unused": left - 1, "lost": 1 })).await;
    hall.office.act("/desk/archive", json!({})).await;

    let ceremony = hall.office.public("/ceremony.json").await.json();
    assert_eq!(hall.office.get("/ceremony.json").await.json(), ceremony, "the same on both sides");
    let state = hall.office.state().await;
    assert_eq!(ceremony["head"]["code"], state["frozen"]["log_code"]);
    assert_eq!((&ceremony["counts"], &ceremony["screen_code"]), (&state["counts"], &state["live"]["screen_code"]));
    let names: Vec<&str> =
        ceremony["entries"].as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    let expected = [
        "manifest",
        "window_opened",
        "window_closed",
        "rehearsal_opened",
        "rehearsal_destroyed",
        "contest_opened",
        "contest_opened",
        "contest_closed",
        "contest_closed",
        "contest_published",
        "paper_counted",
        "contest_withheld",
        "contest_voided_after",
        "slip_voided_lost",
        "enrolment_ended",
        "result",
    ];
    assert_eq!(names, expected);
    let said = spoken(&ceremony);
    for sentence in [
        "第 1 次登记关闭：实到 8 人，累计登记 8 人",
        "第 1 项第 1 轮（代表1）公布，电子票 7 张",
        "发出 8 = 电子 8 + 纸票 0",
        "发出 8 − 收回 7 = 未交 1",
        "收回 7 = 有效 7 + 弃权 0",
    ] {
        assert!(said.iter().any(|text| text == sentence), "{sentence} is not among {said:#?}");
    }
    let roles: Vec<&str> =
        ceremony["entries"][7]["by"].as_array().unwrap().iter().map(|by| by["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["office"]);
    assert!(ceremony["entries"][7]["by"][0]["id"].as_str().unwrap().len() == 8);
    assert_eq!(ceremony["entries"].as_array().unwrap().len() as u64, ceremony["head"]["size"].as_u64().unwrap());
    hall.office.stop().await;
}

#[tokio::test]
async fn a_window_does_not_close_over_one_who_enrols_last() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(30, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;

    for round in 0..8_usize {
        // Two enrol while the window is being closed with the heads of before and one more.
        let (first, second) = (2 * round, 2 * round + 1);
        let phone = |n: usize| office::Phone::new(&manifest, &slips[n], n as u64).wire;
        let close = office.post("/desk/window/close", json!({ "present": 2 * round + 1 }));
        let (closed, ..) = tokio::join!(close, office.enrol(phone(first)), office.enrol(phone(second)));
        let state = office.state().await;
        if closed.status == StatusCode::OK {
            let window = state["frozen"]["windows"].as_array().unwrap().last().unwrap().clone();
            assert!(window["redeemed"].as_u64() <= window["present"].as_u64(), "{window}");
            office.act("/desk/window/open", json!({})).await;
            // Whoever came too late enrols now.
            office.enrol(phone(first)).await;
            office.enrol(phone(second)).await;
        } else {
            assert_eq!(closed.status, StatusCode::CONFLICT, "{}", closed.json());
            assert_eq!(state["live"]["window"]["open"], true, "it stays open, and is shown so");
        }
    }
    office.stop().await;
}
