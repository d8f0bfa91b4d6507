//! The hall's server on a loopback port, with the routes that the client uses, and faults of the network.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        Request, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use douxuan_crypto::bytes::hex;

use super::Hall;

#[derive(Clone)]
pub struct Service {
    pub hall: Arc<Mutex<Hall>>,
    /// So many next answers are lost after the server has done its part.
    pub lose: Arc<AtomicUsize>,
    /// Method, target and headers of every request, and every message, as they came in.
    pub seen: Arc<Mutex<Vec<u8>>>,
    /// Requests that opened a connection of their own, by path.
    pub casts: Arc<AtomicUsize>,
    /// What `/phone.js` gives.
    pub script: Arc<Mutex<Vec<u8>>>,
    /// What `/audit.wasm` gives.
    pub audit_wasm: Arc<Mutex<Vec<u8>>>,
    pub window: Arc<Mutex<(bool, Vec<&'static str>)>>,
}

impl Service {
    pub async fn start(hall: Hall) -> (Self, SocketAddr) {
        let service = Self {
            hall: Arc::new(Mutex::new(hall)),
            lose: Arc::default(),
            seen: Arc::default(),
            casts: Arc::default(),
            script: Arc::new(Mutex::new(super::SCRIPT.to_vec())),
            audit_wasm: Arc::new(Mutex::new(b"audit".to_vec())),
            window: Arc::new(Mutex::new((true, Vec::new()))),
        };
        let app = Router::new()
            .route("/manifest", get(manifest))
            .route("/phone.js", get(script))
            .route("/ballot.wasm", get(|| async { super::WASM }))
            .route("/audit.wasm", get(audit_wasm))
            .route("/enrol", post(enrol))
            .route("/cast", get(cast))
            .route("/live.json", get(live))
            .route("/live", get(live_socket))
            .layer(from_fn_with_state(service.clone(), record))
            .with_state(service.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (service, address)
    }

    fn loses(&self) -> bool {
        self.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
    }

    fn keep(&self, bytes: &[u8]) {
        self.seen.lock().unwrap().extend_from_slice(bytes);
    }

    fn live(&self) -> String {
        let hall = self.hall.lock().unwrap();
        let (open, contests) = self.window.lock().unwrap().clone();
        let contests: Vec<String> = hall
            .manifest
            .contests
            .iter()
            .map(|keys| {
                let c = keys.contest;
                let state = if hall.closed.contains(&c) {
                    "closed"
                } else if contests.contains(&c.to_string().as_str()) {
                    "open"
                } else {
                    "unopened"
                };
                format!(r#"{{"item":{},"round":{},"state":"{state}"}}"#, c.item, c.round)
            })
            .collect();
        format!(
            r#"{{"v":1,"phase":"meeting","manifest":"{}","window":{{"number":1,"open":{open}}},"contests":[{}]}}"#,
            hex(&hall.manifest.id),
            contests.join(",")
        )
    }
}

async fn record(State(service): State<Service>, request: Request, next: Next) -> Response {
    service.keep(format!("{} {} {:?}\n", request.method(), request.uri(), request.headers()).as_bytes());
    next.run(request).await
}

async fn manifest(State(service): State<Service>) -> Vec<u8> {
    service.hall.lock().unwrap().manifest.bytes.clone()
}

async fn audit_wasm(State(service): State<Service>) -> Vec<u8> {
    service.audit_wasm.lock().unwrap().clone()
}

async fn script(State(service): State<Service>) -> Vec<u8> {
    service.script.lock().unwrap().clone()
}

async fn enrol(State(service): State<Service>, body: Bytes) -> Response {
    service.keep(&body);
    let reply = service.hall.lock().unwrap().enrol(&body);
    if service.loses() {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    reply.map_or_else(|| StatusCode::BAD_REQUEST.into_response(), IntoResponse::into_response)
}

async fn cast(State(service): State<Service>, upgrade: WebSocketUpgrade) -> Response {
    service.casts.fetch_add(1, Ordering::SeqCst);
    upgrade.on_upgrade(move |socket| ballot(socket, service))
}

async fn ballot(mut socket: WebSocket, service: Service) {
    if let Some(Ok(Message::Binary(frame))) = socket.recv().await {
        service.keep(&frame);
        let reply = service.hall.lock().unwrap().cast(&frame);
        if !service.loses()
            && let Some(reply) = reply
        {
            let _ = socket.send(Message::Binary(reply.into())).await;
        }
    }
    let _ = socket.send(Message::Close(None)).await;
}

async fn live(State(service): State<Service>) -> String {
    service.live()
}

async fn live_socket(State(service): State<Service>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        let mut last = String::new();
        loop {
            let now = service.live();
            if now != last && socket.send(Message::Text(now.clone().into())).await.is_err() {
                return;
            }
            last = now;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
}
