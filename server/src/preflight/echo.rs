//! `/preflight/echo`: the round trips of a phone that has scanned the preflight's QR code.
//!
//! ```text
//! phone                          server
//! {"nonce": N}              ->                      N stands in the QR code only
//!                           <-   {"counter": C1}    C1 random
//! {"counter": C1}           ->                      one round trip; ten of them, each with a counter of its own
//!                           <-   {"tell": true}
//! {"now": ms, "lacks": []}  ->
//!                           <-   {"done": 3}        the third phone
//! ```
//! A phone has come when its ten counters came back right. `{"refused": why}` ends it at any step.
//!
//! **That this machine reaches itself says nothing**, so a request whose `Host` is a name of loopback is refused, and so is
//! any other than the one in the QR code. Who is at the other end is not looked at: the listeners do not read it. Whoever
//! opens the printed address on this machine itself would have to take N out of the QR code first.

use std::time::{Duration, Instant};

use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::time::timeout;

use super::{
    Preflight,
    phones::{Phone, Told, drawn},
};
use crate::limits;

/// Round trips that are measured.
const TRIPS: usize = 10;
/// How long a phone may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begins {
    nonce: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Returns {
    counter: String,
}

/// Why a phone is not counted. Its words are `preflight_phone.refused_<word>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// No checks were begun, or too long ago, or the code is an older one.
    Lapsed,
    /// Somebody enrols or votes.
    Busy,
    /// Opened on this machine itself.
    Itself,
    /// Too many at once.
    Full,
    /// What came back was not what was sent.
    Wrong,
}

impl Refused {
    const fn word(self) -> &'static str {
        match self {
            Self::Lapsed => "lapsed",
            Self::Busy => "busy",
            Self::Itself => "itself",
            Self::Full => "full",
            Self::Wrong => "wrong",
        }
    }
}

pub(super) async fn echo(
    State(preflight): State<Preflight>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.to_owned();
    upgrade
        .read_buffer_size(limits::SOCKET_BUFFER)
        .write_buffer_size(0)
        .max_message_size(limits::LIVE_MESSAGE)
        .max_frame_size(limits::LIVE_MESSAGE)
        .on_upgrade(move |socket| serve(socket, preflight, host))
}

/// Whether a `Host` is name and port of an origin, of which browsers leave out the port that the scheme has anyway.
pub(super) fn leads_to(origin: &str, host: &str) -> bool {
    let (scheme, authority) = origin.split_once("://").unwrap_or_default();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let bare = |text: &str| text.strip_suffix(usual).unwrap_or(text).to_ascii_lowercase();
    bare(authority) == bare(host)
}

/// Whether a `Host` names this machine as only itself can.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, _)) => inside,
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

async fn serve(mut socket: WebSocket, preflight: Preflight, host: String) {
    let said = match round(&mut socket, &preflight, &host).await {
        Ok(Some(number)) => json!({ "done": number }),
        Ok(None) => return,
        Err(refused) => json!({ "refused": refused.word() }),
    };
    let _ = say(&mut socket, &said.to_string()).await;
    let _ = timeout(limits::SEND_TIME, socket.send(Message::Close(None))).await;
}

/// The number of the phone; `None` if it went away.
async fn round(socket: &mut WebSocket, preflight: &Preflight, host: &str) -> Result<Option<usize>, Refused> {
    if is_loopback(host) {
        return Err(Refused::Itself);
    }
    let _place = preflight.place().ok_or(Refused::Full)?;
    let Some(Begins { nonce }) = hear(socket).await? else { return Ok(None) };
    preflight.admit(&nonce, host)?;
    let mut trips = Vec::with_capacity(TRIPS);
    while trips.len() < TRIPS {
        let counter = drawn(&mut *preflight.rng());
        let from = Instant::now();
        if !say(socket, &json!({ "counter": counter }).to_string()).await {
            return Ok(None);
        }
        let Some(Returns { counter: returned }) = hear(socket).await? else { return Ok(None) };
        trips.push(from.elapsed());
        if returned != counter {
            return Err(Refused::Wrong);
        }
    }
    if !say(socket, "{\"tell\":true}").await {
        return Ok(None);
    }
    let Some(told) = hear::<Told>(socket).await? else { return Ok(None) };
    preflight.came(&nonce, host, Phone::of(trips, &told, preflight.milliseconds())).map(Some)
}

async fn say(socket: &mut WebSocket, text: &str) -> bool {
    matches!(timeout(limits::SEND_TIME, socket.send(Message::Text(text.into()))).await, Ok(Ok(())))
}

/// The next message; `None` if nobody is there any more.
async fn hear<T: DeserializeOwned>(socket: &mut WebSocket) -> Result<Option<T>, Refused> {
    let next = async {
        loop {
            match socket.recv().await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return other,
            }
        }
    };
    match timeout(ANSWER, next).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(&text).map(Some).map_err(|_| Refused::Wrong),
        Ok(Some(Ok(Message::Binary(_)))) => Err(Refused::Wrong),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, leads_to};

    #[test]
    fn a_host_leads_to_an_origin_with_its_port_written_or_not() {
        for (origin, host) in [
            ("http://192.168.1.10:8460", "192.168.1.10:8460"),
            ("http://vote.test:80", "Vote.test"),
            ("https://vote.test:443", "vote.test:443"),
            ("http://[fd00::5]:80", "[fd00::5]"),
        ] {
            assert!(leads_to(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("http://192.168.1.10:8460", "192.168.1.10"),
            ("http://192.168.1.10:8460", "192.168.1.11:8460"),
            ("http://vote.test:443", "vote.test"),
            ("https://vote.test:80", "vote.test"),
            ("http://vote.test:80", ""),
        ] {
            assert!(!leads_to(origin, host), "{origin} {host}");
        }
    }

    #[test]
    fn names_of_loopback_with_and_without_a_port() {
        for host in ["localhost", "LOCALHOST:8460", "127.0.0.1", "127.8.0.1:80", "[::1]", "[::1]:8460"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["192.168.1.10:8460", "vote.test", "[fd00::5]:8460", "localhost.test", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
