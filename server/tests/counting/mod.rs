//! A meeting of two people a step, with papers to be counted: six vote on phones, six on paper.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod cut;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Router,
    http::{Method, StatusCode, header},
};
use douxuan::{Setup, app};
use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{door::Door, storage::Memory, voter::Voter},
};
use douxuan_crypto::contest::Contest;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::office::{Answered, CODE, Office, console, send, setup};

const PHRASE: &str = "correct horse battery";
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
pub const PAPER: &str = "/desk/contest/paper";

/// Somebody at a browser of his own.
#[derive(Clone)]
pub struct Person {
    pub console: Router,
    pub cookie: String,
}

impl Person {
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let mut request = console(method, path, body);
        if !self.cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        }
        send(&self.console, request).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await.json()
    }

    /// Signs in this way, in the browser that this person sits at.
    pub async fn enters(&self, path: &str, body: Value) -> Self {
        let answered = self.post(path, body).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.json());
        let cookie = answered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { console: self.console.clone(), cookie }
    }

    pub async fn signs_in(&self, sign_in: &str) -> Self {
        self.enters("/desk/staff/in", json!({ "sign_in": sign_in, "phrase": PHRASE })).await
    }

    /// Asks for an act of two people, which the other one confirms.
    pub async fn together(&self, other: &Self, path: &str, body: Value) -> Value {
        let asked = self.post(path, body).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{path}: {}", asked.json());
        let id = asked.json()["request"]["id"].clone();
        let done = other.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
        assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.json());
        done.json()
    }

    /// What the console shows of a contest.
    pub async fn sees(&self, item: u16) -> Value {
        let state = self.get("/desk/state").await;
        let contests = state["contests"].as_array().unwrap();
        contests.iter().find(|own| own["contest"] == json!([item, 1])).unwrap().clone()
    }

    pub async fn seals(&self, entry: Value) {
        let answered = self.post(PAPER, entry).await;
        assert_eq!((answered.status, answered.json()), (StatusCode::ACCEPTED, json!({ "paper": "sealed" })));
    }

    pub async fn counts(&self, entry: Value) {
        let answered = self.post(PAPER, entry).await;
        assert_eq!((answered.status, answered.json()), (StatusCode::OK, json!({ "paper": "counted" })));
    }

    /// Refused with this status, in words that hold this one.
    pub async fn refused(&self, entry: Value, status: u16, word: &str) -> String {
        let answered = self.post(PAPER, entry).await;
        let said = answered.json();
        assert_eq!(answered.status.as_u16(), status, "{said}");
        let text = format!("{} {}", said["error"].as_str().unwrap(), said["what_to_do"].as_str().unwrap());
        assert!(text.contains(word) && !said["what_to_do"].as_str().unwrap().is_empty(), "{text}");
        text
    }
}

/// What was counted of an item: given out, the pile, the options, invalid.
pub fn counted(item: u16, issued: u32, collected: u32, votes: [u32; 5], invalid: u32) -> Value {
    json!({ "contest": [item, 1], "issued": issued, "collected": collected, "invalid": invalid, "votes": votes })
}

pub fn right() -> Value {
    counted(1, 6, 6, [2, 0, 1, 2, 0], 1)
}

/// A meeting of two people a step: six on phones, six on paper; two items, closed, their papers not counted.
pub struct Hall {
    pub office: Office,
    pub clock: Arc<Mutex<Instant>>,
    pub admin: Person,
    pub watch: Person,
    pub teller: Person,
    pub other: Person,
}

impl Hall {
    pub async fn server(data: &Path) -> (douxuan::App, Arc<Mutex<Instant>>) {
        let clock = Arc::new(Mutex::new(Instant::now()));
        let told = clock.clone();
        let steady = Arc::new(move || *told.lock().unwrap());
        (app(Setup { staff_drill: false, steady, ..setup(data) }).await.unwrap(), clock)
    }

    pub async fn start(data: &Path) -> Self {
        Self::start_with_slips(data, json!({})).await.0
    }

    /// The same with other settings, and the texts of its slips: six enrolled, six void, the rest neither.
    pub async fn start_with_slips(data: &Path, change: Value) -> (Self, Vec<String>) {
        let (server, clock) = Self::server(data).await;
        let nobody = Person { console: server.console.clone(), cookie: String::new() };
        let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": PHRASE });
        let admin = nobody.enters("/desk/staff/first", first).await;
        let office = Office { app: server, cookie: admin.cookie.clone() };
        let mut hall = Self { office, clock, watch: admin.clone(), teller: admin.clone(), other: admin.clone(), admin };
        hall.watch = hall.person("赵监票", "watch", "scrutineer").await;
        hall.teller = hall.person("钱计票", "teller", "teller").await;
        hall.other = hall.person("冯计票", "other", "teller").await;
        let slips = hall.vote(change).await;
        (hall, slips)
    }

    pub async fn person(&self, name: &str, sign_in: &str, role: &str) -> Person {
        let made = json!({ "name": name, "sign_in": sign_in, "role": role });
        let made = self.admin.post("/desk/staff/accounts/new", made).await.json();
        let nobody = Person { console: self.admin.console.clone(), cookie: String::new() };
        nobody.enters("/desk/staff/code", json!({ "sign_in": sign_in, "code": made["code"], "phrase": PHRASE })).await
    }

    /// Does an act that takes two people, or one where the meeting says so.
    async fn decides(&self, path: &str, body: Value) {
        let asked = self.admin.post(path, body).await;
        if asked.status == StatusCode::ACCEPTED {
            let id = asked.json()["request"]["id"].clone();
            let done = self.watch.post("/desk/staff/requests/confirm", json!({ "id": id })).await;
            assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.json());
        } else {
            assert_eq!(asked.status, StatusCode::OK, "{path}: {}", asked.json());
        }
    }

    async fn vote(&self, change: Value) -> Vec<String> {
        let Self { office, .. } = self;
        let mut settings = json!({ "two_people": true });
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        office.small(14, 2, settings).await;
        let slips = office.get("/desk/slips.json").await.json()["slips"].as_array().unwrap().clone();
        let (public, _) = office.listen().await;
        let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
        let manifest = Arc::new(office.manifest().await);
        let mut rng = StdRng::seed_from_u64(7);
        self.decides("/desk/window/open", json!({})).await;
        let mut voters = Vec::new();
        for slip in &slips[..6] {
            let invitation = Invitation::scan(slip["fragment"].as_str().unwrap()).unwrap();
            let mut voter = Voter::invite(invitation, &manifest, Box::new(Memory::default())).unwrap();
            voter.enrol(&door, PATIENCE, &mut rng).await.unwrap();
            voters.push(voter);
        }
        for slip in &slips[6..12] {
            let void = json!({ "text": slip["text"], "reason": "paper" });
            self.decides("/desk/slip/void", void).await;
        }
        office.act("/desk/window/close", json!({ "present": 12 })).await;
        let both = json!({ "contests": [[1, 1], [2, 1]] });
        office.act("/desk/contest/open", both.clone()).await;
        for (item, options) in [(1, vec![0, 0, 0, 0, 0, 3]), (2, vec![0, 1, 2])] {
            for (voter, option) in voters.iter_mut().zip(options) {
                let cast = voter.cast(&door, Contest::new(item, 1), option, PATIENCE, &mut rng).await.unwrap();
                assert!(matches!(cast, Standing::Received), "{cast:?}");
            }
        }
        self.decides("/desk/contest/close", both).await;
        slips.iter().map(|slip| slip["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Whether an item's papers are counted, as the console has it: nobody is asked for them any more.
    pub async fn is_counted(&self, item: u16) -> bool {
        let own = self.admin.sees(item).await;
        let asked = own["acts"].as_array().unwrap().iter().any(|act| act["act"] == "contest/paper");
        own["state"] == "closed" && !asked
    }

    /// Paper entries of the log: the roles behind each.
    pub async fn logged(&self) -> Vec<Value> {
        let ceremony = self.office.public("/ceremony.json").await.json();
        let entries = ceremony["entries"].as_array().unwrap().clone();
        let papers = entries.into_iter().filter(|entry| entry["act"] == "paper_counted");
        papers.map(|entry| entry["by"].as_array().unwrap().iter().map(|by| by["role"].clone()).collect()).collect()
    }
}

/// Every file below a folder, with its bytes.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            match std::fs::read(&path) {
                Ok(bytes) => all.push((path.display().to_string(), bytes)),
                // A server that runs may have removed a journal since the folder was listed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }
    all
}
