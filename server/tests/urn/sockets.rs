//! `/cast` over real sockets: one frame in, one frame out, closed; and what every other frame gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_truncation)]

use std::time::{Duration, Instant};

use douxuan::urn;
use douxuan_crypto::{ballot::SealedBallot, manifest::ReleaseKind, receipt::CastReply};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

use crate::urn_meeting::{FIRST, Meeting, Running, receipt};

async fn listening(voters: usize) -> (Meeting, Running, String) {
    let meeting = Meeting::new(voters, 1, ReleaseKind::Close);
    let running = meeting.start().await;
    running.open(&meeting, FIRST, false).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = urn::router(running.urn.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (meeting, running, format!("ws://{address}/cast"))
}

/// Sends one message, collects what comes back, and the close code.
async fn exchange(url: &str, message: Message) -> (Vec<Vec<u8>>, Option<CloseCode>) {
    let (mut socket, _) = connect_async(url).await.unwrap();
    // The server may have closed before all of an oversized frame is out.
    let _ = socket.send(message).await;
    let mut frames = Vec::new();
    while let Some(Ok(message)) = timeout(Duration::from_secs(5), socket.next()).await.unwrap() {
        match message {
            Message::Binary(bytes) => frames.push(bytes.to_vec()),
            Message::Close(frame) => return (frames, frame.map(|f| f.code)),
            other => panic!("{other:?}"),
        }
    }
    (frames, None)
}

#[tokio::test]
async fn one_frame_in_one_frame_out_and_closed() {
    let (mut meeting, _running, url) = listening(3).await;
    let ballot = meeting.ballot(0, FIRST, 2);
    for _ in 0..2 {
        let (frames, code) = exchange(&url, Message::Binary(ballot.wire.clone().into())).await;
        assert_eq!((frames.len(), code), (1, Some(CloseCode::Normal)));
        assert_eq!(frames[0].len(), 541);
        let reply = CastReply::open(&ballot.reply_key, &frames[0]).unwrap();
        receipt(&meeting.manifest, &ballot, &reply);
    }
}

#[tokio::test]
async fn what_is_no_cast_is_closed_without_a_frame() {
    let (_meeting, _running, url) = listening(1).await;
    for message in [
        Message::Text("hello".into()),
        Message::Binary(vec![1, 2, 3].into()),
        Message::Binary(vec![0; 16 << 10].into()),
    ] {
        assert_eq!(exchange(&url, message).await, (Vec::new(), Some(CloseCode::Normal)));
    }
}

#[tokio::test]
async fn an_oversized_frame_is_closed_with_1009() {
    let (_meeting, _running, url) = listening(1).await;
    for length in [(16 << 10) + 1, 64 << 10, 1 << 20] {
        let (frames, code) = exchange(&url, Message::Binary(vec![0; length].into())).await;
        assert_eq!((frames.len(), code), (0, Some(CloseCode::Size)), "{length} bytes");
    }
}

#[tokio::test]
async fn a_server_that_stops_says_come_again() {
    let (mut meeting, running, url) = listening(1).await;
    let ballot = meeting.ballot(0, FIRST, 2);
    running.urn.shutdown().await;
    let (frames, code) = exchange(&url, Message::Binary(ballot.wire.into())).await;
    assert_eq!((frames.len(), code), (0, Some(CloseCode::Again)));
}

#[tokio::test]
async fn the_upgrade_offers_no_compression_and_sets_no_cookie() {
    let (_meeting, _running, url) = listening(1).await;
    let address = url.trim_start_matches("ws://").trim_end_matches("/cast").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "GET /cast HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\nCookie: a=b\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = vec![0; 1024];
    let length = timeout(Duration::from_secs(5), stream.read(&mut head)).await.unwrap().unwrap();
    let head = String::from_utf8_lossy(&head[..length]).to_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    assert!(!head.contains("extensions") && !head.contains("cookie"), "{head}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_phones_at_once_all_get_their_receipts() {
    let (mut meeting, running, url) = listening(300).await;
    let ballots: Vec<SealedBallot> = (0..300).map(|v| meeting.ballot(v, FIRST, (v % 5) as u8)).collect();
    let begun = Instant::now();
    let casts: Vec<_> = ballots
        .into_iter()
        .map(|ballot| {
            let url = url.clone();
            tokio::spawn(async move {
                let sent = Instant::now();
                let (frames, _) = exchange(&url, Message::Binary(ballot.wire.clone().into())).await;
                (CastReply::open(&ballot.reply_key, &frames[0]).unwrap(), ballot, sent.elapsed())
            })
        })
        .collect();
    let mut times = Vec::new();
    for cast in casts {
        let (reply, ballot, time) = cast.await.unwrap();
        receipt(&meeting.manifest, &ballot, &reply);
        times.push(time);
    }
    times.sort();
    println!("300 casts in {:?}, slowest {:?}", begun.elapsed(), times[299]);
    assert_eq!(running.close(&meeting, FIRST).await.size, 300);
}
