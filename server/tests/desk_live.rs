//! The live state: the newest value to everybody, nobody held up, nothing between the ticks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{net::SocketAddr, time::Duration};

use office::{Phone, start};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A live socket, spoken by hand: one text frame at a time.
struct Listener(TcpStream);

impl Listener {
    async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = "GET /live HTTP/1.1\r\nHost: vote.test:8460\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                       Origin: http://vote.test:8460\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(!head.to_lowercase().contains("sec-websocket-extensions"), "no compression");
        Self(stream)
    }

    /// The next text frame; `None` when the server closes.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let kind = self.0.read_u8().await.ok()? & 15;
            let length = match self.0.read_u8().await.ok()? & 127 {
                126 => u64::from(self.0.read_u16().await.ok()?),
                127 => self.0.read_u64().await.ok()?,
                short => u64::from(short),
            };
            let mut bytes = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut bytes).await.ok()?;
            match kind {
                1 => return Some(serde_json::from_slice(&bytes).unwrap()),
                8 => return None,
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn the_newest_state_reaches_everybody_and_a_slow_reader_holds_nobody_up() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    let mut quick = Listener::connect(public).await;
    let stuck: Vec<Listener> = futures_util::future::join_all((0..50).map(|_| Listener::connect(public))).await;
    assert_eq!(quick.next().await.unwrap()["phase"], "preparing");
    for n in 0..200 {
        office.act("/desk/sample", json!({})).await;
        office.act("/desk/settings", json!({ "title": format!("第{n}稿") })).await;
    }
    let last = timeout(Duration::from_secs(5), async {
        loop {
            let live = quick.next().await.unwrap();
            if live["title"] == "【演练】第199稿" {
                return live;
            }
        }
    });
    assert_eq!(last.await.unwrap(), office.live().await);
    drop(stuck);
    // Shutting down closes the socket, cleanly and soon.
    office.app.stop();
    timeout(Duration::from_secs(2), async { while quick.next().await.is_some() {} }).await.unwrap();
    office.stop().await;
}

#[tokio::test]
async fn enrolments_show_on_ticks_only_and_at_once_when_the_window_closes() {
    let data = tempfile::tempdir().unwrap();
    let mut setup = office::setup(data.path());
    setup.tick = Duration::from_millis(700);
    let office = office::start_with(setup).await.unwrap();
    office.small(30, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;
    let mut seen = Vec::new();
    for (n, slip) in slips.iter().take(20).enumerate() {
        office.enrol(Phone::new(&manifest, slip, n as u64).wire).await;
        seen.push(office.live().await["enrolled"].as_u64().unwrap());
    }
    seen.dedup();
    assert!(seen.len() <= 3, "20 enrolments in well under two ticks: {seen:?}");
    office.act("/desk/window/close", json!({ "present": 25 })).await;
    let live = office.live().await;
    assert_eq!((live["enrolled"].as_u64(), live["present"].as_u64()), (Some(20), Some(25)));
    office.stop().await;
}

#[tokio::test]
async fn frames_that_are_too_large_end_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    let mut listener = Listener::connect(public).await;
    listener.next().await.unwrap();
    // A masked binary frame of 2 000 bytes; 1 024 are allowed.
    let frame = [&[0x82, 0x80 | 126, 7, 208, 0, 0, 0, 0][..], &[0; 2_000]].concat();
    listener.0.write_all(&frame).await.unwrap();
    let ended = timeout(Duration::from_secs(2), async { while listener.next().await.is_some() {} }).await;
    assert!(ended.is_ok());
    office.stop().await;
}
