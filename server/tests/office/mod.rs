//! One office for the tests: a server in a temporary folder, reached as a browser reaches it, and phones that do what
//! the phone page does.
#![allow(dead_code, unreachable_pub, clippy::result_large_err, reason = "each test file uses its own part")]

pub mod acts;
pub mod unpack;

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use douxuan::{
    App, Setup, app,
    config::Hosts,
    desk::StartError,
    roll::RandomSource,
    secrets::Vault,
    staff::{Channel, Cost, Pace},
};
use douxuan_crypto::{
    contest::Contest,
    credential::Credential,
    enroll::{Enrolled, Enrolment, EnrolmentError},
    manifest::Manifest,
    seal::ReplyKey,
    token::{Slip, Token},
};
use http_body_util::BodyExt;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tower::ServiceExt;
use zeroize::Zeroizing;

pub const CONSOLE: &str = "127.0.0.1:8461";
pub const PUBLIC: &str = "vote.test:8460";
pub const CODE: &str = "AAAA-BBBB-CCCC-DDDD";

pub struct Office {
    pub app: App,
    pub cookie: String,
}

pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

fn random() -> RandomSource {
    Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())))
}

pub fn setup(data: &Path) -> Setup {
    Setup {
        data: data.to_owned(),
        vault: Vault::plain(data).unwrap(),
        hosts: Hosts::of(&["vote.test".to_owned()], &[]).unwrap(),
        public_port: 8460,
        console_port: 8461,
        tick: Duration::from_millis(20),
        threads: 2,
        random: random(),
        steady: Arc::new(std::time::Instant::now),
        clock: || std::time::UNIX_EPOCH + Duration::from_secs(1_797_177_600),
        code: Zeroizing::new(CODE.to_owned()),
        staff_drill: true,
        pace: Pace { first: Duration::from_millis(50), ..Pace::USUAL },
        // What is tested is not how long a hash takes.
        cost: Cost { memory: 64, passes: 1, lanes: 1 },
        channel: Channel::Plain,
        certificate: None,
    }
}

pub async fn start(data: &Path) -> Result<Office, StartError> {
    start_with(setup(data)).await
}

pub async fn start_with(setup: Setup) -> Result<Office, StartError> {
    let app = app(setup).await?;
    let request = console(Method::POST, "/desk/login", Some(json!({ "code": CODE })));
    let answered = send(&app.console, request).await;
    assert_eq!(answered.status, StatusCode::OK);
    let cookie = answered.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    Ok(Office { app, cookie })
}

pub fn console(method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, CONSOLE)
        .header(header::ORIGIN, format!("http://{CONSOLE}"))
        .header(header::CONTENT_TYPE, "application/json");
    request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()
}

pub async fn send(router: &axum::Router, request: Request<Body>) -> Answered {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    Answered { status: parts.status, headers: parts.headers, bytes }
}

impl Office {
    pub async fn get(&self, path: &str) -> Answered {
        let mut request = console(Method::GET, path, None);
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        send(&self.app.console, request).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        let mut request = console(Method::POST, path, Some(body));
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        send(&self.app.console, request).await
    }

    /// An act that must succeed.
    pub async fn act(&self, path: &str, body: Value) -> Value {
        let answered = self.post(path, body).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.json());
        answered.json()
    }

    /// An act that must be refused with what is wrong and what to do, and change nothing.
    pub async fn refused(&self, path: &str, body: Value) -> String {
        let before = self.standing().await;
        let answered = self.post(path, body).await;
        let json = answered.json();
        assert_eq!(answered.status, StatusCode::CONFLICT, "{path}: {json}");
        let (error, what) = (json["error"].as_str().unwrap(), json["what_to_do"].as_str().unwrap());
        assert!(!error.is_empty() && !what.is_empty(), "{path}: {json}");
        assert_eq!(self.standing().await, before, "{path} was refused and changed something");
        format!("{error} {what}")
    }

    pub async fn state(&self) -> Value {
        self.get("/desk/state").await.json()
    }

    /// The state without what a tick may change.
    async fn standing(&self) -> Value {
        let mut state = self.state().await;
        state["live"]["enrolled"] = Value::Null;
        state["frozen"]["redeemed"] = Value::Null;
        state["frozen"]["refused"] = Value::Null;
        state["frozen"]["unused"] = Value::Null;
        for act in state["acts"].as_array_mut().into_iter().flatten() {
            act["values"]["enrolled"] = Value::Null;
        }
        state
    }

    pub async fn public(&self, path: &str) -> Answered {
        let request = Request::builder().uri(path).header(header::HOST, PUBLIC).body(Body::empty()).unwrap();
        send(&self.app.public, request).await
    }

    pub async fn live(&self) -> Value {
        self.public("/live.json").await.json()
    }

    pub async fn manifest(&self) -> Manifest {
        Manifest::parse(&self.public("/manifest").await.bytes).unwrap()
    }

    /// POST /enrol as a phone sends it.
    pub async fn enrol(&self, wire: Vec<u8>) -> Answered {
        enrol(&self.app.public, wire).await
    }

    /// A small drill, frozen: `people` attend, the first `officials` of them are rated.
    pub async fn small(&self, people: usize, officials: usize, change: Value) {
        let (roster, list) = lists(people, officials);
        let import =
            json!({ "roster_csv_base64": base64(roster.as_bytes()), "officials_csv_base64": base64(list.as_bytes()) });
        self.act("/desk/import", import).await;
        let mut settings = json!({ "title": "小会", "place": "会议室", "drill": true, "rounds": 1, "release": "close", "two_people": false });
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.act("/desk/settings", settings).await;
        self.act("/desk/freeze", json!({})).await;
    }

    /// The slips of a drill: general ones first.
    pub async fn slips(&self) -> Vec<Slip> {
        let json = self.get("/desk/slips.json").await.json();
        let slips = json["slips"].as_array().unwrap();
        slips.iter().map(|slip| Slip::parse_fragment(slip["fragment"].as_str().unwrap()).unwrap()).collect()
    }

    /// Opens both sides on ports of their own; gives their addresses.
    pub async fn listen(&self) -> (std::net::SocketAddr, std::net::SocketAddr) {
        let mut addresses = Vec::new();
        for (router, sockets) in [(&self.app.public, 2_000), (&self.app.console, 64)] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            tokio::spawn(douxuan::web::serve(listener, router.clone(), sockets, self.app.stopping()));
        }
        (addresses[0], addresses[1])
    }

    pub async fn stop(self) {
        self.app.close().await;
    }
}

pub async fn enrol(router: &axum::Router, wire: Vec<u8>) -> Answered {
    let request = Request::builder().method(Method::POST).uri("/enrol").header(header::HOST, PUBLIC);
    send(router, request.body(Body::from(wire)).unwrap()).await
}

pub fn lists(people: usize, officials: usize) -> (String, String) {
    let mut roster = "序号,姓名,类别,单位,职务\n".to_owned();
    let mut list = "序号,姓名,单位,职务,报告方式\n".to_owned();
    for n in 1..=people {
        roster.push_str(&format!("{n},代表{n},县纪委委员,第{n}单位,委员\n"));
        if n <= officials {
            list.push_str(&format!("{n},代表{n},第{n}单位,委员,会议报告\n"));
        }
    }
    (roster, list)
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A phone on its way through enrolment.
pub struct Phone {
    enrolment: Enrolment,
    pub reply_key: ReplyKey,
    pub wire: Vec<u8>,
    pub rng: StdRng,
}

impl Phone {
    pub fn new(manifest: &Manifest, slip: &Slip, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let token = Token::from_bytes(&slip.token.to_bytes());
        let enrolment = Enrolment::begin(manifest, &token, Some(&slip.mask), &mut rng).unwrap();
        let (wire, reply_key) = enrolment.seal(manifest, &mut rng).unwrap();
        Self { enrolment, reply_key, wire, rng }
    }

    /// Seals the same request again: other bytes, the same request.
    pub fn again(&mut self, manifest: &Manifest) {
        let (wire, reply_key) = self.enrolment.seal(manifest, &mut self.rng).unwrap();
        (self.wire, self.reply_key) = (wire, reply_key);
    }

    /// Verifies a reply; the phone goes on with its credentials or stays where it was.
    pub fn finish(
        self,
        manifest: &Manifest,
        reply: &[u8],
        closed: &[Contest],
    ) -> Result<Enrolled, (Self, EnrolmentError)> {
        let Self { enrolment, reply_key, wire, rng } = self;
        match enrolment.finish(manifest, &reply_key, reply, closed) {
            Ok(enrolled) => Ok(enrolled),
            Err((enrolment, error)) => Err((Self { enrolment, reply_key, wire, rng }, error)),
        }
    }
}

pub fn credential(enrolled: Enrolled, contest: Contest) -> Credential {
    enrolled.credentials.into_iter().find(|credential| credential.contest() == contest).unwrap()
}
