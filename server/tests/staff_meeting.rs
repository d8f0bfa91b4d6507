//! A meeting of several people at consoles of their own: who may do what, which acts take two, and what the log says of
//! them afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
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
use douxuan_crypto::{
    audit,
    bundle::Bundle,
    contest::Contest,
    log::{Act, Entry, Log, Role},
    manifest::Manifest,
};
use office::{Answered, CODE, Office, console, send, setup};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

const PHRASE: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST: Contest = Contest::new(1, 1);

/// Somebody at a browser of his own.
#[derive(Clone)]
struct Person {
    console: Router,
    cookie: String,
}

impl Person {
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let mut request = console(method, path, body);
        if !self.cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        }
        send(&self.console, request).await
    }

    async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, path, None).await
    }

    /// Signs in this way; the cookie is kept.
    async fn enters(console: &Router, path: &str, body: Value) -> Self {
        let nobody = Self { console: console.clone(), cookie: String::new() };
        let answered = nobody.post(path, body).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.json());
        let cookie = answered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("douxuan_staff="), "{cookie}");
        Self { cookie, ..nobody }
    }

    /// Asks for an act that waits for somebody else; gives the request.
    async fn ask(&self, path: &str, body: Value) -> Value {
        let answered = self.post(path, body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{path}: {}", answered.json());
        answered.json()["request"].clone()
    }

    async fn confirm(&self, request: &Value) -> Answered {
        self.post("/desk/staff/requests/confirm", json!({ "id": request["id"] })).await
    }

    /// Asks, and the other one confirms.
    async fn together(&self, other: &Self, path: &str, body: Value) -> Value {
        let request = self.ask(path, body).await;
        let done = other.confirm(&request).await;
        assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.json());
        done.json()
    }
}

/// Refused with this status, in words that hold this one.
fn refused(answered: &Answered, status: u16, word: &str) {
    let said = answered.json();
    assert_eq!(answered.status.as_u16(), status, "{said}");
    assert!(
        said["error"].as_str().unwrap().contains(word) && !said["what_to_do"].as_str().unwrap().is_empty(),
        "{said}"
    );
}

/// A server without a drill's way in, the first account signed in.
struct Desk {
    office: Office,
    admin: Person,
    clock: Arc<Mutex<Instant>>,
}

impl Desk {
    async fn start(data: &Path) -> Self {
        let (server, clock) = Self::server(data).await;
        let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": PHRASE });
        let admin = Person::enters(&server.console, "/desk/staff/first", first).await;
        Self { office: Office { app: server, cookie: admin.cookie.clone() }, admin, clock }
    }

    async fn server(data: &Path) -> (douxuan::App, Arc<Mutex<Instant>>) {
        let clock = Arc::new(Mutex::new(Instant::now()));
        let told = clock.clone();
        let steady = Arc::new(move || *told.lock().unwrap());
        (app(Setup { staff_drill: false, steady, ..setup(data) }).await.unwrap(), clock)
    }

    async fn person(&self, name: &str, sign_in: &str, role: &str) -> Person {
        let made = json!({ "name": name, "sign_in": sign_in, "role": role });
        let made = self.admin.post("/desk/staff/accounts/new", made).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.json());
        let chosen = json!({ "sign_in": sign_in, "code": made.json()["code"], "phrase": PHRASE });
        Person::enters(&self.admin.console, "/desk/staff/code", chosen).await
    }

    /// Windows that the log has opened.
    async fn windows(&self) -> usize {
        let ceremony = self.office.public("/ceremony.json").await.json();
        ceremony["entries"].as_array().unwrap().iter().filter(|entry| entry["act"] == "window_opened").count()
    }

    async fn contest(&self) -> String {
        let live = self.office.live().await;
        let contests = live["contests"].as_array().unwrap();
        let found = contests.iter().find(|c| c["item"] == FIRST.item && c["round"] == FIRST.round).unwrap();
        found["state"].as_str().unwrap().to_owned()
    }
}

/// People with phones.
struct Hall {
    door: Door,
    voters: Vec<Voter>,
    rng: StdRng,
}

impl Hall {
    async fn enrol(office: &Office, slips: &Value, voters: usize) -> Self {
        let (public, _) = office.listen().await;
        let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
        let manifest = Arc::new(office.manifest().await);
        let mut hall = Self { door, voters: Vec::new(), rng: StdRng::seed_from_u64(7) };
        for slip in slips["slips"].as_array().unwrap().iter().take(voters) {
            let invitation = Invitation::scan(slip["fragment"].as_str().unwrap()).unwrap();
            let mut voter = Voter::invite(invitation, &manifest, Box::new(Memory::default())).unwrap();
            voter.enrol(&hall.door, PATIENCE, &mut hall.rng).await.unwrap();
            hall.voters.push(voter);
        }
        hall
    }

    async fn cast(&mut self, voters: std::ops::Range<usize>) {
        for voter in &mut self.voters[voters] {
            let standing = voter.cast(&self.door, FIRST, 0, PATIENCE, &mut self.rng).await.unwrap();
            assert!(matches!(standing, Standing::Received), "{standing:?}");
        }
    }
}

/// The roles that stand behind an act in the log.
fn roles(log: &Log, act: impl Fn(&Act) -> bool) -> Vec<Role> {
    let entries: Vec<Entry> = log.entries().iter().map(|entry| Entry::decode(entry).unwrap()).collect();
    let found: Vec<&Entry> = entries.iter().filter(|entry| act(&entry.act)).collect();
    assert_eq!(found.len(), 1, "once in the log");
    let [first, rest @ ..] = found[0].actors.as_slice() else { panic!("nobody") };
    assert!(rest.iter().all(|other| other.id != first.id), "two people");
    found[0].actors.iter().map(|actor| actor.role).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_in_which_what_decides_takes_two() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::start(data.path()).await;
    let (watch, second) =
        (desk.person("赵监票", "watch", "scrutineer").await, desk.person("孙监票", "watch2", "scrutineer").await);
    let (teller, auditor) =
        (desk.person("钱计票", "teller", "teller").await, desk.person("周审计", "audit", "auditor").await);
    let office = &desk.admin;
    desk.office.small(10, 2, json!({ "two_people": true, "quorum": null })).await;

    let slips = office.get("/desk/slips.json").await.json();
    // Asked by one: nothing happens. He cannot confirm it himself, nor can a teller beside him.
    let request = office.ask("/desk/window/open", json!({})).await;
    assert_eq!((&request["act"], &request["says"]), (&json!("window/open"), &json!("window_open_slips")));
    assert_eq!((&request["values"]["window"], &request["mine"]), (&json!(1), &json!(true)));
    assert_eq!(desk.windows().await, 0);
    refused(&office.confirm(&request).await, 403, "自己提出的");
    refused(&teller.confirm(&request).await, 403, "不能确认");
    refused(&auditor.confirm(&request).await, 403, "不能确认");
    let seen = watch.get("/desk/staff/requests").await.json();
    assert_eq!(seen["pending"][0]["may_confirm"], true);
    assert_eq!(seen["pending"][0]["by"]["name"], "王办公");

    // Two confirm at once: it is done once.
    let (one, other) = tokio::join!(watch.confirm(&request), second.confirm(&request));
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 409]);
    assert_eq!(desk.windows().await, 1);
    refused(&second.confirm(&request).await, 409, "已由");

    // The auditor reads all, and acts on nothing; the slips are the office's.
    for path in ["/desk/state", "/desk/staff/requests", "/desk/staff/accounts"] {
        assert_eq!(auditor.get(path).await.status, StatusCode::OK, "{path}");
    }
    for act in douxuan::desk::allowed::Act::ALL {
        let path = format!("/desk/{}", act.path());
        refused(&auditor.post(&path, json!({ "contests": [[1, 1]] })).await, 403, "不能");
    }
    for person in [&auditor, &watch, &teller] {
        assert_eq!(person.get("/desk/slips.json").await.status, StatusCode::FORBIDDEN);
    }

    let mut hall = Hall::enrol(&desk.office, &slips, 6).await;
    assert_eq!(office.post("/desk/window/close", json!({ "present": 6 })).await.status, StatusCode::OK);
    refused(&teller.post("/desk/contest/open", json!({ "contests": [[1, 1]] })).await, 403, "不能");
    assert_eq!(office.post("/desk/contest/open", json!({ "contests": [[1, 1]] })).await.status, StatusCode::OK);

    // Ballots that come in meanwhile do not undo what was asked for.
    hall.cast(0..4).await;
    let request = teller.ask("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    hall.cast(4..6).await;
    refused(&office.confirm(&request).await, 403, "不能确认");
    assert_eq!(watch.confirm(&request).await.status, StatusCode::OK);
    assert_eq!(desk.contest().await, "closed");

    // Between asking and confirming papers are entered: what was asked for is not what would be done.
    let publish = json!({ "contests": [[1, 1]] });
    let request = office.ask("/desk/contest/publish", publish.clone()).await;
    assert_eq!(request["values"]["contests"], json!([[1, 1]]));
    let paper = json!({ "contest": [1, 1], "issued": 0, "votes": [0, 0, 0, 0, 0] });
    assert_eq!(teller.post("/desk/contest/paper", paper.clone()).await.status, StatusCode::ACCEPTED);
    assert_eq!(office.post("/desk/contest/paper", paper).await.status, StatusCode::OK);
    refused(&watch.confirm(&request).await, 409, "情况变了");
    assert_eq!(desk.contest().await, "closed", "nothing was published");

    // And what waits too long lapses.
    let request = office.ask("/desk/contest/publish", publish.clone()).await;
    *desk.clock.lock().unwrap() += Duration::from_secs(5 * 60 + 1);
    refused(&watch.confirm(&request).await, 410, "作废");
    assert_eq!(desk.contest().await, "closed");
    office.together(&watch, "/desk/contest/publish", publish).await;

    let unused = desk.office.state().await["frozen"]["unused"].clone();
    office.together(&second, "/desk/enrolment/end", json!({ "unused": unused })).await;
    refused(&watch.post("/desk/archive", json!({})).await, 403, "不能");
    assert_eq!(office.post("/desk/archive", json!({})).await.status, StatusCode::OK);

    let bundle = desk.office.public("/bundle.zip").await.bytes;
    assert_eq!(audit::audit(&bundle, &[]).outcome, audit::Outcome::Held);
    for person in ["王办公", "赵监票", "钱计票"] {
        assert!(!bundle.windows(person.len()).any(|part| part == person.as_bytes()), "{person} stays in the office");
    }
    let bundle = Bundle::from_zip(&bundle).unwrap();
    let manifest = Manifest::parse(&bundle.manifest).unwrap();
    let log = Log::decode(&manifest, &bundle.log_entries).unwrap();
    assert_eq!(roles(&log, |act| matches!(act, Act::Manifest { .. })), [Role::Office]);
    assert_eq!(roles(&log, |act| matches!(act, Act::WindowOpened { .. })), [Role::Office, Role::Scrutineer]);
    assert_eq!(roles(&log, |act| matches!(act, Act::ContestClosed { .. })), [Role::Teller, Role::Scrutineer]);
    assert_eq!(roles(&log, |act| matches!(act, Act::PaperCounted { .. })), [Role::Teller, Role::Office]);
    assert_eq!(roles(&log, |act| matches!(act, Act::EnrolmentEnded { .. })), [Role::Office, Role::Scrutineer]);
    desk.office.stop().await;
}

#[tokio::test]
async fn nobody_watches_over_a_count_about_himself() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::start(data.path()).await;
    let reported = desk.person("代表 1", "watch", "scrutineer").await;
    let (roster, officials) = office::lists(8, 2);
    let lists = [roster, officials].map(|list| office::base64(list.as_bytes()));
    let import = json!({ "roster_csv_base64": lists[0], "officials_csv_base64": lists[1] });
    assert_eq!(desk.admin.post("/desk/import", import).await.status, StatusCode::OK);
    let settings = json!({ "title": "会", "place": "室", "drill": true });
    let set = desk.admin.post("/desk/settings", settings).await;
    assert_eq!(set.json()["settings"]["two_people"], true, "unless the office says otherwise");
    refused(&desk.admin.post("/desk/freeze", json!({})).await, 409, "代表 1");
    assert_eq!(desk.admin.get("/desk/state").await.json()["meeting_state"], "preparing");

    let accounts = desk.admin.get("/desk/staff/accounts").await.json();
    let account = accounts["accounts"].as_array().unwrap().iter().find(|a| a["sign_in"] == "watch").unwrap().clone();
    let closed = desk.admin.post("/desk/staff/accounts/close", json!({ "id": account["id"] })).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.json());
    assert_eq!(reported.get("/desk/state").await.status, StatusCode::UNAUTHORIZED, "signed out with it");
    assert_eq!(desk.admin.post("/desk/freeze", json!({})).await.status, StatusCode::OK);

    // Without a scrutineer who is not reported on, there is nobody to confirm.
    refused(&desk.admin.post("/desk/window/open", json!({})).await, 409, "没有能确认");
    let late = desk.person("代表2", "watch2", "scrutineer").await;
    refused(&desk.admin.post("/desk/window/open", json!({})).await, 409, "没有能确认");
    refused(&late.post("/desk/window/open", json!({})).await, 403, "述职对象");
    let watch = desk.person("赵监票", "watch3", "scrutineer").await;
    let request = desk.admin.ask("/desk/window/open", json!({})).await;
    refused(&late.confirm(&request).await, 403, "述职对象");
    assert_eq!(watch.confirm(&request).await.status, StatusCode::OK);
    desk.office.stop().await;
}

#[tokio::test]
async fn the_printed_code_makes_one_account_and_a_restart_asks_everybody_anew() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::start(data.path()).await;
    let watch = desk.person("赵监票", "watch", "scrutineer").await;
    desk.office.small(8, 2, json!({ "two_people": true })).await;
    let request = desk.admin.ask("/desk/window/open", json!({})).await;
    refused(&desk.admin.post("/desk/login", json!({ "code": CODE })).await, 403, "登录码");
    desk.office.stop().await;

    let (server, _) = Desk::server(data.path()).await;
    assert!(!server.code_counts().await.unwrap());
    let console = server.console.clone();
    for old in [&desk.admin, &watch] {
        let old = Person { console: console.clone(), cookie: old.cookie.clone() };
        refused(&old.get("/desk/state").await, 401, "登录");
    }
    let again = json!({ "code": CODE, "name": "外人", "sign_in": "other", "phrase": PHRASE });
    let nobody = Person { console: console.clone(), cookie: String::new() };
    assert_ne!(nobody.post("/desk/staff/first", again).await.status, StatusCode::OK);
    assert_eq!(nobody.get("/desk/staff/me").await.json(), json!({ "signed_in": false, "printed_code": null }));
    let sign_in = json!({ "sign_in": "watch", "phrase": PHRASE });
    let watch = Person::enters(&console, "/desk/staff/in", sign_in).await;
    refused(&watch.confirm(&request).await, 404, "没有这个请求");
    assert_eq!(watch.get("/desk/state").await.json()["live"]["window"]["open"], false);
    server.close().await;
}

#[tokio::test]
async fn a_drill_played_alone_does_not_let_one_person_decide_in_the_real_meeting() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::start(data.path()).await;
    let set = |body: Value| desk.admin.post("/desk/settings", body);
    assert_eq!(desk.admin.post("/desk/sample", json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.office.state().await["settings"]["two_people"], false);
    assert_eq!(set(json!({ "title": "年度会议" })).await.json()["settings"]["two_people"], false);
    assert_eq!(set(json!({ "drill": false })).await.json()["settings"]["two_people"], true);
    assert_eq!(set(json!({ "two_people": false })).await.json()["settings"]["two_people"], false, "if said so");
    desk.office.stop().await;
}
