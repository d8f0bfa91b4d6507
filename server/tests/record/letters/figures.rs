//! The figures of a letter: those of the signed note, and nobody's to change.

use super::*;

#[tokio::test]
async fn the_figures_are_those_of_the_signed_note_and_an_empty_base_shows_none() {
    let review = reviewed().await;
    let made = json!({ "office": "示例县纪委办公室", "date": "2026-12-14", "prefix": "示例函〔2026〕", "first": 3 });
    let made = review.year.admin.does(&format!("cycles/{}/letters", review.cycle), made).await;
    assert_eq!((&made["made"], &made["left"]), (&json!(3), &json!([])));
    let list = review.year.auditor.reads(&format!("cycles/{}/letters", review.cycle)).await;
    let of = |dossier: &str| {
        let line = list.as_array().unwrap().iter().find(|line| line["dossier"] == dossier).unwrap();
        id(&line["letters"][0])
    };
    let [a, b] = [review.docx(&of(&review.dossiers[0])).await, review.docx(&of(&review.dossiers[1])).await];
    // Round 2 of the first official in the vector: votes 5 2 1 2 1, valid 10.
    assert!(
        a.says()
            .contains("发出测评票12张，收回12张，有效票10张。得票情况为：好5票，较好2票，一般1票，较差2票，弃权1票。"),
        "{}",
        a.says()
    );
    assert!(b.says().contains("没有有效票") && !b.says().contains("好0票"), "{}", b.says());
    let note = review.year.auditor.reads("results").await[0].clone();
    for letter in [&a, &b] {
        assert!(letter.says().contains(note["note_hash"].as_str().unwrap()));
        assert!(letter.says().contains(note["screen_code"].as_str().unwrap()));
    }
    let numbers: Vec<&Value> = list.as_array().unwrap().iter().map(|line| &line["letters"][0]["number"]).collect();
    assert!(numbers.contains(&&json!("示例函〔2026〕3号")) && numbers.contains(&&json!("示例函〔2026〕5号")));
    // One archive with all of them, the same for the same state.
    let path = format!("cycles/{}/letters.zip", review.cycle);
    let (one, two) = (review.year.auditor.get(&path).await, review.year.admin.get(&path).await);
    assert_eq!((one.status, &one.bytes), (StatusCode::OK, &two.bytes));
    let archive = zip::ZipArchive::new(Cursor::new(&one.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().filter_map(|name| name.ok()).map(|name| name.to_string()).collect();
    assert_eq!(
        names.iter().filter(|name| name.starts_with("草稿/") && name.ends_with(".docx")).count(),
        3,
        "{names:?}"
    );
}

#[tokio::test]
async fn no_route_changes_a_number_of_the_evaluation() {
    let review = reviewed().await;
    let year = &review.year;
    let opinion = id(&review.opinion(&review.dossiers[0], "某").await);
    let letter = review.draft(&review.dossiers[0], "示例函〔2026〕1号").await;
    let outcome = year.auditor.reads("results").await[0].clone();
    let figures =
        |outcome: &Value| (outcome["officials"].clone(), outcome["note"].clone(), outcome["note_hash"].clone());
    let described = year.admin.get("trail").await.status;
    assert_eq!(described, StatusCode::OK);
    let openapi = year.office.get("/api/openapi.json").await.json();
    let mut tried = 0;
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        let Some(post) = methods.get("post") else { continue };
        let parts = path.strip_prefix("/api/record/").unwrap().split('/').map(|part| match part {
            "{dossier}" => review.dossiers[0].clone(),
            "{cycle}" => review.cycle.clone(),
            "{opinion}" => opinion.clone(),
            "{letter}" => letter.clone(),
            part if part.starts_with('{') => id(&outcome),
            part => part.to_owned(),
        });
        let path = parts.collect::<Vec<_>>().join("/");
        let mut whole = json!({ "version": outcome["version"], "why": "某", "votes": [["好", 99]], "totals": [9, 9, 9, 9],
            "officials": [{ "item": 1, "votes": [["较差", 0]] }], "note": "某", "id": outcome["id"] });
        for person in [&year.admin, &year.chair, &year.auditor] {
            person.post(&path, whole.clone()).await;
            // The same with what the route itself asks for.
            let asked = post["requestBody"]["content"]["application/json"]["schema"].clone();
            for (field, worth) in example(&openapi, &asked).as_object().cloned().unwrap_or_default() {
                whole[field] = worth;
            }
            whole["version"] = outcome["version"].clone();
            person.post(&path, whole.clone()).await;
            person.post(&path, example(&openapi, &asked)).await;
        }
        tried += 1;
        let now = year.auditor.reads("results").await[0].clone();
        assert_eq!(figures(&now), figures(&outcome), "{path}");
    }
    assert!(tried > 20, "{tried} routes");
    assert_eq!(year.auditor.reads("trail").await["faults"], json!([]));
}

/// Something that fits a schema, without optional fields.
fn example(openapi: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(openapi, &openapi["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|list| list.first()) {
        return first.clone();
    }
    if let Some(first) =
        ["anyOf", "oneOf", "allOf"].iter().find_map(|name| schema[name].as_array()).and_then(|list| list.first())
    {
        return example(openapi, first);
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object().cloned().unwrap_or_default();
            fields
                .into_iter()
                .map(|(name, schema)| (name, example(openapi, &schema)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        _ => json!("2026-12-01"),
    }
}
