//! `/live`, `/live.json`: the newest state, whenever it changes or once; `/manifest`: what the meeting fixed;
//! `/ceremony.json`: what was done, from the log; `/typed.svg` and `/wifi.svg`: two QR codes for the hall screen.

use axum::{
    Router,
    body::Bytes,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Frame, Hub};
use crate::{limits, web::Refusal};

const JSON: &str = "application/json; charset=utf-8";

/// The hall side's router state.
#[derive(Clone)]
pub struct Hall {
    hub: Hub,
    frames: watch::Receiver<Frame>,
    stop: watch::Receiver<bool>,
}

impl Hall {
    /// Listens to a hub until `stop`.
    #[must_use]
    pub fn new(hub: &Hub, stop: watch::Receiver<bool>) -> Self {
        Self { hub: hub.clone(), frames: hub.watch(), stop }
    }
}

/// The live state's routes.
pub fn router(hall: Hall) -> Router {
    Router::new()
        .route("/live", get(socket))
        .route("/live.json", get(once))
        .route("/manifest", get(manifest))
        .route("/ceremony.json", get(ceremony))
        .route("/typed.svg", get(typed))
        .route("/wifi.svg", get(wifi))
        .with_state(hall)
}

/// The exact bytes, never serialised again: M is their hash.
async fn manifest(State(hall): State<Hall>) -> Response {
    match hall.hub.manifest() {
        Some(manifest) => ([(header::CONTENT_TYPE, JSON)], manifest.bytes.clone()).into_response(),
        None => Refusal::conflict("会议还没有冻结。", "请稍候再试。").with_status(404).into_response(),
    }
}

async fn ceremony(State(hall): State<Hall>) -> Response {
    match hall.hub.ceremony() {
        Some(json) => ([(header::CONTENT_TYPE, JSON)], json).into_response(),
        None => Refusal::conflict("会议还没有冻结。", "请稍候再试。").with_status(404).into_response(),
    }
}

async fn typed(State(hall): State<Hall>) -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], hall.hub.typed()).into_response()
}

async fn wifi(State(hall): State<Hall>) -> Response {
    match hall.hub.wifi() {
        Some(wifi) => ([(header::CONTENT_TYPE, "image/svg+xml")], wifi.code).into_response(),
        None => Refusal::conflict("会场没有显示无线网络。", "请照会场张贴的纸连接。").with_status(404).into_response(),
    }
}

async fn once(State(hall): State<Hall>) -> Response {
    let text = hall.frames.borrow().at(Instant::now());
    ([(header::CONTENT_TYPE, JSON)], Bytes::from(text)).into_response()
}

async fn socket(State(hall): State<Hall>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(limits::SOCKET_BUFFER)
        .write_buffer_size(0)
        .max_message_size(limits::LIVE_MESSAGE)
        .max_frame_size(limits::LIVE_MESSAGE)
        .on_upgrade(move |socket| listen(socket, hall.frames, hall.stop))
}

/// Sends the newest frame whenever there is one. A listener that does not take it in time is let go; it connects
/// again and gets the newest then.
async fn listen(mut socket: WebSocket, mut frames: watch::Receiver<Frame>, mut stop: watch::Receiver<bool>) {
    frames.mark_changed();
    let (mut silent_since, mut heard) = (Instant::now(), Instant::now());
    loop {
        let message = tokio::select! {
            changed = frames.changed() => match changed {
                Ok(()) => Message::Text(frames.borrow_and_update().at(Instant::now())),
                Err(_) => break,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pings are answered by the library; whatever else comes only shows that somebody is there.
                Some(Ok(_)) => {
                    heard = Instant::now();
                    continue;
                }
            },
            () = sleep_until(silent_since + limits::PING) => {
                if heard.elapsed() > 3 * limits::PING {
                    return;
                }
                Message::Ping(Bytes::new())
            }
            _ = stop.wait_for(|stop| *stop) => break,
        };
        silent_since = Instant::now();
        if !matches!(timeout(limits::SEND_TIME, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = timeout(limits::SEND_TIME, socket.send(Message::Close(None))).await;
}
