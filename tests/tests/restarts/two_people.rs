//! What two people have done is theirs in the log, though the server dies before the log says so.

use douxuan_tests::{
    console::{Console, Plan},
    http,
    server::Launch,
};
use serde_json::{Value, json};

#[test]
fn an_act_of_two_that_a_crash_keeps_from_the_log_is_written_in_both_names() {
    let data = tempfile::tempdir().unwrap();
    let launch = Launch::on(data.path());
    let mut server = launch.killed_at("window.opened", 1).start();
    let office = Console::of(&server);
    office.prepare(Plan { voters: 6, officials: 1, rounds: 1, live: false });
    office.act("/desk/settings", &json!({ "two_people": true }));
    let made = json!({ "name": "赵监票", "sign_in": "watch", "role": "scrutineer" });
    let made = office.act("/desk/staff/accounts/new", &made);
    let watch = Console::by_code(&server, "watch", made["code"].as_str().unwrap());
    office.act("/desk/freeze", &json!({}));
    let asked = office.post("/desk/window/open", &json!({})).unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text());
    let id = asked.json()["request"]["id"].clone();
    let answer = watch.post("/desk/staff/requests/confirm", &json!({ "id": id }));
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 0), "it dies between roll and log");
    server.end();
    drop(server);

    let server = launch.start();
    let ceremony = http::request(launch.public, "GET", "/ceremony.json", &[], b"").unwrap().json();
    let entries = ceremony["entries"].as_array().unwrap();
    let people = |act: &str| -> Vec<Value> {
        entries.iter().filter(|entry| entry["act"] == act).flat_map(|e| e["by"].as_array().unwrap().clone()).collect()
    };
    let opened = people("window_opened");
    assert_eq!(opened.len(), 2, "{ceremony}");
    assert_eq!((&opened[0]["role"], &opened[1]["role"]), (&json!("office"), &json!("scrutineer")));
    assert_eq!(people("manifest"), [opened[0].clone()], "the same person of the office");
    drop(server);
}
