//! The fixed answers to what phones ask of a Wi-Fi to find out whether it leads to the internet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use office::{send, setup, start, start_with};

#[tokio::test]
async fn phones_that_test_the_wifi_are_answered_only_where_it_was_asked_for() {
    let asks =
        |host: &str, path: &str| Request::builder().uri(path).header(header::HOST, host).body(Body::empty()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let plain = start(data.path()).await.unwrap();
    for (host, path) in
        [("captive.apple.com", "/hotspot-detect.html"), ("connectivitycheck.gstatic.com", "/generate_204")]
    {
        assert_eq!(send(&plain.app.public, asks(host, path)).await.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    plain.stop().await;

    let mut parts = setup(data.path());
    parts.hosts = parts.hosts.with_captive();
    let office = start_with(parts).await.unwrap();
    let answered = async |host: &str, path: &str| send(&office.app.public, asks(host, path)).await;
    assert_eq!(answered("connectivitycheck.gstatic.com", "/generate_204").await.status, StatusCode::NO_CONTENT);
    assert_eq!(answered("connect.rom.miui.com", "/generate_204").await.bytes, b"");
    for (host, path, body) in [
        (
            "captive.apple.com",
            "/hotspot-detect.html",
            "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>",
        ),
        ("www.msftconnecttest.com", "/connecttest.txt", "Microsoft Connect Test"),
        ("www.msftncsi.com", "/ncsi.txt", "Microsoft NCSI"),
        ("detectportal.firefox.com", "/success.txt", "success\n"),
    ] {
        let answer = answered(host, path).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, body), "{host}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    // A foreign name gets nothing else, and our own name none of these.
    for (host, path) in [
        ("captive.apple.com", "/"),
        ("captive.apple.com", "/live.json"),
        ("captive.apple.com", "/manifest"),
        ("captive.apple.com", "/generate_204"),
        ("connectivitycheck.gstatic.com", "/hotspot-detect.html"),
        ("connectivitycheck.gstatic.com", "/preflight"),
        ("evil.test", "/generate_204"),
        ("evil.test", "/"),
    ] {
        assert_eq!(answered(host, path).await.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
    }
    assert_eq!(answered("vote.test:8460", "/generate_204").await.status, StatusCode::NOT_FOUND);
    assert_eq!(answered("vote.test:8460", "/live.json").await.status, StatusCode::OK);
    // The console answers none of them.
    let refused = send(&office.app.console, asks("captive.apple.com", "/hotspot-detect.html")).await;
    assert_eq!(refused.status, StatusCode::MISDIRECTED_REQUEST);
    office.stop().await;
}

#[test]
fn where_it_could_not_work_it_is_not_taken() {
    use clap::Parser;
    let taken = |words: &[&str]| douxuan::args::Arguments::try_parse_from([&["douxuan"], words].concat());
    assert!(taken(&["serve", "--captive", "--public", "0.0.0.0:80"]).is_ok());
    for words in [["--captive", "--cert", "a", "--key", "b"], ["--cert", "a", "--key", "b", "--captive"]] {
        let refused = taken(&[&["serve"], &words[..]].concat()).err().unwrap().to_string();
        assert!(refused.contains("--captive") && refused.contains("--cert"), "{refused}");
        assert!(taken(&words).is_err(), "without the word serve");
    }
}
