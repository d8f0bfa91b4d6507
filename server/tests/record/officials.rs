//! Cycles, officials and what they owe (articles 2, 10, 11 and 12), through the API of the console.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::review::{Year, id};

async fn year() -> (tempfile::TempDir, Year) {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    (data, year)
}

fn new(name: &str, begins: &str, end: Option<&str>) -> Value {
    json!({ "name": name, "unit": "一镇纪委", "post": "书记", "begins": begins, "expected_end": end })
}

/// The entry of the trail that was written last.
async fn last_entry(year: &Year) -> Value {
    year.auditor.reads("trail").await["entries"][0].clone()
}

#[tokio::test]
async fn article_10_a_cycle_a_year_and_a_second_one_says_why() {
    let (_data, year) = year().await;
    let first = year.cycle(json!({})).await;
    let again = json!({ "year": 2026, "title": "2026 年度补充述职" });
    year.admin.refused("cycles", again.clone(), 409, "第十条").await;
    let mut said = again;
    said["why"] = json!("年中机构改革");
    let second = year.admin.does("cycles", said).await;
    let entry = last_entry(&year).await;
    assert_eq!((entry["act"].as_str(), entry["what"]["why"].as_str()), (Some("cycle/open"), Some("年中机构改革")));
    assert_eq!(entry["who"], "王办公");
    let all = year.auditor.reads("cycles").await;
    let ids: Vec<&str> = all["cycles"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&first.as_str()) && ids.contains(&id(&second).as_str()) && ids.len() == 2);
    for (wrong, word) in
        [(json!({ "year": 26, "title": "某" }), "2000"), (json!({ "year": 2027, "title": " " }), "标题")]
    {
        year.admin.refused("cycles", wrong, 409, word).await;
    }
    year.admin.refused("cycles", json!({ "year": 2027, "title": "某", "rank": 1 }), 400, "不对").await;
}

#[tokio::test]
async fn a_policy_is_changed_until_something_rests_on_it_and_a_closed_cycle_takes_nothing() {
    let (_data, year) = year().await;
    let cycle = year.cycle(json!({})).await;
    let shown = year.admin.reads("cycles").await["cycles"][0].clone();
    let mut body = json!({ "version": 1, "title": shown["title"], "policy": shown["policy"], "why": "县里另有规定" });
    body["policy"]["oral_share"] = json!([1, 2]);
    let path = format!("cycles/{cycle}/policy");
    let mut silent = body.clone();
    silent["why"] = json!("");
    year.admin.refused(&path, silent, 409, "理由").await;
    let mut wrong = body.clone();
    wrong["policy"]["oral_share"] = json!([3, 2]);
    year.admin.refused(&path, wrong, 409, "3/2").await;
    assert_eq!(year.admin.does(&path, body.clone()).await["policy"]["oral_share"], json!([1, 2]));
    assert_eq!(last_entry(&year).await["what"]["why"], "县里另有规定");
    // Another at his desk still sees the first version.
    year.admin.refused(&path, body.clone(), 409, "刚刚由别人改过").await;
    year.officials(4).await;
    year.dossiers(&cycle).await;
    year.approved(&cycle, "").await;
    body["version"] = json!(2);
    year.admin.refused(&path, body, 409, "规定不能再改").await;
    assert_eq!(year.admin.reads("cycles").await["cycles"][0]["used"], true);
    year.admin.refused(&format!("cycles/{cycle}/close"), json!({ "version": 2 }), 409, "理由").await;
    year.admin.does(&format!("cycles/{cycle}/close"), json!({ "version": 2, "why": "年度工作完成" })).await;
    for path in ["dossiers", "choosings", "close"] {
        let body = if path == "close" { json!({ "version": 3, "why": "再来" }) } else { json!({}) };
        year.admin.refused(&format!("cycles/{cycle}/{path}"), body, 409, "已经结束").await;
    }
}

/// A meeting's list is read the same way: a name that offices spread out to line it up with longer ones is one name.
#[tokio::test]
async fn article_2_a_name_spread_out_with_spaces_is_the_name_that_a_meeting_has() {
    let (_data, year) = year().await;
    let lines = "某　甲,第 ２ 乡镇 纪委,书记　 局长,2024-03-01,\nAnna Lee,B Unit,书记,2024-03-01,";
    year.admin.does("officials/paste", json!({ "lines": lines })).await;
    year.admin.does("officials", new(" 某 乙 ", "2024-03-01", None)).await;
    for twice in ["某甲", "某  甲"] {
        let again = json!({ "lines": format!("{twice},第2乡镇纪委,书记,2024-03-01,") });
        year.admin.refused("officials/paste", again, 409, "一行也没有").await;
    }
    year.admin.refused("officials", new("某乙", "2024-03-01", None), 409, "已经在册").await;
    year.admin.refused("officials", new(" 　 ", "2024-03-01", None), 409, "姓名").await;
    let all = year.auditor.reads("officials").await;
    let mut names: Vec<&str> = all.as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Anna Lee", "某乙", "某甲"]);
    let first = all.as_array().unwrap().iter().find(|official| official["name"] == "某甲").unwrap();
    let term = &first["terms"][0];
    assert_eq!((&term["unit"], &term["post"]), (&json!("第2乡镇纪委"), &json!("书记 局长")));
}

#[tokio::test]
async fn article_2_officials_are_typed_or_pasted_all_or_none() {
    let (_data, year) = year().await;
    let lines =
        "姓名,单位,职务,任职,届满\n某甲，一镇纪委，书记，2024年3月1日，2029.2.28\n某乙\t二镇纪委\t书记\t2025-11-05\t";
    assert_eq!(year.admin.does("officials/paste", json!({ "lines": lines })).await["added"], 2);
    let all = year.auditor.reads("officials").await;
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["某甲", "某乙"], "by unit");
    assert_eq!(all[0]["terms"][0]["expected_end"], "2029-02-28");
    let said = year
        .admin
        .refused(
            "officials/paste",
            json!({ "lines": "某丙,三镇,书记,2024-03-01,\n某甲,一镇纪委,书记,2024-03-01," }),
            409,
            "一行也没有",
        )
        .await;
    assert!(said["details"]["lines"][0].as_str().unwrap().starts_with("第 2 行：“某甲”已经在册"), "{said}");
    year.admin.refused("officials", new("某甲", "2024-03-01", None), 409, "已经在册").await;
    year.admin.refused("officials", new("某丁", "2024-02-30", None), 409, "2024-02-30").await;
    year.admin.refused("officials", new("某丁", "2024-03-01", Some("2024-02-01")), 409, "早于").await;
    year.admin.refused("officials", new("某\u{202e}丁", "2024-03-01", None), 409, "控制字符").await;
    year.admin.does("officials", new("<img src=x>", "2024-03-01", None)).await;
    assert_eq!(year.auditor.reads("officials").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn article_11_a_dossier_for_everybody_in_office_keeps_unit_and_post_of_then() {
    let (_data, year) = year().await;
    let cycle = year.cycle(json!({})).await;
    let future = year.admin.does("officials", new("后任", "2027-01-01", None)).await;
    assert_eq!(future["terms"][0]["begins"], "2027-01-01");
    year.officials(3).await;
    let dossiers = year.dossiers(&cycle).await;
    assert_eq!(dossiers.len(), 3, "whoever comes later does not report for the year");
    assert!(dossiers.iter().all(|dossier| dossier.get("way") == Some(&Value::Null)));
    let again = year.admin.does(&format!("cycles/{cycle}/dossiers"), json!({})).await;
    assert_eq!(again, json!({ "made": 0, "changed": 0, "kept": 0 }));
    let way = format!("dossiers/{}/way", id(&dossiers[0]));
    year.admin.refused(&way, json!({ "version": 1, "way": "written", "why": "" }), 409, "理由").await;
    year.admin.refused(&way, json!({ "version": 1, "way": "by_phone", "why": "某" }), 400, "不对").await;
    let set = year.admin.does(&way, json!({ "version": 1, "way": "written", "why": "病假" })).await;
    assert_eq!(set["way"], "written");
    year.admin.refused(&way, json!({ "version": 1, "way": "oral", "why": "某" }), 409, "刚刚由别人改过").await;
    // A transfer changes the official, and the dossier when it is asked for.
    let official = dossiers[1]["official"].as_str().unwrap();
    let transfer = json!({ "version": 1, "ended": "2026-11-30", "unit": "第9单位", "post": "组长", "begins": "2026-12-01", "why": "干部调整" });
    year.admin.does(&format!("officials/{official}/transfer"), transfer).await;
    let unit = |dossiers: &[Value], id: &Value| {
        dossiers.iter().find(|d| d["id"] == *id).unwrap()["unit"].as_str().unwrap().to_owned()
    };
    let before = year.admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    assert_eq!(unit(before.as_array().unwrap(), &dossiers[1]["id"]), "第2单位");
    year.approved(&cycle, "").await;
    let after = year.dossiers(&cycle).await;
    assert_eq!(unit(&after, &dossiers[1]["id"]), "第2单位", "an approved list stays as it was approved");
    year.admin
        .refused(&way, json!({ "version": after[0]["version"], "way": "oral", "why": "某" }), 409, "随名单审定")
        .await;
}

#[tokio::test]
async fn article_12_one_oral_report_a_term_is_owed_and_a_transfer_owes_anew() {
    let (_data, year) = year().await;
    let cycle = year.cycle(json!({ "oral_share": [1, 1] })).await;
    year.officials(1).await;
    let dossier = id(&year.dossiers(&cycle).await[0]);
    let reported = format!("dossiers/{dossier}/reported");
    year.admin.refused(&reported, json!({ "version": 1, "on": "2026-12-10" }), 409, "不是会议报告对象").await;
    year.approved(&cycle, "").await;
    let standing = async || year.auditor.reads("officials").await[0]["standing"].clone();
    assert_eq!(standing().await["owed"], true);
    year.admin.refused(&reported, json!({ "version": 2, "on": "2026-12-15" }), 409, "还没有到").await;
    year.admin.does(&reported, json!({ "version": 2, "on": "2026-12-10" })).await;
    assert_eq!(
        standing().await,
        json!({ "since": "2024-03-01", "owed": false, "last_oral": "2026-12-10", "warning": null })
    );
    year.admin.refused(&reported, json!({ "version": 3, "on": "2026-12-11" }), 409, "理由").await;
    let official = year.auditor.reads("officials").await[0].clone();
    let path = format!("officials/{}/transfer", id(&official));
    let mut transfer = json!({ "version": 1, "ended": "2026-12-11", "unit": "二镇纪委", "post": "书记", "begins": "2026-12-10", "why": "干部调整" });
    year.admin.refused(&path, transfer.clone(), 409, "早于").await;
    transfer["begins"] = json!("2026-12-12");
    year.admin.does(&path, transfer).await;
    assert_eq!(standing().await["owed"], true, "the report was of the term before");
    assert_eq!(standing().await["last_oral"], "2026-12-10");
    let left = format!("officials/{}/left", id(&official));
    year.admin.refused(&left, json!({ "version": 2, "ended": "2027-01-01", "why": "退休" }), 409, "还没有到").await;
    year.admin.does(&left, json!({ "version": 2, "ended": "2026-12-13", "why": "退休" })).await;
    assert_eq!(standing().await, Value::Null);
    year.admin.refused(&left, json!({ "version": 3, "ended": "2026-12-13", "why": "退休" }), 409, "没有任职").await;
}

#[tokio::test]
async fn article_12_the_warning_comes_in_time_and_says_why() {
    let (_data, year) = year().await;
    // Today is 2026-12-14.
    let ends = [
        ("一", "2026-11-30", Some("overdue")),
        ("二", "2027-12-31", Some("last_cycle")),
        ("三", "2028-02-01", Some("ends_soon")),
        ("四", "2028-12-31", None),
    ];
    year.cycle(json!({ "warn_months": 14 })).await;
    for (name, end, _) in ends {
        year.admin.does("officials", new(name, "2024-03-01", Some(end))).await;
    }
    for official in year.auditor.reads("officials").await.as_array().unwrap() {
        let (_, _, expected) = ends.iter().find(|(name, _, _)| official["name"] == *name).unwrap();
        assert_eq!(official["standing"]["warning"], json!(expected), "{official}");
    }
}

#[tokio::test]
async fn a_correction_needs_a_reason_and_the_version_seen() {
    let (_data, year) = year().await;
    let made = year.admin.does("officials", new("某甲", "2024-03-01", None)).await;
    let path = format!("officials/{}/correct", id(&made));
    let mut body = new("某申", "2024-03-01", None);
    body["version"] = json!(1);
    body["why"] = json!(" ");
    year.admin.refused(&path, body.clone(), 409, "理由").await;
    body["why"] = json!("姓名打错");
    year.admin.does(&path, body.clone()).await;
    let entry = last_entry(&year).await;
    assert_eq!(entry["what"], json!({ "why": "姓名打错", "fields": { "name": ["某甲", "某申"] } }));
    year.admin.refused(&path, body.clone(), 409, "刚刚由别人改过").await;
    year.admin.refused("officials/0123456789abcdef/correct", body.clone(), 404, "没有这一条").await;
    year.admin.refused("officials/nobody/correct", body, 404, "没有这一条").await;
}

#[tokio::test]
async fn the_auditor_reads_everything_and_changes_nothing_and_those_who_count_see_nothing() {
    let (_data, year) = year().await;
    let cycle = year.cycle(json!({})).await;
    for path in ["cycles", "officials", &format!("cycles/{cycle}/dossiers"), &format!("cycles/{cycle}/choosings")] {
        assert_eq!(year.auditor.get(path).await.status, StatusCode::OK, "{path}");
        assert_eq!(year.chair.get(path).await.status, StatusCode::OK, "{path}");
        for nobody in [&year.teller, &year.scrutineer] {
            assert_eq!(nobody.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        let answered = person.post("officials", new("某甲", "2024-03-01", None)).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(year.auditor.reads("officials").await, json!([]));
}
