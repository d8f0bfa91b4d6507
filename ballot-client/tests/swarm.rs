//! Swarm and single voters over real sockets, on good and bad networks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use std::{sync::atomic::Ordering, time::Duration};

use douxuan_ballot::{
    journey::{Invitation, Standing, Stop},
    native::{
        door::{Door, NetworkError},
        live::Live,
        storage::{File, Memory},
        voter::{Voter, VoterError},
    },
    swarm::{
        Swarm, SwarmError,
        grades::Grades,
        measure::{Latencies, Pace},
    },
};
use douxuan_crypto::{base64, board::Board, bytes::hex, contest::Contest, receipt::Receipt};
use hall::{Hall, Lie, rng, sockets::Service};

const FIRST: Contest = Contest::new(1, 1);
const SECOND: Contest = Contest::new(2, 1);
const CLOSED_LOOP: Pace = Pace::Closed { in_flight: 8 };

async fn swarm(hall: Hall) -> (Service, Swarm) {
    let slips = (0..hall.slips.len()).map(|slip| hall.invitation(slip)).collect();
    let (service, address) = Service::start(hall).await;
    let door = Door::find("http://vote.test:8460", Some(&address.to_string())).await.unwrap();
    let swarm = Swarm::gather(door, slips, [5; 32]).await.unwrap();
    (service, swarm)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swarm_enrols_votes_and_keeps_every_receipt() {
    let (service, mut swarm) = swarm(Hall::new(30, 1)).await;
    let run = swarm.enrol_all(CLOSED_LOOP).await;
    assert_eq!((run.asked, run.done, run.latencies.count()), (30, 30, 30), "{run}: {:?}", run.failed);
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.asked, 0, "nobody enrols twice");
    assert_eq!(swarm.standing(SECOND, Standing::Excluded), 10);

    let grades = Grades::parse("50,20,10,10,10").unwrap();
    for contest in [FIRST, SECOND] {
        let pace = if contest == FIRST { CLOSED_LOOP } else { Pace::Open { per_second: 200.0 } };
        let run = swarm.cast_all(contest, pace, |voter| Some(grades.choose(9, contest, voter, 5))).await;
        let expected = if contest == FIRST { 30 } else { 20 };
        assert_eq!((run.asked, run.done), (expected, expected), "{run}: {:?}", run.failed);
        let hall = service.hall.lock().unwrap();
        assert_eq!(swarm.expected(contest), hall.tally[&contest]);
        let board = Board::sorted(hall.ballots[&contest].clone());
        assert!(swarm.absent(contest, &board.entries()).unwrap().is_empty());
        // One ballot taken off the board is missed by exactly one receipt.
        let mut fewer = hall.ballots[&contest].clone();
        fewer.pop();
        assert_eq!(swarm.absent(contest, &Board::sorted(fewer).entries()).unwrap().len(), 1);
    }
    assert_eq!(service.casts.load(Ordering::SeqCst), 50, "one connection a ballot");
    assert_eq!(swarm.receipts().count(), 50);

    let folder = tempfile::tempdir().unwrap();
    assert_eq!(swarm.save_receipts(&folder.path().join("receipts")).unwrap(), 50);
    for file in std::fs::read_dir(folder.path().join("receipts")).unwrap() {
        let note = std::fs::read(file.unwrap().path()).unwrap();
        assert!(Receipt::verify(swarm.manifest(), &note).is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_asked_for_again_with_the_same_bytes() {
    let (service, mut swarm) = swarm(Hall::new(12, 1)).await;
    service.lose.store(5, Ordering::SeqCst);
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.done, 12);
    service.lose.store(7, Ordering::SeqCst);
    let run = swarm.cast_all(FIRST, CLOSED_LOOP, |_| Some(2)).await;
    assert_eq!(run.done, 12, "{:?}", run.failed);
    assert_eq!(service.casts.load(Ordering::SeqCst), 19);
    assert_eq!(service.hall.lock().unwrap().tally[&FIRST], [0, 0, 12, 0, 0]);
    assert!(
        run.latencies.percentile(99).unwrap() >= Duration::from_millis(100),
        "a retry counts from the intended send"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_answer_stays_sealed_and_is_sent_again_later() {
    let (service, mut swarm) = swarm(Hall::new(6, 1)).await;
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.done, 6);
    swarm.set_patience(Duration::ZERO);
    service.lose.store(2, Ordering::SeqCst);
    let run = swarm.cast_all(FIRST, CLOSED_LOOP, |_| Some(0)).await;
    assert_eq!((run.done, run.failed.len()), (4, 2));
    assert_eq!(swarm.expected(FIRST), [4, 0, 0, 0, 0]);
    assert_eq!(swarm.standing(FIRST, Standing::Sealed), 2);
    // Another choice cannot replace the sealed one.
    let run = swarm.cast_all(FIRST, CLOSED_LOOP, |_| Some(1)).await;
    assert_eq!((run.asked, run.done), (2, 2));
    assert_eq!(swarm.expected(FIRST), [6, 0, 0, 0, 0]);
    assert_eq!(service.hall.lock().unwrap().tally[&FIRST], [6, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_server_and_a_foreign_slip_are_told_apart_from_refusals() {
    let (service, mut swarm) = swarm(Hall::new(6, 1)).await;
    service.hall.lock().unwrap().lie = Lie::OtherKey(FIRST);
    let run = swarm.enrol_all(CLOSED_LOOP).await;
    assert_eq!((run.done, run.failed.len()), (0, 6));
    assert!(run.failed[0].contains("scrutineer"), "{}", run.failed[0]);
    service.hall.lock().unwrap().lie = Lie::None;
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.done, 6);

    let foreign = vec![Hall::new(3, 77).invitation(0)];
    let error = Swarm::gather(swarm.door().clone(), foreign, [0; 32]).await.err().unwrap();
    assert!(matches!(error, SwarmError::Slip(0, VoterError::Stop(Stop::OtherManifest))));
    let again = vec![service.hall.lock().unwrap().invitation(0)];
    let mut twin = Swarm::gather(swarm.door().clone(), again, [6; 32]).await.unwrap();
    let run = twin.enrol_all(CLOSED_LOOP).await;
    assert_eq!((run.refused, run.failed.len()), (1, 0));
}

/// T39: what leaves the client never holds a token, in any form.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_never_leaves_the_client() {
    let (service, mut swarm) = swarm(Hall::new(6, 1)).await;
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.done, 6);
    assert_eq!(swarm.cast_all(FIRST, CLOSED_LOOP, |_| Some(1)).await.done, 6);
    let hall = service.hall.lock().unwrap();
    let mut seen = service.seen.lock().unwrap().clone();
    let holds = |seen: &[u8], form: &[u8]| seen.windows(form.len()).any(|window| window == form);
    let request = r#"POST /enrol {"host": "vote.test:8460", "origin": "http://vote.test:8460""#;
    assert!(holds(&seen, request.as_bytes()), "Host and Origin are the page's");
    assert!(!holds(&seen, b"cookie") && !holds(&seen, b"permessage-deflate"));
    for (slip, (token, _)) in hall.slips.iter().enumerate() {
        let bytes = token.to_bytes();
        let (text, fragment) = (token.text().to_string(), hall.fragment(slip));
        let array = format!("{:?}", &bytes[..]).replace(' ', "");
        let mut number = [0; 16];
        number[6..].copy_from_slice(&*bytes);
        let forms: Vec<Vec<u8>> = vec![
            bytes.to_vec(),
            hex(&*bytes).into_bytes(),
            hex(&*bytes).to_uppercase().into_bytes(),
            base64::encode(&*bytes).trim_end_matches('=').as_bytes()[..13].to_vec(),
            base64::encode_url(&*bytes).as_bytes()[..13].to_vec(),
            u128::from_be_bytes(number).to_string().into_bytes(),
            array.trim_matches(['[', ']']).as_bytes().to_vec(),
            text.clone().into_bytes(),
            text.replace('-', "").into_bytes(),
            fragment.into_bytes(),
        ];
        for form in forms {
            assert!(!holds(&seen, &form));
            // The search itself finds each form.
            seen.extend_from_slice(&form);
            assert!(holds(&seen, &form));
            seen.truncate(seen.len() - form.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_voter_restarts_at_every_step() {
    let hall = Hall::new(3, 1);
    let (manifest, fragment) = (hall.seen(), hall.fragment(0));
    let (service, address) = Service::start(hall).await;
    let door = Door::find(&format!("http://{address}"), None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet");
    let resume = || Voter::resume(&manifest, Box::new(File::at(&path)));
    let patience = Duration::from_secs(5);
    let rng = &mut rng(3);

    assert!(resume().unwrap().is_none());
    let mut voter = Voter::invite(Invitation::scan(&fragment).unwrap(), &manifest, Box::new(File::at(&path))).unwrap();
    voter.request(rng).unwrap();
    drop(voter);
    let mut voter = resume().unwrap().unwrap();
    service.lose.store(1, Ordering::SeqCst);
    voter.enrol(&door, patience, rng).await.unwrap();
    drop(voter);
    let mut voter = resume().unwrap().unwrap();
    voter.seal(&[(FIRST, 4)], rng).unwrap();
    drop(voter);
    let mut voter = resume().unwrap().unwrap();
    // The sealed ballot goes out, whatever is asked for now.
    assert_eq!(voter.cast(&door, FIRST, 0, patience, rng).await.unwrap(), Standing::Received);
    assert_eq!(service.hall.lock().unwrap().tally[&FIRST], [0, 0, 0, 0, 1]);
    drop(voter);
    let voter = resume().unwrap().unwrap();
    assert!(voter.enrolled().unwrap().receipt(FIRST).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_contest_leaves_no_receipt_and_says_where_to_look() {
    let (service, mut swarm) = swarm(Hall::new(4, 1)).await;
    assert_eq!(swarm.enrol_all(CLOSED_LOOP).await.done, 4);
    service.hall.lock().unwrap().closed.push(FIRST);
    let run = swarm.cast_all(FIRST, CLOSED_LOOP, |_| Some(1)).await;
    assert_eq!((run.done, run.closed), (0, 4));
    assert_eq!(swarm.standing(FIRST, Standing::Unanswered), 4);
    assert_eq!(swarm.expected(FIRST), [0; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_state_is_waited_for() {
    let (service, swarm) = swarm(Hall::new(3, 1)).await;
    let live = Live::ask(swarm.door()).await.unwrap();
    assert!(live.window.open && live.open().is_empty() && live.over().is_empty());
    let late = Live::until(swarm.door(), Duration::from_millis(300), |live| !live.open().is_empty()).await;
    assert!(matches!(late, Err(NetworkError::Late)));
    let waiting = tokio::spawn({
        let door = swarm.door().clone();
        async move { Live::until(&door, Duration::from_secs(5), |live| live.open() == [FIRST]).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    *service.window.lock().unwrap() = (false, vec!["1/1"]);
    assert!(!waiting.await.unwrap().unwrap().window.open);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_and_a_server_that_is_none_are_said() {
    for text in [
        "",
        "vote.test",
        "ftp://vote.test",
        "http://",
        "https://",
        "http://vote.test/path",
        "https://vote.test/path",
        "http://a b",
    ] {
        assert!(matches!(Door::find(text, None).await, Err(NetworkError::Address(_))), "{text}");
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = Door::find(&format!("http://{}", listener.local_addr().unwrap()), None).await.unwrap();
    let door = door.with_patience(Duration::from_millis(200));
    // It accepts and never answers.
    assert!(matches!(door.fetch("/manifest", 10).await, Err(NetworkError::Late)));
    assert!(matches!(door.exchange("/cast", b"x", 10).await, Err(NetworkError::Late)));
    drop(listener);
    assert!(matches!(door.fetch("/manifest", 10).await, Err(NetworkError::Unreachable(_))));
    let mut voter =
        Voter::invite(Hall::new(3, 1).invitation(0), &Hall::new(3, 1).seen(), Box::<Memory>::default()).unwrap();
    let error = voter.enrol(&door, Duration::ZERO, &mut rng(1)).await.err().unwrap();
    assert!(error.to_string().contains("is it running"), "{error}");
}

#[test]
fn grades_repeat_with_their_seed_and_follow_their_weights() {
    let grades = Grades::default();
    let mut counts = [0_u32; 5];
    for voter in 0..10_000 {
        let option = grades.choose(1, FIRST, voter, 5);
        assert_eq!(option, grades.choose(1, FIRST, voter, 5));
        counts[usize::from(option)] += 1;
    }
    assert!((8_300..8_700).contains(&counts[0]) && (850..1_150).contains(&counts[1]), "{counts:?}");
    assert!((50..160).contains(&counts[3]) && counts[4] == 0, "{counts:?}");
    assert_ne!(
        (0..100).map(|v| grades.choose(1, FIRST, v, 5)).collect::<Vec<_>>(),
        (0..100).map(|v| grades.choose(2, FIRST, v, 5)).collect::<Vec<_>>()
    );
    for text in ["", "a", "1,2,3,4,5,6,7,8", "0,0", "-1", "1.5"] {
        assert!(Grades::parse(text).is_err(), "{text}");
    }
    assert_eq!(Grades::parse("0, 0, 0, 0, 0, 0, 1").unwrap().choose(1, FIRST, 0, 2), 0);
}

#[test]
fn percentiles_are_what_they_say() {
    let latencies = Latencies::new((1..=200).rev().map(Duration::from_millis).collect());
    assert_eq!(latencies.percentile(50), Some(Duration::from_millis(100)));
    assert_eq!(latencies.percentile(99), Some(Duration::from_millis(198)));
    assert_eq!(latencies.percentile(100), Some(Duration::from_millis(200)));
    assert_eq!(Latencies::default().percentile(99), None);
}
