//! Two notes of one meeting: the second takes the place of the first only if somebody says why, and what hung on the
//! first is not there twice.

use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    office::{Office, start},
    review::{Year, id},
    story::county::{GOOD, POOR, archive, vote},
};

const NEXT: &str = "重新公布过，以第二份为准";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            std::fs::copy(&path, &there).unwrap();
        }
    }
}

/// The bundles of one meeting of two officials, 2 of 10 and 3 of 10: as it was published, and with the second official's
/// round made void before the end. Both are signed and verified.
async fn both() -> [Vec<u8>; 2] {
    let (data, image) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = start(data.path()).await.unwrap();
    office.small(14, 2, json!({ "quorum": null, "drill": false })).await;
    let grade = |phone: usize, who: &str| if phone < if who == "代表1" { 2 } else { 3 } { POOR } else { GOOD };
    vote(&office, 10, grade).await;
    office.stop().await;
    copy(data.path(), image.path());
    let office = start(data.path()).await.unwrap();
    let first = archive(&office).await;
    office.stop().await;
    let office: Office = start(image.path()).await.unwrap();
    office.act("/desk/contest/void", json!({ "contests": [[2, 1]] })).await;
    let second = archive(&office).await;
    office.stop().await;
    assert_ne!(first, second);
    [first, second]
}

/// Steps of a dossier: what they open, and of which result.
async fn steps(year: &Year, dossier: &str) -> Vec<(String, String)> {
    let all = year.auditor.reads("steps").await;
    let mine = all.as_array().unwrap().iter().filter(|step| step["dossier"] == dossier);
    let word = |step: &Value, name: &str| step[name].as_str().unwrap().to_owned();
    let mut mine: Vec<_> = mine.map(|step| (word(step, "opens"), word(step, "outcome"))).collect();
    mine.sort();
    mine
}

#[tokio::test]
async fn a_second_note_of_a_meeting_takes_the_place_of_the_first_with_a_reason_and_nothing_is_open_twice() {
    let [first, second] = both().await;
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let admin = &year.admin;
    year.officials(2).await;
    let cycle = year.cycle(json!({})).await;
    let dossiers: Vec<String> = year.dossiers(&cycle).await.iter().map(id).collect();
    let asked = admin.hands_in("results/import", &format!("cycle={cycle}"), &first).await.json();
    let accept = format!("cycle={cycle}&accept={}", asked["details"]["key"].as_str().unwrap());
    let taken = admin.hands_in("results/import", &format!("{accept}&why=minutes"), &first).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    let old = taken.json();
    let opened = ["admonition", "ordered_correction"].map(|opens| (opens.to_owned(), id(&old)));
    for dossier in &dossiers {
        assert_eq!(steps(&year, dossier).await, opened);
    }

    // Two letters tell of it: one is approved, one is a draft. Of a step, what became of it is entered.
    let head =
        |n: u8| json!({ "number": format!("示例函〔2026〕{n}号"), "office": "示例县纪委办公室", "date": "2026-12-14" });
    let mut letters = Vec::new();
    for (n, dossier) in (1..).zip(&dossiers) {
        letters.push(id(&admin.does(&format!("dossiers/{dossier}/letter"), head(n)).await));
    }
    let says = async |letter: &str| {
        let shown = year.chair.reads(&format!("letters/{letter}")).await;
        shown["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|line| line["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let told = "得票情况为：好7票，较好0票，一般0票，较差3票，弃权0票。";
    assert!(says(&letters[1]).await.contains(told), "{}", says(&letters[1]).await);
    let shown = year.chair.reads(&format!("letters/{}", letters[0])).await;
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    year.chair.does(&format!("letters/{}/approve", letters[0]), approve).await;
    let sent = year.auditor.get(&format!("letters/{}/letter.docx", letters[0])).await.bytes;
    let all = year.auditor.reads("steps").await;
    let admonition =
        all.as_array().unwrap().iter().find(|step| step["dossier"] == *dossiers[1] && step["opens"] == "admonition");
    let done = json!({ "version": 1, "enter": "done", "what": "已谈话", "on": "2026-12-14" });
    admin.does(&format!("steps/{}", id(admonition.unwrap())), done).await;

    // Refused: without a word; in its place without a reason; while an approved letter tells of the first.
    let again = |more: &str| format!("{accept}{more}");
    let why = format!("&replaces=true&why={}", encoded(NEXT));
    let date = old["date"].as_str().unwrap();
    let another = format!("同一场会议（{date} 小会）已经收入过另一份结果。");
    for (query, error) in [
        (again("&why=minutes"), another.as_str()),
        (again("&why=minutes&replaces=false"), another.as_str()),
        (again("&replaces=true"), "没有写明理由。"),
        (again("&replaces=true&why=%20"), "没有写明理由。"),
        (again(&why), "原来的结果已经写进审定的反馈函，不能直接代替。"),
    ] {
        let before = year.auditor.reads("trail").await["head"].clone();
        let refused = admin.hands_in("results/import", &query, &second).await;
        assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::CONFLICT, &json!(error)), "{query}");
        if error == another {
            assert_eq!(refused.json()["details"]["earlier"], old["id"]);
        }
        assert_eq!(year.auditor.reads("trail").await["head"], before, "{query} was refused and changed something");
    }
    for nobody in [&year.chair, &year.auditor, &year.teller] {
        assert_eq!(nobody.hands_in("results/import", &again(&why), &second).await.status, StatusCode::FORBIDDEN);
    }
    let back = json!({ "version": 2, "why": "结果重新公布" });
    year.chair.does(&format!("letters/{}/withdraw/approve", letters[0]), back).await;
    let taken = admin.hands_in("results/import", &again(&why), &second).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    let new = taken.json();
    assert_eq!(new["instead"], json!({ "of": old["id"], "by": "王办公", "why": NEXT }));

    // Nothing stands twice: the first official's steps are the new result's, of the second's only what was entered stays.
    let anew = ["admonition", "ordered_correction"].map(|opens| (opens.to_owned(), id(&new)));
    assert_eq!(steps(&year, &dossiers[0]).await, anew);
    assert_eq!(steps(&year, &dossiers[1]).await, [("admonition".to_owned(), id(&old))]);
    let due = year.auditor.reads("due").await;
    let waits = |dossier: &str| {
        let mine = due["lines"].as_array().unwrap().iter().filter(|line| line["dossier"] == dossier);
        let mut mine: Vec<&str> = mine.map(|line| line["what"].as_str().unwrap()).collect();
        mine.sort_unstable();
        mine.into_iter()
            .filter(|what| what.starts_with("letter") || what.starts_with("ad") || what.starts_with("ord"))
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(&dossiers[0]), ["admonition", "letter_draft", "ordered_correction"]);
    assert_eq!(waits(&dossiers[1]), ["letter_approval"]);

    // Letters: the draft tells of the new result, the one that was sent out stays as it was, a new one is of the new.
    let none = "本次民主测评没有有效的轮次，没有可以反馈的得票情况。";
    let draft = says(&letters[1]).await;
    assert!(
        draft.contains(none) && !draft.contains("较差") && draft.contains(new["note_hash"].as_str().unwrap()),
        "{draft}"
    );
    assert_eq!(year.auditor.get(&format!("letters/{}/letter.docx", letters[0])).await.bytes, sent);
    let fresh = id(&admin.does(&format!("dossiers/{}/letter", dossiers[0]), head(3)).await);
    let fresh = says(&fresh).await;
    assert!(
        fresh.contains(new["note_hash"].as_str().unwrap()) && !fresh.contains(old["note_hash"].as_str().unwrap()),
        "{fresh}"
    );

    // Both are there, the first says by what it was replaced; the trail names both, with who and why.
    let results = year.auditor.reads("results").await;
    let of = |which: &Value| results.as_array().unwrap().iter().find(|one| one["id"] == which["id"]).unwrap();
    assert_eq!((&of(&old)["replaced"], &of(&new)["replaced"]), (&new["id"], &Value::Null));
    assert_eq!(of(&old)["note"], old["note"], "the bytes of the first are kept");
    let moments = year.auditor.reads(&format!("dossiers/{}/timeline", dossiers[0])).await;
    let mut told: Vec<bool> = moments["moments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["what"] == "result")
        .map(|one| one["withdrawn"].as_bool().unwrap_or_default())
        .collect();
    told.sort_unstable();
    assert_eq!(told, [false, true]);
    let trail = year.auditor.reads("trail").await;
    let entry = |act: &str, of: &Value| {
        let all = trail["entries"].as_array().unwrap();
        all.iter().find(|entry| entry["act"] == act && entry["id"] == of["id"]).unwrap().clone()
    };
    let (gave_way, came) = (entry("result/replaced", &old), entry("result/import", &new));
    assert_eq!(gave_way["what"]["fields"]["replaced"], json!([null, new["id"]]));
    assert_eq!(came["what"]["fields"]["instead"][1]["of"], old["id"]);
    for entry in [gave_way, came] {
        assert_eq!((&entry["who"], &entry["what"]["why"]), (&json!("王办公"), &json!(NEXT)));
    }
    let acts = |act: &str| trail["entries"].as_array().unwrap().iter().filter(|entry| entry["act"] == act).count();
    assert_eq!((acts("step/open"), acts("step/close"), acts("letter/result")), (6, 3, 1));
    assert_eq!(trail["faults"], json!([]));

    // Taken in once more, whichever it is, nothing changes; an official of the first is matched no more.
    for bundle in [&first, &second] {
        let again = admin.hands_in("results/import", &again(&why), bundle).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text());
    }
    assert_eq!(year.auditor.reads("trail").await["head"], trail["head"]);
    year.office.stop().await;
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
