//! Choosing who reports orally (article 14), and the meeting that takes the list.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    office::base64,
    review::{Year, id},
};

async fn year(officials: usize, policy: Value) -> (tempfile::TempDir, Year, String) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(policy).await;
    year.officials(officials).await;
    year.dossiers(&cycle).await;
    (data, year, cycle)
}

fn oral(list: &Value) -> BTreeSet<String> {
    let lines = list["lines"].as_array().unwrap();
    let oral = lines.iter().filter(|line| line["way"] == "oral");
    oral.map(|line| line["dossier"].as_str().unwrap().to_owned()).collect()
}

async fn lists(year: &Year, cycle: &str) -> Vec<Value> {
    year.auditor.reads(&format!("cycles/{cycle}/choosings")).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn article_14_proposed_by_the_share_rounded_up_submitted_and_approved_by_another() {
    let (_data, year, cycle) = year(7, json!({ "oral_share": [1, 3] })).await;
    let list = year.admin.does(&format!("cycles/{cycle}/choosings"), json!({})).await;
    assert_eq!((list["count"].as_u64(), oral(&list).len(), list["share"].clone()), (Some(3), 3, json!([1, 3])));
    assert!(list["lines"].as_array().unwrap().iter().all(|line| line["ground"] == "owed" && line["drawn"] == true));
    assert_eq!(list["seed"].as_str().unwrap().len(), 32);
    let shown = &lists(&year, &cycle).await[0];
    assert_eq!(
        (&shown["recomputes"], &shown["in_force"], &shown["outdated"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let at = format!("choosings/{}", id(&list));
    year.chair.refused(&format!("{at}/approve"), json!({ "version": 1 }), 409, "还没有送审").await;
    year.admin.does(&format!("{at}/submit"), json!({ "version": 1 })).await;
    for person in [&year.admin, &year.auditor, &year.teller] {
        assert_eq!(person.post(&format!("{at}/approve"), json!({ "version": 2 })).await.status, StatusCode::FORBIDDEN);
    }
    year.chair.refused(&format!("{at}/approve"), json!({ "version": 2, "agreed": false }), 409, "理由").await;
    let returned =
        year.chair.does(&format!("{at}/approve"), json!({ "version": 2, "agreed": false, "why": "请再核对" })).await;
    assert_eq!(returned["stage"], "proposed");
    year.admin.does(&format!("{at}/submit"), json!({ "version": 3 })).await;
    let approved = year.chair.does(&format!("{at}/approve"), json!({ "version": 4 })).await;
    assert_eq!((&approved["stage"], &approved["approved"]["who"]), (&json!("approved"), &json!("李书记")));
    let dossiers = year.auditor.reads(&format!("cycles/{cycle}/dossiers")).await;
    for dossier in dossiers.as_array().unwrap() {
        let way = if oral(&list).contains(&id(dossier)) { "oral" } else { "written" };
        assert_eq!(dossier["way"], way, "approval sets the way");
    }
    assert_eq!(lists(&year, &cycle).await[0]["in_force"], true);
}

#[tokio::test]
async fn a_line_is_changed_with_a_reason_and_what_is_approved_only_by_another_list() {
    let (_data, year, cycle) = year(4, json!({ "oral_share": [1, 2] })).await;
    let propose = format!("cycles/{cycle}/choosings");
    let list = year.admin.does(&propose, json!({})).await;
    let at = format!("choosings/{}", id(&list));
    let out = oral(&list).into_iter().next().unwrap();
    let mut change = json!({ "version": 1, "dossier": out, "way": "written", "why": "" });
    year.admin.refused(&format!("{at}/line"), change.clone(), 409, "理由").await;
    change["why"] = json!("外出培训");
    let changed = year.admin.does(&format!("{at}/line"), change.clone()).await;
    assert_eq!(oral(&changed).len(), 1);
    let line = changed["lines"].as_array().unwrap().iter().find(|line| line["dossier"] == out.as_str()).unwrap();
    assert_eq!(
        (&line["proposed"], &line["changed"][0], &line["changed"][1]["who"]),
        (&json!("oral"), &json!("外出培训"), &json!("王办公"))
    );
    assert_eq!(lists(&year, &cycle).await[0]["recomputes"], true, "the proposal itself stays to be computed again");
    year.admin.refused(&format!("{at}/line"), change.clone(), 409, "刚刚由别人改过").await;
    year.admin.does(&format!("{at}/submit"), json!({ "version": 2 })).await;
    change["version"] = json!(3);
    year.admin.refused(&format!("{at}/line"), change.clone(), 409, "等待审定").await;
    year.admin.refused(&format!("{at}/back"), json!({ "version": 3 }), 409, "理由").await;
    year.admin.does(&format!("{at}/back"), json!({ "version": 3, "why": "还要改" })).await;
    year.admin.does(&format!("{at}/submit"), json!({ "version": 4 })).await;
    year.chair.does(&format!("{at}/approve"), json!({ "version": 5 })).await;
    change["version"] = json!(6);
    year.admin.refused(&format!("{at}/line"), change, 409, "不能再改").await;
    year.admin.refused(&propose, json!({}), 409, "理由").await;
    let next = year.admin.does(&propose, json!({ "why": "有人病假" })).await;
    assert_eq!((&next["number"], &next["why"]), (&json!(2), &json!("有人病假")));
    let shown = lists(&year, &cycle).await;
    assert_eq!(
        (&shown[0]["in_force"], &shown[1]["in_force"]),
        (&json!(false), &json!(true)),
        "the old one holds until then"
    );
    let third = year.admin.does(&propose, json!({ "why": "比例算错" })).await;
    assert_eq!(lists(&year, &cycle).await[1]["stage"], "dropped");
    year.admin.refused(&format!("choosings/{}/submit", id(&next)), json!({ "version": 2 }), 409, "后来的名单").await;
    year.admin.does(&format!("choosings/{}/submit", id(&third)), json!({ "version": 1 })).await;
}

#[tokio::test]
async fn a_list_that_no_longer_fits_is_not_submitted() {
    let (_data, year, cycle) = year(3, json!({})).await;
    let propose = format!("cycles/{cycle}/choosings");
    let list = year.admin.does(&propose, json!({})).await;
    let new = json!({ "name": "新任", "unit": "新单位", "post": "书记", "begins": "2026-12-01" });
    year.admin.does("officials", new).await;
    year.dossiers(&cycle).await;
    assert_eq!(lists(&year, &cycle).await[0]["outdated"], true);
    year.admin.refused(&format!("choosings/{}/submit", id(&list)), json!({ "version": 1 }), 409, "有了变化").await;
    let only = year.admin.does(&propose, json!({ "why": "新任一人" })).await;
    let at = format!("choosings/{}", id(&only));
    for (version, dossier) in (1..).zip(oral(&only)) {
        let change = json!({ "version": version, "dossier": dossier, "way": "written", "why": "都不作" });
        year.admin.does(&format!("{at}/line"), change).await;
    }
    year.admin.refused(&format!("{at}/submit"), json!({ "version": 3 }), 409, "没有一个人").await;
}

#[tokio::test]
async fn nobody_to_choose_from_is_said() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({})).await;
    year.admin.refused(&format!("cycles/{cycle}/choosings"), json!({}), 409, "还没有述职对象").await;
    year.admin.refused("cycles/0123456789abcdef/choosings", json!({}), 404, "没有这一条").await;
}

#[tokio::test]
async fn in_the_second_year_those_owed_come_first_then_the_longest_ago() {
    let (_data, year, cycle) = year(4, json!({ "oral_share": [1, 2] })).await;
    let list = year.approved(&cycle, "").await;
    let dossiers = year.auditor.reads(&format!("cycles/{cycle}/dossiers")).await;
    let mut reported = BTreeSet::new();
    for dossier in dossiers.as_array().unwrap().iter().filter(|dossier| oral(&list).contains(&id(dossier))) {
        let body = json!({ "version": dossier["version"], "on": "2026-12-10" });
        year.admin.does(&format!("dossiers/{}/reported", id(dossier)), body).await;
        reported.insert(dossier["official"].as_str().unwrap().to_owned());
    }
    let refused = year.admin.does(&format!("cycles/{cycle}/choosings"), json!({ "why": "再看" })).await;
    assert!(refused["lines"].as_array().unwrap().iter().take(2).all(|line| line["ground"] == "reported"));
    let change = json!({ "version": 1, "dossier": refused["lines"][0]["dossier"], "way": "written", "why": "某" });
    year.admin.refused(&format!("choosings/{}/line", id(&refused)), change, 409, "已经作了会议报告").await;
    let next = id(&year.admin.does("cycles", json!({ "year": 2027, "title": "2027 年度" })).await);
    let dossiers = year.dossiers(&next).await;
    let list = year.admin.does(&format!("cycles/{next}/choosings"), json!({})).await;
    for line in list["lines"].as_array().unwrap() {
        let dossier = dossiers.iter().find(|dossier| dossier["id"] == line["dossier"]).unwrap();
        let before = reported.contains(dossier["official"].as_str().unwrap());
        assert_eq!(line["ground"], if before { "longest" } else { "owed" });
    }
    let chosen = dossiers.iter().filter(|dossier| oral(&list).contains(&id(dossier)));
    assert!(chosen.into_iter().all(|dossier| !reported.contains(dossier["official"].as_str().unwrap())));
}

fn roster(people: usize) -> String {
    let mut roster = "姓名,类别,单位,职务\n".to_owned();
    (1..=people).for_each(|n| roster.push_str(&format!("代表{n},县纪委委员,第{n}单位,委员\n")));
    base64(roster.as_bytes())
}

#[tokio::test]
async fn a_new_meeting_takes_the_approved_list_each_with_his_way() {
    let (_data, year, cycle) = year(3, json!({})).await;
    let import = json!({ "roster_base64": roster(6), "officials_record": cycle });
    assert!(year.office.refused("/desk/import", import.clone()).await.contains("没有审定的会议报告名单"));
    let list = year.approved(&cycle, "").await;
    let offered = year.office.state().await["review"]["lists"].clone();
    assert_eq!(offered, json!([{ "cycle": cycle, "title": "2026 年度述职述责述廉", "oral": 1, "written": 2 }]));
    let mut both = import.clone();
    both["officials_base64"] = json!(base64("姓名,单位,职务,报告方式\n".as_bytes()));
    assert!(year.office.refused("/desk/import", both).await.contains("只选其中一种"));
    year.office.refused("/desk/import", json!({ "roster_base64": roster(6) })).await;
    let taken = year.office.act("/desk/import", import).await;
    assert_eq!((&taken["attendees"], &taken["officials"]), (&json!(6), &json!(3)));
    let names = year.office.state().await["roster"]["officials"].clone();
    let chosen = oral(&list).into_iter().next().unwrap();
    let dossiers = year.auditor.reads(&format!("cycles/{cycle}/dossiers")).await;
    let first = dossiers.as_array().unwrap().iter().find(|d| d["id"] == chosen.as_str()).unwrap();
    assert_eq!(names[0], first["name"], "the oral reporter comes first");
    let settings = json!({ "title": "小会", "place": "会议室", "drill": true, "rounds": 1, "release": "close", "two_people": false, "quorum": null });
    year.office.act("/desk/settings", settings).await;
    year.office.act("/desk/freeze", json!({})).await;
    let manifest = year.office.manifest().await;
    let ways: Vec<String> = manifest.items.iter().map(|item| format!("{:?}", item.report)).collect();
    assert_eq!(ways.iter().filter(|way| *way == "Oral").count(), 1, "{ways:?}");
    assert_eq!(ways.iter().filter(|way| *way == "Written").count(), 2, "{ways:?}");
    assert_eq!(year.office.state().await["review"], Value::Null);
}

#[tokio::test]
async fn those_in_writing_stay_out_where_the_policy_says_so() {
    let (_data, year, cycle) = year(3, json!({ "written_are_rated": false })).await;
    year.approved(&cycle, "").await;
    let taken = year.office.act("/desk/import", json!({ "roster_base64": roster(6), "officials_record": cycle })).await;
    assert_eq!(taken["officials"], 1);
}

#[tokio::test]
async fn who_is_on_the_list_and_not_in_the_roster_is_asked_about_like_in_a_file() {
    let (_data, year, cycle) = year(3, json!({})).await;
    year.approved(&cycle, "").await;
    let import = json!({ "roster_base64": roster(2), "officials_record": cycle });
    let answered = year.office.post("/desk/import", import.clone()).await;
    let questions = answered.json()["details"]["questions"].clone();
    assert_eq!((questions.as_array().unwrap().len(), &questions[0]["kind"]), (1, &json!("absent")));
    let mut confirmed = import;
    confirmed["confirmed"] = json!(true);
    year.office.act("/desk/import", confirmed).await;
}
