//! How the server says no.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

/// A refusal for a person: what is wrong, and what to do next. Nothing was changed.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    /// HTTP status; not part of the body.
    #[serde(skip)]
    pub status: u16,
    /// What is wrong.
    pub error: String,
    /// What to do next.
    pub what_to_do: String,
    /// Further findings, one by one (an import's rows, for example).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
}

impl Refusal {
    /// 409: the act does not fit the state of the meeting.
    pub fn conflict(error: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { status: 409, error: error.into(), what_to_do: what_to_do.into(), details: None }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with findings.
    #[must_use]
    pub fn with_details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }

    /// 500: a store failed. The text of the cause goes to the operator, who is the only one to see these answers.
    pub fn broken(cause: impl std::fmt::Display) -> Self {
        Self::conflict(
            format!("服务器未能完成这一步：{cause}"),
            "没有完成的步骤会在重新启动后继续。请检查磁盘空间和数据文件夹，然后重试；仍不行就重新启动豆选。",
        )
        .with_status(500)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.error, self.what_to_do)
    }
}

impl std::error::Error for Refusal {}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::CONFLICT);
        (status, Json(self)).into_response()
    }
}

/// The fields of a query, refused in our own words.
pub struct Queried<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Queried<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|read| Self(read.0)).map_err(|why| {
            Refusal::conflict(format!("请求的内容不对：{why}。"), "请刷新页面后再试；数字请只填数字。").with_status(400)
        })
    }
}

/// A JSON body, refused in our own words. An empty body is `{}`.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let wrong = |why: String| {
            Refusal::conflict(format!("请求的内容不对：{why}。"), "请刷新页面后再试；数字请只填数字。").with_status(400)
        };
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // A form of another site can send text and forms without asking, but not this type.
        let json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = Bytes::from_request(request, state).await.map_err(|why| wrong(why.to_string()))?;
        let body: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        if !json && !bytes.is_empty() {
            return Err(wrong("应为 application/json".to_owned()));
        }
        serde_json::from_slice(body).map(Self).map_err(|why| wrong(why.to_string()))
    }
}
