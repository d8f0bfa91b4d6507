//! The same request, another request, the same ballot, another ballot, the same export.

use std::{sync::Arc, time::Duration};

use douxuan_ballot::{
    journey::{Invitation, Standing, Stop},
    native::{
        storage::{Memory, Storage},
        voter::{Voter, VoterError},
    },
    wire,
};
use douxuan_crypto::{
    bundle::Bundle,
    bytes::hex,
    contest::Contest,
    hash::sha256,
    manifest::Manifest,
    receipt::CastReply,
    seal::{Kind, SealingKey, open, seal},
};
use douxuan_tests::{
    console::Plan,
    meeting::{Meeting, Phone},
    server::PATIENCE,
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use super::is_long;

const ONE: Contest = Contest::new(1, 1);
const TWO: Contest = Contest::new(2, 1);

fn wallet(voter: &mut Voter) -> Vec<u8> {
    voter.storage().read().unwrap().unwrap().to_vec()
}

fn resumed(manifest: &Arc<Manifest>, wallet: &[u8]) -> Voter {
    let mut memory = Box::<Memory>::default();
    memory.write(wallet).unwrap();
    Voter::resume(manifest, memory).unwrap().unwrap()
}

fn invited(manifest: &Arc<Manifest>, phone: &Phone) -> Voter {
    Voter::invite(Invitation::scan(&phone.fragment).unwrap(), manifest, Box::<Memory>::default()).unwrap()
}

/// T13. Red if a repetition gives other credentials, if another request gets any, or if a closed window answers.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_enrolment_again_gives_the_same_credentials_and_another_one_none() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 2, rounds: 1, live: false }).await;
    let (door, manifest) = (meeting.door.clone(), Arc::clone(&meeting.manifest));
    let phone = &mut meeting.phones[0];
    phone.voter.request(&mut phone.rng).unwrap();
    let prepared = wallet(&mut phone.voter);
    phone.enrol(&door, PATIENCE).await.unwrap();
    let first = wallet(&mut phone.voter);

    // The same request from a phone that lost the answer, sealed anew: other bytes on the wire, the same credentials.
    for seed in 0..3 {
        let mut again = resumed(&manifest, &prepared);
        again.enrol(&door, PATIENCE, &mut StdRng::seed_from_u64(seed)).await.unwrap();
        assert_eq!(wallet(&mut again), first);
    }
    let mut rng = StdRng::seed_from_u64(5);
    let mut other = invited(&manifest, &meeting.phones[0]);
    let refused = other.enrol(&door, PATIENCE, &mut rng).await;
    assert!(matches!(refused, Err(VoterError::Stop(Stop::EnrolRefused))), "{refused:?}");

    // Nobody is answered while no window is open; with the next window the same request is again.
    meeting.close_window();
    let closed = resumed(&manifest, &prepared).enrol(&door, PATIENCE, &mut rng).await;
    assert!(matches!(closed, Err(VoterError::Stop(Stop::EnrolRefused))), "{closed:?}");
    meeting.console.act("/desk/window/open", &json!({}));
    let mut again = resumed(&manifest, &prepared);
    again.enrol(&door, PATIENCE, &mut rng).await.unwrap();
    assert_eq!(wallet(&mut again), first);
    meeting.go_on().await.unwrap();
}

/// T14. Red if both of two phones with one slip get credentials, or neither does.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_phones_with_one_slip_exactly_one_gets_credentials() {
    let (meetings, voters) = if is_long() { (3, 400) } else { (1, 200) };
    let mut races = 0;
    for round in 0..meetings {
        let mut meeting = Meeting::begin(Plan { voters, officials: 1, rounds: 1, live: false }).await;
        let (door, manifest) = (meeting.door.clone(), Arc::clone(&meeting.manifest));
        let racing: Vec<_> = (0..voters)
            .map(|place| {
                let race = [0, 1].map(|side| {
                    let (mut voter, door) = (invited(&manifest, &meeting.phones[place]), door.clone());
                    let mut rng = StdRng::seed_from_u64(2 * place as u64 + side + 10_000 * round);
                    voter.request(&mut rng).unwrap();
                    tokio::spawn(async move {
                        let done = voter.enrol(&door, PATIENCE, &mut rng).await;
                        (voter, done)
                    })
                });
                (place, race)
            })
            .collect();
        for (place, [one, other]) in racing {
            let results = [one.await.unwrap(), other.await.unwrap()];
            let won = results.iter().filter(|(_, done)| done.is_ok()).count();
            let refused = |done: &Result<(), VoterError>| matches!(done, Err(VoterError::Stop(Stop::EnrolRefused)));
            assert_eq!(won, 1, "slip {place}");
            assert!(results.iter().any(|(_, done)| refused(done)), "slip {place}");
            let [(one, done), (other, _)] = results;
            meeting.phones[place].voter = if done.is_ok() { one } else { other };
            races += 1;
        }
        meeting.close_window();
        let bundle = meeting.finish_and_check();
        let redeemed = Bundle::from_zip(&bundle).unwrap().redeemed;
        assert_eq!(redeemed.len() % voters, 0, "one entry a slip");
    }
    println!("{races} races, each with one winner");
}

/// T15 and T16 on the wire. Red if a credential serves twice, or elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn another_ballot_under_a_used_credential_is_refused_and_the_first_stands() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all().await;
    meeting.console.open(&[ONE, TWO]);
    let (door, manifest) = (meeting.door.clone(), Arc::clone(&meeting.manifest));
    let mut rng = StdRng::seed_from_u64(15);
    let credentials = wallet(&mut meeting.phones[0].voter);
    let cast = |mut voter: Voter, option| {
        let (door, mut rng) = (door.clone(), StdRng::seed_from_u64(u64::from(option)));
        async move { voter.cast(&door, ONE, option, PATIENCE, &mut rng).await }
    };
    meeting.phones[0].cast(&door, ONE, 0, PATIENCE).await.unwrap();
    for option in 0..5 {
        // The same option too: another ballot is another ballot.
        let second = cast(resumed(&manifest, &credentials), option).await;
        assert!(matches!(second, Err(VoterError::Stop(Stop::BallotRefused(ONE)))), "{second:?}");
    }

    // A ballot of item 1 that is sealed to item 2 does not get in there.
    let mut voter = resumed(&manifest, &wallet(&mut meeting.phones[1].voter));
    voter.seal(&[(ONE, 1)], &mut rng).unwrap();
    let plain = plain_of(&voter, &manifest, &meeting);
    let keys = manifest.keys(TWO).unwrap();
    let (wire, reply_key) = seal(Kind::Cast, &manifest.id, TWO, &keys.e, &plain, &mut rng).unwrap();
    let reply = door.exchange(wire::CAST, &wire, wire::CAST_FRAME_LIMIT).await.unwrap();
    assert!(matches!(CastReply::open(&reply_key, &reply), Ok(CastReply::Refused)));
    meeting.cast_all(&[ONE, TWO]).await;
    meeting.finish_and_check();
}

/// Opens a voter's own envelope with the key that the server holds, which the test can read.
fn plain_of(voter: &Voter, manifest: &Manifest, meeting: &Meeting) -> Vec<u8> {
    let folder = meeting.data.path().join("secrets").join(hex(&manifest.meeting));
    let file = std::fs::read(folder.join("1-1.key")).unwrap();
    // 0x01 || spool key(32) || k(32) || E(32)
    let key = SealingKey::from_bytes(file[65..97].try_into().unwrap());
    let (plain, _) = open(Kind::Cast, &manifest.id, ONE, &key, voter.ballot(ONE).unwrap()).unwrap();
    plain.to_vec()
}

/// Red if a ballot can be cast after the close, or if a phone cannot tell "closed" from "refused".
#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_a_ballot_is_told_to_look_on_the_board() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all().await;
    meeting.console.open(&[ONE, TWO]);
    let door = meeting.door.clone();
    for place in 0..5 {
        meeting.phones[place].cast(&door, ONE, 0, PATIENCE).await.unwrap();
    }
    meeting.console.close(&[ONE]);
    // Its E is gone with the close: no answer at all, or "closed" while it lasted.
    match meeting.phones[5].cast(&door, ONE, 0, Duration::ZERO).await {
        Ok(standing) => assert_eq!(standing, Standing::Unanswered),
        Err(error) => assert!(matches!(error, VoterError::Network(_)), "{error}"),
    }
    assert!(meeting.phones[5].receipt(ONE).is_none());
    meeting.phones[5].marks.remove(&ONE);
    meeting.cast_all(&[TWO]).await;
    meeting.finish_and_check();
}

/// T12. Red if an export depends on when, how often or after which restart it is made.
#[tokio::test(flavor = "multi_thread")]
async fn exported_again_the_bundle_has_the_same_sha_256() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all().await;
    let contests = meeting.contests();
    meeting.console.open(&contests);
    meeting.cast_all(&contests).await;
    let first = meeting.finish_and_check();
    let hash = hex(&sha256(&first));
    for again in 0..3 {
        if again == 2 {
            let launch = meeting.launch();
            meeting.restart(&launch);
        }
        let archived = meeting.console.act("/desk/archive", &json!({}));
        assert_eq!(archived["sha256"], hash);
        assert_eq!(meeting.bundle(), first);
        assert_eq!(meeting.console.get("/desk/bundle.zip").unwrap().body, first);
    }
    let stored: Vec<_> = std::fs::read_dir(meeting.data.path().join("bundles")).unwrap().collect();
    assert_eq!(stored.len(), 1, "one file");
}
