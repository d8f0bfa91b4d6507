//! T22. Frames, bodies, heads and URLs that are too large, and messages that are none.

use std::net::SocketAddr;

use douxuan_ballot::wire;
use douxuan_tests::{console::Plan, http, meeting::Meeting};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

const PLAN: Plan = Plan { voters: 6, officials: 1, rounds: 1, live: false };

/// Sends one message on a socket of its own; the close code that comes back, after anything else.
async fn close_code(address: SocketAddr, path: &str, message: Message) -> Option<u16> {
    let stream = TcpStream::connect(address).await.unwrap();
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let (mut socket, _) =
        client_async_with_config(format!("ws://{address}{path}"), stream, Some(config)).await.unwrap();
    // The server may answer before it has read it all.
    let _ = socket.send(message).await;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            return frame.map(|frame| frame.code.into());
        }
    }
    None
}

/// Red if the server buffers a frame beyond its limit, or drops the connection without a code.
#[tokio::test(flavor = "multi_thread")]
async fn oversized_frames_are_closed_with_1009() {
    let mut meeting = Meeting::begin(PLAN).await;
    let address = meeting.door.address();
    for length in [16 * 1024 + 1, 100_000, 5_000_000] {
        assert_eq!(close_code(address, wire::CAST, Message::binary(vec![0; length])).await, Some(1009), "{length}");
    }
    let text = Message::text("x".repeat(20_000));
    assert_eq!(close_code(address, wire::CAST, text).await, Some(1009));
    let live = close_code(address, wire::LIVE_SOCKET, Message::binary(vec![0; 1 << 20])).await;
    assert!(matches!(live, Some(1009) | None), "{live:?}");
    // Up to the limit it is only no ballot.
    for length in [0, 1, 697, 698, 699, 16 * 1024] {
        assert_eq!(close_code(address, wire::CAST, Message::binary(vec![0; length])).await, Some(1000), "{length}");
    }
    meeting.go_on().await.unwrap();
}

/// Red if a body is read beyond its limit, or a request's head grows without one.
#[tokio::test(flavor = "multi_thread")]
async fn oversized_bodies_heads_and_urls_are_refused_with_413_431_and_414() {
    let mut meeting = Meeting::begin(PLAN).await;
    let address = meeting.door.address();
    let post = |length: usize| http::request(address, "POST", wire::ENROL, &[], &vec![0; length]).unwrap().status;
    assert_eq!(post(64 * 1024 + 1), 413);
    assert_eq!(post(8 * 1024 * 1024), 413);
    assert_eq!(post(64 * 1024), 400, "up to the limit it is only no enrolment");
    assert_eq!(post(0), 400);

    let head = |length: usize| {
        let long = "x".repeat(length);
        http::request(address, "GET", wire::LIVE, &[("X-Long", &long)], b"").unwrap().status
    };
    assert_eq!((head(1_000), head(20_000), head(1_000_000)), (200, 431, 431));
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("X-{n}"), n.to_string())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(http::request(address, "GET", wire::LIVE, &many, b"").unwrap().status, 431);

    let url = |length: usize| {
        let path = format!("{}?{}", wire::LIVE, "x".repeat(length));
        http::request(address, "GET", &path, &[], b"").unwrap().status
    };
    assert_eq!(url(1_000), 200);
    for length in [20_000, 100_000] {
        assert!(matches!(url(length), 414 | 431), "{length}: {}", url(length));
    }

    // The console takes more, up to its own limit.
    let large = serde_json::json!({ "roster_csv_base64": "A".repeat(15 << 20), "officials_csv_base64": "" });
    assert_eq!(meeting.console.post("/desk/import", &large).unwrap().status, 413);
    meeting.go_on().await.unwrap();
}

/// Red if bytes that are no HTTP bring the server down or get a 5xx.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_gets_a_4xx_or_nothing() {
    let mut meeting = Meeting::begin(PLAN).await;
    let address = meeting.door.address();
    let heads: [&[u8]; 8] = [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        b"POST /enrol HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0xff; 64],
    ];
    for head in heads {
        let status = http::raw(address, head).map_or(0, |answer| answer.status);
        assert!(status == 0 || (400..500).contains(&status), "{:?}: {status}", String::from_utf8_lossy(head));
    }
    assert!(!meeting.server.as_mut().unwrap().has_ended());
    meeting.go_on().await.unwrap();
}
