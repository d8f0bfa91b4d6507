//! Every act in every state: what is not possible is refused with 409, says what to do, and changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use axum::http::StatusCode;
use office::{Office, Phone, base64, lists, start};
use serde_json::{Value, json};

/// Every act with a body that would do if the state were right.
fn acts() -> Vec<(&'static str, Value)> {
    let (roster, officials) = lists(6, 2);
    let first = json!({ "contests": [[1, 1]] });
    vec![
        ("sample", json!({})),
        (
            "import",
            json!({ "roster_csv_base64": base64(roster.as_bytes()), "officials_csv_base64": base64(officials.as_bytes()) }),
        ),
        ("settings", json!({ "place": "室" })),
        ("freeze", json!({})),
        ("slips/printed", json!({})),
        ("slips/again", json!({})),
        ("window/open", json!({})),
        ("window/close", json!({ "present": 6 })),
        ("slip/void", json!({ "text": "0000-0000-0000-0000", "reason": "lost" })),
        ("enrolment/end", json!({ "unused": 0 })),
        ("contest/open", first.clone()),
        ("contest/close", first.clone()),
        ("contest/publish", first.clone()),
        ("contest/void", first),
        ("contest/paper", json!({ "contest": [1, 1], "issued": 0, "votes": [0, 0, 0, 0, 0] })),
        ("rehearsal/destroy", json!({})),
        ("archive", json!({})),
        ("meeting/new", json!({})),
        ("wifi", json!({ "ssid": "", "security": "nopass" })),
        ("countdown", json!({ "seconds": 0 })),
    ]
}

/// Exactly these are offered now, and all others are refused.
async fn only(office: &Office, state: &str, possible: &[&str]) {
    let seen = office.state().await;
    let of = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let mut offered = of(&seen["acts"]);
    offered.extend(seen["forms"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()));
    let contests = seen["contests"].as_array().unwrap();
    offered.extend(contests.iter().filter(|c| c["contest"] == json!([1, 1])).flat_map(|c| of(&c["acts"])));
    for (act, body) in acts() {
        assert_eq!(offered.iter().any(|offer| offer == act), possible.contains(&act), "{state}: {act} is offered");
        if !possible.contains(&act) {
            let text = office.refused(&format!("/desk/{act}"), body).await;
            assert!(!text.contains("order rule") && text.contains('。'), "{state}, {act}: {text}");
        }
    }
}

#[tokio::test]
async fn every_act_in_every_state() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let draft = ["sample", "import", "settings", "wifi"];
    only(&office, "empty", &draft).await;

    office.act("/desk/sample", json!({})).await;
    only(&office, "drafted", &["sample", "import", "settings", "freeze", "wifi"]).await;
    let again = json!({ "title": "", "place": "室" });
    office.act("/desk/settings", again).await;
    only(&office, "without a title", &draft).await;
    office.small(6, 2, json!({ "rounds": 2 })).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    only(&office, "frozen", &["slips/printed", "slips/again", "window/open", "meeting/new", "wifi", "countdown"]).await;
    office.act("/desk/slips/printed", json!({})).await;
    let printed = ["slips/again", "window/open", "meeting/new", "wifi", "countdown"];
    only(&office, "printed", &printed).await;

    office.act("/desk/window/open", json!({})).await;
    only(&office, "window open", &["window/close", "slip/void", "meeting/new", "wifi", "countdown"]).await;
    for (n, slip) in slips.iter().take(3).enumerate() {
        office.enrol(Phone::new(&manifest, slip, n as u64).wire).await;
    }
    let text = office.refused("/desk/window/close", json!({ "present": 2 })).await;
    assert!(text.contains("登记人数加纸票人数多于实到人数") && text.contains('3'), "{text}");
    let text = office.refused("/desk/window/close", json!({ "present": 7 })).await;
    assert!(text.contains("实到人数多于应到人数") && text.contains('6'), "{text}");
    office.act("/desk/window/close", json!({ "present": 4 })).await;
    let seated = ["window/open", "slip/void", "contest/open", "enrolment/end", "meeting/new", "wifi", "countdown"];
    only(&office, "window closed", &seated).await;

    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    only(&office, "contest open", &["contest/close", "slip/void", "enrolment/end", "wifi", "countdown"]).await;
    office.refused("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    office.refused("/desk/contest/open", json!({ "contests": [[9, 1]] })).await;
    office.refused("/desk/contest/open", json!({ "contests": [] })).await;

    office.act("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    let closed = [
        "window/open",
        "slip/void",
        "enrolment/end",
        "contest/publish",
        "contest/void",
        "contest/paper",
        "wifi",
        "countdown",
    ];
    only(&office, "contest closed", &closed).await;
    let graded = json!({ "contest": [1, 1], "issued": 1, "votes": [1, 0, 0, 0, 0] });
    let text = office.refused("/desk/contest/paper", graded).await;
    assert!(text.contains("发出的纸票多于因此作废的票纸"), "{text}");

    office.act("/desk/contest/publish", json!({ "contests": [[1, 1]] })).await;
    let published = ["window/open", "slip/void", "enrolment/end", "contest/void", "wifi", "countdown"];
    only(&office, "published", &published).await;

    office.act("/desk/contest/open", json!({ "contests": [[0, 0]] })).await;
    office.refused("/desk/contest/close", json!({ "contests": [[0, 0]] })).await;
    office.refused("/desk/archive", json!({})).await;
    office.act("/desk/rehearsal/destroy", json!({})).await;
    office.refused("/desk/rehearsal/destroy", json!({})).await;

    let unused = office.state().await["frozen"]["unused"].as_u64().unwrap();
    let text = office.refused("/desk/enrolment/end", json!({ "unused": unused - 1 })).await;
    assert!(text.contains(&unused.to_string()) && text.contains("重新清点"), "{text}");
    office.act("/desk/enrolment/end", json!({ "unused": unused - 1, "lost": 1 })).await;
    assert_eq!(office.state().await["frozen"]["voided"], 1);
    only(&office, "enrolment ended", &["contest/void", "archive", "wifi", "countdown"]).await;

    let archived = office.act("/desk/archive", json!({})).await;
    assert!(archived["steps"].as_array().unwrap().iter().all(|step| step["verdict"] != "Failed"));
    assert_eq!(office.live().await["phase"], "archived");
    // Void was offered here once; nothing but the same archive again may follow the result.
    only(&office, "archived", &["archive", "meeting/new", "wifi"]).await;
    let again = office.act("/desk/archive", json!({})).await;
    assert_eq!(again["sha256"], archived["sha256"], "exported twice, the same bytes");
    office.act("/desk/meeting/new", json!({})).await;
    assert_eq!(office.live().await["phase"], "preparing");
    only(&office, "drafted again", &["sample", "import", "settings", "freeze", "wifi"]).await;
    office.stop().await;
}

#[tokio::test]
async fn of_two_operators_at_once_exactly_one_acts() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let one = |path: &'static str, body: Value| {
        let office = &office;
        async move {
            let (a, b) = tokio::join!(office.post(path, body.clone()), office.post(path, body));
            let mut statuses = [a.status, b.status];
            statuses.sort();
            assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{path}");
        }
    };
    one("/desk/window/open", json!({})).await;
    one("/desk/window/close", json!({ "present": 6 })).await;
    one("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    one("/desk/contest/close", json!({ "contests": [[1, 1]] })).await;
    one("/desk/contest/publish", json!({ "contests": [[1, 1]] })).await;
    let unused = office.state().await["frozen"]["unused"].clone();
    one("/desk/enrolment/end", json!({ "unused": unused })).await;
    office.stop().await;
}

#[tokio::test]
async fn slips_leave_memory_and_a_real_meetings_are_never_exported() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(20, 2, json!({ "drill": false, "recusal": true })).await;
    assert_eq!(office.get("/desk/slips.json").await.status, StatusCode::FORBIDDEN);
    let page = office.get("/desk/slips").await;
    let (html, code) = (page.text(), office.live().await["screen_code"].as_str().unwrap().to_owned());
    let slips = html.matches("<article class=\"slip\">").count();
    assert_eq!(slips, 18 + 3 + 2 * (1 + 3));
    assert_eq!(html.matches("class=\"qr\"").count(), slips);
    assert_eq!(html.matches(&code[..19]).count(), slips, "the screen code stands on every slip");
    assert_eq!(html.matches("不测评：第1项 代表1").count(), 4);
    assert!(!html.contains("style=") && !html.contains("演练") && !html.contains("<script>"));
    let text = |rest: &str| rest.split("</p>").next().unwrap().replace("<span>", "").replace("</span>", "");
    let typed: std::collections::HashSet<String> = html.split("class=\"typed\">").skip(1).map(text).collect();
    assert_eq!(typed.len(), slips);
    assert!(typed.iter().all(|text| text.len() == 19 && text.split('-').all(|group| group.len() == 4)), "{typed:?}");
    assert!(!office.get("/desk/slips?host=evil.test").await.text().contains("evil"), "the address was fixed before");

    office.act("/desk/slips/printed", json!({})).await;
    let gone = office.get("/desk/slips").await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.json()["what_to_do"].as_str().unwrap().contains("重新印票纸"));
    let text = serde_json::to_string(&office.state().await).unwrap();
    assert!(typed.iter().all(|token| !text.contains(token.as_str())));
    office.stop().await;
}

#[tokio::test]
async fn a_slip_is_voided_by_its_text_unless_it_is_spent() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 2, json!({})).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    let void = |slip: &douxuan_crypto::token::Slip, reason: &str| json!({ "text": slip.token.text().as_str(), "reason": reason });
    let early = office.refused("/desk/slip/void", void(&slips[0], "lost")).await;
    assert!(early.contains("还没有开放过登记"), "{early}");
    office.act("/desk/window/open", json!({})).await;
    office.enrol(Phone::new(&manifest, &slips[0], 1).wire).await;
    let spent = office.refused("/desk/slip/void", void(&slips[0], "lost")).await;
    assert!(spent.contains("已经登记"), "{spent}");
    let lower = slips[1].token.text().to_lowercase().replace('-', "");
    let general = office.act("/desk/slip/void", json!({ "text": lower, "reason": "lost" })).await;
    assert_eq!(general["exclusion"], "一般票纸");
    let own = slips.iter().find(|slip| slip.mask[0] == 1).unwrap();
    assert_eq!(office.act("/desk/slip/void", void(own, "other")).await["exclusion"], "不测评：第1项 代表1");
    office.refused("/desk/slip/void", void(own, "other")).await;
    office.refused("/desk/slip/void", void(&slips[2], "whim")).await;

    // Present 2: one on a phone, one on paper; a second on paper would be one head too many.
    office.act("/desk/slip/void", void(&slips[2], "paper")).await;
    office.act("/desk/window/close", json!({ "present": 2 })).await;
    let many = office.refused("/desk/slip/void", void(&slips[3], "paper")).await;
    assert!(many.contains("多于实到人数"), "{many}");
    let log = office.public("/log/entries").await.bytes;
    let state = douxuan_crypto::log::Log::decode(&manifest, &log).unwrap();
    assert_eq!(state.state().voided_slips().len(), 3);
    office.stop().await;
}
