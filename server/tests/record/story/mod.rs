//! Two years of an invented county as one story: twelve officials, a result at exactly 20 %, one at exactly 30 % and
//! one above, an unknown calendar year, a correction that comes too late, and a second year that tells of the first.

pub(crate) mod county;

use axum::http::StatusCode;
use county::{ABSTAIN, County, GOOD, OFFICIALS, PHONES, POOR, name};
use douxuan::record::audit;
use serde_json::{Value, json};

use crate::review::{NOTICE, id, it_is};

/// Who is who in the first result.
struct Cast {
    /// Exactly 20 %.
    reaches: String,
    /// Exactly 30 %: not over.
    limit: String,
    /// 35 %.
    over: String,
    /// Everybody abstained.
    empty: String,
    /// Whose correction comes too late; the same as `reaches`.
    written: Vec<String>,
    oral: Vec<String>,
}

fn figures<'a>(outcome: &'a Value, name: &str) -> &'a Value {
    outcome["officials"].as_array().unwrap().iter().find(|rated| rated["name"] == name).unwrap()
}

fn opens(rated: &Value) -> Vec<&str> {
    rated["finding"]["opens"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect()
}

#[tokio::test]
async fn two_years_of_a_county() {
    let data = tempfile::tempdir().unwrap();
    it_is("2026-03-02");
    let mut county = County::found(data.path()).await;
    let cast = before_the_meeting(&mut county).await;
    let outcome = the_meeting(&county, &cast).await;
    let question = the_days_after(&county, &cast).await;
    steps(&county, &cast, &outcome).await;
    let late = corrections(&county, &cast).await;
    the_letters(&county, &cast).await;
    let first = county.cycle.clone();
    closing(&county, &question).await;
    the_second_year(&mut county, &cast, &first, &late).await;

    let trail = county.year.auditor.reads("trail").await;
    assert_eq!(trail["faults"], json!([]));
    let head = trail["head"][0].as_u64().unwrap();
    assert!(head > 150, "{head} entries");
    county.year.office.app.close().await;
    let state = audit(data.path()).await.unwrap();
    assert!(state.faults.is_empty() && state.head.number == head, "{:?}", state.faults);
}

/// Four phones are too few: no figure is shown, nothing is opened, and the letter says why.
#[tokio::test]
async fn a_result_of_too_few_opens_nothing_and_its_letter_has_no_figure() {
    let data = tempfile::tempdir().unwrap();
    it_is("2026-12-14");
    let mut county = County::found(data.path()).await;
    county.opens(2026, json!({})).await;
    county.year.approved(&county.cycle, "").await;
    county.convenes("示例会议").await;
    county.year.office.act("/desk/freeze", json!({ "why": "示例理由" })).await;
    county.votes(4, |_, _| POOR).await;
    let outcome = county.year.admin.does("results/own", json!({ "cycle": county.cycle })).await;
    for n in 1..=OFFICIALS {
        let rated = figures(&outcome, &name(n));
        assert_eq!((rated["finding"]["standing"].as_str(), opens(rated)), (Some("withheld"), vec![]), "{rated}");
        assert_eq!(rated["votes"], json!([]));
    }
    assert_eq!(county.year.auditor.reads("steps").await, json!([]));
    let letter = county.letter(&name(1), "示例函〔2026〕1号", "2026-12-14").await;
    let shown = county.year.auditor.reads(&format!("letters/{letter}")).await.to_string();
    assert!(shown.contains("票数过少") && !shown.contains("较差"), "{shown}");
}

/// Articles 10 to 15.
async fn before_the_meeting(county: &mut County) -> Cast {
    county.opens(2026, json!({ "oral_share": [1, 3], "reports_due": "2026-11-20" })).await;
    let admin = county.year.admin.clone();
    let twice = json!({ "year": 2026, "title": "2026 年度又一次" });
    admin.refused("cycles", twice, 409, "第十条").await;
    assert_eq!(county.dossiers().await.len(), OFFICIALS);

    it_is("2026-11-23");
    county.reports("2026-11-20", (&name(3), "2026-11-21"), &name(7)).await;
    assert_eq!(county.due("report").await.len(), 1, "who handed nothing in is overdue");
    assert_eq!(county.line("reports", &name(7)).await["arrival"], "overdue");
    assert_eq!(county.line("reports", &name(3)).await["arrival"], "late");

    let list = county.year.approved(&county.cycle, "").await;
    assert_eq!(list["count"], 4, "a third of twelve");
    let (oral, written) = (county.of_way("oral").await, county.of_way("written").await);
    assert_eq!((oral.len(), written.len()), (4, 8));
    for name in &oral[..3] {
        county.assessed(name).await;
    }
    let members = json!([{ "name": "周常委", "post": "常委" }, { "name": "李书记", "post": "书记" }]);
    admin.does(&county.at("committee"), json!({ "version": 0, "members": members })).await;
    Cast {
        reaches: written[0].clone(),
        limit: written[1].clone(),
        over: oral[0].clone(),
        empty: written[2].clone(),
        written,
        oral,
    }
}

/// Articles 16 and 18: forty people are invited, twenty phones vote.
async fn the_meeting(county: &County, cast: &Cast) -> Value {
    it_is("2026-12-14");
    county.convenes("2026 年度述职述责述廉会议").await;
    // Article 15: one who reports orally has no assessment.
    let said = county.year.office.refused("/desk/freeze", json!({})).await;
    assert!(said.contains("第十五条") && said.contains(&cast.oral[3]), "{said}");
    county.year.office.act("/desk/freeze", json!({ "why": "会期已定，会后补报" })).await;
    let grade = |phone: usize, who: &str| match who {
        _ if who == cast.reaches && phone < 4 => POOR,
        _ if who == cast.limit && phone < 6 => POOR,
        _ if who == cast.over && phone < 7 => POOR,
        _ if who == cast.empty => ABSTAIN,
        _ => GOOD,
    };
    let bundle = county.votes(PHONES, grade).await;
    // Nobody takes in a result that was edited on the way.
    let mut edited = bundle.clone();
    let at = edited.windows(7).position(|part| part == b"\nvotes ").map_or(200, |at| at + 7);
    edited[at] ^= 1;
    let refused = county.year.admin.hands_in("results/import", &format!("cycle={}", county.cycle), &edited).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    let outcome = county.year.admin.does("results/own", json!({ "cycle": county.cycle })).await;
    for n in 1..=OFFICIALS {
        assert!(figures(&outcome, &name(n))["dossier"].is_string(), "{} is found by unit and name", name(n));
    }
    assert_eq!(county.due("oral_day").await.len(), 4, "the meeting does not say by itself who spoke");
    for name in &cast.oral {
        let dossier = county.dossier(name).await;
        let reported = json!({ "version": dossier["version"], "on": "2026-12-14" });
        county.year.admin.does(&format!("dossiers/{}/reported", id(&dossier)), reported).await;
    }
    assert!(county.due("oral_day").await.is_empty());
    outcome
}

/// Articles 17 and 22: a written answer over an unknown year, and what the figures open.
async fn the_days_after(county: &County, cast: &Cast) -> Value {
    let admin = &county.year.admin;
    let dossier = |who: &str| {
        let who = who.to_owned();
        async move { id(&county.dossier(&who).await) }
    };
    let ask = |dossier: String, by: &str| json!({ "dossier": dossier, "asked_by": by, "asked_on": "2026-12-14", "question": "示例问题" });
    admin.refused("questions", ask(dossier(&cast.written[5]).await, "周常委"), 409, "会议报告").await;
    admin.refused("questions", ask(dossier(&cast.oral[1]).await, "外人"), 409, "常委").await;
    let question = admin.does("questions", ask(dossier(&cast.oral[1]).await, "周常委")).await;
    let demand = json!({ "version": 1, "reason": "现场没有说清", "served_on": "2026-12-14" });
    let question = admin.does(&format!("questions/{}/demand", id(&question)), demand).await;
    let period = &question["demands"][0]["period"];
    assert_eq!(period["provisional"], true, "nobody knows the year 2027 yet: {period}");
    let before = period["due"].as_str().unwrap().to_owned();

    it_is("2026-12-15");
    let typed = json!({ "year": 2027, "form": "lines", "text": NOTICE, "source": "示例通知" });
    let taken = admin.does("calendar", typed).await;
    assert!(!taken["changed"].as_array().unwrap().is_empty());
    let listed = county.year.auditor.reads("questions").await;
    let settled = &listed[0]["demands"][0]["period"];
    assert_eq!(settled["provisional"], false);
    assert!(settled["due"].as_str().unwrap() >= before.as_str(), "never earlier than was said: {settled}");
    listed[0].clone()
}

/// Article 22: exact fractions, and verification before any handling.
async fn steps(county: &County, cast: &Cast, outcome: &Value) {
    let (admin, auditor) = (&county.year.admin, &county.year.auditor);
    assert_eq!(figures(outcome, &cast.reaches)["votes"][POOR][1], 4);
    assert_eq!(figures(outcome, &cast.reaches)["totals"][2], PHONES);
    let of = |name: &str| opens(figures(outcome, name)).join(" ");
    assert_eq!(of(&cast.reaches), of(&cast.limit), "exactly 30 % is not over 30 %");
    assert!(!of(&cast.reaches).contains("verification") && !of(&cast.reaches).is_empty());
    assert!(of(&cast.over).contains("verification"));
    for nothing in [&cast.empty, &cast.written[4]] {
        assert_eq!(of(nothing), "", "{nothing}");
    }
    let steps = auditor.reads("steps").await;
    let over = id(&county.dossier(&cast.over).await);
    let verification = steps.as_array().unwrap().iter().find(|step| step["opens"] == "verification").unwrap();
    assert_eq!(verification["dossier"], *over);
    it_is("2026-12-21");
    let at = format!("steps/{}", id(verification));
    let handled = json!({ "version": 1, "enter": "done", "what": "示例处理", "on": "2026-12-20" });
    admin.refused(&at, handled, 409, "还没有核实结论").await;
    let verified =
        json!({ "version": 1, "enter": "verified", "confirmed": true, "found": "示例情况", "on": "2026-12-20" });
    admin.does(&at, verified).await;
    let handled = json!({ "version": 2, "enter": "done", "what": "由分管领导约谈", "on": "2026-12-21" });
    admin.does(&at, handled).await;
}

/// Article 20: one in time, one too late. Gives the late one.
async fn corrections(county: &County, cast: &Cast) -> String {
    let admin = &county.year.admin;
    let late = county.notice(&cast.reaches, "2026-12-21").await;
    let timely = county.notice(&cast.limit, "2026-12-21").await;
    assert_eq!(late["period"]["due"], "2027-01-20");
    let report = |on: &str| json!({ "version": 1, "on": on, "text": "示例报告" });
    it_is("2027-01-20");
    admin.does(&format!("corrections/{}/report", id(&timely)), report("2027-01-20")).await;
    it_is("2027-01-25");
    let overdue = county.due("correction_report").await;
    assert_eq!((overdue.len(), &overdue[0]["overdue"], &overdue[0]["days_left"]), (1, &json!(true), &json!(-5)));
    admin.does(&format!("corrections/{}/report", id(&late)), report("2027-01-25")).await;
    let all = county.year.auditor.reads("corrections").await;
    let standing =
        |one: &Value| all.as_array().unwrap().iter().find(|line| line["id"] == one["id"]).unwrap()["standing"].clone();
    assert_eq!((standing(&timely), standing(&late)), (json!("in_time"), json!("late")));
    for one in [&timely, &late] {
        county.settles(&id(one), 2, "2027-01-25").await;
    }
    id(&late)
}

/// Articles 19, 21 and 23, and the yearly file.
async fn the_letters(county: &County, cast: &Cast) {
    let admin = &county.year.admin;
    for (n, name) in [&cast.reaches, &cast.over, &cast.empty].into_iter().enumerate() {
        let letter = county.letter(name, &format!("示例函〔2027〕{}号", n + 1), "2027-01-25").await;
        let docx = county.year.auditor.get(&format!("letters/{letter}/letter.docx")).await;
        assert_eq!(docx.status, StatusCode::OK);
    }
    let dossier = id(&county.dossier(&cast.reaches).await);
    let entry = json!({ "purpose": "assessment", "text": "测评和整改情况已送组织部门参考。", "on": "2027-01-25" });
    admin.does(&format!("dossiers/{dossier}/usage"), entry).await;
    let ground = json!({ "item": "not_corrected", "text": "逾期报告整改情况。" });
    let ground = id(&admin.does(&format!("dossiers/{dossier}/grounds"), ground).await);
    let measure = json!({ "version": 1, "kind": "talk", "text": "约谈", "on": "2027-01-25" });
    admin.refused(&format!("grounds/{ground}/measures"), measure, 409, "经查证属实").await;
    let archive = county.year.auditor.get(&format!("dossiers/{dossier}/archive.zip")).await;
    assert_eq!(archive.status, StatusCode::OK);
    assert!(zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap().len() > 2);
}

/// Article 10: the year ends with things open, and says so.
async fn closing(county: &County, question: &Value) {
    let admin = &county.year.admin;
    let cycles = admin.reads("cycles").await;
    let version =
        cycles["cycles"].as_array().unwrap().iter().find(|one| one["id"] == *county.cycle).unwrap()["version"].clone();
    admin.refused(&county.at("close"), json!({ "version": version, "why": "" }), 409, "理由").await;
    admin.does(&county.at("close"), json!({ "version": version, "why": "年度工作结束，余项继续办理" })).await;
    // What the year still owes goes on.
    let version = &county.year.auditor.reads("questions").await[0]["version"];
    let answer = json!({ "version": version, "on": "2026-12-30", "text": "示例答复" });
    admin.does(&format!("questions/{}/receipt", id(question)), answer).await;
    let late =
        json!({ "dossier": question["dossier"], "asked_by": "周常委", "asked_on": "2026-12-14", "question": "又一问" });
    admin.refused("questions", late, 409, "已经结束").await;
}

/// The second year: whoever reported orally in the first is not owed again, and the meeting is told of the corrections.
async fn the_second_year(county: &mut County, cast: &Cast, first: &str, late: &str) {
    it_is("2027-11-22");
    county.opens(2027, json!({ "oral_share": [1, 3], "reports_due": "2027-11-19" })).await;
    let admin = county.year.admin.clone();
    county.year.approved(&county.cycle, "").await;
    let oral = county.of_way("oral").await;
    assert!(oral.iter().all(|name| !cast.oral.contains(name)), "{oral:?} after {:?}", cast.oral);
    for name in &oral {
        county.assessed(name).await;
    }
    let page = county.year.auditor.get("corrections/told.html").await.text();
    assert!(page.contains("共 2 件") && page.contains(&cast.reaches) && page.contains(&cast.limit), "{page}");
    it_is("2027-12-13");
    county.year.office.act("/desk/meeting/new", json!({})).await;
    county.convenes("2027 年度述职述责述廉会议").await;
    county.year.office.act("/desk/freeze", json!({})).await;
    let corrections = county.year.auditor.reads("corrections").await;
    let told: Vec<Value> = corrections
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({ "id": one["id"], "version": one["version"] }))
        .collect();
    let told = json!({ "on": "2027-12-13", "meeting": "2027 年度述职述责述廉会议", "corrections": told });
    admin.does("corrections/told", told.clone()).await;
    admin.refused("corrections/told", told, 409, "别人改过").await;
    assert!(county.due("correction_told").await.is_empty());
    county.votes(PHONES, |_, _| GOOD).await;
    let outcome = admin.does("results/own", json!({ "cycle": county.cycle })).await;
    for n in 1..=OFFICIALS {
        assert!(opens(figures(&outcome, &name(n))).is_empty());
    }
    // The first year's result does not come in again as the second's.
    assert_eq!(county.year.auditor.reads("results").await.as_array().unwrap().len(), 2);
    let dossier = id(&county.dossier(&cast.reaches).await);
    let now = county.year.auditor.reads(&format!("dossiers/{dossier}/timeline")).await;
    assert!(now.to_string().contains("2027-12-13"));
    let old = county.year.auditor.reads(&format!("cycles/{first}/dossiers")).await;
    let old = old.as_array().unwrap().iter().find(|one| one["name"] == *cast.reaches).unwrap();
    let then = county.year.auditor.reads(&format!("dossiers/{}/timeline", id(old))).await;
    for word in ["correction", "letter", "2027-01-25", "2027-12-13"] {
        assert!(then.to_string().contains(word), "{word} in {then}");
    }
    let past = county.year.auditor.get("corrections/told/2027-12-13").await.text();
    assert!(past.contains(&cast.reaches) && !late.is_empty(), "{past}");
}
