//! What stands around every route: who is answered, what every answer carries, and how slow or large a request may be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use office::{PUBLIC, console, send, start};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn every_page_carries_the_strict_policy_and_only_the_phone_runs_wasm() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let public = [
        "/",
        "/phone.js",
        "/phone.css",
        "/ballot.wasm",
        "/hall",
        "/hall.js",
        "/hall.css",
        "/rostrum",
        "/rostrum.js",
        "/live.js",
        "/live.json",
        "/ceremony.json",
        "/typed.svg",
        "/manifest",
        "/log/entries",
        "/nothing",
    ];
    let desk =
        ["/", "/console.js", "/console.css", "/slips.css", "/slips.js", "/desk/state", "/desk/slips", "/nothing"];
    for (path, of_console) in public.iter().map(|p| (p, false)).chain(desk.iter().map(|p| (p, true))) {
        let answered = if of_console { office.get(path).await } else { office.public(path).await };
        let header =
            |name: &str| answered.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'),
            "{path}"
        );
        assert_eq!(policy.contains("wasm-unsafe-eval"), *path == "/" && !of_console, "{path}: {policy}");
        for part in ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {part}");
        }
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answered.status == StatusCode::NOT_FOUND, *path == "/nothing", "{path}");
        // Nothing inline, nothing from elsewhere.
        if header("content-type").starts_with("text/html") {
            let html = answered.text();
            assert!(!html.contains("style=") && !html.contains("<style") && !html.contains("javascript:"), "{path}");
            // A block of words is data: it loads nothing and runs nothing.
            let without_data = |part| match str::split_once(part, "</script>") {
                Some((data, rest)) if data.starts_with(" type=\"application/json\"") => rest,
                _ => part,
            };
            let page: String = html.split("<script").map(without_data).collect();
            assert!(
                !page.contains(" onclick=") && !page.contains("http://www") && !page.contains("https://"),
                "{path}"
            );
            let tags = html.split("<script").skip(1).map(|tag| tag.split('>').next().unwrap());
            let mut scripts = tags.filter(|tag| !tag.contains("type=\"application/json\""));
            assert!(scripts.all(|tag| tag.contains("src=\"/")), "{path}");
        }
    }
    office.stop().await;
}

#[tokio::test]
async fn other_hosts_and_origins_are_refused_and_told_why() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let get = |host: &str| Request::builder().uri("/live.json").header(header::HOST, host).body(Body::empty()).unwrap();
    for host in ["evil.test", "vote.test.evil.test:8460", "192.0.2.1:8460", ""] {
        for router in [&office.app.public, &office.app.console] {
            let answered = send(router, get(host)).await;
            assert_eq!(answered.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
            assert!(answered.json()["what_to_do"].as_str().unwrap().contains("--host"));
        }
    }
    assert_eq!(send(&office.app.public, get(PUBLIC)).await.status, StatusCode::OK);
    assert_eq!(send(&office.app.public, get("127.0.0.1")).await.status, StatusCode::OK);

    // A page of another origin: its name resolves here, or it posts across.
    for origin in ["http://evil.test", "http://127.0.0.1:8460", "null", "http://127.0.0.1:8461.evil.test"] {
        let mut request = console(Method::POST, "/desk/login", Some(json!({ "code": "x" })));
        request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        assert_eq!(send(&office.app.console, request).await.status, StatusCode::FORBIDDEN, "{origin}");
        let cast = Request::builder().uri("/live").header(header::HOST, PUBLIC).header(header::ORIGIN, origin);
        let cast = cast.header(header::UPGRADE, "websocket").body(Body::empty()).unwrap();
        assert_eq!(
            send(&office.app.public, cast).await.status,
            StatusCode::FORBIDDEN,
            "cross-site WebSocket, {origin}"
        );
    }
    let mut request = console(Method::POST, "/desk/login", Some(json!({ "code": "x" })));
    request.headers_mut().remove(header::ORIGIN);
    assert_eq!(send(&office.app.console, request).await.status, StatusCode::FORBIDDEN, "an act names its origin");
    // The desk is not on the phones' side.
    assert_eq!(office.public("/desk/state").await.status, StatusCode::NOT_FOUND);
    office.stop().await;
}

#[tokio::test]
async fn the_desk_answers_nobody_who_is_not_signed_in() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    for path in ["/desk/state", "/desk/slips", "/desk/slips.json", "/desk/bundle.zip", "/desk/papers.xlsx"] {
        let answered = send(&office.app.console, console(Method::GET, path, None)).await;
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["freeze", "sample", "window/open", "contest/open", "archive", "meeting/new"] {
        let mut request = console(Method::POST, &format!("/desk/{path}"), Some(json!({})));
        request.headers_mut().insert(header::COOKIE, "douxuan_staff=00".parse().unwrap());
        assert_eq!(send(&office.app.console, request).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/desk/session", "/desk/nothing"] {
        let answered = send(&office.app.console, console(Method::GET, path, None)).await;
        assert_ne!(answered.status, StatusCode::OK, "{path}");
    }
    let guess = console(Method::POST, "/desk/login", Some(json!({ "code": "0000-0000-0000-0000" })));
    let answered = send(&office.app.console, guess).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    assert!(!answered.headers.contains_key(header::SET_COOKIE));
    office.stop().await;
}

#[tokio::test]
async fn what_is_too_large_or_not_json_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let answered = office.post("/desk/import", json!({ "roster_csv_base64": "A".repeat(15 << 20) })).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
    for (body, kind) in [
        ("{", "application/json"),
        ("{\"presence\": 3}", "application/json"),
        ("present=3", "application/x-www-form-urlencoded"),
    ] {
        let (state, mut request) =
            (office.post("/desk/window/close", json!(body)).await, console(Method::POST, "/desk/login", None));
        assert_eq!(state.status, StatusCode::BAD_REQUEST);
        request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        *request.body_mut() = Body::from(body);
        let answered = send(&office.app.console, request).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answered.json()["what_to_do"].as_str().unwrap().is_empty());
    }
    office.stop().await;
}

async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn oversized_heads_and_urls_get_431_and_slow_ones_are_cut_while_others_are_served() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    let head = format!("GET / HTTP/1.1\r\nHost: vote.test\r\nX: {}\r\nConnection: close\r\n\r\n", "a".repeat(20_000));
    assert!(raw(public, &head).await.starts_with("HTTP/1.1 431"));
    let many = format!("GET / HTTP/1.1\r\nHost: vote.test\r\n{}\r\n", "X: a\r\n".repeat(200));
    assert!(raw(public, &many).await.starts_with("HTTP/1.1 431"));
    let url = format!("GET /{} HTTP/1.1\r\nHost: vote.test\r\n\r\n", "a".repeat(20_000));
    assert!(raw(public, &url).await.starts_with("HTTP/1.1 4"));

    // T29: heads that never end, one byte now and then.
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut socket = TcpStream::connect(public).await.unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\nHost: vo").await.unwrap();
        slow.push(socket);
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(8) {
        let asked = Instant::now();
        assert!(
            raw(public, "GET /live.json HTTP/1.1\r\nHost: vote.test\r\nConnection: close\r\n\r\n")
                .await
                .contains("200 OK")
        );
        assert!(asked.elapsed() < Duration::from_secs(1));
        for socket in &mut slow {
            let _ = socket.write_all(b"x").await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut cut = 0;
    for mut socket in slow {
        let mut byte = [0; 256];
        let read = tokio::time::timeout(Duration::from_millis(50), socket.read(&mut byte)).await;
        cut += usize::from(matches!(read, Ok(Ok(0) | Err(_)) | Ok(Ok(_))));
    }
    assert_eq!(cut, 200, "every one of them was cut");
    office.stop().await;
}
