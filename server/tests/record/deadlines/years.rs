//! Years that are taken in, and what they move.

use super::*;

#[tokio::test]
async fn an_unknown_year_is_taken_in_and_every_provisional_day_is_logged_old_and_new() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let question = here.demanded("2026-12-11").await;
    let correction = here.noticed("2026-12-02").await;
    let settled = here.noticed("2026-09-01").await;
    let path = format!("questions/{}/receipt", id(&question));
    assert_eq!(last_due(&question), ("2026-12-29".to_owned(), true));
    assert_eq!(correction["period"]["due"], "2027-01-02");
    admin.does(&path, json!({ "version": 2, "on": "2026-12-14", "text": "示例答复" })).await;
    assert_eq!(here.stand().await["standing"], "in_time", "no notice can make it late");
    let calendar = here.year.auditor.reads("calendar").await;
    assert_eq!((calendar["unknown"].as_i64(), calendar["years"][0]["year"].as_i64()), (Some(2027), Some(2026)));
    assert!(calendar["years"][0].get("taken_in").is_none());

    let imported = admin.does("calendar", typed(2027, NOTICE)).await;
    let changed: Vec<(&str, &Value, &Value)> = imported["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), &one["before"], &one["after"]))
        .collect();
    let (early, day, report) = (json!(["2026-12-29", true]), json!(["2027-01-02", true]), json!(["2027-01-04", false]));
    // 14 to 18, 21 to 25, 26 (worked), 28 to 30 December, 4 January.
    assert_eq!(changed, [("question", &early, &report), ("correction", &day, &report)], "and not the settled one");
    let entries = here.year.auditor.reads("trail").await["entries"].as_array().unwrap().clone();
    let recounts: Vec<&Value> = entries.iter().filter(|entry| entry["act"] == "calendar/recount").collect();
    assert_eq!(recounts.len(), 2);
    for (entry, before) in recounts.into_iter().zip(["2027-01-02", "2026-12-29"]) {
        let why = entry["what"]["why"].as_str().unwrap();
        assert!(why.contains(&format!("{before}（暂定） 改为 2027-01-04")) && why.contains("导入 2027 年"), "{why}");
        let fields = &entry["what"]["fields"];
        assert!(fields.get("demands").or(fields.get("period")).is_some(), "{fields}");
    }
    let lines = here.due().await;
    let own = lines.iter().find(|line| line["id"] == correction["id"]).unwrap();
    assert_eq!((own["provisional"].as_bool(), own["days_left"].as_i64()), (Some(false), Some(21)));
    assert!(!own["sum"]["words"][0].as_str().unwrap().contains("暂定"));
    assert!(lines.iter().any(|line| line["id"] == settled["id"] && line["due"] == "2026-10-08"));
    let known = here.year.auditor.reads("calendar").await;
    assert_eq!(known["unknown"], 2028);
    let taken = &known["years"][0]["taken_in"];
    assert_eq!((taken["who"].as_str(), taken["source"].as_str()), (Some("王办公"), Some("示例通知")));
    assert!(taken["at"].as_str().unwrap().starts_with("2026-12-14T"));
}

#[tokio::test]
async fn a_year_that_cannot_be_right_is_refused_and_what_is_striking_is_asked_about() {
    let here = standing().await;
    let admin = &here.year.admin;
    admin.refused("calendar", typed(2028, NOTICE), 409, "2028 年的放假安排现在不能导入").await;
    admin.refused("calendar", typed(2027, "2027-13-01 off 元旦"), 409, "一行也没有收入").await;
    admin.refused("calendar", typed(2027, "2026-05-01 off 劳动节"), 409, "不属于它的日期").await;
    let twice = format!("{NOTICE}2027-01-01 work 元旦\n");
    let said = admin.refused("calendar", typed(2027, &twice), 409, "看不懂").await;
    assert!(said["details"]["lines"][0].as_str().unwrap().contains("2027-01-01 前面已经写过"), "{said}");
    let mut silent = typed(2027, NOTICE);
    silent["source"] = json!("");
    admin.refused("calendar", silent, 409, "出处").await;
    let mut file = json!({ "year": 2027, "form": "file", "text": r#"{ "year": 2026, "days": [{ "date": "2026-01-01", "isOffDay": true }] }"#, "source": "某" });
    admin.refused("calendar", file.clone(), 409, "是 2026 年的").await;
    file["text"] = json!(
        "{ \"year\": 2027, \"days\": [\n{ \"date\": \"2027-02-30\", \"isOffDay\": true },\n{ \"date\": \"2026-05-01\", \"isOffDay\": true }\n] }"
    );
    let said = admin.refused("calendar", file.clone(), 409, "有 2 处不对，一天也没有收入").await;
    assert_eq!(
        said["details"]["lines"],
        json!(["第 2 行：“2027-02-30”不是日期。", "第 3 行：2026-05-01 不属于 2027 年的放假安排。"])
    );
    for broken in ["", "<html>", "{ \"year\": 2027 }", "{ \"year\": 2027, \"days\": ["] {
        file["text"] = json!(broken);
        let said = admin.refused("calendar", file.clone(), 409, "不对，一天也没有收入").await;
        assert!(said["details"]["lines"][0].as_str().unwrap().starts_with("第 "), "{said}");
    }
    file["text"] = json!(r#"{ "year": 2027, "days": [] }"#);
    admin.refused("calendar", file, 409, "还没有发布").await;
    // Qingming and a weekday: two questions, answered by a comparison with the notice.
    let odd = NOTICE.replace("2027-04-03..2027-04-05 off 清明节\n", "").replace("2027-02-14 work", "2027-02-15 work");
    let said = admin.refused("calendar", typed(2027, &odd), 409, "2 处需要核对").await;
    let lines: Vec<&str> = said["details"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(lines, ["没有写到清明。", "2027-02-15 本来就是工作日，却写成调休上班。"]);
    let mut compared = typed(2027, &odd);
    compared["compared"] = json!("与通知原文一致");
    let kept = admin.does("calendar", compared).await;
    assert_eq!(
        (&kept["year"]["striking"], kept["year"]["compared"].as_str()),
        (&said["details"]["lines"], Some("与通知原文一致"))
    );
    // Another one takes its place, with a reason, for whoever has seen it.
    admin.refused("calendar", typed(2027, NOTICE), 409, "已经有了").await;
    let mut again = typed(2027, NOTICE);
    (again["why"], again["version"]) = (json!("上一次抄错了"), json!(0));
    admin.refused("calendar", again.clone(), 409, "刚刚由别人改过").await;
    again["version"] = json!(1);
    assert_eq!(admin.does("calendar", again.clone()).await["year"]["version"], 2);
    again["version"] = json!(2);
    admin.refused("calendar", again, 409, "已经是这份").await;
    // A year that the program carries is replaced with a reason, too.
    let built_in = include_str!("../../../calendar/2026.json");
    let mut own = json!({ "year": 2026, "form": "file", "text": built_in, "source": "某" });
    admin.refused("calendar", own.clone(), 409, "已经有了").await;
    own["why"] = json!("示例");
    assert_eq!(admin.does("calendar", own).await["changed"], json!([]));
}

#[tokio::test]
async fn a_later_notice_moves_even_a_day_that_was_sure_and_says_so() {
    let here = standing().await;
    let admin = &here.year.admin;
    let kept = here.noticed("2026-11-27").await;
    assert_eq!(
        (kept["period"]["due"].as_str(), kept["period"]["provisional"].as_bool()),
        (Some("2026-12-27"), Some(true))
    );
    admin.does("calendar", typed(2027, NOTICE)).await;
    let sure = here.year.auditor.reads("corrections").await[0].clone();
    assert_eq!(
        (sure["period"]["due"].as_str(), sure["period"]["provisional"].as_bool()),
        (Some("2026-12-28"), Some(false))
    );
    let mut corrected = typed(2027, &NOTICE.replace("2026-12-31..", "2026-12-28.."));
    (corrected["why"], corrected["version"]) = (json!("通知已更正"), json!(1));
    let changed = admin.does("calendar", corrected).await["changed"].clone();
    assert_eq!(
        (&changed[0]["before"], &changed[0]["after"]),
        (&json!(["2026-12-28", false]), &json!(["2027-01-04", false]))
    );
}

/// A newer program may bring a year with it: what was provisional when it was last open is counted again by itself.
#[tokio::test]
async fn a_record_whose_days_rest_on_less_than_the_program_knows_is_counted_again_at_start() {
    let data = tempfile::tempdir().unwrap();
    let random: douxuan::staff::Random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())));
    let book = Book::open(data.path(), random).await.unwrap();
    let nothing_known = Period {
        served: "2026-09-01".to_owned(),
        days: 30,
        unit: Unit::Days,
        counting: Policy::default(),
        due: "2026-10-04".to_owned(),
        provisional: true,
    };
    let hand = Hand {
        who: "某甲".to_owned(),
        role: "office".to_owned(),
        at: "2025-12-01T09:00:00+08:00".to_owned(),
        accounts: Vec::new(),
    };
    let kept = book
        .change(&hand, |draft| {
            let correction = Correction {
                dossier: Id::read("00000000000000aa").unwrap(),
                step: None,
                reason: "示例".to_owned(),
                points: vec!["某".to_owned()],
                period: nothing_known,
                report: None,
                checks: Vec::new(),
                briefs: Vec::new(),
                told: Vec::new(),
                withdrawn: None,
            };
            Ok(draft.add("correction/notice", &correction, "示例"))
        })
        .await
        .unwrap();
    book.close().await;
    let year = Year::start(data.path()).await;
    let entries = year.auditor.reads("trail").await["entries"].as_array().unwrap().clone();
    assert_eq!((entries.len(), entries[0]["id"].as_str().unwrap()), (2, kept.to_string().as_str()));
    assert_eq!((entries[0]["act"].as_str(), entries[0]["role"].as_str()), (Some("calendar/recount"), Some("program")));
    let why = entries[0]["what"]["why"].as_str().unwrap();
    assert!(why.contains("2026-10-04（暂定） 改为 2026-10-08"), "{why}");
}

#[tokio::test]
async fn the_evening_before_knows_a_year_that_was_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    year.office.act("/desk/settings", json!({ "date": "2027-01-11" })).await;
    let says = |report: &Value| {
        let check =
            report["checks"].as_array().unwrap().iter().find(|check| check["key"] == "calendar").unwrap().clone();
        check["findings"][0]["says"].as_str().unwrap().to_owned()
    };
    assert_eq!(says(&year.office.get("/desk/preflight").await.json()), "calendar_unknown");
    year.admin.does("calendar", typed(2027, NOTICE)).await;
    assert_eq!(says(&year.office.get("/desk/preflight").await.json()), "calendar_known");
}

#[tokio::test]
async fn an_unknown_year_is_taken_in_by_its_file_and_every_provisional_day_is_counted_again() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let question = here.demanded("2026-12-11").await;
    assert_eq!(last_due(&question), ("2026-12-29".to_owned(), true));
    let day = |date: &str, name: &str, off: bool| {
        format!("    {{ \"name\": \"{name}\", \"date\": \"{date}\", \"isOffDay\": {off} }}")
    };
    let mut days = vec![day("2026-12-26", "元旦", false), day("2026-12-31", "元旦", true)];
    let ranges = [
        ("01", 1..=3, "元旦"),
        ("02", 5..=11, "春节"),
        ("04", 3..=5, "清明节"),
        ("05", 1..=5, "劳动节"),
        ("06", 9..=9, "端午节"),
        ("09", 15..=15, "中秋节"),
        ("10", 1..=7, "国庆节"),
    ];
    for (month, range, name) in ranges {
        days.extend(range.map(|n| day(&format!("2027-{month}-{n:02}"), name, true)));
    }
    days.push(day("2027-02-14", "春节", false));
    let text = format!("{{\n  \"year\": 2027,\n  \"papers\": [],\n  \"days\": [\n{}\n  ]\n}}\n", days.join(",\n"));
    let file = |text: &str| json!({ "year": 2027, "form": "file", "text": text, "source": "示例通知" });
    let broken = text.replace("2027-04-03", "2027-04-31").replace("2027-10-07", "2027-10-06");
    let said = admin.refused("calendar", file(&broken), 409, "有 2 处不对，一天也没有收入").await;
    let lines: Vec<&str> = said["details"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let line_of = |part: &str| 1 + broken[..broken.rfind(part).unwrap()].matches('\n').count();
    assert_eq!(
        lines,
        [
            format!("第 {} 行：“2027-04-31”不是日期。", line_of("2027-04-31")),
            format!("第 {} 行：2027-10-06 前面已经写过。", line_of("2027-10-06")),
        ]
    );
    let taken = admin.does("calendar", file(&text)).await;
    assert_eq!(taken["year"]["form"], "file");
    assert_eq!(
        (&taken["changed"][0]["before"], &taken["changed"][0]["after"]),
        (&json!(["2026-12-29", true]), &json!(["2027-01-04", false]))
    );
    let entry = here.year.auditor.reads("trail").await["entries"][0].clone();
    assert_eq!(entry["act"], "calendar/recount");
    assert!(entry["what"]["why"].as_str().unwrap().contains("2026-12-29（暂定） 改为 2027-01-04"));
    let line = here.due().await.remove(0);
    assert_eq!((&line["due"], &line["provisional"]), (&json!("2027-01-04"), &json!(false)));
    // The same as typed lines says nothing new: only another form of it is taken, with a reason.
    let mut typed = typed(2027, NOTICE);
    (typed["why"], typed["version"]) = (json!("照通知键入"), json!(1));
    assert_eq!(admin.does("calendar", typed).await["changed"], json!([]));
    assert_eq!(here.due().await[0]["due"], "2027-01-04");
}

#[tokio::test]
async fn texts_that_may_be_left_out_are_looked_at_all_the_same() {
    let here = standing().await;
    here.committee().await;
    let admin = &here.year.admin;
    let unseen = "某\u{200b}事";
    for field in ["source", "compared", "why"] {
        let mut body = typed(2027, NOTICE);
        body[field] = json!(unseen);
        admin.refused("calendar", body, 409, "看不见").await;
    }
    let question = here.demanded("2026-11-02").await;
    let receipt = |why: &str| json!({ "version": 2, "on": "2026-11-09", "text": "某", "why": why });
    admin.refused(&format!("questions/{}/receipt", id(&question)), receipt(unseen), 409, "看不见").await;
    admin.refused(&format!("questions/{}/receipt", id(&question)), receipt(&"长".repeat(201)), 409, "太长").await;
    let members = json!([{ "name": "某常委", "post": "常委" }]);
    admin
        .refused(&here.at("committee"), json!({ "version": 1, "members": members, "why": unseen }), 409, "看不见")
        .await;
    let kept = here.noticed("2026-11-02").await;
    let report = json!({ "version": 1, "on": "2026-11-20", "text": "某", "why": unseen });
    admin.refused(&format!("corrections/{}/report", id(&kept)), report, 409, "看不见").await;
    admin.refused(&here.at("choosings"), json!({ "why": unseen }), 409, "看不见").await;
    let marks = json!({ "version": 0, "marks": [], "why": unseen });
    admin.refused(&format!("dossiers/{}/report/points", id(&here.oral)), marks, 409, "看不见").await;
}
