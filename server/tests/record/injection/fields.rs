//! Every string that somebody can send, as the description that the server serves says it.

use std::collections::BTreeSet;

use douxuan::record;
use serde_json::Value;

/// A POST route, and where in its body (or its query) a string stands: `/points/*/text`.
pub(super) type Field = (String, String);

/// Every string field of every POST route.
pub(super) fn of_the_description() -> BTreeSet<Field> {
    let description = record::description();
    let mut found = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let Some(post) = methods.get("post") else { continue };
        let body = &post["requestBody"]["content"]["application/json"]["schema"];
        let mut places = BTreeSet::new();
        if body.is_object() {
            walk(description, body, "", &mut places);
        }
        for parameter in post["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query") {
            let place = format!("/{}", parameter["name"].as_str().unwrap());
            walk(description, &parameter["schema"], &place, &mut places);
        }
        found.extend(places.into_iter().map(|place| (path.clone(), place)));
    }
    found
}

/// A string with a fixed choice is none; what may be one of several is each of them.
fn walk(description: &Value, schema: &Value, place: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        walk(description, &description["components"]["schemas"][name], place, found);
    }
    for choices in ["anyOf", "oneOf", "allOf"] {
        for one in schema[choices].as_array().into_iter().flatten() {
            walk(description, one, place, found);
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        walk(description, field, &format!("{place}/{name}"), found);
    }
    for items in [&schema["items"], &schema["additionalProperties"]] {
        if items.is_object() {
            walk(description, items, &format!("{place}/*"), found);
        }
    }
    for (at, one) in schema["prefixItems"].as_array().into_iter().flatten().enumerate() {
        walk(description, one, &format!("{place}/{at}"), found);
    }
    let is_text = schema["type"] == "string"
        || schema["type"].as_array().is_some_and(|all| all.iter().any(|one| one == "string"));
    if is_text && schema["enum"].is_null() && schema["const"].is_null() {
        found.insert(place.to_owned());
    }
}
