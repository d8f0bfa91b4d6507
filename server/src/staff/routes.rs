//! `/desk/staff/…`: coming in, going out, accounts, requests. A request is made by asking for the act itself: its route
//! answers 202 and the request where two people are needed, so that no page has to know the policy.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::{Zeroize, Zeroizing};

use super::{
    account::{Account, Role},
    around::Console,
    entry::Entered,
    rights::{Act, Right, right, shown},
    session::Signed,
};
use crate::web::{Asked, Refusal};

pub(super) fn router(console: Console) -> Router {
    Router::new()
        .route("/desk/login", post(login))
        .route("/desk/staff/me", get(me))
        .route("/desk/staff/first", post(first))
        .route("/desk/staff/in", post(sign_in))
        .route("/desk/staff/code", post(by_code))
        .route("/desk/staff/out", post(sign_out))
        .route("/desk/staff/here", post(here))
        .route("/desk/staff/phrase", post(change_phrase))
        .route("/desk/staff/accounts", get(accounts))
        .route("/desk/staff/accounts/new", post(account_new))
        .route("/desk/staff/accounts/close", post(account_close))
        .route("/desk/staff/accounts/reset", post(account_reset))
        .route("/desk/staff/accounts/reopen", post(account_reopen))
        .route("/desk/staff/requests", get(requests))
        .route("/desk/staff/requests/confirm", post(confirm))
        .route("/desk/staff/requests/withdraw", post(withdraw))
        .with_state(console)
}

/// A pass-phrase or code as it comes in.
#[derive(Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

type Answer = Result<Json<Value>, Refusal>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    code: Secret,
}

/// The printed code alone: in a drill.
async fn login(State(console): State<Console>, headers: HeaderMap, Asked(login): Asked<Login>) -> Answered {
    let entered = console.staff.drill(&login.code.0, &console.channel.brought(&headers)).await?;
    Ok(welcome(&console, entered))
}

type Answered = Result<Response, Refusal>;

async fn me(State(console): State<Console>, headers: HeaderMap) -> Answer {
    if let Ok(signed) = console.signed(&headers) {
        return Ok(Json(json!({ "signed_in": true, "account": person(&signed), "rights": shown() })));
    }
    let code = console.staff.code_counts().await?;
    // What the printed code does, if anything: make the first account, or sign in to a drill.
    let code = match (code, console.staff.is_drill()) {
        (false, _) => Value::Null,
        (true, true) => json!("drill"),
        (true, false) => json!("first"),
    };
    Ok(Json(json!({ "signed_in": false, "printed_code": code })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    code: Secret,
    name: String,
    sign_in: String,
    phrase: Secret,
}

async fn first(State(console): State<Console>, headers: HeaderMap, Asked(first): Asked<First>) -> Answered {
    let brought = console.channel.brought(&headers);
    let entered = console.staff.first(&first.code.0, (&first.name, &first.sign_in), &first.phrase.0, &brought).await?;
    Ok(welcome(&console, entered))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    sign_in: String,
    phrase: Secret,
}

async fn sign_in(State(console): State<Console>, headers: HeaderMap, Asked(asked): Asked<SignIn>) -> Answered {
    let brought = console.channel.brought(&headers);
    let entered = console.staff.sign_in(&asked.sign_in, &asked.phrase.0, &brought).await?;
    Ok(welcome(&console, entered))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByCode {
    sign_in: String,
    code: Secret,
    phrase: Secret,
}

async fn by_code(State(console): State<Console>, headers: HeaderMap, Asked(asked): Asked<ByCode>) -> Answered {
    let brought = console.channel.brought(&headers);
    let ByCode { sign_in, code, phrase } = &asked;
    let entered = console.staff.sign_in_by_code(sign_in, &code.0, &phrase.0, &brought).await?;
    Ok(welcome(&console, entered))
}

async fn sign_out(State(console): State<Console>, headers: HeaderMap) -> Json<Value> {
    console.staff.sign_out(&console.channel.brought(&headers));
    Json(json!({}))
}

/// A person moved or typed: pages say so now and then.
async fn here(State(console): State<Console>, headers: HeaderMap) -> Answer {
    console.staff.here(&console.signed(&headers)?);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePhrase {
    old: Secret,
    new: Secret,
}

async fn change_phrase(
    State(console): State<Console>,
    headers: HeaderMap,
    Asked(asked): Asked<ChangePhrase>,
) -> Answered {
    let signed = console.signed(&headers)?;
    let entered = console.staff.change_phrase(&signed, &asked.old.0, &asked.new.0).await?;
    Ok(welcome(&console, entered))
}

async fn accounts(State(console): State<Console>, headers: HeaderMap) -> Answer {
    allowed(&console, &headers, Act::Accounts)?;
    let (accounts, history) = console.staff.list().await?;
    Ok(Json(json!({ "accounts": accounts, "history": history })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountNew {
    name: String,
    sign_in: String,
    role: Role,
}

async fn account_new(State(console): State<Console>, headers: HeaderMap, Asked(asked): Asked<AccountNew>) -> Answer {
    let signed = allowed(&console, &headers, Act::ChangeAccounts)?;
    let (account, code) = console.staff.make(&signed, &asked.name, &asked.sign_in, asked.role).await?;
    let Account { id, sign_in, .. } = account;
    Ok(Json(json!({ "id": id.to_string(), "sign_in": sign_in.as_str(), "code": code.as_str() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    id: String,
}

async fn account_close(State(console): State<Console>, headers: HeaderMap, Asked(which): Asked<Which>) -> Answer {
    let signed = allowed(&console, &headers, Act::ChangeAccounts)?;
    console.staff.close_account(&signed, &which.id).await?;
    Ok(Json(json!({})))
}

async fn account_reset(State(console): State<Console>, headers: HeaderMap, Asked(which): Asked<Which>) -> Answer {
    let signed = allowed(&console, &headers, Act::ChangeAccounts)?;
    Ok(one_code(&console.staff.reset(&signed, &which.id).await?))
}

async fn account_reopen(State(console): State<Console>, headers: HeaderMap, Asked(which): Asked<Which>) -> Answer {
    let signed = allowed(&console, &headers, Act::ChangeAccounts)?;
    Ok(one_code(&console.staff.reopen(&signed, &which.id).await?))
}

async fn requests(State(console): State<Console>, headers: HeaderMap) -> Answer {
    let signed = console.signed(&headers)?;
    Ok(Json(console.staff.requests(&signed)))
}

/// Answers what the act itself answers.
async fn confirm(State(console): State<Console>, headers: HeaderMap, Asked(which): Asked<Which>) -> Answered {
    let signed = console.signed(&headers)?;
    console.confirm(signed, &which.id).await
}

async fn withdraw(State(console): State<Console>, headers: HeaderMap, Asked(which): Asked<Which>) -> Answer {
    let signed = console.signed(&headers)?;
    console.staff.here(&signed);
    console.staff.withdraw(&which.id, &signed)?;
    Ok(Json(json!({})))
}

fn allowed(console: &Console, headers: &HeaderMap, act: Act) -> Result<Signed, Refusal> {
    let signed = console.signed(headers)?;
    if right(signed.account.role, act) != Right::Alone {
        return Err(super::around::may_not(&signed.account, act));
    }
    if act != Act::Accounts {
        console.staff.here(&signed);
    }
    Ok(signed)
}

fn welcome(console: &Console, entered: Entered) -> Response {
    let cookie = Zeroizing::new(console.channel.set_cookie(&entered.secret));
    ([(header::SET_COOKIE, cookie.as_str())], Json(json!({ "account": person(&entered.signed) }))).into_response()
}

fn person(signed: &Signed) -> Value {
    let Account { id, name, sign_in, role, .. } = &*signed.account;
    json!({
        "id": id.to_string(),
        "name": name,
        "sign_in": sign_in.as_str(),
        "role": role,
        "failed_before": signed.failed_before,
        "left": signed.left.as_secs(),
    })
}

fn one_code(code: &Zeroizing<String>) -> Json<Value> {
    Json(json!({ "code": code.as_str() }))
}
