//! T9. A restart in every phase of a meeting, asked for or not.

use std::{sync::Arc, time::Duration};

use douxuan_ballot::journey::Standing;
use douxuan_tests::{
    console::Plan,
    meeting::Meeting,
    server::{Launch, PATIENCE},
    shim::{Fault, Shim},
};
use serde_json::{Value, json};
use tokio::time::sleep;

/// How the server ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Asked,
    Killed,
}

/// Ends the server and starts it again; red if it takes two seconds, or a server that was asked to end fails.
fn restart(meeting: &mut Meeting, end: End) {
    let launch = meeting.launch();
    let server = meeting.server.take().unwrap();
    match end {
        End::Asked => assert!(server.stop().success()),
        End::Killed => server.kill(),
    }
    meeting.restart(&launch);
    let after = meeting.server.as_ref().unwrap().serving_after;
    assert!(after < Duration::from_secs(2), "serving again after {after:?}");
}

/// A restart between two acts; red if anything that is shown has changed.
fn restart_unnoticed(meeting: &mut Meeting, end: End, phase: &str) {
    // Numbers of open contests and windows follow on ticks.
    std::thread::sleep(2 * meeting.launch().tick);
    let before = shown(meeting);
    restart(meeting, end);
    assert_eq!(shown(meeting), before, "{end:?} in {phase}");
}

fn shown(meeting: &Meeting) -> Value {
    meeting.live()
}

async fn whole_meeting(end: End) {
    let data = tempfile::tempdir().unwrap();
    let shim = Arc::new(Shim::under(data.path()));
    let launch = Launch::on(data.path()).over(&shim);
    let plan = Plan { voters: 20, officials: 3, rounds: 1, live: true };
    let mut meeting = Meeting::frozen_at(plan, data, &launch).await;
    restart_unnoticed(&mut meeting, end, "frozen");
    meeting.console.act("/desk/window/open", &json!({}));
    restart_unnoticed(&mut meeting, end, "window open");

    // Every sync takes so long that all 20 are on their way when the server ends.
    let door = meeting.door.clone();
    shim.set(&[Fault::Slow(150, "roll.db-wal")]);
    let enrolling = tokio::spawn({
        let (mut half, door) = (std::mem::take(&mut meeting.phones), door.clone());
        async move {
            let tasks: Vec<_> = half
                .drain(..)
                .map(|mut phone| {
                    let door = door.clone();
                    tokio::spawn(async move {
                        phone.enrol(&door, PATIENCE).await.unwrap();
                        phone
                    })
                })
                .collect();
            let mut back = Vec::new();
            for task in tasks {
                back.push(task.await.unwrap());
            }
            back
        }
    });
    sleep(Duration::from_millis(100)).await;
    assert!(!enrolling.is_finished(), "they are in the middle");
    restart(&mut meeting, end);
    meeting.phones = enrolling.await.unwrap();
    shim.set(&[]);
    assert_eq!(meeting.live()["enrolled"].as_u64().unwrap().max(20), 20);
    meeting.close_window();
    restart_unnoticed(&mut meeting, end, "window closed");

    let contests = meeting.contests();
    meeting.console.open(&contests);
    restart_unnoticed(&mut meeting, end, "contests open");
    for contest in &contests[..2] {
        shim.set(&[Fault::Slow(150, ".spool")]);
        let casting = tokio::spawn(cast_at_once(std::mem::take(&mut meeting.phones), *contest, door.clone()));
        sleep(Duration::from_millis(100)).await;
        assert!(!casting.is_finished(), "they are in the middle");
        restart(&mut meeting, end);
        meeting.phones = casting.await.unwrap();
        shim.set(&[]);
    }
    restart_unnoticed(&mut meeting, end, "ballots in");
    meeting.console.close(&contests);
    restart_unnoticed(&mut meeting, end, "closed");
    meeting.console.publish(&contests[..2]);
    restart_unnoticed(&mut meeting, end, "published");
    meeting.console.publish(&contests[2..]);
    let unused = meeting.slips - meeting.phones.len();
    meeting.console.act("/desk/enrolment/end", &json!({ "unused": unused }));
    restart_unnoticed(&mut meeting, end, "enrolment ended");
    let bundle = meeting.finish_and_check();
    restart_unnoticed(&mut meeting, end, "archived");
    assert_eq!(meeting.bundle(), bundle);
}

async fn cast_at_once(
    phones: Vec<douxuan_tests::meeting::Phone>,
    contest: douxuan_crypto::contest::Contest,
    door: douxuan_ballot::native::door::Door,
) -> Vec<douxuan_tests::meeting::Phone> {
    let cast = |(place, mut phone): (usize, douxuan_tests::meeting::Phone)| {
        let door = door.clone();
        tokio::spawn(async move {
            let standing = phone.cast(&door, contest, douxuan_tests::recording::option(place), PATIENCE).await;
            assert_eq!(standing.unwrap(), Standing::Received);
            phone
        })
    };
    let tasks: Vec<_> = phones.into_iter().enumerate().map(cast).collect();
    let mut back = Vec::new();
    for task in tasks {
        back.push(task.await.unwrap());
    }
    back
}

/// Red if a shutdown drops what it has begun, takes longer than its patience, or leaves something for a restart to
/// mend that it cannot.
#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_in_every_phase_it_comes_back_within_two_seconds_as_it_was() {
    whole_meeting(End::Asked).await;
}

/// The same without being asked.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_every_phase_it_comes_back_within_two_seconds_as_it_was() {
    whole_meeting(End::Killed).await;
}
