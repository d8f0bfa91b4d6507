//! What stands around the desk's routes: who asks, whether he may, and whether it takes another person.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use serde_json::json;
use tower::ServiceExt;
use zeroize::Zeroizing;

use super::{
    Staff,
    account::{Account, Role},
    by::By,
    request::{Asked, Look, not_reported},
    rights::{self, Act, Asking, Policy, Right},
    routes,
    session::{Channel, Signed},
};
use crate::{limits, web::Refusal};

/// What staff must know of the meeting: the desk answers.
pub trait World: Send + Sync + 'static {
    /// What an act that takes two people would come to now.
    ///
    /// `body` is what was sent to `path`. Changes nothing.
    ///
    /// # Errors
    /// [`Refusal`] if the act is not allowed now, or if what was sent with it could not be done: what waits for a second
    /// person is an act that only has to be confirmed.
    fn look<'a>(&'a self, act: Act, path: &'a str, body: &'a [u8]) -> BoxFuture<'a, Result<Look, Refusal>>;

    /// How many people the meeting's acts take.
    ///
    /// # Errors
    /// [`Refusal`] if that cannot be read.
    fn policy(&self) -> BoxFuture<'_, Result<Policy, Refusal>>;
}

/// The console of a staff: its own routes, and the desk's acts behind them.
#[derive(Clone)]
pub(super) struct Console {
    pub(super) staff: Staff,
    pub(super) channel: Channel,
    world: Arc<dyn World>,
    acts: Router,
}

/// A refusal is shorter.
const REFUSAL: usize = 64 << 10;

/// What is wrong, as a refusal says it.
fn said(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["error"].as_str().unwrap_or_default().to_owned()
}

/// Puts staff around `acts`, the desk's routes: **each of them is reached through the table of rights only**. Their
/// handlers take [`By`].
pub fn guarded(staff: Staff, world: Arc<dyn World>, acts: Router, channel: Channel) -> Router {
    let console = Console { staff, channel, world, acts: acts.clone() };
    routes::router(console.clone()).merge(acts.route_layer(from_fn_with_state(console, check)))
}

impl<S: Sync> FromRequestParts<S> for By {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::broken("act without a person"))
    }
}

impl Console {
    /// Who is signed in.
    pub(super) fn signed(&self, headers: &HeaderMap) -> Result<Signed, Refusal> {
        self.staff.signed(&self.channel.brought(headers)).ok_or_else(|| {
            Refusal::conflict("还没有登录，或登录已经过期。", "请登录后再做；半小时没有操作会自动退出。")
                .with_status(401)
        })
    }

    /// Confirms a request, and does what was asked, as both.
    pub(super) async fn confirm(&self, signed: Signed, id: &str) -> Result<Response, Refusal> {
        let (act, path, body) = self.staff.confirmable(id, &signed)?;
        let look = match self.world.look(act, &path, &body).await {
            Ok(look) => look,
            Err(refusal) if refusal.status >= 500 => return Err(refusal),
            // Whoever confirms hears why, in the words of whoever would do it.
            Err(refusal) => {
                self.staff.moved(id);
                return Err(refusal);
            }
        };
        let (asked, by) = self.staff.confirm(id, &signed, &look)?;
        let mut request = Request::new(Body::from(Bytes::from(asked.body.to_vec())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = asked.path.parse().map_err(Refusal::broken)?;
        request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        request.extensions_mut().insert(by);
        let (acts, staff, id) = (self.acts.clone(), self.staff.clone(), id.to_owned());
        // The request is used up: whoever confirmed may hang up, and what two people decided is done all the same.
        let done = tokio::spawn(async move {
            let done = match acts.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if done.status().is_success() {
                return done;
            }
            let (parts, body) = done.into_parts();
            let body = to_bytes(body, REFUSAL).await.unwrap_or_default();
            staff.failed(&id, said(&body));
            Response::from_parts(parts, Body::from(body))
        });
        done.await.map_err(Refusal::broken)
    }
}

async fn check(State(console): State<Console>, request: Request, next: Next) -> Response {
    match admitted(&console, request).await {
        Ok(Admitted::Goes(request)) => next.run(request).await,
        Ok(Admitted::Waits(answer)) => answer,
        Err(refusal) => refusal.into_response(),
    }
}

enum Admitted {
    Goes(Request),
    Waits(Response),
}

async fn admitted(console: &Console, request: Request) -> Result<Admitted, Refusal> {
    let signed = console.signed(request.headers())?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limits::console_body(parts.uri.path()))
        .await
        .map_err(|error| Refusal::conflict(format!("请求没有读完：{error}。"), "请再试一次。").with_status(400))?;
    let path = parts.uri.path().to_owned();
    let act = Act::of(&parts.method, &path, &body).ok_or_else(|| {
        Refusal::conflict("没有人可以做这一步：权限表里没有它。", "请刷新页面，只用页面上的按钮。").with_status(403)
    })?;
    if rights::right(signed.account.role, act) == Right::No {
        return Err(may_not(&signed.account, act));
    }
    // What a page reads by itself keeps nobody signed in.
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        console.staff.here(&signed);
    }
    if act.takes_two() {
        // Whether he may comes first: what an act would come to tells of the meeting.
        match rights::asking(signed.account.role, act, console.world.policy().await?) {
            Asking::Does => {}
            Asking::MayNot => return Err(may_not(&signed.account, act)),
            Asking::Waits => {
                let look = console.world.look(act, &path, &body).await?;
                let asked = Asked { act, path, body: Zeroizing::new(body.to_vec()), look };
                let shown = console.staff.ask(asked, &signed).await?;
                let answer = (axum::http::StatusCode::ACCEPTED, Json(json!({ "request": shown })));
                return Ok(Admitted::Waits(answer.into_response()));
            }
        }
    }
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(By::one(&signed));
    Ok(Admitted::Goes(request))
}

impl Staff {
    /// Takes an act in, to wait for a second person. Refused if nobody could confirm it.
    async fn ask(&self, asked: Asked, signed: &Signed) -> Result<serde_json::Value, Refusal> {
        let first = &signed.account;
        not_reported(first, &asked.look.reported)?;
        let can = |second: &Account| {
            second.active
                && second.id != first.id
                && rights::may_confirm(first.role, second.role, asked.act)
                && not_reported(second, &asked.look.reported).is_ok()
        };
        if !self.accounts().await?.iter().any(can) {
            return Err(Refusal::conflict(
                "没有能确认这一步的账户：要由两个人来做，其中至少一位是监票人，监票人不能是述职对象。",
                "请管理员建立监票人账户，由监票人用一次性登录码登录；之后再做。",
            ));
        }
        let mut rng = self.rng();
        let (mut inside, now) = self.inside();
        // The session may have ended meanwhile, and would not take this request with it any more.
        if inside.sessions.signed(&[signed.cookie], now).is_none() {
            return Err(Refusal::conflict("登录已经结束。", "请重新登录后再做。").with_status(401));
        }
        Ok(inside.requests.add(asked, signed, now, &mut *rng)?.shown(signed, now))
    }

    fn confirmable(&self, id: &str, signed: &Signed) -> Result<(Act, String, Zeroizing<Vec<u8>>), Refusal> {
        let (inside, _) = self.inside();
        let pending = inside.requests.confirmable(id, signed, &[])?;
        Ok((pending.act, pending.path.clone(), pending.body.clone()))
    }

    fn confirm(&self, id: &str, signed: &Signed, look: &Look) -> Result<(super::request::Pending, By), Refusal> {
        let (mut inside, now) = self.inside();
        inside.sessions.touch(&signed.cookie, now);
        // Signed out, closed or reset while the world was looked at.
        if inside.sessions.signed(&[signed.cookie], now).is_none() {
            return Err(Refusal::conflict("登录已经结束。", "请重新登录后再确认。").with_status(401));
        }
        inside.requests.confirm(id, signed, look)
    }

    fn moved(&self, id: &str) {
        self.inside().0.requests.moved(id);
    }

    fn failed(&self, id: &str, why: String) {
        self.inside().0.requests.failed(id, why);
    }

    pub(super) fn withdraw(&self, id: &str, signed: &Signed) -> Result<(), Refusal> {
        self.inside().0.requests.withdraw(id, signed)
    }

    pub(super) fn requests(&self, signed: &Signed) -> serde_json::Value {
        let (inside, now) = self.inside();
        inside.requests.shown(signed, now)
    }
}

/// Says who may.
pub(super) fn may_not(account: &Account, act: Act) -> Refusal {
    let others = Role::ALL.into_iter().filter(|role| !matches!(rights::right(*role, act), Right::No | Right::Confirm));
    let others: Vec<&str> = others.map(Role::zh).collect();
    Refusal::conflict(format!("{}不能做这一步。", account.role.zh()), format!("请由{}来做。", others.join("、")))
        .with_status(403)
}
