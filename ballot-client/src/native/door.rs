//! The way to one server: every request on a connection of its own, each bounded in size and time.
//!
//! Nothing is reused between two requests. A kept connection would tell the server that the one who enrolled is the
//! one who casts.

use std::{fmt, io, net::SocketAddr, path::Path, time::Duration};

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::HeaderValue,
        protocol::{WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::line::{Line, Trust};

/// Why the server could not be asked.
#[derive(Debug)]
pub enum NetworkError {
    /// The address is not `http://host[:port]` or `https://host[:port]`.
    Address(String),
    /// Nobody's certificate can be believed, or not this one; why. Somebody does answer there.
    Trust(String),
    /// No connection, or it broke.
    Unreachable(io::Error),
    /// No answer in time.
    Late,
    /// The server answered with this HTTP status; its sentence, if it gave one.
    Status(u16, String),
    /// The answer is larger than anything this protocol sends.
    TooLarge,
    /// The server closed the connection without an answer: it could not open the message.
    NoAnswer,
    /// The server takes no more of this kind: an alarm has stopped the contest.
    Stopped,
    /// The answer is not HTTP, WebSocket or JSON as it should be.
    Malformed(String),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(text) => write!(f, "`{text}` is not an address: write http://host:port or https://host:port"),
            Self::Trust(why) => write!(
                f,
                "the certificate there is not to be believed ({why}): if it is the meeting's own, give its authority with --ca FILE; otherwise somebody else answers there, so go no further and tell the scrutineer"
            ),
            Self::Unreachable(error) => write!(f, "no connection to the server ({error}): is it running there?"),
            Self::Late => f.write_str("the server did not answer in time: try again"),
            Self::Status(code, text) if text.is_empty() => write!(f, "the server answered {code}"),
            Self::Status(code, text) => write!(f, "the server answered {code}: {text}"),
            Self::TooLarge => f.write_str("the server's answer is too large to be one"),
            Self::NoAnswer => f.write_str("the server closed the connection without an answer"),
            Self::Stopped => f.write_str("this contest was stopped by an alarm: tell the scrutineer"),
            Self::Malformed(what) => write!(f, "the server's answer is not understood: {what}"),
        }
    }
}

impl std::error::Error for NetworkError {}

impl From<io::Error> for NetworkError {
    fn from(error: io::Error) -> Self {
        Self::Unreachable(error)
    }
}

/// What a body is unless something else is said.
const BINARY: (&str, &str) = ("Content-Type", "application/octet-stream");

/// One server: the origin that its pages have, and the socket address behind it.
#[derive(Clone, Debug)]
pub struct Door {
    authority: String,
    address: SocketAddr,
    trust: Option<Trust>,
    patience: Duration,
}

impl Door {
    /// How long one request may take, from connecting to the last byte.
    pub const PATIENCE: Duration = Duration::from_secs(15);

    /// How long the server may take to close a WebSocket after its answer.
    const FAREWELL: Duration = Duration::from_secs(2);

    /// Finds the server of `http://host[:port]`, or of `https://host[:port]` by this machine's authorities.
    ///
    /// With `connect`, the connection goes to that `host:port` while Host and Origin stay those of the origin, as a
    /// resolver entry would have it.
    ///
    /// # Errors
    /// [`NetworkError::Address`] for another scheme or shape, [`NetworkError::Unreachable`] if the name is not known.
    pub async fn find(origin: &str, connect: Option<&str>) -> Result<Self, NetworkError> {
        Self::trusting(origin, connect, None).await
    }

    /// The same; over https, only the authorities in the PEM file `ca` are believed if there is one.
    ///
    /// # Errors
    /// As [`Self::find`], and [`NetworkError::Trust`] if the file is none.
    pub async fn trusting(origin: &str, connect: Option<&str>, ca: Option<&Path>) -> Result<Self, NetworkError> {
        let refused = || NetworkError::Address(origin.to_owned());
        let (authority, sealed) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
            (Some(authority), _) => (authority, true),
            (None, Some(authority)) => (authority, false),
            (None, None) => return Err(refused()),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let host_characters = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(host_characters) {
            return Err(refused());
        }
        let target = connect.unwrap_or(authority);
        let has_port = target.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if sealed { 443 } else { 80 };
        let target = if has_port { target.to_owned() } else { format!("{target}:{port}") };
        let address = tokio::net::lookup_host(&target).await?.next().ok_or_else(refused)?;
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host,
            _ => authority,
        };
        let trust = if sealed { Some(Trust::new(host, ca).map_err(NetworkError::Trust)?) } else { None };
        Ok(Self { authority: authority.to_owned(), address, trust, patience: Self::PATIENCE })
    }

    /// The same server with another bound on the time of one request.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// `http://host[:port]` or `https://host[:port]`, as the pages have it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http{}://{}", self.s(), self.authority)
    }

    fn s(&self) -> &'static str {
        if self.trust.is_some() { "s" } else { "" }
    }

    /// The socket address behind it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The body of a GET, at most `limit` bytes.
    ///
    /// # Errors
    /// [`NetworkError`], any status but 200 included.
    pub async fn fetch(&self, path: &str, limit: usize) -> Result<Vec<u8>, NetworkError> {
        self.bounded(self.request(Method::GET, path, &[BINARY], Vec::new(), limit)).await
    }

    /// The body that answers a POST of bytes, at most `limit` bytes.
    ///
    /// # Errors
    /// [`NetworkError`], any status but 200 included.
    pub async fn post(&self, path: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, NetworkError> {
        self.bounded(self.request(Method::POST, path, &[BINARY], body, limit)).await
    }

    /// The same with headers of its own, the type of the body among them.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<u8>, NetworkError> {
        self.bounded(self.request(Method::POST, path, headers, body, limit)).await
    }

    /// One binary frame out and one in, over a fresh WebSocket without cookie or compression.
    ///
    /// # Errors
    /// [`NetworkError::NoAnswer`] if the server closed instead of answering.
    pub async fn exchange(&self, path: &str, frame: &[u8], limit: usize) -> Result<Vec<u8>, NetworkError> {
        self.bounded(async {
            let mut socket = self.socket(path, limit).await?;
            socket.send(Message::binary(frame.to_vec())).await.map_err(broken)?;
            let answer = loop {
                match socket.next().await {
                    Some(Ok(Message::Binary(answer))) => break answer.to_vec(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(Some(frame)))) if frame.code == CloseCode::Error => {
                        return Err(NetworkError::Stopped);
                    }
                    Some(Ok(_)) | None => return Err(NetworkError::NoAnswer),
                    Some(Err(error)) => return Err(broken(error)),
                }
            };
            // The answer is what counts. The server closes; hanging up before it has would reset the connection.
            tokio::spawn(timeout(Self::FAREWELL, async move { while let Some(Ok(_)) = socket.next().await {} }));
            Ok(answer)
        })
        .await
    }

    /// An open WebSocket.
    ///
    /// # Errors
    /// [`NetworkError`] if it cannot be opened.
    pub(crate) async fn socket(&self, path: &str, limit: usize) -> Result<WebSocketStream<Line>, NetworkError> {
        let url = format!("ws{}://{}{path}", self.s(), self.authority);
        let mut request = url.into_client_request().map_err(|error| NetworkError::Malformed(error.to_string()))?;
        request.headers_mut().insert("Origin", self.header(&self.origin())?);
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .write_buffer_size(0)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        let (socket, _) =
            client_async_with_config(request, self.connect().await?, Some(config)).await.map_err(broken)?;
        Ok(socket)
    }

    async fn connect(&self) -> Result<Line, NetworkError> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.trust {
            Some(trust) => trust.seal(stream).await.map_err(distrusted)?,
            None => Line::Plain(stream),
        })
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<u8>, NetworkError> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.connect().await?)).await.map_err(garbled)?;
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header("Host", self.header(&self.authority)?)
            .header("Origin", self.header(&self.origin())?)
            .header("Connection", "close");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request =
            request.body(Full::new(Bytes::from(body))).map_err(|error| NetworkError::Malformed(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let answer = async {
            let response = sender.send_request(request).await.map_err(garbled)?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), limit).collect().await;
            let body = body.map_err(|_| NetworkError::TooLarge)?.to_bytes().to_vec();
            if status == 200 { Ok(body) } else { Err(NetworkError::Status(status, sentence(&body))) }
        }
        .await;
        driver.abort();
        answer
    }

    fn header(&self, text: &str) -> Result<HeaderValue, NetworkError> {
        HeaderValue::from_str(text).map_err(|_| NetworkError::Address(self.authority.clone()))
    }

    async fn bounded<T>(&self, work: impl Future<Output = Result<T, NetworkError>>) -> Result<T, NetworkError> {
        timeout(self.patience, work).await.unwrap_or(Err(NetworkError::Late))
    }
}

/// The `error` and `what_to_do` of a refusal in JSON; nothing of any other body.
fn sentence(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else { return String::new() };
    let part = |name: &str| value.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    [part("error"), part("what_to_do")].join(" ").trim().to_owned()
}

/// A certificate that is not believed is no dead server; whatever else breaks a handshake may be one.
fn distrusted(error: io::Error) -> NetworkError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => NetworkError::Trust(why.to_string()),
        Some(why @ rustls::Error::NoCertificatesPresented) => NetworkError::Trust(why.to_string()),
        _ => NetworkError::Unreachable(error),
    }
}

fn garbled(error: hyper::Error) -> NetworkError {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        NetworkError::NoAnswer
    } else {
        NetworkError::Unreachable(io::Error::other(error))
    }
}

fn broken(error: tokio_tungstenite::tungstenite::Error) -> NetworkError {
    use tokio_tungstenite::tungstenite::Error;
    match error {
        Error::Io(error) => NetworkError::Unreachable(error),
        Error::Capacity(_) => NetworkError::TooLarge,
        Error::ConnectionClosed | Error::AlreadyClosed => NetworkError::NoAnswer,
        Error::Http(response) => {
            let body = response.body().as_deref().unwrap_or_default();
            NetworkError::Status(response.status().as_u16(), sentence(body))
        }
        // A reset in mid-handshake arrives here: the caller may try again with the same bytes.
        Error::Protocol(_) => NetworkError::NoAnswer,
        other => NetworkError::Malformed(other.to_string()),
    }
}
