//! What anyone may fetch: whole boards, the log, the bundle. **No route takes a leaf hash, a ballot key or a receipt**:
//! whoever looks one up does it at home, over all entries, and nobody learns which one.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use douxuan_crypto::contest::Contest;

use super::{LogDoor, Shelf};

/// What these routes see: the shelf and the log, neither roll nor urn.
#[derive(Clone)]
pub struct Board {
    /// Closed contests and the bundle.
    pub shelf: Shelf,
    /// The operators' acts.
    pub log: LogDoor,
}

/// The public routes of the board side.
pub fn router(board: Board) -> Router {
    Router::new()
        .route("/board/{item}/{round}/{file}", get(board_file))
        .route("/log/entries", get(log_entries))
        .route("/log/checkpoint", get(log_checkpoint))
        .route("/bundle.zip", get(bundle))
        .with_state(board)
}

async fn board_file(State(board): State<Board>, Path((item, round, file)): Path<(u16, u8, String)>) -> Response {
    let Some(files) = board.shelf.board(Contest::new(item, round)) else {
        return missing("这一项还没有截止，或没有这一项。");
    };
    match file.as_str() {
        "checkpoint" => text(files.checkpoint),
        "entries" => binary(files.entries),
        "proof" => files.proof.map_or_else(|| missing("票箱是空的，没有证明。"), binary),
        "tally" => files.tally.map_or_else(|| missing("结果没有公布。"), binary),
        _ => missing("没有这个文件。"),
    }
}

async fn log_entries(State(board): State<Board>) -> Response {
    board.log.log().map_or_else(|| missing("会议尚未定稿。"), |log| binary(log.encode().into()))
}

async fn log_checkpoint(State(board): State<Board>) -> Response {
    board.log.head().map_or_else(|| missing("会议尚未定稿。"), |head| text(head.note.into()))
}

async fn bundle(State(board): State<Board>) -> Response {
    let Some(bytes) = board.shelf.bundle() else { return missing("会议尚未归档。") };
    let name = "attachment; filename=\"douxuan-bundle.zip\"";
    ([(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
}

fn binary(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

fn text(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response()
}

fn missing(why: &'static str) -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], why).into_response()
}
