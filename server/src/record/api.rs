//! `/api/record/…`: every route stands in one table, and from that table come the router and its description
//! (OpenAPI 3.1, schemas from the types). So nothing is served that is not described, and the other way round.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::FromRequestParts,
    handler::Handler,
    http::request::Parts,
    routing::{MethodRouter, get, post},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{Hand, Record};
use crate::{
    staff::{AccountId, By},
    web::Refusal,
};
use douxuan_crypto::{
    bytes::hex,
    hash::{enc, sha256},
};

/// What a route answers: JSON, or why not.
pub(super) type Answer<T> = Result<Json<T>, Refusal>;

/// One route with what is said of it.
pub(super) struct Endpoint {
    method: &'static str,
    path: &'static str,
    says: &'static str,
    takes: Option<fn(&mut SchemaGenerator) -> Value>,
    asks: Option<fn(&mut SchemaGenerator) -> Value>,
    answers: Option<fn(&mut SchemaGenerator) -> Value>,
    kind: &'static str,
    handler: MethodRouter<Record>,
}

const JSON: &str = "application/json";

impl Endpoint {
    fn new(method: &'static str, path: &'static str, says: &'static str, handler: MethodRouter<Record>) -> Self {
        Self { method, path, says, takes: None, asks: None, answers: None, kind: JSON, handler }
    }

    /// Reads.
    pub(super) fn get<H: Handler<T, Record>, T: 'static>(path: &'static str, says: &'static str, handler: H) -> Self {
        Self::new("get", path, says, get(handler))
    }

    /// Changes.
    pub(super) fn post<H: Handler<T, Record>, T: 'static>(path: &'static str, says: &'static str, handler: H) -> Self {
        Self::new("post", path, says, post(handler))
    }

    /// The type of its JSON body.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(schema::<T>);
        self
    }

    /// The type of its query; the body of a POST is a file then.
    pub(super) fn asks<T: JsonSchema>(mut self) -> Self {
        self.asks = Some(schema::<T>);
        self
    }

    /// The type of its JSON answer.
    pub(super) fn answers<T: JsonSchema>(mut self) -> Self {
        self.answers = Some(schema::<T>);
        self
    }

    /// It answers a file of this media type instead.
    pub(super) fn answers_file(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

/// The router of a table.
pub(super) fn router(table: Vec<Endpoint>) -> Router<Record> {
    table.into_iter().fold(Router::new(), |router, endpoint| router.route(endpoint.path, endpoint.handler))
}

/// The description of a table.
pub(super) fn describe(table: &[Endpoint]) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|s| {
            // OpenAPI 3.1 takes the schemas as they are.
            s.meta_schema = None;
            s.definitions_path = "/components/schemas".into();
        })
        .into_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in table {
        let mut operation = json!({
            "summary": endpoint.says,
            "responses": {
                "200": answer(endpoint, &mut generator),
                "default": { "description": "Refused: what is wrong and what to do next.", "content": {
                    JSON: { "schema": schema::<Refused>(&mut generator) }
                } },
            },
        });
        let names: Vec<Value> = endpoint
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let names = names
            .into_iter()
            .chain(endpoint.asks.map(|asks| query(&asks(&mut generator), &mut generator)).into_iter().flatten());
        operation["parameters"] = names.collect::<Vec<_>>().into();
        if endpoint.asks.is_some() && endpoint.method == "post" {
            let file = json!({ "schema": { "type": "string", "format": "binary" } });
            operation["requestBody"] = json!({ "required": true, "content": { "application/octet-stream": file } });
        }
        if let Some(takes) = endpoint.takes {
            operation["requestBody"] =
                json!({ "required": true, "content": { JSON: { "schema": takes(&mut generator) } } });
        }
        paths.entry(endpoint.path).or_default().insert(endpoint.method.to_owned(), operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Douxuan: the record of a review", "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": { "schemas": generator.take_definitions(true) },
    })
}

/// The fields of a query's type, one parameter each.
fn query(schema: &Value, generator: &mut SchemaGenerator) -> Vec<Value> {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let meant = generator.definitions().get(name).cloned().unwrap_or_default();
    let needed = |field: &str| meant["required"].as_array().is_some_and(|list| list.iter().any(|name| name == field));
    let fields = meant["properties"].as_object().cloned().unwrap_or_default();
    let fields = fields
        .into_iter()
        .map(|(field, schema)| json!({ "name": field, "in": "query", "required": needed(&field), "schema": schema }));
    fields.collect()
}

fn answer(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let schema = match endpoint.answers {
        Some(answers) => answers(generator),
        None => json!({ "type": "string", "format": "binary" }),
    };
    json!({ "description": endpoint.says, "content": { endpoint.kind: { "schema": schema } } })
}

/// How every refusal looks.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "it is there for its schema")]
struct Refused {
    /// What is wrong.
    error: String,
    /// What to do next.
    what_to_do: String,
}

impl FromRequestParts<Record> for Hand {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, record: &Record) -> Result<Self, Refusal> {
        let by = By::from_request_parts(parts, record).await?;
        Ok(Self::of(&by, record.at()))
    }
}

impl Hand {
    /// Who does something, and when.
    pub(super) fn of(by: &By, at: String) -> Self {
        let (mut who, mut role, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
        for account in by.accounts() {
            who.push(account.name.clone());
            role.push(account.role.word());
            accounts.push(mark(account.id));
        }
        Self { who: who.join("、"), role: role.join(" "), at, accounts }
    }
}

/// An account's mark in the record: 16 hex digits, one way from its id, which stays with the office.
fn mark(account: AccountId) -> String {
    let digest = sha256(&enc("douxuan/v1/record-account", &[account.to_string().as_bytes()]));
    hex(digest.get(..8).unwrap_or(&digest))
}
