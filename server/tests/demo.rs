//! `douxuan demo` as a newcomer has it: a process that fills a meeting, shows a result within moments, follows what he
//! does in the console, and leaves nothing behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Everything here takes moments; a busy machine may take longer.
const PATIENCE: Duration = Duration::from_secs(25);

/// Console, hall, and a slip each for a phone and for a window.
const LINKS: usize = 4;

struct Demo {
    child: Child,
    said: Arc<Mutex<String>>,
    temporary: tempfile::TempDir,
}

impl Demo {
    /// A quick one, with its temporary files in a folder of the test's.
    fn start(more: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", more)
    }

    fn start_at(public: &str, more: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_douxuan"))
            .arg("demo")
            .args(["--public", public, "--console", "127.0.0.1:0", "--host", "127.0.0.1"])
            .args(["--tick-ms", "50", "--pace", "5", "--phones", "60"])
            .args(more)
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (output, heard) = (child.stdout.take().unwrap(), Arc::clone(&said));
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { break };
                heard.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, said, temporary }
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// `host:port` and what follows it, of every link that was printed.
    fn links(&self) -> Vec<(String, String)> {
        let said = self.said();
        let links = said.lines().filter_map(|line| line.trim().strip_prefix("http://"));
        links.filter_map(|link| link.split_once('/')).map(|(at, rest)| (at.to_owned(), rest.to_owned())).collect()
    }

    /// Waits until something holds; what was said stands in the failure.
    fn until<T>(&self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} did not happen:\n{}", self.said());
            sleep(Duration::from_millis(25));
        }
    }

    fn left_over(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn interrupt(&mut self) -> ExitStatus {
        self.signal("-INT")
    }

    fn signal(&mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.said());
            sleep(Duration::from_millis(25));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request; status, head and body.
fn ask(at: &str, method: &str, path: &str, cookie: &str, body: &str) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(at).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, head.to_owned(), body.to_owned()))
}

fn live(at: &str) -> Option<Value> {
    let (status, _, body) = ask(at, "GET", "/live.json", "", "")?;
    (status == 200).then(|| serde_json::from_str(&body).unwrap())
}

fn contest(live: &Value, item: u16) -> Option<&Value> {
    live["contests"].as_array()?.iter().find(|c| c["item"] == item && c["round"] == 1)
}

#[test]
fn a_newcomer_sees_a_result_takes_over_and_leaves_nothing_behind() {
    let mut demo = Demo::start(&[]);
    let links = demo.until("the links", || Some(demo.links()).filter(|links| links.len() == LINKS));
    let (console, code) = (&links[0].0, links[0].1.strip_prefix("#code=").unwrap());
    let (hall, path) = &links[1];
    assert_eq!(path, "hall");
    for (at, slip) in &links[2..] {
        assert!(at == hall && slip.starts_with('#') && slip.len() > 40, "{at} {slip}");
    }
    assert!(demo.said().contains("Ctrl-C") && demo.said().contains("Open the console"));

    let enrolled = demo.until("enrolment", || live(hall)?["enrolled"].as_u64().filter(|n| *n > 0));
    assert!(enrolled <= 60);
    demo.until("a batch on the hall screen", || {
        contest(&live(hall)?, 1)?["released"]["total"].as_u64().filter(|total| *total >= 10)
    });
    demo.until("a result", || (contest(&live(hall)?, 1)?["state"] == "published").then_some(()));
    let received = |item| contest(&live(hall)?, item)?["received"].as_u64();
    let before = demo.until("the next item", || received(2).filter(|n| *n > 0));
    demo.until("more ballots", || received(2).filter(|n| *n > before));

    // The newcomer signs in with the link's code and opens another item: the phones follow him.
    let (status, head, _) =
        ask(console, "POST", "/desk/login", "", &json!({ "code": code }).to_string()).expect("the console answers");
    assert_eq!(status, 200);
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let opened = ask(console, "POST", "/desk/contest/open", cookie, r#"{"contests":[[5,1]]}"#);
    assert_eq!(opened.as_ref().map(|(status, ..)| *status), Some(200), "{opened:?}");
    demo.until("ballots in the newcomer's item", || received(5).filter(|n| *n > 20));

    assert_eq!(demo.left_over().len(), 1, "the data lie in a folder of their own");
    assert!(demo.interrupt().success());
    assert_eq!(demo.left_over(), Vec::<PathBuf>::new());
    assert!(demo.said().contains("All data of the demonstration are removed"), "{}", demo.said());
}

#[test]
fn interrupted_before_it_has_begun_it_still_leaves_nothing_behind() {
    for (wait, signal) in [(0, "-INT"), (40, "-TERM"), (200, "-HUP"), (600, "-INT")] {
        let mut demo = Demo::start(&[]);
        demo.until("its first words", || demo.said().contains("Douxuan").then_some(()));
        sleep(Duration::from_millis(wait));
        assert!(demo.signal(signal).success(), "{signal} after {wait} ms");
        assert_eq!(demo.left_over(), Vec::<PathBuf>::new(), "{signal} after {wait} ms");
    }
}

#[test]
fn a_taken_port_is_replaced_and_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut demo = Demo::start_at(&format!("127.0.0.1:{port}"), &[]);
    let links = demo.until("the links", || Some(demo.links()).filter(|links| links.len() == LINKS));
    assert_ne!(links[1].0, format!("127.0.0.1:{port}"));
    assert!(demo.said().contains(&format!("Port {port} is taken")), "{}", demo.said());
    assert!(live(&links[1].0).is_some());
    assert!(demo.interrupt().success());
}

#[test]
fn a_named_folder_stays_and_one_in_use_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let named = above.path().join("kept");
    let folder = |path: &Path| path.to_str().unwrap().to_owned();
    let mut demo = Demo::start(&["--data", &folder(&named)]);
    demo.until("the links", || (demo.links().len() == LINKS).then_some(()));
    assert!(demo.interrupt().success());
    assert!(named.join("roll.db").exists());
    assert!(demo.said().contains(&format!("douxuan serve --data {}", named.display())), "{}", demo.said());

    let refused =
        Command::new(env!("CARGO_BIN_EXE_douxuan")).args(["demo", "--data", &folder(&named)]).output().unwrap();
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("--data") && why.contains("not empty"), "{why}");
    assert!(named.join("roll.db").exists());
}
