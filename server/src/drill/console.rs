//! The office's side of a drill: the console's own requests, with its cookie.

use std::net::SocketAddr;

use axum::body::Bytes;
use douxuan_ballot::native::door::NetworkError;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use rand::rngs::SysRng;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::DrillError;
use crate::staff::draw_code;

pub(crate) struct Console {
    address: SocketAddr,
    cookie: String,
}

impl Console {
    /// Signs in to a demonstration with its code.
    pub(crate) async fn enter(address: SocketAddr, code: &str) -> Result<Self, DrillError> {
        Self::sign_in(address, "/desk/login", json!({ "code": code })).await
    }

    /// Signs in to a server on a new data folder, as the first account. Nobody else ever signs in with it: the
    /// pass-phrase is drawn and forgotten.
    pub(crate) async fn first(address: SocketAddr, code: &str) -> Result<Self, DrillError> {
        let phrase = draw_code(&mut rand_core::UnwrapErr(SysRng));
        let first = json!({ "code": code, "name": "演练", "sign_in": "rehearsal", "phrase": phrase.as_str() });
        Self::sign_in(address, "/desk/staff/first", first).await
    }

    async fn sign_in(address: SocketAddr, path: &str, body: Value) -> Result<Self, DrillError> {
        let mut console = Self { address, cookie: String::new() };
        let (_, cookie) = console.ask(Method::POST, path, Some(&body)).await.map_err(during("login"))?;
        let cookie = cookie.ok_or_else(|| DrillError::Broken("the console gave no session".to_owned()))?;
        cookie.split(';').next().unwrap_or_default().clone_into(&mut console.cookie);
        Ok(console)
    }

    /// An act of the console.
    pub(crate) async fn act(&self, path: &str, body: Value) -> Result<Value, DrillError> {
        let path = format!("/desk/{path}");
        let (answer, _) = self.ask(Method::POST, &path, Some(&body)).await.map_err(during(&path))?;
        serde_json::from_slice(&answer).map_err(|error| DrillError::Broken(format!("{path}: {error}")))
    }

    /// What a page of the console reads.
    pub(crate) async fn read(&self, path: &str) -> Result<Vec<u8>, DrillError> {
        let path = format!("/desk/{path}");
        Ok(self.ask(Method::GET, &path, None).await.map_err(during(&path))?.0)
    }

    /// One request, on a connection of its own. Once sent it is heard to its end, whoever still waits for it: what an
    /// act has begun is not cut short by a signal.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(Vec<u8>, Option<String>), NetworkError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("Host", self.address.to_string())
            .header("Origin", format!("http://{}", self.address))
            .header("Content-Type", "application/json");
        if !self.cookie.is_empty() {
            request = request.header("Cookie", &self.cookie);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).map_err(malformed)?;
        tokio::spawn(send(self.address, request)).await.map_err(malformed)?
    }
}

async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<(Vec<u8>, Option<String>), NetworkError> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(malformed)?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(malformed)?;
    let status = response.status().as_u16();
    let cookie = response.headers().get("set-cookie").and_then(|c| c.to_str().ok()).map(str::to_owned);
    let answer = response.into_body().collect().await.map_err(malformed)?.to_bytes().to_vec();
    if status == 200 {
        return Ok((answer, cookie));
    }
    Err(NetworkError::Status(status, sentence(&answer)))
}

/// What a refusal says, and what to do; whatever else came as it is.
fn sentence(answer: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(answer).unwrap_or_default();
    match (said["error"].as_str(), said["what_to_do"].as_str()) {
        (Some(error), Some(what_to_do)) => format!("{error}{what_to_do}"),
        _ => String::from_utf8_lossy(answer).into_owned(),
    }
}

fn malformed(error: impl ToString) -> NetworkError {
    NetworkError::Malformed(error.to_string())
}

fn during(path: &str) -> impl FnOnce(NetworkError) -> DrillError {
    let path = path.to_owned();
    move |error| DrillError::Act(path, error)
}
