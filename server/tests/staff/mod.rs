//! A staff for the tests: accounts in a temporary folder, a clock that is set by hand, browsers that keep a cookie, and
//! acts that only write down who did them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, Uri, header},
    routing::{get, post},
};
use douxuan::{
    config::Hosts,
    staff::{Act, By, Channel, Cost, Look, Pace, Policy, Staff, StaffParts, World, guarded},
    web::{Guard, Refusal, protect},
};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tower::ServiceExt;
use zeroize::Zeroizing;

pub const HOST: &str = "127.0.0.1:8461";
pub const CODE: &str = "AAAA-BBBB-CCCC-DDDD";
pub const PHRASE: &str = "correct horse battery";
/// Monday morning, in seconds since 1970.
const TODAY: u64 = 1_797_177_600;

/// How things stand in a meeting that is not there.
pub struct Meeting {
    pub policy: Policy,
    pub stands: u8,
    pub reported: Vec<String>,
    /// What the desk would refuse now.
    pub refuses: bool,
    /// Path, body and people of the acts that were done.
    pub done: Vec<(String, Value, Vec<String>)>,
}

#[derive(Clone)]
pub struct Hall(pub Arc<Mutex<Meeting>>);

impl World for Hall {
    fn look<'a>(&'a self, _: Act, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<Look, Refusal>> {
        let meeting = self.0.lock().unwrap();
        let look = Look {
            stands: [meeting.stands; 32],
            says: "closes".to_owned(),
            values: json!({ "item": "代表1" }),
            reported: meeting.reported.clone(),
        };
        let look =
            if meeting.refuses { Err(Refusal::conflict("现在不能。", "请等一等。")) } else { Ok(look) };
        // Lets whoever races come in between.
        Box::pin(async {
            tokio::task::yield_now().await;
            look
        })
    }

    fn policy(&self) -> BoxFuture<'_, Result<Policy, Refusal>> {
        let policy = self.0.lock().unwrap().policy;
        Box::pin(async move { Ok(policy) })
    }
}

pub struct Console {
    pub staff: Staff,
    pub hall: Hall,
    pub router: Router,
    clock: Arc<Mutex<Instant>>,
}

pub struct Setting {
    pub pace: Pace,
    pub drill: bool,
    pub channel: Channel,
    pub cost: Cost,
}

impl Default for Setting {
    fn default() -> Self {
        let pace = Pace { first: Duration::ZERO, longest: Duration::ZERO, ..Pace::USUAL };
        // What is tested is not how long a hash takes.
        let cost = Cost { memory: 64, passes: 1, lanes: 1 };
        Self { pace, drill: false, channel: Channel::Plain, cost }
    }
}

pub async fn start(data: &Path) -> Console {
    start_with(data, Setting::default()).await
}

pub async fn start_with(data: &Path, setting: Setting) -> Console {
    let clock = Arc::new(Mutex::new(Instant::now()));
    let told = clock.clone();
    let staff = Staff::start(StaffParts {
        data: data.to_owned(),
        random: Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng()))),
        clock: Arc::new(move || *told.lock().unwrap()),
        today: || SystemTime::UNIX_EPOCH + Duration::from_secs(TODAY),
        code: Zeroizing::new(CODE.to_owned()),
        drill: setting.drill,
        pace: setting.pace,
        cost: setting.cost,
    })
    .await
    .unwrap();
    let hall = Hall(Arc::new(Mutex::new(Meeting {
        policy: Policy::TwoPeople,
        stands: 0,
        reported: Vec::new(),
        refuses: false,
        done: Vec::new(),
    })));
    let router = guarded(staff.clone(), Arc::new(hall.clone()), acts(&hall), setting.channel);
    let hosts = Arc::new(Hosts::of(&[], &[]).unwrap());
    Console { staff, hall, router: protect(router, Guard::console(hosts)), clock }
}

fn acts(hall: &Hall) -> Router {
    let hall = hall.clone();
    let act = move |by: By, uri: Uri, body: Bytes| {
        let hall = hall.clone();
        async move {
            let people = by.accounts().map(|account| account.name.clone()).collect();
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            tokio::task::yield_now().await;
            hall.0.lock().unwrap().done.push((uri.path().to_owned(), body, people));
            Json(json!({ "done": true }))
        }
    };
    let mut router = Router::new().route("/desk/state", get(|| async { Json(json!({ "state": 1 })) }));
    for path in POSTS {
        router = router.route(path, post(act.clone()));
    }
    router
}

/// Every act of the console, and one that the table does not know.
pub const POSTS: [&str; 12] = [
    "/desk/settings",
    "/desk/window/open",
    "/desk/window/close",
    "/desk/slip/void",
    "/desk/enrolment/end",
    "/desk/contest/open",
    "/desk/contest/close",
    "/desk/contest/publish",
    "/desk/contest/void",
    "/desk/contest/paper",
    "/desk/archive",
    "/desk/not/in/the/table",
];

pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Answered {
    pub fn cookie(&self) -> Option<String> {
        let line = self.headers.get(header::SET_COOKIE)?.to_str().unwrap();
        Some(line.split(';').next().unwrap().to_owned())
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.json);
        self.json
    }

    /// Refused with this status, in words that say what is wrong and what to do.
    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.json);
        let text = |name: &str| self.json[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("error").is_empty() && !text("what_to_do").is_empty(), "{}", self.json);
        assert!(self.cookie().is_none(), "a refusal gives no session");
        format!("{} {}", text("error"), text("what_to_do"))
    }
}

/// A browser: it keeps the last cookie that it was given, and sends it along.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookie: Option<String>,
}

impl Browser {
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answered { status: parts.status, headers: parts.headers, json }
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answered {
        let answered = self.send(Method::POST, path, &body).await;
        self.cookie = answered.cookie().or(self.cookie.take());
        answered
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, path, &Value::Null).await
    }

    pub async fn sign_in(&mut self, name: &str, phrase: &str) -> Answered {
        self.post("/desk/staff/in", json!({ "sign_in": name, "phrase": phrase })).await
    }

    pub async fn me(&self) -> Value {
        self.get("/desk/staff/me").await.ok()
    }

    pub async fn signed_in(&self) -> bool {
        self.me().await["signed_in"] == true
    }

    /// Asks for an act that takes another person; gives the request's id.
    pub async fn ask(&mut self, path: &str, body: Value) -> String {
        let answered = self.post(path, body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{}", answered.json);
        answered.json["request"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn confirm(&mut self, id: &str) -> Answered {
        self.post("/desk/staff/requests/confirm", json!({ "id": id })).await
    }
}

impl Console {
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookie: None }
    }

    pub fn later(&self, by: Duration) {
        *self.clock.lock().unwrap() += by;
    }

    pub fn meeting(&self) -> std::sync::MutexGuard<'_, Meeting> {
        self.hall.0.lock().unwrap()
    }

    /// The first account, of the office, signed in.
    pub async fn office(&self) -> Browser {
        let mut browser = self.browser();
        let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": PHRASE });
        browser.post("/desk/staff/first", first).await.ok();
        browser
    }

    /// A further account, made by the office, whose person has chosen a pass-phrase and is signed in.
    pub async fn person(&self, office: &mut Browser, name: &str, sign_in: &str, role: &str) -> Browser {
        let made = json!({ "name": name, "sign_in": sign_in, "role": role });
        let made = office.post("/desk/staff/accounts/new", made).await.ok();
        let mut browser = self.browser();
        let chosen = json!({ "sign_in": sign_in, "code": made["code"], "phrase": PHRASE });
        browser.post("/desk/staff/code", chosen).await.ok();
        browser
    }

    /// Office, chair, scrutineer and teller, each in a browser of his own.
    pub async fn four(&self) -> [Browser; 4] {
        let mut office = self.office().await;
        let chair = self.person(&mut office, "李主持", "chair", "chair").await;
        let scrutineer = self.person(&mut office, "赵监票", "watch", "scrutineer").await;
        let teller = self.person(&mut office, "钱计票", "teller", "teller").await;
        [office, chair, scrutineer, teller]
    }
}

/// The id of an account in the list.
pub async fn id_of(office: &Browser, sign_in: &str) -> String {
    let list = office.get("/desk/staff/accounts").await.ok();
    let found = list["accounts"].as_array().unwrap().iter().find(|account| account["sign_in"] == sign_in).cloned();
    found.unwrap()["id"].as_str().unwrap().to_owned()
}
