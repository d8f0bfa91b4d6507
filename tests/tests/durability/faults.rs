//! The disk fails or fills up, the clock jumps: the layer under the server does it (`power-cut/shim.c`).

use std::{sync::Arc, time::Duration};

use douxuan_ballot::journey::Standing;
use douxuan_crypto::contest::Contest;
use douxuan_tests::{
    console::{Console, Plan, pairs},
    http,
    meeting::Meeting,
    server::{Launch, PATIENCE},
    shim::{Fault, Shim},
};
use serde_json::json;
use tokio::time::sleep;

const ONE: Contest = Contest::new(1, 1);
const TWO: Contest = Contest::new(2, 1);
/// Less than a phone waits before it sends again: one try.
const ONCE: Duration = Duration::ZERO;
const PLAN: Plan = Plan { voters: 8, officials: 2, rounds: 1, live: false };

async fn over_a_shim(plan: Plan) -> (Meeting, Arc<Shim>) {
    let data = tempfile::tempdir().unwrap();
    let shim = Arc::new(Shim::under(data.path()));
    let launch = Launch::on(data.path()).over(&shim);
    (Meeting::begin_at(plan, data, &launch).await, shim)
}

/// The alarm that the console shows for a contest.
fn alarm(meeting: &Meeting, contest: Contest) -> Option<String> {
    let state = meeting.console.state();
    let mut alarms = state["alarms"].as_array().unwrap().iter().map(|alarm| alarm.as_str().unwrap().to_owned());
    alarms.find(|alarm| alarm.starts_with(&format!("{contest}：")))
}

async fn cast(meeting: &mut Meeting, place: usize, contest: Contest, patience: Duration) -> bool {
    let (door, option) = (meeting.door.clone(), u8::try_from(place % 5).unwrap());
    match meeting.phones[place].cast(&door, contest, option, patience).await {
        Ok(standing) => {
            assert_eq!(standing, Standing::Received);
            true
        }
        Err(_) => false,
    }
}

/// T5. Red if a receipt leaves after a failed sync, if the sync is tried again as if nothing had been, if nobody is
/// told, or if the other contests stop too.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_stops_its_contest_at_once_and_visibly_and_no_other() {
    let (mut meeting, shim) = over_a_shim(PLAN).await;
    meeting.enrol_all().await;
    meeting.console.open(&[ONE, TWO]);
    for place in 0..3 {
        assert!(cast(&mut meeting, place, ONE, PATIENCE).await);
    }
    shim.set(&[Fault::Eio("/1-1.spool")]);
    assert!(!cast(&mut meeting, 3, ONE, ONCE).await, "no receipt without a sync");
    let said = alarm(&meeting, ONE).expect("the console says so");
    assert!(said.contains("停止") && said.contains("请检查磁盘"), "{said}");
    assert_eq!(meeting.state_of(ONE), "stopped", "phones and hall see that nothing is taken any more");

    // The disk is well again, but what it holds is unknown: still stopped.
    shim.set(&[]);
    assert!(!cast(&mut meeting, 4, ONE, ONCE).await);
    assert!(cast(&mut meeting, 4, TWO, PATIENCE).await, "the other contest goes on");
    assert_eq!(meeting.state_of(TWO), "open");

    let launch = meeting.launch();
    meeting.restart(&launch);
    assert_eq!((meeting.state_of(ONE).as_str(), alarm(&meeting, ONE)), ("open", None));
    meeting.cast_all(&[ONE, TWO]).await;
    meeting.finish_and_check();
}

/// T5, without a restart. Red if the office is offered to go on and then refused, or goes on without a ballot that has
/// a receipt.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_contest_goes_on_when_the_office_opens_it_again() {
    let (mut meeting, shim) = over_a_shim(PLAN).await;
    meeting.enrol_all().await;
    meeting.console.open(&[ONE, TWO]);
    for place in 0..3 {
        assert!(cast(&mut meeting, place, ONE, PATIENCE).await);
    }
    shim.set(&[Fault::Eio("/1-1.spool")]);
    assert!(!cast(&mut meeting, 3, ONE, ONCE).await);
    shim.set(&[]);
    let state = meeting.console.state();
    let one = state["contests"].as_array().unwrap().iter().find(|c| c["contest"] == json!([1, 1])).unwrap();
    let acts: Vec<&str> = one["acts"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert_eq!((one["state"].as_str(), acts), (Some("stopped"), vec!["contest/open", "contest/close"]));
    meeting.console.open(&[ONE]);
    assert_eq!((meeting.state_of(ONE).as_str(), alarm(&meeting, ONE)), ("open", None));
    meeting.cast_all(&[ONE, TWO]).await;
    meeting.finish_and_check();
}

/// T5 for the roll. Red if a slip counts as spent, or credentials leave, after a failed sync.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_of_the_roll_gives_nobody_credentials() {
    for part in ["roll.db-wal", "roll.highwater"] {
        let (mut meeting, shim) = over_a_shim(PLAN).await;
        let door = meeting.door.clone();
        meeting.phones[0].enrol(&door, PATIENCE).await.unwrap();
        shim.set(&[Fault::Eio(part)]);
        assert!(meeting.phones[1].enrol(&door, ONCE).await.is_err());
        shim.set(&[]);
        assert!(meeting.phones[2].enrol(&door, ONCE).await.is_err(), "{part}: nothing more is written to this roll");
        assert!(meeting.phones[1].voter.enrolled().is_none());
        let launch = meeting.launch();
        meeting.restart(&launch);
        meeting.go_on().await.unwrap();
    }
}

/// T5 for a close. Red if keys or spool are destroyed although the board or the log did not reach the disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_during_a_close_destroys_nothing() {
    for part in ["/1-1.spool", "urn.db-wal", "/log", ".entries", ".head"] {
        let (mut meeting, shim) = over_a_shim(PLAN).await;
        meeting.enrol_all().await;
        meeting.console.open(&[ONE, TWO]);
        meeting.cast_all(&[ONE, TWO]).await;
        shim.set(&[Fault::Eio(part)]);
        let refused = meeting.console.post("/desk/contest/close", &json!({ "contests": pairs(&[ONE]) })).unwrap();
        assert_ne!(refused.status, 200, "{part}");
        assert!(refused.json()["what_to_do"].as_str().is_some_and(|what| !what.is_empty()), "{part}");
        shim.set(&[]);
        let launch = meeting.launch();
        meeting.restart(&launch);
        meeting.go_on().await.unwrap_or_else(|why| panic!("{part}: {why}"));
    }
}

/// T6. Red if a full disk loses an acknowledged ballot or enrolment, stops a contest for good, or tells a phone
/// anything but "later".
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_everybody_is_asked_to_wait_and_finishes_once_there_is_space() {
    let (mut meeting, shim) = over_a_shim(PLAN).await;
    let door = meeting.door.clone();
    for place in 0..4 {
        meeting.phones[place].enrol(&door, PATIENCE).await.unwrap();
    }
    shim.set(&[Fault::Full("/")]);
    let late = meeting.phones[4].enrol(&door, ONCE).await.unwrap_err().to_string();
    assert!(late.contains("503"), "a phone sends again by itself after this: {late}");
    shim.set(&[]);
    meeting.enrol_all().await;

    meeting.console.open(&[ONE, TWO]);
    for place in 0..4 {
        assert!(cast(&mut meeting, place, ONE, PATIENCE).await);
    }
    shim.set(&[Fault::Full("/")]);
    for place in 4..6 {
        assert!(!cast(&mut meeting, place, ONE, ONCE).await);
    }
    let said = alarm(&meeting, ONE).expect("the console says so");
    assert!(said.contains("磁盘已满") && said.contains("腾出空间"), "{said}");
    assert_eq!(meeting.state_of(ONE), "open", "it goes on by itself");

    // Phones that keep trying finish without anybody's help.
    let waiting = tokio::spawn({
        let mut phones = std::mem::take(&mut meeting.phones);
        let door = door.clone();
        async move {
            for (place, phone) in phones.iter_mut().enumerate() {
                let option = u8::try_from(place % 5).unwrap();
                if phone.receipt(ONE).is_none() {
                    phone.cast(&door, ONE, option, PATIENCE).await.unwrap();
                }
            }
            phones
        }
    });
    sleep(Duration::from_millis(700)).await;
    shim.set(&[]);
    meeting.phones = waiting.await.unwrap();
    assert!(meeting.phones.iter().all(|phone| phone.receipt(ONE).is_some()));
    assert_eq!(alarm(&meeting, ONE), None, "the alarm is over");

    meeting.cast_all(&[TWO]).await;
    meeting.finish_and_check();
}

/// T6 for the office. Red if an act on a full disk is half done: it must be refused with what to do, and work once
/// there is space.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_acts_are_refused_and_succeed_once_there_is_space() {
    let (mut meeting, shim) = over_a_shim(PLAN).await;
    meeting.enrol_all().await;
    let acts = [
        ("/desk/contest/open", json!({ "contests": pairs(&[ONE]) })),
        ("/desk/contest/open", json!({ "contests": pairs(&[TWO]) })),
        ("cast", json!(null)),
        ("/desk/contest/close", json!({ "contests": pairs(&[ONE]) })),
        ("/desk/contest/publish", json!({ "contests": pairs(&[ONE]) })),
        ("/desk/contest/close", json!({ "contests": pairs(&[TWO]) })),
        ("/desk/contest/publish", json!({ "contests": pairs(&[TWO]) })),
        ("/desk/enrolment/end", json!({ "unused": meeting.slips - meeting.phones.len() })),
        ("/desk/archive", json!({})),
    ];
    for (path, body) in acts {
        if path == "cast" {
            meeting.cast_all(&[ONE, TWO]).await;
            continue;
        }
        shim.set(&[Fault::Full("/")]);
        let refused = meeting.console.post(path, &body).unwrap();
        assert_ne!(refused.status, 200, "{path} {body}");
        let what = refused.json()["what_to_do"].as_str().unwrap_or_default().to_owned();
        assert!(what.contains("空间"), "{path}: {}", refused.text());
        shim.set(&[]);
        let again = meeting.console.post(path, &body).unwrap();
        // An act that had got as far as its mark went on by itself, or is found done.
        assert!(again.status == 200 || again.status == 409, "{path} {body}: {}", again.text());
    }
    meeting.finish_and_check();
}

/// T7. Red if a phase, a receipt, a window or the bundle depends on the time of day. That the clock did jump is seen by
/// the date that a new meeting is given.
#[tokio::test(flavor = "multi_thread")]
async fn jumps_of_the_clock_change_nothing() {
    const YEARS: i64 = 10 * 365 * 86_400;
    let data = tempfile::tempdir().unwrap();
    let shim = Arc::new(Shim::under(data.path()));
    shim.set(&[Fault::Clock(-YEARS)]);
    let server = Launch::on(data.path()).over(&shim).start();
    let date = |console: &Console| {
        console.act("/desk/sample", &json!({}));
        console.state()["settings"]["date"].as_str().unwrap().to_owned()
    };
    let console = Console::of(&server);
    let early = date(&console);
    shim.set(&[Fault::Clock(YEARS)]);
    let late = date(&console);
    assert!(early[..4].parse::<i32>().unwrap() + 19 <= late[..4].parse::<i32>().unwrap(), "{early} {late}");
    drop(server);

    let (mut meeting, shim) = over_a_shim(PLAN).await;
    shim.set(&[Fault::Clock(-YEARS)]);
    meeting.enrol_all().await;
    shim.set(&[Fault::Clock(YEARS)]);
    meeting.console.open(&[ONE, TWO]);
    for place in 0..4 {
        assert!(cast(&mut meeting, place, ONE, PATIENCE).await);
    }
    shim.set(&[Fault::Clock(-2 * YEARS)]);
    let before = http::request(meeting.door.address(), "GET", "/live.json", &[], b"").unwrap().body;
    shim.set(&[Fault::Clock(3600)]);
    assert_eq!(http::request(meeting.door.address(), "GET", "/live.json", &[], b"").unwrap().body, before);
    let launch = meeting.launch();
    meeting.restart(&launch);
    meeting.cast_all(&[ONE, TWO]).await;
    shim.set(&[Fault::Clock(-YEARS)]);
    let bundle = meeting.finish_and_check();
    shim.set(&[Fault::Clock(YEARS)]);
    meeting.console.act("/desk/archive", &json!({}));
    assert_eq!(meeting.bundle(), bundle, "exported at another time, the same bytes");
}
