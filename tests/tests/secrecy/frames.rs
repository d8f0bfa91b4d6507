//! T37. Sizes on the wire.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{
        deliver::{Way, deliver},
        storage::{Memory, Storage},
        voter::Voter,
    },
};
use douxuan_crypto::contest::Contest;
use douxuan_tests::{console::Plan, meeting::Meeting, server::PATIENCE};
use rand::{SeedableRng, rngs::StdRng};

/// Red if an option, a slip or an outcome can be told by the length of what is sent for it.
#[tokio::test(flavor = "multi_thread")]
async fn all_options_and_all_outcomes_have_the_same_length() {
    let mut meeting = Meeting::begin(Plan { voters: 10, officials: 3, rounds: 2, live: false }).await;
    let (door, manifest) = (meeting.door.clone(), meeting.manifest.clone());
    let (mut asked, mut told) = (BTreeSet::new(), BTreeSet::new());
    for phone in &mut meeting.phones {
        let request = phone.voter.request(&mut phone.rng).unwrap().to_vec();
        let reply = deliver(&door, Way::Enrol, &request, PATIENCE).await.unwrap();
        // A second phone with the slip is refused; the first one again is not.
        let mut rng = StdRng::seed_from_u64(3);
        let slip = Invitation::scan(&phone.fragment).unwrap();
        let mut other = Voter::invite(slip, &manifest, Box::<Memory>::default()).unwrap();
        let other = other.request(&mut rng).unwrap().to_vec();
        let refusal = deliver(&door, Way::Enrol, &other, PATIENCE).await.unwrap();
        let repeated = deliver(&door, Way::Enrol, &request, PATIENCE).await.unwrap();
        asked.extend([request.len(), other.len()]);
        told.extend([reply.len(), refusal.len(), repeated.len()]);
        phone.voter.accept(&reply, &[]).unwrap();
    }
    assert_eq!((asked.len(), told.len()), (1, 1), "{asked:?} {told:?}");
    meeting.close_window();

    let contests = meeting.contests();
    meeting.console.open(&contests[..2]);
    let (mut cast, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (place, phone) in meeting.phones.iter_mut().enumerate() {
        let option = u8::try_from(place % 5).unwrap();
        let wallet = phone.voter.storage().read().unwrap().unwrap();
        for contest in &contests[..2] {
            phone.voter.seal(&[(*contest, option)], &mut phone.rng).unwrap();
            phone.marks.insert(*contest, option);
            let wire = phone.voter.ballot(*contest).unwrap().to_vec();
            let reply = deliver(&door, Way::Cast, &wire, PATIENCE).await.unwrap();
            cast.insert(wire.len());
            answered.insert(reply.len());
            assert_eq!(phone.voter.receive(*contest, &reply).unwrap(), Standing::Received);
        }
        // Refused: the credential is used; and in a contest that is not open yet.
        let mut memory = Box::<Memory>::default();
        memory.write(&wallet).unwrap();
        let mut again = Voter::resume(&manifest, memory).unwrap().unwrap();
        for contest in [contests[0], contests[2]] {
            again.seal(&[(contest, option)], &mut phone.rng).unwrap();
            let wire = again.ballot(contest).unwrap().to_vec();
            cast.insert(wire.len());
            answered.insert(deliver(&door, Way::Cast, &wire, PATIENCE).await.unwrap().len());
        }
    }
    // A header of 5 bytes, a key of 32, a ballot of 612, option and opening, a tag; 512 bytes of answer under seal.
    assert_eq!((cast, answered), (BTreeSet::from([5 + 32 + 612 + 33 + 16]), BTreeSet::from([1 + 12 + 512 + 16])));
    meeting.finish_and_check();
}

/// Red if the server talks about single ballots: nothing on the public state moves between two ticks.
#[tokio::test(flavor = "multi_thread")]
async fn between_two_ticks_nothing_that_is_shown_moves() {
    let data = tempfile::tempdir().unwrap();
    let mut launch = douxuan_tests::server::Launch::on(data.path());
    launch.tick = Duration::from_secs(2);
    let plan = Plan { voters: 8, officials: 1, rounds: 1, live: true };
    let mut meeting = Meeting::begin_at(plan, data, &launch).await;
    meeting.enrol_all().await;
    let one = Contest::new(1, 1);
    meeting.console.open(&[one]);
    let door = meeting.door.clone();
    // How many ballots are in when a number is seen: it changes a few times at most, not with each ballot.
    let (mut seen, began) = (Vec::new(), Instant::now());
    for place in 0..8 {
        meeting.phones[place].cast(&door, one, 0, PATIENCE).await.unwrap();
        seen.push(meeting.live()["contests"][0]["received"].as_u64().unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let changes = seen.windows(2).filter(|two| two[0] != two[1]).count();
    let ticks = usize::try_from(began.elapsed().as_secs() / 2).unwrap() + 1;
    assert!(changes <= ticks && changes < 4, "eight ballots, a tick every two seconds: {seen:?}");
    tokio::time::sleep(Duration::from_millis(2_300)).await;
    assert_eq!(meeting.live()["contests"][0]["received"], 8, "on the next tick all are there");
    meeting.finish_and_check();
}
