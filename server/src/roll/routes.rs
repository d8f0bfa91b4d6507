//! `POST /enrol`: a sealed request in, a sealed reply of one constant length out.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use douxuan_crypto::{
    enroll::{EnrolRequest, refusal},
    seal::ReplyKey,
};
use rand_core::CryptoRng;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Sheet,
    command::{Command, Spend, Verdict},
    workers::{Busy, Place, Workers},
};
use crate::web::Refusal;

/// The roll side's router state.
#[derive(Clone)]
pub struct Roll {
    clerk: mpsc::Sender<Command>,
    sheets: watch::Receiver<Option<Arc<Sheet>>>,
    workers: Workers,
}

impl Roll {
    pub(super) fn new(
        clerk: mpsc::Sender<Command>,
        sheets: watch::Receiver<Option<Arc<Sheet>>>,
        workers: Workers,
    ) -> Self {
        Self { clerk, sheets, workers }
    }
}

/// The roll's one route.
pub fn router(roll: Roll) -> Router {
    Router::new().route("/enrol", post(enrol)).with_state(roll)
}

async fn enrol(State(roll): State<Roll>, wire: Bytes) -> Response {
    match answer(&roll, wire).await {
        Ok(Some(reply)) => ([(header::CONTENT_TYPE, "application/octet-stream")], reply).into_response(),
        Ok(None) => StatusCode::BAD_REQUEST.into_response(),
        Err(Busy) => {
            Refusal::conflict("登记的人太多，或登记库暂时写不进去。", "请等几秒再试，票纸没有用掉或可以原样重试。")
                .with_status(503)
                .into_response()
        }
    }
}

/// `None`: the message does not open, and nobody is told why.
async fn answer(roll: &Roll, wire: Bytes) -> Result<Option<Vec<u8>>, Busy> {
    let Some(sheet) = roll.sheets.borrow().clone() else { return Ok(None) };
    let place = roll.workers.place()?;
    let opened = sheet.clone();
    let Some((request, reply_key)) = place.run(move |_| open(&opened, &wire)).await? else { return Ok(None) };
    let Some(request) = request else { return refuse(&place, sheet, reply_key).await };

    // Durable before anything is evaluated: the verdict comes after the commit.
    match spend(roll, &request).await? {
        Verdict::Granted => place.run(move |rng| evaluate(&sheet, &request, &reply_key, rng)).await,
        Verdict::Refused | Verdict::NoWindow => refuse(&place, sheet, reply_key).await,
        Verdict::Failed => Err(Busy),
    }
}

/// `None` if it does not open; a request that is wrong inside has a reply key, and gets the one refusal.
fn open(sheet: &Sheet, wire: &[u8]) -> Option<(Option<EnrolRequest>, ReplyKey)> {
    let key = sheet.enrolment_key()?;
    let (plain, reply_key) = EnrolRequest::unseal(&sheet.manifest, &key, wire).ok()?;
    let request = EnrolRequest::decode(&sheet.manifest, &plain).ok();
    Some((request.filter(|request| sheet.leaf(request.t()).is_some()), reply_key))
}

async fn spend(roll: &Roll, request: &EnrolRequest) -> Result<Verdict, Busy> {
    let (verdict, decided) = oneshot::channel();
    let (t, request_hash, sig) = (*request.t(), *request.hash(), *request.signature());
    let spend = Spend { t, request_hash, sig, verdict };
    roll.clerk.send(Command::Spend(spend)).await.map_err(|_| Busy)?;
    decided.await.map_err(|_| Busy)
}

fn evaluate(sheet: &Sheet, request: &EnrolRequest, reply_key: &ReplyKey, rng: &mut dyn CryptoRng) -> Option<Vec<u8>> {
    let (index, mask, path) = sheet.leaf(request.t())?;
    let issuers = sheet.issuers();
    let keys: Vec<_> = issuers.iter().map(Option::as_deref).collect();
    let evaluations = request.evaluate(&sheet.manifest, mask, &keys, rng).ok()?;
    Some(reply_key.seal(&evaluations.reply(&sheet.manifest, mask, index, &path), rng))
}

async fn refuse(place: &Place, sheet: Arc<Sheet>, reply_key: ReplyKey) -> Result<Option<Vec<u8>>, Busy> {
    place.run(move |rng| Some(reply_key.seal(&refusal(&sheet.manifest), rng))).await
}
