//! A meeting held here whose title, people, units and posts are hostile: through the bundle and the door into the
//! record, and out again in everything that the record makes of a result.

use serde_json::json;

use super::{
    HOSTILE,
    outputs::{Found, strings},
    stage::Stage,
};
use crate::{
    office::base64,
    review::id,
    story::county::{GOOD, archive, vote},
};

/// Rate everybody.
const PHONES: usize = 6;

/// A field of a CSV file, whatever is in it.
fn field(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// As they stand: what begins with `=` is a formula only for whoever does not keep it a text.
fn names() -> Vec<String> {
    HOSTILE.iter().map(|text| (*text).to_owned()).chain(["某丙".to_owned()]).collect()
}

#[tokio::test]
async fn a_meeting_of_hostile_names_comes_through_the_door_and_does_nothing_in_any_output() {
    let stage = Stage::new(0).await;
    let year = &stage.year;
    let names = names();
    let cycle = json!({ "year": 2026, "title": "2026 年度", "why": "" });
    let cycle = id(&year.admin.does("cycles", cycle).await);
    for name in &names {
        let (unit, post) = (format!("{name}局"), format!("{name}长"));
        // Lined up with longer names in one list, not in the other: a result must find him all the same.
        let official = json!({ "name": name.replace("某丙", "某　丙"), "unit": unit, "post": post, "begins": "2024-01-15",
            "expected_end": "2029-01-14" });
        year.admin.does("officials", official).await;
    }
    year.admin.does(&format!("cycles/{cycle}/dossiers"), json!({})).await;
    let mut roster = "姓名,类别,单位,职务\n".to_owned();
    let mut officials = "姓名,单位,职务,报告方式,序号\n".to_owned();
    for (number, name) in (1..).zip(&names) {
        let [name, unit, post] = [name.clone(), format!("{name}局"), format!("{name}长")].map(|text| field(&text));
        roster.push_str(&format!("{name},县纪委委员,{unit},{post}\n"));
        officials.push_str(&format!("{name},{unit},{post},会议报告,{number}\n"));
    }
    for number in 1..=PHONES {
        roster.push_str(&format!("参会{number},县纪委委员,其他{number},干部\n"));
    }
    let import = json!({ "roster_base64": base64(roster.as_bytes()), "officials_base64": base64(officials.as_bytes()),
        "confirmed": true });
    year.office.act("/desk/import", import).await;
    let title = format!("关于{}的会议", HOSTILE[2]);
    let settings = json!({ "title": title, "place": HOSTILE[0], "drill": false, "rounds": 1, "release": "close",
        "two_people": false, "quorum": null });
    year.office.act("/desk/settings", settings).await;
    year.office.act("/desk/freeze", json!({})).await;
    vote(&year.office, PHONES, |_, _| GOOD).await;
    archive(&year.office).await;
    let result = year.admin.does("results/own", json!({ "cycle": cycle, "why": "" })).await;
    let mut found = Found::default();
    let mut said = Vec::new();
    strings(&result, &mut said);
    assert!(said.contains(&title), "{said:?}");
    for name in &names {
        assert!(said.contains(name), "{name} is not in the result");
    }
    let dossiers = year.admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    for (number, dossier) in (1..).zip(dossiers.as_array().unwrap()) {
        let name = dossier["name"].as_str().unwrap();
        let number = format!("示例〔2026〕{number}号");
        let letter = json!({ "number": number, "office": "示例县纪委办公室", "date": "2026-12-14" });
        let letter = id(&year.admin.does(&format!("dossiers/{}/letter", id(dossier)), letter).await);
        let place = format!("letters/{letter}/letter.docx");
        found.answer(&place, &year.admin.get(&place).await);
        found.says(&place, &format!("{name}局{name}同志："));
        found.says(&place, &title);
        let place = format!("dossiers/{}/archive.zip", id(dossier));
        found.answer(&place, &year.admin.get(&place).await);
        found.says(&format!("{place} 摘要.xlsx"), &title);
    }
    for place in ["results", "steps", "due", "trail"] {
        found.answer(place, &year.admin.get(place).await);
    }
    let letters = format!("cycles/{cycle}/letters.zip");
    found.answer(&letters, &year.admin.get(&letters).await);
    assert_eq!(dossiers.as_array().unwrap().len(), names.len());
}
