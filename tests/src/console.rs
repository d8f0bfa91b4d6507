//! The office at its console: the same JSON that the page sends.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use douxuan_ballot::swarm::slips::SlipsFile;
use douxuan_crypto::contest::Contest;
use serde_json::{Value, json};

use crate::{
    http::{self, Answer},
    server::Server,
};

/// What a small meeting is like.
#[derive(Clone, Copy)]
pub struct Plan {
    /// People who attend, each with a slip; spares come on top.
    pub voters: usize,
    /// Officials, none of whom attends.
    pub officials: usize,
    /// Rounds prepared for each.
    pub rounds: u8,
    /// Whether counts are shown live.
    pub live: bool,
}

/// The first account, of the office, and the pass-phrase of all.
const SIGN_IN: &str = "office";
const PHRASE: &str = "蓝天下七只鹤";

/// A signed-in console.
#[derive(Clone)]
pub struct Console {
    address: SocketAddr,
    cookie: String,
}

impl Console {
    /// Signs in: with the account made at the first start, or else as the first account, with the code that the
    /// server printed.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let address = server.launch().console;
        let me = http::request(address, "GET", "/desk/staff/me", &[], b"").unwrap().json();
        let (path, body) = if me["printed_code"] == "first" {
            let first = json!({ "code": server.code(), "name": "王办公", "sign_in": SIGN_IN, "phrase": PHRASE });
            ("/desk/staff/first", first)
        } else {
            ("/desk/staff/in", json!({ "sign_in": SIGN_IN, "phrase": PHRASE }))
        };
        Self::enter(address, path, &body)
    }

    /// Signs in with a one-time code, which a new account is given.
    #[must_use]
    pub fn by_code(server: &Server, sign_in: &str, code: &str) -> Self {
        let body = json!({ "sign_in": sign_in, "code": code, "phrase": PHRASE });
        Self::enter(server.launch().console, "/desk/staff/code", &body)
    }

    fn enter(address: SocketAddr, path: &str, body: &Value) -> Self {
        let headers = [("Content-Type", "application/json")];
        let answer = http::request(address, "POST", path, &headers, body.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { address, cookie }
    }

    /// GET.
    ///
    /// # Errors
    /// If the server is gone.
    pub fn get(&self, path: &str) -> std::io::Result<Answer> {
        http::request(self.address, "GET", path, &[("Cookie", &self.cookie)], b"")
    }

    /// POST, whatever the answer.
    ///
    /// # Errors
    /// If the server is gone.
    pub fn post(&self, path: &str, body: &Value) -> std::io::Result<Answer> {
        let headers = [("Cookie", self.cookie.as_str()), ("Content-Type", "application/json")];
        http::request(self.address, "POST", path, &headers, body.to_string().as_bytes())
    }

    /// An act that must succeed.
    pub fn act(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).unwrap();
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        answer.json()
    }

    /// What the console shows.
    #[must_use]
    pub fn state(&self) -> Value {
        let answer = self.get("/desk/state").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Imports, sets and freezes a drill, and takes its slips.
    #[must_use]
    pub fn freeze(&self, plan: Plan) -> SlipsFile {
        self.prepare(plan);
        self.act("/desk/freeze", &json!({}));
        serde_json::from_slice(&self.get("/desk/slips.json").unwrap().body).unwrap()
    }

    /// Imports and sets a drill.
    pub fn prepare(&self, plan: Plan) {
        let roster = (1..=plan.voters).map(|n| format!("{n},参会{},正式,第{}单位,干部\n", digits(n), n % 7));
        let officials = (1..=plan.officials).map(|n| format!("{n},述职{},第{n}乡镇,书记,会议报告\n", digits(n)));
        let body = json!({
            "roster_csv_base64": csv("序号,姓名,类别,单位,职务\n", roster),
            "officials_csv_base64": csv("序号,姓名,单位,职务,报告方式\n", officials),
            "confirmed": true,
        });
        self.act("/desk/import", &body);
        let release = if plan.live { "live" } else { "close" };
        // The smallest batches that are allowed, so that small meetings have some.
        let settings = json!({
            "title": "测试会议", "date": "2026-12-14", "place": "会议室", "drill": true,
            "release": release, "batch": 5, "held_back": 5, "rounds": plan.rounds, "recusal": false,
            "two_people": false,
        });
        self.act("/desk/settings", &settings);
    }

    /// Opens contests.
    pub fn open(&self, contests: &[Contest]) -> Value {
        self.act("/desk/contest/open", &json!({ "contests": pairs(contests) }))
    }

    /// Closes contests.
    pub fn close(&self, contests: &[Contest]) -> Value {
        self.act("/desk/contest/close", &json!({ "contests": pairs(contests) }))
    }

    /// Publishes contests.
    pub fn publish(&self, contests: &[Contest]) -> Value {
        self.act("/desk/contest/publish", &json!({ "contests": pairs(contests) }))
    }
}

/// Contests as the console writes them.
#[must_use]
pub fn pairs(contests: &[Contest]) -> Vec<(u16, u8)> {
    contests.iter().map(|contest| (contest.item, contest.round)).collect()
}

fn csv(heading: &str, rows: impl Iterator<Item = String>) -> String {
    STANDARD.encode(std::iter::once(heading.to_owned()).chain(rows).collect::<String>())
}

/// A number in Chinese digits, for names.
fn digits(n: usize) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    n.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}
