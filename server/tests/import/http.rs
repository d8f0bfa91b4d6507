//! The import as the console asks for it: workbooks or CSV under either name, answers one by one, sizes in words.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    office::{base64, start},
    workbook::{NOBODY_ELSE, as_offices_send_it, people, with},
};

const OFFICIALS: &[u8] = include_bytes!("../../samples/officials.csv");

fn body(roster: &[u8], officials: &[u8]) -> Value {
    json!({ "roster_base64": base64(roster), "officials_base64": base64(officials) })
}

fn kinds(list: &Value) -> Vec<String> {
    let place = |finding: &Value| finding["cell"].as_str().map_or_else(|| finding["row"].to_string(), str::to_owned);
    let words = |finding: &Value| format!("{} {}", place(finding), finding["kind"].as_str().unwrap());
    list.as_array().unwrap().iter().map(words).collect()
}

#[tokio::test]
async fn a_refusal_lists_questions_repairs_and_notes_and_answers_one_by_one_settle_it() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let mut import = body(&as_offices_send_it(), OFFICIALS);
    let answered = office.post("/desk/import", import.clone()).await;
    assert_eq!(answered.status, StatusCode::CONFLICT);
    let details = &answered.json()["details"];
    assert!(details.get("errors").is_none(), "a list that would be empty is left out");
    assert_eq!(
        kinds(&details["questions"]),
        ["B12 same_name", "E15 formula", "B10 absent", "B11 absent", "B12 absent", "B13 absent"]
    );
    assert_eq!(details["repaired"].as_array().unwrap().len(), 19);
    assert_eq!(details["notes"].as_array().unwrap().len(), 5);
    for list in ["questions", "repaired", "notes"] {
        for finding in details[list].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap();
            assert!(!text("id").is_empty() && !text("file").is_empty() && !text("text").is_empty());
            assert!(finding["what_to_do"].is_string() && finding["row"].is_u64());
        }
    }

    let questions = details["questions"].as_array().unwrap().clone();
    let mut answers = json!({});
    for question in &questions {
        answers[question["id"].as_str().unwrap()] = match question["kind"].as_str().unwrap() {
            "formula" => json!({ "text": "委员" }),
            _ => question["answers"][0]["answer"].clone(),
        };
    }
    let mut fewer = answers.clone();
    fewer.as_object_mut().unwrap().remove(questions[0]["id"].as_str().unwrap());
    import["answers"] = fewer;
    office.refused("/desk/import", import.clone()).await;
    let answered = office.post("/desk/import", import.clone()).await;
    assert_eq!(kinds(&answered.json()["details"]["questions"]), ["B12 same_name"]);
    assert_eq!(answered.json()["details"]["decided"].as_array().unwrap().len(), 5);

    import["answers"] = answers;
    let done = office.act("/desk/import", import).await;
    assert_eq!((done["attendees"].as_u64(), done["officials"].as_u64()), (Some(40), Some(12)));
    assert_eq!(done["report"]["roster_encoding"], "XLSX 工作簿");
    assert_eq!(done["report"]["notes"].as_array().unwrap().len(), 30);
    assert_eq!(office.state().await["roster"]["groups"]["纪委委员"], 16);
    office.stop().await;
}

#[tokio::test]
async fn the_confirmation_settles_a_workbook_as_it_does_csv_and_old_names_still_serve() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let mut import = body(&as_offices_send_it(), OFFICIALS);
    import["confirmed"] = json!(true);
    office.act("/desk/import", import).await;
    let old = json!({
        "roster_csv_base64": base64(&with(|sheet| people(sheet, 7))),
        "officials_csv_base64": base64(NOBODY_ELSE.as_bytes()),
    });
    assert_eq!(office.act("/desk/import", old.clone()).await["attendees"], 7);
    let mut both = old;
    both["roster_base64"] = both["roster_csv_base64"].clone();
    assert_eq!(office.post("/desk/import", both).await.status, StatusCode::BAD_REQUEST);
    office.stop().await;
}

#[tokio::test]
async fn a_file_too_large_is_refused_with_the_number_allowed_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.act("/desk/import", body(&with(|sheet| people(sheet, 3)), NOBODY_ELSE.as_bytes())).await;
    let mut large = with(|sheet| people(sheet, 3));
    large.resize(6 << 20, 0);
    let text = office.refused("/desk/import", body(&large, NOBODY_ELSE.as_bytes())).await;
    assert!(text.contains("参会名单太大") && text.contains("5 MiB") && text.contains("另存"), "{text}");
    // Two of 5 MiB still fit into one request, and each is judged by itself.
    large.truncate(5 << 20);
    let text = office.refused("/desk/import", body(&large, &large)).await;
    assert!(text.contains("2 处要更正"), "{text}");
    large.resize(6 << 20, 0);
    let answered = office.post("/desk/import", body(&large, &large)).await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answered.json()["error"].as_str().unwrap().contains("最多"));
    office.stop().await;
}
