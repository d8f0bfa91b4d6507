//! What every request must satisfy before a route sees it, and what every answer carries.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{Refusal, captive};
use crate::{config::Hosts, limits};

/// Marks an answer whose page runs WebAssembly: the phone page, the receipts page and the phone's preflight only.
#[derive(Clone, Copy)]
pub(super) struct RunsWasm;

/// The rules of one listener.
#[derive(Clone)]
pub struct Guard {
    hosts: Arc<Hosts>,
    body: fn(&str) -> usize,
    origin_needed: bool,
}

impl Guard {
    /// Phones and hall: bodies up to an enrolment. A native client has no `Origin`; a browser always names its own.
    #[must_use]
    pub fn public(hosts: Arc<Hosts>) -> Self {
        Self { hosts, body: |_| limits::ENROL_BODY, origin_needed: false }
    }

    /// The console: bodies up to an import, and every act must name its origin.
    #[must_use]
    pub fn console(hosts: Arc<Hosts>) -> Self {
        Self { hosts, body: limits::console_body, origin_needed: true }
    }
}

/// Puts the rules around a side's routes.
pub fn protect(router: Router, guard: Guard) -> Router {
    router.fallback(nothing_here).layer(from_fn_with_state(guard, check))
}

async fn nothing_here() -> Refusal {
    Refusal::conflict("这里没有内容。", "请检查网址。").with_status(404)
}

async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    // Whoever asks these has not come to this program, and is sent nothing but the answer.
    if !guard.origin_needed
        && guard.hosts.is_captive()
        && let Some(answer) = captive::answer(request.method(), &host, request.uri().path())
    {
        return answer;
    }
    let mut response = if !guard.hosts.allows(&host) {
        Refusal::conflict(
            "这个地址不在本机的名单里。",
            "请用启动时显示的地址打开；要用别的名字，请在启动时加 --host 名字。",
        )
        .with_status(421)
        .into_response()
    } else if !origin_fits(request.method(), request.headers(), &host, guard.origin_needed) {
        Refusal::conflict("请求来自别的网页。", "请只在豆选自己的页面上操作。").with_status(403).into_response()
    } else {
        let limit = (guard.body)(request.uri().path());
        match gathered(request, limit).await {
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        }
    };
    let runs_wasm = response.extensions().get::<RunsWasm>().is_some();
    dress(response.headers_mut(), &host, runs_wasm);
    response
}

/// `Origin` must be this very listener under the name in `Host`; both schemes, for a proxy that adds TLS.
fn origin_fits(method: &Method, headers: &HeaderMap, host: &str, needed: bool) -> bool {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let upgrade = headers.contains_key(header::UPGRADE);
    match headers.get(header::ORIGIN) {
        None => !needed || (reads && !upgrade),
        Some(origin) => origin.to_str().is_ok_and(|origin| {
            ["http://", "https://"]
                .iter()
                .any(|scheme| origin.strip_prefix(scheme).is_some_and(|name| name.eq_ignore_ascii_case(host)))
        }),
    }
}

/// Reads the whole body within its limits of size and time, so that no route ever waits for a slow sender.
async fn gathered(request: Request, limit: usize) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let reading = tokio::time::timeout(limits::BODY_TIME, Limited::new(body, limit).collect()).await;
    let collected = reading.map_err(|_| Refusal::conflict("发送得太慢。", "请检查网络后再试。").with_status(408))?;
    match collected {
        Ok(bytes) => Ok(Request::from_parts(parts, Body::from(bytes.to_bytes()))),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Refusal::conflict(format!("内容太大，最多 {limit} 字节。"), "请减小后再试。").with_status(413))
        }
        Err(_) => Err(Refusal::conflict("请求没有发完。", "请再试一次。").with_status(400)),
    }
}

fn dress(headers: &mut HeaderMap, host: &str, runs_wasm: bool) {
    let wasm = if runs_wasm { " 'wasm-unsafe-eval'" } else { "" };
    // Browsers before 2022 do not count a WebSocket to the page's own host as 'self'.
    let policy = format!(
        "default-src 'none'; script-src 'self'{wasm}; style-src 'self'; img-src 'self'; \
         connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
}
