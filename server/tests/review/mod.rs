//! An office that keeps the record of its review: five people of five roles at browsers of their own.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::{
    cell::Cell,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    http::{Method, StatusCode, header},
};
use douxuan::{Setup, app};
use serde_json::{Value, json};

use crate::office::{Answered, CODE, Office, console, send, setup};

/// Invented: no notice for 2027 was out when this was written.
pub const NOTICE: &str = "2026-12-31..2027-01-03 off 元旦\n2026-12-26 work 元旦\n2027-02-05..2027-02-11 off 春节\n\
    2027-02-14 work 春节\n2027-04-03..2027-04-05 off 清明节\n2027-05-01..2027-05-05 off 劳动节\n\
    2027-06-09 off 端午节\n2027-09-15 off 中秋节\n2027-10-01..2027-10-07 off 国庆节\n";

const PHRASE: &str = "correct horse battery";

thread_local! {
    /// Seconds since 1970: each test has a thread of its own.
    static NOW: Cell<u64> = const { Cell::new(1_797_177_600) };
}

fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW.get())
}

/// From now on it is noon of this day, `YYYY-MM-DD`, UTC+8. Until then it is Monday 2026-12-14.
pub fn it_is(day: &str) {
    let noon = format!("{day}T12:00:00+08:00").parse::<jiff::Timestamp>().unwrap();
    NOW.set(noon.as_second().unsigned_abs());
}

/// Somebody at a browser of his own.
#[derive(Clone)]
pub struct Person {
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

    /// `path` behind `/api/record/`.
    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, &format!("/api/record/{path}"), Some(body)).await
    }

    /// `path` behind `/api/record/`.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, &format!("/api/record/{path}"), None).await
    }

    /// An act that must succeed.
    pub async fn does(&self, path: &str, body: Value) -> Value {
        let answered = self.post(path, body).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.json());
        answered.json()
    }

    pub async fn reads(&self, path: &str) -> Value {
        let answered = self.get(path).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.json());
        answered.json()
    }

    /// An act that must be refused with this status in words that hold this one, and leave no entry in the trail.
    pub async fn refused(&self, path: &str, body: Value, status: u16, word: &str) -> Value {
        let before = self.get("trail").await.json()["head"].clone();
        let answered = self.post(path, body).await;
        let said = answered.json();
        let (error, to_do) =
            (said["error"].as_str().unwrap_or_default(), said["what_to_do"].as_str().unwrap_or_default());
        assert_eq!(answered.status.as_u16(), status, "{path}: {said}");
        assert!(format!("{error}{to_do}").contains(word) && !to_do.is_empty(), "{path}: {said}");
        assert_eq!(self.get("trail").await.json()["head"], before, "{path} was refused and changed something");
        said
    }
}

impl Person {
    /// A file as the body, with what goes with it in the query.
    pub async fn hands_in(&self, path: &str, query: &str, bytes: &[u8]) -> Answered {
        let mut request = console(Method::POST, &format!("/api/record/{path}?{query}"), None);
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());
        *request.body_mut() = axum::body::Body::from(bytes.to_vec());
        send(&self.console, request).await
    }
}

/// A server, and who works at it.
pub struct Year {
    pub office: Office,
    pub admin: Person,
    pub chair: Person,
    pub auditor: Person,
    pub teller: Person,
    pub scrutineer: Person,
}

impl Year {
    pub async fn start(data: &Path) -> Self {
        let app = app(Setup { staff_drill: false, clock, ..setup(data) }).await.unwrap();
        let first = json!({ "code": CODE, "name": "王办公", "sign_in": "office", "phrase": PHRASE });
        let admin = enters(&app.console, "first", first).await;
        let office = Office { app, cookie: admin.cookie.clone() };
        let chair = person(&office, "李书记", "chair").await;
        let auditor = person(&office, "赵审计", "auditor").await;
        let teller = person(&office, "钱计票", "teller").await;
        let scrutineer = person(&office, "孙监票", "scrutineer").await;
        Self { office, admin, chair, auditor, teller, scrutineer }
    }

    /// A second account of the office.
    pub async fn colleague(&self) -> Person {
        self.somebody("周同事", "second", "office").await
    }

    /// A third account of the office.
    pub async fn third(&self) -> Person {
        self.somebody("吴同事", "third", "office").await
    }

    /// Another account: the name that is shown, the name to sign in with, the role.
    pub async fn somebody(&self, name: &str, sign_in: &str, role: &str) -> Person {
        let made = json!({ "name": name, "sign_in": sign_in, "role": role });
        let made = self.office.act("/desk/staff/accounts/new", made).await;
        let chosen = json!({ "sign_in": sign_in, "code": made["code"], "phrase": PHRASE });
        enters(&self.office.app.console, "code", chosen).await
    }

    /// The small meeting of another server, taken in; its three officials have a dossier each, in the order of the
    /// meeting: figures, an empty base, figures.
    pub async fn with_a_result(&self) -> (String, Vec<String>) {
        self.with_a_result_by(json!({})).await
    }

    /// The same in a cycle with this policy changed.
    pub async fn with_a_result_by(&self, policy: Value) -> (String, Vec<String>) {
        let names = ["示例甲", "示例乙", "示例丙"];
        let lines = names.map(|name| format!("{name},示例单位,示例职务,2024-03-01,2029-02-28"));
        self.admin.does("officials/paste", json!({ "lines": lines.join("\n") })).await;
        let cycle = self.cycle(policy).await;
        let dossiers = self.dossiers(&cycle).await;
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip");
        let bundle = std::fs::read(bundle).unwrap();
        let asked = self.admin.hands_in("results/import", &format!("cycle={cycle}"), &bundle).await.json();
        let key = asked["details"]["key"].as_str().unwrap();
        let query = format!("cycle={cycle}&accept={key}&why=minutes");
        let taken = self.admin.hands_in("results/import", &query, &bundle).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
        let of = |name: &str| id(dossiers.iter().find(|dossier| dossier["name"] == name).unwrap());
        (cycle, names.map(of).to_vec())
    }

    /// A cycle of 2026 with this policy changed; gives its id.
    pub async fn cycle(&self, change: Value) -> String {
        let mut policy = self.admin.reads("cycles").await["beginning"].clone();
        policy.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let body = json!({ "year": 2026, "title": "2026 年度述职述责述廉", "policy": policy });
        id(&self.admin.does("cycles", body).await)
    }

    /// `n` officials, each of a unit of his own, in office since March 2024 until February 2029.
    pub async fn officials(&self, n: usize) {
        let lines: Vec<String> = (1..=n).map(|n| format!("代表{n},第{n}单位,委员,2024-03-01,2029-02-28")).collect();
        self.admin.does("officials/paste", json!({ "lines": lines.join("\n") })).await;
    }

    /// Everybody's dossier of a cycle, by unit.
    pub async fn dossiers(&self, cycle: &str) -> Vec<Value> {
        self.admin.does(&format!("cycles/{cycle}/dossiers"), json!({})).await;
        self.admin.reads(&format!("cycles/{cycle}/dossiers")).await.as_array().unwrap().clone()
    }

    /// A list that is approved; gives it.
    pub async fn approved(&self, cycle: &str, why: &str) -> Value {
        let list = self.admin.does(&format!("cycles/{cycle}/choosings"), json!({ "why": why })).await;
        let at = format!("choosings/{}", id(&list));
        self.admin.does(&format!("{at}/submit"), json!({ "version": list["version"] })).await;
        self.chair.does(&format!("{at}/approve"), json!({ "version": list["version"].as_u64().unwrap() + 1 })).await
    }
}

pub fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

async fn enters(console: &Router, way: &str, body: Value) -> Person {
    let nobody = Person { console: console.clone(), cookie: String::new() };
    let answered = nobody.send(Method::POST, &format!("/desk/staff/{way}"), Some(body)).await;
    assert_eq!(answered.status, StatusCode::OK, "{way}: {}", answered.json());
    let cookie = answered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    Person { cookie, ..nobody }
}

async fn person(office: &Office, name: &str, role: &str) -> Person {
    let made = office.act("/desk/staff/accounts/new", json!({ "name": name, "sign_in": role, "role": role })).await;
    let chosen = json!({ "sign_in": role, "code": made["code"], "phrase": PHRASE });
    enters(&office.app.console, "code", chosen).await
}
