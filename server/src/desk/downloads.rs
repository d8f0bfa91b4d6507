//! What the office takes away from an archived meeting: the bundle, and the summary table made of it.

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use super::Desk;
use crate::{
    papers::{Sheet, pdf_of},
    web::Refusal,
};

pub(super) fn router() -> Router<Desk> {
    Router::new()
        .route("/desk/bundle.zip", get(bundle))
        .route("/desk/papers.xlsx", get(workbook))
        .route("/desk/papers.csv", get(values))
        .route("/desk/papers.pdf", get(pdf))
}

fn archived(desk: &Desk) -> Result<Vec<u8>, Refusal> {
    let bundle = desk.parts().shelf.bundle().map(|bytes| bytes.to_vec());
    bundle.ok_or_else(|| Refusal::conflict("会议还没有归档。", "请先归档。").with_status(404))
}

fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

async fn bundle(State(desk): State<Desk>) -> Result<Response, Refusal> {
    Ok(file("application/zip", "douxuan-bundle.zip", archived(&desk)?))
}

/// The summary table, made anew from the bundle's signed result: the same bytes each time.
async fn made(
    desk: &Desk,
    make: impl FnOnce(&Sheet) -> Result<Vec<u8>, crate::papers::PapersError> + Send + 'static,
) -> Result<Vec<u8>, Refusal> {
    let bundle = archived(desk)?;
    let made = tokio::task::spawn_blocking(move || Sheet::of_bundle(&bundle).and_then(|sheet| make(&sheet)));
    let made = made.await.map_err(Refusal::broken)?;
    made.map_err(|error| Refusal::conflict(error.to_string(), "审计包不受影响，可以照常下载。"))
}

async fn workbook(State(desk): State<Desk>) -> Result<Response, Refusal> {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(KIND, "douxuan-summary.xlsx", made(&desk, Sheet::workbook).await?))
}

async fn values(State(desk): State<Desk>) -> Result<Response, Refusal> {
    Ok(file("text/csv; charset=utf-8", "douxuan-summary.csv", made(&desk, |sheet| Ok(sheet.values())).await?))
}

async fn pdf(State(desk): State<Desk>) -> Result<Response, Refusal> {
    Ok(file("application/pdf", "douxuan-summary.pdf", made(&desk, |sheet| pdf_of(sheet, None)).await?))
}
