//! The WebSocket messages, described as AsyncAPI 3.0. What is JSON has the schema of its type; what is sealed is bytes,
//! and `crypto/PROTOCOL.md` says what they are.

use std::sync::LazyLock;

use axum::{Json, Router, routing::get};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::hall::Live;

static DESCRIPTION: LazyLock<Value> = LazyLock::new(describe);

/// The description.
#[must_use]
pub fn description() -> &'static Value {
    &DESCRIPTION
}

/// `GET /api/asyncapi.json`. **Bare**: it belongs inside [`crate::staff::guarded`].
pub fn router() -> Router {
    Router::new().route("/api/asyncapi.json", get(|| async { Json(description().clone()) }))
}

fn describe() -> Value {
    let mut generator = SchemaSettings::draft2020_12().with(|s| s.meta_schema = None).into_generator();
    let live = generator.root_schema_for::<Live>().to_value();
    let bytes = |title: &str, says: &str| {
        json!({ "contentType": "application/octet-stream", "title": title, "description": says,
            "payload": { "type": "string", "format": "binary" } })
    };
    let text = |title: &str, properties: Value| {
        json!({ "contentType": "application/json", "title": title,
            "payload": { "type": "object", "properties": properties } })
    };
    let word = json!({ "type": "string" });
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "Douxuan: the sockets of a meeting", "version": env!("CARGO_PKG_VERSION"),
            "description": "Public port; /live is on the console's port too." },
        "channels": {
            "live": { "address": "/live", "messages": { "frame": {
                "contentType": "application/json", "title": "The public state, whole, whenever it changes",
                "payload": live } } },
            "cast": { "address": "/cast", "messages": {
                "ballot": bytes("One sealed ballot", "0x01, item, round, HPKE: PROTOCOL.md, sections 4 and 6"),
                "receipt": bytes("The sealed answer", "512 bytes and their seal: PROTOCOL.md, section 6") } },
            "preflight": { "address": "/preflight/echo", "messages": {
                "begin": text("The nonce of the QR code", json!({ "nonce": word })),
                "counter": text("Sent and returned ten times", json!({ "counter": word })),
                "tell": text("Asks what the phone has", json!({ "tell": { "type": "boolean" } })),
                "told": text("Its clock, and what its browser lacks", json!({ "now": { "type": "integer" },
                    "lacks": { "type": "array", "items": word } })),
                "done": text("Which phone it was", json!({ "done": { "type": "integer" } })),
                "refused": text("Why it is not counted", json!({ "refused": word })) } },
        },
        "operations": {
            "tell": { "action": "send", "channel": { "$ref": "#/channels/live" } },
            "take": { "action": "receive", "channel": { "$ref": "#/channels/cast" },
                "reply": { "channel": { "$ref": "#/channels/cast" } } },
            "try": { "action": "receive", "channel": { "$ref": "#/channels/preflight" },
                "reply": { "channel": { "$ref": "#/channels/preflight" } } },
        },
    })
}
