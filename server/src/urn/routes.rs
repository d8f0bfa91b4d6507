//! `/cast`: one WebSocket, one sealed ballot in, one sealed reply out, closed. No cookie, no id, no compression.
//!
//! What the other side sees besides the reply is the close code: 1000 after a reply or for what is no cast, 1009 for
//! an oversized frame, 1013 if the same bytes may be sent again later, 1011 if the contest was stopped by an alarm.
//! **Nothing is logged here, and nothing depends on the connection.**

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    response::Response,
    routing::get,
};
use tokio::time::{sleep, timeout};

use super::{Answer, UrnDoor};
use crate::limits;

/// Bytes of one incoming message; a cast over 7 options has 997.
const MESSAGE: usize = 16 << 10;
/// How long a connection may stay without a ballot.
const IDLE: Duration = Duration::from_secs(10);
/// How long the other side may take to answer the close.
const FAREWELL: Duration = Duration::from_secs(2);
/// Pings and the like that are allowed before the ballot.
const IDLE_FRAMES: usize = 8;

/// The public route of the urn.
pub fn router(door: UrnDoor) -> Router {
    Router::new().route("/cast", get(cast)).with_state(door)
}

async fn cast(State(door): State<UrnDoor>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(limits::SOCKET_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MESSAGE)
        .max_frame_size(MESSAGE)
        .on_upgrade(move |socket| serve(socket, door))
}

async fn serve(mut socket: WebSocket, door: UrnDoor) {
    let code = match timeout(IDLE, ballot(&mut socket)).await {
        Ok(Incoming::Ballot(wire)) => match door.cast(wire.into()).await {
            Answer::Sealed(reply) => match socket.send(Message::Binary(reply.into())).await {
                Ok(()) => close_code::NORMAL,
                Err(_) => return,
            },
            Answer::Silent => close_code::NORMAL,
            Answer::Later => close_code::AGAIN,
            Answer::Stopped => close_code::ERROR,
        },
        Ok(Incoming::Oversized) => close_code::SIZE,
        Ok(Incoming::Other) | Err(_) => close_code::NORMAL,
        Ok(Incoming::Gone) => return,
    };
    let frame = CloseFrame { code, reason: "".into() };
    if socket.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    if code == close_code::SIZE {
        // What is left of the frame is not read; closing over it at once would reset the connection and could take
        // the close code away before it is seen.
        sleep(Duration::from_millis(200)).await;
        return;
    }
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}

enum Incoming {
    Ballot(Bytes),
    Oversized,
    Other,
    Gone,
}

async fn ballot(socket: &mut WebSocket) -> Incoming {
    for _ in 0..IDLE_FRAMES {
        match socket.recv().await {
            Some(Ok(Message::Binary(wire))) => return Incoming::Ballot(wire),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_))) => return Incoming::Other,
            Some(Err(error)) => return if is_oversized(error) { Incoming::Oversized } else { Incoming::Gone },
            Some(Ok(Message::Close(_))) | None => return Incoming::Gone,
        }
    }
    Incoming::Other
}

fn is_oversized(error: axum::Error) -> bool {
    let error = error.into_inner().downcast::<tungstenite::Error>();
    error.is_ok_and(|error| matches!(*error, tungstenite::Error::Capacity(_)))
}
